"""Integration one named rule at a time: an integral that still stands, ∫ … dx, is replaced by its rule.

Our own rules go first where they go all the way; for products, quotients and nested functions the rules come from
SymPy. Every line is differentiated again and compared with the integrand before it is given out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from ..errors import RuleError
from ..probing import compared
from ..processes import SECONDS, work
from ..stepwise import put
from ..term import Term, postorder, rel, substitute, sym
from .antiderivatives import DIRECT, Move, Why, integral
from .borrowed import NAMES, TreeReader, absolute, plain, positive
from .methods import proposals
from .standard import standard

DEEPEST = 5  # methods one in the other
LETTERS = ("u", "v", "w", "s", "p", "q", *(f"u{i}" for i in range(1, 50)))


class NoAntiderivative(RuleError):
    """No elementary antiderivative was found."""


class NotVerified(NoAntiderivative):
    """An answer was found, but there is no point that decides whether it is one."""


@dataclass(frozen=True, slots=True)
class Line:
    formula: Term
    rule: str
    why: Why = ()


@dataclass
class Integration:
    """The lines from ∫ value dx to an antiderivative, each compared with the integrand by differentiating it."""

    value: Term
    x: Term
    seconds: float = SECONDS
    moves: dict[Term, Move] = field(default_factory=dict)
    back: dict[Term, Term] = field(default_factory=dict)
    own: dict[Term, bool] = field(default_factory=dict)
    solved: dict[Term, Term] = field(default_factory=dict)
    depth: int = 0
    letters: list[str] = field(default_factory=list)
    asked: dict[Term, Any] = field(default_factory=dict)

    def lines(self) -> tuple[Line, ...]:
        """The lines; raises `NoAntiderivative`."""
        try:
            return self._checked(self._unfold())
        except NoAntiderivative:
            found = self._asked(integral(self.value, self.x))
            if found is None or found.get("result") is None:
                raise
            reader = TreeReader((*self.value.free, self.x.name))
            whole = absolute(reader.term(found["result"]))
            return self._checked((Line(whole, NAMES.get(found["rule"], "known integral")),))

    def _unfold(self) -> tuple[Line, ...]:
        line, lines = integral(self.value, self.x), []
        while open_ := [n for n in postorder(line) if n.op == "integral"]:
            moves = [self._move(n) for n in open_]
            now = [m for m in moves if (m.rule, m.why[:1]) == (moves[0].rule, moves[0].why[:1])]
            line = put(line, {m.before: m.after for m in now})
            for m in now:
                self.back |= dict(m.back)
            why = (now[0].why[:1] or ((),)) + tuple(w for m in now for w in m.why[1:])
            lines.append(Line(line, moves[0].rule, why if any(why) else ()))
            if len(lines) > 200:
                raise NoAntiderivative("the rules went on for 200 lines")
        if self.back:
            named = tuple(rel("=", u, inner) for u, inner in self.back.items())
            names = (*(self.solved[u] for u in self.back if u in self.solved), *named)
            rule = "solved for the integral" if any(_is_integral(u) for u in self.back) else "put back"
            lines.append(Line(self._put_back(line), rule, (names,)))
        return tuple(lines)

    def _put_back(self, t: Term) -> Term:
        for u, inner in reversed(self.back.items()):
            t = substitute(t, {u: inner})
        bare = {n: n.args[0] for n in postorder(t) if n.op == "fn" and n.data == "abs" and positive(n.args[0])}
        return plain(substitute(t, bare) if bare else t)

    def _move(self, node: Term) -> Move:
        if node not in self.moves and not self._is_own(node):
            self.moves[node] = self._direct(node) or self._sympy(node)
        return self.moves[node]

    def _is_own(self, node: Term) -> bool:
        """Whether our own rules and methods go all the way; then the move is noted."""
        if node not in self.own:
            self.own[node] = False
            direct = self._direct(node)
            move = direct if direct is not None and self._ends(direct) else self._method(node)
            if move is not None:
                self.moves[node] = move
            self.own[node] = move is not None
        return self.own[node]

    def _ends(self, move: Move) -> bool:
        return all(self._is_own(n) for n in postorder(move.after) if n.op == "integral")

    def _method(self, node: Term) -> Move | None:
        """The first proposal all of whose integrals are carried out."""
        if self.depth == DEEPEST:
            return None
        body, x = node.args
        taken = {*body.free, *self.value.free, self.x.name, *self.letters}
        u = sym(next(n for n in LETTERS if n not in taken))
        self.depth += 1
        every = proposals(body, x, u, taken, lambda t: self._antiderivative(t, x))
        found = next(filter(self._works, every), None)
        self.depth -= 1
        return found

    def _works(self, move: Move) -> bool:
        """Whether everything that a proposal leaves is carried out; else what was noted on the way is forgotten."""
        known, count = set(self.own), len(self.letters)
        self.letters += [u.name for u, _ in move.back]
        if self._ends(move):
            return True
        for n in [n for n, good in self.own.items() if good and n not in known]:
            del self.own[n], self.moves[n]
        del self.letters[count:]
        return False

    def _antiderivative(self, body: Term, x: Term) -> Term | None:
        """By the direct rules alone."""
        line = integral(body, x)
        while open_ := [n for n in postorder(line) if n.op == "integral"]:
            moves = [self._direct(n) for n in open_]
            if None in moves:
                return None
            line = put(line, {m.before: m.after for m in moves if m is not None})
        return line

    def _direct(self, node: Term) -> Move | None:
        body, x = node.args
        for name, rule in DIRECT:
            found = rule(body, x)
            if found is not None:
                return Move(node, found[0], OWN_NAMES[name](body, x) if name in OWN_NAMES else name, found[1])
        return None

    def _sympy(self, node: Term) -> Move:
        reader = TreeReader((*self.value.free, self.x.name, *(u.name for u in self.back)))
        tree = self._asked(node)
        if tree is None or tree["result"] is None:
            raise NoAntiderivative(f"no elementary antiderivative of {node.args[0].text()} was found")
        start = reader.take(tree, node)
        self.solved |= reader.solved
        self.moves |= {k: v for k, v in reader.moves.items() if k not in self.moves}
        return self.moves[start]

    def _asked(self, node: Term) -> Any:
        """SymPy's tree for one integral, asked for once; all questions together keep to the time limit."""
        if node not in self.asked:
            body, x = node.args
            start = monotonic()
            names = dict.fromkeys([*body.free, *self.value.free, self.x.name, *(u.name for u in self.back)])
            given = {"formula": str(body), "names": list(names), "x": x.name}
            self.asked[node] = work("integral_steps", self.seconds, **given) if self.seconds > 0 else None
            self.seconds -= monotonic() - start
        return self.asked[node]

    def _checked(self, lines: tuple[Line, ...]) -> tuple[Line, ...]:
        """Each line with its integrals carried out has the integrand as its derivative."""
        done: dict[Term, Term] = {}
        for line in lines:
            closed = self._put_back(self._closed(line.formula, done))
            try:
                verdict = compared(closed, self.x, self.value)
            except RuleError as e:
                raise NotVerified(f"the {line.rule} gave a line that is not the integral") from e
            if not verdict.decided:
                raise NotVerified(f"the {line.rule} gave a line that could not be verified")
        return lines

    def _closed(self, t: Term, done: dict[Term, Term]) -> Term:
        while open_ := [n for n in postorder(t) if n.op == "integral"]:
            for n in open_:
                done[n] = self._move(n).after
            t = put(t, {n: done[n] for n in open_})
        return t


def _is_integral(name: Term) -> bool:
    """I stands for the integral that comes back in integration by parts."""
    return name.name[0] in "IJ"


def _rule_of(body: Term, x: Term) -> str:
    from ..functions import TABLE

    return TABLE[body.data].rule


def _row_of(body: Term, x: Term) -> str:
    found = standard(body, x)
    return found.rule if found is not None else "standard integral"


OWN_NAMES: dict[str, Callable[[Term, Term], str]] = {"rule of the function": _rule_of, "standard integral": _row_of}
