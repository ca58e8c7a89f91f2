"""Two moons, 1,000 points: a network of 2-16-1 units learns to part them; optimisers side by side.

With a name it draws the losses: `python two_moons.py losses.png` (extra `plot`).
"""

import sys

import numpy as np

import symnet as sn

draw = np.random.default_rng(0)
angle = draw.uniform(0, np.pi, 500)
moons = [np.c_[np.cos(angle), np.sin(angle)], np.c_[1 - np.cos(angle), 0.5 - np.sin(angle)]]
X = np.vstack(moons) + 0.1 * draw.standard_normal((1000, 2))
T = np.repeat([0.0, 1.0], 500)

network = sn.network(
    {
        "inputs": ["x1", "x2"],
        "layers": [{"units": 16, "activation": "tanh"}, {"units": 1, "activation": "sigmoid"}],
        "loss": "bce",
    },
    form="matrix",
)
runs = [
    sn.descend(network, "random", data={"X": X, "T": T}, steps=400, method=method, lr=lr, batch=batch)
    for method, lr, batch in [("gd", 1, None), ("nesterov", 0.1, None), ("adam", 0.05, None), ("adam", 0.05, 100)]
]
for run in runs:
    p = run.point
    right = ((np.tanh(X @ p["W1"] + p["b1"]) @ p["W2"] + p["b2"] > 0) == (T == 1)).mean()
    batch = "all points" if run.plan.full else f"batches of {run.plan.batch}"
    print(f"{run.plan.method.name:9} {batch:14} loss {run.values[0]:.3f} → {run.value:.4f}, {right:.1%} right")

if len(sys.argv) > 1:
    runs[0].plot(sys.argv[1], others=runs[1:], kind="loss")
