"""Arrays of SymPy as vectors and matrices."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp
from sympy.tensor.array.expressions import (
    ArrayAdd,
    ArrayContraction,
    ArraySymbol,
    ArrayTensorProduct,
    PermuteDims,
)

import symnet as sn
from symnet.bridge import from_sympy

x, y = sp.symbols("x y")
n, m, k = sp.symbols("n m k", integer=True, positive=True)
A, B, C = ArraySymbol("A", (n, m)), ArraySymbol("B", (m, k)), ArraySymbol("C", (n, m))
v, Q = ArraySymbol("v", (m,)), ArraySymbol("Q", (n, n))


@pytest.mark.parametrize(
    ("array", "text", "shape"),
    [
        (sp.Array([x, y]), "[x, y]", (2,)),
        (sp.Array([[x, y], [1, 2]]), "[[x, y], [1, 2]]", (2, 2)),
        (sp.MutableDenseNDimArray([x, y]), "[x, y]", (2,)),
        (A, "A", ("n", "m")),
        (PermuteDims(A, (1, 0)), "A'", ("m", "n")),
        (ArrayAdd(A, C), "A + C", ("n", "m")),
        (ArrayContraction(ArrayTensorProduct(A, B), (1, 2)), "A*B", ("n", "k")),
        (ArrayContraction(ArrayTensorProduct(A, v), (1, 2)), "A*v", ("n",)),
        (ArrayContraction(Q, (0, 1)), "tr(Q)", ()),
    ],
)
def test_arrays_of_order_one_and_two(array: Any, text: str, shape: Any) -> None:
    found = from_sympy(array)
    assert str(found) == text and found.shape == shape


@pytest.mark.parametrize("array", [sp.Array([[[x]]]), ArrayTensorProduct(A, B), ArraySymbol("T", (n, m, k))])
def test_a_higher_order_is_refused_by_name(array: Any) -> None:
    with pytest.raises(sn.RuleError, match="does not fit a matrix"):
        from_sympy(array)


def test_gradients_of_contractions() -> None:
    squares = ArrayContraction(ArrayTensorProduct(Q, Q), (0, 2), (1, 3))  # Σ Qᵢⱼ Qᵢⱼ
    crossed = ArrayContraction(ArrayTensorProduct(Q, Q), (0, 3), (1, 2))  # Σ Qᵢⱼ Qⱼᵢ
    assert str(sn.derive(squares).gradient["Q"]) == "2*Q"
    assert str(sn.derive(crossed).gradient["Q"]) == "2*Q'"
