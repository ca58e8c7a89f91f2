"""Index notation: the element of a formula that is linear in dX, and what stands before dX[k, l] there.

    (A dX B)[i, j] = Σ_a Σ_b A[i, a] dX[a, b] B[b, j],     so  ∂Y[i, j]/∂X[k, l] = A[i, k] B[l, j]
    dX = Σ δ[i, k] δ[j, l] dX[k, l],   (F ⊙ dX)[i, j] = F[i, j] δ[i, k] δ[j, l],   (dXᵀ)[i, j] = δ[i, l] δ[j, k]

An element is a sum of products of elements, with the indices that are summed: Einstein's notation, which `np.einsum`
carries out. The rules are those of Laue, Mitterreiter and Giesen (NeurIPS 2018).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count

from .errors import RuleError
from .operations import apply, dimension, eye, ones
from .term import ONE, ZERO, Dim, Shape, Term, add, cases, div, matmul, mul, neg, postorder, rows_cols, sym, transpose
from .tidy import is_zero, split_sign, tidy

Index = tuple[str, ...]
Factor = tuple[Term, Index]
LETTERS = "ijklpqrstabch"


@dataclass(frozen=True, slots=True)
class Product:
    """Σ over `bound` of the scalars times the elements of `factors`, times dX[at]."""

    scalars: tuple[Term, ...] = ()
    factors: tuple[Factor, ...] = ()
    bound: Index = ()
    at: Index = ()

    def times(self, *scalars: Term) -> Product:
        return replace(self, scalars=(*scalars, *self.scalars))

    def beside(self, before: Sequence[Factor] = (), behind: Sequence[Factor] = ()) -> Product:
        return replace(self, factors=(*before, *self.factors, *behind))

    def over(self, *bound: str) -> Product:
        return replace(self, bound=(*self.bound, *bound))

    def renamed(self, old: str, new: str) -> Product:
        """The same with one index called otherwise, no longer summed."""
        swap: Callable[[Index], Index] = lambda at: tuple(new if k == old else k for k in at)  # noqa: E731
        bound = tuple(k for k in self.bound if k != old)
        return Product(self.scalars, tuple((m, swap(k)) for m, k in self.factors), bound, swap(self.at))


@dataclass(frozen=True, slots=True)
class Indexed:
    """An array of any order by its element: the sum of `products` in the indices `out`, whose sizes are known."""

    products: tuple[Product, ...]
    out: Index
    sizes: Mapping[str, Dim]

    @property
    def shape(self) -> Shape:
        return tuple(self.sizes[k] for k in self.out)

    @property
    def term(self) -> Term:
        """The element as a formula, with Kronecker's δ and Σ; a factor that all products share stands in front."""
        return _factored(tidy(add(*map(self._shown, self.products)))) if self.products else ZERO

    @property
    def program(self) -> Term:
        """The whole array as a sum of contractions, for programs."""
        if not self.products:
            return mul(ZERO, self._contraction(Product()))
        return add(*map(self._scaled, self.products))

    def _scaled(self, p: Product) -> Term:
        sign, scale = split_sign(tidy(mul(ONE, *p.scalars)))
        whole = self._contraction(p) if scale is ONE else mul(scale, self._contraction(p))
        return neg(whole) if sign < 0 else whole

    @property
    def matrix(self) -> Term | None:
        """∂vec(Y)/∂vec(X)ᵀ = Σ R ⊗ L, if each product is an L[i, k] R[j, l]; None else."""
        if len(self.out) != 4 or not self.products:
            return None
        parts = [_kronecker(p, *self.out) for p in self.products]
        return tidy(add(*parts)) if all(p is not None for p in parts) else None  # type: ignore[arg-type]

    def _shown(self, p: Product) -> Term:
        whole = [element(m, [sym(k) for k in at]) for m, at in p.factors if m.op != "eye"]
        order = {k: i for i, k in enumerate((*self.out, *p.bound))}
        pairs = sorted([order[k] for k in at] for m, at in p.factors if m.op == "eye")
        deltas = [delta(*(sym(tuple(order)[i]) for i in sorted(pair))) for pair in pairs]
        body = mul(*p.scalars, *whole, *deltas) if p.scalars or whole or deltas else ONE
        body = tidy(body)
        sign, body = split_sign(body)
        for k in reversed(p.bound):
            body = Term("sigma", (body, sym(k), ONE, dimension(self.sizes[k])))
        return neg(body) if sign < 0 else body

    def _contraction(self, p: Product) -> Term:
        """`ik,lj->ijkl` with its operands; an index that no factor has runs over a column of ones."""
        used = {k for _, at in p.factors for k in at}
        rest = [(ones((self.sizes[k],)), (k,)) for k in (*self.out, *p.bound) if k not in used]
        factors = [*p.factors, *rest]
        letters = {k: chr(97 + i) for i, k in enumerate(dict.fromkeys((*self.out, *p.bound)))}
        spell: Callable[[Iterable[str]], str] = lambda at: "".join(letters[k] for k in at)  # noqa: E731
        how = ",".join(spell(at) for _, at in factors) + "->" + spell(self.out)
        return Term("einsum", tuple(m for m, _ in factors), how, self.shape)


def delta(i: Term, k: Term) -> Term:
    """Kronecker's δ: 1 where the two indices are equal, else 0."""
    return Term("delta", (i, k))


def entry(m: Term, indices: Sequence[Term]) -> Term:
    """An element of an array by its indices; of a name it is written A[i, k]."""
    return Term("index", tuple(indices), m.name) if m.op == "sym" else Term("entry", (m, *indices))


ELEMENTWISE = frozenset({"add", "neg", "mul", "div", "pow", "fn", "prime", "cases", "rel", "and", "or", "not"})


def element(m: Term, at: Sequence[Term]) -> Term:
    """The element of an array, the indices carried inwards through what is elementwise."""
    if not m.shape:
        return m
    if m.op == "ones":
        return ONE
    if m.op == "T":
        return element(m.args[0], at[::-1])
    if m.op in ELEMENTWISE and all(_is_elementwise(a) for a in m.args):
        return Term(m.op, tuple(element(a, at) for a in m.args), m.data)
    return entry(m, at)


def _is_elementwise(m: Term) -> bool:
    """Whether an index goes all the way in: there is no product of matrices on the way."""
    if not m.shape or m.op in ("sym", "ones"):
        return True
    return (m.op in ELEMENTWISE or m.op == "T") and all(_is_elementwise(a) for a in m.args)


# ------------------------------------------------------------------------------------------------------------ reading
def indexed(e: Term | None, u: Term, y: Shape, taken: Iterable[str]) -> Indexed:
    """The array of what stands before u[k, l] in e[i, j]: `e`, of the shape `y`, is linear in the array `u`, or None.

    Raises `RuleError` for an operation whose element has no rule (vec, kron, a convolution, …).

    >>> from symnet.term import matmul, sym
    >>> A, dX, B = sym("A", ("p", "n")), sym("dX", ("n", "m")), sym("B", ("m", "q"))
    >>> print(indexed(matmul(A, dX, B), dX, ("p", "q"), ()).term)
    A[i, k]*B[l, j]
    """
    used = set(taken)
    letters = (n for n in _every_letter() if n not in used)
    first = tuple(k for _, k in zip(sides(y), letters, strict=False))
    last = tuple(k for _, k in zip(sides(u.shape), letters, strict=False))
    sizes: dict[str, Dim] = dict(zip((*first, *last), (*sides(y), *sides(u.shape)), strict=True))
    if e is None or is_zero(e):
        return Indexed((), (*first, *last), sizes)
    products = [_split(_placed(p, last, sizes)) for p in _Reader(e, u, letters, sizes).of(e, first)]
    return Indexed(tuple(_settled(p, sizes) for p in products if p is not None), (*first, *last), sizes)


def _every_letter() -> Iterator[str]:
    yield from LETTERS
    yield from (f"i{k}" for k in count(1))


def sides(shape: Shape) -> Shape:
    """The sides of an array that have an index: one of a column or a row, none of a scalar."""
    return tuple(n for n in shape if n != 1)


class _Reader:
    """e[at] for a formula that is linear in u, as a sum of products; the rule is that of the operation on top."""

    def __init__(self, e: Term, u: Term, letters: Iterator[str], sizes: dict[str, Dim]) -> None:
        self.u, self.letters, self.sizes = u, letters, sizes
        self.holds = {u}
        for node in postorder(e):
            if not self.holds.isdisjoint(node.args):
                self.holds.add(node)

    def of(self, e: Term, at: Index) -> list[Product]:
        if e is self.u:
            return [Product(at=at)]
        if e not in self.holds and any(n is self.u for n in postorder(e)):
            self.holds.add(e)
        rule = READ.get(e.op) if e in self.holds else None
        if rule is None:
            raise RuleError(
                f"this result has no index notation here: an element of `{e.op}` that holds the variable has no rule"
            )
        return rule(self, e, at)

    def moves(self, t: Term) -> bool:
        return t in self.holds or any(n is self.u for n in postorder(t))

    def place(self, e: Term, parts: Sequence[Term]) -> int:
        """The one factor that holds u."""
        places = [i for i, a in enumerate(parts) if self.moves(a)]
        if len(places) != 1:
            raise RuleError(f"this result has no index notation here: {e.op} of {len(places)} operands that move")
        return places[0]

    def fresh(self, size: Dim) -> Index:
        """A new index of that size, none of a side of 1."""
        if size == 1:
            return ()
        k = next(self.letters)
        self.sizes[k] = size
        return (k,)

    # -- one rule for each operation
    def sum(self, e: Term, at: Index) -> list[Product]:
        return [p for a in e.args if self.moves(a) for p in self.of(a, at if a.shape else ())]

    def minus(self, e: Term, at: Index) -> list[Product]:
        return [p.times(neg(ONE)) for p in self.of(e.args[0], at)]

    def product(self, e: Term, at: Index) -> list[Product]:
        i = self.place(e, e.args)
        scalars = [a for k, a in enumerate(e.args) if k != i and not a.shape]
        before, behind = ([(a, at) for a in part if a.shape] for part in (e.args[:i], e.args[i + 1 :]))
        return [p.times(*scalars).beside(before, behind) for p in self.of(e.args[i], at if e.args[i].shape else ())]

    def quotient(self, e: Term, at: Index) -> list[Product]:
        self.place(e, (e.args[0], e.args[1]))
        a, b = e.args
        return self.product(mul(div(ONE, b), a), at)

    def matrix_product(self, e: Term, at: Index) -> list[Product]:
        """(L C R)[i, j] = Σ_a Σ_b L[i, a] C[a, b] R[b, j]."""
        parts = [g for f in e.args for g in (f.args if f.op == "matmul" else (f,))]
        i = self.place(e, parts)
        left, c, right = parts[:i], parts[i], parts[i + 1 :]
        rows, cols = rows_cols(e.shape)
        here, there = at[:1] if rows != 1 else (), at[-1:] if cols != 1 else ()
        a = self.fresh(rows_cols(c.shape)[0]) if left else here
        b = self.fresh(rows_cols(c.shape)[1]) if right else there
        before = [(matmul(*left), (*here, *a))] if left else []
        behind = [(matmul(*right), (*b, *there))] if right else []
        bound = (*(a if left else ()), *(b if right else ()))
        return [p.beside(before, behind).over(*bound) for p in self.of(c, (*a, *b))]

    def transposed(self, e: Term, at: Index) -> list[Product]:
        return self.of(e.args[0], at[::-1])

    def total(self, e: Term, at: Index) -> list[Product]:
        x = e.args[0]
        bound = tuple(k for n in sides(x.shape) for k in self.fresh(n))
        return [p.over(*bound) for p in self.of(x, bound)]

    def along(self, axis: int) -> Callable[[Term, Index], list[Product]]:
        """The sum over the columns (axis 1) or the rows."""

        def read(e: Term, at: Index) -> list[Product]:
            x = e.args[0]
            bound = self.fresh(rows_cols(x.shape)[axis])
            return [p.over(*bound) for p in self.of(x, (*at, *bound) if axis else (*bound, *at))]

        return read

    def trace(self, e: Term, at: Index) -> list[Product]:
        (k,) = self.fresh(e.args[0].shape[0])
        return [p.over(k) for p in self.of(e.args[0], (k, k))]

    def diagonal_matrix(self, e: Term, at: Index) -> list[Product]:
        return [p.beside(behind=[(eye(e.shape[0]), at)]) for p in self.of(e.args[0], at[:1])]

    def branches(self, e: Term, at: Index) -> list[Product]:
        """Each branch where its condition holds."""
        out = []
        for k, a in enumerate(e.args):
            if (k % 2 == 0 or k == len(e.args) - 1) and self.moves(a):
                chosen = [ONE if j == k else ZERO if j % 2 == 0 else x for j, x in enumerate(e.args)]
                out += self.of(mul(cases(*chosen), a), at)
        return out


def _mean(op: str, axes: tuple[int, ...]) -> Callable[[_Reader, Term, Index], list[Product]]:
    """A mean is the sum divided by the number of elements."""

    def read(r: _Reader, e: Term, at: Index) -> list[Product]:
        count_ = mul(*(dimension(rows_cols(e.args[0].shape)[k]) for k in axes))
        return [p.times(div(ONE, count_)) for p in r.of(apply(op, e.args[0]), at)]

    return read


READ: dict[str, Callable[[_Reader, Term, Index], list[Product]]] = {
    "add": _Reader.sum,
    "neg": _Reader.minus,
    "mul": _Reader.product,
    "div": _Reader.quotient,
    "matmul": _Reader.matrix_product,
    "T": _Reader.transposed,
    "sum": _Reader.total,
    "mean": _mean("sum", (0, 1)),
    "rowsum": lambda r, e, at: r.along(1)(e, at),
    "colsum": lambda r, e, at: r.along(0)(e, at),
    "rowmean": _mean("rowsum", (1,)),
    "colmean": _mean("colsum", (0,)),
    "tr": _Reader.trace,
    "diagv": lambda r, e, at: r.of(e.args[0], at * 2),
    "diag": _Reader.diagonal_matrix,
    "cases": _Reader.branches,
}


# --------------------------------------------------------------------------------------- what becomes of one product
def _placed(p: Product, last: Index, sizes: Mapping[str, Dim]) -> Product:
    """dX[a, b] is read at k, l: a summed index becomes k, another one gives δ[a, k]."""
    for place, k in enumerate(last):
        a = p.at[place]
        p = p.renamed(a, k) if a in p.bound else p.beside(behind=[(eye(sizes[k]), (a, k))])
    return p


def _split(p: Product) -> Product | None:
    """Every factor in the elements of its own factors; None if one of them is 0."""
    scalars, factors, todo = list(p.scalars), [], list(reversed(p.factors))
    while todo:
        m, at = todo.pop()
        if not m.shape:
            scalars.append(m)
        elif m.op == "zeros":
            return None
        elif m.op in FACTORS and (parts := FACTORS[m.op](m, at)) is not None:
            todo.extend(reversed(parts))
        else:
            factors.append((m, at))
    return replace(p, scalars=tuple(scalars), factors=tuple(factors))


def _outer(m: Term, at: Index) -> list[Factor] | None:
    """(x yᵀ)[i, j] = x[i] y[j]."""
    for k in range(1, len(m.args)):
        if len(at) == 2 and rows_cols(m.args[k].shape)[0] == 1:
            return [(matmul(*m.args[:k]), at[:1]), (matmul(*m.args[k:]), at[1:])]
    return None


FACTORS: dict[str, Callable[[Term, Index], list[Factor] | None]] = {
    "ones": lambda m, at: [],
    "neg": lambda m, at: [(neg(ONE), ()), (m.args[0], at)],
    "mul": lambda m, at: [(a, at if a.shape else ()) for a in m.args],
    "div": lambda m, at: None if m.args[1].shape else [(div(ONE, m.args[1]), ()), (m.args[0], at)],
    "T": lambda m, at: [(m.args[0], at[::-1])],
    "diag": lambda m, at: [(m.args[0], at[:1]), (eye(m.shape[0]), at)],
    "matmul": _outer,
}


def _settled(p: Product, sizes: Mapping[str, Dim]) -> Product:
    """δ[a, b] with a summed index is carried out, and so is a sum that is a product of matrices."""
    for place, (m, at) in enumerate(p.factors):
        if m.op == "eye":
            rest = replace(p, factors=(*p.factors[:place], *p.factors[place + 1 :]))
            if at[0] == at[1]:
                return _settled(rest, sizes)
            a, b = at if at[0] in p.bound else at[::-1]
            if a in p.bound:
                return _settled(rest.renamed(a, b), sizes)
    for k in p.bound:
        summed = _summed(p, k, sizes)
        if summed is not None:
            return _settled(summed, sizes)
    return p


def _summed(p: Product, k: str, sizes: Mapping[str, Dim]) -> Product | None:
    """The sum over k as one factor: of one array along a side, of two as their matrix product."""
    places = [i for i, (_, at) in enumerate(p.factors) if k in at]
    rest = replace(p, bound=tuple(b for b in p.bound if b != k))
    if not places:
        return rest.times(dimension(sizes[k]))
    if len(places) > 2 or any(p.factors[i][1].count(k) > 1 for i in places):
        return None
    found = [(_upright(m), at) for m, at in (p.factors[i] for i in places)]
    if len(found) == 1 and len(found[0][1]) > 1:
        return None
    pair = found if len(found) > 1 else [*found, (ones((sizes[k],)), (k,))]
    (m, at), (r, end) = sorted(pair, key=lambda f: -len(f[1]))
    left = m if len(at) > 1 and at[-1] == k else transpose(m)
    right = r if end[0] == k else transpose(r)
    made = (tidy(matmul(left, right)), tuple(b for b in (*at, *end) if b != k))
    factors = [f for i, f in enumerate(p.factors) if i not in places]
    factors.insert(places[0], made)
    return _split(replace(rest, factors=tuple(factors)))


def _kronecker(p: Product, i: str, j: str, k: str, l: str) -> Term | None:  # noqa: E741 - the letters of the formula
    """L[i, k] R[j, l] as the matrix R ⊗ L."""
    sorted_ = {frozenset(at): (m, at) for m, at in p.factors if len(at) == 2}
    if len(p.factors) != 2 or p.bound or sorted_.keys() != {frozenset((i, k)), frozenset((j, l))}:
        return None
    (left, here), (right, there) = sorted_[frozenset((i, k))], sorted_[frozenset((j, l))]
    turned = [m if at[0] == first else transpose(m) for m, at, first in ((right, there, j), (left, here, i))]
    return mul(*p.scalars, apply("kron", *turned))


def _factored(t: Term) -> Term:
    """a b − a c as a (b − c)."""
    parts = [split_sign(a) for a in t.args] if t.op == "add" else []
    factors = [list(body.args) if body.op == "mul" else [body] for _, body in parts]
    common = [f for f in factors[0] if all(f in other for other in factors) and f.op != "num"] if factors else []
    if not common:
        return t
    rest = []
    for (sign, _), own in zip(parts, factors, strict=True):
        left = [f for f in own if f not in common]
        rest.append((neg if sign < 0 else tidy)(mul(*left) if left else ONE))
    return tidy(mul(*common, add(*rest)))


def _upright(m: Term) -> Term:
    return transpose(m) if m.shape[0] == 1 else m
