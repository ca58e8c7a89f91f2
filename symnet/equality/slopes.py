"""Equality by the fundamental theorem: equal slopes on an interval, and equal values at one point of it.

The places at which a formula of one name may fail to be smooth (a zero of what a root, a logarithm or a quotient is
taken of, ±1 of an inverse sine) cut the line into open intervals. On each of them both formulas are analytic, or have
no value at all; there they are equal if their derivatives have one normal form and if both are one number at a
rational point. At the cuts themselves they agree because they are continuous.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import pairwise

from ..balls import UNDECIDED, Probe, TooWide
from ..errors import SymnetError
from ..functions import TABLE, TermMath
from ..rules import slope
from ..term import ONE, ZERO, Term, add, neg, num, postorder, rebuild, substitute, sym, term
from .constants import no_value, same_number
from .enclosure import INF, Interval
from .proof import proved
from .solving import Root, solve

HOW = "equal slopes and equal values at a point, on each interval"
NODES, CUTS = 300, 12
BITS = (128, 1024)
SMOOTH = frozenset({"exp", "sin", "cos", "sinh", "cosh", "tanh", "atan", "asinh", "erf", "sigmoid"})
# what is 0 where a continuous function is not smooth, or where its values end
ROUGH: dict[str, Callable[[Term], tuple[Term, ...]]] = {
    "log":   lambda u: (u,),
    "sqrt":  lambda u: (u,),
    "abs":   lambda u: (u,),
    "tan":   lambda u: (),
    "asin":  lambda u: (ONE - u * u,),
    "acos":  lambda u: (ONE - u * u,),
    "atanh": lambda u: (ONE - u * u,),
    "acosh": lambda u: (u - ONE,),
}  # fmt: skip
PLAIN = tuple(map(Fraction, ("0", "1", "-1", "1/2", "-1/2", "2", "-2", "3", "-3", "3/4", "-3/4", "1/4", "5", "-5")))


class Rough(ArithmeticError):
    """A formula that may jump, or whose cuts are not all known."""


def by_slopes(truth: Term, answer: Term, domain: Mapping[str, Interval]) -> str:
    """How the two were proved equal wherever the truth has a value, or ""."""
    names = dict.fromkeys((*truth.free, *answer.free))
    if len(names) != 1 or sum(len(postorder(t)) for t in (truth, answer)) > NODES:
        return ""
    x = sym(next(iter(names)))
    try:
        f, g = _elementary(truth), _elementary(answer)
        cuts = _cuts((f, g), x)
        box = domain.get(x.name, (-INF, INF))
        shared = [_equal_on(f, g, x, a, b) for a, b in _pieces(cuts) if _meets(a, b, box)]
        if None in shared or True not in shared:
            return ""
        return HOW if all(_at_a_cut(f, g, x, c) for c in cuts) else ""
    except (Rough, *UNDECIDED, SymnetError, RecursionError):
        return ""


def _elementary(t: Term) -> Term:
    """The formula in functions whose cuts are known: what is defined by a formula is written out."""
    memo: dict[Term, Term] = {}
    for node in postorder(t):
        args = [memo[a] for a in node.args]
        if node.op == "fn" and node.data not in SMOOTH and node.data not in ROUGH:
            row = TABLE.get(node.data)
            if row is None or row.formula is None:
                raise Rough
            memo[node] = term(row.formula(args[0], TermMath))
        else:
            memo[node] = rebuild(node, args) if args else node
    return memo[t]


def _cuts(formulas: Iterable[Term], x: Term) -> list[Root]:
    """Every place at which one of the formulas may not be smooth, in order."""
    found: list[Root] = []
    for difference in dict.fromkeys(d for f in formulas for node in postorder(f) for d in _rough(node)):
        if x.name not in difference.free:
            continue
        solutions = solve(difference, ZERO, x)
        if not solutions.complete or solutions.everything or solutions.infinite:
            raise Rough
        found += [r for r in solutions.roots if not any(r.meets(k) for k in found)]
    if len(found) > CUTS:
        raise Rough
    return sorted(found, key=lambda r: r.near(256))


def _rough(node: Term) -> Iterator[Term]:
    if node.op in ("num", "sym", "add", "mul", "neg"):
        return
    if node.op == "div":
        yield node.args[1]
    elif node.op == "pow":
        yield from _of_power(*node.args)
    elif node.op == "fn" and node.data in ROUGH and node.data != "tan":
        yield from ROUGH[node.data](node.args[0])
    elif node.op in ("max", "min"):
        first, *rest = node.args
        if len(rest) != 1:
            raise Rough
        yield add(first, neg(rest[0]))
    elif not (node.op == "fn" and node.data in SMOOTH):
        raise Rough


def _of_power(base: Term, exponent: Term) -> Iterator[Term]:
    k = exponent.number
    if k is None or k.denominator != 1 or k < 0:
        if k is None and base.free and exponent.free:
            raise Rough
        yield base
