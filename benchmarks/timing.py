"""Process CPU time: medians for what is built once, interleaved minima of 20 rounds for what is called often."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from statistics import median
from time import process_time

ROUNDS = 20
Call = Callable[[], object]


def built(make: Callable[[int], object], seconds: float = 2.0, start: int = 0, times: int = 3) -> float:
    """The median CPU time of `make(k)`, k new each time; `times` times, and more for about `seconds`."""
    taken: list[float] = []
    k = start
    while len(taken) < times or (sum(taken) < seconds and len(taken) < 41):
        gc.collect()
        before = process_time()
        make(k)
        taken.append(process_time() - before)
        k += 1
    return median(taken)


def built_in_turn(makes: Mapping[str, Callable[[int], object]], times: int = 21) -> dict[str, float]:
    """The median CPU time of each `make(k)`, k new each time, the contenders taking turns."""
    taken: dict[str, list[float]] = {name: [] for name in makes}
    for k in range(times):
        for name, make in makes.items():
            gc.collect()
            before = process_time()
            make(k)
            taken[name].append(process_time() - before)
    return {name: median(seconds) for name, seconds in taken.items()}


def per_call(calls: Mapping[str, Call], seconds: float = 0.01) -> dict[str, float]:
    """The least CPU time of a call, the contenders taking turns, so that all meet the same disturbances."""
    count = {name: _often(call, seconds) for name, call in calls.items()}
    best = dict.fromkeys(calls, float("inf"))
    for _ in range(ROUNDS):
        for name, call in calls.items():
            before = process_time()
            for _ in range(count[name]):
                call()
            best[name] = min(best[name], (process_time() - before) / count[name])
    return best


def _often(call: Call, seconds: float) -> int:
    """How many calls take about that long."""
    call()
    count = 1
    while True:
        before = process_time()
        for _ in range(count):
            call()
        if process_time() - before > seconds / 4:
            return count * 2
        count *= 4


def readable(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"
