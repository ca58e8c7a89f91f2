"""Windows and blocks of arrays of jets: convolution and Kronecker product with their adjoints, and pooling.

Each is written as the sum that defines it, element by element, so it can check the array programs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import product

from ..errors import RuleError
from .grids import Value, by_length, grid_of, rows_of
from .jets import ZERO, Jet, as_int, sign

Place = tuple[int, ...]


def _directions(*xs: Value) -> int:
    """Columns are signals, unless an array with several columns stands beside them."""
    return 1 if all(len(rows_of(x)[0]) == 1 for x in xs) else 2


def cell_of(x: Value, directions: int) -> tuple[Callable[[Place], Jet], Place]:
    """The element at a place, 0 outside, and the sizes; a signal has one direction."""
    rows = rows_of(x)
    if directions == 1:
        return lambda at: rows[at[0]][0] if 0 <= at[0] < len(rows) else ZERO, (len(rows),)
    n, m = len(rows), len(rows[0])
    return lambda at: rows[at[0]][at[1]] if 0 <= at[0] < n and 0 <= at[1] < m else ZERO, (n, m)


def _array(sizes: Sequence[int], element: Callable[[Place], Jet]) -> Value:
    cells = [element(at) for at in _places(sizes)]
    return grid_of(by_length(cells, sizes[1] if len(sizes) == 2 else 1))


def _places(sizes: Sequence[int]) -> Iterator[Place]:
    return product(*map(range, sizes))


def _numbers(*values: Value) -> list[int]:
    found = [as_int(v.number) for v in values]
    if any(n is None for n in found):
        raise RuleError("the sizes, the stride and the padding of a window are whole numbers")
    return [n for n in found if n is not None]


def _sum(parts: Iterator[Jet]) -> Jet:
    total = ZERO
    for part in parts:
        total = total + part
    return total


def conv(x: Value, k: Value, stride: Value, padding: Value) -> Value:
    """Z[i] = Σ_k K[k] X[s i + k − p]."""
    (s, p), count = _numbers(stride, padding), _directions(x, k)
    (at, size), (weight, window) = cell_of(x, count), cell_of(k, count)
    out = [(n + 2 * p - m) // s + 1 for n, m in zip(size, window, strict=True)]
    return _array(out, lambda i: _sum(weight(m) * at(_moved(i, m, s, p)) for m in _places(window)))


def conv_input(g: Value, k: Value, stride: Value, padding: Value, *sizes: Value) -> Value:
    """∂L/∂X[j] = Σ_i Δ[i] K[j − s i + p]."""
    (s, p), (at, size), (weight, _) = _numbers(stride, padding), cell_of(g, len(sizes)), cell_of(k, len(sizes))

    def element(j: Place) -> Jet:
        return _sum(at(i) * weight(tuple(b - s * a + p for a, b in zip(i, j, strict=True))) for i in _places(size))

    return _array(_numbers(*sizes), element)


def conv_kernel(x: Value, g: Value, stride: Value, padding: Value, *sizes: Value) -> Value:
    """∂L/∂K[k] = Σ_i Δ[i] X[s i + k − p]."""
    (s, p), (at, _), (delta, size) = _numbers(stride, padding), cell_of(x, len(sizes)), cell_of(g, len(sizes))
    return _array(_numbers(*sizes), lambda k: _sum(delta(i) * at(_moved(i, k, s, p)) for i in _places(size)))


def _moved(i: Place, k: Place, s: int, p: int) -> Place:
    return tuple(s * a + b - p for a, b in zip(i, k, strict=True))


def _largest(x: Value, window: int, stride: int) -> dict[Place, Place]:
    """Where the largest element of each window is; the first at a tie."""
    at, size = cell_of(x, _directions(x))
    found: dict[Place, Place] = {}
    for i in _places([(n - window) // stride + 1 for n in size]):
        best = tuple(stride * a for a in i)
        for k in _places([window] * len(size)):
            here = _moved(i, k, stride, 0)
            best = here if here != best and sign(at(here) - at(best)) > 0 else best
        found[i] = best
    return found


def max_pool(x: Value, window: Value, stride: Value) -> Value:
    return picked(x, x, window, stride)


def picked(c: Value, x: Value, window: Value, stride: Value) -> Value:
    """The elements of C where those of X are largest, window by window."""
    k, s = _numbers(window, stride)
    at, largest = cell_of(c, _directions(x))[0], _largest(x, k, s)
    return _array([n + 1 for n in max(largest)], lambda i: at(largest[i]))


def unpool(g: Value, x: Value, window: Value, stride: Value) -> Value:
    """Each element of G added at the place where its window of X is largest."""
    k, s = _numbers(window, stride)
    at, largest = cell_of(g, _directions(x))[0], _largest(x, k, s)
    return _array(cell_of(x, _directions(x))[1], lambda j: _sum(at(i) for i, best in largest.items() if best == j))


def unvec(x: Value, rows: Value, columns: Value) -> Value:
    """The matrix whose columns one below the other are x."""
    (n, m), cells = _numbers(rows, columns), [row[0] for row in rows_of(x)]
    return grid_of([cells[i + n * j] for j in range(m)] for i in range(n))


def blockdot(g: Value, b: Value) -> Value:
    """Ā[i, j] = Σ_k Σ_l G[p i + k, q j + l] B[k, l]."""
    (at, (rows, columns)), (weight, (p, q)) = _matrix(g), _matrix(b)

    def element(i: int, j: int) -> Jet:
        return _sum(at(p * i + k, q * j + m) * weight(k, m) for k, m in _places((p, q)))

    return grid_of([element(i, j) for j in range(columns // q)] for i in range(rows // p))


def blocksum(g: Value, a: Value) -> Value:
    """B̄[k, l] = Σ_i Σ_j A[i, j] G[p i + k, q j + l]."""
    (at, (rows, columns)), (weight, (m, n)) = _matrix(g), _matrix(a)
    p, q = rows // m, columns // n

    def element(k: int, c: int) -> Jet:
        return _sum(at(p * i + k, q * j + c) * weight(i, j) for i, j in _places((m, n)))

    return grid_of([element(k, c) for c in range(q)] for k in range(p))


def _matrix(x: Value) -> tuple[Callable[[int, int], Jet], tuple[int, int]]:
    rows = rows_of(x)
    return lambda i, j: rows[i][j], (len(rows), len(rows[0]))


WINDOWS: dict[str, Callable[..., Value]] = {
    "conv": conv, "conv_input": conv_input, "conv_kernel": conv_kernel, "max_pool": max_pool, "unpool": unpool,
    "picked": picked, "unvec": unvec, "blockdot": blockdot, "blocksum": blocksum,
}  # fmt: skip
