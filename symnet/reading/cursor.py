"""A place in a text that is read, and what may be refused there."""

from __future__ import annotations

import unicodedata
from typing import Any, NoReturn

from .. import names
from ..errors import quote
from . import notation
from .tokens import Token, error


class Cursor:
    """A cursor over `source[start:end]`, and the tokens so far."""

    def __init__(
        self,
        source: str,
        start: int = 0,
        end: int | None = None,
        *,
        latex: bool | None = None,
        known: frozenset[str] = frozenset(),
    ) -> None:
        self.known = known  # declared names such as e2: `3e2` is then a product
        self.source = source
        self.at = self.begin = start
        self.end = len(source) if end is None else end
        self.latex = "\\" in source[start : self.end] if latex is None else latex
        self.out: list[Token] = []
        self.spaced = False
        self.after_command = False
        self.lefts = 0
        self.arrays: list[str] = []

    def fail(self, message: str, at: int | None = None, remedy: str = "") -> NoReturn:
        raise error(self.source, self.at if at is None else at, message, remedy)

    def refuse(self, c: str) -> NoReturn:
        name = unicodedata.name(c, "a control character")
        shown = quote(c, 8)
        if c in notation.LOOKALIKES:
            latin = notation.LOOKALIKES[c]
            self.fail(f"`{shown}` is {name}, which looks like the Latin `{latin}`", remedy=f"type the Latin {latin}")
        category = unicodedata.category(c)
        if category in ("Cf", "Cc", "Cs", "Co", "Cn"):
            self.fail(f"an invisible character, U+{ord(c):04X} ({name})", remedy="delete it")
        if c in '“”"`„«»':
            self.fail(f"`{shown}`: quotation marks are not part of a formula", remedy="leave them out")
        remedies = {
            "%": "write /100", "#": "comments are for definition files", "@": "the matrix product is *", "?": "",
            "!": "factorials are not read", "$": "leave it out", "&": "write `and`",
            ".": "a full stop ends the text; a product is *",
        }  # fmt: skip
        self.fail(
            f"`{shown}` ({name.lower()}) has no meaning here", remedy=remedies.get(c, "type ASCII, Greek or LaTeX")
        )

    def put(self, kind: str, value: Any, start: int, **more: Any) -> Token:
        token = Token(kind, value, start, self.at, self.spaced, **more)
        self.out.append(token)
        self.spaced = self.after_command = False
        return token

    def signs(self, table: dict[str, str]) -> str:
        start = self.at
        while self.at < self.end and self.source[self.at] in table:
            self.at += 1
        return "".join(names.LETTERS.get(table[c], table[c]) for c in self.source[start : self.at])

    def next_is(self, c: str) -> bool:
        return self.source[self.at : self.end].lstrip()[:1] == c if self.latex else self.source.startswith(c, self.at)
