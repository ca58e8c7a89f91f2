"""Explaining a wrong derivative or gradient: the tables searched in the order of what they say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, permutations

from ..checking.verdict import Mistake
from ..normal import expanded
from ..term import ONE, ZERO, Term, add, fn, mul, neg, num, postorder, power, substitute
from .algebra import LOOSE, by_algebra, rounded
from .question import FAILED, Given, Question, derived, forms_of, meanings, question, tidied
from .scene import Scene, folded, forward, text_of
from .screen import Screen, agree, names_of
from .search import Candidate, Derivations, closed, proved, said

LARGE = 120  # nodes that depend on x; beyond these only one rule is swapped


def derivative(
    value: Term, x: Term, answer: Term, order: int = 1, given: Given | None = None, variables: tuple[Term, ...] = ()
) -> Mistake | None:
    known = meanings(given)
    lower = [value]
    for _ in range(order - 1):
        lower.append(tidied(forward(Scene((("", closed(lower[-1], known)),), x)).get(closed(lower[-1], known), ZERO)))
    value = lower[-1]
    asked = question(answer, known, value, x)
    scenes = _scenes(value, x, given or {}, known, variables)
    found = asked.explained(_other_orders(asked, lower, order)) if order > 1 else None
    return found or explained(asked, scenes)


def _other_orders(asked: Question, lower: list[Term], order: int) -> Iterator[Candidate]:
    for k, formula in enumerate(lower[1:], 1):
        words = f"this is the derivative of order {k}, asked is that of order {order}"
        yield said("order", asked.screen.maybe(formula), formula, words)


def explained(asked: Question, scenes: Sequence[Scene]) -> Mistake | None:
    """The whole search: one rule, then forms of the right answer with an algebra mistake, then two rules."""
    derivations = list(_derivations(scenes, asked.screen))
    if not derivations or asked.target is None:
        return None
    first = derivations[0]
    if agree(first.value, asked.target):
        return rounded(asked, first.truth)
    return (
        asked.explained(_itself(first))
        or next((m for d in derivations if (m := _one_rule(asked, d))), None)
        or asked.explained(first.next_order())
        or asked.explained(first.lasts())
        or (None if len(first.scene.moving) > LARGE else _further(asked, first, derivations))
    )


def _further(asked: Question, first: Derivations, derivations: Sequence[Derivations]) -> Mistake | None:
    """What takes the derivations apart or goes through their algebra; for a formula of moderate size."""
    return (
        asked.explained(_new_constant(asked, first))
        or _on_one_side(asked, first)
        or _integrated(asked, first)
        or _combined(asked, first, _forms([d.truth for d in derivations], asked))
    )


def _one_rule(asked: Question, d: Derivations) -> Mistake | None:
    """One rule swapped; a lost exponent that may be that of several powers is no more than a lost factor."""
    found = asked.explained(chain(d.wholes(asked.answer), d.singles()))
    if found is None or found.name != "power_coefficient_lost":
        return found
    same = (c for c in d.singles() if c.name == found.name and c.place is not None and agree(c.value, asked.target))
    places = list(dict.fromkeys(d.scene.where(c.place) for c in same if c.place is not None))
    if len(places) < 2:
        return found
    return Mistake("coefficient_lost", f"a factor from an exponent is missing, at {' or at '.join(places[:3])}"[:300])


def _combined(asked: Question, first: Derivations, forms: Sequence[Term]) -> Mistake | None:
    """An algebra mistake in the right answer, two wrong rules at once, and at last any factor that is missing."""
    return (
        by_algebra(asked, forms)
        or asked.explained(
            first.pairs(lambda v: agree(v, asked.target), chain(first.wholes(asked.answer), first.singles()))
        )
        or by_algebra(asked, forms, LOOSE)
    )


def _derivations(scenes: Sequence[Scene], screen: Screen) -> Iterator[Derivations]:
    for scene in scenes:
        try:
            yield Derivations(scene, screen)
        except FAILED:
            continue


def _scenes(value: Term, x: Term, given: Given, known: Mapping[Term, Term], variables: tuple[Term, ...]) -> list[Scene]:
    """The formula in the given names, as it was written, multiplied out, and by other definitions of its functions."""
    whole = closed(value, known)
    forms = [whole, tidied(whole), expanded(whole), *(substitute(whole, f(whole)) for f in (_by_sigmoid, _by_powers))]
    scenes = [folded(value, x, given, variables), *(Scene((("", f),), x, variables) for f in dict.fromkeys(forms))]
    return list(dict.fromkeys(scenes))


def _by_sigmoid(t: Term) -> dict[Term, Term]:
    """tanh z = 2σ(2z) − 1."""
    return {
        n: add(mul(num(2), fn("sigmoid", mul(num(2), n.args[0]))), neg(ONE))
        for n in postorder(t)
        if n.op == "fn" and n.data == "tanh"
    }


def _by_powers(t: Term) -> dict[Term, Term]:
    """c/uⁿ = c u⁻ⁿ."""
    quotients = [n for n in postorder(t) if n.op == "div" and n.args[1].op == "pow" and n.args[1].args[1].number]
    out = {}
    for n in quotients:
        u, k = n.args[1].args
        down = power(u, num(-(k.number or 1)))
        out[n] = down if n.args[0] is ONE else mul(n.args[0], down)
    return out


def _itself(d: Derivations) -> Iterator[Candidate]:
    """The function given back; of an exponential that is another mistake."""
    root = d.scene.root
    moving = [a for a in root.args if a in d.scene.moving] if root.op == "mul" else []
    inner = moving[0] if len(moving) == 1 else root
    exponential = (inner.op == "fn" and inner.data == "exp") or (inner.op == "pow" and inner.args[1] in d.scene.moving)
    if not exponential and root is not d.scene.x:
        yield d.itself()
        if len(moving) < 2:  # f′g′ of a product may be its second derivative as well
            yield from d.next_order()


def _new_constant(asked: Question, d: Derivations) -> Iterator[Candidate]:
    """f′ + c with a name c that the problem does not have."""
    own = {*d.scene.names, *asked.known, d.scene.x}
    for s in names_of(asked.answer):
        if s not in own:
            for formula in (add(d.truth, s), add(d.truth, neg(s))):
                words = f"the derivative of the constant {text_of(s)} is zero"
                yield said("constant_kept", asked.screen.maybe(formula), formula, words)


def _on_one_side(asked: Question, d: Derivations) -> Mistake | None:
    """Right but for a sign that depends on the place: |x| or √x² taken as x, arcsin(sin x) as x."""
    from ..equality import compare

    kinds = ("abs", "sqrt", "log", "asin", "acos")
    corner = any(n.op == "fn" and n.data in kinds for n in postorder(closed(d.scene.root, asked.known)))
    if not corner or asked.target is None or not agree(d.value**2, asked.target**2):
        return None
    squares = [power(closed(t, asked.known), num(2)) for t in (d.truth, asked.answer)]
    if any(compare(*squares, domain={d.scene.x.name: side}, corners=False).kind != "equal" for side in (">0", "<0")):
        return None
    return Mistake(
        "domain", f"this holds only for some {text_of(d.scene.x)}: √(u²) is |u|, the sign depends on the place"
    )


def _integrated(asked: Question, d: Derivations) -> Mistake | None:
    """The derivative of the answer is the function."""
    try:
        answer = closed(asked.answer, asked.known)
        again = forward(Scene((("", answer),), d.scene.x)).get(answer, ZERO)
    except FAILED:
        return None
    function = closed(d.scene.root, asked.known)
    if agree(asked.screen.maybe(again), asked.screen.maybe(function)) and proved(again, function, {}):
        return Mistake(
            "integrated_instead", "this is an antiderivative: the function was integrated, not differentiated"
        )
    return None


def _forms(truths: Sequence[Term], asked: Question) -> list[Term]:
    """The right answer as people write it."""
    return forms_of(*dict.fromkeys([*truths, closed(truths[0], asked.known)]))


def gradient(
    value: Term, wrt: Sequence[Term], answer: Sequence[Term], given: Given | None = None, rows: int = 1
) -> Mistake | None:
    """The components in another order, or each explained; the mistake that most components share counts."""
    if len(answer) != len(wrt):
        return None
    known = meanings(given)
    asked = question(add(*answer), known, value, *wrt)
    try:
        truths = [derived(value, x, known) for x in wrt]
    except FAILED:
        return None
    found = _reordered(asked.screen, truths, answer, rows)
    if found is not None:
        return found
    wrong = [i for i, t in enumerate(truths) if not agree(asked.screen.maybe(answer[i]), asked.screen.maybe(t))]
    told = [m for i in wrong if (m := derivative(value, wrt[i], answer[i], 1, given, tuple(wrt))) is not None]
    return _shared(told, len(wrong))


def _reordered(screen: Screen, truths: Sequence[Term], answer: Sequence[Term], rows: int) -> Mistake | None:
    right, wrong = [screen.maybe(t) for t in truths], [screen.maybe(a) for a in answer]
    n, columns = len(truths), len(truths) // rows
    turned = [right[(k % rows) * columns + k // rows] for k in range(n)]
    if rows > 1 and all(agree(a, b) for a, b in zip(wrong, turned, strict=True)):
        return Mistake(
            "transposed", "the entries stand transposed: the row belongs to the output, the column to the input"
        )
    if n > 5 or all(agree(a, b) for a, b in zip(wrong, right, strict=True)):
        return None
    for order in permutations(range(n)):
        if all(agree(wrong[k], right[i]) for k, i in enumerate(order)):
            return Mistake("order", "the components are right but stand in another order")
    return None


def _shared(told: Sequence[Mistake], wrong: int) -> Mistake | None:
    """The mistake that most of the wrong components show, the first of equals."""
    if not told or 2 * len(told) < wrong:
        return None
    count: dict[str, int] = {}
    for m in told:
        count[m.name] = count.get(m.name, 0) + 1
    best = max(count, key=lambda name: count[name])
    return next(m for m in told if m.name == best)
