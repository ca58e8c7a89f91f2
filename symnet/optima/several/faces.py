"""Boxes with ends: the faces, edges and corners, and the least and the greatest value on a bounded box."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import sympy as sp

from ...balls import precision
from .extremes import Bound, below, least, same_value
from .folding import without_max
from .hulls import hull
from .kinks import middle
from .problem import Answer, Found, Problem, Side
from .tape import Tape, number

Climb = Callable[[Problem], Answer]


@dataclass(frozen=True, slots=True)
class Border:
    """The extreme points on the border that belong to the box, every value that matters on the closed box (with
    whether it is taken), whether the faces that belong to it are proven, and whether all are."""

    found: tuple[Found, ...]
    values: tuple[tuple[Any, bool], ...]
    proven: bool
    closed: bool


NOTHING = Answer((), "numerical", "there is no value")


def border(problem: Problem, climb: Climb) -> Border:
    """The stationary points of all faces; those that are extreme in the box."""
    found: list[Found] = []
    values: list[tuple[Any, bool]] = []
    proven = closed = True
    gradient = [sp.diff(without_max(problem.expr), v) for v in problem.variables]
    for fixed in _faces(problem):
        problem.check()
        inner, boxes = [], []
        for v, i, x in zip(problem.variables, problem.box, fixed, strict=True):
            if x is None:
                inner.append(v)
                boxes.append(Side(i.low, i.high))
        held = {v: x for v, x in zip(problem.variables, fixed, strict=True) if x is not None}
        e = problem.expr.subs(held, simultaneous=True)
        own = all(
            x is None or (x == i.low and not i.low_open) or (x == i.high and not i.high_open)
            for x, i in zip(fixed, problem.box, strict=True)
        )
        if not own and not problem.bounded:
            continue
        answer = NOTHING if e.has(sp.zoo, sp.nan, sp.oo) else _on_face(
            Problem(e, tuple(inner), tuple(boxes), problem.deadline), climb
        )  # fmt: skip
        closed = closed and answer.proven and all(s.values for s in answer.sets)
        proven = proven and (answer.proven or not own)
        values += [(v, own) for s in answer.sets for v in s.values]
        for f in answer.found:
            at = _completed(fixed, f.at)
            values.append((f.value, problem.holds(at)))
            kind = _kind(problem, gradient, fixed, at, f.kind)
            if kind and problem.holds(at):
                found.append(Found(at, kind, f.value, "boundary", f.exact))
    return Border(tuple(found), tuple(values), proven, closed)


def _faces(problem: Problem) -> Iterator[tuple[Any, ...]]:
    """The ends that are held on each face; None for a name that is free there."""
    choices = []
    for i in problem.box:
        ends = [x for x in (i.low, i.high) if sp.sympify(x, strict=True).is_finite]  # numbers, never a text
        choices.append([None, *ends])
    for fixed in product(*choices):
        if any(x is not None for x in fixed):
            yield fixed


def _on_face(problem: Problem, climb: Climb) -> Answer:
    if not problem.variables:
        return Answer((Found((), "corner", problem.expr),), "proven", "")
    if not problem.expr.free_symbols:
        return Answer((Found(tuple(middle(i) for i in problem.box), "flat", problem.expr),), "proven", "")
    a = climb(problem)
    return replace(a, found=tuple(f for f in a.found if problem.inside(f.at)))


def _completed(fixed: Sequence[Any], at: Sequence[Any]) -> tuple[Any, ...]:
    rest = iter(at)
    return tuple(next(rest) if x is None else x for x in fixed)


def _kind(problem: Problem, gradient: Sequence[Any], fixed: Sequence[Any], at: Sequence[Any], kind: str) -> str | None:
    """min where f is a minimum on the face and rises inwards; None where it is no extremum, or not decided."""
    signs = set()
    for i, (x, g) in enumerate(zip(fixed, gradient, strict=True)):
        if x is None:
            continue
        slope = Tape([g], problem.variables)
        with precision(160):
            b = slope([number(y, 160) for y in at])[0]
        if b.contains(0) or not b.is_finite():
            return None
        inward = 1 if x == problem.box[i].low else -1
        signs.add(inward * (1 if b > 0 else -1))
    if len(signs) != 1:
        return None
    wanted = "min" if 1 in signs else "max"
    return wanted if kind in (wanted, "corner") else None


def extremes(problem: Problem, inner: Answer, outer: Border) -> tuple[Bound | None, Bound | None]:
    """The least and the greatest value on a bounded box whose points are all known."""
    if not (problem.bounded and inner.proven and outer.closed) or any(not s.values for s in inner.sets):
        return None, None
    if not continuous(problem):
        return None, None
    values = [(f.value, True) for f in inner.found] + [(v, True) for s in inner.sets for v in s.values]
    values += list(outer.values)
    return _least(values, 1), _least(values, -1)


def _least(values: Sequence[tuple[Any, bool]], sign: int) -> Bound:
    best = least([sign * v for v, _ in values])
    attained = any(taken for v, taken in values if same_value(sign * v, best))
    return Bound(sign * best, attained, "" if attained else "the point goes to an end that is left out")


def continuous(problem: Problem) -> bool:
    """Whether the function has a finite value on all of the closed box, and no jump."""
    e = problem.expr
    if e.atoms(sp.sign, sp.Heaviside, sp.floor, sp.ceiling, sp.Piecewise):
        return False
    box = dict(zip(problem.variables, problem.box, strict=True))
    powers = [p for p in e.atoms(sp.Pow) if p.base.free_symbols and (p.exp.is_negative or not p.exp.is_Integer)]
    roots = [p for p in powers if not p.exp.is_negative and p.exp.is_Rational]
    safe = all(not below(hull(p.base, box)[0], sp.Integer(0)) for p in roots)
    if safe and len(roots) == len(powers) and not e.atoms(*POLAR):
        return True
    return _finite(problem)


POLAR = (sp.log, sp.tan, sp.cot, sp.sec, sp.csc, sp.coth, sp.csch, sp.acosh, sp.atanh)


def _finite(problem: Problem) -> bool:
    """A finite ball on each of some boxes that cover the whole."""
    tape = Tape([problem.expr], problem.variables)
    todo = [tuple(problem.box)]
    for _ in range(2000):
        if not todo:
            return True
        box = todo.pop()
        balls = tuple(number(i.low, 64).union(number(i.high, 64)) for i in box)
        with precision(64):
            if tape(balls)[0].is_finite():
                continue
        k = max(range(len(box)), key=lambda k: float(balls[k].rad()))
        middle = (box[k].low + box[k].high) / 2
        todo += [(*box[:k], Side(a, b), *box[k + 1 :]) for a, b in ((box[k].low, middle), (middle, box[k].high))]
    return False
