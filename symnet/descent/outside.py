"""BFGS and L-BFGS by `scipy.optimize` (extra `scipy`), with the rows and the endings of every other run."""

from __future__ import annotations

from typing import Any

from ..errors import SymnetError
from .arithmetic import Ended, Floats
from .objective import Objective
from .points import flat, like
from .stepping import Plan, Ran
from .trace import Seen, Trace


def run(objective: Objective, plan: Plan) -> Ran:
    """The iterations of the optimiser that the method names; each is a row."""
    try:
        from scipy.optimize import minimize
    except ImportError:
        raise SymnetError(
            f"{plan.method.title} needs SciPy: pip install 'symnet[scipy]'; newton and backtracking need nothing"
        ) from None
    import numpy as np

    follow = _Followed(objective)
    options: dict[str, Any] = {"maxiter": plan.steps, "gtol": plan.tolerance}
    if plan.method.needs == "L-BFGS-B":
        options |= {"ftol": 0.0, "maxfun": 20 * plan.steps + 20}
    end, why = "steps", ""
    with np.errstate(over="raise", invalid="raise", divide="ignore", under="ignore"):
        follow.row(follow.cells)
        try:
            if plan.steps:
                done = minimize(follow.evaluate, follow.cells, jac=True, method=plan.method.needs,
                                callback=follow.row, options=options)  # fmt: skip
                end = "steps" if done.nit >= plan.steps else "optimiser"
        except Ended as e:
            end, why = e.end, e.why
        except KeyboardInterrupt:
            end = "interrupted"
    last = follow.trace.last
    assert last is not None
    return Ran(follow.trace, end, why, last.step, tuple(last.point), 0)


class _Followed:
    """The loss as a function of one vector, and a row of the trace for each iteration."""

    def __init__(self, objective: Objective) -> None:
        import numpy as np

        self.first = objective.first
        self.floats = Floats(objective)
        self.cells = np.array(flat(self.first), dtype=float)
        self.trace, self.taken = Trace(len(self.cells)), 0

    def evaluate(self, cells: Any) -> tuple[float, Any]:
        import numpy as np

        try:
            value, gradient = self.floats(like(cells.tolist(), self.first))
        except Ended:  # a search along a line goes too far: no value there is an infinite one
            return np.inf, np.zeros_like(cells)
        return value, np.array(flat(gradient), dtype=float)

    def row(self, cells: Any) -> None:
        point = like(cells.tolist(), self.first)
        value, gradient = self.floats(point)
        self.trace.add(Seen(self.taken, point, value, gradient), value)
        self.taken += 1
