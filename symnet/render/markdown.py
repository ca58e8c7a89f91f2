"""Markdown for GitHub and notebooks: a table per section, formulas in `$…$`."""

from __future__ import annotations

from .aligned import formula
from .latex import latex
from .reasons import in_markdown, noted, whole
from .rows import Page, Row, heading


def page(p: Page) -> str:
    lines = [f"### {heading(p, lambda t: f'${latex(t)}$', escape)}", ""]
    lines += ["\\\n".join(in_markdown(noted(note), escape, bars) for note in p.notes)] if p.notes else []
    for section in p.sections:
        title = [f"**{section.title}**", ""] if section.title else []
        lines += ["", *title, "| | | |", "|---|:---|:---|", *map(_row, section.rows)]
    return "\n".join(lines)


def _row(r: Row) -> str:
    return f"| {r.tag} | ${math(formula(r))}$ | {in_markdown(whole(r), escape, bars)} |"


def math(code: str) -> str:
    return "\\displaystyle " + bars(code)


def bars(code: str) -> str:
    """A bar would end the cell."""
    return code.replace("\\|", "\\Vert ").replace("|", "\\vert ")


def escape(text: str) -> str:
    for sign in "\\`*_{}[]<>#|$":
        text = text.replace(sign, "\\" + sign)
    return text
