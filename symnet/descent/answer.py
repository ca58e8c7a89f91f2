"""`Descent`: a run, its table, its end, and what can be asked of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from ..derivation import Names
from ..errors import OverflowError_
from .ending import Ending
from .objective import Objective
from .report import Report, report
from .stepping import Plan, Ran
from .table import Table, shown
from .trace import Row, Seen

SHORT = 256  # bits of a fraction that is given as such
SECONDS = 5.0  # for the exact stationary points of a report


@dataclass(frozen=True, eq=False)
class Descent:
    """A run of gradient descent.

    `.status` is converged (a minimum near the last point is proven), stopped (out of steps), diverged, oscillates,
    plateau (the gradient vanished, but no minimum is there) or left the domain; `.why` says more. `.table` has the
    steps, `.point` the last point (a Fraction where it is exact, else a float or an array), `.values` the loss before
    each step and at the end, `.report()` what is known beside the run, `.plot()` draws it.
    """

    objective: Objective
    plan: Plan
    ran: Ran
    end: Ending
    _cache: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def status(self) -> str:
        return self.end.status

    @property
    def why(self) -> str:
        return self.end.why

    @property
    def steps(self) -> int:
        """How many steps were taken."""
        return self.ran.step

    @property
    def exact_steps(self) -> int:
        """How many of them, from the first, are exact."""
        return self.ran.exact_steps

    @property
    def names(self) -> tuple[str, ...]:
        return self.objective.names

    @property
    def point(self) -> Names:
        """The last point at which the loss has a value; long fractions as floats, unless `exact=True` was asked for."""
        return self._named([x if self.plan.exact else _short(x) for x in self._last.point])

    @property
    def approx(self) -> Names:
        """The last point in floats."""
        return Names({n: _float(v) for n, v in self.point.items()}, "parameter")

    @property
    def gradient(self) -> Names:
        """The gradient at `.point`."""
        return self._named(self._last.gradient)

    @property
    def value(self) -> Any:
        """The loss at `.point`."""
        return self._last.value

    @property
    def values(self) -> Any:
        """The loss before each step, and at the end, as an array of floats."""
        import numpy as np

        return np.array(self.ran.trace.values)

    @property
    def rows(self) -> Sequence[Row]:
        """The steps that were kept: all of a short run, the first, the last and some in between of a long one."""
        return self.ran.trace.rows()

    @property
    def table(self) -> Table:
        o = self.objective
        return Table(o.names, o.loss, o.scalar, tuple(self.rows))

    @property
    def _last(self) -> Seen:
        last = self.ran.trace.last
        assert last is not None
        return last

    def _named(self, values: Sequence[Any]) -> Names:
        o = self.objective
        return Names({n: o.shaped(n, v) for n, v in zip(o.names, values, strict=True)}, "parameter")

    def report(self, seconds: float = SECONDS) -> Report:
        """What the run reached beside the exact answer: the point, its kind, local or global, rates and bounds.

        The exact stationary points are searched for `seconds` at most, for losses of up to three parameters.
        """
        if "report" not in self._cache:
            self._cache["report"] = report(self.objective, self.plan, self.ran, self.end, seconds)
        found: Report = self._cache["report"]
        return found

    # -- how it is shown
    def summary(self) -> str:
        """The method and the end in one sentence."""
        rate = "" if self.plan.method.needs.isupper() else f", η = {shown(self.plan.rate)}"
        return f"{self.plan.method.title}{rate}: {self.status}, {self.why}."

    def text(self, rows: int | None = None, digits: int = 8) -> str:
        return f"{self.table.text(rows, digits)}{self.notes()}{self.summary()}\n"

    def markdown(self, rows: int | None = None, digits: int = 8) -> str:
        return f"{self.table.markdown(rows, digits)}\n{self.notes()}{self.summary()}\n"

    def notes(self) -> str:
        """How many steps are exact, where not all are."""
        if not 0 < self.exact_steps < self.steps:
            return ""
        first = "The first step is" if self.exact_steps == 1 else f"The first {self.exact_steps} steps are"
        return f"{first} exact, the others in floats.\n"

    def to_dict(self) -> dict[str, Any]:
        """The run as plain data."""
        return {
            "method": self.plan.method.name, "lr": str(self.plan.rate), "status": self.status, "why": self.why,
            "steps": self.steps, "exact_steps": self.exact_steps,
            "point": {n: _plain(v) for n, v in self.point.items()}, "value": _plain(self.value),
            "table": self.table.to_dict(),
        }  # fmt: skip

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"Descent({self.plan.method.name}, {self.steps} steps, {self.status})"

    def _repr_markdown_(self) -> str:
        return self.markdown()

    # -- pictures (extra `plot`)
    def plot(self, file: Any = None, **choices: Any) -> Any:
        """The path on the curve or the contours, beside the loss; a matplotlib figure, saved as `file` if given.

        `others`: further runs to draw beside this one; `kind`: "path" or "loss" alone.
        """
        from ..pictures import plot

        return plot(self, file, **choices)

    def animate(self, file: Any, **choices: Any) -> Any:
        """The path growing step by step, as a GIF."""
        from ..pictures import animate

        return animate(self, file, **choices)


def _short(x: Any) -> Any:
    long = isinstance(x, Fraction) and x.numerator.bit_length() + x.denominator.bit_length() > SHORT
    return _float(x) if long else x


def _float(v: Any) -> Any:
    try:
        return float(v) if isinstance(v, Fraction) else v
    except OverflowError:
        raise OverflowError_("the exact value is too large for a float; see `.point`") from None


def _plain(v: Any) -> Any:
    return str(v) if isinstance(v, Fraction) else v.tolist() if hasattr(v, "tolist") else v
