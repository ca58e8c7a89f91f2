"""Intervals whose ends are numbers of any precision, and windows, at whose ends an interval is only cut."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..intervals import interval
from ..term import Term
from .reals import Real


@dataclass(frozen=True, eq=False, slots=True)
class End:
    """One end: a number, or infinite (`at` None); `closed` if it is in the interval, `cut` if only a window ends."""

    at: Real | None
    closed: bool = False
    cut: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class Span:
    low: End
    high: End
    text: str = ""
    holes: tuple[Real, ...] = ()

    def holds(self, x: Any) -> bool:
        value = float(x)
        if any(abs(value - float(h)) <= 1e-12 * (1 + abs(value)) for h in self.holes):
            return False
        above = self.low.at is None or value >= float(self.low.at) - 1e-12 * (1 + abs(value))
        return above and (self.high.at is None or value <= float(self.high.at) + 1e-12 * (1 + abs(value)))


def span_of(given: Any, name: str) -> Span:
    """The interval that is given for a name, or None for the line."""
    made = interval(given, name)
    from .closing import closed

    holes = tuple(closed(h) for h in made.holes)
    return Span(_end(made.low, made.low_closed), _end(made.high, made.high_closed), made.text, holes)


def _end(t: Term | None, is_closed: bool) -> End:
    from .closing import closed

    return End(None if t is None else closed(t), is_closed)


def window_of(given: Any) -> Span:
    """A window: like a domain, its ends closed, but only cut there."""
    made = span_of(given, "x")
    return Span(End(made.low.at, True, True), End(made.high.at, True, True), made.text)
