"""A phrase book of the notation that is read, with the meaning in plain notation."""

import sys
import time
from dataclasses import FrozenInstanceError
from subprocess import run

import pytest

from symnet.errors import ReadError, ShapeError, SymnetError
from symnet.reading import program, read, read_shapes
from symnet.term import Term, fold

from .textbook_formulas import FORMULAS

PLAIN = [
    # products, written and unwritten
    ("3 u", "3*u"), ("u·3", "u*3"), ("3 × u", "3*u"), ("pq", "p*q"), ("uvw", "u*v*w"), ("u(u - 4)", "u*(u - 4)"),
    ("(u)(v)", "u*v"), ("2(3)", "2*3"), ("e^u(3u + v)", "exp(u)*(3*u + v)"), ("vsin(u)", "v*sin(u)"), ("w3u", "w3*u"),
    ("w2a1(1 - a1)", "w2*a1*(1 - a1)"), ("2πr", "2*pi*r"), ("prediction target_1", "prediction*target1"),
    # from left to right, from right to left
    ("1/3u", "1/3*u"), ("p/qr", "p/q*r"), ("a/b/c", "a/b/c"), ("-u^2", "-u^2"), ("3^2^4", "3^(2^4)"),
    ("a - b - c", "a - b - c"),
    ("a*-b", "a*(-b)"), ("--u", "-(-u)"), ("2^-3", "2^(-3)"), ("u^3v", "u^3*v"), ("e^3u", "exp(3)*u"), ("6/4", "6/4"),
    ("3/4", "3/4"),
    # numbers
    ("0.05", "0.05"), (".5u", "0.5*u"), ("3.2e-4", "0.00032"), ("2e3", "2000"), ("½u", "1/2*u"), ("⅔", "2/3"),
    ("10⁻³", "10^(-3)"),
    # powers and roots
    ("u²v³", "u^2*v^3"), ("u**3", "u^3"), ("e⁻ᵘ", "exp(-u)"), ("e**(-3*v)", "exp(-3*v)"), ("√7", "sqrt(7)"),
    ("√(u² + 1)", "sqrt(u^2 + 1)"),
    ("∛u", "u^(1/3)"), ("u^{n+1}", "u^(n + 1)"),
    # functions
    ("sinu", "sin(u)"), ("sin 3u", "sin(3*u)"), ("sin u v", "sin(u)*v"), ("sin^2 u", "sin(u)^2"), ("cos²u", "cos(u)^2"),
    ("sin u^2", "sin(u^2)"),
    ("sin(u)^2", "sin(u)^2"), ("sinucosu", "sin(u)*cos(u)"), ("tan^-1(u)", "atan(u)"), ("arcsin u", "asin(u)"),
    ("ln u", "log(u)"), ("ln3", "log(3)"),
    ("lnu^2", "log(u^2)"), ("log_2 u", "log(u)/log(2)"), ("log10(u)", "log(u)/log(10)"), ("lg u", "log(u)/log(10)"),
    ("ln|u|", "log(abs(u))"),
    ("σ(u)", "sigmoid(u)"), ("sigma(u)", "sigmoid(u)"), ("logistic(u)", "sigmoid(u)"), ("σ′(u)", "sigmoid'(u)"),
    ("tanh''(u)", "tanh''(u)"),
    ("swish(u)", "silu(u)"), ("max(0, u, v)", "max(0, u, v)"), ("exp u", "exp(u)"), ("tanh u", "tanh(u)"),
    ("Heaviside(u)", "step(u)"),
    ("f(u)", "f(u)"), ("g(f(u))", "g(f(u))"), ("f(u, v)", "f(u, v)"), ("h(1 - h)", "h*(1 - h)"), ("f'(u)", "f'(u)"),
    ("f^-1(u)", "inv_f(u)"),
    ("y(t)", "y(t)"), ("p(1 - p)", "p*(1 - p)"), ("error(1 - error)", "error*(1 - error)"),
    # bars, brackets, vectors, sets
    ("|u - 3|", "abs(u - 3)"), ("||u| - 1|", "abs(abs(u) - 1)"), ("3|u| + |v|", "3*abs(u) + abs(v)"),
    ("‖u‖²", "abs(u)^2"), ("⟨u, 2⟩", "[u, 2]"),
    ("<u, 2>", "[u, 2]"), ("[u, 2]ᵀ", "[u, 2]"), ("[[1, 2], [3, u]]", "[[1, 2], [3, u]]"), ("{1, u}", "{1, u}"),
    ("5, u", "{5, u}"), ("3 +- √u", "pm(3, sqrt(u))"),
    # names
    ("w₁", "w1"), ("w_{1}", "w1"), ("η δ2 a1", "eta*delta2*a1"), ("lam w²", "lambda*w^2"),
    ("net_h2 + out", "net_h2 + out"), ("ŷ − y", "yhat - y"),
    ("Δw1 + 1", "Deltaw1 + 1"), ("∇f", "nabla_f"), ("e1 + e", "e1 + e"), ("loss_0", "loss0"), ("x_{n+1}", "x_np1"),
    ("u'", "u'"), ("lr g", "lr*g"),
    # derivatives
    ("dL/dw", "dL/dw"), ("∂L/∂w1", "Partial(L, w1)"), ("d(loss)/d(a2)", "dloss/da2"), ("d/du(u^3)", "diff(u^3, u)"),
    ("d/du u^3 + 1", "diff(u^3, u) + 1"),
    ("d²y/dt²", "diff(y, t, 2)"), ("∂²f/∂u∂v", "diff(Partial(f, v), u)"), ("(u^2)'", "diff(u^2, u)"),
    ("D_u f", "df/du"), ("f'u(u, v)", "Partial(f, u)"),
    ("(dy)/(du)", "dy/du"), ("d/dusinu", "diff(sin(u), u)"), ("alpha dW", "alpha*dW"),
    ("dL/da·da/dz", "dL/da*da/dz"), ("diff(u^4, u, 3)", "diff(u^4, u, 3)"),
    ("d/du 3/u", "diff(3/u, u)"), ("d/du u/(u - 2)", "diff(u/(u - 2), u)"), ("d/du ln u/u", "diff(log(u)/u, u)"),
    ("d/du (u - 1)/(u + 4)", "diff((u - 1)/(u + 4), u)"), ("d/du (u - 1)(u + 4)", "diff((u - 1)*(u + 4), u)"),
    ("d/du u^2·cos u", "diff(u^2*cos(u), u)"), ("d/du(u^3)·2u", "diff(u^3, u)*2*u"), ("d/du of u^3", "diff(u^3, u)"),
    ("d/dv L · dv/du", "dL/dv*dv/du"), ("dcosu/du", "diff(cos(u), u)"), ("dg(u)/du", "diff(g(u), u)"),
    ("du^3/du", "diff(u^3, u)"), ("d e^u/du", "diff(exp(u), u)"), ("d ln u/du", "diff(log(u), u)"),
    ("d|u|/du", "diff(abs(u), u)"), ("δL/δu", "Partial(L, u)"), ("g'^3(u)", "g'(u)^3"),
    # sequences of words and digits
    ("Σ_k w_kx_k", "Sum(w[k]*x[k], (k, 1, n))"), ("Σ_{j=1}^m a_jb_jc_j", "Sum(a[j]*b[j]*c[j], (j, 1, m))"),
    ("m(m + 1)/2", "m*(m + 1)/2"), ("n(n - 1)u^{n-2}", "n*(n - 1)*u^(n - 2)"), ("k(n + 1)", "k*(n + 1)"),
    ("w_34u", "w34*u"), ("u_12 v_1 + u_13v_2", "u12*v1 + u13*v2"), ("vcos3", "v*cos(3)"), ("vsin3u", "v*sin(3*u)"),
    ("uln5", "u*log(5)"), ("sgn v", "sign(v)"), ("pow(v, 3)", "v^3"), ("eps + 1", "eps + 1"), ("piv^2", "pi*v^2"),
    ("(1 + q)^T", "(1 + q)^T"), ("v = u + at", "v = u + a*t"), ("w_{c+d}", "w_{c+d}"), ("a_{1x}", "a_{1x}"),
    ("{u, u>0; 0, u<=0}", "Piecewise((u, u > 0), (0, u <= 0))"), ("A^{-T}", "(A^(-1))^T"),
    ("(d/du)(u^3)", "diff(u^3, u)"), ("∂L/∂v ∂v/∂u", "Partial(L, v)*Partial(v, u)"), ("1_{u>0}", "step(u)"),
    ("v^2 + 2as", "v^2 + 2*a*s"), ("3u.", "3*u"), ("g^{''}(u)", "g''(u)"), ("w2(t)", "apply(w2, t)"),
    ("gelu_tanh(u)", "gelu_tanh(u)"), ("w3 (t + 1)", "w3*(t + 1)"),
    # sums, integrals, limits
    ("Σ_{k=1}^{m} x_k w_k + b", "Sum(x[k]*w[k], (k, 1, m)) + b"), ("Σᵢ (yᵢ − tᵢ)²", "Sum((y[i] - t[i])^2, (i, 1, n))"),
    ("Σ x_k w_k", "Sum(x[k]*w[k], (k, 1, n))"),
    ("int 3u du", "Integral(3*u, u)"), ("Σ_j e_total w_j", "Sum(e_total*w[j], (j, 1, n))"),
    ("∫ 3u du", "Integral(3*u, u)"), ("∫_0^2 u² du", "Integral(u^2, (u, 0, 2))"), ("∫ du/u", "Integral(1/u, u)"),
    ("lim h→0 f(h)/h", "Limit(f(h)/h, h, 0)"),
    ("(f(u + h) - f(u))/h as h → 0", "Limit((f(u + h) - f(u))/h, h, 0)"),
    # cases
    ("1 if u > 0 else 0", "Piecewise((1, u > 0), (0, True))"),
    ("2 for u>0, 3 for u<0", "Piecewise((2, u > 0), (3, u < 0))"), ("1[u > 0]", "step(u)"),
    ("1[u ≥ 2]", "Piecewise((1, u >= 2), (0, True))"),
    ("Piecewise((u, u > 0), (0, True))", "Piecewise((u, u > 0), (0, True))"),
]  # fmt: skip

LATEX = [
    (r"\frac{1}{2}\left(a_2 - t\right)^2", "1/2*(a2 - t)^2"), (r"\frac12 u", "1/2*u"), (r"\frac{u}{2}", "u/2"),
    (r"\dfrac{du}{dv}", "du/dv"),
    (r"\frac{\partial L}{\partial w_{12}}", "Partial(L, w12)"), (r"\frac{d}{du} u^3", "diff(u^3, u)"),
    (r"\frac{d^2y}{du^2}", "diff(y, u, 2)"),
    (r"\frac{\partial}{\partial u}(u v)", "diff(u*v, u)"), (r"\frac{\mathrm{d}y}{\mathrm{d}u}", "dy/du"),
    (r"\frac{df(u)}{du}", "diff(f(u), u)"),
    (r"\sqrt{u}", "sqrt(u)"), (r"\sqrt[4]{u}", "u^(1/4)"), (r"\sqrt 2", "sqrt(2)"), (r"e^{-u}", "exp(-u)"),
    (r"\exp\left(-u\right)", "exp(-u)"),
    (r"\exponentialE^{-u}", "exp(-u)"), (r"\sin^2 u", "sin(u)^2"), (r"\sin 2\pi u", "sin(2*pi*u)"),
    (r"\cos^{-1} u", "acos(u)"), (r"\log_{10} u", "log(u)/log(10)"),
    (r"\ln\left|u\right|", "log(abs(u))"), (r"\max\{0, u\}", "max(0, u)"),
    (r"\operatorname{softplus}(u)", "softplus(u)"), (r"\mathrm{ReLU}(u)", "relu(u)"),
    (r"\sigma'(z_1^{(2)})", "sigmoid'(z2_1)"), (r"\hat{y}_i", "yhat_i"), (r"\hat y^{(k)}", "yhat^{(k)}"),
    (r"\mathbf{w}^\top \mathbf{x}", "w^T*x"), (r"\eta X^TX w", "eta*X^T*X*w"), (r"\eta A^Tb_1", "eta*A^T*b1"),
    (r"\delta_j^l", "delta_j_l"), (r"w^{(3)}_{21}", "w3_21"), (r"a^{[2]}", "a^{(2)}"), (r"\text{net}_{h1}", "net_h1"),
    (r"w_{\text{bias}}", "w_bias"),
    (r"\eta x_kw_k", "eta*x_k*w_k"), (r"\eta mx_i", "eta*m*x_i"), (r"\Delta w", "Deltaw"),
    (r"\nabla_w L", "nabla_L_wrt_w"), (r"\lVert u \rVert_2^2", "abs(u)^2"),
    (r"\sum_{i=1}^{n}(y_i - \hat y_i)^2", "Sum((y[i] - yhat[i])^2, (i, 1, n))"),
    (r"\sum_{j} w_{ij} x_j", "Sum(w[i, j]*x[j], (j, 1, n))"),
    (r"\int_0^1 u^2\,du", "Integral(u^2, (u, 0, 1))"), (r"\int \frac{du}{u}", "Integral(1/u, u)"),
    (r"\int u \differentialD u", "Integral(u, u)"),
    (r"\lim_{h\to 0}\frac{f(u+h)-f(u)}{h}", "Limit((f(u + h) - f(u))/h, h, 0)"),
    (r"\lim_{u \to \infty} e^{-u}", "Limit(exp(-u), u, oo)"),
    (r"\begin{cases} u & u > 0 \\ 0 & \text{otherwise} \end{cases}", "Piecewise((u, u > 0), (0, True))"),
   
    (
        r"\begin{cases} 0, & \text{if } u < 0 \\ 1, & \text{if } u \ge 0 \end{cases}",
        "Piecewise((0, u < 0), (1, u >= 0))",
    ),
    (r"\left\{ \begin{array}{ll} 0 & u < 0 \\ u & u \geq 0 \end{array} \right.", "Piecewise((0, u < 0), (u, u >= 0))"),
    (r"\mathbb{1}(u \ge v)", "Piecewise((1, u >= v), (0, True))"), (r"\mathbf{1}_{u > 0}", "step(u)"),
    (r"A^{[1]T} x", "A^{(1)}^T*x"), (r"u \hspace{1in} v", "u*v"), (r"\zeta^{-1}(u)", "inv_zeta(u)"),
    (r"\begin{pmatrix} u \\ 2v \end{pmatrix}", "[u, 2*v]"),
    (r"\begin{bmatrix} 1 & u \\ v & 2 \end{bmatrix}", "[[1, u], [v, 2]]"),
    (r"\left\langle u, v \right\rangle", "[u, v]"), (r"\left\{ 1, 2 \right\}", "{1, 2}"), (r"{u \over v}", "u/v"),
    (r"u \,\cdot\, v", "u*v"), (r"\mathbf{1}[u > 0]", "step(u)"),
    (r"$u^2$", "u^2"), (r"\( u \)", "u"), (r"\begin{align} u + 1 \end{align}", "u + 1"), (r"\mathcal{L}", "L"),
    (r"5 \times 10^{-2}", "5*10^(-2)"),
    (r"\frac{d}{du} u^3 \cdot \cos u", "diff(u^3*cos(u), u)"),
    (r"\sum_j w_{jo}\delta_j", "Sum(w[j, o]*delta[j], (j, 1, n))"),
    (r"\sum_{c=1}^{m} t_{q,c}\ln p_{q,c}", "Sum(t[q, c]*log(p[q, c]), (c, 1, m))"),
    (r"\sum_{k=0}^{m} \gamma^k r_{t+k+1}", "Sum(gamma^k*r[t + k + 1], (k, 0, m))"),
    (r"g^{\prime}(u)", "g'(u)"), (r"g^\prime(u)", "g'(u)"), (r"\frac u3", "u/3"), (r"3u \tag{2}", "3*u"),
    (r"u^{{T}}", "u^(T)"), (r"u \mbox{ if } u > 0", "Piecewise((u, u > 0))"), (r"u~\cdot~v", "u*v"),
    (r"\operatorname{hard\,tanh}(u)", "hard_tanh(u)"), (r"\operatorname{GELU}_{\tanh}(u)", "gelu_tanh(u)"),
]  # fmt: skip

STATEMENTS = [
    ("y' = 3u^2 = 0", "y' = 3*u^2 = 0"), ("u ≈ 0.4", "u ~= 0.4"), ("w ← w − η g", "w <- w - eta*g"),
    ("w -= g", "w <- w - g"), ("u := 3", "u := 3"),
    ("u = 1 or u = 4", "u = {1, 4}"), ("u = 2, (3 ± √7)/2", "u = {2, pm(3, sqrt(7))/2}"), ("= 3u", "3*u"),
    ("w3+ = 0.4", "w3^{+} = 0.4"),
    ("w2(t+1) = w2(t) − η g", "apply(w2, t + 1) = apply(w2, t) - eta*g"), ("dy = 2u du", "dy/du = 2*u"),
    ("Let k = a(1 - a)", "k = a*(1 - a)"),
    ("none, it only falls", "none"), ("no stationary points", "none"), (r"\varnothing", "none"),
    ("u = 2 and u = -3", "u = {2, -3}"), ("u = 0.20 + 0.1", "u = 0.20 + 0.1"), ("ζ(u) = u^2", "zeta(u) = u^2"),
    ("the derivative is 3u", "3*u"), (r"u &= v + 1 \\", "u = v + 1"), (r"a \approx 0.62", "a ~= 0.62"),
    ("f(u) = u^2.", "f(u) = u^2"), ("∇f = ⟨2u, v⟩", "nabla_f = [2*u, v]"), ("0 = u + v - 1", "0 = u + v - 1"),
    ("∫ 3 du = 3u + C", "Integral(3, u) = 3*u + C"),
]  # fmt: skip


def flat(t: Term) -> Term:
    """Products of products and sums of sums as one."""

    def visit(n: Term, args: list[Term]) -> Term:
        if n.op not in ("mul", "add"):
            return Term(n.op, tuple(args), n.data, n.shape)
        return Term(n.op, tuple(x for a in args for x in (a.args if a.op == n.op else (a,))), None, n.shape)

    return fold(t, visit)


@pytest.mark.parametrize(("text", "meaning"), PLAIN + LATEX, ids=[t for t, _ in PLAIN + LATEX])
def test_formula(text: str, meaning: str) -> None:
    assert str(read(text)) == meaning


@pytest.mark.parametrize(("text", "meaning"), STATEMENTS, ids=[t for t, _ in STATEMENTS])
def test_statement(text: str, meaning: str) -> None:
    found = read(text)
    assert str(found) == meaning
    assert read(str(found)).sides == found.sides


@pytest.mark.parametrize(("text", "meaning"), FORMULAS, ids=[t for t, _ in FORMULAS])
def test_textbook(text: str, meaning: str | None) -> None:
    if meaning is None:
        with pytest.raises(SymnetError):
            read(text)
    else:
        assert list(map(flat, read(text).sides)) == list(map(flat, read(meaning).sides))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1/2x", "from left to right"),
        ("sin x y", "the whole of the function"),
        ("e^2x", "only `2` is the exponent"),
        ("w1x", "the product w1·x"),
        ("Σ x_i", "from 1 to n"),
        ("y(x)", "the function y of x"),
        ("1,5", "two values"),
        ("Next x = 2", "`Next` are skipped"),
        ("d/du u/v", "the whole product behind it"),
        ("d/du (u + 1) v", "the bracket behind it"),
        ("d e^u/du", "is read as a derivative"),
        ("2piv", "the product π·v"),
        ("(1 + q)^T", "an exponent"),
        ("f(u) = {u, u>0; 0, u<=0}", "read as a case"),
        (r"3\frac{1}{4}", "read as a product"),
        ("sin 3(u + 1)", "the whole of the function"),
        ("Σ_{k=1}^n x_{k+1} - x_k", "ends before the sign"),
    ],
)
def test_ambiguous_input_says_how_it_was_read(text: str, words: str) -> None:
    assert words in " ".join(read(text).notes)


def test_unambiguous_input_has_no_notes() -> None:
    for text in ("w*x + b", "E = ½ (a2 − t)²", "2x^2 + 3x", "sin(x)^2", r"\frac{1}{2} x"):
        assert read(text).notes == ()


def test_several_statements() -> None:
    found = read("∂f/∂u = 2u, ∂f/∂v = 3")
    assert [str(s) for s in found.statements] == ["Partial(f, u) = 2*u", "Partial(f, v) = 3"]
    assert [str(s) for s in read("E = k u with k = 2").statements] == ["E = k*u", "k = 2"]
    assert [str(s) for s in read("a = 1\nb = 2").statements] == ["a = 1", "b = 2"]


def test_declared_names_come_first() -> None:
    assert str(read("wx1", names=["w", "x1"])) == "w*x1"
    assert str(read("e + pi", names="e pi").value) == "e + pi"
    assert read("e", names="e").value.facts == ()
    assert str(read("sigma(1 - sigma)", names=["sigma"])) == "sigma*(1 - sigma)"
    assert str(read("2e1 + x", names=["e1"])) == "2*e1 + x"
    assert str(read("f(x)", names=["f"])) == "f*x"


def test_a_slip_is_refused_with_the_suggestion() -> None:
    for text, near in (("sgimoid(x)", "sigmoid"), ("tahn(x)", "tanh"), ("softmx(x)", "softmax"), ("sigmod", "sigmoid")):
        with pytest.raises(ReadError, match=f"did you mean `{near}`"):
            read(text)


def test_an_error_has_a_place_a_caret_and_a_remedy() -> None:
    with pytest.raises(ReadError) as caught:
        read("w1 x + (b1")
    problem = caught.value
    assert (problem.line, problem.column) == (1, 11)
    assert "w1 x + (b1\n            ^" in str(problem)
    assert "`)` is expected" in problem.remedy


def test_a_homoglyph_is_named() -> None:
    with pytest.raises(ReadError, match="CYRILLIC SMALL LETTER HA, which looks like the Latin `x`"):
        read("\u0445 + x")


def test_a_statement_is_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        read("x").sides = ()  # type: ignore[misc]
    assert read("x_1")._repr_latex_() == "$\\displaystyle x_1$"


def test_notation_may_be_named() -> None:
    assert read("x", notation="plain").value is read("x", notation="latex").value
    with pytest.raises(ReadError, match="not a notation"):
        read("x", notation="troff")
    with pytest.raises(ReadError, match="a text is expected"):
        read(3)  # type: ignore[arg-type]


def test_reading_loads_neither_sympy_nor_numpy() -> None:
    code = "import sys, symnet.reading; print([m for m in ('sympy', 'numpy') if m in sys.modules])"
    assert run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


# ----------------------------------------------------------------------------------------------------------- programs
def lines(text: str, shapes: object = None) -> list[str]:
    found = program(text, shapes)
    return [f"{x.name} = {x.value}" if x.name else str(x.value) for x in found.lines]


def test_a_program() -> None:
    text = "# two neurons\nz1 = w1 x + b1\na1 = σ(z1)   # hidden\n\nz2 := w2a1 + b2; a2 = σ(z2)\n½ (a2 − t)²\n"
    found = program(text)
    assert [line.number for line in found.lines] == [2, 3, 5, 5, 6]
    assert [line.name for line in found.lines] == ["z1", "a1", "z2", "a2", None]
    assert str(found.lines[2].value) == "w2*a1 + b2"
    assert str(found.lines[-1].value) == "1/2*(a2 - t)^2"


def test_long_programs_take_linear_time() -> None:
    def seconds(n: int) -> float:
        start = time.perf_counter()
        program("\n".join(f"a{i} = σ(w{i} a{i - 1} + b{i})" for i in range(1, n)))
        return time.perf_counter() - start

    assert seconds(2_000) < 20 * max(seconds(200), 0.01)


def test_a_program_in_latex() -> None:
    text = r"""\begin{align}
z_1 &= w_1 x + b_1 \\
a_1 &= \sigma(z_1) \\
E &= \frac{1}{2}\left(a_1 - t\right)^2
\end{align}"""
    assert lines(text) == ["z1 = w1*x + b1", "a1 = sigmoid(z1)", "E = 1/2*(a1 - t)^2"]


@pytest.mark.parametrize("shapes", ["T: n x k, T rows sum to one", "S: symmetric n x n", "T: n x k, Rows sum to one"])
def test_a_fact_in_the_wrong_place(shapes: str) -> None:
    with pytest.raises(ReadError, match="a fact stands behind the size, such as T: n x k rows sum to one"):
        read_shapes(shapes)


SHAPES = "X: n x d, w: d, y: n, lam: scalar, S: n × n symmetric, p: n positive, T: n x 3 rows sum to one, b: 3"


def test_shapes() -> None:
    found = read_shapes(SHAPES)
    assert found["X"].shape == ("n", "d") and found["w"].shape == ("d",) and found["lambda"].shape == ()
    assert found["S"].facts == ("symmetric",) and found["p"].facts == ("positive",)
    assert found["T"].facts == ("rows sum to one",) and found["T"].declared == ("n", 3)
    assert read_shapes({"W_1": "2 x 3", "v": (4, 1)})["v"].shape == (4,)
    for bad in ("X n x d", "X: n x", "X: n, X: n", "X: -1 x 2", "X: n x d diagonal"):
        with pytest.raises(ReadError):
            read_shapes(bad)


MATRIX = [
    ("X*w - y", "X*w - y"), ("X w", "X*w"), ("2 X w", "2*X*w"), ("X'*X*w", "X'*X*w"), ("X^T y", "X'*y"),
    ("Xᵀy", "X'*y"), ("y .* p", "y .* p"),
    ("y ⊙ p", "y .* p"), ("y./p", "y ./ p"), ("1./p", "1 ./ p"), ("2.*y", "2*y"), ("(X w - y).^2", "(X*w - y).^2"),
    ("w'*w", "w'*w"), ("(w'*w)*w", "w'*w*w"),
    ("S^2", "S^2"), ("S^-1", "inv(S)"), ("tr(S)", "tr(S)"), ("norm2(w)^2", "norm2(w)^2"), ("‖w‖²", "norm2(w)^2"),
    ("sum(y)/n", "sum(y)/n"),
    ("ones(n)*b'", "ones(n)*b'"), ("σ(X*w)", "sigmoid(X*w)"), ("lam w'*w", "lambda*w'*w"),
    ("-y.*log(p)/n", "-y .* log(p)/n"), ("softmax(T)", "softmax(T)"),
    ("S*y*2", "S*y*2"), ("eye(n) + S", "eye(n) + S"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "meaning"), MATRIX, ids=[t for t, _ in MATRIX])
def test_matrix_formula(text: str, meaning: str) -> None:
    value = program(text, SHAPES).lines[0].value
    assert str(value) == meaning
    assert program(str(value), SHAPES).lines[0].value is value
    assert read(value.latex(), shapes=SHAPES).value is value


@pytest.mark.parametrize("text", ["w[1]", "w(2)", "X[1, 2]", "X[i, j]", "tr X"])
def test_entries_and_bare_words_of_arrays_are_refused(text: str) -> None:
    with pytest.raises(ReadError, match="write"):
        program(text, SHAPES)


def test_angles_around_two_columns_are_their_inner_product() -> None:
    for text in ("<w, w>", "⟨w, w⟩", r"\langle w, w \rangle"):
        assert str(read(text, shapes=SHAPES)) == "w'*w"
    assert str(read("S^-T y", shapes="S: n x n, y: n")) == "inv(S)'*y"


@pytest.mark.parametrize("shapes", [5, {"x": None}, {"x": object()}])
def test_shapes_that_are_no_shapes(shapes: object) -> None:
    with pytest.raises(ReadError, match="write"):
        program("x", shapes)


def test_a_shape_error_has_its_place() -> None:
    with pytest.raises(ShapeError) as caught:
        program("z = X*w\nz + w", SHAPES)
    assert (caught.value.line, caught.value.column) == (2, 6)


def test_a_defined_name_has_the_shape_of_its_value() -> None:
    found = program("z = X*w; r = z - y; r'*r", SHAPES)
    assert [line.value.shape for line in found.lines] == [("n",), ("n",), ()]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("y/p", "write ./"),
        ("X*y", "columns of the first must be the rows of the second"),
        ("X + y", "only a scalar is spread"),
        ("X^2", "write .^"),
        ("y^p", "write .^"),
        ("z = X*w\nz + w", "line 2"),
        ("tr(X)", "square"),
    ],
)
def test_shapes_that_do_not_fit(text: str, words: str) -> None:
    with pytest.raises(ShapeError, match=words.replace(".", r"\.").replace("^", r"\^")) as caught:
        program(text, SHAPES)
    assert str(caught.value).startswith("line ")


@pytest.mark.parametrize("text", ["z + 1 = w", "a = b = c", "sin = 2", "3 = x", "z ≈ 2", "a = 1\nb = (", "a = \nb = 2"])
def test_programs_that_are_refused(text: str) -> None:
    with pytest.raises(SymnetError):
        program(text)
