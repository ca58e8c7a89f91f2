"""Every line of a derivation is compared with the truth at a few points before anybody sees it.

The truth comes from the forward mode of the balls, which shares no rule with the derivation. A line that differs is a
defect of symnet and raises; where no point can be found at which the formula has a value, that is said.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from .balls import UNDECIDED, Probe
from .errors import RuleError
from .term import Term, add, fn, iter_names, mul, num, postorder, prime, substitute, sym

POINTS, ATTEMPTS = 2, 40
ENOUGH = 6  # points that decide whether an answer found elsewhere is one
RANGES = ((1, 24), (-40, 40), (2, 14), (18, 90), (-14, 14), (60, 400), (-90, -18))  # in seventeenths
STAND_INS = ("sin", "atan", "tanh", "cos", "erf", "softplus", "sinh")  # for unknown functions, one each


def points(names: Iterable[str], seed: str = "") -> Iterator[dict[str, Fraction]]:
    """Rational points, the same in every run."""
    fixed = tuple(names)
    draw = random.Random(f"symnet {seed}")
    for k in range(ATTEMPTS):
        low, high = RANGES[k % len(RANGES)]
        if k < ATTEMPTS // 2:
            yield {n: Fraction(draw.randint(low, high) or 5, 17) for n in fixed}
        else:
            yield {n: Fraction(draw.randint(*draw.choice(RANGES)) or 5, 17) for n in fixed}


def concrete(t: Term, memo: dict[Term, Term] | None = None) -> Term:
    """The formula with a definite function in the place of each unknown one: f is sin(x + 1/3), g is atan(x + 1/5)."""
    unknown = [n for n in postorder(t) if n.op in ("apply", "applyprime")]
    for node in unknown:
        t = substitute(t, {node: _stand_in(node)}) if not _nested(node) else t
    return concrete(t) if any(map(_nested, unknown)) else t


def _nested(node: Term) -> bool:
    return any(n.op in ("apply", "applyprime") for a in node.args for n in postorder(a))


def _stand_in(node: Term) -> Term:
    name, orders = (node.data, (0,) * len(node.args)) if node.op == "apply" else node.data
    place = sum(map(ord, name))
    factors = []
    for i, (x, k) in enumerate(zip(node.args, orders, strict=True)):
        f = STAND_INS[(place + i) % len(STAND_INS)]
        u = add(x, num(Fraction(1, 3 + i + place % 5)))
        factors.append(prime(f, u, k) if k else fn(f, u))
    return mul(*factors)


class Witness:
    """The derivative of a formula by x at a few points, found without the rules."""

    def __init__(self, value: Term, x: Term, moving: Mapping[str, Term | None] | None = None) -> None:
        """`moving` are names that depend on x: by their formula, or unknown (None)."""
        self.x, self.moving = x, _closed(dict(moving or {}))
        self.slots = {Term("partial", (sym(n), x), "d"): sym(f"slope{i}_{n}") for i, n in enumerate(self.moving)}
        self.probes = list(self._probes(concrete(value)))

    def _probes(self, value: Term) -> Iterator[tuple[Probe, Any]]:
        found = 0
        names = dict.fromkeys([*(s.name for s in iter_names(value)), *self._inside(), self.x.name])
        for at in points(n for n in names if n not in self.moving):
            try:
                probe = self._probe(at)
                yield probe, probe.derivative(value)
            except (*UNDECIDED, RuleError):
                continue
            found += 1
            if found == POINTS:
                return

    def _inside(self) -> list[str]:
        return [s.name for v in self.moving.values() if v is not None for s in iter_names(v)]

    def _probe(self, at: dict[str, Fraction]) -> Probe:
        values, slopes = dict[str, Any](at), dict[str, Any]({self.x.name: Fraction(1)})
        for i, (name, definition) in enumerate(self.moving.items()):
            values[name], slopes[name] = Fraction(5 + i, 7), Fraction(3 + i, 11)
            if definition is not None:
                inner = Probe(at, {self.x.name: Fraction(1)})
                value = inner.value(concrete(definition))
                values[name], slopes[name] = value, inner.derivative(concrete(definition))
            slot = self.slots[Term("partial", (sym(name), self.x), "d")]
            values[slot.name] = slopes[name]
        return Probe(values, slopes)

    def __bool__(self) -> bool:
        return bool(self.probes)

    def check(self, line: Term, rule: str) -> None:
        """Raise if the line is not the derivative."""
        plain = concrete(substitute(line, dict(self.slots)) if self.slots else line)
        for probe, truth in self.probes:
            if _compare(probe, plain, truth) is False:
                raise RuleError(f"the {rule} led to an unequal line; this is a defect of symnet, please report it")


def _closed(moving: dict[str, Term | None]) -> dict[str, Term | None]:
    """Definitions that use each other, each in full."""
    known: dict[Term, Term] = {sym(n): v for n, v in moving.items() if v is not None}
    for _ in known:
        known = {n: substitute(v, known) if any(s in known for s in iter_names(v)) else v for n, v in known.items()}
    if any(s in known for v in known.values() for s in iter_names(v)):
        raise RuleError("these definitions go round in a circle")
    return {n: known.get(sym(n)) for n in moving}


@dataclass(frozen=True, slots=True)
class Verdict:
    """At how many points a formula was found to have the derivative asked for, and a point at which it has no value."""

    decided: int
    nowhere: Mapping[str, Fraction] | None = None


def compared(value: Term, x: Term, slope: Term) -> Verdict:
    """Compare the derivative of `value` with `slope`; raises `RuleError` where they differ."""
    whole, line = concrete(value), concrete(slope)
    decided, nowhere = 0, None
    names = dict.fromkeys([*(s.name for t in (whole, line) for s in iter_names(t)), x.name])
    for at in points(names):
        probe = Probe(at, {x.name: Fraction(1)})
        try:
            truth = probe.value(line)
        except (*UNDECIDED, RuleError):
            continue
        try:
            same = probe.holds(Term("deriv", (whole, x), "d"), truth)
        except (*UNDECIDED, RuleError):
            nowhere = nowhere or (None if _has_value(probe, whole) else at)
            continue
        if same is False:
            raise RuleError("the derivative of this answer is not the integrand")
        decided += bool(same)
        if decided == ENOUGH:
            break
    return Verdict(decided, nowhere)


def _has_value(probe: Probe, t: Term) -> bool:
    try:
        probe.value(t)
    except (*UNDECIDED, RuleError):
        return False
    return True


def _compare(probe: Probe, line: Term, truth: Any) -> bool | None:
    try:
        return probe.holds(line, truth)
    except UNDECIDED:
        return None
