"""Identities of inverse functions, maxima, long powers, paired signs, `<-`, √x², and contradictory assumptions."""

import pytest

import symnet as sn

RIGHT, WRONG = "right", "wrong"


@pytest.mark.parametrize(
    ("truth", "answer", "kind"),
    [
        ("asin u", "atan(u/√(1 − u²))", RIGHT),
        ("atan u", "asin(u/√(1 + u²))", RIGHT),
        ("π/2 − atan u", "acos(u/√(1 + u²))", RIGHT),
        ("acot u", "2 atan(√(1 + u²) − u)", RIGHT),
        ("acos u", "2 atan(√((1 − u)/(1 + u)))", RIGHT),
        ("asin(√u)", "acos(1 − 2u)/2", RIGHT),
        ("acos(2u² − 1)", "2 acos|u|", RIGHT),
        ("2 atan(e^u) − π/2", "asin(tanh u)", RIGHT),
        ("atan(u + 1) − atan u", "atan(1/(1 + u + u²))", RIGHT),
        ("acos(2u² − 1)", "2 acos u", WRONG),
        ("2 atan u", "asin(2u/(1 + u²))", WRONG),
        ("atan(1/u)", "acos(u/√(1 + u²))", WRONG),
        ("atan u + atan(1/u)", "π/2", WRONG),
        ("asin u", "acos(√(1 − u²))", WRONG),
    ],
)
def test_inverse_functions(truth, answer, kind):
    assert sn.check(answer, equals=truth).kind == kind


@pytest.mark.parametrize(
    ("truth", "answer", "domain"),
    [
        ("2 atan u", "asin(2u/(1 + u²))", "(-1, 1)"),
        ("2 atan u", "π − asin(2u/(1 + u²))", ">1"),
        ("asin u", "acos(√(1 − u²))", ">0"),
        ("atan u + atan(1/u)", "−π/2", "<0"),
    ],
)
def test_inverse_functions_on_a_part_of_the_line(truth, answer, domain):
    assert sn.check(answer, equals=truth, domain={"u": domain}).kind == RIGHT


@pytest.mark.parametrize(
    ("truth", "answer", "kind"),
    [
        ("max(u, v, w)", "max(u, max(v, w))", RIGHT),
        ("max(u, v, w)", "max(max(w, u), v)", RIGHT),
        ("min(u, v, w)", "min(w, min(v, u))", RIGHT),
        ("max(u, v)", "(u + v + |u − v|)/2", RIGHT),
        ("max(u, u, v)", "max(v, u)", RIGHT),
        ("max(u, v, w)", "max(u, min(v, w))", WRONG),
    ],
)
def test_the_largest_in_any_order(truth, answer, kind):
    assert sn.check(answer, equals=truth).kind == kind


@pytest.mark.parametrize(
    ("answer", "kind"),
    [("400 (u + 3)^400/(u + 3)", RIGHT), ("400 (u + 3)^398 (3 + u)", RIGHT), ("400 (u + 3)^400/(u + 2)", WRONG)],
)
def test_long_powers_of_a_sum(answer, kind):
    assert sn.check(answer, derivative="(u + 3)^400", wrt="u").kind == kind


@pytest.mark.parametrize(
    ("answer", "kind"), [("u = ±2, y = ∓16", RIGHT), ("u = ±2, y = ±16", WRONG), ("u = ∓2, y = ±16", RIGHT)]
)
def test_upper_signs_go_together(answer, kind):
    assert sn.check(answer, stationary="u^3 − 12u", wrt="u").kind == kind


def test_minus_or_plus_is_the_other_one():
    assert sn.read("u ∓ 1").value is sn.read("u ± (−1)").value
    assert sn.read("u ∓ 1").value is not sn.read("u ± 1").value


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("u<-1", "u < -1"),
        ("max(u<-1, 0)", "max(u < -1, 0)"),
        ("u<-1 or u > 2", "u < -1 or u > 2"),
        ("−2 if u<-1 else 2", "Piecewise((-2, u < -1), (2, True))"),
        ("u <- 3", "u <- 3"),
        ("u <- u − 1", "u <- u - 1"),
        ("u<-u-0.1*g", "u <- u - 0.1*g"),
        ("W^(1) <- W^(1) − 2", "W^1 <- W^1 - 2"),
    ],
)
def test_less_than_a_negative_number_is_no_arrow(text, read):
    assert str(sn.read(text)) == read


def test_a_gradient_of_nothing_is_refused():
    with pytest.raises(sn.SymnetError):
        sn.check_gradient(lambda: {}, "2 π")


@pytest.mark.parametrize("answer", ["e^(k ln u)", "(√u)^(2k)"])
def test_lost_negative_bases_are_no_isolated_points(answer):
    found = sn.check(answer, equals="u^k")
    assert found.kind == RIGHT
    assert any("negative bases" in n for n in found.notes)


def test_a_root_in_front_of_a_power_says_how_it_is_read():
    found = sn.check("√u²", equals="|u|")
    assert found.kind == WRONG and any("(√u)^" in n for n in found.notes)
    assert sn.read("√(u²)").notes == sn.read("(√u)²").notes == ()
    assert "(√u)²" in sn.read("√u²").value.text()


PAGE = "s = exp(u1) + exp(u2)\np1 = exp(u1)/s\np2 = exp(u2)/s\nL = −(t1 ln p1 + t2 ln p2)"


@pytest.mark.parametrize(
    ("assumed", "kind"),
    [
        ("t1 = 1\nt2 = 1\nt1 + t2 = 1", "malformed"),
        ("t1 + t2 = 1\nt1 + t2 = 2", "malformed"),
        ("t1 = 1\nt2 = 0\nt1 + t2 = 1", RIGHT),
        ("t1 + t2 = 1\nt2 = 1 − t1", RIGHT),
    ],
)
def test_assumptions_must_not_exclude_each_other(assumed, kind):
    assert sn.check(f"{assumed}\n∂L/∂u1 = p1 − t1", graph=sn.Graph(PAGE)).kind == kind
