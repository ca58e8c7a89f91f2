"""PDF without a TeX installation: the rows as a Typst document, formulas translated from LaTeX by tylax."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from ..errors import SymnetError
from . import aligned
from .latex import latex, pieces
from .reasons import Pieces, noted, whole
from .rows import Page, Row, Section

HEAD = """#set page(margin: 2cm)
#set text(font: "New Computer Modern", size: 10.5pt, top-edge: 0.95em, bottom-edge: -0.35em)
#set par(leading: 0pt)
#set table(stroke: none, inset: (x: 3pt, y: 2.5pt), align: (left, right, left))
#show heading: set text(size: 12pt)
#show math.equation.where(block: false): it => math.display(it)
#let part(formula) = box(inset: (y: 0.15em), formula)
#let level(tall) = context {
  let wide = measure(tall).width
  h(-wide)
  box(width: wide, hide(tall))
}
"""  # without leading a line is as high as its formulas; `level`, of no width, puts the cells of a row on one baseline
WIDE = 130  # characters of a formula that may be wider than a line: it breaks where Typst finds an operator
PAGE = 2_000  # characters of a row that may be longer than a page
BEGINS = re.compile(r"^zws (?=[+-])")  # an empty group: before + and − it has to be something, or the sign is a prefix
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
        yield f"  {', '.join(_cells(r))},"
    yield ")"


def _cells(r: Row) -> tuple[str, str, str]:
    """Tag, left side, and `= …` with the reason below it, on one baseline."""
    left, right, said = _left(r), _right(r), content(whole(r))
    level = f"#level[{left}{right}]"
    reason = f" #linebreak() #text(size: 9pt, fill: luma(90))[{said}]" if said else ""
    whole_row = f"table.cell(breakable: {'false' if len(right) < PAGE else 'true'})[{level}{right}{reason}]"
    return f"[{level}#text(fill: luma(120))[{words(r.tag)}]]", f"[{level}{left}]", whole_row


def _left(r: Row) -> str:
    code = aligned.left(r)
    return math(code) if code else ""


def _right(r: Row) -> str:
    """Each `= side`, and each summand of a long one, is a part that stands on one line: its sign comes first."""
    signs = [aligned.relation(r), *["="] * (len(r.sides) - 1)]
    parted = [(sign, *pieces(side)) for sign, side in zip(signs, r.sides, strict=True)]
    return " ".join(_part(code) for sign, first, *more in parted for code in (f"{{}} {sign} {first}", *more))


def _part(code: str) -> str:
    return f"#part[{math(code)}]" if len(code) < WIDE else math(code)


def content(pieces: Pieces) -> str:
    return "".join(words(x) if isinstance(x, str) else math(latex(x)) for x in pieces)


def words(text: str) -> str:
    """Text in which no sign means anything to Typst."""
    return SPECIAL.sub(r"\\\1", text)


def math(code: str) -> str:
    """One formula; tylax sets f ' and : = apart, which Typst would print so."""
    import tylax

    found: Any = tylax.latex_to_typst(code)
    body = BEGINS.sub('"" ', str(found).strip().replace(" '", "'").replace(": =", ":="))
    return f"${body}$"
