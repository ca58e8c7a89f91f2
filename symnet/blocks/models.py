"""Whole models with the loss that they are fitted by, and outputs with theirs."""

from __future__ import annotations

from .programs import Program, made

softmax_cross_entropy = made(Program(
    "softmax_cross_entropy", "Z = X W + 1 bᵀ with softmax and cross-entropy; the rows of T are one-hot.",
    "Z = X*W + ones(n)*b'\nL = -sum(T .* logsoftmax(Z))/n",
    "X: n x d, W: d x k, b: k, T: n x k rows sum to one", whole=True,
))
bce_with_logits = made(Program(
    "bce_with_logits", "z = X w + b with the binary cross-entropy of σ(z), as softplus(z) − t z.",
    "z = X*w + b\nL = sum(softplus(z) - t.*z)/n",
    "X: n x d, w: d, b: scalar, t: n", whole=True,
))
ridge = made(Program(
    "ridge", "½ ‖X w − y‖² + ½ λ ‖w‖²: least squares with a penalty (Hoerl and Kennard, 1970).",
    "r = X*w - y\nL = norm2(r)^2/2 + lambda/2*norm2(w)^2",
    "X: n x d, w: d, y: n, lambda: scalar", whole=True,
))
logistic_regression = made(Program(
    "logistic_regression", "p = σ(X w), binary cross-entropy, and a penalty ½ λ ‖w‖².",
    "z = X*w\np = sigmoid(z)\nL = -sum(y.*log(p) + (1 - y).*log(1 - p))/n + lambda/2*norm2(w)^2",
    "X: n x d, w: d, y: n, lambda: scalar", whole=True,
))
svm = made(Program(
    "svm", "½ ‖w‖² + C Σ max(0, 1 − y (X w + b)): the soft margin, y is −1 or 1 (Cortes and Vapnik, 1995).",
    "m = y.*(X*w + b)\nL = norm2(w)^2/2 + C*sum(relu(1 - m))",
    "X: n x d, w: d, b: scalar, y: n, C: scalar", whole=True,
))
matrix_factorisation = made(Program(
    "matrix_factorisation", "½ ‖M ⊙ (U Vᵀ − R)‖² + ½ λ (‖U‖² + ‖V‖²); M is 1 where a rating is known.",
    "E = M .* (U*V' - R)\nL = norm2(E)^2/2 + lambda/2*(norm2(U)^2 + norm2(V)^2)",
    "U: n x k, V: m x k, R: n x m, M: n x m, lambda: scalar", whole=True,
))
gaussian_likelihood = made(Program(
    "gaussian_likelihood", "½ n log det Σ + ½ tr(C Σ⁻¹ Cᵀ), C = X − 1 μᵀ: minus the log-likelihood of a Gaussian.",
    "C = X - ones(n)*mu'\nL = n/2*logdet(S) + tr(C*inv(S)*C')/2",
    "X: n x d, mu: d, S: d x d positive definite", whole=True,
))
pca = made(Program(
    "pca", "‖X − X W Wᵀ‖²/n: what a projection on k directions leaves (Pearson, 1901).",
    "R = X - X*W*W'\nL = norm2(R)^2/n",
    "X: n x d, W: d x k", whole=True,
))  # fmt: skip
