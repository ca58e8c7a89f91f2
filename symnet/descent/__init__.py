"""Gradient descent: every step in a table, an end that is honest, and a report beside the exact answer."""

from __future__ import annotations

from .answer import Descent as Descent
from .asked import descend as descend
from .methods import TABLE as METHODS
from .methods import Method as Method
from .schedules import TABLE as SCHEDULES
from .schedules import Schedule as Schedule

__all__ = ["METHODS", "SCHEDULES", "Descent", "Method", "Schedule", "descend"]
