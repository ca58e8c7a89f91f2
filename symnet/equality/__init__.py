"""Equality of formulas: proved, refuted by a witness, or left open."""

from .comparison import Comparison, compare, intervals

__all__ = ["Comparison", "compare", "intervals"]
