"""Wrong numbers: what happened to the digits, or the number that a wrong rule gives, rounded to the digits written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import chain
from typing import Any

from ..checking.verdict import Mistake
from ..parts import recognise
from ..term import Term, add, mul, neg, num
from .algebra import places
from .question import FAILED, forms_of, meanings
from .rewriting import REWRITES
from .scene import Scene, folded, forward, text_of
from .screen import Screen, names_of
from .search import Candidate, Derivations, closed, said, wrong_algebra

At = Mapping[str, Term | Fraction]
SHIFTS = (1, -1, 2, -2, 3, -3, 4, -4)
SLACK = Fraction(3, 2)  # units of the last digit within which a number is "off in the last digit"
EPSILON = 1e-11  # relative error of the screen


@dataclass(frozen=True, slots=True)
class Written:
    """A number as it was written: its value, and the unit of its last digit (0: exact)."""

    value: Fraction
    unit: Fraction

    def is_rounding_of(self, x: float) -> bool:
        """Whether x rounds to this number (ties either way)."""
        return abs(x - float(self.value)) <= float(self.unit) / 2 + EPSILON * max(1.0, abs(x))

    @property
    def digits(self) -> int:
        """The significant digits written."""
        return len(str(abs(self.value) / self.unit)) if self.unit and self.value else 0


def written(t: Term) -> Written | None:
    """A literal, with its sign and a power of ten: 0.268, −5.94·10⁻²; None for anything else."""
    sign, t = (-1, t.args[0]) if t.op == "neg" else (1, t)
    if t.op == "num":
        return Written(sign * t.data[0], Fraction(1, 10 ** places(t)) if t.data[1].startswith(".") else Fraction(0))
    if t.op == "mul" and len(t.args) == 2 and t.args[1].op == "pow" and t.args[1].args[0].number == 10:
        inner, k = written(t.args[0]), t.args[1].args[1].number
        if inner is not None and k is not None and k.denominator == 1 and abs(k) < 400:
            scale = Fraction(10) ** int(k)
            return Written(sign * inner.value * scale, inner.unit * scale)
    return None


# ----------------------------------------------------------------------------------------------- what happens to digits
def _cut(x: Fraction, unit: Fraction) -> Fraction:
    """Towards zero."""
    k = abs(x) / unit
    return (k.numerator // k.denominator) * unit * (1 if x >= 0 else -1)


def _round(x: Fraction, unit: Fraction) -> Fraction:
    return round(x / unit) * unit


def _truncated(x: Fraction, w: Written) -> bool:
    return bool(w.unit) and _cut(x, w.unit) == w.value != 0


def _rounding(x: Fraction, w: Written) -> bool:
    whole = bool(w.unit) and abs(_round(x, w.unit) - x) < w.unit / 10**9  # nothing was to be rounded
    return bool(w.unit) and not whole and w.digits > 1 and w.unit / 2 < abs(x - w.value) <= SLACK * w.unit


def _sign(x: Fraction, w: Written) -> bool:
    return w.value != 0 and abs(x + w.value) <= w.unit / 2


def _shift(x: Fraction, w: Written) -> bool:
    return w.value != 0 and any(abs(x * Fraction(10) ** k - w.value) <= w.unit / 2 for k in SHIFTS)


def _swapped(x: Fraction, w: Written) -> bool:
    """Two digits that stand side by side exchanged."""
    if not w.unit:
        return False
    digits, right = str(abs(w.value) / w.unit), str(abs(_round(x, w.unit)) / w.unit)
    right = right.rjust(len(digits), "0")
    digits = digits.rjust(len(right), "0")
    different = [i for i, (a, b) in enumerate(zip(digits, right, strict=True)) if a != b]
    return (
        (x > 0) == (w.value > 0)
        and len(different) == 2
        and different[1] == different[0] + 1
        and digits[different[0]] == right[different[1]]
        and digits[different[1]] == right[different[0]]
    )


@dataclass(frozen=True, slots=True)
class Digits:
    """One thing that happens to digits; `example` is the true value, what is written, and what is not this mistake."""

    name: str
    holds: Callable[[Fraction, Written], bool]
    advice: str
    example: tuple[str, str]
    counterexample: tuple[str, str]


# fmt: off
DIGITS: tuple[Digits, ...] = (
    Digits("truncated", _truncated, "the digits were cut off, not rounded", ("0.1978", "0.197"), ("0.1978", "0.196")),
    Digits("rounding", _rounding, "the last digit is off by one", ("0.1974", "0.198"), ("0.1974", "0.199")),
    Digits("sign", _sign, "the sign is wrong", ("0.25", "-0.25"), ("0.25", "0.75")),
    Digits("digits_swapped", _swapped, "two digits are exchanged", ("0.1978", "0.1987"), ("0.1978", "0.1879")),
    Digits("decimal_shift", _shift, "the decimal point is at another place", ("0.1978", "1.978"), ("0.1978", "1.987")),
)
# fmt: on


def by_digits(x: Fraction, w: Written, rows: Iterable[Digits] = DIGITS) -> Mistake | None:
    """The first row that turns the true value into what was written; a right rounding is no mistake."""
    if abs(x - w.value) <= w.unit / 2:
        return None
    found = next((row for row in rows if row.holds(x, w)), None)
    return None if found is None else Mistake(found.name, found.advice)


# ------------------------------------------------------------------------------------------- the number of a wrong rule
def values(at: At | None) -> dict[str, Fraction]:
    """The given values as fractions; what is not a number is left out."""
    out = {}
    for name, v in (at or {}).items():
        k = v if isinstance(v, int | Fraction) else v.number if isinstance(v, Term) else None
        if k is None and isinstance(v, Term):
            k = exact(v, {})
        if k is not None:
            out[name] = Fraction(k)
    return out


def exact(t: Term, at: Mapping[str, Fraction]) -> Fraction | None:
    """The value of a formula by rigorous balls, to far more digits than are written."""
    from ..balls import middle, value

    try:
        return middle(value(t, at))
    except (ArithmeticError, *FAILED, ValueError):
        return None


def fits(w: Written) -> Callable[[Any], bool]:
    """Whether a value on a screen of one point rounds to what was written."""

    def matches(value: Any) -> bool:
        if value is None or value.size != 1:
            return False
        x = float(value.ravel()[0])
        return abs(x) < 1e300 and w.is_rounding_of(x)

    return matches


def number(
    source: Term, answer: Term, x: Term | None = None, at: At | None = None, given: Mapping[str, Term] | None = None
) -> Mistake | None:
    """What happened to the digits, then which rule gives the number."""
    w = written(answer)
    known, where = meanings(given), values(at)
    if w is None:
        return None
    whole = closed(source, known)
    truth = whole if x is None else forward(Scene((("", whole),), x)).get(whole)
    true = None if truth is None else exact(truth, where)
    if true is not None:
        told = by_digits(true, w)
        if told is not None:
            return _turned_residual(told, whole)
    screen = Screen(names_of(whole, *known.values()), known, where)
    candidates = _by_rules(source, x, given or {}, screen) if x is not None else iter(())
    return first_that(fits(w), chain(candidates, _by_algebra(truth or whole, whole, screen)))


def first_that(matches: Callable[[Any], bool], candidates: Iterable[Candidate]) -> Mistake | None:
    for c in candidates:
        if matches(c.value):
            return Mistake(c.name, c.advice()[:300])
    return None


def _turned_residual(told: Mistake, whole: Term) -> Mistake:
    """The sign of (a − t) a (1 − a) is that of t − a."""
    if told.name != "sign":
        return told
    root = recognise(whole)
    factors = root.args if root.op == "mul" else ()
    turned = any(
        f.op == "add" and len(f.args) == 2 and any(a in factors and add(num(1), neg(a)) in factors for a in f.args)
        for f in factors
    )
    return Mistake("t_minus_a_sign", "the sign is turned round: the derivative has a − t") if turned else told


def _by_rules(source: Term, x: Term, given: Mapping[str, Term], screen: Screen) -> Iterator[Candidate]:
    for scene in dict.fromkeys([folded(source, x, given), Scene((("", closed(source, screen.known)),), x)]):
        try:
            d = Derivations(scene, screen)
        except FAILED:
            continue
        yield from chain(d.wholes(None), d.singles(), d.lasts())


def _by_algebra(truth: Term, source: Term, screen: Screen) -> Iterator[Candidate]:
    forms = dict.fromkeys([recognise(truth), *forms_of(truth)])
    for row in REWRITES:
        for form in forms:
            yield from wrong_algebra(form, screen, (row,))


# -------------------------------------------------------------------------------------------------------------- updates
@dataclass(frozen=True, slots=True)
class Update:
    """One wrong update; `wrong(w, g, η)` is what it writes for w − η g."""

    name: str
    wrong: Callable[[Term, Term, Term], tuple[Term, ...]]
    advice: str
    example: str
    counterexample: str


def _shifted(w: Term, g: Term, lr: Term) -> tuple[Term, ...]:
    return tuple(add(w, neg(mul(num(Fraction(10) ** k), lr, g))) for k in SHIFTS)


# fmt: off
UPDATES: tuple[Update, ...] = (  # the right one is w − η g; examples are for w = 3, g = 5, η = 1/4
    Update("plus_instead_of_minus", lambda w, g, lr: (add(w, mul(lr, g)),),
           "descent goes against the gradient: {x} − {lr} · gradient, with a minus", "17/4", "23/4"),
    Update("lr_forgotten", lambda w, g, lr: (add(w, neg(g)), add(w, g)),
           "the learning rate {lr} is missing", "-2", "2"),
    Update("step_not_position", lambda w, g, lr: (neg(mul(lr, g)), mul(lr, g)),
           "this is the step, not the new {x}: add it to the old value", "-5/4", "3/4"),
    Update("step_not_position", lambda w, g, lr: (g, neg(g)),
           "this is the gradient, not the new {x}: {x} − {lr} · gradient", "5", "6"),
    Update("decimal_shift", _shifted,
           "the decimal point of the step stands at another place", "23/8", "11/8"),
    Update("lr_as_divisor", lambda w, g, lr: (add(w, neg(g / lr)),),
           "the gradient is multiplied by the learning rate {lr}, not divided", "-17", "17"),
    Update("old_value_lost", lambda w, g, lr: (add(mul(lr, w), neg(mul(lr, g))), add(mul(w, lr), neg(g))),
           "the learning rate {lr} multiplies the gradient alone", "-1/2", "1/2"),
)
# fmt: on


def update(
    value: Term, x: Term, answer: Term, lr: Term, at: At | None = None, steps: int = 1,
    given: Mapping[str, Term] | None = None,
) -> Mistake | None:  # fmt: skip
    """A wrong update rule, or a right one with a wrong gradient."""
    known = meanings(given)
    if at is None:
        return _formula(value, x, answer, lr, given or {}, known)
    w, where = written(answer), values(at)
    start = where.get(x.name)
    if w is None or start is None:
        return None
    whole = closed(value, known)
    g = forward(Scene((("", whole),), x)).get(whole)
    if g is None:
        return None
    before = _position(x, g, lr, where, steps - 1)
    here = {**where, x.name: before}
    right = exact(add(x, neg(mul(lr, g))), here)
    if right is not None and abs(right - w.value) <= w.unit / 2:
        return None
    cut = [row for row in DIGITS if row.name in ("truncated", "rounding")]
    told = None if right is None else by_digits(right, w, cut)
    if told is not None:
        return told
    screen = Screen(names_of(whole, lr, x, *known.values()), known, here)
    matches = fits(w)
    found = first_that(matches, _updates(x, g, lr, screen)) or first_that(
        matches, _wrong_gradients(value, x, lr, given or {}, screen)
    )
    return found or (None if right is None else by_digits(right, w)) or _other_step(x, g, lr, where, steps, w)


def _position(x: Term, g: Term, lr: Term, where: Mapping[str, Fraction], steps: int) -> Fraction:
    """Where `steps` right steps lead."""
    here = dict(where)
    for _ in range(min(steps, 50)):
        new = exact(add(x, neg(mul(lr, g))), here)
        if new is None:
            break
        here[x.name] = new.limit_denominator(10**40)
    return here[x.name]


def _other_step(x: Term, g: Term, lr: Term, where: Mapping[str, Fraction], steps: int, w: Written) -> Mistake | None:
    for k in (steps - 1, steps + 1):
        if k >= 0 and w.is_rounding_of(float(_position(x, g, lr, where, k))):
            return Mistake("order", f"this is {text_of(x)} after {k} steps, asked is {steps}")
    return None


def _updates(x: Term, g: Term, lr: Term, screen: Screen) -> Iterator[Candidate]:
    for row in UPDATES:
        words = row.advice.format(x=text_of(x), lr=text_of(lr))
        for formula in row.wrong(x, g, lr):
            yield said(row.name, screen.maybe(formula), formula, words)


def _wrong_gradients(value: Term, x: Term, lr: Term, given: Mapping[str, Term], screen: Screen) -> Iterator[Candidate]:
    """w − η g with each wrong g, and w + η g."""
    position, rate = screen.maybe(x), screen.maybe(lr)
    for c in _by_rules(value, x, given, screen):
        if c.value is not None and position is not None and rate is not None:
            yield Candidate(c.name, position - rate * c.value, partial(_stepped, x, lr, c), c.advice)


def _stepped(x: Term, lr: Term, c: Candidate) -> Term:
    return add(x, neg(mul(lr, c.formula())))


def _formula(
    value: Term, x: Term, answer: Term, lr: Term, given: Mapping[str, Term], known: Mapping[Term, Term]
) -> Mistake | None:
    from .question import question

    asked = question(answer, known, value, x, lr)
    whole = closed(value, known)
    g = forward(Scene((("", whole),), x)).get(whole)
    if g is None:
        return None
    return asked.explained(_updates(x, g, lr, asked.screen)) or asked.explained(
        _wrong_gradients(value, x, lr, given, asked.screen)
    )
