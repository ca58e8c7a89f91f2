"""A page as statements about one graph: read line by line, its own abbreviations and given numbers set apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from ...clock import now
from ...equality import compare
from ...errors import ReadError, ShapeError, SymnetError, quote
from ...graph import Graph, is_parameter
from ...names import SUPERSCRIPTS, parse
from ...reading import budgets
from ...reading.state import Symbols
from ...reading.statement import Statement, statement
from ...term import ZERO, Term, fn, neg, partial, postorder, substitute, sym
from .indices import spelled_out
from .naming import LETTERS, RATES, Naming, deltas, differentials, left_sides, quotients
from .resolving import Resolving
from .text import Row, plain, rows
from .truths import Truths

MOST_LINES = 400
MOST_CHARACTERS = 100_000
SECONDS = 6.0  # of processor time, for a page under all its readings
PASSES = 3  # so often a line may wait for the shape of a name that is defined below it
GIVES = frozenset({"=", ":=", "≈"})
MOVES = frozenset({"←", "→"})
SQUARE = re.compile(r"(?<=[\w)])\s*(?:²|(?<!\.)\^\s*(?:2|\{2\}))(?!\d)")
ONES = re.compile(
    r"(?<![\w.\\{(\[])(?:ones|1|𝟏|𝟙|\\mathbf\s*\{?1\}?|\\mathbb\s*\{?1\}?)\s*(?:ᵀ|\^\s*\{?(?:T|\\top)\}?)"
)
COST = re.compile(r"(?<![^\W\d_])(∂|\\partial|d)\s*cost(?![^\W\d_])")
ABOVE = re.compile(r"^\s*(?:δ|\\delta|delta)\s*(?:\^\s*\{?\s*(\d)\s*\}?|([¹²³⁴-⁹]))\s*:?=", re.MULTILINE)
POWER = re.compile(r"(δ|\\delta|\bdelta)\s*(?:\^\s*(?:\{\s*(\d)\s*\}|(\d))|([¹²³⁴-⁹]))")
SUMMED = re.compile(
    r"(?<=[\w)₀-₉])(ᵀ|\^\s*(?:T\b|\\top\b|\{\s*(?:T|\\top)\s*\})|')\s*[·*]?\s*(?:1|𝟏|𝟙|\\mathbf\s*\{?1\}?)(?![\w.(^/ᵀ])"
)
CONDITIONS = frozenset({"rel", "and", "or", "not"})


@dataclass(frozen=True, slots=True)
class Said:
    """One statement of the page on one line; `role` is given, meaning, claim, update or condition."""

    row: Row
    sides: tuple[Term, ...] = ()
    relations: tuple[str, ...] = ()
    role: str = "claim"
    text: str = ""
    shown: str = ""
    error: str = ""
    misfit: str = ""  # shapes that do not fit
    inexpressible: str = ""  # nothing that is checked here
    condition: Term | None = None

    @property
    def line(self) -> int:
        return self.row.number


class Page(Resolving):
    """The statements of an answer; `given` numbers and `meanings` of its own names were found in all of its lines."""

    def __init__(
        self, answer: str, graph: Graph, allowed: Mapping[str, Term], *, matrix: bool = False,
        own_delta: bool = False,
    ) -> None:  # fmt: skip
        if not isinstance(answer, str):
            raise ReadError(f"an answer is a text, not {quote(type(answer).__name__, 30)}", remedy="pass a string")
        budgets.check_characters(answer, MOST_CHARACTERS, "the page")
        budgets.check_characters(max(answer.split("\n"), key=len), budgets.FORMULA_CHARACTERS, "a line")
        self.answer, self.graph = answer, graph
        self.naming, self.truths = Naming(graph, own_delta), Truths(graph)
        self.matrix = matrix or any(s.shape for s in graph.symbols.values())
        self.end = now() + SECONDS
        self.meanings: dict[str, Term] = dict(allowed)
        self.given: dict[str, Term] = {}
        self.assumptions: list[Term] = []  # what is 0
        found = [r for r in map(self._spelled, rows(_layers_below(answer))) if not r.is_comment]
        if len(found) > MOST_LINES:
            raise ReadError(f"a page of {len(found):,} lines; at most {MOST_LINES} are read", remedy="split it up")
        self.symbols = self._declared(found)
        self.said = [self._with_role(one) for s in self._read(found) for one in self._each(s)]
        self.rates = self._rates()
        self.moving = frozenset(of for s in self.said for of in self._moves_to(s))
        self.scaled = dict(found for s in self.said for found in self._scaled(s))
        self.truths.put({**self._assumed(), **self.given})

    # -- reading
    def _spelled(self, row: Row) -> Row:
        """1ᵀ r, onesᵀ r and δᵀ 1 with their length, where there is one number of samples; ∂cost is no cos(t)."""
        if self.naming.is_loss("cost") and "cost" in row.text:
            row = replace(row, text=COST.sub(rf"\1 {self.graph.result.name}", row.text))
        if "n" not in self.graph.dimensions:
            return row
        return replace(row, text=SUMMED.sub(r"\1 ones(n)", ONES.sub("ones(n)^T ", row.text)))

    def _declared(self, found: list[Row]) -> Symbols:
        """The names of the graph, of the page's left sides, and every δ and learning rate."""
        out = Symbols(self.graph.symbols)
        out.update({n: sym(n, (), ("dimension",)) for n in self.graph.dimensions if n not in out})
        text = "\n".join(r.text for r in found)
        for name in (*deltas(text), *RATES):
            out.setdefault(name, self.naming.symbol(name) or sym(name))
        for name in quotients(text):
            if (symbol := self.naming.symbol(name)) is not None:
                out.setdefault(name, symbol)
        for r in found:
            for name in left_sides(r.text):
                meant = self.naming(name)
                if name not in out and (meant is None or meant.kind in ("next", "value", "inner") or name[0] != "d"):
                    out[name] = self.naming.symbol(name) or sym(name)
        for name, value in self.meanings.items():
            out[name] = sym(name, value.shape)
        return out

    def _read(self, found: list[Row]) -> list[Said]:
        """The statements in their order; a line whose shapes do not fit waits until the others are read."""
        done: dict[int, list[Said]] = {}
        for _ in range(PASSES):
            for i, row in enumerate(found):
                if i not in done or done[i][0].misfit:
                    done[i] = self._row(row)
                    self._learn_shapes(done[i])
            if not any(s.misfit for some in done.values() for s in some):
                break
        out: list[Said] = []
        for i, row in enumerate(found):
            some = done[i]
            if row.goes_on and out and out[-1].sides and some[0].sides:
                some = [replace(some[0], sides=(out[-1].sides[0], *some[0].sides), relations=("=", *some[0].relations)),
                        *some[1:]]  # fmt: skip
            out += some
        return out

    def _row(self, row: Row) -> list[Said]:
        symbols = Symbols(self.symbols)
        for name in differentials(plain(row.text), self.graph):
            symbols[name] = self.naming.symbol(name) or sym(name)
        try:
            read = self._statement(row.text, symbols)
        except ShapeError as e:
            if self._has_inner_arrays(row):
                said = "a matrix of derivatives inside a formula is not checked"
                return [Said(row, text=row.typed, shown=row.typed, inexpressible=said)]
            return [Said(row, misfit=first_sentence(str(e)), text=row.typed, shown=row.typed)]
        except SymnetError as e:
            return [Said(row, error=_placed(e, row.number), text=row.typed, shown=row.typed)]
        return [self._opened(Said(row, p.sides, p.relations, text=str(p), shown=p.text())) for p in read.statements]

    def _statement(self, text: str, symbols: Symbols) -> Statement:
        """The statements of a line; where H² is no matrix power, each element is squared."""
        latex = "\\" in text
        try:
            return statement(text, symbols=symbols, matrix=self.matrix, latex=latex)
        except ShapeError:
            squared = SQUARE.sub(".^2", text)
            if squared == text:
                raise
            return statement(squared, symbols=symbols, matrix=self.matrix, latex=latex)

    def _has_inner_arrays(self, row: Row) -> bool:
        """Whether ∂r/∂w of an array r stands on the line, whose shape no product of the page can know."""
        text = plain(row.text)
        arrays = (re.escape(d.name.replace("_", "")) for d in self.graph.definitions if d.value.shape)
        return any(re.search(rf"(?:[d∂]|partial\s*){u}\s*(?:/|d|∂|partial)", text) for u in arrays)

    def _opened(self, s: Said) -> Said:
        """`z = 0.5 > 0` as a chain and its condition; e to a formula is Euler's, also where e is an error."""
        last = s.sides[-1]
        if last.op == "rel" and len(s.sides) > 1:
            s = replace(s, sides=(*s.sides[:-1], last.args[0]), condition=last)
        return replace(s, sides=tuple(map(_euler, s.sides)))

    def _learn_shapes(self, some: list[Said]) -> None:
        for s in some:
            if len(s.sides) > 1 and s.sides[0].op == "sym":
                name = s.sides[0].name
                if self.naming(name) is None and name in self.symbols and s.sides[1].shape:
                    self.symbols[name] = sym(name, s.sides[1].shape)

    def _each(self, s: Said) -> list[Said]:
        """The statement, or one for every index that it stands for."""
        if self.matrix or not s.sides:
            return [s]
        if any(t.op == "vector" for t in s.sides):
            return self._components(s)
        heads = frozenset(t.name for t in s.sides[:1] if t.op == "sym")
        return [replace(s, sides=sides) for sides in spelled_out(s.sides, self.is_known, heads)] or [s]

    def _components(self, s: Said) -> list[Said]:
        """∇E = (…, …) as one statement for each component, in the order that the page or the graph gives."""
        first = s.sides[0]
        n = parse(first.name) if first.op == "sym" else None
        loss = self.graph.result.name
        others = (w for w in LETTERS if self.naming.is_loss(w))
        spelled = tuple(f"{lead}_{w}" for w in (loss, *others) for lead in ("nabla", "grad"))
        if n is None or not ((n.lead == "nabla_" and n.base == loss) or first.name in spelled):
            return [s]
        vectors = [t for t in s.sides[1:] if t.op == "vector"]
        names = next((us for t in vectors if (us := self._derived_by(t))), None)
        if names is None:
            weights = [u for u in self.graph.inputs if is_parameter(u)] or list(self.graph.inputs)
            only = [u for u in weights if parse(u).base == n.wrt] if n.wrt else weights
            names = tuple(self.graph.symbols[u] for u in only)
        if any(len(t.args) != len(names) for t in vectors) or len(vectors) != len(s.sides) - 1:
            said = f"the gradient has {len(names)} components in the order of the graph: name them, (∂{loss}/∂w1, …)"
            return [replace(s, inexpressible=said)]
        lefts = [partial(self.graph.result.symbol, u) for u in names]
        claims = [t for t in vectors if not self._derived_by(t)]
        if not claims:
            return [replace(s, role="given")]
        return [replace(s, sides=(left, *(t.args[i] for t in claims)), relations=("=",) * len(claims))
                for i, left in enumerate(lefts)]  # fmt: skip

    def _derived_by(self, t: Term) -> tuple[Term, ...]:
        """The u of (∂E/∂u, …); nothing for another vector."""
        found = [self._loss_by(c) for c in t.args]
        return tuple(u for u in found if u is not None) if None not in found else ()

    def _loss_by(self, c: Term) -> Term | None:
        if c.op != "partial" or c.args[0].op != "sym" or c.args[1].op != "sym":
            return None
        y, x = self.naming(c.args[0].name), self.naming(c.args[1].name)
        right = y is not None and x is not None and y.kind == x.kind == "value" and y.of == self.graph.result.name
        return self.graph.symbols[x.of] if right and x is not None else None

    # -- what a statement does
    def _with_role(self, s: Said) -> Said:
        if not s.sides or s.role == "given":
            return s
        if s.sides[-1].op in CONDITIONS:
            return replace(s, role="condition", condition=s.sides[-1])
        if len(s.sides) == 1:
            return s
        if self._assumes(s):
            return replace(s, role="given")
        left, value = s.sides[0], s.sides[1]
        moved = self._moved(left, s)
        if moved is not None:
            return replace(s, role="update", sides=(moved, *s.sides[1:]))
        if left.op != "sym" or s.relations[0] not in GIVES:
            return s
        if self._gives(s):
            return replace(s, role="given")
        if self.naming(left.name) is None and left.name not in self.meanings and not left.facts:
            self.meanings[left.name] = value
            return replace(s, role="meaning")
        return s

    def _gives(self, s: Said) -> bool:
        """x = 1, w1 = w2 = 0.5: inputs and constant values; each is given once."""
        *inputs, value = s.sides
        wanted = [self._input(x) for x in inputs]
        if value.free or value.shape or None in wanted:
            if not (self._input(s.sides[0]) and all(not v.free and not v.shape for v in s.sides[1:])):
                return False
            wanted, value = [self._input(s.sides[0])], s.sides[1]
        fresh = [n for n in wanted if n is not None and n not in self.given]
        if len(fresh) != len(wanted):
            return False
        self.given.update((n, value) for n in fresh)
        return True

    def _assumes(self, s: Said) -> bool:
        """y1 + y2 = 1: an equation between data alone holds on this page."""
        names = list(dict.fromkeys(n for side in s.sides for n in side.free))
        data = all(n in self.graph.inputs and not is_parameter(n) for n in names)
        if self.matrix or len(s.sides) != 2 or len(names) < 2 or not data or s.relations[0] not in GIVES:
            return False
        off = s.sides[0] - s.sides[1]
        if not any(_solved(off, n) for n in names):
            return False
        self.assumptions.append(off)
        return True

    def _assumed(self) -> dict[str, Term]:
        """The names that the assumptions give, by the others."""
        found: dict[str, Term] = {}
        for off in self.assumptions:
            off = substitute(off, {sym(n): v for n, v in (*found.items(), *self.given.items())})
            for n in reversed(off.free):
                if (value := _solved(off, n)) is not None:
                    found = {k: substitute(v, {sym(n): value}) for k, v in found.items()} | {n: value}
                    break
            else:
                _refuse_contradiction(off)
        return found

    def _input(self, x: Term) -> str | None:
        if x.op != "sym":
            return None
        if x.name in RATES and self.naming(x.name) is None:
            return x.name
        meant = self.naming(x.name)
        return meant.of if meant and meant.kind == "value" and meant.of in self.graph.inputs else None

    def _moved(self, left: Term, s: Said) -> Term | None:
        """The next value of the weight that the line updates: w ← …, w := w − …, w = w − …, and w ← 0.48."""
        of = self._input(left)
        if of is None or of in RATES:
            return None
        again = s.sides[1] is not left and any(self._means(n, of) for n in s.sides[1].free)
        renewed = of in self.given and not s.sides[-1].free and _other_value(s.sides[-1], self.given[of])
        if (
            s.relations[0] in MOVES
            or (again and s.relations[0] in GIVES)
            or (renewed and (self._has_rate() or self._steps(s, of)))
        ):
            return sym(f"{of}_new", left.shape) if self.naming(f"{of}_new") else None
        return None

    def _means(self, name: str, of: str) -> bool:
        meant = self.naming(name)
        return meant is not None and meant.kind == "value" and meant.of == of

    def _has_rate(self) -> bool:
        return any(n in RATES for n in self.given)

    def _steps(self, s: Said, of: str) -> bool:
        """Whether a side is the old number and a product: w1 = 0.4 − 0.5 · 0.08."""
        old = self.given[of]
        parts = s.sides[1].args if s.sides[1].op == "add" and len(s.sides[1].args) == 2 else ()
        return old in parts and any((p.args[0] if p.op == "neg" else p).op == "mul" for p in parts)

    def _rates(self) -> tuple[str, ...]:
        """The learning rates that the page names, if it moves a weight at all."""
        if not any(self._moves(s) for s in self.said):
            return ()
        seen = dict.fromkeys(n for s in self.said for t in s.sides for n in t.free)
        return tuple(n for n in RATES if (n in seen or n in self.given) and n not in self.graph.symbols
                     and n not in self.meanings)  # fmt: skip

    def _moves(self, s: Said) -> bool:
        if s.role == "update":
            return True
        names = [n for t in s.sides for n in t.free]
        applied = any(n.op == "apply" and n.data in self.graph.inputs for t in s.sides for n in postorder(t))
        return applied or any(m.kind in ("step", "next") for m in map(self.naming, names) if m)

    def _moves_to(self, s: Said) -> Iterator[str]:
        """The weights whose next value the statement gives."""
        meant = self.naming(s.sides[0].name) if s.sides and s.sides[0].op == "sym" else None
        if meant is not None and meant.kind == "next":
            yield meant.of

    def _scaled(self, s: Said) -> Iterator[tuple[str, int]]:
        """The Δw that an update multiplies by the rate, w ← w − η Δw: a gradient (1) or, after +, its negative (−1)."""
        for side in s.sides[1:] if s.role == "update" else ():
            for part in side.args if side.op == "add" else ():
                inner = part.args[0] if part.op == "neg" else part
                factors = inner.args if inner.op == "mul" else ()
                rated = any(f.op == "sym" and f.name in self.rates for f in factors)
                for f in factors:
                    meant = self.naming(f.name) if rated and f.op == "sym" else None
                    if meant is not None and meant.kind == "step":
                        yield meant.of, 1 if part.op == "neg" else -1


def _layers_below(answer: str) -> str:
    """A page that says what δ^2 is means the layer: δ2."""
    if ABOVE.search(answer) is None:
        return answer
    return POWER.sub(lambda m: f"{m[1]}_{SUPERSCRIPTS.get(m[4], m[4]) if m[4] else m[2] or m[3]}", answer)


def _euler(t: Term) -> Term:
    powers = (n for n in postorder(t) if n.op == "pow" and _is_e(n.args[0]) and n.args[1].number is None)
    swap = {n: fn("exp", n.args[1]) for n in powers}
    return substitute(t, dict(swap)) if swap else t


def _is_e(t: Term) -> bool:
    return t.op == "sym" and t.name == "e"


def _placed(e: Exception, line: int) -> str:
    """The whole error, with the line of the page for the only line that was read."""
    text = str(e)
    return f"line {line}{text[6:]}" if text.startswith("line 1") else f"line {line}: {text}"


def first_sentence(text: str) -> str:
    """An error without its place and its caret."""
    head, cut, rest = text.split("\n")[0].partition(": ")
    return rest if cut and head.startswith("line ") else text.split("\n")[0]


def _refuse_contradiction(off: Term) -> None:
    """What the assumptions leave of one of them is 0; another number contradicts the others."""
    left = substitute(off, {sym(n): ZERO for n in off.free})
    if compare(ZERO, left).kind == "different" and compare(left, off).kind == "equal":
        raise ReadError("the assumptions of this page contradict each other", remedy="take one of them back")


def _solved(off: Term, name: str) -> Term | None:
    """The value of a name that makes a formula 0, if it stands there as ±name."""
    x = sym(name)
    rest = substitute(off, {x: ZERO})
    for value, whole in ((neg(rest), rest + x), (rest, rest - x)):
        if compare(off, whole).kind == "equal":
            return value
    return None


def _other_value(new: Term, old: Term) -> bool:
    from ...balls import ball

    try:
        return not ball(new, {}).overlaps(ball(old, {}))
    except (SymnetError, ArithmeticError):
        return False
