"""Improper integrals, standard integrals with letters, and integration by parts that comes back to itself."""

from __future__ import annotations

import pytest

import symnet as sn
from symnet.balls import value
from symnet.integrals.standard import ROWS, standard
from symnet.term import substitute, sym


@pytest.mark.parametrize(
    ("formula", "low", "high", "answer"),
    [
        ("e^(-3x)", "0", "oo", "1/3"),
        ("1/x^3", "2", "oo", "1/8"),
        ("1/(4 + x^2)", "-oo", "oo", "pi/2"),
        ("x^(-1/3)", "0", "8", "6"),
        ("x ln(x)", "0", "1", "-1/4"),
        ("1/sqrt(3 - x)", "-1", "3", "4"),
        ("e^(2x)", "-oo", "0", "1/2"),
    ],
)
def test_improper_integrals(formula: str, low: str, high: str, answer: str) -> None:
    found = sn.integrate(formula, "x", low, high)
    difference = value(found.result - sn.read(answer).value, {})
    assert difference == 0 or abs(difference) < 1e-40
    assert "lim" in found.text()


DIVERGENT = [("1/sqrt(x)", "1", "oo"), ("1/x^2", "0", "1"), ("x", "-oo", "oo")]


@pytest.mark.parametrize(("formula", "low", "high"), DIVERGENT)
def test_a_divergent_integral_says_so(formula: str, low: str, high: str) -> None:
    found = sn.integrate(formula, "x", low, high)
    assert found.result.op == "integral" and "diverges" in found.notes[0]


@pytest.mark.parametrize(
    ("formula", "low", "high", "message"),
    [
        ("1/x^3", "-1", "2", "across a pole"),
        ("cos x", "0", "oo", "not decided"),
        ("e^(-k x)", "0", "oo", "numbers for every other name"),
        ("1/x", "oo", "1", "stands first"),
        ("1/(x - 1)^2", "0", "oo", "settle|no value"),
    ],
)
def test_what_is_not_decided_is_refused(formula: str, low: str, high: str, message: str) -> None:
    with pytest.raises(sn.DomainError, match=message):
        sn.integrate(formula, "x", low, high)


@pytest.mark.parametrize("row", ROWS, ids=lambda r: r.pattern)
def test_every_standard_integral_is_found_and_verified(row: object) -> None:
    """The answer of a row is compared with the integrand at many points before it is shown."""
    pattern = sn.read(row.pattern, names=("a", "b", "u", "x")).value  # type: ignore[attr-defined]
    t = sym("t")
    found = sn.integrate(substitute(pattern, {sym("x"): t, sym("u"): 2 * t + 1}), "t")
    assert "integral" not in {n.op for n in found.result.args} and found.result.op != "integral"
    assert any(s.rule == row.rule for s in found.steps)  # type: ignore[attr-defined]


def test_letters_of_a_row_are_renamed_where_the_question_uses_them() -> None:
    x = sym("x")
    found = standard(sn.read("exp(b*x)*cos(a*x)").value, x)
    assert found is not None and str(found.value) == "exp(b*x)*(b*cos(a*x) + a*sin(a*x))/(b^2 + a^2)"
    assert {str(r.args[0]) for r in found.letters} == {"p", "q"}


def test_parts_that_come_back_are_solved_for_the_integral() -> None:
    page = sn.integrate("e^(2x) cos(x)", "x").text()
    assert "I := ∫" in page and "solved for the integral" in page
    assert page.count("integration by parts") == 2


def test_an_answer_says_what_must_not_be_zero() -> None:
    assert "for m + n ≠ 0, m − n ≠ 0" in sn.integrate("sin(m x) cos(n x)", "x").notes


def test_worked_numbers_need_no_constant_of_integration() -> None:
    page = sn.integrate("2x", "x").text(at={"x": 3})
    assert "x² + C = 3² + C = 9 + C" in page


def test_what_has_no_rules_is_found_and_verified() -> None:
    found = sn.integrate("1/(1 + x^4)", "x")
    assert found.steps[0].rule == "found by SymPy without rules, verified by its derivative"


def test_a_name_that_does_not_occur_is_said() -> None:
    assert "q: not in the formula" in sn.gradient("x^2", "x q").notes[0]


@pytest.mark.parametrize(
    ("formula", "low", "high", "place"),
    [
        ("1/(x − 100)^2", "0", "oo", "x = 100"), ("1/((x − 70) (x − 80))", "0", "oo", "x = 70"),
        ("1/sqrt(x) + 1/(x − 1/10000)^2", "0", "1", "no value|not decided"), ("1/(x^2 − 2)", "1", "oo", "x = 1.41421"),
        ("1/(x^2 + 20000 x)^2", "-oo", "-1", "x = −20000"),
    ],
)  # fmt: skip
def test_a_pole_far_out_is_seen(formula: str, low: str, high: str, place: str) -> None:
    with pytest.raises(sn.DomainError, match=place):
        sn.integrate(formula, "x", low, high)


@pytest.mark.parametrize(
    ("formula", "low", "high", "value"),
    [
        ("sin(x)/x", "0", "1", 0.9460830703671830), ("x/(e^x − 1)", "0", "1", 0.7775046341122482),
        ("(1 − cos(x))/x^2", "0", "1", 0.4863853762300466), ("ln(1 + x)/x", "0", "1", 0.8224670334241132),
    ],
)  # fmt: skip
def test_an_end_at_which_the_function_has_a_limit(formula: str, low: str, high: str, value: float) -> None:
    """Not elementary; the number is rigorous because f/g has the values of f′/g′ next to a common zero."""
    d = sn.integrate(formula, "x", low, high)
    assert sn.evaluate(d.result, {}) == pytest.approx(value, rel=1e-9) and "elementary" in d.notes[0]


@pytest.mark.parametrize("formula", ["cos(x)/x", "e^x/x", "ln(x + 1)/x^2"])
def test_a_pole_at_the_end_is_not_removable(formula: str) -> None:
    assert sn.integrate(formula, "x", "0", "1").result.op == "integral"


def test_a_slow_limit_is_decided_far_out() -> None:
    d = sn.integrate("1/(x ln(x)^2)", "x", "e", "oo")
    assert d.result.text() == "1"
