"""The joints of a function of several variables: where |q|, max and cases change their formula, and which they take."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sympy as sp

from ...balls import precision
from ...errors import SizeError
from .forms import expanded, factored
from .problem import Problem
from .tape import Tape, number

JOINTED = (sp.Abs, sp.sign, sp.Heaviside, sp.Piecewise, sp.Max, sp.Min)
BITS = 200


def without_max(e: Any) -> Any:
    """max(a, b) = (a + b + |a − b|)/2."""

    def pair(a: Any, b: Any, sign: int) -> Any:
        return (a + b + sign * sp.Abs(a - b)) / 2

    def folded(sign: int) -> Callable[..., Any]:
        def fold(*args: Any) -> Any:
            out = args[0]
            for a in args[1:]:
                out = pair(out, a, sign)
            return out

        return fold

    return e.replace(sp.Max, folded(1)).replace(sp.Min, folded(-1)).replace(sp.Abs, _by_factors)


def _by_factors(q: Any) -> Any:
    """|x² − y²| = |x − y| |x + y|: joints are irreducible."""
    return sp.Mul(*(sp.Abs(f) for f in sp.Mul.make_args(factored(q)))) if q.is_polynomial() else sp.Abs(q)


def joints(e: Any) -> list[Any]:
    """The expressions at whose zeros a part of the formula has a joint, the innermost only."""
    out: dict[Any, None] = {}
    for n in sp.preorder_traversal(e):
        if isinstance(n, sp.Abs | sp.sign | sp.Heaviside):
            out[n.args[0]] = None
        elif isinstance(n, sp.Piecewise):
            for _, c in n.args:
                if isinstance(c, sp.core.relational.Relational):
                    out[expanded(c.lhs - c.rhs)] = None
    inner = [q for q in out if not q.has(*JOINTED)]
    out = dict.fromkeys(inner)
    return _distinct(list(out))


def _distinct(conditions: Sequence[Any]) -> list[Any]:
    """One of each pair that differ by a sign."""
    out: list[Any] = []
    for q in conditions:
        if q.free_symbols and not any(expanded(q - p) == 0 or expanded(q + p) == 0 for p in out):
            out.append(q)
    return out


def resolved(e: Any, conditions: Sequence[Any], signs: Sequence[int]) -> Any:
    """The smooth formula that holds where the conditions have these signs."""

    def sign_of(q: Any) -> int | None:
        for p, s in zip(conditions, signs, strict=True):
            if expanded(q - p) == 0:
                return s
            if expanded(q + p) == 0:
                return -s
        return None

    def put(f: Any, value: Any) -> Any:
        def of(q: Any, *rest: Any) -> Any:
            s = sign_of(q)
            return f(q, *rest) if s is None else value(s, q)

        return of

    def piece(n: Any) -> Any:
        for value, c in n.args:
            if c is sp.true:
                return value
            s = sign_of(expanded(c.lhs - c.rhs)) if isinstance(c, sp.core.relational.Relational) else None
            if s is None:
                return n
            if _true(c, s):
                return value
        raise SizeError("no case holds")

    e = e.replace(sp.Abs, put(sp.Abs, lambda s, q: s * q))
    e = e.replace(sp.sign, put(sp.sign, lambda s, q: sp.Integer(s)))
    e = e.replace(sp.Heaviside, put(sp.Heaviside, lambda s, q: sp.Integer(int(s > 0))))
    return e.replace(lambda n: isinstance(n, sp.Piecewise), piece)


def _true(c: Any, s: int) -> bool:
    return s > 0 if isinstance(c, sp.StrictGreaterThan | sp.GreaterThan) else s < 0


def signs_at(problem: Problem, conditions: Sequence[Any], at: Sequence[Any]) -> tuple[int, ...]:
    """The signs of the conditions at a point, 0 where a ball of many bits holds 0."""
    tape = Tape(list(conditions), problem.variables)
    with precision(BITS):
        values = tape([number(x, BITS) for x in at])
    return tuple(0 if v.contains(0) else 1 if v > 0 else -1 for v in values)


def solved_for(q: Any, variables: Sequence[Any]) -> tuple[Any, Any]:
    """A name in which q is linear with a constant factor, and its value where q = 0."""
    for v in variables:
        if q.is_polynomial(v) and sp.degree(q, v) == 1:
            a, b = sp.Poly(q, v).all_coeffs()
            if a.is_number:
                return v, expanded(-b / a)
    return None, None


def one_place(a: Sequence[Any], b: Sequence[Any]) -> bool:
    return all(x == y or number(x, 90).overlaps(number(y, 90)) for x, y in zip(a, b, strict=True))
