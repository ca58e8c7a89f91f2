"""Arrays of jets by rows, and the named array operations."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import product
from typing import Any

from flint import arb, arb_mat, fmpq

from ..errors import DomainError, RuleError, ShapeError
from ..term import Shape
from .jets import ONE, ZERO, Epsilon, Jet, Number, TooWide, absolute, as_ball, as_int, dot, exp, log, sqrt, vanishes


@dataclass(frozen=True, slots=True)
class Grid:
    """An array of jets by rows; a vector is one column."""

    rows: tuple[tuple[Jet, ...], ...]


Value = Any  # Jet | Grid | bool


def rows_of(x: Value) -> tuple[tuple[Jet, ...], ...]:
    return x.rows if isinstance(x, Grid) else ((x,),)


def grid_of(rows: Any) -> Value:
    """Rows as an array; one by one is a scalar."""
    made = tuple(map(tuple, rows))
    return made[0][0] if len(made) == 1 == len(made[0]) else Grid(made)


def by_length(xs: Sequence[Jet], n: int) -> list[Sequence[Jet]]:
    return [xs[i : i + n] for i in range(0, len(xs), n)]


def column_of(xs: Any) -> Value:
    return grid_of((x,) for x in xs)


def each(f: Callable[..., Jet], *xs: Value) -> Value:
    """f elementwise; scalars are spread."""
    shape = next(((len(x.rows), len(x.rows[0])) for x in xs if isinstance(x, Grid)), None)
    if shape is None:
        return f(*xs)
    sizes = [(len(x.rows), len(x.rows[0])) for x in xs if isinstance(x, Grid)]
    if any(s != shape for s in sizes):
        raise ShapeError(f"arrays of different sizes side by side: {' and '.join(f'{r}×{c}' for r, c in sizes)}")
    n, d = shape
    return grid_of([f(*(x.rows[i][j] if isinstance(x, Grid) else x for x in xs)) for j in range(d)] for i in range(n))


def _cells(x: Value) -> list[Jet]:
    return [c for row in rows_of(x) for c in row]


def _total(xs: Any) -> Jet:
    return reduce(lambda a, b: a + b, xs, ZERO)


def _transpose(x: Value) -> Value:
    return grid_of(zip(*rows_of(x), strict=True))


def product_of(a: Value, b: Value) -> Value:
    """The matrix product."""
    left, right = rows_of(a), list(zip(*rows_of(b), strict=True))
    if len(left[0]) != len(right[0]):
        raise ShapeError(f"matrix product of {len(left)}×{len(left[0])} and {len(right[0])}×{len(right)}")
    return grid_of([dot(row, column) for column in right] for row in left)


def identity_of(n: int) -> Value:
    return grid_of([ONE if i == j else ZERO for j in range(n)] for i in range(n))


def _determinant_adjugate(a: Value) -> tuple[Jet, Value]:
    """det A and adj A by Faddeev and LeVerrier: only integers are divided by, so every commutative ring will do."""
    rows = rows_of(a)
    n = len(rows)
    _square(rows)
    m, c = identity_of(n), ONE
    for k in range(1, n + 1):
        am = product_of(a, m)
        c = _trace(am) / -k
        if k < n:
            m = each(lambda x, y: x + y, am, _scaled(c, identity_of(n)))
    flip = 1 if n % 2 else -1
    return c * -flip, each(lambda x: x * flip, m)


def adjugate_of(x: Value) -> Value:
    return _determinant_adjugate(x)[1]


def _scaled(c: Jet, a: Value) -> Value:
    return each(lambda x: c * x, a)


def _square(rows: Any) -> None:
    if len(rows) != len(rows[0]):
        raise ShapeError(f"a square matrix is needed, this is {len(rows)}×{len(rows[0])}")


def _trace(x: Value) -> Jet:
    rows = rows_of(x)
    _square(rows)
    return _total(rows[i][i] for i in range(len(rows)))


def _det(x: Value) -> Jet:
    return _determinant_adjugate(x)[0]


def _inv(x: Value) -> Value:
    det, adjugate = _determinant_adjugate(x)
    if vanishes(det):
        raise DomainError("this matrix has no inverse: its determinant is 0")
    return each(lambda c: c / det, adjugate)


def matrix_power(x: Value, k: Value) -> Value:
    n = as_int(k.number)
    if n is None:
        raise RuleError("a matrix power needs an integer exponent")
    base = _inv(x) if n < 0 else x
    return reduce(product_of, [base] * abs(n), identity_of(len(rows_of(x))))


def _expm(x: Value) -> Value:
    """exp A: every jet is written as the matrix by which it multiplies, and the large matrix is exponentiated."""
    rows = rows_of(x)
    _square(rows)
    epsilons = sorted({e for row in rows for c in row for e in _epsilons(c)}, key=lambda e: e[0].depth)
    size = math.prod(n for _, n in epsilons)
    blocks = [[_regular(c, epsilons) for c in row] for row in rows]
    n = len(rows) * size
    flat = [[as_ball(blocks[i // size][j // size][i % size][j % size]) for j in range(n)] for i in range(n)]
    y = arb_mat(flat).exp()
    if not all(c.is_finite() for c in y.entries()):
        raise TooWide("the exponential of a matrix")
    first = [[[y[i, j + k] for k in range(size)] for j in range(0, n, size)] for i in range(0, n, size)]
    return grid_of([_from_regular(c, epsilons) for c in row] for row in first)


def _epsilons(x: Jet) -> Iterator[tuple[Epsilon, int]]:
    """Every ε below a jet, with the number of its coefficients."""
    if x.epsilon is not None:
        yield x.epsilon, len(x.c)
        for c in x.c:
            yield from _epsilons(c)


def _regular(x: Jet, epsilons: list[tuple[Epsilon, int]]) -> list[list[Number]]:
    """The upper triangular matrix by which a jet multiplies the coefficients of jets in these ε."""
    if not epsilons:
        return [[x.c[0]]]
    epsilon, n = epsilons[-1]
    c = x.c if x.epsilon is epsilon else (x, *[ZERO] * (n - 1))
    parts = [_regular(a, epsilons[:-1]) for a in c]
    size = len(parts[0])
    cell = lambda i, j: parts[j // size - i // size][i % size][j % size] if j // size >= i // size else fmpq(0)  # noqa: E731
    return [[cell(i, j) for j in range(n * size)] for i in range(n * size)]


def _from_regular(row: list[Number], epsilons: list[tuple[Epsilon, int]]) -> Jet:
    """The jet whose multiplication has this first row."""
    if not epsilons:
        return Jet((row[0],))
    epsilon, n = epsilons[-1]
    size = len(row) // n
    return Jet(tuple(_from_regular(row[k * size : (k + 1) * size], epsilons[:-1]) for k in range(n)), epsilon)


# ------------------------------------------------------------------------------------------- the named array operations
def _norm2(x: Value) -> Jet:
    squares = _total(c * c for c in _cells(x))
    if squares.epsilon is None and isinstance(squares.c[0], arb) and squares.c[0].contains(0):
        half = squares.c[0].abs_upper().sqrt() / 2  # a sum of squares is not negative, however wide its ball is
        return Jet((arb(half.mid(), half.abs_upper()),)) if not squares.c[0].is_zero() else ZERO
    return sqrt(squares)


def _by_rows(f: Callable[[Sequence[Jet]], Sequence[Jet]]) -> Callable[[Value, Shape], Value]:
    """f along the rows of a matrix, over the whole of a vector."""

    def apply(x: Value, shape: Shape) -> Value:
        if len(shape) == 2:
            return grid_of(f(row) for row in rows_of(x))
        return column_of(f(_cells(x)))

    return apply


def _lse(xs: Sequence[Jet]) -> Jet:
    return log(_total(exp(x) for x in xs))


def _softmax(xs: Sequence[Jet]) -> list[Jet]:
    """exp(xᵢ) / Σ exp(xⱼ), shifted by the first operand: shifts change nothing."""
    shifted = [exp(x - xs[0]) for x in xs]
    total = _total(shifted)
    return [e / total for e in shifted]


def _diagonal_matrix(x: Value) -> Value:
    rows = rows_of(x)
    if min(len(rows), len(rows[0])) > 1:
        raise RuleError("`diag` makes a matrix of a vector; the diagonal of a matrix is `diagv`")
    cells = _cells(x)
    return grid_of([c if i == j else ZERO for j in range(len(cells))] for i, c in enumerate(cells))


def kronecker(a: Value, b: Value) -> Value:
    return grid_of([x * y for x, y in product(top, bottom)] for top, bottom in product(rows_of(a), rows_of(b)))


def _mean(xs: Any) -> Jet:
    cells = list(xs)
    return _total(cells) / len(cells)


def _plain(f: Callable[..., Value]) -> Callable[..., Value]:
    """An operation that does not look at the shape which its operand was declared with."""
    return lambda x, shape: f(x)


ARRAY: dict[str, Callable[[Value, Shape], Value]] = {
    "T":          _plain(_transpose),
    "tr":         _plain(_trace),
    "det":        _plain(_det),
    "logdet":     _plain(lambda x: log(_det(x))),
    "inv":        _plain(_inv),
    "expm":       _plain(_expm),
    "sum":        _plain(lambda x: _total(_cells(x))),
    "mean":       _plain(lambda x: _mean(_cells(x))),
    "norm1":      _plain(lambda x: _total(map(absolute, _cells(x)))),
    "norm2":      _plain(_norm2),
    "diag":       _plain(_diagonal_matrix),
    "diagv":      _plain(lambda x: column_of(row[i] for i, row in enumerate(rows_of(x)))),
    "rowsum":     _plain(lambda x: column_of(map(_total, rows_of(x)))),
    "colsum":     _plain(lambda x: grid_of([map(_total, zip(*rows_of(x), strict=True))])),
    "rowmean":    _plain(lambda x: column_of(map(_mean, rows_of(x)))),
    "colmean":    _plain(lambda x: grid_of([map(_mean, zip(*rows_of(x), strict=True))])),
    "vec":        _plain(lambda x: column_of(_cells(_transpose(x)))),
    "softmax":    _by_rows(_softmax),
    "logsoftmax": _by_rows(lambda xs: [x - _lse(xs) for x in xs]),
    "lse":        lambda x, shape: column_of(map(_lse, rows_of(x))) if len(shape) == 2 else _lse(_cells(x)),
}  # fmt: skip
