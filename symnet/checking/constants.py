"""The constant of integration: an answer must reach every antiderivative, as + C, + 2C or + ln|C| do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from ..balls import UNDECIDED, Probe
from ..equality import Comparison, compare
from ..equality.bounds import never_negative
from ..errors import SymnetError
from ..rules import slope
from ..term import ZERO, Term, add, mul, neg, num, substitute, sym

POINT = Fraction(37, 29)
MARGIN = 3
MISSING = "the constant of integration is missing"
ONE_SIDED = "the constant of integration cannot be every number as it stands"


@dataclass(frozen=True, slots=True)
class Reach:
    """`comparison` is None where every constant is reached; `positive` names those that stand in a logarithm."""

    comparison: Comparison | None = None
    positive: tuple[str, ...] = ()


def reach(side: Term, constants: Iterable[str]) -> Reach:
    """Whether the free constants of an antiderivative make every constant."""
    slopes = {c: slope(side, sym(c))[0] for c in constants}
    free = {c: s for c, s in slopes.items() if compare(ZERO, s).kind == "different"}
    if not free:
        shown = str(side)
        return Reach(Comparison("different", MISSING, {}, (f"{shown} + C", shown)))
    squares = add(ZERO, *(mul(s, s) for s in free.values()))
    affine = not any(c in s.free for s in free.values() for c in free)
    if affine and (any(map(_is_number, free.values())) or _is_number(squares)):
        return Reach()
    logarithmic = tuple(c for c, s in free.items() if _is_number(mul(sym(c), s)))
    if logarithmic:
        return Reach(positive=logarithmic)
    if len(free) == 1 and _one_sided(side, *free):
        return Reach(Comparison("different", ONE_SIDED, {}, (f"{_without(side, *free)} + C", str(side))))
    return Reach(Comparison("undecided", "whether the constant of integration can be every number was not proved"))


def _is_number(s: Term) -> bool:
    """Whether a formula is one number other than 0."""
    try:
        value = Probe(dict.fromkeys(s.free, POINT), {}, 128).value(s)
        if not s.free:
            return bool(value != 0)
        return bool(value != 0) and compare(num(Fraction(int(value.p), int(value.q))), s, corners=False).kind == "equal"
    except (*UNDECIDED, SymnetError, OverflowError, AttributeError):  # an arb has no p and q
        return False


def _one_sided(side: Term, c: str) -> bool:
    """Whether what the constant adds is bounded on one side: C², |C|, e^C, sin C."""
    added = add(side, neg(substitute(side, {sym(c): ZERO})))
    ways = [add(num(MARGIN), way) for way in (added, neg(added))]
    return any(all(never_negative(way, {c: half}) for half in (">0", "<0")) for way in ways)


def _without(side: Term, c: str) -> str:
    """The answer without the constant."""
    from ..tidy import tidy

    return str(tidy(add(side, neg(_part(side, c)))))


def _part(side: Term, c: str) -> Term:
    parts = [a for a in (side.args if side.op == "add" else ()) if c in a.free]
    return add(*parts) if len(parts) > 1 else parts[0] if parts else ZERO
