"""Names before brackets: f(x) and y(x) are unknown functions, x(x + 1) a product, y[i] a term of a sequence."""

from __future__ import annotations

from dataclasses import replace

from .. import losses, names
from ..applications import FUNCTION_LETTERS, reads_as_application
from ..errors import quote
from ..term import Term
from . import build, notation, words
from .brackets import close
from .state import Rule, State, rule
from .tokens import Token


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
    if name in losses.ALIASES and name not in s.functions and name not in s.symbols:
        if len(args) == 2:
            return _loss(s, token, name, *args)
        if len(name) > 2 and not (s.token.kind == "op" and s.token.value in notation.RELATIONS and opening == 1):
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
