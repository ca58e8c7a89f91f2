"""Bounds that the written form of a function shows: intervals that hold every value, from the leaves up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sympy as sp

from .extremes import below, least
from .forms import expanded
from .problem import EVERYTHING, Side

oo, ZERO = sp.oo, sp.Integer(0)
Hull = tuple[Any, Any]  # two ends, SymPy numbers or ±∞
ENDS: dict[Any, Hull] = {  # of increasing functions: the limits at −∞ and ∞, None outside of the domain
    sp.exp: (ZERO, oo), sp.atan: (-sp.pi / 2, sp.pi / 2), sp.tanh: (-sp.S.One, sp.S.One), sp.erf: (-sp.S.One, sp.S.One),
    sp.sinh: (-oo, oo), sp.asinh: (-oo, oo), sp.log: (None, oo), sp.acosh: (None, oo), sp.asin: (None, None),
    sp.atanh: (None, None),
}  # fmt: skip


def at_end(f: Any, x: Any) -> Any | None:
    """The value of an increasing function at a number, or its limit at ±∞; None outside of its domain."""
    if x in (-oo, oo):
        return ENDS[f][x == oo]
    value = f(x)
    if f is sp.log and x == 0:
        return -oo
    return None if value.has(sp.zoo, sp.nan) or not value.is_extended_real else value


def hull(e: Any, box: Mapping[Any, Side]) -> Hull:
    """An interval that holds every value of a formula whose names lie in a box."""
    if e.is_number:
        return e, e
    if e.is_Symbol:
        side = box.get(e, EVERYTHING)
        return side.low, side.high
    if e.is_Mul and _share(e):
        return ZERO, sp.S.One
    rule = HULLS.get(e.func)
    return rule(e, [hull(a, box) for a in e.args]) if rule is not None else (-oo, oo)


def _sum(e: Any, parts: Sequence[Hull]) -> Hull:
    return sp.Add(*(low for low, _ in parts)), sp.Add(*(high for _, high in parts))


def _product(e: Any, parts: Sequence[Hull]) -> Hull:
    low, high = parts[0]
    for a, b in parts[1:]:
        corners = [ZERO if 0 in (x, y) else x * y for x in (low, high) for y in (a, b)]
        low, high = least(corners), -least([-c for c in corners])
    return low, high


def _increasing(e: Any, parts: Sequence[Hull]) -> Hull:
    low, high = (ENDS[e.func][x == oo] if x in (-oo, oo) else e.func(x) for x in parts[0])
    return low, high


def _logarithm(e: Any, parts: Sequence[Hull]) -> Hull:
    low, high = parts[0]
    return -oo if low == -oo or not below(ZERO, low) else sp.log(low), oo if high == oo else sp.log(high)


def _absolute(e: Any, parts: Sequence[Hull]) -> Hull:
    low, high = parts[0]
    return (low, high) if not below(low, ZERO) else (ZERO, sp.Max(abs(low), abs(high)))


def _largest(e: Any, parts: Sequence[Hull]) -> Hull:
    return -least([-low for low, _ in parts]), -least([-high for _, high in parts])


def _smallest(e: Any, parts: Sequence[Hull]) -> Hull:
    return least([low for low, _ in parts]), least([high for _, high in parts])


def _power(e: Any, parts: Sequence[Hull]) -> Hull:
    (a, b), k = parts[0], e.exp
    if not k.is_Rational:
        return -oo, oo
    if k.is_Integer and k % 2 and k > 0:
        return a**k, b**k
    if not below(a, ZERO):
        return (a**k, b**k) if k > 0 else (ZERO if b == oo else b**k, oo if a == 0 else a**k)
    if k.is_Integer and k % 2 == 0:
        return ZERO, oo if k < 0 or oo in (-a, b) else -least([-(a**k), -(b**k)])
    return (ZERO, b**k) if k > 0 and k.q % 2 == 0 else (-oo, oo)


def _share(e: Any) -> bool:
    """a/(a + b + …) with positive parts: between 0 and 1."""
    top, bottom = sp.fraction(e)
    parts = sp.Add.make_args(expanded(bottom))
    return len(parts) > 1 and all(p.is_positive for p in parts) and expanded(top) in parts


def _wave(e: Any, parts: Sequence[Hull]) -> Hull:
    return -sp.S.One, sp.S.One


HULLS: dict[Any, Callable[[Any, Sequence[Hull]], Hull]] = {
    sp.Add: _sum, sp.Mul: _product, sp.Pow: _power, sp.sin: _wave, sp.cos: _wave, sp.log: _logarithm,
    sp.Abs: _absolute, sp.Max: _largest, sp.Min: _smallest,
    **dict.fromkeys((sp.exp, sp.atan, sp.tanh, sp.erf, sp.sinh, sp.asinh), _increasing),
}  # fmt: skip
