"""What the characters of a formula become: tokens, each with its place in the source."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ..errors import ReadError
from . import notation


@dataclass(slots=True)
class Token:
    """`kind` is num, word, op, open, close, key, or a LaTeX structure; `start`, `end` are places in the source."""

    kind: str
    value: Any
    start: int
    end: int
    spaced: bool = False
    subs: tuple[str, ...] = ()
    layer: str = ""
    accent: str = ""
    whole: bool = False  # one name, never split: \mathrm{MSE}, δ, ŷ
    called: bool = False  # \operatorname{n}(n + 1) is a function


def plain_letters(source: str) -> str:
    """𝑥² + 𝑦² in plain letters; a text with both 𝑥 and x is left as it is, and refused by the tokens."""
    if source.isascii():
        return source
    plain = source.translate(notation.STYLED)
    if plain == source:
        return source
    styled = {p for c, p in zip(source, plain, strict=True) if c != p}
    single = {m[0] for m in re.finditer(r"(?<![A-Za-z])[A-Za-z](?![A-Za-z])|[α-ωΑ-Ω]", source)}
    return source if styled & single else plain


def place(source: str, at: int) -> dict[str, Any]:
    """Line and column of an offset, as the errors take them."""
    line = source.count("\n", 0, at) + 1
    return {"source": source, "line": line, "column": at - (source.rfind("\n", 0, at) + 1) + 1}


def error(source: str, at: int, message: str, remedy: str = "") -> ReadError:
    return ReadError(message, remedy=remedy, **place(source, max(0, min(at, len(source)))))
