"""Schedules: the learning rate of step k = 0, 1, 2, … of n. One row adds a schedule."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

Constants = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Schedule:
    """η_k as `formula`; `rate(η, k, n, h)` is that number, and a fraction where `rational`."""

    name: str
    formula: str
    rate: Callable[[Any, int, int, Constants], Any]
    constants: Constants = field(default_factory=dict)
    rational: bool = True


TABLE: dict[str, Schedule] = {
    row.name: row
    for row in (
        Schedule("constant", "η", lambda lr, k, n, h: lr),
        Schedule("step", "η · gamma^⌊k/every⌋", lambda lr, k, n, h: lr * h["gamma"] ** (k // int(h["every"])),
                 {"gamma": Fraction(1, 2), "every": Fraction(100)}),
        Schedule("exponential", "η · gamma^k", lambda lr, k, n, h: lr * h["gamma"] ** k, {"gamma": Fraction(99, 100)}),
        Schedule("cosine", "η (1 + cos(π k/n))/2", lambda lr, k, n, h: lr * (1 + math.cos(math.pi * k / n)) / 2,
                 rational=False),
        Schedule("1/t", "η/(1 + decay · k)", lambda lr, k, n, h: lr / (1 + h["decay"] * k),
                 {"decay": Fraction(1, 100)}),
    )
}  # fmt: skip
