"""The report: the run beside the exact answer. What was reached, how fast, and which rates would have been stable."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from ..errors import SymnetError
from ..names import unicode
from .ending import (
    CONVERGED,
    DIVERGED,
    LEFT,
    PLATEAU,
    Ending,
    distance,
    jumped,
    nearest,
    place,
    sizes,
    stationary_of,
    values_at,
)
from .table import shown

if TYPE_CHECKING:
    from ..optima import Stationary, StationaryPoint
    from .objective import Objective
    from .stepping import Plan, Ran

SPAN = 12  # steps over which the rate of convergence is measured
NOISE = 1e-11  # of the size of the point: steps below that are rounding
ALIKE = 0.02  # how near a measured factor is to the predicted one that it is compared with
GROWTH = 64  # steps from which on the growth of a parameter is fitted


@dataclass(frozen=True, slots=True)
class Report:
    """What is known of a run.

    `point` is the exact stationary point that is meant (None where there is none, or it is out of reach), `kind` and
    `reach` what it is ("global", "local", "" unknown). `measured` is the factor by which the last steps shrank,
    `predicted` the factor at that point, |1 − η f″| for plain descent; `largest_rate` the largest rate that is stable
    there, 2/λ_max. `found` is everything exact. `sentences` say all of this.
    """

    status: str
    sentences: tuple[str, ...]
    point: StationaryPoint | None
    kind: str
    reach: str
    measured: float | None
    predicted: float | None
    largest_rate: float | None
    found: Stationary | None

    def __str__(self) -> str:
        return "\n".join(self.sentences)

    def _repr_markdown_(self) -> str:
        return "\n".join(f"* {s}" for s in self.sentences)


def report(objective: Objective, plan: Plan, ran: Ran, end: Ending, seconds: float) -> Report:
    """The report of a run; `seconds` bounds the search for the exact stationary points."""
    found = end.found or stationary_of(objective, seconds)
    at = values_at(objective, ran)
    point = end.exact or (_meant(found, at, end) if found is not None and at is not None else None)
    curvature = _curvature(objective, ran, end, point)
    measured, predicted, largest = _measured(plan, ran), _predicted(plan, curvature), _largest(plan, curvature)
    kind = point.kind if point is not None else "min" if end.status == CONVERGED else ""
    reach = point.reach if point is not None else ""
    lines = [
        f"{end.status.capitalize()}: {end.why}.",
        *_reached(objective, end, point, at),
        *_rates(end, plan, measured, predicted),
        *_stability(plan, end, point, curvature, largest),
        *_no_minimum(objective, ran, found),
        *(_jumps(objective, ran) if end.status == CONVERGED else ()),
    ]
    return Report(end.status, tuple(lines), point, kind, reach, measured, predicted, largest, found)


def _meant(found: Stationary, at: dict[str, float], end: Ending) -> StationaryPoint | None:
    """The point that was reached; for a run that did not arrive, the nearest minimum if there is one."""
    near = nearest(found, at)
    if end.status in (CONVERGED, PLATEAU):
        close = near is not None and distance(near, at) <= 1e-2 * (1 + max(map(abs, at.values())))
        return near if close else None
    minima = [p for p in found.points if p.kind == "min"]
    return min(minima, key=lambda p: distance(p, at), default=near)


def _reached(
    objective: Objective, end: Ending, point: StationaryPoint | None, at: dict[str, float] | None
) -> Iterator[str]:
    if point is None or at is None:
        return
    if end.status == CONVERGED:
        yield f"The exact point is {point}."
    elif end.status not in (DIVERGED, LEFT):
        yield f"The nearest {'minimum' if point.kind == 'min' else 'stationary point'} is {point}."
        yield f"The run ended at {place(at)}, {shown(distance(point, at), 3)} away."


# --------------------------------------------------------------------------------------------------------------- rates
def _curvature(objective: Objective, ran: Ran, end: Ending, point: StationaryPoint | None) -> tuple[float, ...]:
    """The eigenvalues of the Hessian at the point that is meant."""
    import numpy as np

    if end.certificate is not None:
        return end.certificate.eigenvalues
    if point is None or objective.rigour is None:
        return ()
    try:
        rows = objective.rigour.hessian([Fraction(str(point.approx[n])) for n in objective.names])
    except (SymnetError, ArithmeticError, ValueError):
        return ()
    return tuple(map(float, np.linalg.eigvalsh(np.array(rows)))) if np.isfinite(rows).all() else ()


def _measured(plan: Plan, ran: Ran) -> float | None:
    """The factor per step by which the last steps shrank, before rounding takes over."""
    lengths = sizes(ran)
    scale = NOISE * (1 + max((abs(float(x)) for x in ran.point if not getattr(x, "ndim", 0)), default=0.0))
    usable = next((i for i, s in enumerate(lengths) if not scale < s < math.inf), len(lengths))
    if usable < 4 or plan.schedule.name != "constant" or not plan.full:
        return None
    span = min(SPAN, usable - 1)
    return (lengths[usable - 1] / lengths[usable - 1 - span]) ** (1 / span)


def _predicted(plan: Plan, curvature: tuple[float, ...]) -> float | None:
    factor = plan.method.factor
    if factor is None or not curvature or plan.schedule.name != "constant":
        return None
    return max(factor(float(plan.rate) * c, plan.constants) for c in curvature)


def _largest(plan: Plan, curvature: tuple[float, ...]) -> float | None:
    stable = plan.method.stable
    if stable is None or not curvature or max(curvature) <= 0:
        return None
    return stable(plan.constants) / max(curvature)


def _rates(end: Ending, plan: Plan, measured: float | None, predicted: float | None) -> Iterator[str]:
    if measured is None or predicted is None or plan.method.needs or end.status in (LEFT, PLATEAU):
        return
    if end.status != CONVERGED and abs(measured - predicted) > ALIKE * predicted:
        return  # the run is not yet, or no longer, where the prediction holds
    law = "|1 − η f″|" if plan.method.name == "gd" else "the linear recurrence of the method"
    verb = "grew" if measured > 1 else "shrank"
    yield f"At the end each step {verb} by the factor {shown(measured, 6)}; by {law} it is {shown(predicted, 6)}."


def _stability(
    plan: Plan, end: Ending, point: StationaryPoint | None, curvature: tuple[float, ...], largest: float | None
) -> Iterator[str]:
    if largest is None or end.status == PLATEAU:
        return
    rate, top = float(plan.rate), max(curvature)
    where = "there" if end.status == CONVERGED else f"at {point.label} {place(point.approx)}" if point else "there"
    bend = "f″" if len(curvature) == 1 else "λ_max"
    said = f"{_written(plan)}/{bend} = {shown(largest, 6)} {where} ({bend} = {shown(top, 6)})"
    if rate > largest * (1 - 1e-12) and end.status != CONVERGED:
        verb = "diverged" if end.status == DIVERGED else "cannot settle there"
        yield f"It {verb} because the rate {shown(plan.rate)} is not below the largest stable one, {said}."
    else:
        yield f"The largest stable rate is {said}."


# ---------------------------------------------------------------------------------------------------------- no minimum
def _no_minimum(objective: Objective, ran: Ran, found: Stationary | None) -> Iterator[str]:
    """What holds where the least value is not attained, and how the parameters grow."""
    if found is None or found.minimum is None or found.minimum.attained:
        return
    said = found.minimum.said("Minimum", "Infimum").removeprefix("No minimum: ").replace("Infimum", "its infimum is")
    yield f"This loss has no minimum{'' if found.proven else ', as far as is known'}: {said}."
    for i, name in enumerate(objective.names):
        law = _growth(ran, i)
        if law:
            yield f"In this run {unicode(name)} {law}."


def _growth(ran: Ran, i: int) -> str:
    """How a parameter goes on moving, x ≈ c kᵖ or c log k, from its places at about k/4, k/2 and k."""
    k, rows = ran.step, ran.trace.rows()
    if k < GROWTH or len(rows) < 3:
        return ""
    three = [min(rows, key=lambda r: abs(r.step - s)) for s in (k // 4, k // 2, k)]
    steps, (x, y, z) = [r.step for r in three], (float(r.point[i]) for r in three)
    if not (x < y < z or x > y > z) or not steps[0] < steps[1] < steps[2]:
        return ""
    power = _power((z - y) / (y - x), *map(math.log, steps))
    verb = "grows" if z > x else "falls"
    if power is None:
        return ""
    return f"{verb} like log k" if power < 0.06 else f"{verb} like k^{power:.2f}"


def _power(ratio: float, a: float, b: float, c: float) -> float | None:
    """The p with (e^(pc) − e^(pb))/(e^(pb) − e^(pa)) = ratio, by bisection; 0 stands for the logarithm."""
    law = lambda p: math.expm1(p * (c - b)) / -math.expm1(p * (a - b))  # noqa: E731
    low, high = 1e-6, 4.0
    if ratio > law(high) or ratio < law(low) * 0.97:
        return None
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if law(middle) < ratio else (low, middle)
    return low


def _jumps(objective: Objective, ran: Ran) -> Iterator[str]:
    """A step over a pole leaves the branch on which it began."""
    jump = jumped(objective, ran)
    if jump is not None:
        yield f"Step {jump[0]:,} jumped over {place(jump[1])}, where the loss has no value."


def _written(plan: Plan) -> str:
    """The s above which η λ is unstable: 2 for plain descent."""
    assert plan.method.stable is not None
    return shown(Fraction(plan.method.stable(plan.constants)).limit_denominator(10**6), 6)
