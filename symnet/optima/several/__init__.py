"""Stationary points of functions of several variables: polynomial systems, exact kinds, boxes, global values."""

from .solving import solve as solve
