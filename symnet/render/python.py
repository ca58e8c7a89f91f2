"""The NumPy program of the derivation."""

from __future__ import annotations

from .rows import Page


def page(p: Page) -> str:
    return p.derivation.source()
