"""Somebody's own backward function against the exact gradient: which parameter, by how much, and which mistake."""

from .checking import check_gradient as check_gradient
from .report import GradientReport as GradientReport
from .report import Parameter as Parameter

__all__ = ["GradientReport", "Parameter", "check_gradient"]
