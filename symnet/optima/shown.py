"""Numbers as people read them, and answers as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .answer import Stationary

LONG = 40  # characters from which a closed form gives way to its digits
ORDINALS = {1: "second", 2: "third", 3: "fourth", 4: "fifth", 5: "sixth"}


def number_text(exact: Any, approx: Any = None) -> str:
    """`3/2`, `√2 ≈ 1.41421356237310`, `the zero of x⁵ − x − 1 (≈ 1.16730397826142)`: digits unless rational."""
    form, digits = number_parts(exact, approx)
    if not form or not digits:
        return form or digits
    return f"{form} (≈ {digits})" if _is_root(exact) else f"{form} ≈ {digits}"


def number_parts(exact: Any, approx: Any = None) -> tuple[str, str]:
    """The short exact form of a number and its digits; "" for the one that is not needed, or not there."""
    if exact is None:
        return "", ""
    if exact.is_infinite:
        return "∞" if exact.is_extended_positive else "−∞", ""
    if exact.is_Rational and len(str(exact)) <= LONG:
        return str(exact).replace("-", "−"), ""
    digits = str(approx if approx is not None else exact.evalf(15)).replace("-", "−")
    return "" if exact.is_Float else _form(exact), digits


def between(low: str, high: str, name: str) -> str:
    """`0 < x < 1`, `x > 0`, `x < 1` or `every x`."""
    if low and high:
        return f"{low} < {name} < {high}"
    return f"{name} > {low}" if low else f"{name} < {high}" if high else f"every {name}"


def _form(exact: Any) -> str:
    """A closed form if it is short; "" for a longer one."""
    from ..bridge import from_sympy
    from ..errors import SymnetError

    if _is_root(exact):
        return _root_words(exact)
    if _has_root(exact):
        return ""
    try:
        form = from_sympy(exact).text()
    except (SymnetError, TypeError, ValueError):
        form = str(exact)
    return form if len(form) <= LONG else ""


def _has_root(exact: Any) -> bool:
    from sympy.polys.rootoftools import ComplexRootOf

    return bool(exact.has(ComplexRootOf))


def _is_root(exact: Any) -> bool:
    return exact.func.__name__ == "ComplexRootOf"


def _root_words(exact: Any) -> str:
    """`the least zero of x³ − 3x + 1`, `the second zero of …`, `the zero of …` where there is one real zero only."""
    from ..bridge import from_sympy

    polynomial = from_sympy(exact.args[0]).text()
    place, last = exact.index, exact.poly.count_roots() - 1
    which = {0: "least ", last: "greatest "}.get(place) or f"{ORDINALS.get(place) or f'{place + 1}th'} "
    which = which if last else ""
    return f"the {which}zero of {polynomial}" if len(polynomial) <= LONG else ""


def as_dict(s: Stationary) -> dict[str, Any]:
    """Points, extrema and what is proven, as plain data."""
    return {
        "points": [
            {
                "at": {n: str(v) for n, v in p.at.items()},
                "approx": {n: str(v) for n, v in p.approx.items()},
                "value": str(p.value),
                "value_approx": str(p.value_approx),
                "kind": p.kind,
                "type": p.type,
                "reach": p.reach,
                "exact": p.exact,
            }
            for p in s.points
        ],
        "complete": s.complete,
        "certificate": s.certificate,
        "family": s.family,
        "critical_set": [{"description": c.description, "kind": c.kind} for c in s.critical_set or ()],
        "poles": [{n: str(v) for n, v in p.items()} for p in s.poles],
        "minimum": _extremum(s.minimum),
        "maximum": _extremum(s.maximum),
    }


def json_text(s: Stationary, detail: str | None = None) -> str:
    """The answer as JSON, one line at the end."""
    import json

    return json.dumps(s.to_dict(detail), ensure_ascii=False, indent=2) + "\n"


def _extremum(e: Any) -> dict[str, Any] | None:
    if e is None:
        return None
    return {
        "value": str(e.value), "approx": str(e.approx) if e.approx is not None else None, "attained": e.attained,
        "at": [{n: str(v) for n, v in p.items()} for p in e.at], "approached": e.approached,
    }  # fmt: skip
