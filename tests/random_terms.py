"""Random Terms of everything that symnet prints, for round trips through plain text and LaTeX."""

from fractions import Fraction

from hypothesis import strategies as st

from symnet.operations import apply
from symnet.term import Term, add, cases, div, fn, matmul, mul, neg, num, partial, power, prime, rel, sym, transpose

NAMES = [
    "x", "y", "t", "w1", "b2", "a1", "z2", "delta2", "eta", "lambda", "w_bias", "net_h1", "loss", "w11", "w1_11",
    "w1_10_3", "a^{(1)}", "yhat", "yhat1", "E", "e1", "Deltax", "x_np1", "w_jk_l", "theta", "n", "C", "prediction", "L",
    "c_hat", "w2_new", "z1_2", "w_{10,3}", "d", "i", "w5^{+}", "nabla_E", "r_{t+k}", "T", "a_{1x}", "ell", "g", "f",
]  # fmt: skip
FUNCTIONS = ["sigmoid", "tanh", "relu", "exp", "log", "sin", "cos", "sqrt", "abs", "softplus", "asin", "erf", "sign",
             "gelu_tanh", "hard_tanh"]  # fmt: skip
SHAPES = {"X": ("n", "d"), "W": ("d", "k"), "u": ("d",), "v": ("d",), "r": ("n",), "S": ("d", "d"), "q": ("n",)}
DECLARED = "X: n x d, W: d x k, u: d, v: d, r: n, S: d x d, q: n"
ARRAYS = {name: sym(name, shape) for name, shape in SHAPES.items()}

numbers = st.one_of(
    st.integers(0, 12).map(num),
    st.sampled_from([Fraction(1, 2), Fraction(2, 3), Fraction(3, 4), Fraction(7, 5)]).map(num),
    st.sampled_from(["0.5", "0.05", "1.25", "10.0", "3.0"]).map(lambda s: num(Fraction(s), ".")),
)
symbols = st.sampled_from(NAMES).map(sym)
constants = st.just(sym("pi", (), ("constant",)))


def _partial(names: tuple[str, str, str]) -> Term:
    y, x, d = names
    return partial(sym(y), sym(x), d)


partials = st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES), st.sampled_from("d∂")).map(_partial)


def _extend(inner: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    few = st.lists(inner, min_size=2, max_size=4)
    condition = st.builds(rel, st.sampled_from(["<", "<=", ">", ">=", "!="]), inner, inner)
    return st.one_of(
        few.map(lambda a: add(*a)),
        few.map(lambda a: mul(*a)),
        inner.map(neg),
        st.builds(div, inner, inner),
        st.builds(_power, inner, st.one_of(st.integers(1, 4).map(num), inner)),
        st.builds(fn, st.sampled_from(FUNCTIONS), inner),
        st.builds(prime, st.sampled_from(["sigmoid", "tanh", "relu"]), inner, st.integers(1, 2)),
        st.builds(lambda f, x: Term("apply", (x,), f), st.sampled_from(["f", "g"]), inner.filter(_no_functions)),
        st.builds(lambda x: Term("applyprime", (x,), ("h", (1,))), inner),
        st.builds(lambda e, x, k: Term("diff", (e, sym(x)), k), inner.filter(_compound), st.sampled_from("xyt"),
                  st.integers(1, 3)),
        st.builds(lambda a, c, b: cases(a, c, b), inner, condition, inner),
        st.builds(lambda e, x: Term("integral", (e, sym(x))), inner, st.sampled_from("xt")),
        st.builds(lambda e: Term("limit", (e, sym("h"), num(0))), inner),
        few.map(lambda a: apply("max", *a)),
        inner.map(lambda x: fn("step", x)),
    )  # fmt: skip


def _no_functions(t: Term) -> bool:
    return not {"f", "g"} & set(t.free)


def _compound(t: Term) -> bool:
    return t.op != "sym"


def _power(base: Term, exponent: Term) -> Term:
    if (base.op == "sym" and "constant" in base.facts) or exponent.size > 8:
        return power(sym("x"), num(2))
    if base.number is not None or not base.free or (not exponent.free and exponent.op != "num"):
        return power(sym("y"), num(3))
    return power(base, exponent)


scalars = st.recursive(st.one_of(symbols, symbols, numbers, constants, partials), _extend, max_leaves=12)


# ----------------------------------------------------------------------------------------------------- array formulas
def _array(name: str) -> st.SearchStrategy[Term]:
    return st.just(ARRAYS[name])


columns = st.recursive(
    st.sampled_from([ARRAYS["u"], ARRAYS["v"]]),
    lambda inner: st.one_of(
        st.builds(add, inner, inner),
        st.builds(lambda a, b: add(a, neg(b)), inner, inner),
        st.builds(mul, inner, inner),
        st.builds(mul, st.sampled_from([sym("a"), num(2), num(Fraction(1, 2))]), inner),
        st.builds(lambda a: matmul(ARRAYS["S"], a), inner),
        st.builds(lambda a: matmul(transpose(ARRAYS["X"]), ARRAYS["X"], a), inner),
        st.builds(fn, st.sampled_from(["sigmoid", "exp", "tanh", "log"]), inner),
        st.builds(lambda a: power(a, num(2)), inner),
        st.builds(lambda a, b: div(a, apply("norm2", b)), inner, inner),
        st.builds(lambda a, b: div(a, b), inner, inner),
        st.builds(lambda a: apply("softmax", a), inner),
        st.builds(lambda a: matmul(apply("inv", ARRAYS["S"]), a), inner),
        st.builds(lambda a: add(a, apply("ones", sym("d", (), ("dimension",)))), inner),
    ),
    max_leaves=8,
)
losses = st.one_of(
    columns.map(lambda c: apply("sum", c)),
    columns.map(lambda c: power(apply("norm2", c), num(2))),
    st.builds(lambda a, b: matmul(transpose(a), b), columns, columns),
    st.builds(lambda a, b: mul(num(Fraction(1, 2)), matmul(transpose(a), b)), columns, columns),
    st.builds(lambda a: div(apply("sum", a), sym("n", (), ("dimension",))), columns),
    st.builds(lambda a: apply("tr", matmul(a, transpose(a))), columns),
    st.builds(lambda a: mul(neg(ONE_OVER), apply("logdet", ARRAYS["S"]), matmul(transpose(a), a)), columns),
)
ONE_OVER = num(Fraction(1, 2))
arrays = st.one_of(columns, losses)
