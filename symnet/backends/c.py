"""C99 source of a scalar program: the same lines and helpers, every number a double.

    double gradient(const double *values, double *slopes)

takes the inputs in the order of `.inputs`, writes the gradient in the order of `.wrt`, and returns the value. Where a
value does not exist or is too large, C gives nan or inf; nothing is raised.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence

from ..derivation import Derivation
from ..errors import RuleError
from ..names import identifiers
from .dialects import MATH, helper, is_helper, translated
from .scalars import code_of, scalar_graph

WORDS = (
    "auto break case char const continue default do double else enum extern float for goto if inline int long register "
    "restrict return short signed sizeof static struct switch typedef union unsigned void volatile while main "
    "values slopes gradient"
)
C_MATH = (
    "acos asin atan atan2 cos sin tan acosh asinh atanh cosh sinh tanh exp exp2 expm1 frexp ilogb ldexp log log10 "
    "log1p log2 logb modf scalbn scalbln cbrt fabs hypot pow sqrt erf erfc lgamma tgamma ceil floor nearbyint rint "
    "lrint llrint round lround llround trunc fmod remainder remquo copysign nan nextafter nexttoward fdim fmax fmin "
    "fma j0 j1 jn y0 y1 yn gamma signgam drem significand scalb pow10 exp10 div abs signbit isnan isinf finite"
)
LSE = """static double lse(int n, const double *z) {
    double m = z[0], rest = 0.0;
    for (int i = 1; i < n; i++) {
        if (z[i] > m) {
            rest = (rest + 1.0)*exp(m - z[i]);
            m = z[i];
        } else {
            rest += exp(z[i] - m);
        }
    }
    return m + log1p(rest);
}"""
PRODUCT, SUM, COMPARED, ATOM = 3, 2, 1, 4
OPERATORS: dict[type, tuple[str, int]] = {
    ast.Add: (" + ", SUM), ast.Sub: (" - ", SUM), ast.Mult: ("*", PRODUCT), ast.Div: ("/", PRODUCT),
}  # fmt: skip
RELATIONS: dict[type, str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip
OTHER_NAMES = {"abs": "fabs", "max": "fmax", "min": "fmin"}


def c_source(d: Derivation) -> str:
    """The program of the value and of all gradients as a C99 function."""
    graph = scalar_graph(d)
    if graph is None:
        raise RuleError("the backend c is for scalars; this graph has arrays, use the backend numpy")
    code = code_of(graph, d.wrt, careful=True)
    locals_ = [*code.inputs.values(), *(line.split(" ", 1)[0] for line in code.lines)]
    taken = {*WORDS.split(), *C_MATH.split(), *(n for n in code.calls if is_helper(n, MATH))}
    rename = identifiers(list(dict.fromkeys(locals_)), taken)
    write = _Writer(rename)
    body = [f"double {rename[name]} = values[{i}];" for i, name in enumerate(code.inputs.values())]
    body += [s for line in code.lines for s in write.statement(ast.parse(translated(line, MATH)).body[0])]
    body += [f"slopes[{i}] = {write.text(c)};" for i, c in enumerate(code.gradient.values())]
    body.append(f"return {write.text(code.values[0])};")
    helpers = [part for n in code.calls if is_helper(n, MATH) for part in ("", *_helper(n))]
    order = f"/* values: {', '.join(graph.inputs)}; slopes: {', '.join(d.wrt)} */"
    head = "double gradient(const double *values, double *slopes) {"
    return "\n".join(["#include <math.h>", *helpers, "", order, head, *("    " + line for line in body), "}", ""])


def c_compile(d: Derivation) -> Callable[..., object]:
    raise RuleError('the backend c writes source only: save `source("c")` and give it to a C compiler with -lm')


def _helper(name: str) -> list[str]:
    if name == "lse":
        return LSE.split("\n")
    function = ast.parse("\n".join(helper(name, MATH))).body[0]
    assert isinstance(function, ast.FunctionDef)
    lines = [s for statement in function.body for s in _Writer({}).statement(statement)]
    parameters = ", ".join(f"double {a.arg}" for a in function.args.args)
    return [f"static double {name}({parameters}) {{", *("    " + line for line in lines), "}"]


class _Writer:
    """Python's expressions in C: a number is a double, a power a call, a choice `c ? a : b`."""

    def __init__(self, rename: dict[str, str]) -> None:
        self.rename = rename

    def text(self, code: str) -> str:
        return self.write(ast.parse(translated(code, MATH), mode="eval").body)

    def statement(self, node: ast.stmt) -> list[str]:
        if isinstance(node, ast.Return) and node.value is not None:
            return [f"return {self.write(node.value)};"]
        if isinstance(node, ast.Assign):
            target, value = node.targets[0], node.value
            pairs = zip(target.elts, value.elts, strict=True) if isinstance(target, ast.Tuple) and isinstance(
                value, ast.Tuple) else [(target, value)]  # fmt: skip
            return [f"double {self.write(t)} = {self.write(v)};" for t, v in pairs]
        raise RuleError(f"`{ast.unparse(node)[:60]}` has no form in c; use the backend math")

    def write(self, node: ast.expr, level: int = 0) -> str:
        text, own = self._node(node)
        return text if own >= level else f"({text})"

    def _node(self, node: ast.expr) -> tuple[str, int]:
        match node:
            case ast.Name(id=name):
                return self.rename.get(name, name), ATOM
            case ast.Constant(value=bool() | int() | float() as value):
                return repr(float(value)), ATOM
            case ast.BinOp(left=a, op=ast.Pow(), right=b):
                return f"pow({self.write(a)}, {self.write(b)})", ATOM
            case ast.BinOp(left=a, op=op, right=b) if type(op) in OPERATORS:
                sign, own = OPERATORS[type(op)]
                return f"{self.write(a, own)}{sign}{self.write(b, own + 1)}", own
            case ast.UnaryOp(op=ast.USub(), operand=a):
                return f"-{self.write(a, PRODUCT)}", SUM
            case ast.Compare(left=a, ops=[op], comparators=[b]) if type(op) in RELATIONS:
                return f"{self.write(a, SUM)} {RELATIONS[type(op)]} {self.write(b, SUM)}", COMPARED
            case ast.BoolOp(op=op, values=values):
                sign = " && " if isinstance(op, ast.And) else " || "
                return sign.join(self.write(v, ATOM) for v in values), 0
            case ast.UnaryOp(op=ast.Not(), operand=a):
                return f"!{self.write(a, ATOM)}", PRODUCT
            case ast.IfExp(test=c, body=a, orelse=b):
                return f"{self.write(c, COMPARED)} ? {self.write(a, COMPARED)} : {self.write(b)}", 0
            case ast.Call(func=ast.Name(id=name), args=args):
                return self._call(name, args), ATOM
        raise RuleError(f"`{ast.unparse(node)[:60]}` has no form in c; use the backend math")

    def _call(self, name: str, args: Sequence[ast.expr]) -> str:
        if name == "float":
            return "NAN"
        written = [self.write(a) for a in args]
        if name in ("max", "min"):
            return _nested(OTHER_NAMES[name], written)
        if name == "lse":
            return f"lse({len(written)}, (const double[]){{{', '.join(written)}}})"
        return f"{OTHER_NAMES.get(name, name)}({', '.join(written)})"


def _nested(name: str, parts: Iterable[str]) -> str:
    out = ""
    for p in parts:
        out = f"{name}({out}, {p})" if out else p
    return out
