"""Texts from strangers: refused with a sentence, within their budgets, and nothing is ever executed."""

import random
import sys
import time

import pytest

from symnet.errors import BudgetError, ReadError, SymnetError
from symnet.reading import program, read

from . import fuzz_reading

WATCHED = ("compile", "exec", "open", "import", "os.", "subprocess.", "socket.", "ctypes.", "shutil.", "pty.")
_heard: list[str] = []
_listening = False


def _hook(event: str, args: object) -> None:
    if _listening and event.startswith(WATCHED):
        _heard.append(event)


sys.addaudithook(_hook)


def events(text: str) -> list[str]:
    """The dangerous events that reading and printing a text causes."""
    global _listening
    _heard.clear()
    _listening = True
    try:
        found = read(text)
        str(found), found.latex(), found.text()
    except SymnetError as problem:
        assert 0 < len(str(problem)) <= 300
    finally:
        _listening = False
    return list(_heard)


@pytest.fixture(autouse=True, scope="module")
def _warm() -> None:
    for text in ("σ(x) + 1", "(", "x'", "\\frac{d}{dx} x^2", "ones(3)", "∇f", "max(0, x)"):
        try:
            found = read(text)
            str(found), found.latex(), found.text()
        except SymnetError:
            pass


@pytest.mark.parametrize("seed", range(8))
def test_fuzz(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(400):
        text = fuzz_reading.text(rng)
        start = time.perf_counter()
        assert events(text) == [], text
        assert time.perf_counter() - start < 1, text


@pytest.mark.slow
def test_fuzz_long() -> None:
    rng = random.Random(99)
    for _ in range(50_000):
        text = fuzz_reading.text(rng)
        assert events(text) == [], text


REFUSED = [
    "x.evalf()", "(1).numerator", "().__class__", "[c for c in x]", "x := (yield)", "exec('1')", "open(0)", "globals()",
    "getattr(x, y)", "print(x)", "f'{x}'", "x; import os", "x if", "while x", "return x", "lambda y: y", "`x",
    "None", ".٣", "f^x)", "f^-2)x(", "max x", "0x1F", "x^{(}",
    "x and y", "is x", "import os", "None + x", "is is is", "x // 2", "x << 2", "~", "x %% 2", "{x: y}",
    "\\input{a}", "\\write18{ls}", "\\def\\a{b}", "\\href{javascript:alert(1)}{x}", "\\url{x}", "\\csname x\\endcsname",
    "\\includegraphics{x}", "\\begin{verbatim} x \\end{verbatim}", "\\text{<b>x</b>}", "\\hat{<}", "x_{<}",
    "\\text{$x$}",
    "<script>alert(1)</script>", "x<!--", "&lt;x&gt;", "x^^41", "\\catcode`x=1", "\\newcommand{\\x}{y}", "\\begin{x}",
    "", "   ", "()", "[]", "{}", "+", "x + ", "x -", "* x", "x // y", "x (", ") x", "(x", "x)", "[x)", "{x", "|x",
    "1 2",
    "sin", "sin(", "tanh()", "log()", "max()", "d/dx", "∂/∂x", "∂x", "∫", "∫ x", "∫ dx dy", "∑", "\\sum_{i=1}^n", "lim",
    "\\lim_{x}", "\\frac{1}{}", "\\frac{}{2}", "\\sqrt", "\\left( x", "y \\right]", "\\begin{cases}", "\\end{cases}",
    "\\begin{cases} x \\end{cases}z & 1", "x _", "_x", "x__y", "x^", "x^^2", "x**", "x ** ** 2", "= ", "x =", "x = = y",
    "x == y", "a < b > c", "1..2", "1.2.3", "1_000", "0x10", "5%", "x#y", "x?", "@", "\\", "\\foo", "x\\",
    "3!!", "2.5!", "x!", "5!=120", "2000!",
    "…", "x + … + y", "«x»", "„x“", "x\u0000", "\u200bx", "x\u200d", "a\u202eb", "\u2066x", "сos(x)", "α\u0378", "ｘ",
    "𝑥 + x", "ﬁ", "coſ(x)", "x\u00ad", "①", "Ⅳ", "１", "٣", "x²³⁻", "σ(1 − σ)", "sgimoid(x)", "tahn(x)", "sqtr(x)",
    "lgo(x)",
    "\\bar{\\hat{u}}", "w_{,}", "w_{a(b}", "w_{i1)j}", "\\σ", "Π_k p_k", "f^{(9000)}(u)", "f" + "'" * 9_000 + "(u)",
    "diff(f, u, 21)", "{u, u > 0, 3}",
    "gcd(u, 4)", "Var(U)", "std(u)", "atan2(v, u)", "argmin_u g(u)", "abc(u)", "45 deg", "new v = v - g",
    "u^2 at u = 3",
    "\\prod_{i=1}^n u_i", "\\prod_{i=1}^{99} u", "\\prod_{i=0}^{3}", "u^2|_{u}", "[u v]_0^1", "u^2|_3", "⌊u", "||a|",
    "\\frac{d}{du} u^2 \\Big|_{u=0}", "log1p(u, v)", "\\lim_{u \\to 0^+}", "coth'(u)", "x ∈ (0, 1)",
    "20,000u", "0,3u", "g(2,000)", "3,000.25", "g ∘ h", "(g * h)(u)", "(g + h)(u)", "dg/du (u, v)", "dg/du (4)",
    "(g^{-1})'(u)", "dg = g_u du + g_v dv", "d(uv) = u dv + v du", "\\frac{du}{u}", "\\frac{d^n}{du^n} e^u",
    "sigmoid(x, y)", "tr(1, 2)", "learning rate", "the cat sat", "it can't be", "(z > 0) x", "2(x < 1)",
]  # fmt: skip


@pytest.mark.parametrize("text", REFUSED)
def test_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(SymnetError) as caught:
        read(text)
    message = str(caught.value)
    assert len(message) <= 300
    assert message.startswith("line ") or isinstance(caught.value, BudgetError)
    assert isinstance(caught.value, ValueError)


BUDGETS = {
    "parentheses": "(" * 1_000_000,
    "paired parentheses": "(" * 5_000 + "x" + ")" * 4_999,
    "paired, deep": "(" * 101 + "x" + ")" * 101,
    "braces": "\\sqrt{" * 150 + "x" + "}" * 150,
    "fractions": "\\frac{1}{" * 120 + "x" + "}" * 120,
    "exponents": "x^" * 300 + "x",
    "raised": "x^{" * 200 + "x" + "}" * 200,
    "roots": "√" * 9_000 + "x",
    "functions": "sin " * 2_000 + "x",
    "glued functions": "sin" * 3_000 + "x",
    "products of brackets": "x(" * 3_000 + "x" + ")" * 3_000,
    "indexed brackets": "x[" * 90 + "y" + "]" * 89,
    "digits": "9" * 2_000,
    "decimals": "0." + "1" * 1_500,
    "exponent of ten": "1e1001",
    "a long exponent of ten": "1e" + "9" * 50,
    "tower": "8**8**8**2",
    "power": "7^(10^9)",
    "tower by a fraction": "2^(1/(1/2^20000))",
    "nested powers": "(((2^999)^99)^99)^99",
    "negative tower": "2^-(10^7)",
    "root of a tower": "2^(0.5^-40)",
    "degree": "x^(10^9)",
    "blanks": " " * 20_000,
    "primes": "y" + "'" * 200,
    "words": "a" * 9_999 + "(x)",
    "differential words": "d" * 9_000 + "/d" + "x" * 900,
    "characters": "x+" * 6_000 + "x",
}


@pytest.mark.parametrize("text", BUDGETS.values(), ids=BUDGETS.keys())
def test_budgets(text: str) -> None:
    start = time.perf_counter()
    with pytest.raises(SymnetError) as caught:
        read(text)
    assert time.perf_counter() - start < 2
    assert len(str(caught.value)) <= 300


LONG = {
    "sum": "+".join(f"x{i}" for i in range(1_500)),
    "signs": "-" * 2_000 + "x",
    "product": "·".join(["x"] * 2_000),
    "juxtaposed": "x " * 2_000,
    "quotients": "x" + "/y" * 2_000,
    "bars": "|x|" * 500,
    "nested, allowed": "(" * 90 + "x" + ")" * 90,
    "brackets that are products": "x(1+" * 40 + "x" + ")" * 40,
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG.keys())
def test_long_is_read_quickly(text: str) -> None:
    start = time.perf_counter()
    try:
        assert read(text).value.size >= 1
    except ReadError as problem:
        assert len(str(problem)) <= 300
    assert time.perf_counter() - start < 2


def test_deep_stack_of_the_caller() -> None:
    """The depth of a text does not use Python's own stack."""

    def nested(depth: int) -> str:
        return nested(depth - 1) if depth else str(read("(" * 90 + "x" + ")" * 90))

    assert nested(sys.getrecursionlimit() - 200) == "x"


def test_program_budgets() -> None:
    with pytest.raises(BudgetError):
        program("a = x\n" * 200_000)
    with pytest.raises(BudgetError, match="definitions"):
        program("a=1;" * 100_000)
    with pytest.raises(BudgetError, match="line 2"):
        program("a = 1\nb = " + "x + " * 3_000 + "x")
    with pytest.raises(BudgetError, match="nodes"):
        program("\n".join(f"a{i} = " + "+".join(["x"] * 1_000) for i in range(120)))


def test_the_input_is_not_echoed() -> None:
    secret = "x" * 5_000 + "?"
    with pytest.raises(ReadError) as caught:
        read(secret)
    assert "x" * 61 not in str(caught.value)


def test_same_reading_under_every_hash_seed(hash_seed_outputs) -> None:
    code = (
        "from symnet.reading import read\n"
        "for t in ['w1x + xcos(y)', 'sinxcosx', 'a/bc', 'Σ x_i w_i', 'cost x', r'\\sum_k y_k \\log p_k']:\n"
        "    s = read(t); print(s, s.notes, s.latex(), s.value.free)\n"
    )
    assert len(set(hash_seed_outputs(code))) == 1
