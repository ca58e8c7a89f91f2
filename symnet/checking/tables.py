"""Tables in answers: the steps of an update, one a row, and matrices whose entries have only blanks between them."""

from __future__ import annotations

import re

from ..names import canonical
from .problem import Problem

NUMBER = re.compile(r"[-−+]?(?:\d+(?:\.\d*)?|\.\d+)(?:/\d+)?")
COUNTS = ("k", "n", "i", "t", "step", "steps", "iteration", "iter", "epoch", "#", "nr", "no")
SLOPES = ("g", "grad", "gradient", "slope", "derivative")
VALUES = ("E", "L", "J", "C", "f", "loss", "cost")
RULE = re.compile(r"[\s|:+\-–—─┼]+")
ENTRY = r"[-−+]?[^\W_]\w*(?:\.\d+)?(?:/\d+)?"
BLANK = re.compile(rf"\[\s*{ENTRY}(?:[ \t]+{ENTRY})*(?:\s*[;\n]\s*{ENTRY}(?:[ \t]+{ENTRY})*)*\s*\]")


def steps_of(answer: str, problem: Problem) -> str:
    """`k | w` over `0 | 1` and `1 | 2` as w_0 = 1, w_1 = 2; what is no such table stays as it is."""
    if problem.kind != "update" or not problem.at or len(problem.wrt) != 1 or "=" in answer:
        return answer
    rows = [_cells(line) for line in answer.split("\n") if line.strip() and not RULE.fullmatch(line)]
    if len(rows) < 2 or len(rows[0]) < 2 or any(len(r) > len(rows[0]) for r in rows):
        return answer
    names = [_column(h, problem) for h in rows[0]]
    w = canonical(problem.wrt[0])
    if names.count(w) != 1 or "" in names or len(set(names)) < len(names):
        return answer
    lines = []
    counted = [r[names.index("#")] for r in rows[1:]] if "#" in names else []
    if counted and counted not in ([str(k + i) for i in range(len(counted))] for k in (0, 1)):
        return answer
    more = len(counted) > problem.steps and counted[:1] == ["1"]  # counted from 1 at the start
    for place, row in enumerate(rows[1:]):
        here = dict(zip(names, row, strict=False))
        if not all(NUMBER.fullmatch(v) or v in ("", "-", "–", "—") for v in here.values()):
            return answer
        k = here.pop("#", str(place if len(rows) - 1 > problem.steps else place + 1))
        k = str(int(k) - more)
        said = [(n, v) for n, v in here.items() if NUMBER.fullmatch(v)]
        lines += [f"{n}_{k} = {v}" for n, v in sorted(said, key=lambda nv: nv[0] == w)]
    return "\n".join(lines)


def _cells(line: str) -> list[str]:
    line = line.strip()
    if "|" in line:
        return [c.strip() for c in line.removeprefix("|").removesuffix("|").split("|")]
    return re.split(r"\s*[\t&]\s*|\s*,\s+|\s{2,}", line)


def _column(head: str, problem: Problem) -> str:
    """What a column holds: # for the number of the step, w, g or E; nothing where that is not known."""
    w = problem.wrt[0]
    plain = re.sub(r"_?\{?[knit]\}?$|[ₖₙᵢₜ]$", "", head) if len(head) > 1 else head
    named = bool(re.fullmatch(r"[^\W\d]\w*(?:_\{\w+\})?", head))
    if head.lower() in COUNTS:
        return "#"
    if (named and canonical(head) == canonical(w)) or plain == w:
        return canonical(w)
    if plain in SLOPES or re.fullmatch(rf"[A-Za-z]['′]\({re.escape(w)}\)|[d∂][A-Za-z]\s*/\s*[d∂]{re.escape(w)}", head):
        return "g"
    if plain in VALUES or re.fullmatch(rf"[ELJCf]\({re.escape(w)}\)", head):
        return "E"
    return ""


def rows_of(answer: str, problem: Problem) -> str:
    """`[1 2; 3 4]` as [1, 2; 3, 4] where it then has as many entries as what is asked."""
    from .arrays import elements, size

    if problem.kind != "equals" or problem.expr is None or problem.expr.op != "vector":
        return answer
    asked = size(elements(problem.expr))

    def spaced(m: re.Match[str]) -> str:
        rows = [r.split() for r in re.split(r"[;\n]", m[0][1:-1]) if r.strip()]
        shapes = {(len(rows), len(rows[0])), (len(rows[0]), len(rows))}
        fits = asked == (len(rows), len(rows[0])) or (1 in asked and asked in shapes)
        if len({len(r) for r in rows}) > 1 or not fits:
            return m[0]
        return "[" + "; ".join(", ".join(r) for r in rows) + "]"

    return BLANK.sub(spaced, answer)
