"""Worked numbers of a derivation: each line followed by the same line in numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from math import prod
from typing import TYPE_CHECKING, Any

from ..balls import middle, point, value
from ..derivation import Derivation, Step
from ..errors import DataError, NameLookupError, RuleError, ShapeError, SizeError, quote
from ..given import facts_of, fitted, hold, whole
from ..graph import Graph
from ..names import unicode
from ..sampling import length
from ..term import Term, iter_names, postorder, substitute, sym
from .numbers import SUBSTITUTED, literal
from .quantities import BITS, Quantities, is_near_zero
from .rows import Row

if TYPE_CHECKING:
    from ..calculation import Calculation

ENTRIES = 64  # of an array that is written out
CELLS = 4096  # of an array on the way
REPEATED = 30  # entries of the arrays in a formula that is repeated in numbers
SIZED = ("ones", "zeros", "eye")
ELEMENTS = ("index", "entry", "delta")
TINY = "{} stands for less than 10⁻³⁰, which is not proved to be 0"


class Given:
    """What is given for the inputs of a graph: `.exact` as it was typed, in the declared shapes, `.inputs` in numbers.

    The sizes of the dimensions are among them.
    """

    def __init__(self, graph: Graph, at: Mapping[str, Any]) -> None:
        self.graph = graph
        if not isinstance(at, Mapping):
            raise DataError('`at` is a mapping from names to numbers and arrays, such as {"x": 1, "W": [[1, 2]]}')
        self.exact = self._fitted({k: v for name, v in at.items() for k, v in _exact(name, v).items()})
        symbols = graph.symbols
        self.inputs = {n: value(symbols.get(n, sym(n)), {n: v}, BITS) for n, v in self.exact.items()}
        for name in graph.inputs:
            facts = facts_of(symbols[name].facts)
            if facts:
                hold(name, facts, _floats(self.inputs[name]))

    def _fitted(self, given: Mapping[str, Any]) -> dict[str, Any]:
        graph = self.graph
        self._check_names(given)
        dims = {n: whole(n, given[n]) for n in graph.dimensions if n in given}
        out: dict[str, Any] = {}
        for name in graph.inputs:
            size = _size(name, given[name])
            if len(_flat(given[name])) > ENTRIES:
                raise SizeError(
                    f"worked numbers are for small arrays; `{unicode(name)}` has {len(_flat(given[name]))} entries,"
                    f" at most {ENTRIES} are written out"
                )
            fitted(name, size, graph.declared_shape(name), dims)
            out[name] = _in_shape(given[name], graph.symbols[name].shape)
        self._check_inner(dims)
        if "eta" in given:
            out.setdefault("eta", given["eta"])
        return {**out, **{n: Fraction(size) for n, size in dims.items()}}

    def _check_inner(self, dims: Mapping[str, int]) -> None:
        """An array on the way may be large although what is given is small: a Kronecker product, 1 1ᵀ."""
        for node in (n for d in self.graph.definitions for n in postorder(d.value) if n.shape):
            known = all(f in dims or f.isdigit() for side in node.shape for f in str(side).split("*"))
            if known and prod(length(side, dims) for side in node.shape) > CELLS:
                raise SizeError(f"worked numbers are for small arrays; one on the way has more than {CELLS:,} entries")

    def _check_names(self, given: Mapping[str, Any]) -> None:
        graph = self.graph
        known = {*graph.inputs, *graph.dimensions, "eta"}
        listed = "the inputs are " + ", ".join(map(unicode, graph.inputs))
        unknown = [n for n in given if n not in known]
        if unknown:
            raise NameLookupError(f"`{unicode(unknown[0])}` is not an input; {listed}")
        missing = [unicode(n) for n in graph.inputs if n not in given]
        if missing:
            raise NameLookupError(f"no number for {', '.join(missing)}; {listed}")


class Worked:
    """The value of every quantity of a derivation at a point, and the rows with their numbers."""

    def __init__(self, d: Derivation, at: Mapping[str, Any], digits: int) -> None:
        self.digits = digits
        given = Given(d.graph, at)
        self.all = Quantities(d.graph, d.names, given.inputs, given.exact)
        for step in d.steps:
            if step.tag.startswith("F"):
                self.all.set(step.target, step.result, slope=False)
            else:
                key = self.all.key(step.target)
                self.all.set(key, step.result, slope=True)
                if step.name is not None:
                    self.all.same(step.name, key)

    def row(self, row: Row) -> Row:
        """The row with its last side in numbers, and the value."""
        if row.relation == "←" and "eta" not in self.all.values:
            return row
        sides, said = in_numbers(self.all, row.sides[-1], not row.tag.startswith("F"), self.digits)
        reason = "; ".join([*([row.reason] if row.reason else []), *said])
        return replace(row, sides=_without_repeats([*row.sides, *sides]), reason=reason)


def matrix_lines(
    c: Calculation, graph: Graph, names: Mapping[str, Term], at: Mapping[str, Any], digits: int
) -> tuple[Step, ...]:
    """The last line of a Jacobian or a Hessian at a point."""
    last = next(part.lines["rules"][-1] for part in c.parts if part.lines["result"])
    if any(n.op in ELEMENTS for n in postorder(last.result)):
        raise RuleError("an element in index notation has no worked numbers; `compile()` gives the whole array")
    given = Given(graph, at)
    found = Quantities(graph, names, given.inputs, given.exact)
    for q in graph.definitions:
        found.set(q.symbol, q.value, slope=False)
    for name, v in names.items():
        found.set(sym(name, v.shape), v, slope=True)
    sides, said = in_numbers(found, last.result, last.tag == "J", digits)
    return (replace(last, tag="N1", rule="; ".join(said), sides=_without_repeats([last.result, *sides]), why=()),)


def _without_repeats(sides: Sequence[Term]) -> tuple[Term, ...]:
    return tuple(s for i, s in enumerate(sides) if not i or s is not sides[i - 1])


def in_numbers(found: Quantities, t: Term, slope: bool, digits: int) -> tuple[tuple[Term, Term], tuple[str, ...]]:
    """The formula in numbers and its value; what has to be said of them."""
    y = found.of(t, slope)
    said = [TINY.format(literal(c, digits).text()) for c in _flat(y) if is_near_zero(c)][:1]
    conventions = found.by_convention(t) if slope else ()
    shown = t if conventions else _substituted(found, t, digits)
    return (shown, literal(y, digits)), (*said, *conventions)


def _substituted(found: Quantities, t: Term, digits: int) -> Term:
    """The formula with numbers for its names; itself where that is too long."""
    swap = _swaps(found, t, digits)
    if t.size > SUBSTITUTED or sum(len(v.args) for v in swap.values() if v.op == "array") > REPEATED:
        return t
    try:
        return substitute(t, swap)
    except ShapeError:  # a symbolic size beside a number
        return t


def _swaps(found: Quantities, t: Term, digits: int) -> dict[Term, Term]:
    """What the names, the inert partials and the arrays of ones in a formula stand for."""
    nodes, values = postorder(t), found.values
    swap = {s: literal(values[s.name], digits) for s in iter_names(t)}
    swap |= {p: literal(values[found.inert[p].name], digits) for p in nodes if p.op == "partial" and p in found.inert}
    return swap | {a: literal(found.of(a, slope=False), digits) for a in nodes if a.op in SIZED}


def _exact(name: Any, v: Any) -> dict[str, Any]:
    try:
        return point({name: v})
    except (RuleError, TypeError):
        said = quote(repr(v), 40)
        raise ShapeError(f"`{name}` was given {said}, which is not a number or an array of numbers") from None


def _flat(v: Any) -> list[Any]:
    return [c for part in v for c in _flat(part)] if isinstance(v, tuple) else [v]


def _size(name: str, v: Any) -> tuple[int, ...]:
    """The sizes of a value as it was typed."""
    if not isinstance(v, tuple):
        return ()
    inner = {_size(name, c) for c in v}
    if len(inner) != 1:
        raise ShapeError(f"`{unicode(name)}` was given rows of different lengths, or none")
    return (len(v), *inner.pop())


def _in_shape(v: Any, shape: tuple[Any, ...]) -> Any:
    """A number, a tuple of numbers for a column, or rows."""
    cells = _flat(v)
    if not shape:
        return cells[0]
    if len(shape) == 1:
        return tuple(cells)
    return (tuple(cells),) if shape[0] == 1 else v


def _floats(v: Any) -> Any:
    import numpy as np

    def number(c: Any) -> Any:
        return tuple(map(number, c)) if isinstance(c, tuple) else float(middle(c))

    return np.array(number(v)) if isinstance(v, tuple) else number(v)

