"""Where a formula has a value: what must not be negative, and which branch of its cases must apply."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..corners import linear
from ..term import ONE, Term, sym

NO_NAME = sym("")
# where a function has values: what must not be negative
RESTRICTED: dict[str, Callable[[Term], tuple[Term, ...]]] = {
    "log":   lambda u: (u,),
    "sqrt":  lambda u: (u,),
    "asin":  lambda u: (ONE - u, ONE + u),
    "acos":  lambda u: (ONE - u, ONE + u),
    "acosh": lambda u: (u - ONE,),
    "atanh": lambda u: (ONE - u, ONE + u),
}  # fmt: skip

Condition = tuple[Term | tuple[Term], tuple[Term, ...]]


def conditions(root: Term) -> list[Condition]:
    """What must not be negative, and the conditions of the branches in which that is asked."""
    out: dict[Condition, None] = {}
    seen: set[tuple[Term, tuple[Term, ...]]] = set()
    stack: list[tuple[Term, tuple[Term, ...]]] = [(root, ())]
    while stack:
        node, guards = stack.pop()
        if (node, guards) in seen or (guards and (node, ()) in seen):
            continue
        seen.add((node, guards))
        for c in _own(node):
            out[c, guards] = None
        if node.op == "cases":
            stack.extend(_branches(node, guards))
        elif node.op != "partial":
            stack.extend((a, guards) for a in (node.args[:1] if node.op in ("diff", "deriv") else node.args))
    return list(out)


def _own(node: Term) -> Iterator[Term | tuple[Term]]:
    if node.op == "fn" and node.data in RESTRICTED:
        yield from RESTRICTED[node.data](node.args[0])
    elif node.op == "pow":
        k = linear(node.args[1], NO_NAME)
        if (k is None or k[1] or k[0].denominator != 1) and not (node.args[0].number or 0) > 0:
            yield node.args[0]
    elif node.op == "cases" and len(node.args) % 2 == 0:
        yield (node,)


def _branches(node: Term, guards: tuple[Term, ...]) -> Iterator[tuple[Term, tuple[Term, ...]]]:
    before: tuple[Term, ...] = guards
    for i in range(0, len(node.args) - 1, 2):
        value, condition = node.args[i], node.args[i + 1]
        yield condition, before
        yield value, (*before, condition)
        before = (*before, Term("not", (condition,)))
    if len(node.args) % 2:
        yield node.args[-1], before
