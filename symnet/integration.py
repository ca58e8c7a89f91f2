"""`integrate`: antiderivatives with + C, and definite integrals as areas with a sign, one named rule at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import partial
from typing import Any

from flint import arb

from .antiderivatives import integral
from .areas import holds_everywhere, numerical, signs_between
from .balls import UNDECIDED, value
from .calculation import Calculation, Part, same
from .derivation import Step
from .differentiation import listed, named, resolved
from .errors import DomainError, RuleError, ShapeError, SymnetError
from .finishing import finish
from .improper import End, end_of, evaluated, exact_value, infinite, numerical_to_ends
from .integrals import Integration, NoAntiderivative, NotVerified
from .names import canonical, unicode
from .parts import recognise
from .probing import Verdict, compared
from .term import ZERO, Term, add, fn, mul, neg, num, postorder, power, substitute, sym, term
from .tidy import split_sign, summands, tidy
from .working import SECONDS

NONE_FOUND = "no elementary antiderivative was found"
NOT_VERIFIED = "no antiderivative was verified: an answer was found, but no point decides whether it is one"
HALF = Fraction(1, 2)
SAMPLES = tuple(Fraction(n, d) for n, d in ((3, 2), (-3, 2), (1, 3), (5, 2), (-1, 2), (7, 1), (1, 1), (-3, 1)))


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
        steps, result, verdict = _antiderivative(body, x, seconds)
    except NoAntiderivative as e:
        said = _nothing(e)
        nothing = Step("I1", said, whole, (whole,))
        return Calculation(heading, (Part("", same(nothing)),), whole, (said,), {}, False)
    taken = {*body.free, x.name}
    c = sym(next(n for n in ("C", "K", *(f"C{i}" for i in range(len(taken)))) if n not in taken))
    closed = c if result is ZERO else add(*(result.args if result.op == "add" else (result,)), c)
    last = Step(f"I{len(steps) + 1}", "constant of integration", whole, (closed,), continued=True)
    chain = Step("I1", listed(dict.fromkeys(s.rule for s in steps)), whole, (result,))
    lines = {"result": (Step("I1", "", whole, (closed,)),), "chain": (chain, last), "rules": (*steps, last)}
    check = _check(result, body, x)
    notes = (*_missing(verdict), *_not_zero(result, body, x))
    return Calculation(heading, (Part("", lines), check), closed, notes, constant=c)


def _nothing(e: NoAntiderivative) -> str:
    return NOT_VERIFIED if isinstance(e, NotVerified) else NONE_FOUND


def _missing(verdict: Verdict) -> tuple[str, ...]:
    """A point at which the integrand has a value and the answer has none."""
    if verdict.nowhere is None:
        return ()
    return (f"the answer has no real value at {_at(verdict.nowhere)}, where the integrand has one",)


def _not_zero(result: Term, body: Term, x: Term) -> tuple[str, ...]:
    """The letters by which the answer, but not the integrand, divides."""
    if any(n.op == "cases" for n in postorder(result)):
        return ()
    before = {n.args[1] for n in postorder(body) if n.op == "div"}
    found = [
        n.args[1] for n in postorder(result)
        if n.op == "div" and n.args[1].free and x.name not in n.args[1].free and n.args[1] not in before
    ]  # fmt: skip
    said = dict.fromkeys(_unequal(f) for t in found for f in _factors(t))
    return (f"for {', '.join(said)}",) if said else ()


def _factors(t: Term) -> list[Term]:
    """2 a² (n + 1) is zero where a or n + 1 is."""
    if t.op == "mul":
        return [f for a in t.args if a.free for f in _factors(a)]
    inner = (t.op == "pow" and t.args[1].number is not None) or (t.op == "fn" and t.data == "abs")
    return _factors(t.args[0]) if inner else [t]


def _unequal(t: Term) -> str:
    """n ≠ −1 for n + 1."""
    if t.op == "add" and len(t.args) == 2 and t.args[0].op == "sym" and t.args[1].number is not None:
        return f"{t.args[0].text()} ≠ {tidy(neg(t.args[1])).text()}"
    return f"{t.text()} ≠ 0"


def _at(where: Mapping[str, Fraction]) -> str:
    return ", ".join(f"{unicode(n)} = {num(f).text()}" for n, f in where.items())


def _antiderivative(body: Term, x: Term, seconds: float) -> tuple[list[Step], Term, Verdict]:
    """The lines, the tidied antiderivative, and at how many points it was verified."""
    lines = Integration(body, x, seconds).lines()
    final, words = finish(lines[-1].formula)
    neat = without_constants(final, x)
    if neat is not final:
        final, words = neat, "constants go into C" if _has_constants(final, neat, x) else "tidied"
    verdict = compared(final, x, body)
    if not verdict.decided:
        raise NotVerified("the answer could not be verified")
    whole = integral(body, x)
    steps = [Step(f"I{i}", n.rule, whole, (n.formula,), why=n.why, continued=i > 1) for i, n in enumerate(lines, 1)]
    if final is not lines[-1].formula:
        steps.append(Step(f"I{len(steps) + 1}", words or "tidied", whole, (final,), continued=True))
    return steps, final, verdict


def without_constants(t: Term, x: Term) -> Term:
    """Each term with its own number, without the constants that belong to C: log(2x) is log(x) + log(2)."""
    inner = {n: _plain_logarithm(n, x) for n in postorder(t) if n.op == "fn" and n.data == "log"}
    t = substitute(t, {k: v for k, v in inner.items() if k is not v})
    t = substitute(t, _as_roots(t))
    parts = [tidy(p) for s in summands(tidy(t)) for p in _spread(s)]
    kept = [p for p in parts if x.name in p.free]
    return tidy(add(*kept)) if kept else t if t.op == "cases" else ZERO


def _has_constants(before: Term, after: Term, x: Term) -> bool:
    def logarithms(t: Term) -> set[Term]:
        return {n for n in postorder(t) if n.op == "fn" and n.data == "log"}

    return any(x.name not in p.free for p in summands(before)) or not logarithms(after) <= logarithms(before)


def _as_roots(t: Term) -> dict[Term, Term]:
    """x^½ as √x, and x^(3/2) as √x³ beside another √x."""
    roots = {n for n in postorder(t) if n.op == "fn" and n.data == "sqrt"}
    found: dict[Term, Term] = {}
    for n in postorder(t):
        k = n.args[1].number if n.op == "pow" else None
        if k is not None and k > 0 and k.denominator == 2:
            root = fn("sqrt", n.args[0])
            if k == HALF or root in roots:
                found[n] = root if k == HALF else power(root, num(2 * k))
    return found


def _spread(t: Term) -> list[Term]:
    """⅓(f + g) as ⅓ f + ⅓ g; f/3 as ⅓ f."""
    sign, body = split_sign(t)
    c, factors = Fraction(sign), [body]
    if body.op == "div" and body.args[1].number:
        c, factors = c / body.args[1].number, [body.args[0]]
    factors = [g for f in factors for g in (f.args if f.op == "mul" else (f,))]
    if factors[0].number and len(factors) > 1:
        c, factors = c * factors[0].number, factors[1:]
    if len(factors) == 1 and factors[0].op == "add":
        return [q for p in summands(factors[0]) for q in _spread(mul(num(c), p))]
    return [mul(num(c), *factors)]


def _plain_logarithm(t: Term, x: Term) -> Term:
    """log |2x| as log |x|."""
    inside = t.args[0].args[0] if t.args[0].op == "fn" and t.args[0].data == "abs" else t.args[0]
    factors = [a for a in inside.args if x.name in a.free] if inside.op == "mul" else [inside]
    sizes = [a.number for a in inside.args if x.name not in a.free] if inside.op == "mul" else []
    if not factors or not sizes or any(c is None or c <= 0 for c in sizes):
        return t
    rest = mul(*factors)
    return fn("log", rest if inside is t.args[0] else fn("abs", rest))


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
    only_numbers = not (set(body.free) - {x.name} or low.free or high.free)
    opened = _open_ends(body, x, low, high, only_numbers)
    if opened is not None:
        return _improper(heading, whole, body, x, opened, seconds)
    ends = _numbers(low, high) if only_numbers else None
    truth = numerical(body, x, *ends) if ends is not None else None
    try:
        steps, result, _ = _antiderivative(body, x, seconds)
    except NoAntiderivative as e:
        said = _nothing(e)
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
        steps, result, _ = _antiderivative(body, x, seconds)
    except NoAntiderivative as e:
        truth = numerical_to_ends(body, x, *ends)
        if truth is not None and not truth.contains(0):
            number = _decimal(truth)
            found = Step("N1", "by rigorous numerical integration", whole, (number,), relation="≈")
            return Calculation(heading, (Part("", same(found)),), number, (_nothing(e),))
        nothing = Step("I1", _nothing(e), whole, (whole,))
        return Calculation(heading, (Part("", same(nothing)),), whole, (_nothing(e),), {}, False)
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
        return (f"not proved for every {_every(names)}: the integral does not settle at, for example, {_at(bad[0])}",)
    if holds_everywhere(body, x) and holds_everywhere(result, x):
        return ()
    return (f"compared with the integral at {len(good)} points, not proved for every {_every(names)}",)


def _every(names: Mapping[str, None]) -> str:
    return ", ".join(map(unicode, names))


def _bound(v: Any) -> str:
    return f"10^{_exponent_above(_middle(v.abs_upper()))}"


def _exponent_above(f: Fraction) -> int:
    k = -300
    while Fraction(10) ** k < f:
        k += 1
    return k


def _numbers(low: Term, high: Term) -> tuple[Fraction, Fraction]:
    """Rational ends; others are rounded to a rational that is closer than any digit shown."""
    out = []
    for end in (low, high):
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
    middle, other = (number if isinstance(number, Fraction) else _middle(number)), _middle(truth)
    if abs(middle - other) > abs(other) / 10**7 + Fraction(1, 10**9):
        raise DomainError("the antiderivative jumps inside the interval, so F(b) − F(a) is not the integral")
    return number


def _decimal(v: Any) -> Term:
    from .render.numbers import rounded

    return rounded(_middle(v), 10)


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
        areas = [_middle(v) for v in balls]
        above, below = (sum((a for a in areas if (a > 0) == up), Fraction(0)) for up in (True, False))
        places = [b for _, b, _ in found[:-1]]
        at = ", ".join(map(_shown, places[:5])) + (", …" if len(places) > 5 else "")
        yield f"the function changes its sign at {at}: {_shown(above)} above the axis, {_shown(-below)} below it"


def _order(ends: Any) -> str:
    return "" if ends[0] <= ends[1] else "; the ends are swapped, which changes the sign"


def _shown(f: Fraction) -> str:
    from .render.numbers import literal, shortened

    return literal(shortened(f, 12), 6).text()
