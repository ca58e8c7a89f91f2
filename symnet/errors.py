"""The exceptions: every one says what is wrong, where, and what to do."""

from __future__ import annotations

QUOTE = 60  # characters of somebody's input that a message may repeat
LIMIT = 300  # characters of a whole message


def quote(text: str, limit: int = QUOTE) -> str:
    """At most `limit` characters of `text`, with everything invisible or non-printing escaped."""
    shown = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text[: limit + 1])
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


class SymnetError(Exception):
    """The root of every error that symnet raises on purpose."""


class ReadError(SymnetError, ValueError):
    """A text that cannot be read: `.line` and `.column` count from 1; the message holds a caret and a remedy."""

    def __init__(self, message: str, *, source: str = "", line: int = 1, column: int = 1, remedy: str = "") -> None:
        self.line, self.column, self.remedy = line, column, remedy
        head = f"line {line}, column {column}: {message}"
        place = _caret(source, line, column)
        parts = [head[:LIMIT]]
        if place and len(head) + len(place) + 1 <= LIMIT:
            parts.append(place)
        if remedy and sum(map(len, parts)) + len(parts) + len(remedy) <= LIMIT:
            parts.append(remedy)
        super().__init__("\n".join(parts))


def _caret(source: str, line: int, column: int) -> str:
    """The line of `source` with a caret below the place, cut to the neighbourhood of the place."""
    rows = source.split("\n")
    if not source or line > len(rows):
        return ""
    row = rows[line - 1].rstrip("\r")
    start = max(0, column - 1 - QUOTE // 2)
    window = row[start : start + QUOTE - 2]
    shown = "".join(c if c.isprintable() else "·" for c in window)
    lead = "…" if start else ""
    return f"  {lead}{shown}\n  {' ' * (len(lead) + column - 1 - start)}^"


class BudgetError(ReadError):
    """A text that is larger than a budget allows; the message names the budget."""


class GraphError(SymnetError, ValueError):
    """Definitions that do not make a graph: undefined, defined twice, used before its line, not a scalar loss."""


class ShapeError(SymnetError, ValueError):
    """Shapes that do not fit; the message names both, and `.line` and `.column` the place where there is a text."""

    line: int | None = None
    column: int | None = None


class RuleError(SymnetError, NotImplementedError):
    """An operation or a function that has no rule for what was asked; the message names it."""


class NameLookupError(SymnetError, KeyError):
    """A name that is not there; the message says which names are."""

    def __str__(self) -> str:
        return str(self.args[0])


class SizeError(SymnetError, ValueError):
    """A result that is too large to print or to hold as a tree; the message says how large."""


class DomainError(SymnetError, ArithmeticError):
    """A value that does not exist: log 0, a derivative at a corner, 0/0."""


class OverflowError_(SymnetError, OverflowError):  # beside Python's own OverflowError
    """A value too large for a float."""


class DataError(SymnetError, ValueError):
    """A data file that is refused, with the row and the column."""


class DescentError(SymnetError, ValueError):
    """A descent that cannot be started: a rate, a number of steps, a method or a constant that will not do."""
