"""Functions whose extreme values are critical values, or the value that they tend to at infinity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp
from flint import fmpq

from . import local
from .convexity import convex
from .critical import NOTHING, Range, polynomial
from .extremes import Bound, Known, below, definite, least
from .forms import expanded
from .hulls import hull
from .problem import Problem

# ------------------------------------------------------------------------------------------ functions that die away


def decaying(problem: Problem, e: Any, names: Sequence[Any], known: Known | None) -> Range:
    """A constant and terms that vanish at infinity: the extremes are critical values or the constant, approached."""
    if not problem.everywhere or known is None:
        return NOTHING
    if known.values is None:
        return _peaks(e, names, known)
    constant, rest = expanded(e, power_exp=False).as_independent(*names, as_Add=True)
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
        [_far(t, names, known.reach) for t in sp.Add.make_args(expanded(e, power_exp=False))]
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
    q = expanded(sp.Add(*exponents))
    if not exponents or not rest.is_polynomial(*names) or not q.is_polynomial(*names):
        return None
    p, (power, c) = sp.Poly(-q, *names), sp.Poly(expanded(rest), *names).terms()[0]
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
    above = sp.Poly(expanded(sp.Mul(*(f for s, f in rest if s > 0))), *names)
    under = sp.Mul(*(f for s, f in rest if s < 0))
    if not under.has(*names):
        return False
    return above.total_degree() < sp.Poly(expanded(under), *names).total_degree() and _definite(under, names, problem)


def _definite(q: Any, names: Sequence[Any], problem: Problem) -> bool:
    if not q.is_polynomial(*names):
        return False
    p = sp.Poly(expanded(q), *names)
    d = p.total_degree()
    if d < 1 or not all(c.is_Rational for c in p.coeffs()):
        return False
    return definite([(m, c) for m, c in p.terms() if sum(m) == d], len(names), problem.check)


# -------------------------------------------------------------------------------------------------------- the torus


def periodic(problem: Problem, e: Any, names: Sequence[Any], known: Known | None) -> Range:
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


def under_a_root(problem: Problem, e: Any, names: Sequence[Any], known: Known | None) -> Range:
    """Polynomials and √q where q ≥ 0 on a bounded set only, e constant where q = 0: its points, and that border."""
    roots = [p for p in e.atoms(sp.Pow) if not p.exp.is_Integer]
    if not problem.everywhere or known is None or known.values is None or len({p.base for p in roots}) != 1:
        return NOTHING
    q, r = roots[0].base, sp.Dummy("r", nonnegative=True)
    inner = e.subs({p: r ** (2 * p.exp) for p in roots}, simultaneous=True)
    if not inner.is_polynomial(r, *names) or not _definite(-q, names, problem):
        return NOTHING
    edge = expanded(inner.subs(r, 0))
    if not edge.is_Rational or (top := _greatest(problem, q, names)) is None or not top > 0:
        return NOTHING
    values = (*known.values, edge)
    return Bound(least(values), True), Bound(-least([-v for v in values]), True)


def _greatest(problem: Problem, q: Any, names: Sequence[Any]) -> Any | None:
    """The greatest value of a polynomial, if it is known and rational."""
    high = polynomial(problem, q, names, None)[1]
    return high.value if high is not None and high.value.is_Rational else None


# ------------------------------------------------------------------------------------------------------------ bowls


def by_convexity(problem: Problem, e: Any, names: Sequence[Any], known: Known | None) -> Range:
    """A convex function takes its least value at any stationary point; a concave one its greatest."""
    if known is None or not problem.everywhere:
        return NOTHING
    lows, highs = known.values or known.minima, known.values or known.maxima
    low = Bound(least(lows), True) if lows and convex(e, names) else None
    high = Bound(-least([-v for v in highs]), True) if highs and convex(-e, names) else None
    return low, high


def bowl(problem: Problem, e: Any, names: Sequence[Any], known: Known | None) -> Range:
    """Positive multiples of v² for every name v, and a part with a lower bound as written: coercive."""
    if not problem.everywhere or known is None or not known.values or not e.is_polynomial(*names):
        return NOTHING
    out = [_least_in_bowl(sign * e, names, [sign * v for v in known.values]) for sign in (1, -1)]
    return out[0], -out[1] if out[1] else None


def _least_in_bowl(e: Any, names: Sequence[Any], values: Sequence[Any]) -> Bound | None:
    parts = [t for a in sp.Add.make_args(e) for t in (sp.Add.make_args(expanded(a)) if _pure(a, names) else (a,))]
    squares = {t.as_coeff_Mul()[1]: t for t in parts if _pure(t, names)}
    rest = sp.Add(*(t for t in parts if t not in squares.values()))
    if not all(v**2 in squares for v in names) or not hull(rest, {})[0].is_finite:
        return None
    return Bound(least(values), True)


def _pure(a: Any, names: Sequence[Any]) -> bool:
    """Whether a term is a sum of positive multiples of squares of names."""
    terms = sp.Add.make_args(expanded(a))
    return all(c.is_positive and m in [v**2 for v in names] for c, m in (t.as_coeff_Mul() for t in terms))
