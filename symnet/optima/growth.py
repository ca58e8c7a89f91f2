"""Asymptotic expansions for s → ∞ in the scale s^a e^{q(s)} (log s)^c: sums of such growths, and an error o(…)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb

from ..term import ONE, Term, add, div, mul, neg, num, power, sym
from ..tidy import tidy
from .closing import closed, simplified, vanishes
from .reals import Rational

S = sym("s")
BITS = 128


class Undecided(ArithmeticError):
    """The expansion does not go far enough."""


@dataclass(frozen=True, eq=False)
class Growth:
    """s^a e^{Σ q_p s^p} (log s)^c."""

    q: tuple[tuple[Fraction, Term], ...] = ()
    a: Fraction = Fraction(0)
    c: Fraction = Fraction(0)

    def times(self, other: Growth, sign: int = 1) -> Growth:
        q = dict(self.q)
        for p, t in other.q:
            t = t if sign > 0 else neg(t)
            q[p] = simplified(add(q[p], t)) if p in q else simplified(t)
        kept = tuple((p, t) for p, t in sorted(q.items(), reverse=True) if constant_sign(t))
        return Growth(kept, self.a + sign * other.a, self.c + sign * other.c)

    def to(self, e: Fraction) -> Growth:
        return Growth(tuple((p, simplified(mul(num(e), t))) for p, t in self.q), self.a * e, self.c * e)

    def sign(self) -> int:
        """1 if it goes to ∞, −1 if to 0, 0 if it is 1."""
        if self.q:
            return constant_sign(self.q[0][1])
        return (self.a > 0) - (self.a < 0) or (self.c > 0) - (self.c < 0)

    def over(self, other: Growth) -> int:
        return self.times(other, -1).sign()


UNIT, LOG = Growth(), Growth(c=Fraction(1))


def constant_sign(t: Term) -> int:
    n = t.number
    if n is not None:
        return (n > 0) - (n < 0)
    r = closed(t)
    if isinstance(r, Rational):
        return (r.value > 0) - (r.value < 0)
    for bits in (128, 512):
        b = r.ball(bits)
        if b > 0:
            return 1
        if b < 0:
            return -1
        if not b.is_finite():
            raise Undecided
    if vanishes(t):
        return 0
    raise Undecided


@dataclass(frozen=True, eq=False)
class Coefficient:
    """A constant, or (term None) something that swings between two numbers."""

    term: Term | None
    low: Any = None
    high: Any = None

    def times(self, other: Coefficient) -> Coefficient:
        if self.term is not None and other.term is not None:
            return Coefficient(simplified(mul(self.term, other.term)))
        a, b = self.ends(), other.ends()
        products = [p * q for p in a for q in b]
        return Coefficient(None, min(p.lower() for p in products), max(p.upper() for p in products))

    def plus(self, other: Coefficient) -> Coefficient:
        if self.term is not None and other.term is not None:
            return Coefficient(simplified(add(self.term, other.term)))
        a, b = self.ends(), other.ends()
        return Coefficient(None, (a[0] + b[0]).lower(), (a[1] + b[1]).upper())

    def ends(self) -> tuple[arb, arb]:
        if self.term is None:
            return self.low, self.high
        b = closed(self.term).ball(BITS)
        return b.lower(), b.upper()

    @property
    def zero(self) -> bool:
        return self.term is not None and constant_sign(self.term) == 0


@dataclass(frozen=True, eq=False)
class Expansion:
    """A sum of terms of different growth, and an error o(rest)."""

    terms: tuple[tuple[Growth, Coefficient], ...]
    rest: Growth | None = None

    def top(self) -> tuple[Growth, Coefficient] | None:
        """The dominant term; None if all that is known is the error."""
        best = None
        for g, c in self.terms:
            if best is None or g.over(best[0]) > 0:
                best = g, c
        if best is not None and self.rest is not None and best[0].over(self.rest) < 0:
            return None
        return best

    def need(self) -> tuple[Growth, Term]:
        """The dominant term, with a constant coefficient."""
        top = self.top()
        if top is None or top[1].term is None:
            raise Undecided
        return top[0], top[1].term


def constant(t: Term) -> Expansion:
    c = Coefficient(simplified(t))
    return Expansion(() if c.zero else ((UNIT, c),))


def _coarser(a: Growth | None, b: Growth | None) -> Growth | None:
    if a is None or b is None:
        return a or b
    return a if a.over(b) >= 0 else b


def plus(a: Expansion, b: Expansion) -> Expansion:
    rest = _coarser(a.rest, b.rest)
    out: list[tuple[Growth, Coefficient]] = []
    for g, c in (*a.terms, *b.terms):
        for i, (h, d) in enumerate(out):
            if g.over(h) == 0:
                out[i] = h, d.plus(c)
                break
        else:
            out.append((g, c))
    kept = [(g, c) for g, c in out if not c.zero and (rest is None or g.over(rest) >= 0)]
    return Expansion(tuple(kept), rest)


def times(a: Expansion, b: Expansion) -> Expansion:
    if len(a.terms) * len(b.terms) > 60:
        raise Undecided
    rest = None
    for p, q in ((a, b), (b, a)):
        if p.rest is not None:
            top = q.top()
            size = top[0] if top is not None else q.rest
            rest = _coarser(rest, p.rest.times(size) if size is not None else None)
    out = Expansion((), rest)
    for g, c in a.terms:
        for h, d in b.terms:
            out = plus(out, Expansion(((g.times(h), c.times(d)),), rest))
    return out


def minus_one(a: Expansion) -> tuple[Growth, Term, Expansion]:
    """(growth, coefficient, d) with a = coefficient · growth · (1 + d), d → 0."""
    g, c = a.need()
    inverse = Expansion(((UNIT.times(g, -1), Coefficient(tidy(div(ONE, c)))),))
    rest = tuple((h, d) for h, d in a.terms if h is not g)
    return g, c, times(Expansion(rest, a.rest), inverse)


def series(coefficients: list[Term], d: Expansion) -> Expansion:
    """Σ c_k d^k + o(d^n) for d → 0, where all c_k to k = n are given."""
    out, step = constant(coefficients[0]), constant(ONE)
    top = d.top()
    if top is None:
        return plus(out, Expansion((), d.rest))
    for c in coefficients[1:]:
        step = times(step, d)
        out = plus(out, times(step, constant(c)))
    return plus(out, Expansion((), top[0].to(Fraction(len(coefficients) - 1))))


def _binomial(e: Fraction, n: int) -> list[Term]:
    out, c = [ONE], Fraction(1)
    for k in range(n):
        c = c * (e - k) / (k + 1)
        out.append(num(c))
    return out


def to_power(a: Expansion, e: Fraction, n: int) -> Expansion:
    if e.denominator == 1 and 0 <= e <= 8:
        out = constant(ONE)
        for _ in range(int(e)):
            out = times(out, a)
        return out
    g, c, d = minus_one(a)
    if constant_sign(c) < 0 and e.denominator != 1:
        raise Undecided
    lead = Expansion(((g.to(e), Coefficient(tidy(power(c, num(e))) if c is not ONE else ONE)),))
    return lead if not d.terms and d.rest is None else times(lead, series(_binomial(e, n), d))
