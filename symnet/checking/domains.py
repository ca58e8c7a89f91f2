"""Where the names of a problem lie: `>0`, `x > 0`, `0 < x <= 1`, `[0, 2*pi)`, `x ∈ (0, 1)`, a pair of numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import RuleError, SymnetError, quote
from ..intervals import LINE_WORDS, interval
from ..names import canonical
from ..term import Term


def left_out(domain: Mapping[str, Any], name: str) -> tuple[Term, ...]:
    """The numbers that the domain of a name leaves out: 0 of `x != 0`."""
    given = next((v for k, v in domain.items() if canonical(str(k)) == name), None)
    return interval(given, name).holes if given is not None else ()


def read_domain(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The domain of every name as it was given; raises `RuleError` for what is no interval."""
    out: dict[str, Any] = {}
    for key, given in spec.items():
        name = canonical(str(key))
        if isinstance(given, str) and given.strip() in LINE_WORDS:
            continue
        if isinstance(given, Mapping) and not (given and set(given) <= {"lo", "hi"}):
            raise RuleError(f"the domain of {quote(name)} is a text such as [0, 1] or >0, or a pair of numbers")
        try:
            interval(given, name)
        except SymnetError as e:
            raise RuleError(f"the domain {quote(str(given))} of {quote(name)} is not read: {e}") from None
        out[str(key)] = given
    return out
