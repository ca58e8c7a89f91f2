"""Formulas by few functions: σ, softplus, cosh, … by exp and log; constants by logs of primes and roots of primes."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from ..functions import PI
from ..term import ONE, ZERO, Term, add, div, fn, mul, neg, num, postorder, power, rebuild
from ..tidy import tidy
from .monomials import combination, exponent

TRIG = ("sin", "cos", "tan", "sec", "csc", "cot")


def _rewritten(t: Term, rule: Callable[[Term], Term]) -> Term:
    """Every node rewritten by a rule, from the leaves up."""
    memo: dict[Term, Term] = {}
    for node in postorder(t):
        memo[node] = rule(rebuild(node, [memo[a] for a in node.args]) if node.args else node)
    return memo[t]


def basic(t: Term) -> Term:
    """Functions with a formula (σ, softplus, cosh, …) by exp, log, sin, cos and roots; powers with names as exp."""
    return _rewritten(t, lambda node: BASIC.get(node.op, _same)(node))


def _same(node: Term) -> Term:
    return node


def _by_formula(node: Term) -> Term:
    from ..functions import TABLE, TermMath

    if node.data in HYPERBOLIC:
        return HYPERBOLIC[node.data](node.args[0])
    row = TABLE.get(node.data) if node.data not in KEEP else None
    if row is None or row.formula is None or row.corners:
        return node
    return basic(tidy(row.formula(node.args[0], TermMath)))


def _as_exponential(base: Term, e: Term) -> Term:
    return fn("exp", mul(e, fn("log", base)))


BASIC: dict[str, Callable[[Term], Term]] = {
    "sym": lambda node: fn("exp", ONE) if node.name == "e" else node,
    "fn": _by_formula,
    "pow": lambda node: node if exponent(node.args[1]) is not None else _as_exponential(*node.args),
}
KEEP = {"exp", "log", "sqrt", "sin", "cos", "tan", "sec", "csc", "cot", "asin", "acos", "atan", "erf"}


def _cosh(x: Term) -> Term:
    return div(add(fn("exp", x), fn("exp", neg(x))), num(2))


def _sinh(x: Term) -> Term:
    return div(add(fn("exp", x), neg(fn("exp", neg(x)))), num(2))


HYPERBOLIC: dict[str, Callable[[Term], Term]] = {
    "sinh": _sinh,
    "cosh": _cosh,
    "tanh": lambda x: div(add(fn("exp", mul(num(2), x)), neg(ONE)), add(fn("exp", mul(num(2), x)), ONE)),
    "sech": lambda x: div(ONE, _cosh(x)),
    "csch": lambda x: div(ONE, _sinh(x)),
    "coth": lambda x: div(_cosh(x), _sinh(x)),
}


def sort_of(node: Term) -> str:
    if node.op == "fn" and node.data == "exp":
        return "exp"
    if node.op == "fn" and node.data in TRIG:
        return "trig"
    if node.op == "fn" and node.data == "sqrt":
        return "root"
    if node.op == "pow":
        e = exponent(node.args[1])
        return "root" if e is not None and e.denominator != 1 else ""
    return "name" if node.op == "sym" else ""


def flattened(t: Term) -> Term:
    """log of a rational number by logs of primes; log of a power and of exp drawn out where that is allowed."""
    return _rewritten(t, _flat)


def _flat(node: Term) -> Term:
    rule = FLAT.get(node.data if node.op == "fn" else node.op)
    return rule(node) if rule is not None and (rule is _log or not node.free) else node


def _constant_root(node: Term) -> Term:
    """√(8π) as 2 · 2^(1/2) · π^(1/2): roots of primes and of π, so that like roots are one kernel."""
    if sort_of(node) != "root":
        return node
    e = Fraction(1, 2) if node.op == "fn" else exponent(node.args[1])
    parts = combination(node.args[0])
    if e is None or len(parts) != 1:
        return node
    ((m, c),) = parts.items()
    if c <= 0 or max(c.numerator, c.denominator) >= 10**9 or any(k is not PI for k, _ in m):
        return node
    from flint import fmpz

    powers = [(num(int(p)), int(f) * e) for p, f in fmpz(c.numerator).factor()]
    powers += [(num(int(p)), -int(f) * e) for p, f in fmpz(c.denominator).factor()]
    powers = [(k, f) for k, f in [*powers, *((k, f * e) for k, f in m)] if k is not ONE]
    whole = Fraction(1)
    for k, f in powers:
        if k is not PI:
            whole *= k.data[0] ** (f.numerator // f.denominator)
    rest = [(k, f if k is PI else f - f.numerator // f.denominator) for k, f in powers]
    factors = [power(k, num(f)) if f != 1 else k for k, f in rest if f]
    return mul(*([num(whole)] if whole != 1 or not factors else []), *factors)


def _known(node: Term) -> Term:
    """atan 1 = π/4, erf 0 = 0, … where SymPy knows the value."""
    from ..bridge import from_sympy

    if node.size >= 12:
        return node
    value = node._sympy_()
    return node if value.func.__name__ in ("atan", "asin", "acos", "erf") or value.is_Mul else from_sympy(value)


AT_ZERO = {"sin": ZERO, "cos": ONE}


def _quarter(name: str, turns: Fraction) -> Term:
    """sin and cos of a multiple of π/2."""
    k = int(2 * turns) - (name == "sin")
    return (ONE, ZERO, neg(ONE), ZERO)[k % 4]


def _angle(node: Term) -> Term:
    """sin, cos, … of a simple multiple of π by square roots."""
    parts = combination(node.args[0])
    if not parts and node.data in AT_ZERO:
        return AT_ZERO[node.data]
    if list(parts) == [((PI, Fraction(1)),)] and parts[((PI, Fraction(1)),)].denominator <= 2 and node.data in AT_ZERO:
        return _quarter(node.data, parts[((PI, Fraction(1)),)])
    if list(parts) != [((PI, Fraction(1)),)] or parts[((PI, Fraction(1)),)].denominator not in (3, 4, 5, 6, 8, 10, 12):
        return node
    import sympy as sp

    from ..bridge import from_sympy

    q = parts[((PI, Fraction(1)),)]
    return basic(tidy(from_sympy(getattr(sp, node.data)(sp.Rational(q.numerator, q.denominator) * sp.pi))))


def _log(node: Term) -> Term:
    q = exponent(node.args[0])
    if q is not None and q > 0 and max(q.numerator, q.denominator) < 10**9:
        from flint import fmpz

        parts = [(int(p), int(e)) for p, e in fmpz(q.numerator).factor()]
        parts += [(int(p), -int(e)) for p, e in fmpz(q.denominator).factor()]
        parts = [(p, e) for p, e in parts if p > 1]
        logs = [fn("log", num(p)) if e == 1 else mul(num(e), fn("log", num(p))) for p, e in parts]
        return add(*logs) if logs else ZERO
    if node.args[0].op == "fn" and node.args[0].data == "exp":
        return node.args[0].args[0]
    return node


FLAT: dict[str, Callable[[Term], Term]] = {
    "log": _log, "sqrt": _constant_root, "pow": _constant_root, **dict.fromkeys(TRIG, _angle),
    **dict.fromkeys(("atan", "asin", "acos", "erf"), _known),
}  # fmt: skip
