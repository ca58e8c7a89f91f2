"""Derivatives in every notation: dE/dw, \\frac{∂E}{∂w}, d/dx before an expression, D_x, ∂₁, ∇."""

from __future__ import annotations

from dataclasses import replace

from .. import names
from ..term import Term, neg, partial, sym
from . import notation, words
from .brackets import close
from .build import Chain
from .grammar import PRODUCT_SIGNS, combine, literal_fraction, starts_factor
from .state import NOTHING, Rule, State, named, rule
from .tokens import Token


class Differential:
    """One d of a derivative: `d`, `∂²`, `dE`, `d(error)`, `∂f(x)`: what is differentiated, how often, where it ends."""

    def __init__(self, sign: str, order: int, target: list[Token], end: int, grouped: bool = False) -> None:
        self.sign, self.order, self.target, self.end, self.grouped = sign, order, target, end, grouped


def differential(s: State, i: int) -> Differential | None:
    """The differential that begins at tokens[i], or None."""
    t = token_at(s, i)
    target: list[Token] = []
    if (t.kind == "op" and t.value == "∂") or _is_variation(s, i):
        sign, i = "∂", i + 1
    elif t.kind == "word" and _has_d(s, t):
        sign, i = "d", i + 1
        rest = str(t.value)[1:]
        if rest or t.subs or t.layer:
            if not rest or not rest[0].isalpha():
                return None
            whole = not words.glued_functions(rest.rstrip("0123456789"), False)
            stop = _primes(s, i)
            target = [Token("word", rest, t.start + 1, t.end, False, t.subs, t.layer, "", whole), *s.tokens[i:stop]]
            i = stop
    else:
        return None
    order = 1
    if not target:
        found = _order(s, i)
        if found is None:
            return None
        order, i = found
        target, i, grouped = _target(s, i, sign)
        return Differential(sign, order, target, i, grouped)
    return Differential(sign, order, target, i)


def _is_variation(s: State, i: int) -> bool:
    """The δ of δE/δw, before a name that touches it; a declared or indexed δ is a factor."""
    t, after = token_at(s, i), token_at(s, i + 1)
    plain = t.kind == "word" and t.value == "delta" and not (t.subs or t.layer or t.accent) and "delta" not in s.symbols
    return plain and after.kind == "word" and not after.spaced


def numerator_ahead(s: State) -> int:
    """Where the / of `d e^x/dx`, `dx^2/dx`, `df(x)/dx` stands, or 0: a d, one product without signs, and a /dx."""
    t = s.token
    if t.kind != "word" or not _has_d(s, t) or not (t.value == "d" or str(t.value)[1:2].isalpha()):
        return 0
    depth = 0
    for i in range(s.at + 1, len(s.tokens)):
        x = s.tokens[i]
        depth += (x.kind in ("open", "begin")) - (x.kind in ("close", "end"))
        if depth < 0 or (depth == 0 and x.kind == "op" and x.value not in ("^", "'", "''", "|", "‖", "√", "/")):
            return 0
        if depth == 0 and x.kind == "op" and x.value == "/":
            below = differential(s, i + 1)
            return i if i > s.at + 1 and below is not None and below.sign == "d" and below.target else 0
    return 0


@rule
def quotient_of_numerator(s: State) -> Rule:
    """d(e^x)/dx with its brackets left out."""
    start, slash = s.at, numerator_ahead(s)
    first = s.token
    rest = str(first.value)[1:]
    head = [replace(first, value=rest, start=first.start + 1, spaced=False)] if rest else []
    above = Differential("d", 1, [*head, *s.tokens[start + 1 : slash]], slash, True)
    s.at = slash + 1
    below = variables_below(s, "d", len(s.tokens))
    s.note(f"`{s.source[first.start : s.tokens[s.at - 1].end][:40]}` is read as a derivative")
    return (yield "derivative", above, below)


def _has_d(s: State, t: Token) -> bool:
    """Whether the word is a d before a name: dE, but not delta2, not data, not a declared dw."""
    word = str(t.value)
    if not word.startswith("d") or t.accent or named(t) in s.symbols or (len(word) > 2 and notation.is_function(word)):
        return False
    return word.rstrip("0123456789") not in names.GREEK and word not in notation.WORDS


def token_at(s: State, i: int) -> Token:
    """The token at i, or nothing."""
    return s.tokens[i] if i < len(s.tokens) else NOTHING


def _order(s: State, i: int) -> tuple[int, int] | None:
    """The ² of d²y, ∂²f, d^{2}y; None where something else is raised."""
    if token_at(s, i).kind != "op" or token_at(s, i).value != "^":
        return 1, i
    inner = token_at(s, i + 1)
    braced = inner.kind == "open" and inner.value == "{"
    digit = token_at(s, i + 2) if braced else inner
    if digit.kind != "num" or digit.value[0].denominator != 1 or not 1 <= digit.value[0] <= 20:
        return None
    return int(digit.value[0]), i + (4 if braced else 2)


def _target(s: State, i: int, sign: str) -> tuple[list[Token], int, bool]:
    """The name after a d, or the tokens of the bracket after it."""
    t = token_at(s, i)
    if t.kind == "word" and (t.value != "d" or sign == "∂"):
        stop = i + 1
        if t.value == "Delta" and not t.subs and token_at(s, stop).kind == "word":
            stop += 1
        if token_at(s, stop).kind == "open" and token_at(s, stop).value == "(" and not token_at(s, stop).spaced:
            stop = matching(s, stop) + 1
            return s.tokens[i:stop], stop, True
        grouped, stop = stop > i + 1, _primes(s, stop)
        return s.tokens[i:stop], stop, grouped
    if t.kind == "op" and t.value == "∇" and token_at(s, i + 1).kind == "word":
        return s.tokens[i : i + 2], i + 2, False
    if t.kind == "open" and t.value in ("(", "{"):
        stop = matching(s, i)
        return s.tokens[i + 1 : stop], stop + 1, True
    return [], i, False


def _primes(s: State, i: int) -> int:
    """Where the primes that begin at tokens[i] end."""
    while token_at(s, i).kind == "op" and token_at(s, i).value in ("'", "''"):
        i += 1
    return i


def matching(s: State, i: int) -> int:
    depth = 0
    for j in range(i, len(s.tokens)):
        depth += (s.tokens[j].kind == "open") - (s.tokens[j].kind == "close")
        if depth == 0:
            return j
    s.fail("a bracket is not closed", "a `)` is expected", s.tokens[i])


def quotient_ahead(s: State) -> bool:
    """Whether dE/dw, d/dx or d²y/dx² begins here."""
    above = differential(s, s.at)
    if above is None or not (token_at(s, above.end).kind == "op" and token_at(s, above.end).value == "/"):
        return False
    below = differential(s, above.end + 1)
    return below is not None and bool(below.target) and below.sign == above.sign


def bracketed_quotient(s: State) -> bool:
    """Whether (dy)/(dx) stands at the cursor."""
    above = differential(s, s.at + 1)
    if above is None or not above.target or not _is_close(token_at(s, above.end)):
        return False
    sign, opening = token_at(s, above.end + 1), token_at(s, above.end + 2)
    if sign.kind != "op" or sign.value != "/" or opening.kind != "open":
        return False
    below = differential(s, above.end + 3)
    return below is not None and below.sign == above.sign and bool(below.target)


def _is_close(t: Token) -> bool:
    return t.kind == "close" and t.value == ")"


@rule
def quotient_in_brackets(s: State) -> Rule:
    """(dy)/(dx)."""
    above = differential(s, s.at + 1)
    assert above is not None
    s.at = above.end + 3
    below = variables_below(s, above.sign, len(s.tokens))
    close(s, token_at(s, above.end + 2), ")")
    return (yield "derivative", above, below)


@rule
def partial_(s: State) -> Rule:
    """∂E/∂w, ∂/∂x f, ∂_x f."""
    if quotient_ahead(s):
        return (yield "quotient")
    token = s.next()
    if s.take("_"):
        x = yield "primary", True
        f = yield "factor"
        if x.op == "num":
            return _by_place(s, f, x, token)
        return _derivative_of(s, f, x, 1, "∂", token)
    s.fail("∂ without a quotient", "write ∂E/∂w", token)


def _by_place(s: State, f: Term, place: Term, at: Token) -> Term:
    """∂₁f(x, y): the derivative by the first argument."""
    orders = list(f.data[1]) if f.op == "applyprime" else [0] * len(f.args)
    if f.op not in ("apply", "applyprime") or not place.data[0].denominator == 1 <= place.data[0] <= len(orders):
        s.fail("∂ with a place that is no argument", "write ∂_x f(x, y)", at)
    orders[int(place.data[0]) - 1] += 1
    return Term("applyprime", f.args, (f.data[0] if f.op == "applyprime" else f.data, tuple(orders)))


@rule
def quotient(s: State) -> Rule:
    """dE/dw of two names is inert; d/dx before an expression is its derivative."""
    above = differential(s, s.at)
    assert above is not None
    s.at = above.end + 1
    if not above.target:
        _unglue(s)
    below = variables_below(s, above.sign, len(s.tokens), above.order)
    return (yield "derivative", above, below)


def _unglue(s: State) -> None:
    """d/dxsinx is d/dx of sin x."""
    t = s.token
    word = str(t.value)
    rest = word[2:]
    if t.kind != "word" or len(word) < 3 or word[1:] in names.GREEK or not rest[0].isalpha():
        return
    called = token_at(s, s.at + 1).kind == "open"
    if words.glued_functions(rest, called) or rest in ("f", "g", "h"):
        s.tokens[s.at : s.at + 1] = [
            replace(t, value=word[:2], end=t.start + 2, subs=(), layer=""),
            replace(t, value=rest, start=t.start + 2, spaced=False),
        ]


def variables_below(s: State, sign: str, stop: int, most: int = 20) -> list[tuple[list[Token], int]]:
    """∂x∂y, dx²: the variables and how often each, at most the order above; the cursor moves behind them."""
    out: list[tuple[list[Token], int]] = []
    while s.at < stop:
        found = differential(s, s.at)
        if found is None or not found.target or (out and sign != found.sign):
            break
        s.at = found.end
        order, s.at = _order(s, s.at) or (1, s.at)
        out.append((found.target, order))
        if sign == "d" or sum(k for _, k in out) >= most:
            break
    return out


@rule
def derivative(s: State, above: Differential, below: list[tuple[list[Token], int]]) -> Rule:
    """What a quotient of differentials means."""
    at = s.token
    variables: list[tuple[Term, int]] = []
    for tokens, order in below:
        variables.append(((yield "tokens", tokens), order))
    if any(x.op != "sym" for x, _ in variables):
        s.fail("a derivative is taken with respect to a name", "write d/dx(...)", at)
    if above.target:
        f = yield "tokens", above.target
    else:
        f = yield "differentiand"
    if above.order != sum(k for _, k in variables):
        s.fail("the orders above and below differ", "write d²y/dx²", at)
    out = f
    for x, order in reversed(variables):
        out = _derivative_of(s, out, x, order, above.sign, at)
    if above.target:
        _refuse_point(s, [x.name for x, _ in variables])
    return out


def _refuse_point(s: State, variables: list[str]) -> None:
    """`df/dx (x_0)`, `∂f/∂x(x, y)`, `dy/dx (2)`: a value at a point, not a product."""
    if not s.is_open("("):
        return
    inside = s.tokens[s.at + 1 : matching(s, s.at)]
    first = inside[0] if inside else NOTHING
    listed = any(t.kind == "op" and t.value == "," for t in inside)
    alone = len(inside) == 1 and (first.kind == "num" or (first.kind == "word" and str(first.value) in variables))
    if listed or alone:
        s.fail("a derivative at a point is not read", "write * for a product, or f'(x_0) for one variable")


def _derivative_of(s: State, f: Term, x: Term, order: int, sign: str, at: Token) -> Term:
    if f.op == "sym" and order == 1 and "constant" not in f.facts:
        return s.checked(partial, f, x, sign, at=at)
    return Term("diff", (f, x), order, f.shape if not x.shape else x.shape if not f.shape else ())


@rule
def differentiand(s: State) -> Rule:
    """What d/dx is taken of: the product or quotient that follows; a bracket ends where a · or a name follows."""
    s.deeper()
    _skip_of(s)
    if not starts_factor(s) and not s.is_op("-"):
        s.fail("d/dx of nothing", "write d/dx(x^2)")
    minus = s.take("-")
    grouped, called = s.is_open("(", "[", "{"), not (s.latex or s.token.spaced)
    literal = None if grouped else literal_fraction(s)
    chain = Chain(literal if literal is not None else (yield "power"))
    start, only = s.at, grouped
    while (sign := _continues(s, only, called)) is not None:
        only = False
        s.at += bool(sign)
        x = yield ("factor" if sign else "power")
        s.checked(combine, chain, sign or "*", x)
    s.depth -= 1
    _note_differentiand(s, start, grouped)
    whole = s.checked(chain.term)
    return neg(whole) if minus else whole


def _skip_of(s: State) -> None:
    """`d/dx of x^2`."""
    if s.token.kind == "word" and s.token.value == "of" and s.token.spaced and s.peek().spaced:
        s.at += 1


def _continues(s: State, only_bracket: bool, called: bool) -> str | None:
    """The sign by which the differentiand goes on (none for juxtaposition), or None where it ends.

    `d/dx (x + 1)(x + 2)` and `d/dx (x + 1)/x` go on, `d/dx (x + 1) · x`, `d/dx (x + 1) y` and `d/dx(x + 1)/x` do not.
    """
    t = s.token
    sign = str(t.value) if t.kind == "op" and t.value in PRODUCT_SIGNS else ""
    if (not sign and not starts_factor(s)) or _derivative_at(s, s.at + bool(sign)):
        return None
    if not only_bracket:
        return sign
    return sign if not called and (sign in ("/", "./") or (not sign and s.is_open("("))) else None


def _derivative_at(s: State, i: int) -> bool:
    """Whether a derivative begins at tokens[i]: dx/dt, \\frac{dx}{dt}."""
    t = token_at(s, i)
    if t.kind == "frac":
        if token_at(s, i + 1).kind != "open" or differential(s, i + 2) is None:
            return False
        below = differential(s, matching(s, i + 1) + 2)
        return below is not None and bool(below.target)
    here, s.at = s.at, i
    found = quotient_ahead(s)
    s.at = here
    return found


def _note_differentiand(s: State, start: int, grouped: bool) -> None:
    """Said where another reading is near: brackets decide."""
    taken = s.tokens[start : s.at]
    if grouped and (s.is_op(*PRODUCT_SIGNS) or starts_factor(s)):
        s.note("the derivative is read as that of the bracket behind it; brackets make it longer")
    elif any(t.kind == "op" and t.value in PRODUCT_SIGNS for t in taken) or (grouped and taken):
        s.note("the derivative is read as that of the whole product behind it; brackets make it shorter")


@rule
def tokens_(s: State, tokens: list[Token]) -> Rule:
    """The Term of some tokens on their own; the cursor comes back to where it was."""
    saved = s.tokens, s.at, s.bars, s.integrals
    s.tokens, s.at, s.bars, s.integrals = list(tokens), 0, [], 0
    s.deeper()
    x = yield "sum"
    if s.at < len(s.tokens):
        s.fail(f"`{s.source[s.token.start : s.token.end][:20]}` cannot stand here", "an operator is expected")
    s.depth -= 1
    s.tokens, s.at, s.bars, s.integrals = saved
    return x


@rule
def operator_d(s: State) -> Rule:
    """D_x f."""
    token = s.next()
    x = s.symbol(names.canonical(token.subs[0]))
    f = yield "differentiand"
    return _derivative_of(s, f, x, 1, "d", token)


@rule
def nabla(s: State) -> Rule:
    """∇f is one name; ∇f(x, y) that function."""
    token = s.next()
    below = ""
    if s.is_op("_"):
        s.at += 1
        x = yield "primary", True
        below = x.name if x.op == "sym" else ""
    if s.is_open("{") and s.latex:
        f = yield "braces"
    elif s.token.kind == "word":
        part = words.split(s, s.token, False)
        s.tokens[s.at : s.at + 1] = part
        f = s.symbol(str(s.next().value))
    else:
        f = None
    if f is None or f.op != "sym":
        s.fail("∇ before something that is not a name", "write ∇f = …", token)
    name = f"nabla_{f.name}_wrt_{below}" if below else f"nabla_{f.name}"
    if s.is_open("("):
        args = yield "arguments"
        return Term("apply", tuple(args), name)
    return sym(name, f.shape)
