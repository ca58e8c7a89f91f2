"""One conversion from SymPy: what is converted already, and the readable order of terms and factors."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from ..errors import GraphError, RuleError, quote
from ..names import canonical
from ..term import ONE, ZERO, Shape, Term, add, div, mul, neg, num, postorder, sym

Children = Callable[[Any], Sequence[Any]]
Make = Callable[..., Term]
Rows = Mapping[Any, tuple[Children, Make]]


def label(w: Any) -> str:
    """The canonical name of a SymPy symbol, a Term or a text."""
    return canonical(w.name if isinstance(w, Term) else str(w))


class Reader:
    """One conversion: what is converted already, the names that were met, and the order of terms and factors."""

    def __init__(self, rows: Rows, wrt: Iterable[str] = ()) -> None:
        self.rows = rows
        self.wrt = frozenset(wrt)
        self.memo: dict[int, tuple[Any, Term]] = {}  # by identity: comparing SymPy trees would undo the sharing
        self.children: dict[int, tuple[Any, list[Any]]] = {}
        self.names: dict[str, Any] = {}
        self.digests: dict[Term, bytes] = {}

    def read(self, root: Any) -> Term:
        """From the leaves up, each object once."""
        stack = [root]
        while stack:
            e = stack[-1]
            parts = self.parts(e)
            waiting = [] if id(e) in self.memo else [c for c in parts if id(c) not in self.memo]
            if waiting:
                stack.extend(reversed(waiting))
                continue
            if id(e) not in self.memo:
                self.memo[id(e)] = (e, self.row(e)[1](self, e, *(self.memo[id(c)][1] for c in parts)))
            stack.pop()
        return self.memo[id(root)][1]

    def row(self, e: Any) -> tuple[Children, Make]:
        for c in type(e).__mro__:
            if c in self.rows:
                return self.rows[c]
        raise RuleError(f"`{type(e).__name__}` of SymPy has no form in symnet")

    def parts(self, e: Any) -> list[Any]:
        """The operands to convert first, always the same objects."""
        if id(e) not in self.children:
            self.children[id(e)] = (e, list(self.row(e)[0](e)))
        return self.children[id(e)][1]

    def name(self, symbol: Any, shape: Shape = ()) -> Term:
        """The Term of a symbol; two symbols that are one name here are refused."""
        name = canonical(symbol.name)
        other = self.names.setdefault(name, symbol)
        if other != symbol:
            how = "with other assumptions" if other.name == symbol.name else f"as `{quote(other.name)}`"
            raise GraphError(f"`{quote(symbol.name)}` stands {how} in the same formula: both are `{name}`; rename one")
        return sym(name, shape)

    # -- order
    def digest(self, t: Term) -> bytes:
        """A hash that is the same in every process: it decides where nothing readable does."""
        stack = [t]
        while stack:
            node = stack[-1]
            waiting = [a for a in node.args if a not in self.digests]
            if waiting:
                stack.extend(waiting)
                continue
            text = repr((node.op, node.data, node.shape)).encode() + b"".join(self.digests[a] for a in node.args)
            self.digests[node] = hashlib.blake2b(text, digest_size=16).digest()
            stack.pop()
        return self.digests[t]

    def sum(self, terms: Iterable[Term]) -> Term:
        """Positive terms first, products before names, numbers last; a polynomial by falling degree."""
        ts = [t for t in terms if t is not ZERO] or [ZERO]  # a zero can only be the imaginary part of a real number
        degrees = _degrees(ts)
        if degrees is not None:
            ts = [t for _, t in sorted(zip(degrees, ts, strict=True), key=lambda p: -p[0])]
            first = next((t for t in ts if t.op != "neg"), ts[0])
            return add(first, *(t for t in ts if t is not first))
        late = any(t.op != "neg" and _is_simple(t) and t.free for t in ts)
        return add(*sorted(ts, key=lambda t: self.term_key(t, late)))

    def term_key(self, t: Term, number_last: bool) -> tuple[Any, ...]:
        inner = t.args[0] if t.op == "neg" else t
        kind = (3 if number_last else -1) if not inner.free else 2 if inner.op in ("sym", "index") else _penalty(inner)
        return t.op == "neg", kind, *self.key(inner)

    def key(self, t: Term) -> tuple[Any, ...]:
        return [_natural(n) for n in t.free[:4]], t.size, t.op, str(t.data), self.digest(t)

    def factor_key(self, t: Term) -> tuple[Any, ...]:
        """Numbers, names of `wrt`, other names, sums of names such as (1 − t), functions, other sums."""
        base = t.args[0] if t.op == "pow" else t
        asked = base.op in ("sym", "index") and bool(self.wrt.intersection((base.data[0], *base.free)))
        kind = _FACTORS.get(base.op, 4) if base.op != "add" or _is_simple(base) else 5
        return bool(t.free), not asked, kind, *self.key(t)

    def product(self, number: Fraction, style: str, factors: Iterable[Term]) -> Term:
        """number · above / below, the number in front, its sign outside."""
        above: list[Term] = []
        below: list[Term] = []
        for f in factors:
            while f.op == "neg":
                number, f = -number, f.args[0]
            if f.op == "div" and f.args[0] is ONE:
                below += f.args[1].args if f.args[1].op == "mul" else [f.args[1]]
            else:
                above.append(f)
        above = sorted([f for f in above if f is not ONE], key=self.factor_key)
        below = sorted(below, key=self.factor_key)
        top, bottom = (number.numerator, number.denominator) if below and not style else (number, 1)
        above = above if abs(top) == 1 and above else [num(abs(Fraction(top)), style), *above]
        below = below if bottom == 1 else [num(bottom), *below]
        value = div(mul(*above), mul(*below)) if below else mul(*above)
        return neg(value) if number < 0 else value

    def opposite(self, t: Term) -> Term:
        """−t without a sign in front where one can be had."""
        if t.op == "neg":
            return t.args[0]
        return self.sum(map(self.opposite, t.args)) if t.op == "add" else neg(t)


_FACTORS = {"num": 0, "sym": 1, "index": 1, "add": 2, "fn": 3, "prime": 3, "apply": 3}


def _penalty(t: Term) -> int:
    """1 for λ‖w‖², which is written behind the loss."""
    return int(t.op in ("mul", "div") and any(a.op == "sym" and a.name.startswith("lambda") for a in t.args))


def _natural(name: str) -> list[tuple[int, int, str]]:
    """w2 before w10."""
    return [(0, int(p), "") if p.isdigit() else (1, 0, p) for p in re.findall(r"\d+|\D+", name)]


_POLYNOMIAL = ("sym", "num", "index", "add", "neg", "mul", "pow")


def _is_simple(t: Term) -> bool:
    """A polynomial: names, numbers, their products and whole powers."""
    return t.size < 40 and all(n.op in _POLYNOMIAL for n in postorder(t))


def _degrees(terms: Sequence[Term]) -> list[int] | None:
    """The degrees of the terms of a polynomial in one name, if they are that and all differ."""
    found = [_degree(t) for t in terms]
    degrees = [d for d, _ in (f for f in found if f is not None)]
    names = {name for _, name in (f for f in found if f is not None)} - {None}
    if len(degrees) < len(terms) or len(names) != 1 or len(set(degrees)) < len(degrees) or max(degrees) < 2:
        return None
    return degrees


def _degree(t: Term) -> tuple[int, str | None] | None:
    """k and x of c·x^k."""
    inner = t.args[0] if t.op == "neg" else t
    *numbers, last = inner.args if inner.op == "mul" else (inner,)
    if any(n.op != "num" for n in numbers):
        return None
    if last.op == "num":
        return 0, None
    if last.op == "sym":
        return 1, last.name
    base, exponent = last.args if last.op == "pow" else (last, None)
    if base.op != "sym" or exponent is None or exponent.op != "num" or exponent.data[0].denominator != 1:
        return None
    return int(exponent.data[0]), base.name
