"""The range of a function: through sums and products over separate names, through outer and inner functions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import sympy as sp
from flint import arb
from sympy.polys.polyerrors import PolynomialError

from ...balls import precision
from ...errors import SymnetError
from .attained import bowl, by_convexity, decaying, periodic, under_a_root
from .critical import NOTHING, Range, one_variable, polynomial, single, values_of
from .extremes import Bound, Known, below, same_value
from .forms import expanded, factored, shortened
from .hulls import ENDS, at_end
from .problem import EVERYTHING, Answer, OutOfTime, Problem, Side
from .tape import Tape, number
from .written import as_written, coercive, rational

oo, ZERO = sp.oo, sp.Integer(0)


def swap(r: Range) -> Range:
    """The range of −f."""
    low, high = r
    return (-high if high else None, -low if low else None)


def range_of(problem: Problem, e: Any, known: Known | None = None) -> Range:
    """What is known of the infimum and the supremum of `e` over the box of the problem."""
    problem.check()
    names = [v for v in problem.variables if e.has(v)]
    if not names:
        return Bound(e, True), Bound(e, True)
    low: Bound | None = None
    high: Bound | None = None
    for method in METHODS:
        try:
            a, b = method(problem, e, names, known)
        except (SymnetError, ArithmeticError, NotImplementedError, ValueError, TypeError, LookupError, PolynomialError):
            continue
        low, high = low or a, high or b
        if low and high and low.attained is not None and high.attained is not None:
            break
    return low, high


# ------------------------------------------------------------------------------------------- sums and products


def _separate_sum(problem: Problem, e: Any, names: Sequence[Any], known: Known | None) -> Range:
    """A sum of functions of separate names: bounds add up."""
    groups = separate(sp.Add.make_args(e if e.is_Add else expanded(e)), names, sp.Add)
    if groups is None:
        return NOTHING
    ranges = [range_of(problem, g) for g in groups]
    return _added([r[0] for r in ranges]), _added([r[1] for r in ranges])


def separate(parts: Sequence[Any], names: Sequence[Any], join: Any) -> list[Any] | None:
    """The parts joined to groups that share no name; None where there is only one group."""
    groups: list[tuple[list[Any], list[Any]]] = []
    constants = []
    for part in parts:
        mine = [v for v in names if part.has(v)]
        if not mine:
            constants.append(part)
            continue
        touching = [g for g in groups if any(v in g[0] for v in mine)]
        merged = ([*mine, *(v for g in touching for v in g[0])], [*(p for g in touching for p in g[1]), part])
        groups = [g for g in groups if g not in touching] + [merged]
    if len(groups) < 2:
        return None
    return [*(join(*g[1]) for g in groups), *([join(*constants)] if constants else [])]


def _added(bounds: Sequence[Bound | None]) -> Bound | None:
    known = [b for b in bounds if b is not None]
    infinite = [b for b in known if b.value in (oo, -oo)]
    if infinite:
        return infinite[0]
    if len(known) < len(bounds):
        return None
    attained = None if any(b.attained is None for b in known) else all(b.attained for b in known)
    how = "; ".join(b.how for b in known if b.how and not b.attained)
    return Bound(sp.Add(*(b.value for b in known)), attained, how)


def _separate_product(problem: Problem, e: Any, names: Sequence[Any], known: Known | None) -> Range:
    """A product of functions of separate names: the extreme products of the ends of their ranges."""
    groups = separate(sp.Mul.make_args(e if e.is_Mul else factored(e)), names, sp.Mul)
    if groups is None:
        return NOTHING
    whole = range_of(problem, groups[0])
    for g in groups[1:]:
        whole = _times(whole, range_of(problem, g))
    return whole


def _times(a: Range, b: Range) -> Range:
    if None in (*a, *b):
        return NOTHING
    corners = [_product(x, y) for x, y in product(a, b)]  # type: ignore[arg-type]
    if any(c is None for c in corners):
        return NOTHING
    return _extreme(corners, least_first=True), _extreme(corners, least_first=False)


def _product(x: Bound, y: Bound) -> Bound | None:
    if x.value in (oo, -oo) or y.value in (oo, -oo):
        if x.value == 0 or y.value == 0:
            zero = x if x.value == 0 else y
            return Bound(ZERO, True if zero.attained else None)
        return Bound(x.value * y.value, False, x.how or y.how)
    if (x.value == 0 and x.attained) or (y.value == 0 and y.attained):
        return Bound(ZERO, True)
    return Bound(x.value * y.value, bool(x.attained and y.attained), "; ".join(h for h in (x.how, y.how) if h))


def _extreme(corners: Sequence[Bound | None], least_first: bool) -> Bound | None:
    best: Bound | None = None
    for c in corners:
        assert c is not None
        if (
            best is None
            or (below(c.value, best.value) if least_first else below(best.value, c.value))
            or (same_value(c.value, best.value) and c.attained and not best.attained)
        ):
            best = c
    return best


# ------------------------------------------------------------------------------------------- monotone outer functions


def _outer(problem: Problem, e: Any, names: Sequence[Any], known: Known | None) -> Range:
    """An increasing function of another function, a number times it, or a number more than it."""
    c, rest = e.as_independent(*names, as_Add=e.is_Add)
    if e.is_Add and c != 0:
        inner = range_of(problem, rest)
        return tuple(b and Bound(b.value + c, b.attained, b.how) for b in inner)  # type: ignore[return-value]
    if e.is_Mul and c != 1:
        inner = range_of(problem, rest)
        inner = inner if number(c, 128) > 0 else swap(inner)
        c = abs(c)
        return tuple(b and Bound(b.value * c, b.attained, b.how) for b in inner)  # type: ignore[return-value]
    if e.func in ENDS:
        return _through(e.func, e.args[0], range_of(problem, e.args[0]), names)
    if e.is_Pow and e.exp.is_Rational:
        return _of_power(range_of(problem, e.base), e.exp)
    return NOTHING


def _through(f: Any, u: Any, inner: Range, names: Sequence[Any]) -> Range:
    """The range of f(u) for an increasing f."""
    low, high = (b and _bound_at(f, b) for b in inner)
    if f is sp.log and u.is_polynomial(*names) and _changes_sign(inner):  # continuous: it takes every small value
        from ...bridge import from_sympy

        low = Bound(-oo, False, f"{from_sympy(u).text()} → 0")
    return low, high


def _changes_sign(r: Range) -> bool:
    low, high = r
    return low is not None and high is not None and below(low.value, ZERO) and below(ZERO, high.value)


def _bound_at(f: Any, b: Bound) -> Bound | None:
    value = at_end(f, b.value)
    if value is None:  # an end outside of the domain of f says nothing
        return None
    return Bound(value, False if value in (oo, -oo) else b.attained, b.how)


def _raised(inner: Range, k: Any) -> Range:
    """The range of u^k where that increases with u."""
    low, high = (b and Bound(b.value**k, b.attained and b.value not in (oo, -oo), b.how) for b in inner)
    return low, high


def _of_power(inner: Range, k: Any) -> Range:
    low, high = inner
    if k.is_Integer and k % 2 and k > 0:
        return _raised(inner, k)
    if low is not None and low.value not in (oo, -oo) and not below(low.value, ZERO):
        if k > 0:
            return _raised(inner, k)
        if low.value == 0 and low.attained:
            return NOTHING
        top = Bound(oo, False, low.how) if low.value == 0 else Bound(low.value**k, low.attained, low.how)
        if high is None:
            return None, top
        bottom = Bound(ZERO, False, high.how) if high.value == oo else Bound(high.value**k, high.attained)
        return bottom, top
    if k.is_Integer and k % 2 == 0 and k > 0 and low is not None and high is not None:
        if low.value in (oo, -oo) or high.value in (oo, -oo):
            top = Bound(oo, False, low.how or high.how)
        else:
            top = _extreme([Bound(b.value**k, b.attained) for b in (low, high)], least_first=False)  # type: ignore[assignment]
        if below(low.value, ZERO) and below(ZERO, high.value):
            return Bound(ZERO, True), top
    return NOTHING


# ------------------------------------------------------------------------------------------------- other names


def _square_completed(problem: Problem, e: Any, names: Sequence[Any], known: Known | None) -> Range:
    """a v² + b v + c with a > 0 in a name that occurs nowhere else: its least value over v is c − b²/(4a)."""
    if not problem.everywhere or e.is_polynomial(*names):
        return NOTHING
    for v in names:
        f = expanded(e)
        if len(names) < 2 or not f.is_polynomial(v) or sp.degree(f, v) != 2:
            continue
        a, b, c = sp.Poly(f, v).all_coeffs()
        a = sp.factor_terms(a)
        sign = 1 if a.is_positive else -1 if a.is_negative else 0
        if sign:
            found = range_of(problem, shortened(c - b**2 / (4 * a)))[0 if sign > 0 else 1]
            return (found, None) if sign > 0 else (None, found)
    return NOTHING


def _positive(problem: Problem, e: Any, names: Sequence[Any], known: Known | None) -> Range:
    """Names that are positive: the same values over all of space, with x = eˢ."""
    boxes = dict(zip(problem.variables, problem.box, strict=True))
    half = [v for v in names if boxes[v].low == 0 and boxes[v].high == oo and boxes[v].low_open]
    if not half or not all(v in half or boxes[v].everything for v in names):
        return NOTHING
    inner = sp.powsimp(expanded(e.subs({v: sp.exp(v) for v in half}, simultaneous=True)))
    whole = Problem(inner, problem.variables, (EVERYTHING,) * len(problem.variables), problem.deadline)
    low, high = range_of(whole, inner, known)
    how = "the point goes to an end of its domain"
    return tuple(b and Bound(b.value, b.attained, how if b.how else "") for b in (low, high))  # type: ignore[return-value]


def _inner(problem: Problem, e: Any, names: Sequence[Any], known: Known | None) -> Range:
    """h(u) with one inner function u of all the names: the range of h over the range of u."""
    found = composed(e, names)
    if found is None:
        return NOTHING
    u, h, t = found
    low, high = range_of(problem, u)
    if low is None or high is None or low.attained is None or high.attained is None:
        return NOTHING
    from ...bridge import from_sympy

    name = from_sympy(u).text()
    bounds = one_variable(problem, h, t, Side(low.value, high.value, not low.attained, not high.attained))
    return tuple(  # type: ignore[return-value]
        b and Bound(b.value, b.attained, b.how.replace("t →", f"{name} →")) for b in bounds
    )


def composed(e: Any, names: Sequence[Any]) -> tuple[Any, Any, Any] | None:
    """An inner function u, the outer h and its name, where e = h(u) and u is not one name alone."""
    t = sp.Symbol("t", real=True)
    tried: dict[Any, None] = {}
    for node in sp.preorder_traversal(e):
        if node.is_Function or (node.is_Pow and not node.base.is_Symbol):
            u = node.args[0].as_independent(*names, as_Add=False)[1] if node.args[0].is_Mul else node.args[0]
            tried[u] = None
        elif node.is_Mul:
            tried[sp.Mul(*(a for a in node.args if a.is_Symbol and a in names))] = None
    for u in tried:
        if len([v for v in names if u.has(v)]) == len(names) > 1:
            whole = u - u.as_independent(*names, as_Add=True)[0] if u.is_Add else u
            h = _in_terms_of(e, whole, t, names) if _parallel(e, whole, names) else None
            if h is not None:
                return whole, h, t
    return None


def _parallel(e: Any, u: Any, names: Sequence[Any]) -> bool:
    """Whether the gradients of e and u may be parallel everywhere: they are at one point, as far as balls tell."""
    tape = Tape([sp.diff(f, v) for f in (e, u) for v in names], names)
    with precision(128):
        values = tape([arb(k + 3) / (2 * k + 5) for k in range(len(names))])
    n = len(names)
    a, b = values[:n], values[n:]
    minors = [a[i] * b[j] - a[j] * b[i] for i in range(n) for j in range(i)]
    return all(m.contains(0) or not m.is_finite() for m in minors)


def _in_terms_of(e: Any, u: Any, t: Any, names: Sequence[Any]) -> Any | None:
    """e as a function of u alone, where one monomial of u gives the others away."""
    h = e.subs(u, t)
    if not h.has(*names):
        return h
    first = sp.Add.make_args(expanded(u))[0]
    c, m = first.as_coeff_Mul()
    h = e.subs(m, (t - (expanded(u) - first)) / c)
    h = shortened(h) if h.has(*names) else h
    return None if h.has(*names) else h


METHODS = (
    bowl,
    polynomial,
    single,
    _separate_sum,
    _separate_product,
    _outer,
    _inner,
    _positive,
    decaying,
    periodic,
    under_a_root,
    by_convexity,
    coercive,
    rational,
    _square_completed,
    as_written,
)


def attempt(problem: Problem, answer: Answer) -> Range:
    try:
        return range_of(problem, problem.expr, values_of(answer))
    except OutOfTime:
        return NOTHING
