"""Kinds of the tips of square roots: points at which what stands under the root vanishes with its gradient."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp
from flint import fmpq

from .algebraic import ball_signs
from .folding import BITS
from .forms import is_zero
from .inertia import of_polynomial
from .problem import Problem
from .tape import number


def kind_at_tip(problem: Problem, e: Any, at: Sequence[Any]) -> str | None:
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
    # sums and products of derivatives at the point: numbers, never a text
    if not all(sp.sympify(a, strict=True).is_Rational for a in form.values()):
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
    return all(is_zero(g) for g in slopes)


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
