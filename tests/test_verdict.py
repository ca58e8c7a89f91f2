"""A verdict as a person reads it: each line once, with its sign, and below a wrong one the reason and what is right."""

from __future__ import annotations

import pytest

import symnet as sn

NET = "z1 = w1 x + b1; a1 = σ(z1); z2 = w2 a1 + b2; a2 = σ(z2); E = ½ (a2 − t)²"


def lines(answer: str, **problem: object) -> list[str]:
    return str(sn.check(answer, **problem)).splitlines()


def test_a_page_of_many_lines() -> None:
    page = "delta2 = (a2 - t)*a2*(1 - a2)\nPartial(E, w2) = delta2*a1\ndelta1 = delta2*a1*(1 - a1)"
    head, *rest, last = lines(page, graph=sn.Graph(NET))
    assert head == "Not right: line 3."
    assert rest == [
        "✓ 1  δ2 = (a2 − t) a2 (1 − a2)",
        "✓ 2  ∂E/∂w2 = δ2 a1",
        "✗ 3  δ1 = δ2 a1 (1 − a1)",
        "     the error goes back through w2 a1: the weight w2 is missing as a factor (next_layer_weight_lost)",
        "     right is: δ1 = δ2 w2 a1 (1 − a1)",
    ]
    assert last.startswith("     at w2 = 2, w1 = 1/2, ") and "b1 = −1" in last


CORRECT = [
    # answer, problem, what would be right
    ("cos(x²)", {"derivative": "sin(x²)", "wrt": "x"}, "2x cos(x²)"),
    ("y' = 3x", {"derivative": "x²", "wrt": "x"}, "y′ = 2x"),
    ("(2x, 3y)", {"gradient": "x² + y²", "wrt": "x y"}, "(2x, 2y)"),
    ("∂f/∂x = 2x\n∂f/∂y = 3y", {"gradient": "x² + y²", "wrt": "x y"}, "∂f/∂y = 2y"),
    ("w ← w − η (w − 1)", {"update": "(w − 1)²", "wrt": "w", "lr": "eta"}, "w ← w − 2η (w − 1)"),
    ("z1 = w1 x", {"graph": NET}, "z1 = w1 x + b1"),
    ("∂E/∂b2 = a2 − t", {"graph": NET}, "∂E/∂b2 = (a2 − t) a2 (1 − a2)"),
    ("∂a1/∂z1 = a1", {"graph": NET}, "∂a1/∂z1 = a1 (1 − a1)"),
    ("δ2 = (t − a2) a2 (1 − a2)\nδ1 = δ2 a1 (1 − a1)", {"graph": NET}, "δ1 = (t − a2) a2 (1 − a2) w2 a1 (1 − a1)"),
    ("u = x²\ndu/dx = 3x\ny' = 2x cos u", {"derivative": "sin(x²)", "wrt": "x"}, ""),
    ("a2 = 0.5", {"graph": NET}, ""),
]


@pytest.mark.parametrize(("answer", "problem", "correct"), CORRECT, ids=lambda c: str(c)[:30])
def test_what_would_be_right(answer: str, problem: dict[str, object], correct: str) -> None:
    verdict = sn.check(answer, **problem)
    assert (verdict.kind, verdict.correct) == ("wrong", correct)
    if correct and "\n" not in answer:
        assert sn.check(correct, **problem).kind == "right"


def test_numbers_are_written_as_people_write_them() -> None:
    witness = sn.check("z1 = w1 x − b1", graph=NET).witness
    assert witness is not None and str(witness).endswith("right is 2.5; here it is 1.5")
    arrays = sn.check("∂L/∂w = 2w − 1", graph=sn.Graph("L = w' w", shapes="w: d"))
    assert arrays.kind == "wrong" and "Fraction" not in str(arrays)


def test_a_number_without_values_is_said_to_be_one() -> None:
    verdict = sn.check("z1 = 0.5", graph=NET)
    assert verdict.kind == "wrong" and "no values are given" in str(verdict) and "w1 = 0.5, x = 1" in str(verdict)


def test_one_line_and_markdown() -> None:
    assert lines("cos(x²)", derivative="sin(x²)", wrt="x")[:2] == [
        "Not right: at sin(x²) the inner derivative 2x is missing (chain_factor_lost).", "read as: cos(x²)",
    ]  # fmt: skip
    shown = sn.check("2x = 4\nx = 3", lines="solve", wrt="x")._repr_markdown_()
    assert (
        shown.startswith("**Not right**: line 2")
        and "\n- ✗ 2  x = 3\n  - " in shown
        and not any(line.endswith(" ") for line in shown.splitlines())
    )


def test_the_plain_reading_stays() -> None:
    found = sn.check("δ2 = (a2 − t) a2 (1 − a2)", graph=NET).to_dict()
    assert found["reading"] == found["lines"][0]["reading"] == "delta2 = (a2 - t)*a2*(1 - a2)"
