"""What a function does towards infinity, a pole or an open end: its limit, and a place beyond which it has no zero.

The end is moved to s → ∞ (x = s, −s, b ± 1/s). Limits come from asymptotic expansions in the scale
s^a e^{q(s)} (log s)^c; a place beyond which nothing vanishes comes from a bound: the dominant terms are larger than all
others together, whose ratios to them fall from there on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import factorial
from typing import Any

from flint import arb, fmpq, fmpq_poly

from ..balls import precision
from ..errors import SymnetError
from ..term import ONE, Term, add, div, fn, mul, neg, num, postorder, power, rebuild, substitute, sym
from ..tidy import tidy
from .closing import closed, simplified, vanishes
from .kernels import TooLarge, basic, combination, exponent, flattened, written
from .rational import quotient
from .reach import reach
from .reals import Rational, Real, Shifted, rational
from .series import Curve

S = sym("s")
BITS = 128


class Undecided(ArithmeticError):
    """The expansion does not go far enough."""


@dataclass(frozen=True)
class Limit:
    """The limit: one value (±1 stands for ±∞), or the least and greatest value between which the function swings."""

    values: tuple[Real | int, ...]
    swings: bool = False
    bound: Callable[[Real], Any] | None = None


def moved(t: Term, x: str, at: Real | None, side: int) -> Term | None:
    """The formula in s, with the end at s → ∞."""
    step = S if at is None else div(ONE, S)
    step = step if side > 0 else neg(step)
    if at is not None:
        if at.term is None:
            return None
        step = step if at.term.number == 0 else add(at.term, step)
    return tidy(substitute(t, {sym(x): step}))


def limit(t: Term, x: str, at: Real | None, side: int, deadline: float, borrow: bool = True) -> Limit | None:
    """The limit of a smooth formula; None if it was not found."""
    known = _rational(t, x, at, side)
    if known is not None:
        return Limit((known,))
    u = moved(t, x, at, side)
    if u is None:
        return None
    for form in _forms(u):
        try:
            return _expanded(form)
        except (Undecided, TooLarge, SymnetError, ZeroDivisionError, KeyError, AssertionError):
            continue
    if not borrow:
        return None
    from .asked_sympy import sympy_limit

    return sympy_limit(t, x, at, side, deadline)


def _rational(t: Term, x: str, at: Real | None, side: int) -> Real | int | None:
    """The limit of a rational function: by its degrees, or at a rational place by the order of its pole."""
    pq = quotient(t, x)
    if pq is None or pq[0] == 0 or not (at is None or isinstance(at, Rational)):
        return None
    p, q = pq
    if isinstance(at, Rational):  # the same at infinity: x = at + side/s
        p, q = _reversed(p, q, fmpq(at.value.numerator, at.value.denominator), side)
        side = 1
    rise = p.degree() - q.degree()
    lead = fmpq(1) * p.leading_coefficient() / q.leading_coefficient()
    if rise <= 0:
        return rational(lead if rise == 0 else fmpq(0))
    return (1 if lead > 0 else -1) * (side if rise % 2 else 1)


def _reversed(p: Any, q: Any, at: fmpq, side: int) -> tuple[Any, Any]:
    """p and q at x = at + side/s, times s^n: polynomials in s."""
    n = max(p.degree(), q.degree())
    moved_ = [fmpq_poly(f)(fmpq_poly([at, side])) for f in (p, q)]
    top, bottom = (fmpq_poly([f[n - i] for i in range(n + 1)]) for f in moved_)
    return top, bottom


def _expanded(form: Term) -> Limit:
    """The limit from an expansion of the first order that reaches it."""
    if form.op == "fn" and form.data == "exp":
        return _exponential(_expanded(form.args[0]), form)
    for order in ORDERS:
        try:
            with precision(BITS):
                return _limit(Expander(order).expand(form), form)
        except Undecided:
            if order == ORDERS[-1]:
                raise
    raise Undecided


def _exponential(inner: Limit, form: Term) -> Limit:
    """The limit of exp h by that of h."""
    if inner.swings or len(inner.values) != 1:
        raise Undecided
    value = inner.values[0]
    if isinstance(value, int):
        return Limit((1,)) if value > 0 else Limit((Rational(Fraction(0)),), bound=_bound(form))
    if value.term is None:
        raise Undecided
    return Limit((closed(fn("exp", value.term)),), bound=_bound(form))


def _forms(u: Term) -> list[Term]:
    """Ways to write a formula: basic, and as a quotient over its kernels, where cancelling terms are gone."""
    from .kernels import back, normal

    simple = by_sines(flattened(basic(u)))
    out = [simple]
    n = normal(u, "s")
    if n is not None and n.top is not None:
        kernels = list(n.kernels.values())
        if not any(k.sort == "trig" and k.moves("s") for k in kernels):
            out.append(div(back(n.top, kernels, False), back(n.bottom, kernels, False)))
    return out


def by_sines(t: Term) -> Term:
    """tan, cot, sec and csc by sin and cos."""
    memo: dict[Term, Term] = {}
    for node in postorder(t):
        made = rebuild(node, [memo[a] for a in node.args]) if node.args else node
        if made.op == "fn" and made.data in QUOTIENTS:
            made = QUOTIENTS[made.data](fn("sin", made.args[0]), fn("cos", made.args[0]))
        memo[node] = made
    return memo[t]


QUOTIENTS: dict[str, Callable[[Term, Term], Term]] = {
    "tan": lambda s, c: div(s, c), "cot": lambda s, c: div(c, s), "sec": lambda s, c: div(ONE, c),
    "csc": lambda s, c: div(ONE, s),
}  # fmt: skip


def _limit(e: Expansion, form: Term) -> Limit:
    top = e.top()
    if top is None:
        if e.rest is not None and e.rest.sign() > 0:
            raise Undecided
        return Limit((Rational(Fraction(0)),), bound=_bound(form))
    g, c = top
    size = g.sign()
    if c.term is None:
        if size > 0:
            signs = tuple(s for s, there in ((-1, c.low < 0), (1, c.high > 0)) if there)
            return Limit(signs, True, _bound(form))
        if size < 0:
            return Limit((Rational(Fraction(0)),), bound=_bound(form))
        return Limit((), True, _bound(form))
    if size > 0:
        return Limit((constant_sign(c.term),))
    return Limit((closed(c.term) if size == 0 else Rational(Fraction(0)),), bound=_bound(form))


def _bound(form: Term) -> Callable[[Real], Any]:
    def bound(edge: Real) -> Any:
        with precision(BITS):
            return reach(form, "s", abs(edge.ball(BITS)).lower())

    return bound


# ------------------------------------------------------------------------------------------------------- the scale
@dataclass(frozen=True, eq=False)
class Growth:
    """s^a e^{Σ q_p s^p} (log s)^c."""

    q: tuple[tuple[Fraction, Term], ...] = ()
    a: Fraction = Fraction(0)
    c: Fraction = Fraction(0)

    def times(self, other: Growth, sign: int = 1) -> Growth:
        q = dict(self.q)
        for p, t in other.q:
            t = t if sign > 0 else neg(t)
            q[p] = simplified(add(q[p], t)) if p in q else simplified(t)
        kept = tuple((p, t) for p, t in sorted(q.items(), reverse=True) if constant_sign(t))
        return Growth(kept, self.a + sign * other.a, self.c + sign * other.c)

    def to(self, e: Fraction) -> Growth:
        return Growth(tuple((p, simplified(mul(num(e), t))) for p, t in self.q), self.a * e, self.c * e)

    def sign(self) -> int:
        """1 if it goes to ∞, −1 if to 0, 0 if it is 1."""
        if self.q:
            return constant_sign(self.q[0][1])
        return (self.a > 0) - (self.a < 0) or (self.c > 0) - (self.c < 0)

    def over(self, other: Growth) -> int:
        return self.times(other, -1).sign()


UNIT, LOG = Growth(), Growth(c=Fraction(1))


def constant_sign(t: Term) -> int:
    n = t.number
    if n is not None:
        return (n > 0) - (n < 0)
    r = closed(t)
    if isinstance(r, Rational):
        return (r.value > 0) - (r.value < 0)
    for bits in (128, 512):
        b = r.ball(bits)
        if b > 0:
            return 1
        if b < 0:
            return -1
        if not b.is_finite():
            raise Undecided
    if vanishes(t):
        return 0
    raise Undecided


@dataclass(frozen=True, eq=False)
class Coefficient:
    """A constant, or (term None) something that swings between two numbers."""

    term: Term | None
    low: Any = None
    high: Any = None

    def times(self, other: Coefficient) -> Coefficient:
        if self.term is not None and other.term is not None:
            return Coefficient(simplified(mul(self.term, other.term)))
        a, b = self.ends(), other.ends()
        products = [p * q for p in a for q in b]
        return Coefficient(None, min(p.lower() for p in products), max(p.upper() for p in products))

    def plus(self, other: Coefficient) -> Coefficient:
        if self.term is not None and other.term is not None:
            return Coefficient(simplified(add(self.term, other.term)))
        a, b = self.ends(), other.ends()
        return Coefficient(None, (a[0] + b[0]).lower(), (a[1] + b[1]).upper())

    def ends(self) -> tuple[arb, arb]:
        if self.term is None:
            return self.low, self.high
        b = closed(self.term).ball(BITS)
        return b.lower(), b.upper()

    @property
    def zero(self) -> bool:
        return self.term is not None and constant_sign(self.term) == 0


@dataclass(frozen=True, eq=False)
class Expansion:
    """A sum of terms of different growth, and an error o(rest)."""

    terms: tuple[tuple[Growth, Coefficient], ...]
    rest: Growth | None = None

    def top(self) -> tuple[Growth, Coefficient] | None:
        """The dominant term; None if all that is known is the error."""
        best = None
        for g, c in self.terms:
            if best is None or g.over(best[0]) > 0:
                best = g, c
        if best is not None and self.rest is not None and best[0].over(self.rest) < 0:
            return None
        return best

    def need(self) -> tuple[Growth, Term]:
        """The dominant term, with a constant coefficient."""
        top = self.top()
        if top is None or top[1].term is None:
            raise Undecided
        return top[0], top[1].term


def constant(t: Term) -> Expansion:
    c = Coefficient(simplified(t))
    return Expansion(() if c.zero else ((UNIT, c),))


def _coarser(a: Growth | None, b: Growth | None) -> Growth | None:
    if a is None or b is None:
        return a or b
    return a if a.over(b) >= 0 else b


def plus(a: Expansion, b: Expansion) -> Expansion:
    rest = _coarser(a.rest, b.rest)
    out: list[tuple[Growth, Coefficient]] = []
    for g, c in (*a.terms, *b.terms):
        for i, (h, d) in enumerate(out):
            if g.over(h) == 0:
                out[i] = h, d.plus(c)
                break
        else:
            out.append((g, c))
    kept = [(g, c) for g, c in out if not c.zero and (rest is None or g.over(rest) >= 0)]
    return Expansion(tuple(kept), rest)


def times(a: Expansion, b: Expansion) -> Expansion:
    if len(a.terms) * len(b.terms) > 60:
        raise Undecided
    rest = None
    for p, q in ((a, b), (b, a)):
        if p.rest is not None:
            top = q.top()
            size = top[0] if top is not None else q.rest
            rest = _coarser(rest, p.rest.times(size) if size is not None else None)
    out = Expansion((), rest)
    for g, c in a.terms:
        for h, d in b.terms:
            out = plus(out, Expansion(((g.times(h), c.times(d)),), rest))
    return out


def minus_one(a: Expansion) -> tuple[Growth, Term, Expansion]:
    """(growth, coefficient, d) with a = coefficient · growth · (1 + d), d → 0."""
    g, c = a.need()
    inverse = Expansion(((UNIT.times(g, -1), Coefficient(tidy(div(ONE, c)))),))
    rest = tuple((h, d) for h, d in a.terms if h is not g)
    return g, c, times(Expansion(rest, a.rest), inverse)


def _series(coefficients: list[Term], d: Expansion) -> Expansion:
    """Σ c_k d^k + o(d^n) for d → 0, where all c_k to k = n are given."""
    out, step = constant(coefficients[0]), constant(ONE)
    top = d.top()
    if top is None:
        return plus(out, Expansion((), d.rest))
    for c in coefficients[1:]:
        step = times(step, d)
        out = plus(out, times(step, constant(c)))
    return plus(out, Expansion((), top[0].to(Fraction(len(coefficients) - 1))))


def _binomial(e: Fraction, n: int) -> list[Term]:
    out, c = [ONE], Fraction(1)
    for k in range(n):
        c = c * (e - k) / (k + 1)
        out.append(num(c))
    return out


def to_power(a: Expansion, e: Fraction, n: int) -> Expansion:
    if e.denominator == 1 and 0 <= e <= 8:
        out = constant(ONE)
        for _ in range(int(e)):
            out = times(out, a)
        return out
    g, c, d = minus_one(a)
    if constant_sign(c) < 0 and e.denominator != 1:
        raise Undecided
    lead = Expansion(((g.to(e), Coefficient(tidy(power(c, num(e))) if c is not ONE else ONE)),))
    return lead if not d.terms and d.rest is None else times(lead, _series(_binomial(e, n), d))


class Expander:
    """Expansions of every part of a formula in s, functions to the order n."""

    def __init__(self, n: int = 1) -> None:
        self.n = n

    def expand(self, t: Term) -> Expansion:
        memo: dict[Term, Expansion] = {}
        for node in postorder(t):
            if "s" not in node.free:
                memo[node] = constant(node)
            else:
                memo[node] = EXPAND[node.op](node, [memo[a] for a in node.args], self.n)
        return memo[t]


def _sum(node: Term, args: list[Expansion], n: int) -> Expansion:
    out = args[0]
    for a in args[1:]:
        out = plus(out, a)
    return out


def _product(node: Term, args: list[Expansion], n: int) -> Expansion:
    out = args[0]
    for a in args[1:]:
        out = times(out, a)
    return out


def _power(node: Term, args: list[Expansion], n: int) -> Expansion:
    e = exponent(node.args[1])
    if e is None:
        return exp(times(args[1], log(args[0], n)), n)
    return to_power(args[0], e, n)


def log(a: Expansion, n: int) -> Expansion:
    g, c, d = minus_one(a)
    if constant_sign(c) <= 0 or g.c:
        raise Undecided
    out = constant(fn("log", c)) if c.number != 1 else Expansion(())
    for p, q in g.q:
        out = plus(out, Expansion(((Growth(a=p), Coefficient(q)),)))
    if g.a:
        out = plus(out, Expansion(((Growth(c=Fraction(1)), Coefficient(num(g.a))),)))
    if d.terms or d.rest is not None:
        out = plus(out, _series([num(0), *(num(Fraction((-1) ** (k + 1), k)) for k in range(1, n + 1))], d))
    return out


def exp(a: Expansion, n: int) -> Expansion:
    top = a.top()
    steep = top is not None and (top[0].q or top[0].c) and top[0].over(LOG) > 0
    if steep and top is not None and top[1].term is not None and constant_sign(top[1].term) < 0:
        return Expansion((), Growth(a=Fraction(-100)))  # e^(−h), h beyond every c log s: smaller than every power
    if a.rest is not None and a.rest.sign() > 0:
        raise Undecided
    growth, factor, small = UNIT, ONE, Expansion((), a.rest)
    for g, c in a.terms:
        size = g.sign()
        if size < 0:
            small = plus(small, Expansion(((g, c),), a.rest))
        elif c.term is None:
            raise Undecided
        elif size == 0:
            factor = fn("exp", c.term)
        elif not g.q and not g.c:
            growth = growth.times(Growth(((g.a, c.term),)))
        elif not g.q and not g.a and g.c == 1 and c.term.number is not None:
            growth = growth.times(Growth(a=c.term.number))
        else:
            raise Undecided
    lead = Expansion(((growth, Coefficient(factor)),))
    if not small.terms and small.rest is None:
        return lead
    return times(lead, _series([num(Fraction(1, factorial(k))) for k in range(n + 1)], small))


def _function(node: Term, args: list[Expansion], n: int) -> Expansion:
    name, a = node.data, args[0]
    if name == "exp":
        return exp(a, n)
    if name == "log":
        return log(a, n)
    if name == "sqrt":
        return to_power(a, Fraction(1, 2), n)
    return _bounded(name, a, n)


def _bounded(name: str, a: Expansion, n: int) -> Expansion:
    """A function with a value or a limit at the limit of its argument."""
    top = a.top()
    size = -1 if top is None else top[0].sign()
    if top is None and (a.rest is None or a.rest.sign() > 0):
        raise Undecided
    if size >= 0:
        assert top is not None
        if top[1].term is None or size > 0:
            return _far(name, a, top[1], size, n)
    value = top[1].term if top is not None and size == 0 else num(0)
    assert value is not None
    d = plus(a, constant(neg(value)))
    coefficients = [closed(c).term or c for c in _taylor(name, value, n)]
    if not closed(coefficients[0]).ball(64).is_finite():
        raise Undecided
    if not all(closed(c).ball(64).is_finite() for c in coefficients):  # continuous, but steep: acos at 1
        return Expansion(constant(coefficients[0]).terms, UNIT)
    return constant(coefficients[0]) if not d.terms and d.rest is None else _series(coefficients, d)


def _far(name: str, a: Expansion, c: Coefficient, size: int, n: int) -> Expansion:
    """A function of something that grows or swings."""
    if name in ("sin", "cos"):
        return Expansion(((UNIT, Coefficient(None, arb(-1), arb(1))),))
    if name not in AT_INFINITY or c.term is None or size <= 0:
        raise Undecided
    value, next_term = AT_INFINITY[name]
    top = next_term(a, n).top()
    small = Expansion((), UNIT) if top is None else Expansion((top,), top[0])
    return plus(constant(mul(num(constant_sign(c.term)), value)), small)


def _gauss(a: Expansion, n: int) -> Expansion:
    """erf h = ±1 − e^(−h²)/(h √π) + …"""
    from ..functions import PI

    tail = times(exp(times(times(a, a), constant(num(-1))), n), to_power(a, Fraction(-1), n))
    return times(tail, constant(neg(power(PI, num(Fraction(-1, 2))))))


def _taylor(name: str, at: Term, n: int) -> list[Term]:
    """f(at), f′(at), f″(at)/2, …"""
    from ..rules import slope

    u = sym("u")
    f, out = fn(name, u), []
    for k in range(n + 1):
        out.append(tidy(div(substitute(f, {u: at}), num(factorial(k)))))
        f = tidy(slope(f, u)[0])
    return out


def _pi_half() -> Term:
    from ..functions import PI

    return div(PI, num(2))


AT_INFINITY: dict[str, tuple[Term, Callable[[Expansion, int], Expansion]]] = {
    "atan": (_pi_half(), lambda a, n: times(to_power(a, Fraction(-1), n), constant(num(-1)))), "erf": (ONE, _gauss),
}  # fmt: skip
ORDERS = (1, 2, 4, 8)
EXPAND: dict[str, Callable[[Term, list[Expansion], int], Expansion]] = {
    "sym": lambda node, args, n: Expansion(((Growth(a=Fraction(1)), Coefficient(ONE)),)),
    "add": _sum, "mul": _product, "pow": _power, "fn": _function,
    "neg": lambda node, args, n: times(args[0], constant(num(-1))),
    "div": lambda node, args, n: times(args[0], to_power(args[1], Fraction(-1), n)),
}  # fmt: skip


# ------------------------------------------------------------------------------------------ no zero beyond a place
@dataclass(frozen=True, eq=False)
class Part:
    """coefficient · growth · bounded factors: one monomial of a sum."""

    growth: Growth
    bounded: Term


def quiet(t: Term, x: str, at: Real | None, side: int, deadline: float, depth: int = 2) -> Real | None:
    """A place between which and the end the formula has no zero; None if that was not proven."""
    u = moved(t, x, at, side)
    if u is None:
        return None
    for form in _numerators(u):
        with precision(BITS):
            try:
                r = _plain(form) or _dominated(form)
            except (Undecided, TooLarge, SymnetError, ZeroDivisionError, KeyError, AssertionError):
                continue
        if r is None:
            continue
        return _back(r, at, side)
    return _monotone(t, x, at, side, deadline, depth) if depth else None


def _back(r: Fraction, at: Real | None, side: int) -> Real:
    """The place s = r in x."""
    return Rational(r * side) if at is None else Shifted(at, Rational(1 / r), side)


def _monotone(t: Term, x: str, at: Real | None, side: int, deadline: float, depth: int) -> Real | None:
    """A place beyond which the formula is monotone and does not cross 0 on its way to its limit."""
    from ..rules import slope
    from .zeros import zeros_of

    t, poles = _freed(t, x)
    falling = tidy(slope(t, sym(x))[0])
    z = zeros_of(falling, x)
    if z.everywhere or z.families:
        return None
    start = Fraction(1)
    for r in (*z.isolated, *poles):
        start = max(start, _beyond(r, at, side))
    for part in z.numeric:
        edge = quiet(part, x, at, side, deadline, depth - 1)
        if edge is None:
            return None
        start = max(start, _beyond(edge, at, side))
    got = limit(t, x, at, side, deadline, borrow=False)
    if got is None or got.swings or len(got.values) != 1:
        return None
    value = got.values[0]
    want = value if isinstance(value, int) else constant_sign(value.term) if value.term is not None else 0
    curve = Curve(t, x)
    for k in range(40):
        place = _back(start * 2**k, at, side)
        with precision(256):
            y = curve.value(place.ball(256))
        if not y.is_finite() or y.contains(0):
            continue
        if not want or (y > 0) == (want > 0):
            return place
    return None


def _freed(t: Term, x: str) -> tuple[Term, list[Real]]:
    """A log + B as log + B/A and the zeros of A: its derivative has no logarithm. The same for erf and atan."""
    from .kernels import back, normal, univariate
    from .zeros import zeros_of

    n = normal(t, x)
    if n is None or n.top is None:
        return t, []
    kernels = list(n.kernels.values())
    for i, k in enumerate(kernels):
        if k.sort == "fn" and k.moves(x) and int(n.top.degrees()[i]) == 1:
            parts = dict(univariate(n.top, i))
            a, b = back(parts[1], kernels), back(parts[0], kernels) if 0 in parts else num(0)
            z = zeros_of(a, x)
            if not z.numeric and not z.families and not z.everywhere:
                return tidy(add(k.of, div(b, a))), z.isolated
    return t, []


def _beyond(r: Real, at: Real | None, side: int) -> Fraction:
    """An s for which the place lies beyond r, as far as r lies on the way to the end at all."""
    with precision(BITS):
        far = r.ball(BITS) * side if at is None else 1 / ((r.ball(BITS) - at.ball(BITS)) * side)
        return Fraction(max(1, int(float(far.upper())) + 2)) if far.is_finite() and far > 0 else Fraction(1)


def _numerators(u: Term) -> list[Term]:
    from .kernels import back, normal

    simple = _logs(flattened(basic(u)))
    out = [numerator(simple), simple]
    n = normal(u, "s")
    if n is not None and n.top is not None:
        out.append(back(n.top, list(n.kernels.values())))
    return out


def _logs(t: Term) -> Term:
    """log(c s^k) as log c + k log s."""
    swap = {}
    for n in postorder(t):
        if n.op == "fn" and n.data == "log" and n.args[0] is not S:
            parts = combination(n.args[0])
            if len(parts) == 1:
                ((m, c),) = parts.items()
                if c > 0 and all(k is S for k, _ in m):
                    swap[n] = tidy(add(fn("log", num(c)), mul(num(dict(m).get(S, Fraction(0))), fn("log", S))))
    return tidy(substitute(t, dict(swap))) if swap else t


def numerator(t: Term) -> Term:
    """The formula times its denominators, as far as sums and products go."""
    return _over(t)[0]


def _over(t: Term) -> tuple[Term, Term]:
    if t.op == "neg":
        p, q = _over(t.args[0])
        return neg(p), q
    if t.op == "div":
        (p, q), (r, s) = _over(t.args[0]), _over(t.args[1])
        return tidy(mul(p, s)), tidy(mul(q, r))
    if t.op == "mul":
        parts = [_over(a) for a in t.args]
        return tidy(mul(*(p for p, _ in parts))), tidy(mul(*(q for _, q in parts)))
    if t.op == "add":
        p, q = _over(t.args[0])
        for a in t.args[1:]:
            r, s = _over(a)
            p, q = (add(p, r), q) if q is s else (tidy(add(mul(p, s), mul(r, q))), tidy(mul(q, s)))
        return p, q
    return t, ONE


def _plain(form: Term) -> Fraction | None:
    """R such that the values for s ≥ R keep one sign at sight."""
    for k in (1, 2, 4, 8, 16, 24, 32):
        r = reach(form, "s", arb(2) ** k)
        if r is not None and (r.low > 0 or r.high < 0):
            return Fraction(2) ** k
    return None


def _dominated(form: Term) -> Fraction | None:
    """R such that for s ≥ R the dominant parts outweigh the others."""
    parts = [_part(m, c) for m, c in combination(form).items()]
    if not parts:
        return None
    top = parts[0].growth
    for p in parts[1:]:
        top = p.growth if p.growth.over(top) > 0 else top
    main = [p for p in parts if p.growth.over(top) == 0]
    others = [(p, p.growth.times(top, -1)) for p in parts if p.growth.over(top) != 0]
    whole = simplified_sum([p.bounded for p in main])
    for k in range(1, 40):
        r = Fraction(2) ** k
        start = arb(2) ** k
        m = reach(whole, "s", start)
        if m is None:
            continue
        least = m.low if m.low > 0 else -m.high if m.high < 0 else None
        if least is None:
            continue
        total = arb(0)
        for p, ratio in others:
            b = reach(p.bounded, "s", start)
            if b is None or not _falls(ratio, start):
                break
            total += b.size() * _at(ratio, start)
        else:
            if total.is_finite() and total < least:
                return r
    return None


def simplified_sum(terms: list[Term]) -> Term:
    return tidy(add(*terms)) if len(terms) > 1 else terms[0]


def _part(m: Any, c: Fraction) -> Part:
    growth, bounded = UNIT, [num(c)]
    for k, e in m:
        g, b = _split(k, e)
        growth = growth.times(g)
        bounded.append(b)
    return Part(growth, _product_of([b for b in bounded if b is not ONE]))


def _product_of(factors: list[Term]) -> Term:
    return mul(*factors) if factors else ONE


def _split(k: Term, e: Fraction) -> tuple[Growth, Term]:
    """A factor k^e as growth and what stays bounded."""
    if k is S:
        return Growth(a=e), ONE
    if "s" not in k.free:
        return UNIT, _raised(k, e)
    if k.op == "fn" and k.data == "log" and k.args[0] is S:
        return Growth(c=e), ONE
    if k.op == "fn" and k.data == "exp":
        growth, left = UNIT, []
        for m, c in combination(k.args[0]).items():
            powers = dict(m)
            p = powers.pop(S, Fraction(0))
            if p > 0 and not any("s" in f.free for f in powers):
                growth = growth.times(Growth(((p, simplified(mul(num(e), written(tuple(powers.items()), c)))),)))
            else:
                left.append(written(m, c))
        return growth, _raised(fn("exp", add(*left)), e) if left else ONE
    if k.op == "add":
        g, _ = Expander().expand(k).need()
        if g.q or g.c:
            raise Undecided
        return Growth(a=g.a * e), _raised(tidy(add(*(div(a, power(S, num(g.a))) for a in k.args))) if g.a else k, e)
    if k.op == "fn" and k.data == "sin" and (h := _vanishing(k.args[0])) is not None:  # sin h = h (sin h)/h
        return Growth(a=h[0] * e), _raised(mul(h[1], Term("fn", (k.args[0],), "sinc")), e)
    if k.op == "fn" and k.data in ("sin", "cos", "atan", "erf"):
        return UNIT, _raised(k, e)
    raise Undecided


def _vanishing(h: Term) -> tuple[Fraction, Term] | None:
    """(a, c) for h = c s^a with a < 0."""
    parts = combination(h)
    if len(parts) != 1:
        return None
    ((m, c),) = parts.items()
    powers = dict(m)
    a = powers.pop(S, Fraction(0))
    return (a, written(tuple(powers.items()), c)) if a < 0 and not any("s" in k.free for k in powers) else None


def _raised(t: Term, e: Fraction) -> Term:
    return t if e == 1 else power(t, num(e))


def _falls(g: Growth, start: arb) -> bool:
    """Whether the growth g → 0 falls for s ≥ start: s g′/g = a + Σ p q_p s^p + c/log s < 0."""
    total = arb(g.a.numerator) / g.a.denominator + arb(0)
    if g.c > 0:
        total += arb(g.c.numerator) / g.c.denominator / start.log()
    if g.q:
        lead = g.q[0][0]
        b = arb(0)
        for p, t in g.q:
            q = closed(t).ball(BITS) * p.numerator / p.denominator
            if p == lead:
                b += q
            elif not q < 0:
                b += abs(q) * start ** (arb((p - lead).numerator) / (p - lead).denominator)
        if not b < 0:
            return False
        total += b * start ** (arb(lead.numerator) / lead.denominator)
    return bool(total < 0) or (bool(total <= 0) and g.c < 0)


def _at(g: Growth, s: arb) -> arb:
    y = s ** (arb(g.a.numerator) / g.a.denominator)
    if g.c:
        y *= s.log() ** (arb(g.c.numerator) / g.c.denominator)
    for p, t in g.q:
        y *= (closed(t).ball(BITS) * s ** (arb(p.numerator) / p.denominator)).exp()
    return y


