"""Convolutions and pooling in one and two dimensions; sizes are numbers, s is the stride, p the padding.

What courses call a convolution is a cross-correlation: Z[i] = Σ_k K[k] X[s i + k − p]. Its gradient by the kernel is
the correlation of X with Δ, that by the input the full convolution of Δ, spread by the stride, with the flipped kernel.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..errors import GraphError, ShapeError
from ..graph import Graph
from ..operations import apply, ones
from ..term import ZERO, Term, add, div, mul, normal_shape, num, sym, transpose
from .programs import with_loss


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
    if len(size) != len(kernel) or len(size) > 2:
        raise GraphError(
            f"an image has two sizes and a kernel two, not {len(size)} and {len(kernel)}: write one image, its channels"
            " with `channels`, and add the losses of a batch"
        )
    x, k = ("X", "K") if len(size) == 2 else ("x", "k")
    s, p = num(stride), num(padding)
    inputs = [sym(f"{x}{c}" if channels > 1 else x, normal_shape(size)) for c in range(1, channels + 1)]
    shapes = {a.name: tuple(size) for a in inputs}
    rows: list[tuple[str, Term]] = []
    for f in range(1, filters + 1):
        end = str(f) if filters > 1 else ""
        kernels = [sym(_kernel(k, f, c, filters, channels), normal_shape(kernel)) for c in range(1, channels + 1)]
        shapes |= {b.name: tuple(kernel) for b in kernels}
        parts = [correlated(a, b, s, p, len(size)) for a, b in zip(inputs, kernels, strict=True)]
        rows.append((f"Z{end}", add(*parts, *([sym(f"b{end}")] if bias else []))))
    return _with_losses(rows, loss, shapes)


def correlated(x: Term, k: Term, stride: Term, padding: Term, directions: int) -> Term:
    """`conv` of signals or images; a column beside a column is a signal, so two images of one column are transposed."""
    signals = len(x.shape) < 2 and len(k.shape) < 2
    if directions == 1 or not signals or padding is ZERO:
        return apply("conv", x, k, stride, padding)
    if not x.shape and not k.shape:
        raise ShapeError("an image of 1×1 and a kernel of 1×1 are numbers: write their product, without padding")
    return transpose(apply("conv", _turned(x), _turned(k), stride, padding))


def _turned(x: Term) -> Term:
    return transpose(x) if x.shape else x


def _kernel(name: str, f: int, c: int, filters: int, channels: int) -> str:
    """K; K1, K2, … for several filters or channels; K1_2 for filter 1 on channel 2."""
    if filters > 1 and channels > 1:
        return f"{name}{f}_{c}"
    return f"{name}{f if filters > 1 else c}" if filters > 1 or channels > 1 else name


def _with_losses(rows: list[tuple[str, Term]], loss: str | None, shapes: Mapping[str, tuple[int, ...]]) -> Graph:
    """Each output in the loss, or weighted with the gradient that arrives from above."""
    if len(rows) == 1:
        return one_sided(with_loss(Graph(rows), loss), shapes)
    if loss is not None:
        raise GraphError("a loss is written for one filter; for several, build on the graph and add yours")
    total = [apply("sum", mul(sym(f"G{name[1:]}", z.shape), sym(name, z.shape))) for name, z in rows]
    return one_sided(Graph([*rows, ("L", add(*total))]), shapes)


def one_sided(graph: Graph, shapes: Mapping[str, tuple[int, ...]]) -> Graph:
    """The same graph, its images with a side of 1 given and returned in both sizes."""
    told = {n: size for n, size in shapes.items() if len(size) == 2 and 1 in size}
    return Graph([(q.name, q.value) for q in graph.definitions], told, notes=graph.notes) if told else graph


def max_pool(size: Sequence[int] = (4, 4), window: int = 2, *, stride: int | None = None) -> Graph:
    """Y is the largest element of each window; at a tie the first one takes the gradient.

    >>> max_pool((4, 4))
    Graph(Y = max_pool(X, 2, 2); L = sum(G .* Y))
    """
    x, step, sizes = _pooling(size, window, stride)
    return one_sided(with_loss(Graph([("Y", apply("max_pool", x, num(window), num(step)))])), {x.name: sizes})


def average_pool(size: Sequence[int] = (4, 4), window: int = 2, *, stride: int | None = None) -> Graph:
    """Y is the mean of each window: the convolution with the constant kernel 1/k².

    >>> average_pool((4, 4))
    Graph(Y = conv(X, ones(2, 2), 2, 0)/4; L = sum(G .* Y))
    """
    x, step, sizes = _pooling(size, window, stride)
    graph = with_loss(Graph([("Y", averaged(x, window, step, len(sizes)))]))
    note = "∂L/∂X: each Δ is spread over its window in equal parts"
    whole = Graph([(q.name, q.value) for q in graph.definitions], notes=(note,))
    return one_sided(whole, {x.name: sizes})


def averaged(x: Term, window: int, step: int, directions: int) -> Term:
    """The mean of each window."""
    kernel = ones(normal_shape((window,) * directions))
    return div(apply("conv", x, kernel, num(step), num(0)), num(window**directions))


def _pooling(size: Sequence[int], window: int, stride: int | None) -> tuple[Term, int, tuple[int, ...]]:
    size = (size,) if isinstance(size, int) else tuple(size)
    _checked(*size, window, stride or window)
    if len(size) not in (1, 2):
        raise GraphError(f"a signal has one size and an image two, not {len(size)}: pool one channel of one image")
    fits(size, window)
    return sym("X" if len(size) == 2 else "x", normal_shape(size)), stride or window, size


def fits(size: Sequence[int], window: int) -> None:
    """Refuse a window that is larger than a side, a side of 1 too."""
    if window > min(size):
        sides = "×".join(map(str, size))
        raise ShapeError(f"a window of {'×'.join([str(window)] * len(size))} does not fit into {sides}")


def _checked(*sizes: int) -> None:
    for n in sizes:
        if not isinstance(n, int) or isinstance(n, bool) or not 1 <= n <= 10_000:
            raise GraphError(f"a size, a stride or a number of channels is a whole number from 1 to 10,000, not {n!r}")


