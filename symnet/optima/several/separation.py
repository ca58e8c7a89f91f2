"""Proofs that two algebraic numbers are one: nearer to each other than any two different ones of their kind can be.

E = U/L with algebraic integers U, L of a field of degree D; no conjugate of U is larger than u, none of L than l. The
norm of U ≠ 0 is at least 1, so E = 0 or |E| ≥ 1/(u^(D − 1) l).
Source: Burnikel, Funke, Mehlhorn, Schirra and Schmitt, A separation bound for real algebraic expressions (2009).
"""

from __future__ import annotations

from math import prod
from typing import Any

from flint import arb

from ...balls import precision
from .tape import number

BITS = 64
MOST = 20_000  # bits to which a difference is looked at
DEGREE = 2_000
Sizes = tuple[arb, arb]  # u and l


class NotAlgebraic(ArithmeticError):
    """The number is not made of integers, roots and zeros of polynomials."""


def vanishes(e: Any) -> bool:
    """Proof that an algebraic number is 0; False says nothing."""
    degrees: dict[Any, int] = {}
    try:
        with precision(BITS):
            u, low = _sizes(e, degrees)
            d = prod(degrees.values())
            bits = (d - 1) * _log(u) + _log(low)
    except (NotAlgebraic, OverflowError, ValueError):
        return False
    if d > DEGREE or not 0 <= bits < MOST:
        return False
    ball = number(e, bits + 64)
    with precision(bits + 64):
        return bool(abs(ball) < arb(2) ** -(bits + 2))


def _log(x: arb) -> int:
    """A whole number above log₂ of a number, at least 0."""
    return max(0, int(float(x.log().upper()) / 0.693) + 2) if x > 0 else 0


def _sizes(e: Any, degrees: dict[Any, int]) -> Sizes:
    if e.is_Rational:
        return arb(abs(int(e.p))), arb(int(e.q))
    if e.is_Add or e.is_Mul:
        join = _sum if e.is_Add else _product
        whole = _sizes(e.args[0], degrees)
        for a in e.args[1:]:
            whole = join(whole, _sizes(a, degrees))
        return whole
    if e.is_Pow and e.exp.is_Rational:
        return _power(e, degrees)
    if e.func.__name__ == "ComplexRootOf":
        return _zero_of(e, degrees)
    raise NotAlgebraic


def _sum(a: Sizes, b: Sizes) -> Sizes:
    return a[0] * b[1] + b[0] * a[1], a[1] * b[1]


def _product(a: Sizes, b: Sizes) -> Sizes:
    return a[0] * b[0], a[1] * b[1]


def _power(e: Any, degrees: dict[Any, int]) -> Sizes:
    n, k = abs(int(e.exp.p)), int(e.exp.q)
    u, low = _sizes(e.base, degrees)
    if k > 1:
        degrees[e.base, k] = k
        u = (u * low ** (k - 1)).root(k)
    u, low = u**n, low**n
    return (low, u) if e.exp.is_negative else (u, low)


def _zero_of(e: Any, degrees: dict[Any, int]) -> Sizes:
    """A zero of a polynomial: times its leading coefficient an integer, and no larger than Cauchy's bound."""
    cs = [abs(int(c)) for c in e.poly.all_coeffs()]
    degrees[e.poly.as_expr(), e.index] = len(cs) - 1
    return arb(cs[0] + max(cs[1:])), arb(cs[0])
