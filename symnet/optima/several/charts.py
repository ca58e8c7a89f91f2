"""One substitution that makes a gradient polynomial: eᵛ, cos v and sin v, √q become names of their own.

A chart turns the gradient of a function into numerators over the names (generators) and the relations between these,
c² + s² = 1 and S² = q. A factor that is never zero (a power of an exponential) is dropped, denominators are kept aside.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import comb, lcm, prod
from typing import Any

import sympy as sp
from flint import Ordering, fmpz_mpoly_ctx

from ...errors import RuleError
from ...integrals.manual import by_simpler
from ...term import Term
from .forms import expanded

TERMS, DEGREE = 20_000, 40
Quotient = tuple[Any, Any]  # numerator and denominator


class NotPolynomial(RuleError):
    """No chart makes this gradient polynomial."""


def plain(t: Term, names: Sequence[str]) -> Any:
    """The formula in SymPy by simpler functions, its names real."""
    from ...bridge import to_sympy

    for _ in range(4):
        t = by_simpler(t)
    e = to_sympy(t)
    e = e.xreplace({sp.Symbol(n): real(n) for n in names})
    return e.replace(lambda n: isinstance(n, sp.Piecewise), _ramp)


def _ramp(n: Any) -> Any:
    """The case form of ReLU as max(0, u)."""
    (u, c), *rest = n.args
    positive = isinstance(c, sp.StrictGreaterThan | sp.GreaterThan) and expanded(c.lhs - c.rhs - u) == 0
    return sp.Max(0, u) if positive and [v for v, _ in rest] == [0] else n


HYPERBOLIC = (sp.sinh, sp.cosh, sp.tanh, sp.coth, sp.sech, sp.csch)


def real(name: str) -> Any:
    return sp.Symbol(name, real=True)


@dataclass(frozen=True, slots=True)
class Coordinate:
    """A name of the chart: `kind` is x (a variable itself), exp (e^inner), cos, sin (of inner) or root (√inner)."""

    kind: str
    inner: Any

    @property
    def value(self) -> Any:
        return VALUES[self.kind](self.inner)


VALUES: dict[str, Any] = {"x": lambda e: e, "exp": sp.exp, "cos": sp.cos, "sin": sp.sin, "root": sp.sqrt}
ORDER = ("x", "exp", "cos", "sin", "root")


@dataclass(frozen=True, slots=True)
class Chart:
    """The gradient and the second derivatives of `expr` as quotients over the generators."""

    expr: Any
    variables: tuple[Any, ...]
    generators: tuple[Coordinate, ...]
    context: Any
    relations: tuple[Any, ...]
    gradient: tuple[Quotient, ...]
    hessian: tuple[tuple[Quotient, ...], ...]
    value: Quotient | None
    equations: tuple[Any, ...] = ()

    @property
    def polynomial(self) -> Any | None:
        """The function as a polynomial over the integers and its positive denominator, if it is one in the names."""
        if self.value is None or any(g.kind != "x" for g in self.generators) or not self.value[1].is_constant():
            return None
        return self.value

    def kind(self, v: Any) -> str:
        """How a variable occurs: x, exp or trig."""
        kinds = {g.kind for g in self.generators if g.inner.has(v) and g.kind != "root"}
        return "x" if "x" in kinds else "exp" if "exp" in kinds else "trig"


def chart(e: Any, variables: Sequence[Any]) -> Chart:
    """The chart of a function; raises `NotPolynomial`."""
    e = _sines(e)
    gradient = [_sines(sp.diff(e, v)) for v in variables]
    hessian = [[_sines(sp.diff(g, v)) for v in variables] for g in gradient]
    build = _Builder(tuple(variables))
    build.collect([*gradient, *(h for row in hessian for h in row)])
    try:
        build.collect([e], strict=False)
        whole = True
    except NotPolynomial:
        whole = False
    build.start()
    quotients = [build.quotient(g) for g in gradient]
    second = tuple(tuple(build.quotient(h) for h in row) for row in hessian)
    value = build.quotient(e) if whole else None
    relations = tuple(build.relations())
    equations = [build.essential(p) for p, _ in quotients]
    out = Chart(e, tuple(variables), tuple(build.generators), build.context, relations, tuple(quotients), second, value,
                tuple(equations))  # fmt: skip
    if not any(p != 0 and p.is_constant() for p in equations):
        _check_mixed(out)
    return out


def _check_mixed(c: Chart) -> None:
    """A variable that is itself a name of the equations may not also stand in an exponential, a sine or a cosine."""
    used = [i for i, g in enumerate(c.generators) if any(p.degrees()[i] for p in c.equations)]
    for i in used:
        g = c.generators[i]
        if g.kind == "exp" and (g.inner not in _multiples(c.variables, g.inner)):
            raise NotPolynomial("an exponential of more than a single name remains in the gradient")
        if g.kind in ("exp", "cos", "sin"):
            v = next(iter(g.inner.free_symbols))
            others = [
                c.generators[j].kind for j in used if c.generators[j].inner.has(v) and c.generators[j].kind != "root"
            ]
            if len({{"cos": "trig", "sin": "trig"}.get(k, k) for k in others}) > 1:
                raise NotPolynomial(f"{v} stands both inside and outside of a function")


def _multiples(variables: Sequence[Any], inner: Any) -> list[Any]:
    """The inner expression itself, where it is a number times one variable."""
    return [inner] if any((inner / v).is_number for v in variables) else []


def _sines(e: Any) -> Any:
    """tan, cot, sec and csc by sines and cosines, hyperbolic functions by exponentials."""
    e = e.rewrite(list(HYPERBOLIC), sp.exp) if e.has(*HYPERBOLIC) else e
    for f, by in QUOTIENTS.items():
        e = e.replace(f, by)
    return e


QUOTIENTS: dict[Any, Any] = {
    sp.tan: lambda x: sp.sin(x) / sp.cos(x),
    sp.cot: lambda x: sp.cos(x) / sp.sin(x),
    sp.sec: lambda x: 1 / sp.cos(x),
    sp.csc: lambda x: 1 / sp.sin(x),
}


@dataclass
class _Builder:
    variables: tuple[Any, ...]
    exponents: dict[Any, int] = field(default_factory=dict)  # monomial → common denominator of its multiples
    angles: dict[Any, tuple[Any, list[Fraction]]] = field(default_factory=dict)  # variable → unit, multiples of it
    roots: dict[Any, None] = field(default_factory=dict)
    bare: dict[Any, None] = field(default_factory=dict)
    generators: list[Coordinate] = field(default_factory=list)
    context: Any = None
    one: Any = None
    memo: dict[Any, Quotient] = field(default_factory=dict)
    place: dict[Coordinate, Any] = field(default_factory=dict)

    # -- which names there are
    def collect(self, expressions: Sequence[Any], strict: bool = True) -> None:
        stack = list(expressions)
        seen: dict[Any, None] = {}
        while stack:
            e = stack.pop()
            if e in seen:
                continue
            seen[e] = None
            if e.is_Rational:
                continue
            rule = next((collect for fits, collect in COLLECT if fits(e)), None)
            if rule is None:
                raise NotPolynomial(f"`{str(e)[:60]}` is not made polynomial by a substitution")
            stack.extend(rule(self, e))

    def _name(self, e: Any) -> Sequence[Any]:
        self.bare[e] = None
        return ()

    def _exponential(self, e: Any) -> Sequence[Any]:
        for m, c in _terms(e.args[0]):
            self.exponents[m] = lcm(self.exponents.get(m, 1), c.denominator)
        return ()

    def _wave(self, e: Any) -> Sequence[Any]:
        self._angle(e.args[0])
        return ()

    def _square_root(self, e: Any) -> Sequence[Any]:
        self.roots[e.base] = None
        return (e.base,)

    def _angle(self, inner: Any) -> None:
        for m, c in _terms(inner, with_pi=True):
            if not m.free_symbols:
                continue
            v = next((v for v in self.variables if (m / v).is_number), None)
            if v is None:
                raise NotPolynomial("a sine of more than a sum of names")
            unit = m / v
            known = self.angles.setdefault(v, (unit, []))
            if known[0] != unit:
                raise NotPolynomial("sines of incommensurable multiples")
            known[1].append(c)

    def start(self) -> None:
        """The generators in a fixed order, and the ring over them."""
        for v in self.variables:
            if v in self.bare:
                self.generators.append(Coordinate("x", v))
        for m, d in sorted(self.exponents.items(), key=lambda p: sp.default_sort_key(p[0])):
            self.generators.append(Coordinate("exp", m / d))
        for v, (unit, multiples) in sorted(self.angles.items(), key=lambda p: p[0].name):
            step = _common(multiples)
            inner = sp.Rational(step.numerator, step.denominator) * unit * v
            self.generators += [Coordinate("cos", inner), Coordinate("sin", inner)]
        for q in self.roots:
            self.generators.append(Coordinate("root", q))
        if not self.generators:
            raise NotPolynomial("a constant gradient")
        self.context = fmpz_mpoly_ctx.get([f"x{i}" for i in range(len(self.generators))], Ordering.degrevlex)
        self.place = dict(zip(self.generators, self.context.gens(), strict=True))
        self.one = self.context.from_dict({(0,) * len(self.generators): 1})

    def relations(self) -> list[Any]:
        out = []
        for g, x in self.place.items():
            if g.kind == "cos":
                out.append(x**2 + self.place[Coordinate("sin", g.inner)] ** 2 - 1)
            elif g.kind == "root":
                p, q = self.quotient(g.inner)
                out.append(q * x**2 - p)
        return out

    def essential(self, p: Any) -> Any:
        """p without factors that are never zero: powers of exponentials and of roots."""
        if p == 0:
            return p
        never = [x for g, x in self.place.items() if g.kind in ("exp", "root")]
        _, factors = p.factor()
        out = self.one
        for f, k in factors:
            if f not in never:
                out *= f ** int(k)
        return out

    # -- expressions as quotients
    def quotient(self, e: Any) -> Quotient:
        stack = [e]
        while stack:
            top = stack[-1]
            if top in self.memo:
                stack.pop()
                continue
            below = top.args if top.is_Add or top.is_Mul else (top.base,) if top.is_Pow and top.exp.is_Integer else ()
            waiting = [a for a in below if a not in self.memo]
            if waiting:
                stack.extend(waiting)
                continue
            self.memo[top] = self._made(top)
            stack.pop()
        return self.memo[e]

    def _made(self, e: Any) -> Quotient:
        return next(make for fits, make in MAKE if fits(e))(self, e)

    def _number(self, e: Any) -> Quotient:
        return self.one * int(e.p), self.one * int(e.q)

    def _product(self, e: Any) -> Quotient:
        p, q = self.one, self.one
        for a in e.args:
            p, q = p * self.memo[a][0], q * self.memo[a][1]
        return self._lowest(p, q)

    def _power_of_e(self, e: Any) -> Quotient:
        p, q = self.one, self.one
        for m, c in _terms(e.args[0]):
            d = self.exponents[m]
            x, k = self.place[Coordinate("exp", m / d)], int(c * d)
            if abs(k) > DEGREE:
                raise NotPolynomial("an exponent is too large")
            p, q = (p * x**k, q) if k > 0 else (p, q * x**-k)
        return p, q

    def _whole_power(self, e: Any) -> Quotient:
        (p, q), k = self.memo[e.base], int(e.exp)
        if any(comb(len(f) + abs(k) - 1, abs(k)) > 10 * TERMS and _span(f, abs(k)) > 10 * TERMS for f in (p, q)):
            raise NotPolynomial("the gradient has too many terms")
        return (p**k, q**k) if k >= 0 else (q**-k, p**-k)

    def _power_of_root(self, e: Any) -> Quotient:
        x, k = self.place[Coordinate("root", e.base)], int(2 * e.exp)
        return (x**k, self.one) if k > 0 else (self.one, x**-k)

    def _sum(self, parts: Sequence[Quotient]) -> Quotient:
        p, q = parts[0]
        for r, s in parts[1:]:
            p, q = (p + r, q) if q == s else self._lowest(p * s + r * q, q * s)
            if len(p) > TERMS:
                raise NotPolynomial("the gradient has too many terms")
        return p, q

    def _lowest(self, p: Any, q: Any) -> Quotient:
        if p == 0:
            return p, self.one
        if q.is_constant():
            return p, q
        g = p.gcd(q)
        return (p / g, q / g) if g != 1 else (p, q)

    def _trigonometric(self, inner: Any) -> tuple[Any, Any]:
        """cos and sin of a sum of multiples of the units, by the addition theorems."""
        c, s = self.one, self.one * 0
        for m, k in _terms(inner, with_pi=True):
            if m.free_symbols:
                v = next(v for v in self.variables if (m / v).is_number)
                g = next(g for g in self.generators if g.kind == "cos" and g.inner.has(v))
                n = int(sp.Rational(k.numerator, k.denominator) * m / g.inner)
                a, b = self._multiple(self.place[g], self.place[Coordinate("sin", g.inner)], abs(n))
                b = b if n >= 0 else -b
            else:
                x = sp.Rational(k.numerator, k.denominator) * m
                if not (sp.cos(x).is_Integer and sp.sin(x).is_Integer):
                    raise NotPolynomial("a phase that is not a multiple of π/2")
                a, b = int(sp.cos(x)) * self.one, int(sp.sin(x)) * self.one
            c, s = c * a - s * b, s * a + c * b
        return c, s

    def _multiple(self, c: Any, s: Any, n: int) -> tuple[Any, Any]:
        if n > DEGREE:
            raise NotPolynomial("a multiple of an angle is too large")
        a, b = self.one, self.one * 0
        for _ in range(n):
            a, b = a * c - b * s, b * c + a * s
        return a, b


def _span(p: Any, k: int) -> int:
    """The number of monomials that p^k may have, by its degrees."""
    return prod(k * int(d) + 1 for d in p.degrees())


def _is_wave(e: Any) -> bool:
    return isinstance(e, sp.sin | sp.cos)


def _is_whole_power(e: Any) -> bool:
    return bool(e.is_Pow and e.exp.is_Integer and abs(e.exp) <= DEGREE)


def _is_root(e: Any) -> bool:
    half = e.is_Pow and e.exp.is_Rational and e.exp.q == 2 and abs(e.exp) <= DEGREE
    return bool(half and e.base.free_symbols)


COLLECT: tuple[tuple[Callable[[Any], bool], Callable[[_Builder, Any], Sequence[Any]]], ...] = (
    (lambda e: e.is_Symbol, _Builder._name),
    (lambda e: e.is_Add or e.is_Mul, lambda build, e: e.args),
    (lambda e: isinstance(e, sp.exp), _Builder._exponential),
    (_is_wave, _Builder._wave),
    (_is_whole_power, lambda build, e: (e.base,)),
    (_is_root, _Builder._square_root),
)
MAKE: tuple[tuple[Callable[[Any], bool], Callable[[_Builder, Any], Quotient]], ...] = (
    (lambda e: e.is_Rational, _Builder._number),
    (lambda e: e.is_Symbol, lambda build, e: (build.place[Coordinate("x", e)], build.one)),
    (lambda e: e.is_Add, lambda build, e: build._sum([build.memo[a] for a in e.args])),
    (lambda e: e.is_Mul, _Builder._product),
    (lambda e: isinstance(e, sp.exp), _Builder._power_of_e),
    (_is_wave, lambda build, e: (build._trigonometric(e.args[0])[isinstance(e, sp.sin)], build.one)),
    (_is_whole_power, _Builder._whole_power),
    (_is_root, _Builder._power_of_root),
)


def _terms(e: Any, with_pi: bool = False) -> list[tuple[Any, Fraction]]:
    """A sum as monomials with rational coefficients; the monomial of a constant is 1 (or π)."""
    out = []
    for t in sp.Add.make_args(expanded(e)):
        c, rest = t.as_coeff_Mul()
        if not c.is_Rational:
            raise NotPolynomial("a coefficient that is not rational in an exponent")
        if c:
            out.append((rest, Fraction(int(c.p), int(c.q))))
    return out


def _common(multiples: Sequence[Fraction]) -> Fraction:
    """The largest fraction of which all are whole multiples."""
    from math import gcd

    d = lcm(*(m.denominator for m in multiples))
    return Fraction(gcd(*(abs(int(m * d)) for m in multiples)), d)
