"""What a comparison found, for each parameter, in words that claim no more than was seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

from ..checking.verdict import Mistake
from ..names import unicode

ENOUGH = 3  # points at which every parameter has to be compared


@dataclass(frozen=True, slots=True)
class Worst:
    """The entry that is furthest off; `absolute` where the whole exact gradient is 0 and nothing is relative to it."""

    point: int
    where: str
    entry: tuple[int, ...]
    found: float
    expected: float
    absolute: bool = False

    @property
    def difference(self) -> float:
        return abs(self.found - self.expected)

    def __str__(self) -> str:
        index = f"entry [{', '.join(map(str, self.entry))}] " if self.entry else ""
        at = f" ({self.where})" if self.where else ""
        return f"{index}at point {self.point}{at} is {self.found:.10g}, the exact value is {self.expected:.10g}"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: `error` is the largest |g − exact| over all points, relative to the largest exact entry there.

    If it differs only where the exact gradient is 0, `error` is the difference itself.
    """

    name: str
    ok: bool
    compared: int
    error: float | None = None
    worst: Worst | None = None
    mistake: Mistake | None = None
    problem: str = ""
    differs: bool = False

    def __str__(self) -> str:
        name = unicode(self.name)
        if self.problem:
            tail = f"; {self.mistake.name}: {self.mistake.advice}" if self.mistake else ""
            return f"{name}: {self.problem}{tail}"
        if self.error is None:
            return f"{name}: compared at no point"
        at = f"{self.compared} point{'s' if self.compared != 1 else ''}"
        if self.worst is None or self.ok:
            return f"{name}: agrees at {at}, largest relative difference {self.error:.1e}"
        zero, entry = "where the exact gradient is 0 but for rounding", "relative to the largest entry"
        lines = [f"{name}: differs, by {self.error:.3g} {zero if self.worst.absolute else entry}; {self.worst}"]
        if self.mistake is not None:
            made = f"{self.mistake.name}: {self.mistake.advice}"
            lines.append(f"  looks like {made}; that gives these numbers at all {at}")
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        worst = self.worst
        return {
            "name": self.name, "ok": self.ok, "compared": self.compared, "error": self.error,
            "worst": None if worst is None else {
                "point": worst.point, "where": worst.where, "entry": list(worst.entry), "found": worst.found,
                "expected": worst.expected},
            "mistake": self.mistake.to_dict() if self.mistake else None, "problem": self.problem,
            "differs": self.differs,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class GradientReport:
    """`ok`: every parameter agrees at three points at least, and nothing else was wrong. That is evidence, no proof.

    `parameters` in the order of `wrt`; `problems` of the function as a whole (it raised, changed its inputs, gives
    another result the second time, its loss is another one); `points` the values at which it was called.
    """

    parameters: tuple[Parameter, ...]
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    precision: str = "float64"
    rtol: float = 0.0
    points: tuple[Mapping[str, Any], ...] = field(default=())

    @property
    def ok(self) -> bool:
        return not self.problems and bool(self.parameters) and all(p.ok for p in self.parameters)

    def __bool__(self) -> bool:
        return self.ok

    def __getitem__(self, name: str) -> Parameter:
        """The finding for one parameter, in any spelling of its name."""
        from ..errors import NameLookupError
        from ..names import canonical

        for p in self.parameters:
            if p.name == canonical(name):
                return p
        listed = ", ".join(unicode(p.name) for p in self.parameters)
        raise NameLookupError(f"`{name}` was not compared; there is {listed}")

    def _lines(self) -> list[str]:
        return [self._head(), *self.problems, *map(str, self.parameters), *self.notes]

    def _head(self) -> str:
        if self.ok:
            return f"The gradient agrees with the exact one (relative tolerance {self.rtol:.0e}, {self.precision})."
        bad = [unicode(p.name) for p in self.parameters if p.differs]
        if bad:
            good = sum(p.ok for p in self.parameters)
            agrees = f"; {good} other{'s' if good != 1 else ''} agree{'' if good != 1 else 's'}" if good else ""
            return f"The gradient does not agree with the exact one: {', '.join(bad)}{agrees}."
        left = [unicode(p.name) for p in self.parameters if not p.ok]
        if left:
            return f"The gradient was not compared at enough points to say that it agrees: {', '.join(left)}."
        return "The gradient agrees with the exact one, but the function has other problems."

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _repr_html_(self) -> str:
        head, *rest = self._lines()
        body = "".join(f'<div style="white-space:pre-wrap">{escape(line)}</div>' for line in rest)
        return f'<div class="symnet"><b>{escape(head)}</b>{body}</div>'

    def to_dict(self) -> dict[str, Any]:
        return {
            "ok": self.ok, "parameters": [p.to_dict() for p in self.parameters], "problems": list(self.problems),
            "notes": list(self.notes), "precision": self.precision, "rtol": self.rtol, "points": len(self.points),
        }  # fmt: skip
