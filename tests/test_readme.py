"""The README's examples run and print what it says."""

from __future__ import annotations

import doctest
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"


def consoles() -> list[tuple[str, str]]:
    """The commands of the console blocks, each with the output that is printed below it."""
    blocks = README.read_text(encoding="utf-8").split("```console\n")[1:]
    return [tuple(b.split("```")[0][2:].split("\n", 1)) for b in blocks]  # type: ignore[misc]


def test_python_examples() -> None:
    text = README.read_text(encoding="utf-8").replace("```", "")  # a fence is not output
    test = doctest.DocTestParser().get_doctest(text, {}, "README.md", str(README), 0)
    result = doctest.DocTestRunner().run(test)
    assert result.attempted > 10 and result.failed == 0


@pytest.mark.parametrize(("command", "output"), consoles(), ids=lambda s: s[:30])
def test_console_examples(command: str, output: str) -> None:
    name, *args = shlex.split(command)
    assert name == "symnet"
    command = [sys.executable, "-m", "symnet", *args]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
    assert run.stdout == output


COMMANDS = ["pip install . && symnet derive examples/two_neurons.net", "pip install -e '.[test]' && pytest"]


@pytest.mark.parametrize("command", COMMANDS)
def test_the_two_commands_are_there(command: str) -> None:
    assert command in README.read_text(encoding="utf-8")


def test_module_examples() -> None:
    import importlib

    for name in ("symnet", "symnet.graph", "symnet.deriving", "symnet.layers", "symnet.balls.asked"):
        result = doctest.testmod(importlib.import_module(name))
        assert result.attempted and not result.failed, name
