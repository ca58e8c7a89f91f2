"""Intervals of one name: `[0, 2*pi)`, `(0, oo)`, `x > 0`, pairs of numbers; the ends are exact numbers or infinite."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..errors import DomainError, quote
from ..term import Term, term
from .reals import Real, compare

INFINITE = {"oo": 1, "+oo": 1, "inf": 1, "infinity": 1, "∞": 1, "+∞": 1, "-oo": -1, "-inf": -1, "-∞": -1, "−∞": -1,
            "−oo": -1, "-infinity": -1}  # fmt: skip


@dataclass(frozen=True, eq=False)
class End:
    """One end: a number, or infinite (`at` None); `closed` if it is in the interval, `cut` if only a window ends."""

    at: Real | None
    closed: bool = False
    cut: bool = False


@dataclass(frozen=True, eq=False)
class Interval:
    low: End
    high: End
    text: str = ""

    def holds(self, x: Any) -> bool:
        value = float(x)
        above = self.low.at is None or value >= float(self.low.at) - 1e-12 * (1 + abs(value))
        return above and (self.high.at is None or value <= float(self.high.at) + 1e-12 * (1 + abs(value)))


LINE = Interval(End(None), End(None), "(-oo, oo)")


def interval(given: Any, name: str) -> Interval:
    """The interval that is given as text, as two numbers, or None for the line."""
    if given is None:
        return LINE
    if isinstance(given, str):
        return _text(given.strip(), name)
    if hasattr(given, "left_open"):  # an Interval of SymPy
        return _made(_end(given.start, not given.left_open), _end(given.end, not given.right_open), str(given))
    low, high = given
    return _made(_end(low, True), _end(high, True), f"[{low}, {high}]")


def _text(text: str, name: str) -> Interval:
    for relation, low in ((">=", True), ("≥", True), ("<=", False), ("≤", False), (">", True), ("<", False)):
        left, found, right = text.partition(relation)
        if found and left.strip() in ("", name):
            end = _end(right.strip(), relation in (">=", "≥", "<=", "≤"))
            return Interval(end, End(None), text) if low else Interval(End(None), end, text)
    if len(text) < 5 or text[0] not in "[(]" or text[-1] not in "])[":
        raise DomainError(f"the domain {quote(text)} is not an interval such as [0, 2*pi), (0, oo) or {name} > 0")
    depth, comma = 0, -1
    for i, c in enumerate(text[1:-1], 1):
        depth += (c in "([") - (c in ")]")
        comma = i if c in ",;" and depth == 0 and comma < 0 else comma
    if comma < 0:
        raise DomainError(f"the domain {quote(text)} has no comma between its two ends")
    first, last = text[1:comma].strip(), text[comma + 1 : -1].strip()
    if INFINITE.get(_key(first), -1) > 0 or INFINITE.get(_key(last), 1) < 0:
        raise DomainError(f"the domain {quote(text)} is empty: its first end must be below its second")
    return _made(_end(first, text[0] == "["), _end(last, text[-1] == "]"), text)


def _key(end: Any) -> str:
    return str(end).strip().lower().replace(" ", "")


def _made(low: End, high: End, text: str) -> Interval:
    if low.at is not None and high.at is not None and compare(low.at, high.at) >= 0:
        raise DomainError(f"the domain {quote(text)} is empty: its first end must be below its second")
    return Interval(low, high, text)


def _end(value: Any, closed: bool) -> End:
    if _key(value) in INFINITE:
        return End(None)
    return End(number(value), closed)


def number(value: Any) -> Real:
    """An exact number from text, SymPy or Python."""
    from .closing import closed

    if isinstance(value, Real):
        return value
    made: Term = term(value)
    if made.free:
        raise DomainError(f"{quote(str(value))} is not a number: it holds the name `{made.free[0]}`")
    return closed(made)


def window_of(given: Any) -> Interval:
    """A window: like a domain, its ends closed, but only cut there."""
    made = interval(given, "x")
    return Interval(End(made.low.at, True, True), End(made.high.at, True, True), made.text)
