"""The command line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
EXAMPLE = str(ROOT / "examples" / "two_neurons.net")


def symnet(*args: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "symnet", *args]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, encoding="utf-8", timeout=60)


def test_derive_prints_the_page() -> None:
    run = symnet("derive", EXAMPLE)
    assert run.returncode == 0 and run.stderr == ""
    assert "δ2 := ∂E/∂z2" in run.stdout and "chain rule: B1, B2" in run.stdout


@pytest.mark.parametrize("to", ["text", "latex", "markdown", "html", "json", "tex", "python"])
def test_every_format(to: str, tmp_path: Path) -> None:
    run = symnet("derive", EXAMPLE, "--to", to)
    assert run.returncode == 0 and len(run.stdout) > 200
    out = tmp_path / "page"
    assert symnet("derive", EXAMPLE, "--to", to, "-o", str(out)).stdout == ""
    assert out.read_text(encoding="utf-8") == run.stdout


def test_the_ending_of_the_output_chooses_the_format(tmp_path: Path) -> None:
    symnet("derive", EXAMPLE, "-o", str(tmp_path / "page.html"))
    assert (tmp_path / "page.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_text_standard_input_and_file() -> None:
    text = Path(EXAMPLE).read_text(encoding="utf-8")
    want = symnet("derive", EXAMPLE).stdout
    assert symnet("derive", text).stdout == symnet("derive", "-", stdin=text).stdout == want
    assert symnet("derive", "-f", EXAMPLE).stdout == want


def test_choices() -> None:
    run = symnet("derive", EXAMPLE, "--wrt", "w1", "--update", "--at", "x=1,t=1,w1=0.5,b1=0.1,w2=-0.4,b2=0.2,η=0.1")
    assert "w1 − η · ∂E/∂w1 = 0.5 − 0.1·0.0118 = 0.4988" in run.stdout
    assert "δ" not in symnet("derive", EXAMPLE, "--no-delta").stdout
    assert json.loads(symnet("derive", EXAMPLE, "--json").stdout)["wrt"] == ["w1", "b1", "w2", "b2"]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["a1 = σ(z1); z1 = w x"], "a1 uses z1, which is defined below it"),
        (["no_such.net"], "No such file"),
        ([EXAMPLE, "--wrt", "q"], "`q` does not occur"),
        ([EXAMPLE, "--at", "x=1"], "no number for"),
        ([EXAMPLE, "--at", "x"], "name=number"),
        (["y = X*w", "--shapes", "X: n x d, w: d"], "needs a scalar"),
        ([""], "no definition"),
        ([EXAMPLE, "-o", "/no/such/folder/page.html"], "No such file"),
        ([], "Usage"),
        ([EXAMPLE, "--to", "docx"], "docx"),
    ],
)
def test_bad_requests_end_with_one_message(args: list[str], message: str) -> None:
    run = symnet("derive", *args)
    assert run.returncode == 2 and run.stdout == ""
    assert message in run.stderr and "Traceback" not in run.stderr


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    path = tmp_path / "bad.net"
    path.write_bytes(b"z = w x \xff\xfe")
    run = symnet("derive", str(path))
    assert run.returncode == 2 and "UTF-8" in run.stderr


def test_version_and_help() -> None:
    assert symnet("--version").stdout.startswith("symnet ")
    assert "derive" in symnet("--help").stdout


def test_a_page_in_a_file(tmp_path: Path) -> None:
    text = "x = 1, w1 = 0.5, b1 = 0\nz1 = 0.5\n"
    for name in ("page.txt", "page.md"):
        (tmp_path / name).write_text(text, encoding="utf-8")
    page = tmp_path / "page.txt"
    run = symnet("check", str(page), "--graph", EXAMPLE)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == f"symnet: {page} is a file, not an answer; give it with -f {page}\n"
    assert symnet("check", "-f", str(page), "--graph", EXAMPLE).returncode == 0
    assert symnet("check", str(tmp_path / "page.md"), "--graph", EXAMPLE).returncode == 0


def test_the_page_in_html_sets_its_title_and_primes_as_formulas() -> None:
    pytest.importorskip("math_core")
    page = symnet("derive", EXAMPLE, "--to", "html").stdout
    assert "<h1>Gradient of <math" in page and "<p>given: <math" in page
    assert '<mi>σ</mi><mo lspace="0" rspace="0">′</mo>' in page and "<mo>′</mo></msup>" not in page


def test_reasons_stand_in_one_column_or_below() -> None:
    at = "x=1, w1=0.5, b1=0, w2=-1, b2=0.25, t=1"
    run = symnet("derive", EXAMPLE, "--at", at).stdout.splitlines()
    below = [line for line in run if line.strip().startswith(("chain rule", "sigmoid rule", "power rule"))]
    assert len(below) == 10 and len({len(line) - len(line.lstrip()) for line in below}) == 1
    beside = symnet("derive", EXAMPLE).stdout.splitlines()
    assert len({line.index("chain rule: ") for line in beside if "chain rule: " in line}) == 1
    some = symnet("derive", "a = σ(w x + b); E = ½ (a − t)²", "--at", "x=1, w=0.5, b=0.1, t=1").stdout.splitlines()
    assert len({line.index("rule") for line in some if "chain rule: " in line}) == 1
