"""Tidying that keeps the order in which a person wrote: the step from `½·2(a − t)·1` to `a − t`.

A product is read as (coefficient, above, below): numbers are folded, equal bases are merged at the place of the first
and cancelled. A sum merges like terms, drops zeros and puts a positive term first; −(t − a) becomes a − t. A matrix
product moves scalars to the front, drops identities and carries a transpose inwards. Inert derivatives stay inert.
The second level, the rational normal form, is in normal.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import Any

from .operations import apply, dimension, eye, inner, ones, spread, square, unvec, zeros
from .term import (
    ONE,
    ZERO,
    Term,
    add,
    div,
    fn,
    matmul,
    matpow,
    mul,
    neg,
    num,
    postorder,
    power,
    rebuild,
    rows_cols,
    transpose,
)

Memo = dict[Term, Term]
_MAX_FOLD = 64  # an exponent up to which a power of two numbers is folded


def tidy(root: Term, memo: Memo | None = None) -> Term:
    """The same value, shorter, in the order in which it was written."""
    memo = {} if memo is None else memo
    for node in postorder(root) if root not in memo else ():
        if node in memo:
            continue
        here = rebuild(node, [memo[a] for a in node.args]) if node.args else node
        rule = RULES.get(here.op)
        memo[node] = rule(here) if rule else here
    return memo[root]


def is_zero(t: Term) -> bool:
    return t is ZERO or t.op == "zeros" or (t.op == "num" and t.data[0] == 0)


def is_one(t: Term) -> bool:
    return t.op == "num" and t.data[0] == 1


# ------------------------------------------------------------------------------------------------------------- sums
def split_sign(t: Term) -> tuple[int, Term]:
    sign = 1
    while t.op == "neg":
        sign, t = -sign, t.args[0]
    return sign, t


def split_coefficient(t: Term) -> tuple[Fraction, str, Term | None]:
    """`3 x` as (3, x); a bare number has no body."""
    sign, t = split_sign(t)
    if t.op == "num":
        return sign * t.data[0], t.data[1], None
    if t.op == "mul" and t.args[0].op == "num":
        return sign * t.args[0].data[0], t.args[0].data[1], mul(*t.args[1:])
    return Fraction(sign), "", t


def summands(t: Term, sign: int = 1) -> list[Term]:
    """The summands of a sum, with the signs of enclosing brackets taken in."""
    out: list[Term] = []
    stack = [(t, sign)]
    while stack:
        node, s = stack.pop()
        inner, body = split_sign(node)
        s *= inner
        if body.op == "add" and (node is t or all(a.shape == body.shape for a in body.args)):
            stack.extend((a, s) for a in reversed(body.args))
        else:
            out.append(neg(body) if s < 0 else body)
    return out


def _scaled(c: Fraction, style: str, body: Term | None) -> Term:
    """c·body, without a needless 1."""
    size = num(abs(c), style)
    if body is None:
        t = size
    elif abs(c) == 1:
        t = body
    else:
        t = mul(size, *(body.args if body.op == "mul" else (body,)))
    return neg(t) if c < 0 else t


def _in_any_order(body: Term | None) -> Any:
    """The same key for x y and y x."""
    return frozenset(Counter(body.args).items()) if body is not None and body.op == "mul" else body


def _multiple(c: Fraction, style: str, body: Term | None) -> Term:
    """c·body; a number below the bar is cancelled."""
    t = _scaled(c, style, body)
    sign, size = split_sign(t)
    return t if body is None or body.op != "div" or size is body else neg(_mul(size)) if sign < 0 else _mul(size)


def _add(t: Term) -> Term:
    merged: dict[Any, list[tuple[Fraction, str, Term]]] = {}
    for part in (p for a in t.args for p in summands(a)):
        c, style, body = split_coefficient(part)
        merged.setdefault(_in_any_order(body), []).append((c, style, part))
    parts: list[Term] = []
    for found in merged.values():
        body = split_coefficient(found[0][2])[2]
        c = sum((f[0] for f in found), Fraction(0))
        if c == 0 or (body is not None and is_zero(body)):
            continue
        style = "." if any(f[1] for f in found) else ""
        parts.append(found[0][2] if len(found) == 1 else _multiple(c, style, body))
    return _as_shape(_sum(parts), t)


def _sum(parts: list[Term]) -> Term:
    """A sum with a positive term first."""
    if not parts:
        return ZERO
    first = next((i for i, p in enumerate(parts) if p.op != "neg"), 0)
    return add(parts[first], *parts[:first], *parts[first + 1 :])


def _as_shape(t: Term, like: Term) -> Term:
    """A scalar that is left over where an array stood is spread again."""
    if t.shape == like.shape:
        return t
    return zeros(like.shape) if is_zero(t) else mul(t, ones(like.shape))


def _neg(t: Term) -> Term:
    sign, body = split_sign(t)
    if is_zero(body) or sign > 0:
        return body
    if body.op == "add" and any(a.op == "neg" for a in body.args):
        return _sum(summands(body, -1))
    if body.op == "mul":
        return _flip_a_factor(body)
    if body.op == "div" and body.args[0].op in ("mul", "add"):
        top = _flip_a_factor(mul(ONE, body.args[0]) if body.args[0].op == "add" else body.args[0])
        return t if top.op == "neg" else div(_without_one(top), body.args[1])
    return t


def _without_one(t: Term) -> Term:
    return t.args[1] if t.op == "mul" and t.args[0] is ONE and len(t.args) == 2 else t


def _flip_a_factor(product: Term) -> Term:
    """−(t − a) x is (a − t) x; a factor such as (1 − a) is left as it is."""
    for i, f in enumerate(product.args):
        if f.op == "add" and any(a.op == "neg" for a in f.args) and all(a.number is None for a in f.args):
            return mul(*product.args[:i], _sum(summands(f, -1)), *product.args[i + 1 :])
    return neg(product)


# --------------------------------------------------------------------------------------------------------- products
@dataclass
class Product:
    """coefficient · Π above / Π below; each base with its exponent, in the order of first appearance."""

    coefficient: Fraction = Fraction(1)
    style: str = ""
    above: dict[Term, Fraction] = field(default_factory=dict)
    below: dict[Term, Fraction] = field(default_factory=dict)
    ones: Term | None = None

    def times(self, t: Term, k: Fraction = Fraction(1)) -> None:
        """Take in tᵏ."""
        stack = [(t, k)]
        while stack:
            f, e = stack.pop()
            if f.op == "neg" and e.denominator == 1:
                self.coefficient *= 1 if int(e) % 2 == 0 else -1
                stack.append((f.args[0], e))
            elif f.op == "num" and e.denominator == 1 and abs(e) <= _MAX_FOLD and (f.data[0] or e > 0):
                self.coefficient *= f.data[0] ** int(e)
                self.style = self.style or f.data[1]
            elif f.op == "mul" and e.denominator == 1:
                stack.extend((a, e) for a in reversed(f.args))
            elif f.op == "div" and e.denominator == 1:
                stack.extend([(f.args[1], -e), (f.args[0], e)])
            elif f.op == "pow" and f.args[1].number is not None and e.denominator == 1:
                self.base(f.args[0], f.args[1].number * e)
            elif f.shape and e == 1 and (f.args[0] if f.op == "T" else f).op == "ones":
                self.ones = f
            else:
                self.base(f, e)

    def base(self, b: Term, k: Fraction) -> None:
        side, other = (self.above, self.below) if k > 0 else (self.below, self.above)
        k = abs(k)
        if b in other:
            rest = other[b] - k
            if rest > 0:
                other[b] = rest
                return
            del other[b]
            k = -rest
        if k:
            side[b] = side.get(b, Fraction(0)) + k

    def factors(self) -> list[Term]:
        """The scalars in it as factors."""
        return [] if self == Product() else [self.term(ONE)]

    def settle(self) -> None:
        """(a b)² against a is opened; √u beside u is a power of √u."""
        for side, other in ((self.above, self.below), (self.below, self.above)):
            for b in [b for b in side if b.op == "mul" and any(f in other for f in b.args)]:
                k = side.pop(b)
                for f in b.args:
                    self.times(f, k if side is self.above else -k)
        for side in (self.above, self.below):
            for root in [b for b in side if b.op == "fn" and b.data == "sqrt" and b.args[0] in side]:
                side[root] += 2 * side.pop(root.args[0])
        arrays = any(b.shape for b in self.above)
        for e in [b for b in self.above if arrays and b.op == "fn" and b.data == "exp"]:
            self._logistic(e)
        for b in [b for b in self.above if b.op == "matmul"]:
            self._below(b)
        for e in [b for b in self.above if b.op == "fn" and b.data in ABSORBED]:
            self._absorb(e)
        for mean in [b for b in self.above if b.op == "mean"]:
            self._count_back(mean)
        for p in [b for b in self.above if b.op == "pow"]:
            self._one_power(p)
        for e in [b for b in self.above if self.below and b.shape and b.op == "fn" and b.data == "exp"]:
            whole = apply("sum", e) if len(e.shape) == 1 else spread(apply("rowsum", e), e)
            if self.below.get(whole) == self.above[e] == 1:
                del self.below[whole]
                self.above = {apply("softmax", e.args[0]) if b is e else b: k for b, k in self.above.items()}
        for m in [b for b in self.above if b.op == "matmul" and self.below and self.above[b] == 1]:
            mean = matmul(*_means(list(m.args), self))
            self.above = {mean if k is m else k: v for k, v in self.above.items()}

    def _logistic(self, e: Term) -> None:
        """e^u ⊘ (e^u + 1) is σ(u)."""
        for b in self.below:
            one = b.op == "add" and len(b.args) == 2 and [a for a in b.args if a is not e]
            once = self.below[b] == self.above[e] == 1
            if once and one and len(one) == 1 and (one[0].op == "ones" or is_one(one[0])):
                del self.below[b]
                self.above = {fn("sigmoid", e.args[0]) if k is e else k: v for k, v in self.above.items()}
                return

    def _absorb(self, s: Term) -> None:
        """u sign u is |u|, and ReLU(u) 1[u > 0] is ReLU(u)."""
        before, after = ABSORBED[s.data](s.args[0])
        if before in self.above and self.above[s] == 1 and (s.shape or after is before):
            self.above = {after if b is before else b: k for b, k in self.above.items() if b is not s}

    def _below(self, b: Term) -> None:
        """A ⊙ ((1 ⊘ v) 1ᵀ) is A ⊘ (v 1ᵀ)."""
        v = spread_column(b)
        if v is not None and v.op == "div" and v.args[0] is ONE and len(self.above) > 1 and self.above[b] == 1:
            del self.above[b]
            self.base(matmul(v.args[1], *b.args[-1:]), Fraction(-1))

    def _one_power(self, p: Term) -> None:
        """bᵏ beside b, above or below, is one power of b; k is not a number."""
        b, k = p.args
        for side, sign in ((self.above, 1), (self.below, -1)):
            if b in side and self.above.get(p) == 1:
                one = power(b, tidy(add(k, num(sign * side.pop(b)))))
                self.above = {one if f is p else f: e for f, e in self.above.items()}

    def _count_back(self, mean: Term) -> None:
        """n mean(x) is sum(x)."""
        sizes = [dimension(n) for n in mean.args[0].shape]
        once = sizes and self.above[mean] == 1 and len(set(sizes)) == len(sizes)
        if once and all(self.above.get(n) == 1 for n in sizes):
            whole = apply("sum", *mean.args)
            self.above = {whole if b is mean else b: k for b, k in self.above.items() if b not in sizes}

    def term(self, like: Term) -> Term:
        self.settle()
        c = self.coefficient
        if c == 0 or any(is_zero(b) for b in self.above):
            return ZERO if not like.shape else zeros(like.shape)
        style = self.style if terminates(c) else ""
        above, below = _powers(self.above), _powers(self.below)
        scalars = [f for f in above if not f.shape]
        arrays = [f for f in above if f.shape]
        if self.ones is not None and not arrays and not any(b.shape for b in below):
            arrays = [self.ones]
        c_abs = abs(c)
        if not below:
            t = _product(([num(c_abs, style)] if c_abs != 1 else []) + scalars + arrays)
        else:
            whole = style or c_abs.denominator == 1
            top = num(c_abs, style) if whole else num(c_abs.numerator)
            bottom = ([] if whole else [num(c_abs.denominator)]) + below
            split = arrays and not scalars and not is_one(top) and not any(b.shape for b in below)
            if split:
                t = mul(div(top, _product(bottom)), *arrays)
            else:
                t = div(_product(([] if is_one(top) else [top]) + scalars + arrays), _product(bottom))
        return _neg(neg(t)) if c < 0 else t


def spread_column(t: Term) -> Term | None:
    """v of v 1ᵀ, the column that a row of ones repeats."""
    if t.op != "matmul" or t.args[-1].op != "T" or t.args[-1].args[0].op != "ones":
        return None
    v = matmul(*t.args[:-1])
    return v if len(v.shape) == 1 else None


def spread_row(t: Term) -> Term | None:
    """r of 1 r, the row that a column of ones repeats."""
    if t.op != "matmul" or t.args[0].op != "ones" or len(t.args[0].shape) != 1:
        return None
    r = matmul(*t.args[1:])
    return r if rows_cols(r.shape)[0] == 1 and r.shape else None


def taken_out(t: Term, repeated: Callable[[Term], Term | None]) -> tuple[Term, Term] | None:
    """(A, v) with t = A ⊙ (v 1ᵀ), or (A, r) with t = A ⊙ (1 r)."""
    if t.op not in ("mul", "div"):
        return None
    inside, outside = Product(), Product()
    inside.times(t)
    for side, sign in ((inside.above, 1), (inside.below, -1)):
        for b in list(side):
            v = repeated(b)
            if v is not None:
                outside.base(v, sign * side.pop(b))
    if outside == Product():
        return None
    like = ones(next(v for v in (*outside.above, *outside.below)).shape)
    return _as_shape(inside.term(t), t), _as_shape(outside.term(like), like)


ABSORBED: dict[str, Callable[[Term], tuple[Term, Term]]] = {
    "sign": lambda u: (u, fn("abs", u)),
    "step": lambda u: (fn("relu", u), fn("relu", u)),
}


def terminates(c: Fraction) -> bool:
    """Whether c is a finite decimal."""
    d = c.denominator
    for p in (2, 5):
        while d % p == 0:
            d //= p
    return d == 1


def _powers(side: dict[Term, Fraction]) -> list[Term]:
    return [b if k == 1 else power(b, num(k)) for b, k in side.items()]


def _product(factors: list[Term]) -> Term:
    return mul(*factors) if factors else ONE


def _mul(t: Term) -> Term:
    p = Product()
    for f in t.args:
        p.times(f)
    return _as_shape(p.term(t), t)


def _div(t: Term) -> Term:
    p = Product()
    p.times(t.args[0])
    if is_zero(t.args[1]):
        return t
    p.times(t.args[1], Fraction(-1))
    return _as_shape(p.term(t), t)


def _pow(t: Term) -> Term:
    base, k = t.args[0], t.args[1].number
    if k is None:
        return _as_shape(ONE, t) if is_one(base) else t
    if k == 0:
        return _as_shape(ONE, t)
    if k == 1:
        return base
    b = base.number
    if b is not None and k.denominator == 1 and abs(k) <= _MAX_FOLD and (b or k > 0) and _small(b):
        return num(b ** int(k), base.data[1] if base.op == "num" else "")
    if base.op == "pow" and base.args[1].number is not None and k.denominator == base.args[1].number.denominator == 1:
        return _pow(power(base.args[0], num(base.args[1].number * k)))
    if base.op == "neg" and k.denominator == 1 and k.numerator % 2 == 0:
        return _pow(power(base.args[0], t.args[1]))
    if base.op == "fn" and base.data == "sqrt" and k == 2:
        return base.args[0]
    if k < 0:
        return div(ONE, base if k == -1 else power(base, num(-k)))
    return t


def _small(b: Fraction) -> bool:
    return max(b.numerator.bit_length(), b.denominator.bit_length()) <= 64


# --------------------------------------------------------------------------------------------------- matrix products
def _matmul(t: Term) -> Term:
    """Scalars to the front, identities out, 1ᵀ1 counted."""
    scale = Product()
    parts: list[Term] = []
    for a in t.args:
        parts.extend(_without_scalars(a, scale))
    if any(is_zero(p) for p in parts):
        return ZERO if not t.shape else zeros(t.shape)
    kept = [p for p in _cancelling(parts) if p.op != "eye"] or [eye(rows_cols(t.shape)[0])]
    kept = _krons(_diagonals(kept))
    kept = _means(_count_ones(_extract_scalars(kept, scale), scale), scale)
    kept = _rows_out(_softmaxes(kept, scale))
    body = matmul(*kept) if kept else ONE
    if scale == Product():
        return _as_shape(body, t)
    scale.times(body)
    return _as_shape(scale.term(t), t)


def _cancelling(parts: list[Term]) -> list[Term]:
    """A A⁻¹ is dropped, and B (A B)⁻¹ is A⁻¹, with their transposes; all the factors are square."""
    out: list[Term] = []
    for p in parts:
        while out and (rest := _cancelled_pair(out[-1], p)) is not None:
            out.pop()
            p = rest
        if p.op != "eye" or not out:
            out.append(p)
    return out


def _cancelled_pair(a: Term, b: Term) -> Term | None:
    """What is left of the product of two neighbours of which one is an inverse, if anything cancels."""
    for inverse, other, after in ((a, b, True), (b, a, False)):
        flipped = inverse.op == "T"
        x = inverse.args[0] if flipped else inverse
        if x.op != "inv":
            continue
        inside = x.args[0].args if x.args[0].op == "matmul" else x.args
        factors = [tidy(transpose(f)) if flipped else f for f in inside]
        place = 0 if after != flipped else -1
        if factors[place] is not other or any(f.shape != other.shape for f in factors):
            continue
        rest = factors[1:] if place == 0 else factors[:-1]
        rest = [tidy(transpose(f)) for f in rest] if flipped else rest
        left = _inverse(apply("inv", matmul(*rest))) if rest else eye(rows_cols(other.shape)[0])
        return tidy(transpose(left)) if flipped else left
    return None


def _without_scalars(a: Term, scale: Product) -> list[Term]:
    """The matrix factors of `a`; its sign and scalar factors go into `scale`."""
    sign, a = split_sign(a)
    if sign < 0:
        scale.coefficient = -scale.coefficient
    if a.op == "div" and not a.args[1].shape:
        scale.times(a.args[1], Fraction(-1))
        return _without_scalars(a.args[0], scale)
    if a.op == "div":
        inside = Product()
        inside.times(a)
        scale.coefficient, inside.coefficient = scale.coefficient * inside.coefficient, Fraction(1)
        return [inside.term(a)]
    if a.op == "mul":
        for f in a.args:
            if not f.shape:
                scale.times(f)
        arrays = [f for f in a.args if f.shape]
        if not arrays:
            return []
        return _without_scalars(arrays[0], scale) if len(arrays) == 1 else [mul(*arrays)]
    if a.op == "matmul":
        return list(a.args)
    if not a.shape:
        scale.times(a)
        return []
    return [a]


def _extract_scalars(parts: list[Term], scale: Product) -> list[Term]:
    """A stretch xᵀ … y inside a longer product is a scalar and goes to the front."""
    i = 0
    while i < len(parts):
        if rows_cols(parts[i].shape)[0] == 1:
            j = next((j for j in range(i, len(parts)) if rows_cols(parts[j].shape)[1] == 1), None)
            if j is not None and j - i + 1 < len(parts):
                scale.times(_matmul(matmul(*parts[i : j + 1])) if j > i else parts[i])
                parts = parts[:i] + parts[j + 1 :]
                continue
        i += 1
    return parts


def _count_ones(parts: list[Term], scale: Product) -> list[Term]:
    if len(parts) == 2 and parts[0].op == "T" and parts[0].args[0] is parts[1] and parts[1].op == "ones":
        scale.times(dimension(parts[1].shape[0]))
        return []
    if len(parts) == 2 and parts[0].op == "ones" and parts[1].op == "T" and parts[1].args[0].op == "ones":
        return [ones(matmul(*parts).shape)]
    return parts


def _diagonals(parts: list[Term]) -> list[Term]:
    """diag(u) diag(v) = diag(u ⊙ v), diag(u) v = u ⊙ v, and vᵀ diag(u) = (v ⊙ u)ᵀ."""
    out: list[Term] = []
    for p in parts:
        row = out[-1] if out and out[-1].op == "T" and len(out[-1].args[0].shape) == 1 else None
        if row is not None and p.op == "diag" and len(p.args[0].shape) == 1:
            out[-1] = transpose(_mul(mul(row.args[0], p.args[0])))
            continue
        left = out[-1] if out and out[-1].op == "diag" and len(out[-1].args[0].shape) == 1 else None
        if left is not None and (p.op == "diag" or len(p.shape) == 1):
            product = _mul(mul(left.args[0], p.args[0] if p.op == "diag" else p))
            out[-1] = apply("diag", product) if p.op == "diag" else product
        else:
            out.append(p)
    return out


def _krons(parts: list[Term]) -> list[Term]:
    """(A ⊗ B) vec X = vec(B X Aᵀ)."""
    for i, (k, v) in enumerate(pairwise(parts)):
        if k.op == "kron" and v.op == "vec":
            (a, b), x = k.args, v.args[0]
            if rows_cols(x.shape) == (rows_cols(b.shape)[1], rows_cols(a.shape)[1]) and a.shape and b.shape:
                return [*parts[:i], apply("vec", matmul(b, x, _transpose(transpose(a)))), *parts[i + 2 :]]
    return parts


def _is_column_of_ones(t: Term) -> bool:
    return t.op == "ones" and len(t.shape) == 1


def _means(parts: list[Term], scale: Product) -> list[Term]:
    """A 1/d is the mean of each row of A, 1ᵀA/n that of each column."""
    for i, (a, b) in enumerate(pairwise(parts)):
        row = _is_column_of_ones(b) and len(a.shape) == 2 and a.shape[0] != 1
        col = a.op == "T" and _is_column_of_ones(a.args[0]) and len(b.shape) == 2 and b.shape[0] != 1
        size = dimension(b.shape[0]) if row or col else ONE
        if size is not ONE and size.op != "num" and scale.below.get(size) == 1:
            del scale.below[size]
            return [*parts[:i], apply("rowmean", a) if row else apply("colmean", b), *parts[i + 2 :]]
    return parts


def _rows_out(parts: list[Term]) -> list[Term]:
    """(A ⊙ v 1ᵀ) 1 is (A 1) ⊙ v, and 1ᵀ(A ⊙ 1 r) is (1ᵀA) ⊙ r."""
    if len(parts) != 2:
        return parts
    a, b = parts
    for whole, one, side in ((a, b, spread_column), (b, a.args[0] if a.op == "T" else a, spread_row)):
        found = taken_out(whole, side) if _is_column_of_ones(one) else None
        if found is not None:
            rest, v = found
            return [_mul(mul(_matmul(matmul(rest, b) if whole is a else matmul(a, rest)), v))]
    return parts


def _softmaxes(parts: list[Term], scale: Product) -> list[Term]:
    """A e^z/sum(e^z) is A softmax(z)."""
    for i, p in enumerate(parts):
        whole = apply("sum", p) if p.op == "fn" and p.data == "exp" and len(p.shape) == 1 else ONE
        if scale.below.get(whole) == 1:
            del scale.below[whole]
            return [*parts[:i], apply("softmax", p.args[0]), *parts[i + 1 :]]
    return parts


def _transpose(t: Term) -> Term:
    x = t.args[0]
    rule = _TRANSPOSED.get(x.op)
    if not x.shape:
        return x
    return rule(x) if rule else t


def _inwards(x: Term, make: Callable[..., Term]) -> Term:
    """(A + Bᵀ)ᵀ = Aᵀ + B; a bracket in which nothing cancels keeps its transpose."""
    inside = make(*(_transpose(transpose(a)) if a.shape else a for a in x.args))
    return inside if inside.size <= x.size else transpose(x)


def _transposed_power(x: Term, base: Term) -> Term:
    """(Xᵀᵏ)ᵀ is Xᵏ; (Xᵏ)ᵀ stays."""
    return x if base is x.args[0] else matpow(base, x.args[1]) if base.size < x.args[0].size else transpose(x)


_TRANSPOSED: dict[str, Callable[[Term], Term]] = {
    "T": lambda x: x.args[0],
    "d": lambda x: x if _transpose(transpose(x.args[0])) is x.args[0] else transpose(x),
    "sym": lambda x: x if "symmetric" in x.facts or "positive definite" in x.facts else transpose(x),
    "matmul": lambda x: matmul(*(_transpose(transpose(a)) if a.shape else a for a in reversed(x.args))),
    "add": lambda x: _inwards(x, add),
    "mul": lambda x: _inwards(x, mul),
    "neg": lambda x: neg(_transpose(transpose(x.args[0]))),
    "div": lambda x: transpose(x)
    if x.args[1].shape
    else div(_transpose(transpose(x.args[0])), x.args[1]),
    "matpow": lambda x: _transposed_power(x, _transpose(transpose(x.args[0]))),
    "eye": lambda x: x,
    "diag": lambda x: x,
    "ones": lambda x: transpose(x) if len(x.shape) == 1 else ones((x.shape[1], x.shape[0])),
    "zeros": lambda x: transpose(x) if len(x.shape) == 1 else zeros((x.shape[1], x.shape[0])),
    "inv": lambda x: x if _transpose(transpose(x.args[0])) is x.args[0] else transpose(x),
    "kron": lambda x: apply("kron", *(_transpose(transpose(a)) if a.shape else a for a in x.args)),
}


def _linear(t: Term) -> Term:
    """Scalars leave a sum, a trace, a row sum, …: sum(c X) = c sum(X)."""
    x = t.args[0]
    if not x.shape:
        return x
    scale = Product()
    parts = _without_scalars(x, scale)
    if any(is_zero(p) for p in parts):
        return ZERO if not t.shape else zeros(t.shape)
    inside = matmul(*parts) if parts else ones(x.shape)
    found = taken_out(inside, ALONG[t.op]) if t.op in ALONG else None
    if found is not None:
        return _mul(mul(*scale.factors(), tidy(apply(t.op, found[0])), found[1]))
    body = _over_sum(t.op, inside) or _reduced(t.op, inside)
    if scale == Product():
        return body
    scale.times(body)
    return _as_shape(scale.term(t), t)


def _over_sum(op: str, x: Term) -> Term | None:
    """The sum of what a sum's parts come to, where each is known: rowsum(c Y + (1 − c) Z) is 1 where rows sum to 1."""
    ranks = [_column_and_row(split_coefficient(a)[2] or a) for a in x.args] if x.op == "add" else []
    if (op == "tr" and any(ranks)) or (op == "diagv" and ranks and all(ranks)):
        return _add(add(*(tidy(apply(op, a)) for a in x.args)))
    if x.op != "add" or op not in COUNTED:
        return None
    totals = [tidy(apply(op, a if a.shape else mul(a, ones(x.shape)))) for p in x.args for a in summands(p)]
    scalars = totals if op in ("sum", "mean") else [_times_ones(s) for s in totals]
    known = [s for s in scalars if s is not None]
    total = _add(add(*known)) if known else ZERO
    if len(known) < len(scalars) or any(n.op in COUNTED and n.args[0].size > 1 for s in known for n in postorder(s)):
        return None
    shape = apply(op, x).shape
    return total if total.size < x.size and not shape else mul(total, ones(shape)) if total.size < x.size else None


ALONG = {"rowsum": spread_column, "rowmean": spread_column, "colsum": spread_row, "colmean": spread_row}
COUNTED = ("sum", "mean", "rowsum", "colsum", "rowmean", "colmean")


def _times_ones(t: Term) -> Term | None:
    """c of c 1, the array whose elements are all c."""
    sign, body = split_sign(t)
    factors = body.args if body.op == "mul" else (body,)
    if is_zero(body):
        return ZERO
    if sum(bool(f.shape) for f in factors) != 1 or not any(f.op == "ones" for f in factors):
        return None
    c = _mul(mul(ONE, *(f for f in factors if not f.shape)))
    return neg(c) if sign < 0 else c


def _reduced(op: str, x: Term) -> Term:
    """A sum of ones is a count, the trace of a transpose is the trace."""
    if op in COUNTED and x.op == "ones":
        return _counted(op, x)
    if op == "sum" and x.op == "mul" and (square := [f for f in x.args if f.op == "eye"]):
        return tidy(apply("tr", mul(*(f for f in x.args if f is not square[0]))))
    if op == "diagv" and x.op == "ones":
        return ones(x.shape[:1])
    if op == "tr" and x.op == "matmul" and (two := _column_and_row(x)) is not None:
        return tidy(matmul(transpose(two[1]), two[0]))
    if op in ("tr", "diagv") and x.op == "T":
        return apply(op, x.args[0])
    if op in ("tr", "sum") and x.op == "eye":
        return dimension(x.shape[0])
    if op in ("rowsum", "diagv") and x.op == "eye":
        return ones(x.shape[:1])
    if op == "diagv" and x.op == "matmul" and (two := _column_and_row(x)) is not None:
        return _mul(mul(*two))
    if op == "diagv" and x.op == "diag" and len(x.args[0].shape) == 1:
        return x.args[0]
    if op == "diag" and x.op == "ones":
        return eye(x.shape[0])
    if op == "rowsum" and (x.op == "softmax" or "rows sum to one" in x.facts) and len(x.shape) == 2:
        return ones(x.shape[:1])
    if op == "sum" and len(x.shape) == 1 and (x.op == "softmax" or "sums to one" in x.facts):
        return ONE
    return apply(op, x)


def _counted(op: str, x: Term) -> Term:
    """What a sum or a mean of ones comes to."""
    rows, cols = rows_cols(x.shape)
    number = {"sum": (rows, cols), "rowsum": (cols,), "colsum": (rows,)}.get(op, ())
    return _mul(mul(ONE, *(dimension(n) for n in number if n != 1), ones(apply(op, x).shape)))


def _column_and_row(x: Term) -> tuple[Term, Term] | None:
    """The columns a and b of a product that is a bᵀ."""
    if x.op != "matmul":
        return None
    for k in range(1, len(x.args)):
        if rows_cols(x.args[k].shape)[0] == 1:
            return matmul(*x.args[:k]), _transpose(transpose(matmul(*x.args[k:])))
    return None


def _inverse(t: Term) -> Term:
    x = t.args[0]
    if x.op == "kron" and all(r == c for r, c in (rows_cols(a.shape) for a in x.args)):
        return apply("kron", *(_inverse(apply("inv", a)) for a in x.args))
    if x.op == "diag" and len(x.args[0].shape) == 1:
        return apply("diag", _div(div(ONE, x.args[0])))
    if x.op == "T":
        return transpose(_inverse(apply("inv", x.args[0])))
    return x.args[0] if x.op == "inv" else x if x.op == "eye" else t


def _blocks(t: Term) -> Term:
    """Scalars in front; of blocks C[i, j] D the contraction with B is ⟨D, B⟩ C, of u vᵀ it is Uᵀ B V."""
    (g, other), scale = t.args, Product()
    (body, *more), (last, *_) = _without_scalars(g, scale) or [ones(g.shape)], [other]
    g = matmul(body, *more)
    if is_zero(g) or is_zero(last):
        return ZERO if not t.shape else zeros(t.shape)
    found = _scaled_blocks(t.op, g, last, t.shape) or apply(t.op, g, last)
    if scale == Product():
        return found
    scale.times(found)
    return _as_shape(scale.term(t), t)


def _scaled_blocks(op: str, g: Term, other: Term, shape: tuple[int | str, ...]) -> Term | None:
    dot = op == "blockdot"
    if not other.shape or not shape:
        return _mul(mul(other, g)) if not other.shape else tidy(inner(g, other))
    if g.op == "kron" and g.args[dot].shape == other.shape:
        same, kept = g.args[dot], g.args[not dot]
        return _mul(mul(square(other) if same is other else tidy(inner(same, other)), kept))
    two = _column_and_row(g) if g.op == "matmul" else None
    if two is None:
        return None
    (m, n), (p, q) = map(rows_cols, (shape, other.shape) if dot else (other.shape, shape))
    u, v = (tidy(unvec(x, size)) for x, size in zip(two, ((p, m), (q, n)), strict=True))
    return tidy(matmul(transpose(u), other, v) if dot else matmul(u, other, transpose(v)))


def _unvec(t: Term) -> Term:
    """A column that was made of a matrix of that size is that matrix."""
    x = t.args[0]
    if x.op == "mul" and any(not f.shape for f in x.args):
        inside = _unvec(apply("unvec", mul(*(f for f in x.args if f.shape)), *t.args[1:]))
        return _mul(mul(*(f for f in x.args if not f.shape), inside))
    if x.op == "vec" and x.args[0].shape == t.shape:
        return x.args[0]
    return x if x.shape == t.shape else t


def _matpow(t: Term) -> Term:
    k = t.args[1].number
    return t.args[0] if k == 1 else eye(t.shape[0]) if k == 0 else t


def _cases(t: Term) -> Term:
    values = [a for i, a in enumerate(t.args) if i % 2 == 0]
    return values[0] if len(t.args) % 2 == 1 and all(v is values[0] for v in values) else t


RULES: dict[str, Callable[[Term], Term]] = {
    "add": _add,
    "neg": _neg,
    "mul": _mul,
    "div": _div,
    "pow": _pow,
    "matmul": _matmul,
    "T": _transpose,
    **dict.fromkeys(("sum", "mean", "tr", "rowsum", "colsum", "rowmean", "colmean", "diag", "diagv"), _linear),
    "inv": _inverse,
    "blockdot": _blocks,
    "blocksum": _blocks,
    "unvec": _unvec,
    "matpow": _matpow,
    "cases": _cases,
}
