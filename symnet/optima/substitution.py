"""A formula as a quotient of polynomials over kernels that are as independent as can be seen.

exp(−(3w + 3)) is E^(−3) e^(−3) with E = exp(w); sin 3x and cos(x/2) are rational in T = tan(x/4); x^(2/3) is r² with
r³ = x; √h is a kernel S with S² = h. Everything that is not arithmetic stays as a kernel of its own. Zeros of the
formula are then zeros of the irreducible factors of one polynomial with integer coefficients (python-flint).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from math import gcd, lcm
from typing import Any

from flint import Ordering, fmpz_mpoly_ctx

from ..functions import PI
from ..term import ONE, ZERO, Term, add, div, fn, mul, neg, num, postorder, power
from .basics import basic, flattened, sort_of
from .monomials import Monomial, NoNormalForm, combination, exponent, written

KERNELS, DEGREE, SIZE = 10, 120, 3000
Poly = Any


# -------------------------------------------------------------------------------------------------- the kernels
@dataclass(slots=True)
class Generator:
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


FORMS: dict[str, Callable[[Generator], Term]] = {
    "name": lambda k: k.of if k.d == 1 else power(k.of, num(Fraction(1, k.d))),
    "exp": lambda k: fn("exp", written(k.of, k.unit)),
    "trig": lambda k: fn("tan", written(k.of, k.unit / 2)),
    "root": lambda k: fn("sqrt", k.of) if k.d == 2 else power(k.of, num(Fraction(1, k.d))),
    "fn": lambda k: k.of if k.d == 1 else power(k.of, num(Fraction(1, k.d))),
}


@dataclass
class Substitution:
    """The quotient of a formula of the name x over its kernels."""

    x: str
    kernels: dict[Any, Generator] = field(default_factory=dict)
    top: Poly = None
    bottom: Poly = None
    _one: Any = None

    # -- first pass: which kernels there are
    def collect(self, t: Term) -> None:
        for node in postorder(t):
            COLLECT.get(sort_of(node), Substitution._nothing)(self, node)
        if len(self.kernels) > KERNELS:
            raise NoNormalForm

    def _nothing(self, node: Term) -> None:
        if node.op not in ("num", "add", "mul", "neg", "div", "pow"):
            self._put(("fn", node), "fn", node)

    def _name(self, node: Term) -> None:
        self._put(("name", node), "fn" if node.data[1] else "name", node)

    def _put(self, key: Any, sort: str, of: Any, d: int = 1) -> None:
        k = self.kernels.setdefault(key, Generator(sort, of))
        k.d = lcm(k.d, d)
        if k.d > 60:
            raise NoNormalForm

    def _step(self, sort: str, m: Monomial, c: Fraction) -> None:
        """A kernel of which all that occur are whole powers: its unit is the greatest common divisor."""
        k = self.kernels.setdefault((sort, m), Generator(sort, m))
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
                raise NoNormalForm
        self.top, self.bottom = memo[t]

    def _quotient(self, node: Term, memo: dict[Term, tuple[Poly, Poly]]) -> tuple[Poly, Poly]:
        one = self._one
        if node.op == "num":
            return node.data[0].numerator * one, node.data[0].denominator * one
        sort = sort_of(node)
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
                    raise NoNormalForm
                p, q = g ** abs(e), self._one
            else:
                p, q = self._root_power(m[0][0].args[0], abs(c), memo)
                e = 1 if c > 0 else -1
            top, bottom = (top * p, bottom * q) if e > 0 else (top * q, bottom * p)
        return top, bottom

    def _root_power(self, base: Term, e: Fraction, memo: Any) -> tuple[Poly, Poly]:
        """base^e for e > 0."""
        if base not in memo:
            raise NoNormalForm
        if e.denominator == 1:
            return memo[base][0] ** int(e), memo[base][1] ** int(e)
        k = self.kernels["name" if base.op == "sym" else "root", base]
        n = int(e * k.d)
        if n > DEGREE:
            raise NoNormalForm
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
                raise NoNormalForm
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
            raise NoNormalForm
        for place, k in enumerate(self.kernels.values()):
            if k.sort == "root":
                p, q = self._lower(p, q, place, k)
        g = p.gcd(q) if p != 0 else q
        p, q = p / g, q / g
        return (-p, -q) if len(q) and q.leading_coefficient() < 0 else (p, q)

    def _lower(self, p: Poly, q: Poly, place: int, k: Generator) -> tuple[Poly, Poly]:
        if max(int(p.degrees()[place]) if p != 0 else 0, int(q.degrees()[place])) < k.d:
            return p, q
        h = Substitution(self.x, self.kernels, _one=self._one)
        a, b = h.quotient_of(k.of)
        (pa, pb), (qa, qb) = (_replaced(f, place, k, a, b, self._one) for f in (p, q))
        return pa * qb, pb * qa

    def quotient_of(self, t: Term) -> tuple[Poly, Poly]:
        """A formula over kernels that are known."""
        memo: dict[Term, tuple[Poly, Poly]] = {}
        for node in postorder(t):
            memo[node] = self._reduced(*self._quotient(node, memo))
        return memo[t]


def _replaced(f: Poly, place: int, k: Generator, a: Poly, b: Poly, one: Any) -> tuple[Poly, Poly]:
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


COLLECT: dict[str, Callable[[Substitution, Term], None]] = {
    "exp": Substitution._exp, "trig": Substitution._trig, "root": Substitution._root, "name": Substitution._name,
}  # fmt: skip
BUILD: dict[str, Callable[..., tuple[Poly, Poly]]] = {
    "exp": Substitution._exp_value, "trig": Substitution._trig_value, "root": Substitution._root_value,
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
        raise NoNormalForm
    p, q = args[0]
    return (p ** int(e), q ** int(e)) if e >= 0 else (q ** int(-e), p ** int(-e))


ARITHMETIC: dict[str, Callable[[Term, Any, Any], tuple[Poly, Poly]]] = {
    "add": _add, "mul": _mul, "div": _div, "pow": _pow, "neg": lambda node, args, one: (-args[0][0], args[0][1]),
}  # fmt: skip


def normal(t: Term, x: str) -> Substitution | None:
    """The quotient over kernels; None where it would be too large."""
    made = Substitution(x)
    try:
        simple = flattened(basic(t))
        made.collect(simple)
        made.build(simple)
    except (NoNormalForm, OverflowError, ZeroDivisionError, ArithmeticError, KeyError):
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


def back(p: Poly, kernels: list[Generator], homogeneous: bool = True) -> Term:
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
    except NoNormalForm:
        return whole


def _waves(k: Generator, e: int, n: int) -> list[Term]:
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
