"""Lines of a derivation that are about something else than what is asked: u = x², du/dx = 2x, ∂a2/∂z2 = …, f′(3) = 6.

Each is a claim of its own, compared with what its left side names. What is left is the answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from ..equality import Comparison, compare
from ..errors import quote
from ..names import parse
from ..rules import slope
from ..term import Term, postorder, substitute, sym
from .answers import Claim, Scope, UnknownName, goes_on
from .formulas import witness
from .numerals import exact, judge, written
from .problem import Problem
from .verdict import Line, Mistake, Verdict, Witness

DERIVED = ("diff", "deriv", "partial", "applyprime")
USUAL = ("y", "f", "F", "E", "L", "J", "C")  # what people call a function that has no name


@dataclass(frozen=True, slots=True)
class Left:
    """A left side: `name`, differentiated `order` times by `by`, perhaps at a place."""

    name: str
    by: str | None = None
    order: int = 0
    place: Term | None = None


@dataclass(frozen=True, slots=True)
class Aside:
    """A claim beside the answer: what its sides must equal (any of `truths`; with several a difference proves nothing),
    and the function and the name by which it was differentiated, for the mistake behind a wrong one.
    """

    claim: Claim
    truths: tuple[Term, ...]
    source: tuple[Term, Term] | None = None


@dataclass(slots=True)
class Page:
    """What the lines of an answer say of names that are not the problem's."""

    problem: Problem
    scope: Scope
    values: dict[str, Term] = field(default_factory=dict)  # as written
    stated: set[Term] = field(default_factory=set)  # derivatives that stand on the left of a line

    # ------------------------------------------------------------------------------------------------------- meanings
    def value(self, name: str) -> Term | None:
        """What a name of the page or of `given` stands for, in names of the problem."""
        if name in self.values:
            return self.expanded(self.values[name])
        return None if name in self.scope.own else self.scope.found(name)

    def expanded(self, t: Term) -> Term:
        for _ in range(8):
            put = {n: v for n in postorder(t) if n.op == "sym" and (v := self._one(n.name)) is not None}
            if not put:
                break
            t = substitute(t, dict(put))
        return t

    def _one(self, name: str) -> Term | None:
        if name in self.values:
            return self.values[name]
        return None if name in self.scope.own else self.scope.found(name)

    def function(self, name: str) -> Term | None:
        """The formula that is differentiated where `name` is: a value of the page, else what is asked about."""
        found = self.value(name)
        return found if found is not None or name in self.scope.own else self.problem.expr

    def derivatives(self, left: Left) -> tuple[Term, ...]:
        """What the derivative that a left side names may be; none where that is not known."""
        whole = self.function(left.name)
        if whole is None:
            return ()
        x = self.problem.x
        by = left.by or self._variable(left.name)
        for _ in range(left.order - 1):
            whole = slope(whole, sym(by))[0]
        part = None if by in self.scope.own else self.value(by)
        if part is None:
            return (slope(whole, sym(by))[0],) if by in self.scope.own else ()
        z = sym("z_")
        local = substitute(whole, {part: z})
        found = []
        if "z_" in local.free:
            found.append(substitute(slope(local, z)[0], {z: part}))
        if not found or x.name in local.free:
            below = slope(part, x)[0]
            if x.name in below.free or below.number:
                found.append(Term("div", (slope(whole, x)[0], below)))
        return tuple(found)

    def _variable(self, name: str) -> str:
        """The name by which u′ is meant: x, or z of a given a = σ(z)."""
        given = self.problem.given.get(name)
        if given is not None and given.op == "fn":
            inner = [n for n, v in self.problem.given.items() if v is given.args[0]]
            return inner[0] if inner else self._argument(given)
        return self.problem.wrt[0]

    def _argument(self, given: Term) -> str:
        """A name for the argument of a given function, as long as it has none."""
        if given.args[0].op == "sym":
            return given.args[0].name
        self.values["arg_"] = given.args[0]
        return "arg_"

    # --------------------------------------------------------------------------------------------------- carrying out
    def carried_out(self, t: Term, last: bool) -> Term:
        """The formula with its derivatives carried out; in the last one only those that a line has stated."""
        for node in postorder(t):
            if node.op == "apply" and node.data in self.values and len(node.args) == 1:
                t = substitute(t, {node: substitute(self.values[node.data], {self.problem.x: node.args[0]})})
                continue
            if last and node not in self.stated:
                continue
            found = self._carried_out(node)
            if found is not None:
                t = substitute(t, {node: found})
        return t

    def _carried_out(self, node: Term) -> Term | None:
        if node.op in ("diff", "deriv") and node.args[0].op not in ("sym", "apply") and node.args[1] is self.problem.x:
            inner = self.expanded(self.carried_out(node.args[0], last=False))
            for _ in range(node.data if node.op == "diff" else 1):
                inner = slope(inner, node.args[1])[0]
            return inner
        left = left_of(node, self.problem)
        if left is None or not left.order or left.name in self.scope.own or not self._defined(left):
            return None
        found = self.derivatives(left)
        if len(found) != 1:
            return None
        return found[0] if left.place is None else substitute(found[0], {self.problem.x: left.place})

    def is_explicit(self, t: Term) -> bool:
        """Whether a formula holds no derivative but those that were stated above."""
        inert = (n for n in postorder(t) if n.op in DERIVED or (n.op == "sym" and n.name.endswith("'")))
        return all(n in self.stated for n in inert)

    def _defined(self, left: Left) -> bool:
        """The function of a derivative inside a formula has to be known; dy/du is, as y is what is asked about."""
        return self.value(left.name) is not None or left.by is not None


def left_of(label: Term | None, problem: Problem) -> Left | None:
    """What a left side is about; None for a formula."""
    if label is None:
        return None
    if label.op == "sym":
        n = parse(label.name)
        return Left(label.name.rstrip("'"), None, n.primes) if not n.lead else None
    if label.op in ("partial", "diff", "deriv") and label.args[1].op == "sym":
        y, x = label.args[:2]
        name = y.name if y.op == "sym" else y.data if y.op == "apply" else None
        order = label.data if label.op == "diff" else 1
        return Left(name, x.name, order) if name is not None else None
    if label.op in ("apply", "applyprime") and len(label.args) == 1:
        name, order = (label.data, 0) if label.op == "apply" else (label.data[0], sum(label.data[1]))
        place = label.args[0]
        return Left(name, None, order, None if place.op == "sym" else place)
    return None


# ------------------------------------------------------------------------------------------------------- what is asked
def set_apart(problem: Problem, scope: Scope, found: list[Claim]) -> tuple[list[Claim], list[Aside]]:
    """The claims about the derivative that is asked, and those about other things."""
    found = _continued(found)
    lefts = [left_of(c.label, problem) for c in found]
    page = Page(problem, scope)
    main = _main(page, found, lefts)
    for c, left in zip(found, lefts, strict=True):
        if left is not None and _introduces(page, left, c, found, lefts, main):
            page.values[left.name] = c.sides[-1]
            if c.label is not None and c.label.op == "sym":
                scope.define(left.name, c.sides[-1])
    asked: list[Claim] = []
    asides: list[Aside] = []
    final = max((i for i, left in enumerate(lefts) if _asks(page, left, main)), default=-1)
    for i, (c, left) in enumerate(zip(found, lefts, strict=True)):
        aside = None if left is None or (i == final and not left.order) else _aside(page, c, left, main)
        if aside is None:
            asked.append(c)
            continue
        asides.append(replace(aside, claim=replace(c, sides=tuple(page.carried_out(s, last=False) for s in c.sides))))
        if c.label is not None and page.is_explicit(c.sides[-1]):
            page.stated.add(c.label)
    return [_carried_out(page, c, ends=c is found[final]) for c in asked], asides


def _carried_out(page: Page, c: Claim, ends: bool) -> Claim:
    """The derivatives on the way are carried out; the answer itself has to be free of them."""
    last = len(c.sides) - 1
    return replace(c, sides=tuple(page.carried_out(s, last=ends and k == last) for k, s in enumerate(c.sides)))


def _continued(found: list[Claim]) -> list[Claim]:
    """`= x·x` under `y = x²` is about y."""
    out: list[Claim] = []
    for c in found:
        out.append(replace(c, label=out[-1].label) if out and goes_on(c) else c)
    return out


def _main(page: Page, found: list[Claim], lefts: list[Left | None]) -> str | None:
    """The name that the answer has for the function itself: the last one that is differentiated and is nothing else."""
    plain = {left.name: c for c, left in zip(found, lefts, strict=True) if left is not None and not left.order}
    names = list(dict.fromkeys(left.name for left in reversed(lefts) if left is not None and left.order))
    free = [n for n in names if n not in page.scope.own and page.scope.found(n) is None]
    new = [n for n in free if n not in plain]
    whole = [n for n in free if n in plain and _is_whole(page, plain[n], plain)]
    bare = any(left is None for left in lefts)
    rest = [n for n in free if n in USUAL[:1] or not bare]
    return next(iter([*new, *whole, *rest]), None)


def _is_whole(page: Page, c: Claim, plain: dict[str, Claim]) -> bool:
    """Whether a name was introduced as the function of the problem."""
    expr = page.problem.expr
    trial = Page(page.problem, page.scope, {n: p.sides[-1] for n, p in plain.items()})
    value = trial.expanded(c.sides[-1])
    return expr is not None and (value is expr or compare(expr, value, domain=page.problem.domain).kind == "equal")


def _introduces(
    page: Page, left: Left, c: Claim, found: list[Claim], lefts: list[Left | None], main: str | None
) -> bool:
    """`u = x²`: a name that other lines use or differentiate, or that is a part of the function."""
    if left.order or left.place is not None or left.name in page.scope.own or left.name in page.problem.given:
        return False
    if left.name in page.values or any(left.name in s.free for s in c.sides):
        return False
    others = [(o, k) for o, k in zip(found, lefts, strict=True) if o is not c]
    derived = any(k is not None and left.name in (k.name if k.order else None, k.by) for _, k in others)
    used = any(_mentions(s, left.name) for o, _ in others for s in o.sides)
    if derived or used:
        return True
    parts = set(postorder(page.problem.expr)) - {page.problem.expr} if page.problem.expr is not None else set()
    return c is not found[-1] and page.expanded(c.sides[-1]) in parts


def _mentions(t: Term, name: str) -> bool:
    return name in {n.rstrip("'") for n in t.free} or any(
        n.op in ("apply", "applyprime") and name in (n.data, n.data[0]) for n in postorder(t)
    )


def _asks(page: Page, left: Left | None, main: str | None) -> bool:
    """Whether a left side is the derivative that is asked, as far as one sees."""
    if left is None or left.place is not None:
        return left is None
    if not left.order:
        return left.name not in page.values
    known = page.value(left.name) if left.name != main else None
    if known is None and left.name not in (main, *USUAL):
        raise UnknownName(f"`{quote(left.name)}` is not a name of the problem, nor given, nor introduced on a line")
    whole = known is None or known is page.problem.expr
    x = page.problem.wrt[0]
    return whole and left.order == page.problem.order and (left.by or x) == x


def _aside(page: Page, c: Claim, left: Left, main: str | None) -> Aside | None:
    """The claim on its own, or None where it is about what is asked."""
    problem = page.problem
    assert problem.expr is not None
    if left.place is not None:
        return _at_place(page, c, left)
    if not left.order:
        if left.name not in page.values:
            return None
        return Aside(c, (problem.expr,) if left.name == main else (page.value(left.name) or problem.expr,))
    if _asks(page, left, main):
        return None
    if left.name in problem.given or left.name in page.values or left.by is not None or left.order != problem.order:
        truths = page.derivatives(left)
        whole = page.function(left.name)
        by = left.by or page._variable(left.name)
        source = (whole, sym(by)) if whole is not None and left.order == 1 and by in page.scope.own else None
        return Aside(c, truths, source) if truths else None
    return None


def _at_place(page: Page, c: Claim, left: Left) -> Aside | None:
    """f′(3) = 6, f(3) = 9."""
    assert left.place is not None
    if left.place.free:
        return None
    whole = page.function(left.name)
    if whole is None:
        return None
    for _ in range(left.order):
        whole = slope(whole, page.problem.x)[0]
    return Aside(c, (substitute(whole, {page.problem.x: left.place}),))


# -------------------------------------------------------------------------------------------------------- what is true
@dataclass(frozen=True, slots=True)
class Told:
    """What came of an aside; `side` is the one that is wrong, `before` the side in front of it."""

    aside: Aside
    kind: str
    witness: Witness | None = None
    side: Term | None = None
    before: Term | None = None
    likely: bool = False


def judged(problem: Problem, scope: Scope, asides: Iterable[Aside]) -> list[Told]:
    return [_told(problem, scope, a) for a in asides]


def _told(problem: Problem, scope: Scope, a: Aside) -> Told:
    before: Term | None = None
    kind, likely = "right", True
    for side in a.claim.sides:
        results = [_same(problem, t, scope.meaning(side)) for t in a.truths]
        best = next((r for r in results if r.kind == "equal"), results[0])
        if best.kind == "different" and len(results) == 1:
            return Told(a, "wrong", witness(best), side, before)
        if best.kind != "equal":
            kind, likely = "undecided", likely and best.likely
        before = side
    return Told(a, kind, likely=likely)


def _same(problem: Problem, truth: Term, side: Term) -> Comparison:
    """Formulas are exact; a number is rounded as it is written."""
    number = written(side)
    if number is None or truth.free:
        return compare(truth, side, domain=problem.domain)
    found = judge(number, exact(truth))
    if found.right is None:
        return Comparison("undecided")
    if found.right:
        return Comparison("equal", "the value rounded to the digits written")
    return Comparison("different", "the value differs", {}, (found.expected, found.found))


def joined(scope: Scope, verdict: Verdict, told: list[Told]) -> Verdict:
    """The verdict on the answer with what the other lines came to."""
    if not told:
        return verdict
    claims = [(t, t.aside.claim) for t in told]
    own = [Line(c.line, t.kind, c.text, str(t.witness or ""), shown=c.shown) for t, c in claims]
    kept = [line for line in verdict.lines if line.number not in {o.number for o in own if o.kind != "right"}]
    lines = tuple(sorted({line.number: line for line in (*own, *kept)}.values(), key=lambda line: line.number))
    bad = min((t for t in told if t.kind == "wrong"), key=lambda t: t.aside.claim.line, default=None)
    first = verdict.first_bad_line if verdict.kind == "wrong" else None
    if bad is not None and (first is None or bad.aside.claim.line < first):
        label = bad.aside.claim.label
        said = f"`{quote(label.text())}` is something else" if label is not None else "a line is wrong"
        return Verdict(
            "wrong", said, witness=bad.witness, mistake=explained(scope, bad), notes=verdict.notes, lines=lines,
            first_bad_line=bad.aside.claim.line,
        )  # fmt: skip
    open_ = next((t for t in told if t.kind == "undecided"), None)
    if verdict.kind == "right" and open_ is not None:
        said = f"line {open_.aside.claim.line} was not decided"
        likely = "right" if open_.likely else None
        return Verdict("undecided", said, likely=likely, notes=verdict.notes, lines=lines)
    return replace(verdict, lines=lines)


def explained(scope: Scope, bad: Told) -> Mistake | None:
    """The wrong rule behind a wrong line."""
    from ..mistakes import explain_derivative, explain_rewrite

    assert bad.side is not None
    given = {**scope.problem.given, **scope.used}
    if scope.problem.kind == "integral":
        return None
    if bad.aside.source is not None:
        found = explain_derivative(*bad.aside.source, bad.side, given=given)
        if found is not None:
            return found
    return explain_rewrite(bad.before, bad.side, given=given) if bad.before is not None else None
