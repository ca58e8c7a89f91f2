"""The loss over balls: exact steps, exact Hessians, and proofs that a minimum is near.

Krawczyk (1969): for m in the box X and any matrix C, K(X) = m − C g(m) + (I − C H(X))(X − m). If K(X) lies inside X,
the gradient g has exactly one zero in X; and if H(X) is positive definite, that zero is a strict local minimum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..balls import UNDECIDED, as_ball, ball, jet, value
from ..errors import SymnetError
from ..term import Term, postorder
from .objective import Objective, closed
from .points import flat

NODES, CELLS, COMPONENTS = 4000, 400, 24  # the size of a loss that is looked at rigorously
BITS = 192
BISECTIONS, STEEP = 60, 1e6  # of a step; by how much the loss is larger beside a pole
WITH_POLES = ("tan", "cot", "sec", "csc", "coth", "csch")
WIDTHS = (4.0, 64.0, 1024.0)  # of the box, in Newton steps


@dataclass(frozen=True, slots=True)
class Certificate:
    """There is exactly one stationary point within `radius` of `at`; it is a strict local minimum if `minimum`."""

    at: tuple[float, ...]
    radius: float
    minimum: bool
    eigenvalues: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Rigour:
    """The loss and its gradient as terms in the parameters alone, and the exact values of the constants."""

    names: tuple[str, ...]
    sizes: tuple[int, ...]  # the components of each parameter; 0 for a number
    loss: Term
    gradient: tuple[Term, ...]
    constants: dict[str, Any]

    def exact(self, at: Sequence[Fraction]) -> tuple[Fraction, list[Fraction]] | None:
        """The value and the gradient where their arithmetic is rational, else None."""
        where = {**self.constants, **dict(zip(self.names, at, strict=True))}
        try:
            found = [value(t, where) for t in (self.loss, *self.gradient)]
        except (*UNDECIDED, SymnetError):
            return None
        return (found[0], found[1:]) if all(isinstance(v, Fraction) for v in found) else None

    def values(self, at: Sequence[Any]) -> tuple[float, list[Any]]:
        """The value and the gradient in floats, correctly; raises `DomainError` or `OverflowError_`."""
        from ..balls import evaluate

        where = self.constants | self._named([_exactly(c) for c in flat(at)])
        found = [evaluate(t, where) for t in (self.loss, *self.gradient)]
        return found[0], list(found[1:])

    def _named(self, cells: Sequence[Any]) -> dict[str, Any]:
        """Components by name: numbers and tuples."""
        left = list(cells)
        return {n: tuple(left.pop(0) for _ in range(k)) if k else left.pop(0)
                for n, k in zip(self.names, self.sizes, strict=True)}  # fmt: skip

    def slopes(self, cells: Sequence[Any], bits: int = BITS) -> tuple[list[Any], list[list[Any]]]:
        """The gradient and the Hessian as balls; a cell may be a ball itself."""
        where = self.constants | self._named(cells)
        rows = [c for g in self.gradient for c in _listed(ball(g, where, bits))]
        columns = []
        for j in range(len(cells)):
            unit = self._named([Fraction(int(i == j)) for i in range(len(cells))])
            columns.append([c for g in self.gradient for c in _listed(jet(g, where, unit, bits)[1])])
        return rows, [list(row) for row in zip(*columns, strict=True)]

    def hessian(self, at: Sequence[Any]) -> list[list[float]]:
        """The Hessian in floats."""
        return [[float(c.mid()) for c in row] for row in self.slopes([_exactly(c) for c in flat(at)])[1]]

    def exact_hessian(self, at: Sequence[Fraction]) -> list[list[Fraction]] | None:
        """The Hessian where its arithmetic is rational and the parameters are numbers."""
        from ..balls import Probe

        where = dict(zip(self.names, at, strict=True))
        try:
            columns = [[Probe(where, {n: Fraction(1)}).derivative(g) for g in self.gradient] for n in self.names]
        except (*UNDECIDED, SymnetError):
            return None
        if self.constants or not all(hasattr(c, "q") for column in columns for c in column):
            return None
        return [[Fraction(int(c.p), int(c.q)) for c in row] for row in zip(*columns, strict=True)]

    def certificate(self, at: Sequence[Any]) -> Certificate | None:
        """A proof that there is a stationary point near `at`; None where it does not come about."""
        try:
            return self._certificate([_exactly(c) for c in flat(at)])
        except (*UNDECIDED, SymnetError, ZeroDivisionError, ArithmeticError):
            return None

    def _certificate(self, middle: list[Fraction]) -> Certificate | None:
        import numpy as np
        from flint import arb

        g, h = self.slopes(middle)
        curvature = np.array([[float(c.mid()) for c in row] for row in h])
        if not np.isfinite(curvature).all() or np.linalg.cond(curvature) > 1e12:
            return None
        inverse = [[Fraction(float(c)) for c in row] for row in np.linalg.inv(curvature)]
        newton = [sum((as_ball(c) * x for c, x in zip(row, g, strict=True)), arb(0)) for row in inverse]
        size = max(float(abs(c).upper()) for c in newton)
        floor = max(abs(float(c)) for c in middle) * 1e-18 + 1e-30
        for width in WIDTHS:
            radius = size * width + floor
            box = [as_ball(m) + arb(0, radius) for m in middle]
            over = self.slopes(box)[1]
            if _maps_inside(newton, inverse, over, radius):
                positive = _positive_definite(over)
                values = np.linalg.eigvalsh((curvature + curvature.T) / 2)
                return Certificate(tuple(map(float, middle)), radius, positive, tuple(map(float, values)))
        return None

    @property
    def has_poles(self) -> bool:
        """Whether the loss divides by something that moves, so that it may have poles; for few numbers only."""
        nodes = postorder(self.loss)
        return len(self.names) <= 3 and not any(self.sizes) and len(nodes) <= 100 and any(map(_may_have_a_pole, nodes))

    def pole(self, a: Sequence[Any], b: Sequence[Any]) -> dict[str, float] | None:
        """A place on the way from a to b at which the loss grows without bound, found by bisection."""
        ends = [(_exactly(x), _exactly(y)) for x, y in zip(a, b, strict=True)]
        low, high = Fraction(0), Fraction(1)
        if self._over(ends, low, high) is not None:
            return None
        for _ in range(BISECTIONS):
            middle = (low + high) / 2
            low, high = (low, middle) if self._over(ends, low, middle) is None else (middle, high)
        heights = [self._over(ends, t, t) for t in (Fraction(0), Fraction(1), low, high)]
        known = [0.0 if h is None else float(abs(h).upper()) for h in heights]
        if max(known[2:]) < STEEP * (1 + max(known[:2])):
            return None
        return {n: _rounded(x + low * (y - x), y - x) for n, (x, y) in zip(self.names, ends, strict=True)}

    def _over(self, ends: list[tuple[Fraction, Fraction]], low: Fraction, high: Fraction) -> Any:
        """A ball that holds the loss on a part of the way; None where that is not certain to have a value."""
        from flint import arb

        middle, half = (low + high) / 2, (high - low) / 2
        box = [as_ball(x + middle * (y - x)) + arb(0, 1) * as_ball(half * abs(y - x)) for x, y in ends]
        try:
            return ball(self.loss, self.constants | self._named(box), BITS)
        except (*UNDECIDED, SymnetError):
            return None


def _rounded(x: Fraction, step: Fraction) -> float:
    """A place on a step, to twelve digits of the step."""
    unit = abs(float(step)) * 1e-12 or 1e-12
    return round(float(x) / unit) * unit


def _may_have_a_pole(t: Term) -> bool:
    moves = lambda x: bool(x.free)  # noqa: E731
    if t.op == "div":
        return moves(t.args[1])
    if t.op == "pow":
        return moves(t.args[0]) and (t.args[1].number is None or t.args[1].number < 0)
    return t.op == "fn" and t.data in WITH_POLES


def _maps_inside(newton: list[Any], inverse: list[list[Fraction]], over: list[list[Any]], radius: float) -> bool:
    """Whether |C g(m)| + |I − C H(X)| r < r in every component."""
    from flint import arb

    n, r = len(newton), arb(radius)
    for i in range(n):
        spread = arb(0)
        for j in range(n):
            product = sum((as_ball(inverse[i][k]) * over[k][j] for k in range(n)), arb(0))
            spread += abs((1 if i == j else 0) - product)
        if not abs(newton[i]) + spread * r < r:
            return False
    return True


def _positive_definite(h: list[list[Any]]) -> bool:
    """Whether every symmetric matrix in these balls is positive definite: all pivots of elimination are."""
    rows = [list(r) for r in h]
    for k in range(len(rows)):
        if not rows[k][k] > 0:
            return False
        for i in range(k + 1, len(rows)):
            factor = rows[i][k] / rows[k][k]
            rows[i] = [a - factor * b for a, b in zip(rows[i], rows[k], strict=True)]
    return True


def _exactly(x: Any) -> Fraction:
    """A float as the binary fraction that it is."""
    return x if isinstance(x, Fraction) else Fraction(float(x))


def _listed(x: Any) -> list[Any]:
    return list(x) if isinstance(x, list) else [x]


def rigour(objective: Objective) -> Rigour | None:
    """The loss over balls, if it is small: numbers and columns, few of them, and little data."""
    shapes = [objective.graph.symbols[n].shape for n in objective.names]
    cells = sum(getattr(v, "size", 1) for v in objective.given.values())
    components = sum(getattr(v, "size", 1) for v in objective.first)
    if any(len(s) > 1 for s in shapes) or cells > CELLS or components > COMPONENTS:
        return None
    d = objective.derivation
    loss = closed(objective.graph)
    gradient = tuple(d.closed[n] for n in objective.names)
    if len(postorder(loss, *gradient)) > NODES:
        return None
    constants = {n: v.tolist() if getattr(v, "ndim", 0) else v for n, v in objective.given.items()}
    sizes = tuple(v.size if getattr(v, "ndim", 0) else 0 for v in objective.first)
    return Rigour(objective.names, sizes, loss, gradient, constants)
