"""The cases, one function each; a row of a result is (what, contender, seconds, times symnet)."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from resource import RUSAGE_CHILDREN, getrusage
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

import symnet as sn

from . import nets, peers
from .timing import built, built_in_turn, per_call

Row = tuple[str, str, float, float]
SIZES = ((2, 2, 1), (2, 8, 8, 1), (4, 16, 16, 1))


def rows(what: str, times: dict[str, float]) -> Iterator[Row]:
    """The first contender is symnet; the ratio is its time over theirs, so that below 1 it is ahead."""
    mine = next(iter(times.values()))
    for name, seconds in times.items():
        yield what, name, seconds, mine / seconds


def title(widths: tuple[int, ...]) -> str:
    return f"{'-'.join(map(str, widths))} ({nets.parameters(widths)} parameters)"


def program_of(graph: Any) -> Any:
    """The lines of the gradient program, before Python compiles them."""
    from symnet.backends.scalars import code_of

    return code_of(graph, sn.derive(graph).wrt, careful=False)


def building() -> Iterator[Row]:
    """A declared network, fresh names each time → the program of its value and gradient."""
    for widths in SIZES:
        makes: dict[str, Callable[[int], Any]] = {
            "symnet: program": lambda k, w=widths: program_of(sn.network(nets.spec(k, w))),
            "symnet: compiled function": lambda k, w=widths: sn.derive(sn.network(nets.spec(k, w))).compile(),
        }
        if find_spec("casadi"):
            makes["CasADi SX"] = lambda k, w=widths: peers.casadi_program(k, w)
        if find_spec("jax"):
            makes["JAX, scalar trace"] = lambda k, w=widths: peers.jax_scalar_program(k, w)
        yield from rows(title(widths), built_in_turn(makes))


def expressions() -> Iterator[Row]:
    """A nested SymPy expression → all its gradients."""
    import sympy

    for widths in SIZES:
        given = [peers.expression(sympy, widths, k) for k in range(11)]
        times = {"symnet: from SymPy": built(lambda k, g=given: sn.derive(g[k][0], g[k][1]).compile(), 0.0, times=11)}
        if widths in SIZES[:2]:  # the largest takes minutes
            few = [peers.expression(sympy, widths, 100 + k) for k in range(3)]
            times["sympy.diff"] = built(lambda k, g=few: [g[k][0].diff(s) for s in g[k][1]], 0.0, times=3)
        if find_spec("symengine"):
            import symengine

            other = [peers.expression(symengine, widths, k) for k in range(11)]
            times["symengine.diff"] = built(lambda k, g=other: [g[k][0].diff(s) for s in g[k][1]], 0.0, times=11)
        yield from rows(title(widths), times)


def depth() -> Iterator[Row]:
    """A chain of n neurons; the growth exponent from 100 to 1,000."""
    ways = {"program": program_of, "compiled function": lambda g: sn.derive(g).compile()}
    for name, way in ways.items():
        times = {n: built(lambda k, n=n, way=way: way(_chain(k, n))) for n in (1, 16, 64, 100, 1000)}
        for n, seconds in times.items():
            yield f"depth {n:,}", f"symnet: {name}", seconds, 1.0
        yield "growth exponent, 100 to 1,000", f"symnet: {name}", float(np.log10(times[1000] / times[100])), 1.0


def _chain(k: int, n: int) -> Any:
    return sn.network({"inputs": [f"x{k}"], "layers": [{"units": 1, "activation": "tanh"}] * n, "loss": "mse"})


def cascade() -> Iterator[Row]:
    """The gradient by every weight of a chain of n neurons as it is read: all lines, and their text."""
    for n in (10, 100, 1000):
        times = {"symnet: lines": built(lambda k, n=n: sn.derive(_chain(1000 + k, n)).steps, 0.5, times=3)}
        times["symnet: lines and text"] = built(lambda k, n=n: sn.derive(_chain(2000 + k, n)).text(), 0.5, times=3)
        yield from rows(f"depth {n:,}", times)


EQUAL = (
    ("sigmoid(x)*(1 - sigmoid(x))", "exp(-x)/(1 + exp(-x))^2"),
    ("1 - tanh(x)^2", "4/(exp(x) + exp(-x))^2"),
    ("(x^3 - 1)/(x - 1)", "x^2 + x + 1"),
    ("sin(x)^4 - cos(x)^4", "-cos(2*x)"),
    ("log(1 + exp(x)) - x", "log(1 + exp(-x))"),
    ("(x + y)^6 - (x - y)^6", "4*x*y*(3*x^4 + 10*x^2*y^2 + 3*y^4)"),
    ("sqrt(x^2)", "x"),
)


def equality() -> Iterator[Row]:
    """Are two formulas equal? A verdict with its proof or its witness; SymPy: whether simplify(a − b) is 0."""
    import sympy

    from symnet.equality import compare

    for a, b in EQUAL:
        given = [[sn.read(re.sub(r"\bx\b", f"x{k}", t)).value for t in (a, b)] for k in range(5)]
        plain = [[sympy.expand_func(sympy.sympify(t)) for t in pair] for pair in given]
        compare(*given[4])
        sympy.simplify(plain[4][0] - plain[4][1])
        said = compare(*given[3]).kind
        zero = sympy.simplify(plain[3][0] - plain[3][1]) == 0
        times = {
            f"symnet: {said}": built(lambda k, g=given: compare(*g[k]), 0.0, times=3),
            f"sympy.simplify: {'0' if zero else 'not 0'}": built(
                lambda k, g=plain: sympy.simplify(g[k][0] - g[k][1]), 0.0, times=3
            ),
        }
        yield from rows(f"{a} and {b}", times)


def roots() -> Iterator[Row]:
    """All stationary points of a polynomial whose derivative is the Chebyshev polynomial with n real zeros."""
    import flint

    for n in (4, 10, 30, 100):
        slope = flint.fmpz_poly.chebyshev_t(n)
        whole = flint.fmpq_poly(slope).integral()
        text = " + ".join(f"({c})*x^{i}" for i, c in enumerate(whole.coeffs()) if c)
        assert len(sn.stationary(text, "x").points) == n
        times = {
            "symnet: points, kinds, values, extrema": built(lambda k, t=text: sn.stationary(t, "x"), 0.0, times=3),
            "python-flint: the zeros alone": built(lambda k, p=slope: p.complex_roots(), 0.0, times=3),
        }
        yield from rows(f"{n} zeros", times)


def calling() -> Iterator[Row]:
    """One value and the whole gradient at one sample."""
    for widths in ((2, 2, 1), (2, 4, 1), (2, 8, 8, 1), (4, 16, 16, 1)):
        ws, bs = nets.weights(widths)
        x, t = np.linspace(0.1, 0.9, widths[0]), np.array([0.3])
        d = sn.derive(sn.network(nets.spec(0, widths)))
        f = d.compile()
        flat = [v for w, b in zip(ws, bs, strict=True) for r, c in zip(w, b, strict=True) for v in (*r, c)]
        values = dict(zip(d.wrt, map(float, flat), strict=True))
        at = values | {n: 0.3 if n == "t" else float(x[int(n.split("_")[1]) - 1]) for n in f.inputs if n not in values}
        args = tuple(at[n] for n in f.inputs)
        value = nets.one_sample(ws, bs, x, t)[0]
        assert abs(f.function(*args)[0] - value) < 1e-12
        calls: dict[str, Callable[[], Any]] = {"symnet: f.function(*values)": lambda f=f, a=args: f.function(*a)}
        calls["symnet: f(**values)"] = lambda f=f, a=at: f(**a)
        if find_spec("numba"):
            kernel, out, packed = d.compile("numba").function, np.empty(len(d.wrt)), np.array(args)
            kernel(packed, out)
            calls["symnet: numba"] = lambda k=kernel, a=packed, o=out: k(a, o)
        if widths == (2, 2, 1):
            point = (tuple(values.values()), *x.tolist(), 0.3)
            calls["by hand, math"] = lambda p=point: nets.two_two_one(*p)
        calls["by hand, NumPy"] = lambda a=(ws, bs, x, t): nets.one_sample(*a)
        yield from rows(title(widths), per_call(calls | peers.calls(widths, x, t)))


BATCHED = (
    ("784-128-10", (784, 128, 10), "softmax", "cross_entropy", nets.softmax_batch),
    ("2-64-64-1", (2, 64, 64, 1), "sigmoid", "mse", nets.deep_batch),
)


def batches() -> Iterator[Row]:
    """The value and all gradients of a batch."""
    for name, widths, last, loss, by_hand in BATCHED:
        graph = sn.network({**nets.spec(0, widths, last, loss), "inputs": widths[0]}, form="matrix")
        f = sn.derive(graph).compile()
        rng = np.random.default_rng(0)
        for n in (1, 32, 1024):
            at = _values(graph, f.inputs, n, rng)
            order = [at[k] for k in ("X", "W1", "b1", "W2", "b2", "W3", "b3", "T") if k in at]
            args = [at[k] for k in f.inputs]
            assert abs(f(**at)[0] - by_hand(*order)[0]) < 1e-9
            reusing = f.reusing()
            calls = {"symnet: f.function(*arrays)": lambda f=f, a=args: f.function(*a),
                     "symnet: f.reusing()(*arrays)": lambda r=reusing, a=args: r(*a),
                     "symnet: f(**arrays), checked": lambda f=f, a=at: f(**a),
                     "by hand, NumPy": lambda g=by_hand, o=order: g(*o)}  # fmt: skip
            yield from rows(f"{name}, batch {n:,}", per_call(calls, 0.03))


def _values(graph: Any, names: Any, n: int, rng: Any) -> dict[str, Any]:
    out = {}
    for name in names:
        shape = [n if k == "n" else k for k in graph.symbols[name].shape]
        out[name] = rng.normal(size=shape) * (1 if name == "X" else 0.05) if shape else 0.1
    if graph.symbols["T"].shape[1:] == (10,):
        out["T"] = np.eye(10)[rng.integers(0, 10, n)]
    return out


STEPS, RATE = 1000, 0.5


def training() -> Iterator[Row]:
    """Deriving, compiling and 1,000 steps of gradient descent, all together."""
    X = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
    data = [[list(x), [float(x[0] != x[1])]] for x in X]
    rng = np.random.default_rng(1)
    start = {"W1": rng.normal(size=(2, 4)), "b1": rng.normal(size=4), "W2": rng.normal(size=4), "b2": 0.1}
    T = np.array([t[0] for _, t in data])
    times = per_call({
        "symnet, every weight a number": lambda: _numbers(data),
        "by hand, NumPy": lambda: _by_hand(X, T, start),
        "symnet, NumPy": lambda: _arrays(X, T, start),
    })  # fmt: skip
    yield from rows("XOR, 2-4-1, 1,000 steps", times)
    X, T = _two_moons(rng)
    start = {"W1": rng.normal(size=(2, 16)), "b1": rng.normal(size=16), "W2": rng.normal(size=16), "b2": 0.1}
    times = per_call({"symnet, NumPy": lambda: _arrays(X, T, start), "by hand, NumPy": lambda: _by_hand(X, T, start)})
    yield from rows("two moons, 1,000 points, 2-16-1, 1,000 steps", times)


def _two_moons(rng: Any) -> tuple[Any, Any]:
    t = np.pi * rng.random(500)
    outer = np.column_stack([np.cos(t), np.sin(t)])
    inner = np.column_stack([1 - np.cos(t), 0.5 - np.sin(t)])
    return np.vstack([outer, inner]) + 0.1 * rng.normal(size=(1000, 2)), np.repeat([0.0, 1.0], 500)


def _numbers(data: Any) -> list[float]:
    layers = [{"units": 4, "activation": "tanh"}, {"units": 1, "activation": "sigmoid"}]
    f = sn.derive(sn.network({"inputs": ["x1", "x2"], "layers": layers, "loss": "mse", "data": data})).compile()
    p = np.random.default_rng(1).normal(size=len(f.inputs)).tolist()
    for _ in range(STEPS):
        _, slopes = f.function(*p)
        p = [v - RATE * g for v, g in zip(p, slopes, strict=True)]
    return p


def _arrays(X: Any, T: Any, start: dict[str, Any]) -> dict[str, Any]:
    h = len(start["b1"])
    layers = [{"units": h, "activation": "tanh"}, {"units": 1, "activation": "sigmoid"}]
    f = sn.derive(sn.network({"inputs": 2, "layers": layers, "loss": "mse"}, form="matrix")).compile()
    p = {"X": X, "T": T, **start}
    for _ in range(STEPS):
        _, g = f.function(*(p[n] for n in f.inputs))
        for n, slope in g.items():
            p[n] = p[n] - RATE * slope
    return p


def _by_hand(X: Any, T: Any, start: dict[str, Any]) -> dict[str, Any]:
    p = dict(start)
    for _ in range(STEPS):
        _, g = nets.shallow_batch(X, *p.values(), T)
        for n, slope in zip(p, g, strict=True):
            p[n] = p[n] - RATE * slope
    return p


def starting() -> Iterator[Row]:
    """A new interpreter, the modules compiled beforehand; SymPy loads modules of its own at its first sum."""
    net = '{"inputs": ["x"], "layers": [{"units": 1, "activation": "sigmoid"}], "loss": "mse"}'
    code = {
        "nothing": "pass",
        "import symnet": "import symnet",
        "first numeric gradient": f"import symnet as sn; sn.derive(sn.network('{net}')).compile()(w=1, b=0, x=2, t=1)",
        "symnet": "import symnet, sympy; sympy.sympify(symnet.derive('E = (w x - t)^2').gradient['w'])",
        "import sympy and its first sum": "import sympy; sympy.Symbol('x') + 1",
        "import sympy": "import sympy",
        "import numpy": "import numpy",
    }
    times = _processes(code)
    for what in ("import symnet", "first numeric gradient", "import numpy"):
        yield what, "new process, CPU", times[what], 1.0
    symbolic = {name: times[name] for name in ("symnet", "import sympy and its first sum", "import sympy")}
    yield from rows("first symbolic result", symbolic)


def _processes(code: dict[str, str]) -> dict[str, float]:
    """The CPU time of each program beyond that of an empty one; they take turns."""
    best = dict.fromkeys(code, float("inf"))
    with TemporaryDirectory() as compiled:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": compiled}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        for turn in range(11):
            for name, text in code.items():
                before = getrusage(RUSAGE_CHILDREN)
                subprocess.run([sys.executable, "-c", text], check=True, env=environment)
                after = getrusage(RUSAGE_CHILDREN)
                taken = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
                best[name] = min(best[name], taken) if turn else best[name]  # the first turn compiles
    return {name: seconds - best["nothing"] for name, seconds in best.items()}


TABLE: dict[str, Callable[[], Iterator[Row]]] = {
    "building": building, "expressions": expressions, "depth": depth, "cascade": cascade,
    "equality": equality, "roots": roots, "calling": calling, "batches": batches,
    "training": training, "starting": starting,
}  # fmt: skip
