"""Numbers: 1/2 and ½, 1.50e-3 with its digits, 0.(6) and 0.333…; what may be two numbers is refused."""

from __future__ import annotations

import re
from fractions import Fraction

from . import budgets, notation
from .cursor import Cursor
from .tokens import place

RECURRING = re.compile(
    r"(\d{1,9})\.(?:\((\d{1,9})\)(?!\d)|(\d{0,6}?)(?:(\d)\4\4{1,6}|(\d{2,6})\5{1,5})(?:\.\.\.|…))", re.ASCII
)
NUMBER = re.compile(r"(?:\d+(?:\.(?![*/^.])\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
BROKEN = re.compile(r"[eE](?![A-Za-z0-9^*(_{⁻⁺\s])", re.ASCII)  # 1e; 2e is 2·e
COMMAS = re.compile(r",(\d+)((?:,\d{3})*|\.\d*)(?!\d)", re.ASCII)


def _recurring(found: re.Match[str]) -> Fraction:
    """0.(6) and 0.1666… in full: the digits that repeat are a geometric series."""
    first, again = found[3] or "", found[2] or found[4] or found[5]
    tail = Fraction(int(again), 10 ** len(again) - 1)
    return int(found[1]) + (int(first or 0) + tail) / 10 ** len(first)


class Numerals(Cursor):
    """A cursor that reads numbers."""

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
        if BROKEN.match(self.source, self.at, self.end) and (after[0] == "E" or text == "1"):
            self.fail("an unfinished power of ten", remedy="write 1e5, or a product as 1*e")
        if after[:1] == "%":
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
