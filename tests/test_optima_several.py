"""Stationary points in several variables: points, kinds, sets, and the least and greatest values."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from itertools import product

import pytest
import sympy as sp

import symnet as sn
from symnet.optima import stationary
from symnet.optima.several import ideals, local
from symnet.optima.several.convexity import convex
from symnet.optima.several.extremes import Known, polynomial_infimum

OO = "oo"
XY = "x y"

# expression, names, kinds of the stationary points in ascending order, minimum, maximum ("*": not taken)
POINTS = [
    ("x^2 - 4x + 2y^2 + 4y", XY, "min", "-6", "oo"),
    ("x^3 - 12x*y + 8y^3", XY, "saddle min", "-oo", "oo"),
    ("x^4 + y^4 - 8x*y + 2", XY, "min saddle min", "-6", "oo"),
    ("2x^4 - x^2 + 3y^2", XY, "min saddle min", "-1/8", "oo"),
    ("x^3 + y^3 + 3x*y", XY, "max saddle", "-oo", "oo"),
    ("(x^2 + y - 5)^2 + (x + y^2 - 3)^2", XY, "min saddle min saddle min saddle min", "0", "oo"),
    ("50*(y - x^2)^2 + (2 - x)^2", XY, "min", "0", "oo"),
    ("x^2 + 3y^6", XY, "min", "0", "oo"),
    ("x^2 - 2y^6", XY, "saddle", "-oo", "oo"),
    ("x^4 + x^3*y + y^4", XY, "min", "0", "oo"),
    ("(y - x^2)*(y - 5x^2)", XY, "saddle", "-oo", "oo"),
    ("(y - x^2)^2 + x^6", XY, "min", "0", "oo"),
    ("(y - x^2)^2 - x^7", XY, "saddle", "-oo", "oo"),
    ("x^2*y^2 + x^6 + y^6", XY, "min", "0", "oo"),
    ("x^3 - 6x*y^2", XY, "saddle", "-oo", "oo"),
    ("x^2 + (x*y - 2)^2", XY, "saddle", "0*", "oo"),
    ("x^2 + y^2 + z^2 + 3x*y*z", "x y z", "saddle saddle min saddle saddle", "-oo", "oo"),
    ("(x - 2y)^2 + 3*(z - w)^2 + (y - z)^4 + (x - w)^4", "x y z w", "min", "0", "oo"),
    ("x*exp(-2x^2 - y^2)", XY, "min max", "-exp(-1/2)/2", "exp(-1/2)/2"),
    ("log(2x^2 + y^2 + 3)", XY, "min", "log(3)", "oo"),
    ("(x + 2y)/(1 + x^2 + y^2)", XY, "min max", "-sqrt(5)/2", "sqrt(5)/2"),
    ("(x^2 - 2y^2)/(x^2 + y^2 + 1)", XY, "saddle", "-2*", "1*"),
    ("exp(2x) + exp(y) - 4x - y", XY, "min", "3 - 2*log(2)", "oo"),
    ("sin(x) + cos(y)", XY, "max saddle saddle min", "-2", "2"),
    ("x + y + 8/(x*y)", XY, "min", "6", "oo", {"x": "(0, oo)", "y": "(0, oo)"}),
    ("exp(x - 2y)", XY, "", "0*", "oo"),
    ("log(1 + exp(x)) + log(1 + exp(2 - x)) + y^2/2", XY, "min", "2*log(1 + E)", "oo"),
    ("(x^2 + 1)*exp(y) - y", XY, "min", "1", "oo"),
    ("x^2 + 3y^2 - cos(2*pi*x)*cos(pi*y)", XY, "", "-1", "oo"),
    ("exp(-x*y) + 2x^2 + 2y^2", XY, "min", "1", "oo"),
]  # fmt: skip

# loss, names, minimum, words that the answer holds
LOSSES = [
    ("log(1 + exp(-w1 - 2w2)) + log(1 + exp(w1 - w2))", "w1 w2", "0*", "not attained"),
    ("(sigmoid(2w + b) - 1)^2/2 + sigmoid(b - w)^2/2", "w b", "0*", "not attained"),
    ("log(1 + exp(w1 - w2)) + log(1 + exp(w2 - w1))", "w1 w2", "log(4)", "all points with"),
    ("(w + b - 1)^2 + (2w + b - 3)^2 + (3w + b - 4)^2", "w b", "1/6", "w = 3/2"),
    ("(w1 + 2w2 - 1)^2 + (2w1 + 4w2 - 5)^2", "w1 w2", "9/5", "all points with"),
    ("(u*v - 2)^2/2", "u v", "0", "all points with"),
]

# expression, names, kind of the set
SETS = [
    ("(x - 2y)^2", XY, "min"), ("x^2*y^4", XY, "min"), ("(x^2 + y^2 - 4)^2", XY, "min"), ("5 - x^2*y^2", XY, "max"),
    ("sin(x*y)", XY, "min"), ("x^2 + 2x", XY, "min"), ("tanh(x - y)^2", XY, "min"),
]  # fmt: skip

# expression, domain, (x, y, kind) of the points on the border that are extreme, minimum, maximum
BOXES = [
    ("x*y - 2x - y", {"x": "[0, 3]", "y": "[0, 4]"}, [(0, 0, "max"), (0, 4, "min"), (3, 0, "min"), (3, 4, "max")],
     "-6", "2"),
    ("x^2 + 2y^2", {"x": "[-1, 1]", "y": "[-1, 2]"}, [(-1, -1, "max"), (-1, 2, "max"), (1, -1, "max"), (1, 2, "max")],
     "0", "9"),
    ("x^2 + 2y^2", {"x": "(1, 2]", "y": "[0, 1]"}, [(2, 1, "max")], "1*", "6"),
]  # fmt: skip

# expression, the place of the kink
KINKS = [
    ("sqrt(x^2 + 2y^2) + 3", (0, 0)), ("abs(x - 1) + abs(y + 2)", (1, -2)),
    ("max(x, 2y) + x^2 + y^2", ("-2/5", "-1/5")),
    ("abs(x - y) + (x - 1)^2 + (y - 1/2)^2", ("3/4", "3/4")), ("sqrt((x - 1)^2 + y^2) + x/3", (1, 0)),
    ("max(abs(x), abs(y - 1))", (0, 1)), ("abs(y - x^2) + (x - 2)^2", (2, 4)),
]  # fmt: skip


def number(text):
    """An expected value written in SymPy's notation."""
    return sp.S({"oo": sp.oo, "-oo": -sp.oo}.get(text, text))


def holds(extremum, expected):
    value = number(expected.rstrip("*"))
    assert extremum is not None
    if value.is_infinite:
        assert extremum.value == value
        return
    assert abs(float(extremum.value) - float(value)) < 1e-12 * max(1, abs(float(value)))
    assert extremum.attained is not expected.endswith("*")


@pytest.mark.parametrize("row", POINTS, ids=lambda r: r[0])
def test_points_kinds_and_extremes(row):
    expr, names, kinds, low, high, *domain = row
    s = stationary(expr, names.split(), domain=domain[0] if domain else None)
    if kinds:
        assert [p.kind for p in s.points] == kinds.split()
    assert s.proven
    holds(s.minimum, low)
    holds(s.maximum, high)
    assert_stationary(s)


def assert_stationary(s):
    """The gradient vanishes at the points, by differences; nothing on a grid is below the minimum."""
    f = as_function(s)
    h = 1e-5
    for p in s.points:
        at = [float(p.approx[n]) for n in s.wrt]
        for i in range(len(at)):
            up, down = ([x + d * (i == j) for j, x in enumerate(at)] for d in (h, -h))
            assert abs(f(*up) - f(*down)) / (2 * h) < 1e-5 * (1 + abs(f(*at)))
    for at in product((-1.7, -0.6, 0.3, 1.1, 2.3), repeat=len(s.wrt)):
        value = f(*at) if not s.domain else None
        if value is not None:
            assert s.minimum.value == -sp.oo or value >= float(s.minimum.value) - 1e-12
            assert s.maximum.value == sp.oo or value <= float(s.maximum.value) + 1e-12


def as_function(s):
    from symnet.bridge import to_sympy

    return sp.lambdify([sp.Symbol(n) for n in s.wrt], to_sympy(s.expr), "math")


def test_exact_coordinates_are_radicals_or_roots_with_digits():
    s = stationary("x^4 + y^4 - 3x - 4x*y", ["x", "y"])
    assert s.proven and len(s.points) == 1
    assert isinstance(s.points[0].at["x"], sp.CRootOf)
    assert s.summary().count("zero of") == s.summary().count("(≈") > 0  # never without digits
    r = stationary("x^3 - 2x - y^2", ["x", "y"])
    assert [p.at["x"] for p in r.points] == [-sp.sqrt(6) / 3, sp.sqrt(6) / 3]


@pytest.mark.parametrize("row", LOSSES, ids=lambda r: r[0])
def test_losses_in_several_weights(row):
    expr, names, low, words = row
    s = stationary(expr, names.split())
    holds(s.minimum, low)
    assert words in s.summary()


@pytest.mark.parametrize(("expr", "names", "kind"), SETS, ids=lambda r: str(r))
def test_sets_that_are_not_isolated(expr, names, kind):
    s = stationary(expr, names.split())
    assert s.critical_set and s.critical_set[0].kind == kind
    f = as_function(s)
    assert s.minimum.value == -sp.oo or f(0.4, -1.3) >= float(s.minimum.value)


def test_a_set_whose_kind_changes_along_it_is_not_called_a_minimum():
    s = stationary("x^2*y + x*y*z + z^2", ["x", "y", "z"])
    assert len(s.critical_set) == 1
    assert s.critical_set[0].kind == ""
    assert "minimum for 0 < y < 4" in str(s.critical_set[0])


@pytest.mark.parametrize("row", BOXES, ids=lambda r: r[0])
def test_boxes(row):
    expr, domain, border, low, high = row
    s = stationary(expr, ["x", "y"], domain=domain)
    found = [(p.at["x"], p.at["y"], p.kind) for p in s.points if p.type == "boundary" and p.kind in ("min", "max")]
    assert found == border
    holds(s.minimum, low)
    holds(s.maximum, high)


def test_all_points_of_a_box_by_krawczyk():
    s = stationary("x^2 + y^2 - 3*cos(pi*x*y)", ["x", "y"], domain={"x": "[-1, 1]", "y": "[-1, 1]"})
    assert s.proven
    inner = [p for p in s.points if p.type == "stationary"]
    assert [p.kind for p in inner].count("min") == 1
    f = as_function(s)
    grid = [f(i / 20, j / 20) for i in range(-20, 21) for j in range(-20, 21)]
    assert float(s.minimum.value) <= min(grid) + 1e-12 and float(s.maximum.value) >= max(grid) - 1e-12


def test_a_periodic_family_in_a_window():
    s = stationary("x*cos(y)", ["x", "y"])
    assert s.family
    inside = s.within({"x": ["-1", "1"], "y": ["-6", "6"]})
    assert [(p.at["x"], p.at["y"], p.kind) for p in inside] == [
        (0, k * sp.pi / 2, "saddle") for k in (-3, -1, 1, 3)
    ]  # fmt: skip


@pytest.mark.parametrize(("expr", "at"), KINKS, ids=lambda r: str(r))
def test_kinks(expr, at):
    s = stationary(expr, ["x", "y"])
    kinks = [p for p in s.points if p.type == "kink"]
    assert [(p.at["x"], p.at["y"], p.kind) for p in kinks] == [(*map(sp.S, at), "min")]
    holds(s.minimum, str(kinks[0].value))


# expression, box, what is seen of the points and of the sets, minimum, maximum; all proven
JOINED = [
    ("x*|x| + 2y^2", None, "saddle stationary", 0, "-oo", "oo"),
    ("max(x^2, 4y^2)", None, "min stationary", 0, "0", "oo"),
    ("|x|^3 + y^4", None, "min stationary", 0, "0", "oo"),
    ("2|x| + 2max(x, y)", None, "min kink", 3, "0", "oo"),
    ("relu(x) + 3relu(y)", None, "min kink", 3, "0", "oo"),
    ("|2x*y|", None, "", 2, "0", "oo"),
    ("|x^2 + y^2 - 4|", None, "max stationary", 1, "0", "oo"),
    ("(relu(x) - 2)^2 + y^2", None, "min stationary", 1, "0", "oo"),
    ("(x + y - 1)^2 + |x|/2 + |y|/2", None, "min kink min kink", 1, "7/16", "oo"),
    ("(x + y - 1)^2 + (3x + y - 2)^2 + |x| + |y|", None, "min kink", 0, "31/40", "oo"),
    ("sqrt((x - 3)^2 + y^2) + sqrt((x + 3)^2 + y^2) + sqrt(x^2 + (y - 4)^2)", None, "min stationary", 0,
     "4 + 3*sqrt(3)", "oo"),
    ("max(x^2, y^2)", {"x": "[-1, 1]", "y": "[-1, 2]"}, "max boundary min stationary max boundary", 0, "0", "4"),
]  # fmt: skip


@pytest.mark.parametrize("row", JOINED, ids=lambda r: r[0])
def test_joints(row):
    expr, box, points, sets, low, high = row
    s = stationary(expr, ["x", "y"], domain=box)
    assert " ".join(f"{p.kind} {p.type}" for p in s.points) == points
    assert len(s.critical_set or ()) == sets and s.proven
    holds(s.minimum, low)
    holds(s.maximum, high)


# expression, box, minimum, maximum: the set where the gradient is 0 lies outside of the box, or meets it
OUTSIDE = [
    ("(x*y - 1)^2", "[2, 3]", "[2, 3]", "9", "64", 0),
    ("(x - y)^2", "[0, 1]", "[2, 3]", "1", "9", 0),
    ("|x - y|", "[0, 1]", "[2, 3]", "1", "3", 0),
    ("(x^2 + y^2 - 1)^2", "[1, 2]", "[1, 3]", "1", "144", 0),
    ("relu(x + y)", "[1, 2]", "[1, 2]", "2", "4", 0),
    ("(x + y - 2)^2 + |x| + |y|", "[2, 3]", "[2, 3]", "8", "22", 0),
    ("(x*y - 1)^2", "[0, 3]", "[0, 3]", "0", "64", 1),
    ("sin(x*y)", "[-2, 2]", "[-2, 2]", "-1", "1", 2),
    ("sin(x^2 + y^2)", "[-2, 2]", "[-2, 2]", "-1", "1", 3),
    ("sin(x*y)", "[-5, 5]", "[-5, 5]", "-1", "1", 16),
]


@pytest.mark.parametrize("row", OUTSIDE, ids=lambda r: f"{r[0]} {r[1]}")
def test_a_set_counts_only_where_it_meets_the_box(row):
    expr, x, y, low, high, sets = row
    s = stationary(expr, ["x", "y"], domain={"x": x, "y": y})
    assert len(s.critical_set or ()) == sets and s.proven
    holds(s.minimum, low)
    holds(s.maximum, high)


def test_a_degenerate_point_with_the_least_value_is_a_minimum():
    s = stationary("(exp(x) - y)^4 + 3*(y - 1)^6", ["x", "y"], domain={"x": "[-1, 1]", "y": "[0, 2]"})
    assert [p.kind for p in s.points if p.type == "stationary"] == ["min"]


def test_squares_make_a_polynomial_coercive():
    s = stationary("(a*b*c - 1)^2 + 2*(a^2 + b^2) + 2*c^2", ["a", "b", "c"])
    assert s.proven
    holds(s.minimum, "1")


def test_a_root_on_a_bounded_set():
    s = stationary("x*y*sqrt(4 - x^2 - y^2)", ["x", "y"])
    assert [p.kind for p in s.points] == ["max", "min", "saddle", "min", "max"]
    holds(s.minimum, "-8*sqrt(3)/9")
    holds(s.maximum, "8*sqrt(3)/9")


def test_the_tip_of_a_root_that_is_smooth_is_no_kink():
    s = stationary("cos(sqrt(x^2 + y^2))", ["x", "y"])
    assert [(p.kind, p.type) for p in s.points] == [("max", "stationary")]


def test_a_picture_shows_points_and_curves(tmp_path):
    pytest.importorskip("matplotlib")
    s = stationary("(x*y - 1)^2", ["x", "y"])
    figure = s.plot(tmp_path / "valley.png")
    assert (tmp_path / "valley.png").stat().st_size > 10_000
    axes = figure.axes[0]
    assert [tuple(map(float, line.get_xydata()[0])) for line in axes.lines] == [(0.0, 0.0)]
    assert [t.get_text() for t in axes.get_legend().get_texts()] == ["saddle point"]
    valley = axes.collections[-1].get_paths()[0].vertices
    assert all(abs(x * y - 1) < 0.05 for x, y in valley[::20])


def test_a_joint_that_is_not_understood_is_not_called_proven():
    assert not stationary("abs(x^2*y^3 - x*y^5 + 1) + x", ["x", "y"]).proven


def test_time_is_bounded():
    s = stationary("sin(x*y + z)*exp(cos(x - y^2)) + x^2*sin(z^3)", ["x", "y", "z"], seconds=1.5)
    assert s.complete == "numerical"


def germ(e, names):
    return {m: local.fmpq(int(c.p), int(c.q)) for m, c in sp.Poly(e, *names).terms()}


def test_germs_of_corank_two():
    x, y, z = sp.symbols("x y z")
    assert local.kind(germ(x**4 + 3 * y**4 + z**2, (x, y, z)), 3) == "min"
    assert local.kind(germ(x**4 - 3 * y**4 + z**2, (x, y, z)), 3) == "saddle"
    assert local.kind(germ(-((x - y) ** 2) - x**4 * y**2, (x, y)), 2) == "max"
    assert local.kind(germ(x**5 + x**2 * y**2, (x, y)), 2) == "saddle"
    assert local.kind(germ((x - y) ** 2, (x, y)), 2) in (None, "min")


def test_zeros_of_a_system_are_counted_by_the_trace_form():
    ring = ideals.ring(2)
    x, y = ring.gens()
    found = ideals.zeros([x**2 + y**2 - 5, x * y - 2], ring, lambda: 5.0)
    assert [tuple(p.exact(c) for c in p.at) for p in found.places] == [(-2, -1), (-1, -2), (1, 2), (2, 1)]
    assert not ideals.zeros([x**2 + y**2 + 1], ring, lambda: 5.0).sets


def test_the_infimum_of_a_polynomial_that_is_not_coercive():
    x, y = sp.symbols("x y", real=True)
    found = polynomial_infimum(sp.expand((x * y - 1) ** 2 + x**4), (x, y), Known((sp.Integer(1),)), lambda: 5.0)
    assert found.value == 0 and found.attained is False


def test_convexity_is_not_claimed_where_it_fails():
    x, y = sp.symbols("x y", real=True)
    assert convex(sp.log(1 + sp.exp(x - y)) + x**2, (x, y))
    assert convex(sp.sqrt(x**2 + y**2) + sp.Max(x, y), (x, y))
    assert not convex(sp.log(1 + sp.exp(x - y)) - x**2, (x, y))
    assert not convex(sp.sqrt(sp.Abs(x)) + y**2, (x, y))
    assert not convex(x * y, (x, y))
    assert convex(sp.expand((x - 2 * y) ** 2) + sp.Abs(x), (x, y))
    assert not convex(sp.expand((x - 2 * y) ** 2) - 5 * y**2 + sp.Abs(x), (x, y))


@pytest.mark.slow
def test_the_same_bytes_over_hash_seeds():
    code = (
        "from symnet.optima import stationary as s\n"
        "for e in ('x^4+y^4-4x*y', 'sin(x)+sin(y)+cos(x+y)', 'abs(x)+max(y,x)+x^2+y^2', 'x^2*y^2', '(x*y-1)^2/2'):\n"
        "    print(s(e, ['x', 'y']).summary())\n"
    )
    out = {
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": str(k)}, capture_output=True, check=True
        ).stdout
        for k in range(4)
    }
    assert len(out) == 1 and b"minimum" in next(iter(out))


@pytest.mark.parametrize(
    ("expr", "points", "approached"),
    [
        ("log(x^2 + y^2 - 1)", [], "x² + y² − 1 → 0"), ("log(1 - x^2 - y^2)", [(0, 0)], "1 − x² − y² → 0"),
        ("log(x - y)", [], "x − y → 0"), ("log((x - y)^2 - 1)", [], "(x − y)² − 1 → 0"),
    ],
)  # fmt: skip
def test_points_outside_of_the_domain_are_none(expr, points, approached):
    s = stationary(expr, ["x", "y"])
    assert [(p.at["x"], p.at["y"]) for p in s.points] == points and s.critical_set is None
    assert (s.minimum.value, s.minimum.attained, s.minimum.approached) == (-sp.oo, False, approached)


def test_lines_of_points_are_not_isolated():
    assert "isolated" not in stationary("(x - y)^2", ["x", "y"]).certificate
    assert stationary("(x^2 + y^2 - 1)^2", ["x", "y"]).certificate.endswith("zeros, the isolated ones exactly")
    assert stationary("x^2 + y^2", ["x", "y"]).certificate.endswith("zeros, each isolated exactly")


@pytest.mark.parametrize("expr", ["(x + y + 1)^2000", "log((x + y)^300 + 1)", "|(x^2 - y^2)^30 - 1|"])
def test_powers_that_cannot_be_multiplied_out_end_in_time(expr):
    start = time.monotonic()
    stationary(expr, ["x", "y"], seconds=1)
    assert time.monotonic() - start < 15


def test_the_domain_of_every_name_is_read_alike():
    s = stationary("x y - x - y", ["x", "y"], domain={"x": "0 < x < 2", "y": "positive"})
    assert [(p.at["x"], p.at["y"], p.kind) for p in s.points] == [(1, 1, "saddle")]


# -------------------------------------------------------------------------------------------- the edge of the domain
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("√(−x² − y² − 1)", "no real value"), ("log(−x² − y²)", "no real value"),
        ("√(2x y − x² − y² − 1)", "no real value"), ("asin(x² + y² + 2)", "no real value"),
        ("√(−x² − y²)", "only where"),
    ],
)  # fmt: skip
def test_a_function_without_a_value_is_refused(text: str, said: str) -> None:
    with pytest.raises(sn.DomainError, match=said):
        sn.stationary(text)


def test_no_value_on_the_box() -> None:
    with pytest.raises(sn.DomainError, match="no real value"):
        sn.stationary("log(x) + y²", ["x", "y"], {"x": "[-2, -1]"})
    assert sn.stationary("log(x) + y²", ["x", "y"]).maximum.value == sp.oo


def test_an_extremum_on_the_edge_names_a_place() -> None:
    s = sn.stationary("√(1 − x² − y²)")
    assert s.minimum.value == 0 and "for example at x = 1, y = 0" in s.summary()
    assert any("edge of the domain" in n for n in s.notes)
    assert not sn.stationary("√(x² + y²)").notes


def test_a_hole_in_several_names_is_refused() -> None:
    with pytest.raises(sn.DomainError, match="one name only"):
        sn.stationary("x² + y²", ["x", "y"], {"x": "x != 0"})


# ------------------------------------------------------------------------------------------------ values that are one
def test_algebraic_numbers_are_proven_equal_or_not() -> None:
    from symnet.optima.several.separation import vanishes

    r = sp.sqrt
    assert vanishes(r(2) + r(3) - r(5 + 2 * r(6)))
    assert vanishes(sp.CRootOf(sp.Symbol("x") ** 3 - 2, 0) - 2 ** sp.Rational(1, 3))
    assert not vanishes(r(2) + r(3) - r(5 + 2 * r(6)) + sp.Rational(1, 10**200))
    assert not vanishes(sp.exp(1) - sp.exp(1) + sp.log(2) - sp.Float(0.69))


def test_values_that_agree_without_a_proof_are_not_called_equal() -> None:
    from symnet.optima.several.extremes import same_value

    assert same_value(sp.sqrt(5 + 2 * sp.sqrt(6)), sp.sqrt(2) + sp.sqrt(3))
    assert not same_value(sp.sqrt(2), sp.Rational(141421356, 10**8))
    with pytest.raises(sn.SymnetError, match="not proven"):
        same_value(sp.sin(1) ** 2, (1 - sp.cos(2)) / 2 + sp.Rational(1, 10**400))
