"""Real numbers that are known exactly: each gives a ball of any precision, and a SymPy number."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from flint import arb, fmpq, fmpz_poly

from ..balls import as_ball, middle, precision
from ..term import Term, num, substitute, sym
from .series import Curve, midpoint

FIRST, LAST = 128, 4096  # bits at which two numbers are compared
DIGITS = 30
CLASSIC = 24  # degree up to which SymPy's CRootOf is quick


class Real:
    """A real number. `ball(bits)` holds it; `term` is a closed form, or None; `exact` says whether there is one."""

    exact = True

    def ball(self, bits: int = FIRST) -> arb:
        raise NotImplementedError

    @property
    def term(self) -> Term | None:
        return None

    def sympy(self) -> Any:
        return self.decimal(DIGITS)

    def decimal(self, digits: int) -> Any:
        """A SymPy Float, correctly rounded but for the last unit."""
        from sympy import Float

        bits = max(FIRST, 4 * digits + 32)
        while True:
            b = self.ball(bits)
            if b.is_exact() or b.rel_accuracy_bits() > 3.33 * digits + 4 or bits > LAST:
                return Float(b.mid().str(digits + 5, radius=False), digits)
            bits *= 2

    def enclosure(self) -> tuple[Fraction, Fraction]:
        """Two fractions with the number between them."""
        return ends(self.ball(FIRST))

    def __float__(self) -> float:
        return float(self.ball(FIRST).mid())


def ends(b: arb) -> tuple[Fraction, Fraction]:
    return middle(b.lower()), middle(b.upper())


@dataclass(frozen=True, eq=False)
class Rational(Real):
    value: Fraction

    def ball(self, bits: int = FIRST) -> arb:
        with precision(bits):
            return as_ball(self.value)

    @property
    def term(self) -> Term:
        return num(self.value)

    def sympy(self) -> Any:
        from sympy import Rational as R

        return R(self.value.numerator, self.value.denominator)

    def enclosure(self) -> tuple[Fraction, Fraction]:
        return self.value, self.value


@dataclass(frozen=True, eq=False)
class Algebraic(Real):
    """The zero of an irreducible polynomial of degree > 1 that lies in the ball `start`, its `index`-th real one."""

    poly: fmpz_poly
    start: arb
    index: int
    _best: dict[str, Any] = field(default_factory=dict, repr=False)

    def ball(self, bits: int = FIRST) -> arb:
        best: arb = self._best.get("ball", self.start)
        if self._best.get("bits", 0) >= bits:
            return best
        with precision(bits + 32 + 2 * self.poly.height_bits()):
            best = newton(self.poly, self.poly.derivative(), best, bits)
        self._best.update(ball=best, bits=bits)
        return best

    @property
    def term(self) -> Term | None:
        """a + b √c for a zero of a quadratic."""
        if self.poly.degree() != 2:
            return None
        if "term" not in self._best:
            c, b, a = map(int, self.poly.coeffs())
            self._best["term"] = _radical(c, b, a, upper=self.index == 1)
        return self._best["term"]

    def sympy(self) -> Any:
        if "sympy" not in self._best:
            self._best["sympy"] = self._sympy()
        return self._best["sympy"]

    def _sympy(self) -> Any:
        import sympy as sp

        if self.poly.degree() == 2:
            c, b, a = map(int, self.poly.coeffs())
            root = sp.sqrt(b * b - 4 * a * c) / (2 * abs(a))
            return sp.Rational(-b, 2 * a) + (root if self.index else -root)
        cs, side = list(map(int, self.poly.coeffs())), 1 if float(self) > 0 else -1
        n = len(cs) - 1
        if not any(cs[1:-1]) and 2 * n <= CLASSIC:  # the n-th root of a rational number
            return side * abs(sp.Rational(-cs[0], cs[-1])) ** sp.Rational(1, n)
        if n > CLASSIC:
            return self.decimal(DIGITS)
        if n == 4 and not any(cs[1::2]) and cs[2] ** 2 > 4 * cs[4] * cs[0]:  # a x⁴ + b x² + c: nested square roots
            inner = sp.sqrt(cs[2] ** 2 - 4 * cs[4] * cs[0])
            roots = [side * sp.sqrt((-cs[2] + s * inner) / (2 * cs[4])) for s in (1, -1)]
            return min(roots, key=lambda r: abs(complex(r) - float(self)))
        x = sp.Symbol("x")
        return sp.CRootOf(sp.Poly(cs[::-1], x), self.index)


def _radical(c: int, b: int, a: int, upper: bool) -> Term:
    """(−b ± √(b² − 4ac)) / 2a with the square part taken out."""
    from ..term import add, div, fn, mul, neg

    d, k = b * b - 4 * a * c, 1
    for p in range(2, 1000):
        while d % (p * p) == 0:
            d, k = d // (p * p), k * p
    n, top = 2 * abs(a), -b if a > 0 else b
    from math import gcd

    g = gcd(gcd(n, top), k)
    n, top, k = n // g, top // g, k // g
    root = fn("sqrt", num(d)) if k == 1 else mul(num(k), fn("sqrt", num(d)))
    root = root if upper else neg(root)
    whole = root if top == 0 else add(num(top), root)
    return whole if n == 1 else div(whole, num(n))


def newton(p: Any, dp: Any, ball: arb, bits: int) -> arb:
    """Interval Newton steps on a ball that holds one simple zero; bisects where they do not shrink it."""
    for _ in range(400):
        if ball.rel_accuracy_bits() >= bits or (ball.contains(0) and ball.rad() < arb(2) ** (-2 * bits)):
            return ball
        m = midpoint(ball)
        slope = dp(ball)
        if not slope.contains(0):
            step = m - p(m) / slope
            if step.overlaps(ball):
                smaller = step.intersection(ball)
                if smaller.rad() < ball.rad() * arb("0.7"):
                    ball = smaller
                    continue
        left, right = split(ball)
        ball = left if changes(p, left) else right if changes(p, right) else ball
    return ball


def split(ball: arb) -> tuple[arb, arb]:
    a, b, m = ball.lower(), ball.upper(), midpoint(ball)
    return a.union(m), m.union(b)


def changes(p: Any, ball: arb) -> bool:
    """Whether the sign certainly changes, or an end is a zero."""
    a, b = p(ball.lower()), p(ball.upper())
    return bool(a == 0 or b == 0 or (a < 0 < b) or (b < 0 < a))


@dataclass(frozen=True, eq=False)
class Closed(Real):
    """A number in closed form: a Term without names."""

    form: Term
    _best: dict[int, arb] = field(default_factory=dict, repr=False)

    def ball(self, bits: int = FIRST) -> arb:
        if bits not in self._best:
            self._best[bits] = accurate(Curve(self.form, "x"), None, bits)
        return self._best[bits]

    @property
    def term(self) -> Term:
        return self.form

    def sympy(self) -> Any:
        return self.form._sympy_()


def accurate(curve: Curve, at: Real | None, bits: int) -> arb:
    """The value of a curve to about this relative accuracy."""
    extra = 32
    while True:
        with precision(bits + extra):
            x = at.ball(bits + extra) if at is not None else arb(0)
            y = curve.value(x)
        if y.rel_accuracy_bits() >= bits - 8 or extra > max(bits, 256):
            return y
        extra *= 3


@dataclass(frozen=True, eq=False)
class Mapped(Real):
    """`form` at u = `base`: log(u)/2, 2 atan(u), … of a number without a closed form of its own."""

    form: Term
    base: Real
    _best: dict[int, arb] = field(default_factory=dict, repr=False)

    @property
    def exact(self) -> bool:  # type: ignore[override]
        return self.base.exact

    def ball(self, bits: int = FIRST) -> arb:
        if bits not in self._best:
            self._best[bits] = accurate(Curve(self.form, "u"), self.base, bits)
        return self._best[bits]

    @property
    def term(self) -> Term | None:
        inner = self.base.term
        return None if inner is None else substitute(self.form, {sym("u"): inner})

    def sympy(self) -> Any:
        if not self.exact:
            return self.decimal(DIGITS)
        inner = self.term
        if inner is not None:
            return inner._sympy_()
        base, form = self.base.sympy(), self.form._sympy_()
        return self.decimal(DIGITS) if base.is_Float else form.subs(dict.fromkeys(form.free_symbols, base))


@dataclass(frozen=True, eq=False)
class Bracketed(Real):
    """The one zero of a curve in a ball, where its slope is not zero."""

    curve: Curve
    start: arb
    exact = False
    _best: dict[str, Any] = field(default_factory=dict, repr=False)

    def ball(self, bits: int = FIRST) -> arb:
        best: arb = self._best.get("ball", self.start)
        if self._best.get("bits", 0) < bits:
            with precision(2 * bits + 64):
                best = newton(self.curve.value, lambda x: self.curve.series(x, 1)[1], best, bits)
            self._best.update(ball=best, bits=bits)
        return best


@dataclass(frozen=True, eq=False)
class Shifted(Real):
    """base + k · period."""

    base: Real
    period: Real
    k: int

    @property
    def exact(self) -> bool:  # type: ignore[override]
        return self.base.exact

    def ball(self, bits: int = FIRST) -> arb:
        with precision(bits + 16):
            return self.base.ball(bits + 16) + self.k * self.period.ball(bits + 16)

    @property
    def term(self) -> Term | None:
        a, b = self.base.term, self.period.term
        if a is None or b is None:
            return None
        from .closing import shifted

        return shifted(a, b, self.k)

    def sympy(self) -> Any:
        return self.base.sympy() + self.k * self.period.sympy() if self.exact else self.decimal(DIGITS)


def shift(base: Real, period: Real, k: int) -> Real:
    made = Shifted(base, period, k)
    closed = made.term
    if not k:
        return base
    if closed is None:
        return made
    return Rational(closed.number) if closed.number is not None else Closed(closed)


def compare(a: Real, b: Real, last: int = LAST) -> int:
    """−1, 0 or 1; 0 also where 4096 bits do not tell them apart."""
    if a is b:
        return 0
    if isinstance(a, Rational) and isinstance(b, Rational):
        return (a.value > b.value) - (a.value < b.value)
    bits = FIRST
    while bits <= last:
        x, y = a.ball(bits), b.ball(bits)
        if x < y:
            return -1
        if x > y:
            return 1
        bits *= 4
    return 0


def rational(x: Any) -> Rational:
    if isinstance(x, fmpq):
        return Rational(Fraction(int(x.p), int(x.q)))
    return Rational(Fraction(x))
