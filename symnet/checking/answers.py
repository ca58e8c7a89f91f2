"""The answer as it was typed: lines, their statements, and what its names mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction

from ..errors import ReadError, SymnetError, quote
from ..names import parse
from ..reading import Statement, read
from ..reading.budgets import FORMULA_CHARACTERS, check_characters
from ..rules import slope
from ..term import Term, postorder, substitute, sym
from .problem import Problem

LINES, STATEMENTS, CHARACTERS = 200, 400, 100_000
WHERE = re.compile(r"[,;]?\s(?:where|with)\s+(?=[^=\s]+\s*=)")
DIFFERENTIAL = re.compile(r"\bd[a-z]\s*=(?!=)")  # u = x, dv = cos x dx
BETWEEN = re.compile(r"[,;]\s*(?=[a-z]+\s*=)")
ALONE = re.compile(r"=\s*(d[a-z])\s*$")
# e = a − t: on this page e is no longer Euler's
OWN_E = re.compile(r"(?:^|[,;]|\b(?:where|with|and|let))[ \t]*e[ \t]*:?=(?!=)", re.MULTILINE | re.IGNORECASE)
ABBREVIATED = ("derivative", "gradient", "update", "value")  # kinds in which an answer may do that
RELATIONS = ("=", "≈", "\\approx", "&=", "\\equiv", "≡")
CONTINUED = re.compile(r"(\d*\.\d+)(?:\.\.\.|…|\\l?dots)")  # 3.1415…
TIMES = ("old", "prev", "before", "t", "n", "k", "i")
NUMERIC = ("value", "update", "roots", "stationary", "maximum", "minimum")  # here even x = … says what is claimed
RATES = ("eta", "lr", "alpha")
GRADIENTS = ("g", "grad", "gradient")  # what people call f′(w) in an update
STEPS = ("H",)  # Heaviside's function, where nothing else is called so
INERT = ("partial", "apply", "applyprime")


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement on line `line`: what it is about (None for a bare formula), and sides that are claimed equal."""

    line: int
    label: Term | None
    sides: tuple[Term, ...]
    relations: tuple[str, ...]
    text: str
    notes: tuple[str, ...] = ()
    source: str = ""
    shown: str = ""


class UnknownName(SymnetError):
    """An answer uses a name that nobody introduced."""


def lines_of(answer: str) -> list[tuple[int, str]]:
    """The lines that are not blank, numbered from 1; an aligned block of LaTeX is one text."""
    if "\\begin{" in answer:
        return [(1, answer)]
    check_characters(max(answer.split("\n"), key=len), FORMULA_CHARACTERS, "a line of the answer")
    out = [(i, line.strip()) for i, line in enumerate(answer.split("\n"), 1) if line.strip()]
    if not out:
        raise ReadError("there is no answer here", remedy="write a formula")
    if len(out) > LINES:
        raise ReadError(f"an answer of {len(out):,} lines; at most {LINES} are checked")
    return out


def statements(answer: str, names: Iterable[str]) -> list[tuple[int, Statement]]:
    """Every statement with the number of its line; raises `ReadError` with that line."""
    known = tuple(names)
    out = []
    for number, line in lines_of(answer):
        for part in _parts(line):
            try:
                whole = read(part, names=known)
            except ReadError as e:
                raise _moved(e, number) from None
            rows = len(whole.statements) > 1 and "\\begin{" in part and "\\\\" in part
            out += [(number + i if rows else number, s) for i, s in enumerate(whole.statements)]
        if len(out) > STATEMENTS:
            raise ReadError(f"an answer of more than {STATEMENTS} statements is not checked")
    return out


def _parts(line: str) -> list[str]:
    """`a(1 − a) where a = σ(z)` is two statements."""
    if "\\" in line:
        return [line]
    out = WHERE.split(line)
    if DIFFERENTIAL.search(line):
        out = [ALONE.sub(r"= 1 \1", p) for part in out for p in BETWEEN.split(part)]
    return out


def _moved(e: ReadError, number: int) -> ReadError:
    if number > 1:
        text = str(e).replace("line 1,", f"line {number},", 1)
        e.args = (text,)
        e.line = number
    return e


# --------------------------------------------------------------------------------------------------------------- names
class Scope:
    """What the names of an answer mean, in the names of the problem."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.own = frozenset(n for n in problem.names if n not in problem.given or n in _inside(problem))
        self.bases = _bases(problem)
        self.values: dict[str, Term] = dict(problem.given)
        self.used: dict[str, Term] = {}
        self.extra: frozenset[str] = frozenset()
        self.functions = frozenset(
            [*problem.functions, *(f for v in problem.given.values() for f in applied(v))]
            + ([*applied(problem.expr)] if problem.expr is not None else [])
        )

    def known(self, name: str) -> bool:
        return name in self.own or name in self.values or name in self.extra or self.found(name) is not None

    def found(self, name: str) -> Term | None:
        """What a name means that nobody gave: zₖ is the argument of aₖ = σ(…), δₖ the derivative by it."""
        value = self.values.get(name)
        if value is None and name not in self.own:
            value = self._argument(name) or self._delta(name) or self._before(name) or self._rate(name)
        if value is not None:
            self.used[name] = value
        return value

    def _activation(self, name: str) -> Term | None:
        """The given aₖ = φ(…) with the indices of this name."""
        n = parse(name)
        if n.primes:  # u′ of a given u is a derivative
            return None
        fits = [v for g, v in self.problem.given.items() if v.op == "fn" and _same_place(parse(g), n)]
        return fits[0] if len(set(fits)) == 1 else None

    def _argument(self, name: str) -> Term | None:
        if parse(name).base not in ("z", "net", "s", "u", "in"):
            return None
        a = self._activation(name)
        return a.args[0] if a is not None else None

    def _before(self, name: str) -> Term | None:
        """w_old, w_n and w^{(t)} of an update are w."""
        if self.problem.kind != "update":
            return None
        n, w = parse(name), parse(self.problem.wrt[0])
        if n.base != w.base or n.accent != w.accent:
            return None
        later = n.subs[len(w.subs) :] if n.subs[: len(w.subs)] == w.subs else None
        times = (*(later or ()), *((n.layer,) if n.layer != w.layer else ()))
        return self.problem.x if later is not None and len(times) == 1 and times[0] in (*TIMES, "0") else None

    def _rate(self, name: str) -> Term | None:
        """η of an update whose rate is a number, and g, the derivative at its only step."""
        p = self.problem
        if p.kind != "update" or p.lr is None or p.expr is None or p.expr.shape:
            return None
        if name in GRADIENTS and p.at and p.steps == 1 and len(p.wrt) == 1:
            return slope(p.expr, p.x)[0]
        return p.lr if name in RATES and not p.lr.free else None

    def _delta(self, name: str) -> Term | None:
        if parse(name).base != "delta" or self.problem.expr is None or self.problem.expr.shape:
            return None
        a = self._activation(name)
        if a is None:
            return None
        z = sym("z_")
        inner = substitute(self.problem.expr, {a: Term("fn", (z,), a.data)})
        return substitute(slope(inner, z)[0], {z: a.args[0]}) if "z_" in inner.free else None

    def define(self, name: str, value: Term) -> None:
        self.values[name] = value

    def meaning(self, t: Term, allow: Iterable[str] = ()) -> Term:
        """The formula in the names of the problem; raises `UnknownName`."""
        t = self._functions(t)
        allowed = set(allow)
        for _ in range(8):
            names = [n for n in postorder(t) if n.op == "sym" and n.free]
            put = {n: v for n in names if n.name not in self.own and (v := self.found(n.name)) is not None}
            if not put:
                break
            t = substitute(t, dict(put))
        self._known_functions(t)
        bound = {n.args[1].name for n in postorder(t) if n.op == "sigma"}
        used = dict.fromkeys([*t.free, *(n.data for n in postorder(t) if n.op == "index")])
        unknown = [n for n in used if n not in self.own | self.extra | self.bases and n not in allowed | bound]
        if unknown:
            shown = " and ".join(f"`{quote(n, 40)}`" for n in unknown[:4])
            what = "is no name" if len(unknown) == 1 else "are no names"
            raise UnknownName(f"{shown} {what} of the problem, nor given, nor introduced on a line")
        return t

    def _known_functions(self, t: Term) -> None:
        """Only functions of the problem may be applied; a formula in others has no value."""
        if self.problem.kind == "lines":
            return
        unknown = [f for f in applied(t) if f not in self.functions and f not in self.own]
        if unknown:
            raise UnknownName(f"`{quote(unknown[0], 40)}` is not a function of the problem, nor known, nor given")

    def _functions(self, t: Term) -> Term:
        """Given functions φ(u) and names at a time w(t)."""
        for node in postorder(t):
            if node.op != "apply":
                continue
            if node.data in self.problem.functions:
                params, body = self.problem.functions[node.data]
                if len(params) == len(node.args):
                    t = substitute(t, {node: substitute(body, dict(zip(params, node.args, strict=True)))})
            elif node.data in STEPS and node.data not in self.functions and len(node.args) == 1:
                t = substitute(t, {node: substitute(read("Heaviside(x)").value, {sym("x"): node.args[0]})})
            elif node.data in self.own and len(node.args) == 1 and node.args[0].op == "sym":
                t = substitute(t, {node: sym(node.data)})
        return t


def applied(t: Term) -> list[str]:
    """The functions without a formula, f(x) and f′(x), in a formula."""
    found = (n.data if n.op == "apply" else n.data[0] for n in postorder(t) if n.op in ("apply", "applyprime"))
    return list(dict.fromkeys(found))


def _inside(problem: Problem) -> frozenset[str]:
    """The names of the formula itself; a given name that is among them stays."""
    free = problem.expr.free if problem.expr is not None else ()
    return frozenset([*problem.wrt, *free])


def _bases(problem: Problem) -> frozenset[str]:
    """The names that carry an index: y of y_i."""
    terms = [*problem.given.values(), *([problem.expr] if problem.expr is not None else [])]
    return frozenset(n.data for t in terms for n in postorder(t) if n.op == "index")


def _same_place(a: object, b: object) -> bool:
    """w, z and a with the same indices: a1 and z1, h1 and z1^{(1)}, out_h1 and net_h1."""
    return getattr(a, "subs", None) == getattr(b, "subs", ())


# -------------------------------------------------------------------------------------------------------------- claims
def claims(found: list[tuple[int, Statement]], scope: Scope, whole: bool = False) -> list[Claim]:
    """Labels taken off, abbreviations put into the scope, or left among the claims (`whole`)."""
    made = [_claim(number, s, scope) for number, s in found]
    if whole:
        return made
    out = []
    for i, c in enumerate(made):
        if _abbreviates(c, made[:i] + made[i + 1 :], scope) and not _stood(c, made[:i], scope):
            assert c.label is not None
            scope.define(c.label.name, c.sides[-1])
        else:
            out.append(c)
    return out


def _claim(number: int, s: Statement, scope: Scope) -> Claim:
    first, *rest = s.sides
    if rest and _is_label(first, scope):
        return Claim(number, first, tuple(rest), s.relations[1:], str(s), _own_notes(s), s.source, s.text())
    return Claim(number, None, s.sides, s.relations, str(s), _own_notes(s), s.source, s.text())


def _own_notes(s: Statement) -> tuple[str, ...]:
    """What was noted in reading, but for the number of statements, which are all looked at here."""
    return tuple(n for n in s.notes if "statements; the first" not in n)


def _is_label(t: Term, scope: Scope) -> bool:
    """A left side that names what is claimed: y′, f′(x), dy/dx, ∂E/∂w, δ2, ∇f."""
    if t.op == "sym":
        return t.name not in scope.own or bool(parse(t.name).primes) or scope.problem.kind in NUMERIC
    if t.op in INERT:
        return t.op != "apply" or t.data not in scope.problem.functions
    if t.op == "integral":
        return scope.problem.kind == "integral"
    return t.op in ("diff", "deriv") and t.args[0].op in ("sym", "apply")


def _abbreviates(c: Claim, others: list[Claim], scope: Scope) -> bool:
    """`k = a1(1 − a1)` on one line, and k on another."""
    if c.label is None or c.label.op != "sym" or c.label.name in scope.own or c.label.name in scope.values:
        return False
    name = c.label.name
    return any(name in side.free for o in others for side in o.sides) and all(name not in s.free for s in c.sides)


def _stood(c: Claim, before: list[Claim], scope: Scope) -> bool:
    """Whether lines that are rewritten held this name already: then `b = 0` is an equation, not what b stands for."""
    if scope.problem.kind != "lines" or c.label is None:
        return False
    above = [b for i, b in enumerate(before) if i == 0 or b.line < c.line]
    return any(c.label.name in side.free for b in above for side in (*b.sides, *([b.label] if b.label else [])))


def goes_on(c: Claim) -> bool:
    """A line that begins with its relation says more of what the line above is about."""
    return c.label is None and c.source.startswith(RELATIONS)


def is_near(c: Claim, i: int) -> bool:
    """Whether `≈` stands in front of a side."""
    return c.relations[i - 1] == "≈" if i else c.label is None and c.source.startswith(("≈", "\\approx"))


def is_continued(c: Claim, w: Fraction) -> bool:
    """Whether dots stand behind this decimal: 3.1415…"""
    return any(Fraction(d) == abs(w) for d in CONTINUED.findall(c.source))


def components(name: str, known: Iterable[str]) -> dict[tuple[int, ...], str]:
    """The names e1, e2 behind a bare e, or w11, w12, … behind W, by their indices."""
    out: dict[tuple[int, ...], str] = {}
    for k in known:
        n = parse(k)
        if n.base.lower() != name.lower() or n.layer or not n.subs:
            continue
        digits = n.subs if len(n.subs) > 1 else tuple(n.subs[0])
        if (name.isupper() or n.base == name) and all(d.isdigit() for d in digits) and len(digits) <= 2:
            place = tuple(map(int, digits)) if name.isupper() or len(digits) == 2 else (int("".join(digits)),)
            out[place] = k
    sizes = {len(p) for p in out}
    return out if len(sizes) == 1 else {}


def shown(found: Iterable[tuple[int, Statement]], said: Callable[[Statement], str] = str, between: str = "; ") -> str:
    """What was understood, in plain notation, or as `said` writes it."""
    rows: dict[int, list[str]] = {}
    for number, s in found:
        rows.setdefault(number, []).append(said(s))
    return between.join(", ".join(r) for r in rows.values())
