"""What the parts of an answer share: its names, its steps, and how a claim is compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from flint import fmpq

from ...balls import as_ball
from ...balls import value as exact_value
from ...equality import compare
from ...equality.bounds import never_negative
from ...equality.solving import Solutions
from ...errors import ReadError, SymnetError
from ...names import parse
from ...reading import Statement, read
from ...rules import slope
from ...term import ZERO, Term, add, neg, num, postorder, substitute, sym
from ..answers import Scope
from ..formulas import witness
from ..lines import Solved
from ..numbers import SETS, is_root, points_of
from ..numerals import decimal, written
from ..problem import Problem
from ..verdict import Mistake, Witness
from ..workings import fits
from .segments import Part
from .steps import Step

EXTREMES = ("maximum", "minimum")


@dataclass(slots=True)
class Base:
    """One pass over the parts; `values` are abbreviations, `place` the last place that a part spoke of."""

    problem: Problem
    parts: list[Part]
    names: tuple[str, ...] = ()
    values: dict[str, Term] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    rest: list[Part] = field(default_factory=list)
    kinds: list[tuple[Part, str, str]] = field(default_factory=list)
    placed: list[tuple[Part, str]] = field(default_factory=list)  # f(1) = −2, and the place as an answer
    place: str = ""
    first: dict[str, tuple[Statement, Solved]] = field(default_factory=dict)  # the last equation in each unknown
    polynomials: list[tuple[Fraction, ...]] = field(default_factory=list)
    plain: bool = True  # nothing but equations that hold for the solutions

    def _keep(self, part: Part, kind: str, says: str = "", w: Witness | None = None, m: Mistake | None = None) -> bool:
        self.steps.append(Step(part, kind, says, w, m))
        return True

    def _sources(self) -> list[Term]:
        """What is 0 at the places that are asked for."""
        assert self.problem.expr is not None
        if self.problem.kind == "roots":
            return [self.problem.expr]
        return [slope(self.problem.expr, sym(n))[0] for n in self.names]

    def _truth(self) -> Solutions:
        """The solutions that every equation has, in the domain or not."""
        kind = "roots" if self.problem.kind == "roots" else "stationary"
        return SETS[kind](replace(self.problem, kind=kind, domain={}))

    def _claimed(self, part: Part, vanishes: bool) -> tuple[Term, ...]:
        """The sides but for the 0 of an equation that says where the derivative vanishes."""
        if len(part.first.sides) == 1:
            return ()
        sides = part.sides
        zero = sides[-1] is ZERO or (sides[-1].op == "vector" and all(a is ZERO for a in sides[-1].args))
        return sides[:-1] if vanishes and zero and not part.sign else sides

    def _judged(self, part: Part, truth: Term, place: tuple[Term, ...] | None, sides: tuple[Term, ...]) -> bool:
        """The sides against what the left side names, and its sign."""
        if place is None:
            good = all(self._equal(part, truth, s) for s in sides)
            return self._signed(part, sides[-1] if sides else truth) if good else True
        ways = points_of(Term("vector", place))
        if len(ways) > 1:  # f(±1) = −1
            return all([self._judged(part, truth, way, sides) for way in ways])
        self.place = point_of(place, self.names)
        truths = self._at(truth, place)
        if truths is None:
            return self._keep(part, "undecided", f"there is no value at {self.place}")
        for side in sides:
            found = [fits(self.problem, Scope(self.problem), side, t) for t in truths]
            if all(f is not None for f in found):
                said = f"the value at {self.place} is another"
                return self._keep(part, "wrong", said, found[0])
        return self._signed(part, truths[0])

    def _at(self, truth: Term, place: tuple[Term, ...]) -> list[Term] | None:
        """The value at a place; where it is a rounded stationary point or root, at that point too."""
        if any(v.free for v in place) or len(place) != len(self.names):
            return None
        ways = [place]
        rounded = len(place) == 1 and (w := written(place[0])) is not None and w.unit is not None
        if rounded:
            kind = "roots" if self.problem.kind == "roots" else "stationary"
            roots = SETS[kind](self.problem).roots
            ways += [(num(r.exact if r.exact is not None else r.near(400)),) for r in roots if is_root(place[0], r)]
        try:
            out = [substitute(truth, dict(zip(map(sym, self.names), way, strict=True))) for way in ways]
            for t in out:
                exact_value(t, {})
        except (SymnetError, ArithmeticError):
            return None
        return out

    def _equal(self, part: Part, truth: Term, side: Term) -> bool:
        """Whether a formula is what it should be; a step is kept where it is not."""
        c = compare(truth, self._meaning(side), domain=self.problem.domain)
        if c.kind == "equal":
            return True
        if c.kind == "different" and self._is_another(part):
            name = function_of(part.label)
            raise ReadError(f"`{name}` may be the function that is asked about, or another one", remedy="say which")
        kind = "wrong" if c.kind == "different" else "undecided"
        mistake = self._mistake(truth, side) if kind == "wrong" else None
        self._keep(part, kind, c.certificate, witness(c), mistake)
        return False

    def _meaning(self, side: Term) -> Term:
        """A side in the names of the problem; raises `UnknownName`."""
        return Scope(self.problem).meaning(self._expanded(side))

    def _expanded(self, t: Term) -> Term:
        for _ in range(8):
            put = {n: self.values[n.name] for n in postorder(t) if n.op == "sym" and n.name in self.values}
            if not put:
                break
            t = substitute(t, dict(put))
        return t

    def _is_another(self, part: Part) -> bool:
        """Whether the function of a left side stands beside one of another name: g(x) = … where f′(x) = … too."""
        here = function_of(part.label)
        names = [n for p in self.parts if (n := function_of(p.label)) is not None]
        return here is not None and here not in ("f", "y") and any(n != here for n in names)

    def _mistake(self, truth: Term, side: Term) -> Mistake | None:
        from ...mistakes import explain_derivative

        assert self.problem.expr is not None
        asked = [n for n in self.names if slope(self.problem.expr, sym(n))[0] is truth]
        return explain_derivative(self.problem.expr, sym(asked[0]), self._expanded(side)) if asked else None

    def _signed(self, part: Part, truth: Term) -> bool:
        """Whether truth > bound, as the part says; without a sign there is nothing to say."""
        if not part.sign:
            return self._keep(part, "right")
        try:
            bound = read(part.bound, names=self.problem.names).value
        except SymnetError:
            return self._keep(part, "undecided", "the bound was not read")
        off = add(truth, neg(bound)) if part.sign in (">", "≥") else add(bound, neg(truth))
        if not off.free:
            return self._number_signed(part, off, truth)
        strict = part.sign in (">", "<")
        more = add(off, neg(num(Fraction(1, 10**6)))) if strict else off
        positive = strict and bound is ZERO and is_positive(off, self.problem)
        if positive or never_negative(more, self.problem.domain):
            return self._keep(part, "right")
        return self._keep(part, "undecided", f"whether this is {part.sign} {part.bound} everywhere was not decided")

    def _number_signed(self, part: Part, off: Term, truth: Term) -> bool:
        try:
            here = exact_value(off, {})
        except SymnetError:
            return self._keep(part, "undecided", "there is no value")
        ball = as_ball(here)
        good = bool(ball > 0) or (part.sign in ("≤", "≥") and isinstance(here, (Fraction, fmpq)) and here >= 0)
        if good:
            return self._keep(part, "right")
        bad = bool(ball < 0) or (isinstance(here, (Fraction, fmpq)) and here <= 0)
        w = Witness({}, decimal(ball_of(truth), 8), f"{part.sign} {part.bound}")
        return self._keep(part, "wrong", "the sign is another", w) if bad else self._keep(part, "undecided")


def is_positive(t: Term, problem: Problem) -> bool:
    """Whether a formula is seen to be positive: e^x, sums and products with it."""
    if t.number is not None:
        return t.number > 0
    if t.op in ("mul", "div"):
        below = t.op == "div" and never_negative(t.args[1], problem.domain)  # not 0 where there is a value
        return is_positive(t.args[0], problem) and (below or all(is_positive(a, problem) for a in t.args[1:]))
    if t.op == "add":
        good = [is_positive(a, problem) for a in t.args]
        rest = (a for a, g in zip(t.args, good, strict=True) if not g)
        return any(good) and all(never_negative(a, problem.domain) for a in rest)
    return t.op == "fn" and t.data in ("exp", "cosh", "sigmoid")


def is_exact(v: tuple[Term, ...]) -> bool:
    """Whether no coordinate is rounded."""
    return all(not (n.op == "num" and n.data[1].startswith(".")) for t in v for n in postorder(t))


def is_zero(t: Term) -> bool:
    return compare(t, ZERO).kind == "equal"


def ball_of(t: Term) -> Any:
    return as_ball(exact_value(t, {}))


def point_of(place: Sequence[Term], names: Sequence[str]) -> str:
    """A place as an answer says it: x = 1, or (1, 0)."""
    if len(names) == 1:
        return f"{names[0]} = {place[0]}"
    return "(" + ", ".join(map(str, place)) + ")"


def function_of(label: Term | None) -> str | None:
    """The f of f(x), f′, f″(1) and df/dx."""
    if label is None or label.op not in ("apply", "applyprime", "partial", "diff", "sym"):
        return None
    if label.op == "sym":
        n = parse(label.name)
        return n.base if n.primes else None
    if label.op in ("apply", "applyprime"):
        return str(label.data if label.op == "apply" else label.data[0])
    y = label.args[0]
    return y.name if y.op == "sym" else str(y.data) if y.op == "apply" else None
