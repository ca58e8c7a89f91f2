"""One head of self-attention: its backward pass, derived, and the gradients of one small batch."""

import numpy as np

import symnet as sn

graph = sn.attention()
d = sn.derive(graph, wrt="W_Q W_K W_V")
print(d.text(width=160))

# the backward pass of the softmax, the line that is hardest by hand
print("the scores:", d.names["Δ_S"].text())

rng = np.random.default_rng(0)
X, G = rng.standard_normal((3, 4)), rng.standard_normal((3, 2))
weights = {name: rng.standard_normal((4, 2)) for name in ("W_Q", "W_K", "W_V")}
value, gradient = d.compile()(X=X, G=G, **weights)
for name, g in gradient.items():
    print(f"‖∂L/∂{name}‖ = {np.linalg.norm(g):.6f}")
