"""A page that names a part of the network itself, z = w x + b in p = σ(w x + b), and derives by it."""

from __future__ import annotations

from ...equality import compare
from ...graph import Graph
from ...term import Term, postorder, substitute, sym
from .page import Page

TRIED = 40  # parts of a definition that are compared


def with_named_parts(page: Page) -> Graph | None:
    """The graph with the parts that the page names and derives by as quantities of their own; None without any."""
    derived = {
        n.args[1].name
        for s in page.said
        for side in s.sides
        for n in postorder(side)
        if n.op == "partial" and n.args[1].op == "sym"
    }
    graph = page.graph
    for name, value in page.meanings.items():
        if name in derived and name not in graph.symbols:
            graph = _with_part(graph, name, value) or graph
    return graph if graph is not page.graph else None


def _with_part(graph: Graph, name: str, value: Term) -> Graph | None:
    """The graph with `name = value` in front of the definition that this is a part of."""
    symbol = sym(name, value.shape)
    for i, d in enumerate(graph.definitions):
        part = _part(d.value, value)
        if part is None:
            continue
        pairs = [(e.name, e.value) for e in graph.definitions[:i]]
        later = [(e.name, substitute(e.value, {part: symbol})) for e in graph.definitions[i:]]
        return Graph([*pairs, (name, part), *later], graph.shapes)
    return None


def _part(whole: Term, value: Term) -> Term | None:
    """The part of a formula that is this value, however it was written."""
    nodes = list(postorder(whole))
    if value in nodes:
        return value
    alike = [t for t in nodes if t.args and t.shape == value.shape and set(t.free) == set(value.free)]
    return next((t for t in alike[:TRIED] if compare(t, value, seconds=0.2).kind == "equal"), None)
