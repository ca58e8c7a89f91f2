"""How long work may take: steps are counted, so that the same question has the same answer on a machine that is busy.

Long searches count a step for every formula that they build or evaluate, and leave their question open when their
steps are used up (`effort`). Beyond that, far from what is usual, seconds of processor time are a limit (`within`).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

LOOKS = 256  # steps between two looks at the clock


class OutOfTime(Exception):
    """The steps of `effort` or the seconds of `within` are used up; whoever set them catches this."""


class Effort:
    """The steps that are left."""

    __slots__ = ("left", "looked")

    def __init__(self, left: int) -> None:
        self.left = self.looked = left


_end: ContextVar[float] = ContextVar("end", default=float("inf"))
_effort: ContextVar[Effort | None] = ContextVar("effort", default=None)


def now() -> float:
    """The processor time of this thread, in seconds: other work of the machine does not count."""
    return time.thread_time()


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Everything inside ends in so many seconds of processor time, or sooner if that was asked further out."""
    before = _end.set(min(_end.get(), now() + seconds))
    try:
        yield
    finally:
        _end.reset(before)


def end() -> float:
    """The time, of `now`, at which the work has to end."""
    return _end.get()


@contextmanager
def effort(steps: int) -> Iterator[Effort]:
    """Everything inside ends in so many steps, or sooner if fewer are left further out; they count there too."""
    outer = _effort.get()
    given = steps if outer is None else min(steps, outer.left)
    mine = Effort(given)
    before = _effort.set(mine)
    try:
        yield mine
    finally:
        _effort.reset(before)
        if outer is not None:
            outer.left -= given - mine.left


def tick(steps: int = 1) -> None:
    """Count steps; raise `OutOfTime` if none are left, or the time has passed."""
    work = _effort.get()
    if work is None:
        return
    work.left -= steps
    if work.left < 0:
        raise OutOfTime
    if work.looked - work.left >= LOOKS:
        work.looked = work.left
        if now() > _end.get():
            raise OutOfTime
