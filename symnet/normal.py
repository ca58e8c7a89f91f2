"""The second level of tidying: the rational normal form, kept only where it reads shorter.

((1 − y)/(1 − a) − y/a) · a (1 − a) is a − y, which no local rule sees. The formula is taken as a quotient of two
polynomials over its kernels (names and whatever is not arithmetic), the common factor is cancelled (python-flint), and
the terms are written back in the order in which their kernels first appeared.
"""

from __future__ import annotations

from typing import Any

from .term import ONE, ZERO, Term, add, div, mul, neg, num, postorder, power

ARITHMETIC = {"add", "neg", "mul", "div"}
KERNELS, NODES, DEGREE = 12, 400, 12  # beyond these the local form stays


def shorter(t: Term) -> Term:
    """`t`, or its rational normal form where that has fewer nodes."""
    if t.shape or t.size > NODES or not any(n.op == "div" for n in postorder(t)):
        return t
    kernels = _kernels(t)
    if kernels is None or not 0 < len(kernels) <= KERNELS:
        return t
    quotient = _quotient(t, kernels)
    if quotient is None:
        return t
    if len(quotient[1]) > 1:  # a multiplied-out denominator reads worse than the sum that it came from
        return t
    back = _write(quotient, kernels)
    return back if back.size < t.size else t


def _kernels(t: Term) -> list[Term] | None:
    """The kernels in the order of first appearance; None where an exponent is too large."""
    out: dict[Term, None] = {}
    stack = [t]
    while stack:
        node = stack.pop()
        if node.op in ARITHMETIC:
            stack.extend(reversed(node.args))
        elif node.op == "pow" and _integer(node.args[1]) is not None:
            if abs(_integer(node.args[1]) or 0) > DEGREE:
                return None
            stack.append(node.args[0])
        elif node.op != "num":
            out[node] = None
    return list(out)


def _integer(t: Term) -> int | None:
    k = t.number
    return int(k) if k is not None and k.denominator == 1 else None


def _quotient(t: Term, kernels: list[Term]) -> tuple[Any, Any] | None:
    """(numerator, denominator) in lowest terms."""
    from flint import Ordering, fmpz_mpoly_ctx

    ctx = fmpz_mpoly_ctx.get([f"x{i}" for i in range(len(kernels))], Ordering.lex)
    one = ctx.from_dict({(0,) * len(kernels): 1})
    value: dict[Term, tuple[Any, Any]] = {k: (g, one) for k, g in zip(kernels, ctx.gens(), strict=True)}
    for node in postorder(t):
        if node in value:
            continue
        if node.op == "num":
            f = node.data[0]
            value[node] = f.numerator * one, f.denominator * one
        elif node.op in ARITHMETIC or (node.op == "pow" and _integer(node.args[1]) is not None):
            got = _combine(node, [value[a] for a in node.args if a in value], one)
            if got is None:
                return None
            value[node] = got
    return _lowest(*value[t])


def _combine(node: Term, args: list[tuple[Any, Any]], one: Any) -> tuple[Any, Any] | None:
    p, q = args[0]
    if node.op == "neg":
        return -p, q
    if node.op == "pow":
        k = _integer(node.args[1]) or 0
        if k < 0:
            return None if p == 0 else (q**-k, p**-k)
        return p**k, q**k
    for r, s in args[1:]:
        if node.op == "add":
            p, q = p * s + r * q, q * s
        elif node.op == "mul":
            p, q = p * r, q * s
        else:
            if r == 0:
                return None
            p, q = p * s, q * r
    return _lowest(p, q)


def _lowest(p: Any, q: Any) -> tuple[Any, Any]:
    if p == 0:
        return p, q / q
    g = p.gcd(q)
    return (p / g, q / g) if g != 1 else (p, q)


def _write(quotient: tuple[Any, Any], kernels: list[Term]) -> Term:
    p, q = quotient
    if q.leading_coefficient() < 0:
        p, q = -p, -q
    top, bottom = _polynomial(p, kernels), _polynomial(q, kernels)
    if bottom is ONE:
        return top
    return neg(div(top.args[0], bottom)) if top.op == "neg" else div(top, bottom)


def _polynomial(p: Any, kernels: list[Term]) -> Term:
    parts = [_monomial(int(c), m, kernels) for m, c in p.terms()]
    if not parts:
        return ZERO
    first = next((i for i, t in enumerate(parts) if t.op != "neg"), 0)
    return add(parts[first], *parts[:first], *parts[first + 1 :])


def _monomial(c: int, exponents: Any, kernels: list[Term]) -> Term:
    factors = [k if int(e) == 1 else power(k, num(int(e))) for k, e in zip(kernels, exponents, strict=True) if int(e)]
    if abs(c) != 1 or not factors:
        factors.insert(0, num(abs(c)))
    return neg(mul(*factors)) if c < 0 else mul(*factors)
