"""A calculation in lines: a derivative, an integral, a tangent, each with its rules and its answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from .derivation import Derivation, Names, Shown, Step
from .graph import Graph
from .term import Term


@dataclass(frozen=True, slots=True)
class Part:
    """A section: its title, and its lines in each detail (`result`, `chain`, `rules`), which all end in one formula."""

    title: str
    lines: Mapping[str, tuple[Step, ...]]


@dataclass(frozen=True, eq=False)
class Calculation(Shown):
    """Lines that lead to `result`; `heading` says in words and names what was asked.

    `.steps` are the lines one rule at a time, `.slopes` the partial derivatives by name, from which a step downhill is
    made, `.name` what the function is called, `.checked` whether points were found at which every line could be
    compared with the truth. `.guard` raises where the result does not hold at given numbers, or says what is a
    convention there. `.verify` raises where a line of an array calculation does not hold.
    `.constant` is the constant of integration, which stands for any number.
    """

    heading: tuple[str | Term, ...]
    parts: tuple[Part, ...]
    result: Term
    notes: tuple[str, ...] = ()
    slopes: Mapping[str, Term] = field(default_factory=dict)
    checked: bool = True
    name: Term | None = None
    guard: Callable[[Mapping[str, Any]], str] | None = None
    verify: Callable[[], None] | None = None
    constant: Term | None = None
    usual: ClassVar[str] = "rules"
    _cache: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(s for part in self.parts for s in part.lines["rules"])

    def _repr_html_(self) -> str:
        from .render import page

        return page(self, "html", fragment=True)

    # -- how it runs
    def source(self, backend: str = "numpy") -> str:
        """The program of the result."""
        return _forward(self.result).source(backend)

    def compile(self, backend: str = "numpy") -> Callable[..., Any]:
        """`f(**values)`, the result at these values; every name by keyword, in any spelling."""
        run = _forward(self.result).compile(backend)
        return lambda **values: run(**values)[0]


def _forward(result: Term) -> Derivation:
    """The program that only computes the result."""
    graph = Graph([(None, result)])
    step = Step("F1", "", graph.result.symbol, (graph.result.value,))
    return Derivation(graph, (step,), (), Names({}, "gradient"), Names({}, "name"))


def same(*steps: Step) -> Mapping[str, tuple[Step, ...]]:
    """Lines that are the same in every detail but the shortest, which shows the last."""
    return {"result": steps[-1:], "chain": steps, "rules": steps}
