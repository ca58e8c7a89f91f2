"""The page: f, f′ = 0, its factors, its zeros, the second derivative or the signs of the first, values, conclusion."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ..calculation import Part, same
from ..derivation import Step
from ..normal import expanded, factored
from ..rules import slope as slope_of
from ..term import Term, neg, num, sym
from ..tidy import tidy
from .answer import WORDS, Extremum, Stationary, some
from .reals import Real
from .shown import between, number_parts, number_text
from .values import Value
from .wording import ends

if TYPE_CHECKING:
    from .cells import Cell
    from .places import Place
    from .survey import Survey

LONG = 200  # nodes of a formula from which a line is left out
CELLS, POINTS = 6, 12
WIDE = 40  # nodes of a row of sides from which the middle is left out


def lines(survey: Survey) -> Callable[[Stationary], tuple[Part, ...]]:
    """The parts of the page of an answer."""

    def parts(answer: Stationary) -> tuple[Part, ...]:
        page = Page(survey, answer)
        made = (
            ("", page.function()), ("Zeros of the derivative", page.zeros()), ("Kinds", page.kinds()),
            ("Values", page.values()), ("Conclusion", page.conclusion()),
        )  # fmt: skip
        return tuple(Part(title, same(*steps)) for title, found in made if (steps := tuple(found)))

    return parts


class Page:
    """The lines of one answer."""

    def __init__(self, survey: Survey, answer: Stationary) -> None:
        self.survey, self.answer, self.x = survey, answer, sym(survey.x)
        self.f = sym("f" if survey.x != "f" else "g")
        self.cells = [c for c in survey.cells if c.there][:CELLS]

    def of(self, place: Term, order: int = 0) -> Term:
        """f(place), f′(place), f″(place)."""
        return Term("applyprime", (place,), (self.f.name, (order,))) if order else Term("apply", (place,), self.f.name)

    def function(self) -> Iterator[Step]:
        yield Step("S1", "", self.of(self.x), (self.answer.expr,))
        slopes = [(c.slope(self.survey.x), self._where(c)) for c in self.cells]
        if len({slope for slope, _ in slopes}) == 1:
            slopes = [(slopes[0][0], "")]
        short = [(slope, where) for slope, where in slopes if slope.size <= LONG]
        for i, (slope, where) in enumerate(short, 2):
            yield Step(f"S{i}", _joined("derivative", where), self.of(self.x, 1), _ends_of(_sides(slope)))

    def _where(self, cell: Cell) -> str:
        low, high = ends(cell)
        return f"for {between(low, high, self.survey.x)}" if low or high else ""

    def zeros(self) -> Iterator[Step]:
        inner = [p for p in self.survey.places if p.type == "stationary"][:POINTS]
        for i, p in enumerate(inner, 1):
            exact, reason = _number(p.at)
            said = _joined("f′ = 0", reason) if i == 1 else reason
            yield Step(f"Z{i}", said, self._index(i, len(inner)), (exact,), relation=_relation(p.at))

    def _index(self, i: int, n: int) -> Term:
        from ..names import compose

        return self.x if n == 1 else sym(compose(self.survey.x, subs=[str(i)]))

    def kinds(self) -> Iterator[Step]:
        shown, before = 0, None
        for cell in self.cells:
            second = _sides(tidy(slope_of(cell.slope(self.survey.x), self.x)[0]))[-1] if not cell.flat else num(0)
            zeros = [p for p in self.survey.places[:POINTS] if p.type == "stationary"]
            here = [p for p in zeros if any(p.at is r for r in cell.zeros)]
            if not here or second.size > LONG:
                continue
            if second is not before:
                shown, before = shown + 1, second
                where = self._where(cell) if len({c.slope(self.survey.x) for c in self.cells}) > 1 else ""
                yield Step(f"K{shown}", _joined("second derivative", where), self.of(self.x, 2), (second,))
            for p in here:
                shown += 1
                yield self._kind(p, second, cell, shown)

    def _kind(self, p: Place, second: Term, cell: Cell, i: int) -> Step:
        word = WORDS[p.kind]
        y = Value(second, self.survey.x, p.at)
        place, sign = _number(p.at)[0], _sign(y)
        if sign:
            exact, _ = _number(y) if y.term is not None else (_decimal(y.ball(), 6)[0], "")
            said = f"{'>' if sign > 0 else '<'} 0: {word}"
            return Step(f"K{i}", said, self.of(place, 2), (exact,), relation=_relation(y))
        return Step(f"K{i}", _joined(_signs(p, cell), word), self.of(place, 1), (num(0),))

    def values(self) -> Iterator[Step]:
        for i, (p, point) in enumerate(zip(self.survey.places[:POINTS], self.answer.points[:POINTS], strict=True), 1):
            exact, reason = _number(p.value)
            said = _joined(point.label, reason)
            yield Step(f"V{i}", said, self.of(_number(p.at)[0]), (exact,), relation=_relation(p.value))

    def conclusion(self) -> Iterator[Step]:
        ways = (("min", "inf", self.answer.minimum), ("max", "sup", self.answer.maximum))
        for i, (attained, bound, e) in enumerate(ways, 1):
            if e is not None:
                yield self._extremum(f"C{i}", attained if e.attained else bound, e)

    def _extremum(self, tag: str, word: str, e: Extremum) -> Step:
        _, digits = number_parts(e.value, e.approx)
        about = f"≈ {digits}" if digits and not e.value.is_Float else ""
        if e.attained:
            places = some([f"{self.survey.x} = {number_text(v)}" for at in e.at for v in at.values()], "places")
            reason = _joined(about, f"attained at {'; '.join(places)}")
        else:
            reason = _joined(about, f"approached as {e.approached}, not attained")
        relation = "≈" if e.value.is_Float else "="
        return Step(tag, reason, Term("apply", (self.f,), word), (_shown(e),), relation=relation)


def _shown(e: Extremum) -> Term:
    """The value of an extremum, ∞ or −∞; one without a closed form in digits."""
    from ..bridge import from_sympy

    if e.value.is_infinite:
        infinity = sym("oo", (), ("constant",))
        return infinity if e.value.is_extended_positive else neg(infinity)
    return _written(str(e.approx)) if e.value.is_Float else from_sympy(e.value)


def _relation(r: Real) -> str:
    return "=" if r.term is not None else "≈"


def _signs(p: Place, cell: Cell) -> str:
    """What f′ does on both sides of a zero inside of a cell."""
    for r, (before, after) in zip(cell.inner, pairwise(cell.signs), strict=True):
        if r is p.at:
            return f"f′ is {NAMES[before]} before and {NAMES[after]} after"
    return "f′ has one sign beside the end"


NAMES = {-1: "negative", 0: "0", 1: "positive"}


def _sign(y: Value) -> int:
    """The sign of a value that is certainly not 0; else 0."""
    b = y.ball(192)
    return 0 if not b.is_finite() or b.contains(0) else 1 if b > 0 else -1


def _sides(t: Term) -> tuple[Term, ...]:
    """A derivative as it came, multiplied out, and in factors."""
    out = [t]
    for form in (expanded(t), factored(expanded(t))):
        if form is not out[-1] and form.size <= LONG and form not in out:
            out.append(form)
    return tuple(out)


def _ends_of(sides: tuple[Term, ...]) -> tuple[Term, ...]:
    """A long row of sides without what stands in the middle."""
    return (sides[0], sides[-1]) if len(sides) > 2 and sum(t.size for t in sides) > WIDE else sides


def _number(r: Real) -> tuple[Term, str]:
    """The exact form and its digits in words, or the digits alone."""
    from ..bridge import from_sympy

    if r.term is not None and r.term.size <= 40:
        exact = from_sympy(r.sympy())
        _, digits = number_parts(r.sympy())
        return exact, f"≈ {digits}" if digits else ""
    return _decimal(r.ball(192), 15)[0], ""


def _decimal(ball: Any, digits: int) -> tuple[Term, str]:
    text = ball.mid().str(digits, radius=False)
    return _written(text), text


def _written(text: str) -> Term:
    """A decimal as it is written."""
    size = num(Fraction(text.removeprefix("-")), ".")
    return neg(size) if text.startswith("-") else size


def _joined(*words: str) -> str:
    return ", ".join(w for w in words if w)
