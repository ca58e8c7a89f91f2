"""The finest detail of a gradient: each local derivative ∂v/∂u of a scalar line, carried out rule by rule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .derivation import Derivation, Step
from .parts import recognise
from .rules import ELEMENTWISE
from .stepwise import D, unfold
from .term import Term, postorder


def detailed(d: Derivation) -> tuple[Step, ...]:
    """The backward lines, each after the lines of the local derivatives that it uses first."""
    done: set[Term] = set()
    out: list[Step] = []
    for step in d.backward:
        fresh = [p for p in _partials(step) if p not in done and _is_local(d, p)]
        done.update(fresh)
        lines = [line for p in fresh for line in _lines(d, p)]
        out += [Step(f"{step.tag}.{i}", *line) for i, line in enumerate(lines, 1)]
        out.append(step)
    return tuple(out)


def _partials(step: Step) -> list[Term]:
    """The inert ∂v/∂u of a line in order of appearance."""
    found = [n for t in (step.target, step.sides[0]) for n in postorder(t) if n.op == "partial"]
    return list(dict.fromkeys(found))


def _is_local(d: Derivation, p: Term) -> bool:
    """Whether ∂v/∂u is the derivative of the one line v, all in scalars, and not a sum over paths."""
    v, u = p.args
    value = next((recognise(x.value) for x in d.graph.definitions if x.symbol is v), None)
    if value is None or u.name not in value.free or value.shape or u.shape:
        return False
    several = [x for x in d.graph.definitions if u.name in x.value.free]
    inside = [n for n in postorder(value) if u.name in n.free]
    return (v is not d.loss or len(several) == 1) and all(n.op in ELEMENTWISE for n in inside)


def _lines(d: Derivation, p: Term) -> Iterator[tuple[Any, ...]]:
    v, u = p.args
    value = next(recognise(x.value) for x in d.graph.definitions if x.symbol is v)
    kind: D = "d" if p.data == "d" else "∂"
    for i, line in enumerate(unfold(value, u, kind)):
        yield line.rule, p, (line.formula,), None, (), None, "=", line.why, i > 0
