"""The problem that all submissions answer, as JSON text: it travels to workers and tells one problem from another."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from .. import files
from ..errors import GraphError, RuleError, quote
from ..graph import Graph
from ..term import Term, term

LIMIT = 1_000_000  # bytes of a problem file
OF_GRAPHS = ("graph", "shapes", "given", "domain")


@dataclass(frozen=True, slots=True)
class Task:
    """A problem: `text` is its JSON with sorted keys, `title` what a report calls it."""

    text: str
    title: str = ""

    @property
    def key(self) -> str:
        """What tells this problem, checked by this version of symnet, from every other."""
        from .. import __version__

        return digest(__version__, self.text)

    @property
    def asked(self) -> str:
        """The problem in one line."""
        return "; ".join(f"{k}: {v if isinstance(v, str) else json.dumps(v, ensure_ascii=False)}"
                         for k, v in json.loads(self.text).items())  # fmt: skip


def digest(*parts: str) -> str:
    whole = "\0".join(f"{len(p)}:{p}" for p in parts)
    return sha256(whole.encode("utf-8", "backslashreplace")).hexdigest()[:32]


def read_task(problem: Any) -> Task:
    """A problem from a mapping with the fields of `check`, from JSON text, or from a `Path` of a JSON file.

    A field `title` names it. Formulas may be text, SymPy or Terms, a graph text or a `Graph`; in a file, the name of a
    `.net` file beside it too.
    """
    folder = problem.parent if isinstance(problem, Path) else None
    if isinstance(problem, Path):
        problem = _file(problem)
    if isinstance(problem, str):
        from ..checking.asking import from_json

        problem = from_json(problem)
        if folder is not None and str(problem.get("graph", "")).endswith(".net"):
            problem["graph"] = _file(folder / problem["graph"])
    if not isinstance(problem, Mapping):
        raise RuleError(f"a problem is a mapping, JSON text or a Path, not {quote(type(problem).__name__, 30)}")
    fields = {str(k): _plain(v) for k, v in problem.items() if k != "title"}
    if isinstance(problem.get("graph"), Graph):
        fields |= _graph_fields(problem["graph"])
    text = json.dumps(fields, ensure_ascii=False, sort_keys=True)
    return Task(text, str(problem.get("title", "")))


def _file(path: Path) -> str:
    return files.read(path, LIMIT, "that is too many for a problem")


def _plain(value: Any) -> Any:
    """A value as JSON takes it; formulas as text that reads back."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Graph):
        return ""
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return str(value if isinstance(value, Term) else term(value))


def _graph_fields(graph: Graph) -> dict[str, str]:
    """A graph as its text and shapes, from which the same graph is read."""
    text = "\n".join(f"{d.name} = {d.value}" for d in graph.definitions)
    shapes = ", ".join(
        " ".join([f"{n}: {' x '.join(map(str, d.declared)) or 'scalar'}", *d.facts]) for n, d in graph.shapes.items()
    )
    again = Graph(text, shapes or None)
    if [(d.name, d.value) for d in again.definitions] != [(d.name, d.value) for d in graph.definitions]:
        raise GraphError("this graph does not read back from its text; give the problem its definitions as text")
    return {"graph": text, **({"shapes": shapes} if shapes else {})}


def checker(text: str) -> Callable[[str], Any]:
    """answer → Verdict for the problem in that JSON text, which is read once; raises where it makes no sense."""
    fields = json.loads(text)
    if "graph" not in fields:
        from ..checking.checks import check_answer
        from ..checking.problem import read_problem

        problem = read_problem(fields)
        return lambda answer: check_answer(answer, problem)
    for name in fields:
        if name not in OF_GRAPHS:
            raise RuleError(f"`{quote(name)}` is no field of a problem with a graph; there are {', '.join(OF_GRAPHS)}")
    from ..checking.pages import check_page

    graph = Graph(fields["graph"], fields.get("shapes"))
    return lambda answer: check_page(answer, graph, given=fields.get("given"), domain=fields.get("domain"))
