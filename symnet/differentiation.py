"""`differentiate`: the derivative of an expression, one named rule at a time, every line checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial as partial_
from typing import Any

from .calculation import Calculation, Part
from .corners import corners, differentiable
from .derivation import Step, listed
from .errors import BudgetError, RuleError, ShapeError
from .finishing import finish
from .functions import TABLE as FUNCTIONS
from .functions import TermMath
from .names import canonical
from .probing import Witness
from .stepwise import D, Moving, derivative, unfold
from .term import Term, check_size, partial, postorder, substitute, sym, term

LONGEST = 5_000  # nodes of a derivative from which the next one is taken
HIGHEST = 20
NAMES = ("y", "f", "u", "q", "F")
NOT_CHECKED = "no point was found at which every line could be compared with the truth"


@dataclass(frozen=True, slots=True)
class Question:
    """y = value, to be differentiated by x."""

    name: Term
    value: Term
    x: Term
    d: D
    moving: Moving


def differentiate(
    expr: Any,
    x: Any,
    order: int = 1,
    *,
    given: Mapping[str, Any] | None = None,
    depends: Any = (),
    bridge: bool = False,
) -> Calculation:
    """dy/dx by the rules of calculus, in lines that are each compared with the truth before they are given out.

    `expr`: text, SymPy or a Term, `y = …` gives it a name; `order` up to 20. `given={"u": "x^2 + 1"}` are named parts
    that depend on x, `depends="a b"` names of which only that is known: da/dx stays. `bridge=True` adds how the
    derivative of an activation follows from its definition. Raises `ReadError`, `ShapeError`, and `RuleError` for an
    operation without a derivative rule.

    >>> print(differentiate("x^2 sin(x)", "x").result)
    2*x*sin(x) + x^2*cos(x)
    """
    if not isinstance(order, int):
        raise RuleError(f"the order of a derivative is a whole number, not {order!r}")
    if not 1 <= order <= HIGHEST:
        raise BudgetError(f"the order of a derivative is 1 to {HIGHEST}, not {order}")
    q = question(expr, x, given, depends)
    parts, notes, now, checked = [], list(corners(q.value, q.x, order)), q, True
    for k in range(1, order + 1):
        part, now, sure = _part(now, q, k, order)
        check_size(now.value, LONGEST, f"the derivative of order {k}")
        checked = checked and sure
        parts.append(part)
    if bridge:
        parts += [_bridge(name, q.x) for name in _activations(q.value)]
    if not checked:
        notes.append(NOT_CHECKED)
    heading: tuple[str | Term, ...] = ("Derivative of ", q.value, " with respect to ", q.x)
    slopes = {q.x.name: now.value} if order == 1 else {}
    guard = None if q.moving else partial_(differentiable, q.value, (q.x,), order)
    return Calculation(heading, tuple(parts), now.value, tuple(notes), slopes, checked, q.name, guard)


# ------------------------------------------------------------------------------------------------------- the question
def question(expr: Any, x: Any, given: Mapping[str, Any] | None = None, depends: Any = ()) -> Question:
    """What is asked, with a name for the expression that is free."""
    from .graph import spellings

    variable = sym(canonical(str(getattr(x, "name", x))))
    name, value = named(expr)
    value = resolved(value)
    unknown = next((n.data for n in postorder(value) if n.op == "fn" and n.data not in FUNCTIONS), None)
    if unknown is not None:
        raise RuleError(f"there is no derivative rule for `{unknown}`")
    if value.op in ("rel", "and", "or", "not"):
        raise RuleError("a comparison has no derivative")
    if value.shape or variable.shape:
        raise ShapeError("`differentiate` is for scalars; use `derive` for arrays")
    for n, v in (given or {}).items():
        if isinstance(v, str) and any(c in v for c in "=;\n"):
            raise RuleError(f"what is given for `{n}` is not one formula: {v!r}; put a comma between two definitions")
    moving: dict[str, Term | None] = {canonical(n): resolved(term(v)) for n, v in (given or {}).items()}
    if variable.name in moving:
        raise RuleError(f"`{variable.name}` is the name to differentiate by; it is not given in other names")
    moving |= {canonical(n): None for n in spellings(depends)}
    free = dict.fromkeys([*value.free, *(n for v in moving.values() if v is not None for n in v.free)])
    alone = set(free) <= {variable.name, *moving}
    taken = {variable.name, *free}
    name = name or next(n for n in (*NAMES, *(f"y{i}" for i in range(1, 99))) if n not in taken)
    return Question(sym(name), value, variable, "d" if alone else "∂", moving)


def named(expr: Any) -> tuple[str, Term]:
    """The name before an equals sign, if there is one, and the formula."""
    if not isinstance(expr, str):
        return "", term(expr)
    from .reading import read

    read_ = read(expr)
    first = read_.sides[0]
    if len(read_.sides) == 1:
        return "", read_.value
    return (first.data if first.op == "apply" else first.name if first.op == "sym" else ""), read_.value


def resolved(t: Term) -> Term:
    """Derivatives that the expression itself contains, carried out."""
    inner = [n for n in postorder(t) if n.op == "diff"]
    for node in inner:
        if node.args[1].op != "sym":
            raise RuleError(f"a derivative is taken by a name, not by {node.args[1]}")
        t = substitute(t, {node: differentiate(node.args[0], node.args[1].name, node.data).result})
    return t


# ----------------------------------------------------------------------------------------------------------- the parts
def _part(q: Question, first: Question, k: int, order: int) -> tuple[Part, Question, bool]:
    """The lines of the k-th derivative, and the question that the next one starts from."""
    target = _target(first, k)
    lines = unfold(q.value, q.x, q.d, q.moving)
    raw = lines[-1].formula
    final, words = finish(raw)
    witness = Witness(q.value, q.x, q.moving)
    witness.check(final, "final step")
    prefix = "D" if order == 1 else f"D{k}."
    start = [] if k > 1 else [Step("", "", first.name, (first.value,))]
    start += [Step("", "", sym(n), (v,)) for n, v in q.moving.items() if v is not None and k == 1]
    steps = [Step(f"{prefix}{i}", n.rule, target, (n.formula,), why=n.why) for i, n in enumerate(lines, 1)]
    whole = _summary(prefix, target, q, raw, [n.rule for n in lines])
    end = [] if final is raw else [Step(f"{prefix}{len(lines) + 1}", words or "tidied", target, (final,))]
    chain = [whole, *([] if final is raw else [Step(f"{prefix}2", words or "tidied", target, (final,))])]
    title = "" if order == 1 else f"Derivative {k}"
    part = Part(title, {
        "result": (Step(f"{prefix}1", "", target, (final,)),),
        "chain": _running([*start, *chain]),
        "rules": _running([*start, *steps, *end]),
    })  # fmt: skip
    return part, Question(q.name, final, q.x, q.d, q.moving), bool(witness)


def _running(steps: list[Step]) -> tuple[Step, ...]:
    """Lines that go on from each other leave out the left side."""
    pairs = zip(steps, [None, *steps], strict=False)
    return tuple(replace(s, continued=before is not None and before.target is s.target) for s, before in pairs)


def _summary(prefix: str, target: Term, q: Question, raw: Term, rules: list[str]) -> Step:
    return Step(f"{prefix}1", rules_listed(rules), target, (raw,))


def rules_listed(rules: Iterable[str]) -> str:
    """Every rule once; what is plain is left out where there is more."""
    plain = ("constant rule", "identity rule", "sum rule", "constant multiple rule")
    every = dict.fromkeys(rules)
    return listed([w for w in every if w not in plain] or every)


def _target(q: Question, k: int) -> Term:
    """dy/dx, d²y/dx², …"""
    return partial(q.name, q.x, q.d) if k == 1 else Term("diff", (q.name, q.x), k)


# ---------------------------------------------------------------------------------------------------------- the bridge
def _activations(value: Term) -> list[str]:
    found = [n.data for n in postorder(value) if n.op == "fn" and FUNCTIONS[n.data].formula is not None]
    return list(dict.fromkeys(found))


def _bridge(name: str, x: Term) -> Part:
    """σ′ = e^(−z)/(1 + e^(−z))² = σ(1 − σ): from the definition to the row of the table."""
    steps = tuple(bridge_lines(name, x))
    return Part(f"Bridge: {FUNCTIONS[name].text}", {"result": (), "chain": (steps[0], steps[-1]), "rules": steps})


def bridge_lines(name: str, x: Term) -> Iterator[Step]:
    """The definition, its derivative by the rules, and the form of the table, which is compared with it."""
    row = FUNCTIONS[name]
    assert row.formula is not None
    whole = Term("fn", (x,), name)
    definition, slope = term(row.formula(x, TermMath)), term(row.slope(x, whole, TermMath))
    target = derivative(whole, x)
    yield Step("S1", "definition", whole, (definition,))
    lines = unfold(definition, x)
    for i, line in enumerate(lines):
        yield Step(f"S{i + 2}", line.rule, target, (line.formula,), why=line.why, continued=i > 0)
    final, words = finish(lines[-1].formula)
    witness = Witness(whole, x)
    witness.check(final, "bridge")
    witness.check(slope, "row of the table")
    sides = (final,) if final is slope else (final, slope)
    yield Step(f"S{len(lines) + 2}", f"{words or 'tidied'}, and written with {row.text}", target, sides, continued=True)
