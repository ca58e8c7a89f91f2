"""Stationary points that are not isolated: curves and surfaces, by equations, and the kind of their points."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import sympy as sp
from flint import fmpq, fmpq_poly

from ...errors import SizeError
from . import ideals
from .extremes import CENTRES
from .forms import expanded
from .problem import Problem, SetFound


def described(problem: Problem, s: Any, found: Any, places: list[Any], free: Sequence[Any]) -> tuple[SetFound, ...]:
    """The parts of positive dimension that have real points; isolated real points of them go to `places`."""
    from .algebraic import regular

    out: list[SetFound] = []
    for part in found.sets:
        sample = real_sample(part, s.context, problem.check)
        if sample is None:
            raise SizeError("whether a part of the solutions has real points is not decided")
        good = [p for p in sample if regular(s, p)]
        lone = [p for p in good if isolated(part, p, s.context)]
        if sample and len(lone) == len(good):
            places += [p for p in lone if not any(ideals.same(p, q) for q in places)]
            continue
        if good:
            out.append(_set(problem, s, part, good))
    if free:
        if not s.equations:
            out.append(SetFound((), "every point", "degenerate", (expanded(problem.expr),)))
        for p in places:
            out.append(_cylinder(problem, s, p))
    return tuple(out)


def real_sample(part: Any, context: Any, check: Any) -> tuple[Any, ...] | None:
    """Real points on every connected component of a part, those nearest to a centre; None where that is too large."""
    n = context.nvars()
    xs = context.gens()
    if part.dimension == n - 1 and len(part.basis) == 1:
        f = part.basis[0]
        slopes = [f.derivative(i) for i in range(n)]
        for centre in CENTRES:
            minors = [
                slopes[i] * (xs[j] - centre[j]) - slopes[j] * (xs[i] - centre[i])
                for i in range(n)
                for j in range(i + 1, n)
            ]
            try:
                z = ideals.zeros([f, *minors], context, check)
            except SizeError:
                return None
            if not z.sets:
                return z.places
        return None
    points: list[Any] = []
    for shift in range(3):  # cut by hyperplanes: a sample, not every component
        planes = []
        for k in range(part.dimension):
            planes.append(sum((xs[i] * ((i + 1) * (k + 2) % 5 + (i == k)) for i in range(n)), 0 * xs[0]) - (shift + k))
        try:
            z = ideals.zeros([*part.basis, *planes], context, check)
        except SizeError:
            return None
        points += [p for p in z.places if not any(ideals.same(p, q) for q in points)]
    return tuple(points) if points else None


def more_of(part: Any, context: Any, check: Any) -> list[Any]:
    """Points of a curve far out: where it meets planes xᵢ = ±9."""
    out: list[Any] = []
    if part.dimension != 1:
        return out
    for x in context.gens():
        for c in (-9, 9):
            try:
                out += ideals.zeros([*part.basis, x - c], context, check).places
            except SizeError:
                continue
    return out


def isolated(part: Any, p: Any, context: Any) -> bool:
    """Whether a real point of a hypersurface is alone: the polynomial does not change its sign there, strictly."""
    from .inertia import by_signs, diagonal

    if len(part.basis) != 1:
        return False
    f = part.basis[0]
    n = context.nvars()
    if any(p.element(f.derivative(i).to_dict()) for i in range(n)):
        return False
    matrix = [[p.element(f.derivative(i).derivative(j).to_dict()) for j in range(n)] for i in range(n)]
    return by_signs(diagonal(matrix, p)) in ("min", "max")


def _set(problem: Problem, s: Any, part: Any, sample: Sequence[Any]) -> SetFound:
    from .algebraic import coordinates, value_at

    equations = tuple(_in_names(s, g) for g in part.basis)
    values: list[Any] = []
    kinds: list[str] = []
    samples: list[tuple[Any, ...]] = []
    for p in (*sample, *more_of(part, s.context, problem.check)):
        try:
            at = coordinates(problem, s, p)
        except StopIteration:
            continue
        values.append(value_at(problem, s, p, at))
        samples.append(at)
        kinds.append(along(problem, s, p, part.dimension))
    found = sorted({k for k in kinds if k})
    kind = found[0] if len(found) == 1 else bounded_kind(problem, values)
    words = _words(equations)
    ranges = _by_intervals(problem, equations) if part.dimension == 1 and len(found) > 1 else ""
    kind = "" if ranges else kind
    return SetFound(equations, words + ranges, kind, tuple(values), tuple(samples))


def bounded_kind(problem: Problem, values: Sequence[Any]) -> str:
    """min where the values are the least that the written form allows, max where they are the greatest."""
    from .hulls import hull

    low, high = hull(problem.expr, dict(zip(problem.variables, problem.box, strict=True)))
    if values and all(v == low for v in values):
        return "min"
    return "max" if values and all(v == high for v in values) else "degenerate"


def _by_intervals(problem: Problem, equations: Sequence[Any]) -> str:
    """The kinds on the parts of a straight line: `minimum for 0 < y < 4, …`, from the second derivatives along it."""
    from ..answer import WORDS

    names = problem.variables
    if not all(e.is_polynomial(*names) and sp.Poly(expanded(e), *names).total_degree() == 1 for e in equations):
        return ""
    (solution,) = sp.linsolve(equations, problem.variables)
    free = sorted(sp.Tuple(*solution).free_symbols, key=str)
    if len(free) != 1 or not problem.expr.is_polynomial(*problem.variables):
        return ""
    t, line = free[0], dict(zip(problem.variables, solution, strict=True))
    h = sp.hessian(problem.expr, problem.variables).subs(line)
    coefficients = [sp.Poly(c, t) for c in h.charpoly().all_coeffs()[1:] if c.has(t)]
    cuts = sorted({r for c in coefficients for r in sp.real_roots(c)})
    if not cuts or not all(c.is_Rational for c in cuts):
        return ""
    said = []
    for kind, a, b in _stretches(cuts, lambda x: _across(h.subs(t, x))):
        low, high = (unicode_text(x) for x in (a, b))
        where = f"{t} < {high}" if a == -sp.oo else f"{t} > {low}" if b == sp.oo else f"{low} < {t} < {high}"
        said.append(f"{WORDS[kind]} for {where}")
    return "; " + ", ".join(said)


def _stretches(cuts: Sequence[Any], kind: Callable[[Any], str]) -> list[tuple[str, Any, Any]]:
    """The intervals between the cuts, joined where the kind is the same on both sides of a cut and at it."""
    out: list[tuple[str, Any, Any]] = []
    for a, b in pairwise([-sp.oo, *cuts, sp.oo]):
        here = kind(b - 1 if a == -sp.oo else a + 1 if b == sp.oo else (a + b) / 2)
        if out and out[-1][0] == here == kind(a):
            out[-1] = (here, out[-1][1], b)
        else:
            out.append((here, a, b))
    return out


def unicode_text(x: Any) -> str:
    from ...bridge import from_sympy

    return "" if x.is_infinite else from_sympy(x).text()


def _across(h: Any) -> str:
    """The kind across a line from the second derivatives at a rational point of it."""
    from .inertia import diagonal
    from .places import rational_place

    place = rational_place([])
    flat = [[fmpq_poly([fmpq(int(x.p), int(x.q))]) for x in h.row(i)] for i in range(h.rows)]
    signs = diagonal(flat, place)
    found = {x for x in signs if x}
    if len(found) == 2:
        return "saddle"
    return "degenerate" if signs.count(0) != 1 or not found else "min" if 1 in found else "max"


def along(problem: Problem, s: Any, p: Any, dimension: int) -> str:
    """The kind at a point of a set along which the function is constant: the inertia across it (Morse and Bott)."""
    from .algebraic import entries
    from .inertia import diagonal

    n = len(problem.variables)
    flat = entries(s, p, [h for row in s.chart.hessian for h in row])
    if flat is None:
        return ""
    signs = diagonal([flat[i * n : (i + 1) * n] for i in range(n)], p)
    found = {x for x in signs if x}
    if len(found) == 2:
        return "saddle"
    if signs.count(0) != dimension or not found:
        return ""
    return "min" if 1 in found else "max"


def _cylinder(problem: Problem, s: Any, p: Any) -> SetFound:
    """The points over a place in the names that matter; the others are free."""
    equations, values = [], []
    for i, g in enumerate(s.generators):
        equations.append(g.value - p.exact(p.at[i]))
    point = {v: sp.Integer(0) for v in problem.variables}
    for i, g in enumerate(s.generators):
        if g.kind == "x":
            point[g.inner] = p.exact(p.at[i])
    values.append(problem.expr.subs(point))
    held = {g.inner for g in s.generators if g.kind == "x"}
    samples = tuple(
        tuple(point[v] if v in held else sp.Integer(c) for v in problem.variables) for c in (0, -9, 9, -1, 1)
    )
    flat = _reduced(problem, s, p)
    signs = {x for x in flat if x}
    kind = "saddle" if len(signs) == 2 else "degenerate" if 0 in flat or not signs else "min" if 1 in signs else "max"
    return SetFound(tuple(equations), _words(equations), kind, tuple(values), samples)


def _reduced(problem: Problem, s: Any, p: Any) -> list[int]:
    from .algebraic import entries
    from .inertia import diagonal

    held = [i for i, v in enumerate(problem.variables) if any(g.inner.has(v) for g in s.generators)]
    flat = entries(s, p, [s.chart.hessian[i][j] for i in held for j in held])
    k = len(held)
    return [0] if flat is None else diagonal([flat[i * k : (i + 1) * k] for i in range(k)], p)


def _in_names(s: Any, g: Any) -> Any:
    total = sp.Integer(0)
    for m, c in g.to_dict().items():
        part = sp.Integer(int(c))
        for gen, k in zip(s.generators, m, strict=True):
            part *= gen.value ** int(k)
        total += part
    return total


def _words(equations: Sequence[Any]) -> str:
    from ...bridge import from_sympy

    if not equations:
        return "every point"
    return "all points with " + ", ".join(f"{from_sympy(e).text()} = 0" for e in equations)
