"""Answers as people write them: every notation of the same answer gets the same verdict."""

from __future__ import annotations

import pytest

import symnet as sn

SUM = {"gradient": "x^2 + y^2", "wrt": "x y"}
NET = {"gradient": "w1^2 w2 + 3 w2", "wrt": "w1 w2"}
THREE = {"gradient": "x y z", "wrt": "x y z"}
LAYER = {
    "gradient": "½((w11 x1 + w12 x2 − t1)^2 + (w21 x1 + w22 x2 − t2)^2)", "wrt": [["w11", "w12"], ["w21", "w22"]],
    "given": {"e1": "w11 x1 + w12 x2 − t1", "e2": "w21 x1 + w22 x2 − t2"},
}  # fmt: skip
HALVES = {"value": "7/2"}
SIXTH = {"value": "1/6"}
ROOTS = {"roots": "x^2 − 5x + 6", "wrt": "x"}
SIGNS = {"roots": "x^2 − 4", "wrt": "x"}
NO_ROOTS = {"roots": "x^2 + 1", "wrt": "x"}
ALL_ROOTS = {"roots": "sin(x)^2 + cos(x)^2 − 1", "wrt": "x"}
HALF_ROOT = {"roots": "2x − 5", "wrt": "x"}
POINTS = {"stationary": "x^3 − 3x", "wrt": "x"}
POINT = {"stationary": "x^2 − 2x", "wrt": "x"}
PLACE = {"stationary": "x^2 + y^2 − 2x", "wrt": "x y"}
PLACES = {"stationary": "x^4 − 2x^2 + y^2", "wrt": "x y"}
NO_POINT = {"stationary": "e^x", "wrt": "x"}
LARGEST = {"maximum": "2x − x^2", "wrt": "x"}
SMALLEST = {"minimum": "(x − 1/3)^2 + 2", "wrt": "x"}
LOWEST = {"minimum": "x^2 + y^2 − 2x", "wrt": "x y"}
UNBOUNDED = {"maximum": "x^2", "wrt": "x"}
NOT_REACHED = {"maximum": "1/(1 + x^2)", "wrt": "x", "domain": {"x": ">0"}}
DERIVATIVE = {"derivative": "x^2/2", "wrt": "x"}
INTEGRAL = {"integral": "x", "wrt": "x"}
STEP = {"update": "(w − 3)^2", "wrt": "w", "at": {"w": "1"}, "lr": "1/4"}
STEPS = {**STEP, "steps": 2}
SOLVE = {"lines": "solve", "wrt": "x"}

# fmt: off
CASES = [
    # problem, right answers, wrong answers, answers that are not clear
    (SUM, ["fx = 2x, fy = 2y", "f_x = 2x and f_y = 2y", "∂f/∂x = 2x; ∂f/∂y = 2y", "f'x = 2x, f'y = 2y", "x: 2x, y: 2y",
           "D_x f = 2x, D_y f = 2y", "∂/∂x = 2x, ∂/∂y = 2y", "dx = 2x, dy = 2y", "grad f = (2x, 2y)", "∇f = [2x, 2y]",
           "f_x = 2x\nf_y = 2y\ngrad f = (2x, 2y)", "⟨2x, 2y⟩", r"\begin{bmatrix} 2x \\ 2y \end{bmatrix}",
        "2x\n2y", "f_x = 2x,\\quad f_y = 2y"],
     ["fx = 2x, fy = 3y", "fx = 2y\nfy = 2x", "2y\n2x", "⟨2x, 2x⟩", "x: 2y, y: 2x",
        "f_x = 2x\n∇f = (2x, 3y)"], ["[2x 2y]", "p = 2x, q = 2y"]),
    (NET, ["f_w1 = 2w1w2, f_w2 = w1²+3", "dw1 = 2 w1 w2\ndw2 = w1² + 3", "∂E/∂w2 = w1² + 3, ∂E/∂w1 = 2 w1 w2",
           "f_{w_1} = 2 w1 w2, f_{w_2} = w1^2+3"],
     ["dw1 = w1^2 + 3\ndw2 = 2 w1 w2", "2 w1 w2"], ["dE/dw1 = 2 w1 w2", "[2 w1 w2 w1^2 + 3]"]),
    (THREE, ["fx = yz, fy = xz, fz = xy", "yz i + xz j + xy k"], ["fx = yz, fy = xz, fz = xz"], []),
    ({"gradient": "f x + y", "wrt": "x y"}, ["(f, 1)", "L_x = f, L_y = 1"], ["(1, f)"], []),
    (LAYER, ["outer(e, x)", "np.outer(e, x)", "e x^T"], ["outer(x, e)", "x e^T"], []),
    (HALVES, ["3 1/2", "3½", "350 %", "3,5", "7:2", "7 : 2", "x = 3½", "≈ 3,5", r"3\frac12"],
     ["-3 1/2", "3 1/3", "35 %", "3,4", "2:7"], ["3 1/2 x", "3,500", "12 345", "3,5,1"]),
    ({"value": "-7/2"}, ["-3 1/2", "−3½", "-3,5"], ["3 1/2", "-3 + 1/2"], []),
    ({"value": "1000"}, ["1000"], ["1.000"], ["1,000"]),
    (SIXTH, [r"0.1\overline{6}", "0.1(6)", "16.7 %", "16 2/3 %", "0,17", "17 percent"],
     [r"0.\overline{16}", "16 %", "0,16"], []),
    ({"value": "x^2", "at": {"x": "3/2"}}, ["1,5^2 = 2,25", "f(3/2) = 9/4", "x = 1 1/2\nx² = 2 1/4"], ["2,5"], []),
    (ROOTS, ["x = 2 | x = 3", "x = 2 / x = 3", "x in {2, 3}", "{x | x = 2 or x = 3}", "x = 2 & x = 3", "2;3",
             "D = 1\nx = 2, 3"],
     ["all real numbers", "no solution", "x = 2 | x = 4"], ["2,0 and 3,0"]),
    (SIGNS, ["plus or minus 2", "x₁,₂ = ±2", "x_{1,2} = ±2", "x1/2 = ±2"], ["x₁,₂ = ±4"], []),
    (NO_ROOTS, ["no real solutions exist", "x ∈ ∅", "{}", "L = {}", "no zeros", "not real", "DNE", "undefined",
                "there exists no real solution", "does not exist"], ["all real numbers", "0"], []),
    (ALL_ROOTS, ["all real numbers", "x ∈ ℝ", "every x", "(-∞, ∞)"], ["0", "none"], []),
    ({"roots": "|x| − x", "wrt": "x"}, [], ["all real numbers"], []),
    (HALF_ROOT, ["2 1/2", "x = 2½", "x = 5:2"], ["x ∈ ℝ", "3 1/2"], ["2,5", "x = 2,5"]),
    (POINTS, ["A(1, -2), B(-1, 2)", "min(1|-2), max(-1|2)", "max at x=-1, value 2; min at x=1, value -2",
              "f'(x) = 0 at x = ±1", "critical points: ±1"], ["A(1, 2), B(-1, 2)", "f'(x) = 0 at x = 1",
              "max at x=1, value 2; min at x=-1, value -2"], []),
    (POINT, ["A(1|-1)", "x=1, minimum", "min at x=1, value -1"], ["A(1|1)", "x=1, maximum", "min at x=1, value 1"], []),
    (PLACE, ["(1|0)", "P(1, 0)", "(x,y)=(1,0), minimum", "x = 1, y = 0 min"], ["(1|1)", "x=1, y=0 max"], []),
    (PLACES, ["(0, 0) and (±1, 0)", "(0,0) saddle, (±1, 0) min"], ["(±1, 0)", "(0, 0), (±2, 0)"], []),
    (NO_POINT, ["no extrema", "none exist", "no critical points", "∅"], ["0"], []),
    (LARGEST, ["max 1", "max f(x) = 1", "f(1) = 1", "(1|1)", "x=1, y=1", "1 (at x = 1)", "max at x = 1, value 1",
               "at x = 1 the maximum is 1", "the max occurs at x = 1 and is 1", "it has a maximum of 1 at x=1", "1,0",
      "x = 1\ny = 1", "x = 1\nmax = 1"],
     ["max 2", "f(2) = 1", "(2|1)", "x=2, y=1", "1 at x = 2", "max at x = 1, value 2", "no maximum", "unbounded",
        "x = 2\nmax = 1"],
     ["min 1"]),
    (SMALLEST, ["2 at x = 0.33", "min 2 at x ≈ 0.333", "x = 1/3, y = 2"], ["2 at x = 0.34", "2 at x = 0.3333334"], []),
    (LOWEST, ["-1 at (1, 0)", "min -1 at (x, y) = (1, 0)", "minimum at (1,0) with value -1", "f(1, 0) = -1"],
     ["-1 at (0, 1)", "-1 at x=0, y=1", "f(1, 1) = -1", "0"], []),
    (UNBOUNDED, ["it has no maximum", "unbounded", "not bounded", "f is unbounded above", "no max"], ["4"], []),
    (NOT_REACHED, ["no maximum", "does not exist"], ["1", "unbounded"], []),
    (DERIVATIVE, ["y': x", "d/dx = x", "Df = x", "y' = 0,5 · 2x", "k = 2\nk x/2"], ["1,5x", "d/dx = x²"], []),
    ({"derivative": "x^3", "wrt": "x", "order": 2}, ["6x"], ["y'' = 3x²"], ["d/dx = 6x"]),
    ({"derivative": "2x^3", "wrt": "x"}, ["k = 2\n3k x^2"], [], ["k = 2,3k x^2"]),
    (INTEGRAL, ["0,5 x² + C", "F(x) = 0,5x²+C"], ["0,5x²", "0,6x² + C"], []),
    (STEP, ["1 → 2", "w: 1 → 2", "w goes from 1 to 2", "new w = 2"], ["1 → 3", "2 → 2"], ["1,2", "2,0"]),
    (STEPS, ["1 → 2 → 2.5", "w_2 = 2½", "w = 2\nw = 2.5", "2\n2.5", "w ← 2\nw ← 2.5", "1. w = 2\n2. w = 2.5",
             "step 1: w = 2\nstep 2: w = 2.5", "w = 1\nw = 2\nw = 2.5", "a) w = 2\nb) w = 2.5"],
     ["1 → 3 → 2.5", "w = 3\nw = 2.5", "w = 2.5\nw = 2", "w = 2\nw = 2"], ["2,5"]),
    (SOLVE, ["3x - 1 = 5 | +1\n3x = 6 | :3\nx = 2", "x^2 = 4 | √\nx = ±2", "2x = 2x + 1\ncontradiction",
             "x = x\nall real numbers", "|x| = 2\nx = 2 or x = -2", "x² = -4\nno real solutions"],
     ["3x - 1 = 5 | +1\n3x = 4", "x = 1\nall real numbers", "x² = 4\nimpossible"], []),
]
PAGE = "x = 1, w1 = 0.5, b1 = 0, w2 = −1, b2 = 0.25, t = 1\n"
CASES += [
    ({"graph": "z1 = w1 x + b1; a1 = σ(z1); z2 = w2 a1 + b2; a2 = σ(z2); E = ½ (a2 − t)²"},
     [PAGE + "a1 = 0,6225", PAGE + "a1 = 0,622",
      PAGE + "a1 = 62.25 %", PAGE + "a1 = 62 %", PAGE + "z1 = 0,5 = 0.5\na1 = 0.62"],
     [PAGE + "a1 = 0,6325", PAGE + "a1 = 63 %"], []),
    ({"graph": sn.Graph("Z = W x + b; A = σ(Z); L = ½ norm2(A − t)^2", shapes="W: m x n, x: n, b: m, t: m")},
     ["δ = (A − t) ⊙ A ⊙ (1 − A)\n∂L/∂W = outer(δ, x)", "δ = (A − t) ⊙ A ⊙ (1 − A)\n∂L/∂W = δ ⊗ x",
      "dW = np.outer(delta, x)\ndelta = (A-t)*A*(1-A)"],
     ["δ = (A − t) ⊙ A ⊙ (1 − A)\n∂L/∂W = outer(x, δ)"], []),
    ({"equals": "[1, 2; 3, 4]"}, ["[[1, 2], [3, 4]]", r"\begin{pmatrix}1&2\\3&4\end{pmatrix}"], ["[[1, 3], [2, 4]]"],
     ["[1, 2, 3, 4]", "[1, 2; 3]"]),
    ({"equals": "{1, 2}"}, ["{2, 1}", "2, 1", "1 and 2", "{2/2, 4/2, 1}"], ["{1, 3}", "1", "{1, 2, 3}"], []),
    ({"equals": "1/2"}, ["50 %", "0,5", "1:2"], ["5 %", "0,6", "2:1"], []),
    ({"lines": "rewrite"}, ["0,5x + 0,5x\nx"], ["0,5x + 0,5x\n2x"], []),
    ({"lines": "solve", "wrt": "x"}, ["2x = 1\nx = 1/2"], ["2x = 1\nx = 0,6"], ["2x = 1\nx = 0,5"]),
]
# fmt: on
ROWS = [
    (problem, answer, kind)
    for problem, *rest in CASES
    for kind, answers in zip(("right", "wrong", "malformed"), rest, strict=True)
    for answer in answers
]


@pytest.mark.parametrize(("problem", "answer", "kind"), ROWS, ids=[f"{next(iter(p))}: {a[:30]}" for p, a, _ in ROWS])
def test_the_verdict_on_a_notation(problem: dict[str, object], answer: str, kind: str) -> None:
    verdict = sn.check(answer, **problem)
    assert verdict.kind == kind, str(verdict)


def test_an_unclear_comma_is_named_with_both_meanings() -> None:
    assert "1,000 may be 1.000 or the number 1000" in sn.check("1,000", **{"value": "1000"}).error
    assert "2,5 may be 2.5 or the numbers 2 and 5" in sn.check("2,5", **STEPS).error
    assert "2,5 may be two numbers" in sn.check("2,5", **HALF_ROOT).error


def test_a_value_at_the_wrong_place_is_shown_there() -> None:
    verdict = sn.check("−1 at (0, 1)", **LOWEST)
    assert verdict.certificate == "the value is right, but not at x = 0, y = 1"
    assert verdict.witness is not None and verdict.witness.expected == "1"
