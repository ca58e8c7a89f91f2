"""Claims that a formula equals another: derivatives, integrals, rewritten expressions, update rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from ..equality import Comparison, compare
from ..equality.continuity import JUMPS_THERE, jump
from ..errors import ReadError, quote
from ..names import parse
from ..rules import slope
from ..term import Term, add, mul, neg, postorder, substitute, sym
from .answers import GRADIENTS, Claim, Scope
from .constants import ONE_SIDED, reach
from .correcting import correct
from .problem import Problem
from .verdict import Line, Mistake, Verdict, Witness

FUNCTIONS = ("E", "L", "J", "f")  # what people call the function of an update
CONSTANTS = ("C", "c", "K", "k", "const", "constant", "D", "A", "B")


@dataclass(frozen=True, slots=True)
class Target:
    """What a line is compared with; only an `asked` one answers the problem."""

    same: Callable[[Term], Comparison]
    asked: bool = True


@dataclass(slots=True)
class Judged:
    """A line and what came of it; `bad` is the side that failed, `before` the one in front of it."""

    claim: Claim
    kind: str
    comparison: Comparison | None = None
    asked: bool = True
    bad: Term | None = None
    before: Term | None = None
    value: Term | None = None
    notes: tuple[str, ...] = field(default=())


class Formulas:
    """The lines of one answer, each compared with the truth and with the line above."""

    def __init__(self, problem: Problem, scope: Scope) -> None:
        self.problem, self.scope = problem, scope

    # ---------------------------------------------------------------------------------------------------- the targets
    def truth(self) -> Term:
        """What the answer must equal."""
        return TRUTHS[self.problem.kind](self.problem)

    def same(self, side: Term) -> Comparison:
        if self.problem.kind == "integral":
            return _integral(self.problem, self.scope, side)
        return compare(self.truth(), side, domain=self.problem.domain)

    def target(self, c: Claim, first: bool, last: bool) -> list[Target]:
        """The targets of a line; the first that holds counts."""
        asked = Target(self.same)
        if self.problem.kind == "update" and (beside := self._beside(c.label)):
            return [Target(partial(compare, b, domain=self.problem.domain), asked=False) for b in beside]
        other = self._other(c.label)
        if other is not None:
            asked_step = self.problem.kind == "update"  # Δw = −η ∂E/∂w answers as well
            return [Target(lambda t: compare(other, t, domain=self.problem.domain), asked_step)]
        restates = first and not last and _is_plain(c.label) and self.problem.kind != "equals"
        expr = self.problem.expr
        if restates and expr is not None:
            return [asked, Target(lambda t: compare(expr, t, domain=self.problem.domain), asked=False)]
        return [asked]

    def _beside(self, label: Term | None) -> tuple[Term, ...]:
        """What a left side stands for beside an update: ∂E/∂w, E′(w), g, dw the derivative, E the function."""
        expr, x = self.problem.expr, self.problem.x
        if label is None or expr is None:
            return ()
        derivative = _derivative(expr, x, 1)
        if label.op in ("partial", "diff", "deriv"):
            return (derivative,) if label.args[1] is x and (label.op != "diff" or label.data == 1) else ()
        if label.op == "applyprime":
            return (derivative,) if label.data[1] == (1,) and label.args == (x,) else ()
        if label.op == "apply":
            return (expr,) if label.args == (x,) and label.data not in self.scope.own else ()
        if label.op != "sym" or label.name in self.problem.names:
            return ()
        n, w = parse(label.name), parse(x.name)
        if n.lead == "nabla_" or label.name in (f"d{x.name}", f"grad_{x.name}", *GRADIENTS):
            return (derivative,)
        if n.lead or n.base == w.base or len(n.base) > 1:
            return ()
        return (derivative,) if n.primes == 1 else (expr,) if n.base in FUNCTIONS and not n.subs else ()

    def _other(self, label: Term | None) -> Term | None:
        """The derivative that a left side names, where it is not the one that is asked."""
        if label is None or self.problem.expr is None:
            return None
        given = self.scope.values.get(label.name) if label.op == "sym" else None
        if given is not None and label.name in self.problem.given and self.problem.kind != "update":
            return None if compare(given, self.truth()).kind == "equal" else given
        if self.problem.kind == "update":
            return _step(self.problem) if label.op == "sym" and parse(label.name).lead == "Delta" else None
        if self.problem.kind != "derivative":
            return None
        x, order = _named_derivative(label, self.problem)
        if x is None or (x == self.problem.wrt[0] and order in (0, self.problem.order)):
            return None
        return _derivative(self.problem.expr, sym(x), order or 1)

    # -------------------------------------------------------------------------------------------------------- judging
    def judge(self, found: list[Claim]) -> list[Judged]:
        out: list[Judged] = []
        for i, c in enumerate(found):
            targets = self.target(c, i == 0, i == len(found) - 1)
            tries = [self._judge(c, t) for t in targets]
            best = next((j for j in tries if j.kind == "right"), tries[0])
            out.append(best)
        return out

    def _judge(self, c: Claim, target: Target) -> Judged:
        before: Term | None = None
        undecided: Comparison | None = None
        notes: dict[str, None] = {}
        for i, side in enumerate(c.sides):
            meaning = self.meaning(side, last=i == len(c.sides) - 1)
            result = target.same(meaning)
            if result.kind == "different":
                return Judged(c, "wrong", result, target.asked, side, before, meaning)
            if result.kind == "undecided":
                undecided = undecided or result
            if result.note:
                notes[result.note] = None
            before = side
        final = self.meaning(c.sides[-1], last=True)
        kind = "undecided" if undecided is not None else "right"
        return Judged(c, kind, undecided or result, target.asked, None, None, final, tuple(notes))

    def meaning(self, side: Term, last: bool = True) -> Term:
        problem = self.problem
        one_formula(side, problem)
        allow: tuple[str, ...] = ()
        if problem.kind in ("integral", "derivative"):  # in a derivative a constant of integration is a mistake
            allow = tuple(n for n in side.free if not self.scope.known(n) and parse(n).base in CONSTANTS)
        if not last or problem.kind == "update":
            side = partials(problem, self.scope, side)
        elif problem.kind == "derivative" and any(n.op in ("diff", "deriv") for n in postorder(side)):
            raise ReadError("the answer still holds a derivative", remedy="carry it out")
        return self.scope.meaning(side, allow)

    # -------------------------------------------------------------------------------------------------------- verdict
    def verdict(self, found: list[Claim]) -> Verdict:
        judged = self.judge(found)
        if not any(j.asked for j in judged):
            raise ReadError("the answer is about other quantities than the one that is asked")
        many = len(judged) > 1
        bad = next((j for j in judged if j.kind == "wrong"), None)
        lines = tuple(self._line(j, judged[:i]) for i, j in enumerate(judged))
        notes = tuple(dict.fromkeys(n for j in judged for n in (*j.claim.notes, *j.notes)))
        if bad is not None:
            above = judged[: judged.index(bad)]
            assert bad.comparison is not None
            return Verdict(
                "wrong", bad.comparison.certificate, witness=witness(bad.comparison), mistake=self.explain(bad, above),
                first_bad_line=bad.claim.line if many else None, notes=notes, lines=lines if many else (),
                correct=correct(self.problem, bad.claim.label) if self._other(bad.claim.label) is None else "",
            )  # fmt: skip
        open_ = next((j for j in judged if j.kind == "undecided"), None)
        if open_ is not None:
            assert open_.comparison is not None
            likely = "right" if open_.comparison.likely else None
            return Verdict("undecided", open_.comparison.certificate, likely=likely, notes=notes, lines=lines)
        last = judged[-1].comparison
        return Verdict("right", last.certificate if last is not None else "", notes=notes, lines=lines if many else ())

    def _line(self, j: Judged, above: list[Judged]) -> Line:
        follows = None
        if j.kind == "wrong" and above and above[-1].kind == "wrong":
            a, b = above[-1].value, j.value
            if a is not None and b is not None and compare(a, b, domain=self.problem.domain).kind == "equal":
                follows = above[-1].claim.line
        says = str(witness(j.comparison)) if j.kind == "wrong" and j.comparison is not None else ""
        return Line(j.claim.line, j.kind, j.claim.text, says, follows, j.claim.shown)

    def explain(self, bad: Judged, above: list[Judged]) -> Mistake | None:
        """The mistake in a bad line: in the derivation as a whole, else from the side or the line before."""
        assert bad.bad is not None
        if bad.comparison is not None and bad.comparison.certificate in INTEGRALS:
            return INTEGRALS[bad.comparison.certificate]
        given = {**self.problem.given, **self.scope.used}
        found = explained(self.problem, bad.bad, bad.value, given)
        if found is not None:
            return found
        before = bad.before
        if before is None and above and above[-1].kind == "right" and above[-1].asked:
            before = above[-1].claim.sides[-1]
        if before is None:
            return None
        from ..mistakes import explain_rewrite

        return explain_rewrite(before, bad.bad, given=given)


SEVERAL = ("pm", "set", "vector")
INTEGRALS = {
    JUMPS_THERE: Mistake("domain", "an antiderivative is continuous where the integrand has a value: one constant"),
    ONE_SIDED: Mistake("constant_of_integration_lost", "write + C: as it stands the constant is not every number"),
}  # fmt: skip


def one_formula(side: Term, problem: Problem) -> None:
    """Raises `ReadError` for ± and lists where one formula is asked."""
    expr = problem.expr
    if expr is None or expr.shape or any(n.op in SEVERAL for n in postorder(expr)):
        return
    if any(n.op in SEVERAL for n in postorder(side)):
        raise ReadError(f"`{quote(str(side))}` stands for several; one formula is asked", remedy="write the one meant")


def partials(problem: Problem, scope: Scope, side: Term) -> Term:
    """∂E/∂a2 · ∂a2/∂z2: derivatives of the names on the way, carried out."""
    for node in postorder(side):
        if node.op == "partial" and node.args[1].op == "sym":
            found = _partial(problem, scope, *node.args)
            if found is not None:
                side = substitute(side, {node: found})
    return side


def _partial(problem: Problem, scope: Scope, y: Term, x: Term) -> Term | None:
    whole = scope.found(y.name) if y.op == "sym" else None
    if whole is None and y.op == "sym" and y.name not in scope.own:
        whole = problem.expr
    if whole is None:
        return None
    if x.name in scope.own:
        return slope(whole, x)[0]
    part = scope.found(x.name)
    if part is None:
        return None
    z = sym("z_")
    return substitute(slope(substitute(whole, {part: z}), z)[0], {z: part})


def explained(problem: Problem, side: Term, value: Term | None, given: dict[str, Term]) -> Mistake | None:
    """The wrong rule behind a wrong formula."""
    from ..mistakes import explain_derivative, explain_integral, explain_rewrite, explain_update

    expr = problem.expr
    assert expr is not None
    if problem.kind == "derivative":
        return explain_derivative(expr, problem.x, side, order=problem.order, given=given)
    if problem.kind == "integral":
        return explain_integral(expr, problem.x, side, given=given)
    if problem.kind == "update":
        assert problem.lr is not None
        return explain_update(expr, problem.x, side, lr=problem.lr, given=given)
    return explain_rewrite(expr, side, given=given)


def witness(c: Comparison | None) -> Witness | None:
    if c is None or c.values is None:
        return None
    return Witness(dict(c.witness or {}), *c.values)


# ------------------------------------------------------------------------------------------------------------- truths
def _derivative(expr: Term, x: Term, order: int) -> Term:
    return Term("diff", (expr, x), order)


def _step(problem: Problem) -> Term:
    """−η ∂E/∂w."""
    assert problem.expr is not None and problem.lr is not None
    return neg(mul(problem.lr, _derivative(problem.expr, problem.x, 1)))


def _asked_derivative(p: Problem) -> Term:
    assert p.expr is not None
    return _derivative(p.expr, p.x, p.order)


TRUTHS: dict[str, Callable[[Problem], Any]] = {
    "derivative": _asked_derivative,
    "integral":   lambda p: p.expr,
    "equals":     lambda p: p.expr,
    "update":     lambda p: add(p.x, _step(p)),
}  # fmt: skip


def _integral(problem: Problem, scope: Scope, side: Term) -> Comparison:
    """The derivative of an antiderivative is the integrand, it is continuous, and its constant is free."""
    assert problem.expr is not None
    constants = reach(side, [n for n in side.free if n not in scope.own])
    domain = {**problem.domain, **dict.fromkeys(constants.positive, ">0")}
    found = compare(problem.expr, _derivative(side, problem.x, 1), domain=domain)
    if found.kind == "different":
        return replace(found, certificate="the derivative of the answer is not the integrand")
    if constants.comparison is not None:
        return constants.comparison
    return jump(problem.expr, side, problem.x, domain) or found


def _is_plain(label: Term | None) -> bool:
    """No left side, or one such as y or f(x) that is not a derivative."""
    if label is None:
        return True
    if label.op == "apply":
        return True
    return label.op == "sym" and not parse(label.name).primes and parse(label.name).base != "delta"


def _named_derivative(label: Term, problem: Problem) -> tuple[str | None, int]:
    """(x, order) of dy/dx, y′, f″(x); order 0 where the left side does not say it."""
    if label.op == "partial":
        x = label.args[1]
        return (x.name, 1) if x.op == "sym" and x.name in problem.names and x.name not in problem.given else (None, 0)
    if label.op in ("diff", "deriv"):
        x = label.args[1]
        order = label.data if label.op == "diff" else 1
        return (x.name, order) if x.op == "sym" and x.name in problem.names else (None, 0)
    primes = parse(label.name).primes if label.op == "sym" else sum(label.data[1]) if label.op == "applyprime" else 0
    return (problem.wrt[0], primes) if primes else (None, 0)
