"""The values that a formula may take for all s ≥ R: intervals whose ends may be infinite."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flint import arb

from ..balls import as_ball
from ..term import Term, postorder
from .monomials import exponent

INF = arb.pos_inf()


@dataclass(frozen=True)
class Reach:
    """low ≤ value ≤ high; the ends are exact or infinite."""

    low: Any
    high: Any

    def size(self) -> arb:
        return max(abs(self.low), abs(self.high))


class NoValue(ArithmeticError):
    """The formula may have no value there."""


def reach(t: Term, s: str, start: arb) -> Reach | None:
    """An interval that holds t for every s ≥ start; None where none is found."""
    memo: dict[Term, Reach] = {}
    try:
        for node in postorder(t):
            if node.op == "sym":
                memo[node] = Reach(start, INF) if node.name == s else _hull(CONSTANTS[node.name]())
            else:
                memo[node] = RULES[node.op](node, *(memo[a] for a in node.args))
    except (NoValue, KeyError):
        return None
    return memo[t]


CONSTANTS: dict[str, Callable[[], arb]] = {"pi": arb.pi, "e": arb.const_e}


def _hull(b: arb) -> Reach:
    return Reach(b.lower(), b.upper())


def _ends(low: arb, high: arb) -> Reach:
    if low.is_nan() or high.is_nan():
        raise NoValue
    return Reach(low if not low.is_finite() else low.lower(), high if not high.is_finite() else high.upper())


def _add(node: Term, *xs: Reach) -> Reach:
    low, high = xs[0].low, xs[0].high
    for x in xs[1:]:
        r = _ends(low + x.low, high + x.high)
        low, high = r.low, r.high
    return Reach(low, high)


def _times(a: Reach, b: Reach) -> Reach:
    products = [arb(0) if p == 0 or q == 0 else p * q for p in (a.low, a.high) for q in (b.low, b.high)]
    if any(p.is_nan() for p in products):
        raise NoValue
    return _ends(_least(products), _greatest(products))


def _least(xs: list[arb]) -> arb:
    best = xs[0]
    for x in xs[1:]:
        best = x if _low(x) < _low(best) else best
    return best


def _greatest(xs: list[arb]) -> arb:
    best = xs[0]
    for x in xs[1:]:
        best = x if _high(x) > _high(best) else best
    return best


def _low(x: arb) -> arb:
    return x.lower() if x.is_finite() else x


def _high(x: arb) -> arb:
    return x.upper() if x.is_finite() else x


def _mul(node: Term, *xs: Reach) -> Reach:
    y = xs[0]
    for x in xs[1:]:
        y = _times(y, x)
    return y


def _inverse(x: Reach) -> Reach:
    if x.low > 0 or x.high < 0:
        low = arb(0) if not x.high.is_finite() else 1 / x.high
        high = arb(0) if not x.low.is_finite() else 1 / x.low
        return _ends(low, high)
    raise NoValue


def _pow(node: Term, x: Reach, _: Reach) -> Reach:
    e = exponent(node.args[1])
    if e is None:
        raise NoValue
    if e < 0:
        return _inverse(_positive_power(x, -e))
    return _positive_power(x, e)


def _positive_power(x: Reach, e: Any) -> Reach:
    r = as_ball(e)
    if e.denominator == 1 and e.numerator % 2 == 0 and x.low < 0:
        far = max(abs(x.low), abs(x.high)) if x.low.is_finite() and x.high.is_finite() else INF
        near = arb(0) if x.high >= 0 else abs(x.high)
        return _ends(near**e.numerator, far**e.numerator if far.is_finite() else INF)
    if e.denominator == 1:
        return _ends(_whole(x.low, e.numerator), _whole(x.high, e.numerator))
    if x.low < 0:
        raise NoValue
    return _ends(x.low**r if x.low > 0 else arb(0), x.high**r if x.high.is_finite() else INF)


def _whole(v: arb, n: int) -> arb:
    return v**n if v.is_finite() else (v if n % 2 else INF)


def _monotone(f: Callable[[arb], arb], at_low: arb, at_high: arb, from_: Any = None) -> Callable[[Reach], Reach]:
    """A rising function with its limits at −∞ and ∞."""

    def apply(x: Reach) -> Reach:
        if from_ is not None and not x.low >= from_:
            raise NoValue
        low = f(x.low) if x.low.is_finite() else (at_low if x.low < 0 else at_high)
        high = f(x.high) if x.high.is_finite() else (at_high if x.high > 0 else at_low)
        return _ends(low, high)

    return apply


def _wave(name: str) -> Callable[[Reach], Reach]:
    def apply(x: Reach) -> Reach:
        if not (x.low.is_finite() and x.high.is_finite()) or x.high - x.low > 6:
            return Reach(arb(-1), arb(1))
        return _hull(getattr(x.low.union(x.high), name)())

    return apply


def _within_one(f: Callable[[arb], arb], side: int) -> Callable[[Reach], Reach]:
    """A monotone function on [−1, 1]."""

    def apply(x: Reach) -> Reach:
        if not (x.low >= -1 and x.high <= 1):
            raise NoValue
        low, high = f(x.low), f(x.high)
        return _ends(low, high) if side > 0 else _ends(high, low)

    return apply


def _sinc(x: Reach) -> Reach:
    """(sin x)/x, which falls from 1 on [0, 3]."""
    far = max(abs(x.low), abs(x.high))
    return _hull((far.sin() / far).union(arb(1))) if far < 3 and far > 0 else Reach(arb(-1), arb(1))


FUNCTIONS: dict[str, Callable[[Reach], Reach]] = {
    "exp":  _monotone(arb.exp, arb(0), INF),
    "log":  _monotone(lambda v: v.log() if v > 0 else -INF, -INF, INF, 0),
    "sqrt": _monotone(arb.sqrt, arb(0), INF, 0),
    "atan": _monotone(arb.atan, -arb.pi() / 2, arb.pi() / 2),
    "erf":  _monotone(arb.erf, arb(-1), arb(1)),
    "asin": _within_one(arb.asin, 1),
    "acos": _within_one(arb.acos, -1),
    "sin":  _wave("sin"),
    "cos":  _wave("cos"),
    "sinc": _sinc,
}  # fmt: skip
RULES: dict[str, Callable[..., Reach]] = {
    "num": lambda node: _hull(as_ball(node.data[0])),
    "add": _add,
    "mul": _mul,
    "neg": lambda node, x: Reach(-x.high, -x.low),
    "div": lambda node, a, b: _times(a, _inverse(b)),
    "pow": _pow,
    "fn":  lambda node, x: FUNCTIONS[node.data](x),
}  # fmt: skip
