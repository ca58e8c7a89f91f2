"""Lines that only rest on one another show nothing: δ = (∂E/∂w)/x beside ∂E/∂w = δ x."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from .judging import Judge, Judged
from .naming import cotangent_name

Rests = Mapping[str, Sequence[frozenset[str]]]


def without_circles(judge: Judge) -> list[Judged]:
    """The lines of a page; a true one that nothing leads back to the graph is open."""
    rests = _rests(judge)
    shown = _grounded(rests)
    return [_open(j) if _claimed(j) in rests and _claimed(j) not in shown else j for j in judge.lines]


def _rests(judge: Judge) -> Rests:
    """Each derivative that a true line claims, with the derivatives on each of its other sides."""
    out: dict[str, list[frozenset[str]]] = {}
    for j in judge.lines:
        if _claimed(j):
            how = judge.how(j.said)
            for side in j.said.sides[1:]:
                inner = judge.truths.cotangents(judge.page.resolved(side, how))
                out.setdefault(_claimed(j), []).append(frozenset(cotangent_name(judge.page.graph, u) for u in inner))
    return out


def _grounded(rests: Rests) -> set[str]:
    """The derivatives that some line leads back to the graph, or to a derivative that no line claims."""
    shown: set[str] = set()
    while True:
        known = {q for q, ways in rests.items() if any(all(n in shown or n not in rests for n in w) for w in ways)}
        if known <= shown:
            return shown
        shown |= known


def _claimed(j: Judged) -> str:
    """The quantity that a true line claims by its name, or nothing."""
    if j.kind != "right" or not j.claims or j.said.role != "claim" or j.left is None or j.left.op != "sym":
        return ""
    return j.left.name


def _open(j: Judged) -> Judged:
    return replace(j, kind="undecided", says="true, but these lines only rest on one another", claims=False)
