"""A smooth formula of one name as power series over balls (`arb_series` of python-flint): f, f′, f″/2, … at once."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import reduce
from itertools import pairwise
from typing import Any

from flint import arb, arb_series, ctx

from ..balls import as_ball, precision
from ..errors import RuleError
from ..term import Term, postorder

Series = Any


class NotSmooth(RuleError):
    """The formula holds something that has no power series: a corner that was not split off."""


def midpoint(ball: arb) -> arb:
    return ball.mid()


class _SeriesMath:
    """The functions that rows of the function table are written with, over power series."""

    def number(self, text: str) -> Any:
        return as_ball(Fraction(text))

    @property
    def pi(self) -> arb:
        return arb.pi()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return lambda x: call(name, x if isinstance(x, arb_series) else arb_series([x]))


MATH = _SeriesMath()


def _exp(s: Series) -> Series:
    return s.exp()


def _tanh(s: Series) -> Series:
    """1 − 2/(1 + e^{2s}), with the sign that keeps the digits."""
    return 1 - 2 / (1 + (2 * s).exp())


def _first(name: str) -> Callable[[Series], Series]:
    """A function of the ball class for constants, so that wide balls stay tight; else the series."""
    series = getattr(arb_series, name, None)
    scalar = getattr(arb, name, None)

    def apply(s: Series) -> Series:
        if ctx.cap == 1 and scalar is not None:
            return arb_series([scalar(constant(s))])
        return SLOW[name](s) if series is None else series(s)

    return apply


def constant(s: Series) -> arb:
    c = s.coeffs()
    return c[0] if c else arb(0)


SLOW: dict[str, Callable[[Series], Series]] = {
    "sinh":  lambda s: ((s.exp() - (-s).exp()) / 2),
    "cosh":  lambda s: ((s.exp() + (-s).exp()) / 2),
    "tanh":  _tanh,
    "sec":   lambda s: 1 / s.cos(),
    "csc":   lambda s: 1 / s.sin(),
    "cot":   lambda s: s.cos() / s.sin(),
    "asinh": lambda s: (s + (s * s + 1).sqrt()).log(),
    "acosh": lambda s: (s + (s * s - 1).sqrt()).log(),
    "atanh": lambda s: ((1 + s) / (1 - s)).log() / 2,
}  # fmt: skip
DIRECT = ("exp", "log", "sqrt", "sin", "cos", "tan", "atan", "asin", "acos", "erf", "erfc", *SLOW)
FUNCTIONS: dict[str, Callable[[Series], Series]] = {name: _first(name) for name in DIRECT}


def call(name: str, s: Series) -> Series:
    if name in FUNCTIONS:
        return FUNCTIONS[name](s)
    from ..functions import TABLE

    row = TABLE.get(name)
    if row is None or row.formula is None or any(c for c in row.corners):
        raise NotSmooth(f"`{name}` has no power series")
    return row.formula(s, MATH)


def _power(node: Term, base: Series, exponent: Series) -> Series:
    k = node.args[1].number
    if k is not None and k.denominator == 1:
        n = int(k)
        if ctx.cap == 1:
            return arb_series([ball_power(constant(base), n)])
        y = _whole(base, abs(n))
        return y if n >= 0 else 1 / y
    if k == Fraction(1, 2):
        return FUNCTIONS["sqrt"](base)
    return (exponent * base.log()).exp()


def ball_power(b: arb, n: int) -> arb:
    """bⁿ, tight for wide balls: `**` of a ball around 0 is nan, and a product does not know that b is b."""
    if n < 0:
        return 1 / ball_power(b, -n)
    if n == 0:
        return arb(1)
    if n % 2 == 0:
        return (b.abs_lower() ** n).union(b.abs_upper() ** n)
    low, high = (-(abs(e) ** n) if e < 0 else e**n for e in (b.lower(), b.upper()))
    return low.union(high)


def _whole(base: Series, n: int) -> Series:
    y, square = arb_series([1]), base
    while n:
        y = y * square if n & 1 else y
        n >>= 1
        square = square * square if n else square
    return y


def _names(name: str) -> Series:
    return {"pi": arb.pi, "e": arb.const_e}[name]()


RULES: dict[str, Callable[..., Series]] = {
    "num": lambda node: arb_series([as_ball(node.data[0])]),
    "add": lambda node, *xs: reduce(lambda a, b: a + b, xs),
    "mul": lambda node, *xs: _product(xs),
    "neg": lambda node, x: -x,
    "div": lambda node, a, b: a / b,
    "pow": _power,
    "fn":  lambda node, x: call(node.data, x),
}  # fmt: skip


def _product(xs: tuple[Series, ...]) -> Series:
    y = xs[0]
    for a, b in pairwise(xs):
        y = arb_series([ball_power(constant(y), 2)]) if a is b and ctx.cap == 1 and y is a else y * b
    return y


class Curve:
    """A formula of one name: its value and its Taylor coefficients at a ball. What has no value comes out as nan."""

    def __init__(self, formula: Term, name: str) -> None:
        self.formula, self.name = formula, name
        nodes = postorder(formula)
        place = {n: i for i, n in enumerate(nodes)}
        self._program = []
        for n in nodes:
            if n.op == "sym":
                if n.name != name and n.name not in ("pi", "e"):
                    raise RuleError(f"`{n.name}` has no value here")
            elif n.op not in RULES:
                raise NotSmooth(f"`{n.data or n.op}` has no power series")
            self._program.append((n, tuple(place[a] for a in n.args)))

    def _run(self, x: Series) -> Series:
        made: list[Series] = []
        for node, args in self._program:
            if node.op == "sym":
                made.append(x if node.name == self.name else arb_series([_names(node.name)]))
            else:
                y = RULES[node.op](node, *(made[i] for i in args))
                if not all(c.is_finite() for c in y.coeffs()):  # 0 · nan would be 0
                    raise ZeroDivisionError
                made.append(y)
        return made[-1]

    def series(self, x: arb, order: int) -> list[arb]:
        """c₀ … c_order with f(x + ε) = c₀ + c₁ ε + …; balls that hold them for every point of the ball x."""
        with precision(ctx.prec):
            before, ctx.cap = ctx.cap, order + 1
            try:
                c = self._run(arb_series([x, 1]) if order else arb_series([x])).coeffs()
            except (ZeroDivisionError, ValueError):
                c = [arb.nan()] * (order + 1)
            finally:
                ctx.cap = before
        return [c[i] if i < len(c) else arb(0) for i in range(order + 1)]

    def value(self, x: arb) -> arb:
        return self.series(x, 0)[0]
