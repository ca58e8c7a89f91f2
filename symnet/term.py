"""`Term`: a formula as it was written.

An immutable, hash-consed, ordered tree whose every node knows its shape: `()` a scalar, `(n,)` a column vector,
`(1, n)` a row, `(n, d)` a matrix; a dimension is a positive integer or a symbol (a `str`). Nothing is evaluated and
nothing is reordered: `w1 x + b1` stays in that order, `½·2` stays until a derivation says what becomes of it.
Two Terms are equal iff they are the same object.

Nodes (`op`, with what `data` holds):

    num        (Fraction >= 0, style)     a sign is always `neg`; style is "", "." (a decimal) or ".4" (its places)
    sym        (name, facts)              canonical ASCII name; facts such as "symmetric"; "constant" for π and e
    add mul    n-ary, a scalar broadcasts; `mul` is the scalar product, scaling and the Hadamard product in one
    neg div pow                           elementwise
    matmul     n-ary matrix product;  T   transpose;  matpow  (exponent as second argument)
    fn         function name              elementwise function of the table in functions.py
    prime      (function name, order)     its derivative, inert: σ′(z)
    apply      function name              an unknown function f(x, y)
    applyprime (function name, orders)    its derivative, inert; orders per argument
    partial    "d" | "∂"                  inert ∂E/∂w of two names; of ∂E/∂w by a name, a second derivative
    d                                     dX, the inert differential of a name
    diff       order                      inert derivative of an expression: (expression, variable)
    deriv      "d" | "∂" | "′"            a derivative that the next line carries out: (expression, variable)
    rel        "<" "<=" ">" ">=" "=" "!=" a condition;  and or not  of conditions
    cases      (v1, c1, v2, c2, …[, otherwise])
    index      base name                  y_i: the arguments are the indices
    sigma      (body, index, low, high)   indexed sum;  integral (body, x[, low, high]);  limit (body, x, point)
    vector set pm                         ⟨a, b⟩, {a, b}, ±a or a ± b
    array      (rows, columns)            the entries of a matrix or a column, row by row
and every named operation of operations.py (tr, det, sum, softmax, ones, …).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any, TypeVar
from weakref import ref

from .errors import ShapeError, SizeError

Dim = int | str
Shape = tuple[Dim, ...]
R = TypeVar("R")
Memo = dict["Term", "Term"]

SYMPY_LIMIT = 1_000_000  # nodes written out; SymPy has no shared parts

WALKED = 200  # nodes up to which the names of a formula are collected in one walk


class _Entry(ref["Term"]):
    """A Term in the table, which does not keep it alive."""

    __slots__ = ("key",)
    key: tuple[Any, ...]


_table: dict[tuple[Any, ...], _Entry] = {}


def _forget(entry: _Entry) -> None:
    if _table.get(entry.key) is entry:
        del _table[entry.key]


class _Open:
    """A Term while it is made; it becomes immutable by becoming a Term."""

    __slots__ = ("__weakref__", "_free", "args", "data", "op", "shape", "size")


class Term(_Open):
    """One node of a formula: `op`, `args` (Terms), `data`, `shape`, `free` (names in order of appearance), `size`."""

    __slots__ = ()

    op: str
    args: tuple[Term, ...]
    data: Any
    shape: Shape
    _free: tuple[str, ...] | None
    size: int

    def __new__(cls, op: str, args: tuple[Term, ...] = (), data: Any = None, shape: Shape = ()) -> Term:
        key = (op, args, data, shape)
        entry = _table.get(key)
        found = entry() if entry is not None else None
        if found is not None:
            return found
        size = 1
        for a in args:
            size += a.size
        self: Any = object.__new__(_Open)
        self.op, self.args, self.data, self.shape, self._free, self.size = op, args, data, shape, None, size
        self.__class__ = cls
        _table[key] = entry = _Entry(self, _forget)
        entry.key = key
        return self

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a Term is immutable: `{name}` cannot be set")

    def __reduce__(self) -> tuple[Any, ...]:
        return Term, (self.op, self.args, self.data, self.shape)

    # -- what it is
    @property
    def name(self) -> str:
        """The canonical name of a symbol."""
        if self.op != "sym":
            raise TypeError(f"only a name has a `.name`, this is `{self.op}`")
        return str(self.data[0])

    @property
    def facts(self) -> tuple[str, ...]:
        return tuple(self.data[1]) if self.op == "sym" else ()

    @property
    def free(self) -> tuple[str, ...]:
        """The names in order of appearance, worked out when first asked for; constants are not among them."""
        if self._free is None and self.size <= WALKED:
            object.__setattr__(self, "_free", _appearing(self))
        stack = [self] if self._free is None else []
        while stack:
            waiting = [a for a in stack[-1].args if a._free is None]
            if waiting:
                stack.extend(waiting)
            else:
                node = stack.pop()
                object.__setattr__(node, "_free", _names(node))
        return self._free  # type: ignore[return-value]

    @property
    def is_scalar(self) -> bool:
        return not self.shape

    @property
    def number(self) -> Fraction | None:
        """The exact value of a literal with its sign, or None."""
        if self.op == "num":
            return self.data[0]
        if self.op == "neg" and self.args[0].op == "num":
            return -self.args[0].data[0]
        return None

    # -- arithmetic builds, it does not evaluate
    def __add__(self, other: Any) -> Term:
        return add(self, term(other))

    def __radd__(self, other: Any) -> Term:
        return add(term(other), self)

    def __sub__(self, other: Any) -> Term:
        return add(self, neg(term(other)))

    def __rsub__(self, other: Any) -> Term:
        return add(term(other), neg(self))

    def __mul__(self, other: Any) -> Term:
        return mul(self, term(other))

    def __rmul__(self, other: Any) -> Term:
        return mul(term(other), self)

    def __truediv__(self, other: Any) -> Term:
        return div(self, term(other))

    def __rtruediv__(self, other: Any) -> Term:
        return div(term(other), self)

    def __pow__(self, other: Any) -> Term:
        return power(self, term(other))

    def __rpow__(self, other: Any) -> Term:
        return power(term(other), self)

    def __matmul__(self, other: Any) -> Term:
        return matmul(self, term(other))

    def __neg__(self) -> Term:
        return neg(self)

    @property
    def T(self) -> Term:
        return transpose(self)

    # -- the entries of a written vector ⟨a, b⟩, so that `sympy.Matrix(t)` and `list(t)` take it
    def __iter__(self) -> Iterator[Term]:
        if self.op != "vector":
            raise TypeError(f"only a written vector has entries, this is `{self.op}`")
        return iter(self.args)

    def __getitem__(self, i: int) -> Term:
        return tuple(self)[i]

    # -- how it is shown (each imports what it needs)
    def __str__(self) -> str:
        from .render.text import plain

        return plain(self)

    def __repr__(self) -> str:
        return f"Term({self})" if self.size < 2000 else f"Term(<{self.size} nodes>)"

    def text(self) -> str:
        """The formula in Unicode, as the terminal shows it."""
        from .render.text import unicode

        return unicode(self)

    def latex(self) -> str:
        from .render.latex import latex

        return latex(self)

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        """The components of a vector as SymPy expressions, for `sympy.Matrix(term)`."""
        import numpy as np

        parts = self.args if self.op == "vector" else (self,)
        return np.array([a._sympy_() for a in parts], dtype=object)

    def _sympy_(self) -> Any:
        from .bridge import to_sympy

        check_size(self, SYMPY_LIMIT, "as a SymPy expression this formula")
        return to_sympy(self)


def _appearing(root: Term) -> tuple[str, ...]:
    """The names of a small formula in order of appearance, with nothing kept for its parts."""
    names: dict[str, None] = {}
    stack = [root]
    while stack:
        node = stack.pop()
        if node.op == "sym":
            if "constant" not in node.data[1]:
                names[node.data[0]] = None
        elif node.args:
            stack.extend(node.args[::-1])
    return tuple(names)


def _names(node: Term) -> tuple[str, ...]:
    if node.op == "sym":
        return () if "constant" in node.data[1] else (node.data[0],)
    return _union(node.args)


def _union(args: tuple[Term, ...]) -> tuple[str, ...]:
    if not args:
        return ()
    first = args[0].free
    if len(args) == 1:
        return first
    names = dict.fromkeys(first)
    for a in args[1:]:
        if a.free is not first:
            names.update(dict.fromkeys(a.free))
    return first if len(names) == len(first) else tuple(names)


# ------------------------------------------------------------------------------------------------------------ walking
def postorder(*roots: Term) -> list[Term]:
    """Every distinct node below `roots`, each after its arguments; iterative."""
    return _walk(roots, None)


def dependents(root: Term, name: str) -> list[Term]:
    """The distinct nodes below `root` in which `name` occurs, each after its arguments."""
    return _walk((root,), name) if name in root.free else []


def _walk(roots: tuple[Term, ...], name: str | None) -> list[Term]:
    done: dict[Term, None] = {}
    stack: list[Any] = [*roots[::-1]]
    while stack:
        node = stack.pop()
        if node is None:  # what lies above it is done: the arguments of the next node
            done[stack.pop()] = None
        elif node not in done:
            if node.args:
                stack += (node, None)
                stack += node.args[::-1] if name is None else [a for a in node.args[::-1] if name in a.free]
            else:
                done[node] = None
    return list(done)


def fold(root: Term, visit: Callable[[Term, list[R]], R], memo: dict[Term, R] | None = None) -> R:
    """`visit(node, results of its arguments)` from the leaves up, once per distinct node; iterative."""
    memo = {} if memo is None else memo
    for node in postorder(root) if root not in memo else ():
        if node not in memo:
            memo[node] = visit(node, [memo[a] for a in node.args])
    return memo[root]


def rebuild(node: Term, args: Iterable[Term]) -> Term:
    """The same operation on other arguments; shapes are checked again."""
    new = tuple(args)
    if new == node.args:
        return node
    maker = MAKERS.get(node.op)
    if maker is not None:
        return maker(*new)
    if all(a.shape == b.shape for a, b in zip(new, node.args, strict=False)):
        return Term(node.op, new, node.data, node.shape)
    from .operations import apply, is_operation

    if is_operation(node.op):
        return apply(node.op, *new)
    return Term(node.op, new, node.data, new[0].shape if node.op in ("fn", "prime") else node.shape)


def substitute(root: Term, values: dict[Term, Term], memo: dict[Term, Term] | None = None) -> Term:
    """`root` with every Term that is a key of `values` replaced (keys are matched whole, outermost first)."""
    memo = dict(values) if memo is None else memo
    stack = [root]
    while stack:
        node = stack[-1]
        if node in memo:
            stack.pop()
            continue
        waiting = [a for a in node.args if a not in memo]
        if waiting:
            stack.extend(waiting)
            continue
        memo[node] = rebuild(node, [memo[a] for a in node.args]) if node.args else node
        stack.pop()
    return memo[root]


def check_size(t: Term, limit: int, what: str = "this formula") -> None:
    """Refuse a tree of more than `limit` nodes, with that sentence."""
    if t.size > limit:
        raise SizeError(
            f"{what} has {t.size:,} nodes written out, more than the {limit:,} that are printed; use its named parts"
        )


# ------------------------------------------------------------------------------------------------------------- shapes
def shape_text(shape: Shape) -> str:
    """`scalar`, `n` (a column), `1×n` (a row), `n×d`."""
    return "×".join(map(str, shape)) if shape else "scalar"


def normal_shape(dims: Iterable[Dim]) -> Shape:
    """The shape that symnet works with: (n, 1) is the column (n,), (1, 1) and (1,) are scalars."""
    s = tuple(dims)
    if len(s) == 2 and s[1] == 1:
        s = s[:1]
    return () if s == (1,) else s


def rows_cols(shape: Shape) -> tuple[Dim, Dim]:
    """A shape as rows and columns: a scalar is 1×1, a vector n×1."""
    if not shape:
        return 1, 1
    return (shape[0], 1) if len(shape) == 1 else (shape[0], shape[1])


def common_shape(op: str, args: Iterable[Term]) -> Shape:
    """The shape of an elementwise operation: equal shapes, or scalars beside them."""
    shape: Shape = ()
    for a in args:
        if a.shape and not shape:
            shape = a.shape
        elif a.shape and a.shape != shape:
            raise ShapeError(
                f"{op}: the shapes {shape_text(shape)} and {shape_text(a.shape)} do not fit"
                f" ({_short(a)} is {shape_text(a.shape)}); only a scalar is spread over an array"
            )
    return shape


def _short(t: Term) -> str:
    text = str(t) if t.size < 60 else f"the operand of {t.size} nodes"
    return text if len(text) <= 40 else text[:39] + "…"


# ----------------------------------------------------------------------------------------------------------- builders
def num(value: int | Fraction, style: str = "") -> Term:
    """A literal: a non-negative number, or its `neg`."""
    f = value if value.__class__ is Fraction else Fraction(value)
    if f < 0:
        return neg(Term("num", (), (-f, style)))
    return Term("num", (), (f, style))


ZERO, ONE, TWO = num(0), num(1), num(2)


def sym(name: str, shape: Shape = (), facts: tuple[str, ...] = ()) -> Term:
    """A name."""
    return Term("sym", (), (name, facts), shape)


def term(value: Any) -> Term:
    """A Term from a Term, an int, a Fraction, a decimal, or a SymPy expression."""
    if isinstance(value, Term):
        return value
    if isinstance(value, int | Fraction):
        return num(Fraction(value))
    if isinstance(value, float):
        return num(Fraction(repr(float(value))), ".")
    if isinstance(value, str):
        from .reading import read

        return read(value).value
    from .bridge import from_sympy

    return from_sympy(value)


def add(*args: Term) -> Term:
    return args[0] if len(args) == 1 else Term("add", args, None, common_shape("+", args))


def neg(x: Term) -> Term:
    return Term("neg", (x,), None, x.shape)


def mul(*args: Term) -> Term:
    return args[0] if len(args) == 1 else Term("mul", args, None, common_shape("·", args))


def div(a: Term, b: Term) -> Term:
    return Term("div", (a, b), None, common_shape("/", (a, b)))


def power(a: Term, b: Term) -> Term:
    return Term("pow", (a, b), None, common_shape("^", (a, b)))


def matmul(*args: Term) -> Term:
    """The matrix product; a product that comes out 1×1 is a scalar."""
    if len(args) == 1:
        return args[0]
    rows, cols = rows_cols(args[0].shape)
    for left, right in pairwise(args):
        r, c = rows_cols(right.shape)
        if r != cols:
            raise ShapeError(
                f"matrix product: {_short(left)} is {shape_text(left.shape)} and {_short(right)} is"
                f" {shape_text(right.shape)}; the columns of the first must be the rows of the second"
            )
        cols = c
    return Term("matmul", args, None, normal_shape((rows, cols)))


def transpose(x: Term) -> Term:
    rows, cols = rows_cols(x.shape)
    return Term("T", (x,), None, normal_shape((cols, rows)))


def matpow(x: Term, k: Term) -> Term:
    rows, cols = rows_cols(x.shape)
    if rows != cols or k.shape:
        raise ShapeError(f"matrix power: {_short(x)} is {shape_text(x.shape)}; a power needs a square matrix")
    return Term("matpow", (x, k), None, x.shape)


def fn(name: str, x: Term) -> Term:
    """An elementwise function of the table."""
    return Term("fn", (x,), name, x.shape)


def prime(name: str, x: Term, order: int = 1) -> Term:
    """The derivative of a table function at x, inert: σ′(z)."""
    return Term("prime", (x,), (name, order), x.shape)


def partial(y: Term, x: Term, d: str = "∂") -> Term:
    """∂y/∂x of two names, inert; the shape is that of x when y is a scalar."""
    return Term("partial", (y, x), d, x.shape if not y.shape else ())


def rel(kind: str, a: Term, b: Term) -> Term:
    return Term("rel", (a, b), kind, common_shape(kind, (a, b)))


def cases(*args: Term) -> Term:
    """`cases(v1, c1, v2, c2, …[, otherwise])`; elementwise over values and conditions."""
    return Term("cases", args, None, common_shape("cases", args))


def array(rows: Sequence[Sequence[Any]], entry: Callable[[Any], Term] = lambda t: t) -> Term:
    """A matrix, or a column, of written entries."""
    size = (len(rows), len(rows[0]))
    return Term("array", tuple(entry(c) for r in rows for c in r), size, normal_shape(size))


def sub_one(k: Term) -> Term:
    """k − 1, folded when k is a number."""
    return num(k.number - 1, k.data[1] if k.op == "num" else "") if k.number is not None else add(k, neg(ONE))


MAKERS: dict[str, Callable[..., Term]] = {
    "add": add, "neg": neg, "mul": mul, "div": div, "pow": power, "matmul": matmul, "T": transpose, "matpow": matpow,
    "cases": cases,
}  # fmt: skip


def iter_names(root: Term) -> Iterator[Term]:
    """The symbols of a formula in order of appearance."""
    seen = set()
    for node in postorder(root):
        if node.op == "sym" and node.free and node not in seen:
            seen.add(node)
            yield node
