"""All zeros of a smooth formula on a closed interval, by balls: excluded, isolated by Newton, or proven multiple."""

from __future__ import annotations

from dataclasses import dataclass, field
from heapq import heappop, heappush
from time import monotonic
from typing import Any

from flint import arb

from ..balls import precision
from ..errors import SymnetError
from ..term import Term
from .closing import at, candidates, vanishes
from .reals import Bracketed, Rational, Real, compare
from .series import Curve

BITS, DEEP = 80, 320
NARROW = 2.0**-34  # relative width from which more bits and exact candidates are tried
SMALLEST = 2.0**-90
COARSE = (2.0**-4, 2.0**-10, 2.0**-18, 2.0**-26)  # widths at which an exact candidate is tried early
ORDER = 12  # of the highest derivative by which a multiple zero is proven
BOXES = 60_000
MOST = 400  # zeros that are made in one interval
AFTER = 0.005  # seconds that a zero takes afterwards


@dataclass
class Isolated:
    """Zeros in ascending order, and what could not be decided."""

    zeros: list[Real] = field(default_factory=list)
    open: list[tuple[float, float]] = field(default_factory=list)
    boxes: int = 0


def isolate(t: Term, x: str, low: Real, high: Real, deadline: float) -> Isolated:
    """Every zero in [low, high], where the formula is analytic but perhaps at the ends."""
    out, curve = Isolated(), Curve(t, x)
    if compare(low, high) >= 0:
        return out
    with precision(DEEP):
        a, b = low.ball(DEEP), high.ball(DEEP)
        left = _end(t, curve, x, low, b - a, +1, out)
        right = _end(t, curve, x, high, b - a, -1, out)
        start, stop = (a + left).mid(), (b - right).mid()
        queue = [(-float(stop - start), 0, start, stop, BITS)]  # the widest first
        size = abs(b - a).mid()
        zones: list[tuple[arb, arb]] = []
        while queue:
            out.boxes += 1
            if out.boxes > BOXES or len(out.zeros) > MOST or monotonic() + AFTER * len(out.zeros) > deadline:
                out.open += _joined([(float(p), float(q)) for *_, p, q, _ in queue])
                break
            *_, p, q, bits = heappop(queue)
            for zp, zq in zones:
                p = zq if zp <= p <= zq else p
                q = zp if zp <= q <= zq else q
            if not p < q:
                continue
            verdict = _look(curve, p, q, bits, out)
            if verdict:
                continue
            width = q - p
            coarse = bits == BITS and any(width < size * w <= width * 2 for w in COARSE)
            if coarse or width < size * NARROW:
                zone = _multiple(t, curve, x, p, q, out) if bits < DEEP or width < size * SMALLEST else None
                if zone is not None:
                    zones.append(zone)
                    if zone[1] < q:
                        _push(queue, zone[1], q, bits)
                    if p < zone[0]:
                        _push(queue, p, zone[0], bits)
                    continue
                bits = bits if coarse else DEEP
            if width < size * SMALLEST:
                out.open.append((float(p), float(q)))
                continue
            m = (p + width * arb("0.4871")).mid()
            _push(queue, p, m, bits)
            _push(queue, m, q, bits)
    out.zeros = _distinct(curve, out.zeros)
    return out


def _push(queue: list[Any], p: arb, q: arb, bits: int) -> None:
    heappush(queue, (-float(q - p), float(p), p, q, bits))


def _joined(boxes: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Boxes side by side as one."""
    out: list[tuple[float, float]] = []
    for low, high in sorted(boxes):
        if out and low <= out[-1][1]:
            out[-1] = out[-1][0], max(high, out[-1][1])
        else:
            out.append((low, high))
    return out


def _look(curve: Curve, p: arb, q: arb, bits: int, out: Isolated) -> bool:
    """Whether [p, q] is done: no zero, or one that was noted."""
    with precision(bits):
        whole = p.union(q)
        c0, c1 = curve.series(whole, 1)
        if c0.is_finite() and not c0.contains(0):
            return True
        m = ((p + q) / 2).mid()
        fm = curve.value(m)
        if c1.is_finite() and fm.is_finite():
            mean = fm + c1 * (whole - m)
            if not mean.contains(0):
                return True
        grow = (q - p) * arb("0.05")
        wide = (p - grow).lower().union((q + grow).upper())
        c1 = curve.series(wide, 1)[1]
        if not c1.is_finite() or c1.contains(0):
            return False
        newton = m - fm / c1
        if not newton.is_finite():
            return False
        if newton.upper() < p.lower() or newton.lower() > q.upper():
            return True
        if wide.contains_interior(newton):
            out.zeros.append(Bracketed(curve, newton if newton.rad() < wide.rad() else wide))
            return True
    return False


def _end(t: Term, curve: Curve, x: str, end: Real, size: arb, side: int, out: Isolated) -> arb:
    """How far from an end there is no other zero; an end that is a zero is noted."""
    value = at(t, x, end)
    if value is None or not _zero(value):
        return arb(0)
    return _alone(t, curve, x, end, size, side, out)


def _zero(value: Term) -> bool:
    try:
        with precision(DEEP):
            ball = Curve(value, "x").value(arb(0))
        return bool(ball.contains(0)) and ball.is_finite() and vanishes(value)
    except (SymnetError, ArithmeticError):
        return False


def _alone(t: Term, curve: Curve, x: str, place: Real, size: arb, side: int, out: Isolated) -> arb:
    """The width of a neighbourhood in which the zero `place` is alone: the first derivative that is not 0 is not 0."""
    order = _order(t, curve, x, place)
    if order is None:
        return arb(0)
    here = place.ball(DEEP)
    width = (size / 4).mid()
    for _ in range(60):
        near = here.union(here + side * width) if side else (here - width).union(here + width)
        c = curve.series(near, order)[order]
        if c.is_finite() and not c.contains(0):
            out.zeros.append(place)
            return width
        width = (width / 2).mid()
    return arb(0)


def _order(t: Term, curve: Curve, x: str, place: Real) -> int | None:
    """The multiplicity of a zero, by derivatives that are proven to be 0."""
    from ..rules import slope
    from ..term import sym
    from ..tidy import tidy

    with precision(DEEP):
        coefficients = curve.series(place.ball(DEEP), ORDER)
    here = t
    for k, c in enumerate(coefficients):
        if not c.is_finite():
            return None
        if not c.contains(0):
            return k
        value = at(here, x, place)
        if value is None or not _zero(value):
            return None
        here = tidy(slope(here, sym(x))[0])
        if here.size > 20_000:
            return None
    return None


def _multiple(t: Term, curve: Curve, x: str, p: arb, q: arb, out: Isolated) -> tuple[arb, arb] | None:
    """A zone around an exact candidate in [p, q] that is proven to be the only zero there."""
    for place in candidates(p.union(q)):
        value = at(t, x, place)
        if value is None or not _zero(value):
            continue
        width = _alone(t, curve, x, place, (q - p) * 64, 0, out)
        if width > 0:
            here = place.ball(DEEP)
            return (here - width).mid(), (here + width).mid()
    return None


def _distinct(curve: Curve, zeros: list[Real]) -> list[Real]:
    """In ascending order, each once: neighbours whose balls overlap, with a slope that is not 0, are one."""
    ordered = sorted(zeros, key=float)
    out: list[Real] = []
    for z in ordered:
        if out and _same(curve, out[-1], z):
            continue
        out.append(z)
    return [named(curve, z) for z in out]


def _same(curve: Curve, a: Real, b: Real) -> bool:
    p, q = a.ball(256), b.ball(256)
    return bool(p.overlaps(q))


def named(curve: Curve, z: Real) -> Real:
    """A zero with a simple closed form by that form, if it is proven."""
    if not isinstance(z, Bracketed):
        return z
    with precision(DEEP):
        for place in candidates(z.ball(256)):
            if isinstance(place, Rational) and place.value.denominator > 60:
                continue
            value = at(curve.formula, curve.name, place)
            if value is not None and _zero(value):
                return place
    return z
