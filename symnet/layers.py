"""Networks and layers as graphs: every weight a name, or a line of matrices per layer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from . import losses
from .errors import GraphError, NameLookupError, RuleError, quote
from .functions import TABLE as FUNCTIONS
from .functions import lookup
from .graph import Graph, is_parameter
from .names import canonical
from .operations import apply, ones
from .stacking import described, is_stack
from .term import Term, add, fn, matmul, mul, sym, term, transpose

KEYS = ("inputs", "layers", "loss", "targets", "data", "samples", "bias")
LAYER_KEYS = ("units", "activation", "bias")
UNITS, INPUTS, WEIGHTS = 10_000, 10_000, 100_000  # budgets of a scalar network
MATRIX_WEIGHTS = 1_000_000_000  # the matrix form has one name for all weights of a layer


@dataclass(frozen=True, slots=True)
class Layer:
    units: int
    activation: str
    bias: bool


@dataclass(frozen=True, slots=True)
class Spec:
    """A network as it was asked for, checked."""

    inputs: tuple[str, ...]
    layers: tuple[Layer, ...]
    loss: str
    targets: tuple[str, ...]
    data: tuple[tuple[tuple[Term, ...], tuple[Term, ...]], ...]
    samples: str


def network(spec: Any, form: str = "scalar") -> Graph:
    """The graph of a fully connected network, zₗ = Wₗ aₗ₋₁ + bₗ, aₗ = f(zₗ), with its loss.

    `spec` is a dict or JSON text: `inputs` (names), `layers` (each `units`, `activation`, optionally `bias`), `loss`;
    optionally `targets` (names), `bias`, and the samples: `data` (a list of [inputs, targets] of exact numbers, each
    written out) or `samples` (a dimension name: every input and target is then a vector over the samples). With
    `form="scalar"` every weight has a name: `w1_21` is the weight of layer 1 into unit 2 from input 1 (w1, b1, z1, a1
    for one unit and one input a layer); with `form="matrix"` a layer is `Z = X*W + ones(n)*b'`. Unknown keys,
    activations and losses are refused with a `GraphError` or `RuleError`.

    A layer with a `type` (conv2d, max_pool, flatten, layer_norm, dropout, residual, attention, …: stacking.py has the
    table) is written with arrays whatever the form; the network then starts with `inputs` (a batch X of that many
    columns), `image` ([rows, columns]) or `signal` (a length), for these with `channels`.

    >>> network({"inputs": ["x"], "layers": [{"units": 1, "activation": "sigmoid"}], "loss": "half_sse"})
    Graph(z = w*x + b; a = sigmoid(z); E = 1/2*(a - t)^2)
    """
    asked = _parsed(spec)
    if is_stack(asked):
        return described(asked, _refuse_unknown)
    checked = _checked(asked, WEIGHTS if form == "scalar" else MATRIX_WEIGHTS)
    if form == "scalar":
        return _scalar(checked)
    if form == "matrix":
        return _matrix(checked)
    raise GraphError(f'`form` is "scalar" or "matrix", not {quote(str(form))!r}')


# ------------------------------------------------------------------------------------------------------- validation
def _parsed(spec: Any) -> Mapping[str, Any]:
    if isinstance(spec, str):
        if len(spec) > 1_000_000:
            raise GraphError("a network description may have 1,000,000 characters, not more")
        try:
            spec = json.loads(spec)
        except (ValueError, RecursionError) as e:
            where = f" (line {e.lineno}, column {e.colno})" if isinstance(e, json.JSONDecodeError) else ""
            raise GraphError(
                f'this is not JSON{where}; write {{"inputs": ["x"], '
                '"layers": [{"units": 1, "activation": "sigmoid"}], "loss": "mse"}'
            ) from None
    if not isinstance(spec, Mapping):
        raise GraphError("a network is described by a dict (or a JSON object) with inputs, layers and loss")
    return spec


def _refuse_unknown(given: Mapping[str, Any], known: Sequence[str], what: str) -> None:
    for key in given:
        if key not in known:
            raise GraphError(f"{what} has no key {quote(str(key))!r}; it has {', '.join(known)}")


def _checked(spec: Mapping[str, Any], budget: int) -> Spec:
    _refuse_unknown(spec, KEYS, "a network")
    for key in ("inputs", "layers", "loss"):
        if key not in spec:
            raise GraphError(f"the network has no {key!r}; it needs inputs, layers and loss")
    inputs = _names(spec["inputs"], "inputs")
    if not isinstance(spec["layers"], list | tuple) or not spec["layers"]:
        raise GraphError('`layers` is a list of layers, each such as {"units": 2, "activation": "sigmoid"}')
    bias = _flag(spec.get("bias", True))
    layers = tuple(_layer(entry, i, bias) for i, entry in enumerate(spec["layers"], 1))
    outputs = layers[-1].units
    default = ["t"] if outputs == 1 else [f"t{i}" for i in range(1, outputs + 1)]
    targets = _names(spec.get("targets", default), "targets")
    for name in (*inputs, *targets):
        if is_parameter(name):
            raise GraphError(f"`{name}` reads as a weight; rename that input or target")
    if set(inputs) & set(targets):
        raise GraphError(f"`{next(n for n in inputs if n in targets)}` is an input and a target; rename one of them")
    if len(targets) != outputs:
        raise GraphError(f"the last layer has {outputs} units and there are {len(targets)} targets")
    _loss_fits(str(spec["loss"]), layers[-1])
    samples = canonical(spec["samples"]) if spec.get("samples") is not None else ""
    if samples and spec.get("data") is not None:
        raise GraphError("give `data` (samples written out) or `samples` (a dimension), not both")
    widths = [len(inputs), *(x.units for x in layers)]
    weights = sum(a * b for a, b in pairwise(widths))
    if weights > budget:
        raise GraphError(f"this network has {weights:,} weights; the budget of this form is {budget:,}")
    return Spec(inputs, layers, str(spec["loss"]), targets, _data(spec.get("data"), len(inputs), outputs), samples)


def _names(value: Any, what: str) -> tuple[str, ...]:
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= INPUTS:
        return ("x",) if value == 1 else tuple(f"x{i}" for i in range(1, value + 1))
    if not isinstance(value, list | tuple) or not value or not all(isinstance(n, str) for n in value):
        raise GraphError(f'`{what}` is a list of names such as ["x1", "x2"]')
    names = tuple(map(canonical, value))
    if len(set(names)) != len(names):
        raise GraphError(f"`{what}` names one quantity twice")
    return names


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise GraphError(f"`bias` is true or false, not {quote(repr(value))}")
    return value


def _layer(entry: Any, i: int, bias: bool) -> Layer:
    if not isinstance(entry, Mapping):
        raise GraphError(f'layer {i} is not an object such as {{"units": 2, "activation": "sigmoid"}}')
    _refuse_unknown(entry, LAYER_KEYS, f"layer {i}")
    units = entry.get("units")
    if not isinstance(units, int) or isinstance(units, bool) or not 0 < units <= UNITS:
        raise GraphError(f"layer {i}: `units` is a whole number from 1 to {UNITS:,}, not {quote(repr(units))}")
    return Layer(units, _activation(entry.get("activation", "identity"), i), _flag(entry.get("bias", bias)))


def _activation(name: Any, i: int) -> str:
    if not isinstance(name, str):
        raise GraphError(f"layer {i}: `activation` is the name of a function, such as sigmoid")
    if name == "softmax":
        return name
    try:
        row = lookup(name)
    except (RuleError, NameLookupError) as e:
        raise RuleError(f"layer {i}: {e}") from None
    if not row.activation:
        known = [n for n, r in FUNCTIONS.items() if r.activation]
        raise RuleError(f"layer {i}: `{row.name}` is no activation such as {', '.join(known[:6])} or, last, softmax")
    return row.name


def _loss_fits(name: str, last: Layer) -> None:
    row = losses.lookup(name)
    if last.activation == "softmax" and row.name != "cross_entropy":
        raise GraphError(f"softmax is written here only together with the loss cross_entropy, not with {row.name}")


def _data(data: Any, inputs: int, outputs: int) -> tuple[tuple[tuple[Term, ...], tuple[Term, ...]], ...]:
    if data is None:
        return ()
    if not isinstance(data, list | tuple) or not data:
        raise GraphError("`data` is a list of samples, each [inputs, targets]")
    rows = []
    for k, sample in enumerate(data, 1):
        if not isinstance(sample, list | tuple) or len(sample) != 2:
            raise GraphError(f"sample {k} of `data` is not [inputs, targets]")
        x, t = (_numbers(part, k) for part in sample)
        if len(x) != inputs or len(t) != outputs:
            raise GraphError(
                f"sample {k} has {len(x)} inputs and {len(t)} targets; the network has {inputs} and {outputs}"
            )
        rows.append((x, t))
    return tuple(rows)


def _numbers(part: Any, k: int) -> tuple[Term, ...]:
    values = part if isinstance(part, list | tuple) else [part]
    for v in values:
        finite = isinstance(v, int | float) and not isinstance(v, bool) and v == v and abs(v) != float("inf")
        if not finite and not isinstance(v, Term):
            raise GraphError(f"sample {k} of `data` holds {quote(repr(v))}, which is not a finite number")
    return tuple(map(term, values))


# ------------------------------------------------------------------------------------------------------ scalar form
def _scalar(spec: Spec) -> Graph:
    """Every weight, unit and sample a name of its own; or every unit a vector over the samples."""
    shape = (spec.samples,) if spec.samples else ()
    samples = spec.data or (
        (tuple(sym(n, shape) for n in spec.inputs), tuple(sym(n, shape) for n in spec.targets)),
    )
    rows: list[tuple[str, Term]] = []
    predictions: list[list[Term]] = []
    for k, (x, _) in enumerate(samples, 1):
        predictions.append(_forward(spec, list(x), k if spec.data else 0, rows))
    rows.append((_free_name("E", spec), _loss(spec, predictions, [list(t) for _, t in samples])))
    return Graph(rows)


def _forward(spec: Spec, values: list[Term], sample: int, rows: list[tuple[str, Term]]) -> list[Term]:
    naming = _Naming(spec)
    for index, layer in enumerate(spec.layers, 1):
        out = []
        for unit in range(1, layer.units + 1):
            sum_ = naming.weighted(index, unit, values, layer.bias)
            z = _define(rows, naming.quantity("z", index, unit, sample), sum_)
            if layer.activation in ("identity", "softmax"):
                out.append(z)
            else:
                out.append(_define(rows, naming.quantity("a", index, unit, sample), fn(layer.activation, z)))
        values = out
    return values


def _define(rows: list[tuple[str, Term]], name: str, value: Term) -> Term:
    rows.append((name, value))
    return sym(name, value.shape)


class _Naming:
    """w, b, z, a for one neuron; w1, … for one unit a layer; w1_21 for layer 1 into unit 2 from input 1."""

    def __init__(self, spec: Spec) -> None:
        widths = [len(spec.inputs), *(x.units for x in spec.layers)]
        self.taken = {*spec.inputs, *spec.targets}
        self.single_neuron = widths[1:] == [1]
        self.chain = all(w == 1 for w in widths)
        self.wide = any(w > 9 for w in widths)

    def quantity(self, head: str, layer: int, unit: int, sample: int = 0) -> str:
        end = f"_{sample}" if sample else ""
        if self.single_neuron:
            return self._free(head + end.replace("_", ""))
        if self.chain:
            return self._free(f"{head}{layer}{end}")
        return self._free(f"{head}{layer}_{unit}{end}")

    def weight(self, layer: int, unit: int, source: int, sources: int) -> str:
        if self.single_neuron:
            return self._free("w" if sources == 1 else f"w{source}")
        if self.chain:
            return self._free(f"w{layer}")
        return self._free(f"w{layer}_{unit}_{source}" if self.wide else f"w{layer}_{unit}{source}")

    def weighted(self, layer: int, unit: int, values: list[Term], bias: bool) -> Term:
        parts = [mul(sym(self.weight(layer, unit, i, len(values))), v) for i, v in enumerate(values, 1)]
        return add(*parts, sym(self.quantity("b", layer, unit))) if bias else add(*parts)

    def _free(self, name: str) -> str:
        chosen = canonical(name)
        if chosen in self.taken:
            raise GraphError(f"`{name}` is the name of a weight or a unit here; rename that input or target")
        return chosen


def _free_name(name: str, spec: Spec) -> str:
    if name in spec.inputs or name in spec.targets:
        raise GraphError(f"`{name}` is the name of the loss here; rename that input or target")
    return name


def _loss(spec: Spec, predictions: list[list[Term]], targets: list[list[Term]]) -> Term:
    if spec.samples:
        return _over_samples(spec, predictions[0], targets[0])
    if len(predictions) == 1:
        return term(losses.scalar(spec.loss, predictions[0], targets[0]))
    one = len(predictions[0]) == 1 and not losses.lookup(spec.loss).over_classes
    flat = [[p[0] for p in predictions], [t[0] for t in targets]] if one else [predictions, targets]
    return term(losses.scalar(spec.loss, flat[0], flat[1]))


def _over_samples(spec: Spec, predictions: list[Term], targets: list[Term]) -> Term:
    """Σ over the samples of the sum over the outputs, scaled once."""
    parts = [losses.array(spec.loss, p, t) for p, t in zip(predictions, targets, strict=True)]
    if losses.lookup(spec.loss).over_classes:
        raise GraphError(f"{spec.loss} over samples is written in matrix form; use form='matrix'")
    return add(*parts)


# ------------------------------------------------------------------------------------------------------ matrix form
def _matrix(spec: Spec) -> Graph:
    """`Z1 = X*W1 + ones(n)*b1'`, `A1 = f(Z1)`, …, and the loss over the n rows of X."""
    n = spec.samples or "n"
    if spec.data:
        raise GraphError("`data` is for form='scalar'; in matrix form pass the arrays X and T to the compiled gradient")
    rows: list[tuple[str, Term]] = []
    value = sym("X", (n, len(spec.inputs))) if len(spec.inputs) > 1 else sym("X", (n,))
    many = len(spec.layers) > 1
    for i, layer in enumerate(spec.layers, 1):
        end = str(i) if many else ""
        logits = layer.activation in ("identity", "softmax")
        z = _define(rows, f"Z{end}", _affine(value, layer, end, n))
        value = z if logits else _define(rows, f"A{end}", fn(layer.activation, z))
    rows.append(("E", losses.array(spec.loss, value, losses.target("T", spec.loss, value.shape))))
    return Graph(rows)


def _affine(x: Term, layer: Layer, end: str, n: str) -> Term:
    """X W + 1 bᵀ; one input or one unit makes columns of it."""
    inputs = x.shape[1] if len(x.shape) == 2 else 1
    row = inputs == 1 and layer.units > 1
    w = transpose(sym(f"W{end}", (layer.units,))) if row else sym(f"W{end}", _weights(inputs, layer.units))
    product = mul(x, w) if not w.shape else matmul(x, w)
    if not layer.bias:
        return product
    if layer.units == 1:
        return add(product, sym(f"b{end}"))
    return add(product, matmul(ones((n,)), transpose(sym(f"b{end}", (layer.units,)))))


def _weights(inputs: Any, units: int) -> tuple[Any, ...]:
    return tuple(k for k in (inputs, units) if k != 1)


def dense(
    activation: str = "identity", loss: str | None = None, *, samples: Any = "n", inputs: Any = "d", units: Any = "h"
) -> Graph:
    """A dense layer on a batch, Z = X W + 1 bᵀ, A = f(Z), with the loss of A against T if one is named.

    Shapes: X: n×d, W: d×h, b: h, T: n×h; `samples`, `inputs` and `units` rename the dimensions or fix them.

    >>> dense("sigmoid", "sse")
    Graph(Z = X*W + ones(n)*b'; A = sigmoid(Z); L = norm2(A - T)^2)
    """
    x, w, b = sym("X", (samples, inputs)), sym("W", (inputs, units)), sym("b", (units,))
    z = add(matmul(x, w), matmul(ones((samples,)), transpose(b)))
    rows = [("Z", z)]
    value = sym("Z", z.shape)
    if activation == "softmax" and loss is None:
        value = _define(rows, "A", apply("softmax", value))
    elif activation not in ("identity", "softmax"):
        value = _define(rows, "A", fn(lookup(activation).name, value))
    if loss is not None:
        rows.append(("L", losses.array(loss, value, losses.target("T", loss, value.shape))))
    return Graph(rows)
