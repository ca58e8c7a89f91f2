"""A step for several names at once: w = 0.6, b = −0.2, each from the point before the step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from ..errors import ReadError, RuleError
from ..names import canonical, parse, unicode
from ..term import Term, sym
from .answers import Claim, Scope
from .numbers import NUMBERS
from .problem import Problem
from .verdict import Mistake, Verdict

Single = Callable[[Problem, Scope, list[Claim]], Verdict]


def check_updates(problem: Problem, scope: Scope, found: list[Claim], single: Single) -> Verdict:
    """The lines about each name judged on their own by `single`; every name has to have its new value."""
    if problem.steps != 1:
        raise RuleError("several steps are asked of one name")
    about = dict(_shared(problem, found))
    missing = [n for n in problem.wrt if n not in about]
    if missing:
        raise ReadError(f"the new value of {', '.join(map(unicode, missing))} is missing", remedy="write w = …, b = …")
    verdicts: list[Verdict] = []
    for i, name in enumerate(problem.wrt):
        one = replace(problem, wrt=(name, *(n for n in problem.wrt if n != name)))
        verdict = single(one, scope, about[name])
        if verdict.kind != "right":
            early = _too_early(one, scope, about[name], problem.wrt[:i], single) if verdict.kind == "wrong" else None
            return replace(verdict, first_bad_line=about[name][-1].line, mistake=early or verdict.mistake)
        verdicts.append(verdict)
    said = "; ".join(f"{unicode(n)}: {v.certificate}" for n, v in zip(problem.wrt, verdicts, strict=True))
    return replace(verdicts[-1], certificate=said, notes=tuple(dict.fromkeys(n for v in verdicts for n in v.notes)))


def _too_early(
    one: Problem, scope: Scope, about: list[Claim], before: tuple[str, ...], single: Single
) -> Mistake | None:
    """Whether the number is right where the names in front of this one had their new values already."""
    if not before or not one.at:
        return None
    new = {n: NUMBERS["update"](replace(one, wrt=(n,))) for n in before}
    if single(replace(one, at={**one.at, **new}), scope, about).kind != "right":
        return None
    listed = ", ".join(map(unicode, before))
    return Mistake("updated_too_early", f"the new value of {listed} is used; every gradient is taken at the old point")


def _shared(problem: Problem, found: list[Claim]) -> Iterator[tuple[str, list[Claim]]]:
    """The claims about each name; a line without a name belongs to the name below it."""
    about: dict[str, list[Claim]] = {}
    waiting: list[Claim] = []
    for c in found:
        last = c.sides[-1]
        listed = last.op in ("set", "vector") and len(last.args) == len(problem.wrt)
        if c.label is None and len(c.sides) == 1 and listed:
            for n, v in zip(problem.wrt, last.args, strict=True):
                about.setdefault(n, []).append(replace(c, label=sym(n), sides=(v,), relations=("=",)))
            continue
        name = _meant(problem, c.label)
        if name is None:
            waiting.append(c)
            continue
        about.setdefault(name, []).extend([*waiting, c])
        waiting = []
    yield from about.items()


def _meant(problem: Problem, label: Term | None) -> str | None:
    """The name that a left side is about: w, w_new, w^(1), ∂E/∂w."""
    if label is None:
        return None
    if label.op in ("partial", "diff", "deriv") and label.args[1].op == "sym":
        return label.args[1].name if label.args[1].name in problem.wrt else None
    if label.op != "sym":
        return None
    if label.name in problem.wrt:
        return label.name
    n = parse(canonical(label.name))
    fits = [w for w in problem.wrt if (m := parse(w)).base == n.base and n.subs[: len(m.subs)] == m.subs]
    return max(fits, key=len) if fits else None
