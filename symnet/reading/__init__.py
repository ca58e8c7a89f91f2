"""Reading: plain text, Unicode and LaTeX become Terms, by our own tokens and grammar; nothing is ever evaluated."""

from __future__ import annotations

from .program import Declared, Line, Program, program, read, read_shapes
from .statement import Statement

__all__ = ["Declared", "Line", "Program", "Statement", "program", "read", "read_shapes"]
