"""Which mistake a wrong line is, and which wrong line above it follows from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from ...clock import effort
from ...errors import SymnetError
from ...graph import Graph
from ...names import unicode
from ...term import Term, add, mul, neg, partial, postorder, substitute, sym
from ..verdict import Mistake
from .figures import figure, rounds_to
from .flat import as_numbers, flattened
from .judging import Judge, Judged
from .naming import Meaning, cotangent, cotangent_name
from .page import Page, Said

FOLLOWED = 100  # pairs of lines of which one may follow from the other
EXPLAIN_STEPS = 40_000  # of all searches for one line


# ------------------------------------------------------------------------------------------------ what is said at once
@dataclass(frozen=True, slots=True)
class Slip:
    """A wrong form of an update: its name, the value that it gives instead of p − r g or −r g, and what to say."""

    name: str
    next: Callable[[Term, Term, Term], Term]
    step: Callable[[Term, Term, Term], Term] | None
    advice: str


# fmt: off
SLIPS = (
    Slip("plus_instead_of_minus", lambda p, r, g: add(p, mul(r, g)),      lambda p, r, g: mul(r, g),
         "the step goes against the gradient: {p} − η ∂{E}/∂{p}; with + the loss grows"),
    Slip("step_not_position",     lambda p, r, g: neg(mul(r, g)),         None,
         "this is the step −η ∂{E}/∂{p}; the new value is {p} plus that step"),
    Slip("lr_forgotten",          lambda p, r, g: add(p, neg(g)),         lambda p, r, g: neg(g),
         "the gradient is multiplied by the learning rate: {p} − η ∂{E}/∂{p}"),
    Slip("lr_forgotten",          lambda p, r, g: add(p, g),              lambda p, r, g: g,
         "the gradient is multiplied by the learning rate, and subtracted: {p} − η ∂{E}/∂{p}"),
)
# fmt: on


def explained(judge: Judge, bad: Judged) -> Mistake | None:
    """The mistake that reproduces the wrong side of a line exactly."""
    for find in (_too_early, _update, _of_quantity, _misfit):
        try:
            found = find(judge, bad)
        except SymnetError:
            found = None
        if found is not None:
            return found
    return None


def _too_early(judge: Judge, bad: Judged) -> Mistake | None:
    """The line is right once the old weight stands where the updated one does."""
    for of, side in _with_old_weights(judge, bad):
        said = replace(bad.said, sides=tuple(side(t) if i else t for i, t in enumerate(bad.said.sides)))
        if said.sides != bad.said.sides and _holds_without_last_number(judge, said):
            p = unicode(of)
            return Mistake(
                "updated_too_early",
                f"{p} is the updated one here; derivatives are taken at the old weights, the update comes last",
            )
    return None


def _holds_without_last_number(judge: Judge, said: Said) -> bool:
    """Whether the formulas of the line hold; a number behind them was worked out with the wrong weight."""
    sides = said.sides
    while len(sides) > 2 and figure(sides[-1]) is not None:
        sides = sides[:-1]
    return judge.statement(replace(said, sides=sides, relations=said.relations[: len(sides) - 1])).kind == "right"


def _with_old_weights(judge: Judge, bad: Judged) -> Iterator[tuple[str, Callable[[Term], Term]]]:
    """Each updated weight that the line names, or whose number stands there, and how to put the old one back."""
    page = judge.page
    for of in page.graph.inputs:
        old = page.graph.symbols[of]
        swap: dict[Term, Term] = {}
        for t in bad.said.sides[1:]:
            for n in postorder(t):
                meant = page.naming(n.name) if n.op == "sym" else None
                if meant == Meaning("next", of):
                    swap[n] = old
        yield of, _swapping(swap)
        number = _updated_value(judge, of)
        own = page.naming(bad.said.sides[0].name) if bad.said.sides and bad.said.sides[0].op == "sym" else None
        if number is not None and of in page.given and own != Meaning("next", of):
            given = page.given[of]
            yield of, _swapping({_size(number): given if number.op != "neg" else neg(given)})


def _updated_value(judge: Judge, of: str) -> Term | None:
    """The number that an update of the page gives the weight."""
    wanted = Meaning("next", of)
    for s in judge.page.said:
        if s.sides and s.sides[0].op == "sym" and judge.page.naming(s.sides[0].name) == wanted and figure(s.sides[-1]):
            return s.sides[-1]
    return None


def _size(number: Term) -> Term:
    return number.args[0] if number.op == "neg" else number


def _swapping(swap: dict[Term, Term]) -> Callable[[Term], Term]:
    return lambda t: substitute(t, dict(swap)) if swap else t


def _update(judge: Judge, bad: Judged) -> Mistake | None:
    """A weight that moves the wrong way, too far, or not from where it is."""
    meant = judge.page.naming(bad.said.sides[0].name) if bad.said.sides and bad.said.sides[0].op == "sym" else None
    if meant is None or meant.kind not in ("next", "step") or bad.right is None:
        return None
    p, g = judge.page.graph.symbols[meant.of], cotangent(judge.page.graph, meant.of)
    rate = judge.how(bad.said).rate
    for slip in SLIPS:
        make = slip.next if meant.kind == "next" else slip.step
        if make is None or not judge.agrees(make(p, rate, g), bad):
            continue
        if slip.name == "plus_instead_of_minus" and judge.sign < 0:
            loss, name = judge.page.loss, unicode(meant.of)
            return Mistake("sign", f"δ stands for −∂{loss}/∂z here, so the update adds: {name} + η δ …")
        said = slip.advice.format(p=unicode(meant.of), E=unicode(judge.page.loss))
        return Mistake(slip.name, said)
    return None


# ------------------------------------------------------------------------------------------------- the table of rules
def _of_quantity(judge: Judge, bad: Judged) -> Mistake | None:
    """The derivation with one rule swapped that gives this side."""
    from ...mistakes import explain_quantity

    if bad.left is None or bad.right is None:
        return None
    graph, given = judge.page.graph, _numbers(judge)
    target = _target(judge, bad)
    number = figure(bad.said.sides[bad.side]) is not None and bool(given)
    if number:
        found = explain_quantity(graph, target, bad.said.sides[bad.side], at=given)
        shown = {n for t in bad.said.sides[1 : bad.side] for n in t.free}
        if found is not None and found.name == "next_layer_weight_lost" and any(given.get(n) == -1 for n in shown):
            return Mistake("sign", "the sign of this number is wrong")  # the weight −1 stands in the formula before it
        return found
    with effort(EXPLAIN_STEPS) as work:
        for answer in _in_names(judge, inert(graph, bad.right), given):
            found = explain_quantity(graph, target, answer)
            if found is not None or work.left <= 0:
                return found
    numbers = [t for t in bad.said.sides[bad.side :] if figure(t) is not None] if given else []
    return next((m for t in numbers if (m := explain_quantity(graph, target, t, at=given))), None)


def _target(judge: Judge, bad: Judged) -> Term:
    """What the line speaks of, its ∂y/∂x inert."""
    first, naming, graph = bad.said.sides[0], judge.page.naming, judge.page.graph
    assert bad.left is not None
    if first.op == "partial" and first.args[0].op == first.args[1].op == "sym":
        y, x = naming(first.args[0].name), naming(first.args[1].name)
        if y is not None and x is not None and y.kind == x.kind == "value":
            return partial(graph.symbols[y.of], graph.symbols[x.of])
    return inert(graph, bad.left)


def _misfit(judge: Judge, bad: Judged) -> Mistake | None:
    """Shapes that do not fit: the line is looked at as if every array were one number."""
    from ...mistakes import explain_quantity

    if not bad.said.misfit and (bad.left is None or bad.right is None or bad.left.shape == bad.right.shape):
        return None
    flat = flattened(judge.page.graph)
    if flat is None:
        return None
    page = Page(judge.page.answer, flat, {}, matrix=True)
    how = judge.how(bad.said)
    for s in page.said:
        if s.line != bad.said.line or len(s.sides) < 2 or s.role == "meaning":
            continue
        left, *rest = (as_numbers(page.resolved(t, how)) for t in s.sides)
        for right in rest:
            if left is None or right is None:
                continue
            if _equal(page, left, right):
                return Mistake("transposed", "the factors are right, but not their shapes: transpose or reorder them")
            found = explain_quantity(flat, inert(flat, left), inert(flat, right))
            if found is not None:
                return found
    return None


def _equal(page: Page, left: Term, right: Term) -> bool:
    from ...equality import compare

    return compare(page.truths.closed(left), page.truths.closed(right), seconds=5.0).kind == "equal"


def inert(graph: Graph, t: Term) -> Term:
    """The cotangents of a formula as inert ∂E/∂u."""
    loss = graph.result.symbol
    swap = {sym(cotangent_name(graph, u), s.shape): partial(loss, s) for u, s in graph.symbols.items()}
    return substitute(t, dict(swap))


def _numbers(judge: Judge) -> dict[str, Fraction]:
    """The given numbers that are rational."""
    found = {n: figure(v) for n, v in judge.page.given.items()}
    return {n: f.value for n, f in found.items() if f is not None}


def _in_names(judge: Judge, answer: Term, given: dict[str, Fraction]) -> Iterator[Term]:
    """The formula, and the formula with its numbers as the quantities that have them: (a2 − t) a1 for 0.41 − 1 …"""
    literals = list(dict.fromkeys(n for n in postorder(answer) if n.op == "num")) if given else []
    inner = {n: q for n in literals if (q := _quantity_of(judge, n)) is not None}
    answer = substitute(answer, dict(inner)) if inner else answer
    ways = {n: [q for name, v in given.items() if (q := _named(n, name, v)) is not None] for n in literals}
    for n, quantities in ways.items():
        for q in quantities:
            yield substitute(answer, {n: q})
    yield answer


def _quantity_of(judge: Judge, n: Term) -> Term | None:
    """The defined quantity whose value rounds to a decimal."""
    if figure(n) is None or not n.data[1]:
        return None
    for d in judge.page.graph.definitions:
        value = judge.truths.closed(d.symbol)
        if not value.free and rounds_to(value, n):
            return d.symbol
    return None


def _named(n: Term, name: str, value: Fraction) -> Term | None:
    """The input that is given this number, with the sign that it has here."""
    if abs(value) != n.data[0]:
        return None
    return sym(name) if value >= 0 else neg(sym(name))


# ------------------------------------------------------------------------------------------------------- what follows
def followed(judge: Judge) -> list[Judged]:
    """The lines, each wrong one with the wrong line above from which it follows correctly."""
    pairs = iter(range(FOLLOWED))
    out: list[Judged] = []
    for j in judge.lines:
        sources = [k for k in out if k.kind == "wrong" and k.left is not None] if j.kind == "wrong" and j.left else []
        found = next((k.said.line for k in sources if next(pairs, None) is not None and _follows(judge, k, j)), None)
        out.append(j if found is None else replace(j, follows=found, says=f"follows from line {found}"))
    return out


def _follows(judge: Judge, source: Judged, j: Judged) -> bool:
    """Whether the same factor is wrong in both: j/true(j) = source/true(source)."""
    if None in (source.right, j.right, source.left, j.left) or source.said.line == j.said.line:
        return False
    if figure(j.said.sides[j.side]) is not None:
        return judge.rests_on(source, j)
    return judge.proportional(source, j) or judge.carries(source, j)
