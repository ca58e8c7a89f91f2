"""Characters → tokens. Plain text, Unicode and LaTeX give the same tokens, so one grammar reads all three.

A token is a number, a word (with its indices, layer and accent), an operator, a bracket, or a structure of LaTeX
(`frac`, `sqrt`, `begin`, `end`). Only characters and commands of the tables are let in.
"""

from __future__ import annotations

import re
import unicodedata

from .. import names
from . import notation
from .spelling import Spelling
from .tokens import Token

BRACED = re.compile("\\{([A-Za-z]|" + "|".join(rf"\\{c}" for c in sorted(names.COMMANDS)) + r")\}(?=\s*_)")  # {x}_{1}
COMPARES = re.compile(r"<(?!-)|[>≤≥∨∧]|\b(?:or|and|if|else|for)\b")  # beside `<-` in a condition
DIGITS = frozenset("0123456789")


def _names(t: Token) -> bool:
    """Whether a token may stand in front of the arrow of an update."""
    return t.kind in ("word", "num", "open", "close") or t.value in ("_", "^", "'", ",", ":")


class Scanner(Spelling):
    """Signs, numbers and words; `command` is what LaTeX adds."""

    def run(self) -> list[Token]:
        source = self.source
        if source.startswith("\ufeff", self.at):
            self.at += 1
        while self.at < self.end:
            c = source[self.at]
            if c in notation.SPACES or (c in notation.INVISIBLE and self.joins(c)):
                self.at += 1
                self.spaced = not self.after_command or self.spaced
                continue
            self.token(c)
        if self.lefts:
            self.fail("`\\left` without its `\\right`", self.end - 1, "close it with \\right")
        return self.out

    def raises(self) -> bool:
        """Whether a group belongs to what stands before it: an exponent, an index, a root, a fraction."""
        before = self.out[-1] if self.out else None
        if before is None:
            return False
        glued = before.value == "}" and before.end == self.at
        return glued or before.kind in ("sqrt", "frac") or before.value in ("^", "_")

    def joins(self, c: str) -> bool:
        """Whether the invisible sign of a formula editor stands where the visible letters mean the same."""
        before, after = self.source[self.at - 1 : self.at], self.source[self.at + 1 : self.at + 2]
        if c == "\u2061":  # the application of a function
            return before.isalpha() and (after == "(" or after.isalnum())
        return (before.isdigit() or before == ")") and (after.isalpha() or after == "(")

    def token(self, c: str) -> None:
        start = self.at
        if c == "\\":
            return self.command()
        if c == "~" and self.latex:  # the tie of LaTeX is a space
            self.at, self.spaced = start + 1, True
            return None
        if "0" <= c <= "9" or (c == "." and self.source[start + 1 : start + 2] in DIGITS):
            return self.number()
        if "A" <= c <= "Z" or "a" <= c <= "z":
            return self.word()
        if c in notation.VULGAR:
            self.at += 1
            return self.vulgar(c, start)
        if c in names.SUBSCRIPTS:
            return self.script("_", notation.LOWERED)
        if c in names.SUPERSCRIPTS:
            return self.script("^", names.SUPERSCRIPTS)
        if c == "+" and self.spaced and self.source.startswith("+- ", start):  # 3 +- √5
            self.at += 2
            self.put("op", "±", start)
            return None
        for size in (3, 2):
            sign = notation.LONG_SIGNS.get(self.source[start : min(start + size, self.end)])
            if sign == "!=" and not self.spaced and self.out and self.out[-1].kind == "num":
                self.fail("`!=` after a number may be a factorial", remedy="write 5! = 120, or put a space before !=")
            if sign == "←" and not self.arrow(start):
                break  # x<-1 is x < −1
            if sign:
                self.at += size
                self.put("op", sign, start)
                return None
        if c in notation.SIGNS:
            self.at += 1
            self.put("op", notation.SIGNS[c], start)
            return None
        if c == "{" and (found := BRACED.match(self.source, start, self.end)) and not self.raises():
            self.at = found.end()
            letter = names.COMMANDS.get(found[1].lstrip("\\"), found[1])
            return self.indices(self.put("word", letter, start, whole=True))
        if c in notation.OPEN:
            self.at += 1
            self.put("open", c, start)
            return None
        if c in notation.CLOSE:
            self.at += 1
            self.put("close", c, start)
            return None
        return self.other(c)

    def arrow(self, at: int) -> bool:
        """Whether `<-` is the arrow of an update: behind names alone, with spaces on both sides or the name again."""
        line = self.source[at + 2 : self.end].split("\n", 1)[0]
        if COMPARES.search(line) or not self.out or not all(_names(t) for t in self.out):
            return False
        opened = sum({"open": 1, "close": -1}.get(t.kind, 0) for t in self.out)
        if self.spaced and line[:1].isspace():
            return opened == 0
        name = self.source[self.out[0].start : self.out[-1].end]
        return opened == 0 and re.search(rf"(?<![A-Za-z0-9_]){re.escape(name)}(?![A-Za-z0-9_])", line) is not None

    def other(self, c: str) -> None:
        """Greek and accented letters, index and alignment signs; everything else is refused by name."""
        start = self.at
        if c == "_":
            self.at += 1
            self.put("op", "_", start)
        elif c == "&" and self.aligns(start):
            self.at += 1
            self.put("op", "cell", start)
        elif c == "." and self.out and not self.source[start + 1 : self.end].strip(" .\n"):
            self.at = self.end  # a full stop
        elif c == "." and self.transposes(start):
            self.at += 2
            self.put("op", "ᵀ", start)
        elif c in notation.NUMBERS:
            self.at += 1
            self.put("numbers", c, start)
        elif c == "Σ":
            self.at += 1
            self.put("op", "∑", start)
        elif c == "Π" and self.source[start + 1 : start + 2] in ("_", *names.SUBSCRIPTS):
            self.at += 1
            self.put("op", "∏", start)
        elif c in names.LETTERS:
            self.at += 1
            self.greek(names.LETTERS[c], start)
        elif c in "$`" and self.frames(c):
            self.at, self.spaced = start + 1, True
        elif c == "." and self.out and self.out[-1].kind == "word" and self.source[start + 1 : start + 2].isspace():
            self.at += 1
            self.put("op", ".", start)
        else:
            self.accented(c)

    def transposes(self, at: int) -> bool:
        """Whether this is the .T behind an array of NumPy: X.T, (W @ x).T."""
        before = self.out[-1] if self.out else None
        glued = before is not None and before.kind in ("word", "close") and before.end == at
        after = self.source[at + 2 : at + 3]
        return glued and self.source.startswith("T", at + 1) and not (after.isalnum() or after in ("_", "("))

    def frames(self, c: str) -> bool:
        """Whether this $ or ` is one of the pairs that set a formula, or stands at either end."""
        ends = not self.out or not self.source[self.at : self.end].strip("$` \n.")
        return self.source.count(c, self.begin, self.end) % 2 == 0 or (c == "$" and ends)

    def aligns(self, at: int) -> bool:
        """Whether an & stands where LaTeX aligns: beside a relation, in text that may be a copy of it."""
        beside = self.source[at + 1 : self.end].lstrip()[:1]
        before = bool(self.out) and self.out[-1].kind == "op" and self.out[-1].value in notation.RELATIONS
        return self.latex or before or beside in "=<>≈:≤≥"

    def accented(self, c: str) -> None:
        """é, ŷ, x̄: a Latin letter and its accent."""
        start = self.at
        if c not in notation.LOOKALIKES and c.isalpha():
            parts = unicodedata.normalize("NFD", c)
            base = names.LETTERS.get(parts[0], parts[0])
            if len(parts) == 2 and parts[1] in names.COMBINING and base.isascii():
                self.at += 1
                self.greek(base, start, accent=names.COMBINING[parts[1]])
                return
        self.refuse(c)

    def script(self, sign: str, table: dict[str, str]) -> None:
        """⁻ˣ is ^(-x), ₂ is _(2): the inner signs are tokens of their own."""
        start = self.at
        text = self.signs(table)
        self.put("op", sign, start)
        self.put("open", "{", start)
        if text == "-" and self.source[self.at : self.at + 1] in ("ᵀ", "⊤"):  # X⁻ᵀ
            self.put("op", "-", start)
            self.at += 1
            self.put("op", "⊤", start)
            self.put("close", "}", start)
            return
        inner = type(self)(text, latex=False).run()
        for t in inner:
            t.start, t.end = start, self.at
        self.out += inner
        self.put("close", "}", start)

    def command(self) -> None:
        """A LaTeX command; plain text has none."""
        self.fail("`\\` at the end")
