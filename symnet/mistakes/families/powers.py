"""Wrong derivatives of powers and roots: the exponent, the 2 of a square, the ½ that waits for it."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from ...term import ONE, TWO, Term, add, div, mul, num, power, sub_one
from ..site import Site, Wrong


def _exponent(s: Site) -> Term | None:
    return s.node.args[1] if s.node.op == "pow" and s.moving == (0,) else None


def off_by_one(s: Site) -> Iterator[Wrong]:
    n = _exponent(s)
    if s.node.op == "fn" and s.node.data == "sqrt":
        yield div(mul(s.node, s.du[0]), TWO), num(Fraction(1, 2))
    if n is None:
        return
    u, less = s.node.args[0], sub_one(n)
    more = num(n.number + 1) if n.number is not None else add(n, ONE)
    for coefficient, exponent in ((n, n), (less, less), (n, sub_one(less)), (n, more), (more, less), (more, more)):
        yield mul(coefficient, power(u, exponent), s.du[0]), n


def power_coefficient(s: Site) -> Iterator[Wrong]:
    n = _exponent(s)
    if n is not None:
        yield mul(power(s.node.args[0], sub_one(n)), s.du[0]), n


def two_lost(s: Site) -> Iterator[Wrong]:
    """The 2 of a squared error, where no ½ waits for it."""
    u = s.node.args[0]
    halved = div(s.node, TWO) in s.scene.nodes or mul(num(Fraction(1, 2)), s.node) in s.scene.nodes
    if (
        _exponent(s) is TWO
        and u.op in ("add", "sym")
        and u is not s.scene.x
        and (s.scene.network or s.scene.targets)
        and not halved
    ):
        yield mul(u, s.du[0]), TWO


def raised(s: Site) -> Iterator[Wrong]:
    """uⁿ⁺¹/(n + 1): a power integrated."""
    n = _exponent(s)
    if n is not None and n.number is not None and n.number != -1:
        more = num(n.number + 1)
        yield mul(div(power(s.node.args[0], more), more), s.du[0]), None


def half(s: Site) -> Iterator[Wrong]:
    """Twice the right one, where a ½ stands: ½ f, f/2, √f, f^(3/2)."""
    if _halves(s):
        yield mul(TWO, s.right()), num(Fraction(1, 2))


def _halves(s: Site) -> bool:
    if s.node.op == "fn":
        return s.node.data == "sqrt"
    if s.node.op in ("pow", "div"):
        k = s.node.args[1].number
        return s.moving == (0,) and k is not None and _has_half(k if s.node.op == "pow" else 1 / k)
    rest = [s.node.args[i] for i in s.resting]
    return any(_has_half(c.number) or (c.op == "div" and (c.args[1].number or 1) % 2 == 0) for c in rest)


def _has_half(k: Fraction | float | None) -> bool:
    return k is not None and Fraction(k).denominator % 2 == 0
