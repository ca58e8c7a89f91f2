"""The verdict on a page: its lines under the convention that carries it furthest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import groupby
from typing import Any

from ...errors import SymnetError
from ...graph import Graph
from ...names import unicode
from ...term import Term
from ..verdict import Line, Verdict
from .activated import mixtures, note, shown_by_use, speaks_of_new, with_pre_activations
from .advice import explained, followed
from .circles import without_circles
from .correcting import correct
from .differential import NOTE, as_derivatives
from .judging import Judge, Judged
from .named import with_named_parts
from .page import Page

Domain = Mapping[str, Any] | None
NEGATIVE = "delta = -dE/dz"
OWN = ("delta", "Delta")  # without an index
ORDER = ("malformed", "wrong", "undecided", "right")


def check_page(
    answer: str, graph: Graph | str, *, given: Mapping[str, Any] | None = None, domain: Mapping[str, Any] | None = None
) -> Verdict:
    """Whether every line of a page is true of the network `graph`.

    A line may state ∂E/∂w1, dE/dw1, dw1, δ2 (= ∂E/∂z2), an inner derivative such as ∂a2/∂z2, a quantity of the graph,
    an update `w1 ← w1 − η ∂E/∂w1`, or introduce an abbreviation `e = a2 − t`; the lines may stand in any order. δ
    may stand for −∂E/∂z throughout, which `.convention` then says. Numbers given for the inputs make a numeric page: a
    rounded value is right if the true value rounds to it, or the rounded values above it do.

    *right* needs a proof of every line, *wrong* a witness; `first_bad_line` counts the lines as typed from 1.

    >>> net = Graph("z = w x + b; a = σ(z); E = ½ (a − t)²")
    >>> check_page("δ = (a − t) a (1 − a)\\n∂E/∂w = δ x", net).kind
    'right'
    >>> check_page("∂E/∂a = a − t\\n∂E/∂w = (a − t) x", net).first_bad_line
    2
    """
    net = graph if isinstance(graph, Graph) else Graph(graph)
    try:
        page = Page(answer, net, _allowed(given, net))
        named = with_named_parts(page)
        page = page if named is None else Page(answer, named, _allowed(given, named))
    except SymnetError as e:
        return Verdict("malformed", error=str(e))
    if not page.said:
        return Verdict(
            "malformed", error="the page is empty: no line states anything; write one claim a line, ∂E/∂w = …"
        )
    other = as_derivatives(page)
    if other is not None and other != answer:
        found = check_page(other, net, given=given, domain=domain)
        return replace(found, notes=(*found.notes, NOTE))
    best = _best(page, domain)
    found = _verdict(page, best)
    if found.kind == "right":
        return found
    other_best = _with_pre_activations(page, domain, given)
    if other_best is not None and _is_better(other_best, best, found):
        found = _activated_verdict(other_best)
    if found.kind == "right":
        return found
    pages = [page, *([other_best.page] if other_best is not None else [])]
    return next((own for p in pages if (own := _with_own_delta(p, domain, given)) is not None), found)


def _with_pre_activations(page: Page, domain: Domain, given: Mapping[str, Any] | None) -> Judge | None:
    """The page with δ_y = ∂E/∂z_y where the graph only says y = σ(w h + b); None if it speaks of no such δ."""
    try:
        graph = with_pre_activations(page)
        other = None if graph is None else Page(page.answer, graph, _allowed(given, graph))
    except SymnetError:
        return None
    if other is None or not speaks_of_new(other):
        return None
    best = _best(other, domain)
    if _bad(best.lines) == len(best.lines):
        return best
    mixed = (_judged(other, domain, sign, outer) for outer in mixtures(other) for sign in (1, -1))
    return next((j for j in mixed if all(k.kind == "right" for k in j.lines)), best)


def _is_better(other: Judge, best: Judge, found: Verdict) -> bool:
    """Whether δ = ∂E/∂z carries the page at least as far as δ_y = ∂E/∂y does."""
    if all(j.kind == "right" for j in other.lines):
        return True
    malformed = any(j.kind == "malformed" for j in other.lines)
    if malformed or found.kind == "malformed":
        return not malformed
    return _merit(other.page, other.lines) >= _merit(best.page, best.lines)


def _activated_verdict(judge: Judge) -> Verdict:
    """The verdict with the reading that was taken; a mixed reading needs a line that shows it."""
    found = _verdict(judge.page, judge)
    said = note(judge)
    if found.kind == "right" and not shown_by_use(judge):
        found = replace(found, kind="undecided", certificate=f"no line says what δ is; right if {said}")
    return replace(found, notes=(*found.notes, *([said] if said else [])))


def _with_own_delta(page: Page, domain: Mapping[str, Any] | None, given: Mapping[str, Any] | None) -> Verdict | None:
    """The page with a δ without an index as an abbreviation of its own, if it is right so and other lines use it."""
    lines = [s for s in page.said if s.sides and s.sides[0].op == "sym" and s.sides[0].name in OWN]
    names = {s.sides[0].name for s in lines}
    used = [s for s in page.said if s not in lines and any(names & set(side.free) for side in s.sides[1:])]
    if len(lines) != 1 or not (used or any(s.misfit for s in page.said)):
        return None
    try:
        other = Page(page.answer, page.graph, _allowed(given, page.graph), own_delta=True)
        judge = _judged(other, domain, 1)
        found, read_as = _verdict(other, judge), note(judge)
    except SymnetError:
        return None
    said = f"{unicode(lines[0].sides[0].name)} is read as an abbreviation of the page, not as ∂E/∂z"
    notes = (*found.notes, *([read_as] if read_as else []), said)
    return replace(found, notes=notes) if found.kind == "right" else None


def _allowed(given: Mapping[str, Any] | None, graph: Graph) -> dict[str, Term]:
    """The names that the problem allows, with what they stand for."""
    from ...names import canonical
    from ...reading import read

    out: dict[str, Term] = {}
    for spelling, value in (given or {}).items():
        name = canonical(str(spelling))
        if name not in graph.symbols:
            known = {n: s.shape for n, s in graph.symbols.items()}
            out[name] = value if isinstance(value, Term) else read(str(value), names=tuple(out), shapes=known).value
    return out


def _best(page: Page, domain: Mapping[str, Any] | None) -> Judge:
    """The page under the reading of its δ that holds, or holds best; δ = ∂E/∂z counts first."""
    best = _judged(page, domain, 1)
    for sign, outer in _readings(page):
        if _bad(best.lines) == len(best.lines):
            break
        other = _judged(page, domain, sign, outer)
        if sign < 0 and _only_moves(other.lines) and not _merit(page, other.lines)[0]:
            continue  # w ← w + η δ x alone: δ is ∂E/∂z until a line says otherwise
        if _merit(page, other.lines) > _merit(page, best.lines):
            best = other
    return best


def _judged(page: Page, domain: Domain, sign: int, outer: frozenset[str] = frozenset()) -> Judge:
    judge = Judge(page, domain, sign, outer)
    judge.lines = without_circles(judge)
    return judge


def _merit(page: Page, lines: list[Judged]) -> tuple[int, int, int]:
    """How many lines that say what a δ is are right, how far the page is right, and how many lines are."""
    right = [j for j in lines if j.kind == "right"]
    deltas = [j for j in right if j.said.sides[0].op == "sym" and _is_delta(page, j.said.sides[0].name)]
    return len(deltas), _bad(lines), len(right)


def _only_moves(lines: list[Judged]) -> bool:
    """Whether every line is an update."""
    return all(j.said.role == "update" for j in lines)


def _is_delta(page: Page, name: str) -> bool:
    meant = page.naming(name)
    return meant is not None and meant.kind == "delta"


def _bad(lines: list[Judged]) -> int:
    """The place of the first statement that is readable and not right."""
    return next((i for i, j in enumerate(lines) if j.kind not in ("right", "malformed")), len(lines))


def _readings(page: Page) -> list[tuple[int, frozenset[str]]]:
    """What else the δ of the page may be: −∂E/∂z, or for δ_h the derivative by h itself."""
    names = [n for s in page.said for t in s.sides for n in t.free]
    deltas = [n for n in names if _is_delta(page, n)]
    outer = frozenset(n for n in deltas if page.naming.outer(n))
    return [(-1, frozenset()), *([(1, outer), (-1, outer)] if outer else [])] if deltas else []


def _verdict(page: Page, judge: Judge) -> Verdict:
    lines = followed(judge)
    kind = next((k for k in ORDER if any(j.kind == k for j in lines)), "right")
    bad = next((j for j in lines if j.kind == kind), None) if kind != "right" else None
    certificate = _certificate(lines, bad, page)
    if kind == "right" and not any(j.claims for j in lines):
        kind = "undecided"
        certificate = "the page states nothing about the graph: no line claims a derivative or a value"
    if kind == "right" and judge.sign < 0 and not _merit(page, lines)[0]:
        kind, certificate = "undecided", "right if δ stands for −∂E/∂z, and no line says what δ is"
    return Verdict(
        kind,
        certificate,
        reading="\n".join(dict.fromkeys(j.said.text for j in lines)),
        shown="\n".join(dict.fromkeys(j.said.shown for j in lines)),
        witness=bad.witness if bad else None,
        mistake=explained(judge, bad) if bad and kind == "wrong" else None,
        correct=correct(judge, bad) if bad and kind == "wrong" else "",
        first_bad_line=bad.said.line if bad else None,
        error=(bad.said.error or certificate)[:300] if bad and kind == "malformed" else "",
        convention=NEGATIVE if judge.sign < 0 else None,
        likely="right" if kind == "undecided" and all(j.kind == "right" or j.likely for j in lines) and bad else None,
        notes=tuple(dict.fromkeys(f"line {j.said.line}: {j.note}" for j in lines if j.note)),
        lines=tuple(_line(list(some)) for _, some in groupby(lines, key=lambda j: j.said.line)),
    )


def _line(some: list[Judged]) -> Line:
    """The statements of one line as one."""
    worst = min(some, key=lambda j: ORDER.index(j.kind))
    reading = "; ".join(dict.fromkeys(j.said.text for j in some))
    shown = "; ".join(dict.fromkeys(j.said.shown for j in some))
    return Line(worst.said.line, worst.kind, reading, worst.says, worst.follows, shown)


def _certificate(lines: list[Judged], bad: Judged | None, page: Page) -> str:
    if bad is not None:
        return f"line {bad.said.line}: {bad.says}"
    where = " at the given values" if page.given else ""
    count = sum(j.claims for j in lines)
    return f"the claim is proved{where}" if count == 1 else f"each of the {count} claims is proved{where}"
