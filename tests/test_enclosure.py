"""Intervals of floats hold the exact value of what they stand for, to the last bit."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction

import pytest

from symnet.equality.enclosure import INF, Interval, added, product, raised, widened

NUMBERS = [0.0, 1.0, -3.0, 0.1, -0.7, 1e-8, 1e9, 2.0**53, -(2.0**60), 1e-200, -1e-300, 879609302220800.0, 1e160]


def around(rng: random.Random) -> Interval:
    a, b = rng.choice(NUMBERS) * rng.choice((1, 1 / 3)), rng.choice(NUMBERS)
    return min(a, b), max(a, b)


def inside(a: Interval, rng: random.Random) -> Fraction:
    low, high = map(Fraction, a)
    return low + (high - low) * rng.choice((Fraction(0), Fraction(1), Fraction(1, 2), Fraction(rng.randrange(97), 97)))


def holds(a: Interval, x: Fraction) -> bool:
    return not (a[0] > x or a[1] < x)


@pytest.mark.parametrize(
    ("enclosed", "exact"),
    [
        (product, lambda x, y: x * y),
        (lambda a, b: added([a, b, a]), lambda x, y: x + y + x),
        (lambda a, b: added([a, widened(-b[1], -b[0])]), lambda x, y: x - y),
        (lambda a, b: raised(a, 2), lambda x, y: x**2),
        (lambda a, b: raised(a, 3), lambda x, y: x**3),
    ],
    ids=["product", "sum", "difference", "square", "cube"],
)
def test_the_exact_value_is_inside(enclosed: Callable[..., Interval], exact: Callable[..., Fraction]) -> None:
    rng = random.Random(1)
    for _ in range(2_000):
        a, b = around(rng), around(rng)
        x, y = inside(a, rng), inside(b, rng)
        assert holds(enclosed(a, b), exact(x, y)), (a, b)


def test_a_sum_that_rounds_to_a_whole_number_is_not_taken_as_exact() -> None:
    low, high = added([(1e9, 1e9), (1e-9, 1e-9), (-1e9, -1e9), (-1e-8, 0.0)])
    assert low < Fraction(1e-9) - Fraction(1e-8) < 0 < high


def test_whole_numbers_stay_exact() -> None:
    assert product((2.0, 3.0), (-5.0, 7.0)) == (-15.0, 21.0)
    assert raised((-2.0, 3.0), 2) == (0.0, 9.0)
    assert added([(1.0, 2.0), (-1.0, 4.0)]) == (0.0, 6.0)


def test_a_product_that_vanishes_is_not_zero() -> None:
    low, high = product((1e-200, 1e-200), (1e-200, 1.0))
    assert low <= 0 < Fraction(high) and holds((low, high), Fraction(1e-200) * Fraction(1e-200))


@pytest.mark.parametrize(
    ("parts", "whole"),
    [([(0.0, INF), (1.0, 2.0)], (1.0, INF)), ([(0.0, INF), (-INF, 0.0)], (-INF, INF)), ([(-INF, INF)], (-INF, INF))],
)
def test_infinite_ends(parts: list[Interval], whole: Interval) -> None:
    assert added(parts) == whole
