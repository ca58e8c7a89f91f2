"""Hessian-vector products: H v is the gradient of s = ⟨∂L/∂w, v⟩, whose lines are those of the gradient and one more.

One sweep over the gradient's own lines costs a few times the gradient and never forms H (Pearlmutter 1994; here both
passes run backwards).
"""

from __future__ import annotations

from collections.abc import Iterable

from .derivation import Derivation
from .graph import Graph
from .operations import total
from .reverse import derive
from .term import Term, add, matmul, mul, postorder, sym, transpose


def hvp(d: Derivation) -> Derivation:
    """The derivation of s = Σ ⟨∂L/∂w, v_w⟩ with respect to the names of `d`."""
    if any(n.op == "partial" for t in (*d.names.values(), *d.gradient.values()) for n in postorder(t)):
        d = derive(d.source_graph or d.graph, d.wrt)  # δ for every cotangent that is cited
    taken = {*d.graph.symbols, *d.names}
    rows: list[tuple[str, Term]] = [(q.name, q.value) for q in d.graph.definitions]
    rows += dict(d.names).items()
    parts, shapes = [], dict(d.graph.shapes)
    for name in d.wrt:
        g, w = d.gradient[name], d.graph.symbols[name]
        v = sym(_fresh([f"v_{name}", *(f"v{i}_{name}" for i in range(1, 1000))], taken), w.shape)
        if name in shapes:
            shapes[v.name] = shapes[name]
        parts.append(_inner(g, v))
    rows.append((_fresh(["s", *(f"s{i}" for i in range(1, 1000))], taken), add(*parts)))
    graph = Graph(rows)
    object.__setattr__(graph, "shapes", shapes)
    return derive(graph, d.wrt)


def _inner(g: Term, v: Term) -> Term:
    """⟨g, v⟩: gᵀv of columns, the sum of the products of other arrays."""
    if not v.shape:
        return mul(g, v)
    return matmul(transpose(g), v) if len(v.shape) == 1 else total(mul(g, v))


def _fresh(names: Iterable[str], taken: set[str]) -> str:
    name = next(n for n in names if n not in taken)
    taken.add(name)
    return name
