"""f(x) is a function and x(x + 1) a product: the rule that the reader and the printers share."""

from __future__ import annotations

from . import names
from .term import Term

FUNCTION_LETTERS = frozenset({"f", "g", "h", "F", "G", "H", "phi", "psi", "inv_sigma", "inv_f", "inv_g", "inv_h",
                              "softmax", "logsoftmax", "lse"})  # fmt: skip


def reads_as_application(name: str, args: tuple[Term, ...]) -> bool:
    """f(x) is a function and x(x + 1) a product: whether a name before these parentheses is a function.

    It is for f, g, h, F, G, H, φ and ψ, for several arguments, and for one other bare name: y(x), C(w).
    """
    root = names.parse(name)
    if root.base in FUNCTION_LETTERS or root.lead == "nabla_" or name in FUNCTION_LETTERS or len(args) > 1:
        return not any(name in a.free for a in args)
    return len(name) == 1 and len(args) == 1 and args[0].op == "sym" and args[0].name != name
