"""The rules of integration: sums, constant factors, powers, and the functions of the table with a linear argument."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import Any

from ..errors import RuleError
from ..functions import PI, TermMath
from ..normal import expanded
from ..rules import slope
from ..term import ONE, ZERO, Term, add, div, fn, mul, neg, num, postorder, power, rel, sym, term
from ..tidy import tidy
from .standard import standard

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
    if not _is_constant(body, x):
        return None
    return (ZERO if body is ZERO else x if body is ONE else mul(body, x)), _states(c, mul(c, x), x)


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
    return (_fraction_multiple(body, x), said) if body.op == "div" and _has_constants(body, x) else None


def _has_constants(body: Term, x: Term) -> bool:
    return any(t.op == "mul" and any(_is_constant(a, x) for a in t.args) for t in body.args)


def _fraction_multiple(body: Term, x: Term) -> Term:
    """∫ (2x/(3 f)) dx = ⅔ ∫ (x/f) dx."""
    parts: list[tuple[Term, ...]] = [t.args if t.op == "mul" else (t,) for t in body.args]
    above, below = ([a for a in p if not _is_constant(a, x)] for p in parts)
    c, d = (mul(*(a for a in p if a is not ONE and _is_constant(a, x)), ONE) for p in parts)
    inner = div(mul(*above) if above else ONE, mul(*below)) if below else mul(*above)
    return mul(tidy(div(c, d)), integral(inner, x))


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
    if body.op == "pow" and body.args[1].number is None and _is_constant(body.args[1], x):
        return _letter_power(body, x)
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


def _letter_power(body: Term, x: Term) -> Found:
    """∫ uⁿ du = u^(n + 1)/(n + 1) for a name n."""
    u, n = body.args
    a = _inner_slope(u, x)
    if a is None:
        return None
    letter, k = x if u is x else _letter(body), sym("n") if "n" not in u.free else sym("k")
    more = () if u is x else (rel(":=", letter, u), rel("=", Term("partial", (letter, x), "d"), a))
    named = () if k is n else (rel(":=", k, n),)
    said = _states(power(letter, k), div(power(letter, add(k, ONE)), add(k, ONE)), letter, *more, *named)
    return _scaled(div(power(u, tidy(add(n, ONE))), tidy(add(n, ONE))), a), said


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


def _monomials(body: Term, x: Term) -> Found:
    """Products and quotients of powers and roots of x as powers: x √x = x^(3/2)."""
    if body.op not in ("mul", "div", "pow") and not (body.op == "fn" and body.data == "sqrt"):
        return None
    parts = _powers_of(body, x)
    if parts is None or (body.op in ("pow", "fn") and len(parts) == 1):
        return None
    out = tidy(add(*(mul(num(c), power(x, num(e)) if e else ONE) for e, c in sorted(parts.items(), reverse=True))))
    return (integral(out, x), ((rel("=", body, out),),)) if out is not body else None


def _exponent_up(body: Term, x: Term) -> Found:
    """x/eˣ = x e⁻ˣ."""
    if body.op != "div":
        return None
    below = list(body.args[1].args) if body.args[1].op == "mul" else [body.args[1]]
    powers = [a for a in below if a.op == "fn" and a.data == "exp" and not _is_constant(a, x)]
    if not powers:
        return None
    rest = [a for a in below if a not in powers]
    above = mul(body.args[0], *(fn("exp", neg(a.args[0])) for a in powers))
    out = tidy(div(above, mul(*rest)) if rest else above)
    return (integral(out, x), ((rel("=", body, out),),)) if out is not body else None


def _powers_of(t: Term, x: Term) -> dict[Fraction, Fraction] | None:
    """{exponent: coefficient} of a sum of powers of x with any rational exponents."""
    k = t.args[1].number if t.op == "pow" else Fraction(1, 2) if t.op == "fn" and t.data == "sqrt" else None
    if t is x:
        return {Fraction(1): Fraction(1)}
    if t.number is not None and not t.free:
        return {Fraction(0): t.number}
    if t.op not in ("add", "neg", "mul", "div") and k is None:
        return None
    parts = [_powers_of(a, x) for a in (t.args[:1] if k is not None else t.args)]
    if any(p is None for p in parts):
        return None
    known = [p for p in parts if p is not None]
    if t.op == "neg":
        return {e: -c for e, c in known[0].items()}
    if t.op == "add":
        return _collected((e, c) for p in known for e, c in p.items())
    if k is not None:
        return _raised(known[0], k)
    if t.op == "div":
        below = _raised(known[1], Fraction(-1))
        known = [known[0], below] if below is not None else []
    return reduce(_multiplied, known) if known else None


def _collected(parts: Iterable[tuple[Fraction, Fraction]]) -> dict[Fraction, Fraction]:
    out: dict[Fraction, Fraction] = {}
    for e, c in parts:
        out[e] = out.get(e, Fraction(0)) + c
    return {e: c for e, c in out.items() if c}


def _multiplied(p: dict[Fraction, Fraction], q: dict[Fraction, Fraction]) -> dict[Fraction, Fraction]:
    return _collected((a + b, c * d) for a, c in p.items() for b, d in q.items())


def _raised(p: dict[Fraction, Fraction], k: Fraction) -> dict[Fraction, Fraction] | None:
    """A power of one term, or a small whole power of a sum; √(4x) stays."""
    if len(p) == 1:
        ((e, c),) = p.items()
        even = e.denominator == 1 and e.numerator % 2 == 0 and k.denominator != 1  # (x²)^½ is |x|
        return {e * k: c ** int(k)} if not even and (k.denominator == 1 or c == 1) else None
    if k.denominator == 1 and 0 < k <= 8 and len(p):
        return reduce(_multiplied, [p] * int(k))
    return None


def _standard(body: Term, x: Term) -> Found:
    found = standard(body, x)
    if found is None:
        return None
    says_more = found.letters or found.statement.args[1] is not found.value
    return found.value, ((found.statement,), *((found.letters,) if found.letters else ())) if says_more else ()


DIRECT: tuple[tuple[str, Callable[[Term, Term], Found]], ...] = (
    ("constant rule", _constant),
    ("standard integral", _standard),
    ("sum rule", _sum),
    ("constant multiple rule", _multiple),
    ("power rule", _power),
    ("rule of the function", _function),
    ("exponential rule", _exponential),
    ("multiplied out", _expand),
    ("written in powers", _monomials),
    ("written in powers", _exponent_up),
)
