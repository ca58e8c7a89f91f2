"""Every builder of a layer or a model: its gradients against JAX at several sizes, its page, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symnet as sn
from symnet.blocks import HOMES, builder

Values = dict[str, Any]
SIZES = [
    {"n": 4, "d": 3, "h": 2, "p": 3, "k": 2, "m": 3, "v": 5},
    {"n": 1, "d": 3, "h": 2, "p": 2, "k": 3, "m": 2, "v": 2},
    {"n": 3, "d": 1, "h": 1, "p": 1, "k": 1, "m": 1, "v": 1},
    {"n": 1, "d": 1, "h": 1, "p": 1, "k": 1, "m": 1, "v": 1},
]


def programs() -> dict[str, Callable[[Values], Any]]:
    """The same layers in JAX, by its own functions where it has them."""
    import jax
    import jax.numpy as jnp

    sigmoid, tanh, relu = jax.nn.sigmoid, jnp.tanh, jax.nn.relu

    def normalised(x: Any, axis: int, eps: Any) -> Any:
        return (x - x.mean(axis, keepdims=True)) / jnp.sqrt(x.var(axis, keepdims=True) + eps)

    def attention(q: Values) -> Any:
        scores = (q["X"] @ q["W_Q"]) @ (q["X"] @ q["W_K"]).T / jnp.sqrt(q["W_Q"].shape[1])
        return (q["G"] * (jax.nn.softmax(scores, axis=-1) @ (q["X"] @ q["W_V"]))).sum()

    def rnn(q: Values) -> Any:
        h, loss = q["h0"], 0.0
        for t in (1, 2, 3):
            h = tanh(q["U"] @ q[f"x{t}"] + q["W"] @ h + q["b"])
            loss = loss + 0.5 * ((q["V"] @ h + q["c"] - q[f"t{t}"]) ** 2).sum()
        return loss

    def gate(q: Values, name: str, f: Callable[..., Any], h: Any = None) -> Any:
        return f(q[f"W_{name}"] @ q["x"] + q[f"U_{name}"] @ (q["h0"] if h is None else h) + q[f"b_{name}"])

    def lstm(q: Values) -> Any:
        c = gate(q, "f", sigmoid) * q["c0"] + gate(q, "i", sigmoid) * gate(q, "u", tanh)
        return (q["g"] * gate(q, "o", sigmoid) * tanh(c)).sum()

    def gru(q: Values) -> Any:
        z, r = gate(q, "z", sigmoid), gate(q, "r", sigmoid)
        return (q["g"] * ((1 - z) * gate(q, "u", tanh, r * q["h0"]) + z * q["h0"])).sum()

    def gaussian(q: Values) -> Any:
        c = q["X"] - q["mu"]
        return len(c) / 2 * jnp.linalg.slogdet(q["S"])[1] + jnp.trace(c @ jnp.linalg.inv(q["S"]) @ c.T) / 2

    def factorised(q: Values) -> Any:
        e = q["M"] * (q["U"] @ q["V"].T - q["R"])
        return 0.5 * (e**2).sum() + 0.5 * q["lambda"] * ((q["U"] ** 2).sum() + (q["V"] ** 2).sum())

    def logistic(q: Values) -> Any:
        z = q["X"] @ q["w"]
        loss = (jax.nn.softplus(z) - q["y"] * z).mean()
        return loss + 0.5 * q["lambda"] * (q["w"] ** 2).sum()

    def correlate(x: Any, k: Any, s: int = 1, p: int = 0) -> Any:
        n = x.ndim
        return jax.lax.conv_general_dilated(x[None, None], k[None, None], (s,) * n, [(p, p)] * n)[0, 0]

    def pooled(x: Any, start: float, f: Any) -> Any:
        return jax.lax.reduce_window(x, start, f, (2,) * x.ndim, (2,) * x.ndim, "VALID")

    return {
        "bias": lambda q: (q["G"] * (q["X"] + q["b"])).sum(),
        "dropout": lambda q: (q["G"] * q["M"] * q["X"] / q["q"]).sum(),
        "residual": lambda q: (q["G"] * (q["X"] + relu(q["X"] @ q["V"]) @ q["W"])).sum(),
        "embedding": lambda q: (q["G"] * (q["O"] @ q["W"])).sum(),
        "attention": attention,
        "batch_norm": lambda q: (q["G"] * (normalised(q["X"], 0, q["eps"]) * q["gamma"] + q["beta"])).sum(),
        "layer_norm": lambda q: (q["G"] * (normalised(q["X"], 1, q["eps"]) * q["gamma"] + q["beta"])).sum(),
        "rms_norm": lambda q: (
            q["G"] * q["X"] / jnp.sqrt((q["X"] ** 2).mean(1, keepdims=True) + q["eps"]) * q["gamma"]).sum(),
        "conv1d": lambda q: (q["g"] * (correlate(q["x"], q["k"]) + q["b"])).sum(),
        "conv2d": lambda q: (q["G"] * (correlate(q["X"], q["K"]) + q["b"])).sum(),
        "max_pool": lambda q: (q["G"] * pooled(q["X"], -jnp.inf, jax.lax.max)).sum(),
        "average_pool": lambda q: (q["G"] * pooled(q["X"], 0.0, jax.lax.add) / 4).sum(),
        "rnn": rnn, "lstm_cell": lstm, "gru_cell": gru,
        "softmax_cross_entropy": lambda q: -(
            q["T"] * jax.nn.log_softmax(q["X"] @ q["W"] + q["b"], axis=-1)).sum() / len(q["X"]),
        "bce_with_logits": lambda q: (
            jax.nn.softplus(q["X"] @ q["w"] + q["b"]) - q["t"] * (q["X"] @ q["w"] + q["b"])).mean(),
        "ridge": lambda q: 0.5 * ((q["X"] @ q["w"] - q["y"]) ** 2).sum() + 0.5 * q["lambda"] * (q["w"] ** 2).sum(),
        "logistic_regression": logistic,
        "svm": lambda q: 0.5 * (q["w"] ** 2).sum() + q["C"] * relu(1 - q["y"] * (q["X"] @ q["w"] + q["b"])).sum(),
        "matrix_factorisation": factorised,
        "gaussian_likelihood": gaussian,
        "pca": lambda q: ((q["X"] - q["X"] @ q["W"] @ q["W"].T) ** 2).sum() / len(q["X"]),
    }  # fmt: skip


def values(graph: sn.Graph, sizes: dict[str, int], seed: int = 0) -> Values:
    """Random arrays that keep the facts: one-hot rows, positive numbers, a positive definite matrix."""
    rng = np.random.default_rng(seed)
    out: Values = {}
    for name in graph.inputs:
        s = graph.symbols[name]
        size = [sizes.get(str(k), k) for k in s.shape]
        value = rng.standard_normal(size) if size else float(rng.uniform(0.5, 2))
        if "rows sum to one" in s.facts:
            value = np.eye(size[1])[rng.integers(size[1], size=size[0])]
        if "positive definite" in s.facts:
            value = value @ value.T + np.eye(size[0])
        out[name] = value
    return out


FACTS = {"O", "T"}  # the derivative by a one-hot row is not asked for


@pytest.mark.parametrize("sizes", SIZES, ids=lambda s: f"n{s['n']}d{s['d']}")
@pytest.mark.parametrize("name", HOMES)
def test_gradients_of_every_builder_equal_jax(name: str, sizes: dict[str, int]) -> None:
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    if name == "batch_norm" and sizes["n"] == 1:
        sizes = {**sizes, "n": 2}  # one sample has no variance
    graph = getattr(sn, name)()
    at = values(graph, sizes)
    by = [n for n in graph.inputs if n not in FACTS]
    value, gradient = sn.derive(graph, by).compile()(**at)
    want_value, want = jax.value_and_grad(programs()[name])({n: jax.numpy.asarray(v) for n, v in at.items()})
    assert value == pytest.approx(float(want_value), rel=1e-11)
    for n in by:
        assert np.allclose(gradient[n], want[n], rtol=1e-9, atol=1e-11), n


@pytest.mark.parametrize("name", HOMES)
def test_pages_of_every_builder(name: str, katex: Callable[[list[str]], list[str | None]]) -> None:
    d = sn.derive(getattr(sn, name)())
    assert katex([d.latex()]) == [None]
    assert d.markdown() and d.html() and "Backward" in d.text()


BACKWARD = [
    ("bias", "b", "Gᵀ ones(n)"),
    ("dropout", "X", "G ⊙ M/q"),
    ("embedding", "W", "Oᵀ G"),
    ("residual", "X", "Δ Vᵀ + G"),
    ("softmax_cross_entropy", "W", "Xᵀ Δ"),
    ("ridge", "w", "Xᵀ r + λ w"),
    ("logistic_regression", "w", "Xᵀ δ + λ w"),
    ("svm", "w", "w − Xᵀ (δ ⊙ y)"),
    ("pca", "W", "−2/n · (Xᵀ R + Rᵀ X) W"),
    ("gaussian_likelihood", "mu", "−S⁻¹ Cᵀ ones(n)"),
    ("attention", "W_Q", "Xᵀ Δ_S K/√h"),
    ("layer_norm", "X", "Δ_C − rowmean(Δ_C) ones(d)ᵀ"),
    ("conv2d", "K", "conv_kernel(X, G, 1, 0, 3, 3)"),
    ("max_pool", "X", "unpool(G, X, 2, 2)"),
]


@pytest.mark.parametrize(("name", "wrt", "shown"), BACKWARD)
def test_backward_passes_as_they_are_printed(name: str, wrt: str, shown: str) -> None:
    assert sn.derive(getattr(sn, name)(), wrt).gradient[wrt].text() == shown


def test_the_error_of_an_output_with_its_loss() -> None:
    assert sn.derive(sn.softmax_cross_entropy(), "W").names["Δ"].text() == "(softmax(Z) − T)/n"
    assert sn.derive(sn.bce_with_logits(), "w").names["δ"].text() == "(σ(z) − t)/n"
    assert sn.derive(sn.logistic_regression(), "w").names["δ"].text() == "(p − y)/n"


CONVOLUTIONS = [
    {"size": (5, 6), "kernel": (3, 2), "stride": 2, "padding": 1},
    {"size": (4, 5), "kernel": (2, 3), "stride": 1, "padding": 2},
    {"size": (7, 7), "kernel": (3, 3), "stride": 3, "padding": 0},
    {"size": (5, 5), "kernel": (2, 2), "stride": 2, "channels": 2, "bias": False},
]


@pytest.mark.parametrize("choice", CONVOLUTIONS, ids=str)
def test_convolutions_with_stride_padding_and_channels(choice: dict[str, Any]) -> None:
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    graph = sn.conv2d(**choice)
    at = values(graph, {})
    s, p = choice["stride"], choice.get("padding", 0)
    ends = ("1", "2") if choice.get("channels") == 2 else ("",)

    def loss(q: Values) -> Any:
        z = sum(
            jax.lax.conv_general_dilated(q[f"X{c}"][None, None], q[f"K{c}"][None, None], (s, s), [(p, p)] * 2)[0, 0]
            for c in ends
        )
        return (q["G"] * (z + q.get("b", 0))).sum()

    want = jax.grad(loss)({n: jax.numpy.asarray(v) for n, v in at.items()})
    _, gradient = sn.derive(graph, graph.inputs).compile()(**at)
    for n in graph.inputs:
        assert np.allclose(gradient[n], want[n], rtol=1e-12, atol=1e-12), n


ONE_SIDED = [
    {"size": (1, 6), "kernel": (1, 3)},
    {"size": (6, 1), "kernel": (3, 1), "padding": 1},
    {"size": (6, 1), "kernel": (3, 1), "stride": 2},
    {"size": (3, 1), "kernel": (1, 3), "padding": 1},
    {"size": (4, 5), "kernel": (1, 1), "channels": 2},
    {"size": (3, 3), "kernel": (3, 3)},
    {"size": (1, 1), "kernel": (3, 3), "padding": 1},
    {"size": (1, 5), "kernel": (1, 1), "padding": 1, "stride": 2},
]


@pytest.mark.parametrize("choice", ONE_SIDED, ids=str)
def test_images_with_a_side_of_1(choice: dict[str, Any]) -> None:
    """A row, a column and a pixel are images like any other: given and returned in both sizes."""
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    graph = sn.conv2d(**choice)
    s, p = choice.get("stride", 1), choice.get("padding", 0)
    rng = np.random.default_rng(6)
    at = {n: rng.standard_normal(graph.declared_shape(n)) for n in graph.inputs}
    ends = ("1", "2") if choice.get("channels") == 2 else ("",)
    above = next(n for n in graph.inputs if n in ("g", "G"))

    def loss(q: Values) -> Any:
        z = sum(
            jax.lax.conv_general_dilated(q[f"X{c}"][None, None], q[f"K{c}"][None, None], (s, s), [(p, p)] * 2)[0, 0]
            for c in ends
        )
        return (q[above].reshape(z.shape) * (z + q["b"])).sum()

    want = jax.grad(loss)({n: jax.numpy.asarray(v) for n, v in at.items()})
    d = sn.derive(graph, graph.inputs)
    _, gradient = d.compile()(**at)
    for n in graph.inputs:
        assert np.shape(gradient[n]) == graph.declared_shape(n)
        assert np.allclose(gradient[n], want[n], rtol=1e-12, atol=1e-12), n
    assert "Backward" in d.text()  # and every line is compared with the truth


POOLED = [
    (sn.max_pool, (2, 2), lambda x: x.max()),
    (sn.max_pool, (2, 5), lambda x: x[:, :4].reshape(2, 2, 2).max(axis=(0, 2))),
    (sn.average_pool, (2, 4), lambda x: x.reshape(2, 2, 2).mean(axis=(0, 2))),
]


@pytest.mark.parametrize(("layer", "size", "pooled"), POOLED)
def test_pooling_that_leaves_a_side_of_1(layer: Any, size: tuple[int, int], pooled: Callable[[Any], Any]) -> None:
    graph = layer(size)
    at = values(graph, {}, seed=2)
    value, gradient = sn.derive(graph, "X").compile()(**at)
    above = at[next(n for n in graph.inputs if n != "X")]
    assert value == pytest.approx(np.sum(pooled(at["X"]) * above), rel=1e-12)
    for i in np.ndindex(*size):
        step = np.zeros(size)
        step[i] = 1e-6
        ends = [np.sum(pooled(x) * above) for x in (at["X"] + step, at["X"] - step)]
        assert gradient["X"][i] == pytest.approx((ends[0] - ends[1]) / 2e-6, abs=1e-8)


IMAGES_REFUSED = [
    (lambda: sn.conv2d((3, 8, 8), (3, 3)), "one image, its channels with `channels`"),
    (lambda: sn.max_pool((1, 6)), "a window of 2×2 does not fit into 1×6"),
    (lambda: sn.max_pool((2, 3, 4)), "one channel of one image"),
    (lambda: sn.conv2d((1, 1), (1, 1), padding=1), "write their product"),
    (lambda: sn.Graph("sum(X)", "X: n x h x w"), "declare one sample"),
]


@pytest.mark.parametrize(("question", "said"), IMAGES_REFUSED)
def test_batches_of_images_are_refused_with_what_to_do(question: Callable[[], Any], said: str) -> None:
    with pytest.raises(sn.SymnetError, match=said):
        question()


def test_a_convolution_says_its_index_formula(katex: Callable[[list[str]], list[str | None]]) -> None:
    d = sn.derive(sn.conv2d((6, 6), (3, 3), stride=2, padding=1), "X K")
    shown = d.latex()
    for piece in (r"\operatorname{conv}_{2,1}(X, K)", r"\operatorname{conv}^{\top}_{2,1}(G, K)",
                  r"\operatorname{corr}_{2,1}(X, G)"):  # fmt: skip
        assert piece in shown
    assert "Σ_k Σ_l K[k, l] X[s i + k − p, s j + l − p]" in d.text()
    assert "conv(x, k, s, p)[i] = Σ_k" in sn.derive(sn.conv1d(), "k").text()
    assert katex([shown, sn.derive(sn.max_pool(), "X").latex()]) == [None, None]


def test_a_convolution_twice_differentiated_is_closed() -> None:
    """A gradient of a gradient needs the convolution rules of the convolution rules."""
    x, k, g = (sn.Term("sym", (), (n, ()), (s,)) for n, s in (("x", 6), ("k", 3), ("g", 4)))
    from symnet.operations import apply, square
    from symnet.term import num

    back = apply("conv_input", g, k, num(1), num(0), num(6))
    kernel = apply("conv_kernel", x, g, num(1), num(0), num(3))
    graph = sn.Graph([("L", square(back) + square(kernel))])
    at = values(graph, {})
    run = sn.derive(graph, graph.inputs).compile()
    _, gradient = run(**at)
    for n in graph.inputs:
        for i in range(len(at[n])):
            step = 1e-6 * np.eye(len(at[n]))[i]
            ends = [run(**{**at, n: at[n] + e})[0] for e in (step, -step)]
            assert gradient[n][i] == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-5, abs=1e-7)


def test_dimensions_and_losses_are_chosen() -> None:
    g = sn.layer_norm(d=64, n="batch", loss="mse")
    assert g.symbols["X"].shape == ("batch", 64) and g.symbols["T"].shape == ("batch", 64)
    assert "ones(64)" in str(g["C"]) and "norm2(Y - T)^2" in str(g["L"])
    with pytest.raises(sn.GraphError, match="layer_norm has no dimension `q`; it has n, d"):
        sn.layer_norm(q=3)
    with pytest.raises(sn.GraphError, match="a name or a positive integer"):
        sn.bias(d=0)
    with pytest.raises(sn.GraphError, match="1 to 50 steps"):
        sn.rnn(0)
    with pytest.raises(sn.ShapeError, match="a window of 5×5 does not fit into 4×4"):
        sn.conv2d((4, 4), (5, 5))


def test_builders_say_what_they_compute() -> None:
    for name in HOMES:
        assert builder(name).__name__ == name and builder(name).__doc__
        assert name in dir(sn)
