"""Formulas of SymPy over balls: rigorous values, at points and over whole boxes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sympy as sp
from flint import arb, fmpq

from ...balls import precision
from ...errors import RuleError

Instruction = tuple[Callable[..., Any], tuple[int, ...]]


def _max(*xs: arb) -> arb:
    out = xs[0]
    for x in xs[1:]:
        out = out.max(x)
    return out


def _min(*xs: arb) -> arb:
    return -_max(*(-x for x in xs))


def _sign(x: arb) -> arb:
    return arb(1) if x > 0 else arb(-1) if x < 0 else arb(0) if x.is_zero() else arb(0, 1)


FUNCTIONS: dict[Any, Callable[..., Any]] = {
    sp.exp: arb.exp, sp.log: arb.log, sp.sin: arb.sin, sp.cos: arb.cos, sp.tan: arb.tan, sp.cot: arb.cot,
    sp.sec: arb.sec, sp.csc: arb.csc, sp.sinh: arb.sinh, sp.cosh: arb.cosh, sp.tanh: arb.tanh, sp.coth: arb.coth,
    sp.asin: arb.asin, sp.acos: arb.acos, sp.atan: arb.atan, sp.asinh: arb.asinh, sp.acosh: arb.acosh,
    sp.atanh: arb.atanh, sp.erf: arb.erf, sp.erfc: arb.erfc, sp.Abs: abs, sp.Max: _max, sp.Min: _min, sp.sign: _sign,
    sp.atan2: lambda y, x: arb.atan2(y, x),
}  # fmt: skip
CONSTANTS: dict[Any, Callable[[], arb]] = {
    sp.pi: arb.pi, sp.E: lambda: arb(1).exp(), sp.EulerGamma: arb.const_euler, sp.Catalan: arb.const_catalan,
}  # fmt: skip


def _sum(*xs: arb) -> arb:
    out = xs[0]
    for x in xs[1:]:
        out = out + x
    return out


def _product(*xs: arb) -> arb:
    out = xs[0]
    for x in xs[1:]:
        out = out * x
    return out


def whole_power(x: arb, n: int) -> arb:
    """xⁿ; for an even n nothing negative, also where the ball holds 0 (flint gives nan there)."""
    if not x.contains(0):
        return x**n
    top = arb(x.abs_upper()) ** n if not x.is_zero() else arb(0)
    return arb(0).union(top) if n % 2 == 0 else _odd(x, n)


def _odd(x: arb, n: int) -> arb:
    """xⁿ is increasing for an odd n."""
    low, high = arb(x.lower()), arb(x.upper())
    ends = [arb(0) if e.is_zero() else e**n for e in (low, high)]
    return ends[0].union(ends[1])


def _power(e: Any) -> Callable[..., Any]:
    k = e.exp
    if k.is_Integer:
        n = int(k)
        return lambda x: whole_power(x, n) if n >= 0 else 1 / whole_power(x, -n)
    if k.is_Rational and k.q == 2:
        n = int(k.p)
        return lambda x: x.sqrt() ** n if n >= 0 else 1 / x.sqrt() ** -n
    return lambda x, r: x**r


def _rational(e: Any) -> Callable[..., Any]:
    q = fmpq(int(e.p), int(e.q))
    return lambda: arb(q)


def _root(e: Any) -> Callable[..., Any]:
    from flint import ctx

    from .places import real_roots

    coefficients = tuple(int(c) for c in reversed(e.poly.all_coeffs()))
    return lambda: real_roots(coefficients, max(96, ctx.prec))[e.index]


ARITHMETIC: dict[Any, Callable[..., Any]] = {sp.Add: _sum, sp.Mul: _product}
INSTRUCTIONS: tuple[tuple[Callable[[Any], bool], Callable[[Any], Callable[..., Any]]], ...] = (
    (lambda e: e.is_Rational, _rational),
    (lambda e: e.is_Float, lambda e: _rational(sp.Rational(e))),
    (lambda e: e in CONSTANTS, CONSTANTS.__getitem__),
    (lambda e: isinstance(e, sp.CRootOf), _root),
    (lambda e: e.func in ARITHMETIC, lambda e: ARITHMETIC[e.func]),
    (lambda e: e.func in FUNCTIONS, lambda e: FUNCTIONS[e.func]),
    (lambda e: e.is_Pow, _power),
)


def _instruction(e: Any) -> Callable[..., Any]:
    """What makes the value of a node from those of the nodes below it."""
    for fits, make in INSTRUCTIONS:
        if fits(e):
            return make(e)
    raise RuleError(f"`{str(e)[:60]}` has no rigorous value here")


def _below(e: Any) -> tuple[Any, ...]:
    """The nodes that a node is made from: a constant exponent belongs to its power."""
    if e.is_Pow and e.exp.is_Rational and (e.exp.is_Integer or e.exp.q == 2):
        return (e.base,)
    return () if isinstance(e, sp.CRootOf) else tuple(e.args)


class Tape:
    """Several formulas in the same names, evaluated together with every shared part once."""

    def __init__(self, expressions: Sequence[Any], names: Sequence[Any]) -> None:
        self.slots: dict[Any, int] = {v: i for i, v in enumerate(names)}
        self.n = len(self.slots)
        self.code: list[Instruction] = []
        self.out = [self._slot(sp.sympify(e, strict=True)) for e in expressions]

    def _slot(self, e: Any) -> int:
        stack = [e]
        while stack:
            top = stack[-1]
            if top in self.slots:
                stack.pop()
                continue
            below = _below(top)
            waiting = [a for a in below if a not in self.slots]
            if waiting:
                stack.extend(waiting)
                continue
            self.code.append((_instruction(top), tuple(self.slots[a] for a in below)))
            self.slots[top] = self.n + len(self.code) - 1
            stack.pop()
        return self.slots[e]

    def __call__(self, at: Sequence[Any]) -> list[Any]:
        values = list(at)
        for f, args in self.code:
            values.append(f(*(values[i] for i in args)))
        return [values[i] for i in self.out]


def number(e: Any, bits: int = 128) -> Any:
    """A ball that holds a SymPy number."""
    work = bits + 32
    tape = Tape([e], [])
    while True:
        with precision(work):
            b = tape([])[0]
        if b.is_finite() and (b.rel_accuracy_bits() >= bits or b.is_exact() or work > 8 * bits):
            return b
        if work > 16 * bits:
            return b
        work *= 2
