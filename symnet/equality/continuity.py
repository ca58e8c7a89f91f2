"""Whether an antiderivative is continuous where its integrand is bounded: F(b) − F(a) must be ∫f there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import pairwise
from typing import Any

from flint import arb

from ..balls import UNDECIDED, Probe, fmpq_of, precision
from ..corners import linear_root
from ..errors import SymnetError
from ..term import ZERO, Term, postorder
from .comparison import Comparison, intervals, measurable
from .points import JUMPS, changes, denominator, numbered, ordinary
from .solving import Root, rational, solve

BITS, SPAN, CELLS = 512, 12, 97
STEPS = (8, 20, 60, 160)  # p ± 2^-k
BOUNDED = ("atan", "tanh", "sigmoid", "erf", "exp", "asin", "acos")
PERIODIC = ("tan", "cot", "sec", "csc")
JUMPS_THERE = "the answer jumps where the integrand does not: no antiderivative there"
PIECES = "an antiderivative between the poles of its tangent, where it jumps though the integrand does not"
Known = (*UNDECIDED, SymnetError)


def jump(integrand: Term, answer: Term, x: Term, domain: Mapping[str, Any] | None = None) -> Comparison | None:
    """A place where the answer jumps though the integrand is bounded around it, as *different*.

    *undecided* where the places at which it may jump were not all found; None where it is continuous at all of them.
    """
    box = intervals(domain or {})
    forms = measurable(integrand), measurable(answer)
    names = tuple(dict.fromkeys(n for t in forms for n in t.free))
    at = next(iter(ordinary([n for n in names if n != x.name], box, 1)), {})
    f, F = (numbered(t, at) for t in forms)
    low, high = box.get(x.name, (-float("inf"), float("inf")))
    found, complete = _places(F, x)
    for root in found:
        p = root.near(BITS)
        if low < p < high and (seen := _jump_at(f, F, x, p)) is not None:
            return seen
    if complete:
        return None
    for a, b in pairwise(_grid(low, high)):
        if (seen := _jump_between(f, F, x, a, b)) is not None:
            return Comparison("undecided", PIECES) if any(_repeats(n, x) for n in postorder(F)) else seen
    return Comparison("undecided", "whether the answer jumps where the integrand does not was not decided", likely=True)


def _places(answer: Term, x: Term) -> tuple[list[Root], bool]:
    """Where the answer may jump, and whether these are all."""
    found: list[Root] = []
    complete = True
    for difference, certain in _differences(answer, x):
        root = linear_root(difference, x)
        if root is not None:
            found.append(rational(root))
            continue
        solutions = solve(difference, ZERO, x)
        found += solutions.roots
        complete = complete and (solutions.complete or not certain)
    return found, complete and not any(_repeats(n, x) for n in postorder(answer))


def _differences(answer: Term, x: Term) -> Iterator[tuple[Term, bool]]:
    """What is 0 where a part of the answer changes, and whether that part keeps it bounded beside a jump."""
    risky = {d for n in postorder(answer) if n.op == "fn" and n.data in BOUNDED for d in _denominators(n)}
    seen: dict[Term, bool] = {}
    for node in postorder(answer):
        jumps = node.op == "rel" or (node.op == "fn" and node.data in JUMPS)
        for d in changes(node):
            seen[d] = seen.get(d, False) or jumps
        below = denominator(node)
        if below is not None:
            seen[below] = seen.get(below, False) or below in risky
    yield from ((d, certain) for d, certain in seen.items() if x.name in d.free)


def _denominators(root: Term) -> Iterator[Term]:
    for node in postorder(root):
        below = denominator(node)
        if below is not None:
            yield below


def _repeats(node: Term, x: Term) -> bool:
    """⌊x⌋ jumps everywhere, atan(tan x) at every pole."""
    if node.op != "fn" or x.name not in node.free:
        return False
    inner = postorder(node.args[0])
    return node.data in ("floor", "ceil") or (
        node.data in BOUNDED and any(n.op == "fn" and n.data in PERIODIC and x.name in n.free for n in inner)
    )


def _grid(low: float, high: float) -> list[Fraction]:
    """Places of the domain around 0."""
    a, b = (Fraction(max(low, -SPAN)), Fraction(min(high, SPAN)))
    return [a + (b - a) * Fraction(2 * k + 1, 2 * CELLS) for k in range(CELLS)] if a < b else []


def _jump_at(f: Term, F: Term, x: Term, p: Fraction) -> Comparison | None:
    for k in STEPS:
        step = Fraction(1, 2**k)
        if (seen := _jump_between(f, F, x, p - step, p + step)) is not None:
            return seen
    return None


def _jump_between(f: Term, F: Term, x: Term, a: Fraction, b: Fraction) -> Comparison | None:
    """|F(b) − F(a)| is more than (b − a) · max |f|."""
    with precision(BITS):
        middle, half = fmpq_of((a + b) / 2), fmpq_of((b - a) / 2)
        size = _number(f, {x.name: arb(arb(middle), arb(half))})
        if size is None or not (size := abs(arb(size))).is_finite():
            return None
        left, right = _number(F, {x.name: a}), _number(F, {x.name: b})
        if left is None or right is None or not abs(arb(right - left)) > 2 * arb(half) * size:
            return None
        shown = (str(arb(left).str(8, radius=False)), str(arb(right).str(8, radius=False)))
        return Comparison("different", JUMPS_THERE, {x.name: _plain(a, b)}, shown)


def _plain(a: Fraction, b: Fraction) -> Fraction:
    """A simple number between."""
    for d in (1, 2, 3, 4, 5, 6, 8, 10, 100, 1000):
        v = Fraction(round((a + b) / 2 * d), d)
        if a <= v <= b:
            return v
    return ((a + b) / 2).limit_denominator(10**9)


def _number(t: Term, at: dict[str, Any]) -> Any:
    try:
        return Probe(at, {}, BITS).value(t)
    except (*Known, OverflowError):
        return None
