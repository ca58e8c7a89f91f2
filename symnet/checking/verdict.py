"""What a check answers: right with a proof, wrong with a witness, undecided, or malformed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SHOWN = 8  # names of a witness that are written out; `.at` has them all


@dataclass(frozen=True, slots=True)
class Mistake:
    """A wrong rule that reproduces the answer exactly, and what to say about it."""

    name: str
    advice: str

    def to_dict(self) -> dict[str, str]:
        return {"name": self.name, "advice": self.advice}


@dataclass(frozen=True, slots=True)
class Witness:
    """A rational point and the values of both sides there, as decimals; without names the sides are numbers."""

    at: Mapping[str, Any]
    expected: str
    found: str

    def __str__(self) -> str:
        where = ", ".join(f"{n} = {v}" for n, v in list(self.at.items())[:SHOWN])
        where += f", … ({len(self.at) - SHOWN} more)" if len(self.at) > SHOWN else ""
        sides = f"expected {self.expected}, the answer gives {self.found}"
        return f"at {where}: {sides}" if where else sides

    def to_dict(self) -> dict[str, Any]:
        return {"at": {n: str(v) for n, v in self.at.items()}, "expected": self.expected, "found": self.found}


@dataclass(frozen=True, slots=True)
class Line:
    """What was found out about one line of an answer; `number` counts from 1 and skips blank lines not."""

    number: int
    kind: str
    reading: str
    says: str = ""
    follows: int | None = None  # a line above, wrong itself, from which this one follows correctly

    def __str__(self) -> str:
        more = f", follows from line {self.follows}" if self.follows is not None else ""
        return f"line {self.number}: {self.kind}{more}: {self.reading}" + (f" ({self.says})" if self.says else "")

    def to_dict(self) -> dict[str, Any]:
        return {
            "number": self.number, "kind": self.kind, "reading": self.reading, "says": self.says,
            "follows": self.follows,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verdict:
    """`kind` is right, wrong, undecided or malformed; right is proved, wrong has a witness.

    `certificate` is one sentence, `reading` what was understood, in plain notation; `str` says all of it in some lines.
    """

    kind: str
    certificate: str = ""
    reading: str = ""
    witness: Witness | None = None
    mistake: Mistake | None = None
    first_bad_line: int | None = None
    error: str = ""
    convention: str | None = None
    likely: str | None = None
    notes: tuple[str, ...] = ()
    lines: tuple[Line, ...] = field(default=())

    def __str__(self) -> str:
        return "\n".join(self._said())

    def _said(self) -> list[str]:
        out = [f"{HEADS[self.kind]}{_tail(self.error or self.certificate)}"]
        if self.likely:
            out[0] += f" It is likely {self.likely}."
        if self.reading:
            out.append(f"read as: {self.reading}")
        if self.first_bad_line is not None and len(self.lines) > 1:
            out.append(f"the first line that fails is line {self.first_bad_line}")
        if self.witness is not None:
            out.append(str(self.witness))
        if self.mistake is not None:
            out.append(f"{self.mistake.name}: {self.mistake.advice}")
        if self.convention:
            out.append(f"convention: {self.convention}")
        out += self.notes
        out += [str(line) for line in self.lines] if len(self.lines) > 1 else []
        return out

    def _repr_markdown_(self) -> str:
        head, *rest = self._said()
        first, _, tail = head.partition(":")
        return "  \n".join([f"**{_plain(first)}**{':' if tail else ''}{_plain(tail)}", *map(_plain, rest)])

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON takes it."""
        return {
            "kind": self.kind, "certificate": self.certificate, "reading": self.reading,
            "witness": self.witness.to_dict() if self.witness else None,
            "mistake": self.mistake.to_dict() if self.mistake else None,
            "first_bad_line": self.first_bad_line, "error": self.error, "convention": self.convention,
            "likely": self.likely, "notes": list(self.notes), "lines": [line.to_dict() for line in self.lines],
        }  # fmt: skip


HEADS = {"right": "Right", "wrong": "Not right", "undecided": "Undecided", "malformed": "This cannot be read"}


def _tail(sentence: str) -> str:
    return f": {sentence}" + ("" if sentence.endswith((".", "^")) else ".") if sentence else "."


def _plain(text: str) -> str:
    """Text for Markdown: nothing of it is markup."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]()#+-!|<>$" else c for c in text)
