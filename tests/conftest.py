"""What the tests share: Hypothesis profiles, strict KaTeX, and runs under several hash seeds."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("JAX_ENABLE_X64", "1")  # JAX is compared in double precision, whichever test comes first
TESTS = Path(__file__).parent
HASH_SEEDS = range(8)

# Algebra takes as long as it takes, so no example has a deadline. "ci" gives the same examples in every run.
settings.register_profile("ci", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("explore", settings.get_profile("ci"), derandomize=False, max_examples=1000)
settings.load_profile("ci")


def pytest_report_header() -> str:
    """Say which symnet is tested: a checkout or an installed wheel."""
    spec = importlib.util.find_spec("symnet")
    return f"symnet: {spec.origin if spec else 'not installed'}"


def _katex_folder() -> Path | None:
    """The folder whose node_modules holds KaTeX: $SYMNET_KATEX, else the root of the repository."""
    folder = Path(os.environ.get("SYMNET_KATEX") or TESTS.parent)
    return folder.resolve() if (folder / "node_modules" / "katex").is_dir() else None


@pytest.fixture(scope="session")
def katex() -> Callable[[list[str]], list[str | None]]:
    """Render formulas with strict KaTeX: None for each that renders, else its error message.

    One call starts one node process: pass all formulas of a test together.
    """
    node, folder = shutil.which("node"), _katex_folder()
    if node is None:
        pytest.skip("KaTeX is not checked: node is not on the PATH")
    if folder is None:
        pytest.skip("KaTeX is not checked: `npm install --prefix DIR katex`, then set SYMNET_KATEX=DIR")

    def check(formulas: list[str]) -> list[str | None]:
        command = [node, str(TESTS / "tools" / "katex_check.mjs"), str(folder)]
        run = subprocess.run(command, input=json.dumps(formulas), capture_output=True, encoding="utf-8", timeout=120)
        assert run.returncode == 0, run.stderr
        return json.loads(run.stdout)

    return check


def _output(snippet: str, seed: int) -> str:
    """What the snippet prints in a fresh interpreter under this hash seed."""
    environment = {**os.environ, "PYTHONHASHSEED": str(seed), "PYTHONUTF8": "1"}
    command = [sys.executable, "-c", snippet]
    run = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", timeout=240)
    assert run.returncode == 0, f"PYTHONHASHSEED={seed}:\n{run.stderr}"
    return run.stdout


@pytest.fixture(scope="session")
def hash_seed_outputs() -> Callable[[str], list[str]]:
    """Run a snippet under PYTHONHASHSEED = 0 … 7: the eight outputs, in that order.

    A deterministic program satisfies `len(set(hash_seed_outputs(snippet))) == 1`.
    """

    def run(snippet: str) -> list[str]:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return list(pool.map(lambda seed: _output(snippet, seed), HASH_SEEDS))

    return run
