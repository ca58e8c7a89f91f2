"""A problem: what is asked, of which formula, by which names, and which further names an answer may use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..equality.constants import no_value
from ..errors import ReadError, RuleError, quote
from ..names import canonical
from ..term import Term, postorder, substitute, sym, term
from .conditions import is_condition
from .domains import read_domain

KINDS = (
    "derivative", "gradient", "integral", "equals", "value", "roots", "stationary", "maximum", "minimum", "update",
    "lines",
)  # fmt: skip
OPTIONS = ("wrt", "order", "at", "lr", "steps", "given", "domain")
MODES = ("rewrite", "solve")
STEPS = 50


@dataclass(frozen=True, slots=True)
class Problem:
    """`kind` is one of KINDS; `rows` is 0 for a list of names, else the number of rows of a matrix of names."""

    kind: str
    expr: Term | None = None
    mode: str = ""
    wrt: tuple[str, ...] = ()
    rows: int = 0
    order: int = 1
    at: Mapping[str, Term] = field(default_factory=dict)
    lr: Term | None = None
    steps: int = 1
    given: Mapping[str, Term] = field(default_factory=dict)
    functions: Mapping[str, tuple[tuple[Term, ...], Term]] = field(default_factory=dict)
    domain: Mapping[str, Any] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """Every name of the problem and of what is given."""
        terms = [*([self.expr] if self.expr is not None else []), *([self.lr] if self.lr is not None else []),
                 *self.given.values()]  # fmt: skip
        found = dict.fromkeys(n for t in terms for n in t.free)
        return tuple(dict.fromkeys([*self.wrt, *found, *self.given, *(canonical(str(n)) for n in self.domain)]))

    @property
    def x(self) -> Term:
        return sym(self.wrt[0])


def read_problem(spec: Mapping[str, Any]) -> Problem:
    """The fields of a problem; raises `ReadError` or `RuleError` for what does not make one."""
    asked = [k for k in KINDS if k in spec]
    if len(asked) != 1:
        have = ", ".join(asked) or "none"
        raise RuleError(f"a problem asks one of {', '.join(KINDS)} or graph; this one asks {have}")
    kind = asked[0]
    for name in spec:
        if name != kind and name not in OPTIONS:
            raise RuleError(f"`{quote(str(name))}` is no field of a problem; there are {', '.join(OPTIONS)}")
    wrt, rows = _names(spec.get("wrt"))
    given_texts = dict(spec.get("given") or {})
    listed = [*wrt, *_plain_keys(given_texts), *_plain_keys(spec.get("at") or {})]
    mode = str(spec[kind]) if kind == "lines" else ""
    if mode and mode not in MODES:
        raise RuleError(f"lines are checked in the mode rewrite or solve, not {quote(mode)!r}")
    expr = None if mode else formula(spec[kind], listed)
    if expr is not None and is_condition(expr):
        raise RuleError(f"`{quote(str(expr))}` is a condition, not a formula; nothing can be asked of it")
    given, functions = _given(given_texts, listed)
    order, steps = spec.get("order", 1), spec.get("steps", 1)
    if not isinstance(order, int) or not 1 <= order <= 20 or not isinstance(steps, int) or not 1 <= steps <= STEPS:
        raise RuleError(f"order is a whole number from 1 to 20, steps one from 1 to {STEPS}")
    if not wrt and expr is not None and kind not in ("equals", "value"):  # the only name there is
        wrt = expr.free if kind == "gradient" or len(expr.free) == 1 else ()
    if not wrt and kind not in ("equals", "value", "lines", "maximum", "minimum", "roots", "stationary"):
        raise RuleError(f'say by which name the {kind} is asked: wrt="x"')
    at = {canonical(str(k)): _value(v) for k, v in (spec.get("at") or {}).items()}
    lr = formula(spec["lr"], listed) if spec.get("lr") is not None else None
    if kind == "update" and lr is None:
        raise RuleError('an update needs its rate: lr="0.1" or lr="eta"')
    domain = read_domain(spec.get("domain") or {})
    problem = Problem(kind, expr, mode, wrt, rows, order, at, lr, steps, given, functions, domain)
    _has_value(problem)
    return problem


def check_mappings(spec: Mapping[str, Any]) -> None:
    """Raises `RuleError` where what belongs to names is not a mapping."""
    for name in ("given", "at", "domain"):
        if spec.get(name) is not None and not isinstance(spec[name], Mapping):
            raise RuleError(f'{name} maps names to what they have: {name}={{"x": "…"}}')


def _has_value(problem: Problem) -> None:
    """A number that is asked for must exist; raises `RuleError`."""
    if problem.expr is None or problem.kind not in ("value", "equals") or problem.expr.shape:
        return
    if any(n.op in ("diff", "deriv", "integral", "vector", "set") for n in postorder(problem.expr)):
        return
    asked = _put(problem.expr, problem.at)
    if problem.kind == "value" and asked.free:
        raise RuleError(f"there is no value for {', '.join(asked.free[:4])}; give it in at=")
    if not asked.free and no_value(asked):
        raise RuleError(f"`{quote(str(problem.expr))}` has no value here: nothing can be asked of it")


def formula(value: Any, names: Iterable[str] = ()) -> Term:
    """A formula from text, SymPy or a Term; of an equation the right side."""
    if not isinstance(value, str):
        return term(value)
    from ..reading import read

    return read(value, names=tuple(names)).value


def _value(v: Any) -> Term:
    if isinstance(v, str):
        return formula(v)
    return term(v)


def _names(wrt: Any) -> tuple[tuple[str, ...], int]:
    """The names asked for in their order, and the rows of a matrix of them."""
    if wrt is None:
        return (), 0
    if isinstance(wrt, str) or not isinstance(wrt, Iterable):
        text = str(wrt)
        return tuple(canonical(n) for n in text.replace(",", " ").split()), 0
    listed = list(wrt)
    if listed and all(isinstance(r, (list, tuple)) for r in listed):
        if len({len(r) for r in listed}) != 1:
            raise RuleError("the rows of wrt have different lengths")
        return tuple(canonical(str(n)) for r in listed for n in r), len(listed)
    return tuple(canonical(str(n)) for n in listed), 0


def _plain_keys(given: Mapping[str, Any]) -> list[str]:
    return [str(k) for k in given if "(" not in str(k)]


def _given(texts: Mapping[str, Any], listed: list[str]) -> tuple[dict[str, Term], dict[str, Any]]:
    """The names that are given, in the names of the problem, and the functions, such as φ(z)."""
    names: dict[str, Term] = {}
    functions: dict[str, tuple[tuple[Term, ...], Term]] = {}
    for key, text in texts.items():
        value = formula(text, listed)
        if "(" in str(key):
            from ..reading import read

            head = read(f"{key} = 0").sides[0]
            if head.op != "apply" or any(a.op != "sym" for a in head.args):
                raise ReadError(f"`{quote(str(key))}` is not a name or a function such as φ(z)")
            functions[head.data] = (head.args, value)
        else:
            names[canonical(str(key))] = value
    for _ in range(len(names)):
        names = {n: _put(v, {k: w for k, w in names.items() if k != n}) for n, v in names.items()}
    return names, functions


def _put(t: Term, values: Mapping[str, Term]) -> Term:
    here = {n: values[n.name] for n in postorder(t) if n.op == "sym" and n.name in values}
    return substitute(t, dict(here)) if here else t
