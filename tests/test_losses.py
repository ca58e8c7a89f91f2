"""The table of losses: how each is written for names and for arrays, and its value."""

import math
from fractions import Fraction

import pytest

import symnet
from symnet.errors import RuleError, ShapeError
from symnet.functions import lookup as function
from symnet.losses import ALIASES, KINDS, TABLE, array, lookup, names, scalar
from symnet.operations import apply
from symnet.term import Term, add, div, fn, mul, neg, num, power, sym

a1, a2, t1, t2, z1, z2 = map(sym, ("a1", "a2", "t1", "t2", "z1", "z2"))
HALF = num(Fraction(1, 2))
EACH = pytest.mark.parametrize("row", TABLE.values(), ids=names())


class FloatMath:
    """The mathematics of floats."""

    pi, max, min, abs = math.pi, max, min, abs

    def number(self, text):
        return float(Fraction(text))

    def if_positive(self, x, a, b):
        return a if x > 0 else b

    def __getattr__(self, name):
        return getattr(math, name, None) or (lambda x: function(name).formula(x, self))


P, T = (0.2, 0.7), (0.0, 1.0)
VALUES = {  # of the predictions P for the targets T, worked out from the definitions
    "sse": 0.2**2 + 0.3**2,
    "half_sse": (0.2**2 + 0.3**2) / 2,
    "mse": (0.2**2 + 0.3**2) / 2,
    "half_mse": (0.2**2 + 0.3**2) / 4,
    "mae": (0.2 + 0.3) / 2,
    "huber": (0.2**2 / 2 + 0.3**2 / 2) / 2,
    "bce": -(math.log(0.8) + math.log(0.7)) / 2,
    "bce_logits": (math.log(1 + math.exp(0.2)) + math.log(1 + math.exp(0.7)) - 0.7) / 2,
    "cross_entropy": math.log(math.exp(0.2) + math.exp(0.7)) - 0.7,
    "kl": 0.5 * math.log(0.5 / 0.2) + 0.5 * math.log(0.5 / 0.7),
    "hinge": (1.0 + 0.3) / 2,
}


@EACH
def test_the_value_of_each_loss(row):
    targets = (0.5, 0.5) if row.name == "kl" else T
    assert scalar(row.name, P, targets, FloatMath()) == pytest.approx(VALUES[row.name], rel=1e-14)


@EACH
def test_half_and_mean_are_fields(row):
    """The loss is ½ if `half` and 1/n if `mean` of the plain sum."""
    targets = (0.5, 0.5) if row.name == "kl" else T
    doubled = scalar(row.name, [[p] for p in P * 2], [[t] for t in targets * 2], FloatMath())
    single = scalar(row.name, [[p] for p in P], [[t] for t in targets], FloatMath())
    assert doubled == pytest.approx(single if row.mean else 2 * single, rel=1e-14)
    assert ("½" in row.statement or "1/(2n)" in row.statement) == row.half or row.name == "huber"
    assert ("n" in row.statement.split("Σ")[0]) == row.mean
    assert row.kind in KINDS


def test_huber_outside_its_square():
    assert scalar("huber", [3.0], [0.0], FloatMath()) == 2.5
    assert scalar("huber", [-3.0], [0.0], FloatMath()) == 2.5
    assert scalar("huber", [1.0], [0.0], FloatMath()) == 0.5


# ------------------------------------------------------------------------------------------------- how they are written
WRITTEN = [
    ("sse",      [a2], [t2],         (a2 - t2) ** 2),
    ("half_sse", [a2], [t2],         mul(HALF, (a2 - t2) ** 2)),
    ("half_sse", [a1, a2], [t1, t2], mul(HALF, add((a1 - t1) ** 2, (a2 - t2) ** 2))),
    ("mse",      [a2], [t2],         (a2 - t2) ** 2),
    ("mse",      [a1, a2], [t1, t2], mul(HALF, add((a1 - t1) ** 2, (a2 - t2) ** 2))),
    ("mse",      [a1] * 3, [t1] * 3, mul(num(Fraction(1, 3)), add(*[(a1 - t1) ** 2] * 3))),
    ("mse",      [[a1, a2]], [[t1, t2]], add((a1 - t1) ** 2, (a2 - t2) ** 2)),
    ("half_mse", [a1, a2], [t1, t2], mul(num(Fraction(1, 4)), add((a1 - t1) ** 2, (a2 - t2) ** 2))),
    ("mae",      [a2], [t2],         fn("abs", a2 - t2)),
    ("bce",      [a2], [t2],         neg(add(mul(t2, fn("log", a2)), mul(1 - t2, fn("log", 1 - a2))))),
    ("bce_logits", [z2], [t2],       fn("softplus", z2) - t2 * z2),
    ("hinge",    [z2], [t2],         apply("max", num(0), 1 - t2 * z2)),
    ("kl",       [a2], [t2],         t2 * fn("log", t2 / a2)),
    ("cross_entropy", [z1, z2], [t1, t2], neg(add(
        mul(t1, z1 - fn("log", add(fn("exp", z1), fn("exp", z2)))),
        mul(t2, z2 - fn("log", add(fn("exp", z1), fn("exp", z2)))),
    ))),
]  # fmt: skip


@pytest.mark.parametrize(("name", "predictions", "targets", "expected"), WRITTEN)
def test_written_for_names(name, predictions, targets, expected):
    assert scalar(name, predictions, targets) is expected


def test_a_minus_that_all_parts_share_stands_in_front():
    loss = scalar("bce", [a1, a2], [t1, t2])
    assert loss.op == "neg" and loss.args[0].op == "mul" and loss.args[0].args[0] is HALF


# ------------------------------------------------------------------------------------------------------------ of arrays
Y, Z, M = sym("Y", ("n", "k")), sym("Z", ("n", "k")), sym("M", (4, "k"))
y, z = sym("y", ("n",)), sym("z", ("n",))
n = sym("n", (), ("dimension",))
SQUARE = power(apply("norm2", Z - Y), num(2))

ARRAYS = [
    ("sse",           Z, Y, SQUARE),
    ("half_sse",      Z, Y, mul(HALF, SQUARE)),
    ("mse",           Z, Y, mul(div(num(1), n), SQUARE)),
    ("half_mse",      Z, Y, mul(div(num(1), mul(num(2), n)), SQUARE)),
    ("mse",           z, y, mul(div(num(1), n), power(apply("norm2", z - y), num(2)))),
    ("mse",           M, M, mul(num(Fraction(1, 4)), power(apply("norm2", M - M), num(2)))),
    ("mae",           Z, Y, mul(div(num(1), n), apply("sum", fn("abs", Z - Y)))),
    ("bce_logits",    Z, Y, mul(div(num(1), n), apply("sum", fn("softplus", Z) - mul(Y, Z)))),
    ("cross_entropy", Z, Y, neg(mul(div(num(1), n), apply("sum", mul(Y, apply("logsoftmax", Z)))))),
    ("cross_entropy", z, y, neg(apply("sum", mul(y, apply("logsoftmax", z))))),
    ("half_sse",      a2, t2, mul(HALF, (a2 - t2) ** 2)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "prediction", "target", "expected"), ARRAYS)
def test_written_for_arrays(name, prediction, target, expected):
    assert array(name, prediction, target) is expected


@EACH
def test_every_loss_of_an_array_is_a_scalar(row):
    for p, t in ((Z, Y), (z, y)):
        loss = array(row.name, p, t)
        assert isinstance(loss, Term) and loss.is_scalar


# ----------------------------------------------------------------------------------------------------------- what fails
@pytest.mark.parametrize(
    ("predictions", "targets"), [([a1], []), ([], []), ([a1, a2], [t1]), ([[a1], [a2]], [[t1], []]), ([[]], [[]])]
)
def test_lists_that_do_not_fit(predictions, targets):
    with pytest.raises(ShapeError, match="as many targets as predictions"):
        scalar("mse", predictions, targets)


def test_arrays_that_do_not_fit():
    with pytest.raises(ShapeError, match="prediction is n×k and the target is n;"):
        array("mse", Z, y)


def test_names():
    assert lookup("MSE").name == "mse" and lookup("log_loss").name == "bce"
    assert len(ALIASES) == sum(1 + len(row.aliases) for row in TABLE.values())
    with pytest.raises(RuleError, match="`mze` is not a known loss; did you mean `mse`"):
        lookup("mze")


@pytest.mark.parametrize("name", ALIASES)
def test_a_loss_typed_in_a_program_is_its_row(name: str) -> None:
    graph = symnet.Graph(f"L = {name}(w x, t)")
    assert graph.result.value is scalar(name, [sym("w") * sym("x")], [sym("t")])
    assert any(f"`{name}` is the loss" in note for note in graph.notes)
    arrays = symnet.Graph(f"L = {name}(P, T)", "P: n x k, T: n x k")
    P, T = (sym(n, ("n", "k")) for n in "PT")
    assert arrays.result.value is array(name, P, T)


def test_names_that_look_like_losses_are_names() -> None:
    assert symnet.read("kl(x + 1)").value is symnet.read("k*l*(x + 1)").value
    assert symnet.read("l1(x + 1)").value is symnet.read("l1*(x + 1)").value
    assert symnet.read("log_b(x)").value is symnet.read("log(x)/log(b)").value
    assert symnet.read("log_loss").value is sym("log_loss")


def test_a_loss_without_a_target_is_refused() -> None:
    with pytest.raises(symnet.ReadError, match="a prediction and a target"):
        symnet.read("log_loss(w)")
    with pytest.raises(symnet.ReadError, match="a prediction and a target"):
        symnet.Graph("L = mse(w x)")
