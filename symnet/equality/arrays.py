"""Equality of formulas with arrays of symbolic sizes: words prove it, numbers of small sizes refute it."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from flint import arb, fmpq

from ..balls import UNDECIDED, ball
from ..clock import now
from ..errors import SymnetError
from ..sampling import sizes, values
from ..term import ONE, Term, iter_names, postorder, rebuild, shape_text, sym
from .comparison import Comparison
from .proof import proved
from .words import Forms, NoForm, key

TRIALS, CERTAIN, BITS = 14, 6, 192
ELEMENTWISE = frozenset({"num", "add", "neg", "mul", "div", "pow", "fn", "prime", "cases", "max", "min", "rel", "not"})


def compare_arrays(truth: Term, answer: Term, seconds: float) -> Comparison:
    """Like `compare`; a formula is evaluated at small sizes of its dimensions, with the facts of its names."""
    if truth is answer:
        return Comparison("equal", "the answer is the same formula")
    if truth.shape != answer.shape:
        said = f"the shapes differ: {shape_text(truth.shape)} and {shape_text(answer.shape)}"
        return Comparison("different", said, {}, (shape_text(truth.shape), shape_text(answer.shape)))
    agreed = 0
    names = list(dict.fromkeys([*iter_names(truth), *iter_names(answer)]))
    first = _differ(truth, answer, names, 1)
    if isinstance(first, Comparison):
        return first
    agreed += first
    how = _proved(truth, answer)
    if how and agreed:
        return Comparison("equal", f"proved by {how}")
    end = now() + seconds
    for trial in range(2, TRIALS):
        found = _differ(truth, answer, names, trial)
        if isinstance(found, Comparison):
            return found
        agreed += found
        if how and agreed:
            return Comparison("equal", f"proved by {how}")
        if now() > end:
            break
    said = f"equal at {agreed} random inputs, not proved" if agreed else "no inputs were found that decide it"
    return Comparison("undecided", said, likely=agreed >= CERTAIN)


def _differ(truth: Term, answer: Term, names: Sequence[Term], trial: int) -> Comparison | int:
    """A difference, or how many inputs agreed: 0 or 1."""
    dims = sizes(names, trial)
    scalars = {n.name for n in names}
    at: dict[str, Any] = values(names, dims, f"arrays {trial}")
    at.update({d: Fraction(n) for d, n in dims.items() if d in scalars})
    try:
        a, b = ball(truth, at, BITS), ball(answer, at, BITS)
    except (*UNDECIDED, SymnetError):
        return 0
    for place, (x, y) in enumerate(zip(_flat(a), _flat(b), strict=True)):
        if not (x - y).contains(0):
            shown = (str(x.str(10, radius=False)), str(y.str(10, radius=False)))
            said = f"element {place + 1} differs" if truth.shape else "the values differ"
            return Comparison("different", f"{said} at random inputs", at, shown)
    return 1


def _flat(x: Any) -> list[Any]:
    return [c for row in x for c in _flat(row)] if isinstance(x, list) else [arb(x) if isinstance(x, fmpq) else x]


def _proved(truth: Term, answer: Term) -> str:
    forms = Forms()
    try:
        if forms.of(truth) == forms.of(answer):
            return "normal form of matrix products"
        left, right = _elementwise(truth, forms), _elementwise(answer, forms)
    except (NoForm, SymnetError):
        return ""
    if left is None or right is None:
        return ""
    return "normal form of every element" if proved(left, right, {}) else ""


def _elementwise(root: Term, forms: Forms) -> Term | None:
    """The formula of one element: what is not elementwise becomes a name for its normal form."""
    memo: dict[Term, Term] = {}
    for node in postorder(root):
        if node.op in ELEMENTWISE and (not node.shape or node.shape == root.shape):
            args = [memo[a] for a in node.args if a in memo]
            if len(args) != len(node.args):
                return None
            memo[node] = _rebuilt(node, args)
        elif not node.shape or node.shape == root.shape:
            memo[node] = sym(f"[{key(forms.of(node))}]") if node.op != "ones" else ONE
    return memo.get(root)


def _rebuilt(node: Term, args: list[Term]) -> Term:
    if node.op in ("fn", "prime", "rel", "max", "min", "num"):
        return Term(node.op, tuple(args), node.data) if args else node
    return rebuild(node, args)
