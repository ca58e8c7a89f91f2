"""Gradient descent on y = x (x − 1)(x − 2)(x − 3): the table of the steps, and what is known of where it ends."""

import symnet as sn

loss = "y = x (x − 1)(x − 2)(x − 3)"

# one step by hand, exactly: the slope at 1.25 is 1.1875, so Δx = −0.05 · 1.1875
print(sn.descend(loss, {"x": 1.25}, lr=0.05, steps=1).table.text())

# all the way down, and beside it the exact answer
run = sn.descend(loss, {"x": 1.25}, lr=0.05, steps=100)
print(run.report(), "\n")

# the same with other methods and with a rate that is too large
for method, lr in [("momentum", 0.02), ("adam", 0.1), ("newton", 1), ("gd", 0.5)]:
    start = {"x": 0.75} if method == "newton" else {"x": 1.25}
    print(sn.descend(loss, start, lr=lr, steps=100, method=method).summary())
