"""What would be right instead: the derivative, the gradient or the update that was asked, as a person writes it."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from ..errors import SymnetError
from ..term import Term, add, mul, neg, sym
from ..tidy import tidy
from .problem import Problem

LONGEST = 160  # characters of a formula that is shown
LARGEST = 200  # nodes of a formula that is differentiated for it


def correct(problem: Problem, label: Term | None = None) -> str:
    """The true formula behind the left side of the answer; nothing where it is long, or of another kind."""
    make = CORRECT.get(problem.kind)
    if make is None or problem.expr is None or problem.expr.size > LARGEST or problem.expr.shape or problem.rows:
        return ""
    try:
        said = make(problem)
    except SymnetError:
        return ""
    said = said if label is None or not said else f"{label.text()} {'←' if problem.kind == 'update' else '='} {said}"
    return said if len(said) <= LONGEST else ""


@lru_cache(maxsize=256)
def _slope(expr: Term, x: Term, order: int) -> Term:
    from ..differentiation import differentiate

    return differentiate(expr, x, order).result


def _derivative(p: Problem) -> str:
    assert p.expr is not None
    return _slope(p.expr, p.x, p.order).text()


def _gradient(p: Problem) -> str:
    assert p.expr is not None
    return f"({', '.join(_slope(p.expr, sym(n), 1).text() for n in p.wrt)})"


def _update(p: Problem) -> str:
    assert p.expr is not None and p.lr is not None
    return tidy(add(p.x, neg(mul(p.lr, _slope(p.expr, p.x, 1))))).text()


CORRECT: dict[str, Callable[[Problem], str]] = {
    "derivative": _derivative,
    "gradient": _gradient,
    "update": _update,
}
