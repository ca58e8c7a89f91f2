"""Functions and their arguments: sin 2x, sin² x, log₂ 8, σ′(z), max(0, x), softmax(X), f(x), and unknown functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

from .. import losses, names
from ..applications import FUNCTION_LETTERS, reads_as_application
from ..errors import SymnetError, quote
from ..operations import apply as operate
from ..term import ONE, Term, div, fn, mul, neg, num, power, prime, sym, transpose
from . import build, notation, words
from .brackets import close
from .state import Rule, State, rule
from .tokens import Token


# ---------------------------------------------------------------------------------------------------- known functions
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
    elif can_stand_alone(s, word):
        return s.symbol(names.canonical(word))
    else:
        args = [(yield "bare_argument", token)]
    return s.checked(_applied, s, token, args, order, exponent, base, at=token)


def can_stand_alone(s: State, word: str) -> bool:
    """σ alone is a name: `σ = 1/(1 + e^-z)`."""
    if word not in ("sigma", "σ", "sign"):
        return False
    t = s.token
    return t.kind in ("nothing", "close", "end") or (t.kind == "op" and t.value not in ("√", "^", "|"))


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
    s.deeper()
    bars, s.bars = s.bars, []
    waiting, s.integrals = s.integrals, 0
    items, _ = yield "items", closing
    s.bars, s.integrals = bars, waiting
    close(s, opening, closing)
    s.depth -= 1
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


# -------------------------------------------------------------------------------------------------- unknown functions
@rule
def application(s: State, token: Token) -> Rule:
    """A name before brackets: f(x) and y(x) are functions, x(x + 1) and a(1 − a) products."""
    name = str(token.value)
    opening, bracket = s.at, s.token
    spaced = s.token.spaced and not s.latex
    args = yield "arguments"
    root = names.parse(name)
    if root.base in ("f", "g", "h") and root.layer.isdigit() and not root.subs and len(args) == 1:
        s.check_order(int(root.layer), token)
        return Term("applyprime", tuple(args), (root.base, (int(root.layer),)))
    if name in losses.ALIASES and name not in s.functions and name not in s.symbols and len(name) > 2:
        if len(args) == 2:
            return _loss(s, token, name, *args)
        if not (s.token.kind == "op" and s.token.value in notation.RELATIONS and opening == 1):
            s.fail(f"the loss `{name}` takes a prediction and a target", f"write {name}(a, t)", token)
    if name in s.functions or (name in s.applied and len(args) == 1 and _is_time(args[0])):
        return Term("apply", tuple(args), name)
    if _is_long_word(token):
        if s.token.kind == "op" and s.token.value in notation.RELATIONS and opening == 1:
            return Term("apply", tuple(args), name)  # loss(w) = … says what loss is
        if not any(name in a.free for a in args):
            s.fail(f"`{quote(name, 30)}` is not a function that symnet knows", "write * for a product", token)
    elif (not spaced or root.base in FUNCTION_LETTERS) and (
        reads_as_application(name, tuple(args)) or (not bracket.spaced and _is_at_time(root, args))
    ):
        if root.base not in FUNCTION_LETTERS and len(args) == 1 and not root.lead:
            s.note(f"`{name}({args[0]})` is read as the function {name} of {args[0]}")
        return Term("apply", tuple(args), name)
    if name in names.GREEK and len(args) == 1 and args[0].op == "sym":
        s.note(f"`{name}({args[0]})` is read as a product")
    s.brackets[id(bracket)] = (args, s.at - opening)
    s.at = opening
    return s.constant(notation.CONSTANTS[name]) if name in ("e", "pi") else s.symbol(name)


def _loss(s: State, token: Token, name: str, prediction: Term, target: Term) -> Term:
    """mse(a, t) is the row of the table, written out."""
    one = not prediction.shape and not target.shape
    if one:
        found: Term = losses.scalar(name, [prediction], [target])
    else:
        found = s.checked(losses.array, name, prediction, target, at=token)
    s.note(f"`{name}` is the loss {losses.lookup(name).statement}")
    return found


@rule
def called(s: State, token: Token) -> Rule:
    """\\operatorname{n}(n + 1): a function whatever its name."""
    words.refuse_slip(str(token.value), s, token, transposed=False)
    if names.identifier(str(token.value)) != token.value:
        s.fail(f"`{token.value}` is not a function that symnet knows", "write * for a product", token)
    args = yield "arguments"
    return Term("apply", tuple(args), str(token.value))


def _is_long_word(token: Token) -> bool:
    """A word of four letters or more, without an index: nobody's variable before a bracket."""
    word = str(token.value)
    plain = word.isalpha() and word not in names.GREEK and not token.subs
    return len(word) >= 4 and plain and not names.parse(word).accent


def _is_at_time(root: names.Name, args: list[Term]) -> bool:
    """w1(t): a letter with an index at the time t."""
    return len(root.base) == 1 and len(args) == 1 and args[0].op == "sym" and args[0].name == "t" != root.base


def _is_time(x: Term) -> bool:
    """t, t + 1, n − 1."""
    if x.op == "sym":
        return x.name in notation.TIME
    return x.op == "add" and len(x.args) == 2 and x.args[0].op == "sym" and x.args[1].number is not None


@rule
def function_power(s: State, token: Token) -> Rule:
    """f²(x) is (f(x))², f^{-1}(x) the inverse function."""
    name = str(token.value)
    opening, order, closing = (s.peek(i) for i in (1, 2, 3))
    if opening.value == "(" and order.kind == "num" and order.whole and closing.value == ")":  # f^(3)(x)
        s.at += 4
        s.note(f"`{name}^({order.value[0]})` is read as the derivative of that order")
        return (yield "primed_application", replace(token, value=name), int(order.value[0]))
    s.at += 1
    exponent = yield "exponent"
    args = yield "arguments"
    if exponent.number == -1:
        return Term("apply", tuple(args), f"inv_{name}")
    s.note(f"the power of {name} is read as the power of its value")
    return s.checked(build.raised, s, Term("apply", tuple(args), name), exponent)


@rule
def primed_application(s: State, token: Token, order: int) -> Rule:
    """f'(x): the derivative of an unknown function, inert."""
    s.check_order(order, token)
    args = yield "arguments"
    name = str(token.value)
    if len(args) > 1:
        s.fail(f"`{name}'` of several arguments", "write ∂f/∂x", token)
    return Term("applyprime", tuple(args), (name, (order,)))


@rule
def primed_power(s: State, token: Token, order: int) -> Rule:
    """f'^2(x) is (f'(x))²."""
    s.at += 1
    exponent = yield "exponent"
    value = yield "primed_application", token, order
    return s.checked(build.raised, s, value, exponent)


@rule
def partial_of_application(s: State, token: Token) -> Rule:
    """f'x(x, y): the partial derivative of f with respect to x."""
    x = s.next()
    yield "arguments"
    return Term("partial", (s.symbol(str(token.value)), s.symbol(str(x.value))), "∂")


@rule
def indexed(s: State, token: Token) -> Rule:
    """y[i] is a term of a sequence where indices stand in the brackets, else a product."""
    start = s.at
    opening = s.next()
    items, _ = yield "items", "]"
    close(s, opening, "]")
    if all(_is_index(i, s) for i in items):
        return Term("index", tuple(items), str(token.value))
    if names.parse(str(token.value)).base in FUNCTION_LETTERS and reads_as_application(str(token.value), tuple(items)):
        s.note(f"`{token.value}[…]` is read as the function {token.value}")
        return Term("apply", tuple(items), str(token.value))
    if _is_long_word(token):
        s.fail(f"`{quote(str(token.value), 30)}` is not a function that symnet knows", "write * for a product", token)
    s.brackets[id(opening)] = (items, s.at - start)
    s.note(f"`{s.source[token.start : s.tokens[s.at - 1].end][:40]}` is read as a product")
    s.at = start
    return s.symbol(str(token.value))


def _is_index(x: Term, s: State) -> bool:
    """i, i + 1, 3, or a letter that a sum of this text binds: Sum(p[c], (c, 1, C))."""
    known = x.op in ("sym", "num", "add")
    return known and all(n in tuple("ijklmnpqrst") or n in s.bound for n in x.free)


@rule
def sized(s: State) -> Rule:
    """\\mathbf{1}_n is ones(n), \\mathbf{I}_n is eye(n); \\mathbf{1}[z > 0] the step function."""
    token = s.next()
    word = str(token.value)
    if word == "ones" and s.is_op("_") and s.peek().kind == "open":
        s.at += 1
    if word == "ones" and s.is_open("[", "(", "set{", "{"):
        return (yield "indicator")
    if not token.subs:
        s.fail("a bold number without its size", "write \\mathbf{1}_{n}", token)
    dims = [num(int(d)) if d.isdigit() else dimension(s, d) for d in token.subs]
    return s.checked(operate, word, *dims, at=token)


def dimension(s: State, name: str) -> Term:
    """The name of a dimension, usable as a number."""
    spelled = names.canonical(name)
    return s.symbols.get(spelled) or sym(spelled, (), ("dimension",) if s.matrix else ())


@rule
def indicator(s: State) -> Rule:
    """1[z > 0] is the step function of z; another condition is 1 where it holds and 0 elsewhere."""
    opening = s.next()
    s.deeper()
    bars, s.bars = s.bars, []
    inner = s.next() if s.is_open("set{", "(", "[") and s.tokens[_last(s)].kind == "close" else None
    condition = yield "condition"
    if inner is not None:
        close(s, inner, CLOSING[str(inner.value)])
    s.bars = bars
    close(s, opening, CLOSING[str(opening.value)])
    s.depth -= 1
    return build.indicator(condition)


CLOSING = {"[": "]", "(": ")", "set{": "}set", "{": "}"}


def _last(s: State) -> int:
    """Where the token behind the bracket at the cursor stands."""
    depth = 0
    for i in range(s.at, len(s.tokens) - 1):
        depth += (s.tokens[i].kind == "open") - (s.tokens[i].kind == "close")
        if depth == 0:
            return i + 1
    return len(s.tokens) - 1


# ----------------------------------------------------------------------------------------------- SymPy's printed forms
@rule
def form(s: State, token: Token) -> Rule:
    """Piecewise((x, x > 0), (0, True)), Derivative(f, x), Sum(…, (i, 1, n)), Partial(E, w), diff(f, x, 2)."""
    word = str(token.value)
    s.at += 1
    s.deeper()
    args: list[Any] = []
    while True:
        if s.is_open("(") and _is_tuple(s):
            args.append((yield "plain_tuple"))
        else:
            if word == "Partial" and s.token.kind == "word":
                s.token.whole = True  # Partial(dx, t): names, also those that look like differentials
            x = yield "disjunction" if word == "where" else "sum"
            args.append((yield "place", x) if word in PLACED and s.take("=", "→") else x)
        if not s.take(","):
            break
    t = s.token
    if not (t.kind == "close" and t.value == ")"):
        s.fail(f"`{word}(` is not closed", "a `)` is expected here")
    s.at += 1
    s.depth -= 1
    try:
        return s.checked(FORMS[word], s, args, at=token)
    except SymnetError:
        raise
    except (IndexError, TypeError, ValueError, KeyError, AttributeError):
        s.fail(f"the arguments of {word} do not fit", f"see the notation of {word}", token)


PLACED = frozenset({"limit", "Limit", "integrate", "Integrate", "Sum", "summation"})


@rule
def place(s: State, x: Term) -> Rule:
    """x = 0..1 of an integral or a sum, x → 0 of a limit: the name and its values."""
    low = yield "sum"
    return (x, low, (yield "sum")) if s.take("..") else (x, low)


def _is_tuple(s: State) -> bool:
    """Whether the bracket at the cursor holds a comma of its own."""
    depth = 0
    for t in s.tokens[s.at :]:
        depth += (t.kind == "open") - (t.kind == "close")
        if depth == 1 and t.kind == "op" and t.value == ",":
            return True
        if depth == 0:
            return False
    return False


@rule
def plain_tuple(s: State) -> Rule:
    """(a, b) inside a form; True is the condition that always holds."""
    opening = s.next()
    out: list[Any] = []
    while True:
        if s.token.kind == "word" and s.token.value == "True":
            s.at += 1
            out.append(None)
        else:
            out.append((yield "disjunction"))
        if not s.take(","):
            break
    close(s, opening, ")")
    return tuple(out)


def _derivative(s: State, args: list[Any]) -> Term:
    out, rest = args[0], args[1:]
    while rest:
        x, rest = rest[0], rest[1:]
        order = 1
        if isinstance(x, tuple):
            x, order = x[0], int(x[1].number)
        elif rest and rest[0].number is not None:
            order, rest = int(rest[0].number), rest[1:]
        s.check_order(order, s.peek(-1))
        if x.op != "sym" or order < 1:
            raise ValueError
        out = Term("diff", (out, x), order, out.shape if not x.shape else ())
    if out is args[0]:
        raise ValueError
    return out


def _piecewise(s: State, args: list[Any]) -> Term:
    if any(not isinstance(a, tuple) or len(a) != 2 for a in args):
        raise ValueError
    return build.cases([(a[0], a[1]) for a in args])


def _sum_form(s: State, args: list[Any]) -> Term:
    from .binders import indexed_by

    body, (index, low, high) = args[0], _flat(args[1:])
    return Term("sigma", (indexed_by(body, [index.name]), index, low, high))


def _integral_form(s: State, args: list[Any]) -> Term:
    bounds = _flat(args[1:])
    if len(bounds) not in (1, 3) or bounds[0].op != "sym":
        raise ValueError
    return Term("integral", (args[0], *bounds))


def _limit_form(s: State, args: list[Any]) -> Term:
    x, point, *side = _flat(args[1:])
    return Term("limit", (args[0], x, point, *side[:1]))


def _product(a: Term, b: Term) -> Term:
    """dot(a, b) and matmul(a, b)."""
    chain = build.Chain(a)
    chain.times(b)
    return chain.term()


def _where(s: State, args: list[Any]) -> Term:
    """where(condition, value, otherwise)."""
    test, value, otherwise = args
    if not build.is_truth(test):
        raise ValueError
    return build.cases([(value, test), (otherwise, None)])


def _flat(args: list[Any]) -> tuple[Any, ...]:
    """x, (x, a, b) and x, a, b alike."""
    return tuple(x for a in args for x in (a if isinstance(a, tuple) else (a,)))


def _derivative_at(name: str, args: list[Any]) -> Term:
    """applyprime(f, 1, 0, x, y): f differentiated once by its first argument, at x, y."""
    places = len(args) // 2
    if len(args) != 2 * places or not places:
        raise ValueError
    return Term("applyprime", tuple(args[places:]), (name, tuple(int(a.number) for a in args[:places])))


def _named(x: Term) -> str:
    if x.op != "sym":
        raise ValueError
    return x.name


FORMS: dict[str, Callable[[State, list[Any]], Term]] = {
    "Piecewise": _piecewise,
    "Derivative": _derivative,
    "diff": _derivative,
    "Integral": _integral_form,
    "Sum": _sum_form,
    "Limit": _limit_form,
    "Partial": lambda s, a: _partial_of(a[0], a[1], "∂"),
    "Rational": lambda s, a: num(Fraction(int(a[0].number), int(a[1].number))),
    "vector": lambda s, a: Term("vector", tuple(a), None, (len(a),) if len(a) > 1 else ()),
    "set": lambda s, a: Term("set", tuple(a)),
    "applyprime": lambda s, a: _derivative_at(_named(a[0]), a[1:]),
    "apply": lambda s, a: Term("apply", tuple(a[1:]), _named(a[0])),
    "pm": lambda s, a: Term("pm", tuple(a), None, a[0].shape),
    "Pow": lambda s, a: build.raised(s, a[0], a[1]),
    "pow": lambda s, a: build.raised(s, a[0], a[1]),
    "Mul": lambda s, a: mul(*a),
    "Add": lambda s, a: build.total(a),
    "root": lambda s, a: power(a[0], div(ONE, a[1])),
    "integrate": _integral_form,
    "Integrate": _integral_form,
    "summation": _sum_form,
    "limit": _limit_form,
    "power": lambda s, a: build.raised(s, a[0], a[1]),
    "where": _where,
    "dot": lambda s, a: _product(*a),
    "matmul": lambda s, a: _product(*a),
    "multiply": lambda s, a: mul(*a),
}


def _partial_of(y: Term, x: Term, d: str) -> Term:
    from ..term import partial

    return partial(y, x, d)
