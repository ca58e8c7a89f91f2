"""Where the nodes of a computational graph stand: layers from left to right, few crossings, short lines.

Sugiyama, Tagawa and Toda (1981): every node gets a layer, a line over several layers passes through waypoints, the
order within a layer follows the mean place of the neighbours, and last come the coordinates. The same graph has the
same places in every run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

SWEEPS = 24  # of the ordering
SETTLING = 40  # of the coordinates

Key = tuple[str, int]  # a node is (name, -1), a waypoint (name of its source, layer)


@dataclass(frozen=True, slots=True)
class Layout:
    """The layer of each node, the nodes and waypoints of each layer from top to bottom, and their heights."""

    layers: tuple[tuple[Key, ...], ...]
    y: Mapping[Key, float]
    lines: tuple[tuple[Key, ...], ...]  # from a source through waypoints to a target


def layout(uses: Mapping[str, Sequence[str]], gap: float, waypoint_gap: float) -> Layout:
    """`uses[name]` are the names that `name` is computed from, in order; nodes come after what they use."""
    level = _levels(uses)
    lines = tuple(_line(source, target, level) for target, sources in uses.items() for source in sources)
    layers = _layers(level, lines)
    layers = _ordered(layers, lines)
    return Layout(tuple(map(tuple, layers)), _heights(layers, lines, gap, waypoint_gap), lines)


def _levels(uses: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """The length of the longest way to a node; an input stands just before its first user."""
    level: dict[str, int] = {}
    for name, sources in uses.items():
        level[name] = 1 + max((level[s] for s in sources), default=-1)
    for name, sources in uses.items():
        if not sources:
            users = [level[n] for n, used in uses.items() if name in used]
            level[name] = min(users, default=1) - 1
    return level


def _line(source: str, target: str, level: Mapping[str, int]) -> tuple[Key, ...]:
    """A line shares its waypoints with the other lines of its source."""
    middle = [(source, k) for k in range(level[source] + 1, level[target])]
    return ((source, -1), *middle, (target, -1))


def _layers(level: Mapping[str, int], lines: Sequence[tuple[Key, ...]]) -> list[list[Key]]:
    found: list[dict[Key, None]] = [{} for _ in range(1 + max(level.values(), default=0))]
    for name, k in level.items():
        found[k][(name, -1)] = None
    for line in lines:
        for key in line[1:-1]:
            found[key[1]][key] = None
    return [list(keys) for keys in found]


def _neighbours(lines: Sequence[tuple[Key, ...]], forward: bool) -> dict[Key, dict[Key, None]]:
    found: dict[Key, dict[Key, None]] = {}
    for line in lines:
        for a, b in pairwise(line):
            x, y = (b, a) if forward else (a, b)
            found.setdefault(x, {})[y] = None
    return found


def _ordered(layers: list[list[Key]], lines: Sequence[tuple[Key, ...]]) -> list[list[Key]]:
    """The order with the fewest crossings among some sweeps to and fro."""
    before, after = _neighbours(lines, True), _neighbours(lines, False)
    best, least = layers, _crossings(layers, before)
    now = layers
    for sweep in range(SWEEPS):
        near = before if sweep % 2 == 0 else after
        now = _swept(now, near, reverse=sweep % 2 == 1)
        count = _crossings(now, before)
        if count < least:
            best, least = now, count
    return best


def _swept(layers: list[list[Key]], near: Mapping[Key, Mapping[Key, None]], reverse: bool) -> list[list[Key]]:
    out = [list(layer) for layer in layers]
    order = range(len(out) - 2, -1, -1) if reverse else range(1, len(out))
    for k in order:
        place = {key: i for i, key in enumerate(out[k + 1 if reverse else k - 1])}
        mean = {key: _mean([place[n] for n in near.get(key, ()) if n in place], i) for i, key in enumerate(out[k])}
        out[k].sort(key=lambda key: mean[key])
    return out


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _crossings(layers: Sequence[Sequence[Key]], before: Mapping[Key, Mapping[Key, None]]) -> int:
    total = 0
    for left, right in pairwise(layers):
        place = {key: i for i, key in enumerate(left)}
        ends = [p for key in right for p in sorted(place[n] for n in before.get(key, ()) if n in place)]
        total += sum(a > b for i, a in enumerate(ends) for b in ends[i + 1 :])
    return total


def _heights(
    layers: Sequence[Sequence[Key]], lines: Sequence[tuple[Key, ...]], gap: float, waypoint_gap: float
) -> dict[Key, float]:
    """Every node near the mean of its neighbours, the distances in a layer kept."""
    near: dict[Key, dict[Key, None]] = {}
    for line in lines:
        for a, b in pairwise(line):
            near.setdefault(a, {})[b] = None
            near.setdefault(b, {})[a] = None
    y: dict[Key, float] = {}
    for layer in layers:
        y.update(_spaced(layer, [0.0] * len(layer), gap, waypoint_gap))
    for _ in range(SETTLING):
        for layer in layers:
            wish = [_mean([y[n] for n in near.get(key, ())], y[key]) for key in layer]
            y.update(_spaced(layer, wish, gap, waypoint_gap))
    top = min(y.values(), default=0.0)
    return {key: v - top for key, v in y.items()}


def _spaced(layer: Sequence[Key], wish: Sequence[float], gap: float, waypoint_gap: float) -> dict[Key, float]:
    """The heights nearest to the wishes that keep order and distances: groups that collide share their mean shift."""
    offsets, total = [], 0.0
    for i, key in enumerate(layer):
        if i:
            total += sum(gap / 2 if k < 0 else waypoint_gap / 2 for _, k in (key, layer[i - 1]))
        offsets.append(total)
    groups: list[tuple[float, int]] = []  # mean of wish − offset, and how many
    for w, o in zip(wish, offsets, strict=True):
        mean, count = w - o, 1
        while groups and groups[-1][0] > mean:
            m, c = groups.pop()
            mean, count = (mean * count + m * c) / (count + c), count + c
        groups.append((mean, count))
    shifts = [mean for mean, count in groups for _ in range(count)]
    return {key: s + o for key, s, o in zip(layer, shifts, offsets, strict=True)}
