"""The NumPy row: the lines of a derivation as a program of arrays."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..derivation import Derivation
from ..functions import TABLE as FUNCTIONS
from ..names import identifiers
from ..term import Term, sym
from .frugal import Frugal
from .helpers import HELPERS
from .program import Line, program
from .writer import Writer


@dataclass(frozen=True, slots=True)
class Written:
    """A NumPy program in parts: its helpers, its lines (code, tag), and what each keyword and output stands for."""

    helpers: dict[str, tuple[str, ...]]
    lines: tuple[tuple[str, str], ...]
    value: str
    keywords: dict[str, str]
    outputs: dict[str, str]
    free_dimensions: tuple[str, ...]
    sizes: tuple[str, ...]  # the variables that are dimensions

    @property
    def parameters(self) -> str:
        return ", ".join(self.keywords.values())

    @property
    def returned(self) -> str:
        return f"{self.value}, {{{', '.join(f'{n!r}: {v}' for n, v in self.outputs.items())}}}"

    @property
    def text(self) -> str:
        uses_math = any("math." in line for body in self.helpers.values() for line in body)
        head = [*(["import math", ""] if uses_math else []), "import numpy as np"]
        helpers = [line for body in self.helpers.values() for line in ("", "", *body)]
        lines = ["    " + line for line in (*aligned(self.lines), f"return {self.returned}")]
        return "\n".join([*head, *helpers, "", "", f"def gradient({self.parameters}):", *lines])


def _variables_of(d: Derivation, lines: list[Line]) -> dict[Term, str]:
    """One injective map from names and inert partials to identifiers."""
    targets = [line.target for line in lines if line.target.op == "partial"]
    spelled = {t: f"d{t.args[0].name}_d{t.args[1].name}" for t in targets}
    dimensions = [sym(n, (), ("dimension",)) for n in d.graph.dimensions]
    named = [line.target for line in lines if line.target.op == "sym"]
    symbols = list(dict.fromkeys([*d.graph.symbols.values(), *dimensions, *named]))
    reserved = {"np", "math", "gradient", "power", "inverse_norm", *FUNCTIONS, *HELPERS}
    reserved.update(f"{n}_slope" for n in FUNCTIONS)
    names = [s.name for s in symbols]
    chosen = identifiers(dict.fromkeys([*names, *spelled.values()]), reserved)
    used = set(chosen[n] for n in names)
    out: dict[Term, str] = {s: chosen[s.name] for s in symbols}
    for t in targets:
        name = chosen[spelled[t]]
        while name in used:
            name += "_"
        used.add(name)
        out[t] = name
    return out


def write_numpy(d: Derivation, fast: bool = False) -> Written:
    """The lines of the derivation; `fast` keeps e⁻ᶻ and tanh z for the slopes and does not care for overflow."""
    lines, outputs = program(d)
    variables = _variables_of(d, lines)
    writer = Frugal(variables, lines, [d.loss, *outputs.values()]) if fast else Writer(variables)
    body = [(code, line.tag) for line in lines for code in writer.assign(variables[line.target], line.value)]
    keywords = {n: variables[d.graph.symbols[n]] for n in d.graph.inputs}
    words = {w for code, _ in body for w in re.findall(r"\w+", code)}
    used = [n for n in writer.dimensions if variables.get(sym(n, (), ("dimension",)), n) in words]
    known, free = _dimension_lines(d, used, variables)
    for n in free:
        keywords[n] = variables.get(sym(n, (), ("dimension",)), n)
    returned = {n: variables[t] for n, t in outputs.items()}
    everything = (*((line, "") for line in known), *body)
    sizes = tuple(variables.get(sym(n, (), ("dimension",)), n) for n in used)
    return Written(writer.helpers, everything, variables[d.loss], keywords, returned, free, sizes)


def _dimension_lines(
    d: Derivation, used: list[str], variables: Mapping[Term, str]
) -> tuple[list[str], tuple[str, ...]]:
    """`n = X.shape[0]` for each dimension that is used as a number; the others are passed like a value."""
    lines, free = [], []
    for n in used:
        place = next(((i, s.shape.index(n)) for i in d.graph.inputs if n in (s := d.graph.symbols[i]).shape), None)
        target = variables.get(sym(n, (), ("dimension",)), n)
        if place is None:
            free.append(n)
            continue
        name, axis = place
        shape = d.graph.symbols[name].shape
        row = len(shape) == 2 and shape[0] == 1
        lines.append(f"{target} = {variables[d.graph.symbols[name]]}.shape[{0 if row else axis}]")
    return lines, tuple(free)


def aligned(body: Sequence[tuple[str, str]]) -> list[str]:
    """The tag of each line as a comment, in one column where lines are short."""
    width = min(max((len(code) for code, tag in body if tag), default=0), 60)
    return [f"{code:<{width}}  # {tag}" if tag else code for code, tag in body]
