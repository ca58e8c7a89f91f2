"""How formulas are shown: plain, Unicode and LaTeX, in the order in which they were written."""

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings

import symnet as sn
from symnet.errors import SizeError
from symnet.operations import apply
from symnet.reading import program, read
from symnet.render import page, rows_of
from symnet.render.latex import latex
from symnet.render.text import plain, unicode
from symnet.term import ONE, TWO, Term, add, div, fn, mul, neg, num, partial, power, prime, sym

from . import random_terms as rt

HALF = num(Fraction(1, 2))
a2, t, x, z1 = (sym(n) for n in ("a2", "t", "x", "z1"))

# a formula as it is typed → plain, Unicode, LaTeX
BOOK = [
    ("w1 x + b1", "w1*x + b1", "w1 x + b1", "w_1 x + b_1"),
    ("a2 - t", "a2 - t", "a2 − t", "a_2 - t"),
    ("½ (a2 − t)²", "1/2*(a2 - t)^2", "½ (a2 − t)²", r"\frac{1}{2} (a_2 - t)^2"),
    ("½·2 (a2 − t)", "1/2*2*(a2 - t)", "½·2 (a2 − t)", r"\frac{1}{2} \cdot 2 (a_2 - t)"),
    ("σ(z1)", "sigmoid(z1)", "σ(z1)", r"\sigma(z_1)"),
    ("σ'(z1)", "sigmoid'(z1)", "σ′(z1)", r"\sigma'(z_1)"),
    ("δ2 w2 a1 (1 − a1)", "delta2*w2*a1*(1 - a1)", "δ2 w2 a1 (1 − a1)", r"\delta_2 w_2 a_1 (1 - a_1)"),
    ("1/(1 + e^-z)", "1/(1 + exp(-z))", "1/(1 + e⁻ᶻ)", r"\frac{1}{1 + e^{-z}}"),
    ("-(t - a)", "-(t - a)", "−(t − a)", "-(t - a)"),
    ("x(x + 1)", "x*(x + 1)", "x (x + 1)", "x (x + 1)"),
    ("2x", "2*x", "2x", "2 x"),
    ("a/(b c)", "a/(b*c)", "a/(b c)", r"\frac{a}{b c}"),
    ("a/b c", "a/b*c", "a/b · c", r"\frac{a}{b} c"),
    ("x^(n+1)", "x^(n + 1)", "x^(n + 1)", "x^{n + 1}"),
    ("x^2", "x^2", "x²", "x^2"),
    ("(-x)^2", "(-x)^2", "(−x)²", "(-x)^2"),
    ("sin(x)^2", "sin(x)^2", "sin(x)²", r"\sin^2(x)"),
    ("ln(x)", "log(x)", "log(x)", r"\ln(x)"),
    ("√(x + 1)", "sqrt(x + 1)", "√(x + 1)", r"\sqrt{x + 1}"),
    ("|x|", "abs(x)", "|x|", r"\left|x\right|"),
    ("0.05 a", "0.05*a", "0.05 a", "0.05 a"),
    ("1[z > 0]", "step(z)", "1[z > 0]", r"\mathbf{1}[z > 0]"),
    ("∂E/∂a2·∂a2/∂z2", "Partial(E, a2)*Partial(a2, z2)", "∂E/∂a2 · ∂a2/∂z2",
     r"\frac{\partial E}{\partial a_2} \cdot \frac{\partial a_2}{\partial z_2}"),
    ("dE/dw1", "dE/dw1", "dE/dw1", r"\frac{dE}{dw_1}"),
    ("f·(x + 1)", "f*(x + 1)", "f·(x + 1)", r"f \cdot (x + 1)"),
    ("max(0, x)", "max(0, x)", "max(0, x)", r"\max(0, x)"),
    ("1 if x > 0 else 0", "Piecewise((1, x > 0), (0, True))", "(1 if x > 0 else 0)",
     r"\begin{cases} 1 & \text{if } x > 0 \\ 0 & \text{otherwise} \end{cases}"),
    ("⟨1, x⟩", "[1, x]", "⟨1, x⟩", r"\left\langle 1, x \right\rangle"),
]  # fmt: skip

SHAPES = "X: n x d, w: d, y: n, S: n x n, W: d x k"
ARRAYS = [
    ("X*w - y", "X*w - y", "X w − y", "X w - y"),
    ("2*X'*(X*w - y)/n", "2*X'*(X*w - y)/n", "2 Xᵀ (X w − y)/n", r"\frac{2 X^\top (X w - y)}{n}"),
    ("(X*w - y).^2", "(X*w - y).^2", "(X w − y)⊙²", r"(X w - y)^{\odot 2}"),
    ("y.*(1 - y)", "y .* (1 - y)", "y ⊙ (1 − y)", r"y \odot (1 - y)"),
    ("norm2(w)^2", "norm2(w)^2", "‖w‖²", r"\lVert w \rVert^2"),
    ("inv(S)*y", "inv(S)*y", "S⁻¹ y", "S^{-1} y"),
    ("ones(n)*w'", "ones(n)*w'", "ones(n) wᵀ", r"\mathbf{1}_{n} w^\top"),
    ("tr(S)", "tr(S)", "tr(S)", r"\operatorname{tr}(S)"),
    ("y./exp(y)", "y ./ exp(y)", "y ⊘ eʸ", r"y \oslash e^{y}"),
]


@pytest.mark.parametrize(("text", "ascii_", "shown", "tex"), BOOK, ids=[row[0] for row in BOOK])
def test_book(text: str, ascii_: str, shown: str, tex: str) -> None:
    found = read(text).value
    assert (plain(found), unicode(found), latex(found)) == (ascii_, shown, tex)
    assert read(shown).value is found


@pytest.mark.parametrize(("text", "ascii_", "shown", "tex"), ARRAYS, ids=[row[0] for row in ARRAYS])
def test_arrays(text: str, ascii_: str, shown: str, tex: str) -> None:
    found = program(text, SHAPES).lines[0].value
    assert (plain(found), unicode(found), latex(found)) == (ascii_, shown, tex)


def test_order_and_brackets_are_kept() -> None:
    assert str(mul(mul(x, t), a2)) == "(x*t)*a2"
    assert str(add(x, add(t, a2))) == "x + (t + a2)"
    assert str(add(x, neg(neg(t)))) == "x - (-t)"
    assert str(power(power(x, TWO), TWO)) == "(x^2)^2"
    assert str(div(div(x, t), a2)) == "x/t/a2"
    assert str(div(x, div(t, a2))) == "x/(t/a2)"
    assert str(mul(neg(x), t)) == "(-x)*t"
    assert str(div(ONE, TWO)) == "1/(2)" and str(HALF) == "1/2"


def test_numbers() -> None:
    assert str(num(Fraction(1, 20), ".")) == "0.05"
    assert str(num(Fraction(1, 3), ".")) == "1/3"
    assert num(Fraction(3, 4)).text() == "¾"
    assert num(Fraction(2, 7)).latex() == r"\frac{2}{7}"
    assert num(10, ".").latex() == "10.0"
    assert str(mul(TWO, sym("e1"))) == "2*e1" and mul(TWO, sym("e1")).text() == "2 e1"


def test_a_name_that_is_a_constant_elsewhere() -> None:
    assert sym("pi").latex() == r"\pi" and sym("pi", (), ("constant",)).latex() == r"\pi"
    assert sym("oo", (), ("constant",)).latex() == r"\infty"


def test_forbidden_forms_never_appear() -> None:
    shown = latex(prime("sigmoid", z1)) + latex(fn("sigmoid", z1)) + latex(neg(t) + a2) + latex(partial(a2, z1))
    assert not any(word in shown for word in (r"\xi", "Subs", "Lambda", "cosh", "Piecewise"))


def test_size_is_refused_before_printing() -> None:
    big = x
    for _ in range(40):
        big = big + big * t
    for show in (plain, unicode, latex):
        with pytest.raises(SizeError, match="nodes written out"):
            show(big)


def test_a_deep_formula_prints() -> None:
    deep: Term = x
    for _ in range(1_200):
        deep = fn("tanh", deep)
    for show in (plain, unicode, latex):
        assert "x" in show(deep)


def test_every_operation_of_the_table_prints(katex) -> None:
    s, u, n = sym("S", ("n", "n")), sym("u", ("n",)), sym("n", (), ("dimension",))
    arguments = {"ones": (n,), "zeros": (n, n), "eye": (n,), "kron": (s, s), "max": (u, u), "min": (u, u)}
    from symnet.operations import TABLE

    arguments["diag"] = (u,)
    unary = [name for name, row in TABLE.items() if name in arguments or 1 in row.arity]
    shown = [latex(apply(name, *arguments.get(name, (s,)))) for name in unary]
    assert katex(shown) == [None] * len(shown)


def test_katex_renders_the_book(katex) -> None:
    shown = [row[3] for row in BOOK + ARRAYS]
    assert katex(shown) == [None] * len(shown)


@settings(max_examples=400, suppress_health_check=list(HealthCheck), deadline=None)
@given(rt.scalars)
def test_unicode_reads_back_as_well(t: Term) -> None:
    """Not promised of every Term, but no reading may differ silently: it is the same Term or it is refused."""
    from symnet.errors import SymnetError

    try:
        again = read(t.text()).value
    except SymnetError:
        return
    assert again is t or str(again).replace("(", "").replace(")", "") == str(t).replace("(", "").replace(")", "")


def test_katex_renders_random_formulas(katex) -> None:
    from random import Random

    seen: list[str] = []

    @settings(max_examples=300, suppress_health_check=list(HealthCheck), deadline=None)
    @given(rt.scalars)
    def collect(t: Term) -> None:
        seen.append(latex(t))

    collect()
    Random(1).shuffle(seen)
    assert set(katex(seen[:300])) == {None}


# what binds a letter, as people write it where the signs exist
BOUND = [
    ("∫₀¹ x² dx", "∫₀¹ x² dx"), ("∫_{-1}^{20} 2x cos(x²) dx", "∫₋₁²⁰ 2x cos(x²) dx"), ("∫_a^b f(x) dx", "∫ₐᵇ f(x) dx"),
    ("∫_0^∞ exp(-x) dx", "∫₀^∞ e⁻ˣ dx"), ("∫_0^{2π} x dx", "∫₀^{2π} x dx"),
    ("∫_{w1}^{a + 1} x dx", "∫_w1^{a + 1} x dx"),
    ("∫ (x² + 1) dx", "∫ (x² + 1) dx"), ("∫ -x dx", "∫ (−x) dx"), ("∫ d x dx", "∫ (d x) dx"), ("∫ dx/x", "∫ 1/x dx"),
    ("∫ x dx/2 + 1", "∫ x dx/2 + 1"), ("x ∫ x dx", "x · ∫ x dx"), ("∫ (∫ x y dx) dy", "∫ (∫ x y dx) dy"),
    ("lim_{x → ∞} 1/x", "lim(x→∞) 1/x"), ("lim_{h → 0^+} log h", "lim(h→0⁺) log(h)"),
    ("lim_{x→-oo} e^x", "lim(x→−∞) eˣ"),
    ("lim_{x → a+1} (x² − 1)", "lim(x→a + 1) (x² − 1)"), ("Σ_{i=1}^{n} y_i", "Σᵢ₌₁ⁿ y[i]"),
    ("Σ_{k=0}^{10} k²", "Σₖ₌₀¹⁰ k²"), ("Σ_{i=1}^{m+1} i", "Σᵢ₌₁^{m + 1} i"), ("Σ_{i=π}^{n} i²", "Σ_{i=π}ⁿ i²"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "shown"), BOUND, ids=[t for t, _ in BOUND])
def test_integrals_limits_and_sums_in_unicode(text: str, shown: str) -> None:
    t = read(text).value
    assert t.text() == shown
    assert read(shown).value is t


def test_pdf_rows_begin_with_their_relation() -> None:
    """Each side is a part that no line break divides, and the cells of a row share a baseline."""
    pytest.importorskip("tylax")
    from symnet.render.pdf import document

    d = sn.derive("r = X w - y; L = r' r/n", shapes="X: n x d, w: d, y: n")
    source = document(rows_of(d, "chain", {}))
    rows = [line for line in source.splitlines() if line.startswith("  [#level")]
    assert len(rows) == len(rows_of(d, "chain", {}).rows)
    for line in rows:
        assert line.count("#level[") == 3 and "#part[$zws = " in line
    assert "= $" not in source


def test_sizes_are_names_in_the_heading() -> None:
    d = sn.derive("r = X w - y; L = r' S r", "w", shapes="X: n1 x d, w: d, y: n1, S: n1 x n1 symmetric")
    assert "with respect to $w$ ($d$)" in page(d, "tex")
    assert "$S$ ($n_1$$\\times$$n_1$, symmetric)" in page(d, "tex")
