"""Improper integrals: an end at infinity, or an end at which the function has no value.

∫ f dx from a to ∞ is the limit of F(b) − F(a) as b → ∞. The antiderivative F is compared with rigorous integrals up
to ends that come closer and closer, so that it does not jump in between, and the limit with the values of F there.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from flint import arb

from ..balls import UNDECIDED, as_ball, ball, middle, precision, value
from ..derivation import Step
from ..errors import DomainError, RuleError, SymnetError
from ..finishing import finish
from ..processes import SECONDS, work
from ..rules import slope
from ..term import Term, add, neg, num, postorder, substitute, sym
from .areas import holds_everywhere, numerical, refuse_poles
from .borrowed import positive
from .partial_fractions import polynomial

# how near to an open end the integral is compared, and how far out to an infinite one
CLOSE = (Fraction(1, 4), Fraction(1, 32), Fraction(1, 1000), Fraction(1, 10**6), Fraction(1, 10**9))
FAR = (Fraction(4), Fraction(16), Fraction(60), Fraction(10**4), Fraction(10**8))
SURE = 3  # up to here a failure tells of a place without a value, beyond of a function that does not settle
TAILS = ((3, 6, 9), (12, 90, 900))  # powers of ten at which the limit is compared with the values
NOT_DECIDED = "whether this improper integral converges was not decided; give finite ends at which the function exists"


@dataclass(frozen=True, slots=True)
class End:
    """One end: the number or ∞ as written, from which side it is approached, and whether the limit is needed."""

    at: Term
    side: int  # +1: from the right, the lower end
    infinite: int  # -1, 0, 1
    open: bool

    def near(self, other: Fraction, k: int) -> Fraction:
        """A number that comes closer to the end with k = 0, 1, 2."""
        if self.infinite:
            return other + self.infinite * FAR[k]
        place = _fraction(self.at)
        return place if not self.open else place + self.side * min(CLOSE[k], abs(other - place) / 2 or CLOSE[k])

    def tail(self, k: int) -> Fraction:
        """A number that is close to the end for large k."""
        if self.infinite:
            return self.infinite * Fraction(10) ** k
        return _fraction(self.at) + self.side * Fraction(10) ** -k


def infinite(t: Term) -> int:
    """−1, 0 or 1 for −∞, a number, ∞."""
    inner, sign = (t.args[0], -1) if t.op == "neg" else (t, 1)
    return sign if inner.op == "sym" and inner.name == "oo" else 0


def end_of(at: Term, side: int, body: Term, x: Term) -> End:
    """An end is open if it is infinite or the function has no value there."""
    far = infinite(at)
    if not far and any(n.op == "sym" and n.name == "oo" for n in postorder(at)):
        raise DomainError("an end of an integral is a number, ∞ or −∞")
    return End(at, side, far, bool(far) or not _has_value(body, x, at))


def _has_value(body: Term, x: Term, at: Term) -> bool:
    try:
        value(substitute(body, {x: at}), {})
    except UNDECIDED:
        return False
    except SymnetError:  # an unknown function: nothing is known of its ends
        return True
    return True


def _fraction(t: Term) -> Fraction:
    """The number, or the middle of a ball that is closer than any digit shown."""
    return middle(value(t, {}))


def evaluated(
    whole: Term, body: Term, x: Term, antiderivative: Term, low: End, high: End, seconds: float = SECONDS
) -> tuple[tuple[Step, ...], str]:
    """The lines from F to the value, or to the end at which F grows without bound."""
    _continuous(body, x, antiderivative, low, high)
    found = [(end, _limit(antiderivative, x, end, seconds)) for end in (high, low)]
    raw = add(_at(antiderivative, x, high), neg(_at(antiderivative, x, low)))
    first = Step("E1", "the limit of F(b) − F(a)", whole, (raw,))
    unbounded = [end for end, at in found if infinite(at)]
    if unbounded:
        places = ", ".join(f"{x.text()} → {end.at.text()}" for end in unbounded)
        said = f"the integral diverges: F grows without bound as {places}"
        return (first, Step("E2", said, whole, (whole,), continued=True)), said
    total = add(found[0][1], neg(found[1][1]))
    final, words = finish(total)
    exact = exact_value(final)
    if exact is not final:
        final, words = exact, "exact values put in"
    sides = tuple(dict.fromkeys((total, final)))
    return (first, Step("E2", words or "the limits put in", whole, sides, continued=True)), ""


def _at(f: Term, x: Term, end: End) -> Term:
    return Term("limit", (f, x, end.at)) if end.open else substitute(f, {x: end.at})


def _continuous(body: Term, x: Term, f: Term, low: End, high: End) -> None:
    """F(q) − F(p) is the rigorous integral from p to q, for ends that come closer, and no pole lies beyond them."""
    middle = Fraction(0) if low.infinite and high.infinite else None
    refuse_poles(body, x, *(None if e.infinite else _fraction(e.at) for e in (low, high)))
    for k in range(len(CLOSE)):
        p = low.near(middle if middle is not None else _other(high, low), k)
        q = high.near(middle if middle is not None else _other(low, high), k)
        try:
            truth = numerical(body, x, p, q)
            difference = _number(f, x, q) - _number(f, x, p) - truth
        except (DomainError, RuleError, *UNDECIDED):
            if k >= SURE and (_is_smooth(body, x) and _is_smooth(f, x)):
                return
            if k < SURE:
                raise
            raise DomainError(NOT_DECIDED) from None
        if not abs(difference) < abs(truth) / 10**6 + arb("1e-8"):
            raise DomainError("the antiderivative jumps inside the interval, so its ends do not give the integral")


def _is_smooth(t: Term, x: Term) -> bool:
    """Whether it is plain that a formula has a slope everywhere but at the poles that `refuse_poles` sees."""
    return all(_is_divisor(n.args[1], x) if n.op == "div" else holds_everywhere(n, x, deep=False) for n in postorder(t))


def _is_divisor(t: Term, x: Term) -> bool:
    """A polynomial, or what is positive at sight, such as e^x + e^(−x)."""
    if t.op == "mul" or (t.op == "pow" and (t.args[1].number or 0) > 0):
        return all(_is_divisor(a, x) for a in (t.args if t.op == "mul" else t.args[:1]))
    return x.name not in t.free or polynomial(t, x) is not None or positive(t)


def _other(end: End, from_: End) -> Fraction:
    return _fraction(end.at) if not end.infinite else _fraction(from_.at)


def _number(f: Term, x: Term, at: Fraction) -> arb:
    return as_ball(value(f, {x.name: at}))


def exact_value(t: Term) -> Term:
    """cos π is −1, arctan 1 is ¼π: what SymPy knows of a number without variables, if it is shorter."""
    from ..bridge import from_sympy, to_sympy

    try:
        other = from_sympy(to_sympy(t))
    except SymnetError:
        return t
    return other if other.size < t.size else t


def _limit(f: Term, x: Term, end: End, seconds: float) -> Term:
    """The limit of F at an end, which the values of F come closer to."""
    from ..reading import read

    if not end.open:
        return substitute(f, {x: end.at})
    place = {1: "oo", -1: "-oo", 0: str(end.at)}[end.infinite]
    text = work("limit", seconds, formula=str(f), x=x.name, at=place, side="+" if end.side > 0 else "-")
    if text is None:
        raise DomainError(NOT_DECIDED)
    found = read(text).value
    _compared(f, x, end, found)
    return found


def _compared(f: Term, x: Term, end: End, found: Term) -> None:
    """The values near the end grow as the limit says, or come closer to it."""
    if not any(_comes_closer(f, x, end, found, tail) for tail in TAILS):
        raise DomainError(NOT_DECIDED)


def _comes_closer(f: Term, x: Term, end: End, found: Term, tail: tuple[int, ...]) -> bool:
    try:
        values = [_number(f, x, end.tail(k)) for k in tail]
        if infinite(found):
            return all(infinite(found) * (b - a) > 0 for a, b in pairwise(values))
        apart = [abs(v - _number(found, sym("x"), Fraction(0))) for v in values]
        return bool(apart[2] < arb("0.02")) and all(not b > a for a, b in pairwise(apart))
    except (SymnetError, *UNDECIDED):
        return False


# ------------------------------------------------------------------------------------------------- removable ends
NEAR = Fraction(1, 2**60)


def numerical_to_ends(body: Term, x: Term, low: End, high: End) -> arb | None:
    """The integral as a ball where the function is 0/0 at an end and has a limit there, as sin(x)/x at 0; else None."""
    if low.infinite or high.infinite:
        return None
    places, total = [], arb(0)
    for end in (low, high):
        place = _fraction(end.at)
        if end.open:
            values = _enclosed(body, x, place, end.side)
            if values is None:
                return None
            total += values * as_ball(NEAR)
            place += end.side * NEAR
        places.append(place)
    return total + numerical(body, x, *places)


def _enclosed(body: Term, x: Term, place: Fraction, side: int) -> arb | None:
    """Every value of f/g next to a place where both are 0: by Cauchy's mean value theorem they are values of f′/g′."""
    if body.op != "div":
        return None
    f, g = body.args
    with precision(256):
        p, q = as_ball(place), as_ball(place + side * NEAR)
        around = {x.name: p.union(q)}
        for _ in range(4):
            try:
                if any(value(substitute(t, {x: num(place)}), {}) != 0 for t in (f, g)):
                    return None
                f, g = (slope(t, x)[0] for t in (f, g))
                below = ball(g, around, 256)
                if not below.contains(0):
                    return ball(f, around, 256) / below
            except (SymnetError, *UNDECIDED):
                return None
    return None
