"""Quotients of polynomials in kernels: exact arithmetic (python-flint), and the relations that kernels satisfy.

A kernel is whatever is not arithmetic: a name, e^x, √x, sin x, the sign of x. Relations such as (√x)² = x or
sin² = 1 − cos² are applied until none of them can be, so that an identity leaves the numerator 0.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from math import comb
from typing import Any

from flint import Ordering, fmpz_mpoly_ctx

from .enclosure import INF

SIZES = (24, 72)  # kernels that there is room for; a formula with more is tried again with the next
TERMS, WORK = 4_000, 60_000  # monomials of one polynomial, products of monomials in one multiplication
BUDGET, STEP = 12_000_000, 200  # products of monomials of one proof, and what any step counts for
SHORT = 4  # terms of a denominator that is freed of roots

Poly = Any  # fmpz_mpoly


class TooLarge(ArithmeticError):
    """Multiplied out, the formula has too many terms or kernels."""


class Unsupported(ArithmeticError):
    """An operation that has no normal form here."""


class Full(ArithmeticError):
    """There are more kernels than room for them."""


class Undefined(ArithmeticError):
    """A denominator is 0 everywhere."""


class Unclear(ArithmeticError):
    """A denominator vanishes on one side of a corner, so that the sides are to be taken one by one."""


class Again(Exception):
    """A kernel was split more finely, or a sign became known: the normal forms are to be made anew."""


class Empty(Exception):
    """The assumptions contradict each other: this region holds no point."""


@dataclass(frozen=True, slots=True)
class Quotient:
    """p/q in lowest terms; q has a positive leading coefficient."""

    p: Poly
    q: Poly


@dataclass(frozen=True, slots=True)
class Kernel:
    """A generator: what it stands for, and the interval that its values lie in."""

    kind: str
    key: tuple[Any, ...]
    index: int
    low: float = -INF
    high: float = INF


@dataclass(slots=True)
class Field:
    """The kernels so far, their relations g^n = value, and arithmetic on quotients."""

    size: int
    context: Any = None
    gens: tuple[Poly, ...] = ()
    one: Poly = None
    kernels: list[Kernel] = field(default_factory=list)
    relations: dict[int, tuple[int, Poly]] = field(default_factory=dict)
    sums: dict[int, Poly] = field(default_factory=dict)  # kernels that stand for a sum whose power is too long
    work: int = 0
    _found: dict[tuple[str, tuple[Any, ...]], Kernel] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.context = fmpz_mpoly_ctx.get([f"x{i}" for i in range(self.size)], Ordering.lex)
        self.gens = self.context.gens()
        self.one = self.context.from_dict({(0,) * self.size: 1})

    # -- kernels
    def find(self, kind: str, key: tuple[Any, ...]) -> Kernel | None:
        return self._found.get((kind, key))

    def kernel(self, kind: str, key: tuple[Any, ...], low: float = -INF, high: float = INF) -> Kernel:
        """The kernel of this kind and key, made when it is new."""
        found = self._found.get((kind, key))
        if found is None:
            if len(self.kernels) == self.size:
                raise Full
            found = Kernel(kind, key, len(self.kernels), low, high)
            self.kernels.append(found)
            self._found[kind, key] = found
        return found

    def value(self, kernel: Kernel) -> Quotient:
        return Quotient(self.gens[kernel.index], self.one)

    def alone(self, p: Poly) -> Kernel | None:
        """The kernel that a polynomial is, if it is one."""
        if len(p) != 1 or p.leading_coefficient() != 1 or p.total_degree() != 1:
            return None
        return self.kernels[next(i for i, e in enumerate(p.degrees()) if e)]

    # -- arithmetic
    def number(self, x: int | Fraction) -> Quotient:
        f = Fraction(x)
        return Quotient(self.one * f.numerator, self.one * f.denominator)

    def add(self, a: Quotient, b: Quotient) -> Quotient:
        if a.q == b.q:
            return self.make(a.p + b.p, a.q)
        g = a.q.gcd(b.q)
        left, right = b.q / g, a.q / g
        return self.make(self.times(a.p, left) + self.times(b.p, right), self.times(a.q, left))

    def neg(self, a: Quotient) -> Quotient:
        return Quotient(-a.p, a.q)

    def sub(self, a: Quotient, b: Quotient) -> Quotient:
        return self.add(a, self.neg(b))

    def mul(self, a: Quotient, b: Quotient) -> Quotient:
        return self.make(self.times(a.p, b.p), self.times(a.q, b.q))

    def div(self, a: Quotient, b: Quotient) -> Quotient:
        p = self.reduced(b.p)
        if p == 0:
            raise Undefined
        if len(p) > 1 and any(e and self.kernels[i].kind == "sign" for i, e in enumerate(p.degrees())):
            mixed = p / p.term_content()  # a sign in front of all is never 0
            if any(e and self.kernels[i].kind == "sign" for i, e in enumerate(mixed.degrees())):
                raise Unclear
        return self.make(self.times(a.p, b.q), self.times(a.q, p))

    def power(self, a: Quotient, n: int) -> Quotient:
        if n < 0:
            return self.power(self.div(self.number(1), a), -n)
        for p in (a.p, a.q):
            if len(p) > 1 and (n > 200 or comb(len(p) + n - 1, n) > TERMS):
                raise TooLarge
            if n > 2**28 or (len(p) == 1 and abs(int(p.leading_coefficient())) > 1 and n > 4096):
                raise TooLarge
        return self.make(a.p**n, a.q**n)

    def times(self, p: Poly, q: Poly) -> Poly:
        self.count(len(p) * len(q))
        if len(p) * len(q) > WORK:
            raise TooLarge
        return p * q

    def count(self, work: int) -> None:
        """So much was done; a proof that takes more than its budget is given up."""
        self.work += work
        if self.work > BUDGET:
            raise TooLarge

    def make(self, p: Poly, q: Poly) -> Quotient:
        """p/q with the relations applied, cancelled, without roots and signs as factors below."""
        self.count(STEP + 20 * (len(p) + len(q)))
        p = self.reduced(p)
        if q == self.one:
            return Quotient(p, q)
        if len(p) > TERMS or len(q) > TERMS:
            raise TooLarge
        q = self.reduced(q)
        if q == 0:
            raise Undefined
        if p == 0:
            return Quotient(p, self.one)
        p, q = self._rational(p, q)
        g = p.gcd(q)
        if g != self.one:
            p, q = p / g, q / g
        return Quotient(-p, -q) if q.leading_coefficient() < 0 else Quotient(p, q)

    def _rational(self, p: Poly, q: Poly) -> tuple[Poly, Poly]:
        """1/√x as √x/x, and 1/(1 + √x) as (1 − √x)/(1 − x)."""
        if not self.relations:
            return p, q
        content = q.term_content()
        for i, e in enumerate(content.degrees()):
            if e and i in self.relations:
                more = self.gens[i] ** (self.relations[i][0] - e)
                p, q = self.reduced(p * more), self.reduced(q * more)
                return self._rational(p, q)
        return self._without_root(p, q) if 1 < len(q) <= SHORT else (p, q)

    def _without_root(self, p: Poly, q: Poly) -> tuple[Poly, Poly]:
        """1/(a + b√x) as (a − b√x)/(a² − b² x)."""
        for i, e in enumerate(q.degrees()):
            if e == 1 and self.kernels[i].kind == "root" and self.relations[i][0] == 2:
                other = q - 2 * self.gens[i] * q.derivative(i)
                below = self.reduced(q * other)
                if below != 0:
                    return self._rational(self.reduced(self.times(p, other)), below)
        return p, q

    def reduced(self, p: Poly) -> Poly:
        """p with every relation applied, the latest kernels first."""
        if not self.relations or p == 0:
            return p
        degrees = p.degrees()
        for i in reversed(self.relations):
            n, value = self.relations[i]
            if degrees[i] >= n:
                p = self._rewritten(p, i, n, value)
                if p == 0:
                    return p
                degrees = p.degrees()
        return p

    def _rewritten(self, p: Poly, i: int, n: int, value: Poly) -> Poly:
        parts: dict[int, dict[tuple[int, ...], int]] = {}
        for exponents, c in p.terms():
            k, e = divmod(int(exponents[i]), n)
            parts.setdefault(k, {})[(*exponents[:i], e, *exponents[i + 1 :])] = c
        out = self.one * 0
        for k in sorted(parts):
            if k > 60 and len(value) > 1:
                raise TooLarge
            part = self.context.from_dict(parts[k])
            out += self.times(part, value**k) if k else part
        return self.reduced(out) if any(value.degrees()[j] for j in self.relations if j >= i) else out

    def same(self, a: Quotient, b: Quotient) -> bool:
        """Whether a − b is 0 by the relations."""
        if a.p == b.p and a.q == b.q:
            return True
        d = self.reduced(self.times(a.p, b.q) - self.times(b.p, a.q))
        return bool(d == 0 or (self.sums and self._written_out(d) == 0))

    def _written_out(self, p: Poly) -> Poly:
        """p without the powers of sums that are common to all its terms, the others multiplied out."""
        for i in reversed(self.sums):
            least = min((int(m[i]) for m, _ in p.terms()), default=0)
            p = p / self.gens[i] ** least
            if p.degrees()[i]:
                p = self._rewritten(p, i, 1, self.sums[i])
        return self.reduced(p)
