"""Lines that lead to roots, stationary points and extreme values: f′(x) = 3x² − 3, x² = 1, D = 1, f″(1) = 6 > 0.

Each is a claim of its own: a derivative of the given function, an equation with the same solutions, a discriminant, a
value at a place, a sign. What is left is the answer.
"""

from __future__ import annotations

from .leading import led

__all__ = ["led"]
