"""δ of a unit whose pre-activation has no name: y = σ(w h + b) is z_y = w h + b and y = σ(z_y), as in a derivation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

from ...graph import Definition, Graph, is_parameter
from ...names import unicode
from ...parts import is_activation, recognise, with_parts
from ...term import Term, postorder, rebuild, sym
from .judging import Judge
from .naming import PRE_ACTIVATION
from .page import Page

MIXED = 3  # δs of which every mixture is tried; of more, those with one unlike the others


def with_pre_activations(page: Page) -> Graph | None:
    """The graph with every pre-activation a quantity of its own; None if the page speaks of none that is new."""
    graph = page.graph
    usual = _usual_names(graph)
    taken = {*graph.symbols, *page.meanings}
    known: dict[Term, str] = {}
    out: list[Definition] = []
    for d in graph.definitions:
        value = recognise(d.value)
        if is_activation(value) and value.args[0].op not in ("sym", "num"):
            inner = value.args[0]
            if inner not in known:
                z = usual.get(d.name, "")
                known[inner] = z if page.meanings.get(z) is inner else _free_name(z, d.name, taken)
                taken.add(known[inner])
                out.append(Definition(known[inner], inner, d.line, PRE_ACTIVATION))
            d = replace(d, value=rebuild(value, [sym(known[inner], inner.shape), *value.args[1:]]))
        out.append(d)
    return graph.rebuilt(out) if len(out) > len(graph.definitions) else None


def _usual_names(graph: Graph) -> dict[str, str]:
    """z1 for h1 = tanh(…), as a derivation by the weights names it."""
    weights = tuple(u for u in graph.inputs if is_parameter(u)) or graph.inputs
    values = ((d.name, d.value) for d in with_parts(graph, tuple(weights)).definitions)
    return {name: v.args[0].name for name, v in values if is_activation(v) and v.args[0].op == "sym"}


def _free_name(usual: str, of: str, taken: set[str]) -> str:
    """The usual name, else z_h1, z_h1x, …: no index that a δ of another unit might have."""
    names = (usual, *(f"z_{of}" + "x" * i for i in range(len(taken) + 1)))
    return next(n for n in names if n and n not in taken)


def speaks_of_new(page: Page) -> bool:
    """Whether the page has a δ of a pre-activation that the graph as given does not name, or derives by it."""
    return bool(_deltas(page)) or any(
        n.op == "partial" and n.args[1].op == "sym" and n.args[1].name in page.naming.new
        for s in page.said for side in s.sides for n in postorder(side)
    )  # fmt: skip


def mixtures(page: Page) -> Iterator[frozenset[str]]:
    """The δs of the page that may be ∂E/∂h for h = σ(z) while the others are ∂E/∂z."""
    names = [n for n in _deltas(page) if page.naming.outer(n)]
    for k in range(1, len(names)) if len(names) <= MIXED else (1, len(names) - 1):
        yield from map(frozenset, combinations(names, k))


def shown_by_use(judge: Judge) -> bool:
    """Whether true lines lead from each δ that is ∂E/∂h to something else, and so say what it is."""
    lines = [j.said for j in judge.lines if j.kind == "right" and j.claims]
    used: set[str] = set()
    for _ in range(len(judge.outer) + 1):
        lead = [s for s in lines if s.sides[0].op != "sym" or not _is_delta(judge.page, s.sides[0].name)
                or s.sides[0].name in used]  # fmt: skip
        used |= {n for s in lead for side in s.sides[1:] for n in side.free}
    return judge.outer <= used


def note(judge: Judge) -> str:
    """Which reading of the δs was taken."""
    page, loss = judge.page, unicode(judge.page.loss)
    deltas, sign = _deltas(page), "−" if judge.sign < 0 else ""
    said = []
    for name, z in deltas.items():
        of = page.naming.outer(name) if name in judge.outer else z
        said.append(f"{unicode(name)} is read as {sign}∂{loss}/∂{unicode(of or z)}")
    where = [f"{unicode(z)} = {page.graph[z].text()}" for z in page.naming.new if z in deltas.values()]
    return "; ".join([*said, *where])


def _deltas(page: Page) -> dict[str, str]:
    """The names of the page that are the δ of a new pre-activation, and that."""
    free = dict.fromkeys(n for s in page.said for side in s.sides for n in side.free)
    meant = {n: m for n in free if (m := page.naming(n)) is not None}
    return {n: m.of for n, m in meant.items() if m.kind == "delta" and m.of in page.naming.new}


def _is_delta(page: Page, name: str) -> bool:
    meant = page.naming(name)
    return meant is not None and meant.kind == "delta"
