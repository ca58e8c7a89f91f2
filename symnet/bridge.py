"""Terms to SymPy and back.

This module imports SymPy when it is imported; the others import it inside the functions that need it.
Both directions walk once over the distinct nodes, without recursion, so shared parts stay shared and depth is free.
A scalar name is the plain `Symbol(name)`; an array is a `MatrixSymbol`, a vector (n,) one of n×1; a symbolic dimension
is `Symbol(n, integer=True, positive=True)`. What has no counterpart raises `RuleError` and is named.
"""

from __future__ import annotations

import hashlib
import math
import operator
import re
from collections.abc import Callable, Iterable, Sequence
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

from . import operations as ops
from . import symbols
from .errors import DomainError, GraphError, RuleError, quote
from .functions import PI, TABLE, lookup
from .names import canonical
from .symbols import KNOWN, Partial, SympyMath, TableFunction
from .term import (
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
    postorder,
    power,
    prime,
    rel,
    rows_cols,
    substitute,
    sym,
    transpose,
)

# ----------------------------------------------------------------------------------------------------------- both ways
CONSTANTS: dict[str, Any] = {"pi": sp.pi, "e": sp.E, "oo": sp.oo}
RELATIONS: dict[str, Any] = {
    "<": sp.StrictLessThan, "<=": sp.LessThan, ">": sp.StrictGreaterThan, ">=": sp.GreaterThan,
    "=": sp.Equality, "!=": sp.Unequality,
}  # fmt: skip
ROUNDING: dict[str, Any] = {"floor": sp.floor, "ceil": sp.ceiling, "ceiling": sp.ceiling}


def _function(name: str) -> Callable[[Any], Any]:
    """A function of the table in SymPy: SymPy's own where it has it."""
    if name not in TABLE:
        raise RuleError(f"`{quote(name)}` is not a function of the table")
    return KNOWN.get(name) or getattr(symbols, name)


# ------------------------------------------------------------------------------------------------------------ to SymPy
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
    "limit":      lambda node, body, x, point: sp.Limit(body, x, point),
    "vector":     lambda node, *args: sp.ImmutableMatrix(args),
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
    "ones":       lambda node, *dims: sp.OneMatrix(*_size(node.shape)),
    "zeros":      lambda node, *dims: sp.ZeroMatrix(*_size(node.shape)),
    "eye":        lambda node, n: sp.Identity(n),
}  # fmt: skip


def _refuse(name: str) -> Any:
    raise RuleError(f"`{name}` has no form in SymPy")


# ---------------------------------------------------------------------------------------------------------- from SymPy
def from_sympy(expr: Any, wrt: Iterable[Any] = ()) -> Term:
    """The Term of a SymPy expression or a number, in a readable order that depends on nothing but the expression.

    A sum has its positive terms first, products before bare names; a product has its number first, then the names of
    `wrt`. `1/(1 + exp(-z))` is read as σ(z), `log(1 + exp(z))` as softplus(z), `Max(0, z)` as ReLU(z).

    >>> import sympy
    >>> w, x, b = sympy.symbols("w x b")
    >>> from_sympy(sympy.exp(b + w * x), wrt="w").free
    ('w', 'x', 'b')
    """
    names = wrt.replace(",", " ").split() if isinstance(wrt, str) else wrt
    names = [names] if isinstance(names, sp.Basic | Term) else names
    return _with_dimensions(_Reader([_label(w) for w in names]).read(_sympified(expr)))


def _with_dimensions(t: Term) -> Term:
    """A name that is also the size of an array is marked as a dimension where it stands as a number."""
    sizes = dict.fromkeys(p for n in postorder(t) for d in n.shape if isinstance(d, str) for p in d.split("*"))
    values = {sym(p): ops.dimension(p) for p in sizes if p in t.free}
    return substitute(t, values) if values else t


def _label(w: Any) -> str:
    return canonical(w.name if isinstance(w, Term) else str(w))


def _sympified(value: Any) -> Any:
    """A SymPy object; numbers of Python and of NumPy become exact ones; a text is refused."""
    if isinstance(value, sp.MatrixBase):
        return value.as_immutable()
    if isinstance(value, sp.Basic):
        return value
    if hasattr(value, "item") and hasattr(value, "dtype"):
        value = value.item()
    if isinstance(value, float):
        return sp.Float(value)
    if isinstance(value, int | Fraction) and not isinstance(value, bool):
        return sp.Rational(value.numerator, value.denominator)
    raise RuleError(f"a `{type(value).__name__}` is not a formula; give text to `read`, a SymPy expression or a number")


class _Reader:
    """One conversion: what is converted already, the names that were met, and the order of terms and factors."""

    def __init__(self, wrt: Iterable[str] = ()) -> None:
        self.wrt = frozenset(wrt)
        self.memo: dict[int, tuple[Any, Term]] = {}  # by identity: comparing SymPy trees would undo the sharing
        self.children: dict[int, tuple[Any, list[Any]]] = {}
        self.names: dict[str, Any] = {}
        self.digests: dict[Term, bytes] = {}

    def read(self, root: Any) -> Term:
        """From the leaves up, each object once."""
        stack = [root]
        while stack:
            e = stack[-1]
            parts = self.parts(e)
            waiting = [] if id(e) in self.memo else [c for c in parts if id(c) not in self.memo]
            if waiting:
                stack.extend(reversed(waiting))
                continue
            if id(e) not in self.memo:
                self.memo[id(e)] = (e, _row(e)[1](self, e, *(self.memo[id(c)][1] for c in parts)))
            stack.pop()
        return self.memo[id(root)][1]

    def parts(self, e: Any) -> list[Any]:
        """The operands to convert first, always the same objects."""
        if id(e) not in self.children:
            self.children[id(e)] = (e, list(_row(e)[0](e)))
        return self.children[id(e)][1]

    def name(self, symbol: Any, shape: Shape = ()) -> Term:
        """The Term of a symbol; two symbols that are one name here are refused."""
        name = canonical(symbol.name)
        other = self.names.setdefault(name, symbol)
        if other != symbol:
            how = "with other assumptions" if other.name == symbol.name else f"as `{quote(other.name)}`"
            raise GraphError(f"`{quote(symbol.name)}` stands {how} in the same formula: both are `{name}`; rename one")
        return sym(name, shape)

    # -- order
    def digest(self, t: Term) -> bytes:
        """A hash that is the same in every process: it decides where nothing readable does."""
        stack = [t]
        while stack:
            node = stack[-1]
            waiting = [a for a in node.args if a not in self.digests]
            if waiting:
                stack.extend(waiting)
                continue
            text = repr((node.op, node.data, node.shape)).encode() + b"".join(self.digests[a] for a in node.args)
            self.digests[node] = hashlib.blake2b(text, digest_size=16).digest()
            stack.pop()
        return self.digests[t]

    def sum(self, terms: Iterable[Term]) -> Term:
        """Positive terms first, products before names, numbers last; a polynomial by falling degree."""
        ts = [t for t in terms if t is not ZERO] or [ZERO]  # a zero can only be the imaginary part of a real number
        degrees = _degrees(ts)
        if degrees is not None:
            ts = [t for _, t in sorted(zip(degrees, ts, strict=True), key=lambda p: -p[0])]
            first = next((t for t in ts if t.op != "neg"), ts[0])
            return add(first, *(t for t in ts if t is not first))
        late = any(t.op != "neg" and _is_simple(t) and t.free for t in ts)
        return add(*sorted(ts, key=lambda t: self.term_key(t, late)))

    def term_key(self, t: Term, number_last: bool) -> tuple[Any, ...]:
        inner = t.args[0] if t.op == "neg" else t
        kind = (3 if number_last else -1) if not inner.free else 2 if inner.op in ("sym", "index") else _penalty(inner)
        return t.op == "neg", kind, *self.key(inner)

    def key(self, t: Term) -> tuple[Any, ...]:
        return [_natural(n) for n in t.free[:4]], t.size, t.op, str(t.data), self.digest(t)

    def factor_key(self, t: Term) -> tuple[Any, ...]:
        """Numbers, names of `wrt`, other names, sums of names such as (1 − t), functions, other sums."""
        base = t.args[0] if t.op == "pow" else t
        asked = base.op in ("sym", "index") and bool(self.wrt.intersection((base.data[0], *base.free)))
        kind = _FACTORS.get(base.op, 4) if base.op != "add" or _is_simple(base) else 5
        return bool(t.free), not asked, kind, *self.key(t)

    def product(self, number: Fraction, style: str, factors: Iterable[Term]) -> Term:
        """number · above / below, the number in front, its sign outside."""
        above: list[Term] = []
        below: list[Term] = []
        for f in factors:
            while f.op == "neg":
                number, f = -number, f.args[0]
            if f.op == "div" and f.args[0] is ONE:
                below += f.args[1].args if f.args[1].op == "mul" else [f.args[1]]
            else:
                above.append(f)
        above = sorted([f for f in above if f is not ONE], key=self.factor_key)
        below = sorted(below, key=self.factor_key)
        top, bottom = (number.numerator, number.denominator) if below and not style else (number, 1)
        above = above if abs(top) == 1 and above else [num(abs(Fraction(top)), style), *above]
        below = below if bottom == 1 else [num(bottom), *below]
        value = div(mul(*above), mul(*below)) if below else mul(*above)
        return neg(value) if number < 0 else value

    def opposite(self, t: Term) -> Term:
        """−t without a sign in front where one can be had."""
        if t.op == "neg":
            return t.args[0]
        return self.sum(map(self.opposite, t.args)) if t.op == "add" else neg(t)


_FACTORS = {"num": 0, "sym": 1, "index": 1, "add": 2, "fn": 3, "prime": 3, "apply": 3}


def _penalty(t: Term) -> int:
    """1 for λ‖w‖², which is written behind the loss."""
    return int(t.op in ("mul", "div") and any(a.op == "sym" and a.name.startswith("lambda") for a in t.args))


def _natural(name: str) -> list[tuple[int, int, str]]:
    """w2 before w10."""
    return [(0, int(p), "") if p.isdigit() else (1, 0, p) for p in re.findall(r"\d+|\D+", name)]


_POLYNOMIAL = ("sym", "num", "index", "add", "neg", "mul", "pow")


def _is_simple(t: Term) -> bool:
    """A polynomial: names, numbers, their products and whole powers."""
    return t.size < 40 and all(n.op in _POLYNOMIAL for n in postorder(t))


def _degrees(terms: Sequence[Term]) -> list[int] | None:
    """The degrees of the terms of a polynomial in one name, if they are that and all differ."""
    found = [_degree(t) for t in terms]
    degrees = [d for d, _ in (f for f in found if f is not None)]
    names = {name for _, name in (f for f in found if f is not None)} - {None}
    if len(degrees) < len(terms) or len(names) != 1 or len(set(degrees)) < len(degrees) or max(degrees) < 2:
        return None
    return degrees


def _degree(t: Term) -> tuple[int, str | None] | None:
    """k and x of c·x^k."""
    inner = t.args[0] if t.op == "neg" else t
    *numbers, last = inner.args if inner.op == "mul" else (inner,)
    if any(n.op != "num" for n in numbers):
        return None
    if last.op == "num":
        return 0, None
    if last.op == "sym":
        return 1, last.name
    base, exponent = last.args if last.op == "pow" else (last, None)
    if base.op != "sym" or exponent is None or exponent.op != "num" or exponent.data[0].denominator != 1:
        return None
    return int(exponent.data[0]), base.name


# ---------------------------------------------------------------------------------------------- one row per SymPy class
Children = Callable[[Any], Sequence[Any]]
Make = Callable[..., Term]


def _row(e: Any) -> tuple[Children, Make]:
    for c in type(e).__mro__:
        if c in FROM:
            return FROM[c]
    raise RuleError(f"`{type(e).__name__}` of SymPy has no form in symnet")


def _args(e: Any) -> Sequence[Any]:
    return e.args


def _leaf(e: Any) -> Sequence[Any]:
    return ()


def _numbers_apart(e: Any) -> Sequence[Any]:
    return [a for a in e.args if not a.is_Number]


def _float(r: _Reader, e: Any) -> Term:
    """The decimal that a float prints as."""
    return num(_fraction(e), ".")


def _fraction(e: Any) -> Fraction:
    if not e.is_finite:
        raise DomainError(f"{e} is not a number that one can compute with")
    if e.is_Float:
        short = float(e) if e._prec == 53 else float("inf")
        return Fraction(repr(short)) if e == short and math.isfinite(short) else Fraction(str(e))
    return Fraction(int(e.p), int(e.q))


def _mul(r: _Reader, e: Any, *factors: Term) -> Term:
    numbers = [a for a in e.args if a.is_Number]
    style = "." if any(a.is_Float for a in numbers) else ""
    number = reduce(operator.mul, map(_fraction, numbers), Fraction(1))
    return ZERO if ZERO in factors else r.product(number, style, _sigmoids(r, list(factors)))


def _sigmoids(r: _Reader, factors: list[Term]) -> list[Term]:
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


def _pow(r: _Reader, e: Any, base: Term, exponent: Term | None = None) -> Term:
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


def _log(r: _Reader, e: Any, x: Term) -> Term:
    u = _one_plus_exp(x)
    if x.op == "det":
        return ops.apply("logdet", *x.args)
    return fn("log", x) if u is None else fn("softplus", u)


def _extreme_of(name: str) -> Make:
    def make(r: _Reader, e: Any, *args: Term) -> Term:
        ordered = sorted(args, key=lambda t: (bool(t.free), *r.key(t)))
        if name == "max" and len(ordered) == 2 and ordered[0].number == 0:
            return fn("relu", ordered[1])
        return ops.apply(name, *ordered)

    return make


def _heaviside(r: _Reader, e: Any, x: Term, at_zero: Term) -> Term:
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


def _derivative(r: _Reader, e: Any, body: Term, *variables: Term) -> Term:
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

    def make(r: _Reader, e: Any, body: Term, *rest: Term) -> Term:
        at = 0
        for limit in e.limits:
            body = Term(op, (body, *rest[at : at + len(limit.args)]))
            at += len(limit.args)
        return body

    return make


def _piecewise_parts(e: Any) -> Sequence[Any]:
    return [x for pair in e.args for x in pair.args if x is not sp.true]


def _indexed(r: _Reader, e: Any, *indices: Term) -> Term:
    return Term("index", indices, canonical(str(e.base.label)))


def _element_parts(e: Any) -> Sequence[Any]:
    if not isinstance(e.parent, sp.MatrixSymbol):
        raise RuleError("an element is read from a named matrix; give the matrix expression a name")
    return e.args[1:]


def _element(r: _Reader, e: Any, i: Term, j: Term) -> Term:
    """A[i, j], which SymPy counts from 0 and a page from 1."""
    indices = [num(k.number + 1) if k.number is not None else add(k, ONE) for k in (i, j)]
    return Term("index", tuple(indices[: 1 if e.parent.shape[1] == 1 else 2]), _label(e.parent.name))


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


def _matrix(r: _Reader, e: Any, *entries: Term) -> Term:
    rows, cols = e.shape
    if rows == cols == 1:
        return entries[0]
    if cols == 1:
        return Term("vector", entries, None, (rows,))
    if rows == 1:
        return transpose(Term("vector", entries, None, (cols,)))
    raise RuleError(f"`Matrix` of {rows}×{cols}: a matrix of formulas has no form in symnet; use a MatrixSymbol")


def _matrix_product(r: _Reader, e: Any, *factors: Term) -> Term:
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


def _trace(r: _Reader, e: Any, x: Term) -> Term:
    """tr X; a 1×1 product is its own trace."""
    return ops.apply("tr", x) if x.shape else x


def _elementwise_parts(e: Any) -> Sequence[Any]:
    return [e.expr]


def _elementwise(r: _Reader, e: Any, x: Term) -> Term:
    """f of every element, from the Lambda f."""
    variable = e.function.variables[0]
    slot = sym("·")
    inner = _Reader(r.wrt)
    inner.memo[id(variable)] = (variable, slot)
    inner.names = r.names
    return substitute(inner.read(e.function.expr), {slot: x})


def _hadamard_power(r: _Reader, e: Any, x: Term, k: Term) -> Term:
    if k.number is not None and k.number < 0:
        return div(ONE, _plain_power(x, -k.number))
    return _plain_power(x, k.number) if k.number is not None else power(x, k)


def _matrix_power(r: _Reader, e: Any, x: Term, k: Term) -> Term:
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
    sp.floor:                 (_args,             lambda r, e, x: Term("apply", (x,), "floor")),
    sp.ceiling:               (_args,             lambda r, e, x: Term("apply", (x,), "ceil")),
    TableFunction:            (_args,             lambda r, e, x: fn(e.row.name, x)),
    Partial:                  (_args,             lambda r, e, y, x: partial(y, x)),
    AppliedUndef:             (_args,             lambda r, e, *args: Term("apply", args, e.func.__name__)),
    sp.Derivative:            (_derivative_parts, _derivative),
    sp.Integral:              (lambda e: [e.function, *_bounds(e)], _over("integral")),
    sp.Sum:                   (lambda e: [e.function, *_bounds(e)], _over("sigma")),
    sp.Limit:                 (lambda e: e.args[:3], lambda r, e, *args: Term("limit", args)),
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
