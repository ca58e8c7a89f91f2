"""Worked numbers: each line followed by the same line in numbers.

Exact inputs stay exact while the arithmetic is rational; anything else is a ball whose middle is rounded to the digits
asked for.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ..balls import dimensions, point, value
from ..derivation import Derivation, Step
from ..errors import NameLookupError, OverflowError_, RuleError, ShapeError, SizeError
from ..names import canonical, unicode
from ..term import Term, add, array, iter_names, mul, neg, num, postorder, power, substitute, sym
from .rows import Row

if TYPE_CHECKING:
    from ..calculation import Calculation

BITS = 192
SUBSTITUTED = 40  # nodes of a formula that is repeated in numbers
LONGEST = 1_000_000  # bits before or after the point
LONG = 10  # characters of an exact number that is still shown exactly
ENTRIES = 64  # of an array that is written out
REPEATED = 30  # entries of the arrays in a formula that is repeated in numbers
SIZED = ("ones", "zeros", "eye")


class Worked:
    """The value of every quantity of a derivation at a point, and the rows with their numbers."""

    def __init__(self, d: Derivation, at: Mapping[str, Any], digits: int) -> None:
        self.d, self.digits = d, digits
        given = point(at)
        symbols = d.graph.symbols
        self.values: dict[str, Any] = {n: value(symbols.get(n, sym(n)), {n: v}, BITS) for n, v in given.items()}
        self._check()
        self.values |= self._dimensions()
        self.inert: dict[Term, Term] = {}
        self.plain: dict[Term, Term] = self.inert  # the memo of the substitution; it grows with the lines
        for step in d.steps:
            if step.tag.startswith("F"):
                self._set(step.target, step.result)
            else:
                key = self._key(step.target)
                self._set(key, step.result)
                if step.name is not None:
                    self.values[step.name.name] = self.values[key.name]

    def _dimensions(self) -> dict[str, Fraction]:
        """The sizes that the arrays have; raises where two arrays disagree or one is too large to be written out."""
        inputs = [self.d.graph.symbols[n] for n in self.d.graph.inputs if n in self.values]
        large = [s for s in inputs if _entries(self.values[s.name]) > ENTRIES]
        if large:
            raise SizeError(
                f"worked numbers are for small arrays; `{unicode(large[0].name)}` has"
                f" {_entries(self.values[large[0].name])} entries, at most {ENTRIES} are written out"
            )
        sizes = dimensions(inputs, {s.name: self.values[s.name] for s in inputs})
        return {n: Fraction(size) for n, size in sizes.items() if n not in self.values}

    def _check(self) -> None:
        unknown = [n for n in self.values if n not in self.d.graph.inputs and n != "eta"]
        if unknown:
            raise NameLookupError(f"`{unicode(unknown[0])}` is not an input; {self._inputs()}")
        symbols = self.d.graph.symbols
        listed = [n for n, v in self.values.items() if isinstance(v, tuple) and n in symbols and not symbols[n].shape]
        if listed:
            raise ShapeError(f"`{unicode(listed[0])}` is a scalar; give one number for it")
        missing = [unicode(n) for n in self.d.graph.inputs if n not in self.values]
        if missing:
            raise NameLookupError(f"no number for {', '.join(missing)}; {self._inputs()}")

    def _inputs(self) -> str:
        return "the inputs are " + ", ".join(map(unicode, self.d.graph.inputs))

    def _key(self, target: Term) -> Term:
        """An inert partial as a name of its own."""
        name = f"partial{len(self.inert) + 1}_{len(self.d.steps)}"
        return self.inert.setdefault(target, sym(name, shape=target.shape))

    def _set(self, target: Term, t: Term) -> None:
        if t.shape != target.shape:
            raise ShapeError(f"`{target.text()}` and its formula differ in shape; please report this")
        self.values[target.name] = self._number(t)

    def _number(self, t: Term) -> Any:
        plain = substitute(t, {}, self.plain)
        return value(plain, {n: self.values[n] for n in plain.free if n in self.values}, BITS)

    def row(self, row: Row) -> Row:
        """The row with its last side in numbers, and the value."""
        last = row.sides[-1]
        if row.relation == "←" and "eta" not in self.values:
            return row
        result = self._literal(self._number(last))
        swap = self._swaps(last)
        if last.size > SUBSTITUTED or sum(len(v.args) for v in swap.values() if v.op == "array") > REPEATED:
            return replace(row, sides=(*row.sides, result))
        try:
            shown = substitute(last, swap)
        except ShapeError:  # a symbolic size beside a number
            shown = last
        more = [s for s in (shown, result) if s is not last]
        if shown is result:
            more = [result] if result is not last else []
        return replace(row, sides=(*row.sides, *more))

    def _swaps(self, t: Term) -> dict[Term, Term]:
        """What the names, the inert partials and the arrays of ones in a formula stand for."""
        nodes = postorder(t)
        swap = {s: self._literal(self.values[s.name]) for s in iter_names(t)}
        inert = [p for p in nodes if p.op == "partial" and p in self.inert]
        swap |= {p: self._literal(self.values[self.inert[p].name]) for p in inert}
        return swap | {a: self._literal(self._number(a)) for a in nodes if a.op in SIZED}

    def _literal(self, v: Any) -> Term:
        return literal(v, self.digits)


def _entries(v: Any) -> int:
    return sum(map(_entries, v)) if isinstance(v, tuple) else 1


def literal(v: Any, digits: int) -> Term:
    """A value as a number to print: exact where it is short, else rounded; an array entry by entry."""
    if isinstance(v, tuple):
        return array([r if isinstance(r, tuple) else (r,) for r in v], lambda c: literal(c, digits))
    exact = v if isinstance(v, Fraction) else None
    if exact is None and v.contains(0):
        return num(0)
    f = v if isinstance(v, Fraction) else _middle(v)
    if exact is not None and _is_short(exact):
        return num(exact, "." if exact.denominator != 1 and _terminates(exact) else "")
    return rounded(f, digits)


def _is_short(f: Fraction) -> bool:
    if _terminates(f):
        return f.numerator.bit_length() < 4 * LONG and f.denominator <= 10**LONG and _places(f) <= LONG - 2
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


def shortened(f: Fraction, digits: int) -> Fraction:
    """To as many significant digits."""
    if f == 0:
        return f
    unit = Fraction(10) ** (_exponent(f) - digits + 1)
    return round(f / unit) * unit


def _decimal(f: Fraction, places: int) -> Term:
    scaled = round(f * 10**places)
    return num(Fraction(scaled, 10**places), f".{places}")


def _exponent(f: Fraction) -> int:
    """k with 10ᵏ ≤ |f| < 10ᵏ⁺¹."""
    f = abs(f)
    k = math.floor((f.numerator.bit_length() - f.denominator.bit_length() + 1) * math.log10(2)) + 1
    while f < Fraction(10) ** k:
        k -= 1
    return k


def _middle(v: Any) -> Fraction:
    man, exp = v.mid().man_exp()
    if abs(int(exp)) > LONGEST:
        raise OverflowError_("a value of these worked numbers is too large or too small to write down")
    return Fraction(int(man)) * Fraction(2) ** int(exp)


def worked_lines(c: Calculation, at: Mapping[str, Any], digits: int) -> tuple[Step, ...]:
    """The last line of every part at a point: the formula, the formula in numbers, the number."""
    values = _values(at)
    out: list[Step] = []
    for last in (part.lines["rules"][-1] for part in c.parts if part.lines["result"]):
        free = c.constant if c.constant is not None and c.constant.name not in values else None
        known = add(*(a for a in last.result.args if a is not free)) if free is not None else last.result
        _every_name(known, values)
        swap = {s: literal(values[s.name], digits) for s in iter_names(known)}
        shown = [substitute(last.result, swap)] if last.result.size <= SUBSTITUTED else []
        number = _literals(known, values, digits)
        sides = tuple(dict.fromkeys([last.result, *shown, number if free is None else add(number, free)]))
        out.append(replace(last, tag=f"N{len(out) + 1}", rule="", sides=sides, why=(), continued=False))
    said = _guarded(c, at)
    if said and out:
        out[-1] = replace(out[-1], rule=said)
    return tuple(out)


def _guarded(c: Calculation, at: Mapping[str, Any]) -> str:
    """What has to be said of the result at these numbers; raises where it does not hold."""
    if c.guard is None:
        return ""
    return c.guard({canonical(str(getattr(n, "name", n))): v for n, v in at.items()})


def _values(at: Mapping[str, Any]) -> dict[str, Any]:
    return {n: value(sym(n), {n: v}, BITS) for n, v in point(at).items()}


def _literals(t: Term, values: Mapping[str, Any], digits: int) -> Term:
    """The value of a formula, entry by entry for a vector."""
    if t.op == "vector":
        return Term("vector", tuple(_literals(a, values, digits) for a in t.args))
    return literal(value(t, values, BITS), digits)


def downhill(c: Calculation, at: Mapping[str, Any], rate: Any, digits: int) -> tuple[Step, ...]:
    """∇y at the point, Δx = −η ∇y, and the next x."""
    if not c.slopes or c.name is None:
        raise RuleError("a step downhill needs a first derivative or a gradient")
    values = _values({**at, "eta": rate})
    for t in c.slopes.values():
        _every_name(t, values)
    _guarded(c, at)
    eta, places = literal(values["eta"], digits), [literal(values[n], digits) for n in c.slopes]
    exact = {n: value(t, values, BITS) for n, t in c.slopes.items()}
    slopes = [literal(v, digits) for v in exact.values()]
    whole = slopes[0] if len(slopes) == 1 else Term("vector", tuple(slopes))
    nabla = Term("apply", tuple(places), f"nabla_{c.name.name}")
    out = [Step("S1", "the gradient at the point", nabla, (whole,))]
    for (n, v), g, x in zip(exact.items(), slopes, places, strict=True):
        change = -value(mul(sym("eta"), sym("slope")), {"eta": values["eta"], "slope": v}, BITS)
        moved = value(add(sym("x"), sym("change")), {"x": values[n], "change": change}, BITS)
        delta = sym(f"Delta{n}")
        out.append(Step(f"S{len(out) + 1}", "the rate times the gradient, downhill", delta,
                        (neg(mul(eta, g)), literal(change, digits))))  # fmt: skip
        shown = add(x, literal(change, digits))
        out.append(Step(f"S{len(out) + 1}", f"the next `{n}`", sym(n), (shown, literal(moved, digits)), relation="←"))
    return tuple(out)


def _every_name(t: Term, values: Mapping[str, Any]) -> None:
    missing = [unicode(n) for n in t.free if n not in values]
    if missing:
        raise NameLookupError(f"no number for {', '.join(missing)}; give one with --at or at=")
