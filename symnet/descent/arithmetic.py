"""The two arithmetics of a run: fractions as long as they stay short, and floats."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from ..errors import DomainError, OverflowError_, SymnetError
from .objective import Objective
from .points import Point, largest, total
from .rigour import Rigour

EXACT_BITS = 4096  # of a coordinate that is carried on exactly
TOO_LARGE = 2**1023  # for a float
RESCUED = 1000  # steps at which floats fail on the way and balls give the value


class Ended(Exception):
    """The run cannot go on: `.end` is one of the words of `ending.py`."""

    def __init__(self, end: str, why: str = "") -> None:
        super().__init__(why)
        self.end, self.why = end, why


class Floats:
    """Values by the compiled program; where it fails, by balls."""

    def __init__(self, objective: Objective) -> None:
        self.objective, self.rescued = objective, 0

    def __call__(self, point: Point, rows: Any = None) -> tuple[float, Sequence[Any]]:
        try:
            return self.objective.program(point, rows)
        except OverflowError:
            return self._rescue(point, rows, Ended("overflow"))
        except (ArithmeticError, ValueError, TypeError) as e:
            return self._rescue(point, rows, Ended("domain", str(e) if isinstance(e, SymnetError) else ""))

    def _rescue(self, point: Point, rows: Any, reason: Ended) -> tuple[float, Sequence[Any]]:
        """The value by balls, where the loss is small; else the end of the run."""
        if not all(math.isfinite(total(x)) for x in point) or largest(point) > 1e100:
            raise Ended("overflow")
        rigour = self.objective.rigour if rows is None else None
        self.rescued += 1
        if rigour is None or self.rescued > RESCUED:
            raise reason
        try:
            return rigour.values(point)
        except DomainError as e:
            raise Ended("domain", str(e)) from None
        except (OverflowError_, SymnetError):
            raise Ended("overflow") from None

    def hessian(self, point: Point) -> list[list[float]]:
        return _rigour(self.objective).hessian(point)


class Exact:
    """Values as fractions; None where the arithmetic is not rational."""

    def __init__(self, objective: Objective) -> None:
        self.rigour = _rigour(objective)

    def __call__(self, point: Point, rows: Any = None) -> tuple[Any, list[Any]] | None:
        if any(x.numerator.bit_length() + x.denominator.bit_length() > EXACT_BITS for x in point):
            return None
        found = self.rigour.exact(point)
        return found if found is not None and all(abs(x) < TOO_LARGE for x in (found[0], *found[1], *point)) else None

    def hessian(self, point: Point) -> list[list[Fraction]] | None:
        return self.rigour.exact_hessian(point)


def _rigour(objective: Objective) -> Rigour:
    found = objective.rigour
    if found is None:
        raise SymnetError("this loss is too large for an exact Hessian or exact steps; use l-bfgs or adam, in floats")
    return found


def as_floats(point: Point) -> Point:
    try:
        return [float(x) for x in point]
    except OverflowError:
        raise Ended("overflow") from None
