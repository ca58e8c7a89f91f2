"""Arrays as people bring them: shapes, facts, exact zeros, and slopes where the formula has no value."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import symnet as sn
from symnet.given import fitted
from symnet.render.elements import vanishes
from symnet.term import add, fn, mul, neg, num, power

LEAST_SQUARES = ("r = X*w - y; L = r'*r/n", "X: n x d, w: d, y: n")
X, W, Y = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), np.array([1.0, 2.0]), np.array([1.0, 2.0, 3.0])
SINGULAR = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]])


def differences(f: Any, x: Any, h: float = 1e-5) -> Any:
    """Central differences, which know of no inverse."""
    out = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[place] = h
        out[place] = (f(x + step) - f(x - step)) / (2 * h)
    return out


# ------------------------------------------------------------------------------------------------ names of dimensions
@pytest.mark.parametrize(
    ("program", "shapes", "said"),
    [
        ("n = sum(x); L = n^2", "x: n", "`n` is defined here and is a dimension of `x`"),
        ("L = sum(n)*sum(x)", "n: 3, x: n", "`n` is an array .* and is a dimension of `x`"),
        ("m = 2*a; L = a*sum(ones(m))", "a: scalar", "`m` is defined here and is a dimension of an array"),
    ],
)
def test_a_dimension_has_its_name_alone(program: str, shapes: str, said: str) -> None:
    with pytest.raises(sn.GraphError, match=said):
        sn.Graph(program, shapes=shapes)


def test_a_dimension_that_is_declared_a_scalar_is_a_dimension() -> None:
    graph = sn.Graph("L = n*sum(x)^2", shapes="n: scalar, x: n")
    assert graph.inputs == ("x",) and graph.dimensions == ("n",)
    f = sn.derive(graph).compile()
    assert f(x=[1, 2])[0] == f(x=[1, 2], n=2)[0] == 18
    with pytest.raises(sn.ShapeError, match="but n is 3"):
        f(x=[1, 2], n=3)
    with pytest.raises(sn.ShapeError, match="positive whole number"):
        f(x=[1, 2], n=2.5)


def test_there_is_no_derivative_by_a_dimension() -> None:
    with pytest.raises(sn.NameLookupError, match="`n` is a dimension"):
        sn.derive("L = n*sum(x)", "n", shapes="x: n")


# -------------------------------------------------------------------------------------------------------------- shapes
@pytest.mark.parametrize(
    ("size", "declared", "as_declared"),
    [
        ((3,), ("n",), (3,)), ((3, 1), ("n",), (3,)), ((3,), ("n", 1), (3, 1)), ((3,), (1, "n"), (1, 3)),
        ((), (1,), (1,)), ((1, 1), (), ()), ((2, 3), ("n", "d"), (2, 3)),
    ],
)  # fmt: skip
def test_fitted(size: tuple[int, ...], declared: tuple[Any, ...], as_declared: tuple[int, ...]) -> None:
    assert fitted("x", size, declared, {}) == as_declared


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"w": [[1, 2]]}, "`w` is declared d and was given an array 1×2"),
        ({"w": [1, 2, 3]}, "`w` is declared d and was given 3 numbers, but d is 2"),
        ({"w": 1.0}, "`w` is declared d and was given a number"),
        ({"X": X[None]}, "`X` is declared n×d and was given an array 1×3×2"),
    ],
)
def test_numbers_and_programs_refuse_the_same_shapes(values: dict[str, Any], said: str) -> None:
    d = sn.derive(LEAST_SQUARES[0], "w", shapes=LEAST_SQUARES[1])
    given = {"X": X, "w": W, "y": Y, **values}
    for run in (lambda: d.compile()(**given), lambda: d.text(at=given)):
        with pytest.raises(sn.ShapeError, match=said):
            run()
    pytest.importorskip("torch")
    with pytest.raises(sn.ShapeError, match=said):
        d.compile("torch")(**given)


@pytest.mark.parametrize("backend", ["numpy", "torch", "jax"])
def test_a_column_may_be_given_as_one(backend: str) -> None:
    pytest.importorskip(backend)
    d = sn.derive(LEAST_SQUARES[0], "w", shapes=LEAST_SQUARES[1])
    flat, upright = {"X": X, "w": W, "y": Y}, {"X": X, "w": W[:, None], "y": Y[:, None]}
    f = d.compile(backend)
    assert tuple(f(**flat)[1]["w"].shape) == (2,) and tuple(f(**upright)[1]["w"].shape) == (2, 1)
    assert np.allclose(np.asarray(f(**flat)[1]["w"]), np.ravel(f(**upright)[1]["w"]))


def test_numbers_may_be_given_as_a_column() -> None:
    d = sn.derive(LEAST_SQUARES[0], "w", shapes=LEAST_SQUARES[1])
    flat, upright = {"X": X, "w": W, "y": Y}, {"X": X, "w": W[:, None], "y": Y[:, None]}
    assert d.text(at=flat) == d.text(at=upright)
    assert d.compile()(X=X, w=[[1], [2]], y=Y)[1]["w"].shape == (2, 1)


def test_one_row_of_text_is_a_row() -> None:
    d = sn.derive("L = norm2(X)^2", shapes="X: n x d")
    assert "‖[3, 4]‖² = 25" in d.text(at={"X": "[[3, 4]]"})
    assert "‖[1, 2; 3, 4]‖² = 30" in d.text(at={"X": "[1, 2; 3, 4]"})


def test_numbers_of_one_element_serve_for_one_by_one() -> None:
    f = sn.derive("L = r*x", "r", shapes="r: 1, x: 1 x 1").compile()
    assert f(r=2, x=[[3]])[0] == f(r=np.array([2]), x=3)[0] == 6


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"X": np.zeros((0, 2)), "y": []}, "`X` is empty"),
        ({"X": np.ma.masked_equal(X, 2)}, "not a number or an array"),
        ({"X": X + 1j}, "not a number or an array"),
        ({"X": None}, "not a number or an array"),
        ({"X": [[1, 2], [3]]}, "not a number or an array"),
    ],
)
def test_what_is_no_array_is_refused(values: dict[str, Any], said: str) -> None:
    with pytest.raises(sn.ShapeError, match=said):
        sn.derive(LEAST_SQUARES[0], "w", shapes=LEAST_SQUARES[1]).compile()(**{"X": X, "w": W, "y": Y, **values})


@pytest.mark.parametrize("kind", [int, np.float32, np.longdouble, object, bool])
def test_kinds_of_numbers(kind: Any) -> None:
    d = sn.derive(LEAST_SQUARES[0], "w", shapes=LEAST_SQUARES[1])
    given = {"X": X.astype(kind), "w": W, "y": Y}
    plain = {"X": X.astype(kind).astype(float), "w": W, "y": Y}
    assert d.compile()(**given)[0] == d.compile()(**plain)[0] and d.text(at=given) == d.text(at=plain)


# ----------------------------------------------------------------------------------------------------------------- nan
@pytest.mark.parametrize("program", ["relu(w x)", "max(0, 1 - w x)", "abs(w) x", "elu(w) + x", "w x"])
def test_nan_is_not_hidden_by_a_comparison(program: str) -> None:
    f = sn.derive(f"L = {program}").compile()
    for value in (float("nan"), np.float64("nan")):
        with pytest.raises(sn.DomainError, match="`w` is nan"):
            f(w=value, x=1.0)


def test_an_array_with_nan_is_named() -> None:
    with pytest.raises(sn.DomainError, match="`X` holds nan"):
        sn.derive(LEAST_SQUARES[0], "w", shapes=LEAST_SQUARES[1]).compile()(X=X * np.nan, w=W, y=Y)


# --------------------------------------------------------------------------------------------------------------- facts
SYMMETRIC, DEFINITE = np.array([[2.0, 1.0], [1.0, 3.0]]), np.array([[1.0, 2.0], [2.0, 1.0]])


@pytest.mark.parametrize(
    ("program", "shapes", "good", "bad"),
    [
        ("L = x'*S*x", "S: n x n symmetric, x: n", {"S": SYMMETRIC}, {"S": [[2, 1], [1.001, 3]]}),
        ("L = x'*S*x + logdet(S)", "S: n x n positive definite, x: n", {"S": SYMMETRIC}, {"S": DEFINITE}),
        ("L = sum(log(p) .* x)", "p: n positive, x: n", {"p": [1, 2]}, {"p": [1, 0]}),
        ("L = -sum(T .* logsoftmax(x*x'))", "T: n x n rows sum to one, x: n", {"T": np.eye(2)}, {"T": np.ones((2, 2))}),
        ("L = -sum(p .* logsoftmax(x))", "p: n sums to one, x: n", {"p": [0.25, 0.75]}, {"p": [1, 1]}),
        ("L = k*sum(x)", "k: scalar positive, x: n", {"k": 1}, {"k": -1}),
    ],
)
def test_facts_are_compared_with_what_is_given(program: str, shapes: str, good: Any, bad: Any) -> None:
    d = sn.derive(program, "x", shapes=shapes)
    fact = next(f for f in ("symmetric", "positive definite", "positive", "rows sum", "sums to") if f in shapes)
    d.compile()(x=[1, 2], **good)
    d.text(at={"x": [1, 2], **good})
    for run in (lambda: d.compile()(x=[1, 2], **bad), lambda: d.text(at={"x": [1, 2], **bad})):
        with pytest.raises(sn.DomainError, match=f"is declared `{fact}"):
            run()


def test_facts_hold_in_single_precision() -> None:
    a = np.random.default_rng(0).standard_normal((4, 4)).astype(np.float32)
    p = (np.abs(a) / np.abs(a).sum(axis=1, keepdims=True)).astype(np.float32)
    f = sn.derive("L = -sum(T .* logsoftmax(Z))", "Z", shapes="T: n x k rows sum to one, Z: n x k").compile()
    assert f(T=p, Z=a)[0] > 0


def test_a_fact_of_a_scalar_program() -> None:
    f = sn.derive("L = k^2 w", "w", shapes="k: scalar positive").compile()
    assert f(k=2.0, w=1.0)[0] == 4
    with pytest.raises(sn.DomainError, match="`k` is declared `positive`"):
        f(k=-2.0, w=1.0)


@pytest.mark.parametrize(
    ("program", "shapes"),
    [
        ("S = A*A; L = x'*S*x", "A: n x n, x: n, S: n x n symmetric"),
        ("P = sigmoid(A); L = sum(P .* A)", "A: n x n, P: n x n rows sum to one"),
        ("p = exp(x); L = sum(p .* x)", "x: n, p: n sums to one"),
    ],
)
def test_a_false_fact_of_a_formula_is_refused(program: str, shapes: str) -> None:
    with pytest.raises(sn.GraphError, match="its formula is not so"):
        sn.Graph(program, shapes=shapes)
    assert sn.Graph("S = A*A'; L = x'*S*x", shapes="A: n x d, x: n, S: n x n symmetric").result.name == "L"


@pytest.mark.parametrize("shape", ["n x d", "n", "2 x 3"])
def test_only_a_square_matrix_is_symmetric(shape: str) -> None:
    with pytest.raises(sn.ShapeError, match="not square"):
        sn.Graph("L = norm2(S)", shapes=f"S: {shape} symmetric")


# -------------------------------------------------------------------------------------------------------- determinants
@pytest.mark.parametrize("backend", ["numpy", "torch"])
@pytest.mark.parametrize(
    "program",
    ["L = det(X)", "L = det(X)^2 + det(X)", "d = det(X); L = (d - 1)^2", "L = det(X)*tr(X)", "L = -det(X)*det(X')/3",
     "Z = X + X'; L = det(Z)", "L = sin(det(X)) + tr(X)", "L = det(X)/(1 + tr(X)^2)"],
)  # fmt: skip
@pytest.mark.parametrize("matrix", [SINGULAR, np.ones((2, 2)), np.zeros((3, 3)), np.zeros((1, 1)), SYMMETRIC])
def test_the_gradient_of_a_determinant_needs_no_inverse(program: str, matrix: Any, backend: str) -> None:
    pytest.importorskip(backend)
    f = sn.derive(program, "X", shapes="X: n x n").compile(backend)
    expected = differences(lambda x: float(f(X=x)[0]), matrix)
    assert np.allclose(np.asarray(f(X=matrix)[1]["X"]), expected, atol=1e-6 * (1 + np.abs(expected).max()))


def test_the_adjugate_in_worked_numbers_and_in_a_jacobian() -> None:
    d = sn.derive("L = det(X)", shapes="X: n x n")
    page = d.text(at={"X": [[1, 2], [2, 4]]})
    assert "det(X) X⁻ᵀ = [4, −2; −2, 1]" in page and "there is no inverse" in page
    assert "there is no inverse" not in d.text(at={"X": [[1, 2], [2, 5]]})
    jacobian = sn.jacobian("L = det(X)", "X", shapes="X: n x n")
    assert np.allclose(jacobian.compile()(X=[[1, 2], [2, 4]]), [[4, -2], [-2, 1]])


def test_what_needs_the_inverse_itself_is_refused() -> None:
    with pytest.raises(sn.DomainError):
        sn.derive("L = det(X)*tr(inv(X))", shapes="X: n x n").compile()(X=[[1, 2], [2, 4]])


# ------------------------------------------------------------------------------------------------------------- corners
@pytest.mark.parametrize(
    ("program", "at", "slope", "said"),
    [
        ("L = norm2(x)", [0, 0], [0, 0], "the slope of a norm at 0 is 0"),
        ("L = norm1(x)", [0, -2], [0, -1], "sign(0) = 0"),
        ("L = sum(relu(x))", [0, 3], [0, 1], "ReLU′(0) = 0"),
        ("L = sum(abs(x))", [0, 3], [0, 1], "sign(0) = 0"),
        ("L = sum(max(x, 0*x))", [0, 3], [1, 1], "of equal operands of max the first one counts"),
        ("L = norm2(x)/norm2(x + ones(n))", [0, 0], [0, 0], "the slope of a norm at 0 is 0"),
    ],
)
def test_one_convention_everywhere(program: str, at: list[int], slope: list[int], said: str) -> None:
    d = sn.derive(program, shapes="x: n")
    assert d.compile()(x=at)[1]["x"].tolist() == slope
    page = d.text(at={"x": at})
    assert f"[{slope[0]}; {slope[1]}".replace("-", "−") in " ".join(page.split("\n")[-2:]) and said in page


def test_a_smooth_page_names_no_convention() -> None:
    assert "no derivative" not in sn.derive("L = norm2(x)^2 + sum(tanh(x))", shapes="x: n").text()


def test_a_value_of_a_norm_below_a_fraction_is_no_convention() -> None:
    d = sn.derive("u = x/norm2(x); L = sum(u)", shapes="x: n")
    for run in (lambda: d.compile()(x=[0, 0]), lambda: d.text(at={"x": [0, 0]})):
        with pytest.raises(sn.DomainError):
            run()


def test_a_hessian_has_no_convention() -> None:
    assert sn.jacobian("L = norm2(x)", "x", shapes="x: n").compile()(x=[0, 0]).tolist() == [[0, 0]]
    with pytest.raises(sn.DomainError):
        sn.hessian("L = norm2(x)", "x", shapes="x: n").compile()(x=[0, 0])


# --------------------------------------------------------------------------------------------------------- exact zeros
@pytest.mark.parametrize(
    ("program", "shapes", "at", "line"),
    [
        ("m = rowmean(X); L = norm2(X - m*ones(d)')", "X: n x d", {"X": [[1, 2, 4], [2, 2, 2]]}, "= [0; 0]"),
        ("P = softmax(Q*K'/sqrt(k)); O = P*V; L = norm2(O)", "Q: n x k, K: n x k, V: n x v",
         {"Q": [[1, 2]], "K": [[1, 3]], "V": [[1, 2, 3]]}, "= [0, 0]"),
        ("u = exp(x); v = exp(2*x); L = norm2(u .* u - v)", "x: n", {"x": [1, 2]}, "‖r‖ = ‖[0; 0]‖ = 0"),
        ("a = x/norm2(x); L = norm2(a - y)", "x: n, y: n", {"x": [1, 2], "y": ["1/sqrt(5)", "2/sqrt(5)"]}, "= [0; 0]"),
    ],
)
def test_what_cancels_is_proved_to_be_0(program: str, shapes: str, at: dict[str, Any], line: str) -> None:
    page = sn.derive(program, shapes=shapes).text(at=at)
    assert line in page and "not proved" not in page


def test_what_is_not_proved_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("symnet.render.quantities.vanishes", lambda t: False)
    page = sn.derive("u = exp(x); v = exp(2*x); L = norm2(u .* u - v)^2", "x", shapes="x: n").text(at={"x": [1, 2]})
    assert "= [0.0000; 0.0000]" in page and "0.0000 stands for less than 10⁻³⁰, which is not proved to be 0" in page


def test_the_proof_that_an_element_vanishes() -> None:
    two, root = num(2), power(num(2), num(Fraction(1, 2)))
    assert vanishes(add(mul(root, root), neg(two)))
    assert vanishes(add(mul(fn("exp", num(1)), fn("exp", num(1))), neg(fn("exp", two))))
    assert not vanishes(add(root, neg(num(Fraction(14142135623730950488, 10**19)))))
    assert not vanishes(add(fn("exp", num(1)), neg(num(Fraction(2718281828459045, 10**15)))))


def test_names_of_quantities_are_not_those_of_the_program() -> None:
    page = sn.derive("quantity1 = tanh(x); b = quantity1 - tanh(x); L = norm2(b)", shapes="x: n").text(at={"x": [1, 2]})
    assert "quantity1 = tanh(x) = tanh([1; 2]) = [0.7616; 0.9640]" in " ".join(page.split())


# ------------------------------------------------------------------------------------------ numbers of other pages
def test_worked_numbers_of_a_jacobian_are_whole_matrices() -> None:
    j = sn.jacobian("z = A*x; y = sigmoid(z)", "x", shapes="A: m x n, x: n")
    page = j.text(at={"A": [[1, 2], [3, 4]], "x": [[0], [0]]})
    assert page.rstrip().endswith("= [0.25, 0.5; 0.75, 1]")
    with pytest.raises(sn.ShapeError, match="but n is 2"):
        j.text(at={"A": [[1, 2], [3, 4]], "x": [1, 2, 3]})
    h = sn.hessian("L = norm2(x)", "x", shapes="x: n").text(at={"x": [3, 4]})
    assert "[0.128, −0.096; −0.096, 0.072]" in h


def test_a_long_double_is_a_number() -> None:
    assert sn.evaluate("x^2", {"x": np.longdouble("0.5")}) == 0.25


# ------------------------------------------------------------------------------------------------------ other libraries
@pytest.mark.parametrize("backend", ["jax", "torch"])
@pytest.mark.parametrize(
    ("program", "shapes"),
    [
        ("L = sum(lse(X))", "X: n x d"),
        ("L = lse(x) + lse(3*x)", "x: n"),
        ("L = sum(inv(S))", "S: n x n"),
        ("L = sum(diag(x)*X)", "x: n, X: n x d"),
        ("L = sum(erf(x)) + erf(k)", "x: n, k: scalar"),
        ("L = norm2(x)*det(S)", "x: n, S: n x n"),
    ],
)
def test_array_operations_in_other_libraries(program: str, shapes: str, backend: str) -> None:
    pytest.importorskip(backend)
    x = np.array([0.25, 0.5, 0.75])
    known = {"X": np.outer(x, [1.0, 3.0]), "x": x, "S": np.outer(x, x) + np.eye(3), "k": 0.5}
    d = sn.derive(program, shapes=shapes)
    given = {n: known[n] for n in d.graph.inputs}
    (value, gradient), (other, slopes) = d.compile()(**given), d.compile(backend)(**given)
    assert np.allclose(float(other), value)
    assert all(np.allclose(np.asarray(slopes[n]), g, atol=1e-5) for n, g in gradient.items())
