"""Sums, products and powers: the grammar that every notation shares.

From loose to tight: `or` · `and` · `not` · comparison · sum · product (written or by juxtaposition, with division,
from left to right) · sign · power (from right to left) · what follows a name (primes, transpose).
"""

from __future__ import annotations

from dataclasses import replace

from .. import names
from ..applications import reads_as_number
from ..term import Term, neg, num
from . import build, notation
from .build import Chain
from .state import NOTHING, Rule, State, rule
from .tokens import Token
from .words import glued_functions

PRODUCT_SIGNS = frozenset({"*", "/", ".*", "./", "⊗"})
PREFIXES = frozenset({"√", "∛", "∂", "∇", "∑", "∏", "∫", "∞", "lim", "⌊", "⌈"})


# --------------------------------------------------------------------------------------------------------------- sums
@rule
def sum_(s: State) -> Rule:
    """a − b + c, with signs and ± in front."""
    parts: list[Term] = []
    begins = s.token
    sign: str | None = _signs(s)
    while True:
        at = s.token
        term = yield "product"
        if parts or sign:
            _no_condition(s, at, term, *parts[-1:])
        parts = _with_sign(s, parts, sign, term)
        if s.is_op("+") and s.peek().kind == "op" and s.peek().value in notation.RELATIONS:
            break
        if not s.is_op("+", "-", "±", "∓"):
            break
        sign = _signs(s)
    if len(parts) > 1:
        _note_dangling(s, parts)
    whole = s.checked(build.total, parts)
    if s.is_op("|") and s.peek().value == "_" and s.bars[-1:] != ["|"]:
        whole = yield "evaluated", whole, begins
    return whole


def _note_dangling(s: State, parts: list[Term]) -> None:
    """In `Σ_k x_{k+1} − x_k` the second term stands outside the sum."""
    indices: set[str] = set()
    for x in parts:
        x = x.args[0] if x.op == "neg" else x
        below = {c for name in x.free for sub in names.parse(name).subs for c in sub} if indices else set()
        if indices & below:
            s.note(f"the sum over {min(indices & below)} ends before the sign; write brackets to sum what follows")
        last = x.args[-1] if x.op == "mul" else x
        indices |= {last.args[1].name} if last.op == "sigma" else set()


def _signs(s: State) -> str | None:
    """The sign of what follows; an even number of minuses after one another cancels only in reading `--x` as −(−x)."""
    token = s.take("+", "-", "±", "∓")
    return None if token is None else str(token.value)


def _with_sign(s: State, parts: list[Term], sign: str | None, term: Term) -> list[Term]:
    if sign == "-":
        return [*parts, neg(term)]
    if sign in ("±", "∓"):
        term = neg(term) if sign == "∓" else term  # a ∓ b is a ± (−b): the upper signs go together
        left = (s.checked(build.total, parts),) if parts else ()
        return [Term("pm", (*left, term), None, term.shape)]
    return [*parts, term]


# ----------------------------------------------------------------------------------------------------------- products
@rule
def product(s: State) -> Rule:
    """Factors joined by signs or by standing side by side, and division, from left to right."""
    first = s.token
    literal = literal_fraction(s)
    start = literal if literal is not None else (yield "factor")
    chain = Chain(start)
    divided: Token | None = first if literal is not None else None
    previous = first
    while True:
        token = s.token
        if token.kind == "op" and token.value in PRODUCT_SIGNS:
            s.at += 1
            x = yield "factor"
            _refuse_composition(s, token, start, x)
            _no_condition(s, token, start, x)
            s.checked(combine, chain, str(token.value), x, at=token)
            divided = token if token.value == "/" else None
        elif starts_factor(s):
            _check_neighbours(s, previous, token)
            _note_mixed(s, previous, token)
            before = s.at
            x = yield "factor"
            if divided is not None and not token.spaced and s.at > before:
                _note_division(s, first, token)
            _no_condition(s, token, start, x)
            s.checked(chain.times, x, at=token)
            divided = None
        else:
            return s.checked(chain.term, at=token)
        previous = token


def _refuse_composition(s: State, sign: Token, left: Term, right: Term) -> None:
    """f ∘ g is no product; between arrays ∘ is the elementwise one."""
    both = build.is_function_name(left) and build.is_function_name(right)
    if both and s.source[sign.start : sign.end] in ("∘", "\\circ"):
        s.fail("the composition of functions is not read", "write f(g(x))", sign)


def _no_condition(s: State, token: Token, *operands: Term) -> None:
    if any(build.is_truth(x) for x in operands):
        s.fail("a condition is not a number", "write 1[z > 0], or `1 if z > 0 else 0`", token)


def combine(chain: Chain, sign: str, x: Term) -> None:
    if sign == "*":
        chain.times(x)
    elif sign == ".*":
        chain.elementwise(x)
    elif sign == "⊗":
        from ..operations import apply

        whole = apply("kron", chain.term(), x)
        chain.factors, chain.run = [], [whole]
    else:
        chain.over(x, elementwise=sign == "./")


def literal_fraction(s: State) -> Term | None:
    """An integer over an integer at the start of a product."""
    t, sign, below, after = s.token, s.peek(), s.peek(2), s.peek(3)
    if not (t.kind == below.kind == "num" and t.whole and below.whole and sign.kind == "op" and sign.value == "/"):
        return None
    if after.kind == "op" and after.value in ("^", "!", "'", "ᵀ", ".^"):
        return None
    found = build.literal_fraction(num(*t.value), num(*below.value))
    if found is not None:
        s.at += 3
    return found


def _note_division(s: State, first: Token, token: Token) -> None:
    if (token.kind in ("word", "name", "function", "num", "open") or token.value == "√") and not s.latex:
        shown = s.source[first.start : token.end]
        if len(shown) <= 30:
            s.note(f"`{shown}…` is read from left to right: the division first, then the product")


def _note_mixed(s: State, left: Token, right: Token) -> None:
    """2\\frac{1}{2} may be two and a half to its writer."""
    numeric = s.peek().kind == "num" or (s.peek().value == "{" and s.peek(2).kind == "num" and s.peek(3).value == "}")
    if left.kind == "num" and left.whole and right.kind == "frac" and not right.spaced and numeric:
        s.note("a number before a fraction is read as a product; write + for a mixed number")


def _check_neighbours(s: State, left: Token, right: Token) -> None:
    """Two words side by side look like a sentence, two numbers like a slip."""
    if s.tokens[s.at - 1].end != left.end:
        return
    if left.kind == right.kind == "num":
        s.fail("two numbers side by side", "write * between them", right)
    if right.spaced and not (right.whole or s.latex or s.matrix):
        _refuse_adverb(s, right, str(right.value))
    if left.kind in ("word", "name") and right.kind == "word" and right.spaced and not (right.whole or right.subs):
        a, b = word_before(s, left.end), str(right.value)
        if is_plain_word(s, a) and is_plain_word(s, b) and not _is_glued(b):
            s.fail(f"`{a} {b}` reads like words, not like a product", "write * between names", right)


def _is_glued(text: str) -> bool:
    """`x cosx` and `x sinxcosx`: functions, each with one letter behind it."""
    parts = glued_functions(text, followed=False)
    return bool(parts) and all((p in notation.GLUED) == (i % 2 == 0) for i, p in enumerate(parts))


def _refuse_adverb(s: State, word: Token, text: str) -> None:
    """`5 units`, `x cubed`: a word behind an operand, with only a space between, is hardly a factor."""
    applied = s.source[word.end : word.end + 1] == "("  # x diff(x^2, x)
    plain = word.kind in ("word", "name") and not (word.subs or word.layer or word.accent or applied)
    factor = text in notation.FACTORS or _is_glued(text)
    if plain and len(text) >= 4 and is_plain_word(s, text) and not factor:
        s.fail(f"`{text[:30]}` reads like a word, not like a factor", "write * between factors", word)


def word_before(s: State, end: int) -> str:
    """The run of letters that ends there, also where it was split into factors."""
    start = end
    while start > max(0, end - 40) and s.source[start - 1].isalpha():
        start -= 1
    return "" if start and s.source[start - 1] in "\\_" else s.source[start:end]


def is_plain_word(s: State, text: str) -> bool:
    """Three letters or more that are no declared name, no function and no Greek letter."""
    if len(text) < 3 or not (text.isascii() and text.isalpha()):
        return False
    derived = text[0] == "d" and notation.elementwise(text[1:]) is not None  # dsigmoid
    function = (notation.is_function(text) and text not in notation.FORMS) or derived
    return not (text in s.symbols or function or text in names.GREEK)


def starts_factor(s: State) -> bool:
    """Whether a factor follows without a sign."""
    t = s.token
    if t.kind == "word":
        return not (s.integrals and is_differential(s, s.at))
    if t.kind in ("num", "name", "function", "frac", "sqrt"):
        return True
    if t.kind == "begin":
        return True
    if t.kind == "open":
        return True
    if t.kind == "op":
        if t.value in PREFIXES:
            return True
        if t.value == "‖" and s.bars[-1:] == ["|"] and s.source.startswith("||", t.start):
            return False  # the end of |x − |y||
        if t.value == "|" and s.peek().value == "_":
            return False  # x²|_{x=0}
        if t.value == "|" and s.bars[-1:] == ["|"]:
            return _nests(s)
        return t.value in ("|", "‖") and t.value not in s.bars[-1:]
    return False


def _nests(s: State) -> bool:
    """Whether the second bar of `|2|x| − 3|` opens: nobody writes the absolute value of a plain number there."""
    inside = s.peek(-1).kind == "num" and s.peek(-2).kind == "op" and s.peek(-2).value == "|"
    if not inside or s.peek().kind == "op":
        return False
    bars = [i for i in range(s.at, len(s.tokens)) if s.tokens[i].kind == "op" and s.tokens[i].value == "|"]
    if len(bars) != 3:
        return False
    before, after = s.tokens[bars[1] - 1], s.tokens[bars[1] + 1]
    return before.kind != "op" and after.kind == "op"


def is_differential(s: State, i: int) -> bool:
    """Whether tokens[i] is the dx that ends an integral."""
    t = s.tokens[i]
    word = str(t.value)
    if t.kind != "word" or not word.startswith("d") or s.symbols.get(word) is not None:
        return False
    if word == "d":
        after = s.tokens[i + 1] if i + 1 < len(s.tokens) else NOTHING
        if after.kind == "word" and is_differential(s, i + 1):
            return False
        return (after.kind == "word" and not after.spaced) or (after.kind == "word" and s.latex)
    rest = word[1:]
    return len(rest.rstrip("0123456789")) == 1 or rest in names.GREEK


@rule
def factor(s: State) -> Rule:
    """A sign (after * or /), then a power."""
    minus = 0
    while s.is_op("+", "-"):
        minus += s.next().value == "-"
    x = yield "power"
    for _ in range(minus):
        x = neg(x)
    return x


# ------------------------------------------------------------------------------------------------------------- powers
@rule
def power_(s: State) -> Rule:
    """base^exponent, from right to left: 2^3^2 = 2^(3²)."""
    base = yield "primary"
    return (yield "raised", base)


@rule
def raised(s: State, base: Term) -> Rule:
    """What may follow a base: primes, a transpose, an exponent."""
    while True:
        if s.is_op("'", "''"):
            base = yield "primed", base
        elif s.take("ᵀ", "⊤"):
            base = s.checked(build.transposed, base)
        elif s.is_op("^", ".^"):
            sign = s.next()
            if s.is_op("^"):
                s.fail("`^` twice", "write one ^ and brackets")
            if not _is_number(s, base) and _transpose_sign(s):
                base = s.checked(build.transposed, base)
                continue
            if base.shape and _inverse_transpose_sign(s):
                base = s.checked(build.transposed, s.checked(build.inverse, base))
                continue
            elementwise = sign.value == ".^" or (s.is_open("{") and s.peek().kind == "op" and s.peek().value == ".*")
            exponent = yield "exponent"
            base = s.checked(_raise, s, base, exponent, elementwise, at=sign)
            if s.is_op("^") and not s.is_op(".^"):
                s.fail("two exponents", "write brackets: (a^b)^c")
        elif s.is_op(".*") and s.peek().kind == "op" and s.peek().value == "^" and s.source[s.token.start] == "⊙":
            s.at += 1  # x⊙² is the elementwise square
            s.tokens[s.at].value = ".^"
        elif s.is_op("!"):
            s.fail("the factorial of something that is not a whole number", "write 5!, or the product", s.token)
        else:
            return base


def _raise(s: State, base: Term, exponent: Term, elementwise: bool) -> Term:
    turned = exponent.op == "neg" and exponent.args[0].op == "sym" and exponent.args[0].name == "T"
    if turned and "T" not in s.symbols and not reads_as_number(base):  # A^{-T}
        return build.transposed(build.raised(s, base, neg(num(1))))
    return build.raised(s, base, exponent, elementwise=elementwise)


def _is_number(s: State, base: Term) -> bool:
    """Whether ^T above it is a power: of a number, of e, of 1 + r, of a discount γ; names may be vectors."""
    if s.is_op("⊤") or (s.is_open("{") and s.peek().value == "⊤"):
        return False
    found = reads_as_number(base)
    if found and (s.token if not s.is_open("{") else s.peek()).value == "T" and "T" not in s.symbols:
        s.note("T above a number is read as an exponent, not as a transpose")
    return found


def _glued_transpose(s: State, t: Token) -> bool:
    """In X^TX w the T is a transpose and X the next factor: the word is cut behind its T."""
    word = str(t.value)
    if t.kind != "word" or t.whole or len(word) < 2 or word[0] != "T" or not word[1].isalpha():
        return False
    if notation.is_function(word):
        return False
    s.tokens[s.at : s.at + 1] = [
        replace(t, value="T", end=t.start + 1, subs=(), layer=""),
        replace(t, value=word[1:], start=t.start + 1, spaced=False),
    ]
    return True


def _inverse_transpose_sign(s: State) -> bool:
    """X^{-\\top} and X^{-T}."""
    if not s.is_open("{") or s.peek(3).kind != "close" or s.peek().kind != "op" or s.peek().value != "-":
        return False
    t = s.peek(2)
    if not ((t.kind == "op" and t.value == "⊤") or (t.kind == "word" and t.value == "T" and not t.subs)):
        return False
    s.at += 4
    return True


def _transpose_sign(s: State) -> bool:
    """X^T, X^{\\top}, X^⊤, unless T is a declared scalar."""
    size = 3 if s.is_open("{") else 1
    inner = s.peek() if size == 3 else s.token
    if size == 3 and s.peek(2).kind != "close":
        return False
    is_t = inner.kind == "word" and inner.value == "T" and not inner.subs
    if size == 1 and _glued_transpose(s, inner):
        inner, is_t = s.token, True
    if is_t and "T" in s.symbols and not s.symbols["T"].shape:
        return False
    if not is_t and not (inner.kind == "op" and inner.value == "⊤"):
        return False
    s.at += size
    return True


@rule
def exponent(s: State) -> Rule:
    """What is raised: a group in braces, or a sign and a power: e^-x² is e^(−(x²))."""
    s.deeper()
    if s.is_open("{"):
        if s.peek().kind == "op" and s.peek().value == ".*":  # ^{\odot 2}, ^{∘ 2}
            s.tokens[s.at + 1].kind = "skip"
        x = yield "braces"
    else:
        minus = 0
        while s.is_op("+", "-"):
            minus += s.next().value == "-"
        before, base = s.token, s.peek(-2 - minus)
        x = yield "primary", True
        _note_exponent(s, before, base)
        if s.is_op("^"):
            sign = s.next()
            inner = yield "exponent"
            x = s.checked(_raise, s, x, inner, False, at=sign)
        for _ in range(minus):
            x = neg(x)
    s.depth -= 1
    return x


def _note_exponent(s: State, before: Token, base: Token) -> None:
    """e^2x is e²·x; 2x^2y is what everybody reads."""
    t = s.token
    halved = before.kind == "num" and t.kind == "op" and t.value == "/" and not t.spaced and s.peek().kind == "num"
    if halved and before.value[0] == 1 and not s.latex:
        s.note(f"only `{s.source[before.start : before.end]}` is the exponent; write brackets for x^(1/2)")
    if t.kind not in ("word", "name", "function") or t.spaced or s.latex or before.kind not in ("num", "word"):
        return
    if before.kind == "word" or base.value == "e" or base.kind == "num":
        shown = s.source[before.start : s.tokens[s.at - 1].end]
        s.note(f"only `{shown}` is the exponent; write brackets for a longer one")


@rule
def primed(s: State, base: Term) -> Rule:
    """A transpose after an array; a derivative after a bracket in one variable."""
    at = s.token
    count = len(str(s.next().value))
    while s.is_op("'", "''"):
        count += len(str(s.next().value))
    if base.shape:
        for _ in range(count):
            base = s.checked(build.transposed, base)
        return base
    if s.matrix and base.op != "num":
        for _ in range(count):
            base = build.transposed(base)
        return base
    s.check_order(count, at)
    return (yield "primed_bracket", base, count, at)
