"""The terminal: Unicode lines with a tag, aligned at the relation, reasons in a column."""

from __future__ import annotations

from dataclasses import replace
from unicodedata import combining, east_asian_width

from .reasons import in_text, noted, whole
from .rows import Page, Row, heading
from .text import unicode

REASONS_AT = 64  # the column of reasons, unless every line is shorter
WIDE = 0.4  # with more lines than this share beyond that column every reason stands below its formula


def page(p: Page, width: int = 100) -> str:
    lines = [heading(p, unicode), *(f"  {in_text(noted(note))}" for note in p.notes)]
    lefts = {id(r): r.left(unicode) for r in p.rows}
    left_width = min(max(map(_width, lefts.values()), default=0), 16)
    widths = [_width(_formula(r, lefts[id(r)], left_width)) for r in p.rows if r.reason]
    column = max((w for w in widths if w <= REASONS_AT), default=0)
    below = any(r.why for r in p.rows) and column + max(map(_reason_width, p.rows)) > width
    below = below or sum(w > REASONS_AT for w in widths) > len(widths) * WIDE
    tags = max([4, *(len(r.tag) for r in p.rows)])
    for section in p.sections:
        lines += ["", *([section.title] if section.title else [])]
        for r in section.rows:
            formula = f"  {r.tag:<{tags}} {_formula(r, lefts[id(r)], left_width)}"
            lines += _below(r, formula, left_width + 10) if below else _beside(r, formula, column + tags + 3)
    return "\n".join(lines)


def one_line(r: Row) -> str:
    """`dy/dx = 2x sin(x) + x² cos(x)   sine rule: …`."""
    left = replace(r, continued=False).left(unicode)
    reason = in_text(whole(r))
    return _formula(r, left, 0) + (f"   {reason}" if reason else "")


def _formula(r: Row, left: str, left_width: int) -> str:
    return f"{_pad(left, left_width)} {r.relation} {' = '.join(map(unicode, r.sides))}"


def _reason_width(r: Row) -> int:
    return _width(in_text(whole(r))) + 10


def _beside(r: Row, formula: str, column: int) -> list[str]:
    """The reason in its column, below a formula that reaches into it."""
    reason = in_text(whole(r))
    if reason and _width(formula) > column:
        return [formula, f"{_pad('', column)}   {reason}"]
    return [f"{_pad(formula, column)}   {reason}" if reason else formula]


def _below(r: Row, formula: str, indent: int) -> list[str]:
    """The reason on a line of its own, where formulas and reasons do not fit side by side."""
    reason = in_text(whole(r))
    return [formula, *([" " * indent + reason] if reason else [])]


def _width(text: str) -> int:
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def _pad(text: str, width: int) -> str:
    return text + " " * max(0, width - _width(text))
