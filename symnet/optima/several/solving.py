"""Stationary points in several variables: a ladder of methods, and the answer of the first that applies."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import product
from time import monotonic
from typing import Any

import sympy as sp
from sympy.polys.polyerrors import PolynomialError

from ...errors import DomainError, SymnetError, quote
from ...term import Term
from ..answer import CriticalSet, Extremum, Stationary, StationaryPoint
from ..question import domain_of
from ..reals import ends
from .algebraic import algebraic, repeated
from .boxes import boxed
from .charts import plain, real
from .existence import check_somewhere, edges, existing
from .extremes import Bound, same_value
from .faces import border, extremes
from .kinks import kinked
from .meeting import within
from .picture import draw
from .problem import EVERYTHING, Answer, Found, OutOfTime, Problem, Side
from .ranges import attempt
from .searching import by_starts, convex_minimum, through_inner, windowed
from .separable import separable
from .tape import number

Rung = Callable[[Problem, Callable[[Problem], Answer]], Answer]
RUNGS: tuple[Rung, ...] = (
    kinked, algebraic, through_inner, separable, convex_minimum, boxed, windowed, by_starts,
)  # fmt: skip

SHARE = 0.4  # of the time that is left, for each rung but the last
BORDER = "what the function does on the border of the box was not decided"
TRIED = 200  # simple places that are tried
LATE = "not decided in the time of the call; what is known so far"


def solve(value: Term, names: tuple[str, ...], domain: Mapping[str, Any] | None, deadline: float) -> Stationary:
    """The stationary points of a function of several names on a box, their kinds, and the extremes."""
    variables = tuple(real(n) for n in names)
    problem = Problem(plain(value, names), variables, _box(names, domain), deadline)
    check_somewhere(problem)
    answer = climb(problem)
    low, high = attempt(problem, answer)
    if not problem.everywhere:
        answer, low, high = with_border(problem, answer, low, high)
    return _shown(value, problem, _settled(answer, low, high), low, high, domain)


def _settled(answer: Answer, low: Bound | None, high: Bound | None) -> Answer:
    """A degenerate point with the least value of all is a minimum, one with the greatest a maximum."""

    def kind(f: Found) -> str:
        if f.kind == "degenerate":
            for word, b in (("min", low), ("max", high)):
                if b is not None and b.attained and _reaches(f.value, b.value):
                    return word
        return f.kind

    return replace(answer, found=tuple(replace(f, kind=kind(f)) for f in answer.found))


def with_border(
    problem: Problem, answer: Answer, low: Bound | None, high: Bound | None
) -> tuple[Answer, Bound | None, Bound | None]:
    """The answer with the extreme points on the border, and the extremes over a closed box."""
    try:
        edge = border(problem, climb)
        new = [f for f in edge.found if not any(_one_place(f, g) for g in answer.found)]
        a, b = extremes(problem, answer, edge)
    except OutOfTime:
        return replace(answer, complete="numerical", certificate=LATE), low, high
    except (SymnetError, ArithmeticError, NotImplementedError, TypeError, ValueError, PolynomialError):
        return replace(answer, complete="numerical", certificate=BORDER), low, high
    complete = answer.complete if edge.proven else "numerical"
    return replace(answer, found=(*answer.found, *new), complete=complete), a or low, b or high


def _one_place(f: Found, g: Found) -> bool:
    return all(x == y or number(x, 90).overlaps(number(y, 90)) for x, y in zip(f.at, g.at, strict=True))


def climb(problem: Problem) -> Answer:
    """The first rung of the ladder that holds."""
    for rung in RUNGS:
        now = monotonic()
        share = 1.0 if rung is RUNGS[-1] else SHARE
        try:
            found = rung(replace(problem, deadline=now + share * (problem.deadline - now)), climb)
            return within(problem, existing(problem, found))
        except OutOfTime:
            if monotonic() > problem.deadline:
                return Answer((), "numerical", LATE)
        except (SymnetError, ArithmeticError, LookupError, NotImplementedError, TypeError, ValueError, PolynomialError):
            continue
    return Answer((), "numerical", "no method applied; nothing is proven")


def _box(names: Sequence[str], domain: Mapping[str, Any] | None) -> tuple[Side, ...]:
    given = {n: domain_of(n, domain) for n in names}
    return tuple(EVERYTHING if d is None else _interval(d, n) for n, d in given.items())


def _interval(given: Any, name: str) -> Side:
    """An interval as the methods for one variable read it, its ends as SymPy numbers."""
    from ..spans import span_of

    i = span_of(given, name)
    if i.holes:
        raise DomainError(f"a domain that leaves out a point ({quote(i.text)}) is read for functions of one name only")
    low = -sp.oo if i.low.at is None else i.low.at.sympy()
    high = sp.oo if i.high.at is None else i.high.at.sympy()
    return Side(low, high, not i.low.closed, not i.high.closed)


# ---------------------------------------------------------------------------------------------------------- the answer
def _shown(value: Term, problem: Problem, a: Answer, low: Bound | None, high: Bound | None, domain: Any) -> Stationary:
    names = tuple(v.name for v in problem.variables)
    points = tuple(_point(names, f, low, high) for f in _ascending(a.found))
    window = None
    if a.endless:
        window = lambda w: tuple(  # noqa: E731
            _point(names, f, low, high) for f in _ascending(_within(problem, a, w))
        )
    return Stationary(
        expr=value, wrt=names, points=points, complete=a.complete, certificate=a.certificate,
        minimum=_extremum(problem, low, points), maximum=_extremum(problem, high, points), family=_family(problem, a),
        critical_set=tuple(_set(s) for s in a.sets) or None, notes=(*a.notes, *dict.fromkeys(edges(problem))),
        domain={n: str(d) for n in names if (d := domain_of(n, domain)) is not None}, window=window, lines=_lines,
        picture=draw(domain) if len(names) == 2 else None,
    )  # fmt: skip


def _lines(s: Stationary) -> tuple[Any, ...]:
    """The gradient, every partial derivative by its rules: the points are where all of them are 0."""
    from ...vectors import gradient

    try:
        return tuple(gradient(s.expr, list(s.wrt)).parts)
    except SymnetError:
        return ()


def _ascending(found: Sequence[Found]) -> list[Found]:
    return sorted(found, key=lambda f: tuple(float(number(x, 128).mid()) for x in f.at))


def _point(names: Sequence[str], f: Found, low: Bound | None, high: Bound | None) -> StationaryPoint:
    approx = {n: _digits(x) for n, x in zip(names, f.at, strict=True)}
    reach = ""
    for kind, bound in (("min", low), ("max", high)):
        if f.kind == kind and bound is not None:
            reach = "global" if bound.attained and _reaches(f.value, bound.value) else "local"
    at = dict(zip(names, f.at, strict=True))
    enclosure = None if f.radius is None else {n: ends(b) for n, b in zip(names, f.radius, strict=True)}
    return StationaryPoint(at, approx, f.value, f.kind, f.type, reach, f.exact, enclosure, _digits(f.value))


def _reaches(value: Any, bound: Any) -> bool:
    """Whether a value is proven to be the extreme one."""
    try:
        return same_value(value, bound)
    except SymnetError:
        return False


def _digits(x: Any) -> Any:
    b = number(x, 80)
    return sp.Float(b.mid().str(20, radius=False), 15)


def _extremum(problem: Problem, b: Bound | None, points: Sequence[StationaryPoint]) -> Extremum | None:
    if b is None or b.attained is None:
        return None
    if not b.attained:
        return Extremum(b.value, False, (), b.how, None if b.value.is_infinite else _digits(b.value))
    places = tuple(p.at for p in points if _reaches(p.value, b.value))
    return Extremum(b.value, True, places, "" if places else _example(problem, b.value), _digits(b.value))


def _example(problem: Problem, value: Any) -> str:
    """One place with this value among simple ones."""
    from ..answer import at_text

    names = [v.name for v in problem.variables]
    near = sorted(product(range(-3, 4), repeat=len(names)), key=lambda p: (sum(map(abs, p)), [-x for x in p]))
    for place in near[:TRIED]:
        at = tuple(map(sp.Integer, place))
        if not problem.holds(at):
            continue
        here = problem.expr.subs(dict(zip(problem.variables, at, strict=True)))
        if here.is_real and _reaches(here, value):
            return f"for example at {at_text(dict(zip(names, at, strict=True)))}"
    return "on the edge of the domain or on a set that is not listed"


def _set(s: Any) -> CriticalSet:
    from ...bridge import from_sympy

    return CriticalSet(tuple(from_sympy(e) for e in s.equations), s.words, s.kind)


def _family(problem: Problem, a: Answer) -> str | None:
    if not a.endless or not (a.found or a.sets or a.window):
        return None
    if not a.periods:
        return "There may be points outside of the window that is listed; `within` gives those of another window."
    from ...bridge import from_sympy
    from ...names import unicode

    parts = [
        f"{unicode(v.name)} of period {from_sympy(p).text()}"
        for v, p in zip(problem.variables, a.periods, strict=True)
        if p is not None
    ]
    return "These points repeat: " + ", ".join(parts) + "."


def _within(problem: Problem, a: Answer, window: Mapping[str, Any]) -> list[Found]:
    """The points of an infinite family in a window."""
    box = tuple(
        closed(window[v.name]) if v.name in window else i for v, i in zip(problem.variables, problem.box, strict=True)
    )
    if a.window is not None:
        return list(a.window(box))
    inner = Problem(problem.expr, problem.variables, box, problem.deadline)
    return [g for f in a.found for g in repeated(inner, f, a.periods) if inner.holds(g.at)]


def closed(window: Any) -> Side:
    return replace(_interval(window, "x"), low_open=False, high_open=False)
