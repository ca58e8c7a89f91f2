"""Samples with an index: every vector over the samples is shown by its element, x_i, and a sum over it as Σᵢ."""

from __future__ import annotations

from ..errors import ShapeError
from ..graph import Graph
from ..term import ONE, ZERO, Term, fold, mul, num, power, rebuild, sym

VANISHING = {"ones": ONE, "zeros": ZERO}


def sample_dimension(graph: Graph) -> str | int:
    """The one dimension that every array of the graph runs over."""
    shapes = {s.shape for s in graph.symbols.values() if s.shape}
    if len(shapes) != 1 or len(next(iter(shapes))) != 1:
        raise ShapeError("an index needs a graph whose arrays are all vectors over the samples; this one has others")
    return next(iter(shapes))[0]


def indexed(t: Term, letter: str, size: str | int) -> Term:
    """One element of an elementwise formula; sums over the vectors become Σ."""
    i = sym(letter)
    high = num(size) if isinstance(size, int) else sym(size, (), ("dimension",))

    def sigma(body: Term) -> Term:
        return Term("sigma", (body, i, ONE, high), None, ())

    def visit(node: Term, args: list[Term]) -> Term:
        if node.op == "sym":
            return Term("index", (i,), node.name, ()) if node.shape else node
        if node.op in VANISHING:
            return VANISHING[node.op]
        if node.op == "sum":
            return sigma(args[0])
        if node.op == "mean":
            return mul(ONE / high, sigma(args[0]))
        if node.op == "pow" and node.args[0].op == "norm2":
            return sigma(power(_under_the_root(args[0]), num(2)))
        if node.op == "norm2":
            return Term("fn", (sigma(power(args[0], num(2))),), "sqrt", ())
        if node.op == "partial":
            return Term("partial", tuple(args), node.data, ())
        if node.op in ("matmul", "T", "matpow"):
            raise ShapeError("a matrix product has no form with one index")
        return rebuild(node, args) if node.args else node

    return fold(t, visit)


def _under_the_root(root: Term) -> Term:
    """The x_i of √Σ x_i²."""
    return root.args[0].args[0].args[0]
