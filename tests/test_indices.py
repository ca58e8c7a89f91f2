"""Jacobians and Hessians of order 3 and 4 by their element: against JAX, on the page, and as a program."""

from __future__ import annotations

import importlib
import importlib.util
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import symnet as sn
from symnet import jacobians
from symnet.indices import Indexed, indexed
from symnet.term import matmul, mul, sym, transpose

SHAPES = (
    "A: p x n, X: n x m, Y: n x m, W: m x h, B: m x q, S: n x n, C: n x n, T: n x h, u: n, v: m, k: scalar"
)  # fmt: skip
SIZES = [
    {"n": 3, "m": 2, "p": 2, "q": 4, "h": 3}, {"n": 1, "m": 3, "p": 2, "q": 1, "h": 2},
    {"n": 3, "m": 1, "p": 1, "q": 2, "h": 1}, {"n": 1, "m": 1, "p": 1, "q": 1, "h": 1},
]  # fmt: skip
Values = dict[str, Any]


def programs() -> dict[tuple[str, str, str], tuple[str | None, Callable[[Values], Any]]]:
    """Kind, formula and variable; the element as it is shown (None: any form); the same in JAX."""
    jax: Any = importlib.import_module("jax") if importlib.util.find_spec("jax") else None
    jnp, nn = getattr(jax, "numpy", None), getattr(jax, "nn", None)  # looked into where a program runs
    soft, log_soft = getattr(nn, "softmax", None), getattr(nn, "log_softmax", None)
    j, h = "jacobian", "hessian"
    return {
        (j, "A*X*B", "X"): ("A[i, k] B[l, j]", lambda q: q["A"] @ q["X"] @ q["B"]),
        (j, "X'", "X"): ("δ[i, l] δ[j, k]", lambda q: q["X"].T),
        (j, "X*v", "X"): ("v[k] δ[i, j]", lambda q: q["X"] @ q["v"]),
        (j, "u'*X", "X"): ("u[j] δ[i, k]", lambda q: q["u"] @ q["X"]),
        (j, "diag(u)", "u"): ("δ[i, j] δ[i, k]", lambda q: jnp.diag(q["u"])),
        (j, "u*u'", "u"): ("u[j] δ[i, k] + u[i] δ[j, k]", lambda q: jnp.outer(q["u"], q["u"])),
        (j, "tanh(X)", "X"): ("(1 − L[i, j]²) δ[i, k] δ[j, l]", lambda q: jnp.tanh(q["X"])),
        (j, "X.^2 .* Y", "X"): ("2 X[i, j] Y[i, j] δ[i, k] δ[j, l]", lambda q: q["X"] ** 2 * q["Y"]),
        (j, "A*tanh(X*W)", "X"): ("A[i, k] (1 − A2[k, j]²) W[l, j]", lambda q: q["A"] @ jnp.tanh(q["X"] @ q["W"])),
        (j, "A*tanh(X*W)", "W"): (
            None, lambda q: q["A"] @ jnp.tanh(q["X"] @ q["W"])),
        (j, "X'*X", "X"): ("X[k, j] δ[i, l] + X[k, i] δ[j, l]", lambda q: q["X"].T @ q["X"]),
        (j, "S^3", "S"): (None, lambda q: q["S"] @ q["S"] @ q["S"]),
        (j, "inv(S)", "S"): ("−(S⁻¹)[i, k] (S⁻¹)[l, j]", lambda q: jnp.linalg.inv(q["S"])),
        (j, "Y = softmax(X)", "X"): ("Y[i, j] δ[i, k] (δ[j, l] − Y[i, l])", lambda q: soft(q["X"], -1)),
        (j, "logsoftmax(X*W)", "W"): ("X[i, k] (δ[j, l] − softmax(Z)[i, l])", lambda q: log_soft(q["X"] @ q["W"], -1)),
        (j, "lse(X)", "X"): ("softmax(X)[i, k] δ[i, j]", lambda q: jax.nn.logsumexp(q["X"], -1)),
        (j, "rowmean(X)", "X"): ("δ[i, j]/m", lambda q: q["X"].mean(1)),
        (j, "colsum(X)", "X"): ("δ[i, k]", lambda q: q["X"].sum(0)),
        (j, "mean(X)*Y", "X"): ("Y[i, j]/(n m)", lambda q: q["X"].mean() * q["Y"]),
        (j, "det(S)*S", "S"): (None, lambda q: jnp.linalg.det(q["S"]) * q["S"]),
        (j, "X/norm2(X)", "X"): (None, lambda q: q["X"] / jnp.sqrt((q["X"] ** 2).sum())),
        (j, "max(X, Y)", "X"): (None, lambda q: jnp.maximum(q["X"], q["Y"])),
        (j, "Y ./ X", "X"): ("−Y[i, j] δ[i, k] δ[j, l]/X[i, j]²", lambda q: q["Y"] / q["X"]),
        (j, "diag(X*v)", "X"): ("v[l] δ[i, j] δ[i, k]", lambda q: jnp.diag(q["X"] @ q["v"])),
        (j, "softmax(X*X')*X", "X"): (None, lambda q: soft(q["X"] @ q["X"].T, -1) @ q["X"]),
        (j, "k*X", "X"): ("k δ[i, l] δ[j, p]", lambda q: q["k"] * q["X"]),
        (j, "softmax(C*diag(u)*C)*v2", "u"): (
            None, lambda q: soft(q["C"] @ jnp.diag(q["u"]) @ q["C"], -1) @ q["v2"]),
        (h, "norm2(X)^2", "X"): ("2 δ[i, k] δ[j, l]", lambda q: (q["X"] ** 2).sum()),
        (h, "tr(X'*C*X)", "X"): ("(C[i, k] + C[k, i]) δ[j, l]", lambda q: jnp.trace(q["X"].T @ q["C"] @ q["X"])),
        (h, "norm2(X*v - u)^2/2", "X"): ("v[l] v[j] δ[i, k]", lambda q: ((q["X"] @ q["v"] - q["u"]) ** 2).sum() / 2),
        (h, "logdet(S)", "S"): ("−(S⁻¹)[l, i] (S⁻¹)[j, k]", lambda q: jnp.linalg.slogdet(q["S"])[1]),
        (h, "tr(S^3)", "S"): (None, lambda q: jnp.trace(q["S"] @ q["S"] @ q["S"])),
        (h, "norm2(X*X' - C)^2", "X"): (None, lambda q: ((q["X"] @ q["X"].T - q["C"]) ** 2).sum()),
        (h, "Z = X*W; -sum(T .* logsoftmax(Z))", "W"): (
            None, lambda q: -(q["T"] * log_soft(q["X"] @ q["W"], -1)).sum()),
        (h, "sum(X)", "X"): ("0", lambda q: q["X"].sum()),
    }  # fmt: skip


def declared(formula: str) -> str:
    words = set(re.findall(r"\w+", formula))
    return ", ".join(s for s in (*SHAPES.split(", "), "v2: n") if s.split(":")[0] in words)


def answer(kind: str, formula: str, wrt: str) -> Any:
    return getattr(sn, kind)(formula, wrt, shapes=declared(formula))


def arrays(j: Any, sizes: dict[str, int]) -> Values:
    rng = np.random.default_rng(1)
    symbols = {n: j.graph.symbols[n] for n in j.graph.inputs}
    at = {n: rng.uniform(0.3, 1.7, [sizes[str(d)] for d in s.shape]) if s.shape else 0.7 for n, s in symbols.items()}
    return {n: v + 2 * np.eye(len(v)) if n == "S" else v for n, v in at.items()}


def keys() -> list[tuple[str, str, str]]:
    return list(programs())


def cases() -> list[Any]:
    """Those without a form to look at are the slower ones."""
    slow = {key for key, (shown, _) in programs().items() if shown is None}
    return [pytest.param(*key, marks=[pytest.mark.slow] * (key in slow)) for key in keys()]


@pytest.mark.parametrize(("kind", "formula", "wrt"), cases())
def test_elements_and_programs_equal_jax(kind: str, formula: str, wrt: str) -> None:
    shown, function = programs()[kind, formula, wrt]
    j = answer(kind, formula, wrt)
    assert shown is None or j.result.text() == shown
    assert "layout: " in j.text() and j.latex() and j.to_dict()  # every line is compared with the truth before it shows
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    truth = getattr(jax, kind)
    run = j.compile()
    for sizes in (SIZES[0], SIZES[1 + keys().index((kind, formula, wrt)) % 3]):
        at = arrays(j, sizes)
        fixed = {n: jax.numpy.asarray(v) for n, v in at.items()}
        want = np.asarray(truth(lambda x, q=fixed: function({**q, wrt: x}))(fixed[wrt]))
        got = run(**at)
        assert np.allclose(got.reshape(want.shape), want, rtol=1e-9, atol=1e-10), sizes


def test_a_page_in_index_notation() -> None:
    j = sn.jacobian("A*X*B", "X", shapes="A: p x n, X: n x m, B: m x q")
    text = j.text()
    for line in ("Jacobian of L with respect to X (p×q×n×m)", "layout: J[i, j, k, l] = ∂L[i, j]/∂X[k, l]",
                 "∂vec(L)/∂vec(X)ᵀ = kron(Bᵀ, A)", "dL               = A (dX) B",
                 "∂L[i, j]/∂X[k, l] = A[i, k] B[l, j]", "what stands before dX[k, l]"):  # fmt: skip
        assert line in text
    assert str(j.result) == "A[i, k]*B[l, j]" and "np.einsum('ac,db->abcd', A, B)" in j.source()
    assert "with two indices" in sn.jacobian("X'", "X", shapes="X: n x m").text()
    h = sn.hessian("norm2(X)^2", "X", shapes="X: n x m")
    assert "∂²L/∂X[i, j]∂X[k, l] = 2 δ[i, k] δ[j, l]" in h.text()
    assert "∂vec(∂L/∂X)/∂vec(X)ᵀ = 2 kron(eye(m), eye(n))" in h.text()


def test_the_pages_pass_strict_katex(katex: Callable[[list[str]], list[str | None]]) -> None:
    pages = [answer(*key).latex() for key in keys()[:12]] + [sn.hessian("logdet(S)", "S", shapes="S: n x n").latex()]
    assert katex(pages) == [None] * len(pages)


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_programs_of_other_libraries(backend: str) -> None:
    pytest.importorskip(backend)
    j = answer("jacobian", "A*tanh(X*W)", "W")
    at = arrays(j, SIZES[0])
    assert np.allclose(np.asarray(j.compile(backend)(**at)), j.compile()(**at), rtol=1e-12)


def test_a_false_element_does_not_reach_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(*given: Any) -> Indexed:
        right = indexed(*given)
        return replace(right, products=(*right.products, right.products[0]))

    monkeypatch.setattr(jacobians, "indexed", wrong)
    with pytest.raises(sn.RuleError, match="line J does not hold"):
        sn.jacobian("A*X*B", "X", shapes="A: p x n, X: n x m, B: m x q").text()


def test_letters_keep_away_from_names_and_sums_become_products() -> None:
    A, B, M, dX = sym("A", ("i", "n")), sym("B", ("n", "n")), sym("M", ("n", "n")), sym("dX", ("n", "n"))
    taken = indexed(matmul(A, dX), dX, ("i", "n"), ("i", "j"))
    assert taken.out == ("k", "l", "p", "q") and taken.term.text() == "A[k, p] δ[l, q]"
    inner = indexed(mul(M, matmul(B, transpose(B), dX)), dX, ("n", "n"), ())
    assert inner.term.text() == "M[i, j] (B Bᵀ)[i, k] δ[j, l]"
