"""What the slopes of a derivation take where there is no derivative, in one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from ..derivation import Derivation
from ..functions import TABLE as FUNCTIONS
from ..functions import Corner
from ..term import Term, postorder

PICKS = {
    "max": "of equal operands of max the first one counts",
    "min": "of equal operands of min the first one counts",
    "max_pool": "of equal elements of a window the first one counts",
}


def conventions(d: Derivation) -> list[str]:
    """The sentence, or none where every quantity between the parameters and the loss is smooth."""
    below = set(d.wrt)
    said: dict[str, None] = {}
    for q in d.graph.definitions:
        moving = below.intersection(q.value.free)
        if moving:
            below.add(q.name)
            said |= dict.fromkeys(s for s in _corners(q.value, below))
    return [f"where there is no derivative: {', '.join(said)}"] if said else []


def _corners(value: Term, moving: set[str]) -> Iterator[str]:
    smooth = [n for n in postorder(value) if n.op == "pow" and n.args[1].number == 2]
    bare = {a for n in postorder(value) if n not in smooth for a in n.args} | {value}
    for node in postorder(value):
        if not moving.intersection(node.free):
            continue
        if node.op == "norm2" and node in bare:
            yield "the slope of a norm at 0 is 0"
        elif node.op == "norm1":
            yield "sign(0) = 0"
        elif node.op in PICKS:
            yield PICKS[node.op]
        elif node.op == "fn" and node.data in FUNCTIONS:
            yield from (_corner(node.data, c) for c in FUNCTIONS[node.data].corners)


def _corner(name: str, corner: Corner) -> str:
    from .numbers import literal

    at, slope = literal(Fraction(corner.at), 4).text(), literal(Fraction(corner.convention), 4).text()
    return f"sign(0) = {slope}" if name == "abs" else f"{FUNCTIONS[name].text}′({at}) = {slope}"
