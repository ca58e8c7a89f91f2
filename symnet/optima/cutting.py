"""An interval cut into cells: at the joints of |u|, max and cases, the innermost first, at poles and at ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import pairwise

from ..balls import as_ball, precision
from ..balls import value as exact_value
from ..errors import SymnetError
from ..term import Term, add, neg, postorder, sym
from ..tidy import tidy
from .cells import Ascending, Break, Cell, Study, sample
from .crossings import zeros_between
from .pieces import JOINT, OPEN, Condition, bends, ends, joints, smooth
from .reals import Real, compare
from .series import Curve
from .spans import Span
from .zeros import zeros_of


def cut(study: Study, span: Span) -> list[Cell]:
    """The cells of a span from left to right; also those on which the function has no value."""
    low, high = (Break(e.at, True, e.closed, e.cut) for e in (span.low, span.high))
    out = []
    holes = {tidy(add(sym(study.x), neg(h.term))): OPEN for h in span.holes if h.term is not None}
    for first, last, piece in _pieces(study, study.f, low, high):
        stops = _split(study, {**ends(piece, study.x), **holes}, first, last) if piece is not None else [first, last]
        out += [_cell(study, piece, p, q) for p, q in pairwise(stops)]
    return out


def merged(study: Study, cells: list[Cell]) -> list[Cell]:
    """Neighbours with one and the same formula are one cell: nothing happened at the joint between them."""
    out = [cells[0]]
    for cell in cells[1:]:
        last, b = out[-1], cell.low
        if last.f is not None and last.f is cell.f and all(sort == JOINT for _, sort in (*b.left, *b.right)):
            out[-1] = _cell(study, cell.f, last.low, cell.high)
        else:
            out.append(cell)
    return out


def _pieces(study: Study, t: Term, low: Break, high: Break) -> Iterator[tuple[Break, Break, Term | None]]:
    """The function split at its joints, the innermost first."""
    if not any(map(bends, postorder(t))):
        yield low, high, t
        return
    for p, q in pairwise(_split(study, joints(t, study.x), low, high)):
        piece = smooth(t, study.x, sample(p.at, q.at))
        if piece is None:
            yield p, q, None
        else:
            yield from _pieces(study, piece, p, q)


def _split(study: Study, found: Mapping[Term, str], low: Break, high: Break) -> list[Break]:
    """The breaks from low to high, with those between at which a condition vanishes."""
    inner: list[Break] = []
    for condition in found.items():
        z = zeros_of(condition[0], study.x)
        if z.everywhere:
            continue
        for r in zeros_between(study, z, low, high):
            _note(r, condition, low, high, inner)
    inner.sort(key=lambda b: Ascending(b.at))
    return [low, *inner, high]


def _note(r: Real, condition: Condition, low: Break, high: Break, inner: list[Break]) -> None:
    """Writes down at the break at r, a new one perhaps, what vanishes there."""
    at = next((b for b in (low, high, *inner) if b.at is not None and compare(b.at, r) == 0), None)
    if at is None:
        at = Break(r)
        inner.append(at)
    if condition[1] == JOINT:
        at.joint = True
    if at is not low:
        at.left.append(condition)
    if at is not high:
        at.right.append(condition)


def _cell(study: Study, piece: Term | None, low: Break, high: Break) -> Cell:
    cell = Cell(low, high, sample(low.at, high.at))
    if piece is None:
        return cell
    with precision(128):
        y = Curve(piece, study.x).value(as_ball(cell.sample))
    if y.is_finite() and (piece is study.f or _has_value(study, cell.sample)):
        cell.f = piece
    return cell


def _has_value(study: Study, place: Fraction) -> bool:
    """Whether the whole formula has a value: 0 · log x lost its logarithm on a cell, but not its domain."""
    try:
        exact_value(study.f, {study.x: place})
    except (SymnetError, ArithmeticError):
        return False
    return True
