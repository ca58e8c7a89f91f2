"""Formulas that lose digits or overflow, by functions that do not: log a with a = σ(z) is logsigmoid z.

What people write by hand is read as the function that it is, through the names of the graph:

    1/(1 + e⁻ᶻ)   σ(z)            log(1 + eᶻ)    softplus z       1 − σ(z)    σ(−z)
    eᵃ/(eᵃ + eᵇ)  σ(a − b)        log(eᵃ + eᵇ)   log-sum-exp      1 − tanh²z  tanh′z
    eᵃ/Σ eᶻ       softmax         1 − eˣ, eˣ − 1  expm1           eᵃ eᵇ       eᵃ⁺ᵇ
    eᵃ/(Σ eᶻ)ᵏ  exp(a − k log Σ)    sinh/cosh, 1/cosh  tanh, sech
    (eᵃ − eᵇ)/(eᵃ + eᵇ)  tanh ½(a − b)           log(1 + x)  log1p x

The operations `softmax_at` (data: which), `log_softmax_at` and `lse_of` stand for softmax and log-sum-exp over scalars
that have names of their own; with `log1p`, `expm1` and `sech` they exist in programs only.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..term import ONE, TWO, ZERO, Memo, Term, add, div, fn, mul, neg, postorder, prime, rebuild, substitute
from .continued import continued


class Stable:
    """The stable form of each formula of a graph, whose names stand for `value`."""

    def __init__(self, value: Mapping[Term, Term]) -> None:
        self.value = dict(value)
        self.alias: Memo = {}

    def stable(self, t: Term) -> Term:
        swap = dict(self.alias)
        for node in postorder(t):
            better = self._logarithm(node)
            if better is not None:
                swap[node] = better
        return substitute(t, swap) if swap else t

    def slope(self, t: Term) -> Term:
        """The stable form of a backward line, continued to where it has no value as it is written."""
        return continued(self.stable(t), self.value)

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


# ------------------------------------------------------------------------------------------------------------ scalars
class ScalarStable:
    """The same for scalar graphs, in one walk from the first definition to the last."""

    def __init__(self) -> None:
        self.value: Memo = {}  # what a name stands for, in its stable form
        self.memo: Memo = {}
        self.powers = False  # whether some name stands for an exponential

    def define(self, name: Term, value: Term) -> Term:
        out = value if not self.powers and _is_affine(value) else self.rewrite(value)
        self.powers = self.powers or (out.op == "fn" and out.data == "exp")
        self.value[name] = out
        return out

    def rewrite(self, root: Term) -> Term:
        memo = self.memo
        for node in postorder(root):
            if node not in memo:
                here = rebuild(node, [memo[a] for a in node.args]) if node.args else node
                form = FORMS.get(node.op)
                memo[node] = (form(self, here) if form else None) or here
        return memo[root]

    def meaning(self, t: Term) -> Term:
        return self.value.get(t, t)

    # -- what is written with exponentials
    def exponent(self, t: Term) -> Term | None:
        """z of eᶻ; 0 of 1."""
        t = self.meaning(t)
        if t.op == "fn" and t.data == "exp":
            return t.args[0]
        return ZERO if t.number == 1 else None

    def exponents(self, t: Term) -> list[Term] | None:
        """z₁, z₂, … of eᶻ¹ + eᶻ² + …."""
        t = self.meaning(t)
        if t.op != "add":
            return None
        out: list[Term] = []
        for a in t.args:
            z = self.exponent(a)
            more = [z] if z is not None else self.exponents(a)
            if more is None:
                return None
            out += more
        return out if any(z is not ZERO for z in out) else None

    def sigmoid_argument(self, t: Term) -> Term | None:
        t = self.meaning(t)
        return t.args[0] if t.op == "fn" and t.data == "sigmoid" else None

    # -- forms, tried by the operation on top
    def quotient(self, t: Term) -> Term | None:
        top, bottom = t.args
        below = self.exponent(bottom)
        if below is not None and below is not ZERO:
            above = self.exponent(top)
            return fn("exp", minus(above, below)) if above is not None else mul(top, fn("exp", minus(ZERO, below)))
        if self._is(bottom, "cosh"):
            u = self.meaning(bottom).args[0]
            same = self._is(top, "sinh") and self.meaning(top).args[0] is u
            return fn("tanh", u) if same else _scaled(top, fn("sech", u))
        many = self.exponents(bottom)
        above = self.exponent(top)
        if many is None:
            return self._over_power(above, bottom) if above is not None else None
        if above is not None and above in many:
            return self._share(above, many)
        return self._hyperbolic(top, many)

    def _is(self, t: Term, name: str) -> bool:
        t = self.meaning(t)
        return t.op == "fn" and t.data == name

    def _over_power(self, above: Term, bottom: Term) -> Term | None:
        """eᵃ/(Σ eᶻ)ᵏ = exp(a − k log Σ eᶻ)."""
        bottom = self.meaning(bottom)
        many = self.exponents(bottom.args[0]) if bottom.op == "pow" and bottom.args[1].op == "num" else None
        if many is None:
            return None
        return fn("exp", minus(above, mul(bottom.args[1], self._log_sum(many))))

    def _share(self, above: Term, many: list[Term]) -> Term:
        """eᵃ/Σ eᶻ."""
        if len(many) == 2:
            other = many[1] if many[0] is above else many[0]
            return fn("sigmoid", minus(above, other))
        return Term("softmax_at", tuple(many), many.index(above))

    def _hyperbolic(self, top: Term, many: list[Term]) -> Term | None:
        """(eᵃ − eᵇ)/(eᵃ + eᵇ)."""
        top = self.meaning(top)
        if top.op == "fn" and top.data == "expm1":
            a, b = top.args[0], ZERO
        elif top.op == "add" and len(top.args) == 2 and top.args[1].op == "neg":
            one, two = self.exponent(top.args[0]), self.exponent(top.args[1].args[0])
            if one is None or two is None:
                return None
            a, b = one, two
        else:
            return None
        if len(many) != 2 or {a, b} != set(many):
            return None
        return fn("tanh", div(minus(a, b), TWO))

    def function(self, t: Term) -> Term | None:
        return self._log(t.args[0]) if t.data == "log" else None

    def _log(self, x: Term) -> Term | None:
        inner = self.meaning(x)
        if inner.op == "fn" and inner.data == "exp":
            return inner.args[0]
        if inner.op == "fn" and inner.data == "sigmoid":
            return fn("logsigmoid", inner.args[0])
        if inner.op == "softmax_at":
            return Term("log_softmax_at", inner.args, inner.data)
        many = self.exponents(inner)
        if many is not None:
            return self._log_sum(many)
        return self._log_one_plus(inner)

    def _log_sum(self, many: list[Term]) -> Term:
        if len(many) == 2 and ZERO in many:
            return fn("softplus", many[1] if many[0] is ZERO else many[0])
        return Term("lse_of", tuple(many))

    def _log_one_plus(self, t: Term) -> Term | None:
        rest = one_plus(t)
        return fn("log1p", rest) if rest is not None else None

    def sum(self, t: Term) -> Term | None:
        """1 − x and eˣ − 1, wherever they stand in the sum."""
        ones = [a for a in t.args if a.number in (1, -1)]
        if len(ones) != 1:
            return None
        for a in t.args:
            pair = self._one_minus(a.args[0]) if ones[0] is ONE and a.op == "neg" else None
            if ones[0].number == -1 and self.exponent(a) not in (None, ZERO):
                pair = fn("expm1", self.exponent(a))  # type: ignore[arg-type]
            if pair is not None:
                return add(*(pair if b is a else b for b in t.args if b is not ones[0]))
        return None

    def _one_minus(self, x: Term) -> Term | None:
        z = self.sigmoid_argument(x)
        if z is not None:
            return fn("sigmoid", minus(ZERO, z))
        x = self.meaning(x)
        z = self.exponent(x)
        if z is not None and z is not ZERO:
            return neg(fn("expm1", z))
        base = x.args[0] if x.op == "pow" and x.args[1] is TWO else x.args[0] if _is_square(x) else None
        base = self.meaning(base) if base is not None else None
        if base is not None and base.op == "fn" and base.data == "tanh":
            return prime("tanh", base.args[0])
        return None

    def product(self, t: Term) -> Term | None:
        """eᵃ eᵇ = eᵃ⁺ᵇ."""
        found = [(a, self.exponent(a)) for a in t.args]
        powers = [z for a, z in found if z is not None and z is not ZERO]
        if len(powers) < 2:
            return None
        rest = [a for a, z in found if z is None or z is ZERO]
        return mul(*rest, fn("exp", add(*powers)))


FORMS = {
    "div": ScalarStable.quotient, "fn": ScalarStable.function, "add": ScalarStable.sum, "mul": ScalarStable.product,
}  # fmt: skip


def minus(a: Term, b: Term) -> Term:
    """a − b, without the zeros."""
    if b is ZERO:
        return a
    if a is not ZERO:
        return add(a, b.args[0] if b.op == "neg" else neg(b))
    return b.args[0] if b.op == "neg" else neg(b)


def _scaled(factor: Term, t: Term) -> Term:
    return t if factor is ONE else mul(factor, t)


def one_plus(t: Term) -> Term | None:
    """x of 1 + x."""
    if t.op != "add" or len(t.args) != 2 or ONE not in t.args:
        return None
    return t.args[1] if t.args[0] is ONE else t.args[0]


def _is_affine(t: Term) -> bool:
    """A sum of products of names, which is as stable as it can be."""
    return t.op == "add" and all(
        a.op == "sym" or (a.op == "mul" and a.args[0].op == a.args[-1].op == "sym" and len(a.args) == 2) for a in t.args
    )


def _is_square(t: Term) -> bool:
    return t.op == "mul" and len(t.args) == 2 and t.args[0] is t.args[1]
