"""The NumPy program: readable, right at the edges, and safe."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

import symnet as sn


def test_the_program_is_the_derivation() -> None:
    d = sn.derive("z1 = w1 x + b1; a1 = σ(z1); E = ½ (a1 − t)²")
    source = d.source()
    lines = "z1 = w1*x + b1, a1 = sigmoid(z1), dE_da1 = a1 - t, delta1 = dE_da1*da1_dz1, dE_dw1 = delta1*x"
    for line in lines.split(", "):
        assert f"    {line} " in source
    assert "symnet" not in source
    tags = {s.tag for s in d.steps}
    assert tags == {line.split("# ")[1] for line in source.splitlines() if "# " in line}


def test_saturation_is_exact_and_silent() -> None:
    f = sn.derive("z = w x; a = σ(z); E = a", "w").compile()
    assert f(w=-400, x=1)[1]["w"] == pytest.approx(1.915169596714005e-174, rel=1e-12)
    assert f(w=400, x=1)[1]["w"] == pytest.approx(1.915169596714005e-174, rel=1e-12)
    g = sn.derive("z = w x; a = tanh(z); E = a", "w").compile()
    assert g(w=20, x=1)[1]["w"] == pytest.approx(1.6993417021166355e-17, rel=1e-12)
    h = sn.derive("z = w x; a = σ(z); E = −ln(a)", "w").compile()
    assert h(w=-1000, x=1) == (1000.0, {"w": -1.0})
    s = sn.derive("z = w x; E = ln(1 + exp(z))", "w").compile()
    assert s(w=1000, x=1)[0] == 1000.0


def test_shapes_at_the_boundary() -> None:
    d = sn.derive("L = norm2(X*w + c − y)^2", shapes="X: n x d, w: d x 1, y: n, c: n")
    value, g = d.compile()(X=np.eye(3), w=np.ones((3, 1)), y=[0, 0, 0], c=[0.0, 0, 0])
    assert g["w"].shape == (3, 1) and value == 3.0
    with pytest.raises(sn.ShapeError, match=r"`y` is declared n .* but n is 3"):
        d.compile()(X=np.eye(3), w=np.ones((3, 1)), y=[0, 0], c=[0.0, 0, 0])
    with pytest.raises(sn.ShapeError, match="`X` is declared n×d"):
        d.compile()(X=[1, 2, 3], w=np.ones((3, 1)), y=[0, 0, 0], c=[0.0, 0, 0])


def test_a_constant_gradient_has_its_shape() -> None:
    d = sn.derive("L = sum(W) + tr(V)", "W V", shapes="W: n x d, V: n x n")
    _, g = d.compile()(W=np.zeros((2, 3)), V=np.zeros((2, 2)))
    assert g["W"].tolist() == [[1.0] * 3] * 2 and g["V"].tolist() == [[1, 0], [0, 1]]


def test_unknown_and_missing_values_are_named() -> None:
    f = sn.derive("E = (w x)^2").compile()
    with pytest.raises(sn.NameLookupError, match="no value for x; the inputs are w, x"):
        f(w=1)
    with pytest.raises(sn.NameLookupError, match="`q` is not an input"):
        f(w=1, x=2, q=3)
    with pytest.raises(sn.NameLookupError, match="twice"):
        sn.derive("E = w1^2").compile()(w1=1, w_1=2)


AWKWARD = ["np", "lambda", "gradient", "sigmoid_slope", "dE_dw", "print", "pi", "def", "a_b", "delta_z"]


@pytest.mark.parametrize("name", AWKWARD)
def test_any_name_of_the_user_is_only_a_name(name: str) -> None:
    w, z = sn.Term("sym", (), (name, ())), sn.Term("sym", (), ("z", ()))
    d = sn.derive(sn.Graph([("z", w * w), ("a", sn.read("σ(q)", names=("q",)).value), ("E", z * w)]), [name])
    assert d.compile()(**{name: 2, "q": 0})[1][d.wrt[0]] == 12.0


def test_partial_names_do_not_meet_the_user_s() -> None:
    d = sn.derive("a = w x; dE_da = a a; E = dE_da + a²", "w")
    assert d.compile()(w=2, x=3)[1]["w"] == 2 * 2 * 2 * 3 * 3


def test_an_unknown_backend_is_named() -> None:
    with pytest.raises(sn.RuleError, match="there is no backend `fortran`"):
        sn.derive("E = w").source("fortran")


def test_ones_inside_a_product() -> None:
    S, B = np.array([[1.0, 2], [3, 4]]), np.ones((2, 3))
    _, g = sn.derive("L = sum(S*B)", "B", shapes="S: n x n, B: n x d").compile()(S=S, B=B)
    assert g["B"].tolist() == [[4, 4, 4], [6, 6, 6]]
    d = sn.derive("L = u'*(ones(n,n)*M)*q", "q", shapes="u: n, M: n x n, q: n")
    _, g = d.compile()(u=[1, 2], q=[3, 4], M=S)
    assert g["q"].tolist() == [12, 18]
    assert sn.derive("L = tr(P*ones(n,n))", shapes="P: n x n").compile()(P=np.eye(2))[0] == 2


def test_the_branch_that_is_not_taken_is_not_computed() -> None:
    f = sn.derive("L = Piecewise((log(w), w > 0), (0, True))").compile()
    assert f(w=0) == (0.0, {"w": 0.0})


@pytest.mark.parametrize("value", [None, "3", 1j, {}, 10**400, [1, [2]], object()])
def test_what_is_not_a_number_is_refused(value: object) -> None:
    with pytest.raises(sn.ShapeError, match="not a number") as e:
        sn.derive("L = w^2").compile()(w=value)
    assert len(str(e.value)) < 300


def test_a_pole_is_named() -> None:
    with pytest.raises(sn.DomainError, match="division by zero"):
        sn.derive("L = 1/w").compile()(w=0)


def test_dimension_names_are_only_names() -> None:
    for n in ("lambda", "np", "X", "class"):
        d = sn.derive(f"L = sum(A*ones({n}))/{n}", "A", shapes=f"A: m x {n}")
        assert d.compile()(A=np.ones((2, 3)))[1]["A"].tolist() == [[1 / 3] * 3] * 2
    d = sn.derive("L = n w^2", "w", shapes="n: scalar")
    assert d.compile()(n=2, w=3)[1]["w"] == 12


def test_the_matrix_exponential_of_a_defective_matrix() -> None:
    _, g = sn.derive("L = tr(expm(X))", shapes="X: n x n").compile()(X=[[0, 1], [0, 0]])
    assert g["X"].tolist() == [[1, 0], [1, 1]]
    angle = np.array([[0, -9.0], [9, 0]])
    _, g = sn.derive("L = tr(expm(X))", shapes="X: n x n").compile()(X=angle)
    assert np.allclose(g["X"], [[np.cos(9), np.sin(9)], [-np.sin(9), np.cos(9)]], rtol=1e-12)


def test_second_derivatives_and_joined_conditions_run() -> None:
    d = sn.derive("E = σ'(w x)", "w")
    s = 1 / (1 + np.exp(-0.6))
    assert d.compile()(w=0.3, x=2)[1]["w"] == pytest.approx(2 * s * (1 - s) * (1 - 2 * s))
    d = sn.derive("E = Piecewise((w^2, w > 0 and x > 0), (w, True))", "w")
    assert d.compile()(w=3, x=1)[1]["w"] == 6.0 and d.compile()(w=3, x=-1)[1]["w"] == 1.0


def test_the_corner_of_a_norm_has_the_slope_zero() -> None:
    shapes = "X: n x d, w: d, y: n"
    f = sn.derive("r = norm2(X*w - y); L = r^2 + 2*r", "w", shapes=shapes).compile()
    value, g = f(X=np.eye(2), w=[1, 2], y=[1, 2])
    assert value == 0.0 and g["w"].tolist() == [0, 0]
    _, g = f(X=np.eye(2), w=[4, 2], y=[1, -2])
    assert g["w"] == pytest.approx([6 + 2 * 0.6, 8 + 2 * 0.8])
    with pytest.raises(sn.DomainError):
        sn.derive("L = sum(w/norm2(w))", "w", shapes="w: d").compile()(w=[0, 0])


def test_what_is_written_over_in_place_is_nobody_else_s() -> None:
    """The quick program makes few arrays; arguments and gradients that are returned stay as they are."""
    X, w = np.array([[0.5, -1], [2, 0.25], [30, -40]]), np.array([0.3, -0.2])
    text = "z = X*w; a = tanh(z); s = σ(z); L = sum(a .* s) + sum(a) + norm2(z)^2"
    d = sn.derive(text, "w z", shapes="X: n x d, w: d")
    f = d.compile()
    before = X.copy(), w.copy()
    value, g = f(X=X, w=w)
    space: dict[str, object] = {}
    exec(d.source(), space)
    plain, slopes = space["gradient"](X=X, w=w)  # type: ignore[operator]
    assert value == pytest.approx(plain, rel=1e-14) and set(g) == {"w", "z"}
    assert all(g[n] == pytest.approx(slopes[n], rel=1e-13) for n in g)
    assert np.array_equal(X, before[0]) and np.array_equal(w, before[1])


def test_numbers_that_overflow_are_named() -> None:
    f = sn.derive("L = sum(exp(X*w))", "w", shapes="X: n x d, w: d").compile()
    with pytest.raises(sn.OverflowError_, match="not finite"):
        f(X=np.eye(2) * 1000, w=[1, 1])
    g = sn.derive("z = X*w; a = σ(z); L = sum(a)", "w", shapes="X: n x d, w: d").compile()
    value, slopes = g(X=np.eye(2) * 1000, w=[1, -1])
    assert value == 1.0 and slopes["w"].tolist() == [0.0, 0.0]


@pytest.mark.parametrize("name", ["X", "kept"])
def test_arrays_are_made_once_on_request(name: str) -> None:
    text = f"Z = {name}*W + ones(n)*b'; A = tanh(Z); P = σ(A*V); L = norm2(P - T)^2/n"
    shapes = f"{name}: n x 3, W: 3 x 4, b: 4, V: 4 x 2, T: n x 2"
    f = sn.derive(text, "W b V", shapes=shapes).compile()
    run = f.reusing()
    rng = np.random.default_rng(2)
    returned = []
    for n in (5, 5, 2, 5):
        at = {m: rng.normal(size=s) for m, s in {name: (n, 3), "W": (3, 4), "b": 4, "V": (4, 2), "T": (n, 2)}.items()}
        value, g = run(*(at[m] for m in f.inputs))
        expected, slopes = f.function(*(at[m] for m in f.inputs))
        assert value == expected and all(np.array_equal(g[m], slopes[m]) for m in slopes)
        returned.append(g["W"])
    assert [a is b for a, b in pairwise(returned)] == [True, False, False]
    assert "out=" in run.source and "symnet" not in run.source


def test_a_large_product_is_the_same_for_one_row_and_for_many() -> None:
    """`@` for many rows and `dot` for one; both write into arrays that are kept."""
    d = sn.derive("Z = X*W; A = tanh(Z); L = norm2(A - T)^2/n", "W", shapes="X: n x 200, W: 200 x 120, T: n x 120")
    f = d.compile()
    assert "X.T @ " in f.source and "X.T.dot(" in f.source
    run, rng = f.reusing(), np.random.default_rng(5)
    for n in (1, 3, 3):
        at = {m: 0.1 * rng.normal(size=s) for m, s in {"X": (n, 200), "W": (200, 120), "T": (n, 120)}.items()}
        value, g = f(**at)
        slope = at["X"].T @ ((1 - np.tanh(at["X"] @ at["W"]) ** 2) * (np.tanh(at["X"] @ at["W"]) - at["T"]) * 2 / n)
        assert np.allclose(g["W"], slope, rtol=1e-12, atol=1e-15)
        kept, again = run(*(at[m] for m in f.inputs))
        assert kept == value and np.allclose(again["W"], g["W"], rtol=1e-13, atol=1e-16)


def test_nan_is_named_where_tanh_saturates_and_where_a_branch_is_taken() -> None:
    for name in ("tanh", "relu"):
        f = sn.derive(f"Z = X*W; A = {name}(Z); L = norm2(A)^2", "W", shapes="X: n x 2, W: 2 x 3").compile()
        with pytest.raises(sn.DomainError, match=r"`W`.*nan"):
            f(X=np.ones((4, 2)), W=np.array([[1.0, 2, np.nan], [20, 20, 20]]))
