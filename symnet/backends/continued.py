"""Slopes where the formula that a person writes has no value: the convention of a corner, or the value that is left.

    r/‖r‖          0 at r = 0, as at every corner of the table of functions
    det(M) M⁻¹     the adjugate of M, which has no need of an inverse

The operations `inverse_norm` and `adjugate` stand for them; they exist in programs and in worked numbers only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ..term import ONE, Memo, Term, add, matmul, mul, num, postorder, power, rebuild, substitute, transpose
from ..tidy import tidy

REASONS = {
    "inverse_norm": "the norm is 0 and has no derivative; 0 is taken",
    "adjugate": "there is no inverse; det(M) M⁻¹ is the adjugate of M",
}
Meaning = Callable[[Term], Term]


def continued(t: Term, value: Mapping[Term, Term]) -> Term:
    """The slope with those operations in it; `value` holds what the names stand for."""

    def meaning(x: Term) -> Term:
        return value.get(x, x)

    ops = {n.op for n in postorder(t)}
    if "div" in ops:
        t = _over_norms(t, meaning)
    if "inv" in ops:
        t = _adjugates(t, meaning)
    return t


def _over_norms(t: Term, meaning: Meaning) -> Term:
    swap: Memo = {}
    for n in (n for n in postorder(t) if n.op == "div"):
        below = n.args[1].args if n.args[1].op == "mul" else n.args[1:]
        norms = [b for b in below if meaning(b).op == "norm2"]
        if norms:
            top = substitute(n.args[0], {}, dict(swap)) if swap else n.args[0]
            factors = [Term("inverse_norm", (b,)) for b in norms]
            whole = mul(*([] if top is ONE else [top]), *factors)
            rest = [b for b in below if b not in norms]
            swap[n] = whole / mul(*rest) if rest else whole
    return substitute(t, {}, dict(swap)) if swap else t


# --------------------------------------------------------------------------------------------------------- determinants
def _adjugates(root: Term, meaning: Meaning) -> Term:
    """det(M) beside M⁻¹ in a product, once for each determinant."""
    memo: Memo = {}
    for node in postorder(root):
        here = rebuild(node, [memo[a] for a in node.args]) if node.args else node
        memo[node] = _product(here, meaning) if node.op == "mul" else here
    return memo[root]


def _product(node: Term, meaning: Meaning) -> Term:
    for i, factor in enumerate(node.args):
        found = _determinant(meaning(factor))
        if found is None:
            continue
        inside, k, rest = found
        for j, other in enumerate(node.args):
            swapped = _multiplied(other, inside) if j != i else None
            if swapped is not None:
                left = [power(Term("det", (inside,)), num(k - 1)) if k > 2 else Term("det", (inside,))] if k > 1 else []
                others = [a for m, a in enumerate(node.args) if m not in (i, j)]
                return mul(*rest, *left, *others, swapped)
    return node


def _determinant(t: Term) -> tuple[Term, int, Sequence[Term]] | None:
    """(M, k, the other factors) of a product that holds det(M)^k."""
    if t.op in ("div", "neg"):
        found = _determinant(t.args[0])
        more = ONE / t.args[1] if t.op == "div" else -ONE
        return (*found[:2], (*found[2], more)) if found else None
    factors = t.args if t.op == "mul" else (t,)
    for i, f in enumerate(factors):
        base, k = (f.args[0], f.args[1].number) if f.op == "pow" else (f, num(1).number)
        if base.op != "det" or k is None or k.denominator != 1 or k < 1:
            continue
        inside = base.args[0]
        if inside.op == "matpow" and (n := inside.args[1].number) is not None and n.denominator == 1 and n > 0:
            inside, k = inside.args[0], k * n
        return inside, int(k), (*factors[:i], *factors[i + 1 :])
    return None


def _multiplied(t: Term, inside: Term) -> Term | None:
    """det(M) t, where every part of t that holds M⁻¹ holds it once as a factor; None where none does."""
    if t.op == "inv":
        same = t.args[0] is tidy(inside) or inside in (t.args[0], transpose(t.args[0]))
        return Term("adjugate", t.args, None, t.shape) if same else None
    if t.op == "add":
        parts = [_multiplied(a, inside) for a in t.args]
        if not any(parts):
            return None
        det = Term("det", (inside,))
        return add(*(mul(det, a) if p is None else p for p, a in zip(parts, t.args, strict=True)))
    if t.op in LINEAR:
        for i, a in enumerate(t.args[:1] if t.op == "div" else t.args):
            swapped = _multiplied(a, inside)
            if swapped is not None:
                return LINEAR[t.op](t, [*t.args[:i], swapped, *t.args[i + 1 :]])
    return None


def _rebuilt(t: Term, args: Sequence[Term]) -> Term:
    return rebuild(t, list(args))


LINEAR: dict[str, Callable[[Term, Sequence[Term]], Term]] = {
    **dict.fromkeys(("T", "neg", "tr", "sum", "diagv", "diag", "rowsum", "colsum"), _rebuilt),
    "div": lambda t, args: args[0] / args[1],
    "mul": lambda t, args: mul(*args),
    "matmul": lambda t, args: matmul(*args),
}  # fmt: skip
