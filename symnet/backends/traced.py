"""JAX and PyTorch: functions of their arrays, so that `jit`, `vmap`, shardings and devices stay in the user's hands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..derivation import Derivation
from ..errors import RuleError
from ..given import fitted, whole, without_sizes
from .arrays import Written, aligned, write_numpy
from .compiled import like
from .dialects import Dialect, helper, translated
from .scalars import Inputs, imports, run_text, scalar_graph, scalar_source


def traced_source(d: Derivation, dialect: Dialect) -> str:
    """The scalar program, or the lines of the array program, in the names of that library."""
    if scalar_graph(d) is not None:
        return scalar_source(d, dialect)
    return _arrays(write_numpy(d), dialect)


def _arrays(written: Written, dialect: Dialect) -> str:
    own = written.helpers
    helpers = [line for n, body in own.items() for line in ("", "", *helper(n, dialect, body))]
    lines = aligned([(translated(code, dialect, own, written.sizes), tag) for code, tag in written.lines])
    if any("**_like" in line for line in lines):
        first = next(code for n, code in written.keywords.items() if n not in written.free_dimensions)
        lines.insert(0, f'_like = {{"dtype": {first}.dtype, "device": {first}.device}}')
    body = [f"def gradient({written.parameters}):", *lines, f"return {written.returned}"]
    text = "\n    ".join(body)
    return "\n".join([*imports(dialect, text + "".join(helpers)), *helpers, "", "", text])


class Traced:
    """`f(**values) -> (value, {name: gradient})` on the arrays of that library; only names and shapes are checked, so
    that it can be traced: whether a matrix is symmetric is not. `.function` takes the program's own keywords."""

    def __init__(self, d: Derivation, dialect: Dialect, asarray: Callable[[Any], Any]) -> None:
        self.backend = dialect.name
        self.source = traced_source(d, dialect)
        self.function = run_text(self.source)
        self._asarray = asarray
        graph = scalar_graph(d)
        if graph is not None:
            shapes: Mapping[str, Any] = dict.fromkeys(graph.inputs, ())
            self._keys = dict(zip(graph.inputs, _parameters(self.function), strict=True))
        else:
            self._keys = write_numpy(d).keywords
            shapes = {n: d.graph.declared_shape(n) if n in d.graph.inputs else () for n in self._keys}
        self.inputs = tuple(self._keys)
        self._order = Inputs(self.inputs)
        self._sizes = frozenset(d.graph.dimensions).difference(self.inputs)
        self._declared = shapes if graph is None else {}  # scalars may be given as arrays: all is elementwise
        self._flat = {n for n, s in shapes.items() if len(s) == 2 and 1 in s}
        self._shape = {n: (-1, 1) if shapes[n][1] == 1 else (1, -1) for n in self._flat}
        self._free = () if graph is not None else write_numpy(d).free_dimensions

    def __call__(self, /, **values: Any) -> tuple[Any, dict[str, Any]]:
        dims = without_sizes(values, self._sizes) if len(values) > len(self.inputs) else {}
        given = self._order.named(values)
        ready = {self._keys[n]: self._ready(n, v, dims) for n, v in given.items()}
        value, gradient = self.function(**ready)
        return value, {n: like(given.get(n), self._restored(n, g)) for n, g in gradient.items()}

    def _ready(self, name: str, value: Any, dims: dict[str, int]) -> Any:
        if name in self._free:
            return dims.setdefault(name, whole(name, value))
        array, declared = self._asarray(value), self._declared.get(name)
        if declared is None:
            return array
        size = tuple(array.shape)
        lasting = fitted(name, size, declared, dims)
        one = all(n == 1 for n in declared)
        return array.reshape(() if one else -1) if one or lasting != size or name in self._flat else array

    def _restored(self, name: str, gradient: Any) -> Any:
        return self._asarray(gradient).reshape(self._shape[name]) if name in self._flat else self._asarray(gradient)


def _parameters(function: Callable[..., Any]) -> tuple[str, ...]:
    code = function.__code__
    return code.co_varnames[: code.co_argcount]


def _library(name: str) -> Any:
    from importlib import import_module

    try:
        return import_module(name)
    except ImportError:
        extra = name.split(".")[0]
        raise RuleError(f"this backend needs {extra}; install it with `pip install symnet[{extra}]`") from None


def jax_asarray() -> Callable[[Any], Any]:
    return _library("jax.numpy").asarray


def torch_asarray() -> Callable[[Any], Any]:
    torch = _library("torch")
    return lambda x: x if isinstance(x, torch.Tensor) else torch.as_tensor(x, dtype=torch.float64)
