"""Definite integrals in numbers: rigorous balls over complex boxes (python-flint), and the area with its sign."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from math import prod
from typing import Any

from flint import acb, arb, fmpq, fmpq_poly

from .balls import UNDECIDED, ball, decide_sign, precision
from .errors import DomainError, RuleError, SymnetError
from .functions import TABLE
from .term import Term, postorder

BITS = 128
HIGHEST = 100  # degree of a polynomial whose roots are looked for
CELLS = 400  # stretches that are looked at for the sign of a function


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
        a, b = (arb(f.numerator) / f.denominator for f in (low, high))
        try:
            found = acb.integral(values, acb(a), acb(b), rel_tol=arb(2) ** -70, abs_tol=arb(2) ** -70)
        except Exception as e:
            cause = failed[0] if failed else e
            if isinstance(cause, SymnetError):
                raise cause from None
            raise RuleError(f"this function is not integrated numerically: {cause}") from None
        if not found.is_finite() or found.real.rad() > abs(found.real).upper() * arb(10) ** -8 + arb(10) ** -10:
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
Cell = tuple[Fraction, Fraction, int]


def signs_between(body: Term, x: Term, low: Fraction, high: Fraction) -> list[Cell] | None:
    """The stretches between low and high with the sign of the function on each; None where they are not proved."""
    p = _polynomial(body, x)
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


def _polynomial(t: Term, x: Term) -> fmpq_poly | None:
    """The polynomial in x with rational coefficients that a formula plainly is."""
    found: dict[Term, fmpq_poly] = {}
    for node in postorder(t):
        args = [found[a] for a in node.args]
        k = node.args[1].number if node.op == "pow" else None
        if node is x:
            found[node] = fmpq_poly([0, 1])
        elif node.op == "num":
            found[node] = fmpq_poly([fmpq(node.data[0].numerator, node.data[0].denominator)])
        elif node.op == "add":
            found[node] = sum(args, fmpq_poly([0]))
        elif node.op == "neg":
            found[node] = -args[0]
        elif node.op == "mul":
            found[node] = prod(args, start=fmpq_poly([1]))
        elif node.op == "div" and args[1].degree() == 0:
            found[node] = args[0] / args[1][0]
        elif k is not None and k.denominator == 1 and 0 <= k * args[0].degree() <= HIGHEST:
            found[node] = args[0] ** int(k)
        elif k is not None and k.denominator == 1 and args[0].degree() == 0 and abs(k) <= HIGHEST:
            found[node] = fmpq_poly([args[0][0] ** int(k)])
        else:
            return None
    return found[t]


def _between_roots(p: fmpq_poly, low: Fraction, high: Fraction) -> list[Cell] | None:
    """The stretches between the real roots, which are isolated exactly."""
    if p.degree() < 0:
        return None
    places = []
    with precision(BITS):
        ends = [arb(f.numerator) / f.denominator for f in (low, high)]
        for factor, _ in p.numer().factor()[1]:
            for root, _ in factor.complex_roots() if factor.degree() > 1 else ():
                if root.imag == 0:
                    if any(root.real.overlaps(e) for e in ends):
                        return None
                    man, exp = root.real.mid().man_exp()
                    places.append(Fraction(int(man)) * Fraction(2) ** int(exp))
            if factor.degree() == 1:
                places.append(Fraction(-int(factor[0]), int(factor[1])))
    cuts = [low, *sorted(f for f in places if low < f < high), high]
    values = [(a, b, p(fmpq((a + b).numerator, 2 * (a + b).denominator))) for a, b in pairwise(cuts)]
    return [(a, b, int(v > 0) - int(v < 0)) for a, b, v in values]


def _over(a: Fraction, b: Fraction) -> arb:
    """A ball that holds every number from a to b."""
    with precision(BITS):
        left, right = (arb(f.numerator) / f.denominator for f in (a, b))
        return left.union(right)


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


def holds_everywhere(t: Term, x: Term) -> bool:
    """Whether it is plain that a formula is smooth for every x."""
    for node in postorder(t):
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
