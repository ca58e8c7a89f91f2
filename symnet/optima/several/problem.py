"""What is asked, and what a method hands back: the function, its box, the places found and how far they are proven."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

import sympy as sp

from .tape import number

oo = sp.oo
WINDOW = 10  # half the width of the window that is searched where the names are not bounded
SEARCHED = f"proven on [−{WINDOW}, {WINDOW}]"


class OutOfTime(Exception):
    """The time of the call is up."""


@dataclass(frozen=True, slots=True)
class Side:
    """The values of one name; the ends are SymPy numbers."""

    low: Any = -oo
    high: Any = oo
    low_open: bool = True
    high_open: bool = True

    @property
    def bounded(self) -> bool:
        return self.low != -oo and self.high != oo

    @property
    def closed(self) -> bool:
        return not (self.low_open or self.high_open)

    @property
    def everything(self) -> bool:
        return self.low == -oo and self.high == oo

    def holds(self, x: Any) -> bool:
        """Whether a number lies in it, its closed ends included."""
        return self._beyond(x, self.low, self.low_open) and self._beyond(-x, -self.high, self.high_open)

    @staticmethod
    def _beyond(x: Any, low: Any, is_open: bool) -> bool:
        if low == -oo or x == low:
            return low == -oo or not is_open
        d = number(x, 256) - number(low, 256)
        return bool(d > 0) or (d.contains(0) and not is_open)

    def inside(self, x: Any) -> bool:
        """Whether a number lies in it and is no end of it."""
        return Side(self.low, self.high).holds(x)


EVERYTHING = Side()


@dataclass(frozen=True, slots=True)
class Problem:
    """A function of real names on a box."""

    expr: Any
    variables: tuple[Any, ...]
    box: tuple[Side, ...]
    deadline: float
    smooth: bool = False  # known to have no kinks

    def check(self) -> float:
        """The seconds that are left; raises `OutOfTime` where there are none."""
        left = self.deadline - monotonic()
        if left <= 0:
            raise OutOfTime
        return left

    @property
    def everywhere(self) -> bool:
        return all(i.everything for i in self.box)

    @property
    def bounded(self) -> bool:
        return all(i.bounded for i in self.box)

    def holds(self, at: Sequence[Any]) -> bool:
        return all(i.holds(x) for i, x in zip(self.box, at, strict=True))

    def inside(self, at: Sequence[Any]) -> bool:
        return all(i.inside(x) for i, x in zip(self.box, at, strict=True))


@dataclass(frozen=True, slots=True)
class Found:
    """A point; `at` and `value` are SymPy numbers, `exact` says whether all are closed forms."""

    at: tuple[Any, ...]
    kind: str
    value: Any
    type: str = "stationary"
    exact: bool = True
    radius: Any = None


@dataclass(frozen=True, slots=True)
class SetFound:
    """Stationary points that are not isolated: expressions that vanish on them, words, kind, the values taken there;
    `where`: expressions that are positive there."""

    equations: tuple[Any, ...]
    words: str
    kind: str
    values: tuple[Any, ...]
    samples: tuple[tuple[Any, ...], ...] = ()
    where: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a method found. `periods` holds for each name the period of an infinite family, None where there is none."""

    found: tuple[Found, ...]
    complete: str
    certificate: str
    sets: tuple[SetFound, ...] = ()
    periods: tuple[Any, ...] = ()
    notes: tuple[str, ...] = ()
    window: Callable[[tuple[Side, ...]], tuple[Found, ...]] | None = None

    @property
    def proven(self) -> bool:
        return self.complete.startswith("proven")

    @property
    def endless(self) -> bool:
        return self.window is not None or any(p is not None for p in self.periods)
