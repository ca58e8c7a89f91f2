"""Where a backward function is tried: chosen and seeded random points, of several sizes, with the exact gradient there.

The sizes of symbolic dimensions change from point to point: all different (a transpose does not fit), a batch of one
(a lost sum is not seen there, a lost 1/n neither), all the same, all one.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..derivation import Derivation
from ..errors import DomainError, OverflowError_, ShapeError, SymnetError
from ..names import canonical, unicode
from ..sampling import FACTS, filled
from ..term import Term, postorder, shape_text

SIZES = (
    (3, 2, 4, 5, 6), (5, 4, 2, 3, 7), (1, 3, 2, 4, 5), (4, 1, 3, 2, 5), (3, 3, 3, 3, 3), (2, 5, 3, 4, 6),
    (1, 1, 1, 1, 1),
)  # fmt: skip
RANGES = ((-1.5, 1.5), (-1.5, 1.5), (0.1, 1.4), (0.05, 0.9), (1.1, 3.0), (-0.9, -0.1))  # tried in turn
TRIES = 12  # draws for one point until the gradient exists there
SHOWN = 8  # numbers of a point
AWAY = 1e-3  # drawn numbers keep this distance from zero


@dataclass(frozen=True)
class Point:
    """Values of all inputs, the sizes of the dimensions, and the exact loss and gradient there."""

    values: Mapping[str, Any]
    sizes: Mapping[str, int]
    loss: float
    gradient: Mapping[str, Any]

    def __str__(self) -> str:
        """The sizes, or the numbers where all are numbers."""
        if self.sizes:
            return ", ".join(f"{unicode(n)} = {k}" for n, k in self.sizes.items())
        small = {n: v for n, v in self.values.items() if not np.ndim(v)}
        listed = [f"{unicode(n)} = {float(v):.6g}" for n, v in list(small.items())[:SHOWN]]
        return ", ".join([*listed, *(["…"] if len(small) > SHOWN else [])])


class Points:
    """The points of one question; `missed` counts draws at which the gradient does not exist."""

    def __init__(self, d: Derivation, seed: int) -> None:
        self.exact = d.compile("numpy")
        self.names: tuple[str, ...] = tuple(self.exact.inputs)  # type: ignore[attr-defined]
        self.wrt = d.wrt
        self.symbols: dict[str, Term] = dict(d.graph.symbols)
        self.declared = {n: tuple(d.graph.declared_shape(n)) for n in d.graph.inputs}
        self.dims = tuple(dict.fromkeys(k for n in self.names for k in self._shape(n) if isinstance(k, str)))
        nodes = dict.fromkeys(n for q in d.graph.definitions for n in postorder(q.value))
        self.counted = {p for n in nodes for k in n.shape if isinstance(k, str) for p in k.split("*")}
        self.seed, self.missed = seed, 0

    def _shape(self, name: str) -> tuple[int | str, ...]:
        return self.declared.get(name, ())

    def _counts(self, name: str) -> bool:
        """Whether the name is a dimension that no shape fixes: a whole number."""
        return name in self.counted

    def chosen(self, at: Any) -> list[dict[str, Any]]:
        """The points that were asked for, by canonical names, as arrays of floats."""
        rows = [] if at is None else [at] if isinstance(at, Mapping) else list(at)
        return [self._named(row) for row in rows]

    def _named(self, row: Mapping[str, Any]) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for spelling, value in row.items():
            name = canonical(str(spelling))
            if name not in self.names:
                listed = ", ".join(map(unicode, self.names))
                raise ShapeError(f"`{unicode(name)}` is no input of the loss; the inputs are {listed}")
            out[name] = int(value) if self._counts(name) else np.array(value, dtype=float)
        return out

    def at(self, chosen: Sequence[Mapping[str, Any]], more: int) -> Iterator[Point]:
        """The chosen points, what they leave out drawn; then `more` random ones, which keep the data of the chosen."""
        for i, row in enumerate(chosen):
            found = self._point(row, i, f"chosen {i}")
            if found is not None:
                yield found
        data = [{n: v for n, v in row.items() if n not in self.wrt} for row in chosen] or [{}]
        for i in range(more):
            found = self._point(data[i % len(data)], i, f"random {i}")
            if found is not None:
                yield found

    def _point(self, fixed: Mapping[str, Any], choice: int, label: str) -> Point | None:
        sizes = self._sizes(fixed, choice)
        for i in range(TRIES):
            draw = random.Random(f"symnet gradient {self.seed} {label} {i}")
            low, high = RANGES[i % len(RANGES)]
            values = {n: fixed[n] if n in fixed else self._drawn(n, sizes, draw, low, high) for n in self.names}
            try:
                loss, gradient = self.exact(**values)
            except (DomainError, OverflowError_, ArithmeticError):
                self.missed += 1
                if len(fixed) == len(values):
                    return None
                continue
            return Point(values, sizes, float(loss), gradient)
        return None

    def _sizes(self, fixed: Mapping[str, Any], choice: int) -> dict[str, int]:
        """The sizes that the fixed arrays have; the others by their turn."""
        pattern = SIZES[choice % len(SIZES)]
        found: dict[str, int] = {}
        for name, value in fixed.items():
            shape = self._shape(name)
            if np.ndim(value) != len(shape):
                declared, given = shape_text(shape), np.shape(value)
                raise ShapeError(f"`{unicode(name)}` is declared {declared} and was given the shape {given}")
            for k, size in zip(shape, np.shape(value), strict=True):
                if isinstance(k, str) and found.setdefault(k, size) != size:
                    raise ShapeError(f"`{unicode(name)}` has {size} where {k} is {found[k]}")
        return {k: found.get(k, pattern[i % len(pattern)]) for i, k in enumerate(self.dims)}

    def _drawn(self, name: str, sizes: Mapping[str, int], draw: random.Random, low: float, high: float) -> Any:
        if self._counts(name):
            return draw.randint(2, 6)
        symbol = self.symbols[name]
        fact = next((f for f in FACTS if f in symbol.facts), "")
        positive = fact in ("positive", "rows sum to one", "sums to one")

        def number() -> float:
            while True:
                x = draw.uniform(0.1, 1.5) if positive else draw.uniform(low, high)
                if abs(x) > AWAY:
                    return x

        size = [sizes[k] if isinstance(k, str) else k for k in self._shape(name)]
        return np.array(FACTS.get(fact, lambda x: x)(filled(size, number)), dtype=float)


def refuse_none(found: Sequence[Point], missed: int) -> None:
    """The truth has to exist somewhere."""
    if not found:
        raise SymnetError(f"the exact gradient exists at none of the {missed} points tried; choose some with `at`")
