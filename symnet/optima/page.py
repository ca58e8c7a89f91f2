"""The page: f, f′ = 0, its factors, its zeros, the second derivative or the signs of the first, values, conclusion."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ..calculation import Part, same
from ..derivation import Step
from ..normal import expanded, factored
from ..rules import slope as slope_of
from ..term import Term, num, sym
from ..tidy import tidy
from .answer import WORDS, Extremum, Stationary
from .reals import Real
from .values import Value

if TYPE_CHECKING:
    from .single import Cell, Place, Task

LONG = 200  # nodes of a formula from which a line is left out
CELLS, POINTS = 6, 12


def lines(task: Task) -> Callable[[Stationary], tuple[Part, ...]]:
    """The parts of the page of an answer."""

    def parts(answer: Stationary) -> tuple[Part, ...]:
        page = Page(task, answer)
        made = (
            ("", page.function()), ("Zeros of the derivative", page.zeros()), ("Kinds", page.kinds()),
            ("Values", page.values()), ("Conclusion", page.conclusion()),
        )  # fmt: skip
        return tuple(Part(title, same(*steps)) for title, found in made if (steps := tuple(found)))

    return parts


class Page:
    """The lines of one answer."""

    def __init__(self, task: Task, answer: Stationary) -> None:
        self.task, self.answer, self.x = task, answer, sym(task.x)
        self.f = sym("f" if task.x != "f" else "g")
        self.cells = [c for c in task.cells if c.there][:CELLS]

    def of(self, place: Term, order: int = 0) -> Term:
        """f(place), f′(place), f″(place)."""
        return Term("applyprime", (place,), (self.f.name, (order,))) if order else Term("apply", (place,), self.f.name)

    def function(self) -> Iterator[Step]:
        yield Step("S1", "", self.of(self.x), (self.answer.expr,))
        shown: dict[Term, None] = {}
        single = len({c.slope(self.task.x) for c in self.cells}) == 1
        for cell in self.cells:
            if cell.slope(self.task.x).size > LONG or (single and cell.slope(self.task.x) in shown):
                continue
            shown[cell.slope(self.task.x)] = None
            where = "" if single else self._where(cell)
            sides = _sides(cell.slope(self.task.x))
            yield Step(f"S{len(shown) + 1}", _joined("derivative", where), self.of(self.x, 1), sides)

    def _where(self, cell: Cell) -> str:
        from .shown import number_text

        ends = [number_text(b.at.sympy()).partition(" ≈")[0] if b.at is not None else "" for b in (cell.low, cell.high)]
        return f"for {between(ends[0], ends[1], self.task.x)}" if any(ends) else ""

    def zeros(self) -> Iterator[Step]:
        inner = [p for p in self.task.places if p.type == "stationary"][:POINTS]
        for i, p in enumerate(inner, 1):
            exact, reason = _number(p.at)
            said = _joined("f′ = 0", reason) if i == 1 else reason
            yield Step(f"Z{i}", said, self._index(i, len(inner)), (exact,), relation=_relation(p.at))

    def _index(self, i: int, n: int) -> Term:
        from ..names import compose

        return self.x if n == 1 else sym(compose(self.task.x, subs=[str(i)]))

    def kinds(self) -> Iterator[Step]:
        shown, before = 0, None
        for cell in self.cells:
            second = _sides(tidy(slope_of(cell.slope(self.task.x), self.x)[0]))[-1] if not cell.flat else num(0)
            zeros = [p for p in self.task.places[:POINTS] if p.type == "stationary"]
            here = [p for p in zeros if any(p.at is r for r in cell.zeros)]
            if not here or second.size > LONG:
                continue
            if second is not before:
                shown, before = shown + 1, second
                where = self._where(cell) if len({c.slope(self.task.x) for c in self.cells}) > 1 else ""
                yield Step(f"K{shown}", _joined("second derivative", where), self.of(self.x, 2), (second,))
            for p in here:
                shown += 1
                yield self._kind(p, second, cell, shown)

    def _kind(self, p: Place, second: Term, cell: Cell, i: int) -> Step:
        word = WORDS[p.kind]
        y = Value(second, self.task.x, p.at)
        place, sign = _number(p.at)[0], _sign(y)
        if sign:
            exact, _ = _number(y) if y.term is not None else (_decimal(y.ball(), 6)[0], "")
            said = f"{'>' if sign > 0 else '<'} 0: {word}"
            return Step(f"K{i}", said, self.of(place, 2), (exact,), relation=_relation(y))
        return Step(f"K{i}", _joined(_signs(p, cell), word), self.of(place, 1), (num(0),))

    def values(self) -> Iterator[Step]:
        for i, (p, point) in enumerate(zip(self.task.places[:POINTS], self.answer.points[:POINTS], strict=True), 1):
            exact, reason = _number(p.value)
            said = _joined(point.label, reason)
            yield Step(f"V{i}", said, self.of(_number(p.at)[0]), (exact,), relation=_relation(p.value))

    def conclusion(self) -> Iterator[Step]:
        ways = (("min", "inf", self.answer.minimum), ("max", "sup", self.answer.maximum))
        for i, (attained, bound, e) in enumerate(ways, 1):
            if e is not None:
                yield self._extremum(f"C{i}", attained if e.attained else bound, e)

    def _extremum(self, tag: str, word: str, e: Extremum) -> Step:
        from ..bridge import from_sympy
        from .shown import number_text

        value = sym("oo", (), ("constant",)) if e.value.is_infinite else from_sympy(e.value)
        if e.value.is_infinite and e.value.is_extended_negative:
            value = Term("neg", (value,))
        short = number_text(e.value, e.approx).partition(" ≈ ")
        digits = f"≈ {short[2]}" if short[2] else ""
        if e.attained:
            places = "; ".join(f"{self.task.x} = {number_text(v)}" for at in e.at for v in at.values())
            reason = _joined(digits, f"attained at {places}")
        else:
            reason = _joined(digits, f"approached as {e.approached}, not attained")
        return Step(tag, reason, Term("apply", (self.f,), word), (value,))


def _relation(r: Real) -> str:
    return "=" if r.term is not None else "≈"


def between(low: str, high: str, name: str) -> str:
    """`0 < x < 1`, `x > 0`, `x < 1` or `every x`."""
    if low and high:
        return f"{low} < {name} < {high}"
    return f"{name} > {low}" if low else f"{name} < {high}" if high else f"every {name}"


def _signs(p: Place, cell: Cell) -> str:
    """What f′ does on both sides of a zero inside of a cell."""
    inner = [r for r in cell.zeros if not cell_end(r, cell)]
    for r, (before, after) in zip(inner, pairwise(cell.signs), strict=True):
        if r is p.at:
            return f"f′ is {NAMES[before]} before and {NAMES[after]} after"
    return "f′ has one sign beside the end"


NAMES = {-1: "negative", 0: "0", 1: "positive"}


def _sign(y: Value) -> int:
    """The sign of a value that is certainly not 0; else 0."""
    b = y.ball(192)
    return 0 if not b.is_finite() or b.contains(0) else 1 if b > 0 else -1


def cell_end(r: Real, cell: Any) -> bool:
    from .reals import compare

    return any(b.at is not None and compare(r, b.at) == 0 for b in (cell.low, cell.high))


def _sides(t: Term) -> tuple[Term, ...]:
    """A derivative as it came, multiplied out, and in factors."""
    out = [t]
    for form in (expanded(t), factored(expanded(t))):
        if form is not out[-1] and form.size <= LONG and form not in out:
            out.append(form)
    return tuple(out)


def _number(r: Real) -> tuple[Term, str]:
    """The exact form and its digits in words, or the digits alone."""
    from ..bridge import from_sympy
    from .shown import number_text

    if r.term is not None and r.term.size <= 40:
        exact = from_sympy(r.sympy())
        digits = number_text(r.sympy()).partition(" ≈ ")[2]
        return exact, f"≈ {digits}" if digits else ""
    return _decimal(r.ball(192), 15)[0], ""


def _decimal(ball: Any, digits: int) -> tuple[Term, str]:
    from fractions import Fraction

    text = ball.mid().str(digits, radius=False)
    return num(Fraction(text), ".") if not text.startswith("-") else Term("neg", (num(Fraction(text[1:]), "."),)), text


def _joined(*words: str) -> str:
    return ", ".join(w for w in words if w)
