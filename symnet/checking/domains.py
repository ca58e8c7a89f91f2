"""Where the names of a problem lie: `>0`, `x > 0`, `0 < x <= 1`, `[0, 2*pi)`, `x ∈ (0, 1)`, a pair of numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..equality import intervals
from ..errors import RuleError, SymnetError, quote
from ..names import canonical

SIGNS = {"<=": "≤", ">=": "≥", "!=": "≠", "=<": "≤", "=>": "≥", "\\le": "≤", "\\ge": "≥", "\\ne": "≠", "\\in": "∈"}
BETWEEN = re.compile(r"([^<>≤≥]+)([<≤])([^<>≤≥]+)([<≤])([^<>≤≥]+)")
BELOW = re.compile(r"([^<>≤≥]+)([<>≤≥])([^<>≤≥]*)")
TURNED = {"<": ">", ">": "<", "≤": "≥", "≥": "≤"}
WORDS = ("real", "reals", "ℝ", "R", "\\mathbb{R}")


def read_domain(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The domain of every name as an interval; raises `RuleError` for what is none."""
    out: dict[str, Any] = {}
    for key, given in spec.items():
        name = canonical(str(key))
        made = _interval(given, name) if isinstance(given, str) else given
        if made is None:
            continue
        if isinstance(made, Mapping) and not (made and set(made) <= {"lo", "hi"}):
            raise RuleError(f"the domain of {quote(name)} is a text such as [0, 1] or >0, or a pair of numbers")
        try:
            low, high = intervals({name: made})[name]
        except (SymnetError, TypeError, ValueError, KeyError):
            said = f"the domain {quote(str(given))} of {quote(name)} is not read; write >0 or [0, 1]"
            raise RuleError(said) from None
        if not low < high:
            raise RuleError(f"the domain {quote(str(given))} of {quote(name)} is empty")
        out[str(key)] = made
    return out


def _interval(text: str, name: str) -> str | None:
    """The same domain as an interval or a half-line; None where it is the whole line but for a point."""
    for sign, one in SIGNS.items():
        text = text.replace(sign, one)
    text = text.strip()
    if "∈" in text:
        text = text.partition("∈")[2].strip()
    between = BETWEEN.fullmatch(text)
    if between is None and text.count(">") + text.count("≥") == 2:
        between = BETWEEN.fullmatch(_reversed(text))
    if between is not None and _is(between[3], name):
        opening, closing = "[" if between[2] == "≤" else "(", "]" if between[4] == "≤" else ")"
        return f"{opening}{between[1].strip()}, {between[5].strip()}{closing}"
    if text in WORDS or "≠" in text:
        return None
    half = BELOW.fullmatch(text)
    if half is None:
        return text
    if _is(half[1], name):
        return f"{half[2]}{half[3].strip()}"
    return f"{TURNED[half[2]]}{half[1].strip()}"


def _is(text: str, name: str) -> bool:
    text = text.strip()
    return not text[:1].isdigit() and text[:1] not in ("-", "−", ".", "(") and canonical(text) == name


def _reversed(text: str) -> str:
    """1 > x > 0 as 0 < x < 1."""
    parts = re.split(r"([>≥])", text)[::-1]
    return "".join(TURNED.get(p, p) for p in parts)
