"""SymPy's printed forms and the calls of other systems: Piecewise, Derivative(f, x), Sum(…, (i, 1, n)), diff(f, x)."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from ..errors import SymnetError
from ..term import ONE, Term, div, mul, num, power
from . import build
from .brackets import close
from .state import Rule, State, rule
from .tokens import Token


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
