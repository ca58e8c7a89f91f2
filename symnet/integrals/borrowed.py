"""Rules that SymPy found in a process of its own, read back as moves: substitution, parts, partial fractions, …"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..rules import slope
from ..term import ONE, ZERO, Term, add, fn, mul, neg, num, postorder, rel, substitute, sym
from ..tidy import tidy
from .antiderivatives import Move, Why, integral

NAMES: dict[str, str] = {
    "ConstantRule": "constant rule", "ConstantTimesRule": "constant multiple rule", "AddRule": "sum rule",
    "PowerRule": "power rule", "NestedPowRule": "power rule", "ReciprocalRule": "logarithm rule",
    "ExpRule": "exponential rule", "URule": "substitution", "PartsRule": "integration by parts",
    "CyclicPartsRule": "integration by parts", "RewriteRule": "rewritten",
    "Algorithm": "found by SymPy without rules, verified by its derivative",
    "CompleteSquareRule": "square completed", "TrigSubstitutionRule": "trigonometric substitution",
    "SinRule": "sine rule", "CosRule": "cosine rule", "Sec2Rule": "tangent rule", "Csc2Rule": "cotangent rule",
    "SecTanRule": "secant rule", "CscCotRule": "cosecant rule", "SinhRule": "hyperbolic sine rule",
    "CoshRule": "hyperbolic cosine rule", "ArctanRule": "arctangent rule", "ArcsinRule": "arcsine rule",
    "ArcsinhRule": "inverse hyperbolic sine rule", "ErfRule": "error function rule", "PiecewiseRule": "case by case",
    "SqrtQuadraticRule": "root of a quadratic", "SqrtQuadraticDenomRule": "root of a quadratic",
    "ReciprocalSqrtQuadraticRule": "root of a quadratic",
}  # fmt: skip
PAIRS = (("u", "v"), ("f", "g"), ("p", "q"), ("r", "s"))  # names in the statement of integration by parts
Node = Mapping[str, Any]
Made = tuple[Term, Why, tuple[tuple[Term, Term], ...]]


@dataclass
class TreeReader:
    """The nodes of SymPy's tree as moves; `names` are those of the question."""

    names: tuple[str, ...]
    moves: dict[Term, Move] = field(default_factory=dict)
    solved: dict[Term, Term] = field(default_factory=dict)

    def term(self, text: str) -> Term:
        from ..reading import read

        return plain(read(text, names=(*self.names, "u", "v", "w")).value)

    def take(self, node: Node, before: Term | None = None) -> Term:
        """The integral of a node; its move, and those below it, are noted."""
        x = self.term(node["variable"])
        start = before if before is not None else integral(self.term(node["integrand"]), x)
        if start in self.moves:
            return start
        made = (EXPAND.get(node["rule"], TreeReader._whole))(self, node, x)
        name = NAMES.get(node["rule"], "known integral")
        if node["rule"] == "RewriteRule" and _is_partial_fractions(start.args[0], self.term(node["rewritten"])):
            name = "partial fractions"
        self.moves[start] = Move(start, made[0], name, made[1], made[2])
        return start

    def _whole(self, node: Node, x: Term) -> Made:
        return absolute(self.term(node["result"])), (), ()

    def _constant_times(self, node: Node, x: Term) -> Made:
        other = integral(self.term(node["other"]), x)
        return mul(self.term(node["constant"]), self.take(node["substeps"][0], other)), (), ()

    def _add(self, node: Node, x: Term) -> Made:
        return add(*(self.take(n) for n in node["substeps"])), (), ()

    def _rewritten(self, node: Node, x: Term) -> Made:
        rewritten = self.term(node["rewritten"])
        said = rel("=", self.term(node["integrand"]), rewritten)
        return self.take(node["substeps"][0], integral(rewritten, x)), ((said,),), ()

    def _substitution(self, node: Node, x: Term) -> Made:
        u, inner = sym(node["u_var"]), self.term(node["u_func"])
        du = tidy(slope(inner, x)[0])
        said = (rel(":=", u, inner), rel("=", Term("partial", (u, x), "d"), du))
        return self.take(node["substeps"][0]), ((), said), ((u, inner),)

    def _parts(self, node: Node, x: Term) -> Made:
        u, dv, v = (self.term(node[k]) for k in ("u", "dv", "v"))
        rest = tidy(mul(v, tidy(slope(u, x)[0])))
        after = add(mul(u, v), neg(integral(rest, x)))
        if node["substeps"]:
            self.take(node["substeps"][0], integral(rest, x))
        said, letters = self._statement(u, dv, v, x)
        return after, ((said,), letters), ()

    def _statement(self, u: Term, dv: Term, v: Term, x: Term) -> tuple[Term, tuple[Term, ...]]:
        a, b = next((p for p in PAIRS if not {*p} & {*self.names}), PAIRS[0])
        f, g = sym(a), sym(f"{b}'")
        said = rel("=", integral(mul(f, g), x), add(mul(f, sym(b)), neg(integral(mul(sym(f"{a}'"), sym(b)), x))))
        return said, (rel(":=", f, u), rel(":=", g, dv), rel("=", sym(b), v))

    def _cyclic(self, node: Node, x: Term) -> Made:
        """By parts until the integral comes back, I = … + c I, and solved for I."""
        whole = sym(next(n for n in ("I", "J", "I1", "J1") if n not in self.names))
        c = self.term(node["coefficient"])
        steps = [{k: self.term(p[k]) for k in ("u", "dv", "v")} for p in node["parts"]]
        sign, moves, gathered = 1, [], ZERO
        here = integral(self.term(node["integrand"]), x)
        for i, p in enumerate(steps):
            rest = tidy(mul(p["v"], tidy(slope(p["u"], x)[0])))
            said, letters = self._statement(p["u"], p["dv"], p["v"], x)
            product = mul(p["u"], p["v"])
            gathered = add(gathered, product if sign > 0 else neg(product))
            known: tuple[tuple[Term, Term], ...] = ()
            after = add(product, neg(integral(rest, x)))
            if i == len(steps) - 1:
                after = add(product, tidy(mul(num(sign), c, whole)))
                letters += (rel(":=", whole, integral(self.term(node["integrand"]), x)),)
                once = rel("=", tidy(mul(add(ONE, neg(c)), whole)), tidy(gathered))
                known = ((whole, absolute(self.term(node["result"]))),)
                self.solved[whole] = once
            moves.append(Move(here, after, "integration by parts", ((said,), letters), known))
            here, sign = integral(rest, x), -sign
        self.moves |= {m.before: m for m in moves[1:]}
        return moves[0].after, moves[0].why, moves[0].back


EXPAND: dict[str, Callable[[TreeReader, Node, Term], Made]] = {
    "ConstantTimesRule": TreeReader._constant_times,
    "AddRule": TreeReader._add,
    "RewriteRule": TreeReader._rewritten,
    "CompleteSquareRule": TreeReader._rewritten,
    "URule": TreeReader._substitution,
    "PartsRule": TreeReader._parts,
    "CyclicPartsRule": TreeReader._cyclic,
}


def plain(t: Term) -> Term:
    """e^(log u) as u."""
    swap = {n: n.args[0].args[0] for n in postorder(t) if n.op == "fn" and n.data == "exp"
            and n.args[0].op == "fn" and n.args[0].data == "log"}  # fmt: skip
    return substitute(t, swap) if swap else t


def _is_partial_fractions(before: Term, after: Term) -> bool:
    return before.op == "div" and sum(n.op == "div" for n in postorder(after)) > 1 and not _functions(after)


def _functions(t: Term) -> bool:
    return any(n.op == "fn" for n in postorder(t))


def absolute(t: Term) -> Term:
    """log u as log |u|, unless u is positive as it stands: both have the derivative u′/u."""
    swap = {n: fn("log", fn("abs", n.args[0])) for n in postorder(t) if n.op == "fn" and n.data == "log"}
    return substitute(t, {k: v for k, v in swap.items() if k.args[0].free and not positive(k.args[0])})


def positive(t: Term) -> bool:
    """Positive at sight: sums of squares, exponentials and positive numbers."""
    if t.op == "add":
        return all(positive(a) or _square(a) for a in t.args) and any(positive(a) for a in t.args)
    if t.op in ("mul", "div"):
        return all(map(positive, t.args))
    if t.op == "pow":
        return positive(t.args[0])
    return (t.op == "num" and t.data[0] > 0) or (t.op == "fn" and t.data in ("exp", "cosh", "abs"))


def _square(t: Term) -> bool:
    if t.op == "pow":
        k = t.args[1].number
        return k is not None and k.denominator == 1 and k.numerator % 2 == 0
    return t.op == "mul" and all(_square(a) or positive(a) for a in t.args)
