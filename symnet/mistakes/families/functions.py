"""Wrong derivatives of a function of a formula: its slope, the chain rule, exponentials and logarithms, its corners."""

from __future__ import annotations

from collections.abc import Iterator

from ...parts import is_activation
from ...term import ONE, TWO, ZERO, Term, add, cases, div, fn, mul, neg, postorder, power, sub_one
from ..site import Site, Wrong, product_without, slope_of

TRIGONOMETRIC = ("sin", "cos", "tan", "sec", "csc", "cot")


def _with_slope(s: Site, *slopes: Term) -> Iterator[Wrong]:
    for slope in slopes:
        yield mul(slope, s.du[0]), slope


def sigmoid_sign(s: Site) -> Iterator[Wrong]:
    if s.node.data == "sigmoid":
        yield from _with_slope(s, mul(s.node, add(ONE, s.node)))


def tanh_for_sigmoid(s: Site) -> Iterator[Wrong]:
    if s.node.data == "sigmoid":
        yield from _with_slope(s, add(ONE, neg(power(s.node, TWO))))


def sigmoid_for_tanh(s: Site) -> Iterator[Wrong]:
    if s.node.data == "tanh":
        yield from _with_slope(s, mul(s.node, add(ONE, neg(s.node))))


def preactivation(s: Site) -> Iterator[Wrong]:
    """z (1 − z) for a (1 − a): the slope's formula at the argument where it wants the output."""
    if is_activation(s.node) and s.node.op == "fn":
        z = s.node.args[0]
        for u in dict.fromkeys((z, *(n for n in postorder(z) if n in s.scene.inputs))):
            yield from _with_slope(s, slope_of(s.node.data, u, u))


def activation_lost(s: Site) -> Iterator[Wrong]:
    if s.node.op == "fn" and is_activation(s.node):
        yield s.du[0], slope_of(s.node.data, s.node, s.node.args[0])


def function_itself(s: Site) -> Iterator[Wrong]:
    """φ(u) u′: the function where its derivative belongs."""
    yield mul(s.node, s.du[0]), s.node


def inner_argument(s: Site) -> Iterator[Wrong]:
    """φ′(u′), φ′(u′) u′, φ′(x) u′: the outer derivative at another place."""
    u = s.only
    if u is None or u is s.scene.x:
        return
    if s.node.op == "fn":
        at = lambda v: slope_of(s.node.data, fn(s.node.data, v), v)  # noqa: E731 - the outer derivative
    elif s.moving == (0,) and s.node.op == "pow":
        at = lambda v: mul(s.node.args[1], power(v, sub_one(s.node.args[1])))  # noqa: E731
    else:
        return
    d = s.du[s.moving[0]]
    yield mul(at(d), d), d
    yield at(d), d
    yield mul(at(s.scene.x), d), s.scene.x
    yield Term(s.node.op, tuple(d if a is u else a for a in s.node.args), s.node.data, s.node.shape), d


def chain(s: Site) -> Iterator[Wrong]:
    """φ′(u) where φ′(u) u′ belongs; −c/g² for −c g′/g²."""
    if s.only is not None and s.only is not s.scene.x and (s.node.op != "div" or s.moving == (1,)):
        yield s.outer(), s.du[s.moving[0]]


def wrong_entry(s: Site) -> Iterator[Wrong]:
    """The slope of another trigonometric function."""
    if s.node.data not in TRIGONOMETRIC:
        return
    u = s.node.args[0]
    others = [slope_of(f, fn(f, u), u) for f in TRIGONOMETRIC if f != s.node.data]
    own = [fn(f, u) for f in TRIGONOMETRIC]
    yield from _with_slope(s, *others, *map(neg, others), *own, *map(neg, own))
    yield from _with_slope(s, *(power(f, TWO) for f in own), *(neg(power(f, TWO)) for f in own))


def exponential_as_power(s: Site) -> Iterator[Wrong]:
    """x a^(x − 1) for a^x log a."""
    if s.node.op == "fn" and s.node.data == "exp":
        u = s.node.args[0]
        yield mul(u, fn("exp", sub_one(u)), s.du[0]), None
        yield mul(u, fn("exp", sub_one(u))), None
    elif s.node.op == "pow" and 1 in s.moving:
        a, u = s.node.args
        down = mul(u, power(a, sub_one(u)))
        yield down, None
        yield from ((mul(down, d), None) for d in s.du if d is not ZERO)


def log_base(s: Site) -> Iterator[Wrong]:
    if s.node.op == "pow" and s.moving == (1,):
        base = fn("log", s.node.args[0])
        yield mul(s.node, s.du[1]), base
        yield div(mul(s.node, s.du[1]), base), base
    elif s.node.op == "div" and s.moving == (0,) and _is_log(s.node.args[1]):
        base = s.node.args[1]
        yield s.du[0], base
        yield mul(s.du[0], base), base
        yield div(s.du[0], base.args[0]), base
    elif s.node.op == "mul" and len(s.moving) == 1:
        for i in s.resting:
            if _is_log(s.node.args[i]):
                yield product_without(s, i), s.node.args[i]


def _is_log(t: Term) -> bool:
    return t.op == "fn" and t.data == "log" and not t.free


def one_side(s: Site) -> Iterator[Wrong]:
    """|u|′ = u′."""
    if s.node.data == "abs":
        yield s.du[0], None


def dead_side(s: Site) -> Iterator[Wrong]:
    if s.node.op == "fn" and s.node.data in ("relu", "leaky_relu"):
        yield s.du[0], None
        if s.node.data == "leaky_relu":
            yield mul(fn("step", s.node.args[0]), s.du[0]), None
    if s.node.op in ("max", "min"):
        for i in s.moving:
            yield s.du[i], None
    if s.node.op == "cases":
        for i in range(0, len(s.node.args), 2):
            yield s.du[i], None
        yield from ((cases(*_swapped(s, i)), None) for i in range(0, len(s.node.args), 2) if s.du[i] is not ZERO)


def _swapped(s: Site, dead: int) -> list[Term]:
    """The branches' derivatives, one of them taken as 0."""
    return [a if i % 2 and i < len(s.node.args) else ZERO if i == dead else s.du[i] for i, a in enumerate(s.node.args)]


def other_side(s: Site) -> Iterator[Wrong]:
    if s.node.data == "relu":
        u = s.node.args[0]
        yield mul(add(ONE, neg(fn("step", u))), s.du[0]), None
        yield mul(fn("step", neg(u)), s.du[0]), None
