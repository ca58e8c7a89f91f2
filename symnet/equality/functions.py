"""What each elementary function is in kernels: the hyperbolic ones and their inverses by e^u and log u."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from .field import Quotient
from .kernels import RANGES, Kernels

HALF = Fraction(1, 2)


def _tan(n: Kernels, u: Quotient) -> Quotient:
    cos, sin = n.circle(u)
    return n.field.div(sin, cos)


def _hyperbolic(sign: int) -> Callable[[Kernels, Quotient], Quotient]:
    def value(n: Kernels, u: Quotient) -> Quotient:
        e = n.exp(u)
        other = n.field.div(n.field.number(sign), e)
        return n.field.mul(n.field.add(e, other), n.field.number(HALF))

    return value


def _tanh(n: Kernels, u: Quotient) -> Quotient:
    e = n.exp(n.field.mul(n.field.number(2), u))
    return n.field.div(n.field.sub(e, n.one), n.field.add(e, n.one))


def _atan(n: Kernels, u: Quotient) -> Quotient:
    """atan u; the larger of u and 1/u is turned over: atan(1/u) = sign(u) π/2 − atan u."""
    if u.p != 0 and u.p.leading_coefficient() < 0:
        return n.field.neg(_atan(n, n.field.neg(u)))
    if u.p == 0 or (len(u.q) <= len(u.p) and (u.q.total_degree(), str(u.q)) <= (u.p.total_degree(), str(u.p))):
        return n.odd("atan", u)
    quarter = n.field.mul(n.field.value(n.field.kernel("pi", (), *RANGES["pi"])), n.field.number(HALF))
    return n.field.sub(n.field.mul(n.sign(u), quarter), n.odd("atan", n.field.div(n.one, u)))


def _acos(n: Kernels, u: Quotient) -> Quotient:
    half = n.field.mul(n.field.value(n.field.kernel("pi", (), *RANGES["pi"])), n.field.number(HALF))
    return n.field.sub(half, n.odd("asin", u))


def _area(sign: int) -> Callable[[Kernels, Quotient], Quotient]:
    """arsinh u = log(u + √(u² + 1)), arcosh u = log(u + √(u² − 1))."""

    def value(n: Kernels, u: Quotient) -> Quotient:
        square = n.field.add(n.field.mul(u, u), n.field.number(sign))
        return n.log(n.field.add(u, n.root(square, HALF)))

    return value


def _atanh(n: Kernels, u: Quotient) -> Quotient:
    ratio = n.field.div(n.field.add(n.one, u), n.field.sub(n.one, u))
    return n.field.mul(n.log(ratio), n.field.number(HALF))


def step(n: Kernels, u: Quotient) -> Quotient:
    if u.p == 0:
        return n.zero
    return n.field.mul(n.field.add(n.one, n.sign(u)), n.field.number(HALF))


FUNCTIONS: dict[str, Callable[[Kernels, Quotient], Quotient]] = {
    "exp":   lambda n, u: n.exp(u),
    "log":   lambda n, u: n.log(u),
    "sqrt":  lambda n, u: n.root(u, HALF),
    "sin":   lambda n, u: n.circle(u)[1],
    "cos":   lambda n, u: n.circle(u)[0],
    "tan":   _tan,
    "sinh":  _hyperbolic(-1),
    "cosh":  _hyperbolic(1),
    "tanh":  _tanh,
    "abs":   lambda n, u: n.field.mul(u, n.sign(u)),
    "sign":  lambda n, u: n.sign(u),
    "step":  step,
    "asin":  lambda n, u: n.odd("asin", u),
    "acos":  _acos,
    "atan":  _atan,
    "erf":   lambda n, u: n.odd("erf", u),
    "asinh": _area(1),
    "acosh": _area(-1),
    "atanh": _atanh,
}  # fmt: skip
