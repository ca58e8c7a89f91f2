"""What stands in brackets: one thing, a vector, a set, cases; braces of LaTeX; ⟨u, v⟩ and <a, b>."""

from __future__ import annotations

from ..term import Term
from . import build
from .build import Chain
from .state import NOTHING, Rule, State, rule
from .tokens import Token

CLOSING = {"[": "]", "(": ")", "set{": "}set", "{": "}"}


@rule
def braces(s: State) -> Rule:
    """A LaTeX group: its content is one operand."""
    opening = s.next()
    s.deeper()
    if s.token.kind == "skip":
        s.at += 1
    items, separators = yield "items", "}"
    close(s, opening, "}")
    s.depth -= 1
    if len(items) == 1 and not separators:
        return items[0]
    return cases_of(s, items, opening) or Term("set", tuple(items))


@rule
def bracket(s: State) -> Rule:
    """( ), [ ], ⟨ ⟩, { }: one thing in brackets is that thing, several are a vector or a set."""
    opening = s.token
    sign = str(opening.value)
    if sign == "{":
        return (yield "braces")
    if sign == "(" and _quotient_in_brackets(s):
        return (yield "quotient_in_brackets")
    if sign == "(" and _operator_in_brackets(s):
        return (yield "quotient")
    found = s.brackets.pop(id(opening), None)
    if found is not None:
        s.at += found[1]
        return found[0][0] if len(found[0]) == 1 else s.checked(build.vector, found[0])
    before = s.peek(-1)
    s.at += 1
    closing = {"(": ")", "[": "]", "⟨": "⟩", "〈": "〉", "⟦": "⟧", "set{": "}set"}[sign]
    items, separators = yield "enclosed", opening, closing
    if sign == "set{" and (by_cases := cases_of(s, items, opening)) is not None:
        return by_cases
    if sign == "set{":
        return items[0] if len(items) == 1 and not separators and s.latex is False else Term("set", tuple(items))
    if sign in "⟨〈" and _are_columns(items):
        return _inner_product(s, items)
    if sign == "[" and len(set(separators)) == 2:
        items = _as_rows(s, items, separators, opening)
    if sign in "⟨〈" or len(items) > 1:
        return s.checked(build.vector, items)
    x = items[0]
    if x.op in ("add", "mul", "div") and s.is_open("(") and all(build.is_function_name(a) for a in x.args):
        s.fail("a combination of functions at a point is not read", "write f(x) + g(x)", opening)
    if s.is_op("'", "''") and not x.shape and not s.matrix:
        return (yield "primed", x)
    if sign == "[" and s.is_op("_"):
        return (yield "evaluated", x, opening)
    if sign == "[" and build.is_truth(x) and not _stands_as_condition(s, before):
        return build.indicator(x)
    return x


def _as_rows(s: State, items: list[Term], separators: str, at: Token) -> list[Term]:
    """[1, 2; 3, 4] is [[1, 2], [3, 4]]."""
    rows: list[list[Term]] = [[]]
    for item, sign in zip(items, separators[: len(items) - 1] + ";", strict=True):
        rows[-1].append(item)
        rows += [[]] if sign == ";" else []
    if len({len(row) for row in rows[:-1]}) != 1:
        s.fail("the rows of a matrix have different lengths", "write as many elements between two semicolons", at)
    return [s.checked(build.vector, row) for row in rows[:-1]]


def _stands_as_condition(s: State, before: Token) -> bool:
    """Whether a bracket with a comparison is a condition, and not the number 1 or 0: `x if [z > 0]`."""
    joins = ("if", "and", "or", "not", "else", "cell", "otherwise")
    return before.value in joins or s.token.value in joins


def _operator_in_brackets(s: State) -> bool:
    """(d/dx) f is d/dx f: the brackets are taken away."""
    d, slash, x, closing = (s.peek(i) for i in (1, 2, 3, 4))
    operator = d.kind == x.kind == "word" and d.value == "d" and slash.value == "/" and str(x.value)[:1] == "d"
    if not operator or len(str(x.value)) < 2 or closing.kind != "close" or "d" in s.symbols:
        return False
    del s.tokens[s.at + 4], s.tokens[s.at]
    return True


def cases_of(s: State, items: list[Term], at: Token) -> Term | None:
    """`{x, x > 0; 0, x <= 0}`: values and their conditions by turns; a mixture in another order is refused."""
    truths = [build.is_truth(x) for x in items]
    if not any(truths) or all(truths):
        return None
    if len(items) % 2 or truths != [False, True] * (len(items) // 2):
        s.fail("values and conditions are mixed", "write `x if x > 0 else 0`", at)
    s.note("a value and the condition behind it are read as a case")
    return s.checked(build.cases, list(zip(items[::2], items[1::2], strict=True)))


def _are_columns(items: list[Term]) -> bool:
    return len(items) == 2 and all(x.op != "vector" and len(x.shape) == 1 for x in items)


def _inner_product(s: State, items: list[Term]) -> Term:
    """⟨u, v⟩ of two columns."""
    s.note("⟨ , ⟩ of two columns is read as their inner product")
    return s.checked(lambda a, b: build.matmul(build.transposed(a), b), *items)


def _quotient_in_brackets(s: State) -> bool:
    from .derivatives import bracketed_quotient

    inner = s.peek()
    return ((inner.kind == "word" and str(inner.value)[:1] == "d") or inner.value == "∂") and bracketed_quotient(s)


@rule
def enclosed(s: State, opening: Token, closing: str) -> Rule:
    """The items up to the closing bracket, and what separates them; bars and integrals outside wait."""
    s.deeper()
    bars, s.bars = s.bars, []
    waiting, s.integrals = s.integrals, 0
    found = yield "items", closing
    s.bars, s.integrals = bars, waiting
    close(s, opening, closing)
    s.depth -= 1
    return found


def close(s: State, opening: Token, closing: str) -> None:
    """The bracket that must come now."""
    t = s.token
    if t.kind == "close" and t.value == closing:
        s.at += 1
        return
    shown = closing.replace("set", "")
    if t is NOTHING:
        s.fail(f"`{opening.value}` is not closed".replace("set{", "{"), f"a `{shown}` is expected here")
    what = s.source[t.start : t.end]
    if t.kind == "close":
        s.fail(f"`{what}` does not close `{opening.value}`".replace("set{", "{"), f"a `{shown}` is expected here")
    s.fail(f"`{what[:20]}` cannot stand here", f"a `{shown}` or an operator is expected")


@rule
def items(s: State, closing: str) -> Rule:
    """What stands between brackets: clauses with commas or semicolons; `a \\over b`."""
    if s.token.kind == "close":
        s.fail("nothing stands between the brackets", "a number or a name is expected")
    out: list[Term] = []
    separators = ""
    pairs: list[tuple[Term, Term | None]] = []
    while True:
        value, condition = yield "clause"
        if s.take("over"):
            below, _ = yield "clause"
            value = s.checked(lambda a, b: build.literal_fraction(a, b) or _quotient(a, b), value, below)
        out.append(value)
        pairs.append((value, condition))
        sign = s.take(",", ";")
        if not sign:
            break
        separators += str(sign.value)
        if s.token.kind == "close":
            break
    if any(c is not None for _, c in pairs):
        return [s.checked(build.cases, pairs)], ""
    return out, separators


def _quotient(a: Term, b: Term) -> Term:
    chain = Chain(a)
    chain.over(b, elementwise=False)
    return chain.term()


@rule
def angle(s: State) -> Rule:
    """<a, b>: a vector in less-than and greater-than signs."""
    opening = s.next()
    s.deeper()
    out = [(yield "sum")]
    while s.take(","):
        out.append((yield "sum"))
    if not s.take(">"):
        s.fail("`<` where an operand is expected", "a vector is closed by >", opening if len(out) == 1 else None)
    s.depth -= 1
    return _inner_product(s, out) if _are_columns(out) else s.checked(build.vector, out)
