"""The second level of tidying: the rational normal form, kept only where it reads shorter.

((1 − y)/(1 − a) − y/a) · a (1 − a) is a − y, which no local rule sees. The formula is taken as a quotient of two
polynomials over its kernels (names and whatever is not arithmetic), the common factor is cancelled (python-flint), and
the terms are written back in the order in which their kernels first appeared.
"""

from __future__ import annotations

from collections.abc import Container
from math import prod
from typing import Any

from .term import ONE, ZERO, Term, add, div, mul, neg, num, postorder, power
from .tidy import tidy

ARITHMETIC = {"add", "neg", "mul", "div"}
KERNELS, NODES, DEGREE = 12, 400, 12  # beyond these the local form stays


def shorter(t: Term) -> Term:
    """`t`, or its rational normal form where that has fewer nodes."""
    if t.shape or t.size > NODES or not any(n.op == "div" for n in postorder(t)):
        return t
    kernels = kernels_of(t)
    if kernels is None or not 0 < len(kernels) <= KERNELS:
        return t
    quotient = quotient_of(t, kernels)
    if quotient is None:
        return t
    if len(quotient[1]) > 1:  # a multiplied-out denominator reads worse than the sum that it came from
        return t
    back = _write(quotient, kernels)
    return back if back.size < t.size else t


def kernels_of(t: Term) -> list[Term] | None:
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


def quotient_of(t: Term, kernels: list[Term]) -> tuple[Any, Any] | None:
    """(numerator, denominator) in lowest terms."""
    from flint import Ordering, fmpz_mpoly_ctx

    ctx = fmpz_mpoly_ctx.get([f"x{i}" for i in range(len(kernels))], Ordering.lex)
    one = ctx.from_dict({(0,) * len(kernels): 1})
    value: dict[Term, tuple[Any, Any]] = {k: (g, one) for k, g in zip(kernels, ctx.gens(), strict=True)}
    for node in _arithmetic(t, value):
        if node.op == "num":
            f = node.data[0]
            value[node] = f.numerator * one, f.denominator * one
        else:
            operands = node.args[:1] if node.op == "pow" else node.args
            got = _combine(node, [value[a] for a in operands], one)
            if got is None:
                return None
            value[node] = got
    return _lowest(*value[t])


def _arithmetic(t: Term, kernels: Container[Term]) -> list[Term]:
    """The nodes above the kernels, each after its operands."""
    done: dict[Term, None] = {}
    stack = [(t, False)] if t not in kernels else []
    while stack:
        node, ready = stack.pop()
        if node in done:
            continue
        if ready:
            done[node] = None
            continue
        stack.append((node, True))
        operands = node.args[:1] if node.op == "pow" else node.args
        stack.extend((a, False) for a in reversed(operands) if a not in kernels)
    return list(done)


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
    top, bottom = term_of(p, kernels), term_of(q, kernels)
    if bottom is ONE:
        return top
    return neg(div(top.args[0], bottom)) if top.op == "neg" else div(top, bottom)


def term_of(p: Any, kernels: list[Term]) -> Term:
    parts = [_monomial(int(c), m, kernels) for m, c in p.terms()]
    if not parts:
        return ZERO
    if parts[0].op == "neg" and parts[-1].op != "neg" and sum(map(bool, map(sum, zip(*p.monoms(), strict=True)))) == 1:
        return add(*reversed(parts))  # 15 + 4x − 3x²: in rising powers where that starts with a positive term
    first = next((i for i, t in enumerate(parts) if t.op != "neg"), 0)
    return add(parts[first], *parts[:first], *parts[first + 1 :])


def _monomial(c: int, exponents: Any, kernels: list[Term]) -> Term:
    factors = [k if int(e) == 1 else power(k, num(int(e))) for k, e in zip(kernels, exponents, strict=True) if int(e)]
    if abs(c) != 1 or not factors:
        factors.insert(0, num(abs(c)))
    return neg(mul(*factors)) if c < 0 else mul(*factors)


TERMS = 400  # monomials up to which a product is multiplied out


def expanded(t: Term) -> Term:
    """`t` multiplied out if it is a polynomial in its kernels, terms in falling powers; else `t` itself."""
    if t.shape or t.size > NODES or any(n.op == "div" and n.args[1].free for n in postorder(t)) or growth(t) > TERMS:
        return t
    kernels = kernels_of(t)
    if kernels is None or not 0 < len(kernels) <= KERNELS:
        return t
    quotient = quotient_of(t, kernels)
    return t if quotient is None else _write(quotient, kernels)


def growth(t: Term) -> int:
    """A bound for the number of monomials."""
    count: dict[Term, int] = {}
    for node in postorder(t):
        args = [count[a] for a in node.args]
        if node.op == "add":
            count[node] = sum(args)
        elif node.op in ("mul", "div"):
            count[node] = min(prod(args), TERMS + 1)
        elif node.op == "pow" and (k := _integer(node.args[1])) is not None:
            count[node] = min(args[0] ** min(abs(k), DEGREE + 1), TERMS + 1)
        elif node.op == "neg":
            count[node] = args[0]
        else:
            count[node] = 1
    return count[t]


def factored(t: Term) -> Term:
    """`t` as a product of irreducible factors if it is a polynomial in its kernels; else `t` itself."""
    if t.shape or t.size > NODES or t.op not in ("add", "neg", "mul", "div") or growth(t) > TERMS:
        return t
    kernels = kernels_of(t)
    if kernels is None or not 0 < len(kernels) <= KERNELS:
        return t
    quotient = quotient_of(t, kernels)
    if quotient is None or len(quotient[0]) < 2 or len(quotient[1]) > 1:
        return t
    content, factors = quotient[0].factor()
    if sum(int(e) for _, e in factors) < 2:
        return t
    written = [(term_of(p, kernels), int(e)) for p, e in factors]
    powers, negative = _as_written(written, int(content) < 0, t, kernels)
    number = num(abs(int(content)))
    above = tidy(mul(number, *(power(p, num(e)) for p, e in powers)))
    bottom = term_of(quotient[1], kernels)
    whole = above if bottom is ONE else div(above, bottom)
    return tidy(neg(whole)) if negative else whole


def _as_written(
    powers: list[tuple[Term, int]], negative: bool, t: Term, kernels: list[Term]
) -> tuple[list[tuple[Term, int]], bool]:
    """Bare kernels first; 1 − σ and not σ − 1 if that is what stands in t; the last sum takes a sign that is left."""
    known, places = set(postorder(t)), {k: i for i, k in enumerate(kernels)}
    out = []
    for p, e in sorted(powers, key=lambda f: (f[0] not in places, places.get(f[0], 0), f[0].size)):
        other = tidy(neg(p))
        flip = p not in places and (p.op == "neg" or other in known)
        negative ^= flip and e % 2 == 1
        out.append((other if flip else p, e))
    p, e = out[-1]
    other = tidy(neg(p))
    if negative and e % 2 and other.op == "add" and p not in known:
        out[-1], negative = (other, e), False
    return out, negative
