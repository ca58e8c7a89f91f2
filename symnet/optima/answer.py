"""What is known of the stationary points of a function: the points, how far the list is proven, and the extrema."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ..calculation import Part
from ..derivation import Shown
from ..errors import SymnetError
from ..names import canonical, unicode
from ..term import Term

KINDS = ("min", "max", "saddle", "inflection", "degenerate")
TYPES = ("stationary", "kink", "boundary")
WORDS = {"min": "minimum", "max": "maximum", "saddle": "saddle point"} | {k: k for k in ("inflection", "degenerate")}
LISTED = 12  # lines of a kind on a page
PROVEN, NUMERICAL = "proven", "numerical"


@dataclass(frozen=True, slots=True)
class StationaryPoint:
    """A place, exact and in 15 digits, with its value, its kind and its type.

    `at` and `value` are SymPy numbers: rationals, radicals, `CRootOf`, closed forms such as `log(2)`; where there is no
    closed form, a `Float` of 30 digits, and `exact` is False: then `enclosure` is the interval (two fractions by name)
    that holds this zero of the derivative and no other. `approx` holds SymPy Floats of 15 digits. `kind` is one of
    KINDS, `type` one of TYPES; `reach` is "global", "local" or "" where that is not known or does not apply.
    """

    at: Mapping[str, Any]
    approx: Mapping[str, Any]
    value: Any
    kind: str
    type: str = "stationary"
    reach: str = ""
    exact: bool = True
    enclosure: Mapping[str, Any] | None = None
    value_approx: Any = None

    @property
    def label(self) -> str:
        """`global minimum`, `local maximum`, `minimum at an end`, `inflection`, …"""
        word = WORDS.get(self.kind, self.kind)
        if self.type == "kink" and self.kind not in ("min", "max"):
            return "kink, no extremum"
        word = f"{self.reach} {word}" if self.reach and self.kind in ("min", "max") else word
        return word + {"kink": " at a kink", "boundary": " at an end"}.get(self.type, "")

    def __str__(self) -> str:
        where = ", ".join(f"{unicode(n)} = {both(v, self.approx.get(n))}" for n, v in self.at.items())
        return f"{where}: {self.label}, value {both(self.value, self.value_approx)}"


@dataclass(frozen=True, slots=True)
class Extremum:
    """The smallest or the largest value: `attained` at the places `at`, or `approached` as a sentence says.

    `value` is a SymPy number, which may be `oo` or `-oo`; `at` holds one mapping by name for each place.
    """

    value: Any
    attained: bool
    at: tuple[Mapping[str, Any], ...] = ()
    approached: str = ""
    approx: Any = None

    def said(self, word: str, bound: str) -> str:
        """One sentence: `Minimum −1 at …` or `Infimum 0, approached as x → ∞, not attained`."""
        if self.attained:
            places = "; ".join(some([at_text(p) for p in self.at], "places"))
            where = f" at {places}" if places else f", {self.approached}" if self.approached else ""
            return f"{word} {both(self.value, self.approx)}{where}"
        if getattr(self.value, "is_infinite", False):
            sign = "∞" if self.value.is_extended_positive else "−∞"
            way = f" as {self.approached}" if self.approached else ""
            return f"No {word.lower()}: the function goes to {sign}{way}"
        how = f", approached as {self.approached}" if self.approached else ""
        return f"{bound} {both(self.value, self.approx)}{how}, not attained"


@dataclass(frozen=True, slots=True)
class CriticalSet:
    """Stationary points that are not isolated: equations (Terms that vanish there), words, and their kind."""

    equations: tuple[Term, ...]
    description: str
    kind: str = ""

    def __str__(self) -> str:
        return f"{self.description}" + (f": {WORDS.get(self.kind, self.kind)}" if self.kind else "")


@dataclass(frozen=True, eq=False)
class Stationary(Shown):
    """The stationary points of `expr` by the names `wrt`, and what is proven of them.

    `.points` ascend. `.complete` is "proven", "proven on [a, b]" or "numerical", `.certificate` one sentence that says
    by which method. `.family` describes an infinite family in words, of which `.points` is one period or one window;
    `.within(window)` gives its points in any window. `.critical_set` holds sets that are not isolated points.
    `.minimum` and `.maximum` are None where they are not known. `lines` and `picture` make the page and the plot.
    """

    expr: Term
    wrt: tuple[str, ...]
    points: tuple[StationaryPoint, ...]
    complete: str
    certificate: str
    minimum: Extremum | None = None
    maximum: Extremum | None = None
    family: str | None = None
    critical_set: tuple[CriticalSet, ...] | None = None
    poles: tuple[Mapping[str, Any], ...] = ()
    notes: tuple[str, ...] = ()
    domain: Mapping[str, str] = field(default_factory=dict)
    window: Callable[[Mapping[str, Any]], tuple[StationaryPoint, ...]] | None = field(default=None, repr=False)
    lines: Callable[[Stationary], tuple[Part, ...]] | None = field(default=None, repr=False)
    picture: Callable[..., Any] | None = field(default=None, repr=False)
    usual: ClassVar[str] = "rules"
    verify: ClassVar[None] = None  # every line was proven before
    _cache: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def proven(self) -> bool:
        return self.complete.startswith(PROVEN)

    def within(self, window: Mapping[str, Any]) -> tuple[StationaryPoint, ...]:
        """The points in a window such as {"x": ["-10", "10"]}: recomputed for an infinite family, else selected."""
        from .spans import window_of

        named = {canonical(str(k)): v for k, v in window.items()}
        if self.window is not None:
            return self.window(named)
        box = {n: window_of(v) for n, v in named.items()}
        return tuple(p for p in self.points if all(b.holds(p.approx[n]) for n, b in box.items() if n in p.approx))

    # -- what the page is made of
    @property
    def heading(self) -> tuple[str | Term, ...]:
        from ..term import sym

        names: list[str | Term] = []
        for i, n in enumerate(self.wrt):
            names += ([", "] if i else []) + [sym(n)]
        return ("Stationary points of ", self.expr, " in ", *names)

    @property
    def parts(self) -> tuple[Part, ...]:
        if "parts" not in self._cache:
            self._cache["parts"] = self.lines(self) if self.lines is not None else ()
        parts: tuple[Part, ...] = self._cache["parts"]
        return parts

    @property
    def steps(self) -> tuple[Any, ...]:
        """The lines of the page, in full detail."""
        return tuple(s for p in self.parts for s in p.lines["rules"])

    @property
    def result(self) -> Term | None:
        return None

    def text(self, detail: str | None = None, **choices: Any) -> str:
        """The lines for the terminal, then the points and the conclusion in sentences."""
        said = "\n".join(self._said())  # the notes stand at the head of the page
        return f"{Shown.text(self, detail, **choices).rstrip()}\n\n{said}\n"

    def summary(self) -> str:
        """The points, one a line, the extrema, what is proven, and what else there is to say."""
        return "\n".join([*self._said(), *(f"Note: {note}." for note in self.notes)])

    def _said(self) -> list[str]:
        out = some([str(p) for p in self.points], "points")
        out += [] if out or self.critical_set else ["There is no stationary point."]
        out += [str(s) for s in self.critical_set or ()]
        out += [self.family] if self.family else []
        out += some([f"Pole at {at_text(p)}." for p in self.poles], "poles")
        for extremum, word, bound in ((self.minimum, "Minimum", "Infimum"), (self.maximum, "Maximum", "Supremum")):
            out.append(f"{extremum.said(word, bound)}." if extremum else f"{word} not decided.")
        out.append(f"{self.complete[:1].upper()}{self.complete[1:]}: {self.certificate}")
        return out

    def to_dict(self, detail: str | None = None, **choices: Any) -> dict[str, Any]:
        """The page as data, with the points and extrema beside the lines."""
        from .shown import as_dict

        return {**Shown.to_dict(self, detail, **choices), **as_dict(self)}

    def plot(self, file: Any = None, **choices: Any) -> Any:
        """The curve (or the contours) with its points, kinds and asymptotes; a matplotlib figure, saved as `file`."""
        if self.picture is None:
            raise SymnetError("there is no picture of a function of more than two variables")
        return self.picture(self, file, **choices)


def some(lines: list[str], what: str) -> list[str]:
    """The first and the last of many lines, and how many stand between them."""
    if len(lines) <= LISTED + 2:
        return lines
    return [*lines[:LISTED], f"… {len(lines) - LISTED - 1} more {what} …", lines[-1]]


def at_text(place: Mapping[str, Any]) -> str:
    """`x = 1, y = √2 ≈ 1.41421356237310`"""
    return ", ".join(f"{unicode(n)} = {both(v)}" for n, v in place.items())


def both(exact: Any, approx: Any = None) -> str:
    """A number as people read it: exact if that is short, and in digits: `(3 + √5)/2 ≈ 2.61803398874989`."""
    from .shown import number_text

    return number_text(exact, approx)
