"""A program as a function of keyword arguments in any spelling, its values checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any

from ..derivation import Derivation
from ..errors import DomainError, OverflowError_, ShapeError, quote
from ..names import unicode
from ..term import Shape, shape_text
from .arrays import write_numpy
from .reuse import Reusing
from .scalars import Inputs, checked, run_text


class Compiled:
    """`f(**values) -> (value, {name: gradient})`; `.source` is the program that runs.

    `.function` is the program itself, without any check, its parameters in the order of `.inputs`. It keeps what the
    slopes need (e⁻ᶻ for σ′), and where that overflows, the program of stable helpers runs instead.
    """

    backend = "numpy"

    def __init__(self, d: Derivation) -> None:
        self._derivation = d
        self._written = write_numpy(d, fast=True)
        self.source = self._written.text
        self.function = run_text(self.source)
        self._stable: Callable[..., Any] | None = None
        self._order = Inputs(tuple(self._written.keywords))
        self.inputs, self.wrt = self._order.names, d.wrt
        self._declared = {n: d.graph.declared_shape(n) for n in d.graph.inputs}
        self._returned = {n: tuple(d.graph.declared_shape(n)) for n in d.wrt}
        table = d.graph.result.value.op == "vector"  # entries written out: the code gives their array
        self._of_result = None if table else d.graph.result.value.shape

    def __call__(self, /, **values: Any) -> tuple[Any, dict[str, Any]]:
        given = self.checked(self._order.named(values))
        value, gradient = self._result([given[n] for n in self.inputs])
        return _in_shape(value, self._of_result), {n: _in_shape(g, self._returned[n]) for n, g in gradient.items()}

    def checked(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The values by canonical name as `.function` takes them, their shapes compared with each other."""
        dims: dict[str, int] = {}
        return {n: self._array(n, given[n], dims) for n in self.inputs}

    def reusing(self) -> Reusing:
        """The same as `.function` with arrays that are made once (`out=`); the next call overwrites what it returned.

        It pays from some thousand numbers an array on; on small ones NumPy makes a new array as quickly.
        """
        return Reusing(self.source, self.inputs)

    def _result(self, args: Sequence[Any]) -> Any:
        """The quick program; the careful one where something overflows, and an error where that does not help."""
        import numpy as np

        with np.errstate(over="raise", invalid="raise", divide="ignore", under="ignore"):
            try:
                value, gradient = self.function(*args)
            except (ArithmeticError, ValueError, np.linalg.LinAlgError):
                return self.careful(args)
        if not _all_finite(value, gradient):
            return self.careful(args)
        return value, gradient

    def careful(self, args: Sequence[Any]) -> Any:
        """The program of stable helpers at the values of `.inputs`; an error where nothing finite comes out."""
        import numpy as np

        if self._stable is None:
            self._stable = run_text(write_numpy(self._derivation).text)
        with np.errstate(all="ignore"):
            value, gradient = checked(self._stable, *args)
        if not _all_finite(value, gradient):
            _refuse(value, gradient)
        return value, gradient

    def _array(self, name: str, value: Any, dims: dict[str, int]) -> Any:

        shape = () if name in self._written.free_dimensions else self._declared[name]
        array = _numbers(name, value)
        if len(shape) == 2 and array.ndim == 1 and 1 in shape:
            array = array.reshape((-1, 1) if shape[1] == 1 else (1, -1))
        if array.ndim != len(shape):
            raise ShapeError(f"`{unicode(name)}` is declared {shape_text(shape)} and was given the shape {array.shape}")
        for size, dim in zip(array.shape, shape, strict=True):
            expected = dim if isinstance(dim, int) else dims.setdefault(dim, size)
            if size != expected:
                raise ShapeError(
                    f"`{unicode(name)}` is declared {shape_text(shape)} and was given the shape {array.shape}"
                    + ("" if isinstance(dim, int) else f", but {dim} is {expected}")
                )
        if name in self._written.free_dimensions:
            if array.ndim or array != int(array) or array < 1:
                raise ShapeError(f"`{unicode(name)}` is a dimension, a positive whole number, not {value!r}")
            return int(array)
        return float(array) if not shape else array.ravel() if 1 in shape and len(shape) == 2 else array


def _in_shape(value: Any, shape: Shape | None) -> Any:
    """A number, or an array in its declared shape; in the code columns and rows are both one-dimensional."""
    import numpy as np

    if shape is None:
        return np.asarray(value, dtype=float)
    if not shape:
        return float(value)
    array = np.asarray(value, dtype=float)
    if len(shape) == 2 and 1 in shape:
        return array.reshape((-1, 1) if shape[1] == 1 else (1, -1))
    return array


def _all_finite(value: Any, gradient: Mapping[str, Any]) -> bool:
    """Whether nothing is inf or nan, by sums of squares: one that overflows is looked at again."""
    import numpy as np

    return all(isfinite(np.vdot(v, v)) or np.all(np.isfinite(v)) for v in (value, *gradient.values()))


def _refuse(value: Any, gradient: Mapping[str, Any]) -> None:
    import numpy as np

    for name, v in (("the value", value), *gradient.items()):
        if not np.all(np.isfinite(v)):
            what = name if name == "the value" else f"the derivative by `{unicode(name)}`"
            if np.any(np.isnan(v)):
                raise DomainError(f"{what} does not exist at these inputs (nan); a formula leaves its domain there")
            raise OverflowError_(f"{what} is not finite at these inputs; scale them down")


def _numbers(name: str, value: Any) -> Any:
    """A value as an array of floats; what is not made of numbers is refused."""
    import numpy as np

    if type(value) is np.ndarray and value.dtype == np.float64:
        return value
    try:
        plain = np.asarray(value)
        if plain.dtype.kind not in "biufO" or value is None:
            raise TypeError
        return plain.astype(float)
    except (TypeError, ValueError, OverflowError):
        what = quote(repr(value), 40)
        raise ShapeError(f"`{unicode(name)}` was given {what}, which is not a number or an array") from None
