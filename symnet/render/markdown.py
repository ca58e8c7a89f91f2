"""Markdown for GitHub and notebooks: a table per section, formulas in `$…$`."""

from __future__ import annotations

from .aligned import formula
from .latex import latex
from .reasons import in_markdown
from .rows import Page, Row, facts


def page(p: Page) -> str:
    wrt = ", ".join(f"${latex(w)}$" for w in p.wrt)
    lines = [f"### Gradient of ${latex(p.loss)}$ with respect to {wrt}", ""]
    lines += [f"{escape(fact)}  " for fact in facts(p)]
    for section in p.sections:
        lines += ["", f"**{section.title}**", "", "| | | |", "|---|:---|:---|", *map(_row, section.rows)]
    return "\n".join(lines)


def _row(r: Row) -> str:
    return f"| {r.tag} | ${math(formula(r))}$ | {in_markdown(r.reason, escape)} |"


def math(code: str) -> str:
    """A bar would end the cell."""
    return "\\displaystyle " + code.replace("\\|", "\\Vert ").replace("|", "\\vert ")


def escape(text: str) -> str:
    for sign in "\\`*_{}[]<>#|$":
        text = text.replace(sign, "\\" + sign)
    return text
