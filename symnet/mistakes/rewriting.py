"""Wrong rules of algebra, line to line: (a + b)² as a² + b², √(a + b) as √a + √b, a sign, a lost term.

A rule gives for one node what it is wrongly rewritten to. A formula is rewritten at one place; what comes out is
compared with the next line, or with the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt

from ..clock import tick
from ..parts import is_activation
from ..term import ONE, ZERO, Term, add, div, fn, mul, neg, num, postorder, power, substitute
from .scene import text_of

Example = tuple[str, str]
MOST = 250  # rewritten forms of one formula


@dataclass(frozen=True, slots=True)
class Rewrite:
    """One wrong rule of algebra; `rewrite` gives the wrong forms of a node."""

    name: str
    instead_of: str
    wrong: str
    ops: tuple[str, ...]
    rewrite: Callable[[Term], Iterable[Term]]
    advice: str
    example: Example
    counterexample: Example


def _each(node: Term, change: Callable[[Term], Term]) -> Iterator[Term]:
    """The node with one operand changed."""
    for i, a in enumerate(node.args):
        yield _with(node, i, change(a))


def _with(node: Term, i: int, new: Term) -> Term:
    return Term(node.op, (*node.args[:i], new, *node.args[i + 1 :]), node.data, node.shape)


def _minus(t: Term) -> Term:
    return t.args[0] if t.op == "neg" else neg(t)


def _powers_of_terms(t: Term) -> Iterator[Term]:
    """(a + b)² → a² + b², with the sign of b kept."""
    base, n = t.args
    if base.op == "add" and n.number is not None:
        yield add(*(neg(power(a.args[0], n)) if a.op == "neg" else power(a, n) for a in base.args))
        yield add(*(power(a, n) for a in base.args))


def _roots_of_terms(t: Term) -> Iterator[Term]:
    inner = t.args[0]
    if inner.op == "add" and (t.op == "fn" and t.data == "sqrt"):
        yield add(*(neg(fn("sqrt", a.args[0])) if a.op == "neg" else fn("sqrt", a) for a in inner.args))
        yield add(*(fn("sqrt", a) for a in inner.args))
        roots = [_root(a) for a in inner.args]
        if any(a.op == "pow" for a in inner.args):
            yield add(*(a if r is None else r for a, r in zip(inner.args, roots, strict=True)))
    elif inner.op == "add" and t.op == "pow" and t.args[1].number == Fraction(1, 2):
        yield add(*(power(a, t.args[1]) for a in inner.args))


def _root(t: Term) -> Term | None:
    """u of u², 3 of 9, −u of −u²; None where no root is to be seen."""
    if t.op == "neg":
        inner = _root(t.args[0])
        return None if inner is None else neg(inner)
    if t.op == "pow" and t.args[1].number == 2:
        return t.args[0]
    k = t.number
    exact = (
        k is not None
        and k >= 0
        and isqrt(k.numerator) ** 2 == k.numerator
        and isqrt(k.denominator) ** 2 == k.denominator
    )
    return num(Fraction(isqrt(k.numerator), isqrt(k.denominator))) if exact and k is not None else None


def _logs_of_terms(t: Term) -> Iterator[Term]:
    """log(a + b) → log a + log b, and the same for the exponential."""
    if t.data in ("log", "exp", "sin", "cos", "tan") and t.args[0].op == "add":
        yield add(*(neg(fn(t.data, a.args[0])) if a.op == "neg" else fn(t.data, a) for a in t.args[0].args))


def _split(t: Term) -> Iterator[Term]:
    """c/(a + b) → c/a + c/b."""
    if t.op == "div" and t.args[1].op == "add":
        yield add(*(_quotient(t.args[0], b) for b in t.args[1].args))
    if t.op == "pow" and t.args[0].op == "add" and (t.args[1].number or 0) < 0:
        yield add(*(power(b, t.args[1]) for b in t.args[0].args))


def _joined(t: Term) -> Iterator[Term]:
    """a/b + c/d → (a + c)/(b + d)."""
    if len(t.args) == 2 and all(a.op == "div" for a in t.args):
        (a, b), (c, d) = (x.args for x in t.args)
        yield div(add(a, c), add(b, d))


def _quotient(a: Term, b: Term) -> Term:
    return neg(div(a, b.args[0])) if b.op == "neg" else div(a, b)


def _cancelled(t: Term) -> Iterator[Term]:
    """(a F + b)/F → a + b, (F + a)/(F + b) → a/b: what is no factor of the whole numerator cancelled."""
    top, bottom = t.args
    if top.op != "add":
        return
    for i, a in enumerate(top.args if bottom.op == "add" else ()):
        if a in bottom.args:
            j = bottom.args.index(a)
            yield div(add(*top.args[:i], *top.args[i + 1 :]), add(*bottom.args[:j], *bottom.args[j + 1 :]))
    for i, a in enumerate(top.args):
        rest = add(*top.args[:i], *top.args[i + 1 :])
        for factor in _factors(bottom):
            less = _without(a, factor)
            if less is None:
                continue
            yield add(less, rest)
            yield add(less, div(rest, bottom))
            if less is ONE:
                yield rest
            left = _without(bottom, factor)
            if left is not None and left is not ONE:
                yield div(add(less, rest), left)
                yield add(less, div(rest, left))


def _factors(t: Term) -> list[Term]:
    """The factors of a product, of a power its base."""
    parts = t.args if t.op == "mul" else (t,)
    return list(dict.fromkeys(p.args[0] if p.op == "pow" else p for p in parts))


def _without(t: Term, factor: Term) -> Term | None:
    """t without one factor, or None if it has none."""
    if t.op == "neg":
        inner = _without(t.args[0], factor)
        return None if inner is None else neg(inner)
    if t is factor:
        return ONE
    if t.op == "pow" and t.args[0] is factor and t.args[1].number is not None:
        return power(factor, num(t.args[1].number - 1))
    if t.op == "mul":
        for i, a in enumerate(t.args):
            left = _without(a, factor)
            if left is not None:
                rest = [*t.args[:i], *([] if left is ONE else [left]), *t.args[i + 1 :]]
                return mul(*rest) if rest else ONE
    return None


def _square_inside(t: Term) -> Iterator[Term]:
    """φ(u)² ↔ φ(u²)."""
    if t.op == "pow" and t.args[0].op == "fn":
        yield fn(t.args[0].data, power(t.args[0].args[0], t.args[1]))
    if t.op == "fn" and t.args[0].op == "pow":
        yield power(fn(t.data, t.args[0].args[0]), t.args[0].args[1])


def _is_slope_of_sigmoid(t: Term) -> bool:
    """1 − σ, or σ − σ²."""
    bare = [a.args[0] if a.op == "neg" else a for a in t.args]
    one = [b for b in bare if b.number == 1]
    rest = [b for b in bare if b.number != 1]
    if len(bare) == 2 and len(one) == 1:
        return _is_sigmoid(rest[0])
    squares = [b for b in rest if b.op == "pow" and b.args[1].number == 2]
    return len(bare) == 2 and len(squares) == 1 and squares[0].args[0] in rest and _is_sigmoid(squares[0].args[0])


def _is_sigmoid(t: Term) -> bool:
    return t.op == "fn" and t.data == "sigmoid"


def _sigmoid_slope(t: Term) -> Iterator[Term]:
    if _is_slope_of_sigmoid(t):
        yield from _each(t, _minus)


def _sign(t: Term) -> Iterator[Term]:
    if t.op == "neg":
        yield t.args[0]
    elif t.op == "add":
        yield from _each(t, _minus)
    elif t.op == "fn":
        yield fn(t.data, _minus(t.args[0]))
        yield neg(t)


def _fewer_terms(t: Term) -> Iterator[Term]:
    yield from (add(*t.args[:i], *t.args[i + 1 :]) for i in range(len(t.args)))


def _coefficient(t: Term) -> Iterator[Term]:
    if t.op == "mul":
        for i, a in enumerate(t.args):
            if a.number is not None and a is not ONE:
                yield mul(*t.args[:i], *t.args[i + 1 :]) if len(t.args) > 1 else ONE
    elif t.op == "div":
        if t.args[1].number is not None:
            yield t.args[0]
        if t.args[0].number is not None and t.args[0] is not ONE:
            yield div(ONE, t.args[1])


def _half(t: Term) -> Iterator[Term]:
    if t.op == "div" and t.args[1].number is not None and t.args[1].number.numerator % 2 == 0:
        yield div(t.args[0], num(t.args[1].number / 2))
    if t.op == "mul":
        for i, a in enumerate(t.args):
            if a.number is not None and a.number.denominator % 2 == 0:
                yield _with(t, i, num(a.number * 2))


def _mean(t: Term) -> Iterator[Term]:
    """The division of a sum by the number of its terms, lost."""
    top, bottom = t.args
    if top.op == "add" and (bottom.number == len(top.args) or bottom.op == "sym"):
        yield top


def _exponent(t: Term) -> Iterator[Term]:
    n = t.args[1].number
    if n is not None:
        yield from (power(t.args[0], num(n + k)) for k in (1, -1))


def _domain(t: Term) -> Iterator[Term]:
    """√(u²) → u, |u| → u."""
    inner = t.args[0]
    if t.data == "abs":
        yield inner
    if t.data == "sqrt" and inner.op == "pow" and inner.args[1].number == 2:
        yield inner.args[0]
        yield neg(inner.args[0])
    if t.data == "log" and inner.op == "pow" and (inner.args[1].number or 1) % 2 == 0:
        yield mul(inner.args[1], fn("log", inner.args[0]))


def _slope_of_activation(t: Term) -> Iterator[Term]:
    """A product that lost its a (1 − a)."""
    for i, a in enumerate(t.args):
        other = add(ONE, neg(a))
        for j, b in enumerate(t.args):
            if b is other and _is_sigmoid(a):
                rest = [c for k, c in enumerate(t.args) if k not in (i, j)]
                yield mul(*rest) if rest else ONE
                yield mul(*rest, a) if rest else a


def _forgotten_bias(t: Term) -> Iterator[Term]:
    """0.15·0.05 + 0.35 → 0.15·0.05: the bare number beside products of numbers."""
    products = [a for a in t.args if a.op == "mul" and all(b.number is not None for b in a.args)]
    bare = [a for a in t.args if a.number is not None]
    if len(bare) == 1 and len(products) == len(t.args) - 1:
        yield add(*products)


def _not_applied(t: Term) -> Iterator[Term]:
    if is_activation(t) and t.data not in ("sign", "step"):
        yield t.args[0]


def _half_opened(t: Term) -> Iterator[Term]:
    """a (b + c) → a b + c."""
    for i, a in enumerate(t.args):
        if a.op == "add":
            rest = [*t.args[:i], *t.args[i + 1 :]]
            for k, b in enumerate(a.args):
                yield add(mul(*rest, b), *a.args[:k], *a.args[k + 1 :])


def _factor(t: Term) -> Iterator[Term]:
    if t.op == "mul":
        yield from (mul(*t.args[:i], *t.args[i + 1 :]) for i in range(len(t.args)) if len(t.args) > 1)
    elif t.op == "div" and t.args[1].number is None:
        yield t.args[0]


# fmt: off
REWRITES: tuple[Rewrite, ...] = (
    Rewrite("square_distributed", "(a + b)² = a² + 2ab + b²", "(a + b)² = a² + b²", ("pow",), _powers_of_terms,
            "{node} is not the sum of the powers of its terms",
            ("(u + 3)^2", "u^2 + 9"), ("(u + 3)^2", "u^2 + 3u + 9")),
    Rewrite("sqrt_distributed", "√(a + b)", "√(a + b) = √a + √b", ("fn", "pow"), _roots_of_terms,
            "{node} is not the sum of the roots of its terms",
            ("sqrt(u^2 + v^2)", "sqrt(u^2) + sqrt(v^2)"), ("sqrt(u^2 + v^2)", "sqrt(u^2) - v")),
    Rewrite("function_distributed", "log(a + b)", "log(a + b) = log a + log b", ("fn",), _logs_of_terms,
            "{node} is not the sum of the values of its terms",
            ("log(u + v)", "log(u) + log(v)"), ("log(u + v)", "log(u) log(v)")),
    Rewrite("fraction_split", "c/(a + b)", "c/(a + b) = c/a + c/b", ("div", "pow"), _split,
            "{node} cannot be split in its denominator",
            ("1/(u + v)", "1/u + 1/v"), ("1/(u + v)", "1/u - 1/v")),
    Rewrite("fraction_split", "a/b + c/d = (a d + b c)/(b d)", "a/b + c/d = (a + c)/(b + d)", ("add",), _joined,
            "the fractions of {node} need a common denominator",
            ("1/u + 1/v", "2/(u + v)"), ("1/u + 1/v", "1/(u + v)")),
    Rewrite("half_lost", "a/2", "a", ("div", "mul"), _half,
            "in {node} the factor ½ is missing",
            ("u^2/2 + v", "u^2 + v"), ("u^2/2 + v", "u^2 + 2v + 1")),
    Rewrite("one_over_n_lost", "(a + b + c)/3", "a + b + c", ("div",), _mean,
            "in {node} the division by the number of terms is missing",
            ("(u + v + 2)/3", "u + v + 2"), ("(u + v + 2)/3", "u + v + 1")),
    Rewrite("coefficient_lost", "c a", "a", ("mul", "div"), _coefficient,
            "in {node} a number is missing",
            ("3u^2 + v", "u^2 + v"), ("3u^2 + v", "u^2 + 2v")),
    Rewrite("cancelling", "(a F + b)/F = a + b/F", "(a F + b)/F = a + b", ("div",), _cancelled,
            "only a factor of the whole numerator can be cancelled in {node}",
            ("(u v + 1)/u", "v + 1"), ("(u v + 1)/u", "v + u")),
    Rewrite("sigmoid_derivative_sign", "σ′ = σ (1 − σ)", "σ′ = σ (1 + σ)", ("add",), _sigmoid_slope,
            "{node} belongs to σ′ = σ (1 − σ), with a minus",
            ("σ(u) (1 - σ(u))", "σ(u) (1 + σ(u))"), ("σ(u) (1 - σ(u))", "σ(u) (2 + σ(u))")),
    Rewrite("activation_derivative_lost", "a (1 − a) f", "f", ("mul",), _slope_of_activation,
            "in {node} the derivative a (1 − a) is missing",
            ("σ(u) (1 - σ(u)) v", "v"), ("σ(u) (1 - σ(u)) v", "1")),
    Rewrite("domain", "√(u²) = |u|", "√(u²) = u", ("fn",), _domain,
            "{node} has a value for both signs of its argument: √(u²) = |u|, ln(u²) = 2 ln|u|",
            ("sqrt(u^2) + 1", "u + 1"), ("sqrt(u^2) + 1", "u^2 + 1")),
    Rewrite("inner_argument_lost", "φ(u)²", "φ(u)² = φ(u²)", ("pow", "fn"), _square_inside,
            "in {node} the square belongs to the value, or to the argument, not to the other",
            ("tan(u)^2", "tan(u^2)"), ("tan(u)^2", "tan(2u)")),
    Rewrite("bias_forgotten", "w x + b", "w x", ("add",), _forgotten_bias,
            "in {node} the bias is missing",
            ("σ(0.3*0.7 + 0.2)", "σ(0.3*0.7)"), ("σ(0.3*0.7 + 0.2)", "σ(0.2)")),
    Rewrite("preactivation_for_activation", "a = φ(z)", "a = z", ("fn",), _not_applied,
            "in {node} the activation was not applied",
            ("3 σ(u)", "3 u"), ("3 σ(u)", "2 u")),
    Rewrite("bracket_lost", "a (b + c) = a b + a c", "a (b + c) = a b + c", ("mul",), _half_opened,
            "in {node} the factor belongs to every term of the bracket",
            ("u (v + 5)", "u v + 5"), ("u (v + 5)", "u v + 6")),
    Rewrite("sign", "−a", "a", ("neg", "add", "fn"), _sign,
            "in {node} a sign is wrong",
            ("u^2 - 3v", "u^2 + 3v"), ("u^2 - 3v", "u^2 + 4v")),
    Rewrite("term_lost", "a + b", "a", ("add",), _fewer_terms,
            "in {node} a term is missing",
            ("u^2 + 3v", "u^2"), ("u^2 + 3v", "u")),
    Rewrite("power_off_by_one", "uⁿ", "uⁿ⁻¹", ("pow",), _exponent,
            "in {node} the exponent is off by one",
            ("u^4 + v", "u^3 + v"), ("u^4 + v", "u^9 + v")),
    Rewrite("factor_lost", "a b", "a", ("mul", "div"), _factor,
            "in {node} a factor is missing",
            ("u v + 1", "u + 1"), ("u v + 1", "u v")),
)
# fmt: on


def rewritten(t: Term, rows: Iterable[Rewrite] = REWRITES) -> Iterator[tuple[Rewrite, Term, Term]]:
    """The formula with one rule wrongly applied, at one place or everywhere: the rule, the place, what comes out."""
    nodes = [n for n in postorder(t) if n.args]
    count = 0
    for row in rows:
        tick()
        places = [(n, new) for n in reversed(nodes) if n.op in row.ops for new in row.rewrite(n) if new is not n]
        first = dict(reversed(places))
        if len(first) > 1:
            yield row, places[0][0], substitute(t, dict(first))
        for node, new in places:
            if new is not ZERO and count < MOST:
                tick()
                yield row, node, substitute(t, {node: new})
                count += 1


def sentence(row: Rewrite, node: Term) -> str:
    return row.advice.format(node=text_of(node))
