"""What people write in answers beside formulas: 12.5 %, 2 1/2, 0,5, fx = 2x, (1|4), all real numbers, no maximum.

Each row of a table turns such a text into one that is read; what may mean two things is refused with both.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from ..errors import ReadError
from ..names import parse
from ..reading import notation
from .problem import Problem
from .tables import rows_of, steps_of

LONG = 5_000  # characters of an answer in which such forms are looked for
SETS = ("roots", "stationary", "maximum", "minimum")
NUMBERS = ("value", "update", *SETS)  # kinds that ask for numbers
ONE = ("value", "maximum", "minimum")  # … for one number
POINTED = (*ONE, "update", "derivative", "integral", "equals", "lines")  # … for one number or formula

Change = Callable[[str, Problem], str]


@dataclass(frozen=True, slots=True)
class Form:
    """In answers to these kinds of problems `pattern` is written as `into` (a template, or what makes one)."""

    kinds: tuple[str, ...]
    pattern: re.Pattern[str]
    into: str | Callable[[re.Match[str]], str]


def form(kinds: tuple[str, ...], pattern: str, into: str | Callable[[re.Match[str]], str]) -> Form:
    return Form(kinds, re.compile(pattern, re.IGNORECASE), into)


def percent(found: re.Match[str]) -> str:
    """12.5 % is 0.125, rounded as it is written."""
    whole, _, places = found[1].partition(".")
    digits = whole.rjust(3, "0")
    return f"{digits[:-2]}.{digits[-2:]}{places}"


def _periodic(found: re.Match[str]) -> str:
    """0.1\\overline{6} as a fraction."""
    whole, start, period = found[1], found[2], found[3]
    below = (10 ** len(period) - 1) * 10 ** len(start)
    return f"({Fraction(int(whole + start + period) - int('0' + whole + start), below)})"


# fmt: off
VULGAR = {sign: str(value) for sign, value in notation.VULGAR.items()}
BEGINS = r"(?:(?m:^)|(?<=[=≈,;({[+\-−±:|])|(?<=\bor)|(?<=\band))"
ENDS = r"(?=\s*(?:(?m:$)|[,;=≈)}\]|]|\bor\b|\band\b|%|\\%))"
SPACE = r"[ \t]*"
NUMBER = r"[-−+]?\d[\d./]*"
ARROW = r"\s*(?:→|->|\\to\b|\bto\b)\s*"
INFINITE = r"(?:∞|\\infty|oo)"
FORMS = (
    # numbers
    form(NUMBERS, rf"({BEGINS}{SPACE})(\d+)[ \t]+(\d+)/(\d+){ENDS}", r"\1(\2 + \3/\4)"),
    form(NUMBERS, rf"({BEGINS}{SPACE})(\d+){SPACE}([{''.join(VULGAR)}]){ENDS}",
         lambda m: f"{m[1]}({m[2]} + {VULGAR[m[3]]})"),
    form(NUMBERS, rf"({BEGINS}{SPACE})(\d+){SPACE}\\[dt]?frac\{{?(\d)\}}?\{{?(\d)\}}?{ENDS}", r"\1(\2 + \3/\4)"),
    form(("value",), rf"((?m:^){SPACE})(\d+)\s:\s(\d+){ENDS}", r"\1\2/\3"),
    form(("value", "update", "roots"), rf"({BEGINS}{SPACE})(\d+):(\d+){ENDS}", r"\1\2/\3"),
    form(NUMBERS, r"(?<![\d.,])(\d*)\.(\d*)\\overline\s*\{\s*(\d+)\s*\}", _periodic),
    form(NUMBERS, r"^\s*(\d*)\.(\d*)\((\d+)\)\s*$", _periodic),
    form(NUMBERS, r"(?<![\w.,])(\d+(?:\.\d+)?)\s*(?:\\?%|per ?cent\b)(?!\s*[\w(])", percent),
    form(NUMBERS, r"(\([\d+ /]+\))\s*(?:\\?%|per ?cent\b)(?!\s*[\w(])", r"\1/100"),
    # lists
    form(SETS, r"\bplus or minus\b", "±"),
    form(SETS, r"\b([a-z])(?:_?\{?1\s?[,/]\s?2\}?|₁[,⸴/]₂)(?=\s*=)", r"\1"),
    form(SETS, r"^\s*\\?\{\s*[a-z]\s*(?:∈\s*ℝ\s*)?(?:\||\\mid|:)\s*(.*[^\\\s])\s*\\?\}\s*$", r"\1"),
    form(SETS, r"(?<=[\w)}])\s*(?:\s/\s|\s?\|\s?|\s?\\?&\s?|\soder\s|\sund\s)\s*(?=[a-z]_?\{?[\d₀-₉]*\}?\s*=)", " or "),
    form(SETS, r"(?<=\w)\s+in\s+(?=\\?\{)", " ∈ "),
    form(("gradient",), r"(?<=[,;.])\s*(?:so|hence|thus|therefore|then)\b,?(?=\s+\S)", ""),
    # points
    form(SETS, r"\(([^()|\n]+)\|([^()|\n]+)\)", r"(\1, \2)"),
    form(("stationary",), r"(?<![\w.])(?-i:[A-Z])(?:_?\d|[₀-₉])?\s*(?=\([^()]*,)", ""),
    form(("stationary",), r"\b(min|max)[ \t]*(?=\([^()]*,)", r"\1 at "),
    form(("stationary",), r"^\s*f\s*['′]\s*(?:\([a-z]\))?\s*=\s*0\s*(?:,\s*)?(?:at|for|when|if|⇒|=>|⟹|→)\s+", ""),
    form(("stationary",), r"\b(?:stationary|critical)\s+(?:points?|values?)\b\s*(?:are|is|at|:|=)?\s*", ""),
    # the left side of an update
    form(("update",), r"^\s*new\s+(?=\w+\s*=)", ""),
    form(("update",), rf"^\s*(?:\w+\s*[:=]?\s+)?(?:goes from\s+)?({NUMBER}(?:{ARROW}{NUMBER})+)\s*$",
         lambda m: re.sub(r"\s*(?:→|->|\\?to)\s*", ", ", m[1])),
)
THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+")
COMMA = re.compile(r"(?<![\w.,])(\d+),(\d+)(?![\d,]|\.\d)")
OPEN, CLOSE = "([{", ")]}"
NOTHING = re.compile(
    r"\s*(?:(?:there\s+(?:is|are|exists?)|(?:it|f|this)\s+has)\s+)?(?:no|none|nothing|not any|not)"
    r"(?:\s+(?:real|such|exact|local|global|absolute))*"
    r"(?:\s+(?:solutions?|roots?|zero(?:e?s)?|(?:stationary|critical|extreme)\s+(?:points?|values?)|extrem(?:a|um)|"
    r"m(?:ax|in)(?:im(?:a|um))?|answers?|numbers?|values?|points?|x))?(?:\s+exists?)?\s*[.!]?\s*$"
    r"|\s*(?:it\s+)?(?:does not exist|doesn['’]t exist|DNE|undefined|not defined)\s*[.!]?\s*$"
    r"|\s*(?:[a-z]\s*(?:∈|\\in\b|=)\s*)?(?:∅|\\emptyset|\\varnothing|\\?\{\s*\\?\})\s*\.?\s*$", re.IGNORECASE)
FALSE = re.compile(r"\s*(?:false|contradiction|impossible|↯|⊥)\s*[.!]?\s*$", re.IGNORECASE)
ALL = re.compile(
    r"\s*(?i:(?:(?:true\s+)?for\s+)?(?:all|every|any)\s+(?:real\s+)?(?:numbers?|reals?|values?(?: of [a-z])?|x)"
    r"(?:\s+(?:are|is)\s+\w+)?)\s*\.?\s*$"
    rf"|\s*(?:[a-z]\s*(?:∈|\\in\b|in)\s*)?(?:ℝ|R|\\mathbb\s*\{{?R\}}?|\(\s*[-−]\s*{INFINITE}\s*,\s*\+?\s*{INFINITE}\s*\))\s*\.?\s*$")
UNBOUNDED = re.compile(
    r"\s*(?:(?:it|f)\s+is\s+)?(?:unbounded|not\s+bounded|infinite|infinity)(?:\s+(?:above|below))?\s*\.?\s*$",
    re.IGNORECASE)
# fmt: on


def typed(answer: str, problem: Problem) -> str:
    """The answer with its forms as they are read; raises `ReadError` for what may mean two things."""
    if len(answer) > LONG:
        return answer
    answer = rows_of(steps_of(_without_numbers(answer), problem), problem)
    if problem.mode == "solve":
        return "\n".join(map(_solved, answer.split("\n")))
    if problem.kind in SETS and NOTHING.match(answer):
        return "none"
    if problem.kind in ("maximum", "minimum") and UNBOUNDED.match(answer):
        return "oo" if problem.kind == "maximum" else "-oo"
    answer = _with_points(answer, problem)
    number = problem.kind == "equals" and problem.expr is not None and not problem.expr.free
    for f in FORMS:
        if ("value" if number else problem.kind) in f.kinds:
            answer = f.pattern.sub(f.into, answer)
    for kind, change in CHANGES:
        if problem.kind == kind:
            answer = change(answer, problem)
    return answer


ITEM = re.compile(r"[ \t]*\(?(\d{1,2}|[a-z])[.)][ \t]+(?=\S)")


def _without_numbers(answer: str) -> str:
    """`1. w = 1.4` and `2. w = 1.72`: lines that are counted, by figures or letters."""
    lines = answer.split("\n")
    found = {i: ITEM.match(line) for i, line in enumerate(lines) if line.strip()}
    marks = [m[1] for m in found.values() if m is not None]
    ways = [str(k + 1) for k in range(len(found))], [chr(ord("a") + k) for k in range(len(found))]
    if len(found) < 2 or len(found) > 26 or marks not in ways:
        return answer
    ends = {i: m.end() for i, m in found.items() if m is not None}
    return "\n".join(line[ends.get(i, 0) :] for i, line in enumerate(lines))


def says_every_number(answer: str, problem: Problem) -> bool:
    """All real numbers, x ∈ ℝ."""
    return len(answer) <= LONG and problem.kind == "roots" and "R" not in problem.names and bool(ALL.match(answer))


# ------------------------------------------------------------------------------------------------- the decimal comma
def _with_points(answer: str, problem: Problem) -> str:
    """0,5 as 0.5 where one number or formula is asked: outside brackets and thousands it can mean nothing else."""
    if re.search(r"\d\.\d", answer) or problem.kind not in POINTED:
        return answer
    if problem.expr is not None and (problem.expr.shape or problem.expr.op in ("vector", "set")):
        return answer
    for m in reversed(commas(answer)):
        if _abbreviates(answer, m):
            continue
        other = f"the number {m[1]}{m[2]}" if THOUSANDS.fullmatch(m[0]) else f"the numbers {m[1]} and {m[2]}"
        if THOUSANDS.fullmatch(m[0]) or (problem.kind == "update" and problem.at):
            raise ReadError(f"{m[0]} may be {m[1]}.{m[2]} or {other}", remedy="write the decimal sign as a point")
        answer = f"{answer[: m.start()]}{m[1]}.{m[2]}{answer[m.end() :]}"
    return answer


def commas(answer: str) -> list[re.Match[str]]:
    """The commas between digits, outside of brackets, each with its digits."""
    return [m for m in COMMA.finditer(answer) if _outside(answer, m.start())]


def as_points(answer: str) -> str:
    """The answer with those commas as decimal signs."""
    for m in reversed(commas(answer)):
        answer = f"{answer[: m.start()]}{m[1]}.{m[2]}{answer[m.end() :]}"
    return answer


def _abbreviates(answer: str, comma: re.Match[str]) -> bool:
    """Whether `k = 2,3x^k` introduces k."""
    label = re.search(r"([^\W\d]\w*)\s*=\s*$", answer[: comma.start()])
    return label is not None and bool(re.search(rf"(?<![^\W\d]){re.escape(label[1])}(?!\w)", answer[comma.start() :]))


def _outside(text: str, place: int) -> bool:
    """Whether no bracket is open at this place."""
    return sum((c in OPEN) - (c in CLOSE) for c in text[:place]) == 0


# ------------------------------------------------------------------------------------------------------------- lines
OPERATION = re.compile(r"\s*\|\s*(?:[-−+*·×:/÷^²√].*|\(\s*\).*|(?:log|ln|exp)\b.*)$")


def _solved(line: str) -> str:
    """`2x + 3 = 7 | −3` is the equation; `false` and `no solution` are none, `all real numbers` is 0 = 0."""
    if NOTHING.match(line) or FALSE.match(line):
        return "none"
    if ALL.match(line) and not re.match(r"\s*R\s*$", line):
        return "0 = 0"
    return OPERATION.sub("", line) if "=" in line and line.count("|") == 1 else line


# ------------------------------------------------------------------------------------------------ names of derivatives
def _first_derivative(answer: str, problem: Problem) -> str:
    """`d/dx = …`, `Df = …`, `y′(x): …` are the derivative that is asked."""
    if not problem.wrt or "\\" in answer:
        return answer
    x = re.escape(problem.wrt[0])
    answer = re.sub(rf"^([ \t]*[a-zA-Z]['′]+(?:\({x}\))?)[ \t]*:(?!=)", r"\1 =", answer, flags=re.MULTILINE)
    if problem.order != 1 or "f" in problem.names or "D" in problem.names:
        return answer
    return re.sub(rf"^[ \t]*(?:[d∂]/[d∂]{x}|D(?:_{x})?[ \t]?f?(?:\({x}\))?)[ \t]*=", "y' =", answer, flags=re.MULTILINE)


def _partial_derivatives(answer: str, problem: Problem) -> str:
    """`fx = …`, `f_x(x, y) = …`, `D_x f = …`, `∂/∂x = …`, `dx = …`, `x: …` as ∂f/∂x = …, if each name has one."""
    if problem.rows or len(problem.wrt) < 2:
        return _outer(answer)
    spelled = {n: _spellings(n, problem) for n in problem.wrt}
    out, number = answer, 0
    for name, spelling in spelled.items():
        out, k = re.subn(rf"(^|[,;&\n]|\band\b|\\quad|\\\\)(\s*){spelling}", rf"\1\2∂f/∂{name} = ", out)
        number += k == 1
    return out if number == len(problem.wrt) else _outer(answer)


def _spellings(name: str, problem: Problem) -> str:
    """A pattern for the left sides that stand for the derivative by a name."""
    n = parse(name)
    own = re.escape(name) if not n.subs else rf"{re.escape(n.base)}_?\{{?{re.escape(''.join(n.subs))}\}}?"
    f = "".join(c for c in "fFgzELJQh" if c not in problem.names)
    of = r"(?:\([^()=]*\))?\s*(?:=|:(?!=))\s*"
    forms = [rf"[{f}]['′]?_?\{{?{own}\}}?", rf"D_?\{{?{own}\}}?\s?[{f}]?", rf"[d∂]/[d∂]\s?{own}\s?[{f}]?"]
    if f"d{name}" not in problem.names:
        forms.append(rf"d{own}")
    return rf"(?:(?:{'|'.join(forms)}){of}|{own}\s*:(?!=)\s*)"


def _outer(answer: str) -> str:
    """outer(e, x) is e xᵀ."""
    return re.sub(r"\b(?:np\.|numpy\.)?outer\(\s*([^\W\d]\w*)\s*,\s*([^\W\d]\w*)\s*\)", r"\1 \2^T", answer)


def _values(answer: str, problem: Problem) -> str:
    """`max at x = −1, value 2` as x = −1, y = 2, where x alone is asked."""
    names = problem.wrt or (problem.expr.free if problem.expr is not None else ())
    if len(names) != 1 or "y" in names:
        return answer
    return VALUE.sub(", y = ", answer)


VALUE = re.compile(
    r"(?<=[\w)])\s*,?\s*(?:with\s+)?(?:the\s+)?value\s*(?:is|=|:|of)?\s*(?=[-−+]?\s*[\d√(])", re.IGNORECASE
)
CHANGES: tuple[tuple[str, Change], ...] = (
    ("derivative", _first_derivative),
    ("gradient", _partial_derivatives),
    ("stationary", _values),
)
