"""How scalar code is written: functions in place for speed, or calls of stable helpers for every input.

In place, σ(z) is 1/(1 + e⁻ᶻ) with e = e⁻ᶻ kept, and its derivative e a a: both are right to the last places wherever
e⁻ᶻ does not overflow. Where it does, `math.exp` raises, and the program that calls the helpers takes over. Constants
are floats: Python has a quick instruction for two floats, and none for a whole number beside a float.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Inline:
    """`before` is assigned to a fresh e; `value` and `slope` are written in x, e, the value y and a spare name k."""

    value: str
    slope: str
    before: str = ""


# fmt: off
TABLE = {
    "identity":   Inline("{x}", "1"),
    "sigmoid":    Inline("1.0/(1.0 + {e})", "({e}*{y}*{y})", before="exp(-{x})"),
    "tanh":       Inline("tanh({x})", "(cosh({x})**-2 if ({k} := 1.0 - {y}*{y}) < 0.001 else {k})"),
    "relu":       Inline("({x} if {x} > 0.0 else 0.0)", "(1.0 if {x} > 0.0 else 0.0)"),
    "softplus":   Inline("log1p({e})", "({e}/(1.0 + {e}))", before="exp({x})"),
    "logsigmoid": Inline("-log1p({e})", "({e}/(1.0 + {e}))", before="exp(-{x})"),
    "exp":        Inline("exp({x})", "{y}"),
    "log":        Inline("log({x})", "(1.0/{x})"),
    "log1p":      Inline("log1p({x})", "(1.0/(1.0 + {x}))"),
    "expm1":      Inline("expm1({x})", "exp({x})"),
    "sech":       Inline("2.0*{e}/(1.0 + {e}*{e})", "(-tanh({x})*{y})", before="exp(-abs({x}))"),
    "sqrt":       Inline("sqrt({x})", "(0.5/{y})"),
    "sin":        Inline("sin({x})", "cos({x})"),
    "cos":        Inline("cos({x})", "-sin({x})"),
    "sinh":       Inline("sinh({x})", "cosh({x})"),
    "cosh":       Inline("cosh({x})", "sinh({x})"),
    "atan":       Inline("atan({x})", "(1.0/(1.0 + {x}*{x}))"),
    "sign":       Inline("1.0*(({x} > 0) - ({x} < 0))", "0"),
    "abs":        Inline("abs({x})", "(1.0 if {x} > 0.0 else -1.0 if {x} < 0.0 else 0.0)"),
}
# fmt: on
