"""Functions with kinks: |q|, max, cases and the tips of square roots; smooth on each cell, the joints by themselves.

On a joint q = 0 the function has an extremum only where it has one along the joint; whether it is one in space is told
by the one-sided derivatives. A value that the written form bounds is a minimum wherever it is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import sympy as sp
from flint import fmpq

from ...balls import precision
from ...errors import SizeError, SymnetError
from .algebraic import value_of
from .convexity import convex
from .inertia import of_polynomial
from .joints import tips_of
from .problem import Answer, Found, Interval, Problem, SetFound
from .ranges import _same_value, hull, solved_in_one
from .separable import _weakest
from .tape import Tape, number

Climb = Callable[[Problem], Answer]
CELLS = 5  # conditions, 2⁵ cells
BITS = 200
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
    candidates = _on_joints(problem, e, conditions, climb)
    complete = smooth.complete if candidates is not None else UNSEEN
    for at in [*(candidates or ()), *tips]:
        problem.check()
        if not problem.holds(at) or any(_one(at, f.at) for f in found):
            continue
        kind = kind_at(problem, e, conditions, at)
        if kind is None:
            complete = UNSEEN
        elif kind:
            found.append(Found(at, kind, value_of(e, problem.variables, at), "kink"))
    words = f"{smooth.certificate}; the joints by their one-sided derivatives" if conditions else smooth.certificate
    return Answer(tuple(found), complete, words, smooth.sets, smooth.periods, smooth.notes, smooth.window)


def _one(a: Sequence[Any], b: Sequence[Any]) -> bool:
    return all(x == y or number(x, 90).overlaps(number(y, 90)) for x, y in zip(a, b, strict=True))


# ------------------------------------------------------------------------------------------------------------- joints
def without_max(e: Any) -> Any:
    """max(a, b) = (a + b + |a − b|)/2."""

    def pair(a: Any, b: Any, sign: int) -> Any:
        return (a + b + sign * sp.Abs(a - b)) / 2

    def folded(sign: int) -> Callable[..., Any]:
        def fold(*args: Any) -> Any:
            out = args[0]
            for a in args[1:]:
                out = pair(out, a, sign)
            return out

        return fold

    return e.replace(sp.Max, folded(1)).replace(sp.Min, folded(-1))


JOINTED = (sp.Abs, sp.sign, sp.Heaviside, sp.Piecewise, sp.Max, sp.Min)


def joints(e: Any) -> list[Any]:
    """The expressions at whose zeros a part of the formula has a joint, the innermost only."""
    out: dict[Any, None] = {}
    for n in sp.preorder_traversal(e):
        if isinstance(n, sp.Abs | sp.sign | sp.Heaviside):
            out[n.args[0]] = None
        elif isinstance(n, sp.Piecewise):
            for _, c in n.args:
                if isinstance(c, sp.core.relational.Relational):
                    out[sp.expand(c.lhs - c.rhs)] = None
    inner = [q for q in out if not q.has(*JOINTED)]
    out = dict.fromkeys(inner)
    return _distinct(list(out))


def _distinct(conditions: Sequence[Any]) -> list[Any]:
    """One of each pair that differ by a sign."""
    out: list[Any] = []
    for q in conditions:
        if q.free_symbols and not any(sp.expand(q - p) == 0 or sp.expand(q + p) == 0 for p in out):
            out.append(q)
    return out


def resolved(e: Any, conditions: Sequence[Any], signs: Sequence[int]) -> Any:
    """The smooth formula that holds where the conditions have these signs."""

    def sign_of(q: Any) -> int | None:
        for p, s in zip(conditions, signs, strict=True):
            if sp.expand(q - p) == 0:
                return s
            if sp.expand(q + p) == 0:
                return -s
        return None

    def put(f: Any, value: Any) -> Any:
        def of(q: Any, *rest: Any) -> Any:
            s = sign_of(q)
            return f(q, *rest) if s is None else value(s, q)

        return of

    def piece(n: Any) -> Any:
        for value, c in n.args:
            if c is sp.true:
                return value
            s = sign_of(sp.expand(c.lhs - c.rhs)) if isinstance(c, sp.core.relational.Relational) else None
            if s is None:
                return n
            if _holds(c, s):
                return value
        raise SizeError("no case holds")

    e = e.replace(sp.Abs, put(sp.Abs, lambda s, q: s * q))
    e = e.replace(sp.sign, put(sp.sign, lambda s, q: sp.Integer(s)))
    e = e.replace(sp.Heaviside, put(sp.Heaviside, lambda s, q: sp.Integer(int(s > 0))))
    return e.replace(lambda n: isinstance(n, sp.Piecewise), piece)


def _holds(c: Any, s: int) -> bool:
    return s > 0 if isinstance(c, sp.StrictGreaterThan | sp.GreaterThan) else s < 0


# -------------------------------------------------------------------------------------------------------------- cells
def climb_smooth(problem: Problem, e: Any, climb: Climb) -> Answer:
    return climb(Problem(e, problem.variables, problem.box, problem.deadline, smooth=not e.has(*JOINTED)))


def _cells(problem: Problem, e: Any, conditions: Sequence[Any], climb: Climb) -> Answer:
    found: list[Found] = []
    words: dict[str, None] = {}
    sets: list[SetFound] = []
    complete: list[str] = []
    for signs in product((1, -1), repeat=len(conditions)):
        problem.check()
        a = climb_smooth(problem, resolved(e, conditions, signs), climb)
        if a.endless:
            raise SizeError("infinitely many points beside joints")
        found += [
            f
            for f in a.found
            if _signs(problem, conditions, f.at) == signs and not any(_one(f.at, g.at) for g in found)
        ]
        where = ", ".join(f"{_text(q)} {'>' if s > 0 else '<'} 0" for q, s in zip(conditions, signs, strict=True))
        for s in a.sets:
            inside = any(_signs(problem, conditions, at) == signs for at in s.samples)
            if not inside:
                complete.append(UNSEEN)
            if inside or not s.samples:
                sets.append(type(s)(s.equations, f"{s.words}, where {where}", s.kind, s.values, s.samples))
        complete.append(a.complete)
        words[a.certificate] = None
    return Answer(tuple(found), _weakest(complete), "on each cell: " + "; ".join(words), tuple(sets))


def _text(q: Any) -> str:
    from ...bridge import from_sympy

    return from_sympy(q).text()


def _signs(problem: Problem, conditions: Sequence[Any], at: Sequence[Any]) -> tuple[int, ...]:
    """The signs of the conditions at a point, 0 where a ball of many bits holds 0."""
    tape = Tape(list(conditions), problem.variables)
    with precision(BITS):
        values = tape([number(x, BITS) for x in at])
    return tuple(0 if v.contains(0) else 1 if v > 0 else -1 for v in values)


# ------------------------------------------------------------------------------------------------------------- joints
def _on_joints(problem: Problem, e: Any, conditions: Sequence[Any], climb: Climb) -> list[tuple[Any, ...]] | None:
    """Where the function is stationary, or has a kink, along a joint; None where a joint is not understood."""
    out: list[tuple[Any, ...]] = []
    for q in conditions:
        v, root = _solved(q, problem.variables)
        if v is None:
            return None
        rest = [(w, i) for w, i in zip(problem.variables, problem.box, strict=True) if w != v]
        along = sp.expand(e.subs(v, root)) if root.is_polynomial() else e.subs(v, root)
        held = tuple(w for w, _ in rest)
        boxes = tuple(i for _, i in rest)
        try:
            found = _along(Problem(along, held, boxes, problem.deadline), climb)
        except SymnetError:
            return None
        if found is None:
            return None
        for at in found:
            values = dict(zip(held, at, strict=True))
            point = tuple(root.subs(values) if w == v else values[w] for w in problem.variables)
            if not any(_one(point, p) for p in out):
                out.append(point)
    return out


def _solved(q: Any, variables: Sequence[Any]) -> tuple[Any, Any]:
    """A name in which q is linear with a constant factor, and its value where q = 0."""
    for v in variables:
        if q.is_polynomial(v) and sp.degree(q, v) == 1:
            a, b = sp.Poly(q, v).all_coeffs()
            if a.is_number:
                return v, sp.expand(-b / a)
    return None, None


def _along(problem: Problem, climb: Climb) -> list[tuple[Any, ...]] | None:
    if len(problem.variables) == 1:
        if not problem.expr.free_symbols:
            return None
        s = solved_in_one(problem, problem.expr, problem.variables[0], Interval())
        good = s.proven and not s.critical_set and not s.family
        return [(p.at[problem.variables[0].name],) for p in s.points] if good else None
    a = climb(problem)
    return [f.at for f in a.found] if a.proven and not a.sets and not a.endless else None


def kind_at(problem: Problem, e: Any, conditions: Sequence[Any], at: Sequence[Any]) -> str | None:
    """min or max for a point on joints or a tip; "" where it is neither, None where that is not decided."""
    value = value_of(e, problem.variables, at)
    low, high = hull(problem.expr, dict(zip(problem.variables, problem.box, strict=True)))
    if low.is_finite and _same_value(value, low):
        return "min"
    if high.is_finite and _same_value(value, high):
        return "max"
    active = [q for q, s in zip(conditions, _signs(problem, conditions, at), strict=True) if s == 0]
    if active:
        return _by_slopes(problem, e, conditions, active, at)
    return _tip(problem, e, at)


def _by_slopes(
    problem: Problem, e: Any, conditions: Sequence[Any], active: Sequence[Any], at: Sequence[Any]
) -> str | None:
    """The signs of the slopes in every cell that meets the point, along the directions that bound it."""
    n = len(at)
    point = dict(zip(problem.variables, at, strict=True))
    normals = [[sp.diff(q, v).subs(point) for v in problem.variables] for q in active]
    if any(not any(row) for row in normals):
        return None
    here = _signs(problem, conditions, at)
    if len(active) == 1:
        directions = [(normals[0], 1), ([-x for x in normals[0]], -1)]
        signs = [_slope(problem, e, conditions, here, (s,), d, at) for d, s in directions]
        if set(signs) <= {0, 1} and convex(problem.expr, problem.variables):
            return _on_face(problem, e, active[0], at, 1)
        if len({x for x in signs if x}) > 1:
            return ""
        return None if 0 in signs else _on_face(problem, e, active[0], at, signs[0])
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
    v, root = _solved(q, problem.variables)
    if v is None or len(at) != 2:
        return None
    w = next(x for x in problem.variables if x != v)
    s = solved_in_one(problem, sp.expand(e.subs(v, root)), w, Interval())
    x = at[problem.variables.index(w)]
    kind = next((p.kind for p in s.points if _one((p.at[w.name],), (x,))), None)
    wanted = "min" if sign > 0 else "max"
    return wanted if kind == wanted else "" if kind in ("min", "max", "inflection") else None


# --------------------------------------------------------------------------------------------------------------- tips
def _tip(problem: Problem, e: Any, at: Sequence[Any]) -> str | None:
    """c √q + r at a tip with q ≈ dᵀA d: a minimum if c √(dᵀA d) > |∇r·d| for every d, so if c²A − ∇r∇rᵀ is definite."""
    roots = [n for n in e.atoms(sp.Pow) if n.exp == sp.Rational(1, 2) and n.base.free_symbols]
    point = dict(zip(problem.variables, at, strict=True))
    tips = [n for n in roots if n.base.subs(point) == 0]
    if len(tips) != 1:
        return None
    s = sp.Dummy("s", positive=True)
    f = e.subs(tips[0], s)
    if f.has(*(n for n in roots if n.base == tips[0].base)):
        return None
    c = sp.diff(f, s).subs(s, 0).subs(point)
    slopes = [sp.diff(f.subs(s, 0), v).subs(point) for v in problem.variables]
    if not (c.is_Rational and c and all(g.is_Rational for g in slopes)):
        return None
    q = tips[0].base
    n = len(at)
    form: dict[tuple[int, ...], Any] = {}
    for i, v in enumerate(problem.variables):
        for j, w in enumerate(problem.variables):
            m = tuple(int(k == i) + int(k == j) for k in range(n))
            a = c**2 * sp.diff(q, v, w).subs(point) / 2 - slopes[i] * slopes[j]
            form[m] = form.get(m, 0) + a
    if not all(sp.sympify(a).is_Rational for a in form.values()):
        return None
    germ = {m: fmpq(int(a.p), int(a.q)) for m, a in form.items() if a}
    kind = of_polynomial(germ, [fmpq(0)] * n) if germ else None
    if kind == "saddle":
        return ""
    return None if kind != "min" else "min" if c > 0 else "max"
