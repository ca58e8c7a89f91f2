"""The parts of an answer one after the other: each is a step, or it answers."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from ...equality import compare
from ...errors import ReadError
from ...reading import read
from ...rules import slope
from ...term import ZERO, substitute, sym
from ..formulas import witness
from ..numbers import SETS, members, names_of
from ..problem import Problem
from ..verdict import Witness
from .base import EXTREMES, is_exact
from .derived import Derived
from .equations import Equations
from .quadratics import Quadratics, quadratic
from .segments import NUMBERED, TWICE, Part, parts_of, with_values
from .steps import Led

LONG = 5_000  # characters of an answer in which such lines are looked for
MOST = 60  # parts that are judged
MARKS = 400  # commas, relations and line ends
KINDS = ("roots", "stationary", "maximum", "minimum")
NUMERALS = {"one": 1, "two": 2, "three": 3, "four": 4}


def led(answer: str, problem: Problem) -> Led | None:
    """The answer with its steps set apart; None where every line is the answer itself."""
    if problem.kind not in KINDS or len(answer) > LONG or problem.expr is None or problem.expr.shape:
        return None
    if not names_of(problem) or sum(map(answer.count, ",;=\n")) > MARKS:
        return None
    double = list(TWICE.finditer(answer)) if problem.kind == "roots" else []
    before, answer = answer, TWICE.sub("", answer) if double else answer
    if len(names_of(problem)) > 1:
        answer = with_values(answer)
    own = tuple(dict.fromkeys([*problem.names, *names_of(problem)]))
    parts = parts_of(answer, problem, own)
    if len(parts) > MOST:
        return None
    reading = Leading(problem, parts)
    for m in double:
        reading.says_double(before[: m.start()])
    return reading.led(bool(double))


@dataclass(slots=True)
class Leading(Derived, Quadratics, Equations):
    """One pass over the parts."""

    def led(self, changed: bool) -> Led | None:
        self.names = names_of(self.problem)
        if len(self.names) == 1:
            self.polynomials = [p for t in self._sources() if (p := quadratic(t, sym(self.names[0])))]
        for i, part in enumerate(self.parts):
            if not self._takes(part, last=i == len(self.parts) - 1):
                self.rest.append(part)
        self._settle_cases()
        self._settle_places()
        if not self.steps and not self.kinds:
            return None
        in_cases = any(s.met is not None and s.kind == "right" for s in self.steps)
        if self.problem.kind == "roots" and self.plain and not changed and not in_cases:
            return None  # lines that solve an equation
        if not self.rest:
            self._places_answer()
        return Led(tuple(self.steps), self._text(), tuple(self.kinds))

    def says_double(self, above: str) -> None:
        """`x = 2 (double)`: f and f′ are 0 there, and f″ is not."""
        x, f = sym(names_of(self.problem)[0]), self.problem.expr
        assert f is not None
        line, last = above.count("\n") + 1, re.split(r"[=≈,;\n]|\band\b|\bor\b", above)[-1].strip()
        part = Part(line, f"{last} double")
        values = members([read(last, names=self.problem.names).value])
        for v in values:
            derivative = slope(f, x)[0]
            first, second = (compare(substitute(t, {x: v}), ZERO) for t in (derivative, slope(derivative, x)[0]))
            if not is_exact((v,)):
                self._keep(part, "undecided", f"whether {v.text()} stands for a double solution")
            elif first.kind == "different" or second.kind == "equal":
                w = witness(first) if first.kind == "different" else Witness({}, "not 0", "0")
                self._keep(part, "wrong", f"{v.text()} is no double solution", w)
            elif first.kind != "equal" or second.kind != "different":
                self._keep(part, "undecided", f"whether {v.text()} is a double solution")
            else:
                self._keep(part, "right")

    def _text(self) -> str:
        """The parts that answer, on their lines."""
        rows: dict[int, list[str]] = {}
        for p in self.rest:
            rows.setdefault(p.line, []).append(p.text)
        return "\n".join(", ".join(rows.get(i, ())) for i in range(1, max(rows, default=1) + 1))

    def _places_answer(self) -> None:
        """`f(1) = −2, f(−1) = 2` alone says where, or what the largest value is."""
        if not self.placed:
            raise ReadError("the answer itself is missing", remedy="write it below the lines that lead to it")
        if self.problem.kind == "stationary":
            self.rest = [replace(p, text=place) for p, place in self.placed]
        elif self.problem.kind in EXTREMES:
            self.rest = [self.placed[-1][0]]
        else:
            raise ReadError("the solutions are missing", remedy=f"write {self.names[0]} = …")

    def _takes(self, part: Part, last: bool) -> bool:
        """Whether a part is a step; what it came to is kept."""
        if part.kind:
            return self._says_kind(part)
        if not part.statements:
            return self._counts(part)
        for takes in (self._derived, self._discriminant, self._called, self._coefficient, self._place, self._named,
                      self._equation, self._between, self._inequality):  # fmt: skip
            if takes(part, last):
                return True
        return False

    def _says_kind(self, part: Part) -> bool:
        """`⇒ minimum` behind a place; behind a point of the answer it stays there."""
        beside = self.rest and self.rest[-1].line == part.line
        if not self.place or (beside and not self._above(part)):
            return False
        self.kinds.append((part, self.place, part.kind))
        return True

    def _counts(self, part: Part) -> bool:
        """`D > 0 ⇒ two solutions`."""
        said = NUMBERED.fullmatch(part.text)
        if said is None or self.problem.kind != "roots":
            return False
        self.plain = False
        truth, count = SETS["roots"](self.problem), said["count"].lower()
        number = NUMERALS.get(count) or int(count)
        if not truth.complete or truth.everything:
            return self._keep(part, "undecided", "the solutions were not counted")
        good = number == len(truth.roots)
        w = None if good else Witness({}, f"{len(truth.roots)} solutions", part.text)
        return self._keep(part, "right" if good else "wrong", "" if good else "there is another number of solutions", w)

    def _above(self, part: Part) -> bool:
        """Whether the part in front of this one is a step of the same line."""
        i = self.parts.index(part)
        return i > 0 and self.parts[i - 1] not in self.rest and self.parts[i - 1].line == part.line
