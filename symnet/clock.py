"""A time by which work has to end: long searches look at it, and leave their question open when it has passed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_end: ContextVar[float] = ContextVar("end", default=float("inf"))


class OutOfTime(Exception):
    """The time of `within` has passed; whoever set it catches this."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Everything inside ends in so many seconds, or sooner if that was asked further out."""
    before = _end.set(min(_end.get(), time.monotonic() + seconds))
    try:
        yield
    finally:
        _end.reset(before)


def end() -> float:
    """The time, of `time.monotonic`, at which the work has to end."""
    return _end.get()


def tick() -> None:
    """Raise `OutOfTime` if the time has passed."""
    if time.monotonic() > _end.get():
        raise OutOfTime
