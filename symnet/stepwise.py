"""Differentiation one named rule at a time: a derivative that still stands, d/dx (…), is replaced by its rule.

A line is a formula in which some derivatives are not carried out yet. Each move applies one rule of `rules.py` to them,
with inert derivatives of the parts, so that the same table serves the sweep, the steps and the statements of the rules.
Every line is compared with the truth at a few points before it is given out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from .errors import RuleError
from .functions import TABLE as FUNCTIONS
from .probing import Witness
from .rules import RULES, Rule
from .term import ONE, ZERO, Term, fn, mul, neg, postorder, rebuild, rel, sym

D = Literal["d", "∂"]
Moving = Mapping[str, Term | None]
LETTERS = ("f", "g", "h", "k", "l", "p", "q", "r")


@dataclass(frozen=True, slots=True)
class Move:
    """One derivative and what a rule makes of it: the statement of the rule, and what its letters stand for."""

    before: Term
    after: Term
    rule: str
    statement: tuple[Term, ...] = ()
    letters: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """The formula after one rule has been applied, wherever it applies."""

    formula: Term
    moves: tuple[Move, ...]

    @property
    def rule(self) -> str:
        return self.moves[0].rule

    @property
    def why(self) -> tuple[tuple[Term, ...], ...]:
        """The statement, and what the letters stand for at each place."""
        return (self.moves[0].statement, *(m.letters for m in self.moves if m.letters))


def derivative(u: Term, x: Term, d: D = "d") -> Term:
    """d/dx (u), to be carried out by the next lines."""
    return Term("deriv", (u, x), d, u.shape)


def unfold(value: Term, x: Term, d: D = "d", moving: Moving | None = None) -> tuple[Line, ...]:
    """The lines from d/dx (value) to a formula without derivatives, each checked."""
    rewrite = _Rewriter(x, d, dict(moving or {}))
    witness = Witness(value, x, moving)
    line, lines = derivative(value, x, d), []
    while open_ := [n for n in postorder(line) if n.op == "deriv"]:
        moves = [rewrite(n) for n in open_]
        now = tuple(m for m in moves if m.rule == moves[0].rule)
        line = put(line, {m.before: m.after for m in now})
        witness.check(line, now[0].rule)
        lines.append(Line(line, now))
    return tuple(lines)


def put(line: Term, values: Mapping[Term, Term]) -> Term:
    """The line with derivatives replaced; products in products and sums in sums lose their brackets."""
    memo: dict[Term, Term] = dict(values)
    for node in postorder(line):
        if node not in memo:
            args = [memo[a] for a in node.args]
            if node.op in ("add", "mul") and args != list(node.args):
                args = [g for a in args for g in (a.args if a.op == node.op and a.shape == node.shape else (a,))]
            memo[node] = rebuild(node, args) if node.args else node
    return memo[line]


class _Rewriter:
    """The move for each derivative, found once."""

    def __init__(self, x: Term, d: D, moving: dict[str, Term | None]) -> None:
        self.x, self.d, self.moving = x, d, moving
        self.live = {x.name, *moving}
        self.memo: dict[Term, Move] = {}

    def __call__(self, node: Term) -> Move:
        if node not in self.memo:
            self.memo[node] = self._move(node, node.args[0])
        return self.memo[node]

    def _move(self, node: Term, u: Term) -> Move:
        if u is self.x:
            return Move(node, ONE, "identity rule", (_states(sym("x"), ONE),))
        if not self.live.intersection(u.free):
            return Move(node, ZERO, "constant rule", (_states(sym("c"), ZERO),))
        if u.op == "sym":
            definition = self.moving[u.name]
            if definition is None:
                return Move(node, Term("partial", (u, self.x), "d"), f"`{u.name}` depends on `{self.x.name}`")
            inner = derivative(definition, self.x, self.d)
            return Move(node, inner, f"definition of `{u.name}`", (rel("=", u, definition),))
        if u.op == "partial":
            raise RuleError("a second derivative through a name that only `depends` on the variable is not there")
        du = [self._inert(u, a) for a in u.args]
        rule = _rule(u, du)
        return Move(node, rule.rewrite(u, du), self._name(u, rule), *_statement(rule, u, du, self.x))

    def _inert(self, node: Term, a: Term) -> Term:
        if a.op in ("rel", "and", "or", "not"):
            return ZERO
        if not self.live.intersection(a.free) and node.op != "add":
            return ZERO
        if node.op == "add" and a.op == "neg":
            return neg(derivative(a.args[0], self.x, self.d))
        direct = node.op in ("pow", "fn", "prime", "apply", "applyprime")
        return ONE if a is self.x and direct else derivative(a, self.x, self.d)

    def _name(self, u: Term, rule: Rule) -> str:
        name = rule.name or FUNCTIONS[u.data].rule
        inner = [a for a in u.args if self.live.intersection(a.free) and a is not self.x]
        return (CHAINED if inner else DIRECT).get(u.op, lambda u, name: name)(u, name)


Wording = Callable[[Term, str], str]
CHAINED: dict[str, Wording] = {
    "pow": lambda u, name: "general power rule" if name == "power rule" else name,
    "fn": lambda u, name: f"chain rule, {name}",
}
DIRECT: dict[str, Wording] = {
    "apply": lambda u, name: f"derivative of `{u.data}`",
    "applyprime": lambda u, name: f"derivative of `{u.data[0]}`",
}


def _rule(u: Term, du: Sequence[Term]) -> Rule:
    for rule in RULES.get(u.op, ()):
        if rule.applies(u, du):
            return rule
    raise RuleError(f"there is no derivative rule for `{u.op}`")


# --------------------------------------------------------------------------------------------------------- statements
def _states(left: Term, right: Term) -> Term:
    """(left)′ = right."""
    return rel("=", Term("deriv", (left, left), "′"), right)


def _statement(rule: Rule, u: Term, du: Sequence[Term], x: Term) -> tuple[tuple[Term, ...], tuple[Term, ...]]:
    """The rule in the letters f, g and c, n, and what they stand for here."""
    if (u.op in ("cases", "apply", "applyprime") and all(d is ZERO or d is ONE for d in du)) or u.op == "cases":
        return (), ()
    places = range(2) if u.op == "add" else range(len(u.args))
    letters = _letters(u, du, x)
    if u.op == "add":
        letters = [neg(f) if a.op == "neg" else f for f, a in zip(letters, u.args, strict=True)]
    pattern = _pattern(u, [letters[i] for i in places])
    slopes = [_dashed(letters[i], du[i] if u.op != "add" else None) for i in places]
    pairs = () if u.op in ("add", "neg") else zip(letters, u.args, strict=True)
    said = [rel(":=", f, a) for f, a in pairs if _says(f, a)]
    logarithm = [_logarithm(pattern)] if rule.name in LOGARITHMIC else []
    return (*logarithm, _states(pattern, rule.rewrite(pattern, slopes))), tuple(dict.fromkeys(said))


def _logarithm(pattern: Term) -> Term:
    """log(f^g) = g log(f)."""
    base, exponent = pattern.args
    return rel("=", fn("log", pattern), mul(exponent, fn("log", base)))


LOGARITHMIC = ("logarithmic differentiation",)  # log y = g log f is differentiated


def _says(letter: Term, a: Term) -> bool:
    """Whether f := … tells something: not for x := x, nor for f := f(x)."""
    return letter is not a and not (a.op == "apply" and a.data == letter.name)


def statement(rule: Rule, op: str, constant: Iterable[int] = (), count: int = 2) -> Term:
    """A row of RULES as a formula: (f g)′ = f′ g + f g′."""
    args = [sym(f"u{i}") for i in range(count)]
    du = [ZERO if i in tuple(constant) else Term("deriv", (a, a), "d") for i, a in enumerate(args)]
    pattern = Term(op, tuple(args))
    return _statement(rule, pattern, du, sym("x"))[0][-1]


def _letters(u: Term, du: Sequence[Term], x: Term) -> list[Term]:
    """f, g, … for what depends on x, c (n for an exponent, a for a base) for what does not."""
    taken = {x.name, str(u.data)}
    names = iter([n for n in LETTERS if n not in taken])
    constants = iter(["c", "C", "d", "m", "j", "i", "s"])
    out = []
    for i, (a, d) in enumerate(zip(u.args, du, strict=True)):
        if a is x and d is ONE:
            out.append(x)
        elif d is ZERO:
            out.append(sym({("pow", 0): "a", ("pow", 1): "n"}.get((u.op, i)) or next(constants, "c")))
        else:
            out.append(sym(next(names, "f")))
    return out


def _dashed(letter: Term, d: Term | None) -> Term:
    if letter.op == "neg":
        return neg(_dashed(letter.args[0], d))
    return d if d is ZERO or d is ONE else sym(letter.name + "'")


def _pattern(u: Term, letters: list[Term]) -> Term:
    return Term(u.op, tuple(letters), u.data, u.shape)
