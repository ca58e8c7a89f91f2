"""The curve with its points, kinds and asymptotes, for a paper or a slide (matplotlib, extra `plot`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flint import arb

from ..balls import precision
from ..errors import SymnetError
from ..names import unicode
from .answer import Extremum, Stationary
from .series import Curve

if TYPE_CHECKING:
    from .cells import Cell
    from .survey import Survey

SAMPLES, LABELS = 900, 9  # points of a curve; points that are labelled
BLUE, RED, GREEN, PINK, GREY = "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#666666"  # Okabe and Ito
MARKS = {
    "min": ("v", GREEN, "minimum"), "max": ("^", RED, "maximum"), "inflection": ("D", PINK, "inflection"),
    "degenerate": ("s", GREY, "neither"),
}  # fmt: skip


def draw(survey: Survey) -> Callable[..., Any]:
    """What `.plot()` of an answer does; `width`, `height` in inches, `dpi`, `window` = two numbers."""

    def plot(
        answer: Stationary, file: Any = None, *, window: Any = None, width: float = 6.4, height: float = 4.0,
        dpi: int = 160,
    ) -> Any:  # fmt: skip
        from ..pictures.runs import save

        figure = figure_of(width, height, dpi)
        axes = figure.add_subplot(1, 1, 1)
        low, high = (float(w) for w in window) if window is not None else _window(survey, answer)
        _curve(axes, survey, answer, low, high)
        _asymptotes(axes, survey, answer, low, high)
        _points(axes, survey, answer, low, high)
        axes.set_xlim(low, high)
        axes.set_xlabel(unicode(survey.x))
        axes.set_ylabel(f"f({unicode(survey.x)})")
        axes.grid(alpha=0.25, lw=0.5)
        if axes.get_legend_handles_labels()[0]:
            axes.legend(fontsize=8, loc="best", framealpha=0.85)
        save(figure, file)
        return figure

    return plot


def figure_of(width: float, height: float, dpi: int) -> Any:
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise SymnetError("pictures need matplotlib: pip install 'symnet[plot]'") from None
    figure = Figure(figsize=(width, height), layout="constrained", dpi=dpi)
    FigureCanvasAgg(figure)
    return figure


def _window(survey: Survey, answer: Stationary) -> tuple[float, float]:
    """All points with a margin; the ends of the domain; else around 0."""
    ends = [float(e.at) for e in (survey.domain.low, survey.domain.high) if e.at is not None]
    marks = [*ends, *(float(p.approx[survey.x]) for p in answer.points), *(float(p[survey.x]) for p in answer.poles)]
    if survey.window is not None:
        return float(survey.window[0]), float(survey.window[1])
    if not marks:
        return -4.0, 4.0
    low, high = min(marks), max(marks)
    margin = max(0.35 * (high - low), 1e-9) if high > low else max(2.0, 0.5 * abs(high))
    margin = margin if not ends or len(ends) == 1 else 0.02 * (high - low)
    sides = survey.domain.low, survey.domain.high
    below, above = (0.02 * (high - low) if e.at is not None else margin for e in sides)
    return low - below, high + above


def _curve(axes: Any, survey: Survey, answer: Stationary, low: float, high: float) -> None:
    first, every = True, []
    for cell in survey.cells:
        if not cell.there or survey.period is not None:
            continue
        every += _piece(axes, cell, survey.x, low, high, first)
        first = False
    if survey.period is not None:
        every += _periodic(axes, survey, low, high)
    _limits(axes, every, [float(p.value_approx) for p in answer.points])


def _piece(axes: Any, cell: Cell, x: str, low: float, high: float, first: bool) -> list[float]:
    a = max(low, float(cell.low.at)) if cell.low.at is not None and not cell.low.cut else low
    b = min(high, float(cell.high.at)) if cell.high.at is not None and not cell.high.cut else high
    if not a < b or cell.f is None:
        return []
    xs, ys = _values(Curve(cell.f, x), a, b)
    axes.plot(xs, ys, color=BLUE, lw=1.6)
    return ys


def _periodic(axes: Any, survey: Survey, low: float, high: float) -> list[float]:
    every: list[float] = []
    size = float(survey.period)  # type: ignore[arg-type]
    for k in range(int(low // size) - 1, int(high // size) + 2):
        for cell in survey.cells:
            if cell.f is None or cell.low.at is None or cell.high.at is None:
                continue
            xs, ys = _values(Curve(cell.f, survey.x), float(cell.low.at), float(cell.high.at))
            axes.plot([v + k * size for v in xs], ys, color=BLUE, lw=1.6)
            every += ys
    return every


def _values(curve: Curve, a: float, b: float) -> tuple[list[float], list[float]]:
    xs, ys = [], []
    with precision(80):
        for i in range(SAMPLES + 1):
            v = a + (b - a) * (i if 0 < i < SAMPLES else 1e-9 + (1 - 2e-9) * i) / SAMPLES
            y = curve.value(arb(v))
            if y.is_finite() and abs(y.mid()) < arb(10) ** 300:
                xs.append(v)
                ys.append(float(y.mid()))
    return xs, ys


def _limits(axes: Any, ys: list[float], marks: list[float]) -> None:
    """Cut what shoots off to a pole, but never a point."""
    finite = sorted(ys)
    if not finite:
        return
    low, high = finite[0], finite[-1]
    inner_low, inner_high = finite[len(finite) // 12], finite[-1 - len(finite) // 12]
    steep = not marks or high - low > 12 * (max(marks) - min(marks) + 1e-300)
    core = [*marks, inner_low, inner_high] if steep else [low, high]
    if high - low > 6 * (max(core) - min(core)):
        low, high = min(core), max(core)
        if marks and len(marks) > 1 and max(marks) > min(marks):
            spread = max(marks) - min(marks)
            low, high = max(low, min(marks) - 1.2 * spread), min(high, max(marks) + 1.2 * spread)
    margin = 0.12 * (high - low) or 1.0
    axes.set_ylim(low - margin, high + margin)


def _asymptotes(axes: Any, survey: Survey, answer: Stationary, low: float, high: float) -> None:
    label: str | None = "pole"
    for pole in answer.poles:
        place = float(pole[survey.x])
        if low <= place <= high:
            axes.axvline(place, color=GREY, ls="--", lw=1, label=label)
            label = None
    for e, word in ((answer.minimum, "infimum"), (answer.maximum, "supremum")):
        if isinstance(e, Extremum) and not e.attained and not e.value.is_infinite:
            axes.axhline(float(e.value), color=RED if word == "supremum" else GREEN, ls=":", lw=1.3,
                         label=f"{word} {float(e.value):.6g}, {e.approached}")  # fmt: skip


def _points(axes: Any, survey: Survey, answer: Stationary, low: float, high: float) -> None:
    seen: dict[str, None] = {}
    shown = answer.points if survey.period is None else answer.within({survey.x: [str(low), str(high)]})
    inside = [p for p in shown if low <= float(p.approx[survey.x]) <= high]
    for p in inside:
        mark, colour, word = MARKS.get(p.kind, MARKS["degenerate"])
        word = {"kink": f"{word} at a kink", "boundary": f"{word} at an end"}.get(p.type, word)
        place, value = float(p.approx[survey.x]), float(p.value_approx)
        axes.plot([place], [value], mark, color=colour, ms=8 if p.reach == "global" else 6, mec="black", mew=0.6,
                  ls="none", zorder=3, label=None if word in seen else word)  # fmt: skip
        seen[word] = None
        if len(inside) <= LABELS:
            up = p.kind == "max"
            axes.annotate(f"({place:.4g}, {value:.4g})", (place, value), xytext=(0, 9 if up else -9), fontsize=8,
                          textcoords="offset points", ha="center", va="bottom" if up else "top")  # fmt: skip
