"""`descend`: what is asked for, checked and put together."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from operator import index
from typing import Any

from ..errors import DescentError, NameLookupError, SymnetError, quote
from ..names import canonical, unicode
from . import outside, stepping
from .answer import Descent
from .batches import batches
from .ending import ending
from .methods import TABLE as METHODS
from .methods import Method
from .objective import REDUCE, Objective, exact_number
from .schedules import TABLE as SCHEDULES
from .schedules import Schedule
from .steppers import STEPPERS

STEPS = 10_000_000  # in one run
ALIASES = {"sgd": "gd", "heavy ball": "momentum", "lbfgs": "l-bfgs", "line search": "backtracking"}


def descend(
    expr: Any,
    start: Any,
    *,
    lr: Any = None,
    steps: int = 100,
    method: str = "gd",
    data: Any = None,
    batch: int | None = None,
    seed: int = 0,
    schedule: str = "constant",
    reduce: str = "mean",
    shapes: Any = None,
    tolerance: float = 1e-10,
    exact: bool | None = None,
    progress: bool | None = None,
    **constants: Any,
) -> Descent:
    """x ← x − η ∂f/∂x, step by step, from `start`, down the loss `expr` (text, SymPy, a Term or a Graph).

    `start`: a value for each name that moves, `{"x": 1.25}` or `"x=1.25"`; `"random"` draws it by `seed`. `lr`: η > 0.
    `steps`: their largest number; a run ends early where the gradient is below `tolerance`, where a step changes
    nothing, and where plain descent comes back to where it was two steps ago. `method`: gd, momentum, nesterov,
    adagrad, rmsprop, adam (as in `torch.optim`), newton, backtracking, bfgs, l-bfgs (SciPy); `schedule`: constant,
    step, exponential, cosine, 1/t. Their constants are keywords, such as `mu=0.9` or `gamma=0.5`.
    `data`: a `pathlib.Path` of a CSV file, CSV text, a dict of arrays or a data frame; columns that the loss uses as
    scalars make it the mean (`reduce="sum"`: the sum) over the samples. `batch` samples a step, shuffled by `seed`.
    Steps are exact fractions as long as these are short (`exact=True`: or it raises; `False`: floats). Raises
    `DescentError`, `NameLookupError`, `DataError`, `DomainError` where the loss has no value at the start.

    >>> run = descend("y = x(x - 1)(x - 2)(x - 3)", {"x": 1.25}, lr=0.05, steps=1)
    >>> run.point["x"]
    Fraction(381, 320)
    """
    row, plan_of = _row(METHODS, _method(method), "method"), _row(SCHEDULES, str(schedule), "schedule")
    own, rest = _constants(row, plan_of, constants)
    if reduce not in REDUCE:
        raise DescentError(f"`reduce` is {' or '.join(map(repr, REDUCE))}, not {quote(str(reduce), 30)!r}")
    rate, count = _rate(lr, row), _steps(steps)
    objective = Objective(expr, start, data, reduce, shapes, seed)
    draws = batches(objective.samples, batch, seed)
    part = None if batch == objective.samples else batch
    if part is not None and (row.needs or row.direction is None):
        raise DescentError(f"{row.name} needs all the data in each step; leave `batch` out, or take adam")
    plan = stepping.Plan(row, own, rate, plan_of, rest, count, _tolerance(tolerance), draws, part, exact, progress)
    engine = stepping.run if row.needs in STEPPERS else outside.run
    ran = engine(objective, plan)
    return Descent(objective, plan, ran, ending(objective, plan, ran))


def _method(name: Any) -> str:
    key = str(name).strip().lower()
    return ALIASES.get(key, key)


def _row(table: Mapping[str, Any], name: str, what: str) -> Any:
    if name not in table:
        raise DescentError(f"there is no {what} {quote(name, 30)!r}; there is {', '.join(table)}")
    return table[name]


def _constants(
    method: Method, schedule: Schedule, given: Mapping[str, Any]
) -> tuple[dict[str, Fraction], dict[str, Fraction]]:
    """The constants of both rows, those that are given in the place of the usual ones."""
    own, rest = dict(method.constants), dict(schedule.constants)
    for spelling, value in given.items():
        name = canonical(spelling)
        target = own if name in own else rest if name in rest else None
        if target is None:
            known = ", ".join(map(unicode, [*own, *rest])) or "none"
            raise NameLookupError(
                f"{method.name} with the schedule {schedule.name} has no `{quote(name, 30)}`; it has {known}"
            )
        target[name] = _positive(value, name)
    return own, rest


def _number(value: Any, name: str) -> Fraction:
    try:
        found = exact_number(value)
    except (SymnetError, TypeError, ValueError, AttributeError):
        raise DescentError(f"`{name}` is a finite number, not {quote(str(value), 30)}") from None
    if isinstance(value, bool) or not isinstance(found, Fraction):
        raise DescentError(f"`{name}` is a rational number such as 0.05 or 1/20, not {quote(str(value), 30)}")
    return found


def _positive(value: Any, name: str) -> Fraction:
    found = _number(value, name)
    if found < 0:
        raise DescentError(f"`{name}` is not negative, this is {quote(str(value), 30)}")
    return found


def _rate(lr: Any, method: Method) -> Fraction:
    if lr is None:
        if method.rate is None:
            raise DescentError(f"{method.name} needs a learning rate: lr=0.05")
        return method.rate
    rate = _number(lr, "lr")
    if rate <= 0:
        why = "with rate 0 nothing moves" if rate == 0 else "a negative rate climbs"
        raise DescentError(f"the learning rate is positive, not {quote(str(lr), 30)}: {why}")
    if not 0.0 < float(rate) < math.inf:
        raise DescentError("the learning rate is too small for a float")
    return rate


def _steps(steps: Any) -> int:
    try:
        count = -1 if isinstance(steps, bool) else index(steps)
    except TypeError:
        count = -1
    if count < 0:
        raise DescentError(f"`steps` is a whole number, 0 or more, not {quote(str(steps), 30)}")
    if count > STEPS:
        raise DescentError(
            f"{quote(str(steps), 30)} steps are more than the {STEPS:,} of one run; go on from its `.point`"
        )
    return count


def _tolerance(value: Any) -> float:
    return float(_positive(value, "tolerance"))
