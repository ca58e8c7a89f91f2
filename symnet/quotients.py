"""One fraction, with what is known of squares: (√u + x²/√u)/u is 4/√u³ where u = 4 − x², because √u·√u = u.

The formula is taken as a quotient of two polynomials over its kernels, as in normal.py; the square of a root, of a sine
beside a cosine and of a cosh beside a sinh is a polynomial in the others. What stands below keeps the sums that were
written.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from .normal import KERNELS, NODES, TERMS, growth, kernels_of, quotient_of, term_of
from .term import ONE, TWO, Term, add, div, fn, mul, neg, num, postorder, power, rebuild
from .tidy import Product, tidy


def one_fraction(t: Term) -> Term:
    """`t`, or one fraction of the same value where that has fewer nodes."""
    if t.shape or t.size > NODES or not any(n.op == "div" for n in postorder(t)) or growth(t) > TERMS:
        return t
    kernels = kernels_of(t)
    if kernels is None:
        return t
    known = _squares(kernels)
    kernels = list(dict.fromkeys([*kernels, *(n for u in known.values() for n in kernels_of(u) or ())]))
    if not 0 < len(kernels) <= KERNELS:
        return t
    quotient = quotient_of(t, kernels)
    if quotient is None or quotient[0] == 0:
        return t
    squares = [(kernels.index(r), _polynomial_of(u, kernels)) for r, u in known.items()]
    above, below = (_reduced(p, squares) for p in quotient)
    common = above.gcd(below)
    found = _written(above / common, below / common, t, kernels)
    return found if found.size < t.size else t


def _squares(kernels: list[Term]) -> dict[Term, Term]:
    """The kernels whose squares are known: √u² = u, sin² = 1 − cos², cosh² = 1 + sinh²."""
    out: dict[Term, Term] = {}
    for k in kernels:
        if k.op == "fn" and k.data in SQUARES:
            partner, square = SQUARES[k.data]
            if not partner or fn(partner, k.args[0]) in kernels:
                out[k] = square(k.args[0])
    return out


SQUARES: dict[str, tuple[str, Callable[[Term], Term]]] = {
    "sqrt": ("", lambda u: u),
    "sin": ("cos", lambda u: add(ONE, neg(power(fn("cos", u), TWO)))),
    "cosh": ("sinh", lambda u: add(ONE, power(fn("sinh", u), TWO))),
}


def _polynomial_of(t: Term, kernels: list[Term]) -> Any:
    """None where it is a fraction, or where there is more in it than the kernels."""
    if not set(kernels_of(t) or [t]) <= set(kernels):
        return None
    found = quotient_of(t, kernels)
    return found[0] if found is not None and found[1] == 1 else None


def _reduced(p: Any, squares: list[tuple[int, Any]]) -> Any:
    """Each r² replaced by what stands under the root."""
    for i, u in squares:
        if u is None:
            continue
        while any(int(m[i]) > 1 for m in p.monoms()):
            out = 0 * p
            for m, c in p.terms():
                exponents = [int(e) for e in m]
                k, exponents[i] = divmod(exponents[i], 2)
                out += p.context().from_dict({tuple(exponents): c}) * u**k
            p = out
    return p


def _written(above: Any, below: Any, t: Term, kernels: list[Term]) -> Term:
    """The polynomial above, and below the sums and the kernels that stand in t, with their exponents."""
    parts: list[Term] = []
    for known in dict.fromkeys([*kernels, *(n for n in postorder(t) if n.op == "add")]):
        factor, k = _polynomial_of(known, kernels), 0
        if factor is None or factor.total_degree() < 1:
            continue
        while below.total_degree() > 0 and below % factor == 0:
            below, k = below / factor, k + 1
        if k:
            parts.append(known if k == 1 else power(known, num(k)))
    negative = below.leading_coefficient() < 0
    rest = term_of(-below if negative else below, kernels)
    bottom = tidy(mul(rest, *parts)) if parts else rest
    top = term_of(-above if negative else above, kernels)
    return tidy(top if bottom is ONE else div(top, bottom))


def plain_powers(t: Term) -> Term:
    """(2x)² as 4x², (1/x)² as 1/x², (√x)⁴ as x²."""
    return _rewritten(t, _plain_power)


def _rewritten(t: Term, rule: Callable[[Term], Term]) -> Term:
    """The rule at every node, from the leaves up."""
    memo: dict[Term, Term] = {}
    for node in postorder(t):
        memo[node] = rule(rebuild(node, [memo[a] for a in node.args]) if node.args else node)
    return memo[t]


def _plain_power(t: Term) -> Term:
    k = t.args[1].number if t.op == "pow" else None
    if k is None or k.denominator != 1 or k <= 0 or t.shape:
        return t
    base = t.args[0]
    if base.op == "fn" and base.data == "sqrt" and k % 2 == 0:
        return base.args[0] if k == 2 else power(base.args[0], num(k / 2))
    if base.op == "div":
        return div(*(a if a is ONE else tidy(power(a, t.args[1])) for a in base.args))
    if base.op == "mul" and base.args[0].op == "num":
        return tidy(mul(power(base.args[0], t.args[1]), *(power(a, t.args[1]) for a in base.args[1:])))
    if base.op == "neg":
        inner = _plain_power(power(base.args[0], t.args[1]))
        return inner if k % 2 == 0 else neg(inner)
    return t


def plain_products(t: Term) -> Term:
    """sign(u)/|u| as 1/u, u·sign(u) as |u|, eˣ·e⁻ˣ as 1."""
    return _rewritten(t, _plain_product)


def _plain_product(t: Term) -> Term:
    if t.op not in ("mul", "div") or t.shape:
        return t
    p = Product()
    p.times(t)
    return p.term(t) if _signs(p) + _exponentials(p, alone=True) else t


def merged(t: Term) -> Term:
    """(eˣ)² as e^(2x), eˣ·e^(2x) as e^(3x)."""
    return _rewritten(t, _merged)


def _merged(t: Term) -> Term:
    k = t.args[1].number if t.op == "pow" else None
    if k is not None and t.args[0].op == "fn" and t.args[0].data == "exp" and not t.shape:
        return fn("exp", tidy(mul(t.args[1], t.args[0].args[0])))
    if t.op not in ("mul", "div") or t.shape:
        return t
    p = Product()
    p.times(t)
    return p.term(t) if _exponentials(p) else t


def _signs(p: Product) -> int:
    found = [b for b, k in p.above.items() if b.op == "fn" and b.data == "sign" and k == 1]
    done = 0
    for s in found:
        u = s.args[0]
        size = fn("abs", u)
        if size in p.below or p.above.get(u) == 1:
            p.base(s, Fraction(-1))
            p.base(size, Fraction(1))
            p.base(u, Fraction(-1))
            done += 1
    return done


def _exponentials(p: Product, alone: bool = False) -> int:
    """Several powers of e as one, where their exponents add up to 0, or to something no longer than the longest."""
    powers = [(b, k) for side, s in ((p.above, 1), (p.below, -1)) for b, k in ((b, s * k) for b, k in side.items())
              if b.op == "fn" and b.data == "exp" and not b.shape]  # fmt: skip
    if len(powers) < 2:
        return 0
    exponents = [tidy(mul(num(k), b.args[0])) for b, k in powers]
    total = tidy(add(*exponents))
    longest = max(e.size for e in exponents)
    if total.number != 0 and (alone or total.op == "add" or total.size > longest):
        return 0
    for b, _ in powers:
        p.above.pop(b, None)
        p.below.pop(b, None)
    if total.number != 0:
        p.above = {fn("exp", total): Fraction(1), **p.above}
    return 1


def ordered(t: Term) -> Term:
    """In every product names before functions: cos(x²) x as x cos(x²); what an activation brought keeps its place."""
    return _rewritten(t, _ordered)


def _ordered(t: Term) -> Term:
    if t.op != "mul" or t.shape or any(f.shape or (f.op == "fn" and f.data in KEPT) for f in t.args):
        return t
    return mul(*sorted(t.args, key=_rank))


def sign_first(t: Term) -> Term:
    """(−f − g)/h as −(f + g)/h."""
    return _rewritten(t, _sign_first)


def _sign_first(t: Term) -> Term:
    if t.op != "div" or t.args[0].op != "add" or any(a.op != "neg" for a in t.args[0].args):
        return t
    return neg(div(add(*(a.args[0] for a in t.args[0].args)), t.args[1]))


KEPT = ("sigmoid", "relu", "step", "softplus")


def _rank(f: Term) -> int:
    """0 a number, 1 a name or its power, 2 what has a function or a sum in it."""
    base = f.args[0] if f.op == "pow" and f.args[1].number is not None else f
    base = base.args[0] if base.op == "fn" and base.data == "sqrt" else base
    return 0 if f.op == "num" else 1 if base.op == "sym" else 2
