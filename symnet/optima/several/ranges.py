"""The range of a function: through monotone outer functions, separate names, written bounds, growth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from math import gcd
from time import monotonic
from typing import Any

import sympy as sp
from flint import arb, fmpq
from sympy.polys.polyerrors import PolynomialError

from ...balls import precision
from ...errors import SymnetError
from . import local
from .convexity import convex
from .extremes import Bound, Known, _equal, below, definite, least, polynomial_infimum
from .problem import EVERYTHING, SEARCHED, WINDOW, Answer, Interval, OutOfTime, Problem
from .tape import Tape, number

oo = sp.oo
Range = tuple[Bound | None, Bound | None]  # infimum, supremum
NOTHING: Range = (None, None)


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


# ------------------------------------------------------------------------------------------------------------ methods
def _polynomial(problem: Problem, e: Any, names: Sequence[Any], known: Known | None) -> Range:
    if not problem.everywhere or not e.is_polynomial(*names):
        return NOTHING
    f = sp.expand(e)
    if not all(c.is_Rational for c in sp.Poly(f, *names).coeffs()):
        return NOTHING
    known = known or critical_values(problem, e, names)
    low = polynomial_infimum(f, names, known, problem.check)
    other = Known(None if known.values is None else tuple(-v for v in known.values))
    high = polynomial_infimum(-f, names, other, problem.check)
    return low, -high if high else None


def critical_values(problem: Problem, e: Any, names: Sequence[Any]) -> Known:
    """The values at the stationary points of a part of the function."""
    from .algebraic import algebraic

    boxes = tuple(i for v, i in zip(problem.variables, problem.box, strict=True) if v in names)
    try:
        a = algebraic(Problem(e, tuple(names), boxes, problem.deadline))
    except SymnetError:
        return Known(None)
    return values_of(a)


def values_of(a: Answer) -> Known:
    seen = (*(f.value for f in a.found), *(v for s in a.sets for v in s.values))
    reach = WINDOW if a.complete == SEARCHED else 0
    whole = a.complete == "proven" and all(s.values for s in a.sets)
    inner = [f for f in a.found if f.type != "boundary"]
    lows, highs = (
        (*(f.value for f in inner if f.kind == k), *(v for s in a.sets if s.kind == k for v in s.values))
        for k in ("min", "max")
    )
    return Known(seen if whole else None, seen, lows, highs, reach)


def _single(problem: Problem, e: Any, names: Sequence[Any], known: Known | None) -> Range:
    """One name: the answer of the methods for one variable."""
    if len(names) != 1:
        return NOTHING
    interval = next(i for v, i in zip(problem.variables, problem.box, strict=True) if v == names[0])
    return one_variable(problem, e, names[0], interval)


def one_variable(problem: Problem, e: Any, v: Any, interval: Any = EVERYTHING) -> Range:
    a = solved_in_one(problem, e, v, interval)
    return tuple(  # type: ignore[return-value]
        None if x is None else Bound(x.value, bool(x.attained), x.approached) for x in (a.minimum, a.maximum)
    )


def solved_in_one(problem: Problem, e: Any, v: Any, interval: Any = EVERYTHING) -> Any:
    """The stationary points of a function of one name, by the methods for one variable."""
    from ...bridge import from_sympy
    from ..single import solve

    domain = None if interval.everything else {v.name: interval_text(interval)}
    return solve(from_sympy(e), v.name, domain, min(problem.deadline, monotonic() + 5))


def interval_text(i: Any) -> str:
    from ...bridge import from_sympy

    ends = [str(x) if x in (oo, -oo) else str(from_sympy(x)) for x in (i.low, i.high)]
    return f"{'(' if i.low_open else '['}{ends[0]}, {ends[1]}{')' if i.high_open else ']'}"


def _separate_sum(problem: Problem, e: Any, names: Sequence[Any], known: Known | None) -> Range:
    """A sum of functions of separate names: bounds add up."""
    groups = separate(sp.Add.make_args(e if e.is_Add else sp.expand(e)), names, sp.Add)
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
    groups = separate(sp.Mul.make_args(e if e.is_Mul else sp.factor(e)), names, sp.Mul)
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
            return Bound(sp.Integer(0), True if zero.attained else None)
        return Bound(x.value * y.value, False, x.how or y.how)
    if (x.value == 0 and x.attained) or (y.value == 0 and y.attained):
        return Bound(sp.Integer(0), True)
    return Bound(x.value * y.value, bool(x.attained and y.attained), "; ".join(h for h in (x.how, y.how) if h))


def _extreme(corners: Sequence[Bound | None], least_first: bool) -> Bound | None:
    best: Bound | None = None
    for c in corners:
        assert c is not None
        if (
            best is None
            or (below(c.value, best.value) if least_first else below(best.value, c.value))
            or (_same_value(c.value, best.value) and c.attained and not best.attained)
        ):
            best = c
    return best


def _same_value(a: Any, b: Any) -> bool:
    return bool(a == b) or (a not in (oo, -oo) and b not in (oo, -oo) and _equal(a, b))


# ------------------------------------------------------------------------------------------- monotone outer functions
def _limit(f: Callable[[Any], Any], at: Any) -> Any:
    """The value at a number or at ±∞; the limit where there is no value."""
    value = f(at)
    if at not in (oo, -oo) or value.is_extended_real:
        return value
    x = sp.Dummy("x", real=True)
    return sp.limit(f(x), x, at)


INCREASING = (sp.exp, sp.atan, sp.tanh, sp.sinh, sp.asinh, sp.erf, sp.log, sp.acosh, sp.asin, sp.atanh)


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
    if e.func in INCREASING:
        return _through(range_of(problem, e.args[0]), e.func)
    if e.is_Pow and e.exp.is_Rational:
        return _of_power(range_of(problem, e.base), e.exp)
    return NOTHING


def _through(inner: Range, f: Callable[[Any], Any]) -> Range:
    out: list[Bound | None] = []
    for b in inner:
        if b is None:
            out.append(None)
            continue
        value = _limit(f, b.value)
        if value.has(sp.zoo, sp.nan) or not value.is_extended_real:
            if f is not sp.log or b.value != 0:  # an end outside the domain of f says nothing
                out.append(None)
                continue
            value = -oo
        infinite = value in (oo, -oo)
        out.append(Bound(value, False if infinite else b.attained, b.how))
    return out[0], out[1]


def _of_power(inner: Range, k: Any) -> Range:
    low, high = inner
    if k.is_Integer and k % 2 and k > 0:
        return _through(inner, lambda x: x**k)
    if low is not None and low.value not in (oo, -oo) and not below(low.value, sp.Integer(0)):
        if k > 0:
            return _through(inner, lambda x: x**k)
        if low.value == 0 and low.attained:
            return NOTHING
        top = Bound(oo, False, low.how) if low.value == 0 else Bound(low.value**k, low.attained, low.how)
        if high is None:
            return None, top
        bottom = Bound(sp.Integer(0), False, high.how) if high.value == oo else Bound(high.value**k, high.attained)
        return bottom, top
    if k.is_Integer and k % 2 == 0 and k > 0 and low is not None and high is not None:
        if low.value in (oo, -oo) or high.value in (oo, -oo):
            top = Bound(oo, False, low.how or high.how)
        else:
            top = _extreme([Bound(b.value**k, b.attained) for b in (low, high)], least_first=False)  # type: ignore[assignment]
        if below(low.value, sp.Integer(0)) and below(sp.Integer(0), high.value):
            return Bound(sp.Integer(0), True), top
    return NOTHING


# ------------------------------------------------------------------------------------------ functions that die away
def _decaying(problem: Problem, e: Any, names: Sequence[Any], known: Known | None) -> Range:
    """A constant and terms that vanish at infinity: the extremes are critical values or the constant, approached."""
    if not problem.everywhere or known is None:
        return NOTHING
    if known.values is None:
        return _peaks(e, names, known)
    constant, rest = sp.expand(e, power_exp=False).as_independent(*names, as_Add=True)
    if not all(vanishes(t, names, problem) for t in sp.Add.make_args(sp.powsimp(rest))):
        constant, rest = sp.Integer(0), e
        if not all(vanishes(t, names, problem) for t in sp.Add.make_args(sp.together(e))):
            return NOTHING
    at_infinity = Bound(constant, None)
    out = []
    for sign in (1, -1):
        values = [sign * v for v in known.values]
        best = least(values) if values else None
        limit = sign * at_infinity.value
        if best is not None and not below(limit, best):
            out.append(Bound(sign * best, True))
        else:
            out.append(Bound(sign * limit, False, "the point goes to infinity"))
    return out[0], out[1]


def _peaks(e: Any, names: Sequence[Any], known: Known) -> Range:
    """Sums of polynomial · exp(q), q a negative definite quadratic, whose points are all known up to a radius:
    an extreme value is the one if all that lies outside of the radius is smaller."""
    far = (
        [_far(t, names, known.reach) for t in sp.Add.make_args(sp.expand(e, power_exp=False))]
        if known.reach
        else [None]
    )
    if None in far:
        return NOTHING
    outside = sp.Add(*far)
    low, high = (least([s * v for v in (*known.seen, sp.Integer(0))]) for s in (1, -1))
    return (
        Bound(low, True) if below(low, -outside) else None,
        Bound(-high, True) if below(high, -outside) else None,
    )


def _far(t: Any, names: Sequence[Any], radius: int) -> Any | None:
    """A bound of |c xᵃ e^q| where |x| ≥ radius: |c| r^|a| e^(−λ r² + |b| r + d), falling from there on."""
    t = sp.powsimp(t)
    exponents = [f.args[0] for f in sp.Mul.make_args(t) if isinstance(f, sp.exp)]
    rest = sp.Mul(*(f for f in sp.Mul.make_args(t) if not isinstance(f, sp.exp)))
    q = sp.expand(sp.Add(*exponents))
    if not exponents or not rest.is_polynomial(*names) or not q.is_polynomial(*names):
        return None
    p, (power, c) = sp.Poly(-q, *names), sp.Poly(rest, *names).terms()[0]
    parts = [{m: v for m, v in p.terms() if sum(m) == k} for k in range(3)]
    if p.total_degree() != 2 or not all(v.is_Rational for v in p.coeffs()):
        return None
    slow = local.least_eigenvalue({m: fmpq(int(v.p), int(v.q)) for m, v in parts[2].items()}, len(names))
    if slow is None:
        return None
    rate, side = sp.Rational(int(slow.p), int(slow.q)), sp.Add(*(abs(v) for v in parts[1].values()))
    if sum(power) / sp.Integer(radius) - 2 * rate * radius + side >= 0:
        return None
    start = -sp.Add(*parts[0].values())
    return abs(c) * sp.Integer(radius) ** sum(power) * sp.exp(-rate * radius**2 + side * radius + start)


def vanishes(t: Any, names: Sequence[Any], problem: Problem) -> bool:
    """polynomial · exp(q) with a negative definite leading form of q, or p/q with deg p < deg q and q definite."""
    top, bottom = t.as_numer_denom()
    exponent, rest = sp.Integer(0), []
    for sign, side in ((1, top), (-1, bottom)):
        for f in sp.Mul.make_args(sp.powsimp(side)):
            if isinstance(f, sp.exp):
                exponent += sign * f.args[0]
            else:
                rest.append((sign, f))
    if not all(f.is_polynomial(*names) for _, f in rest):
        return False
    if exponent != 0:
        return all(s > 0 or not f.has(*names) for s, f in rest) and _definite(-exponent, names, problem)
    above = sp.Poly(sp.Mul(*(f for s, f in rest if s > 0)), *names)
    under = sp.Mul(*(f for s, f in rest if s < 0))
    if not under.has(*names):
        return False
    return above.total_degree() < sp.Poly(under, *names).total_degree() and _definite(under, names, problem)


def _definite(q: Any, names: Sequence[Any], problem: Problem) -> bool:
    if not q.is_polynomial(*names):
        return False
    p = sp.Poly(sp.expand(q), *names)
    d = p.total_degree()
    if d < 1 or not all(c.is_Rational for c in p.coeffs()):
        return False
    return definite([(m, c) for m, c in p.terms() if sum(m) == d], len(names), problem.check)


# -------------------------------------------------------------------------------------------------------- the torus
def _periodic(problem: Problem, e: Any, names: Sequence[Any], known: Known | None) -> Range:
    """Periodic in every name, or on a closed box: a continuous function takes its extremes at the points found."""
    if known is None or not known.values:
        return NOTHING
    if not all(_has_period(e, v) and i.everything for v, i in zip(problem.variables, problem.box, strict=True)):
        return NOTHING
    if e.atoms(sp.log, sp.tan, sp.cot, sp.sec, sp.csc) or any(p.exp.is_negative for p in e.atoms(sp.Pow)):
        return NOTHING
    return Bound(least(known.values), True), Bound(-least([-v for v in known.values]), True)


def _has_period(e: Any, v: Any) -> bool:
    """Every occurrence of the name is inside a sine or a cosine of a sum with a rational multiple of it."""
    outside = e.replace(lambda n: isinstance(n, sp.sin | sp.cos), lambda n: sp.Dummy())
    if outside.has(v):
        return False
    slopes = [sp.diff(n.args[0], v) for n in e.atoms(sp.sin, sp.cos)]
    units = [s / sp.pi if s.has(sp.pi) else s for s in slopes]
    return all(u.is_Rational for u in units) and len({s.has(sp.pi) for s in slopes if s != 0}) < 2


def _under_a_root(problem: Problem, e: Any, names: Sequence[Any], known: Known | None) -> Range:
    """Polynomials and √q where q ≥ 0 on a bounded set only, e constant where q = 0: its points, and that border."""
    roots = [p for p in e.atoms(sp.Pow) if not p.exp.is_Integer]
    if not problem.everywhere or known is None or known.values is None or len({p.base for p in roots}) != 1:
        return NOTHING
    q, r = roots[0].base, sp.Dummy("r", nonnegative=True)
    inner = e.subs({p: r ** (2 * p.exp) for p in roots}, simultaneous=True)
    if not inner.is_polynomial(r, *names) or not _definite(-q, names, problem):
        return NOTHING
    edge = sp.expand(inner.subs(r, 0))
    if not edge.is_Rational or (top := _greatest(problem, q, names)) is None or not top > 0:
        return NOTHING
    values = (*known.values, edge)
    return Bound(least(values), True), Bound(-least([-v for v in values]), True)


def _greatest(problem: Problem, q: Any, names: Sequence[Any]) -> Any | None:
    """The greatest value of a polynomial, if it is known and rational."""
    high = _polynomial(problem, q, names, None)[1]
    return high.value if high is not None and high.value.is_Rational else None


# --------------------------------------------------------------------------------------------------- bounds as written
def _rational(problem: Problem, e: Any, names: Sequence[Any], known: Known | None) -> Range:
    """p/q with q > 0: M bounds it if M q − p is nowhere negative; M is a critical value or a limit along a line."""
    if not problem.everywhere or known is None or known.values is None or not e.is_rational_function(*names):
        return NOTHING
    p, q = sp.fraction(sp.together(e))
    if not q.has(*names):
        return NOTHING
    positive = polynomial_infimum(sp.expand(q), names, critical_values(problem, q, names), problem.check)
    if positive is None or not positive.value.is_finite or not number(positive.value, 128) > 0:
        return NOTHING
    t = sp.Symbol("t", real=True)
    out: list[Bound | None] = []
    for sign in (1, -1):
        limits = []
        for line in _promising(problem, sign, e, names):
            b = one_variable(problem, e.subs({v: a + d * t for v, (a, d) in zip(names, line, strict=True)}), t)
            found = b[0] if sign > 0 else b[1]
            limits += [sign * found.value] if found is not None else []
        m = least([*limits, *(sign * v for v in known.values)]) if limits or known.values else None
        if m is None or m == -oo:
            out.append(None if m is None else Bound(-sign * oo, False, "the point goes to infinity"))
            continue
        gap = sp.expand(sign * p - m * q)
        lowest = polynomial_infimum(gap, names, critical_values(problem, gap, names), problem.check)
        proven = lowest is not None and lowest.value.is_finite and not below(lowest.value, sp.Integer(0))
        taken = any(_same_value(sign * v, m) for v in known.values)
        how = "" if taken else "the point goes to infinity"
        out.append(Bound(sign * m, taken, how) if proven else None)
    return out[0], out[1]


def _square_completed(problem: Problem, e: Any, names: Sequence[Any], known: Known | None) -> Range:
    """a v² + b v + c with a > 0 in a name that occurs nowhere else: its least value over v is c − b²/(4a)."""
    if not problem.everywhere or e.is_polynomial(*names):
        return NOTHING
    for v in names:
        f = sp.expand(e)
        if len(names) < 2 or not f.is_polynomial(v) or sp.degree(f, v) != 2:
            continue
        a, b, c = sp.Poly(f, v).all_coeffs()
        a = sp.factor_terms(a)
        sign = 1 if a.is_positive else -1 if a.is_negative else 0
        if sign:
            found = range_of(problem, sp.simplify(c - b**2 / (4 * a)))[0 if sign > 0 else 1]
            return (found, None) if sign > 0 else (None, found)
    return NOTHING


def fused(e: Any) -> Any:
    """log S + a with one logarithm of a sum of exponentials as log(S eᵃ), whose bounds are seen at once."""
    logs = [t for t in sp.Add.make_args(e) if isinstance(t, sp.log)]
    if len(logs) != 1:
        return e
    return sp.log(sp.powsimp(sp.expand(logs[0].args[0] * sp.exp(e - logs[0]), power_exp=False)))


def _written(problem: Problem, e: Any, names: Sequence[Any], known: Known | None) -> Range:
    """The bounds that the written form shows, where a critical value or a curve reaches them."""
    box = dict(zip(problem.variables, problem.box, strict=True))
    low, high = hull(e, box)
    a, b = hull(fused(e), box)
    low, high = -least([-low, -a]), least([high, b])
    out: list[Bound | None] = []
    for sign, end in ((1, low), (-1, high)):
        out.append(_reached(problem, sign, e, names, known, end))
    return out[0], out[1]


def _reached(problem: Problem, sign: int, e: Any, names: Sequence[Any], known: Known | None, end: Any) -> Bound | None:
    """The bound `end`, or none, where a critical value or the values along a straight line reach it."""
    values = known.values if known is not None else None
    if known is not None and end not in (oo, -oo) and any(_same_value(v, end) for v in known.seen):
        return Bound(end, True)
    if not problem.everywhere:
        return None
    t = sp.Symbol("t", real=True)
    for direction in _promising(problem, sign, e, names):
        problem.check()
        g = e.subs({v: a + d * t for v, (a, d) in zip(names, direction, strict=True)}, simultaneous=True)
        if not _tame(g, t):
            continue
        try:
            lower, upper = one_variable(problem, g, t)
        except (SymnetError, ArithmeticError, LookupError):
            continue
        found = lower if sign > 0 else upper
        if found is None:
            continue
        if found.value == -sign * oo:
            return Bound(found.value, False, _direction_text(names, direction, found.how))
        if end not in (oo, -oo) and _same_value(found.value, end):
            if found.attained:
                return Bound(end, True)
            if values is not None or (sign * (e - end)).is_positive:
                return Bound(end, False, _direction_text(names, direction, found.how))
    return None


def _tame(g: Any, t: Any) -> bool:
    """Whether sines and cosines hold nothing but a + b t, and stand in no other function."""
    waves = g.atoms(sp.sin, sp.cos, sp.tan)
    if not all(sp.diff(w.args[0], t).is_number for w in waves):
        return False
    return not any(f.args[0].has(sp.sin, sp.cos, sp.tan) for f in g.atoms(sp.Function))


FAR = (7, 45)  # how far out the lines are compared
TRIED = 3
ASIDE = (1, -1, 2)  # what the other names are on lines along an axis
Line = tuple[tuple[int, int], ...]  # a + d t for each name


def _promising(problem: Problem, sign: int, e: Any, names: Sequence[Any]) -> list[Line]:
    """The lines on which the function is smallest far out (greatest for sign −1)."""
    tape = Tape([sign * e], names)
    rated = []
    with precision(192):
        for k, line in enumerate(_lines(len(names))):
            values = [tape([arb(a + c * d) for a, d in line])[0] for c in FAR]
            if all(v.is_finite() for v in values):
                rated.append((float(values[1].mid()), float(values[0].mid()), k, line))
    return [r[-1] for r in sorted(rated)[:TRIED]]


def _lines(n: int) -> list[Line]:
    top = 3 if n == 2 else 2 if n == 3 else 1
    through = [d for d in product(range(-top, top + 1), repeat=n) if any(d) and gcd(*d) == 1][:400]
    aside = [tuple((0, s) if i == k else (c, 0) for i in range(n)) for k in range(n) for c in ASIDE for s in (1, -1)]
    every = sorted(through, key=lambda d: (sum(map(abs, d)), d))
    return [tuple((0, x) for x in d) for d in every] + aside


def _direction_text(names: Sequence[Any], line: Line, how: str) -> str:
    parts = ", ".join(f"{v} = {_line_text(a, d)}" for v, (a, d) in zip(names, line, strict=True))
    return f"{how or 't → ∞'} along {parts}"


def _line_text(a: int, d: int) -> str:
    t = {0: "0", 1: "t", -1: "−t"}.get(d, f"{d} t".replace("-", "−"))
    return t if not a else str(a).replace("-", "−") if not d else f"{a} + {t}"


def _coercive(problem: Problem, e: Any, names: Sequence[Any], known: Known | None) -> Range:
    """A polynomial that grows in every direction, and a part that is bounded on one side: all small values in a box."""
    if not problem.everywhere or len(names) < 2:
        return NOTHING
    from .boxes import least_in

    terms = sp.Add.make_args(sp.expand(e))
    p = sp.Add(*(t for t in terms if t.is_polynomial(*names)))
    low, high = hull(sp.Add(*(t for t in terms if not t.is_polynomial(*names))), {})
    out: list[Bound | None] = []
    for sign, bound in ((1, low), (-1, -high)):
        box = _small_values(problem, sign * p, sign * e, names, bound) if bound.is_finite and p.has(*names) else None
        out.append(least_in(problem, sign * e, names, box) if box is not None else None)
    return out[0], -out[1] if out[1] else None


def _small_values(problem: Problem, p: Any, e: Any, names: Sequence[Any], bound: Any) -> list[Interval] | None:
    """A box outside of which e = p + rest is greater than at 0: p ≥ c v² + m for each name v."""
    here = e.subs(dict.fromkeys(names, sp.Integer(0)))
    if not here.is_finite:
        return None
    box = []
    for v in names:
        for c in (sp.Integer(1), sp.Rational(1, 4), sp.Rational(1, 20)):
            f = sp.expand(p - c * v**2)
            m = polynomial_infimum(f, names, critical_values(problem, f, names), problem.check)
            if m is not None and m.value.is_finite:
                break
        else:
            return None
        reach = float(number(sp.Max(0, (here - bound - m.value) / c), 64).abs_upper()) ** 0.5
        side = sp.Integer(int(reach * 1.01) + 1)
        box.append(Interval(-side, side, False, False))
    return box


def hull(e: Any, box: dict[Any, Any]) -> tuple[Any, Any]:
    """An interval that holds every value, from the written form; ends are SymPy numbers or ±∞."""
    if e.is_number:
        return e, e
    if e.is_Symbol:
        i = box.get(e, EVERYTHING)
        return i.low, i.high
    if e.is_Add:
        parts = [hull(a, box) for a in e.args]
        return sp.Add(*(p[0] for p in parts)), sp.Add(*(p[1] for p in parts))
    if e.is_Mul:
        if _share(e):
            return sp.Integer(0), sp.Integer(1)
        return _hull_product([hull(a, box) for a in e.args])
    if isinstance(e, sp.sin | sp.cos):
        return sp.Integer(-1), sp.Integer(1)
    if e.func in (sp.exp, sp.atan, sp.tanh, sp.erf, sp.sinh, sp.asinh):
        low, high = hull(e.args[0], box)
        return _limit(e.func, low), _limit(e.func, high)
    if isinstance(e, sp.log):
        a, b = hull(e.args[0], box)
        return (-oo if a == -oo or not below(sp.Integer(0), a) else sp.log(a), oo if b == oo else sp.log(b))
    if isinstance(e, sp.Abs):
        a, b = hull(e.args[0], box)
        top = sp.Max(abs(a), abs(b))
        return (a, b) if not below(a, sp.Integer(0)) else (sp.Integer(0), top)
    if isinstance(e, sp.Max | sp.Min):
        parts = [hull(a, box) for a in e.args]
        top = isinstance(e, sp.Max)
        lows, highs = [p[0] for p in parts], [p[1] for p in parts]
        return (-least([-x for x in lows]), -least([-x for x in highs])) if top else (least(lows), least(highs))
    if e.is_Pow and e.exp.is_Rational:
        return _hull_power(hull(e.base, box), e.exp)
    return -oo, oo


def _share(e: Any) -> bool:
    """a/(a + b + …) with positive parts: between 0 and 1."""
    top, bottom = sp.fraction(e)
    parts = sp.Add.make_args(sp.expand(bottom))
    return len(parts) > 1 and all(p.is_positive for p in parts) and sp.expand(top) in parts


def _hull_product(parts: Sequence[tuple[Any, Any]]) -> tuple[Any, Any]:
    low, high = parts[0]
    for a, b in parts[1:]:
        corners = [sp.Integer(0) if 0 in (x, y) else x * y for x in (low, high) for y in (a, b)]
        low, high = least(corners), -least([-c for c in corners])
    return low, high


def _hull_power(base: tuple[Any, Any], k: Any) -> tuple[Any, Any]:
    a, b = base
    zero = sp.Integer(0)
    if k.is_Integer and k % 2 and k > 0:
        return a**k, b**k
    if k > 0 and (k.is_Integer or k.q % 2 == 0 or not below(a, zero)):
        if not below(a, zero):
            return a**k, b**k
        if k.is_Integer:
            top = oo if oo in (-a, b) else -least([-(a**k), -(b**k)])
            return zero, top
        return zero, b**k
    if k < 0 and not below(a, zero):
        return (zero if b == oo else b**k), (oo if a == 0 else a**k)
    if k < 0 and k.is_Integer and k % 2 == 0:
        return zero, oo
    return -oo, oo


def _convex(problem: Problem, e: Any, names: Sequence[Any], known: Known | None) -> Range:
    """A convex function takes its least value at any stationary point; a concave one its greatest."""
    if known is None or not problem.everywhere:
        return NOTHING
    lows, highs = known.values or known.minima, known.values or known.maxima
    low = Bound(least(lows), True) if lows and convex(e, names) else None
    high = Bound(-least([-v for v in highs]), True) if highs and convex(-e, names) else None
    return low, high


def _bowl(problem: Problem, e: Any, names: Sequence[Any], known: Known | None) -> Range:
    """Positive multiples of v² for every name v, and a part with a lower bound as written: coercive."""
    if not problem.everywhere or known is None or not known.values or not e.is_polynomial(*names):
        return NOTHING
    out = [_least_in_bowl(sign * e, names, [sign * v for v in known.values]) for sign in (1, -1)]
    return out[0], -out[1] if out[1] else None


def _least_in_bowl(e: Any, names: Sequence[Any], values: Sequence[Any]) -> Bound | None:
    parts = [t for a in sp.Add.make_args(e) for t in (sp.Add.make_args(sp.expand(a)) if _pure(a, names) else (a,))]
    squares = {t.as_coeff_Mul()[1]: t for t in parts if _pure(t, names)}
    rest = sp.Add(*(t for t in parts if t not in squares.values()))
    if not all(v**2 in squares for v in names) or not hull(rest, {})[0].is_finite:
        return None
    return Bound(least(values), True)


def _pure(a: Any, names: Sequence[Any]) -> bool:
    """Whether a term is a sum of positive multiples of squares of names."""
    terms = sp.Add.make_args(sp.expand(a))
    return all(c.is_positive and m in [v**2 for v in names] for c, m in (t.as_coeff_Mul() for t in terms))


def _positive(problem: Problem, e: Any, names: Sequence[Any], known: Known | None) -> Range:
    """Names that are positive: the same values over all of space, with x = eˢ."""
    boxes = dict(zip(problem.variables, problem.box, strict=True))
    half = [v for v in names if boxes[v].low == 0 and boxes[v].high == oo and boxes[v].low_open]
    if not half or not all(v in half or boxes[v].everything for v in names):
        return NOTHING
    inner = sp.powsimp(sp.expand(e.subs({v: sp.exp(v) for v in half}, simultaneous=True)))
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
    bounds = one_variable(problem, h, t, Interval(low.value, high.value, not low.attained, not high.attained))
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
    first = sp.Add.make_args(sp.expand(u))[0]
    c, m = first.as_coeff_Mul()
    h = e.subs(m, (t - (sp.expand(u) - first)) / c)
    h = h if not h.has(*names) or sp.count_ops(h) > 40 else sp.simplify(sp.expand(h))
    return None if h.has(*names) else h


METHODS = (
    _bowl,
    _polynomial,
    _single,
    _separate_sum,
    _separate_product,
    _outer,
    _inner,
    _positive,
    _decaying,
    _periodic,
    _under_a_root,
    _convex,
    _coercive,
    _rational,
    _square_completed,
    _written,
)


def attempt(problem: Problem, answer: Answer) -> Range:
    try:
        return range_of(problem, problem.expr, values_of(answer))
    except OutOfTime:
        return NOTHING
