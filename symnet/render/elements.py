"""The elements of an array formula as formulas of numbers, and the proof that one of them is 0.

A ball that holds 0 however small it becomes proves nothing. The element is therefore written out: of roots and angles
the separation bound of `equality.constants` decides, of exponentials the normal form of `equality.proof`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce

from ..equality.constants import is_zero
from ..equality.proof import proved
from ..errors import RuleError, ShapeError, SymnetError
from ..functions import TermMath
from ..functions import row as function_row
from ..term import MAKERS, ONE, ZERO, Term, add, div, fn, mul, neg, num, postorder, power, rebuild, term
from ..tidy import tidy

Rows = tuple[tuple[Term, ...], ...]
LARGEST = 600  # nodes of an element that is looked at
HALF = div(ONE, num(2))


class Elements:
    """The elements of formulas whose names have values; parts that several formulas share are written out once."""

    def __init__(self, values: Mapping[str, Rows]) -> None:
        self.values = values
        self.memo: dict[Term, Rows] = {}

    def of(self, root: Term) -> Rows:
        """Raises `RuleError` for an operation that is not written out here."""
        for node in postorder(root):
            if node in self.memo:
                continue
            if node.op == "sym" and node.name in self.values:
                self.memo[node] = self.values[node.name]
                continue
            rule = RULES.get(node.op)
            if rule is None:
                raise RuleError(f"`{node.op}` is not written out")
            self.memo[node] = rule(self, node, [self.memo[a] for a in node.args])
        return self.memo[root]


def vanishes(t: Term) -> bool:
    """Whether a formula of numbers is proved to be 0."""
    if t is ZERO:
        return True
    if t.size > LARGEST or t.free:
        return False
    try:
        return is_zero(t) or bool(proved(t, ZERO, {}))
    except (SymnetError, ArithmeticError):
        return False


def _column(xs: Sequence[Term]) -> Rows:
    return tuple((x,) for x in xs)


def _cells(x: Rows) -> list[Term]:
    return [c for r in x for c in r]


def _is_one(x: Rows) -> bool:
    return len(x) == 1 == len(x[0])


def _turned(x: Rows) -> Rows:
    return tuple(zip(*x, strict=True))


def _each(make: Callable[..., Term], *xs: Rows) -> Rows:
    """make elementwise; scalars are spread."""
    like = next((x for x in xs if not _is_one(x)), xs[0])
    if any(not _is_one(x) and (len(x), len(x[0])) != (len(like), len(like[0])) for x in xs):
        raise ShapeError("arrays of different sizes side by side")
    return tuple(
        tuple(tidy(make(*(x[0][0] if _is_one(x) else x[i][j] for x in xs))) for j in range(len(like[0])))
        for i in range(len(like))
    )


def _sum(xs: Sequence[Term]) -> Term:
    kept = [x for x in xs if x is not ZERO]
    return tidy(add(*kept)) if kept else ZERO


def _product(a: Rows, b: Rows) -> Rows:
    columns = _turned(b)
    return tuple(tuple(_sum([tidy(mul(x, y)) for x, y in zip(r, c, strict=True)]) for c in columns) for r in a)


def _softmax(xs: Sequence[Term]) -> list[Term]:
    """Each exponential beside that of the first: of equal elements nothing is left of them."""
    powers = [fn("exp", d) if (d := tidy(add(x, neg(xs[0])))) is not ZERO else ONE for x in xs]
    return [tidy(div(p, _sum(powers))) for p in powers]


def _lse(xs: Sequence[Term]) -> Term:
    return xs[0] if len(xs) == 1 else fn("log", _sum([fn("exp", x) for x in xs]))


def _by_rows(f: Callable[[Sequence[Term]], list[Term]]) -> Callable[..., Rows]:
    """Along the rows of a matrix, over the whole of a vector."""

    def rule(_: Elements, node: Term, args: list[Rows]) -> Rows:
        (x,) = args
        return tuple(tuple(f(r)) for r in x) if len(node.shape) == 2 else _column(f(_cells(x)))

    return rule


def _slope(e: Elements, node: Term, args: list[Rows]) -> Rows:
    name, order = node.data
    if order != 1:
        raise RuleError(f"the derivative of order {order} is not written out")
    return _each(lambda x: term(function_row(name).slope(x, fn(name, x), TermMath)), *args)


def _sizes(e: Elements, node: Term) -> list[int]:
    sizes = [e.of(a)[0][0].number for a in node.args]
    if any(n is None for n in sizes):
        raise RuleError("a size is not a number")
    return [int(n) for n in sizes if n is not None]


def _filled(value: Term) -> Callable[..., Rows]:
    def rule(e: Elements, node: Term, args: list[Rows]) -> Rows:
        rows, cols = (*_sizes(e, node), 1)[:2]
        return ((value,) * cols,) * rows

    return rule


def _identity(e: Elements, node: Term, args: list[Rows]) -> Rows:
    (n,) = _sizes(e, node)
    return tuple(tuple(ONE if i == j else ZERO for j in range(n)) for i in range(n))


def _diagonal(x: Rows) -> Rows:
    cells = _cells(x)
    return tuple(tuple(c if i == j else ZERO for j in range(len(cells))) for i, c in enumerate(cells))


def _mean(xs: Sequence[Term]) -> Term:
    return tidy(div(_sum(xs), num(len(xs))))


def _inverse_norm(x: Term) -> Term:
    return ZERO if x is ZERO else div(ONE, x)


def _alone(f: Callable[[Rows], Rows]) -> Callable[..., Rows]:
    return lambda e, node, args: f(args[0])


def _scalar(f: Callable[[list[Term]], Term]) -> Callable[..., Rows]:
    return lambda e, node, args: ((f(_cells(args[0])),),)


def _made(e: Elements, node: Term, args: list[Rows]) -> Rows:
    maker = MAKERS.get(node.op)
    return _each(maker if maker is not None else lambda *xs: rebuild(node, xs), *args)


RULES: dict[str, Callable[[Elements, Term, list[Rows]], Rows]] = {
    "num": lambda e, node, args: ((node,),),
    "sym": lambda e, node, args: ((node,),),
    **dict.fromkeys(("add", "neg", "mul", "div", "pow", "fn"), _made),
    "prime": _slope,
    "inverse_norm": lambda e, node, args: _each(_inverse_norm, *args),
    "T": _alone(_turned),
    "matmul": lambda e, node, args: reduce(_product, args),
    "tr": _alone(lambda x: ((_sum([r[i] for i, r in enumerate(x)]),),)),
    "sum": _scalar(_sum),
    "mean": _scalar(_mean),
    "norm1": _scalar(lambda xs: _sum([fn("abs", x) for x in xs])),
    "norm2": _scalar(lambda xs: tidy(power(_sum([tidy(power(x, num(2))) for x in xs]), HALF))),
    "rowsum": _alone(lambda x: _column([_sum(r) for r in x])),
    "colsum": _alone(lambda x: (tuple(_sum(c) for c in _turned(x)),)),
    "rowmean": _alone(lambda x: _column([_mean(r) for r in x])),
    "colmean": _alone(lambda x: (tuple(_mean(c) for c in _turned(x)),)),
    "diag": _alone(_diagonal),
    "diagv": _alone(lambda x: _column([r[i] for i, r in enumerate(x)])),
    "vec": _alone(lambda x: _column(_cells(_turned(x)))),
    "softmax": _by_rows(_softmax),
    "logsoftmax": _by_rows(lambda xs: [tidy(add(x, neg(_lse(xs)))) for x in xs]),
    "lse": lambda e, node, args: _column([_lse(r) for r in args[0]]) if node.shape else ((_lse(_cells(args[0])),),),
    "ones": _filled(ONE),
    "zeros": _filled(ZERO),
    "eye": _identity,
}  # fmt: skip
