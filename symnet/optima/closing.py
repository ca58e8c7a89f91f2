"""Closed forms: which multiple of π, which rational number a ball may hold, and proofs that a constant is 0."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from flint import arb, fmpz_poly

from ..functions import PI
from ..term import Term, add, div, fn, mul, neg, num, substitute, sym
from ..tidy import tidy
from .basics import flattened
from .monomials import NoNormalForm, combination, written
from .reals import Closed, Mapped, Rational, Real
from .substitution import normal

DENOMINATORS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 16, 20, 24, 30, 36, 60)


def simplified(t: Term) -> Term:
    """A constant as a sum of monomials, like terms taken together: 3 · π/4 + 2π is 11π/4."""
    try:
        parts = combination(tidy(t))
    except NoNormalForm:
        return tidy(t)
    return add(*(written(m, c) for m, c in parts.items())) if parts else num(0)


def shifted(base: Term, period: Term, k: int) -> Term:
    return simplified(add(base, mul(num(k), period) if k >= 0 else neg(mul(num(-k), period))))


def pi_times(q: Fraction) -> Term:
    return simplified(mul(num(q), PI)) if q >= 0 else simplified(neg(mul(num(-q), PI)))


def closed(t: Term) -> Real:
    """A constant Term as a number."""
    s = simplified(flattened(t))
    return Rational(s.number) if s.number is not None else rational_of(s) or Closed(s)


def rational_of(t: Term) -> Rational | None:
    n = normal(t, "x")
    if n is None or n.top is None:
        return None
    top, bottom = n.top.to_dict(), n.bottom.to_dict()
    if not top:
        return Rational(Fraction(0))
    zero = lambda d: len(d) == 1 and not any(map(int, next(iter(d))))  # noqa: E731
    if zero(top) and zero(bottom):
        return Rational(Fraction(int(next(iter(top.values()))), int(next(iter(bottom.values())))))
    return None


def vanishes(t: Term) -> bool:
    """Proof that a constant Term is 0."""
    n = normal(t, "x")
    return n is not None and n.top == 0


def candidates(ball: arb) -> Iterator[Real]:
    """Simple numbers in a narrow ball: rationals and rational multiples of π."""
    for unit, make in ((arb(1), lambda q: Rational(q)), (arb.pi(), lambda q: closed(pi_times(q)))):
        scaled = ball / unit
        for d in DENOMINATORS:
            n = (scaled * d).unique_fmpz()
            if n is not None and abs(int(n)) < 10**6:
                yield make(Fraction(int(n), d))
                break


def at(t: Term, x: str, place: Real) -> Term | None:
    """t at a number with a closed form."""
    form = place.term
    return None if form is None else tidy(substitute(t, {sym(x): form}))


def angle(t: Real) -> Term | None:
    """2 atan(t) as a multiple of π, if t is the tangent of one: t is a zero of Im (1 + iT)^n. Else None."""
    ball = t.ball(128)
    turn = 2 * ball.atan() / arb.pi()
    poly = getattr(t, "poly", None)
    if poly is None and isinstance(t, Rational):
        poly = fmpz_poly([-t.value.numerator, t.value.denominator])
    if poly is None:
        return None
    for d in DENOMINATORS:
        n = (turn * d).unique_fmpz()
        if n is None:
            continue
        re, im = fmpz_poly([1]), fmpz_poly([0])
        one, step = fmpz_poly([1]), fmpz_poly([0, 1])
        for _ in range(2 * d):
            re, im = re * one - im * step, re * step + im * one
        if im % poly == 0 and turn.rad() < arb(1) / (8 * d):
            return pi_times(Fraction(int(n), d))
    return None


def arctangent(t: Real) -> Real:
    """2 atan(t)."""
    known = angle(t)
    if known is not None:
        return closed(known)
    return Mapped(mul(num(2), fn("atan", sym("u"))), t)


def logarithm(u: Real) -> Real:
    """log u for u > 0."""
    if isinstance(u, Rational):
        return closed(fn("log", num(u.value)))
    if isinstance(u, Closed) and u.form.op == "fn" and u.form.data == "exp":
        return closed(u.form.args[0])
    poly = getattr(u, "poly", None)
    if poly is not None and not any(map(int, poly.coeffs()[1:-1])):  # u^n is a rational number
        n = poly.degree()
        return closed(div(fn("log", num(Fraction(-int(poly[0]), int(poly[n])))), num(n)))
    return Mapped(fn("log", sym("u")), u)


def scaled(r: Real, by: Term) -> Real:
    """r · by, where `by` is a constant Term."""
    if by.number == 1:
        return r
    if r.term is not None:
        return closed(mul(by, r.term))
    if isinstance(r, Mapped):
        return Mapped(tidy(mul(by, r.form)), r.base)
    return Mapped(tidy(mul(by, sym("u"))), r)


def exponential(r: Real) -> Real:
    if r.term is not None:
        return closed(fn("exp", r.term))
    return Mapped(fn("exp", sym("u")), r)


def mapped(form: Term, r: Real) -> Real:
    """`form` at u = r."""
    if r.term is not None:
        return closed(substitute(form, {sym("u"): r.term}))
    if isinstance(r, Mapped):
        return Mapped(substitute(form, {sym("u"): r.form}), r.base)
    return Mapped(form, r)
