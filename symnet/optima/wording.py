"""What is known of one variable in the words of the answer: points, how far they are proven, families, plateaus."""

from __future__ import annotations

from collections.abc import Iterator

from ..term import fn, mul, num, postorder, power
from .answer import CriticalSet, Extremum, StationaryPoint
from .cells import Cell
from .monomials import exponent
from .places import Place
from .shown import between, number_parts, number_text
from .survey import Survey

ONE_SIGN = "the derivative has one sign"


def point(x: str, p: Place, low: Extremum | None, high: Extremum | None) -> StationaryPoint:
    """A place as a point of the answer: global if it is one of the places of an extremum."""
    at = p.at.sympy()
    best = {"min": low, "max": high}.get(p.kind)
    reach = ""
    if best is not None:
        reach = "global" if any(place[x] == at for place in best.at) else "local"
    enclosure = None if p.at.exact else {x: p.at.enclosure()}
    return StationaryPoint(
        {x: at}, {x: p.at.decimal(15)}, p.value.sympy(), p.kind, p.type, reach, p.at.exact, enclosure,
        p.value.decimal(15),
    )  # fmt: skip


def complete(survey: Survey) -> str:
    if survey.study.gaps or survey.study.doubts:
        return "numerical"
    if survey.window is not None:
        a, b = (number_text(w.sympy(), None) for w in survey.window)
        return f"proven on [{a}, {b}]"
    return "proven"


def certificate(survey: Survey) -> str:
    if survey.study.gaps:
        (low, high), more = survey.study.gaps[0], len(survey.study.gaps) - 1
        others = f", nor in {more} other gap{'s' if more > 1 else ''}" if more else ""
        return f"between {low:.12g} and {high:.12g} it was not decided whether there is another zero{others}."
    if survey.study.doubts:
        return "; ".join(survey.study.doubts) + "."
    return "; ".join(survey.study.methods or {ONE_SIGN: None}) + "."


def family(survey: Survey) -> str | None:
    """An infinite family, of which the places are one period or one window."""
    if survey.period is not None:
        if not survey.places:
            return None
        form, digits = number_parts(survey.period.sympy())
        size = f", the period is {digits}" if form and digits else ""
        return f"Infinitely many: each of these plus {form or digits} k for every integer k{size}."
    if survey.window is not None:
        return "Infinitely many; `within` gives those of any window."
    return None


def plateaus(survey: Survey) -> Iterator[CriticalSet]:
    """The intervals on which the function is constant."""
    for i, cell in enumerate(survey.cells):
        if cell.there and cell.flat:
            low, high = ends(cell)
            where = between(low, high, survey.x)
            yield CriticalSet((num(0),), f"{where}: the function is constant there", _kind(survey, i))


def ends(cell: Cell) -> list[str]:
    """The ends of a cell in short; "" where it has none."""
    made = [number_parts(b.at.sympy()) if b.at else ("", "") for b in (cell.low, cell.high)]
    return [form or digits for form, digits in made]


def _kind(survey: Survey, i: int) -> str:
    """min, max or degenerate, by what the neighbouring cells do."""
    cell = survey.cells[i]
    left = survey.cells[i - 1] if i and not cell.low.excluded else None
    right = survey.cells[i + 1] if i + 1 < len(survey.cells) and not cell.high.excluded else None
    beside = [(c, side) for c, side in ((left, -1), (right, 1)) if c is not None and c.there and c.signs]
    away = {-c.signs[-1] if side < 0 else c.signs[0] for c, side in beside}
    return "min" if away == {1} else "max" if away == {-1} else "degenerate"


def odd_roots(survey: Survey) -> Iterator[str]:
    """A power with an odd root has no value at negative numbers; how the real root of all numbers is written."""
    if all(cell.there for cell in survey.cells):
        return
    for node in postorder(survey.study.f):
        e = exponent(node.args[1]) if node.op == "pow" and survey.x in node.args[0].free else None
        if e is not None and e.denominator > 1 and e.denominator % 2:
            base = node.args[0]
            size = power(fn("abs", base), node.args[1])
            real = mul(fn("sign", base), size) if e.numerator % 2 else size
            sign = "≥" if e > 0 else ">"
            yield f"{node.text()} has a value for {base.text()} {sign} 0 only; the real root is {real.text()}"
