"""Differentials: dv as a formula that is linear in the differentials of the operands of v.

    d(A B) = dA B + A dB      d X⁻¹ = −X⁻¹ dX X⁻¹      d f(Z) = f′(Z) ⊙ dZ      d tr X = tr dX

`differential(value, moving)` works a whole formula out, `moving` holding the differential of each name that moves. The
rows are those of Magnus and Neudecker (1988); the named operations carry theirs in operations.py. They share nothing
with the pullbacks, so the two check each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from .errors import RuleError
from .operations import TABLE as OPERATIONS
from .operations import apply, inner, of_number, ones, zeros
from .term import (
    TWO,
    Term,
    add,
    cases,
    div,
    fn,
    matmul,
    matpow,
    mul,
    neg,
    num,
    postorder,
    power,
    prime,
    sub_one,
    transpose,
)

Moving = Sequence[Term | None]
CONDITIONS = ("rel", "and", "or", "not")  # nothing moves through a condition


def d(x: Term) -> Term:
    """The differential of a name, inert: dX."""
    return Term("d", (x,), None, x.shape)


def _one_moves(y: Term, dx: Moving, make: Callable[..., Term]) -> Term:
    """Σ of the product with one factor after the other replaced by its differential."""
    return add(*(make(*y.args[:i], x, *y.args[i + 1 :]) for i, x in enumerate(dx) if x is not None))


def _quotient(y: Term, dx: Moving) -> Term:
    (a, b), (da, db) = y.args, dx
    parts = [] if da is None else [div(da, b)]
    return add(*parts, *([] if db is None else [neg(div(mul(a, db), power(b, TWO)))]))


def _power(y: Term, dx: Moving) -> Term:
    (a, k), (da, dk) = y.args, dx
    parts = [] if da is None else [mul(k, power(a, sub_one(k)), da)]
    return add(*parts, *([] if dk is None else [mul(y, fn("log", a), dk)]))


def _matrix_power(y: Term, dx: Moving) -> Term:
    """d Xⁿ = Σ Xⁱ dX Xⁿ⁻¹⁻ⁱ."""
    (x, k), (da, _) = y.args, dx
    if da is None or k.op != "num" or k.data[0].denominator != 1 or not 1 <= k.data[0] <= 8:
        raise RuleError(f"a matrix power with the exponent {k} has no rule here, except under tr or det")
    n = int(k.data[0])
    factor = {0: [], 1: [x]} | {m: [matpow(x, num(m))] for m in range(2, n)}
    return add(*(matmul(*factor[i], da, *factor[n - 1 - i]) for i in range(n)))


def _branches(y: Term, dx: Moving) -> Term:
    """Each branch by itself."""
    nothing = zeros(y.shape)
    return cases(*(a if i % 2 else x or nothing for i, (a, x) in enumerate(zip(y.args, dx, strict=True))))


STRUCTURAL: dict[str, Callable[[Term, Moving], Term]] = {
    "add": lambda y, dx: add(*(_like(x, y) for x in dx if x is not None)),
    "neg": lambda y, dx: neg(dx[0]),  # type: ignore[arg-type]
    "mul": lambda y, dx: _one_moves(y, dx, mul),
    "div": _quotient,
    "pow": _power,
    "matmul": lambda y, dx: _one_moves(y, dx, matmul),
    "matpow": _matrix_power,
    "T": lambda y, dx: transpose(dx[0]),  # type: ignore[arg-type]
    "fn": lambda y, dx: mul(prime(y.data, y.args[0]), dx[0]),  # type: ignore[arg-type]
    "cases": _branches,
}


def _like(x: Term, y: Term) -> Term:
    """A scalar beside an array moves every element."""
    return x if x.shape == y.shape else mul(x, ones(y.shape))


# ------------------------------------------------------------------------------- two operations in one, tried first
def _trace_power(y: Term, dx: Moving) -> Term:
    """d tr Xᵏ = k tr(Xᵏ⁻¹ dX)."""
    x, k = y.args[0].args
    return mul(k, apply("tr", matmul(matpow(x, sub_one(k)), dx[0])))  # type: ignore[arg-type]


def _det_power(y: Term, dx: Moving) -> Term:
    """d det Xᵏ = k det(Xᵏ) tr(X⁻¹ dX)."""
    x, k = y.args[0].args
    return mul(k, y, apply("tr", matmul(apply("inv", x), dx[0])))  # type: ignore[arg-type]


PAIRS: dict[tuple[str, str], Callable[[Term, Moving], Term]] = {
    ("pow", "norm2"): lambda y, dx: mul(TWO, inner(y.args[0].args[0], dx[0])),  # type: ignore[arg-type]
    ("tr", "expm"): lambda y, dx: apply("tr", matmul(y.args[0], dx[0])),  # type: ignore[arg-type]
    ("tr", "matpow"): _trace_power,
    ("det", "matpow"): _det_power,
}


def is_pair(y: Term) -> bool:
    """Whether `y` is differentiated together with its operand."""
    return bool(y.args) and (y.op, y.args[0].op) in PAIRS and (y.op != "pow" or y.args[1] is TWO)


def step(y: Term, of: Callable[[Term], Term | None]) -> Term:
    """dy by the one rule for the operation of `y` (or for two in one), given the differentials of its operands."""
    if is_pair(y) and of(y.args[0].args[0]) is not None:
        return PAIRS[y.op, y.args[0].op](y, [of(a) for a in y.args[0].args])
    dx = [of(a) for a in y.args]
    plain = of_number(y)
    if plain is not None:
        return dx[0] if plain is y.args[0] else step(plain, of)  # type: ignore[return-value]
    if y.op in STRUCTURAL:
        return STRUCTURAL[y.op](y, dx)
    row = OPERATIONS.get(y.op)
    if row is None or row.push is None:
        raise RuleError(f"there is no derivative rule for `{y.data if y.op == 'apply' else y.op}`")
    return row.push(y, *(x for pair in zip(y.args, dx, strict=True) for x in pair))


def differential(value: Term, moving: Mapping[str, Term]) -> Term | None:
    """dv with each name of `moving` moved by its differential; None if none of them occurs.

    >>> from symnet.term import sym
    >>> str(differential(sym("A", ("n", "n")) @ sym("x", ("n",)), {"x": d(sym("x", ("n",)))}))
    'A*dx'
    """
    memo: dict[Term, Term | None] = {}
    names = set(moving)
    alive = [n for n in postorder(value) if n.op not in CONDITIONS and names.intersection(n.free)]
    for node in alive:
        users = [u for u in alive if node in u.args]
        if users and all(is_pair(u) and u.args[0] is node for u in users):
            continue  # worked out together with what it stands in
        memo[node] = moving[node.name] if node.op == "sym" else step(node, memo.get)
    return memo.get(value)
