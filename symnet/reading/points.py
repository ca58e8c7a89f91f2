"""Values at a point and primes on brackets: F(x)|_{x=2}, [F(x)]_0^1, (x²)′, (fg)′."""

from __future__ import annotations

import re

from ..term import Term, add, fold, neg, partial, postorder, rebuild, substitute
from .brackets import close
from .state import Rule, State, rule
from .tokens import Token

# letters that stand for functions where a product of them is differentiated: (uv)' = u'v + uv'
FUNCTIONS = frozenset("fghuvwyFGHUV")
SURELY_FUNCTIONS = frozenset("fghFGH")
BOUND = frozenset({"sigma", "integral", "limit"})  # the second argument is the variable that they bind


# ------------------------------------------------------------------------------------------------- values at a point
@rule
def evaluated(s: State, body: Term, first: Token) -> Rule:
    """The value at the point below the bar, or the value above less the value below."""
    at = s.token
    s.take("|")
    s.take("_")
    below = yield "point"
    above = None
    if s.take("^"):
        above = yield "point"
    if above is None and any(x is None for x, _ in below):
        s.fail("a bar without its variable", "write |_{x=0}, or both bounds", at)
    shown = re.sub(r"\\(right|[bB]igg?[lr]?)$", "", s.source[first.start : at.start].strip())
    s.note(f"the bar is read as the value of `{shown[:40]}` there")
    if body.op == "sym" and len(below) == 1 and below[0][0] is not None and below[0][0] is not body:
        body = Term("apply", (below[0][0],), body.name) if not body.name.endswith("'") else body  # y|_{x=0} is y(0)
    lower = s.checked(at_points, s, body, below, at)
    if above is None:
        return lower
    variables = [x for x, _ in (*below, *above) if x is not None]
    above = [(x if x is not None or not variables else variables[0], value) for x, value in above]
    return add(at_points(s, body, above, at), neg(lower))


@rule
def point(s: State) -> Rule:
    """`x = 0, y = 1` in braces, or a bound alone: pairs of a variable (perhaps None) and its value."""
    if not s.is_open("{"):
        minus = s.take("-")
        x = yield "primary", True
        return [(None, neg(x) if minus else x)]
    opening = s.next()
    out: list[tuple[Term | None, Term]] = []
    while True:
        x = yield "sum"
        out.append((x, (yield "sum")) if s.take("=", "→") else (None, x))
        if not s.take(","):
            break
    close(s, opening, "}")
    return out


def at_points(s: State, body: Term, pairs: list[tuple[Term | None, Term]], at: Token) -> Term:
    for variable, value in pairs:
        x = _variable(s, body, at) if variable is None else variable
        if x.op != "sym":
            s.fail("a point is given by names and their values", "write |_{x=0}", at)
        body = _value(s, body, x, value, at)
    return body


def _variable(s: State, body: Term, at: Token) -> Term:
    inputs = [n for n in body.free if n not in ("e", "pi", "oo")]
    name = s.wrt if s.wrt in inputs else inputs[0] if len(inputs) == 1 else "x" if "x" in inputs else None
    if name is None:
        s.fail("a bar without its variable", "write |_{x=0}^{x=1}", at)
    return s.symbol(name)


def _value(s: State, body: Term, x: Term, value: Term, at: Token) -> Term:
    """The body at x = value; a limit where the value is infinite; dy/dx at 2 is y′(2)."""
    end = value.args[0] if value.op == "neg" else value
    if end.op == "sym" and end.name == "oo":
        return Term("limit", (body, x, value))

    def visit(t: Term, args: list[Term]) -> Term:
        if t is x:
            return value
        if t.op == "sym" and t.name.endswith("'"):  # y′ at x = 1 is y′(1)
            name = t.name.rstrip("'")
            return Term("applyprime", (value,), (name, (len(t.name) - len(name),)))
        if t.op in ("partial", "diff", "deriv"):
            return _slope(s, t, x, value, at)
        if t.op in BOUND and t.args[1] is x:
            s.fail(f"the value at a point of something that binds {x.name}", "rename its variable", at)
        return rebuild(t, args) if args else t

    return fold(body, visit)


def _slope(s: State, t: Term, x: Term, value: Term, at: Token) -> Term:
    f, variable = t.args[:2]
    order = t.data if t.op == "diff" else 1
    if variable is x and f.op == "sym":
        return Term("applyprime", (value,), (f.name, (order,)))
    if variable is x and f.op == "apply" and f.args == (x,):
        return Term("applyprime", (value,), (f.data, (order,)))
    s.fail("the value of a derivative that is not carried out", "differentiate first, or write f'(2)", at)


# --------------------------------------------------------------------------------------------------- primes on brackets
@rule
def primed_bracket(s: State, base: Term, order: int, at: Token) -> Rule:
    """(x²)′ is the derivative with respect to the one variable; in (fg)′ the letters are functions of x."""
    inputs = [n for n in base.free if n not in ("e", "pi")]
    letters = set(inputs)
    lifted = base.op not in ("num", "sym") and (
        (bool(letters) and letters <= SURELY_FUNCTIONS) or (len(letters) > 1 and letters <= FUNCTIONS)
    )
    called = s.is_open("(") and s.peek().kind == "word" and s.peek(2).kind == "close"
    x = "x" if "x" in inputs or lifted else inputs[0] if len(inputs) == 1 else None
    if lifted and called:
        x = str(s.peek().value)
        s.at += 3
    if x is None or base.op in ("num", "sym") or (lifted and base.op == "pow" and base.args[1].op == "neg"):
        s.fail("a prime after something that is not a function of one variable", "write d/dx(...)", at)
    if s.is_open("("):
        s.fail("the derivative of a function that has no letter", "name it first: g(x) = …, then g'(x)", at)
    if lifted:
        s.lifted |= dict.fromkeys(inputs, x)
        s.note(f"{', '.join(inputs)} {'are functions' if len(inputs) > 1 else 'is a function'} of {x} here")
    else:
        s.note(f"the prime is read as the derivative with respect to {x}")
    return Term("diff", (base, s.symbol(x)), order)
    yield


def lift_products(s: State, sides: list[Term]) -> None:
    """In d/dx(uv) = u'v + uv′ = u dv/dx + … the letters u, v are functions of x; d/dx(uv) alone may be of numbers."""
    if len(sides) < 2:
        return
    nodes = [t for side in sides for t in postorder(side)]
    for t in nodes:
        if t.op != "diff" or t.args[0].op == "sym" or t.args[1].op != "sym":
            continue
        x, letters = t.args[1].name, {n for n in t.args[0].free if n not in ("e", "pi")}
        if x in letters or not letters <= FUNCTIONS or not letters:
            continue
        derived = any(n + "'" in side.free for side in sides for n in letters) or any(
            p.op == "partial" and p.args[1] is t.args[1] and p.args[0].op == "sym" and p.args[0].name in letters
            for p in nodes
        )
        if derived:
            names = sorted(letters)
            s.lifted |= dict.fromkeys(names, x)
            s.note(f"{', '.join(names)} {'are functions' if len(names) > 1 else 'is a function'} of {x} here")


def lift(s: State, t: Term) -> Term:
    """The letters that (fg)′ made functions, as functions also beside it: f′g is f′(x) g(x)."""
    table: dict[Term, Term] = {}
    for name, x in s.lifted.items():
        table[s.symbol(name)] = Term("apply", (s.symbol(x),), name)
        for order in (1, 2, 3):
            table[s.symbol(name + "'" * order)] = Term("applyprime", (s.symbol(x),), (name, (order,)))
        if name != x:
            slope = partial(s.symbol(name), s.symbol(x), "d")
            table[slope] = Term("applyprime", (s.symbol(x),), (name, (1,)))
    return substitute(t, table) if table else t
