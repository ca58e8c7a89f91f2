"""The float screen: every formula at a few seeded points at once, so that a candidate costs microseconds.

An array is held as (points, rows, columns), a scalar as (points, 1, 1): one rule broadcasts both. The screen only
chooses candidates; that a candidate is the answer is proved elsewhere.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ..clock import tick
from ..functions import TABLE as FUNCTIONS
from ..pullbacks import next_slope
from ..term import Dim, Term, iter_names, rows_cols

Array = Any
CLOSE = 1e-8  # relative; a candidate closer than this is taken to the proof
TINY = 1e-11  # values below are compared as if they were of this size, which leaves room for rounding errors
RANGES = (
    (0.2, 0.9), (0.3, 1.4), (1.1, 2.4), (-1.2, -0.2), (-1.7, 1.7), (-2.3, -0.3),
    (0.03, 0.19), (-0.24, -0.05), (5.5, 9.1),  # where arcsin(5x) and log(x − 5) exist
)  # fmt: skip
OTHER_RANGES = (*RANGES[:3], (0.3, 1.2), *RANGES[4:])  # of every second name, so that products have both signs
SIZES = (3, 2, 4, 5, 6, 7, 8, 9)  # of symbolic dimensions, all different


class NoValue(ArithmeticError):
    """A formula that the screen cannot evaluate."""


class _Floats:
    """The mathematics of float arrays for the rows of functions.py."""

    pi = math.pi

    def __getattr__(self, name: str) -> Callable[[Array], Array]:
        return lambda x: function(name, x)

    def number(self, text: str) -> float:
        return float(text) if "/" not in text else int(text.split("/")[0]) / int(text.split("/")[1])

    def if_positive(self, x: Array, a: Array, b: Array) -> Array:
        return np.where(x > 0, a, b)

    def max(self, *xs: Array) -> Array:
        return _reduce(np.maximum, xs)

    def min(self, *xs: Array) -> Array:
        return _reduce(np.minimum, xs)


FLOATS = _Floats()
_erf = np.vectorize(math.erf, otypes=[float])

# fmt: off
PRIMITIVES: dict[str, Callable[[Array], Array]] = {
    "exp": np.exp, "log": np.log, "sqrt": np.sqrt, "sin": np.sin, "cos": np.cos, "tan": np.tan, "asin": np.arcsin,
    "acos": np.arccos, "atan": np.arctan, "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh, "asinh": np.arcsinh,
    "acosh": np.arccosh, "atanh": np.arctanh, "abs": np.abs, "sign": np.sign, "erf": _erf,
    "step": lambda x: np.heaviside(x, 0.0),
}
RELATIONS: dict[str, Callable[[Array, Array], Array]] = {
    "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal, "=": np.equal, "!=": np.not_equal,
}
# fmt: on


def function(name: str, x: Array) -> Array:
    """A row of functions.py at float arrays."""
    if name in PRIMITIVES:
        return PRIMITIVES[name](x)
    row = FUNCTIONS.get(name)
    if row is None or row.formula is None:
        raise NoValue(name)
    return row.formula(x, FLOATS)


def _reduce(f: Callable[[Array, Array], Array], xs: Iterable[Array]) -> Array:
    first, *rest = xs
    for x in rest:
        first = f(first, x)
    return first


def _fitting(xs: Sequence[Array]) -> Sequence[Array]:
    """Only a scalar is spread over an array; a row beside a column is refused."""
    if len({x.shape[1:] for x in xs} - {(1, 1)}) > 1:
        raise NoValue("shapes")
    return xs


def _prime(node: Term, x: Array) -> Array:
    name, order = node.data
    if order != 1 or name not in FUNCTIONS:
        raise NoValue(name)
    return FUNCTIONS[name].slope(x, function(name, x), FLOATS) + 0.0 * x


def _cases(*args: Array) -> Array:
    value = args[-1] if len(args) % 2 else np.nan
    for v, c in zip(reversed(args[0 : len(args) - 1 : 2]), reversed(args[1::2]), strict=True):
        value = np.where(c, v, value)
    return value


def _softmax(x: Array, along: tuple[int, ...]) -> Array:
    e = np.exp(x - np.max(x, axis=along, keepdims=True))
    return e / np.sum(e, axis=along, keepdims=True)


def _rows(node: Term) -> tuple[int, ...]:
    """Along the rows of a matrix, over the whole of a vector."""
    return (2,) if rows_cols(node.args[0].shape)[1] != 1 and rows_cols(node.args[0].shape)[0] != 1 else (1, 2)


def _diagonal(x: Array) -> Array:
    return np.stack([np.diag(m.ravel()) for m in x])


# fmt: off
OPERATIONS: dict[str, Callable[..., Array]] = {
    "add": lambda node, *xs: _reduce(np.add, _fitting(xs)),
    "mul": lambda node, *xs: _reduce(np.multiply, _fitting(xs)),
    "neg": lambda node, x: -x,
    "div": lambda node, *xs: np.divide(*_fitting(xs)),
    "pow": lambda node, *xs: np.power(*_fitting(xs)),
    "matmul": lambda node, *xs: _reduce(np.matmul, xs),
    "T": lambda node, x: np.swapaxes(x, 1, 2),
    "fn": lambda node, x: function(node.data, x) + 0.0 * x,
    "prime": _prime,
    "rel": lambda node, a, b: RELATIONS[node.data](a, b),
    "and": lambda node, *xs: _reduce(np.logical_and, xs),
    "or": lambda node, *xs: _reduce(np.logical_or, xs),
    "not": lambda node, x: np.logical_not(x),
    "cases": lambda node, *xs: _cases(*xs),
    "max": lambda node, *xs: _reduce(np.maximum, xs),
    "min": lambda node, *xs: _reduce(np.minimum, xs),
    "sum": lambda node, x: np.sum(x, axis=(1, 2), keepdims=True),
    "mean": lambda node, x: np.mean(x, axis=(1, 2), keepdims=True),
    "norm1": lambda node, x: np.sum(np.abs(x), axis=(1, 2), keepdims=True),
    "norm2": lambda node, x: np.sqrt(np.sum(x * x, axis=(1, 2), keepdims=True)),
    "tr": lambda node, x: np.trace(x, axis1=1, axis2=2)[:, None, None],
    "det": lambda node, x: np.linalg.det(x)[:, None, None],
    "logdet": lambda node, x: np.log(np.linalg.det(x))[:, None, None],
    "inv": lambda node, x: np.linalg.inv(x),
    "diag": lambda node, x: _diagonal(x),
    "diagv": lambda node, x: np.diagonal(x, axis1=1, axis2=2)[:, :, None],
    "rowsum": lambda node, x: np.sum(x, axis=2, keepdims=True),
    "colsum": lambda node, x: np.sum(x, axis=1, keepdims=True),
    "rowmean": lambda node, x: np.mean(x, axis=2, keepdims=True),
    "colmean": lambda node, x: np.mean(x, axis=1, keepdims=True),
    "softmax": lambda node, x: _softmax(x, _rows(node)),
    "logsoftmax": lambda node, x: np.log(_softmax(x, _rows(node))),
    "lse": lambda node, x: np.log(np.sum(np.exp(x), axis=_rows(node), keepdims=True)),
}
# fmt: on


class Screen:
    """Values of formulas at fixed points; `known` gives a name by its formula, anything else is drawn.

    One memo serves all candidates: a candidate costs the nodes that no other one had.
    """

    def __init__(
        self,
        names: Iterable[Term],
        known: Mapping[Term, Term] | None = None,
        at: Mapping[str, Any] | None = None,
        *,
        square: bool = False,
    ) -> None:
        """`at` fixes values, at one point; `square` gives all dimensions one size, so that every product fits."""
        symbols = list(dict.fromkeys(names))
        self.sizes = {n: SIZES[0] if square else k for n, k in _sizes(symbols).items()}
        self.points = 1 if at is not None else len(RANGES)
        self.memo: dict[Term, Array] = {}
        self.known = dict(known or {})
        self.by_name = {s.name: v for s, v in self.known.items() if s.op == "sym"}
        self.drawn: dict[str, Array] = {}
        self.at = {k: np.full((1, 1, 1), float(v)) for k, v in (at or {}).items()}
        self.draw = random.Random("symnet mistakes")
        for s in symbols:
            self._symbol(s)

    def _symbol(self, s: Term) -> Array:
        if s.name == "pi" and "constant" in s.facts:
            value: Array = np.full((self.points, 1, 1), math.pi)
        elif s.name == "e" and "constant" in s.facts:
            value = np.full((self.points, 1, 1), math.e)
        elif s.name in self.by_name:
            value = self.value(self.by_name[s.name])
        elif s.name in self.at:
            value = self.at[s.name]
        elif s.name in self.drawn:
            value = self.drawn[s.name]
        elif s.name in self.sizes or "dimension" in s.facts:
            value = np.full((self.points, 1, 1), float(self._size(s.name)))
        else:
            rows, cols = (self._size(n) for n in rows_cols(s.shape))
            ranges = RANGES if len(self.drawn) % 2 == 0 else OTHER_RANGES
            cells = [[[self.draw.uniform(*r) for _ in range(cols)] for _ in range(rows)] for r in ranges]
            value = self.drawn[s.name] = np.array(cells[: self.points])
        self.memo[s] = value
        return value

    def _size(self, n: Dim) -> int:
        """The size of a dimension, a product of dimensions included."""
        if isinstance(n, int):
            return n
        out = 1
        for part in n.split("*"):
            out *= int(part) if part.isdigit() else self.sizes.setdefault(part, SIZES[len(self.sizes) % len(SIZES)])
        return out

    def value(self, root: Term) -> Array:
        """The values of `root`; NoValue where an operation is not known here."""
        if root in self.memo:
            return self.memo[root]
        stack = [root]
        with np.errstate(all="ignore"):
            while stack:
                node = stack[-1]
                if node in self.memo:
                    stack.pop()
                    continue
                waiting = [a for a in node.args if a not in self.memo]
                if waiting and node.op not in ("partial", "ones", "zeros", "eye"):
                    stack.extend(waiting)
                    continue
                self.memo[node] = self._visit(node)
                stack.pop()
        return self.memo[root]

    def _visit(self, node: Term) -> Array:
        tick()
        if node in self.known:
            return self.value(self.known[node])
        if node.op == "sym":
            return self._symbol(node)
        if node.op == "num":
            return np.full((self.points, 1, 1), float(node.data[0]))
        if node.op == "prime" and node.data[1] > 1:
            return self.value(next_slope(Term("prime", node.args, (node.data[0], node.data[1] - 1), node.shape)))
        if node.op in ("ones", "zeros"):
            rows, cols = (self._size(n) for n in rows_cols(node.shape))
            return np.full((self.points, rows, cols), 1.0 if node.op == "ones" else 0.0)
        if node.op == "eye":
            return np.stack([np.eye(self._size(node.shape[0]))] * self.points)
        rule = OPERATIONS.get(node.op)
        if rule is None:
            raise NoValue(node.op)
        try:
            return rule(node, *(self.memo[a] for a in node.args))
        except (ValueError, TypeError, FloatingPointError, np.linalg.LinAlgError):
            raise NoValue(node.op) from None

    def maybe(self, t: Term) -> Array | None:
        """The values, or None where there are none."""
        try:
            return self.value(t)
        except (NoValue, OverflowError, RecursionError):
            return None


def _sizes(symbols: Iterable[Term]) -> dict[str, int]:
    names: dict[str, None] = {}
    for s in symbols:
        for n in s.shape:
            if isinstance(n, str):
                names.update(dict.fromkeys(p for p in n.split("*") if not p.isdigit()))
        if "dimension" in s.facts:
            names[s.name] = None
    return {n: SIZES[i % len(SIZES)] for i, n in enumerate(names)}


def agree(a: Array | None, b: Array | None, where: Array | None = None) -> bool:
    """Whether two values are close at every point where both are finite, and there are at least two such points."""
    if a is None or b is None or a.shape[1:] != b.shape[1:]:
        return False
    finite = np.isfinite(a).all(axis=(1, 2)) & np.isfinite(b).all(axis=(1, 2))
    if where is not None:
        finite = finite & where
    if finite.sum() < min(2, len(finite)):
        return False
    x, y = a[finite], b[finite]
    scale = np.max(np.abs(y), axis=(1, 2), keepdims=True)
    return bool((np.abs(x - y) <= CLOSE * np.maximum(scale, TINY)).all())


def names_of(*formulas: Term) -> list[Term]:
    return list(dict.fromkeys(s for t in formulas for s in iter_names(t)))
