"""The places of one variable that are shown: zeros of f′, kinks, ends of the domain, with values and kinds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from ..balls import precision
from ..balls import value as exact_value
from ..errors import SymnetError
from ..term import Term, num, postorder, substitute
from ..tidy import tidy
from .cells import Break, Cell, Study
from .limits import Limit, limit
from .pieces import CLOSED, CUSP, EXCLUDED, JOINT, Condition
from .reals import Rational, Real, compare
from .series import Curve
from .shown import number_text
from .values import Value, order

ZERO = Rational(Fraction(0))
SLOPE = "whether the slope is 0 at"


@dataclass(frozen=True, eq=False, slots=True)
class Place:
    """A point that will be shown."""

    at: Real
    value: Real
    kind: str
    type: str


def kind(before: int, after: int) -> str:
    """The kind of a point by the signs of f′ on its two sides."""
    if before == after:
        return "inflection" if before else "degenerate"
    return "min" if before <= 0 <= after else "max"


def inner_places(study: Study, cells: Sequence[Cell]) -> Iterator[Place]:
    """The zeros of f′ inside of the cells."""
    for cell in cells:
        if cell.there and not cell.flat:
            for r, before, after in zip(cell.inner, cell.signs, cell.signs[1:], strict=False):
                sort = kind(before, after) if not study.gaps else _by_curvature(study, cell, r)
                yield Place(r, Value(cell.formula, study.x, r), sort, "stationary")


def _by_curvature(study: Study, cell: Cell, r: Real) -> str:
    """The kind where the next zeros may be unknown: by the sign of f″."""
    with precision(256):
        c = Curve(cell.slope(study.x), study.x).series(r.ball(256), 1)[1]
    return "degenerate" if not c.is_finite() or c.contains(0) else "min" if c > 0 else "max"


def break_places(study: Study, breaks: Sequence[Break], cells: Sequence[Cell]) -> Iterator[Place]:
    """The breaks at which the function has a value: kinks, smooth joints where f′ is 0, ends of the domain."""
    lone = (None,)
    for b, left, right in zip(breaks, (*lone, *cells), (*cells, *lone), strict=True):
        left = left if left is not None and left.there else None
        right = right if right is not None and right.there else None
        if b.at is None or b.cut or b.excluded or (b.end and not b.closed):
            continue
        made = _both_sides(study, b, left, right) if left and right else _one_side(study, b, left, right)
        if made is not None:
            yield made


# ------------------------------------------------------------------------------------------------- values at breaks
def look(study: Study, b: Break, cells: Sequence[Cell]) -> None:
    """Whether the function has a value at a break, and which."""
    beside = [c for c in cells if c.there and b in (c.low, c.high)]
    if b.at is not None and beside:
        sides = [value_beside(study, b, c) for c in beside if not b.lost(c, EXCLUDED)]
        if b.joint and isinstance(b.at, Rational):
            b.value = _at_joint(study, b.at.value, sides)
        else:
            b.value = sides[0] if sides else None
    b.excluded = b.value is None


def _at_joint(study: Study, at: Fraction, sides: Sequence[Real]) -> Real | None:
    """The value of the whole formula at a joint: which case holds there is for the formula to say."""
    try:
        found = exact_value(study.f, {study.x: at})
    except (SymnetError, ArithmeticError):
        return None
    if isinstance(found, Fraction):
        return Rational(found)
    return next((v for v in sides if v.ball().overlaps(found)), sides[0] if sides else None)


def value_beside(study: Study, b: Break, cell: Cell) -> Real:
    """The limit of the formula of a cell at its end."""
    assert b.at is not None
    return Value(_settled(cell.formula, b.beside(cell)), study.x, b.at)


def _settled(t: Term, vanishing: Sequence[Condition]) -> Term:
    """The formula with 0 for what vanishes at the end."""
    zero = {c for c, sort in vanishing if sort in (CLOSED, CUSP, JOINT)}
    values = {node: num(0) for node in postorder(t) if node in zero}
    return tidy(substitute(t, values)) if values else t


def _slope_beside(study: Study, b: Break, cell: Cell) -> Real | None:
    """The limit of f′ at the end of a cell; None where it is infinite or not known."""
    if cell.flat:
        return ZERO
    assert b.at is not None
    slope = cell.slope(study.x)
    with precision(256):
        y = Curve(slope, study.x).value(b.at.ball(256))
    if y.is_finite():
        return ZERO if any(compare(r, b.at) == 0 for r in cell.zeros) else Value(slope, study.x, b.at)
    got = limit_at(study, slope, b.at, cell.side(b))
    if got is None or got.swings:
        _doubt(study, b, "the slope beside")
        return None
    side = got.values[0]
    return side if isinstance(side, Real) else None


def limit_at(study: Study, t: Term, at: Real | None, side: int) -> Limit | None:
    """The limit of a formula, found once; None where it is not known, or not in time."""
    key = (t, id(at), side)
    if key not in study.limits:
        study.limits[key] = None if study.late else limit(t, study.x, at, side)
    found: Limit | None = study.limits[key]
    return found


def _doubt(study: Study, b: Break, what: str) -> None:
    assert b.at is not None
    study.doubts[f"{what} {study.x} = {number_text(b.at.sympy())} was not decided"] = None


def _same(study: Study, b: Break, p: Real, q: Real, what: str) -> bool:
    """Whether two numbers are one; where that is neither proven nor disproven a doubt is noted."""
    sign, proven = order(p, q)
    if not proven:
        _doubt(study, b, what)
    return sign == 0


def _sign(study: Study, b: Break, value: Real) -> int:
    """The sign of f(b) minus a value beside it."""
    assert b.value is not None
    sign, proven = order(b.value, value)
    if not proven:
        _doubt(study, b, "whether there is a jump at")
    return sign


# -------------------------------------------------------------------------------------------------- kinds at breaks
def _one_side(study: Study, b: Break, left: Cell | None, right: Cell | None) -> Place:
    """The end of a domain: the function rises or falls from there."""
    cell = left or right
    assert cell is not None and b.at is not None and b.value is not None
    sign = 0 if cell.flat else cell.signs[-1] if left else cell.signs[0]
    if cell.flat or sign == 0:
        return Place(b.at, b.value, "degenerate", "boundary")
    rises = sign if right else -sign
    slope = _slope_beside(study, b, cell)
    stationary = slope is not None and _same(study, b, slope, ZERO, SLOPE)
    sort = "stationary" if stationary else "kink" if b.lost(cell, (CUSP, JOINT)) else "boundary"
    return Place(b.at, b.value, "min" if rises > 0 else "max", sort)


def _both_sides(study: Study, b: Break, left: Cell, right: Cell) -> Place | None:
    """A joint: a jump, a kink, a smooth joint with the slope 0, or (None) nothing to be shown."""
    assert b.at is not None and b.value is not None
    down, up = _jump(study, b, left), _jump(study, b, right)
    before = 0 if left.flat else left.signs[-1]
    after = 0 if right.flat else right.signs[0]
    if down or up:
        before, after = down or before, -up or after
        return Place(b.at, b.value, kind(before, after) if before * after <= 0 else "degenerate", "kink")
    a, c = _slope_beside(study, b, left), _slope_beside(study, b, right)
    if a is None or c is None or not _same(study, b, a, c, "whether there is a kink at"):
        return Place(b.at, b.value, kind(before, after) if before != after else "degenerate", "kink")
    return Place(b.at, b.value, kind(before, after), "stationary") if _same(study, b, a, ZERO, SLOPE) else None


def _jumps(node: Term) -> bool:
    """Whether a part of a formula may jump where it has a value; |u|, max and min do not."""
    return node.op == "cases" or (node.op == "fn" and node.data in ("sign", "step"))


def _jump(study: Study, b: Break, cell: Cell) -> int:
    """The sign of f(b) minus the limit from one side."""
    assert b.value is not None
    if not b.lost(cell, EXCLUDED):
        if not any(map(_jumps, postorder(study.f))):
            return 0
        return _sign(study, b, value_beside(study, b, cell))
    got = limit_at(study, cell.formula, b.at, cell.side(b))
    if got is None or len(got.values) != 1:
        _doubt(study, b, "whether there is a jump at")
        return 0
    side = got.values[0]
    return -side if isinstance(side, int) else _sign(study, b, side)


# ------------------------------------------------------------------------------------------------------------ poles
def is_pole(study: Study, b: Break, cells: Sequence[Cell]) -> bool:
    """Whether the function goes to ±∞ there; a gap that could be filled is noted instead."""
    if b.at is None or not any(sort in EXCLUDED for _, sort in (*b.left, *b.right)):
        return False
    beside = [c for c in cells if c.there and b in (c.low, c.high)]
    got = [limit_at(study, c.formula, b.at, c.side(b)) for c in beside]
    if None in got and study.late:
        study.notes["whether there are more poles was not decided in the time of the call"] = None
    elif None in got:
        study.notes[f"whether there is a pole at {study.x} = {number_text(b.at.sympy())} was not decided"] = None
    values = [v for g in got if g is not None for v in g.values]
    if len(beside) == 2 and b.excluded and len(values) == 2 and all(isinstance(v, Real) for v in values):
        study.notes[f"no value at {study.x} = {number_text(b.at.sympy())}, but limits from both sides"] = None
    return any(isinstance(v, int) for v in values)
