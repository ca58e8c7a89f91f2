"""Layers of different kinds one above the other: one row is one kind of layer, `{"type": "conv2d", …}` in a network.

A batch flows as X (n×d), the rows are the samples (or the tokens of a sequence); an image or a signal flows one at a
time, as a list of channels, and becomes a column where it is flattened. A row takes what flows and writes the lines of
its layer, with the number of the layer behind each name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from . import losses
from .blocks.convolution import averaged, correlated, fits, one_sided
from .errors import GraphError, RuleError, ShapeError, quote
from .functions import lookup
from .graph import Graph, is_parameter
from .names import unicode
from .operations import apply, ones
from .term import Term, add, fn, matmul, mul, normal_shape, num, sym, transpose

LARGEST = 10_000  # of a size, a number of units or of filters
DEEPEST = 200  # layers


@dataclass(slots=True)
class Flow:
    """What has been written so far, and the value that flows on: one array, or one array per channel."""

    rows: list[tuple[str, Term]]
    values: list[Term]
    kind: str  # "batch", "image" or "column"
    size: tuple[int, ...] = ()  # of each channel of an image or a signal; a side of 1 counts
    declared: dict[str, tuple[int, ...]] = field(default_factory=dict)  # the sizes as they are given

    @property
    def value(self) -> Term:
        return self.values[0]

    def define(self, name: str, value: Term) -> Term:
        self.rows.append((name, value))
        return sym(name, value.shape)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of layer: the keys of its description, what it takes, and how it is written."""

    name: str
    keys: tuple[str, ...]
    takes: tuple[str, ...]
    write: Callable[[Flow, Mapping[str, Any], str], None]


def stack(spec: Mapping[str, Any]) -> Graph:
    """The graph of a network with layers of several kinds; its last lines are the loss.

    >>> stack({"image": [4, 4], "loss": "bce_logits", "layers": [
    ...     {"type": "conv2d", "kernel": 3, "activation": "relu"}, {"type": "flatten"}, {"units": 1}]})
    Graph(Z1 = conv(X, W1, 1, 0) + b1; A1 = relu(Z1); a2 = vec(A1); z3 = w3'*a2 + b3; E = softplus(z3) - t*z3)
    """
    layers = spec["layers"]
    if len(layers) > DEEPEST:
        raise GraphError(f"this network has {len(layers)} layers; at most {DEEPEST} are written out")
    flow = _start(spec)
    for i, entry in enumerate(layers, 1):
        kind = _kind(entry, i)
        if flow.kind not in kind.takes:
            takes = " or ".join(ARTICLE[k] for k in kind.takes)
            one = ": start with `image`, one at a time, and add the losses of a batch" if kind.takes == (IMAGE,) else ""
            raise GraphError(f"layer {i}: {kind.name} takes {takes}, and {ARTICLE[flow.kind]} arrives{one}")
        try:
            kind.write(flow, {**entry, "layer": i}, str(i))
        except ShapeError as e:
            raise GraphError(f"layer {i}: {e}") from None
    if len(flow.values) > 1 or (flow.kind == "image" and flow.value.shape):
        raise GraphError("the last layer leaves an image; flatten it and end in a layer with units")
    target = losses.target("T" if len(flow.value.shape) == 2 else "t", str(spec["loss"]), flow.value.shape)
    rows = [*flow.rows, ("E", losses.array(str(spec["loss"]), flow.value, target))]
    graph = Graph(rows, notes=_more_parameters(Graph(rows)))
    return one_sided(graph, {n: size for n, size in flow.declared.items() if n in graph.inputs})


def _more_parameters(graph: Graph) -> tuple[str, ...]:
    """The scales and shifts, which are trained and have no name of a weight."""
    found = [n for n in graph.inputs if n.startswith(("gamma", "beta")) and not is_parameter(n)]
    return (f"also trained: {', '.join(map(unicode, found))}; name them in `wrt`",) if found else ()


def is_stack(spec: Mapping[str, Any]) -> bool:
    """Whether a description needs layers of more kinds than fully connected ones."""
    layers = spec.get("layers")
    typed = isinstance(layers, list | tuple) and any(isinstance(e, Mapping) and "type" in e for e in layers)
    return typed or any(k in spec for k in STARTS if k != "inputs")


KEYS = ("inputs", "image", "signal", "channels", "layers", "loss")


def _start(spec: Mapping[str, Any]) -> Flow:
    given = [k for k in STARTS if k in spec]
    if len(given) != 1:
        raise GraphError(f"the network starts with one of {', '.join(STARTS)}, not with {', '.join(given) or 'none'}")
    return STARTS[given[0]](spec)


def _batch(spec: Mapping[str, Any]) -> Flow:
    width = spec["inputs"]
    width = len(width) if isinstance(width, list | tuple) else _whole(width, "`inputs`")
    return Flow([], [sym("X", ("n", width))], "batch")


def _channels(spec: Mapping[str, Any], size: tuple[int, ...]) -> Flow:
    count = _whole(spec.get("channels", 1), "`channels`")
    name = "X" if len(size) == 2 else "x"
    names = [f"{name}{c}" if count > 1 else name for c in range(1, count + 1)]
    return Flow([], [sym(n, normal_shape(size)) for n in names], "image", size, dict.fromkeys(names, size))


STARTS: dict[str, Callable[[Mapping[str, Any]], Flow]] = {
    "inputs": _batch,
    "image": lambda spec: _channels(spec, _pair(spec["image"], "`image`")),
    "signal": lambda spec: _channels(spec, (_whole(spec["signal"], "`signal`"),)),
}


def _kind(entry: Any, i: int) -> Kind:
    if not isinstance(entry, Mapping):
        raise GraphError(f'layer {i} is not an object such as {{"type": "dense", "units": 2}}')
    name = entry.get("type", "dense")
    if name not in KINDS:
        raise GraphError(f"layer {i}: there is no type {quote(str(name))!r}; there are {', '.join(KINDS)}")
    kind = KINDS[name]
    for key in entry:
        if key not in ("type", *kind.keys):
            raise GraphError(f"layer {i}: {name} has no key {quote(str(key))!r}; it has {', '.join(kind.keys)}")
    return kind


# ------------------------------------------------------------------------------------------------------------ the keys
def _whole(value: Any, what: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= LARGEST:
        raise GraphError(f"{what} is a whole number from 1 to {LARGEST:,}, not {quote(repr(value))}")
    return value


def _padding(value: Any) -> int:
    return 0 if value == 0 and not isinstance(value, bool) else _whole(value, "`padding`")


def _pair(value: Any, what: str) -> tuple[int, int]:
    if isinstance(value, list | tuple) and len(value) == 2:
        return _whole(value[0], what), _whole(value[1], what)
    raise GraphError(f"{what} is two sizes, such as [28, 28], not {quote(repr(value))}")


def _sizes(value: Any, directions: int, what: str) -> tuple[int, ...]:
    """One size for every direction, or one for each."""
    if directions == 2 and isinstance(value, list | tuple):
        return _pair(value, what)
    return (_whole(value, what),) * directions


def _activated(flow: Flow, z: Term, entry: Mapping[str, Any], end: str) -> Term:
    """a = f(z); the identity, and softmax before the cross-entropy, leave z."""
    name = entry.get("activation", "identity")
    if not isinstance(name, str):
        raise GraphError(f"layer {entry['layer']}: `activation` is the name of a function, such as relu")
    if name in ("identity", "softmax"):
        return z
    row = lookup(name)
    if not row.activation:
        raise RuleError(f"layer {entry['layer']}: `{row.name}` is no activation such as relu, tanh or sigmoid")
    return flow.define(("A" if z.name[0] == "Z" else "a") + z.name[1:], fn(row.name, z))


# ----------------------------------------------------------------------------------------------------------- the kinds
def _dense(flow: Flow, entry: Mapping[str, Any], end: str) -> None:
    units, x = _whole(entry.get("units"), f"layer {end}: `units`"), flow.value
    z = _of_batch(x, units, end) if flow.kind == "batch" else _of_column(x, units, end)
    if entry.get("bias", True) is not False:
        z = add(z, _bias(units, end, x.shape[0] if flow.kind == "batch" else None))
    name = ("Z" if len(z.shape) == 2 else "z") + end
    flow.values = [_activated(flow, flow.define(name, z), entry, end)]


def _of_batch(x: Term, units: int, end: str) -> Term:
    """X W; one unit makes a column of it."""
    width = x.shape[1] if len(x.shape) == 2 else 1
    if width == 1 and units > 1:
        return matmul(x, transpose(sym(f"w{end}", (units,))))
    w = sym(f"W{end}" if units > 1 else f"w{end}", tuple(k for k in (width, units) if k != 1))
    return matmul(x, w) if w.shape else mul(w, x)


def _of_column(x: Term, units: int, end: str) -> Term:
    """W a; one unit makes wᵀa of it."""
    if not x.shape:
        return mul(sym(f"w{end}", (units,) if units > 1 else ()), x)
    if units == 1:
        return matmul(transpose(sym(f"w{end}", x.shape)), x)
    return matmul(sym(f"W{end}", (units, x.shape[0])), x)


def _bias(units: int, end: str, samples: Any) -> Term:
    b = sym(f"b{end}", (units,) if units > 1 else ())
    return b if samples is None or units == 1 else matmul(ones((samples,)), transpose(b))


def _conv(directions: int) -> Callable[[Flow, Mapping[str, Any], str], None]:
    def write(flow: Flow, entry: Mapping[str, Any], end: str) -> None:
        if len(flow.size) != directions:
            raise GraphError(f"layer {end}: conv{directions}d takes {('a signal', 'an image')[directions - 1]}")
        size = _sizes(entry.get("kernel", 3), directions, f"layer {end}: `kernel`")
        stride, padding = num(_whole(entry.get("stride", 1), "`stride`")), num(_padding(entry.get("padding", 0)))
        filters = _whole(entry.get("filters", 1), f"layer {end}: `filters`")
        out = []
        for f in range(1, filters + 1):
            tail = f"{end}_{f}" if filters > 1 else end
            names = [_kernel(tail, c, len(flow.values)) for c in range(1, len(flow.values) + 1)]
            flow.declared |= dict.fromkeys(names, size)
            kernels = [sym(n, normal_shape(size)) for n in names]
            parts = [correlated(x, k, stride, padding, directions) for x, k in zip(flow.values, kernels, strict=True)]
            z = flow.define(f"Z{tail}", add(*parts, *([] if entry.get("bias", True) is False else [sym(f"b{tail}")])))
            out.append(_activated(flow, z, entry, tail))
        flow.values, flow.size = out, _moved(flow.size, size, entry)

    return write


def _moved(size: Sequence[int], window: Sequence[int], entry: Mapping[str, Any]) -> tuple[int, ...]:
    """How many places a window has in each direction."""
    s, p = entry.get("stride", 1), entry.get("padding", 0)
    return tuple((n + 2 * p - k) // s + 1 for n, k in zip(size, window, strict=True))


def _kernel(tail: str, channel: int, channels: int) -> str:
    """W2 in layer 2; W2_1 of its filter 1; W2_13 or W2_1_3 of that filter on channel 3."""
    if channels == 1:
        return f"W{tail}"
    return f"W{tail}_{channel}" if "_" not in tail or channels > 9 else f"W{tail}{channel}"


def _pool(change: Callable[[Term, int, int, int], Term]) -> Callable[..., None]:
    """One line for each channel, in the window, the stride and the number of directions."""

    def write(flow: Flow, entry: Mapping[str, Any], end: str) -> None:
        window = _whole(entry.get("window", 2), "`window`")
        stride = _whole(entry.get("stride", window), "`stride`")
        fits(flow.size, window)
        tails = [f"{end}_{c}" if len(flow.values) > 1 else end for c in range(1, len(flow.values) + 1)]
        made = [change(x, window, stride, len(flow.size)) for x in flow.values]
        flow.values = [flow.define(f"P{t}", z) for t, z in zip(tails, made, strict=True)]
        flow.size = _moved(flow.size, (window,) * len(flow.size), {"stride": stride})

    return write


def _max_pool(x: Term, window: int, stride: int, directions: int) -> Term:
    return apply("max_pool", x, num(window), num(stride))


def _flatten(flow: Flow, entry: Mapping[str, Any], end: str) -> None:
    if len(flow.values) > 1:
        raise GraphError(f"layer {end}: of {len(flow.values)} channels only the sum is flattened: put a `merge` before")
    x = flow.value
    flow.values, flow.kind = [flow.define(f"a{end}", apply("vec", x)) if len(x.shape) == 2 else x], "column"


def _merge(flow: Flow, entry: Mapping[str, Any], end: str) -> None:
    """The sum of the channels."""
    flow.values = [flow.define(f"A{end}", add(*flow.values))] if len(flow.values) > 1 else flow.values


def _program(home: str, renamed: Mapping[str, str] | None = None, **options: str) -> Callable[..., None]:
    """A layer written by a row of symnet.blocks, its names with the number of the layer."""

    def write(flow: Flow, entry: Mapping[str, Any], end: str) -> None:
        from .blocks import builder
        from .term import substitute

        x = flow.value
        if len(x.shape) != 2:
            raise GraphError(f"layer {end}: {home} takes a batch with at least two features")
        sizes = {"d": x.shape[1], **{d: _whole(entry.get(key, x.shape[1]), f"`{key}`") for d, key in options.items()}}
        graph = builder(home)(**sizes)
        known: dict[Term, Term] = {graph.symbols["X"]: x}
        for n in graph.inputs:
            if n not in ("X", "eps"):
                s = graph.symbols[n]
                known[s] = sym((renamed or {}).get(n, n) + end, s.shape, s.facts)
        for q in graph.definitions:
            if q.name == graph.result.name:
                break
            known[q.symbol] = flow.define(q.name + end, substitute(q.value, dict(known)))
        flow.values = [known[graph.definitions[-2].symbol]]

    return write


BATCH, IMAGE, COLUMN = "batch", "image", "column"
ARTICLE = {BATCH: "a batch", IMAGE: "an image", COLUMN: "a column"}
# fmt: off
_ROWS = (
    Kind("dense",        ("units", "activation", "bias"),                                (BATCH, COLUMN), _dense),
    Kind("conv1d",       ("kernel", "filters", "stride", "padding", "activation", "bias"), (IMAGE,), _conv(1)),
    Kind("conv2d",       ("kernel", "filters", "stride", "padding", "activation", "bias"), (IMAGE,), _conv(2)),
    Kind("max_pool",     ("window", "stride"), (IMAGE,), _pool(_max_pool)),
    Kind("average_pool", ("window", "stride"), (IMAGE,), _pool(averaged)),
    Kind("merge",        (),                   (IMAGE,), _merge),
    Kind("flatten",      (),                   (IMAGE,), _flatten),
    Kind("batch_norm",   (),                   (BATCH,), _program("batch_norm")),
    Kind("layer_norm",   (),                   (BATCH,), _program("layer_norm")),
    Kind("rms_norm",     (),                   (BATCH,), _program("rms_norm")),
    Kind("dropout",      (),                   (BATCH,), _program("dropout")),
    Kind("residual",     ("units",),           (BATCH,), _program("residual", {"V": "W_in", "W": "W_out"}, h="units")),
    Kind("attention",    ("units", "values"),  (BATCH,), _program("attention", h="units", p="values")),
)
# fmt: on
KINDS: dict[str, Kind] = {row.name: row for row in _ROWS}


def described(spec: Mapping[str, Any], unknown: Callable[[Mapping[str, Any], Sequence[str], str], None]) -> Graph:
    """`stack` for a description that has not been looked at."""
    unknown(spec, KEYS, "a network with layers of several types")
    for key in ("layers", "loss"):
        if key not in spec:
            raise GraphError(f"the network has no {key!r}; it needs {', '.join(STARTS)} (one of them), layers and loss")
    if not isinstance(spec["layers"], list | tuple) or not spec["layers"]:
        raise GraphError('`layers` is a list of layers, each such as {"type": "conv2d", "kernel": 3}')
    return stack(spec)
