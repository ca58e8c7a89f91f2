"""The normal form of a scalar formula: a quotient of polynomials over independent kernels.

Hyperbolic functions, σ and the like become e^u, sines and cosines of multiples and sums become polynomials in those of
the single angles, logarithms of products become sums, powers and roots are taken apart by the factors of what they are
of, |u|, max, step and cases become arithmetic with the signs of irreducible factors. Equal normal forms prove equality
wherever both sides exist; different ones prove nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any

from flint import arb, fmpz_poly

from ..corners import linear_root
from ..functions import TABLE, TermMath
from ..rules import slope
from ..term import ONE, Term, add, fn, neg, substitute, sym
from .field import INF, Field, Poly, Quotient, TooLarge, Undefined

Interval = tuple[float, float]
MULTIPLE = 24  # sin(n x) is written out up to this n
POWERS = 12  # Σ k^e is summed up to this e
SHORT = 12  # terms of a sum with a square root that is multiplied by its conjugate
DEGREE = 120  # up to which a polynomial is factored
PRIMES = 2_000  # up to which a number is taken apart
ODD = ("erf", "atan", "asin")
# where a function has values: what must not be negative
RESTRICTED: dict[str, Callable[[Term], tuple[Term, ...]]] = {
    "log":   lambda u: (u,),
    "sqrt":  lambda u: (u,),
    "asin":  lambda u: (ONE - u, ONE + u),
    "acos":  lambda u: (ONE - u, ONE + u),
    "acosh": lambda u: (u - ONE,),
    "atanh": lambda u: (ONE - u, ONE + u),
}  # fmt: skip
RANGES: dict[str, tuple[float, float]] = {
    "erf": (-1, 1), "atan": (-1.6, 1.6), "asin": (-1.6, 1.6), "pi": (3.14159, 3.1416), "softmax": (0, 1),
}  # fmt: skip


class Unsupported(ArithmeticError):
    """An operation that has no normal form here."""


class Again(Exception):
    """A kernel was split more finely, or a sign became known: the normal forms are to be made anew."""


class Empty(Exception):
    """The assumptions contradict each other: this region holds no point."""


class Normal:
    """Normal forms in one field, under assumptions on signs; `signs` maps an irreducible factor to its sign."""

    def __init__(self, size: int, domain: Mapping[str, tuple[float, float]]) -> None:
        self.field = Field(size)
        self.domain = domain
        self.signs: dict[str, Quotient] = {}
        self.sources: dict[str, Poly] = {}  # the factors behind their texts
        self.parts: dict[tuple[Any, ...], int] = {}  # into how many equal parts an angle, exponent or root is split
        self.memo: dict[Term, Quotient] = {}
        self.bound = 0
        self.one = self.field.number(1)
        self.zero = self.field.number(0)

    # ------------------------------------------------------------------------------------------------------- the walk
    def value(self, root: Term) -> Quotient:
        """The normal form; iterative but for the branches of `cases`."""
        stack = [root]
        while stack:
            node = stack[-1]
            if node in self.memo:
                stack.pop()
                continue
            if node.shape:
                raise Unsupported(node.op)
            waiting = [] if node.op in LAZY else [a for a in node.args if a not in self.memo]
            if waiting:
                stack.extend(waiting)
                continue
            rule = RULES.get(node.op)
            if rule is None:
                raise Unsupported(node.op)
            self.memo[node] = rule(self, node)
            stack.pop()
        return self.memo[root]

    def of(self, node: Term) -> list[Quotient]:
        return [self.memo[a] for a in node.args]

    # ---------------------------------------------------------------------------------------------------------- signs
    def factors(self, u: Quotient) -> tuple[Fraction, list[tuple[Poly, int]]]:
        """u as a number times irreducible factors with positive leading coefficients, below with negative exponents."""
        number, out = Fraction(1), []
        for p, way in ((u.p, 1), (u.q, -1)):
            if p == 1:
                continue
            if len(p) > 300:
                raise TooLarge
            content, parts = p.factor() if len(p) == 1 or max(p.degrees()) <= DEGREE else _whole_factor(p)
            number *= Fraction(int(content)) ** way
            for f, e in parts:
                if f.leading_coefficient() < 0:
                    f = -f
                    number *= (-1) ** int(e)
                out.append((f, int(e) * way))
        return self._squares_of_sines(number, out)

    def _squares_of_sines(
        self, number: Fraction, parts: list[tuple[Poly, int]]
    ) -> tuple[Fraction, list[tuple[Poly, int]]]:
        """(cos − 1)(cos + 1) is −sin²."""
        cosines = [k for k in self.field.kernels if k.kind == "cos"]
        for k in cosines if len(parts) > 1 else ():
            c = self.field.gens[k.index]
            below = next((i for i, (f, _) in enumerate(parts) if f == c - 1), None)
            above = next((i for i, (f, _) in enumerate(parts) if f == c + 1), None)
            if below is None or above is None or parts[below][1] * parts[above][1] < 0:
                continue
            e = min(parts[below][1], parts[above][1], key=abs)
            sine = self.field.find("sin", k.key)
            assert sine is not None
            number *= (-1) ** e
            parts = [(f, m - e if i in (below, above) else m) for i, (f, m) in enumerate(parts)]
            parts = [*(p for p in parts if p[1]), (self.field.gens[sine.index], 2 * e)]
        return number, parts

    def sign(self, u: Quotient) -> Quotient:
        """The sign of u, away from its zeros."""
        if u.p == 0:
            return self.zero
        certain = self.certain(u.p) * self.certain(u.q)
        if certain:
            return self.field.number(certain)
        number, parts = self.factors(u)
        out = self.field.number(1 if number > 0 else -1)
        for f, e in parts:
            if e % 2:
                out = self.field.mul(out, self._factor_sign(f))
        return out

    def _factor_sign(self, f: Poly) -> Quotient:
        key = str(f)
        known = self.signs.get(key)
        if known is not None:
            return known
        kernel = self.field.alone(f)
        if kernel is not None and kernel.kind == "sign":
            return self.field.value(kernel)
        certain = self.certain(f)
        if certain:
            return self.field.number(certain)
        self.sources[key] = f
        made = self.field.kernel("sign", (key,), -1, 1)
        self.field.relations[made.index] = (2, self.field.one)
        return self.field.value(made)

    def bounds(self, f: Poly) -> Interval:
        """An interval that holds the values of a polynomial, from the intervals of its kernels."""
        parts: list[Interval] = []
        for exponents, c in f.terms():
            if abs(int(c)) >= 10**300:
                return -INF, INF
            a = _wide(float(int(c)), float(int(c)))
            for i, e in enumerate(exponents):
                if e:
                    k = self.field.kernels[i]
                    a = _product(a, _raised((k.low, k.high), int(e)))
            parts.append(a)
        if any(math.isnan(x) for part in parts for x in part) or {-INF, INF} <= {x for p in parts for x in p}:
            return self._apart(parts)
        return _total(parts)

    @staticmethod
    def _apart(parts: list[Interval]) -> Interval:
        """Each end alone, where both infinities occur."""
        low = -INF if any(a == -INF or math.isnan(a) for a, _ in parts) else _total([(a, a) for a, _ in parts])[0]
        high = INF if any(b == INF or math.isnan(b) for _, b in parts) else _total([(b, b) for _, b in parts])[1]
        return low, high

    def certain(self, f: Poly) -> int:
        """The sign that the intervals of the kernels give to a polynomial, or 0."""
        low, high = self.bounds(f)
        if low >= 0 or high <= 0:
            return 1 if low >= 0 else -1
        return self._without_zeros(f) or self._implied(f) or self._by_norm(f)

    def never_zero(self, f: Poly) -> bool:
        """Whether a polynomial is certainly not 0: |cos| ≤ 1 leaves cos − 1 open, e^x + x² is more than 0."""
        low, high = self.bounds(f)
        if low > 0 or high < 0 or self._without_zeros(f):
            return True
        terms = [self.field.context.from_dict({m: c}) for m, c in f.terms()]
        signs = [self.certain(t) for t in terms] if len(terms) <= SHORT else [0]
        return abs(sum(signs)) == len(terms) and any(map(self._only_exponentials, terms))

    def _only_exponentials(self, term: Poly) -> bool:
        return all(self.field.kernels[i].kind == "exp" for i, e in enumerate(term.degrees()) if e)

    def _without_zeros(self, f: Poly) -> int:
        """The sign of a polynomial in one kernel that has no zero in its interval."""
        degrees = f.degrees()
        places = [i for i, e in enumerate(degrees) if e]
        if len(places) != 1 or not 2 <= degrees[places[0]] <= 24:
            return 0
        kernel = self.field.kernels[places[0]]
        coefficients = [0] * (degrees[places[0]] + 1)
        for m, c in f.terms():
            coefficients[int(m[places[0]])] = int(c)
        if any(len(str(c)) > 60 for c in coefficients):
            return 0
        real = [r.real for r, _ in fmpz_poly(coefficients).complex_roots() if r.imag.contains(0)]
        if any((r > kernel.low and r < kernel.high) or not (r < kernel.low or r > kernel.high) for r in real):
            return 0
        inside = max(kernel.low, min(kernel.high, 0.0)) + (1 if kernel.high == INF else 0)
        inside = (kernel.low + kernel.high) / 2 if abs(kernel.low) < INF and abs(kernel.high) < INF else inside
        return 1 if fmpz_poly(coefficients)(arb(inside)) > 0 else -1

    def _implied(self, f: Poly) -> int:
        """x > 1 makes x + 1 positive."""
        here = line(f)
        if here is None:
            return 0
        place, root, up = here
        for text, sign in self.signs.items():
            known = line(self.sources.get(text))
            if known is None or known[0] != place or not sign.p.is_constant() or sign.q != 1:
                continue
            above = _int(sign.p) * known[2] > 0
            if (known[1] >= root) if above else (known[1] <= root):
                return up if above else -up
        return 0

    def _by_norm(self, f: Poly) -> int:
        """a + b √v has the sign of a where a² > b² v, else that of b."""
        for i, other, norm in self.conjugates(f):
            certain = self.certain(norm)
            if certain:
                b = f.derivative(i)
                return self.certain((f + other) / 2 if certain > 0 else b)
        return 0

    def conjugates(self, f: Poly) -> Iterator[tuple[int, Poly, Poly]]:
        """(kernel of √v, a − b √v, a² − b² v) for every square root of which f is a + b √v."""
        if len(f) > SHORT:
            return
        degrees = f.degrees()
        for i in reversed(self.field.relations):
            if degrees[i] == 1 and self.field.kernels[i].kind == "root" and self.field.relations[i][0] == 2:
                other = f - 2 * self.field.gens[i] * f.derivative(i)
                norm = self.field.reduced(f * other)
                if norm != 0:
                    yield i, other, norm

    def assume(self, u: Quotient, sign: int = 1) -> None:
        """From now on u has this sign."""
        if u.p == 0:
            return
        number, parts = self.factors(u)
        rest = self.field.number(sign * (1 if number > 0 else -1))
        unknown: list[Poly] = []
        for f, e in parts:
            if e % 2 == 0:
                continue
            s = self._factor_sign(f)
            if self.field.alone(s.p) is not None and s.q == 1 and str(f) not in self.signs:
                unknown.append(f)
            else:
                rest = self.field.mul(rest, s)
        if not unknown:
            if rest.p == -1:
                raise Empty
            return
        for f in unknown[:-1]:
            rest = self.field.mul(rest, self._factor_sign(f))
        self.signs[str(unknown[-1])] = rest
        self.memo.clear()

    # --------------------------------------------------------------------------------------------- powers and the like
    def finer(self, key: tuple[Any, ...], parts: int) -> int:
        """How many parts the unit of `key` is split into; asks for another pass when they become more."""
        have = self.parts.get(key, 1)
        if have % parts:
            self.parts[key] = math.lcm(have, parts)
            if self.parts[key] > 720:
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
        for p, e in _primes(abs(number)):
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
            return self.field.mul(out, self._factor_sign(f)) if r % 2 and not f.is_constant() else out
        d = self.finer(("root", str(f)), r.denominator)
        low = 1.0 if f.is_constant() else 0.0
        high = abs(float(int(f.leading_coefficient()))) if f.is_constant() else INF
        side = self.one if f.is_constant() else self._factor_sign(f)
        kernel = self.field.kernel("root", (_Same(f), d, str(side.p)), low, high)
        self.field.relations[kernel.index] = (d, side.p * f)
        return self.field.power(self.field.value(kernel), int(r * d))

    def log(self, u: Quotient) -> Quotient:
        """log |u|, factor by factor."""
        if u.p == 0:
            raise Undefined
        number, parts = self.factors(u)
        out = self.zero
        for f, e in [*((self.field.one * p, e) for p, e in _primes(abs(number))), *parts]:
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
        return self.field.value(self.field.kernel("log", (_Same(f),), low, high))

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
        made = self.field.kernel("exp", (_Same(m), _Same(q), d), low, high)
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
        key = (_Same(m), _Same(q), unit)
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
        key = (*(_Same(a) for a in args), data)
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


def line(f: Poly | None) -> tuple[int, Fraction, int] | None:
    """(kernel k, root, sign of the slope) of a factor a k + b."""
    if f is None or f.total_degree() != 1:
        return None
    places = [i for i, e in enumerate(f.degrees()) if e]
    if len(places) != 1:
        return None
    a = next(int(c) for m, c in f.terms() if m[places[0]])
    b = next((int(c) for m, c in f.terms() if not m[places[0]]), 0)
    return places[0], Fraction(-b, a), 1 if a > 0 else -1


class _Same:
    """A polynomial or a quotient as part of a key: known by its text."""

    __slots__ = ("text", "value")

    def __init__(self, value: Any) -> None:
        self.value = value
        self.text = str(value) if not isinstance(value, Quotient) else f"{value.p}/{value.q}"

    def __hash__(self) -> int:
        return hash(self.text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.text == other.text


def _whole_factor(p: Poly) -> tuple[int, list[tuple[Poly, int]]]:
    """A polynomial of high degree counts as one factor."""
    content, rest = p.primitive()
    return int(content), [(rest, 1)]


TINY = 1e-150  # products of smaller numbers may vanish


def _unrounded(*ends: float) -> bool:
    """Arithmetic of whole numbers of this size does not round."""
    return all(abs(x) == INF or (x == int(x) and abs(x) < 2**50) for x in ends)


def _wide(low: float, high: float, *operands: float) -> tuple[float, float]:
    """Widened by more than the rounding of what led to it; whole numbers of whole numbers are exact."""
    if _unrounded(low, high, *operands):
        return low, high
    exact_zero = 0.0 in operands and not any(0 < abs(x) < TINY for x in operands)  # and no product that vanished
    below = low if low == 0 and exact_zero else math.nextafter(low - 1e-12 * abs(low), -INF)
    return below, high if high == 0 and exact_zero else math.nextafter(high + 1e-12 * abs(high), INF)


def _product(a: Interval, b: Interval) -> Interval:
    ends = [0.0 if x == 0 or y == 0 else x * y for x in a for y in b]
    return _wide(min(ends), max(ends), *a, *b)


def _total(parts: list[Interval]) -> Interval:
    """The sum of floats, which `fsum` rounds once: 0 is 0, other ends go one float outwards."""
    low, high = math.fsum(a for a, _ in parts), math.fsum(b for _, b in parts)
    if _unrounded(low, high, *(x for part in parts for x in part)):
        return low, high
    return low and math.nextafter(low, -INF), high and math.nextafter(high, INF)


def _raised(a: Interval, n: int) -> Interval:
    try:
        low, high = a[0] ** n, a[1] ** n
    except OverflowError:
        low, high = (0.0 if n % 2 == 0 or a[0] >= 0 else -INF), INF
    if n % 2 == 0:
        low, high = (0.0 if a[0] < 0 < a[1] else min(low, high)), max(low, high)
    return _wide(low, high, *a)


def _primes(x: Fraction) -> Iterator[tuple[int, int]]:
    """The prime factors up to a bound with their exponents; what is left stays whole."""
    for n, way in ((x.numerator, 1), (x.denominator, -1)):
        p = 2
        while p <= PRIMES and n > 1:
            e = 0
            while n % p == 0:
                n, e = n // p, e + 1
            if e:
                yield p, e * way
            p += 1 + (p > 2)
        if n > 1:
            yield n, way


# ------------------------------------------------------------------------------------------------------ rules for Terms
def _num(n: Normal, node: Term) -> Quotient:
    return n.field.number(node.data[0])


def _sym(n: Normal, node: Term) -> Quotient:
    if "constant" not in node.data[1]:
        return n.name(node.name)
    if node.name == "e":
        return n.exp(n.one)
    low, high = RANGES.get(node.name, (-INF, INF))
    return n.field.value(n.field.kernel(node.name, (), low, high))


def _add(n: Normal, node: Term) -> Quotient:
    first, *rest = n.of(node)
    for x in rest:
        first = n.field.add(first, x)
    return first


def _mul(n: Normal, node: Term) -> Quotient:
    first, *rest = n.of(node)
    for x in rest:
        first = n.field.mul(first, x)
    return first


def _pow(n: Normal, node: Term) -> Quotient:
    base, exponent = n.of(node)
    if exponent.p.is_constant() and exponent.q.is_constant():
        r = Fraction(_int(exponent.p), _int(exponent.q))
        if r.denominator == 1:
            return _whole(n, base, int(r))
        return n.root(base, r)
    if _is_number(base) and _int(base.p) < 0:
        return n.opaque("pow", (base, exponent))
    return n.exp(n.field.mul(exponent, n.log(base)))


def _whole(n: Normal, base: Quotient, k: int) -> Quotient:
    """An integer power; where multiplying out is too much, the base counts as a kernel."""
    try:
        return n.field.power(base, k)
    except TooLarge:
        if abs(k) > 2**28 or base.p.is_constant():
            raise
        number, parts = n.factors(base)
        if number.numerator != 1 and abs(k) > 4096:
            raise
        out = n.field.power(n.field.number(number), k)
        for f, e in parts:
            g = n.field.value(n.field.kernel("base", (_Same(f),))) if len(f) > 1 else Quotient(f, n.field.one)
            out = n.field.mul(out, n.field.power(g, e * k))
        return out


def _int(p: Poly) -> int:
    return int(p.leading_coefficient()) if p != 0 else 0


def _is_number(u: Quotient) -> bool:
    return bool(u.p.is_constant() and u.q.is_constant())


def _function(n: Normal, node: Term) -> Quotient:
    u = n.memo[node.args[0]]
    rule = FUNCTIONS.get(node.data)
    if rule is not None:
        return rule(n, u)
    row = TABLE.get(node.data)
    if row is None or row.formula is None:
        return n.opaque(f"fn {node.data}", (u,))
    return _written(n, node.args[0], lambda x: row.formula(x, TermMath))  # type: ignore[misc]


def _written(n: Normal, u: Term, formula: Callable[[Term], Any]) -> Quotient:
    """A formula of u; u is not taken apart again."""
    from ..term import term

    return n.value(term(formula(u)))


def _prime(n: Normal, node: Term) -> Quotient:
    name, order = node.data
    x = sym("x_")
    value = fn(name, x)
    for _ in range(order):
        value = slope(value, x)[0]
    return n.value(substitute(value, {x: node.args[0]}))


def _derivative(n: Normal, node: Term) -> Quotient:
    value, x = node.args[:2]
    if x.op != "sym":
        raise Unsupported(node.op)
    for _ in range(node.data if node.op == "diff" else 1):
        value = slope(value, x)[0]
    return n.value(value)


def _tan(n: Normal, u: Quotient) -> Quotient:
    cos, sin = n.circle(u)
    return n.field.div(sin, cos)


def _hyperbolic(sign: int) -> Callable[[Normal, Quotient], Quotient]:
    def value(n: Normal, u: Quotient) -> Quotient:
        e = n.exp(u)
        other = n.field.div(n.field.number(sign), e)
        return n.field.mul(n.field.add(e, other), n.field.number(Fraction(1, 2)))

    return value


def _tanh(n: Normal, u: Quotient) -> Quotient:
    e = n.exp(n.field.mul(n.field.number(2), u))
    return n.field.div(n.field.sub(e, n.one), n.field.add(e, n.one))


def _atan(n: Normal, u: Quotient) -> Quotient:
    """atan u; the larger of u and 1/u is turned over: atan(1/u) = sign(u) π/2 − atan u."""
    if u.p != 0 and u.p.leading_coefficient() < 0:
        return n.field.neg(_atan(n, n.field.neg(u)))
    if u.p == 0 or (len(u.q) <= len(u.p) and (u.q.total_degree(), str(u.q)) <= (u.p.total_degree(), str(u.p))):
        return n.odd("atan", u)
    quarter = n.field.mul(n.field.value(n.field.kernel("pi", (), *RANGES["pi"])), n.field.number(Fraction(1, 2)))
    return n.field.sub(n.field.mul(n.sign(u), quarter), n.odd("atan", n.field.div(n.one, u)))


def _acos(n: Normal, u: Quotient) -> Quotient:
    half = n.field.mul(n.field.value(n.field.kernel("pi", (), *RANGES["pi"])), n.field.number(Fraction(1, 2)))
    return n.field.sub(half, n.odd("asin", u))


def _area(sign: int) -> Callable[[Normal, Quotient], Quotient]:
    """arsinh u = log(u + √(u² + 1)), arcosh u = log(u + √(u² − 1))."""

    def value(n: Normal, u: Quotient) -> Quotient:
        square = n.field.add(n.field.mul(u, u), n.field.number(sign))
        return n.log(n.field.add(u, n.root(square, Fraction(1, 2))))

    return value


def _atanh(n: Normal, u: Quotient) -> Quotient:
    ratio = n.field.div(n.field.add(n.one, u), n.field.sub(n.one, u))
    return n.field.mul(n.log(ratio), n.field.number(Fraction(1, 2)))


def _step(n: Normal, u: Quotient) -> Quotient:
    if u.p == 0:
        return n.zero
    return n.field.mul(n.field.add(n.one, n.sign(u)), n.field.number(Fraction(1, 2)))


FUNCTIONS: dict[str, Callable[[Normal, Quotient], Quotient]] = {
    "exp":   lambda n, u: n.exp(u),
    "log":   lambda n, u: n.log(u),
    "sqrt":  lambda n, u: n.root(u, Fraction(1, 2)),
    "sin":   lambda n, u: n.circle(u)[1],
    "cos":   lambda n, u: n.circle(u)[0],
    "tan":   _tan,
    "sinh":  _hyperbolic(-1),
    "cosh":  _hyperbolic(1),
    "tanh":  _tanh,
    "abs":   lambda n, u: n.field.mul(u, n.sign(u)),
    "sign":  lambda n, u: n.sign(u),
    "step":  _step,
    "asin":  lambda n, u: n.odd("asin", u),
    "acos":  _acos,
    "atan":  _atan,
    "erf":   lambda n, u: n.odd("erf", u),
    "asinh": _area(1),
    "acosh": _area(-1),
    "atanh": _atanh,
}  # fmt: skip


def _circle_of_asin(n: Normal, u: Quotient) -> tuple[Quotient, Quotient]:
    return n.root(n.field.sub(n.one, n.field.mul(u, u)), Fraction(1, 2)), u


def _circle_of_atan(n: Normal, u: Quotient) -> tuple[Quotient, Quotient]:
    cos = n.root(n.field.add(n.one, n.field.mul(u, u)), Fraction(-1, 2))
    return cos, n.field.mul(u, cos)


# the cosine and the sine of an inverse function
INVERSE: dict[str, Callable[[Normal, Quotient], tuple[Quotient, Quotient]]] = {
    "asin": _circle_of_asin, "atan": _circle_of_atan,
}  # fmt: skip


# ------------------------------------------------------------------------------------------------------------- regions
def _relation(n: Normal, node: Term) -> Quotient:
    """1 where the relation holds, else 0; on the boundary it does not matter."""
    a, b = n.of(node)
    d = n.field.sub(a, b)
    if d.p == 0:
        return n.one if node.data in (">=", "<=", "=") else n.zero
    if node.data in ("=", "!="):
        difference = add(node.args[0], neg(node.args[1]))
        if len(node.free) != 1 or linear_root(difference, sym(node.free[0])) is None:
            raise Unsupported("an equation as a condition")
        return n.zero if node.data == "=" else n.one
    return _step(n, d if node.data in (">", ">=") else n.field.neg(d))


def _not(n: Normal, u: Quotient) -> Quotient:
    return n.field.sub(n.one, u)


def _or(n: Normal, node: Term) -> Quotient:
    out = n.one
    for u in n.of(node):
        out = n.field.mul(out, _not(n, u))
    return _not(n, out)


def coverage(n: Normal, node: Term) -> Quotient:
    """1 where some branch applies."""
    if len(node.args) % 2:
        return n.one
    out = n.one
    for condition in node.args[1::2]:
        out = n.field.mul(out, _not(n, n.value(condition)))
    return _not(n, out)


def _cases(n: Normal, node: Term) -> Quotient:
    """c₁v₁ + (1 − c₁)(c₂v₂ + …); branches that never apply are not looked at."""
    pairs = list(zip(node.args[::2], node.args[1::2], strict=False))
    last = node.args[-1] if len(node.args) % 2 else None
    out, rest = n.zero, n.one
    for value, condition in pairs:
        c = n.value(condition)
        here = rest if last is None and value is pairs[-1][0] and condition is pairs[-1][1] else n.field.mul(rest, c)
        if here.p != 0:
            out = n.field.add(out, n.field.mul(here, n.value(value)))
        rest = n.field.mul(rest, _not(n, c))
        if rest.p == 0:
            return out
    return out if last is None else n.field.add(out, n.field.mul(rest, n.value(last)))


def _extreme(sign: int) -> Callable[[Normal, Term], Quotient]:
    """max(a, b) = (a + b + |a − b|)/2."""

    def value(n: Normal, node: Term) -> Quotient:
        first, *rest = n.of(node)
        for b in rest:
            d = n.field.sub(first, b)
            size = n.field.mul(n.field.mul(d, n.sign(d)), n.field.number(sign))
            total = n.field.add(n.field.add(first, b), size)
            first = n.field.mul(total, n.field.number(Fraction(1, 2)))
        return first

    return value


# ---------------------------------------------------------------------------------------------- sums, unknown functions
def _sigma(n: Normal, node: Term) -> Quotient:
    """Σ of a sum is the sum of the Σ; what does not depend on the index goes in front."""
    body, index, low, high = node.args
    n.bound += 1
    mark = f"index {n.bound}"
    inner = n.value(substitute(body, {index: sym(mark)}))
    n.bound -= 1
    ends = n.value(low), n.value(high)
    place = n.field.kernel("name", (mark,)).index
    bound = {place}
    for k in n.field.kernels:
        if any(holds(part, bound) for part in k.key):
            bound.add(k.index)
    above = any(inner.q.degrees()[i] for i in bound)
    out = n.zero
    for exponents, c in inner.p.terms():
        free = tuple(0 if i in bound else e for i, e in enumerate(exponents))
        tied = tuple(e if i in bound else 0 for i, e in enumerate(exponents))
        front = Quotient(n.field.context.from_dict({free: c}), n.field.one)
        part = n.field.make(n.field.context.from_dict({tied: 1}), inner.q if above else n.field.one)
        if not any(tied) and not above:
            count = n.field.add(n.field.sub(ends[1], ends[0]), n.one)
            out = n.field.add(out, n.field.mul(front, count))
        elif not above and tied[place] == sum(tied) <= POWERS:
            first, last = (_power_sum(n, u, sum(tied)) for u in (n.field.sub(ends[0], n.one), ends[1]))
            out = n.field.add(out, n.field.mul(front, n.field.sub(last, first)))
        else:
            out = n.field.add(out, n.field.mul(front, n.opaque("sigma", (part, *ends), mark)))
    return out if above else n.field.div(out, Quotient(inner.q, n.field.one))


def _power_sum(n: Normal, m: Quotient, e: int) -> Quotient:
    """1^e + … + m^e as a polynomial: (e + 1) S_e = (m + 1)^(e+1) − 1 − Σ binom(e+1, j) S_j over j < e."""
    sums: list[Quotient] = []
    for k in range(e + 1):
        rest = n.field.sub(n.field.power(n.field.add(m, n.one), k + 1), n.one)
        for j, s in enumerate(sums):
            rest = n.field.sub(rest, n.field.mul(n.field.number(math.comb(k + 1, j)), s))
        sums.append(n.field.div(rest, n.field.number(k + 1)))
    return sums[e]


def holds(part: Any, places: set[int]) -> bool:
    """Whether a part of a key holds one of these kernels."""
    if not isinstance(part, _Same):
        return False
    polys = (part.value.p, part.value.q) if isinstance(part.value, Quotient) else (part.value,)
    return any(p.degrees()[i] for p in polys for i in places)


def _unknown(n: Normal, node: Term) -> Quotient:
    return n.opaque(f"{node.op}", tuple(n.of(node)), (node.op, node.data))


def _names_only(n: Normal, node: Term) -> Quotient:
    """∂E/∂w and the like: a kernel of its own."""
    return n.field.value(n.field.kernel("partial", (str(node),)))


LAZY = {"cases", "sigma", "diff", "deriv", "partial", "d", "prime"}
RULES: dict[str, Callable[[Normal, Term], Quotient]] = {
    "num": _num,
    "sym": _sym,
    "add": _add,
    "mul": _mul,
    "neg": lambda n, node: n.field.neg(n.memo[node.args[0]]),
    "div": lambda n, node: n.field.div(*n.of(node)),
    "pow": _pow,
    "fn": _function,
    "prime": _prime,
    "diff": _derivative,
    "deriv": _derivative,
    "rel": _relation,
    "and": _mul,
    "or": _or,
    "not": lambda n, node: _not(n, n.memo[node.args[0]]),
    "cases": _cases,
    "max": _extreme(1),
    "min": _extreme(-1),
    "sigma": _sigma,
    "apply": _unknown,
    "applyprime": _unknown,
    "index": _unknown,
    "partial": _names_only,
    "d": _names_only,
}
