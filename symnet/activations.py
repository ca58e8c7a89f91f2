"""The activations as a page: formula, derivative, range, largest slope, corners; how gradients vanish with depth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from .balls import UNDECIDED, evaluate, value
from .calculation import Calculation, Part, same
from .derivation import Step
from .errors import RuleError, SymnetError
from .functions import TABLE, Elementary, TermMath, lookup
from .normal import expanded
from .term import (
    ONE,
    ZERO,
    Term,
    add,
    cases,
    fn,
    mul,
    neg,
    num,
    partial,
    postorder,
    power,
    prime,
    rel,
    substitute,
    sym,
    term,
)
from .tidy import tidy

X, Y = sym("x"), sym("y")
GRID = [Fraction(k, 4) for k in range(-40, 41)]
FAR = (Fraction(-700), Fraction(700))


@dataclass(frozen=True, slots=True)
class Peak:
    """The largest |f′|: its value, and in words where it is."""

    value: Fraction
    exact: bool
    where: str

    @property
    def text(self) -> str:
        from .render.numbers import literal, rounded

        return (literal(self.value, 10) if self.exact else rounded(self.value, 6)).text()


# ---------------------------------------------------------------------------------------------------- the largest slope
def largest_slope(name: str) -> Peak:
    """Where |f′| is largest: looked for on a grid, at the ends, and then where f″ changes its sign."""
    row = lookup(name)
    found = {p: s for p in GRID if (s := _size(row, p)) is not None}
    best = max(found.values())
    places = [p for p, s in found.items() if s > best - 1e-12]
    ends = {p: s for p in FAR if (s := _size(row, p)) is not None}
    higher = [p for p, s in ends.items() if s > best + 1e-9 or (s > best - 1e-4 and s > found[_nearest(p)])]
    if higher:
        sign = "+" if higher[-1] > 0 else "-"
        return Peak(Fraction(round(ends[higher[-1]])), True, f"approached as x → {sign.replace('-', '−').strip('+')}∞")
    if len(places) > 3:
        return Peak(abs(value(prime(row.name, num(places[1])), {})), True, _stretch(places))
    return _between(row, places[0], best)


def _nearest(end: Fraction) -> Fraction:
    return GRID[-1] if end > 0 else GRID[0]


def _size(row: Elementary, at: Fraction) -> float | None:
    """|f′| at a place; None at a corner."""
    try:
        return abs(evaluate(prime(row.name, num(at))))
    except (SymnetError, *UNDECIDED):
        return None


def _stretch(places: list[Fraction]) -> str:
    low, high = min(places), max(places)
    if low == GRID[0] and high == GRID[-1]:
        return "for every x"
    if high == GRID[-1]:
        return "for every x > 0"
    return "for every x < 0" if low == GRID[0] else f"between {_sided(low, -1)} and {_sided(high, 1)}"


def _sided(end: Fraction, side: int) -> str:
    """The corner just beyond the last place of the grid."""
    return num(end + Fraction(side, 4)).text()


def _between(row: Elementary, at: Fraction, best: float) -> Peak:
    """The zero of f″ near a place, by bisection; 0 itself is tried first."""
    if at == 0:
        exact = value(prime(row.name, ZERO), {})
        if isinstance(exact, Fraction):
            return Peak(abs(exact), True, "at x = 0")
    low, high = at - Fraction(1, 4), at + Fraction(1, 4)
    left = _curvature(row, low)
    for _ in range(45):
        middle = (low + high) / 2
        low, high = (middle, high) if _curvature(row, middle) * left > 0 else (low, middle)
    corner = next((c.at for c in row.corners if abs(low - c.at) < Fraction(1, 10**6)), None)
    if corner is not None:
        side = "above" if at > corner else "below"
        return Peak(Fraction(str(_size(row, low))), False, f"approached as x → {corner} from {side}")
    where = Fraction(round(low * 10**6), 10**6)
    return Peak(Fraction(str(max(best, _size(row, low) or 0))), False, f"at x ≈ {float(where):g}")


def _curvature(row: Elementary, at: Fraction) -> float:
    return evaluate(prime(row.name, num(at), 2))


# ------------------------------------------------------------------------------------------------------------- the page
def activation_page(name: str | None = None) -> Calculation:
    """Every activation of the table, or one row of it."""
    rows = [lookup(name)] if name else [r for r in TABLE.values() if r.activation]
    parts = tuple(Part(row.text, same(*_lines(row))) for row in rows)
    slopes = Term("vector", tuple(part.lines["rules"][-1].result for part in parts))
    heading = (f"The function {rows[0].text}" if name else "Activation functions",)
    return Calculation(heading, parts, slopes)


BY_CASES = {
    "step": cases(ONE, rel(">", X, ZERO), ZERO),
    "sign": cases(ONE, rel(">", X, ZERO), neg(ONE), rel("<", X, ZERO), ZERO),
}


def _lines(row: Elementary) -> Iterator[Step]:
    """The definition with the range, the derivative with its largest size and its corners."""
    whole = fn(row.name, X)
    by_cases = BY_CASES.get(row.name)
    formula = by_cases or (term(row.formula(X, TermMath)) if row.formula is not None else whole)
    left = whole if by_cases is None else Term("apply", (X,), row.name)
    yield Step("", _range(row), left, (formula,))
    peak = largest_slope(row.name)
    said = f"largest size {peak.text} {peak.where}" if peak.value else "0 everywhere"
    yield Step("", said + _corners(row), prime(row.name, X), (term(row.slope(X, whole, TermMath)),))


def _range(row: Elementary) -> str:
    return "values in " + (row.range_ or "(−oo, oo)").replace("-", "−").replace("oo", "∞")


def _corners(row: Elementary) -> str:
    if not row.corners:
        return ""
    places = " and ".join(str(c.at).replace("-", "−") for c in row.corners)
    taken = ", ".join(dict.fromkeys(num(c.convention).text() for c in row.corners))
    shown = taken if len(taken) < 12 else f"{float(row.corners[0].convention):.6g}"
    return f"; no derivative at {places}, where {shown} is taken"


# ---------------------------------------------------------------------------------------------- the vanishing gradient
def slope_bound(name: str) -> tuple[Step, ...]:
    """σ′ = y(1 − y) = ¼ − (y − ½)² ≤ ¼: for a slope that is a falling parabola in the output y."""
    row = lookup(name)
    whole = fn(name, X)
    slope = substitute(term(row.slope(X, whole, TermMath)), {whole: Y})
    a, b, c = _parabola(slope, row)
    middle, top = -b / (2 * c), a - b * b / (4 * c)
    shift = Y if middle == 0 else add(Y, neg(num(middle)))
    square = power(shift, num(2))
    completed = add(num(top), neg(square if c == -1 else mul(num(-c), square)))
    if expanded(tidy(completed)) is not expanded(tidy(slope)):
        raise RuleError(f"the square in the slope of {row.text} was not completed")
    target = prime(name, X)
    first = (slope,) if tidy(slope) is completed else (slope, completed)
    said = "the square completed" if len(first) > 1 else "a square is never negative"
    return (
        Step("M1", f"the slope in the output `y` = {row.text}(`x`)", target, first[:1]),
        *([Step("M2", said, target, first[1:], continued=True)] if len(first) > 1 else []),
        Step(f"M{len(first) + 1}", f"a square is never negative; equal where `y` = {num(middle).text()}", target,
             (num(top),), relation="≤", continued=True),
    )  # fmt: skip


def _parabola(slope: Term, row: Elementary) -> tuple[Fraction, Fraction, Fraction]:
    """(a, b, c) of a + b y + c y² with c < 0."""
    polynomial = all(n.op in ("num", "add", "neg", "mul", "pow") or n is Y for n in postorder(slope))
    if not polynomial or slope.free != ("y",):
        raise RuleError(f"the slope of {row.text} is not a parabola in its output; σ and tanh have this bound")
    f = [value(substitute(slope, {Y: num(k)}), {}) for k in (0, 1, -1)]
    c, b = (f[1] + f[2]) / 2 - f[0], (f[1] - f[2]) / 2
    if c >= 0:
        raise RuleError(f"the slope of {row.text} has no largest value of this kind")
    return f[0], b, c


def vanishing(name: str = "sigmoid", layers: int = 10) -> Calculation:
    """|∂aₙ/∂a₀| ≤ (max |f′|)ⁿ · |w₁ … wₙ|: each layer multiplies the gradient by f′(z) w."""
    row, bound = lookup(name), slope_bound(name)
    top = bound[-1].result
    factors = [prime(name, sym(f"z{k}")) for k in range(layers, 0, -1)]
    weights = [sym(f"w{k}") for k in range(layers, 0, -1)]
    target = partial(sym(f"a{layers}"), sym("a0"))
    size = fn("abs", target)
    first, last = sym("a0"), sym("a1")
    chain = [
        Step("N1", "one layer", sym("z1"), (add(mul(sym("w1"), first), sym("b1")),)),
        Step("N2", f"its output, with f = {row.text}", last, (fn(name, sym("z1")),)),
        Step("N3", "chain rule through one layer", partial(last, first), (mul(factors[-1], weights[-1]),)),
    ]
    if layers <= 4:
        product = [x for pair in zip(factors, weights, strict=True) for x in pair]
        chain.append(Step("N4", f"through {layers} layers", target, (mul(*product),)))
    whole = power(top, num(layers))
    tidied = tidy(whole)
    number = tidied if tidied.size == 1 and tidied.data[0] else whole
    about = _small(top.number**layers) if top.number is not None and top is not ONE else ONE
    said = "every factor f′ at its largest, no weight larger than 1"
    chain.append(Step(f"N{len(chain) + 1}", said, size, (whole,), relation="≤"))
    if about is not number:
        chain.append(Step(f"N{len(chain) + 1}", "rounded", size, (about,), relation="≤", continued=True))
    heading = (f"The gradient through {layers} layers of {row.text}",)
    parts = (Part("The largest slope", same(*bound)), Part("Layer by layer", same(*chain)))
    return Calculation(heading, parts, whole, _peak_note(row))


def _small(f: Fraction) -> Term:
    from .render.numbers import literal

    return literal(f, 4)


def _peak_note(row: Elementary) -> tuple[str, ...]:
    peak = largest_slope(row.name)
    return (f"the slope of {row.text} is at most {peak.text}, {peak.where}",)
