"""Jacobians and Hessians: dy = J dx by the rules of differentials, and J is what stands before dx.

J[i, j] = ∂yᵢ/∂xⱼ (numerator layout): one row per output, one column per input. The Hessian of a scalar is the Jacobian
of its gradient. Arrays of order 3 and 4 (a matrix by a vector, a matrix by a matrix) do not fit a matrix: they are
written in index notation, J[i, j, k, l] = ∂y[i, j]/∂x[k, l].
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from .calculation import Calculation, Part
from .derivation import Derivation, Names, Step
from .deriving import as_graph
from .differentials import d, differential
from .errors import GraphError, RuleError
from .factoring import collected
from .graph import Definition, Graph
from .indices import Indexed, entry, indexed, sides
from .linear import coefficient
from .names import unicode
from .operations import zeros
from .parts import is_activation, recognise, symmetric_names, with_parts
from .reverse import derive as _derive
from .reverse import statements, through, without_primes
from .term import ONE, Memo, Shape, Term, normal_shape, partial, postorder, shape_text, substitute, sym, transpose
from .tidy import tidy
from .vectors import hessian_matrix, jacobian_matrix
from .verifying import verify_lines

LAYOUT = "layout: J[i, j] = ∂{y}[i]/∂{x}[j], one row per output"
HESSIAN_LAYOUT = "layout: H[i, j] = ∂²{y}/∂{x}[i]∂{x}[j]"
INDEX_LAYOUT = "layout: {name}[{all}] = {element}"
DELTA = "δ[i, k], with two indices, is 1 where i = k, else 0"


@dataclass(frozen=True, eq=False)
class MatrixDerivative(Calculation):
    """A Jacobian or a Hessian: `.result` in the names of `.graph`, its lines, and its program.

    A result of order 3 or 4 is the formula of its element; the program returns the whole array.
    """

    graph: Graph = None  # type: ignore[assignment]
    wrt: tuple[str, ...] = ()
    names: Names = None  # type: ignore[assignment]
    runs: Term | None = None  # the array of a result that is written by its element
    usual: ClassVar[str] = "chain"

    @property
    def gradient(self) -> Names:
        """The result by the name of the variable."""
        return Names(dict.fromkeys(self.wrt, self.result), "variable")

    def source(self, backend: str = "numpy") -> str:
        """The program of the result, a line for each name that it rests on."""
        return self._program().source(backend)

    def compile(self, backend: str = "numpy") -> Callable[..., Any]:
        """`f(**values)`: the matrix at these values; every input by keyword, in any spelling."""
        run = self._program().compile(backend)
        return lambda **values: run(**values)[0]

    def _continued(self) -> Term:
        """The result; a Jacobian, like a gradient, has its convention where ‖x‖ or an inverse leaves none."""
        from .backends.continued import continued

        first = str(self.heading[0]).startswith("Jacobian")
        return continued(self.result, {q.symbol: q.value for q in self.graph.definitions}) if first else self.result

    def _program(self) -> Derivation:
        named = Graph([*((q.name, q.value) for q in self.graph.definitions), *self.names.items()])
        final = next(n for n in ("J", "H", *(f"J{i}" for i in range(1, 1000))) if n not in named.symbols)
        result = self._continued() if self.runs is None else self.runs
        whole = Graph([*((q.name, q.value) for q in named.definitions), (final, result)])
        object.__setattr__(whole, "shapes", self.graph.shapes)
        steps = tuple(Step(f"F{i}", "", q.symbol, (q.value,)) for i, q in enumerate(whole.definitions, 1))
        return Derivation(whole, steps, (), Names({}, "gradient"), Names({}, "name"))


def jacobian(graph_or_text: Any, wrt: Any = None, *, shapes: Any = None) -> Calculation:
    """J[i, j] = ∂yᵢ/∂xⱼ of the last definition y with respect to one input x.

    A vector by a vector is a matrix, a vector by a scalar a column, a scalar by a vector a row; a matrix by a scalar,
    or a scalar by a matrix, has the shape of the matrix. What is of order 3 or 4 is given by its element in index
    notation. A list of scalar formulas, or a scalar formula with several scalar names in `wrt`, is a table written out.
    Raises `RuleError` where a rule is missing, by name.

    >>> print(jacobian("s = softmax(x)", "x", shapes="x: n").result)
    diag(s) - s*s'
    >>> print(jacobian("A*X*B", "X", shapes="A: p x n, X: n x m, B: m x q").result)
    A[i, k]*B[l, j]
    """
    if isinstance(graph_or_text, list | tuple) and not any(isinstance(e, tuple) for e in graph_or_text):
        return _of_scalars(jacobian_matrix(graph_or_text, wrt), "J[i, j] = ∂f[i]/∂x[j], one row per function")
    graph = as_graph(graph_or_text, wrt, shapes)
    if _only_scalars(graph) and len(graph.choose(wrt)) > 1:
        return _of_scalars(jacobian_matrix([_closed(graph)], graph.choose(wrt)), "one row, a column for each name")
    x = _one_variable(graph, wrt)
    graph = with_parts(graph, (x.name,))
    lines, total = _forward(graph, x)
    y = graph.result.symbol
    matrix, found = _matrix_or_elements(total, x, y, graph)
    if matrix is None:
        target = partial(entry(y, found.rows), entry(x, found.columns))
        last = Step("J", f"what stands before d{entry(x, found.columns)}", target, (found.array.term,))
        return _indexed_page("Jacobian", graph, x, (), lines, last, found, graph.notes, Names({}, "derived name"))
    last = Step("J", "what stands before the differential", partial(y, x), (matrix,))
    layout = LAYOUT.format(y=unicode(y.name), x=unicode(x.name))
    return _page("Jacobian", graph, x, (), lines, last, (*graph.notes, layout), Names({}, "derived name"))


def hessian(graph_or_text: Any, wrt: Any = None, *, shapes: Any = None) -> Calculation:
    """H[i, j] = ∂²L/∂xᵢ∂xⱼ of the last definition L, a scalar, with respect to one vector or scalar x.

    It is the Jacobian of the gradient. With respect to a matrix it is of order 4, H[i, j, k, l] = ∂²L/∂x[i, j]∂x[k, l],
    and given by its element in index notation; with respect to several scalars it is a table written out.

    >>> print(hessian("norm2(X*w - y)^2/2", "w", shapes="X: n x d, w: d, y: n").result)
    X'*X
    """
    graph = as_graph(graph_or_text, wrt, shapes)
    if _only_scalars(graph) and len(graph.choose(wrt)) > 1:
        return _of_scalars(hessian_matrix(_closed(graph), graph.choose(wrt)), "H[i, j] = ∂²f/∂x[i]∂x[j]")
    x = _one_variable(graph, wrt)
    first = _derive(graph, (x.name,))
    own = {q.name for q in first.graph.definitions}
    g = _free("g", first)
    forward = [(q.name, q.value) for q in first.graph.definitions]
    rows = [*forward, *dict(first.names).items(), (g, first.gradient[x.name])]
    whole = with_parts(Graph(rows), (x.name,))
    lines, total = _forward(whole, x)
    more = [q for q in whole.definitions if q.name not in own and q.name not in first.names]
    named = [Step(f"P{i}", "named part", q.symbol, (q.value,)) for i, q in enumerate(more[:-1], 1)]
    last_of_gradient = Step("G", "the gradient", partial(first.loss, x), (more[-1].value,), more[-1].symbol)
    before = [*_without_target(first, x), *named, last_of_gradient]
    matrix, found = _matrix_or_elements(total, x, x, whole)
    if matrix is None:
        names = _resting_on(first, more, {*found.array.term.free, *found.array.program.free})
        target = partial(partial(first.loss, entry(x, found.columns)), entry(x, found.rows))
        last = Step("H", f"what stands before d{entry(x, found.columns)}", target, (found.array.term,))
        return _indexed_page("Hessian", first.graph, x, before, lines, last, found, graph.notes, names)
    target = Term("partial", (partial(first.loss, x), x), "∂", _result_shape(x.shape, x.shape))
    names = _resting_on(first, more, matrix.free)
    last = Step("H", "what stands before the differential", target, (matrix,))
    layout = HESSIAN_LAYOUT.format(y=unicode(first.loss.name), x=unicode(x.name))
    return _page("Hessian", first.graph, x, before, lines, last, (*graph.notes, layout), names)


def _resting_on(first: Derivation, more: Sequence[Definition], used: Iterable[str]) -> Names:
    """The names of the gradient and of its parts, and that of the gradient itself where the Hessian cites it."""
    cited = more if more[-1].name in used else more[:-1]
    return Names({**dict(first.names), **{q.name: q.value for q in cited}}, "derived name")


def _without_target(first: Derivation, x: Term) -> list[Step]:
    """The lines of the gradient but the last one, which is written again under a name."""
    return [s for s in first.backward if s.target is not partial(first.loss, x)]


# ------------------------------------------------------------------------------------------- scalars in several names
def _only_scalars(graph: Graph) -> bool:
    return not any(s.shape for s in graph.symbols.values())


def _closed(graph: Graph) -> Term:
    """The result in the inputs alone."""
    known: dict[Term, Term] = {}
    for q in graph.definitions:
        known[q.symbol] = substitute(q.value, dict(known))
    return known[graph.result.symbol]


def _of_scalars(table: Calculation, layout: str) -> Calculation:
    return replace(table, notes=(*table.notes, f"layout: {layout}"))


def _free(name: str, d: Derivation) -> str:
    taken = {*d.graph.symbols, *d.names}
    return next(n for n in (name, *(f"{name}{i}" for i in range(1, 1000))) if n not in taken)


# ---------------------------------------------------------------------------------------------------------- the order
def _one_variable(graph: Graph, wrt: Any) -> Term:
    chosen = graph.choose(wrt)
    if len(chosen) != 1:
        listed = ", ".join(map(unicode, chosen))
        raise GraphError(f"a Jacobian is taken with respect to one name; there are {listed}: name one with `wrt`")
    return graph.symbols[chosen[0]]


def _result_shape(y: Shape, x: Shape) -> Shape:
    """Rows as in y, columns as in x; where one of them is a scalar, the other's shape (a row for an input column)."""
    if len(sides(y)) == 2 or len(sides(x)) == 2:
        return y or x
    return normal_shape([*(sides(y) or (1,)), *(sides(x) or (1,))])


# ---------------------------------------------------------------------------------------------------------- the lines
def _forward(graph: Graph, x: Term) -> tuple[list[Step], Term | None]:
    """dv for each definition v between x and the result, in its operands' differentials; the last one in dx alone."""
    moving = {x.name: d(x)}
    whole: dict[Term, Term] = {}
    lines: list[Step] = []
    needed = _needed(graph)
    folds = _folds(graph)
    for q in graph.definitions:
        value = recognise(q.value)
        raw = differential(value, moving) if q.name in needed else None
        if raw is None:
            continue
        form = _short(raw, folds)
        rules = dict.fromkeys(s for n in moving if n in value.free for s in statements(value, moving[n].args[0]))
        lines.append(Step(f"D{len(lines) + 1}", ", ".join(rules), d(q.symbol), (form,)))
        whole[d(q.symbol)] = substitute(form, dict(whole))
        moving[q.name] = d(q.symbol)
    return lines, whole.get(d(graph.result.symbol))


def _needed(graph: Graph) -> set[str]:
    needed = {graph.result.name}
    for q in reversed(graph.definitions):
        if q.name in needed:
            needed.update(q.value.free)
    return needed


def _folds(graph: Graph) -> Memo:
    """σ(z) by its name a; Sᵀ is S where S comes out symmetric."""
    values = {q.symbol: recognise(q.value) for q in reversed(graph.definitions)}
    named = {f: s for s, v in values.items() if v.op == "fn" or is_activation(v) for f in (v, tidy(v))}
    return {**symmetric_names(graph.definitions), **named}


def _short(t: Term, folds: Memo) -> Term:
    return collected(tidy(substitute(tidy(without_primes(t)), {}, dict(folds))))


def _matrix(total: Term | None, x: Term, y: Shape, graph: Graph) -> Term:
    """J with dy = J dx."""
    shape = _result_shape(y, x.shape)
    if total is None:
        return zeros(shape)
    if not x.shape:
        return tidy(substitute(total, {d(x): ONE}))
    if len(sides(x.shape)) == 2:
        u = sym("differential", x.shape)  # a scalar by a matrix: dy = tr(JᵀdX)
        return collected(tidy(through(substitute(total, {d(x): u}), ONE, u)))
    u = sym("differential", x.shape if len(x.shape) == 1 else (x.shape[1],))
    body = substitute(total, {d(x): u if x.shape == u.shape else transpose(u)})
    return collected(tidy(substitute(tidy(coefficient(tidy(body), u)), {}, _folds(graph))))


@dataclass(frozen=True, slots=True)
class _Elements:
    """An array by its element: the indices of its rows (as in y), those of its columns (as in x)."""

    array: Indexed
    rows: tuple[Term, ...]
    columns: tuple[Term, ...]


def _matrix_or_elements(total: Term | None, x: Term, y: Term, graph: Graph) -> tuple[Term | None, _Elements]:
    """J in products of matrices where it has two sides and such a form, else its element."""
    if len(sides(y.shape)) + len(sides(x.shape)) > 2:
        return None, _elements(total, x, y, graph)
    try:
        return _matrix(total, x, y.shape, graph), _Elements(Indexed((), (), {}), (), ())
    except RuleError as problem:
        try:
            return None, _elements(total, x, y, graph)
        except RuleError:
            raise problem from None


def _elements(total: Term | None, x: Term, y: Term, graph: Graph) -> _Elements:
    """J with dy[i, j] = Σ J[i, j, k, l] dx[k, l]."""
    u = sym("differential", x.shape)
    body = tidy(substitute(total, {d(x): u})) if total is not None else None
    if len(graph.symbols["delta"].shape if "delta" in graph.symbols else ()) == 2:
        raise RuleError("δ[i, k] is Kronecker's in index notation; give the matrix `delta` another name")
    array = indexed(body, u, y.shape, (*graph.symbols, *graph.dimensions))
    place = len(sides(y.shape))
    return _Elements(array, tuple(map(sym, array.out[:place])), tuple(map(sym, array.out[place:])))


def _indexed_page(
    what: str, graph: Graph, x: Term, before: Iterable[Step], lines: list[Step], last: Step, found: _Elements,
    notes: tuple[str, ...], names: Names,
) -> MatrixDerivative:  # fmt: skip
    layout = INDEX_LAYOUT.format(name=what[0], all=", ".join(found.array.out), element=last.target.text())
    notes = (*notes, layout, *([DELTA] if any(n.op == "delta" for n in postorder(last.result)) else []))
    ys = unicode(graph.result.name) if what == "Jacobian" else f"∂{unicode(graph.result.name)}/∂{unicode(x.name)}"
    matrix = found.array.matrix
    vec = () if matrix is None else (f"∂vec({ys})/∂vec({unicode(x.name)})ᵀ = {matrix.text()}",)
    made = _page(what, graph, x, before, lines, last, (*notes, *vec), names, found)
    return replace(made, runs=found.array.program)


def _page(
    what: str, graph: Graph, x: Term, before: Iterable[Step], lines: list[Step], last: Step, notes: tuple[str, ...],
    names: Names, elements: _Elements | None = None,
) -> MatrixDerivative:  # fmt: skip
    forward = tuple(
        Step(f"F{i}", q.note, q.symbol, (q.value,)) for i, q in enumerate(graph.definitions, 1)
    )
    shape = shape_text(last.result.shape if elements is None else elements.array.shape)
    heading: tuple[str | Term, ...] = (f"{what} of ", graph.result.symbol, " with respect to ", x, f" ({shape})")
    shown: list[tuple[str, tuple[Step, ...]]] = [
        ("Forward", forward), ("Gradient", tuple(before)), ("Differentials", tuple(lines)), (what, (last,)),
    ]  # fmt: skip
    parts = tuple(
        Part(title, {"result": steps if title == what else (), "chain": steps, "rules": steps})
        for title, steps in shown if steps
    )  # fmt: skip

    def verify() -> None:
        more = [(sym(n, v.shape), v) for n, v in names.items()]
        gradient = [(s.name, s.result) for s in before if s.name is not None and s.name.name not in names]
        known = [(q.symbol, q.value) for q in graph.definitions]
        y = next((s.name for s in reversed(tuple(before)) if s.name is not None), graph.result.symbol)
        indices = (elements.rows, elements.columns) if elements is not None else None
        verify_lines([*known, *more, *gradient], graph.inputs, graph.symbols, [*before, *lines, last], y, x, indices)

    return MatrixDerivative(
        heading, parts, last.result, notes, graph=graph, wrt=(x.name,), names=names, verify=verify
    )
