"""Derivatives one rule at a time: the rules as sentences, the lines, their checks, and random expressions."""

from __future__ import annotations

import json
import random
import statistics
import time
from fractions import Fraction

import pytest

import symnet as sn
from symnet.balls import UNDECIDED, Probe, value
from symnet.functions import TABLE
from symnet.operations import apply
from symnet.probing import Witness, points
from symnet.rules import RULES
from symnet.stepwise import statement, unfold
from symnet.term import ONE, Term, add, cases, div, fn, mul, neg, num, postorder, power, rel, sym, term

QUARTIC = "4 x³ − 18 x² + 22x − 6"


def answer(expr: str, x: str = "x", **more: object) -> str:
    return sn.differentiate(expr, x, **more).result.text()  # type: ignore[arg-type]


# ------------------------------------------------------------------------------------------------------- the rules
STATED = {
    "sum rule": ("add", ()), "product rule": ("mul", ()), "power rule": ("pow", (1,)),
    "exponential rule": ("pow", (0,)),
    "logarithmic differentiation": ("pow", ()), "maximum rule": ("max", ()), "minimum rule": ("min", ()),
}  # fmt: skip


@pytest.mark.parametrize("name", STATED)
def test_a_row_says_what_it_does(name: str) -> None:
    op, constant = STATED[name]
    row = next(r for r in RULES[op] if r.name == name)
    said = statement(row, op, constant).text()
    assert _bare(row.statement) == _bare(said)


def _bare(text: str) -> str:
    """The statement without brackets, exponents written out."""
    return text.replace("(", "").replace(")", "").replace("ᶠ", "^f").replace("ᵍ", "^g")


@pytest.mark.parametrize(
    ("expr", "slope", "rule"),
    [
        ("f(x)^n", "n f(x)^(n − 1) f′(x)", "general power rule: (fⁿ)′ = n f^(n − 1) f′"),
        ("f(g(x))", "f′(g(x)) g′(x)", "chain rule: f(g)′ = f′(g) g′"),
        ("f(x) g(x)", "f′(x) g(x) + f(x) g′(x)", "product rule: (f g)′ = f′ g + f g′"),
        ("f(x)/g(x)", "(f′(x) g(x) − f(x) g′(x))/g(x)²", "quotient rule: (f/g)′ = (f′ g − f g′)/g²"),
    ],
)
def test_the_four_rules_in_letters(expr: str, slope: str, rule: str) -> None:
    d = sn.differentiate(expr, "x")
    assert d.result.text() == slope and rule in d.text() and d.checked


@pytest.mark.parametrize(
    ("expr", "slope"),
    [
        ("7", "0"), ("x", "1"), ("5x", "5"), ("x^2", "2x"), ("1/x", "−1/x²"), ("x^-3", "−3/x⁴"),
        ("3x^2 + 2x + 1", "6x + 2"),
        ("√x", "1/(2 √x)"), ("e^x", "eˣ"), ("2^x", "2ˣ log(2)"), ("ln(x)", "1/x"), ("sin(x)", "cos(x)"),
        ("x^x", "xˣ (log(x) + 1)"), ("tanh(x)", "1 − tanh(x)²"), ("asin(x)", "1/√(1 − x²)"), ("|x|", "sign(x)"),
        ("σ(x)", "σ(x) (1 − σ(x))"), ("σ(w x + b)", "σ(w x + b) (1 − σ(w x + b)) w"), ("ln(x^2 + 1)", "2x/(x² + 1)"),
        ("x^2 sin(x)", "2x sin(x) + x² cos(x)"), ("(2x + 1)^5", "10 (2x + 1)⁴"), ("x^2 e^x", "x eˣ (x + 2)"),
        ("x/(1 + x^2)", "(1 − x²)/(1 + x²)²"), ("max(x, 1 − x)", "(1 if x ≥ 1 − x else −1)"),
        ("x(x−1)(x−2)(x−3)", QUARTIC), ("x^4 − 6x^3 + 11x^2 − 6x", QUARTIC), ("½ (a − x)²", "x − a"),
    ],
)  # fmt: skip
def test_phrase_book(expr: str, slope: str) -> None:
    d = sn.differentiate(expr, "x")
    assert d.result.text() == slope and d.checked


@pytest.mark.parametrize(
    "expr", ["tanh(x)", "max(x, 2)", "Piecewise((x^2, x > 1), (2x − 1, True))", "asin(x)", "|x|", "erf(x)", "x^x",
             "f(g(x))", "σ(w x + b)", "acosh(x)", "gelu(x^2)", "mish(x)", "sin(x)^cos(x)"]
)  # fmt: skip
def test_steps_exist_where_others_refuse(expr: str) -> None:
    d = sn.differentiate(expr, "x")
    assert d.checked and all(s.rule for s in d.steps if s.tag)


@pytest.mark.parametrize("name", TABLE)
def test_every_function_of_the_table(name: str) -> None:
    d = sn.differentiate(fn(name, term("2 + x^2" if name == "acosh" else "1 + x/3")), "x")
    assert d.checked and TABLE[name].rule in d.text()


# ------------------------------------------------------------------------------------------------------- the lines
def test_one_half_times_two_is_shown() -> None:
    text = sn.differentiate("½ (a − x)²", "x").text()
    assert "½·2 (a − x)" in text and text.rstrip().splitlines()[-2].endswith("= x − a")


def test_the_lines_of_a_product() -> None:
    lines = unfold(term("x^2 sin(x)"), sym("x"))
    assert [n.rule for n in lines] == ["product rule", "power rule", "sine rule"]
    assert lines[0].formula.text() == "d/dx (x²) · sin(x) + x² · d/dx (sin(x))"
    assert [w.text() for w in lines[0].why[1]] == ["f := x²", "g := sin(x)"]


@pytest.mark.parametrize("expr", ["x(x−1)(x−2)(x−3)", "σ(3x)/x", "x^x", "x"])
def test_every_detail_ends_in_the_same_line(expr: str) -> None:
    d = sn.differentiate(expr, "x")
    ends = {
        d.to_dict(detail)["sections"][-1]["lines"][-1]["sides"][-1]["plain"] for detail in ("result", "chain", "rules")
    }
    assert ends == {str(d.result)}


def test_a_network_has_the_same_details() -> None:
    d = sn.derive("z = w x + b; a = σ(z); E = ½ (a − t)²")
    pages = {detail: d.text(detail) for detail in ("result", "chain", "rules")}
    assert "B1.1" in pages["rules"] and "general power rule" in pages["rules"] and "B1.1" not in pages["chain"]
    for detail in pages:
        lines = d.to_dict(detail)["sections"][-1]["lines"]
        assert lines[-1]["sides"][-1]["plain"] == "delta"


def test_line_by_line() -> None:
    d = sn.differentiate("x^2 sin(x)", "x")
    assert str(d.next()).startswith("y = x² sin(x)")
    assert d.hint().startswith("product rule: (f g)′ = f′ g + f g′ with f := x²")
    assert str(d.next()).startswith("dy/dx = d/dx (x²) · sin(x) + ")
    assert d.next()._repr_latex_().startswith("$\\displaystyle \\frac{dy}{dx} = ")
    assert d.next() is not None and d.next() is None and "answer" in d.hint()
    d.restart()
    assert d.next() is not None
    n = sn.derive("z = w x; E = z²")
    assert n.hint() == "write down z" and str(n.next()) == "z = w x"


def test_an_unknown_function_of_two_variables(katex) -> None:  # type: ignore[no-untyped-def]
    d = sn.differentiate("f(x^2, x)", "x")
    assert d.result.text() == "2x ∂₁f(x², x) + ∂₂f(x², x)" and d.checked
    assert katex([d.latex()]) == [None]


def test_higher_orders() -> None:
    assert answer("x^4", order=4) == "24" and answer("σ(x)", order=2) == "σ(x) (1 − σ(x)) (1 − 2 σ(x))"
    assert "d³y/dx³" in sn.differentiate("sin(x)", "x", 3).text()
    assert answer("e^(2x)", order=20).startswith("1048576")
    with pytest.raises(sn.BudgetError, match="1 to 20"):
        sn.differentiate("x", "x", 21)


def test_corners_are_named() -> None:
    assert "no derivative at x = 2" in sn.differentiate("|x − 2|", "x").text()
    assert "no derivative at x = ½" in sn.differentiate("max(x, 1 − x)", "x").text()
    assert "no derivative" not in sn.differentiate("|x|^3", "x").text()
    assert "no derivative" not in sn.differentiate("Piecewise((x^2, x > 1), (2x − 1, True))", "x").text()
    assert "may be no derivative where x² − 4 = 0" in sn.differentiate("|x^2 − 4|", "x").text()


def test_named_parts() -> None:
    assert answer("u^3", given={"u": "x^2 + 1"}) == "6 u² x"
    assert answer("½ (a − t)²", "w", depends="a") == "(a − t) · da/dw"
    assert "definition of u: u = x² + 1" in sn.differentiate("u^3", "x", given={"u": "x^2 + 1"}).text()


def test_the_bridge() -> None:
    text = sn.differentiate("σ(z)", "z", bridge=True).text()
    assert "e⁻ᶻ/(1 + e⁻ᶻ)² = σ(z) (1 − σ(z))" in text and "σ(z)        = 1/(1 + e⁻ᶻ)" in text


@pytest.mark.parametrize("name", [n for n, row in TABLE.items() if row.formula is not None])
def test_every_bridge_ends_in_the_row(name: str) -> None:
    d = sn.differentiate(f"{name}(x)", "x", bridge=True)
    assert d.parts[-1].title.startswith("Bridge") and d.checked


def test_names_before_the_equals_sign() -> None:
    assert "dh/dt = " in sn.differentiate("h = t^2", "t").text()
    assert "∂f/∂x = " in sn.differentiate("f(x, y) = x y", "x").text()
    assert "df/dy = " in sn.differentiate("y^2", "y").text()


def test_a_derivative_inside() -> None:
    assert answer("d/dx(x^3)") == "6x" and answer("x diff(x^2, x)") == "4x"


def test_worked_numbers() -> None:
    text = sn.differentiate("x(x−1)(x−2)(x−3)", "x").text(at={"x": "1.25"})
    assert text.rstrip().endswith("4·1.25³ − 18·1.25² + 22·1.25 − 6 = 1.1875")
    with pytest.raises(sn.NameLookupError, match="no number for b"):
        sn.differentiate("b x^2", "x").text(at={"x": 1})


def test_it_runs() -> None:
    d = sn.differentiate("x^2 sin(x)", "x")
    assert d.compile()(x=2.0) == pytest.approx(1.9726023611141572)
    assert "def " in d.source()


def test_formats(katex) -> None:  # type: ignore[no-untyped-def]
    d = sn.differentiate("max(x, 1) f(x) + σ(w x)/x^x", "x", bridge=True)
    pages = [d.latex(detail) for detail in ("result", "chain", "rules")]
    pages += [f for cell in d.markdown().splitlines() if cell.startswith("| ") for f in cell.split("$")[1::2]]
    assert katex(pages) == [None] * len(pages)
    assert json.loads(json.dumps(d.to_dict()))["result"]["plain"] == str(d.result)
    assert "<math" in d._repr_html_() and d._repr_latex_().startswith("$$")


@pytest.mark.parametrize(
    ("expr", "error", "message"),
    [("Integral(f(t), (t, 0, x))", sn.RuleError, "no derivative rule"), ("x +", sn.ReadError, "line 1")],
)
def test_refusals(expr: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        sn.differentiate(expr, "x")
    with pytest.raises(sn.ShapeError):
        sn.differentiate(sym("A", ("n", "n")), "x")


# ------------------------------------------------------------------------------------------------------ the checks
def test_a_wrong_line_is_caught() -> None:
    witness = Witness(term("x^2 sin(x)"), sym("x"))
    witness.check(term("2x sin(x) + x^2 cos(x)"), "product rule")
    with pytest.raises(sn.RuleError, match="product rule led to an unequal line"):
        witness.check(term("2x cos(x)"), "product rule")


def test_a_wrong_row_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = RULES["mul"][1]
    bad = type(wrong)(wrong.name, wrong.statement, wrong.applies, lambda node, du: du[0] * du[1])
    monkeypatch.setitem(RULES, "mul", (RULES["mul"][0], bad))
    with pytest.raises(sn.RuleError, match="unequal"):
        sn.differentiate("x^2 sin(x)", "x")


def test_what_cannot_be_checked_says_so() -> None:
    d = sn.differentiate("asin(x^2 + 3)", "x")
    assert not d.checked and "no point was found" in d.text()


X, A = sym("x"), sym("a")
INNER = [name for name in TABLE if name not in ("step", "sign", "identity")]


def expression(seed: int, depth: int = 4) -> Term:
    """The expression with this number; the same in every run."""
    return _grown(random.Random(f"expression {seed}"), depth)


def _grown(draw: random.Random, depth: int) -> Term:
    if depth == 0 or draw.random() < 0.12:
        return draw.choice([X, X, X, A, num(draw.randint(1, 5))])
    kind = draw.choice(["add", "sub", "mul", "div", "pow", "fn", "fn", "fn", "exp", "max", "cases", "general"])
    u, v = _grown(draw, depth - 1), _grown(draw, depth - 1)
    if kind == "fn":
        return fn(draw.choice(INNER), u)
    return {
        "add": lambda: add(u, v),
        "sub": lambda: add(u, neg(v)),
        "mul": lambda: mul(u, v),
        "div": lambda: div(u, add(num(2), power(v, num(2)))),
        "pow": lambda: power(u, num(draw.randint(2, 4))),
        "exp": lambda: power(num(2), u),
        "max": lambda: apply(draw.choice(["max", "min"]), u, v),
        "cases": lambda: cases(u, rel(">", X, num(draw.randint(0, 2))), v),
        "general": lambda: power(add(num(1), power(u, num(2))), v),
    }[kind]()


def middle(v: object) -> Fraction:
    """A ball's middle, or the rational itself."""
    if isinstance(v, Fraction):
        return v
    man, exp = v.mid().man_exp()  # type: ignore[attr-defined]
    return Fraction(int(man)) * Fraction(2) ** int(exp)


def _tower(e: Term) -> bool:
    """A power in the exponent of a power, also of numbers, (…)^(26^5): SymPy's evalf may have no end there."""
    powers = [n for n in postorder(e) if n.op == "pow" and n.args[1].op != "num"]
    return any(m.op == "pow" for n in powers for m in postorder(n.args[1]))


def _sympys(e: Term, at: dict[str, Fraction]) -> object:
    """SymPy's value of the derivative; None where SymPy itself gives up, within Max, Piecewise, csc or a comparison."""
    import sympy

    real = {sympy.Symbol(n): sympy.Symbol(n, real=True) for n in e.free}
    where = {sympy.Symbol(n, real=True): sympy.Rational(v.numerator, v.denominator) for n, v in at.items()}
    try:
        number = sympy.diff(sympy.sympify(e).xreplace(real), real[sympy.Symbol("x")]).evalf(30, subs=where)
    except (RecursionError, KeyError, NotImplementedError, ValueError, TypeError):
        return None
    return number if number.is_Float or number.is_Rational else None


def _agrees_with_sympy(seed: int) -> None:
    """Every line was checked on the way; the result is compared with the dual numbers and SymPy at another point."""
    e = expression(seed)
    if "x" not in e.free:
        return
    d = sn.differentiate(e, "x")
    for at in points(e.free, seed="sympy"):
        try:
            probe = Probe(at, {"x": ONE.number})
            assert probe.holds(d.result, probe.derivative(e)) is not False
            ball = value(d.result, at)
        except UNDECIDED:
            continue
        theirs = None if _tower(e) else _sympys(e, at)
        if theirs is not None:
            ours = middle(ball)
            assert abs(ours - Fraction(str(theirs))) <= abs(ours) / 10**15 + Fraction(1, 10**25)
        return


@pytest.mark.parametrize("block", range(5))
def test_random_expressions(block: int) -> None:
    for seed in range(30 * block, 30 * block + 30):
        _agrees_with_sympy(seed)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(20))
def test_two_thousand_random_expressions(block: int) -> None:
    for seed in range(150 + 100 * block, 250 + 100 * block):
        _agrees_with_sympy(seed)


def test_thirty_nodes_take_milliseconds() -> None:
    chosen = [e for e in map(expression, range(300)) if 27 <= e.size <= 33 and "x" in e.free][:25]
    times = []
    for e in chosen:
        start = time.process_time()
        assert sn.differentiate(e, "x").steps
        times.append(time.process_time() - start)
    assert statistics.median(times) < 0.02


def test_same_input_same_bytes(hash_seed_outputs) -> None:  # type: ignore[no-untyped-def]
    code = """
import symnet as sn
for e in ("x^2 sin(x) e^x", "max(x, a) x^x", "f(g(x))"):
    d = sn.differentiate(e, "x", 2)
    print(d.text(), d.latex(), d.html(), d.to_dict("chain"))
"""
    assert len(set(hash_seed_outputs(code))) == 1


def test_numbers_keep_their_style() -> None:
    assert sn.differentiate("0.05 x^2", "x").result.text() == "0.1 x"
    assert num(0) is sn.differentiate("a", "x").result


def test_a_derivative_that_grows_without_end_is_refused() -> None:
    with pytest.raises(sn.SizeError, match="the derivative of order 4 has"):
        sn.differentiate("x^x^x^x^x", "x", 20)


@pytest.mark.parametrize(
    ("expr", "answer"),
    [
        ("arctan(1/x)", "−1/(x² + 1)"), ("arctan((1 − x)/(1 + x))", "−1/(x² + 1)"), ("arctan(x/3)", "3/(x² + 9)"),
        ("arccos(2x)", "−2/√(1 − 4 x²)"), ("x/sqrt(4 − x^2)", "4/√(4 − x²)³"),
        ("x sqrt(1 − x^2)", "(1 − 2 x²)/√(1 − x²)"),
        ("((x + 1)/(x − 1))^3", "−6 (x + 1)²/(x − 1)⁴"), ("(sqrt(x) + 1/sqrt(x))^2", "(x² − 1)/x²"),
        ("sin(x)/(1 + cos(x))", "1/(1 + cos(x))"), ("ln|x|", "1/x"), ("x |x|", "2 |x|"), ("2/(3x)", "−2/(3 x²)"),
        ("arctan(e^x)", "eˣ/(1 + e^(2x))"), ("e^(−x^2)", "−2x e^(−x²)"), ("sin(x^2)", "2x cos(x²)"),
        ("(3x − 2)/(x^2 + 5)", "(15 + 4x − 3 x²)/(x² + 5)²"), ("(e^x − e^(−x))/(e^x + e^(−x))", "4/(eˣ + e⁻ˣ)²"),
        ("sqrt(x) sqrt(x + 1)", "(2x + 1)/(2 √x √(x + 1))"), ("ln(x)/x^2", "(1 − 2 log(x))/x³"),
    ],
)  # fmt: skip
def test_the_last_line_is_the_textbooks(expr: str, answer: str) -> None:
    d = sn.differentiate(expr, "x")
    assert d.result.text() == answer and d.checked


def test_what_an_activation_brought_keeps_its_place() -> None:
    assert sn.differentiate("σ(w x + b)", "x").result.text() == "σ(w x + b) (1 − σ(w x + b)) w"
