"""`check_gradient`: a backward function is called at points where the exact gradient is known, and compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..derivation import listed
from ..deriving import as_graph, derive
from ..errors import RuleError
from ..graph import Graph
from ..names import unicode
from .calling import Answer, Function, Raised, Unusable
from .facts import agreeing
from .points import Point, Points, refuse_none
from .report import ENOUGH, GradientReport, Parameter, Worst
from .suspects import Evidence, close, looks_like

POINTS = 8
TOLERANCE = {"float64": 1e-7, "float32": 1e-4, "float16": 2e-2, "bfloat16": 6e-2}  # relative to the largest entry
SMALL = 1e-4  # differences below that no mistake explains are said to be small
FLOOR = 1e-6  # of the largest entry of all gradients: what is smaller is compared with this
ROUNDING = 1e-14  # an exact gradient that is smaller beside what was returned may be 0
Answers = list[tuple[int, Point, Answer]]


def check_gradient(
    fn: Callable[..., Any],
    graph_or_expr: Any,
    wrt: Any = None,
    *,
    at: Any = None,
    points: int = POINTS,
    seed: int = 0,
    shapes: Any = None,
    rtol: float | None = None,
    arrays: str | None = None,
) -> GradientReport:
    """Compare somebody's own gradient `fn` with the exact one of a loss, and say which parameter is wrong and how.

    `fn` is called with every input by keyword (its own spelling), or with one mapping if that is its only parameter; it
    returns {name: gradient} (also `dW1` for W1), a tuple in the order of `wrt`, one array, or (loss, any of these).
    NumPy, torch or JAX arrays, as its code mentions them, or as `arrays` says. `graph_or_expr`, `wrt`, `shapes`: as for
    `derive`. `at` is a point or a list of points by name, what they leave out is drawn; `points` more are drawn by
    `seed`, with the data of `at` and new parameters, and with changing sizes of symbolic dimensions. `rtol` is relative
    to the largest entry of a gradient; by default 1e-7, and 1e-4 where `fn` computes in float32. A report that is `ok`
    is evidence, at so many points, not a proof. A note says if the gradients agree once a fact is declared of an input,
    such as targets whose rows sum to one. Raises `SymnetError` for a loss or points that make no sense, and
    `RuleError` for a function whose parameters are not the inputs.

    >>> wrong = lambda w, x, t: {"w": (w * x - t)}
    >>> report = check_gradient(wrong, "½ (w x − t)²")
    >>> report.ok, report["w"].mistake.name
    (False, 'input_factor_lost')
    """
    if points < 0 or (rtol is not None and not 0 < rtol < 1):
        raise RuleError("points is a whole number from 0 on, rtol a number between 0 and 1")
    graph = as_graph(graph_or_expr, wrt, shapes)
    drawn = Points(derive(graph, wrt), seed)
    if not drawn.wrt:
        raise RuleError("the loss holds no name: there is no gradient to compare with")
    chosen = drawn.chosen(at)
    tried = list(drawn.at(chosen, points))
    refuse_none(tried, drawn.missed)
    fixed = [n for n in chosen[0] if n not in drawn.wrt] if len(chosen) == 1 else []
    function = Function(fn, drawn.names, drawn.wrt, arrays, fixed)
    function.settle(tried[0].values)
    answers, problems = _called(function, tried)
    precision = _precision(answers)
    tolerance = rtol if rtol is not None else TOLERANCE[precision]
    problems += [*_changed(answers), *_again(function, answers, tolerance), *_loss(answers, tolerance)]
    parameters = _compared(graph, drawn.wrt, answers, tolerance)
    wrong = [p.name for p in parameters if p.differs]
    hints = agreeing(function, drawn, tried, wrong, tolerance, ENOUGH) if wrong else ()
    notes = (*hints, *_notes(drawn, tried, precision))
    values = tuple(p.values for p in tried)
    return GradientReport(parameters, tuple(problems), notes, precision, tolerance, values)


def _precision(answers: Answers) -> str:
    """The narrowest type that was seen; float32 inside of float64 where all numbers tell."""
    seen = {a.precision for _, _, a in answers}
    if seen == {"float64"} and len(answers) >= ENOUGH and all(a.narrow for _, _, a in answers):
        return "float32"
    return next((k for k in reversed(TOLERANCE) if k in seen), "float64")


def _called(function: Function, tried: Sequence[Point]) -> tuple[Answers, list[str]]:
    """What comes back at each point, and what was raised instead, the same words once."""
    answers: Answers = []
    failed: dict[str, list[tuple[str, str]]] = {}
    for i, point in enumerate(tried, 1):
        try:
            answers.append((i, point, function(point.values)))
        except Raised as e:
            failed.setdefault(e.place, []).append((_where(i, point), f"the function raised {e}"))
        except Unusable as e:
            failed.setdefault("", []).append((_where(i, point), str(e)))
    problems = [f"at {_some([w for w, _ in found])}: {found[0][1]}" for found in failed.values()]
    square = [len(set(p.sizes.values())) < 2 for _, p, _ in answers]
    if failed and answers and all(square) and tried[0].sizes:
        problems.append("it runs only where all sizes are the same: look at transposes and at the order of products")
    return answers, problems


def _where(i: int, point: Point) -> str:
    return f"point {i} ({point})" if str(point) else f"point {i}"


def _some(where: Sequence[str]) -> str:
    return listed([*where[:2], f"{len(where) - 2} more" if len(where) > 2 else ""])


def _changed(answers: Answers) -> list[str]:
    names = dict.fromkeys(n for _, _, a in answers for n in a.changed)
    return [f"the function changes its input {unicode(n)}; work on a copy" for n in names]


def _again(function: Function, answers: Answers, tolerance: float) -> list[str]:
    """The same inputs a second time."""
    for i, point, first in answers[:2]:
        try:
            second = function(point.values)
        except (Raised, Unusable) as e:
            return [f"called a second time at {_where(i, point)}, the function raised {e}; it keeps a state"]
        for name, g in first.gradients.items():
            other = second.gradients.get(name)
            if np.isfinite(g).all() and (other is None or not close(g, other, tolerance)):
                where = _where(i, point)
                return [
                    f"the gradient by {unicode(name)} is another one the second time at {where}: dropout, or a state?"
                ]
    return []


def _loss(answers: Answers, tolerance: float) -> list[str]:
    """The loss, where it came along, belongs to the same function."""
    told = [(i, p, a.loss) for i, p, a in answers if a.loss is not None]
    bad = [(i, p, v) for i, p, v in told if not abs(v - p.loss) <= 10 * tolerance * max(abs(p.loss), 1e-3)]
    if not bad:
        return []
    i, p, v = bad[0]
    ratios = {round(v / p.loss, 6) for _, p, v in told if p.loss}
    factor = f", {ratios.pop():.6g} times the exact one everywhere" if len(ratios) == 1 and len(told) > 1 else ""
    at = f"at {_where(i, p)} it is {v:.10g}, the exact value is {p.loss:.10g}"
    return [f"the loss itself differs at {len(bad)} of {len(told)} points{factor}: {at}; is it the same loss?"]


def _notes(drawn: Points, tried: Sequence[Point], precision: str) -> tuple[str, ...]:
    notes = []
    if drawn.missed:
        notes.append(f"{drawn.missed} drawn points were left out: the exact gradient does not exist there")
    if len(tried) < ENOUGH:
        notes.append(f"only {len(tried)} point{'s' if len(tried) != 1 else ''}: fewer than {ENOUGH} are not enough")
    if precision != "float64":
        notes.append(f"the gradients are computed in {precision}; differences that small are not seen")
    return tuple(notes)


# ------------------------------------------------------------------------------------------------------- one parameter
def _compared(graph: Graph, wrt: Sequence[str], answers: Answers, tolerance: float) -> tuple[Parameter, ...]:
    def is_times(factor: float, name: str) -> bool:
        pairs = [(a.gradients.get(name), np.asarray(p.gradient[name])) for _, p, a in answers]
        return all(g is not None and close(g, factor * t, tolerance) for g, t in pairs)

    turned = any(is_times(-1.0, n) for n in wrt) and not any(is_times(1.0, n) for n in wrt)
    return tuple(_parameter(graph, n, answers, tolerance, turned) for n in wrt)


def _parameter(graph: Graph, name: str, answers: Answers, tolerance: float, turned: bool) -> Parameter:
    if not answers:
        return Parameter(name, False, 0, problem="not compared, there was no result")
    rows = [(i, p, a.gradients.get(name)) for i, p, a in answers]
    if any(g is None for _, _, g in rows):
        return Parameter(name, False, 0, problem="no gradient was returned for it")
    fitted = [(i, p, _fitted(g, p.gradient[name])) for i, p, g in rows]
    e = Evidence(graph, name, [p for _, p, _ in fitted], [g for _, _, g in fitted], max(tolerance, 1e-7), turned)
    problem = _shape(fitted, name) or _infinite(fitted, name)
    if problem:
        return Parameter(name, False, 0, mistake=looks_like(e), problem=problem, differs=True)
    found = [_worst(i, p, g, name) for i, p, g in fitted]
    off = [(error, w) for error, w in found if error > tolerance]
    worst = max(off or found, key=lambda one: (not (off and one[1].absolute), one[0]))
    count = len(fitted)
    if not off:
        short = f"compared at {count} points only" if count < ENOUGH else ""
        return Parameter(name, count >= ENOUGH, count, worst[0], worst[1], problem=short)
    mistake = looks_like(replace(e, tolerance=max(tolerance, min(1e-7, worst[0] / 10))))
    small = max(error for error, _ in off) <= SMALL and mistake is None
    words = (
        f"differs by {worst[0]:.1e} at most: as little as finite differences, an ε in a formula or float32 inside would"
        f" make; exact formulas agree to about 1e-12 (rtol={worst[0] * 2:.0e} accepts it)"
    )
    error = worst[1].difference if worst[1].absolute else worst[0]
    return Parameter(name, False, count, error, worst[1], mistake, words if small else "", differs=True)


def _fitted(found: Any, truth: Any) -> Any:
    """A number may come as an array of one."""
    return found.reshape(()) if not np.ndim(truth) and np.size(found) == 1 else found


def _shape(rows: Sequence[tuple[int, Point, Any]], name: str) -> str:
    for i, p, g in rows:
        truth = np.asarray(p.gradient[name])
        if g.shape != truth.shape:
            same = g.size == truth.size and close(g.ravel(), truth.ravel(), 1e-4)
            tail = "; the numbers are right, w − η g would broadcast" if same else ""
            return f"the gradient has the shape {g.shape}, the parameter {truth.shape}, at {_where(i, p)}{tail}"
    return ""


def _infinite(rows: Sequence[tuple[int, Point, Any]], name: str) -> str:
    for i, p, g in rows:
        if not np.isfinite(g).all():
            entry = tuple(int(k) for k in np.argwhere(~np.isfinite(g))[0])
            index = f"entry [{', '.join(map(str, entry))}] " if entry else "it "
            exact = float(np.asarray(p.gradient[name])[entry])
            return f"{index}is {float(g[entry])} at {_where(i, p)}, the exact value is {exact:.10g}"
    return ""


def _worst(i: int, p: Point, found: Any, name: str) -> tuple[float, Worst]:
    """The largest difference relative to the largest exact entry."""
    truth = np.asarray(p.gradient[name], dtype=float)
    off, largest = np.abs(found - truth), float(np.max(np.abs(truth), initial=0.0))
    entry = tuple(int(k) for k in np.unravel_index(int(np.argmax(off)), off.shape)) if off.ndim else ()
    there, exact = float(found[entry]), float(truth[entry])
    worst = Worst(i, str(p), entry, there, exact, absolute=largest <= ROUNDING * abs(there))
    return float(np.max(off, initial=0.0)) / max(largest, _scale(p.gradient)), worst


def _scale(gradient: Mapping[str, Any]) -> float:
    return max(FLOOR * max(float(np.max(np.abs(g), initial=0.0)) for g in gradient.values()), 1e-30)
