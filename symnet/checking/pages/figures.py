"""Numbers on a page: what a written decimal stands for, and whether a true value rounds to it.

A decimal with k places stands for the interval of ± half a unit in its last place; a number without a decimal point is
exact. A value that rests on rounded values above it may be the rounding of what those give: each name on the way may
have its true or its written value, so it lies in the interval between the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ...balls import TooWide, as_ball, ball, fmpq_of
from ...errors import DomainError, SymnetError
from ...graph import Graph
from ...parts import recognise
from ...reverse import without_primes
from ...rules import slope
from ...term import ONE, ZERO, Term, add, mul, postorder, substitute, sym
from ..numerals import exact, judge, written
from ..verdict import Witness
from .naming import cotangent, cotangent_name

if TYPE_CHECKING:
    from .truths import Truths

PRECISION = 192
NOTHING: Mapping[str, Figure] = {}
UNKNOWN = (SymnetError, TooWide, ArithmeticError)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as written: its value, and half a unit in its last place (None for an exact one)."""

    value: Fraction
    half: Fraction | None

    @property
    def interval(self) -> Any:
        from flint import arb

        return as_ball(self.value) if self.half is None else arb(fmpq_of(self.value), as_ball(self.half))


def figure(t: Term) -> Figure | None:
    """The number that t is: 0.6225, −0.1430, −5.94 × 10⁻², 3; None for anything that has to be worked out."""
    found = written(t)
    if found is None:
        return None
    return Figure(found.value, None if found.unit is None else found.unit / 2)


class Figures:
    """The numbers of one page: true values at the given inputs, and the rounded values written down so far."""

    def __init__(self, graph: Graph, truths: Truths, exact: frozenset[Fraction]) -> None:
        self.graph, self.truths, self.exact = graph, truths, exact
        self.written: dict[str, Fraction] = {}
        self._natural: dict[str, Any] = {}

    # -- true values
    def true(self, t: Term) -> Any:
        """The ball of a formula without free names; None if it has free names or no value."""
        if t.free or t.shape:
            return None
        try:
            return ball(t, {}, PRECISION)
        except UNKNOWN:
            return None

    def holds(self, condition: Term) -> bool | None:
        """Whether a condition between numbers is true; None if something in it has no number."""
        if condition.free:
            return None
        try:
            return bool(ball(condition, {}, PRECISION))
        except UNKNOWN:
            return None

    def differ(self, truth: Term, answer: Term) -> Witness | None:
        """A point at which two scalars differ, of a few that are tried."""
        if truth.shape or answer.shape:
            return None
        names = dict.fromkeys((*truth.free, *answer.free))
        for k in range(4):
            at = {n: Fraction(7 * i + 3 * k + 2, 11 + 2 * k) * (1, 1, -1)[(i + k) % 3] for i, n in enumerate(names)}
            try:
                a, b = ball(truth, at, PRECISION), ball(answer, at, PRECISION)
            except UNKNOWN:
                continue
            if not a.overlaps(b):
                return Witness(at, str(a.str(12, radius=False)), str(b.str(12, radius=False)))
        return None

    def keep(self, name: str, value: Fraction) -> None:
        """A quantity (a name of the graph, or the name of a cotangent) has this rounded value on the page."""
        if self.written.setdefault(name, value) == value:
            self._natural = {}

    # -- formulas of rounded numbers
    def rounded(self, t: Term) -> bool:
        """Whether a decimal in the formula is a rounded one."""
        return any(self._is_rounded(n) for n in postorder(t))

    def _is_rounded(self, n: Term) -> bool:
        return n.op == "num" and bool(n.data[1]) and n.data[0] not in self.exact

    def interval(self, t: Term) -> Any:
        """The values of a formula without names when its rounded decimals may be anything that rounds to them."""
        swap, at = {}, {}
        for i, n in enumerate(x for x in postorder(t) if self._is_rounded(x)):
            swap[n] = sym(f"decimal{i}")
            at[f"decimal{i}"] = figure(n).interval  # type: ignore[union-attr]
        try:
            return ball(substitute(t, swap), at, PRECISION)
        except UNKNOWN:
            return None

    # -- what the values above give
    def resting(self, t: Term, instead: Mapping[str, Figure] = NOTHING) -> Any:
        """The values of t (in names of the graph and its cotangents) with each name true or as written above.

        `instead`: quantities that have the values written, and not their true ones.
        """
        natural = self._natural
        if instead:
            self._natural = {name: f.interval for name, f in instead.items()}
        try:
            return self._evaluated(self._rule(t.name) if t.op == "sym" and t.name not in self.truths.given else t)
        except UNKNOWN:
            return None
        finally:
            self._natural = natural

    def _evaluated(self, t: Term) -> Any:
        at = {n: self._quantity(n) for n in t.free}
        return ball(t, at, PRECISION)

    def _quantity(self, name: str) -> Any:
        if name not in self._natural:
            self._natural[name] = self._value(name)
        return self._natural[name]

    def _value(self, name: str) -> Any:
        """Between the true and the written value, or what the rule for this quantity gives."""
        if name in self.truths.given:
            return self._evaluated(self.truths.given[name])
        one_step = self._rule(name)
        if name in self.written:
            true = self.true(self.truths.closed(sym(name)))
            return true.union(_ball_of(self.written[name]))
        return self._evaluated(one_step)

    def ways(self, t: Term) -> list[Term]:
        """What a formula is worked out from: one step back, and ∂E/∂u in the names of the graph."""
        stepped: list[Term] = []
        if t.op == "sym" and t.name not in self.truths.given and t.name not in self.graph.inputs:
            try:
                stepped = [self._rule(t.name)]
            except SymnetError:
                stepped = []
        return list(dict.fromkeys([*stepped, self.truths.opened(t)]))

    def _rule(self, name: str) -> Term:
        """One step: z2 = w2 a1 + b2, and ∂E/∂u = Σ ∂E/∂v · ∂v/∂u over the users v of u."""
        if name in self.truths.place:
            return self.graph[name]
        u = next((s for s in self.graph.symbols if cotangent_name(self.graph, s) == name), None)
        if u is None:
            raise DomainError(f"`{name}` has no value on this page")
        if u == self.graph.result.name:
            return ONE
        parts = []
        for d in self.graph.definitions:
            if u in d.value.free:
                local = without_primes(slope(recognise(d.value), self.graph.symbols[u])[0])
                above = ONE if d.name == self.graph.result.name else cotangent(self.graph, d.name)
                parts.append(local if above is ONE else mul(above, local))
        return add(*parts) if parts else ZERO


def _ball_of(value: Fraction) -> Any:
    return as_ball(value)


def rounds_to(true: Term, number: Term) -> bool | None:
    """Whether a formula without names is the written number, rounded to its digits; None if undecided."""
    found = written(number)
    return None if found is None else judge(found, exact(true)).right


def overlaps(values: Any, written: Figure) -> bool:
    """Whether some of the values round to the written number."""
    return bool(values is not None and values.overlaps(written.interval))
