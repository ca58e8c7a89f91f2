"""Rational points at which two formulas may differ: ordinary, large, tiny, near the corners, the same in every run."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise

from ..corners import linear_root
from ..term import ZERO, Term, add, neg, num, postorder, substitute, sym
from .enclosure import INF, Interval

Point = dict[str, Fraction]
PRIME = 1009  # below every fraction, so that sin(1000 π x) is not 0 by chance
ORDINARY = 8
PLACES = 24  # of one name
WHOLE = 48
POLYNOMIAL = frozenset({"num", "sym", "add", "neg", "mul", "pow"})
# (low, high) in units, tried in turn
SPREADS: tuple[tuple[Fraction, Fraction], ...] = tuple(
    (Fraction(a), Fraction(b))
    for a, b in (("1/10", "2"), ("-3", "3"), ("1/100", "99/100"), ("1", "8"), ("-1", "1"), ("-12", "12"),
                 ("-1/50", "1/50"), ("20", "90"), ("-90", "-20"), ("100", "400"), ("-1000", "-200"))
)  # fmt: skip


PLAIN = tuple(map(Fraction, ("1", "2", "1/2", "3", "-1", "1/3", "3/2", "-2", "1/4", "5")))


def plain(names: Sequence[str], domain: Mapping[str, Interval]) -> Iterator[Point]:
    """Points that a person would put in by hand: x = 1, then x = 2; several names get different numbers."""
    for k in range(6):
        at = {n: PLAIN[(i + k) % len(PLAIN)] for i, n in enumerate(names)}
        if all(_inside(v, domain.get(n)) for n, v in at.items()):
            yield at


def ordinary(names: Sequence[str], domain: Mapping[str, Interval], count: int = ORDINARY) -> Iterator[Point]:
    """A few points of moderate size."""
    draw = random.Random("symnet ordinary")
    for k in range(count):
        yield {n: _drawn(draw, SPREADS[k % 5], domain.get(n)) for n in names}


def spread(names: Sequence[str], domain: Mapping[str, Interval], count: int) -> Iterator[Point]:
    """Points of every size, alike in all names and mixed."""
    draw = random.Random("symnet spread")
    for k in range(count):
        if k % 2:
            yield {n: _drawn(draw, SPREADS[k // 2 % len(SPREADS)], domain.get(n)) for n in names}
        else:
            yield {n: _drawn(draw, draw.choice(SPREADS), domain.get(n)) for n in names}


def _drawn(draw: random.Random, spread: tuple[Fraction, Fraction], inside: Interval | None) -> Fraction:
    low, high = spread
    t = Fraction(draw.randint(1, PRIME - 1), PRIME)
    if inside is None:
        return low + (high - low) * t
    a, b = inside
    if a > -INF and b < INF:
        return Fraction(a) + (Fraction(b) - Fraction(a)) * t
    if a > -INF:
        return Fraction(a) + abs(low + (high - low) * t)
    if b < INF:
        return Fraction(b) - abs(low + (high - low) * t)
    return low + (high - low) * t


def places(formulas: Sequence[Term], name: str, at: Point) -> list[Fraction]:
    """The numbers at which a piecewise formula changes in one name, the others as at a point."""
    found: dict[Fraction, None] = {}
    for f in formulas:
        for node in postorder(f):
            for difference in changes(node):
                if name in difference.free:
                    found.update(dict.fromkeys(_zeros(difference, name, at)))
    return sorted(found)[:PLACES]


@lru_cache(maxsize=256)
def _linear_zero(difference: Term, name: str) -> Fraction | None:
    return linear_root(difference, sym(name))


def numbered(t: Term, at: Point) -> Term:
    """A formula with numbers for these names."""
    return substitute(t, {sym(n): num(at[n]) for n in t.free if n in at})


def _zeros(difference: Term, name: str, at: Point) -> list[Fraction]:
    here = numbered(difference, {n: v for n, v in at.items() if n != name})
    root = _linear_zero(here, name)
    if root is not None:
        return [root]
    from .solving import solve

    found = solve(here, ZERO, sym(name)).roots if here.free == (name,) else ()
    return [r.exact if r.exact is not None else r.near(200) for r in found]


def changes(node: Term) -> Iterator[Term]:
    """What is 0 where a piecewise function changes."""
    if node.op == "rel" or node.op in ("max", "min"):
        first, *rest = node.args
        for b in rest:
            yield add(first, neg(b))
    elif node.op == "fn" and node.data in ("abs", "sign", "step", "relu", "leaky_relu", "elu", "selu", "floor", "ceil"):
        yield node.args[0]
    elif node.op == "fn" and node.data in ("hard_sigmoid", "hard_tanh"):
        for end in (1, 3):
            yield node.args[0] - end
            yield node.args[0] + end


JUMPS = ("sign", "step", "floor", "ceil")


def known_jumps(truth: Term, answer: Term, names: Sequence[str]) -> bool:
    """Whether every place at which only one of the two may jump is among `places`."""
    first, second = _jumps(truth), _jumps(answer)
    for node in (*(n for n in first if n not in second), *(n for n in second if n not in first)):
        for difference in changes(node):
            if not any(_linear_zero(difference, n) is not None or _is_linear(difference, n) for n in names):
                return False
    return True


def _jumps(t: Term) -> dict[Term, None]:
    return {n: None for n in postorder(t) if n.op == "rel" or (n.op == "fn" and n.data in JUMPS)}


def _is_linear(difference: Term, name: str) -> bool:
    """Linear in one name, the others as they may be."""
    others = {sym(n): num(Fraction(3 * i + 5, 7)) for i, n in enumerate(difference.free) if n != name}
    return name in difference.free and _linear_zero(substitute(difference, dict(others)), name) is not None


def beside(formulas: Sequence[Term], names: Sequence[str], domain: Mapping[str, Interval]) -> Iterator[Point]:
    """Between and beside the places where a formula changes."""
    at = next(ordinary(names, domain, 1), None)
    if at is None:
        return
    for name in names:
        roots = places(formulas, name, at)
        if not roots:
            continue
        middles = [(a + b) / 2 for a, b in pairwise(roots)]
        steps = [r + s for r in roots for s in (Fraction(1, 10**6), Fraction(-1, 10**6))]
        for v in [*middles, *steps, roots[0] - 1, roots[-1] + 1, roots[0] - 50, roots[-1] + 50]:
            if _inside(v, domain.get(name)):
                yield {**at, name: v}


def exactly(formulas: Sequence[Term], names: Sequence[str], domain: Mapping[str, Interval]) -> Iterator[Point]:
    """The places themselves."""
    for at in ordinary(names, domain, 1):
        for name in names:
            for root in places(formulas, name, at):
                if _inside(root, domain.get(name)):
                    yield {**at, name: root}


def poles(formula: Term, names: Sequence[str], domain: Mapping[str, Interval]) -> Iterator[Point]:
    """Places at which a denominator of polynomials is 0."""
    for at in ordinary(names, domain, 1):
        for node in postorder(formula):
            below = denominator(node)
            if below is not None and below.free and all(n.op in POLYNOMIAL for n in postorder(below)):
                name = next((n for n in below.free if n in at), None)
                for root in _zeros(below, name, at) if name is not None else ():
                    if _inside(root, domain.get(str(name))):
                        yield {**at, str(name): root}


def whole(formulas: Sequence[Term], names: Sequence[str], domain: Mapping[str, Interval]) -> Iterator[Point]:
    """Whole numbers for all names where a name stands in an exponent: u^n exists for u < 0 if n is whole."""
    if not any(_to_a_name(node) for f in formulas for node in postorder(f)):
        return
    draw = random.Random("symnet whole")
    for k in range(WHOLE):
        size = 2 + k // 4
        at = {n: Fraction(draw.randint(-size, size)) for n in names}
        if all(_inside(v, domain.get(n)) for n, v in at.items()):
            yield at


def _to_a_name(node: Term) -> bool:
    return node.op == "pow" and bool(node.args[1].free) and not (node.args[0].number or 0) > 0


def negative_base(formulas: Sequence[Term], at: Point) -> bool:
    """Whether a base below a name in the exponent is negative at a point."""
    bases = (node.args[0] for f in formulas for node in postorder(f) if _to_a_name(node))
    values = (numbered(b, at).number for b in bases)
    return any(v is not None and v < 0 for v in values)


def denominator(node: Term) -> Term | None:
    """What a quotient, or a power with a negative exponent, is divided by."""
    if node.op == "div":
        return node.args[1]
    exponent = node.args[1].number if node.op == "pow" else None
    return node.args[0] if exponent is not None and exponent < 0 else None


def _inside(v: Fraction, inside: Interval | None) -> bool:
    return inside is None or inside[0] <= v <= inside[1]
