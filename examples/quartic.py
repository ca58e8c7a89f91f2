"""y = x (x − 1)(x − 2)(x − 3): its derivative by the product rule, and one step of gradient descent by hand."""

import symnet as sn

d = sn.derive("y = x (x − 1)(x − 2)(x − 3)", wrt="x")
print(d.text())

slope = d.gradient["x"]
print("slope at 1.25:", sn.evaluate(slope, {"x": "1.25"}))

# x ← x − 0.05 · slope, three times
x = 1.25
gradient = d.compile()
for step in range(3):
    y, by_name = gradient(x=x)
    x -= 0.05 * by_name["x"]
    print(f"step {step + 1}: y = {y:.6f}, next x = {x:.6f}")

# where the slope is 0: every point, exact, with its kind; the picture needs matplotlib
answer = sn.stationary("x (x − 1) (x − 2) (x − 3)", "x")
print()
print(answer.text())
for point in answer.points:
    print(point.at["x"], point.approx["x"], point.label, point.value)
# answer.plot("quartic.png")
