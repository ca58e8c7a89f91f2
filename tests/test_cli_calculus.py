"""The commands diff, gradient, integrate and functions."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest


def symnet(*args: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "symnet", *args],
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
    )


@pytest.mark.parametrize(
    ("args", "shown"),
    [
        (["diff", "x^2 sin(x)", "x"], "product rule: (f g)′ = f′ g + f g′ with f := x², g := sin(x)"),
        (["diff", "-x^2", "x", "--order", "2", "--detail", "result"], "d²y/dx² = −2"),
        (["diff", "σ(z)", "z", "--bridge"], "e⁻ᶻ/(1 + e⁻ᶻ)² = σ(z) (1 − σ(z))"),
        (["diff", "u^3", "x", "--given", "u=x^2+1"], "6 u² x"),
        (["diff", "(a − t)^2", "w", "--depends", "a"], "da/dw"),
        (["diff", "y = x^2", "x", "--at", "x=1.25", "--rate", "0.05"], "Δx       = −0.05·2.5 = −0.125"),
        (["gradient", "x^2 y + x y z + z^2"], "⟨2x y + y z, x² + x z, x y + 2z⟩"),
        (["gradient", "x^2 y", "y", "--detail", "result"], "∇f = ⟨x²⟩"),
        (["integrate", "2", "x"], "2x + C"),
        (["integrate", "2", "x", "1", "4"], "= 6"),
        (["integrate", "x", "x", "-1", "0"], "below the axis"),
        (["functions", "sigmoid"], "largest size 0.25 at x = 0"),
        (["functions", "--layers", "10"], "¼¹⁰"),
        (["derive", "z = w x; E = z²", "--detail", "rules"], "B1.1"),
    ],
)
def test_commands(args: list[str], shown: str) -> None:
    run = symnet(*args)
    assert run.returncode == 0 and run.stderr == "" and shown in run.stdout


def test_standard_input_and_json() -> None:
    run = symnet("diff", "-", "x", "--json", stdin="x^3")
    assert json.loads(run.stdout)["result"]["text"] == "3 x²"


@pytest.mark.parametrize("to", ["latex", "markdown", "html", "tex", "json", "python"])
def test_formats(to: str) -> None:
    assert len(symnet("diff", "x^2", "x", "--to", to).stdout) > 30
    assert len(symnet("functions", "--layers", "2", "--to", to).stdout) > 30


def test_pdf(tmp_path: Path) -> None:
    pytest.importorskip("typst")
    pytest.importorskip("tylax")
    out = tmp_path / "page.pdf"
    for args in (["diff", "max(x, 1) σ(w x)", "x"], ["functions"], ["integrate", "x e^x", "x"]):
        run = symnet(*args, "-o", str(out))
        assert run.returncode == 0 and out.read_bytes().startswith(b"%PDF"), run.stderr
    run = symnet("diff", "x", "x", "--to", "pdf")
    assert run.returncode == 2 and "-o FILE" in run.stderr


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["diff", "x +", "x"], "line 1"),
        (["diff", "x", "x", "--order", "99"], "1 to 20"),
        (["diff", "b x", "x", "--at", "x=1"], "no number for b"),
        (["integrate", "1/x", "x", "-1", "1"], "no value at x = 0, inside the interval"),
        (["integrate", "x", "x", "1"], "both ends"),
        (["functions", "nonsense"], "not a known function"),
        (["functions", "relu", "--layers", "3"], "not a parabola"),
        (["gradient", "7"], "no name to differentiate by"),
    ],
)
def test_bad_requests(args: list[str], message: str) -> None:
    run = symnet(*args)
    assert run.returncode == 2 and run.stdout == "" and message in run.stderr and "Traceback" not in run.stderr


def test_given_may_be_repeated_and_a_rate_needs_a_point() -> None:
    run = symnet("diff", "u w", "x", "--given", "u=x^2", "--given", "w=2x")
    assert run.returncode == 0 and "2x w + 2u" in run.stdout
    assert symnet("diff", "x^2", "x", "--rate", "0.1").returncode == 2
