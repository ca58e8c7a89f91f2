"""The table of a run: as text, Markdown, LaTeX and CSV. Exact numbers are written out, others rounded as stated."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..names import latex as latex_name
from ..names import unicode
from .trace import Row

DIGITS = 8  # significant ones, of a rounded number
WRITTEN_OUT = 14  # digits of an exact decimal that is not rounded
NAMED = 3  # parameters that have columns of their own
HEAD, TAIL = 12, 5  # rows of a long table that are shown


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading in Unicode and in LaTeX, and its entry in a row (None: nothing)."""

    heading: str
    latex: str
    entry: Callable[[Row], Any]


@dataclass(frozen=True, slots=True)
class Table:
    """The steps of a run. `rows` is how many are shown (None: the first and the last ones), `digits` how exactly."""

    names: tuple[str, ...]
    loss: str
    scalar: bool
    kept: tuple[Row, ...]

    @property
    def columns(self) -> tuple[Column, ...]:
        return _columns(self)

    def __str__(self) -> str:
        return self.text()

    def __len__(self) -> int:
        return len(self.kept)

    def _repr_markdown_(self) -> str:
        return self.markdown()

    def text(self, rows: int | None = None, digits: int = DIGITS) -> str:
        """In columns for the terminal."""
        cells = self._cells(rows, lambda x: shown(x, digits))
        body = [[c.heading for c in self.columns], *cells]
        widths = [max(len(r[i]) for r in body) for i in range(len(self.columns))]
        return "\n".join("  ".join(f"{c:>{w}}" for c, w in zip(r, widths, strict=True)).rstrip() for r in body) + "\n"

    def markdown(self, rows: int | None = None, digits: int = DIGITS) -> str:
        cells = self._cells(rows, lambda x: shown(x, digits))
        lines = [[c.heading.replace("|", "\\|") for c in self.columns], ["---:"] * len(self.columns), *cells]
        return "\n".join("| " + " | ".join(r) + " |" for r in lines) + "\n"

    def latex(self, rows: int | None = None, digits: int = DIGITS) -> str:
        """A `tabular` environment."""
        cells = self._cells(rows, lambda x: _math(shown(x, digits)))
        head = " & ".join(f"${c.latex}$" for c in self.columns)
        body = [" & ".join("$\\vdots$" if c == "⋮" else c for c in r) + r" \\" for r in cells]
        return "\n".join([rf"\begin{{tabular}}{{{'r' * len(self.columns)}}}", head + r" \\", r"\hline", *body,
                          r"\end{tabular}", ""])  # fmt: skip

    def csv(self) -> str:
        """Every row that was kept, in floats that read back to the same numbers; names in plain ASCII."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(_plain_headings(self))
        for row in self.kept:
            entries = [c.entry(row) for c in self.columns]
            writer.writerow(["" if e is None else e if isinstance(e, int) else repr(float(e)) for e in entries])
        return out.getvalue()

    def to_dict(self) -> dict[str, list[Any]]:
        """The columns by heading: numbers, None where there is none; a fraction as text."""
        plain = lambda e: str(e) if isinstance(e, Fraction) else e  # noqa: E731
        headings = _plain_headings(self)
        return {h: [plain(c.entry(r)) for r in self.kept] for h, c in zip(headings, self.columns, strict=True)}

    def _cells(self, rows: int | None, show: Callable[[Any], str]) -> list[list[str]]:
        kept, gap = _shortened(self.kept, rows)
        out = [[show(c.entry(r)) for c in self.columns] for r in kept]
        if gap is not None:
            out.insert(gap, ["⋮"] * len(self.columns))
        return out


def _shortened(kept: Sequence[Row], rows: int | None) -> tuple[list[Row], int | None]:
    """The rows that are shown, and where the others were left out."""
    head, tail = (HEAD, TAIL) if rows is None else (max(rows - rows // 3, 1), rows // 3)
    if len(kept) <= head + tail + 1:
        return list(kept), None
    return [*kept[:head], *(kept[-tail:] if tail else ())], head


def _columns(t: Table) -> tuple[Column, ...]:
    """Step, parameters, loss, gradient, change; norms alone where there are many parameters."""
    loss, loss_latex = unicode(t.loss), latex_name(t.loss)
    first = Column("step", r"\mathrm{step}", lambda r: r.step)
    value = Column(loss, loss_latex, lambda r: r.value)
    if not t.scalar or len(t.names) > NAMED:
        return (first, value, Column(f"‖∇{loss}‖", rf"\|\nabla {loss_latex}\|", lambda r: norm(r.gradient)),
                Column("‖Δ‖", r"\|\Delta\|", lambda r: None if r.move is None else norm(r.move)))  # fmt: skip
    sign, sign_latex = ("d", "d") if len(t.names) == 1 else ("∂", r"\partial ")
    shown_names = [(i, unicode(n), latex_name(n)) for i, n in enumerate(t.names)]
    points = [Column(n, tex, _at("point", i)) for i, n, tex in shown_names]
    slopes = [Column(f"{sign}{loss}/{sign}{n}", rf"{sign_latex}{loss_latex}/{sign_latex}{tex}", _at("gradient", i))
              for i, n, tex in shown_names]  # fmt: skip
    moves = [Column(f"Δ{n}", rf"\Delta {tex}", _at("move", i)) for i, n, tex in shown_names]
    after = [Column(f"next {n}", rf"\mathrm{{next}}\ {tex}", _next(i)) for i, n, tex in shown_names[:1]]
    return (first, *points, value, *slopes, *moves, *(after if len(t.names) == 1 else ()))


def _at(field: str, i: int) -> Callable[[Row], Any]:
    def entry(r: Row) -> Any:
        values = getattr(r, field)
        return None if values is None else values[i]

    return entry


def _next(i: int) -> Callable[[Row], Any]:
    return lambda r: None if r.move is None else r.point[i] + r.move[i]


def _plain_headings(t: Table) -> list[str]:
    swap = str.maketrans({"‖": "", "∇": "grad_", "Δ": "delta_", "∂": "d", " ": "_", "/": "_"})
    return [c.heading.translate(swap).strip() or "delta" for c in t.columns]


def norm(xs: Sequence[Any]) -> float:
    """The Euclidean norm of all components."""
    return math.hypot(*(c for x in xs for c in (x.ravel().tolist() if getattr(x, "ndim", 0) else [_clipped(x)])))


# ------------------------------------------------------------------------------------------------------------- numbers
def shown(x: Any, digits: int = DIGITS) -> str:
    """A number for people: an exact short decimal in full, everything else to so many significant digits."""
    if x is None:
        return ""
    if isinstance(x, int):
        return str(x)
    if isinstance(x, Fraction):
        decimal = _decimal(x)
        if decimal is not None and sum(c.isdigit() for c in decimal.lstrip("-0.")) <= WRITTEN_OUT:
            return decimal.replace("-", "−")
        x = _clipped(x)
    return f"{float(x) + 0.0:.{digits}g}".replace("-", "−")


def _clipped(x: Any) -> float:
    """A number as a float, infinite where it is too large for one."""
    try:
        return float(x)
    except OverflowError:
        return math.copysign(math.inf, x)


def _decimal(x: Fraction) -> str | None:
    """A fraction as the decimal that it exactly is, if it is a short one."""
    for places in range(WRITTEN_OUT + 4):
        scaled = x * 10**places
        if scaled.denominator == 1:
            whole, part = divmod(abs(scaled.numerator), 10**places)
            return ("-" if x < 0 else "") + (f"{whole}.{part:0{places}d}" if places else str(whole))
    return None


def _math(text: str) -> str:
    if not text or text == "⋮":
        return text
    digits, power, exponent = text.replace("−", "-").partition("e")
    return f"${digits} \\cdot 10^{{{int(exponent)}}}$" if power else f"${digits}$"
