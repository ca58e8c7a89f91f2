"""One row per SymPy class: which parts to convert first, and what to make of them."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import reduce
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.diagonal import DiagMatrix, DiagonalOf
from sympy.matrices.expressions.matexpr import MatrixElement
from sympy.tensor.indexed import Indexed

from .. import operations as ops
from ..errors import DomainError, RuleError, quote
from ..functions import PI
from ..names import canonical
from ..symbols import KNOWN, Partial, TableFunction
from ..term import (
    ONE,
    TWO,
    ZERO,
    Dim,
    Shape,
    Term,
    add,
    cases,
    div,
    fn,
    matmul,
    matpow,
    mul,
    neg,
    normal_shape,
    num,
    partial,
    power,
    prime,
    rel,
    substitute,
    sym,
    transpose,
)
from .reader import Children, Make, Reader, label


def _args(e: Any) -> Sequence[Any]:
    return e.args


def _leaf(e: Any) -> Sequence[Any]:
    return ()


def _numbers_apart(e: Any) -> Sequence[Any]:
    return [a for a in e.args if not a.is_Number]


def _float(r: Reader, e: Any) -> Term:
    """The decimal that a float prints as."""
    return num(_fraction(e), ".")


def _fraction(e: Any) -> Fraction:
    if not e.is_finite:
        raise DomainError(f"{e} is not a number that one can compute with")
    if e.is_Float:
        short = float(e) if e._prec == 53 else float("inf")
        return Fraction(repr(short)) if e == short and math.isfinite(short) else Fraction(str(e))
    return Fraction(int(e.p), int(e.q))


def _mul(r: Reader, e: Any, *factors: Term) -> Term:
    numbers = [a for a in e.args if a.is_Number]
    style = "." if any(a.is_Float for a in numbers) else ""
    number = reduce(operator.mul, map(_fraction, numbers), Fraction(1))
    return ZERO if ZERO in factors else r.product(number, style, _sigmoids(r, list(factors)))


def _sigmoids(r: Reader, factors: list[Term]) -> list[Term]:
    """exp(z) σ(−z) = σ(z)."""
    for f in factors:
        if f.op == "fn" and f.data == "sigmoid":
            z = r.opposite(f.args[0])
            if fn("exp", z) in factors:
                rest = [g for g in factors if g is not f and g is not fn("exp", z)]
                return _sigmoids(r, [*rest, fn("sigmoid", z)])
    return factors


def _pow_parts(e: Any) -> Sequence[Any]:
    return [e.base] if e.exp.is_Rational else [e.base, e.exp]


def _pow(r: Reader, e: Any, base: Term, exponent: Term | None = None) -> Term:
    """Roots, reciprocals, powers; 1/(1 + exp(−z)) is σ(z)."""
    if exponent is not None:
        if exponent.op == "neg":
            return div(ONE, power(base, exponent.args[0]))
        return power(base, exponent)
    k = Fraction(int(e.exp.p), int(e.exp.q))
    if k == Fraction(1, 2) and isinstance(e.base, sp.Trace) and _is_square(e.base.arg):
        return ops.apply("norm2", r.memo[id(e.base.arg.args[1])][1])
    u = _one_plus_exp(base)
    if u is not None and k < 0 and k.denominator == 1:
        return _plain_power(fn("sigmoid", r.opposite(u)), -k)
    value = _plain_power(base, abs(k))
    return value if k > 0 else div(ONE, value)


def _is_square(e: Any) -> bool:
    """AᵀA."""
    return isinstance(e, sp.MatMul) and len(e.args) == 2 and e.args[0] == e.args[1].T


def _plain_power(base: Term, k: Fraction) -> Term:
    if k == Fraction(1, 2):
        return fn("sqrt", base)
    return base if k == 1 else power(base, num(k))


def _one_plus_exp(t: Term) -> Term | None:
    """u of 1 + exp(u)."""
    if t.op != "add" or len(t.args) != 2 or ONE not in t.args:
        return None
    other = t.args[1] if t.args[0] is ONE else t.args[0]
    return other.args[0] if other.op == "fn" and other.data == "exp" else None


def _log(r: Reader, e: Any, x: Term) -> Term:
    u = _one_plus_exp(x)
    if x.op == "det":
        return ops.apply("logdet", *x.args)
    return fn("log", x) if u is None else fn("softplus", u)


def _extreme_of(name: str) -> Make:
    def make(r: Reader, e: Any, *args: Term) -> Term:
        ordered = sorted(args, key=lambda t: (bool(t.free), *r.key(t)))
        if name == "max" and len(ordered) == 2 and ordered[0].number == 0:
            return fn("relu", ordered[1])
        return ops.apply(name, *ordered)

    return make


def _heaviside(r: Reader, e: Any, x: Term, at_zero: Term) -> Term:
    """step(x) with its value at 0: (1 + sign x)/2 where that is ½."""
    if at_zero.number == 0:
        return fn("step", x)
    if at_zero.number == 1:
        return add(ONE, neg(fn("step", neg(x))))
    return div(add(ONE, fn("sign", x)), TWO)


def _derivative_parts(e: Any) -> Sequence[Any]:
    if not all(k.is_Integer for _, k in e.variable_count):
        raise RuleError(f"a derivative of order {quote(str(e.variable_count[0][1]))} has no form in symnet")
    return [e.expr, *(v for v, _ in e.variable_count)]


def _derivative(r: Reader, e: Any, body: Term, *variables: Term) -> Term:
    """An inert ∂E/∂w of two names, f′(x) of an unknown f, else the derivative of an expression."""
    if body is ZERO or variables == (body,):
        return ONE if variables == (body,) and e.variable_count[0][1] == 1 else ZERO
    orders = {v: int(k) for v, (_, k) in zip(variables, e.variable_count, strict=True)}
    if body.op == "sym" and list(orders.values()) == [1]:
        return partial(body, variables[0], "d")
    if body.op == "apply" and all(a.op == "sym" for a in body.args) and set(orders) <= set(body.args):
        return Term("applyprime", body.args, (body.data, tuple(orders.get(a, 0) for a in body.args)))
    if body.op == "fn" and body.args == variables and not body.shape:
        return prime(body.data, body.args[0], orders[body.args[0]])
    return reduce(lambda t, v: Term("diff", (t, v), orders[v]), orders, body)


def _bounds(e: Any) -> list[Any]:
    if any(len(limit.args) == 2 for limit in e.limits):
        raise RuleError(f"`{type(e).__name__}` with one end has no form in symnet; give both")
    return [x for limit in e.limits for x in limit.args]


def _over(op: str) -> Make:
    """Σ or ∫ over one variable after the other, the innermost first."""

    def make(r: Reader, e: Any, body: Term, *rest: Term) -> Term:
        at = 0
        for limit in e.limits:
            body = Term(op, (body, *rest[at : at + len(limit.args)]))
            at += len(limit.args)
        return body

    return make


def _limit(r: Reader, e: Any, *args: Term) -> Term:
    """Above or below where SymPy says so; a limit at infinity has one side anyway."""
    side = {"+": (ONE,), "-": (num(-1),)}.get(str(e.args[3]), ()) if e.args[2].is_finite is not False else ()
    return Term("limit", (*args, *side))


def _piecewise_parts(e: Any) -> Sequence[Any]:
    return [x for pair in e.args for x in pair.args if x is not sp.true]


def _indexed(r: Reader, e: Any, *indices: Term) -> Term:
    return Term("index", indices, canonical(str(e.base.label)))


def _element_parts(e: Any) -> Sequence[Any]:
    if not isinstance(e.parent, sp.MatrixSymbol):
        raise RuleError("an element is read from a named matrix; give the matrix expression a name")
    return e.args[1:]


def _element(r: Reader, e: Any, i: Term, j: Term) -> Term:
    """A[i, j], which SymPy counts from 0 and a page from 1."""
    indices = [num(k.number + 1) if k.number is not None else add(k, ONE) for k in (i, j)]
    return Term("index", tuple(indices[: 1 if e.parent.shape[1] == 1 else 2]), label(e.parent.name))


def _shape(e: Any) -> Shape:
    return normal_shape(map(_dim, e.shape))


def _dim(d: Any) -> Dim:
    """A dimension: an integer, a name, or a product of these."""
    if d.is_Integer:
        return int(d)
    if d.is_Symbol:
        return canonical(d.name)
    if d.is_Mul and all(a.is_Integer or a.is_Symbol for a in d.args):
        return "*".join(str(_dim(a)) for a in d.args)
    raise RuleError(f"the dimension {quote(str(d))} is neither an integer nor a name")


def _matrix(r: Reader, e: Any, *entries: Term) -> Term:
    rows, cols = e.shape
    if rows == cols == 1:
        return entries[0]
    if cols == 1:
        return Term("vector", entries, None, (rows,))
    if rows == 1:
        return transpose(Term("vector", entries, None, (cols,)))
    lines = (entries[i : i + cols] for i in range(0, rows * cols, cols))
    return Term("vector", tuple(Term("vector", line, None, (cols,)) for line in lines), None, (rows, cols))


def _matrix_product(r: Reader, e: Any, *factors: Term) -> Term:
    """The scalars in front of the matrix product; 1ᵀ X 1 is the sum of X."""
    flags = [getattr(a, "is_Matrix", False) for a in e.args]
    scalars = [f for f, m in zip(factors, flags, strict=True) if not m]
    arrays = [f for f, m in zip(factors, flags, strict=True) if m]
    value = _sum_of(arrays) or matmul(*arrays)
    if value.op == "neg":
        scalars, value = [neg(s) for s in scalars[:1]] or [neg(ONE)], value.args[0]
    scale = r.product(Fraction(1), "", scalars) if scalars else ONE
    return neg(_scaled(scale.args[0], value)) if scale.op == "neg" else _scaled(scale, value)


def _scaled(scale: Term, value: Term) -> Term:
    """scale · value; 1/n · X is X/n."""
    if scale.op == "div":
        return div(_scaled(scale.args[0], value), scale.args[1])
    return value if scale is ONE else mul(scale, value)


def _sum_of(arrays: Sequence[Term]) -> Term | None:
    """sum(X) of the factors 1ᵀ, X, 1."""
    if not _is_row_of_ones(arrays[0]):
        return None
    if len(arrays) == 3 and arrays[2].op == "ones" and len(arrays[2].shape) == 1:
        return ops.apply("sum", arrays[1])
    return ops.apply("sum", arrays[1]) if len(arrays) == 2 and len(arrays[1].shape) == 1 else None


def _is_row_of_ones(t: Term) -> bool:
    return t.op == "T" and t.args[0].op == "ones" and len(t.args[0].shape) == 1


def _trace(r: Reader, e: Any, x: Term) -> Term:
    """tr X; a 1×1 product is its own trace."""
    return ops.apply("tr", x) if x.shape else x


def _elementwise_parts(e: Any) -> Sequence[Any]:
    return [e.expr]


def _elementwise(r: Reader, e: Any, x: Term) -> Term:
    """f of every element, from the Lambda f."""
    variable = e.function.variables[0]
    slot = sym("·")
    own = sp.Dummy(variable.name, **variable.assumptions0)  # one object: SymPy may hold several equal symbols
    inner = Reader(r.rows, r.wrt)
    inner.memo[id(own)] = (own, slot)
    inner.names = r.names
    return substitute(inner.read(e.function.expr.xreplace({variable: own})), {slot: x})


def _hadamard_power(r: Reader, e: Any, x: Term, k: Term) -> Term:
    if k.number is not None and k.number < 0:
        return div(ONE, _plain_power(x, -k.number))
    return _plain_power(x, k.number) if k.number is not None else power(x, k)


def _matrix_power(r: Reader, e: Any, x: Term, k: Term) -> Term:
    return ops.apply("inv", x) if k.number == -1 else matpow(x, k)


def _call(f: Callable[..., Term]) -> Make:
    return lambda r, e, *args: f(*args)


def _named(name: str) -> Make:
    return lambda r, e, *args: ops.apply(name, *args)


FROM: dict[Any, tuple[Children, Make]] = {
    sp.Rational:              (_leaf,             lambda r, e: num(_fraction(e))),
    sp.Float:                 (_leaf,             _float),
    type(sp.pi):              (_leaf,             lambda r, e: PI),
    type(sp.E):               (_leaf,             lambda r, e: sym("e", (), ("constant",))),
    type(sp.oo):              (_leaf,             lambda r, e: sym("oo", (), ("constant",))),
    type(-sp.oo):             (_leaf,             lambda r, e: neg(sym("oo", (), ("constant",)))),
    sp.Symbol:                (_leaf,             lambda r, e: r.name(e)),
    sp.Add:                   (_args,             lambda r, e, *terms: r.sum(terms)),
    sp.Mul:                   (_numbers_apart,    _mul),
    sp.Pow:                   (_pow_parts,        _pow),
    sp.log:                   (_args,             _log),
    sp.Max:                   (_args,             _extreme_of("max")),
    sp.Min:                   (_args,             _extreme_of("min")),
    sp.Heaviside:             (_args,             _heaviside),
    sp.floor:                 (_args,             lambda r, e, x: fn("floor", x)),
    sp.ceiling:               (_args,             lambda r, e, x: fn("ceil", x)),
    TableFunction:            (_args,             lambda r, e, x: fn(e.row.name, x)),
    Partial:                  (_args,             lambda r, e, y, x: partial(y, x)),
    AppliedUndef:             (_args,             lambda r, e, *args: Term("apply", args, e.func.__name__)),
    sp.Derivative:            (_derivative_parts, _derivative),
    sp.Integral:              (lambda e: [e.function, *_bounds(e)], _over("integral")),
    sp.Sum:                   (lambda e: [e.function, *_bounds(e)], _over("sigma")),
    sp.Limit:                 (lambda e: e.args[:3], _limit),
    sp.Piecewise:             (_piecewise_parts,  _call(cases)),
    Relational:               (_args,             lambda r, e, a, b: rel({"==": "="}.get(e.rel_op, e.rel_op), a, b)),
    sp.And:                   (_args,             lambda r, e, *args: Term("and", tuple(sorted(args, key=r.key)))),
    sp.Or:                    (_args,             lambda r, e, *args: Term("or", tuple(sorted(args, key=r.key)))),
    sp.Not:                   (_args,             lambda r, e, x: Term("not", (x,))),
    sp.FiniteSet:             (_args,             lambda r, e, *args: Term("set", tuple(sorted(args, key=r.key)))),
    Indexed:                  (lambda e: e.indices, _indexed),
    sp.MatrixSymbol:          (_leaf,             lambda r, e: r.name(e, _shape(e))),
    MatrixElement:            (_element_parts,    _element),
    sp.MatrixBase:            (lambda e: e.flat(), _matrix),
    sp.MatAdd:                (_args,             lambda r, e, *terms: r.sum(terms)),
    sp.MatMul:                (_args,             _matrix_product),
    sp.MatPow:                (_args,             _matrix_power),
    sp.Transpose:             (_args,             _call(transpose)),
    sp.Inverse:               (lambda e: e.args[:1], _named("inv")),
    sp.Trace:                 (_args,             _trace),
    sp.Determinant:           (_args,             _named("det")),
    sp.HadamardProduct:       (_args,             lambda r, e, *xs: mul(*xs)),
    sp.HadamardPower:         (_args,             _hadamard_power),
    ElementwiseApplyFunction: (_elementwise_parts, _elementwise),
    sp.KroneckerProduct:      (_args,             _named("kron")),
    DiagMatrix:               (_args,             _named("diag")),
    DiagonalOf:               (_args,             _named("diagv")),
    sp.Identity:              (_leaf,             lambda r, e: ops.eye(_dim(e.shape[0]))),
    sp.ZeroMatrix:            (_leaf,             lambda r, e: ops.zeros(_shape(e))),
    sp.OneMatrix:             (_leaf,             lambda r, e: ops.ones(_shape(e))),
}  # fmt: skip


def _of(f: Callable[[Term], Term]) -> tuple[Children, Make]:
    return _args, lambda r, e, x: f(x)


def _own(name: str) -> tuple[Children, Make]:
    return _of(lambda x: fn(name, x))


FROM.update({c: _own(name) for name, c in KNOWN.items() if isinstance(c, type) and c not in FROM})
FROM.update({  # what SymPy has and the table has not
    sp.coth: _of(lambda x: div(fn("cosh", x), fn("sinh", x))),
    sp.sech: _of(lambda x: div(ONE, fn("cosh", x))),
    sp.csch: _of(lambda x: div(ONE, fn("sinh", x))),
    sp.erfc: _of(lambda x: add(ONE, neg(fn("erf", x)))),
    sp.re: _of(lambda x: x),  # every name is a real number
    sp.conjugate: _of(lambda x: x),
    sp.im: _of(lambda x: ZERO),
})  # fmt: skip
