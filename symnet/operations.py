"""The named array operations: one row is one operation everywhere.

A row holds the shape of the result, the pullback (the cotangents of the operands as formulas in the cotangent `g`, the
output `y` and the operands), the differential dy as a formula in y, x and dx (of two operands: y, a, da, b, db, with
None for one that does not move), the NumPy expression, how it is set in LaTeX, and the sentence that a derivation
quotes.
Conventions: `rowsum` and `rowmean` give a column, `colsum` and `colmean` a row; `softmax`, `logsoftmax` and `lse` work
along the rows of a matrix and over the whole of a vector. In NumPy code columns and rows are both one-dimensional.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from math import prod
from typing import Any

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
    """One named operation: `shape(*args)`, `pull(g, y, *args)`, `numpy` and `latex` templates, `statement`, `note`."""

    name: str
    arity: tuple[int, ...]
    statement: str
    numpy: str
    latex: str
    shape: Callable[..., Shape]
    pull: Callable[..., Cotangents] | None
    push: Callable[..., Term] | None = None
    note: Callable[[Term], str] | None = None  # the element of the result, for readers who do not know the name


# --------------------------------------------------------------------------------------------------- shapes of results
def directions(y: Term) -> int:
    """In how many directions the windows of an operation move: one for signals (columns), two for images."""
    if y.op in ("conv_input", "conv_kernel"):
        return len(y.args) - 4
    first = y.args[:2] if y.op == "conv" else y.args[:1] if y.op == "max_pool" else y.args[1:2]
    return _directions(*first)


def _directions(*arrays: Term) -> int:
    """A column and a number are signals, unless a row or a matrix stands beside them: then each is an image."""
    return max(1, *(len(a.shape) for a in arrays))


def window_sizes(x: Term, count: int) -> tuple[Dim, ...]:
    """The sizes of a signal or an image; a side of 1 counts."""
    return rows_cols(x.shape)[:count]


def _sizes(x: Term, count: int, what: str) -> tuple[int, ...]:
    sizes = tuple(n for n in window_sizes(x, count) if isinstance(n, int))
    if len(sizes) != count:
        raise ShapeError(f"{what} needs sizes that are numbers; this one is {shape_text(x.shape)}")
    return sizes


def _whole(t: Term, what: str) -> int:
    k = t.number
    if k is None or k.denominator != 1 or k < 0:
        raise ShapeError(f"{what} is a whole number, not {t}")
    return int(k)


def _windows(what: str, x: Term, kernel: Sequence[int], stride: Term, padding: Term) -> Shape:
    """How many windows of that size fit into each direction: ⌊(n + 2p − k)/s⌋ + 1."""
    s, p = _whole(stride, "the stride"), _whole(padding, "the padding")
    sizes = _sizes(x, len(kernel), what)
    if s < 1 or any(not 1 <= k <= n + 2 * p for n, k in zip(sizes, kernel, strict=True)):
        raise ShapeError(
            f"{what}: a window of {shape_text(tuple(kernel))} does not fit into {shape_text(sizes)}"
            f" with the padding {p} and the stride {s}"
        )
    return normal_shape((n + 2 * p - k) // s + 1 for n, k in zip(sizes, kernel, strict=True))


def _pooled(x: Term, k: Term, s: Term) -> Shape:
    return _windows("max_pool", x, (_whole(k, "the size of a window"),) * _directions(x), s, ZERO)


def _convolved(x: Term, k: Term, s: Term, p: Term) -> Shape:
    return _windows("conv", x, _sizes(k, _directions(x, k), "a kernel"), s, p)


def _sized(x: Term, y: Term) -> list[Term]:
    """The sizes of the operand x of a convolution, as they stand at the end of its adjoint."""
    return [dimension(n) for n in window_sizes(x, directions(y))]


def _adjoint(x: Term, other: Term, s: Term, p: Term, *sizes: Term) -> Shape:
    """The sizes that stand at the end; one size makes a signal, two make an image."""
    shape = normal_shape([as_dimension(n) for n in sizes])
    if len(sizes) == 2 and p is not ZERO and len(shape) < 2 and not any(len(a.shape) == 2 for a in (x, other)):
        raise ShapeError("a column beside a column is a signal: give one size, or transpose both")
    return shape


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


def _unvec(x: Term, n: Term, m: Term) -> Shape:
    rows, cols = as_dimension(n), as_dimension(m)
    if rows_cols(x.shape) != (times(rows, cols), 1):
        raise ShapeError(f"unvec needs a column of {times(rows, cols)} elements; this one is {shape_text(x.shape)}")
    return normal_shape((rows, cols))


def times(a: Dim, b: Dim) -> Dim:
    """The product of two dimensions; a symbolic one is written `m*n`, its factors in alphabetical order."""
    factors = [f for x in (a, b) for f in str(x).split("*")]
    number = prod(int(f) for f in factors if f.isdigit())
    names = sorted(f for f in factors if not f.isdigit())
    return "*".join([str(number)] * (number != 1) + names) if names else number


def _contracted(name: str) -> Callable[..., Shape]:
    """The size of the other factor of a Kronecker product: rows by rows, columns by columns."""

    def shape(g: Term, a: Term) -> Shape:
        sizes = [over(n, k) for n, k in zip(rows_cols(g.shape), rows_cols(a.shape), strict=True)]
        if None in sizes:
            raise ShapeError(f"{name}: {shape_text(g.shape)} is not divided into blocks by {shape_text(a.shape)}")
        return normal_shape([n for n in sizes if n is not None])

    return shape


def over(a: Dim, b: Dim) -> Dim | None:
    """The dimension n with a = n b; None if there is none."""
    rest = [f for f in str(a).split("*") if not f.isdigit()]
    number = prod(int(f) for f in str(a).split("*") if f.isdigit())
    for f in str(b).split("*"):
        if f.isdigit() and number % int(f) == 0:
            number //= int(f)
        elif f in rest:
            rest.remove(f)
        else:
            return None
    return times(number, "*".join(rest)) if rest else number


def as_dimension(t: Term) -> Dim:
    """The dimension that a Term stands for: a positive integer literal or a name."""
    if t.op == "sym" and not t.shape:
        return t.name
    if t.op == "num" and t.data[0].denominator == 1 and t.data[0] > 0:
        return int(t.data[0])
    if t.op == "mul":
        return reduce(times, map(as_dimension, t.args))
    if t.op == "pow" and (k := t.args[1].number) is not None and k in (2, 3, 4):
        return reduce(times, [as_dimension(t.args[0])] * int(k))
    raise ShapeError(f"a dimension is a name or a positive integer, not {t}")


def dimension(n: Dim) -> Term:
    """A dimension as a number that a formula may use."""
    parts = str(n).split("*")
    return mul(*(num(int(p)) if p.isdigit() else sym(p, (), ("dimension",)) for p in parts))


# ------------------------------------------------------------------------------------------------- formulas for rows
def ones(shape: Shape) -> Term:
    """The array of ones of that shape; the scalar 1 for a scalar."""
    shape = normal_shape(shape)
    if not shape:
        return ONE
    if len(shape) == 2 and shape[0] == 1:
        return transpose(ones((shape[1],)))
    return Term("ones", tuple(dimension(n) for n in shape), None, shape)


def eye(n: Dim) -> Term:
    return apply("eye", dimension(n))


def zeros(shape: Shape) -> Term:
    shape = normal_shape(shape)
    if not shape:
        return ZERO
    if len(shape) == 2 and shape[0] == 1:
        return transpose(zeros((shape[1],)))
    return Term("zeros", tuple(dimension(n) for n in shape), None, shape)


def total(x: Term) -> Term:
    """The sum of all elements; a scalar is its own sum."""
    return apply("sum", x) if x.shape else x


def inner(a: Term, b: Term) -> Term:
    """The sum of the products of corresponding elements: aᵀb of two columns, sum(A ⊙ B) of two matrices."""
    return matmul(transpose(a), b) if len(a.shape) == 1 else total(mul(a, b))


def unvec(v: Term, shape: Shape) -> Term:
    """The matrix whose columns, one below the other, are v."""
    return apply("unvec", v, *map(dimension, rows_cols(shape)))


def spread(v: Term, like: Term) -> Term:
    """A column repeated as the columns of a matrix: v 1ᵀ; beside a vector a scalar spreads by itself."""
    return matmul(v, transpose(ones((like.shape[1],)))) if v.shape else v


def _is_matrix(x: Term) -> bool:
    return len(x.shape) == 2 and x.shape[0] != 1


def _rowsum(x: Term) -> Term:
    return apply("rowsum", x) if _is_matrix(x) else total(x)


def _wins(args: Sequence[Term], i: int, pick: Callable[[Term, Term], Term]) -> list[Term]:
    """1 where operand i is the largest of all, else 0, as factors; at a tie the first one is."""
    a = args[i]
    return [add(ONE, neg(fn("step", pick(b, a)))) if j > i else fn("step", pick(a, b))
            for j, b in enumerate(args) if j != i]  # fmt: skip


def _pull_max(pick: Callable[[Term, Term], Term]) -> Callable[..., Cotangents]:
    """Each operand of a maximum takes the cotangent where it is the largest."""

    def pull(g: Term, y: Term, *args: Term) -> Cotangents:
        parts = [mul(g, *_wins(args, i, pick)) for i in range(len(args))]
        return tuple(total(p) if p.shape and not a.shape else p for p, a in zip(parts, args, strict=True))

    return pull


def _push_max(pick: Callable[[Term, Term], Term]) -> Callable[..., Term]:
    """The differential of the operand that is the largest."""

    def push(y: Term, *pairs: Any) -> Term:
        args = pairs[::2]
        return add(*(mul(dx, *_wins(args, i, pick)) for i, dx in enumerate(pairs[1::2]) if dx is not None))

    return push


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


def _linear(name: str) -> Callable[..., Term]:
    """What is linear is its own differential: d tr X = tr dX."""
    return lambda y, x, dx: apply(name, dx)


def _kron_pull(g: Term, y: Term, a: Term, b: Term) -> Cotangents:
    """a ⊗ b = vec(b aᵀ) of two columns; of matrices Ā[i, j] = ⟨G_ij, B⟩ and B̄ = Σ A[i, j] G_ij with the blocks of G."""
    if len(a.shape) != 1 or len(b.shape) != 1:
        return apply("blockdot", g, b), apply("blocksum", g, a)
    square = unvec(g, (b.shape[0], a.shape[0]))
    return matmul(transpose(square), b), matmul(square, a)


def _kron_push(y: Term, a: Term, da: Term | None, b: Term, db: Term | None) -> Term:
    """d(A ⊗ B) = dA ⊗ B + A ⊗ dB."""
    return add(*([apply("kron", da, b)] if da else []), *([apply("kron", a, db)] if db else []))


def _both(*parts: Term | None) -> Term:
    return add(*(p for p in parts if p is not None))


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


def _says(one: str, two: str) -> Callable[[Term], str]:
    """The sentence for signals, or the one for images."""
    return lambda y: one if directions(y) == 1 else two


_CONV = _says(
    "conv(x, k, s, p)[i] = Σ_k k[k] x[s i + k − p]",
    "conv(X, K, s, p)[i, j] = Σ_k Σ_l K[k, l] X[s i + k − p, s j + l − p], s is the stride, p the padding",
)
_CONV_INPUT = _says(
    "conv_input (convᵀ) [j] = Σ_i Δ[i] K[j − s i + p]: the full convolution of Δ with the flipped kernel",
    "conv_input (convᵀ) [m, n] = Σ_i Σ_j Δ[i, j] K[m − s i + p, n − s j + p]: the full convolution of Δ with the"
    " flipped kernel",
)
_CONV_KERNEL = _says(
    "conv_kernel (corr) [k] = Σ_i Δ[i] X[s i + k − p]: the correlation of X with Δ",
    "conv_kernel (corr) [k, l] = Σ_i Σ_j Δ[i, j] X[s i + k − p, s j + l − p]: the correlation of X with Δ",
)
_UNPOOL = "unpool: each Δ goes to the first largest element of its window; where windows overlap they are added"
_BLOCKDOT = "blockdot(G, B)[i, j] = ⟨G_ij, B⟩, the sum of the products of B with block (i, j) of G"
_BLOCKSUM = "blocksum(G, A) = Σ_i Σ_j A[i, j] G_ij, the blocks of G weighted with A and added"

# fmt: off
_ROWS = (
    #         name, operands, what a derivation quotes, NumPy, LaTeX; the shape of the result; the pullback
    #         in LaTeX {2} is that operand by itself, {0} the operands before those in parentheses
    Operation("tr", (1,), "trace rule", numpy="np.trace({0})", latex=r"\operatorname{tr}{0}",
              shape=_square("tr", lambda s: ()),
              pull=lambda g, y, x: (mul(g, eye(rows_cols(x.shape)[0])),),
              push=_linear("tr")),
    Operation("det", (1,), "determinant rule", numpy="np.linalg.det({0})", latex=r"\det{0}",
              shape=_square("det", lambda s: ()),
              pull=lambda g, y, x: (mul(g, y, transpose(apply("inv", x))),),
              push=lambda y, x, dx: mul(y, apply("tr", matmul(apply("inv", x), dx)))),
    Operation("logdet", (1,), "log-determinant rule", numpy="logdet({0})", latex=r"\log\det{0}",
              shape=_square("logdet", lambda s: ()),
              pull=lambda g, y, x: (mul(g, transpose(apply("inv", x))),),
              push=lambda y, x, dx: apply("tr", matmul(apply("inv", x), dx))),
    Operation("inv", (1,), "inverse rule", numpy="np.linalg.inv({0})", latex=r"{0}^{-1}",
              shape=_square("inv", lambda s: s),
              pull=_inv_pull,
              push=lambda y, x, dx: neg(matmul(y, dx, y))),
    Operation("expm", (1,), "matrix exponential", numpy="expm({0})", latex=r"\operatorname{expm}{0}",
              shape=_square("expm", lambda s: s),
              pull=None),
    Operation("sum", (1,), "sum rule", numpy="np.sum({0})", latex=r"\operatorname{sum}{0}",
              shape=lambda x: (),
              pull=lambda g, y, x: (mul(g, ones(x.shape)),),
              push=_linear("sum")),
    Operation("mean", (1,), "mean rule", numpy="np.mean({0})", latex=r"\operatorname{mean}{0}",
              shape=lambda x: (),
              pull=lambda g, y, x: (mul(div(ONE, _count(x)), g, ones(x.shape)),),
              push=_linear("mean")),
    Operation("norm1", (1,), "1-norm rule", numpy="np.sum(np.abs({0}))", latex=r"\lVert {0} \rVert_1",
              shape=lambda x: (),
              pull=lambda g, y, x: (mul(g, fn("sign", x)),),
              push=lambda y, x, dx: apply("sum", mul(fn("sign", x), dx))),
    Operation("norm2", (1,), "norm rule", numpy="np.sqrt(np.sum({0}**2))", latex=r"\lVert {0} \rVert",
              shape=lambda x: (),
              pull=lambda g, y, x: (mul(g, div(x, y)),),
              push=lambda y, x, dx: div(inner(x, dx), y)),
    Operation("diag", (1,), "diagonal rule", numpy="np.diag({0})", latex=r"\operatorname{diag}{0}",
              shape=_matrix("diag", lambda n, m: (n, n)),
              pull=lambda g, y, x: (apply("diagv", g),),
              push=_linear("diag")),
    Operation("diagv", (1,), "diagonal rule", numpy="np.diagonal({0})", latex=r"\operatorname{diagv}{0}",
              shape=_square("diagv", lambda s: s[:1]),
              pull=lambda g, y, x: (apply("diag", g),),
              push=_linear("diagv")),
    Operation("rowsum", (1,), "row-sum rule", numpy="np.sum({0}, axis=1)", latex=r"\operatorname{rowsum}{0}",
              shape=_matrix("rowsum", lambda n, m: (n,)),
              pull=lambda g, y, x: (_over_columns(g, x),),
              push=_linear("rowsum")),
    Operation("colsum", (1,), "column-sum rule", numpy="np.sum({0}, axis=0)", latex=r"\operatorname{colsum}{0}",
              shape=_matrix("colsum", lambda n, m: (1, m)),
              pull=lambda g, y, x: (_over_rows(g, x),),
              push=_linear("colsum")),
    Operation("rowmean", (1,), "row-mean rule", numpy="np.mean({0}, axis=1)", latex=r"\operatorname{rowmean}{0}",
              shape=_matrix("rowmean", lambda n, m: (n,)),
              pull=lambda g, y, x: (mul(_row_scale(x), _over_columns(g, x)),),
              push=_linear("rowmean")),
    Operation("colmean", (1,), "column-mean rule", numpy="np.mean({0}, axis=0)", latex=r"\operatorname{colmean}{0}",
              shape=_matrix("colmean", lambda n, m: (1, m)),
              pull=lambda g, y, x: (mul(_col_scale(x), _over_rows(g, x)),),
              push=_linear("colmean")),
    Operation("softmax", (1,), "softmax rule", numpy="softmax({0})", latex=r"\operatorname{softmax}{0}",
              shape=lambda x: x.shape,
              pull=_softmax_pull,
              push=lambda y, x, dx: mul(y, add(dx, neg(spread(_rowsum(mul(y, dx)), x))))),
    Operation("logsoftmax", (1,), "log-softmax rule", numpy="logsoftmax({0})", latex=r"\log\operatorname{softmax}{0}",
              shape=lambda x: x.shape,
              pull=_logsoftmax_pull,
              push=lambda y, x, dx: add(dx, neg(spread(_rowsum(mul(apply("softmax", x), dx)), x)))),
    Operation("lse", (1,), "log-sum-exp rule", numpy="lse({0})", latex=r"\operatorname{lse}{0}",
              shape=lambda x: x.shape[:1] if _is_matrix(x) else (),
              pull=_lse_pull,
              push=lambda y, x, dx: _rowsum(mul(apply("softmax", x), dx))),
    Operation("kron", (2,), "Kronecker product", numpy="np.kron({0}, {1})", latex=r"{0} \otimes {1}",
              shape=_kron,
              pull=_kron_pull,
              push=_kron_push),
    # the two adjoints of a Kronecker product, G_ij the blocks of G; each is linear in both operands
    Operation("blockdot", (2,), "Kronecker product", numpy="", latex=r"\operatorname{blockdot}{0}",
              shape=_contracted("blockdot"),
              pull=lambda c, y, g, b: (apply("kron", c, b), apply("blocksum", g, c)),
              push=lambda y, g, dg, b, db: _both(dg and apply("blockdot", dg, b), db and apply("blockdot", g, db)),
              note=lambda y: _BLOCKDOT),
    Operation("blocksum", (2,), "Kronecker product", numpy="", latex=r"\operatorname{blocksum}{0}",
              shape=_contracted("blocksum"),
              pull=lambda c, y, g, a: (apply("kron", a, c), apply("blockdot", g, c)),
              push=lambda y, g, dg, a, da: _both(dg and apply("blocksum", dg, a), da and apply("blocksum", g, da)),
              note=lambda y: _BLOCKSUM),
    Operation("vec", (1,), "vectorisation", numpy="np.ravel({0}.T)", latex=r"\operatorname{vec}{0}",
              shape=_matrix("vec", lambda n, m: (times(n, m),)),
              pull=lambda g, y, x: (unvec(g, x.shape),),
              push=_linear("vec")),
    Operation("unvec", (3,), "vectorisation", numpy="np.reshape({0}, ({2}, {1})).T",
              latex=r"\operatorname{vec}^{-1}_{{1} \times {2}}{0}",
              shape=_unvec,
              pull=lambda g, y, x, n, m: (apply("vec", g), None, None),
              push=lambda y, x, dx, *sizes: unvec(dx, y.shape)),
    # sliding windows: s is the stride, p the padding; each is linear in both operands, so three rows are closed
    Operation("conv", (4,), "convolution rule", numpy="conv({0}, {1}, {2}, {3})",
              latex=r"\operatorname{conv}_{{2},{3}}{0}",
              shape=_convolved,
              pull=lambda g, y, x, k, s, p: (apply("conv_input", g, k, s, p, *_sized(x, y)),
                                             apply("conv_kernel", x, g, s, p, *_sized(k, y)), None, None),
              push=lambda y, x, dx, k, dk, s, _, p, __: _both(dx and apply("conv", dx, k, s, p),
                                                              dk and apply("conv", x, dk, s, p)),
              note=_CONV),
    Operation("conv_input", (5, 6), "convolution rule, flipped kernel",
              numpy="conv_input({0}, {1}, {2}, {3}, ({rest},))", latex=r"\operatorname{conv}^{\top}_{{2},{3}}{0}",
              shape=_adjoint,
              pull=lambda c, y, g, k, s, p, *sizes: (
                  apply("conv", c, k, s, p), apply("conv_kernel", c, g, s, p, *_sized(k, y)),
                  *(None,) * (2 + len(sizes))),
              push=lambda y, g, dg, k, dk, s, _, p, __, *sizes: _both(
                  dg and apply("conv_input", dg, k, s, p, *sizes[::2]),
                  dk and apply("conv_input", g, dk, s, p, *sizes[::2])),
              note=_CONV_INPUT),
    Operation("conv_kernel", (5, 6), "convolution rule", numpy="conv_kernel({0}, {1}, {2}, {3}, ({rest},))",
              latex=r"\operatorname{corr}_{{2},{3}}{0}",
              shape=_adjoint,
              pull=lambda c, y, x, g, s, p, *sizes: (
                  apply("conv_input", g, c, s, p, *_sized(x, y)), apply("conv", x, c, s, p),
                  *(None,) * (2 + len(sizes))),
              push=lambda y, x, dx, g, dg, s, _, p, __, *sizes: _both(
                  dx and apply("conv_kernel", dx, g, s, p, *sizes[::2]),
                  dg and apply("conv_kernel", x, dg, s, p, *sizes[::2])),
              note=_CONV_KERNEL),
    Operation("max_pool", (3,), "maximum rule, window by window", numpy="max_pool({0}, {1}, {2})",
              latex=r"\operatorname{maxpool}_{{1},{2}}{0}",
              shape=_pooled,
              pull=lambda g, y, x, k, s: (apply("unpool", g, x, k, s), None, None),
              push=lambda y, x, dx, k, _, s, __: apply("picked", dx, x, k, s)),
    Operation("unpool", (4,), "maximum rule, window by window", numpy="unpool({0}, {1}, {2}, {3})",
              latex=r"\operatorname{unpool}_{{2},{3}}{0}",
              shape=lambda g, x, k, s: x.shape,
              pull=lambda c, y, g, x, k, s: (apply("picked", c, x, k, s), zeros(x.shape), None, None),
              push=lambda y, g, dg, x, dx, k, _, s, __: apply("unpool", dg, x, k, s) if dg else zeros(y.shape),
              note=lambda y: _UNPOOL),
    Operation("picked", (4,), "maximum rule, window by window", numpy="picked({0}, {1}, {2}, {3})",
              latex=r"\operatorname{picked}_{{2},{3}}{0}",
              shape=lambda c, x, k, s: _pooled(x, k, s),
              pull=lambda g, y, c, x, k, s: (apply("unpool", g, x, k, s), zeros(x.shape), None, None),
              push=lambda y, c, dc, x, dx, k, _, s, __: apply("picked", dc, x, k, s) if dc else zeros(y.shape)),
    Operation("ones", (1, 2), "constant", numpy="np.ones(({0}))", latex=r"\mathbf{1}",
              shape=_from_dimensions,
              pull=_none),
    Operation("zeros", (1, 2), "constant", numpy="np.zeros(({0}))", latex=r"\mathbf{0}",
              shape=_from_dimensions,
              pull=_none),
    Operation("eye", (1,), "constant", numpy="np.eye({0})", latex=r"I",
              shape=lambda n: normal_shape((as_dimension(n),) * 2),
              pull=_none),
    Operation("max", (), "maximum rule", numpy="maximum({0})", latex=r"\max{0}",
              shape=_same,
              pull=_pull_max(_minus),
              push=_push_max(_minus)),
    Operation("min", (), "minimum rule", numpy="minimum({0})", latex=r"\min{0}",
              shape=_same,
              pull=_pull_max(lambda a, b: _minus(b, a)),
              push=_push_max(lambda a, b: _minus(b, a))),
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


OF_NUMBERS: dict[str, Callable[[Term], Term]] = {
    "tr": lambda x: x, "det": lambda x: x, "diagv": lambda x: x,
    "inv": lambda x: div(ONE, x), "logdet": lambda x: fn("log", x), "expm": lambda x: fn("exp", x),
}  # fmt: skip


def of_number(y: Term) -> Term | None:
    """The formula of an operation on a number, which is a 1×1 matrix: tr s = det s = s, s⁻¹ = 1/s; None for others.

    >>> str(of_number(apply("inv", sym("s"))))
    '1/s'
    """
    return OF_NUMBERS[y.op](y.args[0]) if y.op in OF_NUMBERS and not y.args[0].shape else None


def square(x: Term) -> Term:
    """The sum of the squares of the elements: ‖x‖²."""
    return power(apply("norm2", x), TWO)
