"""`derive`: from a graph, a text, a SymPy expression or a Term to its derivation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from .graph import Graph
from .reverse import Notation
from .reverse import derive as _derive
from .symmetry import with_symmetry
from .term import Term

if TYPE_CHECKING:
    from .derivation import Derivation


def derive(
    graph_or_text: Any,
    wrt: Any = None,
    *,
    shapes: Any = None,
    symmetric: str = "free",
    delta: bool = True,
    partial: Notation = "auto",
) -> Derivation:
    """The exact gradient of the last definition, ∂E/∂w for each w in `wrt`, as a derivation.

    `graph_or_text`: a Graph, definitions as text, a `pathlib.Path`, a SymPy expression or a Term. `wrt`: a name, a
    separated string, a list or SymPy symbols; None means the inputs named w…, W…, b…, v…, u…, θ…, or all inputs.
    The gradient has the shape of the parameter. `delta=False` writes ∂E/∂z for δ; `partial` is "∂" or "d" to use that
    sign throughout. `symmetric` says what the gradient by a parameter declared symmetric is: that of a free matrix G,
    "projected" (G + Gᵀ)/2, or "tied" G + Gᵀ − diag(G). Raises `ReadError`, `GraphError`, `ShapeError`,
    `NameLookupError`, and `RuleError` for an operation without a derivative rule. The law is reverse accumulation:
    Linnainmaa (1970); the names are those of Rumelhart, Hinton and Williams (1986).

    >>> d = derive("z = w x + b; a = σ(z); E = (a - t)^2")
    >>> str(d.gradient["w"]), str(d.names["δ"])
    ('delta*x', '2*(a - t)*a*(1 - a)')
    """
    derived = _derive(as_graph(graph_or_text, wrt, shapes), wrt, delta=delta, partial_d=partial)
    return with_symmetry(derived, symmetric)


def as_graph(source: Any, wrt: Any = None, shapes: Any = None) -> Graph:
    """A Graph from whatever a person holds."""
    if isinstance(source, Graph):
        return source
    if isinstance(source, str | Path):
        return Graph(source, shapes)
    if isinstance(source, Term):
        return Graph([(None, source)], shapes)
    return Graph.from_expr(source, wrt if wrt is not None else ())
