"""What is asked of a formula at a point: a ball, a value, a derivative, a float, a sign."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from flint import arb, fmpq

from ..errors import DomainError, OverflowError_, ShapeError
from ..term import Shape, Term, iter_names, postorder, term
from .grids import Value, each, rows_of
from .jets import (
    FIRST_BITS,
    GOOD_BITS,
    LAST_BITS,
    SMALLEST,
    ZERO,
    Corner,
    Epsilon,
    Jet,
    Number,
    TooWide,
    precision,
    sign_of,
)
from .points import bound, point, read_with, run_of, sizes_of, values_of
from .rationals import as_ball, fraction_of
from .terms import Run, agreed, value_of


def ball(t: Term, at: Mapping[Any, Any], prec: int = 128) -> Any:
    """A ball that holds the value: an `arb`; rows of them for a matrix, a list for a vector.

    `at`: exact numbers, Terms without names, balls, or rows of these. Raises `TooWide` where more bits are needed.
    """
    with precision(prec):
        return _shown(value_of(run_of(t, values_of(at)), t), t.shape)


def value(t: Term, at: Mapping[Any, Any], bits: int = 192) -> Any:
    """The value: a Fraction where the arithmetic is rational, else an `arb` accurate to half of `bits`.

    A vector has a tuple of them, a matrix a tuple of rows.
    """
    where = point(at)

    def attempt() -> Any:
        y = value_of(run_of(t, {name: bound(v) for name, v in where.items()}), t)
        rows = [[_accurate(c.number, bits) for c in row] for row in rows_of(y)]
        return None if any(c is None for row in rows for c in row) else _nested(rows, t.shape)

    return _refined(attempt, LAST_BITS)


def _accurate(x: Number, bits: int) -> Any:
    """The number to show, or None if its ball is too wide."""
    if isinstance(x, fmpq):
        return fraction_of(x)
    return x if x.rel_accuracy_bits() > bits // 2 or x.abs_upper() < arb(2) ** -SMALLEST else None


def _nested(rows: Sequence[Sequence[Any]], shape: Shape) -> Any:
    """One number, a tuple of numbers, or a tuple of rows, as the shape says."""
    if not shape and len(rows) == 1:
        return rows[0][0]
    return tuple(r[0] for r in rows) if len(shape) < 2 else tuple(map(tuple, rows))


def jet(t: Term, at: Mapping[Any, Any], direction: Mapping[Any, Any], prec: int = 128) -> tuple[Any, Any]:
    """The value and the derivative along `direction` (0 for a name that it does not hold), in the forward mode."""
    with precision(prec):
        values, slopes = values_of(at), values_of(direction)
        try:
            y = _along(t, values, slopes, 0)
        except Corner:
            right, left = _along(t, values, slopes, 1), _along(t, values, slopes, -1)
            y = each(agreed, right, left, value_of(run_of(t, values), t))
        return _shown(each(lambda c: c.c[0], y), t.shape), _shown(each(lambda c: c.c[1], y), t.shape)


def _along(t: Term, values: dict[str, Value], slopes: dict[str, Value], side: int) -> Value:
    """Every element of t as c₀ + c₁ε at values + slopes·ε."""
    epsilon = Epsilon(1, side)
    moved = {k: each(lambda x, d: Jet((x, d), epsilon), v, slopes[k]) if k in slopes else v for k, v in values.items()}
    y = value_of(Run(moved, sizes_of(iter_names(t), values), 1), t)
    return each(lambda c: c if c.epsilon is epsilon else Jet((c, ZERO), epsilon), y)


def _shown(x: Value, shape: Shape) -> Any:
    """Balls without jets, nested as the shape says."""
    if isinstance(x, bool):
        return x
    rows = [[as_ball(c.number) for c in row] for row in rows_of(x)]
    return rows[0][0] if not shape else [r[0] for r in rows] if len(shape) == 1 else rows


def evaluate(expr: Any, at: Mapping[Any, Any] | None = None) -> float:
    """The value as a float, correct to 1e-12 relative; 0.0 if it is too small for a float.

    Raises `DomainError` where there is no value (log 0, a derivative at a corner) or where it cannot be decided whether
    there is one, `OverflowError_` where the value is too large for a float.

    >>> from symnet.term import num, power, sym
    >>> evaluate(power(sym("x"), num(3)), {"x": 0.1})
    0.001
    """
    where = point(at or {})
    t = read_with(expr, where) if isinstance(expr, str) else term(expr)
    if t.shape or t.op in ("rel", "and", "or", "not"):
        raise ShapeError("only a scalar has a value that is a float")
    return _refined(lambda: _float(_number_at(t, where)), LAST_BITS)


def decide_sign(t: Term, at: Mapping[Any, Any], cap: int = 4096) -> int | None:
    """-1, 0 or 1: the certain sign of a value; None if `cap` bits do not decide it."""
    where = point(at)
    try:
        return _refined(lambda: sign_of(_number_at(t, where)), cap)
    except (NotDecided, OverflowError_):
        return None


def _number_at(t: Term, where: dict[str, Any]) -> Number:
    return value_of(run_of(t, {name: bound(v) for name, v in where.items()}), t).number


class NotDecided(DomainError):
    """Whether there is a value was not decided, however many bits were taken."""


def _refined(attempt: Callable[[], Any], last: int) -> Any:
    """The first answer that is not None, at doubling precisions."""
    bits, reason = FIRST_BITS, "it lies on a jump, or is not told from 0"
    while bits <= last:
        try:
            with precision(bits):
                answer = attempt()
            if answer is not None:
                return answer
        except TooWide as e:
            reason = str(e)
        bits *= 2
    raise NotDecided(f"this value is not decided with {bits // 2:,} bits: {reason}")


def _float(x: Number) -> float | None:
    """The float nearest to a number; None if its ball is too wide."""
    if isinstance(x, fmpq):
        return _fraction_float(fraction_of(x))
    if x.abs_upper() < arb(2) ** -SMALLEST:
        return 0.0
    if x.rel_accuracy_bits() < GOOD_BITS:
        return None
    value = float(x.mid())
    if not math.isfinite(value):
        raise OverflowError_("the value is too large for a float")
    return value


def _fraction_float(q: Fraction) -> float:
    try:
        return float(q)
    except OverflowError:
        raise OverflowError_("the value is too large for a float") from None


class Probe:
    """One point, and there the value and the derivative along `slopes` of every part of a formula, each once.

    `holds` compares a formula in which derivatives may still stand (`deriv`) with a derivative found in this way: the
    forward mode of the balls, which knows nothing of the textbook rules.
    """

    def __init__(self, at: Mapping[str, Fraction], slopes: Mapping[str, Any], prec: int = 128) -> None:
        self.prec, self.epsilon = prec, Epsilon(1, 0)
        values = {name: bound(v) for name, v in at.items()}
        moved = {
            name: Jet((v, bound(slopes[name])), self.epsilon) if name in slopes else v for name, v in values.items()
        }
        self.moving, self.still = Run(moved, {}, 1), Run(values, {}, 0)

    def slope(self, t: Term) -> Jet:
        """The derivative of t at the point."""
        y = value_of(self.moving, t)
        return y.c[1] if y.epsilon is self.epsilon else ZERO

    def derivative(self, t: Term) -> Number:
        with precision(self.prec):
            return self.slope(t).number

    def value(self, t: Term) -> Number:
        with precision(self.prec):
            return value_of(self.still, t).number

    def holds(self, line: Term, truth: Number, scale: int = 40) -> bool | None:
        """Whether the line has the value `truth` at the point; None where the balls are too wide."""
        with precision(self.prec):
            for node in postorder(line):
                if node.op == "deriv" and node not in self.still.memo:
                    self.still.memo[node] = self.slope(node.args[0])
            here = value_of(self.still, line).number
            difference = here - truth
            if isinstance(difference, fmpq):
                return bool(difference == 0)
            if not difference.contains(0):
                return False
            size = abs(as_ball(truth)).upper() + 1
            return True if difference.rad() < size * arb(2) ** -scale else None


UNDECIDED = (DomainError, OverflowError_, TooWide, Corner)
