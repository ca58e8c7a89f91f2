"""Known functions and their arguments: sin 2x, sin² x, log₂ 8, σ′(z), max(0, x), softmax(X), ⌊x⌋."""

from __future__ import annotations

from dataclasses import replace

from .. import names
from ..operations import apply as operate
from ..term import ONE, Term, div, fn, mul, neg, num, prime, transpose
from . import build, notation
from .brackets import CLOSING, close
from .state import Rule, State, rule
from .structures import dimension
from .tokens import Token

UNSTACKED = 7  # the tokens of `vec^{-1}_`


@rule
def function(s: State, token: Token) -> Rule:
    """A known function: its power or prime or base, its argument, and what it makes of it."""
    word = str(token.value)
    order = 0
    while s.is_op("'", "''"):
        order += len(str(s.next().value))
    s.check_order(order, token)
    exponent = None
    if s.is_op("^"):
        s.at += 1
        if s.is_op("^"):
            s.fail("`^` twice", "write one ^ and brackets")
        exponent = yield "exponent"
    base = _base(s, token)
    if base is None and word == "log" and s.is_op("_"):
        s.at += 1
        base = yield "primary", True
    joint = notation.JOINT.get((notation.elementwise(word) or "", str(s.token.value)))
    if joint and s.token.kind == "word" and base is None and exponent is None:
        s.at += 1
        return (yield "function", replace(token, value=joint))
    if word in notation.FORMS and word != "log" and s.is_open("("):
        return (yield "form", token)
    if s.is_open("(", "[", "set{") or (s.is_open("{") and (s.latex or notation.operation(word) in notation.SEVERAL)):
        args = yield "arguments"
    elif order and not exponent and word in ("sigma", "sigmoid"):
        s.fail(f"`{word}'` needs its argument", "write σ'(z)")
    elif base is not None and not (order or exponent) and _is_number_behind(s, word):
        s.note(f"`{word}` is read as log({word[3:]})")
        return fn("log", base)
    elif can_stand_alone(s, word):
        return s.symbol(names.canonical(word))
    else:
        args = [(yield "bare_argument", token)]
    return s.checked(_applied, s, token, args, order, exponent, base, at=token)


@rule
def unstacked(s: State) -> Rule:
    """vec^{-1}_{2 \\times n}(x) has its sizes below."""
    token = s.tokens[s.at]
    s.at += UNSTACKED
    opening = s.next()
    sizes = [ONE]
    while s.token.kind in ("num", "word", "op"):
        t = s.next()
        if t.kind == "op" and s.source.startswith(("\\times", "×"), t.start):
            sizes.append(ONE)
        elif t.kind != "op" and (t.whole or str(t.value).isidentifier()):
            size = num(t.value[0]) if t.kind == "num" else dimension(s, str(t.value))
            sizes[-1] = size if sizes[-1] is ONE else mul(sizes[-1], size)
        else:
            s.fail("the sizes of vec^{-1} are not read", "write unvec(x, n, m)", t)
    close(s, opening, "}")
    if len(sizes) != 2:
        s.fail(f"vec^{{-1}} has {len(sizes)} sizes below", "write unvec(x, n, m)", opening)
    args = yield "arguments"
    return s.checked(operate, "unvec", *args, *sizes, at=token)


def is_unstacked(s: State) -> bool:
    """Whether vec^{-1}_{…} stands at the cursor."""
    ahead = [str(t.value) for t in s.tokens[s.at + 1 : s.at + UNSTACKED + 1] if t.kind != "num"]
    return s.token.value == "vec" and ahead == ["^", "{", "-", "}", "_", "{"] and s.peek(4).value == (1, "")


@rule
def windowed(s: State) -> Rule:
    """conv_{1,0}(X, K): the numbers below stand behind the arrays."""
    token = s.next()
    name = notation.WINDOWED[str(token.value)]
    if name is None:
        s.fail(f"`{token.value}` without the size of its result", "write conv_kernel(X, D, 1, 0, 3, 3)", token)
    args = yield "arguments"
    below = token.subs[0].split(",")
    if not all(n.isdigit() and len(n) < 10 for n in below):
        s.fail(f"the numbers below `{token.value}`", f"write {name}(X, 2, 2)", token)
    return s.checked(operate, name, *args, *(num(int(n)) for n in below), at=token)


def can_stand_alone(s: State, word: str) -> bool:
    """σ alone is a name: `σ = 1/(1 + e^-z)`."""
    if word not in ("sigma", "σ", "sign"):
        return False
    t = s.token
    return t.kind in ("nothing", "close", "end") or (t.kind == "op" and t.value not in ("√", "^", "|"))


def _is_number_behind(s: State, word: str) -> bool:
    """x − log2 + 1 and log2·x: nothing follows that the logarithm to the base 2 could be of."""
    t = s.token
    plain = word[3:].isdigit() and word.startswith("log")
    return plain and (t.kind in ("nothing", "close", "end") or (t.kind == "op" and t.value not in ("√", "^", "|")))


def _base(s: State, token: Token) -> Term | None:
    """The base of log_2, log10, lg."""
    word = str(token.value)
    if word in notation.LOG_BASES:
        return num(notation.LOG_BASES[word])
    if token.subs and notation.elementwise(word) == "log":
        text = token.subs[0]
        return num(int(text)) if text.isdigit() else s.constant("e") if text == "e" else s.symbol(names.canonical(text))
    return None


@rule
def arguments(s: State) -> Rule:
    """(a, b, …), also in [ ] or { }."""
    opening = s.next()
    closing = CLOSING.get(str(opening.value)) if opening.kind == "open" else None
    if closing is None:
        s.fail("an argument in brackets is missing", "write f(x)", opening)
    items, _ = yield "enclosed", opening, closing
    return items


@rule
def bare_argument(s: State, function: Token) -> Rule:
    """The argument of `sin 2x`, `ln xy`: factors that touch, and what follows a number, up to the next function."""
    s.deeper()
    sign = s.take("-", "+")
    if s.token.kind in ("nothing", "end", "close") or (s.token.kind == "op" and s.token.value in ("=", "+", "-", ",")):
        s.fail(f"`{function.value}` needs an argument", f"write {function.value}(x)")
    first = s.token
    _refuse_lost_power(s, function, sign)
    factors = [(yield "power")]
    while _touches(s, first, factors[-1]):
        factors.append((yield "power"))
    s.depth -= 1
    x = s.checked(mul, *factors)
    _note_argument(s, function, first)
    return neg(x) if sign is not None and sign.value == "-" else x


def _refuse_lost_power(s: State, function: Token, sign: Token | None) -> None:
    """`sin−1 x` and `tan-1(x)` have lost the ^ of an inverse function on their way."""
    one, after = s.token, s.peek()
    glued = sign is not None and sign.value == "-" and not sign.spaced and one.kind == "num" and one.value[0] == 1
    if glued and not one.spaced and after.kind in ("word", "open", "frac", "num"):
        s.fail(f"`{function.value}-1` may be the inverse function", f"write {function.value}^-1(x) or brackets", sign)


def _touches(s: State, first: Token, last: Term) -> bool:
    t = s.token
    if t.kind not in ("word", "name", "num") or (t.kind == "num" and last.op != "num"):
        return False
    if t.kind == "word" and (notation.is_function(str(t.value)) and not t.subs):
        return False
    if t.kind == "word" and (t.value == "d" or str(t.value).startswith("d")) and s.integrals:
        return False
    constant = last.op == "num" or (last.op == "sym" and "constant" in last.facts)
    return not t.spaced or constant


def _note_argument(s: State, function: Token, first: Token) -> None:
    t = s.token
    if s.at < len(s.tokens) and (t.kind == "open" or (t.kind in ("word", "num") and t.spaced)):
        shown = s.source[function.start : s.tokens[s.at - 1].end]
        if len(shown) <= 40:
            s.note(f"`{shown}` is read as the whole of the function; brackets make it longer")


def _applied(s: State, token: Token, args: list[Term], order: int, exponent: Term | None, base: Term | None) -> Term:
    word = str(token.value)
    row = notation.elementwise(word)
    if word == "vec" and exponent is not None and exponent.number == -1:  # vec⁻¹(x, n, m)
        return operate("unvec", *args)
    if word in notation.DEFINED or word in notation.ROUNDING:
        out = _defined(s, token, args, order)
    elif base is not None and (row == "log" or word in notation.LOG_BASES):
        _one(s, word, args, token)
        out = div(fn("log", args[0]), fn("log", base))
    elif row is not None and len(args) == 1:
        out = _elementwise(s, token, row, args[0], order, exponent)
        if exponent is not None and exponent.number == -1 and _inverse(row):
            return out
    elif row == "log" and len(args) == 2:
        out = div(fn("log", args[0]), fn("log", args[1]))
    elif order:
        s.fail(f"`{word}'` is not read", "write d/dx(...)", token)
    else:
        out = _operation(s, token, word, args)
    if exponent is None:
        return out
    return build.raised(s, out, exponent, elementwise=bool(out.shape) and row is not None)


def _one(s: State, word: str, args: list[Term], token: Token) -> None:
    if len(args) != 1:
        s.fail(f"{word} takes one argument, not {len(args)}", "separate products by *", token)


def _inverse(row: str) -> bool:
    return row in notation.INVERSES or row == "sigmoid"


def _elementwise(s: State, token: Token, row: str, x: Term, order: int, exponent: Term | None) -> Term:
    if row == "sigmoid" and "sigma" in x.free and "sigma" not in s.symbols:
        s.fail("σ needs an argument of its own", "write σ(z)(1 − σ(z))", token)
    if exponent is not None and exponent.number == -1 and _inverse(row):
        inverse = notation.INVERSES.get(row)
        if inverse is None:
            return Term("apply", (x,), "inv_sigma", x.shape)
        return notation.DEFINED[inverse](x) if inverse in notation.DEFINED else fn(inverse, x)
    if order:
        return prime(row, x, order)
    return fn(row, x)


def _defined(s: State, token: Token, args: list[Term], order: int) -> Term:
    """log1p(x) is log(1 + x), ⌊x⌋ is floor(x)."""
    word = str(token.value)
    if order:
        s.fail(f"`{word}'` is not read", "write d/dx(...)", token)
    if word in notation.ROUNDING:
        _one(s, word, args, token)
        return fn(notation.ROUNDING[word], args[0])
    try:
        return notation.DEFINED[word](*args)
    except TypeError:
        s.fail(f"{word} does not take {len(args)} arguments", "separate products by *", token)


@rule
def rounded(s: State) -> Rule:
    """⌊x⌋ and ⌈x⌉."""
    opening = s.next()
    name, closing = notation.ROUNDED[str(opening.value)]
    s.deeper()
    bars, s.bars = s.bars, []
    x = yield "sum"
    s.bars = bars
    if not s.take(closing):
        s.fail(f"`{opening.value}` is not closed", f"a `{closing}` is expected", opening)
    s.depth -= 1
    return fn(name, x)


def _operation(s: State, token: Token, word: str, args: list[Term]) -> Term:
    name = notation.operation(word)
    if name == "T":
        return transpose(args[0])
    if name == "hadamard":
        return mul(*args)
    if name is None:
        s.fail(f"{word} takes one argument, not {len(args)}", "separate products by *", token)
    if name in notation.SEVERAL and len(args) == 1 and args[0].op in ("vector", "set"):
        args = list(args[0].args)
    if name == "norm2" and not args[0].shape and len(args) == 1:
        return fn("abs", args[0])
    if name in notation.SAMPLES and not args[0].shape:
        return Term("apply", tuple(args), name)
    return operate(name, *args)
