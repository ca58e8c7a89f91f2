"""All zeros of a smooth gradient in a box: subdivision with balls, Krawczyk's test for one and only one zero.

K(X) = m − Y F(m) + (1 − Y F′(X)) (X − m). If K(X) lies inside X there is exactly one zero in X; if it misses X there is
none. Source: Krawczyk (1969); Neumaier, Side Methods for Systems of Equations (1990), 5.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import sympy as sp
from flint import arb, arb_mat, fmpq

from ...balls import middle, precision
from ...errors import SizeError
from .algebraic import ball_signs, value_of
from .extremes import Bound, least
from .forms import TERMS, expanded, is_zero, width
from .hulls import hull
from .inertia import by_signs, of_germ
from .joints import tips_of
from .local import least_eigenvalue
from .problem import Answer, Found, Problem, Side
from .tape import Tape, number

BOXES = 40_000
SMALLEST = 2.0**-30  # relative to the box asked for: what is left at this size is not decided
DIGITS = 30
Box = tuple[Any, ...]  # one ball for each name


def boxed(problem: Problem, climb: Any = None) -> Answer:
    """The points in a bounded box, or in all of space where a dominance bound holds them in a box."""
    box, word = bounds(problem)
    gradient = scaled(problem)
    hessian = [sp.diff(g, v) for g in gradient for v in problem.variables]
    search = Search(
        problem, Tape(gradient, problem.variables), Tape(hessian, problem.variables), gradient=tuple(gradient)
    )
    search.barred = [b for at in tips_of(problem.expr, problem.variables, problem.check) if (b := barred(problem, at))]
    roots, lost = search.run(tuple(_ball(i) for i in box))
    found = [f for r in roots if (f := point_of(problem, search, r)) is not None]
    if lost:
        note = f"{lost} small boxes are left in which it is not decided whether there is a point"
        return Answer(tuple(found), "numerical", note)
    proof = f"Krawczyk's test on {search.count} boxes: one and only one point in each that is listed, none elsewhere"
    return Answer(tuple(found), word, f"{proof}{'' if problem.bounded else '; ' + OUTSIDE}")


def scaled(problem: Problem) -> list[Any]:
    """The gradient, or e^(−q) times it where every term has a factor e^(q + …): the same zeros and signs there."""
    gradient = [sp.diff(problem.expr, v) for v in problem.variables]
    exponents = [n.args[0] for n in sp.preorder_traversal(problem.expr) if isinstance(n, sp.exp) and width(n) <= TERMS]
    curved = [q for q in exponents if q.is_polynomial(*problem.variables) and sp.total_degree(expanded(q)) > 1]
    if not curved or not all(t.has(sp.exp) for t in sp.Add.make_args(expanded(problem.expr, power_exp=False))):
        return gradient
    return [sp.powsimp(expanded(sp.powsimp(expanded(g * sp.exp(-curved[0]), power_exp=False)))) for g in gradient]


OUTSIDE = "outside of them a partial derivative is not 0, by its dominant term"


def bounds(problem: Problem) -> tuple[tuple[Side, ...], str]:
    """A bounded box that holds every stationary point, and what is proven by searching it."""
    if problem.bounded:
        return problem.box, "proven"
    box = list(problem.box)
    for _ in range(3):
        for i, v in enumerate(problem.variables):
            if not box[i].bounded:
                box[i] = _dominated(problem, v, dict(zip(problem.variables, box, strict=True))) or box[i]
    if not all(i.bounded for i in box):
        raise SizeError("the search is not bounded")
    return tuple(box), "proven"


def _dominated(problem: Problem, v: Any, box: dict[Any, Side]) -> Side | None:
    """∂f/∂v = a v^k + …, the rest bounded: |v|^k ≤ bound/|a| where it vanishes."""
    g = expanded(sp.diff(problem.expr, v))
    best: tuple[Any, Any, Any] | None = None
    rest: list[Any] = []
    for t in sp.Add.make_args(g):
        c, m = t.as_coeff_Mul()
        base, k = m.as_base_exp()
        if base == v and k.is_Integer and k > 0 and (best is None or k > best[1]):
            rest += [best[2]] if best else []
            best = (c, k, t)
        else:
            rest.append(t)
    if best is None:
        return None
    low, high = hull(sp.Add(*rest), box)
    if not (low.is_finite and high.is_finite):
        return None
    limit = float(number(sp.Max(abs(low), abs(high)) / abs(best[0]), 64).abs_upper()) ** (1 / int(best[1]))
    bound = sp.Integer(int(limit * 1.01) + 1)
    held = box[v]
    return Side(sp.Max(held.low, -bound), sp.Min(held.high, bound), held.low_open, held.high_open)


def _ball(i: Side) -> Any:
    """A ball that holds the interval and a little more."""
    low, high = number(i.low, 64), number(i.high, 64)
    middle, radius = (low + high) / 2, (high - low) / 2
    return arb(middle.mid(), (radius.abs_upper() * (1 + arb(2) ** -20)).upper())


@dataclass
class Search:
    problem: Problem
    slopes: Tape
    hessian: Tape
    gradient: tuple[Any, ...]
    count: int = 0
    barred: Sequence[Box] = ()  # boxes around tips in which there is no stationary point

    def run(self, start: Box) -> tuple[list[Box], int]:
        """The boxes with one zero each, and how many are not decided."""
        smallest = [float(x.rad()) * SMALLEST for x in start]
        todo: list[Box] = [start]
        roots: list[Box] = []
        lost = 0
        with precision(64):
            while todo:
                self.count += 1
                if self.count % 64 == 0:
                    self.problem.check()
                if self.count > BOXES:
                    raise SizeError("the box would have to be cut into too many parts")
                box = todo.pop()
                state, box = self.judge(box)
                if state == "one":
                    if not any(all(a.overlaps(b) for a, b in zip(box, r, strict=True)) for r in roots):
                        roots.append(box)
                elif state == "open":
                    if all(float(x.rad()) <= s for x, s in zip(box, smallest, strict=True)):
                        lost += 1
                        if lost > 50:
                            raise SizeError("too many places are not decided")
                        continue
                    todo += self._halves(box)
        return roots, lost

    def judge(self, box: Box) -> tuple[str, Box]:
        """`none`, `one` (with a small box) or `open` (with what is left of the box)."""
        if any(all(b.contains(x) for b, x in zip(r, box, strict=True)) for r in self.barred):
            return "none", box
        for _ in range(20):
            f = self.slopes(box)
            if any(not x.contains(0) and x.is_finite() for x in f):
                return "none", box
            j = self.hessian(box)
            if not all(x.is_finite() for x in j):
                return "open", box
            k = self.krawczyk(box, j)
            if k is None:
                return "open", box
            if any(not a.overlaps(b) for a, b in zip(k, box, strict=True)):
                return "none", box
            if all(b.contains_interior(a) for a, b in zip(k, box, strict=True)):
                return "one", self.small(k)
            new = tuple(_meet(a, b) for a, b in zip(k, box, strict=True))
            gain = max(float(a.rad()) / (float(b.rad()) or 1.0) for a, b in zip(new, box, strict=True))
            box = new
            if gain > 0.6:
                return "open", box
        return "open", box

    def krawczyk(self, box: Box, j: Sequence[Any]) -> Box | None:
        n = len(box)
        middle = [arb(x.mid()) for x in box]
        matrix = arb_mat(n, n, j)
        try:
            y = arb_mat(n, n, [arb(x.mid()) for x in j]).inv()
        except ZeroDivisionError:
            return None
        y = arb_mat(n, n, [arb(x.mid()) for x in y.entries()])
        f = arb_mat(n, 1, self.slopes(middle))
        d = arb_mat(n, 1, [a - b for a, b in zip(box, middle, strict=True)])
        one = arb_mat(n, n, [int(i == k) for i in range(n) for k in range(n)])
        k = arb_mat(n, 1, middle) - y * f + (one - y * matrix) * d
        out = tuple(k.entries())
        return out if all(x.is_finite() for x in out) else None

    def small(self, box: Box, rounds: int = 6) -> Box:
        """A smaller box around the one zero of a box."""
        for _ in range(rounds):
            if all(float(x.rad()) < 1e-48 for x in box):
                return box
            k = self.krawczyk(box, self.hessian(box))
            if k is None:
                return box
            new = tuple(_meet(a, b) for a, b in zip(k, box, strict=True))
            if all(float(a.rad()) > 0.5 * float(b.rad()) for a, b in zip(new, box, strict=True)):
                return new
            box = new
        return box

    def _halves(self, box: Box) -> list[Box]:
        i = max(range(len(box)), key=lambda i: float(box[i].rad()))
        middle, radius = box[i].mid(), box[i].rad() / 2
        cut = middle + radius / 16  # not at the middle, where zeros like to lie
        low, high = box[i].lower(), box[i].upper()
        return [(*box[:i], a.union(b), *box[i + 1 :]) for a, b in ((low, cut.upper()), (cut.lower(), high))]


def _meet(a: Any, b: Any) -> Any:
    """The part that two balls share."""
    if b.contains(a):
        return a
    low, high = max(a.lower(), b.lower(), key=middle), min(a.upper(), b.upper(), key=middle)
    return low.union(high)


def barred(problem: Problem, at: Sequence[Any]) -> Box | None:
    """A box around a tip of s = √q in which f(s, x) has no stationary point but the tip: |∂f/∂s| |∇s| > |∇ₓf|.

    q is a quadratic form about the tip with the least eigenvalue λ > 0, so that s ≥ √λ |d| and |∇s| ≥ √λ.
    """
    point = dict(zip(problem.variables, at, strict=True))
    roots = [n for n in problem.expr.atoms(sp.Pow) if n.exp == sp.Rational(1, 2) and n.base.subs(point) == 0]
    if len(roots) != 1:
        return None
    moved = expanded(roots[0].base.subs({v: v + a for v, a in point.items()}, simultaneous=True))
    p = sp.Poly(moved, *problem.variables)
    if not p.is_homogeneous or p.total_degree() != 2:
        return None
    s = sp.Symbol("s", positive=True)
    f = problem.expr.subs(roots[0], s)
    least = least_eigenvalue({m: fmpq(int(c.p), int(c.q)) for m, c in p.terms()}, len(at))
    if not least:
        return None
    tape = Tape([sp.diff(f, s), *(sp.diff(f, v) for v in problem.variables)], (*problem.variables, s))
    with precision(64):
        q = Tape([roots[0].base], problem.variables)
        for k in range(1, 16):
            box = tuple(arb(number(a, 64).mid(), 2.0**-k) for a in at)
            size = q(box)[0].abs_upper().sqrt()
            by_s, *rest = tape((*box, arb(size / 2, size / 2)))
            if not all(x.is_finite() for x in (by_s, *rest)):
                continue
            others = arb(0)
            for x in rest:
                others += arb(x.abs_upper()) ** 2
            if arb(by_s.abs_lower()) * arb(least).sqrt() > others.sqrt():
                return box
    return None


def least_in(problem: Problem, e: Any, names: Sequence[Any], box: Sequence[Side]) -> Bound | None:
    """The least value of a function whose small values all lie in a box: the least at its stationary points there."""
    a = boxed(Problem(e, tuple(names), tuple(box), problem.deadline))
    if not a.proven or not a.found or any(f.type != "stationary" for f in a.found) or e.has(sp.Abs, sp.Max, sp.Min):
        return None
    return Bound(least([f.value for f in a.found]), True)


# ------------------------------------------------------------------------------------------------------------- points
def point_of(problem: Problem, search: Search, box: Box) -> Found | None:
    """The point of a box with one zero: exact where it is recognised and proven, else in 30 digits; None outside."""
    at = recognised(problem, box, search.gradient)
    exact = at is not None
    with precision(200):
        fine = search.small(box, 12)
    if at is None:
        at = tuple(sp.Integer(0) if on_mirror(problem, i, x, box[i]) else _float(x) for i, x in enumerate(fine))
    if not problem.holds(at):
        return None
    n = len(at)
    with precision(128):
        h = search.hessian(fine)
    kind = by_signs(ball_signs([h[i * n : (i + 1) * n] for i in range(n)]))
    if kind is None and exact:
        kind = of_germ(problem.expr, problem.variables, at)
    value = value_of(problem.expr, problem.variables, at) if exact else _value(problem, fine)
    radius = None if exact else fine
    return Found(at, kind or "degenerate", value, "stationary", exact, radius)


def _float(x: Any) -> Any:
    return sp.Float(0, DIGITS) if abs(x) < arb(10) ** -45 else sp.Float(x.mid().str(40, radius=False), DIGITS)


def on_mirror(problem: Problem, i: int, fine: Any, box: Any) -> bool:
    """Whether the coordinate is 0 by symmetry: f is even in it, so that the mirror image of the one zero is itself."""
    v = problem.variables[i]
    return (
        bool(fine.contains(0)) and bool(box.contains(-fine)) and expanded(problem.expr.subs(v, -v) - problem.expr) == 0
    )


def _value(problem: Problem, fine: Box) -> Any:
    tape = Tape([problem.expr], problem.variables)
    with precision(200):
        return _float(tape(fine)[0])


def recognised(problem: Problem, box: Box, gradient: Sequence[Any]) -> tuple[Any, ...] | None:
    """Simple numbers in the box at which the gradient is 0 by algebra."""
    choices = [_simple(x) for x in box]
    for at in product(*choices):
        point = dict(zip(problem.variables, at, strict=True))
        if all(is_zero(g.subs(point, simultaneous=True)) for g in gradient):
            return tuple(at)
    return None


UNITS = (sp.Integer(1), sp.pi)


def _simple(x: Any) -> list[Any]:
    out = []
    for unit in UNITS:
        q = x / number(unit, 64)
        for d in (*range(1, 13), 15, 16, 20, 25, 32, 40, 50, 64, 100, 200, 400, 500, 1000):
            k = (q * d).unique_fmpz()
            if k is not None and float((q * d).rad()) < 1e-3:
                out.append(sp.Rational(int(k), d) * unit)
                break
    return out
