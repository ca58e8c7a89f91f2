"""`lambdify`: SymPy's argument order, shared parts, and code that is right where SymPy's is not."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

import symnet as sn

x, y, z = sp.symbols("x y z")


def test_arguments_and_expressions_may_be_nested() -> None:
    f = sn.lambdify([x, (y, z)], [x + y, {"p": y * z, "q": (x, 1)}, sp.Matrix([[x, y], [1, x * y]])])
    total, named, table = f(2, (3, 4))
    assert total == 5.0 and named == {"p": 12.0, "q": (2.0, 1.0)} and table.tolist() == [[2, 3], [1, 6]]
    assert sn.lambdify(x, x**2)(3) == 9.0 and sn.lambdify([x], [x**2])(3) == [9.0]
    assert sn.lambdify("x y", "x - y")(1, 3) == -2.0 and sn.lambdify(["x", "y"], "x - y")(y=1, x=3) == 2.0


@pytest.mark.parametrize("at", [(1000.0, -1000.0), (-1000.0, 2.0), (0.5, 0.25), (40.0, 41.0)])
def test_it_is_right_where_sympy_is_not(at: tuple[float, float]) -> None:
    exprs = [1 / (1 + sp.exp(-x)), sp.log(1 + sp.exp(x)), sp.exp(x) / (sp.exp(x) + sp.exp(y)), 1 - sp.tanh(x) ** 2]
    got = sn.lambdify([x, y], exprs)(*at)
    over = sn.lambdify([x, y], exprs)(np.array([at[0]]), np.array([at[1]]))
    exact = [sn.evaluate(sn.Term.__neg__(sn.read("0").value) + e, {"x": at[0], "y": at[1]}) for e in exprs]
    assert got == pytest.approx(exact, rel=1e-12, abs=1e-320)
    assert [float(v[0]) for v in over] == pytest.approx(exact, rel=1e-12, abs=1e-320)


def test_parts_are_computed_once() -> None:
    part = sp.sin(x * y + 1)
    f = sn.lambdify([x, y], [part**2, [part + 1, {"k": sp.exp(part)}]])
    assert f.source.count("sin(") == 1
    assert f(1, 2) == [pytest.approx(np.sin(3) ** 2), [np.sin(3) + 1, {"k": pytest.approx(np.exp(np.sin(3)))}]]


@pytest.mark.parametrize("backend", ["math", "numba", "jax", "torch"])
def test_the_other_libraries(backend: str) -> None:
    if backend != "math":
        pytest.importorskip(backend)
    values = (0.5, 2.0)
    if backend == "torch":
        import torch

        values = tuple(torch.tensor(v, dtype=torch.float64) for v in values)
    f = sn.lambdify([x, y], [sn.gelu(x) * y, sp.Max(x, y, 1), sp.log(sp.exp(x) + sp.exp(y) + 1)], backend)
    expected = [0.6914624612740131, 2.0, np.log(np.exp(0.5) + np.exp(2) + 1)]
    assert [float(v) for v in f(*values)] == pytest.approx(expected, rel=1e-6)
    assert "symnet" not in f.source


def test_arrays_and_cases() -> None:
    f = sn.lambdify(x, sp.Piecewise((sp.log(x), x > 0), (0, True)))
    assert f(0) == 0 and f(2) == pytest.approx(np.log(2))
    A = sp.MatrixSymbol("A", 2, 2)
    product, trace = sn.lambdify([A, x], [A * A + x * A, sp.Trace(A)])(np.eye(2), 2.0)
    assert product.tolist() == [[3, 0], [0, 3]] and trace == 2.0


@pytest.mark.parametrize("backend", ["numpy", "math", "numba", "jax", "torch"])
def test_cases_run_in_every_library(backend: str) -> None:
    if backend not in ("numpy", "math"):
        pytest.importorskip(backend)
    number = float
    if backend == "torch":
        import torch

        number = lambda v: torch.tensor(v, dtype=torch.float64)  # noqa: E731
    split = sp.Piecewise((sp.exp(x) * y, x < 0), (sp.sqrt(x), sp.And(x > 1, y > 0)), (sn.sigmoid(x) + sp.pi, True))
    f = sn.lambdify([x, y], [split, sp.Not(x < y), {"k": split + 1}], backend)
    for at, expected in (((-1.0, 2.0), 2 * np.exp(-1)), ((4.0, 1.0), 2.0), ((0.5, 9.0), 0.6224593312018546 + np.pi)):
        value, less, named = f(*map(number, at))
        assert float(value) == pytest.approx(expected, rel=1e-6) and float(named["k"]) == pytest.approx(expected + 1)
        assert bool(less) is (not at[0] < at[1])
    assert "symnet" not in f.source


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_matrices_in_other_libraries(backend: str) -> None:
    library = pytest.importorskip(backend)
    array = library.numpy.asarray if backend == "jax" else lambda v: library.tensor(v, dtype=library.float64)
    A = sp.MatrixSymbol("A", 2, 2)
    f = sn.lambdify([A, x], [A * A + x * A, sp.Trace(A)], backend)
    product, trace = f(array([[1.0, 2], [0, 1]]), array(2.0))
    assert np.asarray(product).tolist() == [[3, 8], [0, 3]] and float(trace) == 2.0
    with pytest.raises(sn.RuleError, match="numba is for scalars"):
        sn.lambdify([A, x], [A * A], "numba")


def test_errors_are_named() -> None:
    with pytest.raises(sn.DomainError):
        sn.lambdify(x, sp.log(x))(-1)
    with pytest.raises(sn.DomainError, match="nan"):
        sn.lambdify(x, sp.log(x))(np.array([1.0, -1]))
    with pytest.raises(sn.OverflowError_):
        sn.lambdify(x, sp.exp(x))(1000)
    with pytest.raises(sn.NameLookupError, match="y is not among the arguments x"):
        sn.lambdify(x, x + y)
    with pytest.raises(sn.NameLookupError, match="takes 2 arguments, not 1"):
        sn.lambdify([x, y], x)(1)
    with pytest.raises(sn.NameLookupError, match="named `x`"):
        sn.lambdify([x, sp.Symbol("x", positive=True)], x)
    with pytest.raises(sn.RuleError, match="there is no backend `c`"):
        sn.lambdify(x, x, "c")
    with pytest.raises(sn.RuleError, match="no NumPy form"):
        sn.lambdify(x, sp.Function("g")(x))


@pytest.mark.parametrize("name", ["lambda", "values", "np", "exp", "v1", "sigmoid"])
def test_any_name_is_only_a_name(name: str) -> None:
    s = sp.Symbol(name)
    assert sn.lambdify([s, x], [sp.exp(s) * x, s])(0, 3) == [3.0, 0.0]
