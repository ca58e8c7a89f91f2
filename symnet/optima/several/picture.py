"""The contours of a function of two names with its points by kind (matplotlib, extra `plot`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ...names import unicode
from ..answer import Stationary, StationaryPoint
from ..picture import GREY, LABELS, MARKS, figure_of
from ..question import domain_of
from ..spans import span_of

SAMPLES, LEVELS = 201, 16  # samples of each name; contour lines
SADDLE = ("X", "#cc79a7", "saddle point")
INK = "#44515c"
Side = tuple[float, float]


def draw(domain: Any) -> Callable[..., Any]:
    """What `.plot()` of an answer in two names does; `width`, `height` in inches, `window` = two pairs of numbers."""

    def plot(
        answer: Stationary, file: Any = None, *, window: Any = None, width: float = 5.6, height: float = 4.4,
        dpi: int = 160,
    ) -> Any:  # fmt: skip
        from ...pictures.runs import save

        figure = figure_of(width, height, dpi)
        axes = figure.add_subplot(1, 1, 1)
        sides = [(float(a), float(b)) for a, b in window] if window is not None else _window(answer, domain)
        shown = _inside(answer, sides)
        _contours(figure, axes, answer, sides)
        _points(axes, answer, shown)
        for side, low_high, name in zip("xy", sides, answer.wrt, strict=True):
            getattr(axes, f"set_{side}lim")(*low_high)
            getattr(axes, f"set_{side}label")(unicode(name))
        save(figure, file)
        return figure

    return plot


def _window(answer: Stationary, domain: Any) -> list[Side]:
    """The box; where it has no end, all points with a margin; else around 0."""
    sides = []
    for n in answer.wrt:
        i = span_of(domain_of(n, domain), n)
        marks = [float(p.approx[n]) for p in answer.points]
        ends = [float(e.at) if e.at is not None else None for e in (i.low, i.high)]
        low, high = (min(marks), max(marks)) if marks else (-2.0, 2.0)
        margin = 0.3 * (high - low) or 1.5
        low = ends[0] if ends[0] is not None else min(low - margin, high - 1)
        high = ends[1] if ends[1] is not None else max(high + margin, low + 1)
        sides.append((low, high))
    return sides


def _inside(answer: Stationary, sides: Sequence[Side]) -> list[StationaryPoint]:
    return [
        p for p in answer.points
        if all(a - 1e-9 <= float(p.approx[n]) <= b + 1e-9 for n, (a, b) in zip(answer.wrt, sides, strict=True))
    ]  # fmt: skip


def _contours(figure: Any, axes: Any, answer: Stationary, sides: Sequence[Side]) -> None:
    """Levels by the share of the window that lies below them, so that flat valleys are not empty."""
    import numpy as np

    from ...lambdas import lambdify

    xs, ys = (np.linspace(a, b, SAMPLES) for a, b in sides)
    grid = np.meshgrid(xs, ys)
    with np.errstate(all="ignore"):
        zs = np.asarray(lambdify(list(answer.wrt), answer.expr)(*grid), dtype=float) + 0 * grid[0]
    zs = np.where(np.isfinite(zs), zs, np.nan)
    if not np.isfinite(zs).any() or np.nanmin(zs) == np.nanmax(zs):
        return
    levels = np.unique(np.nanquantile(zs, np.linspace(0, 1, LEVELS + 1)))
    filled = axes.contourf(xs, ys, zs, levels=levels, cmap="Blues_r", alpha=0.75)
    axes.contour(xs, ys, zs, levels=levels, colors=INK, linewidths=0.5, alpha=0.7)
    bar = figure.colorbar(filled, ax=axes, format="%.3g", pad=0.02)
    bar.ax.tick_params(labelsize=8)
    _sets(axes, answer, xs, ys, grid)


def _sets(axes: Any, answer: Stationary, xs: Any, ys: Any, grid: Any) -> None:
    """Curves of points that are not isolated, in the colour of their kind."""
    import numpy as np

    from ...lambdas import lambdify

    for s in answer.critical_set or ():
        if len(s.equations) == 1 and s.equations[0].free:
            _, colour, _ = MARKS.get(s.kind, SADDLE)
            with np.errstate(all="ignore"):
                zs = np.asarray(lambdify(list(answer.wrt), s.equations[0])(*grid), dtype=float) + 0 * grid[0]
            axes.contour(xs, ys, zs, levels=[0], colors=colour, linewidths=2.4)


def _points(axes: Any, answer: Stationary, shown: Sequence[StationaryPoint]) -> None:
    seen: dict[str, None] = {}
    few = len(shown) <= LABELS
    for p in shown:
        mark, colour, word = SADDLE if p.kind == "saddle" else MARKS.get(p.kind, ("s", GREY, "neither"))
        word = f"{p.reach} {word}" if p.reach == "global" else word
        word = {"kink": f"{word} at a kink", "boundary": f"{word} at an end"}.get(p.type, word)
        x, y = (float(p.approx[n]) for n in answer.wrt)
        size = (9 if p.reach == "global" else 7) if few else 5
        axes.plot([x], [y], mark, color=colour, ms=size, mec="black", mew=0.6, ls="none", zorder=3, clip_on=False,
                  label=None if word in seen else word)  # fmt: skip
        seen[word] = None
        if few:
            axes.annotate(f"{float(p.value_approx):.4g}", (x, y), xytext=(0, 7), textcoords="offset points",
                          fontsize=8, ha="center", va="bottom",
                          bbox={"boxstyle": "round,pad=0.15", "fc": "white", "ec": "none", "alpha": 0.75})  # fmt: skip
    if seen:
        axes.legend(fontsize=8, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=min(3, len(seen)), frameon=False)
