"""A step of an answer, and the answer with its steps set apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ...errors import SymnetError
from ..places import with_kinds
from ..problem import Problem
from ..verdict import Line, Mistake, Verdict, Witness
from .segments import Part


@dataclass(frozen=True, slots=True)
class Step:
    """A claim on a line and what came of it; `met` are the solutions of a line that has some of them only."""

    part: Part
    kind: str
    says: str = ""
    witness: Witness | None = None
    mistake: Mistake | None = None
    met: frozenset[int] | None = None

    def line(self) -> Line:
        says = str(self.witness or self.says) if self.kind == "wrong" else ""
        return Line(self.part.line, self.kind, self.part.text, says, shown=self.part.text)


@dataclass(frozen=True, slots=True)
class Led:
    """The steps of an answer, the rest that answers, and the kinds said of places."""

    steps: tuple[Step, ...]
    rest: str
    kinds: tuple[tuple[Part, str, str], ...] = ()

    def joined(self, problem: Problem, answer: Verdict) -> Verdict:
        """The verdict on the rest with what the steps came to; the first wrong line is named."""
        if answer.kind == "malformed":
            return answer
        said = [self._of_kind(problem, *k) for k in self.kinds]
        steps = sorted((*self.steps, *said), key=lambda s: s.part.line)
        numbers = {s.part.line for s in steps}
        lines = tuple(sorted((*_merged(steps), *(one for one in answer.lines if one.number not in numbers)),
                             key=lambda one: one.number))  # fmt: skip
        bad = next((s for s in steps if s.kind == "wrong"), None)
        own = None if problem.kind in ("maximum", "minimum") else answer.first_bad_line  # there lines are joined
        first = (own or self._last()) if answer.kind == "wrong" else None
        if bad is not None and (first is None or bad.part.line <= first):
            return replace(
                answer, kind="wrong", certificate=bad.says or "a line is wrong", witness=bad.witness,
                mistake=bad.mistake, first_bad_line=bad.part.line, lines=lines, likely=None, correct="",
            )  # fmt: skip
        if answer.kind == "wrong":
            return replace(answer, first_bad_line=first, lines=lines)
        open_ = next((s for s in steps if s.kind == "undecided"), None)
        if answer.kind == "right" and open_ is not None:
            said_ = open_.says or f"line {open_.part.line} was not decided"
            return replace(answer, kind="undecided", certificate=said_, likely="right", lines=lines)
        return replace(answer, lines=lines)

    def _last(self) -> int:
        return max((i for i, text in enumerate(self.rest.split("\n"), 1) if text.strip()), default=1)

    def _of_kind(self, problem: Problem, part: Part, place: str, kind: str) -> Step:
        try:
            found = with_kinds(problem, Verdict("right"), [(place, kind)])
        except SymnetError:
            return Step(part, "undecided")
        return Step(part, found.kind, found.certificate, found.witness)


def _merged(steps: Sequence[Step]) -> Iterator[Line]:
    """One entry for each line: the worst of its parts."""
    for number in dict.fromkeys(s.part.line for s in steps):
        here = [s for s in steps if s.part.line == number]
        worst = next((s for kind in ("wrong", "undecided") for s in here if s.kind == kind), here[0])
        text = ", ".join(dict.fromkeys(s.part.text for s in here))
        yield replace(worst.line(), reading=text, shown=text)
