"""One name however it is typed, and how it is shown."""

import keyword

import pytest

from symnet.errors import ReadError
from symnet.names import ACCENTS, GREEK, canonical, identifier, identifiers, latex, parse, unicode

# spellings of one name → canonical, Unicode, LaTeX
BOOK = [
    (("w1", "w_1", "w₁", "w_{1}", r"\mathit{w}_1"), "w1", "w1", "w_1"),
    (("w11", "w_{11}", "w₁₁", "w_11", "w_{1,1}"), "w11", "w11", "w_{11}"),
    (("w1_11", "w^{(1)}_{11}", "w_{11}^{(1)}"), "w1_11", "w1_11", "w^{(1)}_{11}"),
    (("w11_1", "w^{(11)}_1"), "w11_1", "w11_1", "w^{(11)}_1"),
    (("w1_10_3", "w^{(1)}_{10,3}"), "w1_10_3", "w1_10_3", "w^{(1)}_{10,3}"),
    (("w_{10,3}",), "w_{10,3}", "w_{10,3}", "w_{10,3}"),
    (("w_ij", "w_{ij}", "w_{i,j}", "wᵢⱼ"), "w_ij", "w_ij", "w_{ij}"),
    (("z1_2", "z^{(1)}_2"), "z1_2", "z1_2", "z^{(1)}_2"),
    (("η", r"\eta", "eta"), "eta", "η", r"\eta"),
    (("λ", "lambda", "lam", r"\lambda"), "lambda", "λ", r"\lambda"),
    (("δ2", "δ₂", r"\delta_2", "delta_2", "delta2"), "delta2", "δ2", r"\delta_2"),
    (("θ_j", r"\theta_{j}"), "theta_j", "θ_j", r"\theta_j"),
    (("w_bias", r"w_{\mathrm{bias}}", r"w_{\text{bias}}"), "w_bias", "w_bias", r"w_{\mathrm{bias}}"),
    (("net_h1", r"\text{net}_{h1}", r"\mathrm{net}_{h1}"), "net_h1", "net_h1", r"\mathrm{net}_{h1}"),
    (("loss",), "loss", "loss", r"\mathrm{loss}"),
    (("ŷ", r"\hat y", r"\hat{y}", "yhat"), "yhat", "ŷ", r"\hat{y}"),
    (("ŷ₁", r"\hat{y}_1", r"\hat y_{1}"), "yhat1", "ŷ1", r"\hat{y}_1"),
    (("x̄", r"\bar x", "xbar"), "xbar", "x̄", r"\bar{x}"),
    ((r"\hat c", "c_hat"), "c_hat", "ĉ", r"\hat{c}"),
    (("chat",), "chat", "chat", r"\mathrm{chat}"),
    (("é", "e\u0301"), "eacute", "é", r"\acute{e}"),
    (("y'", "y′", "y’"), "y'", "y′", "y'"),
    (("a^{(1)}", "a⁽¹⁾"), "a^{(1)}", "a^{(1)}", "a^{(1)}"),
    (("a_k^{l-1}", "a^{(l-1)}_k"), "a_k_lm1", "a_k_lm1", "a^{(l-1)}_k"),
    (("x_{n+1}", "xₙ₊₁"), "x_np1", "x_np1", "x_{n+1}"),
    (("Δx", r"\Delta x"), "Deltax", "Δx", r"\Delta x"),
    (("∇f", r"\nabla f"), "nabla_f", "∇f", r"\nabla f"),
    (("Δ", r"\Delta", "∆"), "Delta", "Δ", r"\Delta"),
]  # fmt: skip


@pytest.mark.parametrize(("spellings", "name", "text", "tex"), BOOK, ids=[row[1] for row in BOOK])
def test_book(spellings: tuple[str, ...], name: str, text: str, tex: str) -> None:
    assert {canonical(s) for s in spellings} == {name}
    assert (unicode(name), latex(name)) == (text, tex)
    assert canonical(name) == canonical(text) == canonical(tex) == name
    assert name.isascii()
    assert str(parse(name)) == name


@pytest.mark.parametrize("word", GREEK)
def test_greek(word: str) -> None:
    for spelling in (word, GREEK[word], f"\\{word}"):
        assert canonical(spelling) == word
    assert canonical(latex(f"{word}_12")) == canonical(f"{GREEK[word]}12")


@pytest.mark.parametrize("accent", ACCENTS)
@pytest.mark.parametrize("base", "ywbctsaE")
def test_accents(base: str, accent: str) -> None:
    name = canonical(f"\\{ACCENTS[accent][1]}{{{base}}}")
    assert canonical(unicode(name)) == canonical(latex(name)) == name
    assert len(unicode(name)) <= 2


@pytest.mark.parametrize(
    "spelling",
    ["", " ", "1x", "x y", "x+y", "w1;", "<img>", r"\foo", "a\\", "_", "__name__", "w__2", "х", "x{", "x_{<}",
     "$x$", "x\n", "x\u200d", r"\hat{x y}", "&x", "x]]>"],
)  # fmt: skip
def test_not_a_name(spelling: str) -> None:
    if spelling == "x\n":
        assert canonical(spelling) == "x"
        return
    with pytest.raises(ReadError, match="is not a name"):
        canonical(spelling)


def test_identifiers_are_injective() -> None:
    names = ["w1", "lambda", "y'", "a^{(1)}", "a_1", "a1", "sum", "w_{10,3}", "w_10_3", "x_np1", "y_prime"]
    found = identifiers(names)
    assert list(found) == names
    assert len(set(found.values())) == len(names)
    for word in found.values():
        assert word.isidentifier() and word.isascii() and not keyword.iskeyword(word)
    assert found["w1"] == "w1" and found["lambda"] == "lambda_" and found["sum"] == "sum_"
    assert identifiers(["dw1"], reserved=["dw1"]) == {"dw1": "dw1_2"}
    assert identifier("delta2") == "delta2"


def test_katex_renders_every_name(katex) -> None:
    shown = [latex(row[1]) for row in BOOK] + [latex(f"{g}_1") for g in GREEK]
    shown += [latex(canonical(f"\\{command}{{y}}")) for _, command in ACCENTS.values()]
    assert katex(shown) == [None] * len(shown)
