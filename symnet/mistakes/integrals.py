"""Explaining a wrong antiderivative: its derivative against the function, and the answer against the derivative."""

from __future__ import annotations

from ..checking.verdict import Mistake
from ..term import ZERO, Term, add, div, mul, neg, num, postorder
from ..tidy import summands, tidy
from .algebra import signed
from .question import FAILED, Given, Question, derived, forms_of, meanings, question, ratio
from .scene import text_of
from .screen import Screen, agree, names_of
from .search import closed


def integral(value: Term, x: Term, answer: Term, given: Given | None = None) -> Mistake | None:
    """The derivative of the answer against the function, and the answer against the derivative."""
    known = meanings(given)
    asked = question(answer, known, value, x)
    function, whole = closed(value, known), closed(answer, known)
    try:
        back, ahead = derived(whole, x, {}), derived(function, x, {})
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
        return agree(screen.maybe(derived(add(a, neg(b)), x, {})), screen.maybe(mul(ZERO, x)))
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
            words = f"the antiderivative of {term} is {signed(1 + here)} times as large as it should be"
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
