"""A page in differentials: dE = 2 (a − t) da, da = a (1 − a) dz. There dz is no ∂E/∂z."""

from __future__ import annotations

from ...equality import compare
from ...rules import slope
from ...term import ZERO, Term, postorder, substitute
from .page import Page, Said

NOTE = "dz is read as the differential of z, as the line about the loss says"


def as_derivatives(page: Page) -> str | None:
    """The page with ∂a/∂z = a (1 − a) for da = a (1 − a) dz, where it has a line about the differential of the loss."""
    names = {f"d{u}": u for u in page.graph.symbols if f"d{u}" not in page.graph.symbols}
    about = [s for s in page.said if s.sides and s.sides[0].op == "sym" and s.sides[0].name in names]
    if not any(names[s.sides[0].name] == page.graph.result.name for s in about):
        return None
    lines = page.answer.split("\n")
    written: dict[int, list[str]] = {}
    for s in about:
        claims = _claims(s, names)
        if claims is None:
            return None
        written.setdefault(s.line, []).extend(claims)
    if any(s.line in written and s not in about for s in page.said):
        return None
    return "\n".join("; ".join(written[i]) if i in written else line for i, line in enumerate(lines, 1))


def _claims(s: Said, names: dict[str, str]) -> list[str] | None:
    """One claim for every differential on the right, of which the side is a sum of multiples."""
    out = []
    for side in s.sides[1:]:
        parts: dict[Term, Term] = {n: slope(side, n)[0] for n in postorder(side) if n.op == "sym" and n.name in names}
        rest = substitute(side, dict.fromkeys(parts, ZERO))
        if not parts or any(name in names for c in parts.values() for name in c.free) or _is_not_zero(rest):
            return None
        out += [f"∂{names[s.sides[0].name]}/∂{names[n.name]} = {c}" for n, c in parts.items()]
    return out


def _is_not_zero(t: Term) -> bool:
    return t is not ZERO and compare(ZERO, t).kind != "equal"
