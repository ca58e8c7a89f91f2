"""What is kept of a run: every value, and so many of the points that memory stays small."""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

ROWS = 1000  # at the beginning and at the end; four times as many in between
CELLS = 4_000_000  # numbers in all rows


class Seen(NamedTuple):
    """The loss at the point before a step, and the rate of that step (None where the run ended)."""

    step: int
    point: Sequence[Any]
    value: Any
    gradient: Sequence[Any]
    rate: Any = None


class Row(NamedTuple):
    """Before step `step`: the point, the value there, the gradient, and the step that was taken (None at the end)."""

    step: int
    point: tuple[Any, ...]
    value: Any
    gradient: tuple[Any, ...]
    move: tuple[Any, ...] | None = None
    rate: Any = None


class Trace:
    """The rows of a run: the first ones, the last ones, and some in between."""

    def __init__(self, size: int) -> None:
        """`size` is the number of components of a point."""
        self.share = max(3, min(ROWS, CELLS // (12 * size)))
        self.values: array[float] = array("d")
        self.beyond: Sequence[Any] | None = None  # where the last step led, if the loss has no value there
        self._early: list[Seen] = []
        self._middle: list[tuple[Seen, Seen]] = []  # each with the next one
        self._recent: deque[Seen] = deque(maxlen=self.share)
        self._stride = max(1, self.share // 10)

    def add(self, seen: Seen, value: float) -> None:
        """One more step; `value` is the loss as a float."""
        if len(self._early) < self.share:
            self._early.append(seen)
        elif (seen.step - 1) % self._stride == 0 and self._recent:
            self._middle.append((self._recent[-1], seen))
            if len(self._middle) > 4 * self.share:
                self._stride *= 2
                self._middle = [pair for pair in self._middle if pair[0].step % self._stride == 0]
        self.values.append(value)
        self._recent.append(seen)

    @property
    def last(self) -> Seen | None:
        return self._recent[-1] if self._recent else None

    @property
    def before_last(self) -> Seen | None:
        return self._recent[-2] if len(self._recent) > 1 else None

    def recent(self) -> list[Row]:
        """The last rows, without a gap."""
        rows = _rows(list(self._recent))
        if rows and self.beyond is not None:
            rows[-1] = _row(self._recent[-1], _difference(self._recent[-1].point, self.beyond))
        return rows

    def rows(self) -> list[Row]:
        """All rows that were kept, in order."""
        early = _rows(self._early)
        if early and len(self._recent) and self._recent[0].step > early[-1].step:
            early.pop()  # its step is known from the next row alone
        pairs = [_rows([a, b])[0] for a, b in self._middle]
        kept = {r.step: r for part in (early, pairs, self.recent()) for r in part}
        return [kept[k] for k in sorted(kept)]


def _rows(seen: Sequence[Seen]) -> list[Row]:
    """Steps in a row with the way from each to the next."""
    return [*(_row(a, _difference(a.point, b.point)) for a, b in pairwise(seen)), *(_row(s, None) for s in seen[-1:])]


def _difference(a: Sequence[Any], b: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(y - x for x, y in zip(a, b, strict=True))


def _row(s: Seen, move: tuple[Any, ...] | None) -> Row:
    return Row(s.step, tuple(s.point), s.value, tuple(s.gradient), move, s.rate)
