"""Integrals: antiderivatives that are differentiated again, areas with a sign, and what has no elementary answer."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from fractions import Fraction

import pytest

import symnet as sn
from symnet.functions import TABLE
from symnet.integrals.antiderivatives import ANTIDERIVATIVES
from symnet.integrals.lines import Integration
from symnet.probing import Witness
from symnet.processes import work
from symnet.term import Term, add, fn, mul, num, sym, term

X = sym("x")


@pytest.mark.parametrize(
    ("expr", "answer"),
    [
        ("2", "2x + C"), ("x", "½ x² + C"), ("x^2", "⅓ x³ + C"), ("3x^2 + 2x + 1", "x³ + x² + x + C"),
        ("1/x", "log(|x|) + C"),
        ("e^x", "eˣ + C"), ("2^x", "2ˣ/log(2) + C"), ("cos(3x)", "⅓ sin(3x) + C"), ("σ(x)", "softplus(x) + C"),
        ("σ(w x + b)", "softplus(w x + b)/w + C"), ("1/(1 + e^(−x))", "softplus(x) + C"), ("|x|", "½ x |x| + C"),
        ("1/x^2", "−1/x + C"), ("x(x − 1)", "⅓ x³ − ½ x² + C"), ("tanh(x)", "log(cosh(x)) + C"), ("a x", "½ a x² + C"),
    ],
)  # fmt: skip
def test_own_rules(expr: str, answer: str) -> None:
    d = sn.integrate(expr, "x")
    assert d.result.text() == answer and d.checked and "V1" in d.text()


@pytest.mark.parametrize(
    ("expr", "answer", "rule"),
    [
        (
            "x e^x",
            "x eˣ − eˣ + C",
            "integration by parts: ∫ u v′ dx = u v − ∫ u′ v dx with u := x, v′ := eˣ, v = eˣ",
        ),
        ("2x cos(x^2)", "sin(x²) + C", "substitution with u := x², du/dx = 2x"),
        ("x/(x^2 + 1)", "½ log(x² + 1) + C", "put back: u = x² + 1"),
        ("1/(x^2 − 1)", "½ log(|x − 1|) − ½ log(|x + 1|) + C", "partial fractions"),
        ("e^(−x^2)", "½ √π erf(x) + C", "error function rule"),
        ("e^x sin(x)", "½ eˣ (sin(x) − cos(x)) + C", "solved for the integral"),
        ("1/(1 + x^2)", "arctan(x) + C", "arctangent rule"),
    ],
)
def test_rules_of_a_process_of_its_own(expr: str, answer: str, rule: str) -> None:
    d = sn.integrate(expr, "x")
    page = d.text()
    assert d.checked and rule in page
    assert d.result.text() == answer


@pytest.mark.parametrize("name", ANTIDERIVATIVES)
def test_every_row_is_an_antiderivative(name: str) -> None:
    whole = term(ANTIDERIVATIVES[name](X))
    witness = Witness(whole, X)
    assert witness
    witness.check(fn(name, X), TABLE[name].rule)


@pytest.mark.parametrize(
    ("expr", "a", "b", "answer"),
    [
        ("2", "1", "4", "6"), ("x^2", "0", "3", "9"), ("−x^2", "0", "3", "−9"), ("sin(x)", "0", "pi", "2"),
        ("x^2", "3", "0", "−9"), ("1/(1 + x^2)", "0", "1", "¼ π"), ("|x|", "−1", "2", "5/2"), ("1/x", "1", "e", "1"),
    ],
)  # fmt: skip
def test_areas(expr: str, a: str, b: str, answer: str) -> None:
    assert sn.integrate(expr, "x", a, b).result.text() == answer


def test_the_sign_of_an_area() -> None:
    assert "the area lies above the axis" in sn.integrate("x^2", "x", 0, 1).text()
    assert "below the axis, so the integral is negative" in sn.integrate("−x^2", "x", 0, 1).text()
    assert "changes its sign at 0, 1: 2.5 above the axis, 0.25 below it" in sn.integrate("x^3 − x", "x", -1, 2).text()


def test_nothing_elementary_is_an_answer() -> None:
    d = sn.integrate("x^x", "x")
    assert "no elementary antiderivative was found" in d.notes and str(d.result) == "Integral(x^x, x)"
    n = sn.integrate("sin(x)/x^x", "x", 1, 2)
    assert n.result.text() == "0.5421807781" and "no elementary antiderivative was found" in n.notes


@pytest.mark.parametrize(
    ("expr", "ends", "message"),
    [
        ("1/x", (-1, 1), "no value at x = 0"),
        ("1/x^2", (-1, 1), "no value at x = 0"),
        ("sin(x)", (0, "oo"), "not decided"),
    ],
)
def test_no_value(expr: str, ends: tuple[object, object], message: str) -> None:
    with pytest.raises(sn.DomainError, match=message):
        sn.integrate(expr, "x", *ends)


def test_one_end_alone_is_refused() -> None:
    with pytest.raises(sn.RuleError, match="both ends"):
        sn.integrate("x", "x", 1)


def test_every_detail_ends_in_the_answer() -> None:
    d = sn.integrate("3x^2", "x")
    for detail in ("result", "chain", "rules"):
        assert d.to_dict(detail)["sections"][0]["lines"][-1]["sides"][-1]["plain"] == "x^3 + C"


def test_the_search_is_killed_when_its_time_is_up() -> None:
    start = time.monotonic()
    assert work("integral_steps", 0.05, formula="x^x*sin(x)*exp(x^3)", names=[], x="x") is None
    assert time.monotonic() - start < 3


@pytest.mark.skipif(not hasattr(os, "fork"), reason="process groups are those of POSIX")
def test_the_worker_dies_with_its_parent() -> None:
    code = (
        "import subprocess, sys; p = subprocess.Popen([sys.executable, '-m', 'symnet._worker'], stdin=subprocess.PIPE,"
        ' stdout=subprocess.DEVNULL); p.stdin.write(b\'{"job": "integral_steps", "with": {"formula":'
        ' "x^x*sin(x)*exp(x^3)/(x+1)", "names": [], "x": "x"}}\\n\'); p.stdin.flush(); print(p.pid)'
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    pid = int(run.stdout)
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    pytest.fail("the worker outlived its parent")


@pytest.mark.parametrize("seed", range(30))
def test_random_sums_of_rows(seed: int) -> None:
    names = list(ANTIDERIVATIVES)
    body: Term = X
    for k in range(3):
        scale = num(Fraction(seed % 5 + k + 1, 3))
        body = add(body, mul(scale, fn(names[(7 * seed + 5 * k) % len(names)], mul(num(k + 1), X))))
    assert Integration(body, X).lines()


def test_a_wrong_row_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ANTIDERIVATIVES, "sin", lambda u: fn("cos", u))
    d = sn.integrate("sin(x)", "x")  # the row is caught, and SymPy asked
    assert d.result.text() == "−cos(x) + C"


def test_formats(katex) -> None:  # type: ignore[no-untyped-def]
    d = sn.integrate("3x^2 + σ(2x)", "x")
    e = sn.integrate("x^3 − x", "x", -1, 2)
    pages = [p.latex(detail) for p in (d, e) for detail in ("result", "chain", "rules")]
    assert katex(pages) == [None] * len(pages)
    assert d.compile()(x=1.0, C=0.0) == pytest.approx(1 + 2.1269280110429727 / 2)


# ------------------------------------------------------------------------------------------- only what is verified
@pytest.mark.parametrize("expr", ["1/(x^2 sqrt(x^2 − 1))"])
def test_an_answer_without_a_deciding_point_is_not_given(expr: str) -> None:
    d = sn.integrate(expr, "x")
    assert not d.checked and "no antiderivative was verified" in d.notes[0] and "V1" not in d.text()


def test_a_point_at_which_the_answer_has_no_value_is_said() -> None:
    assert "no real value at x = " in sn.integrate("1/(x^2 − a)", "x").notes[0]


@pytest.mark.parametrize(
    ("expr", "ends", "message"),
    [
        ("a/x^2", (-1, 1), "not verified for any numbers"), ("a/(x^2 − 1)", (0, 2), "not verified for any numbers"),
        ("a/x", (-1, 1), "not verified for any numbers"), ("a x", (0, "oo"), "numbers for every other"),
        ("a exp(−x^2)", ("-oo", "oo"), "numbers for every other"),
        ("x^2 if x > 0 else −x", (-1, 1), "not integrated numerically"),
        ("f(x)", (0, 1), "not integrated numerically"),
    ],
)  # fmt: skip
def test_no_area_over_a_pole_or_without_an_end(expr: str, ends: tuple[object, object], message: str) -> None:
    with pytest.raises(sn.SymnetError, match=message):
        sn.integrate(expr, "x", *ends)


def test_other_names_in_a_definite_integral() -> None:
    assert sn.integrate("a x", "x", 0, "b").notes == ()
    assert "not proved for every n" in sn.integrate("x^n", "x", 0, 1).notes[0]
    d = sn.integrate("1/(x − a)^2", "x", 0, 2)
    assert "at, for example, a = 3/2" in d.notes[0]
    assert d.text(at={"a": 5}).rstrip().endswith("2/15")
    with pytest.raises(sn.DomainError, match="no value at x = 1, inside"):
        d.text(at={"a": 1})


@pytest.mark.parametrize(
    ("expr", "a", "b", "note"),
    [
        ("(x − 1/1000) (x − 2/1000)", 0, 1, "changes its sign at 0.001, 0.002"), ("10^(−20) x", 0, 1, "above the axis"),
        ("cos(1/x)", "1/100", 1, "0.011575, …:"), ("x^2", -1, 1, "the area lies above the axis"),
        ("x^2 − 2", -2, 2, "at −1.414214, 1.414214"), ("sin(x)", 0, "2 pi", "2 above the axis, 2 below it"),
    ],
)  # fmt: skip
def test_signs_that_are_proved(expr: str, a: object, b: object, note: str) -> None:
    assert note in sn.integrate(expr, "x", a, b).notes[-1]


@pytest.mark.parametrize(("expr", "a", "b"), [("sin(1000x)", 0, 1), ("x", 1, 1), ("0", 0, 1)])
def test_signs_that_are_not_proved_are_not_told(expr: str, a: object, b: object) -> None:
    assert sn.integrate(expr, "x", a, b).notes == ()


def test_a_ball_around_0_is_not_printed() -> None:
    assert "rounded" not in sn.integrate("sin(x)", "x", 0, "2 pi").text()
    d = sn.integrate("sin(x^3)", "x", -1, 1)
    assert "its size is at most 10^-" in d.notes[-1] and d.result.op == "integral"


def test_names_that_substitutions_use() -> None:
    assert sn.integrate("u x e^(x^2)", "x").result.text() == "½ u e^(x²) + C"
    assert "f := x, g′ := eˣ" in sn.integrate("u x e^x", "x").text()
    assert "with v := u x" in sn.integrate("sin(u x)", "x").text()
    assert sn.integrate("C x + K + C0 + C1", "x").result.text().endswith("+ C2")


def test_functions_of_several_primitives_in_numbers() -> None:
    assert sn.evaluate(sn.integrate("gelu(x)", "x", -1, 1).result) == pytest.approx(0.2419707245191434, rel=1e-12)


# ------------------------------------------------------------------------------------------- methods of integration
@pytest.mark.parametrize(
    ("expr", "answer", "rule"),
    [
        ("e^(tan x) sec^2 x", "e^(tan(x)) + C", "substitution with u := tan(x)"),
        ("x e^(x^2)", "½ e^(x²) + C", "substitution with u := x², du/dx = 2x"),
        ("sin^3 x", "⅓ cos(x)³ − cos(x) + C", "substitution with u := cos(x)"),
        ("cos(x)/sin(x)", "log(|sin(x)|) + C", "substitution with u := sin(x)"),
        ("x^3 sqrt(1 − x^2)", "⅕ (1 − x²)^(5/2) − ⅓ (1 − x²)^(3/2) + C", "substitution with u := 1 − x²"),
        ("x sqrt(x + 2)", "⅖ √(x + 2)⁵ − 4/3 √(x + 2)³ + C", "x = u² − 2"),
        ("x sec^2 x", "x tan(x) + log(|cos(x)|) + C", "integration by parts"),
        ("x^2 arctan x", "⅓ x³ arctan(x) − ⅙ x² + ⅙ log(1 + x²) + C", "polynomial division"),
        ("(x + 7)/(x^2 − x − 6)", "2 log(|x − 3|) − log(|x + 2|) + C", "partial fractions"),
        ("1/(x^2 (x + 1))", "log(|x + 1|) − 1/x − log(|x|) + C", "partial fractions"),
        ("(x + 3)/(x^2 + 4x + 8)", "½ log(|x² + 4x + 8|) + ½ arctan(½ (x + 2)) + C", "numerator split"),
        ("1/(x^2 + 6x + 10)", "arctan(x + 3) + C", "square completed: 1/(x² + 6x + 10) = 1/((x + 3)² + 1)"),
        ("(x^2 + 3)/sqrt(x)", "⅖ x^(5/2) + 6 √x + C", "written in powers: (x² + 3)/√x = x^(3/2) + 3/x^½"),
        ("1/sqrt(25 − 16x^2)", "¼ arcsin(⅘ x) + C", "with a := 5, u := 4x, du/dx = 4"),
        ("1/(x sqrt(x^2 − 9))", "⅓ arctan(⅓ √(x² − 9)) + C", "root of a quadratic"),
        ("sqrt((3 − x)/(3 + x))", "3 arcsin(⅓ x) + √(9 − x²) + C", "above and below"),
        ("(a x + b)^n", "(a x + b)^(n + 1)/(a (n + 1)) + C", "power rule: ∫ uⁿ du"),
        ("x/e^x", "−e⁻ˣ (x + 1) + C", "written in powers: x/eˣ = x e⁻ˣ"),
        ("sin(x) cos(x)", "½ sin(x)² + C", "substitution"),  # no row divides by a − b = 0
        ("0", "C", "constant rule"),
    ],
)
def test_methods_in_lines(expr: str, answer: str, rule: str) -> None:
    d = sn.integrate(expr, "x")
    assert d.checked and d.result.text() == answer and rule in d.text()


def test_the_methods_need_no_other_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("symnet.integrals.lines.work", lambda *a, **k: pytest.fail("SymPy was asked"))
    for expr in ("x^5 e^x", "1/(x^3 − x)", "x ln x", "sin^2 x", "1/(1 + sqrt x)", "sqrt(1 + e^x)", "1/(x^3 + 1)"):
        assert sn.integrate(expr, "x", seconds=1).checked


def test_constants_go_into_the_constant() -> None:
    for expr in ("1/(3x + 3)", "x^3/(4 (x^4 + 2))", "ln(x + 1)"):
        result = sn.integrate(expr, "x").result
        assert all(not t.free or "x" in t.free or t.text() == "C" for t in result.args)
        assert "log(|3 (" not in result.text() and "log(4" not in result.text()


def test_what_must_not_be_zero() -> None:
    assert sn.integrate("(a x + b)^n", "x").notes == ("for a ≠ 0, n ≠ −1",)
    assert sn.integrate("x e^(a x)", "x").notes == ("for a ≠ 0",)
    assert sn.integrate("sqrt(x^2 − 9)/x", "x").notes == ()  # at the ends ±3 the answer has a value


def test_a_returning_integral_is_solved_for() -> None:
    page = sn.integrate("e^x sin(x)", "x").text()
    assert "sin(x) eˣ − (cos(x) eˣ + I)" in page and "2I = sin(x) eˣ − cos(x) eˣ" in page


def test_exact_values_at_letters() -> None:
    assert sn.integrate("sin(a x)", "x", 0, "b").result.text() == "(1 − cos(a b))/a"
