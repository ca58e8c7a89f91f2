"""A program as a function of keyword arguments in any spelling, its values checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any

from ..derivation import Derivation
from ..errors import DomainError, OverflowError_, ShapeError, SizeError, quote
from ..given import facts_of, fitted, hold, multiplied, whole, without_sizes
from ..names import ByName, unicode
from ..term import Shape
from .arrays import write_numpy
from .reuse import Reusing
from .scalars import Inputs, checked, chooses, run_text


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
        self._single = {n for n, s in self._declared.items() if all(k == 1 for k in s)}
        self._flat = {n for n, s in self._declared.items() if len(s) == 2 and 1 in s}
        self._returned = {n: tuple(d.graph.declared_shape(n)) for n in d.wrt}
        self._products = tuple({k: None for s in self._declared.values() for k in s if isinstance(k, str) and "*" in k})
        symbols = d.graph.symbols
        self._facts = {n: f for n in d.graph.inputs if (f := facts_of(symbols[n].facts))}
        self._watches = chooses(self.source)
        self._sizes = frozenset(d.graph.dimensions).difference(self.inputs)
        table = d.graph.result.value.op == "vector"  # entries written out: the code gives their array
        self._of_result = None if table else d.graph.result.value.shape

    def __call__(self, /, **values: Any) -> tuple[Any, dict[str, Any]]:
        sizes = without_sizes(values, self._sizes) if len(values) > len(self.inputs) else {}
        named = self._order.named(values)
        given = self.checked(named, sizes)
        try:
            value, gradient = self._result([given[n] for n in self.inputs])
        except MemoryError:
            raise SizeError("an array of this program does not fit into memory; give smaller sizes") from None
        slopes = ByName({n: like(named.get(n), _in_shape(g, self._returned[n])) for n, g in gradient.items()})
        return _in_shape(value, self._of_result), slopes

    def checked(self, given: Mapping[str, Any], sizes: Mapping[str, int] | None = None) -> dict[str, Any]:
        """The values by canonical name as `.function` takes them, their shapes compared with each other.

        Raises `ShapeError` for other shapes, `DomainError` for an array without a fact that is declared of it
        (symmetric, …; to 1e-6).
        """
        dims: dict[str, int] = dict(sizes or {})
        arrays = {n: self._array(n, given[n], dims) for n in self.inputs}
        multiplied(self._products, dims)
        if self._watches:
            self._refuse_nan(arrays)
        for n, facts in self._facts.items():
            hold(n, facts, arrays[n])
        return arrays

    def _refuse_nan(self, arrays: Mapping[str, Any]) -> None:
        import numpy as np

        bad = next((n for n, a in arrays.items() if np.isnan(a).any()), None)
        if bad is not None:
            raise DomainError(f"`{unicode(bad)}` holds nan, which is not a number; give finite values")

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

        self._refuse_nan(dict(zip(self.inputs, args, strict=True)))
        if self._stable is None:
            self._stable = run_text(write_numpy(self._derivation).text)
        with np.errstate(all="ignore"):
            value, gradient = checked(self._stable, *args)
        if not _all_finite(value, gradient):
            _refuse(value, gradient)
        return value, gradient

    def _array(self, name: str, value: Any, dims: dict[str, int]) -> Any:
        if name in self._written.free_dimensions:
            n = whole(name, value)
            dims.setdefault(name, n)
            return n
        shape = self._declared[name]
        array = _numbers(name, value)
        size = fitted(name, array.shape, shape, dims)
        if name in self._single:
            return float(array.reshape(()))
        return array.ravel() if array.shape != size or name in self._flat else array


def _in_shape(value: Any, shape: Shape | None) -> Any:
    """A number, or an array in its declared shape; in the code columns and rows are both one-dimensional."""
    import numpy as np

    if shape is None:
        return np.asarray(value, dtype=float)
    if not shape:
        return float(value)
    array = np.asarray(value, dtype=float)
    if shape == (1,):
        return array.reshape(1)
    if len(shape) == 2 and 1 in shape:
        return array.reshape((-1, 1) if shape[1] == 1 else (1, -1))
    return array


def like(given: Any, gradient: Any) -> Any:
    """The gradient of a column that was given as n×1 is n×1."""
    if gradient.__class__ is float or gradient.ndim != 1:
        return gradient
    listed = isinstance(given, list | tuple) and len(given) > 0 and isinstance(given[0], list | tuple)
    return gradient.reshape(-1, 1) if listed or getattr(given, "ndim", 1) == 2 else gradient


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
        if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
            raise TypeError
        plain = np.asarray(value)
        if plain.dtype.kind not in "biufO" or value is None:
            raise TypeError
        return plain.astype(float)
    except (TypeError, ValueError, OverflowError):
        what = quote(repr(value), 40)
        raise ShapeError(f"`{unicode(name)}` was given {what}, which is not a number or an array") from None
