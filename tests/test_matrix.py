"""Matrix calculus: every operation against JAX, its differential against its pullback, and the textbook forms."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import symnet as sn
from symnet.derivation import Derivation, Names, Step
from symnet.differentials import STRUCTURAL as DIFFERENTIALS
from symnet.differentials import d as differential_of
from symnet.differentials import differential
from symnet.graph import Graph
from symnet.operations import TABLE as OPERATIONS
from symnet.operations import apply, dimension, total
from symnet.pullbacks import PAIRS, STRUCTURAL
from symnet.sampling import length
from symnet.term import Term, cases, fn, matmul, matpow, mul, neg, num, power, rel, substitute, sym, transpose

SIZES = [{"n": 3, "d": 2}, {"n": 1, "d": 3}, {"n": 3, "d": 1}, {"n": 1, "d": 1}]
X, Y, S, v, u, k = (
    sym("X", ("n", "d")), sym("Y", ("n", "d")), sym("S", ("n", "n")), sym("v", ("n",)), sym("u", ("d",)), sym("k"),
)  # fmt: skip
A, B, C, D, K = sym("A", (5, 4)), sym("B", (4, 3)), sym("C2", (2, 2)), sym("D", (5, 4)), sym("K", (2, 2))
a, f, G = sym("a", (5,)), sym("f", (3,)), sym("G", (4, 4))
n, dim_d = dimension("n"), dimension("d")


def column(x: Any) -> Any:
    return x[:, None] if x.ndim == 1 else x


def jax_rows() -> dict[str, list[tuple[Term, Callable[..., Any]]]]:
    """Each operation on operands of every shape that it takes, beside JAX's own function of the same arrays."""
    import jax
    import jax.numpy as jnp

    def rows_of(f: Callable[..., Any]) -> Callable[..., Any]:
        return lambda X: f(X, axis=-1)

    def vec(X: Any) -> Any:
        return jnp.ravel(X.T)

    def correlate(x: Any, k: Any, s: int = 1, p: int = 0) -> Any:
        each = (s,) * x.ndim, [(p, p)] * x.ndim
        return jax.lax.conv_general_dilated(x[None, None], k[None, None], *each)[0, 0]

    def adjoint(g: Any, k: Any) -> Any:
        return jax.vjp(lambda x: correlate(x, k), jnp.zeros((5, 4)))[1](g)[0]

    def blocks(g: Any) -> Any:
        return g.reshape(2, 2, 2, 2)

    def windows(x: Any) -> Any:
        return x[:4].reshape(2, 2, 2, 2).transpose(0, 2, 1, 3).reshape(2, 2, 4)

    one = lambda name, f: [(apply(name, X), lambda X: f(X))]  # noqa: E731 - a row of this table
    square = lambda name, f: [(apply(name, S), lambda S: f(S))]  # noqa: E731
    both = lambda name, f: [*one(name, f), (apply(name, v), lambda v: f(v))]  # noqa: E731
    return {
        "tr": square("tr", jnp.trace),
        "det": square("det", jnp.linalg.det),
        "logdet": square("logdet", lambda S: jnp.linalg.slogdet(S)[1]),
        "inv": square("inv", jnp.linalg.inv),
        "sum": both("sum", jnp.sum),
        "mean": both("mean", jnp.mean),
        "norm1": both("norm1", lambda x: jnp.sum(jnp.abs(x))),
        "norm2": both("norm2", lambda x: jnp.sqrt(jnp.sum(x**2))),
        "diag": [(apply("diag", v), lambda v: jnp.diag(v))],
        "diagv": square("diagv", jnp.diagonal),
        "rowsum": one("rowsum", lambda X: X.sum(axis=1)),
        "colsum": one("colsum", lambda X: X.sum(axis=0)[None, :]),
        "rowmean": one("rowmean", lambda X: X.mean(axis=1)),
        "colmean": one("colmean", lambda X: X.mean(axis=0)[None, :]),
        "softmax": both("softmax", rows_of(jax.nn.softmax)),
        "logsoftmax": both("logsoftmax", rows_of(jax.nn.log_softmax)),
        "lse": both("lse", rows_of(jax.nn.logsumexp)),
        "kron": [(apply("kron", v, u), lambda v, u: jnp.kron(v, u)),
                 (apply("kron", X, S), lambda X, S: jnp.kron(X, S)),
                 (apply("kron", v, X), lambda v, X: jnp.kron(v[:, None], X)),
                 (apply("kron", S, S), lambda S: jnp.kron(S, S))],
        "blockdot": [(apply("blockdot", apply("kron", mul(X, X), Y), Y), lambda X, Y: X * X * jnp.sum(Y * Y)),
                     (apply("blockdot", G, C), lambda G, C2: jnp.einsum("ikjl,kl->ij", blocks(G), C2))],
        "blocksum": [(apply("blocksum", apply("kron", X, mul(Y, Y)), X), lambda X, Y: Y * Y * jnp.sum(X * X)),
                     (apply("blocksum", G, C), lambda G, C2: jnp.einsum("kilj,kl->ij", blocks(G), C2))],
        "vec": [(apply("vec", X), vec)],
        "unvec": [(apply("unvec", apply("vec", mul(X, X)), n, dim_d), lambda X: X * X)],
        "max": [(apply("max", X, Y), lambda X, Y: jnp.maximum(X, Y)),
                (apply("max", X, num(0)), lambda X: jnp.maximum(X, 0))],
        "min": [(apply("min", X, Y), lambda X, Y: jnp.minimum(X, Y)),
                (apply("min", X, k), lambda X, k: jnp.minimum(X, k))],
        "conv": [
            (apply("conv", A, K, num(2), num(1)), lambda A, K: correlate(A, K, 2, 1)),
            (apply("conv", a, f, num(1), num(2)), lambda a, f: correlate(a, f, 1, 2)),
        ],
        "conv_input": [(apply("conv_input", B, K, num(1), num(0), num(5), num(4)), lambda B, K: adjoint(B, K))],
        "conv_kernel": [(apply("conv_kernel", A, B, num(1), num(0), num(2), num(2)), lambda A, B: correlate(A, B))],
        "max_pool": [(apply("max_pool", A, num(2), num(2)), lambda A: windows(A).max(-1))],
        "unpool": [(apply("unpool", C, A, num(2), num(2)),
                    lambda C2, A: jax.vjp(lambda A: windows(A).max(-1), A)[1](C2)[0])],
        "picked": [(apply("picked", D, A, num(2), num(2)),
                    lambda D, A: jax.jvp(lambda A: windows(A).max(-1), (A,), (D,))[1])],
        # operations that every formula is made of
        "add": [(X + k, lambda X, k: X + k)],
        "neg": [(neg(X), lambda X: -X)],
        "mul": [(mul(k, X, Y), lambda k, X, Y: k * X * Y)],
        "div": [(X / (mul(Y, Y) + 1), lambda X, Y: X / (Y * Y + 1)), (X / (k * k + 1), lambda X, k: X / (k * k + 1))],
        "pow": [(power(X, num(3)), lambda X: X**3), (power(power(k, num(2)), k), lambda k: (k * k) ** k)],
        "matmul": [
            (matmul(transpose(X), S, X), lambda X, S: X.T @ S @ X),
            (matmul(v, transpose(v)), lambda v: jnp.outer(v, v)),
            (mul(matmul(transpose(v), S, v), v), lambda v, S: (v @ S @ v) * v),
        ],
        "matpow": [(matpow(S, num(i)), lambda S, i=i: jnp.linalg.matrix_power(S, i)) for i in (1, 2, 3, 5)],
        "T": [(transpose(X), lambda X: X.T)],
        "fn": [(fn("tanh", X), lambda X: jnp.tanh(X))],
        "prime": [(Term("prime", (X,), ("tanh", 1), X.shape), lambda X: 1 - jnp.tanh(X) ** 2)],
        "cases": [(cases(mul(X, X), rel(">", X, num(0)), Y), lambda X, Y: jnp.where(X > 0, X * X, Y))],
        # two in one
        "pow norm2": [(power(apply("norm2", X), num(2)), lambda X: jnp.sum(X**2))],
        "tr expm": [(apply("tr", apply("expm", S)), lambda S: jnp.trace(jax.scipy.linalg.expm(S)))],
        "tr matpow": [(apply("tr", matpow(S, num(4))), lambda S: jnp.trace(jnp.linalg.matrix_power(S, 4)))],
        "det matpow": [(apply("det", matpow(S, num(3))), lambda S: jnp.linalg.det(S) ** 3)],
        "tr kron": [(apply("tr", apply("kron", S, matmul(S, S))), lambda S: jnp.trace(S) * jnp.trace(S @ S))],
        "sum kron": [(apply("sum", apply("kron", X, Y)), lambda X, Y: jnp.sum(jnp.kron(X, Y)))],
    }  # fmt: skip


WITHOUT_RULE = {"expm"}  # by itself; its trace has one
CONSTANT = {"ones", "zeros", "eye"}
NAMES = [
    *(r for r in OPERATIONS if r not in WITHOUT_RULE | CONSTANT), *STRUCTURAL, *(" ".join(pair) for pair in PAIRS),
]  # fmt: skip


def arrays(sizes: dict[str, int], *symbols: Term, seed: int = 0) -> dict[str, Any]:
    """A value for each symbol; square matrices are well conditioned, with a positive determinant."""
    rng = np.random.default_rng(seed)
    out = {}
    for s in symbols:
        size = [length(k, sizes) for k in s.shape]
        value = rng.standard_normal(size) if size else float(rng.uniform(0.5, 2))
        out[s.name] = value @ value.T / 4 + np.eye(len(value)) if s is S else value
    return out


def operands(value: Term) -> list[Term]:
    return [s for s in (X, Y, S, v, u, k, A, B, C, D, K, a, f, G) if s.name in value.free]


def weighted(value: Term) -> tuple[Graph, Term]:
    """L = sum(C ⊙ value), so that the cotangent of `value` is C."""
    c = sym("C", value.shape)
    return Graph([("L", total(mul(c, value)))]), c


@pytest.mark.parametrize("sizes", SIZES, ids=lambda s: "×".join(map(str, s.values())))
@pytest.mark.parametrize("name", NAMES)
def test_every_pullback_equals_jax(name: str, sizes: dict[str, int]) -> None:
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    for value, function in jax_rows()[name]:
        graph, c = weighted(value)
        symbols = operands(value)
        at = arrays(sizes, *symbols, c)
        loss, gradient = sn.derive(graph, [s.name for s in symbols]).compile()(**at)

        def total_of(given: dict[str, Any], c: Any = at["C"], function: Any = function) -> Any:
            code = function.__code__
            return (c * function(*(given[w] for w in code.co_varnames[: code.co_argcount] if w in given))).sum()

        moved = {s.name: jax.numpy.asarray(at[s.name]) for s in symbols}
        want_loss, want = jax.value_and_grad(total_of)(moved)
        assert loss == pytest.approx(float(want_loss), rel=1e-11)
        for s in symbols:
            assert np.allclose(gradient[s.name], want[s.name], rtol=1e-10, atol=1e-11), (name, s.name)


@pytest.mark.parametrize("name", NAMES)
def test_every_differential_is_the_adjoint_of_its_pullback(name: str) -> None:
    """⟨C, dv(dX)⟩ = ⟨∂L/∂X, dX⟩: the two tables were written apart."""
    pytest.importorskip("jax")
    if name == "prime":
        assert "prime" not in DIFFERENTIALS  # a differential is taken of formulas in which it is written out
        return
    sizes = {"n": 3, "d": 2}
    for value, _ in jax_rows()[name]:
        graph, c = weighted(value)
        symbols = operands(value)
        moves = {s: sym(f"move_{s.name}", s.shape) for s in symbols}
        dv = differential(value, {s.name: differential_of(s) for s in symbols})
        assert dv is not None
        dv = substitute(dv, {differential_of(s): m for s, m in moves.items()})
        at = arrays(sizes, *symbols, c) | {m.name: arrays(sizes, m, seed=5)[m.name] for m in moves.values()}
        _, gradient = sn.derive(graph, [s.name for s in symbols]).compile()(**{s: at[s] for s in graph.inputs})
        along = sum(float(np.sum(gradient[s.name] * at[m.name])) for s, m in moves.items())
        assert number(total(mul(c, dv)), at) == pytest.approx(along, rel=1e-10)


def number(t: Term, at: dict[str, Any]) -> float:
    """The value of a scalar formula by the NumPy program that computes it."""
    graph = Graph([("value", t)])
    steps = (Step("F1", "", graph.result.symbol, (t,)),)
    program = Derivation(graph, steps, (), Names({}, "gradient"), Names({}, "name"))
    return float(program.compile()(**{s: at[s] for s in graph.inputs})[0])


# ----------------------------------------------------------------------------------------------------- differentials
TRACES = [
    ("norm2(sigmoid(X*W + ones(n)*b') - T)^2", "W b"),
    ("-sum(T .* logsoftmax(X*W + ones(n)*b'))/n", "W b X"),
    ("Q = X*W; A = softmax(Q*Q'/2); sum(A*Q)", "W X"),
    ("Z = X*W; A = tanh(Z); norm2(A)^2 + s*norm2(W)^2 + sum(Z .* A)", "W s"),
    ("R = inv(X'*X + eye(d)); tr(R*W*W')", "X W"),
    ("s*tr(W*X)", "W X"),
    ("rowmean(X*W)'*rowmean(X*W)", "W"),
]


@pytest.mark.parametrize("sizes", [(3, 2, 4), (1, 2, 3), (3, 1, 2), (1, 1, 1)], ids=str)
@pytest.mark.parametrize(("program", "wrt"), TRACES)
def test_every_line_of_the_differentials_is_true(program: str, wrt: str, sizes: tuple[int, int, int]) -> None:
    """Every side of every dL is one number, with the differentials of the inputs chosen at random."""
    shapes = "X: n x d, W: d x h, b: h, T: n x h, s: scalar"
    if "tr(W*X)" in program:
        shapes = "X: n x d, W: d x n, s: scalar"
    d = sn.derive(program, wrt, shapes=declared(program, shapes))
    size = dict(zip("ndh", sizes, strict=True))
    symbols = d.graph.symbols
    at = {n: arrays(size, symbols[n], seed=i)[n] for i, n in enumerate(d.graph.inputs)}
    for q in d.graph.definitions:
        at[q.name] = value_of(q.value, at)
    for name, formula in d.names.items():
        at[name] = value_of(formula, at)
    moves = {differential_of(symbols[n]): sym(f"move_{n}", symbols[n].shape) for n in (*d.wrt, *at) if n in symbols}
    for n in d.wrt:
        at[f"move_{n}"] = arrays(size, symbols[n], seed=99)[n]
    own = {s.target.args[0].name: s.sides[0] for s in d.traces if s.target.op == "d" and s.target.args[0] is not d.loss}
    for q in d.graph.definitions:
        if q.name in own:
            at[f"move_{q.name}"] = value_of(substitute(own[q.name], dict(moves)), at)
    known: dict[Term, Any] = {}
    for step in d.traces:
        sides = [value_of(substitute(s, dict(moves)), at) for s in step.sides]
        for side in sides[1:]:
            assert np.allclose(side, sides[0], rtol=1e-10, atol=1e-11), step
        if step.target is differential_of(d.loss):
            assert np.allclose(sides[0], known.setdefault(step.target, sides[0]), rtol=1e-10, atol=1e-11), step
        elif step.target.op == "partial":
            assert np.allclose(sides[0], value_of(d.gradient[step.target.args[1].name], at), rtol=1e-10, atol=1e-11)
    _, gradient = d.compile()(**{n: at[n] for n in d.graph.inputs})
    along = sum(float(np.sum(gradient[n] * at[f"move_{n}"])) for n in d.wrt)
    assert list(known.values()) == [pytest.approx(along, rel=1e-9, abs=1e-10)]


def test_differentials_as_courses_print_them() -> None:
    d = sn.derive("norm2(sigmoid(X*W + ones(n)*b') - T)^2", "W b", shapes="X: n x d, W: d x h, b: h, T: n x h")
    text = d.text(style="differentials", shapes=True)
    for line in ("dL    = 2 tr(Rᵀ dR)", "dA    = A ⊙ (1 − A) ⊙ dZ", "dL    = tr(Δᵀ (X dW + ones(n) dbᵀ)) = tr(Δᵀ X dW)",
                 "∂L/∂W = Xᵀ Δ", "d×h, the shape of W", "tr(Gᵀ (Q ⊙ dX)) = tr((G ⊙ Q)ᵀ dX)"):  # fmt: skip
        assert line in text
    assert "d×h, the shape of W" in d.text()
    assert "the shape of" not in d.text(shapes=False)
    with pytest.raises(sn.RuleError, match="`style` is one of backpropagation, differentials"):
        d.text(style="index")


def test_the_pages_pass_strict_katex(katex: Callable[[list[str]], list[str | None]]) -> None:
    d = sn.derive("norm2(sigmoid(X*W + ones(n)*b') - T)^2", "W b", shapes="X: n x d, W: d x h, b: h, T: n x h")
    j = sn.jacobian("z = W*u + b; softmax(z)", "u", shapes="W: h x d, u: d, b: h")
    h = sn.hessian("sum(softplus(X*w))", "w", shapes="X: n x d, w: d")
    pages = [d.latex(style="differentials", shapes=True), d.latex(bold=True, transpose="T"), j.latex(), h.latex()]
    assert katex(pages) == [None] * len(pages)
    assert len(d.latex().splitlines()) < 14
    assert "\\boldsymbol{X}^T \\boldsymbol{\\Delta}" in pages[1]
    assert "X^{-\\top}" in sn.derive("logdet(X)", shapes="X: n x n").latex()


def value_of(t: Term, at: dict[str, Any]) -> Any:
    """Any formula by the NumPy program that computes it."""
    graph = Graph([("value", t)])
    program = Derivation(graph, (Step("F1", "", graph.result.symbol, (t,)),), (), Names({}, "g"), Names({}, "n"))
    run = program.compile()
    free = {n: at.get(n, {"n": len(at["X"]), "d": at["X"].shape[1]}.get(n)) for n in run.inputs}
    return run(**free)[0]


# ------------------------------------------------------------------------------------------- where others answer 0
FORGOTTEN = [
    ("tr(A) + 1", "A", "I_n"),
    ("tr(A) - tr(B)", "B", "-I_n"),
    ("exp(tr(A))", "A", "exp(tr(A)) I_n"),
    ("1/tr(A)", "A", "-I_n/tr(A)^2"),
    ("log(det(A))", "A", "inv(A)'"),
    ("norm2(Y*w - a)^2 + lam*norm2(w)^2", "w", "2 Y'(Y w - a) + 2 lam w"),
    ("tr((Y*w - a)*(Y*w - a)') + lam*tr(w*w')", "w", "2 Y'(Y w - a) + 2 lam w"),
    ("sum((Y*w - a).^2)/n + lam*norm2(w)^2", "w", "2/n Y'(Y w - a) + 2 lam w"),
    ("sin(a'*A*a)", "a", "cos(a'*A*a) (A + A') a"),
]


@pytest.mark.parametrize(("loss", "wrt", "formula"), FORGOTTEN)
def test_a_constant_or_a_sum_of_traces_is_not_zero(loss: str, wrt: str, formula: str) -> None:
    jnp = pytest.importorskip("jax.numpy")
    import jax

    jax.config.update("jax_enable_x64", True)
    d = sn.derive(loss, wrt, shapes="A: n x n, B: n x n, Y: n x d, w: d, a: n, lam: scalar")
    rng = np.random.default_rng(3)
    at = {"A": rng.standard_normal((3, 3)), "B": rng.standard_normal((3, 3)), "Y": rng.standard_normal((3, 2)),
          "w": rng.standard_normal(2), "a": rng.standard_normal(3), "lambda": 0.7}  # fmt: skip
    at["A"] = at["A"] @ at["A"].T + np.eye(3)
    program = {
        "tr(A) + 1": lambda q: jnp.trace(q["A"]) + 1,
        "tr(A) - tr(B)": lambda q: jnp.trace(q["A"]) - jnp.trace(q["B"]),
        "exp(tr(A))": lambda q: jnp.exp(jnp.trace(q["A"])),
        "1/tr(A)": lambda q: 1 / jnp.trace(q["A"]),
        "log(det(A))": lambda q: jnp.log(jnp.linalg.det(q["A"])),
        "sin(a'*A*a)": lambda q: jnp.sin(q["a"] @ q["A"] @ q["a"]),
    }.get(loss, lambda q: (
        jnp.sum((q["Y"] @ q["w"] - q["a"])**2)/(3 if "/n" in loss else 1) + q["lambda"]*jnp.sum(q["w"]**2)
    ))  # fmt: skip
    want = jax.grad(program)({name: jnp.asarray(value) for name, value in at.items()})[wrt]
    _, got = d.compile()(**{name: at[name] for name in d.graph.inputs})
    assert np.allclose(got[wrt], want, rtol=1e-12) and np.any(got[wrt] != 0), formula


# -------------------------------------------------------------------------------------------------- textbook forms
TEXTBOOK = [
    ("norm2(X*w - y)^2/2 + lam/2*norm2(w)^2", "w", "Xᵀ r + λ w"),
    ("x'*A*x", "x", "(A + Aᵀ) x"),
    ("x'*S*x", "x", "2 S x"),
    ("logdet(A)", "A", "A⁻ᵀ"),
    ("log(det(S))", "S", "S⁻¹"),
    ("-sum(Y .* logsoftmax(Z))/n", "Z", "(softmax(Z) − Y)/n"),
    ("sum(lse(Z)) - sum(Y .* Z)", "Z", "softmax(Z) − Y"),
    ("b'*X'*X*c", "X", "X (b cᵀ + c bᵀ)"),
    ("tr(A^3)", "A", "3 (A²)ᵀ"),
    ("tr(A^k)", "A", "k (A^(k − 1))ᵀ"),
    ("det(A)", "A", "det(A) A⁻ᵀ"),
    ("x'*diag(v)*x", "v", "x⊙²"),
    ("sum(G .* ((1 − t) .* p + t .* q))", "t", "G ⊙ (q − p)"),
]
TEXTBOOK_SHAPES = (
    "X: n x d, w: d, y: n, lam: scalar, A: n x n, S: n x n positive definite, x: n, v: n, b: d, c: d, k: scalar,"
    " Z: n x h, Y: n x h rows sum to one, G: n x h, t: n x h, p: n x h, q: n x h"
)


@pytest.mark.parametrize(("loss", "wrt", "shown"), TEXTBOOK)
def test_textbook_forms(loss: str, wrt: str, shown: str) -> None:
    assert sn.derive(loss, wrt, shapes=declared(loss, TEXTBOOK_SHAPES)).gradient[wrt].text() == shown


def declared(formula: str, shapes: str) -> str:
    """The declarations of the names that occur."""
    words = set(re.findall(r"\w+", formula))
    return ", ".join(s for s in shapes.split(", ") if s.split(":")[0].strip() in words)


# --------------------------------------------------------------------------------------------- Jacobians and Hessians
JACOBIANS = [
    ("A*x", "x", "A"),
    ("s = softmax(x)", "x", "diag(s) − s sᵀ"),
    ("x*(x'*x)", "x", "xᵀ x eye(n) + 2 x xᵀ"),
    ("z = W*u + b; a = tanh(z); V*a", "u", "V diag(1 − a⊙²) W"),
    ("x'*x", "x", "2 xᵀ"),
    ("k*x", "k", "x"),
    ("kron(x, u)", "u", "kron(x, eye(d))"),
    ("x/norm2(x)", "x", None),
    ("(x*u') * u", "u", None),
    ("rowsum(softmax(x*u'))", "x", None),
    ("softmax(x*u')*u", "x", None),
    ("diagv(A*diag(x)*A)", "x", None),
    ("vec(x*u')", "x", None),
    ("logsoftmax(A*x)", "x", None),
    ("max(x, A*x)", "x", None),
    ("k*tr(A) + x'*A*x", "A", None),
]
JACOBIAN_SHAPES = "A: n x n, x: n, u: d, W: h x d, b: h, V: n x h, k: scalar"


@pytest.mark.parametrize(("formula", "wrt", "shown"), JACOBIANS)
def test_jacobians(formula: str, wrt: str, shown: str | None) -> None:
    j = sn.jacobian(formula, wrt, shapes=declared(formula, JACOBIAN_SHAPES))
    assert shown is None or j.result.text() == shown
    assert "layout: J[i, j] = ∂" in j.text()
    rng = np.random.default_rng(2)
    sizes = {"n": 3, "d": 2, "h": 4}
    at = {m: rng.standard_normal([sizes[str(i)] for i in s.shape]) if s.shape else 0.3
          for m, s in j.graph.symbols.items() if m in j.graph.inputs}  # fmt: skip
    got = j.compile()(**at)
    assert np.allclose(got, numeric_jacobian(j, at, wrt).reshape(np.shape(got)), rtol=1e-6, atol=1e-8)


def numeric_jacobian(j: Any, at: dict[str, Any], wrt: str) -> Any:
    """Central differences of the forward program, column by column."""
    steps = tuple(Step(f"F{i}", "", q.symbol, (q.value,)) for i, q in enumerate(j.graph.definitions, 1))
    run = Derivation(j.graph, steps, (), Names({}, "gradient"), Names({}, "name")).compile()
    x = np.asarray(at[wrt], float)
    columns = []
    for i in range(x.size):
        step = np.zeros(x.size)
        step[i] = 1e-6
        step = step.reshape(x.shape)
        columns.append((np.ravel(run(**{**at, wrt: x + step})[0]) - np.ravel(run(**{**at, wrt: x - step})[0])) / 2e-6)
    return np.stack(columns, axis=-1)


KRONECKER = [
    ("norm2(kron(A, B) - C)^2/2", "A", "blockdot(R, B)"),
    ("norm2(kron(A, B) - C)^2/2", "B", "blocksum(R, A)"),
    ("norm2(kron(A, B)*vec(X) - y)^2/2", "A", "unvec(r, p, m)ᵀ B X"),
    ("norm2(kron(A, B)*vec(X) - y)^2/2", "B", "unvec(r, p, m) A Xᵀ"),
    ("sum(kron(A, B) .* kron(D, E))", "A", "sum(E ⊙ B) D"),
]


@pytest.mark.parametrize(("loss", "wrt", "shown"), KRONECKER)
def test_both_factors_of_a_kronecker_product_move(loss: str, wrt: str, shown: str) -> None:
    shapes = "A: m x n, B: p x q, C: m*p x n*q, D: m x n, E: p x q, X: q x n, y: (m*p)"
    d = sn.derive(loss, wrt, shapes=declared(loss, shapes))
    assert d.gradient[wrt].text() == shown
    assert ("the blocks of G" in d.text()) == ("blocksum" in shown)


def test_sizes_that_are_products() -> None:
    shapes = {"m*p x n*q": ("m*p", "n*q"), "(m*p)": ("m*p",), "n*d": ("n", "d"), "2*n x 3": ("2*n", 3)}
    for declared_, shape in shapes.items():
        assert sn.Graph("sum(C)", f"C: {declared_}").symbols["C"].shape == shape
    d = sn.derive("norm2(kron(A, B) - C)", "A", shapes="A: m x n, B: p x q, C: m*p x n*q")
    at = {"A": np.ones((2, 2)), "B": np.ones((2, 2))}
    with pytest.raises(sn.ShapeError, match=r"m\*p is 4, and 1 was given"):  # nothing is spread silently
        d.compile()(**at, C=np.ones((1, 4)))
    with pytest.raises(sn.ShapeError, match="is not divided into blocks"):
        sn.Graph("blockdot(C, B)", "C: n x n, B: p x p")


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_kronecker_gradients_in_other_libraries(backend: str) -> None:
    pytest.importorskip(backend)
    d = sn.derive("norm2(kron(A, B) - C)", "A B", shapes="A: m x n, B: p x q, C: m*p x n*q")
    rng = np.random.default_rng(8)
    at = {"A": rng.standard_normal((3, 2)), "B": rng.standard_normal((2, 4)), "C": rng.standard_normal((6, 8))}
    _, want = d.compile()(**at)
    _, got = d.compile(backend)(**at)
    assert all(np.allclose(np.asarray(got[n]), want[n], rtol=1e-12) for n in "AB")


HESSIANS = [
    ("norm2(X*w - y)^2/2 + lam/2*norm2(w)^2", "Xᵀ X + λ eye(d)"),
    ("sum(log(ones(n) + exp(-y .* (X*w))))", "Xᵀ diag(a ⊙ (1 − a) ⊙ y⊙²) X"),
    ("w'*A*w", "A + Aᵀ"),
    ("sum(y .* w)", "zeros(d, d)"),
    ("log(sum(exp(w)))", None),
    ("sum(softplus(X*w))", None),
    ("norm2(w)", None),
]


@pytest.mark.parametrize(("loss", "shown"), HESSIANS)
def test_hessians(loss: str, shown: str | None) -> None:
    shapes = "w: d, A: d x d, y: d" if "X" not in loss else "X: n x d, w: d, y: n, lam: scalar"
    h = sn.hessian(loss, "w", shapes=declared(loss, shapes))
    assert shown is None or h.result.text() == shown
    assert "layout: H[i, j] = ∂²L/∂w[i]∂w[j]" in h.text()
    rng = np.random.default_rng(4)
    sizes = {"n": 4, "d": 3}
    at = {m: rng.standard_normal([sizes[str(i)] for i in h.graph.symbols[m].shape]) for m in h.graph.inputs}
    gradient = sn.derive(loss, "w", shapes=declared(loss, shapes)).compile()
    columns = []
    for i in range(3):
        step = 1e-6 * np.eye(3)[i]
        ends = [gradient(**{**at, "w": at["w"] + s})[1]["w"] for s in (step, -step)]
        columns.append((ends[0] - ends[1]) / 2e-6)
    got = h.compile()(**at)
    assert got.shape == (3, 3) and np.allclose(got, np.stack(columns, axis=1), rtol=1e-6, atol=1e-7)


REFUSED = [
    (lambda: sn.jacobian("kron(X, Y)", "X", shapes="X: n x m, Y: n x m"), "an element of `kron`"),
    (lambda: sn.jacobian("delta*x", "delta", shapes="delta: n x n, x: n"), "is Kronecker's"),
    (lambda: sn.derive("sum(expm(X))", shapes="X: n x n"), "no derivative rule for `expm`"),
    (lambda: sn.derive("sum(X^k*y)", "X", shapes="X: n x n, y: n, k: scalar"), "except under tr or det"),
    (lambda: sn.derive("tr(X)", "X", shapes="X: n x n", symmetric="tied"), "declared symmetric"),
    (lambda: sn.derive("tr(X)", "X", shapes="X: n x n symmetric", symmetric="both"), "not 'both'"),
]


@pytest.mark.parametrize(("question", "reason"), REFUSED)
def test_what_has_no_rule_is_refused_by_name(question: Callable[[], Any], reason: str) -> None:
    with pytest.raises(sn.RuleError, match=reason):
        question()


def test_shapes_that_do_not_fit_are_both_named() -> None:
    with pytest.raises(sn.ShapeError, match="X is n×d and w is n"):
        sn.derive("norm2(X*w)^2", shapes="X: n x d, w: n")
    with pytest.raises(sn.ShapeError, match="n and d do not fit"):
        sn.derive("sum(a + b)", shapes="a: n, b: d")


# ------------------------------------------------------------------------------------------------------- symmetric
def test_three_answers_for_a_symmetric_parameter() -> None:
    def gradient(symmetric: str) -> str:
        d = sn.derive("tr(A*X)", "X", shapes="A: n x n, X: n x n symmetric", symmetric=symmetric)
        return d.gradient["X"].text()

    assert gradient("free") == "Aᵀ"
    assert gradient("projected") == "½ (A + Aᵀ)"
    assert gradient("tied") == "A + Aᵀ − diag(diagv(A))"


def test_tied_is_the_derivative_by_the_entries_counted_once() -> None:
    A = np.arange(9.0).reshape(3, 3) ** 1.5
    base = np.eye(3) + 0.1
    f = sn.derive("tr(A*X*X)", "X", shapes="A: n x n, X: n x n symmetric", symmetric="tied").compile()
    _, g = f(A=A, X=base)
    for i in range(3):
        for j in range(i + 1):
            move = np.zeros((3, 3))
            move[i, j] = move[j, i] = 1e-6
            ends = [np.trace(A @ x @ x) for x in (base + move, base - move)]
            assert g["X"][i, j] == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-6)
