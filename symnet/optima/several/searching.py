"""What is left: convex functions, composed functions, a window of space, and a search from many starts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import sympy as sp
from flint import arb, arb_mat

from ...balls import precision
from ...errors import SizeError
from .boxes import Search, boxed, point_of, scaled
from .convexity import convex
from .critical import solved_in_one
from .extremes import same_value
from .forms import shortened
from .hulls import hull
from .problem import EVERYTHING, SEARCHED, WINDOW, Answer, Found, Problem, SetFound, Side
from .ranges import composed, range_of
from .tape import Tape, number

STARTS, STEPS = 120, 60
Climb = Callable[[Problem], Answer]


# ------------------------------------------------------------------------------------------------------ by many starts
def searcher(problem: Problem) -> Search:
    gradient = scaled(problem)
    hessian = [sp.diff(g, v) for g in gradient for v in problem.variables]
    return Search(
        problem, Tape(gradient, problem.variables), Tape(hessian, problem.variables), gradient=tuple(gradient)
    )


def by_starts(problem: Problem, climb: Any = None) -> Answer:
    """Newton's method from a fixed set of starts; each point is proven to be one, the list is not proven complete."""
    search = searcher(problem)
    found = tuple(_polished(problem, search, _starts(problem)))
    words = "found from many starts; each is proven to be a point, that there is no other is not"
    return Answer(found, "numerical", words)


def convex_minimum(problem: Problem, climb: Any = None) -> Answer:
    """A convex function with a regular minimum has no other stationary point."""
    if not problem.everywhere or not convex(problem.expr, problem.variables):
        raise SizeError("the function is not convex at sight")
    search = searcher(problem)
    for f in _polished(problem, search, _starts(problem)):
        if f.kind == "min":
            proof = "the function is convex, so that its regular minimum, proven by Krawczyk's test, is its only one"
            return Answer((f,), "proven", proof)
    raise SizeError("no regular minimum was found")


def _starts(problem: Problem) -> Iterator[tuple[float, ...]]:
    """Points of a sequence that fills the box (or a window of it) evenly."""
    primes = (2, 3, 5, 7, 11, 13, 17, 19)
    sides = [_side(i) for i in problem.box]
    for k in range(1, STARTS + 1):
        yield tuple(a + (b - a) * _radical_inverse(k, p) for (a, b), p in zip(sides, primes, strict=False))


def _side(i: Side) -> tuple[float, float]:
    low = float(number(i.low, 64).mid()) if i.low.is_finite else None
    high = float(number(i.high, 64).mid()) if i.high.is_finite else None
    if low is None:
        return (-6.0, 6.0) if high is None else (high - 8, high)
    return low, (low + 8 if high is None else high)


def _radical_inverse(k: int, base: int) -> float:
    out, scale = 0.0, 1.0 / base
    while k:
        out += scale * (k % base)
        k //= base
        scale /= base
    return out


def _polished(problem: Problem, search: Search, starts: Iterator[tuple[float, ...]]) -> Iterator[Found]:
    roots: list[Any] = []
    for start in starts:
        problem.check()
        box = _newton(search, start)
        if box is None or any(all(a.overlaps(b) for a, b in zip(box, r, strict=True)) for r in roots):
            continue
        roots.append(box)
        f = point_of(problem, search, box)
        if f is not None:
            yield f


def _newton(search: Search, start: Sequence[float]) -> Any | None:
    """A box with one and only one zero of the gradient, to which Newton's method leads."""
    n = len(start)
    with precision(106):
        x = [arb(c) for c in start]
        for _ in range(STEPS):
            f, j = search.slopes(x), search.hessian(x)
            if not all(v.is_finite() for v in (*f, *j)):
                return None
            try:
                step = (
                    arb_mat(n, n, [arb(v.mid()) for v in j]).solve(arb_mat(n, 1, [arb(v.mid()) for v in f])).entries()
                )
            except ZeroDivisionError:
                return None
            size = max(float(abs(s).mid()) for s in step)
            if not size < 1e12:
                return None
            scale = arb(min(1.0, 1.5 / size)) if size else arb(1)
            x = [arb((a - scale * s).mid()) for a, s in zip(x, step, strict=True)]
            if size < 1e-24:
                break
        if max(float(abs(a).mid()) for a in x) > 1e6:
            return None
        box = tuple(arb(a.mid(), 1e-12 * max(1.0, float(abs(a).mid()))) for a in x)
        state, box = search.judge(box)
        return box if state == "one" else None


# ----------------------------------------------------------------------------------------------------------- a window
def windowed(problem: Problem, climb: Any = None) -> Answer:
    """The points in a window of space, all of them; what lies outside is not said."""

    def window(box: tuple[Side, ...]) -> tuple[Found, ...]:
        return boxed(replace(problem, box=box)).found

    w = sp.Integer(WINDOW)
    box = tuple(
        Side(sp.Max(i.low, -w), sp.Min(i.high, w), i.low_open if i.low.is_finite else False,
                 i.high_open if i.high.is_finite else False)
        for i in problem.box
    )  # fmt: skip
    a = boxed(replace(problem, box=box))
    if not a.proven:
        raise SizeError("not decided in the window")
    return replace(a, complete=SEARCHED, window=window)


# ----------------------------------------------------------------------------------------------------- inner functions
def through_inner(problem: Problem, climb: Climb) -> Answer:
    """h(u): the stationary points of u, and the sets u = t for the stationary points t of h in the range of u."""
    parts = composed(problem.expr, problem.variables)
    if parts is None:
        raise SizeError("there is no inner function")
    return _through(problem, parts, climb) if problem.everywhere else _in_a_box(problem, parts, climb)


def _through(problem: Problem, parts: Sequence[Any], climb: Climb, span: Sequence[Any] = ()) -> Answer:
    """Over all of space; `span`: between which values of u the points of the outer function are wanted."""
    u, h, t = parts
    inner = climb(replace(problem, expr=u))
    outer = solved_in_one(problem, h, t)
    low, high = range_of(problem, u)
    if outer.critical_set or not outer.proven or not inner.proven or inner.endless or low is None or high is None:
        raise SizeError("the outer function is not understood")
    if any(p.type != "stationary" for p in outer.points):
        raise SizeError("the outer function has joints")
    slope = sp.diff(h, t)
    sets = [replace(s, values=tuple(h.subs(t, v) for v in s.values), kind="degenerate") for s in inner.sets]
    wanted = outer.within({t.name: [str(x) for x in span]}) if span else _outer_points(outer, t, low, high)
    critical = {p.at[t.name]: p for p in wanted}
    for at, p in critical.items():
        if _takes(low, high, at) and not any(b.attained and same_value(at, b.value) for b in (low, high)):
            kind = p.kind if p.kind in ("min", "max") else "saddle"
            sets.append(SetFound((u - at,), f"all points with {_text(u)} = {_text(at)}", kind, (p.value,)))
    found = []
    for f in inner.found:
        hit = next((p for at, p in critical.items() if same_value(at, f.value)), None)
        if hit is not None:
            if any(b.attained and b.value == f.value for b in (low, high)):
                found.append(replace(f, kind=_folded(hit.kind), value=hit.value))
            continue
        s = number(slope.subs(t, f.value), 128)
        if s.contains(0) or not s.is_finite():
            raise SizeError("the slope of the outer function is not told from 0")
        kind = f.kind if s > 0 else {"min": "max", "max": "min"}.get(f.kind, f.kind)
        found.append(replace(f, kind=kind, value=shortened(h.subs(t, f.value))))
    more = " (and their repetitions)" if outer.family and not span else ""
    proof = f"a function of {_text(u)}: its stationary points, and where the outer function is stationary{more}"
    return Answer(tuple(found), "proven", proof, tuple(sets))


def _in_a_box(problem: Problem, parts: Sequence[Any], climb: Climb) -> Answer:
    """The points of all of space that lie in the box, and the sets u = t for the values t that u takes there."""
    span = hull(parts[0], dict(zip(problem.variables, problem.box, strict=True)))
    if not all(x.is_finite for x in span):
        raise SizeError("the inner function has no bound that is seen")
    span = tuple(x + k for x, k in zip(span, (-1, 1), strict=True))
    whole = _through(replace(problem, box=(EVERYTHING,) * len(problem.variables)), parts, climb, span)
    return replace(whole, found=tuple(f for f in whole.found if problem.holds(f.at)))


def _outer_points(outer: Any, t: Any, low: Any, high: Any) -> Sequence[Any]:
    """The stationary points of the outer function; of an endless family those near the range of the inner one."""
    if not outer.family:
        return outer.points
    start = (
        low.value - 1 if low.value.is_finite else high.value - WINDOW if high.value.is_finite else -sp.Integer(WINDOW)
    )
    end = min(start + 2 * WINDOW, high.value) if high.value.is_finite else start + 2 * WINDOW
    return outer.within({t.name: [str(start), str(end)]})


def _folded(kind: str) -> str:
    """At the least or greatest u the outer function is seen from one side only; an inflection there is not decided."""
    return kind if kind in ("min", "max") else "degenerate"


def _takes(low: Any, high: Any, x: Any) -> bool:
    """Whether a continuous function with this range takes the value."""
    above = low.value == -sp.oo or number(x - low.value, 128) > 0 or (x == low.value and bool(low.attained))
    below = high.value == sp.oo or number(high.value - x, 128) > 0 or (x == high.value and bool(high.attained))
    return bool(above and below)


def _text(e: Any) -> str:
    from ...bridge import from_sympy

    return from_sympy(e).text()
