"""Whether an answer equals the truth: *equal* with a proof, *different* with a witness, else *undecided*."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import chain
from typing import Any

from flint import arb, fmpq

from .. import clock
from ..balls import UNDECIDED, Probe, TooWide, precision
from ..errors import DomainError, SymnetError
from ..intervals import intervals as exact_intervals
from ..probing import concrete
from ..term import Term, postorder, substitute, sym
from .constants import same_number
from .enclosure import Interval
from .points import beside, exactly, known_jumps, negative_base, ordinary, plain, poles, spread, whole
from .proof import proved
from .slopes import by_slopes

FIRST, LAST = 64, 2048  # bits; at a few points up to DEEP
DEEP = 8192
POINTS = 90
CERTAIN = 12  # equal points that make an answer likely
SECONDS = 2.0
LENGTH = 4  # of what carries an index

Known = (*UNDECIDED, SymnetError)


@dataclass(frozen=True, slots=True)
class Comparison:
    """`kind` is equal, different or undecided; a witness holds names and rational numbers, `values` the two sides."""

    kind: str
    certificate: str = ""
    witness: Mapping[str, Fraction] | None = None
    values: tuple[str, str] | None = None
    likely: bool = False
    note: str = ""


def compare(
    truth: Term,
    answer: Term,
    *,
    domain: Mapping[str, Any] | None = None,
    within: Iterable[Term] = (),
    corners: bool = True,
    seconds: float = SECONDS,
) -> Comparison:
    """Whether `answer` equals `truth` wherever the truth, and every formula of `within`, has a real finite value.

    `domain` maps names to `">0"`, `"[0, 1]"`, `(0, 1]` as text, or a pair of numbers. Names are real. Equality is
    proved by a normal form over independent kernels and one point at which both sides agree; a difference is shown by
    a rational point at which balls around the two sides are disjoint, or at which the answer has no value while the
    truth has one. Isolated points at which only the answer has no value are condoned, and said in `note`;
    `corners=False` does not look at the corners of |x|, max, … either.

    >>> from symnet import read
    >>> compare(read("sin(2x)").value, read("2 sin(x) cos(x)").value).kind
    'equal'
    >>> compare(read("sqrt(x^2)").value, read("x").value).kind
    'different'
    """
    if _has_arrays(truth) or _has_arrays(answer):
        from .arrays import compare_arrays

        return compare_arrays(truth, answer, seconds)
    if truth is answer:
        return Comparison("equal", "the answer is the same formula")
    hunt = _Hunt(truth, answer, intervals(domain or {}), tuple(within), min(clock.now() + seconds, clock.end()))
    return hunt.simplest(hunt.verdict(corners))


@lru_cache(maxsize=512)
def _has_arrays(t: Term) -> bool:
    return any(n.shape for n in postorder(t))


class _Hunt:
    def __init__(
        self, truth: Term, answer: Term, domain: Mapping[str, Interval], within: tuple[Term, ...], end: float
    ) -> None:
        self.truth, self.answer, self.within, self.domain, self.end = truth, answer, within, domain, end
        forms = [measurable(t) for t in (truth, answer, *within)]
        self.numeric = forms[0], forms[1], tuple(forms[2:])
        self.fixed = _counted(forms)
        self.names = tuple(n for n in dict.fromkeys(n for t in forms for n in _unbound(t)) if n not in self.fixed)
        self.agreed, self.unknown_jumps = 0, False
        self.removable: dict[str, Fraction] | None = None  # an isolated point at which only the answer has no value
        self.below: dict[str, Fraction] | None = None  # a negative base of x^n at which only the answer has no value

    def verdict(self, corners: bool) -> Comparison:
        for at in ordinary(self.names, self.domain):
            found = self.look(at, 128)
            if found is not None:
                return found
            if self.agreed >= 2:
                break
        how = proved(self.truth, self.answer, self.domain, self.within)
        if not how and not self.names and self.agreed and same_number(self.truth, self.answer):
            return Comparison("equal", "proved: both are one number")
        how = how or by_slopes(*self.numeric[:2], self.domain)
        if corners and (found := self._at_corners()) is not None:
            return found
        if how and corners and self.truth.op != "diff" and not known_jumps(self.truth, self.answer, self.names):
            self.unknown_jumps, how = True, ""
        if how and (self.agreed or self._agrees_somewhere()):
            if (found := self._past_the_proof()) is not None:
                return found
            return Comparison("equal", f"proved by {how}", note=self._note())
        for at in self._everywhere():
            if clock.now() > self.end:
                break
            found = self.look(at, DEEP if self.agreed < 2 else LAST)
            if found is not None:
                return found
        return self._undecided(how)

    def simplest(self, found: Comparison) -> Comparison:
        """The same verdict, with a witness that a person can put in by hand if there is one."""
        if found.kind != "different" or found.witness is None or (found.values or ("", ""))[1] == "no value":
            return found
        for at in plain(self.names, self.domain):
            other = self.look(at, 128)
            if other is not None and (other.values or ("", ""))[1] != "no value" and _plainly(other):
                return other
        return found

    def _everywhere(self) -> Iterable[dict[str, Fraction]]:
        yield from beside((self.truth, self.answer), self.names, self.domain)
        yield from ordinary(self.names, self.domain, 12)
        yield from spread(self.names, self.domain, POINTS)

    def _agrees_somewhere(self) -> bool:
        for at in self._everywhere():
            if self.look(at, LAST) is None and self.agreed:
                return True
            if clock.now() > self.end:
                return False
        return False

    def _undecided(self, how: str) -> Comparison:
        if how:
            said = "the normal forms are equal, but no point was found at which the true value exists"
            return Comparison("undecided", said, likely=True)
        likely = self.agreed >= CERTAIN
        if self.unknown_jumps:
            said = "equal between the places where the formulas jump; these places were not all found"
            return Comparison("undecided", said, likely=likely)
        said = f"equal at {self.agreed} points, not proved" if self.agreed else "no point was found that decides it"
        return Comparison("undecided", said, likely=likely)

    def _note(self) -> str:
        said = []
        if self.removable is not None:
            shown = _place({n: v for n, v in self.removable.items() if n not in self.fixed})
            said.append(f"at isolated points such as {shown} only the answer has no value; that is condoned")
        if self.below is not None:
            shown = _place({n: v for n, v in self.below.items() if n not in self.fixed})
            said.append(
                f"for negative bases of powers with a name above, as at {shown}, only the truth has values; "
                "compared where both have one"
            )
        return "; ".join(said)

    # -- one point
    def look(self, at: dict[str, Fraction], last: int) -> Comparison | None:
        """The difference at a point, if there is one; counts the points of agreement."""
        at = {**at, **self.fixed}
        try:
            there = all(_ball(w, at, last) is not None for w in self.numeric[2])
            if not there:
                return None
        except Known:
            return None
        bits, met = FIRST, False
        while bits <= last:
            probe = Probe(at, {}, bits)
            bits *= 2
            try:
                true = probe.value(self.numeric[0])
            except TooWide:
                continue
            except Known:
                return None
            try:
                found = probe.value(self.numeric[1])
            except TooWide:
                continue
            except OverflowError:
                return None
            except DomainError as e:
                return self._lost(at, true, str(e))
            except Known:
                return None
            with precision(bits):
                if _disjoint(true, found):
                    return Comparison("different", "the two sides differ at a point", at, _values(true, found))
            if isinstance(true, fmpq) and isinstance(found, fmpq):
                self.agreed += 1
                return None
            met = True
        self.agreed += met
        return None

    def _lost(self, at: dict[str, Fraction], true: Any, why: str) -> Comparison | None:
        """The answer has no value here, nor beside: a part of the domain is lost."""
        step = Fraction(1, 10**7)
        for sign in (1, -1):
            near = {n: v if n in self.fixed else v + sign * step * (i + 1) for i, (n, v) in enumerate(at.items())}
            if _ball(self.numeric[0], near, LAST) is None or _ball(self.numeric[1], near, LAST) is not None:
                if negative_base((self.truth, self.answer), at):
                    self.below = self.below or at
                else:
                    self.removable = self.removable or at
                return None
        said = f"the answer has no value where the truth has one ({why})"
        return Comparison("different", said, at, (_decimal(true), "no value"))

    def _past_the_proof(self) -> Comparison | None:
        """Poles, and negative bases of whole powers: the normal forms take u^n for e^(n log u)."""
        yet = (poles(self.answer, self.names, self.domain), whole((self.truth, self.answer), self.names, self.domain))
        for at in chain(*yet):
            if (found := self.look(at, FIRST)) is not None:
                return found
        return None

    def _at_corners(self) -> Comparison | None:
        """The corners themselves, where the normal forms say nothing."""
        for at in exactly((self.truth, self.answer), self.names, self.domain):
            found = self.look(at, 512)
            if found is not None:
                return found
        return None


# ----------------------------------------------------------------------------------------------------- what is summed
def _unbound(t: Term) -> list[str]:
    """The names of a formula that are no index of a sum."""
    bound = {n.args[1].name for n in postorder(t) if n.op == "sigma"}
    return [n for n in t.free if n not in bound]


def _counted(forms: Iterable[Term]) -> dict[str, Any]:
    """Numbers for what must be whole (the ends of a sum, an index), and rows for the names that carry an index."""
    out: dict[str, Any] = {}
    for t in forms:
        for node in postorder(t):
            if node.op == "index" and len(node.args) == 1:
                out[node.data] = tuple(
                    Fraction(ord(node.data[0]) % 7 + 3 * k * k - 5, 11) for k in range(1, LENGTH + 1)
                )
                out.update((n, Fraction(2)) for n in node.args[0].free)
    for t in forms:
        bound = {n.args[1].name for n in postorder(t) if n.op == "sigma"}
        for node in postorder(t):
            for end in node.args[2:] if node.op == "sigma" else ():
                out.update((n, Fraction(LENGTH - 1)) for n in end.free)
        for name in bound:
            out.pop(name, None)
    return out


# ------------------------------------------------------------------------------------------------------------ numbers
def _plainly(found: Comparison) -> bool:
    """The two sides differ in their first digits."""
    left, right = found.values or ("", "")
    return left[:6] != right[:6]


def _ball(t: Term, at: dict[str, Fraction], last: int) -> Any:
    """The value at the first precision that decides it; None where there is none."""
    bits = FIRST
    while bits <= last:
        try:
            return Probe(at, {}, bits).value(t)
        except TooWide:
            bits *= 2
        except Known:
            return None
    return None


def _disjoint(a: Any, b: Any) -> bool:
    if isinstance(a, fmpq) and isinstance(b, fmpq):
        return bool(a != b)
    return not (a - b).contains(0)


def _values(a: Any, b: Any) -> tuple[str, str]:
    """Both sides with enough digits to see the difference."""
    for digits in (10, 20, 40):
        left, right = _decimal(a, digits), _decimal(b, digits)
        if left != right:
            return left, right
    return _decimal(a), f"{_decimal(a)} + {_decimal(b - a, 3)}"


def _decimal(x: Any, digits: int = 10) -> str:
    if isinstance(x, fmpq):
        if x.q == 1 and abs(x) < 10**15:
            return str(x)
        with precision(64 + 4 * digits):
            return str(arb(x).str(digits, radius=False))
    return str(x.str(digits, radius=False))


def _place(at: Mapping[str, Fraction]) -> str:
    return ", ".join(f"{n} = {v}" for n, v in at.items())


@lru_cache(maxsize=512)
def measurable(t: Term) -> Term:
    """A formula that has a value at a point: unknown functions stand for definite ones, ∂E/∂w for a name."""
    inert = {n: sym(f"value_{i}") for i, n in enumerate(n for n in postorder(t) if n.op in ("partial", "d"))}
    return concrete(substitute(t, dict(inert)) if inert else t)


# ------------------------------------------------------------------------------------------------------------ domains
def intervals(domain: Mapping[str, Any]) -> dict[str, Interval]:
    """Two floats between which each name lies: from `">0"`, `"[0, 2*pi)"`, a pair of numbers, or lo and hi."""
    return {name: i.hull for name, i in exact_intervals(domain).items()}
