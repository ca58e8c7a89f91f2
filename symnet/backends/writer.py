"""Terms as NumPy expressions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from ..errors import RuleError
from ..functions import row as function_row
from ..operations import TABLE as OPERATIONS
from ..operations import dimension, directions, of_number, window_sizes
from ..pullbacks import next_slope
from ..term import Term, matmul, postorder, prime, rows_cols
from ..tidy import tidy
from .helpers import HELPERS, PARAMETERS

ATOM, POWER, PRODUCT, SUM, COMPARE = 5, 4, 3, 2, 1
Code = tuple[str, int]  # an expression and how tightly it holds together


class Writer:
    """Terms as NumPy expressions; remembers the helpers and the dimensions that they used."""

    def __init__(self, variables: Mapping[Term, str]) -> None:
        self.variables = variables
        self.helpers: dict[str, tuple[str, ...]] = {}
        self.dimensions: dict[str, None] = {}

    def write(self, root: Term) -> str:
        return self._nodes(root)[0]

    def assign(self, target: str, value: Term) -> list[str]:
        """The statements for one line."""
        return [f"{target} = {self.write(value)}"]

    def _nodes(self, root: Term) -> Code:
        memo: dict[Term, Code] = {}
        for node in postorder(root):
            memo[node] = self._node(node, [memo[a] for a in node.args])
        return memo[root]

    def _node(self, node: Term, args: list[Code]) -> Code:
        if node in self.variables:
            if "dimension" in node.facts:
                self.dimensions[node.name] = None
            return self.variables[node], ATOM
        if node.op in _STRUCTURE:
            return _STRUCTURE[node.op](self, node, args)
        if node.op in OPERATIONS:
            return self._operation(node, args)
        raise RuleError(f"`{node.data if node.op == 'apply' else node.op}` has no NumPy form")

    def number(self, node: Term, args: list[Code]) -> Code:
        value: Fraction = node.data[0]
        if value.denominator == 1 and value < 10**15:
            return str(value.numerator), ATOM
        return repr(_float(value)), ATOM

    def symbol(self, node: Term, args: list[Code]) -> Code:
        if "dimension" in node.facts:
            self.dimensions[node.name] = None
            return self.variables.get(node, node.name), ATOM
        if "constant" in node.facts:
            return f"np.{node.name}", ATOM
        raise RuleError(f"`{node.name}` is not among the variables of the program")

    def sum(self, node: Term, args: list[Code]) -> Code:
        out = ""
        for a, (text, level) in zip(node.args, self._broadcast(node, args), strict=True):
            minus = a.op == "neg"
            body = text[1:] if minus and text.startswith("-") else text
            body = body if level >= SUM + (1 if out else 0) else f"({body})"
            out += (" - " if minus else " + ") + body if out else ("-" if minus else "") + body
        return out, SUM

    def minus(self, node: Term, args: list[Code]) -> Code:
        return "-" + at_least(args[0], PRODUCT), PRODUCT

    def product(self, node: Term, args: list[Code]) -> Code:
        args = self._broadcast(node, args)
        parts = [p for a, p in zip(node.args, args, strict=True) if not self._needless_ones(a, node)]
        if not parts:
            return args[0]
        return "*".join(at_least(p, PRODUCT + (1 if i else 0)) for i, p in enumerate(parts)), PRODUCT

    def _broadcast(self, node: Term, args: list[Code]) -> list[Code]:
        """1 bᵀ and b 1ᵀ beside a full matrix are b spread by NumPy itself."""
        spreads = [_spread(a) if a.shape == node.shape else None for a in node.args]
        if not any(spreads) or all(s or a.shape != node.shape for s, a in zip(spreads, node.args, strict=True)):
            return args
        return [self._spread(*s) if s else a for s, a in zip(spreads, args, strict=True)]

    def _spread(self, vector: Term, suffix: str, minus: bool) -> Code:
        code = self._nodes(vector)
        code = (f"{at_least(code, ATOM)}{suffix}", ATOM) if suffix else code
        return (f"-{at_least(code, PRODUCT)}", PRODUCT) if minus else code

    def _needless_ones(self, a: Term, node: Term) -> bool:
        return a.op == "ones" and any(b.shape == node.shape and b.op != "ones" for b in node.args)

    def quotient(self, node: Term, args: list[Code]) -> Code:
        return f"{at_least(args[0], PRODUCT)}/{at_least(args[1], POWER)}", PRODUCT

    def power(self, node: Term, args: list[Code]) -> Code:
        base, k = node.args
        exponent = k.number
        if base.op == "norm2" and exponent == 2:
            inner = self._nodes(base.args[0])
            return (f"np.vdot({inner[0]}, {inner[0]})" if inner[1] == ATOM else f"np.sum(({inner[0]})**2)"), ATOM
        if exponent is not None and exponent.denominator == 1 and -64 <= exponent <= 64:
            return f"{at_least(args[0], ATOM)}**{int(exponent)}", POWER
        self.helper("power", ("return np.power(np.asarray(x, dtype=float), k)",), "x, k")
        return f"power({args[0][0]}, {args[1][0]})", ATOM

    def matrix_product(self, node: Term, args: list[Code]) -> Code:
        """`@`, an outer product where a column meets a row; the shape decides."""
        left, code = node.args[0], args[0]
        for right, text in zip(node.args[1:], args[1:], strict=True):
            code = self._times(left, code, right, text)
            left = matmul(left, right)
        return code

    def _times(self, a: Term, x: Code, b: Term, y: Code) -> Code:
        column, row = len(a.shape) == 1, len(b.shape) == 2 and b.shape[0] == 1
        row_of_ones = len(a.shape) == 2 and a.shape[0] == 1
        if column and row:
            return f"np.outer({x[0]}, {y[0]})", ATOM
        if b.op == "ones" and len(b.shape) == 1 and len(a.shape) == 2 and a.shape[0] != 1:
            return self._summed(a, x, 1), ATOM
        if a.op == "T" and a.args[0].op == "ones" and row_of_ones and len(b.shape) == 2 and b.shape[0] != 1:
            return self._summed(b, y, 0), ATOM
        if not a.shape or not b.shape:
            return f"{at_least(x, PRODUCT)}*{at_least(y, POWER)}", PRODUCT
        return f"{at_least(x, PRODUCT)} @ {at_least(y, POWER)}", PRODUCT

    def _summed(self, a: Term, code: Code, axis: int) -> str:
        """A 1 and 1ᵀ A are sums along an axis."""
        if a.op == "T" and len(a.args[0].shape) == 2:
            return f"np.sum({self.write(a.args[0])}, axis={1 - axis})"
        return f"np.sum({code[0]}, axis={axis})"

    def transposed(self, node: Term, args: list[Code]) -> Code:
        x = node.args[0]
        flat = len(x.shape) < 2 or x.shape[0] == 1
        return args[0] if flat else (at_least(args[0], ATOM) + ".T", ATOM)

    def entries(self, node: Term, args: list[Code]) -> Code:
        return f"np.array([{', '.join(a[0] for a in args)}])", ATOM

    def contraction(self, node: Term, args: list[Code]) -> Code:
        return f"np.einsum({', '.join([repr(node.data), *(a[0] for a in args)])})", ATOM

    def inverse_norm(self, node: Term, args: list[Code]) -> Code:
        self.helper("inverse_norm", ("return 1/x if x > 0 else 0.0  # the convention at the corner of a norm",))
        return f"inverse_norm({args[0][0]})", ATOM

    def adjugate(self, node: Term, args: list[Code]) -> Code:
        self.helper("adjugate", HELPERS["adjugate"])
        return f"adjugate({args[0][0]})", ATOM

    def matrix_power(self, node: Term, args: list[Code]) -> Code:
        return f"np.linalg.matrix_power({args[0][0]}, int({args[1][0]}))", ATOM

    def function(self, node: Term, args: list[Code]) -> Code:
        return self._call(node.data, function_row(node.data).code, args)

    def derivative(self, node: Term, args: list[Code]) -> Code:
        name, order = node.data
        if order > 1:
            return self._nodes(tidy(next_slope(prime(name, node.args[0], order - 1))))
        return self._call(f"{name}_slope", function_row(name).slope_code, args)

    def _call(self, name: str, code: tuple[str, ...], args: list[Code]) -> Code:
        if len(code) == 1 and code[0].startswith("return np.") and code[0].endswith("(x)") and code[0].count("(") == 1:
            return f"{code[0][7:-3]}({args[0][0]})", ATOM
        self.helper(name, code)
        return f"{name}({args[0][0]})", ATOM

    def choice(self, node: Term, args: list[Code]) -> Code:
        out = args[-1][0] if len(args) % 2 else "np.nan"
        out += ".0" if node.shape and out.isdigit() else ""  # an array of floats, whatever the other branches are
        pairs = len(args) - len(args) % 2
        for i in range(pairs - 2, -1, -2):
            value, condition = args[i][0], args[i + 1][0]
            scalar = not node.shape  # then the branch that is not taken is not computed
            out = f"({value} if {condition} else {out})" if scalar else f"np.where({condition}, {value}, {out})"
        return out, ATOM

    def both(self, node: Term, args: list[Code]) -> Code:
        return "(" + {"and": " & ", "or": " | "}[node.op].join(f"({a[0]})" for a in args) + ")", ATOM

    def negation(self, node: Term, args: list[Code]) -> Code:
        return f"np.logical_not({args[0][0]})", ATOM

    def relation(self, node: Term, args: list[Code]) -> Code:
        kind = "==" if node.data == "=" else node.data
        return f"{at_least(args[0], SUM)} {kind} {at_least(args[1], SUM)}", COMPARE

    def _operation(self, node: Term, args: list[Code]) -> Code:
        plain = of_number(node)
        if plain is not None:
            return self._nodes(plain)
        special = _OPERATIONS.get(node.op)
        if special is not None:
            return special(self, node, args)
        if node.op in WINDOWED:
            return self._with_sides(node, self._called(node, self._sided(node, args)))
        return self._called(node, args)

    def _sided(self, node: Term, args: list[Code]) -> list[Code]:
        """An image with a side of 1 has no such axis in NumPy here; the windows need it."""
        count = directions(node)
        return [(f"np.reshape({c[0]}, {window_sizes(a, count)})", ATOM)
                if i < WINDOWED[node.op] and len(sides(a)) != count else c
                for i, (a, c) in enumerate(zip(node.args, args, strict=True))]  # fmt: skip

    def _with_sides(self, node: Term, code: Code) -> Code:
        if len(sides(node)) == directions(node):
            return code
        return f"np.reshape({code[0]}, {sides(node)})", ATOM

    def _called(self, node: Term, args: list[Code]) -> Code:
        """The template of the row."""
        row = OPERATIONS[node.op]
        for name, body in HELPERS.items():
            if row.numpy.startswith(name + "("):
                self.helper(name, body, PARAMETERS.get(name, "x"))
        inner = ", ".join(a[0] for a in args)
        first = at_least(args[0], ATOM) if "}**" in row.numpy or "}." in row.numpy else args[0][0]
        code = row.numpy.replace("{0}", first if row.arity else inner)
        for i, (text, _) in enumerate(args):
            code = code.replace(f"{{{i}}}", text)
        return code.replace("{rest}", ", ".join(a[0] for a in args[4:])), ATOM

    def kronecker(self, node: Term, args: list[Code]) -> Code:
        """A column whose product is a matrix stands upright; NumPy takes it for a row."""
        upright = len(node.shape) == 2 and node.shape[0] != 1
        parts = [f"{at_least(p, ATOM)}[:, None]" if upright and len(a.shape) == 1 else p[0]
                 for a, p in zip(node.args, args, strict=True)]  # fmt: skip
        return f"np.kron({', '.join(parts)})", ATOM

    def blocks(self, node: Term, args: list[Code]) -> Code:
        """The blocks of G as an array of order 4, contracted with the other factor; sizes of 1 are summed away."""
        (m, n), (p, q) = rows_cols(node.shape), rows_cols(node.args[1].shape)
        out = "ij"[m == 1 : 1 + (n != 1)]
        inner = [self.write(dimension(k)) for k in (p, q)]
        outer = [self.write(dimension(k)) for k in (m, n)]
        dot = node.op == "blockdot"
        (top, left), (down, right) = (outer, inner) if dot else (inner, outer)
        how = f"ikjl,kl->{out}" if dot else f"kilj,kl->{out}"
        split = f"np.reshape({args[0][0]}, ({top}, {down}, {left}, {right}))"
        return f"np.einsum({how!r}, {split}, np.reshape({args[1][0]}, ({', '.join(inner)})))", ATOM

    def filled(self, node: Term, args: list[Code]) -> Code:
        inner = args[0][0] if len(args) == 1 else f"({', '.join(a[0] for a in args)})"
        return f"np.{node.op}({inner})", ATOM

    def over_array(self, node: Term, args: list[Code]) -> Code:
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


_STRUCTURE: dict[str, Callable[[Writer, Term, list[Code]], Code]] = {
    "num": Writer.number, "sym": Writer.symbol, "add": Writer.sum, "neg": Writer.minus, "mul": Writer.product,
    "div": Writer.quotient, "pow": Writer.power, "matmul": Writer.matrix_product, "T": Writer.transposed,
    "matpow": Writer.matrix_power, "einsum": Writer.contraction, "inverse_norm": Writer.inverse_norm,
    "adjugate": Writer.adjugate, "vector": Writer.entries, "fn": Writer.function,
    "prime": Writer.derivative, "cases": Writer.choice,
    "rel": Writer.relation, "and": Writer.both, "or": Writer.both, "not": Writer.negation,
}  # fmt: skip
WINDOWED = {"conv": 2, "conv_input": 2, "conv_kernel": 2, "max_pool": 1, "unpool": 2, "picked": 2}  # arrays in front


def sides(x: Term) -> tuple[int | str, ...]:
    """The axes that an array has in NumPy: a column and a row have one."""
    return tuple(n for n in x.shape if n != 1)


_OPERATIONS: dict[str, Callable[[Writer, Term, list[Code]], Code]] = {
    **dict.fromkeys(("ones", "zeros", "eye"), Writer.filled),
    "kron": Writer.kronecker,
    **dict.fromkeys(("blockdot", "blocksum"), Writer.blocks),
    **dict.fromkeys(("rowsum", "colsum", "rowmean", "colmean"), Writer.over_array),
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


def at_least(code: Code, level: int) -> str:
    return code[0] if code[1] >= level else f"({code[0]})"
