"""Wrong product rules and quotient rules."""

from __future__ import annotations

from collections.abc import Iterator

from ...term import TWO, ZERO, add, div, mul, neg, power
from ..site import Site, Wrong


def each_derived(s: Site) -> Iterator[Wrong]:
    if len(s.moving) > 1:
        yield mul(*(d if d is not ZERO else a for a, d in zip(s.node.args, s.du, strict=True))), None


def own_derived(s: Site) -> Iterator[Wrong]:
    """f f′ + g g′."""
    if len(s.moving) > 1:
        rest = [s.node.args[i] for i in s.resting]
        yield add(*(mul(*rest, s.node.args[i], s.du[i]) for i in s.moving)), None


def term_of_product(s: Site) -> Iterator[Wrong]:
    """One term of the product rule alone, or one of them lost."""
    if len(s.moving) < 2:
        return
    for i in s.moving:
        yield s.without(*(j for j in s.moving if j != i)), None
    if len(s.moving) > 2:
        yield from ((s.without(i), None) for i in s.moving)


def product_sign(s: Site) -> Iterator[Wrong]:
    if len(s.moving) == 2:
        i, j = s.moving
        yield add(s.without(j), neg(s.without(i))), None


def quotient_each(s: Site) -> Iterator[Wrong]:
    if 1 in s.moving:
        a = s.node.args[0]
        yield div(s.du[0] if 0 in s.moving else a, s.du[1]), None


def quotient_swapped(s: Site) -> Iterator[Wrong]:
    if s.moving == (0, 1):
        yield neg(s.right()), None


def quotient_misapplied(s: Site) -> Iterator[Wrong]:
    if s.moving != (0, 1):
        return
    (a, b), (da, db) = s.node.args, s.du
    first, second = mul(da, b), mul(a, db)
    yield div(add(first, second), power(b, TWO)), None
    yield div(add(first, neg(second)), b), None
    yield add(first, neg(second)), None
    yield div(add(mul(a, da), neg(mul(b, db))), power(b, TWO)), None
    yield div(add(mul(da, db), neg(mul(a, b))), power(b, TWO)), None
    yield add(div(da, b), neg(div(a, power(b, TWO)))), None


def quotient_term(s: Site) -> Iterator[Wrong]:
    if s.moving == (0, 1):
        yield s.without(1), None
        yield s.without(0), None


def denominator_lost(s: Site) -> Iterator[Wrong]:
    """(c/g)′ = −c g′, or −c g′/g."""
    if s.moving == (1,):
        yield neg(mul(s.node.args[0], s.du[1])), s.node.args[1]
        yield neg(div(mul(s.node.args[0], s.du[1]), s.node.args[1])), s.node.args[1]


def reciprocal_sign(s: Site) -> Iterator[Wrong]:
    if s.node.op == "div" and s.moving == (1,):
        yield neg(s.right()), None
