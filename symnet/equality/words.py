"""A normal form for arrays of symbolic sizes: sums of products of letters that do not commute.

Every array is a sum of terms c · s · (w₁ ⊙ w₂ ⊙ …): a rational number, powers of scalars, and a Hadamard product of
words. A word is a matrix product of letters, transposes pushed into them. A word that is 1×1 is a scalar, and as a
trace it is the same read from any letter, forwards or transposed backwards. `sum`, `mean`, `rowsum` are products with
ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..functions import TermMath
from ..functions import row as function_row
from ..term import Dim, Shape, Term, fn, postorder, rows_cols
from ..term import term as term_of

TERMS, LETTERS = 400, 60


class NoForm(ArithmeticError):
    """The formula has no normal form of this kind, or one that is too large."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A matrix that is not taken apart; `rows` and `cols` are those of the letter as it stands, transposed or not."""

    key: str
    rows: Dim
    cols: Dim
    turned: bool = False
    symmetric: bool = False
    parts: tuple[tuple[Letter, ...], ...] = ()  # the words of a Hadamard product, as it stands

    @property
    def T(self) -> Letter:
        parts = tuple(transposed(w) for w in self.parts)
        return self if self.symmetric else Letter(self.key, self.cols, self.rows, not self.turned, False, parts)

    def __str__(self) -> str:
        return f"{self.key}'" if self.turned else self.key


Word = tuple[Letter, ...]
Scalars = tuple[tuple[str, Fraction], ...]
Mono = tuple[Scalars, tuple[Word, ...]]
Form = dict[Mono, Fraction]

HALF = Fraction(1, 2)


def transposed(word: Word) -> Word:
    return tuple(x.T for x in reversed(word))


def text(word: Word) -> str:
    return " ".join(map(str, word))


def key(form: Form) -> str:
    """The text by which a form is known."""
    parts = []
    for (scalars, words), c in form.items():
        s = " ".join(f"{{{k}}}^{e}" for k, e in scalars)
        parts.append(f"{c} {s} {' o '.join(map(text, words))}")
    return "(" + " + ".join(sorted(parts)) + ")"


# ---------------------------------------------------------------------------------------------------------- arithmetic
def total(forms: Iterable[Form]) -> Form:
    out: Form = {}
    for form in forms:
        for m, c in form.items():
            out[m] = out.get(m, Fraction(0)) + c
    if len(out) > TERMS:
        raise NoForm
    return {m: c for m, c in out.items() if c}


def number(c: Fraction) -> Form:
    return {((), ()): c} if c else {}


def scalar(name: str, exponent: Fraction = Fraction(1)) -> Form:
    return {(((name, exponent),), ()): Fraction(1)}


def _powers(a: Scalars, b: Scalars) -> Scalars:
    out = dict(a)
    for k, e in b:
        out[k] = out.get(k, Fraction(0)) + e
    return tuple(sorted((k, e) for k, e in out.items() if e))


def each(a: Form, b: Form) -> Form:
    """The product element by element; scalars are spread."""
    if len(a) * len(b) > TERMS:
        raise NoForm
    return total({(_powers(s, t), _hadamard((*u, *v))): c * d} for (s, u), c in a.items() for (t, v), d in b.items())


def _hadamard(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """Words in order; ones beside others are dropped, a word beside its reciprocal too."""
    left = sorted(words, key=text)
    for w in [w for w in left if len(w) == 1 and w[0].key.startswith("1/")]:
        partner = next((v for v in left if f"1/{text(v)}" == text(w)), None)
        if partner is not None:
            left.remove(partner)
            left[left.index(w)] = _ones(w[0].rows, w[0].cols)
    rest = [w for w in left if not all(x.key.startswith("ones") for x in w)]
    return tuple(rest) if rest else tuple(left[:1])


def _ones(rows: Dim, cols: Dim) -> Word:
    """1 1ᵀ."""
    parts = []
    if rows != 1:
        parts.append(Letter(f"ones{rows}", rows, 1))
    if cols != 1:
        parts.append(Letter(f"ones{cols}", 1, cols, True))
    return tuple(parts)


def turned(a: Form) -> Form:
    return total({(s, _hadamard(tuple(map(transposed, words)))): c} for (s, words), c in a.items())


def product(a: Form, b: Form) -> Form:
    """The matrix product."""
    if len(a) * len(b) > TERMS:
        raise NoForm
    return total(_joined(m, n, c * d) for m, c in a.items() for n, d in b.items())


def _joined(m: Mono, n: Mono, c: Fraction) -> Form:
    scaled = _rows_scaled(m[1], n[1]) or _columns_scaled(m[1], n[1])
    if scaled is not None:
        return {(_powers(m[0], n[0]), scaled): c}
    word = (*_as_word(m[1]), *_as_word(n[1]))
    if len(word) > LETTERS:
        raise NoForm
    extra, rest = _split(_reduced(word))
    scalars = _powers(m[0], n[0])
    for k, e in extra:
        scalars = _powers(scalars, ((k, Fraction(e)),))
    return {(scalars, (rest,) if rest else ()): c}


def _diagonal(words: tuple[Word, ...]) -> list[Word] | None:
    """The columns v of a diagonal matrix (v 1ᵀ) ⊙ I."""
    rest = [w for w in words if text(w) != "eye"]
    if len(rest) == len(words) or not rest:
        return None
    upright = [w if w[-1].key.startswith("ones") else transposed(w) for w in rest]
    if any(not w[-1].key.startswith("ones") or w[-1].rows != 1 or len(w) < 2 for w in upright):
        return None
    return [w[:-1] for w in upright]


def _rows_scaled(d: tuple[Word, ...], y: tuple[Word, ...]) -> tuple[Word, ...] | None:
    """diag(v) Y = (v 1ᵀ) ⊙ Y."""
    columns = _diagonal(d)
    if columns is None or not y:
        return None
    return _hadamard((*((*v, *_ones(1, y[0][-1].cols)) for v in columns), *y))


def _columns_scaled(y: tuple[Word, ...], d: tuple[Word, ...]) -> tuple[Word, ...] | None:
    """Y diag(v) = Y ⊙ (1 vᵀ)."""
    columns = _diagonal(d)
    if columns is None or not y:
        return None
    return _hadamard((*y, *((*_ones(y[0][0].rows, 1), *transposed(v)) for v in columns)))


def _as_word(words: tuple[Word, ...]) -> Word:
    if len(words) <= 1:
        return words[0] if words else ()
    rows, cols = words[0][0].rows, words[0][-1].cols
    upright = " o ".join(map(text, words))
    across = " o ".join(sorted(text(transposed(w)) for w in words))
    turned = across < upright  # a Hadamard product and its transpose are one letter
    return (Letter(f"[{across if turned else upright}]", rows, cols, turned, False, words),)


def _reduced(word: Word) -> Word:
    """A A⁻¹ and identities dropped."""
    out: list[Letter] = []
    for x in word:
        if x.key == "eye":
            continue
        if out and out[-1].turned == x.turned and (out[-1].key == f"inv {x.key}" or x.key == f"inv {out[-1].key}"):
            out.pop()
            continue
        out.append(x)
    return tuple(out) if out else (Letter("eye", word[0].rows, word[0].rows, False, True),)


def _split(word: Word) -> tuple[list[tuple[str, int]], Word]:
    """The parts of a word that are 1×1, as scalars, and what is left."""
    pieces: list[list[Letter]] = [[]]
    for x in word:
        pieces[-1].append(x)
        if x.cols == 1:
            pieces.append([])
    scalars: list[tuple[str, int]] = []
    rest: list[Letter] = []
    for piece in pieces:
        if piece and piece[0].rows == 1 == piece[-1].cols:
            scalars.append((trace(tuple(piece)), 1))
        else:
            rest += piece
    return scalars, tuple(rest)


def trace(word: Word) -> str:
    """The name of the trace of a word: the same from every letter, and for the transposed word."""
    summed = len(word) == 3 and word[0].key.startswith("ones") and word[2].key.startswith("ones")
    if summed and len(word[1].parts) == 2:  # 1ᵀ(A ⊙ B) 1 = tr(Aᵀ B)
        a, b = word[1].parts
        return trace((*transposed(a), *b))
    for way in (word, transposed(word)):
        factors = _summed(way)
        if len(factors) == 2:
            return trace((*transposed(factors[0]), *factors[1]))
        if factors:
            return f"tr ones {' o '.join(map(text, factors))}"
    ways = [w[i:] + w[:i] for w in (word, transposed(word)) for i in range(len(w))]
    return "tr " + text(min(ways, key=text))


def _summed(word: Word) -> list[Word]:
    """The columns of 1ᵀ(a ⊙ b) = aᵀ b and uᵀ(a ⊙ b) = 1ᵀ(a ⊙ b ⊙ u), in order; nothing for another word."""
    last = word[-1]
    if len(word) < 2 or len(last.parts) < 2 or last.cols != 1 or word[0].rows != 1:
        return []
    first = transposed(word[:-1])
    others = first[0].parts if len(first) == 1 and first[0].parts else (first,)
    return sorted([*last.parts, *(w for w in others if not all(x.key.startswith("ones") for x in w))], key=text)


# ------------------------------------------------------------------------------------------------------------ the forms
class Forms:
    """The forms of formulas, each part once."""

    def __init__(self) -> None:
        self.memo: dict[Term, Form] = {}

    def of(self, root: Term) -> Form:
        for node in postorder(root):
            if node not in self.memo:
                rule = RULES.get(node.op, _opaque)
                self.memo[node] = rule(self, node)
        return self.memo[root]

    def args(self, node: Term) -> list[Form]:
        return [self.memo[a] for a in node.args]

    def spread(self, a: Form, have: Shape, want: Shape) -> Form:
        """A scalar beside an array counts for every element."""
        if have == want or not want:
            return a
        rows, cols = rows_cols(want)
        return each(a, {((), (_ones(rows, cols),)): Fraction(1)})


def _letter(name: str, shape: Shape, symmetric: bool = False) -> Form:
    rows, cols = rows_cols(shape)
    return {((), ((Letter(name, rows, cols, False, symmetric),),)): Fraction(1)} if shape else scalar(name)


def _sym(f: Forms, node: Term) -> Form:
    return _letter(node.name, node.shape, "symmetric" in node.facts or "positive definite" in node.facts)


def _add(f: Forms, node: Term) -> Form:
    return total(f.spread(x, a.shape, node.shape) for a, x in zip(node.args, f.args(node), strict=True))


def _fold(step: Callable[[Form, Form], Form]) -> Callable[[Forms, Term], Form]:
    def rule(f: Forms, node: Term) -> Form:
        first, *rest = f.args(node)
        for x in rest:
            first = step(first, x)
        return first

    return rule


def _div(f: Forms, node: Term) -> Form:
    a, b = f.args(node)
    return each(a, power(b, Fraction(-1), node.args[1].shape))


def power(a: Form, r: Fraction, shape: Shape) -> Form:
    """Element by element."""
    if len(a) == 1:
        (((scalars, words), c),) = a.items()
        plain = c if r.denominator == 1 else Fraction(1) if c == 1 else None
        if not words and plain is not None:
            return {(tuple((k, e * r) for k, e in scalars), ()): plain ** int(r) if r.denominator == 1 else plain}
        if r == -1 and len(words) == 1 and shape:
            name = f"1/{text(words[0])}"
            rows, cols = rows_cols(shape)
            return {(tuple((k, -e) for k, e in scalars), ((Letter(name, rows, cols),),)): 1 / c}
    if r.denominator == 1 and 0 < r <= 8:
        out = a
        for _ in range(int(r) - 1):
            out = each(out, a)
        return out
    return _letter(f"{key(a)}^{r}", shape)


def _pow(f: Forms, node: Term) -> Form:
    a, b = f.args(node)
    r = b.get(((), ()), Fraction(0)) if set(b) <= {((), ())} else None
    if node.args[0].op == "norm2" and r is not None and r % 2 == 0:  # ‖X‖² = tr(Xᵀ X)
        x = f.memo[node.args[0].args[0]]
        return power(_trace_of(product(turned(x), x)), r / 2, ())
    return power(a, r, node.shape) if r is not None else _opaque(f, node)


def _opaque(f: Forms, node: Term) -> Form:
    """Any other operation: a letter that is known by the forms of its arguments."""
    name = f"{node.op} {node.data or ''}{' '.join(key(x) for x in f.args(node))}"
    return _letter(name, node.shape)


def _prime(f: Forms, node: Term) -> Form:
    name, order = node.data
    if order != 1:
        return _opaque(f, node)
    y = fn(name, node.args[0])
    slope = term_of(function_row(name).slope(node.args[0], y, TermMath))
    return f.spread(f.of(slope), slope.shape, node.shape)


def _ones_of(f: Forms, node: Term) -> Form:
    word = _ones(*rows_cols(node.shape))
    return {((), (word,)): Fraction(1)} if word else number(Fraction(1))


def _eye(f: Forms, node: Term) -> Form:
    rows, cols = rows_cols(node.shape)
    return {((), ((Letter("eye", rows, cols, False, True),),)): Fraction(1)}


def _trace(f: Forms, node: Term) -> Form:
    out: list[Form] = []
    for (scalars, words), c in f.args(node)[0].items():
        word = _as_word(words)
        name = trace(word)
        if name == "tr eye":
            out.append({(_powers(scalars, ((str(word[0].rows), Fraction(1)),)), ()): c})
        else:
            out.append({(_powers(scalars, ((name, Fraction(1)),)), ()): c})
    return total(out)


def _sides(left: bool, right: bool, mean: bool = False) -> Callable[[Forms, Term], Form]:
    """1ᵀ X, X 1 or both; a mean divides by the sizes."""

    def rule(f: Forms, node: Term) -> Form:
        x, shape = f.args(node)[0], node.args[0].shape
        if not shape:
            return x
        rows, cols = rows_cols(shape)
        if left and rows != 1:
            x = product({((), (_ones(1, rows),)): Fraction(1)}, x)
            x = each(x, _size(rows, -1)) if mean else x
        if right and cols != 1:
            x = product(x, {((), (_ones(cols, 1),)): Fraction(1)})
            x = each(x, _size(cols, -1)) if mean else x
        return x

    return rule


def _size(d: Dim, exponent: int) -> Form:
    return scalar(d, Fraction(exponent)) if isinstance(d, str) else number(Fraction(d) ** exponent)


def _norm(f: Forms, node: Term) -> Form:
    """‖X‖ = tr(Xᵀ X)^(1/2)."""
    x = f.args(node)[0]
    inner = _trace_of(product(turned(x), x))
    return power(inner, HALF, ())


def _trace_of(a: Form) -> Form:
    return total({(_powers(s, ((trace(_as_word(w)), Fraction(1)),)) if w else s, ()): c} for (s, w), c in a.items())


def _diag(f: Forms, node: Term) -> Form:
    """diag(v) = (v 1ᵀ) ⊙ I."""
    x = node.args[0]
    if len(x.shape) != 1:
        return _opaque(f, node)
    spread = product(f.args(node)[0], {((), (_ones(1, x.shape[0]),)): Fraction(1)})
    eye = Letter("eye", x.shape[0], x.shape[0], False, True)
    return each(spread, {((), ((eye,),)): Fraction(1)})


def _inv(f: Forms, node: Term) -> Form:
    form, shape = f.args(node)[0], node.shape
    if len(form) == 1:
        (((scalars, words), c),) = form.items()
        if len(words) == 1 and all(x.rows == x.cols for x in words[0]):
            word = tuple(_inverse(x) for x in reversed(words[0]))
            return {(tuple((k, -e) for k, e in scalars), (word,)): 1 / c}
    return _letter(f"inv {key(form)}", shape)


def _inverse(x: Letter) -> Letter:
    name = x.key[4:] if x.key.startswith("inv ") else f"inv {x.key}"
    return Letter(name, x.rows, x.cols, x.turned, x.symmetric)


def _matpow(f: Forms, node: Term) -> Form:
    k = node.args[1].number
    if k is None or k.denominator != 1 or not 0 < k <= 6:
        return _opaque(f, node)
    base = f.memo[node.args[0]]
    out = base
    for _ in range(int(k) - 1):
        out = product(out, base)
    return out


RULES: dict[str, Callable[[Forms, Term], Any]] = {
    "num": lambda f, node: number(node.data[0]),
    "sym": _sym,
    "add": _add,
    "neg": lambda f, node: each(number(Fraction(-1)), f.args(node)[0]),
    "mul": _fold(each),
    "matmul": _fold(product),
    "div": _div,
    "pow": _pow,
    "T": lambda f, node: turned(f.args(node)[0]),
    "matpow": _matpow,
    "prime": _prime,
    "ones": _ones_of,
    "zeros": lambda f, node: {},
    "eye": _eye,
    "tr": _trace,
    "sum": _sides(True, True),
    "mean": _sides(True, True, mean=True),
    "rowsum": _sides(False, True),
    "colsum": _sides(True, False),
    "rowmean": _sides(False, True, mean=True),
    "colmean": _sides(True, False, mean=True),
    "norm2": _norm,
    "diag": _diag,
    "inv": _inv,
}
