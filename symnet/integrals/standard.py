"""Standard integrals with letters, as the tables at the back of a textbook have them.

A row is a pattern in x and what its integral is; a, b stand for anything without x, u for a + b x. Rows that a
substitution or parts would reach as well stand here where the way is longer than the answer. Every answer is
differentiated again before it is shown. Source of the formulas: Gradshteyn and Ryzhik, Table of Integrals.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import permutations
from math import isqrt

from ..rules import slope
from ..term import ONE, ZERO, Term, fn, mul, num, postorder, power, rel, substitute, sym
from ..tidy import tidy

WIDEST = 4  # factors or terms that are tried in every order
LARGEST = 10_000  # under a root, up to which squares are taken out
Binding = dict[Term, Term]


@dataclass(frozen=True, slots=True)
class Standard:
    """∫ pattern dx = answer, by the rule of that name."""

    rule: str
    pattern: str
    answer: str
    numbers: bool = True  # False: for letters only, numbers go the longer way line by line


# fmt: off
ROWS = (
    Standard("arcsine rule",                 "1/sqrt(a^2 - u^2)",       "arcsin(u/abs(a))"),
    Standard("inverse hyperbolic sine rule", "1/sqrt(u^2 + a^2)",       "asinh(u/abs(a))"),
    Standard("root of a quadratic",          "1/sqrt(u^2 - a^2)",       "ln(abs(u + sqrt(u^2 - a^2)))"),
    Standard("root of a quadratic",          "sqrt(a^2 - u^2)",         "(u*sqrt(a^2 - u^2) + a^2*arcsin(u/abs(a)))/2"),
    Standard("root of a quadratic",          "sqrt(u^2 + a^2)",         "(u*sqrt(u^2 + a^2) + a^2*asinh(u/abs(a)))/2"),
    Standard("root of a quadratic",          "sqrt(u^2 - a^2)",
             "(u*sqrt(u^2 - a^2) - a^2*ln(abs(u + sqrt(u^2 - a^2))))/2"),
    Standard("root of a quadratic",          "sqrt(u^2 - a^2)/u",
             "sqrt(u^2 - a^2) - abs(a)*arctan(sqrt(u^2 - a^2)/abs(a))"),
    Standard("root of a quadratic",          "1/(u*sqrt(u^2 - a^2))",   "arctan(sqrt(u^2 - a^2)/abs(a))/abs(a)"),
    Standard("multiplied by sqrt(a - u) above and below",
             "sqrt((a - u)/(a + u))",
             "abs(a)*arcsin(u/abs(a)) + sign(a)*sqrt(a^2 - u^2)"),
    Standard("multiplied by sqrt(a + u) above and below",
             "sqrt((a + u)/(a - u))",
             "abs(a)*arcsin(u/abs(a)) - sign(a)*sqrt(a^2 - u^2)"),
    Standard("arctangent rule",              "1/(u^2 + a^2)",           "arctan(u/a)/a"),
    Standard("reduction formula",            "1/(u^2 + a^2)^2",
             "u/(2*a^2*(u^2 + a^2)) + arctan(u/a)/(2*a^3)"),
    Standard("partial fractions",            "1/(u^2 - a^2)",           "ln(abs((u - a)/(u + a)))/(2*a)", False),
    Standard("partial fractions",            "1/(a^2 - u^2)",           "ln(abs((a + u)/(a - u)))/(2*a)", False),
    Standard("by parts twice",               "exp(a*x)*sin(b*x)",
             "exp(a*x)*(a*sin(b*x) - b*cos(b*x))/(a^2 + b^2)", numbers=False),
    Standard("by parts twice",               "exp(a*x)*cos(b*x)",
             "exp(a*x)*(a*cos(b*x) + b*sin(b*x))/(a^2 + b^2)", numbers=False),
    Standard("product as a sum",             "sin(a*x)*cos(b*x)",
             "-cos((a + b)*x)/(2*(a + b)) - cos((a - b)*x)/(2*(a - b))"),
    Standard("product as a sum",             "sin(a*x)*sin(b*x)",
             "sin((a - b)*x)/(2*(a - b)) - sin((a + b)*x)/(2*(a + b))"),
    Standard("product as a sum",             "cos(a*x)*cos(b*x)",
             "sin((a - b)*x)/(2*(a - b)) + sin((a + b)*x)/(2*(a + b))"),
    Standard("half-angle formula",           "sin(u)^2",                "u/2 - sin(2*u)/4"),
    Standard("half-angle formula",           "cos(u)^2",                "u/2 + sin(2*u)/4"),
    Standard("tangent rule",                 "1/cos(u)^2",              "tan(u)"),
    Standard("tangent rule",                 "sec(u)^2",                "tan(u)"),
    Standard("tangent rule",                 "1 + tan(u)^2",            "tan(u)"),
    Standard("tan² is sec² − 1",             "tan(u)^2",                "tan(u) - u"),
    Standard("cotangent rule",               "1/sin(u)^2",              "-cot(u)"),
    Standard("cotangent rule",               "csc(u)^2",                "-cot(u)"),
    Standard("cot² is csc² − 1",             "cot(u)^2",                "-cot(u) - u"),
    Standard("hyperbolic tangent rule",      "1/cosh(u)^2",             "tanh(u)"),
    Standard("hyperbolic tangent rule",      "sech(u)^2",               "tanh(u)"),
    Standard("hyperbolic tangent rule",      "1 - tanh(u)^2",           "tanh(u)"),
    Standard("tanh² is 1 − sech²",           "tanh(u)^2",               "u - tanh(u)"),
    Standard("double-angle formula",         "cosh(u)^2",               "u/2 + sinh(2*u)/4"),
    Standard("double-angle formula",         "sinh(u)^2",               "sinh(2*u)/4 - u/2"),
    Standard("rule of the logistic function", "sigma(u)*(1 - sigma(u))", "sigma(u)"),
    Standard("secant rule",                  "sec(u)*tan(u)",           "sec(u)"),
    Standard("cosecant rule",                "csc(u)*cot(u)",           "-csc(u)"),
    Standard("rule of the secant",           "1/cos(u)",                "ln(abs(1/cos(u) + tan(u)))"),
    Standard("rule of the cosecant",         "1/sin(u)",                "ln(abs(tan(u/2)))"),
    Standard("by parts, solved for the integral", "sec(u)^3",           "(sec(u)*tan(u) + ln(abs(sec(u) + tan(u))))/2"),
    Standard("1/(sin cos) is tan + cot",     "1/(sin(u)*cos(u))",       "ln(abs(tan(u)))"),
    Standard("half the square of the tangent", "sec(u)^2*tan(u)",       "tan(u)^2/2"),
    Standard("multiplied by 1 - sin",        "1/(1 + sin(u))",          "tan(u) - sec(u)"),
    Standard("multiplied by 1 + sin",        "1/(1 - sin(u))",          "tan(u) + sec(u)"),
    Standard("half-angle formula",           "1/(1 + cos(u))",          "tan(u/2)"),
    Standard("half-angle formula",           "1/(1 - cos(u))",          "-cot(u/2)"),
    Standard("rule of the absolute value",   "u*abs(u)",                "u^2*abs(u)/3"),
    Standard("rule of the absolute value",   "abs(u)^3",                "u*abs(u)^3/4"),
    Standard("error function rule",          "exp(-u^2)",               "sqrt(pi)*erf(u)/2"),
    Standard("by parts",                     "x^a*ln(x)",
             "x^(a + 1)*(ln(x)/(a + 1) - 1/(a + 1)^2)", numbers=False),
    Standard("by parts",                     "x*a^x",                   "a^x*(x/ln(a) - 1/ln(a)^2)"),
    Standard("rule of the ReLU",             "max(x, 0)",               "x*max(x, 0)/2"),
    Standard("rule of the ReLU",             "max(0, x)",               "x*max(0, x)/2"),
    Standard("rule of the step",             "Piecewise((1, x > 0), (0, True))", "max(0, x)"),
)
# fmt: on


@dataclass(frozen=True, slots=True)
class Found:
    """The rule, the answer, the row as it stands in the table, and what its letters are here."""

    rule: str
    value: Term
    statement: Term
    letters: tuple[Term, ...]


def standard(body: Term, x: Term) -> Found | None:
    """The answer of the first row that fits."""
    for row, pattern, answer in _rows():
        for known in sorted(_matched(pattern, body, {_X: x}, x), key=_smaller_first):
            scale = tidy(slope(known[_U], x)[0]) if _U in known else ONE
            only_numbers = all(known[n].number is not None for n in (_A, _B) if n in known)
            if scale is ZERO or x.name in scale.free or (only_numbers and not row.numbers):
                continue
            value = _sizes(substitute(answer, dict(known)))
            value = tidy(value) if ONE in known.values() else value
            if any(n.op == "div" and tidy(n.args[1]) is ZERO for n in postorder(value)):
                continue  # sin x cos x is no sum of two different frequencies
            shown = _renamed(known, body)
            general = rel("=", Term("integral", (substitute(pattern, shown), shown[_X])), substitute(answer, shown))
            letters = tuple(rel(":=", shown[k], v) for k, v in known.items() if k is not _X and shown[k] is not v)
            if scale is not ONE:
                letters += (rel("=", Term("partial", (shown[_U], x), "d"), scale),)
            return Found(row.rule, value if scale is ONE else tidy(value / scale), general, letters)
    return None


def _smaller_first(known: Binding) -> bool:
    """cos 3x cos x with a = 3 and b = 1, so that a − b is positive."""
    a, b = (known[n].number if n in known else None for n in (_A, _B))
    return a is not None and b is not None and a < b


def _renamed(known: Binding, body: Term) -> Binding:
    """The letters of the row, others where the question uses them for something else; u integrates itself."""
    free = (n for n in ("p", "q", "r", "s", "p1", "q1") if n not in body.free)
    shown = {
        k: known[_X] if known[k] is known[_X] else k if k.name not in body.free or known[k] is k else sym(next(free))
        for k in known
        if k is not _X
    }
    return {**shown, _X: shown.get(_U, known[_X])}


_X, _A, _B, _U = (sym(n) for n in ("x", "a", "b", "u"))


@cache
def _rows() -> tuple[tuple[Standard, Term, Term], ...]:
    from ..reading import read

    def term(text: str) -> Term:
        return read(text, names=("a", "b", "u", "x")).value

    return tuple((row, tidy(term(row.pattern)), term(row.answer)) for row in ROWS)


def _matched(pattern: Term, t: Term, known: Binding, x: Term) -> Iterator[Binding]:
    """The ways in which the letters of a pattern can be put so that it is t."""
    if pattern in known:
        if known[pattern] is t:
            yield known
    elif pattern in (_A, _B):
        if x.name not in t.free and t.op != "neg":
            yield {**known, pattern: t}
    elif pattern is _U:
        yield {**known, pattern: t}
    elif _is_square(pattern):
        root = _root(t)
        if root is not None:
            yield from _matched(pattern.args[0], root, known, x)
    elif pattern.op == "mul" and _one_may_be_left_out(pattern, t):
        yield from _matched(pattern.args[1], t, {**known, pattern.args[0]: ONE}, x)
    elif (pattern.op, pattern.data, len(pattern.args)) == (t.op, t.data, len(t.args)):
        orders = permutations(t.args) if t.op in ("add", "mul") and len(t.args) <= WIDEST else (t.args,)
        for args in orders:
            yield from _all_matched(pattern.args, args, known, x)


def _is_square(pattern: Term) -> bool:
    return pattern.op == "pow" and pattern.args[0] in (_A, _U) and pattern.args[1].number == 2


def _root(t: Term) -> Term | None:
    """2x for 4x², 3 for 9, √5 for 5, (x + 1) for (x + 1)²; None for what is no square."""
    f = t.number
    if f is not None and f > 0:
        exact = [isqrt(n) for n in (f.numerator, f.denominator)]
        if exact[0] ** 2 == f.numerator and exact[1] ** 2 == f.denominator:
            return num(Fraction(*exact))
        inside, outside = f.numerator * f.denominator, Fraction(1, f.denominator)
        for m in range(isqrt(min(inside, LARGEST)), 1, -1):
            if inside % (m * m) == 0:
                inside, outside = inside // (m * m), outside * m
        root = fn("sqrt", num(inside))
        return root if outside == 1 else mul(num(outside), root)
    if t.op == "pow":
        k = t.args[1].number
        if k is not None and k > 0 and k.denominator == 1 and k % 2 == 0:
            return t.args[0] if k == 2 else power(t.args[0], num(k / 2))
    if t.op == "mul":
        roots = [_root(a) for a in t.args]
        return None if None in roots else mul(*(r for r in roots if r is not None))
    return None


def _sizes(t: Term) -> Term:
    """|3| as 3, sign(3) as 1, 3² as 9."""
    sized = [n for n in postorder(t) if n.op == "fn" and n.data in ("abs", "sign") and _is_size(n.args[0])]
    plain = {n: n.args[0] if n.data == "abs" else ONE for n in sized}
    return substitute(t, plain | {n: tidy(n) for n in postorder(t) if n.op == "pow" and _is_size(n.args[0])})


def _is_size(t: Term) -> bool:
    if t.op == "mul" or (t.op == "fn" and t.data == "sqrt"):
        return all(map(_is_size, t.args))
    f = t.number
    return f is not None and f > 0


def _one_may_be_left_out(pattern: Term, t: Term) -> bool:
    """sin x is sin(1·x)."""
    return pattern.args[0] in (_A, _B) and len(pattern.args) == 2 and t.op != "mul"


def _all_matched(patterns: tuple[Term, ...], parts: tuple[Term, ...], known: Binding, x: Term) -> Iterator[Binding]:
    if not patterns:
        yield known
        return
    for found in _matched(patterns[0], parts[0], known, x):
        yield from _all_matched(patterns[1:], parts[1:], found, x)
