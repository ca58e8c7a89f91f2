"""Points with algebraic coordinates: elements of ℚ(θ), θ a real root of an irreducible polynomial.

A number of the field is a polynomial in θ reduced by the minimal polynomial of θ, so that zero is decided by algebra
and the sign of what is not zero by balls. Source: Cohen, A Course in Computational Algebraic Number Theory, 4.2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flint import arb, fmpq, fmpq_mat, fmpq_poly, fmpz_poly

from ...balls import precision

Monomials = Mapping[tuple[int, ...], Any]  # exponents → rational coefficient
FIRST, LAST = 96, 1 << 15  # bits


@lru_cache(maxsize=512)
def real_roots(coefficients: tuple[int, ...], bits: int) -> tuple[Any, ...]:
    """The real roots of a square-free integer polynomial, ascending, as balls that are apart."""
    with precision(bits):
        found = [z.real for z, _ in fmpz_poly(list(coefficients)).complex_roots() if z.imag.is_zero()]
        return tuple(sorted(found, key=lambda r: r.mid()))


def integers(p: Any) -> tuple[int, ...]:
    """The coefficients of the primitive integer polynomial that is a multiple of p."""
    numerator = fmpq_poly(p).numer()
    content = numerator.content()
    return tuple(int(c) // int(content) for c in numerator.coeffs())


@dataclass(frozen=True, slots=True, eq=False)
class AlgebraicPlace:
    """A point: θ is the real root number `index` of the irreducible `modulus`, `at` holds polynomials in θ."""

    modulus: Any
    index: int
    at: tuple[Any, ...]

    @property
    def rational(self) -> bool:
        return self.modulus.degree() == 1

    def theta(self, bits: int) -> Any:
        return real_roots(integers(self.modulus), bits)[self.index]

    def element(self, p: Monomials) -> Any:
        """The value of a polynomial in the coordinates, as an element of ℚ(θ)."""
        powers: list[list[Any]] = [[fmpq_poly([1])] for _ in self.at]
        total = fmpq_poly([0])
        for exponents, c in p.items():
            part = fmpq_poly([c])
            for i, e in enumerate(exponents):
                while len(powers[i]) <= e:
                    powers[i].append(powers[i][-1] * self.at[i] % self.modulus)
                if e:
                    part = part * powers[i][int(e)] % self.modulus
            total += part
        return total % self.modulus

    def inverse(self, q: Any) -> Any:
        """1/q for an element that is not 0."""
        g, s, _ = q.xgcd(self.modulus)
        return s / g % self.modulus if g.degree() == 0 else s % self.modulus

    def product(self, a: Any, b: Any) -> Any:
        return a * b % self.modulus

    def ball(self, q: Any, bits: int = FIRST) -> Any:
        """A ball that holds the element."""
        with precision(bits):
            theta, out = self.theta(bits), arb(0)
            for c in reversed(fmpq_poly(q).coeffs()):
                out = out * theta + arb(c)
            return out

    def sign(self, q: Any) -> int:
        """The certain sign of an element: 0 by algebra, else by a ball that is apart from 0."""
        q = fmpq_poly(q) % self.modulus
        if not q:
            return 0
        bits = FIRST
        while bits <= LAST:
            b = self.ball(q, bits)
            if not b.contains(0):
                return 1 if b > 0 else -1
            bits *= 2
        raise ArithmeticError("the sign of an algebraic number needs too many bits")

    def minimal(self, q: Any) -> tuple[int, ...]:
        """The irreducible integer polynomial of which the element is a root."""
        d = self.modulus.degree()
        rows, power = [], fmpq_poly(q) % self.modulus
        for k in range(d):
            shifted = power * fmpq_poly([0] * k + [1]) % self.modulus
            rows.append([shifted[i] for i in range(d)])
        characteristic = fmpq_mat(rows).charpoly()
        _, factors = fmpz_poly(list(integers(characteristic))).factor()
        return tuple(int(c) for c in factors[0][0].coeffs())

    def exact(self, q: Any) -> Any:
        """The element as a SymPy number: rational, a radical of degree 2, or a `CRootOf`."""
        coefficients = self.minimal(q)
        return root_of(coefficients, self._index(coefficients, q))

    def _index(self, coefficients: tuple[int, ...], q: Any) -> int:
        bits = FIRST
        while True:
            b, roots = self.ball(q, bits), real_roots(coefficients, bits)
            hits = [k for k, r in enumerate(roots) if r.overlaps(b)]
            if len(hits) == 1:
                return hits[0]
            bits *= 2


def root_of(coefficients: Sequence[int], index: int) -> Any:
    """The real root number `index` of an irreducible polynomial as a SymPy number."""
    import sympy as sp

    if len(coefficients) == 2:
        return sp.Rational(-coefficients[0], coefficients[1])
    if len(coefficients) == 3:
        c, b, a = coefficients
        sign = (2 * index - 1) * (1 if a > 0 else -1)
        return sp.Rational(-b, 2 * a) + sign * sp.sqrt(b * b - 4 * a * c) / (2 * a)
    t = sp.Symbol("x")
    if sum(1 for c in coefficients if c) == 2:  # a tⁿ + c: a root of a number reads better
        n, value = len(coefficients) - 1, sp.Rational(-coefficients[0], coefficients[-1])
        root = sp.root(abs(value), n)
        return root if n % 2 and value > 0 else -root if n % 2 else (-root, root)[index]
    return sp.CRootOf(sp.Poly(list(reversed(coefficients)), t), index)


def rational_place(values: Iterable[Any]) -> AlgebraicPlace:
    """A point with rational coordinates."""
    return AlgebraicPlace(fmpq_poly([0, 1]), 0, tuple(fmpq_poly([fmpq(int(v.p), int(v.q))]) for v in values))


def same(a: AlgebraicPlace, b: AlgebraicPlace) -> bool:
    """Whether two points are one: their coordinates have the same minimal polynomial and the same root of it."""
    for p, q in zip(a.at, b.at, strict=True):
        if not a.ball(p).overlaps(b.ball(q)):
            return False
    for p, q in zip(a.at, b.at, strict=True):
        m = a.minimal(p)
        if m != b.minimal(q) or a._index(m, p) != b._index(m, q):
            return False
    return True
