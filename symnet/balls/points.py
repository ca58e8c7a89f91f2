"""The values that are given for names, exact, and the sizes that they fix."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flint import arb, fmpq

from ..errors import ShapeError
from ..term import Term, iter_names
from .grids import Value, grid_of, rows_of
from .jets import FIRST_BITS, jet_of, number_of, precision, refuse_value
from .terms import Run, value_of


def point(at: Mapping[Any, Any]) -> dict[str, Any]:
    """The values of the names, exact: numbers, Terms without names (π/2), or rows of them."""
    return {_name(k): _exact(v) for k, v in at.items()}


def _name(key: Any) -> str:
    """The canonical name of a key: text, a symbol of SymPy, or a Term."""
    from ..names import canonical

    return canonical(key.name if isinstance(key, Term) else str(key))


def _exact(v: Any) -> Any:
    """A value without rounding: a number, a Term for what is not rational, a tuple of rows for an array."""
    if isinstance(v, Term) and v.op == "vector":
        return tuple(map(_exact, v.args))
    if isinstance(v, arb | fmpq | Term):
        return v
    if isinstance(v, str):
        return _exact(_read_value(v))
    if hasattr(v, "tolist"):
        plain = v.tolist()
        return _exact(str(v) if type(plain) is type(v) else plain)  # a long double is no number of Python's
    if isinstance(v, list | tuple):
        return tuple(map(_exact, v))
    try:
        return number_of(v)
    except (TypeError, ValueError):
        return _sympy_value(v)


def _read_value(text: str) -> Any:
    if text.strip()[:1] == "[" and text.strip()[-1:] == "]":
        return _read_list(text.strip()[1:-1])
    if text.strip().lower().lstrip("+-") in ("inf", "infinity", "oo", "nan", "∞"):
        refuse_value(text)
    from ..reading import read

    return read(text).value


def _read_list(inner: str) -> Any:
    """`[1, 2]` as a tuple of numbers; `[[1, 2]]` is one row, `[1, 2; 3, 4]` two."""
    rows = _split(inner, ";")
    if len(rows) > 1:
        return tuple(_read_list(r) for r in rows)
    return tuple(_read_value(p) for p in _split(inner, ","))


def _split(text: str, mark: str) -> list[str]:
    """The parts between the marks that stand in no bracket."""
    depth, parts = 0, [""]
    for c in text:
        depth += (c in "([{") - (c in ")]}")
        if c == mark and not depth:
            parts.append("")
        else:
            parts[-1] += c
    return parts


def read_with(text: str, names: Iterable[str]) -> Term:
    """A text in which the names that have values are names, whatever else they could mean."""
    from ..reading import read

    return read(text, names=tuple(names)).value


def _sympy_value(v: Any) -> Any:
    from ..bridge import from_sympy

    if getattr(v, "is_finite", True) is False or str(v) == "nan":
        refuse_value(v)
    return from_sympy(v)


def bound(v: Any) -> Value:
    """An exact value as a number or an array at the working precision."""
    if isinstance(v, tuple):
        rows = [r if isinstance(r, tuple) else (r,) for r in v]
        if len({len(r) for r in rows}) != 1 or not rows[0]:
            raise ShapeError("the rows of an array have different lengths, or none")
        return grid_of([bound(c) for c in r] for r in rows)
    return value_of(Run({}, {}), v) if isinstance(v, Term) else jet_of(v)


def run_of(t: Term, values: dict[str, Value], depth: int = 0) -> Run:
    return Run(values, sizes_of(iter_names(t), values), depth)


def dimensions(names: Iterable[Term], at: Mapping[Any, Any]) -> dict[str, int]:
    """The sizes of the symbolic dimensions of these names, from the arrays given for them."""
    with precision(FIRST_BITS):
        found = sizes_of(names, values_of(at))
    return {d: n for d, n in found.items() if isinstance(d, str)}


def sizes_of(names: Iterable[Term], values: dict[str, Value]) -> dict[str, int]:
    dims: dict[str, int] = {}
    for s in names:
        if not s.shape or s.name not in values:
            continue
        rows = rows_of(values[s.name])
        sizes = (len(rows), len(rows[0]))
        declared = s.shape if len(s.shape) == 2 else (s.shape[0], 1)
        for d, n in zip(declared, sizes, strict=True):
            if dims.setdefault(d, n) != n if isinstance(d, str) else d != n:
                raise ShapeError(f"`{s.name}` is {sizes[0]}×{sizes[1]}; its dimension {d} is {dims.get(str(d), d)}")
    return dims


def values_of(at: Mapping[Any, Any]) -> dict[str, Value]:
    return {name: bound(v) for name, v in point(at).items()}
