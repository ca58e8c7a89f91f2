"""What a wrong rule may look at: a formula as named definitions, and the part that each name plays in a network.

The parts are read off the structure: a bias is a bare summand beside products, an input multiplies a weight, a target
is what a loss subtracts; what they are called decides only where the structure leaves two readings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from ..graph import Graph
from ..names import parse
from ..parts import is_activation, recognise
from ..rules import RULES
from ..term import ONE, ZERO, Memo, Term, div, fn, iter_names, mul, postorder, rebuild, substitute, sym
from ..tidy import tidy

WEIGHTS = ("w", "W", "theta", "beta")
LETTERS = ("u", "v", "U", "V")  # weights if they multiply something
BIASES = ("b", "c", "bias")
TARGETS = ("t", "y", "target", "T", "Y", "d", "label")
CONDITIONS = ("rel", "and", "or", "not")
DECAYS = ("lam", "lambda", "alpha", "gamma", "mu", "rho", "kappa", "C", "l1", "l2")


def head(name: str) -> str:
    """The letters of a name before its number: w for w12, b for b_2; w_bias is a bias."""
    if name.endswith("bias"):
        return "bias"
    try:
        return parse(name).base
    except ValueError:
        return name[:1]


@dataclass(frozen=True)
class Scene:
    """Definitions in order, the last one the result; `x` is the name to differentiate by."""

    definitions: tuple[tuple[str, Term], ...]
    x: Term
    variables: tuple[Term, ...] = ()  # what a gradient differentiates by beside x; they are no targets
    others: tuple[Term, ...] = ()  # the parameters of a whole network, of which this may be the upper part

    @cached_property
    def defined(self) -> Mapping[Term, Term]:
        """Each defined name with its value; the last value has a name only in a graph."""
        return {_symbol(name, value): value for name, value in self.definitions if name}

    @property
    def root(self) -> Term:
        return self.definitions[-1][1]

    @cached_property
    def network(self) -> bool:
        """Whether this is a network: it is differentiated by a parameter or has named parts and an activation."""
        wide = any(is_activation(n) for _, v in self.definitions for n in postorder(v))
        return self.is_parameter(self.x) or (wide and len(self.definitions) > 1)

    @cached_property
    def layered(self) -> bool:
        """Whether an error can go back through it: a network, or a formula with an activation."""
        return self.network or any(is_activation(n) for n in self.nodes)

    # -- the parts that names play
    def is_weight(self, t: Term) -> bool:
        if t.op != "sym" or t in self.defined or t in self.biases:
            return False
        return head(t.name) in WEIGHTS or (head(t.name) in LETTERS and t in self.multipliers)

    @cached_property
    def multipliers(self) -> frozenset[Term]:
        """Names that multiply something other than a number."""
        products = [n.args for n in self.nodes if n.op == "mul"]
        return frozenset(a for p in products for a in p if any(b is not a and b.number is None for b in p))

    def is_bias(self, t: Term) -> bool:
        return t in self.biases

    def is_parameter(self, t: Term) -> bool:
        return self.is_weight(t) or self.is_bias(t)

    @cached_property
    def biases(self) -> frozenset[Term]:
        """Undefined names that stand bare in a sum beside a product, or alone, and are called like a bias."""
        bare = {a for n in self.nodes if n.op == "add" for a in n.args if a.op == "sym"}
        return frozenset(a for a in bare if a not in self.defined and head(a.name) in BIASES)

    @cached_property
    def targets(self) -> frozenset[Term]:
        """Undefined names that a difference holds against something computed, or that weigh a logarithm."""
        found: set[Term] = set()
        for n in self.nodes:
            if n.op == "add":
                signs = {a.op == "neg" for a in n.args}
                bare = [a.args[0] if a.op == "neg" else a for a in n.args]
                if len(signs) == 2:
                    found.update(a for a in bare if a.op == "sym" and head(a.name) in TARGETS)
            if n.op == "mul" and any(a.op == "fn" and a.data == "log" for a in n.args):
                found.update(s for a in n.args for s in iter_names(a) if head(s.name) in TARGETS)
        return frozenset(t for t in found if t not in self.defined and t is not self.x and t not in self.variables)

    def is_data(self, t: Term) -> bool:
        """An input or what a layer below gives out: not a parameter, not a bare number."""
        return not any(self.is_parameter(s) for s in iter_names(t)) or t in self.defined or is_activation(t)

    def is_decay(self, t: Term) -> bool:
        """A summand of a loss that holds parameters and their strength alone: ½ λ w²."""
        names = list(iter_names(t))
        weights = [s for s in names if self.is_weight(s)]
        rest = [s for s in names if s not in weights and "dimension" not in s.facts]
        data = any(not self.is_parameter(s) and head(s.name) not in DECAYS for s in self.names)
        return bool(weights) and (bool(rest) or data) and all(head(s.name) in DECAYS for s in rest)

    @cached_property
    def weights(self) -> tuple[Term, ...]:
        beside = (s for s in self.others if s not in self.biases and head(s.name) not in BIASES)
        return tuple(dict.fromkeys((*(s for s in self.names if self.is_weight(s)), *beside)))

    @cached_property
    def inputs(self) -> tuple[Term, ...]:
        """Names that are multiplied by a weight."""
        found: dict[Term, None] = {}
        for n in self.nodes:
            if n.op == "mul" and any(self.is_weight(a) for a in n.args):
                found.update((a, None) for a in n.args if a.op == "sym" and not self.is_parameter(a))
        return tuple(found)

    # -- walking
    @cached_property
    def nodes(self) -> tuple[Term, ...]:
        return tuple(dict.fromkeys(n for _, v in self.definitions for n in postorder(v)))

    @cached_property
    def names(self) -> tuple[Term, ...]:
        return tuple(n for n in self.nodes if n.op == "sym" and n.free and n not in self.defined)

    @cached_property
    def moving(self) -> Mapping[Term, None]:
        """Every node that depends on x, each after those that it needs, through the definitions."""
        found: dict[Term, None] = {}
        reached = {self.x}
        for name, value in self.definitions:
            for n in postorder(value):
                if n in reached or any(a in found for a in n.args):
                    found[n] = None
            if value in found and name:
                symbol = _symbol(name, value)
                reached.add(symbol)
                found[symbol] = None
        return found

    def where(self, node: Term) -> str:
        """The place in the person's own terms: the definition that the node is, or the node itself."""
        for name, value in self.definitions:
            if name and (value is node or (value.op == "fn" and value.args[0] is node)):
                return f"{_text(_symbol(name, value))} = {_text(value)}"
        return _text(node)


def _symbol(name: str, value: Term) -> Term:
    return sym(name, value.shape)


def _text(t: Term, longest: int = 48) -> str:
    text = t.text() if t.size < 80 else "…"
    return text if len(text) <= longest else _cut(text, longest)


def _cut(text: str, longest: int) -> str:
    """The beginning of a formula, the brackets that are open there closed: tanh(v1 x + …)."""
    start = text[: longest - 1].rpartition(" ")[0] or text[: longest - 1]
    still: list[str] = []
    for c in start:
        if c in CLOSING:
            still.append(CLOSING[c])
        elif still and c == still[-1]:
            still.pop()
    return f"{start} …{''.join(reversed(still))}"


CLOSING = {"(": ")", "[": "]", "{": "}"}


text_of = _text


# ----------------------------------------------------------------------------------------------------------- making one
def scene_of_graph(graph: Graph, y: Term, x: Term) -> Scene:
    """The definitions of a graph up to y, with x left as a name even where it is defined."""
    kept = []
    for d in graph.definitions:
        if d.name != x.name:
            kept.append((d.name, d.value))
        if d.name == y.name:
            break
    return Scene(tuple(kept), x, (), tuple(graph.symbols[n] for n in graph.parameters()))


def folded(value: Term, x: Term, given: Mapping[str, Term], variables: tuple[Term, ...] = ()) -> Scene:
    """The formula in the given names that occur in it, each of these a definition of its own."""
    definitions: list[tuple[str, Term]] = []
    known: Memo = {}
    forms = {}
    for name, meaning in given.items():
        inner = named(_plain(recognise(meaning)), known)
        forms[name] = inner
        if inner.op not in ("sym", "num"):
            known.setdefault(inner, _symbol(name, meaning))
    whole = named(_plain(recognise(value)), known)
    used = _used(whole, forms)
    definitions = [(n, f) for n, f in forms.items() if n in used]
    return Scene((*definitions, ("", whole)), x, variables)


def named(t: Term, known: Memo) -> Term:
    """The known values by their names, from the innermost out."""
    memo: Memo = {}
    for node in postorder(t):
        new = rebuild(node, [memo[a] for a in node.args]) if node.args else node
        memo[node] = known.get(new, new)
    return memo[t]


def _plain(t: Term) -> Term:
    """z/(1 + e^(−z)) as z σ(z), and σ(2w − 1) for σ(−(−2w + 1))."""
    swap: dict[Term, Term] = {}
    for n in postorder(t):
        if n.op == "div" and n.args[0] is not ONE and (one := recognise(div(ONE, n.args[1]))).op == "fn":
            swap[n] = mul(n.args[0], one)
        if n.op == "fn" and n.args[0].op == "neg" and n.args[0].args[0].op in ("add", "neg"):
            swap[n] = fn(n.data, tidy(n.args[0]))
    return substitute(t, swap) if swap else t


def _used(whole: Term, forms: Mapping[str, Term]) -> set[str]:
    found: set[str] = set()
    waiting = list(whole.free)
    while waiting:
        name = waiting.pop()
        if name in forms and name not in found:
            found.add(name)
            waiting.extend(forms[name].free)
    return found


# ----------------------------------------------------------------------------------------------------- true derivatives


def true_slope(node: Term, du: tuple[Term, ...]) -> Term:
    """The derivative of one node from those of its operands, by the textbook rules; ZERO is a constant."""
    if all(d is ZERO for d in du):
        return ZERO
    for rule in RULES.get(node.op, ()):
        if rule.applies(node, du):
            return rule.rewrite(node, du)
    raise NoRule(node.op)


class NoRule(ArithmeticError):
    """An operation that is differentiated by pullbacks alone."""


def forward(scene: Scene, local: Callable[[Term, tuple[Term, ...]], Term] = true_slope) -> dict[Term, Term]:
    """The derivative of every moving node by x, by one rule at each node."""
    du: dict[Term, Term] = {}
    for node in scene.moving:
        if node is scene.x:
            du[node] = ONE
        elif node in scene.defined and node.op == "sym":
            du[node] = du.get(scene.defined[node], ZERO)
        elif node.op in CONDITIONS:
            du[node] = ZERO
        else:
            du[node] = local(node, tuple(du.get(a, ZERO) for a in node.args))
    return du


def derivative(value: Term, x: Term) -> Term:
    """The true derivative of a formula without definitions."""
    return forward(Scene((("", value),), x)).get(value, ZERO)


def backward(scene: Scene) -> Iterator[tuple[Term, Term, Term]]:
    """The edges (user, operand, ∂user/∂operand), each user before its operands."""
    for node in reversed(list(scene.moving)):
        if node is scene.x or node.op in CONDITIONS:
            continue
        if node in scene.defined and node.op == "sym":
            yield node, scene.defined[node], ONE
            continue
        for i, a in enumerate(node.args):
            if a in scene.moving and a.op not in CONDITIONS and a not in node.args[:i]:
                du = tuple(ONE if b is a else ZERO for b in node.args)
                yield node, a, true_slope(node, du)
