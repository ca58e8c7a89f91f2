"""Where a name lies: `[0, 2*pi)`, `(0, oo)`, `x > 0`, `0 < x <= 1`, `x ∈ (0, 1)`, `positive`, a pair of numbers.

The ends are exact numbers or infinite, and whether an end belongs to the interval is kept.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from .errors import DomainError, quote
from .names import canonical
from .term import ZERO, Term, add, neg, term

INFINITE = dict.fromkeys(("oo", "+oo", "inf", "+inf", "infinity", "∞", "+∞"), 1) | dict.fromkeys(
    ("-oo", "-inf", "-infinity", "-∞"), -1
)
SPELLINGS = {
    "<=": "≤", ">=": "≥", "=<": "≤", "=>": "≥", "\\leq": "≤", "\\geq": "≥", "\\le": "≤", "\\ge": "≥", "\\in": "∈",
    "!=": "≠", "\\neq": "≠", "\\ne": "≠",
}  # fmt: skip
LINE_WORDS = ("real", "reals", "ℝ", "R", "\\mathbb{R}")
RELATION = re.compile(r"([<>≤≥])")
TURNED = {"<": ">", ">": "<", "≤": "≥", "≥": "≤"}


@dataclass(frozen=True, slots=True)
class Interval:
    """The real numbers between two ends, constant Terms, but for those left out; None where there is no end."""

    low: Term | None = None
    high: Term | None = None
    low_closed: bool = False
    high_closed: bool = False
    text: str = "(-oo, oo)"
    holes: tuple[Term, ...] = ()

    @property
    def hull(self) -> tuple[float, float]:
        """Two floats between which it lies."""
        low = -math.inf if self.low is None else _rounded(self.low, -math.inf)
        return low, math.inf if self.high is None else _rounded(self.high, math.inf)


LINE = Interval()
WORDS = {
    "positive": Interval(low=ZERO), "negative": Interval(high=ZERO),
    "nonnegative": Interval(low=ZERO, low_closed=True), "nonpositive": Interval(high=ZERO, high_closed=True),
    **dict.fromkeys(LINE_WORDS, LINE),
}  # fmt: skip


def interval(given: Any, name: str = "x") -> Interval:
    """The interval that is given as text, as two numbers, as lo and hi, by SymPy, or None for all real numbers.

    Raises `DomainError` for what is no interval, is empty, or has an end that is no number.

    >>> interval("0 < x <= 2*pi").hull
    (0.0, 6.283185307179587)
    """
    if given is None:
        return LINE
    if isinstance(given, Interval):
        return given
    if isinstance(given, str):
        return _text(given.strip(), name)
    if hasattr(given, "left_open"):  # an Interval of SymPy
        return _made(given.start, given.end, not given.left_open, not given.right_open, str(given))
    try:
        low, high = (given.get("lo", "-oo"), given.get("hi", "oo")) if isinstance(given, Mapping) else given
    except (TypeError, ValueError):
        raise _unread(str(given), name) from None
    return _made(low, high, True, True, f"[{low}, {high}]")


def intervals(domain: Mapping[str, Any] | None) -> dict[str, Interval]:
    """The interval of each name for which one is given."""
    named = {canonical(str(n)): given for n, given in (domain or {}).items() if given}
    return {n: interval(given, n) for n, given in named.items()}


def _text(text: str, name: str) -> Interval:
    said = text
    for spelling, sign in SPELLINGS.items():
        said = said.replace(spelling, sign)
    said = said.partition("∈")[2].strip() if "∈" in said else said
    if said in WORDS:
        return replace(WORDS[said], text=text)
    if "≠" in said:
        return replace(LINE, text=text, holes=tuple(_left_out(part, name, text) for part in re.split("[,;]", said)))
    parts = [p.strip() for p in RELATION.split(said)]
    if len(parts) in (3, 5):
        made = _compared(parts, name, text)
        if made is not None:
            return made
    return _bracketed(said, name, text)


def _left_out(part: str, name: str, text: str) -> Term:
    """0 of `x ≠ 0`."""
    left, sign, right = (p.strip() for p in part.partition("≠"))
    if not sign or not right or (left and not _names(left, name)):
        raise _unread(text, name)
    return _number(right)


def _compared(parts: list[str], name: str, text: str) -> Interval | None:
    """`x > 0`, `> 0`, `0 < x`, `0 < x ≤ 1`, `1 > x > 0`; None where the name does not stand where it should."""
    if len(parts) == 3:
        left, sign, right = parts
        if left and not _names(left, name):
            left, sign, right = right, TURNED[sign], left
        if left and not _names(left, name):
            return None
        closed = sign in "≤≥"
        return _made(right, "oo", closed, False, text) if sign in ">≥" else _made("-oo", right, False, closed, text)
    if parts[1] in ">≥":
        parts = [TURNED.get(p, p) for p in reversed(parts)]
    low, first, middle, second, high = parts
    if first not in "<≤" or second not in "<≤" or not _names(middle, name):
        return None
    return _made(low, high, first == "≤", second == "≤", text)


def _names(text: str, name: str) -> bool:
    return text[:1].isalpha() and canonical(text) == canonical(name)


def _bracketed(said: str, name: str, text: str) -> Interval:
    """`[0, 1)`, `]0, 1[`, and `0, 1` as a closed interval."""
    open_text = said[:1] not in ("[", "(", "]") or said[-1:] not in ("]", ")", "[")
    said = f"[{said}]" if open_text and "," in said else said
    if len(said) < 5 or said[0] not in "[(]" or said[-1] not in "])[":
        raise _unread(text, name)
    comma = _comma(said)
    if comma < 0:
        raise DomainError(f"the domain {quote(text)} has no comma between its two ends")
    return _made(said[1:comma].strip(), said[comma + 1 : -1].strip(), said[0] == "[", said[-1] == "]", text)


def _unread(text: str, name: str) -> DomainError:
    return DomainError(f"the domain {quote(text)} is not an interval such as [0, 2*pi), (0, oo) or {name} > 0")


def _comma(said: str) -> int:
    """Where the comma between the two ends is; −1 where there is none."""
    depth = 0
    for i, c in enumerate(said[1:-1], 1):
        depth += (c in "([") - (c in ")]")
        if c in ",;" and depth == 0:
            return i
    return -1


def _made(low: Any, high: Any, low_closed: bool, high_closed: bool, text: str) -> Interval:
    ends = _infinite(low), _infinite(high)
    a, b = (_number(end) if not infinite else None for end, infinite in zip((low, high), ends, strict=True))
    if ends[0] > 0 or ends[1] < 0 or (a is not None and b is not None and not _ascending(a, b)):
        raise DomainError(f"the domain {quote(text)} is empty: its first end must be below its second")
    return Interval(a, b, low_closed and a is not None, high_closed and b is not None, text)


def _infinite(end: Any) -> int:
    return INFINITE.get(str(end).strip().lower().replace(" ", "").replace("−", "-"), 0)


def _number(end: Any) -> Term:
    """An exact number from text, SymPy or Python."""
    made = term(end)
    if made.free:
        raise DomainError(f"{quote(str(end))} is not a number: it holds the name `{made.free[0]}`")
    return made


def _ascending(a: Term, b: Term) -> bool:
    from .balls import decide_sign

    return decide_sign(add(b, neg(a)), {}) == 1


def _rounded(t: Term, toward: float) -> float:
    """A float that is not beyond an end, as seen from inside of the interval."""
    from .balls import middle, value

    x = value(t, {})
    if not isinstance(x, Fraction):
        x = middle(x.upper() if toward > 0 else x.lower())
    try:
        nearest = float(x)
    except OverflowError:
        return math.copysign(math.inf, x) if (x > 0) == (toward > 0) else math.copysign(1.7976931348623157e308, x)
    beyond = nearest >= x if toward > 0 else nearest <= x
    return nearest if beyond else math.nextafter(nearest, toward)
