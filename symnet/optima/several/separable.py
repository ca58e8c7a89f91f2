"""Sums of functions of separate names: the points are all combinations of the points of the summands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import sympy as sp

from ...errors import SizeError
from .critical import solved_in_one
from .forms import expanded
from .problem import Answer, Found, Problem
from .ranges import separate

POINTS = 20_000
Climb = Callable[[Problem], Answer]
SIGNS = {"min": {1}, "max": {-1}, "saddle": {1, -1}, "inflection": {1, -1}}


def separable(problem: Problem, climb: Climb) -> Answer:
    """The points of g(x) + h(y) + …, each summand by itself. Raises `SizeError` where the names do not separate."""
    e = problem.expr if problem.expr.is_Add else expanded(problem.expr)
    groups = separate(sp.Add.make_args(e), problem.variables, sp.Add)
    if groups is None or not all(any(g.has(v) for g in groups) for v in problem.variables):
        raise SizeError("the names do not separate")
    constant = sp.Add(*(g for g in groups if not g.free_symbols))
    parts = [_part(problem, g, climb) for g in groups if g.free_symbols]
    answers = [a for _, a in parts]
    if any(a.sets for a in answers):
        raise SizeError("a summand whose stationary points are not isolated")
    orders = [names for names, _ in parts]

    def joined(choices: Sequence[Sequence[Found]]) -> tuple[Found, ...]:
        size = 1
        for c in choices:
            size *= len(c)
        if size > POINTS:
            raise SizeError(f"{size} stationary points are too many to list")
        return tuple(_joined(problem, orders, fs, constant) for fs in product(*choices))

    found = joined([a.found for a in answers])
    complete = weakest([a.complete for a in answers])
    words = "; ".join(dict.fromkeys(a.certificate.rstrip(".") for a in answers))
    window = None
    if any(a.window or a.endless for a in answers):

        def window(box: tuple[Any, ...]) -> tuple[Found, ...]:
            return joined([_inside(problem, names, a, box) for names, a in parts])

    return Answer(found, complete, f"the function is a sum over separate names; of each part: {words}", window=window)


def weakest(words: Sequence[str]) -> str:
    return next((w for w in words if not w.startswith("proven")), next((w for w in words if w != "proven"), "proven"))


def _part(problem: Problem, e: Any, climb: Climb) -> tuple[tuple[Any, ...], Answer]:
    names = tuple(v for v in problem.variables if e.has(v))
    boxes = tuple(i for v, i in zip(problem.variables, problem.box, strict=True) if v in names)
    if len(names) > 1:
        return names, climb(Problem(e, names, boxes, problem.deadline))
    s = solved_in_one(problem, e, names[0], boxes[0])
    if s.critical_set:
        raise SizeError("a summand whose stationary points are not isolated")
    window = None
    if s.family:

        def window(box: tuple[Any, ...]) -> tuple[Found, ...]:
            i = box[problem.variables.index(names[0])]
            return tuple(_found(p, names[0]) for p in s.within({names[0].name: [str(i.low), str(i.high)]}))

    return names, Answer(tuple(_found(p, names[0]) for p in s.points), s.complete, s.certificate, window=window)


def _found(p: Any, v: Any) -> Found:
    return Found((p.at[v.name],), p.kind, p.value, p.type, p.exact)


def _inside(problem: Problem, names: Sequence[Any], a: Answer, box: tuple[Any, ...]) -> tuple[Found, ...]:
    if a.window is not None:
        return a.window(box)
    boxes = tuple(box[problem.variables.index(v)] for v in names)
    inner = Problem(problem.expr, tuple(names), boxes, problem.deadline)
    return tuple(f for f in a.found if inner.holds(f.at))


def _joined(problem: Problem, orders: Sequence[Sequence[Any]], parts: Sequence[Found], constant: Any) -> Found:
    at: dict[Any, Any] = {}
    for names, f in zip(orders, parts, strict=True):
        at |= dict(zip(names, f.at, strict=True))
    types = {f.type for f in parts}
    kind = _kind([f.kind for f in parts])
    kinked = "kink" if "kink" in types else "boundary" if "boundary" in types else "stationary"
    value = sp.Add(constant, *(f.value for f in parts))
    return Found(tuple(at[v] for v in problem.variables), kind, value, kinked, all(f.exact for f in parts))


def _kind(kinds: Sequence[str]) -> str:
    if any(k not in SIGNS for k in kinds):
        signs = set().union(*(SIGNS.get(k, set()) for k in kinds))
        return "saddle" if len(signs) == 2 else "degenerate"
    signs = set().union(*(SIGNS[k] for k in kinds))
    return "saddle" if len(signs) == 2 else "min" if 1 in signs else "max"
