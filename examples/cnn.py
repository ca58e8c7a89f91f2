"""A small convolutional network: convolution, ReLU, max-pooling, one neuron; its gradients and descent."""

import numpy as np

import symnet as sn

network = """
Z = conv(X, K, 1, 0) + c          # a 3×3 kernel over a 6×6 image: 4×4
A = relu(Z)
P = max_pool(A, 2, 2)             # 2×2
p = vec(P)
z = w'*p + b
L = softplus(z) - t*z             # binary cross-entropy of σ(z)
"""
d = sn.derive(network, wrt="K c w b", shapes="X: 6 x 6, K: 3 x 3, c: scalar, w: 4, b: scalar, t: scalar")
print(d.text(width=160))

# two images: a vertical bar is class 1, a horizontal one class 0
vertical, horizontal = np.zeros((6, 6)), np.zeros((6, 6))
vertical[:, 2], horizontal[2, :] = 1.0, 1.0
rng = np.random.default_rng(1)
at = {"K": rng.standard_normal((3, 3)), "c": 0.0, "w": rng.standard_normal(4), "b": 0.0}
gradient = d.compile()
for step in range(61):
    losses = []
    for image, target in ((vertical, 1.0), (horizontal, 0.0)):
        loss, g = gradient(X=image, t=target, **at)
        at = {name: value - 0.1 * g[name] for name, value in at.items()}
        losses.append(loss)
    if step % 20 == 0:
        print(f"step {step}: loss {sum(losses):.4f}")
