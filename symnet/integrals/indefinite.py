"""Antiderivatives with + C: the lines of the search, tidied, without what belongs to C, verified once more."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from ..calculation import Calculation, Part, same
from ..derivation import Step
from ..differentiation import rules_listed
from ..errors import SymnetError
from ..finishing import finish
from ..names import unicode
from ..probing import Verdict, compared
from ..term import ZERO, Term, add, fn, mul, neg, num, postorder, power, substitute, sym
from ..tidy import split_sign, summands, tidy
from .antiderivatives import integral
from .lines import Integration, NoAntiderivative, NotVerified

NONE_FOUND = "no elementary antiderivative was found"
NOT_VERIFIED = "no antiderivative was verified: an answer was found, but no point decides whether it is one"
HALF = Fraction(1, 2)


def indefinite(body: Term, x: Term, seconds: float) -> Calculation:
    """∫ body dx = F + C; the integral itself where no F is found."""
    heading: tuple[str | Term, ...] = ("Integral of ", body, " with respect to ", x)
    whole = integral(body, x)
    try:
        steps, result, verdict = antiderivative(body, x, seconds)
    except NoAntiderivative as e:
        said = none_found(e)
        nothing = Step("I1", said, whole, (whole,))
        return Calculation(heading, (Part("", same(nothing)),), whole, (said,), {}, False)
    taken = {*body.free, x.name}
    c = sym(next(n for n in ("C", "K", *(f"C{i}" for i in range(len(taken)))) if n not in taken))
    closed = c if result is ZERO else add(*(result.args if result.op == "add" else (result,)), c)
    last = Step(f"I{len(steps) + 1}", "constant of integration", whole, (closed,), continued=True)
    chain = Step("I1", rules_listed(s.rule for s in steps), whole, (result,))
    lines = {"result": (Step("I1", "", whole, (closed,)),), "chain": (chain, last), "rules": (*steps, last)}
    check = _check(result, body, x)
    notes = (*_missing(verdict), *_not_zero(result, body, x))
    return Calculation(heading, (Part("", lines), check), closed, notes, constant=c)


def none_found(e: NoAntiderivative) -> str:
    return NOT_VERIFIED if isinstance(e, NotVerified) else NONE_FOUND


def _missing(verdict: Verdict) -> tuple[str, ...]:
    """A point at which the integrand has a value and the answer has none."""
    if verdict.nowhere is None:
        return ()
    return (f"the answer has no real value at {place(verdict.nowhere)}, where the integrand has one",)


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


def place(where: Mapping[str, Fraction]) -> str:
    """x = 2, a = 1/3."""
    return ", ".join(f"{unicode(n)} = {num(f).text()}" for n, f in where.items())


def antiderivative(body: Term, x: Term, seconds: float) -> tuple[list[Step], Term, Verdict]:
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
    from ..differentiation import differentiate

    try:
        slope = differentiate(result, x).result
    except SymnetError:
        slope = body
    sides = (slope,) if slope is body else (slope, body)
    step = Step("V1", "the derivative of the answer is the integrand", Term("deriv", (result, x), "d"), sides)
    return Part("Verified", {"result": (), "chain": (step,), "rules": (step,)})
