"""The networks that are measured: for symnet, and by hand in NumPy and plain Python."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np


def spec(k: int, widths: tuple[int, ...], last: str = "sigmoid", loss: str = "half_sse") -> dict[str, Any]:
    """A network whose inputs have names of their own, so that nothing is found again from an earlier one."""
    hidden = [{"units": u, "activation": "tanh"} for u in widths[1:-1]]
    inputs = [f"x{k}_{i}" for i in range(1, widths[0] + 1)]
    return {"inputs": inputs, "layers": [*hidden, {"units": widths[-1], "activation": last}], "loss": loss}


def parameters(widths: tuple[int, ...]) -> int:
    return sum(b * (a + 1) for a, b in pairwise(widths))


def weights(widths: tuple[int, ...], seed: int = 0) -> tuple[list[Any], list[Any]]:
    rng = np.random.default_rng(seed)
    ws = [rng.normal(size=(b, a)) / math.sqrt(a) for a, b in pairwise(widths)]
    return ws, [rng.normal(size=b) for b in widths[1:]]


def one_sample(ws: list[Any], bs: list[Any], x: Any, t: Any) -> Any:
    """Value and gradient of ½‖a − t‖² at one sample, as people write it with NumPy."""
    outputs = [x]
    for j, (w, b) in enumerate(zip(ws, bs, strict=True)):
        z = w @ outputs[-1] + b
        outputs.append(np.tanh(z) if j < len(ws) - 1 else 1 / (1 + np.exp(-z)))
    r = outputs[-1] - t
    delta = r * outputs[-1] * (1 - outputs[-1])
    gw, gb = [None] * len(ws), [None] * len(ws)
    for j in reversed(range(len(ws))):
        gw[j], gb[j] = np.outer(delta, outputs[j]), delta
        if j:
            delta = (ws[j].T @ delta) * (1 - outputs[j] ** 2)
    return 0.5 * (r @ r), gw, gb


def two_two_one(p: tuple[float, ...], x1: float, x2: float, t: float) -> Any:
    """The same for 2-2-1 with `math`, written out."""
    w11, w12, b1, w21, w22, b2, v1, v2, c = p
    a1 = math.tanh(w11 * x1 + w12 * x2 + b1)
    a2 = math.tanh(w21 * x1 + w22 * x2 + b2)
    a = 1 / (1 + math.exp(-(v1 * a1 + v2 * a2 + c)))
    r = a - t
    d = r * a * (1 - a)
    d1, d2 = d * v1 * (1 - a1 * a1), d * v2 * (1 - a2 * a2)
    return 0.5 * r * r, (d1 * x1, d1 * x2, d1, d2 * x1, d2 * x2, d2, d * a1, d * a2, d)


def softmax_batch(X: Any, W1: Any, b1: Any, W2: Any, b2: Any, T: Any) -> Any:
    """tanh, softmax and cross entropy over a batch."""
    n = len(X)
    A = np.tanh(X @ W1 + b1)
    Z = A @ W2 + b2
    Z = Z - Z.max(axis=1, keepdims=True)
    e = np.exp(Z)
    s = e.sum(axis=1, keepdims=True)
    D = (e / s - T) / n
    D1 = (D @ W2.T) * (1 - A * A)
    return -(T * (Z - np.log(s))).sum() / n, (X.T @ D1, D1.sum(axis=0), A.T @ D, D.sum(axis=0))


def deep_batch(X: Any, W1: Any, b1: Any, W2: Any, b2: Any, W3: Any, b3: Any, T: Any) -> Any:
    """tanh, tanh, σ and the mean square over a batch, one output."""
    n = len(X)
    A = np.tanh(X @ W1 + b1)
    B = np.tanh(A @ W2 + b2)
    P = 1 / (1 + np.exp(-(B @ W3 + b3)))
    r = P - T
    d = 2 / n * r * P * (1 - P)
    D2 = np.outer(d, W3) * (1 - B * B)
    D1 = (D2 @ W2.T) * (1 - A * A)
    return r @ r / n, (X.T @ D1, D1.sum(axis=0), A.T @ D2, D2.sum(axis=0), B.T @ d, d.sum())


def shallow_batch(X: Any, W1: Any, b1: Any, W2: Any, b2: Any, T: Any) -> Any:
    """tanh, σ and the mean square over a batch, one output."""
    n = len(X)
    A = np.tanh(X @ W1 + b1)
    P = 1 / (1 + np.exp(-(A @ W2 + b2)))
    r = P - T
    d = 2 / n * r * P * (1 - P)
    D1 = np.outer(d, W2) * (1 - A * A)
    return r @ r / n, (X.T @ D1, D1.sum(axis=0), A.T @ d, d.sum())
