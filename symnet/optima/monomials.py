"""Sums of monomials: a formula as coefficients times Laurent monomials in what is not arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import prod
from typing import Any

from ..term import Term, div, mul, neg, num, postorder, power, rebuild

TERMS = 200
Monomial = tuple[tuple[Term, Fraction], ...]
Combination = dict[Monomial, Fraction]


class NoNormalForm(ArithmeticError):
    """The normal form would be too large, or there is none."""


def combination(t: Term) -> Combination:
    """t as a sum of coefficients times Laurent monomials in what is not arithmetic."""
    memo: dict[Term, Combination] = {}
    for node in postorder(t):
        memo[node] = COMBINE.get(node.op, _opaque)(node, [memo.get(a, {}) for a in node.args])
    return memo[t]


def _opaque(node: Term, args: list[Combination]) -> Combination:
    return {((node, Fraction(1)),): Fraction(1)}


def _sum(node: Term, args: list[Combination]) -> Combination:
    out: Combination = {}
    for a in args:
        for m, c in a.items():
            out[m] = out.get(m, Fraction(0)) + c
    return {m: c for m, c in out.items() if c}


def _times(a: Combination, b: Combination) -> Combination:
    if len(a) * len(b) > TERMS:
        raise NoNormalForm
    out: Combination = {}
    for m, c in a.items():
        for n, d in b.items():
            key, factor = _merged(m, n)
            out[key] = out.get(key, Fraction(0)) + c * d * factor
    return {m: c for m, c in out.items() if c}


def _merged(m: Monomial, n: Monomial) -> tuple[Monomial, Fraction]:
    """The product, and the number that whole powers of numbers are."""
    powers, factor = dict(m), Fraction(1)
    for k, e in n:
        powers[k] = powers.get(k, Fraction(0)) + e
    for k, e in list(powers.items()):
        if k.op == "num" and e.denominator == 1:
            factor *= k.data[0] ** int(powers.pop(k))
    return tuple(sorted(((k, e) for k, e in powers.items() if e), key=lambda f: str(f[0]))), factor


def _product(node: Term, args: list[Combination]) -> Combination:
    out: Combination = {(): Fraction(1)}
    for a in args:
        out = _times(out, a)
    return out


def _inverse(a: Combination) -> Combination | None:
    if len(a) != 1:
        return None
    ((m, c),) = a.items()
    return {tuple((k, -e) for k, e in m): 1 / c}


def _quotient(node: Term, args: list[Combination]) -> Combination:
    below = _inverse(args[1])
    return _opaque(node, args) if below is None else _times(args[0], below)


def _power(node: Term, args: list[Combination]) -> Combination:
    e = Fraction(1, 2) if node.op == "fn" else exponent(node.args[1])
    if e is None:
        return _opaque(node, args)
    base = args[0]
    if e < 0:
        inverse = _inverse(base)
        if inverse is None:
            return _opaque(node, args)
        base, e = inverse, -e
    if e.denominator == 1 and e <= 12:
        out: Combination = {(): Fraction(1)}
        for _ in range(int(e)):
            out = _times(out, base)
        return out
    if len(base) == 1:
        ((m, c),) = base.items()
        if c == 1:
            return {tuple((k, f * e) for k, f in m): Fraction(1)}
        if not m and c > 0 and c.denominator == 1:
            return {((num(c), e),): Fraction(1)}
    return _opaque(node, args)


def exponent(t: Term) -> Fraction | None:
    """The rational number that an exponent is: a literal, or a quotient of two."""
    if t.number is not None:
        return t.number
    if t.op == "div" and t.args[0].number is not None and t.args[1].number:
        return t.args[0].number / t.args[1].number
    if t.op not in FOLD:
        return None
    parts = [exponent(a) for a in t.args]
    return None if any(p is None for p in parts) else FOLD[t.op](parts)


def _folded_power(parts: list[Any]) -> Fraction | None:
    base, e = parts
    return base ** int(e) if e.denominator == 1 and abs(e) <= 64 and (base or e >= 0) else None


FOLD: dict[str, Callable[[list[Any]], Fraction | None]] = {
    "neg": lambda parts: -parts[0], "add": lambda parts: sum(parts, start=Fraction(0)),
    "mul": lambda parts: prod(parts, start=Fraction(1)),
    "div": lambda parts: parts[0] / parts[1] if parts[1] else None, "pow": _folded_power,
}  # fmt: skip


def plain_exponents(t: Term) -> Term:
    """x^(2^2) as x⁴, x^(4/2) as x²: exponents that are rational numbers are written as such."""
    memo: dict[Term, Term] = {}
    for node in postorder(t):
        made = rebuild(node, [memo[a] for a in node.args]) if node.args else node
        if made.op == "pow" and (e := exponent(made.args[1])) is not None:
            made = power(made.args[0], num(e))
        memo[node] = made
    return memo[t]


COMBINE: dict[str, Callable[[Term, list[Combination]], Combination]] = {
    "num": lambda node, args: {(): node.data[0]} if node.data[0] else {},
    "add": _sum,
    "neg": lambda node, args: {m: -c for m, c in args[0].items()},
    "mul": _product,
    "div": _quotient,
    "pow": _power,
    "fn": lambda node, args: _power(node, args) if node.data == "sqrt" else _opaque(node, args),
}


def written(m: Monomial, c: Fraction = Fraction(1)) -> Term:
    """A monomial as a Term."""
    top = [k if e == 1 else power(k, num(e)) for k, e in m if e > 0]
    bottom = [k if e == -1 else power(k, num(-e)) for k, e in m if e < 0]
    above = mul(*([] if abs(c.numerator) == 1 and top else [num(abs(c.numerator))]), *top)
    below = ([num(c.denominator)] if c.denominator != 1 else []) + bottom
    whole = div(above, mul(*below)) if below else above
    return neg(whole) if c < 0 else whole
