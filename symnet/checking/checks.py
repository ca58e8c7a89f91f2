"""`check`: an answer as somebody typed it against the problem that it answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ..equality import Comparison, compare
from ..errors import GraphError, ReadError, ShapeError, SymnetError
from ..names import canonical
from ..reading import Statement
from ..term import ZERO, Term
from .answers import Claim, Scope, UnknownName, claims, shown, statements
from .formulas import Formulas, witness
from .gradients import check_gradient, with_shapes
from .lines import check_rewriting, check_solving
from .numbers import check_extreme, check_number, check_set
from .problem import Problem, formula, read_problem
from .verdict import Verdict

Found = list[tuple[int, Statement]]


def check(answer: Any, **problem: Any) -> Verdict:
    """Whether a hand-written answer is right, with a proof, or wrong, with a witness and the mistake behind it.

    The problem is one of `derivative=expr, wrt=, order=` · `gradient=expr, wrt=[…]` · `integral=expr, wrt=` ·
    `equals=expr` · `value=expr, at={}` · `roots=expr, wrt=` · `stationary=expr, wrt=` · `maximum=`/`minimum=expr, wrt=`
    · `update=expr, wrt=, at={}, lr=, steps=1` · `lines="rewrite"|"solve", wrt=` · `graph=Graph`; and `given` (names the
    answer may use), `domain`. An answer of many lines is checked line by line. Right means equal wherever the true
    value is real and finite; numbers are right iff they are rounded to the digits written. What cannot be read, or
    uses a name that nobody introduced, is `malformed`; a problem that makes no sense raises.

    >>> check("2 cos(2x)", derivative="sin(2x)", wrt="x").kind
    'right'
    >>> check("cos(2x)", derivative="sin(2x)", wrt="x").kind
    'wrong'
    """
    text = answer if isinstance(answer, str) else str(_as_term(answer))
    if "graph" in problem:
        from .pages import check_page

        return check_page(text, problem.pop("graph"), **problem)
    return check_answer(text, read_problem(problem))


def _as_term(answer: Any) -> Term:
    from ..term import term

    return term(answer)


def check_answer(answer: str, problem: Problem) -> Verdict:
    """The verdict on the text of an answer."""
    reading = ""
    place = PLACE.match(answer) if problem.kind in ("maximum", "minimum") else None
    if place is not None:
        return _with_place(place[1], place[2], place[3], problem)
    try:
        scope = Scope(problem)
        found = statements(*_prepared(answer, problem))
        reading = shown(found)
        return replace(_judged(problem, scope, found), reading=reading)
    except (ReadError, ShapeError, UnknownName, GraphError) as e:
        return Verdict("malformed", error=str(e), reading=reading)
    except SymnetError as e:
        return Verdict("undecided", str(e), reading=reading)


NONE = re.compile(r"\s*(?:there (?:is|are) )?(?:no|none|nothing|not any)\s*[.!]?\s*$", re.IGNORECASE)
HEAD = re.compile(r"^\s*(?:(?:the )?(?:max|min)(?:imum|imal)?(?: value)?)\s*(?:is|=|:|≈)\s*", re.IGNORECASE)
PLACE = re.compile(r"(.*\S)\s*,?\s+(?:at|when|for)\s+([^\s=]+)\s*=\s*([^=]+)$", re.DOTALL)
SETS = ("roots", "stationary", "maximum", "minimum")


def _with_place(value: str, name: str, place: str, problem: Problem) -> Verdict:
    """`1/e at x = 1`: the value, and that it is the value there."""
    found = check_answer(value, problem)
    if found.kind != "right":
        return found
    try:
        there = {canonical(name): formula(place, problem.names)}
        here = check_answer(value, replace(problem, kind="value", at=there))
    except SymnetError as e:
        return Verdict("malformed", error=str(e), reading=found.reading)
    if here.kind != "wrong":
        return replace(found, reading=f"{found.reading} at {name} = {place}")
    return replace(here, certificate=f"the value is right, but not at {name} = {place}")


def _prepared(answer: str, problem: Problem) -> tuple[str, tuple[str, ...]]:
    """What only the kind of a problem explains: `No`, `max = 1/e`, `x = 1 ∨ x = 3`."""
    if problem.kind in SETS and NONE.match(answer):
        answer = "none"
    if problem.kind in ("maximum", "minimum"):
        answer = HEAD.sub("", answer)
    return answer.replace("∨", " or "), problem.names


def _judged(problem: Problem, scope: Scope, found: Found) -> Verdict:
    if problem.kind == "lines":
        return LINES[problem.mode](problem, scope, found)
    if problem.kind == "roots" and any(_is_equation(s, problem) for _, s in found):
        assert problem.expr is not None
        if _is_equation(found[-1][1], problem):
            raise ReadError("the last line is still an equation", remedy="write the numbers that solve it")
        return check_solving(problem, scope, [(0, Statement((problem.expr, ZERO), ("=",))), *found])
    if problem.kind == "gradient":
        found = with_shapes(found, scope)
    return KINDS[problem.kind](problem, scope, claims(found, scope))


def _is_equation(s: Statement, problem: Problem) -> bool:
    """Roots may be found in lines that solve the equation."""
    x = problem.wrt[0] if problem.wrt else ""
    return len(s.sides) > 1 and s.sides[0].op != "sym" and x in s.sides[0].free


# --------------------------------------------------------------------------------------------------------- the kinds
def _formula(problem: Problem, scope: Scope, found: list[Claim]) -> Verdict:
    return Formulas(problem, scope).verdict(found)


def _update(problem: Problem, scope: Scope, found: list[Claim]) -> Verdict:
    """With a point a number is asked, else the rule."""
    return (check_number if problem.at else _formula)(problem, scope, found)


def _equals(problem: Problem, scope: Scope, found: list[Claim]) -> Verdict:
    """Formulas; vectors and sets element by element."""
    truth = problem.expr
    assert truth is not None
    if truth.op in ("vector", "set") or any(s.op in ("vector", "set") for c in found for s in c.sides):
        return _elements(problem, scope, found)
    return _formula(problem, scope, found)


def _elements(problem: Problem, scope: Scope, found: list[Claim]) -> Verdict:
    from .arrays import elements, flat, size

    assert problem.expr is not None
    truth = elements(problem.expr)
    results: list[Comparison] = []
    for c in found:
        for side in c.sides:
            rows = elements(scope.meaning(side))
            if size(rows) != size(truth):
                asked, given = ("×".join(map(str, size(r))) for r in (truth, rows))
                raise ShapeError(f"{asked} elements are asked, not {given}")
            pairs = zip(flat(truth), flat(rows), strict=True)
            results += [compare(a, b, domain=problem.domain) for a, b in pairs]
    bad = next((r for r in results if r.kind == "different"), None)
    if bad is not None:
        return Verdict("wrong", bad.certificate, witness=witness(bad))
    open_ = next((r for r in results if r.kind != "equal"), None)
    if open_ is not None:
        return Verdict("undecided", open_.certificate, likely="right" if open_.likely else None)
    return Verdict("right", "every element is equal")


KINDS: Mapping[str, Callable[[Problem, Scope, list[Claim]], Verdict]] = {
    "derivative": _formula,
    "integral": _formula,
    "equals": _equals,
    "update": _update,
    "gradient": check_gradient,
    "value": check_number,
    "roots": check_set,
    "stationary": check_set,
    "maximum": check_extreme,
    "minimum": check_extreme,
}
LINES = {"rewrite": check_rewriting, "solve": check_solving}
