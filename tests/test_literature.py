"""Results as the literature prints them: each is right by difference quotients and no longer than the printed form.

Sources: Petersen and Pedersen, The Matrix Cookbook (2012); Magnus and Neudecker (1988); Rasmussen and Williams (2006),
eq. 5.9, for the Gaussian process; Ioffe and Szegedy (2015) for the normalised batch.
"""

from __future__ import annotations

import re
import zlib
from typing import Any

import numpy as np
import pytest

import symnet as sn

SHAPES = (
    "X: n x n, A: n x n, B: n x n, S: n x n positive definite, C: n x n symmetric, D: n x m, E: n x m, Z: n x m,"
    " Y: n x m rows sum to one, G: n x m, a: n, b: n, u: n, v: n, w: m, t: n, s: scalar, c: scalar, k: scalar,"
    " P: n x m positive, gam: m"
)
SIZES = [{"n": 3, "m": 2}, {"n": 1, "m": 3}, {"n": 2, "m": 1}]

# program, parameter, the form that the literature prints
GRADIENTS = [
    # inverses and determinants
    ("det(A*X*B)", "X", "det(A*X*B)*inv(X)'"),
    ("logdet(B*A')", "A", "inv(A)'"),
    ("det(inv(A))", "A", "-det(inv(A))*inv(A)'"),
    ("tr(B*inv(X)*A)", "X", "-(inv(X)*A*B*inv(X))'"),
    ("tr(inv(X)^2)", "X", "-2*(inv(X)^3)'"),
    ("tr(B*X^3)", "X", "(X^2*B + X*B*X + B*X^2)'"),
    ("logdet(S + s*eye(n))", "s", "tr(inv(S + s*eye(n)))"),
    ("a'*inv(S + s*eye(n))*a", "s", "-norm2(inv(S + s*eye(n))*a)^2"),
    # what comes out symmetric
    ("norm2(D'*D - eye(m))^2/4", "D", "D*(D'*D - eye(m))"),
    ("K = D*D' + s*eye(n); a'*inv(K)*a/2 + logdet(K)/2", "D",
     "K = D*D' + s*eye(n); (inv(K) - inv(K)*a*a'*inv(K))*D"),
    ("K = D*D' + s*eye(n); a'*inv(K)*a/2 + logdet(K)/2", "s",
     "K = D*D' + s*eye(n); tr(inv(K) - inv(K)*a*a'*inv(K))/2"),
    # functions that a formula spells out
    ("log(sum(exp(D*w)))", "w", "D'*softmax(D*w)"),
    ("p = exp(a)/sum(exp(a)); -sum(t .* log(p))", "a", "p = exp(a)/sum(exp(a)); sum(t)*p - t"),
    ("sum(log(rowsum(exp(Z)))) - sum(Y .* Z)", "Z", "softmax(Z) - Y"),
    ("sum(log(cosh(D*w - a)))", "w", "D'*tanh(D*w - a)"),
    ("sum(G .* (exp(Z) - exp(-Z))./(exp(Z) + exp(-Z)))", "Z", "G .* (1 - tanh(Z).^2)"),
    ("log(1 + exp(-c*(u'*v)))", "u", "-c*sigmoid(-c*(u'*v))*v"),
    ("sum(t .* log(1 + exp(-a)) + (1 - t) .* log(1 + exp(a)))", "a", "sigmoid(a) - t"),
    # elementwise
    ("sum(G .* Z./(1 + abs(Z)))", "Z", "G./(1 + abs(Z)).^2"),
    ("sum(relu(Z).^2)", "Z", "2*relu(Z)"),
    ("sum(max(0, 1 - t .* (D*w)))", "w", "-D'*(t .* step(1 - t .* (D*w)))"),
    ("sum(G .* (Z .* step(Z)))", "Z", "G .* step(Z)"),
    ("norm2(a)^k", "a", "k*norm2(a)^(k - 2)*a"),
    # sums and means
    ("sum((a - mean(a)*ones(n)).^2)/n", "a", "2/n*(a - mean(a)*ones(n))"),
    ("-sum(((1 - c)*Y + c/m) .* logsoftmax(Z))", "Z", "softmax(Z) - ((1 - c)*Y + c/m)"),
    ("sum(G .* (P./(rowsum(P)*ones(m)')))", "P",
     "G./(rowsum(P)*ones(m)') - (rowsum(G .* P)./rowsum(P).^2)*ones(m)'"),
    ("norm2(vec(Z))^2", "Z", "2*Z"),
]  # fmt: skip
TIED = [
    ("logdet(S)", "2*inv(S) - diag(diagv(inv(S)))"),
    ("sum(S)", "2*ones(n, n) - eye(n)"),
    ("logdet(S) + tr(inv(S)*C)", "2*(inv(S) - inv(S)*C*inv(S)) - diag(diagv(inv(S) - inv(S)*C*inv(S)))"),
]
HESSIANS = [
    ("lse(a)", "a", "diag(softmax(a)) - softmax(a)*softmax(a)'"),
    ("sum(exp(a))", "a", "diag(exp(a))"),
    ("exp(-a'*a/2)", "a", "exp(-a'*a/2)*(a*a' - eye(n))"),
    ("log(1 + exp(u'*v))", "v", "sigmoid(u'*v)*(1 - sigmoid(u'*v))*u*u'"),
    ("sum(sqrt(1 + a.^2))", "a", "diag(1./sqrt(1 + a.^2).^3)"),
    ("norm2(t - sigmoid(D*w))^2/2", "w",
     "p = sigmoid(D*w); v = p .* (1 - p); D'*diag(v .* (v + (p - t) .* (1 - 2*p)))*D"),
]  # fmt: skip


def operators(text: str) -> int:
    """The operators and named functions of a formula."""
    return len(re.findall(r"\.\*|\./|\.\^|[-+*/^']|[A-Za-z_]\w*(?=\()", text))


def written(d: Any, result: Any) -> str:
    """The result and every named quantity that it rests on, each once."""
    known = {q.name: q.value for q in d.graph.definitions} | {n: d.names[n] for n in d.names}
    out, todo = [], [result]
    while todo:
        t = todo.pop()
        out.append(str(t))
        todo += [known.pop(n) for n in t.free if n in known]
    return "; ".join(out)


def arrays(d: Any, sizes: dict[str, int]) -> dict[str, Any]:
    rng = np.random.default_rng(zlib.crc32(repr(d.graph).encode()))
    out: dict[str, Any] = {}
    for name in d.graph.inputs:
        s = d.graph.symbols[name]
        x = rng.standard_normal(tuple(sizes[n] for n in s.shape))
        if "positive" in s.facts:
            x = np.abs(x) + 0.5
        elif "rows sum to one" in s.facts:
            x = np.exp(x) / np.exp(x).sum(1, keepdims=True)
        elif "symmetric" in s.facts:
            x = x + x.T
        elif len(s.shape) == 2 and s.shape[0] == s.shape[1]:
            x = x @ x.T + np.eye(len(x)) + (0 if "positive definite" in s.facts else 0.1 * x)
        out[name] = abs(float(x)) + 0.5 if not s.shape else x
    return out


def value_of(form: str, sizes: dict[str, int], at: dict[str, Any], shape: tuple[Any, ...]) -> Any:
    """The value of a printed form: the gradient of sum(Q ⊙ form) with respect to Q."""
    *lines, last = form.split(";")
    weighed = f"sum(Q .* ({last}))" if shape else f"Q*({last})"
    dims = " x ".join(map(str, shape)) or "scalar"
    d = sn.derive("\n".join([*lines, weighed]), "Q", shapes=f"{SHAPES}, Q: {dims}")
    given = {n: v for n, v in at.items() if n in d.graph.inputs}
    return d.compile()(**given, Q=np.ones(tuple(sizes[n] for n in shape)) if shape else 1.0)[1]["Q"]


def slopes(f: Any, at: dict[str, Any], name: str, tied: bool = False) -> Any:
    """Difference quotients by each element; of a tied matrix by x_ij = x_ji."""
    x, h = np.asarray(at[name], float), 1e-5
    out = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[i] = h
        if tied:
            step[i[::-1]] = h
        out[i] = (f(x + step) - f(x - step)) / (2 * h)
    return out


def compared(d: Any, form: str, wrt: str, sizes: dict[str, int], tied: bool = False) -> None:
    at, f = arrays(d, sizes), d.compile()
    got = f(**at)[1][wrt]
    want = slopes(lambda x: f(**{**at, wrt: x if x.shape else float(x)})[0], at, wrt, tied)
    assert np.allclose(got, want, rtol=1e-5, atol=1e-6)
    printed = value_of(form, sizes, at, d.graph.symbols[wrt].shape)
    assert np.allclose(got, printed, rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize(("program", "wrt", "form"), GRADIENTS, ids=lambda s: s[:40])
def test_gradients(program: str, wrt: str, form: str) -> None:
    d = sn.derive(program.replace(";", "\n"), wrt, shapes=SHAPES)
    for sizes in SIZES:
        compared(d, form, wrt, sizes)
    text = written(d, d.gradient[wrt])
    assert operators(text) <= operators(form) + 3, text


@pytest.mark.parametrize(("program", "form"), TIED, ids=lambda s: s[:40])
def test_tied(program: str, form: str) -> None:
    d = sn.derive(program, "S", shapes=SHAPES, symmetric="tied")
    compared(d, form, "S", {"n": 3, "m": 2}, tied=True)
    text = written(d, d.gradient["S"])
    assert operators(text) <= operators(form), text


@pytest.mark.parametrize(("program", "wrt", "form"), HESSIANS, ids=lambda s: s[:40])
def test_hessians(program: str, wrt: str, form: str) -> None:
    d, h = sn.derive(program, wrt, shapes=SHAPES), sn.hessian(program, wrt, shapes=SHAPES)
    n = h.graph.symbols[wrt].shape[0]
    for sizes in SIZES:
        at, f = arrays(d, sizes), d.compile()
        got = h.compile()(**at)
        want = [slopes(lambda x, j=j: f(**{**at, wrt: x})[1][wrt][j], at, wrt) for j in range(sizes[n])]  # noqa: B023
        assert np.allclose(got, want, rtol=1e-5, atol=1e-6)
        assert np.allclose(got, value_of(form, sizes, at, (n, n)), rtol=1e-9, atol=1e-10)
    text = written(h, h.result)
    assert operators(text) <= operators(form) + 4, text


def test_the_normalised_batch_is_short() -> None:
    """∂L/∂X of (X − μ)/√(v + ε) on three lines: nothing but D, the spread and its projection."""
    d = sn.derive(
        "mu = colmean(X); C = X - ones(n)*mu; v = colmean(C.^2); r = 1./sqrt(v + eps);"
        " N = C .* (ones(n)*r); L = sum(G .* N)",
        "X", shapes="X: n x d, G: n x d, eps: scalar positive",
    )  # fmt: skip
    assert str(d.gradient["X"]) == "Delta_C - ones(n)*colmean(Delta_C)"
    assert str(d.names["Delta_C"]) == "G .* (ones(n)*r) - (ones(n)*(colsum(G .* C) .* r.^3)) .* C/n"


@pytest.mark.parametrize(
    ("program", "wrt", "shown"),
    [
        ("tr(inv(X)^2)", "X", "−2 ((X⁻¹)³)ᵀ"),
        ("a'*(X')^3*b", "b", "X³ a"),
    ],
)
def test_a_power_of_an_inverse_or_a_transpose_has_brackets(program: str, wrt: str, shown: str) -> None:
    assert sn.derive(program, wrt, shapes=SHAPES).gradient[wrt].text() == shown


def test_any_spelling_finds_a_gradient() -> None:
    program, shapes = "norm2(X*w_1 - y)^2/2 + lam/2*norm2(w_1)^2", "X: n x d, w_1: d, y: n, lam: scalar"
    f = sn.derive(program, "lam, w_1", shapes=shapes).compile()
    gradient = f(X=np.eye(2), w_1=[1.0, 3.0], y=[0.0, 0.0], lam=2.0)[1]
    assert gradient["lam"] == gradient["λ"] == gradient["lambda"] == 5.0
    assert list(gradient["w_1"]) == list(gradient["w1"]) == [3.0, 9.0]
    with pytest.raises(KeyError):
        gradient["y"]
