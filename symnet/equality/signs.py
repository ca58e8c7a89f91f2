"""The signs of polynomials in kernels: from the intervals of the kernels, from what is assumed, factor by factor."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from flint import arb, fmpz_poly

from .enclosure import INF, Interval, added, product, raised, widened
from .field import Field, Poly, Quotient, TooLarge
from .polynomials import leading, line, one_factor

SHORT = 12  # terms of a sum with a square root that is multiplied by its conjugate
DEGREE = 120  # up to which a polynomial is factored


class Signs:
    """Signs in one field; `signs` maps an irreducible factor to the sign that is assumed or was asked for."""

    def __init__(self, size: int) -> None:
        self.field = Field(size)
        self.signs: dict[str, Quotient] = {}
        self.sources: dict[str, Poly] = {}  # the factors behind their texts
        self.one = self.field.number(1)
        self.zero = self.field.number(0)

    def factors(self, u: Quotient) -> tuple[Fraction, list[tuple[Poly, int]]]:
        """u as a number times irreducible factors with positive leading coefficients, below with negative exponents."""
        number, out = Fraction(1), []
        for p, way in ((u.p, 1), (u.q, -1)):
            if p == 1:
                continue
            if len(p) > 300:
                raise TooLarge
            content, parts = p.factor() if len(p) == 1 or max(p.degrees()) <= DEGREE else one_factor(p)
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
                out = self.field.mul(out, self.factor_sign(f))
        return out

    def factor_sign(self, f: Poly) -> Quotient:
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
            a = widened(float(int(c)), float(int(c)))
            for i, e in enumerate(exponents):
                if e:
                    k = self.field.kernels[i]
                    a = product(a, raised((k.low, k.high), int(e)))
            parts.append(a)
        return added(parts)

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
            above = leading(sign.p) * known[2] > 0
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
