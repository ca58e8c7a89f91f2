"""Points: a value for each parameter, a number or an array; and their components, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Point = list[Any]


def total(x: Any) -> float:
    return float(x.sum()) if hasattr(x, "ndim") and x.ndim else x


def largest(xs: Sequence[Any]) -> float:
    """The largest absolute value of all components."""
    return max(float(abs(x).max()) if getattr(x, "ndim", 0) and x.size else abs(float(x)) for x in xs)


def flat(point: Sequence[Any]) -> list[Any]:
    return [c for v in point for c in (v.ravel().tolist() if getattr(v, "ndim", 0) else [v])]


def like(cells: list[Any], point: Sequence[Any]) -> Point:
    """Components in the shapes of a point."""
    import numpy as np

    out: Point = []
    for v in point:
        if getattr(v, "ndim", 0):
            out.append(np.array(cells[: v.size]).reshape(v.shape))
            cells = cells[v.size :]
        else:
            out.append(cells.pop(0))
    return out


def moved(before: Any, after: Any) -> bool:
    return bool((before != after).any()) if getattr(before, "ndim", 0) else bool(before != after)
