"""Methods of descent: how a gradient becomes a step. One row adds a method.

A step is x ← x − η d; a row says what d is. `direction(g, memory, k, h)` gets the gradient, what the row remembered
(None at first), the number of the step from 1 and the constants of the row, and gives d and what is to be remembered.
It is plain arithmetic, so that it serves fractions, floats and arrays alike. Constants and conventions are those of
`torch.optim`.
"""

from __future__ import annotations

import cmath
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

Constants = Mapping[str, Any]
Direction = Callable[[Any, Any, int, Constants], tuple[Any, Any]]
Matrix = tuple[tuple[float, float], tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Method:
    """One method.

    `formula` is the rule as one reads it; `constants` with their usual values; `rate` the learning rate if none is
    given (None: one must be). `rational` says that fractions stay fractions. `needs` is what a step needs beside the
    gradient: nothing, the Hessian, values along a line, or the optimiser of `scipy.optimize` that is named.
    `factor(s, h)` is the factor by which the distance to a minimum shrinks in each step where s = η λ and λ is the
    curvature, and `stable(h)` the s above which it grows.
    """

    name: str
    title: str
    formula: str
    direction: Direction | None
    constants: Constants = field(default_factory=dict)
    rate: Fraction | None = None
    rational: bool = False
    needs: str = ""
    factor: Callable[[float, Constants], float] | None = None
    stable: Callable[[Constants], float] | None = None


def plain(g: Any, memory: Any, k: int, h: Constants) -> tuple[Any, Any]:
    return g, None


def _velocity(g: Any, v: Any, h: Constants) -> Any:
    return g if v is None else h["mu"] * v + g


def _momentum(g: Any, v: Any, k: int, h: Constants) -> tuple[Any, Any]:
    v = _velocity(g, v, h)
    return v, v


def _nesterov(g: Any, v: Any, k: int, h: Constants) -> tuple[Any, Any]:
    v = _velocity(g, v, h)
    return g + h["mu"] * v, v


def _adagrad(g: Any, s: Any, k: int, h: Constants) -> tuple[Any, Any]:
    s = g * g if s is None else s + g * g
    return g / (s**0.5 + h["eps"]), s


def _rmsprop(g: Any, s: Any, k: int, h: Constants) -> tuple[Any, Any]:
    s = (1 - h["alpha"]) * (g * g) + (0 if s is None else h["alpha"] * s)
    return g / (s**0.5 + h["eps"]), s


def _adam(g: Any, memory: Any, k: int, h: Constants) -> tuple[Any, Any]:
    m, v = memory or (0 * g, 0 * g)
    b1, b2 = h["beta1"], h["beta2"]
    m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * (g * g)
    unbiased = (v / (1 - b2**k)) ** 0.5
    return (m / (1 - b1**k)) / (unbiased + h["eps"]), (m, v)


# ----------------------------------------------------------------------------- how errors shrink near a minimum
def _radius(a: Matrix) -> float:
    """The largest absolute value of the eigenvalues of a 2×2 matrix."""
    half = (a[0][0] + a[1][1]) / 2
    root = cmath.sqrt(half * half - (a[0][0] * a[1][1] - a[0][1] * a[1][0]))
    return max(abs(half + root), abs(half - root))


def _momentum_factor(s: float, h: Constants) -> float:
    """(x, η v) → (x − s x − μ η v, s x + μ η v)."""
    mu = float(h["mu"])
    return _radius(((1 - s, -mu), (s, mu)))


def _nesterov_factor(s: float, h: Constants) -> float:
    """(x, η v) → (x − (1 + μ) s x − μ² η v, s x + μ η v)."""
    mu = float(h["mu"])
    return _radius(((1 - s * (1 + mu), -mu * mu), (s, mu)))


TABLE: dict[str, Method] = {
    row.name: row
    for row in (
        Method("gd", "gradient descent", "x ← x − η g", plain, rational=True,
               factor=lambda s, h: abs(1 - s), stable=lambda h: 2.0),
        Method("momentum", "momentum (Polyak 1964)", "v ← μ v + g, x ← x − η v", _momentum,
               {"mu": Fraction(9, 10)}, rational=True,
               factor=_momentum_factor, stable=lambda h: 2 * (1 + float(h["mu"]))),
        Method("nesterov", "Nesterov momentum (1983)", "v ← μ v + g, x ← x − η (g + μ v)", _nesterov,
               {"mu": Fraction(9, 10)}, rational=True,
               factor=_nesterov_factor, stable=lambda h: 2 * (1 + float(h["mu"])) / (1 + 2 * float(h["mu"]))),
        Method("adagrad", "AdaGrad (Duchi, Hazan and Singer 2011)", "s ← s + g², x ← x − η g/(√s + ε)", _adagrad,
               {"eps": Fraction(1, 10**10)}),
        Method("rmsprop", "RMSProp (Hinton 2012)", "s ← α s + (1 − α) g², x ← x − η g/(√s + ε)", _rmsprop,
               {"alpha": Fraction(99, 100), "eps": Fraction(1, 10**8)}),
        Method("adam", "Adam (Kingma and Ba 2015)",
               "m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², x ← x − η m̂/(√v̂ + ε)", _adam,
               {"beta1": Fraction(9, 10), "beta2": Fraction(999, 1000), "eps": Fraction(1, 10**8)}),
        Method("newton", "Newton's method", "x ← x − η H⁻¹ g", None, rate=Fraction(1), rational=True, needs="hessian",
               factor=lambda s, h: 0.0),
        Method("backtracking", "gradient descent with a backtracking line search (Armijo 1966)",
               "halve t from η until f(x − t g) ≤ f(x) − c t |g|², x ← x − t g", plain,
               {"c": Fraction(1, 10000), "shrink": Fraction(1, 2)}, rate=Fraction(1), rational=True, needs="search"),
        Method("bfgs", "BFGS (scipy.optimize)", "x ← x − t B g, B ≈ H⁻¹", None, rate=Fraction(1), needs="BFGS"),
        Method("l-bfgs", "L-BFGS-B (scipy.optimize)", "x ← x − t B g, B ≈ H⁻¹ of the last steps", None,
               rate=Fraction(1), needs="L-BFGS-B"),
    )
}  # fmt: skip
