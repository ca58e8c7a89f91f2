"""A mistake is a rule too: wrong rules in tables, and the search for the one that reproduces a wrong answer.

An answer is explained only if the derivation with one rule swapped (everywhere, at one place, or two rules at once)
gives exactly that answer; otherwise there is no explanation. All functions return a `Mistake` (name, advice) or None.
Names that an answer cites are passed in `given`: {"a1": σ(z1), "delta2": …}, values may use names given before them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec

from ..clock import OutOfTime, effort, within
from ..term import Term

if TYPE_CHECKING:
    from ..checking.verdict import Mistake
    from ..graph import Graph

Given = Mapping[str, Term]
STEPS = 40_000  # of one search: formulas built and evaluated; most need less than 1000, which takes 0.03 s
SECONDS = 20.0  # of processor time, where the steps are slow ones
LARGEST = 1_500  # nodes of a formula that is searched
P = ParamSpec("P")


def _in_time(search: Callable[P, Mistake | None]) -> Callable[P, Mistake | None]:
    """The search ends; without an explanation if it has found none, or the formulas are not written by hand."""

    @wraps(search)
    def found(*args: P.args, **options: P.kwargs) -> Mistake | None:
        if any(isinstance(a, Term) and a.size > LARGEST for a in args):
            return None
        try:
            with within(SECONDS), effort(STEPS):
                return search(*args, **options)
        except OutOfTime:
            return None

    return found


@_in_time
def explain_derivative(
    value: Term, wrt: Term, answer: Term, *, order: int = 1, given: Given | None = None
) -> Mistake | None:
    """Which mistake makes `answer` of the derivative of `value` by the name `wrt`; `given` are names used in either."""
    from .derivatives import derivative

    return derivative(value, wrt, answer, order, given)


@_in_time
def explain_gradient(
    value: Term,
    wrt: Sequence[Term],
    answer: Sequence[Term],
    *,
    given: Given | None = None,
    rows: int = 1,
) -> Mistake | None:
    """The same for the components of ∇value, flat, row after row; `rows` > 1 where `wrt` was a matrix of names."""
    from .derivatives import gradient

    return gradient(value, wrt, answer, given, rows)


@_in_time
def explain_integral(value: Term, wrt: Term, answer: Term, *, given: Given | None = None) -> Mistake | None:
    """Which mistake makes `answer` of ∫ value; an answer without a constant lost the constant of integration."""
    from .integrals import integral

    return integral(value, wrt, answer, given)


@_in_time
def explain_rewrite(before: Term, after: Term, *, given: Given | None = None) -> Mistake | None:
    """Which wrong rule of algebra leads from one line to the next, or from the truth to an answer (`equals`)."""
    from .algebra import rewrite

    return rewrite(before, after, given)


@_in_time
def explain_number(
    source: Term,
    written: Term,
    *,
    wrt: Term | None = None,
    at: Mapping[str, Term | Fraction] | None = None,
    given: Given | None = None,
) -> Mistake | None:
    """Which mistake makes the number `written` of the value of `source` (of its derivative by `wrt`, if given) there.

    First what happened to the digits (truncated, rounding, sign, decimal_shift, digits_swapped), then the number that a
    wrong rule gives, rounded to the digits written.
    """
    from .numbers import number

    return number(source, written, wrt, at, given)


@_in_time
def explain_update(
    value: Term,
    wrt: Term,
    answer: Term,
    *,
    lr: Term,
    at: Mapping[str, Term | Fraction] | None = None,
    steps: int = 1,
    given: Given | None = None,
) -> Mistake | None:
    """Which mistake makes `answer` of wrt − lr · ∂value/∂wrt: a formula, or with `at` a number rounded as written."""
    from .numbers import update

    return update(value, wrt, answer, lr, at, steps, given)


@_in_time
def explain_quantity(
    graph: Graph,
    target: Term,
    answer: Term,
    *,
    given: Given | None = None,
    at: Mapping[str, Term | Fraction] | None = None,
) -> Mistake | None:
    """Which mistake makes `answer` of a quantity of a network.

    `target` and `answer` speak in names of the graph, in inert ∂y/∂x (`partial`) of them, and in names of `given`
    (abbreviations, δ2 as ∂E/∂z2 or its negative, and for arrays too). With `at` (values of the inputs) `answer` is a
    number, rounded as written. A target w − η ∂E/∂w is an update. An array answer whose shapes do not fit may be read
    with all dimensions the same (`X: n x n, r: n`): names are matched, not their shapes.
    """
    from .quantities import quantity

    return quantity(graph, target, answer, given, at)
