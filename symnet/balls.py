"""Rigorous values: every number is a rational or a ball (python-flint `arb`) that is certain to hold the truth.

A `Jet` c₀ + c₁ε + … + c_N ε^N carries derivatives forward through the same evaluation, by its own small table of
primitives: it shares nothing with the pullbacks, so it can check them. Nothing is ever nan or inf: what does not exist
raises `DomainError`, what a ball is too wide to decide raises `TooWide`, and the callers then double the precision.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce
from itertools import product
from threading import RLock
from typing import Any, NoReturn

from flint import arb, arb_mat, ctx, fmpq

from .errors import DomainError, NameLookupError, OverflowError_, RuleError, ShapeError, SizeError, quote
from .term import Shape, Term, iter_names, postorder, sym, term

EXACT_BITS = 4096  # a rational longer than this goes on as a ball
FIRST_BITS, LAST_BITS = 64, 16384  # the precisions that are tried, doubling
GOOD_BITS = 62  # relative accuracy at which a ball becomes a float
SMALLEST = 1080  # 2^-1080 rounds to 0.0
TERMS = 100_000  # of one Σ

_lock = RLock()  # flint has one working precision for the whole process


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


def _number(x: Any) -> Number:
    """An exact number as a rational, a ball as it is; a float is the decimal that it prints as."""
    if isinstance(x, fmpq | arb):
        return x
    if isinstance(x, float):
        x = Fraction(repr(_finite(float(x))))
    f = Fraction(x)
    return _short(fmpq(f.numerator, f.denominator))


def _fraction(q: fmpq) -> Fraction:
    return Fraction(int(q.p), int(q.q))


def _finite(x: float) -> float:
    if not math.isfinite(x):
        _refuse_value(x)
    return x


def _short(q: fmpq) -> Number:
    return q if q.height_bits() <= EXACT_BITS else _arb(q)


def _arb(x: Number) -> arb:
    return x if isinstance(x, arb) else arb(x)


def _checked(x: Number) -> Number:
    """A result, if it is a rational of moderate size or a finite ball."""
    if isinstance(x, fmpq):
        return _short(x)
    if not x.is_finite():
        raise TooWide("the value of a function near a place where it has none")
    return x


def _sign(x: Number) -> int:
    if isinstance(x, fmpq):
        return int(x > 0) - int(x < 0)
    if x.is_zero():
        return 0
    if x.contains(0):
        raise TooWide("whether a number is 0")
    return 1 if x > 0 else -1


def _is_zero(x: Number) -> bool:
    return bool(x == 0) if isinstance(x, fmpq) else bool(x.is_zero())


def _as_int(x: Number) -> int | None:
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
    return _not_huge(_arb(x) ** n, n * abs(_arb(x)).log())


def _real_power(x: Number, r: Number) -> Number:
    """x^r for x ≥ 0 and an r that need not be an integer."""
    sign = _sign(x)
    if sign < 0:
        _refuse_root(r)
    if sign == 0:
        if _sign(r) < 0:
            raise DomainError("division by 0: a negative power of 0")
        return fmpq(0) if _sign(r) else fmpq(1)
    return _sqrt(x) if r == fmpq(1, 2) else _not_huge(_arb(x) ** _arb(r), _arb(r) * _arb(x).log())


def _refuse_root(r: Number) -> NoReturn:
    if isinstance(r, arb) and r.contains_integer():
        raise TooWide("whether an exponent is an integer")
    raise DomainError("a negative number has no real power with a fractional exponent")


def _sqrt(x: Number) -> Number:
    if _sign(x) < 0:
        raise DomainError("sqrt of a negative number")
    if isinstance(x, fmpq):
        p, q = math.isqrt(int(x.p)), math.isqrt(int(x.q))
        if fmpq(p * p, q * q) == x:
            return fmpq(p, q)
    return _checked(_arb(x).sqrt())


def _log(x: Number) -> Number:
    if _sign(x) <= 0:
        raise DomainError(f"log of {'0' if _is_zero(x) else 'a negative number'}")
    return fmpq(0) if x == 1 else _checked(_arb(x).log())


def _exp(x: Number) -> Number:
    if _is_zero(x):
        return fmpq(1)
    return _not_huge(_arb(x).exp(), _arb(x))


def _not_huge(y: arb, log2: arb) -> Number:
    """y, unless it is larger than 2^(2^40), which no ball can hold."""
    if not y.is_finite() and log2 > 2**40:
        raise OverflowError_("a value on the way is larger than 10^(10^11): too large to compute with")
    return _checked(y)


def _within(low: int | None, high: int | None, name: str, open_: bool = False) -> Callable[[Number], Number]:
    """A function of the ball class that is defined between `low` and `high`."""

    def value(x: Number) -> Number:
        for sign in ([_sign(x - low)] if low is not None else []) + ([_sign(high - x)] if high is not None else []):
            if sign < 0 or (open_ and sign == 0):
                raise DomainError(f"{name} of a number outside its domain")
        return _everywhere(name)(x)

    return value


def _everywhere(name: str, at_zero: int | None = None) -> Callable[[Number], Number]:
    """A function of the ball class, with its exact value at 0."""
    method = getattr(arb, name)
    return lambda x: fmpq(at_zero) if at_zero is not None and _is_zero(x) else _checked(method(_arb(x)))


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
            deep, flat = (self, other) if _depth(self) > _depth(other) else (other, self)
            return Jet(tuple(x * flat for x in deep.c), deep.epsilon)
        n = min(len(self.c), len(other.c))
        return Jet(tuple(_dot(self.c[: k + 1], other.c[k::-1]) for k in range(n)), self.epsilon)

    def __truediv__(self, other: Any) -> Jet:
        other = jet_of(other)
        if self.epsilon is None is other.epsilon:
            return Jet((_quotient(self.c[0], other.c[0]),))
        if _depth(self) > _depth(other):
            return Jet(tuple(x / other for x in self.c), self.epsilon)
        a, b = _aligned(self, other)
        q: list[Jet] = []
        for k in range(min(len(a.c), len(b.c))):
            q.append((a.c[k] - _dot(q, b.c[k:0:-1])) / b.c[0] if k else a.c[0] / b.c[0])
        return Jet(tuple(q), a.epsilon)

    def __pow__(self, other: Any) -> Jet:
        return _power(self, jet_of(other))

    def __radd__(self, other: Any) -> Jet:
        return jet_of(other) + self

    def __rsub__(self, other: Any) -> Jet:
        return jet_of(other) - self

    def __rmul__(self, other: Any) -> Jet:
        return jet_of(other) * self

    def __rtruediv__(self, other: Any) -> Jet:
        return jet_of(other) / self

    def __rpow__(self, other: Any) -> Jet:
        return _power(jet_of(other), self)

    def __abs__(self) -> Jet:
        return _abs(self)

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
    return x if isinstance(x, Jet) else Jet((_number(x),))


ZERO, ONE = jet_of(0), jet_of(1)


def _depth(x: Jet) -> int:
    return x.epsilon.depth if x.epsilon is not None else 0


def _aligned(a: Any, b: Any) -> tuple[Jet, Jet]:
    """Two jets in the same ε: the one with the earlier ε is a constant for the later."""
    a, b = jet_of(a), jet_of(b)
    if a.epsilon is b.epsilon:
        return a, b
    if _depth(a) > _depth(b):
        return a, Jet((b, *[ZERO] * (len(a.c) - 1)), a.epsilon)
    return Jet((a, *[ZERO] * (len(b.c) - 1)), b.epsilon), b


def _dot(a: Sequence[Jet], b: Sequence[Jet]) -> Jet:
    """a₀b₀ + a₁b₁ + …"""
    return reduce(lambda s, pair: s + pair[0] * pair[1], zip(a, b, strict=True), ZERO)


def sign(x: Jet) -> int:
    """The sign of x, or of x beside a zero on the side of ε; raises `TooWide` or `Corner`."""
    if x.epsilon is None:
        return _sign(x.c[0])
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


def _vanishes(x: Jet) -> bool:
    """Exactly zero, as far as its order shows."""
    return _is_zero(x.c[0]) if x.epsilon is None else all(_vanishes(c) for c in x.c)


def _power(x: Jet, r: Jet) -> Jet:
    """x^r: integer powers of anything, real powers of what is not negative."""
    if r.epsilon is None:
        n = _as_int(r.c[0])
        if n is not None:
            return _integer_power(x, n)
        if x.epsilon is None:
            return Jet((_real_power(x.c[0], r.c[0]),))
        if r.c[0] == fmpq(1, 2):
            return function("sqrt", x)
        y = _power(x.c[0], r)
        return _integrate(y, x, lambda low: r * _power(low, r - 1))
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
    rest = [_dot(weighted[1 : k + 1], d.c[k - 1 :: -1] if k > 1 else d.c[:1]) / k for k in range(1, order + 1)]
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
def _abs(x: Jet) -> Jet:
    if x.epsilon is None:
        return Jet((abs(x.c[0]),))
    return x if _vanishes(x) else x * sign(x)


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
        return Jet((_arb(a.c[0]).union(_arb(b.c[0])),))


def _max(*xs: Any) -> Jet:
    return reduce(_larger, map(jet_of, xs))


def _min(*xs: Any) -> Jet:
    return -_max(*(-jet_of(x) for x in xs))


def _larger(a: Jet, b: Jet) -> Jet:
    d = a - b
    return a if _vanishes(d) else _if_positive(d, a, b)


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
        return _max(*xs)

    def min(self, *xs: Any) -> Jet:
        return _min(*xs)

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
    "abs": _abs, "sign": _sgn, "step": _step, "floor": _floor, "ceil": _ceil, "ceiling": _ceil,
}  # fmt: skip


def elementwise(name: str) -> Callable[[Jet], Jet]:
    """A function of one jet: a primitive, one with jumps, or the formula of its row in the function table."""
    if name in PRIMITIVES:
        return _f(name)
    if name in WITH_JUMPS:
        return WITH_JUMPS[name]
    from .functions import TABLE

    formula = TABLE[name].formula if name in TABLE else None
    if formula is None:
        raise RuleError(f"there is no rigorous value of `{name}`")
    return lambda x: jet_of(formula(x, BallMath))


# ----------------------------------------------------------------------------------------------------------- arrays
@dataclass(frozen=True, slots=True)
class Grid:
    """An array of jets by rows; a vector is one column."""

    rows: tuple[tuple[Jet, ...], ...]


Value = Any  # Jet | Grid | bool


def _rows(x: Value) -> tuple[tuple[Jet, ...], ...]:
    return x.rows if isinstance(x, Grid) else ((x,),)


def _grid(rows: Any) -> Value:
    """Rows as an array; one by one is a scalar."""
    made = tuple(map(tuple, rows))
    return made[0][0] if len(made) == 1 == len(made[0]) else Grid(made)


def _column(xs: Any) -> Value:
    return _grid((x,) for x in xs)


def _each(f: Callable[..., Jet], *xs: Value) -> Value:
    """f elementwise; scalars are spread."""
    shape = next(((len(x.rows), len(x.rows[0])) for x in xs if isinstance(x, Grid)), None)
    if shape is None:
        return f(*xs)
    sizes = [(len(x.rows), len(x.rows[0])) for x in xs if isinstance(x, Grid)]
    if any(s != shape for s in sizes):
        raise ShapeError(f"arrays of different sizes side by side: {' and '.join(f'{r}×{c}' for r, c in sizes)}")
    n, d = shape
    return _grid([f(*(x.rows[i][j] if isinstance(x, Grid) else x for x in xs)) for j in range(d)] for i in range(n))


def _cells(x: Value) -> list[Jet]:
    return [c for row in _rows(x) for c in row]


def _total(xs: Any) -> Jet:
    return reduce(lambda a, b: a + b, xs, ZERO)


def _transpose(x: Value) -> Value:
    return _grid(zip(*_rows(x), strict=True))


def _product(a: Value, b: Value) -> Value:
    """The matrix product."""
    left, right = _rows(a), list(zip(*_rows(b), strict=True))
    if len(left[0]) != len(right[0]):
        raise ShapeError(f"matrix product of {len(left)}×{len(left[0])} and {len(right[0])}×{len(right)}")
    return _grid([_dot(row, column) for column in right] for row in left)


def _identity(n: int) -> Value:
    return _grid([ONE if i == j else ZERO for j in range(n)] for i in range(n))


def _determinant_adjugate(a: Value) -> tuple[Jet, Value]:
    """det A and adj A by Faddeev and LeVerrier: only integers are divided by, so every commutative ring will do."""
    rows = _rows(a)
    n = len(rows)
    _square(rows)
    m, c = _identity(n), ONE
    for k in range(1, n + 1):
        am = _product(a, m)
        c = _trace(am) / -k
        if k < n:
            m = _each(lambda x, y: x + y, am, _scaled(c, _identity(n)))
    flip = 1 if n % 2 else -1
    return c * -flip, _each(lambda x: x * flip, m)


def _scaled(c: Jet, a: Value) -> Value:
    return _each(lambda x: c * x, a)


def _square(rows: Any) -> None:
    if len(rows) != len(rows[0]):
        raise ShapeError(f"a square matrix is needed, this is {len(rows)}×{len(rows[0])}")


def _trace(x: Value) -> Jet:
    rows = _rows(x)
    _square(rows)
    return _total(rows[i][i] for i in range(len(rows)))


def _det(x: Value) -> Jet:
    return _determinant_adjugate(x)[0]


def _inv(x: Value) -> Value:
    det, adjugate = _determinant_adjugate(x)
    if _vanishes(det):
        raise DomainError("this matrix has no inverse: its determinant is 0")
    return _each(lambda c: c / det, adjugate)


def _matrix_power(x: Value, k: Value) -> Value:
    n = _as_int(k.number)
    if n is None:
        raise RuleError("a matrix power needs an integer exponent")
    base = _inv(x) if n < 0 else x
    return reduce(_product, [base] * abs(n), _identity(len(_rows(x))))


def _expm(x: Value) -> Value:
    """exp A: every jet is written as the matrix by which it multiplies, and the large matrix is exponentiated."""
    rows = _rows(x)
    _square(rows)
    epsilons = sorted({e for row in rows for c in row for e in _epsilons(c)}, key=lambda e: e[0].depth)
    size = math.prod(n for _, n in epsilons)
    blocks = [[_regular(c, epsilons) for c in row] for row in rows]
    n = len(rows) * size
    flat = [[_arb(blocks[i // size][j // size][i % size][j % size]) for j in range(n)] for i in range(n)]
    y = arb_mat(flat).exp()
    if not all(c.is_finite() for c in y.entries()):
        raise TooWide("the exponential of a matrix")
    first = [[[y[i, j + k] for k in range(size)] for j in range(0, n, size)] for i in range(0, n, size)]
    return _grid([_from_regular(c, epsilons) for c in row] for row in first)


def _epsilons(x: Jet) -> Iterator[tuple[Epsilon, int]]:
    """Every ε below a jet, with the number of its coefficients."""
    if x.epsilon is not None:
        yield x.epsilon, len(x.c)
        for c in x.c:
            yield from _epsilons(c)


def _regular(x: Jet, epsilons: list[tuple[Epsilon, int]]) -> list[list[Number]]:
    """The upper triangular matrix by which a jet multiplies the coefficients of jets in these ε."""
    if not epsilons:
        return [[x.c[0]]]
    epsilon, n = epsilons[-1]
    c = x.c if x.epsilon is epsilon else (x, *[ZERO] * (n - 1))
    parts = [_regular(a, epsilons[:-1]) for a in c]
    size = len(parts[0])
    cell = lambda i, j: parts[j // size - i // size][i % size][j % size] if j // size >= i // size else fmpq(0)  # noqa: E731
    return [[cell(i, j) for j in range(n * size)] for i in range(n * size)]


def _from_regular(row: list[Number], epsilons: list[tuple[Epsilon, int]]) -> Jet:
    """The jet whose multiplication has this first row."""
    if not epsilons:
        return Jet((row[0],))
    epsilon, n = epsilons[-1]
    size = len(row) // n
    return Jet(tuple(_from_regular(row[k * size : (k + 1) * size], epsilons[:-1]) for k in range(n)), epsilon)


# ------------------------------------------------------------------------------------------- the named array operations
def _norm2(x: Value) -> Jet:
    return sqrt(_total(c * c for c in _cells(x)))


def _by_rows(f: Callable[[Sequence[Jet]], Sequence[Jet]]) -> Callable[[Value, Shape], Value]:
    """f along the rows of a matrix, over the whole of a vector."""

    def apply(x: Value, shape: Shape) -> Value:
        if len(shape) == 2:
            return _grid(f(row) for row in _rows(x))
        return _column(f(_cells(x)))

    return apply


def _lse(xs: Sequence[Jet]) -> Jet:
    return log(_total(exp(x) for x in xs))


def _softmax(xs: Sequence[Jet]) -> list[Jet]:
    """exp(xᵢ) / Σ exp(xⱼ), shifted by the first operand: shifts change nothing."""
    shifted = [exp(x - xs[0]) for x in xs]
    total = _total(shifted)
    return [e / total for e in shifted]


def _diagonal_matrix(x: Value) -> Value:
    rows = _rows(x)
    if min(len(rows), len(rows[0])) > 1:
        raise RuleError("`diag` makes a matrix of a vector; the diagonal of a matrix is `diagv`")
    cells = _cells(x)
    return _grid([c if i == j else ZERO for j in range(len(cells))] for i, c in enumerate(cells))


def _kron(a: Value, b: Value) -> Value:
    return _grid([x * y for x, y in product(top, bottom)] for top, bottom in product(_rows(a), _rows(b)))


def _mean(xs: Any) -> Jet:
    cells = list(xs)
    return _total(cells) / len(cells)


def _plain(f: Callable[..., Value]) -> Callable[..., Value]:
    """An operation that does not look at the shape which its operand was declared with."""
    return lambda x, shape: f(x)


ARRAY: dict[str, Callable[[Value, Shape], Value]] = {
    "T":          _plain(_transpose),
    "tr":         _plain(_trace),
    "det":        _plain(_det),
    "logdet":     _plain(lambda x: log(_det(x))),
    "inv":        _plain(_inv),
    "expm":       _plain(_expm),
    "sum":        _plain(lambda x: _total(_cells(x))),
    "mean":       _plain(lambda x: _mean(_cells(x))),
    "norm1":      _plain(lambda x: _total(map(_abs, _cells(x)))),
    "norm2":      _plain(_norm2),
    "diag":       _plain(_diagonal_matrix),
    "diagv":      _plain(lambda x: _column(row[i] for i, row in enumerate(_rows(x)))),
    "rowsum":     _plain(lambda x: _column(map(_total, _rows(x)))),
    "colsum":     _plain(lambda x: _grid([map(_total, zip(*_rows(x), strict=True))])),
    "rowmean":    _plain(lambda x: _column(map(_mean, _rows(x)))),
    "colmean":    _plain(lambda x: _grid([map(_mean, zip(*_rows(x), strict=True))])),
    "vec":        _plain(lambda x: _column(_cells(_transpose(x)))),
    "softmax":    _by_rows(_softmax),
    "logsoftmax": _by_rows(lambda xs: [x - _lse(xs) for x in xs]),
    "lse":        lambda x, shape: _column(map(_lse, _rows(x))) if len(shape) == 2 else _lse(_cells(x)),
}  # fmt: skip


# -------------------------------------------------------------------------------------------------- Terms over balls
@dataclass(slots=True)
class Run:
    """One evaluation: the values of the names, the dimensions, and how many ε are in use."""

    values: dict[str, Value]
    dims: dict[str, int]
    depth: int = 0
    memo: dict[Term, Value] = field(default_factory=dict)

    def inside(self, name: str, value: Value, depth: int | None = None) -> Run:
        """The same, with one more name."""
        return Run({**self.values, name: value}, self.dims, self.depth if depth is None else depth)


def _value(run: Run, root: Term) -> Value:
    """The value of a Term, each distinct node once; only the branch of `cases` that is taken; iterative."""
    memo, stack = run.memo, [root]
    while stack:
        node = stack[-1]
        waiting = [] if node in memo else _waiting(node, memo)
        if waiting:
            stack.extend(waiting)
            continue
        if node not in memo:
            memo[node] = _visit(run, node)
        stack.pop()
    return memo[root]


def _waiting(node: Term, memo: dict[Term, Value]) -> list[Term]:
    """The operands that are needed and not there yet."""
    needed = NEEDS.get(node.op, _all if node.op in RULES or node.op in ARRAY else _none)
    return [a for a in needed(node, memo) if a not in memo]


def _all(node: Term, memo: dict[Term, Value]) -> Sequence[Term]:
    return node.args


def _none(node: Term, memo: dict[Term, Value]) -> Sequence[Term]:
    return ()


def _branch(node: Term, memo: dict[Term, Value]) -> list[Term]:
    """The conditions up to the first true one, then its value."""
    for value, condition in zip(node.args[::2], node.args[1::2], strict=False):
        if condition not in memo:
            return [condition]
        if memo[condition]:
            return [value]
    if len(node.args) % 2 == 0:
        raise DomainError("no case holds at this point")
    return [node.args[-1]]


NEEDS: dict[str, Callable[[Term, dict[Term, Value]], Sequence[Term]]] = {
    "cases": _branch,
    "sigma": lambda node, memo: node.args[2:],
    "diff": _none, "deriv": _none, "ones": _none, "zeros": _none, "eye": _none,
}  # fmt: skip


def _visit(run: Run, node: Term) -> Value:
    rule = RULES.get(node.op)
    if rule is not None:
        return rule(run, node, *(run.memo[a] for a in node.args if a in run.memo))
    if node.op in ARRAY:
        return ARRAY[node.op](run.memo[node.args[0]], node.args[0].shape)
    raise RuleError(f"`{node.op}` has no value at a point")


def _symbol(run: Run, node: Term) -> Value:
    name = node.name
    if "constant" in node.facts:
        return CONSTANTS[name]() if name in CONSTANTS else _refuse_value(name)
    if name in run.values:
        return run.values[name]
    if name in run.dims:
        return jet_of(run.dims[name])
    raise NameLookupError(f"`{name}` has no value; values are given for: {', '.join(run.values) or 'no name'}")


CONSTANTS: dict[str, Callable[[], Jet]] = {"pi": lambda: BallMath.pi, "e": lambda: BallMath.e}


def _function(run: Run, node: Term, x: Value) -> Value:
    return _each(elementwise(node.data), x)


def _prime(run: Run, node: Term, x: Value) -> Value:
    """f⁽ᵏ⁾(x) from the series of f, without the slope of its row."""
    name, order = node.data
    f = elementwise(name)
    return _each(lambda c: _derivative(f, c, order, run.depth), x)


def _diff(run: Run, node: Term, *_: Value) -> Value:
    """The derivative of an expression by one of its names."""
    body, x = node.args
    if x.op != "sym" or x.shape or body.shape:
        raise RuleError("a derivative is evaluated for a scalar by a scalar name")
    if x.name not in body.free:
        return ZERO
    at = _symbol(run, x)
    order = node.data if isinstance(node.data, int) else 1
    return _derivative(lambda e: _value(run.inside(x.name, e, _depth(e)), body), at, order, run.depth)


def _derivative(f: Callable[[Jet], Jet], x: Jet, order: int, depth: int) -> Jet:
    """f⁽ᵏ⁾(x) as k! times a coefficient of f(x + ε); at a corner both sides must agree in every coefficient."""

    def series(side: int) -> Jet:
        epsilon = Epsilon(depth + 1, side)
        y = f(Jet((x, ONE, *[ZERO] * (order - 1)), epsilon))
        return y if y.epsilon is epsilon else Jet((y, *[ZERO] * order), epsilon)

    try:
        y = series(0)
    except Corner as corner:
        if corner.epsilon.depth != depth + 1:
            raise
        y = _agreed(series(1), series(-1), f(x))
    return y.c[order] * math.factorial(order)


def _agreed(right: Jet, left: Jet, here: Jet) -> Jet:
    """The series of the two sides, if they are one and start at the value itself."""
    for a, b in ((right.c[0], here), *zip(right.c, left.c, strict=True)):
        d = a - b
        if _vanishes(d):
            continue
        if d.epsilon is None:
            _sign(d.c[0])
        raise DomainError("there is no derivative at this corner: the two sides differ")
    return right


def _relation(run: Run, node: Term, a: Value, b: Value) -> bool:
    if isinstance(a, Grid) or isinstance(b, Grid):
        raise RuleError("a comparison of arrays is neither true nor false")
    return _RELATIONS[node.data](sign(a - b))


_RELATIONS: dict[str, Callable[[int], bool]] = {
    "<": lambda s: s < 0, "<=": lambda s: s <= 0, ">": lambda s: s > 0, ">=": lambda s: s >= 0,
    "=": lambda s: s == 0, "!=": lambda s: s != 0,
}  # fmt: skip


def _cases(run: Run, node: Term, *_: Value) -> Value:
    return run.memo[_branch(node, run.memo)[0]]


def _index(run: Run, node: Term, *indices: Value) -> Value:
    """y_i: an element of the array y (counted from 1), or the name y1."""
    ks = [k for k in (_as_int(i.number) for i in indices) if k is not None]
    if len(ks) < len(indices):
        raise DomainError(f"an index of `{node.data}` is not an integer")
    base = run.values.get(node.data)
    if base is None:
        from .names import compose

        return _symbol(run, sym(compose(node.data, subs=[str(k) for k in ks])))
    rows = _rows(base)
    i, j = (*ks, 1)[:2]
    if len(ks) == 1 and len(rows) == 1:
        i, j = 1, i
    if len(ks) > 2 or not (1 <= i <= len(rows) and 1 <= j <= len(rows[0])):
        raise NameLookupError(f"`{node.data}` is {len(rows)}×{len(rows[0])}: it has no element {ks}")
    return rows[i - 1][j - 1]


def _sigma(run: Run, node: Term, low: Jet, high: Jet) -> Value:
    """Σ body for the integers from low to high."""
    body, index = node.args[:2]
    a, b = _as_int(low.number), _as_int(high.number)
    if a is None or b is None:
        raise DomainError("the limits of a sum are not integers")
    if b - a >= TERMS:
        raise SizeError(f"a sum of {b - a + 1:,} terms is longer than the {TERMS:,} that are added up")
    values = (_value(run.inside(index.name, jet_of(k)), body) for k in range(a, b + 1))
    return reduce(lambda s, t: _each(lambda x, y: x + y, s, t), values, ZERO)


def _unknown_function(run: Run, node: Term, *xs: Value) -> Value:
    if node.data not in WITH_JUMPS:
        raise RuleError(f"`{node.data}` is not a known function: it has no value at a point")
    return _each(WITH_JUMPS[node.data], *xs)


def _dims(run: Run, node: Term) -> list[int]:
    """The dimensions that ones, zeros and eye are made with."""
    sizes = [_as_int(_value(run, a).number) for a in node.args]
    if not all(isinstance(n, int) and n > 0 for n in sizes):
        raise DomainError("a dimension is not a positive integer")
    return [n for n in sizes if n is not None]


def _filled(value: Jet) -> Callable[..., Value]:
    def make(run: Run, node: Term, *_: Value) -> Value:
        rows, cols = (*_dims(run, node), 1)[:2]
        return _grid([value] * cols for _ in range(rows))

    return make


def _elementwise(f: Callable[..., Jet]) -> Callable[..., Value]:
    return lambda run, node, *xs: _each(f, *xs)


RULES: dict[str, Callable[..., Value]] = {
    "num":    lambda run, node: jet_of(node.data[0]),
    "sym":    _symbol,
    "add":    _elementwise(lambda *xs: reduce(lambda a, b: a + b, xs)),
    "mul":    _elementwise(lambda *xs: reduce(lambda a, b: a * b, xs)),
    "neg":    _elementwise(lambda x: -x),
    "div":    _elementwise(lambda a, b: a / b),
    "pow":    _elementwise(_power),
    "max":    _elementwise(_max),
    "min":    _elementwise(_min),
    "matmul": lambda run, node, *xs: reduce(_product, xs),
    "matpow": lambda run, node, x, k: _matrix_power(x, k),
    "kron":   lambda run, node, a, b: _kron(a, b),
    "fn":     _function,
    "prime":  _prime,
    "diff":   _diff,
    "deriv":  _diff,
    "rel":    _relation,
    "and":    lambda run, node, *xs: all(xs),
    "or":     lambda run, node, *xs: any(xs),
    "not":    lambda run, node, x: not x,
    "cases":  _cases,
    "index":  _index,
    "sigma":  _sigma,
    "apply":  _unknown_function,
    "vector": lambda run, node, *xs: _column(xs),
    "ones":   _filled(ONE),
    "zeros":  _filled(ZERO),
    "eye":    lambda run, node, *_: _identity(_dims(run, node)[0]),
}  # fmt: skip


# ------------------------------------------------------------------------------------------------------------ points
def point(at: Mapping[Any, Any]) -> dict[str, Any]:
    """The values of the names, exact: numbers, Terms without names (π/2), or rows of them."""
    return {_name(k): _exact(v) for k, v in at.items()}


def _name(key: Any) -> str:
    """The canonical name of a key: text, a symbol of SymPy, or a Term."""
    from .names import canonical

    return canonical(key.name if isinstance(key, Term) else str(key))


def _exact(v: Any) -> Any:
    """A value without rounding: a number, a Term for what is not rational, a tuple of rows for an array."""
    if isinstance(v, arb | fmpq | Term):
        return v
    if isinstance(v, str):
        return _read_value(v)
    if hasattr(v, "tolist"):
        return _exact(v.tolist())
    if isinstance(v, list | tuple):
        return tuple(map(_exact, v))
    try:
        return _number(v)
    except (TypeError, ValueError):
        return _sympy_value(v)


def _read_value(text: str) -> Term:
    if text.strip().lower().lstrip("+-") in ("inf", "infinity", "oo", "nan", "∞"):
        _refuse_value(text)
    from .reading import read

    return read(text).value


def _read_with(text: str, names: Iterable[str]) -> Term:
    """A text in which the names that have values are names, whatever else they could mean."""
    from .reading import read

    return read(text, names=tuple(names)).value


def _sympy_value(v: Any) -> Any:
    from .bridge import from_sympy

    if getattr(v, "is_finite", True) is False or str(v) == "nan":
        _refuse_value(v)
    return from_sympy(v)


def _refuse_value(v: Any) -> NoReturn:
    raise DomainError(f"{quote(str(v))} is not a number that one can compute with; give a finite value")


def _bound(v: Any) -> Value:
    """An exact value as a number or an array at the working precision."""
    if isinstance(v, tuple):
        rows = [r if isinstance(r, tuple) else (r,) for r in v]
        if len({len(r) for r in rows}) != 1 or not rows[0]:
            raise ShapeError("the rows of an array have different lengths, or none")
        return _grid([_bound(c) for c in r] for r in rows)
    return _value(Run({}, {}), v) if isinstance(v, Term) else jet_of(v)


def _run(t: Term, values: dict[str, Value], depth: int = 0) -> Run:
    return Run(values, _dimensions(t, values), depth)


def _dimensions(t: Term, values: dict[str, Value]) -> dict[str, int]:
    """The sizes of symbolic dimensions, from the arrays that are given."""
    dims: dict[str, int] = {}
    for s in iter_names(t):
        if not s.shape or s.name not in values:
            continue
        rows = _rows(values[s.name])
        sizes = (len(rows), len(rows[0]))
        declared = s.shape if len(s.shape) == 2 else (s.shape[0], 1)
        for d, n in zip(declared, sizes, strict=True):
            if dims.setdefault(d, n) != n if isinstance(d, str) else d != n:
                raise ShapeError(f"`{s.name}` is {sizes[0]}×{sizes[1]}; its dimension {d} is {dims.get(str(d), d)}")
    return dims


# ----------------------------------------------------------------------------------------------------- what is asked
def ball(t: Term, at: Mapping[Any, Any], prec: int = 128) -> Any:
    """A ball that holds the value: an `arb`; rows of them for a matrix, a list for a vector.

    `at`: exact numbers, Terms without names, balls, or rows of these. Raises `TooWide` where more bits are needed.
    """
    with precision(prec):
        return _shown(_value(_run(t, _values(at)), t), t.shape)


def value(t: Term, at: Mapping[Any, Any], bits: int = 192) -> Any:
    """The value of a scalar: a Fraction if the arithmetic is rational, else an `arb` accurate to half of `bits`."""
    where = point(at)

    def attempt() -> Any:
        x = _number_at(t, where)
        if isinstance(x, fmpq):
            return _fraction(x)
        return x if x.rel_accuracy_bits() > bits // 2 or x.abs_upper() < arb(2) ** -SMALLEST else None

    return _refined(attempt, LAST_BITS)


def jet(t: Term, at: Mapping[Any, Any], direction: Mapping[Any, Any], prec: int = 128) -> tuple[Any, Any]:
    """The value and the derivative along `direction` (0 for a name that it does not hold), in the forward mode."""
    with precision(prec):
        values, slopes = _values(at), _values(direction)
        try:
            y = _along(t, values, slopes, 0)
        except Corner:
            right, left = _along(t, values, slopes, 1), _along(t, values, slopes, -1)
            y = _each(_agreed, right, left, _value(_run(t, values), t))
        return _shown(_each(lambda c: c.c[0], y), t.shape), _shown(_each(lambda c: c.c[1], y), t.shape)


def _values(at: Mapping[Any, Any]) -> dict[str, Value]:
    return {name: _bound(v) for name, v in point(at).items()}


def _along(t: Term, values: dict[str, Value], slopes: dict[str, Value], side: int) -> Value:
    """Every element of t as c₀ + c₁ε at values + slopes·ε."""
    epsilon = Epsilon(1, side)
    moved = {k: _each(lambda x, d: Jet((x, d), epsilon), v, slopes[k]) if k in slopes else v for k, v in values.items()}
    y = _value(Run(moved, _dimensions(t, values), 1), t)
    return _each(lambda c: c if c.epsilon is epsilon else Jet((c, ZERO), epsilon), y)


def _shown(x: Value, shape: Shape) -> Any:
    """Balls without jets, nested as the shape says."""
    if isinstance(x, bool):
        return x
    rows = [[_arb(c.number) for c in row] for row in _rows(x)]
    return rows[0][0] if not shape else [r[0] for r in rows] if len(shape) == 1 else rows


def evaluate(expr: Any, at: Mapping[Any, Any] | None = None) -> float:
    """The value as a float, correct to 1e-12 relative; 0.0 if it is too small for a float.

    Raises `DomainError` where there is no value (log 0, a derivative at a corner) or where it cannot be decided whether
    there is one, `OverflowError_` where the value is too large for a float.

    >>> from symnet.term import num, power, sym
    >>> evaluate(power(sym("x"), num(3)), {"x": 0.1})
    0.001
    """
    where = point(at or {})
    t = _read_with(expr, where) if isinstance(expr, str) else term(expr)
    if t.shape or t.op in ("rel", "and", "or", "not"):
        raise ShapeError("only a scalar has a value that is a float")
    return _refined(lambda: _float(_number_at(t, where)), LAST_BITS)


def decide_sign(t: Term, at: Mapping[Any, Any], cap: int = 4096) -> int | None:
    """-1, 0 or 1: the certain sign of a value; None if `cap` bits do not decide it."""
    where = point(at)
    try:
        return _refined(lambda: _sign(_number_at(t, where)), cap)
    except (NotDecided, OverflowError_):
        return None


def _number_at(t: Term, where: dict[str, Any]) -> Number:
    return _value(_run(t, {name: _bound(v) for name, v in where.items()}), t).number


class NotDecided(DomainError):
    """Whether there is a value was not decided, however many bits were taken."""


def _refined(attempt: Callable[[], Any], last: int) -> Any:
    """The first answer that is not None, at doubling precisions."""
    bits, reason = FIRST_BITS, "it lies on a jump, or is not told from 0"
    while bits <= last:
        try:
            with precision(bits):
                answer = attempt()
            if answer is not None:
                return answer
        except TooWide as e:
            reason = str(e)
        bits *= 2
    raise NotDecided(f"this value is not decided with {bits // 2:,} bits: {reason}")


def _float(x: Number) -> float | None:
    """The float nearest to a number; None if its ball is too wide."""
    if isinstance(x, fmpq):
        return _fraction_float(_fraction(x))
    if x.abs_upper() < arb(2) ** -SMALLEST:
        return 0.0
    if x.rel_accuracy_bits() < GOOD_BITS:
        return None
    value = float(x.mid())
    if not math.isfinite(value):
        raise OverflowError_("the value is too large for a float")
    return value


def _fraction_float(q: Fraction) -> float:
    try:
        return float(q)
    except OverflowError:
        raise OverflowError_("the value is too large for a float") from None


class Probe:
    """One point, and there the value and the derivative along `slopes` of every part of a formula, each once.

    `holds` compares a formula in which derivatives may still stand (`deriv`) with a derivative found in this way: the
    forward mode of the balls, which knows nothing of the textbook rules.
    """

    def __init__(self, at: Mapping[str, Fraction], slopes: Mapping[str, Any], prec: int = 128) -> None:
        self.prec, self.epsilon = prec, Epsilon(1, 0)
        values = {name: _bound(v) for name, v in at.items()}
        moved = {
            name: Jet((v, _bound(slopes[name])), self.epsilon) if name in slopes else v for name, v in values.items()
        }
        self.moving, self.still = Run(moved, {}, 1), Run(values, {}, 0)

    def slope(self, t: Term) -> Jet:
        """The derivative of t at the point."""
        y = _value(self.moving, t)
        return y.c[1] if y.epsilon is self.epsilon else ZERO

    def derivative(self, t: Term) -> Number:
        with precision(self.prec):
            return self.slope(t).number

    def value(self, t: Term) -> Number:
        with precision(self.prec):
            return _value(self.still, t).number

    def holds(self, line: Term, truth: Number, scale: int = 40) -> bool | None:
        """Whether the line has the value `truth` at the point; None where the balls are too wide."""
        with precision(self.prec):
            for node in postorder(line):
                if node.op == "deriv" and node not in self.still.memo:
                    self.still.memo[node] = self.slope(node.args[0])
            here = _value(self.still, line).number
            difference = here - truth
            if isinstance(difference, fmpq):
                return bool(difference == 0)
            if not difference.contains(0):
                return False
            size = abs(_arb(truth)).upper() + 1
            return True if difference.rad() < size * arb(2) ** -scale else None


UNDECIDED = (DomainError, OverflowError_, TooWide, Corner)
