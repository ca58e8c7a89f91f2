"""Which mistake a wrong gradient looks like: only what gives the same numbers at every point is named.

First what can be seen of the numbers (zero, another parameter's, transposed, not summed, a factor), then the wrong
rules of `mistakes`, evaluated at the same points.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from typing import Any

import numpy as np

from ..checking.verdict import Mistake
from ..errors import SymnetError
from ..graph import Graph
from ..mistakes import arrays
from ..mistakes.quantities import Page, array_forms
from ..mistakes.scene import NoRule, Scene, text_of
from ..mistakes.screen import NoValue, Screen
from ..mistakes.search import Candidate, Derivations
from ..names import unicode
from ..term import Term, mul, num, partial, postorder, rows_cols
from .points import Point

FAILED = (SymnetError, NoRule, NoValue, ArithmeticError, ValueError, RecursionError)
SECONDS = 5.0  # for the wrong rules of one parameter
DENOMINATOR = 100  # of a factor that is recognised
FEW = 2  # points at least
NEAR = 1e-3  # a factor that is closer to 1 is no mistake of a rule


@dataclass(frozen=True)
class Evidence:
    """One parameter: what was returned and what is right at each point; `turned` says that no gradient is right."""

    graph: Graph
    name: str
    points: Sequence[Point]
    found: Sequence[Any]
    tolerance: float
    turned: bool = False

    @property
    def truths(self) -> list[Any]:
        return [np.asarray(p.gradient[self.name], dtype=float) for p in self.points]

    def made_by(self, candidates: Sequence[Any]) -> bool:
        """Whether the candidates are the numbers that were returned, at every point."""
        return all(c is not None and close(f, c, self.tolerance) for f, c in zip(self.found, candidates, strict=True))


def close(found: Any, candidate: Any, tolerance: float) -> bool:
    a, b = np.asarray(found, dtype=float), np.asarray(candidate, dtype=float)
    if a.shape != b.shape or not np.isfinite(a).all() or not np.isfinite(b).all():
        return False
    return bool(np.max(np.abs(a - b), initial=0.0) <= tolerance * max(np.max(np.abs(b), initial=0.0), 1e-12))


def looks_like(e: Evidence) -> Mistake | None:
    """The first mistake that gives these numbers at all points."""
    if len(e.points) < FEW:
        return None
    with np.errstate(all="ignore"):
        return next((m for source in SOURCES for m in source(e)), None)


# ------------------------------------------------------------------------------------------- what the numbers look like
def _zero(e: Evidence) -> Iterator[Mistake]:
    if all(not np.any(f) for f in e.found):
        yield Mistake("constant_dropped", "it is 0 everywhere, though the loss depends on the parameter")


def _another(e: Evidence) -> Iterator[Mistake]:
    for other in e.points[0].gradient:
        if other != e.name and e.made_by([p.gradient[other] for p in e.points]):
            yield Mistake("wrong_weight", f"this is the gradient by {unicode(other)}")


def _transposed(e: Evidence) -> Iterator[Mistake]:
    if e.truths[0].ndim == 2 and e.made_by([t.T for t in e.truths]):
        yield Mistake("transposed", "the whole is transposed")


def _flipped(e: Evidence) -> Iterator[Mistake]:
    if e.truths[0].ndim == 2 and e.made_by([t[::-1, ::-1] for t in e.truths]):
        yield Mistake("kernel_flipped", "rows and columns run backwards: a convolution where a correlation is meant")


def _unsummed(e: Evidence) -> Iterator[Mistake]:
    dims = {np.ndim(f) for f in e.found}
    if len(dims) != 1 or any(np.size(f) < np.size(t) for f, t in zip(e.found, e.truths, strict=True)):
        return
    for axis in range(next(iter(dims))):
        sums = [np.sum(f, axis=axis) for f in e.found]
        if any(np.size(s) != np.size(f) for s, f in zip(sums, e.found, strict=True)) and all(
            close(s.ravel(), t.ravel(), e.tolerance) for s, t in zip(sums, e.truths, strict=True)
        ):
            yield Mistake("sum_lost", f"the sum over axis {axis} is missing: one parameter serves all samples")


def _negated(e: Evidence) -> Iterator[Mistake]:
    if e.made_by([-t for t in e.truths]):
        if e.turned and Scene(_rows(e.graph), e.graph.symbols[e.name]).targets:
            yield Mistake("t_minus_a_sign", "the sign of every gradient is turned round, as with t − a for a − t")
        else:
            yield Mistake("sign", "the sign of the whole is turned round")


def _rows(graph: Graph) -> tuple[tuple[str, Term], ...]:
    return tuple((d.name, d.value) for d in graph.definitions)


def _factor(e: Evidence) -> Iterator[Mistake]:
    """A factor that is the same everywhere, or a size."""
    factors = [_ratio(f, t, e.tolerance) for f, t in zip(e.found, e.truths, strict=True)]
    known = [(c, p) for c, p in zip(factors, e.points, strict=True) if c is not None]
    told = [c for c, _ in known if np.isfinite(c)]
    if len(known) < len(factors) or len(told) < FEW:
        return
    for name, size, words in _sizes(e):
        if all(not np.isfinite(c) or abs(c - size(p)) <= 10 * e.tolerance * abs(size(p)) for c, p in known):
            yield Mistake(name, words)
    if max(told) - min(told) <= 10 * e.tolerance * abs(told[0]) and abs(told[0] - 1) > NEAR:
        short = Fraction(told[0]).limit_denominator(DENOMINATOR)
        simple = abs(float(short) - told[0]) <= 10 * e.tolerance * abs(told[0])
        yield Mistake("coefficient_lost", f"it is {short if simple else f'{told[0]:.6g}'} times the right one")


def _ratio(found: Any, truth: Any, tolerance: float) -> float | None:
    """found/truth where it is one number; nan where both are zero, None where it is none."""
    if np.shape(found) != truth.shape:
        return None
    square = float(np.sum(truth * truth))
    if square == 0.0:
        return None if np.any(found) else float("nan")
    c = float(np.sum(found * truth)) / square
    return c if close(found, c * truth, tolerance) and c != 0.0 else None


def _sizes(e: Evidence) -> Iterator[tuple[str, Callable[[Point], float], str]]:
    """Factors with a reason: 2, ½, and sizes, alone and with a 2."""
    halved = any(n.op == "num" and n.data[0].denominator == 2 for d in e.graph.definitions for n in postorder(d.value))
    halved |= any(n.op == "div" and _even(n.args[1]) for d in e.graph.definitions for n in postorder(d.value))
    more = ("half_lost", "a factor ½ is missing") if halved else ("factor_two_extra", "there is a factor 2 too many")
    yield more[0], lambda p: 2.0, more[1]
    yield "factor_two_lost", lambda p: 0.5, "a factor 2 is missing"
    for dim in e.points[0].sizes:
        shown = unicode(dim)
        yield "one_over_n_lost", lambda p, k=dim: p.sizes[k], f"the division by {shown} is missing"  # type: ignore[misc]
        words = f"it is divided by {shown} once too often, or a sum over {shown} is a mean"
        yield "one_over_n_extra", lambda p, k=dim: 1 / p.sizes[k], words  # type: ignore[misc]
        words = f"the division by {shown} is missing, and a factor {{}}"
        yield "one_over_n_lost", lambda p, k=dim: 2 * p.sizes[k], words.format("½ too")  # type: ignore[misc]
        yield "one_over_n_lost", lambda p, k=dim: p.sizes[k] / 2, words.format("2 too")  # type: ignore[misc]
    for shape in dict.fromkeys(s.shape for s in e.graph.symbols.values()):
        for k in shape:
            if isinstance(k, int) and k > 2:
                yield "one_over_n_lost", lambda p, k=k: float(k), f"the division by {k}, a size, is missing"  # type: ignore[misc]


def _even(t: Term) -> bool:
    return any(n.op == "num" and n.data[0].denominator == 1 and n.data[0].numerator % 2 == 0 for n in postorder(t))


# ----------------------------------------------------------------------------------------------------- the wrong rules
class At(Screen):
    """Values of formulas at given points of one size."""

    def __init__(self, points: Sequence[Point], graph: Graph, known: Mapping[Term, Term]) -> None:
        super().__init__((), known)
        self.points, self.sizes = len(points), dict(points[0].sizes)
        for name in points[0].values:
            shape = graph.symbols[name].shape if name in graph.symbols else ()
            rows, cols = (self._size(n) for n in rows_cols(shape))
            cells = [np.asarray(p.values[name], dtype=float).reshape(rows, cols) for p in points]
            self.drawn[name] = np.stack(cells)


def _scalar_rules(e: Evidence) -> Iterator[Mistake]:
    if any(s.shape for s in e.graph.symbols.values()):
        return
    page = Page(e.graph, {})
    x = e.graph.symbols[e.name]
    screen = At(e.points, e.graph, page.known)
    try:
        d = Derivations(page.scene(e.graph.result.symbol, x), screen)
        for c in chain(d.wholes(None), d.singles(), d.lasts(), d.pairs(lambda v: _matches(e, v), d.singles())):
            if (e.turned or c.name != "t_minus_a_sign") and _matches(e, c.value):
                yield _said(c)
    except FAILED:
        return


def _matches(e: Evidence, value: Any) -> bool:
    return value is not None and e.made_by(list(np.broadcast_to(value, (len(e.points), 1, 1))[:, 0, 0]))


def _said(c: Candidate) -> Mistake:
    return Mistake(c.name, c.advice()[:300])


def _array_rules(e: Evidence) -> Iterator[Mistake]:
    if not any(s.shape for s in e.graph.symbols.values()):
        return
    until = time.monotonic() + SECONDS
    try:
        page = Page(e.graph, {})
        target = partial(e.graph.result.symbol, e.graph.symbols[e.name])
        scene, truth = page.scene(*target.args), page.truth(target)
        screens = [At([p], e.graph, page.known) for p in e.points]
        forms = array_forms(page, truth)
        for row, lost, wrong in chain.from_iterable(arrays.wrong_forms(f, scene) for f in forms):
            if (e.turned or row.name != "t_minus_a_sign") and _at_all(e, screens, wrong):
                yield Mistake(row.name, arrays.sentence(row, lost)[:300])
            if time.monotonic() > until:
                return
        for name, words, wrong in chain.from_iterable(map(_one_term, forms)):
            if _at_all(e, screens, wrong):
                yield Mistake(name, words)
    except FAILED:
        return


def _one_term(form: Term) -> Iterator[tuple[str, str, Term]]:
    """A factor 2 or ½ at one summand."""
    for i, a in enumerate(form.args if form.op == "add" else ()):
        for scale, name, words in ((num(2), "half_lost", "twice"), (num(Fraction(1, 2)), "factor_two_lost", "half")):
            wrong = Term("add", (*form.args[:i], mul(scale, a), *form.args[i + 1 :]), form.data, form.shape)
            yield name, f"the term {text_of(a)} is {words} what it should be", wrong


def _at_all(e: Evidence, screens: Sequence[At], wrong: Term) -> bool:
    for screen, found in zip(screens, e.found, strict=True):
        value = screen.maybe(wrong)
        if value is None or value[0].size != np.size(found):
            return False
        if np.ndim(found) == 2 and value[0].shape != np.shape(found):
            return False
        if not close(np.ravel(found), value[0].ravel(), e.tolerance):
            return False
    return True


SOURCES: tuple[Callable[[Evidence], Iterator[Mistake]], ...] = (
    _zero, _transposed, _flipped, _unsummed, _negated, _scalar_rules, _array_rules, _factor, _another,
)  # fmt: skip
