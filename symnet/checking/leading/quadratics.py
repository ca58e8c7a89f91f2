"""Discriminants and coefficients: D = b² − 4ac = 1, a = 1, p = −5, and D = f_xx f_yy − f_xy² of two variables."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from flint import fmpq

from ...balls import value as exact_value
from ...equality import compare
from ...errors import ReadError, SymnetError
from ...reading import read
from ...rules import slope
from ...term import ZERO, Term, add, mul, neg, num, postorder, substitute, sym
from ..answers import Scope
from ..numerals import decimal
from ..verdict import Witness
from ..workings import fits
from .base import Base
from .segments import Part

DISCRIMINANTS = ("D", "Delta", "discriminant", "Discriminant", "disc")
COEFFICIENTS = (("a", "b", "c"), ("p", "q"))
POLYNOMIAL = ("num", "sym", "add", "neg", "mul", "pow", "div")


@dataclass(slots=True)
class Quadratics(Base):
    """Claims about the coefficients of an equation of degree two."""

    def _discriminant(self, part: Part, last: bool) -> bool:
        label = part.label
        if label is None or label.op not in ("sym", "apply"):
            return False
        name = label.data if label.op == "apply" else label.name
        if name not in DISCRIMINANTS or name in self.problem.names:
            return False
        if len(self.names) > 1:
            return self._hessian(part, label)
        if label.op != "sym" or not self.polynomials:
            return False
        self.plain = False
        sides = self._claimed(part, False)
        truths = dict.fromkeys(v for p in self.polynomials for v in (_disc(p), _disc(p) / 4))
        for p in [None, *self.polynomials]:
            put = self._coefficients(p) if p is not None else {}
            closed = [substitute(s, {n: put[n.name] for n in postorder(s) if n.op == "sym" and n.name in put})
                      for s in sides]  # fmt: skip
            if any(s.free for s in closed):
                continue
            scope = Scope(self.problem)
            for t in truths:
                if all(fits(self.problem, scope, s, num(t)) is None for s in closed):
                    return self._signed(part, num(t))
            if p is None:
                d = num(_disc(self.polynomials[0]))
                bad = next((w for s in closed if (w := fits(self.problem, scope, s, d)) is not None), None)
                return self._keep(part, "wrong", "the discriminant is another", bad)
        said = "the discriminant does not come out of these coefficients"
        shown = decimal(_disc(self.polynomials[0]))
        return self._keep(part, "wrong" if not any(self._unknown(s) for s in sides) else "undecided", said,
                          Witness({}, shown, part.sides[-1].text()))  # fmt: skip

    def _unknown(self, side: Term) -> bool:
        return any(n not in ("a", "b", "c", "p", "q") for n in side.free)

    def _coefficients(self, p: tuple[Fraction, ...]) -> dict[str, Term]:
        a, b, c = p
        return {"a": num(a), "b": num(b), "c": num(c), "p": num(b / a), "q": num(c / a)}

    def _hessian(self, part: Part, label: Term) -> bool:
        """`D = f_xx f_yy − f_xy² = 4 > 0` in two variables."""
        if len(self.names) != 2 or self.problem.kind == "roots":
            return False
        assert self.problem.expr is not None
        x, y = map(sym, self.names)
        fx, fy = (slope(self.problem.expr, v)[0] for v in (x, y))
        truth = add(mul(slope(fx, x)[0], slope(fy, y)[0]), neg(mul(slope(fx, y)[0], slope(fy, x)[0])))
        place = label.args if label.op == "apply" else None
        sides = tuple(s for s in self._claimed(part, False) if set(s.free) <= set(self.names))
        if place is None and self.place and all(not s.free for s in sides) and compare(truth, num(0)).kind != "equal":
            point = read(self.place, names=self.problem.names).value
            constant = compare(truth, substitute(truth, {x: num(0), y: num(0)})).kind == "equal"
            place = None if constant or point.op != "vector" else point.args
        if place is None and any(not s.free for s in sides):
            constant = all(compare(slope(truth, v)[0], ZERO).kind == "equal" for v in (x, y))
            if not constant:
                return self._keep(part, "undecided", "it is not said where this determinant is taken")
        return self._judged(part, truth, place, sides)

    def _coefficient(self, part: Part, last: bool) -> bool:
        """`a = 1, b = −5, c = 6`; `p = −5, q = 6` of x² + p x + q, or with the sum and the product of the solutions."""
        label = part.label
        if label is None or label.op != "sym" or not self.polynomials or len(self.names) > 1:
            return False
        group = next((g for g in COEFFICIENTS if label.name in g), None)
        if group is None or any(n in self.problem.names for n in group):
            return False
        said = {p.label.name: p.sides[-1] for p in self.parts if p.label is not None and p.label.op == "sym"}
        given = {n: said[n] for n in group if n in said}
        if len(given) != len(group) or any(v.free or v.op in ("set", "pm") for v in given.values()):
            return False
        if all(p.label is not None and p.label.op == "sym" and p.label.name in group for p in self.parts):
            return False  # names for the solutions themselves
        self.plain = False
        if label.name != group[0]:  # judged with the first of them
            return self._keep(part, "right")
        ways = [self._coefficients(p) for p in self.polynomials]
        if any(all(compare(way[n], v).kind == "equal" for n, v in given.items()) for way in ways):
            return self._keep(part, "right")
        true = ways[0]
        if group == ("p", "q"):
            pair = add(*given.values()), mul(*given.values())
            if _up_to_sign(pair[0], true["p"]) and compare(pair[1], true["q"]).kind == "equal":
                return self._keep(part, "right")  # two numbers with this sum and product
            if all(_up_to_sign(true[n], v) for n, v in given.items()):
                raise ReadError("p and q may be those of x² + p x + q or of x² − p x + q", remedy="write the equation")
        wrong = next(n for n in group if compare(true[n], given[n]).kind != "equal")
        where = "a x² + b x + c" if len(group) == 3 else "x² + p x + q"
        sides = Witness({}, f"{wrong} = {true[wrong].text()}", f"{wrong} = {given[wrong].text()}")
        part = next(p for p in self.parts if p.label is not None and p.label is sym(wrong))
        return self._keep(part, "wrong", f"{wrong} is no coefficient of {where}", sides)


def _up_to_sign(a: Term, b: Term) -> bool:
    return compare(mul(a, a), mul(b, b)).kind == "equal"


def _disc(p: tuple[Fraction, ...]) -> Fraction:
    a, b, c = p
    return b * b - 4 * a * c


def quadratic(t: Term, x: Term) -> tuple[Fraction, ...] | None:
    """a, b, c of a x² + b x + c; None for another formula."""
    if t.free != (x.name,) or any(n.op not in POLYNOMIAL for n in postorder(t)):
        return None
    if any((n.op == "div" and n.args[1].free) or (n.op == "pow" and n.args[1].free) for n in postorder(t)):
        return None
    first = slope(t, x)[0]
    second = slope(first, x)[0]
    if compare(slope(second, x)[0], ZERO).kind != "equal":
        return None
    try:
        c, b, a = (exact_value(substitute(k, {x: ZERO}), {}) for k in (t, first, second))
    except (SymnetError, ArithmeticError):
        return None
    if not all(isinstance(v, (Fraction, fmpq, int)) for v in (a, b, c)) or a == 0:
        return None
    return Fraction(str(a)) / 2, Fraction(str(b)), Fraction(str(c))
