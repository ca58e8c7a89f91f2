"""Pages of backpropagation by hand: each a network, what somebody wrote, and what is true of it."""

from __future__ import annotations

import time

import pytest

from symnet import Graph
from symnet.checking.pages import check_page

CASCADE = Graph("z1 = u x + c1; h = σ(z1); z2 = v h + c2; y = σ(z2); C = ½ (y − d)²")
TWO = Graph("z1 = w1 x + b1; a1 = σ(z1); z2 = w2 a1 + b2; a2 = σ(z2); E = ½ (t − a2)²")
HYPERBOLIC = Graph("z = w x + b; h = tanh(z); y = v h + c; L = (y − t)²")
RECTIFIED = Graph("s = w x + b; r = relu(s); y = v r; L = ½ (y − t)²")
HIDDEN = Graph(
    "net_h1 = w1 i1 + w2 i2 + b1; out_h1 = σ(net_h1); net_h2 = w3 i1 + w4 i2 + b1; out_h2 = σ(net_h2)\n"
    "net_o1 = w5 out_h1 + w6 out_h2 + b2; out_o1 = σ(net_o1); E = ½ (target − out_o1)²"
)
SOFTMAX = Graph("s = exp(u1) + exp(u2); q1 = exp(u1)/s; q2 = exp(u2)/s; C = −ln(q1)")
SKIP = Graph("z1 = w x; a1 = tanh(z1); z2 = v a1 + w x; L = ½ (z2 − t)²")
PARALLEL = Graph("z1 = w1 x; o1 = σ(z1); z2 = w2 x; o2 = σ(z2); E = ½ (o1 − t1)² + ½ (o2 − t2)²")
RIDGE = Graph("r = X*w − y; L = r'*r/(2n) + ½*lam*w'*w", shapes="X: n x d, w: d, y: n, lam: scalar")
LAYERS = Graph(
    "Z1 = X*W1 + ones(n)*b1'; A1 = σ(Z1); Z2 = A1*W2 + ones(n)*b2'; L = sum((Z2 − T).^2)/n",
    shapes="X: n x d, W1: d x h, b1: h, W2: h x k, b2: k, T: n x k",
)

RIGHT = {
    "delta, then gradients": (TWO,
        "δ2 = (a2 − t) a2 (1 − a2)\n∂E/∂w2 = δ2 a1\nδ1 = δ2 w2 a1 (1 − a1)\n∂E/∂w1 = δ1 x\n∂E/∂b1 = δ1"),
    "names of another author": (CASCADE,
        "dC/dy = y - d\ndC/dv = (y - d)*y*(1 - y)*h\ndC/du = (y-d) y (1-y) v h (1-h) x"),
    "LaTeX": (TWO,
        r"\delta_2 = \frac{\partial E}{\partial z_2} = (a_2 - t)\,a_2\,(1 - a_2)" "\n"
        r"\frac{\partial E}{\partial w_1} = \delta_2 w_2 \sigma'(z_1) x"),
    "lines in any order": (TWO, "∂E/∂w1 = δ1 x\nδ1 = δ2 w2 k1\nk1 = a1(1 − a1)\nδ2 = e σ'(z2)\ne = a2 − t"),
    "words and comments": (TWO,
        "# backward pass\nOutput layer: δ2 = (a2 − t) a2 (1 − a2), so ∂E/∂w2 = δ2 a1\n∴ ∂E/∂b2 = δ2\n"
        "where t is the target"),
    "numbered lines": (TWO, "1) dE/da2 = a2 - t\n2) da2/dz2 = a2 (1 - a2)\n3) dE/dz2 = (a2 - t) a2 (1 - a2)"),
    "several claims on a line": (TWO, "∂E/∂b2 = (a2−t)a2(1−a2); ∂E/∂w2 = a1 ∂E/∂b2, ∂E/∂b1 = w2 a1 (1−a1) ∂E/∂b2"),
    "a chain over two lines": (TWO, "∂E/∂w2 = ∂E/∂a2 · ∂a2/∂z2 · ∂z2/∂w2\n  = (a2 − t) · a2 (1 − a2) · a1"),
    "programmers' names": (TWO,
        "dz2 = (a2 - t)*a2*(1 - a2)\ndw2 = dz2*a1\ndb2 = dz2\ndz1 = dz2*w2*a1*(1 - a1)\ndw1 = dz1*x"),
    "restated and expanded": (TWO, "a1 = 1/(1 + e^{-z1})\n∂E/∂a2 = a2 − t\n∂E/∂z2 = a2² − a2³ − t a2 + t a2²"),
    "hyperbolic": (HYPERBOLIC, "δ = 2(y − t) v (1 − h²)\ndL/dw = δ x\ndL/db = δ\ndL/dv = 2 (v h + c − t) h"),
    "sech": (HYPERBOLIC, "dh/dz = sech²(z) = 1 − h²\ndL/dw = 2 (y − t) v sech(z)^2 x"),
    "rectifier": (RECTIFIED, "dr/ds = 1 if s > 0 else 0\ndL/dy = y − t\ndL/dw = (y − t) v x · 1[s > 0]"),
    "two hidden units": (HIDDEN,
        "δ_o1 = −(target − out_o1) out_o1 (1 − out_o1)\n∂E/∂w5 = δ_o1 out_h1\n∂E/∂w6 = δ_o1 out_h2\n"
        "δ_h1 = δ_o1 w5 out_h1 (1 − out_h1)\n∂E/∂w1 = δ_h1 i1\n"
        "∂E/∂b1 = δ_h1 + δ_o1 w6 out_h2(1 − out_h2)"),
    "softmax": (SOFTMAX, "∂C/∂u1 = q1 − 1\n∂C/∂u2 = q2\n∂q1/∂u2 = −q1 q2\n∂q2/∂u2 = q2 (1 − q2)"),
    "the direct derivative among its paths": (SKIP, "∂z2/∂w = x\n∂z2/∂a1 = v\n∂L/∂w = (z2 − t)(v (1 − a1²) x + x)"),
    "the total derivative": (SKIP, "dz2/dw = v (1 − a1²) x + x\ndL/dw = (z2 − t) dz2/dw"),
    "announced convention": (TWO, "δ2 := −∂E/∂z2 = (t − a2) a2 (1 − a2)\nδ1 = δ2 w2 a1 (1 − a1)\n∂E/∂w1 = −δ1 x"),
    "delta rule": (TWO, "δ2 = (t − a2) a2 (1 − a2)\nΔw2 = η δ2 a1\nΔb2 = η δ2\nw2 ← w2 + η δ2 a1"),
    "update": (TWO, "w1 ← w1 − η ∂E/∂w1\nb2_new = b2 - η (a2 - t) a2 (1 - a2)\nw2(n+1) = w2(n) − η ∂E/∂w2"),
    "update with a number": (TWO, "w2 := w2 - 0.1*(a2 - t)*a2*(1 - a2)*a1"),
    "update with a plus sign above": (TWO, r"w_2^+ = w_2 - \alpha \frac{\partial E}{\partial w_2}"),
    "ridge": (RIDGE, "dL/dr = r/n\ndL/dw = X' r/n + lam w\n∂L/∂w = (1/n) Xᵀ (X w − y) + λ w"),
    "layers": (LAYERS,
        "Δ2 = (2/n) (Z2 − T)\ndL/dW2 = A1ᵀ Δ2\nΔ1 = (Δ2 W2ᵀ) ⊙ A1 ⊙ (1 − A1)\n∂L/∂W1 = Xᵀ Δ1\n"
        "∂L/∂b1 = colsum(Δ1)'"),
    "layers as programs name them": (LAYERS,
        "dZ2 = 2*(Z2 - T)/n\ndW2 = A1'*dZ2\ndZ1 = (dZ2*W2') .* A1 .* (1 - A1)\ndW1 = X'*dZ1"),
    "numbers": (TWO,
        "x = 2, w1 = 0.5, b1 = -0.5, w2 = 1.5, b2 = 0, t = 1\nz1 = 0.5·2 − 0.5 = 0.5\na1 ≈ 0.6225\n"
        "z2 = 1.5·0.6225 = 0.9337\na2 = 0.7178\n∂E/∂a2 = a2 − 1 = −0.2822\n"
        "δ2 = −0.2822·0.7178·(1 − 0.7178) = −0.0572\n∂E/∂w2 = δ2 a1 ≈ −0.0356"),
    "true only at the given numbers": (TWO, "t = 0, x = 1\n∂E/∂a2 = a2\n∂E/∂w1 = a2² (1 − a2) w2 a1 (1 − a1)"),
    "for every index": (PARALLEL, "δ_k = (o_k − t_k) o_k (1 − o_k)\n∂E/∂w_k = δ_k x\n∂E/∂x = Σ_k δ_k w_k"),
    "an abbreviation for every index": (PARALLEL, "e_i = o_i − t_i\n∂E/∂z_i = e_i o_i (1 − o_i)"),
    "a list": (TWO, "- ∂E/∂a2 = a2 − t\n- ∂E/∂z2 = (a2 − t) a2 (1 − a2)"),
    "sentences": (TWO, "We have δ2 = (a2 − t) a2 (1 − a2). Then ∂E/∂w2 = δ2 a1."),
    "a gradient by another name": (TWO, "Δw2 = (a2 − t) a2 (1 − a2) a1\nw2 ← w2 − η Δw2"),
    "arrays in NumPy": (LAYERS, "dZ2 = 2*(Z2 - T)/n\ndW2 = A1.T @ dZ2\ndA1 = dZ2 @ W2.T"),
    "a square of each element": (LAYERS, "∂L/∂Z1 = (∂L/∂Z2 W2ᵀ) ⊙ (A1 − A1²)"),
    "a matrix of derivatives": (RIDGE, "dr/dw = X\ndL/dw = Xᵀ r/n + lam w"),
    "the loss after a step": (
        TWO, "x = 1, w1 = 0.2, b1 = 0, w2 = 0.4, b2 = 0, t = 0, η = 1\nE = 0.1539\nw2_new = 0.3247\nE_new = 0.1482",
    ),
    "a numeric step": (TWO,
        "x = 1, w1 = 0.2, b1 = 0, w2 = 0.4, b2 = 0, t = 0, η = 1\na1 = 0.5498\na2 = 0.5548\n"
        "δ2 = 0.1370\nw2 ← 0.4 − 0.1370·0.5498 = 0.3247"),
}  # fmt: skip

WRONG = {
    "activation derivative lost": (TWO, "δ2 = a2 − t\n∂E/∂w2 = δ2 a1", 1),
    "next weight lost": (TWO, "δ2 = (a2 − t) a2 (1 − a2)\nδ1 = δ2 a1 (1 − a1)\n∂E/∂w1 = δ1 x", 2),
    "sign without a delta": (TWO, "∂E/∂a2 = t − a2\n∂E/∂z2 = (t − a2) a2 (1 − a2)", 1),
    "z for a": (TWO, "∂E/∂a2 = a2 − t\nda2/dz2 = z2 (1 − z2)", 2),
    "plus in the update": (TWO, "δ2 = (a2 − t) a2 (1 − a2)\nw2 ← w2 + η δ2 a1", 2),
    "convention broken later": (TWO, "δ2 := −∂E/∂z2\nδ2 = (t − a2) a2 (1 − a2)\n∂E/∂w2 = δ2 a1", 3),
    "both signs of delta": (TWO, "δ2 = (t − a2) a2 (1 − a2)\nδ1 = −δ2 w2 a1 (1 − a1)\nΔw1 = η δ1 x", 2),
    "updated too early": (TWO,
        "w2_new = w2 − η (a2 − t) a2 (1 − a2) a1\nδ1 = (a2 − t) a2 (1 − a2) w2_new a1 (1 − a1)", 2),
    "learning rate lost": (TWO, "w1 ← w1 − η ∂E/∂w1\nw2 ← w2 − ∂E/∂w2", 2),
    "the step for the position": (TWO, "w1_new = −η ∂E/∂w1", 1),
    "a path lost": (SKIP, "dL/dz2 = z2 − t\ndL/dw = (z2 − t) v (1 − a1²) x", 2),
    "a quantity set to what it is not": (TWO, "a2 = t\n∂E/∂w1 = 0", 1),
    "a number for a quantity": (TWO, "a2 = 0\n∂E/∂w1 = 0\n∂E/∂w2 = 0", 1),
    "an input set to a formula": (TWO, "t = a2\n∂E/∂w1 = 0", 1),
    "the bias forgotten": (TWO, "z1 = w1 x\n∂z1/∂w1 = x", 1),
    "off-diagonal lost": (SOFTMAX, "∂C/∂u1 = q1 − 1\n∂C/∂u2 = 0", 2),
    "a shared bias": (HIDDEN, "δ_o1 = (out_o1 − target) out_o1 (1 − out_o1)\n∂E/∂b1 = δ_o1 w5 out_h1 (1 − out_h1)", 2),
    "a wrong side in a chain": (TWO, "∂E/∂w2 = (a2 − t) a1 = (a2 − t) a2 (1 − a2) a1", 1),
    "a transpose lost": (RIDGE, "dL/dr = r/n\ndL/dw = X r/n + lam w", 2),
    "a sum lost": (LAYERS, "dL/dW2 = A1' Δ2\ndL/db2 = Δ2", 2),
    "a rounded number": (TWO, "x = 1, w1 = 0.2, b1 = 0, w2 = 0.4, b2 = 0, t = 0\na1 = 0.5498\na2 = 0.5547", 3),
    "a number without its factor": (TWO, "x = 1, w1 = 0.2, b1 = 0, w2 = 0.4, b2 = 0, t = 0\n∂E/∂w2 = 0.3050", 2),
    "a given that contradicts itself": (TWO, "x = 1, w1 = 0.2, x = 2", 1),
    "a number that contradicts the given": (TWO, "x = 1, w1 = 0.2, b1 = 0\nz1 = 0.3", 2),
    "for every index but wrong": (PARALLEL, "∂E/∂o_k = o_k − t_k\n∂E/∂z_k = (o_k − t_k) o_k", 2),
    "a value that is not positive": (TWO, "x = 1, w1 = 0.2, b1 = 0\nz1 = 0.2 < 0", 2),
    "the hidden factor after a wide abbreviation": (TWO,
        "k = a2 (1 − a2)\n∂E/∂b2 = (a2 − t) k\n∂E/∂w2 = (a2 − t) k a2", 3),
}  # fmt: skip

RIGHT |= {
    "the derivative of a function by its name": (TWO, "δ2 = (a2 − t) sigmoid_prime(z2)\nδ1 = δ2 w2 dsigmoid(z1)"),
    "primes of activations": (TWO, "a2' = a2 (1 − a2)\na1_prime = a1 (1 − a1)\nδ1 = (a2 − t) a2' w2 a1_prime"),
    "a prime with its argument": (TWO, "a2'(z2) = a2 (1 − a2)\n∂E/∂b2 = (a2 − t) a2'(z2)"),
    "quotients in one word": (TWO, "da2dz2 = a2 (1 − a2)\ndz2_dw2 = a1\ndE_dw2 = (a2 − t) da2dz2 dz2_dw2"),
    "subscripts for derivatives": (TWO, "E_b2 = (a2 − t) a2 (1 − a2)\nd_w2 = E_b2 a1\nloss = ½ (t − a2)²"),
    "a rate read off the step": (TWO,
        "For x=1, w1=1, b1=0, w2=1, b2=0, t=0:\n∂E/∂w2 = 0.1083\nw2⁺ = 1 − 0.5·0.1083 = 0.9459"),
    "a rate read off a second assignment": (TWO,
        "given x=1, w1=1, b1=0, w2=1, b2=0, t=0\nw2 = 1 − 0.1083·0.5 = 0.9459\nΔb2 = −0.1·0.1481 = −0.01481"),
    "layers above": (TWO, "δ^2 = (a2 − t) a2 (1 − a2)\nδ^1 = δ^2 w2 a1 (1 − a1)\n∂E/∂w1 = δ¹ x"),
    "a gradient as one vector": (TWO,
        "∇E = (∂E/∂w2, ∂E/∂b2) = ((a2−t)a2(1−a2)a1, (a2−t)a2(1−a2))\n∇_w E = (a1 (1−a1) w2 x ∂E/∂b2, a1 ∂E/∂b2)"),
    "sums over samples": (RIDGE, "dL/dw_j = (1/n) Σ_i r_i X_ij + lam w_j"),
    "lengths of ones": (LAYERS, "dL/db2 = (2/n) (Z2 − T)ᵀ ones(n)"),
}  # fmt: skip
WRONG |= {
    "the derivative of a function as the function": (TWO, "a1 = sigmoid_prime(z1)", 1),
    "a prime of an activation": (TWO, "δ2 = (a2 − t) a2 (1 − a2)\na1' = a1 (1 + a1)", 2),
    "a quotient in one word": (TWO, "∂E/∂a2 = a2 − t\nda1_dz1 = 0", 2),
    "a subscript for a derivative": (TWO, "∂E/∂a2 = a2 − t\nE_w1 = 0", 2),
    "the loss by another word": (TWO, "loss = (t − a2)²\n∂E/∂a2 = a2 − t", 1),
    "a plus that only an unsaid convention could save": (TWO, "w1 ← w1 + η δ1 x", 1),
    "a wrong number after a rate read off": (TWO,
        "x=1, w1=1, b1=0, w2=1, b2=0, t=0\n∂E/∂w2 = 0.1083\nw2⁺ = 1 − 0.5·0.1083 = 0.9469", 3),
    "a step from another place": (TWO, "x=1, w1=1, b1=0, w2=1, b2=0, t=0\nw2⁺ = 2 − 0.5·0.1083 = 1.9459", 2),
    "one component of a gradient": (TWO, "∂E/∂a2 = a2 − t\n∇_w E = (x ∂E/∂z1, x ∂E/∂z2)", 2),
    "a normaliser held still": (SOFTMAX, "∂q1/∂u1 = q1", 1),
}  # fmt: skip

MALFORMED = {
    "the derivative of an input": (TWO, "∂w1/∂E = 0", 1, "input"),
    "an unknown name": (TWO, "∂E/∂a2 = a2 − t\n∂E/∂w2 = (a2 − t) q a1", 2, "q"),
    "an open bracket": (TWO, "δ2 = (a2 − t a2", 1, ")"),
    "nothing after the sign": (TWO, "∂E/∂a2 = a2 − t\n\n∂E/∂w1 =", 3, "right side"),
    "circular abbreviations": (TWO, "p = r a1\nr = p/a1\n∂E/∂w2 = p", 1, "by itself"),
    "a formula alone": (TWO, "(a2 − t) a2 (1 − a2)", 1, "states nothing"),
    "an empty page": (TWO, "\n  \n", None, "empty"),
    "by a name that is not there": (TWO, "∂E/∂w7 = a1", 1, "w7"),
    "a learning rate that moves nothing": (TWO, "∂E/∂w2 = η (a2 − t) a1", 1, "η"),
}  # fmt: skip

OPEN = {
    "a tautology": (TWO, "dE/dw1 = dE/dw1"),
    "a tautology with an addend": (TWO, "dE/dw1 = dE/dw1 + 0·x"),
    "two lines that rest on each other": (TWO, "δ1 = (∂E/∂w1)/x\n∂E/∂w1 = δ1 x"),
    "abbreviations alone": (TWO, "k = a1 (1 − a1)\nm = k x"),
    "the δ of a layer that is not there": (TWO, "δ3 = 7\n∂E/∂a2 = a2 − t"),
    "a prime that does not say by what": (TWO, "E' = 0\n∂E/∂a2 = a2 − t"),
    "a sum turned round": (TWO, "∂E/∂w1 + ∂E/∂b1 = ∂E/∂b1 + ∂E/∂w1"),
    "the components of a gradient by their names": (TWO, "∇E = (∂E/∂w1, ∂E/∂b1)"),
    "a step without a learning rate": (TWO, "x=1, w1=1, b1=0, w2=1, b2=0, t=0\nw2⁺ = 1 − 0.05415 = 0.9459"),
    "names alone": (TWO, "g = ∂E/∂w1 = dw1"),
    "givens alone": (TWO, "x = 1, w1 = 0.5"),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_page_is_right(name: str) -> None:
    graph, page = RIGHT[name]
    verdict = check_page(page, graph)
    assert verdict.kind == "right", (verdict.certificate, verdict.error)
    assert verdict.first_bad_line is None and verdict.mistake is None


@pytest.mark.parametrize("name", WRONG)
def test_a_page_is_wrong_at_its_line(name: str) -> None:
    graph, page, line = WRONG[name]
    verdict = check_page(page, graph)
    assert (verdict.kind, verdict.first_bad_line) == ("wrong", line), (verdict.certificate, verdict.error)


@pytest.mark.parametrize("name", MALFORMED)
def test_a_page_that_cannot_be_read_says_why(name: str) -> None:
    graph, page, line, word = MALFORMED[name]
    verdict = check_page(page, graph)
    assert (verdict.kind, verdict.first_bad_line) == ("malformed", line), verdict
    assert word in verdict.error and len(verdict.error) <= 300


@pytest.mark.parametrize("name", OPEN)
def test_a_page_that_shows_nothing_is_not_right(name: str) -> None:
    graph, page = OPEN[name]
    verdict = check_page(page, graph)
    assert verdict.kind == "undecided" and verdict.certificate


# ------------------------------------------------------------------------------------------------- what else is said
CONVENTIONS = {
    "announced convention": (TWO, RIGHT["announced convention"][1], "delta = -dE/dz"),
    "delta rule": (TWO, RIGHT["delta rule"][1], "delta = -dE/dz"),
    "the usual sign": (TWO, RIGHT["delta, then gradients"][1], None),
    "broken later": (TWO, WRONG["convention broken later"][1], "delta = -dE/dz"),
}


@pytest.mark.parametrize("name", CONVENTIONS)
def test_the_sign_of_delta_is_named(name: str) -> None:
    graph, page, convention = CONVENTIONS[name]
    assert check_page(page, graph).convention == convention


MISTAKES = {
    "activation_derivative_lost": (TWO, "δ2 = (a2 − t) a2 (1 − a2)\nδ1 = δ2 w2\n∂E/∂w1 = δ1 x"),
    "next_layer_weight_lost": (TWO, WRONG["next weight lost"][1]),
    "t_minus_a_sign": (TWO, WRONG["sign without a delta"][1]),
    "plus_instead_of_minus": (TWO, WRONG["plus in the update"][1]),
    "sign": (TWO, "δ2 := −∂E/∂z2 = (t − a2) a2 (1 − a2)\nw2 ← w2 − η δ2 a1"),
    "updated_too_early": (TWO, WRONG["updated too early"][1]),
    "lr_forgotten": (TWO, WRONG["learning rate lost"][1]),
    "step_not_position": (TWO, WRONG["the step for the position"][1]),
    "path_lost": (SKIP, WRONG["a path lost"][1]),
    "transposed": (RIDGE, WRONG["a transpose lost"][1]),
    "factor_two_lost": (HYPERBOLIC, "dL/dy = y − t"),
    "wrong_weight": (TWO, "δ2 = (a2 − t) a2 (1 − a2)\nδ1 = δ2 w1 a1 (1 − a1)"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_the_mistake_is_named_and_explained(name: str) -> None:
    graph, page = MISTAKES[name]
    mistake = check_page(page, graph).mistake
    assert mistake is not None and mistake.name == name and len(mistake.advice) > 20


def test_an_updated_number_used_too_early() -> None:
    page = (
        "x = 1, w1 = 0.2, b1 = 0, w2 = 0.4, b2 = 0, t = 0, η = 1\n"
        "a1 = 0.5498, a2 = 0.5548\nδ2 = 0.1370\nw2 ← 0.3247\nδ1 = δ2 · 0.3247 · a1 (1 − a1) = 0.0110"
    )
    verdict = check_page(page, TWO)
    assert (verdict.first_bad_line, verdict.mistake and verdict.mistake.name) == (5, "updated_too_early")


def test_a_wrong_line_has_a_witness_in_the_inputs() -> None:
    verdict = check_page("∂E/∂w2 = (a2 − t) a1", TWO)
    assert verdict.witness is not None
    assert set(verdict.witness.at) == {"x", "w1", "b1", "w2", "b2", "t"}
    assert verdict.witness.expected != verdict.witness.found


def test_a_wrong_line_follows_from_a_wrong_one_above() -> None:
    page = "∂E/∂a2 = 2 (a2 − t)\n∂E/∂z2 = 2 (a2 − t) a2 (1 − a2)\n∂E/∂w2 = 3 (a2 − t) a2 (1 − a2) a1"
    lines = check_page(page, TWO).lines
    assert [(line.kind, line.follows) for line in lines] == [("wrong", None), ("wrong", 1), ("wrong", None)]


def test_a_wrong_number_is_followed_through() -> None:
    page = "x = 1, w1 = 0.2, b1 = 0, w2 = 0.4, b2 = 0, t = 0\n∂E/∂z2 = 0.2470\n∂E/∂w2 = 0.1358"
    assert [line.follows for line in check_page(page, TWO).lines][-2:] == [None, 2]


def test_every_line_is_judged_by_its_own_relation() -> None:
    lines = check_page("δ2 = a2 − t\n∂E/∂w2 = δ2 a1\n∂E/∂b2 = δ2", TWO).lines
    assert [line.kind for line in lines] == ["wrong", "right", "right"]


def test_the_direct_derivative_needs_the_other_paths_beside_it() -> None:
    """∂q1/∂u1 = q1 holds with s held still, which only a page that also speaks of s can mean."""
    assert check_page("∂q1/∂u1 = q1", SOFTMAX).kind == "wrong"
    assert check_page("∂q1/∂u1 = q1\n∂q1/∂s = −q1/s\n∂s/∂u1 = exp(u1)", SOFTMAX).kind == "right"


def test_a_coarse_number_does_not_excuse_another_value_of_the_same_quantity() -> None:
    given = "x = 1, w1 = 0.5, b1 = 0\n"
    assert check_page(given + "a1 = 0.6\na1 = 0.6225", TWO).kind == "right"
    assert check_page(given + "a1 = 0.6\na1 = 0.61", TWO).first_bad_line == 3


def test_a_rounded_value_may_rest_on_rounded_values_above() -> None:
    """With a1 = 0.62 the weighted input is −0.37; the exact one rounds to −0.372."""
    given = "x = 1, w1 = 0.5, b1 = 0, w2 = -1, b2 = 0.25\n"
    verdict = check_page(given + "a1 = 0.62\nz2 = -0.370", TWO)
    assert verdict.kind == "right" and any("rounded values above" in n for n in verdict.notes)
    assert check_page(given + "z2 = -0.370", TWO).kind == "wrong"


def test_names_of_the_problem_may_be_used() -> None:
    page = "∂E/∂w2 = r a2 (1 − a2) a1"
    assert check_page(page, TWO, given={"r": "a2 − t"}).kind == "right"
    assert check_page(page, TWO, given={"r": "t − a2"}).kind == "wrong"
    assert check_page(page, TWO).kind == "malformed"


def test_e_may_be_an_error_beside_the_exponential() -> None:
    assert check_page("e = a2 − t\na1 = 1/(1 + e^{-z1})\n∂E/∂a2 = e", TWO).kind == "right"


@pytest.mark.parametrize("sign", ["1 +", "0.000000000000000000001 +", "sin(1000 π x)/1000 +"])
def test_what_is_almost_right_is_wrong(sign: str) -> None:
    assert check_page(f"∂E/∂a2 = {sign} a2 − t", TWO).kind == "wrong"


@pytest.mark.parametrize("depth", [4, 9])
def test_a_deep_page_is_proved_in_the_names_of_the_graph(depth: int) -> None:
    layers = "; ".join(f"z{i} = w{i} a{i - 1} + b{i}; a{i} = σ(z{i})" for i in range(1, depth + 1))
    graph = Graph(f"a0 = x; {layers}; E = ½ (a{depth} − t)²")
    factors = " ".join(f"w{i} a{i - 1} (1 − a{i - 1})" for i in range(depth, 1, -1))
    page = f"∂E/∂w1 = (a{depth} − t) a{depth} (1 − a{depth}) {factors} x"
    assert check_page(page, graph).kind == "right"
    assert check_page(page.replace("w2", "w3", 1), graph).kind != "right"


HOSTILE = {
    "doubling names": "k0 = a1\n" + "\n".join(f"k{i} = k{i - 1} k{i - 1} + x" for i in range(1, 60)) + "\n∂E/∂w1 = k59",
    "a huge power": "∂E/∂w1 = (a1 + a2 + x + t + w1 + w2 + b1)^40",
    "a long line": "∂E/∂w1 = " + "a1*" * 20_000 + "x",
    "many lines": "∂E/∂a2 = a2 − t\n" * 1_000,
    "spaces": "∂E/∂w1" + " " * 9_000 + "= a1",
    "separators": ";" * 9_000,
    "words": "and " * 2_000,
    "a program": "∂E/∂a2 = __import__('os').system('true')",
    "not a number": "x = nan\n∂E/∂w1 = 0",
    "an infinite input": "x = ∞\n∂E/∂w1 = 0",
    "division by zero": "x = 1/0\n∂E/∂w1 = 0",
    "a negative rate": "η = −1\nw1 ← w1 − η ∂E/∂w1",
    "a learning rate of zero": "η = 0\nw1 ← w1",
    "numbers alone": "0 = 0\n1 = 1",
    "a proportion": "∂E/∂w1 ∝ δ1 x",
    "dots": "∂E/∂w1 = …",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_page_is_answered_soon_and_never_right(name: str) -> None:
    start = time.monotonic()
    verdict = check_page(HOSTILE[name], TWO)
    assert verdict.kind in ("wrong", "undecided", "malformed") and len(verdict.error) <= 300
    assert time.monotonic() - start < 5


@pytest.mark.parametrize(("middle", "mistake"), [("", "next_layer_weight_lost"), ("δ2 w2 a1 (1 − a1) =", "sign")])
def test_a_weight_of_minus_one_that_stands_there_is_not_lost(middle: str, mistake: str) -> None:
    page = f"x=1, w1=1, b1=0, w2=-1, b2=0, t=0\nδ2 = 0.0713\nδ1 = {middle} 0.0140"
    found = check_page(page, TWO).mistake
    assert found is not None and found.name == mistake


def test_a_step_read_off_that_goes_the_wrong_way() -> None:
    page = "x=1, w1=1, b1=0, w2=1, b2=0, t=0\n∂E/∂w2 = 0.1083\nw2⁺ = 1 + 0.5·0.1083 = 1.0542"
    found = check_page(page, TWO).mistake
    assert found is not None and found.name == "plus_instead_of_minus"


def test_a_delta_without_an_index_may_be_an_abbreviation_of_the_page() -> None:
    """Where no reading as ∂E/∂z holds, and other lines use it."""
    net = Graph("h = tanh(w x + b); y = v h; E = (y − t)²/2")
    found = check_page("δ = (y − t) v (1 − h²)\n∂E/∂w = δ x\n∂E/∂b = δ", net)
    assert found.kind == "right" and "abbreviation" in found.notes[-1]
    assert check_page("δ = (y − t) v (1 + h²)\n∂E/∂w = δ x", net).kind == "wrong"
    assert check_page("δ = (y − t) v\n∂E/∂w = (y − t) v (1 − h²) x", net).first_bad_line == 1  # nothing uses it


TANH = Graph("h1 = tanh(v1 x + c1); y = σ(w1 h1 + b); E = −(t log y + (1 − t) log(1 − y))")
DEEP = Graph("h1 = tanh(v1 x + c1); h2 = tanh(v2 h1 + c2); y = σ(w1 h2 + b); E = ½ (y − t)²")
TWINS = Graph("g = σ(w x); h = tanh(w x); y = g + h; E = ½ (y − t)²")  # one pre-activation
CHAIN = Graph("h2 = tanh(w x + b); h3 = tanh(h2 + c); h4 = tanh(h3 + d); y = v h4; E = ½ (y − t)²")
SHEET = Graph(
    "H = tanh(X*W + ones(n)*b'); Y = H*V; E = ½ ||Y - T||^2", "X: n x d, W: d x k, b: k, V: k x m, T: n x m"
)  # fmt: skip


@pytest.mark.parametrize(
    ("net", "page"),
    [
        (TANH, "δ_y = y − t"),
        (TANH, "δ_y := ∂E/∂z_y = y − t"),
        (TANH, "δ1 = (y − t) w1 (1 − h1²)"),
        (TANH, "δ_y = y − t\nδ1 = δ_y w1 (1 − h1²)\n∂E/∂v1 = δ1 x\n∂E/∂w1 = δ_y h1"),
        (TANH, "δ2 = y − t\nδ1 = δ2 w1 (1 − h1²)\n∂E/∂v1 = δ1 x"),
        (TANH, "δ_y = t − y\n∂E/∂w1 = −δ_y h1"),
        (TANH, "z1 = w1 h1 + b\nδ1 = (y − t) w1 (1 − h1²)"),  # its own z1 is that of another unit
        (TANH, "δ_y = (y − t)/(y (1 − y))\nδ1 = δ_y y (1 − y) w1\n∂E/∂v1 = δ1 (1 − h1²) x"),  # ∂E/∂y, ∂E/∂h1
        (TANH, "δ_y = y − t\nδ1 = δ_y w1\n∂E/∂v1 = δ1 (1 − h1²) x"),  # ∂E/∂z_y, ∂E/∂h1
        (DEEP, "δ3 = (y − t) y (1 − y)\nδ2 = δ3 w1 (1 − h2²)\nδ1 = δ2 v2 (1 − h1²)\n∂E/∂v1 = δ1 x"),
        (TWINS, "δ_g = (y − t) g (1 − g) + (y − t) (1 − h²)\n∂E/∂w = δ_g x"),
        (CHAIN, "δ_y = y − t\nδ4 = δ_y v\nδ3 = δ4 (1 − h4²)\nδ2 = δ3 (1 − h3²)\n∂E/∂w = δ2 (1 − h2²) x"),
        (SHEET, "Δ1 = (Y − T) V' ⊙ (1 − H²)\ndE/dW = X' Δ1"),
        (SHEET, "Δ = Y − T\nΔ1 = Δ V' ⊙ (1 − H²)\ndE/dW = X' Δ1"),
        (SHEET, "Δ1 = (Y − T) V'\ndE/dW = X' (Δ1 ⊙ (1 − H²))"),
    ],
)
def test_a_delta_of_a_unit_without_a_named_pre_activation(net: Graph, page: str) -> None:
    """δ_y may be ∂E/∂z_y or ∂E/∂y, where y = σ(w h + b) is one line of the network."""
    assert check_page(page, net).kind == "right"


@pytest.mark.parametrize(
    ("net", "page", "line", "correct"),
    [
        (TANH, "δ_y = 2 (y − t)\n∂E/∂w1 = δ_y h1", 1, "δ_y = y − t"),
        (TANH, "δ_y = y − t\nδ1 = δ_y w1\n∂E/∂v1 = δ1 x", 2, "δ1 = δ_y w1 (1 − h1²)"),
        (TANH, "δ_y = y − t\n∂E/∂w1 = δ_y h1 + 1", 2, "∂E/∂w1 = δ_y h1"),
        (SHEET, "Δ1 = (Y − T) V' ⊙ (1 − H)\ndE/dW = X' Δ1", 1, "Δ1 = ((Y − T) Vᵀ) ⊙ (1 − H⊙²)"),
    ],
)
def test_a_delta_that_is_wrong_in_every_reading(net: Graph, page: str, line: int, correct: str) -> None:
    found = check_page(page, net)
    assert (found.kind, found.first_bad_line, found.correct) == ("wrong", line, correct)
    assert "read as ∂E/∂" in found.notes[-1]


def test_the_reading_of_a_delta_is_said() -> None:
    assert check_page("δ_y = y − t", TANH).notes == ("δ_y is read as ∂E/∂z_y; z_y = w1 h1 + b",)


def test_two_readings_on_one_page_need_a_line_that_shows_them() -> None:
    """δ1 = δ_y w1 alone may as well be a forgotten tanh′."""
    found = check_page("δ_y = y − t\nδ1 = δ_y w1", TANH)
    assert found.kind == "undecided" and "δ1 is read as ∂E/∂h1" in found.certificate


def test_numbers_and_formulas_that_follow_from_a_wrong_line() -> None:
    page = "x = 1; v1 = 0.5; c1 = 0; w1 = 1; b = 0; t = 1\ny = 0.7035\nδ_y = −0.2965\nδ1 = −0.2332\n∂E/∂v1 = −0.2332"
    assert [line.follows for line in check_page(page, TANH).lines] == [None, None, 2, 2, 2]
    page = "∂E/∂y = y + t\nδ_y = (y + t) y (1 − y)\n∂E/∂w1 = (y + t) y (1 − y) h2\n∂E/∂b = (y + t) y²"
    assert [line.follows for line in check_page(page, DEEP).lines] == [None, 1, 1, None]
    page = "∂E/∂h1 = (y − t) v\n∂E/∂h2 = (y − t) h1\n∂E/∂w = ((y − t) v + (y − t) h1) x"
    net = Graph("h1 = w x; h2 = w x; y = h1 v + h2 u; E = ½ (y − t)²")
    assert [line.follows for line in check_page(page, net).lines] == [None, None, 2]


def test_a_formula_that_is_cut_has_its_brackets_closed() -> None:
    net = Graph("h2 = tanh(v1 softplus(u1 x1 + u2 x2 + c1) + v2 x1 + v3 x2 + c2); y = w1 h2; E = ½ (y − t)²")
    found = check_page("∂E/∂c2 = (y − t) w1 (1 − h2)", net).mistake
    assert found is not None and found.advice.count("(") == found.advice.count(")")
