"""Definite integrals in numbers: rigorous balls over complex boxes (python-flint), and the area with its sign."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any

from flint import acb, arb, fmpq_poly

from ..balls import UNDECIDED, as_ball, ball, decide_sign, fmpq_of, middle, precision
from ..errors import DomainError, RuleError, SymnetError
from ..functions import TABLE
from ..term import Term, postorder
from .partial_fractions import polynomial

BITS = 128
CELLS = 400  # stretches that are looked at for the sign of a function


class _ComplexMath:
    """The mathematics of complex balls for one call of the integrand; `analytic` asks that no branch is crossed."""

    def __init__(self, analytic: bool) -> None:
        self.analytic = analytic

    @property
    def pi(self) -> acb:
        return acb.pi()

    def number(self, text: str) -> acb:
        return acb(fmpq_of(Fraction(text)))

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
        return acb(x).real_heaviside(analytic=self.analytic)

    def sign(self, x: acb) -> acb:
        return acb(x).real_sgn(analytic=self.analytic)

    def abs(self, x: acb) -> acb:
        return acb(x).real_abs(analytic=self.analytic)

    def log(self, x: acb) -> acb:
        return acb(x).log(analytic=self.analytic)

    def sqrt(self, x: acb) -> acb:
        return acb(x).sqrt(analytic=self.analytic)

    def power(self, a: acb, b: acb) -> acb:
        return acb(a).pow(acb(b), analytic=self.analytic)

    def __getattr__(self, name: str) -> Callable[[Any], acb]:
        row = TABLE[name]
        if not row.primitive and row.formula is not None:
            formula = row.formula
            return lambda x: acb(formula(x, self))
        return lambda x: getattr(acb(x), name)()


def numerical(body: Term, x: Term, low: Fraction, high: Fraction) -> Any:
    """∫ body dx from low to high as a ball; raises DomainError where it does not settle."""
    nodes = postorder(body)
    unread = next((n for n in nodes if n.op not in COMPLEX and n is not x), None)
    if unread is not None:
        raise RuleError(f"`{unread.op}` is not integrated numerically")
    failed: list[Exception] = []

    def values(z: acb, analytic: bool) -> acb:
        try:
            return integrand(z, analytic)
        except Exception as e:
            failed.append(e)
            raise

    def integrand(z: acb, analytic: bool) -> acb:
        m = _ComplexMath(analytic)
        value: dict[Term, acb] = {}
        for node in nodes:
            value[node] = _value(node, [value[a] for a in node.args], z if node is x else None, m)
        return value[body]

    with precision(BITS):
        a, b = as_ball(low), as_ball(high)
        try:
            found = acb.integral(values, acb(a), acb(b), rel_tol=arb(2) ** -70, abs_tol=arb(2) ** -70)
        except Exception as e:
            cause = failed[0] if failed else e
            if isinstance(cause, SymnetError):
                raise cause from None
            raise RuleError(f"this function is not integrated numerically: {cause}") from None
        if not found.is_finite() or found.real.rad() > abs(found.real).upper() * arb(10) ** -8 + arb(10) ** -10:
            refuse_poles(body, x, *sorted((low, high)))
            raise DomainError(
                "the integral does not settle: the function may have no value on a part of the interval"
                " (no integral across a pole is evaluated)"
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
    "num": lambda n, a, m: acb(fmpq_of(n.data[0])),
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
Cell = tuple[Fraction, Fraction, int]


def signs_between(body: Term, x: Term, low: Fraction, high: Fraction) -> list[Cell] | None:
    """The stretches between low and high with the sign of the function on each; None where they are not proved."""
    p = polynomial(body, x)
    cells = _cells(body, x, low, high) if p is None else _between_roots(p, low, high)
    if cells is None:
        return None
    out: list[Cell] = []
    for a, b, s in cells:
        if out and out[-1][2] == s:
            a = out.pop()[0]
        out.append((a, b, s))
    return out


def _cells(body: Term, x: Term, low: Fraction, high: Fraction) -> list[Cell] | None:
    """A stretch has one sign if a ball over all of it has, or if the function is monotonic there and its ends tell."""
    slope = Term("diff", (body, x), 1)
    cells: list[Cell] = []
    todo, budget = [(low, high)], CELLS
    while todo:
        a, b = todo.pop()
        budget -= 1
        if budget < 0:
            return None
        s = _sign(body, x, _over(a, b))
        if s:
            cells.append((a, b, s))
        elif _sign(slope, x, _over(a, b)):
            here, there = _sign(body, x, a), _sign(body, x, b)
            if here is None or there is None or here == there == 0:
                return None
            if here * there < 0:
                place = _crossing(body, x, a, b, here)
                cells += [(a, place, here), (place, b, there)]
            else:
                cells.append((a, b, here or there))
        else:
            todo += [((a + b) / 2, b), (a, (a + b) / 2)]
    return cells


def _between_roots(p: fmpq_poly, low: Fraction, high: Fraction) -> list[Cell] | None:
    """The stretches between the real roots, which are isolated exactly."""
    if p.degree() < 0:
        return None
    places = []
    for root in _roots(p):
        if isinstance(root, arb) and any(root.contains(fmpq_of(e)) for e in (low, high)):
            return None
        places.append(middle(root))
    cuts = [low, *sorted(f for f in places if low < f < high), high]
    values = [(a, b, p(fmpq_of((a + b) / 2))) for a, b in pairwise(cuts)]
    return [(a, b, int(v > 0) - int(v < 0)) for a, b, v in values]


def refuse_poles(body: Term, x: Term, low: Fraction | None, high: Fraction | None) -> None:
    """Raise if a pole that is plain to see lies inside; None stands for an end at infinity."""
    from ..render.numbers import literal, shortened

    for place in poles(body, x):
        if (low is None or low < place) and (high is None or place < high):
            at = literal(shortened(place, 12), 6).text()
            raise DomainError(
                f"the function has no value at {x.text()} = {at}, inside the interval (no integral across a pole is"
                " evaluated)"
            )


def poles(body: Term, x: Term) -> list[Fraction]:
    """The real zeros of the polynomials that the formula divides by and that its numerator does not share."""
    found: list[Fraction] = []
    for top, bottom in _quotients(body):
        below, above = polynomial(bottom, x), polynomial(top, x)
        if below is not None and below.degree() > 0:
            common = below.gcd(above) if above is not None else fmpq_poly([1])
            found += map(middle, _roots(below / common))
    return sorted(set(found))


def _quotients(t: Term) -> Iterator[tuple[Term, Term]]:
    """What stands above and below each bar, factor by factor."""
    for node in postorder(t):
        if node.op == "div":
            todo = [node.args[1]]
            while todo:
                below = todo.pop()
                if below.op in ("mul", "neg") or (below.op == "pow" and (below.args[1].number or -1) > 0):
                    todo += below.args[:1] if below.op == "pow" else below.args
                else:
                    yield node.args[0], below


def _roots(p: fmpq_poly) -> Iterator[Fraction | arb]:
    """The real roots: rational ones as they are, others as balls that hold no other root."""
    with precision(BITS):
        for factor, _ in p.numer().factor()[1]:
            if factor.degree() == 1:
                yield Fraction(-int(factor[0]), int(factor[1]))
            else:
                yield from (root.real for root, _ in factor.complex_roots() if root.imag == 0)


def _over(a: Fraction, b: Fraction) -> arb:
    """A ball that holds every number from a to b."""
    with precision(BITS):
        return as_ball(a).union(as_ball(b))


def _sign(body: Term, x: Term, at: Fraction | arb) -> int | None:
    """The certain sign at a number, or at every number of a ball; None if it is not certain."""
    try:
        if isinstance(at, Fraction):
            return decide_sign(body, {x.name: at}, 512)
        v = ball(body, {x.name: at}, BITS)
    except (SymnetError, *UNDECIDED):
        return None
    return None if v.contains(0) else 1 if v > 0 else -1


def _crossing(body: Term, x: Term, p: Fraction, q: Fraction, s: int) -> Fraction:
    """A place between p and q, closer to the only zero there than any digit shown."""
    for _ in range(60):
        middle = (p + q) / 2
        here = _sign(body, x, middle)
        if here == 0:
            return middle
        p, q = (middle, q) if here == s else (p, middle)
    return q


SMOOTH = ("exp", "sin", "cos", "sinh", "cosh", "tanh", "atan", "asinh", "erf", "erfc", "sigmoid", "softplus")


def holds_everywhere(t: Term, x: Term, deep: bool = True) -> bool:
    """Whether it is plain that a formula, or its topmost operation alone, is smooth for every x."""
    for node in postorder(t) if deep else (t,):
        k = node.args[1].number if node.op == "pow" else None
        plain = (
            x.name not in node.free
            or node.op in ("sym", "add", "neg", "mul")
            or (node.op == "div" and x.name not in node.args[1].free)
            or (k is not None and k.denominator == 1 and k >= 0)
            or (node.op == "fn" and node.data in SMOOTH)
        )
        if not plain:
            return False
    return True
