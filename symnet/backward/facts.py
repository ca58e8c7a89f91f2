"""A fact about the data under which a gradient that differs would be right, such as targets whose rows sum to one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import SymnetError
from ..names import unicode
from ..sampling import FACTS
from ..term import Shape
from .calling import Answer, Function, Raised, Unusable
from .points import Point, Points
from .suspects import close


@dataclass(frozen=True, slots=True)
class Fact:
    """What may be declared of an array, and how it is said."""

    name: str
    words: str

    def fits(self, shape: Shape) -> bool:
        """Whether an array of this shape may have it."""
        return len(shape) == SIDES[self.name] and (self.name != "symmetric" or shape[0] == shape[1])


ZERO = 0.01  # of the tolerance
SIDES = {"rows sum to one": 2, "sums to one": 1, "symmetric": 2}
ROWS = (
    Fact("rows sum to one", "the rows of {} sum to one"),
    Fact("sums to one", "the entries of {} sum to one"),
    Fact("symmetric", "{} is symmetric"),
)


def agreeing(
    function: Function, drawn: Points, tried: Sequence[Point], wrong: Sequence[str], tolerance: float, enough: int
) -> Iterator[str]:
    """Sentences: which of the wrong gradients agree once an input, that nothing is declared of, has a fact."""
    for name in drawn.names:
        symbol = drawn.symbols.get(name)
        if name in drawn.wrt or symbol is None or symbol.facts:
            continue
        for fact in ROWS:
            if fact.fits(symbol.shape):
                right = _right(function, drawn, [_with(p, name, fact) for p in tried], wrong, tolerance, enough)
                if right:
                    yield _said(right, name, fact, symbol.shape)


def _right(
    function: Function, drawn: Points, tried: Sequence[Mapping[str, Any]], wrong: Sequence[str], tolerance: float,
    enough: int,
) -> list[str]:  # fmt: skip
    """The names of which all gradients agree at these values."""
    pairs: list[tuple[Answer, Mapping[str, Any]]] = []
    for values in tried:
        try:
            with np.errstate(all="ignore"):
                pairs.append((function(values), drawn.exact(**values)[1]))
        except (Raised, Unusable, SymnetError, ArithmeticError):
            continue
    if len(pairs) < enough:
        return []
    return [n for n in wrong if all(n in a.gradients and _agrees(a.gradients[n], g[n], tolerance) for a, g in pairs)]


def _agrees(found: Any, truth: Any, tolerance: float) -> bool:
    """As `close`, or both are 0 up to rounding."""
    zero = max(float(np.max(np.abs(g), initial=0.0)) for g in (found, truth)) <= tolerance * ZERO
    return close(found, truth, tolerance) or (zero and np.shape(found) == np.shape(truth))


def _with(p: Point, name: str, fact: Fact) -> Mapping[str, Any]:
    """The values of a point, one input changed so that it has the fact."""
    value = np.abs(p.values[name]) + 0.1 if fact.name != "symmetric" else p.values[name]
    return {**p.values, name: np.array(FACTS[fact.name](value.tolist()), dtype=float)}


def _said(right: Sequence[str], name: str, fact: Fact, shape: Shape) -> str:
    shown, size = unicode(name), " x ".join(map(str, shape))
    listed = ", ".join(map(unicode, right))
    return (
        f"{listed} agree{'s' if len(right) == 1 else ''} where {fact.words.format(shown)}:"
        f" where that is so, declare `{name}: {size} {fact.name}`"
    )
