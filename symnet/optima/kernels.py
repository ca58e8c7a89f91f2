"""A formula as a quotient of polynomials over kernels that are as independent as can be seen.

exp(−(3w + 3)) is E^(−3) e^(−3) with E = exp(w); sin 3x and cos(x/2) are rational in T = tan(x/4); x^(2/3) is r² with
r³ = x; √h is a kernel S with S² = h. Everything that is not arithmetic stays as a kernel of its own. Zeros of the
formula are then zeros of the irreducible factors of one polynomial with integer coefficients (python-flint).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from math import gcd, lcm, prod
from typing import Any

from flint import Ordering, fmpz_mpoly_ctx

from ..functions import PI
from ..term import ONE, ZERO, Term, add, div, fn, mul, neg, num, postorder, power, sym
from ..tidy import tidy

TERMS, KERNELS, DEGREE, SIZE = 200, 10, 120, 3000
Monomial = tuple[tuple[Term, Fraction], ...]
Combination = dict[Monomial, Fraction]
Poly = Any


class TooLarge(ArithmeticError):
    """The normal form would be too large, or there is none."""


# -------------------------------------------------------------------------------------------- sums of monomials
def combination(t: Term) -> Combination:
    """t as a sum of coefficients times Laurent monomials in what is not arithmetic."""
    memo: dict[Term, Combination] = {}
    for node in postorder(t):
        memo[node] = COMBINE.get(node.op, _opaque)(node, [memo.get(a, {}) for a in node.args])
    return memo[t]


def _opaque(node: Term, args: list[Combination]) -> Combination:
    return {((node, Fraction(1)),): Fraction(1)}


def _sum(node: Term, args: list[Combination]) -> Combination:
    out: Combination = {}
    for a in args:
        for m, c in a.items():
            out[m] = out.get(m, Fraction(0)) + c
    return {m: c for m, c in out.items() if c}


def _times(a: Combination, b: Combination) -> Combination:
    if len(a) * len(b) > TERMS:
        raise TooLarge
    out: Combination = {}
    for m, c in a.items():
        for n, d in b.items():
            key, factor = _merged(m, n)
            out[key] = out.get(key, Fraction(0)) + c * d * factor
    return {m: c for m, c in out.items() if c}


def _merged(m: Monomial, n: Monomial) -> tuple[Monomial, Fraction]:
    """The product, and the number that whole powers of numbers are."""
    powers, factor = dict(m), Fraction(1)
    for k, e in n:
        powers[k] = powers.get(k, Fraction(0)) + e
    for k, e in list(powers.items()):
        if k.op == "num" and e.denominator == 1:
            factor *= k.data[0] ** int(powers.pop(k))
    return tuple(sorted(((k, e) for k, e in powers.items() if e), key=lambda f: str(f[0]))), factor


def _product(node: Term, args: list[Combination]) -> Combination:
    out: Combination = {(): Fraction(1)}
    for a in args:
        out = _times(out, a)
    return out


def _inverse(a: Combination) -> Combination | None:
    if len(a) != 1:
        return None
    ((m, c),) = a.items()
    return {tuple((k, -e) for k, e in m): 1 / c}


def _quotient(node: Term, args: list[Combination]) -> Combination:
    below = _inverse(args[1])
    return _opaque(node, args) if below is None else _times(args[0], below)


def _power(node: Term, args: list[Combination]) -> Combination:
    e = Fraction(1, 2) if node.op == "fn" else exponent(node.args[1])
    if e is None:
        return _opaque(node, args)
    base = args[0]
    if e < 0:
        inverse = _inverse(base)
        if inverse is None:
            return _opaque(node, args)
        base, e = inverse, -e
    if e.denominator == 1 and e <= 12:
        out: Combination = {(): Fraction(1)}
        for _ in range(int(e)):
            out = _times(out, base)
        return out
    if len(base) == 1:
        ((m, c),) = base.items()
        if c == 1:
            return {tuple((k, f * e) for k, f in m): Fraction(1)}
        if not m and c > 0 and c.denominator == 1:
            return {((num(c), e),): Fraction(1)}
    return _opaque(node, args)


def exponent(t: Term) -> Fraction | None:
    """The rational number that an exponent is: a literal, or a quotient of two."""
    if t.number is not None:
        return t.number
    if t.op == "div" and t.args[0].number is not None and t.args[1].number:
        return t.args[0].number / t.args[1].number
    if t.op not in FOLD:
        return None
    parts = [exponent(a) for a in t.args]
    return None if any(p is None for p in parts) else FOLD[t.op](parts)


def _folded_power(parts: list[Any]) -> Fraction | None:
    base, e = parts
    return base ** int(e) if e.denominator == 1 and abs(e) <= 64 and (base or e >= 0) else None


FOLD: dict[str, Callable[[list[Any]], Fraction | None]] = {
    "neg": lambda parts: -parts[0], "add": lambda parts: sum(parts, start=Fraction(0)),
    "mul": lambda parts: prod(parts, start=Fraction(1)),
    "div": lambda parts: parts[0] / parts[1] if parts[1] else None, "pow": _folded_power,
}  # fmt: skip


def plain_exponents(t: Term) -> Term:
    """x^(2^2) as x⁴, x^(4/2) as x²: exponents that are rational numbers are written as such."""
    from ..term import rebuild

    memo: dict[Term, Term] = {}
    for node in postorder(t):
        made = rebuild(node, [memo[a] for a in node.args]) if node.args else node
        if made.op == "pow" and (e := exponent(made.args[1])) is not None:
            made = power(made.args[0], num(e))
        memo[node] = made
    return memo[t]


COMBINE: dict[str, Callable[[Term, list[Combination]], Combination]] = {
    "num": lambda node, args: {(): node.data[0]} if node.data[0] else {},
    "add": _sum,
    "neg": lambda node, args: {m: -c for m, c in args[0].items()},
    "mul": _product,
    "div": _quotient,
    "pow": _power,
    "fn": lambda node, args: _power(node, args) if node.data == "sqrt" else _opaque(node, args),
}


def written(m: Monomial, c: Fraction = Fraction(1)) -> Term:
    """A monomial as a Term."""
    top = [k if e == 1 else power(k, num(e)) for k, e in m if e > 0]
    bottom = [k if e == -1 else power(k, num(-e)) for k, e in m if e < 0]
    above = mul(*([] if abs(c.numerator) == 1 and top else [num(abs(c.numerator))]), *top)
    below = ([num(c.denominator)] if c.denominator != 1 else []) + bottom
    whole = div(above, mul(*below)) if below else above
    return neg(whole) if c < 0 else whole


# -------------------------------------------------------------------------------------------------- the kernels
@dataclass(slots=True)
class Kernel:
    """One generator: what it is (`name`, `exp`, `trig`, `root`, `fn`), of what, the common denominator d or the unit.

    exp: exp(unit · m). trig: tan(unit · m/2). name: x^(1/d). root: h^(1/d). fn: the node itself, or its root.
    """

    sort: str
    of: Any
    d: int = 1
    unit: Fraction = Fraction(0)
    gen: Any = None

    def term(self) -> Term:
        return FORMS[self.sort](self)

    def moves(self, x: str) -> bool:
        terms = [k for k, _ in self.of] if self.sort in ("exp", "trig") else [self.of]
        return any(x in t.free for t in terms)

    @property
    def positive(self) -> bool:
        """Positive wherever it has a value (roots and x^(1/2): not negative)."""
        return self.sort in ("exp",) or (self.sort == "name" and self.d > 1) or self.of is PI or (
            self.sort == "fn" and self.of.op == "fn" and self.of.data in ("log",) and not self.of.free
        )


FORMS: dict[str, Callable[[Kernel], Term]] = {
    "name": lambda k: k.of if k.d == 1 else power(k.of, num(Fraction(1, k.d))),
    "exp": lambda k: fn("exp", written(k.of, k.unit)),
    "trig": lambda k: fn("tan", written(k.of, k.unit / 2)),
    "root": lambda k: fn("sqrt", k.of) if k.d == 2 else power(k.of, num(Fraction(1, k.d))),
    "fn": lambda k: k.of if k.d == 1 else power(k.of, num(Fraction(1, k.d))),
}
TRIG = ("sin", "cos", "tan", "sec", "csc", "cot")


def basic(t: Term) -> Term:
    """Functions with a formula (σ, softplus, cosh, …) by exp, log, sin, cos and roots; powers with names as exp."""
    from ..functions import TABLE, TermMath
    from ..term import rebuild

    memo: dict[Term, Term] = {}
    for node in postorder(t):
        made = rebuild(node, [memo[a] for a in node.args]) if node.args else node
        if node.op == "sym" and node.name == "e":
            made = fn("exp", ONE)
        elif made.op == "fn" and made.data in HYPERBOLIC:
            made = HYPERBOLIC[made.data](made.args[0])
        elif made.op == "fn" and made.data not in KEEP and made.data in TABLE:
            row = TABLE[made.data]
            if row.formula is not None and not row.corners:
                made = basic(tidy(row.formula(made.args[0], TermMath)))
        elif made.op == "pow" and exponent(made.args[1]) is None:
            made = fn("exp", mul(made.args[1], fn("log", made.args[0])))
        memo[node] = made
    return memo[t]


KEEP = {"exp", "log", "sqrt", "sin", "cos", "tan", "sec", "csc", "cot", "asin", "acos", "atan", "erf"}


def _cosh(x: Term) -> Term:
    return div(add(fn("exp", x), fn("exp", neg(x))), num(2))


def _sinh(x: Term) -> Term:
    return div(add(fn("exp", x), neg(fn("exp", neg(x)))), num(2))


HYPERBOLIC: dict[str, Callable[[Term], Term]] = {
    "sinh": _sinh,
    "cosh": _cosh,
    "tanh": lambda x: div(add(fn("exp", mul(num(2), x)), neg(ONE)), add(fn("exp", mul(num(2), x)), ONE)),
    "sech": lambda x: div(ONE, _cosh(x)),
    "csch": lambda x: div(ONE, _sinh(x)),
    "coth": lambda x: div(_cosh(x), _sinh(x)),
}


@dataclass
class Normal:
    """The quotient of a formula of the name x over its kernels."""

    x: str
    kernels: dict[Any, Kernel] = field(default_factory=dict)
    top: Poly = None
    bottom: Poly = None
    _one: Any = None

    # -- first pass: which kernels there are
    def collect(self, t: Term) -> None:
        for node in postorder(t):
            COLLECT.get(_sort(node), Normal._nothing)(self, node)
        if len(self.kernels) > KERNELS:
            raise TooLarge

    def _nothing(self, node: Term) -> None:
        if node.op not in ("num", "add", "mul", "neg", "div", "pow"):
            self._put(("fn", node), "fn", node)

    def _name(self, node: Term) -> None:
        self._put(("name", node), "fn" if node.data[1] else "name", node)

    def _put(self, key: Any, sort: str, of: Any, d: int = 1) -> None:
        k = self.kernels.setdefault(key, Kernel(sort, of))
        k.d = lcm(k.d, d)
        if k.d > 60:
            raise TooLarge

    def _step(self, sort: str, m: Monomial, c: Fraction) -> None:
        """A kernel of which all that occur are whole powers: its unit is the greatest common divisor."""
        k = self.kernels.setdefault((sort, m), Kernel(sort, m))
        a, b = k.unit, abs(c)
        k.unit = Fraction(gcd(a.numerator * b.denominator, b.numerator * a.denominator), a.denominator * b.denominator)

    def _exp(self, node: Term) -> None:
        for m, c in combination(node.args[0]).items():
            if len(m) == 1 and m[0][1] == 1 and m[0][0].op == "fn" and m[0][0].data == "log":
                self._root_of(m[0][0].args[0], c.denominator)
            else:
                self._step("exp", m, c)

    def _trig(self, node: Term) -> None:
        for m, c in combination(node.args[0]).items():
            if not (m == ((PI, Fraction(1)),) and (2 * c).denominator == 1):
                self._step("trig", m, c)

    def _root(self, node: Term) -> None:
        e = exponent(node.args[1]) if node.op == "pow" else Fraction(1, 2)
        assert e is not None
        self._root_of(node.args[0], e.denominator)

    def _root_of(self, base: Term, q: int) -> None:
        if q == 1:
            return
        if base.op == "sym":
            self._put(("name", base), "fn" if base.data[1] else "name", base, q)
        else:
            self._put(("root", base), "root", base, q)

    # -- second pass
    def build(self, t: Term) -> None:
        items = list(self.kernels.values())
        ctx = fmpz_mpoly_ctx.get([f"k{i}" for i in range(max(1, len(items)))], Ordering.lex)
        self._one = ctx.from_dict({(0,) * max(1, len(items)): 1})
        for k, g in zip(items, ctx.gens(), strict=False):
            k.gen = g
        memo: dict[Term, tuple[Poly, Poly]] = {}
        for node in postorder(t):
            memo[node] = self._reduced(*self._quotient(node, memo))
            if len(memo[node][0]) + len(memo[node][1]) > SIZE:
                raise TooLarge
        self.top, self.bottom = memo[t]

    def _quotient(self, node: Term, memo: dict[Term, tuple[Poly, Poly]]) -> tuple[Poly, Poly]:
        one = self._one
        if node.op == "num":
            return node.data[0].numerator * one, node.data[0].denominator * one
        sort = _sort(node)
        if sort == "name":
            k = self.kernels["name", node]
            return k.gen**k.d, one
        if sort in BUILD:
            return BUILD[sort](self, node, memo)
        args = [memo[a] for a in node.args]
        if node.op in ARITHMETIC:
            return ARITHMETIC[node.op](node, args, one)
        return self.kernels["fn", node].gen, one

    def _exp_value(self, node: Term, memo: Any) -> tuple[Poly, Poly]:
        top, bottom = self._one, self._one
        for m, c in combination(node.args[0]).items():
            if ("exp", m) in self.kernels:
                k = self.kernels["exp", m]
                g, e = k.gen, int(c / k.unit)
                if abs(e) > DEGREE:
                    raise TooLarge
                p, q = g ** abs(e), self._one
            else:
                p, q = self._root_power(m[0][0].args[0], abs(c), memo)
                e = 1 if c > 0 else -1
            top, bottom = (top * p, bottom * q) if e > 0 else (top * q, bottom * p)
        return top, bottom

    def _root_power(self, base: Term, e: Fraction, memo: Any) -> tuple[Poly, Poly]:
        """base^e for e > 0."""
        if base not in memo:
            raise TooLarge
        if e.denominator == 1:
            return memo[base][0] ** int(e), memo[base][1] ** int(e)
        k = self.kernels["name" if base.op == "sym" else "root", base]
        n = int(e * k.d)
        if n > DEGREE:
            raise TooLarge
        return k.gen**n, self._one

    def _root_value(self, node: Term, memo: Any) -> tuple[Poly, Poly]:
        e = exponent(node.args[1]) if node.op == "pow" else Fraction(1, 2)
        assert e is not None
        p, q = self._root_power(node.args[0], abs(e), memo)
        return (p, q) if e > 0 else (q, p)

    def _trig_value(self, node: Term, memo: Any) -> tuple[Poly, Poly]:
        """sin and cos of a sum by the powers of (1 − T² + 2iT)/(1 + T²)."""
        re, im, size = self._one, 0 * self._one, self._one
        for m, c in combination(node.args[0]).items():
            if ("trig", m) in self.kernels:
                k = self.kernels["trig", m]
                t, n = k.gen, int(c / k.unit)
                a, b, r = 1 - t * t, 2 * t, 1 + t * t
            else:
                a, b, r, n = 0 * self._one, self._one, self._one, int(2 * c)
            if abs(n) > DEGREE // 4:
                raise TooLarge
            b = b if n > 0 else -b
            for _ in range(abs(n)):
                re, im, size = re * a - im * b, re * b + im * a, size * r
        return {
            "sin": (im, size), "cos": (re, size), "tan": (im, re),
            "sec": (size, re), "csc": (size, im), "cot": (re, im),
        }[node.data]  # fmt: skip

    def _reduced(self, p: Poly, q: Poly) -> tuple[Poly, Poly]:
        """In lowest terms, with S^d = h used."""
        if q == 0:
            raise TooLarge
        for place, k in enumerate(self.kernels.values()):
            if k.sort == "root":
                p, q = self._lower(p, q, place, k)
        g = p.gcd(q) if p != 0 else q
        p, q = p / g, q / g
        return (-p, -q) if len(q) and q.leading_coefficient() < 0 else (p, q)

    def _lower(self, p: Poly, q: Poly, place: int, k: Kernel) -> tuple[Poly, Poly]:
        if max(int(p.degrees()[place]) if p != 0 else 0, int(q.degrees()[place])) < k.d:
            return p, q
        h = Normal(self.x, self.kernels, _one=self._one)
        a, b = h.quotient_of(k.of)
        (pa, pb), (qa, qb) = (_replaced(f, place, k, a, b, self._one) for f in (p, q))
        return pa * qb, pb * qa

    def quotient_of(self, t: Term) -> tuple[Poly, Poly]:
        """A formula over kernels that are known."""
        memo: dict[Term, tuple[Poly, Poly]] = {}
        for node in postorder(t):
            memo[node] = self._reduced(*self._quotient(node, memo))
        return memo[t]


def _replaced(f: Poly, place: int, k: Kernel, a: Poly, b: Poly, one: Any) -> tuple[Poly, Poly]:
    """f with S^d = a/b, as a quotient."""
    if f == 0:
        return f, one
    times = int(f.degrees()[place]) // k.d
    ctx, out = f.context(), 0 * one
    for exps, c in f.to_dict().items():
        n, rest = divmod(int(exps[place]), k.d)
        low = ctx.from_dict({tuple(rest if i == place else int(e) for i, e in enumerate(exps)): c})
        out = out + low * a**n * b ** (times - n)
    return out, b**times


def _sort(node: Term) -> str:
    if node.op == "fn" and node.data == "exp":
        return "exp"
    if node.op == "fn" and node.data in TRIG:
        return "trig"
    if node.op == "fn" and node.data == "sqrt":
        return "root"
    if node.op == "pow":
        e = exponent(node.args[1])
        return "root" if e is not None and e.denominator != 1 else ""
    return "name" if node.op == "sym" else ""


COLLECT: dict[str, Callable[[Normal, Term], None]] = {
    "exp": Normal._exp, "trig": Normal._trig, "root": Normal._root, "name": Normal._name,
}  # fmt: skip
BUILD: dict[str, Callable[..., tuple[Poly, Poly]]] = {
    "exp": Normal._exp_value, "trig": Normal._trig_value, "root": Normal._root_value,
}  # fmt: skip


def _add(node: Term, args: Any, one: Any) -> tuple[Poly, Poly]:
    p, q = args[0]
    for r, s in args[1:]:
        p, q = p * s + r * q, q * s
    return p, q


def _mul(node: Term, args: Any, one: Any) -> tuple[Poly, Poly]:
    p, q = args[0]
    for r, s in args[1:]:
        p, q = p * r, q * s
    return p, q


def _div(node: Term, args: Any, one: Any) -> tuple[Poly, Poly]:
    (p, q), (r, s) = args
    return p * s, q * r


def _pow(node: Term, args: Any, one: Any) -> tuple[Poly, Poly]:
    e = exponent(node.args[1])
    if e is None or abs(e) > DEGREE:
        raise TooLarge
    p, q = args[0]
    return (p ** int(e), q ** int(e)) if e >= 0 else (q ** int(-e), p ** int(-e))


ARITHMETIC: dict[str, Callable[[Term, Any, Any], tuple[Poly, Poly]]] = {
    "add": _add, "mul": _mul, "div": _div, "pow": _pow, "neg": lambda node, args, one: (-args[0][0], args[0][1]),
}  # fmt: skip


def flattened(t: Term) -> Term:
    """log of a rational number by logs of primes; log of a power and of exp drawn out where that is allowed."""
    from ..term import rebuild

    memo: dict[Term, Term] = {}
    for node in postorder(t):
        made = rebuild(node, [memo[a] for a in node.args]) if node.args else node
        if made.op == "fn" and made.data == "log":
            made = _log(made)
        elif made.op == "fn" and made.data in TRIG and not made.free:
            made = _angle(made)
        elif made.op == "fn" and made.data in ("atan", "asin", "acos", "erf") and not made.free and made.size < 12:
            made = _known(made)
        elif not made.free and _sort(made) == "root":
            made = _constant_root(made)
        memo[node] = made
    return memo[t]


def _constant_root(node: Term) -> Term:
    """√(8π) as 2 · 2^(1/2) · π^(1/2): roots of primes and of π, so that like roots are one kernel."""
    e = Fraction(1, 2) if node.op == "fn" else exponent(node.args[1])
    parts = combination(node.args[0])
    if e is None or len(parts) != 1:
        return node
    ((m, c),) = parts.items()
    if c <= 0 or max(c.numerator, c.denominator) >= 10**9 or any(k is not PI for k, _ in m):
        return node
    from flint import fmpz

    powers = [(num(int(p)), int(f) * e) for p, f in fmpz(c.numerator).factor()]
    powers += [(num(int(p)), -int(f) * e) for p, f in fmpz(c.denominator).factor()]
    powers = [(k, f) for k, f in [*powers, *((k, f * e) for k, f in m)] if k is not ONE]
    whole = Fraction(1)
    for k, f in powers:
        if k is not PI:
            whole *= k.data[0] ** (f.numerator // f.denominator)
    rest = [(k, f if k is PI else f - f.numerator // f.denominator) for k, f in powers]
    factors = [power(k, num(f)) if f != 1 else k for k, f in rest if f]
    return mul(*([num(whole)] if whole != 1 or not factors else []), *factors)


def _known(node: Term) -> Term:
    """atan 1 = π/4, erf 0 = 0, … where SymPy knows the value."""
    from ..bridge import from_sympy

    value = node._sympy_()
    return node if value.func.__name__ in ("atan", "asin", "acos", "erf") or value.is_Mul else from_sympy(value)


AT_ZERO = {"sin": ZERO, "cos": ONE}


def _quarter(name: str, turns: Fraction) -> Term:
    """sin and cos of a multiple of π/2."""
    k = int(2 * turns) - (name == "sin")
    return (ONE, ZERO, neg(ONE), ZERO)[k % 4]


def _angle(node: Term) -> Term:
    """sin, cos, … of a simple multiple of π by square roots."""
    parts = combination(node.args[0])
    if not parts and node.data in AT_ZERO:
        return AT_ZERO[node.data]
    if list(parts) == [((PI, Fraction(1)),)] and parts[((PI, Fraction(1)),)].denominator <= 2 and node.data in AT_ZERO:
        return _quarter(node.data, parts[((PI, Fraction(1)),)])
    if list(parts) != [((PI, Fraction(1)),)] or parts[((PI, Fraction(1)),)].denominator not in (3, 4, 5, 6, 8, 10, 12):
        return node
    import sympy as sp

    from ..bridge import from_sympy

    q = parts[((PI, Fraction(1)),)]
    return basic(tidy(from_sympy(getattr(sp, node.data)(sp.Rational(q.numerator, q.denominator) * sp.pi))))


def _log(node: Term) -> Term:
    q = exponent(node.args[0])
    if q is not None and q > 0 and max(q.numerator, q.denominator) < 10**9:
        from flint import fmpz

        parts = [(int(p), int(e)) for p, e in fmpz(q.numerator).factor()]
        parts += [(int(p), -int(e)) for p, e in fmpz(q.denominator).factor()]
        parts = [(p, e) for p, e in parts if p > 1]
        logs = [fn("log", num(p)) if e == 1 else mul(num(e), fn("log", num(p))) for p, e in parts]
        return add(*logs) if logs else ZERO
    if node.args[0].op == "fn" and node.args[0].data == "exp":
        return node.args[0].args[0]
    return node


def normal(t: Term, x: str) -> Normal | None:
    """The quotient over kernels; None where it would be too large."""
    made = Normal(x)
    try:
        simple = flattened(basic(t))
        made.collect(simple)
        made.build(simple)
    except (TooLarge, OverflowError, ZeroDivisionError, ArithmeticError, KeyError):
        return None
    return made


def univariate(p: Poly, place: int) -> list[tuple[int, Poly]]:
    """(power of the kernel at `place`, its coefficient) for a polynomial."""
    ctx = p.context()
    by: dict[int, dict[Any, Any]] = {}
    for exps, c in p.to_dict().items():
        e = int(exps[place])
        key = tuple(0 if i == place else int(v) for i, v in enumerate(exps))
        by.setdefault(e, {})[key] = c
    return [(e, ctx.from_dict(d)) for e, d in sorted(by.items())]


def back(p: Poly, kernels: list[Kernel], homogeneous: bool = True) -> Term:
    """A polynomial as a Term; powers of T = tan by sines and cosines, times cos to the degree: then it is entire."""
    degrees = [int(d) for d in p.degrees()] if p != 0 else []
    parts = []
    for exps, c in p.terms():
        factors: list[Term] = []
        for k, e, n in zip(kernels, map(int, exps), degrees, strict=False):
            if k.sort == "trig" and homogeneous:
                factors += _waves(k, e, n)
            elif k.sort == "exp":
                factors.append(fn("exp", written(k.of, e * k.unit)) if e else ONE)
            elif k.sort in ("name", "root"):
                factors.append(_to(k.of, Fraction(e, k.d)))
            else:
                factors.append(_to(k.term(), e))
        factors = [f for f in factors if f is not ONE]
        size = num(abs(int(c)))
        body = mul(*([size] if abs(int(c)) != 1 or not factors else []), *factors)
        parts.append(neg(body) if int(c) < 0 else body)
    whole = add(*parts) if parts else ZERO
    if not any(k.sort == "trig" for k in kernels) or not homogeneous:
        return whole
    try:
        return add(*(written(m, c) for m, c in combination(whole).items())) if whole is not ZERO else whole
    except TooLarge:
        return whole


def _waves(k: Kernel, e: int, n: int) -> list[Term]:
    """sin^e cos^(n − e) of the half angle; for even n by sin θ and cos θ of the whole angle."""
    half = written(k.of, k.unit / 2)
    if n % 2 or n > 8:
        return [_to(fn("sin", half), e), _to(fn("cos", half), n - e)]
    whole = written(k.of, k.unit)
    s, c = fn("sin", whole), fn("cos", whole)
    down, up = div(add(ONE, neg(c)), num(2)), div(add(ONE, c), num(2))
    odd = e % 2
    return [div(s, num(2))] * odd + [_to(down, (e - odd) // 2), _to(up, (n - e - odd) // 2)]


def _to(t: Term, e: int | Fraction) -> Term:
    return ONE if e == 0 else t if e == 1 else power(t, num(Fraction(e)))


def name(x: str) -> Term:
    return sym(x)
