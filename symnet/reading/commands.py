"""LaTeX commands → the tokens that plain text and Unicode give."""

from __future__ import annotations

import re

from .. import names
from ..errors import ReadError, quote
from . import notation
from .scanner import Scanner
from .spelling import COMMAND, GROUP
from .tokens import Token


class Lexer(Scanner):
    """The tokens of a formula in any notation."""

    def command(self) -> None:
        start = self.at
        found = COMMAND.match(self.source, start, self.end)
        if found is None:
            self.fail("`\\` at the end")
        word = found[0][1:].removesuffix("*") if found[0][1:2].isalpha() else found[0][1:]
        self.at = found.end()
        if found[0].endswith("*") and word not in ("operatorname",):
            self.at -= 1
        if word in notation.BLANK:
            return self.blank(word, start)
        if word in notation.FRAMES:
            self.put("box", word, start)
            return None
        if word in notation.UNSEEN:
            self.braced(start)
            self.spaced = True
            return None
        if word in notation.COMMANDS:
            self.put("op", notation.COMMANDS[word], start)
            self.after_command = True
        elif word in notation.BRACKETS:
            sign = notation.BRACKETS[word]
            self.put("open" if sign in ("⟨", "[", "(", "set{") else "close", sign, start)
        elif word in notation.FRACTIONS:
            self.put("frac", word, start)
        elif word == "sqrt":
            self.put("sqrt", word, start)
        elif word in ("begin", "end"):
            self.environment(word, start)
        elif word in names.COMMANDS:
            self.greek_command(names.COMMANDS[word], start)
        elif word in notation.ACCENTS:
            self.accent(word, start)
        elif word in names.FONTS or word == "mathbb":
            self.font(word, start)
        elif word in notation.MATHLIVE:
            self.put("word", notation.MATHLIVE[word], start)
        elif word.isascii() and notation.is_function(word):
            self.put("word", word, start, whole=True)
            self.after_command = True
        elif word in ("(", ")", "[", "]"):  # \( … \) and \[ … \] around a formula
            return None
        else:
            self.fail(
                f"`\\{quote(word, 30)}` is not a command that symnet reads", start, "leave it out or spell it out"
            )
        return None

    def blank(self, word: str, start: int) -> None:
        """Spacing, and \\left … \\right, which must pair."""
        self.spaced = True
        if word == "left":
            self.lefts += 1
        elif word == "right":
            self.lefts -= 1
            if self.lefts < 0:
                self.fail("`\\right` without `\\left`", start, "open it with \\left")
        if word in notation.SIZED:
            while self.source[self.at : self.at + 1] == " ":
                self.at += 1
            if self.source.startswith(".", self.at):
                self.at += 1

    def greek_command(self, word: str, start: int) -> None:
        token = self.put("word", word, start, whole=True)
        self.indices(token)
        self.after_command = not token.subs and not token.layer

    def braced(self, start: int) -> str | None:
        """The text of the group that follows, or None."""
        while self.at < self.end and self.source[self.at] == " ":
            self.at += 1
        group = GROUP.match(self.source, self.at, self.end)
        if group is None:
            return None
        self.at = group.end()
        return group[0][1:-1]

    def accent(self, word: str, start: int) -> None:
        """\\hat{y}, \\hat y, \\bar{x}; \\vec{w}."""
        inner = self.braced(start)
        if inner is None:
            single = re.compile(r"\s*(\\[A-Za-z]+|[A-Za-z])").match(self.source, self.at, self.end)
            if not single:
                self.fail(f"`\\{word}` without a letter", start, f"write \\{word}{{y}}")
            inner, self.at = single[1], single.end()
        try:
            base = names.parse(names.canonical(inner))
        except ReadError:
            self.fail(f"`\\{word}` over something that is not a name", start, f"write \\{word}{{y}}")
        if base.accent:
            self.fail("two accents over one letter", start, "name it with an index: \\hat{y}_{bar}")
        token = self.put("word", base.base, start, whole=True, accent=notation.ACCENTS[word])
        token.subs, token.layer = base.subs, base.layer
        self.indices(token)

    def font(self, word: str, start: int) -> None:
        """\\mathrm{MSE}, \\text{if}, \\mathbf{x}, \\operatorname{sigmoid}, {\\cal C}."""
        inner = self.braced(start)
        if inner is None:
            self.after_command = True
            return
        text = inner.strip()
        if word == "mathbb" and text == "I" and not self.next_is("_"):
            self.put("word", "I", start)
            return
        if word == "mathbb" and text in notation.NUMBERS.values():
            self.put("numbers", text, start)
            return
        if word == "mathbb" and text not in ("1", "I"):
            self.fail(f"`\\mathbb{{{quote(text, 10)}}}` is not read", start, "leave it out")
        if text in ("1", "0", "I") and word in ("mathbf", "boldsymbol", "bm", "mathrm", "text", "mathbb"):
            follows = self.next_is("_")
            if text != "I" or follows:
                token = self.put(
                    "word", {"1": "ones", "0": "zeros", "I": "eye"}[text], start, whole=True, accent="bold"
                )
                return self.size(token)
        if text == "d":
            self.put("word", "d", start)
            return
        if notation.is_function(joined := text.replace("\\,", "_")) and joined != text:  # hard\\,sigmoid
            self.put("word", joined, start, whole=True)
            return
        if word in notation.TEXTS and self.words(inner):
            return
        if text in notation.KEYWORDS or text.rstrip(":, ") in notation.KEYWORDS:
            self.put("key", notation.KEYWORDS[text.rstrip(":, ")], start)
            return
        if word in ("text", "textrm", "mathrm") and " " in text and re.fullmatch(r"[A-Za-z ,.:]+", text):
            for part in text.split():
                bare = part.strip(",.:")
                self.put("key" if bare in notation.KEYWORDS else "word", notation.KEYWORDS.get(bare, bare), start)
                self.spaced = True
            return
        run = re.fullmatch(r"([A-Za-z][A-Za-z0-9 ]*?)(?:\\?_\{?([A-Za-z0-9]+)\}?)?", text, re.ASCII)
        if run and " " not in run[1]:
            token = self.put("word", run[1], start, whole=True, called=word == "operatorname")
            if run[2]:
                token.subs = (run[2],)
            self.indices(token)
            return
        try:
            name = names.parse(names.canonical(text))
        except ReadError:
            self.fail(f"`\\{word}` around something that is not a word", start, "spell it out")
        token = self.put("word", name.base, start, whole=True, accent=name.accent)
        token.subs, token.layer = name.subs, name.layer
        self.indices(token)

    def words(self, text: str) -> bool:
        """\\text{Therefore, }, \\textbf{Answer:}: prose around a formula, as the plain text would have it."""
        parts = re.findall(r"[A-Za-z]+|[,.:;]", text)
        said = [p for p in parts if p.isalpha()]
        marked = len(parts) > len(said)
        if not said or not re.fullmatch(r"[A-Za-z ,.:;]+", text) or any(p in notation.KEYWORDS for p in said):
            return False
        if not marked and not all(p.lower() in notation.PROSE for p in said):
            return False
        for part in parts:
            self.put("word" if part.isalpha() else "op", part, self.at)
            self.spaced = True
        return True

    def size(self, token: Token) -> None:
        """\\mathbf{1}_{n}, \\mathbf{0}_{n \\times m}: the dimensions below a bold number."""
        found = re.compile(r"\s*_\s*(?:\{([A-Za-z0-9_ ,×\\]{1,40})\}|([A-Za-z0-9]))").match(
            self.source, self.at, self.end
        )
        if found:
            text = (found[1] or found[2]).replace("\\times", ",").replace("×", ",")
            token.subs = tuple(d.strip() for d in text.split(","))
            self.at = token.end = found.end()

    def environment(self, word: str, start: int) -> None:
        inner = self.braced(start)
        if inner is None or not re.fullmatch(r"[A-Za-z]+\*?", inner):
            self.fail(f"`\\{word}` without the name of an environment", start)
        if inner in notation.PAGES:
            return
        if inner != "cases" and inner not in notation.MATRICES:
            self.fail(f"the environment `{quote(inner, 20)}` is not read", start, "cases, pmatrix and bmatrix are")
        if inner in ("array", "matrix") and word == "begin":
            if inner == "array":
                self.braced(start)
            piecewise = bool(self.out) and self.out[-1].kind == "open" and self.out[-1].value == "set{"
            if piecewise:  # \left\{ \begin{array} … \end{array} \right.
                self.out.pop()
            self.arrays.append("cases" if piecewise else inner)
        if inner in ("array", "matrix"):
            inner = self.arrays[-1] if word == "begin" else self.arrays.pop() if self.arrays else inner
        self.put(word, inner, start)


def tokens(
    source: str,
    start: int = 0,
    end: int | None = None,
    *,
    latex: bool | None = None,
    known: frozenset[str] = frozenset(),
) -> list[Token]:
    """The tokens of a formula."""
    return Lexer(source, start, end, latex=latex, known=known).run()
