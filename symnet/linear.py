"""The matrix of a linear formula: e(u) = M u, read off from e.

    A u + u = (A + I) u        v ⊙ u = diag(v) u        b (aᵀu) = (b aᵀ) u        (S ⊙ a uᵀ) c = diag(a) S diag(c) u

`e` may be a column, a row (eᵀ = M u) or a scalar (M is a row). A matrix that depends on u is met only beside a column,
which is carried into it.
"""

from __future__ import annotations

from collections.abc import Callable

from .errors import RuleError
from .operations import apply, dimension, eye, ones
from .term import ONE, ZERO, Term, add, cases, div, matmul, mul, neg, postorder, rows_cols, transpose


def coefficient(e: Term, u: Term) -> Term:
    """The matrix M with e = M u for a formula that is linear in the column `u`."""
    return _Reader(e, u).of(e)


class _Reader:
    def __init__(self, e: Term, u: Term) -> None:
        self.u = u
        self.size = u.shape[0]
        self.holds = {u}
        for node in postorder(e):
            if not self.holds.isdisjoint(node.args):
                self.holds.add(node)

    def moves(self, t: Term) -> bool:
        if t not in self.holds and any(n is self.u for n in postorder(t)):
            self.holds.add(t)
        return t in self.holds

    def place(self, parts: tuple[Term, ...]) -> int:
        """The one factor that holds u."""
        places = [i for i, a in enumerate(parts) if self.moves(a)]
        if len(places) != 1:
            raise _no_matrix(mul(*parts) if len(parts) > 1 else parts[0])
        return places[0]

    def of(self, e: Term) -> Term:
        if e is self.u:
            return eye(self.size)
        if not self.moves(e):
            raise _no_matrix(e)
        rule = READ.get(e.op)
        if rule is None:
            raise _no_matrix(e)
        return rule(self, e)

    # -- columns, rows and scalars
    def product(self, e: Term) -> Term:
        i = self.place(e.args)
        moving, rest = e.args[i], [*e.args[:i], *e.args[i + 1 :]]
        if moving.op in ("add", "neg") and any(a.shape for a in rest) and moving.shape:
            inner = [mul(*rest, a) for a in moving.args]
            return self.of(add(*inner) if moving.op == "add" else neg(inner[0]))
        m = self.of(moving)
        return _scaled(rest, m, e if e.shape and not moving.shape else None)

    def quotient(self, e: Term) -> Term:
        a, b = e.args
        if self.moves(b):
            raise _no_matrix(e)
        return div(self.of(a), b) if not b.shape else _scaled([div(ONE, b)], self.of(a), e if not a.shape else None)

    def matrix_product(self, e: Term) -> Term:
        """L c R: a column c goes on with its scalar R, a row with the transpose of R, a matrix takes R in."""
        factors = _flat(e)
        i = self.place(factors)
        left, c, right = factors[:i], factors[i], factors[i + 1 :]
        rows, cols = rows_cols(c.shape)
        if rows_cols(e.shape)[1] != 1:
            if rows_cols(e.shape)[0] != 1:
                raise _no_matrix(e)
            return self.of(transpose(e))
        if cols == 1 or (rows != 1 and not right):
            return _scaled(list(right and [matmul(*right)]), matmul(*left, self.of(c)) if left else self.of(c))
        if rows == 1:
            return matmul(*left, *([transpose(matmul(*right))] if right else []), self.of(transpose(c)))
        body = self.beside(c, matmul(*right))
        return self.of(matmul(*left, body) if left else body)

    def transposed(self, e: Term) -> Term:
        x = e.args[0]
        if len(x.shape) == 1 or not x.shape or x.op == "T":
            return self.of(x.args[0] if x.op == "T" else x)
        flip = FLIP.get(x.op)
        if flip is None:
            raise _no_matrix(e)
        return self.of(flip(x))

    def summed(self, e: Term) -> Term:
        """sum(x) = 1ᵀx, sum(X) = 1ᵀX1."""
        x = e.args[0]
        rows, cols = rows_cols(x.shape)
        if cols == 1 and x.op == "mul":
            i = self.place(x.args)
            fixed = [a for k, a in enumerate(x.args) if k != i and a.shape]
            if len(fixed) == 1 and x.args[i].shape:
                rest = [a for k, a in enumerate(x.args) if k != i and not a.shape]
                return _scaled(rest, self.of(matmul(transpose(fixed[0]), x.args[i])))
        row = transpose(ones((rows,)))
        if cols == 1:
            return self.of(matmul(row, x))
        return self.of(matmul(row, x, ones((cols,)))) if rows != 1 else self.of(matmul(x, ones((cols,))))

    def trace(self, e: Term) -> Term:
        """tr X = 1ᵀ diagv X."""
        return self.of(matmul(transpose(ones((e.args[0].shape[0],))), apply("diagv", e.args[0])))

    def diagonal(self, e: Term) -> Term:
        """diagv(a bᵀ) = a ⊙ b; diagv(A diag(u) B) = (A ⊙ Bᵀ) u."""
        x = e.args[0]
        if x.op in ("add", "neg"):
            return self.of((add if x.op == "add" else neg)(*(apply("diagv", a) for a in x.args)))
        if x.op == "mul":
            return self.of(mul(*(apply("diagv", a) if a.shape else a for a in x.args)))
        if x.op in ("T", "diag"):
            return self.of(apply("diagv", x.args[0]) if x.op == "T" else x.args[0])
        factors = _flat(x) if x.op == "matmul" else ()
        for k in range(1, len(factors)):
            if rows_cols(factors[k].shape)[0] == 1:
                return self.of(mul(matmul(*factors[:k]), transpose(matmul(*factors[k:]))))
        if factors:
            k = self.place(factors)
            if factors[k].op == "diag" and 0 < k < len(factors) - 1:
                both = mul(matmul(*factors[:k]), transpose(matmul(*factors[k + 1 :])))
                return matmul(both, self.of(factors[k].args[0]))
            if factors[k].op == "diag" and len(factors) > 1:
                return self.of(mul(apply("diagv", matmul(*factors[:k], *factors[k + 1 :])), factors[k].args[0]))
        raise _no_matrix(e)

    def branches(self, e: Term) -> Term:
        """Each branch where its condition holds."""
        out = []
        for k, a in enumerate(e.args):
            if (k % 2 == 0 or k == len(e.args) - 1) and self.moves(a):
                conditions = range(1, len(e.args), 2)
                chosen = [ONE if j == k else x if j in conditions else ZERO for j, x in enumerate(e.args)]
                out.append(mul(cases(*chosen), a))
        return self.of(add(*out))

    def kronecker(self, e: Term) -> Term:
        """(M u) ⊗ b = (M ⊗ b) u."""
        i = self.place(e.args)
        if len(e.shape) != 1:
            raise _no_matrix(e)
        m = self.of(e.args[i])
        return apply("kron", m, e.args[1]) if i == 0 else apply("kron", e.args[0], m)

    def stacked(self, e: Term) -> Term:
        """vec(a bᵀ) = b ⊗ a."""
        x = e.args[0]
        if x.op in ("add", "neg"):
            return self.of((add if x.op == "add" else neg)(*(apply("vec", a) for a in x.args)))
        if x.op == "matmul":
            for k in range(1, len(x.args)):
                if rows_cols(x.args[k].shape)[0] == 1:
                    a, b = matmul(*x.args[:k]), transpose(matmul(*x.args[k:]))
                    return self.of(apply("kron", b, a))
        raise _no_matrix(e)

    # -- a matrix that holds u, beside a column
    def beside(self, k: Term, c: Term) -> Term:
        """K c with the column carried into K."""
        if k.op in ("add", "neg"):
            return (add if k.op == "add" else neg)(*(matmul(a, c) for a in k.args))
        if k.op == "diag":
            return mul(k.args[0], c)
        if k.op == "div" and not k.args[1].shape:
            return div(matmul(k.args[0], c), k.args[1])
        if k.op == "T" and k.args[0].op in FLIP:
            return matmul(FLIP[k.args[0].op](k.args[0]), c)
        if k.op == "mul":
            i = self.place(k.args)
            moving, rest = k.args[i], [*k.args[:i], *k.args[i + 1 :]]
            scalars, arrays = [a for a in rest if not a.shape], [a for a in rest if a.shape]
            if not moving.shape:
                return mul(*scalars, moving, matmul(mul(*arrays), c))
            if not arrays:
                return mul(*scalars, matmul(moving, c))
            return mul(*scalars, self.weighted(mul(*arrays), moving, c))
        raise _no_matrix(matmul(k, c))

    def weighted(self, s: Term, k: Term, c: Term) -> Term:
        """(S ⊙ a bᵀ) c = a ⊙ (S (b ⊙ c))."""
        if k.op in ("add", "neg"):
            return (add if k.op == "add" else neg)(*(self.weighted(s, x, c) for x in k.args))
        if k.op == "T" and k.args[0].op in FLIP:
            return self.weighted(s, FLIP[k.args[0].op](k.args[0]), c)
        if k.op == "div" and not k.args[1].shape:
            return div(self.weighted(s, k.args[0], c), k.args[1])
        if k.op == "matmul":
            factors = _flat(k)
            for i in range(1, len(factors)):
                if rows_cols(factors[i].shape)[0] == 1:
                    a, b = matmul(*factors[:i]), transpose(matmul(*factors[i:]))
                    return mul(a, matmul(s, mul(b, c)))
            i = self.place(factors)
            if factors[i].op in ("add", "neg"):
                parts = [matmul(*factors[:i], x, *factors[i + 1 :]) for x in factors[i].args]
                return self.weighted(s, add(*parts) if factors[i].op == "add" else neg(parts[0]), c)
            if factors[i].op == "T" and factors[i].args[0].op in FLIP:
                turned = FLIP[factors[i].args[0].op](factors[i].args[0])
                return self.weighted(s, matmul(*factors[:i], turned, *factors[i + 1 :]), c)
        if k.op == "mul":
            i = self.place(k.args)
            rest = [*k.args[:i], *k.args[i + 1 :]]
            if not k.args[i].shape:
                return mul(k.args[i], matmul(mul(s, *rest), c))
            return self.weighted(mul(s, *rest), k.args[i], c)
        raise _no_matrix(matmul(mul(s, k), c))


def _flat(t: Term) -> tuple[Term, ...]:
    """The factors of a product of products."""
    return tuple(g for f in t.args for g in (_flat(f) if f.op == "matmul" else (f,)))


def _scaled(rest: list[Term], m: Term, spread: Term | None = None) -> Term:
    """diag(v) M for the factors beside a column; a column beside a scalar is v M."""
    scalars, arrays = [a for a in rest if not a.shape], [a for a in rest if a.shape]
    if spread is not None:  # a scalar beside arrays: every element moves alike
        v = _upright(mul(*arrays) if arrays else ones(spread.shape))
        m = matmul(v, m)
    elif arrays:
        left = apply("diag", mul(*map(_upright, arrays)))
        m = left if m.op == "eye" else matmul(left, m)
    return mul(*scalars, m) if scalars else m


def _upright(v: Term) -> Term:
    return transpose(v) if len(v.shape) == 2 else v


def _no_matrix(e: Term) -> RuleError:
    text = str(e) if e.size < 40 else f"a formula of {e.size} nodes"
    return RuleError(f"this Jacobian has no form in products of matrices here: {text} mixes a matrix with the variable")


FLIP: dict[str, Callable[[Term], Term]] = {
    "add": lambda x: add(*(transpose(a) for a in x.args)),
    "neg": lambda x: neg(transpose(x.args[0])),
    "mul": lambda x: mul(*(transpose(a) if a.shape else a for a in x.args)),
    "div": lambda x: div(transpose(x.args[0]), transpose(x.args[1]) if x.args[1].shape else x.args[1]),
    "matmul": lambda x: matmul(*(transpose(a) for a in reversed(x.args))),
    "T": lambda x: x.args[0],
    "diag": lambda x: x,
    "colsum": lambda x: apply("rowsum", transpose(x.args[0])),
    "colmean": lambda x: apply("rowmean", transpose(x.args[0])),
}
READ: dict[str, Callable[[_Reader, Term], Term]] = {
    "add": lambda r, e: add(*(r.of(a if a.shape == e.shape else mul(a, ones(e.shape))) for a in e.args)),
    "neg": lambda r, e: neg(r.of(e.args[0])),
    "mul": _Reader.product,
    "div": _Reader.quotient,
    "matmul": _Reader.matrix_product,
    "T": _Reader.transposed,
    "sum": _Reader.summed,
    "mean": lambda r, e: div(r.of(apply("sum", e.args[0])), _count(e.args[0])),
    "rowsum": lambda r, e: r.of(_times_ones(e.args[0])),
    "rowmean": lambda r, e: div(r.of(apply("rowsum", e.args[0])), dimension(rows_cols(e.args[0].shape)[1])),
    "colsum": lambda r, e: r.of(FLIP["colsum"](e)),
    "colmean": lambda r, e: r.of(FLIP["colmean"](e)),
    "tr": _Reader.trace,
    "diagv": _Reader.diagonal,
    "cases": _Reader.branches,
    "kron": _Reader.kronecker,
    "vec": _Reader.stacked,
}


def _times_ones(x: Term) -> Term:
    return matmul(x, ones(x.shape[1:])) if len(x.shape) == 2 else x


def _count(x: Term) -> Term:
    rows, cols = rows_cols(x.shape)
    return mul(dimension(rows), dimension(cols)) if cols != 1 else dimension(rows)

