"""Calling somebody's function: parameters by name or as one mapping, NumPy, torch or JAX arrays, any usual result."""

from __future__ import annotations

import inspect
import sys
import traceback
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import ReadError, RuleError, quote
from ..names import canonical, unicode

PREFIXES = ("d", "grad_", "d_", "g_", "dE_d", "dL_d", "grad")  # of a gradient's name: dW1, grad_W1
NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


class Raised(Exception):
    """The function raised: the sentence says what and where; `place` is the line alone."""

    def __init__(self, says: str, place: str) -> None:
        self.place = place
        super().__init__(says)


class Unusable(Exception):
    """What the function returned is no gradient."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The gradients as NumPy arrays, the loss if it came along, and the names of inputs that changed.

    `precision` is the narrowest type of the arrays; `narrow` says that all numbers would fit into float32.
    """

    gradients: Mapping[str, Any]
    loss: float | None
    precision: str
    narrow: bool
    changed: tuple[str, ...]


class Function:
    """Somebody's backward function, called with the values of `names`; those of `fixed` it may know already."""

    def __init__(
        self,
        fn: Callable[..., Any],
        names: Sequence[str],
        wrt: Sequence[str],
        arrays: str | None = None,
        fixed: Collection[str] = (),
    ) -> None:
        if not callable(fn):
            raise RuleError(f"a function is expected, not {quote(type(fn).__name__, 30)}")
        if arrays is not None and arrays not in LIBRARIES:
            raise RuleError(f"arrays is {', '.join(LIBRARIES)}, not {quote(str(arrays), 30)}")
        self.fn, self.wrt = fn, tuple(wrt)
        self.spelled = _parameters(fn, tuple(names), fixed)
        self.names = tuple(names) if self.spelled is None else tuple(n for n in names if n in self.spelled)
        self.leading = _leading(fn, self.spelled or {})
        self.library = LIBRARIES[arrays or _library(fn)]
        self.others = [] if arrays else [k for k in LIBRARIES if k != self.library.name and k in sys.modules]

    def settle(self, values: Mapping[str, Any]) -> None:
        """Where the code does not say whose arrays it takes: the first library that it runs with at these values."""
        first = self.library
        for name in (first.name, *self.others):
            self.library = LIBRARIES[name]
            try:
                self(values)
                return
            except Unusable:
                return
            except Raised:
                self.library = first

    def __call__(self, values: Mapping[str, Any]) -> Answer:
        """The gradients at these values; raises `Raised` and `Unusable`."""
        given = {n: self.library.make(values[n]) for n in self.names}
        try:
            if self.spelled is None:
                result = self.fn(dict(given))
            else:
                placed = {self.spelled[n]: v for n, v in given.items()}
                first = [placed.pop(p) for p in self.leading]
                result = self.fn(*first, **placed)
        except Exception as e:
            raise Raised(*_place(e)) from None
        changed = tuple(n for n, v in given.items() if not _is_same(v, self.library.make(values[n])))
        loss, found = _split(result, self.wrt)
        arrays = {n: _numbers(g) for n, g in found.items()}
        return Answer(arrays, loss, _precision(found.values()), _narrow(arrays.values()), changed)


def _is_same(value: Any, before: Any) -> bool:
    """Whether an input is still what was handed over."""
    try:
        return bool(np.array_equal(_numbers(value), _numbers(before), equal_nan=True))
    except Unusable:
        return False


# ------------------------------------------------------------------------------------------------------- the parameters
def _parameters(fn: Callable[..., Any], names: Sequence[str], fixed: Collection[str]) -> Mapping[str, str] | None:
    """How the function spells each input, "" for one that it takes by its place; None where it takes one mapping."""
    try:
        parameters = list(inspect.signature(fn).parameters.values())
    except (TypeError, ValueError):  # some builtins have no signature
        return {n: n for n in names}
    own = {_canonical(p.name): p.name for p in parameters if p.kind in NAMED}
    rest = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters)
    needed = [p for p in parameters if p.default is p.empty and p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)]
    strange = [p.name for p in needed if _canonical(p.name) not in names or p.kind is p.POSITIONAL_ONLY]
    moving = [n for n in names if n not in fixed]
    if len(needed) == 1 and strange:
        return None if len(moving) > 1 else {moving[0]: ""}
    missing = [n for n in moving if n not in own]
    if (missing and not rest) or strange:
        takes = quote(", ".join(p.name for p in parameters), 80)
        wants = f"does not take {', '.join(map(unicode, missing))}" if missing else f"also needs {strange[0]}"
        raise RuleError(
            f"the function takes ({takes}) and {wants}; its parameters are the inputs of the loss by name,"
            f" {quote(', '.join(map(unicode, names)), 80)}, or one mapping of them"
        )
    return {n: own.get(n, n) for n in names if n in own or n in moving or rest}


def _leading(fn: Callable[..., Any], spelled: Mapping[str, str]) -> tuple[str, ...]:
    """The parameters that are given by their place: all from the first on that are inputs (`jax.grad` asks for it)."""
    if "" in spelled.values():
        return ("",)
    try:
        parameters = list(inspect.signature(fn).parameters.values())
    except (TypeError, ValueError):
        return ()
    out: list[str] = []
    for p in parameters:
        if p.kind is not p.POSITIONAL_OR_KEYWORD or p.name not in spelled.values():
            break
        out.append(p.name)
    return tuple(out)


def _canonical(name: str) -> str:
    try:
        return canonical(name)
    except ReadError:
        return name


# ------------------------------------------------------------------------------------------------------------ libraries
@dataclass(frozen=True, slots=True)
class Library:
    """How a value is handed over."""

    name: str
    make: Callable[[Any], Any]


def _numpy(value: Any) -> Any:
    return value if isinstance(value, int) else float(value) if not np.ndim(value) else np.array(value, dtype=float)


def _torch(value: Any) -> Any:
    import torch

    return value if isinstance(value, int) else torch.tensor(np.array(value, dtype=float), dtype=torch.float64)


def _jax(value: Any) -> Any:
    import jax.numpy as jnp

    return value if isinstance(value, int) else jnp.array(np.array(value, dtype=float))


LIBRARIES = {lib.name: lib for lib in (Library("numpy", _numpy), Library("torch", _torch), Library("jax", _jax))}


def _library(fn: Any) -> str:
    """The library whose functions the code of `fn` mentions."""
    inner = inspect.unwrap(getattr(fn, "func", fn))
    code, known = getattr(inner, "__code__", None), getattr(inner, "__globals__", {})
    if type(fn).__module__.startswith("jax"):
        return "jax"
    mentioned = [known[n] for n in code.co_names if n in known] if code is not None else []
    mentioned += [c.cell_contents for c in getattr(inner, "__closure__", None) or () if _is_full(c)]
    homes = [str(getattr(m, "__name__" if inspect.ismodule(m) else "__module__", "")) for m in mentioned]
    names = set(code.co_names) | set(code.co_consts) if code is not None else set()
    for name in ("torch", "jax"):
        if any(h.split(".")[0] == name for h in homes) or (name in names and name in sys.modules):
            return name
    return "numpy"


def _is_full(cell: Any) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False


def _numbers(value: Any) -> Any:
    """An array of the numbers that are there, complex ones and texts refused."""
    if hasattr(value, "detach"):
        value = value.detach().cpu().resolve_conj()
        value = value.double().numpy() if value.is_floating_point() else value.numpy()
    try:
        array = np.asarray(value)
        if array.dtype.kind in "biu":
            return array.astype(float)
        if array.dtype.kind == "c" or array.dtype.kind in "SUV":
            raise TypeError
        return array.astype(float)
    except (TypeError, ValueError):
        raise Unusable(f"it returned {quote(repr(value), 40)}, which is no array of real numbers") from None


def _precision(raw: Iterable[Any]) -> str:
    """float64, or the narrowest type that an array has."""
    names = {str(getattr(g, "dtype", "float64")).removeprefix("torch.") for g in raw}
    return next((name for name in ("bfloat16", "float16", "float32") if name in names), "float64")


def _narrow(arrays: Iterable[Any]) -> bool:
    """Whether some numbers that are not short decimals fit into float32."""
    values = np.concatenate([a[np.isfinite(a)].ravel() for a in arrays] or [np.zeros(0)])
    values = values[np.round(values, 3) != values]
    return len(values) > 0 and bool(np.array_equal(values, values.astype(np.float32).astype(float)))


# -------------------------------------------------------------------------------------------------------------- results
def _split(result: Any, wrt: Sequence[str]) -> tuple[float | None, dict[str, Any]]:
    """The loss, if there is one, and the gradient by each name, from any usual form of a result."""
    if isinstance(result, Mapping):
        return None, _by_name(result, wrt)
    if isinstance(result, tuple | list):
        if len(result) == 2 and isinstance(result[1], Mapping):
            return _loss(result[0]), _by_name(result[1], wrt)
        if len(result) == 2 and isinstance(result[1], tuple | list) and _is_number(result[0]):
            if len(result[1]) != len(wrt):
                raise Unusable(f"it returned {len(result[1])} gradients for {len(wrt)} parameters")
            return _loss(result[0]), dict(zip(wrt, result[1], strict=True))
        if isinstance(result, tuple) and len(result) == len(wrt):
            return None, dict(zip(wrt, result, strict=True))
        if isinstance(result, tuple) and len(result) == len(wrt) + 1:
            return _loss(result[0]), dict(zip(wrt, result[1:], strict=True))
        if isinstance(result, list) and len(result) == len(wrt) > 1:
            return None, dict(zip(wrt, result, strict=True))
    if result is not None and len(wrt) == 1 and not (isinstance(result, tuple)):
        return None, {wrt[0]: result}
    listed = ", ".join(map(unicode, wrt))
    what = f"{len(result)} things" if isinstance(result, tuple | list) else quote(type(result).__name__, 30)
    raise Unusable(f"it returned {what}; expected are the gradients by {listed}: a mapping, a tuple in this order, or"
                   " (loss, gradients)")  # fmt: skip


def _is_number(value: Any) -> bool:
    try:
        return not np.ndim(_numbers(value))
    except Unusable:
        return False


def _loss(value: Any) -> float | None:
    if value is None:
        return None
    array = _numbers(value)
    return float(array.ravel()[0]) if array.size == 1 else None


def _by_name(found: Mapping[Any, Any], wrt: Sequence[str]) -> dict[str, Any]:
    """Keys in any spelling, with d or grad_ before it too; a name that is not there is missing later."""
    spelled = {_canonical(str(k)): v for k, v in found.items()}
    spelled |= {str(k): v for k, v in found.items()}
    out: dict[str, Any] = {}
    for name in wrt:
        for key in (name, *(p + name for p in PREFIXES)):
            if key in spelled or _canonical(key) in spelled:
                out[name] = spelled.get(key, spelled.get(_canonical(key)))
                break
    return {n: v for n, v in out.items() if v is not None}


def _place(e: Exception) -> tuple[str, str]:
    """What was raised and where in the person's own code; and the place alone."""
    frames = [f for f in traceback.extract_tb(e.__traceback__) if f.filename != __file__]
    own = next((f for f in reversed(frames) if "site-packages" not in f.filename), frames[-1] if frames else None)
    says = quote(f"{type(e).__name__}: {e}", 160)
    place = f"line {own.lineno} of {own.name}" if own is not None else ""
    return f"{says} ({place})" if place else says, f"{type(e).__name__} {place}"
