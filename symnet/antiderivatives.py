"""The rules of integration: sums, constant factors, powers, and the functions of the table with a linear argument."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from .errors import RuleError
from .functions import PI, TermMath
from .normal import expanded
from .rules import slope
from .standard import standard
from .term import ONE, ZERO, Term, add, div, fn, mul, neg, num, postorder, power, rel, sym, term
from .tidy import tidy

Why = tuple[tuple[Term, ...], ...]
M = TermMath


@dataclass(frozen=True, slots=True)
class Move:
    """An integral, what a rule makes of it, and the names that are put back at the end (u := x² + 1)."""

    before: Term
    after: Term
    rule: str
    why: Why = ()
    back: tuple[tuple[Term, Term], ...] = ()


def integral(body: Term, x: Term) -> Term:
    return Term("integral", (body, x))


# ---------------------------------------------------------------------------------- ∫ f(u) du for the rows of the table
# fmt: off
ANTIDERIVATIVES: dict[str, Callable[[Term], Any]] = {
    "identity":   lambda u: u**2/2,
    "exp":        lambda u: M.exp(u),
    "log":        lambda u: u*M.log(u) - u,
    "sqrt":       lambda u: num(Fraction(2, 3))*u*M.sqrt(u),
    "sin":        lambda u: -M.cos(u),
    "cos":        lambda u: M.sin(u),
    "tan":        lambda u: -M.log(M.abs(M.cos(u))),
    "cot":        lambda u: M.log(M.abs(M.sin(u))),
    "sec":        lambda u: M.log(M.abs(M.sec(u) + M.tan(u))),
    "csc":        lambda u: -M.log(M.abs(M.csc(u) + M.cot(u))),
    "asin":       lambda u: u*M.asin(u) + M.sqrt(1 - u**2),
    "acos":       lambda u: u*M.acos(u) - M.sqrt(1 - u**2),
    "atan":       lambda u: u*M.atan(u) - M.log(1 + u**2)/2,
    "sinh":       lambda u: M.cosh(u),
    "cosh":       lambda u: M.sinh(u),
    "tanh":       lambda u: M.log(M.cosh(u)),
    "asinh":      lambda u: u*M.asinh(u) - M.sqrt(u**2 + 1),
    "acosh":      lambda u: u*M.acosh(u) - M.sqrt(u - 1)*M.sqrt(u + 1),
    "atanh":      lambda u: u*M.atanh(u) + M.log(1 - u**2)/2,
    "erf":        lambda u: u*M.erf(u) + M.exp(-u**2)/M.sqrt(PI),
    "abs":        lambda u: u*M.abs(u)/2,
    "sign":       lambda u: M.abs(u),
    "step":       lambda u: M.relu(u),
    "relu":       lambda u: u*M.relu(u)/2,
    "leaky_relu": lambda u: u*M.leaky_relu(u)/2,
    "elu":        lambda u: M.if_positive(u, u**2/2, M.exp(u) - u - 1),
    "sigmoid":    lambda u: M.softplus(u),
    "softsign":   lambda u: M.abs(u) - M.log(1 + M.abs(u)),
}
# fmt: on


# ----------------------------------------------------------------------------------------------------- the direct rules
Found = tuple[Term, Why] | None


def _states(body: Term, value: Term, x: Term, *letters: Term) -> Why:
    return ((rel("=", integral(body, x), value),), letters) if letters else ((rel("=", integral(body, x), value),),)


def _is_constant(t: Term, x: Term) -> bool:
    return x.name not in t.free


def _constant(body: Term, x: Term) -> Found:
    c = sym("c")
    return (mul(body, x), _states(c, mul(c, x), x)) if _is_constant(body, x) else None


def _sum(body: Term, x: Term) -> Found:
    if body.op != "add":
        return None
    f, g = sym("f"), sym("g")
    parts = [neg(integral(a.args[0], x)) if a.op == "neg" else integral(a, x) for a in body.args]
    return add(*parts), _states(add(f, g), add(integral(f, x), integral(g, x)), x)


def _multiple(body: Term, x: Term) -> Found:
    c, f = sym("c"), sym("f")
    said = _states(mul(c, f), mul(c, integral(f, x)), x)
    if body.op == "neg":
        return neg(integral(body.args[0], x)), said
    if body.op == "mul":
        inside = [a for a in body.args if not _is_constant(a, x)]
        if len(inside) < len(body.args):
            return mul(*(a for a in body.args if _is_constant(a, x)), integral(mul(*inside), x)), said
    if body.op == "div" and _is_constant(body.args[1], x):
        return div(integral(body.args[0], x), body.args[1]), said
    if body.op == "div" and body.args[0] is not ONE and _is_constant(body.args[0], x):
        return mul(body.args[0], integral(div(ONE, body.args[1]), x)), said
    return None


def _base_and_exponent(body: Term) -> tuple[Term, Fraction | None]:
    """uⁿ as (u, n); 1/uⁿ as (u, −n)."""
    if body.op == "div" and body.args[0] is ONE:
        u, n = _base_and_exponent(body.args[1])
        return u, None if n is None else -n
    if body.op == "pow":
        return body.args[0], body.args[1].number
    return body, Fraction(1)


def _inner_slope(u: Term, x: Term) -> Term | None:
    """du/dx if it is a constant other than 0."""
    try:
        a = tidy(slope(u, x)[0])
    except RuleError:
        return None
    return None if a is ZERO or not _is_constant(a, x) else a


def _power(body: Term, x: Term) -> Found:
    u, n = _base_and_exponent(body)
    a = _inner_slope(u, x) if n is not None else None
    if a is None or n is None or (u.op not in ("sym", "add", "mul", "neg", "div")):
        return None
    k, letter = sym("n"), x if u is x else _letter(body)
    more = () if u is x else (rel(":=", letter, u), rel("=", Term("partial", (letter, x), "d"), a))
    if n == -1:
        log = M.log(M.abs(u))
        return _scaled(log, a), _states(div(ONE, letter), M.log(M.abs(letter)), letter, *more)
    raised = div(power(u, num(n + 1)), num(n + 1))
    said = (rel(":=", k, num(n)),) if u is x else more
    return _scaled(raised, a), _states(power(letter, k), div(power(letter, k + 1), k + 1), letter, *said)


def _letter(body: Term) -> Term:
    """A name for the argument of a function that is free."""
    return sym(next((n for n in ("u", "v", "s", "p") if n not in body.free), "u1"))


def _scaled(t: Term, a: Term) -> Term:
    return t if a is ONE else div(t, a)


def _function(body: Term, x: Term) -> Found:
    if body.op != "fn" or body.data not in ANTIDERIVATIVES:
        return None
    u = body.args[0]
    a = _inner_slope(u, x)
    if a is None:
        return None
    letter = x if u is x else _letter(body)
    more = () if u is x else (rel(":=", letter, u), rel("=", Term("partial", (letter, x), "d"), a))
    whole = ANTIDERIVATIVES[body.data]
    return _scaled(term(whole(u)), a), _states(fn(body.data, letter), term(whole(letter)), letter, *more)


def _exponential(body: Term, x: Term) -> Found:
    if body.op != "pow" or not _is_constant(body.args[0], x):
        return None
    b, u = body.args
    a = _inner_slope(u, x)
    base = sym("a")
    value = _scaled(div(body, M.log(b)), a) if a is not None else body
    return None if a is None else (value, _states(power(base, x), div(power(base, x), M.log(base)), x))


def _expand(body: Term, x: Term) -> Found:
    functions = [n for n in postorder(body) if n.op not in ("sym", "num", "add", "neg", "mul", "div", "pow")]
    if body.op not in ("mul", "pow", "div") or any(not _is_constant(f, x) for f in functions):
        return None
    out = expanded(body)
    return (integral(out, x), ((rel("=", body, out),),)) if out is not body and out.op == "add" else None


def _standard(body: Term, x: Term) -> Found:
    found = standard(body, x)
    if found is None:
        return None
    says_more = found.letters or found.statement.args[1] is not found.value
    return found.value, ((found.statement,), *((found.letters,) if found.letters else ())) if says_more else ()


DIRECT: tuple[tuple[str, Callable[[Term, Term], Found]], ...] = (
    ("constant rule", _constant),
    ("sum rule", _sum),
    ("constant multiple rule", _multiple),
    ("power rule", _power),
    ("rule of the function", _function),
    ("exponential rule", _exponential),
    ("standard integral", _standard),
    ("multiplied out", _expand),
)
