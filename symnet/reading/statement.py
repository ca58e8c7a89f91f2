"""A line of mathematics: sides joined by relations, lists of values, and what stands after commas and `where`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from .. import names
from ..errors import BudgetError
from ..term import Term, partial, sym
from . import budgets, calculus, calls, grammar, notation, structures
from .state import NO_SYMBOLS, NOTHING, Rule, State, Symbols, named, rule
from .tokens import Token, tokens

# an answer in words: none, no solution, no stationary points, does not exist
NONE = re.compile(
    r"\s*(?:none|None(?=\s*[.,;:]\s*\S)|does not exist|∅|\\emptyset|\\varnothing"
    r"|(?:[Tt]here (?:is|are) )?[Nn]o (?:real )?"
    r"(?:solution|root|minimum|maximum|stationary point|critical point|extremum|answer)s?)\s*(?:[.,;:].*)?$",
    re.DOTALL,
)
GRAMMAR = (calculus, calls, grammar, structures)  # they register their rules by being imported


@dataclass(frozen=True)
class Statement:
    """What was read: `sides` joined by `relations`; `also` holds further statements of the same text.

    `notes` are sentences that say how ambiguous input was read. `str` is plain notation that reads back.
    """

    sides: tuple[Term, ...]
    relations: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    source: str = ""
    also: tuple[Statement, ...] = ()

    @property
    def value(self) -> Term:
        """The last side."""
        return self.sides[-1]

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        """This statement and those that follow it in the text."""
        return (self, *self.also)

    def _joined(self, sides: list[str], signs: Mapping[str, str]) -> str:
        out = sides[0]
        for sign, side in zip(self.relations, sides[1:], strict=False):
            out += f" {signs.get(sign, sign)} {side}"
        return out

    def __str__(self) -> str:
        return self._joined([str(t) for t in self.sides], {"≈": "~=", "←": "<-", "→": "->"})

    def text(self) -> str:
        """The statement in Unicode."""
        return self._joined([t.text() for t in self.sides], {})

    def latex(self) -> str:
        signs = {"≈": "\\approx", "←": "\\leftarrow", "→": "\\to", ":=": ":="}
        return self._joined([t.latex() for t in self.sides], signs)

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"


def statement(
    source: str,
    start: int = 0,
    end: int | None = None,
    *,
    symbols: Symbols = NO_SYMBOLS,
    matrix: bool = False,
    latex: bool | None = None,
) -> Statement:
    """The statements of `source[start:end]`."""
    stop = len(source) if end is None else end
    if NONE.match(source, start, stop):
        return Statement((Term("set", ()),), (), ("read as: there is none",), source[start:stop].strip())
    found = tokens(source, start, stop, latex=latex, known=symbols.powers)
    is_latex = "\\" in source[start:stop] if latex is None else latex
    state = State(source, found, symbols, matrix=matrix, latex=is_latex, end=stop)
    _trim(state)
    if not state.tokens:
        state.fail("there is no formula here", "write one, such as w*x + b")
    parts: list[Statement] = state.run("statements")
    for part in parts:
        for side in part.sides:
            if side.size > budgets.FORMULA_NODES:
                raise BudgetError(f"a formula of {side.size:,} nodes; at most {budgets.FORMULA_NODES:,} are read")
    first, *rest = parts
    notes = tuple(state.notes)
    if rest:
        notes = (*notes, f"the text holds {len(parts)} statements; the first is the value")
    shown = source[start:stop].strip()
    return Statement(first.sides, first.relations, notes, shown, tuple(rest))


# ----------------------------------------------------------------------------------------------- around the formula
def _trim(s: State) -> None:
    """Alignment signs, line ends, a full stop at the end and words in front say nothing about the formula."""
    depth = 0
    kept: list[Token] = []
    for i, t in enumerate(s.tokens):
        depth += (t.kind == "begin") - (t.kind == "end")
        if depth or not _aligns(s.tokens, i):
            kept.append(t)
    while kept and kept[-1].kind == "op" and kept[-1].value in ("row", ",", ";"):
        kept.pop()
    while kept and kept[0].kind == "op" and kept[0].value == "row":
        kept.pop(0)
    s.tokens = kept = _lower_primes(kept)
    skipped = 0
    while skipped < len(kept) - 1 and _is_prose(kept, skipped):
        skipped += 1
    if skipped:
        shown = s.source[kept[0].start : kept[skipped - 1].end]
        s.note(f"the words `{shown[:60]}` are skipped")
        s.tokens = kept[skipped:]


def _lower_primes(found: list[Token]) -> list[Token]:
    """f^{\\prime}(x), f^\\prime(x) and f^{''}(x) are f'(x) and f''(x)."""
    out: list[Token] = []
    closing = 0
    for i, t in enumerate(found):
        prime = t.kind == "op" and t.value in ("'", "''")
        if prime and out and out[-1].kind == "op" and out[-1].value == "^":
            out.pop()
        elif prime and len(out) > 1 and out[-1].value == "{" and out[-2].value == "^":
            j = next((k for k in range(i, len(found)) if found[k].value not in ("'", "''")), len(found))
            if j < len(found) and found[j].kind == "close":
                del out[-2:]
                closing = j
        if not closing or i != closing:
            out.append(t)
    return out


def _aligns(tokens_: list[Token], i: int) -> bool:
    """Whether this is an & beside a relation, or at either end."""
    t = tokens_[i]
    if t.kind != "op" or t.value != "cell":
        return False
    beside = [tokens_[j] for j in (i - 1, i + 1) if 0 <= j < len(tokens_)]
    relations = notation.RELATIONS | notation.COMPARISONS | {"row", "cell"}
    return len(beside) < 2 or any(b.kind == "op" and b.value in relations for b in beside)


def _is_prose(tokens_: list[Token], i: int) -> bool:
    t = tokens_[i]
    word = str(t.value).lower()
    if t.kind == "key" and i and word in ("with",):
        return True
    allowed = notation.PROSE if i else notation.PROSE_STARTS
    after = tokens_[i + 1]
    calls_it = after.kind == "open" and not after.spaced
    related = after.kind == "op" and after.value not in ("-", "∂", "√", "∑", "∫")
    return t.kind == "word" and not t.whole and not t.subs and word in allowed and not calls_it and not related


@rule
def statements(s: State) -> Rule:
    """Statements separated by commas before a further relation, line ends, `with` and `where`."""
    out: list[Statement] = []
    while True:
        out.append((yield "one_statement"))
        if s.token is NOTHING:
            return _solutions(s, out)
        if s.take_key("with", "and", "or") or s.take(",", ";", "row", "→"):
            while s.take_key("with") or s.take(",", ";", "row", "→"):
                pass
            if s.token is NOTHING:
                return out
            continue
        t = s.token
        shown = s.source[t.start : t.end]
        if t.kind == "close":
            s.fail(f"`{shown}` closes a bracket that was not opened", "leave it out, or open it before")
        if t.kind == "op" and t.value == "==":
            s.fail("`==` is not a relation of mathematics", "write =")
        s.fail(f"`{shown[:20]}` cannot stand here", "an operator, a comma or the end is expected")


def _solutions(s: State, parts: list[Statement]) -> list[Statement]:
    """`x = 1 or x = 9` is x = {1, 9}."""
    first = parts[0].sides[0]
    if len(parts) < 2 or first.op != "sym" or not any(t.kind == "key" and t.value in ("or", "and") for t in s.tokens):
        return parts
    if any(p.relations != ("=",) or p.sides[0] is not first for p in parts):
        return parts
    values = [v for p in parts for v in (p.value.args if p.value.op == "set" else (p.value,))]
    return [Statement((first, Term("set", tuple(values))), ("=",))]


@rule
def one_statement(s: State) -> Rule:
    """side = side = …; a relation in front belongs to a line above."""
    sides: list[Term] = []
    relations: list[str] = []
    s.take(*notation.RELATIONS)
    _time_index(s)
    _defined_function(s)
    _whole_differential(s)
    differential = _differential_equation(s)
    if differential is not None:
        sides.append(differential)
        relations.append("=")
    while True:
        sides.append((yield "side"))
        if s.is_op("+") and s.peek().kind == "op" and s.peek().value in notation.RELATIONS:
            s.at += 1
            last = sides[-1]
            if last.op != "sym":
                s.fail("a `+` before the relation", "w5+ is a name; anything else needs an operand after the +")
            sides[-1] = s.symbol(names.compose(last.name, layer="+"))
        if not s.is_op(*notation.RELATIONS) or (s.is_op("→") and relations):
            break
        relations.append(str(s.next().value))
        if s.token is NOTHING:
            s.fail("the right side is missing", "write a formula after the relation")
    if relations[:1] in (["+="], ["-="]) and len(sides) == 2:  # w -= g is w ← w − g
        change = sides[1] if relations == ["+="] else grammar.neg(sides[1])
        sides, relations = [sides[0], s.checked(grammar.build.total, [sides[0], change])], ["←"]
    if s.take_key("as"):
        sides[-1] = yield "as_limit", sides[-1]
    return Statement(tuple(sides), tuple(relations))


def _time_index(s: State) -> None:
    """In `w(t+1) = w(t) − …` the brackets hold a time, also of declared names."""
    for i in range(s.at, len(s.tokens) - 3):
        t, opening, inner = s.tokens[i : i + 3]
        if t.kind == "op" and t.value in notation.RELATIONS and not s.applied:
            return
        if t.kind != "word" or opening.kind != "open" or opening.value != "(" or inner.kind != "word":
            continue
        after = s.tokens[i + 3]
        signed = after.kind == "op" and after.value in ("+", "-")
        stepped = signed and not opening.spaced and _may_step(s, t, inner)
        if inner.value in notation.TIME and (stepped or (s.applied and after.kind == "close")):
            s.applied.add(named(t))


def _may_step(s: State, t: Token, time: Token) -> bool:
    """Whether w(t + 1) is w at that time: always in t, in n, k, … where there is an equation; not n(n + 1)."""
    if t.value in notation.TIME and not t.subs:
        return False
    return time.value == "t" or _has_relation(s)


def _whole_differential(s: State) -> None:
    """In `dx = 3` the left side is one name."""
    t, after = s.token, s.peek()
    word = str(t.value)
    if t.kind == "word" and word[:1] == "d" and len(word.rstrip("0123456789")) == 2 and after.kind == "op":
        t.whole = t.whole or after.value in notation.RELATIONS


def _defined_function(s: State) -> None:
    """In `ζ(x) = … ζ(x + 1)` the left side says that ζ is a function."""
    t, i = s.token, s.at + 1
    if t.kind != "word" or i >= len(s.tokens) or s.tokens[i].kind != "open" or s.tokens[i].value != "(":
        return
    name = named(t)
    if name in s.symbols or (len(name) > 1 and name not in names.GREEK):
        return
    i += 1
    while i + 1 < len(s.tokens) and s.tokens[i].kind == "word" and named(s.tokens[i]) != name:
        if s.tokens[i + 1].kind == "close":
            after = s.tokens[i + 2] if i + 2 < len(s.tokens) else NOTHING
            if after.kind == "op" and after.value in notation.RELATIONS:
                s.functions.add(name)
            return
        i += 2


def _differential_equation(s: State) -> Term | None:
    """dy = 2x dx is dy/dx = 2x."""
    first, last = s.token, s.tokens[-1]
    after = s.peek()
    if not (first.kind == last.kind == "word" and after.kind == "op" and after.value == "=" and s.at == 0):
        return None
    y, x = str(first.value), str(last.value)
    if not (len(y) >= 2 and y[0] == "d" and len(x) >= 2 and x[0] == "d" and y[1:].isalpha()) or len(s.tokens) < 4:
        return None
    if len(x.rstrip("0123456789")) != 2 or y in s.symbols or x in s.symbols:
        return None
    s.tokens = s.tokens[:-1]
    s.at = 2
    s.note(f"`{y} = … {x}` is read as {y}/{x} = …")
    return partial(sym(names.compose(y[1:], subs=first.subs)), sym(names.compose(x[1:], subs=last.subs)), "d")


@rule
def side(s: State) -> Rule:
    """One value, or several: `3/2, (3 ± √5)/2`, `1 or 9`, `1 for z > 0, 0 for z < 0`."""
    if s.token is NOTHING or s.is_op(*notation.RELATIONS):
        s.fail("a side is missing", "write a formula on both sides of the relation")
    start = s.token
    pairs: list[tuple[Term, Term | None]] = [(yield "clause")]
    while True:
        separator = s.token
        is_list = (separator.kind == "op" and separator.value in (",", "or")) or (
            separator.kind == "key" and separator.value in ("or", "and", "otherwise")
        )
        if not is_list or _relation_follows(s):
            break
        s.at += 1
        if separator.value == "otherwise" or (s.token.kind == "key" and s.token.value == "otherwise"):
            s.fail("`otherwise` without its value", "write the value before it")
        while s.take(",") or s.take_key("or", "and"):
            pass
        if s.token is NOTHING:
            break
        if separator.value == "and" and not _has_relation(s):
            s.fail("`and` joins conditions or solutions", "write a formula, or x = 1 and x = 2", separator)
        pairs.append((yield "clause"))
    if any(c is not None for _, c in pairs):
        return s.checked(grammar.build.cases, pairs)
    values = [v for v, _ in pairs]
    if (found := grammar.cases_of(s, values, start)) is not None:
        return found
    if len(values) > 1 and all(v.number is not None for v in values) and not s.tokens[s.at - 1].spaced:
        s.note("a comma separates two values; the decimal sign is a point")
    return values[0] if len(values) == 1 else Term("set", tuple(values))


def _has_relation(s: State) -> bool:
    return any(t.kind == "op" and t.value in notation.RELATIONS for t in s.tokens)


def _relation_follows(s: State) -> bool:
    """Whether `name =` comes after the comma: then a new statement begins; (3 ± √5)/2 ≈ … still belongs to the list."""
    first = s.peek()
    if first.kind not in ("word", "frac", "key") and not (first.kind == "op" and first.value in ("∂", "∇", "∫", "row")):
        return False
    depth = 0
    for t in s.tokens[s.at + 1 :]:
        if t.kind in ("open", "begin"):
            depth += 1
        elif t.kind in ("close", "end"):
            depth -= 1
        elif depth == 0 and (t.kind == "op" and t.value in notation.RELATIONS):
            return True
        elif depth == 0 and (
            (t.kind == "op" and t.value in (",", ";")) or (t.kind == "key" and t.value in ("or", "and", "with"))
        ):
            return False
    return False


@rule
def as_limit(s: State, body: Term) -> Rule:
    """… as h → 0."""
    x = yield "primary"
    if x.op != "sym" or not s.take("→"):
        s.fail("`as` without its limit", "write as h → 0")
    point = yield "sum"
    return Term("limit", (body, x, point))


def declared(spellings: object, symbols: Mapping[str, Term]) -> Symbols:
    """The declared names, with those that are only named taken as scalars."""
    out = Symbols(symbols)
    listed = spellings.replace(",", " ").split() if isinstance(spellings, str) else spellings
    for spelling in listed or ():  # type: ignore[attr-defined]
        name = names.canonical(str(spelling))
        if name not in out:
            out[name] = sym(name)
    return out
