"""Arrays of SymPy (`sympy.Array`, `ArraySymbol` and their products and contractions) as vectors and matrices."""

from __future__ import annotations

import sys
from typing import Any

import sympy as sp

from ..errors import RuleError

HOME = "sympy.tensor.array.expressions.array_expressions"


def is_array(value: Any) -> bool:
    """An array with entries or an array expression; SymPy loads the latter's module, a slow one, only where asked."""
    home = sys.modules.get(HOME)
    symbolic = (home._ArrayExpr, home._CodegenArrayAbstract) if home is not None else ()
    return isinstance(value, (sp.NDimArray, *symbolic))


def as_matrix(value: Any) -> Any:
    """The matrix, or the scalar, that an array of order 2 or less is; raises `RuleError` for a higher order."""
    if isinstance(value, sp.NDimArray):
        return _written(value)
    from sympy.tensor.array.expressions import ArraySymbol, convert_array_to_matrix

    symbols = sorted(value.atoms(ArraySymbol), key=str)
    names = {a: sp.MatrixSymbol(str(a.name), *_size(a)) for a in symbols}
    found = convert_array_to_matrix(_replaced(value, names))
    if is_array(found):
        raise RuleError(f"this array of SymPy (`{type(value).__name__}`) does not fit a matrix")
    return found


def _written(a: Any) -> Any:
    if a.rank() == 0:
        return a[()]
    _size(a)
    return sp.ImmutableMatrix(a.tolist())


def _size(a: Any) -> tuple[Any, Any]:
    """Rows and columns; an array of order 1 is a column."""
    shape = tuple(a.shape)
    if len(shape) > 2:
        raise RuleError(f"an array of order {len(shape)} does not fit a matrix; take one of order 1 or 2")
    return (shape[0], sp.Integer(1)) if len(shape) == 1 else (shape[0], shape[1])


def _replaced(e: Any, names: dict[Any, Any]) -> Any:
    """Array symbols by matrix symbols, from the leaves up; `xreplace` would keep the old shapes."""
    from sympy.tensor.array.expressions import ArrayElementwiseApplyFunc

    if e in names:
        return names[e]
    if not getattr(e, "args", ()) or isinstance(e, ArrayElementwiseApplyFunc):
        return e
    return e.func(*(_replaced(a, names) for a in e.args))
