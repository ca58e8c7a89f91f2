"""The sweep: ∂L/∂u = Σ over the users v of u of ∂L/∂v · ∂v/∂u, once over the definitions from the last to the first.

The graph is pruned to what lies between the parameters and the loss. An edge v ← u is *diagonal* (elementwise, equal
shapes: ∂v/∂u is a formula, combined by · or ⊙), *spread* (a scalar u in an elementwise array v: a sum over the array)
or a *map* (a pullback applied to ∂L/∂v). A cotangent gets a name δ (Δ for a matrix) if it is that of a pre-activation,
is cited more than once, or is long; the others are written in place. That keeps the whole linear in depth.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, Literal

from .derivation import Derivation, Names, Step, listed
from .errors import GraphError, RuleError
from .factoring import cancelled, collected, with_reciprocals, without_idle_steps
from .functions import TABLE as FUNCTIONS
from .functions import row as function_row
from .graph import Definition, Graph
from .names import unicode
from .normal import shorter
from .operations import apply, ones, total, zeros
from .parts import is_activation, recognise, symmetric_names, with_parts
from .pullbacks import pair, pull, statement
from .rules import ELEMENTWISE, MATH, PLAIN, slope
from .term import (
    ONE,
    ZERO,
    Memo,
    Term,
    add,
    dependents,
    fn,
    iter_names,
    mul,
    partial,
    postorder,
    prime,
    shape_text,
    substitute,
    sym,
)
from .tidy import is_zero, tidy

IN_PLACE = 12  # nodes of a cotangent that is written in place
IN_PLACE_ARRAY = 10  # the same for an array's, which brackets and ones make harder to read
IN_PRODUCT = 24  # the same for an activation's, which the next line multiplies by the slope
TIDY_CLOSED = 20_000  # nodes written out; a longer closed form is left as the substitution made it
CONDITIONS = ("rel", "and", "or", "not")  # nothing flows through a condition
SCALAR_OPS = frozenset({"num", "sym", "add", "neg", "mul", "div", "pow", "fn", "max", "min"})
Notation = Literal["auto", "∂", "d"]


@dataclass(frozen=True, slots=True)
class Edge:
    """How `v` depends on its operand `u`: the raw and the tidied ∂v/∂u, or None for a map."""

    v: Definition
    u: Term
    kind: Literal["diagonal", "spread", "map"]
    raw: Term | None = None
    slope: Term | None = None
    tag: str = ""
    rules: tuple[str, ...] = ()


def derive(graph: Graph, wrt: Any = None, *, delta: bool = True, partial_d: Notation = "auto") -> Derivation:
    """The gradient of the last definition by one sweep backwards, with its lines."""
    if partial_d not in ("auto", "∂", "d"):
        raise RuleError(f'`partial` is "auto", "∂" or "d", not {partial_d!r}')
    if graph.result.value.op in CONDITIONS:
        raise GraphError(f"line {graph.result.line}: the loss is a condition; a gradient needs a number")
    if graph.result.value.shape:
        raise GraphError(
            f"line {graph.result.line}: the loss {unicode(graph.result.name)} has the shape"
            f" {shape_text(graph.result.value.shape)}; a gradient needs a scalar, so sum it or take its norm"
        )
    chosen = graph.choose(wrt)
    if only_scalars(d.value for d in graph.definitions):
        return Derivation.later(graph, chosen, lambda: _swept(graph, chosen, delta, partial_d))
    return _swept(graph, chosen, delta, partial_d)


def _swept(graph: Graph, wrt: tuple[str, ...], delta: bool, partial_d: Notation) -> Derivation:
    return _Sweep(with_parts(graph, wrt), wrt, delta, partial_d).run(graph)


def only_scalars(values: Iterable[Term]) -> bool:
    """Whether these are scalars made by operations that always have a derivative."""
    seen: set[Term] = set()
    stack = list(values)
    while stack:
        t = stack.pop()
        if t in seen:
            continue
        seen.add(t)
        if t.shape or t.op not in SCALAR_OPS or (t.op == "fn" and t.data not in FUNCTIONS):
            return False
        if t.op == "sym" and "dimension" in t.facts:
            return False
        stack.extend(t.args)
    return True


class _Sweep:
    def __init__(self, graph: Graph, wrt: tuple[str, ...], delta: bool, partial_d: Notation) -> None:
        self.graph, self.wrt, self.delta, self.partial_d = graph, wrt, delta, partial_d
        self.loss = graph.result.symbol
        self.values = {d.name: recognise(d.value) for d in graph.definitions}
        self.place = {d.name: i for i, d in enumerate(graph.definitions)}
        self.forward_tag = {d.name: f"F{i}" for i, d in enumerate(graph.definitions, 1)}
        self.live = self._live()
        self.users = self._users()
        self.folds = self._folds()
        self.inverse = _reciprocals(self.folds)
        self.idle = {fn("step", v.args[0]): a for v, a in self.folds.items() if v.op == "fn" and v.data == "relu"}
        self.cotangent: dict[str, Term] = {}
        self.runs: dict[str, Term] = {}
        self.tags: dict[str, str] = {}
        self.names: dict[str, Term] = {}
        self.edges: dict[str, list[Edge]] = {}
        self.steps: list[Step] = []
        self.gradient: dict[str, Term] = {}
        self.memo: Memo = {}
        self.brackets: Memo = {}
        self.folded: Memo = dict(self.folds)
        self.taken = {*graph.symbols}

    # -- what takes part
    def _live(self) -> set[str]:
        """Names between the parameters and the loss, both included: only they get a cotangent."""
        below = set(self.wrt)
        for d in self.graph.definitions:
            if below.intersection(d.value.free):
                below.add(d.name)
        above = {self.loss.name}
        for d in reversed(self.graph.definitions):
            if d.name in above:
                above.update(d.value.free)
        return below & above

    def _users(self) -> dict[str, list[Definition]]:
        users: dict[str, list[Definition]] = {}
        for d in self.graph.definitions:
            if d.name in self.live:
                for name in d.value.free:
                    if name in self.live:
                        users.setdefault(name, []).append(d)
        return users

    def _folds(self) -> Memo:
        """The values that a name stands for, to be read back as that name; of equal values the first counts."""
        folds: Memo = symmetric_names(self.graph.definitions)
        for d in self.graph.definitions:
            for value in (self.values[d.name], tidy(self.values[d.name])):
                if value.free and (is_activation(value) or value.op == "fn" or value.size > 3):
                    # a0² reads better than the name loss0
                    folds.setdefault(value, d.symbol)
                if value.op == "inv":  # T = S⁻¹, so S is T⁻¹
                    folds.setdefault(value, d.symbol)
                    folds.setdefault(apply("inv", d.symbol), value.args[0])
        return folds

    # -- the sweep
    def run(self, source: Graph) -> Derivation:
        for d in self.graph.definitions:
            self.steps.append(Step(self.forward_tag[d.name], d.note, d.symbol, (d.value,)))
        waiting = {name: len(users) for name, users in self.users.items()}
        for d in reversed(self.graph.definitions):
            if d.name not in self.live:
                continue
            if d.name == self.loss.name:
                self.cotangent[d.name] = self.runs[d.name] = ONE
            else:
                self._combine(d.symbol)
            for u in self._operands(d):
                self.edges.setdefault(u.name, []).append(self._edge(d, u))
                waiting[u.name] -= 1
            for u in self._operands(d):
                if u.name not in self.place and not waiting[u.name]:
                    self._combine(u)
        self._finish()
        return Derivation(
            self.graph,
            tuple(self.steps),
            self.wrt,
            Names({n: self.gradient[n] for n in self.wrt}, "gradient with respect to"),
            Names(self.names, "derived name"),
            self.graph.notes,
            source,
        )

    def _operands(self, d: Definition) -> list[Term]:
        return [self.graph.symbols[n] for n in self.values[d.name].free if n in self.live]

    def _finish(self) -> None:
        for name in self.wrt:
            if name == self.loss.name:
                self._write(self.loss, (ONE,), "the derivative of a quantity by itself", (), ONE)
            elif name not in self.gradient:
                nothing = zeros(self.graph.symbols[name].shape)
                reason = f"`{self.loss.name}` does not depend on `{name}`"
                self._write(self.graph.symbols[name], (nothing,), reason, (), nothing)

    # -- one edge
    def _edge(self, d: Definition, u: Term) -> Edge:
        value = self.values[d.name]
        kind = _kind(value, u)
        if kind == "map":
            return Edge(d, u, "map")
        raw, rules = slope(value, u)
        inert = prime(value.data, u) if value.op == "fn" and value.args[0] is u else None
        short = self._short(raw)
        short = zeros(value.shape) if is_zero(short) else short
        if inert is not None:
            raw = inert
        edge = Edge(d, u, kind, raw, short, "", rules)
        if d.name == self.loss.name or (inert is None and _immediate(raw, short, rules)):
            return edge
        return replace(edge, tag=self._edge_line(edge))

    def _edge_line(self, e: Edge) -> str:
        """da2/dz2 = σ′(z2) = a2 (1 − a2), on a line of its own."""
        assert e.raw is not None and e.slope is not None
        tag = self._tag()
        runs = e.raw if e.raw.op == "prime" else e.slope
        target, refs = self._d(e.v.symbol, e.u), (self.forward_tag[e.v.name],)
        self.steps.append(Step(tag, listed(e.rules), target, _chain(e.raw, e.slope), None, refs, runs))
        return tag

    def _short(self, raw: Term) -> Term:
        """The tidied form, in the names of the graph, in the shorter of two normal forms."""
        short = shorter(self._fold(recognise(tidy(without_primes(raw), self.memo))))
        return collected(cancelled(short), self.brackets)

    def _fold(self, t: Term) -> Term:
        """Known values by their names; the memo grows over the whole sweep, so that this stays linear."""
        t = tidy(substitute(t, {}, self.folded), self.memo)
        t = tidy(without_idle_steps(t, self.idle), self.memo) if self.idle else t
        return tidy(with_reciprocals(t, self.inverse), self.memo) if self.inverse else t

    # -- one cotangent
    def _combine(self, u: Term) -> None:
        """∂L/∂u as the sum over its users."""
        edges = sorted(self.edges[u.name], key=lambda e: self.place[e.v.name])
        human = add(*(self._contribution(e, self.cotangent[e.v.name]) for e in edges))
        final = self._short(human)
        inert = self._inert_sum(edges)
        sides = _chain(*([] if inert is None else [inert]), final)
        value = self._value(edges, final)
        refs = tuple(dict.fromkeys(r for e in edges for r in self._refs(e)))
        self._write(u, sides, self._reason(edges), refs, value)

    def _contribution(self, e: Edge, g: Term) -> Term:
        if e.kind == "map":
            return through(self.values[e.v.name], g, e.u)
        assert e.slope is not None
        product = e.slope if g is ONE else g if e.slope is ONE else mul(g, e.slope)
        if e.kind == "spread":
            return total(product if product.shape else mul(product, ones(e.v.value.shape)))
        return product if product.shape == e.u.shape else mul(product, ones(e.u.shape))

    def _inert_sum(self, edges: list[Edge]) -> Term | None:
        """The law before anything is put in: ∂E/∂z2 · ∂z2/∂w2 + …"""
        parts = [self._inert(e, len(edges) > 1) for e in edges]
        return add(*parts) if all(p is not None for p in parts) else None  # type: ignore[arg-type]

    def _inert(self, e: Edge, several: bool) -> Term | None:
        root = e.v.name == self.loss.name
        if e.kind == "map":
            if root:
                return tidy(without_primes(self._contribution(e, ONE))) if several else None
            return tidy(without_primes(self._contribution(e, self._partial(e.v))), {})
        if root:
            return e.raw
        product = mul(self._partial(e.v), self._d(e.v.symbol, e.u))
        return total(product) if e.kind == "spread" else product

    def _value(self, edges: list[Edge], final: Term) -> Term:
        """The form that runs: through the stable derivative of an activation, unless a pole cancelled."""
        if any(_has_pole(self.cotangent[e.v.name]) for e in edges) and not _has_pole(final) and not _has_fn(final):
            return final
        parts = []
        for e in edges:
            g = self.runs[e.v.name]
            if e.tag and e.kind != "map":
                local = self._d(e.v.symbol, e.u)
                product = local if g is ONE else mul(g, local)
                parts.append(total(product) if e.kind == "spread" else product)
            else:
                parts.append(self._contribution(e, g))
        return collected(self._fold(tidy(add(*parts))), self.brackets)

    def _write(self, u: Term, sides: tuple[Term, ...], reason: str, refs: tuple[str, ...], value: Term) -> None:
        final = sides[-1]
        target = self._partial(u)
        name = self._name_for(u, final) if self._deserves_a_name(u, final) else None
        tag = self._tag()
        self.tags[u.name] = tag
        self.steps.append(Step(tag, reason, target, sides, name, refs, value))
        if name is not None:
            self.names[name.name] = final
            self.folded.update(symmetric_names([Definition(name.name, final)], self.folded))
        cited = name if name is not None else target
        self.cotangent[u.name] = cited if self._deserves_a_name(u, final) else final
        self.runs[u.name] = cited if final.size > 1 else final
        if u.name in self.wrt:
            self.gradient[u.name] = self.cotangent[u.name]

    # -- names and signs
    def _tag(self) -> str:
        return f"B{len(self.steps) - len(self.graph.definitions) + 1}"

    def _partial(self, u: Term | Definition) -> Term:
        symbol = u.symbol if isinstance(u, Definition) else u
        return partial(self.loss, symbol, "d" if self.partial_d == "d" else "∂")

    def _d(self, v: Term, u: Term) -> Term:
        """dv/du if v depends on u alone, else ∂v/∂u (unless the author chose one of them)."""
        alone = self.values[v.name].free == (u.name,)
        kind = self.partial_d if self.partial_d != "auto" else "d" if alone else "∂"
        return Term("partial", (v, u), kind, u.shape if not v.shape else v.shape)

    def _deserves_a_name(self, u: Term, final: Term) -> bool:
        """A pre-activation's cotangent, one that is cited more than once, or a long one."""
        if u.name not in self.place or final.size <= 1 or is_zero(final):
            return False
        long = IN_PRODUCT if is_activation(self.values[u.name]) else IN_PLACE_ARRAY if u.shape else IN_PLACE
        return self._is_preactivation(u) or (self._cited(u) > 1 and final.size > 3) or final.size > long

    def _name_for(self, u: Term, final: Term) -> Term | None:
        """δ2 for ∂E/∂z2; an author who shows no δ cites ∂E/∂z2 itself."""
        if not self.delta:
            return None
        name = delta_name(u, self._is_preactivation(u), self.taken)
        self.taken.add(name)
        return sym(name, u.shape)

    def _is_preactivation(self, u: Term) -> bool:
        return any(
            is_activation(self.values[d.name]) and self.values[d.name].args[0] is u for d in self.users.get(u.name, ())
        )

    def _cited(self, u: Term) -> int:
        d = self.graph.definitions[self.place[u.name]]
        return len(self._operands(d))

    # -- reasons
    def _refs(self, e: Edge) -> list[str]:
        before = [self.tags[e.v.name]] if e.v.name in self.tags else []
        return [*before, e.tag or self.forward_tag[e.v.name]]

    def _reason(self, edges: list[Edge]) -> str:
        if len(edges) > 1:
            return f"sum over the {len(edges)} paths through " + listed([f"`{e.v.name}`" for e in edges])
        e = edges[0]
        if e.kind == "map":
            return listed(statements(self.values[e.v.name], e.u))
        if e.v.name == self.loss.name:
            return listed(e.rules) or "identity"
        return "chain rule" + (", summed" if e.kind == "spread" else "")


# ------------------------------------------------------------------------------------------------------------- edges
def _kind(value: Term, u: Term) -> Literal["diagonal", "spread", "map"]:
    """Diagonal if everything between is elementwise in one shape."""
    touched = dependents(value, u.name)
    if any(n.op not in ELEMENTWISE for n in touched):
        return "map"
    if not u.shape:
        return "spread" if value.shape else "diagonal"
    return "diagonal" if all(n.shape == u.shape for n in touched) else "map"


def _immediate(raw: Term, short: Term, rules: tuple[str, ...]) -> bool:
    """∂z2/∂w2 = a1 can be read off; it needs no line."""
    return set(rules) <= PLAIN and (raw is short or short.size <= 3)


def _reciprocals(folds: Memo) -> Memo:
    """b with the name r of 1/b."""
    return {v.args[1]: r for v, r in folds.items() if v.op == "div" and v.args[0] is ONE and v.args[1].size > 1}


def through(value: Term, g: Term, u: Term) -> Term:
    """The cotangent of `u` when that of `value` is `g`, by the pullbacks of the operations between."""
    cotangents: dict[Term, list[Term]] = {value: [g]}
    found = ZERO
    for node in reversed(dependents(value, u.name)):
        if node not in cotangents:
            continue
        here = cotangents[node]
        ct = here[0] if len(here) == 1 else add(*here)
        if node is u:
            found = ct
            continue
        two = pair(node)
        operands, cotangents_of = (node.args[0].args, two[0]) if two is not None else (node.args, pull)
        for a, c in zip(operands, cotangents_of(ct, node), strict=False):
            if u.name not in a.free or a.op in CONDITIONS:
                continue
            if c is None:
                raise RuleError(f"there is no derivative rule for this operand of `{node.op}`: {a}")
            cotangents.setdefault(a, []).append(c)
    if found is ZERO and any(n.op in CONDITIONS for n in dependents(value, u.name)):
        return zeros(u.shape)  # the name decides between branches and has no slope of its own
    if found is ZERO:
        raise RuleError(f"the sweep lost the way from {value} to {u}; this is a defect of symnet, please report it")
    return found


def statements(value: Term, u: Term) -> list[str]:
    """What a derivation quotes for a map: the rules of the operations between, outermost first."""
    out: dict[str, None] = {}
    inside: set[Term] = set()
    for node in reversed(postorder(value)):
        if u.name not in node.free or node.op == "sym":
            continue
        if node in inside:
            continue
        if node.op in ("mul", "div") and sum(u.name in a.free for a in node.args) == 1:
            continue  # a constant factor needs no rule
        two = pair(node)
        if two is not None:
            inside.add(node.args[0])
        said = two[1] if two else statement(node)
        if said:
            out[said] = None
    important = [s for s in out if s not in ("sum rule", "transpose rule")] or list(out)
    return important[:3]


def without_primes(t: Term) -> Term:
    """Each inert σ′(z) by its row's slope, as people write it."""
    swap = {
        n: function_row(n.data[0]).slope(n.args[0], Term("fn", n.args, n.data[0], n.shape), MATH)
        for n in postorder(t)
        if n.op == "prime" and n.data[1] == 1
    }
    return substitute(t, {k: _spread_like(v, k) for k, v in swap.items()}) if swap else t


def _spread_like(slope: Any, like: Term) -> Term:
    """A constant slope of an array in the shape of the array."""
    t = slope if isinstance(slope, Term) else ONE * slope
    return t if t.shape == like.shape else mul(t, ones(like.shape))


def _has_pole(t: Term) -> bool:
    """Whether a division by more than numbers and dimensions is left."""
    return any(n.op == "div" and _varies(n.args[1]) for n in postorder(t))


def _varies(t: Term) -> bool:
    return any("dimension" not in s.facts for s in iter_names(t))


def _has_fn(t: Term) -> bool:
    return any(n.op in ("fn", "prime", "partial") for n in postorder(t))


def _chain(*sides: Term) -> tuple[Term, ...]:
    """The sides of a line without repetitions."""
    out: list[Term] = []
    for s in sides:
        if not out or out[-1] is not s:
            out.append(s)
    return tuple(out)


def delta_name(u: Term, preactivation: bool, taken: set[str]) -> str:
    """delta2 for z2, delta for z, delta_s for s, Delta for Z; never one of the user's names."""
    head = "Delta" if len(u.shape) == 2 else "delta"
    stem = u.name.lstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") if preactivation else ""
    if not stem and not (preactivation and u.name in ("z", "Z")):
        stem = "_" + u.name
    more = (f"{head}_{u.name}_{i}" for i in range(1, 1000))
    return next(o for o in chain((head + stem, f"{head}_{u.name}"), more) if o not in taken)


# ------------------------------------------------------------------------------------------------------- closed form
def closed_form(d: Derivation, name: str) -> Term:
    """The gradient in the inputs alone; shared parts stay shared."""
    closed = opened(d, name)
    return tidy(closed) if closed.size <= TIDY_CLOSED else closed


def opened(d: Derivation, name: str, kept: Container[str] = ()) -> Term:
    """The gradient with the meanings of all names but the `kept` definitions put in, as it stands."""
    memo: Memo = {}  # shared by all substitutions, so that the whole is linear
    for definition in d.graph.definitions:
        if definition.name not in kept:
            memo[definition.symbol] = substitute(definition.value, {}, memo)
    for step in d.backward:
        value = substitute(step.result, {}, memo)
        memo[step.target] = value
        if step.name is not None:
            memo[step.name] = value
    return without_primes(substitute(d.gradient[name], {}, memo))
