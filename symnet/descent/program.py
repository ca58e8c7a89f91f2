"""The compiled value and gradient as a function of a point alone, without the checks that every call would repeat."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from ..backends.compiled import Compiled
from ..backends.scalars import ScalarCompiled
from ..derivation import Derivation
from ..errors import DataError, ShapeError
from ..names import unicode
from .points import total

Answer = tuple[float, Sequence[Any]]


class Program(Protocol):
    """`first` is the start as the program takes it, `samples` how many rows the data have."""

    first: list[Any]
    samples: int

    def __call__(self, point: Sequence[Any], rows: Any = None) -> Answer: ...


def program(d: Derivation, names: Sequence[str], start: Mapping[str, Any], given: Mapping[str, Any]) -> Program:
    """The program of a derivation; `given` are the values of the inputs that do not move."""
    compiled = d.compile()
    kind = Numbers if isinstance(compiled, ScalarCompiled) else Arrays
    return kind(compiled, d, names, start, given)  # type: ignore[arg-type]


class Numbers:
    """Where everything is a number: scalar Python."""

    samples = 0

    def __init__(
        self, f: ScalarCompiled, d: Derivation, names: Sequence[str], start: Mapping[str, Any], given: Mapping[str, Any]
    ) -> None:
        self._names, self._compiled, self._function = tuple(names), f, f.function
        for n, v in (*start.items(), *given.items()):
            if getattr(v, "ndim", 0):
                raise ShapeError(f"`{unicode(n)}` is a number in the loss and was given an array; declare its shape")
        self.first = [float(start[n]) for n in names]
        self._fill: Callable[[Sequence[Any]], Sequence[Any]] | None = None
        if f.inputs != self._names:
            place = {n: i for i, n in enumerate(names)}
            parts = [(place.get(n), given.get(n)) for n in f.inputs]
            self._fill = lambda point: [v if i is None else point[i] for i, v in parts]

    def __call__(self, point: Sequence[Any], rows: Any = None) -> Answer:
        args = point if self._fill is None else self._fill(point)
        try:
            value, slopes = self._function(*args)
            if math.isfinite(value + sum(slopes)):
                return value, slopes
        except (ArithmeticError, ValueError, TypeError):  # TypeError: a root of a negative number became complex
            pass
        value, gradient = self._compiled(**dict(zip(self._compiled.inputs, args, strict=True)))
        return value, [gradient[n] for n in self._names]


class Arrays:
    """Where there are columns and matrices: NumPy. Data with one row per sample can be cut into batches."""

    def __init__(
        self, f: Compiled, d: Derivation, names: Sequence[str], start: Mapping[str, Any], given: Mapping[str, Any]
    ) -> None:
        self._names, self._compiled, self._function = tuple(names), f, f.function
        taken = f.checked({**given, **start})
        self.first = [taken[n] for n in names]
        sample = _sample_dimension(d, names, given)
        self._rows = frozenset(n for n in given if n in taken and sample in d.graph.symbols[n].shape[:1])
        sizes = {len(taken[n]) for n in self._rows}
        if len(sizes) > 1:
            raise DataError("the columns of the data have different lengths")
        self.samples = sizes.pop() if sizes else 0
        place = {n: i for i, n in enumerate(names)}
        self._parts: list[tuple[int | None, bool, Any]] = [(place.get(n), n in self._rows, taken[n]) for n in f.inputs]

    def __call__(self, point: Sequence[Any], rows: Any = None) -> Answer:
        args = [
            v if i is None and (rows is None or not cut) else v[rows] if i is None else point[i]
            for i, cut, v in self._parts
        ]
        try:
            value, gradient = self._function(*args)
            out = self._ordered(gradient)
            if math.isfinite(value + sum(total(g) for g in out)):
                return float(value), out
        except (ArithmeticError, ValueError):
            pass
        value, gradient = self._compiled.careful(args)
        return float(value), self._ordered(gradient)

    def _ordered(self, gradient: Mapping[str, Any]) -> list[Any]:
        """In the order of the point; a scalar of NumPy as a float."""
        return [g if getattr(g, "ndim", 0) else float(g) for g in (gradient[n] for n in self._names)]


def _sample_dimension(d: Derivation, names: Sequence[str], given: Mapping[str, Any]) -> Any:
    """The first dimension of data that no parameter has: the samples."""
    shape = lambda n: d.graph.symbols[n].shape if n in d.graph.symbols else ()  # noqa: E731
    own = {size for n in names for size in shape(n)}
    return next((shape(n)[0] for n in given if shape(n) and shape(n)[0] not in own), None)
