"""The C source: compiled by the machine's compiler where there is one, and compared with exact values."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

import symnet as sn
from symnet.functions import TABLE

CC = shutil.which("cc")
needs_a_compiler = pytest.mark.skipif(CC is None, reason="there is no C compiler")


def compiled(d: sn.Derivation, folder: Path) -> Callable[..., tuple[float, list[float]]]:
    (folder / "gradient.c").write_text(d.source("c"), encoding="ascii")
    command = [str(CC), "-std=c99", "-O2", "-Wall", "-Werror", "-shared", "-fPIC", "gradient.c", "-o", "g.so", "-lm"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    library = ctypes.CDLL(str(folder / "g.so"))
    library.gradient.restype = ctypes.c_double

    def run(**at: float) -> tuple[float, list[float]]:
        names = d.compile("math").inputs
        slopes = (ctypes.c_double * len(d.wrt))()
        value = library.gradient((ctypes.c_double * len(names))(*(at[n] for n in names)), slopes)
        return value, list(slopes)

    return run


@needs_a_compiler
def test_a_network_in_c(tmp_path: Path) -> None:
    text = "z1 = w1 x + b1; a1 = tanh(z1); z2 = w2 a1 + b2; a2 = σ(z2); E = ½ (a2 − t)² + max(w1, w2, x)/3 + w1^-3"
    at = {"w1": 0.3, "x": 0.5, "b1": 0.1, "w2": 0.7, "b2": -0.2, "t": 0.25}
    d = sn.derive(text)
    value, slopes = compiled(d, tmp_path)(**at)
    expected, gradient = d.compile("math")(**at)
    assert value == pytest.approx(expected, rel=1e-14)
    assert slopes == pytest.approx([gradient[n] for n in d.wrt], rel=1e-14)


@needs_a_compiler
def test_every_function_of_the_table_and_its_slope(tmp_path: Path) -> None:
    w = sn.Term("sym", (), ("w", ()))
    graph = sn.Graph([("L", sum((sn.Term("fn", (w,), n) for n in TABLE if not TABLE[n].domain), w))])
    d = sn.derive(graph, "w")
    f = d.compile("math")
    run = compiled(d, tmp_path)
    for point in (-3.5, -0.25, 0.75, 30.0):
        value, slopes = run(w=point)
        expected, gradient = f(w=point)
        assert value == pytest.approx(expected, rel=1e-12) and slopes[0] == pytest.approx(gradient["w"], rel=1e-12)


@needs_a_compiler
@pytest.mark.parametrize("name", ["double", "gradient", "values", "y0", "exp", "gamma"])
def test_any_name_is_only_a_name_in_c(name: str, tmp_path: Path) -> None:
    w = sn.Term("sym", (), (name, ()))
    d = sn.derive(sn.Graph([("L", w * w * w)]), [name])
    assert compiled(d, tmp_path)(**{d.wrt[0]: 2.0}) == (8.0, [12.0])


@needs_a_compiler
def test_softmax_written_by_hand_in_c(tmp_path: Path) -> None:
    d = sn.derive("s = exp(w1) + exp(w2) + exp(w3); p = exp(w1)/s; L = −log(p)")
    value, slopes = compiled(d, tmp_path)(w1=1000.0, w2=900.0, w3=-800.0)
    assert value == pytest.approx(3.720075976020836e-44, rel=1e-12)
    assert slopes[0] == pytest.approx(-3.720075976020836e-44, rel=1e-12)


def test_what_has_no_c_is_refused_by_name() -> None:
    with pytest.raises(sn.RuleError, match="backend c is for scalars"):
        sn.derive("L = norm2(w)^2", shapes="w: n").source("c")
    with pytest.raises(sn.RuleError, match="writes source only"):
        sn.derive("L = w^2").compile("c")
