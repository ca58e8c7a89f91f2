"""Several variables: partial derivatives with the others held constant, ∇f, Jacobian, Hessian, and slopes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial as partial_
from typing import Any

from .balls import decide_sign
from .balls import value as number_of
from .calculation import Calculation, Part, same
from .corners import corners, differentiable
from .derivation import Step
from .differentiation import NAMES, named, resolved, rules_listed
from .errors import DomainError, NameLookupError, RuleError, ShapeError
from .finishing import finish
from .graph import spellings
from .names import canonical, unicode
from .normal import expanded, shorter
from .probing import Witness
from .stepwise import unfold
from .term import ZERO, Term, add, div, mul, neg, num, partial, postorder, power, rel, substitute, sym, term
from .tidy import tidy


def vector(parts: Iterable[Term]) -> Term:
    return Term("vector", tuple(parts))


def column(parts: Sequence[Term]) -> Term:
    """The components one below the other."""
    return vector(vector([p]) for p in parts)


# --------------------------------------------------------------------------------------------------------- the gradient
def gradient(expr: Any, wrt: Any = None, *, form: str = "row") -> Calculation:
    """∇f = ⟨∂f/∂x, ∂f/∂y, …⟩: each partial derivative by its rules, the other names held constant.

    `wrt=None` means every name, in order of appearance; `form` is "row", ⟨a, b⟩, or "column".

    >>> print(gradient("x^2 y + x y z + z^2").result)
    [2*x*y + y*z, x^2 + x*z, x*y + 2*z]
    """
    f, value, names = _question(expr, wrt)
    partials = [_partial(f, value, x, names, i) for i, x in enumerate(names, 1)]
    answers = [part.lines["rules"][-1].result for part in partials]
    whole = _vector(form, answers)
    nabla = sym(f"nabla_{f.name}")
    inert = _vector(form, [partial(f, x) for x in names])
    last = Step("G1", "the partial derivatives, side by side", nabla, (inert, whole))
    start = Part("", {"result": (), **_both(Step("", "", f, (value,)))})
    end = Part("Gradient", {**same(last), "result": (replace(last, sides=(whole,), rule=""),)})
    values = {x.name: a for x, a in zip(names, answers, strict=True)}
    return Calculation(
        ("Gradient of ", value), (start, *partials, end), whole, (*_absent(value, names), *_corners(value, names)),
        values, True, f,
        partial_(differentiable, value, tuple(names), 1),
    )  # fmt: skip


def _absent(value: Term, names: Sequence[Term]) -> tuple[str, ...]:
    """A slip of the pen would otherwise pass as a derivative of 0."""
    missing = [unicode(x.name) for x in names if x.name not in value.free]
    return (f"{', '.join(missing)}: not in the formula, so the partial derivative is 0",) if missing else ()


def _corners(value: Term, names: Sequence[Term], order: int = 1) -> tuple[str, ...]:
    return tuple(dict.fromkeys(s for x in names for s in corners(value, x, order)))


def _both(*steps: Step) -> Mapping[str, tuple[Step, ...]]:
    return {"chain": steps, "rules": steps}


def _vector(form: str, parts: Sequence[Term]) -> Term:
    if form not in ("row", "column"):
        raise RuleError(f"`form` is row or column, not {form!r}")
    return column(parts) if form == "column" else vector(parts)


def _question(expr: Any, wrt: Any) -> tuple[Term, Term, list[Term]]:
    """A name for the function, its formula, and the names to differentiate by."""
    name, value = named(expr)
    value = resolved(value)
    if value.shape:
        raise ShapeError("this is for functions with scalar values; use `derive` for arrays")
    names = [sym(canonical(n)) for n in spellings(wrt)] if wrt is not None else [sym(n) for n in value.free]
    if not names:
        raise NameLookupError("there is no name to differentiate by")
    taken = {*value.free, *(x.name for x in names)}
    return sym(name or next(n for n in ("f", "F", "g", *NAMES) if n not in taken)), value, names


def _partial(f: Term, value: Term, x: Term, names: Sequence[Term], i: int) -> Part:
    """∂f/∂x by the rules."""
    others = [unicode(n.name) for n in names if n is not x]
    title = f"∂{unicode(f.name)}/∂{unicode(x.name)}"
    if others:
        title += f", {' and '.join(others) if len(others) < 3 else ', '.join(others)} held constant"
    steps = partial_steps(partial(f, x), value, x, f"P{i}.")
    return Part(title, _short_and_long(steps))


def _short_and_long(steps: tuple[Step, ...]) -> Mapping[str, tuple[Step, ...]]:
    """The answer with the rules that it took, or every line."""
    rules = rules_listed(s.rule for s in steps if s.why)
    answer = replace(steps[-1], tag=steps[-1].tag.split(".")[0], rule=rules, why=(), continued=False)
    return {"result": (), "chain": (answer,), "rules": steps}


def partial_steps(target: Term, value: Term, x: Term, prefix: str) -> tuple[Step, ...]:
    """The lines of one partial derivative."""
    lines = unfold(value, x, "∂")
    final, words = finish(lines[-1].formula)
    Witness(value, x).check(final, "final step")
    steps = [Step(f"{prefix}{i}", n.rule, target, (n.formula,), why=n.why) for i, n in enumerate(lines, 1)]
    if final is not lines[-1].formula:
        steps.append(Step(f"{prefix}{len(steps) + 1}", words or "tidied", target, (final,)))
    return tuple(replace(s, continued=i > 0) for i, s in enumerate(steps))


# ------------------------------------------------------------------------------------------------ tables of derivatives
def jacobian_matrix(exprs: Sequence[Any], wrt: Any) -> Calculation:
    """J[i, j] = ∂fᵢ/∂xⱼ of scalar functions: a row for each function, a column for each name."""
    values = [resolved(named(e)[1]) for e in exprs]
    names = [sym(canonical(n)) for n in spellings(wrt)]
    parts, rows = [], []
    for i, v in enumerate(values, 1):
        row = []
        for j, x in enumerate(names, 1):
            steps = partial_steps(partial(sym(f"f{i}"), x), v, x, f"J{i}{j}.")
            parts.append(Part(f"Row {i}, column {j}", _short_and_long(steps)))
            row.append(steps[-1].result)
        rows.append(vector(row))
    whole = vector(rows)
    last = Step("J", "a row for each function, a column for each name", sym("J"), (whole,))
    start = Part("", {"result": (), **_both(*(Step("", "", sym(f"f{i}"), (v,)) for i, v in enumerate(values, 1)))})
    heading = ("Jacobian of ", vector(values), " with respect to ", vector(names))
    return Calculation(heading, (start, *parts, Part("Jacobian", same(last))), whole)


def hessian_matrix(expr: Any, wrt: Any = None) -> Calculation:
    """H[i, j] = ∂²f/∂xᵢ∂xⱼ: the Jacobian of the gradient; it is symmetric, which is compared."""
    f, value, names = _question(expr, wrt)
    g = gradient(expr, wrt)
    parts, rows = list(g.parts[:-1]), []
    for i, x in enumerate(names, 1):
        first = g.slopes[x.name]
        row = []
        for j, y in enumerate(names, 1):
            steps = partial_steps(Term("deriv", (partial(f, x), y), "∂"), first, y, f"H{i}{j}.")
            parts.append(Part(f"Row {i}, column {j}", _short_and_long(steps)))
            row.append(steps[-1].result)
        rows.append(vector(row))
    whole = vector(rows)
    last = Step("H", "the derivatives of the partial derivatives", sym("H"), (whole,))
    return Calculation(
        ("Hessian of ", value), (*parts, Part("Hessian", same(last))), whole, _corners(value, names, 2), g.slopes,
        True, f, partial_(differentiable, value, tuple(names), 2),
    )  # fmt: skip


# -------------------------------------------------------------------------------------------------- slopes and tangents
def directional_derivative(expr: Any, at: Mapping[str, Any], direction: Mapping[str, Any]) -> Calculation:
    """The slope of f at a point along v: ∇f · v/|v|."""
    f, value, names = _question(expr, list(at))
    g = gradient(expr, list(at))
    where = {canonical(n): term(v) for n, v in at.items()}
    steps = {canonical(n): term(v) for n, v in direction.items()}
    unknown = [n for n in steps if n not in where]
    if unknown:
        raise NameLookupError(f"the direction has `{unicode(unknown[0])}`, which the point does not have")
    along = [steps.get(x.name, ZERO) for x in names]
    if all(decide_sign(a, {}) == 0 for a in along if not a.free) and not any(a.free for a in along):
        raise RuleError("the direction has length 0")
    said = differentiable(value, tuple(names), 1, where)
    numbers = [_number(substitute(g.slopes[x.name], {sym(canonical(n)): v for n, v in where.items()})) for x in names]
    length = finish(Term("fn", (add(*(power(a, num(2)) for a in along)),), "sqrt"))[0]
    product = add(*(mul(a, b) for a, b in zip(numbers, along, strict=True)))
    target = sym("D_v")
    nabla = sym(f"nabla_{f.name}")
    lines = (
        Step("T1", f"the gradient at {_place(where)}", nabla, (vector(g.slopes.values()), vector(numbers))),
        Step("T2", "the length of the direction", Term("fn", (sym("v"),), "abs"), (length,)),
        Step(
            "T3", "the product with the direction of length 1", target, (div(product, length), _root(product, length))
        ),
    )
    return Calculation(
        ("Directional derivative of ", value, " along ", vector(along)), (*g.parts, Part("Along v", same(*lines))),
        lines[-1].result, (*g.notes, *([said] if said else ())), g.slopes,
    )  # fmt: skip


def _root(product: Term, length: Term) -> Term:
    """product/length, with √4 = 2 taken where it is exact."""
    from .integrals.improper import exact_value

    return tidy(exact_value(div(tidy(product), length)))


def _number(t: Term) -> Term:
    return finish(t)[0]


def _place(where: Mapping[str, Term]) -> str:
    return ", ".join(f"{unicode(canonical(n))} = {v.text()}" for n, v in where.items())


def tangent_line(expr: Any, x: Any, at: Any) -> Calculation:
    """y = f(a) + f′(a)(x − a): the line through the point with the slope of the curve there."""
    from .differentiation import differentiate
    from .integrals.improper import exact_value

    d = differentiate(expr, x)
    variable, a, f = sym(canonical(str(getattr(x, "name", x)))), term(at), d.heading[1]
    assert isinstance(f, Term)
    if not a.free and set(f.free) <= {variable.name} and d.guard is not None:
        if d.guard({variable.name: a}):
            raise DomainError("there is no tangent at this point: the function has a corner there")
        number_of(d.result, {variable.name: a})
    height, slope = (_number(exact_value(substitute(t, {variable: a}))) for t in (f, d.result))
    line = add(height, mul(slope, add(variable, neg(a))))
    whole = sym("T")
    shown, words = expanded(tidy(line)), "multiplied out"
    steps = (
        Step("T1", "the height of the point", Term("apply", (a,), "f"), (substitute(f, {variable: a}), height)),
        Step(
            "T2", "the slope there", Term("applyprime", (a,), ("f", (1,))), (substitute(d.result, {variable: a}), slope)
        ),
        Step("T3", "through the point with this slope", whole, (line,)),
        Step("T4", words, whole, (shown,), continued=True),
    )
    heading = ("Tangent to ", f, " at ", rel("=", variable, a))
    return Calculation(heading, (*d.parts, Part("Tangent", same(*steps))), shown, d.notes)


def slope_between(first: Sequence[Any], second: Sequence[Any]) -> Calculation:
    """dy/dx = (y₂ − y₁)/(x₂ − x₁), the slope of the line through two points.

    >>> print(slope_between((1, 2), (4, 8)).result)
    2
    """
    if len(first) != 2 or len(second) != 2:
        raise RuleError("a point has two coordinates")
    (x1, y1), (x2, y2) = ([term(v) for v in p] for p in (first, second))
    dx, dy = add(x2, neg(x1)), add(y2, neg(y1))
    run, rise = tidy(dx), tidy(dy)
    if run.number == 0 or (not run.free and decide_sign(run, {}) == 0):
        raise RuleError("the points lie above each other: the line has no slope")
    steps = (
        Step("S1", "the step to the right", sym("dx"), (dx, run)),
        Step("S2", "the step upwards", sym("dy"), (dy, rise)),
        Step("S3", "rise over run", partial(sym("y"), sym("x"), "d"), (div(rise, run), tidy(div(rise, run)))),
    )
    short = [replace(s, sides=tuple(dict.fromkeys(s.sides))) for s in steps]
    heading = ("Slope from ", vector([x1, y1]), " to ", vector([x2, y2]))
    return Calculation(heading, (Part("", same(*short)),), short[-1].result)


def limit_definition(expr: Any, x: Any) -> Calculation:
    """f′(x) = lim (f(x + h) − f(x))/h as h → 0, for a polynomial: divide by h, then put h = 0."""
    name, value = named(expr)
    value, variable = resolved(value), sym(canonical(str(getattr(x, "name", x))))
    polynomial = all(n.op in ("num", "sym", "add", "neg", "mul", "pow") or not n.free for n in postorder(value))
    if value.shape or not polynomial or any(n.op == "pow" and n.args[1].number is None for n in postorder(value)):
        raise RuleError("the limit is worked out for polynomials; use `differentiate`")
    if any(n.op == "pow" and n.free and not _natural(n.args[1]) for n in postorder(value)):
        raise RuleError("the limit is worked out for polynomials; use `differentiate`")
    h = sym(next(n for n in ("h", "k", "d", "h1") if n not in value.free))
    moved = substitute(value, {variable: add(variable, h)})
    quotient = div(add(moved, neg(value)), h)
    top = expanded(tidy(add(moved, neg(value))))
    if any(n.op == "pow" and n.args[0].op == "add" and h.name in n.free for n in postorder(top)):
        raise RuleError("this polynomial is too long to multiply out; use `differentiate`")
    divided = shorter(tidy(div(top, h))) if top is not ZERO else ZERO
    divided = divided if h not in _below(divided) else expanded(_by_h(top, h))
    result = tidy(substitute(divided, {h: ZERO}))
    Witness(value, variable).check(result, "limit")
    target = Term("applyprime", (variable,), ((name or "f"), (1,)))
    limit = [Term("limit", (t, h, ZERO)) for t in (quotient, div(top, h), divided)]
    steps = (
        Step("L1", "definition of the derivative", target, (limit[0],)),
        Step("L2", "multiplied out, what does not hold `h` cancels", target, (limit[1],), continued=True),
        Step("L3", "divided by `h`", target, (limit[2],), continued=True),
        Step("L4", "`h` becomes 0", target, (result,), continued=True),
    )
    heading = ("Derivative of ", value, " by its definition as a limit")
    start = Part("", {"result": (), **_both(Step("", "", Term("apply", (variable,), name or "f"), (value,)))})
    return Calculation(heading, (start, Part("", same(*steps))), result)


def _natural(exponent: Term) -> bool:
    k = exponent.number
    return k is not None and k.denominator == 1 and k >= 0


def _below(t: Term) -> set[Term]:
    return {n for d in postorder(t) if d.op == "div" for n in postorder(d.args[1]) if n.op == "sym"}


def _by_h(top: Term, h: Term) -> Term:
    """Each term of a sum divided by h."""
    parts = top.args if top.op == "add" else (top,)
    return add(*(tidy(div(p, h)) for p in parts))
