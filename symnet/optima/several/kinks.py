"""Functions with kinks: |q|, max, cases and the tips of square roots; smooth on each cell, the joints by themselves.

On a joint q = 0 the function has an extremum only where it has one along the joint; whether it is one in space is told
by the one-sided derivatives. A value that the written form bounds is a minimum wherever it is taken. A point at which
the derivatives from every side are 0 is no kink but stationary: x|x| + y² at the origin.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import sympy as sp
from flint import fmpq

from ...balls import precision
from ...errors import SizeError, SymnetError
from .algebraic import ball_signs, value_of
from .boxes import _is_zero
from .convexity import convex
from .inertia import of_polynomial
from .joints import tips_of
from .meeting import meets
from .problem import Answer, Found, Interval, Problem, SetFound
from .ranges import _same_value, hull, solved_in_one
from .separable import _weakest
from .sets import bounded_kind
from .tape import Tape, number

Climb = Callable[[Problem], Answer]
CELLS = 5  # conditions, 2⁵ cells
BITS = 200
FACTORED = 60  # operations of a joint that is factored
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
        if not problem.holds(at) or any(_one(at, f.at) for f in found):
            continue
        kind = kind_at(problem, e, conditions, at)
        level = _level(problem, e, conditions, at) if at in candidates else smooth_tip(problem, e, at)
        if level and not kind:
            kind = _by_rays(problem, e, conditions, at)
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
    level = lambda s: all(any(_same_value(v, w) for w in floor) for v in s.values)  # noqa: E731
    return [replace(s, kind="min") if s.values and level(s) else s for s in joined]


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

    return e.replace(sp.Max, folded(1)).replace(sp.Min, folded(-1)).replace(sp.Abs, _by_factors)


def _by_factors(q: Any) -> Any:
    """|x² − y²| = |x − y| |x + y|: joints are irreducible."""
    if not q.is_polynomial() or sp.count_ops(q) > FACTORED:
        return sp.Abs(q)
    return sp.Mul(*(sp.Abs(f) for f in sp.Mul.make_args(sp.factor(q))))


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
    bowl = convex(problem.expr, problem.variables)
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
            s = replace(s, where=tuple(q * k for q, k in zip(conditions, signs, strict=True)))
            inside = meets(problem, s)
            if inside is None:
                complete.append(UNSEEN)
            if inside or (inside is None and not s.samples):
                kind = s.kind if s.kind != "degenerate" else "min" if bowl else bounded_kind(problem, s.values)
                sets.append(replace(s, words=f"{s.words}, where {where}", kind=kind))
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
        v, root = _solved(q, problem.variables)
        if v is None:
            level = _level_joint(problem, e, q)
            if level is None:
                understood = False
                continue
            sets.append(_set_of(problem, q, (level,)))
            continue
        rest = [(w, i) for w, i in zip(problem.variables, problem.box, strict=True) if w != v]
        along = sp.expand(e.subs(v, root)) if root.is_polynomial() else e.subs(v, root)
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
            if not any(_one(point, p) for p in out):
                out.append(point)
    return out, sets, understood


def _set_of(problem: Problem, q: Any, values: tuple[Any, ...], where: str = "") -> SetFound:
    return SetFound((q,), f"all points with {_text(q)} = 0{where}", bounded_kind(problem, values), values)


def _level_joint(problem: Problem, e: Any, q: Any) -> Any | None:
    """The value of a polynomial function on a joint that no name solves, if it is constant there: e − c = q · (…)."""
    on = e.replace(sp.Abs, lambda u: sp.Integer(0) if sp.expand(u - q) == 0 or sp.expand(u + q) == 0 else sp.Abs(u))
    if not on.is_polynomial(*problem.variables) or not q.is_polynomial(*problem.variables):
        return None
    rest = sp.reduced(sp.expand(on), [q], *problem.variables)[1]
    return rest if rest.is_Rational else None


def _solved(q: Any, variables: Sequence[Any]) -> tuple[Any, Any]:
    """A name in which q is linear with a constant factor, and its value where q = 0."""
    for v in variables:
        if q.is_polynomial(v) and sp.degree(q, v) == 1:
            a, b = sp.Poly(q, v).all_coeffs()
            if a.is_number:
                return v, sp.expand(-b / a)
    return None, None


def _along(problem: Problem, climb: Climb) -> Along | None:
    if not problem.variables:
        return Along(((),))
    if not problem.expr.free_symbols:
        return Along((), (problem.expr,))
    if len(problem.variables) == 1:
        (v,), (i,) = problem.variables, problem.box
        s = solved_in_one(problem, problem.expr, v, Interval(i.low, i.high))
        if not s.proven or s.family:
            return None
        if not s.critical_set:
            return Along(tuple((p.at[v.name],) for p in s.points))
        where = ", ".join(c.description.partition(":")[0] for c in s.critical_set)
        level = tuple(p.value for p in s.points) or (problem.expr.subs(v, _middle(i)),)
        return Along(tuple((p.at[v.name],) for p in s.points), level, f" and {where}")
    a = climb(problem)
    return Along(tuple(f.at for f in a.found)) if a.proven and not a.sets and not a.endless else None


def _middle(i: Interval) -> Any:
    return (i.low + i.high) / 2 if i.bounded else i.low + 1 if i.low.is_finite else i.high - 1


def _active(problem: Problem, conditions: Sequence[Any], at: Sequence[Any]) -> Iterator[tuple[int, ...]]:
    """The signs of all conditions in the cells around a point."""
    here = _signs(problem, conditions, at)
    for sides in product((1, -1), repeat=here.count(0)):
        rest = iter(sides)
        yield tuple(s or next(rest) for s in here)


def _level(problem: Problem, e: Any, conditions: Sequence[Any], at: Sequence[Any]) -> bool:
    """Whether the derivatives from every side are 0 at a point of a joint."""
    point = dict(zip(problem.variables, at, strict=True))
    if not any(s == 0 for s in _signs(problem, conditions, at)):
        return False
    for signs in _active(problem, conditions, at):
        smooth = resolved(e, conditions, signs)
        if smooth.has(*JOINTED) or not all(_is_zero(sp.diff(smooth, v).subs(point)) for v in problem.variables):
            return False
    return True


def _by_rays(problem: Problem, e: Any, conditions: Sequence[Any], at: Sequence[Any]) -> str | None:
    """saddle where a polynomial function rises along one straight line from the point and falls along another."""
    t = sp.Symbol("t", positive=True)
    seen = set()
    for d in product((1, 0, -1, 2, -2), repeat=len(at)):
        ray = {v: x + t * y for v, x, y in zip(problem.variables, at, d, strict=True)}
        g = e.subs(ray, simultaneous=True).replace(sp.Abs, lambda u: _near(u, t))
        g = sp.expand(g)
        if not g.is_polynomial(t) or not any(d):
            continue
        rest = [(m[0], c) for m, c in sp.Poly(g, t).terms() if m[0]]
        if rest and min(rest)[1].is_number:
            seen.add(bool(min(rest, key=lambda r: r[0])[1] > 0))
    return "saddle" if len(seen) == 2 else None


def _near(u: Any, t: Any) -> Any:
    """|u| for small t > 0, by the lowest term of a polynomial."""
    u = sp.expand(u)
    if not u.is_polynomial(t) or u == 0:
        return abs(u)
    lowest = min(sp.Poly(u, t).terms(), key=lambda r: r[0])[1]
    return u if lowest > 0 else -u


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
    q = tips[0].base
    if not (c.is_Rational and c and all(g.is_Rational for g in slopes)):
        return _tip_by_balls(problem, c, slopes, q, at)
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


def smooth_tip(problem: Problem, e: Any, at: Sequence[Any]) -> bool:
    """Whether f(√q, x) has the slope 0 in √q and in x at a tip: cos √(x² + y²) at the origin."""
    point = dict(zip(problem.variables, at, strict=True))
    roots = [n for n in e.atoms(sp.Pow) if n.exp == sp.Rational(1, 2) and n.base.free_symbols]
    tips = [n for n in roots if n.base.subs(point) == 0]
    if len(tips) != 1:
        return False
    s = sp.Dummy("s", positive=True)
    f = e.subs(tips[0], s)
    slopes = [sp.diff(f, v).subs(s, 0).subs(point) for v in (s, *problem.variables)]
    return all(_is_zero(g) for g in slopes)


def _tip_by_balls(problem: Problem, c: Any, slopes: Sequence[Any], q: Any, at: Sequence[Any]) -> str | None:
    point = dict(zip(problem.variables, at, strict=True))
    size, lean = number(c, BITS), [number(g, BITS) for g in slopes]
    if size.contains(0) or not all(g.is_finite() for g in lean):
        return None
    curved = [[sp.diff(q, v, w).subs(point) for w in problem.variables] for v in problem.variables]
    matrix = [
        [size * size * number(a, BITS) / 2 - x * y for a, y in zip(row, lean, strict=True)]
        for row, x in zip(curved, lean, strict=True)
    ]
    signs = ball_signs(matrix)
    if -1 in signs and 1 in signs:
        return ""
    return ("min" if size > 0 else "max") if set(signs) == {1} else None
