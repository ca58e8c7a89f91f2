"""Bounds of a function that its written form shows, where a critical value or a straight line reaches them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import gcd
from typing import Any

import sympy as sp
from flint import arb

from ...balls import precision
from ...errors import SymnetError
from .critical import NOTHING, Range, critical_values, one_variable
from .extremes import Bound, Known, below, least, polynomial_infimum, same_value
from .forms import expanded
from .hulls import hull
from .problem import Problem, Side
from .tape import Tape, number

oo = sp.oo


def rational(problem: Problem, e: Any, names: Sequence[Any], known: Known | None) -> Range:
    """p/q with q > 0: M bounds it if M q − p is nowhere negative; M is a critical value or a limit along a line."""
    if not problem.everywhere or known is None or known.values is None or not e.is_rational_function(*names):
        return NOTHING
    p, q = sp.fraction(sp.together(e))
    if not q.has(*names):
        return NOTHING
    positive = polynomial_infimum(expanded(q), names, critical_values(problem, q, names), problem.check)
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
        gap = expanded(sign * p - m * q)
        lowest = polynomial_infimum(gap, names, critical_values(problem, gap, names), problem.check)
        proven = lowest is not None and lowest.value.is_finite and not below(lowest.value, sp.Integer(0))
        taken = any(same_value(sign * v, m) for v in known.values)
        how = "" if taken else "the point goes to infinity"
        out.append(Bound(sign * m, taken, how) if proven else None)
    return out[0], out[1]


def fused(e: Any) -> Any:
    """log S + a with one logarithm of a sum of exponentials as log(S eᵃ), whose bounds are seen at once."""
    logs = [t for t in sp.Add.make_args(e) if isinstance(t, sp.log)]
    if len(logs) != 1:
        return e
    return sp.log(sp.powsimp(expanded(logs[0].args[0] * sp.exp(e - logs[0]), power_exp=False)))


def as_written(problem: Problem, e: Any, names: Sequence[Any], known: Known | None) -> Range:
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
    if known is not None and end not in (oo, -oo) and any(same_value(v, end) for v in known.seen):
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
        if end not in (oo, -oo) and same_value(found.value, end):
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


# ------------------------------------------------------------------------------------------------------------ lines


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


# -------------------------------------------------------------------------------------------------------- coercive


def coercive(problem: Problem, e: Any, names: Sequence[Any], known: Known | None) -> Range:
    """A polynomial that grows in every direction, and a part that is bounded on one side: all small values in a box."""
    if not problem.everywhere or len(names) < 2:
        return NOTHING
    from .boxes import least_in

    terms = sp.Add.make_args(expanded(e))
    p = sp.Add(*(t for t in terms if t.is_polynomial(*names)))
    low, high = hull(sp.Add(*(t for t in terms if not t.is_polynomial(*names))), {})
    out: list[Bound | None] = []
    for sign, bound in ((1, low), (-1, -high)):
        box = _small_values(problem, sign * p, sign * e, names, bound) if bound.is_finite and p.has(*names) else None
        out.append(least_in(problem, sign * e, names, box) if box is not None else None)
    return out[0], -out[1] if out[1] else None


def _small_values(problem: Problem, p: Any, e: Any, names: Sequence[Any], bound: Any) -> list[Side] | None:
    """A box outside of which e = p + rest is greater than at 0: p ≥ c v² + m for each name v."""
    here = e.subs(dict.fromkeys(names, sp.Integer(0)))
    if not here.is_finite:
        return None
    box = []
    for v in names:
        for c in (sp.Integer(1), sp.Rational(1, 4), sp.Rational(1, 20)):
            f = expanded(p - c * v**2)
            m = polynomial_infimum(f, names, critical_values(problem, f, names), problem.check)
            if m is not None and m.value.is_finite:
                break
        else:
            return None
        reach = float(number(sp.Max(0, (here - bound - m.value) / c), 64).abs_upper()) ** 0.5
        side = sp.Integer(int(reach * 1.01) + 1)
        box.append(Side(-side, side, False, False))
    return box
