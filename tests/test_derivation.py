"""The derivation as a page: its lines, its reasons, its names, and what an author can choose."""

from __future__ import annotations

import json

import pytest

import symnet as sn

TWO_NEURONS = """
z1 = w1 x + b1
a1 = σ(z1)
z2 = w2 a1 + b2
a2 = σ(z2)
E  = ½ (a2 − t)²
"""
AT = dict(x=1, w1="0.5", b1="0.1", w2="-0.4", b2="0.2", t=1)
FORBIDDEN = (r"\xi", "Subs", "Lambda", "cosh", "Piecewise", "- t +", "−t +", "-t +")


def lines(d: sn.Derivation, **choices: object) -> list[str]:
    """The lines of the text page without tags and reasons, spaces collapsed."""
    rows = [r for s in d.to_dict(**choices)["sections"] for r in s["lines"]]
    out = []
    for r in rows:
        name = f"{r['name']['text']} := " if r["name"] else ""
        sides = " = ".join(s["text"] for s in r["sides"])
        out.append(f"{name}{r['target']['text']} {r['relation']} {sides}")
    return out


def test_two_neurons_line_by_line() -> None:
    assert lines(sn.derive(TWO_NEURONS)) == [
        "z1 = w1 x + b1",
        "a1 = σ(z1)",
        "z2 = w2 a1 + b2",
        "a2 = σ(z2)",
        "E = ½ (a2 − t)²",
        "∂E/∂a2 = ½·2 (a2 − t)·1 = a2 − t",
        "da2/dz2 = σ′(z2) = a2 (1 − a2)",
        "δ2 := ∂E/∂z2 = ∂E/∂a2 · da2/dz2 = (a2 − t) a2 (1 − a2)",
        "∂E/∂w2 = ∂E/∂z2 · ∂z2/∂w2 = δ2 a1",
        "∂E/∂b2 = ∂E/∂z2 · ∂z2/∂b2 = δ2",
        "∂E/∂a1 = ∂E/∂z2 · ∂z2/∂a1 = δ2 w2",
        "da1/dz1 = σ′(z1) = a1 (1 − a1)",
        "δ1 := ∂E/∂z1 = ∂E/∂a1 · da1/dz1 = δ2 w2 a1 (1 − a1)",
        "∂E/∂w1 = ∂E/∂z1 · ∂z1/∂w1 = δ1 x",
        "∂E/∂b1 = ∂E/∂z1 · ∂z1/∂b1 = δ1",
    ]


def test_reasons_and_references() -> None:
    steps = {s.tag: s for s in sn.derive(TWO_NEURONS).steps}
    assert (steps["B1"].rule, steps["B1"].refs) == ("power rule and chain rule", ("F5",))
    assert (steps["B2"].rule, steps["B2"].refs) == ("sigmoid rule", ("F4",))
    assert (steps["B3"].rule, steps["B3"].refs) == ("chain rule", ("B1", "B2"))
    assert steps["B3"].name is not None and steps["B3"].name.text() == "δ2"


def test_every_reference_is_a_line_above() -> None:
    for text in (TWO_NEURONS, "u = w x; v = u w; y = u + v; E = y^2"):
        seen: set[str] = set()
        for step in sn.derive(text).steps:
            assert set(step.refs) <= seen
            seen.add(step.tag)


def test_numbers_of_the_tutorial() -> None:
    value, g = sn.derive(TWO_NEURONS).compile()(x=1, w1=0.5, b1=0.1, w2=-0.4, b2=0.2, t=1)
    assert value == pytest.approx(0.1323867747)
    assert g["w1"] == g["b1"] == pytest.approx(0.0117624, abs=5e-8)
    assert g["w2"] == pytest.approx(-0.0829870, abs=5e-8)
    assert g["b2"] == pytest.approx(-0.1285313, abs=5e-8)


def test_worked_numbers() -> None:
    shown = lines(sn.derive(TWO_NEURONS), at=AT)
    assert "z1 = w1 x + b1 = 0.5·1 + 0.1 = 0.6" in shown
    assert "z2 = w2 a1 + b2 = (−0.4)·0.6457 + 0.2 = −0.0583" in shown
    assert shown[-1].endswith("= δ1 = 0.0118")


def test_exact_inputs_stay_exact() -> None:
    shown = lines(sn.derive("y = x (x − 1)(x − 2)(x − 3)", "x"), at={"x": "5/4"})
    assert shown[-1].endswith("= 1.1875")


def test_update_rule_and_closed_form() -> None:
    shown = lines(sn.derive(TWO_NEURONS, "w1"), update=True, closed=True)
    assert shown[-1] == "w1 ← w1 − η · ∂E/∂w1"
    assert shown[-2].startswith("∂E/∂w1 = (σ(w2 σ(w1 x + b1) + b2) − t)")


def test_latex_is_short_and_clean() -> None:
    page = sn.derive(TWO_NEURONS).latex()
    assert len(page) < 2000
    assert page.count(r"\\") == 14
    assert page.startswith("\\begin{aligned}") and page.endswith("\\end{aligned}")
    assert not [f for f in FORBIDDEN if f in page]


def test_an_author_chooses() -> None:
    plain = sn.derive(TWO_NEURONS, delta=False)
    assert "δ" not in plain.text() and "∂E/∂w1 = ∂E/∂z1 · ∂z1/∂w1 = ∂E/∂z1 · x" in lines(plain)
    assert "d" not in sn.derive(TWO_NEURONS, partial="∂").steps[6].target.text().replace("∂", "")
    assert sn.derive(TWO_NEURONS, partial="d").steps[-1].target.text() == "dE/db1"
    renamed = sn.derive(TWO_NEURONS.replace("a2", "o").replace("t)", "y)"))
    assert "∂E/∂o = ½·2 (o − y)·1 = o − y" in lines(renamed)


def test_half_and_one_over_n_as_written() -> None:
    assert "∂E/∂a = 2 (a − t)·1 = 2 (a − t)" in lines(sn.derive("z = w x; a = σ(z); E = (a − t)²"))
    assert any("⅓" in line for line in lines(sn.derive("z = w x; a = σ(z); E = 1/3 (a − t)²")))


def test_order_of_target_and_output() -> None:
    shown = lines(sn.derive("z = w x; a = σ(z); E = ½ (t − a)²"))
    assert "∂E/∂a = ½·2 (t − a)·(−1) = a − t" in shown


def test_shared_weights_are_a_sum_over_paths() -> None:
    d = sn.derive("u = tanh(w x); v = tanh(w u); y = u + v; E = ½ (y − t)²", "w")
    last = d.steps[-1]
    assert last.rule == "sum over the 2 paths through `u` and `v`" or "paths" in last.rule
    assert last.sides[0].op == "add"


def test_cross_entropy_with_sigmoid_is_a_minus_y() -> None:
    d = sn.derive("z = w x + b; a = σ(z); L = −(y ln a + (1 − y) ln(1 − a))")
    assert d.names["δ"].text() == "a − y"
    _, g = d.compile()(w=1, x=800, b=0, y=1)  # saturated: the local forms would be 0·∞
    assert g == {"w": 0.0, "b": 0.0}


def test_doubling_is_counted_once() -> None:
    assert str(sn.derive("c = b + b; d = c*c", "b").closed["b"]) == "8*b"


def test_sum_of_squares_over_matrices() -> None:
    d = sn.derive("e = X*w − y; L = sum(e.*e)", "w", shapes="X: n x d, w: d, y: n")
    assert str(d.gradient["w"]) == "2*X'*e"


def test_names_in_any_spelling() -> None:
    d = sn.derive(TWO_NEURONS)
    assert d.gradient["w_1"] is d.gradient["w₁"] is d.gradient["w_{1}"]
    assert d.names["δ1"] is d.names["delta_1"]
    with pytest.raises(sn.NameLookupError, match="w1, b1, w2, b2"):
        d.gradient["w3"]


def test_generated_names_never_meet_the_user_s() -> None:
    d = sn.derive("z = w x + δ; a = σ(z); delta_z = a; E = (delta_z − t)²", "w")
    assert len(set(d.names) & set(d.graph.symbols)) == 0
    _, g = d.compile()(w=0.5, x=2, δ=0.25, t=1)
    a = 1 / (1 + 2.718281828459045 ** -(0.5 * 2 + 0.25))
    assert g["w"] == pytest.approx(2 * (a - 1) * a * (1 - a) * 2)


def test_a_dead_definition_changes_nothing() -> None:
    alive = sn.derive("z = w x; E = z²").compile()(w=3, x=2)
    assert sn.derive("z = w x; dead = σ(z) z; E = z²").compile()(w=3, x=2) == alive


def test_a_parameter_without_influence_has_gradient_zero() -> None:
    d = sn.derive("z = w x; y = b x; E = z²", "w b")
    assert d.gradient["b"] is sn.Term("num", (), (0, "")) or str(d.gradient["b"]) == "0"
    assert "does not depend on b" in d.text()
    matrix = sn.derive("y = sum(B); E = sum(X)", "B", shapes="B: 2 x 3, X: n x d")
    assert matrix.compile()(X=[[1.0]], B=[[1.0] * 3] * 2)[1]["B"].shape == (2, 3)


@pytest.mark.parametrize("depth", [2, 4, 8, 16, 32, 64])
def test_size_is_linear_in_depth(depth: int) -> None:
    page = sn.derive(sn.network(chain(depth))).latex()
    two = sn.derive(sn.network(chain(2))).latex()
    assert len(page) / depth < 1.2 * len(two) / 2


def chain(depth: int) -> dict[str, object]:
    return {"inputs": ["x"], "layers": [{"units": 1, "activation": "sigmoid"}] * depth, "loss": "half_sse"}


def test_a_deep_network_has_no_recursion_limit() -> None:
    d = sn.derive(sn.network(chain(1000)))
    assert len(d.wrt) == 2000
    with pytest.raises(sn.SizeError, match="named parts"):
        str(d.closed["w1"])


def test_json_holds_every_line() -> None:
    d = sn.derive(TWO_NEURONS)
    page = json.loads(json.dumps(d.to_dict()))
    assert [r["tag"] for s in page["sections"] for r in s["lines"]] == [s.tag for s in d.steps]
    assert page["gradient"]["w1"] == {"plain": "delta1*x", "text": "δ1 x", "latex": r"\delta_1 x"}


def test_result_detail_ends_in_the_same_formula() -> None:
    d = sn.derive(TWO_NEURONS)
    short, whole = lines(d, detail="result"), lines(d)
    assert len(short) == 6
    assert short[-1].split(" = ")[-1] == whole[-1].split(" = ")[-1]


def test_jupyter_shows_it_by_itself() -> None:
    d = sn.derive(TWO_NEURONS)
    assert d._repr_latex_().startswith("$$") and "<table>" in d._repr_html_() and "$" in d._repr_markdown_()


def test_intermediate_quantities_may_be_asked_for() -> None:
    d = sn.derive(TWO_NEURONS, "a1 z2")
    assert d.gradient["z2"].text() == "δ2" and d.gradient["a1"].text() == "δ2 w2"


PAGES = {
    "two neurons": (TWO_NEURONS, None),
    "several paths": ("u = tanh(w x); v = relu(w u); y = u v; E = ½ (y − t)² + ½ λ w²", None),
    "odd names": ("z_out = w_bias + θ_1 x^{(1)}; ŷ = σ(z_out); loss = (ŷ − y')²", None),
    "matrix": ("L = norm2(σ(X*W + ones(n)*b') − T)^2", "X: n x d, W: d x h, b: h, T: n x h"),
    "cases": ("z = w x; a = leaky_relu(z); E = |a − t| + elu(z)", None),
    "softmax": ("Z = X*W; L = −sum(T.*logsoftmax(Z))/n", "X: n x d, W: d x h, T: n x h"),
}


@pytest.mark.parametrize("name", PAGES)
def test_pages_pass_katex_in_strict_mode(name: str, katex) -> None:  # type: ignore[no-untyped-def]
    text, shapes = PAGES[name]
    d = sn.derive(text, shapes=shapes)
    closed = not shapes
    pages = [d.latex(), d.latex(detail="result"), d.latex(closed=closed, update=True)]
    pages += [t.latex() for s in d.steps for t in (s.target, *s.sides)]
    assert katex(pages) == [None] * len(pages)
    for page in pages:
        assert not [f for f in FORBIDDEN if f in page]


def test_markdown_formulas_pass_katex(katex) -> None:  # type: ignore[no-untyped-def]
    page = sn.derive("z = w x; E = |z − t|").markdown()
    formulas = [cell for line in page.splitlines() if line.startswith("| ") for cell in line.split("$")[1::2]]
    assert len(formulas) >= 4 and katex(formulas) == [None] * len(formulas)


def test_same_input_same_bytes(hash_seed_outputs) -> None:  # type: ignore[no-untyped-def]
    code = f"""
import symnet as sn
d = sn.derive({TWO_NEURONS!r})
m = sn.derive("L = norm2(σ(X*W + ones(n)*b') − T)^2", shapes="X: n x d, W: d x h, b: h, T: n x h")
for p in (d, m):
    print(p.text(), p.latex(), p.markdown(), p.html(), p.source(), p.to_dict(), list(p.gradient))
"""
    assert len(set(hash_seed_outputs(code))) == 1


def test_two_pre_activations_without_a_number_are_named_alike() -> None:
    d = sn.derive("s = w x; p = tanh(s); r = v p; q = tanh(r); E = (q − t)²")
    assert list(d.names) == ["delta_r", "delta_s"]
    assert list(sn.derive("z = w x; a = σ(z); E = a²").names) == ["delta"]
