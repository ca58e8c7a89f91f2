"""Vectors and matrices of fixed size, written out as their elements."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce

from ..errors import ShapeError
from ..term import ZERO, Term, add, fn, mul, postorder, rebuild

Rows = tuple[tuple[Term, ...], ...]


def elements(t: Term, values: Mapping[str, Rows] | None = None) -> Rows:
    """The elements of a formula row by row; a vector is one column, a scalar one element. `values` are array names."""
    memo: dict[Term, Rows] = {}
    for node in postorder(t):
        if node.op == "sym" and values and node.name in values:
            memo[node] = values[node.name]
        else:
            rule = RULES.get(node.op, _elementwise)
            memo[node] = rule(node, [memo[a] for a in node.args])
    return memo[t]


def size(rows: Rows) -> tuple[int, int]:
    return len(rows), len(rows[0])


def flat(rows: Rows) -> tuple[Term, ...]:
    return tuple(c for row in rows for c in row)


def _vector(node: Term, args: list[Rows]) -> Rows:
    """A list of numbers is a column, a list of lists a matrix."""
    if all(size(a) == (1, 1) for a in args):
        return tuple(a[0] for a in args)
    lists = [flat(a) for a in args]
    if len({len(r) for r in lists}) != 1:
        raise ShapeError("the rows of a matrix have different lengths")
    return tuple(lists)


def _elementwise(node: Term, args: list[Rows]) -> Rows:
    shapes = {size(a) for a in args if size(a) != (1, 1)}
    if not shapes:
        return ((rebuild(node, [a[0][0] for a in args]) if args else node,),)
    if len(shapes) > 1:
        raise ShapeError("arrays of different sizes side by side")
    rows, cols = shapes.pop()
    return tuple(
        tuple(_scalar(node, [a[0][0] if size(a) == (1, 1) else a[i][j] for a in args]) for j in range(cols))
        for i in range(rows)
    )


def _scalar(node: Term, args: Sequence[Term]) -> Term:
    """The same operation on elements."""
    from ..term import MAKERS

    maker = MAKERS.get(node.op)
    if maker is not None:
        return maker(*args)
    return fn(node.data, args[0]) if node.op == "fn" else Term(node.op, tuple(args), node.data)


def _transpose(node: Term, args: list[Rows]) -> Rows:
    return tuple(zip(*args[0], strict=True))


def _matmul(node: Term, args: list[Rows]) -> Rows:
    return reduce(_product, args)


def _product(a: Rows, b: Rows) -> Rows:
    if size(a) == (1, 1) or size(b) == (1, 1):
        one, rest = (a, b) if size(a) == (1, 1) else (b, a)
        return tuple(tuple(mul(one[0][0], c) for c in row) for row in rest)
    if len(a[0]) != len(b):
        raise ShapeError(f"a product of {len(a)}×{len(a[0])} and {len(b)}×{len(b[0])}")
    return tuple(tuple(add(*(mul(row[k], b[k][j]) for k in range(len(b)))) for j in range(len(b[0]))) for row in a)


def _outer(node: Term, args: list[Rows]) -> Rows:
    """Of two vectors e ⊗ x is e xᵀ."""
    a, b = args
    if size(a)[1] == 1 == size(b)[1]:
        return _product(a, tuple(zip(*b, strict=True)))
    raise ShapeError("⊗ is read for two vectors only")


def _sum(node: Term, args: list[Rows]) -> Rows:
    return ((add(*flat(args[0])) if args else ZERO,),)


RULES: dict[str, Callable[[Term, list[Rows]], Rows]] = {
    "vector": _vector, "set": _vector, "T": _transpose, "matmul": _matmul, "sum": _sum, "kron": _outer,
    "num": lambda node, args: ((node,),), "sym": lambda node, args: ((node,),),
}  # fmt: skip
