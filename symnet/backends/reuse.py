"""A NumPy program whose arrays are made once: `Z = X.dot(W)` becomes `Z = np.dot(X, W, out=kept)`.

The quick program runs as it is for the first call and tells which arrays its lines made; from then on these lines write
into them. Another shape of an input makes them anew.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence
from typing import Any

from .scalars import run_text

OPERATORS: dict[type, str] = {
    ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide", ast.MatMult: "matmul",
}  # fmt: skip
FUNCTIONS = ("dot", "exp", "tanh", "log", "log1p", "expm1", "sqrt", "sin", "cos", "maximum", "minimum")


class Reusing:
    """`f(*values)` in the order of `.inputs`, like `Compiled.function`; the next call overwrites what it returned.

    `.source` is the program; its last parameter holds the arrays.
    """

    def __init__(self, source: str, inputs: Sequence[str]) -> None:
        self.inputs = tuple(inputs)
        self._store = "kept"
        while self._store in re.findall(r"\w+", source):
            self._store += "_"
        tree = ast.parse(source)
        function = next(n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == "gradient")
        made = [n for n in function.body if isinstance(n, ast.Assign) and _into(n, "out") is not None]
        names = [ast.unparse(n.targets[0]) for n in made]
        once = {n for n in names if names.count(n) == 1}
        self._names = sorted(once)
        returned = function.body[-1]
        function.args.args.append(ast.arg(self._store))
        function.body[-1] = ast.Return(ast.Tuple([ast.Name(n, ast.Load()) for n in self._names], ast.Load()))
        self._first = run_text(ast.unparse(ast.fix_missing_locations(tree)))
        function.body = [self._kept(n) for n in function.body[:-1]] + [returned]
        self.source = ast.unparse(ast.fix_missing_locations(tree))
        self._again: Callable[..., Any] = run_text(self.source)
        self._shapes: tuple[Any, ...] | None = None
        self._buffers: dict[str, Any] = {}

    def _kept(self, line: ast.stmt) -> ast.stmt:
        if not isinstance(line, ast.Assign) or ast.unparse(line.targets[0]) not in self._names:
            return line
        name = ast.unparse(line.targets[0])
        return _into(line, f"{self._store}[{name!r}]") or line

    def __call__(self, *values: Any) -> tuple[Any, dict[str, Any]]:
        shapes = tuple(getattr(v, "shape", None) for v in values)
        if shapes != self._shapes:
            import numpy as np

            found = zip(self._names, self._first(*values, None), strict=True)
            self._buffers = {n: np.empty_like(a) if getattr(a, "shape", ()) else None for n, a in found}
            self._shapes = shapes
        return self._again(*values, self._buffers)


def _into(line: ast.Assign, buffer: str) -> ast.stmt | None:
    """The line with its result written into a buffer; None if it is no single operation on arrays that have names."""
    value = line.value
    if isinstance(value, ast.IfExp):
        ways = [_into(ast.Assign(line.targets, v), buffer) for v in (value.body, value.orelse)]
        if not all(isinstance(way, ast.Assign) for way in ways):
            return None
        body, orelse = (way.value for way in ways if isinstance(way, ast.Assign))
        return ast.Assign(line.targets, ast.IfExp(value.test, body, orelse))
    name = ""
    if isinstance(value, ast.BinOp) and type(value.op) in OPERATORS:
        name, operands = OPERATORS[type(value.op)], [value.left, value.right]
    elif isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and not value.keywords:
        name, operands = value.func.attr, list(value.args)
        if name not in FUNCTIONS:
            return None
        if ast.unparse(value.func.value) != "np":
            operands = [value.func.value, *operands]
    if not name:
        return None
    listed = ", ".join(map(ast.unparse, operands))
    return ast.parse(f"{ast.unparse(line.targets[0])} = np.{name}({listed}, out={buffer})").body[0]
