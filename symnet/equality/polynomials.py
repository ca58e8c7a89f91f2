"""What is read off from one polynomial: its line, its leading number, its kernels; and the factors of a number."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from .field import Poly, Quotient

PRIMES = 2_000  # up to which a number is taken apart


def line(f: Poly | None) -> tuple[int, Fraction, int] | None:
    """(kernel k, root, sign of the slope) of a factor a k + b."""
    if f is None or f.total_degree() != 1:
        return None
    places = [i for i, e in enumerate(f.degrees()) if e]
    if len(places) != 1:
        return None
    a = next(int(c) for m, c in f.terms() if m[places[0]])
    b = next((int(c) for m, c in f.terms() if not m[places[0]]), 0)
    return places[0], Fraction(-b, a), 1 if a > 0 else -1


class Same:
    """A polynomial or a quotient as part of a key: known by its text."""

    __slots__ = ("text", "value")

    def __init__(self, value: Any) -> None:
        self.value = value
        self.text = str(value) if not isinstance(value, Quotient) else f"{value.p}/{value.q}"

    def __hash__(self) -> int:
        return hash(self.text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.text == other.text


def mentions(part: Any, places: set[int]) -> bool:
    """Whether a part of a key holds one of these kernels."""
    if not isinstance(part, Same):
        return False
    polys = (part.value.p, part.value.q) if isinstance(part.value, Quotient) else (part.value,)
    return any(p.degrees()[i] for p in polys for i in places)


def one_factor(p: Poly) -> tuple[int, list[tuple[Poly, int]]]:
    """A polynomial of high degree counts as one factor."""
    content, rest = p.primitive()
    return int(content), [(rest, 1)]


def leading(p: Poly) -> int:
    return int(p.leading_coefficient()) if p != 0 else 0


def prime_powers(x: Fraction) -> Iterator[tuple[int, int]]:
    """The prime factors up to a bound with their exponents; what is left stays whole."""
    for n, way in ((x.numerator, 1), (x.denominator, -1)):
        p = 2
        while p <= PRIMES and n > 1:
            e = 0
            while n % p == 0:
                n, e = n // p, e + 1
            if e:
                yield p, e * way
            p += 1 + (p > 2)
        if n > 1:
            yield n, way
