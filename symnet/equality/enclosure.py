"""Intervals of floats that certainly hold the value: every end that may have been rounded goes outwards."""

from __future__ import annotations

import math

INF = float("inf")
TINY = 1e-150  # products of smaller numbers may vanish

Interval = tuple[float, float]


def _unrounded(*ends: float) -> bool:
    """Arithmetic of whole numbers of this size does not round."""
    return all(abs(x) == INF or (x == int(x) and abs(x) < 2**50) for x in ends)


def widened(low: float, high: float, *operands: float) -> Interval:
    """Widened by more than the rounding of what led to it; whole numbers of whole numbers are exact."""
    if _unrounded(low, high, *operands):
        return low, high
    exact_zero = 0.0 in operands and not any(0 < abs(x) < TINY for x in operands)  # and no product that vanished
    below = low if low == 0 and exact_zero else math.nextafter(low - 1e-12 * abs(low), -INF)
    return below, high if high == 0 and exact_zero else math.nextafter(high + 1e-12 * abs(high), INF)


def product(a: Interval, b: Interval) -> Interval:
    """{x y}; 0 · ∞ counts as 0."""
    ends = [0.0 if x == 0 or y == 0 else x * y for x in a for y in b]
    return widened(min(ends), max(ends), *a, *b)


def raised(a: Interval, n: int) -> Interval:
    """{xⁿ} for n ≥ 1."""
    try:
        low, high = a[0] ** n, a[1] ** n
    except OverflowError:
        low, high = (0.0 if n % 2 == 0 or a[0] >= 0 else -INF), INF
    if n % 2 == 0:
        low, high = (0.0 if a[0] < 0 < a[1] else min(low, high)), max(low, high)
    return widened(low, high, *a)


def added(parts: list[Interval]) -> Interval:
    """The sum of intervals; each end alone, where both infinities occur among them."""
    ends = {x for part in parts for x in part}
    if any(math.isnan(x) for x in ends) or {-INF, INF} <= ends:
        low = -INF if any(a == -INF or math.isnan(a) for a, _ in parts) else _total([(a, a) for a, _ in parts])[0]
        high = INF if any(b == INF or math.isnan(b) for _, b in parts) else _total([(b, b) for _, b in parts])[1]
        return low, high
    return _total(parts)


def _total(parts: list[Interval]) -> Interval:
    """The sum of floats, which `fsum` rounds once: 0 is 0, other ends go one float outwards."""
    low, high = math.fsum(a for a, _ in parts), math.fsum(b for _, b in parts)
    if _unrounded(low, high, *(x for part in parts for x in part)):
        return low, high
    return low and math.nextafter(low, -INF), high and math.nextafter(high, INF)
