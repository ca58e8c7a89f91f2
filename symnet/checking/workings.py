"""Lines with numbers on the way to a number: g = 2(1 − 3) = −4, x² = 25, w1 = 1.4; each is a claim of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from flint import arb

from ..balls import as_ball
from ..balls import value as exact_value
from ..errors import ReadError
from ..names import compose, parse
from ..rules import slope
from ..term import Term, partial, postorder, substitute, sym
from .answers import GRADIENTS, RATES, Claim, Scope, goes_on
from .numbers import at_point, check_number
from .numerals import decimal, exact, judge, reach, written
from .problem import Problem
from .verdict import Line, Verdict, Witness

SLOPES = re.compile(r"\s*(?:the\s+)?(?:gradient|derivative|slope|grad)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Working:
    """A claim beside the answer: every side has one of these values, which are numbers."""

    claim: Claim
    truths: tuple[Term, ...]


def check_workings(problem: Problem, scope: Scope, found: list[Claim]) -> Verdict:
    """The last line is the number that is asked; the lines above are true, or about it too."""
    found = _in_order(problem, _steps(problem, _continued(found)))
    asked: list[Claim] = []
    others: list[Working] = []
    final = max((i for i, c in enumerate(found) if not _is_beside(problem, c)), default=len(found) - 1)
    counted = _counted(problem, found)
    asked_step(problem, found[final])
    for i, c in enumerate(found):
        truths = (counted.get(i) or _truths(problem, scope, c)) if i != final else ()
        if truths:
            others.append(Working(c, truths))
        else:
            asked.append(c)
        name = c.label.name if c.label is not None and c.label.op == "sym" else None
        if name is not None and not scope.known(name) and all(name not in side.free for side in c.sides):
            scope.define(name, c.sides[-1])
    bad = next((t for w in others if (t := _wrong(problem, scope, w)) is not None), None)
    verdict = check_number(problem, scope, asked)
    first = verdict.first_bad_line or asked[0].line
    if bad is not None and (verdict.kind != "wrong" or bad[0].claim.line < first):
        w, witness = bad
        lines = (Line(w.claim.line, "wrong", w.claim.text, str(witness), shown=w.claim.shown),)
        said = "the two sides of a line differ"
        return Verdict("wrong", said, witness=witness, first_bad_line=w.claim.line, lines=lines)
    return replace(verdict, first_bad_line=first) if verdict.kind == "wrong" else verdict


def asked_step(problem: Problem, c: Claim) -> None:
    """Raises `ReadError` where the answer is w₄ and two steps are asked; w₃ may be counted from w₁."""
    if problem.kind != "update" or c.label is None or c.label.op != "sym" or c.label.name in problem.names:
        return
    n, w = parse(c.label.name), parse(problem.wrt[0])
    later = re.search(r"[a-z](?:p|\+)(\d+)$", "".join(n.subs) + n.layer)
    if n.base == w.base and later is not None and int(later[1]) != problem.steps:
        raise ReadError(f"`{c.label.name}` is a step that is not asked; one from {later[0][0]} to the next is")
    k = n.subs[len(w.subs)] if n.base == w.base and len(n.subs) == len(w.subs) + 1 else n.layer
    if n.base == w.base and k and k.isdigit() and int(k) > problem.steps + 1:
        raise ReadError(f"`{c.label.name}` is a step that is not asked; there are {problem.steps}")


def _is_beside(problem: Problem, c: Claim) -> bool:
    """Whether a line of an update is about Δw, the gradient or the value of the function."""
    return problem.kind == "update" and c.label is not None and c.label.op == "sym" and _sort(problem, c.label) != ""


def _sort(problem: Problem, label: Term) -> str:
    """step, slope or value for Δw, g₁ and E₁; nothing for another name."""
    n = parse(label.name)
    if label.name in problem.names or n.primes or n.layer or n.accent:
        return ""
    if n.lead == "nabla_":
        return "slope"
    if n.lead == "Delta":
        return "step" if n.base == parse(problem.wrt[0]).base else ""
    return next((sort for sort, names in SORTS.items() if n.base in names), "")


SORTS = {"slope": GRADIENTS, "value": ("E", "L", "J", "C", "f", "loss")}


def _counted(problem: Problem, found: list[Claim]) -> dict[int, tuple[Term, ...]]:
    """The numbers behind g₀ = −4, g₁ = −2, Δw = 1, E₀ = 4: of the step that their index, or their order, says."""
    if problem.kind != "update" or len(problem.wrt) > 1:
        return {}
    out: dict[int, tuple[Term, ...]] = {}
    for sort, numbers in _sorted_numbers(problem).items():
        told = [i for i, c in enumerate(found) if sort == "step" or all(not s.free for s in c.sides)]
        here = [i for i in told if (x := found[i].label) is not None and x.op == "sym" and _sort(problem, x) == sort]
        own = len(parse(problem.wrt[0]).subs) if sort == "step" else 0
        at = {i: "".join(parse(found[i].label.name).subs[own:]) for i in here}  # type: ignore[union-attr]
        indices = [int(k) for k in at.values() if k.isdigit()]
        starts = (0,) if 0 in indices else (1,) if len(numbers) in indices else (0, 1)
        for order, i in enumerate(here):
            label = found[i].label
            assert label is not None
            if any(label.name in s.free for c in found for s in c.sides):
                continue  # an abbreviation of the page
            if at[i].isdigit():
                near = tuple(numbers[k] for s in starts if 0 <= (k := int(at[i]) - s) < len(numbers))
                out[i] = near or numbers
            else:
                out[i] = (numbers[order],) if len(here) == len(numbers) else numbers
    return out


def _sorted_numbers(problem: Problem) -> dict[str, tuple[Term, ...]]:
    """The steps, slopes and values along the path."""
    assert problem.expr is not None
    path = _path(problem)
    values = tuple(at_point(substitute(problem.expr, {problem.x: p}), problem) for p in path)
    slopes = tuple(_slope(problem, p) for p in path[:-1])
    return {"step": tuple(b - a for a, b in pairwise(path)), "slope": slopes, "value": values}


def _continued(found: list[Claim]) -> list[Claim]:
    """`= 25 − 15` goes on with the line above, whose first side it must equal as well."""
    out: list[Claim] = []
    for c in found:
        above = out[-1] if out else None
        own = above is not None and (above.label is not None or len(above.sides) > 1)
        if above is not None and own and goes_on(c):
            sides = c.sides if above.label is not None else (above.sides[0], *c.sides)
            c = replace(c, label=above.label, sides=sides)
        out.append(c)
    return out


def _steps(problem: Problem, found: list[Claim]) -> list[Claim]:
    """`1.4, 1.72` are the values after one and after two steps."""
    last = found[-1].sides[-1]
    if problem.kind != "update" or len(found[-1].sides) > 1 or last.op not in ("set", "vector"):
        return found
    if len(last.args) not in (problem.steps, problem.steps + 1):
        return found
    n = parse(problem.wrt[0])
    first = problem.steps + 1 - len(last.args)
    names = [sym(compose(n.base, subs=(*n.subs, str(first + k)))) for k in range(len(last.args))]
    made = [replace(found[-1], label=x, sides=(v,)) for x, v in zip(names, last.args, strict=True)]
    return [*found[:-1], *made]


def _in_order(problem: Problem, found: list[Claim]) -> list[Claim]:
    """`w = 1.4`, `w = 1.72` on two lines are the values after one and after two steps."""
    if problem.kind != "update" or problem.steps < 2:
        return found
    moved = [i for i, c in enumerate(found) if _is_value(problem, c)]
    if len(moved) not in (problem.steps, problem.steps + 1):
        return found
    n, first = parse(problem.wrt[0]), problem.steps + 1 - len(moved)
    out = list(found)
    for k, i in enumerate(moved, first):
        out[i] = replace(found[i], label=sym(compose(n.base, subs=(*n.subs, str(k)))))
    return out


def _is_value(problem: Problem, c: Claim) -> bool:
    """Whether a line says w = … without saying after which step, or is a number alone."""
    if c.label is None:
        return len(c.sides) == 1 and not SLOPES.match(c.source)
    return c.label.op == "sym" and c.label.name in (problem.wrt[0], f"{problem.wrt[0]}_new")


def _truths(problem: Problem, scope: Scope, c: Claim) -> tuple[Term, ...]:
    """What the sides of a line must equal; nothing where the line is about the number that is asked."""
    label = c.label
    if label is None:
        if SLOPES.match(c.source) and problem.kind == "update":
            return tuple(_slope(problem, p) for p in _path(problem)[:-1])
        return (_number(problem, scope, c.sides[0]),) if len(c.sides) > 1 else ()
    if problem.kind == "update" and _is_slope(problem, label):
        if label.op == "applyprime" and not label.args[0].free:
            return (_slope(problem, label.args[0]),)
        return tuple(_slope(problem, p) for p in _path(problem)[:-1])
    if problem.kind == "update" and label.op == "apply" and label.data not in scope.own:
        return _values(problem, label)
    if label.op != "sym":
        return ()
    if problem.kind == "update" and label.name in RATES and label.name not in problem.names and problem.lr is not None:
        return (at_point(problem.lr, problem),)
    if label.name in problem.at:
        here = (problem.at[label.name],)
        return here if problem.kind == "value" or _same_number(problem, scope, c, here[0]) else ()
    if problem.kind == "update":
        n, w = parse(label.name), parse(problem.wrt[0])
        later = n.subs[len(w.subs) :]
        if n.base == w.base and len(later) == 1 and later[0].isdigit():
            path = _path(problem)
            k = int(later[0])
            if k >= len(path):
                raise ReadError(f"`{label.name}` is a step that is not asked; there are {problem.steps}")
            return (path[k],)
        if n.base == w.base:
            return ()
    return (_number(problem, scope, c.sides[0]),) if len(c.sides) > 1 or label.name not in scope.own else ()


def _values(problem: Problem, label: Term) -> tuple[Term, ...]:
    """E(w₀) = 4, E(1) = 4: the function at a place, or somewhere on the path."""
    assert problem.expr is not None
    place = label.args[0]
    at = (place,) if not place.free else tuple(_path(problem))
    return tuple(at_point(substitute(problem.expr, {problem.x: p}), problem) for p in at)


def _same_number(problem: Problem, scope: Scope, c: Claim, truth: Term) -> bool:
    return fits(problem, scope, c.sides[-1], truth) is None


def _is_slope(problem: Problem, label: Term) -> bool:
    if label.op in ("partial", "diff", "deriv"):
        return label.args[1] is problem.x
    return label.op == "applyprime" and label.data[1] == (1,) and len(label.args) == 1


def _path(problem: Problem) -> list[Term]:
    """The values after 0, 1, 2, … steps."""
    from .numbers import NUMBERS

    start = problem.at[problem.wrt[0]]
    return [start, *(NUMBERS["update"](replace(problem, steps=k)) for k in range(1, problem.steps + 1))]


def _slope(problem: Problem, here: Term) -> Term:
    assert problem.expr is not None
    return at_point(substitute(slope(problem.expr, problem.x)[0], {problem.x: here}), problem)


def _number(problem: Problem, scope: Scope, side: Term) -> Term:
    t = at_point(scope.meaning(side), problem)
    if t.free:
        raise ReadError(f"a line still holds {', '.join(t.free[:4])}; numbers are asked")
    return t


def _wrong(problem: Problem, scope: Scope, w: Working) -> tuple[Working, Witness] | None:
    first: Witness | None = None
    for t in w.truths:
        off = next((o for side in w.claim.sides if (o := fits(problem, scope, side, t)) is not None), None)
        if off is None:
            return None
        first = first or off
    assert first is not None
    return w, first


def fits(problem: Problem, scope: Scope, side: Term, truth: Term) -> Witness | None:
    """None where a side is this number, or the number rounded as written, or made of rounded numbers."""
    number = written(side)
    if number is not None:
        found = judge(number, exact(truth))
        if found.right is not False:
            return None
        return None if _near(truth, side) else Witness({}, found.expected, found.found)
    here = _number(problem, scope, side)
    a, b = _ball(truth), _ball(here)
    if a.overlaps(b) or _near(truth, here):
        return None
    return Witness({}, decimal(a), decimal(b))


def _near(truth: Term, side: Term) -> bool:
    """Whether the two may be one number, as their decimals are rounded."""
    reaches = [reach(t) if _has_decimals(t) and t.op != "num" else _ball(t) for t in (truth, side)]
    return _has_decimals(truth) and all(r is not None for r in reaches) and arb(reaches[0]).overlaps(arb(reaches[1]))


def _has_decimals(t: Term) -> bool:
    return any(n.op == "num" and n.data[1].startswith(".") for n in postorder(t))


def _ball(t: Term) -> Any:
    return as_ball(exact_value(t, {}, 256))


def with_slopes(problem: Problem, found: Sequence[Claim]) -> list[Claim]:
    """`w ← w − η L′(w)`: L is what the update makes smaller."""
    return [replace(c, sides=tuple(_with_slopes(problem, s) for s in c.sides)) for c in found]


def _with_slopes(problem: Problem, side: Term) -> Term:
    put = {
        n: partial(sym(n.data[0]), problem.x)
        for n in postorder(side)
        if n.op == "applyprime" and n.data[1] == (1,) and n.args == (problem.x,)
    }
    return substitute(side, dict(put)) if put else side


def as_steps(answer: str, problem: Problem) -> str:
    """`w(1) = 1.4` and `w^(1) = 1.4` are the value after one step."""
    if problem.kind != "update":
        return answer
    w = re.escape(problem.wrt[0])
    return re.sub(rf"(?<![\w.])({w})\^?(?:\((\d{{1,2}})\)|\{{\((\d{{1,2}})\)\}})(?=\s*[=≈])", r"\1_\2\3", answer)
