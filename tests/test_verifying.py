"""Worked numbers of arrays, and the check that every line of an array page passes before it is shown."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import symnet as sn
from symnet.blocks import HOMES
from symnet.derivation import Names
from symnet.term import mul, num, transpose
from symnet.verifying import verify

PROGRAM = "Z = X*W + ones(n)*b'; A = σ(Z); E = A - T; L = tr(E'*E)/2"
SHAPES = "X: n x d, W: d x k, b: k, T: n x k"


def dense() -> Any:
    return sn.derive(PROGRAM, shapes=SHAPES)


def changed(d: Any, tag: str, change: Any) -> Any:
    """The derivation with the last side of one line replaced."""
    steps = tuple(replace(s, sides=(*s.sides[:-1], change(s.sides[-1]))) if s.tag == tag else s for s in d.steps)
    return replace(d, steps=steps, _cache={})


def test_the_lines_of_a_dense_layer_hold_in_both_styles() -> None:
    d = dense()
    verify(d, traces=True)
    assert "Δ" in d.text() and "dL" in d.text(style="differentials")


@pytest.mark.parametrize("tag", [s.tag for s in dense().backward])
@pytest.mark.parametrize("change", [lambda t: mul(num(2), t), lambda t: mul(t, t)], ids=["doubled", "squared"])
def test_a_false_line_is_never_printed(tag: str, change: Any) -> None:
    with pytest.raises(sn.RuleError, match="does not hold"):
        changed(dense(), tag, change).text()


def test_a_false_gradient_with_agreeing_sides_is_found() -> None:
    """One side alone, so only the change of the loss can tell."""
    d = dense()
    last = d.backward[-1]
    steps = tuple(replace(s, sides=(mul(num(3), s.result),)) if s is last else s for s in d.steps)
    with pytest.raises(sn.RuleError, match=last.tag):
        replace(d, steps=steps, _cache={}).text()


def test_a_transposed_hessian_is_found() -> None:
    j = sn.jacobian("y = A*x", "x", shapes="A: n x n, x: n")
    part = j.parts[-1]
    wrong = replace(part.lines["chain"][-1], sides=(transpose(j.result),))
    lines = {k: (wrong,) for k in part.lines}
    assert j.verify is not None
    j.verify()
    from symnet.verifying import verify_lines

    with pytest.raises(sn.RuleError, match="does not hold"):
        graph = j.graph
        known = [(q.symbol, q.value) for q in graph.definitions]
        before = [s for p in j.parts[1:-1] for s in p.lines["chain"]]
        verify_lines(known, graph.inputs, graph.symbols, [*before, *lines["chain"]], graph.result.symbol,
                     graph.symbols["x"])  # fmt: skip


@pytest.mark.parametrize("name", HOMES)
def test_every_builder_passes(name: str) -> None:
    verify(sn.derive(getattr(sn, name)()))


def test_the_tied_gradient_of_a_symmetric_matrix_passes() -> None:
    for answer in ("projected", "tied"):
        d = sn.derive("L = x'*S*x + logdet(S)", wrt="S", shapes="S: n x n positive definite, x: n", symmetric=answer)
        verify(d)
        assert isinstance(d.gradient, Names)


# ------------------------------------------------------------------------------------------------------ worked numbers
def test_worked_numbers_of_a_small_array() -> None:
    d = sn.derive("E = X*W - Y; L = tr(E'*E)/2", shapes="X: n x d, W: d x k, Y: n x k", wrt="W")
    page = d.text(at={"X": [[1, 2], [3, 4]], "W": [[1, 0], [0, 1]], "Y": [[1, 1], [1, 1]]})
    assert "E     = X W − Y = [1, 2; 3, 4] [1, 0; 0, 1] − [1, 1; 1, 1] = [0, 1; 2, 3]" in page
    assert "Xᵀ E = [1, 2; 3, 4]ᵀ [0, 1; 2, 3] = [6, 10; 8, 14]" in page
    assert "L     = tr(Eᵀ E)/2 = tr([0, 1; 2, 3]ᵀ [0, 1; 2, 3])/2 = 7" in page


def test_worked_numbers_in_latex_are_matrices() -> None:
    d = sn.derive("r = X*w - y; L = r'*r/n", shapes="X: n x d, w: d, y: n", wrt="w")
    page = d.latex(at={"X": "[[1, 0], [0, 2]]", "w": "[1, 1/2]", "y": [0, 0]})
    assert r"\begin{bmatrix} 1 & 0 \\ 0 & 2 \end{bmatrix}" in page and r"\begin{bmatrix} 1 \\ 2 \end{bmatrix}" in page
    assert r"\frac{2}{2} \begin{bmatrix}" in page  # 2/n before it becomes 1


@pytest.mark.parametrize(
    ("at", "error"),
    [
        ({"X": [[1, 2], [3, 4]], "w": [1, 2, 3], "y": [1, 2]}, "but d is 2"),
        ({"X": [[1, 2], [3, 4]], "w": [1, 2]}, "no number for y"),
        ({"X": [[1] * 9] * 9, "w": [1] * 9, "y": [1] * 9}, "small arrays"),
        ({"X": [[1, 2], [3]], "w": [1, 2], "y": [1, 2]}, "different lengths"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(at: dict[str, Any], error: str) -> None:
    d = sn.derive("r = X*w - y; L = r'*r/n", shapes="X: n x d, w: d, y: n", wrt="w")
    with pytest.raises(sn.SymnetError, match=error):
        d.text(at=at)


def test_a_list_for_a_scalar_is_refused() -> None:
    with pytest.raises(sn.ShapeError, match="one number"):
        sn.derive("E = (w x - t)^2").text(at={"w": [1, 2], "x": 1, "t": 0})


@pytest.mark.parametrize(
    ("program", "shapes"),
    [("L = lse(vec(X))", "X: n x d"), ("v = vec(X); L = v'*v", "X: n x d"), ("L = norm2(kron(a, b))^2", "a: n, b: 2")],
)
def test_parts_whose_size_is_a_product(program: str, shapes: str) -> None:
    assert "∂L/∂" in sn.derive(program, shapes=shapes).text()


def test_differentials_have_no_worked_numbers() -> None:
    with pytest.raises(sn.RuleError, match="backpropagation"):
        sn.derive("L = norm2(X)^2", shapes="X: n x d").text(at={"X": [[1, 2]]}, style="differentials")
