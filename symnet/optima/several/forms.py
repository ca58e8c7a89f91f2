"""Forms of SymPy expressions whose size is known before: factors, shorter forms, proofs that a constant is 0."""

from __future__ import annotations

from fractions import Fraction
from math import comb, prod
from typing import Any

import sympy as sp

from ...errors import SizeError, SymnetError

TERMS = 4000  # of a sum that is multiplied out
SHORT = 60  # operations of what is shortened
FACTORED = (60, 60, 20)  # operations, terms and degree of what is factored


def width(e: Any) -> int:
    """How many terms there may be in the widest sum on the way when an expression is multiplied out."""
    inner = [width(a) for a in e.args]
    if e.is_Add:
        return sum(inner)
    if e.is_Mul:
        return prod(inner)
    if e.is_Pow and e.exp.is_Integer:
        n = min(abs(int(e.exp)), 10**6)
        return inner[0] if n == 0 or inner[0] == 1 else comb(inner[0] + n - 1, min(n, inner[0] - 1))
    return max(inner, default=1)


def height(e: Any) -> int:
    """A bound of the degree of an expression when it is multiplied out."""
    inner = [height(a) for a in e.args]
    if e.is_Mul:
        return sum(inner)
    if e.is_Pow and e.exp.is_Integer:
        return inner[0] * min(abs(int(e.exp)), 10**6)
    return max(inner, default=int(e.is_Symbol))


def expanded(e: Any, **choices: Any) -> Any:
    """An expression multiplied out; raises `SizeError` where that would be too large."""
    if width(e) > TERMS:
        raise SizeError(f"multiplied out, this would have more than {TERMS} terms")
    return sp.expand(e, **choices)


def small(e: Any, operations: int) -> bool:
    """Whether an expression is small, and stays so when it is multiplied out."""
    return sp.count_ops(e) <= operations and width(e) <= TERMS


def factored(e: Any) -> Any:
    """The factors of a small expression; another one as it came."""
    operations, terms, degree = FACTORED
    small_enough = sp.count_ops(e) <= operations and width(e) <= terms and height(e) <= degree
    return sp.factor(e) if small_enough else e


def shortened(e: Any) -> Any:
    """The shortest of a few forms of a small expression; another one as it came."""
    if not small(e, SHORT):
        return e
    wide = sp.expand(e)
    forms = (e, wide, sp.powsimp(wide), sp.together(e), sp.factor_terms(wide), sp.radsimp(sp.together(wide)))
    return min(forms, key=sp.count_ops)


def is_zero(e: Any) -> bool:
    """Proof that a constant is 0; False says nothing."""
    return quotient(e) == 0


def quotient(e: Any) -> Fraction | None:
    """The rational number that a constant is proven to be, by the normal form over its kernels; else None."""
    from ...bridge import from_sympy
    from ..closing import closed
    from ..reals import Rational

    if e.is_Rational:
        return Fraction(int(e.p), int(e.q))
    try:
        made = closed(from_sympy(e))
    except (SymnetError, ArithmeticError, TypeError, ValueError):
        return None
    return made.value if isinstance(made, Rational) else None
