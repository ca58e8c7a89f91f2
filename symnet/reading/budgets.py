"""How large a text may be before anything is computed with it; a refusal names the budget."""

from __future__ import annotations

import math
from fractions import Fraction

from ..errors import BudgetError
from ..term import Term, fold

FORMULA_CHARACTERS = 10_000
PROGRAM_CHARACTERS = 1_000_000
FORMULA_NODES = 5_000
PROGRAM_NODES = 100_000
DEPTH = 100  # brackets, exponents and arguments inside one another
DIGITS = 1_000  # of one number
BITS = 10_000  # of a number that a power would make
PROGRAM_LINES = 20_000
ORDER = 20  # of a derivative
FACTORS = 50  # of a product over an index, written out
WORD = 100  # letters of one name
EXPONENT = 10_000  # of a power of something that is not a number
PLACES = 20  # decimals of such an exponent


def check_characters(text: str, limit: int, what: str) -> None:
    if len(text) > limit:
        raise BudgetError(f"{what} has {len(text):,} characters; at most {limit:,} are read", remedy="split it up")


def check_digits(count: int, **place: object) -> None:
    if count > DIGITS:
        raise BudgetError(
            f"a number of {count:,} digits; at most {DIGITS:,} are read",
            remedy="write it as a power",
            **place,  # type: ignore[arg-type]
        )


class OverBudget(ArithmeticError):
    """A power whose value would pass the budget; `args[0]` says which."""


def check_power(base: Term, exponent: Term) -> None:
    """Refuse a power of numbers of more than BITS bits, and a huge exponent, before either is computed."""
    e = value(exponent)
    if e is None:
        return
    b = value(base)
    if b is None or abs(b) == 1 or b == 0:
        if b is None and abs(e) > EXPONENT:
            raise OverBudget(f"an exponent beyond {EXPONENT:,}")
        if b is None and e.denominator > 10**PLACES:
            raise OverBudget(f"an exponent with more than {PLACES} decimals")
        return
    if abs(e) * _bits(b) > BITS:
        raise OverBudget(f"a power of more than {BITS:,} bits")


def factorial(n: int) -> int:
    """n!, where its digits stay within the budget."""
    if n.bit_length() > 20 or math.lgamma(n + 1) > BITS * math.log(2):
        raise OverBudget(f"a factorial of more than {BITS:,} bits")
    return math.factorial(n)


def _bits(b: Fraction) -> int:
    return max(b.numerator.bit_length(), b.denominator.bit_length())


def value(t: Term) -> Fraction | None:
    """The rational value of a formula of literals, or None; powers inside it have passed `check_power`."""
    if t.op == "num":
        return t.data[0]
    if t.free or t.op not in _VALUES:
        return None
    return fold(t, _value)


def _value(t: Term, args: list[Fraction | None]) -> Fraction | None:
    if t.op == "num":
        return t.data[0]
    if t.op not in _VALUES or any(a is None for a in args):
        return None
    known = [a for a in args if a is not None]
    if t.op == "neg":
        return -known[0]
    if t.op == "add":
        return sum(known, Fraction(0))
    if t.op == "mul":
        out = Fraction(1)
        for a in known:
            out *= a
            if _bits(out) > 4 * BITS:
                raise OverBudget(f"a number of more than {4 * BITS:,} bits")
        return out
    a, b = known
    if t.op == "div":
        return a / b if b else None
    if b.denominator == 1 and (a or b >= 0):
        return Fraction(a**b.numerator)
    return _root(a, b)


def _root(a: Fraction, b: Fraction) -> Fraction | None:
    """An irrational power stands for its size: rounded to a bound that is never below it."""
    if a <= 0:
        return None
    whole = -(-b.numerator // b.denominator) if a > 1 else b.numerator // b.denominator
    return Fraction(a**whole)


_VALUES = frozenset({"num", "neg", "add", "mul", "div", "pow"})
