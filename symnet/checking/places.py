"""Stationary points and extreme values as people state them: (2, −3), min at x = 1, x = −1 (max), 1/e at x = 1."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from ..equality.solving import Root
from ..errors import SymnetError
from ..reading import read
from ..term import Term, sym
from .answers import Claim, Scope
from .numbers import at_point, check_set, is_root, members, names_of, optima, points_of, root_of
from .numerals import exact, judge, written
from .problem import Problem
from .verdict import Verdict, Witness

LONG = 2_000  # characters of a list of points
WORDS = {"min": "min", "max": "max", "saddle": "saddle", "inflection": "inflection"}
KIND = r"(?:(?:is|has)\s+)?(?:an?\s+|the\s+)?(?:strict\s+)?(?:local|global|relative|absolute)?\s*"
NOUN = r"(?P<kind>min|max|saddle|inflection)(?:imum|ima|\.|\s+point)?s?(?![a-z(])(?!\s+value)"
TAG = re.compile(rf"(?:[:,]|\b(?:is|a))?\s*\(?\s*\b{KIND}{NOUN}\s*\)?\s*(?:at|when|for|in|:)?\s*", re.IGNORECASE)
CUT = re.compile(r"[,;\n]|\band\b")
SHORT = 1_000  # characters of an answer that says a value and its place
OPEN, CLOSE = "([{", ")]}"


def parts_of(answer: str) -> list[str]:
    """The parts between commas, line ends and `and`, brackets kept whole."""
    depth, start = 0, 0
    inside = []
    for c in answer:
        depth += (c in OPEN) - (c in CLOSE)
        inside.append(depth)
    out = []
    for cut in CUT.finditer(answer):
        if inside[cut.start()] == 0:
            out.append(answer[start : cut.start()])
            start = cut.end()
    return [p.strip() for p in [*out, answer[start:]] if p.strip()]


def without_kinds(answer: str) -> tuple[str, list[tuple[str, str]]]:
    """The points alone, and the kind that each part said of its point."""
    if len(answer) > LONG or not TAG.search(answer):
        return answer, []
    found: list[tuple[str, str]] = []
    rest: list[str] = []
    for part in parts_of(answer):
        tag = TAG.search(part)
        point = (part[: tag.start()] + " " + part[tag.end() :]).strip(" :") if tag is not None else part
        if (not point and not rest) or TAG.search(point):
            return answer, []
        rest += [point] if point else []
        if tag is not None:
            found.append((rest[-1], tag["kind"].lower()))
    return ", ".join(rest), found


def check_stationary(problem: Problem, scope: Scope, found: list[Claim]) -> Verdict:
    """A list of places, or of points (x, f(x))."""
    names = names_of(problem)
    if len(names) != 1:
        return check_set(problem, scope, found)
    pairs = _one_way_each(_pairs(problem, found, names[0]))
    listed = pairs is None or all(c.label is None for c in found)
    first = check_set(problem, scope, found) if listed else None
    twice = any(p.op == "vector" and len(set(p.args)) < len(p.args) for c in found for p in _points(c.sides[-1]))
    if first is not None and (pairs is None or (first.kind != "wrong" and not twice)):
        return first
    assert pairs is not None
    places = [replace(found[0], label=None, sides=(x,)) for x, _ in pairs]
    verdict = check_set(problem, scope, places)
    if verdict.kind != "right":
        return first if first is not None and verdict.kind == "wrong" and len(pairs) > 1 else verdict
    for x, y in pairs:
        off = _off(problem, scope, x, y)
        if off is not None:
            return Verdict("wrong", f"the value at {names[0]} = {x} is {off.expected}", witness=off)
    return verdict


def _pairs(problem: Problem, found: list[Claim], x: str) -> list[tuple[Term, Term]] | None:
    """(x, f(x)) as vectors, as `x = 2, y = −3`, or as `x = 2, f(2) = −3`."""
    labels = [c.label for c in found]
    if len(found) % 2 == 0 and all(a is sym(x) for a in labels[::2]) and all(map(_is_value, labels[1::2])):
        ends = [c.sides[-1] for c in found]
        return list(zip(ends[::2], ends[1::2], strict=True))
    if any(c.label is not None and c.label is not sym(x) and c.label.op != "apply" for c in found):
        return None
    values = [v for c in found for v in _points(c.sides[-1])]
    if values and all(v.op == "vector" and len(v.args) == 2 for v in values):
        return [(v.args[0], v.args[1]) for v in values]
    return None


def _one_way_each(pairs: list[tuple[Term, Term]] | None) -> list[tuple[Term, Term]] | None:
    """x = ±1, y = ∓2 are two points: the upper signs go together."""
    if pairs is None:
        return None
    return [(p[0], p[1]) for x, y in pairs for p in points_of(Term("vector", (x, y)))]


def _is_value(label: Term | None) -> bool:
    return label is not None and (label.op == "apply" or (label.op == "sym" and label.name in ("y", "f", "z")))


def _points(t: Term) -> list[Term]:
    if t.op == "set" or (t.op == "vector" and t.args and all(a.op == "vector" for a in t.args)):
        return [p for a in t.args for p in _points(a)]
    return [t]


def _off(problem: Problem, scope: Scope, x: Term, y: Term) -> Witness | None:
    """What is wrong with a value f(x) as it is written; the place may be rounded, the root it stands for is meant."""
    from .numbers import SETS

    roots = SETS["stationary"](problem).roots
    here = next((r for r in roots if is_root(scope.meaning(x), r)), None)
    if here is None:
        return Witness({}, "a stationary point", str(x))
    truth = _value_at(problem, here, scope.meaning(x))
    number = written(y)
    if number is None:
        from ..equality import compare

        c = compare(truth, scope.meaning(y))
        return None if c.kind == "equal" else Witness({}, *(c.values or (str(truth), str(y))))
    found = judge(number, exact(truth))
    return None if found.right else Witness({}, found.expected or "another value", found.found or str(y))


def _value_at(problem: Problem, r: Root, x: Term) -> Term:
    from ..term import num

    place = num(r.exact) if r.exact is not None else x if written(x) is None else num(r.near(400))
    return at_point(problem.expr, replace(problem, at={names_of(problem)[0]: place}))  # type: ignore[arg-type]


# --------------------------------------------------------------------------------------------------------------- kinds
def with_kinds(problem: Problem, verdict: Verdict, said: list[tuple[str, str]]) -> Verdict:
    """A right list of points whose kinds are right as well."""
    if verdict.kind != "right" or not said:
        return verdict
    answer = optima(problem)
    if answer is None:
        return replace(verdict, kind="undecided", certificate="the kinds of the points were not found", likely="right")
    names = names_of(problem)
    undecided = False
    for text, kind in said:
        for place in _places(text, problem):
            true = _kind(answer, place, names)
            if len(answer.points) == 1:  # x = 1, y = 0 is this point
                true = str(answer.points[0].kind)
            if true is None:
                undecided = True
            elif true != kind:
                shown = ", ".join(f"{n} = {v.text()}" for n, v in zip(names, place, strict=False))
                words = f"at {shown} there is {SAID.get(true, true)}"
                return Verdict("wrong", words, verdict.reading, Witness({}, SAID.get(true, true), SAID[kind]))
    if undecided:
        return replace(verdict, kind="undecided", certificate="the kind of a point was not found", likely="right")
    return replace(verdict, certificate=f"{verdict.certificate}, and their kinds")


SAID = {"min": "a minimum", "max": "a maximum", "saddle": "a saddle point", "inflection": "an inflection point"}


def _places(text: str, problem: Problem) -> list[tuple[Term, ...]]:
    """The coordinates of the points of one part."""
    n = len(names_of(problem))
    found = read(text, names=problem.names).statements
    out = []
    for t in (p for s in found for p in _points(s.value)):
        if t.op == "vector" and len(t.args) >= n:
            out += [p[:n] for p in points_of(t)]
        else:
            out += [(v,) for v in members([t])]
    return out


def _kind(answer: Any, place: tuple[Term, ...], names: tuple[str, ...]) -> str | None:
    from ..bridge import from_sympy

    for p in answer.points:
        roots = [root_of(from_sympy(p.at[n])) for n in names]
        try:
            if len(place) == len(roots) and all(is_root(v, r) for v, r in zip(place, roots, strict=True)):
                return str(p.kind)
        except SymnetError:
            return None
    return None
