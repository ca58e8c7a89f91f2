"""`integrate`: antiderivatives with + C, and definite integrals as areas with a sign, one named rule at a time."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from .antiderivatives import integral
from .areas import changes, numerical, stretches
from .balls import UNDECIDED, value
from .calculation import Calculation, Part, same
from .derivation import Step
from .differentiation import listed, named, resolved
from .errors import DomainError, RuleError, ShapeError, SymnetError
from .finishing import finish
from .integrals import Integration, NoAntiderivative
from .names import canonical
from .parts import recognise
from .probing import Witness
from .term import Term, add, neg, num, postorder, substitute, sym, term
from .working import SECONDS

NONE_FOUND = "no elementary antiderivative was found"


def integrate(expr: Any, x: Any, lower: Any = None, upper: Any = None, *, seconds: float = SECONDS) -> Calculation:
    """∫ expr dx with + C, or from `lower` to `upper`, by rules whose every line is verified by differentiating it.

    Where no elementary antiderivative is found, that is the answer: `.result` is then the integral itself, or for a
    definite one its value as a decimal (python-flint's rigorous integration). `seconds` limits the search. Raises
    `DomainError` if the function has no value on a part of the interval.

    >>> print(integrate("2", "x").result)
    2*x + C
    """
    variable = sym(canonical(str(getattr(x, "name", x))))
    body = recognise(resolved(named(expr)[1]))
    if body.shape:
        raise ShapeError("`integrate` is for scalars")
    if (lower is None) != (upper is None):
        raise RuleError("a definite integral needs both ends: lower and upper")
    if lower is not None:
        return _definite(body, variable, term(lower), term(upper), seconds)
    return _indefinite(body, variable, seconds)


# --------------------------------------------------------------------------------------------------------- indefinite
def _indefinite(body: Term, x: Term, seconds: float) -> Calculation:
    heading: tuple[str | Term, ...] = ("Integral of ", body, " with respect to ", x)
    whole = integral(body, x)
    try:
        steps, result = _antiderivative(body, x, seconds)
    except NoAntiderivative:
        nothing = Step("I1", NONE_FOUND, whole, (whole,))
        return Calculation(heading, (Part("", same(nothing)),), whole, (NONE_FOUND,), {}, usual_check(body, x))
    c = sym(next(n for n in ("C", "K", "C0", "C1") if n not in body.free and n != x.name))
    closed = add(*(result.args if result.op == "add" else (result,)), c)
    last = Step(f"I{len(steps) + 1}", "constant of integration", whole, (closed,), continued=True)
    chain = Step("I1", listed(dict.fromkeys(s.rule for s in steps)), whole, (result,))
    lines = {"result": (Step("I1", "", whole, (closed,)),), "chain": (chain, last), "rules": (*steps, last)}
    check = _check(result, body, x)
    return Calculation(heading, (Part("", lines), check), closed, (), {}, usual_check(result, x))


def usual_check(t: Term, x: Term) -> bool:
    return bool(Witness(t, x))


def _antiderivative(body: Term, x: Term, seconds: float) -> tuple[list[Step], Term]:
    """The lines and the tidied antiderivative."""
    lines = Integration(body, x, seconds).lines()
    final, words = finish(lines[-1].formula)
    Witness(final, x).check(body, "final step")
    whole = integral(body, x)
    steps = [Step(f"I{i}", n.rule, whole, (n.formula,), why=n.why, continued=i > 1) for i, n in enumerate(lines, 1)]
    if final is not lines[-1].formula:
        steps.append(Step(f"I{len(steps) + 1}", words or "tidied", whole, (final,), continued=True))
    return steps, final


def _check(result: Term, body: Term, x: Term) -> Part:
    """The derivative of the answer, which was compared with the integrand."""
    from .differentiation import differentiate

    try:
        slope = differentiate(result, x).result
    except SymnetError:
        slope = body
    sides = (slope,) if slope is body else (slope, body)
    step = Step("V1", "the derivative of the answer is the integrand", Term("deriv", (result, x), "d"), sides)
    return Part("Verified", {"result": (), "chain": (step,), "rules": (step,)})


# ----------------------------------------------------------------------------------------------------------- definite
def _definite(body: Term, x: Term, low: Term, high: Term, seconds: float) -> Calculation:
    heading: tuple[str | Term, ...] = ("Integral of ", body, " with respect to ", x, " from ", low, " to ", high)
    whole = Term("integral", (body, x, low, high))
    ends = _numbers(low, high) if not (set(body.free) - {x.name} or low.free or high.free) else None
    truth = numerical(body, x, *ends) if ends is not None else None
    try:
        steps, result = _antiderivative(body, x, seconds)
    except NoAntiderivative:
        if truth is None:
            nothing = Step("I1", NONE_FOUND, whole, (whole,))
            return Calculation(heading, (Part("", same(nothing)),), whole, (NONE_FOUND,))
        number = _decimal(truth)
        found = Step("N1", "by rigorous numerical integration", whole, (number,), relation="≈")
        notes = (NONE_FOUND, *_area(body, x, ends, truth))
        return Calculation(heading, (Part("", same(found)),), number, notes)
    ending = _evaluated(whole, result, x, low, high, truth)
    parts = (
        Part("Antiderivative", {"result": (), "chain": tuple(steps[-1:]), "rules": tuple(steps)}),
        Part("From end to end", {"result": ending[-1:], "chain": ending, "rules": ending}),
    )
    notes = tuple(_area(body, x, ends, truth)) if ends is not None else ()
    return Calculation(heading, parts, ending[-1].result, notes)


def _numbers(low: Term, high: Term) -> tuple[Fraction, Fraction] | None:
    """Rational ends; others are rounded to a rational that is closer than any digit shown."""
    out = []
    for end in (low, high):
        if any(n.op == "sym" and n.name == "oo" for n in postorder(end)):
            raise DomainError("the ends of a definite integral are finite numbers")
        v = value(end, {})
        out.append(v if isinstance(v, Fraction) else _middle(v))
    return out[0], out[1]


def _middle(v: Any) -> Fraction:
    man, exp = v.mid().man_exp()
    return Fraction(int(man)) * Fraction(2) ** int(exp)


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
        exact = _exact(final)
        if exact is not final:
            final, words = exact, "exact values put in"
    about = ((_decimal(truth),),) if number is not None and not isinstance(number, Fraction) else ()
    if final is not raw:
        said = f"{words or 'tidied'}; rounded" if about else words or "tidied"
        steps.append(Step(f"E{len(steps) + 1}", said, whole, (final,), why=about, continued=True))
    elif about:
        steps.append(Step("E2", "rounded", whole, (final,), why=about, continued=True))
    return tuple(steps)


def _exact(t: Term) -> Term:
    """cos π is −1, arctan 1 is ¼π: what SymPy knows of a number without variables, if it is shorter."""
    from .bridge import from_sympy, to_sympy

    try:
        other = from_sympy(to_sympy(t))
    except SymnetError:
        return t
    return other if other.size < t.size else t


def _compared(raw: Term, truth: Any) -> Any:
    """F(b) − F(a) as a number, if it agrees with the integral."""
    try:
        number = value(raw, {})
    except (SymnetError, *UNDECIDED) as e:
        raise DomainError(f"the antiderivative has no value at an end of the interval: {e}") from None
    middle, other = (number if isinstance(number, Fraction) else _middle(number)), _middle(truth)
    if abs(middle - other) > abs(other) / 10**7 + Fraction(1, 10**9):
        raise DomainError("the antiderivative jumps inside the interval, so F(b) − F(a) is not the integral")
    return number


def _decimal(v: Any) -> Term:
    from .render.numbers import rounded

    return rounded(_middle(v), 10)


def _area(body: Term, x: Term, ends: Any, truth: Any) -> Iterator[str]:
    """Whether the area lies above or below the axis, and both areas where the function changes its sign."""
    signs, places = changes(body, x, *sorted(ends))
    if signs == [1]:
        yield "the area lies above the axis" + _order(ends)
    elif signs == [-1]:
        yield "the area lies below the axis" + (", so the integral is negative" if ends[0] < ends[1] else _order(ends))
    elif places:
        areas = [_middle(numerical(body, x, a, b)) for a, b in stretches(min(ends), max(ends), places)]
        above, below = (sum((a for a in areas if (a > 0) == up), Fraction(0)) for up in (True, False))
        at = ", ".join(_shown(p) for p in places[:5])
        yield f"the function changes its sign at {at}: {_shown(above)} above the axis, {_shown(-below)} below it"


def _order(ends: Any) -> str:
    return "" if ends[0] <= ends[1] else "; the ends are swapped, which changes the sign"


def _shown(f: Fraction) -> str:
    from .render.numbers import literal

    return literal(f if f.denominator < 1000 else Fraction(round(f * 10**6), 10**6), 6).text()
