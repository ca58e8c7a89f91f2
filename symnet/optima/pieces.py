"""A function split where it may bend, jump or end: joints of |u|, max and cases, poles, ends of logs and roots."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import combinations

from ..balls import as_ball, decide_sign, precision
from ..errors import DomainError, RuleError
from ..term import ONE, ZERO, Term, add, fn, neg, num, postorder, rebuild
from ..tidy import tidy
from .monomials import exponent
from .series import Curve

POLE, OPEN, CLOSED, JOINT, CUSP = "pole", "open", "closed", "joint", "cusp"
EXCLUDED = (POLE, OPEN)  # where the function has no value at all, whatever else happens there
Condition = tuple[Term, str]


def unfolded(t: Term) -> Term:
    """Functions with corners by |u|, max and cases."""
    from ..functions import TABLE, TermMath

    memo: dict[Term, Term] = {}
    for node in postorder(t):
        made = rebuild(node, [memo[a] for a in node.args]) if node.args else node
        if made.op == "fn" and made.data not in ("abs", "sign", "step") and made.data in TABLE:
            row = TABLE[made.data]
            if row.formula is not None and _bends(formula := row.formula(made.args[0], TermMath)):
                made = unfolded(formula if isinstance(formula, Term) else num(formula))
        memo[node] = made
    return memo[t]


def _bends(t: object) -> bool:
    return isinstance(t, Term) and any(
        n.op in ("max", "min", "cases") or (n.op == "fn" and n.data in ("abs", "sign", "step")) for n in postorder(t)
    )


def _difference(a: Term, b: Term) -> Term:
    return tidy(add(a, neg(b)))


def _power(node: Term) -> Iterator[Condition]:
    base, e = node.args[0], exponent(node.args[1])
    if e is None:
        yield base, OPEN
    elif e.denominator == 1:
        if e < 0:
            yield base, POLE
    elif e < 0:
        yield base, OPEN
    else:
        yield base, CUSP if e.denominator % 2 and e < 1 else CLOSED


def _function(node: Term) -> Iterator[Condition]:
    u = node.args[0]
    if node.data in ("asin", "acos"):
        yield add(ONE, neg(u)), CLOSED
        yield add(ONE, u), CLOSED
    elif node.data == "atanh":
        yield add(ONE, neg(u)), OPEN
        yield add(ONE, u), OPEN
    elif node.data == "acosh":
        yield add(u, neg(ONE)), CLOSED
    elif node.data in AT_ZERO:
        make, sort = AT_ZERO[node.data]
        yield make(u), sort


AT_ZERO: dict[str, tuple[Callable[[Term], Term], str]] = {
    "log": (lambda u: u, OPEN), "sqrt": (lambda u: u, CLOSED), "abs": (lambda u: u, JOINT),
    "sign": (lambda u: u, JOINT), "step": (lambda u: u, JOINT),
    "tan": (lambda u: fn("cos", u), POLE), "sec": (lambda u: fn("cos", u), POLE),
    "cot": (lambda u: fn("sin", u), POLE), "csc": (lambda u: fn("sin", u), POLE),
    "csch": (lambda u: u, POLE), "coth": (lambda u: u, POLE),
}  # fmt: skip


def _extreme(node: Term) -> Iterator[Condition]:
    for a, b in combinations(node.args, 2):
        yield _difference(a, b), JOINT


def _cases(node: Term) -> Iterator[Condition]:
    for condition in node.args[1::2]:
        for n in postorder(condition):
            if n.op == "rel":
                yield _difference(*n.args), JOINT


FIND: dict[str, Callable[[Term], Iterator[Condition]]] = {
    "div": lambda node: iter([(node.args[1], POLE)]), "pow": _power, "fn": _function, "max": _extreme,
    "min": _extreme, "cases": _cases,
}  # fmt: skip


def conditions(t: Term, x: str) -> dict[Term, str]:
    """The formulas at whose zeros something may happen, each with what."""
    out: dict[Term, str] = {}
    for node in postorder(t):
        if node.op not in FIND or x not in node.free:
            continue
        for c, sort in FIND[node.op](node):
            if x in c.free and (c not in out or (sort in EXCLUDED and out[c] not in EXCLUDED)):
                out[c] = sort
    return out


def bends(node: Term) -> bool:
    return node.op in CHOOSE or (node.op == "fn" and node.data in CHOOSE)


def joints(t: Term, x: str) -> dict[Term, str]:
    """The conditions of the innermost joints: those that hold no other joint."""
    out: dict[Term, str] = {}
    for node in postorder(t):
        if bends(node):
            own = {c: JOINT for c, _ in FIND[node.op](node) if x in c.free}
            if not any(bends(n) for c in own for n in postorder(c)):
                out.update(own)
                for c in own:
                    out.update({d: s for d, s in ends(c, x).items() if d not in out})
    return out


def ends(t: Term, x: str) -> dict[Term, str]:
    """Conditions without which a smooth formula has no value."""
    return {c: s for c, s in conditions(t, x).items() if s != JOINT}


def smooth(t: Term, x: str, sample: Fraction) -> Term | None:
    """The formula with its innermost joints settled as they are at a sample point; None if no case holds there."""
    where = {x: sample}
    memo: dict[Term, Term] = {}
    for node in postorder(t):
        made = rebuild(node, [memo[a] for a in node.args]) if node.args else node
        if bends(node) and not any(bends(n) for c, _ in FIND[node.op](node) for n in postorder(c)):
            if not all(_finite(c, x, sample) for c, _ in FIND[node.op](node)):
                return None
            chosen = CHOOSE[node.data if node.op == "fn" else node.op](made, node, where)
            if chosen is None:
                return None
            made = chosen
        memo[node] = made
    return tidy(memo[t])


def _finite(t: Term, x: str, sample: Fraction) -> bool:
    with precision(128):
        return bool(Curve(t, x).value(as_ball(sample)).is_finite())


def _sign(t: Term, where: dict[str, Fraction]) -> int:
    try:
        s = decide_sign(t, where)
    except DomainError:
        s = None
    if s is None:
        raise RuleError("on which side of a joint a point lies was not decided")
    return s


def _abs(made: Term, node: Term, where: dict[str, Fraction]) -> Term:
    return made.args[0] if _sign(made.args[0], where) >= 0 else neg(made.args[0])


def _signum(made: Term, node: Term, where: dict[str, Fraction]) -> Term:
    return num(_sign(made.args[0], where))


def _step(made: Term, node: Term, where: dict[str, Fraction]) -> Term:
    return ONE if _sign(made.args[0], where) > 0 else ZERO


def _largest(flip: int) -> Callable[[Term, Term, dict[str, Fraction]], Term]:
    def choose(made: Term, node: Term, where: dict[str, Fraction]) -> Term:
        best = made.args[0]
        for a in made.args[1:]:
            d = _difference(a, best)
            best = a if (d.free or d.number is None or d.number) and _sign(d, where) * flip > 0 else best
        return best

    return choose


def _branch(made: Term, node: Term, where: dict[str, Fraction]) -> Term | None:
    pairs = list(zip(made.args[::2], made.args[1::2], strict=False))
    for value, condition in pairs:
        if holds(condition, where):
            return value
    return made.args[-1] if len(made.args) % 2 else None


def holds(condition: Term, where: dict[str, Fraction]) -> bool:
    """Whether a condition is true at a rational point."""
    if condition.op == "rel":
        s = _sign(_difference(*condition.args), where)
        return RELATIONS[condition.data](s)
    parts = [holds(a, where) for a in condition.args]
    return {"and": all(parts), "or": any(parts), "not": not parts[0]}[condition.op]


RELATIONS: dict[str, Callable[[int], bool]] = {
    "<": lambda s: s < 0, "<=": lambda s: s <= 0, ">": lambda s: s > 0, ">=": lambda s: s >= 0,
    "=": lambda s: s == 0, "!=": lambda s: s != 0,
}  # fmt: skip
CHOOSE: dict[str, Callable[..., Term | None]] = {
    "abs": _abs, "sign": _signum, "step": _step, "max": _largest(1), "min": _largest(-1), "cases": _branch,
}  # fmt: skip
