"""PDF without a TeX installation: the rows as a Typst document, formulas translated from LaTeX by tylax."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from ..errors import SymnetError
from . import aligned
from .latex import latex
from .reasons import Pieces, noted, whole
from .rows import Page, Row, Section

HEAD = """#set page(margin: 2cm)
#set text(font: "New Computer Modern", size: 10.5pt)
#set par(leading: 0.9em)
#set table(stroke: none, inset: (x: 3pt, y: 4.5pt), align: (left, right, left))
#show heading: set text(size: 12pt)
#show math.equation.where(block: false): it => math.display(it)
"""
SPECIAL = re.compile(r"([\\#$*_`<>@=\[\]~/\"'+-])")


def page(p: Page) -> bytes:
    """The document as bytes; needs the `pdf` extra."""
    try:
        import typst
    except ImportError:
        raise SymnetError("PDF needs two more packages: pip install 'symnet[pdf]'") from None
    return bytes(typst.compile(document(p).encode()))


def document(p: Page) -> str:
    """The Typst source."""
    notes = [f"#text(fill: luma(90))[{content(noted(n))}] \\" for n in p.notes]
    title = f"= {content(p.heading)}"
    return "\n".join([HEAD, title, *notes, *(line for s in p.sections for line in _section(s))]) + "\n"


def _section(s: Section) -> Iterable[str]:
    yield f"== {words(s.title)}" if s.title else "#v(0.5em)"
    yield "#table(columns: (auto, auto, 1fr),"
    for r in s.rows:
        yield f"  [#text(fill: luma(120))[{words(r.tag)}]], {_cell(aligned.left(r))}, {_right(r)},"
    yield ")"


def _cell(code: str) -> str:
    return f"[{math(code)}]" if code else "[]"


def _right(r: Row) -> str:
    sides = " = ".join(map(latex, r.sides))
    said = content(whole(r))
    reason = f" #linebreak() #text(size: 9pt, fill: luma(90))[{said}]" if said else ""
    return f"[{math(f'{aligned.relation(r)} {sides}')}{reason}]"


def content(pieces: Pieces) -> str:
    return "".join(words(x) if isinstance(x, str) else math(latex(x)) for x in pieces)


def words(text: str) -> str:
    """Text in which no sign means anything to Typst."""
    return SPECIAL.sub(r"\\\1", text)


def math(code: str) -> str:
    """One formula; tylax sets f ' and : = apart, which Typst would print so."""
    import tylax

    found: Any = tylax.latex_to_typst(code)
    body = str(found).strip().replace(" '", "'").replace(": =", ":=")
    return f"${body}$"
