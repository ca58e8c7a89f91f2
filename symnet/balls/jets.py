"""Numbers that are certain, rationals and balls; jets of them; the functions with their corners and jumps."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from threading import RLock
from typing import Any, NoReturn

from flint import arb, ctx, fmpq

from ..errors import DomainError, OverflowError_, RuleError, quote
from .rationals import as_ball, fmpq_of

EXACT_BITS = 4096  # a rational longer than this goes on as a ball
FIRST_BITS, LAST_BITS = 64, 16384  # the precisions that are tried, doubling
GOOD_BITS = 62  # relative accuracy at which a ball becomes a float
SMALLEST = 1080  # 2^-1080 rounds to 0.0
TERMS = 100_000  # of one Σ

_lock = RLock()  # flint has one working precision for the whole process


def refuse_value(v: Any) -> NoReturn:
    raise DomainError(f"{quote(str(v))} is not a number that one can compute with; give a finite value")


class TooWide(ArithmeticError):
    """A ball is too wide to decide; more bits may."""


class Corner(ArithmeticError):
    """The two sides of a point differ, as far as this order shows."""

    def __init__(self, epsilon: Epsilon) -> None:
        super().__init__("there is no derivative at this corner")
        self.epsilon = epsilon


@contextmanager
def precision(bits: int) -> Iterator[None]:
    """Work with this many bits, alone."""
    with _lock:
        before, ctx.prec = ctx.prec, bits
        try:
            yield
        finally:
            ctx.prec = before


# --------------------------------------------------------------------------------------------- numbers: fmpq or arb
Number = Any  # fmpq | arb


def number_of(x: Any) -> Number:
    """An exact number as a rational, a ball as it is; a float is the decimal that it prints as."""
    if isinstance(x, fmpq | arb):
        return x
    if isinstance(x, float):
        x = Fraction(repr(_finite(float(x))))
    return _short(fmpq_of(x if x.__class__ in (Fraction, int) else Fraction(x)))


def _finite(x: float) -> float:
    if not math.isfinite(x):
        refuse_value(x)
    return x


def _short(q: fmpq) -> Number:
    return q if q.height_bits() <= EXACT_BITS else as_ball(q)


def _checked(x: Number) -> Number:
    """A result, if it is a rational of moderate size or a finite ball."""
    if isinstance(x, fmpq):
        return _short(x)
    if not x.is_finite():
        raise TooWide("the value of a function near a place where it has none")
    return x


def sign_of(x: Number) -> int:
    if isinstance(x, fmpq):
        return int(x > 0) - int(x < 0)
    if x.is_zero():
        return 0
    if x.contains(0):
        raise TooWide("whether a number is 0")
    return 1 if x > 0 else -1


def _is_zero(x: Number) -> bool:
    return bool(x == 0) if isinstance(x, fmpq) else bool(x.is_zero())


def as_int(x: Number) -> int | None:
    """The integer that x exactly is, or None."""
    if isinstance(x, fmpq):
        return int(x.p) if x.q == 1 else None
    return int(x.unique_fmpz()) if x.is_exact() and x.is_integer() else None


def _quotient(a: Number, b: Number) -> Number:
    if _is_zero(b):
        raise DomainError("0/0 has no value" if _is_zero(a) else "division by 0")
    if isinstance(b, arb) and b.contains(0):
        raise TooWide("whether a denominator is 0")
    return _checked(a / b)


def _whole_power(x: Number, n: int) -> Number:
    """xⁿ for an integer n; x⁰ = 1."""
    if n < 0:
        return _quotient(fmpq(1), _whole_power(x, -n))
    if isinstance(x, fmpq) and x.height_bits() * n <= EXACT_BITS:
        return x**n
    b = as_ball(x)
    if b.contains(0):  # where the power of a ball is taken by its logarithm
        return _checked(_by_squaring(b if n % 2 else abs(b), n))
    return _not_huge(b**n, n * abs(b).log())


def _by_squaring(b: arb, n: int) -> arb:
    y = arb(1)
    while n:
        y = y * b if n & 1 else y
        n >>= 1
        b = b * b if n else b
    return y


def _real_power(x: Number, r: Number) -> Number:
    """x^r for x ≥ 0 and an r that need not be an integer."""
    sign = sign_of(x)
    if sign < 0:
        _refuse_root(r)
    if sign == 0:
        if sign_of(r) < 0:
            raise DomainError("division by 0: a negative power of 0")
        return fmpq(0) if sign_of(r) else fmpq(1)
    return _sqrt(x) if r == fmpq(1, 2) else _not_huge(as_ball(x) ** as_ball(r), as_ball(r) * as_ball(x).log())


def _refuse_root(r: Number) -> NoReturn:
    if isinstance(r, arb) and r.contains_integer():
        raise TooWide("whether an exponent is an integer")
    raise DomainError("a negative number has no real power with a fractional exponent")


def _sqrt(x: Number) -> Number:
    if sign_of(x) < 0:
        raise DomainError("sqrt of a negative number")
    if isinstance(x, fmpq):
        p, q = math.isqrt(int(x.p)), math.isqrt(int(x.q))
        if fmpq(p * p, q * q) == x:
            return fmpq(p, q)
    return _checked(as_ball(x).sqrt())


def _log(x: Number) -> Number:
    if sign_of(x) <= 0:
        raise DomainError(f"log of {'0' if _is_zero(x) else 'a negative number'}")
    return fmpq(0) if x == 1 else _checked(as_ball(x).log())


def _exp(x: Number) -> Number:
    if _is_zero(x):
        return fmpq(1)
    return _not_huge(as_ball(x).exp(), as_ball(x))


def _not_huge(y: arb, log2: arb) -> Number:
    """y, unless it is larger than 2^(2^40), which no ball can hold."""
    if not y.is_finite() and log2 > 2**40:
        raise OverflowError_("a value on the way is larger than 10^(10^11): too large to compute with")
    return _checked(y)


def _within(low: int | None, high: int | None, name: str, open_: bool = False) -> Callable[[Number], Number]:
    """A function of the ball class that is defined between `low` and `high`."""

    def value(x: Number) -> Number:
        for sign in ([sign_of(x - low)] if low is not None else []) + ([sign_of(high - x)] if high is not None else []):
            if sign < 0 or (open_ and sign == 0):
                raise DomainError(f"{name} of a number outside its domain")
        return _everywhere(name)(x)

    return value


def _everywhere(name: str, at_zero: int | None = None) -> Callable[[Number], Number]:
    """A function of the ball class, with its exact value at 0."""
    method = getattr(arb, name)
    return lambda x: fmpq(at_zero) if at_zero is not None and _is_zero(x) else _checked(method(as_ball(x)))


# ------------------------------------------------------------------------------------------------------------- jets
@dataclass(frozen=True, slots=True, eq=False)
class Epsilon:
    """An infinitesimal: later ones have a greater depth; `side` is its sign, 0 if it may have both."""

    depth: int
    side: int = 0


class Jet:
    """c₀ + c₁ε + … + c_N ε^N + O(ε^(N+1)); without an ε it is the number c₀. Coefficients are jets in earlier ε."""

    __slots__ = ("c", "epsilon")

    def __init__(self, c: tuple[Any, ...], epsilon: Epsilon | None = None) -> None:
        self.c, self.epsilon = c, epsilon

    def __add__(self, other: Any) -> Jet:
        a, b = _aligned(self, other)
        if a.epsilon is None:
            return Jet((_checked(a.c[0] + b.c[0]),))
        return Jet(tuple(x + y for x, y in zip(a.c, b.c, strict=False)), a.epsilon)

    def __neg__(self) -> Jet:
        return Jet(tuple(-x for x in self.c), self.epsilon)

    def __sub__(self, other: Any) -> Jet:
        return self + (-jet_of(other))

    def __mul__(self, other: Any) -> Jet:
        other = jet_of(other)
        if self.epsilon is None is other.epsilon:
            a, b = self.c[0], other.c[0]
            return Jet((fmpq(0) if _is_zero(a) or _is_zero(b) else _checked(a * b),))
        if self.epsilon is not other.epsilon:
            deep, flat = (self, other) if depth_of(self) > depth_of(other) else (other, self)
            return Jet(tuple(x * flat for x in deep.c), deep.epsilon)
        n = min(len(self.c), len(other.c))
        return Jet(tuple(dot(self.c[: k + 1], other.c[k::-1]) for k in range(n)), self.epsilon)

    def __truediv__(self, other: Any) -> Jet:
        other = jet_of(other)
        if self.epsilon is None is other.epsilon:
            return Jet((_quotient(self.c[0], other.c[0]),))
        if depth_of(self) > depth_of(other):
            return Jet(tuple(x / other for x in self.c), self.epsilon)
        a, b = _aligned(self, other)
        q: list[Jet] = []
        for k in range(min(len(a.c), len(b.c))):
            q.append((a.c[k] - dot(q, b.c[k:0:-1])) / b.c[0] if k else a.c[0] / b.c[0])
        return Jet(tuple(q), a.epsilon)

    def __pow__(self, other: Any) -> Jet:
        return power_of(self, jet_of(other))

    def __radd__(self, other: Any) -> Jet:
        return jet_of(other) + self

    def __rsub__(self, other: Any) -> Jet:
        return jet_of(other) - self

    def __rmul__(self, other: Any) -> Jet:
        return jet_of(other) * self

    def __rtruediv__(self, other: Any) -> Jet:
        return jet_of(other) / self

    def __rpow__(self, other: Any) -> Jet:
        return power_of(jet_of(other), self)

    def __abs__(self) -> Jet:
        return absolute(self)

    def __bool__(self) -> NoReturn:
        raise TypeError("a ball is not true or false; ask for its sign")

    @property
    def number(self) -> Number:
        """The value at ε = 0, in every ε."""
        x = self
        while x.epsilon is not None:
            x = x.c[0]
        return x.c[0]


def jet_of(x: Any) -> Jet:
    """A jet, or a number as the jet that it is."""
    return x if isinstance(x, Jet) else Jet((number_of(x),))


ZERO, ONE = jet_of(0), jet_of(1)


def depth_of(x: Jet) -> int:
    return x.epsilon.depth if x.epsilon is not None else 0


def _aligned(a: Any, b: Any) -> tuple[Jet, Jet]:
    """Two jets in the same ε: the one with the earlier ε is a constant for the later."""
    a, b = jet_of(a), jet_of(b)
    if a.epsilon is b.epsilon:
        return a, b
    if depth_of(a) > depth_of(b):
        return a, Jet((b, *[ZERO] * (len(a.c) - 1)), a.epsilon)
    return Jet((a, *[ZERO] * (len(b.c) - 1)), b.epsilon), b


def dot(a: Sequence[Jet], b: Sequence[Jet]) -> Jet:
    """a₀b₀ + a₁b₁ + …"""
    return reduce(lambda s, pair: s + pair[0] * pair[1], zip(a, b, strict=True), ZERO)


def sign(x: Jet) -> int:
    """The sign of x, or of x beside a zero on the side of ε; raises `TooWide` or `Corner`."""
    if x.epsilon is None:
        return sign_of(x.c[0])
    first = sign(x.c[0])
    if first:
        return first
    if not x.epsilon.side:
        raise Corner(x.epsilon)
    for k, c in enumerate(x.c[1:], 1):
        s = sign(c)
        if s:
            return s * x.epsilon.side**k
    raise TooWide("on which side of a corner a derivative is taken")


def vanishes(x: Jet) -> bool:
    """Exactly zero, as far as its order shows."""
    return _is_zero(x.c[0]) if x.epsilon is None else all(vanishes(c) for c in x.c)


def power_of(x: Jet, r: Jet) -> Jet:
    """x^r: integer powers of anything, real powers of what is not negative."""
    if r.epsilon is None:
        n = as_int(r.c[0])
        if n is not None:
            return _integer_power(x, n)
        if x.epsilon is None:
            return Jet((_real_power(x.c[0], r.c[0]),))
        if r.c[0] == fmpq(1, 2):
            return function("sqrt", x)
        y = power_of(x.c[0], r)
        return _integrate(y, x, lambda low: r * power_of(low, r - 1))
    return function("exp", r * function("log", x))


def _integer_power(x: Jet, n: int) -> Jet:
    if x.epsilon is None:
        return Jet((_whole_power(x.c[0], n),))
    if n < 0:
        return ONE / _integer_power(x, -n)
    y, square = ONE, x
    while n:
        y = y * square if n & 1 else y
        n >>= 1
        square = square * square if n else square
    return y


def _integrate(y0: Jet, x: Jet, slope: Callable[[Jet], Jet]) -> Jet:
    """y = y₀ + ∫ slope(x) dx, term by term: k yₖ = Σ j xⱼ slopeₖ₋ⱼ."""
    order = len(x.c) - 1
    if not order:
        return Jet((y0,), x.epsilon)
    d = slope(Jet(x.c[:-1], x.epsilon))
    d = d if d.epsilon is x.epsilon else Jet((d, *[ZERO] * (order - 1)), x.epsilon)
    weighted = [x.c[j] * j for j in range(order + 1)]
    rest = [dot(weighted[1 : k + 1], d.c[k - 1 :: -1] if k > 1 else d.c[:1]) / k for k in range(1, order + 1)]
    return Jet((y0, *rest), x.epsilon)


@dataclass(frozen=True, slots=True)
class Primitive:
    """A function of balls: its value at a number, and its slope in terms of primitives."""

    value: Callable[[Number], Number]
    slope: Callable[[Jet], Jet]


def _f(name: str) -> Callable[[Jet], Jet]:
    return lambda x: function(name, x)


sqrt, exp, log = _f("sqrt"), _f("exp"), _f("log")
sin, cos, sinh, cosh = _f("sin"), _f("cos"), _f("sinh"), _f("cosh")

PRIMITIVES: dict[str, Primitive] = {
    "exp":     Primitive(_exp,                                 exp),
    "log":     Primitive(_log,                                 lambda x: 1 / x),
    "sqrt":    Primitive(_sqrt,                                lambda x: 1 / (2 * sqrt(x))),
    "sin":     Primitive(_everywhere("sin", 0),                cos),
    "cos":     Primitive(_everywhere("cos", 1),                lambda x: -sin(x)),
    "tan":     Primitive(_everywhere("tan", 0),                lambda x: 1 / cos(x) ** 2),
    "cot":     Primitive(_everywhere("cot"),                   lambda x: -1 / sin(x) ** 2),
    "sec":     Primitive(_everywhere("sec", 1),                lambda x: sin(x) / cos(x) ** 2),
    "csc":     Primitive(_everywhere("csc"),                   lambda x: -cos(x) / sin(x) ** 2),
    "asin":    Primitive(_within(-1, 1, "asin"),               lambda x: 1 / sqrt(1 - x**2)),
    "acos":    Primitive(_within(-1, 1, "acos"),               lambda x: -1 / sqrt(1 - x**2)),
    "atan":    Primitive(_everywhere("atan", 0),               lambda x: 1 / (1 + x**2)),
    "sinh":    Primitive(_everywhere("sinh", 0),               cosh),
    "cosh":    Primitive(_everywhere("cosh", 1),               sinh),
    "tanh":    Primitive(_everywhere("tanh", 0),               lambda x: 1 / cosh(x) ** 2),
    "coth":    Primitive(_everywhere("coth"),                  lambda x: -1 / sinh(x) ** 2),
    "sech":    Primitive(_everywhere("sech", 1),               lambda x: -sinh(x) / cosh(x) ** 2),
    "csch":    Primitive(_everywhere("csch"),                  lambda x: -cosh(x) / sinh(x) ** 2),
    "asinh":   Primitive(_everywhere("asinh", 0),              lambda x: 1 / sqrt(x**2 + 1)),
    "acosh":   Primitive(_within(1, None, "acosh"),            lambda x: 1 / sqrt(x**2 - 1)),
    "atanh":   Primitive(_within(-1, 1, "atanh", open_=True),  lambda x: 1 / (1 - x**2)),
    "erf":     Primitive(_everywhere("erf", 0),                lambda x: 2 / sqrt(BallMath.pi) * exp(-(x**2))),
    "erfc":    Primitive(_everywhere("erfc", 1),               lambda x: -2 / sqrt(BallMath.pi) * exp(-(x**2))),
}  # fmt: skip


def function(name: str, x: Jet) -> Jet:
    """A primitive of a jet: f(x) = f(x₀) + ∫ f′(x) dx."""
    row = PRIMITIVES[name]
    if x.epsilon is None:
        return Jet((row.value(x.c[0]),))
    return _integrate(function(name, x.c[0]), x, row.slope)


# ------------------------------------------------------------------------------- functions with corners and with jumps
def absolute(x: Jet) -> Jet:
    if x.epsilon is None:
        return Jet((abs(x.c[0]),))
    return x if vanishes(x) else x * sign(x)


def _step(x: Jet) -> Jet:
    return _if_positive(x, ONE, ZERO)


def _sgn(x: Jet) -> Jet:
    if x.epsilon is None and isinstance(x.c[0], arb):
        return Jet((x.c[0].sgn(),))
    return jet_of(sign(x))


def _if_positive(x: Jet, a: Any, b: Any) -> Jet:
    """a where x > 0, else b; where that is not known, the hull of both."""
    a, b = jet_of(a), jet_of(b)
    try:
        return a if sign(x) > 0 else b
    except TooWide:
        if (x.epsilon, a.epsilon, b.epsilon) != (None, None, None):
            raise
        return Jet((as_ball(a.c[0]).union(as_ball(b.c[0])),))


def maximum_of(*xs: Any) -> Jet:
    return reduce(_larger, map(jet_of, xs))


def minimum_of(*xs: Any) -> Jet:
    return -maximum_of(*(-jet_of(x) for x in xs))


def _larger(a: Jet, b: Jet) -> Jet:
    d = a - b
    return a if vanishes(d) else _if_positive(d, a, b)


def _floor(x: Jet) -> Jet:
    """⌊x⌋; beside an integer it depends on the side."""
    q = x.number
    n = int(q.floor()) if isinstance(q, fmpq) else _floor_of_ball(q)
    if x.epsilon is None:
        return jet_of(n)
    return jet_of(n - 1) if q == n and sign(x - n) < 0 else jet_of(n)


def _floor_of_ball(x: arb) -> int:
    n = x.floor().unique_fmpz()
    if n is None:
        raise TooWide("whether a number is an integer")
    return int(n)


def _ceil(x: Jet) -> Jet:
    return -_floor(-x)


class _BallMath:
    """The functions that rows of the function table are written with, over balls and jets."""

    def number(self, text: str) -> Jet:
        return jet_of(Fraction(text))

    def max(self, *xs: Any) -> Jet:
        return maximum_of(*xs)

    def min(self, *xs: Any) -> Jet:
        return minimum_of(*xs)

    def if_positive(self, x: Any, a: Any, b: Any) -> Jet:
        return _if_positive(jet_of(x), a, b)

    @property
    def pi(self) -> Jet:
        return Jet((arb.pi(),))

    @property
    def e(self) -> Jet:
        return Jet((arb.const_e(),))

    def __getattr__(self, name: str) -> Callable[[Any], Jet]:
        try:
            f = elementwise(name)
        except RuleError as e:
            raise AttributeError(str(e)) from None
        return lambda x: f(jet_of(x))


BallMath: _BallMath = _BallMath()
WITH_JUMPS: dict[str, Callable[[Jet], Jet]] = {
    "abs": absolute, "sign": _sgn, "step": _step, "floor": _floor, "ceil": _ceil, "ceiling": _ceil,
}  # fmt: skip


def elementwise(name: str) -> Callable[[Jet], Jet]:
    """A function of one jet: a primitive, one with jumps, or the formula of its row in the function table."""
    if name in PRIMITIVES:
        return _f(name)
    if name in WITH_JUMPS:
        return WITH_JUMPS[name]
    from ..functions import TABLE

    formula = TABLE[name].formula if name in TABLE else None
    if formula is None:
        raise RuleError(f"there is no rigorous value of `{name}`")
    return lambda x: jet_of(formula(x, BallMath))
