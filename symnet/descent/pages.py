"""A run on a page: one row is one format."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from .answer import Descent


@dataclass(frozen=True, slots=True)
class Page:
    """A format: its name, the ending of its files, and how a run is written with so many rows and digits."""

    name: str
    ending: str
    write: Callable[[Descent, int | None, int], str]


def _text(run: Descent, rows: int | None, digits: int) -> str:
    return f"{run.table.text(rows, digits)}{run.notes()}\n{run.report()}\n"


def _markdown(run: Descent, rows: int | None, digits: int) -> str:
    said = "\n".join(f"* {s}" for s in run.report().sentences)
    return f"{run.table.markdown(rows, digits)}\n{run.notes()}{said}\n"


def _json(run: Descent, rows: int | None, digits: int) -> str:
    return json.dumps({**run.to_dict(), "report": list(run.report().sentences)}, ensure_ascii=False, indent=2) + "\n"


FORMATS: dict[str, Page] = {
    row.name: row
    for row in (
        Page("text", ".txt", _text),
        Page("markdown", ".md", _markdown),
        Page("latex", ".tex", lambda run, rows, digits: run.table.latex(rows, digits)),
        Page("csv", ".csv", lambda run, rows, digits: run.table.csv()),
        Page("json", ".json", _json),
    )
}
