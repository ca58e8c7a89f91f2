"""Somebody's backward function against the exact gradient: what is wrong is found, and only then."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import symnet as sn
from symnet.backward.calling import _split
from symnet.backward.points import Points
from symnet.deriving import derive
from symnet.testing import assert_gradient

SCALAR = "z1 = w1 x + b1; a1 = σ(z1); z2 = w2 a1 + b2; a2 = σ(z2); E = ½ (a2 − t)²"
DEEP = """
Z = X W1 + ones(n) b1'
H = tanh(Z)
Y = H W2 + ones(n) b2'
L = sum((Y - T).^2)/(2n) + lam/2 sum(W2.^2)
"""
SHAPES = "X: n x d, W1: d x h, b1: h, W2: h x k, b2: k, T: n x k, lam: scalar"
LINEAR, LINEAR_SHAPES = "r = X w - y; L = r' r/n + lam w' w", "X: n x d, w: d, y: n, lam: scalar"
Backward = Callable[..., Any]


def sigmoid(z: float) -> float:
    return float(1 / (1 + np.exp(-z)))


def scalar(bug: str = "") -> Backward:
    """Backpropagation through two neurons, with one line as it is often wrong."""

    def backward(x: float, w1: float, b1: float, w2: float, b2: float, t: float) -> dict[str, float]:
        a1 = sigmoid(w1 * x + b1)
        a2 = sigmoid(w2 * a1 + b2)
        error = {"turned": t - a2, "half": 2 * (a2 - t)}.get(bug, a2 - t)
        d2 = error * {"slope": 1, "plus": a2 * (1 + a2)}.get(bug, a2 * (1 - a2))
        d1 = d2 * (1 if bug == "weight" else w2) * a1 * (1 - a1)
        return {"w1": d1 * (1 if bug == "input" else x), "b1": d1, "w2": d2 * a1, "b2": d2}

    return backward


def deep(bug: str = "") -> Backward:
    """The same for a batch."""

    def backward(X: Any, W1: Any, b1: Any, W2: Any, b2: Any, T: Any, lam: float) -> dict[str, Any]:
        n = len(X)
        Z = X @ W1 + b1
        H = np.tanh(Z)
        D = (H @ W2 + b2 - T) / (1 if bug == "mean" else n)
        dW2 = H.T @ D + {"decay": 0, "decay twice": 2}.get(bug, 1) * lam * W2
        db2 = {"sum": D, "mean of b": D.mean(0)}.get(bug, D.sum(0))
        slope = {"slope": 1, "sigmoid": H * (1 - H), "argument": 1 - Z**2}.get(bug, 1 - H**2)
        dZ = (D @ (W2 if bug == "product" else W2.T)) * slope
        dW1 = X.T @ dZ * {"negative": -1, "zero": 0, "seven thirds": 7 / 3}.get(bug, 1)
        dW1 = {"transposed": dW1.T, "flipped": dW1[::-1, ::-1]}.get(bug, dW1)
        return {"dW1": dW1, "db1": dZ.sum(0), "dW2": dW2, "db2": db2}

    return backward


# ---------------- what is right
def test_what_is_right_agrees_and_no_more_is_claimed() -> None:
    for report in (sn.check_gradient(scalar(), SCALAR), sn.check_gradient(deep(), DEEP, shapes=SHAPES)):
        assert report.ok and bool(report)
        assert all(p.compared == 8 and p.error is not None and p.error < 1e-12 for p in report.parameters)
        assert "agrees at 8 points" in str(report)
        assert "proved" not in str(report) and "correct" not in str(report)


def test_the_sizes_differ_and_include_one() -> None:
    report = sn.check_gradient(deep(), DEEP, shapes=SHAPES)
    shapes = [p["X"].shape for p in report.points]
    assert any(n == 1 for n, d in shapes) and any(d == 1 for n, d in shapes)
    assert sum(n != d for n, d in shapes) >= 4


def test_points_are_the_same_in_every_run_and_change_with_the_seed() -> None:
    one, two, other = (sn.check_gradient(scalar(), SCALAR, seed=s).points for s in (3, 3, 4))
    assert one == two != other


def test_facts_of_shapes_are_kept() -> None:
    shapes = "w: n, S: n x n symmetric, A: n x n positive definite, P: n x n rows sum to one, q: n positive"
    d = derive("L = w' S w + logdet(A) + sum(P w) - sum(log(q))", shapes=shapes)
    for p in Points(d, 0).at([], 6):
        v = p.values
        assert np.array_equal(v["S"], v["S"].T)
        assert np.linalg.eigvalsh(v["A"]).min() > 0
        assert np.allclose(v["P"].sum(1), 1) and (v["P"] > 0).all() and (v["q"] > 0).all()


def test_points_without_a_gradient_are_left_out_and_said() -> None:
    report = sn.check_gradient(lambda x: 1 / x, "log(x)")
    assert report.ok and "left out" in str(report)
    assert all(p["x"] > 0 for p in report.points)


# ---------------- what is wrong
@pytest.mark.parametrize(
    ("bug", "wrong", "mistake"),
    [
        ("turned", "w1 b1 w2 b2", "t_minus_a_sign"),
        ("half", "w1 b1 w2 b2", "half_lost"),
        ("slope", "w1 b1 w2 b2", "activation_derivative_lost"),
        ("plus", "w1 b1 w2 b2", "sigmoid_derivative_sign"),
        ("weight", "w1 b1", "next_layer_weight_lost"),
        ("input", "w1", "input_factor_lost"),
    ],
)
def test_mistakes_of_scalars(bug: str, wrong: str, mistake: str) -> None:
    report = sn.check_gradient(scalar(bug), SCALAR)
    assert [p.name for p in report.parameters if not p.ok] == wrong.split()
    for name in wrong.split():
        assert report[name].mistake is not None and report[name].mistake.name == mistake


@pytest.mark.parametrize(
    ("bug", "wrong", "mistake"),
    [
        ("mean", "W1 b1 W2 b2", "one_over_n_lost"),
        ("decay", "W2", "regulariser_lost"),
        ("decay twice", "W2", "half_lost"),
        ("sum", "b2", "sum_lost"),
        ("mean of b", "b2", "one_over_n_extra"),
        ("slope", "W1 b1", "activation_derivative_lost"),
        ("sigmoid", "W1 b1", "sigmoid_rule_for_tanh"),
        ("argument", "W1 b1", "preactivation_for_activation"),
        ("transposed", "W1", "transposed"),
        ("negative", "W1", "sign"),
        ("flipped", "W1", "kernel_flipped"),
        ("zero", "W1", "constant_dropped"),
        ("seven thirds", "W1", "coefficient_lost"),
    ],
)
def test_mistakes_of_arrays(bug: str, wrong: str, mistake: str) -> None:
    report = sn.check_gradient(deep(bug), DEEP, shapes=SHAPES)
    assert [p.name for p in report.parameters if not p.ok] == wrong.split()
    for name in wrong.split():
        assert report[name].mistake is not None and report[name].mistake.name == mistake


def test_a_product_the_wrong_way_round_runs_only_at_equal_sizes() -> None:
    report = sn.check_gradient(deep("product"), DEEP, shapes=SHAPES)
    assert not report.ok
    assert "ValueError" in str(report) and "of backward" in str(report) and "all sizes are the same" in str(report)
    assert report["W1"].mistake is not None and report["W1"].mistake.name == "transposed"
    assert not report["W2"].ok and "2 points only" in str(report["W2"])  # right, and not often enough


def test_no_mistake_is_named_that_does_not_give_the_numbers() -> None:
    def odd(w: float, x: float, t: float) -> dict[str, float]:
        return {"w": (w * x - t) * x + 0.01 * np.sin(50 * w)}

    report = sn.check_gradient(odd, "½ (w x − t)²")
    assert not report.ok and report["w"].mistake is None
    worst = report["w"].worst
    assert worst is not None
    point = {n: float(v) for n, v in report.points[worst.point - 1].items()}
    assert worst.found == odd(**point)["w"]
    assert worst.expected == pytest.approx((point["w"] * point["x"] - point["t"]) * point["x"], rel=1e-12)


def test_a_difference_at_one_entry_is_placed() -> None:
    def one(X: Any, w: Any, y: Any, lam: float) -> Any:
        g = 2 * X.T @ (X @ w - y) / len(X) + 2 * lam * w
        g[-1] += 1e-3
        return {"w": g}

    report = sn.check_gradient(one, LINEAR, shapes=LINEAR_SHAPES)
    worst = report["w"].worst
    assert not report.ok and worst is not None
    assert worst.entry == (len(report.points[worst.point - 1]["w"]) - 1,)
    assert worst.found - worst.expected == pytest.approx(1e-3)


@pytest.mark.parametrize("size", [1e-5, 1e-6])
def test_a_small_difference_is_not_agreement(size: float) -> None:
    report = sn.check_gradient(lambda x: np.cos(x) + size, "sin(x)")
    assert not report.ok and "finite differences" in str(report)
    assert sn.check_gradient(lambda x: np.cos(x) + size, "sin(x)", rtol=1e-2).ok


def test_the_loss_itself_is_another_one() -> None:
    report = sn.check_gradient(lambda x: (np.sin(x) ** 2, np.cos(x)), "sin(x)")
    assert not report.ok and report["x"].ok and "the loss itself differs" in str(report)
    assert sn.check_gradient(lambda x: (np.sin(x), np.cos(x)), "sin(x)").ok


# ---------------- what is wrong with a function
def test_changed_inputs_states_and_errors() -> None:
    def in_place(X: Any, w: Any, y: Any, lam: float) -> Any:
        g = 2 * X.T @ (X @ w - y) / len(X) + 2 * lam * w
        w -= 0.1 * g
        return {"w": g}

    assert "changes its input w" in str(sn.check_gradient(in_place, LINEAR, shapes=LINEAR_SHAPES))
    calls = iter(range(1000))
    assert "second time" in str(sn.check_gradient(lambda x: 2 * x + next(calls), "x²"))

    def fails(x: float) -> float:
        return [2 * x][int(x > 0)]

    report = sn.check_gradient(fails, "x²")
    assert not report.ok and "IndexError" in str(report) and "of fails" in str(report)
    nothing = sn.check_gradient(lambda x: 1 / 0, "x²")
    assert not nothing.ok and "not compared" in str(nothing)


def test_nan_shape_and_missing() -> None:
    report = sn.check_gradient(lambda w, x: {"w": float("nan"), "x": w}, "w x", "w x")
    assert not report["w"].ok and "is nan at point 1" in str(report) and report["x"].ok

    def column(X: Any, w: Any, y: Any, lam: float) -> Any:
        return {"w": (2 * X.T @ (X @ w - y) / len(X) + 2 * lam * w)[:, None]}

    report = sn.check_gradient(column, LINEAR, shapes=LINEAR_SHAPES)
    assert not report.ok and "(2, 1)" in str(report) and "broadcast" in str(report)
    report = sn.check_gradient(lambda w, x: {"x": w}, "w x", "w x")
    assert not report.ok and "no gradient was returned" in str(report["w"])


@pytest.mark.parametrize("result", [None, "2x", (1, 2, 3, 4), 2j, {}, object()])
def test_results_that_are_no_gradient(result: Any) -> None:
    assert not sn.check_gradient(lambda x: result, "x²").ok


def test_too_few_points_are_not_enough() -> None:
    report = sn.check_gradient(lambda x: 2 * x, "x²", at=[{"x": 1}, {"x": 3}], points=0)
    assert not report.ok and "2 points only" in str(report)
    assert sn.check_gradient(lambda x: 2 * x, "x²", at=[{"x": 1}, {"x": 3}, {"x": -2}], points=0).ok


# ---------------- how a function is called
W = ("w", "b")


@pytest.mark.parametrize(
    ("result", "loss", "gradients"),
    [
        ({"w": 1, "b": 2}, None, {"w": 1, "b": 2}),
        ({"dw": 1, "grad_b": 2}, None, {"w": 1, "b": 2}),
        ({"w": 1}, None, {"w": 1}),
        ((1, 2), None, {"w": 1, "b": 2}),
        ([1, 2], None, {"w": 1, "b": 2}),
        ((7, 1, 2), 7, {"w": 1, "b": 2}),
        ((7, {"w": 1, "b": 2}), 7, {"w": 1, "b": 2}),
        ((7, (1, 2)), 7, {"w": 1, "b": 2}),
    ],
)
def test_the_forms_of_a_result(result: Any, loss: float | None, gradients: dict[str, int]) -> None:
    assert _split(result, W) == (loss, gradients)


def test_the_forms_of_parameters() -> None:
    assert sn.check_gradient(lambda v: {"w": v["x"], "x": v["w"]}, "w x", "w x").ok
    assert sn.check_gradient(lambda **v: {"w": v["x"], "x": v["w"]}, "w x", "w x").ok
    assert sn.check_gradient(lambda x, w_1, k=2: x, "w1 x", "w1").ok
    assert sn.check_gradient(lambda theta: 2 * theta, "x²").ok
    X, y = np.random.default_rng(0).normal(size=(7, 3)), np.arange(7.0)
    data = {"X": X, "y": y, "lam": 0.3}

    def knows_its_data(w: Any) -> Any:
        return 2 * X.T @ (X @ w - y) / 7 + 0.6 * w

    assert sn.check_gradient(knows_its_data, LINEAR, "w", shapes=LINEAR_SHAPES, at=data).ok
    with pytest.raises(sn.RuleError, match="does not take"):
        sn.check_gradient(lambda x: x, "w x", "w")
    with pytest.raises(sn.RuleError, match="also needs k"):
        sn.check_gradient(lambda w, x, k: x, "w x", "w")
    with pytest.raises(sn.ShapeError, match="no input"):
        sn.check_gradient(lambda x: x, "x²", at={"q": 1})
    with pytest.raises(sn.ShapeError, match="declared"):
        sn.check_gradient(knows_its_data, LINEAR, "w", shapes=LINEAR_SHAPES, at={**data, "X": y})
    with pytest.raises(sn.SymnetError, match="none of the"):
        sn.check_gradient(lambda x: 1 / x, "log(x)", at={"x": -1}, points=0)


def test_float32_is_seen_and_its_rounding_allowed() -> None:
    def single(X: Any, w: Any, y: Any, lam: float) -> Any:
        X, w, y = (np.asarray(v, dtype=np.float32) for v in (X, w, y))
        return {"w": 2 * X.T @ (X @ w - y) / len(X) + np.float32(2 * lam) * w}

    report = sn.check_gradient(single, LINEAR, shapes=LINEAR_SHAPES)
    assert report.ok and report.precision == "float32" and "float32" in str(report)
    assert not sn.check_gradient(lambda **v: {"w": 1.001 * single(**v)["w"]}, LINEAR, shapes=LINEAR_SHAPES).ok


def test_short_binary_fractions_are_not_taken_for_float32() -> None:
    at = [{"x": v} for v in (0.0625, 0.125, 3.0, 0.75)]
    report = sn.check_gradient(lambda x: 2 * x + 1e-6, "x²", at=at, points=2)
    assert report.precision == "float64" and not report.ok


def test_a_dimension_that_no_shape_fixes_is_a_whole_number() -> None:
    def backward(c: float, m: int) -> dict[str, float]:
        return {"c": float(sum(1 for _ in range(m)))}

    assert sn.check_gradient(backward, "L = sum(c * ones(m))", "c", shapes="c: scalar").ok


def test_torch() -> None:
    torch = pytest.importorskip("torch")

    def autograd(X: Any, w: Any, y: Any, lam: Any) -> Any:
        w = w.clone().requires_grad_(True)
        loss = torch.mean((X @ w - y) ** 2) + lam * (w @ w)
        loss.backward()
        return loss, {"w": w.grad}

    def methods_only(X: Any, w: Any, y: Any, lam: Any) -> Any:
        r = X.float().mv(w.float()) - y.float()
        return {"w": 2 * X.float().t().mv(r) / len(y)}

    assert sn.check_gradient(autograd, LINEAR, shapes=LINEAR_SHAPES).ok
    report = sn.check_gradient(methods_only, LINEAR, shapes=LINEAR_SHAPES)
    assert report.precision == "float32"
    assert report["w"].mistake is not None and report["w"].mistake.name == "regulariser_lost"


def test_jax() -> None:
    jax = pytest.importorskip("jax")

    def loss(w: Any, X: Any, y: Any, lam: Any) -> Any:
        return jax.numpy.mean((X @ w - y) ** 2) + lam * w @ w

    def report() -> Any:
        return sn.check_gradient(jax.value_and_grad(loss), LINEAR, "w", shapes=LINEAR_SHAPES, points=3)

    before = jax.config.jax_enable_x64  # JAX computes with float32 unless told otherwise, for the whole process
    try:
        for double, precision in ((False, "float32"), (True, "float64")):
            jax.config.update("jax_enable_x64", double)
            assert report().ok and report().precision == precision
    finally:
        jax.config.update("jax_enable_x64", before)


# ---------------- for tests
def test_assert_gradient() -> None:
    assert assert_gradient(scalar(), SCALAR).ok
    with pytest.raises(AssertionError, match="w1, b1; 2 others agree") as caught:
        assert_gradient(scalar("weight"), SCALAR)
    assert "next_layer_weight_lost" in str(caught.value)


def test_the_example() -> None:
    script = Path(__file__).parent.parent / "examples" / "check_backward.py"
    run = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    assert "W1, b1, b2; 1 other agrees" in run.stdout


SOFTMAX = ("P = softmax(X W); L = -sum(T ⊙ log(P))/n", "W")


def softmax_backward(X: Any, W: Any, T: Any, factor: float = 1.0) -> dict[str, Any]:
    P = np.exp(X @ W) / np.sum(np.exp(X @ W), axis=1, keepdims=True)
    return {"W": factor * X.T @ (P - T) / len(X)}


def test_a_fact_that_is_not_declared() -> None:
    shapes = "X: n x d, W: d x k, T: n x k"
    report = sn.check_gradient(softmax_backward, *SOFTMAX, shapes=shapes)
    assert not report.ok and report["W"].worst is not None and report["W"].error is not None
    assert report["W"].worst.expected != 0 and report["W"].error < 1e3
    assert any("declare `T: n x k rows sum to one`" in note for note in report.notes)
    assert sn.check_gradient(softmax_backward, *SOFTMAX, shapes=shapes + " rows sum to one")
    doubled = sn.check_gradient(lambda X, W, T: softmax_backward(X, W, T, 2.0), *SOFTMAX, shapes=shapes)
    assert not any("declare" in note for note in doubled.notes)


def test_the_exact_gradient_is_zero() -> None:
    report = sn.check_gradient(lambda w, x: {"w": 0.25 + 0 * w}, "L = sum(softmax(w)) + x", wrt="w", shapes="w: k")
    assert report["w"].error == pytest.approx(0.25)
    assert "differs, by 0.25 where the exact gradient is 0" in str(report)


def test_html_is_escaped() -> None:
    def fails(x: float) -> float:
        raise ValueError("<script>")

    page = sn.check_gradient(fails, "x²")._repr_html_()
    assert "<script>" not in page and "&lt;script&gt;" in page
