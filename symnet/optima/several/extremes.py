"""The range of a function of several variables: its greatest lower and least upper bound, and whether they are taken.

Polynomials: a variable in which the function is of odd degree, or a direction in which it falls, leads to −∞; a
variable in which it is quadratic is removed by completing the square; a definite leading form makes it coercive; and in
two variables the limits at infinity along the curve of tangency with circles decide. Other functions: monotone outer
functions, sums and products in separate variables, bounds that the written form shows.
Source: Hà Huy Vui and Phạm Tiến Sơn, Genericity in Polynomial Optimization (2017), chapter 3.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise, product
from typing import Any

import sympy as sp
from flint import arb, fmpz_poly

from ...balls import middle, precision
from ...errors import SizeError
from . import ideals
from .forms import expanded, is_zero
from .separation import vanishes
from .tape import number

oo = sp.oo
Check = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Bound:
    """The infimum or supremum of a function: `attained` None where only the value is known, `how` it is approached."""

    value: Any
    attained: bool | None
    how: str = ""

    def __neg__(self) -> Bound:
        return Bound(-self.value, self.attained, self.how)


@dataclass(frozen=True, slots=True)
class Known:
    """The values at all stationary points, None where the list may not be complete; and those that were seen."""

    values: tuple[Any, ...] | None
    seen: tuple[Any, ...] = ()
    minima: tuple[Any, ...] = ()  # at points that are proven to be local minima, maxima
    maxima: tuple[Any, ...] = ()
    reach: int = 0  # the half width of a window in which all points are known


# -------------------------------------------------------------------------------------------------------- polynomials
def polynomial_infimum(p: Any, variables: Sequence[Any], known: Known, check: Check) -> Bound | None:
    """The infimum over all of space of a polynomial in SymPy; `known` are its critical values."""
    e = sp.Poly(p, *variables)
    for step in (_odd_degree, _by_squares, _definite_leading, _falling_ray, _tangency):
        check()
        try:
            found = step(e, known, check)
        except (SizeError, ArithmeticError, NotImplementedError):
            continue
        if found is not None:
            return found
    return None


def _odd_degree(e: Any, known: Known, check: Check) -> Bound | None:
    """A variable of odd degree: the function has no bound as it goes to one of its ends."""
    for v in e.gens:
        d = e.degree(v)
        top = sp.Poly(e.as_expr(), v).LC() if d > 0 else sp.Integer(0)
        if d % 2:
            point = _nonzero(top, [g for g in e.gens if g != v], lambda c: c != 0)
            if point is not None:
                sign = "−∞" if top.subs(point) > 0 else "∞"
                return Bound(-oo, False, _along({**point}, f"{v} → {sign}"))
        elif d > 0:
            point = _nonzero(top, [g for g in e.gens if g != v], lambda c: c < 0)
            if point is not None:
                return Bound(-oo, False, _along(point, f"{v} → ∞"))
    return None


def _along(fixed: dict[Any, Any], moving: str) -> str:
    rest = ", ".join(f"{k} = {v}".replace("-", "−") for k, v in fixed.items())
    return moving + (f" with {rest}" if rest else "")


def _nonzero(c: Any, names: Sequence[Any], good: Callable[[Any], bool]) -> dict[Any, Any] | None:
    """A small integer point at which a polynomial has a wanted value."""
    used = [n for n in names if sp.sympify(c, strict=True).has(n)]  # a coefficient, never a text
    if not used:
        return {} if good(c) else None
    for at in sorted(product(range(-3, 4), repeat=len(used)), key=lambda a: (sum(map(abs, a)), a))[:400]:
        point = dict(zip(used, map(sp.Integer, at), strict=True))
        if good(c.subs(point)):
            return point
    return None


def _falling_ray(e: Any, known: Known, check: Check) -> Bound | None:
    """A direction, or a curve (a tᵏ, b tᵐ), along which the leading coefficient is negative."""
    n = len(e.gens)
    terms = [(m, Fraction(int(c.p), int(c.q))) for m, c in e.terms()]
    for powers in _curves(n):
        for signs in product((1, -1, 2, -2, 0), repeat=n):
            if not any(signs):
                continue
            sums: dict[int, Fraction] = {}
            for m, c in terms:
                if all(s or not k for s, k in zip(signs, m, strict=True)):
                    for s, k in zip(signs, m, strict=True):
                        c = c * s**k
                    order = sum(a * k for a, k in zip(powers, m, strict=True))
                    sums[order] = sums.get(order, Fraction(0)) + c
            top = max((k for k, c in sums.items() if c), default=0)
            if top > 0 and sums[top] < 0:
                parts = [f"{v} = {_power_text(s, k)}" for v, s, k in zip(e.gens, signs, powers, strict=True)]
                return Bound(-oo, False, "t → ∞ along " + ", ".join(parts))
    return None


def _power_text(s: int, k: int) -> str:
    if not s or not k:
        return str(s)
    t = "t" if k == 1 else f"t^{k}" if k > 0 else f"t^({k})"
    return {1: t, -1: f"-{t}"}.get(s, f"{s} {t}")


def _curves(n: int) -> list[tuple[int, ...]]:
    if n > 3:
        return [(1,) * n]
    powers = sorted(product((1, 2, 3, -1, 0), repeat=n), key=lambda a: (a != (1,) * n, sum(map(abs, a)), a))
    return [p for p in powers if max(p) > 0]


def _by_squares(e: Any, known: Known, check: Check) -> Bound | None:
    """a v² + b v + c with a constant a > 0 has its least value c − b²/(4a) over v: one variable less."""
    for v in e.gens:
        if e.degree(v) == 0 and len(e.gens) > 1:
            return polynomial_infimum(e.as_expr(), [g for g in e.gens if g != v], known, check)
        if e.degree(v) == 2:
            a, b, c = sp.Poly(e.as_expr(), v).all_coeffs()
            if a.is_Rational and a > 0:
                rest = expanded(c - b**2 / (4 * a))
                others = [g for g in e.gens if g != v]
                if not others or rest.is_Rational:
                    return Bound(rest, True)
                return polynomial_infimum(rest, others, Known(known.values), check)
    return None


def _definite_leading(e: Any, known: Known, check: Check) -> Bound | None:
    """A positive definite leading form: f → ∞ in every direction, so that its least critical value is its minimum."""
    d = e.total_degree()
    form = [(m, c) for m, c in e.terms() if sum(m) == d]
    if d % 2 or known.values is None or not known.values or not definite(form, len(e.gens), check):
        return None
    return Bound(least(known.values), True)


def definite(form: Sequence[tuple[tuple[int, ...], Any]], n: int, check: Check) -> bool:
    """Whether a form is positive except at 0: at (1, *), (0, 1, *), …, (0, …, 0, 1) it is positive everywhere."""
    for k in range(n):
        restricted = {m[k + 1 :]: c for m, c in form if not any(m[:k])}
        merged: dict[tuple[int, ...], Any] = {}
        for m, c in restricted.items():
            merged[m] = merged.get(m, 0) + c
        if not positive(merged, n - k - 1, check):
            return False
    return True


def positive(p: dict[tuple[int, ...], Any], n: int, check: Check) -> bool:
    """Whether a polynomial with rational coefficients is > 0 everywhere: it is at 0, and has no real zero."""
    at_zero = p.get((0,) * n, 0)
    if not at_zero > 0:
        return False
    if all(c > 0 for c in p.values()) and not any(k % 2 for m in p for k in m):
        return True
    if n == 0:
        return True
    whole = _integer(p)
    if n == 1:
        coefficients = [0] * (max(m[0] for m in whole) + 1)
        for m, c in whole.items():
            coefficients[m[0]] = c
        f = fmpz_poly(coefficients)
        return not any(z.imag.is_zero() for z, _ in f.complex_roots())
    context = ideals.ring(n)
    return not has_real_zero(context.from_dict(whole), context, check)


def _integer(p: dict[tuple[int, ...], Any]) -> dict[tuple[int, ...], int]:
    d = sp.ilcm(1, *(sp.Rational(c).q for c in p.values()))
    return {m: int(sp.Rational(c) * d) for m, c in p.items() if c}


CENTRES = ((1, 2, 3, 5, 7, 11), (-3, 5, -2, 7, 13, -11))


def has_real_zero(f: Any, context: Any, check: Check) -> bool:
    """Whether f = 0 has a real solution: the one nearest to a general centre is a zero of the Lagrange equations."""
    return bool(nearest(f, context, check))


def nearest(f: Any, context: Any, check: Check) -> tuple[Any, ...]:
    """Real points of f = 0, at least one on every connected component."""
    n = context.nvars()
    xs = context.gens()
    for centre in CENTRES:
        slopes = [f.derivative(i) for i in range(n)]
        minors = [
            slopes[i] * (xs[j] - centre[j]) - slopes[j] * (xs[i] - centre[i]) for i in range(n) for j in range(i + 1, n)
        ]
        found = ideals.zeros([f, *minors], context, check)
        if not found.sets:
            return found.places
    raise SizeError("the nearest points of a level set are not isolated")


def _tangency(e: Any, known: Known, check: Check) -> Bound | None:
    """Two variables: the infimum is a critical value, or a limit at infinity along the tangency with circles."""
    if len(e.gens) != 2 or known.values is None:
        return None
    limits = _limits(e, check)
    if limits is None:
        return None
    candidates = _ascending([*known.values, *limits])
    context = ideals.ring(2)
    levels = _between(candidates)
    for k, level in enumerate(levels):
        check()
        whole = _integer(dict((e - level).terms()))
        if has_real_zero(context.from_dict(whole), context, check):
            if k == 0:
                return Bound(-oo, False, "the point goes to infinity")
            value = candidates[k - 1]
            critical = any(same_value(value, v) for v in known.values)
            return Bound(value, critical, "" if critical else "the point goes to infinity")
    return None


def _limits(e: Any, check: Check) -> list[Any] | None:
    """Numbers among which every finite limit of f along the curve of tangency at infinity is found."""
    x, y = e.gens
    f = e.as_expr()
    level = sp.Dummy("level")
    curve = sp.Poly((x - 1) * sp.diff(f, y) - (y - 2) * sp.diff(f, x), x, y)
    if curve.is_zero:
        return None
    out: list[Any] = []
    from flint import Ordering, fmpz_mpoly_ctx

    context = fmpz_mpoly_ctx.get(["x", "y", "t"], Ordering.lex)
    scale = sp.ilcm(1, *(sp.Rational(c).q for c in e.coeffs()))
    g = sp.Poly((f - level) * scale, x, y, level)
    a = context.from_dict(_integer(dict(sp.Poly(curve.as_expr(), x, y, level).terms())))
    b = context.from_dict({m: int(c) for m, c in g.terms()})
    for i in (0, 1):
        check()
        r = a.resultant(b, f"{'yx'[i]}")
        if r == 0:
            return None
        d = int(r.degrees()[i])
        coefficients: dict[int, int] = {}
        for m, c in r.terms():
            if int(m[i]) == d:
                coefficients[int(m[2])] = int(c)
        top = fmpz_poly([coefficients.get(k, 0) for k in range(max(coefficients) + 1)])
        out += _roots(top)
    return out


def _roots(p: Any) -> list[Any]:
    from .places import real_roots, root_of

    out = []
    for f, _ in p.factor()[1] if p.degree() > 0 else ():
        coefficients = tuple(int(c) for c in f.coeffs())
        out += [root_of(coefficients, k) for k in range(len(real_roots(coefficients, 128)))]
    return out


def _ascending(values: Sequence[Any]) -> list[Any]:
    """Distinct numbers in ascending order."""
    out: list[Any] = []
    for v in sorted(values, key=lambda v: float(number(v, 256).mid())):
        if not out or not same_value(v, out[-1]):
            out.append(v)
    return out


def same_value(a: Any, b: Any) -> bool:
    """Whether two values, which may be infinite, are one; raises `SizeError` where that is not proven."""
    if a == b:
        return True
    if not all(sp.sympify(v, strict=True).is_finite for v in (a, b)):
        return False
    rough = a.has(sp.Float) or b.has(sp.Float)
    if not near(a, b, 90 if rough else 600):
        return False
    if not rough and (is_zero(a - b) or vanishes(a - b)):
        return True
    raise SizeError(f"two values agree in {27 if rough else 180} digits; that they are equal is not proven")


def near(a: Any, b: Any, bits: int) -> bool:
    """Whether so many bits do not tell two numbers apart."""
    p, q = number(a, bits), number(b, bits)
    with precision(bits):
        gap = abs(p - q)
        return bool(gap.contains(0) or gap < (1 + abs(p)) * arb(2) ** (-bits + 8))


def _between(values: Sequence[Any]) -> list[Any]:
    """A rational number below, between and above ascending numbers."""
    if not values:
        return [sp.Integer(0)]
    places = [number(v, 256) for v in values]

    def rational(x: Any) -> Any:
        return sp.Rational(middle(x))

    out = [sp.floor(rational(places[0])) - 1]
    for a, b in pairwise(places):
        low, high = rational(a), rational(b)
        k = 1
        while (q := sp.Rational(sp.floor((low + high) / 2 * 2**k), 2**k)) <= low or q >= high:
            k *= 2
        out.append(q)
    return [*out, sp.floor(rational(places[-1])) + 2]


def least(values: Sequence[Any]) -> Any:
    """The smallest of some numbers."""
    best = values[0]
    for v in values[1:]:
        if below(v, best):
            best = v
    return best


def below(a: Any, b: Any) -> bool:
    """a < b, certain; False where they are equal to 2000 bits."""
    if a == b:
        return False
    if a in (oo, -oo) or b in (oo, -oo):
        return a == -oo or b == oo
    for bits in (128, 512, 2048):
        x, y = number(a, bits), number(b, bits)
        if not x.overlaps(y):
            return bool(x < y)
    return False
