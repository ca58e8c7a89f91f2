"""The named array operations: one row is one operation everywhere.

A row holds the shape of the result, the pullback (the cotangents of the operands as formulas in the cotangent `g`, the
output `y` and the operands), the NumPy expression, how it is set in LaTeX, and the sentence that a derivation quotes.
Conventions: `rowsum` and `rowmean` give a column, `colsum` and `colmean` a row; `softmax`, `logsoftmax` and `lse` work
along the rows of a matrix and over the whole of a vector. In NumPy code columns and rows are both one-dimensional.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .errors import RuleError, ShapeError
from .term import (
    ONE,
    TWO,
    ZERO,
    Dim,
    Shape,
    Term,
    add,
    common_shape,
    div,
    fn,
    matmul,
    mul,
    neg,
    normal_shape,
    num,
    power,
    rows_cols,
    shape_text,
    sym,
    transpose,
)

Cotangents = tuple[Term | None, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """One named operation: `shape(*args)`, `pull(g, y, *args)`, `numpy` and `latex` templates, `statement`."""

    name: str
    arity: tuple[int, ...]
    statement: str
    numpy: str
    latex: str
    shape: Callable[..., Shape]
    pull: Callable[..., Cotangents] | None


# --------------------------------------------------------------------------------------------------- shapes of results
def _scalar(name: str) -> Callable[..., Shape]:
    return lambda x: ()


def _same(*args: Term) -> Shape:
    return common_shape("max", args)


def _square(name: str, result: Callable[[Shape], Shape]) -> Callable[..., Shape]:
    def shape(x: Term) -> Shape:
        rows, cols = rows_cols(x.shape)
        if rows != cols:
            raise ShapeError(f"{name} needs a square matrix; this one is {shape_text(x.shape)}")
        return result(x.shape)

    return shape


def _matrix(name: str, result: Callable[[Dim, Dim], Sequence[Dim]]) -> Callable[..., Shape]:
    def shape(x: Term) -> Shape:
        if not x.shape:
            raise ShapeError(f"{name} needs an array; this is a scalar")
        return normal_shape(result(*rows_cols(x.shape)))

    return shape


def _from_dimensions(*args: Term) -> Shape:
    return normal_shape([as_dimension(a) for a in args])


def _kron(a: Term, b: Term) -> Shape:
    (m, n), (p, q) = rows_cols(a.shape), rows_cols(b.shape)
    return normal_shape([times(m, p), times(n, q)])


def times(a: Dim, b: Dim) -> Dim:
    """The product of two dimensions; a symbolic one is written `n*m`."""
    if a == 1 or b == 1:
        return b if a == 1 else a
    return a * b if isinstance(a, int) and isinstance(b, int) else f"{a}*{b}"


def as_dimension(t: Term) -> Dim:
    """The dimension that a Term stands for: a positive integer literal or a name."""
    if t.op == "sym" and not t.shape:
        return t.name
    if t.op == "num" and t.data[0].denominator == 1 and t.data[0] > 0:
        return int(t.data[0])
    raise ShapeError(f"a dimension is a name or a positive integer, not {t}")


def dimension(n: Dim) -> Term:
    """A dimension as a number that a formula may use."""
    if isinstance(n, int):
        return num(n)
    return mul(*(sym(p, (), ("dimension",)) for p in n.split("*"))) if "*" in n else sym(n, (), ("dimension",))


# ------------------------------------------------------------------------------------------------- formulas for rows
def ones(shape: Shape) -> Term:
    """The array of ones of that shape; the scalar 1 for a scalar."""
    if not shape:
        return ONE
    if len(shape) == 2 and shape[0] == 1:
        return transpose(ones((shape[1],)))
    return Term("ones", tuple(dimension(n) for n in shape), None, shape)


def eye(n: Dim) -> Term:
    return Term("eye", (dimension(n),), None, (n, n))


def zeros(shape: Shape) -> Term:
    if not shape:
        return ZERO
    if len(shape) == 2 and shape[0] == 1:
        return transpose(zeros((shape[1],)))
    return Term("zeros", tuple(dimension(n) for n in shape), None, shape)


def total(x: Term) -> Term:
    """The sum of all elements; a scalar is its own sum."""
    return apply("sum", x) if x.shape else x


def spread(v: Term, like: Term) -> Term:
    """A column repeated as the columns of a matrix: v 1ᵀ; beside a vector a scalar spreads by itself."""
    return matmul(v, transpose(ones((like.shape[1],)))) if v.shape else v


def _is_matrix(x: Term) -> bool:
    return len(x.shape) == 2 and x.shape[0] != 1


def _rowsum(x: Term) -> Term:
    return apply("rowsum", x) if _is_matrix(x) else total(x)


def _pull_max(pick: Callable[[Term, Term], Term]) -> Callable[..., Cotangents]:
    """Each operand of a maximum takes the cotangent where it is the largest; at a tie the first one does."""

    def pull(g: Term, y: Term, *args: Term) -> Cotangents:
        out = []
        for i, a in enumerate(args):
            wins = [add(ONE, neg(fn("step", pick(b, a)))) if j > i else fn("step", pick(a, b))
                    for j, b in enumerate(args) if j != i]  # fmt: skip
            part = mul(g, *wins)
            out.append(total(part) if part.shape and not a.shape else part)
        return tuple(out)

    return pull


def _minus(a: Term, b: Term) -> Term:
    return add(a, neg(b))


def _softmax_pull(g: Term, y: Term, x: Term) -> Cotangents:
    return (mul(y, add(g, neg(spread(_rowsum(mul(g, y)), x)))),)


def _logsoftmax_pull(g: Term, y: Term, x: Term) -> Cotangents:
    return (add(g, neg(mul(apply("softmax", x), spread(_rowsum(g), x)))),)


def _lse_pull(g: Term, y: Term, x: Term) -> Cotangents:
    return (mul(apply("softmax", x), spread(g, x)),)


def _inv_pull(g: Term, y: Term, x: Term) -> Cotangents:
    return (neg(matmul(transpose(y), g, transpose(y))),)


def _none(*args: Term) -> Cotangents:
    return (None,) * (len(args) - 2)


def _columns(x: Term) -> Term:
    return ones((rows_cols(x.shape)[1],))


def _rows(x: Term) -> Term:
    return ones((rows_cols(x.shape)[0],))


def _over_columns(g: Term, x: Term) -> Term:
    return matmul(g, transpose(_columns(x))) if _is_matrix(x) else g


def _over_rows(g: Term, x: Term) -> Term:
    return matmul(_rows(x), g) if g.shape else mul(g, _rows(x))


def _row_scale(x: Term) -> Term:
    return div(ONE, dimension(rows_cols(x.shape)[1]))


def _col_scale(x: Term) -> Term:
    return div(ONE, dimension(rows_cols(x.shape)[0]))


def _count(x: Term) -> Term:
    rows, cols = rows_cols(x.shape)
    return mul(*(dimension(n) for n in (rows, cols) if n != 1)) if (rows, cols) != (1, 1) else ONE


# fmt: off
_ROWS = (
    #         name, operands, what a derivation quotes, NumPy, LaTeX; the shape of the result; the pullback
    Operation("tr", (1,), "trace rule", numpy="np.trace({0})", latex=r"\operatorname{tr}{0}",
              shape=_square("tr", lambda s: ()),
              pull=lambda g, y, x: (mul(g, eye(rows_cols(x.shape)[0])),)),
    Operation("det", (1,), "determinant rule", numpy="np.linalg.det({0})", latex=r"\det{0}",
              shape=_square("det", lambda s: ()),
              pull=lambda g, y, x: (mul(g, y, transpose(apply("inv", x))),)),
    Operation("logdet", (1,), "log-determinant rule", numpy="logdet({0})", latex=r"\log\det{0}",
              shape=_square("logdet", lambda s: ()),
              pull=lambda g, y, x: (mul(g, transpose(apply("inv", x))),)),
    Operation("inv", (1,), "inverse rule", numpy="np.linalg.inv({0})", latex=r"{0}^{-1}",
              shape=_square("inv", lambda s: s),
              pull=_inv_pull),
    Operation("expm", (1,), "matrix exponential", numpy="expm({0})", latex=r"\operatorname{expm}{0}",
              shape=_square("expm", lambda s: s),
              pull=None),
    Operation("sum", (1,), "sum rule", numpy="np.sum({0})", latex=r"\operatorname{sum}{0}",
              shape=lambda x: (),
              pull=lambda g, y, x: (mul(g, ones(x.shape)),)),
    Operation("mean", (1,), "mean rule", numpy="np.mean({0})", latex=r"\operatorname{mean}{0}",
              shape=lambda x: (),
              pull=lambda g, y, x: (mul(div(ONE, _count(x)), g, ones(x.shape)),)),
    Operation("norm1", (1,), "1-norm rule", numpy="np.sum(np.abs({0}))", latex=r"\lVert {0} \rVert_1",
              shape=lambda x: (),
              pull=lambda g, y, x: (mul(g, fn("sign", x)),)),
    Operation("norm2", (1,), "norm rule", numpy="np.sqrt(np.sum({0}**2))", latex=r"\lVert {0} \rVert",
              shape=lambda x: (),
              pull=lambda g, y, x: (mul(g, div(x, y)),)),
    Operation("diag", (1,), "diagonal rule", numpy="np.diag({0})", latex=r"\operatorname{diag}{0}",
              shape=_matrix("diag", lambda n, m: (n, n)),
              pull=lambda g, y, x: (apply("diagv", g),)),
    Operation("diagv", (1,), "diagonal rule", numpy="np.diagonal({0})", latex=r"\operatorname{diagv}{0}",
              shape=_square("diagv", lambda s: s[:1]),
              pull=lambda g, y, x: (apply("diag", g),)),
    Operation("rowsum", (1,), "row-sum rule", numpy="np.sum({0}, axis=1)", latex=r"\operatorname{rowsum}{0}",
              shape=_matrix("rowsum", lambda n, m: (n,)),
              pull=lambda g, y, x: (_over_columns(g, x),)),
    Operation("colsum", (1,), "column-sum rule", numpy="np.sum({0}, axis=0)", latex=r"\operatorname{colsum}{0}",
              shape=_matrix("colsum", lambda n, m: (1, m)),
              pull=lambda g, y, x: (_over_rows(g, x),)),
    Operation("rowmean", (1,), "row-mean rule", numpy="np.mean({0}, axis=1)", latex=r"\operatorname{rowmean}{0}",
              shape=_matrix("rowmean", lambda n, m: (n,)),
              pull=lambda g, y, x: (mul(_row_scale(x), _over_columns(g, x)),)),
    Operation("colmean", (1,), "column-mean rule", numpy="np.mean({0}, axis=0)", latex=r"\operatorname{colmean}{0}",
              shape=_matrix("colmean", lambda n, m: (1, m)),
              pull=lambda g, y, x: (mul(_col_scale(x), _over_rows(g, x)),)),
    Operation("softmax", (1,), "softmax rule", numpy="softmax({0})", latex=r"\operatorname{softmax}{0}",
              shape=lambda x: x.shape,
              pull=_softmax_pull),
    Operation("logsoftmax", (1,), "log-softmax rule", numpy="logsoftmax({0})", latex=r"\log\operatorname{softmax}{0}",
              shape=lambda x: x.shape,
              pull=_logsoftmax_pull),
    Operation("lse", (1,), "log-sum-exp rule", numpy="lse({0})", latex=r"\operatorname{lse}{0}",
              shape=lambda x: x.shape[:1] if _is_matrix(x) else (),
              pull=_lse_pull),
    Operation("kron", (2,), "Kronecker product", numpy="np.kron({0}, {1})", latex=r"{0} \otimes {1}",
              shape=_kron,
              pull=None),
    Operation("vec", (1,), "vectorisation", numpy="np.ravel({0}, order='F')", latex=r"\operatorname{vec}{0}",
              shape=_matrix("vec", lambda n, m: (times(n, m),)),
              pull=None),
    Operation("ones", (1, 2), "constant", numpy="np.ones(({0}))", latex=r"\mathbf{1}",
              shape=_from_dimensions,
              pull=_none),
    Operation("zeros", (1, 2), "constant", numpy="np.zeros(({0}))", latex=r"\mathbf{0}",
              shape=_from_dimensions,
              pull=_none),
    Operation("eye", (1,), "constant", numpy="np.eye({0})", latex=r"I",
              shape=lambda n: (as_dimension(n),) * 2,
              pull=_none),
    Operation("max", (), "maximum rule", numpy="maximum({0})", latex=r"\max{0}",
              shape=_same,
              pull=_pull_max(_minus)),
    Operation("min", (), "minimum rule", numpy="minimum({0})", latex=r"\min{0}",
              shape=_same,
              pull=_pull_max(lambda a, b: _minus(b, a))),
)
# fmt: on
TABLE: dict[str, Operation] = {row.name: row for row in _ROWS}


def is_operation(name: str) -> bool:
    return name in TABLE


def apply(name: str, *args: Term) -> Term:
    """The named operation on Terms; its shape is checked."""
    row = TABLE.get(name)
    if row is None:
        raise RuleError(f"`{name}` is not an array operation; there are {', '.join(TABLE)}")
    if (row.arity and len(args) not in row.arity) or not args:
        raise ShapeError(f"{name} takes {' or '.join(map(str, row.arity)) or 'some'} operands, not {len(args)}")
    shape = row.shape(*args)
    return Term(name, args, None, shape) if name not in ("ones", "zeros", "eye") or shape else ONE


def square(x: Term) -> Term:
    """The sum of the squares of the elements: ‖x‖²."""
    return power(apply("norm2", x), TWO)
