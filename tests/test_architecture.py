"""The structure that the design promises."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import symnet

PACKAGE = Path(symnet.__file__).parent
ORDER = [
    "errors", "files", "clock", "names", "term", "applications", "functions", "operations", "losses", "tidy",
    "pullbacks", "differentials", "linear", "indices", "rules", "normal", "quotients", "factoring", "graph",
    "derivation", "symbols", "bridge", "reading", "data", "balls", "intervals", "corners", "probing", "sampling",
    "verifying", "given", "parts", "finishing", "stepwise", "substeps", "calculation", "differentiation", "processes",
    "integrals", "vectors", "activations", "_worker",
    "blocks", "stacking", "layers", "reverse", "traces", "symmetry", "deriving", "jacobians",
    "curvature", "backends", "lambdas",
    "equality", "optima", "checking", "mistakes",
    "descent", "grading", "backward", "testing", "pictures", "render", "cli", "__main__", "__init__",
]  # fmt: skip


MAP = Path(__file__).resolve().parents[1] / "CONTRIBUTING.md"


def test_the_map_names_what_is_there() -> None:
    """Every module and folder that CONTRIBUTING.md names exists, with or without `symnet/` in front."""
    named = re.findall(r"`([\w./]+(?:\.py|/))`", MAP.read_text(encoding="utf-8"))
    assert len(named) > 30
    assert [n for n in named if not (PACKAGE / n).exists() and not (MAP.parent / n).exists()] == []


def modules() -> list[Path]:
    return sorted(p for p in PACKAGE.rglob("*.py"))


def test_the_order_is_complete() -> None:
    """A module that is not in the order would not be looked at."""
    assert sorted({p.relative_to(PACKAGE).parts[0].removesuffix(".py") for p in modules()}) == sorted(ORDER)


def place(path: Path) -> int:
    return ORDER.index(path.relative_to(PACKAGE).parts[0].removesuffix(".py"))


def imported(path: Path) -> list[str]:
    """The modules of symnet that a module imports at its top level (type checking aside)."""
    parts = path.relative_to(PACKAGE).parts[:-1]
    out = []
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and node.level > len(parts):
            out += [node.module.split(".")[0]] if node.module else [a.name for a in node.names]
    return [m for m in out if m in ORDER]


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_module_imports_only_from_above(path: Path) -> None:
    below = [m for m in imported(path) if ORDER.index(m) >= place(path)]
    assert not below or path == PACKAGE / "__init__.py"


LIGHT = ["import symnet", "import symnet.cli", "import symnet.reading", "from symnet import Graph"]
HEAVY = {"sympy", "numpy", "flint", "jax", "torch", "matplotlib"}


@pytest.mark.parametrize("command", LIGHT)
def test_importing_is_light(command: str) -> None:
    code = f"import sys; {command}; print(sorted({HEAVY} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_help_is_light() -> None:
    code = f"""
import sys, symnet.cli
try:
    symnet.cli.app(["--help"])
except SystemExit:
    pass
assert not {HEAVY} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)


EVALUATORS = ("eval", "exec", "sympify", "parse_expr", "__import__")


def test_no_text_reaches_an_evaluator() -> None:
    """`exec` and `compile` serve generated programs alone; nothing else is there."""
    found = []
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in EVALUATORS:
                found.append((path.name, node.func.id))
    assert found == [("scalars.py", "exec"), ("symbols.py", "exec")]  # each runs rows of our own tables
