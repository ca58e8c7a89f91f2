"""Limits of smooth formulas towards infinity, a pole or an open end, by asymptotic expansions.

The end is moved to s → ∞ (x = s, −s, b ± 1/s).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any

from flint import fmpq, fmpq_poly

from ..balls import fmpq_of, precision
from ..errors import SymnetError
from ..functions import PI
from ..term import ONE, Term, add, div, fn, mul, neg, num, postorder, power, rebuild, substitute, sym
from ..tidy import tidy
from .basics import basic, flattened
from .closing import closed
from .expanding import expand
from .growth import BITS, Expansion, S, Undecided, constant_sign
from .monomials import NoNormalForm, combination
from .rational import quotient
from .reach import reach
from .reals import Rational, Real, rational
from .substitution import back, normal

ORDERS = (1, 2, 4, 8)  # of expansions that are tried
UNDECIDED = (Undecided, NoNormalForm, SymnetError, ZeroDivisionError, KeyError, AssertionError)


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


def limit(t: Term, x: str, at: Real | None, side: int) -> Limit | None:
    """The limit of a smooth formula, proven; None if it was not found."""
    known = _rational(t, x, at, side)
    if known is not None:
        return Limit((known,))
    u = moved(t, x, at, side)
    if u is None:
        return None
    for form in _forms(u):
        try:
            return _expanded(form)
        except UNDECIDED:
            continue
    return None


def _rational(t: Term, x: str, at: Real | None, side: int) -> Real | int | None:
    """The limit of a rational function: by its degrees, or at a rational place by the order of its pole."""
    pq = quotient(t, x)
    if pq is None or pq[0] == 0 or not (at is None or isinstance(at, Rational)):
        return None
    p, q = pq
    if isinstance(at, Rational):  # the same at infinity: x = at + side/s
        p, q = _reversed(p, q, fmpq_of(at.value), side)
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
    if form.op == "fn" and form.data in OUTER:
        try:
            return _outer(_expanded(form.args[0]), form)
        except UNDECIDED:
            pass
    for order in ORDERS:
        try:
            with precision(BITS):
                return _limit(expand(form, order), form)
        except Undecided:
            continue
    return _of_parts(form)


def _of_parts(form: Term) -> Limit:
    """The limit of a sum or a product by those of its parts, where that is no 0 · ∞ and no ∞ − ∞."""
    if form.op not in ("add", "mul", "neg"):
        raise Undecided
    parts = [_expanded(a) if a.free else Limit((closed(a),)) for a in form.args]
    if any(p.swings or len(p.values) != 1 for p in parts):
        raise Undecided
    values = [p.values[0] for p in parts]
    endless = [v for v in values if isinstance(v, int)]
    if endless and form.op == "add":
        if len(set(endless)) > 1:
            raise Undecided
        return Limit((endless[0],))
    terms = [v.term for v in values if isinstance(v, Real)]
    if None in terms:
        raise Undecided
    if endless:
        sign = prod(endless) * prod(constant_sign(t) for t in terms if t is not None)
        if not sign:
            raise Undecided
        return Limit((-sign if form.op == "neg" else sign,))
    return Limit((closed(rebuild(form, [t for t in terms if t is not None])),), bound=_bound(form))


NIL = Rational(Fraction(0))
QUARTER = closed(div(PI, num(2)))
OUTER: dict[str, tuple[Real | int | None, Real | int | None]] = {  # the limits of a function at −∞ and at ∞
    "exp": (NIL, 1), "log": (None, 1), "sqrt": (None, 1), "erf": (Rational(Fraction(-1)), Rational(Fraction(1))),
    "atan": (closed(neg(div(PI, num(2)))), QUARTER),
}  # fmt: skip


def _outer(inner: Limit, form: Term) -> Limit:
    """The limit of a continuous function of h by that of h."""
    if inner.swings or len(inner.values) != 1:
        raise Undecided
    value = inner.values[0]
    if isinstance(value, int):
        known = OUTER[form.data][1 if value > 0 else 0]
        if known is None:
            raise Undecided
        return Limit((known,)) if isinstance(known, int) else Limit((known,), bound=_bound(form))
    if value.term is None or (form.data in ("log", "sqrt") and constant_sign(value.term) <= 0):
        raise Undecided
    return Limit((closed(fn(form.data, value.term)),), bound=_bound(form))


def _forms(u: Term) -> list[Term]:
    """Ways to write a formula: basic, and as a quotient over its kernels, where cancelling terms are gone."""
    simple = by_sines(flattened(basic(by_logarithms(u))))
    out = [simple]
    joined = _one_exponential(simple)
    if joined is not None:
        out.append(joined)
    n = normal(u, "s")
    if n is not None and n.top is not None:
        kernels = list(n.kernels.values())
        if not any(k.sort == "trig" and k.moves("s") for k in kernels):
            out.append(div(back(n.top, kernels, False), back(n.bottom, kernels, False)))
    return out


def by_logarithms(t: Term) -> Term:
    """asinh, acosh and atanh by logarithms."""
    return _by_table(t, AREAS)


AREAS: dict[str, Callable[[Term], Term]] = {
    "asinh": lambda u: fn("log", add(u, fn("sqrt", add(power(u, num(2)), ONE)))),
    "acosh": lambda u: fn("log", add(u, fn("sqrt", add(power(u, num(2)), neg(ONE))))),
    "atanh": lambda u: div(add(fn("log", add(ONE, u)), neg(fn("log", add(ONE, neg(u))))), num(2)),
}


def _one_exponential(t: Term) -> Term | None:
    """A product of exponentials and powers of s as exp of one sum; None for anything else."""
    try:
        parts = combination(t)
    except NoNormalForm:
        return None
    if len(parts) != 1:
        return None
    ((m, c),) = parts.items()
    if c <= 0 or not any(k.op == "fn" and k.data == "exp" for k, _ in m):
        return None
    logs = [fn("log", num(c))] if c != 1 else []
    for k, e in m:
        if k is not S and not (k.op == "fn" and k.data == "exp") and ("s" in k.free or constant_sign(k) <= 0):
            return None
        log = k.args[0] if k.op == "fn" and k.data == "exp" else fn("log", k)
        logs.append(log if e == 1 else mul(num(e), log) if e > 0 else neg(mul(num(-e), log)))
    return fn("exp", tidy(add(*logs)))


def by_sines(t: Term) -> Term:
    """tan, cot, sec and csc by sin and cos."""
    return _by_table(t, QUOTIENTS)


QUOTIENTS: dict[str, Callable[[Term], Term]] = {
    "tan": lambda u: div(fn("sin", u), fn("cos", u)), "cot": lambda u: div(fn("cos", u), fn("sin", u)),
    "sec": lambda u: div(ONE, fn("cos", u)), "csc": lambda u: div(ONE, fn("sin", u)),
}  # fmt: skip


def _by_table(t: Term, table: dict[str, Callable[[Term], Term]]) -> Term:
    """Every function of a table by its formula."""
    memo: dict[Term, Term] = {}
    for node in postorder(t):
        made = rebuild(node, [memo[a] for a in node.args]) if node.args else node
        memo[node] = table[made.data](made.args[0]) if made.op == "fn" and made.data in table else made
    return memo[t]


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
