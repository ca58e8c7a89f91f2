"""f(x) is a function and x(x + 1) a product: the rule that the reader and the printers share."""

from __future__ import annotations

from . import names
from .term import Term

FUNCTION_LETTERS = frozenset({"f", "g", "h", "F", "G", "H", "phi", "psi", "zeta", "chi", "xi", "Phi", "Psi", "softmax",
                              "logsoftmax", "lse"})  # fmt: skip


def reads_as_application(name: str, args: tuple[Term, ...]) -> bool:
    """f(x) is a function and x(x + 1) a product: whether a name before these parentheses is a function.

    It is for f, g, h, F, G, H, φ, ψ, ζ, χ and ξ, for inverses such as `inv_f`, for several arguments, and for one
    other bare name: y(x), C(w).
    """
    root = names.parse(name)
    if root.base in FUNCTION_LETTERS or root.lead == "nabla_" or name.startswith("inv_") or len(args) > 1:
        return not any(name in a.free for a in args)
    return len(name) == 1 and len(args) == 1 and args[0].op == "sym" and args[0].name != name


def reads_as_number(base: Term) -> bool:
    """2, e, 1 + r and γ are numbers, also where nothing is declared: T above them is an exponent."""
    if base.shape:
        return False
    if base.op == "sym":
        return base.name == "gamma" or "constant" in base.facts
    return base.op == "num" or (base.op == "add" and any(a.op == "num" or a.number is not None for a in base.args))
