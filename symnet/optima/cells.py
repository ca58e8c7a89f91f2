"""One variable is cut into cells: open intervals on which the function is one smooth formula, between two breaks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from math import inf
from time import monotonic
from typing import Any

from ..balls import middle
from ..errors import RuleError
from ..rules import slope as slope_of
from ..term import Term, sym
from ..tidy import tidy
from .monomials import plain_exponents
from .pieces import Condition, unfolded
from .reals import Real, compare


class Infinite(Exception):
    """There may be infinitely many points on an infinite interval, not too many nearer to 0 than `wide`."""

    def __init__(self, wide: float = inf) -> None:
        self.wide = wide


@dataclass(frozen=True, slots=True)
class Study:
    """A function f of x, and what is found out on the way: by which methods, where it was not decided, what to say."""

    f: Term
    x: str
    deadline: float
    methods: dict[str, None] = field(default_factory=dict)
    gaps: list[tuple[float, float]] = field(default_factory=list)
    notes: dict[str, None] = field(default_factory=dict)
    limits: dict[tuple[Term, int, int], Any] = field(default_factory=dict)
    doubts: dict[str, None] = field(default_factory=dict)  # what else keeps the places or kinds from being proven
    start: float = field(default_factory=monotonic)

    @property
    def late(self) -> bool:
        return monotonic() > self.deadline

    @property
    def halfway(self) -> bool:
        """Whether the time that is left is for limits and values."""
        return monotonic() > (self.start + self.deadline) / 2


def study_of(value: Term, x: str, deadline: float) -> Study:
    """Functions with corners by |u|, max and cases, exponents that are numbers as such."""
    return Study(unfolded(plain_exponents(value)), x, deadline)


@dataclass(eq=False, slots=True)
class Break:
    """A place between two cells (`at` None: infinite); `left`, `right`: what vanishes there in the formula beside."""

    at: Real | None
    end: bool = False  # of the domain that was given
    closed: bool = True
    cut: bool = False
    joint: bool = False
    left: list[Condition] = field(default_factory=list)
    right: list[Condition] = field(default_factory=list)
    value: Real | None = None
    excluded: bool = False  # the function has no value there

    def beside(self, cell: Cell) -> list[Condition]:
        return self.right if cell.low is self else self.left

    def lost(self, cell: Cell, sorts: Iterable[str]) -> bool:
        """Whether something of one of these sorts happens there in the formula of a cell beside it."""
        return any(sort in sorts for _, sort in self.beside(cell))


@dataclass(eq=False, slots=True)
class Cell:
    """An open interval on which the function is one smooth formula, with the zeros of its derivative."""

    low: Break
    high: Break
    sample: Fraction
    f: Term | None = None
    flat: bool = False
    zeros: list[Real] = field(default_factory=list)
    signs: list[int] = field(default_factory=list)  # of f′ between the zeros

    _slope: Term | None = None

    @property
    def there(self) -> bool:
        return self.f is not None

    @property
    def formula(self) -> Term:
        assert self.f is not None
        return self.f

    @property
    def inner(self) -> list[Real]:
        """The zeros that are no end."""
        return [r for r in self.zeros if not self.ends_at(r)]

    def slope(self, x: str) -> Term:
        """f′ by the rules, when it is asked for."""
        if self._slope is None:
            self._slope = tidy(slope_of(self.formula, sym(x))[0])
        return self._slope

    def ends_at(self, r: Real) -> bool:
        return any(b.at is not None and compare(r, b.at) == 0 for b in (self.low, self.high))

    def side(self, b: Break) -> int:
        """From which side the cell meets a break: 1 from above, −1 from below."""
        return 1 if self.low is b else -1


class Ascending:
    """Sorts numbers by their exact order."""

    __slots__ = ("at",)

    def __init__(self, at: Real | None) -> None:
        self.at = at

    def __lt__(self, other: Ascending) -> bool:
        assert self.at is not None and other.at is not None
        return compare(self.at, other.at) < 0


def sample(low: Real | None, high: Real | None) -> Fraction:
    """A simple number in an open interval."""
    if low is None and high is None:
        return Fraction(1, 3)
    if low is None or high is None:
        known, side = (high, -1) if low is None else (low, 1)
        assert known is not None
        return Fraction(int(float(known)) + 2 * side)
    return between(low, high)


def between(low: Real, high: Real) -> Fraction:
    """A simple fraction strictly between two numbers."""
    bits = 128
    while True:
        a, b = middle(low.ball(bits).upper()), middle(high.ball(bits).lower())
        if a < b:
            m, width = (a + b) / 2, b - a
            d = 1
            while True:
                f = Fraction(round(m * d), d)
                if abs(f - m) < width / 4:
                    return f
                d *= 2
        bits *= 2
        if bits > 2**15:
            raise RuleError("two neighbouring places were not told apart")


def fraction_of(x: float) -> Fraction:
    return Fraction(x).limit_denominator(10**6)
