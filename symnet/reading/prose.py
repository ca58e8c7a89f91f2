"""What stands around a formula and says nothing about it: labels, words, frames, alignment signs, full stops.

Everything that is left out is named in a note. Words that join, `x equals 3` and `f'(x) is 2x`, become relations.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from .. import names
from . import notation
from .state import NOTHING, State
from .tokens import Token

# words of an answer: the derivative is …, so x = …, I got …, it's …
SPEAKERS = frozenset({"i", "we", "you", "they"})
VERBS = frozenset({"get", "got", "think", "believe", "found", "find", "have", "obtain", "obtained", "guess", "say",
                   "know", "see", "calculated", "computed", "conclude", "compute", "setting", "putting", "solving",
                   "simplifying", "substituting", "differentiating", "integrating"})  # fmt: skip
NOUNS = frozenset({"derivative", "gradient", "slope", "integral", "antiderivative", "value", "minimum", "maximum",
                   "limit", "solution", "solutions", "root", "roots", "answer", "ans", "result", "expression",
                   "point", "points", "minima", "maxima", "extremum", "extrema", "rule"})  # fmt: skip
QUALITIES = frozenset({"critical", "stationary", "local", "global", "absolute", "turning", "saddle", "inflection",
                       "final", "correct", "partial", "only", "following"})  # fmt: skip
RESULTS = frozenset({"gives", "becomes"})
NEARLY = frozenset({"approximately", "about", "roughly", "around"})
SINGLE = NOUNS | VERBS | NEARLY | {"are", "was"}  # prose by themselves; qualities only before further prose
TASKS = frozenset({"derivative", "gradient", "slope", "integral", "antiderivative", "limit", "root"})
# words that are prose only before another word of prose: `my answer is`, not m·y
SHORT = frozenset({"my", "by", "an", "at", "be", "of", "to", "is", "it", "this", "equal", "old", "new", "max", "min",
                   "from", "root", "point", "limit", "integral", "rule", "using", "chain", "power", "product",
                   "quotient", "sum", "definition"})  # fmt: skip
LABELS = frozenset({"step", "part", "question", "problem", "exercise", "task"})
MARKS = frozenset({"a", "b", "c", "d", "ii", "iii", "iv"})  # (a) before an exercise
REASONS = frozenset({"by", "using", "via", "from"})  # 2x by the power rule
RULES = frozenset({"chain", "power", "product", "quotient", "sum", "rule", "rules", "definition", "the", "a"})
REMARKS = frozenset({"min", "max", "answer", "rounded", "approx", "ans", "double", "triple", "simple", "twice",
                     "multiplicity", "constant"}) | NOUNS | QUALITIES  # fmt: skip
CONNECTIVES = frozenset({"so", "hence", "thus", "then", "therefore", "giving", "finally", "similarly", "likewise"})
GREETINGS = frozenset({"sure", "great", "okay", "ok", "yes", "certainly", "hi", "hello", "well", "right"})
NO_FORMULA = frozenset({"no", "yes", "ok", "idk"})
EQUALS = {"equals": "=", "equal": "=", "is": "=", "are": "=", "gives": "=", "becomes": "="}
FILLERS = frozenset({"equal", "to", "just", "simply", "then", "now", "therefore", "given", "by"})


def trim(s: State) -> None:
    """Leave the formula: what surrounds it is dropped from the tokens and noted."""
    s.tokens = _unframed(_lower_primes(_ends(_aligned(s.tokens))))
    _starred(s)
    _dots(s)
    _open_brace(s)
    _leading(s)
    _timed(s)
    _apart(s)
    _domains(s)
    _trailing(s)
    _joining(s)
    _connecting(s)
    _placed(s)
    if len(s.tokens) == 1 and s.token.kind == "word" and str(s.token.value).lower() in NO_FORMULA - set(s.symbols):
        s.fail(f"`{s.token.value}` is a word, not a formula", "write the formula")


# ------------------------------------------------------------------------------------------------------------- frames
def _aligned(found: list[Token]) -> list[Token]:
    """Without the & that aligns; a matrix or cases keeps its own."""
    depth = 0
    kept: list[Token] = []
    for i, t in enumerate(found):
        depth += (t.kind == "begin") - (t.kind == "end")
        if depth or not _aligns(found, i):
            kept.append(t)
    return kept


def _aligns(found: list[Token], i: int) -> bool:
    """Whether this is an & beside a relation, or at either end."""
    t = found[i]
    if t.kind != "op" or t.value != "cell":
        return False
    beside = [found[j] for j in (i - 1, i + 1) if 0 <= j < len(found)]
    relations = notation.RELATIONS | notation.COMPARISONS | {"row", "cell"}
    return len(beside) < 2 or any(b.kind == "op" and b.value in relations for b in beside)


def _ends(found: list[Token]) -> list[Token]:
    """Without line ends, commas and full stops at either end."""
    stop, start = len(found), 0
    while stop and found[stop - 1].kind == "op" and found[stop - 1].value in ("row", ",", ";", "."):
        stop -= 1
    while start < stop and found[start].kind == "op" and found[start].value == "row":
        start += 1
    return found[start:stop]


def _lower_primes(found: list[Token]) -> list[Token]:
    """f^{\\prime}(x), f^\\prime(x) and f^{''}(x) are f'(x) and f''(x)."""
    out: list[Token] = []
    closing = 0
    for i, t in enumerate(found):
        prime = t.kind == "op" and t.value in ("'", "''")
        if prime and out and out[-1].kind == "op" and out[-1].value == "^":
            out.pop()
        elif prime and len(out) > 1 and out[-1].value == "{" and out[-2].value == "^":
            j = next((k for k in range(i, len(found)) if found[k].value not in ("'", "''")), len(found))
            if j < len(found) and found[j].kind == "close":
                del out[-2:]
                closing = j
        if not closing or i != closing:
            out.append(t)
    return out


def _unframed(found: list[Token]) -> list[Token]:
    """\\boxed{x = 4} without its box."""
    out: list[Token] = []
    boxes: list[int] = []  # the depths at which a box closes
    depth, waiting = 0, False
    for t in found:
        if t.kind == "box":
            waiting = True
            continue
        depth += t.kind == "open"
        if waiting and t.kind == "open" and t.value == "{":
            boxes.append(depth)
        elif t.kind == "close" and boxes and boxes[-1] == depth:
            boxes.pop()
        else:
            out.append(t)
        waiting = False
        depth -= t.kind == "close"
    return out


def _starred(s: State) -> None:
    """**2x** and **Answer:** 2x as a message sets them in bold; a bullet before the formula."""
    stars = [i for i, t in enumerate(s.tokens) if t.value == "^" and s.source[t.start : t.end] == "**"]
    if stars[:1] == [0] and len(stars) > 1:
        del s.tokens[stars[1]], s.tokens[0]
    if s.tokens and s.source.startswith("•", s.tokens[0].start):
        del s.tokens[0]


def _dots(s: State) -> None:
    """0.333… is the decimal that is written."""
    for i in range(len(s.tokens) - 1, 0, -1):
        t, before = s.tokens[i], s.tokens[i - 1]
        if t.kind == "op" and t.value == "…" and before.kind == "num" and not t.spaced and not before.whole:
            s.note("the dots behind a decimal are left out")
            del s.tokens[i]


def _open_brace(s: State) -> None:
    """`f(x) = { x if x > 0, 0 otherwise`: the brace of a definition by cases is often left open."""
    depth, opened = 0, []
    for i, t in enumerate(s.tokens):
        depth += (t.kind == "open") - (t.kind == "close")
        if t.kind == "open" and t.value == "{":
            opened.append(i)
        elif t.kind == "close" and t.value == "}" and opened:
            opened.pop()
    cased = any(t.kind == "key" and t.value in ("if", "otherwise") for t in s.tokens)
    if depth == 1 and len(opened) == 1 and cased:
        del s.tokens[opened[0]]


# ------------------------------------------------------------------------------------------------------ words in front
def _leading(s: State) -> None:
    """The words and labels before the formula: `So, …`, `Answer: …`, `The derivative of f is …`."""
    size = _enumeration(s) or _greeting(s)
    size += _label(s, size)
    while size < len(s.tokens) - 1 and (step := _step(s, size)):
        size += step
    size = _subject(s, size)
    if size:
        shown = " ".join(s.source[s.tokens[0].start : s.tokens[size - 1].end].split())
        s.note(f"the words `{shown[:60]}` are skipped")
        s.tokens = s.tokens[size:]


def _enumeration(s: State) -> int:
    """`a) …`, `1) …`, `(b) …`: the number of an exercise, with a space behind it."""
    opened = int(s.is_open("("))
    mark, closing, after = (s.peek(opened + i) for i in range(3))
    short = mark.kind in ("word", "num") and mark.end - mark.start <= 2 and str(mark.value) not in s.symbols
    if not short or closing.kind != "close" or closing.value != ")" or after is NOTHING:
        return 0
    if opened and (s.latex or not (str(mark.value) in MARKS and after.spaced and after.kind in ("word", "num"))):
        return 0
    return opened + 2


def _greeting(s: State) -> int:
    """`Sure! …`"""
    greets = s.token.kind == "word" and str(s.token.value).lower() in GREETINGS
    return 2 if greets and s.peek().value in ("!", ",") and s.peek(2).kind == "word" else 0


def _label(s: State, start: int = 0) -> int:
    """`Answer: …`, `Part b: …`, `Step 2. …`, `By the chain rule, …`; a letter only where it names a map: f: x → x²."""
    found = s.tokens[start:]
    numbered = len(found) > 2 and str(found[0].value).lower() in LABELS and found[1].kind == "num"
    if numbered and s.source[found[1].end - 1] == ".":
        return 2
    for i, t in enumerate(found[:6]):
        if t.kind == "op" and t.value == "," and i > 2 and all(len(str(x.value)) > 1 for x in found[:i]):
            return i + 1
        if t.kind == "op" and t.value == ":" and i and i < len(found) - 1:
            mapped = any(x.kind == "op" and x.value == "→" for x in found[i:])
            long = any(len(str(x.value)) >= 3 for x in found[:i])
            return i + 1 if long or mapped else 0
        if t.kind not in ("word", "num") or t.subs or t.layer or str(t.value) in notation.REFUSED | {"lambda"}:
            return 0
    return 0


def _step(s: State, i: int) -> int:
    """How many tokens at i are prose: a word, it's, or a comma after a word."""
    found = s.tokens
    t = found[i]
    if t.kind == "op":
        return int(i > 0 and t.value in (",", ":", "."))
    if t.kind == "key":
        return int(t.value == "with" or (i > 0 and t.value == "and"))
    if t.kind != "word" or t.whole or t.subs or t.layer or str(t.value) in s.symbols:
        return 0
    word, after = str(t.value).lower(), found[i + 1]
    if word in ("it", "that", "there", "here") and after.value == "'" and len(found) > i + 3:
        return 3 if found[i + 2].value == "s" and found[i + 3].spaced else 0
    if after.kind == "open" and not after.spaced:
        return 0
    if word in SPEAKERS and after.kind == "word" and str(after.value).lower() in VERBS:
        return 2
    if word in SHORT | QUALITIES and not (i and word in notation.PROSE):
        return int(_is_prose(after))
    if word == "value":
        return int(i > 0 or after.kind == "num")
    if not _is_prose(t):
        return 0
    related = after.kind == "op" and after.value not in ("-", "∂", "√", "∑", "∫", ",", ":", ".", "|", "→", "lim")
    return int(not related and (after.spaced or after.kind != "num"))


def _is_prose(t: Token) -> bool:
    word = str(t.value).lower()
    plain = t.kind == "word" and not t.subs and len(word) > 1
    return plain and any(word in table for table in (notation.PROSE, SINGLE, QUALITIES))


def _subject(s: State, size: int) -> int:
    """In `the derivative of f is 6x` what stands before `is` names the answer, and is no side of an equation."""
    skipped = [str(t.value).lower() for t in s.tokens[:size]]
    if not (set(skipped) & NOUNS) or not {"of", "at"} & set(skipped[-2:]):
        return size
    task = "of" in skipped[-2:] and bool(set(skipped) & TASKS)
    end = _outside(s.tokens, size, "word", EQUALS) or (task and _outside(s.tokens, size, "op", ("=", "≈", ":")))
    if task and not end:
        s.fail("a task in words is not read", "write d/dx(x^2), ∫ x^2 dx, or the answer", s.tokens[0])
    return end + 1 + _fillers(s.tokens, end + 1) if end else size


def _outside(found: list[Token], start: int, kind: str, values: Collection[str]) -> int:
    """Where the first of these signs or words stands outside all brackets, or 0."""
    depth = 0
    for i in range(start, len(found) - 1):
        t = found[i]
        depth += (t.kind in ("open", "begin")) - (t.kind in ("close", "end"))
        if depth == 0 and t.kind == kind and t.value in values:
            return i
    return 0


def _fillers(found: list[Token], i: int) -> int:
    """`equal to`, `simply`, `about` behind an `is`."""
    start = i
    while i < len(found) - 1 and found[i].kind == "word" and str(found[i].value).lower() in FILLERS | NEARLY:
        i += 1
    return i - start


def _timed(s: State) -> None:
    """`w1 (new)` is the name w1_new."""
    for i in range(len(s.tokens) - 4, -1, -1):
        name, opening, word, closing = s.tokens[i : i + 4]
        if (opening.value, closing.value) == ("(", ")") and word.value in ("new", "old") and name.kind == "word":
            s.tokens[i : i + 4] = [replace(name, subs=(*name.subs, str(word.value)), end=closing.end)]


# ---------------------------------------------------------------------------------------------------- words in between
def _joining(s: State) -> None:
    """`x equals 3`, `x is about 0.38`: relations in words."""
    out: list[Token] = []
    i = 0
    while i < len(s.tokens):
        t = s.tokens[i]
        sign = EQUALS.get(str(t.value)) if t.kind == "word" and not (t.subs or t.layer or t.whole) else None
        inside = out and i < len(s.tokens) - 1 and t.spaced and s.tokens[i + 1].spaced and out[-1].kind != "op"
        if sign is None or not inside or str(t.value) in s.symbols:
            out.append(t)
            i += 1
            continue
        more = _fillers(s.tokens, i + 1)
        if sign == "=" and t.value in RESULTS and any(x.kind == "op" and x.value == "=" for x in out):
            sign = "→"  # f'(x) = 0 gives x = 2
        _refuse_adjective(s, s.tokens[i + 1 + more :])
        about = any(str(x.value).lower() in NEARLY for x in s.tokens[i + 1 : i + 1 + more])
        last = s.tokens[i + more]
        out.append(replace(t, kind="op", value="≈" if about else sign, end=last.end))
        shown = s.source[t.start : last.end]
        s.note(f"`{shown[:40]}` is read as {'≈' if about else sign}")
        i += 1 + more
    s.tokens = out


def _refuse_adjective(s: State, rest: list[Token]) -> None:
    """`the function is increasing` says nothing that is a formula."""
    word = str(rest[0].value) if len(rest) == 1 and rest[0].kind == "word" else ""
    named_ = word in s.symbols or word in names.GREEK or word in notation.FACTORS or not word.isalpha()
    if len(word) >= 4 and not named_ and not (rest[0].subs or rest[0].whole):
        s.fail(f"`{word[:30]}` is a word, not a formula", "write the formula", rest[0])


def _apart(s: State) -> None:
    """`x=2 y=3` are two statements, since the spaces say so; `x1,2 = ±2` names both roots."""
    found = s.tokens
    for i in range(len(found) - 3, 2, -1):
        name, sign, value, before = found[i], found[i + 1], found[i + 2], found[i - 1]
        tight = sign.value == "=" and not sign.spaced and not value.spaced and name.kind == "word" and name.spaced
        if tight and before.kind == "num" and found[i - 2].value == "=" and not (before.spaced or found[i - 2].spaced):
            s.note(f"a new statement begins at `{s.source[name.start : value.end][:20]}`")
            found.insert(i, Token("op", ";", name.start, name.start))
    name, comma, second, sign = (s.peek(i) for i in range(4))
    roots = name.kind == "word" and comma.value == "," and second.kind == "num" and sign.value in notation.RELATIONS
    if (
        roots
        and not (comma.spaced or second.spaced)
        and second.whole
        and s.source[name.start : name.end] in ("x1", "x_1")
    ):
        found[:3] = [replace(name, value="x", subs=(f"1,{second.value[0]}",), end=second.end, whole=True)]


# --------------------------------------------------------------------------------------------------------- words behind
def _trailing(s: State) -> None:
    """`…, where m is the mass`, `… for all x`: a remark without a formula of its own."""
    where = next((i for i, t in enumerate(s.tokens) if i and t.kind == "key" and t.value == "with"), 0)
    every = next((i for i, t in enumerate(s.tokens[:-1]) if i and t.kind == "key" and _is_every(s.tokens[i + 1])), 0)
    why = next((i for i, t in enumerate(s.tokens) if i and _is_reason(s, i)), 0)
    at = every or why or (where if where and _is_said(s.tokens[where + 1 :]) else 0) or _verdict(s)
    if at:
        s.note(f"the words `{s.source[s.tokens[at].start : s.tokens[-1].end][:60]}` are skipped")
        s.tokens = _ends(s.tokens[:at])


def _is_reason(s: State, i: int) -> bool:
    """`… because f'(2) = 0`."""
    t = s.tokens[i]
    return t.kind == "word" and t.spaced and t.value in ("because", "since") and str(t.value) not in s.symbols


def _domains(s: State) -> None:
    """`…, C ∈ ℝ`, `… for k ∈ ℤ`, `… (k ∈ ℤ)`: what a letter may be, behind the formula."""
    i = next((i for i, t in enumerate(s.tokens) if t.kind == "numbers"), 0)
    if i < 3 or s.tokens[i - 1].value != "∈":
        return
    at = i - 2
    while at > 2 and s.tokens[at].kind == "word" and s.tokens[at - 1].value == "," and s.tokens[at - 2].kind == "word":
        if s.tokens[at - 3].kind not in ("key", "op", "open") or s.tokens[at - 3].value in "+-*/^":
            break
        at -= 2
    before = s.tokens[at - 1]
    parted = before.value in (",", ";") or (before.kind == "key" and before.value in ("with", "if", "and"))
    bracketed = before.kind == "open" and before.spaced and s.tokens[-1].kind == "close"
    while parted and at > 2 and s.tokens[at - 2].value in (",", ";", "with"):
        at -= 1
    if all(t.kind == "word" or t.value == "," for t in s.tokens[: at - 1]) and before.value == ",":
        return  # a, b ∈ ℝ says nothing else
    if s.tokens[at].kind in ("word", "key", "op") and (parted or bracketed) and at > 1:
        _drop(s, at - 1)


def _drop(s: State, at: int) -> None:
    s.note(f"the words `{s.source[s.tokens[at].start : s.tokens[-1].end][:60]}` are skipped")
    s.tokens = _ends(s.tokens[:at])


def _connecting(s: State) -> None:
    """`f'(2) = 0, so x = 2`: the words that lead from one statement to the next."""
    for i in range(len(s.tokens) - 2, 0, -1):
        t, before = s.tokens[i], s.tokens[i - 1]
        joins = before.kind == "op" and before.value in (",", ";", "→", "row")
        plain = t.kind == "word" and not t.subs and t.value in CONNECTIVES and str(t.value) not in s.symbols
        if joins and plain and s.tokens[i + 1].spaced and s.tokens[i + 1].kind not in ("op", "close"):
            s.note(f"the word `{t.value}` is skipped")
            del s.tokens[i]


def _placed(s: State) -> None:
    """The `at` of `f'(x) = 0 at x = 2`."""
    conditions = sum(t.kind == "key" and t.value == "if" for t in s.tokens)
    claimed = False
    for i in range(1, len(s.tokens) - 3):
        t, x, sign = s.tokens[i : i + 3]
        claimed = claimed or (s.tokens[i - 1].kind == "op" and s.tokens[i - 1].value in notation.RELATIONS)
        plain = t.kind == "word" and t.value == "at" and "at" not in s.symbols
        when = t.kind == "key" and t.value == "if" and conditions == 1 and claimed
        placed = x.kind == "word" and x.spaced and sign.kind == "op" and sign.value == "="
        if (plain or when) and t.spaced and placed and (claimed or all(a.kind in ("num", "op") for a in s.tokens[:i])):
            s.tokens[i] = replace(t, kind="key", value="at")


def _verdict(s: State) -> int:
    """Where `… is the minimum` or `… (local max)` begins at the end, or 0."""
    found = s.tokens
    i = len(found)
    if i < 3:
        return 0
    bracketed = found[-1].kind == "close" and found[-1].value == ")"
    i -= bracketed
    if bracketed and (remark := _remark(s)):
        return remark
    while i and found[i - 1].kind == "word" and str(found[i - 1].value).lower() in REMARKS | REASONS | RULES:
        i -= 1
    if i == len(found) - bracketed or i < 2:
        return 0
    before = found[i - 1]
    if not bracketed and str(found[i].value).lower() in REASONS and len(found) - i > 1 and found[i].spaced:
        return i
    if bracketed:
        return i - 1 if before.kind == "open" and before.spaced else 0
    return i - 1 if before.kind == "word" and before.value in EQUALS else 0


def _remark(s: State) -> int:
    """Where a bracket of two words or more begins at the end: `(to two decimals)`, `(by symmetry)`."""
    found = s.tokens
    at = next((i for i in range(len(found) - 2, -1, -1) if found[i].kind not in ("word", "num")), 0)
    inside = found[at + 1 : -1]
    said = [str(t.value) for t in inside if t.kind == "word"]
    if not at or found[at].kind != "open" or not found[at].spaced:
        return 0
    if len(inside) == 1:
        _refuse_remark(s, at)
        return 0
    if len(said) < 2 and inside[0].kind == "num":  # (2 rate) is a product
        return 0
    names_ = any(w in s.symbols or (notation.is_function(w) and w not in NOUNS) or w in names.GREEK for w in said)
    return at if not names_ and any(len(w) >= 4 for w in said) and all(len(w) > 1 or w == "a" for w in said) else 0


def _refuse_remark(s: State, at: int) -> None:
    """`x = 3 (rejected)`: a word behind a value is hardly a factor, and may say the opposite of the value."""
    word = str(s.tokens[at + 1].value)
    valued = s.tokens[at - 1].kind == "num" and s.tokens[at - 2].value in notation.RELATIONS
    if valued and len(word) >= 4 and word.isalpha() and word not in s.symbols and word not in names.GREEK:
        s.fail(f"`({word[:20]})` reads like a remark", "leave it out, or write * before it", s.tokens[at])


def _is_every(t: Token) -> bool:
    """The `all` of `for all x`."""
    return t.kind == "word" and str(t.value).lower() in ("all", "every", "any", "some")


def _is_said(rest: list[Token]) -> bool:
    """`m is the mass`: a name, a relation in words, and words."""
    words = {str(t.value).lower() for t in rest if t.kind == "word"}
    if not words & {"the", "a", "an", "constant", "any", "integer", "real"}:
        return False
    said = [t for t in rest if (t.kind == "op" and t.value == "=") or (t.kind == "word" and t.value in EQUALS)]
    return bool(said) and not any(t.kind == "num" for t in rest)
