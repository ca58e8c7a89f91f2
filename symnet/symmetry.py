"""Three answers for a symmetric parameter: free, projected and tied.

With G = ∂L/∂X of a free matrix X: "free" is G itself, "projected" (G + Gᵀ)/2, the direction of steepest ascent among
the symmetric matrices, and "tied" G + Gᵀ − diag(G), the derivative by the entries x_ij = x_ji counted once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from .derivation import Derivation, Names, Step
from .errors import RuleError
from .factoring import length
from .graph import Definition
from .operations import apply
from .parts import symmetric_names
from .term import TWO, Term, add, div, neg, substitute, sym, transpose
from .tidy import tidy

ANSWERS: dict[str, Callable[[Term], Term]] = {
    "projected": lambda g: div(add(g, transpose(g)), TWO),
    "tied": lambda g: add(g, transpose(g), neg(apply("diag", apply("diagv", g)))),
}


def with_symmetry(d: Derivation, answer: str) -> Derivation:
    """The derivation with a further line for each symmetric parameter; RuleError if there is none."""
    if answer == "free":
        return d
    if answer not in ANSWERS:
        raise RuleError(f'`symmetric` is "free", {" or ".join(repr(a) for a in ANSWERS)}, not {answer!r}')
    chosen = [n for n in d.wrt if is_symmetric(d.graph.symbols[n])]
    if not chosen:
        raise RuleError(f'symmetric="{answer}" is for parameters declared symmetric, such as "X: n x n symmetric"')
    for name in chosen:
        d = _with_line(d, name, answer)
    return d


def is_symmetric(x: Term) -> bool:
    return "symmetric" in x.facts or "positive definite" in x.facts


NAMING = 1  # operators that a name must save


def _shorter(whole: Term, g: Term, free: Term, answer: str) -> Term:
    """The answer written out, or by the name G where that is shorter together with G itself; G and Gᵀ say the same."""
    known = symmetric_names([Definition(g.name, free)])
    named = tidy(substitute(ANSWERS[answer](g), known))
    return named if length(named) + length(free) + NAMING < length(whole) else whole


def _with_line(d: Derivation, name: str, answer: str) -> Derivation:
    target = next(s.target for s in d.backward if s.target.args[0] is d.loss and s.target.args[1].name == name)
    taken = {*d.graph.symbols, *d.names}
    free = sym(next(n for n in ("G", f"G_{name}", *(f"G{i}" for i in range(1, 1000))) if n not in taken), target.shape)
    steps: list[Step] = []
    shift = 0
    for s in d.steps:
        s = replace(s, tag=f"B{int(s.tag[1:]) + shift}") if shift else s
        if s.target is not target or shift:
            steps.append(s)
            continue
        shift = 1
        g = s.name or free
        raw = ANSWERS[answer](g)
        upright = s.result.args[0] if s.result.op == "T" else s.result  # A + Aᵀ, not Aᵀ + A
        result = _shorter(tidy(ANSWERS[answer](upright)), g, s.result, answer)
        steps.append(replace(s, name=g, rule=f"{s.rule}, `{name}` taken as free".removeprefix(", ")))
        sides, tag = tuple(dict.fromkeys((raw, result))), f"B{int(s.tag[1:]) + 1}"
        steps.append(Step(tag, f"symmetric `{name}`, {answer}", target, sides, None, (s.tag,), raw))
        gradient = Names({**dict(d.gradient), name: result}, "gradient with respect to")
        names = Names({**dict(d.names), g.name: s.result}, "derived name")
    return replace(d, steps=tuple(steps), gradient=gradient, names=names, _cache={})
