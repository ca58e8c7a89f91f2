"""Stationary points, exactly and completely, or saying what is not proven: a ladder of methods."""

from __future__ import annotations

from collections.abc import Mapping
from time import monotonic
from typing import Any

from .answer import CriticalSet as CriticalSet
from .answer import Extremum as Extremum
from .answer import Stationary as Stationary
from .answer import StationaryPoint as StationaryPoint

SECONDS = 30.0


def stationary(
    expr: Any, wrt: Any = None, domain: Mapping[str, Any] | None = None, seconds: float = SECONDS
) -> Stationary:
    """Where the derivative of `expr` vanishes: every point exact and in 15 digits, its kind, and the global extrema.

    `expr`: text, SymPy or a Term; `wrt` a name or several, by default all that occur; `domain={"x": "[0, 2*pi)"}` an
    interval for each name (`oo` is infinity, round brackets are open), else all reals where `expr` has a value.
    `seconds` bounds the call; past it the answer is what is known so far. Kinks, ends of the domain and poles are named
    as such. Raises `ReadError`, `ShapeError`, `DomainError`.

    >>> for p in stationary("x^3 - 3x", "x").points:
    ...     print(p)
    x = −1: local maximum, value 2
    x = 1: local minimum, value −2
    """
    from ..graph import spellings
    from .question import asked, check_domain

    value, names = asked(expr, spellings(wrt) if wrt is not None else None)
    check_domain(domain, names)
    deadline = monotonic() + seconds
    if len(names) == 1:
        from .single import solve as solve_one

        return solve_one(value, names[0], domain, deadline)
    from .several import solve as solve_several

    return solve_several(value, names, domain, deadline)
