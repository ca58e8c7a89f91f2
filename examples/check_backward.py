"""A backward function of a two-layer network in NumPy, as it was first written, checked against the exact gradient."""

import numpy as np

import symnet as sn
from symnet.testing import assert_gradient

NETWORK = """
H = tanh(X W1 + ones(n) b1')
Y = H W2 + ones(n) b2'
L = sum((Y − T).^2)/(2n)
"""
SHAPES = "X: n x d, W1: d x h, b1: h, W2: h x k, b2: k, T: n x k"


def first_try(X, W1, b1, W2, b2, T):
    H = np.tanh(X @ W1 + b1)
    D = (H @ W2 + b2 - T) / len(X)
    dZ = D @ W2.T * H * (1 - H)
    return {"dW1": X.T @ dZ, "db1": dZ.sum(0), "dW2": H.T @ D, "db2": D.mean(0)}


def corrected(X, W1, b1, W2, b2, T):
    H = np.tanh(X @ W1 + b1)
    D = (H @ W2 + b2 - T) / len(X)
    dZ = D @ W2.T * (1 - H**2)
    return {"dW1": X.T @ dZ, "db1": dZ.sum(0), "dW2": H.T @ D, "db2": D.sum(0)}


report = sn.check_gradient(first_try, NETWORK, shapes=SHAPES)
print(report)
assert not report.ok and report["W2"].ok
assert report["W1"].mistake.name == report["b1"].mistake.name == "sigmoid_rule_for_tanh"
assert report["b2"].mistake.name == "one_over_n_extra"

print(assert_gradient(corrected, NETWORK, shapes=SHAPES))
