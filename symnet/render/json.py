"""JSON: every line with its formula in plain notation, Unicode and LaTeX."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ..names import unicode
from ..term import Term
from . import rows_of
from .aligned import formula
from .reasons import in_text
from .rows import Page, Row, facts

if TYPE_CHECKING:
    from ..derivation import Derivation


def page(p: Page) -> str:
    return json.dumps(as_dict(p), ensure_ascii=False, indent=1) + "\n"


def to_dict(d: Derivation, detail: str = "chain", **choices: Any) -> dict[str, Any]:
    return as_dict(rows_of(d, detail, choices))


def as_dict(p: Page) -> dict[str, Any]:
    d = p.derivation
    return {
        "loss": term(p.loss),
        "inputs": list(d.graph.inputs),
        "wrt": list(d.wrt),
        "notes": facts(p),
        "sections": [{"title": s.title, "lines": [_line(r) for r in s.rows]} for s in p.sections],
        "names": {unicode(n): term(t) for n, t in d.names.items()},
        "gradient": {n: term(d.gradient[n]) for n in d.wrt},
    }


def _line(r: Row) -> dict[str, Any]:
    return {
        "tag": r.tag,
        "target": term(r.target),
        "relation": r.relation,
        "sides": [term(s) for s in r.sides],
        "name": term(r.name) if r.name is not None else None,
        "reason": in_text(r.reason),
        "latex": formula(r),
    }


def term(t: Term) -> dict[str, str]:
    return {"plain": str(t), "text": t.text(), "latex": t.latex()}
