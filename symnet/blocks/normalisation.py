"""Normalisation: mean 0 and variance 1 along the columns (batch) or the rows (layer), then a scale and a shift."""

from __future__ import annotations

from .programs import Program, made

batch_norm = made(Program(
    "batch_norm", "Each column of X to mean 0 and variance 1, times γ, plus β (Ioffe and Szegedy, 2015).",
    "mu = colmean(X)\nC = X - ones(n)*mu\nv = colmean(C.^2)\nr = 1./sqrt(v + eps)\nH = C .* (ones(n)*r)\n"
    "Y = H .* (ones(n)*gamma') + ones(n)*beta'",
    "X: n x d, gamma: d, beta: d, eps: scalar positive",
))
layer_norm = made(Program(
    "layer_norm", "Each row of X to mean 0 and variance 1, times γ, plus β (Ba, Kiros and Hinton, 2016).",
    "mu = rowmean(X)\nC = X - mu*ones(d)'\nv = rowmean(C.^2)\nr = 1./sqrt(v + eps)\nH = C .* (r*ones(d)')\n"
    "Y = H .* (ones(n)*gamma') + ones(n)*beta'",
    "X: n x d, gamma: d, beta: d, eps: scalar positive",
))
rms_norm = made(Program(
    "rms_norm", "Each row of X divided by its root mean square, times γ (Zhang and Sennrich, 2019).",
    "v = rowmean(X.^2)\nr = 1./sqrt(v + eps)\nH = X .* (r*ones(d)')\nY = H .* (ones(n)*gamma')",
    "X: n x d, gamma: d, eps: scalar positive",
))  # fmt: skip
