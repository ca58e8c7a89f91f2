"""Wrong claims about the quantities of a network: ∂E/∂w1, δ2, a1, w1 ← …, in the names of the graph and of the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import Any

from ..checking.verdict import Mistake
from ..graph import Definition, Graph
from ..parts import is_activation
from ..reverse import closed_form, derive, without_primes
from ..term import ZERO, Term, add, mul, neg, num, partial, postorder, substitute, sym
from ..tidy import tidy
from . import arrays
from .algebra import by_algebra
from .derivatives import explained
from .numbers import UPDATES, At, by_digits, exact, first_that, fits, values, written
from .question import FAILED, Question, forms_of
from .rewriting import rewritten, sentence
from .scene import Scene, forward, head, scene_of_graph, text_of, true_slope
from .screen import Screen, agree, names_of
from .search import Candidate, Derivations, closed, said, wrong_algebra

RATES = ("eta", "lr", "alpha", "epsilon", "gamma", "rho")


class Page:
    """A graph with the names of a page: inert derivatives and abbreviations as formulas in the inputs."""

    def __init__(self, graph: Graph, given: Mapping[str, Term]) -> None:
        self.graph = graph
        self.given = dict(given)
        self.known: dict[Term, Term] = {d.symbol: d.value for d in graph.definitions}
        self.partials: dict[Term, Term] = {}
        for name, meaning in given.items():
            self.known.setdefault(sym(name, meaning.shape), self.plain(meaning))

    def plain(self, t: Term) -> Term:
        """The formula with every inert ∂y/∂x replaced by what it is."""
        inert = [n for n in postorder(t) if n.op == "partial"]
        return arrays_put(t, {n: self.truth(n) for n in inert}) if inert else t

    def truth(self, target: Term) -> Term:
        if target not in self.partials:
            self.partials[target] = self._derived(*target.args)
        return self.partials[target]

    def _derived(self, y: Term, x: Term) -> Term:
        scene = self.scene(y, x)
        if not any(v.shape for _, v in scene.definitions) and not x.shape:
            return forward(scene).get(scene.root, ZERO)
        graph = Graph([(n, v) for n, v in scene.definitions])
        d = derive(graph, [x.name])
        return tidy(without_primes(closed_form(d, x.name)))

    def scene(self, y: Term, x: Term) -> Scene:
        return scene_of_graph(self.graph, y, x)

    def screen(self, *formulas: Term, at: Mapping[str, Any] | None = None) -> Screen:
        names = names_of(*formulas, *self.known.values())
        shaped = any(s.shape for s in names)
        return Screen([n for n in names if n not in self.known], self.known, at, square=shaped)


def arrays_put(t: Term, values: Mapping[Term, Term]) -> Term:
    for old, new in values.items():
        t = arrays.put(t, old, new)
    return t


def quantity(
    graph: Graph, target: Term, answer: Term, given: Mapping[str, Term] | None = None, at: At | None = None
) -> Mistake | None:
    page = Page(graph, given or {})
    target, sign = _resolved(target, given or {})
    if at is not None:
        return _number(page, target, sign, answer, values(at))
    wanted = page.plain(answer)
    if target.op == "partial":
        return _derivative(page, target, wanted if sign > 0 else neg(wanted))
    if target.op == "add":
        return _update(page, target, wanted, given or {})
    return _formula(page, target, wanted if sign > 0 else neg(wanted))


def _resolved(target: Term, given: Mapping[str, Term]) -> tuple[Term, int]:
    """What a name of the page stands for, and the sign before it."""
    sign = 1
    for _ in range(len(given) + 2):
        if target.op == "neg":
            sign, target = -sign, target.args[0]
        elif target.op == "sym" and target.name in given:
            target = given[target.name]
    return target, sign


# ---------------------------------------------------------------------------------------------------------- derivatives
def _derivative(page: Page, target: Term, answer: Term) -> Mistake | None:
    y, x = target.args
    scene = page.scene(y, x)
    early = _too_early(page, answer, page.truth(target))
    if early is not None:
        return early
    if x.shape or any(v.shape for _, v in scene.definitions):
        return _of_arrays(page, scene, target, answer)
    screen = page.screen(answer, x)
    asked = Question(answer, page.known, screen)
    return _jacobian_lost(page, target, asked) or explained(asked, [scene])


def _too_early(page: Page, answer: Term, truth: Term) -> Mistake | None:
    """Put the old weight back for the new one: does that make it right?"""
    renewed = {sym(n, v.shape): w for n, v in page.given.items() if (w := _renewed(page, v)) is not None}
    used = [s for s in names_of(answer) if s in renewed]
    if not used:
        return None
    back = substitute(answer, {s: renewed[s] for s in used})
    screen = page.screen(answer, truth)
    if not agree(screen.maybe(back), screen.maybe(truth)):
        return None
    old = text_of(renewed[used[0]])
    return Mistake("updated_too_early", f"the backward pass needs the old {old}: update all weights after it")


def _renewed(page: Page, meaning: Term) -> Term | None:
    """w for w − η ∂E/∂w."""
    if meaning.op != "add" or len(meaning.args) != 2:
        return None
    w = meaning.args[0]
    return w if w.op == "sym" and w.name in page.graph.inputs else None


def _jacobian_lost(page: Page, target: Term, asked: Question) -> Mistake | None:
    """∂E/∂z written as ∂E/∂p of the softmax above it."""
    y, z = target.args
    for d in page.graph.definitions:
        if d.symbol is y or not _softmax_of(d, z, page):
            continue
        over = page.truth(partial(y, d.symbol))
        if tidy(over) is not ZERO and agree(asked.screen.maybe(over), asked.target):
            words = f"this is the derivative by {text_of(d.symbol)}, that of the softmax by {text_of(z)} is missing"
            return Mistake("softmax_jacobian_lost", words)
    return None


def _softmax_of(d: Definition, z: Term, page: Page) -> bool:
    if d.value.op == "softmax":
        return d.value.args[0] is z
    if d.value.op != "div":
        return False
    top = closed(d.value.args[0], {s: v for s, v in page.known.items() if s is not z})
    return top.op == "fn" and top.data == "exp" and z in postorder(top)


# --------------------------------------------------------------------------------------------------------------- arrays
def _of_arrays(page: Page, scene: Scene, target: Term, answer: Term) -> Mistake | None:
    truth = page.truth(target)
    screen = page.screen(answer, truth, target.args[1])
    asked = Question(answer, page.known, screen)
    wanted = asked.target
    if wanted is None:
        return None
    found = _jacobian_lost(page, target, asked)
    if found is not None:
        return found
    if agree(screen.maybe(neg(truth)), wanted):
        turned = _target_before(answer, page)
        return Mistake("t_minus_a_sign" if turned else "sign", "the sign is turned round")
    forms = array_forms(page, truth)
    for row, lost, new in chain.from_iterable(arrays.wrong_forms(f, scene) for f in forms):
        if agree(screen.maybe(new), wanted):
            turned = row.name == "t_minus_a_sign" and not _target_before(answer, page)
            return Mistake("sign" if turned else row.name, arrays.sentence(row, lost)[:300])
    for name, scale, words in arrays.SCALES:
        if agree(screen.maybe(mul(scale, truth)), wanted):
            return Mistake(name, words)
    if agree(screen.maybe(truth.T if truth.shape else truth), wanted):
        return Mistake("transposed", "the whole is transposed")
    return _by_array_algebra(asked, forms)


def _target_before(answer: Term, page: Page) -> bool:
    sums = [n for n in postorder(answer) if n.op == "add" and len(n.args) == 2]
    return any(
        a.op == "sym" and head(a.name).lower() in ("t", "y", "d") and b.op == "neg" for n in sums for a, b in [n.args]
    )


def array_forms(page: Page, truth: Term) -> list[Term]:
    """With the names of the graph put back, with means as sums, and in the inputs."""
    names = {closed(d.value, page.known): d.symbol for d in page.graph.definitions}
    short = substitute(closed(truth, page.known), names)
    return list(dict.fromkeys([short, arrays.without_means(short), truth]))


def _by_array_algebra(asked: Question, forms: list[Term]) -> Mistake | None:
    for form in forms:
        for row, node, new in rewritten(form):
            if agree(asked.screen.maybe(new), asked.target):
                return Mistake(row.name, sentence(row, node))
    return None


# ----------------------------------------------------------------------------------------------------- plain quantities
def _formula(page: Page, target: Term, answer: Term) -> Mistake | None:
    """A claim about a defined quantity itself: z2 = w2 a1 without its bias."""
    if target in page.known:
        meaning = page.known[target]
        asked = Question(answer, page.known, page.screen(answer, meaning))
        found = asked.explained(_forward_mistakes(page, target, meaning, asked.screen))
        return found or (None if meaning.shape else by_algebra(asked, forms_of(meaning, closed(meaning, page.known))))
    whole = page.plain(target)
    asked = Question(answer, page.known, page.screen(answer, whole))
    return None if whole.shape else by_algebra(asked, forms_of(whole, closed(whole, page.known)))


def _forward_mistakes(page: Page, target: Term, meaning: Term, screen: Screen) -> Iterator[Candidate]:
    scene = Scene(tuple((d.name, d.value) for d in page.graph.definitions), target)
    whole = closed(meaning, page.known)
    for bias in sorted(scene.biases, key=lambda b: b.name):
        if bias.name in whole.free:
            new = substitute(whole, {bias: ZERO})
            words = f"the bias {text_of(bias)} is missing"
            yield said("bias_forgotten", screen.maybe(new), new, words)
    if is_activation(meaning):
        z = meaning.args[0]
        words = f"this is the argument {text_of(z)}, the activation is still to be applied"
        yield said("preactivation_for_activation", screen.maybe(z), z, words)


# -------------------------------------------------------------------------------------------------------------- updates
def _update(page: Page, target: Term, answer: Term, given: Mapping[str, Term]) -> Mistake | None:
    """w − η ∂E/∂w."""
    parts = _step(target)
    if parts is None:
        return _formula(page, target, answer)
    w, rate, slope = parts
    g = page.plain(slope)
    asked = Question(answer, page.known, page.screen(answer, target, w, rate))
    opposite = any(v.op == "neg" and v.args[0].op == "partial" for v in given.values())
    for row in UPDATES:
        for formula in row.wrong(w, g, rate):
            if agree(asked.screen.maybe(formula), asked.target):
                name = "sign" if opposite and row.name == "plus_instead_of_minus" else row.name
                return Mistake(name, row.advice.format(x=text_of(w), lr=text_of(rate)))
    if slope.op != "partial" or w.shape:
        return None
    scene = page.scene(*slope.args)
    return asked.explained(_stepped(c, w, rate, asked.screen) for c in _candidates(scene, asked.screen))


def _step(target: Term) -> tuple[Term, Term, Term] | None:
    """w, η and the gradient of w − η ∂E/∂w."""
    w, minus = target.args[0], target.args[-1]
    if len(target.args) != 2 or minus.op != "neg" or minus.args[0].op != "mul":
        return None
    inert = [a for a in minus.args[0].args if a.op == "partial"]
    rest = [a for a in minus.args[0].args if a.op != "partial"]
    return (w, mul(*rest), inert[0]) if len(inert) == 1 and rest else None


def _stepped(c: Candidate, w: Term, rate: Term, screen: Screen) -> Candidate:
    value = None if c.value is None else screen.value(w) - screen.value(rate) * c.value
    return replace(c, value=value, formula=lambda: add(w, neg(mul(rate, c.formula()))))


def _candidates(scene: Scene, screen: Screen) -> Iterator[Candidate]:
    try:
        d = Derivations(scene, screen)
    except FAILED:
        return
    yield from chain(d.wholes(None), d.singles(), d.lasts())


# -------------------------------------------------------------------------------------------------------------- numbers
def _number(page: Page, target: Term, sign: int, answer: Term, where: Mapping[str, Any]) -> Mistake | None:
    w = written(answer)
    if w is None:
        return None
    inert = target.op == "partial"
    whole = closed(page.plain(target) if not inert else page.truth(target), page.known)
    whole = whole if sign > 0 else neg(whole)
    true = exact(whole, where)
    told = None if true is None else by_digits(true, w)
    if told is not None and told.name != "sign":
        return told
    screen = page.screen(whole, target, at=where)
    matches = fits(w)
    found = first_that(matches, _signed(_numeric(page, target, screen), sign))
    if found is not None and found.name in ("sign", "t_minus_a_sign") and any(v == -1 for v in where.values()):
        lost = (c for c in _signed(_numeric(page, target, screen), sign) if c.name == "next_layer_weight_lost")
        found = first_that(matches, lost) or found  # a weight −1 that is not there
    return found or _with_new_weights(page, target, whole, where, w) or told


def _signed(candidates: Iterator[Candidate], sign: int) -> Iterator[Candidate]:
    for c in candidates:
        yield c if sign > 0 or c.value is None else replace(c, value=-c.value)


def _numeric(page: Page, target: Term, screen: Screen) -> Iterator[Candidate]:
    if target.op == "partial":
        yield from _candidates(page.scene(*target.args), screen)
        return
    parts = _step(target) if target.op == "add" else None
    if parts is not None:
        w, rate, slope = parts
        g = page.plain(slope)
        for row in UPDATES:
            words = row.advice.format(x=text_of(w), lr=text_of(rate))
            for formula in row.wrong(w, g, rate):
                yield said(row.name, screen.maybe(formula), formula, words)
        if slope.op == "partial":
            yield from (_stepped(c, w, rate, screen) for c in _candidates(page.scene(*slope.args), screen))
        return
    meaning = page.known.get(target, target)
    yield from _forward_mistakes(page, target, meaning, screen)
    yield from wrong_algebra(closed(meaning, page.known), screen)


def _with_new_weights(page: Page, target: Term, whole: Term, where: Mapping[str, Any], w: Any) -> Mistake | None:
    """The number that comes out with weights that were already updated."""
    rate = next((n for n in where if head(n) in RATES and n not in page.graph.inputs), None)
    loss = page.graph.result.symbol
    if rate is None:
        return None
    new: dict[Term, Term] = {}
    for n in page.graph.parameters():
        g = closed(page.truth(partial(loss, sym(n))), page.known)
        moved = exact(add(sym(n), neg(mul(sym(rate), g))), where) if n in where else None
        if moved is not None:
            new[sym(n)] = num(moved.limit_denominator(10**30))
    chosen = {s: {s: v} for s, v in new.items()}
    for s, formula in chain.from_iterable(_renewals(page, target, whole, swap, s) for s, swap in chosen.items()):
        there = exact(closed(formula, page.known), where)
        if there is not None and abs(there - w.value) <= w.unit:
            return Mistake(
                "updated_too_early", f"the backward pass needs the old {text_of(s)}: update all weights after it"
            )
    return None


def _renewals(page: Page, target: Term, whole: Term, swap: Mapping[Term, Term], s: Term) -> Iterator[tuple[Term, Term]]:
    """The new weight on the way back alone, and everywhere."""
    if target.op == "partial":
        local = lambda node, du: true_slope(substitute(node, dict(swap)) if node.op == "mul" else node, du)  # noqa: E731
        scene = page.scene(*target.args)
        yield s, forward(scene, local).get(scene.root, ZERO)
    yield s, substitute(whole, dict(swap))
