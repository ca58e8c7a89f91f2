"""Pictures: runs of descent (matplotlib, extra `plot`) and computational graphs (SVG, needs nothing)."""

from __future__ import annotations

from .network import to_svg as to_svg
from .runs import animate as animate
from .runs import plot as plot

__all__ = ["animate", "plot", "to_svg"]
