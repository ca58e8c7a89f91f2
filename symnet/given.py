"""What is given for a name: whether it has the shape and the facts that were declared of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from math import prod
from typing import Any

from .errors import DomainError, ShapeError
from .names import canonical, unicode
from .term import Shape, shape_text

TOLERANCE = 1e-6  # relative: what was reckoned in single precision still holds
Sizes = tuple[int, ...]


def fitted(name: str, size: Sizes, declared: Shape, dims: dict[str, int]) -> Sizes:
    """The sizes of a value in its declared form; raises `ShapeError` where they are others.

    A list of n numbers serves for n×1 and 1×n, an n×1 array for a column n, and a number for what has one element.
    `dims` holds the sizes that the dimensions have so far, and takes up those that are met here.
    """
    if len(size) == len(declared):  # as it mostly is
        for n, d in zip(size, declared, strict=True):
            if not n or (dims.setdefault(d, n) if d.__class__ is str else d) != n:
                break
        else:
            return size
    if 0 in size:
        raise ShapeError(f"`{unicode(name)}` is empty ({'×'.join(map(str, size))}); every dimension is at least 1")
    lasting = _in_form(size, declared)
    fits = len(lasting) == len(declared)
    expected = [dims.setdefault(d, n) if isinstance(d, str) else d for n, d in zip(lasting, declared, strict=False)]
    if fits and list(lasting) == expected:
        return lasting
    if not declared:
        raise ShapeError(f"`{unicode(name)}` is a scalar and was given {_shape_given(size)}; give one number for it")
    said = f"`{unicode(name)}` is declared {shape_text(declared)} and was given {_shape_given(size)}"
    other = [d for d, n, m in zip(declared, expected, lasting, strict=False) if n != m and isinstance(d, str)]
    raise ShapeError(said + (f", but {other[0]} is {dims[other[0]]}" if fits and other else ""))


def multiplied(products: Iterable[str], dims: Mapping[str, int]) -> None:
    """Raise `ShapeError` unless a dimension such as m*p is the product of m and p, where both are known."""
    for product in products:
        factors = [int(f) if f.isdigit() else dims.get(f) for f in product.split("*")]
        known = [f for f in factors if f is not None]
        if product in dims and len(known) == len(factors) and prod(known) != dims[product]:
            raise ShapeError(f"the dimension {product} is {prod(known)}, and {dims[product]} was given")


def _in_form(size: Sizes, declared: Shape) -> Sizes:
    """The sizes with the ones that the declaration has."""
    if len(size) == len(declared):
        return size
    if all(n == 1 for n in (*size, *declared)):
        return (1,) * len(declared)
    if len(declared) == 1 and len(size) == 2 and size[1] == 1:
        return size[:1]
    if len(declared) == 2 and len(size) == 1 and 1 in declared:
        return (*size, 1) if declared[1] == 1 else (1, *size)
    return size


def _shape_given(size: Sizes) -> str:
    return f"an array {'×'.join(map(str, size))}" if len(size) > 1 else f"{size[0]} numbers" if size else "a number"


def without_sizes(values: dict[str, Any], sizes: Collection[str]) -> dict[str, int]:
    """The values of these dimensions, which the arrays fix, by canonical name; they are taken out of `values`."""
    given = [(k, n) for k in values if (n := canonical(k)) in sizes]
    return {n: whole(n, values.pop(k)) for k, n in given}


def whole(name: str, value: Any) -> int:
    """The number that a dimension is."""
    try:
        n = int(value)
        if n == value and n > 0:
            return n
    except (TypeError, ValueError, OverflowError):
        pass
    raise ShapeError(f"`{unicode(name)}` is a dimension, a positive whole number, not {str(value)[:30]}")


# -------------------------------------------------------------------------------------------------------------- facts
def facts_of(declared: Iterable[str]) -> tuple[str, ...]:
    """The facts that an array can have or not."""
    return tuple(f for f in declared if f in FACTS)


def hold(name: str, facts: Iterable[str], value: Any) -> None:
    """Raise `DomainError` unless the array of floats, or the number, has the facts that are declared of the name."""
    for fact in facts:
        if not FACTS[fact](value):
            raise DomainError(
                f"`{unicode(name)}` is declared `{fact}`, and the value that was given is not so;"
                " the derivation rests on it"
            )


def _symmetric(x: Any) -> bool:
    if not getattr(x, "ndim", 0):
        return True
    if x.shape != x.T.shape:
        return False
    return bool((x == x.T).all()) or bool(abs(x - x.T).max() <= TOLERANCE * abs(x).max())


def _positive_definite(x: Any) -> bool:
    """There is a Cholesky factor."""
    import numpy as np

    if not getattr(x, "ndim", 0):
        return bool(x > 0)
    try:
        return _symmetric(x) and bool(np.linalg.cholesky(x).size)
    except np.linalg.LinAlgError:
        return False


def _positive(x: Any) -> bool:
    return bool(x.min(initial=1.0) > 0 if getattr(x, "ndim", 0) else x > 0)


def _rows_sum_to_one(x: Any) -> bool:
    if getattr(x, "ndim", 0) < 2:
        return _sums_to_one(x)
    return bool(abs(x.sum(axis=1) - 1).max(initial=0.0) <= TOLERANCE)


def _sums_to_one(x: Any) -> bool:
    return bool(abs((x.sum() if getattr(x, "ndim", 0) else x) - 1) <= TOLERANCE)


FACTS: dict[str, Callable[[Any], bool]] = {
    "symmetric": _symmetric, "positive definite": _positive_definite, "positive": _positive,
    "rows sum to one": _rows_sum_to_one, "sums to one": _sums_to_one,
}  # fmt: skip
