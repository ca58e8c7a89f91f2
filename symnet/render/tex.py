"""A LaTeX document that compiles as it stands."""

from __future__ import annotations

from . import aligned
from .latex import latex
from .rows import Page

HEAD = r"""\documentclass{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{amsmath,amssymb}
\usepackage[margin=2cm]{geometry}
\allowdisplaybreaks
\begin{document}
"""


def page(p: Page) -> str:
    wrt = ", ".join(f"${latex(w)}$" for w in p.wrt)
    lines = [HEAD + f"\\section*{{Gradient of ${latex(p.loss)}$ with respect to {wrt}}}"]
    for section in p.sections:
        body = "\\\\\n".join(map(aligned.line, section.rows))
        lines += [f"\\subsection*{{{section.title}}}", f"\\begin{{align*}}\n{body}\n\\end{{align*}}"]
    return "\n".join([*lines, "\\end{document}", ""])
