"""A place between which and an end (infinity, a pole, an open end) a formula has no zero.

The end is moved to s → ∞. The dominant terms are larger than all others together, whose ratios to them fall from there
on; or the formula is monotone from there on and does not cross 0 on its way to its limit.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb

from ..balls import as_ball, precision
from ..rules import slope
from ..term import ONE, Term, add, div, fn, mul, neg, num, postorder, power, substitute, sym
from ..tidy import tidy
from .basics import basic, flattened
from .closing import closed, simplified
from .expanding import expand
from .growth import BITS, UNIT, Growth, S, Undecided, constant_sign
from .limits import UNDECIDED, limit, moved
from .monomials import combination, written
from .reach import reach
from .reals import Rational, Real, Shifted
from .series import Curve
from .substitution import back, normal, univariate
from .zeros import zeros_of


@dataclass(frozen=True, eq=False)
class Summand:
    """coefficient · growth · bounded factors: one monomial of a sum."""

    growth: Growth
    bounded: Term


def quiet(t: Term, x: str, at: Real | None, side: int, deadline: float, depth: int = 2) -> Real | None:
    """A place between which and the end the formula has no zero; None if that was not proven."""
    u = moved(t, x, at, side)
    if u is None:
        return None
    for form in _numerators(u):
        with precision(BITS):
            try:
                r = _plain(form) or _dominated(form)
            except UNDECIDED:
                continue
        if r is None:
            continue
        return _back(r, at, side)
    return _monotone(t, x, at, side, deadline, depth) if depth else None


def _back(r: Fraction, at: Real | None, side: int) -> Real:
    """The place s = r in x."""
    return Rational(r * side) if at is None else Shifted(at, Rational(1 / r), side)


def _monotone(t: Term, x: str, at: Real | None, side: int, deadline: float, depth: int) -> Real | None:
    """A place beyond which the formula is monotone and does not cross 0 on its way to its limit."""
    t, poles = _freed(t, x)
    falling = tidy(slope(t, sym(x))[0])
    z = zeros_of(falling, x)
    if z.everywhere or z.families:
        return None
    start = Fraction(1)
    for r in (*z.isolated, *poles):
        start = max(start, _beyond(r, at, side))
    for part in z.numeric:
        edge = quiet(part, x, at, side, deadline, depth - 1)
        if edge is None:
            return None
        start = max(start, _beyond(edge, at, side))
    got = limit(t, x, at, side)
    if got is None or got.swings or len(got.values) != 1:
        return None
    value = got.values[0]
    want = value if isinstance(value, int) else constant_sign(value.term) if value.term is not None else 0
    curve = Curve(t, x)
    for k in range(40):
        place = _back(start * 2**k, at, side)
        with precision(256):
            y = curve.value(place.ball(256))
        if not y.is_finite() or y.contains(0):
            continue
        if not want or (y > 0) == (want > 0):
            return place
    return None


def _freed(t: Term, x: str) -> tuple[Term, list[Real]]:
    """A log + B as log + B/A and the zeros of A: its derivative has no logarithm. The same for erf and atan."""
    n = normal(t, x)
    if n is None or n.top is None:
        return t, []
    kernels = list(n.kernels.values())
    for i, k in enumerate(kernels):
        if k.sort == "fn" and k.moves(x) and int(n.top.degrees()[i]) == 1:
            parts = dict(univariate(n.top, i))
            a, b = back(parts[1], kernels), back(parts[0], kernels) if 0 in parts else num(0)
            z = zeros_of(a, x)
            if not z.numeric and not z.families and not z.everywhere:
                return tidy(add(k.of, div(b, a))), z.isolated
    return t, []


def _beyond(r: Real, at: Real | None, side: int) -> Fraction:
    """An s for which the place lies beyond r, as far as r lies on the way to the end at all."""
    with precision(BITS):
        far = r.ball(BITS) * side if at is None else 1 / ((r.ball(BITS) - at.ball(BITS)) * side)
        return Fraction(max(1, int(float(far.upper())) + 2)) if far.is_finite() and far > 0 else Fraction(1)


def _numerators(u: Term) -> list[Term]:
    simple = _logs(flattened(basic(u)))
    out = [numerator(simple), simple]
    n = normal(u, "s")
    if n is not None and n.top is not None:
        out.append(back(n.top, list(n.kernels.values())))
    return out


def _logs(t: Term) -> Term:
    """log(c s^k) as log c + k log s."""
    swap = {}
    for n in postorder(t):
        if n.op == "fn" and n.data == "log" and n.args[0] is not S:
            parts = combination(n.args[0])
            if len(parts) == 1:
                ((m, c),) = parts.items()
                if c > 0 and all(k is S for k, _ in m):
                    swap[n] = tidy(add(fn("log", num(c)), mul(num(dict(m).get(S, Fraction(0))), fn("log", S))))
    return tidy(substitute(t, dict(swap))) if swap else t


def numerator(t: Term) -> Term:
    """The formula times its denominators, as far as sums and products go."""
    return _over(t)[0]


def _over(t: Term) -> tuple[Term, Term]:
    if t.op == "neg":
        p, q = _over(t.args[0])
        return neg(p), q
    if t.op == "div":
        (p, q), (r, s) = _over(t.args[0]), _over(t.args[1])
        return tidy(mul(p, s)), tidy(mul(q, r))
    if t.op == "mul":
        parts = [_over(a) for a in t.args]
        return tidy(mul(*(p for p, _ in parts))), tidy(mul(*(q for _, q in parts)))
    if t.op == "add":
        p, q = _over(t.args[0])
        for a in t.args[1:]:
            r, s = _over(a)
            p, q = (add(p, r), q) if q is s else (tidy(add(mul(p, s), mul(r, q))), tidy(mul(q, s)))
        return p, q
    return t, ONE


def _plain(form: Term) -> Fraction | None:
    """R such that the values for s ≥ R keep one sign at sight."""
    for k in (1, 2, 4, 8, 16, 24, 32):
        r = reach(form, "s", arb(2) ** k)
        if r is not None and (r.low > 0 or r.high < 0):
            return Fraction(2) ** k
    return None


def _dominated(form: Term) -> Fraction | None:
    """R such that for s ≥ R the dominant parts outweigh the others."""
    parts = [_part(m, c) for m, c in combination(form).items()]
    if not parts:
        return None
    top = parts[0].growth
    for p in parts[1:]:
        top = p.growth if p.growth.over(top) > 0 else top
    main = [p for p in parts if p.growth.over(top) == 0]
    others = [(p, p.growth.times(top, -1)) for p in parts if p.growth.over(top) != 0]
    whole = simplified_sum([p.bounded for p in main])
    for k in range(1, 40):
        r = Fraction(2) ** k
        start = arb(2) ** k
        m = reach(whole, "s", start)
        if m is None:
            continue
        least = m.low if m.low > 0 else -m.high if m.high < 0 else None
        if least is None:
            continue
        total = arb(0)
        for p, ratio in others:
            b = reach(p.bounded, "s", start)
            if b is None or not _falls(ratio, start):
                break
            total += b.size() * _at(ratio, start)
        else:
            if total.is_finite() and total < least:
                return r
    return None


def simplified_sum(terms: list[Term]) -> Term:
    return tidy(add(*terms)) if len(terms) > 1 else terms[0]


def _part(m: Any, c: Fraction) -> Summand:
    growth, bounded = UNIT, [num(c)]
    for k, e in m:
        g, b = _split(k, e)
        growth = growth.times(g)
        bounded.append(b)
    return Summand(growth, _product_of([b for b in bounded if b is not ONE]))


def _product_of(factors: list[Term]) -> Term:
    return mul(*factors) if factors else ONE


def _split(k: Term, e: Fraction) -> tuple[Growth, Term]:
    """A factor k^e as growth and what stays bounded."""
    if k is S:
        return Growth(a=e), ONE
    if "s" not in k.free:
        return UNIT, _raised(k, e)
    if k.op == "fn" and k.data == "log" and k.args[0] is S:
        return Growth(c=e), ONE
    if k.op == "fn" and k.data == "exp":
        growth, left = UNIT, []
        for m, c in combination(k.args[0]).items():
            powers = dict(m)
            p = powers.pop(S, Fraction(0))
            if p > 0 and not any("s" in f.free for f in powers):
                growth = growth.times(Growth(((p, simplified(mul(num(e), written(tuple(powers.items()), c)))),)))
            else:
                left.append(written(m, c))
        return growth, _raised(fn("exp", add(*left)), e) if left else ONE
    if k.op == "add":
        g, _ = expand(k).need()
        if g.q or g.c:
            raise Undecided
        return Growth(a=g.a * e), _raised(tidy(add(*(div(a, power(S, num(g.a))) for a in k.args))) if g.a else k, e)
    if k.op == "fn" and k.data == "sin" and (h := _vanishing(k.args[0])) is not None:  # sin h = h (sin h)/h
        return Growth(a=h[0] * e), _raised(mul(h[1], Term("fn", (k.args[0],), "sinc")), e)
    if k.op == "fn" and k.data in ("sin", "cos", "atan", "erf"):
        return UNIT, _raised(k, e)
    raise Undecided


def _vanishing(h: Term) -> tuple[Fraction, Term] | None:
    """(a, c) for h = c s^a with a < 0."""
    parts = combination(h)
    if len(parts) != 1:
        return None
    ((m, c),) = parts.items()
    powers = dict(m)
    a = powers.pop(S, Fraction(0))
    return (a, written(tuple(powers.items()), c)) if a < 0 and not any("s" in k.free for k in powers) else None


def _raised(t: Term, e: Fraction) -> Term:
    return t if e == 1 else power(t, num(e))


def _falls(g: Growth, start: arb) -> bool:
    """Whether the growth g → 0 falls for s ≥ start: s g′/g = a + Σ p q_p s^p + c/log s < 0."""
    total = as_ball(g.a) + arb(0)
    if g.c > 0:
        total += as_ball(g.c) / start.log()
    if g.q:
        lead = g.q[0][0]
        b = arb(0)
        for p, t in g.q:
            q = closed(t).ball(BITS) * p.numerator / p.denominator
            if p == lead:
                b += q
            elif not q < 0:
                b += abs(q) * start ** as_ball(p - lead)
        if not b < 0:
            return False
        total += b * start ** as_ball(lead)
    return bool(total < 0) or (bool(total <= 0) and g.c < 0)


def _at(g: Growth, s: arb) -> arb:
    y = s ** as_ball(g.a)
    if g.c:
        y *= s.log() ** as_ball(g.c)
    for p, t in g.q:
        y *= (closed(t).ball(BITS) * s ** as_ball(p)).exp()
    return y
