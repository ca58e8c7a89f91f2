"""The loop: value and gradient, a row of the table, a step; exact as long as fractions stay short, then in floats."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..errors import DomainError, OverflowError_, SymnetError
from .arithmetic import EXACT_BITS, Ended, Exact, Floats, as_floats
from .methods import Method
from .objective import Objective
from .points import Point, largest, moved
from .progress import progress
from .schedules import Schedule
from .steppers import STEPPERS, Inexact
from .trace import Seen, Trace

CYCLE_AFTER = 32  # steps
SPRINT = 1000  # steps without a look at the clock


@dataclass(frozen=True, slots=True)
class Plan:
    """What was asked for."""

    method: Method
    constants: Mapping[str, Any]
    rate: Any
    schedule: Schedule
    schedule_constants: Mapping[str, Any]
    steps: int
    tolerance: float
    batches: Iterator[Any]
    batch: int | None  # samples of a step; None: all
    exact: bool | None
    progress: bool | None

    @property
    def full(self) -> bool:
        """Whether every step looks at all the data."""
        return self.batch is None

    def with_floats(self) -> tuple[Any, dict[str, Any], dict[str, Any]]:
        """The rate and the constants of the rows as floats."""
        as_float = lambda h: {n: float(v) for n, v in h.items()}  # noqa: E731
        return float(self.rate), as_float(self.constants), as_float(self.schedule_constants)


@dataclass(frozen=True, slots=True)
class Ran:
    """A run: its rows, why it ended at step `step`, and how many steps were exact."""

    trace: Trace
    end: str
    why: str
    step: int
    point: tuple[Any, ...]
    exact_steps: int


# ------------------------------------------------------------------------------------------------------------ the loop
def run(objective: Objective, plan: Plan) -> Ran:
    """Take the steps; whatever happens on the way, what was done is kept."""
    import numpy as np

    loop = _Loop(objective, plan)
    bar = progress(plan.method.title, plan.steps, plan.progress)
    with np.errstate(over="raise", invalid="raise", divide="ignore", under="ignore"), bar as show:
        try:
            loop.go(show)
        except Ended as e:
            loop.end, loop.why = e.end, e.why
        except FloatingPointError:  # in the step itself
            loop.end = "overflow"
        except KeyboardInterrupt:
            loop.end = "interrupted"
        loop.close()
    return Ran(loop.trace, loop.end, loop.why, loop.k, tuple(loop.point), loop.exact_steps)


class _Loop:
    """The state of a run."""

    def __init__(self, objective: Objective, plan: Plan) -> None:
        self.objective, self.plan = objective, plan
        self.trace = Trace(sum(getattr(v, "size", 1) for v in objective.first))
        self.k, self.end, self.why, self.exact_steps = 0, "steps", "", 0
        self.point: Point = []
        self._start()

    def _start(self) -> None:
        """Exact, if that was asked for or is possible."""
        plan, objective = self.plan, self.objective
        exact_start = all(isinstance(x, Fraction) for x in objective.start.values())
        kept = plan.full and plan.method.rational and plan.schedule.rational and exact_start and objective.rational
        possible = kept and objective.rigour is not None
        if plan.exact and not possible:
            raise SymnetError(
                "exact steps need a rational start, a method without roots (gd, momentum, nesterov, newton,"
                " backtracking), all the data in each step and a small loss"
            )
        self.exact = possible and plan.exact is not False
        if self.exact:
            self.point = list(objective.start.values())
            self.arithmetic: Any = Exact(objective)
            self.rate, self.h, self.hs = plan.rate, plan.constants, plan.schedule_constants
            self.step = STEPPERS[plan.method.needs](plan.method, self.arithmetic, self.h)
        else:
            self._to_floats(list(objective.first))

    def _to_floats(self, point: Point) -> None:
        if self.exact and self.plan.exact:
            raise SymnetError(
                f"step {self.k + 1} is not rational, or its fractions have more than {EXACT_BITS:,} bits;"
                " take fewer steps, or leave `exact` out"
            )
        self.exact, self.point = False, point
        self.arithmetic = Floats(self.objective)
        self.rate, self.h, self.hs = self.plan.with_floats()
        self.step = STEPPERS[self.plan.method.needs](self.plan.method, self.arithmetic, self.h)

    def go(self, show: Callable[[int], None]) -> None:
        """Single steps, and sprints between them where nothing but numbers is at work."""
        plan = self.plan
        quick = self.objective.scalar and plan.full and plan.schedule.name == "constant" and not plan.method.needs
        while self.k < plan.steps:
            self._one()
            show(self.k)
            if quick and not self.exact:
                self._sprint(min(plan.steps - 1, self.k + SPRINT))
            if self.k > CYCLE_AFTER:
                self._cycle()

    def _one(self) -> None:
        """One step with every precaution."""
        plan, rows = self.plan, next(self.plan.batches)
        found = self.arithmetic(self.point, rows)
        if found is None:
            self._to_floats(as_floats(self.point))
            found = self.arithmetic(self.point, rows)
        value, gradient = found
        if plan.full and largest(gradient) <= plan.tolerance:
            raise Ended("small")
        rate = self.rate
        if plan.schedule.name != "constant":
            rate = plan.schedule.rate(rate, self.k, plan.steps, self.hs)
        try:
            new = self.step(self.k, self.point, value, gradient, rate)
        except Inexact:
            return self._to_floats(as_floats(self.point))
        self.trace.add(Seen(self.k, self.point, value, gradient, rate), float(value))
        still = plan.full and not any(map(moved, self.point, new))
        self.point = new
        self.k += 1
        self.exact_steps += self.exact
        if still:
            raise Ended("still")

    def _sprint(self, last: int) -> None:
        """The same for numbers, up to step `last` or the first that needs a closer look."""
        program, step, rate, add = self.objective.program, self.step, self.rate, self.trace.add
        tolerance = self.plan.tolerance
        while self.k < last:
            try:
                value, slopes = program(self.point)
            except (ArithmeticError, ValueError, TypeError):
                return
            if not math.isfinite(value + sum(slopes)) or (max(slopes) <= tolerance and min(slopes) >= -tolerance):
                return
            new = step(self.k, self.point, value, slopes, rate)
            if new == self.point:
                return
            add(Seen(self.k, self.point, value, slopes, rate), value)
            self.point = new
            self.k += 1

    def _cycle(self) -> None:
        """Plain descent that comes back to where it was two steps ago will do so for ever."""
        plan, before = self.plan, self.trace.before_last
        forgetful = plan.method.name == "gd" and plan.full and plan.schedule.name == "constant"
        if forgetful and self.objective.scalar and before is not None and list(before.point) == list(self.point):
            raise Ended("cycle")

    def close(self) -> None:
        """The row of the last point, which no step left."""
        last = self.trace.last
        try:
            found = self.arithmetic(self.point)
            if found is None:
                found = Floats(self.objective)(as_floats(self.point))
        except Ended as e:
            if last is None:
                kind = DomainError if e.end == "domain" else OverflowError_
                raise kind(f"the loss has no finite value at the start: {e.why or 'too large for a float'}") from None
            if self.end in ("steps", "interrupted"):
                self.end, self.why = e.end, e.why
            self.trace.beyond = self.point
            return
        self.trace.add(Seen(self.k, self.point, found[0], found[1]), float(found[0]))
