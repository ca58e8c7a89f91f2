"""All the mistakes that the tables know, as a page: the name, the rule, and what is written instead."""

from __future__ import annotations

from dataclasses import dataclass

from .arrays import ARRAYS
from .numbers import DIGITS, UPDATES
from .rewriting import REWRITES
from .rows import TABLE


@dataclass(frozen=True, slots=True)
class Entry:
    name: str
    instead_of: str
    wrong: str
    example: str = ""


def catalogue() -> dict[str, tuple[Entry, ...]]:
    """The entries under the headings of the page.

    >>> [title for title in catalogue()]
    ['Derivatives', 'Arrays', 'From line to line', 'Updates', 'Numbers']
    """
    return {
        "Derivatives": tuple(Entry(r.name, r.instead_of, r.wrong, _says(*r.example)) for r in TABLE),
        "Arrays": tuple(Entry(r.name, r.instead_of, r.wrong) for r in ARRAYS),
        "From line to line": tuple(
            Entry(r.name, r.instead_of, r.wrong, f"`{r.example[0]}` to `{r.example[1]}`") for r in REWRITES
        ),
        "Updates": tuple(Entry(r.name, "w − η g", r.advice.format(x="w", lr="η"), "") for r in UPDATES),
        "Numbers": tuple(Entry(r.name, r.example[0], f"{r.example[1]}: {r.advice}") for r in DIGITS),
    }


def _says(formula: str, name: str, answer: str) -> str:
    return f"`{formula}` by `{name}`: `{answer}`"


def page() -> str:
    """The catalogue as Markdown; `|` inside a formula is escaped."""
    lines = [
        "# The mistakes that are recognised",
        "",
        "A wrong answer is explained only if the derivation with one of these rules swapped, everywhere, at one place,",
        "or two of them at once, gives exactly that answer. This page is made from the tables in `symnet/mistakes`.",
    ]
    for title, entries in catalogue().items():
        lines += ["", f"## {title}", "", "| name | the rule | what is written | for example |", "|---|---|---|---|"]
        lines += [
            "| " + " | ".join(c.replace("|", "\\|") for c in (e.name, e.instead_of, e.wrong, e.example)) + " |"
            for e in entries
        ]
    return "\n".join(lines) + "\n"
