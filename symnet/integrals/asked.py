"""`integrate`: antiderivatives with + C, and definite integrals as areas with a sign, one named rule at a time."""

from __future__ import annotations

from typing import Any

from ..calculation import Calculation
from ..differentiation import named, resolved
from ..errors import RuleError, ShapeError
from ..names import canonical
from ..parts import recognise
from ..processes import SECONDS
from ..term import sym, term
from .definite import definite
from .indefinite import indefinite


def integrate(expr: Any, x: Any, lower: Any = None, upper: Any = None, *, seconds: float = SECONDS) -> Calculation:
    """∫ expr dx with + C, or from `lower` to `upper`, by rules whose every line is verified by differentiating it.

    Where no elementary antiderivative is found, that is the answer: `.result` is then the integral itself, or for a
    definite one its value as a decimal (python-flint's rigorous integration). `seconds` limits the search. Raises
    `DomainError` if the function has no value on a part of the interval.

    >>> print(integrate("2", "x").result)
    2*x + C
    """
    variable = sym(canonical(str(getattr(x, "name", x))))
    body = recognise(resolved(named(expr)[1]))
    if body.shape:
        raise ShapeError("`integrate` is for scalars")
    if (lower is None) != (upper is None):
        raise RuleError("a definite integral needs both ends: lower and upper")
    if lower is not None:
        return definite(body, variable, term(lower), term(upper), seconds)
    return indefinite(body, variable, seconds)
