"""The table of elementwise functions, row by row, against mpmath."""

import math
import subprocess
import sys
from fractions import Fraction

import mpmath as mp
import numpy as np
import pytest

from symnet.errors import RuleError
from symnet.functions import ALIASES, TABLE, TermMath, lookup, names
from symnet.term import Term, fold, sym

ROWS = list(TABLE.values())
EACH = pytest.mark.parametrize("row", ROWS, ids=names())
Z, Y = sym("z"), sym("y")


class MpMath:
    """The mathematics of mpmath numbers, for the formulas of the table."""

    abs, max, min, sign = abs, max, min, mp.sign

    @property
    def pi(self):
        return +mp.pi

    def number(self, text):
        return exact(Fraction(text))

    def if_positive(self, x, a, b):
        return a if x > 0 else b

    def step(self, x):
        return mp.mpf(x > 0)

    def __getattr__(self, name):
        if name not in TABLE:
            raise AttributeError(name)
        row = TABLE[name]
        return getattr(mp, name) if row.primitive else lambda x: row.formula(x, self)


MP = MpMath()


def exact(x):
    """A Fraction or a float as the same number in mpmath."""
    if isinstance(x, float):
        return mp.mpf(x)
    f = Fraction(x)
    return mp.mpf(f.numerator) / f.denominator


def value(row, x):
    return mp.mpf(row.formula(x, MP) if row.formula else getattr(MP, row.name)(x))


def slope(row, x):
    return mp.mpf(row.slope(x, value(row, x), MP))


def evaluate(term, at):
    """The value of a Term in mpmath, by the meaning of its nodes."""

    def visit(node, args):
        match node.op:
            case "num":
                return exact(node.data[0])
            case "sym":
                return MP.pi if "constant" in node.facts and node.name == "pi" else at[node]
            case "neg":
                return -args[0]
            case "add":
                return mp.fsum(args)
            case "mul":
                return mp.fprod(args)
            case "div":
                return args[0] / args[1]
            case "pow":
                return args[0] ** args[1]
            case "fn":
                return value(TABLE[node.data], args[0])
            case "rel":
                assert node.data == ">"
                return args[0] > args[1]
            case "cases":
                return args[0] if args[1] else args[2]
            case "max" | "min":
                return {"max": max, "min": min}[node.op](args)
        raise AssertionError(f"the table should not need `{node.op}`")

    return fold(term, visit)


def compiled(lines):
    scope = {"np": np, "math": math}
    exec("def f(x):\n" + "".join(f"    {line}\n" for line in lines), scope)
    return scope["f"]


def grid(row):
    """Floats of the domain: tails, near 0, near its ends."""
    tiny = 10.0 ** np.linspace(-300, 3, 120)
    steps = [np.linspace(-1000, 1000, 161), np.linspace(-40, 40, 321), [-0.0]]
    spread = np.random.default_rng(7).uniform(-800, 800, 100)
    x = np.concatenate([*steps, spread, tiny, -tiny, 1 + tiny, 1 - tiny])
    if row.name in ("exp", "sinh", "cosh"):
        x = x[np.abs(x) < 700]
    if row.name in ("csc", "cot"):
        x = x[np.abs(x) > 1e-150]
    low, high = {"(0, oo)": (0, np.inf), "[0, oo)": (0, np.inf), "[1, oo)": (1, np.inf)}.get(
        row.domain, (-1, 1) if row.domain else (-np.inf, np.inf)
    )
    return x if "!=" in row.domain else x[(x > low) & (x < high)]


# Rows that are defined at ±1e308 and do not overflow there.
BOUNDLESS = {r.name for r in ROWS if not r.domain or "!=" in r.domain} - {"exp", "sinh", "cosh", "selu"}


# --------------------------------------------------------------------------------------------------------- the table
@EACH
def test_slope_is_the_derivative_of_the_formula(row):
    """Against a central difference of the definition at 60 digits."""
    with mp.workdps(60):
        for sample in row.samples:
            x, h = exact(sample), mp.mpf(10) ** -20
            difference = (value(row, x + h) - value(row, x - h)) / (2 * h)
            assert mp.almosteq(slope(row, x), difference, 1e-30, 1e-30), (row.name, sample)


@EACH
def test_formula_and_slope_as_terms(row):
    """The same lambdas build Terms, whose values are those of the lambdas in mpmath."""
    built = row.slope(Z, Y, TermMath)
    assert isinstance(built, Term | int)
    with mp.workdps(40):
        for sample in row.samples:
            x = exact(sample)
            at = {Z: x, Y: value(row, x)}
            if isinstance(built, Term):
                assert mp.almosteq(evaluate(built, at), slope(row, x), 1e-35, 1e-35)
            if row.formula:
                assert mp.almosteq(evaluate(row.formula(Z, TermMath), at), at[Y], 1e-35, 1e-35)


@EACH
def test_terms_of_an_array_keep_its_shape(row):
    z = sym("Z", ("n", "d"))
    built = row.slope(z, sym("Y", ("n", "d")), TermMath)
    assert isinstance(built, int) or built.shape == ("n", "d")
    assert row.formula is None or row.formula(z, TermMath).shape == ("n", "d")


def gelu_u(x):
    return mp.sqrt(2 / mp.pi) * (x + exact(Fraction("0.044715")) * x**3)


SUBNORMAL = 4e-321  # 745 units of the smallest float: e^x is no finer there
# The terms of which the derivative is a sum; beside its zero only the sum of their sizes can be kept.
TERMS = {
    "silu": lambda x: MP.sigmoid(x) * (1 + abs(x)),
    "gelu": lambda x: mp.erfc(-x / mp.sqrt(2)) / 2 + abs(x) * mp.npdf(x),
    "gelu_tanh": lambda x: MP.sigmoid(2 * gelu_u(x)) * (1 + 1.6 * abs(x) * MP.sigmoid(-2 * gelu_u(x)) * (1 + x**2 / 7)),
    "mish": lambda x: MP.sigmoid(x) * (1 + abs(x)),
}


def digits(x):
    """Digits for the cancellations of the formulas at x: a float ends at 1e-324, below it nothing is compared."""
    return 400 if abs(x) > 5 or abs(x) < 1e-20 else 80


@EACH
@pytest.mark.parametrize("which", ["code", "slope_code"])
def test_code_is_accurate(row, which):
    """1e-12 relative over the whole domain, tails included, without a warning; 1e-14 for most rows."""
    limit = 1e-12 if row.name.startswith("gelu") or (row.name, which) == ("erf", "slope_code") else 1e-14
    f, want = compiled(getattr(row, which)), value if which == "code" else slope
    places = grid(row)
    with np.errstate(all="raise", under="ignore"):
        got = f(places)
    assert got.dtype == np.float64 and got.shape == places.shape
    for x, g in zip(places.tolist(), got.tolist(), strict=True):
        with mp.workdps(digits(x)):
            exactly = want(row, mp.mpf(x))
            room = TERMS[row.name](mp.mpf(x)) if which == "slope_code" and row.name in TERMS else abs(exactly)
            assert abs(g - exactly) <= limit * room + SUBNORMAL, (row.name, x, g, mp.nstr(exactly, 17))


@EACH
@pytest.mark.parametrize("which", ["code", "slope_code"])
def test_code_takes_scalars_and_every_shape(row, which):
    f, x = compiled(getattr(row, which)), float(row.samples[-1])
    scalar = f(x)
    assert isinstance(scalar, float) and isinstance(f(np.float64(x)), float)
    for shape in [(1,), (3,), (2, 3), (0,), (1, 1)]:
        got = f(np.full(shape, x))
        assert isinstance(got, np.ndarray) and got.shape == shape and got.dtype == np.float64
        assert np.all(got == scalar)
    if row.name not in ("asin", "acos", "atanh"):
        assert f(np.array([2, 2])).dtype == np.float64 and isinstance(f(2), float)


@pytest.mark.parametrize("row", [r for r in ROWS if r.name in BOUNDLESS], ids=lambda row: row.name)
@pytest.mark.parametrize("which", ["code", "slope_code"])
def test_code_at_the_largest_floats(row, which):
    """No warning and a finite number at ±1e308."""
    with np.errstate(all="raise", under="ignore"):
        assert np.all(np.isfinite(compiled(getattr(row, which))(np.array([-1e308, 1e308]))))


@EACH
def test_corners(row):
    """At a corner the two sides differ, and slope, Term and code take the stated value."""
    if row.name in ("step", "sign"):
        assert [c.convention for c in row.corners] == [0]
    for corner in row.corners:
        at, taken = exact(corner.at), exact(corner.convention)
        h = mp.mpf(10) ** -30
        if row.name not in ("step", "sign"):
            with mp.workdps(60):
                left, right = [(value(row, at + s * h) - value(row, at)) / (s * h) for s in (-1, 1)]
                assert abs(left - right) > 0.01
        assert mp.almosteq(slope(row, at), taken, 1e-14)
        assert float(compiled(row.slope_code)(float(corner.at))) == pytest.approx(float(taken), rel=1e-15)


def test_rows_without_a_corner_have_none():
    """A row whose slope branches or jumps lists its corners, unless both sides agree (ELU with α = 1)."""
    for row in ROWS:
        for at in (-3, -1, 0, 1, 3):
            if row.domain or at in [c.at for c in row.corners]:
                continue
            with mp.workdps(60):
                h = mp.mpf(10) ** -30
                left, right = [(value(row, at + s * h) - value(row, mp.mpf(at))) / (s * h) for s in (-1, 1)]
                assert abs(left - right) < 1e-20, (row.name, at)


# --------------------------------------------------------------------------------------------- numbers known by heart
@pytest.mark.parametrize(
    ("name", "which", "x", "expected"),
    [
        ("sigmoid",    "code",       1000.0, 1.0),
        ("sigmoid",    "code",      -1000.0, 0.0),
        ("sigmoid",    "slope_code", -400.0, 1.9151695967140057e-174),
        ("sigmoid",    "slope_code",  400.0, 1.9151695967140057e-174),
        ("logsigmoid", "code",      -1000.0, -1000.0),
        ("softplus",   "code",       1000.0, 1000.0),
        ("softplus",   "code",      -1000.0, 0.0),
        ("tanh",       "slope_code",   20.0, 1.6993417021166355e-17),
        ("elu",        "code",       -1e-20, -1e-20),
        ("gelu",       "code",        -20.0, -5.507248237212467e-88),
        ("gelu",       "code",          1.0, 0.8413447460685429),
        ("gelu_tanh",  "code",          1.0, 0.8411919906082768),
        ("mish",       "code",          1.0, 0.8650983882673103),
        ("selu",       "code",         -1.0, -1.1113307378125625),
        ("erf",        "code",          0.5, 0.5204998778130465),
        ("log",        "code", 1.0000000000000002, 2.220446049250313e-16),
    ],
)  # fmt: skip
def test_known_numbers(name, which, x, expected):
    assert compiled(getattr(TABLE[name], which))(x) == pytest.approx(expected, rel=2e-13, abs=0)


def test_the_forms_people_write():
    """Slopes speak of the output where people do."""
    m = TermMath
    assert TABLE["sigmoid"].slope(Z, Y, m) is Y * (1 - Y)
    assert TABLE["tanh"].slope(Z, Y, m) is 1 - Y**2
    assert TABLE["exp"].slope(Z, Y, m) is Y
    assert TABLE["relu"].slope(Z, Y, m) is m.step(Z)
    assert TABLE["sigmoid"].formula(Z, m) is 1 / (1 + m.exp(-Z))


def test_the_constants_of_leaky_relu_are_decimals():
    assert TermMath.number("0.01").data == (Fraction(1, 100), ".")
    assert TermMath.number("1/2").data == (Fraction(1, 2), "")


# --------------------------------------------------------------------------------------------------------------- names
def test_every_alias_names_one_row():
    spelled = [alias for row in ROWS for alias in {row.name, *row.aliases}]
    assert len(spelled) == len(set(spelled)) == len(ALIASES)
    assert all(row.text in ALIASES or row.text in row.name for row in ROWS)


@pytest.mark.parametrize(
    ("typed", "name"),
    [("logistic", "sigmoid"), ("σ", "sigmoid"), ("swish", "silu"), ("ln", "log"), ("arcsin", "asin"), ("ReLU", "relu")],
)
def test_lookup(typed, name):
    assert lookup(typed).name == name


def test_an_unknown_function_is_named_with_the_nearest():
    with pytest.raises(RuleError, match="`sigmiod` is not a known function; did you mean `sigmoid`"):
        lookup("sigmiod")
    with pytest.raises(RuleError, match="there are identity, step"):
        lookup("qqqqqq")
    with pytest.raises(RuleError) as caught:
        lookup("x\n" * 5000)
    assert len(str(caught.value)) < 600 and "\n" not in str(caught.value)


def test_activations_are_defined_everywhere():
    assert all(not row.domain for row in ROWS if row.activation)
    assert {"identity", "sigmoid", "tanh", "relu", "gelu", "mish"} <= {r.name for r in ROWS if r.activation}


def test_the_table_loads_neither_sympy_nor_numpy():
    code = "import sys, symnet.functions; print(sorted({'sympy', 'numpy', 'mpmath', 'flint'} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert run.stdout.strip() == "[]", run.stderr
