"""Where a formula has a real value: what stands in logarithms and under roots must not be negative there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice, product
from time import monotonic
from typing import Any

import sympy as sp
from flint import arb

from ...balls import precision
from ...errors import DomainError, RuleError, quote
from .forms import is_zero
from .hulls import hull
from .problem import Answer, OutOfTime, Problem, SetFound
from .tape import Tape, number

BITS = 256
OUTSIDE: dict[Any, Callable[[arb], bool]] = {  # of a function, certainly outside of its domain
    sp.log: lambda u: bool(u <= 0),
    sp.acosh: lambda u: bool(u < 1),
    sp.asin: lambda u: bool(abs(u) > 1),
    sp.acos: lambda u: bool(abs(u) > 1),
    sp.atanh: lambda u: bool(abs(u) >= 1),
}


def check_somewhere(problem: Problem) -> None:
    """Refuses a function that has a real value on no open set: what stands under a root is nowhere positive."""
    from .ranges import range_of

    for inner, strict in _wanted(problem.expr):
        if not inner.has(*problem.variables) or _seen_positive(problem, inner):
            continue
        high = hull(inner, dict(zip(problem.variables, problem.box, strict=True)))[1]
        try:
            best = range_of(replace(problem, deadline=min(problem.deadline, monotonic() + 2)), inner)[1]
        except OutOfTime:
            best = None
        high = best.value if best is not None and high.is_infinite else high
        if not high.is_finite or number(high, BITS) > 0:
            continue
        if not strict and is_zero(high):
            raise DomainError(f"the function has a value only where {_text(inner)} is 0: it has no derivative there")
        if number(high, BITS) < 0 or is_zero(high):
            raise DomainError(f"the function has no real value on this domain: {_text(inner)} is nowhere positive")


def _wanted(e: Any) -> Iterator[tuple[Any, bool]]:
    """What must be positive, strictly or not, where a formula has a real value."""
    for inner, outside in _conditions(e):
        for sign, shift, strict in WANTED.get(outside, ()):
            yield shift + sign * inner, strict


def _seen_positive(problem: Problem, inner: Any) -> bool:
    """Whether a formula is positive at one of a few points of the box."""
    near = [[x for x in map(sp.Rational, SAMPLES) if side.holds(x)] or [0] for side in problem.box]
    tape = Tape([inner], problem.variables)
    with precision(BITS):
        return any(bool(tape([number(x, BITS) for x in p])[0] > 0) for p in islice(product(*near), SEEN))


def edges(problem: Problem) -> Iterator[str]:
    """What is said of the edge of the natural domain, whose points are not listed."""
    for inner, outside in _conditions(problem.expr):
        if outside is _under_zero and not inner.is_number:
            low = hull(inner, dict(zip(problem.variables, problem.box, strict=True)))[0]
            if not low.is_finite or number(low, BITS) < 0:
                yield f"the edge of the domain, where {_text(inner)} = 0, is not searched; its points are not listed"


def _text(e: Any) -> str:
    from ...bridge import from_sympy

    return quote(from_sympy(e).text())


def existing(problem: Problem, a: Answer) -> Answer:
    """The answer without the points and sets at which the function has no value, though its gradient is 0 there."""
    conditions = list(_conditions(problem.expr))
    if not conditions:
        return a

    def there(at: Sequence[Any]) -> bool:
        balls = [number(x, BITS) for x in at]
        return not any(_violated(inner, outside, problem.variables, balls) for inner, outside in conditions)

    sets = tuple(s for s in a.sets if not s.samples or any(there(at) for at in s.samples))
    doubtful = any(_unreal(s) for s in sets)
    window = a.window
    return replace(
        a, found=tuple(f for f in a.found if there(f.at)),
        sets=tuple(replace(s, values=()) if _unreal(s) else s for s in sets),
        complete="numerical" if doubtful else a.complete,
        window=window and (lambda box: tuple(f for f in window(box) if there(f.at))),
    )  # fmt: skip


def _unreal(s: SetFound) -> bool:
    return any(v.has(sp.I, sp.zoo, sp.nan) for v in s.values)


def _conditions(e: Any) -> Iterator[tuple[Any, Callable[[arb], bool]]]:
    """What stands in a function or a power with a domain of its own, and whether a ball lies outside of that."""
    stack = [e]
    while stack:
        node = stack.pop()
        if isinstance(node, sp.Piecewise):  # only the case that holds counts
            continue
        if node.func in OUTSIDE:
            yield node.args[0], OUTSIDE[node.func]
        elif node.is_Pow and not node.exp.is_Integer:
            yield node.base, _under_zero if node.exp.is_positive else _not_positive
        elif node.is_Pow and node.exp.is_negative:
            yield node.base, arb.is_zero
        stack.extend(node.args)


def _under_zero(u: arb) -> bool:
    return bool(u < 0)


def _not_positive(u: arb) -> bool:
    return bool(u <= 0)


SAMPLES = ("1/2", "-1/2", "2", "-2", "0", "5", "-5")
SEEN = 200  # points at which it is looked whether there is a value
WANTED: dict[Any, tuple[tuple[int, int, bool], ...]] = {  # sign u + shift that is positive, whether strictly
    OUTSIDE[sp.log]: ((1, 0, True),), _under_zero: ((1, 0, False),), _not_positive: ((1, 0, True),),
    OUTSIDE[sp.asin]: ((1, 1, False), (-1, 1, False)), OUTSIDE[sp.acos]: ((1, 1, False), (-1, 1, False)),
    OUTSIDE[sp.atanh]: ((1, 1, True), (-1, 1, True)), OUTSIDE[sp.acosh]: ((1, -1, False),),
}  # fmt: skip


def _violated(inner: Any, outside: Callable[[arb], bool], names: Sequence[Any], balls: Sequence[Any]) -> bool:
    try:
        tape = Tape([inner], names)
    except RuleError:
        return False
    with precision(BITS):
        return outside(tape(balls)[0])
