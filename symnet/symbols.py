"""The table's functions and losses as SymPy: `sigmoid(z)` is a `sympy.Function` with value, derivative and printers.

Every class is made from its row: `fdiff` is the row's slope in the output (σ(z)(1 − σ(z))), `rewrite` and
`expand(func=True)` give the row's formula, `lambdify` with NumPy runs the row's stable code. Functions that SymPy has
(exp, log, tanh, …) are SymPy's own. A string is read by symnet's own reader, never by SymPy's.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from typing import Any

import mpmath
import sympy
from sympy.core.function import ArgumentIndexError, FunctionClass
from sympy.printing.pretty.stringpict import prettyForm, stringPict

from . import losses
from .errors import ShapeError
from .functions import TABLE, Elementary
from .functions import lookup as row_of


def expression(value: Any) -> Any:
    """A SymPy expression from SymPy, a Term, a number, or our text."""
    if isinstance(value, str):
        from .term import term

        return expression(term(value))
    if isinstance(value, Fraction):
        return sympy.Rational(value.numerator, value.denominator)
    return sympy.sympify(value, strict=True)  # a text went to our own reader above; strict refuses any other


# ------------------------------------------------------------------------------------------------- the world of SymPy
class _SympyMath:
    """The mathematics of SymPy expressions, for the formulas of the tables."""

    pi = sympy.pi

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in TABLE:
            raise AttributeError(f"there is no elementwise function `{name}`")
        return KNOWN.get(name) or globals()[name]

    def number(self, text: str) -> Any:
        return sympy.Rational(text)

    def if_positive(self, x: Any, a: Any, b: Any) -> Any:
        return sympy.Piecewise((a, x > 0), (b, True))

    def max(self, *args: Any) -> Any:
        return sympy.Max(*args)

    def min(self, *args: Any) -> Any:
        return sympy.Min(*args)


SympyMath = _SympyMath()


# ------------------------------------------------------------------------------------------------ a class for each row
LIMITS = {  # the values at −oo and oo
    "sigmoid": (0, 1), "logsigmoid": (-sympy.oo, 0), "relu": (0, sympy.oo), "leaky_relu": (-sympy.oo, sympy.oo),
    "elu": (-1, sympy.oo), "softplus": (0, sympy.oo), "softsign": (-1, 1), "silu": (0, sympy.oo), "gelu": (0, sympy.oo),
    "gelu_tanh": (0, sympy.oo), "mish": (0, sympy.oo), "hard_sigmoid": (0, 1), "hard_tanh": (-1, 1), "step": (0, 1),
    "selu": (-sympy.Rational("1.0507009873554804934193349852946") * sympy.Rational("1.6732632423543772848170429916717"),
             sympy.oo),
}  # fmt: skip
INVERSES: dict[str, Callable[[Any], Any]] = {
    "sigmoid": lambda y: sympy.log(y / (1 - y)),
    "softplus": lambda y: sympy.log(sympy.exp(y) - 1),
    "logsigmoid": lambda y: y - sympy.log(1 - sympy.exp(y)),
}
BRANCHED = ("step", "relu", "leaky_relu", "elu", "selu", "hard_sigmoid", "hard_tanh")  # piecewise, not analytic


class TableFunction(sympy.Function):
    """A function of the table as a SymPy function; `row` is its row."""

    row: Elementary
    nargs = 1

    def __new__(cls, *args: Any, **options: Any) -> Any:
        return super().__new__(cls, *map(expression, args), **options)

    @classmethod
    def eval(cls, x: Any) -> Any:  # SymPy's hook of that name; __new__ has read a text before it
        """Exact values: at 0, at ±oo, and on a branch that is known to hold; nothing is expanded."""
        if x in (sympy.oo, -sympy.oo):
            ends = LIMITS.get(cls.row.name)
            return None if ends is None else sympy.sympify(ends[x is sympy.oo], strict=True)  # numbers of that table
        if x is sympy.nan or x.is_zero:
            return x if x is sympy.nan else cls.formula_at(sympy.S.Zero)
        return cls._branch(x) if cls.row.name in BRANCHED and x.is_extended_real and not x.has(sympy.Float) else None

    @classmethod
    def formula_at(cls, x: Any) -> Any:
        """The definition by simpler functions."""
        if cls.row.formula is None:
            return SympyMath.if_positive(x, sympy.S.One, sympy.S.Zero)
        return sympy.sympify(cls.row.formula(x, SympyMath), strict=True)  # the row's arithmetic on an expression

    @classmethod
    def _branch(cls, x: Any) -> Any:
        """The branch of a piecewise definition, where the sign of x decides it."""
        value = cls.formula_at(x)
        return None if value.has(sympy.Piecewise, sympy.Max, sympy.Min) else value

    @property
    def formula(self) -> Any:
        return self.formula_at(self.args[0])

    def fdiff(self, argindex: int = 1) -> Any:
        if argindex != 1:
            raise ArgumentIndexError(self, argindex)
        found = self.row.slope(self.args[0], self, SympyMath)  # the row's arithmetic on expressions
        return sympy.sympify(found, strict=True)

    def inverse(self, argindex: int = 1) -> Callable[[Any], Any]:
        """The inverse function, which `sympy.solve` asks for."""
        if self.row.name not in INVERSES:
            raise NotImplementedError(f"{self.row.name} has no inverse in simpler functions")
        return INVERSES[self.row.name]

    # -- values
    def _eval_evalf(self, prec: int) -> Any:
        x = self.args[0]
        if not x.is_number:
            inner = x._eval_evalf(prec)
            return None if inner is None else self.func(inner, evaluate=False)
        value = _number(self.row, _exact(x), prec)
        return None if value is None else sympy.Expr._from_mpmath(value, prec)

    # -- what is known about it
    def _eval_is_extended_real(self) -> bool | None:
        return True if self.args[0].is_extended_real else None

    def _eval_is_real(self) -> bool | None:
        return True if self.args[0].is_real else None

    def _eval_is_finite(self) -> bool | None:
        return True if self.args[0].is_real else None

    def _eval_is_positive(self) -> bool | None:
        return self._above(strict=True) if self.args[0].is_real else None

    def _eval_is_negative(self) -> bool | None:
        return _known(self.row.range_ == "(-oo, 0)") if self.args[0].is_real else None

    def _eval_is_nonnegative(self) -> bool | None:
        return self._above(strict=False) if self.args[0].is_real else None

    def _above(self, strict: bool) -> bool | None:
        """The range lies above 0."""
        return _known(self.row.range_.startswith("(0,") or (not strict and self.row.range_.startswith("[0,")))

    def _eval_conjugate(self) -> Any:
        return self if self.args[0].is_extended_real else None

    # -- rewriting
    def _eval_expand_func(self, **hints: Any) -> Any:
        return self.formula

    def _eval_rewrite_as_exp(self, x: Any, **hints: Any) -> Any:
        return None if self.row.name in BRANCHED else self.formula_at(x).rewrite(sympy.exp)

    def _eval_rewrite_as_Piecewise(self, x: Any, **hints: Any) -> Any:
        return self.formula_at(x).rewrite(sympy.Piecewise) if self.row.name in BRANCHED else None

    def _eval_rewrite_as_tanh(self, x: Any, **hints: Any) -> Any:
        return (1 + sympy.tanh(x / 2)) / 2 if self.row.name == "sigmoid" else None

    def _eval_rewrite_as_tractable(self, x: Any, limitvar: Any = None, **hints: Any) -> Any:
        """The form in which SymPy takes limits."""
        return None if self.row.name in BRANCHED else self.formula_at(x).rewrite("tractable", limitvar=limitvar)

    def _eval_as_leading_term(self, x: Any, logx: Any = None, cdir: int = 0) -> Any:
        if self.row.name in BRANCHED:
            return super()._eval_as_leading_term(x, logx=logx, cdir=cdir)
        return self.formula.as_leading_term(x, logx=logx, cdir=cdir)

    # -- printing
    def _latex(self, printer: Any, exp: str | None = None) -> str:
        power = "" if exp is None else f"^{{{exp}}}"
        return rf"{self.row.latex}{power}\left({printer._print(self.args[0])}\right)"

    def _pretty(self, printer: Any) -> Any:
        name = prettyForm(self.row.text if printer._use_unicode else self.row.name)
        args = prettyForm(*printer._print_seq(self.args).parens())
        form = prettyForm(*stringPict.next(name, args), binding=prettyForm.FUNC)
        form.prettyFunc, form.prettyArgs = name, args  # so that a power is set on the name, as in σ²(x)
        return form

    def _sympystr(self, printer: Any) -> str:
        return f"{self.row.name}({printer._print(self.args[0])})"

    def _code_by_formula(self, printer: Any) -> str:
        return f"({printer._print(self.formula)})"

    # NumPy and math call the row's own stable code (`_imp_`); printers for other worlds take the formula.
    _mpmathcode = _ccode = _jaxcode = _torchcode = _tensorflowcode = _code_by_formula


BITS = 1 << 14  # working precision at which a value is given up


class _MpMath(_SympyMath):
    """The mathematics of mpmath numbers."""

    abs, max, min, sign = map(staticmethod, (mpmath.fabs, max, min, mpmath.sign))

    @property
    def pi(self) -> Any:
        return +mpmath.pi

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in TABLE:
            raise AttributeError(f"there is no elementwise function `{name}`")
        formula = TABLE[name].formula
        return getattr(mpmath, name) if formula is None or TABLE[name].primitive else lambda x: formula(x, self)

    def number(self, text: str) -> Any:
        f = Fraction(text)
        return mpmath.mpf(f.numerator) / f.denominator

    def if_positive(self, x: Any, a: Any, b: Any) -> Any:
        return a if x > 0 else b


def _number(row: Elementary, x: Any, prec: int) -> Any:
    """The value at an exact number to `prec` bits: twice the working precision until two results agree.

    So 1 + erf(−28) is not taken for 0. None where the precision does not suffice or x has no place in the domain.
    """
    if row.formula is None:
        return mpmath.mpf(1 if x > 0 else 0) if x.is_extended_real else None
    before, bits = None, prec + 20
    while bits <= BITS:
        with mpmath.workprec(bits):
            try:
                value = mpmath.mpmathify(row.formula(x._to_mpmath(bits), _MpMath()))
            except (TypeError, ValueError, ZeroDivisionError):
                return None
        agree = before is not None and mpmath.fabs(value - before) <= mpmath.fabs(value) / 2 ** (prec + 4)
        if agree and (value or row.name in BRANCHED):
            return value
        before, bits = value, 2 * bits
    return None


def _known(fact: bool) -> bool | None:
    return True if fact else None


def _exact(x: Any) -> Any:
    """A number whose floats are replaced by the binary fractions that they are."""
    return x.xreplace({f: sympy.Rational(f) for f in x.atoms(sympy.Float)})


@cache
def numpy_function(name: str) -> Callable[..., Any]:
    """The row's stable NumPy code as a function of a float or an array."""
    import numpy as np

    scope: dict[str, Any] = {"np": np, "math": math}
    # `name` is a key of the table, or the look-up has raised, and the code is its row: nothing of it is typed by a user
    exec("\n    ".join([f"def {name}(x):", *TABLE[name].code]), scope)
    return scope[name]


def _floats(x: Any) -> Any:
    """Floats from what a call may hold: arrays, SymPy numbers, integers."""
    import numpy as np

    return np.asarray(x, float)[()]


def _class(name: str) -> Any:
    """The SymPy class of a row; its code is compiled at the first call."""
    row = TABLE[name]
    members = {
        "row": row,
        "_imp_": staticmethod(lambda x: numpy_function(name)(_floats(x))),
        "__module__": __name__,
        "__doc__": f"{row.text}(x), the function `{name}` of symnet's table, as a SymPy function.",
    }
    return FunctionClass(name, (TableFunction,), members)


# -------------------------------------------------------------------------------------------- functions that SymPy has
KNOWN: dict[str, Callable[..., Any]] = {
    "identity": expression, "tanh": sympy.tanh, "exp": sympy.exp, "log": sympy.log, "sqrt": sympy.sqrt,
    "sin": sympy.sin, "cos": sympy.cos, "tan": sympy.tan, "sec": sympy.sec, "csc": sympy.csc, "cot": sympy.cot,
    "asin": sympy.asin, "acos": sympy.acos, "atan": sympy.atan, "sinh": sympy.sinh, "cosh": sympy.cosh,
    "asinh": sympy.asinh, "acosh": sympy.acosh, "atanh": sympy.atanh, "erf": sympy.erf, "abs": sympy.Abs,
    "sign": sympy.sign,
}  # fmt: skip


def _own(name: str) -> Callable[[Any], Any]:
    """SymPy's function, called on what `expression` reads: a string never reaches SymPy's parser."""

    def function(x: Any) -> Any:
        return KNOWN[name](expression(x))

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"SymPy's {KNOWN[name].__name__}, of an expression or of text in symnet's notation."
    return function



# ---------------------------------------------------------------------------------------------------------- derivatives
class Partial(sympy.Function):
    """∂E/∂w of two names, inert: nothing is differentiated, and no number is put in for a name."""

    nargs = 2

    def __new__(cls, *args: Any, **options: Any) -> Any:
        return super().__new__(cls, *map(expression, args), **options)

    def _eval_derivative(self, s: Any) -> Any:
        return sympy.Derivative(self, s, evaluate=False) if s in self.free_symbols else sympy.S.Zero

    def _eval_subs(self, old: Any, new: Any) -> Any:
        """A name may be exchanged for a name; by a value ∂E/∂w stays what it is."""
        return None if new.is_Symbol else self

    def _eval_evalf(self, prec: int) -> Any:
        return self

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        y, x = map(printer._print, self.args)
        fraction = rf"\frac{{\partial {y}}}{{\partial {x}}}"
        return fraction if exp is None else rf"\left({fraction}\right)^{{{exp}}}"


# --------------------------------------------------------------------------------------------------- neurons and losses
def neuron(inputs: Any, weights: Any, bias: Any = 0, activation: Callable[[Any], Any] | str | None = None) -> Any:
    """f(Σ w_k x_k + b) as a SymPy expression; `activation` is a function or the name of one.

    >>> x1, x2, w1, w2, b = sympy.symbols("x1 x2 w1 w2 b")
    >>> neuron([x1, x2], [w1, w2], b, sigmoid)
    sigmoid(b + w1*x1 + w2*x2)
    """
    xs, ws = _flat(inputs), _flat(weights)
    if len(xs) != len(ws):
        raise ShapeError(f"a neuron needs one weight per input; there are {len(xs)} inputs and {len(ws)} weights")
    z = sum((w * x for w, x in zip(ws, xs, strict=True)), sympy.S.Zero) + expression(bias)
    if activation is None:
        return z
    return getattr(SympyMath, row_of(activation).name)(z) if isinstance(activation, str) else activation(z)


def _flat(values: Any) -> list[Any]:
    return [v for row in _samples(values) for v in (row if isinstance(row, list) else [row])]


def _samples(values: Any) -> list[Any]:
    """One expression, or one list of outputs, per sample."""
    if isinstance(values, sympy.MatrixBase):
        return list(values) if 1 in values.shape else [list(values.row(i)) for i in range(values.rows)]
    if getattr(values, "is_Matrix", False):
        raise ShapeError(
            f"{str(values)[:40]} is a matrix symbol; give a list of expressions, or write the formula as text,"
            " as in norm2(X*w - y)^2/n"
        )
    rows = values.tolist() if hasattr(values, "tolist") else values  # a NumPy array
    if isinstance(rows, list | tuple):
        return [_samples(v) if isinstance(v, list | tuple) else expression(v) for v in rows]
    return [expression(rows)]


def _loss(name: str) -> Callable[[Any, Any], Any]:
    def loss(prediction: Any, target: Any) -> Any:
        return losses.scalar(name, _samples(prediction), _samples(target), SympyMath)

    row = losses.TABLE[name]
    loss.__name__ = loss.__qualname__ = name
    loss.__doc__ = f"{row.statement}, of one prediction or a list, as a SymPy expression."
    return loss


# ---------------------------------------------------------------------------------------- each row under its own name
Abs = _own("abs")  # SymPy's spelling: `abs` stays Python's in this module
globals().update({name: _own(name) for name in KNOWN if name != "abs"})
globals().update({name: _class(name) for name in TABLE if name not in KNOWN})
globals().update({name: _loss(name) for name in losses.TABLE})


def __getattr__(name: str) -> Any:
    """`abs` is offered too, without hiding Python's own in this module."""
    if name == "abs":
        return Abs
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
