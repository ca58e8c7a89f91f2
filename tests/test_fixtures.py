"""The fixtures themselves: each must be able to fail."""

import pytest


def test_katex_accepts_textbook_lines(katex):
    formulas = [
        r"\delta_1 = \frac{\partial E}{\partial z_1} = (a_1 - t)\,\sigma'(z_1)",
        r"\begin{aligned} z_1 &= w_1 x + b_1 \\ a_1 &= \sigma(z_1) \end{aligned}",
    ]
    assert katex(formulas) == [None, None]


@pytest.mark.parametrize(
    "formula",
    [
        pytest.param(r"\frac{1}{2", id="open brace"),
        pytest.param(r"\unknown x", id="unknown command"),
        pytest.param(r"a % b", id="comment without an end: an error only in strict mode"),
        pytest.param("x² + ½", id="unicode in mathematics: an error only in strict mode"),
        pytest.param(r"\href{https://example.org}{x}", id="link: not trusted"),
    ],
)
def test_katex_refuses(katex, formula):
    before, error, after = katex(["x", formula, "y"])
    assert (before, after) == (None, None)
    assert error


def test_hash_seeds_take_effect(hash_seed_outputs):
    outputs = hash_seed_outputs("print(hash('w1'))")
    assert len(outputs) == len(set(outputs)) == 8


def test_hash_seed_outputs_of_a_deterministic_snippet(hash_seed_outputs):
    assert hash_seed_outputs("print('δ1 = (a1 − t)')") == ["δ1 = (a1 − t)\n"] * 8


def test_a_snippet_that_fails_is_reported(hash_seed_outputs):
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        hash_seed_outputs("1 / 0")
