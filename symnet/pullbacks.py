"""The law of the sweep for one node: op → the cotangents of its operands.

`pull(g, node)` gives, for the cotangent `g` of a node, one formula per operand (None: the operand has no derivative).
A scalar that was spread over an array collects the sum of the array's cotangent. Rows of two operations in one
(‖X‖², tr(expm X), det(Xᵏ)) are tried first.
"""

from __future__ import annotations

from collections.abc import Callable

from .errors import RuleError
from .functions import row as function_row
from .operations import TABLE as OPERATIONS
from .operations import Cotangents, apply, eye, of_number, ones, total
from .term import (
    ONE,
    TWO,
    ZERO,
    Term,
    cases,
    div,
    fn,
    matmul,
    matpow,
    mul,
    neg,
    num,
    power,
    prime,
    rows_cols,
    sub_one,
    substitute,
    sym,
    term,
    transpose,
)

Pullback = Callable[[Term, Term], Cotangents]


def collect(g: Term, operand: Term) -> Term:
    """The cotangent of an operand of an elementwise operation: a scalar operand takes the sum."""
    return total(g) if g.shape and not operand.shape else g


def _add(g: Term, y: Term) -> Cotangents:
    return tuple(collect(g, a) for a in y.args)


def _mul(g: Term, y: Term) -> Cotangents:
    return tuple(collect(mul(g, *y.args[:i], *y.args[i + 1 :]), a) for i, a in enumerate(y.args))


def _div(g: Term, y: Term) -> Cotangents:
    a, b = y.args
    return collect(div(g, b), a), collect(neg(div(mul(g, a), power(b, TWO))), b)


def _pow(g: Term, y: Term) -> Cotangents:
    a, k = y.args
    base = collect(mul(g, k, power(a, sub_one(k))), a)
    return base, None if k.op == "num" else collect(mul(g, y, fn("log", a)), k)


def _matmul(g: Term, y: Term) -> Cotangents:
    """G ↦ Lᵀ G Rᵀ for the factor between L and R."""
    out = []
    for i in range(len(y.args)):
        left, right = y.args[:i], y.args[i + 1 :]
        parts = [transpose(a) for a in reversed(left)], [transpose(a) for a in reversed(right)]
        out.append(mul(g, matmul(*parts[0], *parts[1])) if not y.shape else matmul(*parts[0], g, *parts[1]))
    return tuple(out)


def _cases(g: Term, y: Term) -> Cotangents:
    """Each branch takes the cotangent where its condition holds; conditions have no derivative."""
    out: list[Term | None] = []
    for i in range(len(y.args)):
        if i % 2 == 1 and i < len(y.args):
            out.append(None)
            continue
        mask = [ONE if j == i else ZERO if j % 2 == 0 else a for j, a in enumerate(y.args)]
        out.append(collect(mul(g, cases(*mask)), y.args[i]))
    return tuple(out)


def next_slope(y: Term) -> Term:
    """The derivative of σ′(z): σ″ written out."""
    from .functions import TABLE as FUNCTIONS
    from .functions import TermMath
    from .rules import slope

    (name, order), x = y.data, sym("slope_argument", y.shape)
    formula = FUNCTIONS[name].slope(x, fn(name, x), TermMath)
    for _ in range(order):
        formula = slope(term(formula), x)[0]
    return substitute(formula, {x: y.args[0]})


def _matpow(g: Term, y: Term) -> Cotangents:
    """An integer power is that many factors; each takes its turn."""
    x, k = y.args
    if k.op != "num" or k.data[0].denominator != 1 or not 1 <= k.data[0] <= 8:
        raise RuleError(f"a matrix power with the exponent {k} has no rule here, except under tr or det")
    n, t = int(k.data[0]), transpose(x)
    factor = lambda m: [matpow(t, num(m))] if m > 1 else [t] * m  # noqa: E731 - a local abbreviation
    from .term import add

    return add(*(matmul(*factor(i), g, *factor(n - 1 - i)) for i in range(n))), None


STRUCTURAL: dict[str, Pullback] = {
    "add": _add,
    "neg": lambda g, y: (neg(g),),
    "mul": _mul,
    "div": _div,
    "pow": _pow,
    "matmul": _matmul,
    "matpow": _matpow,
    "T": lambda g, y: (transpose(g),),
    "fn": lambda g, y: (mul(g, prime(y.data, y.args[0])),),
    "prime": lambda g, y: (mul(g, next_slope(y)),),
    "cases": _cases,
}

# What a derivation quotes for a structural row; the named operations carry their own sentence.
STATEMENTS = {
    "add": "sum rule",
    "neg": "sum rule",
    "mul": "product rule",
    "div": "quotient rule",
    "pow": "power rule",
    "matmul": "matrix product rule",
    "matpow": "matrix power rule",
    "T": "transpose rule",
    "cases": "branch by branch",
}


# ------------------------------------------------------------------------------- two operations in one, tried first
def _norm_squared(g: Term, y: Term) -> Cotangents:
    """‖X‖² ↦ 2X."""
    return (mul(g, TWO, y.args[0].args[0]),)


def _trace_expm(g: Term, y: Term) -> Cotangents:
    """tr exp X ↦ (exp X)ᵀ."""
    return (mul(g, transpose(y.args[0])),)


def _trace_power(g: Term, y: Term) -> Cotangents:
    """tr Xᵏ ↦ k (Xᵏ⁻¹)ᵀ."""
    x, k = y.args[0].args
    return mul(g, k, transpose(matpow(x, sub_one(k)))), None


def _det_power(g: Term, y: Term) -> Cotangents:
    """det Xᵏ ↦ k det(Xᵏ) X⁻ᵀ."""
    x, k = y.args[0].args
    return mul(g, k, y, transpose(apply("inv", x))), None


def _kron_factors(op: str, like: Callable[[Term], Term]) -> Pullback:
    """tr(A ⊗ B) = tr A · tr B, and the same for the sum of all elements."""

    def pull(g: Term, y: Term) -> Cotangents:
        a, b = y.args[0].args
        return mul(g, apply(op, b), like(a)), mul(g, apply(op, a), like(b))

    return pull


PAIRS: dict[tuple[str, str], tuple[Pullback, str]] = {
    ("pow", "norm2"): (_norm_squared, "squared norm rule"),
    ("tr", "expm"): (_trace_expm, "trace of the matrix exponential"),
    ("tr", "matpow"): (_trace_power, "trace of a power"),
    ("det", "matpow"): (_det_power, "determinant of a power"),
    ("tr", "kron"): (_kron_factors("tr", lambda x: eye(rows_cols(x.shape)[0])), "trace of a Kronecker product"),
    ("sum", "kron"): (_kron_factors("sum", lambda x: ones(x.shape)), "sum of a Kronecker product"),
}


def pair(y: Term) -> tuple[Pullback, str] | None:
    """The row for two operations in one, if `y` is such a pair."""
    if not y.args:
        return None
    if y.op == "pow" and y.args[1] is not TWO:
        return None
    if y.op == "tr" and y.args[0].op == "kron" and not all(_is_square(a) for a in y.args[0].args):
        return None
    return PAIRS.get((y.op, y.args[0].op))


def _is_square(x: Term) -> bool:
    rows, cols = rows_cols(x.shape)
    return rows == cols


def pull(g: Term, y: Term) -> Cotangents:
    """One cotangent per operand of `y`, whose own cotangent is `g`."""
    rule = STRUCTURAL.get(y.op)
    plain = of_number(y)
    if plain is not None:
        return (g if plain is y.args[0] else pull(g, plain)[-1],)
    if rule is not None:
        out = rule(g, y)
    else:
        row = OPERATIONS.get(y.op)
        if row is None or row.pull is None:
            raise RuleError(f"there is no derivative rule for `{y.data if y.op == 'apply' else y.op}`")
        out = row.pull(g, y, *y.args)
    if len(out) != len(y.args):
        raise AssertionError(f"the pullback of {y.op} returned {len(out)} cotangents for {len(y.args)} operands")
    return out


def statement(y: Term) -> str:
    """The sentence that a derivation quotes for this node."""
    if y.op == "fn":
        return function_row(y.data).rule
    found = OPERATIONS.get(y.op)
    return found.statement if found else STATEMENTS.get(y.op, "")
