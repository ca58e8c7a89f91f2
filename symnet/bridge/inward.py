"""SymPy to Terms: the walk, and the numbers of Python and NumPy on the way."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import sympy as sp

from .. import operations as ops
from ..errors import RuleError
from ..term import Term, postorder, substitute, sym
from .classes import FROM
from .reader import Reader, label
from .tensors import as_matrix, is_array


def from_sympy(expr: Any, wrt: Iterable[Any] = ()) -> Term:
    """The Term of a SymPy expression or a number, in a readable order that depends on nothing but the expression.

    A sum has its positive terms first, products before bare names; a product has its number first, then the names of
    `wrt`. `1/(1 + exp(-z))` is read as σ(z), `log(1 + exp(z))` as softplus(z), `Max(0, z)` as ReLU(z).

    >>> import sympy
    >>> w, x, b = sympy.symbols("w x b")
    >>> from_sympy(sympy.exp(b + w * x), wrt="w").free
    ('w', 'x', 'b')
    """
    names = wrt.replace(",", " ").split() if isinstance(wrt, str) else wrt
    names = [names] if isinstance(names, sp.Basic | Term) else names
    return _with_dimensions(Reader(FROM, [label(w) for w in names]).read(_sympified(expr)))


def _with_dimensions(t: Term) -> Term:
    """A name that is also the size of an array is marked as a dimension where it stands as a number."""
    sizes = dict.fromkeys(p for n in postorder(t) for d in n.shape if isinstance(d, str) for p in d.split("*"))
    values = {sym(p): ops.dimension(p) for p in sizes if p in t.free}
    return substitute(t, values) if values else t


def _sympified(value: Any) -> Any:
    """A SymPy object; numbers of Python and of NumPy become exact ones; a text is refused."""
    if isinstance(value, sp.MatrixBase):
        return value.as_immutable()
    if is_array(value):
        return as_matrix(value)
    if isinstance(value, sp.Basic):
        return value
    if hasattr(value, "item") and hasattr(value, "dtype"):
        value = value.item()
    if isinstance(value, float):
        return sp.Float(value)
    if isinstance(value, int | Fraction) and not isinstance(value, bool):
        return sp.Rational(value.numerator, value.denominator)
    raise RuleError(f"a `{type(value).__name__}` is not a formula; give text to `read`, a SymPy expression or a number")
