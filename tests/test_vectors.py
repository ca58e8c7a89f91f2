"""Gradients of several variables, Jacobian, Hessian, tangents, slopes from two points, and the activations page."""

from __future__ import annotations

import pytest

import symnet as sn
from symnet.activations import activation_page, largest_slope, slope_bound, vanishing
from symnet.functions import TABLE
from symnet.vectors import (
    directional_derivative,
    gradient,
    hessian_matrix,
    jacobian_matrix,
    limit_definition,
    slope_between,
    tangent_line,
)

COURSE = "x^2 y + x y z + z^2"


def test_the_gradient_of_the_course() -> None:
    d = gradient(COURSE)
    assert d.result.text() == "⟨2x y + y z, x² + x z, x y + 2z⟩"
    assert "∂f/∂x, y and z held constant" in d.text() and "∇f" in d.text()
    assert d.slopes["y"].text() == "x² + x z"
    assert "\\begin{bmatrix} 2 x y + y z \\\\" in gradient(COURSE, form="column").latex("result")
    assert gradient(COURSE, "z x").result.text() == "⟨x y + 2z, 2x y + y z⟩"


def test_every_detail_ends_in_the_gradient() -> None:
    d = gradient(COURSE)
    for detail in ("result", "chain", "rules"):
        assert d.to_dict(detail)["sections"][-1]["lines"][-1]["sides"][-1]["plain"] == str(d.result)


def test_tables_of_derivatives() -> None:
    assert jacobian_matrix(["x^2 y", "sin(x) + y"], "x y").result.text() == "⟨⟨2x y, x²⟩, ⟨cos(x), 1⟩⟩"
    h = hessian_matrix("x^2 y + y^3")
    assert h.result.text() == "⟨⟨2y, 2x⟩, ⟨2x, 6y⟩⟩" and "∂/∂y (∂f/∂x)" in h.text()


def test_along_a_direction() -> None:
    assert directional_derivative("x^2 y", {"x": 1, "y": 2}, {"x": 3, "y": 4}).result.text() == "16/5"


def test_tangent_slope_and_limit() -> None:
    assert tangent_line("x^2", "x", 3).result.text() == "6x − 9"
    d = slope_between((1, 2), (4, 8))
    assert d.result.text() == "2" and "dx    = 4 − 1 = 3" in d.text() and "dy/dx = 6/3 = 2" in d.text()
    with pytest.raises(sn.RuleError, match="no slope"):
        slope_between((1, 2), (1, 8))
    text = limit_definition("x^2", "x").text()
    assert "(2x h + h²)/h" in text and text.rstrip().endswith("h becomes 0")
    with pytest.raises(sn.RuleError, match="polynomials"):
        limit_definition("sin(x)", "x")


def test_a_step_downhill() -> None:
    text = sn.differentiate("y = x(x−1)(x−2)(x−3)", "x").text(at={"x": "1.25"}, rate="0.05")
    assert "∇y(1.25) = 1.1875" in text
    assert "Δx       = −0.05·1.1875 = −0.059375" in text
    assert "x        ← 1.25 − 0.059375 = 1.190625" in text
    assert "⟨10, 4, 8⟩" in gradient(COURSE).text(at={"x": 1, "y": 2, "z": 3}, rate="0.1")


# ------------------------------------------------------------------------------------------------------- activations
def test_the_largest_slope_of_the_logistic_is_derived() -> None:
    peak = largest_slope("sigmoid")
    assert (peak.text, peak.exact, peak.where) == ("0.25", True, "at x = 0")
    lines = slope_bound("sigmoid")
    assert [s.result.text() for s in lines] == ["y (1 − y)", "¼ − (y − ½)²", "¼"]


@pytest.mark.parametrize(
    ("name", "text", "where"),
    [
        ("tanh", "1", "at x = 0"), ("relu", "1", "for every x > 0"), ("softplus", "1", "approached as x → ∞"),
        ("logsigmoid", "1", "approached as x → −∞"), ("silu", "1.099839", "at x ≈ 2.39936"),
        ("identity", "1", "for every x"),
        ("hard_sigmoid", "1/6", "between −3 and 3"), ("selu", "1.758099", "approached as x → 0 from below"),
    ],
)  # fmt: skip
def test_largest_slopes(name: str, text: str, where: str) -> None:
    peak = largest_slope(name)
    assert (peak.text.replace("⅙", "1/6"), peak.where) == (text, where)


def test_the_page_of_activations(katex) -> None:  # type: ignore[no-untyped-def]
    page = activation_page()
    text = page.text()
    assert all(f"\n{row.text}\n" in text for row in TABLE.values() if row.activation)
    assert "largest size 0.25 at x = 0" in text and "no derivative at 0, where 0 is taken" in text
    assert katex([page.latex()]) == [None]


def test_the_vanishing_gradient() -> None:
    d = vanishing("sigmoid", 10)
    assert d.result.text() == "¼¹⁰" and "9.537·10⁻⁷" in d.text()
    assert "σ′(z3) w3 σ′(z2) w2 σ′(z1) w1" in vanishing("sigmoid", 3).text()
    with pytest.raises(sn.RuleError, match="not a parabola"):
        vanishing("relu", 3)
