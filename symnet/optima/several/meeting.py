"""Whether a set of stationary points has a point in the box: by samples, by elimination, by ever smaller boxes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import sympy as sp

from ...balls import precision
from .forms import expanded
from .problem import Answer, Problem, SetFound
from .tape import Tape, number

BOXES = 4000
FAR = 16  # half the width of the window that stands for all of space
BITS = 96


def within(problem: Problem, a: Answer) -> Answer:
    """The answer without the sets that do not meet the box; a set of which that is not known has no values."""
    if problem.everywhere or not a.sets:
        return a
    kept, complete = [], a.complete
    for s in a.sets:
        found = meets(problem, s)
        if found is None:
            complete, s = "numerical", replace(s, values=())
        if found is not False:
            kept.append(s)
    return replace(a, sets=tuple(kept), complete=complete)


def meets(problem: Problem, s: SetFound) -> bool | None:
    """Whether equations vanish, and inequalities hold, somewhere inside of the box; None where that is not known."""
    equations = [q for q in s.equations if q != 0]
    if not equations and not s.where:
        return True
    if any(_holds(problem, s, at) for at in s.samples):
        return True
    names = problem.variables
    walls = [v - i.low for v, i in zip(names, problem.box, strict=True) if i.low.is_finite]
    walls += [i.high - v for v, i in zip(names, problem.box, strict=True) if i.high.is_finite]
    if all(_linear(q, names) for q in (*equations, *s.where, *walls)):
        return feasible(equations, [*s.where, *walls], names)
    return _by_boxes(problem, equations, s.where)


def _holds(problem: Problem, s: SetFound, at: Sequence[Any]) -> bool:
    if not problem.inside(at):
        return False
    tape = Tape(list(s.where), problem.variables)
    with precision(BITS):
        return all(b > 0 for b in tape([number(x, BITS) for x in at])) if s.where else True


def _linear(q: Any, names: Sequence[Any]) -> bool:
    if not q.is_polynomial(*names):
        return False
    p = sp.Poly(expanded(q), *names)
    return p.total_degree() < 2 and all(c.is_Rational for c in p.coeffs())


def feasible(equations: Sequence[Any], inequalities: Sequence[Any], names: Sequence[Any]) -> bool:
    """Whether linear forms are all positive at a point where others vanish: the names eliminated one by one.

    Source: Fourier and Motzkin; Schrijver, Theory of Linear and Integer Programming (1986), 12.2.
    """
    solutions = sp.linsolve(list(equations), *names) if equations else sp.FiniteSet(sp.Tuple(*names))
    if not solutions:
        return False
    (point,) = solutions
    todo = [expanded(q.subs(dict(zip(names, point, strict=True)), simultaneous=True)) for q in inequalities]
    for v in names:
        above = [q / q.coeff(v) for q in todo if q.coeff(v) > 0]
        below = [-q / q.coeff(v) for q in todo if q.coeff(v) < 0]
        todo = [*(q for q in todo if q.coeff(v) == 0), *(expanded(a + b) for a in above for b in below)]
    return all(q > 0 for q in todo)


def _by_boxes(problem: Problem, equations: Sequence[Any], where: Sequence[Any]) -> bool | None:
    """A box on which an equation does not vanish, or an inequality fails, holds no point; one on which the inequalities
    hold and the only equation has both signs at corners holds one."""
    both, tested = Tape([*equations, *where], problem.variables), len(equations)
    sides = [(_end(i.low, -1), _end(i.high, 1)) for i in problem.box]
    todo, whole = [tuple(sides)], problem.bounded
    for _ in range(BOXES):
        if not todo:
            return False if whole else None
        problem.check()
        box = todo.pop(0)
        with precision(BITS):
            values = both([a.union(b) for a, b in box])
            if any(b.is_finite() and not b.contains(0) for b in values[:tested]) or any(b < 0 for b in values[tested:]):
                continue
            if tested < 2 and all(b > 0 for b in values[tested:]):
                corners = [both(at)[0] for at in product(*box)] if tested else []
                if not tested or (any(b > 0 for b in corners) and any(b < 0 for b in corners)):
                    return True
            k = max(range(len(box)), key=lambda k: float((box[k][1] - box[k][0]).mid()))
            middle = ((box[k][0] + box[k][1]) / 2).mid()
        todo += [(*box[:k], side, *box[k + 1 :]) for side in ((box[k][0], middle), (middle, box[k][1]))]
    return None


def _end(x: Any, sign: int) -> Any:
    return number(x if x.is_finite else sp.Integer(sign * FAR), BITS)
