"""Pages of hand-written backpropagation: every line is a claim about quantities of a graph."""

from __future__ import annotations

from .checked import check_page

__all__ = ["check_page"]
