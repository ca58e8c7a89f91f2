"""Recurrent cells, and a simple network unrolled through time."""

from __future__ import annotations

from typing import Any

from ..errors import GraphError
from ..graph import Graph
from .programs import Program, made

lstm_cell = made(Program(
    "lstm_cell", "One step of long short-term memory: gates i, f, o, candidate u, cell c, output h "
    "(Hochreiter and Schmidhuber, 1997).",
    "i = sigmoid(W_i*x + U_i*h0 + b_i)\nf = sigmoid(W_f*x + U_f*h0 + b_f)\no = sigmoid(W_o*x + U_o*h0 + b_o)\n"
    "u = tanh(W_u*x + U_u*h0 + b_u)\nc = f.*c0 + i.*u\nh = o.*tanh(c)",
    "x: d, h0: m, c0: m, W_i: m x d, U_i: m x m, b_i: m, W_f: m x d, U_f: m x m, b_f: m,"
    " W_o: m x d, U_o: m x m, b_o: m, W_u: m x d, U_u: m x m, b_u: m",
))
gru_cell = made(Program(
    "gru_cell", "One step of a gated recurrent unit: update z, reset r, candidate u, output h (Cho et al., 2014).",
    "z = sigmoid(W_z*x + U_z*h0 + b_z)\nr = sigmoid(W_r*x + U_r*h0 + b_r)\nu = tanh(W_u*x + U_u*(r.*h0) + b_u)\n"
    "h = (1 - z).*u + z.*h0",
    "x: d, h0: m, W_z: m x d, U_z: m x m, b_z: m, W_r: m x d, U_r: m x m, b_r: m, W_u: m x d, U_u: m x m, b_u: m",
))  # fmt: skip


def rnn(steps: int = 3, **dimensions: Any) -> Graph:
    """hₜ = tanh(U xₜ + W hₜ₋₁ + b), yₜ = V hₜ + c through `steps` steps, with Σ ½ ‖yₜ − tₜ‖².

    U, W, b, V, c are the same at every step, so that their gradients are sums through time (Werbos, 1990).
    """
    if not 1 <= steps <= 50:
        raise GraphError(f"a network is unrolled through 1 to 50 steps here, not {steps}")
    lines = []
    for t in range(1, steps + 1):
        lines += [f"z{t} = U*x{t} + W*h{t - 1} + b", f"h{t} = tanh(z{t})", f"e{t} = V*h{t} + c - t{t}"]
    lines.append("L = " + " + ".join(f"norm2(e{t})^2/2" for t in range(1, steps + 1)))
    shapes = ["h0: m, U: m x d, W: m x m, b: m, V: p x m, c: p"]
    shapes += [f"x{t}: d, t{t}: p" for t in range(1, steps + 1)]
    return Program("rnn", "", "\n".join(lines), ", ".join(shapes), whole=True).build(None, **dimensions)
