"""The range of a function whose stationary points are known, or found at once: polynomials, functions of one name."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic
from typing import Any

import sympy as sp

from ...errors import SymnetError
from ...term import Term
from .extremes import Bound, Known, polynomial_infimum
from .forms import expanded
from .problem import EVERYTHING, SEARCHED, WINDOW, Answer, Problem

oo = sp.oo
Range = tuple[Bound | None, Bound | None]  # infimum, supremum
NOTHING: Range = (None, None)


def polynomial(problem: Problem, e: Any, names: Sequence[Any], known: Known | None) -> Range:
    if not problem.everywhere or not e.is_polynomial(*names):
        return NOTHING
    f = expanded(e)
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


def single(problem: Problem, e: Any, names: Sequence[Any], known: Known | None) -> Range:
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


def bound_of(t: Term, name: str, want: int) -> Term | None:
    """The least (−1) or the greatest (1) value that the written form of a formula allows; None where that is ±∞."""
    from ...bridge import from_sympy
    from .charts import plain
    from .hulls import hull

    try:
        end = hull(plain(t, (name,)), {})[0 if want < 0 else 1]
        return from_sympy(end) if end.is_finite else None
    except (SymnetError, ArithmeticError, NotImplementedError, TypeError, ValueError):
        return None


def interval_text(i: Any) -> str:
    from ...bridge import from_sympy

    ends = [str(x) if x in (oo, -oo) else str(from_sympy(x)) for x in (i.low, i.high)]
    return f"{'(' if i.low_open else '['}{ends[0]}, {ends[1]}{')' if i.high_open else ']'}"
