"""The kind of a stationary point: exact inertia of the second derivatives, higher terms where these are singular."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from math import factorial, prod
from typing import Any

import sympy as sp
from flint import fmpq

from ...balls import fmpq_of
from . import local
from .forms import is_zero, quotient
from .places import AlgebraicPlace
from .tape import number


def diagonal(matrix: Sequence[Sequence[Any]], field: AlgebraicPlace) -> list[int]:
    """The signs of a diagonal form of a symmetric matrix over a real number field (Lagrange; Sylvester's law)."""
    a = [list(row) for row in matrix]
    n = len(a)
    signs: list[int] = []
    for k in range(n):
        pivot = next((i for i in range(k, n) if a[i][i]), None)
        if pivot is None:
            pair = next(((i, j) for i in range(k, n) for j in range(i + 1, n) if a[i][j]), None)
            if pair is None:
                return signs + [0] * (n - k)
            pivot, other = pair
            a[pivot] = [(x + y) % field.modulus for x, y in zip(a[pivot], a[other], strict=True)]
            for row in a:
                row[pivot] = (row[pivot] + row[other]) % field.modulus
        a[k], a[pivot] = a[pivot], a[k]
        for row in a:
            row[k], row[pivot] = row[pivot], row[k]
        inverse = field.inverse(a[k][k])
        signs.append(field.sign(a[k][k]))
        for i in range(k + 1, n):
            factor = field.product(a[i][k], inverse)
            if factor:
                a[i] = [(x - field.product(factor, y)) % field.modulus for x, y in zip(a[i], a[k], strict=True)]
                for row in a:
                    row[i] = (row[i] - factor * row[k]) % field.modulus
    return signs


def by_signs(signs: Sequence[int]) -> str | None:
    """The kind that the inertia alone decides."""
    found = {s for s in signs if s}
    if len(found) == 2:
        return "saddle"
    if 0 in signs or not found:
        return None
    return "min" if 1 in found else "max"


def of_polynomial(p: Mapping[tuple[int, ...], Any], at: Sequence[Any]) -> str | None:
    """The kind at a rational point of a polynomial, with all its terms."""
    n = len(at)
    names: list[local.Germ] = []
    for i, a in enumerate(at):
        unit = tuple(int(i == j) for j in range(n))
        names.append({unit: fmpq(1)} | ({(0,) * n: a} if a else {}))
    germ = local.substituted({m: fmpq(c) for m, c in p.items()}, names, n)
    try:
        return local.kind(germ, n)
    except ArithmeticError:
        return None


ORDER = 6


def of_germ(e: Any, variables: Sequence[Any], at: Sequence[Any]) -> str | None:
    """The kind from the Taylor polynomial, where its coefficients are rational multiples of one number."""
    n = len(variables)
    point = dict(zip(variables, at, strict=True))
    derivatives: dict[tuple[int, ...], Any] = {(0,) * n: e}
    germ: dict[tuple[int, ...], Any] = {}
    unit = None
    for m in _orders(n, ORDER):
        i = next(i for i, k in enumerate(m) if k)
        less = tuple(k - (i == j) for j, k in enumerate(m))
        derivatives[m] = sp.diff(derivatives[less], variables[i])
        c = derivatives[m].subs(point)
        if is_zero(c):
            continue
        if number(c, 256).contains(0):
            return None  # perhaps 0 all the same
        unit = unit or (sp.Integer(1) if quotient(c) is not None else c)
        ratio = quotient(c / unit)
        if ratio is None:
            return None
        germ[m] = fmpq_of(ratio) / prod(map(factorial, m))
    if unit is None:
        return None
    found = local.kind(germ, n, exact=False, order=ORDER)
    return local.OPPOSITE.get(found or "", found) if number(unit, 256) < 0 else found


def _orders(n: int, top: int) -> list[tuple[int, ...]]:
    return sorted((m for m in product(range(top + 1), repeat=n) if 0 < sum(m) <= top), key=lambda m: (sum(m), m))
