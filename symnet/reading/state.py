"""The state of reading one formula: a cursor over tokens, the declared names, and an explicit stack of rules.

A grammar rule is a generator that asks for another rule by name, `value = yield "product"`, and returns a Term. `run`
keeps the stack of rules itself, so that no depth of input reaches Python's own stack.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import cached_property
from types import GeneratorType
from typing import Any, NoReturn

from .. import names
from ..errors import BudgetError, ReadError, ShapeError
from ..term import Term, sym
from . import budgets
from .tokens import Token, error, place

Rule = Generator[Any, Any, Any]
RULES: dict[str, Callable[..., Any]] = {}
NOTHING = Token("nothing", "", 0, 0)


def rule(function: Callable[..., Any]) -> Callable[..., Any]:
    """A grammar rule, called by the others under the name of its function."""
    RULES[function.__name__.rstrip("_")] = function
    return function


class Symbols(dict[str, Term]):
    """The declared names; how they are spelled without `_` is kept beside them, since every word is looked up there."""

    _spelled: dict[str, str] | None = None
    _powers: frozenset[str] | None = None

    def __setitem__(self, name: str, symbol: Term) -> None:
        if name not in self:
            self._spelled = self._powers = None
        super().__setitem__(name, symbol)

    @property
    def spelled(self) -> dict[str, str]:
        """Spelling without `_` → name, for splitting words; dimensions are not split off."""
        if self._spelled is None:
            own = (n for n, t in self.items() if "dimension" not in t.facts and n.replace("_", "").isalnum())
            self._spelled = {n.replace("_", ""): n for n in own}
        return self._spelled

    @property
    def powers(self) -> frozenset[str]:
        """Names such as e2, beside which `3e2` is a product."""
        if self._powers is None:
            self._powers = frozenset(n for n in self if n[0] in "eE" and n[1:].isdigit())
        return self._powers


NO_SYMBOLS = Symbols()


class State:
    """What the rules share: `tokens[at]` is the next token; `symbols` are the declared names."""

    def __init__(
        self,
        source: str,
        tokens: list[Token],
        symbols: Symbols = NO_SYMBOLS,
        *,
        matrix: bool = False,
        latex: bool = False,
        end: int | None = None,
    ) -> None:
        self.source, self.tokens = source, tokens
        self.symbols = symbols
        self.matrix, self.latex = matrix, latex
        self.end = len(source) if end is None else end
        self.at = 0
        self.depth = 0
        self.bars: list[str] = []  # what closes the | and ‖ that are open
        self.integrals = 0  # how many ∫ wait for their d
        self.notes: list[str] = []
        self.applied: set[str] = set()  # names used as functions: w(t+1)
        self.functions: set[str] = set()  # names that the left side defines as functions: y(x) = …
        self.chained: tuple[Term, Token] | None = None  # the last 0 < x < 1, and where
        self.lifted: dict[str, str] = {}  # letters that (fg)′ makes functions, and of what
        self.sequences: set[str] = set()  # the names that a Σ of this text takes terms of
        self.wrt: str | None = None  # the variable of the last integral
        self.brackets: dict[int, tuple[list[Term], int]] = {}  # brackets that were read and turned out to be factors

    @cached_property
    def bound(self) -> frozenset[str]:
        """The letters that a sum in call notation binds: (c, 1, C)."""
        pairs = zip(self.tokens, self.tokens[1:], self.tokens[2:], strict=False)
        if not any(t.kind == "word" and t.value in ("Sum", "summation") for t in self.tokens):
            return frozenset()
        return frozenset(
            str(x.value) for a, x, b in pairs if a.kind == "open" and x.kind in ("word", "name") and b.value == ","
        )

    # -- the cursor
    @property
    def token(self) -> Token:
        return self.tokens[self.at] if self.at < len(self.tokens) else NOTHING

    def peek(self, ahead: int = 1) -> Token:
        i = self.at + ahead
        return self.tokens[i] if 0 <= i < len(self.tokens) else NOTHING

    def next(self) -> Token:
        token = self.token
        self.at += 1
        return token

    def is_op(self, *signs: str) -> bool:
        t = self.token
        return t.kind == "op" and t.value in signs

    def take(self, *signs: str) -> Token | None:
        return self.next() if self.is_op(*signs) else None

    def take_key(self, *words: str) -> bool:
        if self.token.kind == "key" and self.token.value in words:
            self.at += 1
            return True
        return False

    def is_open(self, *signs: str) -> bool:
        return self.token.kind == "open" and (not signs or self.token.value in signs)

    # -- saying things
    def fail(self, message: str, remedy: str = "", at: Token | int | None = None) -> NoReturn:
        where = self.token if at is None else at
        offset = where if isinstance(where, int) else where.start if where is not NOTHING else self.end
        raise error(self.source, offset, message, remedy)

    def note(self, sentence: str) -> None:
        if sentence not in self.notes:
            self.notes.append(sentence)

    def symbol(self, name: str) -> Term:
        """The declared name, or a new scalar."""
        return self.symbols.get(name) or sym(name)

    def constant(self, name: str) -> Term:
        return sym(name, (), ("constant",))

    # -- the explicit stack
    def run(self, name: str, *args: Any) -> Any:
        """The result of a rule."""
        stack: list[Any] = []
        value: Any = self._start(name, args, stack)
        while stack:
            try:
                asked = stack[-1].send(value)
            except StopIteration as done:
                stack.pop()
                value = done.value
                continue
            value = self._start(asked, (), stack) if isinstance(asked, str) else self._start(asked[0], asked[1:], stack)
        return value

    def _start(self, name: str, args: tuple[Any, ...], stack: list[Any]) -> Any:
        result = RULES[name](self, *args)
        if isinstance(result, GeneratorType):
            stack.append(result)
            return None
        return result

    def deeper(self) -> None:
        """One more bracket, exponent or argument inside another."""
        self.depth += 1
        if self.depth > budgets.DEPTH:
            raise BudgetError(f"nested more than {budgets.DEPTH} deep", remedy="name the inner parts", **self.here())

    def here(self, at: int | None = None) -> dict[str, Any]:
        offset = (self.token.start if self.token is not NOTHING else self.end) if at is None else at
        return place(self.source, offset)

    def checked(self, build: Callable[..., Any], *args: Any, at: Token | None = None) -> Any:
        """`build(*args)`, with the place added to what it refuses."""
        try:
            return build(*args)
        except ShapeError as problem:
            raise self.shape_error(problem, at) from None
        except budgets.OverBudget as problem:
            where = self.here(at.start if at is not None else None)
            raise BudgetError(f"{problem} is not computed", remedy="write a smaller power", **where) from None

    def shape_error(self, problem: Exception, at: Token | None) -> ShapeError:
        where = self.here(at.start if at is not None else None)
        shown = ReadError(str(problem), **where)
        found = ShapeError(str(shown))
        found.line, found.column = shown.line, shown.column
        return found

    def check_order(self, order: int, at: Token) -> None:
        """At most so many derivatives of one function."""
        if order > budgets.ORDER:
            message = f"a derivative of order {order:,}; at most {budgets.ORDER} are read"
            raise BudgetError(message, remedy="take it in steps", **self.here(at.start))


def named(token: Token) -> str:
    """The canonical name that a word token spells as a whole."""
    layer, groups = token.layer, [s.split(",") for s in token.subs]
    base = str(token.value)
    if base == "nabla" and len(groups) > 1 and groups[-2] == ["wrt"]:
        return f"nabla_{names.compose(token.subs[0], subs=token.subs[1:-2])}_wrt_{token.subs[-1]}"
    if base == "nabla" and groups and not token.whole:
        return "nabla_" + names.compose(token.subs[0], subs=token.subs[1:])
    if (not layer and groups and base[-1:].isdigit()) or len(groups) > 1:
        head = names.parse(base)
        layer_, rest = names.layer_first([[s] for s in head.subs] + groups) if not layer else ("", groups)
        if layer_:
            return names.compose(head.base, accent=token.accent, subs=[s for g in rest for s in g], layer=layer_)
    return names.compose(base, accent=token.accent, subs=[s for g in groups for s in g], layer=layer)
