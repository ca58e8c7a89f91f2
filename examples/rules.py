"""The rules of calculus, one at a time: derivative, gradient, tangent, integral, area, and one step downhill.

Each `assert` is an answer worked by hand; the pages are printed as a person would write them.
"""

import symnet as sn

# the slope of a line from two points, dx = 3, dy = 6
line = sn.slope_between((1, 2), (4, 8))
print(line.text())
assert str(line.result) == "2"

# the four rules, with letters for the functions
for formula in ("f(x)^n", "f(g(x))", "f(x) g(x)", "f(x)/g(x)"):
    rule = sn.differentiate(formula, "x")
    print(rule.text())
assert str(rule.result) == "(f'(x)*g(x) - f(x)*g'(x))/g(x)^2"

# why the rules hold: the definition of the derivative, and the tangent
print(sn.limit_definition("x^2", "x").text())
assert str(sn.tangent_line("x^2", "x", 3).result) == "6*x - 9"

# one curve, by the product rule and multiplied out
product = sn.differentiate("y = x(x − 1)(x − 2)(x − 3)", "x")
sums = sn.differentiate("y = x^4 − 6x^3 + 11x^2 − 6x", "x")
print(product.text("chain", at={"x": "1.25"}, rate="0.05"))
assert product.result is sums.result
assert str(product.result) == "4*x^3 - 18*x^2 + 22*x - 6"
assert sn.evaluate(product.result, {"x": "1.25"}) == 1.1875

# ∇f, the other names held constant
nabla = sn.gradient("f = x^2 y + x y z + z^2")
print(nabla.text("chain"))
assert nabla.result.text() == "⟨2x y + y z, x² + x z, x y + 2z⟩"

# the integral undoes the derivative, and measures an area
integral = sn.integrate("2", "x")
area = sn.integrate("2", "x", 1, 4)
print(integral.text())
print(area.text())
assert str(integral.result) == "2*x + C" and str(area.result) == "6"

# "every continuous curve has a derivative" is not so
corner = sn.differentiate("|x|", "x")
assert corner.notes == ("there is no derivative at x = 0",)
