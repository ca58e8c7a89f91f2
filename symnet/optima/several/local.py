"""Which signs a polynomial takes near the origin, where it is zero with its gradient: minimum, maximum or saddle.

A regular part of the second derivatives is removed by the splitting lemma (the centre manifold); what is left is
decided by its lowest form, and, where that is semidefinite in two names, by blowing up the directions in which it
vanishes. Source: Bröcker and Lander, Differentiable Germs and Catastrophes, 4.1; Arnold et al., Singularities I.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from math import gcd

from flint import fmpq, fmpq_poly

from .places import integers, real_roots

Exponents = tuple[int, ...]
Germ = dict[Exponents, fmpq]  # a polynomial, exact or cut off after a degree
ORDER, CORANK_TWO, DEPTH, TERMS = 24, 8, 8, 3000
OPPOSITE = {"min": "max", "max": "min", "saddle": "saddle"}
Definite = Callable[[Germ, int], "bool | None"]


def kind(f: Germ, n: int, exact: bool = True, order: int = ORDER) -> str | None:
    """min, max or saddle for the germ at the origin; None where it is not decided.

    `exact` says that f is the whole function; else it is cut off after the degree `order`.
    """
    return _kind(_clean(f), n, order if not exact else None, DEPTH)


def _clean(f: Mapping[Exponents, fmpq]) -> Germ:
    return {m: c for m, c in f.items() if c and any(m)}


def _kind(f: Germ, n: int, order: int | None, depth: int) -> str | None:
    if not f or depth < 0:
        return None
    if order is None and (found := _even(f)):
        return found
    if any(sum(m) == 1 for m in f):
        return "saddle"
    values, basis = diagonal_form(f, n)
    signs = {1 if d > 0 else -1 for d in values if d}
    if len(signs) == 2:
        return "saddle"
    rank = sum(1 for d in values if d)
    if rank == n:
        return "min" if 1 in signs else "max"
    if not rank:
        return _lowest(f, n, order, depth)
    top = min(order or ORDER, ORDER if n - rank == 1 else CORANK_TWO)
    rest = _split(_linear(f, basis, n), values, n, top)
    if not rest:
        return None
    found = _lowest(rest, n - rank, top, depth)
    agrees = found == "min" if 1 in signs else found == "max"
    return found if agrees or found is None else "saddle"


def _even(f: Germ) -> str | None:
    """Every monomial a square and every coefficient of one sign."""
    if any(e % 2 for m in f for e in m):
        return None
    signs = {c > 0 for c in f.values()}
    return None if len(signs) > 1 else "min" if True in signs else "max"


# ------------------------------------------------------------------------------------------------ the quadratic part
def diagonal_form(f: Germ, n: int) -> tuple[list[fmpq], list[list[fmpq]]]:
    """Numbers d and a basis in which the quadratic part is Σ dᵢ yᵢ² (Lagrange); the basis vectors are rows."""
    a = [[fmpq(0)] * n for _ in range(n)]
    for m, c in f.items():
        if sum(m) == 2:
            i, j = [i for i, e in enumerate(m) for _ in range(e)]
            a[i][j] += c / 2
            a[j][i] += c / 2
    basis = [[fmpq(int(i == j)) for j in range(n)] for i in range(n)]
    for k in range(n):
        pivot = next((i for i in range(k, n) if a[i][i]), None)
        if pivot is None:
            pair = next(((i, j) for i in range(k, n) for j in range(i + 1, n) if a[i][j]), None)
            if pair is None:
                break
            pivot = pair[0]
            _add(a, basis, pair[0], pair[1], fmpq(1))
        _swap(a, basis, k, pivot)
        for i in range(k + 1, n):
            if a[i][k]:
                _add(a, basis, i, k, -a[i][k] / a[k][k])
    return [a[i][i] for i in range(n)], basis


def _add(a: list[list[fmpq]], basis: list[list[fmpq]], i: int, j: int, c: fmpq) -> None:
    """The basis vector i becomes itself and c times the vector j."""
    basis[i] = [x + c * y for x, y in zip(basis[i], basis[j], strict=True)]
    a[i] = [x + c * y for x, y in zip(a[i], a[j], strict=True)]
    for row in a:
        row[i] += c * row[j]


def _swap(a: list[list[fmpq]], basis: list[list[fmpq]], i: int, j: int) -> None:
    basis[i], basis[j] = basis[j], basis[i]
    a[i], a[j] = a[j], a[i]
    for row in a:
        row[i], row[j] = row[j], row[i]


def _linear(f: Germ, basis: Sequence[Sequence[fmpq]], n: int) -> Germ:
    """f in the coordinates of a basis: x = Σ yᵢ bᵢ."""
    names: list[Germ] = [{_unit(i, n): basis[i][j] for i in range(n) if basis[i][j]} for j in range(n)]
    return substituted(f, names, n)


def _unit(i: int, n: int) -> Exponents:
    return tuple(int(i == j) for j in range(n))


def substituted(f: Germ, names: Sequence[Germ], n: int, order: int | None = None) -> Germ:
    """f with a polynomial in n names for each of its names, cut off after `order`."""
    powers: list[list[Germ]] = [[{(0,) * n: fmpq(1)}] for _ in names]
    out: Germ = {}
    for m, c in f.items():
        part: Germ = {(0,) * n: c}
        for i, e in enumerate(m):
            while len(powers[i]) <= e:
                powers[i].append(times(powers[i][-1], names[i], order))
            part = times(part, powers[i][e], order) if e else part
        for k, v in part.items():
            out[k] = out.get(k, fmpq(0)) + v
    return {m: c for m, c in out.items() if c}


def times(a: Germ, b: Germ, order: int | None = None) -> Germ:
    out: Germ = {}
    for (m, c), (k, d) in product(a.items(), b.items()):
        e = tuple(x + y for x, y in zip(m, k, strict=True))
        if order is None or sum(e) <= order:
            out[e] = out.get(e, fmpq(0)) + c * d
    if len(out) > TERMS:
        raise ArithmeticError("a germ with too many terms")
    return out


# ---------------------------------------------------------------------------------------------------- centre manifold
def _split(f: Germ, d: Sequence[fmpq], n: int, order: int) -> Germ:
    """What is left of f on the manifold where its derivatives by the regular names vanish."""
    regular = [i for i in range(n) if d[i]]
    loose = [i for i in range(n) if not d[i]]
    r = len(loose)
    slopes = {i: _derivative(f, i) for i in regular}
    names: list[Germ] = [{} for _ in range(n)]
    for k, i in enumerate(loose):
        names[i] = {_unit(k, r): fmpq(1)}
    for reached in range(2, order + 1):
        new = {i: substituted(slopes[i], names, r, reached) for i in regular}
        for i in regular:
            names[i] = {
                m: c
                for m in {**names[i], **new[i]}
                if (c := names[i].get(m, fmpq(0)) - new[i].get(m, fmpq(0)) / (2 * d[i]))
            }
    return substituted(f, names, r, order)


def _derivative(f: Germ, i: int) -> Germ:
    return {tuple(e - (i == j) for j, e in enumerate(m)): c * m[i] for m, c in f.items() if m[i]}


# -------------------------------------------------------------------------------------------------------- lowest form
def _lowest(f: Germ, n: int, order: int | None, depth: int) -> str | None:
    """The kind of a germ without a quadratic part that is regular in any name."""
    if order is None and (found := _even(f)):
        return found
    low = min(sum(m) for m in f)
    form = {m: c for m, c in f.items() if sum(m) == low}
    if low % 2:
        return "saddle"
    if n == 1:
        return "min" if form[low,] > 0 else "max"
    signs = _signs(form, n)
    if len(signs) == 2:
        return "saddle"
    if not signs:
        return None
    sign = 1 if 1 in signs else -1
    if n > 2:
        powers = all(any(m[i] == low for m in form) for i in range(n))
        if powers and _even(form):
            return "min" if sign > 0 else "max"
        return None
    return _binary({m: sign * c for m, c in f.items()}, low, order, depth, sign)


def _signs(form: Germ, n: int) -> set[int]:
    """The signs that are seen in a few directions, and for two names all that there are."""
    out = set()
    for direction in product(range(-3, 4), repeat=n):
        if any(direction) and gcd(*direction) == 1:
            v = _at(form, direction)
            out |= {1 if v > 0 else -1} if v else set()
    if n == 2 and len(out) == 1:
        for swap in (False, True):
            p = _dehomogenised(form, swap)
            if any(k % 2 for _, k in _real_factors(p)):
                return {1, -1}
    return out


def _at(form: Germ, x: Sequence[int]) -> fmpq:
    total = fmpq(0)
    for m, c in form.items():
        for v, e in zip(x, m, strict=True):
            c = c * v**e
        total += c
    return total


def _dehomogenised(form: Germ, swap: bool) -> fmpq_poly:
    """The form at (1, s), or at (s, 1)."""
    top = max(max(m) for m in form)
    coefficients = [fmpq(0)] * (top + 1)
    for m, c in form.items():
        coefficients[m[0] if swap else m[1]] += c
    return fmpq_poly(coefficients)


def _real_factors(p: fmpq_poly) -> list[tuple[fmpq_poly, int]]:
    """The irreducible factors that have real roots, with their multiplicities."""
    if p.degree() < 1:
        return []
    _, factors = p.numer().factor()
    return [(fmpq_poly(f), int(k)) for f, k in factors if f.degree() > 0 and real_roots(integers(fmpq_poly(f)), 128)]


def _binary(f: Germ, low: int, order: int | None, depth: int, sign: int) -> str | None:
    """Two names, lowest form ≥ 0: each direction in which the form vanishes is blown up, x = x, y = x (s₀ + s)."""
    form = {m: c for m, c in f.items() if sum(m) == low}
    for swap in (False, True):
        p = _dehomogenised(form, swap)
        for factor, _ in _real_factors(p):
            if factor.degree() > 1:
                return None
            s0 = -factor[0] / factor[1]
            if swap and s0:
                continue  # seen with the names the other way round
            g = _blown(f, low, s0, swap)
            below = _kind(g, 2, None if order is None else order - low, depth - 1) if g else "min"
            if not g and order is not None:
                return None
            if below is None:
                return None
            if below != "min":
                return "saddle"
    return "min" if sign > 0 else "max"


def _blown(f: Germ, low: int, s0: fmpq, swap: bool) -> Germ:
    """f(x, x (s₀ + s))/x^low as a germ in (x, s)."""
    out: Germ = {}
    for m, c in f.items():
        a, b = (m[1], m[0]) if swap else m
        shifted = fmpq_poly([s0, 1]) ** b
        for k in range(b + 1):
            if shifted[k]:
                e = (a + b - low, k)
                out[e] = out.get(e, fmpq(0)) + c * shifted[k]
    return {m: c for m, c in out.items() if c and any(m)}


def least_eigenvalue(form: Germ, n: int) -> fmpq | None:
    """A positive number below every eigenvalue of a quadratic form: form − λ |x|² is still definite; else None."""
    for k in range(-12, 24):
        low = fmpq(2 ** max(-k, 0), 2 ** max(k, 0))
        less = dict(form)
        for i in range(n):
            m = tuple(2 * e for e in _unit(i, n))
            less[m] = less.get(m, fmpq(0)) - low
        if all(d > 0 for d in diagonal_form(less, n)[0]):
            return low
    return None
