"""Networks with layers of several kinds, against JAX."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import symnet as sn
from symnet.stacking import KINDS

CNN = {
    "image": [6, 6],
    "loss": "cross_entropy",
    "layers": [
        {"type": "conv2d", "kernel": 3, "filters": 2, "activation": "tanh"},
        {"type": "conv2d", "kernel": [2, 2], "padding": 1, "activation": "relu"},
        {"type": "max_pool"},
        {"type": "flatten"},
        {"units": 3, "activation": "softmax"},
    ],
}
TRANSFORMER = {
    "inputs": 4,
    "loss": "half_mse",
    "layers": [
        {"type": "layer_norm"},
        {"type": "attention", "units": 3, "values": 4},
        {"type": "residual", "units": 5},
        {"type": "rms_norm"},
        {"type": "dropout"},
        {"type": "batch_norm"},
        {"units": 2, "activation": "sigmoid"},
    ],
}
SIGNAL = {
    "signal": 9,
    "channels": 2,
    "loss": "mse",
    "layers": [
        {"type": "conv1d", "kernel": 2, "filters": 2, "stride": 1, "activation": "softplus", "bias": False},
        {"type": "average_pool"},
        {"type": "merge"},
        {"type": "flatten"},
        {"type": "dense", "units": 3, "activation": "tanh"},
        {"units": 1, "bias": False},
    ],
}
ROW = {
    "image": [1, 8],
    "loss": "bce_logits",
    "layers": [
        {"type": "conv2d", "kernel": [1, 3], "filters": 2, "activation": "tanh"},
        {"type": "conv2d", "kernel": 1},
        {"type": "flatten"},
        {"units": 1},
    ],
}
NETWORKS = {"cnn": CNN, "transformer": TRANSFORMER, "signal": SIGNAL, "row": ROW}


def inputs(graph: sn.Graph) -> dict[str, Any]:
    rng = np.random.default_rng(3)
    sizes = {"n": 3}
    out: dict[str, Any] = {}
    for n in graph.inputs:
        shape = [sizes.get(str(d), d) for d in graph.symbols[n].shape]
        out[n] = rng.uniform(0.1, 1, shape) if shape else float(rng.uniform(0.5, 1))
        if {"sums to one", "rows sum to one"} & set(graph.symbols[n].facts):
            out[n] /= out[n].sum(axis=-1, keepdims=True)
    return out


@pytest.mark.parametrize("name", NETWORKS)
def test_the_gradient_equals_a_difference_quotient(name: str) -> None:
    graph = sn.network(NETWORKS[name])
    by = [n for n in graph.inputs if n not in ("X", "T", "t", "x1", "x2", "eps")]
    run, at = sn.derive(graph, by).compile(), inputs(graph)
    _, gradient = run(**at)
    rng = np.random.default_rng(5)
    for n in by:
        step = 1e-5 * rng.standard_normal(np.shape(at[n]))
        up, down = run(**{**at, n: at[n] + step})[0], run(**{**at, n: at[n] - step})[0]
        assert 2 * np.sum(gradient[n] * step) == pytest.approx(up - down, rel=1e-4, abs=1e-12), n


@pytest.mark.parametrize("name", NETWORKS)
def test_the_page_is_printed_and_verified(name: str) -> None:
    d = sn.derive(sn.network(NETWORKS[name]))
    assert "Backward" in d.text() and d.latex() and d.to_dict()


def test_every_kind_is_tried_above() -> None:
    used = {layer.get("type", "dense") for spec in NETWORKS.values() for layer in spec["layers"]}  # type: ignore[attr-defined]
    assert used == set(KINDS)


def test_weights_are_differentiated_by_default_and_scales_are_named() -> None:
    d = sn.derive(sn.network(TRANSFORMER))
    assert "W_in3" in d.wrt and "W_Q2" in d.wrt
    assert any("γ1" in n or "γ₁" in n for n in d.notes)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"layers": [{"type": "conv2d", "kernel": 9}]}, "does not fit"),
        ({"layers": [{"units": 3}]}, "an image arrives"),
        ({"layers": [{"type": "convolve"}]}, "no type 'convolve'"),
        ({"layers": [{"type": "conv2d", "kern": 2}]}, "no key 'kern'"),
        ({"layers": [{"type": "conv2d"}]}, "flatten it"),
        ({"layers": []}, "list of layers"),
        ({"inputs": 3}, "starts with one of"),
        ({"image": [6]}, "two sizes"),
        ({"depth": 3}, "no key 'depth'"),
        ({"layers": [{"type": "conv2d", "kernel": 3, "activation": "log"}]}, "no activation"),
        ({"layers": [{"type": "conv1d"}]}, "takes a signal"),
        ({"layers": [{"type": "conv2d", "filters": 2}, {"type": "flatten"}]}, "merge"),
    ],
)
def test_what_does_not_fit_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(sn.SymnetError, match=message):
        sn.network({**CNN, **change})
