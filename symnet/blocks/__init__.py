"""Layers and models that people use, each a short program: one row is one builder, `sn.layer_norm()` and the like.

A row is the program with its shapes; its builder takes the dimensions by name (`d=64`, `n="batch"`) and, for a layer,
the name of a loss. Without one a layer ends in L = sum(G ⊙ Y): G is the gradient that arrives from the layers above, so
that ∂L/∂X is the backward pass of the layer itself. What depends on a number (time steps, channels) is written by a
function of `recurrent.py` or `convolution.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

HOMES: dict[str, str] = {
    # a layer on a batch
    "bias": "layers", "dropout": "layers", "residual": "layers", "embedding": "layers",
    "batch_norm": "normalisation", "layer_norm": "normalisation", "rms_norm": "normalisation",
    "attention": "layers",
    "conv1d": "convolution", "conv2d": "convolution", "max_pool": "convolution", "average_pool": "convolution",
    # a cell, and through time
    "rnn": "recurrent", "lstm_cell": "recurrent", "gru_cell": "recurrent",
    # an output with its loss
    "softmax_cross_entropy": "models", "bce_with_logits": "models",
    # a whole model
    "ridge": "models", "logistic_regression": "models", "svm": "models", "matrix_factorisation": "models",
    "gaussian_likelihood": "models", "pca": "models",
}  # fmt: skip


def builder(name: str) -> Callable[..., Any]:
    """The function that writes this graph."""
    return getattr(import_module(f"symnet.blocks.{HOMES[name]}"), name)
