"""Layers on a batch: the rows of X are the samples."""

from __future__ import annotations

from .programs import Program, made

bias = made(Program(
    "bias", "Y = X + 1 bᵀ: one number is added to each column.",
    "Y = X + ones(n)*b'",
    "X: n x d, b: d",
))
dropout = made(Program(
    "dropout", "Y = M ⊙ X / q: the given mask M of zeros and ones, divided by the share q that is kept.",
    "Y = M .* X / q",
    "X: n x d, M: n x d, q: scalar",
))
residual = made(Program(
    "residual", "Y = X + relu(X V) W: a block around which the input passes unchanged.",
    "Z = X*V\nA = relu(Z)\nY = X + A*W",
    "X: n x d, V: d x h, W: h x d",
))
embedding = made(Program(
    "embedding", "Y = O W: row i of Y is the row of W that the one-hot row i of O picks.",
    "Y = O*W",
    "O: n x v rows sum to one, W: v x d",
))
attention = made(Program(
    "attention", "Y = softmax(Q Kᵀ/√h) V with Q = X W_Q, K = X W_K, V = X W_V: one head (Vaswani et al., 2017).",
    "Q = X*W_Q\nK = X*W_K\nV = X*W_V\nS = Q*K'/sqrt(h)\nA = softmax(S)\nY = A*V",
    "X: n x d, W_Q: d x h, W_K: d x h, W_V: d x p",
))  # fmt: skip
