"""Bad input ends in one clear error with line and remedy."""

from __future__ import annotations

from pathlib import Path

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


def test_a_name_that_only_decides_between_branches() -> None:
    d = sn.derive("L = sum(Piecewise((x, b > 0), (0, True)) .* x)", "b", shapes="x: n, b: n")
    assert str(d.gradient["b"]) == "zeros(n)"


def test_a_condition_is_no_loss() -> None:
    with pytest.raises(sn.GraphError, match="the loss is a condition"):
        sn.derive("L = w > 3")


def test_a_function_without_a_rule_is_named() -> None:
    with pytest.raises(sn.RuleError, match="no derivative rule for `floor`"):
        sn.derive("L = floor(w)")


def test_files_and_pairs_that_cannot_be_used(tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "binary.net").write_bytes(b"\xff\xfe\x00")
    for source in (tmp_path, tmp_path / "binary.net", tmp_path / "missing.net", [("a", 1, 2)]):
        with pytest.raises(sn.GraphError):
            sn.Graph(source)


def test_facts_of_a_defined_name() -> None:
    d = sn.derive("p = w^2; z = p x; E = z^2", "w", shapes="p: scalar positive")
    assert d.compile()(w=2, x=3)[1]["w"] == 4 * 2**3 * 9
    s = sn.derive("S = A + A'; L = tr(S*B)", "A", shapes="A: n x n, B: n x n, S: n x n symmetric")
    assert s.compile()(A=[[1, 2], [3, 4]], B=[[1, 0], [1, 1]])[1]["A"].tolist() == [[2, 1], [1, 2]]


def test_a_declared_shape_that_is_not_the_value_s() -> None:
    with pytest.raises(sn.ShapeError, match="Z is declared 7 and comes out n"):
        sn.derive("Z = 2 x; L = sum(Z)", shapes="x: n, Z: 7")


def test_a_file_is_read_within_the_budget_of_a_program(tmp_path: Path) -> None:
    big = tmp_path / "big.net"
    big.write_text("L = x\n" * 700_000)
    with pytest.raises(sn.GraphError, match=r"`?big.net`? has more than 4,000,000 bytes"):
        sn.Graph(big)
