"""Pictures: what they show, that they are well formed, and that names cannot leave them."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

import symnet as sn
from symnet.pictures import to_svg
from symnet.pictures.layout import layout

SVG = "{http://www.w3.org/2000/svg}"
TWO = "z1 = w1 x + b1; a1 = σ(z1); z2 = w2 a1 + b2; a2 = σ(z2); E = ½(a2 − t)²"


def boxes(svg: str) -> dict[str, tuple[float, float, float, float]]:
    """The rectangle of every node by the name that it shows."""
    found = {}
    for group in ElementTree.fromstring(svg).iter(f"{SVG}g"):
        rect, text = group.find(f"{SVG}rect"), group.find(f"{SVG}text")
        assert rect is not None and text is not None and text.text
        found[text.text] = tuple(float(rect.attrib[k]) for k in ("x", "y", "width", "height"))
    return found  # type: ignore[return-value]


def test_every_name_is_a_box_and_every_use_a_line() -> None:
    svg = sn.Graph(TWO).to_svg()
    assert set(boxes(svg)) == {"x", "t", "w1", "b1", "w2", "b2", "z1", "a1", "z2", "a2", "E"}
    assert svg.count('marker-end="url(#arrow)"') == 3 + 1 + 3 + 1 + 2
    assert "w1 x + b1" in svg and "½ (a2 − t)²" in svg
    assert "w1 x + b1" not in re.sub("<title>.*?</title>", "", sn.Graph(TWO).to_svg(formulas=False))


NETWORKS = [
    TWO,
    "u = tanh(w x); v = tanh(w u); y = u + v; E = ½ (y − t)² + ½ λ w²",
    sn.network({"inputs": ["x1", "x2"], "layers": [{"units": 3, "activation": "sigmoid"}, {"units": 2}],
                "loss": "mse"}),
    sn.network({"inputs": 3, "layers": [{"units": 4, "activation": "relu"}] * 3, "loss": "half_sse"}),
]  # fmt: skip


@pytest.mark.parametrize("network", NETWORKS)
def test_boxes_do_not_touch_and_lines_go_right(network: sn.Graph | str) -> None:
    graph = network if isinstance(network, sn.Graph) else sn.Graph(network)
    svg = to_svg(graph)
    places = boxes(svg)
    for (x, y, w, h), (u, v, p, q) in itertools.combinations(places.values(), 2):
        assert x + w < u or u + p < x or y + h < v or v + q < y
    root = ElementTree.fromstring(svg)
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    assert all(x >= 0 and y >= 0 and x + w <= width and y + h <= height for x, y, w, h in places.values())
    for path in root.iter(f"{SVG}path"):
        if "marker-end" in path.attrib:
            numbers = [float(n) for n in re.findall(r"-?[\d.]+", path.attrib["d"])]
            xs = [numbers[0], *numbers[6::6]]
            assert xs == sorted(xs)


def test_a_line_around_boxes_keeps_clear_of_them() -> None:
    uses = {"w": [], "a": ["w"], "b": ["a"], "c": ["b"], "E": ["c", "w"]}
    found = layout(uses, 56, 28)
    (long,) = [line for line in found.lines if len(line) > 2]
    for key in long[1:-1]:
        others = [found.y[k] for k in found.layers[key[1]] if k != key]
        assert all(abs(found.y[key] - y) >= 28 for y in others)


def test_markup_in_names_is_escaped() -> None:
    graph = sn.Graph("z = w x; E = Piecewise((z, z < 1), (0, True))")
    svg = to_svg(graph)
    ElementTree.fromstring(svg)
    assert "&lt; 1" in svg


def test_large_graphs_are_refused_with_their_size() -> None:
    rows = "\n".join(f"a{i} = tanh(a{i - 1} w{i})" for i in range(1, 400))
    with pytest.raises(sn.SizeError, match="names and"):
        to_svg(sn.Graph(f"a0 = x\n{rows}"))


def test_svg_is_the_same_over_hash_seeds() -> None:
    code = f"import symnet as sn; print(sn.Graph({TWO!r}).to_svg())"
    outs = {
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", check=True,
                       env={"PYTHONHASHSEED": seed, "PATH": "", "PYTHONUTF8": "1"}).stdout
        for seed in ("0", "5", "11")
    }  # fmt: skip
    assert len(outs) == 1 and outs.pop().startswith("<svg")


# --------------------------------------------------------------------------------------------------------- matplotlib
def quartic(**more: object) -> sn.Descent:
    return sn.descend("y = x(x − 1)(x − 2)(x − 3)", {"x": 1.25}, **{"lr": 0.05, "steps": 20, **more})  # type: ignore[arg-type]


def test_the_path_on_the_curve() -> None:
    pytest.importorskip("matplotlib")
    run, other = quartic(), quartic(lr=0.02, method="adam")
    figure = run.plot(others=[other])
    path, losses = figure.axes
    drawn = {line.get_label(): line.get_xydata() for line in path.lines}
    label = "gd, η = 0.05: stopped"
    assert drawn[label][0].tolist() == [1.25, 0.41015625] and len(drawn[label]) == 21
    assert "adam, η = 0.02: stopped" in drawn
    assert [line.get_ydata()[0] for line in losses.lines] == [0.41015625, 0.41015625]
    assert (path.get_xlabel(), path.get_ylabel(), losses.get_xlabel()) == ("x", "y", "step")


def test_contours_and_the_loss_alone() -> None:
    pytest.importorskip("matplotlib")
    run = sn.descend("x^2 + 10y^2", {"x": 4, "y": 1}, lr=0.09, steps=30)
    path, losses = run.plot().axes
    assert path.collections and losses.get_yscale() == "log"
    assert len(run.plot(kind="loss").axes) == 1
    many = sn.descend("a^2 + b^2 + c^2", {"a": 1, "b": 2, "c": 3}, lr=0.1, steps=5)
    assert len(many.plot().axes) == 1
    with pytest.raises(sn.SymnetError, match="one or two parameters"):
        many.plot(kind="path")


@pytest.mark.parametrize("ending", [".png", ".svg", ".pdf"])
def test_files_are_the_same_each_time(ending: str, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    one, two = tmp_path / f"a{ending}", tmp_path / f"b{ending}"
    run = quartic(steps=5)
    run.plot(one)
    run.plot(two)
    assert one.read_bytes() == two.read_bytes() and one.stat().st_size > 5000


def test_runs_that_end_badly_are_drawn(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    for run in (quartic(lr=0.5, steps=50), sn.descend("log(x)", {"x": 0.1}, lr=1, steps=5)):
        figure = run.plot(tmp_path / "run.png")
        low, high = figure.axes[0].get_xlim()
        assert high - low < 100


def test_an_animation(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    from PIL import Image

    path = quartic(steps=6).animate(tmp_path / "run.gif")
    with Image.open(path) as film:
        assert film.format == "GIF" and film.n_frames == 7


def test_steps_are_whole_numbers_and_the_legend_stands_once() -> None:
    pytest.importorskip("matplotlib")
    run = quartic(steps=5)
    figure = run.plot(others=[quartic(steps=3)])
    figure.canvas.draw()
    path, loss = figure.axes
    assert all(float(at).is_integer() for at in loss.get_xticks())
    assert len(figure.legends) == 1 and len(figure.legends[0].get_texts()) == 2
    assert path.get_legend() is None and loss.get_legend() is None


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    with pytest.raises(sn.SymnetError, match=r"\.png, \.svg or \.pdf"):
        quartic(steps=1).plot(tmp_path / "run.docx")
    with pytest.raises(sn.SymnetError, match="No such file"):
        quartic(steps=1).plot(tmp_path / "nowhere" / "run.png")


def test_without_matplotlib_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(sn.SymnetError, match=r"pip install 'symnet\[plot\]'"):
        quartic(steps=1).plot()


def test_the_commands(tmp_path: Path) -> None:
    out = tmp_path / "graph.svg"
    command = [sys.executable, "-m", "symnet"]
    subprocess.run([*command, "draw", TWO, "-o", str(out)], check=True, timeout=60)
    assert set(boxes(out.read_text(encoding="utf-8"))) >= {"z1", "a2", "E"}
    pytest.importorskip("matplotlib")
    picture = tmp_path / "run.png"
    subprocess.run([*command, "descend", "x^2", "--start", "x=1", "--lr", "0.1", "--plot", str(picture)], check=True,
                   capture_output=True, timeout=60)  # fmt: skip
    assert picture.read_bytes().startswith(b"\x89PNG")
