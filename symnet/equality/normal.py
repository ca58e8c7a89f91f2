"""The normal form of a scalar formula: a quotient of polynomials over independent kernels.

Hyperbolic functions, σ and the like become e^u, sines and cosines of multiples and sums become polynomials in those of
the single angles, logarithms of products become sums, powers and roots are taken apart by the factors of what they are
of, |u|, max, step and cases become arithmetic with the signs of irreducible factors. Equal normal forms prove equality
wherever both sides exist; different ones prove nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..term import Term
from .enclosure import Interval
from .field import Empty, Poly, Quotient, Unsupported
from .kernels import Kernels
from .rules import LAZY, RULES


class Normal(Kernels):
    """Normal forms in one field, under assumptions on signs."""

    def __init__(self, size: int, domain: Mapping[str, Interval]) -> None:
        super().__init__(size, domain)
        self.memo: dict[Term, Quotient] = {}
        self.bound = 0  # indices of sums so far

    def value(self, root: Term) -> Quotient:
        """The normal form; iterative but for the branches of `cases`."""
        stack = [root]
        while stack:
            node = stack[-1]
            if node in self.memo:
                stack.pop()
                continue
            if node.shape:
                raise Unsupported(node.op)
            waiting = [] if node.op in LAZY else [a for a in node.args if a not in self.memo]
            if waiting:
                stack.extend(waiting)
                continue
            rule = RULES.get(node.op)
            if rule is None:
                raise Unsupported(node.op)
            self.memo[node] = rule(self, node)
            stack.pop()
        return self.memo[root]

    def of(self, node: Term) -> list[Quotient]:
        return [self.memo[a] for a in node.args]

    def assume(self, u: Quotient, sign: int = 1) -> None:
        """From now on u has this sign."""
        if u.p == 0:
            return
        number, parts = self.factors(u)
        rest = self.field.number(sign * (1 if number > 0 else -1))
        unknown: list[Poly] = []
        for f, e in parts:
            if e % 2 == 0:
                continue
            s = self.factor_sign(f)
            if self.field.alone(s.p) is not None and s.q == 1 and str(f) not in self.signs:
                unknown.append(f)
            else:
                rest = self.field.mul(rest, s)
        if not unknown:
            if rest.p == -1:
                raise Empty
            return
        for f in unknown[:-1]:
            rest = self.field.mul(rest, self.factor_sign(f))
        self.signs[str(unknown[-1])] = rest
        self.memo.clear()
