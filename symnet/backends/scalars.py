"""The scalar programs: Python with `math`, and the same lines for Numba, JAX and PyTorch."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import isfinite
from operator import itemgetter
from sys import intern
from typing import Any

from ..derivation import Derivation
from ..errors import DomainError, NameLookupError, OverflowError_, RuleError, ShapeError, quote
from ..given import facts_of, hold
from ..graph import Graph
from ..names import ByName, canonical, unicode
from ..reverse import only_scalars
from .dialects import MATH, NUMBA, Dialect, helper, is_helper, math_names, translated
from .scalar import Code, sweep

KEYWORDS = 24  # inputs up to which a call has them as its own keywords; Python compares keywords one by one
FAILURES = (OverflowError, ZeroDivisionError, ValueError, TypeError)

HARMLESS = re.compile(
    r"cosh\(\w+\)\*\*-2 if \(\w+ := 1\.0 - \w+\*\w+\) < 0\.001 else \w+"  # the slope of tanh in scalar code
    r"|if \w+\.min\(\) < 0\.001:|near_\w+ = \w+ < 0\.001"  # the same for arrays
    r"| if len\(\w+\) > 1 else "
)


def scalar_graph(d: Derivation) -> Graph | None:
    """The graph of a derivation if all of it is scalar, else None."""
    if "scalar" not in d._cache:
        graph = d.source_graph or d.graph
        d._cache["scalar"] = graph if only_scalars(x.value for x in graph.definitions) else None
    return d._cache["scalar"]


def code_of(graph: Graph, wrt: Sequence[str], careful: bool) -> Code:
    definitions = [(x.symbol, x.value) for x in graph.definitions]
    inputs = [graph.symbols[n] for n in graph.inputs]
    return sweep(definitions, inputs, [graph.result.symbol], wrt, stable_calls=careful)


def text_of(code: Code, dialect: Dialect, careful: bool = True) -> str:
    """The program as text: what it imports, its helpers, and the function `gradient`."""
    last = f"return {_returned(code) if careful else _tuple(code)}"
    return laid_out(code, dialect, ", ".join(code.inputs.values()), [*code.lines, last], careful)


def kernel_of(code: Code) -> str:
    """The program for Numba: values come in one array, the gradient goes to another."""
    names = list(code.inputs.values())
    taken = {*names, *(line.split(" ", 1)[0] for line in code.lines)}
    values, slopes = (n if n not in taken else f"{n}_array" for n in ("values", "slopes"))
    first = [f"{name} = {values}[{i}]" for i, name in enumerate(names)]
    last = [f"{slopes}[{i}] = {c}" for i, c in enumerate(code.gradient.values())]
    lines = [*first, *code.lines, *last, f"return 1.0*{code.values[0]}"]
    return laid_out(code, NUMBA, f"{values}, {slopes}", lines, True, "@njit")


def laid_out(
    code: Code,
    dialect: Dialect,
    parameters: str,
    lines: Sequence[str],
    careful: bool = True,
    mark: str = "",
    name: str = "gradient",
) -> str:
    """The text of one function and of what it needs."""
    marks = [mark] if mark else []
    written = [translated(line, dialect) if careful else line for line in lines]
    helpers = [line for n in code.calls if is_helper(n, dialect) for line in ("", "", *marks, *helper(n, dialect))]
    body = [f"def {name}({parameters}):", *("    " + line for line in written)]
    return "\n".join([*program_head(dialect, helpers + body), *helpers, "", "", *marks, *body])


def program_head(dialect: Dialect, lines: Sequence[str]) -> list[str]:
    """What a program with these lines imports."""
    if dialect.module == "math":
        names = math_names(lines)
        return [*([f"from math import {', '.join(names)}"] if names else []), *([""] if names and dialect.head else []),
                *dialect.head]  # fmt: skip
    return imports(dialect, "\n".join(lines))


def imports(dialect: Dialect, text: str) -> list[str]:
    """The imports that the text needs."""
    optional = ("functools", "math")
    kept = [line for line in dialect.head if line[7:] not in optional or f"{line[7:]}." in text]
    return kept[1:] if kept and not kept[0] else kept


def _returned(code: Code) -> str:
    gradient = ", ".join(f"{n!r}: {c}" for n, c in code.gradient.items())
    return f"{code.values[0]}, {{{gradient}}}"


def _tuple(code: Code) -> str:
    """The gradient in the order of `wrt`, which is quicker to build than a dict."""
    return f"{code.values[0]}, ({''.join(c + ', ' for c in code.gradient.values())})"


def scalar_source(d: Derivation, dialect: Dialect) -> str:
    """The program with helpers that are right for every float."""
    graph = scalar_graph(d)
    if graph is None:
        raise RuleError(f"the backend {dialect.name} is for scalars; this graph has arrays, use the backend numpy")
    code = code_of(graph, d.wrt, careful=True)
    return kernel_of(code) if dialect is NUMBA else text_of(code, dialect)


def run_text(text: str, name: str = "gradient", known: Mapping[str, Any] | None = None) -> Any:
    space: dict[str, Any] = dict(known or {})
    exec(compile(text, "<derivation>", "exec"), space)  # written here, from checked identifiers and exact numbers
    return space[name]


class Inputs:
    """Keyword arguments in any spelling as floats in the order of a program."""

    def __init__(self, names: Sequence[str], graph: Graph | None = None) -> None:
        self.names = tuple(names)
        known = graph.symbols if graph is not None else {}
        self.facts = [(i, n, f) for i, n in enumerate(self.names) if n in known and (f := facts_of(known[n].facts))]
        self._known = frozenset(names)
        self._single = frozenset(graph.shapes if graph is not None else ())  # declared, and a scalar: 1 or 1 x 1
        self._pick = itemgetter(*names) if len(names) > 1 else lambda values: tuple(values[n] for n in names)
        self._floats = (float,) * len(names)

    def named(self, values: dict[str, Any]) -> dict[str, Any]:
        """The values by canonical name."""
        return values if values.keys() == self._known else self._respelled(values)

    def ordered(self, values: dict[str, Any]) -> Sequence[float]:
        try:
            args = self._pick(values)
        except KeyError:
            args = ()
        if len(values) != len(self.names) or tuple(map(type, args)) != self._floats:
            values = self.named(values)
            args = [as_float(n, _element(values[n]) if n in self._single else values[n]) for n in self.names]
        for i, name, facts in self.facts:
            hold(name, facts, args[i])
        return args

    def _respelled(self, values: dict[str, Any]) -> dict[str, Any]:
        given: dict[str, Any] = {}
        for spelling, value in values.items():
            name = canonical(spelling)
            if name not in self._known:
                raise NameLookupError(f"`{name}` is not an input; the inputs are {self._listed()}")
            if name in given:
                raise NameLookupError(f"`{name}` was given twice in two spellings")
            given[name] = value
        missing = [unicode(n) for n in self.names if n not in given]
        if missing:
            raise NameLookupError(f"no value for {', '.join(missing)}; the inputs are {self._listed()}")
        return given

    def _listed(self) -> str:
        return ", ".join(map(unicode, self.names))


def _element(value: Any) -> Any:
    """The number in an array or a list that holds one."""
    while isinstance(value, list | tuple) and len(value) == 1:
        value = value[0]
    return value.reshape(()) if getattr(value, "size", 0) == 1 else value


def as_float(name: str, value: Any) -> float:
    """A number as a float; text, arrays and what is too large are refused by name."""
    try:
        if isinstance(value, str | bytes | complex) or value is None:
            raise TypeError
        if getattr(value, "shape", ()):
            raise ShapeError(f"`{unicode(name)}` is declared scalar and was given the shape {value.shape}")
        if isinstance(value, list | tuple):
            raise TypeError
        return float(value)
    except (TypeError, ValueError, OverflowError):
        what = quote(repr(value), 40)
        raise ShapeError(f"`{unicode(name)}` was given {what}, which is not a number or an array") from None


def checked(run: Callable[..., Any], *args: Any) -> Any:
    """What a program returns, its failures as errors that say what happened."""
    try:
        return run(*args)
    except ZeroDivisionError:
        raise DomainError("a division by zero at these values; the formula or its slope has a pole there") from None
    except OverflowError:
        raise OverflowError_("a value is too large for a float here; scale the inputs down") from None
    except (ValueError, TypeError) as e:  # TypeError: a negative base to a broken power is complex
        raise DomainError(f"there is no value at these inputs ({e})") from None


class ScalarCompiled:
    """`f(**values) -> (value, {name: gradient})` in scalar Python.

    `.function` is the program itself, without any check: its parameters stand in the order of `.inputs`, and it returns
    the value and a tuple in the order of `.wrt`. `.source` is its text. Where a function that is written in place
    overflows, the program of stable helpers runs instead.
    """

    backend = "math"

    def __init__(self, graph: Graph, wrt: Sequence[str]) -> None:
        self._graph, self.wrt, self.inputs = graph, tuple(map(intern, wrt)), tuple(map(intern, graph.inputs))
        code = code_of(graph, wrt, careful=False)
        self.source = text_of(code, MATH, careful=False)
        self.function = run_text(self.source)
        self._order = Inputs(graph.inputs, graph)
        self._stable: Callable[..., Any] | None = None
        plain = tuple(code.inputs.values()) == self.inputs and not self._order.facts
        self._by_keyword = plain and 0 < len(self.inputs) <= KEYWORDS
        self.watched = self.inputs if chooses(self.source) else ()

    def __call__(self, /, **values: Any) -> tuple[float, dict[str, float]]:
        if self._by_keyword:
            self.__class__ = _called_by_keyword(self)
            self._by_keyword = False
        return self.respelled(values)

    def respelled(self, values: dict[str, Any]) -> tuple[float, dict[str, float]]:
        """The same for names in any spelling and values of any type, each of them checked."""
        args = self._order.ordered(values)
        try:
            value, slopes = self.function(*args)
        except FAILURES:
            return self.carefully(args)
        if not isfinite(value + sum(slopes)) or (self.watched and not isfinite(sum(args))):
            return self.carefully(args)
        return value, ByName(zip(self.wrt, slopes))  # noqa: B905 - as many as there are names

    def carefully(self, args: Sequence[float]) -> tuple[float, dict[str, float]]:
        """The program of stable helpers; an error where nothing finite comes out."""
        refuse_nan(zip(self.inputs, args, strict=True))
        if self._stable is None:
            self._stable = run_text(text_of(code_of(self._graph, self.wrt, careful=True), MATH))
        value, gradient = checked(self._stable, *args)
        _refuse_infinite(value, gradient)
        return float(value), ByName({n: float(g) for n, g in gradient.items()})


def _called_by_keyword(f: ScalarCompiled) -> type[ScalarCompiled]:
    """A class for this program alone, whose call has the inputs as its keywords: Python then finds them itself.

    What is spelled otherwise, is missing or is no float goes the way on which everything is looked at.
    """
    names, slopes = f.inputs, [f"_{i}" for i in range(len(f.wrt))]
    given = "{" + ", ".join(f"{n!r}: {n}" for n in names) + "}"
    gradient = "{" + ", ".join(f"{n!r}: {s}" for n, s in zip(f.wrt, slopes, strict=True)) + "}"
    by_name = gradient if all(len(n) == 1 for n in f.wrt) else f"_by_name({gradient})"  # one letter has one spelling
    text = [
        f"def call(*, {''.join(f'{n}=_missing, ' for n in names)}**_other):",
        f"    if _other or not (_float is {' is '.join(f'_type({n})' for n in names)}):",
        f"        return _respelled({{**{{n: v for n, v in {given}.items() if v is not _missing}}, **_other}})",
        "    try:",
        f"        _value, ({''.join(s + ', ' for s in slopes)}) = _function({', '.join(names)})",
        "    except _failures:",
        f"        return _carefully(({', '.join(names)},))",
        f"    if not _isfinite({' + '.join(('_value', *slopes, *f.watched))}):",
        f"        return _carefully(({', '.join(names)},))",
        f"    return _value, {by_name}",
    ]
    known = {"_missing": object(), "_float": float, "_type": type, "_respelled": f.respelled, "_failures": FAILURES,
             "_function": f.function, "_carefully": f.carefully, "_isfinite": isfinite,
             "_by_name": ByName}  # fmt: skip
    call = run_text("\n".join(text), "call", known)
    return type("ScalarCompiled", (ScalarCompiled,), {"__call__": staticmethod(call)})


def chooses(source: str) -> bool:
    """Whether a program compares numbers: every comparison with nan is false, and the other branch would go unseen.

    Where tanh saturates both branches are nan at nan; so is the largest element of an array.
    """
    return re.search(r" if | [<>]=? |(?<!\.)\b(max|min|np\.where)\(", HARMLESS.sub("", source)) is not None


def refuse_nan(values: Iterable[tuple[str, Any]]) -> None:
    bad = next((n for n, v in values if v != v), None)  # only nan differs from itself
    if bad is not None:
        raise DomainError(f"`{unicode(bad)}` is nan, which is not a number; give a finite value")


def _refuse_infinite(value: float, gradient: dict[str, float]) -> None:
    bad = next((n for n, v in (("the value", value), *gradient.items()) if not isfinite(v)), None)
    if bad is not None:
        what = bad if bad == "the value" else f"the derivative by `{unicode(bad)}`"
        raise OverflowError_(f"{what} is not finite at these inputs; scale them down")


class NumbaCompiled:
    """The same call for the program that Numba compiles at the first one; `.function(values, slopes)` is the kernel."""

    backend = "numba"

    def __init__(self, graph: Graph, wrt: Sequence[str]) -> None:
        self.wrt, self.inputs = tuple(wrt), graph.inputs
        self.source = kernel_of(code_of(graph, wrt, careful=True))
        self.function = run_text(self.source)
        self._order = Inputs(graph.inputs, graph)

    def __call__(self, /, **values: Any) -> tuple[float, dict[str, float]]:
        import numpy as np

        slopes = np.empty(len(self.wrt))
        value = checked(self.function, np.array(self._order.ordered(values), float), slopes)
        gradient = ByName(zip(self.wrt, slopes.tolist(), strict=True))
        if not isfinite(value + sum(gradient.values())):
            _refuse_infinite(value, gradient)
        return value, gradient
