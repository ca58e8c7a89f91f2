"""A Term as LaTeX that KaTeX renders in strict mode and that `symnet.read` reads back to the same Term."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from fractions import Fraction

from .. import names
from ..applications import reads_as_application, reads_as_number
from ..errors import RuleError
from ..term import ONE, Term
from .text import (
    ATOM,
    BUDGET,
    NEG,
    POWER,
    PRECEDENCE,
    PREFIX,
    PRODUCT,
    SUM,
    TAIL,
    Piece,
    d_before_more,
    decimal,
    entries,
    loose,
    needs_sign,
    print_with,
)

RELATIONS = {"<=": r"\le", ">=": r"\ge", "!=": r"\ne"}
COMMANDS = {"sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh", "coth", "arcsin", "arccos", "arctan"}
CONSTANTS = {"oo": r"\infty", "e": "e", "pi": r"\pi"}


@dataclass(frozen=True, slots=True)
class Style:
    """How arrays are set: names bold or plain, a transpose as `\\top` or as `T`."""

    bold: bool = False
    transpose: str = "\\top"


PLAIN = Style()
_style: ContextVar[Style] = ContextVar("style", default=PLAIN)


@contextmanager
def styled(bold: bool = False, transpose: str = "\\top") -> Iterator[None]:
    """Every formula within is set in this style."""
    if transpose not in ("\\top", "T"):
        raise RuleError(f"`transpose` is \\top or T, not {transpose!r}")
    token = _style.set(Style(bold, transpose))
    try:
        yield
    finally:
        _style.reset(token)


def latex(t: Term, *, budget: int | None = BUDGET) -> str:
    """`w_1 x + b_1`, `\\frac{1}{2} (a_2 - t)^2`, `\\sigma(z_1)`, `\\frac{\\partial E}{\\partial w_2}`."""
    return print_with(_latex, t, budget)


def _latex(t: Term, parts: list[Piece]) -> Piece:
    show = _TABLE.get(t.op)
    text = show(t, parts) if show else _operation(t, parts)
    return Piece(text, _level(t), t)


def _level(t: Term) -> int:
    if t.op == "num":
        return ATOM if t.data[0].denominator == 1 or (t.data[1] and decimal(t.data[0])) else PREFIX
    if t.op == "div" and t.args[0].shape and t.args[1].shape:
        return PRODUCT
    if t.op in ("div", "partial", "deriv"):
        return PREFIX
    if t.op in ("sigma", "limit"):
        return TAIL
    if t.op in ("diff", "integral"):
        return PREFIX
    if (t.op == "fn" and t.data == "exp") or t.op in ("inv", "T"):
        return POWER
    if t.op == "kron":
        return PRODUCT
    return PRECEDENCE.get(t.op, ATOM)


def bracket(text: str, left: str = "(", right: str = ")") -> str:
    """Parentheses that grow with what they hold."""
    tall = "\\frac" in text or "\\begin" in text or "\\sum" in text or "\\int" in text
    return f"\\left{left}{text}\\right{right}" if tall else f"{left}{text}{right}"


def _wrap(p: Piece, level: int) -> str:
    return p.text if p.level >= level else bracket(p.text)


def _matmul(t: Term, parts: list[Piece]) -> str:
    return " ".join(bracket(p.text) if d_before_more(t, i) else _wrap(p, PREFIX) for i, p in enumerate(parts))


def _arguments(parts: list[Piece]) -> str:
    return bracket(", ".join(p.text for p in parts))


def _number(t: Term, _: list[Piece]) -> str:
    value, style = t.data
    shown = decimal(value, style if style[1:].isdigit() and style != ".0" else ".") if style else None
    return shown or _fraction(value)


def _fraction(value: Fraction) -> str:
    return str(value) if value.denominator == 1 else f"\\frac{{{value.numerator}}}{{{value.denominator}}}"


def _symbol(t: Term, _: list[Piece]) -> str:
    name, facts = t.data
    shown = CONSTANTS.get(name, names.latex(name)) if "constant" in facts else names.latex(name)
    if not t.shape or not _style.get().bold:
        return shown
    head, below, rest = shown.partition("_")  # the subscript of W_1 stays plain
    return f"\\boldsymbol{{{head}}}{below}{rest}"


def _sum(t: Term, parts: list[Piece]) -> str:
    out = _wrap(parts[0], NEG)
    for p in parts[1:]:
        out += f" - {p.text.removeprefix('-')}" if p.term.op == "neg" else f" + {_wrap(p, TAIL)}"
    return out


LONG = 40  # nodes of a sum that a page may break


def pieces(t: Term) -> list[str]:
    """The formula, or the summands of a sum with their signs, for a page that breaks its lines between them."""
    whole = ("add", "rel", "and", "or", "pm", "sigma", "limit")
    if t.op != "add" or t.size < LONG or any(a.op in whole for a in t.args):
        return [latex(t)]
    signed = [f"{{}} - {latex(a).removeprefix('-')}" if a.op == "neg" else f"{{}} + {latex(a)}" for a in t.args[1:]]
    return [latex(t.args[0]), *signed]


def _join(left: Piece, right: Piece, text: str) -> str:
    """A space, or \\cdot where a number follows or two derivatives meet."""
    numeric = text[0].isdigit() or text.startswith(("\\frac{1}", "\\mathbf{1}")) or right.term.op == "num"
    if left.term is ONE or left.term.op in ("integral", "diff") or numeric:
        return " \\cdot "
    if "partial" in (left.term.op, right.term.op) and {left.term.op, right.term.op} <= {"partial", "prime", "div"}:
        return " \\cdot "
    if "deriv" in (left.term.op, right.term.op):
        return " \\cdot "
    return " \\cdot " if needs_sign(left.term, right) else " "


def _mul(t: Term, parts: list[Piece]) -> str:
    elementwise = sum(bool(a.shape) for a in t.args) > 1
    out, last = _wrap(parts[0], loose(t, 0)), parts[0]
    for i, p in enumerate(parts[1:], 1):
        text = _wrap(p, loose(t, i))
        spread = elementwise and (last.term.shape and p.term.shape)
        out += (" \\odot " if spread else _join(last, p, text)) + text
        last = p
    return out


def _div(t: Term, parts: list[Piece]) -> str:
    above, below = (p.text for p in parts)
    if all(p.term.op == "num" and p.text.isdigit() for p in parts):
        a, b = int(above), int(below)
        if b > 1 and Fraction(a, b).denominator == b:
            below = f"({below})"  # 1/2 by itself is the number one half
    if t.args[1].shape:
        return (
            f"\\frac{{{above}}}{{{below}}}"
            if not t.args[0].shape
            else f"{_wrap(parts[0], PREFIX)} \\oslash " + (_wrap(parts[1], PREFIX))
        )
    return f"\\frac{{{above}}}{{{below}}}"


def _raised(text: str) -> str:
    return f"^{text}" if len(text) == 1 else f"^{{{text}}}"


def _pow(t: Term, parts: list[Piece]) -> str:
    base, exponent = parts
    dot = "\\odot " if t.op == "pow" and t.args[0].shape else ""
    if base.term.op == "fn" and base.term.data in COMMANDS and t.args[1].op == "num" and not dot:
        head, rest = _function(base.term.data), base.text[len(_function(base.term.data)) :]
        return f"{head}{_raised(exponent.text)}{rest}"
    text = _wrap(base, ATOM)
    if base.term.op == "fn" and base.term.data == "sqrt":
        text = bracket(text)  # an exponent beside the bar of a root reads as one of its inside
    if base.term.op == "sym" and (names.parse(base.term.name).layer or names.parse(base.term.name).primes):
        text = f"({text})"
    if exponent.text == "T" and not reads_as_number(t.args[0]):
        return f"{text}^{{{{T}}}}"  # x^T is a transpose
    return f"{text}^{{{dot}{exponent.text}}}" if dot else text + _raised(exponent.text)


def _transpose(t: Term, parts: list[Piece]) -> str:
    sign = _style.get().transpose
    if t.args[0].op == "inv":
        return parts[0].text.removesuffix("^{-1}") + f"^{{-{sign}}}"
    return f"{_wrap(parts[0], ATOM)}^{sign}"


def _function(name: str) -> str:
    from ..functions import TABLE

    if name in COMMANDS:
        return f"\\{name}"
    return TABLE[name].latex if name in TABLE else f"\\operatorname{{{name}}}"


def _fn(t: Term, parts: list[Piece]) -> str:
    x = parts[0]
    if t.data == "exp":
        return f"e^{{{x.text}}}"
    if t.data == "sqrt":
        return f"\\sqrt{{{x.text}}}"
    if t.data == "abs":
        return f"\\left|{x.text}\\right|"
    if t.data == "step":
        return f"\\mathbf{{1}}[{_wrap(x, SUM)} > 0]"
    if t.data == "log":
        return "\\ln" + bracket(x.text)
    if t.data in ("floor", "ceil"):
        return bracket(x.text, f"\\l{t.data} ", f"\\r{t.data}")
    return _function(t.data) + bracket(x.text)


def _prime(t: Term, parts: list[Piece]) -> str:
    name, order = t.data
    return _function(name) + "'" * order + bracket(parts[0].text)


def head(name: str) -> str:
    """The name of an unknown function."""
    return "\\sigma^{-1}" if name == "inv_sigma" else names.latex(name)


def _apply(t: Term, parts: list[Piece]) -> str:
    parts_of = names.parse(t.data)
    applied = reads_as_application(t.data, t.args) or _at_a_time(t) or parts_of.accent
    if not applied and t.data.replace("_", "").isalnum():
        base = parts_of.base  # n(n + 1) would read as a product
        return f"\\operatorname{{{base}}}{names.latex(t.data).removeprefix(names.latex(base))}" + _arguments(parts)
    return head(t.data) + _arguments(parts)


def _at_a_time(t: Term) -> bool:
    """w(t), w(t + 1)."""
    return len(t.args) == 1 and t.args[0].free == ("t",) and t.args[0].op in ("sym", "add")


def _applyprime(t: Term, parts: list[Piece]) -> str:
    name, orders = t.data
    if len(orders) > 1:  # the derivative by the first place, the second, …
        places = "".join(f"\\partial_{{{i}}} " * k for i, k in enumerate(orders, 1))
        return places + names.latex(name) + _arguments(parts)
    return names.latex(name) + "'" * sum(orders) + _arguments(parts)


def _partial(t: Term, parts: list[Piece]) -> str:
    d = "\\partial " if t.data == "∂" else "d"
    if t.args[0].op == "partial":  # ∂²L/∂w∂wᵀ
        y, x, again = (latex(a) for a in (*t.args[0].args, t.args[1]))
        first, second = (x, f"{x}^\\top") if t.args[1].shape else (again, x)
        return f"\\frac{{\\partial^2 {y}}}{{\\partial {first} \\, \\partial {second}}}"
    return f"\\frac{{{d}{parts[0].text}}}{{{d}{parts[1].text}}}"


def _diff(t: Term, parts: list[Piece]) -> str:
    power = _raised(str(t.data)) if t.data != 1 else ""
    if t.args[0].op == "sym":
        return f"\\frac{{d{power} {parts[0].text}}}{{d{parts[1].text}{power}}}"
    return f"\\frac{{d{power}}}{{d{parts[1].text}{power}}}\\left({parts[0].text}\\right)"


def _deriv(t: Term, parts: list[Piece]) -> str:
    if t.data == "′":
        return f"{_wrap(parts[0], ATOM)}'"
    d = "\\partial " if t.data == "∂" else "d"
    return f"\\frac{{{'d' if t.data == 'd' else d.strip()}}}{{{d}{parts[1].text}}}{bracket(parts[0].text)}"


def _cases(t: Term, parts: list[Piece]) -> str:
    texts = [p.text for p in parts]
    rows = [f"{v} & \\text{{if }} {c}" for v, c in zip(texts[::2], texts[1::2], strict=False)]
    if len(texts) % 2:
        rows.append(f"{texts[-1]} & \\text{{otherwise}}")
    return "\\begin{cases} " + " \\\\ ".join(rows) + " \\end{cases}"


def _vector(t: Term, parts: list[Piece]) -> str:
    if parts and all(p.term.op == "vector" for p in parts):
        rows = [p.text.removeprefix("\\left\\langle ").removesuffix(" \\right\\rangle") for p in parts]
        if all("\\begin" not in r and "\\left\\langle" not in r for r in rows):
            return "\\begin{bmatrix} " + " \\\\ ".join(r.replace(", ", " & ") for r in rows) + " \\end{bmatrix}"
    return "\\left\\langle " + ", ".join(p.text for p in parts) + " \\right\\rangle"


def _pm(t: Term, parts: list[Piece]) -> str:
    if len(parts) == 1:
        return f"\\pm {_wrap(parts[0], PRODUCT)}"
    return f"{_wrap(parts[0], NEG)} \\pm {_wrap(parts[1], PRODUCT)}"


def _bounds(parts: list[Piece]) -> str:
    return f"_{{{parts[0].text}}}^{{{parts[1].text}}}"


def _sigma(t: Term, parts: list[Piece]) -> str:
    body, index, low, high = parts
    return f"\\sum_{{{index.text}={low.text}}}^{{{high.text}}} {_wrap(body, TAIL)}"


def _integral(t: Term, parts: list[Piece]) -> str:
    body = bracket(parts[0].text) if parts[0].term.op == "add" else parts[0].text
    return f"\\int{_bounds(parts[2:]) if len(parts) > 2 else ''} {body} \\, d{parts[1].text}"


def _limit(t: Term, parts: list[Piece]) -> str:
    body, x, point, *side = parts
    beyond = "" if not side else "^{+}" if side[0].term is ONE else "^{-}"
    return f"\\lim_{{{x.text} \\to {point.text}{beyond}}} {_wrap(body, TAIL)}"


_SIZED = {"ones": r"\mathbf{1}", "zeros": r"\mathbf{0}", "eye": r"\mathbf{I}"}


def _indexed(base: str, indices: list[str]) -> str:
    """The index joins the subscripts that the name has: x_{1,i}, z^{(1)}_{2,i}."""
    shown = names.latex(base)
    head, below, subs = shown.rpartition("_")
    outside = below and "{" not in head.rpartition("}")[2]  # that subscript is the name's own, not one inside a brace
    own = [subs.removeprefix("{").removesuffix("}")] if outside else []
    return f"{head if outside else shown}_{{{','.join([*own, *indices])}}}"


def _operation(t: Term, parts: list[Piece]) -> str:
    """A row of the table of array operations: `{0}` are its operands, in parentheses unless the row encloses it."""
    from ..operations import TABLE

    if t.op in _SIZED:
        size = " \\times ".join(p.text for p in parts)
        return f"{_SIZED[t.op]}_{{{size}}}"
    template = TABLE[t.op].latex if t.op in TABLE else f"\\operatorname{{{t.op}}}{{0}}"
    if "Vert" in template:
        return template.replace("{0}", parts[0].text)
    if t.op == "inv":
        return template.replace("{0}", _wrap(parts[0], ATOM))
    if t.op == "kron":
        return f"{_wrap(parts[0], PREFIX)} \\otimes {_wrap(parts[1], PREFIX)}"
    placed = [i for i in range(1, len(parts)) if f"{{{i}}}" in template]
    for i in placed:
        template = template.replace(f"{{{i}}}", parts[i].text)
    return template.replace("{0}", _arguments(parts[: placed[0]] if placed else parts))


_TABLE: dict[str, Callable[[Term, list[Piece]], str]] = {
    "num": _number,
    "sym": _symbol,
    "add": _sum,
    "neg": lambda t, p: "-" + _wrap(p[0], TAIL),
    "mul": _mul,
    "matmul": _matmul,
    "div": _div,
    "pow": _pow,
    "matpow": _pow,
    "T": _transpose,
    "fn": _fn,
    "prime": _prime,
    "apply": _apply,
    "applyprime": _applyprime,
    "partial": _partial,
    "d": lambda t, p: f"d{p[0].text}",
    "diff": _diff,
    "deriv": _deriv,
    "rel": lambda t, p: f"{_wrap(p[0], SUM)} {RELATIONS.get(t.data, t.data)} {_wrap(p[1], SUM)}",
    "and": lambda t, p: " \\text{ and } ".join(_wrap(x, SUM) if x.term.op == "or" else x.text for x in p),
    "or": lambda t, p: " \\text{ or } ".join(x.text for x in p),
    "not": lambda t, p: f"\\neg {bracket(p[0].text)}",
    "cases": _cases,
    "index": lambda t, p: _indexed(str(t.data), [x.text for x in p]),
    "entry": lambda t, p: f"{bracket(p[0].text)}_{{{','.join(x.text for x in p[1:])}}}",
    "delta": lambda t, p: f"\\delta_{{{','.join(x.text for x in p)}}}",
    "sigma": _sigma,
    "integral": _integral,
    "limit": _limit,
    "vector": _vector,
    "array": lambda t, p: "\\begin{bmatrix} " + " \\\\ ".join(entries(t, p, " & ")) + " \\end{bmatrix}",
    "set": lambda t, p: "\\varnothing" if not p else "\\left\\{" + ", ".join(x.text for x in p) + "\\right\\}",
    "pm": _pm,
}
