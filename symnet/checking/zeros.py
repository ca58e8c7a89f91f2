"""All real solutions of an equation in one name: by its normal form, else by the isolators of the stationary points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from time import monotonic
from typing import Any

from ..equality.constants import is_zero
from ..equality.solving import Root, Solutions, holds, rational, solve
from ..errors import SymnetError
from ..optima.intervals import Interval, interval
from ..optima.pieces import OPEN, POLE, ends, unfolded
from ..optima.reals import Bracketed, Rational, Real, compare
from ..optima.single import Break, Cell, Infinite, Task, inside, ordered, period_of, plain_exponents
from ..optima.zeros import zeros_of
from ..term import Term, add, neg, num, substitute, sym

SECONDS = 4.0


def solutions(left: Term, right: Term, x: Term, domain: Mapping[str, Any] | None = None) -> Solutions:
    """The real x in the domain at which both sides have one value."""
    given = (domain or {}).get(x.name)
    try:
        within = interval(given, x.name)
    except (SymnetError, TypeError, ValueError):
        return Solutions((), False)
    found = solve(left, right, x)
    if not found.complete and not found.everything:
        found = _searched(add(left, neg(right)), x, within) or found
    kept = tuple(r for r in found.roots if _within(within, r))
    return replace(found, roots=kept)


def _within(within: Interval, root: Root) -> bool:
    """Whether a root lies in the interval; an end that is closed is in it."""
    place = Rational(root.exact) if root.exact is not None else _Placed(root)
    low, high = within.low, within.high
    above = low.at is None or compare(place, low.at) > 0 or (low.closed and compare(place, low.at) == 0)
    return above and (high.at is None or compare(place, high.at) < 0 or (high.closed and compare(place, high.at) == 0))


@dataclass(frozen=True, eq=False)
class _Placed(Real):
    """A root as a real number."""

    root: Root

    def ball(self, bits: int = 128) -> Any:
        return self.root.ball(bits)


def _searched(value: Term, x: Term, within: Interval) -> Solutions | None:
    """The zeros by factors and balls; None where they were not all found."""
    if value.free != (x.name,):
        return None
    try:
        return _Search(value, x.name, within, monotonic() + SECONDS).solutions()
    except (SymnetError, ArithmeticError, ValueError, RecursionError):
        return None


class _Search(Task):
    """The work on one equation: the cells of the function, and its own zeros in the place of those of its slope."""

    def solutions(self) -> Solutions | None:
        self.f = unfolded(plain_exponents(self.value))
        self.period = period_of(self.f, self.x) if self.domain.low.at is None and self.domain.high.at is None else None
        many = False
        try:
            found = self._found(self._one_period() if self.period is not None else self.domain)
            many = self.period is not None
        except Infinite:
            many = True
            self.window = self._finite(self.domain)
            self._reset()
            low, high = self.window
            found = self._found(Interval(self._cut(self.domain.low, low), self._cut(self.domain.high, high)))
        if found is None or self.gaps:
            return None
        roots = tuple(_root(r) for r in ordered(found))
        return Solutions(roots, not (many and roots) and self.window is None, infinite=bool(many and roots))

    def _found(self, span: Interval) -> list[Real] | None:
        a, b = span.low, span.high
        low, high = Break(a.at, True, a.closed, a.cut), Break(b.at, True, b.closed, b.cut)
        out: list[Real] = []
        stops = {id(s): s for s in (low, high)}
        for first, last, piece in self._pieces(self.f, low, high):
            places = self._split(ends(piece, self.x), first, last) if piece is not None else [first, last]
            stops.update((id(p), p) for p in places)
            for cell in (self._cell(piece, p, q) for p, q in pairwise(places)):
                if cell.there:
                    zeros = self._of_cell(cell)
                    if zeros is None:
                        return None
                    out += zeros
        for stop in stops.values():
            here = self._at_break(stop)
            if here is None:
                return None
            out += [stop.at] if here and stop.at is not None else []
        return out

    def _of_cell(self, cell: Cell) -> list[Real] | None:
        """The zeros inside; None where the function is 0 all over."""
        assert cell.f is not None
        cell._slope = cell.f
        z = zeros_of(cell.f, self.x)
        if z.everywhere:
            return None
        low, high = cell.low.at, cell.high.at
        if z.families and (low is None or high is None):
            raise Infinite
        found = inside(z.isolated, low, high) if low is None or high is None else z.known(low, high)
        for t in z.numeric:
            found += self._numeric(t, low, high, cell.low, cell.high)
        inner = [r for r in ordered(found) if not self._is_end(r, cell)]
        signs = [self._sign(cell, a, b) for a, b in pairwise([low, *inner, high])]
        for r, (before, after) in zip(inner, pairwise(signs), strict=True):
            if isinstance(r, Bracketed) and before * after >= 0:
                self.gaps.append((float(r), float(r)))
        return inner

    def _at_break(self, stop: Break) -> bool | None:
        """Whether the function is 0 at a break; None where that was not decided."""
        lost = not stop.joint and any(sort in (POLE, OPEN) for _, sort in (*stop.left, *stop.right))
        if stop.at is None or stop.cut or lost:
            return False
        root = _root(stop.at)
        t = num(root.exact) if root.exact is not None else stop.at.term
        if t is not None and is_zero(substitute(self.f, {sym(self.x): t})):
            return True
        return None if holds(self.f, sym(self.x), root) is not False else False


def _root(r: Real) -> Root:
    return rational(r.value) if isinstance(r, Rational) else Root(r.ball)
