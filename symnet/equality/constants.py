"""Whether a number made of roots, of sines of rational parts of π, and of inverse sines and tangents is 0: a proof.

A number E = U/L with U, L algebraic integers in a field of degree D, |U| ≤ u and |L| ≤ l in every conjugate: the norm
of U is a whole number, so E = 0 or |E| ≥ 1/(u^(D−1) l) (Burnikel, Fleischer, Mehlhorn, Schirra, *A strong and easily
computable separation bound for arithmetic expressions involving radicals*, 2000). A ball around E that lies inside
this gap proves E = 0. A rational combination of angles is 0 if the sine of a whole multiple of it is 0 and the multiple
is less than π.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb, fmpq

from ..balls import UNDECIDED, NotDecided, Probe, TooWide, precision
from ..balls import value as exact_value
from ..errors import DomainError, OverflowError_, SymnetError
from ..functions import PI
from ..term import ONE, Term, add, fn, mul, neg, num, postorder, power
from .points import denominator

POLES = {"tan": "cos", "sec": "cos", "cot": "sin", "csc": "sin"}
BITS, WHOLE, TURNS, NODES = 60_000, 400, 64, 400
Known = (*UNDECIDED, SymnetError, OverflowError)


class NotAlgebraic(ArithmeticError):
    """A part that is no algebraic number, or one that takes too many digits."""


@dataclass(frozen=True, slots=True)
class Size:
    """log2 of the bounds of numerator and denominator in every conjugate."""

    above: float
    below: float


def is_zero(t: Term) -> bool:
    """Proved; False says nothing."""
    if t.free or sum(1 for _ in postorder(t)) > NODES:
        return False
    try:
        return _algebraic_zero(t) or _angle_zero(t)
    except (NotAlgebraic, *Known):
        return False


def no_value(t: Term) -> bool:
    """Whether a formula without names is proved to have no real value: √(−1), log 0, 1/(1 − 1), tan(π/2)."""
    below = [_below(n) for n in postorder(t)]
    if any(b is not None and is_zero(b) for b in below):
        return True
    try:
        exact_value(t, {}, 64)
    except (TooWide, NotDecided, OverflowError_):
        return False
    except DomainError:
        return True
    except SymnetError:
        return False
    return False


def _below(node: Term) -> Term | None:
    """What must not be 0."""
    if node.op == "fn" and node.data == "log":
        return node.args[0]
    if node.op == "fn" and node.data in POLES:
        return fn(POLES[node.data], node.args[0])
    return denominator(node)


def _algebraic_zero(t: Term) -> bool:
    try:
        size, degree = _Bound().of(t)
    except NotAlgebraic:
        return False
    needed = (degree - 1) * size.above + size.below + 8
    return needed <= BITS and _within(t, int(needed))


def _within(t: Term, needed: int) -> bool:
    """|t| < 2^(−needed)."""
    for bits in (needed + 64, 2 * needed + 256):
        try:
            x = Probe({}, {}, bits).value(t)
        except Known:
            continue
        with precision(bits):
            if not isinstance(x, fmpq) and not x.contains(0):
                return False
            if isinstance(x, fmpq) or abs(x) < arb(2) ** -needed:
                return bool(x == 0) if isinstance(x, fmpq) else True
    return False


class _Bound:
    """The bounds of every part, and the degree of the field that holds them all."""

    def __init__(self) -> None:
        self.memo: dict[Term, Size] = {}
        self.roots: dict[tuple[Term, int], None] = {}
        self.circle = 1  # all angles are multiples of 2π/circle

    def of(self, t: Term) -> tuple[Size, int]:
        for node in _above_angles(t):
            self.memo[node] = self._size(node)
        degree = math.prod(k for _, k in self.roots) * _totient(self.circle)
        return self.memo[t], degree

    def _size(self, node: Term) -> Size:
        if node.number is not None:
            return Size(_log(node.number.numerator), _log(node.number.denominator))
        if node.op == "pow":
            return self._power(node)
        if node.op == "fn" and node.data in CIRCLES:
            return self._circle(node)
        rule = RULES.get(node.data if node.op == "fn" else node.op)
        if rule is None:
            raise NotAlgebraic(node.op)
        return rule(self, node, [self.memo[a] for a in node.args])

    def _power(self, node: Term) -> Size:
        r = node.args[1].number
        if r is None or abs(r.numerator) > WHOLE or r.denominator > WHOLE:
            raise NotAlgebraic("pow")
        base = self.root(node.args[0], self.memo[node.args[0]], r.denominator)
        k = abs(r.numerator)
        out = Size(base.above * k, base.below * k)
        return out if r > 0 else Size(out.below, out.above)

    def root(self, inner: Term, s: Size, k: int) -> Size:
        """(U/L)^(1/k) = (U L^(k−1))^(1/k) / L."""
        if k == 1:
            return s
        self.roots[inner, k] = None
        return Size((s.above + (k - 1) * s.below) / k, s.below)

    def _circle(self, node: Term) -> Size:
        """2 cos and 2 sin of a rational part of π are sums of two roots of unity, and tan is their quotient."""
        part = _part_of_pi(node.args[0])
        if part is None:
            raise NotAlgebraic(node.data)
        self.circle = math.lcm(self.circle, 4, 2 * part.denominator)
        if self.circle > WHOLE:
            raise NotAlgebraic(node.data)
        return Size(1.0, 1.0)


def _above_angles(t: Term) -> list[Term]:
    """Every node, each after its arguments, without what sines and cosines are taken of."""
    out: dict[Term, None] = {}
    stack = [(t, False)]
    while stack:
        node, ready = stack.pop()
        if node in out:
            continue
        last = not node.args or (node.op == "fn" and node.data in CIRCLES)
        if ready or last:
            out[node] = None
        else:
            stack.append((node, True))
            stack.extend((a, False) for a in node.args)
    return list(out)


def _sum(bound: _Bound, node: Term, sizes: list[Size]) -> Size:
    first, *rest = sizes
    for s in rest:
        high = max(first.above + s.below, first.below + s.above)
        first = Size(high + 1, first.below + s.below)
    return first


def _product(bound: _Bound, node: Term, sizes: list[Size]) -> Size:
    return Size(sum(s.above for s in sizes), sum(s.below for s in sizes))


def _quotient(bound: _Bound, node: Term, sizes: list[Size]) -> Size:
    a, b = sizes
    return Size(a.above + b.below, a.below + b.above)


def _itself(bound: _Bound, node: Term, sizes: list[Size]) -> Size:
    return sizes[0]


CIRCLES = ("sin", "cos", "tan")
RULES: dict[str, Callable[[_Bound, Term, list[Size]], Size]] = {
    "add":  _sum,
    "mul":  _product,
    "div":  _quotient,
    "neg":  _itself,
    "abs":  _itself,
    "sqrt": lambda bound, node, sizes: bound.root(node.args[0], sizes[0], 2),
}  # fmt: skip


def _log(n: int) -> float:
    """log2 |n|, rounded up; 0 for 0 and 1."""
    return float(abs(n).bit_length()) if abs(n) > 1 else 0.0


def _totient(n: int) -> int:
    return sum(1 for k in range(1, n + 1) if math.gcd(k, n) == 1)


# ------------------------------------------------------------------------------------------------------------- angles
def _part_of_pi(t: Term) -> Fraction | None:
    """r of r π."""
    found = _combination(t)
    if found is None or any(angle is not PI for angle in found):
        return None
    return found.get(PI, Fraction(0))


def _combination(t: Term) -> dict[Term, Fraction] | None:
    """A sum of rational multiples of π and of inverse functions; None for anything else."""
    if t is PI or (t.op == "fn" and t.data in ANGLES):
        return {t: Fraction(1)}
    if t.op == "neg":
        return _scaled(_combination(t.args[0]), Fraction(-1))
    if t.op == "add":
        out: dict[Term, Fraction] = {}
        for a in t.args:
            part = _combination(a)
            if part is None:
                return None
            for angle, c in part.items():
                out[angle] = out.get(angle, Fraction(0)) + c
        return out
    if t.op == "div" and t.args[1].number:
        return _scaled(_combination(t.args[0]), 1 / t.args[1].number)
    if t.op == "mul":
        scale = math.prod((a.number for a in t.args if a.number is not None), start=Fraction(1))
        rest = [a for a in t.args if a.number is None]
        return _scaled(_combination(rest[0]), scale) if len(rest) == 1 else None
    return {} if t.number == 0 else None


def _scaled(found: dict[Term, Fraction] | None, c: Fraction) -> dict[Term, Fraction] | None:
    return None if found is None else {angle: c * v for angle, v in found.items()}


Direction = tuple[Term, Term]  # a vector in the direction of an angle


def _leg(u: Term) -> Term:
    return power(ONE - u * u, num(Fraction(1, 2)))


ANGLES: dict[str, Callable[[Term], Direction]] = {
    "atan": lambda u: (ONE, u),
    "asin": lambda u: (_leg(u), u),
    "acos": lambda u: (u, _leg(u)),
}  # fmt: skip


def _angle_zero(t: Term) -> bool:
    found = _combination(t)
    if found is None:
        return False
    scale = math.lcm(*(c.denominator for a, c in found.items() if a is not PI))
    turned: Direction = ONE, num(0)
    turns = 0
    for angle, c in found.items():
        k = c * scale
        if angle is PI:
            unit, k = (fn("cos", mul(num(k), PI)), fn("sin", mul(num(k), PI))), Fraction(1)
        else:
            unit = ANGLES[angle.data](angle.args[0])
        turns += abs(int(k))
        if turns > TURNS:
            return False
        for _ in range(abs(int(k))):
            turned = _turned(turned, unit if k > 0 else (unit[0], neg(unit[1])))
    whole: Any = mul(num(scale), t)
    x = Probe({}, {}, 128).value(whole)
    return bool(abs(arb(x)) < 3) and _algebraic_zero(turned[1])


def _turned(a: Direction, b: Direction) -> Direction:
    return add(mul(a[0], b[0]), neg(mul(a[1], b[1]))), add(mul(a[0], b[1]), mul(a[1], b[0]))


def same_number(a: Term, b: Term) -> bool:
    """Whether two formulas without names are proved to be one number."""
    return is_zero(add(a, neg(b)))
