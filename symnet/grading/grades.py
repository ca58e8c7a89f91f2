"""The rows of a run, what they add up to, and how they are shown."""

from __future__ import annotations

import csv
import io
import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ..errors import DataError, quote
from .rows import KINDS, Row
from .task import Task

SHOWN = 3  # different advices that a summary quotes for one mistake
COLUMNS = (
    "id", "kind", "first_bad_line", "mistake", "advice", "says", "reading", "witness", "convention", "likely", "notes",
    "seconds",
)  # fmt: skip
HEADS = {"kind": "verdict", "says": "certificate"}
NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?").fullmatch


@dataclass(frozen=True, slots=True)
class Made:
    """A mistake, who made it, and what was said about it, most often first."""

    name: str
    ids: tuple[str, ...]
    advices: tuple[str, ...]

    @property
    def count(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Grades:
    """Every row in the order of the submissions; `fresh` were graded in this run, the others in one before it."""

    task: Task
    rows: tuple[Row, ...]
    seconds: float = 0.0
    fresh: int = 0

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many rows there are of each kind."""
        found = Counter(r.kind for r in self.rows)
        return {k: found[k] for k in KINDS if found[k]}

    @cached_property
    def mistakes(self) -> tuple[Made, ...]:
        """The mistakes that were recognised, the most frequent first."""
        by_name: dict[str, list[Row]] = {}
        for r in self.rows:
            if r.mistake:
                by_name.setdefault(r.mistake, []).append(r)
        made = [
            Made(n, tuple(r.id for r in rows), tuple(a for a, _ in Counter(r.advice for r in rows).most_common(SHOWN)))
            for n, rows in by_name.items()
        ]
        return tuple(sorted(made, key=lambda m: (-m.count, m.name)))

    @cached_property
    def first_bad_lines(self) -> dict[int, int]:
        """How many wrong submissions first fail in which line."""
        found = Counter(r.first_bad_line for r in self.rows if r.kind == "wrong" and r.first_bad_line is not None)
        return dict(sorted(found.items()))

    @property
    def unexplained(self) -> int:
        """Wrong submissions whose mistake is not known."""
        return sum(r.kind == "wrong" and not r.mistake for r in self.rows)

    def __str__(self) -> str:
        count = len(self.rows)
        out = [f"{count:,} submission{'s' if count != 1 else ''}: "
               + ", ".join(f"{n:,} {k}" for k, n in self.counts.items())]  # fmt: skip
        if self.fresh < count:
            out.append(f"{count - self.fresh:,} of them were graded before")
        for m in self.mistakes:
            out.append(f"{m.count:>6,}  {m.name}: {m.advices[0]}")
        if self.unexplained:
            out.append(f"{self.unexplained:>6,}  wrong for a reason that no rule reproduces")
        if len(self.first_bad_lines) > 1:
            listed = ", ".join(f"line {k} ({n:,})" for k, n in self.first_bad_lines.items())
            out.append(f"first line that fails: {listed}")
        return "\n".join(out)

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON takes it."""
        return {
            "problem": self.task.text, "title": self.task.title, "counts": self.counts,
            "mistakes": [{"name": m.name, "count": m.count, "advices": list(m.advices), "ids": list(m.ids)}
                         for m in self.mistakes],
            "rows": [r.to_dict() for r in self.rows],
        }  # fmt: skip

    def csv(self) -> str:
        """The rows as CSV for spreadsheets.

        A text that a spreadsheet would take for a formula, one that begins with = + - @ or a tab, gets an apostrophe
        before it, plain numbers aside: -x becomes '-x. The journal and `to_dict` hold the texts as they are.
        """
        out = io.StringIO(newline="")
        table = csv.writer(out)
        table.writerow([HEADS.get(c, c) for c in COLUMNS])
        table.writerows([_cell(getattr(r, c)) for c in COLUMNS] for r in self.rows)
        return out.getvalue()

    def html(self) -> str:
        """A report in one file that needs no network."""
        from .report import page

        return page(self)

    def _repr_html_(self) -> str:
        from .report import fragment

        return fragment(self)

    def write(self, table: Path, report: Path) -> None:
        """Both files, each put in its place at once."""
        for path, text in ((table, "\ufeff" + self.csv()), (report, self.html())):
            beside = path.with_name(f".{path.name}.new")
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                beside.write_bytes(text.encode("utf-8", "backslashreplace"))
                os.replace(beside, path)
            except OSError as e:
                raise DataError(f"{quote(str(path))} cannot be written: {e.strerror or e}") from None


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = " · ".join(value) if isinstance(value, tuple) else str(value)
    text = text.replace("\0", "\ufffd")
    return f"'{text}" if text[:1] in "=+-@\t\r\n" and text and not NUMBER(text) else text
