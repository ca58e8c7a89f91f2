"""Conditions beside a formula: `1/x where x > 0` has a value only there; a condition alone is no answer."""

from __future__ import annotations

from dataclasses import replace

from ..errors import ReadError, quote
from ..reading import Statement
from ..term import Term, cases

CONDITIONS = ("rel", "and", "or", "not")
LISTS = ("vector", "set")
Found = list[tuple[int, Statement]]


def is_condition(t: Term) -> bool:
    return t.op in CONDITIONS


def with_conditions(found: Found) -> Found:
    """Every condition joined to the formula in front of it; raises `ReadError` where there is none."""
    out: Found = []
    for number, s in found:
        if not any(map(is_condition, s.sides)):
            out.append((number, s))
            continue
        if len(s.sides) > 1 or not out or not s.value.free or out[-1][1].value.op in LISTS:
            raise ReadError(f"`{quote(str(s.value))}` is a condition, not a formula", remedy="write the formula")
        line, before = out[-1]
        last = cases(before.value, s.value)
        out[-1] = line, replace(before, sides=(*before.sides[:-1], last))
    return out
