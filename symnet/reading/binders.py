"""Signs that bind a letter: Σ and ∏ over an index, ∫ … dx, lim."""

from __future__ import annotations

import re
from dataclasses import replace

from .. import names
from ..errors import BudgetError
from ..term import ONE, Term, fold, mul, neg, num, postorder, rebuild, substitute, sym
from . import budgets, notation
from .brackets import close
from .build import Chain
from .derivatives import matching, token_at
from .grammar import is_differential, starts_factor
from .state import NOTHING, Rule, State, named, rule
from .tokens import Token


# ------------------------------------------------------------------------------------------------------ indexed sums
@rule
def sigma(s: State) -> Rule:
    """Σ_{i=1}^{n} y_i: the body is the product that follows; inside it y_i is a term of the sequence y."""
    token = s.next()
    indices, low, high = yield "bounds"
    if not (starts_factor(s) or s.is_op("-")):
        s.fail("a sum of nothing", "write \\sum_{i=1}^{n} y_i", token)
    sign = s.take("-")
    s.deeper()
    _cut_factors(s, indices)
    body = yield "product"
    s.depth -= 1
    if sign:
        body = neg(body)
    if not indices:
        indices = _common_index(s, body, token)
    inner = indexed_by(body, indices)
    if inner is body and low is None and not set(indices) & set(body.free):
        s.fail(f"a sum over {indices[0]}, and no term has that index", "write \\sum_{i=1}^{n} y_i", token)
    if low is None:
        s.note(f"{indices[0]} is read as running from 1 to n")
        low, high = ONE, s.symbol("n")
    s.sequences |= {str(t.data) for t in postorder(inner) if t.op == "index" and len(t.args) == 1}
    for index in reversed(indices):
        inner = Term("sigma", (inner, s.symbol(index), low, high if high is not None else s.symbol("n")), None)
    return inner


@rule
def product_over(s: State) -> Rule:
    """∏_{i=1}^{3} x_i: the factors, written out; the bounds are whole numbers."""
    token = s.next()
    indices, low, high = yield "bounds"
    first, last = (None if x is None else budgets.value(x) for x in (low, high))
    whole = first is not None and last is not None and first.denominator == last.denominator == 1
    if len(indices) != 1 or first is None or last is None or not whole:
        s.fail("a product whose bounds are not whole numbers", "write the factors out, or a sum of logarithms", token)
    if last - first >= budgets.FACTORS:
        message = f"a product of {int(last - first + 1):,} factors; at most {budgets.FACTORS} are written out"
        raise BudgetError(message, remedy="write a sum of logarithms", **s.here(token.start))
    if not starts_factor(s):
        s.fail("a product of nothing", "write \\prod_{i=1}^{3} x_i", token)
    s.deeper()
    _cut_factors(s, indices)
    body = indexed_by((yield "product"), indices)
    s.depth -= 1
    index = s.symbol(indices[0])
    if body.size * (last - first + 1) > budgets.FORMULA_NODES:
        message = f"a product of more than {budgets.FORMULA_NODES:,} nodes"
        raise BudgetError(message, remedy="write a sum of logarithms", **s.here(token.start))
    factors = [_entries_named(substitute(body, {index: num(k)})) for k in range(int(first), int(last) + 1)]
    return s.checked(mul, *factors) if factors else ONE


def _entries_named(body: Term) -> Term:
    """x[1], x[i + 1] at i = 1: the names x1, x2."""

    def visit(t: Term, args: list[Term]) -> Term:
        if t.op != "index":
            return rebuild(t, args) if args else t
        values = [budgets.value(a) for a in args]
        if any(v is None or v.denominator != 1 or v < 0 for v in values):
            return rebuild(t, args)
        return sym(names.compose(names.parse(str(t.data)).base, subs=[str(v) for v in values]))

    return fold(body, visit)


@rule
def bounds(s: State) -> Rule:
    """_{i=1}^{n}, _i, nothing."""
    indices: list[str] = []
    low: Term | None = None
    high: Term | None = None
    while s.is_op("_", "^"):
        if s.next().value == "^":
            high = yield "exponent"
            continue
        if not s.is_open("{"):
            x = yield "primary", True
            indices = [_index_name(s, x)]
            continue
        opening = s.next()
        while True:
            x = yield "sum"
            indices.append(_index_name(s, x))
            if not s.take(","):
                break
        if s.take("="):
            low = yield "sum"
        elif s.is_op("∈", "<", "<=", "!="):
            s.fail("a sum over a set is not read", "write the first and the last index: i=1")
        close(s, opening, "}")
    return indices, low, high


def _index_name(s: State, x: Term) -> str:
    if x.op != "sym":
        s.fail("the index of a sum is a letter", "write \\sum_{i=1}^{n} y_i")
    return x.name


def _common_index(s: State, body: Term, token: Token) -> list[str]:
    """The one index letter of the names below a Σ that does not say its index."""
    found: dict[str, None] = {}
    for name in body.free:
        for sub in names.parse(name).subs:
            if sub in tuple("ijkmn"):
                found[sub] = None
    if len(found) != 1:
        s.fail("a sum that does not say its index", "write \\sum_{i=1}^{n} y_i", token)
    return list(found)


def indexed_by(body: Term, indices: list[str]) -> Term:
    """The body with y_i, w_ij, y_{i+1}, x^{(i)} as terms of sequences."""

    def visit(t: Term, args: list[Term]) -> Term:
        if t.op == "sym":
            return _as_index(t, indices)
        return rebuild(t, args) if args else t

    return fold(body, visit)


def _as_index(t: Term, indices: list[str]) -> Term:
    n = names.parse(t.name)
    subs = [n.layer] if n.layer in indices else []
    for sub in n.subs:
        subs += re.findall(r"[A-Za-z]|\d+", sub) if _several(sub, indices) else [sub]
    if not any(i in _index_letters(sub) for sub in subs for i in indices):
        return t
    layer = "" if n.layer in indices else n.layer
    base = names.compose(n.base, accent=n.accent, layer=layer, primes=n.primes, lead=n.lead)
    return Term("index", tuple(_index_term(sub) for sub in subs), base, ())


def beside(s: State, body: Term) -> Term:
    """In exp(z_i)/Σ_j exp(z_j) the z_i is a term of the same sequence: z[i] too."""

    def visit(t: Term, args: list[Term]) -> Term:
        if t.op != "sym":
            return rebuild(t, args) if args else t
        n = names.parse(t.name)
        if len(n.subs) != 1 or n.subs[0] not in tuple("ijklmn") or n.primes or t.name in s.symbols:
            return t
        found = _as_index(t, [n.subs[0]])
        return found if found.op == "index" and found.data in s.sequences else t

    summed = s.sequences and any(t.op == "sigma" for t in postorder(body))
    return fold(body, visit) if summed else body


_OFFSET = re.compile(r"([A-Za-z])([pm])(\d+)")


def _several(sub: str, indices: list[str]) -> bool:
    """Whether `ij` or `k1` is two indices: a few letters and digits with one of the indices, never a word."""
    if not 1 < len(sub) <= 3 or not sub.isalnum() or sub in notation.INDEX_WORDS or _OFFSET.fullmatch(sub):
        return False
    return any(c in indices for c in sub) or all(c in "ijklmnpqr" for c in sub)


def _index_letters(sub: str) -> list[str]:
    """The letters of `k`, `kp1`, `t+k+1`."""
    offset = _OFFSET.fullmatch(sub)
    return [offset[1]] if offset else re.split(r"[+-]", sub)


def _index_term(sub: str) -> Term:
    if sub.isdigit():
        return num(int(sub))
    offset = _OFFSET.fullmatch(sub)
    if offset:
        sub = f"{offset[1]}{'+' if offset[2] == 'p' else '-'}{offset[3]}"
    parts = re.findall(r"([+-]?)([A-Za-z]+|\d+)", sub)
    if "".join(sign + text for sign, text in parts) != sub or len(parts) < 2:
        return sym(sub)
    terms = [num(int(text)) if text.isdigit() else sym(text) for _, text in parts]
    return Term("add", tuple(neg(x) if sign == "-" else x for (sign, _), x in zip(parts, terms, strict=True)))


def _cut_factors(s: State, indices: list[str]) -> None:
    """Under Σ over i the word `w_ix_i` is the product of w_i and x_i."""
    for i in range(len(s.tokens) - 1, s.at - 1, -1):
        t = s.tokens[i]
        if t.kind == "word" and len(t.subs) > 1 and named(t) not in s.symbols:
            s.tokens[i : i + 1] = _factors(t, indices)


def _factors(t: Token, indices: list[str]) -> list[Token]:
    out = [replace(t, subs=())]
    for sub in t.subs:
        cut = next((i for i in indices if sub[:-1] == i and sub[-1].isalpha()), None)
        last = out[-1]
        if cut is None or sub is t.subs[-1] or sub[-1] in "ijklmnpqr":
            out[-1] = replace(last, subs=(*last.subs, sub))
            continue
        out[-1] = replace(last, subs=(*last.subs, cut), layer="")
        out.append(Token("word", sub[-1], t.start, t.end, False, (), t.layer, "", True))
    return out


# ---------------------------------------------------------------------------------------------- integrals and limits
@rule
def integral(s: State) -> Rule:
    """∫ f dx, ∫_a^b f dx, ∫ dx/x."""
    token = s.next()
    low: Term | None = None
    high: Term | None = None
    while s.is_op("_", "^"):
        if s.next().value == "^":
            high = yield "exponent"
        else:
            low = (yield "braces") if s.is_open("{") else (yield "primary", True)
    s.integrals += 1
    s.deeper()
    body = yield "integrand", token
    s.integrals -= 1
    s.depth -= 1
    x = _variable(s, token)
    s.wrt = x.name
    if s.token.kind == "word" and is_differential(s, s.at) and not s.integrals:
        s.fail("a second differential", "write one integral sign for each")
    if body is None:
        body = ONE
        if s.take("/"):
            below = yield "factor"
            chain = Chain(ONE)
            chain.over(below, elementwise=False)
            body = chain.term()
    if (low is None) != (high is None):
        s.fail("an integral with one bound", "write both: \\int_0^1", token)
    return Term("integral", (body, x) if low is None or high is None else (body, x, low, high))


@rule
def integrand(s: State, token: Token) -> Rule:
    """What stands before the dx; a dx in a numerator counts as 1."""
    t = s.token
    if t.kind == "word" and is_differential(s, s.at):
        return None
    _move_differential(s, token)
    if s.token is NOTHING:
        s.fail("an integral of nothing", "write \\int x^2 dx", token)
    return (yield "sum")


def _outer_differential(s: State) -> bool:
    """Whether a dx stands outside all brackets, as it should."""
    depth = 0
    for i in range(s.at, len(s.tokens)):
        t = s.tokens[i]
        depth += (t.kind in ("open", "begin")) - (t.kind in ("close", "end"))
        if depth < 0:
            return False
        if depth == 0 and t.kind == "word" and is_differential(s, i):
            return True
    return False


def _move_differential(s: State, token: Token) -> None:
    """\\int \\frac{dx}{x}: the dx moves behind the fraction."""
    inside = _outer_differential(s)
    depth = 0
    for i in range(s.at, len(s.tokens)):
        t = s.tokens[i]
        depth += (t.kind == "open") - (t.kind == "close")
        if depth < 0:
            break
        if t.kind == "word" and is_differential(s, i):
            if depth and inside:
                continue
            if depth:
                size = 2 if t.value == "d" else 1
                moved = s.tokens[i : i + size]
                one = Token("num", (ONE.data[0], ""), t.start, t.end, whole=True)
                end = i
                while depth > 0:
                    end += 1
                    depth += (token_at(s, end).kind == "open") - (token_at(s, end).kind == "close")
                    if end >= len(s.tokens):
                        return
                if token_at(s, end + 1).kind == "open" and s.tokens[s.at].kind == "frac":
                    end = matching(s, end + 1)
                s.tokens[end + 1 : end + 1] = moved
                s.tokens[i : i + size] = [one] if i == 0 or s.tokens[i - 1].kind == "open" else []
            return
    s.fail("an integral without its d", "write \\int x^2 dx", token)


def _variable(s: State, token: Token) -> Term:
    t = s.token
    if t.kind != "word" or not is_differential(s, s.at):
        s.fail("an integral without its d", "write \\int x^2 dx", token if t is NOTHING else t)
    s.at += 1
    if t.value == "d":
        t = s.next()
        return s.symbol(names.canonical(str(t.value)))
    return s.symbol(names.compose(str(t.value)[1:], subs=t.subs))


@rule
def limit(s: State) -> Rule:
    """\\lim_{h \\to 0} f, lim h→0 f."""
    token = s.next()
    s.deeper()
    s.take("_")
    opening = s.next() if s.is_open("{", "(") else None
    x = yield "primary"
    if not s.take("→"):
        s.fail("a limit without its arrow", "write \\lim_{h \\to 0}")
    if opening is not None:
        point, side = yield "limit_point"
        close(s, opening, "}" if opening.value == "{" else ")")
    else:
        minus = s.take("-", "+")
        point = yield "primary"
        side = _side(s)
        point = neg(point) if minus is not None and minus.value == "-" else point
    if x.op != "sym":
        s.fail("a limit is taken in a name", "write \\lim_{h \\to 0}", token)
    if not (starts_factor(s) or s.is_op("-")):
        s.fail("a limit of nothing", "write \\lim_{h \\to 0} f(h)", token)
    sign = s.take("-")
    body = yield "product"
    s.depth -= 1
    return Term("limit", (neg(body) if sign else body, x, point, *side))


@rule
def limit_point(s: State) -> Rule:
    """a, and from which side: 0^+, 0^{-}, 0⁻, 0+."""
    minus = s.take("-")
    point = (yield "primary") if _side_ahead(s) else (yield "sum")
    side = _side(s)
    return neg(point) if minus else point, side


def _side_ahead(s: State) -> bool:
    """Whether one number or name and then a sign with nothing behind it stands at the cursor."""
    i = s.at + 1
    wrapped = token_at(s, i).value == "^"
    i += wrapped
    braced = wrapped and token_at(s, i).kind == "open"
    i += braced
    signed = token_at(s, i).kind == "op" and token_at(s, i).value in ("+", "-")
    return signed and (token_at(s, i + 1).kind in ("close", "nothing") or wrapped)


def _side(s: State) -> tuple[Term, ...]:
    """(1,) for a limit from above, (−1,) from below, () for both sides."""
    wrapped = s.is_op("^") and (s.peek().value in ("+", "-") or s.peek(2).value in ("+", "-"))
    alone = s.is_op("+", "-") and not s.token.spaced and (s.peek().kind == "close" or s.peek().spaced)
    if not wrapped and not alone:
        return ()
    s.at += wrapped
    braced = s.is_open("{")
    s.at += braced
    sign = s.next().value
    if braced:
        s.at += 1
    return (ONE if sign == "+" else num(-1),)


@rule
def infinity(s: State) -> Term:
    s.at += 1
    return s.constant("oo")
