"""Conditions and the values that they choose: 1 if z > 0 else 0, 0 < x < 1, not, and, or."""

from __future__ import annotations

from ..term import Term, rel
from . import build, notation
from .state import Rule, State, rule
from .tokens import Token


@rule
def clause(s: State) -> Rule:
    """A value, perhaps `if condition [else value]`; the condition of an open case is handed back beside it."""
    value = yield "disjunction"
    if s.take_key("otherwise"):
        return value, None
    if not s.take_key("if"):
        return value, None
    condition = yield "condition"
    pairs: list[tuple[Term, Term | None]] = [(value, condition)]
    while s.take_key("else"):
        s.deeper()
        if s.take_key("if"):
            s.fail("`else` without a value", "write `a if c else b`")
        value = yield "disjunction"
        if not s.take_key("if"):
            pairs.append((value, None))
            break
        pairs.append((value, (yield "condition")))
    if len(pairs) == 1:
        return value, condition
    return s.checked(build.cases, pairs), None


@rule
def condition(s: State) -> Rule:
    """Something that is true or false."""
    at = s.token
    x = yield "disjunction"
    if x.op not in ("rel", "and", "or", "not"):
        s.fail("a condition is expected: z > 0", "compare with <, <=, > or >=", at)
    return x


@rule
def disjunction(s: State) -> Rule:
    """Comparisons joined by not, and, or; a bare formula when nothing is compared."""
    ors: list[Term] = []
    ands: list[Term] = []
    while True:
        negated = bool(s.take("not") or s.take_key("not"))
        at = s.token
        x = yield "comparison"
        if negated:
            x = Term("not", (_truth(s, x, at),))
        ands.append(x)
        joint = s.token
        if joint.kind in ("op", "key") and joint.value == "and" and build.is_truth(x):
            if _case_follows(s):
                return _joined(s, ors, ands, at)
            s.at += 1
            continue
        if joint.kind in ("op", "key") and joint.value == "or" and build.is_truth(x):
            ors.append(_joined(s, [], ands, at))
            ands = []
            s.at += 1
            continue
        return _joined(s, ors, ands, at)


def _joined(s: State, ors: list[Term], ands: list[Term], at: Token) -> Term:
    """The conditions so far: ands inside ors."""
    last = ands[0] if len(ands) == 1 else Term("and", tuple(_truth(s, a, at) for a in ands))
    return Term("or", tuple(_truth(s, a, at) for a in (*ors, last))) if ors else last


def _case_follows(s: State) -> bool:
    """Whether the `and` at the cursor stands between cases: 0 for z < 0 and 1 for z > 0."""
    depth = 0
    for t in s.tokens[s.at + 1 :]:
        depth += (t.kind in ("open", "begin")) - (t.kind in ("close", "end"))
        if depth < 0 or (depth == 0 and t.value in ("and", "or", ",", ";", "row", "cell")):
            return False
        if depth == 0 and t.kind == "key" and t.value in ("if", "otherwise"):
            return True
    return False


def _truth(s: State, x: Term, at: Token) -> Term:
    if not build.is_truth(x):
        s.fail("a condition is expected: z > 0", "compare with <, <=, > or >=", at)
    return x


@rule
def comparison(s: State) -> Rule:
    """a < b; 0 < x < 1 is 0 < x and x < 1."""
    left = yield "sum"
    found: list[Term] = []
    while s.is_op(*notation.COMPARISONS) and not (s.is_op(">") and s.bars):
        at = s.token
        kind = str(s.next().value)
        right = yield "sum"
        if found and found[-1].data[:1] != kind[:1]:
            s.fail("two comparisons that point in different directions", "write 0 < x and x < 1", at)
        found.append(s.checked(rel, kind, left, right))
        left = right
    if not found:
        return left
    if len(found) > 1:
        s.chained = Term("and", tuple(found)), at
        return s.chained[0]
    return found[0]
