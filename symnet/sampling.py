"""Small sizes and random values for the inputs of an array program, keeping what is declared of them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from math import prod
from typing import Any

from .term import Dim, Term

Array = Any  # a number, a list of numbers, a list of rows
SIZES = ((1, 1, 1), (2, 3, 2))  # of the symbolic dimensions in turn


def sizes(names: Iterable[Term], choice: int) -> dict[str, int]:
    """A number for each symbolic dimension, in order of appearance."""
    pattern = SIZES[choice % len(SIZES)]
    parts = (p for s in names for d in s.shape if isinstance(d, str) for p in d.split("*"))
    symbols = dict.fromkeys(p for p in parts if p[0].isalpha())
    return {d: pattern[i % len(pattern)] for i, d in enumerate(symbols)}


def values(names: Iterable[Term], dims: Mapping[str, int], seed: str) -> dict[str, Array]:
    """A rational value for every name, the same in every run."""
    draw = random.Random(f"symnet {seed}")
    return {s.name: _value(s, [length(d, dims) for d in s.shape], draw) for s in names}


def length(d: Dim, dims: Mapping[str, int]) -> int:
    """The number of a dimension; that of n*d is a product."""
    return d if isinstance(d, int) else prod(dims[p] if p in dims else int(p) for p in d.split("*"))


def _value(s: Term, size: list[int], draw: random.Random) -> Array:
    fact = next((f for f in FACTS if f in s.facts), "")
    low = 1 if fact in ("positive", "rows sum to one", "sums to one") else -24

    def number() -> Fraction:
        return Fraction(draw.choice([n for n in range(low, 25) if n]), 17)

    return FACTS.get(fact, lambda x: x)(filled(size, number))


def filled(size: Sequence[int], number: Callable[[], Any]) -> Array:
    """An array of that size, each entry drawn."""
    first, rest = next(iter(size), None), tuple(size)[1:]
    return number() if first is None else [filled(rest, number) for _ in range(first)]


def _symmetric(x: Array) -> Array:
    return [[(a + b) / 2 for a, b in zip(row, column, strict=True)] for row, column in zip(x, zip(*x, strict=True),
            strict=True)] if isinstance(x, list) else x  # fmt: skip


def _positive_definite(x: Array) -> Array:
    """X Xᵀ + I."""
    if not isinstance(x, list):
        return x * x + 1
    rows = [[sum((a * b for a, b in zip(r, q, strict=True)), Fraction(0)) for q in x] for r in x]
    return [[c + (i == j) for j, c in enumerate(row)] for i, row in enumerate(rows)]


def _sums_to_one(x: Array) -> Array:
    return _divided(x, _sum(x))


def _sum(x: Array) -> Any:
    return sum(map(_sum, x)) if isinstance(x, list) else x


def _divided(x: Array, by: Any) -> Array:
    return [_divided(c, by) for c in x] if isinstance(x, list) else x / by


def _rows_sum_to_one(x: Array) -> Array:
    return [_sums_to_one(r) for r in x] if isinstance(x, list) and isinstance(x[0], list) else _sums_to_one(x)


FACTS: dict[str, Callable[[Array], Array]] = {
    "positive definite": _positive_definite,
    "symmetric": _symmetric,
    "rows sum to one": _rows_sum_to_one,
    "sums to one": _sums_to_one,
    "positive": lambda x: x,
}
