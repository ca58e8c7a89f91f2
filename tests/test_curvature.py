"""Hessian-vector products against JAX, exact values, and the Hessian itself."""

from __future__ import annotations

import numpy as np
import pytest

import symnet as sn


def network(last: str, loss: str, units: int) -> tuple[sn.Derivation, dict[str, object], dict[str, object]]:
    layers = [{"units": 4, "activation": "tanh"}, {"units": units, "activation": last}]
    d = sn.derive(sn.network({"inputs": 2, "layers": layers, "loss": loss}, form="matrix"))
    rng = np.random.default_rng(3)
    sizes = {"n": 5}
    shape = {n: tuple(sizes.get(k, k) for k in d.graph.symbols[n].shape) for n in d.graph.inputs}
    at = {n: rng.normal(size=s) for n, s in shape.items()}
    labels = rng.integers(0, max(units, 2), 5)
    at["T"] = np.eye(units)[labels] if units > 1 else labels.astype(float)
    return d, at, {n: rng.normal(size=shape[n]) for n in d.wrt}


@pytest.mark.parametrize(("last", "loss", "units"), [
    ("softmax", "cross_entropy", 3), ("sigmoid", "mse", 1), ("sigmoid", "bce", 1), ("softplus", "mse", 2),
])  # fmt: skip
def test_products_of_networks_are_those_of_jax(last: str, loss: str, units: int) -> None:
    jax = pytest.importorskip("jax")
    d, at, v = network(last, loss, units)
    directions = {f"v_{n}": x for n, x in v.items()}
    jax.config.update("jax_enable_x64", True)
    try:
        gradient = d.compile("jax")
        held = {n: at[n] for n in at if n not in v}
        start = {n: jax.numpy.asarray(at[n]) for n in v}
        slopes, products = jax.jvp(lambda p: gradient(**held, **p)[1], (start,), (v,))
        along = sum(float((slopes[n] * v[n]).sum()) for n in v)
        expected = {n: np.asarray(products[n]) for n in v}
    finally:
        jax.config.update("jax_enable_x64", False)
    value, got = d.hvp().compile()(**at, **directions)
    assert value == pytest.approx(along, rel=1e-12)
    assert all(np.allclose(got[n], expected[n], rtol=1e-11, atol=1e-13) for n in v)


def test_a_product_is_the_hessian_times_the_direction() -> None:
    text = "z = w x + b; a = tanh(z); s = σ(v a); E = (s − t)²"
    d = sn.derive(text, "w b v")
    at = {"w": 0.3, "x": 1.5, "b": -0.2, "v": 0.8, "t": 1.0}
    H = sn.hessian(text, "w b v").compile()(**at)
    v = np.array([1.0, -2.0, 0.5])
    value, product = d.hvp().compile()(**at, v_w=1.0, v_b=-2.0, v_v=0.5)
    assert list(product.values()) == pytest.approx(H @ v, rel=1e-12)
    assert value == pytest.approx(sum(g * k for g, k in zip(d.compile()(**at)[1].values(), v, strict=True)), rel=1e-13)


def test_the_lines_of_a_product_are_a_derivation() -> None:
    d = sn.derive("L = norm2(X*w - y)^2", "w", shapes="X: n x d, w: d x 1, y: n")
    h = d.hvp()
    assert h.wrt == ("w",) and "v_w" in h.graph.inputs
    _, g = h.compile()(X=np.eye(2) * 3, w=np.ones((2, 1)), y=[0, 0], v_w=np.array([[1.0], [2]]))
    assert g["w"].tolist() == [[18], [36]]
    assert "symnet" not in h.source("jax")


def test_names_of_the_user_stay_free() -> None:
    _, g = sn.derive("s = w^2; L = s w + v_w", "w").hvp().compile()(w=2, v_w=0, v1_w=1)
    assert g["w"] == 12.0


def test_delta_false_is_derived_again() -> None:
    d = sn.derive("z = w x; a = σ(z); E = (a − t)^2", "w", delta=False)
    plain = sn.derive("z = w x; a = σ(z); E = (a − t)^2", "w")
    at = {"w": 0.5, "x": 2, "t": 0, "v_w": 1}
    assert d.hvp().compile()(**at) == plain.hvp().compile()(**at)


# ------------------------------------------------------------------------------------------- calls and stable arrays
def test_a_call_has_its_inputs_as_keywords() -> None:
    f = sn.derive("z = w_1 x + b; a = tanh(z); s = a²; E = s + t", "w1 b").compile()
    at = {"w1": 0.3, "x": 0.5, "b": 0.1, "t": 1.0}
    first, again = f(**at), f(**at)
    assert first == again and set(again[1]) == {"w1", "b"}
    assert f(w_1=0.3, x=0.5, b=0.1, t=1) == again and f(**at | {"x": np.float64(0.5)}) == again
    with pytest.raises(sn.NameLookupError, match="no value for t"):
        f(w1=0.3, x=0.5, b=0.1)
    with pytest.raises(sn.NameLookupError, match="`q` is not an input"):
        f(**at, q=1)
    with pytest.raises(sn.ShapeError, match="not a number"):
        f(**at | {"x": "0.5"})
    with pytest.raises(sn.OverflowError_):
        f(**at | {"t": float("inf")})


@pytest.mark.parametrize("name", ["function", "value", "call", "float", "type", "isfinite", "missing", "self"])
def test_no_input_hides_what_the_call_needs(name: str) -> None:
    w = sn.Term("sym", (), (name, ()))
    f = sn.derive(sn.Graph([("L", w * w * w)]), [name]).compile()
    assert [f(**{name: 2.0}), f(**{name: 2.0})] == [(8.0, {name: 12.0})] * 2


def test_a_slope_takes_no_name_of_the_user() -> None:
    f = sn.derive("s = tanh(w x); E = s² + s", "w").compile()
    slope = (2 * np.tanh(0.12) + 1) * 0.4 / np.cosh(0.12) ** 2
    assert f(w=0.3, x=0.4) == (pytest.approx(np.tanh(0.12) ** 2 + np.tanh(0.12)), {"w": pytest.approx(slope)})


HAND_WRITTEN = [
    "A = exp(Z)./(exp(Z)*ones(k)*ones(k)'); L = -sum(T .* log(A))",
    "s = exp(Z)*ones(k); A = exp(Z)./(s*ones(k)'); L = -sum(T .* log(A))",
    "P = exp(Z); s = rowsum(P); A = P./(s*ones(k)'); L = -sum(T .* log(A))",
    "A = exp(Z)./(exp(Z)*ones(k,k)); L = -sum(T .* log(A))",
    "L = -sum(T .* Z) + sum(log(exp(Z)*ones(k)))",
]


@pytest.mark.parametrize("text", HAND_WRITTEN)
def test_softmax_written_by_hand_with_matrices(text: str) -> None:
    Z, T = np.array([[1000.0, 0, -1000], [1, 2, 3]]), np.array([[1.0, 0, 0], [0, 1, 0]])
    shapes = "Z: n x k, T: n x k"
    value, g = sn.derive(text, "Z", shapes=shapes).compile()(Z=Z, T=T)
    expected, slopes = sn.derive("L = -sum(T .* log(softmax(Z)))", "Z", shapes=shapes).compile()(Z=Z, T=T)
    assert value == pytest.approx(expected, rel=1e-14) and np.allclose(g["Z"], slopes["Z"], rtol=1e-14, atol=0)


def test_a_column_sum_is_no_softmax() -> None:
    text = "A = exp(Z)./(ones(n,n)*exp(Z)); L = sum(A .* T)"
    Z, T = np.array([[0.5, 1], [2, -1]]), np.array([[1.0, 2], [3, 5]])
    value, g = sn.derive(text, "Z", shapes="Z: n x n, T: n x n").compile()(Z=Z, T=T)
    A = np.exp(Z) / np.exp(Z).sum(axis=0)
    assert value == pytest.approx((A * T).sum())
    assert np.allclose(g["Z"], A * (T - (A * T).sum(axis=0)))


def test_softplus_of_arrays_has_its_slope_everywhere() -> None:
    _, g = sn.derive("L = sum(log(1 + exp(Z)))", shapes="Z: n x k").compile()(Z=[[1000.0, -1000, 0]])
    assert g["Z"].tolist() == [[1.0, 0.0, 0.5]]


def test_a_gradient_by_a_line_in_between_is_left_as_it_is() -> None:
    d = sn.derive("P = exp(z); A = P/sum(P); L = A'*t", "P", shapes="z: n, t: n")
    _, g = d.compile()(z=[0.0, 1.0], t=[1.0, 0.0])
    total = 1 + np.e
    assert g["P"] == pytest.approx([1 / total - 1 / total**2, -1 / total**2])


def test_cross_entropy_of_a_sigmoid_runs_by_its_printed_line() -> None:
    layers = [{"units": 1, "activation": "sigmoid"}]
    f = sn.derive(sn.network({"inputs": 2, "layers": layers, "loss": "bce"}, form="matrix")).compile()
    value, g = f(X=[[90.0, 1], [-90, 2]], W=[1.0, 0], b=0, T=[0, 1])
    assert value == pytest.approx(90) and g["W"].tolist() == [90.0, -0.5] and g["b"] == pytest.approx(0, abs=1e-30)
