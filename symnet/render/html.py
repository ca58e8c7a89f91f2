"""HTML: one file that needs no network; MathML where the `html` extra is there, Unicode otherwise. All is escaped."""

from __future__ import annotations

import re
from html import escape
from importlib.util import find_spec

from .aligned import left, relation
from .latex import pieces
from .reasons import Pieces, in_html, in_text, noted, whole
from .rows import Page, Row, heading
from .text import unicode

STYLE = """
.symnet{font:16px/1.6 "Latin Modern Roman","STIX Two Text",Georgia,serif;color:#1a1a1a;max-width:60rem;margin:1.5rem auto;padding:0 1rem}
.symnet h1{font-size:1.35rem;margin:0 0 .4rem;font-weight:600}
.symnet h2{font-size:1.05rem;margin:1.3rem 0 .3rem;font-weight:600}
.symnet p{margin:.1rem 0;color:#555}
.symnet table{border-collapse:collapse;width:100%}
.symnet td{padding:.3rem .7rem .3rem 0;vertical-align:baseline;text-align:left;background:none;border:0}
.symnet td.left{text-align:right;white-space:nowrap;padding-right:.35rem;width:1%}
.symnet td.tag{color:#777;width:2.6rem;font-variant-numeric:tabular-nums}
.symnet td.why{color:#555;padding-left:1.5rem;width:36%}
.symnet div.why{color:#555;font-size:.95em}
.symnet math{display:inline math}
.symnet td.left math,.symnet td.sides math{padding:.2em 0}
.symnet h1 math{font-weight:400}
.symnet math,.symnet .f{font-size:1.1em;font-family:"Latin Modern Math","STIX Two Math","STIX Math","Cambria Math",math,serif}
@media (prefers-color-scheme:dark){.symnet.page{background:#161616;color:#e6e6e6}.symnet.page p,.symnet.page .why,.symnet.page td.tag{color:#a5a5a5}}
""".strip()  # noqa: E501 - one rule a line


def page(p: Page, fragment: bool = False) -> str:
    body = "\n".join([_heading(p), *(f"<p>{_said(noted(n))}</p>" for n in p.notes), *map(_section(p), p.sections)])
    if fragment:
        return f'<div class="symnet"><style>{STYLE}</style>\n{body}\n</div>\n'
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(heading(p, unicode))}</title>\n<style>{STYLE}</style>\n</head>\n"
        f'<body class="symnet page">\n{body}\n</body>\n</html>\n'
    )


def _heading(p: Page) -> str:
    return f"<h1>{_said(p.heading)}</h1>"


def _said(parts: Pieces) -> str:
    """Words with formulas among them."""
    return in_html(parts, escape, inline) if find_spec("math_core") else escape(in_text(parts))


def _section(p: Page):
    def write(section) -> str:
        rows = "\n".join(map(_row, section.rows))
        title = f"<h2>{escape(section.title)}</h2>\n" if section.title else ""
        return f"{title}<table>\n{rows}\n</table>"

    return write


def _row(r: Row) -> str:
    """Tag, left side, `= …`, reason."""
    first, second, why = _math(r) if find_spec("math_core") else _plain(r)
    cells = f'<td class="tag">{escape(r.tag)}</td><td class="left">{first}</td>'
    if r.why:
        return f'<tr>{cells}<td class="sides" colspan="2">{second}<div class="why">{why}</div></td></tr>'
    cells += f'<td class="sides">{second}</td>'
    return f'<tr>{cells}<td class="why">{why}</td></tr>'


def _math(r: Row) -> tuple[str, str, str]:
    sides = [p for i, s in enumerate(r.sides) for p in _equal(relation(r) if i == 0 else "=", pieces(s))]
    second = " ".join(map(mathml, sides))
    return mathml(left(r)) if not r.continued else "", second, in_html(whole(r), escape, inline)


def _equal(sign: str, parts: list[str]) -> list[str]:
    return [f"{sign} {parts[0]}", *parts[1:]]


def _plain(r: Row) -> tuple[str, str, str]:
    first = r.left(unicode)
    second = f"{r.relation} {' = '.join(map(unicode, r.sides))}"
    first, second = (f'<span class="f">{escape(f)}</span>' for f in (first, second))
    return first, second, escape(in_text(whole(r)))


def inline(code: str) -> str:
    """A formula among words."""
    return mathml(code, displayed=False)


def mathml(code: str, displayed: bool = True) -> str:
    """MathML by math-core; a formula that it does not know is shown as its LaTeX, escaped."""
    import math_core

    try:
        return _with_primes(str(math_core.LatexToMathML().convert_with_local_state(code, displaystyle=displayed)))
    except math_core.LatexError:
        return f"<code>{escape(code)}</code>"


PRIMED = re.compile(r"<msup>|<mo>([′″‴])</mo></msup>|</msup>")


def _with_primes(code: str) -> str:
    """f′ with the prime beside the letter, full size: as a superscript it is tiny."""
    opened: list[int] = []
    out: list[str] = []
    end = 0
    for found in PRIMED.finditer(code):
        out.append(code[end : found.start()])
        end = found.end()
        out.append(found[0])
        if found[0] == "<msup>":
            opened.append(len(out) - 1)
            continue
        begins = opened.pop()
        if found[1]:
            out[begins] = "<mrow>"
            out[-1] = f'<mo lspace="0" rspace="0">{found[1]}</mo></mrow>'
    return "".join([*out, code[end:]])
