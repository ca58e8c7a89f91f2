"""The gradient by differentials: dL as a sum of traces, sorted until only the parameters' differentials are left.

    dL = 2 tr(EᵀdE),  dZ = X dW,  tr(Gᵀ(X dW)) = tr((XᵀG)ᵀdW),  and dL = tr(GᵀdW) means ∂L/∂W = G.

The differential of each definition is worked out by the rules of differentials.py; the traces are sorted with the
cotangents that the sweep has found, so that a page shows two calculations that must agree (Magnus and Neudecker, 1988).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .derivation import Derivation, Step
from .differentials import d, differential
from .factoring import collected
from .operations import apply
from .parts import is_activation, recognise, symmetric_names
from .reverse import statements, through, without_primes
from .term import ONE, ZERO, Memo, Term, add, matmul, mul, neg, postorder, rel, substitute, sym, transpose
from .tidy import tidy


def traces(derivation: Derivation) -> tuple[Step, ...]:
    """The lines in the style of differentials."""
    return _Page(derivation).lines()


def paired(g: Term, dx: Term) -> Term:
    """⟨G, dX⟩: tr(GᵀdX) of matrices, gᵀdx of columns, g dx of scalars; scalars and a sign stand in front."""
    if g.op == "neg":
        return neg(paired(g.args[0], dx))
    if g.op == "mul" and any(not a.shape for a in g.args) and dx.shape:
        scalars, arrays = [a for a in g.args if not a.shape], [a for a in g.args if a.shape]
        return mul(*scalars, paired(mul(*arrays), dx)) if arrays else mul(*scalars, apply("sum", dx))
    if not dx.shape:
        return dx if g is ONE else mul(g, dx)
    if len(dx.shape) == 1:
        return matmul(transpose(g), dx)
    if dx.shape[0] == 1:
        return matmul(dx, transpose(g))
    return apply("tr", matmul(transpose(g), dx))


class _Page:
    def __init__(self, derivation: Derivation) -> None:
        self.d = derivation
        self.values = {q.name: recognise(q.value) for q in derivation.graph.definitions}
        self.symbols = derivation.graph.symbols
        self.live = self._live()
        named = {v: q.symbol for q in reversed(derivation.graph.definitions) if is_activation(v := self.values[q.name])}
        self.folds: Memo = symmetric_names(derivation.graph.definitions) | named
        self.steps: list[Step] = []

    def _live(self) -> set[str]:
        """The names between the parameters and the loss."""
        below = set(self.d.wrt)
        for q in self.d.graph.definitions:
            if below.intersection(q.value.free):
                below.add(q.name)
        above = {self.d.loss.name}
        for q in reversed(self.d.graph.definitions):
            if q.name in above:
                above.update(q.value.free)
        return below & above

    def lines(self) -> tuple[Step, ...]:
        loss = self.d.loss
        frontier = self._open(loss, ONE, {})
        for q in reversed(self.d.graph.definitions[:-1]):
            if q.name in frontier:
                g, frontier = frontier.pop(q.name), frontier
                frontier = self._open(q.symbol, self._named(q.symbol, g, frontier), frontier)
        self._identify(frontier)
        return tuple(self.steps)

    # -- one definition opened
    def _open(self, v: Term, g: Term, rest: Mapping[str, Term]) -> dict[str, Term]:
        """dv by its rule, put into dL, and sorted by the differentials of its operands."""
        value = self.values[v.name]
        operands = [n for n in value.free if n in self.live]
        dv = self._short(differential(value, {n: d(self.symbols[n]) for n in operands}) or ZERO)
        rules = ", ".join(dict.fromkeys(s for n in operands for s in statements(value, self.symbols[n])))
        self._write(d(v), (dv,), rules)
        new: dict[str, Term] = {}
        for n in operands:
            part = self._short(through(value, g, self.symbols[n]))
            new[n] = self._short(add(part, rest[n])) if n in rest else part
        new |= {n: c for n, c in rest.items() if n not in new}
        put_in = tidy(add(paired(g, dv), *self._pairs(rest)))
        sorted_ = tidy(add(*self._pairs(new)))
        if v is not self.d.loss:
            self._write(d(self.d.loss), tuple(dict.fromkeys((put_in, sorted_))), "put in", _moves(value, operands))
        elif sorted_ is not dv:
            self._write(d(v), (sorted_,), "as a trace")
        return new

    def _named(self, v: Term, g: Term, rest: Mapping[str, Term]) -> Term:
        """Δ for ∂L/∂Z, where the sweep names it."""
        step = next((s for s in self.d.backward if s.name is not None and s.target.args[1] is v), None)
        if step is None or step.name is None:
            return g
        short = step.sides[-1]
        sides = (g, short) if short.size < g.size else (g,)
        self._write(step.name, sides, f"a name for what stands before d`{v.name}`")
        return step.name

    def _identify(self, frontier: Mapping[str, Term]) -> None:
        """What stands before dW in dL is ∂L/∂W."""
        for n in self.d.wrt:
            if n in frontier:
                x = self.symbols[n]
                g = sym("G" if len(x.shape) == 2 else "g", x.shape)
                said = rel("=", d(self.d.loss), paired(g, d(x)))
                self._write(self.d.target(n), (frontier[n],), "what stands before the differential", (said,))

    def _pairs(self, frontier: Mapping[str, Term]) -> list[Term]:
        return [paired(g, d(self.symbols[n])) for n, g in frontier.items()]

    def _short(self, t: Term) -> Term:
        return collected(tidy(substitute(tidy(without_primes(t)), {}, dict(self.folds))))

    def _write(self, target: Term, sides: tuple[Term, ...], rule: str, said: tuple[Term, ...] = ()) -> None:
        why = (said,) if said else ()
        self.steps.append(Step(f"D{len(self.steps) + 1}", rule, target, sides, why=why))


# ------------------------------------------------------------------------- what brings dX to the end of a trace
G, X, A, B, Q = (sym(n, ("n", "n")) for n in "GXABQ")


def _says(*factors: Term, to: tuple[Term, ...]) -> Term:
    """tr(Gᵀ …) = tr(… dX)."""
    return rel("=", apply("tr", matmul(transpose(G), *factors)), apply("tr", matmul(*to, d(X))))


INVERSE = apply("inv", X)
MOVES: tuple[tuple[str, Callable[[Term], bool], Term], ...] = (
    ("matmul", lambda n: bool(n.shape), _says(A, d(X), B, to=(B, transpose(G), A))),
    ("fn", lambda n: bool(n.shape), _says(mul(Q, d(X)), to=(transpose(mul(G, Q)),))),
    ("mul", lambda n: sum(bool(a.shape) for a in n.args) > 1, _says(mul(Q, d(X)), to=(transpose(mul(G, Q)),))),
    ("T", lambda n: bool(n.shape), _says(transpose(d(X)), to=(G,))),
    ("inv", lambda n: True, _says(INVERSE, d(X), INVERSE, to=(INVERSE, transpose(G), INVERSE))),
)  # fmt: skip


def _moves(value: Term, operands: list[str]) -> tuple[Term, ...]:
    """The identities that this line used, each once."""
    moving = [n for n in postorder(value) if any(x in n.free for x in operands)]
    return tuple(dict.fromkeys(says for op, holds, says in MOVES for n in moving if n.op == op and holds(n)))
