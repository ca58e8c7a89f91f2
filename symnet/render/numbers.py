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

from ..balls import middle, point, value
from ..derivation import Step
from ..errors import NameLookupError, OverflowError_, RuleError
from ..names import canonical, unicode
from ..term import Term, add, array, iter_names, mul, neg, num, postorder, power, substitute, sym
from ..tidy import terminates

if TYPE_CHECKING:
    from ..calculation import Calculation

BITS = 192
SUBSTITUTED = 40  # nodes of a formula that is repeated in numbers
LONGEST = 1_000_000  # bits before or after the point
LONG = 10  # characters of an exact number that is still shown exactly


def literal(v: Any, digits: int) -> Term:
    """A value as a number to print: exact where it is short, else rounded; an array entry by entry."""
    if isinstance(v, tuple):
        return array([r if isinstance(r, tuple) else (r,) for r in v], lambda c: literal(c, digits))
    exact = v if isinstance(v, Fraction) else None
    if exact is None and v.contains(0):
        return num(0) if v.is_zero() else num(0, f".{digits}")  # the second is not proved to be 0
    f = _middle(v)
    if exact is not None and _is_short(exact):
        return num(exact, "." if exact.denominator != 1 and terminates(exact) else "")
    return rounded(f, digits)


def _is_short(f: Fraction) -> bool:
    if terminates(f):
        return f.numerator.bit_length() < 4 * LONG and f.denominator <= 10**LONG and _places(f) <= LONG - 2
    return f.denominator < 100 and abs(f.numerator) < 1000


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
    if not isinstance(v, Fraction) and abs(int(v.mid().man_exp()[1])) > LONGEST:
        raise OverflowError_("a value of these worked numbers is too large or too small to write down")
    return middle(v)


def worked_lines(c: Calculation, at: Mapping[str, Any], digits: int) -> tuple[Step, ...]:
    """The last line of every part at a point: the formula, the formula in numbers, the number."""
    graph = getattr(c, "graph", None)
    if graph is not None:
        from .worked import matrix_lines

        return matrix_lines(c, graph, getattr(c, "names", {}), at, digits)
    values = _values(at)
    out: list[Step] = []
    for last in (part.lines["rules"][-1] for part in c.parts if part.lines["result"]):
        free = c.constant if c.constant is not None and c.constant.name not in values else None
        known = add(*(a for a in last.result.args if a is not free)) if free is not None else last.result
        _refuse_matrices(known)
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


def _refuse_matrices(t: Term) -> None:
    if any(len(s.shape) == 2 for s in iter_names(t)) or any(n.op in ("index", "entry", "delta") for n in postorder(t)):
        raise RuleError("this page has no worked numbers of matrices; `compile()` gives a function of these arrays")


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
