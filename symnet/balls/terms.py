"""A Term evaluated over jets, node by node: one rule for each operation."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import reduce

from ..errors import DomainError, NameLookupError, RuleError, SizeError
from ..term import Term, sym
from .grids import (
    ARRAY,
    Grid,
    Value,
    adjugate_of,
    by_length,
    column_of,
    each,
    grid_of,
    identity_of,
    kronecker,
    matrix_power,
    product_of,
    rows_of,
)
from .jets import (
    ONE,
    TERMS,
    WITH_JUMPS,
    ZERO,
    BallMath,
    Corner,
    Epsilon,
    Jet,
    as_int,
    depth_of,
    elementwise,
    jet_of,
    maximum_of,
    minimum_of,
    power_of,
    refuse_value,
    sign,
    sign_of,
    vanishes,
)
from .windows import WINDOWS


@dataclass(slots=True)
class Run:
    """One evaluation: the values of the names, the dimensions, and how many ε are in use."""

    values: dict[str, Value]
    dims: dict[str, int]
    depth: int = 0
    memo: dict[Term, Value] = field(default_factory=dict)

    def inside(self, name: str, value: Value, depth: int | None = None) -> Run:
        """The same, with one more name."""
        return Run({**self.values, name: value}, self.dims, self.depth if depth is None else depth)


def value_of(run: Run, root: Term) -> Value:
    """The value of a Term, each distinct node once; only the branch of `cases` that is taken; iterative."""
    memo, stack = run.memo, [root]
    while stack:
        node = stack[-1]
        waiting = [] if node in memo else _waiting(node, memo)
        if waiting:
            stack.extend(waiting)
            continue
        if node not in memo:
            memo[node] = _visit(run, node)
        stack.pop()
    return memo[root]


def _waiting(node: Term, memo: dict[Term, Value]) -> list[Term]:
    """The operands that are needed and not there yet."""
    needed = NEEDS.get(node.op, _all if node.op in RULES or node.op in ARRAY else _none)
    return [a for a in needed(node, memo) if a not in memo]


def _all(node: Term, memo: dict[Term, Value]) -> Sequence[Term]:
    return node.args


def _none(node: Term, memo: dict[Term, Value]) -> Sequence[Term]:
    return ()


def _branch(node: Term, memo: dict[Term, Value]) -> list[Term]:
    """The conditions up to the first true one, then its value."""
    for value, condition in zip(node.args[::2], node.args[1::2], strict=False):
        if condition not in memo:
            return [condition]
        if memo[condition]:
            return [value]
    if len(node.args) % 2 == 0:
        raise DomainError("no case holds at this point")
    return [node.args[-1]]


NEEDS: dict[str, Callable[[Term, dict[Term, Value]], Sequence[Term]]] = {
    "cases": _branch,
    "sigma": lambda node, memo: node.args[2:],
    "diff": _none, "deriv": _none, "ones": _none, "zeros": _none, "eye": _none,
}  # fmt: skip


def _visit(run: Run, node: Term) -> Value:
    rule = RULES.get(node.op)
    if rule is not None:
        return rule(run, node, *(run.memo[a] for a in node.args if a in run.memo))
    if node.op in ARRAY:
        return ARRAY[node.op](run.memo[node.args[0]], node.args[0].shape)
    raise RuleError(f"`{node.op}` has no value at a point")


def _symbol(run: Run, node: Term) -> Value:
    name = node.name
    if "constant" in node.facts:
        return CONSTANTS[name]() if name in CONSTANTS else refuse_value(name)
    if name in run.values:
        return run.values[name]
    if name in run.dims:
        return jet_of(run.dims[name])
    raise NameLookupError(f"`{name}` has no value; values are given for: {', '.join(run.values) or 'no name'}")


CONSTANTS: dict[str, Callable[[], Jet]] = {"pi": lambda: BallMath.pi, "e": lambda: BallMath.e}


def _function(run: Run, node: Term, x: Value) -> Value:
    return each(elementwise(node.data), x)


def _prime(run: Run, node: Term, x: Value) -> Value:
    """f⁽ᵏ⁾(x) from the series of f, without the slope of its row."""
    name, order = node.data
    f = elementwise(name)
    return each(lambda c: _derivative(f, c, order, run.depth), x)


def _diff(run: Run, node: Term, *_: Value) -> Value:
    """The derivative of an expression by one of its names."""
    body, x = node.args
    if x.op != "sym" or x.shape or body.shape:
        raise RuleError("a derivative is evaluated for a scalar by a scalar name")
    if x.name not in body.free:
        return ZERO
    at = _symbol(run, x)
    order = node.data if isinstance(node.data, int) else 1
    return _derivative(lambda e: value_of(run.inside(x.name, e, depth_of(e)), body), at, order, run.depth)


def _derivative(f: Callable[[Jet], Jet], x: Jet, order: int, depth: int) -> Jet:
    """f⁽ᵏ⁾(x) as k! times a coefficient of f(x + ε); at a corner both sides must agree in every coefficient."""

    def series(side: int) -> Jet:
        epsilon = Epsilon(depth + 1, side)
        y = f(Jet((x, ONE, *[ZERO] * (order - 1)), epsilon))
        return y if y.epsilon is epsilon else Jet((y, *[ZERO] * order), epsilon)

    try:
        y = series(0)
    except Corner as corner:
        if corner.epsilon.depth != depth + 1:
            raise
        y = agreed(series(1), series(-1), f(x))
    return y.c[order] * math.factorial(order)


def agreed(right: Jet, left: Jet, here: Jet) -> Jet:
    """The series of the two sides, if they are one and start at the value itself."""
    for a, b in ((right.c[0], here), *zip(right.c, left.c, strict=True)):
        d = a - b
        if vanishes(d):
            continue
        if d.epsilon is None:
            sign_of(d.c[0])
        raise DomainError("there is no derivative at this corner: the two sides differ")
    return right


def _relation(run: Run, node: Term, a: Value, b: Value) -> bool:
    if isinstance(a, Grid) or isinstance(b, Grid):
        raise RuleError("a comparison of arrays is neither true nor false")
    return _RELATIONS[node.data](sign(a - b))


_RELATIONS: dict[str, Callable[[int], bool]] = {
    "<": lambda s: s < 0, "<=": lambda s: s <= 0, ">": lambda s: s > 0, ">=": lambda s: s >= 0,
    "=": lambda s: s == 0, "!=": lambda s: s != 0,
}  # fmt: skip


def _cases(run: Run, node: Term, *_: Value) -> Value:
    return run.memo[_branch(node, run.memo)[0]]


def _index(run: Run, node: Term, *indices: Value) -> Value:
    """y_i: an element of the array y (counted from 1), or the name y1."""
    ks = [k for k in (as_int(i.number) for i in indices) if k is not None]
    if len(ks) < len(indices):
        raise DomainError(f"an index of `{node.data}` is not an integer")
    base = run.values.get(node.data)
    if base is None:
        from ..names import compose

        return _symbol(run, sym(compose(node.data, subs=[str(k) for k in ks])))
    rows = rows_of(base)
    i, j = (*ks, 1)[:2]
    if len(ks) == 1 and len(rows) == 1:
        i, j = 1, i
    if len(ks) > 2 or not (1 <= i <= len(rows) and 1 <= j <= len(rows[0])):
        raise NameLookupError(f"`{node.data}` is {len(rows)}×{len(rows[0])}: it has no element {ks}")
    return rows[i - 1][j - 1]


def _entry(run: Run, node: Term, x: Value, *indices: Value) -> Value:
    """An element of an array by its indices, counted from 1; a column and a row have one."""
    rows, (k, *more) = rows_of(x), [as_int(i.number) for i in indices]
    i, j = (k, more[0]) if more else (1, k) if node.args[0].shape[0] == 1 else (k, 1)
    if i is None or j is None or not (1 <= i <= len(rows) and 1 <= j <= len(rows[0])):
        raise DomainError(f"an array of {len(rows)}×{len(rows[0])} has no element [{i}, {j}]")
    return rows[i - 1][j - 1]


def _sigma(run: Run, node: Term, low: Jet, high: Jet) -> Value:
    """Σ body for the integers from low to high."""
    body, index = node.args[:2]
    a, b = as_int(low.number), as_int(high.number)
    if a is None or b is None:
        raise DomainError("the limits of a sum are not integers")
    if b - a >= TERMS:
        raise SizeError(f"a sum of {b - a + 1:,} terms is longer than the {TERMS:,} that are added up")
    values = (value_of(run.inside(index.name, jet_of(k)), body) for k in range(a, b + 1))
    return reduce(lambda s, t: each(lambda x, y: x + y, s, t), values, ZERO)


def _unknown_function(run: Run, node: Term, *xs: Value) -> Value:
    if node.data not in WITH_JUMPS:
        raise RuleError(f"`{node.data}` is not a known function: it has no value at a point")
    return each(WITH_JUMPS[node.data], *xs)


def _dims(run: Run, node: Term) -> list[int]:
    """The dimensions that ones, zeros and eye are made with."""
    sizes = [as_int(value_of(run, a).number) for a in node.args]
    if not all(isinstance(n, int) and n > 0 for n in sizes):
        raise DomainError("a dimension is not a positive integer")
    return [n for n in sizes if n is not None]


def _filled(value: Jet) -> Callable[..., Value]:
    def make(run: Run, node: Term, *_: Value) -> Value:
        rows, cols = (*_dims(run, node), 1)[:2]
        return grid_of([value] * cols for _ in range(rows))

    return make


def _elementwise(f: Callable[..., Jet]) -> Callable[..., Value]:
    return lambda run, node, *xs: each(f, *xs)


def _of_values(f: Callable[..., Value]) -> Callable[..., Value]:
    return lambda run, node, *xs: f(*xs)


RULES: dict[str, Callable[..., Value]] = {
    "num":    lambda run, node: jet_of(node.data[0]),
    "sym":    _symbol,
    "add":    _elementwise(lambda *xs: reduce(lambda a, b: a + b, xs)),
    "mul":    _elementwise(lambda *xs: reduce(lambda a, b: a * b, xs)),
    "neg":    _elementwise(lambda x: -x),
    "div":    _elementwise(lambda a, b: a / b),
    "pow":    _elementwise(power_of),
    "max":    _elementwise(maximum_of),
    "min":    _elementwise(minimum_of),
    "matmul": lambda run, node, *xs: reduce(product_of, xs),
    "inverse_norm": _elementwise(lambda x: ZERO if vanishes(x) else ONE / x),
    "adjugate": lambda run, node, x: adjugate_of(x),
    "matpow": lambda run, node, x, k: matrix_power(x, k),
    "kron":   lambda run, node, a, b: kronecker(a, b),
    "fn":     _function,
    "prime":  _prime,
    "diff":   _diff,
    "deriv":  _diff,
    "rel":    _relation,
    "and":    lambda run, node, *xs: all(xs),
    "or":     lambda run, node, *xs: any(xs),
    "not":    lambda run, node, x: not x,
    "cases":  _cases,
    "index":  _index,
    "entry":  _entry,
    "delta":  lambda run, node, i, k: ONE if vanishes(i - k) else ZERO,
    "sigma":  _sigma,
    "apply":  _unknown_function,
    "vector": lambda run, node, *xs: column_of(xs),
    "array":  lambda run, node, *xs: grid_of(by_length(xs, node.data[1])),
    "ones":   _filled(ONE),
    "zeros":  _filled(ZERO),
    "eye":    lambda run, node, *_: identity_of(_dims(run, node)[0]),
    **{name: _of_values(f) for name, f in WINDOWS.items()},
}  # fmt: skip
