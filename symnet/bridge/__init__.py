"""Terms to SymPy and back.

This package imports SymPy when it is imported; the others import it inside the functions that need it. `outward` has
one row per operation of a Term, `classes` one row per class of SymPy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .inward import from_sympy
    from .outward import to_sympy

__all__ = ["from_sympy", "to_sympy"]

_HOME = {"from_sympy": "inward", "to_sympy": "outward"}


def __getattr__(name: str) -> Any:
    """Each direction loads its own rows at its first use."""
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
