"""Gradients of random graphs against JAX in float64 and against dual numbers over balls."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

import symnet as sn
from symnet.balls import jet
from symnet.graph import Graph
from symnet.term import Term, fold, postorder, substitute

_spec = importlib.util.spec_from_file_location("random_graphs", Path(__file__).with_name("random_graphs.py"))
assert _spec and _spec.loader
random_graphs = importlib.util.module_from_spec(_spec)
sys.modules["random_graphs"] = random_graphs
_spec.loader.exec_module(random_graphs)

SCALAR = [("scalar", s) for s in range(110)]
MATRIX = [("matrix", s) for s in range(110)]
MAKE = {"scalar": random_graphs.scalar_graph, "matrix": random_graphs.matrix_graph}


def closed_loss(graph: Graph) -> Term:
    """The loss in the inputs alone."""
    known: dict[Term, Term] = {}
    for d in graph.definitions:
        known[d.symbol] = substitute(d.value, dict(known))
    return known[graph.result.symbol]


def near(got: object, want: object, tolerance: float = 1e-12) -> bool:
    a, b = np.asarray(got, float), np.asarray(want, float)
    return a.shape == b.shape and bool(np.all(np.abs(a - b) <= tolerance * (1 + np.max(np.abs(b), initial=0))))


# ---------------------------------------------------------------------------------------------------------------- JAX
def jax_function(graph: Graph):  # type: ignore[no-untyped-def]
    """The loss as a JAX function, from the definitions alone: JAX's own functions, none of symnet's code."""
    import jax
    import jax.numpy as jnp

    functions = {
        "sigmoid": jax.nn.sigmoid, "tanh": jnp.tanh, "softplus": jax.nn.softplus, "sin": jnp.sin, "cos": jnp.cos,
        "exp": jnp.exp, "silu": jax.nn.silu, "gelu": lambda x: jax.nn.gelu(x, approximate=False),
        "softsign": jax.nn.soft_sign, "mish": jax.nn.mish, "elu": jax.nn.elu, "atan": jnp.arctan, "log": jnp.log,
        "sqrt": jnp.sqrt,
    }  # fmt: skip

    def column(x):  # type: ignore[no-untyped-def]
        return x[:, None] if x.ndim == 1 else x

    def node(n, a, env):  # type: ignore[no-untyped-def]
        match n.op:
            case "num":
                return float(n.data[0])
            case "sym":
                return env[n.name] if n.name in env else random_graphs.SIZES[n.name]
            case "add":
                return sum(a[1:], a[0])
            case "neg":
                return -a[0]
            case "mul":
                out = a[0]
                for f in a[1:]:
                    out = out * f
                return out
            case "div":
                return a[0] / a[1]
            case "pow":
                return a[0] ** (int(n.args[1].data[0]))
            case "fn":
                return functions[n.data](a[0])
            case "rel":
                return a[0] > a[1]
            case "cases":
                return jnp.where(a[1], a[0], a[2])
            case "T":
                return column(a[0]).T
            case "matmul":
                out = column(a[0])
                for f in a[1:]:
                    out = out @ column(f)
                return out.reshape([random_graphs.SIZES.get(str(d), d) for d in n.shape])
            case "ones":
                return jnp.ones([random_graphs.SIZES[t.name] for t in n.args])
            case "sum":
                return jnp.sum(a[0])
            case "tr":
                return jnp.trace(a[0])
            case "norm2":
                return jnp.linalg.norm(a[0])
            case "softmax":
                return jax.nn.softmax(a[0], axis=-1)
            case "rowsum":
                return jnp.sum(a[0], axis=1)
            case "colmean":
                return jnp.mean(a[0], axis=0)[None, :]
            case "lse":
                return jax.nn.logsumexp(a[0], axis=-1)
        raise AssertionError(n.op)

    def loss(parameters):  # type: ignore[no-untyped-def]
        env = dict(parameters)
        for d in graph.definitions:
            env[d.name] = fold(d.value, lambda n, a: node(n, a, env))
        return env[graph.result.name]

    return loss


@pytest.mark.parametrize(("kind", "seed"), [*SCALAR, *MATRIX])
def test_gradient_equals_jax(kind: str, seed: int) -> None:
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    graph = MAKE[kind](seed)
    at = {k: np.asarray(v, float) for k, v in random_graphs.values(graph, seed).items()}
    d = sn.derive(graph, graph.inputs)
    value, gradient = d.compile()(**at)
    want_value, want = jax.value_and_grad(jax_function(graph))(at)
    assert near(value, want_value)
    for name in graph.inputs:
        assert near(gradient[name], want[name]), (name, str(d.gradient[name]), gradient[name], want[name])


# -------------------------------------------------------------------------------------------------------- dual balls
@pytest.mark.parametrize(("kind", "seed"), [*SCALAR, *MATRIX])
def test_gradient_equals_dual_balls(kind: str, seed: int) -> None:
    """Forward-mode dual numbers over balls share no rule with the pullbacks."""
    graph = MAKE[kind](seed)
    at = random_graphs.values(graph, seed)
    d = sn.derive(graph, graph.inputs)
    _, gradient = d.compile()(**at)
    loss = closed_loss(graph)
    rng = np.random.default_rng(seed)
    direction = {n: np.round(rng.standard_normal(np.shape(at[n])) * 8) / 8 for n in graph.inputs}
    _, slope = jet(loss, at, {k: v.tolist() for k, v in direction.items()}, 256)
    along = sum(float(np.sum(np.asarray(gradient[n]) * direction[n])) for n in graph.inputs)
    assert abs(along - float(slope.mid())) <= 1e-11 * (1 + abs(along))


@pytest.mark.parametrize("seed", range(30))
def test_formulas_equal_the_program(seed: int) -> None:
    """The printed formula and the program are two forms of one value."""
    graph = random_graphs.scalar_graph(seed)
    at = random_graphs.values(graph, seed)
    d = sn.derive(graph)
    _, gradient = d.compile()(**at)
    for name in d.wrt:
        assert sn.evaluate(d.closed[name], {k: at[k] for k in d.closed[name].free}) == pytest.approx(
            gradient[name], rel=1e-9, abs=1e-12
        )


@pytest.mark.parametrize("seed", range(40))
def test_all_sides_of_a_line_are_equal(seed: int) -> None:
    """½·2(a − t)·1 and a − t, the law and what was put in: one value, on every line."""
    graph = random_graphs.scalar_graph(seed)
    at = dict(random_graphs.values(graph, seed))
    d = sn.derive(graph)
    inert: dict[Term, Term] = {}
    for i, step in enumerate(d.steps):
        for p in (n for side in step.sides for n in postorder(side) if n.op == "partial" and n not in inert):
            local = jet(d.graph[p.args[0].name], at, {p.args[1].name: 1}, 200)[1]  # ∂z2/∂w2, which has no line
            at[f"local{len(inert)}"] = float(local.mid())
            inert[p] = Term("sym", (), (f"local{len(inert)}", ()))
        values = [sn.evaluate(substitute(s, dict(inert)), at) for s in (*step.sides, step.value or step.result)]
        assert values == pytest.approx([values[0]] * len(values), rel=1e-9, abs=1e-12), step
        if step.target.op == "sym":
            at[step.target.name] = values[0]
        else:
            name = f"known{i}"
            inert[step.target] = Term("sym", (), (name, ()))
            at[name] = values[0]
        if step.name is not None:
            at[step.name.name] = values[0]
