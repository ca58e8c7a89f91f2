"""Terms to SymPy and back.

This package imports SymPy when it is imported; the others import it inside the functions that need it. `outward` has
one row per operation of a Term, `classes` one row per class of SymPy.
"""

from __future__ import annotations

from .inward import from_sympy
from .outward import to_sympy

__all__ = ["from_sympy", "to_sympy"]
