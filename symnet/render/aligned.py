"""LaTeX: an `aligned` environment with a column of tags and one of reasons, for KaTeX and amsmath."""

from __future__ import annotations

from .latex import latex
from .reasons import in_latex, whole
from .rows import Page, Row

RELATIONS = {"←": "\\leftarrow", "≈": "\\approx", "≤": "\\le"}


def page(p: Page) -> str:
    lines = [line(r) for r in p.rows]
    return "\\begin{aligned}\n" + "\\\\\n".join(lines) + "\n\\end{aligned}"


def line(r: Row) -> str:
    """`\\text{F1} && z_1 &= w_1 x + b_1 && \\text{reason}`; a reason with formulas has a line of its own."""
    said = in_latex(whole(r))
    reason = "" if not said else f"\\\\\n&& &\\quad {said}" if r.why else f" && {said}"
    tag = f"\\text{{{r.tag}}}" if r.tag else ""
    return f"{tag} && {left(r)} &{relation(r)} {' = '.join(map(latex, r.sides))}{reason}"


def left(r: Row) -> str:
    return r.left(latex)


def relation(r: Row) -> str:
    return RELATIONS.get(r.relation, r.relation)


def formula(r: Row) -> str:
    """The whole line as one formula."""
    return f"{left(r)} {relation(r)} {' = '.join(map(latex, r.sides))}".strip()
