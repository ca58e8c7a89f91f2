"""Functions with kinks: |q|, max, cases and the tips of square roots; smooth on each cell, the joints by themselves.

On a joint q = 0 the function has an extremum only where it has one along the joint; whether it is one in space is told
by the one-sided derivatives. A value that the written form bounds is a minimum wherever it is taken. A point at which
the derivatives from every side are 0 is no kink but stationary: x|x| + y² at the origin.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import sympy as sp

from ...errors import SizeError, SymnetError
from .algebraic import value_of
from .convexity import convex
from .critical import solved_in_one
from .edges import by_rays, is_level, kind_at
from .extremes import same_value
from .folding import JOINTED, joints, one_place, resolved, signs_at, solved_for, without_max
from .forms import expanded
from .joints import tips_of
from .meeting import meets
from .problem import Answer, Found, Problem, SetFound, Side
from .separable import weakest
from .sets import bounded_kind
from .tips import smooth_tip

Climb = Callable[[Problem], Answer]
CELLS = 5  # conditions, 2⁵ cells
UNSEEN = "numerical"  # a set of stationary points of which no point was seen in its cell


def kinked(problem: Problem, climb: Climb) -> Answer:
    """The points of every cell and the extreme points on the joints. Raises `SizeError` where all is smooth."""
    if problem.smooth:
        raise SizeError("the function is smooth")
    e = without_max(problem.expr)
    conditions = joints(e)
    tips = tips_of(e, problem.variables, problem.check)
    if not conditions and not tips:
        raise SizeError("the function is smooth")
    if len(conditions) > CELLS:
        raise SizeError("the function has too many joints")
    smooth = _cells(problem, e, conditions, climb) if conditions else climb_smooth(problem, e, climb)
    found = list(smooth.found)
    candidates, sets, understood = _on_joints(problem, e, conditions, climb)
    complete = smooth.complete if understood else UNSEEN
    for at in [*candidates, *tips]:
        problem.check()
        if not problem.holds(at) or any(one_place(at, f.at) for f in found):
            continue
        kind = kind_at(problem, e, conditions, at)
        level = is_level(problem, e, conditions, at) if at in candidates else smooth_tip(problem, e, at)
        if level and not kind:
            kind = by_rays(problem, e, conditions, at)
        if kind is None:
            complete = UNSEEN
        if kind or level:
            value = value_of(e, problem.variables, at)
            found.append(Found(at, kind or "degenerate", value, "stationary" if level else "kink"))
    words = f"{smooth.certificate}; the joints by their one-sided derivatives" if conditions else smooth.certificate
    every = (*smooth.sets, *_at_the_floor(problem, smooth.sets, sets))
    return Answer(tuple(found), complete, words, every, smooth.periods, smooth.notes, smooth.window)


def _at_the_floor(problem: Problem, inner: Sequence[SetFound], joined: Sequence[SetFound]) -> list[SetFound]:
    """Joints on which a convex function is as small as where its gradient is 0 hold minima."""
    floor = [v for s in inner for v in s.values] if convex(problem.expr, problem.variables) else []
    level = lambda s: all(any(same_value(v, w) for w in floor) for v in s.values)  # noqa: E731
    return [replace(s, kind="min") if s.values and level(s) else s for s in joined]


def climb_smooth(problem: Problem, e: Any, climb: Climb) -> Answer:
    return climb(Problem(e, problem.variables, problem.box, problem.deadline, smooth=not e.has(*JOINTED)))


def _cells(problem: Problem, e: Any, conditions: Sequence[Any], climb: Climb) -> Answer:
    found: list[Found] = []
    words: dict[str, None] = {}
    sets: list[SetFound] = []
    complete: list[str] = []
    bowl = convex(problem.expr, problem.variables)
    for signs in product((1, -1), repeat=len(conditions)):
        problem.check()
        a = climb_smooth(problem, resolved(e, conditions, signs), climb)
        if a.endless:
            raise SizeError("infinitely many points beside joints")
        found += [
            f
            for f in a.found
            if signs_at(problem, conditions, f.at) == signs and not any(one_place(f.at, g.at) for g in found)
        ]
        where = ", ".join(f"{_text(q)} {'>' if s > 0 else '<'} 0" for q, s in zip(conditions, signs, strict=True))
        for s in a.sets:
            s = replace(s, where=tuple(q * k for q, k in zip(conditions, signs, strict=True)))
            inside = meets(problem, s)
            if inside is None:
                complete.append(UNSEEN)
            if inside or (inside is None and not s.samples):
                kind = s.kind if s.kind != "degenerate" else "min" if bowl else bounded_kind(problem, s.values)
                sets.append(replace(s, words=f"{s.words}, where {where}", kind=kind))
        complete.append(a.complete)
        words[a.certificate] = None
    return Answer(tuple(found), weakest(complete), "on each cell: " + "; ".join(words), tuple(sets))


def _text(q: Any) -> str:
    from ...bridge import from_sympy

    return from_sympy(q).text()


@dataclass(frozen=True, slots=True)
class Along:
    """What happens along a joint: the points, and whether (and with which values) the function is constant there."""

    points: tuple[tuple[Any, ...], ...] = ()
    level: tuple[Any, ...] = ()
    where: str = ""


def _on_joints(
    problem: Problem, e: Any, conditions: Sequence[Any], climb: Climb
) -> tuple[list[tuple[Any, ...]], list[SetFound], bool]:
    """Where the function is stationary, or has a kink, along a joint; the joints on which it is constant; and
    whether every joint was understood."""
    out: list[tuple[Any, ...]] = []
    sets: list[SetFound] = []
    understood = True
    for q in conditions:
        v, root = solved_for(q, problem.variables)
        if v is None:
            level = _level_joint(problem, e, q)
            if level is None:
                understood = False
                continue
            sets.append(_set_of(problem, q, (level,)))
            continue
        rest = [(w, i) for w, i in zip(problem.variables, problem.box, strict=True) if w != v]
        along = expanded(e.subs(v, root)) if root.is_polynomial() else e.subs(v, root)
        held = tuple(w for w, _ in rest)
        boxes = tuple(i for _, i in rest)
        try:
            found = _along(Problem(along, held, boxes, problem.deadline), climb)
        except SymnetError:
            found = None
        if found is None:
            understood = False
            continue
        if found.level:
            understood = understood and (problem.everywhere or not found.where or not root.free_symbols)
            sets.append(_set_of(problem, q, found.level, found.where))
        for at in found.points:
            values = dict(zip(held, at, strict=True))
            point = tuple(root.subs(values) if w == v else values[w] for w in problem.variables)
            if not any(one_place(point, p) for p in out):
                out.append(point)
    return out, sets, understood


def _set_of(problem: Problem, q: Any, values: tuple[Any, ...], where: str = "") -> SetFound:
    return SetFound((q,), f"all points with {_text(q)} = 0{where}", bounded_kind(problem, values), values)


def _level_joint(problem: Problem, e: Any, q: Any) -> Any | None:
    """The value of a polynomial function on a joint that no name solves, if it is constant there: e − c = q · (…)."""
    on = e.replace(sp.Abs, lambda u: sp.Integer(0) if expanded(u - q) == 0 or expanded(u + q) == 0 else sp.Abs(u))
    if not on.is_polynomial(*problem.variables) or not q.is_polynomial(*problem.variables):
        return None
    rest = sp.reduced(expanded(on), [q], *problem.variables)[1]
    return rest if rest.is_Rational else None


def _along(problem: Problem, climb: Climb) -> Along | None:
    if not problem.variables:
        return Along(((),))
    if not problem.expr.free_symbols:
        return Along((), (problem.expr,))
    if len(problem.variables) == 1:
        (v,), (i,) = problem.variables, problem.box
        s = solved_in_one(problem, problem.expr, v, Side(i.low, i.high))
        if not s.proven or s.family:
            return None
        if not s.critical_set:
            return Along(tuple((p.at[v.name],) for p in s.points))
        where = ", ".join(c.description.partition(":")[0] for c in s.critical_set)
        level = tuple(p.value for p in s.points) or (problem.expr.subs(v, middle(i)),)
        return Along(tuple((p.at[v.name],) for p in s.points), level, f" and {where}")
    a = climb(problem)
    return Along(tuple(f.at for f in a.found)) if a.proven and not a.sets and not a.endless else None


def middle(i: Side) -> Any:
    return (i.low + i.high) / 2 if i.bounded else i.low + 1 if i.low.is_finite else i.high - 1
