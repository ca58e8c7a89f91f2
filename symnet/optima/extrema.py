"""The least and the greatest value of a function of one variable: attained at a place, or only approached."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flint import arb

from .answer import Extremum
from .asked_sympy import asked_limit
from .cells import Break, Cell
from .closing import closed
from .limits import limit
from .periods import period_of
from .pieces import EXCLUDED
from .places import limit_at, value_beside
from .reals import Rational, Real, compare
from .shown import number_text
from .survey import Survey
from .values import Value, order
from .zeros import ordered

UNPROVEN = "two values agree in 1,000 digits; that they are equal is not proven"


@dataclass(frozen=True, eq=False, slots=True)
class Candidate:
    """A finite value that may be the least or the greatest: at a place, or approached as a sentence says."""

    value: Real
    attained: bool
    at: Real | None = None
    approached: str = ""
    inside: bool = False  # of a cell on which the function is constant


@dataclass(frozen=True, slots=True)
class Endless:
    """The function goes to ∞ (sign 1) or −∞ (sign −1)."""

    sign: int
    approached: str


class Bound(Real):
    """The end of an interval as a number to compare with."""

    exact = False

    def __init__(self, end: arb) -> None:
        self._end = end

    def ball(self, bits: int = 128) -> arb:
        return self._end


class Unknown(Exception):
    """Nothing is known of what the function does towards an end."""


# ------------------------------------------------------------------------------------------------------- candidates
def candidates(survey: Survey) -> tuple[list[Candidate | Endless], bool]:
    """Values that may be extreme between the cut ends, and whether these are all."""
    out: list[Candidate | Endless] = [Candidate(p.value, True, p.at) for p in survey.places]
    every = not survey.study.gaps
    for cell in survey.cells:
        if cell.flat:
            out.append(_constant(survey, cell))
        elif cell.there:
            for b in (cell.low, cell.high):
                try:
                    out += _at_end(survey, cell, b) if not b.cut else ()
                except Unknown:
                    every = False
    return out, every


def _constant(survey: Survey, cell: Cell) -> Candidate:
    place = Rational(cell.sample)
    return Candidate(Value(cell.formula, survey.x, place), True, place, inside=True)


def _at_end(survey: Survey, cell: Cell, b: Break) -> Iterator[Candidate | Endless]:
    """The limits of a cell at one of its ends, where they are no value of a place."""
    study, toward = survey.study, _toward(survey.x, b, cell.side(b))
    if b.at is not None and not b.lost(cell, EXCLUDED):
        if not (b.end and b.closed):  # a joint: it may jump, and the limit is then approached
            yield Candidate(value_beside(study, b, cell), False, None, toward)
        return
    side = cell.side(b) if b.at is not None else -cell.side(b)
    got = limit_at(study, cell.formula, b.at, side)
    if got is None and not study.late:
        study.notes[_seems(asked_limit(cell.formula, study.x, b.at, side, study.deadline), toward)] = None
    if got is None or got.swings:
        raise Unknown
    for v in got.values:
        yield Endless(v, toward) if isinstance(v, int) else Candidate(v, False, None, toward)


def _seems(found: Real | int | None, toward: str) -> str:
    """What is said of a limit that is not proven."""
    if found is None:
        return f"what the function does as {toward} was not decided"
    text = ("∞" if found > 0 else "−∞") if isinstance(found, int) else number_text(found.sympy())
    return f"the limit as {toward} seems to be {text}, which nearby values support; that is not proven"


def _toward(x: str, b: Break, side: int) -> str:
    if b.at is None:
        return f"{x} → {'−∞' if side > 0 else '∞'}"
    return f"{x} → {number_text(b.at.sympy(), None)} from {'above' if side > 0 else 'below'}"


# ---------------------------------------------------------------------------------------------------------- the best
def extremum(survey: Survey, found: Sequence[Candidate | Endless], every: bool, want: int) -> Extremum | None:
    """The least (−1) or the greatest (1) value among the candidates; None where it is not known."""
    endless = next((c for c in found if isinstance(c, Endless) and c.sign == want), None)
    if endless is not None:
        return _endless(endless)
    if not every:
        return _at_bound(survey, want)
    best = _foremost(survey, [c for c in found if isinstance(c, Candidate)], want)
    if survey.window is None:
        return _said(survey, best) if best else None
    try:
        return _against_outside(survey, best, want) or _at_bound(survey, want)
    except Unknown:
        return _at_bound(survey, want)


def _foremost(survey: Survey, found: Sequence[Candidate], want: int) -> list[Candidate]:
    """Those of the least or the greatest value."""
    best = list(found[:1])
    for c in found[1:]:
        sign, proven = order(c.value, best[0].value)
        if sign == want:
            best = [c]
        elif sign == 0:
            best.append(c)
            if not proven:
                survey.study.notes[UNPROVEN] = None
    return best


def _said(survey: Survey, best: Sequence[Candidate]) -> Extremum:
    """A value that is attained at places, or approached only."""
    value = best[0].value
    attained = [c for c in best if c.attained and c.at is not None]
    if not attained:
        return Extremum(value.sympy(), False, (), best[0].approached, value.decimal(15))
    places = [c.at for c in attained if not c.inside] or [c.at for c in attained]
    at = tuple({survey.x: a.sympy()} for a in ordered([a for a in places if a is not None]))
    return Extremum(value.sympy(), True, at, "", value.decimal(15))


def _endless(c: Endless) -> Extremum:
    from sympy import oo

    return Extremum(oo if c.sign > 0 else -oo, False, (), c.approached)


def _at_bound(survey: Survey, want: int) -> Extremum | None:
    """A value at a place that no value can pass, as the written form shows: 1 for sin h."""
    from .several.critical import bound_of

    end = bound_of(survey.study.f, survey.x, want)
    if end is None:
        return None
    limit_ = closed(end)
    best = [Candidate(p.value, True, p.at) for p in survey.places if order(p.value, limit_) == (0, True)]
    return _said(survey, best) if best else None


# ------------------------------------------------------------------------------------------------ beyond the window
def _against_outside(survey: Survey, best: Sequence[Candidate], want: int) -> Extremum | None:
    """The best value of the window, if nothing outside of it goes further."""
    bounds = []
    for side in (-1, 1):
        tail = _outside(survey, side, want)
        if isinstance(tail, Endless):
            return _endless(tail)
        bounds += [tail] if tail is not None else []
    if not best or any(_passes(bound, best[0].value, want) for bound in bounds):
        return None
    return _said(survey, best)


def _outside(survey: Survey, side: int, want: int) -> Endless | Bound | None:
    """How far the function goes beyond one end of the window: to ±∞, up to a bound, or (None) no further than inside.

    Raises `Unknown` where that is not seen.
    """
    assert survey.window is not None
    low = side < 0
    end, cell = (survey.domain.low, survey.cells[0]) if low else (survey.domain.high, survey.cells[-1])
    if end.at is not None:
        return None
    if not cell.there:
        raise Unknown
    if _repeats(cell, survey.x):
        return None
    got = limit(cell.formula, survey.x, None, side)
    if got is None:
        raise Unknown
    toward = f"{survey.x} → {'−∞' if low else '∞'}"
    if want in got.values:
        return Endless(want, f"{toward}, swinging" if got.swings else toward)
    if -want in got.values and not got.swings:
        return None
    reach = got.bound(survey.window[0 if low else 1]) if got.bound is not None else None
    if reach is None:
        raise Unknown
    return Bound(reach.high if want > 0 else reach.low)


def _passes(bound: Bound, best: Real, want: int) -> bool:
    """Whether a bound does not show that the best value of the window is the best of all."""
    sign = compare(bound, best) * want
    return sign > 0 or (sign == 0 and best.term is None)


def _repeats(cell: Cell, x: str) -> bool:
    """Whether a cell that goes on for ever has a period that the window shows."""
    period = period_of(cell.formula, x)
    if period is None or cell.low.at is None or cell.high.at is None:
        return False
    return float(cell.high.at) - float(cell.low.at) > float(period)
