"""A LaTeX document that compiles as it stands; long lines break where TeX finds a relation or an operator."""

from __future__ import annotations

from . import aligned
from .latex import latex
from .reasons import in_tex, noted, tex_words, whole
from .rows import Page, Row, Section, heading

HEAD = r"""\documentclass{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{amsmath,amssymb,longtable}
\usepackage[margin=2cm]{geometry}
\renewcommand{\arraystretch}{1.5}
\setlength{\parindent}{0pt}
\begin{document}
"""


def page(p: Page) -> str:
    title = heading(p, lambda t: f"${latex(t)}$", tex_words)
    notes = [f"{in_tex(noted(note))}\\par" for note in p.notes]
    body = [line for section in p.sections for line in _section(section)]
    return "\n".join([HEAD + f"\\section*{{{title}}}", *notes, *body, "\\end{document}", ""])


def _section(s: Section) -> list[str]:
    title = [f"\\subsection*{{{tex_words(s.title)}}}"] if s.title else []
    rows = "\\\\\n".join(map(_row, s.rows))
    return [*title, "\\begin{longtable}{@{}l r@{\\ }p{0.72\\textwidth}@{}}", rows, "\\end{longtable}"]


def _row(r: Row) -> str:
    """`D1 & $dy/dx$ & $= …$`, and the reason below it."""
    left = aligned.left(r)
    sides = f"{aligned.relation(r)} {' = '.join(map(latex, r.sides))}"
    said = in_tex(whole(r))
    reason = f"\\newline {{\\small {said}}}" if said else ""
    shown = f"$\\displaystyle {left}$" if left else ""
    return f"{r.tag} & {shown} & $\\displaystyle {sides}${reason}"
