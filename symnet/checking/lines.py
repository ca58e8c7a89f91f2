"""Lines of algebra: rewriting a formula, and solving an equation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, pairwise, product
from typing import Any

from flint import fmpq

from ..balls import UNDECIDED, Probe, TooWide, fmpq_of
from ..equality import Comparison, compare, intervals
from ..equality.conditions import conditions
from ..equality.solving import Root, Solutions, same_equation, solve
from ..errors import ReadError, RuleError, SymnetError
from ..reading import Statement
from ..term import ZERO, Term, add, neg, substitute, sym
from .answers import Scope, claims, is_near
from .formulas import witness
from .numbers import is_root, members
from .numerals import is_rounded
from .problem import Problem
from .verdict import Line, Mistake, Verdict, Witness

ARROWS = re.compile(r"=>|⇒|⟹|→|->|⇔|<=>|\\(?:Rightarrow|implies|iff|Leftrightarrow|to)\b|;")
CHOICE = re.compile(r"\b(?:or|and)\b|∨|\\lor\b")
TERMS = 12  # of an equation whose signs are tried
OFFERED = re.compile(rf"{CHOICE.pattern}|,")


# ------------------------------------------------------------------------------------------------------------- rewrite
def check_rewriting(problem: Problem, scope: Scope, found: list[tuple[int, Statement]]) -> Verdict:
    """Every line equals the first; a line that follows from a wrong one says so."""
    scope.extra = frozenset(n for _, s in found for side in s.sides for n in side.free)
    made = claims(found, scope)
    steps = [(c, side, is_near(c, i)) for c in made for i, side in enumerate(c.sides)]
    if len(steps) < 2:
        raise ReadError("one formula alone rewrites nothing", remedy="write the formula and what it becomes")
    start = scope.meaning(steps[0][1])
    lines, bad, undecided = [], None, None
    before_right = True
    for (_, before, _), (c, side, rounded) in pairwise(steps):
        result = compare(start, scope.meaning(side), domain=problem.domain)
        if rounded and result.kind == "different" and is_rounded(side, start):
            result = Comparison("equal", "rounded as written")
        follows = None
        if result.kind == "different":
            if bad is None:
                bad = (c, before, side, result)
            elif not before_right and compare(scope.meaning(before), scope.meaning(side)).kind == "equal":
                follows = lines[-1].number
        elif result.kind == "undecided":
            undecided = undecided or result
        before_right = result.kind != "different"
        kind = {"different": "wrong", "equal": "right"}.get(result.kind, "undecided")
        lines.append(Line(c.line, kind, str(side), str(witness(result) or ""), follows, side.text()))
    first = Line(steps[0][0].line, "right", str(steps[0][1]), shown=steps[0][1].text())
    shown = _merged([first, *lines])
    if bad is not None:
        c, before, side, result = bad
        from ..mistakes import explain_rewrite

        mistake = explain_rewrite(before, side, given=dict(scope.values))
        said = "this line does not equal the one above"
        return Verdict("wrong", said, witness=witness(result), mistake=mistake, first_bad_line=c.line, lines=shown)
    if undecided is not None:
        return Verdict("undecided", undecided.certificate, likely="right" if undecided.likely else None, lines=shown)
    return Verdict("right", "every line equals the first", lines=shown)


def _merged(lines: list[Line]) -> tuple[Line, ...]:
    """One entry for each line of the text: the worst of its sides."""
    out: dict[int, Line] = {}
    for line in lines:
        have = out.get(line.number)
        if have is None or (have.kind == "right" and line.kind != "right"):
            out[line.number] = line
    return tuple(out.values())


# --------------------------------------------------------------------------------------------------------------- solve
@dataclass(frozen=True, slots=True)
class Solved:
    """What a line says of x: its equations, or the numbers themselves."""

    equations: tuple[tuple[Term, Term], ...]
    values: tuple[Term, ...] | None = None


def check_solving(problem: Problem, scope: Scope, found: list[tuple[int, Statement]]) -> Verdict:
    """Every line has the real solutions of the first."""
    scope.extra = frozenset(n for _, s in found for side in s.sides for n in side.free)
    x = _unknown(problem, found)
    rows = _by_line(found)
    said = [(number, _solved(statements, x), _texts(statements, "; ")) for number, statements in rows]
    parameters = any(n != x.name for _, s in found for side in s.sides for n in side.free)
    truth = solutions_of(said[0][1], x)
    if not parameters:
        said = [said[0], *_chosen(said[1:], rows[1:], truth, x)]
    lines = [Line(said[0][0], "right", said[0][2][0], shown=said[0][2][1])]
    bad: tuple[int, Verdict, Solved, Solved] | None = None
    undecided = False
    above, before = truth, said[0][1]
    for number, s, (text, shown) in said[1:]:
        v = _with_parameters(said[0][1], s, x, problem.domain) if parameters else against(truth, s, x)
        follows = None
        if v.kind == "wrong" and bad is not None and against(above, s, x).kind == "right":
            follows = lines[-1].number
        if v.kind == "wrong" and bad is None:
            bad = (number, v, before, s)
        undecided = undecided or v.kind == "undecided"
        lines.append(Line(number, v.kind, text, v.certificate if v.kind == "wrong" else "", follows, shown))
        above, before = solutions_of(s, x), s
    every = _merged(lines) if len(lines) > 1 else ()
    if bad is not None:
        number, v, one, other = bad
        mistake = (None if parameters else sign_turned(one, other, x)) or v.mistake
        return Verdict("wrong", v.certificate, witness=v.witness, mistake=mistake, first_bad_line=number, lines=every)
    if undecided or (len(said) == 1 and not truth.complete and not parameters):
        return Verdict("undecided", "the real solutions of a line are not all known", lines=every)
    what = "every line is the same equation" if parameters else f"the real solutions of every line: {_text(truth)}"
    return Verdict("right", what, lines=every)


def sign_turned(before: Solved, after: Solved, x: Term) -> Mistake | None:
    """2x + 3 = 7 to 2x = 10: other solutions, those of the line above with the sign of one term turned round."""
    if len(before.equations) != 1 or before.values is not None:
        return None
    true, found = solutions_of(before, x), solutions_of(after, x)
    if not (true.complete and found.complete) or _part_of(true, found) or _part_of(found, true):
        return None
    for turned, said in _turned(*before.equations[0], x):
        if _same_roots(solve(turned, ZERO, x), found):
            return Mistake("sign", said)
    return None


def _turned(left: Term, right: Term, x: Term) -> Iterator[tuple[Term, str]]:
    """The equations with one sign turned round, as formulas that are 0: of a term, in a factor, of every solution."""
    moved = [(t, t) for t in _summed(left)] + [(neg(t), t) for t in _summed(right)]
    for i, (_, shown) in enumerate(moved[:TERMS] if len(moved) > 1 else ()):
        terms = [neg(t) if k == i else t for k, (t, _) in enumerate(moved)]
        yield add(*terms), f"the sign of {shown.text()} is turned round: a term that changes sides changes its sign"
    for factor in left.args if left.op == "mul" and right is ZERO else ():
        terms = list(_summed(factor))
        for i, t in enumerate(terms[:TERMS] if len(terms) > 1 else ()):
            turned = add(*(neg(o) if k == i else o for k, o in enumerate(terms)))
            said = f"in the factor {factor.text()} the sign of {t.text()} is turned round"
            yield substitute(left, {factor: turned}), said
    yield substitute(left - right, {x: neg(x)}), "the sign of the solutions is turned round"


def _summed(t: Term) -> tuple[Term, ...]:
    return t.args if t.op == "add" else () if t is ZERO else (t,)


def _part_of(a: Solutions, b: Solutions) -> bool:
    return all(any(r.meets(k) for k in b.roots) for r in a.roots)


def _same_roots(a: Solutions, b: Solutions) -> bool:
    return a.complete and len(a.roots) == len(b.roots) and _part_of(a, b)


def _texts(statements: list[Statement], between: str) -> tuple[str, str]:
    """The statements of a line in plain notation, and as people write them."""
    return between.join(map(str, statements)), between.join(s.text() for s in statements)


def _unknown(problem: Problem, found: list[tuple[int, Statement]]) -> Term:
    if problem.wrt:
        return sym(problem.wrt[0])
    names = dict.fromkeys(n for _, s in found for side in s.sides for n in side.free)
    if len(names) != 1:
        raise RuleError('say which name is solved for: wrt="x"')
    return sym(next(iter(names)))


def _by_line(found: list[tuple[int, Statement]]) -> list[tuple[int, list[Statement]]]:
    """What stands on each line: equations to choose from (`or`), numbers, or one equation after the other."""
    rows: dict[int, list[Statement]] = {}
    for number, s in found:
        rows.setdefault(number, []).append(s)
    return [(number, group) for number, statements in rows.items() for group in _groups(statements)]


def _groups(statements: list[Statement]) -> list[list[Statement]]:
    """What stands between two arrows belongs together, `⇒ x = 2 or x = −2`; so do numbers with a `;` between them."""
    text = statements[0].source
    if not ARROWS.search(text):
        together = CHOICE.search(text) or all(map(_is_number, statements))
        return [statements] if together else [[s] for s in statements]
    arrows, sizes = ["", *ARROWS.findall(text)], [_alternatives(part) for part in ARROWS.split(text)]
    if sum(sizes) != len(statements):
        return [[s] for s in statements]
    out: list[list[Statement]] = []
    rest = iter(statements)
    for arrow, size in zip(arrows, sizes, strict=True):
        group = list(islice(rest, size))
        if arrow == ";" and out and all(map(_is_number, (*out[-1], *group))):
            out[-1] += group
        elif group:
            out.append(group)
    return out


def _alternatives(part: str) -> int:
    """How many equations are offered in a part of a line."""
    return sum("=" in p or "≈" in p for p in OFFERED.split(part))


Row = tuple[int, Solved, tuple[str, str]]


def _chosen(said: list[Row], rows: list[tuple[int, list[Statement]]], truth: Solutions, x: Term) -> list[Row]:
    """`x − 1 = 0, x − 2 = 0` is a choice, unless one of the equations says all by itself."""
    out: list[Row] = []
    for number in dict.fromkeys(number for number, _ in rows):
        here = [i for i, (n, _) in enumerate(rows) if n == number]
        statements = [s for i in here for s in rows[i][1]]
        source = rows[here[0]][1][0].source
        one_each = len(here) > 1 and len(here) == len(statements) and not ARROWS.search(source)
        if one_each and all(against(truth, said[i][1], x).kind != "right" for i in here):
            out.append((number, _solved(statements, x), _texts(statements, ", ")))
        else:
            out += [said[i] for i in here]
    return out


def _is_number(s: Statement) -> bool:
    return s.sides[0].op == "sym" and all(not side.free for side in s.sides[1:])


def _solved(statements: list[Statement], x: Term) -> Solved:
    """`x = a = b`, `x = 1 or x = 9`, `none` are numbers; anything else is one equation or several to choose from."""
    values: list[Term] = []
    equations: list[tuple[Term, Term]] = []
    direct = True
    for s in statements:
        if len(s.sides) == 1 and s.sides[0].op in ("set", "num", "neg", "pm", "div") and x.name not in s.sides[0].free:
            values += members(s.sides)
            continue
        if len(s.sides) == 1:
            raise ReadError(f"`{s.text()}` is not an equation", remedy="write both sides, such as x^2 = 4")
        if s.sides[0] is x and all(x.name not in side.free for side in s.sides[1:]):
            values += members(s.sides[-1:])
            equations += [(x, v) for side in s.sides[1:-1] for v in members([side])]
            continue
        direct = False
        for other in members(s.sides[-1:]):
            equations.append((s.sides[0], other))
    return Solved(tuple(equations), tuple(values) if direct else None)


def solutions_of(s: Solved, x: Term, domain: Mapping[str, Any] | None = None) -> Solutions:
    """The union over the alternatives of a line."""
    from .zeros import solutions

    roots: list[Root] = []
    complete = True
    if s.values is not None:
        found = [solve(x, v, x) for v in s.values]
    else:
        found = [solutions(a, b, x, domain) for a, b in s.equations]
    for one in found:
        if one.everything:
            return one
        complete = complete and one.complete
        roots += [r for r in one.roots if not any(r.meets(k) for k in roots)]
    return Solutions(tuple(roots), complete)


def against(truth: Solutions, s: Solved, x: Term, here: Solutions | None = None) -> Verdict:
    """Whether a line has these solutions; `here` are its own where they are known."""
    if s.values is not None:
        return _values_against(truth, s)
    here = here or solutions_of(s, x)
    if truth.everything or here.everything:
        if truth.everything and here.everything:
            return Verdict("right")
        many, few = ("every number", _text(truth)) if here.everything else (_text(here), "every number")
        return Verdict("wrong", "the solutions are not the same", witness=Witness({}, few, many))
    lost = [r for r in truth.roots if not any(r.meets(k) for k in here.roots)]
    more = [r for r in here.roots if not any(r.meets(k) for k in truth.roots)]
    if lost and here.complete:
        return _lost(lost[0], truth, _text(here))
    if more and truth.complete:
        return _gained(more[0].decimal(), truth, _text(here))
    if not (truth.complete and here.complete):
        return Verdict("undecided")
    return Verdict("right")


def _with_parameters(first: Solved, s: Solved, x: Term, domain: Mapping[str, Any]) -> Verdict:
    """Lines with other names: the same equation up to factors without x, or a value that is put into the first."""
    (left, right), *more = first.equations or tuple((x, v) for v in first.values or ())
    here = s.equations or tuple((x, v) for v in s.values or ())
    box = intervals(domain)
    if not more and len(here) == 1 and same_equation((left, right), here[0], x, box):
        return Verdict("right" if _keeps(left, right, here[0], domain) else "undecided")
    names = {x.name, *(n for pair in ((left, right), *more) for side in pair for n in side.free)}
    sides = [side for pair in here for side in pair]
    new = [n for side in sides for n in side.free if n not in names]
    named = s.values is not None or any(_is_named(pair, new) for pair in here)
    if new and (named or all(x.name not in side.free for side in sides)):
        return Verdict("undecided")  # x = k π is a family of solutions, u = e^x a name for a part
    if s.values is not None and not more:
        for v in s.values:
            found = compare(substitute(left, {x: v}), substitute(right, {x: v}), domain=domain, within=[v])
            if found.kind == "different":
                said = f"{x.text()} = {v.text()} does not solve the first line"
                return Verdict("wrong", said, witness=witness(found), mistake=Mistake("extra_root", said))
    return _told_apart([(left, right), *more], list(here), x, box) or Verdict("undecided")


def _is_named(pair: tuple[Term, Term], new: list[str]) -> bool:
    """u = e^x with a new name u."""
    return any(a.op == "sym" and a.name in new and a.name not in b.free for a, b in (pair, pair[::-1]))


Equation = tuple[Term, Term]
PLACES = tuple(Fraction(v) for v in (0, 1, -1, 2, 3, -2))  # where a factor that was cancelled or gained may be 0
TRIES = 1_500


def _told_apart(first: list[Equation], here: list[Equation], x: Term, box: Mapping[str, Any]) -> Verdict | None:
    """Values of the names for which one line holds, and the other has values and does not hold."""
    names = tuple(dict.fromkeys(n for pair in (*first, *here) for side in pair for n in side.free))
    inside = [[v for v in PLACES if n not in box or box[n][0] < v < box[n][1]] for n in names]
    for values in islice(product(*inside), TRIES):
        at = dict(zip(names, values, strict=True))
        before, after = _holds(first, at), _holds(here, at)
        if before is None or after is None or before == after:
            continue
        name, said = ("missing_root", "is lost") if before else ("extra_root", "is gained")
        shown = ", ".join(f"{n} = {v}" for n, v in at.items())
        words = f"the solution {x} = {at.get(x.name, 0)} {said}: a factor without {x.name} may be 0"
        held = ("true", "false")
        place = Witness(at, *(held if before else held[::-1]))
        return Verdict("wrong", f"at {shown} only the {'first' if before else 'later'} line holds", witness=place,
                       mistake=Mistake(name, words))  # fmt: skip
    return None


def _holds(equations: list[Equation], at: Mapping[str, Fraction]) -> bool | None:
    """Whether one of the equations is true there; None where that is not certain, or a side has no value."""
    found = []
    for left, right in equations:
        try:
            a, b = (Probe(at, {}, 128).value(side) for side in (left, right))
            off = _number(a) - _number(b)
        except (*UNDECIDED, TooWide, SymnetError):
            return None
        if isinstance(off, fmpq):
            found.append(bool(off == 0))
        elif off.contains(0):
            return None
        else:
            found.append(False)
    return any(found)


def _number(v: Any) -> Any:
    return fmpq_of(v) if isinstance(v, Fraction) else v


def _keeps(left: Term, right: Term, line: tuple[Term, Term], domain: Mapping[str, Any]) -> bool:
    """Every solution of the first line is one of this line, where logarithms and roots could lose some."""
    asked = {c for side in line for c in conditions(side)}
    if asked <= {c for side in (left, right) for c in conditions(side)}:
        return True
    y, value = (left, right) if left.op == "sym" else (right, left)
    if y.op != "sym" or y.name in value.free:
        return False
    a, b = (substitute(side, {y: value}) for side in line)
    return compare(a, b, domain=domain).kind == "equal"


def _values_against(truth: Solutions, s: Solved) -> Verdict:
    assert s.values is not None
    if truth.everything:
        return Verdict("undecided")
    shown = ", ".join(map(str, s.values)) or "none"
    fits = [[is_root(v, r) for r in truth.roots] for v in s.values]
    for v, f in zip(s.values, fits, strict=True):
        if True not in f:
            if None in f or not truth.complete:
                return Verdict("undecided")
            return _gained(v.text(), truth, shown)
    for _, b in s.equations:
        if not any(is_root(b, r) for r in truth.roots):
            return _gained(b.text(), truth, shown)
    for i, r in enumerate(truth.roots):
        if not any(f[i] for f in fits):
            return _lost(r, truth, shown)
    return Verdict("right") if truth.complete else Verdict("undecided")


def _lost(r: Root, truth: Solutions, found: str) -> Verdict:
    shown = r.decimal()
    mistake = Mistake("missing_root", f"{shown} solves the line above too: it was lost, perhaps by dividing by 0")
    return Verdict("wrong", f"the solution {shown} is lost", witness=Witness({}, _text(truth), found), mistake=mistake)


def _gained(shown: str, truth: Solutions, found: str) -> Verdict:
    mistake = Mistake("extra_root", f"{shown} does not solve the first line: it was gained, perhaps by squaring")
    said = f"{shown} is not a solution of the first line"
    return Verdict("wrong", said, witness=Witness({}, _text(truth), found), mistake=mistake)


def _text(s: Solutions) -> str:
    return "every number" if s.everything else ", ".join(r.decimal() for r in s.roots) or "none"
