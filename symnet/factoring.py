"""Sums of arrays with what they share taken out: A X + Aᵀ X = (A + Aᵀ) X, S/n − Y/n = (S − Y)/n.

A summand is (sign and number) · scalars · Hadamard factors, or · a product of matrices. Shared scalars and shared
Hadamard factors leave the bracket, and so do shared first and last factors of matrix products, wherever the formula
gets shorter; the order of what stays is kept, with X before Xᵀ.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import groupby

from .normal import expanded, shorter
from .operations import apply, ones, square
from .quotients import one_fraction
from .term import (
    ONE,
    Memo,
    Term,
    add,
    div,
    fold,
    matmul,
    matpow,
    mul,
    neg,
    num,
    postorder,
    power,
    rebuild,
    substitute,
    sym,
    transpose,
)
from .tidy import RULES, split_coefficient, tidy

INFIX = ("add", "mul", "matmul", "div", "pow", "matpow")
NODES = 600  # a longer sum is left as it is


def collected(root: Term, memo: Memo | None = None) -> Term:
    """`root` with the common factors of its sums of arrays taken out, where that is shorter."""
    memo = {} if memo is None else memo
    for node in postorder(root) if root not in memo else ():
        if node not in memo:
            here = rebuild(node, [memo[a] for a in node.args]) if node.args else node
            memo[node] = _worked_out(here, node)
    return memo[root]


def _worked_out(t: Term, before: Term) -> Term:
    """One node whose operands are worked out already."""
    if t.op == "add":
        return _again(cancelled(t)) if t.shape and t.size <= NODES else t
    if t.op == "matmul":
        return _product(t)
    return RULES[t.op](t) if t.op in LEFT and t is not before else t


LEFT = ("mul", "tr", "sum", "rowsum", "colsum", "mean", "rowmean", "colmean", "diagv")  # from which a number leaves


def _product(t: Term) -> Term:
    """A product in one bracket: X⁻ᵀ A X⁻ᵀ as (X⁻¹ Aᵀ X⁻¹)ᵀ, X X X as X³, wᵀXᵀXw as ‖Xw‖²."""
    factors = list(_flat(t).args)
    turned = len(t.shape) == 2 and all(f.op == "T" for f in factors)
    if turned and sum(f.args[0].op == "inv" for f in factors) > 1:
        return transpose(matmul(*_powers([f.args[0] for f in reversed(factors)])))
    if len(factors) == 2 and factors[0].op == "mul" and _is_ones(factors[1]) and len(factors[0].shape) == 2:
        return apply("rowsum", factors[0])
    if len(factors) == 2 and factors[1].op == "mul" and factors[0].op == "T" and _is_ones(factors[0].args[0]):
        return apply("colsum", factors[1]) if len(factors[1].shape) == 2 else apply("sum", factors[1])
    half = factors[len(factors) // 2 :]
    if not t.shape and len(factors) in (4, 6, 8) and [tidy(transpose(f)) for f in half] == factors[: len(half)][::-1]:
        return square(matmul(*half))
    return matmul(*_powers(factors))


def _is_ones(t: Term) -> bool:
    """A column of ones; a matrix of ones does more than add up."""
    return t.op == "ones" and len(t.shape) == 1


def _powers(factors: Sequence[Term]) -> list[Term]:
    """Three or more equal neighbours as a power."""
    runs = [list(run) for _, run in groupby(factors)]
    return [f for run in runs for f in ([matpow(run[0], num(len(run)))] if len(run) > 2 else run)]


def _sum(t: Term) -> Term:
    for take_out in (_all_scalars, _hadamard, _one_diagonal, _outer_factors(-1), _outer_factors(0), _transposed):
        shorter = take_out(t)
        if shorter is not t and length(shorter) < length(t):
            return _again(shorter)
    return t


def length(t: Term) -> int:
    """How long a formula reads: its operators and functions."""
    return fold(t, lambda node, inner: sum(inner) + (len(node.args) - 1 if node.op in INFIX else bool(node.args)))


def _again(t: Term) -> Term:
    """The bracket that is left may share more."""
    if t.op == "add":
        return _sum(t) if t.shape else t
    here = rebuild(t, [_again(a) for a in t.args]) if t.args else t
    return _flat(here) if here.op == "matmul" else here


def cancelled(t: Term) -> Term:
    """((1 − y) ⊘ (1 − p) − y ⊘ p) ⊙ p ⊙ (1 − p) = p − y: elementwise, arrays cancel like numbers."""
    mirrored = _mirrored(t)
    if not t.shape or not (mirrored or any(n.op == "div" and n.args[1].shape for n in postorder(t))):
        return t
    whole = substitute(t, mirrored)
    forms = [_short_of(whole, (), bool(mirrored)), _short_of(whole, _inner_sums(whole), bool(mirrored))]
    back = min((tidy(f) for f in forms), key=length)
    if length(back) >= length(t):
        return t
    return back if back.shape == t.shape else mul(back, ones(t.shape))


def _short_of(t: Term, whole: Container[Term], opened: bool) -> Term:
    """The shortest form of t by the algebra of one element, what is in `whole` taken as one number."""
    arrays: dict[Term, Term] = {}
    plain = _as_numbers(t, arrays, whole)
    short = min(shorter(plain), one_fraction(plain), expanded(plain) if opened else plain, key=length)
    return substitute(short, {number: array for array, number in arrays.items()})


def _inner_sums(t: Term) -> set[Term]:
    """The sums within sums of t, such as Xw − y in 1 + (Xw − y)²."""
    sums = [n for n in postorder(t) if n.op == "add" and n.shape and n is not t]
    return {a for n in sums for a in postorder(n) if a.op == "add" and a.shape and a is not n}


def _mirrored(t: Term) -> Memo:
    """σ(−z) → 1 − σ(z) where both stand in t."""
    found = {n.args[0]: n for n in postorder(t) if n.op == "fn" and n.data == "sigmoid"}
    return {n: add(ONE, neg(found[z.args[0]])) for z, n in found.items() if z.op == "neg" and z.args[0] in found}


def _as_numbers(t: Term, arrays: dict[Term, Term], whole: Container[Term] = ()) -> Term:
    """The formula of one element; whatever is not arithmetic, or is in `whole`, is a name."""
    if t in whole:
        return arrays.setdefault(t, sym(f"element_{len(arrays)}"))
    if not t.shape or t.op == "ones":
        return ONE if t.shape else t
    if t.op in ("add", "neg", "mul", "div", "pow", "fn"):
        return rebuild(t, [_as_numbers(a, arrays, whole) for a in t.args])
    return arrays.setdefault(t, sym(f"element_{len(arrays)}"))


def with_reciprocals(t: Term, known: Mapping[Term, Term]) -> Term:
    """x / b³ is x r³ where r is the name of 1/b."""

    def visit(node: Term, args: list[Term]) -> Term:
        here = rebuild(node, args) if args else node
        if here.op != "div":
            return here
        above, below = [here.args[0]], []
        for f in here.args[1].args if here.args[1].op == "mul" else (here.args[1],):
            base, k = (f.args[0], f.args[1]) if f.op == "pow" else (f, ONE)
            if base in known:
                above.append(known[base] if k is ONE else power(known[base], k))
            else:
                below.append(f)
        return here if len(above) == 1 else div(mul(*above), mul(*below)) if below else mul(*above)

    return fold(t, visit)


def without_idle_steps(t: Term, known: Mapping[Term, Term]) -> Term:
    """a ⊙ 1[z > 0] is a where a = ReLU(z); `known` has the step with the name of its ReLU."""

    def visit(node: Term, args: list[Term]) -> Term:
        here = rebuild(node, args) if args else node
        if here.op != "mul":
            return here
        bases = {f.args[0] if f.op == "pow" else f for f in here.args}
        kept = [f for f in here.args if known.get(f) not in bases]
        return here if len(kept) == len(here.args) else mul(*kept)

    return fold(t, visit)


# ------------------------------------------------------------------------------------------------- summands in parts
@dataclass(frozen=True)
class Summand:
    """number · above / below · (matrix factors, or Hadamard factors)."""

    number: Fraction
    style: str
    above: tuple[Term, ...]
    below: tuple[Term, ...]
    arrays: tuple[Term, ...]

    def term(self) -> Term:
        """The summand written back."""
        top = mul(*self.above, *self.arrays) if self.above or self.arrays else ONE
        return self._scaled(div(top, mul(*self.below)) if self.below else top)

    def _scaled(self, body: Term) -> Term:
        size = abs(self.number)
        body = body if size == 1 else mul(num(size, self.style), body)
        return tidy(neg(body) if self.number < 0 else body)


def _summand(t: Term) -> Summand:
    number, style, body = split_coefficient(t)
    above: list[Term] = []
    below: list[Term] = []
    arrays: list[Term] = []
    stack = [] if body is None else [body]
    while stack:
        f = stack.pop()
        if f.op == "mul":
            stack.extend(reversed(f.args))
        elif f.op == "div" and not f.args[1].shape:
            below.extend(f.args[1].args if f.args[1].op == "mul" else f.args[1:])
            stack.append(f.args[0])
        elif f.op == "neg":
            number = -number
            stack.append(f.args[0])
        elif f.op == "num":
            number, style = number * f.data[0], style or f.data[1]
        else:
            (arrays if f.shape else above).append(f)
    whole = [b for b in below if b.op != "num"]
    for b in below:
        number = number / b.data[0] if b.op == "num" and b.data[0] else number
    return Summand(number, style, tuple(above), tuple(whole), tuple(arrays))


def _shared(lists: Sequence[tuple[Term, ...]]) -> tuple[Term, ...]:
    """What stands in every list, as often as everywhere, in the order of the first."""
    rest = [list(x) for x in lists[1:]]
    out = []
    for f in lists[0]:
        if all(f in x for x in rest):
            out.append(f)
            for x in rest:
                x.remove(f)
    return tuple(out)


def _without(factors: tuple[Term, ...], gone: tuple[Term, ...]) -> tuple[Term, ...]:
    left = list(factors)
    for f in gone:
        left.remove(f)
    return tuple(left)


# ------------------------------------------------------------------------------------------------ what is taken out
def _all_scalars(t: Term) -> Term:
    """c A + c B = c (A + B) for scalars and for the size of a number."""
    parts = [_summand(a) for a in t.args]
    above, below = _shared([p.above for p in parts]), _shared([p.below for p in parts])
    sizes = {abs(p.number) for p in parts}
    number = sizes.pop() if len(sizes) == 1 else Fraction(1)
    if not above and not below and number == 1:
        return t
    inner = [
        replace(p, number=p.number / number, above=_without(p.above, above), below=_without(p.below, below))
        for p in parts
    ]
    if any(not p.arrays for p in inner):
        return t
    return Summand(number, parts[0].style, above, below, (_bracket(p.term() for p in inner),)).term()


def _hadamard(t: Term) -> Term:
    """g ⊙ x − g ⊙ y = g ⊙ (x − y), and g² ⊙ x − g ⊙ y = g ⊙ (g ⊙ x − y)."""
    parts = [_opened(_summand(a)) for a in t.args]
    shared = _shared([p.arrays for p in parts])
    if not shared or all(len(p.arrays) == len(shared) for p in parts):
        return t
    inner = [replace(p, arrays=_without(p.arrays, shared)) for p in parts]
    return tidy(mul(*shared, _bracket(p.term() for p in inner)))


def _opened(p: Summand) -> Summand:
    """a² as a ⊙ a."""
    arrays: list[Term] = []
    for f in p.arrays:
        k = f.args[1].number if f.op == "pow" else None
        arrays += [f.args[0]] * int(k) if k is not None and k.denominator == 1 and 1 < k <= 4 else [f]
    return replace(p, arrays=tuple(arrays))


def _one_diagonal(t: Term) -> Term:
    """diag(u) + diag(v) = diag(u + v)."""
    parts = [_summand(a) for a in t.args]
    places = [i for i, p in enumerate(parts) if len(p.arrays) == 1 and p.arrays[0].op == "diag"]
    if len(places) < 2:
        return t
    columns = [replace(parts[i], arrays=parts[i].arrays[0].args).term() for i in places]
    one = apply("diag", collected(_bracket(columns)))
    return _joined([one if i == places[0] else a for i, a in enumerate(t.args) if i not in places[1:]])


def _outer_factors(side: int) -> Callable[[Term], Term]:
    """A X + B X = (A + B) X (side −1), X A + X B = X (A + B) (side 0), for as many summands as share them."""

    def take_out(t: Term) -> Term:
        parts = [_summand(a) for a in t.args]
        groups: dict[object, list[int]] = {}
        for i, p in enumerate(parts):
            if len(p.arrays) == 1 and p.arrays[0].op == "matmul":
                groups.setdefault((p.above, p.below, p.arrays[0].args[side]), []).append(i)
        places = max(groups.values(), key=len, default=[])
        if len(places) < 2:
            return t
        first = parts[places[0]]
        products = [parts[i].arrays[0].args for i in places]
        long = min(map(len, products)) - 1
        ends = [{f[-k:] if side else f[:k] for f in products} for k in range(1, long + 1)]
        k = sum(len(e) == 1 for e in ends)
        factor = matmul(*(products[0][-k:] if side else products[0][:k]))
        inner = []
        for i, factors in zip(places, products, strict=True):
            rest = factors[:-k] if side else factors[k:]
            inner.append(replace(parts[i], above=(), below=(), arrays=(matmul(*rest),)).term())
        if len({x.shape for x in inner}) != 1 or not inner[0].shape:
            return t
        sum_ = _bracket(inner)
        body = matmul(*((sum_, factor) if side else (factor, sum_)))
        whole = replace(first, number=Fraction(1), arrays=(_flat(body),)).term()
        return _joined([whole if i == places[0] else a for i, a in enumerate(t.args) if i not in places[1:]])

    return take_out


def _flat(t: Term) -> Term:
    return matmul(*(g for f in t.args for g in (f.args if f.op == "matmul" else (f,))))


def _transposed(t: Term) -> Term:
    """Bᵀ Xᵀ + Xᵀ Bᵀ = (X B + B X)ᵀ."""
    flipped = [tidy(transpose(a)) for a in t.args]
    return transpose(add(*flipped)) if len(t.shape) == 2 else t


def _bracket(parts: Iterable[Term]) -> Term:
    """The sum, X before Xᵀ; a minus that all share stands in front."""
    terms = list(parts)
    if all(t.op == "neg" for t in terms):
        return neg(_bracket(t.args[0] for t in terms))
    if len(terms) == 2 and terms[0].op == "T" and terms[0].args[0] is terms[1]:
        terms.reverse()
    return _joined(terms)


def _joined(terms: list[Term]) -> Term:
    """A sum with a positive term first."""
    first = next((i for i, p in enumerate(terms) if p.op != "neg"), 0)
    return add(terms[first], *terms[:first], *terms[first + 1 :])
