"""Integrals, one named rule at a time.

`antiderivatives` and `standard` are the tables, `partial_fractions` and `methods` the methods, `borrowed` reads the
tree that `manual` lets SymPy make in a worker. `lines` works ∫ … dx out and verifies every line; `areas` and `improper`
are the integral in numbers and its limits; `indefinite`, `definite` and `asked` put the answer together.
"""
