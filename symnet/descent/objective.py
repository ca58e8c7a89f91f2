"""What is descended: a loss, the parameters that move, and the numbers that stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..data import read_data
from ..deriving import as_graph, derive
from ..errors import DataError, DescentError, GraphError, NameLookupError, ShapeError, quote
from ..graph import LOSS_NAMES, Graph
from ..names import canonical, unicode
from ..operations import apply
from ..term import Term, add, div, iter_names, num, postorder, substitute, sym, term
from ..tidy import tidy
from .program import program

if TYPE_CHECKING:
    from .rigour import Rigour

REDUCE = ("mean", "sum")
RANDOM = "random"
RATIONAL = ("num", "sym", "add", "mul", "neg", "div", "rel", "and", "or", "not", "cases", "max", "min")
PIECEWISE = (
    "identity", "step", "relu", "leaky_relu", "softsign", "hard_sigmoid", "hard_tanh", "abs", "sign",
)  # fmt: skip
WRITTEN_OUT = 12  # samples of a loss that is written as a sum


class Objective:
    """The loss as a program of value and gradient in floats, and rigorously where it is small (`.rigour`).

    `names` are the parameters in the order of `start`; a point is a list of their values. `given` are the other inputs;
    `program` is the compiled value and gradient at a point.
    """

    def __init__(self, expr: Any, start: Any, data: Any, reduce: str, shapes: Any, seed: int = 0) -> None:
        given = columns(data)
        graph = as_graph(expr, None, shapes)
        drawn = isinstance(start, str) and start.strip() == RANDOM
        self.start = _drawn(graph, given, seed) if drawn else _start(start, graph)
        self.names = tuple(self.start)
        _refuse_unknown(graph, self.names, given, tabular=not isinstance(data, Mapping))
        self.given = {n: v for n, v in given.items() if n in graph.inputs or n in graph.dimensions}
        sampled = tuple(n for n, v in self.given.items() if getattr(v, "ndim", 0) == 1 and not _shape(graph, n))
        self.graph = over_samples(graph, sampled, reduce) if sampled else graph
        self._single, self._sampled, self._reduce = graph, sampled, reduce
        if self.graph.result.value.shape:
            raise ShapeError(f"`{unicode(self.graph.result.name)}` is an array; descent needs a loss that is a number")
        self.derivation = derive(self.graph, self.names)
        self.program = program(self.derivation, self.names, {n: _float(v) for n, v in self.start.items()}, self.given)
        self.first, self.samples = self.program.first, self.program.samples
        self.scalar = not any(_shape(self.graph, n) for n in self.names)  # every parameter is one number

    @property
    def loss(self) -> str:
        return self.graph.result.name

    def written_out(self) -> Term | None:
        """The loss in the parameters alone, a sum over the samples written out; None where it is too long for that."""
        if any(getattr(v, "ndim", 0) and n not in self._sampled for n, v in self.given.items()) or not self.scalar:
            return None
        rows = self.samples if self._sampled else 1
        if rows > WRITTEN_OUT:
            return None
        one = closed(self._single)
        parts = [substitute(one, {s: term(self._cell(s.name, i)) for s in iter_names(one) if s.name in self.given})
                 for i in range(rows)]  # fmt: skip
        total = tidy(add(*parts))
        return tidy(div(total, num(rows))) if self._sampled and self._reduce == "mean" else total

    def _cell(self, name: str, row: int) -> Fraction:
        value = self.given[name]
        return Fraction(repr(float(value[row] if name in self._sampled else value)))

    @property
    def rational(self) -> bool:
        """Whether fractions go to fractions: sums, products, quotients, whole powers and functions with corners."""
        return all(_rational(node) for q in self.graph.definitions for node in postorder(q.value))

    @property
    def rigour(self) -> Rigour | None:
        """The same loss over balls; None where it is too large for that."""
        from .rigour import rigour

        if not hasattr(self, "_rigour"):
            self._rigour = rigour(self)
        return self._rigour

    def shaped(self, name: str, value: Any) -> Any:
        """A value in the shape that was declared: columns and rows are one-dimensional in the program."""
        if not getattr(value, "ndim", 0):
            return value
        shape = self.graph.declared_shape(name)
        return value.reshape((-1, 1) if shape[1:] == (1,) else (1, -1)) if len(shape) == 2 and 1 in shape else value


def closed(graph: Graph) -> Term:
    """The result in the inputs alone; shared parts stay shared."""
    memo: dict[Term, Term] = {}
    for q in graph.definitions:
        memo[q.symbol] = substitute(q.value, {}, memo)
    return memo[graph.result.symbol]


def _rational(t: Term) -> bool:
    if t.op == "fn":
        return t.data in PIECEWISE
    if t.op == "pow":
        return t.args[1].number is not None and t.args[1].number.denominator == 1
    return t.op in RATIONAL and "constant" not in t.facts


def _shape(graph: Graph, name: str) -> tuple[Any, ...]:
    return graph.symbols[name].shape if name in graph.symbols else ()


# ---------------------------------------------------------------------------------------------------------- the start
def _start(start: Any, graph: Graph) -> dict[str, Any]:
    """The start by canonical names: exact numbers (a Fraction where rational, else a Term), or arrays of floats."""
    if isinstance(start, str):
        start = pairs(start)
    if isinstance(start, int | float | Fraction) and len(graph.inputs) == 1:
        start = {graph.inputs[0]: start}
    if not isinstance(start, Mapping) or not start:
        raise NameLookupError("the start is a value for each name that moves, such as {'x': 1.25}")
    found: dict[str, Any] = {}
    for spelling, value in start.items():
        name = canonical(str(getattr(spelling, "name", spelling)))
        if name in found:
            raise NameLookupError(f"`{unicode(name)}` is given twice in the start, in two spellings")
        found[name] = exact_number(value) if _is_number(value) else floats(value, name)
    return found


def _drawn(graph: Graph, given: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """A random start: numbers between −1 and 1, those of arrays over the root of their rows (LeCun et al. 1998)."""
    import numpy as np

    draw = np.random.default_rng(seed)
    known = {
        d: size for n, v in given.items() for d, size in zip(_shape(graph, n), getattr(v, "shape", ()), strict=False)
    }
    found: dict[str, Any] = {}
    for name in (n for n in graph.parameters() if n not in given):
        shape = tuple(d if isinstance(d, int) else known.get(d) for d in graph.declared_shape(name))
        if None in shape:
            raise DescentError(f"the size of `{unicode(name)}` is not known from the data; give its start as an array")
        if shape:
            found[name] = draw.uniform(-1, 1, [int(k or 1) for k in shape]) / float(shape[0] or 1) ** 0.5
        else:
            found[name] = Fraction(int(draw.integers(-1000, 1001)), 1000)
    return found


def pairs(text: str) -> dict[str, str]:
    """`x=1.25, y=2` as names and values."""
    found: dict[str, str] = {}
    for part in text.split(","):
        name, equals, value = map(str.strip, part.partition("="))
        if not equals or not name or not value or name in found:
            raise NameLookupError(f"the start is written name=number, each name once; not {quote(part.strip())!r}")
        found[name] = value
    return found


def _is_number(value: Any) -> bool:
    return not isinstance(value, list | tuple) and not getattr(value, "shape", ())


def exact_number(value: Any) -> Any:
    """A number without rounding; a float is the decimal that it prints as."""
    from ..balls import evaluate, point
    from ..balls import value as exact

    (number,) = point({"x": value.item() if hasattr(value, "item") else value}).values()
    if isinstance(number, Term):
        evaluate(number, {})
        found = exact(number, {})
        return found if isinstance(found, Fraction) else number
    return Fraction(int(number.p), int(number.q))


def _float(value: Any) -> Any:
    """What the program starts with."""
    from ..balls import evaluate

    return evaluate(value, {}) if isinstance(value, Term) else float(value) if isinstance(value, Fraction) else value


# ------------------------------------------------------------------------------------------------------------- the data
def columns(data: Any) -> dict[str, Any]:
    """The data by canonical names: a CSV text or `Path`, a dict of arrays and numbers, or a table with `.columns`."""
    if data is None:
        return {}
    if isinstance(data, str | Path):
        return dict(read_data(data))
    if not isinstance(data, Mapping):
        heads = getattr(data, "columns", None)
        heads = getattr(getattr(data, "dtype", None), "names", None) if heads is None else heads
        if heads is None:
            raise DataError("data is a dict of columns, a pathlib.Path of a CSV file, CSV text or a data frame")
        data = {str(c): data[c] for c in heads}
    found = {canonical(str(n)): floats(v, str(n)) for n, v in data.items()}
    if len(found) < len(data):
        raise DataError("a column is given twice, in two spellings of its name")
    return found


def floats(value: Any, name: str) -> Any:
    """A number or an array of numbers as floats; what is not finite is refused."""
    import numpy as np

    try:
        array = np.array(value, dtype=float)
    except (TypeError, ValueError, OverflowError):
        raise DataError(f"`{quote(name, 30)}`: {quote(repr(value), 40)} is no array of numbers") from None
    if not np.isfinite(array).all():
        raise DataError(f"`{quote(name, 30)}` holds a value that is not finite (nan or inf); leave such rows out")
    return array if array.ndim else float(array)


def _refuse_unknown(graph: Graph, moving: Sequence[str], given: Mapping[str, Any], tabular: bool) -> None:
    """Every input has a start or a value, and no name is strange to the loss."""
    listed = ", ".join(map(unicode, graph.inputs)) or "none"
    for n in moving:
        if n not in graph.inputs:
            raise NameLookupError(f"`{unicode(n)}` is not an input of the loss; its inputs are {quote(listed, 100)}")
        if n in given:
            raise NameLookupError(f"`{unicode(n)}` has a start and is also among the data; keep one of them")
    strange = [n for n in given if n not in graph.inputs and n not in graph.dimensions]
    if strange and not tabular:
        raise NameLookupError(
            f"`{unicode(strange[0])}` is not an input of the loss; its inputs are {quote(listed, 100)}"
        )
    missing = [unicode(n) for n in graph.inputs if n not in moving and n not in given]
    if missing:
        raise NameLookupError(f"no start and no data for {quote(', '.join(missing), 100)}; give each in one of them")


def over_samples(graph: Graph, names: Sequence[str], reduce: str) -> Graph:
    """The graph of a loss of one sample, over all samples: these inputs become columns, and the loss is reduced."""
    dim = next(d for d in ("n", "m", *(f"n{i}" for i in range(1, 1000))) if d not in graph.symbols)
    swap = {graph.symbols[n]: sym(n, (dim,)) for n in names}
    rows: list[tuple[str, Term]] = []
    for q in graph.definitions:
        try:
            value = substitute(q.value, dict(swap))
        except ShapeError as e:
            raise ShapeError(f"`{unicode(q.name)}` cannot be taken over samples: {e}"[:300]) from None
        rows.append((q.name, value))
        swap[q.symbol] = sym(q.name, value.shape)
    name, total = rows[-1]
    if not total.shape:
        raise GraphError(f"`{unicode(name)}` does not depend on the data; declare `shapes` for what is an array")
    free = next(n for n in (*LOSS_NAMES, *(f"L{k}" for k in range(1, 1000))) if n not in {*graph.symbols, dim})
    return Graph([*rows, (free, apply(reduce, sym(name, total.shape)))])
