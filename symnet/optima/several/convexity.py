"""Convexity that the written form shows: a stationary point of a convex function is a global minimum.

Source: Grant, Boyd and Ye, Disciplined Convex Programming (2006); Boyd and Vandenberghe, Convex Optimization, 3.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp
from flint import fmpq

from . import local
from .forms import expanded, factored
from .tape import number

SECONDS = 2.0  # for the algebra of one norm
AFFINE, CONVEX, CONCAVE = "affine", "convex", "concave"


def convex(e: Any, names: Sequence[Any]) -> bool:
    """Whether the written form shows that e is convex in the names, on all of space."""
    return curvature(logs(e), tuple(names)) in (AFFINE, CONVEX)


def logs(e: Any) -> Any:
    """log of a quotient of products as a sum of logs, where every factor is positive at sight."""

    def split(u: Any) -> Any:
        top, bottom = sp.fraction(factored(sp.together(u)))
        parts = [(1, f) for f in sp.Mul.make_args(top)] + [(-1, f) for f in sp.Mul.make_args(bottom)]
        if not all(f.is_positive for _, f in parts):
            return sp.log(u)
        return sp.Add(*(s * (f.args[0] if isinstance(f, sp.exp) else sp.log(f)) for s, f in parts))

    return sp.powsimp(expanded(e.replace(sp.log, split), power_exp=False))


def curvature(e: Any, names: tuple[Any, ...]) -> str | None:
    if not e.has(*names):
        return AFFINE
    if e.is_polynomial(*names) and (found := _polynomial(e, names)):
        return found
    if e.is_Add:
        whole = [a for a in e.args if a.is_polynomial(*names)]  # together: x² − 2xy + y² is convex, −2xy is not
        together = _polynomial(sp.Add(*whole), names) if whole else AFFINE
        rest = [a for a in e.args if a not in whole] if together else e.args
        return _joined([together or AFFINE, *(curvature(a, names) for a in rest)])
    if e.is_Mul:
        c, rest = e.as_independent(*names, as_Add=False)
        if c == 1 or not c.is_extended_real:
            return None
        inner = curvature(rest, names)
        return inner if number(c, 90) > 0 else {CONVEX: CONCAVE, CONCAVE: CONVEX, AFFINE: AFFINE}.get(inner or "")
    rule = RULES.get(e.func)
    return rule(e, names) if rule is not None else None


def _joined(parts: Sequence[str | None]) -> str | None:
    kinds = {p for p in parts if p != AFFINE}
    if not kinds:
        return AFFINE
    return next(iter(kinds)) if len(kinds) == 1 else None


def _polynomial(e: Any, names: tuple[Any, ...]) -> str | None:
    p = sp.Poly(expanded(e), *names)
    d = p.total_degree()
    if d <= 1:
        return AFFINE
    if d > 2 or not all(c.is_Rational for c in p.coeffs()):
        return None
    germ = {m: fmpq(int(c.p), int(c.q)) for m, c in p.terms() if sum(m) == 2}
    signs = {1 if v > 0 else -1 for v in local.diagonal_form(germ, len(names))[0] if v}
    return None if len(signs) > 1 else CONVEX if 1 in signs else CONCAVE


def _exp(e: Any, names: tuple[Any, ...]) -> str | None:
    return CONVEX if curvature(e.args[0], names) in (AFFINE, CONVEX) else None


def _log(e: Any, names: tuple[Any, ...]) -> str | None:
    """log of a sum of exponentials of affine functions and positive numbers is convex; of a concave one, concave."""
    terms = sp.Add.make_args(expanded(e.args[0], power_exp=False))
    if all(_exponential(t, names) for t in terms):
        return CONVEX
    return CONCAVE if curvature(e.args[0], names) in (AFFINE, CONCAVE) and e.args[0].is_positive else None


def _exponential(t: Any, names: tuple[Any, ...]) -> bool:
    c, rest = sp.powsimp(t).as_independent(*names, as_Add=False)
    good = bool(c.is_positive) and (rest == 1 or isinstance(rest, sp.exp))
    return good and (rest == 1 or curvature(rest.args[0], names) == AFFINE)


def _abs(e: Any, names: tuple[Any, ...]) -> str | None:
    return CONVEX if curvature(e.args[0], names) == AFFINE else None


def _max(e: Any, names: tuple[Any, ...]) -> str | None:
    return CONVEX if all(curvature(a, names) in (AFFINE, CONVEX) for a in e.args) else None


def _power(e: Any, names: tuple[Any, ...]) -> str | None:
    inner, k = curvature(e.base, names), e.exp
    if k.is_Integer and k > 0 and k % 2 == 0 and inner == AFFINE:
        return CONVEX
    if k.is_Rational and k >= 1 and inner == CONVEX and e.base.is_nonnegative:
        return CONVEX
    if k == sp.Rational(1, 2) and inner == CONVEX and e.base.is_polynomial(*names):
        return _norm(e.base, names)
    return None


def _norm(q: Any, names: tuple[Any, ...]) -> str | None:
    """The root of a quadratic that is nowhere negative is the length of an affine vector."""
    from .extremes import Known, polynomial_infimum

    low = polynomial_infimum(expanded(q), names, Known(None), lambda: SECONDS)
    return CONVEX if low is not None and low.value.is_Rational and low.value >= 0 else None


RULES = {sp.exp: _exp, sp.log: _log, sp.Abs: _abs, sp.Max: _max, sp.Pow: _power}
