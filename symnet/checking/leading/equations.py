"""Equations on the way, with the solutions that are asked for: x² = 1, u = x² and u² − 5u + 4 = 0, f(x) ≥ 3."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ...equality import compare
from ...equality.bounds import never_negative
from ...equality.solving import Solutions
from ...names import parse
from ...rules import slope
from ...term import ZERO, Term, add, neg, postorder, substitute, sym
from ..answers import Scope
from ..lines import Solved, against, sign_turned, solutions_of
from ..numbers import SETS, compare_sets, is_root, members
from ..numerals import decimal
from ..verdict import Mistake, Verdict, Witness
from ..workings import fits
from ..zeros import within
from .base import EXTREMES, Base, ball_of, is_exact, is_positive, is_zero, point_of
from .quadratics import quadratic
from .segments import Part
from .steps import Step

POINT = re.compile(r"(?<![\w'′])\([^()=]*,[^()=]*\)")


@dataclass(slots=True)
class Equations(Base):
    """Equations, abbreviations, and places that are no answer."""

    def _place(self, part: Part, last: bool) -> bool:
        """Places that are no answer: where an extreme value is looked for."""
        values = self._places_of(part)
        if values is None:
            return False
        if len(values) == 1:
            self.place = point_of(values[0], self.names)
        if self.problem.kind not in EXTREMES or last:
            return False
        listed = [p for p in self.parts if self._places_of(p) is not None]
        ends = self.parts[-1]
        bare = bool(ends.statements) and len(ends.first.sides) == 1 and not ends.about() and not ends.sign
        if len(self.names) == 1 and len(listed) == 1 and len(values) == 1 and not bare:
            return False
        for v in values:
            flat = [self._at(t, v) for t in self._sources()]
            if all(ts is not None and any(is_zero(t) for t in ts) for ts in flat) or self._reached(v):
                continue
            if not self._solved_above(part):
                continue
            refuted = not self.problem.domain and None not in flat and len(self.names) == 1 and is_exact(v)
            shown = point_of(v, self.names)
            w = Witness({}, "0", decimal(ball_of(flat[0][0]), 8)) if refuted and flat[0] is not None else None
            said = f"{shown} is no stationary point" if refuted else f"whether {shown} is a stationary point"
            return self._keep(part, "wrong" if refuted else "undecided", said, w)
        self.plain = False
        return self._keep(part, "right")

    def _solved_above(self, part: Part) -> bool:
        """Whether the part in front is an equation, which a place then solves; else it is only looked at."""
        i = self.parts.index(part)
        above = self.parts[i - 1] if i else None
        looked = above is None or any(above is p for p, _ in self.placed)
        return not looked and any(s.part is above for s in self.steps)

    def _reached(self, v: tuple[Term, ...]) -> bool:
        """Whether a rounded place is a stationary point."""
        from ..numbers import reached

        return reached(self.problem, list(v))

    def _places_of(self, part: Part) -> list[tuple[Term, ...]] | None:
        """The places that a part lists, `x = ±1`, `(1, 0)`; None where it is about something else."""
        if not part.statements or part.sign:
            return None
        if len(self.names) == 1:
            if not all(len(s.sides) > 1 and self._is_unknown(s.sides[0]) for s in part.statements):
                return None
            values = [v for s in part.statements for v in members(s.sides[-1:])]
            return [(v,) for v in values] if all(not v.free for v in values) else None
        sides = part.first.sides
        points = [s for s in sides if s.op == "vector" and len(s.args) == len(self.names) and not s.free]
        return [p.args for p in points] if points and len(sides) == 1 else None

    def _is_unknown(self, label: Term) -> bool:
        """x, x₁, x₂, where they are no other names of the problem."""
        if label.op != "sym" or (label.name != self.names[0] and label.name in self.problem.names):
            return False
        n = parse(label.name)
        return n.base == parse(self.names[0]).base and not n.primes

    def _named(self, part: Part, last: bool) -> bool:
        """`u = x²`, or `x² = u`: a name for a part of the function."""
        if part.sign or len(part.statements) > 1 or len(part.first.sides) < 2:
            return False
        left, right = part.first.sides[0], part.first.sides[-1]
        for name, value in ((left, part.sides), (right, part.first.sides[:1])):
            if name.op != "sym" or name.name in (*self.problem.names, *self.values):
                continue
            free = {n for v in value for n in v.free}
            if not free or name.name in free or not free <= {*self.problem.names, *self.values}:
                continue
            if not any(name.name in p.about() for p in self.parts if p is not part):
                continue
            self.plain = False
            self.values[name.name] = self._expanded(value[0])
            for a, b in pairwise(value):
                if not self._equal(part, self._expanded(a), b):
                    return True
            return self._keep(part, "right")
        return False

    def _equation(self, part: Part, last: bool) -> bool:
        """An equation: it has the solutions that are asked for, or its sides are the same formula."""
        if part.sign or any(len(s.sides) < 2 for s in part.statements):
            return False
        free = part.about()
        unknowns = [n for n in (*self.names, *self.values) if n in free]
        if not unknowns or not free <= {*self.problem.names, *self.values} or self._places_of(part) is not None:
            return False
        if any(s.op in ("vector", "apply", "applyprime", "partial") for st in part.statements for s in st.sides):
            return False
        named = all(s.sides[0].op == "sym" and s.sides[0].name in self.names for s in part.statements)
        points = any(POINT.search(p.text) and "=" not in p.text for p in self.parts)
        if named and (len(self.names) == 1 or (not points and all(not s.free for s in part.sides))):
            return False
        sides = [[self._expanded(s) for s in st.sides] for st in part.statements]
        self.plain = self.plain and all(len(row) == 2 for row in sides)
        if all(self._same(row) for row in sides):
            self.plain = False
            return self._keep(part, "right")
        if len(self.names) > 1:
            return self._at_points(part, sides)
        factors = [f for row in part.statements if row.sides[-1] is ZERO for s in row.sides[:-1] if s.op == "mul"
                   for f in s.args]  # fmt: skip
        self.polynomials += [q for f in factors for n in unknowns[:1] if (q := quadratic(f, sym(n)))]
        self.polynomials += [q for row in part.statements for n in unknowns[:1] for end in row.sides[:-1]
                             if (q := quadratic(add(end, neg(row.sides[-1])), sym(n)))]  # fmt: skip
        return self._solves(part, sides, unknowns)

    def _same(self, sides: Sequence[Term]) -> bool:
        """An identity, none of whose sides is a number."""
        if any(s.op in ("set", "pm", "vector") or not s.free for s in sides):
            return False
        return all(compare(sides[0], s, domain=self.problem.domain).kind == "equal" for s in sides[1:])

    def _solves(self, part: Part, sides: list[list[Term]], unknowns: list[str]) -> bool:
        x, truth = sym(self.names[0]), self._truth()
        u = next((n for n in unknowns if n not in self.names), "")
        if u:
            self.plain = False
        if self._is_bend(sides, x):
            return self._keep(part, "right")
        count = min(map(len, sides))
        last_ = None
        for i in range(count - 1):
            pairs = tuple((row[i], v) for row in sides for v in members(row[-1:]))
            s = Solved(pairs)
            found = self._against(truth, s, x)
            if found.kind == "wrong" and self._is_case(part, s, x, truth):
                return True
            if found.kind != "right":
                turned = sign_turned(self.first[x.name][1], s, x) if x.name in self.first and len(pairs) == 1 else None
                said = found.certificate or "whether this line has the same solutions"
                kind = found.kind if self._known(sides, found) else "undecided"
                return self._keep(part, kind, said, found.witness, turned or found.mistake)
            last_ = s
        if u and not self._in_name(part, u):
            return True
        if last_ is not None:
            self.first[x.name] = (part.first, last_)
        return self._keep(part, "right")

    def _against(self, truth: Solutions, s: Solved, x: Term) -> Verdict:
        """The solutions of a line, everywhere or in the domain."""
        found = against(truth, s, x)
        domain = self.problem.domain
        if found.kind == "right" or not domain:
            return found
        if found.kind == "undecided":
            here = solutions_of(s, x, domain)
            inside = SETS["roots" if self.problem.kind == "roots" else "stationary"](self.problem)
            return against(inside, s, x, here) if here.complete and inside.complete else found
        return against(within(truth, x, domain), s, x, within(solutions_of(s, x), x, domain))

    def _known(self, sides: list[list[Term]], found: Verdict) -> bool:
        """In a search for extreme values an equation may say where f has some value."""
        assert self.problem.expr is not None
        return found.kind != "wrong" or self.problem.kind not in EXTREMES or not any(
            compare(self.problem.expr, s).kind == "equal" for row in sides for s in row[:1] if not row[-1].free
        )  # fmt: skip

    def _is_bend(self, sides: list[list[Term]], x: Term) -> bool:
        """f″(x) = 0 looks for inflection points."""
        if self.problem.kind == "roots" or len(sides) > 1 or sides[0][-1] is not ZERO:
            return False
        second = slope(self._sources()[0], x)[0]
        return bool(second.free) and all(compare(second, s).kind == "equal" for s in sides[0][:-1])

    def _is_case(self, part: Part, s: Solved, x: Term, truth: Solutions) -> bool:
        """A line with some of the solutions: the others may stand on lines beside it."""
        here = solutions_of(s, x)
        met = frozenset(i for i, r in enumerate(truth.roots) if any(r.meets(k) for k in here.roots))
        own = here.complete and not here.everything and truth.complete
        if not own or not met or any(not any(r.meets(k) for r in truth.roots) for k in here.roots):
            return False
        found = against(truth, s, x)
        self.steps.append(Step(part, "wrong", found.certificate, found.witness, found.mistake, met))
        return True

    def _between(self, part: Part, last: bool) -> bool:
        """`x₁ + x₂ = 5`, `√D = 1`: names of the page that have one number each."""
        if part.sign or len(part.statements) > 1 or len(part.first.sides) < 2:
            return False
        known = {p.label: p.sides[-1] for p in self.parts if p is not part and p.label is not None and _is_number(p)}
        known = {n: v for n, v in known.items() if n.name not in (*self.names, *self.problem.names)}
        first = part.first.sides[0]
        if first.op == "sym" or not first.free or not part.about() <= {n.name for n in known}:
            return False
        self.plain = False
        sides = [substitute(s, dict(known)) for s in part.first.sides]
        w = next(
            (w for s in sides[1:] if (w := fits(self.problem, Scope(self.problem), s, sides[0])) is not None), None
        )
        return self._keep(part, "right" if w is None else "wrong", "" if w is None else "the two sides differ", w)

    def _settle_places(self) -> None:
        """`x = ±1` above the points (1, −2), (−1, 2)."""
        points = [p for p in self.rest if POINT.search(p.text) and "=" not in p.text]
        if self.problem.kind != "stationary" or len(self.names) > 1 or not points:
            return
        above = [p for p in self.rest if p.statements and self._places_of(p) is not None]
        if not above or not all(p.line < points[0].line for p in above):
            return
        values = [v for p in above for (v,) in self._places_of(p) or ()]
        found = compare_sets(SETS["stationary"](self.problem), values)
        self._keep(above[-1], found.kind, found.certificate, found.witness, found.mistake)
        self.rest = [p for p in self.rest if p not in above]

    def _settle_cases(self) -> None:
        """x − 2 = 0 and x − 3 = 0 on two lines are all of the solutions together."""
        cases = [s for s in self.steps if s.met is not None]
        if not cases:
            return
        roots = self._truth().roots
        above = [v for p in self.rest if p.line < cases[0].part.line for v in self._places_of(p) or ()]
        found = {i for i, r in enumerate(roots) for v in above if is_root(v[0], r)}
        if found.union(*(s.met or () for s in cases)) == set(range(len(roots))):
            self.steps = [s if s.met is None else _case(s) for s in self.steps]

    def _in_name(self, part: Part, u: str) -> bool:
        """The solutions in u: those of the first equation in u, or such as belong to a solution in x."""
        pairs = tuple((row.sides[0], v) for row in part.statements for v in members(row.sides[-1:]))
        if any(set(n for side in pair for n in side.free) - {u} for pair in pairs):
            return True
        s = Solved(pairs)
        here = solutions_of(s, sym(u))
        if u not in self.first:
            if part.first.sides[0] is not sym(u):
                self.first[u] = (part.first, s)
            return True
        before = solutions_of(self.first[u][1], sym(u))
        extra = [k for k in here.roots if not any(k.meets(r) for r in before.roots)]
        if extra and before.complete:
            said = f"{u} = {extra[0].decimal()} does not solve the equation above"
            shown = ", ".join(r.decimal() for r in before.roots) or "none"
            there = Witness({}, shown, f"{u} = {extra[0].decimal()}")
            self._keep(part, "wrong", said, there, Mistake("extra_root", said))
            return False
        if extra or not here.complete:
            self._keep(part, "undecided", f"the solutions in {u} were not compared")
            return False
        return True

    def _at_points(self, part: Part, sides: list[list[Term]]) -> bool:
        """Equations in several variables hold at every stationary point; at some only they are a case."""
        from ..numbers import stationary_points

        self.plain = False
        points = stationary_points(self.problem)
        if points is None or self.problem.kind == "roots":
            return self._keep(part, "undecided", "whether this holds at the stationary points")
        held = [any(self._holds(row, p) for row in sides) for p in points]
        if all(held):
            return self._keep(part, "right")
        if any(held):
            return self._keep(part, "undecided", "this holds at some of the stationary points only")
        shown = "; ".join(point_of(p, self.names) for p in points) or "none"
        told = Witness({}, f"true at {shown}", "false")
        return self._keep(part, "wrong", "this holds at no stationary point", told)

    def _holds(self, row: Sequence[Term], p: tuple[Term, ...]) -> bool:
        put = dict(zip(map(sym, self.names), p, strict=True))
        ends = members(row[-1:])
        at = [any(compare(substitute(s, dict(put)), substitute(e, dict(put))).kind != "different" for e in ends)
              for s in row[:-1]]  # fmt: skip
        return all(at)

    def _inequality(self, part: Part, last: bool) -> bool:
        """`(x − 2)² + 3 ≥ 3`: sides that are f or what vanishes, and their bound."""
        if not part.sign or len(part.statements) > 1:
            return False
        assert self.problem.expr is not None
        first, *more = part.first.sides
        if not first.free and all(not s.free for s in more):
            self.plain = False
            return self._signed(part, first)
        about = not more and set(first.free) <= set(self.names) and part.bound == "0"
        if about and part.sign == "≥" and never_negative(first, self.problem.domain):
            self.plain = False
            return self._keep(part, "right")
        if about and part.sign == ">" and is_positive(first, self.problem):
            return self._keep(part, "right")
        for truth in (self.problem.expr, *self._sources()):
            if set(first.free) <= set(self.names) and compare(truth, first, domain=self.problem.domain).kind == "equal":
                self.plain = False
                return self._judged(part, truth, None, tuple(more))
        return False


def _case(s: Step) -> Step:
    """A line that is one case of several; a product that lost a factor may be none."""
    factors = [f for f in s.part.first.sides[0].args if f.free] if s.part.first.sides[0].op in ("mul", "pow") else []
    if len(factors) < 2 and s.part.first.sides[0].op != "pow":
        return Step(s.part, "right", met=s.met)
    return Step(s.part, "undecided", "this line has some of the solutions only", met=s.met)


def _is_number(part: Part) -> bool:
    """Whether a part gives a name one number."""
    if part.label is None or part.label.op != "sym" or part.sides[-1].free:
        return False
    value = part.sides[-1]
    return value.op not in ("set", "vector") and not any(n.op == "pm" for n in postorder(value))
