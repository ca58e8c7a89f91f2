"""A network as an ordered list of named definitions, and the checks that make it one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import files
from .errors import GraphError, NameLookupError, ShapeError
from .names import canonical, unicode
from .term import Shape, Term, iter_names, normal_shape, shape_text, substitute, sym, term

if TYPE_CHECKING:
    from .reading import Declared

LOSS_NAMES = "LEJCQFGHKMNPRSTUVWXYZ"
PARAMETER_HEADS = ("w", "W", "b", "v", "u", "theta")


@dataclass(frozen=True, slots=True)
class Definition:
    """`name = value`; `line` is its place in the text, `note` what symnet made of it (a named part)."""

    name: str
    value: Term
    line: int = 0
    note: str = ""
    facts: tuple[str, ...] = ()

    @property
    def symbol(self) -> Term:
        return sym(self.name, self.value.shape, self.facts)


class Graph:
    """Definitions in order: each uses inputs and names above it; the last one is the result.

    `Graph(text)` reads one definition a line (or `;`), `Graph([(name, value), …])` takes Terms, SymPy or texts.
    `shapes="X: n x d, w: d"` declares arrays. `.definitions`, `.inputs` (names that nothing defines, in order of
    appearance), `.result` (the last name), `.notes` (what was decided in reading). Raises `GraphError`, `ReadError`,
    `ShapeError`.

    >>> Graph("z = w x + b; E = (z - t)^2").inputs
    ('w', 'x', 'b', 't')
    """

    __slots__ = ("definitions", "inputs", "notes", "shapes", "symbols")

    definitions: tuple[Definition, ...]
    inputs: tuple[str, ...]
    notes: tuple[str, ...]
    shapes: Mapping[str, Declared]
    symbols: Mapping[str, Term]

    def __init__(
        self,
        text_or_pairs: str | Path | Iterable[tuple[Any, Any]],
        shapes: Any = None,
        *,
        notes: tuple[str, ...] = (),
    ) -> None:
        definitions, declared, more = _read(text_or_pairs, shapes)
        checked = _with_facts(_checked(definitions), declared)
        symbols, sizes = _appearing(checked)
        if sizes:
            checked = _sized(checked, symbols, sizes)
            symbols = _symbols(checked)
        if sizes or declared:
            _square(symbols)
        put = object.__setattr__
        put(self, "definitions", checked)
        put(self, "shapes", declared)
        put(self, "symbols", symbols)
        defined = {d.name for d in checked}
        put(self, "inputs", tuple(n for n, s in self.symbols.items() if n not in defined and not _is_dimension(s)))
        put(self, "notes", (*more, *notes))
        if any(d.facts for d in checked):
            from .verifying import verify_facts

            verify_facts(checked, self.inputs, symbols)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a Graph is immutable")

    def __repr__(self) -> str:
        return "Graph(" + "; ".join(f"{d.name} = {d.value}" for d in self.definitions) + ")"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Graph) and self.definitions == other.definitions

    def __hash__(self) -> int:
        return hash(self.definitions)

    @classmethod
    def from_expr(cls, expr: Any, wrt: Any = (), name: str = "") -> Graph:
        """The graph of one nested formula, its parts named z1, a1, … so that it can be derived readably."""
        from .parts import graph_of

        return graph_of(expr, wrt, name)

    def rebuilt(self, definitions: Iterable[Definition]) -> Graph:
        """The same graph with other definitions; lines, notes and declared shapes are kept."""
        new = object.__new__(Graph)
        checked = _checked(list(definitions))
        put = object.__setattr__
        put(new, "definitions", checked)
        put(new, "shapes", self.shapes)
        put(new, "symbols", _symbols(checked))
        put(new, "inputs", self.inputs)
        put(new, "notes", self.notes)
        return new

    def to_svg(self, *, formulas: bool = True) -> str:
        """The computational graph as a picture: SVG text, a box for each name and a line for each use."""
        from .pictures import to_svg

        return to_svg(self, formulas=formulas)

    @property
    def result(self) -> Definition:
        """The last definition: the loss."""
        return self.definitions[-1]

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The dimension names that formulas use as numbers or that shapes mention."""
        names = dict.fromkeys(n for n, s in self.symbols.items() if _is_dimension(s))
        for s in self.symbols.values():
            names.update(dict.fromkeys(str(d) for d in s.shape if not isinstance(d, int) and "*" not in str(d)))
        return tuple(names)

    def __getitem__(self, name: str) -> Term:
        """The value that defines a name (any spelling)."""
        key = canonical(name)
        for d in self.definitions:
            if d.name == key:
                return d.value
        raise NameLookupError(f"`{name}` is not defined in this graph; it defines {self._listed()}")

    def _listed(self) -> str:
        return ", ".join(unicode(d.name) for d in self.definitions[:12]) + (" …" if len(self.definitions) > 12 else "")

    def declared_shape(self, name: str) -> tuple[int | str, ...]:
        """The shape as it was typed: `b: n x 1` stays (n, 1) at the boundary."""
        found = self.shapes.get(name)
        return tuple(found.declared) if found else self.symbols[name].shape

    def parameters(self) -> tuple[str, ...]:
        """The inputs named w…, W…, b…, v…, u…, θ…; every input if there is none."""
        found = tuple(n for n in self.inputs if is_parameter(n))
        return found or self.inputs

    def choose(self, wrt: Any = None) -> tuple[str, ...]:
        """The names in `wrt` (a name, a list, a comma- or space-separated string, SymPy symbols), checked."""
        if wrt is None:
            return self.parameters()
        chosen = tuple(dict.fromkeys(map(canonical, spellings(wrt))))
        for name in chosen:
            if name not in self.symbols:
                known = ", ".join(unicode(n) for n in self.inputs)
                raise NameLookupError(f"`{name}` does not occur in this graph; its inputs are {known}")
            if _is_dimension(self.symbols[name]):
                raise NameLookupError(
                    f"`{unicode(name)}` is a dimension, a whole number; there is no derivative with respect to it"
                )
        if not chosen:
            raise NameLookupError("`wrt` names nothing to differentiate by")
        return chosen


def spellings(wrt: Any) -> list[str]:
    """A name, a separated string, or a collection of names and symbols as a list of spellings."""
    if isinstance(wrt, str):
        return wrt.replace(",", " ").split()
    if isinstance(wrt, Term):
        return [wrt.name]
    if isinstance(wrt, Iterable):
        return [s for w in wrt for s in spellings(w)]
    return [str(getattr(wrt, "name", wrt))]


def _is_dimension(s: Term) -> bool:
    return "dimension" in s.facts


def is_parameter(name: str) -> bool:
    if name.startswith("theta"):
        return True
    return name[0] in PARAMETER_HEADS and (len(name) == 1 or not name[1].isalpha() or name[1:].isupper())


def _read(source: Any, shapes: Any) -> tuple[list[Definition], Mapping[str, Declared], tuple[str, ...]]:
    if isinstance(source, Path):
        source = _file(source)
    if isinstance(source, str):
        from .reading import program

        source, shapes = _shapes_lines(source, shapes)
        read = program(source, shapes)
        notes = tuple(getattr(read, "notes", ()))
        lines = [(line.name, line.value, line.number) for line in read.lines]
        named, more = _named(lines)
        return named, read.shapes, (*notes, *more)
    if not isinstance(source, Iterable):
        raise GraphError(f"definitions are a text or pairs (name, value), not {type(source).__name__[:30]}")
    declared = _declared(shapes)
    known = {n: sym(n, normal_shape(d.shape), tuple(d.facts)) for n, d in declared.items()}
    rows: list[tuple[str | None, Term, int]] = []
    plain = not known  # scalars without facts all through: then no symbol has to be exchanged
    for i, pair in enumerate(source, 1):
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise GraphError(f"entry {i} is not a pair (name, value)")
        name, value = pair
        ready = plain and isinstance(value, Term) and not value.shape
        t = value if ready else _as_term(value, known)
        plain = plain and not t.shape
        rows.append((canonical(str(name)) if name is not None else None, t, i))
        if rows[-1][0] is not None:
            facts = known[str(rows[-1][0])].facts if str(rows[-1][0]) in known else ()
            known[str(rows[-1][0])] = sym(str(rows[-1][0]), rows[-1][1].shape, facts)
    named, more = _named(rows)
    return named, declared, more


def _file(path: Path) -> str:
    return files.read(path, files.PROGRAM, files.BUDGET, GraphError)


def _shapes_lines(text: str, shapes: Any) -> tuple[str, Any]:
    """`shapes X: n x d, w: d` on a line of its own is a declaration; the line counts stay."""
    lines = text.split("\n")
    found = [line.strip()[7:].split("#")[0] for line in lines if line.lstrip().startswith("shapes ")]
    if not found:
        return text, shapes
    if shapes is not None:
        raise GraphError("the shapes are declared twice: in the text and by `shapes`; keep one of them")
    return "\n".join("" if line.lstrip().startswith("shapes ") else line for line in lines), ", ".join(found)


def _declared(shapes: Any) -> Mapping[str, Declared]:
    if shapes is None:
        return {}
    from .reading import read_shapes

    return read_shapes(shapes)


def _as_term(value: Any, known: Mapping[str, Term]) -> Term:
    """A value given as text is read in the names and shapes known so far; symbols take those shapes."""
    if isinstance(value, str):
        from .reading import read

        value = read(value, names=tuple(known), shapes={n: s.shape for n, s in known.items()}).value
    t = term(value)
    swap = {s: known[s.name] for s in iter_names(t) if s.name in known and known[s.name] is not s}
    return substitute(t, swap) if swap else t


def _named(rows: list[tuple[str | None, Term, int]]) -> tuple[list[Definition], tuple[str, ...]]:
    """Definitions, a bare last expression under the first free letter."""
    if not rows:
        raise GraphError("there is no definition here; write one a line, such as `z1 = w1 x + b1`")
    taken = {n for n, _, _ in rows if n} | {n for _, v, _ in rows for n in v.free}
    out: list[Definition] = []
    notes: list[str] = []
    for i, (name, value, line) in enumerate(rows):
        if name is None:
            if i != len(rows) - 1:
                raise GraphError(f"line {line}: only the last line may be a bare expression; give this one a name")
            name = next(c for c in (*LOSS_NAMES, *(f"L{k}" for k in range(1, len(taken) + 2))) if c not in taken)
            notes.append(f"the result is named {name}")
        out.append(Definition(name, value, line))
    return out, tuple(notes)


def _checked(definitions: list[Definition]) -> tuple[Definition, ...]:
    """Every name defined once, and used only below its line."""
    place: dict[str, Definition] = {}
    for d in definitions:
        if d.name in place:
            raise GraphError(
                f"{_at(d)}`{unicode(d.name)}` is defined twice (first on line {place[d.name].line}); rename one of them"
            )
        place[d.name] = d
    order = {d.name: i for i, d in enumerate(definitions)}
    for i, d in enumerate(definitions):
        for used in d.value.free:
            if order.get(used, -1) >= i:
                raise GraphError(_too_early(d, place[used], _reaches(place, used, d.name)))
    return tuple(definitions)


def _with_facts(definitions: tuple[Definition, ...], declared: Mapping[str, Declared]) -> tuple[Definition, ...]:
    """The facts that are declared of a defined name; its declared shape is that of its value."""
    out = []
    for d in definitions:
        told = declared.get(d.name)
        if told is not None and told.shape != d.value.shape:
            raise ShapeError(
                f"{_at(d)}{unicode(d.name)} is declared {shape_text(told.shape)} and comes out"
                f" {shape_text(d.value.shape)}"
            )
        out.append(replace(d, facts=tuple(told.facts)) if told is not None and told.facts else d)
    return tuple(out)


def _sized(
    definitions: tuple[Definition, ...], symbols: Mapping[str, Term], sizes: Mapping[str, str]
) -> tuple[Definition, ...]:
    """A dimension is a whole number in every formula: no definition, array or other number has its name."""
    for d in definitions:
        if d.name in sizes:
            raise GraphError(
                f"{_at(d)}`{unicode(d.name)}` is defined here and is a dimension of {sizes[d.name]};"
                " give one of the two another name"
            )
    array = next((s for n, s in symbols.items() if s.shape and n in sizes), None)
    if array is not None:
        raise GraphError(
            f"`{unicode(array.name)}` is an array ({shape_text(array.shape)}) and is a dimension of"
            f" {sizes[array.name]}; give one of the two another name"
        )
    numbers = {s: sym(n, (), ("dimension",)) for n, s in symbols.items() if n in sizes and not _is_dimension(s)}
    return tuple(replace(d, value=substitute(d.value, numbers)) for d in definitions) if numbers else definitions


def _square(symbols: Mapping[str, Term]) -> None:
    """Only a square matrix, or a number, is symmetric or positive definite."""
    for s in symbols.values():
        told = next((f for f in s.facts if f in ("symmetric", "positive definite")), "")
        if told and s.shape and (len(s.shape) != 2 or s.shape[0] != s.shape[1]):
            shape = shape_text(s.shape)
            raise ShapeError(f"`{unicode(s.name)}` is declared `{told}` and is {shape}, which is not square")


def _dimensions_of(shape: Shape) -> Iterator[str]:
    """The names in a shape; that of n*d holds two."""
    return (p for n in shape if isinstance(n, str) for p in n.split("*") if not p.isdigit())


def _at(d: Definition) -> str:
    return f"line {d.line}: " if d.line else ""


def _too_early(d: Definition, used: Definition, cyclic: bool) -> str:
    name, other = unicode(d.name), unicode(used.name)
    if used is d:
        return f"{_at(d)}{name} is defined by itself; a definition may use only names above it"
    if cyclic:
        return f"{_at(d)}{name} and {other} are defined by each other, a cycle; break it at one of them"
    return f"{_at(d)}{name} uses {other}, which is defined below it; move the line of {other} up"


def _reaches(place: Mapping[str, Definition], start: str, goal: str) -> bool:
    seen: set[str] = set()
    stack = [start]
    while stack:
        name = stack.pop()
        if name == goal:
            return True
        if name in place and name not in seen:
            seen.add(name)
            stack.extend(place[name].value.free)
    return False


def _leaves(root: Term, seen: set[Term], sizes: dict[str, str]) -> Iterator[Term]:
    """The names below a formula in order of appearance, without the parts that were `seen`; what has which size."""
    stack = [root]
    while stack:
        node = stack.pop()
        if node.shape and node not in seen:
            for n in _dimensions_of(node.shape):
                if n not in sizes or node.op == "sym":
                    sizes[n] = f"`{unicode(node.name)}` ({shape_text(node.shape)})" if node.op == "sym" else "an array"
        if node.op == "sym":
            if "constant" not in node.data[1]:
                yield node
        elif node not in seen:
            seen.add(node)
            stack.extend(reversed(node.args))


def _symbols(definitions: tuple[Definition, ...]) -> dict[str, Term]:
    """Each name with its symbol (shape and facts), in order of appearance; one name has one shape."""
    return _appearing(definitions)[0]


def _appearing(definitions: tuple[Definition, ...]) -> tuple[dict[str, Term], dict[str, str]]:
    """The symbols, and for every dimension the array that has it, in words."""
    found: dict[str, Term] = {}
    sizes: dict[str, str] = {}
    seen: set[Term] = set()
    for d in definitions:
        for node in _leaves(d.value, seen, sizes):
            old = found.setdefault(node.data[0], node)
            if old.shape != node.shape:
                raise ShapeError(
                    f"{_at(d)}{unicode(node.name)} is {shape_text(old.shape)} in one place and"
                    f" {shape_text(node.shape)} in another"
                )
        found.setdefault(d.name, d.symbol)
    return found, sizes
