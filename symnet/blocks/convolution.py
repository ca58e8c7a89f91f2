"""Convolutions and pooling in one and two dimensions; sizes are numbers, s is the stride, p the padding.

What courses call a convolution is a cross-correlation: Z[i] = Σ_k K[k] X[s i + k − p]. Its gradient by the kernel is
the correlation of X with Δ, that by the input the full convolution of Δ, spread by the stride, with the flipped kernel.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import GraphError
from ..graph import Graph
from ..operations import apply, ones
from ..term import Term, add, div, mul, num, sym
from .programs import with_loss

NOTES = {
    1: ("Z[i] = Σ_k K[k] X[s i + k − p]; s = {s}, p = {p}",
        "∂L/∂K[k] = Σ_i Δ[i] X[s i + k − p]: the correlation of X with Δ",
        "∂L/∂X[j] = Σ_i Δ[i] K[j − s i + p]: the full convolution of Δ with the flipped kernel"),
    2: ("Z[i, j] = Σ_k Σ_l K[k, l] X[s i + k − p, s j + l − p]; s = {s}, p = {p}",
        "∂L/∂K[k, l] = Σ_i Σ_j Δ[i, j] X[s i + k − p, s j + l − p]: the correlation of X with Δ",
        "∂L/∂X[m, n] = Σ_i Σ_j Δ[i, j] K[m − s i + p, n − s j + p]: the full convolution of Δ with the flipped kernel"),
}  # fmt: skip


def conv1d(
    size: int = 8, kernel: int = 3, *, stride: int = 1, padding: int = 0, channels: int = 1, filters: int = 1,
    bias: bool = True, loss: str | None = None,
) -> Graph:  # fmt: skip
    """Z[i] = Σ_k K[k] X[s i + k − p] + b on a signal of `size` numbers, summed over the channels, for each filter.

    >>> conv1d(8, 3)
    Graph(Z = conv(x, k, 1, 0) + b; L = sum(g .* Z))
    """
    return _convolution((size,), (kernel,), stride, padding, channels, filters, bias, loss)


def conv2d(
    size: tuple[int, int] = (6, 6), kernel: tuple[int, int] = (3, 3), *, stride: int = 1, padding: int = 0,
    channels: int = 1, filters: int = 1, bias: bool = True, loss: str | None = None,
) -> Graph:  # fmt: skip
    """Z[i, j] = Σ_k Σ_l K[k, l] X[s i + k − p, s j + l − p] + b on an image, summed over the channels, for each filter.

    >>> conv2d((6, 6), (3, 3), padding=1, bias=False)
    Graph(Z = conv(X, K, 1, 1); L = sum(G .* Z))
    """
    return _convolution(tuple(size), tuple(kernel), stride, padding, channels, filters, bias, loss)


def _convolution(
    size: Sequence[int], kernel: Sequence[int], stride: int, padding: int, channels: int, filters: int, bias: bool,
    loss: str | None,
) -> Graph:  # fmt: skip
    _checked(*size, *kernel, stride, channels, filters)
    x, k = ("X", "K") if len(size) == 2 else ("x", "k")
    s, p = num(stride), num(padding)
    inputs = [sym(f"{x}{c}" if channels > 1 else x, tuple(size)) for c in range(1, channels + 1)]
    rows: list[tuple[str, Term]] = []
    for f in range(1, filters + 1):
        end = str(f) if filters > 1 else ""
        kernels = [sym(_kernel(k, f, c, filters, channels), tuple(kernel)) for c in range(1, channels + 1)]
        parts = [apply("conv", a, b, s, p) for a, b in zip(inputs, kernels, strict=True)]
        rows.append((f"Z{end}", add(*parts, *([sym(f"b{end}")] if bias else []))))
    notes = tuple(n.format(s=stride, p=padding) for n in NOTES[len(size)])
    return _with_losses(rows, loss, notes)


def _kernel(name: str, f: int, c: int, filters: int, channels: int) -> str:
    """K; K1, K2, … for several filters or channels; K1_2 for filter 1 on channel 2."""
    if filters > 1 and channels > 1:
        return f"{name}{f}_{c}"
    return f"{name}{f if filters > 1 else c}" if filters > 1 or channels > 1 else name


def _with_losses(rows: list[tuple[str, Term]], loss: str | None, notes: tuple[str, ...]) -> Graph:
    """Each output in the loss, or weighted with the gradient that arrives from above."""
    if len(rows) == 1:
        graph = with_loss(Graph(rows), loss)
        return Graph([(q.name, q.value) for q in graph.definitions], notes=notes)
    if loss is not None:
        raise GraphError("a loss is written for one filter; for several, build on the graph and add yours")
    total = [apply("sum", mul(sym(f"G{name[1:]}", z.shape), sym(name, z.shape))) for name, z in rows]
    return Graph([*rows, ("L", add(*total))], notes=notes)


def max_pool(size: Sequence[int] = (4, 4), window: int = 2, *, stride: int | None = None) -> Graph:
    """Y is the largest element of each window; at a tie the first one takes the gradient.

    >>> max_pool((4, 4))
    Graph(Y = max_pool(X, 2, 2); L = sum(G .* Y))
    """
    x, step = _pooling(size, window, stride)
    note = "∂L/∂X: each Δ goes to the largest element of its window, where windows overlap they are added"
    graph = with_loss(Graph([("Y", apply("max_pool", x, num(window), num(step)))]))
    return Graph([(q.name, q.value) for q in graph.definitions], notes=(note,))


def average_pool(size: Sequence[int] = (4, 4), window: int = 2, *, stride: int | None = None) -> Graph:
    """Y is the mean of each window: the convolution with the constant kernel 1/k².

    >>> average_pool((4, 4))
    Graph(Y = conv(X, ones(2, 2), 2, 0)/4; L = sum(G .* Y))
    """
    x, step = _pooling(size, window, stride)
    kernel = ones((window,) * len(x.shape))
    mean = div(apply("conv", x, kernel, num(step), num(0)), num(window ** len(x.shape)))
    note = "∂L/∂X: each Δ is spread over its window in equal parts"
    graph = with_loss(Graph([("Y", mean)]))
    return Graph([(q.name, q.value) for q in graph.definitions], notes=(note,))


def _pooling(size: Sequence[int], window: int, stride: int | None) -> tuple[Term, int]:
    size = (size,) if isinstance(size, int) else tuple(size)
    _checked(*size, window, stride or window)
    return sym("X" if len(size) == 2 else "x", tuple(size)), stride or window


def _checked(*sizes: int) -> None:
    for n in sizes:
        if not isinstance(n, int) or isinstance(n, bool) or not 1 <= n <= 10_000:
            raise GraphError(f"a size, a stride or a number of channels is a whole number from 1 to 10,000, not {n!r}")


