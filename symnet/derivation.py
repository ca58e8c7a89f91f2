"""A derivation: the lines that a person reads, NumPy runs and a hand calculation is checked against."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from .errors import NameLookupError
from .graph import Graph
from .names import canonical, unicode
from .term import Term, partial, sym

MADE_LATER = ("graph", "steps", "gradient", "names")


def listed(words: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`; empty words are left out."""
    rest = [w for w in words if w]
    return " and ".join([", ".join(rest[:-1]), rest[-1]]) if len(rest) > 1 else "".join(rest)


@dataclass(frozen=True, slots=True)
class Step:
    """One line: `target = sides[0] = sides[1] = …`, by `rule`, resting on the lines `refs`.

    `name` is the symbol that the line introduces (δ2 := …); `value` is the form that runs: equal to every side, and
    numerically the best of them; `relation` is `=`, or `←` for an update. `why` says more than the name of the rule:
    groups of formulas, the statement of the rule and what its letters stand for. A `continued` line goes on from the
    one above it, whose target it shares.
    """

    tag: str
    rule: str
    target: Term
    sides: tuple[Term, ...]
    name: Term | None = None
    refs: tuple[str, ...] = ()
    value: Term | None = None
    relation: str = "="
    why: tuple[tuple[Term, ...], ...] = ()
    continued: bool = False

    @property
    def result(self) -> Term:
        """The last form of the line."""
        return self.sides[-1]


class Names(Mapping[str, Any]):
    """A mapping by name that accepts every spelling of a name."""

    __slots__ = ("_items", "_what")

    def __init__(self, items: Mapping[str, Any], what: str) -> None:
        self._items = dict(items)
        self._what = what

    def __getitem__(self, name: Any) -> Any:
        key = canonical(str(getattr(name, "name", name)))
        if key not in self._items:
            known = ", ".join(map(unicode, self._items))
            raise NameLookupError(f"there is no {self._what} `{key}` here; there is {known or 'none'}")
        return self._items[key]

    def __contains__(self, name: object) -> bool:
        return canonical(str(getattr(name, "name", name))) in self._items

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __repr__(self) -> str:
        return "{" + ", ".join(f"{unicode(k)}: {v!s}" for k, v in self._items.items()) + "}"


class LazyNames(Names):
    """The same, each value made when it is asked for."""

    __slots__ = ("_make", "_memo")

    def __init__(self, keys: tuple[str, ...], make: Callable[[str], Any], what: str) -> None:
        super().__init__(dict.fromkeys(keys), what)
        self._make = make
        self._memo: dict[str, Any] = {}

    def __getitem__(self, name: Any) -> Any:
        super().__getitem__(name)
        key = canonical(str(getattr(name, "name", name)))
        if key not in self._memo:
            self._memo[key] = self._make(key)
        return self._memo[key]

    def __repr__(self) -> str:
        return "{" + ", ".join(map(unicode, self._items)) + "}"


class Shown:
    """What everything with lines can do: be shown in every format, and be revealed line by line."""

    _cache: dict[str, Any]
    usual: ClassVar[str] = "chain"  # the detail that is shown if none is asked for

    def text(self, detail: str | None = None, **choices: Any) -> str:
        """The lines for the terminal; `choices`: at, digits, width, and for a gradient closed, update, align."""
        from .render import page

        return page(self, "text", detail, **choices)

    def latex(self, detail: str | None = None, **choices: Any) -> str:
        """An `aligned` environment with a column of tags and one of reasons (KaTeX and amsmath)."""
        from .render import page

        return page(self, "latex", detail, **choices)

    def markdown(self, detail: str | None = None, **choices: Any) -> str:
        from .render import page

        return page(self, "markdown", detail, **choices)

    def html(self, detail: str | None = None, **choices: Any) -> str:
        """A page of its own that needs no network: MathML, with the same columns."""
        from .render import page

        return page(self, "html", detail, **choices)

    def to_dict(self, detail: str | None = None, **choices: Any) -> dict[str, Any]:
        from .render.json import to_dict

        return to_dict(self, detail, **choices)

    def source(self, backend: str = "numpy") -> str:
        """The program that computes the answer."""
        raise NotImplementedError

    def __str__(self) -> str:
        return self.text()

    def _repr_latex_(self) -> str:
        return f"$$\n{self.latex()}\n$$"

    def _repr_markdown_(self) -> str:
        return self.markdown()

    def _repr_html_(self) -> str:
        from .render import page

        return page(self, "html", fragment=True)

    # -- line by line
    def hint(self) -> str:
        """The next rule in words, without the line that it leads to."""
        from .render.rows import hint

        row = self._row(self._cache.get("shown", 0))
        return hint(row) if row is not None else "nothing is left: the last line is the answer"

    def next(self) -> Any:
        """The next line in full detail; None after the last one."""
        place = self._cache.get("shown", 0)
        self._cache["shown"] = place + 1
        return self._row(place)

    def restart(self) -> None:
        """`next` begins again with the first line."""
        self._cache["shown"] = 0

    def _row(self, place: int) -> Any:
        from .render import rows_of

        if "rows" not in self._cache:
            self._cache["rows"] = rows_of(self, "rules", {}).rows
        rows = self._cache["rows"]
        return rows[place] if place < len(rows) else None


@dataclass(frozen=True, eq=False)
class Derivation(Shown):
    """The gradient of the last definition of `graph`, and the lines that lead to it.

    `.gradient[name]` is a formula in the names of the graph and of the derivation (δ1 x), `.names["δ1"]` what such a
    name stands for, `.closed[name]` the formula with every name substituted, `.steps` the lines, `.wrt` the names.
    The gradient with respect to a parameter has the shape of the parameter.
    """

    graph: Graph
    steps: tuple[Step, ...]
    wrt: tuple[str, ...]
    gradient: Names
    names: Names
    notes: tuple[str, ...] = ()
    source_graph: Graph | None = None
    _cache: dict[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def later(cls, source: Graph, wrt: tuple[str, ...], make: Callable[[], Derivation]) -> Derivation:
        """A derivation whose lines are made when they are first looked at: compiling it does not need them."""
        self = object.__new__(cls)
        self.__dict__.update(wrt=wrt, source_graph=source, notes=source.notes, _cache={"scalar": source}, _make=make)
        return self

    def __getattr__(self, name: str) -> Any:
        """The graph with its parts, the steps, the gradient and the names, of a derivation that was put off."""
        make = self.__dict__.get("_make") if name in MADE_LATER else None
        if make is None:
            raise AttributeError(f"a Derivation has no `{name}`")
        made = make()
        self.__dict__.update({n: getattr(made, n) for n in MADE_LATER}, _make=None)
        return self.__dict__[name]

    @property
    def result(self) -> Any:
        """The gradient by name, or the one formula if there is one parameter."""
        return self.gradient[self.wrt[0]] if len(self.wrt) == 1 else self.gradient

    @property
    def loss(self) -> Term:
        return self.graph.result.symbol

    @property
    def forward(self) -> tuple[Step, ...]:
        return tuple(s for s in self.steps if s.tag.startswith("F"))

    @property
    def backward(self) -> tuple[Step, ...]:
        return tuple(s for s in self.steps if s.tag.startswith("B"))

    @property
    def detailed(self) -> tuple[Step, ...]:
        """The backward lines, each after the lines that carry out its local derivatives rule by rule."""
        from .substeps import detailed

        return detailed(self)

    @property
    def traces(self) -> tuple[Step, ...]:
        """The same gradient by differentials: dL = 2 tr(EᵀdE), …, dL = tr((XᵀΔ)ᵀdW)."""
        from .traces import traces

        return traces(self)

    @property
    def closed(self) -> LazyNames:
        """Each gradient in the inputs alone, every named quantity substituted; made when asked for, parts shared."""
        if "closed" not in self._cache:
            self._cache["closed"] = LazyNames(self.wrt, self._close, "parameter")
        return self._cache["closed"]

    def _close(self, name: str) -> Term:
        from .reverse import closed_form

        return closed_form(self, name)

    def target(self, name: str) -> Term:
        """The inert ∂loss/∂name."""
        key = canonical(name)
        known = (s.target for s in self.backward if s.target.args[0] is self.loss and s.target.args[1].name == key)
        return next(known, None) or partial(self.loss, self.graph.symbols.get(key) or sym(key))

    # -- how it runs
    def source(self, backend: str = "numpy") -> str:
        """The program as text that needs nothing of symnet.

        "numpy": the lines of the derivation, with its names and tags; "math": scalar Python with helpers that are right
        for every float; "numba", "jax", "torch": the same in those libraries; "c": a C99 function of scalars. A softmax
        that is written by hand with matrices is derived anew as softmax, so that it does not overflow.
        `compile(backend).source` is the quick variant that runs first, with functions written in place.
        """
        from .backends import source

        return source(self, backend)

    def compile(self, backend: str = "numpy") -> Callable[..., Any]:
        """`f(**values) -> (value, {name: gradient})`; every input by keyword, in any spelling.

        With "numpy" (the default) scalars run as scalar Python and arrays in NumPy. `f.function(*values)` is the same
        without checks, in the order of `f.inputs`; with arrays `f.reusing()` makes its arrays once. Shapes and declared
        facts (symmetric, …) are compared with what is given. At a corner the convention of the table is taken, for a
        norm 0; the slope of a determinant is the adjugate, also where there is no inverse. Values that do not exist or
        are not finite raise `DomainError` or `OverflowError_`; with "jax" and "torch" they are the library's, and only
        names and shapes are checked, so that `jit`, `vmap` and shardings work.
        """
        from .backends import compile_

        return compile_(self, backend)

    def hvp(self) -> Derivation:
        """The Hessian-vector product: the derivation of s = Σ ⟨∂L/∂w, v_w⟩, whose gradient by w is row w of H v.

        Its inputs are those of this derivation and a direction `v_w` of the same shape for every w in `.wrt`;
        `.compile()` and `.source()` serve every backend, and H itself is never formed. H is the Hessian by all names in
        `.wrt` together: with v_u = 0 for the others, one block of it is left.

        >>> import symnet as sn
        >>> sn.derive("L = w^3 x").hvp().compile()(w=2, x=1, v_w=10)
        (120.0, {'w': 120.0})
        """
        from .curvature import hvp

        return hvp(self)
