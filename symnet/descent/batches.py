"""Minibatches: every epoch is a new shuffle of the samples, cut into pieces; the same seed gives the same pieces."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat
from typing import Any

from ..errors import DataError


def batches(samples: int, size: int | None, seed: int) -> Iterator[Any]:
    """The rows of each step: None for all of them. The last piece of an epoch may be smaller."""
    if size is None or size == samples:
        return repeat(None)
    if isinstance(size, bool) or not isinstance(size, int) or size < 1:
        raise DataError(f"a batch is a whole number of samples, at least 1, not {str(size)[:20]}")
    if not samples:
        raise DataError("there are no samples to draw a batch from; give columns or arrays as `data`")
    if size > samples:
        raise DataError(f"a batch of {size:,} is larger than the {samples:,} samples")
    return _shuffled(samples, size, seed)


def _shuffled(samples: int, size: int, seed: int) -> Iterator[Any]:
    import numpy as np

    draw = np.random.default_rng(seed)
    while True:
        order = draw.permutation(samples)
        for first in range(0, samples, size):
            yield order[first : first + size]
