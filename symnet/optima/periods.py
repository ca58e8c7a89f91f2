"""The period of a function of sines and cosines, and the finite spans on which an infinite family is listed."""

from __future__ import annotations

from fractions import Fraction
from math import gcd, lcm

from ..functions import PI
from ..term import Term, add, mul, neg, num, substitute, sym
from ..tidy import tidy
from .cells import fraction_of
from .closing import closed
from .monomials import Monomial, NoNormalForm, combination, written
from .reals import Rational, Real
from .spans import End, Span
from .substitution import normal

WINDOW = 20  # of an infinite family without a period: points are given on [−20, 20]
CIRCULAR = ("sin", "cos", "tan", "sec", "csc", "cot")


def period_of(t: Term, x: str) -> Real | None:
    """A period, if x occurs only inside of sines, cosines, … of linear arguments with one common period."""
    angles: list[tuple[Monomial, Fraction]] = []
    try:
        if x not in t.free or not _circular(t, x, angles):
            return None
    except NoNormalForm:
        return None
    if len({rate for rate, _ in angles}) != 1:
        return None
    multiples = [abs(c) for _, c in angles]
    common = Fraction(gcd(*(c.numerator for c in multiples)), lcm(*(c.denominator for c in multiples)))
    whole = tidy(mul(num(2), PI) / written(angles[0][0], common))
    for k in (4, 3, 2):
        part = tidy(whole / num(k))
        if _repeats(t, x, part):
            return closed(part)
    best = closed(whole)
    return best if float(best) > 0 else closed(neg(whole))


def _circular(t: Term, x: str, angles: list[tuple[Monomial, Fraction]]) -> bool:
    """Whether x stands in angles c · rate · x alone, which are collected as (rate, c)."""
    if x not in t.free:
        return True
    if t.op == "fn" and t.data in CIRCULAR:
        parts = combination(t.args[0])
        moving = [(m, c) for m, c in parts.items() if any(x in k.free for k, _ in m)]
        if len(moving) == 1:
            m, c = moving[0]
            powers = dict(m)
            if powers.pop(sym(x), None) == 1 and not any(x in k.free for k in powers):
                angles.append((tuple(powers.items()), c))
                return True
    return t.op != "sym" and bool(t.args) and all(_circular(a, x, angles) for a in t.args)


def _repeats(t: Term, x: str, part: Term) -> bool:
    """Whether t(x + part) = t(x), proven by the normal form."""
    n = normal(add(substitute(t, {sym(x): add(sym(x), part)}), neg(t)), x)
    return n is not None and n.top == 0


# ------------------------------------------------------------------------------------------------------------- spans
def one_period(period: Real) -> Span:
    """A period around 0 whose ends are unlikely to be special."""
    start = Rational(-fraction_of(float(period) * (0.5 + 1 / 997)))
    return Span(End(start, True, True), End(_plus(start, period), True, True))


def _plus(a: Rational, b: Real) -> Real:
    if isinstance(b, Rational):
        return Rational(a.value + b.value)
    assert b.term is not None
    return closed(add(a.term, b.term))


def window_in(domain: Span, wide: float = WINDOW) -> tuple[Real, Real]:
    """A finite part of an infinite domain, smaller where its points would be too many."""
    low, high = domain.low.at, domain.high.at
    half = max(1, int(min(wide, WINDOW)))
    first = -half if high is None else int(float(high)) - 2 * half
    last = half if low is None else int(float(low)) + 2 * half
    return low or Rational(Fraction(first)), high or Rational(Fraction(last))


def cut_to(domain: Span, low: Real, high: Real) -> Span:
    """The domain with its infinite ends cut at two numbers."""
    first, last = domain.low, domain.high
    return Span(
        first if first.at is not None else End(low, True, True),
        last if last.at is not None else End(high, True, True),
        holes=domain.holes,
    )
