"""`lambdify`: expressions as a function of positional arguments, with shared parts and stable code.

The argument order is SymPy's: `lambdify(args, exprs)`, both of them nested as one likes. Parts that occur in several
expressions are computed once, and what people write by hand (log(1 + eˣ), 1/(1 + e⁻ˣ), eᵃ/Σeᶻ, 1 − tanh²x) runs as the
function that it is, right where the exponential overflows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import isfinite
from typing import Any

from .backends.dialects import DIALECTS, Dialect, helper, translated
from .backends.scalar import sweep
from .backends.scalars import checked, laid_out, program_head, run_text
from .backends.writer import Writer
from .errors import DomainError, NameLookupError, OverflowError_, RuleError
from .graph import spellings
from .names import canonical, identifiers, unicode
from .reverse import only_scalars
from .term import Term, iter_names, postorder, sym, term


def lambdify(args: Any, exprs: Any, backend: str = "numpy") -> Callable[..., Any]:
    """`f(*args)` that computes `exprs`, in the nesting of `exprs`.

    `args`: a symbol, a name or a nested list of them; `exprs`: SymPy expressions and matrices, Terms or text, nested in
    lists, tuples or dicts. With `backend="numpy"` numbers run as scalar Python and arrays elementwise (a matrix symbol
    takes an array of its shape); "math", "numba", "jax" and "torch" are the others. The function's `.source` is its
    program. A value that does not exist or is not finite raises `DomainError` or `OverflowError_` with the first three
    backends. Raises `NameLookupError` for a symbol that is not among `args`, `RuleError` for what has no code.

    >>> f = lambdify(["x", "y"], ["log(1 + exp(x))", ["sigmoid(x) + y"]])
    >>> f(1000, 2)
    [1000.0, [3.0]]
    """
    if backend not in DIALECTS:
        raise RuleError(f"there is no backend `{backend}`; there is {', '.join(DIALECTS)}")
    symbols = list(_flat_symbols(args))
    leaves: list[Term] = []
    shape = _shaped(exprs, leaves)
    inputs = _inputs(symbols, leaves)
    return Lambda(args, inputs, leaves, shape, backend)


class Lambda:
    """The function that `lambdify` returns; `.source` is its program."""

    def __init__(self, args: Any, inputs: Sequence[Term], leaves: Sequence[Term], shape: Any, backend: str) -> None:
        self._args, self._inputs, self._shape, self.backend = args, tuple(inputs), shape, backend
        self._leaves = tuple(leaves)
        self._scalar = only_scalars(leaves) and not any(s.shape for s in inputs)
        self._has_arrays = any(n.shape for t in (*leaves, *inputs) for n in postorder(t))
        self._programs: dict[str, tuple[str, Callable[..., Any]]] = {}
        self._main = "math" if backend == "numpy" and self._scalar else backend
        self._by_number = self._scalar or self._main in ("math", "numba")
        self.source = self._program(self._main)[0]

    def _program(self, name: str) -> tuple[str, Callable[..., Any]]:
        if name not in self._programs:
            text = self._scalar_text(DIALECTS[name]) if self._scalar else self._array_text(name)
            self._programs[name] = text, run_text(text, "values")
        return self._programs[name]

    def _scalar_text(self, dialect: Dialect) -> str:
        code = sweep([], self._inputs, self._leaves, stable_calls=True)
        last = f"return ({', '.join(code.values)},)"
        mark = "@njit" if dialect.name == "numba" else ""
        return laid_out(code, dialect, ", ".join(code.inputs.values()), [*code.lines, last], True, mark, "values")

    def _array_text(self, name: str) -> str:
        if name in ("math", "numba") and self._has_arrays:
            raise RuleError(f"the backend {name} is for scalars; what has arrays runs with numpy, jax or torch")
        return _array_program(self._inputs, self._leaves, DIALECTS[name])

    # -- the call
    def __call__(self, *args: Any, **named: Any) -> Any:
        flat = list(_flat_values(self._args, self._ordered(args, named)))
        if self.backend in ("jax", "torch"):
            return _rebuilt(self._shape, iter(self._program(self.backend)[1](*flat)))
        arrays = any(getattr(v, "shape", ()) or isinstance(v, list | tuple) for v in flat)
        if self._main == "math" and arrays and self.backend == "numpy":
            values = self._on_arrays("numpy", flat)
        elif self._by_number:
            values = checked(self._program(self._main)[1], *map(float, flat))
            for v in values:
                if not isfinite(v):
                    raise OverflowError_("a value is not finite at these inputs; scale them down")
            values = tuple(map(float, values))
        else:
            values = self._on_arrays("numpy", flat)
        return _rebuilt(self._shape, iter(values))

    def _on_arrays(self, name: str, flat: list[Any]) -> tuple[Any, ...]:
        import numpy as np

        given = [np.asarray(v, float) if s.shape or getattr(v, "shape", ()) or isinstance(v, list | tuple) else float(v)
                 for v, s in zip(flat, self._inputs, strict=True)]  # fmt: skip
        with np.errstate(all="ignore"):
            values = checked(self._program(name)[1], *given)
        if all(np.all(np.isfinite(v)) for v in given):
            for v in values:
                if np.any(np.isnan(v)):
                    raise DomainError("there is no value at some of these inputs (nan); a formula leaves its domain")
                if not np.all(np.isfinite(v)):
                    raise OverflowError_("a value is not finite at some of these inputs; scale them down")
        return tuple(values)

    def _ordered(self, args: tuple[Any, ...], named: dict[str, Any]) -> Any:
        if not isinstance(self._args, list | tuple) and not _is_text_list(self._args):
            expected = 1
        else:
            expected = len(self._args) if isinstance(self._args, list | tuple) else len(spellings(self._args))
        if named:
            names = [s.name for s in self._inputs]
            given = {canonical(k): v for k, v in named.items()}
            unknown = next((k for k in given if k not in names[len(args) :]), None)
            if unknown is not None or len(self._inputs) != expected:
                raise NameLookupError(f"`{unknown}` is not an argument that is still open; give the values in order")
            args = (*args, *(given[n] for n in names[len(args) :] if n in given))
        if len(args) != expected:
            raise NameLookupError(f"this function takes {expected} arguments, not {len(args)}")
        return args


def _is_text_list(args: Any) -> bool:
    return isinstance(args, str) and len(spellings(args)) > 1


def _flat_symbols(args: Any) -> Iterator[Any]:
    if isinstance(args, str):
        yield from spellings(args)
    elif isinstance(args, list | tuple) or (getattr(args, "is_Matrix", False) and not getattr(args, "name", "")):
        for a in args:
            yield from _flat_symbols(a)
    else:
        yield args


def _flat_values(args: Any, values: Any) -> Iterator[Any]:
    """The values in the order of the flat symbols, nested like `args`."""
    if isinstance(args, list | tuple):
        if len(args) != len(values):
            raise NameLookupError(f"this argument has {len(args)} parts, not {len(values)}")
        for a, v in zip(args, values, strict=True):
            if isinstance(a, list | tuple) or _is_text_list(a):
                yield from _flat_values(a, v)
            else:
                yield v
    else:
        yield from values


# ------------------------------------------------------------------------------------------------------ expressions
def _shaped(exprs: Any, leaves: list[Term]) -> Any:
    """The nesting of the expressions; each leaf is appended as a Term."""
    if isinstance(exprs, dict):
        return {k: _shaped(v, leaves) for k, v in exprs.items()}
    if isinstance(exprs, list | tuple):
        return type(exprs)(_shaped(v, leaves) for v in exprs)
    if getattr(exprs, "is_Matrix", False) and hasattr(exprs, "tolist"):
        return _Table(tuple(exprs.shape), [_shaped(v, leaves) for v in exprs])
    value = term(exprs)
    if value.op == "vector":
        return _Table((len(value.args), 1), [_shaped(v, leaves) for v in value.args])
    leaves.append(value)
    return None


class _Table:
    def __init__(self, shape: tuple[int, int], entries: list[Any]) -> None:
        self.shape, self.entries = shape, entries


def _rebuilt(shape: Any, values: Iterator[Any]) -> Any:
    if isinstance(shape, dict):
        return {k: _rebuilt(v, values) for k, v in shape.items()}
    if isinstance(shape, _Table):
        import numpy as np

        entries = np.broadcast_arrays(*(_rebuilt(e, values) for e in shape.entries))
        return np.reshape(np.array(entries), (*shape.shape, *entries[0].shape))
    if isinstance(shape, list | tuple):
        return type(shape)(_rebuilt(v, values) for v in shape)
    return next(values)


def _inputs(symbols: Sequence[Any], leaves: Sequence[Term]) -> list[Term]:
    """The arguments as Terms, in the shape that the expressions give them."""
    used = {s.name: s for t in leaves for s in iter_names(t)}
    out: list[Term] = []
    for symbol in symbols:
        given = _named(symbol)
        out.append(used.get(given.name, given))
    names = [s.name for s in out]
    double = next((n for n in names if names.count(n) > 1), None)
    if double is not None:
        raise NameLookupError(f"two arguments are named `{unicode(double)}`; give them different names")
    missing = [unicode(n) for n, s in used.items() if n not in names and "dimension" not in s.facts]
    if missing:
        raise NameLookupError(f"{', '.join(missing)} is not among the arguments {', '.join(map(unicode, names))}")
    return out


def _named(symbol: Any) -> Term:
    if isinstance(symbol, Term):
        return symbol
    if isinstance(symbol, str):
        return sym(canonical(symbol))
    found = term(symbol)
    if found.op != "sym":
        raise NameLookupError(f"an argument is a name, not {str(found)[:60]}")
    return found


def _array_program(inputs: Sequence[Term], leaves: Sequence[Term], dialect: Dialect) -> str:
    """The program of formulas with arrays or cases; parts that occur twice have a line of their own."""
    chosen = identifiers([s.name for s in inputs], ("np", "jnp", "jax", "torch", "math", "values", "functools", "njit"))
    names: dict[Term, str] = {s: chosen[s.name] for s in inputs}
    writer = Writer(names)
    lines: list[str] = []
    for s in inputs:
        for axis, n in enumerate(s.shape):
            if isinstance(n, str) and n.isidentifier() and sym(n, (), ("dimension",)) not in names:
                names[sym(n, (), ("dimension",))] = word = f"size_{n}"
                lines.append(f"{word} = {chosen[s.name]}.shape[{axis}]")
    for i, part in enumerate(_shared(leaves), 1):
        code = writer.write(part)
        names[part] = f"part{i}"
        lines.append(f"part{i} = {code}")
    lines.append(f"return ({', '.join(writer.write(t) for t in leaves)},)")
    return _in_dialect(lines, ", ".join(chosen.values()), writer.helpers, dialect)


def _in_dialect(lines: Sequence[str], parameters: str, helpers: dict[str, tuple[str, ...]], dialect: Dialect) -> str:
    head = ["import math", "", "import numpy as np"]
    mark = ["@njit"] if dialect.name == "numba" else []
    parts = [list(body) for body in helpers.values()]
    if dialect.name != "numpy":
        lines = [translated(line, dialect, helpers) for line in lines]
        parts = [[*mark, *helper(n, dialect, body)] for n, body in helpers.items()]
        head = program_head(dialect, [*lines, *(line for part in parts for line in part)])
    text = [*mark, f"def values({parameters}):", *(f"    {line}" for line in lines)]
    return "\n".join([*head, *(line for part in parts for line in ("", "", *part)), "", "", *text])


def _shared(leaves: Sequence[Term]) -> list[Term]:
    """The compound parts that are used more than once, outside the branches of cases, each after its own parts."""
    users: dict[Term, int] = {}
    nodes = postorder(*leaves)
    guarded = {a for n in nodes if n.op == "cases" for a in postorder(*n.args)}
    for node in nodes:
        for a in node.args:
            users[a] = users.get(a, 0) + 1
    return [n for n in nodes if n.args and users.get(n, 0) > 1 and n not in guarded and n.op not in ("ones", "zeros")]
