"""Where the argument of a square root vanishes at an isolated point: the tip of a cone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sympy as sp

from ...errors import SizeError
from . import ideals
from .forms import expanded


def tips_of(e: Any, names: Sequence[Any], check: Callable[[], float]) -> list[tuple[Any, ...]]:
    """The isolated points at which the argument of a square root vanishes with its gradient."""
    out: list[tuple[Any, ...]] = []
    for q in _radicands(e):
        if not q.is_polynomial(*names):
            continue
        p = sp.Poly(expanded(q), *names)
        if not all(c.is_Rational for c in p.coeffs()):
            continue
        whole = p.clear_denoms(convert=True)[1]
        context = ideals.ring(len(names))
        system = [
            context.from_dict({m: int(c) for m, c in s.terms()}) for s in (whole, *(whole.diff(v) for v in names))
        ]
        try:
            found = ideals.zeros(system, context, check)
        except SizeError:
            continue
        out += [tuple(place.exact(c) for c in place.at) for place in found.places]
    return out


def _radicands(e: Any) -> list[Any]:
    out: dict[Any, None] = {}
    for n in sp.preorder_traversal(e):
        if n.is_Pow and n.exp.is_Rational and not n.exp.is_Integer and n.base.free_symbols:
            out[n.base] = None
    return list(out)
