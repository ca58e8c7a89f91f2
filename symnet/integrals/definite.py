"""Definite integrals: F(b) − F(a) or its limits, compared with rigorous numerical integration; areas with a sign."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import partial
from typing import Any

from flint import arb

from ..balls import UNDECIDED, middle, value
from ..calculation import Calculation, Part, same
from ..derivation import Step
from ..errors import DomainError, SymnetError
from ..finishing import finish
from ..names import unicode
from ..term import Term, add, neg, num, postorder, substitute, sym, term
from ..tidy import tidy
from .areas import holds_everywhere, numerical, signs_between
from .improper import End, end_of, evaluated, exact_value, infinite, numerical_to_ends
from .indefinite import antiderivative, none_found, place
from .lines import NoAntiderivative

SAMPLES = tuple(Fraction(n, d) for n, d in ((3, 2), (-3, 2), (1, 3), (5, 2), (-1, 2), (7, 1), (1, 1), (-3, 1)))


def definite(body: Term, x: Term, low: Term, high: Term, seconds: float) -> Calculation:
    """∫ body dx from low to high; ends that are infinite or have no value are approached."""
    heading: tuple[str | Term, ...] = ("Integral of ", body, " with respect to ", x, " from ", low, " to ", high)
    whole = Term("integral", (body, x, low, high))
    only_numbers = not (set(body.free) - {x.name} or low.free or high.free)
    opened = _open_ends(body, x, low, high, only_numbers)
    if opened is not None:
        return _improper(heading, whole, body, x, opened, seconds)
    ends = _numbers(low, high) if only_numbers else None
    truth = numerical(body, x, *ends) if ends is not None else None
    try:
        steps, result, _ = antiderivative(body, x, seconds)
    except NoAntiderivative as e:
        said = none_found(e)
        if truth is None or truth.contains(0):
            size = () if truth is None else (f"its size is at most {_bound(truth)}",)
            nothing = Step("I1", said, whole, (whole,))
            return Calculation(heading, (Part("", same(nothing)),), whole, (said, *size), {}, False)
        number = _decimal(truth)
        found = Step("N1", "by rigorous numerical integration", whole, (number,), relation="≈")
        notes = (said, *_area(body, x, ends, truth))
        return Calculation(heading, (Part("", same(found)),), number, notes)
    ending = _evaluated(whole, result, x, low, high, truth)
    parts = (
        Part("Antiderivative", {"result": (), "chain": tuple(steps[-1:]), "rules": tuple(steps)}),
        Part("From end to end", {"result": ending[-1:], "chain": ending, "rules": ending}),
    )
    answer = ending[-1].result
    if ends is not None:
        return Calculation(heading, parts, answer, tuple(_area(body, x, ends, truth)))
    guard = partial(_agrees, body, x, low, high, answer)
    notes = _sampled(body, x, low, high, result, guard)
    return Calculation(heading, parts, answer, notes, guard=guard)


def _open_ends(body: Term, x: Term, low: Term, high: Term, only_numbers: bool) -> tuple[End, End] | None:
    """The two ends if one of them is infinite or is a place without a value."""
    if not only_numbers:
        if infinite(low) or infinite(high):
            raise DomainError("an improper integral is worked out with numbers for every other name")
        return None
    ends = end_of(low, 1, body, x), end_of(high, -1, body, x)
    if not any(e.open for e in ends):
        return None
    if (ends[0].infinite, ends[1].infinite) != (0, 0) and (ends[0].infinite > 0 or ends[1].infinite < 0):
        raise DomainError("the lower end of an improper integral stands first: from −∞, or to ∞")
    if not ends[0].infinite and not ends[1].infinite and _numbers(low, high)[0] >= _numbers(low, high)[1]:
        raise DomainError("the lower end of an improper integral stands first")
    return ends


def _improper(
    heading: tuple[str | Term, ...], whole: Term, body: Term, x: Term, ends: tuple[End, End], seconds: float
) -> Calculation:
    try:
        steps, result, _ = antiderivative(body, x, seconds)
    except NoAntiderivative as e:
        truth = numerical_to_ends(body, x, *ends)
        if truth is not None and not truth.contains(0):
            number = _decimal(truth)
            found = Step("N1", "by rigorous numerical integration", whole, (number,), relation="≈")
            return Calculation(heading, (Part("", same(found)),), number, (none_found(e),))
        nothing = Step("I1", none_found(e), whole, (whole,))
        return Calculation(heading, (Part("", same(nothing)),), whole, (none_found(e),), {}, False)
    ending, diverges = evaluated(whole, body, x, result, *ends)
    parts = (
        Part("Antiderivative", {"result": (), "chain": tuple(steps[-1:]), "rules": tuple(steps)}),
        Part("From end to end", {"result": ending[-1:], "chain": ending, "rules": ending}),
    )
    return Calculation(heading, parts, ending[-1].result, (diverges,) if diverges else ())


def _agrees(body: Term, x: Term, low: Term, high: Term, answer: Term, at: Mapping[str, Any]) -> str:
    """Raise unless the answer is the integral at these numbers."""

    def put(t: Term) -> Term:
        return substitute(t, {sym(n): term(v) for n, v in at.items() if n != x.name})

    truth = numerical(put(body), x, *_numbers(put(low), put(high)))
    _compared(put(answer), truth)
    return ""


def _sampled(body: Term, x: Term, low: Term, high: Term, result: Term, guard: Any) -> tuple[str, ...]:
    """What is known of an integral with other names in it, from numbers put in for them."""
    names = dict.fromkeys(n for t in (body, low, high) for n in t.free if t is not body or n != x.name)
    good: list[dict[str, Fraction]] = []
    bad: list[dict[str, Fraction]] = []
    for k in range(len(SAMPLES)):
        at = {n: SAMPLES[(k * (i + 1) + i) % len(SAMPLES)] for i, n in enumerate(names)}
        try:
            guard({n: num(f) for n, f in at.items()})
            good.append(at)
        except (SymnetError, *UNDECIDED):
            bad.append(at)
            if len(bad) == 4 and not good:
                break
    if not good:
        raise DomainError(
            "the integral was not verified for any numbers in the place of its other names: the function may have no"
            " value on a part of the interval (no integral across a pole is evaluated)"
        )
    if bad:
        return (f"not proved for every {_every(names)}: the integral does not settle at, for example, {place(bad[0])}",)
    if holds_everywhere(body, x) and holds_everywhere(result, x):
        return ()
    return (f"compared with the integral at {len(good)} points, not proved for every {_every(names)}",)


def _every(names: Mapping[str, None]) -> str:
    return ", ".join(map(unicode, names))


def _bound(v: Any) -> str:
    return f"10^{_exponent_above(middle(v.abs_upper()))}"


def _exponent_above(f: Fraction) -> int:
    k = -300
    while Fraction(10) ** k < f:
        k += 1
    return k


def _numbers(low: Term, high: Term) -> tuple[Fraction, Fraction]:
    """Rational ends; others are rounded to a rational that is closer than any digit shown."""
    return middle(value(low, {})), middle(value(high, {}))


def _evaluated(whole: Term, result: Term, x: Term, low: Term, high: Term, truth: Any) -> tuple[Step, ...]:
    """F(b) − F(a), compared with the integral in numbers."""
    upper, lower = (substitute(result, {x: end}) for end in (high, low))
    raw = add(upper, neg(lower))
    final, words = finish(raw)
    steps = [Step("E1", "F(b) − F(a) with F from above", whole, (raw,))]
    number = None
    if truth is not None:
        number = _compared(raw, truth)
        if isinstance(number, Fraction):
            final, words = num(number, ""), "numbers combined"
    if number is not None and not isinstance(number, Fraction):
        exact = exact_value(final)
        if exact is not final:
            final, words = exact, "exact values put in"
    known = number is None or isinstance(number, Fraction) or truth.contains(0)
    if truth is None:
        final = tidy(substitute(final, {n: exact_value(n) for n in postorder(final) if n.op == "fn" and not n.free}))
    about = () if known else ((_decimal(truth),),)
    if final is not raw:
        said = f"{words or 'tidied'}; rounded" if about else words or "tidied"
        steps.append(Step(f"E{len(steps) + 1}", said, whole, (final,), why=about, continued=True))
    elif about:
        steps.append(Step("E2", "rounded", whole, (final,), why=about, continued=True))
    return tuple(steps)


def _compared(raw: Term, truth: Any) -> Any:
    """F(b) − F(a) as a number, if it agrees with the integral."""
    try:
        number = value(raw, {})
    except (SymnetError, *UNDECIDED) as e:
        raise DomainError(f"the antiderivative has no value at an end of the interval: {e}") from None
    found, other = middle(number), middle(truth)
    if abs(found - other) > abs(other) / 10**7 + Fraction(1, 10**9):
        raise DomainError("the antiderivative jumps inside the interval, so F(b) − F(a) is not the integral")
    return number


def _decimal(v: Any) -> Term:
    from ..render.numbers import rounded

    return rounded(middle(v), 10)


def _area(body: Term, x: Term, ends: Any, truth: Any) -> Iterator[str]:
    """Whether the area lies above or below the axis, and both areas where the function changes its sign, if proved."""
    found = signs_between(body, x, *sorted(ends)) if ends[0] != ends[1] else None
    if not found:
        return
    signs = {s for _, _, s in found}
    if signs == {1}:
        yield "the area lies above the axis" + _order(ends)
    elif signs == {-1}:
        yield "the area lies below the axis" + (", so the integral is negative" if ends[0] < ends[1] else _order(ends))
    elif signs == {1, -1}:
        balls = [numerical(body, x, a, b) for a, b, _ in found]
        if any(v.rad() > abs(v).lower() * arb(10) ** -6 for v in balls):
            return
        areas = [middle(v) for v in balls]
        above, below = (sum((a for a in areas if (a > 0) == up), Fraction(0)) for up in (True, False))
        places = [b for _, b, _ in found[:-1]]
        at = ", ".join(map(_shown, places[:5])) + (", …" if len(places) > 5 else "")
        yield f"the function changes its sign at {at}: {_shown(above)} above the axis, {_shown(-below)} below it"


def _order(ends: Any) -> str:
    return "" if ends[0] <= ends[1] else "; the ends are swapped, which changes the sign"


def _shown(f: Fraction) -> str:
    from ..render.numbers import literal, shortened

    return literal(shortened(f, 12), 6).text()
