"""The elementwise functions: one row is one function everywhere.

A row holds the definition by simpler functions, the derivative as people write it, in x and in the output y, the
numerically stable NumPy code of both, the corners with the convention taken there, and places where a test may sample.
`formula(x, m)` and `slope(x, y, m)` are plain arithmetic, so the same lambda serves Terms, SymPy, floats and rigorous
balls: `x` and `y` are values of that world, and `m` holds its mathematics,

    m.exp, m.tanh, m.sigmoid, …   every row of the table, by its name
    m.pi, m.number("0.01")        π, and an exact decimal or fraction
    m.max(a, b), m.min(a, b)      the larger, the smaller
    m.if_positive(x, a, b)        a where x > 0, otherwise b

(a, b and the whole result may be Python integers). `TermMath` is that namespace for Terms.

`code` and `slope_code` are the bodies of `def f(x): …` and of its derivative, in `np` and `math`. They take a float or
an array and return float64, are correct to a few units in the last place over all floats (1e-12 relative where a value
of the order of e^(-x²) is at hand; beside an irrational zero of the function relative to its terms), and warn of
nothing inside the domain. Outside the domain they return nan or inf, as NumPy does: the caller checks for finite
results. At a corner they return the stated convention.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol

from .errors import RuleError, quote
from .term import Term, common_shape, fn, num, rel, sym, term

Exact = int | Fraction


@dataclass(frozen=True, slots=True)
class Corner:
    """A place without a derivative, and the value that `slope` and `slope_code` take there."""

    at: Exact
    convention: Exact


def _fractions(text: str) -> tuple[Fraction, ...]:
    return tuple(map(Fraction, text.split()))


REALS = _fractions("-7/2 -2 -3/4 -1/10 1/3 4/5 2 7/2")
POSITIVES = _fractions("1/10 1/2 4/5 2 7/2 10")
UNIT = _fractions("-9/10 -1/2 -1/10 1/3 4/5")
ABOVE_ONE = _fractions("11/10 3/2 2 10")


class Mathematics(Protocol):
    """The namespace `m` of one world: Terms, SymPy, mpmath, balls, complex balls, power series."""

    @property
    def pi(self) -> Any: ...

    def number(self, text: str, /) -> Any: ...

    def max(self, a: Any, /, *more: Any) -> Any: ...

    def min(self, a: Any, /, *more: Any) -> Any: ...

    def if_positive(self, x: Any, a: Any, b: Any, /) -> Any: ...

    def __getattr__(self, name: str) -> Callable[..., Any]: ...


@dataclass(frozen=True, slots=True)
class Elementary:
    """One elementwise function; `domain` and `range_` are intervals or conditions, "" is every real number.

    `rule` is the reason that a derivation quotes; `primitive` functions are not rewritten by simpler ones;
    an `activation` may be that of a layer, and its argument is worth a name (z).
    """

    name: str
    text: str
    latex: str
    rule: str
    formula: Callable[[Any, Mathematics], Any] | None
    slope: Callable[[Any, Any, Mathematics], Any]
    code: tuple[str, ...]
    slope_code: tuple[str, ...]
    corners: tuple[Corner, ...] = ()
    samples: tuple[Exact, ...] = REALS
    aliases: tuple[str, ...] = ()
    domain: str = ""
    range_: str = ""
    primitive: bool = False
    activation: bool = False


# ------------------------------------------------------------------------------------------------ the world of Terms
PI = sym("pi", (), ("constant",))


class _TermMath:
    """The mathematics of Terms: `m.exp(x)` is the Term exp(x), nothing is evaluated."""

    pi = PI

    def __getattr__(self, name: str) -> Callable[[Any], Term]:
        if name not in TABLE:
            raise AttributeError(f"there is no elementwise function `{name}`")
        return lambda x: fn(name, term(x))

    def number(self, text: str) -> Term:
        """An exact number; one with a decimal point is shown as a decimal."""
        return num(Fraction(text), "." if "." in text else "")

    def if_positive(self, x: Any, a: Any, b: Any) -> Term:
        args = term(a), rel(">", term(x), term(0)), term(b)
        return Term("cases", args, None, common_shape("if_positive", args))

    def max(self, *args: Any) -> Term:
        from .operations import apply

        return apply("max", *map(term, args))

    def min(self, *args: Any) -> Term:
        from .operations import apply

        return apply("min", *map(term, args))


TermMath = _TermMath()


# ------------------------------------------------------------------------------------------ formulas of several words
# SELU: Klambauer et al., Self-Normalizing Neural Networks (2017). GELU: Hendrycks and Gimpel (2016), both forms.
# Mish: Misra (2019). SiLU: Elfwing et al. (2017).
ALPHA, LAMBDA = "1.6732632423543772848170429916717", "1.0507009873554804934193349852946"


def _gelu_argument(x: Any, m: Mathematics) -> Any:
    """√(2/π) (x + 0.044715 x³)."""
    return m.sqrt(2 / m.pi) * (x + m.number("0.044715") * x**3)


def _gelu_tanh_slope(x: Any, y: Any, m: Mathematics) -> Any:
    """(1 + tanh u)/2 + x/2 (1 − tanh² u) √(2/π) (1 + 0.134145 x²), u = √(2/π) (x + 0.044715 x³)."""
    t = m.tanh(_gelu_argument(x, m))
    return (1 + t) / 2 + x / 2 * (1 - t**2) * m.sqrt(2 / m.pi) * (1 + m.number("0.134145") * x**2)


def _mish_slope(x: Any, y: Any, m: Mathematics) -> Any:
    """t + x σ(x) (1 − t²), t = tanh(softplus(x))."""
    t = m.tanh(m.softplus(x))
    return t + x * m.sigmoid(x) * (1 - t**2)


# ----------------------------------------------------------------------------------------------------- code in pieces
_E = "e = np.exp(-np.abs(x))"
_ERF = "{} = np.float64(np.frompyfunc(math.{}, 1, 1)({}))"  # NumPy has no erf
# tanh(softplus(x)) = p/(p + q), free of cancellation on both sides of 0
_MISH = (
    _E,
    "p = np.where(x >= 0, 1.0 + 2.0*e, e*(e + 2.0))",
    "q = np.where(x >= 0, 2.0*e*e, 2.0)",
)
# 1 + tanh(u) = 2 σ(2u): s = σ(2u), r = σ(−2u); beyond ±30 both are 0 or 1 to the last place
_GELU_TANH = (
    "c = np.clip(x, -30.0, 30.0)",
    "u = 1.5957691216057308*c*(1.0 + 0.044715*c*c)",
    "e = np.exp(-np.abs(u))",
    "s = np.where(u >= 0, 1.0, e)/(1.0 + e)",
)


# ------------------------------------------------------------------------------------------------------------ the rows
# fmt: off
_ROWS = (
    Elementary("identity", "id", r"\operatorname{id}", "identity rule", aliases=("id", "linear"), activation=True,
        formula    = lambda x, m: x,
        slope      = lambda x, y, m: 1,
        code       = ("return 1.0*x",),
        slope_code = ("return 1.0 + 0.0*x",)),
    Elementary("step", "step", r"\operatorname{step}", "step rule", aliases=("heaviside", "Heaviside", "unit_step"),
        range_="[0, 1]", primitive=True, activation=True, corners=(Corner(0, 0),),
        formula    = None,
        slope      = lambda x, y, m: 0,
        code       = ("return np.heaviside(x, 0.0)",),
        slope_code = ("return 0.0*np.fabs(x)",)),
    Elementary("sigmoid", "σ", r"\sigma", "sigmoid rule", aliases=("σ", "sigma", "logistic", "expit"),
        range_="(0, 1)", activation=True,
        formula    = lambda x, m: 1/(1 + m.exp(-x)),
        slope      = lambda x, y, m: y*(1 - y),
        code       = (_E, "return np.where(x >= 0, 1.0, e)/(1.0 + e)"),
        slope_code = (_E, "return e/(1.0 + e)**2")),
    Elementary("logsigmoid", "logsigmoid", r"\operatorname{logsigmoid}", "log-sigmoid rule",
        aliases=("log_sigmoid", "LogSigmoid"), range_="(-oo, 0)", activation=True,
        formula    = lambda x, m: m.log(m.sigmoid(x)),
        slope      = lambda x, y, m: 1 - m.sigmoid(x),
        code       = ("return np.minimum(x, 0.0) - np.log1p(np.exp(-np.abs(x)))",),
        slope_code = (_E, "return np.where(x >= 0, e, 1.0)/(1.0 + e)")),
    Elementary("tanh", "tanh", r"\tanh", "tanh rule", aliases=("Tanh",), range_="(-1, 1)", primitive=True,
        activation=True,
        formula    = lambda x, m: (m.exp(x) - m.exp(-x))/(m.exp(x) + m.exp(-x)),
        slope      = lambda x, y, m: 1 - y**2,
        code       = ("return np.tanh(x)",),
        slope_code = (_E, "return (2.0*e/(1.0 + e*e))**2")),
    Elementary("relu", "ReLU", r"\operatorname{ReLU}", "ReLU rule", aliases=("ReLU",), range_="[0, oo)",
        activation=True, corners=(Corner(0, 0),),
        formula    = lambda x, m: m.max(0, x),
        slope      = lambda x, y, m: m.step(x),
        code       = ("return np.maximum(x, 0.0)",),
        slope_code = ("return np.heaviside(x, 0.0)",)),
    Elementary("leaky_relu", "LeakyReLU", r"\operatorname{LeakyReLU}", "leaky ReLU rule",  # the slope below 0 is 0.01
        aliases=("LeakyReLU", "leakyrelu"), activation=True, corners=(Corner(0, Fraction(1, 100)),),
        formula    = lambda x, m: m.if_positive(x, x, m.number("0.01")*x),
        slope      = lambda x, y, m: m.if_positive(x, 1, m.number("0.01")),
        code       = ("return np.maximum(x, 0.01*x)",),
        slope_code = ("return np.maximum(np.heaviside(x, 0.0), 0.01)",)),
    Elementary("elu", "ELU", r"\operatorname{ELU}", "ELU rule", aliases=("ELU",), range_="(-1, oo)",  # α = 1
        activation=True,
        formula    = lambda x, m: m.if_positive(x, x, m.exp(x) - 1),
        slope      = lambda x, y, m: m.if_positive(x, 1, m.exp(x)),
        code       = ("return np.maximum(x, 0.0) + np.expm1(np.minimum(x, 0.0))",),
        slope_code = ("return np.exp(np.minimum(x, 0.0))",)),
    Elementary("selu", "SELU", r"\operatorname{SELU}", "SELU rule", aliases=("SELU",),
        activation=True, corners=(Corner(0, Fraction(LAMBDA)*Fraction(ALPHA)),),
        formula    = lambda x, m: m.number(LAMBDA)*m.if_positive(x, x, m.number(ALPHA)*(m.exp(x) - 1)),
        slope      = lambda x, y, m: m.number(LAMBDA)*m.if_positive(x, 1, m.number(ALPHA)*m.exp(x)),
        code       = ("below = 1.7580993408473766*np.expm1(np.minimum(x, 0.0))",
                      "return 1.0507009873554805*np.maximum(x, 0.0) + below"),
        slope_code = ("below = 1.7580993408473766*np.exp(np.minimum(x, 0.0))",
                      "return 1.0*np.where(x > 0, 1.0507009873554805, below)")),
    Elementary("softplus", "softplus", r"\operatorname{softplus}", "softplus rule", aliases=("Softplus",),
        range_="(0, oo)", activation=True,
        formula    = lambda x, m: m.log(1 + m.exp(x)),
        slope      = lambda x, y, m: m.sigmoid(x),
        code       = ("return np.maximum(x, 0.0) + np.log1p(np.exp(-np.abs(x)))",),
        slope_code = (_E, "return np.where(x >= 0, 1.0, e)/(1.0 + e)")),
    Elementary("softsign", "softsign", r"\operatorname{softsign}", "softsign rule", aliases=("Softsign",),
        range_="(-1, 1)", activation=True,
        formula    = lambda x, m: x/(1 + m.abs(x)),
        slope      = lambda x, y, m: 1/(1 + m.abs(x))**2,
        code       = ("return x/(1.0 + np.abs(x))",),
        slope_code = ("return (1.0/(1.0 + np.abs(x)))**2",)),
    Elementary("silu", "SiLU", r"\operatorname{SiLU}", "SiLU rule", aliases=("SiLU", "swish", "Swish"),
        activation=True,
        formula    = lambda x, m: x*m.sigmoid(x),
        slope      = lambda x, y, m: m.sigmoid(x)*(1 + x*(1 - m.sigmoid(x))),
        code       = (_E, "return x*np.where(x >= 0, 1.0, e)/(1.0 + e)"),
        slope_code = (_E, "s, r = np.where(x >= 0, 1.0, e)/(1.0 + e), np.where(x >= 0, e, 1.0)/(1.0 + e)",
                      "return s*(1.0 + x*r)")),
    Elementary("gelu", "GELU", r"\operatorname{GELU}", "GELU rule", aliases=("GELU",), activation=True,
        formula    = lambda x, m: x/2*(1 + m.erf(x/m.sqrt(2))),
        slope      = lambda x, y, m: (1 + m.erf(x/m.sqrt(2)))/2 + x*m.exp(-x**2/2)/m.sqrt(2*m.pi),
        code       = (_ERF.format("twice", "erfc", "-0.7071067811865476*x"), "return 0.5*x*twice"),
        slope_code = (_ERF.format("twice", "erfc", "-0.7071067811865476*x"), "c = np.clip(x, -40.0, 40.0)",
                      "return 0.5*twice + 0.3989422804014327*c*np.exp(-0.5*c*c)")),
    Elementary("gelu_tanh", "GELU_tanh", r"\operatorname{GELU}_{\tanh}", "GELU (tanh form) rule",
        aliases=("GELU_tanh",), activation=True,
        formula    = lambda x, m: x/2*(1 + m.tanh(_gelu_argument(x, m))),
        slope      = _gelu_tanh_slope,
        code       = (*_GELU_TANH, "return x*s"),
        slope_code = (*_GELU_TANH, "r = np.where(u >= 0, e, 1.0)/(1.0 + e)",
                      "return s*(1.0 + 1.5957691216057308*c*r*(1.0 + 0.134145*c*c))")),
    Elementary("mish", "mish", r"\operatorname{mish}", "mish rule", aliases=("Mish",), activation=True,
        formula    = lambda x, m: x*m.tanh(m.softplus(x)),
        slope      = _mish_slope,
        code       = (*_MISH, "return x*(p/(p + q))"),
        slope_code = (*_MISH, "r = np.where(x >= 0, e*e, e)*(1.0 + e)",
                      "return p/(p + q) + 4.0*(x*r)/(p + q)**2")),
    Elementary("hard_sigmoid", "hard_sigmoid", r"\operatorname{hard\,sigmoid}", "hard sigmoid rule",
        aliases=("hardsigmoid", "Hardsigmoid"),  # x/6 + 1/2 between −3 and 3, as in PyTorch; Keras had 0.2 x + 1/2
        range_="[0, 1]", activation=True, corners=(Corner(-3, 0), Corner(3, 0)),
        formula    = lambda x, m: m.max(0, m.min(1, x/6 + m.number("1/2"))),
        slope      = lambda x, y, m: m.if_positive(3 - m.abs(x), m.number("1/6"), 0),
        code       = ("return np.clip((x + 3.0)/6.0, 0.0, 1.0)",),
        slope_code = ("return (np.abs(x) < 3.0)/6.0",)),
    Elementary("hard_tanh", "hard_tanh", r"\operatorname{hard\,tanh}", "hard tanh rule",
        aliases=("hardtanh", "Hardtanh"), range_="[-1, 1]", activation=True, corners=(Corner(-1, 0), Corner(1, 0)),
        formula    = lambda x, m: m.max(-1, m.min(1, x)),
        slope      = lambda x, y, m: m.if_positive(1 - m.abs(x), 1, 0),
        code       = ("return np.clip(x, -1.0, 1.0)",),
        slope_code = ("return 1.0*(np.abs(x) < 1.0)",)),
    Elementary("exp", "exp", r"\exp", "exponential rule", range_="(0, oo)", primitive=True,
        formula    = None,
        slope      = lambda x, y, m: y,
        code       = ("return np.exp(x)",),
        slope_code = ("return np.exp(x)",)),
    Elementary("log", "log", r"\log", "logarithm rule", aliases=("ln",), domain="(0, oo)", primitive=True,
        samples=POSITIVES,
        formula    = None,
        slope      = lambda x, y, m: 1/x,
        code       = ("return np.log(x)",),
        slope_code = ("return np.divide(1.0, x)",)),
    Elementary("sqrt", "√", r"\sqrt", "square root rule", aliases=("√",), domain="[0, oo)", range_="[0, oo)",
        primitive=True, samples=POSITIVES,
        formula    = None,
        slope      = lambda x, y, m: 1/(2*y),
        code       = ("return np.sqrt(x)",),
        slope_code = ("return 0.5/np.sqrt(x)",)),
    Elementary("sin", "sin", r"\sin", "sine rule", range_="[-1, 1]", primitive=True,
        formula    = None,
        slope      = lambda x, y, m: m.cos(x),
        code       = ("return np.sin(x)",),
        slope_code = ("return np.cos(x)",)),
    Elementary("cos", "cos", r"\cos", "cosine rule", range_="[-1, 1]", primitive=True,
        formula    = None,
        slope      = lambda x, y, m: -m.sin(x),
        code       = ("return np.cos(x)",),
        slope_code = ("return -np.sin(x)",)),
    Elementary("tan", "tan", r"\tan", "tangent rule", domain="cos(x) != 0", primitive=True,
        formula    = None,
        slope      = lambda x, y, m: 1 + y**2,
        code       = ("return np.tan(x)",),
        slope_code = ("return 1.0/np.cos(x)**2",)),
    Elementary("sec", "sec", r"\sec", "secant rule", domain="cos(x) != 0",
        formula    = lambda x, m: 1/m.cos(x),
        slope      = lambda x, y, m: y*m.tan(x),
        code       = ("return 1.0/np.cos(x)",),
        slope_code = ("return np.sin(x)/np.cos(x)**2",)),
    Elementary("csc", "csc", r"\csc", "cosecant rule", aliases=("cosec",), domain="sin(x) != 0",
        formula    = lambda x, m: 1/m.sin(x),
        slope      = lambda x, y, m: -y*m.cot(x),
        code       = ("return 1.0/np.sin(x)",),
        slope_code = ("return -np.cos(x)/np.sin(x)**2",)),
    Elementary("cot", "cot", r"\cot", "cotangent rule", domain="sin(x) != 0",
        formula    = lambda x, m: m.cos(x)/m.sin(x),
        slope      = lambda x, y, m: -(1 + y**2),
        code       = ("return np.cos(x)/np.sin(x)",),
        slope_code = ("return -1.0/np.sin(x)**2",)),
    Elementary("asin", "arcsin", r"\arcsin", "arcsine rule", aliases=("arcsin",), domain="[-1, 1]", primitive=True,
        samples=UNIT,
        formula    = None,
        slope      = lambda x, y, m: 1/m.sqrt(1 - x**2),
        code       = ("return np.arcsin(x)",),
        slope_code = ("return 1.0/np.sqrt((1.0 - x)*(1.0 + x))",)),
    Elementary("acos", "arccos", r"\arccos", "arccosine rule", aliases=("arccos",), domain="[-1, 1]", primitive=True,
        samples=UNIT, range_="[0, pi]",
        formula    = None,
        slope      = lambda x, y, m: -1/m.sqrt(1 - x**2),
        code       = ("return np.arccos(x)",),
        slope_code = ("return -1.0/np.sqrt((1.0 - x)*(1.0 + x))",)),
    Elementary("atan", "arctan", r"\arctan", "arctangent rule", aliases=("arctan",), primitive=True,
        formula    = None,
        slope      = lambda x, y, m: 1/(1 + x**2),
        code       = ("return np.arctan(x)",),
        slope_code = ("return (1.0/np.hypot(1.0, x))**2",)),
    Elementary("sinh", "sinh", r"\sinh", "hyperbolic sine rule", primitive=True,
        formula    = None,
        slope      = lambda x, y, m: m.cosh(x),
        code       = ("return np.sinh(x)",),
        slope_code = ("return np.cosh(x)",)),
    Elementary("cosh", "cosh", r"\cosh", "hyperbolic cosine rule", range_="[1, oo)", primitive=True,
        formula    = None,
        slope      = lambda x, y, m: m.sinh(x),
        code       = ("return np.cosh(x)",),
        slope_code = ("return np.sinh(x)",)),
    Elementary("asinh", "arsinh", r"\operatorname{arsinh}", "inverse hyperbolic sine rule", primitive=True,
        aliases=("arsinh", "arcsinh"),
        formula    = None,
        slope      = lambda x, y, m: 1/m.sqrt(x**2 + 1),
        code       = ("return np.arcsinh(x)",),
        slope_code = ("return 1.0/np.hypot(1.0, x)",)),
    Elementary("acosh", "arcosh", r"\operatorname{arcosh}", "inverse hyperbolic cosine rule", primitive=True,
        aliases=("arcosh", "arccosh"), domain="[1, oo)", range_="[0, oo)", samples=ABOVE_ONE,
        formula    = None,
        slope      = lambda x, y, m: 1/m.sqrt(x**2 - 1),
        code       = ("return np.arccosh(x)",),
        slope_code = ("return 1.0/(np.sqrt(x - 1.0)*np.sqrt(x + 1.0))",)),
    Elementary("atanh", "artanh", r"\operatorname{artanh}", "inverse hyperbolic tangent rule", primitive=True,
        aliases=("artanh", "arctanh"), domain="(-1, 1)", samples=UNIT,
        formula    = None,
        slope      = lambda x, y, m: 1/(1 - x**2),
        code       = ("return np.arctanh(x)",),
        slope_code = ("return 1.0/((1.0 - x)*(1.0 + x))",)),
    Elementary("erf", "erf", r"\operatorname{erf}", "error function rule", range_="(-1, 1)", primitive=True,
        formula    = None,
        slope      = lambda x, y, m: 2/m.sqrt(m.pi)*m.exp(-x**2),
        code       = (_ERF.format("y", "erf", "x"), "return y"),
        slope_code = ("c = np.minimum(np.abs(x), 40.0)", "return 1.1283791670955126*np.exp(-c*c)")),
    Elementary("abs", "abs", r"\operatorname{abs}", "absolute value rule", aliases=("Abs",), range_="[0, oo)",
        primitive=True, corners=(Corner(0, 0),),
        formula    = None,
        slope      = lambda x, y, m: m.sign(x),
        code       = ("return np.fabs(x)",),
        slope_code = ("return 1.0*np.sign(x)",)),
    Elementary("sign", "sign", r"\operatorname{sign}", "sign rule", aliases=("sgn",), range_="[-1, 1]",
        primitive=True, activation=True, corners=(Corner(0, 0),),
        formula    = None,
        slope      = lambda x, y, m: 0,
        code       = ("return 1.0*np.sign(x)",),
        slope_code = ("return 0.0*np.fabs(x)",)),
)
# fmt: on
TABLE: dict[str, Elementary] = {row.name: row for row in _ROWS}
ALIASES: dict[str, str] = {alias: row.name for row in _ROWS for alias in (row.name, *row.aliases)}


def row(name: str) -> Elementary:
    """The row of a function by its canonical name; a function without a row has no derivative rule."""
    found = TABLE.get(name)
    if found is None:
        raise RuleError(f"there is no derivative rule for `{name}`; write it by functions that have one")
    return found


def names() -> tuple[str, ...]:
    """The canonical names of the functions, in the order of the table."""
    return tuple(TABLE)


def lookup(name: str) -> Elementary:
    """The row of a function, by its name or any alias; RuleError with the nearest name if there is none.

    >>> lookup("logistic").name
    'sigmoid'
    """
    return TABLE[resolve(name, ALIASES, TABLE, "function")]


def resolve(name: str, aliases: dict[str, str], table: Iterable[str], what: str) -> str:
    """The canonical name behind an alias; RuleError with the nearest name if there is none."""
    found = aliases.get(name)
    if found is not None:
        return found
    import difflib

    near = difflib.get_close_matches(name[:40], aliases, n=1)
    remedy = f"did you mean `{near[0]}`?" if near else f"there are {', '.join(table)}"
    raise RuleError(f"`{quote(name)}` is not a known {what}; {remedy}")
