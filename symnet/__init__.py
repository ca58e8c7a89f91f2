"""symnet derives the gradients of neural networks like a textbook.

>>> import symnet as sn
>>> d = sn.derive("z = w x + b; a = σ(z); E = ½ (a − t)²")
>>> print(d.gradient["w"].text())
δ x

Names load what they need when they are first used: `import symnet` loads neither SymPy nor NumPy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .errors import (
    BudgetError as BudgetError,
)
from .errors import (
    DataError as DataError,
)
from .errors import (
    DescentError as DescentError,
)
from .errors import (
    DomainError as DomainError,
)
from .errors import (
    GraphError as GraphError,
)
from .errors import (
    NameLookupError as NameLookupError,
)
from .errors import (
    OverflowError_ as OverflowError_,
)
from .errors import (
    ReadError as ReadError,
)
from .errors import (
    RuleError as RuleError,
)
from .errors import (
    ShapeError as ShapeError,
)
from .errors import (
    SizeError as SizeError,
)
from .errors import (
    SymnetError as SymnetError,
)

if TYPE_CHECKING:
    __version__: str
    from .backward import check_gradient as check_gradient
    from .balls import evaluate as evaluate
    from .checking.checks import check as check
    from .checking.verdict import Verdict as Verdict
    from .data import read_data as read_data
    from .derivation import Derivation as Derivation
    from .derivation import Step as Step
    from .descent import Descent as Descent
    from .descent import descend as descend
    from .differentiation import differentiate as differentiate
    from .grading.running import grade as grade
    from .graph import Definition as Definition
    from .graph import Graph as Graph
    from .integrals.asked import integrate as integrate
    from .jacobians import hessian as hessian
    from .jacobians import jacobian as jacobian
    from .lambdas import lambdify as lambdify
    from .layers import dense as dense
    from .layers import network as network
    from .optima import stationary as stationary
    from .reading import Statement as Statement
    from .reading import read as read
    from .term import Term as Term
    from .vectors import directional_derivative as directional_derivative
    from .vectors import gradient as gradient
    from .vectors import limit_definition as limit_definition
    from .vectors import slope_between as slope_between
    from .vectors import tangent_line as tangent_line

_HOME = {
    "Term": "term", "Graph": "graph", "Definition": "graph", "Derivation": "derivation", "Step": "derivation",
    "derive": "deriving", "jacobian": "jacobians", "hessian": "jacobians", "differentiate": "differentiation",
    "integrate": "integrals.asked", "stationary": "optima", "gradient": "vectors",
    "directional_derivative": "vectors", "tangent_line": "vectors", "slope_between": "vectors",
    "limit_definition": "vectors",
    "read": "reading", "Statement": "reading", "read_data": "data", "evaluate": "balls", "descend": "descent",
    "Descent": "descent",
    "lambdify": "lambdas", "network": "layers", "dense": "layers",
    "check": "checking.checks", "Verdict": "checking.verdict", "grade": "grading.running", "check_gradient": "backward",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"symnet.{_HOME[name]}"), name)
    if name == "__version__":
        return _version()
    if not name.startswith("_"):
        from .blocks import HOMES as blocks
        from .blocks import builder
        from .functions import TABLE as functions
        from .losses import TABLE as losses

        if name in blocks:
            return builder(name)
        if name in functions or name in losses or name in ("neuron", "Partial"):
            return getattr(import_module("symnet.symbols"), name)
    raise AttributeError(f"module 'symnet' has no attribute {name!r}")


def _version() -> str:
    """The version of the installed package; looking it up takes ten times as long as the import."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("symnet")
    except PackageNotFoundError:  # a checkout that is not installed
        return "0+unknown"


def __dir__() -> list[str]:
    from .blocks import HOMES as blocks
    from .functions import TABLE as functions
    from .losses import TABLE as losses

    errors = [n for n in globals() if n.endswith("Error") or n == "OverflowError_"]
    return sorted({*_HOME, *blocks, *functions, *losses, *errors, "neuron", "Partial", "__version__"})
