"""A derivation as a program: one assignment for each line that the result and the gradients need."""

from __future__ import annotations

from dataclasses import dataclass

from ..derivation import Derivation
from ..term import Term
from .stable import Stable


@dataclass(frozen=True, slots=True)
class Line:
    """One assignment: the variable (a symbol or an inert partial), its formula, and the tag that it comes from."""

    target: Term
    value: Term
    tag: str


def program(d: Derivation) -> tuple[list[Line], dict[str, Term]]:
    """The lines that the result and the gradients need, in order, and what each gradient is read from."""
    table = Stable({x.symbol: x.value for x in d.graph.definitions})
    lines = [Line(s.target, table.stable(s.result), s.tag) for s in d.forward]
    outputs: dict[str, Term] = {}
    for s in d.backward:
        target = s.name if s.name is not None else s.target
        assert s.value is not None
        lines.append(Line(target, table.slope(s.value), s.tag))
        if s.name is not None:
            table.alias[s.target] = s.name
        if s.target.args[0] is d.loss and s.target.args[1].name in d.wrt:
            outputs[s.target.args[1].name] = target
    outputs = {n: outputs[n] for n in d.wrt}
    return _needed(lines, [d.loss, *outputs.values()]), outputs


def _needed(lines: list[Line], roots: list[Term]) -> list[Line]:
    wanted = set(roots)
    kept = []
    for line in reversed(lines):
        if line.target in wanted:
            kept.append(line)
            wanted.update(n for n in _variables(line.value))
    return kept[::-1]


def _variables(t: Term) -> list[Term]:
    """The names and inert partials that a formula reads."""
    out = []
    stack = [t]
    while stack:
        node = stack.pop()
        if node.op in ("sym", "partial"):
            out.append(node)
        else:
            stack.extend(node.args)
    return out
