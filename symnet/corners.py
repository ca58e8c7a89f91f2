"""Where a formula has no derivative: |x| at 0, max(u, v) where u = v, the joints of a piecewise function."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from .balls import UNDECIDED, TooWide, ball
from .balls import value as number
from .errors import DomainError, SymnetError
from .functions import TABLE as FUNCTIONS
from .term import Term, add, neg, num, postorder, rel, sym

BITS = 256  # within which the two sides of a corner are compared


def corners(value: Term, x: Term, order: int = 1) -> Iterator[str]:
    """A sentence for each place at which there is, or may be, no derivative."""
    said = dict.fromkeys(s for node in postorder(value) if x.name in node.free for s in _joints(value, node, x, order))
    yield from said


def _joints(value: Term, node: Term, x: Term, order: int) -> Iterator[str]:
    for left, right in _equations(node, x):
        found = linear_root(add(left, neg(right)), x)
        if found is None:
            yield f"there may be no derivative where {rel('=', left, right).text()}"
        elif not _smooth(value, x, found, order):
            which = "" if order == 1 else f" of order {order}"
            yield f"there is no derivative{which} at {rel('=', x, num(found)).text()}"


def _equations(node: Term, x: Term) -> Iterator[tuple[Term, Term]]:
    """The equations u = v at which the node has a corner."""
    if node.op == "fn":
        row = FUNCTIONS.get(node.data)
        for corner in row.corners if row is not None else ():
            yield node.args[0], num(corner.at)
    elif node.op in ("max", "min"):
        yield from zip(node.args, node.args[1:], strict=False)
    elif node.op == "rel" and node.data != "!=":
        yield node.args[0], node.args[1]


def _smooth(value: Term, x: Term, at: Fraction, order: int) -> bool:
    """Whether both sides agree at this point; what other names decide counts as a corner."""
    if set(value.free) != {x.name}:
        return False
    try:
        ball(Term("diff", (value, x), order), {x.name: at}, BITS)
    except (DomainError, TooWide):
        return False
    except (SymnetError, *UNDECIDED):
        return True
    return True


JUMPS = ("step", "sign", "floor", "ceil", "heaviside")


def differentiable(value: Term, names: tuple[Term, ...], order: int, at: Mapping[str, Any]) -> str:
    """Raise where the function has no value or jumps; what to say where the slope is a convention."""
    where = {n: v for n, v in at.items() if n in value.free}
    if any(n not in where for n in value.free if "constant" not in sym(n).facts):
        return ""
    number(value, where)
    for x in names:
        if x.name not in where:
            continue
        try:
            ball(Term("diff", (value, x), order), where, BITS)
        except DomainError as e:
            if any(n.op == "cases" or (n.op == "fn" and n.data in JUMPS) for n in postorder(value)):
                raise DomainError(f"there is no derivative by {x.name} at this point: {e}") from None
            return "no derivative here; this value is a convention"
        except (SymnetError, *UNDECIDED):
            continue
    return ""


def linear_root(t: Term, x: Term) -> Fraction | None:
    """The x at which a + b x is 0, for rational a and b ≠ 0."""
    ab = linear(t, x)
    return -ab[0] / ab[1] if ab is not None and ab[1] else None


def linear(t: Term, x: Term) -> tuple[Fraction, Fraction] | None:
    """(a, b) of a formula a + b x with rational a and b."""
    found: dict[Term, tuple[Fraction, Fraction] | None] = {}
    for node in postorder(t):
        args = [found[a] for a in node.args]
        found[node] = None if any(a is None for a in args) else _linear_of(node, args, x)  # type: ignore[arg-type]
    return found[t]


def _linear_of(node: Term, args: list[tuple[Fraction, Fraction]], x: Term) -> tuple[Fraction, Fraction] | None:
    if node.op == "num":
        return node.data[0], Fraction(0)
    if node is x:
        return Fraction(0), Fraction(1)
    if node.op == "neg":
        return -args[0][0], -args[0][1]
    if node.op == "add":
        return sum((a for a, _ in args), Fraction(0)), sum((b for _, b in args), Fraction(0))
    if node.op == "mul":
        out = (Fraction(1), Fraction(0))
        for a, b in args:
            if out[1] and b:
                return None
            out = (out[0] * a, out[0] * b + out[1] * a)
        return out
    if node.op == "div" and not args[1][1] and args[1][0]:
        return args[0][0] / args[1][0], args[0][1] / args[1][0]
    return None
