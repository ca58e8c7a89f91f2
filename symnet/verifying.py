"""Every line of an array derivation is compared with the truth at small random sizes before anybody sees it.

The truth comes from the forward mode of the balls, which shares no rule with the sweep: with d the change along a
random direction, ⟨∂L/∂X, dX⟩ = dL for a gradient, J dx = dy for a Jacobian, and dV is the change of V everywhere.
A line that differs is a defect of symnet and raises; a line without a value at any size that was tried is left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import product
from math import prod
from typing import Any

from .balls import UNDECIDED, as_ball, ball, jet
from .derivation import Derivation, Step
from .errors import GraphError, RuleError, ShapeError
from .graph import Definition
from .indices import sides
from .names import unicode
from .sampling import SIZES, length, sizes, values
from .term import Term, iter_names, postorder, substitute, sym

BITS = 128
ENTRIES = 400  # of the inputs with fixed sizes; larger arrays are not evaluated in balls
CELLS = 4096  # of an array on the way, such as a product of Kronecker products
SWEEPS = 600  # definitions times lines; beyond, the gradients are compared all at once
NO_VALUE = (*UNDECIDED, RuleError, ShapeError)
Array = Any  # a ball, a list of balls, a list of rows


def verify(d: Derivation, traces: bool = False) -> None:
    """Check the lines of a derivation with arrays; raises `RuleError` where one is false."""
    definitions = [(q.symbol, q.value) for q in d.graph.definitions]
    for trial in _trials(definitions, d.graph.inputs, d.graph.symbols):
        trial.backward(d.backward, d.loss)
        if traces:
            trial.differentials(d.traces, d.wrt)


def verify_lines(
    definitions: Sequence[tuple[Term, Term]], inputs: Sequence[str], symbols: Mapping[str, Term],
    lines: Sequence[Step], y: Term, x: Term, indices: tuple[Sequence[Term], Sequence[Term]] | None = None,
) -> None:  # fmt: skip
    """Check the differentials in one variable, and the last line: the matrix J with dy = J dx, or its element."""
    for trial in _trials(definitions, inputs, symbols):
        trial.differentials(lines[:-1], (x.name,))
        if indices is None:
            trial.jacobian(lines[-1], y, x)
        else:
            trial.elements(lines[-1], y, x, *indices)


def verify_facts(definitions: Sequence[Definition], inputs: Sequence[str], symbols: Mapping[str, Term]) -> None:
    """Compare the facts declared of defined names with their values; raises `GraphError` where one is not so."""
    pairs = [(d.symbol, d.value) for d in definitions]
    claims = [(d, fact) for d in definitions for fact in d.facts if fact in CLAIMS]
    for trial in _trials(pairs, inputs, symbols) if claims else ():
        for d, fact in claims:
            if any(not x.contains(0) for x in CLAIMS[fact](trial.at[d.name])):
                at = ", ".join(f"{unicode(n)} = {k}" for n, k in trial.dims.items())
                raise GraphError(
                    f"`{unicode(d.name)}` is declared `{fact}`, and its formula is not so (tried at {at});"
                    " leave the fact out or declare it of an input"
                )


def _asymmetry(x: Array) -> list[Any]:
    rows = x if isinstance(x, list) and isinstance(x[0], list) else [[x]]
    return [a - b for r, c in zip(rows, zip(*rows, strict=True), strict=True) for a, b in zip(r, c, strict=True)]


def _excess(x: Array) -> list[Any]:
    """How far each row, or a vector as a whole, is from the sum 1."""
    rows = x if isinstance(x, list) and isinstance(x[0], list) else [x]
    return [_total(_cells(r)) - 1 for r in rows]


CLAIMS: dict[str, Callable[[Array], list[Any]]] = {
    "symmetric": _asymmetry, "positive definite": _asymmetry, "rows sum to one": _excess,
    "sums to one": lambda x: [_total(_cells(x)) - 1],
}  # fmt: skip


def _trials(definitions: Sequence[tuple[Term, Term]], inputs: Sequence[str], symbols: Mapping[str, Term]) -> Any:
    known = [symbols[n] for n in inputs]
    fixed = sum(prod(d for d in s.shape if isinstance(d, int)) for s in known)
    if not any(s.shape for s in known) or fixed > ENTRIES:
        return
    inner = dict.fromkeys(n for _, value in definitions for n in postorder(value) if n.shape)
    for choice in range(len(SIZES)):
        dims = sizes([*known, *inner], choice)
        if any(prod(length(d, dims) for d in n.shape) > CELLS for n in inner):
            continue
        try:
            yield _Trial(definitions, known, dims)
        except NO_VALUE:
            continue


class _Trial:
    """The values of every quantity at one choice of sizes and numbers."""

    def __init__(
        self, definitions: Sequence[tuple[Term, Term]], inputs: Sequence[Term], dims: Mapping[str, int]
    ) -> None:
        self.definitions, self.dims = definitions, dims
        whole = [s for s in inputs if s.name not in dims]
        self.at: dict[str, Array] = {**dims, **values(whole, dims, "at")}
        self.directions = values([sym(s.name, s.shape, _kept(s)) for s in whole], dims, "along")
        self.inert: dict[Term, Term] = {}
        for symbol, value in definitions:
            self.at[symbol.name] = self._ball(value)

    def _ball(self, t: Term) -> Array:
        return ball(t, self._asked(t, self.at), BITS)

    def _asked(self, t: Term, at: Mapping[str, Array]) -> dict[str, Array]:
        """Of all values those that a formula asks for: its names, the arrays whose elements it takes, the sizes."""
        names = {*t.free, *self.dims, *(n.data for n in postorder(t) if n.op == "index")}
        return {n: v for n, v in at.items() if n in names}

    def _slopes(self, start: Mapping[str, Array]) -> dict[str, Array]:
        """The change of every quantity when some change along a direction."""
        slopes = dict(start)
        for symbol, value in self.definitions:
            if symbol.name not in start and any(n in slopes for n in value.free):
                moving = self._asked(value, slopes)
                slopes[symbol.name] = jet(value, self._asked(value, self.at), moving, BITS)[1]
        return slopes

    def _direction(self, x: Term) -> Array:
        if x.name not in self.directions:
            self.directions |= values([sym(x.name, x.shape)], self.dims, f"along {x.name}")
        return self.directions[x.name]

    # -- the sweep
    def backward(self, steps: Sequence[Step], loss: Term) -> None:
        one_by_one = len(steps) * len(self.definitions) <= SWEEPS
        gradients: dict[str, tuple[Step, Array]] = {}
        for step in steps:
            found = self._agreed(step, {}) if step.target.op == "partial" else None
            if found is None:
                continue
            self._remember(step, found)
            y, x = step.target.args
            if y is loss and not step.rule.startswith("symmetric"):
                if one_by_one:
                    self._gradients(step, loss, {x.name: found})
                elif x.name in self.directions:
                    gradients[x.name] = step, found
        if gradients:
            last = next(reversed(gradients.values()))[0]
            self._gradients(last, loss, {n: g for n, (_, g) in gradients.items()})

    def _gradients(self, step: Step, loss: Term, found: Mapping[str, Array]) -> None:
        """Σ ⟨∂L/∂X, dX⟩ = dL."""
        directions = {n: self._direction(self._symbol(n)) for n in found}
        try:
            change = self._slopes(directions).get(loss.name, 0)
        except NO_VALUE:
            return
        self._same(step, _total(_paired(g, directions[n]) for n, g in found.items()), change)

    def _symbol(self, name: str) -> Term:
        return next((s for s, _ in self.definitions if s.name == name), None) or sym(name)

    def _remember(self, step: Step, found: Array) -> None:
        key = self.inert.setdefault(step.target, sym(f"inertpartial{len(self.inert)}", shape=step.result.shape))
        self.at[key.name] = found
        if step.name is not None:
            self.at[step.name.name] = found

    # -- differentials
    def differentials(self, steps: Iterable[Step], wrt: Sequence[str]) -> None:
        """Each line with dX for the direction of X, against the change of what stands on the left."""
        try:
            slopes = self._slopes({n: self.directions[n] for n in wrt})
        except NO_VALUE:
            return
        named = {f"differentialof{i}": n for i, n in enumerate(slopes)}
        at = {key: slopes[n] for key, n in named.items()}
        symbols = {n: key for key, n in named.items()}
        for step in steps:
            moving = [n for side in step.sides for n in postorder(side) if n.op == "d"]
            swap = {n: sym(symbols[n.args[0].name], n.shape) for n in moving if n.args[0].name in symbols}
            found = self._agreed(step, swap, at)
            if found is None:
                continue
            if step.target.op == "d" and step.target.args[0].name in slopes:
                self._same(step, found, slopes[step.target.args[0].name])
            elif step.target.op == "sym":
                self.at.setdefault(step.target.name, found)
            elif step.target.op == "partial":
                self._remember(step, found)

    def elements(self, step: Step, y: Term, x: Term, rows: Sequence[Term], columns: Sequence[Term]) -> None:
        """Σ J[i, j, k, l] dX[k, l] = dY[i, j], for a line that says an element in these indices."""
        direction = self.directions[x.name]
        outer, inner = ([*product(*(range(1, length(n, self.dims) + 1) for n in sides(s.shape)))] for s in (y, x))
        chosen = range(0, len(outer), 1 + len(outer) * len(inner) // ENTRIES)
        asked = self._asked(step.result, self.at)

        def element(place: Sequence[int]) -> Any:
            indices = {i.name: k for i, k in zip((*rows, *columns), place, strict=True)}
            return ball(step.result, {**asked, **indices}, BITS)

        try:
            change = self._slopes({x.name: direction}).get(y.name)
            found = [_total(element((*outer[i], *k)) * dx for k, dx in zip(inner, _cells(direction), strict=True))
                     for i in chosen]  # fmt: skip
        except NO_VALUE:
            return
        cells = _cells(change) if change is not None else [0] * len(outer)
        self._same(step, found, [cells[i] for i in chosen])

    def jacobian(self, step: Step, y: Term, x: Term) -> None:
        found, direction = self._agreed(step, {}), self.directions[x.name]
        if found is None:
            return
        try:
            change = self._slopes({x.name: direction}).get(y.name)
        except NO_VALUE:
            return
        if change is not None:
            self._same(step, _times(found, direction, x), change)

    # -- comparing
    def _agreed(self, step: Step, swap: Mapping[Term, Term], more: Mapping[str, Array] | None = None) -> Array | None:
        """The value that all sides of a line share, and the form that runs; None if it has none here."""
        plain = {**self.inert, **swap}
        at = {**self.at, **(more or {})}
        found: Array | None = None
        runs = [step.value] if step.value is not None and step.value not in step.sides else []
        for side in (*runs, *step.sides):
            shown = substitute(side, {k: v for k, v in plain.items() if k.op in ("partial", "d")})
            if any(s.name not in at for s in iter_names(shown)):
                continue
            try:
                value = ball(shown, self._asked(shown, at), BITS)
            except NO_VALUE:
                continue
            if found is not None:
                self._same(step, value, found)
            found = value
        return found

    def _same(self, step: Step, a: Array, b: Array) -> None:
        left, right = _cells(a), _cells(b)
        if len(left) != len(right) or any(not (x - y).contains(0) for x, y in zip(left, right, strict=False)):
            sizes_ = ", ".join(f"{unicode(n)} = {k}" for n, k in self.dims.items())
            raise RuleError(f"line {step.tag} does not hold at {sizes_}; this is a defect of symnet, please report it")


def _kept(s: Term) -> tuple[str, ...]:
    """A change of a symmetric matrix is symmetric."""
    return ("symmetric",) if {"symmetric", "positive definite"} & set(s.facts) else ()


def _cells(x: Array) -> list[Any]:
    if isinstance(x, list | tuple):
        return [c for row in x for c in _cells(row)]
    return [as_ball(x)]


def _paired(g: Array, dx: Array) -> Any:
    """⟨G, dX⟩, the sum over all elements."""
    return _total(a * b for a, b in zip(_cells(g), _cells(dx), strict=True))


def _total(parts: Iterable[Any]) -> Any:
    from flint import arb

    return sum(parts, arb(0))


def _times(j: Array, dx: Array, x: Term) -> list[Any]:
    """J dx: the matrix times a column or a row, times a number, or ⟨J, dX⟩ for a scalar of a matrix."""
    if not x.shape:
        (step,) = _cells(dx)
        return [c * step for c in _cells(j)]
    if len(x.shape) == 2 and x.shape[0] != 1:
        return [_paired(j, dx)]
    rows = [row if isinstance(row, list) else [row] for row in j] if isinstance(j, list) else [[j]]
    return [_paired(row, dx) for row in rows]
