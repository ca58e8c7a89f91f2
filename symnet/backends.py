"""Backends: the program whose lines are the lines of a derivation, with its names.

One row is one backend. Nothing that a person typed reaches the code but through `names.identifiers`, which gives
checked ASCII identifiers; numbers are written from exact fractions. Columns and rows are one-dimensional arrays in the
code; the declared shape of a parameter is restored in the gradient that is returned.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from .derivation import Derivation
from .errors import DomainError, NameLookupError, OverflowError_, RuleError, ShapeError, quote
from .functions import TABLE as FUNCTIONS
from .functions import row as function_row
from .names import canonical, identifiers, unicode
from .operations import TABLE as OPERATIONS
from .pullbacks import next_slope
from .term import Shape, Term, fn, matmul, neg, postorder, prime, shape_text, substitute, sym
from .tidy import tidy

ATOM, POWER, PRODUCT, SUM, COMPARE = 5, 4, 3, 2, 1


@dataclass(frozen=True, slots=True)
class Backend:
    """One backend: how its source is written and how a callable is made of it."""

    name: str
    source: Callable[[Derivation], str]
    compile: Callable[[Derivation], Callable[..., Any]]


def source(d: Derivation, backend: str = "numpy") -> str:
    return _row(backend).source(d)


def compile_(d: Derivation, backend: str = "numpy") -> Callable[..., Any]:
    return _row(backend).compile(d)


def _row(name: str) -> Backend:
    if name not in TABLE:
        raise RuleError(f"there is no backend `{name}`; there is {', '.join(TABLE)}")
    return TABLE[name]


# ---------------------------------------------------------------------------------------------------------- programs
@dataclass(frozen=True, slots=True)
class Line:
    """One assignment: the variable (a symbol or an inert partial), its formula, and the tag that it comes from."""

    target: Term
    value: Term
    tag: str


def program(d: Derivation) -> tuple[list[Line], dict[str, Term]]:
    """The lines that the result and the gradients need, in order, and what each gradient is read from."""
    table = Stable(d)
    lines = [Line(s.target, table.stable(s.result), s.tag) for s in d.forward]
    outputs: dict[str, Term] = {}
    for s in d.backward:
        target = s.name if s.name is not None else s.target
        assert s.value is not None
        lines.append(Line(target, table.stable(s.value), s.tag))
        if s.name is not None:
            table.alias[s.target] = s.name
        if s.target.args[0] is d.loss and s.target.args[1].name in d.wrt:
            outputs[s.target.args[1].name] = target
    outputs = {n: outputs[n] for n in d.wrt}
    return _needed(lines, [d.loss, *outputs.values()]), outputs


def _needed(lines: list[Line], roots: list[Term]) -> list[Line]:
    wanted = set(roots)
    kept = []
    for line in reversed(lines):
        if line.target in wanted:
            kept.append(line)
            wanted.update(n for n in _variables(line.value))
    return kept[::-1]


def _variables(t: Term) -> list[Term]:
    """The names and inert partials that a formula reads."""
    out = []
    stack = [t]
    while stack:
        node = stack.pop()
        if node.op in ("sym", "partial"):
            out.append(node)
        else:
            stack.extend(node.args)
    return out


class Stable:
    """Formulas that lose digits, by functions that do not: log a with a = σ(z) is logsigmoid z."""

    def __init__(self, d: Derivation) -> None:
        self.value = {x.symbol: x.value for x in d.graph.definitions}
        self.alias: dict[Term, Term] = {}

    def stable(self, t: Term) -> Term:
        swap = dict(self.alias)
        for node in postorder(t):
            better = self._logarithm(node)
            if better is not None:
                swap[node] = better
        return substitute(t, swap) if swap else t

    def _logarithm(self, node: Term) -> Term | None:
        if node.op != "fn" or node.data != "log":
            return None
        inner = self._meaning(node.args[0])
        if inner.op == "fn" and inner.data == "sigmoid":
            return fn("logsigmoid", inner.args[0])
        if inner.op == "softmax":
            return Term("logsoftmax", inner.args, None, inner.shape)
        if inner.op == "add" and len(inner.args) == 2:
            return self._log_of_sum(*inner.args) or self._log_of_sum(*reversed(inner.args))
        return None

    def _log_of_sum(self, one: Term, rest: Term) -> Term | None:
        """log(1 − σ(z)) and log(1 + exp z)."""
        if one.number != 1 and one.op != "ones":
            return None
        sign, body = (-1, rest.args[0]) if rest.op == "neg" else (1, rest)
        body = self._meaning(body)
        if sign < 0 and body.op == "fn" and body.data == "sigmoid":
            return fn("logsigmoid", neg(body.args[0]))
        if sign > 0 and body.op == "fn" and body.data == "exp":
            return fn("softplus", body.args[0])
        return None

    def _meaning(self, t: Term) -> Term:
        return self.value.get(t, t)


# ------------------------------------------------------------------------------------------------------ NumPy source
class Writer:
    """Terms as NumPy expressions; remembers the helpers and the dimensions that they used."""

    def __init__(self, variables: Mapping[Term, str]) -> None:
        self.variables = variables
        self.helpers: dict[str, tuple[str, ...]] = {}
        self.dimensions: dict[str, None] = {}

    def write(self, root: Term) -> str:
        return self._nodes(root)[0]

    def _nodes(self, root: Term) -> tuple[str, int]:
        memo: dict[Term, tuple[str, int]] = {}
        for node in postorder(root):
            memo[node] = self._node(node, [memo[a] for a in node.args])
        return memo[root]

    def _node(self, node: Term, args: list[tuple[str, int]]) -> tuple[str, int]:
        if node in self.variables:
            if "dimension" in node.facts:
                self.dimensions[node.name] = None
            return self.variables[node], ATOM
        if node.op in _STRUCTURE:
            return _STRUCTURE[node.op](self, node, args)
        if node.op in OPERATIONS:
            return self._operation(node, args)
        raise RuleError(f"`{node.data if node.op == 'apply' else node.op}` has no NumPy form")

    def number(self, node: Term, args: list[tuple[str, int]]) -> tuple[str, int]:
        value: Fraction = node.data[0]
        if value.denominator == 1 and value < 10**15:
            return str(value.numerator), ATOM
        return repr(_float(value)), ATOM

    def symbol(self, node: Term, args: list[tuple[str, int]]) -> tuple[str, int]:
        if "dimension" in node.facts:
            self.dimensions[node.name] = None
            return self.variables.get(node, node.name), ATOM
        if "constant" in node.facts:
            return f"np.{node.name}", ATOM
        raise RuleError(f"`{node.name}` is not among the variables of the program")

    def sum(self, node: Term, args: list[tuple[str, int]]) -> tuple[str, int]:
        out = ""
        for a, (text, level) in zip(node.args, self._broadcast(node, args), strict=True):
            minus = a.op == "neg"
            body = text[1:] if minus and text.startswith("-") else text
            body = body if level >= SUM + (1 if out else 0) else f"({body})"
            out += (" - " if minus else " + ") + body if out else ("-" if minus else "") + body
        return out, SUM

    def minus(self, node: Term, args: list[tuple[str, int]]) -> tuple[str, int]:
        return "-" + _at_least(args[0], PRODUCT), PRODUCT

    def product(self, node: Term, args: list[tuple[str, int]]) -> tuple[str, int]:
        args = self._broadcast(node, args)
        parts = [p for a, p in zip(node.args, args, strict=True) if not self._needless_ones(a, node)]
        if not parts:
            return args[0]
        return "*".join(_at_least(p, PRODUCT + (1 if i else 0)) for i, p in enumerate(parts)), PRODUCT

    def _broadcast(self, node: Term, args: list[tuple[str, int]]) -> list[tuple[str, int]]:
        """1 bᵀ and b 1ᵀ beside a full matrix are b spread by NumPy itself."""
        spreads = [_spread(a) if a.shape == node.shape else None for a in node.args]
        if not any(spreads) or all(s or a.shape != node.shape for s, a in zip(spreads, node.args, strict=True)):
            return args
        return [self._spread(*s) if s else a for s, a in zip(spreads, args, strict=True)]

    def _spread(self, vector: Term, suffix: str, minus: bool) -> tuple[str, int]:
        code = self._nodes(vector)
        code = (f"{_at_least(code, ATOM)}{suffix}", ATOM) if suffix else code
        return (f"-{_at_least(code, PRODUCT)}", PRODUCT) if minus else code

    def _needless_ones(self, a: Term, node: Term) -> bool:
        return a.op == "ones" and any(b.shape == node.shape and b.op != "ones" for b in node.args)

    def quotient(self, node: Term, args: list[tuple[str, int]]) -> tuple[str, int]:
        return f"{_at_least(args[0], PRODUCT)}/{_at_least(args[1], POWER)}", PRODUCT

    def power(self, node: Term, args: list[tuple[str, int]]) -> tuple[str, int]:
        base, k = node.args
        exponent = k.number
        if base.op == "norm2" and exponent == 2:
            inner = self._nodes(base.args[0])
            return (f"np.vdot({inner[0]}, {inner[0]})" if inner[1] == ATOM else f"np.sum(({inner[0]})**2)"), ATOM
        if exponent is not None and exponent.denominator == 1 and -64 <= exponent <= 64:
            return f"{_at_least(args[0], ATOM)}**{int(exponent)}", POWER
        self.helper("power", ("return np.power(np.asarray(x, dtype=float), k)",), "x, k")
        return f"power({args[0][0]}, {args[1][0]})", ATOM

    def matrix_product(self, node: Term, args: list[tuple[str, int]]) -> tuple[str, int]:
        """`@`, an outer product where a column meets a row; the shape decides."""
        left, code = node.args[0], args[0]
        for right, text in zip(node.args[1:], args[1:], strict=True):
            code = self._times(left, code, right, text)
            left = matmul(left, right)
        return code

    def _times(self, a: Term, x: tuple[str, int], b: Term, y: tuple[str, int]) -> tuple[str, int]:
        column, row = len(a.shape) == 1, len(b.shape) == 2 and b.shape[0] == 1
        row_of_ones = len(a.shape) == 2 and a.shape[0] == 1
        if column and row:
            return f"np.outer({x[0]}, {y[0]})", ATOM
        if b.op == "ones" and len(b.shape) == 1 and len(a.shape) == 2 and a.shape[0] != 1:
            return self._summed(a, x, 1), ATOM
        if a.op == "T" and a.args[0].op == "ones" and row_of_ones and len(b.shape) == 2 and b.shape[0] != 1:
            return self._summed(b, y, 0), ATOM
        if not a.shape or not b.shape:
            return f"{_at_least(x, PRODUCT)}*{_at_least(y, POWER)}", PRODUCT
        return f"{_at_least(x, PRODUCT)} @ {_at_least(y, POWER)}", PRODUCT

    def _summed(self, a: Term, code: tuple[str, int], axis: int) -> str:
        """A 1 and 1ᵀ A are sums along an axis."""
        if a.op == "T" and len(a.args[0].shape) == 2:
            return f"np.sum({self.write(a.args[0])}, axis={1 - axis})"
        return f"np.sum({code[0]}, axis={axis})"

    def transposed(self, node: Term, args: list[tuple[str, int]]) -> tuple[str, int]:
        x = node.args[0]
        flat = len(x.shape) < 2 or x.shape[0] == 1
        return args[0] if flat else (_at_least(args[0], ATOM) + ".T", ATOM)

    def matrix_power(self, node: Term, args: list[tuple[str, int]]) -> tuple[str, int]:
        return f"np.linalg.matrix_power({args[0][0]}, int({args[1][0]}))", ATOM

    def function(self, node: Term, args: list[tuple[str, int]]) -> tuple[str, int]:
        return self._call(node.data, function_row(node.data).code, args)

    def derivative(self, node: Term, args: list[tuple[str, int]]) -> tuple[str, int]:
        name, order = node.data
        if order > 1:
            return self._nodes(tidy(next_slope(prime(name, node.args[0], order - 1))))
        return self._call(f"{name}_slope", function_row(name).slope_code, args)

    def _call(self, name: str, code: tuple[str, ...], args: list[tuple[str, int]]) -> tuple[str, int]:
        if len(code) == 1 and code[0].startswith("return np.") and code[0].endswith("(x)") and code[0].count("(") == 1:
            return f"{code[0][7:-3]}({args[0][0]})", ATOM
        self.helper(name, code)
        return f"{name}({args[0][0]})", ATOM

    def choice(self, node: Term, args: list[tuple[str, int]]) -> tuple[str, int]:
        out = args[-1][0] if len(args) % 2 else "np.nan"
        pairs = len(args) - len(args) % 2
        for i in range(pairs - 2, -1, -2):
            value, condition = args[i][0], args[i + 1][0]
            scalar = not node.shape  # then the branch that is not taken is not computed
            out = f"({value} if {condition} else {out})" if scalar else f"np.where({condition}, {value}, {out})"
        return out, ATOM

    def both(self, node: Term, args: list[tuple[str, int]]) -> tuple[str, int]:
        return "(" + {"and": " & ", "or": " | "}[node.op].join(f"({a[0]})" for a in args) + ")", ATOM

    def negation(self, node: Term, args: list[tuple[str, int]]) -> tuple[str, int]:
        return f"np.logical_not({args[0][0]})", ATOM

    def relation(self, node: Term, args: list[tuple[str, int]]) -> tuple[str, int]:
        kind = "==" if node.data == "=" else node.data
        return f"{_at_least(args[0], SUM)} {kind} {_at_least(args[1], SUM)}", COMPARE

    def _operation(self, node: Term, args: list[tuple[str, int]]) -> tuple[str, int]:
        row = OPERATIONS[node.op]
        special = _OPERATIONS.get(node.op)
        if special is not None:
            return special(self, node, args)
        for name, body in HELPERS.items():
            if row.numpy.startswith(name + "("):
                self.helper(name, body, PARAMETERS.get(name, "x"))
        inner = ", ".join(a[0] for a in args)
        first = _at_least(args[0], ATOM) if "}**" in row.numpy else args[0][0]
        code = row.numpy.replace("{0}", first if row.arity else inner)
        for i, (text, _) in enumerate(args):
            code = code.replace(f"{{{i}}}", text)
        return code.replace("{rest}", ", ".join(a[0] for a in args[4:])), ATOM

    def kronecker(self, node: Term, args: list[tuple[str, int]]) -> tuple[str, int]:
        """A column beside a matrix stands upright; NumPy takes it for a row."""
        upright = any(len(a.shape) == 2 and a.shape[0] != 1 for a in node.args)
        parts = [f"{_at_least(p, ATOM)}[:, None]" if upright and len(a.shape) == 1 else p[0]
                 for a, p in zip(node.args, args, strict=True)]  # fmt: skip
        return f"np.kron({', '.join(parts)})", ATOM

    def filled(self, node: Term, args: list[tuple[str, int]]) -> tuple[str, int]:
        inner = args[0][0] if len(args) == 1 else f"({', '.join(a[0] for a in args)})"
        return f"np.{node.op}({inner})", ATOM

    def over_array(self, node: Term, args: list[tuple[str, int]]) -> tuple[str, int]:
        """Row and column sums of a vector are plain."""
        x = node.args[0]
        if len(x.shape) == 2 and x.shape[0] != 1:
            axis = 1 if node.op.startswith("row") else 0
            how = "sum" if node.op.endswith("sum") else "mean"
            return f"np.{how}({args[0][0]}, axis={axis})", ATOM
        column = len(x.shape) == 1
        reduces = column == node.op.startswith("col")
        how = "sum" if node.op.endswith("sum") else "mean"
        return (f"np.{how}({args[0][0]})", ATOM) if reduces else args[0]

    def helper(self, name: str, body: tuple[str, ...], parameters: str = "x") -> None:
        self.helpers[name] = (f"def {name}({parameters}):", *("    " + line for line in body))


_STRUCTURE: dict[str, Callable[[Writer, Term, list[tuple[str, int]]], tuple[str, int]]] = {
    "num": Writer.number, "sym": Writer.symbol, "add": Writer.sum, "neg": Writer.minus, "mul": Writer.product,
    "div": Writer.quotient, "pow": Writer.power, "matmul": Writer.matrix_product, "T": Writer.transposed,
    "matpow": Writer.matrix_power, "fn": Writer.function, "prime": Writer.derivative, "cases": Writer.choice,
    "rel": Writer.relation, "and": Writer.both, "or": Writer.both, "not": Writer.negation,
}  # fmt: skip
_OPERATIONS: dict[str, Callable[[Writer, Term, list[tuple[str, int]]], tuple[str, int]]] = {
    **dict.fromkeys(("ones", "zeros", "eye"), Writer.filled),
    "kron": Writer.kronecker,
    **dict.fromkeys(("rowsum", "colsum", "rowmean", "colmean"), Writer.over_array),
}  # fmt: skip
PARAMETERS = {
    "maximum": "*x", "minimum": "*x", "conv": "x, k, s, p", "conv_input": "g, k, s, p, shape",
    "conv_kernel": "x, g, s, p, shape", "max_pool": "x, k, s", "unpool": "g, x, k, s", "picked": "c, x, k, s",
}  # fmt: skip
HELPERS: dict[str, tuple[str, ...]] = {
    "softmax": (
        "e = np.exp(x - np.max(x, axis=-1, keepdims=True))",
        "return e/np.sum(e, axis=-1, keepdims=True)",
    ),
    "logsoftmax": (
        "s = x - np.max(x, axis=-1, keepdims=True)",
        "return s - np.log(np.sum(np.exp(s), axis=-1, keepdims=True))",
    ),
    "lse": (
        "m = np.max(x, axis=-1, keepdims=True)",
        "return np.squeeze(m, -1) + np.log(np.sum(np.exp(x - m), axis=-1))",
    ),
    "logdet": ("sign, value = np.linalg.slogdet(x)", "return value if sign > 0 else np.nan"),
    "expm": (  # scaling and squaring of the Taylor series: Moler and Van Loan (2003), method 3
        "doublings = max(0, int(np.ceil(np.log2(max(np.linalg.norm(x, 1), 1e-300)))) + 3)",
        "part = total = np.eye(len(x))",
        "for k in range(1, 16):",
        "    part = part @ x/(k*2.0**doublings)",
        "    total = total + part",
        "return np.linalg.matrix_power(total, 2**doublings)",
    ),
    "conv": (
        "windows = np.lib.stride_tricks.sliding_window_view(np.pad(x, p), k.shape)",
        "return np.tensordot(windows[(slice(None, None, s),)*x.ndim], k, x.ndim)",
    ),
    "conv_input": (
        "wide = np.zeros([n + 2*p + m - 1 for n, m in zip(shape, k.shape)])  # g spread by the stride, zeros around it",
        "wide[tuple(slice(m - 1, m + s*(n - 1), s) for m, n in zip(k.shape, g.shape))] = g",
        "full = np.tensordot(np.lib.stride_tricks.sliding_window_view(wide, k.shape), np.flip(k), g.ndim)",
        "return full[tuple(slice(p, p + n) for n in shape)]",
    ),
    "conv_kernel": (
        "wide = np.zeros([s*(n - 1) + 1 for n in g.shape])  # g spread by the stride",
        "wide[(slice(None, None, s),)*g.ndim] = g",
        "windows = np.lib.stride_tricks.sliding_window_view(np.pad(x, p), wide.shape)",
        "return np.tensordot(windows, wide, g.ndim)[tuple(slice(n) for n in shape)]",
    ),
    "max_pool": (
        "windows = np.lib.stride_tricks.sliding_window_view(x, (k,)*x.ndim)[(slice(None, None, s),)*x.ndim]",
        "return windows.max(axis=tuple(range(x.ndim, 2*x.ndim)))",
    ),
    "unpool": (
        "out = np.zeros(x.shape)  # g goes to the first largest element of each window",
        "for place in np.ndindex(g.shape):",
        "    window = tuple(slice(s*i, s*i + k) for i in place)",
        "    at = np.unravel_index(np.argmax(x[window]), x[window].shape)",
        "    out[window][at] += g[place]",
        "return out",
    ),
    "picked": (
        "windows = np.lib.stride_tricks.sliding_window_view(x, (k,)*x.ndim)[(slice(None, None, s),)*x.ndim]",
        "mine = np.lib.stride_tricks.sliding_window_view(c, (k,)*x.ndim)[(slice(None, None, s),)*x.ndim]",
        "flat = windows.shape[:x.ndim] + (-1,)",
        "largest = np.argmax(windows.reshape(flat), axis=-1)[..., None]",
        "return np.take_along_axis(mine.reshape(flat), largest, axis=-1)[..., 0]",
    ),
    "maximum": ("import functools", "return functools.reduce(np.maximum, x)"),
    "minimum": ("import functools", "return functools.reduce(np.minimum, x)"),
}  # fmt: skip


def _spread(t: Term) -> tuple[Term, str, bool] | None:
    """The vector of ±1 bᵀ or ±b 1ᵀ, how NumPy spreads it, and whether there is a minus."""
    if t.op == "neg":
        found = _spread(t.args[0])
        return (*found[:2], not found[2]) if found else None
    if t.op != "matmul" or len(t.args) != 2:
        return None
    a, b = t.args
    if a.op == "ones" and len(a.shape) == 1:
        return b, "", False
    if b.op == "T" and b.args[0].op == "ones" and len(a.shape) == 1:
        return a, "[:, None]", False
    return None


def _float(value: Fraction) -> float:
    try:
        return float(value)
    except OverflowError:
        raise RuleError("a number in this formula is too large for a float; compiled code cannot hold it") from None


def _at_least(code: tuple[str, int], level: int) -> str:
    return code[0] if code[1] >= level else f"({code[0]})"


# ---------------------------------------------------------------------------------------------------- the NumPy row
@dataclass(frozen=True, slots=True)
class Written:
    """A NumPy program: its text, its function's name, and what each keyword stands for."""

    text: str
    keywords: dict[str, str]
    outputs: dict[str, str]
    free_dimensions: tuple[str, ...]


def _variables_of(d: Derivation, lines: list[Line]) -> dict[Term, str]:
    """One injective map from names and inert partials to identifiers."""
    targets = [line.target for line in lines if line.target.op == "partial"]
    spelled = {t: f"d{t.args[0].name}_d{t.args[1].name}" for t in targets}
    dimensions = [sym(n, (), ("dimension",)) for n in d.graph.dimensions]
    named = [line.target for line in lines if line.target.op == "sym"]
    symbols = list(dict.fromkeys([*d.graph.symbols.values(), *dimensions, *named]))
    reserved = {"np", "math", "gradient", *FUNCTIONS, *(f"{n}_slope" for n in FUNCTIONS), *HELPERS, "power"}
    names = [s.name for s in symbols]
    chosen = identifiers(dict.fromkeys([*names, *spelled.values()]), reserved)
    used = set(chosen[n] for n in names)
    out: dict[Term, str] = {s: chosen[s.name] for s in symbols}
    for t in targets:
        name = chosen[spelled[t]]
        while name in used:
            name += "_"
        used.add(name)
        out[t] = name
    return out


def write_numpy(d: Derivation) -> Written:
    lines, outputs = program(d)
    variables = _variables_of(d, lines)
    writer = Writer(variables)
    body = [(f"{variables[line.target]} = {writer.write(line.value)}", line.tag) for line in lines]
    keywords = {n: variables[d.graph.symbols[n]] for n in d.graph.inputs}
    words = {w for code, _ in body for w in re.findall(r"\w+", code)}
    used = [n for n in writer.dimensions if variables.get(sym(n, (), ("dimension",)), n) in words]
    known, free = _dimension_lines(d, used, variables)
    for n in free:
        keywords[n] = variables.get(sym(n, (), ("dimension",)), n)
    text = _layout(d, writer, [*known, *_aligned(body)], keywords, {n: variables[t] for n, t in outputs.items()})
    return Written(text, keywords, {n: variables[t] for n, t in outputs.items()}, free)


def _dimension_lines(
    d: Derivation, used: list[str], variables: Mapping[Term, str]
) -> tuple[list[str], tuple[str, ...]]:
    """`n = X.shape[0]` for each dimension that is used as a number; the others are passed like a value."""
    lines, free = [], []
    for n in used:
        place = next(((i, s.shape.index(n)) for i in d.graph.inputs if n in (s := d.graph.symbols[i]).shape), None)
        target = variables.get(sym(n, (), ("dimension",)), n)
        if place is None:
            free.append(n)
            continue
        name, axis = place
        shape = d.graph.symbols[name].shape
        row = len(shape) == 2 and shape[0] == 1
        lines.append(f"{target} = {variables[d.graph.symbols[name]]}.shape[{0 if row else axis}]")
    return lines, tuple(free)


def _aligned(body: list[tuple[str, str]]) -> list[str]:
    """The tag of each line as a comment, in one column where lines are short."""
    width = min(max((len(code) for code, _ in body), default=0), 60)
    return [f"{code:<{width}}  # {tag}" for code, tag in body]


def _layout(
    d: Derivation, writer: Writer, lines: list[str], keywords: Mapping[str, str], outputs: Mapping[str, str]
) -> str:
    result = f"{', '.join(repr(n) + ': ' + v for n, v in outputs.items())}"
    uses_math = any("math." in line for body in writer.helpers.values() for line in body)
    head = [*(["import math", ""] if uses_math else []), "import numpy as np"]
    helpers = [line for body in writer.helpers.values() for line in ("", "", *body)]
    loss = writer.variables[d.loss]
    return "\n".join(
        [*head, *helpers, "", "", f"def gradient({', '.join(['*', *keywords.values()]) if keywords else ''}):",
         *("    " + line for line in lines), f"    return {loss}, {{{result}}}"]
    )  # fmt: skip


def numpy_source(d: Derivation) -> str:
    return write_numpy(d).text


def compile_numpy(d: Derivation) -> Callable[..., Any]:
    """The NumPy program as a function of keyword arguments in any spelling."""
    written = write_numpy(d)
    space: dict[str, Any] = {}
    code = compile(written.text, "<derivation>", "exec")
    exec(code, space)  # the text was written above, from checked identifiers and exact numbers only
    return Compiled(d, written, space["gradient"])


class Compiled:
    """`f(**values) -> (value, {name: gradient})`; `.source` is the program that runs."""

    def __init__(self, d: Derivation, written: Written, run: Callable[..., Any]) -> None:
        self.source = written.text
        self._run = run
        self._written = written
        self._declared = {n: d.graph.declared_shape(n) for n in d.graph.inputs}
        self._keys = written.keywords
        self._returned = {n: _declared_of(d, n) for n in d.wrt}
        self._of_result = d.graph.result.value.shape

    def __call__(self, **values: Any) -> tuple[Any, dict[str, Any]]:
        given = self._given(values)
        dims: dict[str, int] = {}
        arrays = {self._keys[n]: self._array(n, given[n], dims) for n in self._keys}
        value, gradient = self._result(arrays)
        return _in_shape(value, self._of_result), {n: _in_shape(g, self._returned[n]) for n, g in gradient.items()}

    def _result(self, arrays: Mapping[str, Any]) -> Any:
        try:
            return self._run(**arrays)
        except ZeroDivisionError:
            raise DomainError("a division by zero at these values; the formula or its slope has a pole there") from None
        except OverflowError:
            raise OverflowError_("a value is too large for a float here; scale the inputs down") from None
        except ValueError as e:
            raise DomainError(f"there is no value at these inputs ({e})") from None

    def _given(self, values: Mapping[str, Any]) -> dict[str, Any]:
        given: dict[str, Any] = {}
        for spelling, value in values.items():
            name = canonical(spelling)
            if name not in self._keys:
                raise NameLookupError(f"`{name}` is not an input; the inputs are {self._listed()}")
            if name in given:
                raise NameLookupError(f"`{name}` was given twice in two spellings")
            given[name] = value
        missing = [unicode(n) for n in self._keys if n not in given]
        if missing:
            raise NameLookupError(f"no value for {', '.join(missing)}; the inputs are {self._listed()}")
        return given

    def _listed(self) -> str:
        return ", ".join(unicode(n) for n in self._keys)

    def _array(self, name: str, value: Any, dims: dict[str, int]) -> Any:

        shape = () if name in self._written.free_dimensions else self._declared[name]
        array = _numbers(name, value)
        if len(shape) == 2 and array.ndim == 1 and 1 in shape:
            array = array.reshape((-1, 1) if shape[1] == 1 else (1, -1))
        if array.ndim != len(shape):
            raise ShapeError(
                f"`{unicode(name)}` is declared {shape_text(shape)} and was given the shape {array.shape}"
            )
        for size, dim in zip(array.shape, shape, strict=True):
            expected = dim if isinstance(dim, int) else dims.setdefault(dim, size)
            if size != expected:
                raise ShapeError(
                    f"`{unicode(name)}` is declared {shape_text(shape)} and was given the shape {array.shape}"
                    + ("" if isinstance(dim, int) else f", but {dim} is {expected}")
                )
        if name in self._written.free_dimensions:
            if array.ndim or array != int(array) or array < 1:
                raise ShapeError(f"`{unicode(name)}` is a dimension, a positive whole number, not {value!r}")
            return int(array)
        return float(array) if not shape else array.ravel() if 1 in shape and len(shape) == 2 else array


def _in_shape(value: Any, shape: Shape) -> Any:
    """A number, or an array in its declared shape; in the code columns and rows are both one-dimensional."""
    import numpy as np

    if not shape:
        return float(value)
    array = np.asarray(value, dtype=float)
    if len(shape) == 2 and 1 in shape:
        return array.reshape((-1, 1) if shape[1] == 1 else (1, -1))
    return array


def _numbers(name: str, value: Any) -> Any:
    """A value as an array of floats; what is not made of numbers is refused."""
    import numpy as np

    try:
        plain = np.asarray(value)
        if plain.dtype.kind not in "biufO" or value is None:
            raise TypeError
        return plain.astype(float)
    except (TypeError, ValueError, OverflowError):
        what = quote(repr(value), 40)
        raise ShapeError(f"`{unicode(name)}` was given {what}, which is not a number or an array") from None


def _declared_of(d: Derivation, name: str) -> Shape:
    return tuple(d.graph.declared_shape(name))


TABLE: dict[str, Backend] = {
    "numpy": Backend("numpy", numpy_source, compile_numpy),
}
