"""What is proved and what is refuted: antiderivatives, constants, exact numbers, zeros, domains, conditions."""

from __future__ import annotations

import pytest

import symnet as sn
from symnet import read
from symnet.checking.zeros import solutions
from symnet.equality import compare
from symnet.equality.constants import is_zero, no_value, same_number
from symnet.term import sym


def kind(answer: str, **problem: object) -> str:
    return sn.check(answer, **problem).kind


@pytest.mark.parametrize(
    ("answer", "integrand", "verdict"),
    [
        ("x^3/3 + C", "x^2", "right"),
        ("x^3/3 + 2C - 1", "x^2", "right"),
        ("x^3/3 + ln|C|", "x^2", "right"),
        ("x^3/3 + ln(5C)", "x^2", "right"),
        ("x^3/3 + A + B", "x^2", "right"),
        ("x^3/3 + C^4", "x^2", "wrong"),
        ("x^3/3 + |C|", "x^2", "wrong"),
        ("x^3/3 + cos(C)", "x^2", "wrong"),
        ("x^3/3 + e^(-C)", "x^2", "wrong"),
        ("x^3/3 + 1/C", "x^2", "undecided"),
        ("x^3/3 + sign(x - 2) + C", "x^2", "wrong"),
        ("x^3/3 + C sign(x)", "x^2", "wrong"),
        ("x^3/3 + C + atan(x) + atan(1/x)", "x^2", "wrong"),
        ("x^3/3 + sqrt(x^2)/x + C", "x^2", "wrong"),
        ("x^3/3 + C if x > 1 else x^3/3 + C + 2", "x^2", "wrong"),
        ("log|x| + C sign(x)", "1/x", "right"),
        ("-atan(2/x)/2 + C", "1/(4 + x^2)", "wrong"),
        ("atan(x/2)/2 + C", "1/(4 + x^2)", "right"),
        ("|x| + C", "sign(x)", "right"),
        ("|x| + step(x) + C", "sign(x)", "wrong"),
        ("atan(tan(x/2)/2)/2 + C", "1/(5 + 3cos(x))", "undecided"),
        ("(log|x - 3| - log|x + 3|)/6 + C", "1/(x^2 - 9)", "right"),
        ("(log|x - 3| + log|x + 3|)/6 + C", "1/(x^2 - 9)", "wrong"),
    ],
)
def test_antiderivatives_are_continuous_and_reach_every_constant(answer: str, integrand: str, verdict: str) -> None:
    assert kind(answer, integral=integrand, wrt="x") == verdict


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("sqrt(7 + 2sqrt(10))", "sqrt(2) + sqrt(5)"),
        ("cos(pi/10)", "sqrt(10 + 2sqrt(5))/4"),
        ("tan(pi/12)", "2 - sqrt(3)"),
        ("atan(1/4) + atan(3/5)", "pi/4"),
        ("2atan(1/3) + atan(1/7)", "pi/4"),
        ("asin(3/5) + acos(3/5)", "pi/2"),
        ("64^(1/3)", "4"),
    ],
)
def test_numbers_are_proved_equal(a: str, b: str) -> None:
    first, second = read(a).value, read(b).value
    assert same_number(first, second)
    assert not same_number(first, second + read("1/10^60").value)
    assert kind(b, value=a) == "right"


def test_a_combination_of_angles_is_not_taken_modulo_pi() -> None:
    assert is_zero(read("atan(1) + atan(2) + atan(3) - pi").value)
    assert not is_zero(read("atan(1) + atan(2) + atan(3)").value)


@pytest.mark.parametrize(
    ("value", "answer", "verdict"),
    [
        ("log(27)/log(3)", "3", "right"),
        ("log(27)/log(3)", "4", "wrong"),
        ("2cos(pi/3)", "1", "right"),
        ("5cos(pi/3)/2", "1.25", "right"),
        ("5cos(pi/3)/2", "1.2", "right"),
        ("5cos(pi/3)/2", "1.24", "wrong"),
        ("2500000/9", "2.78e5", "right"),
        ("2500000/9", "2.77e5", "wrong"),
        ("5/9", "0.555...", "right"),
        ("5/9", "0.(5)", "right"),
        ("5/9", "0.55", "wrong"),
    ],
)
def test_written_numbers(value: str, answer: str, verdict: str) -> None:
    assert kind(answer, value=value) == verdict


def test_scientific_notation_keeps_its_digits() -> None:
    for text in ("2.78e5", "2.780e5", "1.5e1", "0.25", "1.50"):
        t = read(text).value
        assert read(str(t)).value is t
    assert str(read("2.5e3").value * read("0.3335").value) != "0"


@pytest.mark.parametrize("text", ["1/(2 - 2)", "sqrt(-3)", "log(sqrt(2) - sqrt(2))", "tan(3pi/2)", "1/sin(2pi)"])
def test_a_problem_without_a_value_is_refused(text: str) -> None:
    assert no_value(read(text).value)
    for asked in ("value", "equals"):
        with pytest.raises(sn.SymnetError, match="no value"):
            sn.check("1", **{asked: text})


def test_small_differences_are_seen() -> None:
    for more in ("pi/10^30", "exp(-70)", "exp(-1200)"):
        assert compare(read("y").value, read(f"y + {more}").value).kind == "different"
    assert kind("y tanh(40)", equals="y") == "wrong"


@pytest.mark.parametrize(
    ("truth", "answer", "verdict"),
    [
        ("asinh(3x)", "log(3x + sqrt(9x^2 + 1))", "equal"),
        ("acosh(x)", "log(x + sqrt(x^2 - 1))", "equal"),
        ("acosh(x)", "log(x - sqrt(x^2 - 1))", "different"),
        ("cosh(asinh(x))", "sqrt(x^2 + 1)", "equal"),
        ("sinh(acosh(x))", "sqrt(x^2 - 1)", "equal"),
        ("-asinh(x)", "log(sqrt(x^2 + 1) - x)", "equal"),
        ("log(sqrt(x + 3) - sqrt(x))", "log 3 - log(sqrt(x + 3) + sqrt(x))", "equal"),
        ("log(sqrt(x + 3) - sqrt(x))", "-log(sqrt(x + 3) + sqrt(x))", "different"),
    ],
)
def test_area_functions_are_logarithms(truth: str, answer: str, verdict: str) -> None:
    assert compare(read(truth).value, read(answer).value).kind == verdict


@pytest.mark.parametrize(
    ("roots", "answer", "domain", "verdict"),
    [
        ("exp(-x) - x", "0.567", None, "right"),
        ("exp(-x) - x", "0.566", None, "wrong"),
        ("exp(-x) - x", "2", None, "wrong"),
        ("exp(x) - 4x", "0.357, 2.153", None, "right"),
        ("exp(x) - 4x", "2.153", None, "wrong"),
        ("3^x - 81", "4", None, "right"),
        ("cos(x)", "pi/2", None, "wrong"),
        ("cos(x)", "pi/2", "[0, 3]", "right"),
        ("sin(x)", "0, pi", "0 <= x < 2*pi", "right"),
        ("sin(x)", "0, pi", "0 <= x <= 2*pi", "wrong"),
        ("tan(x) - 1", "pi/4", "[0, 3]", "right"),
        ("sin(x)/x", "0", "[-1, 1]", "wrong"),
        ("log(x) + log(x - 5) - log(6)", "6", None, "right"),
        ("log(x) + log(x - 5) - log(6)", "6, -1", None, "wrong"),
    ],
)
def test_zeros_of_transcendental_functions(roots: str, answer: str, domain: str | None, verdict: str) -> None:
    more = {"domain": {"x": domain}} if domain else {}
    assert kind(answer, roots=roots, wrt="x", **more) == verdict


def test_infinitely_many_solutions_are_said() -> None:
    found = solutions(read("cos(x)").value, read("1").value, sym("x"))
    assert found.infinite and not found.complete


@pytest.mark.parametrize(
    ("problem", "answer", "verdict"),
    [
        ({"maximum": "x/(1 + |x|)"}, "1", "wrong"),
        ({"maximum": "x/(1 + |x|)"}, "none", "right"),
        ({"minimum": "exp(-x)"}, "0", "wrong"),
        ({"minimum": "(x - 1)^2", "domain": {"x": "[2, 4]"}}, "0", "wrong"),
        ({"minimum": "(x - 1)^2", "domain": {"x": "[2, 4]"}}, "1", "right"),
    ],
)
def test_a_bound_that_is_not_reached_is_no_extremum(problem: dict[str, object], answer: str, verdict: str) -> None:
    assert kind(answer, wrt="x", **problem) == verdict


@pytest.mark.parametrize("answer", ["x > 1", "3x^2 ≥ x", "3x^2 ≠ 2"])
def test_a_condition_is_no_answer(answer: str) -> None:
    for problem in ({"derivative": "x^3"}, {"integral": "x^3"}, {"roots": "x^3"}, {"gradient": "x^3"}):
        assert kind(answer, wrt="x", **problem) == "malformed"
    with pytest.raises(sn.SymnetError, match="condition"):
        sn.check("1", equals=answer)


def test_a_condition_beside_a_formula_is_where_it_holds() -> None:
    assert kind("1/x where x > 0", derivative="log(x)", wrt="x") == "right"
    assert kind("3x^2 where x > 0", derivative="x^3", wrt="x") == "wrong"


@pytest.mark.parametrize("domain", ["x > 0", "0 < x < 3", "3 > x > 0", "(0, 3)", "x ∈ (0, oo)", "0 < x", ">0"])
def test_domains_as_people_write_them(domain: str) -> None:
    assert kind("x", equals="sqrt(x^2)", domain={"x": domain}) == "right"


@pytest.mark.parametrize("domain", ["[3, 1]", "somewhere", "0 < y < 1", {"from": 1}])
def test_what_is_no_domain_is_refused(domain: object) -> None:
    with pytest.raises(sn.SymnetError, match="domain"):
        sn.check("x", equals="x", domain={"x": domain})


@pytest.mark.parametrize("answer", ["±3x^2", "3x^2 ± x", "3x^2, x", "{3x^2, x}"])
def test_several_formulas_are_no_answer_where_one_is_asked(answer: str) -> None:
    assert kind(answer, derivative="x^3", wrt="x") == "malformed"
    assert kind("±2", value="4^(1/2)") == "malformed"


def test_a_factor_that_touches_zero_has_zeros() -> None:
    assert kind("none", roots="1 - cos(x)", wrt="x") == "wrong"
    assert kind("none", roots="3 - cos(x)", wrt="x") == "right"
    assert kind("none", roots="exp(x) + x^2", wrt="x") == "right"


@pytest.mark.parametrize(
    ("total", "formula", "verdict"),
    [
        ("sum_{k=1}^n k^3", "n^2 (n + 1)^2/4", "equal"),
        ("sum_{k=1}^n (2k - 1)", "n^2", "equal"),
        ("sum_{k=0}^n k^2", "n (n + 1)(2n + 1)/6", "equal"),
        ("sum_{k=1}^n k", "n (n - 1)/2", "different"),
    ],
)
def test_sums_of_powers(total: str, formula: str, verdict: str) -> None:
    assert compare(read(total).value, read(formula).value).kind == verdict
