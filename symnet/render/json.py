"""JSON: every line with its formula in plain notation, Unicode and LaTeX."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..derivation import Derivation
from ..names import unicode
from ..term import Term
from . import rows_of
from .aligned import formula
from .reasons import in_text, noted, words
from .rows import Page, Row, heading
from .text import unicode as unicode_text

if TYPE_CHECKING:
    from ..derivation import Shown


def page(p: Page) -> str:
    return json.dumps(as_dict(p), ensure_ascii=False, indent=1) + "\n"


def to_dict(d: Shown, detail: str | None = None, **choices: Any) -> dict[str, Any]:
    return as_dict(rows_of(d, detail or d.usual, choices))


def as_dict(p: Page) -> dict[str, Any]:
    if not isinstance(p.derivation, Derivation):
        return {
            "title": heading(p, unicode_text),
            "notes": [in_text(noted(n)) for n in p.notes],
            "sections": [{"title": s.title, "lines": [_line(r) for r in s.rows]} for s in p.sections],
            "result": term(p.result) if p.result is not None else None,
        }
    d = p.derivation
    return {
        "loss": term(d.loss),
        "inputs": list(d.graph.inputs),
        "wrt": list(d.wrt),
        "notes": [in_text(noted(n)) for n in p.notes],
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
        "reason": in_text(words(r.reason)),
        **({"why": [[term(t) for t in group] for group in r.why]} if r.why else {}),
        "latex": formula(replace(r, continued=False)),
    }


def term(t: Term) -> dict[str, str]:
    return {"plain": str(t), "text": t.text(), "latex": t.latex()}
