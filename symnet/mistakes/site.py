"""A place at which a rule of differentiation is applied, rightly or wrongly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from ..functions import TermMath
from ..functions import row as function_row
from ..term import ONE, ZERO, Term, mul, term
from .scene import Scene, true_slope

Wrong = tuple[Term, Term | None]  # the wrong derivative, and what was lost or used in it


@dataclass(frozen=True)
class Site:
    """One node, the derivatives of its operands (ZERO for a constant), and the scene that it stands in."""

    node: Term
    du: tuple[Term, ...]
    scene: Scene

    @cached_property
    def moving(self) -> tuple[int, ...]:
        return tuple(i for i, d in enumerate(self.du) if d is not ZERO)

    @cached_property
    def resting(self) -> tuple[int, ...]:
        return tuple(i for i, d in enumerate(self.du) if d is ZERO)

    @property
    def only(self) -> Term | None:
        """The only operand that moves."""
        return self.node.args[self.moving[0]] if len(self.moving) == 1 else None

    def right(self, du: tuple[Term, ...] | None = None) -> Term:
        """What the true rule writes, for these derivatives of the operands."""
        return true_slope(self.node, self.du if du is None else du)

    def outer(self) -> Term:
        """φ′(u) without the inner derivative."""
        return self.right(tuple(ONE if d is not ZERO else ZERO for d in self.du))

    def without(self, *places: int) -> Term:
        """The true rule with some operands taken as constants."""
        return self.right(tuple(ZERO if i in places else d for i, d in enumerate(self.du)))


def slope_of(name: str, y: Term, x: Term) -> Term:
    return term(function_row(name).slope(x, y, TermMath))


def product_without(s: Site, place: int) -> Term:
    """The derivative of c u without one constant factor."""
    rest = [s.du[i] if i in s.moving else a for i, a in enumerate(s.node.args) if i != place]
    return mul(*rest) if rest else ONE


def factors(s: Site) -> Iterator[tuple[int, Term]]:
    """The constant factors of a product with one moving factor."""
    if s.node.op == "mul" and len(s.moving) == 1:
        yield from ((i, s.node.args[i]) for i in s.resting)
