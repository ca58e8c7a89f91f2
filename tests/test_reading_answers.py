"""Answers as people type them: words, labels, frames, bars, primes and intervals around the mathematics."""

import random
import re
import time
from pathlib import Path

import pytest
import sympy as sp

import symnet as sn
from symnet.bridge import from_sympy
from symnet.errors import SymnetError
from symnet.reading import read
from symnet.term import Term, fn, num, sym

from . import fuzz_reading
from .typed_answers import ANSWERS

x, y, f, g, n = (sym(c) for c in "xyfgn")


@pytest.mark.parametrize(("typed", "meaning"), ANSWERS, ids=[a[0] for a in ANSWERS])
def test_answer(typed: str, meaning: str | None) -> None:
    if meaning is None:
        with pytest.raises(SymnetError):
            read(typed)
        return
    found = read(typed)
    wanted = [read(part) for part in meaning.split("; ")]
    assert [s.sides for s in found.statements] == [s.sides for s in wanted]
    assert [s.relations for s in found.statements] == [s.relations for s in wanted]


def test_there_are_many() -> None:
    assert len(ANSWERS) > 700
    assert sum(meaning is None for _, meaning in ANSWERS) < 60


PAGE = Path(__file__).parent.parent / "docs" / "notation.md"
TABLE = [
    tuple(cell.replace("\\|", "|") for cell in row.groups())
    for row in re.finditer(r"^\| `(.+)` \| `(.+)` \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
]


@pytest.mark.parametrize(("typed", "meaning"), TABLE)
def test_the_page_about_notation(typed: str, meaning: str) -> None:
    assert str(read(typed)) == meaning


@pytest.mark.parametrize("typed", ["0,5x", "2 1/2", "1½", "50%", "30°", "f∘g", "n!", "x ∈ (0, 1)", "softmax(z)_i"])
def test_what_the_page_says_is_refused(typed: str) -> None:
    with pytest.raises(SymnetError):
        read(typed)


# ---------------------------------------------------------------------------------------------------- said, not silent
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Answer: 4u", "the words `Answer:` are skipped"),
        ("the derivative of g is 4u", "the words `the derivative of g is` are skipped"),
        ("u is about 0.7", "`is about` is read as ≈"),
        ("u = 5 (max)", "the words `(max)` are skipped"),
        ("m u, where m is the mass", "the words `where m is the mass` are skipped"),
        ("u^3|_{u=2}", "the bar is read as the value of `u^3` there"),
        ("(gh)'", "g, h are functions of x here"),
        ("‖u‖", "‖ ‖ of a number is its absolute value; declare a vector by its shape"),
        ("gu = 3", "`gu` is read as the product g·u"),
        ("0.618...", "the dots behind a decimal are left out"),
    ],
)
def test_what_is_left_out_or_chosen_is_said(typed: str, said: str) -> None:
    assert said in read(typed).notes


@pytest.mark.parametrize(
    ("typed", "meaning"),
    [  # words that are names keep their meaning
        ("answer^2", "answer^2"), ("slope*u + root", "slope*u + root"), ("minimum = 3", "minimum = 3"),
        ("step(u)", "step(u)"), ("local*u", "local*u"), ("I*u", "I*u"), ("I(u + 1)", "I*(u + 1)"),
        ("1(u + 2)", "1*(u + 2)"),
        ("[u + 1]v", "(u + 1)*v"), ("u is", None), ("yes", None), ("root 2", "root*2"), ("integral of u", None),
        ("derivative of u^2", None), ("the roots are 2 and 3", "{2, 3}"), ("u and v", None),
        ("w1 (new) = 3", "w1_new = 3"),
        ("Setting g'(u) = 0 gives u = 2", "g'(u) = 0"), ("6u by the power rule", "6*u"), ("6u (chain rule)", "6*u"),
        ("6u, using the chain rule", "6*u"), ("v⁺ = 3", "v^{+} = 3"), ("u by v", None),
        ("global u", None), ("(a)(b)", "a*b"),
        ("(u) v", "u*v"), ("|u|v|w|", "abs(u)*v*abs(w)"), ("|3||u|", "abs(3)*abs(u)"),
        ("det(A)/det(B)", "det(A)/det(B)"), ("diff(u^2, u)/diff(v^2, v)", "diff(u^2, u)/diff(v^2, v)"),
        ("log1p(u)", "log(1 + u)"), ("asec u", "acos(1/u)"),
        ("u != 3", "u != 3"), ("u@v", "u*v"), ("i u", "i*u"), ("a u", "a*u"), ("so i u", "i*u"),
        ("the solution of u^2 = 4 is u = 2", "u = 2"), ("the value of u is 3", "3"), ("the value of u = 3", "u = 3"),
        ("the root is u = 5", "u = 5"), ("the limit of u as v → 0 is 1", "1"), ("(3) 2u", "3*2*u"),

    ],
)  # fmt: skip
def test_words_and_signs_that_stay(typed: str, meaning: str | None) -> None:
    if meaning is None:
        with pytest.raises(SymnetError):
            read(typed)
    else:
        assert read(typed).sides == read(meaning).sides


def test_declared_names_are_no_prose() -> None:
    assert str(read("answer b", names="answer b").value) == "answer*b"
    assert str(read("I[u]", names="I u").value) == "I*u"


# ------------------------------------------------------------------------------------------------------ lines and sides
def test_lines_that_begin_with_their_relation_make_a_chain() -> None:
    chain = read(r"\begin{aligned} E &= \frac{1}{2}(a - t)^2 \\ &= \frac{1}{2} \cdot 9 \\ &\approx 4.5 \end{aligned}")
    assert chain.relations == ("=", "=", "≈")
    assert str(chain.value) == "4.5"
    assert len(read("u = 1 \\\\ v = 2").statements) == 2


# -------------------------------------------------------------------------------------------------------------- numbers
@pytest.mark.parametrize(
    ("typed", "shown"),
    [("2.310", "2.310"), ("4.70e-3", "0.00470"), ("1.0", "1.0"), ("3.20·10^{-2}", "3.20*10^(-2)"), ("0.50", "0.50")],
)
def test_a_decimal_keeps_the_digits_that_were_written(typed: str, shown: str) -> None:
    assert str(read(typed)) == shown


@pytest.mark.parametrize(("typed", "value"), [("4!", 24), ("2^3!", 64), ("0!", 1), ("20!", 2432902008176640000)])
def test_factorials(typed: str, value: int) -> None:
    assert sp.sympify(read(typed).value) == value


# ---------------------------------------------------------------------------------------------------- there and back
@pytest.mark.parametrize(
    "term",
    [
        Term("partial", (f, sym("x'")), "∂"), Term("partial", (sym("f'"), sym("x")), "∂"),
        Term("partial", (sym("E_total"), sym("w1_11")), "∂"), Term("partial", (sym("y'"), x), "d"),
        Term("apply", (n + 1,), "n"), Term("apply", (n,), "n"), Term("apply", (y * 2,), "w1"),
        Term("apply", (x,), "loss"), Term("applyprime", (x, y), ("f", (1, 0))),
        Term("applyprime", (x, y), ("f", (1, 2))),
        Term("limit", (fn("log", x), x, num(0), num(1))), Term("limit", (x, x, y, num(-1))),
        Term("vector", (Term("vector", (x, y), None, (2,)), Term("vector", (f, g), None, (2,))), None, (2, 2)),
        fn("floor", x / 2), fn("ceil", x + 1), sym("x_nm1"), sym("Pi_i"), sym("w_{a+b}"),
    ],
    ids=str,
)  # fmt: skip
def test_printed_and_read_back(term: Term) -> None:
    assert read(str(term)).value is term
    assert read(term.latex()).value is term


def test_matrices_and_limits_in_sympy() -> None:
    entries = read(r"\begin{pmatrix} 2 & x \\ 0 & 1 \end{pmatrix}").value
    symbol = sp.Symbol("x")
    assert sp.sympify(entries) == sp.ImmutableMatrix([[2, symbol], [0, 1]])
    assert from_sympy(sp.Matrix([[2, symbol], [0, 1]])) is entries
    assert sp.sympify(read("lim x->0 |x|/x").value) == sp.Limit(sp.Abs(symbol) / symbol, symbol, 0, dir="+-")
    assert sp.sympify(read(r"\lim_{x \to 0^-} |x|/x").value) == sp.Limit(sp.Abs(symbol) / symbol, symbol, 0, dir="-")
    assert sp.sympify(read("⌈x⌉").value) == sp.ceiling(symbol)


def test_the_value_at_a_point_is_a_limit_at_infinity() -> None:
    value = sp.sympify(read(r"\left[ -e^{-2x} \right]_0^\infty").value)
    assert value.doit() == 1


# -------------------------------------------------------------------------------------------------------------- hostile
@pytest.mark.parametrize(
    "text",
    [
        "|2" * 2_000 + "x", "if " * 3_000, "$x" * 3_000, "where x is the " * 600, "**" * 4_000,
        "\\prod_{i=1}^{50}" * 5 + "x", "5000!" * 100, "the " * 2_000 + "x", "Answer: " * 1_000, "(a) " * 2_000,
        "||a" * 2_000, "\\boxed{" * 1_000, "…" * 5_000, "0.3..." * 1_000, "0<" * 3_000 + "x", "[z>0]" * 900,
        "⌊" * 3_000, "(" * 90 + "x" + ")'" * 90, "x" + "|_{x=x+x}" * 300, "(" * 60 + "x" + ")|_{x=x*x}" * 60,
    ],
    ids=range(20),
)  # fmt: skip
def test_heavy_texts_end_soon(text: str) -> None:
    begin = time.perf_counter()
    try:
        read(text)
    except sn.SymnetError as refusal:
        assert len(str(refusal)) <= 300
    assert time.perf_counter() - begin < 3


def test_words_around_random_texts_never_crash() -> None:
    rng = random.Random(31)
    around = ["the answer is {}", "So, {}.", "Answer: {}", "\\boxed{{{}}}", "{} for all x", "x is {}", "{} (min)",
              "**{}**"]  # fmt: skip
    for _ in range(400):
        text = rng.choice(around).format(fuzz_reading.text(rng))
        try:
            read(text)
        except SymnetError as refusal:
            assert len(str(refusal)) <= 300


@pytest.mark.parametrize(
    ("typed", "meaning"),
    [
        ("sigmoid_prime(z)", "σ'(z)"),
        ("2σ_prime(z) + 1", "2σ'(z) + 1"),
        ("\\sigma_{prime}(z)", "σ'(z)"),
        ("relu_grad(x)", "relu'(x)"),
        ("tanh_derivative(2x)", "tanh'(2x)"),
        ("sigmoid_deriv^2(z)", "σ'(z)^2"),
        ("d_tanh(z)", "tanh'(z)"),
        ("w dsigmoid(z)", "w σ'(z)"),
        ("f_prime(x)", "f'(x)"),
        ("log_2(x)", "log(x)/log(2)"),
        ("dsigmoid(z)/dz", "d/dz σ(z)"),
        ("dsin(x)", "d sin(x)"),
    ],
)
def test_a_function_with_an_index_is_its_derivative(typed: str, meaning: str) -> None:
    assert read(typed).sides == read(meaning).sides


@pytest.mark.parametrize("typed", ["sin_2(x)", "tanh_inv(x)", "cos_deg(x)", "exp_k(x)", "sqrt_3 (x)", "lg_2(x)",
                                   "sigmoid_new(x)", "tanh₂(x)", "softmax'(x)", "sigmoid_prime_prime(x)"])  # fmt: skip
def test_no_index_of_a_function_is_passed_over(typed: str) -> None:
    with pytest.raises(SymnetError, match=r"not a function|not read"):
        read(typed)
