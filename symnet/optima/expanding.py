"""Asymptotic expansions of functions: every part of a formula in s, from the leaves up."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import factorial

from flint import arb

from ..functions import PI
from ..rules import slope
from ..term import ONE, Term, add, div, fn, mul, neg, num, postorder, power, substitute, sym
from ..tidy import tidy
from .closing import closed
from .growth import (
    LOG,
    UNIT,
    Coefficient,
    Expansion,
    Growth,
    Undecided,
    constant,
    constant_sign,
    minus_one,
    plus,
    series,
    times,
    to_power,
)  # fmt: skip
from .monomials import exponent


def expand(t: Term, n: int = 1) -> Expansion:
    """The expansion of a formula in s, functions to the order n."""
    memo: dict[Term, Expansion] = {}
    for node in postorder(t):
        free = "s" in node.free
        memo[node] = EXPAND[node.op](node, [memo[a] for a in node.args], n) if free else constant(node)
    return memo[t]


def _sum(node: Term, args: list[Expansion], n: int) -> Expansion:
    out = args[0]
    for a in args[1:]:
        out = plus(out, a)
    return out


def _product(node: Term, args: list[Expansion], n: int) -> Expansion:
    out = args[0]
    for a in args[1:]:
        out = times(out, a)
    return out


def _power(node: Term, args: list[Expansion], n: int) -> Expansion:
    e = exponent(node.args[1])
    if e is None:
        return exp(times(args[1], log(args[0], n)), n)
    return to_power(args[0], e, n)


def log(a: Expansion, n: int) -> Expansion:
    g, c, d = minus_one(a)
    if constant_sign(c) <= 0 or g.c:
        raise Undecided
    out = constant(fn("log", c)) if c.number != 1 else Expansion(())
    for p, q in g.q:
        out = plus(out, Expansion(((Growth(a=p), Coefficient(q)),)))
    if g.a:
        out = plus(out, Expansion(((Growth(c=Fraction(1)), Coefficient(num(g.a))),)))
    if d.terms or d.rest is not None:
        out = plus(out, series([num(0), *(num(Fraction((-1) ** (k + 1), k)) for k in range(1, n + 1))], d))
    return out


def exp(a: Expansion, n: int) -> Expansion:
    top = a.top()
    steep = top is not None and (top[0].q or top[0].c) and top[0].over(LOG) > 0
    if steep and top is not None and top[1].term is not None and constant_sign(top[1].term) < 0:
        return Expansion((), Growth(a=Fraction(-100)))  # e^(−h), h beyond every c log s: smaller than every power
    if a.rest is not None and a.rest.sign() > 0:
        raise Undecided
    growth, factor, small = UNIT, ONE, Expansion((), a.rest)
    for g, c in a.terms:
        size = g.sign()
        if size < 0:
            small = plus(small, Expansion(((g, c),), a.rest))
        elif c.term is None:
            raise Undecided
        elif size == 0:
            factor = fn("exp", c.term)
        elif not g.q and not g.c:
            growth = growth.times(Growth(((g.a, c.term),)))
        elif not g.q and not g.a and g.c == 1 and c.term.number is not None:
            growth = growth.times(Growth(a=c.term.number))
        else:
            raise Undecided
    lead = Expansion(((growth, Coefficient(factor)),))
    if not small.terms and small.rest is None:
        return lead
    return times(lead, series([num(Fraction(1, factorial(k))) for k in range(n + 1)], small))


def _function(node: Term, args: list[Expansion], n: int) -> Expansion:
    by_name = FUNCTIONS.get(node.data)
    return by_name(args[0], n) if by_name is not None else _bounded(node.data, args[0], n)


FUNCTIONS: dict[str, Callable[[Expansion, int], Expansion]] = {
    "exp": lambda a, n: exp(a, n), "log": lambda a, n: log(a, n), "sqrt": lambda a, n: to_power(a, Fraction(1, 2), n),
}  # fmt: skip


def _bounded(name: str, a: Expansion, n: int) -> Expansion:
    """A function with a value or a limit at the limit of its argument."""
    top = a.top()
    size = -1 if top is None else top[0].sign()
    if top is None and (a.rest is None or a.rest.sign() > 0):
        raise Undecided
    if size >= 0:
        assert top is not None
        if top[1].term is None or size > 0:
            return _far(name, a, top[1], size, n)
    value = top[1].term if top is not None and size == 0 else num(0)
    assert value is not None
    d = plus(a, constant(neg(value)))
    coefficients = [closed(c).term or c for c in _taylor(name, value, n)]
    if not closed(coefficients[0]).ball(64).is_finite():
        raise Undecided
    if not all(closed(c).ball(64).is_finite() for c in coefficients):  # continuous, but steep: acos at 1
        return _steep(name, value, a, n)
    return constant(coefficients[0]) if not d.terms and d.rest is None else series(coefficients, d)


def _steep(name: str, value: Term, a: Expansion, n: int) -> Expansion:
    """asin and acos of h → ±1: acos h = 2 asin √((1 − h)/2), acos(−h) = π − acos h, asin h = π/2 − acos h."""
    side = constant_sign(value)
    if name not in ("asin", "acos") or not closed(add(value, num(-side))).ball(64).contains(0):
        raise Undecided
    gap = times(plus(constant(num(side)), times(a, constant(num(-1)))), constant(num(Fraction(side, 2))))
    angle = times(_bounded("asin", to_power(gap, Fraction(1, 2), n), n), constant(num(2)))
    if side < 0:
        angle = plus(constant(PI), times(angle, constant(num(-1))))
    return angle if name == "acos" else plus(constant(div(PI, num(2))), times(angle, constant(num(-1))))


def _far(name: str, a: Expansion, c: Coefficient, size: int, n: int) -> Expansion:
    """A function of something that grows or swings."""
    if name in ("sin", "cos"):
        return Expansion(((UNIT, Coefficient(None, arb(-1), arb(1))),))
    if name not in AT_INFINITY or c.term is None or size <= 0:
        raise Undecided
    value, next_term = AT_INFINITY[name]
    top = next_term(a, n).top()
    small = Expansion((), UNIT) if top is None else Expansion((top,), top[0])
    return plus(constant(mul(num(constant_sign(c.term)), value)), small)


def _gauss(a: Expansion, n: int) -> Expansion:
    """erf h = ±1 − e^(−h²)/(h √π) + …"""
    tail = times(exp(times(times(a, a), constant(num(-1))), n), to_power(a, Fraction(-1), n))
    return times(tail, constant(neg(power(PI, num(Fraction(-1, 2))))))


def _taylor(name: str, at: Term, n: int) -> list[Term]:
    """f(at), f′(at), f″(at)/2, …"""
    u = sym("u")
    f, out = fn(name, u), []
    for k in range(n + 1):
        out.append(tidy(div(substitute(f, {u: at}), num(factorial(k)))))
        f = tidy(slope(f, u)[0])
    return out


AT_INFINITY: dict[str, tuple[Term, Callable[[Expansion, int], Expansion]]] = {
    "atan": (div(PI, num(2)), lambda a, n: times(to_power(a, Fraction(-1), n), constant(num(-1)))),
    "erf": (ONE, _gauss),
}
EXPAND: dict[str, Callable[[Term, list[Expansion], int], Expansion]] = {
    "sym": lambda node, args, n: Expansion(((Growth(a=Fraction(1)), Coefficient(ONE)),)),
    "add": _sum, "mul": _product, "pow": _power, "fn": _function,
    "neg": lambda node, args, n: times(args[0], constant(num(-1))),
    "div": lambda node, args, n: times(args[0], to_power(args[1], Fraction(-1), n)),
}  # fmt: skip
