"""The rows of a page: what every format shows, before it is set in one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..derivation import Derivation, Shown, Step
from ..errors import NameLookupError, RuleError
from ..names import canonical, unicode
from ..operations import TABLE as OPERATIONS
from ..term import Term, add, check_size, mul, neg, postorder, sym

if TYPE_CHECKING:
    from ..calculation import Calculation

LIMIT = 5_000  # nodes of one formula on a page
Note = str | tuple[str | Term, ...]  # a sentence, or words and names


@dataclass(frozen=True, slots=True)
class Row:
    """One line: `name := target = sides …` with its tag, its reason, and groups of formulas that say more.

    A `continued` line leaves out the target that it shares with the line above it.
    """

    tag: str
    target: Term
    relation: str
    sides: tuple[Term, ...]
    name: Term | None = None
    reason: str = ""
    why: tuple[tuple[Term, ...], ...] = ()
    continued: bool = False

    def left(self, written: Callable[[Term], str]) -> str:
        """`δ1 := ∂E/∂z1`; nothing where the line goes on from the one above."""
        if self.continued:
            return ""
        target = written(self.target)
        return f"{written(self.name)} := {target}" if self.name is not None else target

    def __str__(self) -> str:
        from .terminal import one_line

        return one_line(self)

    def _repr_latex_(self) -> str:
        from .aligned import formula

        return f"$\\displaystyle {formula(replace(self, continued=False))}$"


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A title, sentences about what was read, and the sections."""

    derivation: Shown
    sections: tuple[Section, ...]
    heading: tuple[str | Term, ...]
    notes: tuple[Note, ...] = ()
    result: Term | None = None

    @property
    def rows(self) -> tuple[Row, ...]:
        return tuple(r for s in self.sections for r in s.rows)


def rows(d: Shown, detail: str, **choices: Any) -> Page:
    """The page of a derivation or of a calculation."""
    make: Any = page_rows if isinstance(d, Derivation) else calculation_rows
    page: Page = make(d, detail, **choices)
    return page


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
    style: str = "backpropagation",
    shapes: bool | None = None,
) -> Page:
    """The sections of a derivation: forward, backward, and on request closed forms and update rules.

    Each line of a derivation with arrays says its shape, unless `shapes` is False.
    """
    if style not in BACKWARD:
        raise RuleError(f"`style` is one of {', '.join(BACKWARD)}, not {style!r}")
    _verify(d, style)
    forward = [_row(s) for s in d.forward if detail != "result" or s.rule]
    title, lines = BACKWARD[style]
    sections = [("Forward", forward), (title, [_row(s, detail != "result") for s in lines(d, detail)])]
    if closed:
        sections.append(("Closed form", [_closed_row(d, n, i) for i, n in enumerate(d.wrt, 1)]))
    if update:
        sections.append(("Update", [_update_row(d, n, i, rate) for i, n in enumerate(d.wrt, 1)]))
    if at is not None and style != "backpropagation":
        raise RuleError("worked numbers are shown in the style backpropagation; differentials have none")
    if at is not None:
        from .worked import Worked

        worked = Worked(d, at, digits)
        sections = [(title, [worked.row(r) for r in rows]) for title, rows in sections]
    if index is not None:
        sections = _with_index(d, index, sections)
    if (_has_arrays(d) and index is None) if shapes is None else shapes:
        sections = [(title, [_shaped(r) for r in rows]) for title, rows in sections]
    made = _sized(sections)
    return Page(d, made, _heading(d), (*_given(d), *d.notes, *_conventions(d), *_legend(made)))


def _conventions(d: Derivation) -> list[str]:
    from .conventions import conventions

    return conventions(d)


def _verify(d: Derivation, style: str) -> None:
    """Compare the lines of an array derivation with the truth, once."""
    key = f"verified {style}"
    if key in d._cache or not _has_arrays(d):
        return
    from ..verifying import verify

    verify(d, style == "differentials")
    d._cache[key] = True


def _has_arrays(d: Derivation) -> bool:
    return any(s.shape for s in d.graph.symbols.values())


def _sized(sections: Iterable[tuple[str, Sequence[Row]]]) -> tuple[Section, ...]:
    """The sections that have lines, refused if one is too long to be printed."""
    made = tuple(Section(title, tuple(rows)) for title, rows in sections if rows)
    for row in (r for s in made for r in s.rows):
        for side in row.sides:
            check_size(side, LIMIT, f"line {row.tag}")
    return made


def calculation_rows(
    c: Calculation, detail: str = "rules", *, at: Mapping[str, Any] | None = None, digits: int = 4,
    rate: Any = None,
) -> Page:  # fmt: skip
    """The sections of a calculation in one detail; its numbers on request, with a `rate` a step downhill."""
    if c.verify is not None:
        c.verify()
    sections = [(part.title, [_row(s) for s in part.lines[detail]]) for part in c.parts]
    if at is not None:
        from .numbers import downhill, worked_lines

        sections.append(("Worked numbers", [_row(s) for s in worked_lines(c, at, digits)]))
        if rate is not None:
            sections.append(("Step downhill", [_row(s) for s in downhill(c, at, rate, digits)]))
    made = _sized(sections)
    return Page(c, made, c.heading, (*c.notes, *_legend(made)), c.result)


def _legend(sections: Iterable[Section]) -> tuple[str, ...]:
    """What the operations mean whose names say too little, each once."""
    sides = [side for s in sections for r in s.rows for side in r.sides if side.shape]
    found = (node for node in postorder(*sides) if node.op in OPERATIONS)
    notes = (note(node) for node in found if (note := OPERATIONS[node.op].note) is not None)
    return tuple(dict.fromkeys(notes))


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
    said, why = (reason(step), step.why) if reasons else ("", ())
    return Row(step.tag, step.target, step.relation, step.sides, step.name, said, why, step.continued)


def hint(row: Row) -> str:
    """The rule that leads to a line, and what it is applied to, in words."""
    from .reasons import in_text, whole

    if not row.reason:
        return f"write down {row.target.text()}"
    return in_text(whole(row))


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


def _results(d: Derivation) -> list[Step]:
    return [_only_result(s) for s in d.backward if _is_result(d, s)]


STEPS: dict[str, Callable[[Derivation], Sequence[Step]]] = {
    "result": _results, "chain": lambda d: d.backward, "rules": lambda d: d.detailed,
}  # fmt: skip


def _traces(d: Derivation, detail: str) -> Sequence[Step]:
    return [s for s in d.traces if detail != "result" or s.target.op == "partial"]


BACKWARD: dict[str, tuple[str, Callable[[Derivation, str], Sequence[Step]]]] = {
    "backpropagation": ("Backward", lambda d, detail: STEPS[detail](d)),
    "differentials": ("Differentials", _traces),
}


def _shaped(row: Row) -> Row:
    """The shape of the line with its reason: `d×h, the shape of W`."""
    shape = row.sides[-1].shape
    size = "×".join(_side(n) for n in shape) or "scalar"
    parts = [t for t in reversed(row.target.args) if t.op == "sym"] if row.target.op == "partial" else []
    alike = [t.name for t in parts if t.shape == shape]
    of = f", the shape of `{alike[0]}`" if alike and shape else ""
    return replace(row, reason=f"{size}{of}{'; ' if row.reason else ''}{row.reason}")


def _side(n: int | str) -> str:
    """The length of one side, as a name where it is one."""
    return f"`{n}`" if isinstance(n, str) and n.isidentifier() else str(n)


def _heading(d: Derivation) -> tuple[str | Term, ...]:
    """Gradient of E with respect to w1, w2: words and names."""
    return ("Gradient of ", d.loss, " with respect to ", *_listed(d, d.wrt))


def _given(d: Derivation) -> list[Note]:
    """The inputs that are not differentiated by, with their shapes."""
    given = [n for n in d.graph.inputs if n not in d.wrt]
    return [("given: ", *_listed(d, given))] if given else []


def _listed(d: Derivation, names: Iterable[str]) -> list[str | Term]:
    """w1, W (n×d): names with their shapes."""
    parts: list[str | Term] = []
    for n in names:
        parts += ([", "] if parts else []) + [d.graph.symbols[n], *_declared(d.graph.symbols[n])]
    return parts


def _declared(symbol: Term) -> list[str | Term]:
    """` (n×d, symmetric)`, the sizes as names."""
    from .reasons import words

    size = "×".join(map(_side, symbol.shape))
    said = ", ".join(([size] if size else []) + sorted(symbol.facts))
    return words(f" ({said})") if said else []


def heading(page: Page, name: Callable[[Term], str], word: Callable[[str], str] = str) -> str:
    """The heading in one format."""
    return "".join(word(p) if isinstance(p, str) else name(p) for p in page.heading)
