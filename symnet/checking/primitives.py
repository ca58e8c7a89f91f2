"""Lines on the way to an antiderivative: ∫ u v′ = u v − ∫ u′ v, substitutions u = x² and du = 2x dx."""

from __future__ import annotations

from dataclasses import replace

from ..equality import Comparison, compare
from ..rules import slope
from ..term import Term, add, mul, postorder, substitute, sym
from .answers import Claim, Scope
from .asides import Aside, Page, Told, left_of
from .formulas import witness
from .problem import Problem


def set_apart(problem: Problem, scope: Scope, found: list[Claim]) -> tuple[list[Claim], list[Told]]:
    """The claims that an antiderivative is a formula, and what came of the others."""
    assert problem.expr is not None
    page = _page(problem, scope, found)
    asked: list[Claim] = []
    told: list[Told] = []
    for i, c in enumerate(found):
        if _introduced(page, c):
            continue
        left = left_of(c.label, problem) if c.label is not None and c.label.op == "partial" else None
        if left is not None and page.value(left.name) is not None:
            told.append(_of_name(page, c, page.derivatives(left)))
            continue
        if _derives_back(page, c):
            told += [_told(c, compare(problem.expr, scope.meaning(s), domain=problem.domain), s) for s in c.sides]
            continue
        other = _other(page, c)
        open_ = [s for k, s in enumerate(c.sides) if _integrals(s) and (i, k) != (len(found) - 1, len(c.sides) - 1)]
        rest = tuple(s for s in c.sides if s not in open_)
        told += [_open(page, c, s, other) for s in (c.sides if other else open_)]
        if rest and not other:
            asked.append(replace(c, sides=rest))
    return asked, told


def _page(problem: Problem, scope: Scope, found: list[Claim]) -> Page:
    """The names that the lines introduce: they are differentiated on another line, or are parts of the integrand."""
    page = Page(problem, scope)
    lefts = [left_of(c.label, problem) for c in found if c.label is not None and c.label.op == "partial"]
    derived = {left.name for left in lefts if left is not None}
    assert problem.expr is not None
    parts = set(postorder(problem.expr))
    for c in found[:-1]:
        if c.label is None or c.label.op != "sym" or c.label.name in scope.own:
            continue
        if c.label.name in derived or c.sides[-1] in parts:
            page.values[c.label.name] = c.sides[-1]
    return page


def _derives_back(page: Page, c: Claim) -> bool:
    """F′(x) = …, which is the integrand."""
    left = left_of(c.label, page.problem)
    about = left is not None and (left.name, left.order, left.place) == ("F", 1, None)
    return about and page.value("F") is None and left.by in (None, page.problem.wrt[0])  # type: ignore[union-attr]


def _introduced(page: Page, c: Claim) -> bool:
    return c.label is not None and c.label.op == "sym" and page.values.get(c.label.name) is c.sides[-1]


def _of_name(page: Page, c: Claim, truths: tuple[Term, ...]) -> Told:
    """du/dx = 2x."""
    results = [compare(t, page.expanded(c.sides[-1]), domain=page.problem.domain) for t in truths]
    best = next((r for r in results if r.kind == "equal"), results[0] if results else Comparison("undecided"))
    return _told(c, best, c.sides[-1])


def _told(c: Claim, r: Comparison, side: Term) -> Told:
    kind = {"equal": "right", "different": "wrong"}.get(r.kind, "undecided")
    return Told(Aside(c, ()), kind, witness(r), side, None, r.likely)


def _in_x(page: Page, integral: Term) -> tuple[Term, Term]:
    """The integrand and its variable; ∫ g(u) du of a substitution u = u(x) is ∫ g(u(x)) u′(x) dx."""
    g, x = integral.args
    value = page.value(x.name) if x.op == "sym" else None
    if value is None:
        return g, x
    return mul(page.expanded(g), slope(value, page.problem.x)[0]), page.problem.x


def _other(page: Page, c: Claim) -> Term | None:
    """∫ sin x dx beside the integral that is asked."""
    problem, label = page.problem, c.label
    if label is None or label.op != "integral" or len(label.args) != 2 or problem.expr is None:
        return None
    g, x = _in_x(page, label)
    same = x is problem.x and (g is problem.expr or compare(problem.expr, g, domain=problem.domain).kind == "equal")
    return None if same else label


def _integrals(t: Term) -> list[Term]:
    return [n for n in postorder(t) if n.op == "integral" and len(n.args) == 2]


def _open(page: Page, c: Claim, side: Term, other: Term | None) -> Told:
    """A side with integrals left in it: its derivative is the integrand."""
    problem, scope = page.problem, page.scope
    function, x = _in_x(page, other) if other is not None else (problem.expr, problem.x)
    assert function is not None
    inner = {n: _in_x(page, n) for n in _integrals(side)}
    names: dict[Term, Term] = {n: sym(f"integral_{i}") for i, n in enumerate(inner)}
    plain = page.expanded(substitute(side, names))
    shares = [mul(slope(plain, names[n])[0], g) for n, (g, _) in inner.items()]
    derivative = add(slope(plain, x)[0], *shares)
    if any(by is not x for _, by in inner.values()) or any(j.name in derivative.free for j in names.values()):
        return Told(Aside(c, ()), "undecided", None, side)
    constants = [n for n in derivative.free if not scope.known(n) and n != x.name]
    truth, found = (scope.meaning(t, (*constants, x.name)) if other is None else t for t in (function, derivative))
    return _told(c, compare(truth, found, domain=problem.domain), side)
