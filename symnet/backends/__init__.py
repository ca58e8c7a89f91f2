"""Backends: the program whose lines are the lines of a derivation, with its names.

One row is one backend. Nothing that a person typed reaches the code but through `names.identifiers`, which gives
checked ASCII identifiers; numbers are written from exact fractions. Columns and rows are one-dimensional arrays in the
code; the declared shape of a parameter is restored in the gradient that is returned.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..derivation import Derivation
from ..errors import RuleError
from .arrays import write_numpy
from .c import c_compile, c_source
from .compiled import Compiled
from .dialects import JAX, MATH, NUMBA, TORCH, Dialect
from .scalars import NumbaCompiled, ScalarCompiled, scalar_graph, scalar_source
from .steady import steady
from .traced import Traced, jax_asarray, torch_asarray, traced_source


@dataclass(frozen=True, slots=True)
class Backend:
    """One backend: how its source is written and how a callable is made of it."""

    name: str
    source: Callable[[Derivation], str]
    compile: Callable[[Derivation], Callable[..., Any]]


def source(d: Derivation, backend: str = "numpy") -> str:
    return _row(backend).source(d)


def compile_(d: Derivation, backend: str = "numpy") -> Callable[..., Any]:
    return _row(backend).compile(d)


def _row(name: str) -> Backend:
    if name not in TABLE:
        raise RuleError(f"there is no backend `{name}`; there is {', '.join(TABLE)}")
    return TABLE[name]


def _numpy(d: Derivation) -> Callable[..., Any]:
    """Scalar Python for scalars, the NumPy program for arrays."""
    if scalar_graph(d) is not None:
        return _math(d)
    return Compiled(steady(d))


def _scalars(make: Callable[..., Any], dialect: Dialect) -> Callable[[Derivation], Callable[..., Any]]:
    def compile_it(d: Derivation) -> Callable[..., Any]:
        graph = scalar_graph(d)
        if graph is None:
            raise RuleError(f"the backend {dialect.name} is for scalars; this graph has arrays, use the backend numpy")
        return make(graph, d.wrt)

    return compile_it


_math = _scalars(ScalarCompiled, MATH)

TABLE: dict[str, Backend] = {
    "numpy": Backend("numpy", lambda d: write_numpy(steady(d)).text, _numpy),
    "math": Backend("math", lambda d: scalar_source(d, MATH), _math),
    "numba": Backend("numba", lambda d: scalar_source(d, NUMBA), _scalars(NumbaCompiled, NUMBA)),
    "jax": Backend("jax", lambda d: traced_source(steady(d), JAX), lambda d: Traced(steady(d), JAX, jax_asarray())),
    "torch": Backend(
        "torch", lambda d: traced_source(steady(d), TORCH), lambda d: Traced(steady(d), TORCH, torch_asarray())
    ),
    "c": Backend("c", c_source, c_compile),
}
