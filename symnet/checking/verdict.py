"""What a check answers: right with a proof, wrong with a witness, undecided, or malformed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..names import unicode

SHOWN = 8  # names of a witness that are written out; `.at` has them all
DIFFER = "the two sides differ at a point"  # said by the witness, which says at which


@dataclass(frozen=True, slots=True)
class Mistake:
    """A wrong rule that reproduces the answer exactly, and what to say about it."""

    name: str
    advice: str

    def __str__(self) -> str:
        return f"{signed(self.advice)} ({self.name})"

    def to_dict(self) -> dict[str, str]:
        return {"name": self.name, "advice": self.advice}


@dataclass(frozen=True, slots=True)
class Witness:
    """A rational point and the values of both sides there, as decimals; without names the sides are numbers."""

    at: Mapping[str, Any]
    expected: str
    found: str

    def __str__(self) -> str:
        where = ", ".join(f"{unicode(n)} = {_minus(v)}" for n, v in list(self.at.items())[:SHOWN])
        where += f", … ({len(self.at) - SHOWN} more)" if len(self.at) > SHOWN else ""
        sides = f"right is {_minus(self.expected)}; here it is {_minus(self.found)}"
        return f"at {where}: {sides}" if where else sides

    def to_dict(self) -> dict[str, Any]:
        return {"at": {n: str(v) for n, v in self.at.items()}, "expected": self.expected, "found": self.found}


@dataclass(frozen=True, slots=True)
class Line:
    """What was found out about one line of an answer; `number` counts from 1 and skips blank lines not.

    `reading` is plain notation that is read back, `shown` what people write.
    """

    number: int
    kind: str
    reading: str
    says: str = ""
    follows: int | None = None  # a line above, wrong itself, from which this one follows correctly
    shown: str = ""

    def __str__(self) -> str:
        beside = f"follows from line {self.follows}" if self.follows is not None else self.says * (self.kind == "right")
        return f"{SIGNS[self.kind]} {self.number}  {self.shown or self.reading}" + (f"  ({beside})" if beside else "")

    def to_dict(self) -> dict[str, Any]:
        return {
            "number": self.number, "kind": self.kind, "reading": self.reading, "says": self.says,
            "follows": self.follows,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verdict:
    """`kind` is right, wrong, undecided or malformed; right is proved, wrong has a witness.

    `certificate` is one sentence, `reading` what was understood, in plain notation that is read back, and `shown` the
    same as people write it; `correct` is what would be right, where that is a formula. `str` says all of it in some
    lines: an answer of many lines line by line.
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
    shown: str = ""
    correct: str = ""

    def __str__(self) -> str:
        rows = [self._head()]
        for line in self._rows():
            width = len(str(line.number)) + 4
            rows += [str(line), *(" " * width + said for said in self._about(line))]
        rows += [] if self._rows() else self._alone()
        return "\n".join([*rows, *self._remarks()])

    def _repr_markdown_(self) -> str:
        first, _, tail = self._head().partition(":")
        out = [f"**{_plain(first)}**{':' if tail else ''}{_plain(tail)}"]
        items: list[tuple[str, Iterable[str]]] = [(str(line), self._about(line)) for line in self._rows()]
        items = items or [(said, ()) for said in self._alone()]
        for item, below in [*items, *((said, ()) for said in self._remarks())]:
            out += [f"- {_plain(item)}", *(f"  - {_plain(said)}" for said in below)]
        return "\n".join([out[0], "", *out[1:]] if len(out) > 1 else out)

    # -- the parts
    def _rows(self) -> tuple[Line, ...]:
        """The lines of an answer that has many."""
        return self.lines if len(self.lines) > 1 else ()

    def _head(self) -> str:
        said = self.error or self.certificate
        said = said if self.error else signed(said)
        if self.kind == "wrong":
            said = reason(said, self.witness)
            if (self._rows() or "\n" in self.shown) and self.first_bad_line is not None:
                said = f"line {self.first_bad_line}" + (f": {said}" if said else "")
            elif not said and self.mistake is not None:
                said = str(self.mistake)
        return f"{HEADS[self.kind]}{_tail(said)}" + (f" It is likely {self.likely}." if self.likely else "")

    def _alone(self) -> list[str]:
        """What is said of an answer of one line."""
        said = (self.shown or self.reading).replace("\n", "; ")
        read = [f"read as: {said}"] if said else []
        lifted = self.kind == "wrong" and not reason(self.certificate, self.witness)
        return [*read, *self._explained(mistake=not lifted)]

    def _about(self, line: Line) -> list[str]:
        """What stands below a line: the explanation at the first that fails, else what was found out."""
        if self.kind == "wrong" and line.number == self.first_bad_line and line.kind == "wrong":
            return self._explained()
        return [signed(line.says)] if line.says and line.follows is None and line.kind != "right" else []

    def _explained(self, mistake: bool = True) -> list[str]:
        out = [str(self.mistake)] if self.mistake is not None and mistake else []
        out += [f"right is: {self.correct}"] if self.correct and self.kind == "wrong" else []
        return [*out, str(self.witness)] if self.witness is not None else out

    def _remarks(self) -> list[str]:
        return [*([f"convention: {CONVENTIONS.get(self.convention, self.convention)}"] if self.convention else []),
                *map(signed, self.notes)]  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON takes it."""
        return {
            "kind": self.kind, "certificate": self.certificate, "reading": self.reading,
            "witness": self.witness.to_dict() if self.witness else None,
            "mistake": self.mistake.to_dict() if self.mistake else None,
            "first_bad_line": self.first_bad_line, "error": self.error, "convention": self.convention,
            "likely": self.likely, "correct": self.correct, "notes": list(self.notes),
            "lines": [line.to_dict() for line in self.lines],
        }  # fmt: skip


HEADS = {"right": "Right", "wrong": "Not right", "undecided": "Undecided", "malformed": "This cannot be read"}
SIGNS = {"right": "✓", "wrong": "✗", "undecided": "?", "malformed": "!"}
CONVENTIONS = {"delta = -dE/dz": "δ is −∂E/∂z on this page"}


def reason(certificate: str, witness: object) -> str:
    """The sentence without its line, and without what the witness says better."""
    said = re.sub(r"^line \d+: ", "", certificate)
    return "" if said == DIFFER and witness else said


def signed(sentence: str) -> str:
    """A sentence with the minus signs of its numbers as people write them."""
    return re.sub(r"(?<![\w.)])-(?=\d)", "−", sentence)


def _minus(value: Any) -> str:
    """A number as people write it: 2.5 for 2.500000000."""
    if isinstance(value, (list, tuple)):
        rows = [value] if not value or not isinstance(value[0], (list, tuple)) else value
        return "[" + "; ".join(", ".join(map(_minus, row)) for row in rows) + "]"
    return re.sub(r"(?<=\d)(\.\d*?)0+(?![\d])", lambda m: m[1].rstrip("."), str(value)).replace("-", "−")


def _tail(sentence: str) -> str:
    return f": {sentence}" + ("" if sentence.endswith((".", "^")) else ".") if sentence else "."


def _plain(text: str) -> str:
    """Text for Markdown: nothing of it is markup."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]()#+-!|<>$" else c for c in text)
