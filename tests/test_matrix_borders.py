"""Arrays at their borders: numbers as 1×1 matrices, rows, sizes that no array fixes, Kronecker products of vectors."""

from __future__ import annotations

import time

import numpy as np
import pytest

import symnet as sn
from symnet.term import Term

SEED = np.random.default_rng(7)


def _slopes(program: str, shapes: str, tolerance: float = 1e-6, **values: object) -> dict[str, np.ndarray]:
    """The compiled gradient, compared with difference quotients along random directions."""
    d = sn.derive(program, [n for n in values], shapes=shapes)
    f = d.compile()
    _, gradient = f(**values)
    for name, x in values.items():
        along = np.asarray(SEED.normal(size=np.shape(x)))
        up, down = (f(**{**values, name: x + h * along})[0] for h in (1e-5, -1e-5))
        assert np.shape(gradient[name]) == np.shape(x), name
        assert np.sum(gradient[name] * along) == pytest.approx((up - down) / 2e-5, rel=1e-5, abs=tolerance), name
    d.text()
    return gradient


def _array(*size: int) -> np.ndarray:
    return SEED.normal(size=size) * 0.7


@pytest.mark.parametrize("operation", ["tr", "det", "logdet", "inv", "diagv", "expm"])
def test_a_number_is_a_matrix_with_one_row(operation: str) -> None:
    program = f"L = {operation}(x'*A*A'*x)"
    _slopes(program, "x: n, A: n x m", x=_array(3), A=_array(3, 2))
    assert sn.derive(program, "x", shapes="x: n, A: n x m").text(style="differentials")


def test_the_trace_of_a_norm() -> None:
    _slopes("L = tr(norm1(v)) + tr(norm2(B)^2)", "v: 1 x h, B: n x h", v=_array(1, 3), B=_array(2, 3))


def test_the_identity_of_order_one_is_the_number_one() -> None:
    assert sn.read("eye(1)", shapes="A: n x n").value.shape == ()
    assert str(sn.jacobian("ones(1, d) .* v", "v", shapes="v: 1 x d").result) == "eye(d)"


def test_a_product_with_a_matrix_of_ones_keeps_its_columns() -> None:
    at = {"A": _array(3, 4), "B": _array(3, 2), "C": _array(3, 2)}
    _slopes("L = sum((A - ones(3)*colmean(A))'*(B .* max(C, 2*B)))", "A: 3 x n, B: 3 x h, C: 3 x h", **at)
    at = {"A": _array(2, 3), "B": _array(2, 3), "C": _array(2, 4)}
    _slopes("L = sum((C .* C)*((A .* B)*ones(h, n))')", "A: m x h, B: m x h, C: m x n", **at)


def test_the_sign_of_a_sum_that_became_one_term() -> None:
    """Two equal summands −x/(p q) − x/(q p) make −2x/(p q), in what is printed and in what runs."""
    shapes = "v: d, u: 1 x h, C: 2 x h, b: h, s: scalar"
    program = "L = tr((v*(u ./ (2 + u.^2))/(2 + norm2(C)^4))*(-(exp(b)*(v/(2 + s^2))')))"
    _slopes(program, shapes, v=_array(3), u=_array(1, 2), C=_array(2, 2), b=_array(2), s=0.4)
    program = "L = tr((v*(u ./ (2 + u.^2))/(2 + norm2(ones(2, h) - C)^4))*(-(exp(sin(b))*(v/(2 + s^2))')))"
    _slopes(program, shapes, v=_array(3), u=_array(1, 2), C=_array(2, 2), b=_array(2), s=0.4)


@pytest.mark.parametrize(
    ("product", "shapes", "sizes"),
    [
        ("kron(v', u)", "v: n, u: m", {"v": (3,), "u": (2,)}),
        ("kron(u, v')", "v: n, u: m", {"v": (3,), "u": (2,)}),
        ("kron(A, v)", "A: n x m, v: m", {"A": (2, 3), "v": (3,)}),
        ("kron(r, A)", "A: n x m, r: 1 x m", {"A": (2, 3), "r": (1, 3)}),
    ],
)
def test_kronecker_products_of_columns_and_rows(product: str, shapes: str, sizes: dict[str, tuple[int, ...]]) -> None:
    _slopes(f"L = sum(tanh({product}))", shapes, **{n: _array(*size) for n, size in sizes.items()})


def test_the_trace_of_a_kronecker_product_of_matrices_that_are_not_square() -> None:
    _slopes("L = tr(kron(A, B))", "A: 2 x 3, B: 3 x 2", A=_array(2, 3), B=_array(3, 2))
    _slopes("L = tr(kron(x, y'))", "x: n, y: n", x=_array(3), y=_array(3))
    _slopes("L = tr(kron(x'*x, A))", "x: n, A: m x m", x=_array(3), A=_array(2, 2))


def test_a_size_that_no_array_fixes() -> None:
    d = sn.derive("L = sum(lse(v*ones(h)'))", "v", shapes="v: 3")
    assert d.text().endswith("matrix product rule: B2, F1")
    value, gradient = d.compile()(v=[1, 2, 3], h=2)
    assert value == pytest.approx(6 + 3 * np.log(2))
    assert gradient["v"] == pytest.approx(np.ones(3))
    with pytest.raises(sn.NameLookupError, match="h"):
        d.compile()(v=[1, 2, 3])


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_every_backend_takes_the_size_that_the_arrays_fix(backend: str) -> None:
    pytest.importorskip(backend)
    f = sn.derive("L = sum(A .* A)/n", "A", shapes="A: n x h").compile(backend)
    assert float(f(A=np.ones((2, 3)), n=2)[0]) == pytest.approx(3)
    with pytest.raises(sn.ShapeError, match="n is 5"):
        f(A=np.ones((2, 3)), n=5)
    with pytest.raises(sn.ShapeError, match="dimension"):
        f(A=np.ones((2, 3)), n=2.5)


def test_torch_takes_the_root_of_a_size() -> None:
    torch = pytest.importorskip("torch")
    f = sn.derive("L = sum(A)/sqrt(h)", "A", shapes="A: n x h").compile("torch")
    value, gradient = f(A=torch.ones(2, 3, dtype=torch.float64))
    assert float(value) == pytest.approx(6 / np.sqrt(3), rel=1e-14)
    assert gradient["A"].dtype == torch.float64


# ------------------------------------------------------------------------------------------------------------- rows
@pytest.mark.parametrize(
    ("formula", "truth"),
    [
        ("-v", lambda v: -np.eye(3)),
        ("v .^ 2", lambda v: np.diag(2 * v)),
        ("sum(v)*v", lambda v: v.sum() * np.eye(3) + np.outer(v, np.ones(3))),
        ("softmax(v)", lambda v: np.diag(_soft(v)) - np.outer(_soft(v), _soft(v))),
        ("v - mean(v)*ones(1, d)", lambda v: np.eye(3) - np.ones((3, 3)) / 3),
    ],
)
def test_the_jacobian_of_a_row_by_a_row(formula: str, truth: object) -> None:
    row = np.array([[0.3, -0.2, 0.7]])
    j = sn.jacobian(formula, "v", shapes="v: 1 x d")
    assert "layout" in j.text()
    assert j.compile()(v=row) == pytest.approx(truth(row[0]))  # type: ignore[operator]


def _soft(v: np.ndarray) -> np.ndarray:
    return np.exp(v) / np.exp(v).sum()


def test_the_hessian_by_a_row() -> None:
    h = sn.hessian("L = sum(v.^3)", "v", shapes="v: 1 x d")
    assert h.text().count("diag")
    assert h.compile()(v=[[1, 2]]) == pytest.approx(np.diag([6, 12]))


def test_a_condition_that_moves_has_no_slope() -> None:
    h = sn.hessian("L = relu(norm2(max(a, b))^2) + sum(c)", "a", shapes="a: 1 x h, b: 1 x h, c: 1 x h")
    at = {"a": [[1.0, -1.0]], "b": [[0.0, 0.0]], "c": [[1.0, 1.0]]}
    assert h.compile()(**at) == pytest.approx(np.diag([2, 0]))


# ------------------------------------------------------------------------------------------- programs in place
@pytest.mark.parametrize(
    ("program", "shapes", "sizes"),
    [
        ("L = sum(silu(v/(2 + (s + s)^2))*u')", "v: h, u: n, s: scalar", {"v": (1,), "u": (3,), "s": ()}),
        ("L = norm2((-C) + C/(2 + s^2))", "C: 3 x d, s: scalar", {"C": (3, 2), "s": ()}),
        ("L = norm2(-max(v, 2*v))^2", "v: 1 x h", {"v": (1, 3)}),
        ("L = (s + sum(s))*sum(v)", "v: h, s: scalar", {"v": (3,), "s": ()}),
    ],
)
def test_a_number_is_not_written_over_in_place(program: str, shapes: str, sizes: dict[str, tuple[int, ...]]) -> None:
    _slopes(program, shapes, **{n: _array(*size) if size else 0.4 for n, size in sizes.items()})


# --------------------------------------------------------------------------------------------- facts, budgets, input
def test_a_matrix_whose_elements_sum_to_one() -> None:
    d = sn.derive("L = sum(P .* P .* P)", "P", shapes="P: n x m sums to one")
    assert "the shape of P" in d.text()
    assert d.compile()(P=np.full((2, 2), 0.25))[0] == pytest.approx(4 / 64)


def test_a_tower_of_kronecker_products_is_printed_at_once() -> None:
    program = "L = sum(" + "kron(A, " * 30 + "A" + ")" * 30 + ")"
    start = time.perf_counter()
    assert sn.derive(program, "A", shapes="A: 2 x 2").text()
    assert time.perf_counter() - start < 5


def test_a_tower_of_kronecker_products_has_no_numbers() -> None:
    program = "L = sum(tanh(" + "kron(A, " * 30 + "A" + ")" * 30 + "))"
    d = sn.derive(program, "A", shapes="A: 2 x 2")
    with pytest.raises(sn.SizeError, match="entries"):
        d.text(at={"A": [[1, 1], [1, 1]]})


def test_numbers_for_a_page_are_a_mapping() -> None:
    d = sn.derive("L = norm2(x)^2", "x", shapes="x: n")
    with pytest.raises(sn.SymnetError, match="mapping"):
        d.text(at="x=[1, 2]")


def test_a_determinant_without_an_inverse_behind_its_own_factors() -> None:
    gradient = _slopes("L = det((v*u')'*(v*u'))", "v: n, u: 2", v=_array(3), u=_array(2))
    assert gradient["u"] == pytest.approx(np.zeros(2), abs=1e-12)


# ------------------------------------------------------------------------------------------------------ reading back
def _read(text: str, shapes: str) -> Term:
    return sn.read(text, shapes=shapes).value


@pytest.mark.parametrize(
    ("typed", "plain", "shapes"),
    [
        ("det(A) A⁻ᵀ", "det(A) (A^-1)^T", "A: n x n"),
        ("(A B)⁻ᵀ x", "((A B)^-1)^T x", "A: n x n, B: n x n, x: n"),
        (r"\operatorname{vec}^{-1}_{6 \times 2 d}(\cos(v))", "unvec(cos(v), 6, 2d)", "v: (12*d)"),
        (r"\operatorname{vec}^{-1}_{2 \times d h}(v)^\top", "unvec(v, 2, d*h)'", "v: (2*d*h)"),
        (r"\operatorname{conv}_{1,0}(X, K)", "conv(X, K, 1, 0)", "X: 4 x 4, K: 2 x 2"),
        (r"\mathbf{1}_{n \times n} (A - B)", "ones(n, n)*(A - B)", "A: n x n, B: n x n"),
        (r"\operatorname{maxpool}_{2,2}(X)", "max_pool(X, 2, 2)", "X: 4 x 4"),
    ],
)
def test_what_is_printed_is_read(typed: str, plain: str, shapes: str) -> None:
    assert _read(typed, shapes) is _read(plain, shapes)


def test_a_size_may_be_a_power() -> None:
    assert _read("ones(n^2)", "A: n x n").shape == _read("ones(n*n)", "A: n x n").shape == ("n*n",)


@pytest.mark.parametrize("typed", [r"\operatorname{corr}_{1,0}(X, K)", r"\operatorname{vec}^{-1}_{6}(v)"])
def test_an_operation_without_its_sizes_is_refused(typed: str) -> None:
    with pytest.raises(sn.ReadError, match="size"):
        _read(typed, "X: 4 x 4, K: 3 x 3, v: 6")


@pytest.mark.parametrize(
    ("program", "shapes"),
    [("L = det(A + A)", "A: n x n"), ("L = sum(sin(vec(kron(B, C))))", "B: 3 x d, C: 2 x 2"),
     ("L = sum(conv(X, K, 1, 0).^2)", "X: 4 x 4, K: 2 x 2")],
)  # fmt: skip
def test_the_closed_gradient_is_read_back(program: str, shapes: str) -> None:
    d = sn.derive(program, shapes=shapes, wrt=shapes[0])
    closed = d.closed[shapes[0]]
    forms = [str(closed), closed.text()] if "conv" in program else [str(closed), closed.text(), closed.latex()]
    for form in forms:
        assert _read(form, shapes) is closed, form
