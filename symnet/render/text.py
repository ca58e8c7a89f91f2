"""A Term as one line: `plain` is ASCII and reads back to the same Term, `unicode` is what the terminal shows.

Precedence is a table; parentheses are written where an operand binds looser than its place needs, and nowhere else.
The order of what was written never changes: `a2 - t`, never `-t + a2`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

from .. import names
from ..applications import reads_as_application, reads_as_number
from ..term import ONE, Term, check_size, fold

BUDGET = 5_000  # nodes of one formula that are printed
# TAIL: a Σ or a limit, which takes the factors behind it into its body
LIST, OR, AND, NOT, REL, SUM, NEG, TAIL, PRODUCT, PREFIX, POWER, ATOM = range(12)
PRECEDENCE = {
    "or": OR, "and": AND, "not": NOT, "rel": REL, "add": SUM, "pm": SUM, "neg": NEG, "mul": PRODUCT, "div": PRODUCT,
    "matmul": PRODUCT, "pow": POWER, "matpow": POWER,
}  # fmt: skip
VULGAR = {
    Fraction(n, d): sign
    for sign, n, d in (("½", 1, 2), ("⅓", 1, 3), ("⅔", 2, 3), ("¼", 1, 4), ("¾", 3, 4), ("⅕", 1, 5), ("⅖", 2, 5),
                       ("⅗", 3, 5), ("⅘", 4, 5), ("⅙", 1, 6), ("⅚", 5, 6), ("⅐", 1, 7), ("⅛", 1, 8), ("⅜", 3, 8),
                       ("⅝", 5, 8), ("⅞", 7, 8), ("⅑", 1, 9), ("⅒", 1, 10))
}  # fmt: skip
RELATIONS = {"<=": "≤", ">=": "≥", "!=": "≠"}
_NAME = re.compile(r"[^\W\d_]\d*|∞")
_LOWERED = {c: s for s, c in names.SUBSCRIPTS.items() if c.isascii() and c.isalnum()} | {"−": "₋"}
_RAISED = {c: s for s, c in names.SUPERSCRIPTS.items() if c not in "()+L"} | {"−": "⁻"}


class Piece(NamedTuple):
    """A printed operand: its text, how tightly it binds, and the Term that it shows."""

    text: str
    level: int
    term: Term


Visit = Callable[[Term, list[Piece]], Piece]


# ------------------------------------------------------------------------------------------------------------- shared
def decimal(value: Fraction, style: str = ".") -> str | None:
    """The exact decimal of a fraction, or None if it does not terminate; ".4" keeps four places, ".-3" is 1.43e5."""
    if style[1:2] in ("0", "-") and (value / 10 ** -int(style[1:])).denominator == 1:
        return _scientific(value, int(style[1:]))
    d, twos, fives = value.denominator, 0, 0
    while d % 2 == 0:
        d, twos = d // 2, twos + 1
    while d % 5 == 0:
        d, fives = d // 5, fives + 1
    if d != 1:
        return None
    places = max(twos, fives, int(style[1:] or 0))
    digits = str(value.numerator * 10**places // value.denominator).rjust(places + 1, "0")
    return f"{digits[:-places]}.{digits[-places:]}" if places else digits + ".0"


def _scientific(value: Fraction, places: int) -> str:
    """A whole number of which only the first digits were written."""
    digits = str(int(value / 10**-places))
    return f"{digits[0]}.{digits[1:] or '0'}e{len(digits) - 1 - places}"


def needs_sign(left: Term, right: Piece) -> bool:
    """Whether `left (right)` would read as a function application, so that the product needs its sign."""
    if left.op == "pow":  # f² (x) would be (f(x))²
        left = left.args[0]
    if left.op != "sym" or right.level >= PREFIX:
        return False
    return reads_as_application(left.name, (right.term,)) or names.parse(left.name).base in ("d", "e", "D")


DERIVATIVES = frozenset({"diff", "deriv"})


def ends_in_derivative(t: Term) -> bool:
    """Whether a formula ends in d/dx (…), which would take what follows as its own."""
    while t.op in ("mul", "div"):
        t = t.args[-1]
    return t.op in DERIVATIVES


def print_with(visit: Visit, t: Term, budget: int | None) -> str:
    if budget is not None:
        check_size(t, budget)
    return fold(t, visit).text


# -------------------------------------------------------------------------------------------------------------- plain
def plain(t: Term, *, budget: int | None = BUDGET) -> str:
    """ASCII that `symnet.read` reads back to the same Term."""
    return print_with(_plain, t, budget)


def unicode(t: Term, *, budget: int | None = BUDGET) -> str:
    """What people write in a terminal: `w1 x + b1`, `½ (a2 − t)²`, `σ(z1)`, `δ2 w2 a1 (1 − a1)`."""
    return print_with(_unicode, t, budget)


def _plain(t: Term, parts: list[Piece]) -> Piece:
    show = _PLAIN.get(t.op)
    text = show(t, parts) if show else _call(t.op, parts)
    return Piece(text, _level(t, text), t)


def _level(t: Term, text: str) -> int:
    if t.op == "num":
        return PRODUCT if "/" in text else ATOM
    if t.op in ("partial", "deriv"):
        return PREFIX
    if t.op == "T" and not t.args[0].shape and not text.startswith("transpose"):
        return POWER
    if t.op == "pm" and text.startswith("pm("):
        return ATOM
    return PRECEDENCE.get(t.op, ATOM)


def wrap(p: Piece, level: int) -> str:
    return p.text if p.level >= level else f"({p.text})"


def _call(name: str, parts: list[Piece]) -> str:
    return f"{name}({', '.join(p.text for p in parts)})"


def _number(t: Term, _: list[Piece]) -> str:
    value, style = t.data
    return (decimal(value, style) if style else None) or str(value)


def sum_text(parts: list[Piece], minus: str) -> str:
    """`a - b + c`: a negative summand shows as a subtraction."""
    out = wrap(parts[0], NEG)
    for p in parts[1:]:
        if p.term.op == "neg":
            out += f" {minus} {p.text.removeprefix(minus)}"
        else:
            out += f" + {wrap(p, TAIL)}"
    return out


def _neg(t: Term, parts: list[Piece]) -> str:
    return "-" + wrap(parts[0], TAIL)


def loose(t: Term, i: int) -> int:
    """How loosely factor i of a product may bind: the first may be a quotient, `s*A*B` needs no brackets."""
    x = t.args[i]
    if x.op == "matmul":
        spread = sum(bool(a.shape) for a in t.args) > 1
        last = i == len(t.args) - 1 and not any(a.shape or a.op == "matmul" for a in t.args[:i])
        return PRODUCT if (i == 0 or last) and not spread else PREFIX
    if x.op in ("sigma", "limit") and i == len(t.args) - 1:
        return TAIL
    return PRODUCT if i == 0 and x.op != "mul" else PREFIX


def _mul(t: Term, parts: list[Piece]) -> str:
    elementwise = sum(bool(a.shape) for a in t.args) > 1
    out = wrap(parts[0], loose(t, 0))
    for i, p in enumerate(parts[1:], 1):
        sign = " .* " if elementwise and (t.args[i - 1].shape or p.term.shape) else "*"
        out += sign + wrap(p, loose(t, i))
    return out


def _matmul(t: Term, parts: list[Piece]) -> str:
    return "*".join(wrap(p, PREFIX) for p in parts)


def _div(t: Term, parts: list[Piece]) -> str:
    above, below = parts
    sign = " ./ " if t.args[1].shape else "/"
    top = wrap(above, PRODUCT)
    if all(p.term.op == "num" and p.text.isdigit() for p in parts) and Fraction(int(top), 1).denominator == 1:
        a, b = int(above.text), int(below.text)
        if b and Fraction(a, b).denominator == b and b != 1:
            return f"{a}/({b})"  # 1/2 by itself is the number one half
    return top + sign + wrap(below, ATOM if below.term.op == "partial" else PREFIX)


def _pow(t: Term, parts: list[Piece]) -> str:
    sign = ".^" if t.op == "pow" and (t.args[0].shape or t.args[1].shape) else "^"
    above = "(T)" if parts[1].text == "T" and not reads_as_number(t.args[0]) else wrap(parts[1], ATOM)
    return f"{wrap(parts[0], ATOM)}{sign}{above}"


def _transpose(t: Term, parts: list[Piece]) -> str:
    if reads_as_number(t.args[0]):
        return _call("transpose", parts)
    return wrap(parts[0], ATOM) + ("'" if t.args[0].shape else "^T")


def _apply(t: Term, parts: list[Piece]) -> str:
    if reads_as_application(t.data, t.args):
        return _call(t.data, parts)
    return f"apply({t.data}, {', '.join(p.text for p in parts)})"


def _call_places(name: str, orders: tuple[int, ...], parts: list[Piece]) -> str:
    return f"applyprime({', '.join([name, *map(str, orders), *(p.text for p in parts)])})"


def _applyprime(t: Term, parts: list[Piece]) -> str:
    name, orders = t.data
    return _call(name + "'" * orders[0], parts) if len(parts) == 1 else _call_places(name, orders, parts)


def simple(name: str) -> bool:
    return name.replace("_", "").isalnum()


def _partial(t: Term, parts: list[Piece]) -> str:
    y, x = parts[0].text, parts[1].text
    if t.data != "d":
        return f"Partial({y}, {x})"
    return f"d{y}/d{x}" if simple(y) and simple(x) else f"d({y})/d({x})"


def _diff(t: Term, parts: list[Piece]) -> str:
    order = f", {t.data}" if t.data != 1 else ""
    return f"diff({parts[0].text}, {parts[1].text}{order})"


def _cases(t: Term, parts: list[Piece]) -> str:
    texts = [p.text for p in parts]
    if len(texts) % 2:
        texts.append("True")
    rows = ", ".join(f"({v}, {c})" for v, c in zip(texts[::2], texts[1::2], strict=True))
    return f"Piecewise({rows})"


def _range(head: str, parts: list[Piece]) -> str:
    texts = [p.text for p in parts]
    return f"{head}({texts[0]}, ({', '.join(texts[1:])}))"


def _vector(t: Term, parts: list[Piece]) -> str:
    return f"[{', '.join(p.text for p in parts)}]" if len(parts) > 1 else _call("vector", parts)


def _array(t: Term, parts: list[Piece]) -> str:
    """The rows as they are read: [1, 2] is a column, [[1, 2], [3, 4]] has two rows."""
    if t.data[1] == 1:
        return f"[{', '.join(p.text for p in parts)}]"
    return f"[{', '.join(f'[{r}]' for r in entries(t, parts, ', '))}]"


def entries(t: Term, parts: list[Piece], between: str) -> list[str]:
    """Each row of a written array as one text."""
    return [between.join(p.text for p in parts[i : i + t.data[1]]) for i in range(0, len(parts), t.data[1])]


def _set(t: Term, parts: list[Piece]) -> str:
    if not parts:
        return "none"
    return "{" + ", ".join(p.text for p in parts) + "}" if len(parts) > 1 else _call("set", parts)


_PLAIN: dict[str, Callable[[Term, list[Piece]], str]] = {
    "num": _number,
    "sym": lambda t, _: str(t.data[0]),
    "add": lambda t, p: sum_text(p, "-"),
    "neg": _neg,
    "mul": _mul,
    "matmul": _matmul,
    "div": _div,
    "pow": _pow,
    "matpow": _pow,
    "T": _transpose,
    "fn": lambda t, p: _call(t.data, p),
    "prime": lambda t, p: _call(t.data[0] + "'" * t.data[1], p),
    "apply": _apply,
    "applyprime": _applyprime,
    "partial": _partial,
    "d": lambda t, p: f"d{p[0].text}" if simple(p[0].text) else f"d({p[0].text})",
    "diff": _diff,
    "deriv": lambda t, p: f"diff({p[0].text}, {p[1].text})",
    "rel": lambda t, p: f"{wrap(p[0], SUM)} {t.data} {wrap(p[1], SUM)}",
    "and": lambda t, p: " and ".join(wrap(x, NOT) for x in p),
    "or": lambda t, p: " or ".join(wrap(x, AND) for x in p),
    "not": lambda t, p: "not " + wrap(p[0], ATOM),
    "cases": _cases,
    "index": lambda t, p: f"{t.data}[{', '.join(x.text for x in p)}]",
    "delta": lambda t, p: _call("KroneckerDelta", p),
    "sigma": lambda t, p: _range("Sum", p),
    "integral": lambda t, p: _range("Integral", p) if len(p) > 2 else _call("Integral", p),
    "limit": lambda t, p: _call("Limit", p),
    "vector": _vector,
    "array": _array,
    "set": _set,
    "pm": lambda t, p: _call("pm", p),
}


# ------------------------------------------------------------------------------------------------------------ Unicode
def _unicode(t: Term, parts: list[Piece]) -> Piece:
    show = _UNICODE.get(t.op) or _PLAIN.get(t.op)
    text = show(t, parts) if show else _u_operation(t, parts)
    return Piece(text, _u_level(t, text), t)


def _u_level(t: Term, text: str) -> int:
    if t.op == "fn" and t.data == "exp" and not text.startswith("exp"):
        return POWER
    if t.op in ("sigma", "limit"):
        return TAIL
    return PREFIX if t.op in ("diff", "integral") else _level(t, text)


def _u_number(t: Term, _: list[Piece]) -> str:
    value, style = t.data
    shown = decimal(value, style) if style else VULGAR.get(value)
    return shown or str(value)


def _side(parts: list[Piece]) -> str:
    """⁺ or ⁻ behind the point of a limit from one side."""
    return "" if not parts else "⁺" if parts[0].term is ONE else "⁻"


def _below(*parts: str) -> str:
    """A lower bound, or `i=1`, in subscript signs, if every sign exists."""
    if all(re.fullmatch(r"−?\d{1,2}|[a-z]", text) and all(c in _LOWERED for c in text) for text in parts):
        return "₌".join("".join(_LOWERED[c] for c in text) for text in parts)
    return f"_{parts[0]}" if len(parts) == 1 and _NAME.fullmatch(parts[0]) else f"_{{{'='.join(parts)}}}"


def _above(text: str) -> str:
    return raised(text) or (f"^{text}" if _NAME.fullmatch(text) else f"^{{{text}}}")


def _integrand(parts: list[Piece]) -> str:
    """x² dx; a sum and what would run into its d in brackets."""
    body, x = parts[:2]
    alone = body.term.op in ("add", "neg", "integral", "diff", "deriv", "partial") or "d" in body.term.free
    return f"{wrap(body, ATOM if alone else PRODUCT)} d{x.text}"


def raised(text: str) -> str | None:
    """The text in superscript signs, if it is short and every sign exists."""
    if re.fullmatch(r"[-−]?(?:\d{1,2}|[a-z])", text) and all(c in _RAISED for c in text):
        return "".join(_RAISED[c] for c in text)
    return None


def joined(left: Piece, left_text: str, right: Piece, right_text: str) -> str:
    """Two factors side by side as people write them: `2x`, `w1 x`, `½·2`, `∂E/∂a · da/dz`."""
    if left.term is ONE or right_text[0].isdigit() or right_text[0] in VULGAR.values():
        return "·"
    if right.text.startswith(("1[", "−")):
        return "·"
    derivatives = ("partial", "diff", "deriv", "integral")
    if left.term.op in ("div", "sigma", *derivatives) or right.term.op in derivatives:
        return " · "
    if left.term.op == "num" and right.term.op == "sym" and not right.text.startswith("e"):
        return "" if left.text.isdigit() and len(right_text) == 1 else " "
    return "·" if needs_sign(left.term, right) else " "


def _u_mul(t: Term, parts: list[Piece]) -> str:
    elementwise = sum(bool(a.shape) for a in t.args) > 1
    out, last = wrap(parts[0], loose(t, 0)), parts[0]
    for i, p in enumerate(parts[1:], 1):
        text = wrap(p, loose(t, i))
        out += (" ⊙ " if elementwise and (last.term.shape and p.term.shape) else joined(last, out, p, text)) + text
        last = p
    return out


def _u_matmul(t: Term, parts: list[Piece]) -> str:
    return " ".join(f"({p.text})" if d_before_more(t, i) else wrap(p, PREFIX) for i, p in enumerate(parts))


def d_before_more(t: Term, i: int) -> bool:
    """A differential with factors behind it: (dX) W, which d X W would not say."""
    return t.args[i].op == "d" and i < len(t.args) - 1


def _u_div(t: Term, parts: list[Piece]) -> str:
    above, below = parts
    sign = " ⊘ " if t.args[0].shape and t.args[1].shape else "/"
    top = f"({above.text})" if ends_in_derivative(above.term) else wrap(above, PRODUCT)
    return top + sign + wrap(below, ATOM if below.term.op in DERIVATIVES else PREFIX)


def _u_pow(t: Term, parts: list[Piece]) -> str:
    bare_root = t.args[0].data == "sqrt" and t.args[0].op == "fn" and not parts[0].text.endswith(")")
    raised_already = t.args[0].op in ("inv", "T") or bare_root
    base, exponent = f"({parts[0].text})" if raised_already else wrap(parts[0], ATOM), parts[1]
    sign = raised(exponent.text)
    dot = "." if t.op == "pow" and t.args[0].shape else ""
    if sign:
        return base + ("⊙" if dot else "") + sign
    above = "(T)" if exponent.text == "T" and not reads_as_number(t.args[0]) else wrap(exponent, ATOM)
    return f"{base}{dot}^{above}"


def _u_function(name: str) -> str:
    from ..functions import TABLE

    return TABLE[name].text if name in TABLE else name


def _u_fn(t: Term, parts: list[Piece]) -> str:
    x = parts[0]
    if t.data == "exp":
        sign = raised(x.text)
        return f"e{sign}" if sign and sign[-1] != "⁾" else f"e^({x.text})" if len(x.text) < 12 else f"exp({x.text})"
    if t.data == "abs":
        return f"|{x.text}|" if "|" not in x.text else f"abs({x.text})"
    if t.data == "step":
        return f"1[{wrap(x, SUM)} > 0]"
    if t.data == "sqrt":
        return f"√{x.text}" if x.level == ATOM and x.term.op in ("num", "sym") else f"√({x.text})"
    return f"{_u_function(t.data)}({x.text})"


def _u_partial(t: Term, parts: list[Piece]) -> str:
    if t.args[0].op == "partial":  # ∂²L/∂w∂wᵀ
        y, x, again = (unicode(a) for a in (*t.args[0].args, t.args[1]))
        first, second = (x, f"{x}ᵀ") if t.args[1].shape else (again, x)
        return f"∂²{y}/∂{first}∂{second}"
    return f"{t.data}{parts[0].text}/{t.data}{parts[1].text}"


def _u_diff(t: Term, parts: list[Piece]) -> str:
    power = {1: "", 2: "²", 3: "³"}.get(t.data, f"^{t.data}")
    if t.args[0].op == "sym":
        return f"d{power}{parts[0].text}/d{parts[1].text}{power}"
    return f"d{power}/d{parts[1].text}{power} ({parts[0].text})"


def _u_deriv(t: Term, parts: list[Piece]) -> str:
    """d/dx (x²), ∂/∂x (x²), or (x²)′ as rules are stated."""
    if t.data == "′":
        return f"{wrap(parts[0], ATOM)}′"
    return f"{t.data}/{t.data}{parts[1].text} ({parts[0].text})"


def _u_applyprime(t: Term, parts: list[Piece]) -> str:
    """f′(x), and ∂₁f(x, y) for the derivative by the first place."""
    name, orders = t.data
    if len(orders) > 1:
        places = "".join(f"∂{chr(0x2080 + i)}" * k for i, k in enumerate(orders, 1))
        return places + _call(names.unicode(name), parts)
    return _call(names.unicode(name) + _primes(sum(orders)), parts)


def _primes(n: int) -> str:
    return "″" if n == 2 else "′" * n


def _u_cases(t: Term, parts: list[Piece]) -> str:
    texts = [p.text for p in parts]
    rows = [f"{v} if {c}" for v, c in zip(texts[::2], texts[1::2], strict=False)]
    last = f" else {texts[-1]}" if len(texts) % 2 else ""
    return "(" + " else ".join(rows) + last + ")"


def _u_operation(t: Term, parts: list[Piece]) -> str:
    if t.op in ("norm2", "norm1"):
        return f"‖{parts[0].text}‖" + ("₁" if t.op == "norm1" else "")
    if t.op == "inv":
        return wrap(parts[0], ATOM) + "⁻¹"
    return _call(t.op, parts)


def _u_vector(parts: list[Piece]) -> str:
    return f"⟨{', '.join(x.text for x in parts)}⟩"


def _u_entry(t: Term, parts: list[Piece]) -> str:
    """(A B)[i, k], softmax(Z)[i, k]."""
    whole = parts[0].text if parts[0].level == ATOM and parts[0].text.endswith(")") else f"({parts[0].text})"
    return f"{whole}[{', '.join(x.text for x in parts[1:])}]"


_UNICODE: dict[str, Callable[[Term, list[Piece]], Any]] = {
    "index": lambda t, p: f"{names.unicode(t.data)}[{', '.join(x.text for x in p)}]",
    "entry": _u_entry,
    "delta": lambda t, p: f"δ[{', '.join(x.text for x in p)}]",
    "num": _u_number,
    "sym": lambda t, _: "∞" if t.data[0] == "oo" else names.unicode(t.data[0]),
    "add": lambda t, p: sum_text(p, "−"),
    "neg": lambda t, p: "−" + wrap(p[0], TAIL),
    "mul": _u_mul,
    "matmul": _u_matmul,
    "div": _u_div,
    "pow": _u_pow,
    "matpow": _u_pow,
    "T": lambda t, p: p[0].text.removesuffix("⁻¹") + "⁻ᵀ" if p[0].term.op == "inv" else wrap(p[0], ATOM) + "ᵀ",
    "fn": _u_fn,
    "prime": lambda t, p: f"{_u_function(t.data[0])}{_primes(t.data[1])}({p[0].text})",
    "apply": lambda t, p: f"{names.unicode(t.data)}({', '.join(x.text for x in p)})",
    "applyprime": _u_applyprime,
    "partial": _u_partial,
    "d": lambda t, p: f"d{p[0].text}",
    "diff": _u_diff,
    "deriv": _u_deriv,
    "rel": lambda t, p: f"{wrap(p[0], SUM)} {RELATIONS.get(t.data, t.data)} {wrap(p[1], SUM)}",
    "cases": _u_cases,
    "sigma": lambda t, p: f"Σ{_below(p[1].text, p[2].text)}{_above(p[3].text)} {wrap(p[0], TAIL)}",
    "integral": lambda t, p: f"∫{_below(p[2].text) + _above(p[3].text) if len(p) > 2 else ''} {_integrand(p)}",
    "limit": lambda t, p: f"lim({p[1].text}→{p[2].text}{_side(p[3:])}) {wrap(p[0], TAIL)}",
    "vector": lambda t, p: f"[{'; '.join(x.text[1:-1] for x in p)}]" if len(t.shape) > 1 else _u_vector(p),
    "array": lambda t, p: f"[{'; '.join(entries(t, p, ', '))}]",
    "pm": lambda t, p: f"±{wrap(p[0], PRODUCT)}" if len(p) == 1 else f"{wrap(p[0], SUM)} ± {wrap(p[1], PRODUCT)}",
}
