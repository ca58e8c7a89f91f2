"""The losses: one row is one loss everywhere, with ½ and 1/n as fields.

`each(p, t, m)` is the loss of one prediction p with its target t, as plain arithmetic over the namespace m (see
functions.py). The loss is ½ · 1/n · Σ each, with the ½ if `half` and the 1/n if `mean`.

Which n: the number of samples. A list, or a vector of shape (n,), holds one number per sample; a list of lists, or a
matrix of shape (n, k), holds one sample per row, its k outputs are summed and n counts the rows. For one prediction no
1/1 is written. A loss over classes (`over_classes`: cross-entropy, KL) takes a flat list or a vector as the classes of
one sample, without 1/n. (PyTorch's `reduction="mean"` divides the MSE of a matrix by n·k.)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from operator import add as plus
from typing import Any

from .errors import ShapeError
from .functions import TermMath, resolve
from .term import Shape, Term, add, div, mul, neg, num, power, shape_text, sym, term

HALF = Fraction(1, 2)
KINDS = {
    "regression":    "a real number",
    "probability":   "a number between 0 and 1",
    "logits":        "any real number, the argument of σ or softmax",
    "margin":        "any real number; the target is −1 or 1",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Loss:
    """One loss; `kind` says what a prediction is, `statement` is the whole formula.

    A `square` loss of an array is written ‖P − T‖². In the cross-entropy `each` is given log softmax(z) for p.
    """

    name: str
    half: bool
    mean: bool
    kind: str
    each: Callable[[Any, Any, Any], Any]
    statement: str
    aliases: tuple[str, ...] = ()
    over_classes: bool = False
    square: bool = False


def _huber(p: Any, t: Any, m: Any) -> Any:
    """½ r² where |r| < 1, otherwise |r| − ½, with r = p − t: Huber (1964), δ = 1."""
    return m.if_positive(1 - m.abs(p - t), m.number("1/2") * (p - t) ** 2, m.abs(p - t) - m.number("1/2"))


# fmt: off
_ROWS = (
    #     name             ½             1/n         a prediction is     below: the loss of one prediction, the whole
    Loss("sse",           half=False, mean=False, kind="regression",  aliases=("SSE",), square=True,
         each=lambda p, t, m: (p - t)**2, statement="Σ (p − t)²"),
    Loss("half_sse",      half=True,  mean=False, kind="regression",  aliases=("half_SSE",), square=True,
         each=lambda p, t, m: (p - t)**2, statement="½ Σ (p − t)²"),
    Loss("mse",           half=False, mean=True,  kind="regression",  aliases=("MSE",), square=True,
         each=lambda p, t, m: (p - t)**2, statement="1/n Σ (p − t)²"),
    Loss("half_mse",      half=True,  mean=True,  kind="regression",  aliases=("half_MSE",), square=True,
         each=lambda p, t, m: (p - t)**2, statement="1/(2n) Σ (p − t)²"),
    Loss("mae",           half=False, mean=True,  kind="regression",  aliases=("MAE", "l1"),
         each=lambda p, t, m: m.abs(p - t), statement="1/n Σ |p − t|"),
    Loss("huber",         half=False, mean=True,  kind="regression",  aliases=("smooth_l1",),
         each=_huber, statement="1/n Σ (½ (p − t)² if |p − t| < 1, otherwise |p − t| − ½)"),
    Loss("bce",           half=False, mean=True,  kind="probability",
         aliases=("BCE", "log_loss", "binary_cross_entropy"),
         each=lambda p, t, m: -(t*m.log(p) + (1 - t)*m.log(1 - p)), statement="−1/n Σ (t log p + (1 − t) log(1 − p))"),
    Loss("bce_logits",    half=False, mean=True,  kind="logits",      aliases=("bce_with_logits",),
         each=lambda z, t, m: m.softplus(z) - t*z, statement="1/n Σ (softplus(z) − t z)"),
    Loss("cross_entropy", half=False, mean=True,  kind="logits",      over_classes=True,
         aliases=("softmax_cross_entropy", "categorical_cross_entropy"),
         each=lambda logp, t, m: -(t*logp), statement="−1/n Σ t log p, log p = log softmax(z)"),
    Loss("kl",            half=False, mean=True,  kind="probability", over_classes=True,
         aliases=("KL", "kl_divergence"),
         each=lambda p, t, m: t*m.log(t/p), statement="1/n Σ t log(t/p)"),
    Loss("hinge",         half=False, mean=True,  kind="margin",
         each=lambda p, t, m: m.max(0, 1 - t*p), statement="1/n Σ max(0, 1 − t p)"),
)
# fmt: on
TABLE: dict[str, Loss] = {row.name: row for row in _ROWS}
ALIASES: dict[str, str] = {alias: row.name for row in _ROWS for alias in (row.name, *row.aliases)}


def names() -> tuple[str, ...]:
    """The canonical names of the losses, in the order of the table."""
    return tuple(TABLE)


def lookup(name: str) -> Loss:
    """The row of a loss, by its name or any alias; RuleError with the nearest name if there is none."""
    return TABLE[resolve(name, ALIASES, TABLE, "loss")]


# ----------------------------------------------------------------------------------------------------- of single names
def scalar(name: str, predictions: Sequence[Any], targets: Sequence[Any], m: Any = None) -> Any:
    """½ · 1/n · Σ each(p, t) over lists of Terms or of SymPy expressions, written out.

    A list of lists holds the outputs of one sample in each inner list. `m` is the mathematics of their world, by
    default that of the first prediction. Raises ShapeError for lists of different lengths or none.

    >>> from symnet.term import sym
    >>> scalar("half_sse", [sym("a2")], [sym("t")]) is num(HALF) * (sym("a2") - sym("t"))**2
    True
    """
    row = lookup(name)
    rows_p, rows_t = _rows(row, predictions), _rows(row, targets)
    counts = [len(r) for r in rows_p], [len(r) for r in rows_t]
    if counts[0] != counts[1] or not counts[0] or not all(counts[0]):
        raise ShapeError(
            f"{row.name} needs as many targets as predictions, at least one;"
            f" there are {sum(counts[0])} predictions and {sum(counts[1])} targets"
        )
    m = _mathematics(rows_p[0][0]) if m is None else m
    if row.name == "cross_entropy":
        rows_p = [_log_softmax(r, m) for r in rows_p]
    parts = [row.each(p, t, m) for ps, ts in zip(rows_p, rows_t, strict=True) for p, t in zip(ps, ts, strict=True)]
    scale = (HALF if row.half else Fraction(1)) / (len(rows_p) if row.mean else 1)
    return _scaled(scale, parts, m)


def _rows(row: Loss, values: Sequence[Any]) -> list[list[Any]]:
    """One list per sample."""
    if any(isinstance(v, list | tuple) for v in values):
        return [list(v) for v in values]
    return [list(values)] if row.over_classes else [[v] for v in values]


def _mathematics(example: Any) -> Any:
    if isinstance(example, Term):
        return TermMath
    from .symbols import SympyMath

    return SympyMath


def _log_softmax(z: list[Any], m: Any) -> list[Any]:
    """z_k − log Σ exp(z_j)."""
    lse = m.log(_sum([m.exp(x) for x in z]))
    return [x - lse for x in z]


def _sum(parts: list[Any]) -> Any:
    return add(*parts) if isinstance(parts[0], Term) else reduce(plus, parts)


def _scaled(scale: Fraction, parts: list[Any], m: Any) -> Any:
    """scale · Σ parts; a minus that all parts share stands in front."""
    if all(isinstance(p, Term) and p.op == "neg" for p in parts):
        return -_scaled(scale, [p.args[0] for p in parts], m)
    total = _sum(parts)
    return total if scale == 1 else m.number(str(scale)) * total


# ------------------------------------------------------------------------------------------------------------ of arrays
def array(name: str, P: Term, T: Term) -> Term:
    """½ · 1/n · Σ each(P, T) for arrays P and T of the same shape, (n,) or (n, k); n is the number of rows.

    The squares are ‖P − T‖², the cross-entropy is a sum over log softmax along the rows.
    """
    from .operations import apply

    row = lookup(name)
    if P.shape != T.shape:
        raise ShapeError(
            f"{row.name}: the prediction is {shape_text(P.shape)} and the target is {shape_text(T.shape)};"
            " they must have the same shape"
        )
    if not P.shape:
        return term(scalar(row.name, [P], [T]))
    if row.square:
        total = power(apply("norm2", P - T), num(2))
    else:
        p = apply("logsoftmax", P) if row.name == "cross_entropy" else P
        total = _summed(row.each(p, T, TermMath))
    return _fraction(row, P, total)


def target(name: str, loss: str, shape: Shape) -> Term:
    """The target of a loss as a name; over classes it holds probabilities, which sum to one."""
    facts = {1: ("sums to one",), 2: ("rows sum to one",)} if lookup(loss).over_classes else {}
    return sym(name, shape, facts.get(len(shape), ()))


def _summed(elements: Term) -> Term:
    """The sum of all elements, a common minus in front."""
    from .operations import apply

    return neg(_summed(elements.args[0])) if elements.op == "neg" else apply("sum", elements)


def _fraction(row: Loss, P: Term, total: Term) -> Term:
    """½ and 1/n in front: 1/n · total, 1/(2n) · total."""
    from .operations import dimension

    if total.op == "neg":
        return neg(_fraction(row, P, total.args[0]))
    one_sample = row.over_classes and len(P.shape) == 1
    n = dimension(P.shape[0]) if row.mean and not one_sample else num(1)
    if n.op == "num":
        scale = num((HALF if row.half else 1) / n.data[0])
        return total if scale.data[0] == 1 else mul(scale, total)
    return mul(div(num(1), mul(num(2), n) if row.half else n), total)
