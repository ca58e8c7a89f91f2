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

CUBIC = "x^2 y + x y z + z^2"


def test_the_gradient_of_a_cubic() -> None:
    d = gradient(CUBIC)
    assert d.result.text() == "⟨2x y + y z, x² + x z, x y + 2z⟩"
    assert "∂f/∂x, y and z held constant" in d.text() and "∇f" in d.text()
    assert d.slopes["y"].text() == "x² + x z"
    assert "\\begin{bmatrix} 2 x y + y z \\\\" in gradient(CUBIC, form="column").latex("result")
    assert gradient(CUBIC, "z x").result.text() == "⟨x y + 2z, 2x y + y z⟩"


def test_every_detail_ends_in_the_gradient() -> None:
    d = gradient(CUBIC)
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
    assert "⟨10, 4, 8⟩" in gradient(CUBIC).text(at={"x": 1, "y": 2, "z": 3}, rate="0.1")


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


# ---------------------------------------------------------------------------------------------- where there is no slope
@pytest.mark.parametrize(("expr", "at"), [("x + 1 if x > 0 else x", 0), ("(x^2 − 1)/(x − 1)", 1), ("1/x", 0)])
def test_no_slope_at_a_jump_or_a_hole(expr: str, at: int) -> None:
    with pytest.raises(sn.DomainError):
        sn.differentiate(expr, "x").text(at={"x": at})


def test_a_slope_by_convention_is_called_one() -> None:
    said = "no derivative here; this value is a convention"
    assert said in sn.differentiate("relu(x)", "x").text(at={"x": 0})
    assert said not in sn.differentiate("x |x|", "x").text(at={"x": 0})
    assert said in gradient("|x| y").text(at={"x": 0, "y": 1})


def test_corners_of_gradients_and_higher_orders() -> None:
    assert gradient("|x| y").notes == ("there is no derivative at x = 0",)
    assert "order 2 at x = 0" in hessian_matrix("x |x| y").notes[0]
    assert sn.differentiate("x |x|", "x", 2).notes == ("there is no derivative of order 2 at x = 0",)


def test_tangents_only_where_there_is_one() -> None:
    assert tangent_line("sqrt(x)", "x", 4).result.text() == "(x + 4)/4"
    for expr in ("1/x", "|x|"):
        with pytest.raises(sn.DomainError):
            tangent_line(expr, "x", 0)


@pytest.mark.parametrize(
    ("points", "message"), [(((1,), (2, 3)), "two coordinates"), ((("sqrt(4)", 0), (2, 1)), "no slope")]
)
def test_points_without_a_slope(points: tuple[tuple[object, ...], tuple[object, ...]], message: str) -> None:
    with pytest.raises(sn.RuleError, match=message):
        slope_between(*points)


@pytest.mark.parametrize(("direction", "message"), [({"x": 0}, "length 0"), ({"q": 1}, "`q`")])
def test_directions_that_are_none(direction: dict[str, object], message: str) -> None:
    with pytest.raises(sn.SymnetError, match=message):
        directional_derivative("x^2 y", {"x": 1, "y": 2}, direction)


@pytest.mark.parametrize("expr", ["x^50", "(x + 1)^200", "x^(−1)"])
def test_limits_that_are_not_worked_out(expr: str) -> None:
    with pytest.raises(sn.RuleError, match="use `differentiate`"):
        limit_definition(expr, "x")


@pytest.mark.parametrize(
    ("expr", "options", "message"),
    [
        ("σ(x) < 1", {}, "comparison"), ("floor(x)", {}, "no derivative rule"), ("x", {"order": "2"}, "whole number"),
        ("x^2", {"given": {"x": "t"}}, "name to differentiate by"), ("u", {"given": {"u": "x; w=x"}}, "one formula"),
        ("u", {"given": {"u": "v", "v": "u"}}, "circle"),
    ],
)  # fmt: skip
def test_questions_without_an_answer(expr: str, options: dict[str, object], message: str) -> None:
    with pytest.raises(sn.RuleError, match=message):
        sn.differentiate(expr, "x", **options)  # type: ignore[arg-type]


def test_parts_that_use_each_other() -> None:
    assert sn.differentiate("u^2", "x", given={"u": "v^2", "v": "x^2"}).result.text() == "8u v x"
