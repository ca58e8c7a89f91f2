"""For tests: assertions with the message of a check."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .backward import GradientReport


def assert_gradient(fn: Callable[..., Any], graph_or_expr: Any, wrt: Any = None, **options: Any) -> GradientReport:
    """Raise `AssertionError`, with the report as its message, unless `fn` agrees with the exact gradient.

    The parameters are those of `symnet.check_gradient`; the report is returned.

    >>> assert_gradient(lambda w, x, t: {"w": (w * x - t) * x}, "½ (w x − t)²").ok
    True
    """
    __tracebackhide__ = True
    from .backward import check_gradient

    report = check_gradient(fn, graph_or_expr, wrt, **options)
    if not report.ok:
        raise AssertionError(str(report))
    return report
