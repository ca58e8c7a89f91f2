"""A layer or a model as a program with shapes, its dimensions renamed or fixed by the caller."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .. import losses
from ..errors import GraphError
from ..graph import Graph
from ..names import canonical
from ..term import rows_cols, sym


@dataclass(frozen=True, slots=True)
class Program:
    """One row: what it computes, its lines, and the shapes of its inputs; `whole` ends in a loss of its own."""

    name: str
    says: str
    lines: str
    shapes: str
    whole: bool = False

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The dimension names of the row."""
        sizes = re.findall(r": ([a-z]+(?: x [a-z]+)*)", self.shapes)
        return tuple(dict.fromkeys(n for s in sizes for n in s.split(" x ") if n != "scalar"))

    def build(self, loss: str | None = None, **dimensions: Any) -> Graph:
        """The graph, its dimensions renamed, its output in a loss."""
        lines, shapes = self.lines, self.shapes
        for name, size in dimensions.items():
            if name not in self.dimensions:
                raise GraphError(f"{self.name} has no dimension `{name}`; it has {', '.join(self.dimensions)}")
            lines = re.sub(rf"(?<![\w.]){name}(?!\w)", str(_dimension(size)), lines)
            shapes = ", ".join(_renamed(entry, name, size) for entry in shapes.split(", "))
        return with_loss(Graph(lines, shapes), None if self.whole else loss, self.whole)


def _renamed(entry: str, name: str, size: Any) -> str:
    """One declaration, `X: n x d`, with a dimension renamed."""
    array, _, shape = entry.partition(": ")
    return f"{array}: " + " ".join(str(_dimension(size)) if word == name else word for word in shape.split(" "))


def _dimension(size: Any) -> int | str:
    if isinstance(size, int) and not isinstance(size, bool) and size > 0:
        return size
    if isinstance(size, str) and size.isidentifier():
        return canonical(size)
    raise GraphError(f"a dimension is a name or a positive integer, not {size!r}")


def with_loss(graph: Graph, loss: str | None = None, whole: bool = False) -> Graph:
    """The output Y in the loss against T, or in L = sum(G ⊙ Y) with the gradient G from above."""
    if whole:
        return graph
    y = graph.result.symbol
    if loss is None:
        return with_gradient_from_above(graph, y.shape)
    return Graph([*((q.name, q.value) for q in graph.definitions), ("L", losses.array(loss, y, sym("T", y.shape)))])


def with_gradient_from_above(graph: Graph, shape: Any) -> Graph:
    """One more line, L = sum(G ⊙ Y) of the result Y and of a new array G of its shape."""
    from ..operations import apply
    from ..term import mul

    g = sym("G" if len(shape) == 2 and rows_cols(shape)[0] != 1 else "g", shape)
    y = graph.result.symbol
    value = mul(g, y) if not shape else apply("sum", mul(g, y))
    return Graph([*((q.name, q.value) for q in graph.definitions), ("L", value)])


def made(row: Program) -> Callable[..., Graph]:
    """The builder of a row, with its program as documentation."""

    def build(loss: str | None = None, **dimensions: Any) -> Graph:
        return row.build(loss, **dimensions)

    def whole(**dimensions: Any) -> Graph:
        return row.build(None, **dimensions)

    made = whole if row.whole else build
    made.__name__ = made.__qualname__ = row.name
    made.__doc__ = f"{row.says}\n\n{row.lines}\n\nShapes: {row.shapes}"
    return made
