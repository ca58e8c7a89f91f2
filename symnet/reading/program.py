"""Programs: one definition a line, and the shapes of their names.

A name is known from its declaration or from the line that defines it, with the shape of its value; everything else is
a scalar.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any, NamedTuple

from .. import names
from ..errors import BudgetError, ReadError, quote
from ..operations import times
from ..term import Shape, Term, normal_shape, sym
from . import budgets, notation
from .state import NO_SYMBOLS, Symbols
from .statement import Statement, declared, statement
from .tokens import error, plain_letters

FACTS = ("symmetric", "positive definite", "positive", "rows sum to one", "sums to one")
WRITTEN = "write X: n x d, w: d, lam: scalar"
BEHIND = "a fact stands behind the size, such as T: n x k rows sum to one"
DEFINES = frozenset({"=", ":="})


@dataclass(frozen=True, slots=True)
class Declared:
    """A declared name: its dimensions as typed, the shape that symnet works with, and its facts."""

    name: str
    declared: Shape
    shape: Shape
    facts: tuple[str, ...] = ()

    @property
    def symbol(self) -> Term:
        return sym(self.name, self.shape, self.facts)


@dataclass(frozen=True, slots=True)
class Line:
    """`name = value` on line `number` of the text; a bare expression has no name."""

    name: str | None
    value: Term
    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Program:
    """The lines in order, the declared shapes, every known name, and how ambiguous input was read."""

    lines: tuple[Line, ...]
    shapes: Mapping[str, Declared]
    symbols: Mapping[str, Term]
    notes: tuple[str, ...] = ()


# ------------------------------------------------------------------------------------------------------------- shapes
def read_shapes(shapes: Any) -> dict[str, Declared]:
    """`"X: n x d, w: d, lam: scalar, S: n x n symmetric"`, or a mapping from names to the same or to tuples."""
    if not shapes:
        return {}
    if not isinstance(shapes, (str, Mapping)):
        raise ReadError("the shapes are not a text or a mapping", remedy=WRITTEN)
    entries = _entries(shapes) if isinstance(shapes, str) else shapes.items()
    out: dict[str, Declared] = {}
    for spelling, shape in entries:
        name = names.canonical(str(spelling))
        if name in out:
            raise ReadError(f"`{name}` is declared twice", remedy="declare each name once")
        out[name] = shape if isinstance(shape, Declared) else _declared(name, shape)
    return out


def _entries(text: str) -> Iterable[tuple[str, str]]:
    budgets.check_characters(text, budgets.FORMULA_CHARACTERS, "the list of shapes")
    for entry in re.split(r"[,;\n]", text):
        if not entry.strip():
            continue
        left, colon, right = entry.partition(":")
        if not colon:
            remedy = BEHIND if _has_fact(entry) else WRITTEN
            raise ReadError(f"`{quote(entry.strip())}` is not a shape", remedy=remedy)
        for spelling in left.split():
            yield spelling, right


def _has_fact(text: str) -> bool:
    """Whether words of a fact stand in a part that cannot be read."""
    return any(fact in " ".join(text.lower().split()) for fact in FACTS)


def _declared(name: str, shape: Any) -> Declared:
    if not isinstance(shape, (str, tuple, list)):
        raise ReadError(f"the shape of {name} is not a text or a tuple", remedy="write scalar, n or n x d")
    if not isinstance(shape, str):
        dims = _sizes([str(d) for d in shape], name)
        return Declared(name, dims, normal_shape(dims))
    text = " ".join(shape.replace("×", " x ").split())
    if not re.search(r"\sx\s|\dx\d|\(", text):
        text = " ".join(text.replace("*", " x ").split())
    facts = []
    for fact in FACTS:
        if text.lower().endswith(fact):
            text = text[: -len(fact)].rstrip(" ,")
            facts.append(fact)
    if text.lower() in ("scalar", "number", "", "1"):
        return Declared(name, (), (), tuple(facts))
    dims = _sizes(re.split(r"\s+x\s+|(?<=\d)x(?=\d)", text), name)
    return Declared(name, dims, normal_shape(dims), tuple(facts))


def _sizes(sides: Sequence[str], name: str) -> tuple[int | str, ...]:
    """The lengths of the sides: one of a column, two of a matrix."""
    dims = tuple(_dimension(d, name) for d in sides)
    if len(dims) > 2:
        raise ReadError(
            f"{name} is declared with {len(dims)} sizes; arrays are columns and matrices",
            remedy="declare one sample, such as X: 28 x 28, a name for each channel, and add the losses of the samples",
        )
    return dims


def _dimension(text: str, name: str) -> int | str:
    """A name, a number, or a product of them such as `m*p`, in brackets or beside a second side."""
    word = re.sub(r"^\(([^()]*)\)$", r"\1", text.strip())
    if "*" in word:
        return reduce(times, (_dimension(part, name) for part in word.split("*")))
    if re.fullmatch(r"[1-9]\d{0,8}", word, re.ASCII):
        return int(word)
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,30}", word):
        return names.canonical(word)
    raise ReadError(
        f"`{quote(word)}` is not a dimension of {name}",
        remedy=f"write scalar, n or n x d; {BEHIND}; the facts are {', '.join(FACTS)}",
    )


def _symbols(shapes: Mapping[str, Declared]) -> dict[str, Term]:
    """The declared names, and the dimensions as numbers."""
    out = {name: d.symbol for name, d in shapes.items()}
    for d in shapes.values():
        for n in (part for side in d.declared for part in str(side).split("*")):
            if not n.isdigit() and n not in out:
                out[n] = sym(n, (), ("dimension",))
    return out


# ------------------------------------------------------------------------------------------------------------ reading
def read(text: str, *, notation: str = "auto", names: Any = (), shapes: Any = None) -> Statement:
    """The statement that a text says, in plain, Unicode or LaTeX notation (found by itself).

    `names` are names that are not to be split (`"w1 x"`), `shapes` declares arrays. Raises `ReadError` with the place.

    >>> str(read("E = ½ (a2 − t)²"))
    'E = 1/2*(a2 - t)^2'
    """
    text = _as_text(text)
    if notation not in ("auto", "plain", "unicode", "latex"):
        raise ReadError(f"`{quote(str(notation))}` is not a notation", remedy="auto, plain, unicode or latex")
    budgets.check_characters(text, budgets.FORMULA_CHARACTERS, "the formula")
    table = read_shapes(shapes)
    symbols = declared(names, _symbols(table)) if names or table else NO_SYMBOLS
    text = plain_letters(text)
    latex = {"latex": True, "auto": None}.get(notation, False)
    matrix = any(s.shape for s in symbols.values())
    segments = list(_segments(text)) if "\n" in text.strip() and "\\" not in text else []
    segments = [p for p in segments if p is segments[-1] or not _HEADING.fullmatch(text, p.start, p.end)]
    if len(segments) == 1:
        first = statement(text, *segments[0][:2], symbols=symbols, matrix=matrix, latex=latex)
        skipped = f"the words `{' '.join(text[: segments[0].start].split())[:60]}` are skipped"
        return replace(first, notes=(*first.notes, skipped)) if text[: segments[0].start].strip() else first
    if len(segments) < 2:
        return statement(text, symbols=symbols, matrix=matrix, latex=latex)
    found = [statement(text, a, b, symbols=symbols, matrix=matrix, latex=latex) for a, b, _ in segments]
    first, rest = found[0], tuple(p for f in found[1:] for p in f.statements)
    notes = (*first.notes, f"the text holds {1 + len(first.also) + len(rest)} statements; the first is the value")
    return Statement(first.sides, first.relations, notes, text.strip(), first.also + rest)


_HEADING = re.compile(r"(?=.*[A-Za-z]{3}.* )[^\n=]{1,120}:\s*")  # a line such as `The derivative is:`


def _as_text(text: Any) -> str:
    if not isinstance(text, str):
        raise ReadError(f"a text is expected, not {quote(type(text).__name__, 30)}", remedy="pass a string")
    return text


def program(text: str, shapes: Any = None, names: Any = ()) -> Program:
    """The definitions of a text, one a line or separated by `;`, with `#` comments; the last may be a bare expression.

    >>> [(line.name, str(line.value)) for line in program("z = w1x + b  # a neuron\\na = σ(z)").lines]
    [('z', 'w1*x + b'), ('a', 'sigmoid(z)')]
    """
    text = _as_text(text)
    budgets.check_characters(text, budgets.PROGRAM_CHARACTERS, "the program")
    text = plain_letters(text)
    table = read_shapes(shapes)
    latex = "\\" in text
    segments = list(_segments(text))
    if len(segments) > budgets.PROGRAM_LINES:
        message = f"{len(segments):,} definitions; at most {budgets.PROGRAM_LINES:,} are read"
        raise BudgetError(message, remedy="use arrays")
    symbols = declared(names, _symbols(table))
    for name in _left_sides(text, segments):
        if name not in symbols:
            symbols[name] = sym(name)
    state = _Reader(text, table, symbols, latex)
    for place in segments:
        state.line(place)
    return Program(tuple(state.lines), table, state.symbols, tuple(dict.fromkeys(state.notes)))


class Place(NamedTuple):
    """A stretch of the text that is one statement, and its line."""

    start: int
    end: int
    line: int


def _segments(text: str) -> Iterable[Place]:
    """The lines of a program without comments, cut at `;` and LaTeX line ends; blank ones are left out."""
    at = 0
    for line, row in enumerate(text.split("\n"), 1):
        end = at + len(row)
        stop = text.find("#", at, end)
        stop = end if stop < 0 else stop
        start = at
        for cut in re.finditer(r";|\\\\(?:\[[^\]]{0,10}\])?", text[at:stop]):
            yield from _segment(text, start, at + cut.start(), line)
            start = at + cut.end()
        yield from _segment(text, start, stop, line)
        at = end + 1


_FRAME = re.compile(r"\s*(?:\\(?:begin|end)\{[a-z]+\*?\}(?:\{[^{}]{0,20}\})?|\\\[|\\\]|\$\$?)\s*")


def _segment(text: str, start: int, end: int, line: int) -> Iterable[Place]:
    """A stretch of text without the frame of a LaTeX page around it."""
    while True:
        frame = _FRAME.match(text, start, end)
        if frame is None or frame.end() == frame.start() or "cases" in frame[0] or "matrix" in frame[0]:
            break
        start = frame.end()
    body = text[start:end]
    if body.strip():
        yield Place(start + len(body) - len(body.lstrip()), end, line)


_LEFT = re.compile(r"\s*([^=<>≤≥,()+*/·]{1,80}?)\s*&?\s*(?::=|=(?!=))\s*")


def _left_sides(text: str, segments: list[Place]) -> Iterable[str]:
    """The names that the program defines, found before its lines are read."""
    for start, end, _ in segments:
        found = _LEFT.match(text, start, end)
        if found:
            try:
                name = names.canonical(found[1].replace("&", ""))
            except ReadError:
                continue
            if name not in notation.BARE:
                yield name


class _Reader:
    """The lines read so far and the names that they made known."""

    def __init__(self, text: str, table: Mapping[str, Declared], symbols: Symbols, latex: bool) -> None:
        self.text, self.table, self.symbols, self.latex = text, table, symbols, latex
        self.matrix = any(s.shape for s in symbols.values())
        self.lines: list[Line] = []
        self.notes: list[str] = []
        self.nodes = 0

    def line(self, place: Place) -> None:
        start, end, number = place
        if end - start > budgets.FORMULA_CHARACTERS:
            raise BudgetError(
                f"a line of {end - start:,} characters; at most {budgets.FORMULA_CHARACTERS:,} are read", line=number
            )
        found = statement(self.text, start, end, symbols=self.symbols, matrix=self.matrix, latex=self.latex)
        self.notes += [n for n in found.notes if "statements" not in n]
        for part in found.statements:
            self.keep(part, place)

    def keep(self, part: Statement, place: Place) -> None:
        name = self.defined(part, place.start)
        value = part.value
        self.nodes += value.size
        if self.nodes > budgets.PROGRAM_NODES:
            raise BudgetError(f"a program of more than {budgets.PROGRAM_NODES:,} nodes", line=place.line)
        if name is not None:
            facts = self.table[name].facts if name in self.table else ()
            self.symbols[name] = sym(name, value.shape, facts)
            self.matrix = self.matrix or bool(value.shape)
        self.lines.append(Line(name, value, place.line, self.text[place.start : place.end].strip()))

    def defined(self, part: Statement, at: int) -> str | None:
        """The name on the left side; f(x, y) = … defines f."""
        if len(part.sides) == 1:
            return None
        left = part.sides[0]
        if len(part.sides) > 2 or not set(part.relations) <= DEFINES:
            raise error(self.text, at, "a definition has one = and one right side", "write name = formula")
        if left.op == "apply":
            return str(left.data)
        if left.op != "sym" or "constant" in left.facts:
            raise error(self.text, at, "the left side of a definition is one name", "write name = formula")
        return left.name
