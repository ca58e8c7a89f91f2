"""The terminal: Unicode lines with a tag, aligned at the relation, reasons in a column."""

from __future__ import annotations

from unicodedata import combining, east_asian_width

from .reasons import in_text
from .rows import Page, Row, facts, parameters
from .text import unicode

REASONS_AT = 64  # the column of reasons, unless every line is shorter


def page(p: Page, width: int = 100) -> str:
    lines = [f"Gradient of {unicode(p.loss)} with respect to {', '.join(parameters(p))}"]
    lines += [f"  {fact}" for fact in facts(p)]
    lefts = {id(r): _left(r) for r in p.rows}
    left_width = min(max(map(_width, lefts.values()), default=0), 16)
    column = min(max((_width(_formula(r, lefts[id(r)], left_width)) for r in p.rows), default=0), REASONS_AT)
    for section in p.sections:
        lines += ["", section.title]
        lines += [_line(r, lefts[id(r)], left_width, column) for r in section.rows]
    return "\n".join(lines)


def _left(r: Row) -> str:
    target = unicode(r.target)
    return f"{unicode(r.name)} := {target}" if r.name is not None else target


def _formula(r: Row, left: str, left_width: int) -> str:
    return f"{_pad(left, left_width)} {r.relation} {' = '.join(map(unicode, r.sides))}"


def _line(r: Row, left: str, left_width: int, column: int) -> str:
    formula = _formula(r, left, left_width)
    reason = f"   {in_text(r.reason)}" if r.reason else ""
    return f"  {r.tag:<4} {_pad(formula, column) if reason else formula}{reason}".rstrip()


def _width(text: str) -> int:
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def _pad(text: str, width: int) -> str:
    return text + " " * max(0, width - _width(text))
