"""Lines on the way to places and values, cut into their parts: f′(x) = 3x² − 3 = 0 ⇒ x = ±1; f″(1) = 6 > 0, minimum."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ...errors import ReadError
from ...names import parse
from ...reading import Statement, read
from ...term import Term
from ..problem import Problem

OPEN, CLOSE = "([{", ")]}"
# fmt: off
ARROWS = re.compile(r"<=>|=>|⇒|⟹|⟺|⇔|\\(?:Rightarrow|implies|iff|Leftrightarrow)\b|∴|;|->|→(?!\s*[-−+]?\s*(?:∞|oo))"
                    r"|\b(?:so|hence|therefore|thus)\b")
LEADING = re.compile(r"(?:(?:so|hence|thus|therefore|then|let|set|setting|with|where|and|solve|since|because|now|put)\b"
                     r"[\s,:]*)+(?=\S)", re.IGNORECASE)
AND = re.compile(r"[ \t]+and[ \t]+(?=[^\W\d][\w'′″{}\\/∂^(),]*[ \t]*=)")
AT = re.compile(r"(?:at\s+|for\s+)?(?P<place>[^\W\d][\w₀-₉]*\s*=\s*[^=:<>]+?)\s*:(?!=)", re.IGNORECASE)
KIND = re.compile(r"(?:(?:it|this)\s+is\s+|is\s+)?(?:an?\s+)?(?:strict\s+)?(?:(?:local|global|relative|absolute)\s+)?"
                  r"(?P<kind>min|max|saddle|inflection)(?:imum|\.|\s+point)?\s*\.?", re.IGNORECASE)
ORDER = re.compile(r"(?P<core>.*?[^<>=≤≥\s])\s*(?P<sign><=|>=|≤|≥|<|>|\\leq?\b|\\geq?\b)\s*(?P<bound>[^<>=≤≥]+)")
SIGNS = {"<=": "≤", ">=": "≥", "\\le": "≤", "\\leq": "≤", "\\ge": "≥", "\\geq": "≥"}
VALUED = re.compile(r"(\((?:[^()]|\([^()]*\))*\))([^()\n]*?)\b(?:with\s+)?(?:the\s+)?(?:value|[fzF])"
                    r"\s*(?:of|is|=|:)?\s*([-−+]?\s*[\d√][^,;()\n]*?)(?=\s*(?:$|[,;\n]|\band\b))", re.MULTILINE)
VANISHES = re.compile(r"((?:['′]\s*(?:\(\w+\))?|/\s*[d∂]\w+)\s*=\s*0)\s*,?\s*(?:at|for|when|if)\s+")
COLON = re.compile(r"(=\s*0)\s*:(?!=)")
TEXT = re.compile(r"\\(?:text|mathrm)\s*\{([^{}]*)\}")
BESIDE = re.compile(r"([<>]\s*0)[\s:]+(?=(?:an?\s+)?(?:local\s+|relative\s+)?(?:min|max|saddle))", re.IGNORECASE)
NUMBERED = re.compile(r"(?:there\s+(?:is|are)\s+)?(?:exactly\s+)?(?P<count>one|two|three|four|1|2|3|4)"
                      r"(?:\s+(?:distinct|different|double|real))*\s+(?:solution|root|zero)s?\s*\.?", re.IGNORECASE)
TWICE = re.compile(r"[ \t]*(?:\(?\s*(?:double|twice|repeated)(?:\s+(?:real\s+)?(?:root|zero|solution))?\s*\)?"
                   r"|,?\s*\(?\s*(?:of\s+|with\s+)?(?:multiplicity|order)\s*(?:is|=|:)?\s*(?:2|two)\s*\)?)(?=\s*(?:$|[,;.\n]|\band\b|\bor\b))",
                   re.IGNORECASE | re.MULTILINE)
# fmt: on


@dataclass(frozen=True, slots=True)
class Part:
    """What stands between two arrows or commas of a line; `sign` and `bound` of `… > 0`, `kind` of a word alone."""

    line: int
    text: str
    statements: tuple[Statement, ...] = ()
    sign: str = ""
    bound: str = ""
    kind: str = ""

    @property
    def first(self) -> Statement:
        return self.statements[0]

    @property
    def label(self) -> Term | None:
        """The left side, where there is another."""
        return self.first.sides[0] if self.statements and (len(self.first.sides) > 1 or self.sign) else None

    @property
    def sides(self) -> tuple[Term, ...]:
        return self.first.sides[1:] or self.first.sides

    def about(self) -> frozenset[str]:
        return frozenset(n for s in self.statements for side in s.sides for n in side.free)


def parts_of(answer: str, problem: Problem, names: tuple[str, ...]) -> list[Part]:
    """The parts of every line; one that is not read alone keeps its text only."""
    return [
        _part(number, LEADING.sub("", text, count=1) if LEADING.match(text) else text, problem, names)
        for number, line in enumerate(answer.split("\n"), 1)
        for text in _texts(line)
    ]


def _texts(line: str) -> Iterator[str]:
    line = COLON.sub(r"\1 ⇒ ", line)
    line = BESIDE.sub(r"\1, ", TEXT.sub(r" \1 ", VANISHES.sub(r"\1 ⇒ ", line)))
    for piece in _cut(line, ARROWS):
        found = AT.match(piece)
        if found is not None:
            yield found["place"].strip()
            piece = piece[found.end() :].strip()
        yield from _listed(piece)


def _cut(line: str, between: re.Pattern[str]) -> list[str]:
    """The pieces between marks that stand outside of brackets."""
    out, start = [], 0
    for m in between.finditer(line):
        if _depth(line[: m.start()]) == 0:
            out.append(line[start : m.start()])
            start = m.end()
    return [p.strip() for p in (*out, line[start:]) if p.strip()]


def _depth(text: str) -> int:
    return sum((c in OPEN) - (c in CLOSE) for c in text)


COMMA = re.compile(r",(?!\s*[\d₂]\}?\s*=)")


def _listed(piece: str) -> list[str]:
    """`a = 1, b = 2, 3` is a = 1 and b = 2, 3; a word such as minimum is a part of its own."""
    out: list[str] = []
    for item in _cut(AND.sub(", ", piece), COMMA):
        alone = re.search(r"[=<>≤≥]", item) or KIND.fullmatch(item) or NUMBERED.fullmatch(item)
        if alone or not out or KIND.fullmatch(out[-1]):
            out.append(item)
        else:
            out[-1] += ", " + item
    return out


def _part(number: int, text: str, problem: Problem, names: tuple[str, ...]) -> Part:
    word = KIND.fullmatch(text)
    if word is not None:
        return Part(number, text, kind=word["kind"].lower())
    order = ORDER.fullmatch(text)
    core = order["core"] if order is not None else text
    try:
        statements = read(_spelled(core, problem), names=names).statements
    except ReadError:
        return Part(number, text)
    if order is None:
        return Part(number, text, statements)
    return Part(number, text, statements, SIGNS.get(order["sign"], order["sign"]), order["bound"].strip())


def _spelled(text: str, problem: Problem) -> str:
    """`fx = …` as `f_x = …`, `det H = …` as `detH = …`."""
    text = re.sub(r"^\s*(?:det\s*\(?\s*H\s*\)?|\|H\|)\s*(?=[=(])", "D ", text)
    names = "".join(n for n in problem.wrt or (problem.expr.free if problem.expr is not None else ()) if len(n) == 1)
    if len(names) < 2:
        return text
    return re.sub(rf"^\s*([fFgELJ])([{names}]{{1,2}})(?=\s*(?:\([^()]*\)\s*)?=)", r"\1_\2", text)


def with_values(answer: str) -> str:
    """`(1, 0), value −1` as `(1, 0), f(1, 0) = −1`."""
    return VALUED.sub(r"\1\2, f\1 = \3", answer)


def subscripts(name: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """The names by which f_xy is derived."""
    n = parse(name)
    letters = tuple("".join(n.subs))
    whole = n.primes or n.layer or n.lead or n.accent or n.base in names or len(n.base) != 1
    return letters if letters and not whole and all(c in names for c in letters) else ()
