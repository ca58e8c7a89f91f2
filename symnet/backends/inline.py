"""How scalar code is written: functions in place for speed, or calls of stable helpers for every input.

In place, σ(z) is 1/(1 + e⁻ᶻ) with e = e⁻ᶻ kept, and its derivative e a a: both are right to the last places wherever
e⁻ᶻ does not overflow. Where it does, `math.exp` raises, and the program that calls the helpers takes over.
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
    "sigmoid":    Inline("1/(1 + {e})", "({e}*{y}*{y})", before="exp(-{x})"),
    "tanh":       Inline("tanh({x})", "({k} if ({k} := 1 - {y}*{y}) > 0.001 else cosh({x})**-2)"),
    "relu":       Inline("({x} if {x} > 0 else 0.0)", "({x} > 0)"),
    "softplus":   Inline("log1p({e})", "({e}/(1 + {e}))", before="exp({x})"),
    "logsigmoid": Inline("-log1p({e})", "({e}/(1 + {e}))", before="exp(-{x})"),
    "exp":        Inline("exp({x})", "{y}"),
    "log":        Inline("log({x})", "(1/{x})"),
    "log1p":      Inline("log1p({x})", "(1/(1 + {x}))"),
    "expm1":      Inline("expm1({x})", "exp({x})"),
    "sech":       Inline("2*{e}/(1 + {e}*{e})", "(-tanh({x})*{y})", before="exp(-abs({x}))"),
    "sqrt":       Inline("sqrt({x})", "(0.5/{y})"),
    "sin":        Inline("sin({x})", "cos({x})"),
    "cos":        Inline("cos({x})", "-sin({x})"),
    "sinh":       Inline("sinh({x})", "cosh({x})"),
    "cosh":       Inline("cosh({x})", "sinh({x})"),
    "atan":       Inline("atan({x})", "(1/(1 + {x}*{x}))"),
    "sign":       Inline("1.0*(({x} > 0) - ({x} < 0))", "0"),
    "abs":        Inline("abs({x})", "(({x} > 0) - ({x} < 0))"),
}
# fmt: on
