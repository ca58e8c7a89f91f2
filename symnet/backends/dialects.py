"""The same program in other libraries: NumPy's functions, name by name, in `math`, JAX and PyTorch.

Every program is written once, with the names of NumPy or `math`; a dialect is a table of templates for those names.
What has no template in a dialect is refused by name.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..errors import RuleError
from ..functions import TABLE as FUNCTIONS
from .helpers import PARAMETERS

MATH_NAMES = (
    "acos", "acosh", "asin", "asinh", "atan", "atanh", "cos", "cosh", "erf", "erfc", "exp", "expm1", "hypot", "log",
    "log1p", "pow", "sin", "sinh", "sqrt", "tan", "tanh",
)  # fmt: skip
SAME = (
    "abs", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctanh", "cos", "cosh", "diag", "exp", "expm1", "eye",
    "kron", "log", "log1p", "log2", "maximum", "minimum", "ones", "sign", "sin", "sinh", "sqrt", "squeeze", "sum",
    "tan", "tanh", "trace", "where", "zeros",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Dialect:
    """`calls`: a function of NumPy or `math` → a template in its operands {0}, {1}, {kw} and {all}."""

    name: str
    module: str
    head: tuple[str, ...]
    calls: Mapping[str, str]
    choice: str = ""  # how `a if c else b` is written; "" leaves it
    helpers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    keywords: Mapping[str, str] = field(default_factory=dict)


LSE = (
    "m, rest = z[0], 0.0",
    "for t in z[1:]:",
    "    if t > m:",
    "        rest, m = (rest + 1.0)*exp(m - t), t",
    "    else:",
    "        rest += exp(t - m)",
    "return m + log1p(rest)",
)
_POWERS = {"power": "pow({0}, {1})", "divide": "{0}/{1}", "float64": "{0}"}
_ARC = {f"arc{n}": f"a{n}({{0}})" for n in ("sin", "cos", "tan", "sinh", "cosh", "tanh")}

MATH = Dialect(
    "math",
    "math",
    (),
    {
        **{n: f"{n}({{0}})" for n in MATH_NAMES}, **_POWERS, **_ARC,
        "pow": "pow({0}, {1})", "hypot": "hypot({0}, {1})", "abs": "abs({0})", "fabs": "abs({0})",
        "where": "({1} if {0} else {2})", "maximum": "max({0}, {1})", "minimum": "min({0}, {1})",
        "max": "max({all})", "min": "min({all})", "heaviside": "(1.0 if {0} > 0 else {1})",
        "clip": "min(max({0}, {1}), {2})", "sign": "(({0} > 0) - ({0} < 0))",
        "logical_not": "(not {0})",
    },
    helpers={"lse": LSE},
)  # fmt: skip

NUMBA = replace(MATH, name="numba", head=("from numba import njit",))

NUMPY = Dialect(
    "numpy",
    "np",
    ("import functools", "import math", "", "import numpy as np"),
    {
        **{n: f"np.{n}({{all}})" for n in MATH_NAMES if n not in ("erf", "erfc", "pow") and n[0] != "a"},
        **{n: f"np.arc{n[1:]}({{0}})" for n in ("asin", "acos", "atan", "asinh", "acosh", "atanh")},
        "pow": "np.power({0}, 1.0*{1})", "abs": "np.abs({0})", "sign": "np.sign({0})",
        "max()": "functools.reduce(np.maximum, ({all}))", "min()": "functools.reduce(np.minimum, ({all}))",
    },
    helpers={
        "lse()": ("z = np.sort(np.stack(np.broadcast_arrays(*z)), axis=0)",
                  "return z[-1] + np.log1p(np.sum(np.exp(z[:-1] - z[-1]), axis=0))"),
    },
)  # fmt: skip

JAX = Dialect(
    "jax",
    "jnp",
    ("import functools", "", "import jax", "import jax.numpy as jnp"),
    {
        **{n: f"jnp.{n}({{all}}{{kw}})" for n in (*SAME, "heaviside", "clip", "hypot", "divide", "power", "outer",
            "vdot", "diagonal", "ravel", "reshape", "asarray", "max", "mean", "logical_not", "fabs", "linalg.inv",
            "linalg.det", "linalg.slogdet", "linalg.matrix_power", "linalg.norm", "linalg.svd", "prod", "ceil",
            "einsum")},
        **{n: f"jnp.arc{n[1:]}({{0}})" for n in ("asin", "acos", "atan", "asinh", "acosh", "atanh")},
        "erf": "jax.scipy.special.erf({0})", "erfc": "jax.scipy.special.erfc({0})", "float64": "{0}",
        "pow": "jnp.power({0}, {1})", "max()": "functools.reduce(jnp.maximum, ({all}))",
        "min()": "functools.reduce(jnp.minimum, ({all}))",
    },
    choice="jnp.where({0}, {1}, {2})",
    helpers={
        "lse()": ("z = jnp.sort(jnp.stack(jnp.broadcast_arrays(*z)), axis=0)",
                  "return z[-1] + jnp.log1p(jnp.sum(jnp.exp(z[:-1] - z[-1]), axis=0))"),
        "expm": ("return jax.scipy.linalg.expm(x)",),
    },
)  # fmt: skip

TORCH = Dialect(
    "torch",
    "torch",
    ("import functools", "", "import torch"),
    {
        **{n: f"torch.{n}({{all}}{{kw}})" for n in (*SAME, "outer", "diagonal", "mean", "linalg.inv", "linalg.det",
            "linalg.slogdet", "linalg.matrix_power", "linalg.svd", "prod", "logical_not", "einsum", "reshape",
            "ravel")},
        **{n: f"torch.arc{n[1:]}({{0}})" for n in ("asin", "acos", "atan", "asinh", "acosh", "atanh")},
        **{n: f"torch.{n}({{all}}{{kw}}, **_like)" for n in ("ones", "zeros", "eye")},  # as the arrays that are given
        "erf": "torch.erf({0})", "erfc": "torch.special.erfc({0})", "float64": "{0}", "fabs": "torch.abs({0})",
        "pow": "torch.pow({0}, {1})", "power": "torch.pow({0}, {1})", "divide": "{0}/{1}",
        "maximum": "torch.clamp({0}, min={1})", "minimum": "torch.clamp({0}, max={1})",
        "heaviside": "({0} > 0).to({0}.dtype)", "clip": "torch.clamp({0}, {1}, {2})", "max": "torch.amax({all}{kw})",
        "hypot": "torch.hypot(torch.ones_like({1}), {1})", "vdot": "torch.sum(({0})*({1}))",
        "asarray": "{0}", "max()": "torch.stack(torch.broadcast_tensors(*map(torch.as_tensor, ({all})))).amax(0)",
        "min()": "torch.stack(torch.broadcast_tensors(*map(torch.as_tensor, ({all})))).amin(0)",
    },
    helpers={
        "lse()": ("z = torch.sort(torch.stack(torch.broadcast_tensors(*map(torch.as_tensor, z))), dim=0).values",
                  "return z[-1] + torch.log1p(torch.sum(torch.exp(z[:-1] - z[-1]), dim=0))"),
        "expm": ("return torch.matrix_exp(x)",),
        "maximum": ("return functools.reduce(lambda a, b: torch.where(a >= b, a, b), map(torch.as_tensor, x))",),
        "minimum": ("return functools.reduce(lambda a, b: torch.where(a <= b, a, b), map(torch.as_tensor, x))",),
    },
    keywords={"axis": "dim", "keepdims": "keepdim"},
)  # fmt: skip


DIALECTS = {d.name: d for d in (NUMPY, MATH, NUMBA, JAX, TORCH)}


class _Translator(ast.NodeTransformer):
    def __init__(self, dialect: Dialect, own: Iterable[str], sizes: Iterable[str] = ()) -> None:
        self.dialect = dialect
        self.own = frozenset(own)
        self.sizes = frozenset(sizes)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        inner = node.func
        if isinstance(inner, ast.Call) and _dotted(inner.func) == "np.frompyfunc" and self.dialect.module != "np":
            return self._call(_dotted(inner.args[0]).removeprefix("math."), node)
        name = _dotted(inner)
        if name.startswith("np.") and self.dialect.module != "np":
            return self._call(name[3:], node)
        bare = name.isidentifier() and name not in self.own
        if bare and (name in self.dialect.calls or f"{name}()" in self.dialect.calls):
            return self._call(f"{name}()" if f"{name}()" in self.dialect.calls else name, node)
        self.generic_visit(node)
        return node

    def _call(self, name: str, node: ast.Call) -> ast.AST:
        template = self.dialect.calls.get(name)
        if template is None:
            raise RuleError(f"`{name}` has no form in {self.dialect.name}; use the backend numpy")
        args = [ast.unparse(self.visit(a)) for a in node.args]
        if self.dialect.name == "torch" and name in MATH_NAMES:  # a function of a number alone, √π, √d
            args = [f"torch.tensor({a}, dtype=torch.float64)" if self._is_number(a) else a for a in args]
        words = {self.dialect.keywords.get(k.arg or "", k.arg): ast.unparse(self.visit(k.value)) for k in node.keywords}
        kw = "".join(f", {k}={v}" for k, v in words.items())
        level = [a if re.fullmatch(r"[\w.]+|\w+\(.*\)", a) else f"({a})" for a in args]
        whole = "(" not in template or template.startswith("(")
        text = template.format(*(level if whole else args), all=", ".join(args), kw=kw)
        return ast.parse(text, mode="eval").body

    def _is_number(self, code: str) -> bool:
        return self.sizes.issuperset(re.findall(r"[A-Za-z_]\w*", code))

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        name = _dotted(node)
        if self.dialect.module == "np":
            return node
        if name in ("np.pi", "np.e", "np.nan"):
            return ast.parse("float('nan')" if name == "np.nan" else repr(_constant(name[3:])), mode="eval").body
        if name in ("np.maximum", "np.minimum"):
            return ast.parse(f"{self.dialect.module}.{name[3:]}", mode="eval").body
        self.generic_visit(node)
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        """A truth value that is reckoned with takes the type of what was compared (PyTorch would make it single)."""
        self.generic_visit(node)
        if self.dialect.name == "torch" and not isinstance(node.op, ast.BitAnd | ast.BitOr):
            node.left, node.right = _as_number(node.left), _as_number(node.right)
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        self.generic_visit(node)
        if not self.dialect.choice:
            return node
        parts = [ast.unparse(x) for x in (node.test, node.body, node.orelse)]
        return ast.parse(self.dialect.choice.format(*parts), mode="eval").body


def _as_number(node: ast.expr) -> ast.expr:
    if not isinstance(node, ast.Compare):
        return node
    name = next(n.id for n in ast.walk(node) if isinstance(n, ast.Name) and n.id != "torch")
    return ast.parse(f"({ast.unparse(node)}).to({name}.dtype)", mode="eval").body


def _constant(name: str) -> float:
    import math

    return float(getattr(math, name))


def _dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return ""


def translated(line: str, dialect: Dialect, own: Iterable[str] = (), sizes: Iterable[str] = ()) -> str:
    """One statement of a program; `own` are functions that the program defines itself, `sizes` whole numbers."""
    if is_plain(line, dialect):
        return line
    return ast.unparse(_Translator(dialect, own, sizes).visit(ast.parse(f"def f():\n {line}")).body[0].body[0])


def helper(name: str, dialect: Dialect, lines: Sequence[str] = ()) -> list[str]:
    """The definition of a helper; `lines` is its text in NumPy, if it is not that of a row."""
    special = dialect.helpers.get(name if name != "lse" or dialect.module == "math" else "lse()")
    if name == "lse" and lines:
        special = None  # that of an array
    elif name == "lse" and special is not None:
        return ["def lse(*z):", *("    " + b for b in special)]
    if special is not None:
        return [f"def {name}({PARAMETERS.get(name, 'x')}):", *("    " + b for b in special)]
    if not lines:
        row = FUNCTIONS[name.removesuffix("_slope") if name not in FUNCTIONS else name]
        lines = [f"def {name}(x):", *("    " + b for b in (row.code if name in FUNCTIONS else row.slope_code))]
    text = "\n".join(lines)
    return ast.unparse(_Translator(dialect, ()).visit(ast.parse(text))).split("\n")


def is_helper(name: str, dialect: Dialect) -> bool:
    """Whether a program in this dialect defines that function itself."""
    if name in dialect.calls or f"{name}()" in dialect.calls:
        return False
    return name == "lse" or name in FUNCTIONS or name.removesuffix("_slope") in FUNCTIONS


def is_plain(line: str, dialect: Dialect) -> bool:
    """Whether a line already is what the dialect writes."""
    if dialect.module != "math" or "np." in line:
        return False
    called = set(re.findall(r"\b(\w+)\(", line))
    return all(dialect.calls.get(n, f"{n}({{0}})") == f"{n}({{0}})" for n in called)


def math_names(lines: Iterable[str]) -> list[str]:
    """The functions of `math` that the lines call."""
    text = " " + "\n".join(lines)
    return [n for n in MATH_NAMES if _is_called(n, text)]


def _is_called(name: str, text: str) -> bool:
    place = text.find(f"{name}(")
    while place >= 0 and (text[place - 1].isalnum() or text[place - 1] == "_"):
        place = text.find(f"{name}(", place + 1)
    return place >= 0
