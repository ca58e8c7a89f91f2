"""Values of a function at exact places: balls of any precision, exact forms, and proofs that two values are equal."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod
from typing import Any

from flint import arb, fmpq_mat, fmpq_poly, fmpz_poly

from ..balls import precision
from ..term import Term, add, neg, postorder
from ..tidy import tidy
from .closing import at, closed, vanishes
from .rational import quotient
from .reals import DIGITS, LAST, Algebraic, Mapped, Rational, Real, accurate, compare
from .series import Curve
from .substitution import normal

SMALL = 24  # degree up to which a characteristic polynomial is made
SHORT = 14  # operations up to which a closed form of a value is shown


@dataclass(frozen=True, eq=False)
class Value(Real):
    """f at a place."""

    f: Term
    x: str
    place: Real
    _best: dict[Any, Any] = field(default_factory=dict, repr=False)

    def ball(self, bits: int = 128) -> arb:
        if bits not in self._best:
            known = self.known
            self._best[bits] = known.ball(bits) if known else accurate(Curve(self.f, self.x), self.place, bits)
        return self._best[bits]

    @property
    def exact(self) -> bool:  # type: ignore[override]
        return self.known is not None

    @property
    def known(self) -> Real | None:
        """The value in closed form, if there is a short one."""
        if "known" not in self._best:
            self._best["known"] = None
            self._best["known"] = self._closed()
        known: Real | None = self._best["known"]
        return known

    @property
    def term(self) -> Term | None:
        return self.known.term if self.known is not None else None

    def _closed(self) -> Real | None:
        reduced = self.reduced()
        if reduced is not None:
            g, u = reduced
            if g.degree() < 1:
                c = g[0]
                from .reals import rational

                return rational(c)
            if u.poly.degree() == 2:
                return _in_quadratic(g, u)
        value = at(self.f, self.x, self.place)
        if value is None:
            return None
        made = closed(value)
        if isinstance(made, Rational):
            return made
        return _by_sympy(made, self)

    def sympy(self) -> Any:
        known = self.known
        return known.sympy() if known is not None else self.decimal(DIGITS)

    def reduced(self) -> tuple[fmpq_poly, Algebraic] | None:
        """The value as a polynomial in an algebraic number, if it is one."""
        if "reduced" not in self._best:
            self._best["reduced"] = _reduced(self.f, self.x, self.place)
        return self._best["reduced"]


def _reduced(f: Term, x: str, place: Real) -> tuple[fmpq_poly, Algebraic] | None:
    if isinstance(place, Algebraic):
        pq, u = quotient(f, x), place
    elif isinstance(place, Mapped) and isinstance(place.base, Algebraic):
        pq, u = _in_kernel(f, x), place.base
    else:
        return None
    if pq is None:
        return None
    if u.poly.degree() > SMALL:
        return None
    m = fmpq_poly(u.poly)
    p, q = fmpq_poly(pq[0]) % m, fmpq_poly(pq[1]) % m
    g, s, _ = q.xgcd(m)
    if g.degree() != 0:
        return None
    return (p * s / g[0]) % m, u


def _in_kernel(f: Term, x: str) -> tuple[fmpz_poly, fmpz_poly] | None:
    """f as a rational function of its one kernel with x, if that has rational coefficients."""
    n = normal(f, x)
    if n is None:
        return None
    kernels = list(n.kernels.values())
    used = [i for i, k in enumerate(kernels) if int(n.top.degrees()[i]) or int(n.bottom.degrees()[i])]
    if len(used) != 1 or kernels[used[0]].sort not in ("exp", "trig", "name"):
        return None
    return _dense(n.top, used[0]), _dense(n.bottom, used[0])


def _dense(p: Any, place: int) -> fmpz_poly:
    out = [0] * (int(p.degrees()[place]) + 1 if p != 0 else 1)
    for exps, c in p.to_dict().items():
        out[int(exps[place])] = int(c)
    return fmpz_poly(out)


def _in_quadratic(g: fmpq_poly, u: Algebraic) -> Real | None:
    from fractions import Fraction

    from ..term import mul, num

    a, b = (Fraction(int(c.p), int(c.q)) for c in (g[0], g[1]))
    root = u.term
    if root is None:
        return None
    from ..bridge import from_sympy

    return closed(from_sympy(add(num(a), tidy(mul(num(b), root)))._sympy_().expand()))


def _by_sympy(made: Real, value: Value) -> Real | None:
    """The closed form as SymPy writes it, if that is short and has the same ball."""
    import sympy as sp

    from ..bridge import from_sympy
    from ..errors import SymnetError

    assert made.term is not None
    if made.term.size > 60 or any(map(_steep, postorder(made.term))):
        return None
    try:
        form = made.term._sympy_()
        for better in (form, sp.nsimplify(form) if form.is_Rational else sp.expand(form), sp.together(form)):
            if _length(better) < _length(form):
                form = better
        if _length(form) > SHORT or not form.is_number or form.has(sp.I, sp.zoo, sp.nan):
            return None
        read = closed(from_sympy(form))
    except (SymnetError, TypeError, ValueError, NotImplementedError, RecursionError):
        return None
    with precision(128):
        direct = accurate(Curve(value.f, value.x), value.place, 128)
        return read if read.ball(128).overlaps(direct) else None


def _steep(node: Term) -> bool:
    """A power that is too long to be multiplied out."""
    e = node.args[1].number if node.op == "pow" else None
    return e is not None and abs(e) > 12


def _length(form: Any) -> int:
    return int(form.count_ops())


def order(a: Real, b: Real) -> tuple[int, bool]:
    """−1, 0 or 1, and whether that is proven."""
    sign = compare(a, b, 1024)
    if sign:
        return sign, True
    if equal(a, b):
        return 0, True
    return compare(a, b, LAST), compare(a, b, LAST) != 0


def equal(a: Real, b: Real) -> bool:
    """A proof that two values whose balls overlap are one."""
    if a is b:
        return True
    p, q = a.term, b.term
    if p is not None and q is not None and (p is q or vanishes(add(p, neg(q)))):
        return True
    if isinstance(a, Value) and isinstance(b, Value) and a.place is b.place and a.f is b.f:
        return True
    x, y = _minimal(a), _minimal(b)
    if x is not None and x == y:
        return _one_root(x, a, b)
    return _mirrored(a, b)


def parity(t: Term, x: str) -> int:
    """1 for an even function, −1 for an odd one, 0 where that is not seen."""
    memo: dict[Term, int] = {}
    for node in postorder(t):
        parts = [memo[a] for a in node.args]
        if x not in node.free:
            memo[node] = 1
        elif node.op == "sym":
            memo[node] = -1
        elif node.op in ("add", "neg"):
            memo[node] = parts[0] if len(set(parts)) == 1 else 0
        elif node.op in ("mul", "div"):
            memo[node] = prod(parts)
        else:
            memo[node] = _parity_of(node, parts)
    return memo[t]


ODD = ("sin", "tan", "csc", "cot", "asin", "atan", "sinh", "tanh", "csch", "coth", "asinh", "atanh", "erf", "sign")
EVEN = ("cos", "sec", "cosh", "sech", "abs")


def _parity_of(node: Term, parts: list[int]) -> int:
    if all(p == 1 for p in parts):
        return 1
    if node.op == "fn" and parts[0] == -1:
        return -1 if node.data in ODD else int(node.data in EVEN)
    e = node.args[1].number if node.op == "pow" else None
    if e is not None and e.denominator == 1 and parts[0] == -1:
        return -1 if e % 2 else 1
    return 0


def _minimal(v: Real) -> fmpz_poly | None:
    """The minimal polynomial of an algebraic value."""
    if isinstance(v, Rational):
        return fmpz_poly([-v.value.numerator, v.value.denominator])
    if isinstance(v, Algebraic):
        return v.poly
    reduced = v.reduced() if isinstance(v, Value) else None
    if reduced is None:
        return None
    g, u = reduced
    n = u.poly.degree()
    if n > SMALL:
        return None
    m, rows, row = fmpq_poly(u.poly), [], g
    for _ in range(n):
        rows.append([row[i] for i in range(n)])
        row = (row * fmpq_poly([0, 1])) % m
    chi = fmpq_mat(rows).charpoly().numer()
    found = chi.factor()[1]
    return _positive(found[0][0]) if len(found) == 1 else None


def _positive(p: fmpz_poly) -> fmpz_poly:
    return -p if p.leading_coefficient() < 0 else p


def _one_root(m: fmpz_poly, a: Real, b: Real) -> bool:
    """Whether both lie at one and the same zero of m."""
    for bits in (256, 1024, 4096):
        with precision(bits):
            roots = [z.real for z, _ in m.complex_roots() if z.imag.is_zero()]
            near = [[i for i, r in enumerate(roots) if r.overlaps(v.ball(bits))] for v in (a, b)]
        if all(len(n) == 1 for n in near):
            return near[0] == near[1]
    return False


def _mirrored(a: Real, b: Real) -> bool:
    """f(c − x) = f(x), or g(x) in another cell, and the two places are mirror images of each other."""
    if not (isinstance(a, Value) and isinstance(b, Value)):
        return False
    from fractions import Fraction

    from ..term import num, substitute, sym

    with precision(256):
        total = a.place.ball(256) + b.place.ball(256)
        if total.contains(0):
            c = Fraction(0)
        else:
            from .closing import candidates

            found = next((r for r in candidates(total) if isinstance(r, Rational)), None)
            if found is None:
                return False
            c = found.value
    if not c and a.f is b.f and parity(a.f, a.x) == 1:
        return True
    x = sym(a.x)
    mirror = substitute(a.f, {x: add(num(c), neg(x)) if c else neg(x)})
    from .zeros import zeros_of

    return tidy(mirror) is b.f or zeros_of(add(mirror, neg(b.f)), a.x).everywhere
