"""Runs of descent: the path on the curve or the contours, the loss against the steps, and an animation (matplotlib)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import SymnetError
from ..names import unicode

if TYPE_CHECKING:
    from ..descent import Descent

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")  # Okabe and Ito
SAMPLES_1D, SAMPLES_2D = 400, 90
WIDE = 40.0  # of the first span: a path that leaves that far is cut
FRAMES = 100
PER_ROW = 2  # entries of the legend above one panel
KINDS = ("both", "path", "loss")


def plot(run: Descent, file: Any = None, *, others: Sequence[Descent] = (), kind: str = "both") -> Any:
    """The path of a run (and of `others`) and the loss in each step; saved as `file` (.png, .svg, .pdf) if given.

    `kind` is "both", "path" (the curve of one parameter, the contours of two) or "loss". Returns a matplotlib Figure.
    Raises `SymnetError` where matplotlib is missing or there are more than two parameters to draw a path of.
    """
    if kind not in KINDS:
        raise SymnetError(f"`kind` is one of {', '.join(KINDS)}, not {str(kind)[:30]!r}")
    runs = (run, *others)
    drawable = run.objective.scalar and len(run.names) <= 2 and all(r.names == run.names for r in runs)
    if kind == "path" and not drawable:
        raise SymnetError("a path is drawn for one or two parameters that are numbers; take kind='loss'")
    panels = [p for p in ("path", "loss") if kind in (p, "both") and (p == "loss" or drawable)]
    figure = _figure(1 if len(panels) == 1 else 2)
    for place, panel in enumerate(panels, 1):
        axes = figure.add_subplot(1, len(panels), place)
        (_path if panel == "path" else _losses)(axes, runs)
    lines, labels = figure.axes[-1].get_legend_handles_labels()
    figure.legend(lines, labels, loc="outside upper center", ncols=min(len(labels), PER_ROW * len(panels)), fontsize=8)
    save(figure, file)
    return figure


def animate(run: Descent, file: Any, *, others: Sequence[Descent] = (), fps: int = 8) -> Path:
    """The paths growing step by step, as a GIF; returns where it was written."""
    runs = (run, *others)
    if not run.objective.scalar or len(run.names) > 2:
        raise SymnetError("an animation is made for one or two parameters that are numbers; plot() draws the loss")
    figure = _figure(1)
    from matplotlib.animation import FuncAnimation, PillowWriter

    axes = figure.add_subplot(1, 1, 1)
    window = _window(runs)
    _background(axes, run, window)
    drawn = [(_shown_points(r, window), *axes.plot([], [], "-o", ms=4, lw=1.2, color=c, label=_label(r)))
             for r, c in zip(runs, _colours(), strict=False)]  # fmt: skip
    axes.legend(loc="upper right", fontsize=8)
    longest = max(len(points) for points, _ in drawn)
    frames = sorted({round(i * (longest - 1) / max(1, min(FRAMES, longest) - 1)) for i in range(min(FRAMES, longest))})

    def draw(last: int) -> list[Any]:
        for points, line in drawn:
            part = points[: last + 1]
            line.set_data([p[0] for p in part], [p[1] for p in part])
        axes.set_title(f"step {last}", fontsize=10)
        return [line for _, line in drawn]

    film = FuncAnimation(figure, draw, frames=frames, blit=False)
    path = Path(file)
    try:
        film.save(path, writer=PillowWriter(fps=fps), dpi=80)
    except OSError as e:
        raise SymnetError(f"{path}: {e.strerror or e}") from None
    return path


# ------------------------------------------------------------------------------------------------------------- figures
def _figure(panels: int) -> Any:
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise SymnetError("pictures of runs need matplotlib: pip install 'symnet[plot]'") from None
    figure = Figure(figsize=(5.6 * panels, 4.0), layout="constrained", dpi=110)
    FigureCanvasAgg(figure)
    return figure


def save(figure: Any, file: Any) -> None:
    """Write the figure where a file was named, the same bytes every time."""
    if file is None:
        return
    import matplotlib

    path = Path(file)
    known = figure.canvas.get_supported_filetypes()
    if path.suffix.lstrip(".").lower() not in known:
        raise SymnetError(f"a picture ends in .png, .svg or .pdf, not {path.suffix[:20]!r}")
    metadata = {"Date": None} if path.suffix == ".svg" else {"CreationDate": None} if path.suffix == ".pdf" else {}
    try:
        with matplotlib.rc_context({"svg.hashsalt": "symnet"}):
            figure.savefig(path, metadata=metadata)
    except OSError as e:
        raise SymnetError(f"{path}: {e.strerror or e}") from None


def _colours() -> Sequence[str]:
    return COLOURS * 8


def _label(run: Descent) -> str:
    from ..descent.table import shown

    rate = "" if run.plan.method.needs.isupper() else f", η = {shown(run.plan.rate, 4)}"
    batch = "" if run.plan.full else f", batches of {run.plan.batch:,}"
    return f"{run.plan.method.name}{rate}{batch}: {run.status}"


def _losses(axes: Any, runs: Sequence[Descent]) -> None:
    """The loss against the steps; on a logarithmic scale where it spans several powers of ten."""
    import numpy as np

    every: list[float] = []
    for run, colour in zip(runs, _colours(), strict=False):
        values = run.values
        at = np.unique(np.linspace(0, len(values) - 1, min(len(values), 4000)).astype(int))
        axes.plot(at, values[at], "-", marker="." if len(at) < 60 else "", lw=1.4, color=colour, label=_label(run))
        every += values[at].tolist()
    size = sorted(abs(v) for v in every)
    if min(every) > 0 and max(every) > 50 * min(every):
        axes.set_yscale("log")
    elif size[-1] > 1e4 * (1 + size[len(size) // 2]):
        axes.set_yscale("symlog")
    axes.set_xlabel("step")
    axes.set_ylabel(unicode(runs[0].objective.loss))
    axes.grid(alpha=0.25)
    axes.xaxis.get_major_locator().set_params(integer=True)  # there is no step 2.5


def _path(axes: Any, runs: Sequence[Descent]) -> None:
    window = _window(runs)
    _background(axes, runs[0], window)
    for run, colour in zip(runs, _colours(), strict=False):
        points = _shown_points(run, window)
        xs, ys = [p[0] for p in points], [p[1] for p in points]
        axes.plot(xs, ys, "-o", ms=3.5, lw=1.1, color=colour, label=_label(run), zorder=3)
        axes.plot(xs[:1], ys[:1], "o", ms=8, mfc="none", color=colour, zorder=4)
        axes.plot(xs[-1:], ys[-1:], "*", ms=11, color=colour, zorder=4)
    axes.set_title("○ start   ★ end", loc="left", fontsize=8, color="#555555")


# ------------------------------------------------------------------------------------------------------ the background
Window = tuple[tuple[float, float], ...]


def _window(runs: Sequence[Descent]) -> Window:
    """What is shown: the paths with some room, and no more of a path that runs away."""
    sides = []
    for i in range(len(runs[0].names)):
        xs: list[float] = []
        for run in runs:
            xs += _near([float(r.point[i]) for r in run.rows])
        low, high = min(xs), max(xs)
        room = 0.3 * (high - low) or 0.5 * (1 + abs(low))
        sides.append((low - room, high + room))
    return tuple(sides)


def _near(xs: Sequence[float]) -> list[float]:
    """The points up to the first that is far outside the span of those before it."""
    kept = [xs[0]]
    span = max((abs(x - xs[0]) for x in xs[1:3]), default=1.0) or 1.0
    for x in xs[1:]:
        if abs(x - xs[0]) > WIDE * span / 4 and len(kept) > 2:
            break
        kept.append(x)
    return kept


def _shown_points(run: Descent, window: Window) -> list[tuple[float, float]]:
    """The path as points of the picture: (x, f(x)), or (x, y), up to where it leaves the window for good."""
    points = [(float(r.point[0]), float(r.value if len(r.point) == 1 else r.point[1])) for r in run.rows]
    inside = [all(a <= float(x) <= b for x, (a, b) in zip(r.point, window, strict=True)) for r in run.rows]
    last = max((i for i, ok in enumerate(inside) if ok), default=0)
    return points[: last + 1]


def _background(axes: Any, run: Descent, window: Window) -> None:
    (_curve if len(window) == 1 else _contours)(axes, run, window)


def _value(run: Descent, point: list[float]) -> float:
    """The loss at a point; nan where it has no value, which leaves a gap in the picture."""
    try:
        return run.objective.program(point)[0]
    except (ArithmeticError, ValueError, TypeError):
        return math.nan


def _curve(axes: Any, run: Descent, window: Window) -> None:
    import numpy as np

    (low, high), name, loss = window[0], unicode(run.names[0]), unicode(run.objective.loss)
    xs = np.linspace(low, high, SAMPLES_1D)
    with np.errstate(all="ignore"):
        ys = np.array([_value(run, [float(x)]) for x in xs])
    finite = ys[np.isfinite(ys)]
    axes.plot(xs, np.where(np.isfinite(ys), ys, np.nan), color="#8a94a0", lw=1.6, zorder=1)
    if finite.size:
        path = [y for _, y in _shown_points(run, window)]
        bottom, top = min(finite.min(), *path), max(np.percentile(finite, 97), *path)
        room = 0.08 * (top - bottom) or 0.5
        axes.set_ylim(bottom - room, top + room)
    axes.set_xlim(low, high)
    axes.set_xlabel(name)
    axes.set_ylabel(loss)
    axes.grid(alpha=0.25)


def _contours(axes: Any, run: Descent, window: Window) -> None:
    import numpy as np

    xs, ys = (np.linspace(a, b, SAMPLES_2D) for a, b in window)
    with np.errstate(all="ignore"):
        zs = np.array([[_value(run, [float(x), float(y)]) for x in xs] for y in ys])
    zs = np.where(np.isfinite(zs), zs, np.nan)
    low, high = np.nanmin(zs), np.nanmax(zs)
    levels = low + (high - low) * np.linspace(0.02, 1, 18) ** 2.5
    if high > low:
        axes.contourf(xs, ys, zs, levels=[low, *levels], cmap="Greys", alpha=0.35)
        axes.contour(xs, ys, zs, levels=levels, colors="#8a94a0", linewidths=0.7)
    axes.set_xlabel(unicode(run.names[0]))
    axes.set_ylabel(unicode(run.names[1]))
