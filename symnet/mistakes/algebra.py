"""Algebra mistakes: one wrong step, one wrong number or a rounded one, in a form of the answer or between lines."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from ..checking.verdict import Mistake
from ..parts import recognise
from ..term import Term, add, mul, neg, num, postorder, substitute
from ..tidy import summands, tidy
from .question import FAILED, Given, Question, forms_of, meanings, question, ratio
from .rewriting import REWRITES, Rewrite, rewritten, sentence
from .scene import text_of
from .screen import agree
from .search import closed, proved

LOOSE = tuple(r for r in REWRITES if r.name == "factor_lost")
STRICT = tuple(r for r in REWRITES if r not in LOOSE)
REPAIRS = tuple(r for r in REWRITES if r.name in ("sign", "inner_argument_lost", "sigmoid_derivative_sign"))


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
        return rounded(asked, forms[0])
    return _repaired(asked, forms) or rounded(asked, forms[0]) or _one_number(asked, forms)


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
        return Mistake("coefficient_lost", f"the answer is {signed(k)} times the right one")
    return None


def _number_named(k: Fraction, part: Term) -> tuple[str, str]:
    if k == -1:
        return "term_lost", f"the term {text_of(tidy(part))} is missing"
    if k == -2:
        return "sign", f"the term {text_of(tidy(part))} has the wrong sign"
    return "coefficient_lost", f"the term {text_of(tidy(part))} comes {signed(1 + k)} times"


def signed(k: Fraction) -> str:
    return str(k) if k >= 0 else f"−{-k}"


def rounded(asked: Question, truth: Term) -> Mistake | None:
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
