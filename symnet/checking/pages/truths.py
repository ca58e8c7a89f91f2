"""The true values: gradients and inner derivatives of a graph in its own names, and everything in its inputs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ...errors import SymnetError
from ...graph import Graph
from ...jacobians import jacobian
from ...parts import is_activation, recognise
from ...reverse import derive, opened, without_primes
from ...rules import slope
from ...term import ONE, ZERO, Memo, Term, postorder, substitute, sym
from .naming import cotangent, cotangent_name

if TYPE_CHECKING:
    pass


class Truths:
    """The derivatives of one graph, each worked out once; `given` are numbers that a page puts for inputs."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.place = {d.name: i for i, d in enumerate(graph.definitions)}
        self.given: dict[str, Term] = {}
        self._totals: dict[tuple[str, str], Term | None] = {}
        self._closing: Memo = {}
        self._named: dict[str, str] = {cotangent_name(graph, u): u for u in graph.symbols}

    # -- derivatives of the loss
    def gradient(self, u: str) -> Term:
        """∂E/∂u in the names of the graph."""
        return ONE if u == self.graph.result.name else _gradient(self.graph, u)

    def opened(self, t: Term) -> Term:
        """The cotangents in t by their formulas."""
        swap = {s: self.gradient(self._named[s.name]) for s in postorder(t) if s.op == "sym" and s.name in self._named}
        return substitute(t, swap) if swap else t

    def cotangents(self, t: Term) -> tuple[str, ...]:
        """The u whose ∂E/∂u occurs in t."""
        return tuple(self._named[n] for n in t.free if n in self._named)

    # -- derivatives of inner quantities
    def total(self, y: Term, x: str) -> Term | None:
        """dy/dx through every path that leads from x to the quantity y; None where there is no rule for it."""
        key = (y.name, x)
        if key not in self._totals:
            self._totals[key] = self._total(y, x)
        return self._totals[key]

    def _total(self, y: Term, x: str) -> Term | None:
        if y.name == x:
            return ONE if not y.shape else None
        if y.name == self.graph.result.name:
            return cotangent(self.graph, x)
        if y.name not in self.place:
            return ZERO if not y.shape and not self.graph.symbols[x].shape else None
        part = self.graph.rebuilt(self.graph.definitions[: self.place[y.name] + 1])
        if y.shape:
            return self.direct(y, x) if self._reaches_once(y.name, x) else None
        if x not in part.symbols:
            return ZERO
        return opened(derive(part, x), x, self.graph.symbols)

    def _reaches_once(self, y: str, x: str) -> bool:
        """Whether x acts on y in its own formula alone."""
        own = self.graph[y].free
        inner = [n for n in own if n != x and n in self.place]
        return x in own and not any(self._depends(n, x) for n in inner)

    def _depends(self, n: str, x: str) -> bool:
        return n == x or (n in self.place and any(self._depends(m, x) for m in self.graph[n].free))

    def direct(self, y: Term, x: str) -> Term | None:
        """∂y/∂x in the formula of y itself, everything else in it held still; None if x does not stand there."""
        if y.name not in self.place or x not in self.graph[y.name].free:
            return None
        value, u = recognise(self.graph[y.name]), self.graph.symbols[x]
        if value.shape != u.shape and (value.shape or u.shape):
            return None
        try:
            return without_primes(slope(value, u)[0])
        except SymnetError:
            return None

    def jacobian(self, y: Term, x: str) -> Term | None:
        """The matrix of all ∂yᵢ/∂xⱼ of an array y, J[i, j]; None where there is none in two dimensions."""
        if not y.shape or y.name not in self.place:
            return None
        part = self.graph.rebuilt(self.graph.definitions[: self.place[y.name] + 1])
        try:
            found = jacobian(part, x).result
        except SymnetError:
            return None
        return _known(found, self.graph)

    def other_ways(self, y: str, x: str) -> tuple[str, ...]:
        """The names in the formula of y, beside x, through which x acts as well."""
        return tuple(n for n in self.graph[y].free if n != x and self._depends(n, x)) if y in self.place else ()

    def of_expression(self, value: Term, x: str) -> Term | None:
        """d(value)/dx of a formula in the names of the graph."""
        if value.shape or x not in self.graph.symbols:
            return None
        name = "symnet_expression"
        last = max((self.place[n] for n in value.free if n in self.place), default=-1)
        kept = [(d.name, d.value) for d in self.graph.definitions[: last + 1]]
        part = Graph([*kept, (name, value)])
        return opened(derive(part, x), x, self.graph.symbols) if x in part.symbols else ZERO

    # -- in the inputs alone
    def put(self, given: Mapping[str, Term]) -> None:
        """From now on the inputs have these values: numbers, or formulas in the other inputs."""
        numbers = {sym(n): v for n, v in given.items() if not v.free}
        self.given = {n: substitute(v, dict(numbers)) for n, v in given.items()}
        self._closing = {}

    def closed(self, t: Term) -> Term:
        """t in the inputs that have no value."""
        memo = self._closing
        if not memo:
            for s in self.graph.symbols.values():
                if s.name in self.given:
                    memo[s] = self.given[s.name]
            for name, value in self.given.items():
                memo.setdefault(sym(name), value)
            for d in self.graph.definitions:
                memo[d.symbol] = substitute(recognise(d.value), {}, memo)
        return substitute(without_primes(self.opened(t)), {}, memo)

    def half_closed(self, t: Term) -> Term:
        """t with the sums and products between the activations put in, and each activation by its name."""
        memo: Memo = {}
        names: dict[Term, Term] = {}
        for d in self.graph.definitions:
            value = substitute(substitute(recognise(d.value), {}, memo), dict(names))
            if is_activation(value):
                names[value] = d.symbol
            else:
                memo[d.symbol] = value
        return substitute(substitute(without_primes(self.opened(t)), {}, memo), dict(names))


@lru_cache(maxsize=256)
def _gradient(graph: Graph, u: str) -> Term:
    """∂E/∂u, kept for the next page about the same graph."""
    return opened(derive(graph, u), u, graph.symbols)


def _known(t: Any, graph: Graph) -> Term | None:
    """A formula, if it speaks of the names of the graph alone."""
    known = isinstance(t, Term) and set(t.free) <= {*graph.symbols, *graph.dimensions}
    return t if known else None
