"""One sigmoid neuron with w_y = 1 and bias −1, its loss as a function of w = w_x: is there a best weight?

Each data set is a list of points with a target 0 or 1; the loss is the mean of (σ(w x + y − 1) − t)².
"""

import symnet as sn

DATA = {
    "two points": [((0, 0), 0), ((2, 0), 1)],
    "mirror images, far": [((3, 4), 1), ((-3, 4), 0)],
    "mirror images, near": [((1, 1), 1), ((-1, 1), 0)],
    "the cross": [((-1, 1), 0), ((1, -1), 0), ((3, 1), 1), ((1, 3), 1)],
    "one diagonal": [((1, -1), 0), ((1, 3), 1)],
}


def loss(points):
    terms = [f"(1/(1 + e^(−(({x}) w + ({y}) − 1))) − {t})^2" for (x, y), t in points]
    return f"({' + '.join(terms)})/{len(points)}"


for name, points in DATA.items():
    answer = sn.stationary(loss(points), "w")
    print(f"{name}:")
    for point in answer.points:
        print(f"  {point}")
    print(f"  {answer.minimum.said('Minimum', 'Infimum')}")
    print(f"  {answer.complete}: {answer.certificate}")

# the page of the first data set, and a picture of the last (needs matplotlib)
first = sn.stationary(loss(DATA["two points"]), "w")
print()
print(first.text())
# sn.stationary(loss(DATA["the cross"]), "w").plot("cross.png", window=(-2, 3))
