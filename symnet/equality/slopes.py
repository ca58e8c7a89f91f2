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

from ..balls import UNDECIDED
from ..balls import value as exact_value
from ..errors import SymnetError
from ..functions import TABLE, TermMath
from ..rules import slope
from ..term import ONE, ZERO, Term, add, neg, num, postorder, rebuild, sym, term
from .constants import is_zero, no_value, same_number
from .enclosure import INF, Interval
from .proof import proved
from .solving import Root, solve

HOW = "equal slopes and equal values at a point, on each interval"
NODES, CUTS, TRIED = 300, 12, 3
SMOOTH = frozenset({"exp", "sin", "cos", "sinh", "cosh", "tanh", "atan", "asinh", "erf", "sigmoid"})
# what is 0 where a continuous function is not smooth, or where its values end
ROUGH: dict[str, Callable[[Term], tuple[Term, ...]]] = {
    "log":   lambda u: (u,),
    "sqrt":  lambda u: (u,),
    "abs":   lambda u: (u,),
    "asin":  lambda u: (ONE - u * u,),
    "acos":  lambda u: (ONE - u * u,),
    "atanh": lambda u: (ONE - u * u,),
    "acosh": lambda u: (u - ONE,),
}  # fmt: skip
ORIGIN = {
    "exp": Fraction(1), "cosh": Fraction(1), "sinh": Fraction(0), "tanh": Fraction(0), "asinh": Fraction(0),
    "erf": Fraction(0), "sigmoid": Fraction(1, 2),
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
        shared = [_equal_on(f, g, x, piece) if _meets(piece, box) else False for piece in _pieces(cuts)]
        if None in shared or True not in shared:
            return ""
        sides = zip(cuts, shared, shared[1:], strict=False)
        return HOW if all(_at_a_cut(f, g, x, c, bool(a or b)) for c, a, b in sides if _inside(c, box)) else ""
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
    elif node.op == "fn" and node.data in ROUGH:
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


# ---------------------------------------------------------------------------------------------------------- the pieces
Piece = tuple[Fraction, Fraction]  # rational bounds inside the piece; ±FAR where it does not end
FAR = Fraction(10**30)
CLOSE = Fraction(1, 2**200)


def _pieces(cuts: list[Root]) -> Iterator[Piece]:
    ends = [-FAR, *(r.near(256) for r in cuts), FAR]
    for a, b in pairwise(ends):
        yield a + CLOSE, b - CLOSE


def _meets(piece: Piece, box: Interval) -> bool:
    return piece[0] < box[1] and piece[1] > box[0]


def _inside(cut: Root, box: Interval) -> bool:
    here = cut.near(256)
    return box[0] - CLOSE <= here <= box[1] + CLOSE if cut.exact is None else box[0] <= cut.exact <= box[1]


def _points(piece: Piece) -> Iterator[Fraction]:
    """Rational points of a piece, plain ones first."""
    a, b = piece
    yield from (p for p in PLAIN if a < p < b)
    low, high = (b - 1 if a < -FAR / 2 else a), (a + 1 if b > FAR / 2 else b)
    if low < high:
        middle = (low + high) / 2
        yield next((v for d in range(1, 200) if a < (v := Fraction(round(middle * d), d)) < b), middle)


def _equal_on(f: Term, g: Term, x: Term, piece: Piece) -> bool | None:
    """True where both are one function on a piece, False where f has no value there, None where it is not known."""
    points = list(_points(piece))
    if not _exists(_at(f, x, points[0])):
        return False
    if not _exists(_at(g, x, points[0])):
        return None
    first, second = slope(f, x)[0], slope(g, x)[0]
    low, high = (_outward(p, way) for p, way in zip(piece, (-INF, INF), strict=True))
    if not proved(first, second, {x.name: (low, high)}, (f, g, second)):
        return None
    return True if any(same_number(_at(f, x, p), _at(g, x, p)) for p in points[:TRIED]) else None


def _outward(end: Fraction, way: float) -> float:
    """The end of a piece as a float, moved outward where it is none."""
    if abs(end) > FAR / 2:
        return way
    near = float(end + (CLOSE if way > 0 else -CLOSE))
    return near if abs(Fraction(near) - end) <= CLOSE else math.nextafter(near, way)


def _at(t: Term, x: Term, p: Fraction) -> Term:
    """A formula with a number for x; e^0, tanh 0 and the like are numbers."""
    memo: dict[Term, Term] = {}
    for node in postorder(t):
        args = [memo[a] for a in node.args]
        if node.op == "fn" and node.data in ORIGIN and (args[0].number == 0 or is_zero(args[0])):
            memo[node] = num(ORIGIN[node.data])
        else:
            memo[node] = num(p) if node is x else rebuild(node, args) if args else node
    return memo[t]


def _exists(t: Term) -> bool:
    """Whether a formula without names has a real value; decided, or it is given up."""
    if no_value(t):
        return False
    exact_value(t, {}, 64)
    return True


def _at_a_cut(f: Term, g: Term, x: Term, cut: Root, beside: bool) -> bool:
    """Beside a piece both are continuous; an isolated point is looked at itself."""
    if beside:
        return True
    if cut.exact is None:
        return False
    first, second = _at(f, x, cut.exact), _at(g, x, cut.exact)
    return not _exists(first) or same_number(first, second)
