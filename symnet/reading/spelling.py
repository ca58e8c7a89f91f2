"""Words and what hangs on a name: indices, layers, accents, stars."""

from __future__ import annotations

import re

from .. import names
from ..errors import quote
from . import budgets, notation
from .numerals import Numerals
from .tokens import Token

RUN = re.compile(r"[A-Za-z]+[A-Za-z0-9]*", re.ASCII)
COMMAND = re.compile(r"\\(?:[A-Za-z]+\*?|.)", re.DOTALL)
GROUP = re.compile(r"\{[^{}]{0,60}\}|\{[^{}]{0,60}\{[^{}]{0,60}\}[^{}]{0,60}\}")
LAYER = re.compile(
    r"\^\s*(?:\{\s*(?:\(|\[)\s*([A-Za-z0-9]+(?:[+-]\d+)?)\s*(?:\)|\])\s*\}|\{\s*([lL](?:\s*[+-]\s*\d+)?)\s*\}|([lL])"
    r"|(\{\+\}|\+(?=\s*(?:&?=|\\|\^|_|$))))"
)
LAYER_SAMPLE = re.compile(r"\^\s*\{\s*\[\s*([A-Za-z0-9]+)\s*\]\s*\(\s*([A-Za-z0-9]+)\s*\)\s*\}")
LAYER_T = re.compile(r"\^\{\s*[\[(]\s*([A-Za-z0-9]+)\s*[\])]\s*(?:T|\\top|\\intercal)\s*\}")
WORD_ABOVE = re.compile(r"\^\{\s*(?:\\(?:text|mathrm|textrm)\{)?\s*(new|old|next|prev|true|pred|opt)\s*\}?\s*\}")
STAR = re.compile(r"\^\s*(?:\*|\{\s*(?:\*|\\ast|\\star)\s*\}|\\ast\b|\\star\b)(?=\s*(?:[=,;)&|≈}]|$))")
INDEX = re.compile(r"[A-Za-z0-9+,-]+", re.ASCII)
LETTER = re.compile(r"[A-Za-z]", re.ASCII)


class Spelling(Numerals):
    """A cursor that reads numbers and names."""

    def word(self) -> None:
        start = self.at
        found = RUN.match(self.source, start, self.end)
        assert found is not None
        run = found[0]
        if len(run) > budgets.WORD:
            message = f"a word of {len(run):,} letters; names have at most {budgets.WORD}"
            self.fail(message, remedy="write a shorter name")
        self.at = start + len(run)
        if run in ("sum", "lim", "int") and self.next_is("_"):
            self.put("op", {"sum": "∑", "int": "∫"}.get(run, run), start)
            return
        if run == "int" and re.search(r"\bd[a-z]\b", self.source[self.at : self.end]):
            self.put("op", "∫", start)
            return
        if run == "lim":
            self.put("op", "lim", start)
            return
        after = self.source[self.at : self.at + 2]
        if run in notation.MODULES and after[:1] == "." and after[1:].isalpha():  # np.exp(x)
            return self.member()
        if run in ("grad", "nabla") and after[:1] == " " and after[1:].isalpha() and run not in self.known:
            self.put("op", "∇", start)
            return
        glued = run == "as" and not self.spaced and bool(self.out) and self.out[-1].kind == "num"  # 2as
        if run in notation.KEYWORDS and not glued:
            self.put("key", notation.KEYWORDS[run], start)
            return
        self.indices(self.put("word", run, start))

    def member(self) -> None:
        """The function behind np., torch.nn.functional.: also a word that is otherwise a keyword, as np.where."""
        found = RUN.match(self.source, self.at + 1, self.end)
        while found and found[0] in notation.PACKAGES and self.source[found.end() : found.end() + 1] == ".":
            self.at = found.end()
            found = RUN.match(self.source, self.at + 1, self.end)
        self.at += 1
        if found and found[0] in notation.FORMS:
            start, self.at = self.at, found.end()
            self.put("word", found[0], start, whole=True)

    def greek(self, word: str, start: int, accent: str = "") -> None:
        digits = re.compile(r"\d*", re.ASCII).match(self.source, self.at, self.end)
        token = self.put("word", word, start, whole=True, accent=accent)
        if digits and digits[0] and word != "pi":
            self.at = digits.end()
            token.subs, token.end = (digits[0],), self.at
        self.indices(token)

    def indices(self, token: Token) -> None:
        """What hangs on a name: indices, a layer, an accent; the power of a name is left to the grammar."""
        while self.at < self.end:
            c = self.source[self.at]
            skip = self.at
            if self.latex and c == " ":
                while self.at < self.end and self.source[self.at] == " ":
                    self.at += 1
                if self.at >= self.end or self.source[self.at] not in "_^":
                    self.at = skip
                    break
                c = self.source[self.at]
            if c == "_":
                if not self.index(token):
                    self.at = skip
                    break
            elif c in names.SUBSCRIPTS:
                token.subs += (self.signs(names.SUBSCRIPTS),)
            elif c in names.COMBINING and not token.accent and (len(token.value) == 1 or token.whole):
                token.accent, token.whole = names.COMBINING[c], True
                self.at += 1
            elif c == "⁺" and not token.layer and self.source[self.at + 1 : self.at + 2] not in names.SUPERSCRIPTS:
                token.layer, self.at = "+", self.at + 1
            elif c in ("^", "⁽") and not token.layer and self.layer(token):
                continue
            elif c == "^" and (found := WORD_ABOVE.match(self.source, self.at, self.end)):
                token.subs, self.at = (*token.subs, found[1]), found.end()  # w^{new}
            elif c == "^" and (found := STAR.match(self.source, self.at, self.end)):
                token.subs, self.at = (*token.subs, "star"), found.end()  # w^*, the best w
            elif c == "^" and not token.layer and (found := LAYER_SAMPLE.match(self.source, self.at, self.end)):
                token.layer, token.subs, self.at = found[1], (*token.subs, found[2]), found.end()  # a^{[2](i)}
            elif c == "^" and not token.layer and (found := LAYER_T.match(self.source, self.at, self.end)):
                token.layer, self.at = found[1], found.end()  # A^{[1]T}
                token.end = self.at
                self.put("op", "ᵀ", token.end - 2)
                return
            else:
                self.at = skip
                break
        token.end = self.at

    def index(self, token: Token) -> bool:
        """`_1`, `_{11}`, `_bias`, `_{\\mathrm{bias}}`; one letter in LaTeX unless a word stands there."""
        start = self.at
        self.at += 1
        while self.latex and self.at < self.end and self.source[self.at] == " ":
            self.at += 1
        rest = self.source[self.at : min(self.at + 200, self.end)]
        if rest.startswith("{"):
            group = GROUP.match(rest)
            if group is None:
                self.fail("an index that cannot be read", start, "an index is letters, digits, + and -")
            token.subs += self.below(group[0][1:-1], start)
            self.at += group.end()
            return True
        if rest.startswith("\\"):
            command = COMMAND.match(rest)
            if command and command[0][1:] in names.COMMANDS:
                token.subs += (names.COMMANDS[command[0][1:]],)
                self.at += command.end()
                return True
            if command and command[0][1:] in names.FONTS and (group := GROUP.match(rest, command.end())):
                token.subs += self.below(group[0][1:-1], start)
                self.at += group.end()
                return True
            self.fail("an index that cannot be read", start, "write it in braces: w_{ij}")
        run = re.compile(r"\d+|[A-Za-z][A-Za-z0-9]*", re.ASCII).match(rest)
        if run is None:
            if rest[:1] in names.LETTERS:
                token.subs += (names.LETTERS[rest[0]],)
                self.at += 1
                return True
            self.fail("`_` without an index", start, "an index follows: w_1, w_bias")
        text = run[0]
        if self.latex and text[0].isalpha():
            follows = rest[len(text) :].lstrip()[:1]
            letters = len(LETTER.findall(text))
            if follows in ("_", "^") or letters <= 2:
                text = text[0]
        token.subs += (text,)
        self.at += len(text)
        return True

    def below(self, inner: str, start: int) -> tuple[str]:
        """The text of an index group; `10,3` stays one group."""
        for font in re.findall(r"\\([A-Za-z]+)", inner):
            if font in names.COMMANDS:
                inner = inner.replace(f"\\{font}", names.COMMANDS[font], 1)
            elif font in names.FONTS:
                inner = inner.replace(f"\\{font}", "", 1)
            elif font in notation.CLASSICAL:
                inner = inner.replace(f"\\{font}", font, 1)
            else:
                self.fail(f"`\\{quote(font, 20)}` in an index", start, "an index is letters, digits, + and -")
        text = re.sub(r"[{}\s]|\\[,;!]", "", inner)
        text = "".join(names.LETTERS.get(c, c) for c in text).replace("−", "-")
        text = text[1:-1] if text[:1] == "(" and text[-1:] == ")" else text
        if not text.strip(",") or not INDEX.fullmatch(text):
            self.fail("an index that cannot be read", start, "an index is letters, digits, + and -")
        return (text.strip(","),)

    def layer(self, token: Token) -> bool:
        """`a^{(1)}`, `a^{[1]}`, `δ^L`, `w_{jk}^{l-1}`, `a⁽¹⁾`: a layer above a name, not a power."""
        if token.value == "e" or (notation.is_function(str(token.value)) and not token.subs):
            return False
        if self.source[self.at] == "⁽":
            token.layer = self.signs(names.SUPERSCRIPTS).strip("()")
            return True
        found = LAYER.match(self.source, self.at, self.end)
        if not found or (found[1] and not self.latex and self.source[self.at + 1 : self.at + 2] != "{"):
            return False
        if found[3] and not self.latex and self.source[found.end() : found.end() + 1].isalnum():
            return False
        head = found[1] or (found[4] and "+")
        plain = "".join((found[2] or found[3] or "").split())
        if not head and not (token.subs or token.value in notation.LAYERED):
            return False
        token.layer = head or plain
        self.at = found.end()
        return True
