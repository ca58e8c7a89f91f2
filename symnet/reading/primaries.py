"""What a formula is made of: a number, a name, a function with its argument, a bracket, a structure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .. import names
from ..applications import FUNCTION_LETTERS
from ..errors import BudgetError
from ..term import Term, num
from . import budgets, build, notation, words
from .calls import is_unstacked
from .grammar import word_before
from .state import NOTHING, Rule, State, rule
from .tokens import Token


@rule
def primary(s: State, in_exponent: bool = False) -> Any:
    """A number, a name, a function with its argument, a bracket, or a structure."""
    t = s.token
    if t.kind == "num":
        s.at += 1
        if t.value[0] == 1 and _indicator_follows(s):
            return handed_on("indicator")
        return _factorial(s, t) if s.is_op("!") else num(*t.value)
    if t.kind == "word":
        return _word(s, in_exponent)
    if t.kind == "name":
        s.at += 1
        return _name(s, t)
    if t.kind == "function":
        s.at += 1
        return handed_on("function", t)
    if t.kind == "open":
        return handed_on("bracket")
    if t.kind in ("frac", "sqrt", "begin"):
        return handed_on(t.kind)
    if t.kind == "skip":
        s.at += 1
        return handed_on("primary")
    if t.kind == "op" and t.value in ("|", "‖"):
        return handed_on("bars")
    if t.kind == "op" and t.value == "<":
        return handed_on("angle")
    if t.kind == "op" and t.value in STRUCTURES:
        return handed_on(STRUCTURES[str(t.value)])
    return _missing(s)


def _indicator_follows(s: State) -> bool:
    """1[z > 0], 1{z > 0}, 1(z > 0), 1_{z > 0}: the cursor moves before the bracket."""
    below = int(s.is_op("_") and s.peek().kind == "open")
    opening = s.peek(below)
    if opening.kind != "open" or (opening.spaced and not s.latex) or not _holds_comparison(s, s.at + below):
        return False
    s.at += below
    return True


def _factorial(s: State, t: Token) -> Term:
    """5! is 120; it binds closer than a power."""
    n = t.value[0]
    s.at += 1
    if not t.whole:
        s.fail("the factorial of something that is not a whole number", "write 5!, or the product", t)
    if s.is_op("!"):
        s.fail("a double factorial is not read", "write the product")
    return num(s.checked(budgets.factorial, int(n), at=t))


def _holds_comparison(s: State, at: int | None = None) -> bool:
    """Whether the bracket at the cursor holds a condition: 1[z > 0]."""
    depth = 0
    for t in s.tokens[s.at if at is None else at :]:
        depth += (t.kind == "open") - (t.kind == "close")
        if t.kind == "op" and t.value in notation.COMPARISONS:
            return True
        if depth == 0:
            return False
    return False


STRUCTURES = {
    "√": "root", "∛": "root", "∂": "partial", "∇": "nabla", "∑": "sigma", "∏": "product_over",
    "∫": "integral", "lim": "limit", "∞": "infinity", "⌊": "rounded", "⌈": "rounded",
}  # fmt: skip


def handed_on(name: str, *args: Any) -> Rule:
    """A generator that only hands on to another rule."""
    return (yield (name, *args))


def _missing(s: State) -> Any:
    t = s.token
    if t is NOTHING:
        s.fail("the formula ends here, and an operand is missing", "a number, a name or a bracket is expected")
    if t.kind == "op" and t.value == "…":
        s.fail("dots do not say what is left out", "write a sum: \\sum_{k=1}^{n} x_k w_k")
    if t.kind == "op" and t.value in ("*", "/") and s.peek(-1).kind == "op":
        s.fail(f"`{s.source[t.start : t.end]}` follows another sign", "a number, a name or a bracket is expected")
    shown = s.source[t.start : t.end] or str(t.value)
    s.fail(f"`{shown[:20]}` stands where an operand is expected", "a number, a name or a bracket is expected")


def _word(s: State, in_exponent: bool) -> Any:
    """A word that is still unsplit: perhaps a derivative dE/dw, else its names and functions."""
    t = s.token
    if t.value == "d" or str(t.value).startswith("d"):
        from .derivatives import numerator_ahead, quotient_ahead

        if quotient_ahead(s):
            return handed_on("quotient")
        if numerator_ahead(s):
            return handed_on("quotient_of_numerator")
    if t.value == "I" and "I" not in s.symbols and s.peek().kind == "open" and _holds_comparison(s, s.at + 1):
        s.at += 1
        return handed_on("indicator")
    if s.peek().kind == "open" and not t.subs and str(t.value) not in s.symbols and _is_system_call(t, s.peek()):
        _round_brackets(s)
        t = s.token
    if t.value == "D" and t.subs and t.subs[0][0].isalpha() and s.peek().kind in ("word", "open"):
        return handed_on("operator_d")
    if t.accent == "bold":
        return handed_on("sized")
    if t.value in notation.WINDOWED and len(t.subs) == 1 and "," in t.subs[0] and s.peek().value == "(":
        return handed_on("windowed")
    if is_unstacked(s):
        return handed_on("unstacked")
    s.tokens[s.at : s.at + 1] = words.split(s, t, bracket_follows(s))
    return handed_on("primary", in_exponent)


def _is_system_call(t: Token, opening: Token) -> bool:
    """D[f, x], Integrate[f, {x, 0, 1}], int(f, x), IF(x > 0, a, b)."""
    word = str(t.value)
    if opening.value == "[":
        return word in notation.SYSTEM_FORMS or (word in notation.FORMS and word != "log")
    return opening.value == "(" and word in notation.SYSTEM_FORMS and word != "D"


def _round_brackets(s: State) -> None:
    """D[x², {x, 2}] is diff(x², (x, 2)); a bracket without a comma of its own is no call."""
    depth, commas = 0, False
    inner: list[int] = []
    for i in range(s.at + 1, len(s.tokens)):
        t = s.tokens[i]
        depth += (t.kind == "open") - (t.kind == "close")
        commas = commas or (depth == 1 and t.kind == "op" and t.value == ",")
        opens = depth == 2 and t.kind == "open" and t.value == "{" and s.tokens[i - 1].value == ","
        if opens or (depth == 1 and t.kind == "close" and t.value == "}" and inner and len(inner) % 2):
            inner.append(i)
        if depth > budgets.DEPTH:
            raise BudgetError(f"nested more than {budgets.DEPTH} deep", remedy="name the inner parts", **s.here())
        if depth == 0:
            if commas:
                word = str(s.token.value)
                s.tokens[s.at] = replace(s.token, value=notation.SYSTEM_FORMS.get(word, word), whole=True)
                for at, sign in zip((s.at + 1, i, *inner), ("(", ")", *"()" * len(inner)), strict=False):
                    s.tokens[at] = replace(s.tokens[at], value=sign)
            return


def bracket_follows(s: State, at: int | None = None) -> bool:
    """Whether an argument in brackets follows the word at the cursor, perhaps after primes and a power: σ²(z)."""
    i = s.at + 1 if at is None else at
    raised_ = False
    while i < len(s.tokens) and s.tokens[i].kind == "op" and s.tokens[i].value in ("'", "''", "^"):
        if s.tokens[i].value != "^":
            return True
        if raised_:
            return False  # f^2^x
        raised_ = True
        i += 1
        depth = 0
        while i < len(s.tokens):
            t = s.tokens[i]
            if depth == 0 and t.kind == "word" and notation.is_function(str(t.value)):
                return False  # f^exp(x)
            depth += (t.kind == "open") - (t.kind == "close")
            i += 1
            if depth == 0 and not (t.kind == "op" and t.value == "-"):
                break
    t = s.tokens[i] if i < len(s.tokens) else NOTHING
    return t.kind == "open" and t.value in ("(", "[", "{", "set{")


def _name(s: State, t: Token) -> Any:
    """A name: a variable, a constant, an unknown function with its arguments, or an indexed y[i]."""
    name = str(t.value)
    declared = s.symbols.get(name)
    if s.is_op("'", "''") and (declared is None or not declared.shape):
        return _primed_name(s, t)
    if t.called and s.is_open("(") and declared is None:
        return handed_on("called", t)
    if (s.is_open("(") and declared is None) or (s.is_open("(") and name in s.applied):
        return handed_on("application", t)
    if s.is_op("^") and declared is None and names.parse(name).base in FUNCTION_LETTERS and bracket_follows(s, s.at):
        return handed_on("function_power", t)
    if s.is_open("[") and not s.token.spaced and declared is None:
        return handed_on("indexed", t)
    if declared is not None and declared.shape:
        _refuse_entry(s, name)
    return _variable(s, t, name, declared)


def _refuse_entry(s: State, name: str) -> None:
    """`w[1]`, `w(1)`, `X[i, j]` of a declared array: an entry, not a product."""
    if not s.is_open("[", "(") or s.token.spaced:
        return
    for t in s.tokens[s.at + 1 :]:
        if t.kind == "close":
            s.fail(f"an entry of {name} is not read", "declare the entries as scalars, or write * for a product")
        index = t.kind == "word" and s.is_open("[") and len(str(t.value)) == 1 and t.value not in s.symbols
        if not (index or (t.kind == "num" and t.whole) or (t.kind == "op" and t.value in (",", ":"))):
            return


def _variable(s: State, t: Token, name: str, declared: Term | None) -> Any:
    if declared is not None:
        return declared
    if name in ("e", "pi", "oo") or name in ("inf", "infinity"):
        return s.constant(notation.CONSTANTS[name])
    if name == "Delta" and s.token.kind == "word" and (not s.token.spaced or s.latex) and not t.accent:
        return _delta(s)
    return s.symbol(name)


def _delta(s: State) -> Any:
    """Δx is one name."""
    token = s.token
    part = words.split(s, token, False)
    s.tokens[s.at : s.at + 1] = part
    inner = s.next()
    if inner.kind != "name":
        s.fail("Δ before something that is not a name", "write Δx for the change of x", token)
    if s.is_open("(") and inner.value in s.applied:  # Δw(t) beside w(t)
        s.applied.add(f"Delta{inner.value}")
        return handed_on("application", replace(inner, value=f"Delta{inner.value}"))
    return s.symbol(f"Delta{inner.value}")


def _primed_name(s: State, t: Token) -> Any:
    """y' is a name, f'(x) a derivative, f'x(x, y) a partial derivative."""
    order = 0
    while s.is_op("'", "''"):
        order += len(str(s.next().value))
    name = str(t.value)
    after = s.token
    if after.kind == "word" and not after.spaced and len(str(after.value)) == 1 and s.peek().kind == "open":
        return handed_on("partial_of_application", t)
    if s.is_open("("):
        return handed_on("primed_application", t, order)
    if s.is_op("^") and names.parse(name).base in FUNCTION_LETTERS and bracket_follows(s, s.at):
        return handed_on("primed_power", t, order)
    if s.matrix:
        x = s.symbol(name)
        for _ in range(order):
            x = build.transposed(x)
        return x
    inside = len(word_before(s, t.end)) > 2 and after.value in ("t", "s", "re", "ll", "ve", "d", "m")
    s.check_order(order, t)
    if inside and after.kind == "word" and not after.spaced:
        s.fail("an apostrophe inside a word", "leave the words out", t)
    return s.symbol(name + "'" * order)
