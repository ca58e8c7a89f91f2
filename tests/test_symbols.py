"""The table's functions as SymPy functions: values, derivatives, printers, code, and every SymPy operation on them."""

import os
import pickle
import subprocess
import sys
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy
from sympy import I, Piecewise, Rational, Symbol, exp, log, oo, symbols

from symnet import losses
from symnet import symbols as sn
from symnet.errors import ShapeError
from symnet.functions import TABLE
from symnet.term import num, sym

x, z = Symbol("x"), Symbol("z", real=True)
OWN = [name for name in TABLE if name not in sn.KNOWN]
EACH = pytest.mark.parametrize("name", OWN)


def function(name):
    return getattr(sn, name)


# --------------------------------------------------------------------------------------------------- walks of the table
def test_every_row_has_a_function():
    assert set(TABLE) == set(OWN) | set(sn.KNOWN)
    assert all(issubclass(function(name), sympy.Function) for name in OWN)
    assert all(callable(getattr(sn, name)) for name in (*TABLE, *losses.TABLE, "neuron", "Partial"))
    assert set(sn.LIMITS) <= set(OWN)


@EACH
def test_the_derivative_is_that_of_the_formula(name):
    f, formula = function(name), function(name).formula_at(z)
    for sample in TABLE[name].samples:
        at = {x: Rational(sample), z: Rational(sample)}
        assert sympy.N(f(x).diff(x).subs(at) - formula.diff(z).subs(at), 30) == pytest.approx(0, abs=1e-25)


@EACH
def test_values_to_forty_digits(name):
    f = function(name)
    for sample in TABLE[name].samples:
        got, formula = f(Rational(sample)).evalf(40), f.formula_at(Rational(sample)).evalf(60)
        assert abs(got - formula) <= abs(formula) * Rational(1, 10**38)
        assert f(float(sample)) == pytest.approx(float(f.formula_at(sympy.Float(float(sample)))), rel=1e-14)


@EACH
def test_pickles(name):
    expr = function(name)(x) + function(name)(x).diff(x)
    assert pickle.loads(pickle.dumps(expr)) == expr
    assert pickle.loads(pickle.dumps(function(name))) is function(name)


@EACH
def test_lambdify_runs_the_stable_code(name):
    f = sympy.lambdify(x, function(name)(x), "numpy")
    places = np.array([-1000.0, -2.5, 0.0, 0.5, 1000.0])
    with np.errstate(all="raise", under="ignore"):
        got = f(places)
        assert np.array_equal(got, sn.numpy_function(name)(places)) and np.all(np.isfinite(got))
        assert f(0.5) == got[3]
    assert sympy.lambdify([x], [function(name)(x), function(name)(2 * x)], cse=True)(0.25)[1] == got[3]
    assert sympy.lambdify(x, function(name)(x), "math")(0.5) == got[3]
    assert float(sympy.lambdify(x, function(name)(x), "mpmath")(0.5)) == pytest.approx(got[3], rel=1e-14)


@EACH
def test_printers(name):
    expr, row = function(name)(x), TABLE[name]
    assert str(expr) == f"{name}(x)" and row.latex in sympy.latex(expr)
    assert sympy.latex(expr**2) == row.latex + r"^{2}\left(x\right)"
    assert sympy.pretty(expr, use_unicode=True) == f"{row.text}(x)"
    assert sympy.pretty(expr, use_unicode=False) == f"{name}(x)"
    assert "\\xi" not in sympy.latex(expr.diff(x, 2))


@EACH
def test_limits_at_infinity(name):
    f = function(name)
    for end, far in ((-oo, -1e6), (oo, 1e6)):
        limit, value = f(end), sn.numpy_function(name)(far)
        assert value == pytest.approx(float(limit), abs=1e-5) if limit.is_finite else value * limit > 9000


@EACH
def test_assumptions(name):
    f, row = function(name), TABLE[name]
    assert f(z).is_real and f(z).is_finite and f(x).is_real is None
    assert sympy.re(f(z)) == f(z)
    assert f(z).is_positive is (True if row.range_.startswith("(0,") else None if name != "logsigmoid" else False)
    if row.range_.startswith(("(0,", "[0,")):
        assert f(z).is_nonnegative


@pytest.mark.parametrize("name", [name for name in OWN if name not in (*sn.BRANCHED, "softsign")])
def test_series_and_expand(name):
    series = function(name)(x).series(x, 0, 4).removeO()
    h = Rational(1, 1000)
    assert abs((series.subs(x, h) - function(name)(h)).evalf()) < 1e-11
    leading = function(name)(x).as_leading_term(x)
    assert float((leading / function(name)(x)).subs(x, h)) == pytest.approx(1, abs=0.01)
    assert function(name)(x).expand(func=True).has(function(name)) is False


# ---------------------------------------------------------------------------------------------------------- phrase book
@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        (sn.sigmoid(0), Rational(1, 2)),
        (sn.sigmoid(1), sn.sigmoid(1, evaluate=False)),
        (sn.sigmoid(oo), 1),
        (sn.softplus(0), log(2)),
        (sn.logsigmoid(0), -log(2)),
        (sn.relu(2), 2),
        (sn.relu(-3), 0),
        (sn.relu(0), 0),
        (sn.relu(Symbol("p", positive=True)), Symbol("p", positive=True)),
        (sn.relu(Symbol("q", negative=True)), 0),
        (sn.step(0), 0),
        (sn.step(3), 1),
        (sn.leaky_relu(-2), Rational(-1, 50)),
        (sn.elu(-1), exp(-1) - 1),
        (sn.hard_sigmoid(1), Rational(2, 3)),
        (sn.hard_tanh(-4), -1),
        (sn.gelu(0), 0),
        (sn.sigmoid(x).diff(x), sn.sigmoid(x) * (1 - sn.sigmoid(x))),
        (sn.sigmoid(2 * x).diff(x), 2 * sn.sigmoid(2 * x) * (1 - sn.sigmoid(2 * x))),
        (sn.relu(x).diff(x), sn.step(x)),
        (sn.relu(x).diff(x, 2), 0),
        (sn.softplus(x).diff(x), sn.sigmoid(x)),
        (sn.leaky_relu(x).diff(x), Piecewise((1, x > 0), (Rational(1, 100), True))),
        (sn.sigmoid(x).rewrite(exp), 1 / (1 + exp(-x))),
        (sn.sigmoid(x).rewrite(sympy.tanh), sympy.tanh(x / 2) / 2 + Rational(1, 2)),
        (sn.silu(x).rewrite(exp), x / (1 + exp(-x))),
        (sn.relu(z).rewrite(Piecewise), sympy.Max(0, z).rewrite(Piecewise)),
        (sympy.simplify(sn.sigmoid(x).diff(x)), sn.sigmoid(x) * (1 - sn.sigmoid(x))),
        (sn.sigmoid(x).subs(x, 0), Rational(1, 2)),
        (sympy.limit(sn.sigmoid(x), x, oo), 1),
        (sympy.limit(sn.silu(x), x, -oo), 0),
        (sympy.solve(sn.sigmoid(x) - Rational(1, 3), x), [-log(2)]),
        (sn.tanh(x), sympy.tanh(x)),
        (sn.abs(-3), 3),
        (sn.identity(x), x),
    ],
)
def test_exact(expr, expected):
    assert expr == expected


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        (sn.sigmoid(0.5), 0.6224593312018546),
        (sn.sigmoid(-400).diff(x) + sn.sigmoid(x).diff(x).subs(x, -400), 1.9151695967140057e-174),
        (sn.softplus(-700), 9.859676543759770e-305),
        (sn.gelu(-20), -5.507248237212467e-88),
        (sn.silu(-50.0), -9.643749239819589e-21),
        (sn.elu(-1e-20), -1e-20),
        (sn.relu(-0.5), 0),
        (sn.step(0.5), 1),
        (sn.sigmoid(sympy.sqrt(2) - 3), 1 / (1 + np.exp(3 - np.sqrt(2)))),
    ],
)
def test_numbers(expr, expected):
    assert float(sympy.N(expr)) == pytest.approx(expected, rel=2e-15, abs=0)


def test_numbers_beyond_floats():
    """Values that cancel in the formula are right to every digit asked for, or are not given."""
    with mpmath.workdps(60):
        exactly = mpmath.mpf(-40) * mpmath.erfc(40 / mpmath.sqrt(2)) / 2
        assert sn.gelu(-40).evalf(40) == sympy.Float(exactly, 40)
    assert str(sn.sigmoid(-1000).evalf()) == "5.07595889754946e-435"
    assert sn.gelu(-500).evalf() == sn.gelu(-500)
    assert sn.sigmoid(I).evalf().has(I) and sn.relu(I) == sn.relu(I).evalf()
    assert sn.sigmoid(sympy.pi * x).evalf() == sn.sigmoid(sympy.pi.evalf() * x)
    assert sn.sigmoid(x).evalf(subs={x: 0.5}) == pytest.approx(0.6224593312018546)


def test_sympy_goes_on_with_them():
    s = sn.sigmoid(x)
    assert sympy.integrate(s * (1 - s), x) == s
    assert sympy.nsolve(s - 0.3, x, 0) == pytest.approx(float(log(0.3 / 0.7)))
    assert sympy.hessian(s, [x])[0].expand() == s.diff(x, 2).expand()
    assert sympy.factor(s**2 - s) == s * (s - 1)
    assert sympy.cse([s + 1, s**2])[0][0][1] == s
    assert sympy.ccode(s) == "(1.0/(1 + exp(-x)))"
    assert sympy.Max(0, sn.softplus(z)) == sn.softplus(z)


def test_no_two_arguments_and_no_second_place():
    with pytest.raises(TypeError):
        sn.sigmoid(x, x)
    with pytest.raises(sympy.core.function.ArgumentIndexError):
        sn.sigmoid(x).fdiff(2)
    with pytest.raises(NotImplementedError, match="has no inverse"):
        sn.gelu(x).inverse()


def test_what_is_accepted():
    assert sn.sigmoid(Fraction(1, 2)) == sn.sigmoid(Rational(1, 2))
    assert sn.sigmoid(sn.relu(x)).has(sn.relu)
    with pytest.raises(sympy.SympifyError):
        sn.sigmoid(object())


# ---------------------------------------------------------------------------------------------------------- derivatives
def test_partial_is_inert():
    E, w, b = symbols("E w b")
    p = sn.Partial(E, w)
    assert sympy.latex(p) == r"\frac{\partial E}{\partial w}"
    assert sympy.latex(p**2) == r"\left(\frac{\partial E}{\partial w}\right)^{2}"
    assert p.subs(w, 2) == p and p.subs(E, w * b) == p and p.subs(w, b) == sn.Partial(E, b)
    assert p.diff(b) == 0 and p.diff(w) == sympy.Derivative(p, w) and p.evalf() == p and p.doit() == p
    assert sympy.expand((p + 1) ** 2) == p**2 + 2 * p + 1
    assert pickle.loads(pickle.dumps(p)) == p


# --------------------------------------------------------------------------------------------------- neurons and losses
x1, x2, w1, w2, b, t = symbols("x1 x2 w1 w2 b t")


def test_neuron():
    z = w1 * x1 + w2 * x2 + b
    assert sn.neuron([x1, x2], [w1, w2], b) == z
    assert sn.neuron([x1, x2], [w1, w2], b, sn.sigmoid) == sn.sigmoid(z)
    assert sn.neuron((x1, x2), sympy.Matrix([w1, w2]), b, "relu") == sn.relu(z)
    assert sn.neuron(x1, w1) == w1 * x1
    assert sn.neuron([x1], [w1], 0, sn.tanh) == sympy.tanh(w1 * x1)
    with pytest.raises(ShapeError, match="2 inputs and 1 weights"):
        sn.neuron([x1, x2], [w1], b)


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        (sn.mse(x1, t), (x1 - t) ** 2),
        (sn.half_sse(x1, t), (x1 - t) ** 2 / 2),
        (sn.mse([x1, x2], [1, 0]), (x1 - 1) ** 2 / 2 + x2**2 / 2),
        (sn.sse(sympy.Matrix([x1, x2]), [1, 0]), (x1 - 1) ** 2 + x2**2),
        (sn.mse(sympy.Matrix([[x1, x2], [w1, w2]]), np.zeros((2, 2), int)), (x1**2 + x2**2 + w1**2 + w2**2) / 2),
        (sn.bce(x1, t), -t * log(x1) - (1 - t) * log(1 - x1)),
        (sn.bce_logits(x1, t), sn.softplus(x1) - t * x1),
        (sn.cross_entropy([x1, x2], [0, 1]), log(exp(x1) + exp(x2)) - x2),
        (sn.hinge(x1, 1), sympy.Max(0, 1 - x1)),
        (sn.kl([x1], [t]), t * log(t / x1)),
        (sn.mae(x1, t), sympy.Abs(x1 - t)),
    ],
)
def test_losses(expr, expected):
    assert sympy.expand(expr - expected) == 0


def test_every_loss_is_a_function_of_one_prediction_or_a_list():
    for name in losses.TABLE:
        assert isinstance(function(name)(x1, t), sympy.Expr)
        assert function(name)([x1, x2], [t, 1]).free_symbols == {x1, x2, t}


def test_a_matrix_symbol_is_refused_with_a_remedy():
    with pytest.raises(ShapeError, match="write the formula as text"):
        sn.mse(sympy.MatrixSymbol("X", 3, 1), sympy.MatrixSymbol("y", 3, 1))


def test_the_first_example_of_the_readme():
    """A neuron with a loss, differentiated, put into numbers and compiled by SymPy alone."""
    E = sn.mse(sn.neuron([x1, x2], [w1, w2], b, sn.sigmoid), t)
    gradient = [E.diff(v) for v in (w1, w2, b)]
    at = {x1: 1, x2: 2, w1: Rational(1, 2), w2: -1, b: 0, t: 1}
    numbers = sympy.lambdify([x1, x2, w1, w2, b, t], gradient)(*at.values())
    assert numbers == pytest.approx([float(g.subs(at)) for g in gradient])
    y = 1 / (1 + np.exp(1.5))
    assert numbers[2] == pytest.approx(2 * (y - 1) * y * (1 - y))


# --------------------------------------------------------------------------------------------------------------- safety
def test_text_is_read_by_symnet(tmp_path):
    """No string reaches SymPy's parser, which would run it."""
    mark = tmp_path / "mark"
    attack = f"__import__('pathlib').Path({str(mark)!r}).touch()"
    for f in (sn.sigmoid, sn.tanh, sn.mse, sn.neuron, sn.Partial):
        with pytest.raises(ValueError):
            f(attack) if f in (sn.sigmoid, sn.tanh) else f(attack, attack)
    assert not mark.exists()
    assert sn.sigmoid("2 z") == sn.sigmoid(2 * Symbol("z"))


def test_terms_are_accepted():
    assert sn.sigmoid(sym("x") + num(1)) == sn.sigmoid(x + 1)


def test_the_same_in_every_run():
    code = "from symnet import symbols as s; import sympy; x, y = sympy.symbols('x y')\n"
    code += "print(sympy.latex(s.mse([s.sigmoid(x*y), s.gelu(x)], [y, 1]).diff(x)))"
    outputs = set()
    for seed in "012":
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        run = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=100)
        assert run.returncode == 0, run.stderr
        outputs.add(run.stdout)
    assert len(outputs) == 1
