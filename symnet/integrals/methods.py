"""The methods of integration, as they are taught: substitution, by parts, partial fractions, the square completed.

A method proposes what an integral becomes; it is taken if our own rules carry out every integral that is left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction

from ..errors import RuleError
from ..normal import expanded, shorter
from ..quotients import merged, one_fraction, ordered, plain_powers
from ..rules import slope
from ..term import ONE, ZERO, Term, add, div, fn, mul, neg, num, postorder, power, rel, substitute, sym
from ..tidy import tidy
from .antiderivatives import Move, integral
from .partial_fractions import partial_fractions, split_numerator, square_completed

Antiderivative = Callable[[Term], Term | None]
CANDIDATES = 12  # inner functions that are tried as u
LARGEST = 120  # nodes of an integrand that the methods look at
PAIRS = (("u", "v"), ("f", "g"), ("p", "q"), ("r", "s"))  # names in the statement of integration by parts


def proposals(body: Term, x: Term, u: Term, taken: Iterable[str], own: Antiderivative) -> Iterator[Move]:
    """The moves that the methods propose for ∫ body dx; `u` is a name that is free, `own` integrates by the rules."""
    if body.size > LARGEST:
        return
    start = integral(body, x)
    for method in (partial_fractions, split_numerator, square_completed):
        for rule, after in method(body, x):
            if after is not body:
                yield Move(start, integral(after, x), rule, ((rel("=", body, after),),))
    yield from _substitutions(body, x, u)
    yield from _by_parts(body, x, {*taken}, own)
    yield from _shifted(body, x, u)


def _slope(t: Term, x: Term) -> Term | None:
    """dt/dx, None if it is 0 or has no rule."""
    try:
        found = tidy(slope(t, x)[0])
    except RuleError:
        return None
    return None if found is ZERO else found


# ------------------------------------------------------------------------------------------------------- substitution
def _substitutions(body: Term, x: Term, u: Term) -> Iterator[Move]:
    """∫ f(g(x)) g′(x) dx = ∫ f(u) du."""
    inner_ones = _inner(body, x)[:CANDIDATES]
    for inner, rewrite in [*((i, _plainly) for i in inner_ones), *((i, _in_terms_of) for i in inner_ones)]:
        du = _slope(inner, x)
        if du is None or x.name not in du.free:
            continue
        quotient = tidy(div(body, du))
        for form in dict.fromkeys((quotient, shorter(quotient), one_fraction(quotient))):
            left = rewrite(tidy(plain_powers(form)), inner, x, u)
            if x.name not in left.free:
                said = (rel(":=", u, inner), rel("=", Term("partial", (u, x), "d"), ordered(du)))
                after = integral(ordered(tidy(left)), u)
                yield Move(integral(body, x), after, "substitution", ((), said), ((u, inner),))
                break


def _inner(body: Term, x: Term) -> list[Term]:
    """What may be called u: the functions, their arguments, bases, exponents and denominators, short ones first."""
    found: dict[Term, None] = {}
    for n in postorder(body):
        if n.op in ("fn", "pow", "div") and x.name in n.free:
            found |= dict.fromkeys([n] if n.op == "fn" else [])
            found |= dict.fromkeys([fn(PARTNER[n.data], n.args[0])] if n.op == "fn" and n.data in PARTNER else [])
            found |= dict.fromkeys(a for a in n.args if a is not x and x.name in a.free and a.op not in ("mul", "div"))
            products = [a for a in n.args if a.op in ("mul", "div")]
            found |= dict.fromkeys(f for a in products for f in (a, *a.args) if x.name in f.free)
    squares = [n for n in postorder(body) if n.op == "pow" and n.args[0] is x and n.args[1].number is not None]
    halves = [power(x, num(k / 2)) for n in squares if (k := n.args[1].number) and k % 4 == 0 and k > 0]
    sums = {p for n in found if n.op == "add" for p in _moving(n, x) if p.op == "pow" and p.args[0] is x}
    every = [n for n in dict.fromkeys([*halves, *squares, *found]) if n is not x and n not in sums]
    return sorted(every, key=lambda n: n.size)


def _moving(t: Term, x: Term) -> list[Term]:
    """x² of x² + 1 and of 1 − x²."""
    parts = [a.args[0] if a.op == "neg" else a for a in t.args if x.name in a.free]
    return parts if len(parts) == 1 else []


PARTNER = {"sin": "cos", "cos": "sin", "sinh": "cosh", "cosh": "sinh"}


def _plainly(t: Term, inner: Term, x: Term, u: Term) -> Term:
    """The formula with u for the inner function."""
    return substitute(t, {inner: u})


def _in_terms_of(t: Term, inner: Term, x: Term, u: Term) -> Term:
    """The same, also in x⁴ = (x²)², e^(2x) = (eˣ)², sin² = 1 − cos²."""
    t = substitute(t, {inner: u})
    more: dict[Term, Term] = {}
    base, n, old = _power_inside(inner, x, u)
    for node in postorder(t):
        if node.op == "pow" and base is not None and node.args[0] is base and n:
            k = (node.args[1].number or ODD) / n
            if k.denominator == 1:
                more[node] = tidy(power(old, num(k)))
        elif node.op == "pow" and node.args[0].op == "fn" and inner.op == "fn" and node.args[0].args == inner.args:
            square, k = SQUARES.get((node.args[0].data, inner.data)), node.args[1].number or ODD
            if square is not None and k > 0 and k % 2 == 0:
                more[node] = tidy(power(square(u), num(k / 2)))
        elif node.op == "fn" and node.data == "exp" and inner.op == "fn" and inner.data == "exp":
            ratio = tidy(div(node.args[0], inner.args[0])).number
            if ratio is not None and ratio.denominator == 1:
                more[node] = tidy(power(u, num(ratio)))
    return substitute(t, more) if more else t


ODD = Fraction(1, 3)  # stands for an exponent that is no number


def _power_inside(inner: Term, x: Term, u: Term) -> tuple[Term | None, Fraction | None, Term]:
    """(x, 2, 1 − u) for u = 1 − x²: the base, its exponent, and what that power is in terms of u."""
    if inner.op == "pow":
        return inner.args[0], inner.args[1].number, u
    if inner.op == "add" and (parts := _moving(inner, x)) and parts[0].op == "pow" and parts[0].args[0] is x:
        rest = [a for a in inner.args if x.name not in a.free]
        below = neg(parts[0]) in inner.args
        old = add(*rest, neg(u)) if below else add(u, *map(neg, rest))
        return x, parts[0].args[1].number, tidy(old)
    return None, None, u


SQUARES: dict[tuple[str, str], Callable[[Term], Term]] = {
    ("sin", "cos"): lambda u: add(ONE, neg(power(u, num(2)))),
    ("cos", "sin"): lambda u: add(ONE, neg(power(u, num(2)))),
    ("sec", "tan"): lambda u: add(ONE, power(u, num(2))),
    ("cosh", "sinh"): lambda u: add(ONE, power(u, num(2))),
    ("sinh", "cosh"): lambda u: add(power(u, num(2)), neg(ONE)),
}


def _shifted(body: Term, x: Term, u: Term) -> Iterator[Move]:
    """u = √(a x + b), so that x = (u² − b)/a and dx = 2u/a du; u = a x + b under a power."""
    for n in postorder(body):
        root = n.op == "fn" and n.data == "sqrt"
        if not (root or n.op == "pow") or x.name not in n.free:
            continue
        line = n.args[0]
        a = _slope(line, x)
        if a is None or x.name in a.free or (line is x and not root):
            continue
        b = tidy(substitute(line, {x: ZERO}))
        inner = n if root else line
        old = tidy(div(add(power(u, num(2)) if root else u, neg(b)), a))
        scale = tidy(div(mul(num(2), u), a)) if root else tidy(div(ONE, a))
        left = tidy(mul(substitute(substitute(body, {inner: u}), {x: old}), scale))
        short = min((left, expanded(left), shorter(left)), key=lambda f: f.size)
        d = tidy(slope(inner, x)[0])
        said = (rel(":=", u, inner), rel("=", x, old), rel("=", Term("partial", (u, x), "d"), d))
        yield Move(integral(body, x), integral(short, u), "substitution", ((), said), ((u, inner),))


# ----------------------------------------------------------------------------------------------------------- by parts
FIRST = ("log", "asin", "acos", "atan", "asinh", "acosh", "atanh", "erf")  # what becomes simpler by its derivative


def _by_parts(body: Term, x: Term, taken: set[str], own: Antiderivative) -> Iterator[Move]:
    """∫ u v′ dx = u v − ∫ u′ v dx, with a logarithm or an inverse function as u, else a power of x or a polynomial."""
    factors = _factors(body)
    for f in [*(f for f in factors if _is_first(f)), *(f for f in factors if _is_polynomial(f, x))]:
        others = [g for g in factors if g is not f]
        dv = tidy(mul(*others)) if others else ONE
        if not _is_first(f) and not any(_is_transcendental(g, x) for g in others):
            continue
        v, du = own(dv), _slope(f, x)
        if v is None or du is None:
            continue
        v = tidy(v)
        product = tidy(mul(v, du))
        rest = ordered(tidy(merged(min((product, shorter(product)), key=lambda t: t.size))))
        a, b = next((p for p in PAIRS if not {*p} & taken), PAIRS[0])
        f_, g_ = sym(a), sym(f"{b}'")
        said = rel("=", integral(mul(f_, g_), x), add(mul(f_, sym(b)), neg(integral(mul(sym(f"{a}'"), sym(b)), x))))
        after = add(ordered(tidy(mul(f, v))), neg(integral(rest, x)))
        yield Move(
            integral(body, x), after, "integration by parts",
            ((said,), (rel(":=", f_, f), rel(":=", g_, dv), rel("=", sym(b), v))),
        )  # fmt: skip


def _factors(body: Term) -> list[Term]:
    if body.op == "div":
        above = [] if body.args[0] is ONE else _factors(body.args[0])
        return [*above, div(ONE, body.args[1])]
    return list(body.args) if body.op == "mul" else [body]


def _is_first(f: Term) -> bool:
    k = f.args[1].number if f.op == "pow" else None
    base = f.args[0] if k is not None and k > 0 and k.denominator == 1 else f
    return base.op == "fn" and base.data in (FIRST if base is f else ("log", "asin"))


def _is_polynomial(f: Term, x: Term) -> bool:
    return x.name in f.free and all(
        n.op in ("sym", "num", "add", "neg", "mul") or (n.op == "pow" and (n.args[1].number or -1) > 0)
        for n in postorder(f)
    )


def _is_transcendental(g: Term, x: Term) -> bool:
    return any(
        x.name in n.free and ((n.op == "fn" and n.data != "sqrt") or (n.op == "pow" and x.name in n.args[1].free))
        for n in postorder(g)
    )
