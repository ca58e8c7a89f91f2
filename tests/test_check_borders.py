"""Answers on the border of what is read or proved: whole exponents, dots, ≈, choices, NumPy on a page, assumptions."""

import pytest

import symnet as sn
from symnet.checking.pages.text import from_numpy

RIGHT, WRONG = "right", "wrong"


@pytest.mark.parametrize(
    ("truth", "answer"),
    [
        ("u^k", "|u|^k"),
        ("u^k", "e^(k ln|u|)"),
        ("u^k v^k", "|u v|^k"),
        ("u^(k/2)", "(u^k)^(1/2)"),
        ("u^u", "u^|u|"),
    ],
)
def test_a_power_with_a_name_above_exists_for_negative_bases(truth, answer):
    found = sn.check(answer, equals=truth)
    assert found.kind == WRONG
    assert found.witness is not None and min(found.witness.at.values()) < 0


@pytest.mark.parametrize(
    ("answer", "domain", "kind"),
    [
        ("k |u|^(k − 1)", {}, WRONG),
        ("k u^k/|u|", {}, WRONG),
        ("k |u|^(k − 1)", {"u": ">0"}, RIGHT),
        ("k u^k/u", {}, RIGHT),
        ("k u^(k − 1)", {}, RIGHT),
    ],
)
def test_the_derivative_of_a_power_with_a_name_above(answer, domain, kind):
    assert sn.check(answer, derivative="u^k", wrt="u", domain=domain).kind == kind


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("1.7320508...", RIGHT),
        ("1.732…", RIGHT),
        ("1.73205...", RIGHT),
        ("1.7319...", WRONG),
        ("1.7320507", WRONG),
        ("-1.732...", WRONG),
    ],
)
def test_dots_say_that_digits_follow(answer, kind):
    assert sn.check(answer, value="sqrt(3)").kind == kind


@pytest.mark.parametrize(
    ("answer", "kind"), [("u = ±2, v = 1", RIGHT), ("u = ±2, v = −1", WRONG), ("u = 2, v = 1", WRONG)]
)
def test_signs_in_coordinates_stand_for_two_points(answer, kind):
    assert sn.check(answer, stationary="u^3 − 12u + (v − 1)^2", wrt=["u", "v"]).kind == kind


@pytest.mark.parametrize(("answer", "kind"), [("v^(1) = 2.4", RIGHT), ("v^(1) = 3.6", WRONG)])
def test_a_step_may_stand_above_its_name(answer, kind):
    assert sn.check(answer, update="v^2", wrt="v", at={"v": "3"}, lr="0.1").kind == kind


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("2/7\n≈ 0.286", RIGHT),
        ("√5·√3 = √15 ≈ 3.873", RIGHT),
        ("2/7\n≈ 0.285", WRONG),
        ("2/7\n= 0.286", WRONG),
        ("2/7 \\approx 0.29", RIGHT),
    ],
)
def test_a_rewritten_number_may_be_rounded_behind_its_sign(answer, kind):
    assert sn.check(answer, lines="rewrite").kind == kind


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("u² − 7u + 10 = 0 ⇒ (u − 2)(u − 5) = 0 ⇒ u = 2 ∨ u = 5", RIGHT),
        ("u² − 7u + 10 = 0; (u − 2)(u − 5) = 0; u = 2 or u = 5", RIGHT),
        ("u² − 7u + 10 = 0\nu = 2; u = 5", RIGHT),
        ("u² − 7u + 10 = 0 ⇒ (u − 2)(u − 5) = 0 ⇒ u = 2 ∨ u = 6", WRONG),
        ("u² − 7u + 10 = 0 ⇒ u = 2", WRONG),
    ],
)
def test_what_stands_between_two_arrows_is_one_line(answer, kind):
    assert sn.check(answer, lines="solve", wrt="u").kind == kind


@pytest.mark.parametrize(
    ("answer", "mistake", "line"),
    [
        ("5u + 4 = 19\n5u = 23\nu = 4.6", "sign", 2),
        ("u² − 8u + 15 = 0\n(u + 3)(u + 5) = 0", "sign", 2),
        ("u (u + 6) = 0\nu = 0 or u = 6", "sign", 2),
        ("−u = 7\nu = 7", "sign", 2),
        ("√u = −3\nu = 9", "extra_root", 2),
        ("u² = 9u\nu = 9", "missing_root", 2),
    ],
)
def test_a_sign_turned_on_the_way_to_a_solution(answer, mistake, line):
    found = sn.check(answer, lines="solve", wrt="u")
    assert found.mistake is not None
    assert (found.mistake.name, found.first_bad_line) == (mistake, line)


# ----------------------------------------------------------------------------------------------------------------- read
@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("log2 + u", "log(2) + u"),
        ("u log10", "u*log(10)"),
        ("log2 u", "log(u)/log(2)"),
        ("3e", "3*e"),
        ("(2e)/u", "2*e/u"),
        ("3e-2", "0.03"),
        ("3u cosu", "3*u*cos(u)"),
        ("4 sinu cosu", "4*sin(u)*cos(u)"),
    ],
)
def test_glued_factors_are_read(text, meaning):
    assert str(sn.read(text).value) == meaning


# ---------------------------------------------------------------------------------------------------------------- pages
LAYER = "Z = X*W + ones(n)*b'\nA = tanh(Z)\nQ = A*V\nL = sum((Q - T).^2)/(2n)"
SHAPES = "X: n x d, W: d x h, b: h, V: h x k, T: n x k"


@pytest.mark.parametrize(
    ("page", "kind"),
    [
        ("dQ = (Q - T)/n\ndZ = dQ @ V.T * (1 - A**2)\ndW = X.T @ dZ\ndb = dZ.sum(axis=0)", RIGHT),
        ("dW = X.T @ ((Q - T)/n @ V.T * (1 - np.tanh(Z)**2))", RIGHT),
        ("db = np.sum((Q - T)/n @ V.T * (1 - A**2), axis=0)", RIGHT),
        ("dQ = (Q - T)/n\ndb = np.sum(dQ @ V.T * (1 - A**2), axis=1)", WRONG),
        ("dQ = (Q - T)/n\ndZ = dQ @ V.T * (1 - A)", WRONG),
        ("δ = ((Q − T) Vᵀ) ⊙ (1 − A²)/n\n∂L/∂b = δᵀ 1", RIGHT),
        ("δ = ((Q − T) Vᵀ) ⊙ (1 − A²)\n∂L/∂b = δᵀ 1", WRONG),
    ],
)
def test_a_page_in_numpy(page, kind):
    assert sn.check(page, graph=sn.Graph(LAYER, shapes=SHAPES)).kind == kind


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("dv = (P - Y).sum(axis=0)", "dv = colsum((P - Y))'"),
        ("m = np.mean(np.sum(A, axis=1))", "m = mean(rowsum(A))"),
        ("L = np.sum(r**2)", "L = sum(r .^ 2)"),
        ("L = np.sum(r", "L = np.sum(r"),
    ],
)
def test_numpy_words(line, read):
    assert from_numpy(line) == read


CLASSES = "s = exp(u1) + exp(u2)\np1 = exp(u1)/s\np2 = exp(u2)/s\nL = −(t1 ln p1 + t2 ln p2)"


@pytest.mark.parametrize(
    ("page", "kind", "line"),
    [
        ("t1 + t2 = 1\n∂L/∂u1 = p1 − t1", RIGHT, None),
        ("t2 = 1 − t1\n∂L/∂u2 = p2 − t2", RIGHT, None),
        ("t1 + t2 = 1\nt2 = 0\n∂L/∂u1 = p1 − 1", RIGHT, None),
        ("t1 + t2 = 1\n∂L/∂u1 = t1 − p1", WRONG, 2),
        ("t1 + t2 = 2\n∂L/∂u1 = p1 − t1", WRONG, 2),
        ("∂L/∂u1 = p1 − t1", WRONG, 1),
    ],
)
def test_an_equation_between_data_is_an_assumption(page, kind, line):
    found = sn.check(page, graph=sn.Graph(CLASSES))
    assert (found.kind, found.first_bad_line) == (kind, line)


SQUARES = "r = X*w − y\nL = r'*r/n"


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("L = sum(r.^2)/n", RIGHT),
        ("L = mean((X*w − y).^2)", RIGHT),
        ("L = ones(n)'(r.*r)/n", RIGHT),
        ("L = sum(r.^3)/n", WRONG),
        ("L = sum(r)^2/n", WRONG),
    ],
)
def test_a_sum_of_products_is_an_inner_product(line, kind):
    assert sn.check(line, graph=sn.Graph(SQUARES, shapes="X: n x d, w: d, y: n")).kind == kind


@pytest.mark.parametrize(
    ("page", "kind", "line"),
    [
        ("u = c + v q\n∂L/∂u = g − t\n∂L/∂v = ∂L/∂u · q", RIGHT, None),
        ("u = v q + c\n∂L/∂u = t − g", WRONG, 2),
        ("u = v q + c\n∂g/∂u = g (1 − g)\n∂L/∂c = ∂L/∂g · ∂g/∂u · ∂u/∂c", RIGHT, None),
    ],
)
def test_a_page_may_name_a_part_of_the_network(page, kind, line):
    net = sn.Graph("g = σ(v q + c)\nL = −(t ln g + (1 − t) ln(1 − g))")
    found = sn.check(page, graph=net)
    assert (found.kind, found.first_bad_line) == (kind, line)


@pytest.mark.parametrize(
    ("page", "kind", "line"),
    [
        ("dE = 2(g − t) dg\ndg = g(1 − g) du\ndu = q dv", RIGHT, None),
        ("dE = 2(g − t) dg − 2(g − t) dt\ndu = q dv + v dq", RIGHT, None),
        ("dE = 2(g − t) dg\ndg = g(1 + g) du", WRONG, 2),
        ("dg = 2(g − t)\ndu = dg g(1 − g)\ndv = du q", RIGHT, None),
        ("dg = 2(g − t)\ndg = g(1 − g) du", WRONG, 2),
    ],
)
def test_a_line_about_the_differential_of_the_loss_makes_a_page_of_differentials(page, kind, line):
    found = sn.check(page, graph=sn.Graph("u = v q\ng = σ(u)\nE = (g − t)^2"))
    assert (found.kind, found.first_bad_line) == (kind, line)


# -------------------------------------------------------------------------------------------------------------- updates
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("v ← v − 2ηv, c ← c − 3ηc²", RIGHT),
        ("v ← v − 2ηv\nc ← c + 3ηc²", WRONG),
    ],
)
def test_the_rules_of_two_names(answer, kind):
    assert sn.check(answer, update="v^2 + c^3", wrt=["v", "c"], lr="eta").kind == kind


def test_e_may_be_introduced_behind_where():
    found = sn.check("v ← v + 2η e q where e = t − v q", update="(t − v q)^2", wrt="v", lr="eta")
    assert found.kind == RIGHT


@pytest.mark.parametrize(("answer", "kind"), [("1.5 ± 1.803", RIGHT), ("1.5 ± 1.802", WRONG), ("1.5 ± 1.8028", RIGHT)])
def test_a_sum_of_decimals_is_a_rounded_decimal(answer, kind):
    assert sn.check(answer, roots="u^2 − 3u − 1", wrt="u").kind == kind


@pytest.mark.parametrize(
    ("answer", "kind", "mistake"),
    [
        ("v = 2.2, c = −1.4", RIGHT, None),
        ("(2.2, −1.4)", RIGHT, None),
        ("v ← 3 − 0.1·8 = 2.2\nc ← −1 − 0.1·4 = −1.4", RIGHT, None),
        ("v = 3.8, c = −0.6", WRONG, "plus_instead_of_minus"),
        ("v = 2.2, c = −1.08", WRONG, "updated_too_early"),
        ("v = 2.6, c = −1.4", WRONG, "chain_factor_lost"),
        ("v = 2.2", "malformed", None),
    ],
)
def test_a_step_for_two_names_at_once(answer, kind, mistake):
    found = sn.check(answer, update="(2v + c − 3)^2", wrt=["v", "c"], at={"v": "3", "c": "−1"}, lr="0.1")
    assert (found.kind, found.mistake.name if found.mistake else None) == (kind, mistake)


# ------------------------------------------------------------------------------------------------------------- mistakes
@pytest.mark.parametrize(
    ("function", "answer", "mistake"),
    [
        ("arcsin(3u)", "1/√(1 − 9u²)", "chain_factor_lost"),
        ("arccos(4u)", "4/√(1 − 16u²)", "sign"),
        ("π u²", "6.283185307179586u", "rounded_coefficient"),
        ("u^(1/3)", "0.3333333333333333 u^(−0.6666666666666667)", "rounded_coefficient"),
    ],
)
def test_mistakes_that_only_small_or_precise_numbers_show(function, answer, mistake):
    found = sn.check(answer, derivative=function, wrt="u").mistake
    assert found is not None
    assert found.name == mistake


def test_a_derivative_that_is_left_is_no_argument():
    assert sn.check("2s s'", derivative="sin(u)^2", wrt="u", given={"s": "sin(u)"}).kind != WRONG


@pytest.mark.parametrize("field", ["given", "domain", "at"])
def test_what_belongs_to_names_is_a_mapping(field):
    with pytest.raises(sn.SymnetError, match="maps names"):
        sn.check("2u", derivative="u^2", wrt="u", **{field: 3})
