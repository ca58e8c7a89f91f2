"""Numbers written by hand: right iff they are the true value, correctly rounded to the digits written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb, fmpq

from ..balls import TooWide, fmpq_of, fraction_of, precision, value
from ..errors import DomainError
from ..term import Term, postorder

FIRST, LAST = 64, 8192

Exact = Callable[[int], Any]  # bits → a Fraction, fmpq or arb that holds the true value


@dataclass(frozen=True, slots=True)
class Written:
    """A number as written: its value, and the unit of its last digit (None where it is meant exactly)."""

    value: Fraction
    unit: Fraction | None


@dataclass(frozen=True, slots=True)
class Judged:
    """`right` is None where it could not be decided; `note` says how a wrong number is near."""

    right: bool | None
    expected: str = ""
    found: str = ""
    note: str = ""


def written(t: Term) -> Written | None:
    """The number that a literal is: `-0.059`, `5.94·10^(-2)`, `3`; None for a formula."""
    if t.op == "num":
        v, style = t.data
        return Written(v, Fraction(10) ** -_places(v, style) if style.startswith(".") else None)
    if t.op == "neg":
        w = written(t.args[0])
        return Written(-w.value, w.unit) if w is not None else None
    if t.op == "mul" and len(t.args) == 2:
        left, scale = written(t.args[0]), _ten(t.args[1])
        if left is not None and scale is not None:
            return Written(left.value * scale, left.unit * scale if left.unit is not None else None)
    return None


def written_sum(t: Term) -> Written | None:
    """0.5 + 1.118 as the decimal that it is, with the last digit of the finest part."""
    parts = [written(a) for a in t.args] if t.op == "add" else []
    units = [w.unit for w in parts if w is not None and w.unit is not None]
    if not units or None in parts:
        return None
    return Written(sum((w.value for w in parts if w is not None), Fraction(0)), min(units))


def _places(v: Fraction, style: str) -> int:
    if style[1:]:
        return int(style[1:])
    places, d = 0, v.denominator
    while d % 10 == 0 or d % 2 == 0 or d % 5 == 0:
        d //= 10 if d % 10 == 0 else 2 if d % 2 == 0 else 5
        places += 1
    return max(places, 1)


def _ten(t: Term) -> Fraction | None:
    """10^k."""
    if t.op == "pow" and t.args[0].number == 10:
        k = t.args[1].number
        if k is not None and k.denominator == 1 and abs(k) <= 400:
            return Fraction(10) ** int(k)
    return None


def exact(t: Term) -> Exact:
    """The value of a Term without names, at any precision."""
    return lambda bits: value(t, {}, bits)


def judge(w: Written, truth: Exact) -> Judged:
    """Whether the written number is the true one rounded to its digits; a tie may go either way."""
    bits = FIRST
    while bits <= LAST:
        x = _ball(truth, bits)
        bits *= 2
        if x is None:
            continue
        limit = fmpq(0) if w.unit is None else fmpq_of(w.unit / 2)
        with precision(bits):
            decided = _at_most(abs(x - fmpq_of(w.value)), limit)
        if decided is not None:
            digits = 15 if w.unit is None else min(max(15, len(str(w.unit.denominator)) + 2), 400)
            with precision(max(bits, 4 * digits)):
                return Judged(decided, decimal(x, digits), _text(w), "" if decided else _nearness(w, x))
    return Judged(None)


def is_rounded(t: Term, truth: Term) -> bool:
    """Whether a decimal is a number without names, correctly rounded to the digits written."""
    w = written(t)
    return w is not None and w.unit is not None and not truth.free and judge(w, exact(truth)).right is True


def goes_beyond(w: Written, truth: Exact) -> bool:
    """Whether the digits of the true number begin so: 3.1415…"""
    if w.unit is None:
        return False
    half = w.unit / 2 if w.value >= 0 else -w.unit / 2
    return judge(Written(w.value + half, w.unit), truth).right is True


def _ball(truth: Exact, bits: int) -> Any:
    try:
        x = truth(bits)
    except (TooWide, DomainError):
        return None
    return fmpq_of(x) if isinstance(x, Fraction) else x


def _at_most(off: Any, limit: fmpq) -> bool | None:
    if isinstance(off, fmpq):
        return bool(off <= limit)
    if off <= arb(limit):
        return True
    return False if off > arb(limit) else None


def decimal(x: Any, digits: int = 15) -> str:
    if isinstance(x, Fraction):
        x = fmpq_of(x)
    if isinstance(x, fmpq):
        return _terminating(fraction_of(x), digits) or str(arb(x).str(digits, radius=False))
    return str(x.str(digits, radius=False))


def _terminating(x: Fraction, digits: int) -> str:
    """The decimal itself, if it ends within so many places."""
    whole = x * 10**digits
    if whole.denominator != 1 or abs(x) >= 10**digits or 0 < abs(x) < Fraction(1, 10**9):
        return ""
    text = f"{abs(int(whole)):0{digits + 1}d}"
    tail = text[-digits:].rstrip("0")
    return ("-" if x < 0 else "") + text[:-digits] + (f".{tail}" if tail else "")


def _text(w: Written) -> str:
    return decimal(w.value, 60)


def _nearness(w: Written, x: Any) -> str:
    """To how many digits a wrong number is right."""
    true, found = arb(x), arb(fmpq_of(w.value))
    if found != 0 and true != 0:
        for k in range(12, 1, -1):
            if _significant(true, k) == _significant(found, k):
                return f"right to {k} digits"
    return ""


def _significant(x: arb, k: int) -> str:
    return str(x.str(k, radius=False))


def reach(t: Term) -> Any:
    """The interval that a formula of rounded decimals may lie in: every decimal may be off by half its last digit."""
    from ..balls import Probe
    from ..term import substitute, sym

    decimals = [n for n in postorder(t) if n.op == "num" and n.data[1].startswith(".")]
    names = {n: sym(f"decimal_{i}") for i, n in enumerate(decimals)}
    at = {}
    for n, s in names.items():
        w = written(n)
        assert w is not None and w.unit is not None
        mid = fmpq_of(w.value)
        at[s.name] = arb(mid, arb(fmpq_of(w.unit / 2)))
    try:
        return Probe(at, {}, FIRST * 2).value(substitute(t, dict(names)))
    except (TooWide, DomainError, OverflowError):
        return None
