"""Gradient descent: exact tables, methods against torch, honest ends, and reports against the exact answer."""

from __future__ import annotations

import doctest
import json
import math
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

import symnet as sn
from symnet.balls import value
from symnet.descent import METHODS, SCHEDULES
from symnet.descent.batches import batches
from symnet.descent.objective import PIECEWISE
from symnet.descent.steppers import STEPPERS
from symnet.functions import TABLE as FUNCTIONS
from symnet.term import fn, sym

QUARTIC = "y = x(x − 1)(x − 2)(x − 3)"


def run(expr: Any, start: Any, lr: Any = None, steps: int = 100, **more: Any) -> sn.Descent:
    return sn.descend(expr, start, lr=lr, steps=steps, **more)


# --------------------------------------------------------------------------------------------------------- exact steps
def test_the_first_step_by_hand() -> None:
    r = run(QUARTIC, {"x": 1.25}, 0.05, 1)
    assert r.rows[0].gradient == (Fraction(19, 16),) and r.rows[0].move == (Fraction(-19, 320),)
    assert r.point["x"] == Fraction(381, 320) and r.exact_steps == 1
    assert r.table.text().splitlines()[1].split() == ["0", "1.25", "0.41015625", "1.1875", "−0.059375", "1.190625"]
    assert r.approx["x"] == 1.190625


@pytest.mark.parametrize("method", [n for n, m in METHODS.items() if m.rational])
def test_exact_steps_equal_the_floats(method: str) -> None:
    exact = run("(x − 1)^2 + x y + y^2", {"x": 2, "y": "1/3"}, 0.1, 4, method=method, exact=True)
    floats = run("(x − 1)^2 + x y + y^2", {"x": 2, "y": "1/3"}, 0.1, 4, method=method, exact=False)
    assert exact.exact_steps == exact.steps and floats.exact_steps == 0
    assert all(isinstance(v, Fraction) for v in exact.point.values())
    for a, b in zip(exact.rows, floats.rows, strict=False):
        assert [float(x) for x in a.point] == pytest.approx([float(x) for x in b.point], rel=1e-13, abs=1e-15)


def test_long_fractions_go_on_in_floats_and_that_is_said() -> None:
    r = run(QUARTIC, {"x": 1.25}, 0.05, 12)
    assert 3 < r.exact_steps < 12
    assert f"The first {r.exact_steps} steps are exact, the others in floats." in r.text()
    with pytest.raises(sn.SymnetError, match="take fewer steps"):
        run(QUARTIC, {"x": 1.25}, 0.05, 12, exact=True)
    with pytest.raises(sn.SymnetError, match="a method without roots"):
        run(QUARTIC, {"x": 1.25}, 0.05, 2, exact=True, method="adam")


def test_the_functions_that_keep_fractions_are_known() -> None:
    def fractions(name: str) -> bool:
        try:
            return all(
                isinstance(value(fn(name, sym("x")), {"x": x}), Fraction) for x in (Fraction(1, 3), Fraction(-1, 3))
            )
        except sn.SymnetError:
            return False

    assert [n for n in FUNCTIONS if fractions(n)] == list(PIECEWISE)
    assert run("abs(x − 1) + relu(x)", {"x": 3}, "1/7", 6).exact_steps == 6


def test_irrational_starts_and_losses_run_in_floats() -> None:
    r = run("cos(x)", {"x": "pi/2"}, 0.1, 50)
    assert r.exact_steps == 0 and r.rows[0].point == (math.pi / 2,)


# ------------------------------------------------------------------------------------------------- methods, schedules
TORCH = {
    "gd": ("SGD", {}, {}),
    "momentum": ("SGD", {"mu": 0.8}, {"momentum": 0.8}),
    "nesterov": ("SGD", {"mu": 0.8}, {"momentum": 0.8, "nesterov": True}),
    "adagrad": ("Adagrad", {}, {}),
    "rmsprop": ("RMSprop", {"alpha": 0.9}, {"alpha": 0.9}),
    "adam": ("Adam", {"beta1": 0.85}, {"betas": (0.85, 0.999)}),
}


def test_every_row_with_a_direction_is_compared_with_torch() -> None:
    assert set(TORCH) == {n for n, m in METHODS.items() if m.direction is not None and not m.needs}


@pytest.mark.parametrize("method", TORCH)
def test_steps_equal_those_of_torch(method: str) -> None:
    torch = pytest.importorskip("torch")
    name, ours, theirs = TORCH[method]
    r = run("(1 − x)^2 + 3 (y − x^2)^2 + sin(y)", {"x": -0.7, "y": 0.4}, 0.02, 60, method=method, exact=False, **ours)
    x = torch.tensor([-0.7, 0.4], dtype=torch.float64, requires_grad=True)
    optimiser = getattr(torch.optim, name)([x], lr=0.02, **theirs)
    for row in r.rows[1:]:
        optimiser.zero_grad()
        loss = (1 - x[0]) ** 2 + 3 * (x[1] - x[0] ** 2) ** 2 + torch.sin(x[1])
        loss.backward()
        optimiser.step()
        assert row.point == pytest.approx(x.detach().tolist(), rel=1e-12)
    assert len(r.rows) == 61


def test_newton_solves_a_quadratic_in_one_exact_step() -> None:
    r = run("3x^2 + 2x y + 2y^2 − x + 4y", {"x": 7, "y": "-5/3"}, method="newton", steps=5)
    assert r.steps == 1 and r.status == "converged"
    assert dict(r.point.items()) == {"x": Fraction(3, 5), "y": Fraction(-13, 10)}


def test_newton_on_a_column() -> None:
    X, y = [[1, 0], [1, 1], [1, 2]], [1, 3, 5]
    r = sn.descend("norm2(X*w − y)^2/2", {"w": [0, 0]}, shapes="X: n x d, w: d, y: n", method="newton", steps=4,
                   data={"X": X, "y": y})  # fmt: skip
    assert r.status == "converged" and r.point["w"] == pytest.approx([1, 2])


def test_newton_says_where_the_hessian_is_singular() -> None:
    r = run("x^4 + y", {"x": 1, "y": 0}, method="newton")
    assert r.status == "stopped" and "the Hessian at step 0 is singular" in r.why


def test_backtracking_never_climbs() -> None:
    r = run(QUARTIC, {"x": 1.25}, method="backtracking", steps=60)
    values = r.values
    assert (np.diff(values) <= 0).all() and r.status == "converged"


@pytest.mark.parametrize("method", ["bfgs", "l-bfgs"])
def test_scipy_methods(method: str) -> None:
    pytest.importorskip("scipy")
    r = run("(1 − x)^2 + 100 (y − x^2)^2", {"x": -1.2, "y": 1}, steps=200, method=method)
    assert r.status == "converged" and r.approx["x"] == pytest.approx(1, abs=1e-6)
    assert r.rows[0].point == (-1.2, 1.0)


def test_without_scipy_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy.optimize", None)
    with pytest.raises(sn.SymnetError, match=r"pip install 'symnet\[scipy\]'"):
        run("x^2", {"x": 1}, method="bfgs")


RATES = {
    "constant": [0.1, 0.1, 0.1],
    "step": [0.1, 0.1, 0.05],
    "exponential": [0.1, 0.05, 0.025],
    "cosine": [0.1, 0.05 * (1 + math.cos(math.pi / 3)), 0.05 * (1 + math.cos(2 * math.pi / 3))],
    "1/t": [0.1, 0.1 / 1.5, 0.1 / 2],
}
SET = {"step": {"every": 2}, "exponential": {"gamma": 0.5}, "1/t": {"decay": 0.5}}


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_schedules(schedule: str) -> None:
    r = run("x^2", {"x": 1}, 0.1, 3, schedule=schedule, **SET.get(schedule, {}))
    assert [float(row.rate) for row in r.rows[:3]] == pytest.approx(RATES[schedule], rel=1e-15)
    assert all(row.move[0] == pytest.approx(-row.rate * row.gradient[0]) for row in r.rows[:3] if row.move)


# ------------------------------------------------------------------------------------------------------------ the data
CSV = "x,t,unused\n0,1,9\n1,3,9\n2,5,9\n3,7.5,9\n"


def line(start: Any = None, **more: Any) -> sn.Descent:
    return run("(w x + b − t)^2", start or {"w": 0, "b": 0}, 0.1, 400, **more)


def test_columns_make_the_mean_over_the_samples(tmp_path: Path) -> None:
    (tmp_path / "points.csv").write_text(CSV, encoding="utf-8")
    columns = {"x": np.array([0, 1, 2, 3]), "t": [1, 3, 5, 7.5]}

    class Frame:
        columns = ("x", "t")

        def __getitem__(self, name: str) -> Any:
            return columns_of[name]

    columns_of = columns
    runs = [line(data=d) for d in (CSV, tmp_path / "points.csv", columns, Frame())]
    want = np.polyfit([0, 1, 2, 3], [1, 3, 5, 7.5], 1)
    for r in runs:
        assert r.status == "converged" and [r.approx["w"], r.approx["b"]] == pytest.approx(want, rel=1e-8)
        assert r.values[0] == pytest.approx((1 + 9 + 25 + 7.5**2) / 4)
    assert run("(w x − t)^2", {"w": 0}, 0.01, 1, data=columns, reduce="sum").values[0] == pytest.approx(91.25)


def test_constants_stand_beside_samples() -> None:
    r = run("(w x − t)^2 + c w^2", {"w": 1}, 0.1, 1, data={"x": [1, 2], "t": [0, 0], "c": 3})
    assert r.values[0] == pytest.approx((1 + 4) / 2 + 3)


def test_minibatches_are_seeded_and_cover_every_epoch() -> None:
    draw = batches(10, 4, 7)
    epoch = [next(draw) for _ in range(3)]
    assert [len(b) for b in epoch] == [4, 4, 2] and sorted(np.concatenate(epoch)) == list(range(10))
    one, same, other = (line(data=CSV, batch=2, seed=s) for s in (3, 3, 4))
    assert (one.values == same.values).all() and (one.values != other.values).any()
    assert line(data=CSV, batch=4, seed=1).status == "converged"  # all of them


def test_a_network_of_arrays_is_trained() -> None:
    network = sn.network({"inputs": ["x1", "x2"], "layers": [{"units": 4, "activation": "tanh"},
                          {"units": 1, "activation": "sigmoid"}], "loss": "mse"}, form="matrix")  # fmt: skip
    data = {"X": [[0, 0], [0, 1], [1, 0], [1, 1]], "T": [0, 1, 1, 0]}
    r = sn.descend(network, "random", lr=0.05, steps=800, method="adam", data=data, seed=1)
    assert r.value < 0.01 < r.values[0] and r.status == "stopped"
    assert r.point["W1"].shape == (2, 4) and set(r.point) == {"W1", "b1", "W2", "b2"}
    again = sn.descend(network, "random", lr=0.05, steps=800, method="adam", data=data, seed=1)
    assert (r.values == again.values).all()


# ------------------------------------------------------------------------------------------------------------- the end
ENDS = [
    ("x^2", 1, 0.1, 200, "converged", "a strict local minimum is proven"),
    ("x^2", 1, 0.1, 5, "stopped", "out of steps after 5"),
    ("x^2", 1, 0, 0, "stopped", "out of steps after 0"),
    ("x^2", 3, 1, 60, "oscillates", "period 2"),
    ("x^2", 3, 1, 12, "oscillates", "between −3 and 3"),
    ("abs(x)", 1, 0.3, 200, "oscillates", "to and fro|period 2"),
    ("abs(x)", 1, 0.25, 20, "converged", "the exact minimum x = 0 is reached"),
    ("x^2", 1, 1.3, 10, "diverged", "each step is larger than the one before"),
    ("x^2", 1, 1.3, 9999, "diverged", "too large for a float at step"),
    ("−exp(x)", 1, 1, 50, "diverged", "too large for a float"),
    ("log(x)", 0.2, 2, 10, "left the domain", "log of a negative number"),
    ("sqrt(x)", 0.1, 1, 10, "left the domain", "step 1"),
    ("1/x", -1, 0.2, 50, "left the domain", "jumped over x = 0"),
    ("σ(w)", -60, 1, 500, "plateau", "no stationary point is near"),
    ("exp(−x)", 60, 1, 500, "plateau", "no stationary point is near"),
    ("x^2 exp(−x)", 60, 1, 500, "plateau", "no stationary point is near"),
    ("cos(x)", 0, 0.1, 500, "plateau", "no minimum"),
    ("x^3", 0, 0.1, 500, "plateau", "no minimum"),
    ("exp(−x)", 0, 1, 200, "stopped", "out of steps"),
    ("exp(x)", 1, "1e-60", 50, "stopped", "smaller than the distance of two floats"),
    ("relu(x)", -1, 0.1, 50, "converged", "the least value 0 is reached"),
]  # fmt: skip


@pytest.mark.parametrize(("expr", "x", "lr", "steps", "status", "why"), ENDS)
def test_ends(expr: str, x: float, lr: Any, steps: int, status: str, why: str) -> None:
    name = "w" if "w" in expr else "x"
    r = run(expr, {name: x}, lr or 1, steps)
    assert r.status == status, r.why
    assert any(part in r.why for part in why.split("|")), r.why
    assert all(math.isfinite(v) for v in r.values) and math.isfinite(float(r.point[name]))


def test_a_saddle_is_no_minimum() -> None:
    r = run("x^2 − y^2", {"x": 1, "y": 0}, 0.1, 500)
    assert r.status == "plateau" and "saddle point" in str(r.report())


def test_float_overflow_on_the_way_is_no_overflow_of_the_value() -> None:
    r = run("log(exp(x) + 1) + x^2/100000", {"x": 900}, 10, 3)
    assert r.values[0] == pytest.approx(908.1) and r.status == "stopped"


def test_interrupting_keeps_what_was_done(monkeypatch: pytest.MonkeyPatch) -> None:
    from symnet.descent import program

    calls = 0
    plain = program.Numbers.__call__

    def interrupted(self: Any, point: Any, rows: Any = None) -> Any:
        nonlocal calls
        calls += 1
        if calls == 40:
            raise KeyboardInterrupt
        return plain(self, point, rows)

    monkeypatch.setattr(program.Numbers, "__call__", interrupted)
    r = run("cos(x)", {"x": 1}, 0.001, 10_000)
    assert r.status == "stopped" and r.steps == 39 and r.why == "interrupted after 39 steps"
    assert len(r.values) == 40 and float(r.point["x"]) > 1


REFUSED = [
    ({"lr": 0}, sn.DescentError, "with rate 0 nothing moves"),
    ({"lr": -1}, sn.DescentError, "climbs"),
    ({"lr": math.nan}, sn.DescentError, "finite number"),
    ({"lr": "fast"}, sn.DescentError, "finite number, not fast"),
    ({"lr": "pi"}, sn.DescentError, "rational number"),
    ({"lr": None}, sn.DescentError, "needs a learning rate"),
    ({"steps": -2}, sn.DescentError, "whole number"),
    ({"steps": 1.5}, sn.DescentError, "whole number"),
    ({"steps": True}, sn.DescentError, "whole number"),
    ({"steps": 10**12}, sn.DescentError, "of one run"),
    ({"method": "sdg"}, sn.DescentError, "there is gd, momentum"),
    ({"schedule": "warm"}, sn.DescentError, "there is constant"),
    ({"reduce": "max"}, sn.DescentError, "'mean' or 'sum'"),
    ({"mu": 0.5}, sn.NameLookupError, "gd with the schedule constant has no `mu`"),
    ({"start": {"q": 1}}, sn.NameLookupError, "not an input"),
    ({"start": {}}, sn.NameLookupError, "a value for each name"),
    ({"start": "x"}, sn.NameLookupError, "name=number"),
    ({"start": {"x": "oo"}}, sn.DomainError, "not a number that one can compute with"),
    ({"start": {"x": [1, 2]}}, sn.ShapeError, "was given an array"),
    ({"start": {"x": -1}, "expr": "log(x)"}, sn.DomainError, "no finite value at the start"),
    ({"start": {"x": 1e3}, "expr": "exp(x)"}, sn.OverflowError_, "no finite value at the start"),
    ({"expr": "x t"}, sn.NameLookupError, "no start and no data for t"),
    ({"expr": "x t", "data": {"t": [1, math.inf]}}, sn.DataError, "not finite"),
    ({"expr": "x t", "data": {"t": 1, "z": 2}}, sn.NameLookupError, "`z` is not an input"),
    ({"expr": "x t u", "data": {"t": [1, 2], "u": [1]}}, (sn.DataError, sn.ShapeError), "given"),
    ({"batch": 2}, sn.DataError, "no samples"),
    ({"expr": "x t", "data": {"t": [1, 2]}, "batch": 3}, sn.DataError, "larger than the 2"),
    ({"expr": "x t", "data": {"t": [1, 2]}, "batch": 1, "method": "newton"}, sn.DescentError, "all the data"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "error", "said"), REFUSED)
def test_what_cannot_be_run_is_refused(change: dict[str, Any], error: Any, said: str) -> None:
    asked = {"expr": "x^2", "start": {"x": 1}, "lr": 0.1, "steps": 5, **change}
    with pytest.raises(error, match=said) as refused:
        sn.descend(asked.pop("expr"), asked.pop("start"), **asked)
    assert len(str(refused.value)) <= 300


# ---------------------------------------------------------------------------------------------------------- the report
def test_the_report_names_the_exact_point_and_the_rates() -> None:
    report = run(QUARTIC, {"x": 1.25}, 0.05, 200).report()
    assert report.kind == "min" and report.reach == "global" and report.point is not None
    assert str(report.point.at["x"]) == "3/2 - sqrt(5)/2"
    assert report.measured == pytest.approx(0.5, rel=1e-4) and report.predicted == pytest.approx(0.5)
    assert report.largest_rate == pytest.approx(0.2)


def test_the_report_says_why_it_diverged() -> None:
    said = str(run(QUARTIC, {"x": 1.25}, 0.5, 200).report())
    assert "It diverged because the rate 0.5 is not below the largest stable one, 2/f″ = 0.2" in said
    said = str(run("x^2 + 5y^2", {"x": 1, "y": 1}, 0.25, 50).report())
    assert "2/λ_max = 0.2" in said and "diverged" in said


def test_the_report_says_that_there_is_no_minimum() -> None:
    said = str(run("exp(−w)", {"w": 0}, 1, 3000).report())
    assert "This loss has no minimum: its infimum is 0, approached as w → ∞" in said
    assert "w grows like log k" in said
    assert "the function goes to −∞" in str(run("x^3 − x", {"x": -1}, 0.1, 40).report())


def test_a_neuron_with_one_free_weight_over_two_points() -> None:
    """σ(w x + y − 1) for (0, 0) → 0 and (2, 0) → 1: the loss falls towards 1/(2 (1 + e)²) and never gets there."""
    data = {"x": [0, 2], "y": [0, 0], "t": [0, 1]}
    said = str(run("(σ(w x + y − 1) − t)^2", {"w": 0}, 1, 2000, data=data).report())
    assert "This loss has no minimum: its infimum is" in said and "approached as w → ∞" in said
    assert "w grows like log k" in said


@given(st.lists(st.integers(1, 60), min_size=2, max_size=3), st.integers(1, 97), st.integers(0, 10**6))
@settings(max_examples=25, deadline=None)
def test_on_quadratics_the_measured_rate_is_the_predicted_one(eigenvalues: list[int], percent: int, seed: int) -> None:
    """f = ½ (x − c)ᵀ A (x − c) with A = QᵀΛQ and a rate below 2/λ_max."""
    draw = np.random.default_rng(seed)
    n = len(eigenvalues)
    q, _ = np.linalg.qr(draw.standard_normal((n, n)))
    a = q.T @ np.diag(np.array(eigenvalues, float)) @ q
    a = (a + a.T) / 2
    lr = 2 / max(eigenvalues) * percent / 100
    r = sn.descend("(x − c)'*A*(x − c)/2", {"x": draw.standard_normal(n)}, shapes="x: n, c: n, A: n x n", lr=lr,
                   steps=3000, data={"A": a, "c": draw.standard_normal(n)}, exact=False, tolerance=1e-9)  # fmt: skip
    predicted = max(abs(1 - lr * e) for e in eigenvalues)
    report = r.report()
    if predicted < 0.99:
        assert r.status == "converged"
    if r.status == "converged":
        assert report.predicted == pytest.approx(predicted, abs=1e-9)
        assert report.largest_rate == pytest.approx(2 / max(eigenvalues))
    others = sorted(abs(1 - lr * e) for e in eigenvalues)
    if report.measured is not None and predicted > 0.3 and others[-2] < 0.8 * predicted:
        assert report.measured == pytest.approx(predicted, rel=1e-2)


@pytest.mark.parametrize("method", ["gd", "momentum", "nesterov"])
def test_the_stability_bound_is_sharp(method: str) -> None:
    for part, bounded in ((0.97, True), (1.03, False)):
        row = METHODS[method]
        assert row.stable is not None
        lr = part * row.stable({"mu": Fraction(1, 2)}) / 2
        r = run("x^2", {"x": 1}, lr, 400, method=method, exact=False, **({} if method == "gd" else {"mu": 0.5}))
        assert (abs(float(r.point["x"])) < 1) is bounded
        assert row.factor is not None and (row.factor(2 * lr, {"mu": Fraction(1, 2)}) < 1) is bounded


# --------------------------------------------------------------------------------------------------- table and formats
def test_tables() -> None:
    t = run("w^2 + 2b", {"w": 1, "b": "1/3"}, 0.1, 40).table
    assert t.text().splitlines()[0].split() == ["step", "w", "b", "L", "∂L/∂w", "∂L/∂b", "Δw", "Δb"]
    assert "⋮" in t.text() and "⋮" not in t.text(rows=60) and len(t.text(rows=60).splitlines()) == 42
    assert t.markdown().splitlines()[1].count("---:") == 8
    assert t.latex().startswith("\\begin{tabular}{rrrrrrrr}\n$\\mathrm{step}$ & $w$ & $b$") and "−" not in t.latex()
    lines = t.csv().splitlines()
    assert lines[0] == "step,w,b,L,dL_dw,dL_db,delta_w,delta_b" and len(lines) == 42
    assert float(lines[2].split(",")[1]) == 0.8
    assert "$2.0611536 \\cdot 10^{-9}$" in run("exp(x)", {"x": -20}, 0.1, 0).table.latex()
    assert t.to_dict()["b"][0] == "1/3"


def test_a_long_run_keeps_the_first_the_last_and_some_rows() -> None:
    r = run("1/x", {"x": 1}, 0.1, 30_000)
    steps = [row.step for row in r.rows]
    assert steps[:1000] == list(range(1000)) or steps[:999] == list(range(999))
    assert steps[-1000:] == list(range(29_001, 30_001)) and 2000 < len(steps) < 7000
    assert len(r.values) == 30_001
    assert all(row.move is not None for row in r.rows[:-1])


def test_rows_of_a_method_that_needs_something_are_known_to_the_engine() -> None:
    assert {m.needs for m in METHODS.values()} == {*STEPPERS, "BFGS", "L-BFGS-B"}


def symnet(*args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "symnet", "descend", *args]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=60)


def test_the_command(tmp_path: Path) -> None:
    done = symnet(QUARTIC, "--start", "x=1.25", "--lr", "0.05", "--steps", "1")
    assert done.returncode == 0 and "1.190625" in done.stdout and "global minimum" in done.stdout
    data = tmp_path / "points.csv"
    data.write_text(CSV, encoding="utf-8")
    done = symnet(
        "(w x + b − t)^2", "--start", "w=0,b=0", "--lr", "0.1", "--steps", "300", "--data", str(data), "--json"
    )
    found = json.loads(done.stdout)
    assert found["status"] == "converged" and found["point"]["b"] == pytest.approx(0.9)
    table = tmp_path / "steps.csv"
    assert symnet("x^2", "--start", "x=1", "--lr", "0.1", "-o", str(table)).returncode == 0
    assert sn.read_data("\n".join(table.read_text().splitlines()[:-1]))["x"][1] == 0.8


def test_exit_codes() -> None:
    assert symnet("x^2", "--start", "x=1", "--lr", "1.5", "--steps", "20").returncode == 1
    wrong = symnet("x^2", "--start", "x=1", "--lr", "0")
    assert wrong.returncode == 2 and "nothing moves" in wrong.stderr and "Traceback" not in wrong.stderr


def test_the_same_bytes_over_hash_seeds() -> None:
    code = "import symnet as sn; print(sn.descend('u^2 + 3 v^2 + u v', {'v': 1, 'u': 2}, lr=0.1, steps=30))"
    outs = {
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", check=True,
                       env={"PYTHONHASHSEED": seed, "PATH": "", "PYTHONUTF8": "1"}).stdout
        for seed in ("0", "1", "77")
    }  # fmt: skip
    assert len(outs) == 1


def test_the_page_on_descent_is_true() -> None:
    page = Path(__file__).parent.parent / "docs" / "descent.md"
    assert doctest.testfile(str(page), module_relative=False, encoding="utf-8").failed == 0
    text = page.read_text(encoding="utf-8").replace("\\|", "|")
    for row in (*METHODS.values(), *SCHEDULES.values()):
        assert f"| {row.name} | {row.formula} |" in text


def test_every_way_to_give_a_loss_and_a_start() -> None:
    x, y = sympy.symbols("x y")
    want = run("(x − 1)^2 + 2", {"x": 3}, 0.1, 3).point["x"]
    ways: list[tuple[Any, Any]] = [
        ((x - 1) ** 2 + 2, {x: 3}),
        (sn.Graph("z = x − 1; E = z^2 + 2"), "x=3"),
        (sn.read("(x − 1)^2 + 2").value, {"x": sympy.Integer(3)}),
        ("(x − 1)^2 + 2", 3),
        ("(x − 1)^2 + 2", {"x": np.float64(3)}),
    ]
    for expr, start in ways:
        assert sn.descend(expr, start, lr=Fraction(1, 10), steps=np.int64(3)).point["x"] == want
    assert run(x * y, {y: 1}, 0.1, 1, data={"x": 2}).point["y"] == pytest.approx(0.8)
    assert run("θ^2", {"theta": 1}, 0.1, 1).point["θ"] == Fraction(4, 5)
