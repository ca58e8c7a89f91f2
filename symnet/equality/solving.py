"""Real solution sets of an equation in one name: complete, with balls of any precision, or said to be incomplete.

The numerator of the normal form is factored; a factor is a polynomial in x, in e^(cx), in log x, or has no zeros by the
signs of its kernels. Roots and signs are eliminated, and every candidate is put back into the equation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

from flint import arb, fmpq, fmpz_poly

from ..balls import UNDECIDED, Probe, TooWide, as_ball, fmpq_of, middle, precision
from ..errors import SymnetError
from ..term import ONE, Term, add, fn, neg
from .conditions import conditions
from .enclosure import Interval
from .field import SIZES, Again, Empty, Full, Kernel, Poly, Quotient, TooLarge, Unclear, Undefined, Unsupported
from .normal import Normal
from .polynomials import mentions

DEGREE, BITS, SIGNS = 60, 256, 5
Number = Any  # Fraction, fmpq or arb
FAILED = (TooLarge, Unsupported, Unclear, Undefined, Full, Empty, SymnetError, OverflowError)


@dataclass(frozen=True, slots=True)
class Root:
    """A real number: `ball(bits)` holds it, `exact` is its value where it is rational."""

    ball: Callable[[int], Number]
    exact: Fraction | None = None

    def decimal(self, digits: int = 10) -> str:
        x = self.ball(128)
        return str(x) if isinstance(x, Fraction) else str(arb(x).str(digits, radius=False))

    def near(self, bits: int) -> Fraction:
        """A rational number as close as that."""
        return middle(self.ball(bits))

    def meets(self, other: Root, bits: int = BITS) -> bool:
        """Whether the two are one, as far as this precision shows."""
        if self.exact is not None and other.exact is not None:
            return self.exact == other.exact
        with precision(bits):
            return bool(as_ball(self.ball(bits)).overlaps(as_ball(other.ball(bits))))


@dataclass(frozen=True, slots=True)
class Solutions:
    """The roots in rising order; `complete` if there are no others; `everything` if every number solves it.

    `infinite` if there are infinitely many, of which `roots` are some.
    """

    roots: tuple[Root, ...]
    complete: bool
    everything: bool = False
    infinite: bool = False


def rational(x: Fraction) -> Root:
    return Root(lambda bits: x, x)


def solve(left: Term, right: Term, x: Term) -> Solutions:
    """The real x at which both sides have one value; other names make it incomplete."""
    equation = add(left, neg(right))
    for size in SIZES:
        try:
            return _solve(equation, x, Normal(size, {}))
        except Full:
            continue
        except FAILED:
            break
    return Solutions((), False)


def _solve(equation: Term, x: Term, n: Normal) -> Solutions:
    found: list[Root] = []
    complete = True
    for regional in _regions(equation, n):
        p = regional.p
        if p == 0:
            return Solutions((), False, everything=True)
        for f, _ in n.factors(Quotient(p, n.field.one))[1]:
            roots = _factor_roots(n, f, x)
            if roots is None:
                complete = False
            else:
                found += roots
    kept: list[Root] = []
    for root in found:
        if not any(root.meets(k) for k in kept):
            solves = holds(equation, x, root)
            complete = complete and solves is not None
            kept += [root] if solves else []
    return Solutions(tuple(sorted(kept, key=lambda r: float(as_ball(r.ball(128))))), complete)


def same_equation(a: tuple[Term, Term], b: tuple[Term, Term], x: Term, box: dict[str, Interval] | None = None) -> bool:
    """Whether two equations have the same factors that may be 0, as they stand or as powers of e; x is in some."""
    n = Normal(SIZES[-1], box or {})
    try:
        for t in (*a, *b):
            for what, guards in conditions(t):
                if isinstance(what, Term) and not guards:
                    n.assume(_normal(what, n))
        first, second = ([_factors(n, t, x) for t in _ways(*pair)] for pair in (a, b))
    except FAILED:
        return False
    return any(f is not None and f == g for f in first for g in second)


def _ways(left: Term, right: Term) -> list[Term]:
    difference = add(left, neg(right))
    return [difference, add(fn("exp", difference), neg(ONE))]


def _factors(n: Normal, t: Term, x: Term) -> tuple[str, ...] | None:
    """The factors of the numerator that may be 0, as texts in order; None if none of them depends on x."""
    u = _normal(t, n)
    if u.p == 0:
        return None
    depend: set[int] = set()
    for k in n.field.kernels:
        if k.key[:1] == (x.name,) or any(mentions(part, depend) for part in k.key):
            depend.add(k.index)
    moving = [f for f, _ in n.factors(Quotient(u.p, n.field.one))[1] if not n.never_zero(f)]
    if not any(f.degrees()[i] for f in moving for i in depend):
        return None
    return tuple(sorted(map(str, moving)))


def _normal(equation: Term, n: Normal) -> Quotient:
    for _ in range(40):
        try:
            return n.value(equation)
        except Again:
            n.memo.clear()
    raise TooLarge


def _regions(equation: Term, n: Normal) -> Iterator[Quotient]:
    """The equation for every combination of the signs in it."""
    try:
        first = _normal(equation, n)
        if not any(k.kind == "sign" for k in n.field.kernels):
            yield first
            return
    except Unclear:
        pass
    texts = [k.key[0] for k in n.field.kernels if k.kind == "sign"]
    if len(texts) > SIGNS:
        raise TooLarge
    for signs in product((1, -1), repeat=len(texts)):
        n.signs = {t: n.field.number(s) for t, s in zip(texts, signs, strict=True)}
        n.memo.clear()
        try:
            here = _normal(equation, n)
        except Undefined:
            continue
        if here.p != 0:
            yield here
        else:
            raise TooLarge


def _factor_roots(n: Normal, f: Poly, x: Term) -> list[Root] | None:
    """The real x at which a factor is 0; None where that is not known."""
    if n.never_zero(f):
        return []
    f = _without_roots(n, f)
    kernels = [n.field.kernels[i] for i, e in enumerate(f.degrees()) if e]
    if len(kernels) != 1:
        return None
    kernel = kernels[0]
    if f.degrees()[kernel.index] > DEGREE:
        return None
    coefficients = [0] * (f.degrees()[kernel.index] + 1)
    for m, c in f.terms():
        coefficients[int(m[kernel.index])] = int(c)
    back = BACK.get(kernel.kind)
    return back(n, kernel, x, _real_roots(coefficients)) if back is not None else None


def _without_roots(n: Normal, f: Poly) -> Poly:
    """A root k with k^d = value is eliminated by the resultant."""
    for i in reversed(n.field.relations):
        d, value = n.field.relations[i]
        kernel = n.field.kernels[i]
        if f.degrees()[i] and kernel.kind == "root":
            f = f.resultant(n.field.gens[i] ** d - value, f"x{i}")
    return f


def _real_roots(coefficients: list[int]) -> list[Root]:
    """The real roots of a polynomial, isolated."""
    out = []
    for part, _ in fmpz_poly(coefficients).factor()[1]:
        if part.degree() == 1:
            out.append(rational(Fraction(-int(part[0]), int(part[1]))))
            continue
        with precision(128):
            count = sum(1 for r, _ in part.complex_roots() if r.imag == 0)
        out += [Root(_nth(part, k)) for k in range(count)]
    return out


def _nth(part: fmpz_poly, k: int) -> Callable[[int], Number]:
    def ball(bits: int) -> Number:
        with precision(bits + 32):
            real = sorted((r.real for r, _ in part.complex_roots() if r.imag == 0), key=lambda r: float(r.mid()))
            return real[k]

    return ball


def _of_name(n: Normal, kernel: Kernel, x: Term, roots: list[Root]) -> list[Root] | None:
    return roots if kernel.key[0] == x.name else None


def _scale(n: Normal, kernel: Kernel, x: Term) -> Fraction | None:
    """c of a kernel e^(c x)."""
    m, q, d = kernel.key
    alone = n.field.alone(m.value)
    if q.value != n.field.one or alone is None or alone.kind != "name" or alone.key[0] != x.name:
        return None
    return Fraction(1, d)


def _of_exponential(n: Normal, kernel: Kernel, x: Term, roots: list[Root]) -> list[Root] | None:
    c = _scale(n, kernel, x)
    if c is None:
        return None
    return [_mapped(r, lambda v: v.log() / arb(fmpq_of(c))) for r in roots if as_ball(r.ball(128)) > 0]


def _of_logarithm(n: Normal, kernel: Kernel, x: Term, roots: list[Root]) -> list[Root] | None:
    alone = n.field.alone(kernel.key[0].value)
    if alone is None or alone.kind != "name" or alone.key[0] != x.name:
        return None
    return [_mapped(r, lambda v, s=s: s * v.exp()) for r in roots for s in (1, -1)]  # type: ignore[misc]


def _mapped(r: Root, f: Callable[[arb], arb]) -> Root:
    def ball(bits: int) -> Number:
        x = r.ball(bits + 32)
        with precision(bits + 32):
            return f(as_ball(x))

    if r.exact == 1 and f(arb(1)).is_zero():
        return rational(Fraction(0))
    return Root(ball)


BACK: dict[str, Callable[[Normal, Kernel, Term, list[Root]], list[Root] | None]] = {
    "name": _of_name, "exp": _of_exponential, "log": _of_logarithm,
}  # fmt: skip


def holds(equation: Term, x: Term, root: Root) -> bool | None:
    """Whether a candidate solves the equation: its value is 0 as far as many digits show."""
    for bits in (128, 512, 2048):
        try:
            value = Probe({x.name: root.exact if root.exact is not None else root.ball(bits)}, {}, bits).value(equation)
        except TooWide:
            continue
        except (*UNDECIDED, SymnetError):
            return False
        if isinstance(value, fmpq):
            return bool(value == 0)
        if not value.contains(0):
            return False
        if bits == 512:
            return True
    return None
