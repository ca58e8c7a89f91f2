"""Worked numbers: each line followed by the same line in numbers.

Exact inputs stay exact while the arithmetic is rational; anything else is a ball whose middle is rounded to the digits
asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from ..balls import point, value
from ..derivation import Derivation
from ..errors import NameLookupError, ShapeError
from ..names import unicode
from ..term import Term, iter_names, mul, neg, num, postorder, power, substitute, sym
from .rows import Row

BITS = 192
SUBSTITUTED = 40  # nodes of a formula that is repeated in numbers
LONG = 10  # characters of an exact number that is still shown exactly


class Worked:
    """The value of every quantity of a derivation at a point, and the rows with their numbers."""

    def __init__(self, d: Derivation, at: Mapping[str, Any], digits: int) -> None:
        self.d, self.digits = d, digits
        given = point(at)
        self.values: dict[str, Any] = {n: value(sym(n), {n: v}, BITS) for n, v in given.items()}
        self._check()
        self.inert: dict[Term, Term] = {}
        for step in d.steps:
            if step.tag.startswith("F"):
                self._set(step.target.name, step.result)
            else:
                key = self._key(step.target)
                self._set(key.name, step.result)
                if step.name is not None:
                    self.values[step.name.name] = self.values[key.name]

    def _check(self) -> None:
        arrays = [n for n, s in self.d.graph.symbols.items() if s.shape]
        if arrays:
            raise ShapeError(f"worked numbers are for scalars; {unicode(arrays[0])} is an array")
        unknown = [n for n in self.values if n not in self.d.graph.inputs and n != "eta"]
        if unknown:
            raise NameLookupError(f"`{unicode(unknown[0])}` is not an input; {self._inputs()}")
        missing = [unicode(n) for n in self.d.graph.inputs if n not in self.values]
        if missing:
            raise NameLookupError(f"no number for {', '.join(missing)}; {self._inputs()}")

    def _inputs(self) -> str:
        return "the inputs are " + ", ".join(map(unicode, self.d.graph.inputs))

    def _key(self, target: Term) -> Term:
        """An inert partial as a name of its own."""
        return self.inert.setdefault(target, sym(f"partial{len(self.inert) + 1}_{len(self.d.steps)}"))

    def _set(self, name: str, t: Term) -> None:
        self.values[name] = self._number(t)

    def _number(self, t: Term) -> Any:
        plain = substitute(t, dict(self.inert)) if self.inert else t
        return value(plain, self.values, BITS)

    def row(self, row: Row) -> Row:
        """The row with its last side in numbers, and the value."""
        last = row.sides[-1]
        if row.relation == "←" and "eta" not in self.values:
            return row
        result = self._literal(self._number(last))
        if last.size > SUBSTITUTED:
            return replace(row, sides=(*row.sides, result))
        swap: dict[Term, Term] = {s: self._literal(self.values[s.name]) for s in iter_names(last)}
        swap |= {p: self._literal(self.values[k.name]) for p, k in self.inert.items() if p in postorder(last)}
        shown = substitute(last, swap)
        more = [s for s in (shown, result) if s is not last]
        if shown is result:
            more = [result] if result is not last else []
        return replace(row, sides=(*row.sides, *more))

    def _literal(self, v: Any) -> Term:
        return literal(v, self.digits)


def literal(v: Any, digits: int) -> Term:
    """A value as a number to print: exact where it is short, else rounded."""
    exact = v if isinstance(v, Fraction) else None
    f = v if isinstance(v, Fraction) else _middle(v)
    if exact is not None and _is_short(exact):
        return num(exact, "." if exact.denominator != 1 and _terminates(exact) else "")
    return rounded(f, digits)


def _is_short(f: Fraction) -> bool:
    if _terminates(f):
        return len(str(f.numerator)) <= LONG and f.denominator <= 10**LONG and _places(f) <= LONG - 2
    return f.denominator < 100 and abs(f.numerator) < 1000


def _terminates(f: Fraction) -> bool:
    d = f.denominator
    for p in (2, 5):
        while d % p == 0:
            d //= p
    return d == 1


def _places(f: Fraction) -> int:
    """How many decimals a terminating decimal has."""
    places, d = 0, f.denominator
    while (10**places) % d:
        places += 1
    return places


def rounded(f: Fraction, digits: int) -> Term:
    """To `digits` decimals; small and large numbers as m·10ᵏ with as many significant digits."""
    if f == 0:
        return num(0)
    exponent = _exponent(f)
    if -2 <= exponent < 7:
        return _decimal(f, max(digits, digits - 1 - exponent) if exponent < 0 and digits < 2 - exponent else digits)
    mantissa = _decimal(f / Fraction(10) ** exponent, max(digits - 1, 0))
    sign, body = (-1, mantissa.args[0]) if mantissa.op == "neg" else (1, mantissa)
    product = mul(body, power(num(10), num(exponent)))
    return neg(product) if sign < 0 else product


def _decimal(f: Fraction, places: int) -> Term:
    scaled = round(f * 10**places)
    return num(Fraction(scaled, 10**places), ".")


def _exponent(f: Fraction) -> int:
    """k with 10ᵏ ≤ |f| < 10ᵏ⁺¹."""
    f = abs(f)
    k = len(str(f.numerator)) - len(str(f.denominator))
    return k if f >= Fraction(10) ** k else k - 1


def _middle(v: Any) -> Fraction:
    man, exp = v.mid().man_exp()
    return Fraction(int(man)) * Fraction(2) ** int(exp)
