"""One variable: cells between joints, poles and ends, zeros of f′ in each, kinds by the sign of f′ beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise
from time import monotonic
from typing import Any

from flint import arb, fmpq

from ..balls import precision
from ..balls import value as exact_value
from ..errors import DomainError, RuleError, SymnetError
from ..functions import PI
from ..names import canonical
from ..rules import slope as slope_of
from ..term import Term, add, mul, neg, num, postorder, substitute, sym
from ..tidy import tidy
from .answer import CriticalSet, Extremum, Stationary, StationaryPoint
from .bisection import isolate
from .closing import closed
from .intervals import End, Interval, interval, window_of
from .kernels import TooLarge, combination, plain_exponents, written
from .pieces import CLOSED, CUSP, JOINT, OPEN, POLE, bends, ends, joints, smooth, unfolded
from .question import domain_of
from .rational import derivative, quotient
from .reals import Bracketed, Rational, Real, compare, fraction
from .series import Curve
from .tails import limit, quiet
from .values import Value, order
from .zeros import Zeros, ordered, rational_zeros, zeros_of

SECONDS = 20.0  # for the points of a window
WINDOW = 20  # of an infinite family without a period: points are given on [−20, 20]


def solve(value: Term, name: str, domain: Mapping[str, Any] | None, deadline: float) -> Stationary:
    """The stationary points of a function of one name."""
    from .page import lines
    from .picture import draw

    x = canonical(name)
    given = interval(domain_of(x, domain), x)
    task = Task(value, x, given, deadline)
    answer = task.answer()
    return replace(answer, lines=lines(task), picture=draw(task), window=task.within)


@dataclass
class Break:
    """A place between two cells (`at` None: infinite); `left`, `right`: what vanishes there in the formula beside."""

    at: Real | None
    end: bool = False  # of the domain that was given
    closed: bool = True
    cut: bool = False
    joint: bool = False
    left: list[tuple[Term, str]] = field(default_factory=list)
    right: list[tuple[Term, str]] = field(default_factory=list)
    value: Real | None = None
    excluded: bool = False  # the function has no value there

    def beside(self, cell: Cell) -> list[tuple[Term, str]]:
        return self.right if cell.low is self else self.left


@dataclass
class Cell:
    """An open interval on which the function is one smooth formula, with the zeros of its derivative."""

    low: Break
    high: Break
    sample: Fraction
    f: Term | None = None
    flat: bool = False
    zeros: list[Real] = field(default_factory=list)
    signs: list[int] = field(default_factory=list)  # of f′ between the zeros

    _slope: Term | None = None

    @property
    def there(self) -> bool:
        return self.f is not None

    def slope(self, x: str) -> Term:
        """f′ by the rules, when it is asked for."""
        if self._slope is None:
            assert self.f is not None
            self._slope = tidy(slope_of(self.f, sym(x))[0])
        return self._slope


@dataclass
class Place:
    """A point that will be shown."""

    at: Real
    value: Real
    kind: str
    type: str


@dataclass
class Candidate:
    """A value that may be the least or the greatest."""

    value: Real | int  # ±1 for ±∞
    attained: bool
    at: Real | None = None
    approached: str = ""
    inside: bool = False  # of a cell on which the function is constant


@dataclass
class Task:
    """The work on one question."""

    value: Term
    x: str
    domain: Interval
    deadline: float
    methods: dict[str, None] = field(default_factory=dict)
    notes: dict[str, None] = field(default_factory=dict)
    cells: list[Cell] = field(default_factory=list)
    breaks: list[Break] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    gaps: list[tuple[float, float]] = field(default_factory=list)
    period: Real | None = None
    window: tuple[Real, Real] | None = None
    found: tuple[list[Candidate] | None] | None = None

    # -- the answer
    def answer(self) -> Stationary:
        self.f = unfolded(plain_exponents(self.value))
        self.period = period_of(self.f, self.x) if self.domain.low.at is None and self.domain.high.at is None else None
        span = self._one_period() if self.period is not None else self.domain
        try:
            self._work(span)
        except Infinite:
            self.window = self._finite(self.domain)
            self._reset()
            ends = self._cut(self.domain.low, self.window[0]), self._cut(self.domain.high, self.window[1])
            self._work(Interval(*ends))
        low, high = self._extremum(-1), self._extremum(1)
        points = tuple(self._point(p, low, high) for p in self.places)
        poles = tuple({self.x: b.at.sympy()} for b in self.breaks if b.at is not None and self._is_pole(b))
        return Stationary(
            expr=self.value,
            wrt=(self.x,),
            points=points,
            complete=self._complete(),
            certificate=self._certificate(),
            minimum=low,
            maximum=high,
            family=self._family(),
            critical_set=self._critical_set(),
            poles=poles,
            notes=tuple(self.notes),
            domain={self.x: self.domain.text} if self.domain.text else {},
        )

    def _reset(self) -> None:
        self.cells, self.breaks, self.places, self.gaps = [], [], [], []
        self.methods.clear()

    def within(self, window: Mapping[str, Any]) -> tuple[StationaryPoint, ...]:
        """The points in a closed window of the domain."""
        box = window_of(window.get(self.x))
        if box.low.at is None or box.high.at is None:
            raise DomainError(f"a window has two finite ends, such as {{'{self.x}': ['-10', '10']}}")
        margin = Fraction(1, 997)  # so that a point at an end of the window lies inside
        low, high = fraction_of(float(box.low.at)) - margin, fraction_of(float(box.high.at)) + margin
        first, last = self.domain.low, self.domain.high
        span = Interval(
            first if first.at is not None and float(first.at) >= low else End(Rational(low), True, True),
            last if last.at is not None and float(last.at) <= high else End(Rational(high), True, True),
        )
        other = Task(self.value, self.x, span, max(self.deadline, monotonic() + SECONDS))
        other.f = unfolded(plain_exponents(self.value))
        other._work(span)
        found = [p for p in other.places if compare(p.at, box.low.at) >= 0 and compare(p.at, box.high.at) <= 0]
        return tuple(other._point(p, None, None) for p in found)

    def _one_period(self) -> Interval:
        """A period around 0 whose ends are unlikely to be special."""
        assert self.period is not None
        size = float(self.period)
        low = -fraction_of(size * (0.5 + 1 / 997))
        start = Rational(low)
        stop = rational_plus(start, self.period)
        return Interval(End(start, True, True), End(stop, True, True))

    def _finite(self, d: Interval) -> tuple[Real, Real]:
        low, high = d.low.at, d.high.at
        first = -WINDOW if high is None else int(float(high)) - 2 * WINDOW
        last = WINDOW if low is None else int(float(low)) + 2 * WINDOW
        return low or Rational(Fraction(first)), high or Rational(Fraction(last))

    @staticmethod
    def _cut(end: End, at: Real) -> End:
        return end if end.at is not None else End(at, True, True)

    # -- the cells
    def _work(self, span: Interval) -> None:
        a, b = span.low, span.high
        low, high = Break(a.at, True, a.closed, a.cut), Break(b.at, True, b.closed, b.cut)
        for first, last, piece in self._pieces(self.f, low, high):
            stops = self._split(ends(piece, self.x), first, last) if piece is not None else [first, last]
            self.cells += [self._cell(piece, p, q) for p, q in pairwise(stops)]
        self._merge()
        self.breaks = [self.cells[0].low, *(c.high for c in self.cells)]
        for cell in self.cells:
            if cell.there and not cell.flat:
                self._zeros(cell)
        if not any(c.there for c in self.cells):
            raise DomainError("the function has no real value on this domain")
        for stop in self.breaks:
            self._look(stop)
        self._inner_places()
        self._break_places()
        self.places.sort(key=lambda p: _Order(p.at))

    def _pieces(self, t: Term, low: Break, high: Break) -> Iterator[tuple[Break, Break, Term | None]]:
        """The function split at its joints, the innermost first."""
        if not any(map(bends, postorder(t))):
            yield low, high, t
            return
        for p, q in pairwise(self._split(joints(t, self.x), low, high)):
            piece = smooth(t, self.x, self._sample(p.at, q.at))
            if piece is None:
                yield p, q, None
            else:
                yield from self._pieces(piece, p, q)

    def _merge(self) -> None:
        """Neighbours with one and the same formula are one cell: nothing happened at the joint between them."""
        out = [self.cells[0]]
        for cell in self.cells[1:]:
            last, b = out[-1], cell.low
            if last.f is not None and last.f is cell.f and not any(s != JOINT for _, s in (*b.left, *b.right)):
                out[-1] = self._cell(cell.f, last.low, cell.high)
            else:
                out.append(cell)
        self.cells = out

    def _split(self, found: Mapping[Term, str], low: Break, high: Break) -> list[Break]:
        """The breaks from low to high, with those between at which a condition vanishes."""
        span = Interval(End(low.at), End(high.at))
        inner: list[Break] = []
        for c, sort in found.items():
            z = zeros_of(c, self.x)
            if z.everywhere:
                continue
            for r in self._on(z, span):
                self._note(r, (c, sort), low, high, inner)
        inner.sort(key=lambda k: _Order(k.at))
        return [low, *inner, high]

    @staticmethod
    def _note(r: Real, c: tuple[Term, str], low: Break, high: Break, inner: list[Break]) -> None:
        at = next((k for k in (low, high, *inner) if k.at is not None and compare(k.at, r) == 0), None)
        if at is None:
            if (low.at is not None and compare(r, low.at) < 0) or (high.at is not None and compare(r, high.at) > 0):
                return
            at = Break(r)
            inner.append(at)
        if c[1] == JOINT:
            at.joint = True
        if at is not low:
            at.left.append(c)
        if at is not high:
            at.right.append(c)

    def _look(self, b: Break) -> None:
        """Whether the function has a value at a break, and which."""
        cells = [c for c in self.cells if c.there and b in (c.low, c.high)]
        if b.at is None or not cells:
            b.excluded = True
            return
        closed_in = [c for c in cells if not any(s in (POLE, OPEN) for _, s in b.beside(c))]
        sides = [self._value_side(b, c) for c in closed_in]
        if isinstance(b.at, Rational) and b.joint:
            try:
                found = exact_value(self.f, {self.x: b.at.value})
            except (SymnetError, ArithmeticError):
                b.excluded = True
                return
            b.value = Rational(found) if isinstance(found, Fraction) else next(
                (v for v in sides if v.ball().overlaps(found)), sides[0] if sides else None
            )
        else:
            b.value = sides[0] if sides else None
        b.excluded = b.value is None

    def _on(self, z: Zeros, span: Interval) -> list[Real]:
        """The zeros of a condition in a span."""
        low, high = span.low.at, span.high.at
        if z.families and (low is None or high is None):
            raise Infinite
        out = inside(z.isolated, low, high) if low is None or high is None else z.known(low, high)
        for t in z.numeric:
            out += self._numeric(t, low, high, Break(low), Break(high))
        return ordered(out)

    def _numeric(self, t: Term, low: Real | None, high: Real | None, left: Break, right: Break) -> list[Real]:
        """Zeros by balls; an infinite or singular end is closed off by a tail on which nothing can happen."""
        a, b = low, high
        if low is None or self._singular(t, left):
            a = quiet(t, self.x, low, -1 if low is None else 1, self.deadline)
        if high is None or self._singular(t, right):
            b = quiet(t, self.x, high, 1 if high is None else -1, self.deadline)
        a = low if a is None and low is not None and not self._undefined(t, left) else a
        b = high if b is None and high is not None and not self._undefined(t, right) else b
        if a is None or b is None:
            if low is None or high is None:
                raise Infinite
            a, b = a or self._near(low, high, 1), b or self._near(high, low, -1)
            self.gaps += [(float(p), float(q)) for p, q in ((low, a), (b, high)) if p is not q]
        if compare(a, b) >= 0:
            return []
        found = isolate(t, self.x, a, b, self.deadline)
        self.gaps += found.open
        self.methods["balls: every box either holds no zero or exactly one"] = None
        return inside(found.zeros, low, high)  # a box may reach beyond an end

    @staticmethod
    def _near(end: Real, other: Real, side: int) -> Real:
        return Rational(fraction_of(float(end) + (float(other) - float(end)) * 1e-6))

    def _singular(self, t: Term, b: Break) -> bool:
        """Whether t has no value at the end itself."""
        if b.at is None:
            return True
        with precision(256):
            return not all(c.is_finite() for c in Curve(t, self.x).series(b.at.ball(256), 1))

    def _undefined(self, t: Term, b: Break) -> bool:
        assert b.at is not None
        with precision(256):
            return not Curve(t, self.x).value(b.at.ball(256)).is_finite()

    def _sample(self, low: Real | None, high: Real | None) -> Fraction:
        """A simple number in an open interval."""
        if low is None and high is None:
            return Fraction(1, 3)
        if low is None or high is None:
            known, side = (high, -1) if low is None else (low, 1)
            assert known is not None
            return Fraction(int(float(known)) + 2 * side)
        return between(low, high)

    def _cell(self, piece: Term | None, low: Break, high: Break) -> Cell:
        cell = Cell(low, high, self._sample(low.at, high.at))
        if piece is None:
            return cell
        with precision(128):
            y = Curve(piece, self.x).value(arb(cell.sample.numerator) / cell.sample.denominator)
        if y.is_finite() and (piece is self.f or self._has_value(cell.sample)):
            cell.f = piece
        return cell

    def _has_value(self, place: Fraction) -> bool:
        """Whether the whole formula has a value: 0 · log x lost its logarithm on a cell, but not its domain."""
        try:
            exact_value(self.f, {self.x: place})
        except (SymnetError, ArithmeticError):
            return False
        return True

    def _zeros(self, cell: Cell) -> None:
        assert cell.f is not None
        ratio = quotient(cell.f, self.x)
        sloped = derivative(*ratio) if ratio is not None else None
        z = rational_zeros(sloped) if sloped is not None else zeros_of(cell.slope(self.x), self.x)
        if z.everywhere:
            cell.flat = True
            return
        self.methods.update(z.methods)
        low, high = cell.low.at, cell.high.at
        if z.families and (low is None or high is None):
            raise Infinite
        found = inside(z.isolated, low, high) if low is None or high is None else z.known(low, high)
        for t in z.numeric:
            found += self._numeric(t, low, high, cell.low, cell.high)
        cell.zeros = ordered(found)
        inner = [r for r in cell.zeros if not self._is_end(r, cell)]
        stops = [low, *inner, high]
        cell.signs = [self._sign(cell, a, b, sloped) for a, b in pairwise(stops)]
        for r, (before, after) in zip(inner, pairwise(cell.signs), strict=True):
            if isinstance(r, Bracketed) and before * after >= 0 and not self.gaps:  # f′ changes its sign at such a zero
                low_end, high_end = r.enclosure()
                self.gaps.append((float(low_end), float(high_end)))

    @staticmethod
    def _is_end(r: Real, cell: Cell) -> bool:
        return any(b.at is not None and compare(r, b.at) == 0 for b in (cell.low, cell.high))

    def _sign(self, cell: Cell, low: Real | None, high: Real | None, sloped: Any = None) -> int:
        """The sign of f′ between two neighbouring zeros; `sloped` is f′ as a quotient of polynomials."""
        if sloped is not None:
            s = self._sample(low, high)
            top, bottom = (p(fmpq(s.numerator, s.denominator)) for p in sloped)
            return 1 if top * bottom > 0 else -1
        curve = Curve(cell.slope(self.x), self.x)
        try:
            samples = self._samples(low, high)
        except RuleError:  # two zeros that thousands of bits do not tell apart
            self.gaps += [(float(r), float(r)) for r in (low, high) if r is not None]
            return 0
        for place in samples:
            for bits in (128, 512, 2048):
                with precision(bits):
                    y = curve.value(arb(place.numerator) / place.denominator)
                if y.is_finite() and not y.contains(0):
                    return 1 if y > 0 else -1
        return 0

    def _samples(self, low: Real | None, high: Real | None) -> list[Fraction]:
        first = self._sample(low, high)
        if low is None or high is None:
            return [first, first * 2 + 1 if low is not None else first * 2 - 1]
        a, b = Rational(first), Rational(first)
        return [first, between(low, a), between(b, high)]

    # -- the points
    def _inner_places(self) -> None:
        for cell in self.cells:
            if not cell.there or cell.flat:
                continue
            assert cell.f is not None
            inner = [r for r in cell.zeros if not self._is_end(r, cell)]
            for r, before, after in zip(inner, cell.signs, cell.signs[1:], strict=False):
                self.places.append(Place(r, Value(cell.f, self.x, r), kind(before, after), "stationary"))

    def _break_places(self) -> None:
        for i, b in enumerate(self.breaks):
            if b.at is None or b.cut:
                continue
            left = self.cells[i - 1] if i else None
            right = self.cells[i] if i < len(self.cells) else None
            left = left if left is not None and left.there else None
            right = right if right is not None and right.there else None
            if b.excluded or (b.end and not b.closed) or (left is None and right is None):
                continue
            made = self._both_sides(b, left, right) if left and right else self._one_side(b, left, right)
            if made is not None:
                self.places.append(made)

    def _one_side(self, b: Break, left: Cell | None, right: Cell | None) -> Place | None:
        cell = left or right
        assert cell is not None and b.at is not None and cell.f is not None
        sign = 0 if cell.flat else cell.signs[-1] if left else cell.signs[0]
        value = b.value
        assert value is not None
        if cell.flat or sign == 0:
            return Place(b.at, value, "degenerate", "boundary")
        rises = sign if right else -sign
        slope = self._slope_side(b, cell)
        stationary = slope is not None and compare(slope, Rational(Fraction(0))) == 0
        cusp = any(s in (CUSP, JOINT) for _, s in b.beside(cell)) and not stationary
        sort = "stationary" if stationary else "kink" if cusp else "boundary"
        return Place(b.at, value, "min" if rises > 0 else "max", sort)

    def _both_sides(self, b: Break, left: Cell, right: Cell) -> Place | None:
        assert b.at is not None
        assert b.value is not None
        here = b.value
        jumps = self._jumps(here, b, left), self._jumps(here, b, right)
        before = 0 if left.flat else left.signs[-1]
        after = 0 if right.flat else right.signs[0]
        if any(jumps):
            before = jumps[0] or before
            after = -jumps[1] or after
            return Place(b.at, here, kind(before, after) if before * after <= 0 else "degenerate", "kink")
        a, c = self._slope_side(b, left), self._slope_side(b, right)
        smooth_join = a is not None and c is not None and order(a, c)[0] == 0
        if not smooth_join:
            return Place(b.at, here, kind(before, after) if before != after else "degenerate", "kink")
        assert a is not None
        if compare(a, Rational(Fraction(0))) == 0:
            return Place(b.at, here, kind(before, after), "stationary")
        return None

    def _jumps(self, here: Real, b: Break, cell: Cell) -> int:
        """The sign of f(b) minus the limit from one side."""
        if any(s in (POLE, OPEN) for _, s in b.beside(cell)):
            assert cell.f is not None
            got = limit(cell.f, self.x, b.at, 1 if cell.low is b else -1, self.deadline)
            if got is None or len(got.values) != 1:
                return 0
            side = got.values[0]
            return -side if isinstance(side, int) else order(here, side)[0]
        return order(here, self._value_side(b, cell))[0]

    def _value_side(self, b: Break, cell: Cell) -> Real:
        """The limit of the formula of a cell at its end."""
        assert cell.f is not None and b.at is not None
        return Value(settled(cell.f, b.beside(cell)), self.x, b.at)

    def _slope_side(self, b: Break, cell: Cell) -> Real | None:
        if cell.flat:
            return Rational(Fraction(0))
        assert b.at is not None
        slope = cell.slope(self.x)
        with precision(256):
            y = Curve(slope, self.x).value(b.at.ball(256))
        if y.is_finite():
            zero = any(compare(r, b.at) == 0 for r in cell.zeros)
            return Rational(Fraction(0)) if zero else Value(slope, self.x, b.at)
        got = limit(slope, self.x, b.at, 1 if cell.low is b else -1, self.deadline)
        side = got.values[0] if got is not None and len(got.values) == 1 else None
        return side if isinstance(side, Real) else None

    def _is_pole(self, b: Break) -> bool:
        """Whether the function goes to ±∞ there; a gap that could be filled is noted instead."""
        if not any(s in (POLE, OPEN) for _, s in (*b.left, *b.right)):
            return False
        sides = [(c, 1 if c.low is b else -1) for c in self.cells if c.there and b in (c.low, c.high)]
        got = [limit(c.f, self.x, b.at, side, self.deadline) for c, side in sides if c.f is not None]
        values = [v for g in got if g is not None for v in g.values]
        if len(sides) == 2 and b.excluded and len(values) == 2 and all(isinstance(v, Real) for v in values):
            from .shown import number_text

            assert b.at is not None
            self.notes[f"no value at {self.x} = {number_text(b.at.sympy())}, but limits from both sides"] = None
        return any(isinstance(v, int) for v in values)

    # -- least and greatest
    def _candidates(self, inner: bool = False) -> list[Candidate] | None:
        """Every value that may be extreme; None if a limit was not found. `inner`: but for the cut ends."""
        out = [Candidate(p.value, True, p.at) for p in self.places]
        for cell in self.cells:
            if not cell.there:
                continue
            assert cell.f is not None
            if cell.flat:
                place = Rational(cell.sample)
                out.append(Candidate(Value(cell.f, self.x, place), True, place, inside=True))
                continue
            for b, side in ((cell.low, 1), (cell.high, -1)):
                if b.cut and (inner or self.period is not None):
                    continue
                if b.cut:
                    return None
                if b.at is not None and not any(s in (POLE, OPEN) for _, s in b.beside(cell)):
                    if not (b.end and b.closed):  # a joint: it may jump, and the limit is then approached
                        out.append(Candidate(self._value_side(b, cell), False, None, self._toward(b, side)))
                    continue
                got = limit(cell.f, self.x, b.at, side if b.at is not None else -side, self.deadline)
                if got is None or got.swings:
                    return None
                out += [Candidate(v, False, None, self._toward(b, side)) for v in got.values]
        return out

    def _toward(self, b: Break, side: int) -> str:
        from .shown import number_text

        if b.at is None:
            return f"{self.x} → {'−∞' if side > 0 else '∞'}"
        where = number_text(b.at.sympy(), None)
        return f"{self.x} → {where} from {'above' if side > 0 else 'below'}"

    def _extremum(self, want: int) -> Extremum | None:
        """The least (−1) or the greatest (1) value."""
        if self.found is None:
            self.found = (self._candidates(),)
        candidates = self.found[0]
        if self.gaps or candidates is None:
            return self._beyond(want)
        from sympy import oo

        infinite = [c for c in candidates if isinstance(c.value, int) and c.value == want]
        if infinite:
            return Extremum(oo if want > 0 else -oo, False, (), infinite[0].approached)
        finite = [c for c in candidates if not isinstance(c.value, int)]
        if not finite:
            return None
        best = [finite[0]]
        for c in finite[1:]:
            sign, proven = order(c.value, best[0].value)  # type: ignore[arg-type]
            if sign == want:
                best = [c]
            elif sign == 0:
                best.append(c)
                if not proven:
                    self.notes["two values agree in 1,000 digits; that they are equal is not proven"] = None
        attained = [c for c in best if c.attained]
        value = best[0].value
        assert isinstance(value, Real)
        shown, digits = value.sympy(), value.decimal(15)
        if attained:
            places = [c.at for c in attained if c.at is not None and not c.inside] or [c.at for c in attained if c.at]
            return Extremum(shown, True, tuple({self.x: a.sympy()} for a in ordered(places)), "", digits)
        return Extremum(shown, False, (), best[0].approached, digits)

    def _beyond(self, want: int) -> Extremum | None:
        """What is known of an extremum when the points are given on a window only."""
        from sympy import oo

        if self.window is None or self.gaps:
            return None
        inner = self._candidates(inner=True)
        if inner is None:
            return None
        steep = next((c for c in inner if isinstance(c.value, int) and c.value == want), None)
        if steep is not None:
            return Extremum(oo if want > 0 else -oo, False, (), steep.approached)
        out = [c for c in inner if not isinstance(c.value, int)]
        outer = [(self.domain.low, self.cells[0], -1), (self.domain.high, self.cells[-1], 1)]
        for end, cell, side in outer:
            if end.at is not None:
                continue
            if cell.f is None:
                return None
            if self._repeats(cell):
                continue
            got = limit(cell.f, self.x, None, side, self.deadline, borrow=False)
            if got is None:
                return None
            text = f"{self.x} → {'∞' if side > 0 else '−∞'}"
            if got.swings and want in got.values:
                return Extremum(oo if want > 0 else -oo, False, (), f"{text}, swinging")
            if want in got.values:
                return Extremum(oo if want > 0 else -oo, False, (), text)
            if -want in got.values and not got.swings:
                continue
            if got.bound is None:
                return None
            edge = self.window[0 if side < 0 else 1]
            reach = got.bound(edge)
            if reach is None:
                return None
            out.append(Candidate(Ball(reach.high if want > 0 else reach.low), False, None, text))
        real = [c for c in out if not isinstance(c.value, Ball)]
        if not real:
            return None
        best = real[0]
        for c in real[1:]:
            best = c if order(c.value, best.value)[0] == want else best  # type: ignore[arg-type]
        for c in out:
            sign = compare(c.value, best.value) * want if isinstance(c.value, Ball) else -1  # type: ignore[arg-type]
            if sign > 0 or (sign == 0 and best.value.term is None):  # type: ignore[union-attr]
                return None
        same = [c.at for c in real if order(c.value, best.value)[0] == 0 and c.attained and c.at]  # type: ignore[arg-type]
        assert isinstance(best.value, Real)
        if not same:
            return Extremum(best.value.sympy(), False, (), best.approached, best.value.decimal(15))
        places = tuple({self.x: a.sympy()} for a in ordered(same))
        return Extremum(best.value.sympy(), True, places, "", best.value.decimal(15))

    def _repeats(self, cell: Cell) -> bool:
        """Whether a cell that goes on for ever has a period that the window shows."""
        period = period_of(cell.f, self.x) if cell.f is not None else None
        if period is None or cell.low.at is None or cell.high.at is None:
            return False
        return float(cell.high.at) - float(cell.low.at) > float(period)

    # -- words
    def _point(self, p: Place, low: Extremum | None, high: Extremum | None) -> StationaryPoint:
        at = p.at.sympy()
        best = {"min": low, "max": high}.get(p.kind)
        reach = ""
        if best is not None:
            reach = "global" if any(place[self.x] == at for place in best.at) else "local"
        a, b = (None, None) if p.at.exact else p.at.enclosure()
        return StationaryPoint(
            {self.x: at}, {self.x: p.at.decimal(15)}, p.value.sympy(), p.kind, p.type, reach, p.at.exact,
            None if a is None else {self.x: (a, b)}, p.value.decimal(15),
        )  # fmt: skip

    def _complete(self) -> str:
        if self.gaps:
            return "numerical"
        if self.window is not None:
            from .shown import number_text

            a, b = (number_text(w.sympy(), None) for w in self.window)
            return f"proven on [{a}, {b}]"
        return "proven"

    def _certificate(self) -> str:
        if self.gaps:
            low, high = self.gaps[0]
            return f"between {low:.12g} and {high:.12g} it was not decided whether there is another zero."
        return "; ".join(self.methods or {"the derivative has one sign": None}) + "."

    def _family(self) -> str | None:
        from .shown import number_text

        if self.period is not None:
            if not self.places:
                return None
            form, _, digits = number_text(self.period.sympy()).partition(" ≈ ")
            size = f", the period is {digits}" if digits else ""
            return f"Infinitely many: each of these plus {form} k for every integer k{size}."
        if self.window is not None:
            return "Infinitely many; `within` gives those of any window."
        return None

    def _critical_set(self) -> tuple[CriticalSet, ...] | None:
        from .page import between as between_words
        from .shown import number_text

        out = []
        for i, cell in enumerate(self.cells):
            if not cell.there or not cell.flat:
                continue
            ends = [number_text(k.at.sympy()).partition(" ≈")[0] if k.at else "" for k in (cell.low, cell.high)]
            where = between_words(ends[0], ends[1], self.x)
            out.append(CriticalSet((num(0),), f"{where}: the function is constant there", self._plateau(i)))
        return tuple(out) or None

    def _plateau(self, i: int) -> str:
        """min, max or degenerate, by what the neighbouring cells do."""
        cell = self.cells[i]
        left = self.cells[i - 1] if i and not cell.low.excluded else None
        right = self.cells[i + 1] if i + 1 < len(self.cells) and not cell.high.excluded else None
        beside = [(c, side) for c, side in ((left, -1), (right, 1)) if c is not None and c.there and c.signs]
        down = {-c.signs[-1] if side < 0 else c.signs[0] for c, side in beside}
        return "min" if down == {1} else "max" if down == {-1} else "degenerate"


def inside(found: list[Real], low: Real | None, high: Real | None) -> list[Real]:
    """Those in a closed interval, whose ends may be infinite (None)."""
    return [r for r in found if (low is None or compare(r, low) >= 0) and (high is None or compare(r, high) <= 0)]


class Infinite(Exception):
    """There may be infinitely many points on an infinite interval."""


class Ball(Real):
    """A bound as a number to compare with."""

    exact = False

    def __init__(self, end: arb) -> None:
        self._end = end

    def ball(self, bits: int = 128) -> arb:
        return self._end


class _Order:
    __slots__ = ("at",)

    def __init__(self, at: Real | None) -> None:
        self.at = at

    def __lt__(self, other: _Order) -> bool:
        assert self.at is not None and other.at is not None
        return compare(self.at, other.at) < 0


def settled(t: Term, vanishing: list[tuple[Term, str]]) -> Term:
    """The formula with 0 for what vanishes at the end."""
    zero = {c for c, s in vanishing if s in (CLOSED, CUSP, JOINT)}
    values = {node: num(0) for node in postorder(t) if node in zero}
    return tidy(substitute(t, values)) if values else t


def kind(before: int, after: int) -> str:
    """The kind of a point by the signs of f′ on its two sides."""
    if before == after:
        return "inflection" if before else "degenerate"
    return "min" if before <= 0 <= after else "max"


def fraction_of(x: float) -> Fraction:
    return Fraction(x).limit_denominator(10**6)


def between(low: Real, high: Real) -> Fraction:
    """A simple fraction strictly between two numbers."""
    bits = 128
    while True:
        a, b = fraction(low.ball(bits).upper()), fraction(high.ball(bits).lower())
        if a < b:
            m, width = (a + b) / 2, b - a
            d = 1
            while True:
                f = Fraction(round(m * d), d)
                if abs(f - m) < width / 4:
                    return f
                d *= 2
        bits *= 2
        if bits > 2**15:
            raise RuleError("two neighbouring places were not told apart")


def rational_plus(a: Real, b: Real) -> Real:
    if isinstance(b, Rational) and isinstance(a, Rational):
        return Rational(a.value + b.value)
    assert a.term is not None and b.term is not None
    return closed(add(a.term, b.term))


# ------------------------------------------------------------------------------------------------------------ periods
def period_of(t: Term, x: str) -> Real | None:
    """A period, if x occurs only inside of sines, cosines, … of linear arguments with one common period."""
    periods: list[tuple[Any, Fraction]] = []
    try:
        if x not in t.free or not _circular(t, x, periods):
            return None
    except TooLarge:
        return None
    ratio = {m for m, _ in periods}
    if len(ratio) != 1:
        return None
    from math import gcd, lcm

    cs = [abs(c) for _, c in periods]
    common = Fraction(gcd(*(c.numerator for c in cs)), lcm(*(c.denominator for c in cs)))
    rate = written(next(iter(ratio)), common)
    whole = tidy(mul(num(2), PI) / rate)
    best = closed(whole)
    for k in (4, 3, 2):
        part = tidy(whole / num(k))
        if _repeats(t, x, part):
            return closed(part)
    return best if float(best) > 0 else closed(neg(whole))


def _circular(t: Term, x: str, out: list[tuple[Any, Fraction]]) -> bool:
    if x not in t.free:
        return True
    if t.op == "fn" and t.data in ("sin", "cos", "tan", "sec", "csc", "cot"):
        parts = combination(t.args[0])
        moving = [(m, c) for m, c in parts.items() if any(x in k.free for k, _ in m)]
        if len(moving) == 1:
            m, c = moving[0]
            powers = dict(m)
            if powers.pop(sym(x), None) == 1 and not any(x in k.free for k in powers):
                out.append((tuple(powers.items()), c))
                return True
    return t.op != "sym" and bool(t.args) and all(_circular(a, x, out) for a in t.args)


def _repeats(t: Term, x: str, part: Term) -> bool:
    """Whether t(x + part) = t(x), proven by the normal form."""
    from .kernels import normal

    n = normal(add(substitute(t, {sym(x): add(sym(x), part)}), neg(t)), x)
    return n is not None and n.top == 0
