"""A matrix program as if every array were one number: what is left of a mistake when shapes do not count."""

from __future__ import annotations

from ...errors import SymnetError
from ...graph import Graph
from ...term import ONE, Term, fold, mul, rebuild, sym

SAME = frozenset({"T", "sum", "tr", "rowsum", "colsum", "mean", "rowmean", "colmean", "diag", "diagv", "vec"})
UNITS = frozenset({"ones", "eye"})
KEPT = frozenset({"num", "add", "neg", "mul", "div", "pow", "fn", "prime", "max", "min", "cases", "rel"})


def flattened(graph: Graph) -> Graph | None:
    """The graph of the same formulas between numbers; None where an operation has no such form."""
    pairs = [(d.name, as_numbers(d.value)) for d in graph.definitions]
    if any(value is None for _, value in pairs):
        return None
    try:
        return Graph(pairs)
    except SymnetError:
        return None


def as_numbers(t: Term) -> Term | None:
    """A formula without its shapes: transposes and sums leave their operand, a matrix product is a product."""

    def visit(node: Term, args: list[Term | None]) -> Term | None:
        known = [a for a in args if a is not None]
        if node.op == "sym":
            return sym(node.name, (), node.facts) if node.shape else node
        if node.op in UNITS:
            return ONE
        if len(known) < len(args):
            return None
        if node.op in SAME:
            return known[0]
        if node.op == "matmul":
            return mul(*known)
        if node.op in KEPT:
            return Term(node.op, tuple(known), node.data) if node.shape else rebuild(node, known)
        return None

    return fold(t, visit)
