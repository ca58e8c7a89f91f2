"""Random graphs, scalar and matrix, with shared weights, skips, fan-out and dead definitions; deterministic by seed."""

from __future__ import annotations

import random

from symnet.graph import Graph
from symnet.operations import apply, ones
from symnet.term import Term, add, cases, div, fn, matmul, mul, neg, num, power, rel, sym, transpose

SMOOTH = ("sigmoid", "tanh", "softplus", "sin", "cos", "exp", "silu", "gelu", "softsign", "mish", "elu", "atan")
SIZES = {"n": 3, "d": 2, "h": 4}


def scalar_graph(seed: int) -> Graph:
    rng = random.Random(seed)
    inputs = [sym(n) for n in ("x", "y", "w1", "w2", "w3", "b1", "b2")]
    names = list(inputs)
    rows: list[tuple[str, Term]] = []
    for i in range(rng.randint(3, 12)):
        value = _scalar(rng, names)
        rows.append((f"q{i}", value))
        names.append(sym(f"q{i}"))
    tail = names[len(inputs) :]
    last = add(*(power(add(q, neg(num(i))), num(2)) for i, q in enumerate(rng.sample(tail, min(3, len(tail)))))) \
        if rng.random() < 0.7 else mul(tail[-1], rng.choice(names))  # fmt: skip
    rows.append(("L", last))
    return Graph(rows)


def _scalar(rng: random.Random, names: list[Term]) -> Term:
    a, b, c = (rng.choice(names) for _ in range(3))
    kind = rng.randrange(10)
    return [
        lambda: add(mul(a, b), c),
        lambda: fn(rng.choice(SMOOTH), mul(num(1) / 2 * 1, a) if rng.random() < 0.3 else a),
        lambda: div(a, add(num(1), power(b, num(2)))),
        lambda: add(a, neg(mul(b, b))),
        lambda: mul(num(1) / num(2), power(add(a, neg(b)), num(2))),
        lambda: fn("tanh", add(mul(a, b), c)),
        lambda: neg(mul(a, fn("sigmoid", b))),
        lambda: cases(mul(a, b), rel(">", c, num(0)), add(a, b)),
        lambda: fn("log", add(num(1), power(a, num(2)), power(b, num(2)))),
        lambda: fn("sqrt", add(num(1), mul(a, a))),
    ][kind]()


def matrix_graph(seed: int) -> Graph:
    """Arrays over the dimensions n, d, h; the loss adds a few scalars."""
    rng = random.Random(seed)
    X, W, V = sym("X", ("n", "d")), sym("W", ("d", "h")), sym("V", ("h", "h"))
    b, u, S = sym("b", ("h",)), sym("u", ("n",)), sym("s")
    rows: list[tuple[str, Term]] = [("Z0", add(matmul(X, W), matmul(ones(("n",)), transpose(b))))]
    arrays = [sym("Z0", ("n", "h"))]
    for i in range(1, rng.randint(2, 7)):
        value = _array(rng, arrays, V, u, b, S)
        rows.append((f"Z{i}", value))
        arrays.append(sym(f"Z{i}", ("n", "h")))
    parts = [_reduce(rng, rng.choice(arrays), arrays, V, W) for _ in range(rng.randint(1, 3))]
    parts.append(mul(num(1) / num(10), power(apply("norm2", W), num(2))))
    rows.append(("L", add(*parts)))
    return Graph(rows)


def _array(rng: random.Random, arrays: list[Term], V: Term, u: Term, b: Term, s: Term) -> Term:
    a, c = rng.choice(arrays), rng.choice(arrays)
    return [
        lambda: fn(rng.choice(SMOOTH), a),
        lambda: mul(a, c),
        lambda: add(a, neg(mul(num(3), c))),
        lambda: matmul(a, V),
        lambda: matmul(a, transpose(V)),
        lambda: add(mul(s, a), matmul(u, transpose(b))),
        lambda: add(matmul(a, V), matmul(ones(("n",)), transpose(b))),
        lambda: fn("tanh", add(matmul(c, V, transpose(V)), a)),
        lambda: div(a, add(num(1), power(c, num(2)))),
        lambda: apply("softmax", a),
        lambda: mul(a, matmul(apply("rowsum", c), transpose(ones(("h",))))),
        lambda: matmul(u, transpose(u), a),
    ][rng.randrange(12)]()


def _reduce(rng: random.Random, a: Term, arrays: list[Term], V: Term, W: Term) -> Term:
    c = rng.choice(arrays)
    return [
        lambda: power(apply("norm2", add(a, neg(c)) if c is not a else a), num(2)),
        lambda: apply("sum", mul(a, a)),
        lambda: apply("tr", matmul(transpose(a), c)),
        lambda: apply("sum", fn("tanh", a)),
        lambda: apply("sum", apply("lse", a)),
        lambda: apply("tr", matmul(V, V)),
        lambda: fn("log", add(num(1), power(apply("norm2", a), num(2)))),
        lambda: apply("sum", apply("colmean", a)),
    ][rng.randrange(8)]()


def values(graph: Graph, seed: int) -> dict[str, object]:
    """Dyadic numbers, so that floats and balls start from the same place."""
    rng = random.Random(seed)
    out: dict[str, object] = {}
    for n in graph.inputs:
        shape = [SIZES.get(str(d), d) for d in graph.symbols[n].shape]
        out[n] = _filled(rng, [int(k) for k in shape])
    return out


def _filled(rng: random.Random, shape: list[int]) -> object:
    if not shape:
        return rng.randint(-48, 48) / 32
    return [_filled(rng, shape[1:]) for _ in range(shape[0])]
