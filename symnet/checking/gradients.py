"""Claims about gradients: vectors in any brackets, matrices, or one derivative a line."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from ..equality import Comparison, compare
from ..errors import ReadError, ShapeError, quote
from ..names import compose, parse
from ..reading import Statement, read
from ..rules import slope
from ..term import ZERO, Term, postorder, substitute, sym
from .answers import Claim, Scope, components
from .arrays import Rows, elements, flat, size
from .correcting import correct
from .formulas import Formulas, witness
from .problem import Problem
from .verdict import Line, Mistake, Verdict, Witness

EULER = re.compile(r"(?<![A-Za-z\\])e(?![A-Za-z0-9_])")
SPACED = re.compile(r"\[[^\[\],;]*[\w)]\s+[^\[\],;]+\]\s*$")
UNITS = (("i", "j", "k"), ("ihat", "jhat", "khat"))


def check_gradient(problem: Problem, scope: Scope, found: list[Claim]) -> Verdict:
    """∇f in the order of the names asked, or each ∂f/∂x on its own."""
    single = [_name_of(c, problem) for c in found]
    if found and all(single):
        return _one_by_one(problem, scope, found, [n for n in single if n])
    if any(single):
        return _mixed(problem, scope, found, single)
    found = _as_components(problem, found)
    out: list[tuple[Claim, Verdict]] = [(c, _whole(problem, scope, c)) for c in found]
    many = len(out) > 1
    lines = tuple(Line(c.line, v.kind, c.text, str(v.witness or ""), shown=c.shown) for c, v in out) if many else ()
    c, v = _worst(out)
    notes = tuple(dict.fromkeys(n for c, _ in out for n in c.notes))
    return replace(v, lines=lines, first_bad_line=c.line if many and v.kind == "wrong" else None, notes=notes)


def _mixed(problem: Problem, scope: Scope, found: list[Claim], single: list[str | None]) -> Verdict:
    """Derivatives by some names, and the whole gradient on another line."""
    out: list[tuple[Claim, Verdict]] = []
    for c, name in zip(found, single, strict=True):
        if name is None and not any(n.op in ("vector", "set", "array") for s in c.sides for n in postorder(s)):
            said = f"`{quote(c.shown, 40)}` does not say by which name it is the derivative"
            raise ReadError(said, remedy=f"write ∂f/∂{problem.wrt[0]} = …")
        if name is None:
            out.append((c, _whole(problem, scope, c)))
            continue
        one = scope.problem = replace(problem, kind="derivative", wrt=(name,), rows=0)
        out.append((c, Formulas(one, scope).verdict([replace(c, label=None)])))
        scope.problem = problem
    lines = tuple(Line(c.line, v.kind, c.text, str(v.witness or ""), shown=c.shown) for c, v in out)
    c, v = _worst(out)
    return replace(v, lines=lines, first_bad_line=c.line if v.kind == "wrong" else None)


def _as_components(problem: Problem, found: list[Claim]) -> list[Claim]:
    """One formula for each name is the gradient in its order; with left sides that name nothing it is not read."""
    n = len(problem.wrt)
    if n < 2 or problem.rows or any(s.op in ("vector", "set", "array") for c in found for s in c.sides):
        return found
    if len(found) == n and all(c.label is None for c in found) and len({c.line for c in found}) == n:
        return [replace(found[0], sides=(Term("vector", tuple(c.sides[-1] for c in found)),))]
    named = [c for c in found if c.label is not None and (c.label.op != "sym" or len(found) == n)]
    if len(found) > 1 and named and any(c.label is not None for c in found):
        c = next(c for c in found if c.label is not None)
        assert c.label is not None
        said = f"the left side `{c.label.text()}` does not say by which name it is the derivative"
        raise ReadError(said, remedy=f"write ∂f/∂{problem.wrt[0]} = …")
    if SPACED.search(found[-1].source):
        raise ReadError("the components stand side by side", remedy="write commas between them: [2x, 2y]")
    return found


def _worst(found: list[tuple[Claim, Verdict]]) -> tuple[Claim, Verdict]:
    """The first wrong line, else the first that is not right, else the last."""
    wrong = [p for p in found if p[1].kind == "wrong"]
    open_ = [p for p in found if p[1].kind != "right"]
    return (wrong or open_ or found[-1:])[0]


def _name_of(c: Claim, problem: Problem) -> str | None:
    """x of a left side ∂f/∂x or f_x."""
    label = c.label
    if label is None:
        return None
    if label.op == "sym":
        subs = parse(label.name).subs
        return next((n for n in problem.wrt if n == "".join(subs)), None)
    if label.op != "partial" or label.args[1].op != "sym":
        return None
    name = label.args[1].name
    return name if name in problem.wrt else None


def _one_by_one(problem: Problem, scope: Scope, found: list[Claim], names: list[str]) -> Verdict:
    missing = [n for n in problem.wrt if n not in names]
    if missing:
        raise ReadError(f"the derivative by {', '.join(missing[:4])} is missing")
    verdicts = []
    for c, name in zip(found, names, strict=True):
        one = replace(problem, kind="derivative", wrt=(name,), rows=0)
        scope.problem = one
        verdicts.append((c, Formulas(one, scope).verdict([replace(c, label=None)])))
    scope.problem = problem
    many = len({c.line for c in found}) > 1
    lines = tuple(Line(c.line, v.kind, c.text, str(v.witness or ""), shown=c.shown) for c, v in verdicts)
    c, v = _worst(verdicts)
    mistake = _explained(problem, scope, found, names) if v.kind == "wrong" else None
    bad = c.line if many and v.kind == "wrong" else None
    named = f"{c.label.text()} = {v.correct}" if v.correct and c.label is not None else v.correct
    return replace(v, lines=lines, first_bad_line=bad, mistake=mistake or v.mistake, correct=named)


def _explained(problem: Problem, scope: Scope, found: list[Claim], names: list[str]) -> Mistake | None:
    from ..mistakes import explain_gradient

    assert problem.expr is not None
    by = {n: c.sides[-1] for n, c in zip(names, found, strict=True)}
    wrt = [sym(n) for n in problem.wrt]
    given = {**problem.given, **scope.used}
    return explain_gradient(problem.expr, wrt, [by[n] for n in problem.wrt], given=given, rows=max(problem.rows, 1))


def _whole(problem: Problem, scope: Scope, c: Claim) -> Verdict:
    """Every side of a line is the whole gradient."""
    verdict = Verdict("undecided")
    for side in c.sides:
        rows = _by_index(c, side, problem) or elements(side, _arrays(side, scope))
        verdict = _components(problem, scope, rows, c.source)
        if verdict.kind != "right":
            return verdict
    return verdict


def _components(problem: Problem, scope: Scope, rows: Rows, source: str = "") -> Verdict:
    assert problem.expr is not None
    n = len(problem.wrt)
    rows = _by_unit_vectors(rows, n, scope)
    parts = flat(rows)
    wanted = (problem.rows, n // problem.rows) if problem.rows else (n, 1)
    if problem.rows and size(rows) == (n, 1) and ";" in source:  # [a, b; c, d]
        rows = tuple(parts[i : i + wanted[1]] for i in range(0, n, wanted[1]))
    fits = size(rows) == wanted if problem.rows else len(parts) == n and 1 in size(rows)
    if not fits:
        for part in parts:  # with a name that nobody introduced it is not read
            scope.meaning(part)
        if not problem.rows and len(parts) == n:
            raise ShapeError(f"a vector of {n} is asked, this is {size(rows)[0]}×{size(rows)[1]}")
        said = f"the gradient has {_sizes(wanted)} components, the answer {_sizes(size(rows))}"
        return Verdict("wrong", said, witness=Witness({}, _sizes(wanted), _sizes(size(rows))))
    results: list[Comparison] = []
    for name, part in zip(problem.wrt, parts, strict=True):
        truth = Term("diff", (problem.expr, sym(name)), 1)
        results.append(compare(truth, scope.meaning(part), domain=problem.domain))
    bad = next((i for i, r in enumerate(results) if r.kind == "different"), None)
    if bad is not None:
        from ..mistakes import explain_gradient

        wrt = [sym(x) for x in problem.wrt]
        given = {**problem.given, **scope.used}
        mistake = explain_gradient(problem.expr, wrt, list(parts), given=given, rows=max(problem.rows, 1))
        said = f"the component for {problem.wrt[bad]} differs"
        return Verdict("wrong", said, witness=witness(results[bad]), mistake=mistake, correct=correct(problem))
    notes = tuple(dict.fromkeys(r.note for r in results if r.note))
    open_ = [r for r in results if r.kind != "equal"]
    if open_:
        likely = "right" if all(r.likely for r in open_) else None
        return Verdict("undecided", open_[0].certificate, likely=likely, notes=notes)
    return Verdict("right", f"every component: {results[0].certificate}", notes=notes)


def _by_index(c: Claim, side: Term, problem: Problem) -> Rows | None:
    """∂E/∂w_ij = e_i x_j for every i and j."""
    label = c.label
    if label is None or label.op != "partial" or label.args[1].op != "sym" or not problem.rows:
        return None
    letters = "".join(parse(label.args[1].name).subs)
    if len(letters) != 2 or not letters.isalpha() or side.shape:
        return None
    cols = len(problem.wrt) // problem.rows
    return tuple(
        tuple(_at_index(side, {letters[0]: str(i + 1), letters[1]: str(j + 1)}) for j in range(cols))
        for i in range(problem.rows)
    )


def _at_index(side: Term, digits: dict[str, str]) -> Term:
    """e_i as e1."""
    put = {}
    for node in postorder(side):
        if node.op == "sym" and (subs := parse(node.name).subs):
            letters = list("".join(subs))
            if set(letters) & set(digits):
                here = "".join(digits.get(x, x) for x in letters)
                put[node] = sym(compose(parse(node.name).base, subs=(here,)))
    return substitute(side, dict(put)) if put else side


def _by_unit_vectors(rows: Rows, n: int, scope: Scope) -> Rows:
    """2x i + 2y j as a column."""
    units = [u for u in UNITS if len(u) >= n and set(u[:n]) <= set(rows[0][0].free) - scope.own]
    if size(rows) != (1, 1) or n < 2 or not units:
        return rows
    whole, names = rows[0][0], [sym(u) for u in units[0][:n]]
    rest = substitute(whole, {u: ZERO for u in names})
    if compare(ZERO, rest).kind != "equal":
        return rows
    return tuple((slope(whole, u)[0],) for u in names)


def _sizes(s: tuple[int, int]) -> str:
    return str(s[0]) if s[1] == 1 else f"{s[0]}×{s[1]}"


# ------------------------------------------------------------------------------------------------------------- arrays
def _arrays(side: Term, scope: Scope) -> dict[str, Rows]:
    """The bare names of arrays in a formula, with their elements."""
    out = {}
    for name in side.free:
        if name not in scope.own and name not in scope.values:
            found = array_of(name, scope)
            if found is not None:
                out[name] = found
    return out


def array_of(name: str, scope: Scope) -> Rows | None:
    """e as (e1, e2), W as ((w11, w12), (w21, w22)), if these are names of the problem."""
    parts = components(name, scope.problem.names)
    if len(parts) < 2:
        return None
    places = sorted(parts)
    if len(places[0]) == 1:
        fits = places == [(i + 1,) for i in range(len(places))]
        return tuple((sym(parts[p]),) for p in places) if fits else None
    n, d = places[-1]
    if places != [(i + 1, j + 1) for i in range(n) for j in range(d)]:
        return None
    return tuple(tuple(sym(parts[i + 1, j + 1]) for j in range(d)) for i in range(n))


def with_shapes(found: list[tuple[int, Statement]], scope: Scope) -> list[tuple[int, Statement]]:
    """The lines read again with the shapes of bare array names, where there are any."""
    shapes = {}
    euler = ("e",) if any(EULER.search(s.source) for _, s in found) else ()  # e may be the vector of e1, e2
    for name in dict.fromkeys((*(n for _, s in found for side in s.sides for n in _names(side)), *euler)):
        rows = array_of(name, scope) if name not in scope.own and name not in scope.values else None
        if rows is not None:
            shapes[name] = " x ".join(map(str, size(rows) if size(rows)[1] > 1 else size(rows)[:1]))
    if not shapes:
        return found
    out = []
    for number, s in found:
        again = read(s.source, names=tuple(n for n in scope.problem.names if n not in shapes), shapes=shapes)
        out += [(number, t) for t in again.statements]
    return out


def _names(t: Term) -> Iterable[str]:
    """The names of a formula, e among them: here it may be the vector of e1, e2."""
    return [n.name.rstrip("'") for n in postorder(t) if n.op == "sym"]
