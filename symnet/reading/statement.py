"""A line of mathematics: sides joined by relations, lists of values, and what stands after commas and `where`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from .. import names
from ..errors import BudgetError
from ..term import Term, neg, partial, sym
from . import (
    binders,
    brackets,
    budgets,
    build,
    calls,
    conditions,
    derivatives,
    forms,
    grammar,
    notation,
    points,
    primaries,
    prose,
    structures,
    unknown,
)
from .commands import tokens
from .state import NO_SYMBOLS, NOTHING, Rule, State, Symbols, named, rule
from .tokens import Token

# an answer in words: none, no solution, no stationary points, does not exist
NONE = re.compile(
    r"\s*(?:none|None(?=\s*[.,;:]\s*\S)|does not exist|DNE|undefined|∅|\\emptyset|\\varnothing"
    r"|(?:[Tt]here (?:is|are) )?[Nn]o (?:real )?"
    r"(?:solution|root|minimum|maximum|stationary point|critical point|extremum|answer)s?)\s*(?:[.,;:].*)?$",
    re.DOTALL,
)
# they register their rules by being imported
GRAMMAR = (
    binders, brackets, calls, conditions, derivatives, forms, grammar, points, primaries, structures, unknown
)  # fmt: skip


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
    prose.trim(state)
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


# --------------------------------------------------------------------------------------------------------- statements
@rule
def statements(s: State) -> Rule:
    """Statements separated by commas before a further relation, line ends, `with` and `where`."""
    out: list[Statement] = []
    row = False
    listed: Token | None = None  # the comma behind a lone name
    while True:
        goes_on = str(s.token.value) if row and s.is_op("=", "≈") else ""
        found = yield "one_statement"
        if listed is not None and found.relations:
            s.fail("several names on the left side", "write x = 2, y = 3", listed)
        out = [*out[:-1], _joined(out[-1], goes_on, found)] if goes_on else [*out, found]
        alone = len(out) == 1 and not found.relations and found.sides[0].op == "sym" and s.is_op(",")
        listed = s.token if alone else None
        if s.token is NOTHING:
            return _solutions(s, out)
        row = s.is_op("row")
        if s.take_key("with", "and", "or") or s.take(",", ";", "row", "→", "or"):
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


def _joined(line: Statement, relation: str, next_line: Statement) -> Statement:
    """A line that begins with its relation goes on with the line above: a chain."""
    return Statement(line.sides + next_line.sides, (*line.relations, relation, *next_line.relations))


def _solutions(s: State, parts: list[Statement]) -> list[Statement]:
    """`x = 1 or x = 9` is x = {1, 9}."""
    first = parts[0].sides[0]
    joined = any(t.kind in ("key", "op") and t.value in ("or", "and") for t in s.tokens)
    if len(parts) < 2 or first.op != "sym" or not joined:
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
        if s.is_op("∈") and s.peek().kind == "open" and s.peek().value in ("{", "set{"):
            s.tokens[s.at].value = "="  # x ∈ {1, 2} lists the values of x
        if not s.is_op(*notation.RELATIONS) or (s.is_op("→") and relations):
            break
        relations.append(str(s.next().value))
        if s.token is NOTHING:
            s.fail("the right side is missing", "write a formula after the relation")
    if relations[:1] in (["+="], ["-="]) and len(sides) > 1:  # w -= g is w ← w − g
        change = sides[1] if relations == ["+="] else neg(sides[1])
        sides, relations = [sides[0], s.checked(build.total, [sides[0], change]), *sides[2:]], ["←", *relations[1:]]
    if s.take_key("as"):
        sides[-1] = yield "as_limit", sides[-1]
    if s.token.kind == "key" and s.token.value == "at":
        sides = yield "at_place", sides
    if s.chained is not None and s.chained[0] in sides:
        s.fail("two comparisons in a row", "write 0 < x and x < 1", s.chained[1])
    points.lift_products(s, sides)
    lifted = (binders.beside(s, points.lift(s, x)) for x in sides)
    return Statement(tuple(structures.by_components(x) for x in lifted), tuple(relations))


@rule
def at_place(s: State, sides: list[Term]) -> Rule:
    """… at x = 2, y = 1: the values there."""
    at = s.next()
    pairs: list[tuple[Term | None, Term]] = []
    while True:
        x = yield "primary"
        s.take("=")
        pairs.append((x, (yield "sum")))
        joined = s.is_op(",") or (s.token.kind == "key" and s.token.value == "and")
        if not joined or s.peek().kind != "word" or s.peek(2).value != "=":
            break
        if any(named(s.peek()) == x.name for x, _ in pairs if x is not None and x.op == "sym"):
            s.fail("two places for one claim", "write one statement for each", s.peek())
        s.at += 1
    shown = s.source[at.start : s.tokens[s.at - 1].end]
    found = [points.at_points(s, x, pairs, at) for x in sides]
    s.note(f"`{shown[:40]}` is read as the place" + (", which changes nothing here" if found == sides else ""))
    return found


def _time_index(s: State) -> None:
    """In `w(t+1) = w(t) − …` the brackets hold a time, also of declared names."""
    for i in range(s.at, len(s.tokens) - 3):
        t, opening, inner = s.tokens[i : i + 3]
        if t.kind == "op" and (t.value in (";", "row") or (t.value in notation.RELATIONS and not s.applied)):
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
    if name in s.symbols or (len(str(t.value)) > 1 and str(t.value) not in names.GREEK):
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
    quotient = any(sub[0] == "d" for sub in (*first.subs, *last.subs))  # dE_dw = … dz_dw
    if len(x.rstrip("0123456789")) != 2 or y in s.symbols or x in s.symbols or quotient:
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
        beside = s.peek().kind == "key" and s.peek().value == "with"
        if not is_list or _relation_follows(s) or beside or (separator.value == "or" and _equation_follows(s)):
            break
        s.at += 1
        if s.take_key("else", "otherwise") and pairs[-1][1] is not None and s.token is not NOTHING:
            pairs.append(((yield "disjunction"), None))
            break
        if separator.value == "otherwise" or (s.token.kind == "key" and s.token.value == "otherwise"):
            s.fail("`otherwise` without its value", "write the value before it")
        while s.take(",") or s.take_key("or", "and"):
            pass
        if s.token is NOTHING:
            break
        pairs.append((yield "clause"))
        if separator.value == "and" and not _has_relation(s) and any(v.free for v, _ in pairs):
            s.fail("`and` joins conditions or solutions", "write a formula, or x = 1 and x = 2", separator)
    if any(c is not None for _, c in pairs):
        return s.checked(build.cases, pairs)
    values = [v for v, _ in pairs]
    if (found := brackets.cases_of(s, values, start)) is not None:
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


def _equation_follows(s: State) -> bool:
    """Whether an equation with a name comes after the `or`: 2x = 4 or 3x = 9."""
    depth, has_name = 0, False
    for t in s.tokens[s.at + 1 :]:
        depth += (t.kind in ("open", "begin")) - (t.kind in ("close", "end"))
        has_name = has_name or t.kind == "word"
        if depth == 0 and t.kind == "op" and t.value in notation.RELATIONS:
            return has_name and t.value == "="
        if depth == 0 and t.value in (",", ";", "or", "and", "with"):
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
