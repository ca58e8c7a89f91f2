"""Reasons in each format: a sentence in which names stand between backticks."""

from __future__ import annotations

from collections.abc import Callable

from .. import names


def _parts(reason: str, word: Callable[[str], str], name: Callable[[str], str]) -> str:
    pieces = reason.split("`")
    return "".join(name(p) if i % 2 else word(p) for i, p in enumerate(pieces) if p)


def in_text(reason: str) -> str:
    return _parts(reason, lambda w: w, names.unicode)


def in_latex(reason: str) -> str:
    return _parts(reason, lambda w: f"\\text{{{w}}}", names.latex)


def in_markdown(reason: str, escape: Callable[[str], str]) -> str:
    return _parts(reason, escape, lambda n: f"${names.latex(n)}$")


def in_html(reason: str, escape: Callable[[str], str], math: Callable[[str], str]) -> str:
    return _parts(reason, escape, lambda n: math(names.latex(n)))
