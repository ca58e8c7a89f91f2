"""Pages of backpropagation by hand, checked: what a student writes down, and what is true of it."""

from pathlib import Path

import symnet as sn

network = sn.Graph(Path(__file__).with_name("two_neurons.net"))

# is ∂E/∂a2 = t − a2 or a2 − t? Without a δ only one of them is true
print(sn.check("∂E/∂a2 = t − a2", graph=network))
assert sn.check("∂E/∂a2 = a2 − t", graph=network).kind == "right"
assert sn.check("∂E/∂a2 = t − a2", graph=network).mistake.name == "t_minus_a_sign"

# with δ := −∂E/∂z the difference turns round, and so does the update
page = """
δ2 = (t − a2) a2 (1 − a2)
δ1 = δ2 w2 a1 (1 − a1)
w2 ← w2 + η δ2 a1
w1 ← w1 + η δ1 x
"""
verdict = sn.check(page, graph=network)
print(verdict)
assert (verdict.kind, verdict.convention) == ("right", "delta = -dE/dz")
assert sn.check(page.replace("+ η", "− η"), graph=network).first_bad_line == 4

# a page of numbers: each rounded to its digits, or resting on the rounded ones above
numbers = """
x = 1, w1 = 0.5, b1 = 0, w2 = -1, b2 = 0.25, t = 1
a1 = 0.6225, a2 = 0.4079
δ2 = (0.4079 − 1) · 0.4079 · (1 − 0.4079) = −0.1430
∂E/∂w2 = δ2 a1 = −0.0890
∂E/∂w1 = δ2 a1 (1 − a1) x = −0.0336
"""
verdict = sn.check(numbers, graph=network)
print(verdict)
assert (verdict.kind, verdict.first_bad_line) == ("wrong", 6)
assert verdict.mistake.name == "next_layer_weight_lost"
