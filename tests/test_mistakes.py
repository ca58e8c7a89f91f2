"""Every wrong rule explains its own example and nothing else; what is said names the place in the person's words."""

from __future__ import annotations

import itertools
import subprocess
import sys
import time
from fractions import Fraction

import pytest

from symnet import Graph, check, clock, read
from symnet.checking.verdict import Mistake
from symnet.mistakes import (
    explain_derivative,
    explain_gradient,
    explain_integral,
    explain_number,
    explain_quantity,
    explain_rewrite,
    explain_update,
)
from symnet.mistakes.arrays import ARRAYS, ArrayRow
from symnet.mistakes.numbers import DIGITS, UPDATES, Digits, Update, written
from symnet.mistakes.rewriting import REWRITES, Rewrite
from symnet.mistakes.rows import TABLE, Row
from symnet.term import Term, add, mul, neg, partial, sym


def value(text: str, *names: str) -> Term:
    return read(text, names=names).value


def name(m: Mistake | None) -> str | None:
    return m.name if m is not None else None


def derivative(text: str, x: str, answer: str, **given: str) -> Mistake | None:
    names = tuple(given)
    meanings = {n: value(t, *names) for n, t in given.items()}
    return explain_derivative(value(text, *names), sym(x), value(answer, *names), given=meanings)


# ------------------------------------------------------------------------------------------------- the tables' own rows
@pytest.mark.parametrize("row", TABLE, ids=lambda r: r.name)
def test_a_row_explains_its_example(row: Row) -> None:
    assert name(derivative(*row.example)) == row.name


@pytest.mark.parametrize("row", TABLE, ids=lambda r: r.name)
def test_a_row_leaves_its_counterexample_alone(row: Row) -> None:
    assert name(derivative(*row.counterexample)) != row.name


@pytest.mark.parametrize("row", REWRITES, ids=lambda r: r.name)
def test_a_rule_of_algebra_explains_its_example(row: Rewrite) -> None:
    before, after = map(value, row.example)
    assert name(explain_rewrite(before, after)) == row.name
    before, after = map(value, row.counterexample)
    assert name(explain_rewrite(before, after)) != row.name


@pytest.mark.parametrize("row", DIGITS, ids=lambda r: r.name)
def test_what_happens_to_digits(row: Digits) -> None:
    assert name(explain_number(*map(value, row.example))) == row.name
    assert name(explain_number(*map(value, row.counterexample))) != row.name


@pytest.mark.parametrize("row", UPDATES, ids=lambda r: r.name)
def test_an_update_explains_its_example(row: Update) -> None:
    """5w − … has the gradient 5; the right update of 3 at the rate 1/4 is 7/4."""
    explain = lambda answer: explain_update(  # noqa: E731
        value("5w - 2"), sym("w"), value(answer), lr=value("1/4"), at={"w": value("3")}
    )
    assert name(explain(row.example)) == row.name
    assert name(explain(row.counterexample)) != row.name


SHAPES = "X: n x n, W: n x n, V: n x n, T: n x n, w: n, y: n, t: n, c: scalar, lam: scalar"


def gradient_of_arrays(program: str, claim: str) -> Mistake | None:
    """All dimensions are read as n, so that a product that does not fit can be written down."""
    graph = Graph(program, SHAPES)
    x, text = (part.strip() for part in claim.split("|"))
    shapes = {n: s.shape for n, s in graph.symbols.items()}
    answer = read(text, names=tuple(shapes), shapes=shapes).value
    return explain_quantity(graph, partial(graph.result.symbol, graph.symbols[x]), answer)


@pytest.mark.parametrize("row", ARRAYS, ids=lambda r: r.name)
def test_a_rule_of_arrays_explains_its_example(row: ArrayRow) -> None:
    program, claim = row.example
    assert name(gradient_of_arrays(program, claim)) == row.name
    assert name(gradient_of_arrays(program, row.counterexample)) != row.name


def test_the_right_answer_is_no_mistake() -> None:
    for text, right in (("sin(3u)", "3 cos(3u)"), ("u^2 exp(u)", "(2u + u^2) exp(u)"), ("σ(u)", "σ(u) σ(-u)")):
        assert derivative(text, "u", right) is None


def test_nonsense_is_not_explained() -> None:
    for answer in ("u^7 + 11", "3 cos(3u) + u/1000", "cos(u) sin(u)^3 + 2", "exp(u) - 17 u"):
        assert derivative("sin(3u)", "u", answer) is None


# ------------------------------------------------------------------------------------------------------ what is said
NET = {"h": "σ(v p + c)", "o": "σ(u h + b)"}
LOSS = "½ (σ(u σ(v p + c) + b) - t)^2"
CLAIMS = [
    ("v", "(o - t) o (1 - o) h (1 - h) p", "next_layer_weight_lost", "u"),
    ("v", "(o - t) o (1 - o) u h (1 - h)", "input_factor_lost", "p"),
    ("v", "(o - t) o (1 - o) u p", "activation_derivative_lost", "h (1 − h)"),
    ("v", "(o - t) u p", "activation_derivative_lost", "o (1 − o)"),
    ("v", "(o - t) o (1 + o) u h (1 - h) p", "sigmoid_derivative_sign", "o = σ"),
    ("v", "(o - t) o (1 + o) u h (1 + h) p", "sigmoid_derivative_sign", "h = σ"),
    ("v", "(o - t) o (1 - o) u (1 - h^2) p", "tanh_rule_for_sigmoid", "h = σ"),
    ("v", "(o - t) o (1 - o) v h (1 - h) p", "wrong_weight", "v"),
    ("v", "(o - t) o (1 - o) u h (1 - h) v", "weight_for_input", "p"),
    ("v", "(t - o) o (1 - o) u h (1 - h) p", "t_minus_a_sign", "a − t"),
    ("v", "2 (o - t) o (1 - o) u h (1 - h) p", "half_lost", "½"),
    ("u", "(o - t) o (1 - o) p", "wrong_input", "p"),
    ("u", "(o - t) o (1 - o) h (1 - h)", "activation_derivative_extra", "h (1 − h)"),
    ("c", "(o - t) o (1 - o) u h (1 - h) p", "bias_as_weight", "p"),
    ("b", "(o - t) o (1 - o) b", "bias_as_factor", "b"),
]


@pytest.mark.parametrize(("x", "answer", "mistake", "words"), CLAIMS)
def test_a_network_in_the_names_that_are_given(x: str, answer: str, mistake: str, words: str) -> None:
    names = ("h", "o", "t", "p")
    given = {n: value(t, *names) for n, t in NET.items()}
    m = explain_derivative(value(LOSS, *names), sym(x), value(answer, *names), given=given)
    assert m is not None
    assert m.name == mistake
    assert words in m.advice


def page(text: str, target: str, answer: str, **given: Term) -> Mistake | None:
    graph = Graph(text)
    names = (*graph.symbols, *given, "eta")
    return explain_quantity(graph, read(target, names=names).value, read(answer, names=names).value, given=given)


TWO = "z1 = w1 x + b1; a1 = σ(z1); z2 = w2 a1 + b2; a2 = σ(z2); E = ½ (a2 - t)^2"


def test_a_page_speaks_of_its_own_lines() -> None:
    m = page(TWO, "dE/dw2", "(a2 - t) a1")
    assert m == Mistake("activation_derivative_lost", "at a2 = σ(z2) the factor a2 (1 − a2) is missing")
    m = page(TWO, "dE/dz1", "dE/dz2 a1 (1 - a1)")
    assert m is not None
    assert (m.name, "w2" in m.advice) == ("next_layer_weight_lost", True)
    m = page(TWO, "dE/dz1", "(a2 - t) a2 (1 - a2) w1 a1 (1 - a1)")
    assert m is not None
    assert (m.name, "w1" in m.advice) == ("wrong_weight", True)
    rectified = "z = w p; h = relu(z); o = v h; E = ½ (o - t)^2"
    assert name(page(rectified, "dE/dv", "(o - t) z")) == "preactivation_for_activation"
    assert name(page(rectified, "dE/dw", "(o - t) v p")) == "relu_dead_side"
    assert name(page(TWO, "z2", "w2 a1")) == "bias_forgotten"
    assert name(page(TWO, "a1", "z1")) == "preactivation_for_activation"


def test_a_delta_of_the_other_sign() -> None:
    """With δ = −∂E/∂z a minus in the update is a wrong sign; a lost factor is found all the same."""
    delta = neg(partial(sym("E"), sym("z2")))
    step = add(sym("w2"), neg(mul(sym("eta"), partial(sym("E"), sym("w2")))))
    graph = Graph(TWO)
    answer = read("w2 - eta delta2 a1", names=(*graph.symbols, "delta2", "eta")).value
    assert name(explain_quantity(graph, step, answer, given={"delta2": delta})) == "sign"
    lost = read("t - a2", names=tuple(graph.symbols)).value
    assert name(explain_quantity(graph, sym("delta2"), lost, given={"delta2": delta})) == "activation_derivative_lost"


def test_paths_and_softmax() -> None:
    assert name(page("a = tanh(w x); z = u a + w x; E = z^2", "dE/dw", "2 z u (1 - a^2) x")) == "path_lost"
    outputs = "h = σ(v p); o1 = u1 h; o2 = u2 h; E = ½ (o1 - t1)^2 + ½ (o2 - t2)^2"
    assert name(page(outputs, "dE/dv", "(o1 - t1) u1 h (1 - h) p")) == "path_lost"
    shared = "z1 = w1 p + b; z2 = w2 p + b; h1 = σ(z1); h2 = σ(z2); E = ½ (v1 h1 + v2 h2 - t)^2"
    assert name(page(shared, "dE/db", "(v1 h1 + v2 h2 - t) v1 h1 (1 - h1)")) == "path_lost"
    data = "e1 = w + b - 2; e2 = 2w + b - 3; e3 = 3w + b - 4; L = (e1^2 + e2^2 + e3^2)/3"
    assert name(page(data, "dL/dw", "2/3 (e1 + 2 e2)")) == "term_lost"
    assert name(page(data, "dL/dw", "2 (e1 + 2 e2 + 3 e3)")) == "one_over_n_lost"
    assert name(page(data, "dL/dw", "2/3 (e1 + e2 + e3)")) == "input_factor_lost"
    soft = "s = exp(z1) + exp(z2); p1 = exp(z1)/s; p2 = exp(z2)/s; E = -log(p2)"
    assert name(page(soft, "dE/dz1", "0")) == "softmax_off_diagonal"
    assert name(page(soft, "dE/dz2", "-1/p2")) == "softmax_jacobian_lost"


def test_words_of_a_network_need_a_network() -> None:
    assert name(derivative("B cos(ω s + θ)", "s", "-B sin(ω s + θ)")) == "chain_factor_lost"
    assert name(derivative("B e^(-k s)", "s", "B e^(-k s)")) == "chain_factor_lost"
    assert name(derivative("s ln(s)", "s", "1/s")) == "product_as_fprime_gprime"
    assert name(derivative("s^3 + π^3", "s", "3s^2 + 3π^2")) == "constant_as_variable"


@pytest.mark.parametrize(
    ("before", "after", "mistake"),
    [
        ("sqrt(u^2 + 25)", "u + 5", "sqrt_distributed"),
        ("(u + v)/u", "v", "cancelling"),
        ("(u + 3)/(u + 4)", "3/4", "cancelling"),
        ("2/3", "0.667", "rounded_coefficient"),
        ("log(u^4)", "4 log(u)", "domain"),
        ("4", "5", None),
    ],
)
def test_slips_of_algebra(before: str, after: str, mistake: str | None) -> None:
    assert name(explain_rewrite(value(before), value(after))) == mistake


def test_an_exact_value_is_not_rounded() -> None:
    update = explain_update(value("(2w - 3)^2/2"), sym("w"), value("1.1"), lr=value("0.1"), at={"w": Fraction(1)})
    assert name(update) == "chain_factor_lost"


def test_a_weight_of_minus_one_that_is_lost() -> None:
    at = {n: Fraction(v) for n, v in dict(x=1, w1=1, b1=0, w2=-1, b2=0, t=0).items()}
    found = explain_quantity(Graph(TWO), partial(sym("E"), sym("z1")), value("0.0140"), at=at)
    assert name(found) == "next_layer_weight_lost"


def test_numbers_of_a_page() -> None:
    graph = Graph(TWO)
    at = {n: Fraction(v) for n, v in dict(x="1", w1="0.3", b1="0.1", w2="-0.7", b2="0.2", t="1", eta="0.5").items()}
    E = sym("E")
    explain = lambda of, text: name(explain_quantity(graph, of, value(text), at=at))  # noqa: E731
    a1, a2 = 0.5986876601124521, 0.44544768
    assert explain(sym("a2"), f"{1 - a2:.4f}") == "sign"
    assert explain(sym("a1"), "0.4000") == "preactivation_for_activation"
    assert explain(partial(E, sym("w2")), f"{(a2 - 1) * a1:.5f}") == "activation_derivative_lost"
    assert explain(partial(E, sym("w2")), f"{(1 - a2) * a2 * (1 - a2) * a1:.5f}") == "t_minus_a_sign"
    delta = (a2 - 1) * a2 * (1 - a2)
    new = -0.7 - 0.5 * delta * a1
    assert explain(partial(E, sym("z1")), f"{delta * new * a1 * (1 - a1):.5f}") == "updated_too_early"


def test_gradients() -> None:
    f, names = value("p^2 q + 3 q^2"), [sym("p"), sym("q")]
    explain = lambda *parts: name(explain_gradient(f, names, [value(p) for p in parts]))  # noqa: E731
    assert explain("p^2 + 6q", "2 p q") == "order"
    assert explain("2 p q", "p^2") == "term_lost"
    assert explain("-2 p q", "-p^2 - 6 q") == "sign"
    m = [sym(n) for n in ("w11", "w12", "w21", "w22")]
    square = value("(w11 p + w12 q)^2/2 + (w21 p + w22 q)^2/2")
    parts = [value(f"({a}) {b}") for b in ("p", "q") for a in ("w11 p + w12 q", "w21 p + w22 q")]
    assert name(explain_gradient(square, m, parts, rows=2)) == "transposed"


INTEGRALS = [
    ("3u^2", "u^3", "constant_of_integration_lost"),
    ("u^3", "3u^2 + C", "order"),
    ("u^3", "u^4 + C", "power_coefficient_lost"),
    ("u^3", "u^4/3 + C", "power_coefficient_lost"),
    ("u^3", "u^3/3 + C", "power_off_by_one"),
    ("cos(5u)", "sin(5u) + C", "chain_factor_lost"),
    ("sin(u)", "cos(u) + C", "sign"),
    ("u^2 + sin(u)", "u^3/3 + C", "term_lost"),
    ("1/u", "log(u) + C", "domain"),
    ("u^3", "sin(u) + C", None),
]


@pytest.mark.parametrize(("text", "answer", "mistake"), INTEGRALS)
def test_integrals(text: str, answer: str, mistake: str | None) -> None:
    assert name(explain_integral(value(text), sym("u"), value(answer))) == mistake


WHOLE = [
    ("u^3", "u^4/4", "integrated_instead"),
    ("u^3 + sin(u)", "u^3 + sin(u)", "function_not_derivative"),
    ("u^3 + sin(u)", "6u - sin(u)", "order"),
    ("u^3 - 5u^2", "3u^3 - 10u^2", "power_off_by_one"),
    ("sqrt((2u)^2)", "2", "domain"),
    ("arcsin(sin(u))", "1", "domain"),
    ("|u|", "-1", "domain"),
    ("u^2 + k", "2u + C", "constant_kept"),
    ("u^3 + sin(u)", "3u^2 + 1.5 cos(u)", "coefficient_lost"),
    ("sqrt(2) u^2", "2.83 u", "rounded_coefficient"),
    ("(u^2 + 1)/(u + 2)^3", "(u^2 + 1)/(u + 2)^3", "function_not_derivative"),
]


@pytest.mark.parametrize(("text", "answer", "mistake"), WHOLE)
def test_the_answer_as_a_whole(text: str, answer: str, mistake: str) -> None:
    assert name(derivative(text, "u", answer)) == mistake


def test_an_order_of_a_derivative() -> None:
    f = value("u^5")
    assert name(explain_derivative(f, sym("u"), value("5u^4"), order=2)) == "order"
    assert name(explain_derivative(f, sym("u"), value("5u^3"), order=2)) == "power_coefficient_lost"


def test_two_rules_at_once() -> None:
    m = derivative("sin(3u) cos(u)", "u", "-cos(3u) cos(u) - 3 sin(3u) sin(u)")
    assert m is None or m.name  # whatever is said, it is said in one sentence
    m = derivative("w2 σ(w1 p)", "w1", "w2 σ(w1 p) (1 + σ(w1 p))")
    assert m is not None
    assert "; and " in m.advice


def test_numbers_as_they_are_written() -> None:
    assert written(value("-0.50")) is not None
    assert written(value("-0.50")).unit == Fraction(1, 100)  # type: ignore[union-attr]
    assert written(value("u")) is None
    assert name(explain_number(value("(4.5 + 0.3 + 1.2)/3"), value("6.0"))) == "one_over_n_lost"
    assert name(explain_number(value("u^3 - 2u"), value("77"), wrt=sym("u"), at={"u": value("2")})) is None
    assert (
        name(explain_number(value("u^3 - 2u"), value("2"), wrt=sym("u"), at={"u": value("2")}))
        == "power_coefficient_lost"
    )


def test_it_is_quick() -> None:
    derivative("u^2", "u", "3u")
    start = time.perf_counter()
    for x, answer, *_ in CLAIMS:
        names = ("h", "o", "t", "p")
        given = {n: value(t, *names) for n, t in NET.items()}
        explain_derivative(value(LOSS, *names), sym(x), value(answer, *names), given=given)
    assert time.perf_counter() - start < len(CLAIMS)


PAGE = """
x = 1, w1 = 0.5, w2 = -1, t = 1
h = 0.4621, o = 0.3865
∂E/∂o = 0.3865 − 1 = −0.6135
δ = (0.3865 − 1) 0.3865 (1 − 0.3865) = −0.1455
∂E/∂w1 = δ (1 − 0.4621²) x = −0.1144
"""


def _answers() -> list[tuple[str, str] | None]:
    graph = Graph("h = tanh(w1 x)\no = σ(w2 h)\nE = ½(t − o)²")
    found = [derivative("w2 tanh(w1 x + b) + lam w1^2", "w1", a) for a in ("w2 x", "2 lam w1", "u^7 + 3", "-w2 x")]
    found.append(explain_rewrite(value("(u + v)^2/(u + 1)"), value("(u^2 + v^2)/(u + 1)")))
    verdicts = [check(PAGE, graph=graph), check("∂E/∂o = t − o", graph=graph)]
    return [m and (m.name, m.advice) for m in (*found, *(v.mistake for v in verdicts))]


@pytest.mark.parametrize("hurry", [1, 20])
def test_a_busy_machine_changes_no_name(monkeypatch: pytest.MonkeyPatch, hurry: int) -> None:
    expected = _answers()
    assert any(expected)
    cpu, wall = time.thread_time, itertools.count()
    monkeypatch.setattr(time, "thread_time", lambda: hurry * cpu())
    monkeypatch.setattr(time, "monotonic", lambda: 60.0 * next(wall))  # a minute between any two looks
    assert _answers() == expected


def test_a_search_ends_by_its_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    assert name(derivative("sin(u)^2", "u", "2 sin(u)"))
    monkeypatch.setattr("symnet.mistakes.STEPS", 3)
    assert derivative("sin(u)^2", "u", "2 sin(u)") is None


def test_steps_are_counted_further_out_too() -> None:
    with clock.effort(10) as outer:
        with clock.effort(6):
            clock.tick(4)
        assert outer.left == 6
        with pytest.raises(clock.OutOfTime), clock.effort(100):
            clock.tick(7)
        assert outer.left < 0
    clock.tick()  # outside nothing is counted
    with pytest.raises(clock.OutOfTime), clock.within(-1.0), clock.effort(10_000):
        for _ in range(2 * clock.LOOKS):
            clock.tick()


def test_the_same_words_in_every_run() -> None:
    code = (
        "from symnet import read; from symnet.term import sym; from symnet.mistakes import explain_derivative as e;"
        "r = lambda t: read(t).value;"
        "print([e(r('w2 tanh(w1 x + b) + lam w1^2'), sym('w1'), r(a))"
        " for a in ('w2 (1 - tanh(w1 x + b)^2) x', '(1 - tanh(w1 x + b)^2) x + 2 lam w1', 'x')])"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(runs) == 1
    assert "regulariser_lost" in runs.pop()
