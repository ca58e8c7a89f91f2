"""Numbers as people read them, and answers as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .answer import Stationary

LONG = 40  # characters from which a closed form gives way to its digits


def number_text(exact: Any, approx: Any = None) -> str:
    """`3/2`, `√2 ≈ 1.41421356237310`, `CRootOf(x⁵ − x − 1, 0) ≈ 1.16730397826142`: digits unless rational."""
    if exact is None:
        return ""
    if exact.is_infinite:
        return "∞" if exact.is_extended_positive else "−∞"
    if exact.is_Rational and len(str(exact)) <= LONG:
        return str(exact).replace("-", "−")
    digits = str(approx if approx is not None else exact.evalf(15)).replace("-", "−")
    if exact.is_Float:
        return digits
    form = _form(exact)
    return digits if not form or len(form) > LONG else f"{form} ≈ {digits}"


def _form(exact: Any) -> str:
    from ..bridge import from_sympy
    from ..errors import SymnetError

    if _has_root(exact):
        return _root_text(exact)
    try:
        return from_sympy(exact).text()
    except (SymnetError, TypeError, ValueError):
        return str(exact)


def _has_root(exact: Any) -> bool:
    from sympy.polys.rootoftools import ComplexRootOf

    return bool(exact.has(ComplexRootOf))


def _root_text(exact: Any) -> str:
    """`CRootOf(x⁵ − x − 1, 0)`; a longer form around such a root gives way to its digits."""
    from ..bridge import from_sympy

    if exact.func.__name__ != "ComplexRootOf":
        return ""
    return f"CRootOf({from_sympy(exact.args[0]).text()}, {exact.args[1]})"


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
