"""The zeros of a formula of one name: by factors of its normal form, each by the first method that applies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor, inf
from typing import Any

from flint import arb, arb_poly, fmpz_poly

from ..balls import precision
from ..functions import PI
from ..term import ONE, Term, add, div, fn, mul, neg, num, power, sym
from ..tidy import tidy
from .closing import arctangent, at, closed, exponential, logarithm, mapped, scaled
from .monomials import written
from .reals import Algebraic, Bracketed, Rational, Real, compare, shift
from .series import Curve
from .substitution import Generator, Substitution, back, normal, univariate
from .values import Value

ISOLATED, RATIONAL, EXP, TRIG, ROOT, INVERSE = (
    "the real zeros of a polynomial with integer coefficients were isolated exactly",
    "the real zeros of a polynomial were isolated exactly",
    "a substitution u = e^(k x) makes the derivative rational, and the zeros u > 0 were isolated exactly",
    "the substitution t = tan(k x) makes the derivative rational, and its zeros were isolated exactly",
    "roots were removed by a norm, and every zero of it was tested",
    "the derivative is zero where one function has known values, which were inverted",
)
MOST = 200  # places of a family that are made on one side where they crowd


@dataclass(frozen=True)
class Family:
    """x with xⁿ = base + k · period, for every integer k."""

    base: Real
    period: Real
    n: Fraction = Fraction(1)

    def within(self, low: Real | None, high: Real | None) -> Iterator[Real]:
        """Those in an interval, infinite ends only for n < 0; of too many those that are not in a crowd."""
        for k in self._counts(low, high):
            yield from inside(raised(shift(self.base, self.period, k), self.n), low, high)

    def _counts(self, low: Real | None, high: Real | None) -> range:
        base, period = float(self.base), float(self.period)
        if self.n < 0:
            return range(floor(-base / period) - MOST, ceil(-base / period) + MOST)
        least, greatest = self._reach(low, high)
        return range(floor((least - base) / period) - 1, ceil((min(greatest, self._last(least)) - base) / period) + 2)

    def _reach(self, low: Real | None, high: Real | None) -> tuple[float, float]:
        """Between which values xⁿ lies, n > 0."""
        assert low is not None and high is not None
        a, b, n = float(low), float(high), float(self.n)
        if self.n.denominator % 2 and self.n.numerator % 2:
            return _signed(a, n), _signed(b, n)
        sizes = sorted((abs(a), abs(b)))
        return 0.0 if a < 0 < b else sizes[0] ** n, sizes[1] ** n

    def _last(self, least: float) -> float:
        return least + 2 * MOST * float(self.period)

    @property
    def wide(self) -> float:
        """How far out there are not too many."""
        return (MOST / 2 * float(self.period)) ** float(1 / self.n)

    def crowds(self, low: Real | None, high: Real | None) -> Iterator[tuple[float, float]]:
        """The parts of an interval in which there are more than those that are given."""
        a, b = (-inf if low is None else float(low)), (inf if high is None else float(high))
        if self.n < 0:
            near = (MOST * float(self.period)) ** float(1 / self.n)
            yield max(a, -near), min(b, near)
            return
        least, greatest = self._reach(low, high)
        if greatest > self._last(least):
            r = _signed(self._last(least), float(1 / self.n))
            yield max(a, r), b
            if self.n.numerator % 2 == 0:
                yield a, min(b, -r)


def _signed(x: float, n: float) -> float:
    return abs(x) ** n if x >= 0 else -(abs(x) ** n)


def inside(found: list[Real], low: Real | None, high: Real | None) -> list[Real]:
    """Those in a closed interval, whose ends may be infinite (None)."""
    return [r for r in found if (low is None or compare(r, low) >= 0) and (high is None or compare(r, high) <= 0)]


def raised(v: Real, n: Fraction) -> list[Real]:
    """The real x with xⁿ = v."""
    sign = compare(v, Rational(Fraction(0)))
    if n == 1:
        return [v]
    if sign == 0:
        return [Rational(Fraction(0))] if n > 0 else []
    if n == -1:
        return [mapped(div(ONE, sym("u")), v)]
    if n.denominator != 1:
        return [mapped(power(sym("u"), num(1 / n)), v)] if sign > 0 else []
    if sign < 0 and n.numerator % 2 == 0:
        return []
    size = v if sign > 0 else scaled(v, num(-1))
    root = mapped(fn("sqrt", sym("u")) if n == 2 else power(sym("u"), num(1 / n)), size)
    both = [root, scaled(root, num(-1))]
    return both if n.numerator % 2 == 0 else both[:1] if sign > 0 else both[1:]


@dataclass
class Zeros:
    """All zeros on the line: `isolated`, `families`, and factors that need balls on an interval (`numeric`)."""

    isolated: list[Real] = field(default_factory=list)
    families: list[Family] = field(default_factory=list)
    numeric: list[Term] = field(default_factory=list)
    methods: dict[str, None] = field(default_factory=dict)
    everywhere: bool = False  # identically zero

    def known(self, low: Real | None, high: Real | None) -> list[Real]:
        """Those that are known without balls, in [low, high]."""
        return inside(self.isolated, low, high) + [z for f in self.families for z in f.within(low, high)]


def zeros_of(t: Term, x: str) -> Zeros:
    """The zeros of t where it has a value."""
    if x not in t.free:
        return Zeros(everywhere=_constant_zero(t))
    fast = polynomial(t, x)
    if fast is not None:
        return rational_zeros(fast)
    n = normal(t, x)
    if n is None:
        return Zeros(numeric=[t])
    if n.top == 0:
        return Zeros(everywhere=True)
    kernels = list(n.kernels.values())
    out = Zeros()
    _lost_to_infinity(n, kernels, out)
    _, factors = n.top.factor()
    moving = [p for p, _ in factors if _places(p, kernels, x)]
    if not all(_certainly(back(p, kernels, False)) for p, _ in factors if not _places(p, kernels, x)):
        return Zeros(numeric=[t])  # a constant that may be 0
    for p in moving:
        if not _solve(p, kernels, x, t, out):
            alone = len(moving) == 1 and not any(k.sort in ("root", "exp") and k.moves(x) for k in kernels)
            entire = all(_positive(q, kernels) for q, _ in n.bottom.factor()[1] if _places(q, kernels, x))
            out.numeric.append(t if alone and entire else back(p, kernels))
    return out


def _certainly(constant: Term) -> bool:
    """Whether a constant is certainly not 0."""
    with precision(256):
        y = Curve(constant, "x").value(arb(0))
    return bool(y.is_finite()) and not y.contains(0)


def _constant_zero(t: Term) -> bool:
    from .closing import vanishes

    return vanishes(t)


# ------------------------------------------------------------------------------------------------ polynomials
def polynomial(t: Term, x: str) -> tuple[fmpz_poly, fmpz_poly] | None:
    """Numerator and denominator of a rational function with rational coefficients, in lowest terms; else None."""
    from .rational import quotient

    return quotient(t, x)


def rational_zeros(pq: tuple[fmpz_poly, fmpz_poly]) -> Zeros:
    p, _ = pq
    if p == 0:
        return Zeros(everywhere=True)
    return Zeros(isolated=real_zeros(p), methods={ISOLATED: None})


def real_zeros(p: fmpz_poly) -> list[Real]:
    """The distinct real zeros in ascending order."""
    if p.degree() < 1:
        return []
    out: list[Real] = []
    with precision(64):
        for q, _ in p.factor()[1]:
            if q.degree() == 1:
                c0, c1 = map(int, q.coeffs())
                out.append(Rational(Fraction(-c0, c1)))
            elif q.degree() > 1:
                real = sorted((z.real for z, _ in q.complex_roots() if z.imag.is_zero()), key=lambda b: float(b.mid()))
                out += [Algebraic(q, b, i) for i, b in enumerate(real)]
    return sorted(out, key=_Key)


class _Key:
    __slots__ = ("real",)

    def __init__(self, real: Real) -> None:
        self.real = real

    def __lt__(self, other: _Key) -> bool:
        return compare(self.real, other.real) < 0


def ordered(reals: list[Real]) -> list[Real]:
    """Ascending, each once."""
    out: list[Real] = []
    for r in sorted(reals, key=_Key):
        if not out or compare(out[-1], r):
            out.append(r)
        elif not out[-1].exact or (out[-1].term is None and r.term is not None):
            out[-1] = r
    return out


# ------------------------------------------------------------------------------------------------ one factor
def _places(p: Any, kernels: list[Generator], x: str) -> list[int]:
    """The kernels with x that occur in p."""
    return [i for i, (d, k) in enumerate(zip(p.degrees(), kernels, strict=False)) if int(d) and k.moves(x)]


def _lost_to_infinity(n: Substitution, kernels: list[Generator], out: Zeros) -> None:
    """Zeros where T = tan(m/2d) is infinite: the denominator has the higher degree in T."""
    for i, k in enumerate(kernels):
        if k.sort != "trig" or not k.moves(n.x):
            continue
        if int(n.bottom.degrees()[i]) > int(n.top.degrees()[i]):
            _trig_points(k, n.x, closed(PI), out)


def _trig_points(k: Generator, x: str, angle: Real, out: Zeros) -> bool:
    """m/d = angle + 2πj for a kernel tan(m/2d), m a multiple of a power of x."""
    found = _power_of(k.of, x)
    if found is None:
        out.numeric.append(fn("cos", written(k.of, k.unit / 2)))
        return False
    factor, n = found
    by = tidy(div(ONE, mul(num(k.unit), factor)))
    place, period = scaled(angle, by), closed(mul(num(2), PI, by))
    if float(period) < 0:
        period = closed(mul(num(2), PI, neg(by)))
    out.families.append(Family(place, period, n))
    out.methods[TRIG] = None
    return True


def _power_of(m: Any, x: str) -> tuple[Term, Fraction] | None:
    """(c, n) for a monomial c·xⁿ."""
    powers = dict(m)
    n = powers.pop(sym(x), None)
    if n is None or any(x in k.free for k in powers):
        return None
    return written(tuple(powers.items())) if powers else ONE, n


def _solve(p: Any, kernels: list[Generator], x: str, t: Term, out: Zeros) -> bool:
    places = _places(p, kernels, x)
    if _positive(p, kernels):
        return True
    if len(places) == 1:
        k = kernels[places[0]]
        return SOLVE[k.sort](p, places[0], k, kernels, x, out)
    roots = [i for i in places if kernels[i].sort == "root"]
    if len(roots) == 1 and kernels[roots[0]].d == 2:
        return _norm(p, roots[0], kernels, x, t, out)
    return False


def _positive(p: Any, kernels: list[Generator]) -> bool:
    """All coefficients of one sign, all kernels positive or in even powers, and one term that is not 0."""
    signs = {int(c) > 0 for c in p.coeffs()}
    if len(signs) > 1:
        return False
    safe = False
    for exps in p.monoms():
        for e, k in zip(exps, kernels, strict=False):
            if int(e) % 2 and not k.positive:
                return False
        safe = safe or all(not int(e) or k.sort == "exp" for e, k in zip(exps, kernels, strict=False))
    return safe


def _roots(p: Any, place: int, kernels: list[Generator]) -> list[Real] | None:
    """The real zeros of p as a polynomial in one kernel, the other kernels being constants."""
    parts = univariate(p, place)
    degree = parts[-1][0]
    if all(c.is_constant() for _, c in parts):
        coefficients = [0] * (degree + 1)
        for e, c in parts:
            coefficients[e] = int(next(iter(c.to_dict().values())))
        return real_zeros(fmpz_poly(coefficients))
    constants = {e: back(c, kernels, homogeneous=False) for e, c in parts}
    if not _certainly(constants[degree]):
        return None
    u = sym("u")
    if degree == 1:
        return [closed(tidy(neg(div(constants.get(0, num(0)), constants[1]))))]
    form = add(*(mul(c, power(u, num(e))) if e else c for e, c in constants.items()))
    return ball_roots([constants.get(e, num(0)) for e in range(degree + 1)], Curve(form, "u"))


def ball_roots(coefficients: list[Term], curve: Curve) -> list[Real] | None:
    """Real zeros of a polynomial whose coefficients are balls; None if they are not told apart."""
    for bits in (128, 256, 512, 1024):
        with precision(bits):
            try:
                poly = arb_poly([Curve(c, "x").value(arb(0)) for c in coefficients])
                found = poly.complex_roots()
            except (ValueError, ZeroDivisionError):
                continue
            near = [z for z in found if z.imag.contains(0)]
            if all(not z.real.overlaps(w.real) for i, z in enumerate(near) for w in near[:i]):
                return [Bracketed(curve, z.real) for z in sorted(near, key=lambda z: float(z.real.mid()))]
    return None


def _by_name(p: Any, i: int, k: Generator, kernels: list[Generator], x: str, out: Zeros) -> bool:
    roots = _roots(p, i, kernels)
    if roots is None:
        return False
    out.methods[RATIONAL] = None
    for r in roots:
        if k.d == 1:
            out.isolated.append(r)
        elif float(r) >= 0:
            whole = power(sym("u"), num(k.d))
            out.isolated.append(Value(whole, "u", r).known or mapped(whole, r))
    return True


def _by_exp(p: Any, i: int, k: Generator, kernels: list[Generator], x: str, out: Zeros) -> bool:
    roots = _roots(p, i, kernels)
    if roots is None:
        return False
    for u in roots:
        if compare(u, Rational(Fraction(0))) > 0 and not _where(k.of, scaled(logarithm(u), num(1 / k.unit)), x, out):
            return False
    out.methods[EXP] = None
    return True


def _where(m: Any, value: Real, x: str, out: Zeros) -> bool:
    """Where the monomial m = c xⁿ has this value."""
    found = _power_of(m, x)
    if found is None:
        return False
    c, n = found
    out.isolated += raised(scaled(value, tidy(div(ONE, c))), n)
    return True


def _by_trig(p: Any, i: int, k: Generator, kernels: list[Generator], x: str, out: Zeros) -> bool:
    roots = _roots(p, i, kernels)
    if roots is None or _power_of(k.of, x) is None:
        return False
    for r in roots:
        _trig_points(k, x, arctangent(r), out)
    out.methods[TRIG] = None
    return True


INVERSES: dict[str, tuple[Callable[[Real], Real], float, float]] = {
    "log": (exponential, float("-inf"), float("inf")),
    "atan": (lambda r: mapped(fn("tan", sym("u")), r), -1.5707963267948966, 1.5707963267948966),
    "asin": (lambda r: mapped(fn("sin", sym("u")), r), -1.5707963267948966, 1.5707963267948966),
    "acos": (lambda r: mapped(fn("cos", sym("u")), r), 0.0, 3.141592653589793),
}


def _by_function(p: Any, i: int, k: Generator, kernels: list[Generator], x: str, out: Zeros) -> bool:
    if k.of.op != "fn" or k.of.data not in INVERSES:
        return False
    roots = _roots(p, i, kernels)
    if roots is None:
        return False
    inverse, low, high = INVERSES[k.of.data]
    for r in roots:
        if not low < float(r) < high:
            continue
        value = inverse(r)
        if k.of.args[0] is sym(x):
            out.isolated.append(value)
            continue
        if value.term is None:
            return False
        inner = zeros_of(tidy(add(k.of.args[0], neg(value.term))), x)
        if inner.numeric or inner.everywhere:
            return False
        out.isolated += inner.isolated
        out.families += inner.families
    out.methods[INVERSE] = None
    return True


def _by_root(p: Any, i: int, k: Generator, kernels: list[Generator], x: str, out: Zeros) -> bool:
    """√h = r: h = r^d for r ≥ 0."""
    roots = _roots(p, i, kernels)
    if roots is None:
        return False
    for r in roots:
        if compare(r, Rational(Fraction(0))) < 0:
            continue
        if r.term is None:
            return False
        inner = zeros_of(tidy(add(k.of, neg(power(r.term, num(k.d)) if r.term.number != 0 else num(0)))), x)
        if inner.numeric or inner.everywhere:
            return False
        out.isolated += inner.isolated
        out.families += inner.families
    out.methods[ROOT] = None
    return True


def _norm(p: Any, place: int, kernels: list[Generator], x: str, t: Term, out: Zeros) -> bool:
    """A + B√h = 0 lies among the zeros of A² − B²h; those with the other sign are thrown out by balls."""
    k = kernels[place]
    parts = dict(univariate(p, place))
    a, b = parts.get(0), parts.get(1)
    if a is None or b is None or len(parts) != 2:
        return False
    first, second = back(a, kernels), back(b, kernels)
    whole = zeros_of(add(mul(first, first), neg(mul(second, second, k.of))), x)
    if whole.numeric or whole.everywhere or whole.families:
        return False
    root = fn("sqrt", k.of)
    same, other = Curve(add(first, mul(second, root)), x), Curve(add(first, neg(mul(second, root))), x)
    for z in whole.isolated:
        verdict = _which(same, other, z, t, x)
        if verdict is None:
            return False
        if verdict:
            out.isolated.append(z)
    out.methods[ROOT] = None
    return True


def _which(same: Curve, other: Curve, z: Real, t: Term, x: str) -> bool | None:
    """Whether z is a zero of A + B√h, given that it is one of (A + B√h)(A − B√h)."""
    from .closing import vanishes

    for bits in (128, 512, 2048):
        with precision(bits):
            ball = z.ball(bits)
            p, q = same.value(ball), other.value(ball)
        if p.is_finite() and not p.contains(0):
            return False
        if q.is_finite() and not q.contains(0) and p.is_finite():
            return True
    value = at(same.formula, x, z)
    return True if value is not None and vanishes(value) else None


SOLVE: dict[str, Callable[..., bool]] = {
    "name": _by_name, "exp": _by_exp, "trig": _by_trig, "fn": _by_function, "root": _by_root,
}  # fmt: skip
