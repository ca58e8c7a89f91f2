"""What a run of letters means: one name, a product of names, functions glued to their arguments.

Known functions and declared names come first (`sinx`, `w1x`); else two or three letters are a product (`xyz`), four or
more, or a word with an index, are one name (`loss`, `net_o1`); a word one slip away from a known function is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache

from .. import functions, losses, names, operations
from ..applications import FUNCTION_LETTERS
from ..term import Term
from . import notation
from .state import State, Symbols, named
from .tokens import Token

CHUNK = re.compile(r"[A-Za-z]+\d*")
SLOPES = frozenset({"prime", "deriv", "derivative", "der", "grad", "gradient"})  # sigmoid_prime(z) is σ'(z)
LEADS = frozenset({"d", "deriv", "derivative", "grad"})  # d_sigmoid(z)


def split(s: State, token: Token, followed: bool) -> list[Token]:
    """The word as tokens of one name or one function each (kinds `name` and `function`); `followed` by a bracket."""
    token = lowered(s, token, followed)
    derived = derived_function(s, token) if followed else ""
    if derived:
        kind = "function" if notation.is_function(derived) else "name"
        prime = Token("op", "'", token.end, token.end)
        return [replace(token, kind=kind, value=derived, subs=(), whole=True), prime]
    if token.whole:
        return [unit(token, s.symbols, followed)]
    pieces = segments(str(token.value), token, s, followed)
    out, at = [], token.start
    for i, piece in enumerate(pieces):
        last = i == len(pieces) - 1
        part = Token("word", piece, at, at + len(piece), token.spaced and i == 0, whole=True)
        if last:
            part = replace(part, subs=token.subs, layer=token.layer, accent=token.accent, end=token.end)
        if piece.isdigit():
            part = replace(part, kind="num", value=(Fraction(piece), ""))
        out.append(part if part.kind == "num" else unit(part, s.symbols, followed and last))
        at += len(piece)
    if len(out) > 1 and all(t.kind != "num" for t in out):
        noted(s, token, out)
    return out


def derived_function(s: State, token: Token) -> str:
    """The function whose derivative is called: sigmoid_prime(z), f_grad(z), d_sigmoid(z), dsigmoid(z); or nothing.

    No index of a function is passed over: log_2 is a base, norm_1 a name of its own, and every other is refused.
    """
    word, subs = str(token.value), token.subs
    if token.layer or token.accent or named(token) in s.symbols or word in s.symbols:
        return ""
    if not subs:
        glued = word[1:] if word[0] == "d" and "d" not in s.symbols else ""
        known = notation.elementwise(glued) and len(glued) > 2 and glued != "step" and glued not in s.symbols
        return glued if known and (glued not in notation.CLASSICAL or glued == "tanh") else ""
    if len(subs) == 1 and subs[0] in SLOPES and (notation.elementwise(word) or word in FUNCTION_LETTERS):
        return word
    if len(subs) == 1 and word in LEADS and notation.elementwise(subs[0]) and subs[0] not in s.symbols:
        return subs[0]
    indexed = notation.elementwise(word) == "log" or notation.is_function(named(token))
    if (word in notation.BARE and not indexed) or word in notation.LOG_BASES:
        remedy = f"write {word}(…), or {word}'(…) for its derivative"
        s.fail(f"`{word}_{'_'.join(subs)}` is not a function that symnet knows", remedy, token)
    return ""


def lowered(s: State, token: Token, followed: bool) -> Token:
    """`Sin[x]`, `EXP(-z)`, `Cos 2x`: the function, where an argument follows."""
    word = notation.CAPITALS.get(str(token.value))
    if word is None or named(token) in s.symbols:
        return token
    after = s.peek()
    argued = followed or after.kind in ("word", "num", "frac", "sqrt") or (after.kind == "op" and after.value in "^√'")
    return replace(token, value=word, whole=True) if argued else token


def noted(s: State, token: Token, parts: list[Token]) -> None:
    shown = [str(p.value) for p in parts]
    functional = len(shown) == 2 and shown[0] in ("f", "g", "h")  # fx may be f(x) to its writer
    if all(p.kind == "name" for p in parts) and (functional or any(len(v) > 1 for v in shown)):
        s.note(f"`{token.value}` is read as the product {'·'.join(names.unicode(v) for v in shown)}")


def unit(token: Token, symbols: Mapping[str, Term], followed: bool) -> Token:
    """A word that is not split: a function, or a name in its canonical spelling."""
    name = named(token)
    word = str(token.value)
    if name in symbols or token.accent:
        return replace(token, kind="name", value=name)
    plain = not token.layer
    if token.subs and name in losses.ALIASES:  # log_loss(a, t) has no base
        return replace(token, kind="name", value=name)
    if token.subs and followed and notation.is_function(name):  # gelu_tanh(x)
        return replace(token, kind="function", value=name, subs=())
    if plain and notation.is_function(word) and callable_here(word, token, followed):
        return replace(token, kind="function", value=word)
    if notation.is_function(name) and followed:
        return replace(token, kind="function", value=name, subs=())
    return replace(token, kind="name", value=name)


def callable_here(word: str, token: Token, followed: bool) -> bool:
    """`mean`, `step`, `sum` are functions only before a bracket; `sin` and `log` everywhere."""
    if word in notation.BARE or word in notation.LOG_BASES:
        return not token.subs or notation.elementwise(word) == "log" or followed
    return followed and not token.subs


def segments(word: str, token: Token, s: State, followed: bool) -> list[str]:
    """The pieces of a run of letters and digits."""
    symbols = s.symbols
    if named(token) in symbols or word in symbols:
        return [word]
    if followed and not token.subs and word in losses.ALIASES and _has_two_arguments(s):
        return [word]
    if word in notation.REFUSED:
        s.fail(f"`{word}` is a word of a programming language, not of a formula", "choose another name", token)
    if word in ("tr", "Tr") and s.peek().kind == "word" and s.peek().spaced and str(s.peek().value)[0].isupper():
        s.fail(f"`{word}` without its brackets", "write tr(X)", token)
    if word in notation.DIFFERENTIALS and not token.subs and not _is_degree_three(s):
        s.fail(f"the differential {word} stands alone", "write dy/dx, ∫ … dx, or d*x for a product", token)
    if word in notation.BETWEEN and (token.spaced or not s.at) and _stands_between(s, token):
        s.fail(f"`{word}` reads like a word, not like a product", "leave it out, or write * between factors", token)
    if word in notation.NEEDY and (word == "int" or not followed) and not (token.subs or token.layer):
        s.fail(f"`{word}` without its brackets", f"write {notation.NEEDY[word] or 'it out'}", token)
    refuse_foreign(word, s, token, followed)
    if whole_word(word) or (
        notation.is_function(word) and (followed or word in notation.BARE or word in notation.LOG_BASES)
    ):
        return [word]
    known = declared_pieces(word, symbols, token)
    if known:
        return known
    pieces: list[str] = []
    chunks = CHUNK.findall(word)
    for i, chunk in enumerate(chunks):
        last = i == len(chunks) - 1
        pieces += chunk_pieces(chunk, s, token if last else replace(token, subs=(), layer=""), followed and last)
    return pieces


def _has_two_arguments(s: State) -> bool:
    """kl(p, t) is no product: a comma stands in the brackets behind the word."""
    depth = 0
    for t in s.tokens[s.at + 1 :]:
        depth += (t.kind == "open") - (t.kind == "close")
        if depth <= 0:
            return False
        if depth == 1 and t.kind == "op" and t.value == ",":
            return True
    return False


def whole_word(word: str) -> bool:
    return word in names.GREEK or word in names.SHORT or word in notation.CONSTANTS or word in notation.NAMES


def chunk_pieces(chunk: str, s: State, token: Token, followed: bool) -> list[str]:
    letters = chunk.rstrip("0123456789")
    digits = chunk[len(letters) :]
    indexed = bool(digits or token.subs or token.layer)
    if whole_word(letters) or len(letters) == 1 or (notation.is_function(chunk) and followed):
        return [chunk]
    if letters in notation.CLASSICAL and digits and not token.subs:
        return [letters, digits]  # ln2, sin2x
    glued = glued_functions(letters, followed and not digits)
    if glued and digits and not token.subs and glued[-1] in notation.CLASSICAL:
        return [*glued[:-1], glued[-1] + digits] if _based(glued[-1] + digits, followed) else [*glued, digits]
    if glued and (not token.subs or not indexed or glued[0] in notation.CLASSICAL):
        return [*glued[:-1], glued[-1] + digits]
    if len(letters) == 3 and letters[:2] in names.GREEK and not indexed:
        s.note(f"`{letters}` is read as the product {names.GREEK[letters[:2]]}·{letters[2]}")
        return [letters[:2], letters[2]]
    if len(letters) <= 3 and (not indexed or (s.latex and not digits)):
        if followed and len(letters) == 3:
            refuse_slip(letters, s, token, transposed=True)
            _refuse_call(letters, s, token)
        return [*letters[:-1], letters[-1] + digits]
    if not indexed:
        refuse_slip(letters, s, token, transposed=False, followed=followed)
    return [chunk]


def _based(word: str, followed: bool) -> bool:
    """x·log2(y) has the base 2, x·log2 and x·ln2 an argument."""
    return followed and word in notation.LOG_BASES


@lru_cache(maxsize=4096)
def glued_functions(letters: str, followed: bool) -> tuple[str, ...]:
    """`sinx` is sin x, `xcos` before a bracket is x·cos: a classical function and at most two more letters."""
    if letters in notation.WORDS or letters in notation.NAMES or len(letters) > 24:
        return ()
    for function in sorted(notation.GLUED, key=len, reverse=True):
        if letters == function:
            return (function,)
        if letters.startswith(function):
            rest = letters[len(function) :]
            inner = glued_functions(rest, followed) if len(rest) > 2 else tuple(rest)
            if inner:
                return (function, *inner)
    for cut in (1, 2):
        rest = letters[cut:]
        if rest in notation.GLUED or (followed and functions.ALIASES.get(rest) and rest not in ("id", "step")):
            return (*letters[:cut], rest)
        if len(rest) > 2 and (inner := glued_functions(rest, followed)) and inner[0] in notation.GLUED:
            return (*letters[:cut], *inner)
    return ()


def declared_pieces(word: str, symbols: Symbols, token: Token) -> list[str]:
    """The fewest declared names (and single letters with digits, and functions) that make the word, or nothing."""
    spelled = symbols.spelled
    if not spelled or token.layer:
        return []
    short = sum(c.isalpha() for c in word) <= 3
    best: list[tuple[int, list[str], int] | None] = [None] * (len(word) + 1)
    best[0] = (0, [], 0)
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - 24), end):
            before = best[start]
            piece = word[start:end]
            if before is None or not piece[0].isalpha() or word[end : end + 1].isdigit():
                continue
            mine = piece in spelled
            loose = short and re.fullmatch(r"[A-Za-z]\d*", piece) is not None
            if not (mine or loose or piece in notation.CLASSICAL):
                continue
            found = (before[0] + 1, [*before[1], piece], before[2] + mine)
            if best[end] is None or (found[0], -found[2]) < (best[end][0], -best[end][2]):  # type: ignore[index]
                best[end] = found
    whole = best[-1]
    if whole is None or not whole[2] or len(whole[1]) < 2:
        return []
    return [spelled.get(p, p) for p in whole[1]] if not token.subs else whole[1]


def _is_degree_three(s: State) -> bool:
    """The dx³ of a + bx + cx² + dx³."""
    raised, exponent = s.peek(), s.peek(2)
    if exponent.kind == "open":
        exponent = s.peek(3)
    return raised.kind == "op" and raised.value == "^" and exponent.kind == "num" and exponent.value[0] == 3


def _stands_between(s: State, token: Token) -> bool:
    """Whether spaces and operands are on both sides of a word, or behind it where it begins the text: `new w = …`."""
    after = s.peek()
    return after.spaced and after.kind in ("word", "num", "open") and (s.at == 0 or s.peek(-1).kind != "op")


def refuse_foreign(word: str, s: State, token: Token, followed: bool) -> None:
    """`gcd(a, b)`, `30 deg`, `argmax_x f(x)`: functions and units that are not read, never products of letters."""
    if word in notation.FOREIGN and (followed or len(word) > 3 or s.peek(-1).kind == "num"):
        s.fail(f"`{word}` is not read", notation.FOREIGN[word], token)


def _refuse_call(letters: str, s: State, token: Token) -> None:
    """`abc(u)` looks like a call of abc; `abc(1 - u)` is a product, and so is `abf(u)` with f of u."""
    opening, inner, after = (s.peek(i) for i in (1, 2, 3))
    called = opening.value == "(" and not opening.spaced and inner.kind == "word"
    if called and after.kind in ("close", "op") and after.value in (")", ",") and letters[-1] not in FUNCTION_LETTERS:
        s.fail(f"`{letters}` is not a function that symnet knows", "write * between factors", token)


# -------------------------------------------------------------------------------------------------------------- slips
@lru_cache(maxsize=1)
def _long_functions() -> tuple[str, ...]:
    words = [*functions.ALIASES, *notation.SPELLINGS, *notation.DEFINED, *operations.TABLE, *notation.OPERATIONS]
    return tuple(sorted({w for w in words if w.isascii() and len(w) >= 3}))


def slip(word: str) -> str | None:
    """The function that `word` is one slip away from: a letter more, less, changed, or two swapped."""
    near = [f for f in _long_functions() if abs(len(f) - len(word)) <= 1 and f != word and one_slip(word, f)]
    return min(near, key=lambda f: (sorted(f) != sorted(word), len(f) != len(word)), default=None)


def one_slip(a: str, b: str) -> bool:
    if len(a) == len(b):
        wrong = [i for i in range(len(a)) if a[i] != b[i]]
        return len(wrong) == 1 or (
            len(wrong) == 2 and wrong[1] == wrong[0] + 1 and a[wrong[0]] == b[wrong[1]] and a[wrong[1]] == b[wrong[0]]
        )
    short, long = sorted((a, b), key=len)
    return any(long[:i] + long[i + 1 :] == short for i in range(len(long)))


def refuse_slip(word: str, s: State, token: Token, *, transposed: bool, followed: bool = True) -> None:
    """`sgimoid(x)` is refused with the suggestion; a short word only for two swapped letters."""
    if word in notation.WORDS or len(word) > 24:
        return
    near = slip(word)
    if near is None:
        return
    if transposed and sorted(near) != sorted(word):
        return
    if followed or (len(word) >= 6 and len(near) >= 6):
        s.fail(f"`{word}` is not a function that symnet knows", f"did you mean `{near}`?", token)


def spelled(items: Iterable[str]) -> list[str]:
    return [names.canonical(i) for i in items]
