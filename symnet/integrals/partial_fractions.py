"""Quotients of polynomials with rational coefficients: partial fractions, the numerator split, the square completed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from math import prod

from flint import fmpq, fmpq_poly

from ..balls import fmpq_of, fraction_of
from ..term import ONE, ZERO, Term, add, div, fn, mul, neg, num, postorder, power
from ..tidy import tidy

HIGHEST = 100  # degree of a polynomial that is read
LARGEST = 12  # degree of a denominator that is factored


def polynomial(t: Term, x: Term) -> fmpq_poly | None:
    """The polynomial in x with rational coefficients that a formula plainly is."""
    found = {x: fmpq_poly([0, 1])}
    for node in postorder(t):
        if node is x:
            continue
        rule = POLYNOMIALS.get(node.op)
        value = rule(node, *(found[a] for a in node.args)) if rule is not None else None
        if value is None:
            return None
        found[node] = value
    return found[t]


def _power(node: Term, p: fmpq_poly, _: fmpq_poly) -> fmpq_poly | None:
    k = node.args[1].number
    if k is None or k.denominator != 1:
        return None
    if 0 <= k * p.degree() <= HIGHEST:
        return p ** int(k)
    return fmpq_poly([p[0] ** int(k)]) if p.degree() == 0 and abs(k) <= HIGHEST else None


POLYNOMIALS: dict[str, Callable[..., fmpq_poly | None]] = {
    "num": lambda node: fmpq_poly([fmpq_of(node.data[0])]),
    "add": lambda node, *ps: sum(ps, fmpq_poly([0])),
    "neg": lambda node, p: -p,
    "mul": lambda node, *ps: prod(ps, start=fmpq_poly([1])),
    "div": lambda node, p, q: p / q[0] if q.degree() == 0 else None,
    "pow": _power,
}


def written(p: fmpq_poly, x: Term) -> Term:
    """In falling powers; 15 + 4x − 3x² in rising ones, where that starts with a positive term."""
    parts = [tidy(mul(num(fraction_of(c)), power(x, num(k)))) for k, c in enumerate(p.coeffs()) if c != 0]
    if not parts:
        return ZERO
    return tidy(add(*(parts if parts[-1].op == "neg" and parts[0].op != "neg" else reversed(parts))))


def _quotient(body: Term, x: Term) -> tuple[fmpq_poly, fmpq_poly] | None:
    if body.op != "div":
        return None
    above, below = (polynomial(a, x) for a in body.args)
    if above is None or below is None or not 0 < below.degree() <= LARGEST:
        return None
    return above, below


def partial_fractions(body: Term, x: Term) -> Iterator[tuple[str, Term]]:
    """(x + 3)/(x² − 1) as 2/(x − 1) − 1/(x + 1), after a division with remainder where that is possible."""
    found = _quotient(body, x)
    if found is None:
        return
    whole, rest = divmod(found[0], found[1])
    if whole != 0:
        remainder = div(written(rest, x), body.args[1]) if rest != 0 else ZERO
        yield "polynomial division", tidy(add(written(whole, x), remainder))
        return
    content, factors = found[1].numer().factor()
    scale = fmpq(int(content), int(found[1].denom()))
    if len(factors) == 1 and factors[0][1] == 1:
        return
    parts: list[Term] = []
    for p, k in factors:
        p = fmpq_poly(p)
        if p.degree() > 2:
            return
        block = p ** int(k)
        others = found[1] / block / scale
        part = (rest / scale * _inverse(others, block)) % block
        parts += _by_powers(part, p, int(k), x)
    first = next((i for i, t in enumerate(parts) if t.op != "neg"), 0)
    yield "partial fractions", add(parts[first], *parts[:first], *parts[first + 1 :])


def _inverse(p: fmpq_poly, modulus: fmpq_poly) -> fmpq_poly:
    return p.xgcd(modulus)[1] % modulus


def _by_powers(part: fmpq_poly, p: fmpq_poly, k: int, x: Term) -> list[Term]:
    """part/pᵏ as a sum of a/pʲ with each a of lower degree than p."""
    out: list[Term] = []
    bottom = written(p, x)
    for j in range(k, 0, -1):
        part, a = divmod(part, p)
        if a != 0:
            below = bottom if j == 1 else power(bottom, num(j))
            size = int(a.denom())
            sign = -1 if a.leading_coefficient() < 0 else 1
            out.append(_scaled(Fraction(sign, size), div(written(sign * size * a, x), below)))
    return out


def split_numerator(body: Term, x: Term) -> Iterator[tuple[str, Term]]:
    """(x + 2)/q for a quadratic q = x² + 2x + 5 as ½ q′/q + 1/q."""
    found = _quotient(body, x)
    if found is None or found[1].degree() != 2 or found[0].degree() != 1:
        return
    above, below = found
    slope = below.derivative()
    c = above[1] / slope[1]
    rest = above - slope * c
    if rest == 0:
        return
    first = _scaled(fraction_of(c), div(written(slope, x), body.args[1]))
    yield "numerator split", add(first, _scaled(fraction_of(rest[0]), div(ONE, body.args[1])))


def square_completed(body: Term, x: Term) -> Iterator[tuple[str, Term]]:
    """1/(x² + 2x + 5) as 1/((x + 1)² + 4), also under a root."""
    top, below = body.args if body.op == "div" else (None, body)
    root = below.op == "fn" and below.data == "sqrt"
    inside = below.args[0] if root else below
    q = polynomial(inside, x)
    if top not in (None, ONE) or (top is None and not root) or q is None or q.degree() != 2 or q[1] == 0:
        return
    a, b, c = q[2], q[1], q[0]
    if root and abs(fraction_of(a)) != 1:
        return
    square = power(written(fmpq_poly([b / (2 * a), 1]), x), num(2))
    rest = fraction_of(c / a - b * b / (4 * a * a))
    if root and a < 0:
        done: Term = add(num(-rest), neg(square))
    else:
        done = add(square, num(rest) if rest >= 0 else neg(num(-rest))) if rest else square
    formed = fn("sqrt", done) if root else done
    whole = formed if top is None else div(ONE, formed)
    yield "square completed", whole if root else _scaled(1 / fraction_of(a), whole)


def _scaled(c: Fraction, t: Term) -> Term:
    """c·t, without a needless 1."""
    size = t if abs(c) == 1 else mul(num(abs(c)), t)
    return neg(size) if c < 0 else size
