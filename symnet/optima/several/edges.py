"""Kinds of points on joints: by one-sided derivatives, along rays, on the faces beside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import sympy as sp

from ...balls import precision
from .algebraic import value_of
from .convexity import convex
from .critical import solved_in_one
from .extremes import same_value
from .folding import BITS, JOINTED, one_place, resolved, signs_at, solved_for
from .forms import expanded, is_zero
from .hulls import hull
from .problem import Problem, Side
from .tape import Tape, number
from .tips import kind_at_tip


def _active(problem: Problem, conditions: Sequence[Any], at: Sequence[Any]) -> Iterator[tuple[int, ...]]:
    """The signs of all conditions in the cells around a point."""
    here = signs_at(problem, conditions, at)
    for sides in product((1, -1), repeat=here.count(0)):
        rest = iter(sides)
        yield tuple(s or next(rest) for s in here)


def is_level(problem: Problem, e: Any, conditions: Sequence[Any], at: Sequence[Any]) -> bool:
    """Whether the derivatives from every side are 0 at a point of a joint."""
    point = dict(zip(problem.variables, at, strict=True))
    if not any(s == 0 for s in signs_at(problem, conditions, at)):
        return False
    for signs in _active(problem, conditions, at):
        smooth = resolved(e, conditions, signs)
        if smooth.has(*JOINTED) or not all(is_zero(sp.diff(smooth, v).subs(point)) for v in problem.variables):
            return False
    return True


def by_rays(problem: Problem, e: Any, conditions: Sequence[Any], at: Sequence[Any]) -> str | None:
    """saddle where a polynomial function rises along one straight line from the point and falls along another."""
    t = sp.Symbol("t", positive=True)
    seen = set()
    for d in product((1, 0, -1, 2, -2), repeat=len(at)):
        ray = {v: x + t * y for v, x, y in zip(problem.variables, at, d, strict=True)}
        g = e.subs(ray, simultaneous=True).replace(sp.Abs, lambda u: _near(u, t))
        g = expanded(g)
        if not g.is_polynomial(t) or not any(d):
            continue
        rest = [(m[0], c) for m, c in sp.Poly(g, t).terms() if m[0]]
        if rest and min(rest)[1].is_number:
            seen.add(bool(min(rest, key=lambda r: r[0])[1] > 0))
    return "saddle" if len(seen) == 2 else None


def _near(u: Any, t: Any) -> Any:
    """|u| for small t > 0, by the lowest term of a polynomial."""
    u = expanded(u)
    if not u.is_polynomial(t) or u == 0:
        return abs(u)
    lowest = min(sp.Poly(u, t).terms(), key=lambda r: r[0])[1]
    return u if lowest > 0 else -u


def kind_at(problem: Problem, e: Any, conditions: Sequence[Any], at: Sequence[Any]) -> str | None:
    """min or max for a point on joints or a tip; "" where it is neither, None where that is not decided."""
    value = value_of(e, problem.variables, at)
    low, high = hull(problem.expr, dict(zip(problem.variables, problem.box, strict=True)))
    if low.is_finite and same_value(value, low):
        return "min"
    if high.is_finite and same_value(value, high):
        return "max"
    active = [q for q, s in zip(conditions, signs_at(problem, conditions, at), strict=True) if s == 0]
    if active:
        return _by_slopes(problem, e, conditions, active, at)
    return kind_at_tip(problem, e, at)


def _by_slopes(
    problem: Problem, e: Any, conditions: Sequence[Any], active: Sequence[Any], at: Sequence[Any]
) -> str | None:
    """The signs of the slopes in every cell that meets the point, along the directions that bound it."""
    n = len(at)
    point = dict(zip(problem.variables, at, strict=True))
    normals = [[sp.diff(q, v).subs(point) for v in problem.variables] for q in active]
    if any(not any(row) for row in normals):
        return None
    here = signs_at(problem, conditions, at)
    if len(active) == 1:
        directions = [(normals[0], 1), ([-x for x in normals[0]], -1)]
        signs = [_slope(problem, e, conditions, here, (s,), d, at) for d, s in directions]
        if set(signs) <= {0, 1} and convex(problem.expr, problem.variables):
            return _on_face(problem, e, active[0], at, 1)
        if len({x for x in signs if x}) > 1:
            return ""
        if 0 in signs:  # it falls to one side and rises along the joint: no extremum
            opposite = _on_face(problem, e, active[0], at, -sum(signs)) if any(signs) else None
            return "" if opposite in ("min", "max") else None
        return _on_face(problem, e, active[0], at, signs[0])
    if n != 2:
        return None
    signs = []
    for a in normals:
        for d in ([-a[1], a[0]], [a[1], -a[0]]):
            signs += [_slope(problem, e, conditions, here, s, d, at) for s in _sides(normals, d)]
    if set(signs) <= {0, 1} and convex(problem.expr, problem.variables):
        return "min"
    if len({x for x in signs if x}) > 1:
        return ""
    return {1: "min", -1: "max"}.get(signs[0]) if 0 not in signs else None


def _sides(normals: Sequence[Sequence[Any]], d: Sequence[Any]) -> list[tuple[int, ...]]:
    """The signs of the joints in the two cells beside a direction that lies on one of them."""
    products = [sum((x * y for x, y in zip(a, d, strict=True)), sp.Integer(0)) for a in normals]
    choices = [(1, -1) if p == 0 else ((1,) if number(p, 90) > 0 else (-1,)) for p in products]
    return list(product(*choices))


def _slope(
    problem: Problem,
    e: Any,
    conditions: Sequence[Any],
    here: Sequence[int],
    sides: Sequence[int],
    d: Sequence[Any],
    at: Sequence[Any],
) -> int:
    """The sign of the derivative in a direction, on the cell with these sides of the joints through the point."""
    rest = iter(sides)
    signs = tuple(s or next(rest) for s in here)
    smooth = resolved(e, conditions, signs)
    if smooth.has(*JOINTED):
        return 0
    slope = sum((sp.diff(smooth, v) * x for v, x in zip(problem.variables, d, strict=True)), sp.Integer(0))
    tape = Tape([slope], problem.variables)
    with precision(BITS):
        b = tape([number(x, BITS) for x in at])[0]
    return 0 if not b.is_finite() or b.contains(0) else 1 if b > 0 else -1


def _on_face(problem: Problem, e: Any, q: Any, at: Sequence[Any], sign: int) -> str | None:
    """The kind along the joint, if it agrees with the slopes on both sides."""
    v, root = solved_for(q, problem.variables)
    if v is None or len(at) != 2:
        return None
    w = next(x for x in problem.variables if x != v)
    s = solved_in_one(problem, expanded(e.subs(v, root)), w, Side())
    x = at[problem.variables.index(w)]
    kind = next((p.kind for p in s.points if one_place((p.at[w.name],), (x,))), None)
    wanted = "min" if sign > 0 else "max"
    return wanted if kind == wanted else "" if kind in ("min", "max", "inflection") else None
