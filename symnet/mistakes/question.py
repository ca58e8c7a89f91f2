"""What is asked of a wrong answer: whether a formula is it, on a screen of points and then by proof."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from ..checking.verdict import Mistake
from ..errors import SymnetError
from ..normal import expanded, factored, shorter
from ..reverse import without_primes
from ..term import ZERO, Term, sym
from ..tidy import tidy
from .scene import NoRule, Scene, forward
from .screen import NoValue, Screen, agree, names_of
from .search import Candidate, closed, mistake, proved

Given = Mapping[str, Term]
PROOFS = 12  # formulas of one answer that are taken to the proof
FITTED = 1000  # denominators up to which a coefficient is recognised
# RecursionError: a name whose meaning holds a name whose meaning …
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


def tidied(t: Term) -> Term:
    try:
        return tidy(without_primes(t))
    except FAILED:
        return t


def derived(value: Term, x: Term, known: Mapping[Term, Term]) -> Term:
    whole = closed(value, known)
    return forward(Scene((("", whole),), x)).get(whole, ZERO)


def forms_of(*formulas: Term) -> list[Term]:
    out: dict[Term, None] = {}
    for t in formulas:
        short = tidied(t)
        out.update(dict.fromkeys((t, short)))
        for other in (shorter, expanded, factored):
            try:
                out[other(short)] = None
            except FAILED:
                continue
    return list(out)


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
