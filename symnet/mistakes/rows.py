"""Wrong rules of differentiation, the most specific first: one row is one mistake that people make.

`rewrite` gives for a node and the derivatives of its operands what the wrong rule would write down (several forms, if
people write several), each with what it lost or used, for the advice. The table's test walks the rows: `example` is a
wrong answer that the row explains, `counterexample` one that it must not claim.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from ..functions import TermMath
from ..functions import row as function_row
from ..parts import is_activation
from ..term import ONE, TWO, ZERO, Term, add, cases, div, fn, iter_names, mul, neg, num, postorder, power, sub_one, term
from ..tidy import tidy
from .scene import Scene, derivative, true_slope

Wrong = tuple[Term, Term | None]  # the wrong derivative, and what was lost or used in it
Example = tuple[str, str, str]  # formula, name, answer

TRIGONOMETRIC = ("sin", "cos", "tan", "sec", "csc", "cot")
COUNTS = ("n", "N", "m", "M", "K", "k")


@dataclass(frozen=True)
class Site:
    """One node, the derivatives of its operands (ZERO for a constant), and the scene that it stands in."""

    node: Term
    du: tuple[Term, ...]
    scene: Scene

    @cached_property
    def moving(self) -> tuple[int, ...]:
        return tuple(i for i, d in enumerate(self.du) if d is not ZERO)

    @cached_property
    def resting(self) -> tuple[int, ...]:
        return tuple(i for i, d in enumerate(self.du) if d is ZERO)

    @property
    def only(self) -> Term | None:
        """The only operand that moves."""
        return self.node.args[self.moving[0]] if len(self.moving) == 1 else None

    def right(self, du: tuple[Term, ...] | None = None) -> Term:
        """What the true rule writes, for these derivatives of the operands."""
        return true_slope(self.node, self.du if du is None else du)

    def outer(self) -> Term:
        """φ′(u) without the inner derivative."""
        return self.right(tuple(ONE if d is not ZERO else ZERO for d in self.du))

    def without(self, *places: int) -> Term:
        """The true rule with some operands taken as constants."""
        return self.right(tuple(ZERO if i in places else d for i, d in enumerate(self.du)))


@dataclass(frozen=True, slots=True)
class Row:
    """One mistake: what it writes `instead_of` which rule, and the sentence with {where} and {lost}."""

    name: str
    instead_of: str
    wrong: str
    ops: tuple[str, ...]
    rewrite: Callable[[Site], Iterable[Wrong]]
    advice: str
    example: Example
    counterexample: Example


# ---------------------------------------------------------------------------------------------- a function of a formula
def _function(*names: str) -> Callable[[Site], bool]:
    return lambda s: s.node.op == "fn" and s.node.data in names


def _slope_of(name: str, y: Term, x: Term) -> Term:
    return term(function_row(name).slope(x, y, TermMath))


def _with_slope(s: Site, *slopes: Term) -> Iterator[Wrong]:
    for slope in slopes:
        yield mul(slope, s.du[0]), slope


def _sigmoid_sign(s: Site) -> Iterator[Wrong]:
    if s.node.data == "sigmoid":
        yield from _with_slope(s, mul(s.node, add(ONE, s.node)))


def _tanh_for_sigmoid(s: Site) -> Iterator[Wrong]:
    if s.node.data == "sigmoid":
        yield from _with_slope(s, add(ONE, neg(power(s.node, TWO))))


def _sigmoid_for_tanh(s: Site) -> Iterator[Wrong]:
    if s.node.data == "tanh":
        yield from _with_slope(s, mul(s.node, add(ONE, neg(s.node))))


def _preactivation(s: Site) -> Iterator[Wrong]:
    """z (1 − z) for a (1 − a): the slope's formula at the argument where it wants the output."""
    if is_activation(s.node) and s.node.op == "fn":
        z = s.node.args[0]
        for u in dict.fromkeys((z, *(n for n in postorder(z) if n in s.scene.inputs))):
            yield from _with_slope(s, _slope_of(s.node.data, u, u))


def _dead_side(s: Site) -> Iterator[Wrong]:
    if s.node.op == "fn" and s.node.data in ("relu", "leaky_relu"):
        yield s.du[0], None
        if s.node.data == "leaky_relu":
            yield mul(fn("step", s.node.args[0]), s.du[0]), None
    if s.node.op in ("max", "min"):
        for i in s.moving:
            yield s.du[i], None
    if s.node.op == "cases":
        for i in range(0, len(s.node.args), 2):
            yield s.du[i], None
        yield from ((cases(*_swapped(s, i)), None) for i in range(0, len(s.node.args), 2) if s.du[i] is not ZERO)


def _swapped(s: Site, dead: int) -> list[Term]:
    """The branches' derivatives, one of them taken as 0."""
    return [a if i % 2 and i < len(s.node.args) else ZERO if i == dead else s.du[i] for i, a in enumerate(s.node.args)]


def _activation_lost(s: Site) -> Iterator[Wrong]:
    if s.node.op == "fn" and is_activation(s.node):
        yield s.du[0], _slope_of(s.node.data, s.node, s.node.args[0])


def _function_itself(s: Site) -> Iterator[Wrong]:
    """φ(u) u′: the function where its derivative belongs."""
    yield mul(s.node, s.du[0]), s.node


def _inner_argument(s: Site) -> Iterator[Wrong]:
    """φ′(u′), φ′(u′) u′, φ′(x) u′: the outer derivative at another place."""
    u = s.only
    if u is None or u is s.scene.x:
        return
    if s.node.op == "fn":
        at = lambda v: _slope_of(s.node.data, fn(s.node.data, v), v)  # noqa: E731 - the outer derivative
    elif s.moving == (0,) and s.node.op == "pow":
        at = lambda v: mul(s.node.args[1], power(v, sub_one(s.node.args[1])))  # noqa: E731
    else:
        return
    d = s.du[s.moving[0]]
    yield mul(at(d), d), d
    yield at(d), d
    yield mul(at(s.scene.x), d), s.scene.x
    yield Term(s.node.op, tuple(d if a is u else a for a in s.node.args), s.node.data, s.node.shape), d


def _chain(s: Site) -> Iterator[Wrong]:
    """φ′(u) where φ′(u) u′ belongs; −c/g² for −c g′/g²."""
    if s.only is not None and s.only is not s.scene.x and (s.node.op != "div" or s.moving == (1,)):
        yield s.outer(), s.du[s.moving[0]]


def _wrong_entry(s: Site) -> Iterator[Wrong]:
    """The slope of another trigonometric function."""
    if s.node.data not in TRIGONOMETRIC:
        return
    u = s.node.args[0]
    others = [_slope_of(f, fn(f, u), u) for f in TRIGONOMETRIC if f != s.node.data]
    own = [fn(f, u) for f in TRIGONOMETRIC]
    yield from _with_slope(s, *others, *map(neg, others), *own, *map(neg, own))
    yield from _with_slope(s, *(power(f, TWO) for f in own), *(neg(power(f, TWO)) for f in own))


def _exponential_as_power(s: Site) -> Iterator[Wrong]:
    """x a^(x − 1) for a^x log a."""
    if s.node.op == "fn" and s.node.data == "exp":
        u = s.node.args[0]
        yield mul(u, fn("exp", sub_one(u)), s.du[0]), None
        yield mul(u, fn("exp", sub_one(u))), None
    elif s.node.op == "pow" and 1 in s.moving:
        a, u = s.node.args
        down = mul(u, power(a, sub_one(u)))
        yield down, None
        yield from ((mul(down, d), None) for d in s.du if d is not ZERO)


def _log_base(s: Site) -> Iterator[Wrong]:
    if s.node.op == "pow" and s.moving == (1,):
        base = fn("log", s.node.args[0])
        yield mul(s.node, s.du[1]), base
        yield div(mul(s.node, s.du[1]), base), base
    elif s.node.op == "div" and s.moving == (0,) and _is_log(s.node.args[1]):
        base = s.node.args[1]
        yield s.du[0], base
        yield mul(s.du[0], base), base
        yield div(s.du[0], base.args[0]), base
    elif s.node.op == "mul" and len(s.moving) == 1:
        for i in s.resting:
            if _is_log(s.node.args[i]):
                yield _product_without(s, i), s.node.args[i]


def _is_log(t: Term) -> bool:
    return t.op == "fn" and t.data == "log" and not t.free


# --------------------------------------------------------------------------------------------------------------- powers
def _exponent(s: Site) -> Term | None:
    return s.node.args[1] if s.node.op == "pow" and s.moving == (0,) else None


def _off_by_one(s: Site) -> Iterator[Wrong]:
    n = _exponent(s)
    if s.node.op == "fn" and s.node.data == "sqrt":
        yield div(mul(s.node, s.du[0]), TWO), num(Fraction(1, 2))
    if n is None:
        return
    u, less = s.node.args[0], sub_one(n)
    more = num(n.number + 1) if n.number is not None else add(n, ONE)
    for coefficient, exponent in ((n, n), (less, less), (n, sub_one(less)), (n, more), (more, less), (more, more)):
        yield mul(coefficient, power(u, exponent), s.du[0]), n


def _power_coefficient(s: Site) -> Iterator[Wrong]:
    n = _exponent(s)
    if n is not None:
        yield mul(power(s.node.args[0], sub_one(n)), s.du[0]), n


def _two_lost(s: Site) -> Iterator[Wrong]:
    """The 2 of a squared error, where no ½ waits for it."""
    u = s.node.args[0]
    halved = div(s.node, TWO) in s.scene.nodes or mul(num(Fraction(1, 2)), s.node) in s.scene.nodes
    if (
        _exponent(s) is TWO
        and u.op in ("add", "sym")
        and u is not s.scene.x
        and (s.scene.network or s.scene.targets)
        and not halved
    ):
        yield mul(u, s.du[0]), TWO


def _raised(s: Site) -> Iterator[Wrong]:
    """uⁿ⁺¹/(n + 1): a power integrated."""
    n = _exponent(s)
    if n is not None and n.number is not None and n.number != -1:
        more = num(n.number + 1)
        yield mul(div(power(s.node.args[0], more), more), s.du[0]), None


def _half(s: Site) -> Iterator[Wrong]:
    """Twice the right one, where a ½ stands: ½ f, f/2, √f, f^(3/2)."""
    if _halves(s):
        yield mul(TWO, s.right()), num(Fraction(1, 2))


def _halves(s: Site) -> bool:
    if s.node.op == "fn":
        return s.node.data == "sqrt"
    if s.node.op in ("pow", "div"):
        k = s.node.args[1].number
        return s.moving == (0,) and k is not None and _has_half(k if s.node.op == "pow" else 1 / k)
    rest = [s.node.args[i] for i in s.resting]
    return any(_has_half(c.number) or (c.op == "div" and (c.args[1].number or 1) % 2 == 0) for c in rest)


def _has_half(k: Fraction | float | None) -> bool:
    return k is not None and Fraction(k).denominator % 2 == 0


# ----------------------------------------------------------------------------------------------- products and quotients
def _product_without(s: Site, place: int) -> Term:
    """The derivative of c u without one constant factor."""
    rest = [s.du[i] if i in s.moving else a for i, a in enumerate(s.node.args) if i != place]
    return mul(*rest) if rest else ONE


def _each_derived(s: Site) -> Iterator[Wrong]:
    if len(s.moving) > 1:
        yield mul(*(d if d is not ZERO else a for a, d in zip(s.node.args, s.du, strict=True))), None


def _own_derived(s: Site) -> Iterator[Wrong]:
    """f f′ + g g′."""
    if len(s.moving) > 1:
        rest = [s.node.args[i] for i in s.resting]
        yield add(*(mul(*rest, s.node.args[i], s.du[i]) for i in s.moving)), None


def _term_of_product(s: Site) -> Iterator[Wrong]:
    """One term of the product rule alone, or one of them lost."""
    if len(s.moving) < 2:
        return
    for i in s.moving:
        yield s.without(*(j for j in s.moving if j != i)), None
    if len(s.moving) > 2:
        yield from ((s.without(i), None) for i in s.moving)


def _product_sign(s: Site) -> Iterator[Wrong]:
    if len(s.moving) == 2:
        i, j = s.moving
        yield add(s.without(j), neg(s.without(i))), None


def _quotient_each(s: Site) -> Iterator[Wrong]:
    if 1 in s.moving:
        a = s.node.args[0]
        yield div(s.du[0] if 0 in s.moving else a, s.du[1]), None


def _quotient_swapped(s: Site) -> Iterator[Wrong]:
    if s.moving == (0, 1):
        yield neg(s.right()), None


def _quotient_misapplied(s: Site) -> Iterator[Wrong]:
    if s.moving != (0, 1):
        return
    (a, b), (da, db) = s.node.args, s.du
    first, second = mul(da, b), mul(a, db)
    yield div(add(first, second), power(b, TWO)), None
    yield div(add(first, neg(second)), b), None
    yield add(first, neg(second)), None
    yield div(add(mul(a, da), neg(mul(b, db))), power(b, TWO)), None
    yield div(add(mul(da, db), neg(mul(a, b))), power(b, TWO)), None
    yield add(div(da, b), neg(div(a, power(b, TWO)))), None


def _quotient_term(s: Site) -> Iterator[Wrong]:
    if s.moving == (0, 1):
        yield s.without(1), None
        yield s.without(0), None


def _denominator_lost(s: Site) -> Iterator[Wrong]:
    """(c/g)′ = −c g′, or −c g′/g."""
    if s.moving == (1,):
        yield neg(mul(s.node.args[0], s.du[1])), s.node.args[1]
        yield neg(div(mul(s.node.args[0], s.du[1]), s.node.args[1])), s.node.args[1]


def _one_side(s: Site) -> Iterator[Wrong]:
    """|u|′ = u′."""
    if s.node.data == "abs":
        yield s.du[0], None


def _reciprocal_sign(s: Site) -> Iterator[Wrong]:
    if s.node.op == "div" and s.moving == (1,):
        yield neg(s.right()), None


# ------------------------------------------------------------------------------------------- constants and coefficients
def _factors(s: Site) -> Iterator[tuple[int, Term]]:
    """The constant factors of a product with one moving factor."""
    if s.node.op == "mul" and len(s.moving) == 1:
        yield from ((i, s.node.args[i]) for i in s.resting)


def _input_lost(s: Site) -> Iterator[Wrong]:
    """∂(w x)/∂w = 1 for x; a number written after its weight, or beside a bias, is an input too."""
    if not s.scene.is_parameter(s.scene.x) or s.only is not s.scene.x:
        return
    for i, c in _factors(s):
        if (c.number is None and s.scene.is_data(c)) or (
            c.number is not None and (i > s.moving[0] or bool(s.scene.biases))
        ):
            yield _product_without(s, i), c


def _weight_lost(s: Site) -> Iterator[Wrong]:
    if s.scene.layered and s.only is not None and not s.scene.is_parameter(s.only):
        yield from ((_product_without(s, i), c) for i, c in _factors(s) if s.scene.is_weight(c))


def _weight_used(s: Site) -> Iterator[Wrong]:
    """∂(w x)/∂w = w for x."""
    if s.scene.is_parameter(s.scene.x) and s.only is s.scene.x:
        yield from ((mul(_product_without(s, i), s.scene.x), c) for i, c in _factors(s) if c.number is None)


def _other_weight(s: Site) -> Iterator[Wrong]:
    if not s.scene.layered or s.only is None or s.scene.is_parameter(s.only):
        return
    for i, c in _factors(s):
        if s.scene.is_weight(c):
            yield from ((mul(_product_without(s, i), w), w) for w in s.scene.weights if w is not c)


def _bias_leaf(s: Site) -> int | None:
    if s.node.op != "add" or s.scene.x not in s.node.args or not s.scene.is_bias(s.scene.x):
        return None
    return s.node.args.index(s.scene.x)


def _bias_factor(s: Site) -> Iterator[Wrong]:
    """∂b/∂b = b for 1."""
    i = _bias_leaf(s)
    if i is not None:
        yield s.right(tuple(s.scene.x if j == i else d for j, d in enumerate(s.du))), s.scene.x


def _bias_weight(s: Site) -> Iterator[Wrong]:
    """∂(w x + b)/∂b = x for 1."""
    i = _bias_leaf(s)
    if i is None:
        return
    beside = [a for n in s.node.args if n.op == "mul" for a in n.args if not s.scene.is_parameter(a)]
    for c in dict.fromkeys(beside):
        yield s.right(tuple(c if j == i else d for j, d in enumerate(s.du))), c


def _other_input(s: Site) -> Iterator[Wrong]:
    """∂(w2 a1)/∂w2 = x for a1."""
    if not s.scene.is_weight(s.scene.x) or s.only is not s.scene.x:
        return
    others = [*s.scene.inputs, *s.scene.defined]
    for i, c in _factors(s):
        if c.number is None:
            yield from ((mul(_product_without(s, i), o), o) for o in others if o is not c)


def _input_argument(s: Site) -> Iterator[Wrong]:
    """∂(w2 a1)/∂w2 = z1 for a1 = φ(z1)."""
    if s.only is s.scene.x and s.scene.is_weight(s.scene.x):
        for i, c in _factors(s):
            value = s.scene.defined.get(c, c)
            if value.op == "fn" and is_activation(value):
                yield mul(_product_without(s, i), value.args[0]), value.args[0]


def _input_slope(s: Site) -> Iterator[Wrong]:
    """∂(w2 a1)/∂w2 = a1 (1 − a1) for a1."""
    if s.only is not s.scene.x:
        return
    for i, c in _factors(s):
        value = s.scene.defined.get(c, c)
        if value.op == "fn" and is_activation(value):
            slope = _slope_of(value.data, c, value.args[0])
            yield mul(_product_without(s, i), slope), slope


def _count_lost(s: Site) -> Iterator[Wrong]:
    """1/n of a mean."""
    if s.node.op == "div" and s.moving == (0,) and _is_count(s.node.args[1], s.node.args[0]):
        k, n = s.node.args[1].number, len(s.node.args[0].args)
        if k is not None and k != n and k % max(n, 1) == 0:
            yield div(s.du[0], num(k / n)), num(n)
        yield s.du[0], s.node.args[1]
    for i, c in _factors(s):
        if (c.op == "div" and c.args[0] is ONE and _is_count(c.args[1], s.only)) or (
            c.op == "num" and c.number is not None and c.number.numerator == 1 and _several(s.only) and c is not ONE
        ):
            yield _product_without(s, i), c
    if s.node.op == "mean":
        yield s.right(), None


def _is_count(c: Term, beside: Term | None) -> bool:
    if c.op == "sym":
        return c.name in COUNTS or "dimension" in c.facts
    return c.number is not None and c.number.denominator == 1 and _several(beside)


def _several(t: Term | None) -> bool:
    return t is not None and t.op == "add" and len(t.args) > 1


def _coefficient(s: Site) -> Iterator[Wrong]:
    yield from ((_product_without(s, i), c) for i, c in _factors(s) if c.number is not None)
    if s.node.op == "div" and s.moving == (0,) and s.node.args[1].number is not None:
        yield s.du[0], s.node.args[1]
        yield mul(s.node.args[1], s.du[0]), s.node.args[1]
    for i, c in _factors(s):
        if c.number is not None:
            yield div(_product_without(s, i), c), c


def _constant_factor(s: Site) -> Iterator[Wrong]:
    yield from ((_product_without(s, i), c) for i, c in _factors(s) if c.number is None)
    if s.node.op == "div" and s.moving == (0,) and s.node.args[1].number is None:
        yield s.du[0], s.node.args[1]
    if s.node.op == "div" and s.moving == (1,) and s.node.args[0] is not ONE:
        yield div(s.right(), s.node.args[0]), s.node.args[0]


def _constant_moves(s: Site) -> Iterator[Wrong]:
    """(c f)′ = f + c f′ for c f′: a constant name treated as a variable, π too."""
    if s.node.op == "add":
        for i in s.resting:
            fixed = [n for n in postorder(s.node.args[i]) if n.op == "sym" and "constant" in n.facts]
            for name in dict.fromkeys((*iter_names(s.node.args[i]), *fixed)):
                yield add(s.right(), derivative(s.node.args[i], name)), s.node.args[i]
    names = [i for i in s.resting if s.node.args[i].op == "sym" and s.node.args[i].free]
    for i in names:
        yield s.right(tuple(ONE if j == i else d for j, d in enumerate(s.du))), s.node.args[i]
        if s.node.op in ("mul", "pow"):
            yield s.right(tuple(ONE if j == i else ZERO for j in range(len(s.du)))), s.node.args[i]


def _constant_kept(s: Site) -> Iterator[Wrong]:
    if not s.resting or not s.moving:
        return
    rest = [s.node.args[i] for i in s.resting]
    for kept in dict.fromkeys((add(*rest), *rest)):
        if tidy(add(s.right(), kept)) is not ZERO:  # 1 − a → 0 is a lost term
            yield add(s.right(), kept), kept


# ----------------------------------------------------------------------------------------------------------------- sums
def _target_sign(s: Site) -> Iterator[Wrong]:
    """∂(t − a)/∂a = 1: the sign of the inner derivative."""
    targets = s.scene.targets
    if len(s.node.args) == 2 and len(s.moving) == 1 and any(a in targets or neg(a) in targets for a in _bare(s.node)):
        yield neg(s.right()), None


def _bare(node: Term) -> list[Term]:
    return [a.args[0] if a.op == "neg" else a for a in node.args]


def _decay_lost(s: Site) -> Iterator[Wrong]:
    for i in s.moving:
        if len(s.moving) > 1 and s.scene.is_decay(_bare(s.node)[i]):
            yield s.without(i), s.node.args[i]


def _path(s: Site) -> Iterator[Wrong]:
    """One of several ways from x to this sum: through a named part, or through another weight."""
    if len(s.moving) < 2 or (not s.scene.network and not _through_weights(s)):
        return
    for i in s.moving:
        if _is_path(s, s.node.args[i]) or _through_weights(s):
            yield s.without(i), s.node.args[i]


def _is_path(s: Site, t: Term) -> bool:
    """Whether x reaches this summand differently from the others: by other operations, or through other weights."""
    ways = [_way(s, a) for i, a in enumerate(s.node.args) if i in s.moving]
    return len(set(ways)) > 1


def _way(s: Site, t: Term) -> tuple[tuple[str, ...], tuple[Term, ...]]:
    """The operations on the way from x, and the weights that multiply it; a sum over data has one way."""
    waiting, inside = [t], dict.fromkeys(n for n in postorder(t) if n in s.scene.moving)
    while waiting:
        for n in postorder(waiting.pop()):
            if n in s.scene.defined and n in s.scene.moving and s.scene.defined[n] not in inside:
                waiting.append(s.scene.defined[n])
            if n in s.scene.moving:
                inside[n] = None
    weights = {a for n in inside if n.op == "mul" for a in n.args if s.scene.is_weight(a) and a is not s.scene.x}
    shallow = tuple(n.op for n in postorder(t) if n in s.scene.moving and n is not s.scene.x and n.op != "neg")
    return shallow, tuple(sorted(weights, key=lambda w: w.name))


def _through_weights(s: Site) -> bool:
    """x multiplied by a different weight in each summand, as an input of several units is."""
    x = s.scene.x
    beside = {a for n in s.scene.nodes if n.op == "mul" and x in n.args for a in n.args if s.scene.is_weight(a)}
    return len(beside) > 1 and not s.scene.is_parameter(x)


def _some_terms(s: Site) -> Iterator[Wrong]:
    if len(s.moving) < 2:
        return
    yield from ((s.without(i), s.node.args[i]) for i in s.moving)
    for i in s.moving if len(s.moving) > 2 else ():
        yield s.without(*(j for j in s.moving if j != i)), None


def _off_diagonal(s: Site) -> Iterator[Wrong]:
    """∂pᵢ/∂zⱼ = 0: the sum below the softmax taken as a constant."""
    if 1 not in s.moving or not _is_exp(s.node.args[0], s.scene) or not _is_partition(s.node.args[1], s.scene):
        return
    yield s.without(1), None
    if 0 not in s.moving:
        yield mul(s.node, add(ONE, neg(s.node))), None


def _meaning(t: Term, scene: Scene) -> Term:
    return scene.defined.get(t, t)


def _is_exp(t: Term, scene: Scene) -> bool:
    t = _meaning(t, scene)
    return t.op == "fn" and t.data == "exp"


def _is_partition(t: Term, scene: Scene) -> bool:
    t = _meaning(t, scene)
    return t.op == "add" and all(_is_exp(a, scene) for a in t.args)


def _left(s: Site) -> Iterator[Wrong]:
    """(f + g)′ = f′ + g: a term that was not differentiated."""
    for i in s.moving if len(s.node.args) > 1 else ():
        yield s.right(tuple(s.node.args[i] if j == i else d for j, d in enumerate(s.du))), s.node.args[i]


def _lost_sign(s: Site) -> Iterator[Wrong]:
    if s.node.op == "neg":
        yield s.du[0], None
    elif s.node.op == "add" and len(s.moving) > 1:
        for i in s.moving:
            yield s.right(tuple(neg(d) if j == i else d for j, d in enumerate(s.du))), s.node.args[i]
    elif s.node.op == "fn":
        yield neg(s.right()), None
    elif s.node.op == "mul":
        yield from _product_sign(s)
    elif s.node.op == "cases" and len(s.node.args) > 2:
        flipped = [s.du[i] for i in range(0, len(s.node.args), 2)] + [s.du[-1]] * (len(s.node.args) % 2)
        values = iter(reversed(list(dict.fromkeys(flipped))))
        yield (
            cases(*(a if i % 2 and i < len(s.node.args) else next(values, ZERO) for i, a in enumerate(s.node.args))),
            None,
        )


def _other_side(s: Site) -> Iterator[Wrong]:
    if s.node.data == "relu":
        u = s.node.args[0]
        yield mul(add(ONE, neg(fn("step", u))), s.du[0]), None
        yield mul(fn("step", neg(u)), s.du[0]), None


# fmt: off
TABLE: tuple[Row, ...] = (
    Row("softmax_off_diagonal", "∂pᵢ/∂zⱼ = −pᵢ pⱼ for i ≠ j", "∂pᵢ/∂zⱼ = 0", ("div",), _off_diagonal,
        "at {where} the sum of the exponentials depends on {x} too: ∂pᵢ/∂zⱼ = −pᵢ pⱼ for i ≠ j is not zero",
        ("exp(u)/(exp(u) + exp(v))", "v", "0"), ("exp(u)/(exp(u) + exp(v))", "v", "1")),
    Row("domain", "|u|′ = sign(u) u′", "|u|′ = u′", ("fn",), _one_side,
        "at {where} the slope is −1 where the argument is negative",
        ("3 + |5u|", "u", "5"), ("3 + |5u|", "u", "-4")),
    Row("bias_as_weight", "∂(w x + b)/∂b = 1", "∂(w x + b)/∂b = x", ("add",), _bias_weight,
        "at {where} the bias {x} is not multiplied by {lost}: its derivative is 1",
        ("tanh(w x + b)", "b", "(1 - tanh(w x + b)^2) x"), ("tanh(w x + b)", "b", "(1 - tanh(w x + b)^2) w")),
    Row("bias_as_factor", "∂(w x + b)/∂b = 1", "∂(w x + b)/∂b = b", ("add",), _bias_factor,
        "at {where} the derivative by {x} is 1, not {x} itself",
        ("tanh(w x + b)", "b", "(1 - tanh(w x + b)^2) b"), ("tanh(w x + b)", "b", "(1 - tanh(w x + b)^2) x")),
    Row("weight_for_input", "∂(w x)/∂w = x", "∂(w x)/∂w = w", ("mul",), _weight_used,
        "at {where} the derivative by the weight {x} is its input {lost}, not {x}",
        ("(w p + b)^2", "w", "2 (w p + b) w"), ("(w p + b)^2", "w", "2 (w p + b)")),
    Row("input_factor_lost", "∂(w x)/∂w = x", "∂(w x)/∂w = 1", ("mul",), _input_lost,
        "at {where} the input {lost} that {x} is multiplied by is missing as a factor",
        ("(w p + b)^2", "w", "2 (w p + b)"), ("(w p + b)^2", "w", "2 (w p + b) w")),
    Row("preactivation_for_activation", "∂(w2 a1)/∂w2 = a1", "∂(w2 a1)/∂w2 = z1", ("mul",), _input_argument,
        "at {where} the factor is the activation itself, not its argument {lost}",
        ("w2 σ(p) + 5", "w2", "p"), ("w2 σ(p) + 5", "w2", "p^2")),
    Row("wrong_input", "∂(w2 a1)/∂w2 = a1", "∂(w2 a1)/∂w2 = x", ("mul",), _other_input,
        "at {where} the weight {x} is multiplied by another input than {lost}",
        ("w2 tanh(w1 p) + w1 q", "w1", "w2 (1 - tanh(w1 p)^2) q + q"), ("w2 tanh(w1 p) + w1 q", "w1", "w2 q + q")),
    Row("activation_derivative_extra", "∂(w2 a1)/∂w2 = a1", "∂(w2 a1)/∂w2 = a1 (1 − a1)", ("mul",), _input_slope,
        "at {where} the factor is the activation itself, not its derivative {lost}",
        ("w2 σ(p)", "w2", "σ(p) (1 - σ(p))"), ("w2 σ(p)", "w2", "σ(p) (1 + σ(p))")),
    Row("next_layer_weight_lost", "∂(w a)/∂a = w", "∂(w a)/∂a = 1", ("mul",), _weight_lost,
        "the error goes back through {where}: the weight {lost} is missing as a factor",
        ("w2 tanh(w1 x)", "w1", "(1 - tanh(w1 x)^2) x"), ("w2 tanh(w1 x)", "w1", "w2 (1 - tanh(w1 x)^2)")),
    Row("wrong_weight", "∂(w2 a)/∂a = w2", "∂(w2 a)/∂a = w1", ("mul",), _other_weight,
        "the error goes back through {where}: {lost} is not the weight that stands there",
        ("w2 tanh(w1 x)", "w1", "w1 (1 - tanh(w1 x)^2) x"), ("w2 tanh(w1 x)", "w1", "x (1 - tanh(w1 x)^2) x")),
    Row("regulariser_lost", "(E + ½λw²)′ = E′ + λw", "(E + ½λw²)′ = E′", ("add",), _decay_lost,
        "the derivative of the term {lost} is missing",
        ("(w p - q)^2 + lam w^2", "w", "2 (w p - q) p"), ("(w p - q)^2 + lam w^2", "w", "2 lam w")),
    Row("sigmoid_derivative_sign", "σ′ = σ (1 − σ)", "σ′ = σ (1 + σ)", ("fn",), _sigmoid_sign,
        "at {where} the derivative of σ is σ (1 − σ), with a minus",
        ("σ(3u)", "u", "3 σ(3u) (1 + σ(3u))"), ("σ(3u)", "u", "3 σ(3u) (2 - σ(3u))")),
    Row("tanh_rule_for_sigmoid", "σ′ = σ (1 − σ)", "σ′ = 1 − σ²", ("fn",), _tanh_for_sigmoid,
        "at {where} 1 − a² is the derivative of tanh; that of σ is a (1 − a)",
        ("σ(3u)", "u", "3 (1 - σ(3u)^2)"), ("σ(3u)", "u", "3 (1 + σ(3u)^2)")),
    Row("sigmoid_rule_for_tanh", "tanh′ = 1 − tanh²", "tanh′ = tanh (1 − tanh)", ("fn",), _sigmoid_for_tanh,
        "at {where} a (1 − a) is the derivative of σ; that of tanh is 1 − a²",
        ("tanh(3u)", "u", "3 tanh(3u) (1 - tanh(3u))"), ("tanh(3u)", "u", "3 (1 + tanh(3u))")),
    Row("preactivation_for_activation", "a′ = a (1 − a)", "a′ = z (1 − z)", ("fn",), _preactivation,
        "at {where} the derivative is written with the output, here with its argument {z}",
        ("σ(3u)", "u", "3 (3u) (1 - 3u)"), ("σ(3u)", "u", "3 u (1 - u)")),
    Row("relu_dead_side", "ReLU′(z) = 0 for z < 0", "ReLU′(z) = 1", ("fn", "max", "min", "cases"), _dead_side,
        "at {where} each side has its own derivative: that of one side was taken for another",
        ("relu(5u - 1)", "u", "5"), ("relu(5u - 1)", "u", "0")),
    Row("activation_derivative_lost", "φ(z)′ = φ′(z) z′", "φ(z)′ = z′", ("fn",), _activation_lost,
        "at {where} the factor {lost} is missing",
        ("σ(w p)", "w", "p"), ("σ(w p)", "w", "w")),
    Row("t_minus_a_sign", "(t − a)′ = −a′", "(t − a)′ = a′", ("add",), _target_sign,
        "at {where} the sign is turned round: ½(t − a)² has the derivative a − t",
        ("(t - w p)^2", "w", "2 (t - w p) p"), ("(t - w p)^2", "w", "-2 (t + w p) p")),
    Row("half_lost", "(½ f)′ = ½ f′", "(½ f)′ = f′", ("mul", "div", "fn", "pow"), _half,
        "at {where} the factor ½ is missing",
        ("sqrt(3u + 1)", "u", "3/sqrt(3u + 1)"), ("sqrt(3u + 1)", "u", "1/(2 sqrt(3u + 1))")),
    Row("factor_two_lost", "((a − t)²)′ = 2 (a − t) a′", "((a − t)²)′ = (a − t) a′", ("pow",), _two_lost,
        "at {where} the factor 2 of the square is missing",
        ("(5 - 3w)^2", "w", "-3 (5 - 3w)"), ("(5 - 3w)^2", "w", "2 (5 - 3w)")),
    Row("one_over_n_lost", "(f/n)′ = f′/n", "(f/n)′ = f′", ("div", "mul"), _count_lost,
        "at {where} the division by the number of terms is missing",
        ("(u^2 + u^3 + u^4)/3", "u", "2u + 3u^2 + 4u^3"), ("(u^2 + u^3 + u^4)/3", "u", "17 sin(u)")),
    Row("path_lost", "a sum over all paths", "one path alone", ("add",), _path,
        "{x} reaches {where} on several paths; the one through {lost} is missing",
        ("w2 tanh(w1 x) + w1 x", "w1", "w2 (1 - tanh(w1 x)^2) x"), ("w2 tanh(w1 x) + w1 x", "w1", "w2 x + x")),
    Row("log_base", "(a^x)′ = a^x log a", "(a^x)′ = a^x", ("pow", "div", "mul"), _log_base,
        "at {where} the factor {lost} of the base is not in its place",
        ("3^u", "u", "3^u"), ("3^u", "u", "3^u log(2)")),
    Row("power_rule_on_exponential", "(a^x)′ = a^x log a", "(a^x)′ = x a^(x − 1)", ("pow", "fn"), _exponential_as_power,
        "{where} is an exponential, its variable stands above: the power rule is for powers",
        ("3^u", "u", "u 3^(u - 1)"), ("3^u", "u", "u 3^u")),
    Row("product_as_fprime_gprime", "(f g)′ = f′ g + f g′", "(f g)′ = f′ g′", ("mul",), _each_derived,
        "{where} is a product: (f g)′ = f′ g + f g′, not f′ g′",
        ("u^2 sin(u)", "u", "2u cos(u)"), ("u^2 sin(u)", "u", "2u sin(u)")),
    Row("product_rule_ffprime_ggprime", "(f g)′ = f′ g + f g′", "(f g)′ = f f′ + g g′", ("mul",), _own_derived,
        "{where} is a product: each derivative goes with the other factor",
        ("u^2 sin(u)", "u", "2u^3 + sin(u) cos(u)"), ("u^2 sin(u)", "u", "2u^3")),
    Row("product_term_lost", "(f g)′ = f′ g + f g′", "(f g)′ = f′ g", ("mul",), _term_of_product,
        "{where} is a product: a term of f′ g + f g′ is missing",
        ("u^2 sin(u)", "u", "2u sin(u)"), ("u^2 sin(u)", "u", "2u cos(u)")),
    Row("quotient_as_fprime_over_gprime", "(f/g)′ = (f′ g − f g′)/g²", "(f/g)′ = f′/g′", ("div",), _quotient_each,
        "{where} is a quotient: (f/g)′ = (f′ g − f g′)/g², not f′/g′",
        ("sin(u)/u^2", "u", "cos(u)/(2u)"), ("sin(u)/u^2", "u", "cos(u)/u")),
    Row("quotient_sign", "(f/g)′ = (f′ g − f g′)/g²", "(f/g)′ = (f g′ − f′ g)/g²", ("div",), _quotient_swapped,
        "at {where} the order in the quotient rule is f′ g − f g′",
        ("sin(u)/u^2", "u", "(2u sin(u) - u^2 cos(u))/u^4"), ("sin(u)/u^2", "u", "(2u sin(u) + u^2 cos(u))/u^4")),
    Row("quotient_rule_misapplied", "(f/g)′ = (f′ g − f g′)/g²", "(f/g)′ = (f′ g + f g′)/g²", ("div",),
        _quotient_misapplied,
        "{where} is a quotient: (f/g)′ = (f′ g − f g′)/g²",
        ("sin(u)/u^2", "u", "(2u sin(u) + u^2 cos(u))/u^4"), ("sin(u)/u^2", "u", "(2u sin(u) + cos(u))/u^4")),
    Row("quotient_rule_misapplied", "(c/g)′ = −c g′/g²", "(c/g)′ = −c g′", ("div",), _denominator_lost,
        "at {where} the denominator of the derivative is the square of {lost}",
        ("7/(u^2 + 1)", "u", "-14u"), ("7/(u^2 + 1)", "u", "7u")),
    Row("quotient_rule_misapplied", "(f/g)′ = (f′ g − f g′)/g²", "(f/g)′ = f′ g/g²", ("div",), _quotient_term,
        "at {where} one of the two terms of the quotient rule is missing",
        ("sin(u)/u^2", "u", "cos(u)/u^2"), ("sin(u)/u^2", "u", "cos(u)/u^3")),
    Row("sign", "(c/g)′ = −c g′/g²", "(c/g)′ = c g′/g²", ("div",), _reciprocal_sign,
        "the derivative of {where} has a minus",
        ("1/(u^2 + 1)", "u", "2u/(u^2 + 1)^2"), ("1/(u^2 + 1)", "u", "17 sin(u)")),
    Row("chain_factor_lost", "φ(u)′ = φ′(u) u′", "φ(u)′ = φ′(u)", ("fn", "pow", "div"), _chain,
        "at {where} the inner derivative {lost} is missing",
        ("sin(3u)", "u", "cos(3u)"), ("sin(3u)", "u", "3 cos(u)")),
    Row("inner_argument_lost", "φ(u)′ = φ′(u) u′", "φ(u)′ = φ′(u′)", ("fn", "pow"), _inner_argument,
        "at {where} the outer derivative keeps its argument; here {lost} was put in",
        ("sin(u^3)", "u", "3u^2 cos(3u^2)"), ("sin(u^3)", "u", "cos(u^3)")),
    Row("power_coefficient_lost", "(uⁿ)′ = n uⁿ⁻¹ u′", "(uⁿ)′ = uⁿ⁻¹ u′", ("pow",), _power_coefficient,
        "at {where} the exponent {lost} is missing as a factor",
        ("u^5", "u", "u^4"), ("u^5", "u", "5u^5")),
    Row("power_off_by_one", "(uⁿ)′ = n uⁿ⁻¹ u′", "(uⁿ)′ = n uⁿ u′", ("pow", "fn"), _off_by_one,
        "at {where} the exponent goes down by one, and the old exponent {lost} comes before",
        ("u^5", "u", "5u^5"), ("u^5", "u", "u^4")),
    Row("integrated_instead", "(uⁿ)′ = n uⁿ⁻¹ u′", "(uⁿ)′ = uⁿ⁺¹/(n + 1)", ("pow",), _raised,
        "at {where} the power was integrated, not differentiated",
        ("u^5 + sin(u)", "u", "u^6/6 + cos(u)"), ("u^5 + sin(u)", "u", "u^6 + cos(u)")),
    Row("function_not_derivative", "φ(u)′ = φ′(u) u′", "φ(u)′ = φ(u) u′", ("fn",), _function_itself,
        "at {where} the function stands where its derivative belongs",
        ("u + log(3u)", "u", "1 + 3 log(3u)"), ("u + log(3u)", "u", "1 + 3/u")),
    Row("sign", "ReLU′(z) = 1 for z > 0", "ReLU′(z) = 1 for z < 0", ("fn",), _other_side,
        "at {where} the two sides are exchanged: the slope is 1 for positive arguments",
        ("relu(5u)", "u", "5 step(-5u)"), ("relu(5u)", "u", "7 step(5u)")),
    Row("constant_kept", "(f + c)′ = f′", "(f + c)′ = f′ + c", ("add",), _constant_kept,
        "at {where} the derivative of the constant {lost} is zero",
        ("u^2 + 7", "u", "2u + 7"), ("u^2 + 7", "u", "2u + 1")),
    Row("coefficient_lost", "(c f)′ = c f′", "(c f)′ = f′", ("mul", "div"), _coefficient,
        "at {where} the factor {lost} was lost or put on the wrong side",
        ("7 sin(u)", "u", "cos(u)"), ("7 sin(u)", "u", "6 cos(u) + 1")),
    Row("constant_as_variable", "(c f)′ = c f′", "(c f)′ = f + c f′", ("mul", "add", "pow", "div"), _constant_moves,
        "at {where} {lost} is a constant: its derivative is zero",
        ("k sin(u)", "u", "sin(u) + k cos(u)"), ("k sin(u)", "u", "sin(u) - k cos(u)")),
    Row("constant_dropped", "(c f)′ = c f′", "(c f)′ = f′", ("mul", "div"), _constant_factor,
        "at {where} the constant factor {lost} stays",
        ("k sin(u)", "u", "cos(u)"), ("k sin(u)", "u", "sin(u)")),
    Row("term_lost", "(f + g)′ = f′ + g′", "(f + g)′ = f′", ("add",), _some_terms,
        "at {where} the derivative of a term is missing",
        ("u^2 + sin(u)", "u", "2u"), ("u^2 + sin(u)", "u", "2u + 1")),
    Row("sign", "(−f)′ = −f′", "(−f)′ = f′", ("neg", "add", "fn", "mul", "cases"), _lost_sign,
        "at {where} a sign is wrong",
        ("5 - cos(u)", "u", "-sin(u)"), ("5 - cos(u)", "u", "cos(u)")),
    Row("function_not_derivative", "(f + g)′ = f′ + g′", "(f + g)′ = f′ + g", ("add",), _left,
        "at {where} the term {lost} was not differentiated",
        ("u^3 + 2u", "u", "3u^2 + 2u"), ("u^3 + 2u", "u", "3u^2 + u")),
    Row("trig_table", "(tan u)′ = u′/cos² u", "(tan u)′ = u′/sin² u", ("fn",), _wrong_entry,
        "at {where} this is the derivative of another function",
        ("tan(u)", "u", "sec(u)"), ("tan(u)", "u", "u sec(u)")),
)
# fmt: on
