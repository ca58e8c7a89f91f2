"""Wrong derivatives by arrays: a transpose, a sum, a factor of the matrix product lost.

A wrong product often does not fit in its shapes. The screen gives all dimensions the same size, so that it has a value
all the same: X r for Xᵀ r is recognised though it could not be computed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from ..functions import TermMath
from ..functions import row as function_row
from ..operations import apply, dimension
from ..parts import is_activation
from ..term import ONE, TWO, Term, add, div, mul, neg, num, postorder, power, rows_cols, substitute, term, transpose
from .scene import TARGETS, Scene, head, text_of

Wrong = tuple[Term, Term | None]
SCALES = (("half_lost", num(2), "a factor ½ is missing"),)


@dataclass(frozen=True, slots=True)
class ArrayRow:
    """One mistake in a formula of arrays; `rewrite` gives the wrong forms of a node with what was lost.

    The example: program, shapes, name, the wrong gradient, and one that is another mistake.
    """

    name: str
    instead_of: str
    wrong: str
    ops: tuple[str, ...]
    rewrite: Callable[[Term, Scene], Iterable[Wrong]]
    advice: str
    example: tuple[str, str]
    counterexample: str


def _bare(t: Term) -> Term:
    return t.args[0] if t.op == "T" else t


def _product(node: Term, args: Iterable[Term]) -> Term:
    """A product whose shapes need not fit."""
    new = tuple(args)
    return new[0] if len(new) == 1 else Term(node.op, new, node.data, node.shape)


def _without(node: Term, i: int) -> Term:
    return _product(node, (*node.args[:i], *node.args[i + 1 :]))


def _turned(node: Term, scene: Scene) -> Iterator[Wrong]:
    """Xᵀ r ↔ X r, Δ Wᵀ ↔ Δ W, and the factors the other way round."""
    if node.op == "T":
        yield node.args[0], node
        return
    for i, a in enumerate(node.args):
        if a.shape and a.op not in ("ones", "T"):
            yield _product(node, (*node.args[:i], Term("T", (a,), None, a.shape), *node.args[i + 1 :])), a
    if len(node.args) == 2:
        yield _product(node, reversed(node.args)), node
        yield (
            _product(node, (Term("T", (a,), None, a.shape) if a.op != "T" else a.args[0] for a in reversed(node.args))),
            node,
        )


def _factor(holds: Callable[[Term, Scene], bool]) -> Callable[[Term, Scene], Iterator[Wrong]]:
    def rewrite(node: Term, scene: Scene) -> Iterator[Wrong]:
        for i, a in enumerate(node.args):
            if len(node.args) > 1 and holds(_bare(a), scene):
                yield _without(node, i), _bare(a)

    return rewrite


def _is_weight(t: Term, scene: Scene) -> bool:
    return t.op == "sym" and head(t.name) in ("W", "w", "V", "v", "U", "u", "theta", "beta") and t not in scene.defined


def _is_input(t: Term, scene: Scene) -> bool:
    return bool(t.shape) and t.op != "ones" and not _is_weight(t, scene)


def _is_slope(t: Term, scene: Scene) -> bool:
    """1 − H², P ⊙ (1 − P), step(Z): the derivative of an activation."""
    if t.op == "fn" and t.data in ("step", "sign"):
        return True
    return t.op == "prime" or (t.op == "add" and any(a.number == 1 for a in t.args) and bool(t.shape))


def _slope_lost(node: Term, scene: Scene) -> Iterator[Wrong]:
    for i, a in enumerate(node.args):
        if not _is_slope(a, scene):
            continue
        rest = [b for j, b in enumerate(node.args) if j != i]
        partner = [b for b in rest if add(ONE, neg(b)) is a]
        kept = [b for b in rest if b not in partner]
        if kept:
            yield _product(node, kept), mul(*partner, a)


def _value(t: Term, scene: Scene) -> Term:
    return scene.defined.get(t, t)


def _activations(node: Term, scene: Scene) -> list[Term]:
    """The operands that are values of an activation, under their names or written out."""
    bare = [a.args[0] if a.op in ("neg", "pow") else a for a in node.args]
    return [a for a in bare if _value(a, scene).op == "fn" and is_activation(_value(a, scene)) and a.shape]


def _raw(op: str, *args: Term) -> Term:
    return Term(op, args, None, args[0].shape)


def _once_more(node: Term, scene: Scene) -> Iterator[Wrong]:
    """(p − t) ⊙ p ⊙ (1 − p) for p − t."""
    for a in _activations(node, scene):
        value = _value(a, scene)
        slope = term(function_row(value.data).slope(value.args[0], a, TermMath))
        if not any(b.number is not None for b in node.args):
            yield _raw("mul", node, slope), slope


def _turned_error(node: Term, scene: Scene) -> Iterator[Wrong]:
    """t − a for a − t, written out or under its name."""
    error = _value(node, scene)
    bare = [a.args[0] if a.op == "neg" else a for a in error.args]
    if (
        error.op == "add"
        and len(bare) == 2
        and any(a.op == "sym" and a not in scene.defined and head(a.name) in TARGETS for a in bare)
    ):
        yield neg(node), node


def _square_of(node: Term) -> Term | None:
    """A of 1 − A²."""
    squares = [a.args[0].args[0] for a in node.args if a.op == "neg" and a.args[0].op == "pow"]
    ones = [a for a in node.args if a.number == 1]
    return squares[0] if len(node.args) == 2 and len(squares) == 1 == len(ones) else None


def _sigmoid_for_tanh(node: Term, scene: Scene) -> Iterator[Wrong]:
    a = _square_of(node)
    if a is not None and _value(a, scene).data == "tanh":
        yield _raw("mul", a, add(ONE, neg(a))), a


def _argument_for_output(node: Term, scene: Scene) -> Iterator[Wrong]:
    a = _square_of(node) if node.op == "add" else None
    if a is not None and _value(a, scene).op == "fn":
        yield put(node, a, _value(a, scene).args[0]), a
    for b in node.args if node.op == "mul" else ():
        if add(ONE, neg(b)) in node.args and _value(b, scene).op == "fn":
            yield put(node, b, _value(b, scene).args[0]), b


def _tanh_for_sigmoid(node: Term, scene: Scene) -> Iterator[Wrong]:
    for a in node.args:
        other = add(ONE, neg(a))
        if other in node.args and _value(a, scene).data == "sigmoid":
            rest = [b for b in node.args if b is not a and b is not other]
            yield _product(node, (*rest, add(ONE, neg(power(a, TWO))))), a


def _diagonal_alone(node: Term, scene: Scene) -> Iterator[Wrong]:
    """p ⊙ t for p Σt."""
    if any(_value(_bare(a), scene).op == "softmax" for a in node.args):
        for i, a in enumerate(node.args):
            if a.op in ("sum", "rowsum"):
                yield _product(node, (*node.args[:i], a.args[0], *node.args[i + 1 :])), a


def _unsummed(node: Term, scene: Scene) -> Iterator[Wrong]:
    if node.op in ("sum", "rowsum", "colsum", "mean"):
        yield node.args[0], node
        yield transpose(node.args[0]), node
    elif node.op == "matmul":
        for i, a in enumerate(node.args):
            if _bare(a).op == "ones" and len(node.args) > 1:
                rest = _without(node, i)
                yield rest, node
                yield (rest.args[0] if rest.op == "T" else _raw("T", rest)), node


def _uncounted(node: Term, scene: Scene) -> Iterator[Wrong]:
    if node.op == "div" and any("dimension" in s.facts for s in postorder(node.args[1]) if s.op == "sym"):
        left = [a for a in (node.args[1].args if node.args[1].op == "mul" else ()) if a.number is not None]
        yield (Term("div", (node.args[0], mul(*left)), None, node.shape) if left else node.args[0]), node.args[1]
        yield node.args[0], node.args[1]
    elif node.op == "mean":
        yield Term("sum", node.args, None, node.shape), None


def _undecayed(node: Term, scene: Scene) -> Iterator[Wrong]:
    for i, a in enumerate(node.args):
        bare = a.args[0] if a.op == "neg" else a
        if scene.is_decay(bare) and len(node.args) > 1:
            yield _without(node, i), a


def _terms(node: Term, scene: Scene) -> Iterator[Wrong]:
    yield from ((_without(node, i), a) for i, a in enumerate(node.args) if len(node.args) > 1)


def _signs(node: Term, scene: Scene) -> Iterator[Wrong]:
    if node.op == "neg":
        yield node.args[0], None
    for i, a in enumerate(node.args if node.op == "add" else ()):
        other = a.args[0] if a.op == "neg" else neg(a)
        yield _product(node, (*node.args[:i], other, *node.args[i + 1 :])), a


def _numbers(node: Term, scene: Scene) -> Iterator[Wrong]:
    for i, a in enumerate(node.args):
        if a.number != 2 or len(node.args) < 2:
            continue
        yield (_without(node, i) if node.op == "mul" else _raw("div", ONE, node.args[1]) if i == 0 else node), a
        if len(node.args) == 2 and node.args[1 - i].op == "add":
            terms = node.args[1 - i].args
            yield from ((add(*(t if j == k else mul(a, t) for j, t in enumerate(terms))), a) for k in range(len(terms)))


def _halves(node: Term, scene: Scene) -> Iterator[Wrong]:
    for a in postorder(node.args[1]):
        if a.op == "num" and a.data[0] % 2 == 0:
            bottom = substitute(node.args[1], {a: num(a.data[0] / 2)})
            yield Term("div", (node.args[0], bottom), None, node.shape), None


CROSS = "z = X w; p = σ(z); L = -sum(t .* log(p) + (1 - t) .* log(1 - p))/n"
DEEP = "H = tanh(X V); Y = H W; L = sum((Y - T).^2)"
LINEAR = "r = X w - y; L = r' r/n + lam w' w"
# fmt: off
ARRAYS: tuple[ArrayRow, ...] = (
    ArrayRow("softmax_off_diagonal", "∂pᵢ/∂zⱼ = −pᵢ pⱼ for i ≠ j", "∂pᵢ/∂zⱼ = 0", ("mul",), _diagonal_alone,
             "∂pᵢ/∂zⱼ = −pᵢ pⱼ for i ≠ j is not zero: {lost} is a sum over all components",
             ("p = softmax(y); L = -t' log(p)", "y | -t .* (1 - p)"), "y | -t .* p"),
    ArrayRow("t_minus_a_sign", "(t − a)′ = −a′", "(t − a)′ = a′", ("add", "sym"), _turned_error,
             "the sign of {lost} is turned round",
             (LINEAR, "w | 2 X' (y - X w)/n + 2 lam w"), "w | 2 X' (y + X w)/n + 2 lam w"),
    ArrayRow("activation_derivative_extra", "∂L/∂z = p − t", "∂L/∂z = (p − t) ⊙ p ⊙ (1 − p)", ("add",), _once_more,
             "the derivative {lost} of the activation is there once too often",
             (CROSS, "w | X' ((p - t) .* p .* (1 - p))/n"), "w | X' ((p - t) .* p)/n"),
    ArrayRow("sigmoid_rule_for_tanh", "tanh′ = 1 − tanh²", "tanh′ = tanh (1 − tanh)", ("add",), _sigmoid_for_tanh,
             "{lost} is a tanh: its derivative is 1 − a², not a (1 − a)",
             (DEEP, "V | X' (2 (Y - T) W' .* H .* (1 - H))"), "V | X' (2 (Y - T) W' .* H)"),
    ArrayRow("tanh_rule_for_sigmoid", "σ′ = σ (1 − σ)", "σ′ = 1 − σ²", ("mul",), _tanh_for_sigmoid,
             "{lost} is a σ: its derivative is a (1 − a), not 1 − a²",
             ("H = σ(X V); L = sum(H W)", "V | X' (ones(n, n) W' .* (1 - H.^2))"), "V | X' (ones(n, n) W' .* H)"),
    ArrayRow("preactivation_for_activation", "a′ = 1 − a²", "a′ = 1 − z²", ("add", "mul"), _argument_for_output,
             "the derivative is written with the output {lost}, not with its argument",
             (DEEP, "V | X' (2 (Y - T) W' .* (1 - (X V).^2))"), "V | X' (2 (Y - T) W' .* (1 - X V))"),
    ArrayRow("sum_lost", "∂L/∂c = 1ᵀ δ", "∂L/∂c = δ", ("sum", "rowsum", "colsum", "mean", "matmul"), _unsummed,
             "the sum in {lost} is missing: one number serves all samples",
             ("z = X w + c ones(n); L = z' z", "c | 2 z"), "c | X w"),
    ArrayRow("sum_lost", "∂L/∂b = Δᵀ 1", "∂L/∂b = Δ", ("colsum",), _unsummed,
             "the sum in {lost} is missing: one bias serves all samples",
             ("Y = X W + ones(n) w'; L = sum((Y - T).^2)/(2n)", "w | (Y - T)/n"), "w | Y/n"),
    ArrayRow("next_layer_weight_lost", "∂L/∂A = Δ Wᵀ", "∂L/∂A = Δ", ("matmul", "mul"), _factor(_is_weight),
             "the error goes back through the weights: {lost} is missing as a factor",
             (DEEP, "V | X' (2 (Y - T) .* (1 - H.^2))"),
             "V | X' (2 (Y - T) W' .* H)"),
    ArrayRow("activation_derivative_lost", "∂L/∂Z = ∂L/∂A ⊙ φ′(Z)", "∂L/∂Z = ∂L/∂A", ("mul",), _slope_lost,
             "the derivative {lost} of the activation is missing",
             (DEEP, "V | X' (2 (Y - T) W')"),
             "V | X' (2 (Y - T) W' .* H)"),
    ArrayRow("transposed", "∂L/∂w = Xᵀ r", "∂L/∂w = X r", ("T", "matmul"), _turned,
             "a transpose is missing or too many at {lost}: look at the shapes",
             (LINEAR, "w | 2 X r/n + 2 lam w"), "w | 2 r/n + 2 lam w"),
    ArrayRow("regulariser_lost", "(E + λ wᵀw)′ = E′ + 2λw", "(E + λ wᵀw)′ = E′", ("add",), _undecayed,
             "the derivative {lost} of the regulariser is missing",
             (LINEAR, "w | 2 X' r/n"), "w | 2 lam w"),
    ArrayRow("one_over_n_lost", "(f/n)′ = f′/n", "(f/n)′ = f′", ("div", "mean"), _uncounted,
             "the division by {lost} is missing",
             (LINEAR, "w | 2 X' r + 2 lam w"), "w | 2 X' r + lam w"),
    ArrayRow("half_lost", "(½ f)′ = ½ f′", "(½ f)′ = f′", ("div",), _halves,
             "a factor ½ is missing",
             ("r = X w - y; L = r' r/(4n)", "w | X' r/n"), "w | X' r"),
    ArrayRow("input_factor_lost", "∂L/∂W = Xᵀ Δ", "∂L/∂W = Δ", ("matmul",), _factor(_is_input),
             "the input {lost} is missing as a factor",
             (LINEAR, "w | 2 r/n + 2 lam w"), "w | 2 w"),
    ArrayRow("factor_two_lost", "(rᵀr)′ = 2 Xᵀ r", "(rᵀr)′ = Xᵀ r", ("mul", "div"), _numbers,
             "the factor {lost} is missing",
             (LINEAR, "w | X' r/n + 2 lam w"), "w | X' r/n + 3 lam w"),
    ArrayRow("sign", "−f", "f", ("neg", "add"), _signs,
             "a sign is wrong",
             (LINEAR, "w | 2 X' r/n - 2 lam w"), "w | 2 X' r/n - 3 lam w"),
    ArrayRow("term_lost", "f + g", "f", ("add",), _terms,
             "the term {lost} is missing",
             (LINEAR, "w | 2 lam w"), "w | 3 lam w"),
)
# fmt: on


def put(root: Term, node: Term, new: Term) -> Term:
    """`root` with `node` replaced; the shapes of what is above are kept, fitting or not."""
    memo = {node: new}
    for n in postorder(root):
        if n not in memo:
            args = tuple(memo[a] for a in n.args)
            memo[n] = n if args == n.args else Term(n.op, args, n.data, n.shape)
    return memo[root]


MEANS = {"mean": "sum", "rowmean": "rowsum", "colmean": "colsum"}


def without_means(t: Term) -> Term:
    """A mean as the sum divided by the number of its terms."""
    found = {}
    for n in postorder(t):
        if n.op in MEANS:
            rows, cols = rows_cols(n.args[0].shape)
            count = {"mean": (rows, cols), "rowmean": (cols,), "colmean": (rows,)}[n.op]
            found[n] = div(apply(MEANS[n.op], n.args[0]), mul(*(dimension(k) for k in count if k != 1)))
    return substitute(t, found) if found else t


def wrong_forms(truth: Term, scene: Scene) -> Iterator[tuple[ArrayRow, Term | None, Term]]:
    """The true formula with one rule swapped at one place."""
    for row in ARRAYS:
        for node in reversed(postorder(truth)):
            if node.op in row.ops:
                for new, lost in row.rewrite(node, scene):
                    yield row, lost, put(truth, node, new)


def sentence(row: ArrayRow, lost: Term | None) -> str:
    return row.advice.format(lost="" if lost is None else text_of(lost))
