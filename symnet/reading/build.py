"""What operators make of their operands: chains of products, quotients, powers, sums.

Between arrays `*` is the matrix product and `.*` the elementwise one; a scalar scales. One unbroken chain becomes one
n-ary node, in the order that was written.
"""

from __future__ import annotations

from fractions import Fraction

from .. import names
from ..applications import FUNCTION_LETTERS
from ..errors import ShapeError
from ..operations import apply
from ..term import Term, add, div, fn, matmul, matpow, mul, neg, num, power, rows_cols, shape_text, transpose
from . import budgets
from .state import State


class Chain:
    """A product that is being read: factors in order, and the operands of the matrix product that is still open."""

    __slots__ = ("factors", "last", "run")

    def __init__(self, first: Term) -> None:
        self.factors: list[Term] = []
        self.run: list[Term] = []
        self.last = first
        self._append(first)

    def times(self, x: Term) -> None:
        """`*`: a scalar scales, two arrays make a matrix product; a product `x'*y` is a scalar from then on."""
        if x.shape and self.run and not matmul(*self.run).shape:
            self._close()
        if x.shape and not self.run and any(f.shape for f in self.factors):
            self.run, self.factors = [mul(*self.factors)], []
        self._append(x)
        if len(self.run) > 1:
            matmul(*self.run)

    def _append(self, x: Term) -> None:
        if x.shape:
            self.run.append(x)
        else:
            self._close()
            self.factors.append(x)

    def _close(self) -> None:
        if self.run:
            self.factors.append(matmul(*self.run) if len(self.run) > 1 else self.run[0])
            self.run = []

    def elementwise(self, x: Term) -> None:
        """`.*`: everything so far, elementwise by x."""
        self._close()
        mul(*self.factors, x)
        self.factors.append(x)

    def over(self, x: Term, *, elementwise: bool) -> None:
        whole = self.term()
        if x.shape and not elementwise:
            raise ShapeError(
                f"/ divides by a scalar, and this is {shape_text(x.shape)}; write ./ to divide elementwise"
            )
        self.factors, self.run = [], []
        self._append(div(whole, x))

    def term(self) -> Term:
        self._close()
        self.factors = [mul(*self.factors)]
        whole = self.factors[0]
        if whole.shape:
            self.factors, self.run = [], [whole]
        return whole


def total(parts: list[Term]) -> Term:
    return add(*parts)


def literal_fraction(above: Term, below: Term) -> Term | None:
    """1/2 between integers in lowest terms is the number one half; 6/3 stays a division."""
    if above.op != "num" or below.op != "num" or above.data[1] or below.data[1] or not below.data[0]:
        return None
    a, b = above.data[0], below.data[0]
    if a.denominator != 1 or b.denominator != 1:
        return None
    whole = Fraction(a, b)
    return num(whole) if whole.denominator == b and b != 1 else None


def raised(s: State, base: Term, exponent: Term, *, elementwise: bool = False) -> Term:
    """base^exponent: a matrix to a scalar power is the matrix power, e to x is exp(x)."""
    budgets.check_power(base, exponent)
    if base.op == "sym" and base.name == "e" and "constant" in base.facts:
        return fn("exp", exponent)
    if base.shape and not elementwise:
        if exponent.shape:
            raise ShapeError("an array is not raised to an array by ^; write .^ for the elementwise power")
        rows, cols = rows_cols(base.shape)
        if rows == cols and exponent.number == -1:
            return apply("inv", base)
        if rows == cols:
            return matpow(base, exponent)
        raise ShapeError(f"^ of an array that is {shape_text(base.shape)}; write .^ for the elementwise power")
    return power(base, exponent)


def inverse(x: Term) -> Term:
    """X⁻¹."""
    return apply("inv", x)


def transposed(x: Term) -> Term:
    """xᵀ; a list in brackets is written as a row, so its transpose is the column itself."""
    if x.op == "vector" and len(x.shape) == 1:
        return x
    return transpose(x)


def vector(items: list[Term]) -> Term:
    """⟨a, b⟩ is a column of two; rows of equal length make a matrix."""
    inner = items[0].shape
    if inner and all(i.op == "vector" and i.shape == inner and len(inner) == 1 for i in items):
        return Term("vector", tuple(items), None, (len(items), *inner))
    return Term("vector", tuple(items), None, (len(items),) if len(items) > 1 else ())


def cases(pairs: list[tuple[Term, Term | None]]) -> Term:
    """`cases(v1, c1, v2, c2, …[, otherwise])`."""
    from ..term import cases as build

    flat: list[Term] = []
    for value, condition in pairs:
        flat += [value] if condition is None else [value, condition]
    return build(*flat)


def indicator(condition: Term) -> Term:
    """1 where the condition holds and 0 elsewhere; of z > 0 the step function."""
    if condition.op == "rel" and condition.data == ">" and condition.args[1].number == 0:
        return fn("step", condition.args[0])
    return cases([(num(1), condition), (num(0), None)])


def negative(x: Term) -> Term:
    return neg(x)


def is_function_name(x: Term) -> bool:
    """A letter that stands for a function: f, g, φ."""
    return x.op == "sym" and not x.shape and names.parse(x.name).base in FUNCTION_LETTERS


def is_truth(x: Term) -> bool:
    """A condition: a comparison, or several joined."""
    return x.op in ("rel", "and", "or", "not")
