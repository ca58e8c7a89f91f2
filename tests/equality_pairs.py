"""Random formulas, the same formulas written differently, and formulas that are nearly the same."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction

from symnet.functions import PI
from symnet.operations import apply
from symnet.term import (
    ONE,
    TWO,
    Term,
    add,
    cases,
    div,
    fn,
    mul,
    neg,
    num,
    postorder,
    power,
    rel,
    sub_one,
    substitute,
    sym,
)

X, Y, W = sym("x"), sym("y"), sym("w")
Draw = random.Random


def formula(draw: Draw, depth: int = 3) -> Term:
    """A formula that has a value at every point."""
    if depth == 0:
        return draw.choice((X, X, Y, W, num(draw.randint(1, 5)), num(Fraction(draw.randint(1, 9), 4))))
    u = formula(draw, depth - 1)
    return draw.choice(SHAPES)(draw, u, depth)


def _binary(make: Callable[[Term, Term], Term]) -> Callable[[Draw, Term, int], Term]:
    return lambda draw, u, depth: make(u, formula(draw, depth - 1))


def _unary(make: Callable[[Term], Term]) -> Callable[[Draw, Term, int], Term]:
    return lambda draw, u, depth: make(u)


SHAPES: tuple[Callable[[Draw, Term, int], Term], ...] = (
    _binary(add), _binary(add), _binary(lambda a, b: add(a, neg(b))), _binary(mul), _binary(mul),
    _binary(lambda a, b: div(a, add(ONE, power(b, TWO)))),
    _unary(lambda u: power(u, TWO)), _unary(neg), _unary(lambda u: fn("sigmoid", u)), _unary(lambda u: fn("tanh", u)),
    _unary(lambda u: fn("sin", u)), _unary(lambda u: fn("cos", u)), _unary(lambda u: fn("exp", fn("sin", u))),
    _unary(lambda u: fn("log", add(ONE, power(u, TWO)))), _unary(lambda u: fn("sqrt", add(ONE, power(u, TWO)))),
    _unary(lambda u: fn("softplus", u)), _unary(lambda u: fn("atan", u)),
)  # fmt: skip

HALF = num(Fraction(1, 2))


def half(u: Term) -> Term:
    return div(u, TWO)


def exp(u: Term) -> Term:
    return fn("exp", u)


def _distributed(t: Term) -> Term:
    """a (b + c) = a b + a c."""
    i = next((i for i, a in enumerate(t.args) if a.op == "add"), None)
    if i is None:
        return mul(*reversed(t.args))
    rest = (*t.args[:i], *t.args[i + 1 :])
    return add(*(mul(b, *rest) for b in t.args[i].args))


# op or function → other ways of writing it; `u` is the argument
FUNCTIONS: dict[str, tuple[Callable[[Term], Term], ...]] = {
    "sigmoid": (
        lambda u: div(ONE, add(ONE, exp(neg(u)))),
        lambda u: div(exp(u), add(exp(u), ONE)),
        lambda u: add(ONE, neg(fn("sigmoid", neg(u)))),
        lambda u: div(add(ONE, fn("tanh", half(u))), TWO),
        lambda u: div(exp(half(u)), add(exp(half(u)), exp(neg(half(u))))),
    ),
    "tanh": (
        lambda u: add(mul(TWO, fn("sigmoid", mul(TWO, u))), neg(ONE)),
        lambda u: div(fn("sinh", u), fn("cosh", u)),
        lambda u: div(add(exp(mul(TWO, u)), neg(ONE)), add(exp(mul(TWO, u)), ONE)),
        lambda u: neg(fn("tanh", neg(u))),
    ),
    "sin": (
        lambda u: mul(TWO, fn("sin", half(u)), fn("cos", half(u))),
        lambda u: fn("cos", add(u, neg(half(PI)))),
        lambda u: neg(fn("sin", add(u, PI))),
        lambda u: neg(fn("sin", neg(u))),
    ),
    "cos": (
        lambda u: add(ONE, neg(mul(TWO, power(fn("sin", half(u)), TWO)))),
        lambda u: add(power(fn("cos", half(u)), TWO), neg(power(fn("sin", half(u)), TWO))),
        lambda u: fn("sin", add(half(PI), u)),
    ),
    "exp": (
        lambda u: div(ONE, exp(neg(u))),
        lambda u: power(exp(half(u)), TWO),
        lambda u: add(fn("cosh", u), fn("sinh", u)),
    ),
    "softplus": (
        lambda u: fn("log", add(ONE, exp(u))),
        lambda u: add(u, fn("softplus", neg(u))),
        lambda u: neg(fn("log", fn("sigmoid", neg(u)))),
    ),
    "log": (lambda u: neg(fn("log", div(ONE, u))), lambda u: mul(TWO, fn("log", fn("sqrt", u)))),
    "sqrt": (lambda u: power(u, HALF), lambda u: div(u, fn("sqrt", u)), lambda u: exp(half(fn("log", u)))),
    "atan": (lambda u: neg(fn("atan", neg(u))),),
}  # fmt: skip
OPERATIONS: dict[str, tuple[Callable[[Term], Term], ...]] = {
    "add": (lambda t: add(*reversed(t.args)), lambda t: neg(add(*map(neg, t.args)))),
    "mul": (_distributed, lambda t: mul(*reversed(t.args))),
    "neg": (lambda t: mul(num(-1), t.args[0]),),
    "div": (lambda t: mul(t.args[0], power(t.args[1], num(-1))), lambda t: div(neg(t.args[0]), neg(t.args[1]))),
    "pow": (lambda t: mul(t.args[0], power(t.args[0], sub_one(t.args[1]))),),
    "sym": (lambda t: div(mul(t, add(ONE, power(t, TWO))), add(ONE, power(t, TWO))), lambda t: add(t, ONE, neg(ONE))),
}  # fmt: skip


def rewritten(draw: Draw, t: Term, moves: int = 3) -> Term:
    """The same formula, written differently in some places."""
    for _ in range(moves):
        node = draw.choice([n for n in postorder(t) if n.op != "num"] or [t])
        ways: tuple[Callable[[Term], Term], ...]
        if node.op == "fn":
            ways = tuple(lambda n, f=f: f(n.args[0]) for f in FUNCTIONS[node.data]) if node.data in FUNCTIONS else ()
        else:
            ways = OPERATIONS.get(node.op, ()) if not _tied(node) else ()
        if ways:
            t = substitute(t, {node: draw.choice(ways)(node)})
    return t


def _tied(node: Term) -> bool:
    return node.op == "pow" and (node.args[1].number is None or node.args[1].number < 2)


TINY = num(Fraction(1, 10**30))


def _bump(draw: Draw, t: Term) -> Term:
    """Twice as large on a small interval of x."""
    a = num(Fraction(draw.randint(-90, 90), 7))
    inside = Term("and", (rel(">", X, a), rel("<", X, add(a, num(Fraction(1, 10 ** draw.randint(1, 12)))))))
    return cases(mul(TWO, t), inside, t)


def _ripple(draw: Draw, t: Term) -> Term:
    return add(t, div(fn("sin", mul(num(1000), PI, X)), num(1000)))


def _thirtieth_digit(draw: Draw, t: Term) -> Term:
    return mul(t, add(ONE, TINY))


def _added(draw: Draw, t: Term) -> Term:
    return add(t, mul(TINY, draw.choice((X, Y, ONE, fn("exp", X)))))


def _sign(draw: Draw, t: Term) -> Term:
    """A sign swapped somewhere."""
    node = draw.choice([n for n in postorder(t) if n.op in ("add", "mul", "fn", "sym")] or [t])
    return substitute(t, {node: neg(node)})


def _far_corner(draw: Draw, t: Term) -> Term:
    """Something that starts far outside."""
    start = num(draw.choice((30, 50, 100, -60)) * draw.randint(1, 3))
    return add(t, apply("max", num(0), add(X, neg(start))))


def _narrow(draw: Draw, t: Term) -> Term:
    return add(t, div(exp(neg(mul(num(10**6), power(X, TWO)))), num(10**6)))


def _branch(draw: Draw, t: Term) -> Term:
    """√(t²) for t."""
    return fn("sqrt", power(t, TWO))


MISSES = (_bump, _ripple, _thirtieth_digit, _added, _sign, _far_corner, _narrow, _branch)


def near_miss(draw: Draw, t: Term) -> Term:
    """Nearly the same; it may happen to be the same (a swapped sign under a square, √(t²) of a positive t)."""
    return draw.choice(MISSES)(draw, t)
