"""One row for each submission."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from dataclasses import fields as fields_of
from typing import Any

KINDS = ("right", "wrong", "undecided", "malformed", "timeout", "crashed")  # the four verdicts, and what befell a check


@dataclass(frozen=True, slots=True)
class Row:
    """What became of a submission: the verdict of `check`, flat; `timeout` and `crashed` are checks without an end."""

    id: str
    kind: str
    certificate: str = ""
    error: str = ""
    first_bad_line: int | None = None
    mistake: str = ""
    advice: str = ""
    reading: str = ""
    witness: str = ""
    convention: str = ""
    likely: str = ""
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    shown: str = ""  # the reading as people write it
    lines: str = ""  # the lines of a page, each behind its ✓ or ✗
    correct: str = ""  # what would be right on the first line that fails

    @property
    def says(self) -> str:
        """The sentence behind the verdict."""
        return self.error or self.certificate

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "notes": list(self.notes)}


NAMES = tuple(f.name for f in fields_of(Row))


def from_dict(found: Mapping[str, Any]) -> Row:
    """A row of a journal; raises `TypeError` or `KeyError` for what is none."""
    if found["kind"] not in KINDS:
        raise KeyError(found["kind"])
    fields: dict[str, Any] = {k: v for k, v in found.items() if k in NAMES}
    return Row(**{**fields, "notes": tuple(fields.get("notes", ()))})


def of_verdict(name: str, verdict: Any, seconds: float) -> Row:
    """A row from the verdict of a check."""
    mistake = verdict.mistake
    return Row(
        name, verdict.kind, verdict.certificate, verdict.error, verdict.first_bad_line,
        mistake.name if mistake else "", mistake.advice if mistake else "", verdict.reading,
        str(verdict.witness) if verdict.witness else "", verdict.convention or "", verdict.likely or "", verdict.notes,
        round(seconds, 4), verdict.shown, _marked(verdict), verdict.correct,
    )  # fmt: skip


def _marked(verdict: Any) -> str:
    """The lines with their marks, where there are several."""
    return "\n".join(map(str, verdict.lines)) if len(verdict.lines) > 1 else ""
