"""δ of a unit whose pre-activation has no name: y = σ(w h + b) as z_y = w h + b and y = σ(z_y), as a derivation has it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

from ...graph import Definition, Graph, is_parameter
from ...names import unicode
from ...parts import is_activation, recognise, with_parts
from ...term import postorder, rebuild, sym
from .judging import Judge
from .naming import PRE_ACTIVATION
from .page import Page

MIXED = 3  # δs of which each may be the derivative by the value or by the pre-activation


def with_pre_activations(page: Page) -> Graph | None:
    """The graph with every pre-activation a quantity of its own; None if the page speaks of none that is new."""
    graph = page.graph
    usual = _usual_names(graph)
    own = {value: name for name, value in page.meanings.items() if name not in graph.symbols}
    taken = {*graph.symbols, *page.meanings}
    out: list[Definition] = []
    for d in graph.definitions:
        value = recognise(d.value)
        if is_activation(value) and value.args[0].op not in ("sym", "num"):
            z = own.pop(value.args[0], "") or _free_name(usual.get(d.name, ""), d.name, taken)
            taken.add(z)
            out.append(Definition(z, value.args[0], d.line, PRE_ACTIVATION))
            value = rebuild(value, [sym(z, value.args[0].shape), *value.args[1:]])
            d = replace(d, value=value)
        out.append(d)
    return graph.rebuilt(out) if len(out) > len(graph.definitions) else None


def _usual_names(graph: Graph) -> dict[str, str]:
    """z1 for h1 = tanh(…), as a derivation by the weights names it."""
    weights = tuple(u for u in graph.inputs if is_parameter(u)) or graph.inputs
    values = ((d.name, d.value) for d in with_parts(graph, tuple(weights)).definitions)
    return {name: v.args[0].name for name, v in values if is_activation(v) and v.args[0].op == "sym"}


def _free_name(usual: str, of: str, taken: set[str]) -> str:
    """The usual name, else z_h1, z_h1_, …: no index that a δ of another unit might have."""
    names = (usual, *(f"z_{of}" + "x" * i for i in range(len(taken) + 1)))
    return next(n for n in names if n and n not in taken)


def speaks_of_new(page: Page) -> bool:
    """Whether the page has a δ of a pre-activation that the graph as given does not name, or derives by it."""
    new = _new(page)
    return bool(_deltas(page)) or any(
        n.op == "partial" and n.args[1].op == "sym" and n.args[1].name in new
        for s in page.said for side in s.sides for n in postorder(side)
    )  # fmt: skip


def mixtures(page: Page) -> Iterator[frozenset[str]]:
    """The δs of the page that may be ∂E/∂h for h = σ(z) while the others are ∂E/∂z."""
    names = [n for n in _deltas(page) if page.naming.outer(n)]
    for k in range(1, len(names) if len(names) <= MIXED else 0):
        yield from map(frozenset, combinations(names, k))


def shown_by_use(judge: Judge) -> bool:
    """Whether a true line that speaks of something else uses each δ that is ∂E/∂h, and so says what it is."""
    uses = (j.said for j in judge.lines if j.kind == "right" and j.claims)
    used = {n for s in uses if s.sides[0].op != "sym" or not _is_delta(judge.page, s.sides[0].name)
            for side in s.sides[1:] for n in side.free}  # fmt: skip
    return judge.outer <= used


def note(judge: Judge) -> str:
    """Which reading of the δs was taken."""
    page, loss = judge.page, unicode(judge.page.loss)
    said = []
    for name in _deltas(page):
        meant = page.naming(name)
        assert meant is not None
        of = page.naming.outer(name) if name in judge.outer else meant.of
        sign = "−" if judge.sign < 0 else ""
        said.append(f"{unicode(name)} is read as {sign}∂{loss}/∂{unicode(of or meant.of)}")
    new = [n for n in _new(page) if any(page.naming(m).of == n for m in _deltas(page))]
    where = [f"{unicode(n)} = {page.graph[n].text()}" for n in new]
    return "; ".join([*said, *where])


def _new(page: Page) -> list[str]:
    return [d.name for d in page.graph.definitions if d.note == PRE_ACTIVATION]


def _deltas(page: Page) -> list[str]:
    """The names of the page that are the δ of a new pre-activation."""
    new = _new(page)
    free = dict.fromkeys(n for s in page.said for side in s.sides for n in side.free)
    return [n for n in free if _is_delta(page, n) and page.naming(n).of in new]


def _is_delta(page: Page, name: str) -> bool:
    meant = page.naming(name)
    return meant is not None and meant.kind == "delta"
