"""The search: derive again with one rule swapped, and see whether the answer comes out.

A rule swapped at one place changes the derivative by (wrong − right)·∂result/∂place, so that all single places cost
one sweep; a rule swapped everywhere is derived again. The float screen picks, `equality` proves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from ..checking.verdict import Mistake
from ..clock import tick
from ..errors import SymnetError
from ..parts import is_activation
from ..reverse import without_primes
from ..term import ONE, ZERO, Memo, Term, add, div, mul, neg, num, postorder, rebuild, substitute, sym
from ..tidy import tidy
from .rewriting import REWRITES, Rewrite, rewritten, sentence
from .rows import TABLE, Row
from .scene import NoRule, Scene, backward, forward, named, text_of, true_slope
from .screen import Screen, agree
from .site import Site, Wrong

PROOF_STEPS = 500  # what a proof counts for
PROOF_SECONDS = 10.0  # of processor time
WRITTEN_OUT = 400  # nodes of a formula in the names of a network that is also compared without them
OTHERS = 10  # names by which the derivative may have been taken instead
ALONE = ("trig_table", "constant_kept", "constant_as_variable")  # too many forms to be half of a pair
MOST_PATHS = 6  # parts of a network on which a name may act for its paths to be told apart
PAIRED = 40  # candidates of which pairs are tried
if TYPE_CHECKING:
    from ..equality.comparison import Comparison

Matches = Callable[[Any], bool]


@dataclass(frozen=True)
class Candidate:
    """A wrong derivation: what it is called, its values on the screen, its formula and its sentence when needed."""

    name: str
    value: Any
    formula: Callable[[], Term]
    advice: Callable[[], str]
    place: Term | None = None


def said(name: str, value: Any, formula: Term, words: str) -> Candidate:
    """A candidate whose formula and sentence are there already."""
    return Candidate(name, value, lambda: formula, lambda: words)


def wrong_algebra(form: Term, screen: Screen, rows: Iterable[Rewrite] = REWRITES) -> Iterator[Candidate]:
    """The formula with one rule of algebra wrongly applied."""
    for row, node, new in rewritten(form, rows):
        yield Candidate(row.name, screen.maybe(new), partial(_itself, new), partial(sentence, row, node))


def _itself(t: Term) -> Term:
    return t


class Derivations:
    """All derivations of one scene with wrong rules, and the right one."""

    def __init__(self, scene: Scene, screen: Screen) -> None:
        self.scene, self.screen = scene, screen
        self.du = forward(scene)
        self.truth = self.du.get(scene.root, ZERO)
        self.value = screen.value(self.truth)
        self.sites = [s for s in map(self._site, scene.moving) if s is not None]
        self.above = self._above()

    def _site(self, node: Term) -> Site | None:
        if not node.args or node in self.scene.defined:
            return None
        return Site(node, tuple(self.du.get(a, ZERO) for a in node.args), self.scene)

    def _above(self) -> dict[Term, Any]:
        """∂result/∂node at the points, by one sweep backwards."""
        found: dict[Term, Any] = {self.scene.root: np.ones_like(self.value)}
        with np.errstate(all="ignore"):
            for user, operand, slope in backward(self.scene):
                if user in found:
                    through = found[user] * self.screen.value(slope)
                    found[operand] = found[operand] + through if operand in found else through
        return found

    # -- one rule swapped
    def singles(self) -> Iterator[Candidate]:
        """The most specific rule first; everywhere before one place."""
        for row in TABLE:
            found = [(s, list(self._wrongs(row, s))) for s in self.sites if s.node.op in row.ops]
            found = [(s, w) for s, w in found if w]
            for op in row.ops:
                here = [len(w) for s, w in found if s.node.op == op]
                if len(here) > 1:
                    yield from self._everywhere(row, op, max(here))
            for site, wrongs in found:
                for wrong in wrongs:
                    candidate = self._here(row, site, wrong)
                    if candidate is not None:
                        yield candidate

    def _wrongs(self, row: Row, site: Site) -> Iterator[Wrong]:
        try:
            yield from row.rewrite(site)
        except (SymnetError, NoRule, ZeroDivisionError):
            return

    def _here(self, row: Row, site: Site, wrong: Wrong) -> Candidate | None:
        values = self.screen.maybe(wrong[0]), self.screen.maybe(self.du[site.node])
        if values[0] is None or values[1] is None or site.node not in self.above:
            return None
        with np.errstate(all="ignore"):
            value = self.value + (values[0] - values[1]) * self.above[site.node]
        build = lambda: self._derived({site.node: wrong[0]})  # noqa: E731 - built only when it is needed
        return Candidate(row.name, value, build, lambda: advice(row, site, wrong), site.node)

    def _derived(self, swapped: Mapping[Term, Term]) -> Term:
        local = lambda node, du: swapped.get(node) or true_slope(node, du)  # noqa: E731
        return forward(self.scene, local).get(self.scene.root, ZERO)

    def _everywhere(self, row: Row, op: str, forms: int) -> Iterator[Candidate]:
        for i in range(min(forms, 3)):
            first: list[tuple[Site, Wrong]] = []
            formula = forward(self.scene, self._swapping(row, op, i, first)).get(self.scene.root, ZERO)
            value = self.screen.maybe(formula)
            if value is not None and len(first) > 1:
                yield Candidate(row.name, value, partial(_itself, formula), partial(_at_all, row, first))

    def _swapping(self, row: Row, op: str, form: int, used: list[tuple[Site, Wrong]]) -> Callable[..., Term]:
        def local(node: Term, du: tuple[Term, ...]) -> Term:
            if node.op == op and any(d is not ZERO for d in du):
                site = Site(node, du, self.scene)
                wrongs = list(self._wrongs(row, site))
                if wrongs:
                    wrong = wrongs[min(form, len(wrongs) - 1)]
                    used.append((site, wrong))
                    return wrong[0]
            return true_slope(node, du)

        return local

    # -- two rules at once
    def pairs(self, matches: Matches, singles: Iterable[Candidate]) -> Iterator[Candidate]:
        """Two places at once: the screen combines them as factors or as summands, the derivation decides."""
        chosen: list[Candidate] = []
        for c in singles:
            if (
                c.place is not None
                and c.name not in ALONE
                and not agree(c.value, self.value)
                and not any(agree(c.value, o.value) for o in chosen)
            ):
                chosen.append(c)
            if len(chosen) == PAIRED:
                break
        with np.errstate(all="ignore"):
            for a, b in combinations(chosen, 2):
                if a.place is b.place:
                    continue
                for value in (a.value * b.value / self.value, a.value + b.value - self.value):
                    if matches(value):
                        yield self._both(a, b, value)
                        break

    def _both(self, a: Candidate, b: Candidate, value: Any) -> Candidate:
        product = lambda: div(mul(a.formula(), b.formula()), self.truth)  # noqa: E731
        total = lambda: add(a.formula(), b.formula(), neg(self.truth))  # noqa: E731
        with np.errstate(all="ignore"):
            form = product if agree(value, a.value * b.value / self.value) else total
        return Candidate(a.name, value, form, lambda: f"{a.advice()}; and {b.advice()}")

    # -- the answer as a whole
    def wholes(self, answer: Term | None) -> Iterator[Candidate]:
        """Mistakes that are not at one place: a path, the sign of t − a, an activation's derivative once more."""
        yield from self._paths()
        if self.scene.is_bias(self.scene.x):
            yield self._whole(
                "bias_forgotten", mul(ZERO, self.scene.x), f"the bias {text_of(self.scene.x)} is not a constant here"
            )
        if self.scene.targets and (answer is None or _target_first(answer, self.scene)):
            yield self._whole("t_minus_a_sign", neg(self.truth), "the sign is turned round: the derivative has a − t")
        if _of_cross_entropy(self.scene):
            words = f"the derivative by {text_of(self.scene.x)} itself has no factor of the activation"
            yield self._whole(
                "activation_derivative_extra", mul(self.truth, self.scene.x, add(ONE, neg(self.scene.x))), words
            )
        for node in self.scene.moving:
            if node.op == "fn" and is_activation(node):
                slope = true_slope(node, (ONE,))
                words = f"at {self.scene.where(node)} the factor {text_of(tidy(slope))} is there once too often"
                yield self._whole("activation_derivative_extra", mul(self.truth, slope), words)

    def _paths(self) -> Iterator[Candidate]:
        """x stands in the formulas of several named parts: the derivative through one of them, or through the rest."""
        x = self.scene.x
        users = {name: v for name, v in self.scene.definitions[:-1] if any(n is x for n in postorder(v))}
        beside = {tuple(n for n in postorder(v) if n is not x and self.scene.is_weight(n)) for v in users.values()}
        if not 1 < len(users) <= MOST_PATHS or x.shape or len(beside) < 2:  # the samples of a sum have the same weights
            return
        still = sym("symnet_still")
        for user in users:
            kept = ((n, v if n == user else substitute(v, {x: still})) for n, v in self.scene.definitions)
            scene = Scene(tuple(kept), x)
            through = substitute(forward(scene).get(scene.root, ZERO), {still: x})
            words = f"{text_of(x)} acts on several parts of the network; of its paths the one through {user} is "
            yield self._whole("path_lost", add(self.truth, neg(through)), words + "missing")
            yield self._whole("path_lost", through, words + "not the only one")

    def lasts(self) -> Iterator[Candidate]:
        """What is tried when no rule explains it: another question answered, a factor 2, a sign."""
        x = text_of(self.scene.x)
        yield self.itself()
        nothing = mul(ZERO, self.scene.x)
        yield self._whole("variable_as_constant", nothing, f"the function depends on {x}: its derivative is not zero")
        for bias in sorted(self.scene.biases, key=lambda b: b.name):
            formula = substitute(closed(self.truth, self.scene.defined), {bias: ZERO})
            yield self._whole("bias_forgotten", formula, f"the bias {text_of(bias)} is missing in the pre-activation")
        yield self._whole("sign", neg(self.truth), "the sign of the whole is wrong")
        words = "the exponents are too large by one: (uⁿ)′ = n uⁿ⁻¹ u′"
        yield self._whole("power_off_by_one", mul(self.truth, self.scene.x), words)
        yield self._whole("factor_two_extra", mul(num(2), self.truth), "there is a factor 2 too many")
        yield self._whole("factor_two_lost", div(self.truth, num(2)), "a factor 2 is missing")
        yield from self._other_names()

    def itself(self) -> Candidate:
        words = f"this is the function itself, not its derivative by {text_of(self.scene.x)}"
        return self._whole("function_not_derivative", self.scene.root, words)

    def next_order(self) -> Iterator[Candidate]:
        truth = closed(self.truth, self.scene.defined)
        again = forward(Scene((("", truth),), self.scene.x)).get(truth, ZERO)
        if not agree(self.screen.maybe(again), np.zeros_like(self.value)):
            yield self._whole("order", again, "this is the derivative of the next order")

    def _other_names(self) -> Iterator[Candidate]:
        for other in self.scene.names[:OTHERS]:
            if other is not self.scene.x:
                scene = Scene(self.scene.definitions, other)
                formula = forward(scene).get(scene.root, ZERO)
                yield self._whole(
                    "constant_as_variable",
                    formula,
                    f"this is the derivative by {text_of(other)}, not by {text_of(self.scene.x)}",
                )

    def _whole(self, name: str, formula: Term, words: str) -> Candidate:
        return said(name, self.screen.maybe(formula), formula, words)


def _of_cross_entropy(scene: Scene) -> bool:
    """log a and log(1 − a) of the name a itself."""
    logs = {n.args[0] for n in scene.nodes if n.op == "fn" and n.data == "log"}
    return scene.x in logs and add(ONE, neg(scene.x)) in logs


def _target_first(answer: Term, scene: Scene) -> bool:
    """Whether t − a is written in the answer."""
    sums = [n for n in postorder(answer) if n.op == "add"]
    return any(a in scene.targets for n in sums for a in n.args) and any(b.op == "neg" for n in sums for b in n.args)


def _at_all(row: Row, used: list[tuple[Site, Wrong]]) -> str:
    """The sentences of the first two places."""
    return "; and ".join(dict.fromkeys(advice(row, site, wrong) for site, wrong in used[:2]))


def advice(row: Row, site: Site, wrong: Wrong) -> str:
    """The sentence of a row in the person's own terms."""
    lost = text_of(tidy(in_names(wrong[1], site.scene.defined))) if wrong[1] is not None else ""
    z = text_of(site.node.args[0]) if site.node.args else ""
    return row.advice.format(where=site.scene.where(site.node), lost=lost, x=text_of(site.scene.x), z=z)


def closed(t: Term, known: Mapping[Term, Term]) -> Term:
    """All known names written out, once each; shared parts stay shared."""
    memo: Memo = {}
    opened: set[Term] = set()
    stack = [t]
    while stack:
        node = stack[-1]
        value = known.get(node)
        if value is not None and (value in memo or node in opened):
            memo[node] = memo.get(value, node)  # a name that leads back to itself stays a name
            opened.discard(node)
        elif value is not None:
            opened.add(node)
            stack.append(value)
            continue
        elif waiting := [a for a in node.args if a not in memo]:
            stack.extend(waiting)
            continue
        else:
            memo[node] = rebuild(node, [memo[a] for a in node.args]) if node.args else node
        stack.pop()
    return memo[t]


def proved(candidate: Term, answer: Term, known: Mapping[Term, Term]) -> bool:
    """Whether the derivation is the answer: proved, or equal at many certified points."""
    from ..equality import compare

    tick(PROOF_STEPS)
    short = [in_names(t, known) for t in (candidate, answer)]
    if tidy(div(*short)) is ONE or _equal(compare(*short, seconds=PROOF_SECONDS)):
        return True
    if candidate.size + answer.size > WRITTEN_OUT and any(s.free for s in known.values()):
        return False
    result = compare(closed(candidate, known), closed(answer, known), seconds=PROOF_SECONDS)
    return _equal(result)


def _equal(result: Comparison) -> bool:
    """Proved, or equal at many certified points."""
    return result.kind == "equal" or (result.kind == "undecided" and result.likely)


def in_names(t: Term, known: Mapping[Term, Term]) -> Term:
    """The formula with the known values by their names, which are taken as independent: enough for a proof."""
    return named(without_primes(t), {v: k for k, v in known.items() if v.args})


def mistake(c: Candidate) -> Mistake:
    return Mistake(c.name, c.advice()[:300])
