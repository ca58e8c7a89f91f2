"""Limits that our own expansions do not reach, from SymPy in a process that can be killed, tested against balls.

They are told as what seems to be, and decide nothing.
"""

from __future__ import annotations

from time import monotonic

from ..errors import SymnetError
from ..term import Term
from .closing import closed
from .reals import Real


def asked_limit(t: Term, x: str, at: Real | None, side: int, deadline: float) -> Real | int | None:
    """The limit as SymPy finds it (±1 for ±∞), if nearby values do not speak against it."""
    from ..processes import work
    from ..reading import read

    seconds = min(10.0, deadline - monotonic())
    if seconds < 0.5 or (at is not None and at.term is None):
        return None
    place = ("oo" if side > 0 else "-oo") if at is None else str(at.term)
    got = work("limit", seconds, formula=str(t), x=x, at=place, side="+" if side > 0 else "-")
    if not isinstance(got, str):
        return None
    if got in ("oo", "-oo"):
        return (1 if got == "oo" else -1) if _agrees(t, x, at, side, None, got) else None
    try:
        value = closed(read(got).value)
    except (SymnetError, ArithmeticError):
        return None
    return value if _agrees(t, x, at, side, value, got) else None


def _agrees(t: Term, x: str, at: Real | None, side: int, value: Real | None, got: str) -> bool:
    """Whether values ever nearer to the end come ever nearer to the limit."""
    from flint import arb

    from ..balls import precision
    from .series import Curve

    gaps = []
    with precision(512):
        curve = Curve(t, x)
        for k in (4, 8, 12):
            step = arb(2) ** (k if at is None else -k)
            y = curve.value(side * step if at is None else at.ball(512) + side * step)
            if not y.is_finite():
                return False
            gaps.append(abs(y - value.ball(512)) if value is not None else (-y if got == "oo" else y))
    return bool(gaps[0] >= gaps[1] >= gaps[2])
