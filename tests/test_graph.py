"""Bad input ends in one clear error with line and remedy."""

from __future__ import annotations

import pytest

import symnet as sn

BAD = [
    ("a1 = σ(z1)\nz1 = w x", sn.GraphError, r"line 1: a1 uses z1, which is defined below it; move the line of z1 up"),
    ("z = w x\nz = w y", sn.GraphError, r"line 2: `z` is defined twice \(first on line 1\)"),
    ("a = b + 1\nb = a + 1", sn.GraphError, r"a and b are defined by each other, a cycle"),
    ("a = a + 1", sn.GraphError, r"line 1: a is defined by itself"),
    ("", sn.SymnetError, r"no definition"),
    ("# nothing\n\n", sn.SymnetError, r"no definition"),
    ("z = w x +", sn.ReadError, r"line 1"),
    ("a = sigmoud(z)", sn.SymnetError, r"sigmoid"),
    ("x + 1\nz = w x", sn.GraphError, r"only the last line may be a bare expression"),
]


@pytest.mark.parametrize(("text", "error", "message"), BAD)
def test_bad_definitions(text: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message) as e:
        sn.derive(text)
    assert len(str(e.value)) <= 300


def test_a_loss_that_is_not_a_scalar() -> None:
    with pytest.raises(sn.GraphError, match=r"line 1: the loss y has the shape n; a gradient needs a scalar"):
        sn.derive("y = X*w", shapes="X: n x d, w: d")


@pytest.mark.parametrize(
    ("text", "shapes"),
    [("y = X*w; L = sum(y)", "X: n x d, w: h"), ("L = sum(A + B)", "A: n x d, B: d x n"), ("L = tr(A)", "A: n x d")],
)
def test_shapes_that_do_not_fit_are_both_named(text: str, shapes: str) -> None:
    with pytest.raises(sn.SymnetError, match=r"n×d|square"):
        sn.derive(text, shapes=shapes)


def test_an_unknown_name_in_wrt() -> None:
    with pytest.raises(sn.NameLookupError, match=r"w2.*its inputs are w1, x"):
        sn.derive("E = (w1 x)^2", "w2")


def test_inputs_are_in_order_of_appearance() -> None:
    g = sn.Graph("z = w x + b; E = (z − t)²")
    assert g.inputs == ("w", "x", "b", "t") and [d.name for d in g.definitions] == ["z", "E"]
    assert sn.derive(g).wrt == ("w", "b")


def test_parameters_are_recognised_by_name() -> None:
    assert sn.derive("E = θ1 x + W y + u v + beta").wrt == ("theta1", "W", "u", "v")
    assert sn.derive("E = x y").wrt == ("x", "y")


def test_a_bare_last_expression_is_named() -> None:
    g = sn.Graph("z = w x\n(z − L)²")
    assert g.result.name == "E" and any("E" in n for n in g.notes)


def test_declared_shapes_inside_a_text() -> None:
    g = sn.Graph("shapes X: n x d, w: d\nL = norm2(X*w)^2")
    assert sn.derive(g).gradient["w"].shape == ("d",)


def test_pairs_of_sympy_and_text() -> None:
    import sympy

    w, x = sympy.symbols("w x")
    g = sn.Graph([("z", w * x), ("E", "½ z²")])
    assert sn.derive(g, "w").compile()(w=2, x=3)[1]["w"] == 18.0
