"""The computational graph of a network as an SVG of its own: a box for each name, a line for each use."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING

from ..errors import SizeError
from ..graph import is_parameter
from ..names import unicode
from ..term import shape_text
from .layout import Key, layout

if TYPE_CHECKING:
    from ..graph import Graph

NODES, LINES = 400, 4000  # of a picture that can be read
LETTERS = 34  # of a formula in a box; the whole of it is its tooltip
HEIGHT, LETTER, PADDING = 40.0, 6.9, 22.0  # of a box; width of a letter; of a box beside its text
GAP, COLUMN, MARGIN = 56.0, 46.0, 20.0  # from box to box, from layer to layer, around the whole


@dataclass(frozen=True, slots=True)
class Look:
    """How a kind of node is drawn, and what the legend calls it."""

    label: str
    fill: str
    stroke: str


LOOKS: dict[str, Look] = {
    "input": Look("input", "#eef3f8", "#4a6f94"),
    "parameter": Look("parameter", "#fdf1dc", "#b7791f"),
    "value": Look("computed", "#ffffff", "#5b6470"),
    "loss": Look("loss", "#fbe6e4", "#b3382c"),
}


@dataclass(frozen=True, slots=True)
class Box:
    name: str
    formula: str
    whole: str
    look: str
    width: float


def to_svg(graph: Graph, *, formulas: bool = True) -> str:
    """The graph as SVG text, from left to right: inputs, named quantities with their formulas, the loss.

    `formulas=False` shows the names alone. Raises `SizeError` for a graph of more than 400 names.

    >>> from symnet.graph import Graph
    >>> to_svg(Graph("z = w x + b; a = σ(z)"))[:4]
    '<svg'
    """
    uses = _uses(graph)
    lines = sum(map(len, uses.values()))
    if len(uses) > NODES or lines > LINES:
        many = f"{len(uses):,} names and {lines:,} uses"
        raise SizeError(f"this graph has {many}; at most {NODES} and {LINES:,} are drawn")
    boxes = {name: _box(graph, name, formulas) for name in uses}
    places = layout(uses, GAP, GAP / 2)
    x = _columns(places.layers, boxes)
    height = max(places.y.values(), default=0.0) + HEIGHT + 2 * MARGIN
    middle = {key: places.y[key] + MARGIN + HEIGHT / 2 for key in places.y}
    width = max((x[key] + boxes[key[0]].width for key in x if key[1] < 0), default=0.0) + MARGIN
    kinds = [k for k in LOOKS if any(b.look == k for b in boxes.values())]
    width = max(width, 2 * MARGIN + 110 * len(kinds))
    body = [*(_path(line, x, middle, boxes) for line in places.lines),
            *(_drawn(boxes[key[0]], x[key], middle[key]) for layer in places.layers for key in layer if key[1] < 0),
            *_legend(kinds, height)]  # fmt: skip
    return "\n".join([_head(graph, width, height + 26), *body, "</svg>", ""])


def _uses(graph: Graph) -> dict[str, list[str]]:
    """Every name with the names that it is computed from; inputs first."""
    drawn = {n: list[str]() for n in graph.inputs}
    for q in graph.definitions:
        drawn[q.name] = [n for n in q.value.free if n in drawn]
    return drawn


def _box(graph: Graph, name: str, formulas: bool) -> Box:
    defined = {q.name: q.value for q in graph.definitions}
    shape = graph.symbols[name].shape
    title = unicode(name) + (f" : {shape_text(shape)}" if shape else "")
    whole = defined[name].text() if name in defined and defined[name].size < 2000 else ""
    formula = (whole if len(whole) <= LETTERS else whole[: LETTERS - 1] + "…") if formulas else ""
    last = name == graph.result.name
    look = "loss" if last else "value" if name in defined else "parameter" if is_parameter(name) else "input"
    width = max(len(title) * (LETTER + 0.9), len(formula) * LETTER) + PADDING
    return Box(title, formula, whole, look, width)


def _columns(layers: tuple[tuple[Key, ...], ...], boxes: dict[str, Box]) -> dict[Key, float]:
    """The left end of every node and waypoint: boxes stand in the middle of their layer."""
    x: dict[Key, float] = {}
    left = MARGIN
    for layer in layers:
        widest = max((boxes[name].width for name, k in layer if k < 0), default=0.0)
        for key in layer:
            x[key] = left + (widest - boxes[key[0]].width) / 2 if key[1] < 0 else left + widest / 2
        left += widest + COLUMN + 4.0 * len(layer) ** 0.5
    return x


def _head(graph: Graph, width: float, height: float) -> str:
    w, h = _n(width), _n(height)
    name = escape(unicode(graph.result.name))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{w}" height="{h}" viewBox="0 0 {w} {h}" role="img"'
        f' font-family="DejaVu Sans, Verdana, sans-serif" font-size="12"><title>computational graph of {name}</title>\n'
        '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0.8 L7.5 4 L0 7.2 z" fill="#8a94a0"/></marker></defs>\n'
        f'<rect width="{w}" height="{h}" fill="#ffffff"/>'
    )


def _path(line: tuple[Key, ...], x: dict[Key, float], y: dict[Key, float], boxes: dict[str, Box]) -> str:
    """A smooth line from the right side of a box through its waypoints to the left side of another."""
    points = [(x[line[0]] + boxes[line[0][0]].width, y[line[0]])]
    points += [(x[k], y[k]) for k in line[1:-1]]
    points.append((x[line[-1]], y[line[-1]]))
    d = f"M{_n(points[0][0])} {_n(points[0][1])}"
    for (a, b), (c, e) in pairwise(points):
        bend = (c - a) / 2
        d += f" C{_n(a + bend)} {_n(b)} {_n(c - bend)} {_n(e)} {_n(c)} {_n(e)}"
    return f'<path d="{d}" fill="none" stroke="#8a94a0" stroke-width="1.2" marker-end="url(#arrow)"/>'


def _drawn(box: Box, x: float, middle: float) -> str:
    look, centre = LOOKS[box.look], _n(x + box.width / 2)
    tip = f"<title>{escape(f'{box.name} = {box.whole}' if box.whole else box.name)}</title>"
    rect = (
        f'<rect x="{_n(x)}" y="{_n(middle - HEIGHT / 2)}" width="{_n(box.width)}" height="{_n(HEIGHT)}" rx="7"'
        f' fill="{look.fill}" stroke="{look.stroke}" stroke-width="1.3"/>'
    )
    name_y = middle - 4 if box.formula else middle + 4.5
    text = f'<text x="{centre}" y="{_n(name_y)}" text-anchor="middle" font-weight="bold">{escape(box.name)}</text>'
    if box.formula:
        below = f'x="{centre}" y="{_n(middle + 12)}" text-anchor="middle" fill="#3c4650"'
        text += f"<text {below}>{escape(box.formula)}</text>"
    return f"<g>{tip}{rect}{text}</g>"


def _legend(kinds: list[str], top: float) -> list[str]:
    out = []
    for i, kind in enumerate(kinds):
        x = MARGIN + 110 * i
        look = LOOKS[kind]
        out.append(
            f'<rect x="{_n(x)}" y="{_n(top)}" width="13" height="13" rx="3" fill="{look.fill}" stroke="{look.stroke}"/>'
            f'<text x="{_n(x + 19)}" y="{_n(top + 11)}" fill="#3c4650">{look.label}</text>'
        )
    return out


def _n(value: float) -> str:
    """A coordinate with one decimal, the same on every machine."""
    return f"{value:.1f}".removesuffix(".0")
