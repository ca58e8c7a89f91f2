"""A problem from the options of the command line, or from a JSON file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import SymnetError, quote

CODES = {"right": 0, "wrong": 1, "malformed": 2, "undecided": 3}  # exit codes


def options(
    asked: Mapping[str, Any],
    wrt: str | None,
    at: Mapping[str, str],
    given: Iterable[str],
    domain: Iterable[str],
    others: Mapping[str, Any],
) -> dict[str, Any]:
    """The fields of a problem; those that were not given stay away."""
    spec: dict[str, Any] = {k: v for k, v in {**asked, **others}.items() if v is not None}
    if wrt is not None:
        spec["wrt"] = [row.replace(",", " ").split() for row in wrt.split(";")] if ";" in wrt else wrt
    if at:
        spec["at"] = dict(at)
    names = dict(_definition(text) for text in given)
    if names:
        spec["given"] = names
    limits = dict(_limit(text) for text in domain)
    if limits:
        spec["domain"] = limits
    return spec


def from_json(text: str) -> dict[str, Any]:
    """A problem as JSON: an object with the fields of `check`."""
    try:
        spec = json.loads(text)
    except (ValueError, RecursionError) as e:
        raise SymnetError(f"the problem is not JSON: {quote(str(e), 120)}") from None
    if not isinstance(spec, dict):
        raise SymnetError('the problem is not a JSON object such as {"derivative": "x^2", "wrt": "x"}')
    return spec


def _definition(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip() or not value.strip():
        raise SymnetError(f"--given takes name=formula, such as a1=σ(w1 x), not {quote(text, 40)!r}")
    return name.strip(), value.strip()


def _limit(text: str) -> tuple[str, str]:
    """`x>0`, `x=[0, 1]` or `x in (0, 2*pi)`."""
    found = re.fullmatch(r"\s*([^\s=<>\[(]+)\s*(?:=|in|∈)?\s*([<>≥≤\[(].*)", text)
    if found is None:
        raise SymnetError(f"--domain takes x>0 or x=[0, 1], not {quote(text, 40)!r}")
    return found[1], found[2].strip()
