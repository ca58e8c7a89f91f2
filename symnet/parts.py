"""Naming the parts of a nested formula: ‖σ(XW + 1bᵀ) − T‖² becomes z, a, e and the loss, a line each.

The argument of an activation is named z (Z for an array), its value a (A); equal parts get one name. What is already a
definition of its own is left as it is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from .functions import TABLE as FUNCTIONS
from .graph import Definition, Graph, spellings
from .names import canonical
from .operations import apply, spread, total
from .term import (
    Memo,
    Term,
    common_shape,
    fn,
    fold,
    iter_names,
    mul,
    neg,
    postorder,
    rebuild,
    rows_cols,
    substitute,
    sym,
    term,
    transpose,
)
from .tidy import tidy

NAMED = "named part"
READ_AS = {"sigmoid": "the logistic function", "softmax": "the softmax function", "tanh": "the hyperbolic tangent"}
SOFTMAX_LIKE = ("softmax", "logsoftmax", "lse")


def is_activation(node: Term) -> bool:
    """σ(…), tanh(…), softmax(…): a function whose argument courses give a name of its own."""
    if node.op in SOFTMAX_LIKE:
        return True
    return node.op == "fn" and node.data in FUNCTIONS and FUNCTIONS[node.data].activation


def recognise(root: Term) -> Term:
    """1/(1 + e^(−z)) is σ(z), e^z/sum(e^z) softmax(z): a formula is read as the function that it defines."""
    if not any(n.op == "div" for n in postorder(root)):
        return root
    return fold(root, lambda node, args: _defined(rebuild(node, args) if args else node))


def _defined(t: Term) -> Term:
    """A quotient whose numerator holds a factor that makes a known function of it with what stands below."""
    if t.op != "div":
        return t
    factors = t.args[0].args if t.args[0].op == "mul" else t.args[:1]
    for i, top in enumerate(factors):
        for known in (_logistic, _softmax, _hyperbolic, _tanh):
            f = known(top, t.args[1])
            if f is not None and f.shape == common_shape("/", (top, t.args[1])):
                return mul(*factors[:i], f, *factors[i + 1 :])
    return t


def _softmax(top: Term, below: Term) -> Term | None:
    """e^z/sum(e^z); for a matrix its rows, the row sums spread by a row of ones."""
    if top.op != "fn" or top.data != "exp" or len(top.shape) not in (1, 2):
        return None
    sums = total(top) if len(top.shape) == 1 else spread(apply("rowsum", top), top)
    return apply("softmax", top.args[0]) if below is sums else None


def _hyperbolic(top: Term, below: Term) -> Term | None:
    """sinh z/cosh z."""
    if not top.op == below.op == "fn" or (top.data, below.data) != ("sinh", "cosh") or top.args != below.args:
        return None
    return fn("tanh", top.args[0])


def _tanh(top: Term, below: Term) -> Term | None:
    """(e^z − e^(−z))/(e^z + e^(−z))."""
    if not (top.op == below.op == "add" and len(top.args) == 2 and top.args[1].op == "neg"):
        return None
    up, down = top.args[0], top.args[1].args[0]
    if {up, down} != set(below.args) or not all(e.op == "fn" and e.data == "exp" for e in (up, down)):
        return None
    return fn("tanh", up.args[0]) if tidy(neg(up.args[0])) is tidy(down.args[0]) else None


def _logistic(top: Term, below: Term) -> Term | None:
    """1/(1 + e^(−z)), and e^z/(1 + e^z)."""
    power = _one_plus_exp(below)
    if power is None or not (top.number == 1 or top is power):
        return None
    u = power.args[0]
    z = u if top is power else u.args[0] if u.op == "neg" else neg(u)
    return fn("sigmoid", z)


def _one_plus_exp(t: Term) -> Term | None:
    """The e^u of 1 + e^u."""
    if t.op != "add" or len(t.args) != 2:
        return None
    one, rest = t.args if t.args[0].number == 1 else reversed(t.args)
    return rest if one.number == 1 and rest.op == "fn" and rest.data == "exp" else None


def symmetric_names(definitions: Iterable[Definition], more: Memo | None = None) -> Memo:
    """Sᵀ → S and S⁻ᵀ → S⁻¹ for each definition that comes out symmetric, such as XᵀX; `more` has those of others."""
    known: Memo = {}
    for d in definitions:
        rows, cols = rows_cols(d.value.shape)
        if rows != cols or len(d.value.shape) != 2:
            continue
        value = tidy(d.value)
        if value.size <= SQUARE and tidy(_flipped(value, {**(more or {}), **known})) is value:
            for x in (d.symbol, apply("inv", d.symbol)):
                known[transpose(x)] = x
    return known


def _flipped(t: Term, known: Memo) -> Term:
    """tᵀ, the transpose at every summand and Hadamard factor."""
    if t.op in ("add", "neg", "mul", "div", "matmul"):
        args = [_flipped(a, known) if a.shape else a for a in t.args]
        return rebuild(t, args[::-1] if t.op == "matmul" else args)
    return substitute(tidy(transpose(t)), known)


SQUARE = 100  # nodes of a definition that is compared with its transpose


class _Namer:
    """Fresh names: z, a for one part, z1, a1, … for several; never one of the user's."""

    def __init__(self, taken: Iterable[str], many: bool) -> None:
        self.taken = set(taken)
        self.many = many
        self.count = 0

    def suffix(self, name: str) -> str:
        """2 for a2, so that the argument of a2 = σ(…) is z2; _u for u, where there are several."""
        digits = name.lstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")
        return digits or (f"_{name}" if self.many else "")

    def residual(self, array: bool) -> str:
        """R (r for a vector) for the array whose norm is squared."""
        head = "R" if array else "r"
        name = next(n for n in (head, *(f"{head}{i}" for i in range(1, 10_000))) if n not in self.taken)
        self.taken.add(name)
        return name

    def beside(self, z: Term, array: bool) -> tuple[str, str]:
        """A2 for the value of an activation at Z2."""
        name = z.name if z.op == "sym" else ""
        value = ("A" if array else "a") + name[1:]
        if name[:1] not in ("z", "Z") or value in self.taken:
            return self.pair(array)
        self.taken.add(value)
        return name, value

    def pair(self, array: bool, suffix: str | None = None) -> tuple[str, str]:
        z, a = ("Z", "A") if array else ("z", "a")
        if suffix is not None and z + suffix not in self.taken:
            self.taken.add(z + suffix)
            return z + suffix, a + suffix
        while True:
            self.count += 1
            end = str(self.count) if self.many or self.count > 1 else ""
            if z + end not in self.taken and a + end not in self.taken:
                self.taken.update((z + end, a + end))
                return z + end, a + end


def with_parts(graph: Graph, wrt: tuple[str, ...]) -> Graph:
    """The same graph with every nested activation, and a repeated or squared array, on a line of its own."""
    live = _live(graph, wrt)
    jobs = [d for d in graph.definitions if _needs_parts(d.value, live)]
    if not jobs:
        return graph
    parts = {n for d in jobs for n in postorder(recognise(d.value)) if is_activation(n) and live & set(n.free)}
    namer = _Namer(graph.symbols, many=len(parts) > 1)
    known: dict[Term, Term] = {}
    out: list[Definition] = []
    for d in graph.definitions:
        out.extend(_split(d, live, namer, known))
    return graph.rebuilt(out)


def _live(graph: Graph, wrt: tuple[str, ...]) -> frozenset[str]:
    """The names through which `wrt` reaches the result."""
    live = set(wrt)
    for d in graph.definitions:
        if live.intersection(d.value.free):
            live.add(d.name)
    return frozenset(live)


def _needs_parts(value: Term, live: frozenset[str]) -> bool:
    value = recognise(value)
    return any(
        (is_activation(n) and live & set(n.free) and (n is not value or n.args[0].op != "sym"))
        or (_squared_norm(n) and live & set(n.free))
        for n in postorder(value)
    )


def _squared_norm(n: Term) -> bool:
    return n.op == "norm2" and n.args[0].op not in ("sym", "vec")


def _split(d: Definition, live: frozenset[str], namer: _Namer, known: dict[Term, Term]) -> list[Definition]:
    value = recognise(d.value)
    if not _needs_parts(d.value, live):
        return [d]
    out: list[Definition] = []
    memo: dict[Term, Term] = {}

    def name_it(name: str, t: Term) -> Term:
        out.append(Definition(name, t, d.line, NAMED))
        known[t] = sym(name, t.shape)
        return known[t]

    for node in postorder(value):
        here = rebuild(node, [memo[a] for a in node.args]) if node.args else node
        if is_activation(node) and live & set(node.free):
            here = _name_activation(here, node is value, d, namer, known, name_it)
        elif _squared_norm(node) and live & set(node.free) and here.args[0].op != "sym":
            inner = here.args[0]
            here = rebuild(here, [known.get(inner) or name_it(namer.residual(len(inner.shape) == 2), inner)])
        memo[node] = here
    note = d.note or (READ_AS.get(value.data or value.op, "") if value is not d.value else "")
    return [*out, replace(d, value=memo[value], note=note)]


def _name_activation(
    here: Term, whole: bool, d: Definition, namer: _Namer, known: dict[Term, Term], name_it: Callable[[str, Term], Term]
) -> Term:
    inner = here.args[0]
    suffix = namer.suffix(d.name) if whole else None
    fresh: tuple[str, str] | None = None
    if inner.op not in ("sym", "num"):
        if inner not in known:
            fresh = namer.pair(len(inner.shape) == 2, suffix)
            name_it(fresh[0], inner)
        here = rebuild(here, [known[inner]])
    if whole:
        return here
    if here not in known:
        fresh = fresh or namer.beside(here.args[0], len(here.shape) == 2)
        name_it(fresh[1], here)
    return known[here]


def graph_of(expr: Any, wrt: Any = (), name: str = "") -> Graph:
    """The graph of one formula (text, SymPy or Term), its parts named; the result is `name` or the next free letter."""
    names = [canonical(s) for s in spellings(wrt)] if wrt is not None else []
    if isinstance(expr, Term | str):
        value = term(expr)
    else:
        from .bridge import from_sympy

        value = from_sympy(expr, wrt=tuple(names))
    taken = {s.name for s in iter_names(value)}
    graph = Graph([(canonical(name) if name else None, value)])
    return with_parts(graph, tuple(names) or tuple(sorted(taken)))
