"""Networks by description."""

from __future__ import annotations

import json

import numpy as np
import pytest

import symnet as sn


def spec(*widths: int, activation: str = "tanh", loss: str = "half_sse", **more: object) -> dict[str, object]:
    layers = [{"units": u, "activation": activation} for u in widths[1:]]
    return {"inputs": widths[0], "layers": layers, "loss": loss, **more}


def test_names_of_a_2_2_1_network() -> None:
    g = sn.network(spec(2, 2, 1))
    assert [d.name for d in g.definitions] == ["z1_1", "a1_1", "z1_2", "a1_2", "z2_1", "a2_1", "E"]
    assert str(g["z1_2"]) == "w1_21*x1 + w1_22*x2 + b1_2"
    assert len(sn.derive(g).wrt) == 9


def test_names_of_a_chain_and_of_one_neuron() -> None:
    assert [d.name for d in sn.network(spec(1, 1, 1)).definitions] == ["z1", "a1", "z2", "a2", "E"]
    assert str(sn.network(spec(2, 1))["z"]) == "w1*x1 + w2*x2 + b"


def test_scalar_and_matrix_form_have_the_same_gradients() -> None:
    rng = np.random.default_rng(0)
    scalar = sn.derive(sn.network(spec(2, 3, 2, samples="n")))
    matrix = sn.derive(sn.network(spec(2, 3, 2), form="matrix"))
    X, T = rng.standard_normal((5, 2)), rng.standard_normal((5, 2))
    W1, b1, W2, b2 = (rng.standard_normal(s) for s in [(2, 3), 3, (3, 2), 2])
    value, g = matrix.compile()(X=X, T=T, W1=W1, b1=b1, W2=W2, b2=b2)
    names = {f"w1_{j + 1}{i + 1}": W1[i, j] for i in range(2) for j in range(3)}
    names |= {f"w2_{j + 1}{i + 1}": W2[i, j] for i in range(3) for j in range(2)}
    names |= {f"b1_{j + 1}": b1[j] for j in range(3)} | {f"b2_{j + 1}": b2[j] for j in range(2)}
    v, h = scalar.compile()(x1=X[:, 0], x2=X[:, 1], t1=T[:, 0], t2=T[:, 1], **names)
    assert v == pytest.approx(value)
    assert [[h[f"w1_{j + 1}{i + 1}"] for j in range(3)] for i in range(2)] == pytest.approx(g["W1"])
    assert [h[f"b2_{j + 1}"] for j in range(2)] == pytest.approx(g["b2"])


def test_data_are_written_out() -> None:
    g = sn.network(spec(2, 1, activation="sigmoid", loss="mse", inputs=["x", "y"], data=[[[0, 0], [0]], [[2, 0], [1]]])
                   | {"inputs": ["x", "y"]})  # fmt: skip
    assert str(g["z2"]) == "w1*2 + w2*0 + b" and str(g["E"]) == "1/2*((a1 - 0)^2 + (a2 - 1)^2)"


def test_json_text_is_the_same_network() -> None:
    assert sn.network(json.dumps(spec(2, 2, 1))) == sn.network(spec(2, 2, 1))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"layers": []}, "list of layers"),
        ({"layers": [{"units": 0}]}, "whole number from 1"),
        ({"layers": [{"units": "2"}]}, "whole number from 1"),
        ({"layers": [{"units": 10**9}]}, "whole number from 1"),
        ({"layers": [{"units": 1, "activation": "sigmoud"}]}, "sigmoid"),
        ({"layers": [{"units": 1, "kernel": 3}]}, "has no key 'kernel'"),
        ({"optimizer": "adam"}, "has no key 'optimizer'"),
        ({"loss": "mze"}, "mse"),
        ({"inputs": ["<b>x</b>"]}, "name"),
        ({"inputs": ["x", "x"]}, "twice"),
        ({"inputs": ["w1"]}, "rename"),
        ({"targets": ["t", "s"]}, "2 targets"),
        ({"targets": ["x"]}, "an input and a target"),
        ({"data": [[[1, 2], [1]]]}, "sample 1 has 2 inputs"),
        ({"data": [[[float("nan")], [1]]]}, "not a finite number"),
    ],
)
def test_bad_descriptions(change: dict[str, object], message: str) -> None:
    with pytest.raises(sn.SymnetError, match=message) as e:
        layers = [{"units": 1, "activation": "sigmoid"}, {"units": 1}]
        sn.network({"inputs": ["x"], "layers": layers, "loss": "mse"} | change)
    assert len(str(e.value)) <= 300


@pytest.mark.parametrize("text", ["", "[1, 2]", "{", '{"inputs": 1}', "import os", "[" * 100_000])
def test_what_is_not_a_description(text: str) -> None:
    with pytest.raises(sn.GraphError):
        sn.network(text)


def test_every_activation_and_loss() -> None:
    from symnet.functions import TABLE as functions
    from symnet.losses import TABLE as losses

    rng = np.random.default_rng(1)
    for name in [n for n, row in functions.items() if row.activation]:
        sn.derive(sn.network(spec(1, 1, activation=name))).text()
    for name in losses:
        d = sn.derive(sn.network(spec(2, 2, activation="sigmoid", loss=name), form="matrix"))
        _, g = d.compile()(X=rng.random((4, 2)), T=np.full((4, 2), 0.5), W=rng.random((2, 2)), b=rng.random(2))
        assert g["W"].shape == (2, 2) and np.all(np.isfinite(g["W"]))


def test_a_dense_layer() -> None:
    d = sn.derive(sn.dense("sigmoid", "sse"))
    assert d.gradient["W"].text() == "Xᵀ Δ" and d.gradient["b"].shape == ("h",)
