"""What is asked: the formula, its names, and for each name an interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import DomainError, RuleError, ShapeError
from ..names import canonical
from ..term import Term, postorder


def asked(expr: Any, wrt: Sequence[str] | None) -> tuple[Term, tuple[str, ...]]:
    """The formula of a question, a scalar, and the names that are asked for: all that occur in it."""
    from ..differentiation import named, resolved
    from ..functions import TABLE

    value = resolved(named(expr)[1])
    if value.shape or value.op in ("rel", "and", "or", "not", "vector", "set"):
        raise ShapeError("`stationary` is for scalar functions")
    known = tuple(dict.fromkeys(map(canonical, wrt if wrt is not None else value.free)))
    if not known:
        raise RuleError("`stationary` needs the names to vary; give `wrt`")
    for n in postorder(value):
        if n.op in ("apply", "applyprime") or (n.op == "fn" and n.data not in TABLE):
            raise RuleError(f"`{n.data}` is not a known function: its stationary points cannot be found")
    other = [n for n in value.free if n not in known]
    if other:
        raise RuleError(f"`{other[0]}` has no value; put a number for it, or add it to the names to vary")
    return value, known


def check_domain(domain: Mapping[str, Any] | None, names: Sequence[str]) -> None:
    """Refuses a domain of a name that is not varied."""
    for key in domain or {}:
        if canonical(str(key)) not in names:
            raise DomainError(f"a domain is given for `{key}`, but the names to vary are {', '.join(names)}")


def domain_of(name: str, domain: Mapping[str, Any] | None) -> Any:
    """The interval that is given for a name, or None."""
    for k, v in (domain or {}).items():
        if canonical(str(k)) == name:
            return v
    return None
