"""Definite integrals in numbers: rigorous balls over complex boxes (python-flint), and the area with its sign."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any

from flint import acb, arb

from .balls import UNDECIDED, evaluate, precision
from .errors import DomainError, RuleError, SymnetError
from .functions import TABLE
from .term import Term, postorder

BITS = 128
SAMPLES = 120


class _ComplexMath:
    """The mathematics of complex balls for one call of the integrand; `analytic` asks that no branch is crossed."""

    def __init__(self, analytic: bool) -> None:
        self.analytic = analytic

    @property
    def pi(self) -> acb:
        return acb.pi()

    def number(self, text: str) -> acb:
        f = Fraction(text)
        return acb(arb(f.numerator) / f.denominator)

    def max(self, a: Any, *more: Any) -> acb:
        for b in more:
            a = acb(a).real_max(acb(b), analytic=self.analytic)
        return acb(a)

    def min(self, a: Any, *more: Any) -> acb:
        for b in more:
            a = acb(a).real_min(acb(b), analytic=self.analytic)
        return acb(a)

    def if_positive(self, x: acb, a: Any, b: Any) -> acb:
        step = self.step(x)
        return step * a + (1 - step) * b

    def step(self, x: acb) -> acb:
        return x.real_heaviside(analytic=self.analytic)

    def sign(self, x: acb) -> acb:
        return x.real_sgn(analytic=self.analytic)

    def abs(self, x: acb) -> acb:
        return x.real_abs(analytic=self.analytic)

    def log(self, x: acb) -> acb:
        return x.log(analytic=self.analytic)

    def sqrt(self, x: acb) -> acb:
        return x.sqrt(analytic=self.analytic)

    def power(self, a: acb, b: acb) -> acb:
        return a.pow(b, analytic=self.analytic)

    def __getattr__(self, name: str) -> Callable[[Any], acb]:
        row = TABLE[name]
        if not row.primitive and row.formula is not None:
            formula = row.formula
            return lambda x: acb(formula(x, self))
        return lambda x: getattr(acb(x), name)()


def numerical(body: Term, x: Term, low: Fraction, high: Fraction) -> Any:
    """∫ body dx from low to high as a ball; raises DomainError where it does not settle."""
    nodes = postorder(body)

    def integrand(z: acb, analytic: bool) -> acb:
        m = _ComplexMath(analytic)
        value: dict[Term, acb] = {}
        for node in nodes:
            value[node] = _value(node, [value[a] for a in node.args], z if node is x else None, m)
        return value[body]

    with precision(BITS):
        a, b = (arb(f.numerator) / f.denominator for f in (low, high))
        found = acb.integral(integrand, acb(a), acb(b), rel_tol=arb(2) ** -70, abs_tol=arb(2) ** -70)
        if not found.is_finite() or found.real.rad() > abs(found.real).upper() * arb(10) ** -8 + arb(10) ** -10:
            raise DomainError(
                "the integral does not settle: the function may have no value on a part of the interval"
                " (improper integrals are not evaluated)"
            )
        return found.real


def _value(node: Term, args: list[acb], z: acb | None, m: _ComplexMath) -> acb:
    if z is not None:
        return z
    rule = COMPLEX.get(node.op)
    if rule is None:
        raise RuleError(f"`{node.op}` is not integrated numerically")
    return rule(node, args, m)


def _symbol(node: Term, args: list[acb], m: _ComplexMath) -> acb:
    if "constant" not in node.facts or node.name not in ("pi", "e"):
        raise DomainError(f"`{node.name}` has no value; a definite integral in numbers needs numbers")
    return acb.pi() if node.name == "pi" else acb(1).exp()


def _power(node: Term, args: list[acb], m: _ComplexMath) -> acb:
    k = node.args[1].number
    return args[0] ** int(k) if k is not None and k.denominator == 1 else m.power(*args)


def _product(args: list[acb]) -> acb:
    out = acb(1)
    for a in args:
        out = out * a
    return out


COMPLEX: dict[str, Callable[[Term, list[acb], _ComplexMath], acb]] = {
    "num": lambda n, a, m: acb(arb(n.data[0].numerator) / n.data[0].denominator),
    "sym": _symbol,
    "add": lambda n, a, m: sum(a, acb(0)),
    "neg": lambda n, a, m: -a[0],
    "mul": lambda n, a, m: _product(a),
    "div": lambda n, a, m: a[0] / a[1],
    "pow": _power,
    "fn": lambda n, a, m: getattr(m, n.data)(a[0]),
    "max": lambda n, a, m: m.max(*a),
    "min": lambda n, a, m: m.min(*a),
}


# ------------------------------------------------------------------------------------------------- above and below
def changes(body: Term, x: Term, low: Fraction, high: Fraction) -> tuple[list[int], list[Fraction]]:
    """The signs that the function takes between low and high, and places near which it changes."""
    grid = [low + (high - low) * k / SAMPLES for k in range(SAMPLES + 1)]
    signs = [(p, s) for p in grid if (s := _sign(body, x, p)) is not None and s]
    places = [_crossing(body, x, p, q, s) for (p, s), (q, t) in pairwise(signs) if s != t]
    return sorted({s for _, s in signs}), places


def _sign(body: Term, x: Term, at: Fraction) -> int | None:
    try:
        v = evaluate(body, {x.name: at})
    except (SymnetError, *UNDECIDED):
        return None
    return (v > 0) - (v < 0)


def _crossing(body: Term, x: Term, p: Fraction, q: Fraction, s: int) -> Fraction:
    """A place between p and q at which the sign is no longer s."""
    for _ in range(40):
        middle = (p + q) / 2
        here = _sign(body, x, middle)
        if here == 0:
            return middle
        p, q = (middle, q) if here == s else (p, middle)
    return q


def stretches(low: Fraction, high: Fraction, places: list[Fraction]) -> Iterator[tuple[Fraction, Fraction]]:
    ends = [low, *places, high]
    yield from pairwise(ends)
