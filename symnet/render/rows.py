"""The rows of a page: what every format shows, before it is set in one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..derivation import Derivation, Step
from ..errors import NameLookupError
from ..names import canonical, unicode
from ..term import Term, add, check_size, mul, neg, sym

LIMIT = 5_000  # nodes of one formula on a page


@dataclass(frozen=True, slots=True)
class Row:
    """One line: `name := target = sides …` with its tag and its reason."""

    tag: str
    target: Term
    relation: str
    sides: tuple[Term, ...]
    name: Term | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A title, sentences about what was read, and the sections."""

    derivation: Derivation
    loss: Term
    wrt: tuple[Term, ...]
    sections: tuple[Section, ...]
    notes: tuple[str, ...] = ()

    @property
    def rows(self) -> tuple[Row, ...]:
        return tuple(r for s in self.sections for r in s.rows)


def page_rows(
    d: Derivation,
    detail: str = "chain",
    *,
    closed: bool = False,
    update: bool = False,
    at: Mapping[str, Any] | None = None,
    digits: int = 4,
    rate: str = "eta",
    index: str | None = None,
) -> Page:
    """The sections of a derivation: forward, backward, and on request closed forms and update rules."""
    forward = [_row(s) for s in d.forward if detail == "chain" or s.rule]
    steps = list(d.backward) if detail == "chain" else [_only_result(s) for s in d.backward if _is_result(d, s)]
    sections = [("Forward", forward), ("Backward", [_row(s, detail == "chain") for s in steps])]
    if closed:
        sections.append(("Closed form", [_closed_row(d, n, i) for i, n in enumerate(d.wrt, 1)]))
    if update:
        sections.append(("Update", [_update_row(d, n, i, rate) for i, n in enumerate(d.wrt, 1)]))
    if at is not None:
        from .numbers import Worked

        worked = Worked(d, at, digits)
        sections = [(title, [worked.row(r) for r in rows]) for title, rows in sections]
    if index is not None:
        sections = _with_index(d, index, sections)
    made = tuple(Section(title, tuple(rows)) for title, rows in sections if rows)
    for row in (r for s in made for r in s.rows):
        for side in row.sides:
            check_size(side, LIMIT, f"line {row.tag}")
    return Page(d, d.loss, tuple(d.graph.symbols[n] for n in d.wrt), made, d.notes)


def _with_index(d: Derivation, index: str, sections: list[tuple[str, list[Row]]]) -> list[tuple[str, list[Row]]]:
    from .indexed import indexed, sample_dimension

    size, letter = sample_dimension(d.graph), canonical(index)
    if letter in d.graph.symbols or letter in d.names:
        raise NameLookupError(f"`{unicode(letter)}` is a name of this graph; take another letter for the index")

    def show(t: Term) -> Term:
        return indexed(t, letter, size)

    def row(r: Row) -> Row:
        name = show(r.name) if r.name is not None else None
        return replace(r, target=show(r.target), sides=tuple(map(show, r.sides)), name=name)

    return [(title, [row(r) for r in rows]) for title, rows in sections]


def _row(step: Step, reasons: bool = True) -> Row:
    return Row(step.tag, step.target, step.relation, step.sides, step.name, reason(step) if reasons else "")


def reason(step: Step) -> str:
    """`power rule on F5`, `chain rule: B1, B2`."""
    if not step.rule or not step.refs:
        return step.rule
    if all(r.startswith("F") for r in step.refs):
        return f"{step.rule} on {', '.join(step.refs)}"
    return f"{step.rule}: {', '.join(step.refs)}"


def _is_result(d: Derivation, step: Step) -> bool:
    y, x = step.target.args
    return step.name is not None or (y is d.loss and x.name in d.wrt)


def _only_result(step: Step) -> Step:
    return replace(step, sides=step.sides[-1:])


def _closed_row(d: Derivation, name: str, i: int) -> Row:
    check_size(d.closed[name], LIMIT, f"the closed form for {unicode(name)}")
    return Row(f"C{i}", d.target(name), "=", (d.closed[name],), None, "every name substituted")


def _update_row(d: Derivation, name: str, i: int, rate: str) -> Row:
    w = d.graph.symbols[name]
    step = add(w, neg(mul(sym(rate), d.target(name))))
    return Row(f"U{i}", w, "←", (step,), None, "gradient descent")


def title(page: Page) -> tuple[str, str]:
    """The heading in words: before and after the name of the loss."""
    return "Gradient of ", " with respect to "


def facts(page: Page) -> list[str]:
    """What was understood: inputs, shapes, notes."""
    g = page.derivation.graph
    given = [n for n in g.inputs if n not in page.derivation.wrt]
    out = [f"given: {', '.join(map(_with_shape(page), given))}"] if given else []
    return [*out, *page.notes]


def _with_shape(page: Page) -> Any:
    from ..term import shape_text

    symbols = page.derivation.graph.symbols

    def show(name: str) -> str:
        shape = symbols[name].shape
        return f"{unicode(name)} ({shape_text(shape)})" if shape else unicode(name)

    return show


def parameters(page: Page) -> list[str]:
    show = _with_shape(page)
    return [show(n) for n in page.derivation.wrt]
