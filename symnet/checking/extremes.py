"""A largest or smallest value with its place: 1/e at x = 1, max at x = 1, value 4, f(1) = 4, (1, 4), −1 at (1, 0)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from ..names import canonical
from .numbers import names_of
from .problem import Problem

SHORT = 1_000  # characters of an answer that says a value and its place
EXTREMES = ("maximum", "minimum")
# fmt: off
WORD = (r"(?:(?:it|f|this)\s+has\s+)?(?:an?\s+|the\s+)?(?:(?:global|absolute|local)\s+)?(?:max|min)(?:imum|imal|\.)?"
        r"(?:\s+value)?")
NAME = r"(?:f|F|g|E|L|z|y)(?:_?(?:max|min)|_\{(?:max|min)\})?"
CALL = r"(?:f|F|g|E|L)\s*\((?P<call>[^()=]+)\)"
HEAD = re.compile(rf"^\s*{WORD}(?![a-z(])(?:\s+of\s+f|\s+f)?(?:\s*\([a-z, ]+\))?\s*(?:occurs\s*|is\s+(?=at\b))?"
                  r"(?:is|=|:|≈|of|,)?\s*(?=\S)", re.IGNORECASE)
AT = r"(?:(?:is\s+)?(?:reached|attained|taken|found|occurs)\s+)?(?:at|when|for)\s+"
LAST = re.compile(rf"^(?P<value>.*?\S)[\s,(]*\b{AT}(?P<place>[^:]+?)\s*\)?\s*$", re.IGNORECASE | re.DOTALL)
SAID = rf"(?:(?:with|has|is|there\s+is|and)\s+)?(?:the\s+|a\s+)?(?:{WORD}|value|{CALL}|{NAME})\s*(?:is|=|:|of)?\s*"
CALLED = re.compile(rf"^{CALL}\s*=\s*(?P<value>[^,;]*\S)\s*$")
POINT = re.compile(r"^(?:at\s+)?\((?P<place>[^()]+),(?P<value>[^,()]+)\)\s*\.?\s*$")
GIVEN = re.compile(r"\s*([^\s=,;()]+)\s*=\s*([^=]+?)\s*$")
# fmt: on


@lru_cache(maxsize=8)
def _patterns(n: int) -> tuple[re.Pattern[str], ...]:
    """The sentences about a place of n coordinates."""
    one = r"[a-z]\w*\s*=\s*[^\s,;:=]+"
    listed = rf"{one}(?:\s*(?:,|;|\band\b)\s*{one}){{{n - 1}}}"
    place = rf"(?P<place>(?:\([^()]*\)\s*=\s*)?\([^()]*\)|{listed}|(?:[^\s,;:=()]|\([^()]*\))+)"
    ends = r"(?P<value>[^,;:]*\S)\s*$"
    first = re.compile(rf"^{AT}{place}(?:\s*[,;:]\s*|\s+)(?:{SAID}|and\s+(?:is|equals)\s+)?{ends}", re.IGNORECASE)
    beside = re.compile(rf"^(?P<place>{listed})\s*[,;]\s*{SAID}{ends}", re.IGNORECASE)
    return first, beside, CALLED, LAST, POINT


@dataclass(frozen=True, slots=True)
class Placed:
    """A value, and the places at which the answer says that it is taken."""

    value: str
    places: tuple[Mapping[str, str], ...]


def placed(answer: str, problem: Problem) -> Placed | None:
    """The value of an answer and where it is said to be; None where the answer is no such sentence."""
    if problem.kind not in EXTREMES or len(answer) > SHORT:
        return None
    several = "\n" in answer.strip()
    answer = ", ".join(line.strip().rstrip(",;") for line in answer.split("\n") if line.strip())
    text = HEAD.sub("", answer.strip().rstrip("."))
    head = HEAD.match(answer.strip())
    if head is not None and problem.kind[:3] not in head[0].lower():
        return None
    names = names_of(problem)
    for pattern in _patterns(len(names)):
        found = pattern.match(text)
        if found is None:
            continue
        parts = found.groupdict()
        calls = [parts[k] for k in ("place", "call") if parts.get(k)]
        inner = CALLED.match(parts["value"])
        if inner is not None:
            calls.append(inner["call"])
        places = [_place(c, names) for c in calls if [n.strip() for n in c.split(",")] != list(names)]
        value = inner["value"] if inner is not None else HEAD.sub("", parts["value"])
        if None not in places and (places or pattern is CALLED):
            return Placed(value, tuple(p for p in places if p is not None))
    return Placed(text, ()) if text != answer.strip() and not several else None


def _place(text: str, names: tuple[str, ...]) -> Mapping[str, str] | None:
    """`x = 1, y = 0`, `(x, y) = (1, 0)`, `(1, 0)`, `1`: every name with its number."""
    left, equals, right = text.partition("=")
    if equals and left.strip().startswith("(") and [n.strip() for n in left.strip(" ()").split(",")] == list(names):
        return _place(right.strip(), names)
    if not equals:
        numbers = [v.strip() for v in text.strip().strip("()[]").split(",")]
        return dict(zip(names, numbers, strict=True)) if len(numbers) == len(names) else None
    found = [GIVEN.match(p) for p in re.split(r"[,;]|\band\b", text)]
    given = {canonical(m[1]): m[2] for m in found if m is not None}
    return given if None not in found and set(given) == set(names) else None
