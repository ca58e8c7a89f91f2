"""The proof that an answer equals the truth: equal normal forms, and the answer exists wherever the truth does."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import product

from ..term import ONE, Term, div, mul, num
from .conditions import conditions
from .enclosure import Interval
from .field import SIZES, Again, Empty, Full, TooLarge, Unclear, Undefined, Unsupported
from .normal import Normal
from .polynomials import line
from .rules import coverage

MINUS = num(-1)
MOST = 50  # powers up to which equal factors are counted
PASSES = 60  # a kernel may be split more finely so many times
REGIONS = 6  # signs that are taken one by one, in 2^6 regions

# RecursionError: cases in cases, sums in sums and signs of norms of norms call one another
FAILED = (TooLarge, Unsupported, Unclear, Undefined, Full, RecursionError)


def proved(truth: Term, answer: Term, domain: Mapping[str, Interval], within: tuple[Term, ...] = ()) -> str:
    """How the two were proved equal, or "" where they were not.

    Equal factors of two products go first: they exist wherever the truth does, and what is left is smaller.
    """
    rest = without_common(truth, answer)
    how = _by_forms(*rest, domain, within) if rest is not None else ""
    return how or _by_forms(truth, answer, domain, within)


def without_common(truth: Term, answer: Term) -> tuple[Term, Term] | None:
    """Both products without their equal factors; None where they have none."""
    left, right = _factors(truth), _factors(answer)
    common = {f: min(k, right[f], key=abs) for f, k in left.items() if right.get(f, 0) * k > 0}
    if not common:
        return None
    return _product(left, common), _product(right, common)


def _factors(t: Term) -> dict[Term, int]:
    """The factors of a product and their multiplicities, those of a denominator negative."""
    found: dict[Term, int] = {}
    stack = [(t, 1)]
    while stack:
        node, k = stack.pop()
        if node.shape:
            return {}
        if node.op == "mul":
            stack.extend((a, k) for a in node.args)
        elif node.op == "div":
            stack.extend(((node.args[0], k), (node.args[1], -k)))
        elif node.op == "neg":
            stack.append((node.args[0], k))
            found[MINUS] = found.get(MINUS, 0) + 1
        elif node.op == "pow" and (n := node.args[1].number) is not None and n.denominator == 1 and 1 < n < MOST:
            stack.append((node.args[0], k * int(n)))
        else:
            if found.get(node, 0) * k < 0:
                return {}  # f/f has no value at f = 0
            found[node] = found.get(node, 0) + k
    return found


def _product(factors: Mapping[Term, int], common: Mapping[Term, int]) -> Term:
    above: list[Term] = []
    below: list[Term] = []
    for f, k in factors.items():
        left = k - common.get(f, 0)
        (above if left > 0 else below).extend([f] * abs(left))
    top = mul(*above) if above else ONE
    return div(top, mul(*below)) if below else top


def _by_forms(truth: Term, answer: Term, domain: Mapping[str, Interval], within: tuple[Term, ...]) -> str:
    for size in SIZES:
        try:
            return _Proof(Normal(size, domain), truth, answer, within).run()
        except Full:
            continue
        except FAILED:
            return ""
    return ""


class _Proof:
    def __init__(self, n: Normal, truth: Term, answer: Term, within: tuple[Term, ...]) -> None:
        self.n, self.truth, self.answer, self.within = n, truth, answer, within
        self.given = [c for t in (truth, *within) for c in conditions(t)]
        self.asked = conditions(answer)

    def run(self) -> str:
        try:
            if self._attempt():
                return "normal form"
        except Unclear:
            pass
        return self._by_regions()

    def _attempt(self) -> bool:
        """Equal under the present assumptions; forms are made again while kernels are split."""
        n = self.n
        for _ in range(PASSES):
            try:
                if not self._assume_truth():
                    return True
                return n.field.same(n.value(self.truth), n.value(self.answer)) and self._exists()
            except Again:
                n.memo.clear()
            except Empty:
                return True
        raise TooLarge

    def _assume_truth(self) -> bool:
        """The truth exists; False where that is impossible."""
        for what, guards in self.given:
            if not guards or all(self.n.value(g).p == 1 for g in guards):
                if isinstance(what, Term):
                    self.n.assume(self.n.value(what))
                elif coverage(self.n, what[0]).p == 0:
                    return False
        return True

    def _exists(self) -> bool:
        """Whether every condition of the answer holds."""
        n = self.n
        for what, guards in self.asked:
            if any(n.value(g).p == 0 for g in guards):
                continue
            if isinstance(what, tuple):
                if coverage(n, what[0]) != n.one and coverage(n, what[0]).p != 1:
                    return False
                continue
            u = n.value(what)
            if u.p != 0 and n.sign(u).p != 1:
                return False
        return True

    def _by_regions(self) -> str:
        """Every combination of the signs that are not known, one by one."""
        unknown = self._unknown()
        if not 0 < len(unknown) <= REGIONS:
            return ""
        for signs in product((1, -1), repeat=len(unknown)):
            self.n.signs = {}
            for f, s in zip(unknown, signs, strict=True):
                self.n.signs[f] = self.n.field.number(s)
            self.n.memo.clear()
            if _contradiction(self.n, unknown, signs):
                continue
            try:
                if not self._attempt():
                    return ""
            except Undefined:
                if self._truth_exists():
                    return ""
        return "normal form in each region"

    def _truth_exists(self) -> bool:
        try:
            self.n.value(self.truth)
        except Undefined:
            return False
        return True

    def _unknown(self) -> list[str]:
        """The factors whose signs the two sides and their conditions hold."""
        return [k.key[0] for k in self.n.field.kernels if k.kind == "sign"]


def _contradiction(n: Normal, unknown: list[str], signs: tuple[int, ...]) -> bool:
    """x > 1 and x < 0: factors a x + b of one name whose half-lines do not meet."""
    low: dict[int, Fraction] = {}
    high: dict[int, Fraction] = {}
    for text, s in zip(unknown, signs, strict=True):
        found = line(n.sources.get(text))
        if found is None:
            continue
        i, root, up = found
        if s * up > 0:
            low[i] = max(low.get(i, root), root)
        else:
            high[i] = min(high.get(i, root), root)
    return any(low[i] >= high[i] for i in low if i in high)
