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
from ..names import canonical
from ..optima.cells import Break, Cell, Infinite, Study, study_of
from ..optima.crossings import changes_sign, sign_between, zeros_between
from ..optima.cutting import cut
from ..optima.periods import cut_to, one_period, period_of, window_in
from ..optima.pieces import EXCLUDED
from ..optima.reals import Rational, Real, compare
from ..optima.spans import Span, span_of
from ..optima.zeros import ordered, zeros_of
from ..term import Term, add, neg, num, substitute, sym

SECONDS = 4.0


def solutions(left: Term, right: Term, x: Term, domain: Mapping[str, Any] | None = None) -> Solutions:
    """The real x in the domain at which both sides have one value."""
    given = (domain or {}).get(x.name)
    try:
        within = span_of(given, x.name)
    except (SymnetError, TypeError, ValueError):
        return Solutions((), False)
    found = solve(left, right, x)
    if not found.complete and not found.everything:
        found = _searched(add(left, neg(right)), x, within) or found
    return _kept(found, within)


def within(found: Solutions, x: Term, domain: Mapping[str, Any]) -> Solutions:
    """The solutions in the domain."""
    given = next((v for k, v in domain.items() if canonical(str(k)) == x.name), None)
    return _kept(found, span_of(given, x.name)) if given is not None else found


def _kept(found: Solutions, within: Span) -> Solutions:
    return replace(found, roots=tuple(r for r in found.roots if _within(within, r)))


def _within(within: Span, root: Root) -> bool:
    """Whether a root lies in the interval; an end that is closed is in it."""
    place = Rational(root.exact) if root.exact is not None else _Placed(root)
    low, high = within.low, within.high
    if any(compare(place, hole) == 0 for hole in within.holes):
        return False
    above = low.at is None or compare(place, low.at) > 0 or (low.closed and compare(place, low.at) == 0)
    return above and (high.at is None or compare(place, high.at) < 0 or (high.closed and compare(place, high.at) == 0))


@dataclass(frozen=True, eq=False)
class _Placed(Real):
    """A root as a real number."""

    root: Root

    def ball(self, bits: int = 128) -> Any:
        return self.root.ball(bits)


def _searched(value: Term, x: Term, within: Span) -> Solutions | None:
    """The zeros by factors and balls; None where they were not all found."""
    if value.free != (x.name,):
        return None
    try:
        return _found(value, x.name, within, monotonic() + SECONDS)
    except (SymnetError, ArithmeticError, ValueError, RecursionError):
        return None


def _found(value: Term, x: str, domain: Span, deadline: float) -> Solutions | None:
    """The zeros on the domain, on one period of the formula, or on a window where there are infinitely many."""
    study = study_of(value, x, deadline)
    endless = domain.low.at is None and domain.high.at is None
    period = period_of(study.f, x) if endless else None
    try:
        found, whole = _zeros(study, one_period(period) if period is not None else domain), True
    except Infinite:
        study, whole = study_of(value, x, deadline), False
        found = _zeros(study, cut_to(domain, *window_in(domain)))
    if found is None or study.gaps:
        return None
    roots = tuple(_root(r) for r in ordered(found))
    infinite = bool(roots) and (period is not None or not whole)
    return Solutions(roots, whole and not infinite, infinite=infinite)


def _zeros(study: Study, span: Span) -> list[Real] | None:
    """The zeros inside of the cells and at the breaks between them; None where that was not decided."""
    cells = cut(study, span)
    out: list[Real] = []
    for cell in cells:
        if cell.there:
            zeros = _of_cell(study, cell)
            if zeros is None:
                return None
            out += zeros
    for stop in (cells[0].low, *(cell.high for cell in cells)):
        here = _at_break(study, stop)
        if here is None:
            return None
        out += [stop.at] if here and stop.at is not None else []
    return out


def _of_cell(study: Study, cell: Cell) -> list[Real] | None:
    """The zeros inside; None where the function is 0 all over."""
    z = zeros_of(cell.formula, study.x)
    if z.everywhere:
        return None
    inner = [r for r in zeros_between(study, z, cell.low, cell.high) if not cell.ends_at(r)]
    signs = [sign_between(study, cell.formula, a, b) for a, b in pairwise([cell.low.at, *inner, cell.high.at])]
    changes_sign(study, inner, signs)
    return inner


def _at_break(study: Study, stop: Break) -> bool | None:
    """Whether the function is 0 at a break; None where that was not decided."""
    lost = not stop.joint and any(sort in EXCLUDED for _, sort in (*stop.left, *stop.right))
    if stop.at is None or stop.cut or lost:
        return False
    root = _root(stop.at)
    t = num(root.exact) if root.exact is not None else stop.at.term
    if t is not None and is_zero(substitute(study.f, {sym(study.x): t})):
        return True
    return None if holds(study.f, sym(study.x), root) is not False else False


def _root(r: Real) -> Root:
    return rational(r.value) if isinstance(r, Rational) else Root(r.ball)
