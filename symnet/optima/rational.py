"""Rational functions of one name with rational coefficients, as two integer polynomials (python-flint)."""

from __future__ import annotations

from typing import Any

from flint import fmpq_poly, fmpz_poly

from ..balls import fmpq_of
from ..term import Term, postorder
from .monomials import exponent

DEGREE = 400
OPS = {"num", "sym", "add", "mul", "neg", "div", "pow"}


def quotient(t: Term, x: str) -> tuple[fmpz_poly, fmpz_poly] | None:
    """p/q in lowest terms, q with a positive leading coefficient; None if t is not rational over the rationals."""
    memo: dict[Term, tuple[Any, Any]] = {}
    one = fmpq_poly([1])
    for node in postorder(t):
        if node.op not in OPS or (node.op == "sym" and node.name != x):
            return None
        made = _combined(node, memo, one)
        if made is None:
            return None
        memo[node] = made
    p, q = memo[t]
    return integral(p, q)


def integral(p: Any, q: Any) -> tuple[fmpz_poly, fmpz_poly]:
    g = p.gcd(q)
    p, q = p / g if g.degree() > 0 else p, q / g if g.degree() > 0 else q
    if isinstance(p, tuple):
        p, q = p[0], q[0]
    top, bottom = p.numer() * q.denom(), q.numer() * p.denom()
    c = top.content().gcd(bottom.content()) if top != 0 else bottom.content()
    top, bottom = top / c if top != 0 else top, bottom / c
    return (-top, -bottom) if bottom.leading_coefficient() < 0 else (top, bottom)


def _combined(node: Term, memo: dict[Term, tuple[Any, Any]], one: Any) -> tuple[Any, Any] | None:
    if node.op == "num":
        return fmpq_poly([fmpq_of(node.data[0])]), one
    if node.op == "sym":
        return fmpq_poly([0, 1]), one
    if node.op == "pow":
        e = exponent(node.args[1])
        p, q = memo[node.args[0]]
        if e is None or e.denominator != 1 or abs(e) * max(1, p.degree(), q.degree()) > DEGREE or (e < 0 and p == 0):
            return None
        return (p ** int(e), q ** int(e)) if e >= 0 else (q ** int(-e), p ** int(-e))
    p, q = memo[node.args[0]]
    if node.op == "neg":
        return -p, q
    for a in node.args[1:]:
        r, s = memo[a]
        if node.op == "add":
            p, q = (p + r, q) if q == s else (p * s + r * q, q * s)
        elif node.op == "mul":
            p, q = p * r, q * s
        elif r == 0:
            return None
        else:
            p, q = p * s, q * r
    return (p, q) if max(p.degree(), q.degree()) <= DEGREE else None


def derivative(p: fmpz_poly, q: fmpz_poly) -> tuple[fmpz_poly, fmpz_poly]:
    """(p/q)′ in lowest terms."""
    return integral(fmpq_poly(p.derivative() * q - p * q.derivative()), fmpq_poly(q * q))
