"""What would be right on a line that is wrong: δ1 = δ2 w2 a1 (1 − a1)."""

from __future__ import annotations

from ...derivation import Derivation
from ...errors import SymnetError
from ...reverse import derive
from ...term import Term, neg, partial, postorder, sym
from ...tidy import tidy
from .advice import inert
from .figures import figure
from .judging import Judge, Judged
from .naming import Meaning

LONGEST = 160  # characters of a formula that is shown


def correct(judge: Judge, bad: Judged) -> str:
    """The line with the true formula behind its left side; nothing where a number is asked, or where it is long."""
    if bad.left is None or judge.numeric or (bad.right is not None and figure(bad.said.sides[bad.side]) is not None):
        return ""
    try:
        value = _value(judge, bad.left)
    except SymnetError:
        return ""
    if value is None:
        return ""
    said = f"{_label(bad)} {tidy(value).text()}"
    return said if len(said) <= LONGEST else ""


def _label(bad: Judged) -> str:
    left = bad.said.sides[0]
    if bad.said.role == "update" and left.op == "sym":
        return f"{sym(left.name.removesuffix('_new')).text()} ←"
    return f"{left.text()} ="


def _value(judge: Judge, left: Term) -> Term | None:
    """The formula behind a quantity, behind ∂E/∂u, or the formula that the left side is already."""
    inner = left.args[0] if left.op == "neg" else left
    if inner.op != "sym":
        return inert(judge.page.graph, left)
    if inner.name in judge.truths.place:
        value = judge.page.graph[inner.name]
    else:
        of = judge.truths.cotangents(inner)
        if not of:  # an input is what it is
            return None
        value = _by_delta(judge, *of) if left is inner else judge.truths.gradient(*of)
    return value if left is inner else neg(value)


def _by_delta(judge: Judge, u: str) -> Term:
    """∂E/∂u in the δ of the derivation where the page has the same δ, else in the names of the graph alone."""
    d = derive(judge.page.graph, u)
    target = partial(judge.page.graph.result.symbol, judge.page.graph.symbols[u])
    found = next((s.result for s in d.backward if s.target is target), None)
    fits = judge.sign > 0 and not judge.outer and found is not None and _speaks_of(judge, "delta")
    return found if fits and found is not None and _known(judge, d, found) else judge.truths.gradient(u)


def _speaks_of(judge: Judge, kind: str) -> bool:
    names = {n for s in judge.page.said for t in s.sides for n in t.free}
    return any((m := judge.page.naming(n)) is not None and m.kind == kind for n in names)


def _known(judge: Judge, d: Derivation, value: Term) -> bool:
    """Whether every name of the formula is one of the graph, or a δ that the page calls so as well."""
    loss, graph = judge.page.graph.result.symbol, judge.page.graph
    named = {s.name.name: s.target for s in d.backward if s.name is not None}
    for n in postorder(value):
        if n.op == "sym" and n.name not in graph.symbols:
            of = next((u for u, s in graph.symbols.items() if named.get(n.name) is partial(loss, s)), None)
            if of is None or judge.page.naming(n.name) != Meaning("delta", of):
                return False
    return True
