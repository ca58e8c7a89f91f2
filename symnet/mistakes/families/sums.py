"""Wrong derivatives of sums and multiples: constants, coefficients, terms and signs."""

from __future__ import annotations

from collections.abc import Iterator

from ...term import ONE, ZERO, Term, add, cases, div, iter_names, mul, neg, num, postorder
from ...tidy import tidy
from ..scene import derivative
from ..site import Site, Wrong, factors, product_without
from .products import product_sign

COUNTS = ("n", "N", "m", "M", "K", "k")


def count_lost(s: Site) -> Iterator[Wrong]:
    """1/n of a mean."""
    if s.node.op == "div" and s.moving == (0,) and _is_count(s.node.args[1], s.node.args[0]):
        k, n = s.node.args[1].number, len(s.node.args[0].args)
        if k is not None and k != n and k % max(n, 1) == 0:
            yield div(s.du[0], num(k / n)), num(n)
        yield s.du[0], s.node.args[1]
    for i, c in factors(s):
        if (c.op == "div" and c.args[0] is ONE and _is_count(c.args[1], s.only)) or (
            c.op == "num" and c.number is not None and c.number.numerator == 1 and _several(s.only) and c is not ONE
        ):
            yield product_without(s, i), c
    if s.node.op == "mean":
        yield s.right(), None


def _is_count(c: Term, beside: Term | None) -> bool:
    if c.op == "sym":
        return c.name in COUNTS or "dimension" in c.facts
    return c.number is not None and c.number.denominator == 1 and _several(beside)


def _several(t: Term | None) -> bool:
    return t is not None and t.op == "add" and len(t.args) > 1


def coefficient(s: Site) -> Iterator[Wrong]:
    yield from ((product_without(s, i), c) for i, c in factors(s) if c.number is not None)
    if s.node.op == "div" and s.moving == (0,) and s.node.args[1].number is not None:
        yield s.du[0], s.node.args[1]
        yield mul(s.node.args[1], s.du[0]), s.node.args[1]
    for i, c in factors(s):
        if c.number is not None:
            yield div(product_without(s, i), c), c


def constant_factor(s: Site) -> Iterator[Wrong]:
    yield from ((product_without(s, i), c) for i, c in factors(s) if c.number is None)
    if s.node.op == "div" and s.moving == (0,) and s.node.args[1].number is None:
        yield s.du[0], s.node.args[1]
    if s.node.op == "div" and s.moving == (1,) and s.node.args[0] is not ONE:
        yield div(s.right(), s.node.args[0]), s.node.args[0]


def constant_moves(s: Site) -> Iterator[Wrong]:
    """(c f)′ = f + c f′ for c f′: a constant name treated as a variable, π too."""
    if s.node.op == "add":
        for i in s.resting:
            fixed = [n for n in postorder(s.node.args[i]) if n.op == "sym" and "constant" in n.facts]
            for name in dict.fromkeys((*iter_names(s.node.args[i]), *fixed)):
                yield add(s.right(), derivative(s.node.args[i], name)), s.node.args[i]
    names = [i for i in s.resting if s.node.args[i].op == "sym" and s.node.args[i].free]
    for i in names:
        yield s.right(tuple(ONE if j == i else d for j, d in enumerate(s.du))), s.node.args[i]
        if s.node.op in ("mul", "pow"):
            yield s.right(tuple(ONE if j == i else ZERO for j in range(len(s.du)))), s.node.args[i]


def constant_kept(s: Site) -> Iterator[Wrong]:
    if not s.resting or not s.moving:
        return
    rest = [s.node.args[i] for i in s.resting]
    for kept in dict.fromkeys((add(*rest), *rest)):
        if tidy(add(s.right(), kept)) is not ZERO:  # 1 − a → 0 is a lost term
            yield add(s.right(), kept), kept


def some_terms(s: Site) -> Iterator[Wrong]:
    if len(s.moving) < 2:
        return
    yield from ((s.without(i), s.node.args[i]) for i in s.moving)
    for i in s.moving if len(s.moving) > 2 else ():
        yield s.without(*(j for j in s.moving if j != i)), None


def left(s: Site) -> Iterator[Wrong]:
    """(f + g)′ = f′ + g: a term that was not differentiated."""
    for i in s.moving if len(s.node.args) > 1 else ():
        yield s.right(tuple(s.node.args[i] if j == i else d for j, d in enumerate(s.du))), s.node.args[i]


def lost_sign(s: Site) -> Iterator[Wrong]:
    if s.node.op == "neg":
        yield s.du[0], None
    elif s.node.op == "add" and len(s.moving) > 1:
        for i in s.moving:
            yield s.right(tuple(neg(d) if j == i else d for j, d in enumerate(s.du))), s.node.args[i]
    elif s.node.op == "fn":
        yield neg(s.right()), None
    elif s.node.op == "mul":
        yield from product_sign(s)
    elif s.node.op == "cases" and len(s.node.args) > 2:
        flipped = [s.du[i] for i in range(0, len(s.node.args), 2)] + [s.du[-1]] * (len(s.node.args) % 2)
        values = iter(reversed(list(dict.fromkeys(flipped))))
        yield (
            cases(*(a if i % 2 and i < len(s.node.args) else next(values, ZERO) for i, a in enumerate(s.node.args))),
            None,
        )
