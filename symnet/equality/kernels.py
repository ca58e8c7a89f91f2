"""Powers, logarithms, exponentials and angles of a quotient, taken apart into independent kernels.

e^u of a sum is a product, log |u| a sum over the factors of u, |u|^r a product of roots, sin and cos of multiples and
sums are polynomials in those of the single angles.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any

from .enclosure import INF, Interval
from .field import Again, Poly, Quotient, TooLarge, Undefined
from .polynomials import Same, prime_powers
from .signs import Signs

MULTIPLE = 24  # sin(n x) is written out up to this n
SPLIT = 720  # parts that an angle, an exponent or a root is split into at the most
RANGES: dict[str, Interval] = {
    "erf": (-1, 1), "atan": (-1.6, 1.6), "asin": (-1.6, 1.6), "pi": (3.14159, 3.1416), "softmax": (0, 1),
}  # fmt: skip


class Kernels(Signs):
    """The kernels of one field; `domain` maps a name to the interval that it lies in."""

    def __init__(self, size: int, domain: Mapping[str, Interval]) -> None:
        super().__init__(size)
        self.domain = domain
        self.parts: dict[tuple[Any, ...], int] = {}  # into how many equal parts an angle, exponent or root is split

    # ------------------------------------------------------------------------------------------- roots and logarithms
    def finer(self, key: tuple[Any, ...], parts: int) -> int:
        """How many parts the unit of `key` is split into; asks for another pass when they become more."""
        have = self.parts.get(key, 1)
        if have % parts:
            self.parts[key] = math.lcm(have, parts)
            if self.parts[key] > SPLIT:
                raise TooLarge
            raise Again
        return have

    def root(self, u: Quotient, r: Fraction) -> Quotient:
        """|u|^r, factor by factor."""
        if u.p == 0:
            if r <= 0:
                raise Undefined
            return self.zero
        number, parts = self.factors(u)
        out = self.one
        for p, e in prime_powers(abs(number)):
            out = self.field.mul(out, self._root(self.field.one * p, r * e))
        for f, e in parts:
            out = self.field.mul(out, self._root(f, r * e))
        return out

    def _root(self, f: Poly, r: Fraction) -> Quotient:
        """|f|^r of one factor."""
        kernel = self.field.alone(f)
        if kernel is not None and kernel.kind == "sign":
            return self.one
        if kernel is not None and kernel.kind == "exp":
            m, q, d = kernel.key
            return self._exponential(m.value, q.value, r / d)
        if kernel is not None and kernel.kind == "root":
            return self._root(kernel.key[0].value, r / kernel.key[1])
        if r.denominator == 1:
            base = Quotient(f, self.field.one)
            out = self.field.power(base, int(r))
            return self.field.mul(out, self.factor_sign(f)) if r % 2 and not f.is_constant() else out
        d = self.finer(("root", str(f)), r.denominator)
        low = 1.0 if f.is_constant() else 0.0
        high = abs(float(int(f.leading_coefficient()))) if f.is_constant() else INF
        side = self.one if f.is_constant() else self.factor_sign(f)
        kernel = self.field.kernel("root", (Same(f), d, str(side.p)), low, high)
        self.field.relations[kernel.index] = (d, side.p * f)
        return self.field.power(self.field.value(kernel), int(r * d))

    def log(self, u: Quotient) -> Quotient:
        """log |u|, factor by factor."""
        if u.p == 0:
            raise Undefined
        number, parts = self.factors(u)
        out = self.zero
        for f, e in [*((self.field.one * p, e) for p, e in prime_powers(abs(number))), *parts]:
            out = self.field.add(out, self.field.mul(self.field.number(e), self._log(f)))
        return out

    def _log(self, f: Poly) -> Quotient:
        kernel = self.field.alone(f)
        if kernel is not None and kernel.kind == "sign":
            return self.zero
        if kernel is not None and kernel.kind == "exp":
            m, q, d = kernel.key
            return self.field.div(Quotient(m.value, q.value), self.field.number(d))
        if kernel is not None and kernel.kind == "root":
            return self.field.div(self._log(kernel.key[0].value), self.field.number(kernel.key[1]))
        for _, other, norm in self.conjugates(f):
            other = -other if other.leading_coefficient() < 0 else other
            if str(other) < str(f):
                return self.field.sub(self.log(Quotient(norm, self.field.one)), self._log(other))
        low, high = self.bounds(f)
        low = math.log(low) if low >= 1 else -INF
        high = math.log(high) if 0 < high < INF else INF
        return self.field.value(self.field.kernel("log", (Same(f),), low, high))

    # -------------------------------------------------------------------------------------------------- exponentials
    def exp(self, u: Quotient) -> Quotient:
        out = self.one
        for m, q, c in self.summands(u):
            out = self.field.mul(out, self._exponential(m, q, c))
        return out

    def _exponential(self, m: Poly, q: Poly, c: Fraction) -> Quotient:
        """e^(c m/q)."""
        kernel = self.field.alone(m)
        if kernel is not None and kernel.kind == "log" and q == 1:
            return self._root(kernel.key[0].value, c)
        d = self.finer(("exp", str(m), str(q)), c.denominator)
        low, high = (1.0, 2.72) if m.is_constant() and q == 1 else (0.0, INF)
        made = self.field.kernel("exp", (Same(m), Same(q), d), low, high)
        return self.field.power(self.field.value(made), int(c * d))

    def summands(self, u: Quotient) -> Iterator[tuple[Poly, Poly, Fraction]]:
        """The terms c · m/q of a sum, m/q in lowest terms with coefficient 1."""
        if len(u.p) > 60:
            raise TooLarge
        content, q = u.q.primitive()
        whole, rest, scale = self._divided(u.p, q)
        for part, below in ((whole, self.field.one), (rest, q)):
            for exponents, c in part.terms():
                m = self.field.context.from_dict({exponents: 1})
                g = m.gcd(below)
                yield m / g, below / g, Fraction(int(c), int(content) * scale)

    def _divided(self, p: Poly, q: Poly) -> tuple[Poly, Poly, int]:
        """scale · p = whole · q + rest, so that (π + a)/q and π/q + a/q are taken apart alike."""
        if q == 1:
            return p, p * 0, 1
        scale = int(q.leading_coefficient()) ** (1 + int(max(p.degrees())))
        if abs(scale) > 10**30:
            return p * 0, p, 1
        whole, rest = divmod(p * scale, q)
        return whole, rest, scale

    # -------------------------------------------------------------------------------------------------------- angles
    def circle(self, u: Quotient) -> tuple[Quotient, Quotient]:
        """(cos u, sin u) by the theorems of addition."""
        out = self.one, self.zero
        for m, q, c in self.summands(u):
            out = self._turned(out, self._angle(m, q, c))
        return out

    def _turned(self, a: tuple[Quotient, Quotient], b: tuple[Quotient, Quotient]) -> tuple[Quotient, Quotient]:
        f = self.field
        return f.sub(f.mul(a[0], b[0]), f.mul(a[1], b[1])), f.add(f.mul(a[0], b[1]), f.mul(a[1], b[0]))

    def _angle(self, m: Poly, q: Poly, c: Fraction) -> tuple[Quotient, Quotient]:
        kernel = self.field.alone(m) if q == 1 else None
        if kernel is not None and kernel.kind == "pi" and 12 % c.denominator == 0:
            return self._of_pi(c)
        if kernel is not None and kernel.kind in INVERSE and c.denominator in (1, 2, 4, 8) and abs(c) <= MULTIPLE:
            unit = INVERSE[kernel.kind](self, kernel.key[0].value)
            for _ in range(c.denominator.bit_length() - 1):
                unit = self._halved(unit)
            return self._multiple(unit, c.numerator)
        d = self.finer(("angle", str(m), str(q)), c.denominator)
        n = int(c * d)
        if abs(n) > MULTIPLE:
            cos, sin = self._circle_kernels(m, q, Fraction(abs(n), d))
            return cos, sin if n > 0 else self.field.neg(sin)
        return self._multiple(self._circle_kernels(m, q, Fraction(1, d)), n)

    def _halved(self, unit: tuple[Quotient, Quotient]) -> tuple[Quotient, Quotient]:
        """(cos u/2, sin u/2) for an angle between −π/2 and π/2."""
        f, half = self.field, self.field.number(Fraction(1, 2))
        cos = self.root(f.mul(f.add(self.one, unit[0]), half), Fraction(1, 2))
        return cos, f.mul(half, f.div(unit[1], cos))

    def _circle_kernels(self, m: Poly, q: Poly, unit: Fraction) -> tuple[Quotient, Quotient]:
        key = (Same(m), Same(q), unit)
        cos, sin = (self.field.kernel(kind, key, -1, 1) for kind in ("cos", "sin"))
        self.field.relations[sin.index] = (2, 1 - self.field.gens[cos.index] ** 2)
        return self.field.value(cos), self.field.value(sin)

    def _multiple(self, unit: tuple[Quotient, Quotient], n: int) -> tuple[Quotient, Quotient]:
        out = self.one, self.zero
        for _ in range(abs(n)):
            out = self._turned(out, unit)
        return (out[0], self.field.neg(out[1])) if n < 0 else out

    def _of_pi(self, c: Fraction) -> tuple[Quotient, Quotient]:
        """cos cπ and sin cπ for twelfths: e^(iπ/12) = e^(iπ/3) e^(−iπ/4)."""
        f, half = self.field, self.field.number(Fraction(1, 2))
        two, three = (self.root(f.number(n), Fraction(1, 2)) for n in (2, 3))
        third, quarter = (half, f.mul(half, three)), (f.mul(half, two), f.mul(half, two))
        n = int(c * 12) % 24
        b = 3 * n % 4
        return self._turned(self._multiple(third, (n - 3 * b) // 4 % 6), self._multiple(quarter, b))

    # ------------------------------------------------------------------------------------------------ opaque kernels
    def opaque(self, kind: str, args: tuple[Quotient, ...], data: Any = None) -> Quotient:
        """A kernel that is known by its arguments only."""
        for kernel in self.field.kernels:
            fits = kernel.kind == kind and kernel.key[-1] == data and len(kernel.key) == len(args) + 1
            if fits and all(self.field.same(a, k.value) for a, k in zip(args, kernel.key, strict=False)):
                return self.field.value(kernel)
        low, high = RANGES.get(kind, (-INF, INF))
        key = (*(Same(a) for a in args), data)
        return self.field.value(self.field.kernel(kind, key, low, high))

    def odd(self, kind: str, u: Quotient) -> Quotient:
        """φ(−u) = −φ(u): the leading coefficient of u is positive."""
        if u.p == 0:
            return self.zero
        if u.p.leading_coefficient() < 0:
            return self.field.neg(self.opaque(kind, (self.field.neg(u),)))
        return self.opaque(kind, (u,))

    def name(self, name: str) -> Quotient:
        low, high = self.domain.get(name, (-INF, INF))
        return self.field.value(self.field.kernel("name", (name,), low, high))


def _circle_of_asin(n: Kernels, u: Quotient) -> tuple[Quotient, Quotient]:
    return n.root(n.field.sub(n.one, n.field.mul(u, u)), Fraction(1, 2)), u


def _circle_of_atan(n: Kernels, u: Quotient) -> tuple[Quotient, Quotient]:
    cos = n.root(n.field.add(n.one, n.field.mul(u, u)), Fraction(-1, 2))
    return cos, n.field.mul(u, cos)


# the cosine and the sine of an inverse function
INVERSE: dict[str, Callable[[Kernels, Quotient], tuple[Quotient, Quotient]]] = {
    "asin": _circle_of_asin, "atan": _circle_of_atan,
}  # fmt: skip
