"""Handwritten digits: a 64-32-10 network trained with the gradient that symnet derives.

    pip install symnet[plot] scikit-learn
    python examples/digits.py [picture.png]

The data are the 1,797 images of scikit-learn's `load_digits`; 360 of them are kept for the test.
"""

from __future__ import annotations

import sys

import numpy as np
from rich.progress import track
from sklearn.datasets import load_digits

import symnet as sn

NETWORK = """
Z1 = X*W1 + ones(n)*b1'
A1 = tanh(Z1)
Z2 = A1*W2 + ones(n)*b2'
L = -sum(T .* logsoftmax(Z2))/n
"""
SHAPES = "X: n x 64, W1: 64 x 32, b1: 32, W2: 32 x 10, b2: 10, T: n x 10 rows sum to one"
EPOCHS, BATCH, RATE, MOMENTUM = 60, 32, 0.1, 0.9


def data(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    images, digits = load_digits(return_X_y=True)
    order = rng.permutation(len(images))
    X, T = images[order] / 16, np.eye(10)[digits[order]]
    return X[360:], T[360:], X[:360], T[:360]


def train(X: np.ndarray, T: np.ndarray, rng: np.random.Generator) -> tuple[dict[str, np.ndarray], list[float]]:
    """Gradient descent with momentum over minibatches; the parameters and the loss of each epoch."""
    derivation = sn.derive(NETWORK, "W1 b1 W2 b2", shapes=SHAPES)
    print(derivation)
    gradient = derivation.compile()
    point = {"W1": rng.normal(size=(64, 32)) / 8, "b1": np.zeros(32)}
    point |= {"W2": rng.normal(size=(32, 10)) / 6, "b2": np.zeros(10)}
    velocity = {n: np.zeros_like(p) for n, p in point.items()}
    losses = []
    for _ in track(range(EPOCHS), "training", disable=not sys.stdout.isatty()):
        order, total = rng.permutation(len(X)), 0.0
        for i in range(0, len(X), BATCH):
            rows = order[i : i + BATCH]
            value, slopes = gradient(X=X[rows], T=T[rows], **point)
            total += value * len(rows)
            for n, g in slopes.items():
                velocity[n] = MOMENTUM * velocity[n] - RATE * g
                point[n] = point[n] + velocity[n]
        losses.append(total / len(X))
    return point, losses


def accuracy(point: dict[str, np.ndarray], X: np.ndarray, T: np.ndarray) -> float:
    scores = np.tanh(X @ point["W1"] + point["b1"]) @ point["W2"] + point["b2"]
    return float(np.mean(scores.argmax(axis=1) == T.argmax(axis=1)))


def main() -> None:
    rng = np.random.default_rng(0)
    X, T, X_test, T_test = data(rng)
    point, losses = train(X, T, rng)
    print(f"\nloss {losses[0]:.3f} → {losses[-1]:.4f}, test accuracy: {100 * accuracy(point, X_test, T_test):.1f}%")
    if len(sys.argv) > 1:
        from matplotlib.figure import Figure

        figure = Figure(figsize=(6, 4))
        axes = figure.add_subplot(xlabel="epoch", ylabel="cross entropy", yscale="log", title="64-32-10 on digits")
        axes.plot(range(1, EPOCHS + 1), losses)
        figure.savefig(sys.argv[1])


if __name__ == "__main__":
    main()
