"""Claims about numbers: values, updated values, roots, stationary points, largest and smallest values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from typing import Any

from flint import arb, fmpq

from ..balls import UNDECIDED, Probe, as_ball, fmpq_of, precision
from ..balls import value as exact_value
from ..clock import end, now
from ..equality import compare, intervals
from ..equality.constants import no_value
from ..equality.enclosure import INF
from ..equality.solving import Root, Solutions, rational, solve
from ..errors import ReadError, RuleError, SymnetError, quote
from ..names import canonical, parse
from ..rules import slope
from ..term import ZERO, Term, add, mul, neg, num, postorder, rebuild, substitute, sym
from .answers import Claim, Scope, is_continued
from .domains import left_out
from .formulas import one_formula, partials
from .numerals import Exact, Judged, Written, decimal, exact, goes_beyond, judge, reach, written, written_sum
from .problem import Problem
from .verdict import Line, Mistake, Verdict, Witness

SIDE = 40  # sides of one line


# ------------------------------------------------------------------------------------------------------- single numbers
def check_number(problem: Problem, scope: Scope, found: list[Claim]) -> Verdict:
    """A value, or an updated value: every line ends in the true number, rounded as written."""
    truth = NUMBERS[problem.kind](problem)
    for c in found if problem.kind == "value" else ():
        _same_place(problem, c)
    judged = [(c, *_sides(problem, scope, c, truth)) for c in found]
    lines = tuple(Line(c.line, _kind(j), c.text, j.note, shown=c.shown) for c, j, _ in judged)
    many = len(judged) > 1
    notes = tuple(dict.fromkeys(n for c, _, _ in judged for n in c.notes))
    for c, j, side in judged:
        if j.right is False:
            said = "this is not the true value rounded to the digits written"
            more = (j.note,) if j.note else ()
            return Verdict(
                "wrong", said, witness=Witness({}, j.expected, j.found), mistake=_explained(problem, side),
                first_bad_line=c.line if many else None, notes=(*notes, *more), lines=lines if many else (),
            )  # fmt: skip
    if any(j.right is None for _, j, _ in judged):
        return Verdict("undecided", "the digits of the true value did not decide it", notes=notes)
    return Verdict("right", f"the true value is {judged[-1][1].expected}", notes=notes, lines=lines if many else ())


def _same_place(problem: Problem, c: Claim) -> None:
    """Raises `ReadError` where f(3) = … speaks of another place than the one that is asked."""
    label = c.label
    if label is None or label.op != "apply" or len(label.args) != len(problem.at) or not problem.at:
        return
    if any(a.free for a in label.args) or any(v.free for v in problem.at.values()):
        return
    rest = list(problem.at.values())
    for a in label.args:
        same = next((v for v in rest if compare(a, v).kind != "different"), None)
        if same is None:
            raise ReadError(f"`{quote(label.text(), 40)}` is not at the place that is asked")
        rest.remove(same)


def _kind(j: Judged) -> str:
    return "undecided" if j.right is None else "right" if j.right else "wrong"


def _sides(problem: Problem, scope: Scope, c: Claim, truth: Term) -> tuple[Judged, Term]:
    """The first side that is not right, else the last."""
    result = Judged(None)
    for i, side in enumerate(c.sides[:SIDE]):
        result = _side(problem, scope, side, truth, last=i == len(c.sides) - 1)
        w = written(side)
        if w is not None and is_continued(c, w.value) and goes_beyond(w, exact(truth)):
            result = replace(result, right=True)
        if result.right is not True:
            return result, side
    return result, c.sides[-1]


def _side(problem: Problem, scope: Scope, side: Term, truth: Term, last: bool) -> Judged:
    side = side.args[0] if side.op in ("vector", "set") and len(side.args) == 1 else side
    if side.op in ("vector", "set"):
        raise ReadError("one number is asked, these are several")
    one_formula(side, problem)
    w = written(side)
    if w is not None:
        judged = judge(w, exact(truth))
        return _at_the_edge(w, truth) if judged.right is None else judged
    meaning = at_point(scope.meaning(_carried_out(partials(problem, scope, side))), problem)
    if meaning.free:
        raise ReadError(f"the answer still holds {', '.join(meaning.free[:4])}; a number is asked")
    expected, shown = decimal(exact_value(truth, {})), str(side)
    same = compare(truth, meaning)
    if same.kind == "equal":
        return Judged(True, expected, shown)
    near = reach(meaning) if not last and _has_decimals(meaning) else None
    if near is not None and arb(near).overlaps(as_ball(exact_value(truth, {}))):
        return Judged(True, expected, shown)
    if same.kind == "undecided":
        return Judged(None, expected, shown)
    return Judged(False, expected, same.values[1] if same.values else shown)


def _at_the_edge(w: Written, truth: Term) -> Judged:
    """A number that is the true one, or half a unit beside it, which no ball tells."""
    half = w.unit / 2 if w.unit is not None else Fraction(0)
    for v in dict.fromkeys((w.value - half, w.value + half)):
        if compare(truth, num(v)).kind == "equal":
            return Judged(True, decimal(v), decimal(w.value))
    return Judged(None)


def _has_decimals(t: Term) -> bool:
    return any(n.op == "num" and n.data[1].startswith(".") for n in postorder(t))


def at_point(t: Term, problem: Problem) -> Term:
    put = {n: problem.at[n.name] for n in postorder(t) if n.op == "sym" and n.name in problem.at}
    return substitute(t, dict(put)) if put else t


def _value(problem: Problem) -> Term:
    assert problem.expr is not None
    expr = problem.expr
    if any(n.op in ("diff", "deriv") for n in postorder(expr)):
        expr = _carried_out(expr)
    t = at_point(expr, problem)
    if t.free:
        raise RuleError(f"there is no value for {', '.join(t.free[:4])}; give it in at=")
    return t


def _carried_out(t: Term) -> Term:
    for node in postorder(t):
        if node.op in ("diff", "deriv"):
            inner = node.args[0]
            for _ in range(node.data if node.op == "diff" else 1):
                inner = slope(inner, node.args[1])[0]
            t = substitute(t, {node: inner})
    return t


def _updated(problem: Problem) -> Term:
    """x after so many steps x ← x − η f′(x), as one number."""
    assert problem.expr is not None and problem.lr is not None
    x, rate = problem.x, at_point(problem.lr, problem)
    derivative = slope(problem.expr, x)[0]
    here = problem.at[x.name]
    others = {n: v for n, v in problem.at.items() if n != x.name}
    for _ in range(problem.steps):
        at = {sym(n): v for n, v in {**others, x.name: here}.items()}
        step = add(here, neg(mul(rate, substitute(derivative, dict(at)))))
        if step.free:
            raise RuleError(f"there is no value for {', '.join(step.free[:4])}; give it in at=")
        exactly = exact_value(step, {})
        here = num(exactly) if isinstance(exactly, Fraction) and exactly.denominator < 10**200 else step
    return here


NUMBERS = {"value": _value, "update": _updated}


def _explained(problem: Problem, side: Term) -> Mistake | None:
    from ..mistakes import explain_number, explain_update

    assert problem.expr is not None
    if problem.kind == "update":
        assert problem.lr is not None
        at = dict(problem.at)
        return explain_update(
            problem.expr, problem.x, side, lr=problem.lr, at=at, steps=problem.steps, given=dict(problem.given)
        )
    return explain_number(problem.expr, side, at=dict(problem.at), given=dict(problem.given))


# --------------------------------------------------------------------------------------------------------------- sets
def members(sides: Iterable[Term]) -> list[Term]:
    """The numbers of a list; ± gives two."""
    out: list[Term] = []
    for side in sides:
        if side.op in ("set", "vector"):
            out += members(side.args)
        else:
            out += _signs(side)
    return out


def _signs(t: Term) -> list[Term]:
    """Every reading of the ± in a formula, all of them the same way."""
    if not any(n.op == "pm" for n in postorder(t)):
        return [t]
    return [_signed(t, way) for way in (1, -1)]


def _signed(t: Term, way: int) -> Term:
    memo: dict[Term, Term] = {}
    for node in postorder(t):
        args = [memo[a] for a in node.args]
        if node.op == "pm":
            last = args[-1] if way > 0 else neg(args[-1])
            memo[node] = last if len(args) == 1 else add(args[0], last)
        else:
            memo[node] = rebuild(node, args) if args else node
    return memo[t]


def check_set(problem: Problem, scope: Scope, found: list[Claim]) -> Verdict:
    """Roots or stationary points, in any order, each rounded as written; none is an answer too."""
    if problem.kind == "stationary" and len(names_of(problem)) > 1:
        return _check_points(problem, scope, found)
    _about_the_unknown(found, _one(problem))
    truth, f = SETS[problem.kind](problem), _vanishing(problem)
    if truth.everything and _vanishes(f):
        mistake = Mistake("missing_root", "every number solves it")
        sides = Witness({}, "every number", _shown([v for c in found for v in members(c.sides[-1:])]))
        return Verdict("wrong", "every number is a solution", witness=sides, mistake=mistake)
    values = [scope.meaning(v) for c in found for v in members(c.sides[-1:])]
    for v in values:
        if v.free:
            raise ReadError(f"the answer still holds {', '.join(v.free[:4])}; numbers are asked")
    for v in values if not truth.complete else ():
        there = refuted(f, _one(problem), v)
        if there is not None:
            said = f"{v.text()} is not a solution"
            return Verdict("wrong", said, witness=Witness({}, "0", there), mistake=_set_mistake(truth, values, v))
    found_ = compare_sets(truth, values)
    return (_on_the_way(scope, truth, found) or found_) if found_.kind == "right" else found_


def _on_the_way(scope: Scope, truth: Solutions, found: list[Claim]) -> Verdict | None:
    """`x = (5 ± 1)/3 = 2, 3` and, below `x = 2, 3`, `x = 3, 3`: every side and every full list is looked at."""
    whole = set(range(len(truth.roots)))
    below: list[Term] | None = None  # the numbers under a line that has every root
    for c in found:
        named = [side for side in c.sides if side.op != "sym" or not side.free]  # x₁ = x₂ = 2
        sides = [[scope.meaning(v) for v in members([side])] for side in named]
        met = [_met(values, truth) for values in sides]
        for values, here in zip(sides, met, strict=True):
            off = next((v for v in values if not _met([v], truth)), None)
            if here != met[-1] or off is not None:
                said = f"{off.text()} is not a solution" if off is not None else "the sides are different numbers"
                w = Witness({}, _shown(sides[-1]) if off is None else _listed(truth), _shown(values))
                return Verdict("wrong", said, witness=w, first_bad_line=c.line)
        if below is not None:
            below += sides[-1]
        elif met[-1] == whole:
            below = []
    if not below or len(below) < len(whole) or (lost := whole - _met(below, truth)) == set():
        return None
    shown = truth.roots[min(lost)].decimal()
    w, mistake = Witness({}, _listed(truth), _shown(below)), Mistake("missing_root", f"{shown} solves it too")
    said = f"a solution is missing: {shown}"
    return Verdict("wrong", said, witness=w, mistake=mistake, first_bad_line=found[-1].line)


def _met(values: list[Term], truth: Solutions) -> set[int]:
    """The roots that numbers are, or may be, as their decimals are rounded."""
    return {i for i, r in enumerate(truth.roots) if any(_near_root(v, r) for v in values)}


def _near_root(v: Term, r: Root) -> bool:
    """Whether a number is this root, or may be, as its decimals are rounded."""
    if is_root(v, r) is not False:
        return True
    near = reach(v) if _has_decimals(v) and written(v) is None else None
    return near is not None and arb(near).overlaps(as_ball(r.ball(128)))


def _vanishing(problem: Problem) -> Term:
    """What is 0 at every member of the set."""
    assert problem.expr is not None
    return problem.expr if problem.kind == "roots" else slope(problem.expr, _one(problem))[0]


def _about_the_unknown(found: list[Claim], x: Term) -> None:
    """Raises `ReadError` for lines such as D = 1 and f′(x) = 2x − 2 = 0 beside those that say the numbers."""
    equation = next((c for c in found if c.label is None and len(c.sides) > 1 and c.sides[0].free), None)
    if equation is not None:
        said = f"`{quote(equation.text, 40)}` is an equation"
        raise ReadError(said, remedy=f"write the numbers alone, {x.text()} = …")
    labels = [c.label for c in found if c.label is not None]
    named = [a for a in labels if a.op == "sym" and parse(a.name).base == parse(x.name).base]
    other = [a for a in labels if a.op in ("applyprime", "partial", "diff", "deriv") or (named and a not in named)]
    if other:
        said = f"`{quote(other[0].text(), 40)}` is not what is asked"
        raise ReadError(said, remedy=f"write the numbers alone, {x.text()} = …")


TOTAL = ("num", "sym", "add", "neg", "mul")
TRIED = tuple(num(Fraction(*v)) for v in ((0, 1), (1, 1), (-1, 1), (2, 1), (1, 2), (-3, 1)))


def _vanishes(f: Term) -> bool:
    """Whether a formula that has a value everywhere is proved to be 0 everywhere."""
    powers = all(n.op in TOTAL or _is_power(n) or (n.op == "fn" and n.data in ENTIRE) for n in postorder(f))
    return powers and compare(f, ZERO).kind == "equal"


ENTIRE = ("sin", "cos", "exp", "abs", "tanh", "sigmoid")


def _is_power(n: Term) -> bool:
    k = n.args[1].number if n.op == "pow" else None
    return k is not None and k.denominator == 1 and k > 0


def check_everything(problem: Problem) -> Verdict:
    """All real numbers, as an answer that says which numbers are roots."""
    f, x, every = _vanishing(problem), _one(problem), "every number"
    for v in TRIED if not problem.domain else ():
        there = refuted(f, x, v)
        if there is not None:
            said = f"{x.text()} = {v.text()} is not a solution"
            return Verdict("wrong", said, witness=Witness({x.name: v.number}, "0", there), shown=every)
    if _vanishes(f):
        return Verdict("right", "both sides have the same normal form: every number is a solution", shown=every)
    return Verdict("undecided", "whether every number is a solution was not decided", shown=every)


def reached(problem: Problem, place: list[Term]) -> bool:
    """Whether a place is a stationary point, rounded as it is written."""
    if not any(_has_decimals(v) for v in place):
        return False
    if len(place) == 1:
        return any(is_root(place[0], r) for r in SETS["stationary"](problem).roots)
    from ..bridge import from_sympy

    answer, names = optima(problem), names_of(problem)
    points = [[root_of(from_sympy(p.at[n])) for n in names] for p in answer.points] if answer is not None else []
    return any(all(is_root(v, r) for v, r in zip(place, p, strict=True)) for p in points)


def refuted(f: Term, x: Term, v: Term) -> str | None:
    """The value of f at a written number, where it is certainly not 0; a rounded number is a whole interval."""
    w = written(v)
    at: Any = v
    if w is not None and w.unit is not None:
        at = arb(fmpq_of(w.value), as_ball(w.unit / 2))
    elif no_value(substitute(f, {x: v})):
        return "no value"
    for bits in (128, 512):
        try:
            with precision(bits):
                value = Probe({x.name: at}, {}, bits).value(f)
                if (value != 0) if isinstance(value, fmpq) else not value.contains(0):
                    return decimal(value, 8)
        except (*UNDECIDED, SymnetError):
            continue
    return None


def names_of(problem: Problem) -> tuple[str, ...]:
    return problem.wrt or (problem.expr.free if problem.expr is not None else ())


def stationary_points(problem: Problem) -> list[tuple[Term, ...]] | None:
    """The stationary points with several coordinates, exactly; None where they were not all found."""
    from ..bridge import from_sympy

    answer = optima(problem)
    if answer is None or answer.family or answer.critical_set or not str(answer.complete).startswith("proven"):
        return None
    names = names_of(problem)
    return [tuple(from_sympy(p.at[n]) for n in names) for p in answer.points if p.type == "stationary"]


def _check_points(problem: Problem, scope: Scope, found: list[Claim]) -> Verdict:
    """Points of several coordinates, as vectors or as `x = 0, y = 0`."""
    names = names_of(problem)
    answer = optima(problem)
    if answer is None or answer.family or answer.critical_set:
        return Verdict("undecided", "the stationary points were not found, or are not isolated")
    from ..bridge import from_sympy

    truth = [tuple(root_of(from_sympy(p.at[n])) for n in names) for p in answer.points if p.type == "stationary"]
    said = _points(found, names)
    shown = "; ".join("(" + ", ".join(r.decimal() for r in p) + ")" for p in truth) or "none"
    met = [False] * len(truth)
    for point in said:
        fits = [all(is_root(scope.meaning(v), r) for v, r in zip(point, p, strict=True)) for p in truth]
        if True not in fits:
            text = "(" + ", ".join(map(str, point)) + ")"
            return Verdict("wrong", f"{text} is not a stationary point", witness=Witness({}, shown, text))
        met[fits.index(True)] = True
    if not all(met):
        mistake = Mistake("missing_root", "there are more stationary points")
        return Verdict("wrong", "a stationary point is missing", witness=Witness({}, shown, "fewer"), mistake=mistake)
    if not str(answer.complete).startswith("proven"):
        return Verdict("undecided", "whether there are further stationary points is not proved", likely="right")
    return Verdict("right", f"all stationary points: {shown}")


def _points(found: list[Claim], names: tuple[str, ...]) -> list[tuple[Term, ...]]:
    by = {c.label.name: c.sides[-1] for c in found if c.label is not None and c.label.op == "sym"}
    if len(found) == len(names) and set(by) == set(names):
        return points_of(Term("vector", tuple(by[n] for n in names)))
    out: list[tuple[Term, ...]] = []
    for c in found:
        last = c.sides[-1]
        if last.op == "set" and not last.args:
            continue
        listed = last.args if last.op == "set" or (last.args and last.args[0].op == "vector") else (last,)
        for p in listed:
            if p.op != "vector" or len(p.args) != len(names):
                raise ReadError(f"a stationary point has {len(names)} coordinates", remedy="write it as (0, 1)")
            out += points_of(p)
    return out


def points_of(p: Term) -> list[tuple[Term, ...]]:
    """(±1, 0) as two points."""
    signed = [_signed(p, way) for way in (1, -1)] if any(n.op == "pm" for n in postorder(p)) else [p]
    return [q.args for q in signed]


def compare_sets(truth: Solutions, values: list[Term]) -> Verdict:
    """Every number is a solution, and every solution is there."""
    if truth.everything:
        return Verdict("undecided", "every number is a solution")
    met = [False] * len(truth.roots)
    undecided = False
    for v in values:
        fits = [is_root(v, r) for r in truth.roots]
        if True in fits:
            met[fits.index(True)] = True
        elif None in fits or not truth.complete:
            undecided = True
        else:
            shown = _listed(truth)
            said = f"{v.text()} is not a solution"
            return Verdict("wrong", said, witness=Witness({}, shown, str(v)), mistake=_set_mistake(truth, values, v))
    if undecided:
        return Verdict("undecided", "whether a number of the answer is a solution was not decided")
    if truth.infinite:
        mistake = Mistake("missing_root", "there are infinitely many solutions")
        witness = Witness({}, f"{_listed(truth)}, and infinitely many more", _shown(values))
        return Verdict("wrong", "there are infinitely many solutions", witness=witness, mistake=mistake)
    lost = [r for r, m in zip(truth.roots, met, strict=True) if not m]
    if lost:
        said = f"a solution is missing: {lost[0].decimal()}"
        mistake = Mistake("missing_root", f"{lost[0].decimal()} solves it too")
        return Verdict("wrong", said, witness=Witness({}, _listed(truth), _shown(values)), mistake=mistake)
    if not truth.complete:
        said = "the numbers are solutions; whether there are others was not decided"
        return Verdict("undecided", said, likely="right")
    return Verdict("right", f"all real solutions: {_listed(truth)}")


def _set_mistake(truth: Solutions, values: list[Term], v: Term) -> Mistake | None:
    if len(values) > len(truth.roots):
        return Mistake("extra_root", f"{v.text()} does not solve it")
    return None


def _listed(s: Solutions) -> str:
    return ", ".join(r.decimal() for r in s.roots) or "none"


def _shown(values: list[Term]) -> str:
    return ", ".join(map(str, values)) or "none"


def is_root(v: Term, r: Root) -> bool | None:
    """Whether a written number is this root: rounded as written, or the same number."""
    w = written(v) or written_sum(v)
    truth: Exact = r.ball
    if w is not None:
        if w.unit is None and r.exact is None:
            w = Written(w.value, None)
        return judge(w, truth).right if r.exact is not None or w.unit is not None else _apart(v, r)
    return _apart(v, r)


def _apart(v: Term, r: Root) -> bool | None:
    """A formula and a root are one number if they agree to many digits."""
    try:
        here = Root(lambda bits: exact_value(v, {}, bits))
        return here.meets(r, 1024)
    except SymnetError:
        return None


# ------------------------------------------------------------------------------------------------------ where they are
def _roots(problem: Problem) -> Solutions:
    assert problem.expr is not None
    x = _one(problem)
    found = _inside(problem, x, solve(problem.expr, ZERO, x))
    if found.complete or found.everything:
        return found
    from .zeros import solutions

    return solutions(problem.expr, ZERO, x, problem.domain)


def _stationary(problem: Problem) -> Solutions:
    assert problem.expr is not None
    x = _one(problem)
    found = _inside(problem, x, solve(slope(problem.expr, x)[0], ZERO, x))
    return found if found.complete else _searched(problem, x, found)


def _searched(problem: Problem, x: Term, found: Solutions) -> Solutions:
    """The stationary points that the search of `stationary` finds."""
    answer = optima(problem)
    if answer is None or not str(answer.complete).startswith("proven") or answer.family or answer.critical_set:
        return found
    from ..bridge import from_sympy

    points = [from_sympy(p.at[x.name]) for p in answer.points if p.type == "stationary"]
    return Solutions(tuple(root_of(t) for t in points), True)


def root_of(t: Term) -> Root:
    return rational(t.number) if t.number is not None else Root(lambda bits: exact_value(t, {}, bits))


def _one(problem: Problem) -> Term:
    names = names_of(problem)
    if len(names) != 1:
        raise RuleError('say which name is asked for: wrt="x"')
    return sym(names[0])


def _inside(problem: Problem, x: Term, s: Solutions) -> Solutions:
    """The solutions in the domain."""
    box, holes = intervals(problem.domain).get(x.name), left_out(problem.domain, x.name)
    if box is None and not holes:
        return s
    low, high = box or (-INF, INF)
    kept = [r for r in s.roots if low <= float(as_ball(r.ball(128))) <= high]
    return Solutions(tuple(r for r in kept if not any(_is(r, h) for h in holes)), s.complete)


def _is(root: Root, number: Term) -> bool:
    """Whether a root is a number: exactly, or as far as balls tell."""
    if root.exact is not None and number.number is not None:
        return root.exact == number.number
    return bool(as_ball(root.ball(256)).overlaps(as_ball(exact_value(number, {}))))


SETS = {"roots": _roots, "stationary": _stationary}


# ------------------------------------------------------------------------------------------------ largest and smallest
def check_extreme(problem: Problem, scope: Scope, found: list[Claim]) -> Verdict:
    """The largest or the smallest value; `oo` and none where there is no such number."""
    best = extreme(problem)
    if best is None:
        return Verdict("undecided", f"the {problem.kind} was not found")
    truth, attained = best
    place = next((c.label for c in found if c.label is not None and c.label in map(sym, names_of(problem))), None)
    if place is not None:
        said = f"`{place.text()}` is a place; the {problem.kind} is a value"
        raise ReadError(said, remedy="write the value, such as 4 at x = 1")
    sides = [s for c in found for s in c.sides]
    last = sides[-1]
    empty = last.op == "set" and not last.args
    if truth is None:
        if empty or str(last) == ("oo" if problem.kind == "maximum" else "-oo"):
            return Verdict("right", f"there is no {problem.kind}: the values are not bounded")
        return Verdict("wrong", "the values are not bounded", witness=Witness({}, "unbounded", str(last)))
    shown = decimal(exact_value(truth, {}))
    if empty:
        if attained:
            return Verdict("wrong", f"there is a {problem.kind}", witness=Witness({}, shown, "none"))
        return Verdict("right", f"the value {shown} is approached and never reached")
    if not attained:
        said = f"there is no {problem.kind}: the value {shown} is approached and never reached"
        return Verdict("wrong", said, witness=Witness({}, "none", str(last)))
    for c in found:
        for i, side in enumerate(c.sides):
            j = _side(problem, scope, side, truth, last=i == len(c.sides) - 1)
            if j.right is False:
                mistake = _extreme_mistake(problem, side)
                said = f"the {problem.kind} is {shown}"
                return Verdict("wrong", said, witness=Witness({}, j.expected, j.found), mistake=mistake)
            if j.right is None:
                return Verdict("undecided", "the digits of the true value did not decide it")
    return Verdict("right", f"the {problem.kind} is {shown}")


def _extreme_mistake(problem: Problem, side: Term) -> Mistake | None:
    from ..mistakes import explain_number

    assert problem.expr is not None
    return explain_number(problem.expr, side, given=dict(problem.given))


def extreme(problem: Problem) -> tuple[Term | None, bool] | None:
    """(value or None where it is infinite, whether it is attained), or None where it is not known."""
    near = _by_square(problem) if len(problem.wrt or problem.expr.free) == 1 else None  # type: ignore[union-attr]
    if near is not None:
        return near
    answer = optima(problem)
    end = getattr(answer, problem.kind, None) if answer is not None else None
    if end is None:
        return None
    from ..bridge import from_sympy

    if str(end.value) in ("oo", "-oo"):
        return None, False
    return (end.value if isinstance(end.value, Term) else from_sympy(end.value)), bool(end.attained)


def optima(problem: Problem) -> Any:
    try:
        from ..optima import stationary
    except ImportError:
        return None
    try:
        names = list(problem.wrt or (problem.expr.free if problem.expr is not None else ()))
        seconds = min(6.0, end() - now())
        if seconds < 0.1:
            return None
        box = {n: given for n, given in problem.domain.items() if canonical(str(n)) in names}
        return stationary(problem.expr, names, domain=box or None, seconds=seconds)
    except SymnetError:
        return None


def _by_square(problem: Problem) -> tuple[Term | None, bool] | None:
    """The value at a stationary point beyond which the function never goes: the difference is a product of squares."""
    from ..equality.bounds import never_negative

    assert problem.expr is not None
    x = _one(problem)
    points = solve(slope(problem.expr, x)[0], ZERO, x)
    low, high = intervals(problem.domain).get(x.name, (-INF, INF))
    for root in points.roots:
        if root.exact is None or not low < root.exact < high or left_out(problem.domain, x.name):
            continue
        top = substitute(problem.expr, {x: num(root.exact)})
        gap = add(top, neg(problem.expr)) if problem.kind == "maximum" else add(problem.expr, neg(top))
        if never_negative(gap, problem.domain):
            return top, True
    return None
