"""Explaining a wrong derivative, gradient, integral or line: the tables searched in the order of what they say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain, permutations
from typing import Any

import numpy as np

from ..checking.verdict import Mistake
from ..errors import SymnetError
from ..normal import expanded, factored, shorter
from ..parts import recognise
from ..reverse import without_primes
from ..term import ONE, ZERO, Term, add, div, fn, mul, neg, num, postorder, power, substitute, sym
from ..tidy import summands, tidy
from .rewriting import REWRITES, Rewrite, rewritten, sentence
from .scene import NoRule, Scene, folded, forward, text_of
from .screen import NoValue, Screen, agree, names_of
from .search import Candidate, Derivations, closed, mistake, proved, said

Given = Mapping[str, Term]
LARGE = 120  # nodes that depend on x; beyond these only one rule is swapped
PROOFS = 12  # formulas of one answer that are taken to the proof
FITTED = 1000  # denominators up to which a coefficient is recognised
FAILED = (SymnetError, NoRule, NoValue, OverflowError, RecursionError, ZeroDivisionError)


@dataclass(frozen=True)
class Question:
    """One wrong answer: what it is compared with on the screen, and what the names in it mean."""

    answer: Term
    known: Mapping[Term, Term]
    screen: Screen
    tried: list[Term] = field(default_factory=list)  # what was taken to the proof

    @property
    def target(self) -> Any:
        return self.screen.maybe(self.answer)

    def explained(self, candidates: Iterable[Candidate]) -> Mistake | None:
        """The first candidate that is the answer."""
        for c in candidates:
            if c.value is not None and agree(c.value, self.target) and self.holds(c.formula()):
                return mistake(c)
        return None

    def holds(self, formula: Term) -> bool:
        """Whether the formula is the answer; what failed once is not tried again, and not more than a few are."""
        if formula in self.tried or len(self.tried) >= PROOFS:
            return False
        try:
            if proved(formula, self.answer, self.known):
                return True
        except FAILED:
            pass
        self.tried.append(formula)
        return False


def question(answer: Term, known: Mapping[Term, Term], *formulas: Term) -> Question:
    names = names_of(*formulas, answer, *known.values())
    return Question(answer, known, Screen([n for n in names if n not in known], known))


def meanings(given: Given | None) -> dict[Term, Term]:
    return {sym(n, v.shape): v for n, v in (given or {}).items()}


# ---------------------------------------------------------------------------------------------------------- derivatives
def derivative(
    value: Term, x: Term, answer: Term, order: int = 1, given: Given | None = None, variables: tuple[Term, ...] = ()
) -> Mistake | None:
    known = meanings(given)
    lower = [value]
    for _ in range(order - 1):
        lower.append(_tidied(forward(Scene((("", closed(lower[-1], known)),), x)).get(closed(lower[-1], known), ZERO)))
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
        return None
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
    forms = [whole, _tidied(whole), expanded(whole), *(substitute(whole, f(whole)) for f in (_by_sigmoid, _by_powers))]
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


def _tidied(t: Term) -> Term:
    try:
        return tidy(without_primes(t))
    except FAILED:
        return t


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


# ------------------------------------------------------------------------------------------ algebra on the right answer
def _forms(truths: Sequence[Term], asked: Question) -> list[Term]:
    """The right answer as people write it."""
    return forms_of(*dict.fromkeys([*truths, closed(truths[0], asked.known)]))


def forms_of(*formulas: Term) -> list[Term]:
    out: dict[Term, None] = {}
    for t in formulas:
        short = _tidied(t)
        out.update(dict.fromkeys((t, short)))
        for other in (shorter, expanded, factored):
            try:
                out[other(short)] = None
            except FAILED:
                continue
    return list(out)


LOOSE = tuple(r for r in REWRITES if r.name == "factor_lost")
STRICT = tuple(r for r in REWRITES if r not in LOOSE)


def by_algebra(asked: Question, forms: Sequence[Term], rows: Sequence[Rewrite] = STRICT) -> Mistake | None:
    """A form of the right answer with one wrong step, one wrong number, or the answer with one step put right."""
    target = asked.target
    if target is None:
        return None
    if agree(asked.screen.maybe(forms[0]), target):  # right where both have a value
        rows = [r for r in rows if r.name == "domain"]
        forms = forms[:1]
    for row in rows:
        for form in forms:
            for _, node, new in rewritten(form, (row,)):
                if agree(asked.screen.maybe(new), target) and asked.holds(new):
                    return Mistake(row.name, sentence(row, node))
    if agree(asked.screen.maybe(forms[0]), target):
        return None
    return _repaired(asked, forms) or _rounded(asked, forms[0]) or _one_number(asked, forms)


REPAIRS = tuple(r for r in REWRITES if r.name in ("sign", "inner_argument_lost", "sigmoid_derivative_sign"))


def _repaired(asked: Question, forms: Sequence[Term]) -> Mistake | None:
    """A sign, or the place of a square, which put right makes the answer right."""
    truth = asked.screen.maybe(forms[0])
    for row, node, new in rewritten(asked.answer, REPAIRS):
        if agree(asked.screen.maybe(new), truth) and _equal(forms[0], new, asked):
            return Mistake(row.name, sentence(row, node))
    return None


def _equal(a: Term, b: Term, asked: Question) -> bool:
    try:
        return proved(a, closed(b, asked.known), asked.known)
    except FAILED:
        return False


def _one_number(asked: Question, forms: Sequence[Term]) -> Mistake | None:
    """One term of a sum with another coefficient: lost, of the other sign, or of another size; not of bare numbers."""
    if not asked.answer.free and not forms[0].free:
        return None
    for form in forms:
        parts = summands(form)
        if not 1 < len(parts) < 30:
            continue
        for part in parts:
            k = ratio(asked, add(asked.answer, neg(form)), part)
            if k is None or k == 0:
                continue
            if asked.holds(add(form, mul(num(k), part))):
                return Mistake(*_number_named(k, part))
    k = ratio(asked, asked.answer, forms[0])
    if k is not None and k not in (0, 1) and asked.holds(mul(num(k), forms[0])):
        return Mistake("coefficient_lost", f"the answer is {_shown(k)} times the right one")
    return None


def _number_named(k: Fraction, part: Term) -> tuple[str, str]:
    if k == -1:
        return "term_lost", f"the term {text_of(tidy(part))} is missing"
    if k == -2:
        return "sign", f"the term {text_of(tidy(part))} has the wrong sign"
    return "coefficient_lost", f"the term {text_of(tidy(part))} comes {_shown(1 + k)} times"


def _shown(k: Fraction) -> str:
    return str(k) if k >= 0 else f"−{-k}"


def ratio(asked: Question, a: Term, b: Term) -> Fraction | None:
    """The rational number a/b, if it is the same everywhere."""
    x, y = asked.screen.maybe(a), asked.screen.maybe(b)
    if x is None or y is None or x.shape != y.shape:
        return None
    with np.errstate(all="ignore"):
        quotients = (x / y)[np.isfinite(x) & np.isfinite(y)].ravel()
    if quotients.size < 2 or not np.isfinite(quotients).all():
        return None
    middle = float(np.median(quotients))
    if np.abs(quotients - middle).max() > 1e-9 * max(abs(middle), 1e-9):
        return None
    k = Fraction(middle).limit_denominator(FITTED)
    return k if abs(float(k) - middle) < 1e-9 * max(1, abs(middle)) else None


def _rounded(asked: Question, truth: Term) -> Mistake | None:
    """Decimals in the answer that are roundings: the difference is within what their last digits allow."""
    literals = [n for n in postorder(asked.answer) if n.op == "num" and n.data[1].startswith(".")]
    right, wrong = asked.screen.maybe(truth), asked.target
    if not literals or right is None or wrong is None:
        return None
    allowed = np.zeros_like(wrong)
    for n in literals:
        nudged = asked.screen.maybe(substitute(asked.answer, {n: num(n.data[0] + half_unit(n))}))
        allowed = allowed + np.abs(nudged - wrong) if nudged is not None else allowed
    fine = np.isfinite(right) & np.isfinite(wrong)
    if fine.sum() > 1 and (np.abs(wrong - right)[fine] <= 1.1 * allowed[fine] + 1e-12).all():
        return Mistake(
            "rounded_coefficient", "the answer is exact: a rounded decimal stands where an exact number belongs"
        )
    return None


def half_unit(literal: Term) -> Fraction:
    """Half a unit of the last digit of a decimal."""
    return Fraction(1, 2 * 10 ** places(literal))


def places(literal: Term) -> int:
    """The digits written after the decimal point."""
    style = literal.data[1]
    if len(style) > 1 and style[1:].isdigit():
        return int(style[1:])
    k = 0
    while (literal.data[0] * 10**k).denominator != 1 and k < 60:
        k += 1
    return k


# ------------------------------------------------------------------------------------------------------------ gradients
def gradient(
    value: Term, wrt: Sequence[Term], answer: Sequence[Term], given: Given | None = None, rows: int = 1
) -> Mistake | None:
    """The components in another order, or each explained; the mistake that most components share counts."""
    if len(answer) != len(wrt):
        return None
    known = meanings(given)
    asked = question(add(*answer), known, value, *wrt)
    try:
        truths = [_derived(value, x, known) for x in wrt]
    except FAILED:
        return None
    found = _reordered(asked.screen, truths, answer, rows)
    if found is not None:
        return found
    wrong = [i for i, t in enumerate(truths) if not agree(asked.screen.maybe(answer[i]), asked.screen.maybe(t))]
    told = [m for i in wrong if (m := derivative(value, wrt[i], answer[i], 1, given, tuple(wrt))) is not None]
    return _shared(told, len(wrong))


def _derived(value: Term, x: Term, known: Mapping[Term, Term]) -> Term:
    whole = closed(value, known)
    return forward(Scene((("", whole),), x)).get(whole, ZERO)


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


# ------------------------------------------------------------------------------------------------------------ integrals
def integral(value: Term, x: Term, answer: Term, given: Given | None = None) -> Mistake | None:
    """The derivative of the answer against the function, and the answer against the derivative."""
    known = meanings(given)
    asked = question(answer, known, value, x)
    function, whole = closed(value, known), closed(answer, known)
    try:
        back, ahead = _derived(whole, x, {}), _derived(function, x, {})
    except FAILED:
        return None
    screen = asked.screen
    if agree(screen.maybe(back), screen.maybe(function)):
        if all(s in names_of(function, x) for s in names_of(whole)):
            words = "an antiderivative is determined up to a constant: + C is missing"
            return Mistake("constant_of_integration_lost", words)
        return Mistake("domain", "the antiderivative holds only where its parts have a value: ∫ 1/u is log|u|")
    inner = question(back, known, value, x)
    if agree(screen.maybe(neg(back)), screen.maybe(function)):
        return Mistake("sign", "the sign is wrong: differentiate the answer to see it")
    if _but_for_a_constant(screen, whole, ahead, x):
        return Mistake("order", "the function was differentiated, not integrated")
    return _terms_integrated(inner, function, x) or _exponent_integrated(inner, function, x)


def _but_for_a_constant(screen: Screen, a: Term, b: Term, x: Term) -> bool:
    try:
        return agree(screen.maybe(_derived(add(a, neg(b)), x, {})), screen.maybe(mul(ZERO, x)))
    except FAILED:
        return False


def _terms_integrated(asked: Question, function: Term, x: Term) -> Mistake | None:
    """Where the derivative of the answer differs from the function: a factor, a sign, a term."""
    for form in forms_of(function):
        for part in summands(form):
            here = ratio(asked, add(asked.answer, neg(form)), part)
            if here is None or not asked.holds(add(form, mul(num(here), part))):
                continue
            term = text_of(tidy(part))
            if here == -1:
                return Mistake("term_lost", f"the term {term} was not integrated")
            if here == -2:
                return Mistake("sign", f"the antiderivative of {term} has the other sign")
            words = f"the antiderivative of {term} is {_shown(1 + here)} times as large as it should be"
            return Mistake(_integral_factor(part, x), words)
    return None


def _exponent_integrated(asked: Question, function: Term, x: Term) -> Mistake | None:
    """∫ xⁿ = xⁿ/n."""
    for wrong in (div(function, x), mul(function, x)):
        k = ratio(asked, asked.answer, wrong)
        if k is not None and asked.holds(mul(num(k), wrong)):
            return Mistake("power_off_by_one", "the exponent is off by one: ∫ xⁿ = xⁿ⁺¹/(n + 1)")
    return None


def _integral_factor(part: Term, x: Term) -> str:
    """What a wrong factor of ∫ f(a x + b) or ∫ xⁿ is called."""
    for n in postorder(part):
        if n.op == "fn" and n.args[0] is not x and x.name in n.free:
            return "chain_factor_lost"
    return (
        "power_coefficient_lost"
        if any(n.op in ("pow", "sym") and x.name in n.free for n in postorder(part))
        else "coefficient_lost"
    )


# ---------------------------------------------------------------------------------------------------------------- lines
def rewrite(before: Term, after: Term, given: Given | None = None) -> Mistake | None:
    known = meanings(given)
    asked = question(after, known, before)
    written = closed(before, known)
    forms = dict.fromkeys([before, recognise(written), *forms_of(before), *forms_of(written)])
    return by_algebra(asked, list(forms)) or _two_steps(asked, list(forms)) or by_algebra(asked, list(forms), LOOSE)


def _two_steps(asked: Question, forms: Sequence[Term]) -> Mistake | None:
    """The same wrong rule twice."""
    target = asked.target
    for row, node, once in rewritten(forms[0]):
        for _, _, twice in rewritten(once, (row,)):
            if agree(asked.screen.maybe(twice), target) and asked.holds(twice):
                return Mistake(row.name, sentence(row, node))
    return None
