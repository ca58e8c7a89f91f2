"""Lines for every index at once: ∂E/∂z_k = p_k − t_k is a line for each k that the graph has, Σ_k a sum over them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product

from ... import names
from ...term import Term, num, postorder, substitute, sym

LETTERS = frozenset("ijklm")
MOST = 12  # numbers that an index may be
SEVERAL = 6  # the same, where there are two

Known = Callable[[str], bool]


def letters(sides: tuple[Term, ...], known: Known) -> tuple[str, ...]:
    """The index letters of names that nobody knows as they stand."""
    found: dict[str, None] = {}
    for t in sides:
        own = {n.args[1].name for n in postorder(t) if n.op == "sigma"}
        for name in t.free:
            if not known(name):
                subs = names.parse(name).subs or ((name,) if name in LETTERS else ())
                found.update(dict.fromkeys(c for sub in subs for c in sub if c in LETTERS and c not in own))
    return tuple(found)


def spelled_out(sides: tuple[Term, ...], known: Known, free: frozenset[str]) -> Iterator[tuple[Term, ...]]:
    """The sides with each index as a number, for every number at which all names are known; `free` need not be."""
    wanted = letters(sides, known)
    if not wanted or len(wanted) > 2:
        return
    for values in product(range(1, (MOST if len(wanted) == 1 else SEVERAL) + 1), repeat=len(wanted)):
        at = dict(zip(wanted, map(str, values), strict=True))
        swap = {s: _at(s, at) for t in sides for s in postorder(t) if s.op == "sym" and not known(s.name)}
        used = [s.name for s in swap if s.name not in free and s.name not in LETTERS]
        if used and all(known(swap[s].name) for s in swap if s.name in used):
            yield tuple(substitute(t, dict(swap)) for t in sides)


def _at(s: Term, at: dict[str, str]) -> Term:
    """z_k at k = 2 is z2, w_kj at k = 1, j = 2 is w12; a letter alone is its number."""
    if s.name in at:
        return num(int(at[s.name]))
    n = names.parse(s.name)
    subs = tuple("".join(at.get(c, c) for c in sub) for sub in n.subs)
    return s if subs == n.subs else sym(names.canonical(str(replace(n, subs=subs))))


def term_of_sum(body: Term, index: str, k: int) -> Term:
    """The term of a sum at one index: δ_i becomes δ2."""
    swap: dict[Term, Term] = {}
    for node in postorder(body):
        if node.op == "sym" and node.name == index:
            swap[node] = num(k)
        elif node.op == "index":
            below = [str(k) if a.op == "sym" and a.name == index else str(a) for a in node.args]
            swap[node] = sym(names.compose(node.data, subs=("".join(below),)))
    return substitute(body, swap)


def last_index(body: Term, index: str, known: Known) -> int:
    """The last k for which every name of the k-th term is known; 0 if there is none."""
    k = 0
    while k < MOST and all(known(n) for n in term_of_sum(body, index, k + 1).free):
        k += 1
    return k
