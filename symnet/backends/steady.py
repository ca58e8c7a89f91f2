"""Array formulas that overflow as they are written, derived anew from the functions that they are.

A line can be put right by itself in the value, not in the gradient: e^Z ⊘ (Σ e^Z) 1ᵀ at Z = 1000 has slopes ∞/∞. The
graph is therefore rewritten, and the lines of the program are those of its derivation:

    e^Z ⊘ (s 1ᵀ), s = Σ e^Z by rows    softmax Z
    log s                              log-sum-exp Z
    log(1 + e^Z)                       softplus Z
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..derivation import Derivation
from ..graph import Graph
from ..operations import apply
from ..parts import recognise
from ..reverse import derive
from ..term import Memo, Shape, Term, fn, postorder, rebuild


def steady(d: Derivation) -> Derivation:
    """The derivation that runs: `d` itself unless one of its formulas overflows where its function does not."""
    if "steady" not in d._cache:
        d._cache["steady"] = _derived_anew(d)
    return d._cache["steady"]


def _derived_anew(d: Derivation) -> Derivation:
    if d._cache.get("scalar") is not None or not d.wrt or not set(d.wrt) <= set(d.graph.inputs):
        return d
    if any({"symmetric", "positive definite"} & set(s.facts) for s in d.graph.symbols.values()):
        return d
    graph = _Reading().graph(d.graph)
    return d if graph is None else derive(graph, d.wrt)


class _Reading:
    """What the names of a graph stand for, read from the first definition to the last."""

    def __init__(self) -> None:
        self.value: Memo = {}
        self.found = False

    def graph(self, graph: Graph) -> Graph | None:
        """The graph with the functions in place of their formulas; None if there are none."""
        out = []
        for q in graph.definitions:
            value = self._rewritten(q.value)
            self.value[q.symbol] = recognise(value)
            out.append(replace(q, value=value))
        return graph.rebuilt(out) if self.found else None

    def _rewritten(self, root: Term) -> Term:
        memo: Memo = {}
        for node in postorder(root):
            here = rebuild(node, [memo[a] for a in node.args]) if node.args else node
            form = FORMS.get(node.op)
            better = form(self, here) if form else None
            self.found = self.found or better is not None
            memo[node] = better or here
        return memo[root]

    def meaning(self, t: Term) -> Term:
        return self.value.get(t, t)

    # -- what is written with exponentials
    def exponent(self, t: Term) -> Term | None:
        """Z of e^Z."""
        t = self.meaning(t)
        return t.args[0] if t.op == "fn" and t.data == "exp" and t.shape else None

    def summed(self, t: Term) -> Term | None:
        """Z of the sums of e^Z along its rows."""
        t = self.meaning(t)
        if t.op == "rowsum" or (t.op == "sum" and _is_line(t.args[0].shape)):
            return self.exponent(t.args[0])
        if t.op != "matmul" or len(t.args) != 2:
            return None
        a, b = t.args
        if b.op == "ones" and len(b.shape) == 1:
            return self.exponent(a)  # e^Z 1
        if len(b.shape) == 1 and a.op == "T" and a.args[0].op == "ones":
            return self.exponent(b)  # 1ᵀ e^z
        return None

    def spread(self, t: Term) -> Term | None:
        """Z of those sums, each repeated along its row: s 1ᵀ, e^Z 1 1ᵀ; a sum of all stands for itself."""
        t = self.meaning(t)
        if not t.shape:
            return self.summed(t)
        rest = [a for a in t.args if not _is_ones(a)]
        if t.op not in ("matmul", "mul") or len(rest) != 1:
            return None
        z = self.exponent(rest[0])
        if z is None:
            return self.summed(rest[0])
        return z if t.op == "matmul" and t.args[0] is rest[0] and t.shape == z.shape else None

    # -- forms, tried by the operation on top
    def quotient(self, t: Term) -> Term | None:
        z = self.exponent(t.args[0])
        return apply("softmax", z) if z is not None and self.spread(t.args[1]) is z else None

    def function(self, t: Term) -> Term | None:
        if t.data != "log":
            return None
        inner = self.meaning(t.args[0])
        z = self.summed(inner)
        if z is not None:
            return apply("lse", z)
        if inner.op == "add" and len(inner.args) == 2:
            one, rest = sorted(inner.args, key=lambda a: a.number != 1 and not _is_ones(a))
            z = self.exponent(rest)
            return fn("softplus", z) if z is not None and (one.number == 1 or _is_ones(one)) else None
        return None


def _is_line(shape: Shape) -> bool:
    return len(shape) == 1 or (len(shape) == 2 and shape[0] == 1)


def _is_ones(t: Term) -> bool:
    return t.op == "ones" or (t.op == "T" and t.args[0].op == "ones")


FORMS: dict[str, Callable[[_Reading, Term], Term | None]] = {"div": _Reading.quotient, "fn": _Reading.function}
