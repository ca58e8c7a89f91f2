"""Structures of LaTeX and their plain counterparts: fractions, roots, bars, cases, matrices."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from .. import names
from ..operations import apply as operate
from ..term import Term, add, fn, mul, neg, num, power, sym
from . import build, words
from .brackets import CLOSING, close
from .derivatives import Differential, differential, matching, variables_below
from .state import NOTHING, Rule, State, rule
from .tokens import Token


@rule
def frac(s: State) -> Rule:
    """\\frac{a}{b}, \\frac12; \\frac{∂E}{∂w} and \\frac{d}{dx} are derivatives."""
    token = s.next()
    found = _derivative_fraction(s)
    if found is not None:
        return (yield "derivative", *found)
    bare = _bare_number(s)
    above = yield "frac_part", token
    bare = bare and _bare_number(s)
    below = yield "frac_part", token
    return s.checked(_quotient, above, below, bare, at=token)


def _bare_number(s: State) -> bool:
    """{12} or 1, not {(12)}: \\frac{1}{2} of bare numbers is one half, of brackets a division."""
    return s.token.kind == "num" or (s.peek().kind == "num" and s.peek(2).kind == "close")


def _quotient(above: Term, below: Term, bare: bool = True) -> Term:
    literal = build.literal_fraction(above, below) if bare else None
    if literal is not None:
        return literal
    chain = build.Chain(above)
    chain.over(below, elementwise=not above.shape and bool(below.shape))
    return chain.term()


@rule
def frac_part(s: State, token: Token) -> Rule:
    """A group, or the single digit or letter that TeX takes."""
    if s.is_open("{"):
        return (yield "braces")
    s.deeper()
    x = yield "frac_letter", token
    s.depth -= 1
    return x


@rule
def frac_letter(s: State, token: Token) -> Rule:
    """\\frac12, \\frac x2."""
    t = s.token
    if t is NOTHING or t.kind in ("close", "op"):
        s.fail("a part of \\frac is missing", "write \\frac{a}{b}", token if t is NOTHING else t)
    if t.kind == "num" and t.whole and t.end - t.start > 1:
        _split_digits(s, t)
    elif t.kind == "word" and not t.whole and len(str(t.value)) > 1:
        word = str(t.value)
        s.tokens[s.at : s.at + 1] = [
            Token("word", word[0], t.start, t.start + 1, t.spaced, whole=True),
            replace(t, value=word[1:], start=t.start + 1, spaced=False),
        ]
        if word[1:].isdigit() and (t.subs or t.layer):
            s.fail("a part of \\frac that cannot be told apart", "write \\frac{a}{b}", t)
        if word[1:].isdigit():
            s.tokens[s.at + 1] = Token("num", (Fraction(word[1:]), ""), t.start + 1, t.end, whole=True)
    if s.token.kind == "word" and not s.token.whole:
        s.tokens[s.at : s.at + 1] = words.split(s, s.token, False)
    return (yield "primary")


def _split_digits(s: State, t: Token) -> None:
    text = s.source[t.start : t.end]
    parts = [(text[0], t.start, t.start + 1), (text[1:], t.start + 1, t.end)]
    s.tokens[s.at : s.at + 1] = [Token("num", (Fraction(d), ""), a, b, whole=True) for d, a, b in parts]


def _derivative_fraction(s: State) -> tuple[Differential, list[tuple[list[Token], int]]] | None:
    """The differentials of \\frac{∂E}{∂w}, with the cursor behind it; else None, with the cursor in place."""
    start = s.at
    if not s.is_open("{"):
        return None
    middle = matching(s, start)
    opening = s.tokens[middle + 1] if middle + 1 < len(s.tokens) else NOTHING
    if opening.kind != "open" or opening.value != "{":
        return None
    end = matching(s, middle + 1)
    above = differential(s, start + 1)
    if above is None or above.end != middle:
        if above is None or above.grouped or (not above.target and above.end == middle):
            return None
        above = Differential(above.sign, above.order, [*above.target, *s.tokens[above.end : middle]], middle)
    first = differential(s, middle + 2)
    if first is None or not first.target or first.sign != above.sign:
        return None
    s.at = middle + 2
    below = variables_below(s, above.sign, end)
    if s.at != end:
        s.at = start
        return None
    s.at = end + 1
    return above, below


@rule
def sqrt(s: State) -> Rule:
    """\\sqrt{x}, \\sqrt[3]{x}."""
    token = s.next()
    s.deeper()
    degree = None
    if s.is_open("["):
        opening = s.next()
        degree = yield "sum"
        close(s, opening, "]")
    x = yield "frac_part", token
    s.depth -= 1
    return _rooted(s, x, degree, token)


def _rooted(s: State, x: Term, degree: Term | None, token: Token) -> Term:
    if degree is None or degree.number == 2:
        return fn("sqrt", x)
    literal = build.literal_fraction(num(1), degree)
    return s.checked(power, x, literal if literal is not None else _quotient(num(1), degree), at=token)


@rule
def root(s: State) -> Rule:
    """√5, √(x² + 1), ∛x: the root of what follows, a number, a name or a bracket."""
    token = s.next()
    s.deeper()
    begins = s.token
    x = yield "primary"
    s.depth -= 1
    if s.is_op("^") and begins.kind not in ("open", "sqrt") and x.op in ("sym", "num"):
        sign, name = token.value, x.text()
        s.note(f"the root ends before the exponent: `{sign}{name}^…` is ({sign}{name})^…; brackets make it longer")
    return _rooted(s, x, num(3) if token.value == "∛" else None, token)


def _split_bars(s: State, paired: bool) -> None:
    """`||` is two bars where it cannot be a norm: ||x| − 1|, |x − |y||."""
    t = s.token
    if t.value == "‖" and not paired and s.source.startswith("||", t.start):
        s.tokens[s.at : s.at + 1] = [
            replace(t, value="|", end=t.start + 1),
            replace(t, value="|", start=t.start + 1, spaced=False),
        ]


def _pairs(s: State) -> bool:
    """Whether `||` opens a norm: another ‖ follows, and no single bar closes before it, as in ||a| − |b||."""
    for i in range(s.at + 1, len(s.tokens)):
        t = s.tokens[i]
        if t.kind != "op" or t.value not in ("|", "‖"):
            continue
        after = s.tokens[i + 1] if i + 1 < len(s.tokens) else NOTHING
        return t.value == "‖" or s.tokens[i - 1].kind == "op" or (after.kind not in ("op", "nothing"))
    return False


@rule
def bars(s: State) -> Rule:
    """|x| is the absolute value, ‖x‖ the norm (of a scalar, its absolute value)."""
    _split_bars(s, s.is_op("‖") and _pairs(s))
    opening = s.next()
    sign = str(opening.value)
    double = sign == "|" and s.is_op("|") and s.token.start - opening.end <= 4 and s.source[opening.start] == "\\"
    if double:
        s.at += 1
    s.deeper()
    s.bars.append(sign)
    x = yield "sum"
    s.bars.pop()
    if sign == "|" and s.is_op("‖"):
        _split_bars(s, False)
    if not s.take(sign) or (double and not s.take("|")):
        s.fail("bars that do not pair", "write abs(x)", opening if s.token is NOTHING else None)
    s.depth -= 1
    if sign == "|" and not double:
        return fn("abs", x)
    kind = ""
    if s.take("_"):
        below = s.next()
        if below.kind == "open":
            below = s.next()
            s.at += 1
        kind = str(below.value[0] if below.kind == "num" else below.value)
    if kind == "1":
        return s.checked(operate, "norm1", x, at=opening)
    if kind not in ("", "2", "F"):
        s.fail(f"the norm with the index {kind} is not read", "the norms 1, 2 and F are", opening)
    if not x.shape:
        s.note("‖ ‖ of a number is its absolute value; declare a vector by its shape")
        return fn("abs", x)
    return s.checked(operate, "norm2", x, at=opening)


# ------------------------------------------------------------------------------------------------------- environments
@rule
def begin(s: State) -> Rule:
    """\\begin{cases} … \\end{cases}, and matrices."""
    token = s.next()
    s.deeper()
    rows = yield "rows", token
    s.depth -= 1
    if token.value == "cases":
        return s.checked(build.cases, [_case(s, r, token) for r in rows], at=token)
    if any(len(r) != len(rows[0]) for r in rows):
        s.fail("rows of different length", "every row has as many cells as the first", token)
    if len(rows[0]) == 1 or len(rows) == 1:
        return s.checked(build.vector, [cell for r in rows for cell, _ in r], at=token)
    return s.checked(build.vector, [build.vector([cell for cell, _ in r]) for r in rows], at=token)


Cell = tuple[Term, Term | None]


def _case(s: State, row: list[Cell], token: Token) -> Cell:
    """value & condition, value & otherwise, or `value if condition`."""
    if len(row) == 1:
        return row[0]
    value, condition = row[0][0], row[1]
    if condition[0].op == "always":
        return value, None
    test = condition[1] or condition[0]
    if test.op not in ("rel", "and", "or", "not") or len(row) > 2:
        s.fail("a case is a value and a condition", "write x & x > 0 \\\\", token)
    return value, test


@rule
def rows(s: State, token: Token) -> Rule:
    """Cells between & and rows between \\\\ up to the matching \\end."""
    out: list[list[Cell]] = [[]]
    bars, s.bars = s.bars, []
    while True:
        if s.token.kind == "end" and s.token is not NOTHING:
            break
        if s.token is NOTHING:
            s.fail(f"\\begin{{{token.value}}} without its \\end", f"close it with \\end{{{token.value}}}", token)
        out[-1].append((yield "cell"))
        s.take(",", ";")
        if s.take("cell"):
            continue
        if s.take("row"):
            out.append([])
            continue
        if s.token.kind != "end" or s.token is NOTHING:
            if s.token is NOTHING:
                continue
            s.fail(f"`{s.source[s.token.start : s.token.end][:20]}` cannot stand here", "& or \\\\ is expected")
    if s.token.value != token.value:
        s.fail(f"\\begin{{{token.value}}} is closed by \\end{{{s.token.value}}}", "close what was opened")
    s.at += 1
    s.bars = bars
    return [r for r in out if r] or s.fail("an empty environment", "write its rows", token)


UNITS = ("ihat", "jhat", "khat")


def by_components(x: Term) -> Term:
    """2x î + 2y ĵ is the vector (2x, 2y); anything but a sum of multiples of unit vectors stays as it is."""
    if not {"ihat", "jhat"} <= set(x.free):
        return x
    parts: dict[str, list[Term]] = {}
    for term in x.args if x.op == "add" else (x,):
        inner = term.args[0] if term.op == "neg" else term
        factors = inner.args if inner.op == "mul" else (inner,)
        units = [f.name for f in factors if f.op == "sym" and f.name in UNITS]
        rest = [f for f in factors if not (f.op == "sym" and f.name in UNITS)]
        if len(units) != 1 or any(u in f.free for f in rest for u in UNITS):
            return x
        coefficient = mul(*rest) if rest else num(1)
        parts.setdefault(units[0], []).append(neg(coefficient) if term.op == "neg" else coefficient)
    used = UNITS if "khat" in parts else UNITS[:2]
    return build.vector([add(*parts[u]) if u in parts else num(0) for u in used])


@rule
def cell(s: State) -> Rule:
    """One cell: a clause, a condition with or without `if`, or `otherwise`."""
    if s.take_key("otherwise", "else"):
        return Term("always"), None
    if s.take_key("if"):
        return (yield "condition"), None
    value, condition = yield "clause"
    return value, condition


@rule
def sized(s: State) -> Rule:
    """\\mathbf{1}_n is ones(n), \\mathbf{I}_n is eye(n); \\mathbf{1}[z > 0] the step function."""
    token = s.next()
    word = str(token.value)
    if word == "ones" and s.is_op("_") and s.peek().kind == "open":
        s.at += 1
    if word == "ones" and s.is_open("[", "set{", "{", *([] if token.subs else ["("])):
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


def _last(s: State) -> int:
    """Where the token behind the bracket at the cursor stands."""
    depth = 0
    for i in range(s.at, len(s.tokens) - 1):
        depth += (s.tokens[i].kind == "open") - (s.tokens[i].kind == "close")
        if depth == 0:
            return i + 1
    return len(s.tokens) - 1
