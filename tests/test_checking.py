"""Checking hand calculations: every kind of problem, every verdict, and what is said about it."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

import symnet as sn
from symnet.checking.numerals import exact, judge, written
from symnet.cli import app

NET = "(t2-σ(w2*σ(w1*x+b1)+b2))^2/2"
GIVEN = {"a1": "σ(w1*x+b1)", "a2": "σ(w2*σ(w1*x+b1)+b2)"}
ON_NET = {"given": GIVEN}
MATRIX = {
    "gradient": "((u11*p1+u12*p2-q1)^2+(u21*p1+u22*p2-q2)^2)/2",
    "wrt": [["u11", "u12"], ["u21", "u22"]],
    "given": {"r1": "u11*p1+u12*p2-q1", "r2": "u21*p1+u22*p2-q2"},
}
SQUARES = {"gradient": "x^2+y^2", "wrt": ["x", "y"]}
RULE = {"update": "(w x - y)^2/2", "wrt": "w", "lr": "eta"}

CASES = [
    # derivatives
    ("right", "3x^2", {"derivative": "x^3", "wrt": "x"}),
    ("right", "dy/dx = 3x²", {"derivative": "x^3", "wrt": "x"}),
    ("right", "$f'(x) = 3x^2$", {"derivative": "x^3", "wrt": "x"}),
    ("right", "d/dx x^3 = 3x^{3-1} = 3x^2", {"derivative": "x^3", "wrt": "x"}),
    ("wrong", "d/dx x^3 = 3x^{3-1} = 3x^3", {"derivative": "x^3", "wrt": "x"}),
    ("right", "y'' = 6x", {"derivative": "x^3", "wrt": "x", "order": 2}),
    ("wrong", "3x^2", {"derivative": "x^3", "wrt": "x", "order": 2}),
    ("right", "y' = 3x^2\ny'' = 6x", {"derivative": "x^3", "wrt": "x", "order": 2}),
    ("right", "1/x", {"derivative": "ln|x|", "wrt": "x"}),
    ("right", "1/sqrt(u^2)", {"derivative": "ln u", "wrt": "u"}),
    ("wrong", "1/sqrt(u^2)", {"derivative": "ln|u|", "wrt": "u"}),
    ("right", "n x^(n-1)", {"derivative": "x^n", "wrt": "x"}),
    ("right", "max(0,z)/z", {"derivative": "max(0,z)", "wrt": "z"}),
    ("right", "0 if z < 0, 1 if z > 0", {"derivative": "max(0,z)", "wrt": "z"}),
    ("wrong", "0 if z < 1, 1 if z > 1", {"derivative": "max(0,z)", "wrt": "z"}),
    ("right", "sign(sin(x))", {"derivative": "-acos(-cos(x))*(-1)*(-1)", "wrt": "x"}),
    ("wrong", "3x^2 + 0.000000001", {"derivative": "x^3", "wrt": "x"}),
    ("wrong", "3x^2 + C", {"derivative": "x^3", "wrt": "x"}),
    ("malformed", "3x^2 + q", {"derivative": "x^3", "wrt": "x"}),
    ("malformed", "dy/dx", {"derivative": "x^3", "wrt": "x"}),
    ("malformed", "d/dx(x^3)", {"derivative": "x^3", "wrt": "x"}),
    ("malformed", "3x^", {"derivative": "x^3", "wrt": "x"}),
    ("malformed", "", {"derivative": "x^3", "wrt": "x"}),
    # names that the answer may use
    ("right", "δ1 x", {"derivative": NET, "wrt": "w1", **ON_NET}),
    ("right", "∂E/∂a2 · ∂a2/∂z2 · ∂z2/∂w2 = (a2-t2)·a2(1-a2)·a1", {"derivative": NET, "wrt": "w2", **ON_NET}),
    ("wrong", "∂E/∂a2 · ∂z2/∂w2 = (a2-t2)·a2(1-a2)·a1", {"derivative": NET, "wrt": "w2", **ON_NET}),
    ("right", "k = a2(1-a2)\n∂E/∂w2 = (a2-t2) k a1", {"derivative": NET, "wrt": "w2", **ON_NET}),
    ("wrong", "k = a2(1+a2)\n∂E/∂w2 = (a2-t2) k a1", {"derivative": NET, "wrt": "w2", **ON_NET}),
    ("right", "δ2 = (a2-t2)σ'(z2)\nδ1 = δ2 w2 σ'(z1)\n∂E/∂w1 = δ1 x", {"derivative": NET, "wrt": "w1", **ON_NET}),
    ("malformed", "∂E/∂w2 = ∂E/∂w2", {"derivative": NET, "wrt": "w2", **ON_NET}),
    ("right", "-u g(u)", {"derivative": "exp(-u^2/2)", "wrt": "u", "given": {"g(u)": "exp(-u^2/2)"}}),
    # integrals
    ("right", "∫ 2x dx = x^2 + C", {"integral": "2x", "wrt": "x"}),
    ("right", "x^2 + const", {"integral": "2x", "wrt": "x"}),
    ("right", "ln|x| + K", {"integral": "1/x", "wrt": "x"}),
    ("wrong", "ln(x) + K", {"integral": "1/x", "wrt": "x"}),
    ("wrong", "x^2", {"integral": "2x", "wrt": "x"}),
    ("wrong", "x^2 + C - C", {"integral": "2x", "wrt": "x"}),
    ("wrong", "x^2 + C x", {"integral": "2x", "wrt": "x"}),
    # formulas
    ("right", "x + 1", {"equals": "(x^2-1)/(x-1)"}),
    ("wrong", "x", {"equals": "sqrt(x^2)"}),
    ("right", "x", {"equals": "sqrt(x^2)", "domain": {"x": ">0"}}),
    ("wrong", "0.33333", {"equals": "1/3"}),
    ("right", "2 sum_{i=1}^n (w u_i - y_i) u_i", {"equals": "2w sum_{k=1}^n u_k^2 - 2 sum_{k=1}^n u_k y_k"}),
    # gradients
    ("right", "(2x, 2y)", SQUARES),
    ("right", "2(x, y)", SQUARES),
    ("right", "2x i + 2y j", SQUARES),
    ("right", "\\begin{pmatrix} 2x \\\\ 2y \\end{pmatrix}", SQUARES),
    ("right", "f_y = 2y, f_x = 2x", SQUARES),
    ("right", "∂f/∂y = 2y; ∂f/∂x = 2x", SQUARES),
    ("wrong", "∂f/∂x = 2x\n∂f/∂y = 2x", SQUARES),
    ("wrong", "(2y, 2x)", SQUARES),
    ("wrong", "2x + 2y", SQUARES),
    ("malformed", "∂f/∂x = 2x", SQUARES),
    ("right", "r pᵀ", MATRIX),
    ("wrong", "p rᵀ", MATRIX),
    ("right", "[[r1 p1, r1 p2], [r2 p1, r2 p2]]", MATRIX),
    ("right", "Uᵀ r", {**MATRIX, "wrt": ["p1", "p2"]}),
    # numbers
    ("right", "8.33", {"value": "25/3"}),
    ("wrong", "8.34", {"value": "25/3"}),
    ("right", "25/3 ≈ 8.333", {"value": "25/3"}),
    ("wrong", "25/3 = 8", {"value": "25/3"}),
    ("right", "0.4 - 0.5*0.082 = 0.359", {"value": "0.4-0.5*0.082167"}),
    ("right", "f(2) = 7.00", {"value": "x^2+3", "at": {"x": "2"}}),
    ("malformed", "x^2+3+k", {"value": "x^2+3", "at": {"x": "2"}}),
    # sets of numbers
    ("right", "x = 2 or x = 3", {"roots": "x^2-5x+6", "wrt": "x"}),
    ("right", "x1 = 3, x2 = 2", {"roots": "x^2-5x+6", "wrt": "x"}),
    ("right", "x^2-5x+6 = 0\n(x-2)(x-3) = 0\nx = 2 or x = 3", {"roots": "x^2-5x+6", "wrt": "x"}),
    ("wrong", "x = 2", {"roots": "x^2-5x+6", "wrt": "x"}),
    ("wrong", "x = 2, 3, 4", {"roots": "x^2-5x+6", "wrt": "x"}),
    ("right", "x ≈ ±1.41", {"roots": "x^2-2", "wrt": "x"}),
    ("wrong", "x ≈ ±1.42", {"roots": "x^2-2", "wrt": "x"}),
    ("right", "no real roots", {"roots": "x^2+2", "wrt": "x"}),
    ("right", "x = 0, x = 2/3", {"stationary": "x^3-x^2", "wrt": "x"}),
    ("right", "none", {"stationary": "e^x + x", "wrt": "x"}),
    ("right", "1/4", {"maximum": "x(1-x)", "wrt": "x"}),
    ("wrong", "1/2", {"maximum": "x(1-x)", "wrt": "x"}),
    ("right", "-0.25", {"minimum": "x^2-x", "wrt": "x"}),
    # updates
    ("right", "w ← w + η x (y - w x)", RULE),
    ("wrong", "w ← w + η x (w x - y)", RULE),
    ("right", "Δw = -η x (w x - y)", RULE),
    ("wrong", "w := -η x (w x - y)", RULE),
    ("right", "w_{n+1} = w_n - η x (w_n x - y)", RULE),
    ("right", "w(t+1) = w(t) - η x (w(t) x - y)", RULE),
    ("right", "w = 1 - 0.1*4 = 0.6", {"update": "(w*2-1)^2", "wrt": "w", "lr": "0.1", "at": {"w": "1"}}),
    ("wrong", "w = 1.4", {"update": "(w*2-1)^2", "wrt": "w", "lr": "0.1", "at": {"w": "1"}}),
    ("right", "0.52", {"update": "(w*2-1)^2", "wrt": "w", "lr": "0.1", "at": {"w": "1"}, "steps": 2}),
    # lines
    ("right", "(x+1)^2 = x^2+2x+1", {"lines": "rewrite"}),
    ("wrong", "(x+1)^2\n= x^2+1", {"lines": "rewrite"}),
    ("right", "x^2 = x\nx(x-1) = 0\nx = 0 or x = 1", {"lines": "solve", "wrt": "x"}),
    ("wrong", "x^2 = x\nx = 1", {"lines": "solve", "wrt": "x"}),
    ("wrong", "sqrt(x+2) = x\nx + 2 = x^2\nx = 2 or x = -1", {"lines": "solve", "wrt": "x"}),
    ("wrong", "x/2 = 3 ⇒ x = 5", {"lines": "solve", "wrt": "x"}),
    ("right", "x/2 = 3 ⇒ x = 6", {"lines": "solve", "wrt": "x"}),
    ("right", "e^x = 5\nx = ln 5 ≈ 1.609", {"lines": "solve", "wrt": "x"}),
    ("right", "x^2 + 1 = 0\nno real solution", {"lines": "solve", "wrt": "x"}),
    ("right", "p x + q = 0\nx = -q/p", {"lines": "solve", "wrt": "x"}),
    ("wrong", "p x + q = 0\nx = q/p", {"lines": "solve", "wrt": "x"}),
    ("right", "u = 1/(1+e^(-v))\ne^(-v) = (1-u)/u\nv = ln(u/(1-u))", {"lines": "solve", "wrt": "v"}),
    ("wrong", "u = 1/(1+e^(-v))\nv = ln((1-u)/u)", {"lines": "solve", "wrt": "v"}),
    # the same kinds in other notation
    ("right", "∂E/∂u_ij = r_i p_j", MATRIX),
    ("wrong", "∂E/∂u_ij = r_j p_i", MATRIX),
    ("right", "[r1 p1, r1 p2; r2 p1, r2 p2]", MATRIX),
    ("right", "r ⊗ p", MATRIX),
    ("right", "s(1 - s) where s = σ(v)", {"derivative": "σ(v)", "wrt": "v"}),
    ("wrong", "s(1 - s) where s = tanh(v)", {"derivative": "σ(v)", "wrt": "v"}),
    ("right", "(1, -2)", {"stationary": "(x-1)^2+(y+2)^2", "wrt": ["x", "y"]}),
    ("wrong", "x = 1, y = 2", {"stationary": "(x-1)^2+(y+2)^2", "wrt": ["x", "y"]}),
    ("right", "2/e at x = 1", {"maximum": "2x e^(-x)", "wrt": "x"}),
    ("wrong", "2/e at x = 2", {"maximum": "2x e^(-x)", "wrt": "x"}),
    ("right", "the maximum is 2/e", {"maximum": "2x e^(-x)", "wrt": "x"}),
]


@pytest.mark.parametrize(("kind", "answer", "problem"), CASES)
def test_verdicts(kind: str, answer: str, problem: dict) -> None:
    verdict = sn.check(answer, **problem)
    assert verdict.kind == kind, str(verdict)
    if kind == "right":
        assert verdict.certificate
    if kind == "wrong":
        assert verdict.witness is not None
    if kind == "malformed":
        assert verdict.error and len(verdict.error) <= 300


def test_an_unknown_name_is_named() -> None:
    verdict = sn.check("3x^2 + q7", derivative="x^3", wrt="x")
    assert verdict.kind == "malformed" and "`q7`" in verdict.error


def test_what_was_understood_is_shown() -> None:
    assert sn.check("y' = 3x²", derivative="x^3", wrt="x").reading == "y' = 3*x^2"
    assert sn.check("k = 2\n3x^k", derivative="x^3", wrt="x").reading == "k = 2; 3*x^k"


def test_removable_points_are_condoned_and_said() -> None:
    verdict = sn.check("(x^2 - 1)/(x - 1)", equals="x + 1")
    assert verdict.kind == "right"
    assert "x = 1" in verdict.notes[0] and "condoned" in verdict.notes[0]


def test_the_first_bad_line_and_what_follows_from_it() -> None:
    answer = "(cos(x)·x − sin(x))/x^2\n= cos(x)/x - sin(x)/x\n= (cos(x) - sin(x))/x"
    verdict = sn.check(answer, derivative="sin(x)/x", wrt="x")
    assert (verdict.kind, verdict.first_bad_line) == ("wrong", 2)
    assert [line.kind for line in verdict.lines] == ["right", "wrong", "wrong"]
    assert [line.follows for line in verdict.lines] == [None, None, 2]


def test_the_function_may_be_restated_first() -> None:
    verdict = sn.check("y = x^2 + 3x + 2\ny' = 2x + 3", derivative="(x+1)(x+2)", wrt="x")
    assert verdict.kind == "right"
    verdict = sn.check("y = x^2 + 3x + 3\ny' = 2x + 3", derivative="(x+1)(x+2)", wrt="x")
    assert (verdict.kind, verdict.first_bad_line) == ("wrong", 1)
    assert sn.check("y = x^2 + 3x + 2", derivative="(x+1)(x+2)", wrt="x").kind == "wrong"


def test_roots_lost_and_gained() -> None:
    lost = sn.check("x^2 = 5x\nx = 5", lines="solve", wrt="x")
    assert lost.mistake is not None and lost.mistake.name == "missing_root" and lost.first_bad_line == 2
    gained = sn.check("sqrt(x) = x - 2\nx = (x - 2)^2\nx = 1 or x = 4", lines="solve", wrt="x")
    assert gained.mistake is not None and gained.mistake.name == "extra_root" and gained.first_bad_line == 2


@pytest.mark.parametrize(
    ("text", "truth", "right"),
    [
        ("1.19", "1.190625", True), ("1.20", "1.190625", False), ("1.2", "1.190625", True), ("1", "1.190625", False),
        ("0.125", "1/8", True), ("0.13", "1/8", True), ("0.12", "1/8", True), ("-0.06", "-0.0594", True),
        ("-5.94*10^(-2)", "-0.059375", True), ("-5.93*10^(-2)", "-0.059375", False), ("7.00", "7", True),
        ("0.380", "(3-sqrt(5))/2", False), ("0.382", "(3-sqrt(5))/2", True), ("3", "3", True),
        ("1.414213562373095048801688724209698079", "sqrt(2)", True),  # … 698078|5697
        ("1.414213562373095048801688724209698078", "sqrt(2)", False),
    ],
)  # fmt: skip
def test_the_rounding_rule(text: str, truth: str, right: bool) -> None:
    number = written(sn.read(text).value)
    assert number is not None
    assert judge(number, exact(sn.read(truth).value)).right is right


def test_a_verdict_as_text_and_as_json() -> None:
    verdict = sn.check("x^2 = x\nx = 1", lines="solve", wrt="x")
    assert str(verdict).splitlines() == [
        "Not right: line 2: the solution 0 is lost.",
        "✓ 1  x² = x",
        "✗ 2  x = 1",
        "     0 solves the line above too: it was lost, perhaps by dividing by 0 (missing_root)",
        "     right is 0, 1; here it is 1",
    ]
    data = json.loads(json.dumps(verdict.to_dict()))
    assert data["kind"] == "wrong" and data["first_bad_line"] == 2
    assert data["lines"][1]["kind"] == "wrong"
    assert verdict._repr_markdown_().startswith("**Not right**: line 2: the solution 0 is lost.")


def test_markup_in_an_answer_stays_text() -> None:
    verdict = sn.check("x <b>1</b>", derivative="x", wrt="x")
    assert verdict.kind == "malformed"
    assert "<b>" not in verdict._repr_markdown_().replace("\\<", "")


@pytest.mark.parametrize(
    "problem",
    [{}, {"derivative": "x", "equals": "x"}, {"derivative": "x", "foo": 1}, {"derivative": "x y"}, {"lines": "guess"},
     {"derivative": "x", "order": 0}, {"update": "x^2", "wrt": "x"}, {"derivative": "x +", "wrt": "x"}],
)  # fmt: skip
def test_a_problem_that_makes_no_sense_is_refused(problem: dict) -> None:
    with pytest.raises(sn.SymnetError):
        sn.check("1", **problem)


HOSTILE = ["__import__('os').system('x')", "9**9**9**9", "(" * 5000 + "x", "x" * 100_000, "1/0", "\x00", "[[]]", "()"]


@pytest.mark.parametrize("answer", HOSTILE)
def test_hostile_answers_are_refused_quickly(answer: str) -> None:
    start = time.perf_counter()
    assert sn.check(answer, derivative="x^2", wrt="x").kind in ("malformed", "wrong", "undecided")
    assert time.perf_counter() - start < 2


# ------------------------------------------------------------------------------------------------------- command line
def run(*args: str, text: str | None = None):  # type: ignore[no-untyped-def]
    return CliRunner().invoke(app, ["check", *args], input=text)


@pytest.mark.parametrize(
    ("code", "args"),
    [
        (0, ["2 cos(2x)", "--derivative", "sin(2x)", "--wrt", "x"]),
        (1, ["cos(2x)", "--derivative", "sin(2x)", "--wrt", "x"]),
        (3, ["log(sqrt(2) - 1)", "--equals", "log(sqrt(3 - 2sqrt(2)))"]),
        (0, ["x", "--equals", "sqrt(x^2)", "--domain", "x>0"]),
        (0, ["a(1-a)", "--derivative", "σ(z)", "--given", "a=σ(z)"]),
        (0, ["7", "--value", "x^2+3", "--at", "x=2"]),
        (0, ["[[2u, 0], [0, 2v]]", "--gradient", "u^2+v^2+p+q-p-q", "--wrt", "u p; q v"]),
        (0, ["w - η 2w", "--update", "w^2", "--wrt", "w", "--lr", "eta"]),
    ],
)
def test_exit_codes(code: int, args: list[str]) -> None:
    result = run(*args)
    assert result.exit_code == code, result.output
    assert "read as: " in result.output or "✓" in result.output


def test_the_command_reads_lines_files_and_json(tmp_path: Path) -> None:
    assert run("-", "--lines", "solve", text="x^2 = x\nx = 1\n").exit_code == 1
    problem = tmp_path / "problem.json"
    problem.write_text(json.dumps(SQUARES))
    answer = tmp_path / "answer.txt"
    answer.write_text("(2x, 2y)\n")
    result = run("-f", str(answer), "--problem", str(problem), "--json")
    assert result.exit_code == 0
    assert json.loads(result.output)["kind"] == "right"


def test_the_command_refuses_clearly(tmp_path: Path) -> None:
    for args in (["2x"], ["2x", "--derivative", "x^2", "--given", "a"], ["2x", "--equals", "x", "--domain", "x"]):
        assert isinstance(run(*args).exception, sn.SymnetError)
    assert isinstance(run("2x +", "--derivative", "x^2").exception, sn.SymnetError)
    bad = tmp_path / "p.json"
    bad.write_text("[1")
    assert isinstance(run("2x", "--problem", str(bad)).exception, sn.SymnetError)


@pytest.mark.parametrize(("field", "remedy"), [("at", "on a line of the page"), ("wrt", "graph, given, domain")])
def test_a_page_takes_no_fields_of_a_formula(field: str, remedy: str) -> None:
    with pytest.raises(sn.RuleError, match=remedy):
        sn.check("dE/da = a - t", graph="a = w x; E = ½ (a − t)²", **{field: {"x": 1}})


def test_names_of_a_domain_may_be_used_and_its_ends_may_be_formulas() -> None:
    assert sn.check("x/|x|", equals="1", domain={"x": "(0, sqrt(2))"}).kind == "right"
    assert sn.check("x/|x|", equals="1", domain={"x": "(-1, sqrt(2))"}).kind == "wrong"
