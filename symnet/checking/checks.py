"""`check`: an answer as somebody typed it against the problem that it answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ..clock import within
from ..equality import Comparison, compare
from ..errors import GraphError, ReadError, RuleError, ShapeError, SymnetError, quote
from ..names import canonical
from ..reading import Statement
from ..term import ZERO, Term
from . import primitives
from .answers import ABBREVIATED, CHARACTERS, OWN_E, Claim, Scope, UnknownName, claims, shown, statements
from .asides import joined, judged, set_apart
from .conditions import with_conditions
from .extremes import Placed, placed
from .forms import as_points, commas, says_every_number, typed
from .formulas import Formulas, witness
from .gradients import check_gradient, with_shapes
from .leading import led
from .lines import check_rewriting, check_solving
from .numbers import check_everything, check_extreme, check_set, members, points_of, reached
from .places import check_stationary, with_kinds, without_kinds
from .problem import Problem, check_mappings, formula, read_problem
from .updates import check_updates
from .verdict import Verdict, Witness
from .workings import as_steps, asked_step, check_workings, with_slopes

Found = list[tuple[int, Statement]]
SECONDS = 8  # of one check; what is not decided by then stays undecided


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
    text = (answer if isinstance(answer, str) else str(_as_term(answer))).rstrip()
    with within(SECONDS):
        return _checked(text, problem)


def _checked(text: str, problem: dict[str, Any]) -> Verdict:
    check_mappings(problem)
    if "graph" in problem:
        return _page(text, **problem)
    return check_answer(text, read_problem(problem))


def _page(text: str, graph: Any, given: Any = None, domain: Any = None, shapes: Any = None, **more: Any) -> Verdict:
    """A page about a network, which is a Graph or the text of one."""
    from ..graph import Graph
    from .pages import check_page

    for name in more:
        remedy = "write its numbers on a line of the page: x = 1" if name == "at" else "there are graph, given, domain"
        raise RuleError(f"`{quote(name)}` is no field of a problem with a graph; {remedy}")
    return check_page(text, graph if isinstance(graph, Graph) else Graph(graph, shapes), given=given, domain=domain)


def _as_term(answer: Any) -> Term:
    from ..term import term

    return term(answer)


def check_answer(answer: str, problem: Problem) -> Verdict:
    """The verdict on the text of an answer."""
    if len(answer) > CHARACTERS:
        said = f"an answer of {len(answer):,} characters; at most {CHARACTERS:,} are read"
        return Verdict("malformed", error=said)
    try:
        steps = led(answer, problem)
        return _alone(answer, problem) if steps is None else steps.joined(problem, _alone(steps.rest, problem))
    except (ReadError, UnknownName) as e:
        return Verdict("malformed", error=str(e))
    except SymnetError as e:
        return Verdict("undecided", str(e))


def _alone(answer: str, problem: Problem) -> Verdict:
    """The verdict on the answer itself."""
    try:
        answer = typed(answer, problem)
    except ReadError as e:
        return Verdict("malformed", error=str(e))
    if says_every_number(answer, problem):
        return check_everything(problem)
    sentence = placed(answer, problem)
    found = _with_places(sentence, problem) if sentence is not None else _read_and_judged(answer, problem)
    return _with_commas(answer, found, problem) if _may_list(problem) and commas(answer) else found


def _may_list(problem: Problem) -> bool:
    """Whether an answer may hold several numbers, with commas between them."""
    return problem.kind in LISTS or problem.mode == "solve"


def _with_commas(answer: str, found: Verdict, problem: Problem) -> Verdict:
    """`2,5` is two numbers, unless only 2.5 would be right: then it is not clear."""
    if found.kind != "wrong" or _read_and_judged(as_points(answer), problem).kind == "wrong":
        return found
    said = f"{commas(answer)[0][0]} may be two numbers, or one with a decimal comma"
    return Verdict("malformed", error=f"{said}: write the decimal sign as a point, or a blank behind the comma")


def _read_and_judged(answer: str, problem: Problem) -> Verdict:
    reading = seen = ""
    try:
        scope = Scope(problem)
        kinds: list[tuple[str, str]] = []
        if problem.kind == "stationary":
            answer, kinds = without_kinds(answer)
        found = statements(*_prepared(answer, problem))
        reading, seen = shown(found), shown(found, Statement.text, "\n")
        verdict = _placed(_judged(problem, scope, found), found)
        return replace(with_kinds(problem, verdict, kinds), reading=reading, shown=seen)
    except (ReadError, ShapeError, UnknownName, GraphError) as e:
        return Verdict("malformed", error=str(e), reading=reading, shown=seen)
    except SymnetError as e:
        return Verdict("undecided", str(e), reading=reading, shown=seen)


EITHER = re.compile(r"\+\s?/?\s?-")  # 5/2 +- 1/2, +/- sqrt(2)
LISTS = ("roots", "stationary")
SETS = (*LISTS, "maximum", "minimum")


def _with_places(said: Placed, problem: Problem) -> Verdict:
    """`1/e at x = 1`: the value, and that it is the value there."""
    found = _read_and_judged(said.value, problem)
    for place in said.places if found.kind == "right" else ():
        there = " at " + ", ".join(f"{n} = {v}" for n, v in place.items())
        found = replace(found, reading=found.reading + there, shown=found.shown + there)
        try:
            at = {canonical(n): formula(v, problem.names) for n, v in place.items()}
            ways = [dict(zip(at, way, strict=True)) for way in points_of(Term("vector", tuple(at.values())))]  # x = ±1
            tried = [(way, _read_and_judged(said.value, replace(problem, kind="value", at=way))) for way in ways]
            off = (v for way, v in tried if v.kind == "wrong" and not reached(problem, list(way.values())))
            here = next(off, None)
            if here is not None:
                words = f"the value is right, but not{there}"
                return replace(here, certificate=words, shown=found.shown, mistake=None, notes=())
        except SymnetError as e:
            return Verdict("malformed", error=str(e), reading=found.reading, shown=found.shown)
    return found


def _placed(verdict: Verdict, found: Found) -> Verdict:
    """What is wrong in an answer of one line is wrong in that line."""
    lines = {number for number, _ in found}
    alone = verdict.kind == "wrong" and verdict.first_bad_line is None and len(lines) == 1
    return replace(verdict, first_bad_line=found[0][0]) if alone else verdict


def _prepared(answer: str, problem: Problem) -> tuple[str, tuple[str, ...]]:
    """What only the kind of a problem explains: its names, `5 +- 1`, `x = 1 ∨ x = 3`."""
    own = ("e",) if problem.kind in ABBREVIATED and OWN_E.search(answer) else ()
    if problem.kind in SETS or problem.mode == "solve":
        answer = EITHER.sub("±", answer)
    return as_steps(answer, problem).replace("∨", " or "), (*problem.names, *own)


def _judged(problem: Problem, scope: Scope, found: Found) -> Verdict:
    found = with_conditions(found)
    if problem.kind == "lines":
        return LINES[problem.mode](problem, scope, found)
    if problem.kind == "roots" and any(_is_equation(s, problem) for _, s in found):
        assert problem.expr is not None
        if _is_equation(found[-1][1], problem):
            raise ReadError("the last line is still an equation", remedy="write the numbers that solve it")
        return check_solving(problem, scope, [(0, Statement((problem.expr, ZERO), ("=",))), *found])
    if problem.kind == "gradient":
        found = with_shapes(found, scope)
    return KINDS[problem.kind](problem, scope, claims(found, scope, whole=_by_lines(problem)))


def _by_lines(problem: Problem) -> bool:
    """Whether lines that introduce a name are looked at as claims."""
    return problem.kind in ("derivative", "value") or (problem.kind == "update" and bool(problem.at))


def _is_equation(s: Statement, problem: Problem) -> bool:
    """Roots may be found in lines that solve the equation."""
    x = problem.wrt[0] if problem.wrt else ""
    return len(s.sides) > 1 and s.sides[0].op != "sym" and x in s.sides[0].free


# --------------------------------------------------------------------------------------------------------- the kinds
def _formula(problem: Problem, scope: Scope, found: list[Claim]) -> Verdict:
    return Formulas(problem, scope).verdict(found)


def _derivative(problem: Problem, scope: Scope, found: list[Claim]) -> Verdict:
    """The lines about the derivative; those about other things are claims of their own."""
    asked, others = set_apart(problem, scope, found)
    told = judged(problem, scope, others)
    return joined(scope, _located(Formulas(problem, scope).verdict(asked), asked), told)


def _located(verdict: Verdict, asked: list[Claim]) -> Verdict:
    """A wrong verdict on one claim is about its line."""
    alone = verdict.kind == "wrong" and verdict.first_bad_line is None
    return replace(verdict, first_bad_line=asked[0].line) if alone else verdict


def _integral(problem: Problem, scope: Scope, found: list[Claim]) -> Verdict:
    """The antiderivative; lines on which integrals are left are differentiated."""
    asked, told = primitives.set_apart(problem, scope, found)
    return joined(scope, _located(Formulas(problem, scope).verdict(asked), asked), told)


def _update(problem: Problem, scope: Scope, found: list[Claim]) -> Verdict:
    """With a point a number is asked, else the rule."""
    single = check_workings if problem.at else _rule
    return check_updates(problem, scope, found, single) if len(problem.wrt) > 1 else single(problem, scope, found)


def _rule(problem: Problem, scope: Scope, found: list[Claim]) -> Verdict:
    for c in found:
        asked_step(problem, c)
    return _formula(problem, scope, with_slopes(problem, found))


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
    if problem.expr.op == "set":
        return _members(problem, scope, found)
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
    bad = next((i for i, r in enumerate(results) if r.kind == "different"), None)
    if bad is not None:
        row, column = divmod(bad % len(flat(truth)), len(truth[0]))
        where = f"row {row + 1}, column {column + 1}" if len(truth[0]) > 1 else f"place {row + 1}"
        return Verdict("wrong", f"the element in {where} differs", witness=witness(results[bad]))
    open_ = next((r for r in results if r.kind != "equal"), None)
    if open_ is not None:
        return Verdict("undecided", open_.certificate, likely="right" if open_.likely else None)
    return Verdict("right", "every element is equal")


def _members(problem: Problem, scope: Scope, found: list[Claim]) -> Verdict:
    """A set, in any order: every element is there, and no other."""
    assert problem.expr is not None
    truth = members([problem.expr])
    for side in (side for c in found for side in c.sides):
        listed = [scope.meaning(v) for v in members([side])]
        met = [[compare(t, v, domain=problem.domain) for t in truth] for v in listed]
        sides = (problem.expr.text(), side.text())
        for v, row in zip(listed, met, strict=True):
            if all(r.kind == "different" for r in row):
                return Verdict("wrong", f"{v.text()} is not an element", witness=Witness({}, *sides))
        for t, column in zip(truth, zip(*met, strict=True), strict=True) if listed else ((t, ()) for t in truth):
            if all(r.kind == "different" for r in column):
                return Verdict("wrong", f"{t.text()} is missing", witness=Witness({}, *sides))
        if not all(any(r.kind == "equal" for r in row) for row in (*met, *zip(*met, strict=True))):
            return Verdict("undecided", "whether every element is there was not decided")
    return Verdict("right", "the same elements")


KINDS: Mapping[str, Callable[[Problem, Scope, list[Claim]], Verdict]] = {
    "derivative": _derivative,
    "integral": _integral,
    "equals": _equals,
    "update": _update,
    "gradient": check_gradient,
    "value": check_workings,
    "roots": check_set,
    "stationary": check_stationary,
    "maximum": check_extreme,
    "minimum": check_extreme,
}
LINES = {"rewrite": check_rewriting, "solve": check_solving}
