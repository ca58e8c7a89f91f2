"""A formula of the page in the names of the graph: abbreviations, δ, ∂y/∂x, f′(z), w(t + 1) by what they stand for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction

from ...errors import SymnetError
from ...graph import Graph
from ...names import unicode
from ...operations import apply as operate
from ...parts import is_activation, recognise
from ...rules import slope
from ...term import Term, add, fn, matmul, mul, neg, postorder, substitute, sym, transpose
from .indices import last_index, term_of_sum
from .naming import RATES, Meaning, Naming, cotangent
from .truths import Truths

CLOSED_OFF = frozenset({"partial", "diff", "apply", "applyprime", "sigma"})  # resolved whole
UNIT_STEPS = frozenset({"H", "theta", "Theta", "u"})  # letters for the unit step, where the graph has no such name
ACTIVATIONS = frozenset({"f", "g", "h", "phi", "psi", "varphi", "act", "s", "F", "G"})


class Unreadable(SymnetError):
    """A statement that uses a name or a notation that has no meaning on the page; the message says which."""


class Inexpressible(Unreadable):
    """A derivative of an array that has no form in this meaning of ∂y/∂x."""


@dataclass(frozen=True, slots=True)
class Convention:
    """How the page is taken: the sign of δ, which δ_h are ∂E/∂h, the learning rate, and which derivative ∂y/∂x is."""

    sign: int = 1
    outer: frozenset[str] = frozenset()
    rate: Term = field(default_factory=lambda: sym("eta"))
    inner: str = "total"  # total, direct (in the formula of y alone), or the jacobian of an array


class Resolving:
    """The meanings of one page: `meanings` of its own names, `given` numbers, the `rates`, and the weights that move.

    `scaled`: the Δw that an update multiplies by the rate, a gradient (1) or its negative (−1).
    """

    graph: Graph
    naming: Naming
    truths: Truths
    meanings: dict[str, Term]
    given: dict[str, Term]
    rates: tuple[str, ...]
    moving: frozenset[str]
    scaled: dict[str, int]

    @property
    def loss(self) -> str:
        return self.graph.result.name

    def is_known(self, name: str) -> bool:
        """Whether the page may use a name as it stands."""
        return self.naming(name) is not None or name in self.meanings or name in self.given or name in RATES

    def resolved(self, t: Term, how: Convention, seen: tuple[str, ...] = ()) -> Term:
        """t in the names of the graph and its cotangents; raises `Unreadable` for what has no meaning."""
        swap: dict[Term, Term] = {}
        for node in _outside(t):
            found = self._node(node, how, seen)
            if found is not None and found is not node:
                swap[node] = found
        return substitute(t, swap) if swap else t

    def _node(self, node: Term, how: Convention, seen: tuple[str, ...]) -> Term | None:
        if node.op == "sym":
            return self._symbol(node, how, seen)
        if node.op == "partial":
            return self._partial(node.args[0], node.args[1], how, seen)
        if node.op == "diff":
            return self._derivative(node, how, seen)
        if node.op in ("apply", "applyprime"):
            return self._application(node, how, seen)
        if node.op == "sigma":
            return self._sum(node, how, seen)
        return None

    def _symbol(self, node: Term, how: Convention, seen: tuple[str, ...]) -> Term:
        name = node.name
        if "constant" in node.facts or "dimension" in node.facts:
            return node
        meant = self.naming(name)
        if meant is not None and meant.kind == "inner":
            return self._partial(self.graph.symbols[meant.of], self.graph.symbols[meant.by], how, seen)
        if meant is not None:
            of = self.naming.outer(name) if name in how.outer else None
            return self._value(meant.kind, of or meant.of, how)
        if name in self.meanings:
            if name in seen:
                raise Unreadable(f"`{unicode(name)}` is defined by itself")
            return self.resolved(self.meanings[name], how, (*seen, name))
        if name in self.rates or name in self.graph.dimensions:
            return node
        raise Unreadable(f"`{unicode(name)}` is neither in the graph nor introduced on the page")

    def _value(self, kind: str, of: str, how: Convention) -> Term:
        symbol = self.graph.symbols[of]
        if kind == "value":
            return symbol
        g = cotangent(self.graph, of)
        if kind == "cotangent":
            return g
        if kind == "delta":
            return g if how.sign > 0 else neg(g)
        if kind == "step" and of in self.scaled:
            return g if self.scaled[of] > 0 else neg(g)
        step = neg(mul(how.rate, g))
        if kind == "later":
            return self._later(of, how)
        return step if kind == "step" else add(symbol, step)

    def _later(self, of: str, how: Convention) -> Term:
        """A quantity after the update: every weight that the page moves at its next value."""
        if not self.moving:
            raise Unreadable(f"{unicode(of)} after an update, and no line updates a weight")
        memo = {self.graph.symbols[p]: self._value("next", p, how) for p in sorted(self.moving)}
        for d in self.graph.definitions:
            memo[d.symbol] = substitute(d.value, {}, memo)
        return memo[self.graph.symbols[of]]

    def _partial(self, y: Term, x: Term, how: Convention, seen: tuple[str, ...]) -> Term:
        if y.op != "sym" or x.op != "sym":
            raise Unreadable("a second derivative is not checked on a page")
        below = self.naming(x.name)
        if below is None or below.kind != "value":
            raise Unreadable(f"`{unicode(x.name)}`, by which {unicode(y.name)} is derived, is no quantity of the graph")
        above = self.naming(y.name)
        if above is None and y.name not in self.meanings and self.naming.is_loss(y.name):
            above = Meaning("value", self.loss)
        given = above is not None and above.kind == "value" and above.of in self.graph.inputs
        if given and below.of in self.truths.place:
            raise Unreadable(f"{unicode(y.name)} is an input: it has no derivative by {unicode(x.name)}")
        if above is None or above.kind != "value":
            value = self.truths.of_expression(self.truths.opened(self.resolved(y, how, seen)), below.of)
        else:
            value = self._inner(self.graph.symbols[above.of], below.of, how.inner)
        if value is None:
            raise Inexpressible(f"∂{unicode(y.name)}/∂{unicode(x.name)} is no number, and it is not checked here")
        return value

    def _inner(self, y: Term, x: str, kind: str) -> Term | None:
        """∂y/∂x of two quantities of the graph in one of its meanings, the total one where that does not apply."""
        value = None
        if y.name != self.loss and kind != "total":
            value = self.truths.direct(y, x) if kind == "direct" else self.truths.jacobian(y, x)
        return value if value is not None else self.truths.total(y, x)

    def _derivative(self, node: Term, how: Convention, seen: tuple[str, ...]) -> Term:
        body, x = node.args[0], node.args[1]
        below = self.naming(x.name) if x.op == "sym" else None
        if node.data != 1 or below is None or below.kind != "value":
            raise Unreadable("only a first derivative by a quantity of the graph is checked on a page")
        value = self.truths.of_expression(self.truths.opened(self.resolved(body, how, seen)), below.of)
        if value is None:
            raise Inexpressible("this derivative of an array is not checked on a page")
        return value

    def _application(self, node: Term, how: Convention, seen: tuple[str, ...]) -> Term:
        """w(t + 1) and w(t); f(z) and f′(z) of a letter f that is not in the graph are the activation behind z."""
        name = node.data if node.op == "apply" else node.data[0]
        meant = self.naming(name)
        slope_ = self.naming(f"{name}'") if node.op == "applyprime" and node.data[1] == (1,) else None
        if slope_ is not None and slope_.kind == "inner" and node.args[0].op == "sym":  # a2'(z2)
            argument = self.naming(node.args[0].name)
            if argument is not None and argument.of == slope_.by:
                return self._partial(self.graph.symbols[slope_.of], self.graph.symbols[slope_.by], how, seen)
        if meant is not None and node.op == "apply" and len(node.args) == 1:
            later = node.args[0].op == "add"
            kind = "next" if later and meant.kind == "value" and meant.of in self.graph.inputs else meant.kind
            return self._value(kind, meant.of, how)
        if meant is None and name not in self.meanings and len(node.args) == 1:
            z = self.resolved(node.args[0], how, seen)
            if name in UNIT_STEPS and node.op == "apply":
                return fn("step", z)
            if name not in ACTIVATIONS:
                raise Unreadable(f"`{unicode(name)}` is not a function of the graph")
            for d in self.graph.definitions:
                value = recognise(d.value)
                if is_activation(value) and value.args[0] is z:
                    return d.symbol if node.op == "apply" else slope(value, z)[0]
        raise Unreadable(f"`{unicode(name)}` is not a function of the graph")

    def _over_samples(self, body: Term, i: str, size: str) -> Term:
        """Σᵢ (pᵢ − tᵢ) is sum(p − t), and Σᵢ (pᵢ − tᵢ) Xᵢⱼ for every j is Xᵀ (p − t)."""
        swap: dict[Term, Term] = {}
        rows: list[Term] = []
        for node in postorder(body):
            if node.op != "index":
                continue
            whole = self.graph.symbols.get(node.data)
            if whole is None or [str(d) for d in whole.shape[:1]] != [size] or node.args[0].name != i:
                raise _unsummed()
            if len(node.args) == 1 and len(whole.shape) == 1:
                swap[node] = whole
            elif len(node.args) == 2 and len(whole.shape) == 2 and node.args[1].op == "sym":
                rows.append(node)
            else:
                raise _unsummed()
        if not rows:
            summed = substitute(body, swap)
            return operate("sum", summed) if summed.shape else mul(sym(size, (), ("dimension",)), summed)
        if len(rows) > 1 or body.op != "mul" or rows[0] not in body.args:
            raise _unsummed()
        rest = substitute(mul(*(a for a in body.args if a is not rows[0])), swap)
        return matmul(transpose(self.graph.symbols[rows[0].data]), rest)

    def _sum(self, node: Term, how: Convention, seen: tuple[str, ...]) -> Term:
        """Σ_{k=1}^{3} δ_k w_k, term by term."""
        body, index, low, high = node.args
        if low.number == 1 and high.op == "sym" and high.name in self.graph.dimensions:
            return self.resolved(self._over_samples(body, index.name, high.name), how, seen)
        a, b = low.number, high.number
        if b is None and high.op == "sym" and not self.is_known(high.name):
            b = Fraction(last_index(body, index.name, self.is_known))
        if a is None or b is None or a.denominator != 1 or b.denominator != 1 or not 0 <= b - a < 50:
            raise Unreadable("a sum is checked where it says its first and last index: write its terms out")
        terms = (term_of_sum(body, index.name, k) for k in range(int(a), int(b) + 1))
        return add(*(self.resolved(t, how, seen) for t in terms))


def _unsummed() -> Unreadable:
    return Unreadable("a sum over samples is checked where its terms are products of entries: write it with matrices")


def _outside(t: Term) -> Iterable[Term]:
    """The names and closed-off parts of a formula that stand in no closed-off part."""
    out: dict[Term, None] = {}
    stack = [t]
    while stack:
        node = stack.pop()
        if node.op in CLOSED_OFF or node.op == "sym":
            out[node] = None
        else:
            stack.extend(reversed(node.args))
    return list(out)
