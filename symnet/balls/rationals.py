"""From fractions to the numbers of python-flint and back."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from flint import arb, fmpq


def fmpq_of(x: Fraction | int) -> fmpq:
    """The same rational number, of flint."""
    return fmpq(x.numerator, x.denominator)


def fraction_of(q: fmpq) -> Fraction:
    """The same rational number, of Python."""
    return Fraction(int(q.p), int(q.q))


def as_ball(x: Any) -> arb:
    """A ball that holds a fraction at the working precision; a ball stays as it is."""
    if isinstance(x, arb):
        return x
    return arb(fmpq_of(x)) if isinstance(x, Fraction) else arb(x)


def middle(x: Any) -> Fraction:
    """The middle of a ball, exactly; a rational number is its own."""
    if isinstance(x, Fraction):
        return x
    if isinstance(x, fmpq):
        return fraction_of(x)
    mantissa, exponent = x.mid().man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
