"""How a run ended. Nothing is called converged that is not proven to be near a minimum.

A small gradient proves nothing: it vanishes on the flat side of a sigmoid too. Converged means that a ball around the
last point is proven to hold a strict local minimum (`rigour.py`), or that the exact stationary points show one there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ..errors import SymnetError
from ..names import unicode
from .rigour import Certificate
from .stepping import Plan, Ran
from .table import norm, shown

if TYPE_CHECKING:
    from ..optima import Stationary, StationaryPoint
    from .objective import Objective

CONVERGED, STOPPED, DIVERGED = "converged", "stopped", "diverged"
OSCILLATES, PLATEAU, LEFT = "oscillates", "plateau", "left the domain"
NEAR = 1e-6  # of the size of the point: how near a minimum must be
FAR = 0.05  # the same, from where on no proof is tried
NEAR_FLAT = 1e-2  # the same, where the minimum is degenerate and the gradient below the tolerance
SECONDS = 3.0  # for the exact stationary points, where the status depends on them
MOST, LONGEST = 3, 600  # parameters and nodes of a loss whose stationary points are looked for
WINDOW = 48  # steps that are looked at for an oscillation
GROWING = 3  # steps in a row that grow


@dataclass(frozen=True, slots=True)
class Ending:
    """The status, why, and what proves it."""

    status: str
    why: str
    certificate: Certificate | None = None
    exact: StationaryPoint | None = None
    found: Stationary | None = None


def ending(objective: Objective, plan: Plan, ran: Ran) -> Ending:
    """The status of a run, the first that applies."""
    if ran.end == "overflow":
        return Ending(DIVERGED, f"a value became too large for a float at step {ran.step:,}")
    if ran.end == "domain":
        why = f": {ran.why}" if ran.why else ""
        return Ending(LEFT, f"step {ran.step:,} led to a point where the loss has no value{why}")
    return (
        _converged(objective, plan, ran)
        or _over_a_pole(objective, ran)
        or _growing(ran)
        or _oscillating(plan, ran)
        or _vanished(plan, ran)
        or Ending(STOPPED, _STOPPED[ran.end].format(k=f"{ran.step:,}"))
    )


_STOPPED = {
    "steps": "out of steps after {k}",
    "interrupted": "interrupted after {k} steps",
    "singular": "the Hessian at step {k} is singular, so there is no Newton step",
    "optimiser": "the optimiser ended after {k} steps",
    "small": "the gradient is below the tolerance after {k} steps",
    "still": "step {k} is smaller than the distance of two floats, so the point no longer changes",
    "cycle": "the points repeat after {k} steps",
}


# ------------------------------------------------------------------------------------------------------- near a minimum
def _converged(objective: Objective, plan: Plan, ran: Ran) -> Ending | None:
    rigour = None if ran.end == "cycle" or _far(ran) else objective.rigour
    certificate = None if rigour is None else rigour.certificate(ran.point)
    size = 1 + max((abs(float(c)) for c in certificate.at), default=0.0) if certificate else 1.0
    if certificate is not None and certificate.radius <= NEAR * size:
        if certificate.minimum:
            why = f"a strict local minimum is proven within {shown(certificate.radius, 2)} of the point"
            return Ending(CONVERGED, why, certificate)
        return Ending(PLATEAU, "the gradient vanishes here, but this is no minimum", certificate)
    if not _is_small(plan, ran) and ran.end != "still":
        return None
    found = _exactly(objective, plan, ran)
    return found if found is not None and (found.status == CONVERGED or _is_small(plan, ran)) else None


def _far(ran: Ran) -> bool:
    """Whether the gradient is so large beside its change in the last step that a minimum cannot be near."""
    rows = ran.trace.recent()[-2:]
    if len(rows) < 2 or rows[0].move is None:
        return False
    change = norm([b - a for a, b in zip(rows[0].gradient, rows[1].gradient, strict=True)])
    return norm(rows[1].gradient) * norm(rows[0].move) > FAR * change * (1 + norm(rows[1].point))


def _is_small(plan: Plan, ran: Ran) -> bool:
    last = ran.trace.last
    return last is not None and norm(last.gradient) <= max(plan.tolerance, 1e-12)


def _exactly(objective: Objective, plan: Plan, ran: Ran) -> Ending | None:
    """What the exact stationary points say about a point where the gradient is small."""
    found = stationary_of(objective, SECONDS)
    at = values_at(objective, ran)
    if found is None or at is None:
        return None
    near = nearest(found, at)
    if near is not None and distance(near, at) <= NEAR_FLAT * (1 + max(map(abs, at.values()))):
        close = distance(near, at) <= NEAR * (1 + max(map(abs, at.values())))
        if near.kind == "min" and (close or _is_small(plan, ran)):
            return Ending(CONVERGED, f"the exact minimum {place(near.approx)} is reached", None, near, found)
        return Ending(PLATEAU, f"the gradient vanishes at {near}: that is no minimum", None, near, found)
    lowest, value = found.minimum, ran.trace.values[-1]
    if found.critical_set and lowest is not None and lowest.attained and found.proven:
        least = float(lowest.value)
        if abs(value - least) <= 1e-14 * (1 + abs(least)):
            why = f"the least value {shown(least)} is reached, on a set of minima"
            return Ending(CONVERGED, why, None, None, found)
    return Ending(PLATEAU, "the gradient vanished, but no stationary point is near", None, None, found)


def stationary_of(objective: Objective, seconds: float) -> Stationary | None:
    """The exact stationary points of the loss in its parameters; None where that is out of reach."""
    loss = objective.written_out() if len(objective.names) <= MOST else None
    if loss is None or loss.size > LONGEST:
        return None
    from ..optima import stationary

    try:
        return stationary(loss, list(objective.names), seconds=seconds)
    except (SymnetError, ArithmeticError):
        return None


def values_at(objective: Objective, ran: Ran) -> dict[str, float] | None:
    """The last point in floats, where every parameter is a number that a float can hold."""
    if not objective.scalar:
        return None
    try:
        at = {n: float(v) for n, v in zip(objective.names, ran.point, strict=True)}
    except OverflowError:
        return None
    return at if all(map(math.isfinite, at.values())) else None


def distance(p: StationaryPoint, at: Mapping[str, float]) -> float:
    return max(abs(float(p.approx[n]) - v) for n, v in at.items())


def nearest(found: Stationary, at: Mapping[str, float]) -> StationaryPoint | None:
    """The stationary point nearest to a place; of an infinite family, too."""
    points = list(found.points)
    if found.family:
        window = {n: [str(math.floor(v) - 4), str(math.ceil(v) + 4)] for n, v in at.items()}
        with suppress(SymnetError, ValueError):
            points += found.within(window)
    return min(points, key=lambda p: distance(p, at), default=None)


# ------------------------------------------------------------------------------------------ what the steps look like
def _over_a_pole(objective: Objective, ran: Ran) -> Ending | None:
    jump = jumped(objective, ran)
    if jump is None:
        return None
    return Ending(LEFT, f"step {jump[0]:,} jumped over {place(jump[1])}, where the loss has no value")


def jumped(objective: Objective, ran: Ran) -> tuple[int, dict[str, float]] | None:
    """The first step that passed a pole, and where; None where none is found."""
    rigour = objective.rigour
    if rigour is None or not rigour.has_poles:
        return None
    for r in ran.trace.rows():
        if r.move is not None and r.rate is not None:
            where = rigour.pole(r.point, [x + d for x, d in zip(r.point, r.move, strict=True)])
            if where is not None:
                return r.step + 1, where
    return None


def sizes(ran: Ran) -> list[float]:
    """The lengths of the last steps."""
    return [norm(r.move) for r in ran.trace.recent() if r.move is not None]


def _growing(ran: Ran) -> Ending | None:
    """Steps that grow from one to the next while the loss rises."""
    steps = sizes(ran)
    last = steps[-max(GROWING + 1, min(len(steps) // 2, 12)) :]
    rises = ran.trace.values[-1] > ran.trace.values[0]
    if len(last) > GROWING and rises and all(b > a * (1 + 1e-9) for a, b in pairwise(last)):
        return Ending(DIVERGED, f"each step is larger than the one before; after {ran.step:,} steps the loss has risen")
    return None


def _oscillating(plan: Plan, ran: Ran) -> Ending | None:
    """Steps to and fro that do not become smaller while the loss does not fall."""
    if ran.end == "cycle":
        return Ending(OSCILLATES, f"the points repeat with period 2 after {ran.step:,} steps")
    rows = [r for r in ran.trace.recent() if r.move is not None][-WINDOW:]
    if not plan.full or len(rows) < 6:
        return None
    length, half = sizes(ran)[-len(rows) :], len(rows) // 2
    turns = sum(_turns(a, b) for a, b in pairwise(rows))
    lowest = [min(float(r.value) for r in part) for part in (rows[:half], rows[half:])]
    falls = lowest[1] < lowest[0] - 1e-9 * (1 + abs(lowest[0]))
    as_long = sum(length[half:]) / (len(rows) - half) > 0.9 * sum(length[:half]) / half
    if 3 * turns >= len(rows) and not falls and as_long:
        where = _between(rows)
        return Ending(OSCILLATES, f"the last steps go to and fro{where} and do not become smaller")
    return None


def _turns(a: Any, b: Any) -> bool:
    """Whether a step goes against the one before it."""
    dot = sum(float((x * y).sum()) if getattr(x, "ndim", 0) else float(x) * float(y)
              for x, y in zip(a.move, b.move, strict=True))  # fmt: skip
    return dot < 0


def _between(rows: list[Any]) -> str:
    if len(rows[-1].point) != 1 or hasattr(rows[-1].point[0], "shape"):
        return ""
    xs = [float(r.point[0]) for r in rows[len(rows) // 2 :]]
    return f" between {shown(min(xs), 6)} and {shown(max(xs), 6)}"


def _vanished(plan: Plan, ran: Ran) -> Ending | None:
    if _is_small(plan, ran):
        return Ending(PLATEAU, "the gradient vanished, but no minimum near this point is proven")
    return None


def place(at: Mapping[str, Any]) -> str:
    """`x = 1.5, y = 2`."""
    return ", ".join(f"{unicode(n)} = {shown(v)}" for n, v in at.items())
