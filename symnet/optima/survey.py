"""What is known of a function of one variable on a span: its cells, the breaks between them, its places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from ..balls import value as exact_value
from ..errors import DomainError, SymnetError
from ..term import substitute, sym
from .cells import Ascending, Break, Cell, Study
from .crossings import solve_cell, unsolved
from .cutting import cut, merged
from .places import Place, break_places, inner_places, look
from .reals import Real
from .shown import number_text
from .spans import Span


@dataclass(frozen=True, eq=False, slots=True)
class Survey:
    """The cells of a function on its domain, on one `period` of it, or on a `window` of it, and the places there."""

    study: Study
    domain: Span
    cells: tuple[Cell, ...]
    breaks: tuple[Break, ...]
    places: tuple[Place, ...]
    period: Real | None = None
    window: tuple[Real, Real] | None = None

    @property
    def x(self) -> str:
        return self.study.x


def nowhere(study: Study, cells: Sequence[Cell]) -> str:
    """What is said of a function that has a value on no interval."""
    for b in (c.high for c in cells):
        if b.at is None or b.at.term is None or b.cut:
            continue
        try:
            known = exact_value(substitute(study.f, {sym(study.x): b.at.term}), {})
        except (SymnetError, ArithmeticError):
            continue
        if isinstance(known, Fraction) or known.is_finite():
            place = f"{study.x} = {number_text(b.at.sympy())}"
            return f"the function has a value at single points only, such as {place}: it has no derivative there"
    return "the function has no real value on this domain"


def survey(
    study: Study, domain: Span, span: Span, period: Real | None = None,
    window: tuple[Real, Real] | None = None,
) -> Survey:  # fmt: skip
    """Everything about the function on a span; raises `Infinite`, and `DomainError` where it has no value at all."""
    cells = merged(study, cut(study, span))
    for cell in cells:
        if cell.there:
            (unsolved if study.halfway else solve_cell)(study, cell)
    if not any(cell.there for cell in cells):
        raise DomainError(nowhere(study, cells))
    breaks = (cells[0].low, *(cell.high for cell in cells))
    for b in breaks:
        look(study, b, cells)
    places = [*inner_places(study, cells), *break_places(study, breaks, cells)]
    places.sort(key=lambda p: Ascending(p.at))
    return Survey(study, domain, tuple(cells), breaks, tuple(places), period, window)
