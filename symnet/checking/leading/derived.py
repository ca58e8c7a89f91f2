"""Lines about derivatives and values: f′(x) = 3x² − 3 = 0, f″(1) = 6 > 0, ∇f = (2x, 2y), f(1) = −2."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...equality import compare
from ...errors import ReadError
from ...names import parse
from ...rules import slope
from ...term import ZERO, Term, sym
from ..asides import left_of
from .base import EXTREMES, Base, point_of
from .segments import Part, subscripts

FUNCTIONS = ("f", "y", "z", "F", "g", "h", "E", "L", "J", "C", "loss", "cost", "p", "P")  # what people call f


@dataclass(slots=True)
class Derived(Base):
    """Claims about the function and its derivatives."""

    def _derived(self, part: Part, last: bool) -> bool:
        """`f′(x) = 3x² − 3 = 0`, `f_xy = 0`, `f″(1) = 6 > 0`, `∇f = (2x, 2y) = 0`."""
        label = part.label
        if label is None or (label.op == "sym" and parse(label.name).lead == "Delta"):
            return False
        found = self._by(label)
        if found is None:
            return self._gradient(part, label)
        by, place = found
        if not by:
            return False
        self.plain = False
        assert self.problem.expr is not None
        truth = self.problem.expr
        for n in by:
            truth = slope(truth, sym(n))[0]
        sides = self._claimed(part, len(by) == 1 and place is None and self.problem.kind != "roots")
        return self._judged(part, truth, place, sides)

    def _gradient(self, part: Part, label: Term) -> bool:
        if label.op != "sym" or not re.fullmatch(r"(?:nabla_|grad_?)[A-Za-z]?", label.name) or len(self.names) < 2:
            return False
        self.plain = False
        claimed = self._claimed(part, True)
        if any(s.op != "vector" for s in claimed):
            raise ReadError("a gradient is a vector, and this is a number")
        vectors = [s for s in claimed if any(a is not ZERO for a in s.args)]
        if any(len(v.args) != len(self.names) for v in vectors):
            raise ReadError(f"the gradient has {len(self.names)} components")
        truths = self._sources()
        for v in vectors:
            for a, t in zip(v.args, truths, strict=True):
                if not self._equal(part, t, a):
                    return True
        return self._keep(part, "right")

    def _by(self, label: Term) -> tuple[tuple[str, ...], tuple[Term, ...] | None] | None:
        """The names by which a left side derives, and the place."""
        if label.op == "sym" and (by := subscripts(label.name, self.names)) and len(self.names) > 1:
            return by, None
        if label.op == "apply" and len(self.names) > 1:
            by = subscripts(label.data, self.names)
            place = None if label.args == tuple(map(sym, self.names)) else label.args
            return (by, place) if by and len(label.args) == len(self.names) else None
        left = left_of(label, self.problem)
        if left is None or not left.order or left.name in self.problem.names or left.name in self.values:
            return None
        if left.by not in self.names and (left.by is not None or len(self.names) > 1):
            return None
        return (left.by or self.names[0],) * left.order, (left.place,) if left.place is not None else None

    def _called(self, part: Part, last: bool) -> bool:
        """`f(x) = x³ − 3x`, `f(1) = −2`; the last one may be the answer."""
        label = part.label
        if label is None or part.first.sides[0] is not label:
            return False
        assert self.problem.expr is not None
        place = self._beside(label)
        if place is not None:
            self.plain = False
            return self._judged(part, self.problem.expr, place, part.sides)
        if label.op == "sym" and label.name not in (*self.problem.names, *self.values):
            about = [s for s in part.sides if set(s.free) & set(self.names)]
            if not about or label.name not in FUNCTIONS:
                return False
            if compare(self.problem.expr, part.sides[0], domain=self.problem.domain).kind != "equal":
                return False
            self.plain = False
            return self._judged(part, self.problem.expr, None, part.sides)
        if label.op != "apply" or label.data not in FUNCTIONS or label.data in self.problem.functions:
            return False
        if len(label.args) != len(self.names):
            return False
        if label.args == tuple(map(sym, self.names)):
            said = [s for s in part.sides if not s.free]
            if len(said) == len(part.sides) and self.problem.kind != "roots":
                return False
            self.plain = False
            return self._judged(part, self.problem.expr, None, self._claimed(part, self.problem.kind == "roots"))
        if any(a.free for a in label.args) or (last and self.problem.kind in EXTREMES):
            return False
        self.plain = False
        self.placed.append((part, point_of(label.args, self.names)))
        return self._judged(part, self.problem.expr, label.args, self._claimed(part, False))

    def _beside(self, label: Term) -> tuple[Term, ...] | None:
        """The x₁ of y₁ = f(x₁)."""
        if label.op != "sym" or len(self.names) > 1 or self.problem.kind == "roots" or parse(label.name).base != "y":
            return None
        k, x = parse(label.name).subs, parse(self.names[0])
        named = [p for p in self.parts if p.label is not None and p.label.op == "sym" and len(p.statements) == 1]
        own = [p.sides[-1] for p in named if (n := parse(p.label.name)).base == x.base and k and n.subs == k]  # type: ignore[union-attr]
        return (own[0],) if len(own) == 1 and not own[0].free and own[0].op not in ("set", "pm", "vector") else None
