"""NumPy lines that make few arrays: what a line has made and nobody else needs is written over in place.

σ keeps e⁻ᶻ for its derivative e a a, tanh z its value for 1 − a², softmax is the exponential of its logarithm. Where
that would lose digits (tanh saturates) the stable helper is called; where e⁻ᶻ overflows NumPy raises, and the caller
runs the plain program.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from ..functions import row as function_row
from ..term import Shape, Term, postorder
from .program import Line
from .writer import ATOM, COMPARE, POWER, PRODUCT, Code, Writer, at_least

SATURATED = 0.001  # below it the rounding of a shows in 1 − a² as more than 5e-13
LARGE = 20_000  # entries from which it costs more to fill a product with zeros than `@` costs beside `dot`


class Frugal(Writer):
    """The Writer of programs that run; it knows all lines in advance."""

    def __init__(self, variables: Mapping[Term, str], lines: Sequence[Line], returned: Iterable[Term]) -> None:
        super().__init__(variables)
        self.returned = frozenset(returned)
        self.uses = Counter(n for line in lines for n in postorder(line.value))
        self.kept: dict[tuple[str, Term], tuple[str, str]] = {}  # (function, argument) → the names of value and e
        self.fresh: set[Term] = set()  # names of arrays that their own line has made
        self.targets = {line.value: line.target for line in lines}

    def assign(self, target: str, value: Term) -> list[str]:
        for form in FORMS:
            lines = form(self, target, value) if value.shape else None
            if lines is not None:
                self.fresh.add(self.targets[value])
                return lines
        code, level = self._nodes(value)
        target_ = self.targets[value]
        if level < ATOM and value.shape == target_.shape:  # an operator makes a new array; a call may return another's
            self.fresh.add(target_)
        return [f"{target} = {code}"]

    def affine(self, target: str, value: Term) -> list[str] | None:
        """Z = X W + 1 bᵀ: the product is made, the rest added in place."""
        if value.op != "add" or value.args[0].op != "matmul" or value.args[0].shape != value.shape:
            return None
        first, *rest = zip(value.args, self._broadcast(value, [self._nodes(a) for a in value.args]), strict=True)
        if "dot(" not in first[1][0]:
            return None
        signs = ["-" if a.op == "neg" else "+" for a, _ in rest]
        codes = [c[0].removeprefix("-") if a.op == "neg" else c[0] for a, c in rest]
        return [f"{target} = {first[1][0]}", *(f"{target} {s}= {c}" for s, c in zip(signs, codes, strict=True))]

    def function_of_name(self, target: str, value: Term) -> list[str] | None:
        if value.op not in ("fn", "logsoftmax") or value.args[0] not in self.variables:
            return None
        x, e = self.variables[value.args[0]], f"e_{target}"
        name = value.data if value.op == "fn" else value.op
        self.kept[name, value.args[0]] = target, e
        if name == "logsoftmax":
            return [f"{target} = {x} - {x}.max(axis=-1, keepdims=True)", f"{e} = np.exp({target})",
                    f"s_{target} = {e}.sum(axis=-1, keepdims=True)", f"{target} -= np.log(s_{target})"]  # fmt: skip
        if name != "sigmoid":
            return None
        return [f"{e} = np.exp(-{x})", f"{target} = 1.0 + {e}", f"np.divide(1.0, {target}, out={target})"]

    def slope_of_name(self, target: str, value: Term) -> list[str] | None:
        if value.op != "prime" or value.data[1] != 1:
            return None
        name = value.data[0]
        y, e = self.kept.get((name, value.args[0]), ("", ""))
        if not y or name not in SLOPES:
            return None
        return SLOPES[name](self, target, y, e, value)

    def sigmoid_slope(self, target: str, y: str, e: str, value: Term) -> list[str]:
        if self.uses[value] == 1:  # e is not needed again
            return [f"{target} = np.multiply({e}, {y}, out={e})", f"{target} *= {y}"]
        return [f"{target} = {e}*{y}", f"{target} *= {y}"]

    def tanh_slope(self, target: str, y: str, e: str, value: Term) -> list[str]:
        self.helper("tanh_slope", function_row("tanh").slope_code)
        x, near = self.variables[value.args[0]], f"near_{target}"
        return [f"{target} = {y}*{y}", f"np.subtract(1.0, {target}, out={target})",
                f"if {target}.min() < {SATURATED}:", f"    {near} = {target} < {SATURATED}",
                f"    {target}[{near}] = tanh_slope({x}[{near}])"]  # fmt: skip

    def scaled(self, target: str, value: Term) -> list[str] | None:
        """Δ = G ⊙ S where S was made for this line alone."""
        if value.op != "mul" or len(value.args) != 2 or value.args[0].shape != value.shape:
            return None
        a, b = value.args
        free = self.fresh - self.returned
        mine = next((x for x in (b, a) if x in free and self.uses[x] == 1 and x.shape == value.shape), None)
        if mine is None:
            return None
        return [f"{target} = np.multiply({self.write(a)}, {self.write(b)}, out={self.variables[mine]})"]

    # -- quicker spellings
    def _times(self, a: Term, x: Code, b: Term, y: Code) -> Code:
        if len(a.shape) == 1 and len(b.shape) == 2 and b.shape[0] == 1:
            return f"np.dot({at_least(x, ATOM)}[:, None], {at_least(y, ATOM)}[None, :])", ATOM
        code, level = super()._times(a, x, b, y)
        if code != f"{at_least(x, PRODUCT)} @ {at_least(y, POWER)}":
            return code, level
        dot = f"{at_least(x, ATOM)}.dot({y[0]})"  # takes half the time of `@` on small arrays
        if y[0].isidentifier() and _is_large(a.shape, b.shape):
            return f"{code} if len({y[0]}) > 1 else {dot}", COMPARE - 1
        return dot, ATOM

    def _summed(self, a: Term, code: Code, axis: int) -> str:
        turned = a.op == "T" and len(a.args[0].shape) == 2
        name = self.variables.get(a.args[0], "") if turned else code[0]
        if name.isidentifier():
            return _added_up(name, 1 - axis if turned else axis)
        return super()._summed(a, code, axis)

    def _operation(self, node: Term, args: list[Code]) -> Code:
        if node.op == "sum" and node.args[0] in self.variables and node.args[0].shape:
            return f"{args[0][0]}.sum()", ATOM
        if node.op == "softmax" and ("logsoftmax", node.args[0]) in self.kept:
            y, e = self.kept["logsoftmax", node.args[0]]
            return f"{e}/s_{y}", PRODUCT
        code, level = super()._operation(node, args)
        sums = re.fullmatch(r"np\.sum\((\w+), axis=([01])\)", code)
        return (_added_up(sums[1], int(sums[2])), ATOM) if sums else (code, level)


def _is_large(a: Shape, b: Shape) -> bool:
    """Whether AᵀB over a batch is a large matrix: `dot` fills it with zeros first, `@` is slow for a batch of 1."""
    if len(a) != 2 or len(b) != 2 or isinstance(b[0], int):
        return False
    return isinstance(a[0], int) and isinstance(b[1], int) and a[0] * b[1] >= LARGE


def _added_up(x: str, axis: int) -> str:
    """Sums along an axis as a product with ones, which BLAS carries out."""
    return f"np.dot({x}, np.ones({x}.shape[1]))" if axis else f"np.dot(np.ones(len({x})), {x})"


FORMS: tuple[Callable[[Frugal, str, Term], list[str] | None], ...] = (
    Frugal.affine, Frugal.function_of_name, Frugal.slope_of_name, Frugal.scaled,
)  # fmt: skip
SLOPES: dict[str, Callable[[Frugal, str, str, str, Term], list[str]]] = {
    "sigmoid": Frugal.sigmoid_slope, "tanh": Frugal.tanh_slope,
}  # fmt: skip
