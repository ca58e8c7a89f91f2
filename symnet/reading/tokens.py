"""Characters → tokens. Plain text, Unicode and LaTeX give the same tokens, so one grammar reads all three.

A token is a number, a word (with its indices, layer and accent), an operator, a bracket, or a structure of LaTeX
(`frac`, `sqrt`, `begin`, `end`). Only characters and commands of the tables are let in.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NoReturn

from .. import names
from ..errors import ReadError, quote
from . import budgets, notation

RECURRING = re.compile(
    r"(\d{1,9})\.(?:\((\d{1,9})\)(?!\d)|(\d{0,6}?)(?:(\d)\4\4{1,6}|(\d{2,6})\5{1,5})(?:\.\.\.|…))", re.ASCII
)
NUMBER = re.compile(r"(?:\d+(?:\.(?![*/^.])\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
RUN = re.compile(r"[A-Za-z]+[A-Za-z0-9]*", re.ASCII)
COMMAS = re.compile(r",(\d+)((?:,\d{3})*|\.\d*)(?!\d)", re.ASCII)
COMMAND = re.compile(r"\\(?:[A-Za-z]+\*?|.)", re.DOTALL)
DIGITS = frozenset("0123456789")
GROUP = re.compile(r"\{[^{}]{0,60}\}|\{[^{}]{0,60}\{[^{}]{0,60}\}[^{}]{0,60}\}")
LAYER = re.compile(
    r"\^\s*(?:\{\s*(?:\(|\[)\s*([A-Za-z0-9]+(?:[+-]\d+)?)\s*(?:\)|\])\s*\}|\{\s*([lL](?:\s*[+-]\s*\d+)?)\s*\}|([lL])"
    r"|(\{\+\}|\+(?=\s*(?:&?=|\\|\^|_|$))))"
)
LAYER_SAMPLE = re.compile(r"\^\s*\{\s*\[\s*([A-Za-z0-9]+)\s*\]\s*\(\s*([A-Za-z0-9]+)\s*\)\s*\}")
LAYER_T = re.compile(r"\^\{\s*[\[(]\s*([A-Za-z0-9]+)\s*[\])]\s*(?:T|\\top|\\intercal)\s*\}")
WORD_ABOVE = re.compile(r"\^\{\s*(?:\\(?:text|mathrm|textrm)\{)?\s*(new|old|next|prev|true|pred|opt)\s*\}?\s*\}")
BRACED = re.compile("\\{([A-Za-z]|" + "|".join(rf"\\{c}" for c in sorted(names.COMMANDS)) + r")\}(?=\s*_)")  # {x}_{1}
STAR = re.compile(r"\^\s*(?:\*|\{\s*(?:\*|\\ast|\\star)\s*\}|\\ast\b|\\star\b)(?=\s*(?:[=,;)&|≈}]|$))")
INDEX = re.compile(r"[A-Za-z0-9+,-]+", re.ASCII)
LETTER = re.compile(r"[A-Za-z]", re.ASCII)


def _recurring(found: re.Match[str]) -> Fraction:
    """0.(6) and 0.1666… in full: the digits that repeat are a geometric series."""
    first, again = found[3] or "", found[2] or found[4] or found[5]
    tail = Fraction(int(again), 10 ** len(again) - 1)
    return int(found[1]) + (int(first or 0) + tail) / 10 ** len(first)


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


class Scanner:
    """A cursor over `source[start:end]`: signs, numbers and words; `command` is what LaTeX adds."""

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

    # -- errors
    def fail(self, message: str, at: int | None = None, remedy: str = "") -> NoReturn:
        raise error(self.source, self.at if at is None else at, message, remedy)

    # -- the loop
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

    def put(self, kind: str, value: Any, start: int, **more: Any) -> Token:
        token = Token(kind, value, start, self.at, self.spaced, **more)
        self.out.append(token)
        self.spaced = self.after_command = False
        return token

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

    # -- numbers
    def number(self) -> None:
        start = self.at
        found = NUMBER.match(self.source, start, self.end)
        assert found is not None
        text = found[0]
        _mantissa, e, exponent = text.partition("e")
        if (e and (e + exponent) in self.known) or ("E" in text and text[text.index("E") :] in self.known):
            text = text[: text.lower().index("e")]
        self.at = start + len(text)
        self.no_comma(text, start)
        after = self.source[self.at : min(self.at + 2, self.end)]
        budgets.check_digits(sum(c.isdigit() for c in text), **place(self.source, start))
        if text == "0" and re.match(r"[xXbBoO][0-9]", after):
            self.fail("a number in another base", remedy="write it in decimals")
        if after[:1] == "_" and after[1:].isdigit():
            self.fail("`_` inside a number", remedy="write the digits without it")
        dotted = "." in text and self.source.startswith("...", self.at)  # 0.333...
        ranged = after == ".." and not re.match(r"\.\.[.*/^]", self.source[self.at : self.at + 3])  # x = 0..1
        if after[:1] == "." and (after[1:2].isdigit() or after[1:2] == ".") and not (dotted or ranged):
            self.fail("a number with two points", remedy="a number has one decimal point")
        if (
            after[:1] in ("e", "E")
            and self.source[self.at : found.end()] == ""
            and not re.match(r"[A-Za-z0-9^*(_{⁻⁺\s]|$", self.source[self.at + 1 : self.end] or "x")
        ):
            self.fail("an unfinished power of ten", remedy="write 1e5, or a product as 1*e")
        if after in ("e", "E"):
            self.fail("an unfinished power of ten", remedy="write 1e5, or a product as 1*e")
        if after[:1] == "%":
            self.at += 0
            self.refuse("%")
        recurring = RECURRING.match(self.source, start, self.end)
        if recurring is not None:
            self.at = recurring.end()
            self.put("num", (_recurring(recurring), ""), start)
            return
        self.put("num", self.exact(text, start), start, whole=text.isdigit())

    def no_comma(self, text: str, start: int) -> None:
        """`10,000x` and `0,5x` are one number to their writers, and two values to a reader of lists: refused."""
        found = COMMAS.match(self.source, self.at, self.end)
        last = self.out[-1] if self.out else None
        if found is None or not text.isdigit() or (last and last.end == start and last.value == ","):
            return
        depth = sum((t.kind == "open") - (t.kind == "close") for t in self.out)
        after = self.source[found.end() : found.end() + 1]
        thousands = len(text) <= 3 and text[0] != "0" and len(found[1]) == 3
        if thousands and (not depth or found[1][0] == "0") and (not found[2] or len(found[0]) > 4):
            self.fail("a comma inside a number", start, "write 10000 without a comma, or a space after it")
        if not depth and (after.isalpha() or after in ("(", "\\", "^")) and after:
            self.fail("a comma inside a number", start, "the decimal sign is a point: 0.5x")

    def exact(self, text: str, start: int) -> tuple[Fraction, str]:
        mantissa, _, exponent = text.lower().partition("e")
        if len(exponent) > 6 or abs(int(exponent or 0)) + len(mantissa) > budgets.DIGITS:
            raise budgets.BudgetError(
                f"a power of ten beyond {budgets.DIGITS:,}",
                remedy="use a smaller exponent",
                **place(self.source, start),
            )
        decimals = len(mantissa.partition(".")[2])
        style = "." if decimals or exponent.startswith("-") else ""
        places = decimals - int(exponent or 0)
        if decimals and ((places < 1 and mantissa.strip("0.")) or (places > 1 and mantissa.endswith("0"))):
            style = f".{places}"  # 0.20, 1.50e-3 and 1.43e5 keep their places
        return Fraction(mantissa) * Fraction(10) ** int(exponent or 0), style

    def vulgar(self, sign: str, start: int) -> None:
        if self.out and self.out[-1].kind == "num":
            self.fail(f"`{sign}` after a number may be a sum or a product", start, "write 1 + 1/2 or 1*1/2")
        self.put("num", (notation.VULGAR[sign], ""), start)

    # -- words
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

    def next_is(self, c: str) -> bool:
        return self.source[self.at : self.end].lstrip()[:1] == c if self.latex else self.source.startswith(c, self.at)

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
                self.at = skip if self.at == skip else self.at
                if self.latex and self.at != skip:
                    self.at = skip
                break
        token.end = self.at

    def signs(self, table: dict[str, str]) -> str:
        start = self.at
        while self.at < self.end and self.source[self.at] in table:
            self.at += 1
        return "".join(names.LETTERS.get(table[c], table[c]) for c in self.source[start : self.at])

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

    # -- raised and lowered signs
    def script(self, sign: str, table: dict[str, str]) -> None:
        """⁻ˣ is ^(-x), ₂ is _(2): the inner signs are tokens of their own."""
        start = self.at
        text = self.signs(table)
        self.put("op", sign, start)
        self.put("open", "{", start)
        inner = type(self)(text, latex=False).run()
        for t in inner:
            t.start, t.end = start, self.at
        self.out += inner
        self.put("close", "}", start)

    def command(self) -> None:
        """A LaTeX command; plain text has none."""
        self.fail("`\\` at the end")


# -------------------------------------------------------------------------------------------------------------- letters
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


# --------------------------------------------------------------------------------------------------------------- places
def place(source: str, at: int) -> dict[str, Any]:
    """Line and column of an offset, as the errors take them."""
    line = source.count("\n", 0, at) + 1
    return {"source": source, "line": line, "column": at - (source.rfind("\n", 0, at) + 1) + 1}


def error(source: str, at: int, message: str, remedy: str = "") -> ReadError:
    return ReadError(message, remedy=remedy, **place(source, max(0, min(at, len(source)))))
