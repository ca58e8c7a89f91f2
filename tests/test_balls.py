"""Rigorous values: against SymPy at 60 digits, at the places where floats fail, and where there is no value."""

import math
import subprocess
import sys
from fractions import Fraction

import pytest
import sympy as sp
from flint import arb, arb_mat

from symnet import functions, operations
from symnet.balls import (
    PRIMITIVES,
    BallMath,
    NotDecided,
    TooWide,
    ball,
    decide_sign,
    evaluate,
    function,
    jet,
    jet_of,
    value,
)
from symnet.errors import DomainError, NameLookupError, OverflowError_, RuleError, ShapeError, SizeError
from symnet.functions import PI
from symnet.term import (
    ONE,
    TWO,
    ZERO,
    Term,
    add,
    cases,
    fn,
    matmul,
    matpow,
    mul,
    neg,
    num,
    power,
    prime,
    rel,
    sym,
    transpose,
)

x, y, z = sym("x"), sym("y"), sym("z")


def diff(body, by=x, order=1):
    return Term("diff", (body, by), order)


def sigmoid(t):
    return fn("sigmoid", t)


# ---------------------------------------------------------------------------------------------------- values as floats
VALUES = [
    (diff(sigmoid(x)), {"x": -1000}, 0.0),
    (diff(sigmoid(x)), {"x": -400}, 1.9151695967140057e-174),
    (prime("sigmoid", x), {"x": -400}, 1.9151695967140057e-174),
    (fn("log", ONE + fn("exp", x)), {"x": 800}, 800.0),
    (neg(fn("log", sigmoid(x))), {"x": 50}, 1.9287498479639178e-22),
    (diff(fn("tanh", x)), {"x": 20}, 1.6993417021166355e-17),
    ((fn("exp", x) - 1) / x, {"x": 1e-16}, 1.0),
    (fn("exp", x) * fn("exp", -x), {"x": 900}, 1.0),
    (num(Fraction(1, 10**400)) * x, {"x": 1}, 0.0),
    (diff(fn("abs", x)), {"x": 7}, 1.0),
    (diff(fn("abs", x)), {"x": -7}, -1.0),
    (fn("sin", x), {"x": PI}, 0.0),
    (fn("sin", x), {"x": sp.pi / 6}, 0.5),
    (fn("sqrt", x), {"x": Fraction(9, 4)}, 1.5),
    (power(x, y), {"x": -8, "y": 3}, -512.0),
    (power(x, y), {"x": 0, "y": 0}, 1.0),
    (power(x, y), {"x": 0, "y": 0.5}, 0.0),
    (x, {"x": 0.1}, 0.1),
    (mul(num(3), x), {"x": 0.1}, 0.3),
    (Term("apply", (num(Fraction(29, 100)) * num(100),), "floor"), {}, 29.0),
    (Term("apply", (fn("exp", x),), "ceil"), {"x": 1}, 3.0),
    (fn("erf", x), {"x": 0}, 0.0),
    (fn("sign", x), {"x": 0}, 0.0),
    (fn("step", x), {"x": 0}, 0.0),
    (fn("relu", x), {"x": 0}, 0.0),
]


@pytest.mark.parametrize(("t", "at", "expected"), VALUES)
def test_value(t, at, expected):
    assert math.isclose(evaluate(t, at), expected, rel_tol=1e-15, abs_tol=0.0)


TEXTS = [
    ("diff(sigmoid(x), x)", {"x": -1000}, 0.0),
    ("w_1 x + b", {"w₁": 2, "x": "0.1", "b": "1/3"}, 8 / 15),
    ("e^x", {"x": "ln 2"}, 2.0),
    ("sin(x)", {"x": "pi/6"}, 0.5),
    ("floor(0.57*100)", {}, 57.0),
    (r"\sum_{i=1}^3 y_i", {"y": [1, 2, 3]}, 6.0),
    (r"\sum_{i=1}^3 y_i", {"y1": 1, "y_2": 2, "y₃": 3}, 6.0),
    ("2 pi", {"pi": 3}, 6.0),
]


@pytest.mark.parametrize(("text", "at", "expected"), TEXTS)
def test_value_of_a_text(text, at, expected):
    assert evaluate(text, at) == pytest.approx(expected, rel=1e-15)


NO_VALUE = [
    (fn("log", x), {"x": 0}, "log of 0"),
    (fn("log", x), {"x": -1}, "log of a negative number"),
    (x / y, {"x": 0, "y": 0}, "0/0"),
    (x / y, {"x": 1, "y": 0}, "division by 0"),
    (power(x, y), {"x": 0, "y": -2}, "division by 0"),
    (fn("sqrt", x), {"x": -1}, "sqrt of a negative number"),
    (power(x, y), {"x": -8, "y": Fraction(1, 3)}, "fractional exponent"),
    (fn("asin", x), {"x": 2}, "asin"),
    (fn("acosh", x), {"x": 0.5}, "acosh"),
    (fn("atanh", x), {"x": 1}, "atanh"),
    (fn("tan", x), {"x": sp.pi / 2}, "not decided"),
    (fn("log", fn("sin", x)), {"x": sp.pi}, "not decided"),
    (diff(fn("abs", x)), {"x": 0}, "corner"),
    (prime("relu", x), {"x": 0}, "corner"),
    (diff(fn("sqrt", x)), {"x": 0}, "division by 0"),
    (x, {"x": math.inf}, "inf"),
    (x, {"x": math.nan}, "nan"),
    (x, {"x": "inf"}, "inf"),
    (x, {"x": sp.oo}, "oo"),
    (x, {"x": sp.nan}, "nan"),
]


@pytest.mark.parametrize(("t", "at", "why"), NO_VALUE)
def test_what_does_not_exist_is_an_error(t, at, why):
    with pytest.raises(DomainError, match=why):
        evaluate(t, at)


TOWER = power(num(9), power(num(9), power(num(9), x)))


@pytest.mark.parametrize("t", [fn("exp", x), fn("exp", fn("exp", fn("exp", x))), power(num(10), x), TOWER])
def test_overflow(t):
    with pytest.raises(OverflowError_):
        evaluate(t, {"x": 1000})


def test_the_largest_floats_are_values():
    assert evaluate(power(TWO, x), {"x": 1023}) == 2.0**1023
    assert evaluate(power(TWO, x), {"x": -1074}) == 5e-324
    assert evaluate(fn("exp", x), {"x": 709.78}) == pytest.approx(math.exp(709.78), rel=1e-12)


@pytest.mark.parametrize(
    ("t", "error"),
    [
        (sym("w"), NameLookupError),
        (Term("apply", (x,), "f"), RuleError),
        (Term("partial", (x, y), "∂"), RuleError),
        (Term("integral", (z, z, ZERO, ONE)), RuleError),
        (sym("X", ("n",)), ShapeError),
        (rel("<", x, y), ShapeError),
        (Term("sigma", (x, sym("i"), ONE, num(10**9))), SizeError),
    ],
)
def test_refused(t, error):
    with pytest.raises(error):
        evaluate(t, {"x": 1, "y": 2, "X": [1, 2]})


def test_cancellation_is_paid_for_with_bits():
    t = 4 * x + x / fn("tanh", x) + fn("tanh", x)
    derivative = diff(fn("tanh", t))
    a = sp.Rational(5, 2)
    s = sp.Symbol("s")
    u = 4 * s + s / sp.tanh(s) + sp.tanh(s)
    exact = sp.diff(sp.tanh(u), s).subs(s, a).evalf(30, maxn=2000)
    assert math.isclose(evaluate(derivative, {"x": 2.5}), float(exact), rel_tol=1e-14)


# ------------------------------------------------------------------------------------------------------------- corners
@pytest.mark.parametrize(
    ("t", "slope"),
    [
        (fn("abs", x) * fn("sin", x), 0.0),
        (power(fn("relu", x), TWO), 0.0),
        (fn("abs", power(x, num(3))), 0.0),
        (cases(power(x, TWO), rel(">", x, ZERO), ZERO), 0.0),
        (operations.apply("max", x, mul(TWO, x)) - x / 2 - fn("abs", x) / 2, 1.0),
        (fn("elu", x), 1.0),
        (fn("softsign", x), 1.0),
    ],
)
def test_both_sides_of_a_corner_may_agree(t, slope):
    assert evaluate(diff(t), {"x": 0}) == slope


@pytest.mark.parametrize("name", [row.name for row in functions.TABLE.values() if row.corners])
def test_corners_of_the_table(name):
    for corner in functions.TABLE[name].corners:
        with pytest.raises(DomainError, match="corner"):
            evaluate(prime(name, x), {"x": corner.at})


def test_only_the_branch_that_is_taken_is_evaluated():
    t = cases(fn("log", x), rel(">", x, ZERO), -x)
    assert evaluate(t, {"x": -3}) == 3.0
    with pytest.raises(DomainError, match="no case"):
        evaluate(cases(x, rel(">", x, ZERO)), {"x": -3})


# --------------------------------------------------------------------------------------------------------- derivatives
SAMPLES = {name: row.samples for name, row in functions.TABLE.items()}


@pytest.mark.parametrize("name", functions.TABLE)
def test_slopes_of_the_table(name):
    """The written slope of each row is the derivative of its value."""
    row = functions.TABLE[name]
    for a in row.samples:
        where = jet_of(a)
        written = jet_of(row.slope(where, jet_of(ball(fn(name, x), {"x": a}, 200)), BallMath)).number
        assert arb(ball(prime(name, x), {"x": a}, 200)).overlaps(arb(written)), (name, a)


@pytest.mark.parametrize("name", [n for n in PRIMITIVES if hasattr(sp, n)])
def test_higher_derivatives_of_the_primitives(name):
    s = sp.Symbol("s")
    a = sp.Rational(7, 5) if name == "acosh" else sp.Rational(2, 7)
    for order in (1, 2, 5):
        exact = sp.diff(getattr(sp, name)(s), s, order).subs(s, a).evalf(40)
        got = evaluate(diff_of_primitive(name, order), {"x": a})
        assert math.isclose(got, float(exact), rel_tol=1e-14)


def diff_of_primitive(name, order):
    assert name in PRIMITIVES
    return diff(Term("fn", (x,), name), x, order)


def test_order_twenty():
    got = evaluate(diff(fn("exp", -power(x, TWO)), x, 20), {"x": 0.3})
    s = sp.Symbol("s")
    exact = (sp.hermite(20, s) * sp.exp(-(s**2))).subs(s, sp.Rational(3, 10)).evalf(30)
    assert math.isclose(got, float(exact), rel_tol=1e-14)


def test_mixed_and_nested_derivatives():
    body = fn("sin", x * y) * fn("exp", power(x, y))
    got = evaluate(diff(diff(body, x, 2), y), {"x": 0.7, "y": 1.3})
    a, b = sp.symbols("a b", positive=True)
    exact = sp.diff(sp.sin(a * b) * sp.exp(a**b), a, 2, b)
    exact = exact.subs({a: sp.Rational(7, 10), b: sp.Rational(13, 10)}).evalf(30)
    assert math.isclose(got, float(exact), rel_tol=1e-14)


def test_the_two_epsilons_of_nested_derivatives_are_kept_apart():
    """d/dx (x · d/dy (x + y)) = 1, not 2."""
    assert evaluate(diff(x * diff(x + y, y)), {"x": 1, "y": 1}) == 1.0


def test_a_jet_is_the_directional_derivative():
    loss = power(sigmoid(x * y) - z, TWO) / 2
    at, direction = {"x": 0.5, "y": -0.4, "z": 1}, {"x": 2, "y": 3}
    here, slope = jet(loss, at, direction)
    assert here.overlaps(ball(loss, at))
    assert slope.overlaps(2 * ball(diff(loss, x), at) + 3 * ball(diff(loss, y), at))
    assert slope.rel_accuracy_bits() > 100


def test_a_jet_at_a_corner():
    assert jet(power(fn("relu", x), TWO), {"x": 0}, {"x": 1})[1] == 0
    with pytest.raises(DomainError, match="corner"):
        jet(fn("relu", x), {"x": 0}, {"x": 1})


# -------------------------------------------------------------------------------------------------------------- arrays
A = sym("A", ("n", "n"))
B = sym("B", ("n", "m"))
v = sym("v", ("n",))
AT = {"A": [[2, 1], [Fraction(1, 2), 3]], "B": [[1, -2, 0.5], [3, 4, -1]], "v": [0.3, -0.7]}
apply = operations.apply


def floats(x):
    return [floats(c) for c in x] if isinstance(x, list) else float(x)


ARRAYS = [
    (matmul(A, v), [-0.1, -1.95]),
    (matmul(transpose(v), A, v), 1.335),
    (transpose(B), [[1, 3], [-2, 4], [0.5, -1]]),
    (mul(TWO, v), [0.6, -1.4]),
    (add(v, ONE), [1.3, 0.3]),
    (mul(B, B), [[1, 4, 0.25], [9, 16, 1]]),
    (apply("tr", A), 5),
    (apply("det", A), 5.5),
    (apply("inv", A), [[6 / 11, -2 / 11], [-1 / 11, 4 / 11]]),
    (apply("logdet", A), math.log(5.5)),
    (apply("sum", B), 5.5),
    (apply("mean", B), 5.5 / 6),
    (apply("norm1", v), 1.0),
    (apply("norm2", v), math.sqrt(0.58)),
    (apply("diag", v), [[0.3, 0], [0, -0.7]]),
    (apply("diagv", A), [2, 3]),
    (apply("rowsum", B), [-0.5, 6]),
    (apply("colsum", B), [[4, 2, -0.5]]),
    (apply("rowmean", B), [-0.5 / 3, 2]),
    (apply("colmean", B), [[2, 1, -0.25]]),
    (apply("vec", B), [1, 3, -2, 4, 0.5, -1]),
    (apply("kron", v, v), [0.09, -0.21, -0.21, 0.49]),
    (apply("lse", v), math.log(math.exp(0.3) + math.exp(-0.7))),
    (apply("softmax", v), [1 / (1 + math.exp(-1)), 1 / (1 + math.exp(1))]),
    (apply("logsoftmax", v), [-math.log1p(math.exp(-1)), -math.log1p(math.exp(1))]),
    (apply("max", v, ZERO), [0.3, 0]),
    (apply("min", v, ZERO), [0, -0.7]),
    (matpow(A, TWO), [[4.5, 5], [2.5, 9.5]]),
    (matpow(A, num(-1)), [[6 / 11, -2 / 11], [-1 / 11, 4 / 11]]),
    (apply("ones", sym("n")), [1, 1]),
    (apply("zeros", sym("n"), sym("m")), [[0, 0, 0], [0, 0, 0]]),
    (apply("eye", sym("n")), [[1, 0], [0, 1]]),
    (matmul(transpose(operations.ones(("n",))), v), -0.4),
    (fn("exp", v), [math.exp(0.3), math.exp(-0.7)]),
    (Term("vector", (x, y), None, (2,)), [5, 6]),
    (sym("n") * apply("norm1", v), 2),
    (Term("sigma", (power(Term("index", (sym("i"),), "v"), TWO), sym("i"), ONE, sym("n"))), 0.58),
]


@pytest.mark.parametrize(("t", "expected"), ARRAYS, ids=[f"{t.op}{i}" for i, (t, _) in enumerate(ARRAYS)])
def test_array(t, expected):
    sizes = {"n": 2, "m": 3} if set(t.free) <= {"n", "m", "i"} else {}
    assert near(floats(ball(t, {**AT, "x": 5, "y": 6, **sizes})), expected)


def near(a, b):
    if isinstance(b, list):
        return len(a) == len(b) and all(map(near, a, b))
    return math.isclose(a, b, rel_tol=1e-13, abs_tol=1e-15)


def test_softmax_runs_along_the_rows_of_a_matrix():
    rows = floats(ball(apply("softmax", B), AT))
    assert near([sum(r) for r in rows], [1, 1])
    assert floats(ball(apply("softmax", sym("C", ("n", "k"))), {"C": [[1], [2]]})) == [[1.0], [1.0]]


def test_the_exponential_of_a_matrix_and_its_derivative():
    e = ball(apply("expm", A), AT)
    flat = arb_mat([[arb(2), arb(1)], [arb(1) / 2, arb(3)]]).exp()
    assert all(e[i][j].overlaps(flat[i, j]) for i in range(2) for j in range(2))
    slope = jet(apply("tr", apply("expm", A)), AT, {"A": [[1, 2], [3, 4]]})[1]
    expected = e[0][0] + 3 * e[0][1] + 2 * e[1][0] + 4 * e[1][1]  # tr(expm(A) D)
    assert slope.overlaps(expected) and slope.rel_accuracy_bits() > 90


def test_derivatives_of_array_operations():
    """The derivative of log det along D is tr(A⁻¹ D); of ‖v‖ along d it is v·d/‖v‖."""
    slope = jet(apply("logdet", A), AT, {"A": [[1, 0], [0, 0]]})[1]
    assert slope.overlaps(ball(apply("inv", A), AT)[0][0])
    slope = jet(apply("norm2", v), AT, {"v": [1, 0]})[1]
    assert slope.overlaps(ball(mul(v, ONE / apply("norm2", v)), AT)[0])


def test_a_ridge_program():
    """The gradient of ‖Bᵀv − t‖² is 2 B (Bᵀv − t), by the forward mode, coordinate by coordinate."""
    t = sym("t", ("m",))
    error = matmul(transpose(B), v) - t
    at = {**AT, "t": [1, 2, 3]}
    gradient = ball(mul(TWO, matmul(B, error)), at)
    for k in range(2):
        direction = {"v": [int(j == k) for j in range(2)]}
        assert jet(power(apply("norm2", error), TWO), at, direction)[1].overlaps(gradient[k])


def test_singular_matrix():
    with pytest.raises(DomainError, match="inverse"):
        ball(apply("inv", A), {"A": [[1, 2], [2, 4]]})


def test_sizes_that_do_not_fit():
    with pytest.raises(ShapeError):
        ball(matmul(A, v), {"A": [[1, 2], [3, 4]], "v": [1, 2, 3]})
    with pytest.raises(ShapeError):
        ball(v, {"v": [[1, 2], [3]]})


# --------------------------------------------------------------------------------------------------------------- signs
def test_signs():
    assert decide_sign(fn("sin", x) - y, {"x": 0.1, "y": 0.0998}) == 1
    assert decide_sign(fn("sin", x) - y, {"x": 0.1, "y": 0.0999}) == -1
    assert decide_sign(x - num(Fraction(1, 10)), {"x": 0.1}) == 0
    assert decide_sign(power(fn("sqrt", x), TWO) - 2, {"x": 2}) is None


def test_a_ball_that_is_too_wide_says_so():
    t = ONE / (power(fn("sqrt", x), TWO) - 2)
    with pytest.raises(TooWide):
        ball(t, {"x": 2})
    with pytest.raises(NotDecided):
        evaluate(t, {"x": 2})


def test_a_value_is_exact_where_it_can_be():
    assert value(x * y - 1, {"x": 0.3, "y": Fraction(1, 3)}) == Fraction(-9, 10)
    assert value(fn("relu", x), {"x": -2}) == 0
    assert value(fn("exp", x), {"x": 1}, 64).overlaps(arb.const_e())


def test_balls_hold_the_truth():
    """At 20 bits the ball is wide, and it holds the value at 500 bits."""
    for name in ("sin", "exp", "erf", "atan", "tanh", "cosh"):
        wide = ball(fn(name, x), {"x": Fraction(1, 3)}, 20)
        assert wide.contains(ball(fn(name, x), {"x": Fraction(1, 3)}, 500))


def test_depth_is_free():
    t = x
    for _ in range(5000):
        t = fn("sin", t)
    assert evaluate(t, {"x": 1}) == pytest.approx(math.sqrt(3 / 5000), rel=0.01)


def test_shared_parts_are_evaluated_once():
    t = x
    for _ in range(200):
        t = t * t / (ONE + t)
    assert evaluate(t, {"x": 1}) == 0.0


def test_precision_is_restored():
    from flint import ctx

    before = ctx.prec
    ball(fn("exp", x), {"x": 1}, 777)
    with pytest.raises(DomainError):
        ball(ONE / x, {"x": 0}, 777)
    assert ctx.prec == before


def test_function_is_a_taylor_series():
    s = function("exp", jet_of(0))
    assert s.number == 1


def test_balls_load_neither_sympy_nor_numpy():
    code = "import sys, symnet.balls as b; b.evaluate; print([m for m in ('sympy', 'numpy') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8").stdout == "[]\n"
