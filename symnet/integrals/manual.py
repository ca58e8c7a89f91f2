"""SymPy's rules for an antiderivative as a tree of plain data: rule, integrand, variable, result, substeps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp
from sympy.integrals import manualintegrate as manual

from ..bridge import from_sympy, to_sympy
from ..functions import TABLE, TermMath
from ..reading import read
from ..term import Term, postorder, substitute, term

LETTERS = ("u", "v", "w", "s", "p", "q", *(f"u{i}" for i in range(1, 50)))
SHOWN = ("constant", "other", "u_func", "u", "dv", "func", "rewritten")


def tree(formula: str, names: list[str], x: str) -> dict[str, Any]:
    """The tree of an integrand; names of substitutions are letters that are free."""
    value = by_simpler(read(formula, names=(*names, x)).value)
    question, variable = to_sympy(value), sp.Symbol(x)
    made = _Tree({*names, x})
    found = made.node(manual.integral_steps(question, variable))
    return found if found["result"] is not None else {**found, **_whole(made, question, variable)}


def _whole(made: _Tree, question: Any, variable: Any) -> dict[str, Any]:
    """The answer of SymPy's algorithms that go without rules (Risch, Meijer), if they have one."""
    answer = sp.integrate(question, variable)
    if answer.has(sp.Integral, sp.I, sp.zoo, sp.nan):
        return {}
    return {"rule": "Algorithm", "result": made.text(answer), "substeps": []}


def by_simpler(t: Term) -> Term:
    """Functions that SymPy does not know, by their definitions."""
    for node in [n for n in postorder(t) if n.op == "fn" and not TABLE[n.data].primitive]:
        row = TABLE[node.data]
        if row.formula is not None:
            t = substitute(t, {node: term(row.formula(node.args[0], TermMath))})
    return t


class _Tree:
    def __init__(self, taken: set[str]) -> None:
        self.letters: Iterator[str] = (n for n in LETTERS if n not in taken)
        self.names: dict[Any, Any] = {}

    def text(self, e: Any) -> str:
        e = sp.sympify(e, strict=True)  # a part of a SymPy rule; a string is refused
        for dummy in sorted(e.atoms(sp.Dummy), key=lambda d: d.dummy_index):
            if dummy not in self.names:
                self.names[dummy] = sp.Symbol(next(self.letters))
        return str(from_sympy(e.xreplace(self.names)))

    def node(self, rule: Any) -> dict[str, Any]:
        kind = type(rule).__name__
        if kind == "AlternativeRule":
            known = [r for r in rule.alternatives if not r.contains_dont_know()]
            return self.node(min(known or rule.alternatives[:1], key=_length))
        below = [self.node(r) for r in _substeps(rule)]
        out: dict[str, Any] = {"rule": kind, "integrand": self.text(rule.integrand)}
        out["variable"] = self.text(rule.variable)
        out |= {name: self.text(getattr(rule, name)) for name in SHOWN if hasattr(rule, name)}
        if kind == "URule":
            out["u_var"] = self.text(rule.u_var)
        if kind == "PartsRule":
            out["v"] = self.text(rule.v_step.eval())
        if kind == "CyclicPartsRule":
            out["coefficient"] = self.text(rule.coefficient)
            out["parts"] = [
                {"u": self.text(p.u), "dv": self.text(p.dv), "v": self.text(p.v_step.eval())} for p in rule.parts_rules
            ]
        found = kind != "DontKnowRule" and not rule.contains_dont_know()
        return {**out, "result": self.text(rule.eval()) if found else None, "substeps": below}


def _length(rule: Any) -> int:
    """The number of rules that a way takes."""
    kind = type(rule).__name__
    if kind == "AlternativeRule":
        return min(map(_length, rule.alternatives))
    return (3 if kind == "URule" else 1) + sum(map(_length, _substeps(rule)))


def _substeps(rule: Any) -> list[Any]:
    """The rules that the next lines carry out."""
    kind = type(rule).__name__
    if kind == "PartsRule":
        return [rule.second_step] if rule.second_step else []
    if kind in ("TrigSubstitutionRule", "CyclicPartsRule", "PiecewiseRule", "HeavisideRule"):
        return []
    if hasattr(rule, "substeps"):
        return list(rule.substeps)
    return [rule.substep] if getattr(rule, "substep", None) is not None else []
