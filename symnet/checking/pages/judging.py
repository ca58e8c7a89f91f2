"""The judgement of one statement: every side is held against the true value of the first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from ...clock import now
from ...equality import Comparison, compare
from ...errors import ShapeError, SymnetError
from ...names import unicode
from ...term import ZERO, Term, matmul, mul, postorder, substitute, transpose
from ..verdict import Witness
from .figures import Figures, figure, overlaps, rounds_to
from .naming import RATES, cotangent
from .page import Page, Said, first_sentence
from .resolving import Convention, Inexpressible, Unreadable

A_LINE = 1.5  # seconds for one comparison
INNER = {  # further meanings of ∂y/∂x, and how they are said
    "direct": "read with ∂ as the direct derivative, everything else held still",
    "jacobian": "read with ∂ as the matrix of all derivatives",
}
LARGEST = 30_000  # nodes of a formula that is compared


@dataclass(frozen=True, slots=True)
class Judged:
    """A statement with its verdict; `side` is the side that is wrong or open, `semi` the two in names of the graph."""

    said: Said
    kind: str
    says: str = ""
    side: int = 0
    left: Term | None = None
    right: Term | None = None
    witness: Witness | None = None
    likely: bool = False
    note: str = ""
    claims: bool = True
    follows: int | None = None


class Judge:
    """The statements of one page under one convention."""

    def __init__(self, page: Page, domain: Mapping[str, Any] | None, sign: int, outer: frozenset[str]) -> None:
        self.page, self.domain, self.sign, self.outer = page, domain, sign, outer
        self.truths = page.truths
        self.figures = Figures(page.graph, page.truths, _exact(page))
        self.numeric = bool(page.given)
        self.steps = {s.line: k for s in page.said if (k := self._step_rate(s)) is not None}
        self.figures.exact |= {k.data[0] for k in self.steps.values()}
        self.lines = [self.statement(s) for s in page.said]

    def how(self, s: Said) -> Convention:
        """The convention of one line."""
        return Convention(self.sign, self.outer, self._rate(s))

    # -- one statement
    def statement(self, s: Said) -> Judged:
        if s.error:
            return Judged(s, "malformed", first_sentence(s.error))
        if s.misfit:
            return Judged(s, "wrong", s.misfit)
        if s.inexpressible:
            return Judged(s, "undecided", s.inexpressible)
        if s.role == "given":
            return self._given(s)
        if len(s.sides) == 1 and s.role != "condition":
            return Judged(s, "malformed", "this line states nothing: write which quantity it is, ∂E/∂w = …")
        try:
            return self._sides(s)
        except Inexpressible as e:
            return Judged(s, "undecided", str(e))
        except Unreadable as e:
            return Judged(s, "malformed", str(e))
        except SymnetError as e:
            return Judged(s, "undecided", first_sentence(str(e)))

    def _given(self, s: Said) -> Judged:
        value = self.figures.true(s.sides[-1])
        if s.sides[0].op == "sym" and s.sides[0].name in RATES and value is not None and not value > 0:
            return Judged(s, "undecided", "a learning rate is positive", claims=False)
        return Judged(s, "right", "given", claims=False)

    def _sides(self, s: Said) -> Judged:
        how = self.how(s)
        if s.role == "condition":
            return self._condition(s, how, Judged(s, "right", "holds at the given values"))
        if self._is_law(s):
            return self._law(s)
        left, how = self._first(s, how)
        claims = (s.role != "meaning" or len(s.sides) > 2) and any(side.free for side in s.sides)
        start, whole = 1, Judged(s, "right", claims=claims, left=left)
        if s.role == "meaning":
            self._check_meaning(s, how)
            start = 2
        for i in range(start, len(s.sides)):
            found = self._side(s, left, i, how)
            if found.kind != "right":
                return found
            whole = replace(whole, note=whole.note or found.note, right=found.right)
        if s.role == "meaning" and whole.right is left:
            whole = replace(whole, claims=False)  # e = ∂E/∂w1 = dw1 only gives names
        if s.line in self.steps and how.rate is self.steps[s.line]:
            whole = replace(whole, note=whole.note or f"the learning rate {how.rate} is read off this line")
        if s.condition is not None:
            whole = self._condition(s, how, whole)
        if start == 1 and whole.kind == "right":
            return self._beside_itself(s, whole, how)
        return whole

    def _check_meaning(self, s: Said, how: Convention) -> None:
        """An abbreviation may be anything but the derivative of a quantity without a word by what."""
        value, name = self.page.resolved(s.sides[1], how), s.sides[0].name
        if self.page.naming.has_no_unit(name):
            raise Inexpressible(f"the graph has no layer for {unicode(name)}")
        of = self.page.naming(name[:-1]) if name.endswith("'") else None
        if of is None or of.kind != "value" or of.of not in self.truths.place:
            return
        ways = (self.truths.total(self.page.graph.symbols[of.of], x) for x in self.page.graph.symbols if x != of.of)
        closed = self.truths.closed(value)
        same = (w for w in ways if w is not None and w is not ZERO and w.shape == value.shape)
        if not any(self._proved((self.truths.closed(w), closed), corners=False) for w in same):
            raise Inexpressible(
                f"{unicode(name)} does not say by what it is the derivative: write ∂{unicode(of.of)}/∂…"
            )

    def _first(self, s: Said, how: Convention) -> tuple[Term, Convention]:
        """The first side, its ∂y/∂x as a matrix where it is nothing else."""
        try:
            return self.page.resolved(s.sides[0], how), how
        except Inexpressible:
            how = replace(how, inner="jacobian")
            return self.page.resolved(s.sides[0], how), how

    def _is_law(self, s: Said) -> bool:
        """σ′(z) = σ(z)(1 − σ(z)) of a letter that is nobody's name: a rule that is recalled."""
        names = {n for side in s.sides for n in side.free}
        known = any(self.page.naming(n) or n in self.page.meanings or n in self.page.rates for n in names)
        return s.sides[0].op == "prime" and len(names) == 1 and not known

    def _law(self, s: Said) -> Judged:
        for i, side in enumerate(s.sides[1:], 1):
            found = self._formula(s, s.sides[0], side, i)
            if found.kind != "right":
                return found
        return Judged(s, "right", "a general rule", claims=False)

    def _condition(self, s: Said, how: Convention, whole: Judged) -> Judged:
        """An inequality between numbers is true or not; one between names is taken for nothing."""
        assert s.condition is not None
        closed = self.truths.closed(self.page.resolved(s.condition, how))
        holds = self.figures.holds(closed)
        if holds is None:
            return Judged(s, "undecided", "an inequality is decided only where every name in it has a number")
        return whole if holds else Judged(s, "wrong", f"{s.condition.text()} does not hold here")

    def _side(self, s: Said, left: Term, i: int, how: Convention) -> Judged:
        """A side in the first meaning of its ∂y/∂x that makes it true."""
        try:
            found = self._compared(s, left, self.page.resolved(s.sides[i], how), i)
        except (Inexpressible, ShapeError) as e:
            found = Judged(s, "undecided", first_sentence(str(e)), i)
        for inner in INNER if found.kind != "right" and self._has_partials(s) else ():
            other = self._other_meaning(s, i, replace(how, inner=inner), found)
            if other is not None:
                return other
        return found

    def _other_meaning(self, s: Said, i: int, how: Convention, found: Judged) -> Judged | None:
        try:
            left, right = self.page.resolved(s.sides[0], how), self.page.resolved(s.sides[i], how)
            same = left is found.left and right is found.right
            if same or self._compared(s, left, right, i).kind != "right":
                return None
        except SymnetError:
            return None
        if self._normalised(s.sides[0]):
            return None
        if left is found.left or how.inner != "direct" or self._shows_other_ways(s.sides[0]):
            return Judged(s, "right", "", i, left, right, note=INNER[how.inner])
        said = "true if everything else in the formula is held still, not if every path counts"
        return replace(found, kind="undecided", says=said, witness=None)

    def _compared(self, s: Said, left: Term, right: Term, i: int) -> Judged:
        """The side against the truth: as a number where all is given, else as a formula."""
        written = figure(s.sides[i])
        truth = self.truths.closed(left)
        if right.op == "kron" and len(truth.shape) == 2 and all(len(a.shape) == 1 for a in right.args):
            right = matmul(right.args[0], transpose(right.args[1]))  # δ ⊗ x is δ xᵀ
        if truth.shape != right.shape:
            says = f"this is {_shape(right)}, and the left side is {_shape(left)}"
            return Judged(s, "wrong", says, i, left, right)
        true = self.figures.true(truth)
        if true is not None and written is not None:
            return self._number(s, left, right, i, truth)
        if self.numeric and not s.sides[i].free and truth.free and s.sides[0].op == "sym":
            said = f"this value rests on {', '.join(map(unicode, truth.free[:4]))}, for which no number is given"
            return Judged(s, "undecided", said, i, left, right)
        if true is not None and (self.figures.rounded(s.sides[i]) or self.figures.rounded(s.sides[0])):
            return self._formula_of_numbers(s, left, right, i, true)
        return self._formula(s, left, right, i)

    # -- numbers
    def _number(self, s: Said, left: Term, right: Term, i: int, truth: Term) -> Judged:
        written = figure(s.sides[i])
        assert written is not None
        good = rounds_to(truth, s.sides[i])
        note = ""
        if not good and (overlaps(self._resting(left), written) or self._from_formula(s, i)):
            good, note = True, "it rests on the rounded values above"
        if not good and self.figures.rounded(s.sides[0]):
            good = overlaps(self.figures.interval(truth), written)
        if good:
            self._keep(left, written.value)
            return Judged(s, "right", "", i, left, right, note=note)
        if good is None:
            return Judged(s, "undecided", "this number is not decided", i, left, right)
        true = _shown(self.figures.true(truth))
        shown = Witness({}, true, _shown(self.figures.true(right)))
        return Judged(s, "wrong", f"the true value is {true}", i, left, right, shown)

    def _resting(self, left: Term) -> Any:
        return self.figures.resting(left) if self.figures.written else None

    def _from_formula(self, s: Said, i: int) -> bool:
        """Whether the number is what the formula before it gives with its decimals as they stand."""
        return any(
            self.figures.rounded(side) and not side.free and figure(side) is None and rounds_to(side, s.sides[i])
            for side in s.sides[1:i]
        )  # fmt: skip

    def _keep(self, left: Term, value: Fraction) -> None:
        if left.op == "sym":
            self.figures.keep(left.name, value)
        elif left.op == "neg" and left.args[0].op == "sym":
            self.figures.keep(left.args[0].name, -value)

    def _formula_of_numbers(self, s: Said, left: Term, right: Term, i: int, true: Any) -> Judged:
        """A formula with rounded decimals is right if the true value lies within their rounding."""
        values = self.figures.interval(self.truths.closed(right))
        whole = self.figures.interval(self.truths.closed(left))
        if values is None or whole is None:
            return Judged(s, "undecided", "this side has no value that is decided", i, left, right)
        if values.overlaps(whole):
            return Judged(s, "right", "", i, left, right, note="within the rounding of its decimals")
        shown = Witness({}, _shown(true), _shown(values.mid()))
        return Judged(s, "wrong", f"the true value is {_shown(true)}", i, left, right, shown)

    # -- formulas
    def _formula(self, s: Said, left: Term, right: Term, i: int) -> Judged:
        """First over the names of the graph as if they were independent, which only proves; then in the inputs."""
        if self.page.end < now():
            return Judged(s, "undecided", "the time for this page is over", i, left, right)
        corners = not self._has_derivative(s, left)
        near = self.truths.opened(left), self.truths.opened(right)
        if near[0] is near[1] or (not self.numeric and self._proved(near, corners)):
            return Judged(s, "right", "", i, left, right)
        truth, answer = self.truths.closed(left), self.truths.closed(right)
        if max(truth.size, answer.size) > LARGEST:
            return self._large(s, left, right, i, truth, answer)
        found = self._comparison(truth, answer, corners, self.domain)
        if found.kind == "equal":
            note = "at the given values" if self.numeric else found.note
            return Judged(s, "right", "", i, left, right, note=note)
        if found.kind == "different":
            values = found.values or ("", "")
            shown = Witness(dict(found.witness or {}), values[0], values[1])
            says = self._without_values(s, i, truth) or found.certificate
            return Judged(s, "wrong", says, i, left, right, shown)
        half = self.truths.half_closed(left), self.truths.half_closed(right)
        if not self.numeric and self._proved(half, corners):
            return Judged(s, "right", "", i, left, right)
        return Judged(s, "undecided", found.certificate, i, left, right, likely=found.likely)

    def _without_values(self, s: Said, i: int, truth: Term) -> str:
        """What is said of z1 = 0.5 on a page that gives no numbers."""
        if self.numeric or figure(s.sides[i]) is None or s.sides[0].op not in ("sym", "partial"):
            return ""
        listed = ", ".join(map(unicode, truth.free[:4])) + (", …" if len(truth.free) > 4 else "")
        example = ", ".join(f"{unicode(n)} = {v}" for n, v in zip(truth.free, ("0.5", "1"), strict=False))
        claim = f"{s.sides[0].text()} = {s.sides[i].text()}"
        return f"no values are given, so {claim} is read for every {listed}; write them on a line above: {example}"

    def _proved(self, two: tuple[Term, Term], corners: bool) -> bool:
        small = max(t.size for t in two) <= LARGEST
        return small and self._comparison(*two, corners, None).kind == "equal"

    def _comparison(self, truth: Term, answer: Term, corners: bool, domain: Mapping[str, Any] | None) -> Comparison:
        seconds = max(0.05, min(A_LINE, self.page.end - now()))
        return compare(truth, answer, domain=domain, corners=corners, seconds=seconds)

    def _large(self, s: Said, left: Term, right: Term, i: int, truth: Term, answer: Term) -> Judged:
        """A formula too large for a normal form is only refuted, at a few points."""
        at = self.figures.differ(truth, answer)
        half = self.truths.half_closed(left), self.truths.half_closed(right)
        if at is None and not self.numeric and self._proved(half, corners=False):
            return Judged(s, "right", "", i, left, right)
        if at is None:
            said = "equal at every point tried; too large for a proof"
            return Judged(s, "undecided", said, i, left, right, likely=True)
        return Judged(s, "wrong", "the two sides differ at a point", i, left, right, at)

    def _has_derivative(self, s: Said, left: Term) -> bool:
        return bool(self.truths.cotangents(left)) or any(
            n.op in ("partial", "prime", "diff", "applyprime") for side in s.sides for n in postorder(side)
        )

    # -- one wrong line beside another
    def agrees(self, other: Term, j: Judged) -> bool:
        """Whether the wrong side of a line is this value instead."""
        assert j.right is not None
        if figure(j.said.sides[j.side]) is not None and self.numeric:
            return bool(rounds_to(self.truths.closed(other), j.said.sides[j.side]))
        true = self.figures.true(self.truths.closed(other))
        if true is not None and self.figures.rounded(j.said.sides[j.side]):
            values = self.figures.interval(self.truths.closed(j.right))
            return values is not None and bool(values.overlaps(true))
        return self._formula(j.said, other, j.right, j.side).kind == "right"

    def proportional(self, source: Judged, j: Judged) -> bool:
        """Whether both lines are wrong by the same factor."""
        sides = source.left, source.right, j.left, j.right
        if any(t is None or t.shape for t in sides):
            return False
        a, b, c, d = (t for t in sides if t is not None)
        return self._formula(j.said, mul(c, b), mul(a, d), j.side).kind == "right"

    def carries(self, source: Judged, j: Judged) -> bool:
        """Whether a line is true once the quantity of another has the wrong formula that stands there."""
        if source.left is None or source.right is None or j.left is None or j.right is None or source.left.op != "sym":
            return False
        if source.left.shape != source.right.shape or j.left.shape != j.right.shape:
            return False
        swap = {source.left: source.right}
        ways = [(rule, substitute(rule, dict(swap))) for rule in self.figures.ways(j.left)]
        return any(other is not rule and self._formula(j.said, other, j.right, j.side).kind == "right"
                   for rule, other in ways)  # fmt: skip

    def rests_on(self, source: Judged, j: Judged) -> bool:
        """Whether a wrong number is what the wrong value of another line gives."""
        value, number = figure(source.said.sides[source.side]), figure(j.said.sides[j.side])
        if value is None or number is None or source.left is None or j.left is None or source.left.op != "sym":
            return False
        instead = {source.left.name: value}
        return any(overlaps(self.figures.resting(t, instead), number) for t in (j.left, self.truths.opened(j.left)))

    # -- what a line rests on
    def _beside_itself(self, s: Said, whole: Judged, how: Convention) -> Judged:
        """∂E/∂w = ∂E/∂w and a1 = a1 + 0 say nothing; δ2 = −∂E/∂z2 says what δ2 is, and claims nothing."""
        left = whole.left
        if s.role == "update" or self._is_number(s) or left is None:
            return whole
        itself = Judged(s, "undecided", "this line rests on itself: both sides name the same quantity", claims=False)
        if all(side is s.sides[0] for side in s.sides[1:]):
            return itself
        if _is_turned(s):
            return itself
        own = left.args[0] if left.op == "neg" else left
        meant = self.page.naming(s.sides[0].name) if s.sides[0].op == "sym" else None
        if meant is not None and meant.kind == "inner":
            return whole
        if own.op != "sym" or not (s.sides[0].op == "sym" or self.truths.cotangents(own)):
            return whole
        rest = [self.page.resolved(side, how) for side in s.sides[1:]]
        if not all(own.name in r.free for r in rest):
            return whole
        announced = s.sides[0].op == "sym" and any(r.op in ("sym", "neg") for r in rest)
        return replace(whole, claims=False) if announced else itself

    def _is_number(self, s: Said) -> bool:
        return not s.sides[0].free

    # -- conventions
    def _rate(self, s: Said) -> Term:
        """The learning rate of a line: the one that it names, else the page's, else a number that stands there."""
        from ...term import sym

        here = [n for n in self.page.rates if any(n in side.free for side in s.sides)]
        if not here and s.line in self.steps:
            return self.steps[s.line]
        if here or self.page.rates:
            return sym((here or list(self.page.rates))[0])
        numbers = [n for side in s.sides[1:] for n in postorder(side) if n.op == "num" and n.data[1]]
        return numbers[0] if numbers and any(side.free for side in s.sides[1:]) else sym("eta")

    def _step_rate(self, s: Said) -> Term | None:
        """The 0.5 of w1⁺ = 0.4 − 0.5 · 0.08 where no learning rate has a number: the gradient is the other factor."""
        meant = self.page.naming(s.sides[0].name) if s.sides and s.sides[0].op == "sym" else None
        if meant is None or meant.kind not in ("next", "step") or any(r in self.page.given for r in RATES):
            return None
        true = self.figures.true(self.truths.closed(cotangent(self.page.graph, meant.of)))
        products = [n for side in s.sides[1:] for n in postorder(side) if n.op == "mul" and not n.free and not n.shape]
        for factors in (n.args for n in products[-1:] if true is not None):
            rates = [k for k in factors if k.op == "num" and k.data[0] > 0]
            rest = {k: self.figures.interval(mul(*(f for f in factors if f is not k))) for k in rates}
            fits = [k for k in rates if rest[k] is not None and rest[k].overlaps(true)]
            return next(iter(fits or rates), None)
        return None

    def _has_partials(self, s: Said) -> bool:
        return any(n.op == "partial" for side in s.sides for n in postorder(side))

    def _normalised(self, left: Term) -> bool:
        """∂p1/∂z1 of p1 = e^z1/s with s = Σ e^z: nobody holds the sum still, unless the page derives by it too."""
        if left.op != "partial" or self._shows_other_ways(left):
            return False
        y, x = (self.page.naming(a.name) for a in left.args)
        if y is None or x is None or y.of not in self.truths.place:
            return False
        value = self.page.graph[y.of]
        below = value.args[1] if value.op == "div" else None
        return below is not None and below.op == "sym" and below.name in self.truths.other_ways(y.of, x.of)

    def _shows_other_ways(self, left: Term) -> bool:
        """Whether the page speaks of the other paths of ∂y/∂x, so that its ∂ means the direct derivative."""
        if left.op != "partial":
            return True
        y, x = (self.page.naming(a.name) for a in left.args)
        if y is None or x is None:
            return False
        ways = self.truths.other_ways(y.of, x.of)
        spoken = {
            (a.of, b.of)
            for s in self.page.said for side in s.sides for n in postorder(side)
            if n.op == "partial" and n.args[0].op == n.args[1].op == "sym"
            and (a := self.page.naming(n.args[0].name)) and (b := self.page.naming(n.args[1].name))
        }  # fmt: skip
        return any((y.of, way) in spoken for way in ways)


def _is_turned(s: Said) -> bool:
    """a + b = b + a: the same parts in another order."""
    first = s.sides[0]
    return (
        first.op in ("add", "mul")
        and not first.shape
        and all(
            side.op == first.op and sorted(map(str, side.args)) == sorted(map(str, first.args)) for side in s.sides[1:]
        )
    )


def _exact(page: Page) -> frozenset[Fraction]:
    """The decimals that are exact: given values and the numbers of the graph."""
    given = [f.value for v in page.given.values() if (f := figure(v)) is not None]
    own = [n.data[0] for d in page.graph.definitions for n in postorder(d.value) if n.op == "num"]
    return frozenset([abs(v) for v in given] + own)


def _shape(t: Term) -> str:
    from ...term import shape_text

    return "a scalar" if not t.shape else shape_text(t.shape)


def _shown(x: Any) -> str:
    if x is None:
        return ""
    return str(x.mid().str(8, radius=False)) if hasattr(x, "mid") else str(x)
