"""The values of all quantities of a derivation at a point: rational numbers, or balls as narrow as is asked for.

A sum of irrational numbers that cancel is a ball around 0 however many bits are taken. The formula is then written out
in the inputs (`elements`): what is proved to be 0 goes on as the number 0, and what is not as a ball that is narrower
than anything that is printed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from ..backends.continued import REASONS, continued
from ..balls import NotDecided, value
from ..errors import ShapeError, SymnetError
from ..graph import Graph
from ..term import Term, iter_names, num, postorder, rebuild, substitute, sym
from .elements import Elements, Rows, vanishes

BITS = 192
PROOFS = 40  # that may fail before no more are tried
WHOLE = ("rel", "and", "or", "not")  # what has no value as a number
Value = Any  # Fraction | arb | tuple of them | tuple of rows


class Quantities:
    """`.values` by name; a line of the derivation, once it is set, is a quantity for the lines below it."""

    def __init__(
        self, graph: Graph, names: Iterable[str], inputs: Mapping[str, Value], given: Mapping[str, Any]
    ) -> None:
        self.given = dict(given)
        self.values: dict[str, Value] = dict(inputs)
        self.meaning = {q.symbol: q.value for q in graph.definitions}
        self.inert: dict[Term, Term] = {}
        self.plain: dict[Term, Term] = self.inert  # the memo of the substitution; it grows with the lines
        self.formulas: dict[str, Term] = {}  # what every name but an input stands for, in the names before it
        self.closed: dict[str, Term] = {}  # the same in the inputs, as far as that was needed
        self.elements = Elements({n: leaves for n, v in given.items() if (leaves := _leaves(v))})
        self.failed = 0
        self.word = "quantity"  # with a number, a name that nobody has
        while any(n.startswith(self.word) for n in (*graph.symbols, *names)):
            self.word += "q"

    def set(self, target: Term, formula: Term, slope: bool) -> None:
        if formula.shape != target.shape:
            raise ShapeError(f"`{target.text()}` and its formula differ in shape; please report this")
        plain = self._plain(formula, slope)
        self.values[target.name] = self._number(plain)
        self.formulas[target.name] = plain

    def same(self, name: Term, as_: Term) -> None:
        """Another name of a quantity."""
        self.values[name.name] = self.values[as_.name]
        self.formulas[name.name] = as_

    def key(self, target: Term) -> Term:
        """An inert partial as a name of its own."""
        return self.inert.setdefault(target, sym(f"{self.word}{len(self.inert) + 1}", shape=target.shape))

    def of(self, t: Term, slope: bool) -> Value:
        """The value of a formula; a slope has one where a convention gives it."""
        return self._number(self._plain(t, slope))

    def by_convention(self, t: Term) -> tuple[str, ...]:
        """Why a slope has a value although its formula has none."""
        plain = substitute(t, {}, self.plain)
        further = continued(plain, self.meaning)
        if further is plain:
            return ()
        try:
            self._number(plain)
        except SymnetError:
            ops = dict.fromkeys(n.op for n in postorder(further))
            return tuple(REASONS[op] for op in ops if op in REASONS)
        return ()

    def _plain(self, t: Term, slope: bool) -> Term:
        plain = substitute(t, {}, self.plain)
        return continued(plain, self.meaning) if slope else plain

    def _known(self, t: Term) -> dict[str, Value]:
        return {n: self.values[n] for n in t.free if n in self.values}

    def _number(self, plain: Term) -> Value:
        try:
            y = value(plain, self._known(plain), BITS)
        except NotDecided:
            return self._node_by_node(plain)
        return self._proved(plain, y)

    # -- where something cancels
    def _node_by_node(self, root: Term) -> Value:
        """Each part by itself: only one that cancels is written out in the inputs, and the next ones rest on it."""
        short: dict[Term, Term] = {}
        found: dict[str, Value] = {}
        for node in postorder(root):
            here = rebuild(node, [short[a] for a in node.args]) if node.args else node
            short[node] = here
            if not node.args or node.op in WHOLE:
                continue
            try:
                y = self._settled(node, here, {**self._known(here), **found})
            except SymnetError:
                if node is root:
                    raise
                continue  # of the branch of a case that is not taken
            short[node] = sym(f"{self.word}part{len(found) + 1}", shape=node.shape)
            found[short[node].name] = y
        return y

    def _settled(self, node: Term, here: Term, known: Mapping[str, Value]) -> Value:
        try:
            y = value(here, {n: known[n] for n in here.free if n in known}, BITS)
        except NotDecided:
            y = value(self._in_inputs(node), self.given, BITS)
        return self._proved(node, y)

    def _in_inputs(self, t: Term) -> Term:
        for name, formula in self.formulas.items():
            if name not in self.closed:
                self.closed[name] = self._opened(formula)
        return self._opened(t)

    def _opened(self, t: Term) -> Term:
        swap = {s: self.closed[s.name] for s in iter_names(t) if s.name in self.closed}
        return substitute(t, swap) if swap else t

    def _proved(self, t: Term, y: Value) -> Value:
        """The value with every 0 that can be proved in place of the ball around it."""
        cells = [c for r in _rows(y) for c in r]
        if not any(map(is_near_zero, cells)) or self.failed >= PROOFS:
            return y
        try:
            elements = self.elements.of(self._in_inputs(t))
        except SymnetError:
            return y
        rows = [[self._zero(c, e) for c, e in zip(r, q, strict=True)] for r, q in zip(_rows(y), elements, strict=True)]
        return _like(rows, y)

    def _zero(self, c: Any, element: Term) -> Any:
        if not is_near_zero(c):
            return c
        if c.is_zero() or vanishes(element):
            return Fraction(0)
        self.failed += 1
        return c


def is_near_zero(c: Any) -> bool:
    """Whether a number is a ball around 0."""
    return not isinstance(c, Fraction) and bool(c.contains(0))


def _rows(v: Value) -> list[list[Any]]:
    if not isinstance(v, tuple):
        return [[v]]
    return [list(r) if isinstance(r, tuple) else [r] for r in v]


def _like(rows: list[list[Any]], v: Value) -> Value:
    if not isinstance(v, tuple):
        return rows[0][0]
    return tuple(tuple(r) if isinstance(w, tuple) else r[0] for r, w in zip(rows, v, strict=True))


def _leaves(v: Any) -> Rows | None:
    """An input as rows of exact numbers; None where a number is a ball."""
    rows = [[_leaf(c) for c in r] for r in _rows(v)]
    known = [[c for c in r if c is not None] for r in rows]
    return tuple(map(tuple, known)) if known == rows else None


def _leaf(c: Any) -> Term | None:
    if isinstance(c, Term):
        return c
    if isinstance(c, Fraction):
        return num(c)
    return num(Fraction(int(c.p), int(c.q))) if hasattr(c, "p") else None
