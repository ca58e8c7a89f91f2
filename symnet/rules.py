"""The textbook rules for ∂v/∂u of one formula: the first row that applies rewrites the derivative.

A rewrite gives the raw form that a hand would put down, `½·2(a − t)·1`; tidying comes later and is shown as its own
step. `du` below is the derivative of the part that depends on x.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .errors import RuleError
from .functions import TermMath
from .functions import row as function_row
from .term import ONE, TWO, ZERO, Term, add, cases, dependents, div, fn, mul, neg, power, prime, rel, sub_one

MATH = TermMath


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of differentiation: its name, its statement, where it applies, and what it writes.

    `du` holds the derivatives of the operands, `ZERO` for a constant one: finished formulas (`slope`), inert ones that
    the next line carries out (`stepwise.py`), or the letters f′, g′ (`statement`).
    """

    name: str
    statement: str
    applies: Callable[[Term, Sequence[Term]], bool]
    rewrite: Callable[[Term, Sequence[Term]], Term]


def _one(node: Term, du: Sequence[Term]) -> int:
    """The place of the only part that depends on x, or −1."""
    places = [i for i, d in enumerate(du) if d is not ZERO]
    return places[0] if len(places) == 1 else -1


def times(*factors: Term) -> Term:
    """A raw product: a factor 1 beside others is dropped, brackets of products are opened."""
    flat = [g for f in factors for g in (f.args if f.op == "mul" else (f,)) if g is not ONE]
    return mul(*flat) if flat else ONE


def _sum(node: Term, du: Sequence[Term]) -> Term:
    parts = [d for d in du if d is not ZERO]
    return add(*parts) if parts else ZERO


def _constant_multiple(node: Term, du: Sequence[Term]) -> Term:
    i = _one(node, du)
    if du[i].op == "neg" or du[i].op == "add" or node.args[i].op != "sym":
        flat = du[i].args if du[i].op == "mul" else (du[i],)
        return mul(*node.args[:i], *flat, *node.args[i + 1 :])
    return times(*node.args[:i], du[i], *node.args[i + 1 :])


def _product(node: Term, du: Sequence[Term]) -> Term:
    return add(*(times(*node.args[:i], d, *node.args[i + 1 :]) for i, d in enumerate(du) if d is not ZERO))


def _constant_divisor(node: Term, du: Sequence[Term]) -> Term:
    return div(du[0], node.args[1])


def _reciprocal(node: Term, du: Sequence[Term]) -> Term:
    return neg(div(times(node.args[0], du[1]), power(node.args[1], TWO)))


def _quotient(node: Term, du: Sequence[Term]) -> Term:
    a, b = node.args
    return div(add(times(du[0], b), neg(times(a, du[1]))), power(b, TWO))


def _power(node: Term, du: Sequence[Term]) -> Term:
    """n uⁿ⁻¹ · u′; the inner 1 of (a − t)² is written down, that of x² is not."""
    u, n = node.args
    less = sub_one(n)
    outer = [n] if less.number == 0 else [n, u if less.number == 1 else power(u, less)]
    if u.op == "sym":
        return times(*outer, du[0])
    return mul(*outer, *(du[0].args if du[0].op == "mul" else (du[0],)))


def _exponential(node: Term, du: Sequence[Term]) -> Term:
    return times(node, fn("log", node.args[0]), du[1])


def _power_of_functions(node: Term, du: Sequence[Term]) -> Term:
    u, v = node.args
    return times(node, add(times(du[1], fn("log", u)), div(times(v, du[0]), u)))


def _function(node: Term, du: Sequence[Term]) -> Term:
    u = node.args[0]
    slope = function_row(node.data).slope(u, node, MATH)
    slope = slope if isinstance(slope, Term) else ONE * slope
    if u.op == "sym":
        return times(slope, du[0])
    return mul(*(slope.args if slope.op == "mul" else (slope,)), *(du[0].args if du[0].op == "mul" else (du[0],)))


def _inert(node: Term, du: Sequence[Term]) -> Term:
    name, order = node.data
    return times(prime(name, node.args[0], order + 1), du[0])


def _unknown(node: Term, du: Sequence[Term]) -> Term:
    """f(u, v)′ = ∂₁f(u, v) u′ + ∂₂f(u, v) v′."""
    name, orders = (node.data, (0,) * len(node.args)) if node.op == "apply" else node.data
    parts = []
    for i, d in enumerate(du):
        if d is not ZERO:
            more = tuple(k + (i == j) for j, k in enumerate(orders))
            parts.append(times(Term("applyprime", node.args, (name, more), node.shape), d))
    return add(*parts)


def _branches(node: Term, du: Sequence[Term]) -> Term:
    return cases(*(d if i % 2 == 0 else node.args[i] for i, d in enumerate(du)))


def _extreme(node: Term, du: Sequence[Term]) -> Term:
    """max(u, v)′ = u′ where u ≥ v, else v′ (for more operands, one after the other)."""
    kind = ">=" if node.op == "max" else "<="
    value, slope = node.args[0], du[0]
    for u, d in zip(node.args[1:], du[1:], strict=True):
        slope = cases(slope, rel(kind, value, u), d)
        value = Term(node.op, (value, u), None, node.shape)
    return slope


def _only(*places: int) -> Callable[[Term, Sequence[Term]], bool]:
    return lambda node, du: tuple(i for i, d in enumerate(du) if d is not ZERO) == places


def _always(node: Term, du: Sequence[Term]) -> bool:
    return True


# fmt: off
RULES: dict[str, tuple[Rule, ...]] = {
    "add":   (Rule("sum rule",                "(f + g)′ = f′ + g′",
                   _always, _sum),),
    "neg":   (Rule("constant multiple rule",  "(−f)′ = −f′",
                   _always, lambda node, du: neg(du[0])),),
    "mul":   (Rule("constant multiple rule",  "(c f)′ = c f′",
                   lambda n, du: _one(n, du) >= 0, _constant_multiple),
              Rule("product rule",            "(f g)′ = f′ g + f g′",
                   _always, _product)),
    "div":   (Rule("constant multiple rule",  "(f/c)′ = f′/c",
                   _only(0), _constant_divisor),
              Rule("quotient rule",           "(c/f)′ = −c f′/f²",
                   _only(1), _reciprocal),
              Rule("quotient rule",           "(f/g)′ = (f′ g − f g′)/g²",
                   _always, _quotient)),
    "pow":   (Rule("power rule",              "(fⁿ)′ = n f^(n − 1) f′",
                   _only(0), _power),
              Rule("exponential rule",        "(a^f)′ = a^f log(a) f′",
                   _only(1), _exponential),
              Rule("logarithmic differentiation", "(f^g)′ = f^g (g′ log(f) + g f′/f)",
                   _always, _power_of_functions)),
    "fn":    (Rule("",                        "(φ(f))′ = φ′(f) f′",
                   _always, _function),),
    "prime": (Rule("chain rule",              "(φ′(f))′ = φ″(f) f′",
                   _always, _inert),),
    "apply": (Rule("chain rule",              "(φ(f))′ = φ′(f) f′",
                   _always, _unknown),),
    "applyprime": (Rule("chain rule",         "(φ′(f))′ = φ″(f) f′",
                   _always, _unknown),),
    "cases": (Rule("branch by branch",        "each case by itself",
                   _always, _branches),),
    "max":   (Rule("maximum rule",            "(max(f, g))′ = (f′ if f ≥ g else g′)",
                   _always, _extreme),),
    "min":   (Rule("minimum rule",            "(min(f, g))′ = (f′ if f ≤ g else g′)",
                   _always, _extreme),),
}
# fmt: on

PLAIN = {"sum rule", "constant multiple rule"}
ELEMENTWISE = frozenset({"num", "sym", "rel", "and", "or", "not", *RULES})


def _chained(node: Term) -> bool:
    """Whether the chain rule does something here: a function or a power of more than a name."""
    return node.op in ("pow", "fn") and any(a.op not in ("sym", "num") for a in node.args)


def slope(value: Term, x: Term) -> tuple[Term, tuple[str, ...]]:
    """∂value/∂x in raw form, and the names of the rules that it took, in the order of their importance."""
    memo: dict[Term, Term] = {}
    used: dict[str, None] = {}
    for node in dependents(value, x.name):
        if node is x:
            memo[node] = ONE
        elif node.op == "rel":
            memo[node] = ZERO
        else:
            memo[node] = _apply(node, [memo.get(a, ZERO) for a in node.args], used)
    names = [n for n in reversed(used) if n not in PLAIN] or list(used)
    return memo.get(value, ZERO), tuple(sorted(names, key=lambda n: n == "chain rule"))


def _apply(node: Term, du: list[Term], used: dict[str, None]) -> Term:
    if all(d is ZERO for d in du):
        return ZERO
    for rule in RULES.get(node.op, ()):
        if rule.applies(node, du):
            name = rule.name or function_row(node.data).rule
            used[name] = None
            if _chained(node):
                used["chain rule"] = None
            return rule.rewrite(node, du)
    raise RuleError(f"there is no derivative rule for `{node.data if node.op == 'apply' else node.op}`")
