"""Terms to SymPy: one row per operation.

One walk over the distinct nodes, without recursion, so shared parts stay shared and depth is free. A scalar name is the
plain `Symbol(name)`; an array is a `MatrixSymbol`, a vector (n,) one of n×1; a symbolic dimension is
`Symbol(n, integer=True, positive=True)`. What has no counterpart raises `RuleError` and is named.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from typing import Any

import sympy as sp
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.diagonal import DiagMatrix, DiagonalOf

from ..errors import RuleError, quote
from ..functions import TABLE, lookup
from ..term import Dim, Shape, Term, postorder, rows_cols

CONSTANTS: dict[str, Any] = {"pi": sp.pi, "e": sp.E, "oo": sp.oo}
RELATIONS: dict[str, Any] = {
    "<": sp.StrictLessThan, "<=": sp.LessThan, ">": sp.StrictGreaterThan, ">=": sp.GreaterThan,
    "=": sp.Equality, "!=": sp.Unequality,
}  # fmt: skip
ROUNDING: dict[str, Any] = {"floor": sp.floor, "ceil": sp.ceiling, "ceiling": sp.ceiling}


def _function(name: str) -> Callable[[Any], Any]:
    """A function of the table in SymPy: SymPy's own where it has it."""
    if name in ROUNDING:
        return ROUNDING[name]
    if name not in TABLE:
        raise RuleError(f"`{quote(name)}` is not a function of the table")
    from .. import symbols

    return symbols.KNOWN.get(name) or getattr(symbols, name)


# --------------------------------------------------------------------------------------------------------------- nodes
def to_sympy(t: Term) -> Any:
    """The formula in SymPy; ± gives the set of both values, the same sign everywhere."""
    nodes = postorder(t)
    dims = {p for n in nodes for d in n.shape if isinstance(d, str) for p in d.split("*")}
    if not any(n.op == "pm" for n in nodes):
        return _convert(nodes, dims, 1)
    return _union([_convert(nodes, dims, sign) for sign in (1, -1)])


def _convert(nodes: Sequence[Term], dims: set[str], sign: int) -> Any:
    memo: dict[Term, Any] = {}
    for node in nodes:
        args = [memo[a] for a in node.args]
        if node.op == "sym":
            memo[node] = _symbol(node, dims)
        elif node.op == "pm":
            memo[node] = reduce(operator.add, [*args[:-1], sign * args[-1]])
        elif node.op in TO:
            memo[node] = TO[node.op](node, *args)
        else:
            raise RuleError(f"`{node.op}` has no form in SymPy")
    return memo[nodes[-1]]


def _union(values: Iterable[Any]) -> Any:
    return sp.FiniteSet(*(e for v in values for e in (v.args if isinstance(v, sp.FiniteSet) else (v,))))


def _symbol(node: Term, dims: set[str]) -> Any:
    name = node.name
    if "constant" in node.facts and name in CONSTANTS:
        return CONSTANTS[name]
    if node.shape:
        return sp.MatrixSymbol(name, *map(_dimension, rows_cols(node.shape)))
    return _dimension(name) if name in dims or "dimension" in node.facts else sp.Symbol(name)


def _dimension(d: Dim) -> Any:
    if isinstance(d, int):
        return sp.Integer(d)
    return sp.Mul(*(sp.Integer(p) if p.isdigit() else sp.Symbol(p, integer=True, positive=True) for p in d.split("*")))


def _size(shape: Shape) -> tuple[Any, Any]:
    rows, cols = rows_cols(shape)
    return _dimension(rows), _dimension(cols)


def _spread(x: Any, shape: Shape) -> Any:
    """A scalar beside arrays: x times the matrix of ones."""
    return x if _is_matrix(x) else x * sp.OneMatrix(*_size(shape))


def _is_matrix(x: Any) -> bool:
    return isinstance(x, sp.MatrixExpr | sp.MatrixBase)


def _each(f: Callable[[Any], Any], x: Any) -> Any:
    """f of a scalar, or of every element."""
    if not _is_matrix(x):
        return f(x)
    if isinstance(x, sp.MatrixBase):
        return x.applyfunc(f)
    d = sp.Symbol("d")
    return ElementwiseApplyFunction(sp.Lambda(d, f(d)), x)


def _sum(node: Term, *args: Any) -> Any:
    return reduce(operator.add, [_spread(a, node.shape) for a in args]) if node.shape else sp.Add(*args)


def _product(node: Term, *args: Any) -> Any:
    """The product of the scalars times the Hadamard product of the arrays."""
    if not node.shape:
        return sp.Mul(*args)
    matrices = [a for a in args if _is_matrix(a)]
    scale = sp.Mul(*(a for a in args if not _is_matrix(a)))
    product = _hadamard(matrices)
    return product if scale == 1 else scale * product


def _hadamard(matrices: Sequence[Any]) -> Any:
    if all(isinstance(m, sp.MatrixBase) for m in matrices):
        return reduce(lambda a, b: a.multiply_elementwise(b), matrices)
    return matrices[0] if len(matrices) == 1 else sp.HadamardProduct(*matrices)


def _quotient(node: Term, a: Any, b: Any) -> Any:
    if not _is_matrix(b):
        return a / b if not _is_matrix(a) else (1 / b) * a
    below = sp.HadamardPower(b, -1)
    return _hadamard([a, below]) if _is_matrix(a) else (below if a == 1 else a * below)


def _power(node: Term, a: Any, b: Any) -> Any:
    if not node.shape:
        return sp.Pow(a, b)
    if _is_matrix(b) or not isinstance(a, sp.MatrixExpr):
        return _each(lambda x: x**b, a) if not _is_matrix(b) else _each(lambda x: a**x, b)
    return sp.HadamardPower(a, b)


def _matmul(node: Term, *args: Any) -> Any:
    """The matrix product; one that is 1×1 is its trace."""
    product = reduce(operator.mul, args)
    return product if node.shape else _entry(product)


def _entry(x: Any) -> Any:
    """The number in a 1×1 matrix."""
    if isinstance(x, sp.MatrixBase):
        return x[0, 0]
    return sp.Trace(x) if _is_matrix(x) else x


def _transpose(node: Term, x: Any) -> Any:
    return x.T if _is_matrix(x) else x


def _on_matrix(f: Callable[[Any], Any], scalar: Callable[[Any], Any]) -> Callable[..., Any]:
    """An operation of an array that a scalar has its own form for."""
    return lambda node, x: f(x) if _is_matrix(x) else scalar(x)


def _same(x: Any) -> Any:
    return x


def _rowsum(x: Any) -> Any:
    return x * sp.OneMatrix(x.shape[1], 1) if x.shape[1] != 1 else x


def _colsum(x: Any) -> Any:
    return sp.OneMatrix(1, x.shape[0]) * x if x.shape[0] != 1 else x


def _total(x: Any) -> Any:
    return _entry(_colsum(_rowsum(x)))


def _norm2(x: Any) -> Any:
    return sp.sqrt(sp.Trace(x.T * x)) if isinstance(x, sp.MatrixExpr) else x.norm()


def _softmax(node: Term, x: Any) -> Any:
    """exp(X) over its row sums, or over its sum for a vector."""
    return _hadamard([_each(sp.exp, x), _each(lambda s: 1 / s, _per_row(node, _each(sp.exp, x), x))])


def _logsoftmax(node: Term, x: Any) -> Any:
    return x - _each(sp.log, _per_row(node, _each(sp.exp, x), x))


def _per_row(node: Term, e: Any, x: Any) -> Any:
    """The sums of the rows, each repeated along its row; for a vector its sum."""
    if len(node.args[0].shape) == 2:
        return _rowsum(e) * sp.OneMatrix(1, x.shape[1])
    return _total(e) * sp.OneMatrix(*x.shape)


def _lse(node: Term, x: Any) -> Any:
    e = _each(sp.exp, x)
    return _each(sp.log, _rowsum(e) if node.shape else _total(e))


def _applied(node: Term, x: Any) -> Any:
    return x if node.data == "identity" else _each(_function(node.data), x)


def _prime(node: Term, x: Any) -> Any:
    """f⁽ᵏ⁾(x): inert for a name, else the slope of the table's row."""
    name, order = node.data
    if isinstance(x, sp.Symbol) and name != "identity":
        return sp.Derivative(_function(name)(x), (x, order))
    return _each(lambda u: _slope(name, u, order), x)


def _slope(name: str, x: Any, order: int) -> Any:
    from ..symbols import SympyMath

    u = sp.Dummy("u", real=True)
    y = u if name == "identity" else _function(name)(u)
    first = sp.sympify(lookup(name).slope(u, y, SympyMath), strict=True)
    return (sp.diff(first, u, order - 1) if order > 1 else first).xreplace({u: x})


def _applied_unknown(node: Term, *args: Any) -> Any:
    return ROUNDING[node.data](*args) if node.data in ROUNDING else sp.Function(node.data)(*args)


def _applied_prime(node: Term, *args: Any) -> Any:
    """∂f at its arguments: `Derivative` for distinct names, else evaluated there."""
    name, orders = node.data
    orders = orders if isinstance(orders, tuple) else (orders,)
    f = sp.Function(name)
    if all(isinstance(a, sp.Symbol) for a in args) and len(set(args)) == len(args):
        return sp.Derivative(f(*args), *((a, k) for a, k in zip(args, orders, strict=True) if k))
    us = [sp.Symbol(f"u{i}") for i in range(1, len(args) + 1)]
    inner = sp.Derivative(f(*us), *((u, k) for u, k in zip(us, orders, strict=True) if k))
    return sp.Subs(inner, tuple(us), tuple(args))


def _partial(node: Term, y: Any, x: Any) -> Any:
    from ..symbols import Partial

    return Partial(y, x)


def _derivative_by(node: Term, e: Any, x: Any) -> Any:
    if not getattr(x, "_diff_wrt", False):
        raise RuleError(f"a derivative by {quote(str(x))}, which is not a name, has no form in SymPy")
    return sp.Derivative(e, (x, node.data or 1))


def _relation(node: Term, a: Any, b: Any) -> Any:
    """The relation; beside a set it stays unevaluated, since x = {1, 2} lists values."""
    listed = isinstance(a, sp.FiniteSet) or isinstance(b, sp.FiniteSet)
    return RELATIONS[node.data](a, b, evaluate=False) if listed else RELATIONS[node.data](a, b)


def _cases(node: Term, *args: Any) -> Any:
    if node.shape:
        raise RuleError("`cases` of arrays has no form in SymPy")
    pairs = list(zip(args[::2], args[1::2], strict=False))
    return sp.Piecewise(*pairs, *([(args[-1], True)] if len(args) % 2 else []))


def _extreme(f: Any) -> Callable[..., Any]:
    def make(node: Term, *args: Any) -> Any:
        if node.shape:
            raise RuleError(f"`{node.op}` of arrays has no form in SymPy")
        return f(*args)

    return make


def _limits(x: Any, *ends: Any) -> Any:
    return (x, *ends) if ends else x


def _limit(node: Term, body: Any, x: Any, point: Any, *side: Any) -> Any:
    """From both sides unless the Term says from which."""
    return sp.Limit(body, x, point, dir="+-" if not side else "+" if side[0] == 1 else "-")


def _vector(node: Term, *entries: Any) -> Any:
    """A column, or the matrix of rows."""
    return sp.ImmutableMatrix([list(row) for row in entries] if len(node.shape) == 2 else entries)


TO: dict[str, Callable[..., Any]] = {
    "num":        lambda node: sp.Rational(node.data[0].numerator, node.data[0].denominator),
    "add":        _sum,
    "neg":        lambda node, x: -x,
    "mul":        _product,
    "div":        _quotient,
    "pow":        _power,
    "matmul":     _matmul,
    "T":          _transpose,
    "matpow":     lambda node, x, k: x**k,
    "fn":         _applied,
    "prime":      _prime,
    "apply":      _applied_unknown,
    "applyprime": _applied_prime,
    "partial":    _partial,
    "diff":       _derivative_by,
    "deriv":      lambda node, e, x: sp.Derivative(e, x),
    "rel":        _relation,
    "and":        lambda node, *args: sp.And(*args),
    "or":         lambda node, *args: sp.Or(*args),
    "not":        lambda node, x: sp.Not(x),
    "cases":      _cases,
    "index":      lambda node, *indices: sp.IndexedBase(node.data)[indices],
    "sigma":      lambda node, body, i, low, high: sp.Sum(body, (i, low, high)),
    "integral":   lambda node, body, x, *ends: sp.Integral(body, _limits(x, *ends)),
    "limit":      _limit,
    "vector":     _vector,
    "set":        lambda node, *args: _union(args),
    "max":        _extreme(sp.Max),
    "min":        _extreme(sp.Min),
    "tr":         _on_matrix(sp.trace, _same),
    "det":        _on_matrix(sp.det, _same),
    "logdet":     _on_matrix(lambda x: sp.log(sp.det(x)), sp.log),
    "inv":        _on_matrix(lambda x: x.inv(), lambda x: 1 / x),
    "expm":       _on_matrix(lambda x: _refuse("expm"), sp.exp),
    "sum":        _on_matrix(_total, _same),
    "mean":       _on_matrix(lambda x: _total(x) / (x.shape[0] * x.shape[1]), _same),
    "norm1":      _on_matrix(lambda x: _total(_each(sp.Abs, x)), sp.Abs),
    "norm2":      _on_matrix(_norm2, sp.Abs),
    "diag":       _on_matrix(lambda x: DiagMatrix(x), _same),
    "diagv":      _on_matrix(lambda x: DiagonalOf(x), _same),
    "rowsum":     _on_matrix(_rowsum, _same),
    "colsum":     _on_matrix(_colsum, _same),
    "rowmean":    _on_matrix(lambda x: _rowsum(x) / x.shape[1], _same),
    "colmean":    _on_matrix(lambda x: _colsum(x) / x.shape[0], _same),
    "softmax":    _softmax,
    "logsoftmax": _logsoftmax,
    "lse":        _lse,
    "kron":       lambda node, a, b: sp.KroneckerProduct(a, b),
    "delta":      lambda node, i, k: sp.KroneckerDelta(i, k),
    "ones":       lambda node, *dims: sp.OneMatrix(*_size(node.shape)),
    "zeros":      lambda node, *dims: sp.ZeroMatrix(*_size(node.shape)),
    "eye":        lambda node, n: sp.Identity(n),
}  # fmt: skip


def _refuse(name: str) -> Any:
    raise RuleError(f"`{name}` has no form in SymPy")
