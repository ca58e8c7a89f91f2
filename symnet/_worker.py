"""One job of SymPy in a process of its own, which its parent can kill: `python -m symnet._worker`.

The request is one line of JSON on standard input, the answer one line on standard output. Formulas travel as text and
are read by our own reader. When standard input closes, the parent is gone, and so is this process.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable
from typing import Any

MEMORY = 4 << 30  # bytes of address space


def _limit_memory() -> None:
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    except (ImportError, OSError, ValueError):  # not there on every system; the time limit holds anyway
        pass


def _die_with_parent() -> None:
    sys.stdin.read()
    os._exit(1)


def integral_steps(formula: str, names: list[str], x: str) -> dict[str, Any]:
    """The tree of rules that leads to an antiderivative."""
    from .integrals.manual import tree

    return tree(formula, names, x)


def limit(formula: str, x: str, at: str, side: str) -> str:
    """The limit of a formula at a place (`oo`, `-oo` or a number), from the side `+` or `-`, as text that we read."""
    import sympy as sp

    from .bridge import to_sympy
    from .reading import read

    f, name = to_sympy(read(formula, names=(x,)).value), sp.Symbol(x, real=True)
    for other in f.free_symbols:
        f = f.subs(other, name)
    place = {"oo": sp.oo, "-oo": -sp.oo}.get(at) or to_sympy(read(at).value)
    found = sp.limit(f, name, place, side)
    if found.has(sp.Limit, sp.AccumBounds, sp.nan, sp.zoo, sp.I) or found.free_symbols:
        raise ValueError("no limit")
    return str(found)


def groebner(polynomials: list[Any], names: int) -> list[Any]:
    """A Gröbner basis of a system of polynomial equations."""
    from .optima.several.ideals import basis_of

    return basis_of(polynomials, names)


JOBS: dict[str, Callable[..., Any]] = {"integral_steps": integral_steps, "groebner": groebner, "limit": limit}


def main() -> None:
    _limit_memory()
    request = json.loads(sys.stdin.readline())
    threading.Thread(target=_die_with_parent, daemon=True).start()
    try:
        answer = {"answer": JOBS[request["job"]](**request["with"])}
    except MemoryError:
        answer = {"failed": "out of memory"}
    except Exception as e:  # whatever SymPy raises is an answer: nothing was found
        answer = {"failed": f"{type(e).__name__}: {e}"[:300]}
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
