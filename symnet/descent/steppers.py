"""How the next point is found: one row for each thing that a method may need."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .arithmetic import Ended
from .methods import Method, plain
from .points import Point, flat, like, total

HALVINGS = 60  # of a line search
NOISE = 4e-16  # of the value: a smaller fall is not seen in floats

Stepper = Callable[[int, Point, Any, Sequence[Any], Any], Point]


def _directions(method: Method, arithmetic: Any, h: Mapping[str, Any]) -> Stepper:
    """x ← x − η d, with d by the row of the method."""
    direction = method.direction
    assert direction is not None
    if direction is plain:
        return lambda k, point, value, gradient, rate: [x - rate * g for x, g in zip(point, gradient, strict=True)]
    memory: list[Any] = []

    def step(k: int, point: Point, value: Any, gradient: Sequence[Any], rate: Any) -> Point:
        if not memory:
            memory.extend([None] * len(point))
        new = []
        for i, (x, g) in enumerate(zip(point, gradient, strict=True)):
            d, memory[i] = direction(g, memory[i], k + 1, h)
            new.append(x - rate * d)
        return new

    return step


def _newton(method: Method, arithmetic: Any, h: Mapping[str, Any]) -> Stepper:
    """x ← x − η H⁻¹ g; the components of arrays one after the other."""

    def step(k: int, point: Point, value: Any, gradient: Sequence[Any], rate: Any) -> Point:
        hessian = arithmetic.hessian(point)
        if hessian is None:
            raise Inexact
        move = _solved(hessian, flat(gradient))
        return like([x - rate * d for x, d in zip(flat(point), move, strict=True)], point)

    return step


def _search(method: Method, arithmetic: Any, h: Mapping[str, Any]) -> Stepper:
    """The first of η, η/2, η/4, … at which the value falls by c t |g|²."""

    def step(k: int, point: Point, value: Any, gradient: Sequence[Any], rate: Any) -> Point:
        square = sum(total(g * g) for g in gradient)
        t, floor = rate, abs(value) * (NOISE if isinstance(value, float) else 0)
        for _ in range(HALVINGS):
            if t * square <= floor:
                return point
            new = [x - t * g for x, g in zip(point, gradient, strict=True)]
            if _falls(arithmetic, new, value - h["c"] * t * square):
                return new
            t = t * h["shrink"]
        return point

    return step


def _falls(arithmetic: Any, point: Point, bound: Any) -> bool:
    """Whether the value there is at most the bound; a place where the loss has no value is too far."""
    try:
        found = arithmetic(point)
    except Ended:
        return False
    if found is None:
        raise Inexact
    return bool(found[0] <= bound)


STEPPERS: dict[str, Callable[[Method, Any, Mapping[str, Any]], Stepper]] = {
    "": _directions, "hessian": _newton, "search": _search,
}  # fmt: skip


class Inexact(Exception):
    """An exact step is not rational: go on in floats."""


def _solved(a: list[list[Any]], b: list[Any]) -> list[Any]:
    """The solution of A x = b by elimination, exact over fractions."""
    rows = [[*r, c] for r, c in zip(a, b, strict=True)]
    for k in range(len(rows)):
        pivot = max(range(k, len(rows)), key=lambda i: abs(rows[i][k]))
        if not rows[pivot][k]:
            raise Ended("singular")
        rows[k], rows[pivot] = rows[pivot], rows[k]
        for i in range(len(rows)):
            if i != k:
                factor = rows[i][k] / rows[k][k]
                rows[i] = [x - factor * y for x, y in zip(rows[i], rows[k], strict=True)]
    return [r[-1] / r[k] for k, r in enumerate(rows)]
