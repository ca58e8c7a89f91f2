"""Every line of an array derivation is compared with the truth at small random sizes before anybody sees it.

The truth comes from the forward mode of the balls, which shares no rule with the sweep: with d the change along a
random direction, ⟨∂L/∂X, dX⟩ = dL for a gradient, J dx = dy for a Jacobian, and dV is the change of V everywhere.
A line that differs is a defect of symnet and raises; a line without a value at any size that was tried is left alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import prod
from typing import Any

from .balls import UNDECIDED, ball, jet
from .derivation import Derivation, Step
from .errors import RuleError, ShapeError
from .names import unicode
from .sampling import SIZES, sizes, values
from .term import Term, iter_names, postorder, substitute, sym

BITS = 128
ENTRIES = 400  # of the inputs with fixed sizes; larger arrays are not evaluated in balls
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
    lines: Sequence[Step], y: Term, x: Term,
) -> None:  # fmt: skip
    """Check the differentials in one variable, and the last line: the matrix J with dy = J dx."""
    for trial in _trials(definitions, inputs, symbols):
        trial.differentials(lines[:-1], (x.name,))
        trial.jacobian(lines[-1], y, x)


def _trials(definitions: Sequence[tuple[Term, Term]], inputs: Sequence[str], symbols: Mapping[str, Term]) -> Any:
    known = [symbols[n] for n in inputs]
    fixed = sum(prod(d for d in s.shape if isinstance(d, int)) for s in known)
    if not any(s.shape for s in known) or fixed > ENTRIES:
        return
    for choice in range(len(SIZES)):
        dims = sizes(known, choice)
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
        return ball(t, self.at, BITS)

    def _slopes(self, start: Mapping[str, Array]) -> dict[str, Array]:
        """The change of every quantity when some change along a direction."""
        slopes = dict(start)
        for symbol, value in self.definitions:
            if symbol.name not in start and any(n in slopes for n in value.free):
                slopes[symbol.name] = jet(value, self.at, slopes, BITS)[1]
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
        """The value that all sides of a line share; None if it has none here."""
        plain = {**self.inert, **swap}
        at = {**self.at, **(more or {})}
        found: Array | None = None
        for side in step.sides:
            shown = substitute(side, {k: v for k, v in plain.items() if k.op in ("partial", "d")})
            if any(s.name not in at for s in iter_names(shown)):
                continue
            try:
                value = ball(shown, at, BITS)
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
    from flint import arb, fmpq

    if isinstance(x, list | tuple):
        return [c for row in x for c in _cells(row)]
    return [x if isinstance(x, arb) else arb(fmpq(x.numerator, x.denominator))]


def _paired(g: Array, dx: Array) -> Any:
    """⟨G, dX⟩, the sum over all elements."""
    return _total(a * b for a, b in zip(_cells(g), _cells(dx), strict=True))


def _total(parts: Iterable[Any]) -> Any:
    from flint import arb

    return sum(parts, arb(0))


def _times(j: Array, dx: Array, x: Term) -> list[Any]:
    """J dx: the matrix times a column, times the change of a scalar, or ⟨J, dX⟩ for a scalar of a matrix."""
    if not x.shape:
        (step,) = _cells(dx)
        return [c * step for c in _cells(j)]
    if len(x.shape) == 2:
        return [_paired(j, dx)]
    rows = [row if isinstance(row, list) else [row] for row in j] if isinstance(j, list) else [[j]]
    return [_paired(row, dx) for row in rows]
