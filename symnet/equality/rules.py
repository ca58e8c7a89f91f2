"""What each operation of a Term is in the normal form: one row of RULES each."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ..corners import linear_root
from ..functions import TABLE, TermMath
from ..rules import slope
from ..term import Term, add, fn, neg, substitute, sym, term
from .enclosure import INF
from .field import Poly, Quotient, TooLarge, Unsupported
from .functions import FUNCTIONS, step
from .kernels import RANGES
from .polynomials import Same, leading, mentions

if TYPE_CHECKING:
    from .normal import Normal

MOST = 6  # formulas of which the largest is taken
POWERS = 12  # Σ k^e is summed up to this e


def _num(n: Normal, node: Term) -> Quotient:
    return n.field.number(node.data[0])


def _sym(n: Normal, node: Term) -> Quotient:
    if "constant" not in node.data[1]:
        return n.name(node.name)
    if node.name == "e":
        return n.exp(n.one)
    low, high = RANGES.get(node.name, (-INF, INF))
    return n.field.value(n.field.kernel(node.name, (), low, high))


def _add(n: Normal, node: Term) -> Quotient:
    first, *rest = n.of(node)
    for x in rest:
        first = n.field.add(first, x)
    return first


def _mul(n: Normal, node: Term) -> Quotient:
    first, *rest = n.of(node)
    for x in rest:
        first = n.field.mul(first, x)
    return first


def _pow(n: Normal, node: Term) -> Quotient:
    base, exponent = n.of(node)
    if exponent.p.is_constant() and exponent.q.is_constant():
        r = Fraction(leading(exponent.p), leading(exponent.q))
        if r.denominator == 1:
            return _whole(n, base, int(r))
        return n.root(base, r)
    if _is_number(base) and leading(base.p) < 0:
        return n.opaque("pow", (base, exponent))
    return n.exp(n.field.mul(exponent, n.log(base)))


def _whole(n: Normal, base: Quotient, k: int) -> Quotient:
    """An integer power; where multiplying out is too much, the base counts as a kernel."""
    try:
        return n.field.power(base, k)
    except TooLarge:
        if abs(k) > 2**28 or base.p.is_constant():
            raise
        number, parts = n.factors(base)
        if number.numerator != 1 and abs(k) > 4096:
            raise
        out = n.field.power(n.field.number(number), k)
        for f, e in parts:
            out = n.field.mul(out, n.field.power(_short(n, f), e * k))
        return out


def _short(n: Normal, f: Poly) -> Quotient:
    """A sum as a kernel; `Field.same` knows what it stands for."""
    if len(f) == 1:
        return Quotient(f, n.field.one)
    kernel = n.field.kernel("base", (Same(f),))
    n.field.sums[kernel.index] = f
    return n.field.value(kernel)


def _is_number(u: Quotient) -> bool:
    return bool(u.p.is_constant() and u.q.is_constant())


def _function(n: Normal, node: Term) -> Quotient:
    u = n.memo[node.args[0]]
    rule = FUNCTIONS.get(node.data)
    if rule is not None:
        return rule(n, u)
    row = TABLE.get(node.data)
    if row is None or row.formula is None:
        return n.opaque(f"fn {node.data}", (u,))
    return _written(n, node.args[0], lambda x: row.formula(x, TermMath))  # type: ignore[misc]


def _written(n: Normal, u: Term, formula: Callable[[Term], Any]) -> Quotient:
    """A formula of u; u is not taken apart again."""
    return n.value(term(formula(u)))


def _prime(n: Normal, node: Term) -> Quotient:
    name, order = node.data
    x = sym("x_")
    value = fn(name, x)
    for _ in range(order):
        value = slope(value, x)[0]
    return n.value(substitute(value, {x: node.args[0]}))


def _derivative(n: Normal, node: Term) -> Quotient:
    value, x = node.args[:2]
    if x.op != "sym":
        raise Unsupported(node.op)
    for _ in range(node.data if node.op == "diff" else 1):
        value = slope(value, x)[0]
    return n.value(value)


# ------------------------------------------------------------------------------------------------------------- regions
def _relation(n: Normal, node: Term) -> Quotient:
    """1 where the relation holds, else 0; on the boundary it does not matter."""
    a, b = n.of(node)
    d = n.field.sub(a, b)
    if d.p == 0:
        return n.one if node.data in (">=", "<=", "=") else n.zero
    if node.data in ("=", "!="):
        difference = add(node.args[0], neg(node.args[1]))
        if len(node.free) != 1 or linear_root(difference, sym(node.free[0])) is None:
            raise Unsupported("an equation as a condition")
        return n.zero if node.data == "=" else n.one
    return step(n, d if node.data in (">", ">=") else n.field.neg(d))


def _not(n: Normal, u: Quotient) -> Quotient:
    return n.field.sub(n.one, u)


def _or(n: Normal, node: Term) -> Quotient:
    out = n.one
    for u in n.of(node):
        out = n.field.mul(out, _not(n, u))
    return _not(n, out)


def coverage(n: Normal, node: Term) -> Quotient:
    """1 where some branch applies."""
    if len(node.args) % 2:
        return n.one
    out = n.one
    for condition in node.args[1::2]:
        out = n.field.mul(out, _not(n, n.value(condition)))
    return _not(n, out)


def _cases(n: Normal, node: Term) -> Quotient:
    """c₁v₁ + (1 − c₁)(c₂v₂ + …); branches that never apply are not looked at."""
    pairs = list(zip(node.args[::2], node.args[1::2], strict=False))
    last = node.args[-1] if len(node.args) % 2 else None
    out, rest = n.zero, n.one
    for value, condition in pairs:
        c = n.value(condition)
        here = rest if last is None and value is pairs[-1][0] and condition is pairs[-1][1] else n.field.mul(rest, c)
        if here.p != 0:
            out = n.field.add(out, n.field.mul(here, n.value(value)))
        rest = n.field.mul(rest, _not(n, c))
        if rest.p == 0:
            return out
    return out if last is None else n.field.add(out, n.field.mul(rest, n.value(last)))


def _extreme(sign: int) -> Callable[[Normal, Term], Quotient]:
    """max(a, b, …): each times the steps that say that it exceeds the others, whatever the order and the brackets."""

    def value(n: Normal, node: Term) -> Quotient:
        parts = list(dict.fromkeys(_alike(node)))
        if len(parts) > MOST:
            raise TooLarge
        out = n.zero
        for a in parts:
            chosen = n.memo[a]
            for b in parts:
                d = n.field.sub(n.memo[a], n.memo[b])
                if d.p != 0:
                    chosen = n.field.mul(chosen, step(n, n.field.mul(d, n.field.number(sign))))
                elif parts.index(b) < parts.index(a):
                    chosen = n.zero
            out = n.field.add(out, chosen)
        return out

    return value


def _alike(node: Term) -> Iterator[Term]:
    """What a maximum of maxima is the maximum of."""
    for a in node.args:
        yield from _alike(a) if a.op == node.op else (a,)


# ---------------------------------------------------------------------------------------------- sums, unknown functions
def _sigma(n: Normal, node: Term) -> Quotient:
    """Σ of a sum is the sum of the Σ; what does not depend on the index goes in front."""
    body, index, low, high = node.args
    n.bound += 1
    mark = f"index {n.bound}"
    inner = n.value(substitute(body, {index: sym(mark)}))
    n.bound -= 1
    ends = n.value(low), n.value(high)
    place = n.field.kernel("name", (mark,)).index
    bound = {place}
    for k in n.field.kernels:
        if any(mentions(part, bound) for part in k.key):
            bound.add(k.index)
    above = any(inner.q.degrees()[i] for i in bound)
    out = n.zero
    for exponents, c in inner.p.terms():
        free = tuple(0 if i in bound else e for i, e in enumerate(exponents))
        tied = tuple(e if i in bound else 0 for i, e in enumerate(exponents))
        front = Quotient(n.field.context.from_dict({free: c}), n.field.one)
        part = n.field.make(n.field.context.from_dict({tied: 1}), inner.q if above else n.field.one)
        if not any(tied) and not above:
            count = n.field.add(n.field.sub(ends[1], ends[0]), n.one)
            out = n.field.add(out, n.field.mul(front, count))
        elif not above and tied[place] == sum(tied) <= POWERS:
            first, last = (_power_sum(n, u, sum(tied)) for u in (n.field.sub(ends[0], n.one), ends[1]))
            out = n.field.add(out, n.field.mul(front, n.field.sub(last, first)))
        else:
            out = n.field.add(out, n.field.mul(front, n.opaque("sigma", (part, *ends), mark)))
    return out if above else n.field.div(out, Quotient(inner.q, n.field.one))


def _power_sum(n: Normal, m: Quotient, e: int) -> Quotient:
    """1^e + … + m^e as a polynomial: (e + 1) S_e = (m + 1)^(e+1) − 1 − Σ binom(e+1, j) S_j over j < e."""
    sums: list[Quotient] = []
    for k in range(e + 1):
        rest = n.field.sub(n.field.power(n.field.add(m, n.one), k + 1), n.one)
        for j, s in enumerate(sums):
            rest = n.field.sub(rest, n.field.mul(n.field.number(math.comb(k + 1, j)), s))
        sums.append(n.field.div(rest, n.field.number(k + 1)))
    return sums[e]


def _unknown(n: Normal, node: Term) -> Quotient:
    return n.opaque(f"{node.op}", tuple(n.of(node)), (node.op, node.data))


def _names_only(n: Normal, node: Term) -> Quotient:
    """∂E/∂w and the like: a kernel of its own."""
    return n.field.value(n.field.kernel("partial", (str(node),)))


LAZY = {"cases", "sigma", "diff", "deriv", "partial", "d", "prime"}
RULES: dict[str, Callable[[Normal, Term], Quotient]] = {
    "num": _num,
    "sym": _sym,
    "add": _add,
    "mul": _mul,
    "neg": lambda n, node: n.field.neg(n.memo[node.args[0]]),
    "div": lambda n, node: n.field.div(*n.of(node)),
    "pow": _pow,
    "fn": _function,
    "prime": _prime,
    "diff": _derivative,
    "deriv": _derivative,
    "rel": _relation,
    "and": _mul,
    "or": _or,
    "not": lambda n, node: _not(n, n.memo[node.args[0]]),
    "cases": _cases,
    "max": _extreme(1),
    "min": _extreme(-1),
    "sigma": _sigma,
    "apply": _unknown,
    "applyprime": _unknown,
    "index": _unknown,
    "partial": _names_only,
    "d": _names_only,
}
