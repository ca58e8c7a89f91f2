"""Gradients that one substitution makes polynomial: all points, exact, with their kinds; sets that are not isolated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import sympy as sp
from flint import fmpq, fmpq_poly

from ...balls import precision
from . import ideals
from .charts import Chart, Coordinate, chart
from .forms import expanded, shortened
from .inertia import by_signs, diagonal, of_germ, of_polynomial
from .places import AlgebraicPlace
from .problem import Answer, Found, Problem, SetFound
from .sets import described
from .tape import Tape, number

ISOLATED = {  # how exactly zeros are known: whether there are isolated ones, whether there are others
    (True, False): ", each isolated exactly", (False, False): ", each isolated exactly",
    (True, True): ", the isolated ones exactly", (False, True): "",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class System:
    """The equations of a chart in the ring of the names that they use."""

    chart: Chart
    used: tuple[int, ...]
    context: Any
    equations: tuple[Any, ...]

    def project(self, p: Any) -> dict[tuple[int, ...], Any]:
        return {tuple(int(m[i]) for i in self.used): c for m, c in p.to_dict().items()}

    @property
    def generators(self) -> tuple[Coordinate, ...]:
        return tuple(self.chart.generators[i] for i in self.used)


def system(c: Chart) -> System:
    equations = [p for p in c.equations if p != 0]
    used = {i for p in equations for i, d in enumerate(p.degrees()) if d}
    relations = list(c.relations)
    while True:
        more = [r for r in relations if {i for i, d in enumerate(r.degrees()) if d} & used]
        wider = used | {i for r in more for i, d in enumerate(r.degrees()) if d}
        if wider == used:
            break
        used = wider
    chosen = tuple(sorted(used))
    context = ideals.ring(len(chosen))
    s = System(c, chosen, context, ())
    everything = tuple(context.from_dict(s.project(p)) for p in [*equations, *more])
    return System(c, chosen, context, everything)


def algebraic(problem: Problem, climb: Any = None) -> Answer:
    """All stationary points inside the box. Raises `NotPolynomial` or `SizeError` where this does not apply."""
    if not problem.expr.free_symbols or not expanded(problem.expr).free_symbols:
        every = SetFound((), "every point", "degenerate", (expanded(problem.expr),))
        return Answer((), "proven", "the function is constant", (every,))
    c = chart(problem.expr, problem.variables)
    if any(p != 0 and p.is_constant() for p in c.equations):
        return Answer((), "proven", "a partial derivative is never 0")
    s = system(c)
    found = ideals.zeros(s.equations, s.context, problem.check) if s.equations else ideals.ZeroSet((), ())
    free = [v for v in problem.variables if not any(g.inner.has(v) for g in s.generators)]
    places = [p for p in found.places if regular(s, p)]
    sets = described(problem, s, found, places, free)
    if free:
        places = []
    points = [f for p in places for f in points_at(problem, s, p)]
    periods = tuple(_period(s, v) for v in problem.variables)
    names = ", ".join(_name(g) for g in s.generators if g.kind not in ("x", "root"))
    of_names = f" in {names}" if names else ""
    exactly = ISOLATED[bool(points), bool(sets)]
    proof = f"the gradient is polynomial{of_names}; a Gröbner basis gives all its zeros{exactly}"
    return in_box(problem, Answer(tuple(points), "proven", proof, sets, periods))


def _name(g: Coordinate) -> str:
    from ...bridge import from_sympy

    return from_sympy(g.value).text()


def _period(s: System, v: Any) -> Any:
    g = next((g for g in s.generators if g.kind == "cos" and g.inner.has(v)), None)
    return None if g is None else 2 * sp.pi / (g.inner / v)


# ---------------------------------------------------------------------------------------------------------- one place
def regular(s: System, p: AlgebraicPlace) -> bool:
    """Whether exponentials are positive, roots positive and denominators not zero at a place."""
    for i, g in enumerate(s.generators):
        if g.kind in ("exp", "root") and p.sign(p.at[i]) <= 0:
            return False
    quotients = [*s.chart.gradient, *(h for row in s.chart.hessian for h in row)]
    return all(any(p.element(part) for part in _parts(s, q).values()) for _, q in quotients)


def _parts(s: System, p: Any) -> dict[tuple[int, ...], dict[tuple[int, ...], Any]]:
    """A polynomial by the powers of the names that the equations do not use."""
    out: dict[tuple[int, ...], dict[tuple[int, ...], Any]] = {}
    rest = [i for i in range(len(s.chart.generators)) if i not in s.used]
    for m, c in p.to_dict().items():
        key = tuple(int(m[i]) for i in rest)
        out.setdefault(key, {})[tuple(int(m[i]) for i in s.used)] = c
    return out


def entries(s: System, p: AlgebraicPlace, quotients: Sequence[Any]) -> list[Any] | None:
    """Quotients as elements of the field, up to one common positive factor; None where they have none."""
    out: list[Any] = []
    common = None
    for top, bottom in quotients:
        above = {k: e for k, part in _parts(s, top).items() if (e := p.element(part))}
        below = {k: e for k, part in _parts(s, bottom).items() if (e := p.element(part))}
        if len(above) > 1 or len(below) != 1:
            return None
        if not above:
            out.append(fmpq_poly([0]))
            continue
        (k, a), (m, b) = next(iter(above.items())), next(iter(below.items()))
        factor = tuple(x - y for x, y in zip(k, m, strict=True))
        if common not in (None, factor):
            return None
        common = factor
        out.append(p.product(a, p.inverse(b)))
    return out


def kind_at(problem: Problem, s: System, p: AlgebraicPlace, at: Sequence[Any]) -> str:
    """The kind by exact inertia; where that is singular by higher terms; `degenerate` where neither decides."""
    n = len(problem.variables)
    flat = entries(s, p, [h for row in s.chart.hessian for h in row])
    if flat is not None:
        signs = diagonal([flat[i * n : (i + 1) * n] for i in range(n)], p)
        found = by_signs(signs)
    else:
        found = by_balls(problem, at)
    if found:
        return found
    whole = s.chart.polynomial
    if whole is not None and p.rational and len(s.used) == n:
        top, bottom = whole
        germ = {m: fmpq(int(c)) for m, c in s.project(top).items()}
        if int(bottom.leading_coefficient()) < 0:
            germ = {m: -c for m, c in germ.items()}
        return of_polynomial(germ, [e[0] for e in p.at]) or "degenerate"
    # coordinates of a point that was found: numbers, never a text
    if all(sp.sympify(x, strict=True).is_Rational or (x / sp.pi).is_Rational for x in at):
        return of_germ(problem.expr, problem.variables, at) or "degenerate"
    return "degenerate"


def by_balls(problem: Problem, at: Sequence[Any]) -> str | None:
    """The kind where balls tell the pivots of the second derivatives from 0."""
    n = len(at)
    hessian = [sp.diff(problem.expr, a, b) for a in problem.variables for b in problem.variables]
    tape = Tape(hessian, problem.variables)
    with precision(300):
        flat = tape([number(x, 300) for x in at])
    return by_signs(ball_signs([flat[i * n : (i + 1) * n] for i in range(n)]))


def ball_signs(matrix: Sequence[Sequence[Any]]) -> list[int]:
    """The signs of the pivots of a symmetric matrix of balls; 0 from the first that is not decided."""
    a = [list(row) for row in matrix]
    n = len(a)
    signs: list[int] = []
    for k in range(n):
        pivot = next((i for i in range(k, n) if not a[i][i].contains(0)), None)
        if pivot is None:
            pair = next(((i, j) for i in range(k, n) for j in range(i + 1, n) if not a[i][j].contains(0)), None)
            if pair is None:
                return signs + [0] * (n - k)
            i, j = pair
            a[i] = [x + y for x, y in zip(a[i], a[j], strict=True)]
            for row in a:
                row[i] = row[i] + row[j]
            if a[i][i].contains(0):
                a[i] = [x + y for x, y in zip(a[i], a[j], strict=True)]
                for row in a:
                    row[i] = row[i] + row[j]
            pivot = i
            if a[i][i].contains(0):
                return signs + [0] * (n - k)
        a[k], a[pivot] = a[pivot], a[k]
        for row in a:
            row[k], row[pivot] = row[pivot], row[k]
        signs.append(1 if a[k][k] > 0 else -1)
        for i in range(k + 1, n):
            factor = a[i][k] / a[k][k]
            a[i] = [x - factor * y for x, y in zip(a[i], a[k], strict=True)]
            for row in a:
                row[i] = row[i] - factor * row[k]
    return signs


def points_at(problem: Problem, s: System, p: AlgebraicPlace) -> list[Found]:
    """The point of a place (in one period of a sine)."""
    at = coordinates(problem, s, p)
    return [Found(at, kind_at(problem, s, p, at), value_at(problem, s, p, at))]


def coordinates(problem: Problem, s: System, p: AlgebraicPlace) -> tuple[Any, ...]:
    """The names themselves: log of an exponential, the angle of a cosine and a sine."""
    out = []
    for v in problem.variables:
        i, g = next((i, g) for i, g in enumerate(s.generators) if g.inner.has(v) and g.kind != "root")
        x = p.exact(p.at[i])
        if g.kind == "exp":
            x = sp.log(x) / (g.inner / v)
        elif g.kind == "cos":
            j = next(j for j, h in enumerate(s.generators) if h.kind == "sin" and h.inner == g.inner)
            angle = _angle(x, p.exact(p.at[j]))
            x = (angle if number(angle, 64).mid() > -1e-15 else angle + 2 * sp.pi) / (g.inner / v)
        out.append(x)
    return tuple(out)


def _angle(c: Any, s: Any) -> Any:
    """The angle in (−π, π] with this cosine and sine."""
    simple = sp.acos(c) if c.is_Rational or c.is_Pow or c.is_Mul or c.is_Add else sp.atan2(s, c)
    if isinstance(simple, sp.acos | sp.Add) or simple.has(sp.acos) or simple.has(sp.atan2):
        return sp.acos(c) if number(s, 64) > 0 or s == 0 else -sp.acos(c)
    return simple if s == 0 or number(s, 64) > 0 else -simple


def value_at(problem: Problem, s: System, p: AlgebraicPlace, at: Sequence[Any]) -> Any:
    """The value, in the field where the function is rational in the names, else by putting the point in."""
    if s.chart.value is not None and len(s.used) == len(s.chart.generators):
        top, bottom = (p.element(s.project(q)) for q in s.chart.value)
        if bottom:
            return p.exact(p.product(top, p.inverse(bottom)))
    return value_of(problem.expr, problem.variables, at)


def value_of(e: Any, variables: Sequence[Any], at: Sequence[Any]) -> Any:
    """The value of a formula at exact numbers, in closed form where that stays short."""
    v = e.subs(dict(zip(variables, at, strict=True)), simultaneous=True)
    if v.is_Rational:
        return v
    short = v if v.has(sp.CRootOf, sp.Float) else shortened(v)
    if not short.is_finite or short.has(sp.I):
        short = v
    if sp.count_ops(short) > 60 or short.has(sp.CRootOf):
        tape = Tape([e], variables)
        with precision(160):
            b = tape([number(x, 160) for x in at])[0]
        return sp.Float(b.mid().str(35, radius=False), 30)
    return short


# ------------------------------------------------------------------------------------------------------------ the box
def in_box(problem: Problem, answer: Answer) -> Answer:
    """The points inside a box, those of a periodic name repeated where it is bounded."""
    periods = [
        p if p is None or not i.bounded else None
        for p, i in zip(answer.periods or (None,) * len(problem.box), problem.box, strict=True)
    ]
    found: list[Found] = []
    for f in answer.found:
        found += [g for g in repeated(problem, f, answer.periods) if problem.holds(g.at)]
    return Answer(tuple(found), answer.complete, answer.certificate, answer.sets, tuple(periods), answer.notes)


def repeated(problem: Problem, f: Found, periods: Sequence[Any]) -> list[Found]:
    """The copies of a point in the bounded intervals of periodic names."""
    choices = []
    for x, period, i in zip(f.at, periods or (None,) * len(f.at), problem.box, strict=True):
        if period is None or not i.bounded:
            choices.append([x])
            continue
        first = int(sp.floor((i.low - x) / period)) - 1
        last = int(sp.ceiling((i.high - x) / period)) + 1
        if last - first > 10_000:
            choices.append([x])
            continue
        choices.append([y for k in range(first, last + 1) if i.holds(y := x + k * period)])
    return [Found(at, f.kind, f.value, f.type, f.exact, f.radius) for at in product(*choices)]
