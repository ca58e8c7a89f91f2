"""To SymPy and back: the same value, a readable order, the same bytes under every hash seed, linear in the DAG."""

import math
import subprocess
import sys
import time
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

from symnet import functions, operations, symbols
from symnet.balls import ball
from symnet.bridge import from_sympy, to_sympy
from symnet.errors import DomainError, GraphError, ReadError, RuleError
from symnet.functions import PI
from symnet.term import (
    ONE,
    TWO,
    ZERO,
    Term,
    add,
    cases,
    div,
    fn,
    fold,
    matmul,
    matpow,
    mul,
    neg,
    num,
    partial,
    postorder,
    power,
    prime,
    rel,
    sym,
    transpose,
)

w1, x1, w2, x2, b, a, t, w, x, y, z = sp.symbols("w1 x1 w2 x2 b a t w x y z")
lam = sp.Symbol("lambda")
n, d = sp.symbols("n d", integer=True, positive=True)
X, W, T = sp.MatrixSymbol("X", n, d), sp.MatrixSymbol("W", d, 1), sp.MatrixSymbol("T", n, 1)
f = sp.Function("f")
i = sp.Symbol("i")


def spelled(term):
    """A Term in one line, every operation visible."""

    def visit(node, parts):
        forms = {
            "num": lambda: str(node.data[0]) + node.data[1], "sym": lambda: node.name, "neg": lambda: "-" + parts[0],
            "add": lambda: "(" + " + ".join(parts) + ")", "mul": lambda: "[" + " ".join(parts) + "]",
            "div": lambda: "/".join(parts), "pow": lambda: "^".join(parts), "T": lambda: parts[0] + "'",
            "matmul": lambda: "{" + " ".join(parts) + "}", "fn": lambda: f"{node.data}({parts[0]})",
        }  # fmt: skip
        data = "" if node.data is None else f":{node.data}"
        return forms.get(node.op, lambda: f"{node.op}{data}({', '.join(parts)})")()

    return fold(term, visit)


# ------------------------------------------------------------------------------------------- reading SymPy: phrase book
SIGMA = 1 / (1 + sp.exp(-(w1 * x1 + w2 * x2 + b)))
PHRASES = [
    (x1 * w1 + b, "([w1 x1] + b)"),
    (w1 * x1 + w2 * x2 + b, "([w1 x1] + [w2 x2] + b)"),
    (a - t, "(a + -t)"),
    ((a - t) ** 2 / 2, "[1/2 (a + -t)^2]"),
    (x**3 - 6 * x**2 + 9 * x, "(x^3 + -[6 x^2] + [9 x])"),
    (3 * x - x**2, "([3 x] + -x^2)"),
    (1 - x**2, "(1 + -x^2)"),
    (x**2 + 1, "(x^2 + 1)"),
    (1 + sp.exp(x), "(1 + exp(x))"),
    (a * (1 - a), "[a (1 + -a)]"),
    (SIGMA, "sigmoid(([w1 x1] + [w2 x2] + b))"),
    (sp.exp(z) / (1 + sp.exp(z)), "sigmoid(z)"),
    (1 / (1 + sp.exp(-z)) ** 2 * (1 - 1 / (1 + sp.exp(-z))), "[sigmoid(z)^2 (1 + -sigmoid(z))]"),
    (sp.exp(w1 * x1 - b) / (1 + sp.exp(w1 * x1 - b)), "sigmoid(([w1 x1] + -b))"),
    (sp.log(1 + sp.exp(x * y)), "softplus([x y])"),
    (sp.Max(0, x), "relu(x)"),
    (sp.Max(x, 1, y), "max(1, x, y)"),
    (sp.Min(x, y), "min(x, y)"),
    (-(t * sp.log(a) + (1 - t) * sp.log(1 - a)), "(-[t log(a)] + -[(1 + -t) log((1 + -a))])"),
    (sp.sqrt(x) + 1 / sp.sqrt(y), "(sqrt(x) + 1/sqrt(y))"),
    (x ** sp.Rational(3, 2), "x^3/2"),
    (3 * x / (2 * y), "[3 x]/[2 y]"),
    (x**-2, "1/x^2"),
    (x**-y, "1/x^y"),
    (-x / y, "-x/y"),
    (sp.exp(-(x**2) / 2), "exp(-[1/2 x^2])"),
    (2.5 * x - 0.05, "([5/2. x] + -1/20.)"),
    (sp.pi * x + sp.E, "([pi x] + e)"),
    (sp.Heaviside(x), "(1 + sign(x))/2"),
    (sp.Heaviside(x, 0), "step(x)"),
    (symbols.sigmoid(w * x + b), "sigmoid(([w x] + b))"),
    (symbols.Partial(sp.Symbol("E"), w), "partial:∂(E, w)"),
    (f(x, y), "apply:f(x, y)"),
    (sp.Derivative(f(x), x), "applyprime:('f', (1,))(x)"),
    (sp.Derivative(f(x, y), x, (y, 2)), "applyprime:('f', (1, 2))(x, y)"),
    (sp.Derivative(sp.sin(x * y), (x, 2)), "diff:2(sin([x y]), x)"),
    (sp.Derivative(symbols.sigmoid(z), z), "prime:('sigmoid', 1)(z)"),
    (sp.Derivative(x, w), "partial:d(x, w)"),
    (sp.Integral(x**2, (x, 0, 1)), "integral(x^2, x, 0, 1)"),
    (sp.Sum(sp.IndexedBase("y")[i] ** 2, (i, 1, 4)), "sigma(index:y(i)^2, i, 1, 4)"),
    (sp.Limit(1 / x, x, sp.oo), "limit(1/x, x, oo)"),
    (sp.Piecewise((x, x > 0), (0, True)), "cases(x, rel:>(x, 0), 0)"),
    (sp.Eq(x, y), "rel:=(x, y)"),
    (sp.FiniteSet(y, 1, x), "set(1, x, y)"),
    (sp.diff(sp.Abs(x), x), "[x sign(x)]/x"),
    (sp.Derivative(x, x), "1"),
    (x**0.5 + x**2.0, "(x^1/2. + x^2.)"),
    (sp.floor(x), "floor(x)"),
    (sp.sech(x), "1/cosh(x)"),
    (X * W - T, "({X W} + -T)"),
    ((X * W).applyfunc(symbols.sigmoid), "sigmoid({X W})"),
    ((X * W).applyfunc(sp.Lambda(x, 1 / (1 + sp.exp(-x)))), "sigmoid({X W})"),
    ((X.T * X + lam * sp.Identity(d)).inv() * X.T * T, "{inv(({X' X} + [lambda eye(d)])) X' T}"),
    (sp.log(sp.Determinant(X.T * X)), "logdet({X' X})"),
    (sp.HadamardProduct(X, X), "[X X]"),
    (-2 * X, "-[2 X]"),
    (sp.OneMatrix(1, n) * X * sp.OneMatrix(d, 1), "sum(X)"),
    (sp.sqrt(sp.Trace((X * W - T).T * (X * W - T))), "norm2(({X W} + -T))"),
    (sp.Trace(X.T * X), "tr({X' X})"),
    (sp.Matrix([x, y]), "vector(x, y)"),
    (sp.Matrix([[x, y]]), "vector(x, y)'"),
    (sp.Matrix([sp.Rational(1, 3), sp.Rational(1, 7)]), "vector(1/3, 1/7)"),
    (W[0, 0] + X[1, 2], "(index:W(1) + index:X(2, 3))"),
]


@pytest.mark.parametrize(("e", "text"), PHRASES, ids=[text for _, text in PHRASES])
def test_phrase(e, text):
    assert spelled(from_sympy(e)) == text


def test_the_factor_asked_for_comes_first():
    assert spelled(from_sympy(a * w + x * t)) == "([a w] + [t x])"
    assert spelled(from_sympy(a * w + x * t, wrt=[w, x])) == "([w a] + [x t])"
    assert spelled(from_sympy(a * w, wrt="w")) == "[w a]"
    assert spelled(from_sympy(2 * a * w**2, wrt=w)) == "[2 w^2 a]"


def test_ridge():
    loss = sp.Trace((X * W - T).T * (X * W - T)) / n + lam * sp.Trace(W.T * W)
    assert spelled(from_sympy(loss)) == "({({W' X'} + -T') ({X W} + -T)}/n + [lambda {W' W}])"


@pytest.mark.parametrize(
    ("number", "text"),
    [(3, "3"), (-2, "-2"), (0.05, "1/20."), (Fraction(1, 3), "1/3"), (np.float64(0.1), "1/10."), (np.int64(4), "4"),
     (sp.Float("1e-400"), f"1/{10**400}."), (sp.Float("0.1", 40), "1/10.")],
)  # fmt: skip
def test_numbers_are_exact(number, text):
    assert spelled(from_sympy(number)) == text


def test_names_that_sympy_uses_for_constants_stay_names():
    names = ["pi", "gamma", "S", "E1", "beta", "I", "E", "N", "zeta", "lambda", "oo"]
    total = sp.Add(*map(sp.Symbol, names))
    term = from_sympy(total)
    assert sorted(term.free) == sorted(names)
    assert to_sympy(term) == total
    assert to_sympy(PI) is sp.pi
    assert to_sympy(sym("pi")) == sp.Symbol("pi")


def test_one_name_however_it_is_spelled():
    assert from_sympy(sp.Symbol("w_1")) is from_sympy(sp.Symbol("w1"))
    assert to_sympy(from_sympy(sp.Symbol("w_1"))) == sp.Symbol("w1")


@pytest.mark.parametrize(
    "e",
    [
        sp.Symbol("w_1") + sp.Symbol("w1"),
        sp.Symbol("x", real=True) + x,
        sp.Symbol("X") * sp.Trace(sp.MatrixSymbol("X", 2, 2)),
    ],
)
def test_two_symbols_that_are_one_name_are_refused(e):
    with pytest.raises(GraphError, match="rename one"):
        from_sympy(e)


@pytest.mark.parametrize(
    ("e", "named"),
    [(sp.gamma(x), "gamma"), (sp.I * x, "ImaginaryUnit"), (sp.LambertW(x), "LambertW"), (sp.nan, "NaN"),
     (sp.zoo, "ComplexInfinity"), (sp.Interval(0, 1), "Interval"), (sp.true, "BooleanTrue"),
     (sp.Derivative(sp.sin(x), (x, n)), "order n"), (sp.Integral(x, (x, 1)), "Integral"),
     (1j, "complex"), (True, "bool"), (None, "NoneType"), ("x", "str")],
)  # fmt: skip
def test_what_has_no_form_is_named(e, named):
    with pytest.raises(RuleError, match=named):
        from_sympy(e)


def test_a_string_is_never_executed():
    with pytest.raises(RuleError, match="read"):
        from_sympy("__import__('os')")


def test_symbols_that_are_not_names():
    with pytest.raises(ReadError, match="not a name"):
        from_sympy(sp.Symbol("a b") + 1)


def test_a_float_that_is_not_a_number():
    with pytest.raises((RuleError, DomainError)):
        from_sympy(math.inf * x)


# ---------------------------------------------------------------------------------------------------------- round trips
u, v, k = sym("u"), sym("v"), sym("k")
SCALARS = [
    u + 2 * v - 3,
    u / v - v / (u + 1),
    power(u, num(3)) - power(v, num(-2)),
    power(u, v),
    power(u, num(Fraction(2, 3))),
    neg(power(u - v, TWO)) / 2,
    fn("sigmoid", u * v - 1) * fn("log", u),
    prime("sigmoid", u * v),
    prime("tanh", u + v, 3),
    prime("softplus", fn("sin", u)),
    cases(u, rel(">", u, v), v * 2),
    cases(u, Term("and", (rel(">", u, v), rel("<=", u, ONE))), ZERO),
    operations.apply("max", u, v, num(Fraction(1, 2))),
    operations.apply("min", u, neg(v)),
    Term("sigma", (power(u, k), k, ZERO, num(5))),
    Term("apply", (10 * u,), "floor"),
    Term("diff", (fn("exp", u * v), u), 2),
    fn("relu", u) + fn("step", v) + fn("abs", v - u),
    num(Fraction(1, 20), ".") * u,
    PI * u,
]


def close(p, q):
    if isinstance(p, list):
        return len(p) == len(q) and all(map(close, p, q))
    return (bool(p.overlaps(q)) and min(p.rel_accuracy_bits(), q.rel_accuracy_bits()) > 60) or p == q == 0


@pytest.mark.parametrize("term", SCALARS, ids=map(spelled, SCALARS))
def test_round_trip(term):
    at = {"u": Fraction(7, 5), "v": Fraction(3, 4)}
    assert close(ball(from_sympy(to_sympy(term)), at), ball(term, at))


@pytest.mark.parametrize("name", functions.TABLE)
def test_round_trip_of_the_table(name):
    at = {"u": functions.TABLE[name].samples[-1]}
    for term in (fn(name, u), fn(name, 1 * u)):
        assert close(ball(from_sympy(to_sympy(term)), at), ball(term, at))
    slope = prime(name, ONE * u)
    assert close(ball(from_sympy(to_sympy(slope)), at), ball(slope, at))


A, B, c = sym("A", ("n", "n")), sym("B", ("n", "m")), sym("c", ("n",))
apply = operations.apply
ARRAYS = [
    matmul(A, c) - 2 * c,
    matmul(transpose(c), A, c),
    matmul(transpose(B), A, B),
    mul(B, B),
    B / u,
    div(ONE, B),
    power(B, TWO),
    add(B, u),
    fn("tanh", B),
    prime("sigmoid", matmul(A, B)),
    *(apply(name, A) for name in ("tr", "det", "logdet", "inv", "diagv", "sum")),
    *(apply(name, B) for name in ("sum", "mean", "norm1", "norm2", "rowsum", "colsum", "rowmean", "colmean")),
    *(apply(name, B) for name in ("softmax", "logsoftmax", "lse")),
    *(apply(name, c) for name in ("softmax", "logsoftmax", "lse", "norm2", "norm1", "diag", "sum", "mean")),
    apply("kron", c, B),
    matpow(A, num(3)),
    matpow(A, num(-2)),
    A + operations.eye("n"),
    B - operations.ones(("n", "m")) + operations.zeros(("n", "m")),
    matmul(c, transpose(operations.ones(("m",)))) + B,
    power(apply("norm2", matmul(A, c)), TWO) / operations.dimension("n"),
]


@pytest.mark.parametrize("term", ARRAYS, ids=map(spelled, ARRAYS))
def test_round_trip_of_arrays(term):
    at = {"A": [[2, 1], [Fraction(1, 2), 3]], "B": [[1, -2, 0.5], [3, 4, -1]], "c": [0.3, 0.7], "u": 3}
    at |= {"n": 2, "m": 3}
    back = from_sympy(to_sympy(term))
    assert back.shape == term.shape
    assert close(ball(back, at), ball(term, at))


@pytest.mark.parametrize(
    "term",
    [partial(u, v), Term("apply", (u, v), "f"), Term("applyprime", (u, v), ("f", (1, 2))), Term("index", (k,), "y"),
     Term("integral", (u, u, ZERO, ONE)), Term("limit", (u, u, ZERO)), Term("set", (ONE, u)), rel("=", u, v),
     Term("vector", (u, v), None, (2,)), prime("sigmoid", u), u, c, A, matmul(A, c) / operations.dimension("n")],
    ids=spelled,
)  # fmt: skip
def test_round_trip_to_the_same_term(term):
    assert from_sympy(to_sympy(term)) is term


# ------------------------------------------------------------------------------------------------------------ to SymPy
def test_what_sympy_gets():
    E = sp.Symbol("u")
    assert to_sympy(num(Fraction(1, 20), ".")) == sp.Rational(1, 20)
    assert to_sympy(prime("sigmoid", u)) == sp.Derivative(symbols.sigmoid(E), E)
    assert to_sympy(prime("sigmoid", 2 * u)) == symbols.sigmoid(2 * E) * (1 - symbols.sigmoid(2 * E))
    assert to_sympy(Term("diff", (power(u, TWO), u), 1)) == sp.Derivative(E**2, E)
    assert to_sympy(Term("diff", (v, u), 1)) != 0
    assert to_sympy(Term("index", (k,), "y")) == sp.IndexedBase("y")[sp.Symbol("k")]
    assert to_sympy(Term("vector", (u, ONE), None, (2,))) == sp.Matrix([E, 1])
    assert to_sympy(c) == sp.MatrixSymbol("c", sp.Symbol("n", integer=True, positive=True), 1)
    assert sp.sympify(u + v) == sp.Symbol("u") + sp.Symbol("v")


def test_plus_minus_has_the_same_sign_everywhere():
    root = Term("pm", (ONE, u))
    assert to_sympy(root) == sp.FiniteSet(1 + sp.Symbol("u"), 1 - sp.Symbol("u"))
    assert to_sympy(root * root - Term("pm", (u,))) == sp.FiniteSet(
        *((1 + s * sp.Symbol("u")) ** 2 - s * sp.Symbol("u") for s in (1, -1))
    )
    assert to_sympy(Term("set", (ZERO, root))) == sp.FiniteSet(0, 1 + sp.Symbol("u"), 1 - sp.Symbol("u"))


@pytest.mark.parametrize("term", [apply("expm", A), apply("vec", B), Term("nonsense", (u,))])
def test_operations_that_sympy_lacks_are_named(term):
    with pytest.raises(RuleError, match=term.op):
        to_sympy(term)


# ---------------------------------------------------------------------------------------------------- order and sharing
SNIPPET = """
import sympy as sp
from symnet import symbols
from symnet.bridge import from_sympy
names = sp.symbols("w1:5 x1:5 b1:5 t p q")
w, x, b, (t, p, q) = names[:4], names[4:8], names[8:12], names[12:]
z = sum(u*v for u, v in zip(w, x)) + b[0]
e = (symbols.sigmoid(w[1]/(1 + sp.exp(-z)) + b[1]) - t)**2/2 + sp.Max(p, q, t) + sp.sin(p)*sp.cos(q)*sp.exp(t)
e += sp.Piecewise((p, (p > q) & (q < t)), (t, True)) + sp.Symbol("lambda")*(w[0]**2 + w[1]**2)
def walk(node):
    return f"{node.op}:{node.data}({','.join(map(walk, node.args))})"
print(walk(from_sympy(e)), walk(from_sympy(sp.FiniteSet(p, q, t, 1))))
"""


def test_the_same_bytes_under_every_hash_seed(hash_seed_outputs):
    assert len(set(hash_seed_outputs(SNIPPET))) == 1


def test_deep_expressions():
    e = x
    for j in range(1000):
        e = sp.Symbol(f"w{j}") * symbols.sigmoid(e) + sp.Symbol(f"b{j}")
    back = from_sympy(e)
    assert len(postorder(back)) == 5001
    assert to_sympy(back) == e


def test_shared_parts_stay_shared():
    e = x
    for _ in range(60):
        e = sp.sin(e) * sp.cos(e) + e
    start = time.perf_counter()
    term = from_sympy(e)
    assert len(postorder(term)) == 241
    assert term.size > 10**18
    assert to_sympy(term) == e
    assert time.perf_counter() - start < 5


def test_derivatives_of_the_result_are_those_of_the_term():
    term = fn("sigmoid", u * v) + fn("relu", v)
    slope = sp.diff(to_sympy(term), sp.Symbol("u"))
    at = {"u": 0.3, "v": 0.7}
    assert close(ball(from_sympy(slope), at), ball(Term("diff", (term, u), 1), at))


def test_the_variable_of_a_lambda_is_found_whichever_object_it_is() -> None:
    """SymPy compares symbols by name: the variable and the one in the body need not be one object."""
    from sympy.core.cache import clear_cache

    body = 1 / (1 + sp.exp(-sp.Symbol("s")))
    clear_cache()
    e = sp.MatrixSymbol("X", 2, 3).applyfunc(sp.Lambda(sp.Symbol("s"), body))
    assert spelled(from_sympy(e)) == "sigmoid(X)"


def test_each_direction_loads_its_own_rows() -> None:
    """What takes long to load waits until somebody needs it."""
    code = """
import sys, symnet
assert "importlib.metadata" not in sys.modules
import sympy
print(sympy.sympify(symnet.derive("E = (w x - t)^2").gradient["w"]))
print([m for m in ("symnet.bridge.inward", "symnet.symbols", "sympy.tensor.array.expressions") if m in sys.modules])
print(symnet.bridge.from_sympy(sympy.Array([1, 2])), symnet.__version__ != "")
"""
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split("\n")
    assert out[:3] == ["2*x*(-t + w*x)", "[]", "[1, 2] True"]
