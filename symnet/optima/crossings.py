"""Where a formula is zero between two breaks, all zeros of f′ in a cell, and the signs of f′ between them."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from math import inf
from typing import Any

from ..balls import as_ball, fmpq_of, precision
from ..errors import RuleError
from ..term import Term
from .bisection import isolate
from .cells import Break, Cell, Infinite, Study, between, fraction_of, sample
from .rational import derivative, quotient
from .reals import Bracketed, Rational, Real, compare
from .series import Curve
from .tails import quiet
from .zeros import Zeros, inside, ordered, rational_zeros, zeros_of

BY_BALLS = "balls: every box either holds no zero or exactly one"


def zeros_between(study: Study, z: Zeros, low: Break, high: Break) -> list[Real]:
    """The zeros from one break to another; raises `Infinite` where there may be infinitely many."""
    a, b = low.at, high.at
    endless = [f for f in z.families if f.n > 0]
    if endless and (a is None or b is None):
        raise Infinite(min(f.wide for f in endless))
    out = z.known(a, b)
    study.gaps.extend((p, q) for f in z.families for p, q in f.crowds(a, b) if p < q)
    for t in z.numeric:
        out += _by_balls(study, t, low, high)
    return ordered(out)


def _by_balls(study: Study, t: Term, low: Break, high: Break) -> list[Real]:
    """Zeros by balls; an infinite or singular end is closed off by a tail on which nothing can happen."""
    a, b = _start(study, t, low, -1), _start(study, t, high, 1)
    if a is None or b is None:
        if low.at is None or high.at is None:
            raise Infinite
        a, b = a or _near(low.at, high.at), b or _near(high.at, low.at)
        study.gaps.extend((float(p), float(q)) for p, q in ((low.at, a), (b, high.at)) if p is not q)
    if compare(a, b) >= 0:
        return []
    found = isolate(t, study.x, a, b, study.deadline)
    study.gaps.extend(found.open)
    study.methods[BY_BALLS] = None
    return inside(found.zeros, low.at, high.at)  # a box may reach beyond an end


def _start(study: Study, t: Term, end: Break, side: int) -> Real | None:
    """Where to begin at an end: there, or where a tail without a zero begins; None if there is no such place."""
    if end.at is not None and not _singular(study, t, end.at):
        return end.at
    edge = quiet(t, study.x, end.at, side if end.at is None else -side, study.deadline)
    if edge is None and end.at is not None and not _undefined(study, t, end.at):
        return end.at
    return edge


def _near(end: Real, other: Real) -> Real:
    return Rational(fraction_of(float(end) + (float(other) - float(end)) * 1e-6))


def _singular(study: Study, t: Term, at: Real) -> bool:
    """Whether t has no value or no slope at the end itself."""
    with precision(256):
        return not all(c.is_finite() for c in Curve(t, study.x).series(at.ball(256), 1))


def _undefined(study: Study, t: Term, at: Real) -> bool:
    with precision(256):
        return not Curve(t, study.x).value(at.ball(256)).is_finite()


def solve_cell(study: Study, cell: Cell) -> None:
    """All zeros of f′ in a cell and its signs between them; where it is 0 everywhere the cell is flat."""
    ratio = quotient(cell.formula, study.x)
    sloped = derivative(*ratio) if ratio is not None else None
    z = rational_zeros(sloped) if sloped is not None else zeros_of(cell.slope(study.x), study.x)
    if z.everywhere:
        cell.flat = True
        return
    study.methods.update(z.methods)
    cell.zeros = zeros_between(study, z, cell.low, cell.high)
    stops = list(pairwise([cell.low.at, *cell.inner, cell.high.at]))
    if sloped is not None:
        cell.signs = [_sign_of_quotient(sloped, a, b) for a, b in stops]
    else:
        cell.signs = [sign_between(study, cell.slope(study.x), a, b) for a, b in stops]
    changes_sign(study, cell.inner, cell.signs)


def unsolved(study: Study, cell: Cell) -> None:
    """A cell for which there was no time."""
    cell.signs = [0]
    ends = [-inf if cell.low.at is None else float(cell.low.at), inf if cell.high.at is None else float(cell.high.at)]
    study.gaps.append((ends[0], ends[1]))


def changes_sign(study: Study, zeros: list[Real], signs: list[int]) -> None:
    """A formula changes its sign at a zero that is only bracketed; where it does not, that is not decided."""
    for r, (before, after) in zip(zeros, pairwise(signs), strict=True):
        if isinstance(r, Bracketed) and before * after >= 0 and not study.gaps:
            low, high = r.enclosure()
            study.gaps.append((float(low), float(high)))


def _sign_of_quotient(pq: tuple[Any, Any], low: Real | None, high: Real | None) -> int:
    """The sign of a quotient of polynomials between two neighbouring zeros."""
    s = sample(low, high)
    top, bottom = (p(fmpq_of(s)) for p in pq)
    return 1 if top * bottom > 0 else -1


def sign_between(study: Study, t: Term, low: Real | None, high: Real | None) -> int:
    """The sign of a formula between two neighbouring zeros; 0 where it was not found."""
    curve = Curve(t, study.x)
    try:
        samples = _samples(low, high)
    except RuleError:  # two zeros that thousands of bits do not tell apart
        study.gaps.extend((float(r), float(r)) for r in (low, high) if r is not None)
        return 0
    for place in samples:
        for bits in (128, 512, 2048):
            with precision(bits):
                y = curve.value(as_ball(place))
            if y.is_finite() and not y.contains(0):
                return 1 if y > 0 else -1
    return 0


def _samples(low: Real | None, high: Real | None) -> list[Fraction]:
    first = sample(low, high)
    if low is None or high is None:
        return [first, first * 2 + 1 if low is not None else first * 2 - 1]
    return [first, between(low, Rational(first)), between(Rational(first), high)]
