"""The last step of a derivative: from ½·2(a − t)·1 to a − t, and in words what was done."""

from __future__ import annotations

from collections.abc import Callable

from .normal import expanded, factored, shorter
from .parts import recognise
from .quotients import merged, one_fraction, ordered, plain_powers, plain_products, sign_first
from .term import ONE, ZERO, Memo, Term, div, neg, postorder
from .tidy import split_coefficient, summands, tidy


def finish(raw: Term) -> tuple[Term, str]:
    """The shortest of the tidied, the cancelled and the expanded form, and the words for it."""
    memo: Memo = {}
    plain = tidy(recognise(tidy(raw, memo)))
    form = tidy(plain_products(tidy(plain_powers(plain))))
    words = [] if form is raw else [w for w, holds in DONE if holds(raw, memo)]
    if form is not plain:
        words.append("powers worked out")
    local = form
    for better, word in (
        (shorter, "common factors cancelled"),
        (one_fraction, "written as one fraction"),
        (expanded, "expanded, like terms collected"),
    ):
        other = better(form)
        if other.size < form.size:
            form, words = other, [word]
    product = factored(local) if _worth_factoring(local) else local
    if product.size + SAVED <= local.size and product.size <= form.size:
        form, words = product, ["factored"]
    top = _shorter_top(form)
    if top is not form:
        form, words = top, [*words[:2], "the numerator worked out"]
    together = merged(form)
    neat = ordered(sign_first(tidy(together)))
    if together is not form:
        words = [*words[:2], "powers of e put together"]
    elif neat is not tidy(form):
        words = [*words[:2], "factors ordered"]
    form = neat
    return form, ", ".join(words[:3])


def _shorter_top(t: Term) -> Term:
    """A quotient with its numerator multiplied out or factored, where that is shorter."""
    if t.op == "neg":
        inner = _shorter_top(t.args[0])
        return t if inner is t.args[0] else tidy(neg(inner))
    if t.op != "div" or t.args[0].op != "add":
        return t
    top = t.args[0]
    best = min((top, expanded(top), factored(top)), key=lambda f: f.size)
    return t if best is top else tidy(div(best, t.args[1]))


SAVED = 3  # nodes that factors must save


def _worth_factoring(t: Term) -> bool:
    """Not for a polynomial that is multiplied out already: 4x³ − 18x² + 22x − 6 stays."""
    return any(n.op == "fn" for n in postorder(t)) or expanded(t).size > t.size


def _has_one(raw: Term, memo: Memo) -> bool:
    return any(ONE in n.args or ZERO in n.args or neg(ZERO) in n.args for n in postorder(raw) if n.op in ("mul", "add"))


def _numbers_meet(raw: Term, memo: Memo) -> bool:
    return any(len([a for a in n.args if a.number not in (None, 1, -1)]) > 1 for n in postorder(raw) if n.op == "mul")


def _like_terms(raw: Term, memo: Memo) -> bool:
    """Whether two summands of one sum have the same body."""
    sums = [[p for a in n.args for p in summands(memo.get(a, a))] for n in postorder(raw) if n.op == "add"]
    bodies = [[b for _, _, b in map(split_coefficient, parts) if b is not None] for parts in sums]
    return any(len(set(b)) < len(b) for b in bodies)


def _bases(n: Term, memo: Memo) -> tuple[list[Term], list[Term]]:
    """The bases of a product above and below the bar."""
    above: list[Term] = []
    below: list[Term] = []
    stack = [(memo.get(a, a), n.op == "div" and i == 1) for i, a in enumerate(n.args)]
    while stack:
        t, under = stack.pop()
        if t.op in ("mul", "div", "neg"):
            stack += [(a, under != (t.op == "div" and i == 1)) for i, a in enumerate(t.args)]
        elif t.op != "num":
            (below if under else above).append(t.args[0] if t.op == "pow" else t)
    return above, below


def _equal_factors(raw: Term, memo: Memo) -> bool:
    sides = [side for n in postorder(raw) if n.op in ("mul", "div") for side in _bases(n, memo)]
    return any(len(set(side)) < len(side) for side in sides)


def _cancelled(raw: Term, memo: Memo) -> bool:
    pairs = [_bases(n, memo) for n in postorder(raw) if n.op in ("mul", "div")]
    return any(set(above) & set(below) for above, below in pairs)


DONE: tuple[tuple[str, Callable[[Term, Memo], bool]], ...] = (
    ("ones and zeros dropped", _has_one),
    ("numbers multiplied", _numbers_meet),
    ("like terms collected", _like_terms),
    ("equal factors collected", _equal_factors),
    ("factors cancelled", _cancelled),
)
