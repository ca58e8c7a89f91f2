"""The same networks in other libraries; a library that is not installed is left out."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from itertools import pairwise
from typing import Any

import numpy as np

from . import nets


def casadi_program(k: int, widths: tuple[int, ...]) -> Any:
    """CasADi's SX, built from its own matrix operations."""
    import casadi as ca

    ws = [ca.SX.sym(f"W{k}_{j}", b, a) for j, (a, b) in enumerate(pairwise(widths))]
    bs = [ca.SX.sym(f"b{k}_{j}", b) for j, b in enumerate(widths[1:])]
    x, t = ca.SX.sym("x", widths[0]), ca.SX.sym("t", widths[-1])
    a = x
    for j, (w, b) in enumerate(zip(ws, bs, strict=True)):
        z = ca.mtimes(w, a) + b
        a = ca.tanh(z) if j < len(ws) - 1 else 1 / (1 + ca.exp(-z))
    loss, p = 0.5 * ca.sumsqr(a - t), ca.veccat(*ws, *bs)
    return ca.Function("f", [p, x, t], [loss, ca.gradient(loss, p)])


def jax_scalar_program(k: int, widths: tuple[int, ...]) -> Any:
    """JAX's trace of the network with a name for every weight."""
    import jax
    import jax.numpy as jnp

    ws, bs = nets.weights(widths)
    point = [float(v) for w, b in zip(ws, bs, strict=True) for v in (*w.ravel(), *b)]
    x, t = [0.1] * widths[0], [0.5] * widths[-1]

    def loss(p: Any) -> Any:
        values, a = iter(p), x
        for j, (m, n) in enumerate(pairwise(widths)):
            layer = [[next(values) for _ in range(m)] for _ in range(n)]
            z = [sum(w * v for w, v in zip(row, a, strict=True)) + next(values) for row in layer]
            a = [jnp.tanh(v) if j < len(widths) - 2 else 1 / (1 + jnp.exp(-v)) for v in z]
        return 0.5 * sum((u - v) ** 2 for u, v in zip(a, t, strict=True))

    return jax.make_jaxpr(jax.value_and_grad(loss))(point)


def expression(module: Any, widths: tuple[int, ...], k: int) -> tuple[Any, list[Any]]:
    """The loss as one nested expression of SymPy or SymEngine, and its weights."""
    symbols: list[Any] = []

    def new(name: str) -> Any:
        symbols.append(module.Symbol(f"{name}_{k}"))
        return symbols[-1]

    a = [module.Symbol(f"x{i}_{k}") for i in range(widths[0])]
    for j, (m, n) in enumerate(pairwise(widths)):
        z = [sum((new(f"w{j}_{u}_{i}") * a[i] for i in range(m)), new(f"b{j}_{u}")) for u in range(n)]
        a = [module.tanh(v) if j < len(widths) - 2 else 1 / (1 + module.exp(-v)) for v in z]
    return sum((v - module.Symbol(f"t{i}_{k}")) ** 2 for i, v in enumerate(a)) / 2, symbols


def calls(widths: tuple[int, ...], x: Any, t: Any) -> dict[str, Callable[[], Any]]:
    """Value and gradient at one sample, compiled where the library compiles."""
    ws, bs = nets.weights(widths)
    found: dict[str, Callable[[], Any]] = {}
    for name, make in (("JAX jit", _jax), ("torch eager", _torch), ("autograd", _autograd), ("CasADi", _casadi)):
        if find_spec(name.split()[0].lower()) is not None:
            found[name] = make(ws, bs, x, t)
    return found


def _forward(m: Any, ws: Any, bs: Any, x: Any, t: Any) -> Any:
    a = x
    for j, (w, b) in enumerate(zip(ws, bs, strict=True)):
        z = w @ a + b
        a = m.tanh(z) if j < len(ws) - 1 else 1 / (1 + m.exp(-z))
    r = a - t
    return 0.5 * (r @ r)


def _jax(ws: Any, bs: Any, x: Any, t: Any) -> Callable[[], Any]:
    import jax
    import jax.numpy as jnp

    f = jax.jit(jax.value_and_grad(lambda p: _forward(jnp, p[0], p[1], x, t)))
    p = ([jnp.asarray(w) for w in ws], [jnp.asarray(b) for b in bs])
    return lambda: jax.block_until_ready(f(p))


def _torch(ws: Any, bs: Any, x: Any, t: Any) -> Callable[[], Any]:
    import torch

    p = [torch.tensor(v, requires_grad=True) for v in (*ws, *bs)]
    x, t = torch.tensor(x), torch.tensor(t)
    return lambda: torch.autograd.grad(_forward(torch, p[: len(ws)], p[len(ws) :], x, t), p)


def _autograd(ws: Any, bs: Any, x: Any, t: Any) -> Callable[[], Any]:
    import autograd.numpy as anp
    from autograd import value_and_grad

    f = value_and_grad(lambda p: _forward(anp, p[0], p[1], x, t))
    return lambda: f((ws, bs))


def _casadi(ws: Any, bs: Any, x: Any, t: Any) -> Callable[[], Any]:
    widths = (ws[0].shape[1], *(len(b) for b in bs))
    f = casadi_program(0, widths)
    p = np.concatenate([*(w.ravel(order="F") for w in ws), *bs])
    return lambda: f(p, x, t)
