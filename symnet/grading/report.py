"""The report as HTML: one file that needs no network, everything in it escaped."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

from ..checking.verdict import CONVENTIONS, reason

if TYPE_CHECKING:
    from .grades import Grades, Made
    from .rows import Row

NAMED = 12  # ids that are listed for a mistake
LONG = 400  # characters of a text in a cell
PAGE = 2_000  # characters of the lines of a submission
STYLE = """
.grades{font:15px/1.5 system-ui,"Segoe UI",sans-serif;color:#1a1a1a;max-width:72rem;margin:1.5rem auto;padding:0 1rem}
.grades h1{font-size:1.4rem;margin:0 0 .2rem}
.grades h2{font-size:1.1rem;margin:1.6rem 0 .4rem}
.grades p{margin:.2rem 0;color:#555}
.grades code{font:.92em/1.4 "DejaVu Sans Mono",Menlo,Consolas,monospace;overflow-wrap:anywhere;white-space:pre-wrap}
.grades table{border-collapse:collapse;width:100%}
.grades td,.grades th{padding:.35rem .8rem .35rem 0;text-align:left;vertical-align:top;border-bottom:1px solid #e4e4e4}
.grades th{color:#555;font-weight:600}
.grades td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap;width:1%}
.grades .bar{display:flex;height:1.1rem;border-radius:.2rem;overflow:hidden;margin:.7rem 0 .4rem}
.grades .key span{margin-right:1.2rem;white-space:nowrap}
.grades .key i{display:inline-block;width:.75em;height:.75em;border-radius:.15em;margin-right:.4em}
.grades b.k{font-weight:600;white-space:nowrap}
.grades .right{color:#176f3d}.grades .wrong{color:#b3261e}.grades .undecided{color:#8a5a00}
.grades .malformed,.grades .timeout,.grades .crashed{color:#5b5b6b}
.grades .b-right{background:#2e8b57}.grades .b-wrong{background:#c8443c}.grades .b-undecided{background:#d9a441}
.grades .b-malformed{background:#9a9aaa}.grades .b-timeout{background:#70708a}.grades .b-crashed{background:#4a4a5e}
.grades .more{color:#555;margin-top:.15rem;white-space:pre-wrap}
""".strip()


def page(g: Grades) -> str:
    title = escape(g.task.title or "Grades")
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{title}</title>\n</head>\n<body>\n{fragment(g)}</body>\n</html>\n"
    )


def fragment(g: Grades) -> str:
    parts = [f"<h1>{escape(g.task.title or 'Grades')}</h1>", f"<p><code>{_text(g.task.asked)}</code></p>",
             *_counts(g), *_mistakes(g), *_lines(g), *_rows(g.rows)]  # fmt: skip
    return f'<div class="grades"><style>{STYLE}</style>\n' + "\n".join(parts) + "\n</div>\n"


def _counts(g: Grades) -> Iterable[str]:
    total = max(len(g), 1)
    bars = "".join(f'<div class="b-{k}" style="width:{100 * n / total:.3f}%"></div>' for k, n in g.counts.items())
    shares = ((k, f"{n:,} {k} ({100 * n / total:.0f} %)") for k, n in g.counts.items())
    keys = "".join(f'<span><i class="b-{k}"></i>{share}</span>' for k, share in shares)
    yield f'<div class="bar">{bars}</div>'
    yield f'<p class="key">{keys}</p>'
    yield f"<p>{len(g):,} submission{'s' if len(g) != 1 else ''}.</p>"


def _mistakes(g: Grades) -> Iterable[str]:
    if not g.mistakes and not g.unexplained:
        return
    yield "<h2>Mistakes</h2>\n<table>\n<tr><th>times</th><th>mistake</th><th>by</th></tr>"
    yield from map(_mistake, g.mistakes)
    if g.unexplained:
        words = "wrong for a reason that no rule reproduces"
        yield f'<tr><td class="n">{g.unexplained:,}</td><td>{words}</td><td></td></tr>'
    yield "</table>"


def _mistake(m: Made) -> str:
    advice = "".join(f'<div class="more">{_text(a)}</div>' for a in m.advices)
    more = f" and {m.count - NAMED:,} more" if m.count > NAMED else ""
    who = ", ".join(_text(i, 60) for i in m.ids[:NAMED]) + more
    return f'<tr><td class="n">{m.count:,}</td><td>{_named(m.name)}{advice}</td><td>{who}</td></tr>'


def _named(mistake: str) -> str:
    return f"<b>{_text(mistake.replace('_', ' '))}</b>"


def _lines(g: Grades) -> Iterable[str]:
    if len(g.first_bad_lines) > 1:
        listed = ", ".join(f"line {k}: {n:,}" for k, n in g.first_bad_lines.items())
        yield f"<h2>First line that fails</h2>\n<p>{listed}</p>"


def _rows(rows: Iterable[Row]) -> Iterable[str]:
    heads = "".join(f"<th>{h}</th>" for h in ("id", "verdict", "what was read, and why", "seconds"))
    yield f"<h2>Submissions</h2>\n<table>\n<tr>{heads}</tr>"
    yield from map(_row, rows)
    yield "</table>"


def _row(r: Row) -> str:
    where = f", line {r.first_bad_line}" if r.first_bad_line is not None else ""
    said = [f"<code>{_text(r.lines or r.shown or r.reading, PAGE)}</code>"] if r.reading else []
    said += [f'<div class="more">{_text(t)}</div>' for t in (reason(r.says, r.witness), r.witness) if t]
    said += [f'<div class="more">{_named(r.mistake)}: {_text(r.advice)}</div>'] if r.mistake else []
    said += [f'<div class="more">right is: <code>{_text(r.correct)}</code></div>'] if r.correct else []
    said += [f'<div class="more">likely {_text(r.likely)}</div>'] if r.likely else []
    convention = CONVENTIONS.get(r.convention, r.convention)
    said += [f'<div class="more">convention: {_text(convention)}</div>'] if convention else []
    said += [f'<div class="more">{_text(n)}</div>' for n in r.notes]
    return (
        f'<tr><td>{_text(r.id, 120)}</td><td><b class="k {r.kind}">{r.kind}{where}</b></td>'
        f'<td>{"".join(said)}</td><td class="n">{r.seconds:.2f}</td></tr>'
    )


def _text(text: str, longest: int = LONG) -> str:
    """Escaped, cut, with whatever is invisible made visible; line ends stay."""
    shown = text if len(text) <= longest else text[: longest - 1] + "…"
    return escape("".join(c if c.isprintable() or c == "\n" else f"\\u{ord(c):04x}" for c in shown))
