"""The terminal: Unicode lines with a tag, aligned at the relation, reasons in a column."""

from __future__ import annotations

from unicodedata import combining, east_asian_width

from .reasons import in_text, whole
from .rows import Page, Row, heading
from .text import unicode

REASONS_AT = 64  # the column of reasons, unless every line is shorter


def page(p: Page, width: int = 100) -> str:
    lines = [heading(p, unicode), *(f"  {note}" for note in p.notes)]
    lefts = {id(r): _left(r) for r in p.rows}
    left_width = min(max(map(_width, lefts.values()), default=0), 16)
    column = min(max((_width(_formula(r, lefts[id(r)], left_width)) for r in p.rows), default=0), REASONS_AT)
    below = any(r.why for r in p.rows) and column + max(map(_reason_width, p.rows)) > width
    tags = max([4, *(len(r.tag) for r in p.rows)])
    for section in p.sections:
        lines += ["", *([section.title] if section.title else [])]
        for r in section.rows:
            formula = f"  {r.tag:<{tags}} {_formula(r, lefts[id(r)], left_width)}"
            lines += _below(r, formula, left_width) if below else [_beside(r, formula, column + tags + 3)]
    return "\n".join(lines)


def one_line(r: Row) -> str:
    """`dy/dx = 2x sin(x) + x² cos(x)   sine rule: …`."""
    left = f"{unicode(r.name)} := {unicode(r.target)}" if r.name is not None else unicode(r.target)
    reason = in_text(whole(r))
    return _formula(r, left, 0) + (f"   {reason}" if reason else "")


def _left(r: Row) -> str:
    if r.continued:
        return ""
    target = unicode(r.target)
    return f"{unicode(r.name)} := {target}" if r.name is not None else target


def _formula(r: Row, left: str, left_width: int) -> str:
    return f"{_pad(left, left_width)} {r.relation} {' = '.join(map(unicode, r.sides))}"


def _reason_width(r: Row) -> int:
    return _width(in_text(whole(r))) + 10


def _beside(r: Row, formula: str, column: int) -> str:
    reason = in_text(whole(r))
    return f"{_pad(formula, column)}   {reason}" if reason else formula


def _below(r: Row, formula: str, indent: int) -> list[str]:
    """The reason on a line of its own, where formulas and reasons do not fit side by side."""
    reason = in_text(whole(r))
    return [formula, *([" " * (indent + 10) + reason] if reason else [])]


def _width(text: str) -> int:
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def _pad(text: str, width: int) -> str:
    return text + " " * max(0, width - _width(text))
