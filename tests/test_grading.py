"""Grading: one row for each submission, whatever it is; nothing lost and nothing repeated."""

from __future__ import annotations

import csv
import io
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

import symnet as sn
from symnet.errors import DataError, SymnetError
from symnet.grading import workers
from symnet.grading.journal import Journal
from symnet.grading.rows import Row
from symnet.grading.submissions import BYTES, read_submissions
from symnet.grading.task import read_task

SQUARE = {"derivative": "x^2", "wrt": "x"}
NETWORK = "z1 = w1 x + b1\na1 = σ(z1)\nz2 = w2 a1 + b2\na2 = σ(z2)\nE = ½ (a2 − t)²"
EXAMPLES = Path(__file__).parent.parent / "examples" / "grading"

FAKE = """
import json, os, sys, time
print("{}" if json.loads(sys.stdin.readline()) else "", flush=True)
for line in sys.stdin:
    answer = json.loads(line)
    if answer == "hang":
        time.sleep(60)
    if answer == "crash":
        os.abort()
    if answer == "babble":
        print("no row", flush=True)
        continue
    print(json.dumps({"id": "", "kind": "right", "reading": answer, "certificate": str(os.getpid())}), flush=True)
"""


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that hangs, crashes and babbles when it is told to."""
    monkeypatch.setattr(workers, "COMMAND", (sys.executable, "-c", FAKE))


def kinds(done: object) -> dict[str, str]:
    return {r.id: r.kind for r in done}  # type: ignore[attr-defined]


# ---------------- the verdicts
def test_rows_are_the_verdicts_of_check() -> None:
    answers = {"a": "2x", "b": "x", "c": "2x +", "d": "x + x", "e": "3x", "f": ""}
    done = sn.grade(answers, SQUARE, workers=1)
    assert [r.id for r in done] == list(answers)
    for row in done:
        verdict = sn.check(answers[row.id], **SQUARE)
        assert (row.kind, row.reading) == (verdict.kind, verdict.reading)
        assert row.mistake == (verdict.mistake.name if verdict.mistake else "")
    assert done.counts == {"right": 2, "wrong": 2, "malformed": 2}


def test_the_examples_give_their_mistakes(tmp_path: Path) -> None:
    done = sn.grade(EXAMPLES / "submissions", EXAMPLES / "problem.json", workers=1, output=tmp_path / "out")
    assert done.counts == {"right": 3, "wrong": 5, "malformed": 2}
    assert {m.name: m.count for m in done.mistakes} == {
        "activation_derivative_lost": 2, "next_layer_weight_lost": 1, "plus_instead_of_minus": 1,
        "sigmoid_derivative_sign": 1,
    }  # fmt: skip
    rows = {r.id: r for r in done}
    assert rows["02.txt"].first_bad_line == 3
    assert rows["04.md"].first_bad_line == 3  # the heading and the blank line count
    assert rows["03.tex"].convention == "delta = -dE/dz"
    assert "line 3 (2)" in str(done)
    assert {p.name for p in (tmp_path / "out").iterdir()} == {"journal.jsonl", "grades.csv", "report.html"}


def test_a_graph_object_and_a_graph_of_arrays() -> None:
    graph = sn.Graph("r = X w - y; L = r' r/n", shapes="X: n x d, w: d, y: n")
    done = sn.grade({"a": "dL/dw = 2 X' r/n", "b": "dL/dw = 2 X' r"}, {"graph": graph}, workers=1)
    assert kinds(done) == {"a": "right", "b": "wrong"}
    text = {"graph": "r = X w - y; L = r' r/n", "shapes": "X: n x d, w: d, y: n"}
    assert kinds(sn.grade({"a": "dL/dw = 2 X' r"}, text, workers=1)) == {"a": "wrong"}


def test_sympy_in_a_problem() -> None:
    sp = pytest.importorskip("sympy")
    x = sp.Symbol("x")
    done = sn.grade([("a", "cos(x) x + sin(x)")], {"derivative": x * sp.sin(x), "wrt": x}, workers=1)
    assert kinds(done) == {"a": "right"}


@pytest.mark.parametrize(
    ("problem", "says"),
    [
        ({"derivative": "x^2", "wrt": "x", "colour": "red"}, "colour"),
        ({"derivative": "x^2 +", "wrt": "x"}, "operand"),
        ({"graph": NETWORK, "order": 2}, "order"),
        ({"graph": "a = b; b = a"}, "line"),
        ("[1, 2]", "JSON object"),
        ("{", "JSON"),
        (3, "mapping"),
    ],
)
def test_a_problem_that_makes_no_sense_is_refused(problem: object, says: str) -> None:
    with pytest.raises(SymnetError, match=says):
        sn.grade({"a": "x"}, problem, workers=1)


def test_the_same_text_is_checked_once(fake: None) -> None:
    done = sn.grade({str(i): "same" for i in range(50)} | {"other": "else"}, {"p": 1}, workers=2)
    assert len({r.certificate for r in done if r.reading == "same"}) == 1
    assert len(done) == 51


# ---------------- what goes wrong costs a row
def test_a_submission_that_hangs_or_crashes_costs_its_own_row(fake: None) -> None:
    answers = {"a": "1", "b": "hang", "c": "2", "d": "crash", "e": "3", "f": "babble", "g": "4"}
    began = time.monotonic()
    done = sn.grade(answers, {"p": 1}, workers=1, seconds=0.7)
    assert time.monotonic() - began < 15
    assert kinds(done) == {
        "a": "right",
        "b": "timeout",
        "c": "right",
        "d": "crashed",
        "e": "right",
        "f": "crashed",
        "g": "right",
    }
    rows = {r.id: r for r in done}
    assert "0.7 s" in rows["b"].error
    assert "SIGABRT" in rows["d"].error
    assert rows["a"].certificate != rows["c"].certificate == rows["c"].certificate  # a new process after the kill


def test_killed_workers_leave_nothing_behind(fake: None) -> None:
    done = sn.grade({"a": "1", "b": "2"}, {"p": 1}, workers=2)
    for row in done:
        with pytest.raises(ProcessLookupError):
            os.kill(int(row.certificate), 0)


def test_a_retry_repeats_what_did_not_end(fake: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {"a": "1", "b": "hang"}
    first = sn.grade(answers, {"p": 1}, workers=1, seconds=0.5, output=tmp_path)
    assert kinds(first) == {"a": "right", "b": "timeout"}
    monkeypatch.setattr(workers, "COMMAND", (sys.executable, "-c", FAKE.replace('"hang"', '"never"')))
    assert kinds(sn.grade(answers, {"p": 1}, workers=1, output=tmp_path)) == kinds(first)
    again = sn.grade(answers, {"p": 1}, workers=1, output=tmp_path, retry=True)
    assert kinds(again) == {"a": "right", "b": "right"}
    assert again.fresh == 1


# ---------------- executors
def processes(kind: type[ProcessPoolExecutor], count: int, fake: bool) -> ProcessPoolExecutor:
    """Fresh processes: a fork of this one would carry the threads of JAX."""
    said = f"import symnet.grading.workers as w; w.COMMAND = {workers.COMMAND!r}" if fake else ""
    return kind(count, multiprocessing.get_context("spawn"), initializer=exec, initargs=(said,))


@pytest.mark.parametrize("what", ["real", "fake"])
def test_processes(what: str, request: pytest.FixtureRequest) -> None:
    if what == "fake":
        request.getfixturevalue("fake")
    with processes(ProcessPoolExecutor, 2, what == "fake") as pool:
        if what == "real":
            done = sn.grade({str(i): f"{i + 1}·2x/{i + 1}" for i in range(20)} | {"bad": "x"}, SQUARE, pool)
            assert done.counts == {"right": 20, "wrong": 1}
        else:
            answers = {str(i): str(i) for i in range(20)} | {"h": "hang", "c": "crash"}
            done = sn.grade(answers, {"p": 1}, pool, seconds=0.7)
            assert done.counts == {"right": 20, "timeout": 1, "crashed": 1}


@pytest.mark.slow
def test_dask() -> None:
    distributed = pytest.importorskip("distributed")
    cluster = distributed.LocalCluster(n_workers=1, threads_per_worker=2, dashboard_address=None, processes=True)
    with cluster, distributed.Client(cluster) as client:
        answers = {str(i): f"{i + 1}·2x/{i + 1}" for i in range(30)} | {"bad": "x"}
        done = sn.grade(answers, SQUARE, client.get_executor())
    assert done.counts == {"right": 30, "wrong": 1}
    assert [r.id for r in done] == list(answers)


def test_an_executor_that_breaks_is_said_and_what_was_graded_stays(tmp_path: Path, fake: None) -> None:
    class Breaking(ProcessPoolExecutor):
        count = 0

        def submit(self, fn: Callable[..., object], /, *args: object, **more: object):  # type: ignore[no-untyped-def]
            self.count += 1
            return super().submit(os._exit if self.count > 1 else fn, *(args if self.count == 1 else (1,)), **more)

    answers = {str(i): str(i) for i in range(40)}
    with processes(Breaking, 1, fake=True) as pool, pytest.raises(SymnetError, match="executor"):
        sn.grade(answers, {"p": 1}, pool, output=tmp_path)
    done = sn.grade(answers, {"p": 1}, workers=1, output=tmp_path)
    assert done.counts == {"right": 40}


@pytest.mark.slow
def test_a_hundred_a_second_on_two_cores() -> None:
    """By the processor time of all processes, start aside: it does not depend on what else the machine does."""
    begin = "δ2 = (a2 − t) a2 (1 − a2)\n∂E/∂w2 = δ2 a1\nδ1 = δ2 {} w2 a1 (1 − a1)\n∂E/∂w1 = δ1 x"
    wrong = "δ2 = (a2 − t) a2 (1 − a2)\n∂E/∂w2 = δ2 a1\nδ1 = {} δ2 a1 (1 − a1)/{}\n∂E/∂w1 = δ1 x"
    pages = {f"r{i}": begin.format(f"{i} / {i} ·") for i in range(1, 351)}
    pages |= {f"w{i}": wrong.format(i, i) for i in range(1, 151)}

    def spent(some: dict[str, str]) -> float:
        before = sum(os.times()[:4])
        done = sn.grade(some, {"graph": NETWORK}, workers=2)
        assert all(r.kind == ("right" if r.id.startswith("r") else "wrong") for r in done)
        return sum(os.times()[:4]) - before

    start = spent({"r1": pages["r1"], "r2": pages["r2"]})
    assert 2 * len(pages) / (spent(pages) - start) > 100


# ---------------- resuming
def keys(journal: Path) -> list[str]:
    return [json.loads(line)["row"]["id"] for line in journal.read_text(encoding="utf-8").splitlines()]


def test_a_killed_run_goes_on_where_it_was(tmp_path: Path) -> None:
    count = 120
    rows = "".join(f"s{i},x + x + {i} - {i}\n" for i in range(count))
    (tmp_path / "all.csv").write_text("id,answer\n" + rows, encoding="utf-8")
    (tmp_path / "problem.json").write_text(json.dumps(SQUARE), encoding="utf-8")
    out, journal = tmp_path / "out", tmp_path / "out" / "journal.jsonl"
    command = [sys.executable, "-m", "symnet", "grade", "-f", "all.csv", "--problem", "problem.json", "-o", str(out)]
    with subprocess.Popen([*command, "--workers", "1"], cwd=tmp_path, stdout=subprocess.DEVNULL) as run:
        while run.poll() is None and (not journal.exists() or journal.read_bytes().count(b"\n") < 10):
            time.sleep(0.005)
        run.send_signal(signal.SIGKILL)
    before = keys(journal)
    assert 10 <= len(before) < count
    assert not (out / "grades.csv").exists()
    with journal.open("ab") as f:  # what a kill in the middle of a line leaves
        f.write(b'{"key": "half')
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    after = keys(journal)
    assert after[: len(before)] == before
    assert sorted(after) == sorted(f"s{i}" for i in range(count))  # none lost, none twice
    assert f"{len(before):,} of them were graded before" in done.stdout
    assert f"{count} right" in done.stdout


def test_only_what_changed_is_graded_again(tmp_path: Path) -> None:
    assert sn.grade({"a": "2x", "b": "x"}, SQUARE, workers=1, output=tmp_path).fresh == 2
    assert sn.grade({"a": "2x", "b": "x", "c": "x + x"}, SQUARE, workers=1, output=tmp_path).fresh == 1
    changed = sn.grade({"a": "2x", "b": "2 x", "c": "x + x"}, SQUARE, workers=1, output=tmp_path)
    assert (changed.fresh, kinds(changed)["b"]) == (1, "right")
    other = sn.grade({"a": "2x"}, {"derivative": "x^3", "wrt": "x"}, workers=1, output=tmp_path)
    assert (other.fresh, kinds(other)["a"]) == (1, "wrong")


def test_one_run_at_a_time_and_no_foreign_journal(tmp_path: Path) -> None:
    with Journal(tmp_path / "journal.jsonl") as held:
        held.add({"k": Row("a", "right")})
        with pytest.raises(DataError, match="another run"):
            sn.grade({"a": "2x"}, SQUARE, output=tmp_path)
    with Journal(tmp_path / "journal.jsonl") as again:
        assert again.done == {"k": Row("a", "right")}
    (tmp_path / "journal.jsonl").write_text("my notes\n", encoding="utf-8")
    with pytest.raises(DataError, match="line 1"):
        sn.grade({"a": "2x"}, SQUARE, output=tmp_path)


# ---------------- submissions
def test_a_hostile_folder(tmp_path: Path) -> None:
    folder = tmp_path / "handed_in"
    (folder / "deep").mkdir(parents=True)
    outside = tmp_path / "outside.txt"
    outside.write_text("2x", encoding="utf-8")
    (folder / "a.txt").write_text("2x", encoding="utf-8")
    (folder / "deep" / "b.md").write_text("```\n2x\n```\n", encoding="utf-8")
    (folder / "bytes.txt").write_bytes(b"2x \xff")
    (folder / "huge.txt").write_bytes(b"x" * (BYTES + 1))
    (folder / "empty.txt").write_bytes(b" \n")
    (folder / "page.pdf").write_bytes(b"%PDF")
    (folder / ".hidden").write_bytes(b"2x")
    (folder / "=cmd|'x'!A1 <script>\n.txt").write_text("2x", encoding="utf-8")
    os.mkfifo(folder / "pipe.txt")
    (folder / "link.txt").symlink_to(outside)
    (folder / "inner.txt").symlink_to(folder / "a.txt")
    (folder / "lost.txt").symlink_to(folder / "nowhere")
    (folder / "up").symlink_to(tmp_path, target_is_directory=True)
    done = sn.grade(folder, SQUARE, workers=1)
    rows = {r.id: r for r in done}
    right = {"a.txt", "deep/b.md", "inner.txt", "=cmd|'x'!A1 <script>\n.txt"}
    assert {i for i, r in rows.items() if r.kind == "right"} == right
    said = {"bytes.txt": "UTF-8", "huge.txt": "bytes", "empty.txt": "empty", "page.pdf": ".txt, .md, .tex",
            "pipe.txt": "plain file", "link.txt": "outside", "lost.txt": "outside", "up": "link"}  # fmt: skip
    assert set(rows) == right | set(said)
    assert all(words in rows[i].error and rows[i].kind == "malformed" for i, words in said.items())


def test_a_file_name_that_is_not_text(tmp_path: Path) -> None:
    try:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.txt")).write_text("2x", encoding="utf-8")
    except OSError:
        pytest.skip("this file system takes no such name")
    out = tmp_path / "out"
    done = sn.grade(tmp_path, SQUARE, workers=1, output=out)
    assert kinds(done) == {"\\xff.txt": "right"}
    assert sn.grade(tmp_path, SQUARE, workers=1, output=out).fresh == 0


def test_the_problem_and_the_results_may_lie_among_the_submissions(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("∂E/∂w = δ x", encoding="utf-8")
    (tmp_path / "one.net").write_text("z = w x; E = ½ (z − t)²", encoding="utf-8")
    (tmp_path / "problem.json").write_text('{"graph": "one.net", "given": {"δ": "z − t"}}', encoding="utf-8")
    for _ in range(2):
        done = sn.grade(tmp_path, tmp_path / "problem.json", workers=1, output=tmp_path / "results")
        assert kinds(done) == {"a.txt": "right", "one.net": "malformed"}


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("id,answer\na,2x\na,x\n", "twice: submissions 1 and 2"),
        ("id,answer\na,2x,3\n", "line 2: 3 cells"),
        ("name,answer\na,2x\n", "`id`"),
        ("id,answer,answer\na,2x,x\n", "`answer`"),
        ("id,answer\n", "no submissions"),
        ("id,answer\n,2x\n", "no id"),
        ('id,answer\na,"2x\n', "line"),
        ("", "no data"),
        ([("a", "x", "y")], "pair"),
        ({}, "no submissions"),
        (3, "Path"),
        (Path("/nowhere/at/all"), "cannot be opened"),
    ],
)
def test_what_cannot_be_told_apart_is_refused(source: object, says: str) -> None:
    with pytest.raises(DataError, match=says):
        read_submissions(source)


def test_a_table_may_have_more_columns_and_long_cells() -> None:
    found = read_submissions(f'\ufeffName,ID,Answer\nAda,7,"2x\n+ 0"\nBen,8,{"x" * 200_000}\n')
    assert [(s.id, s.answer) for s in found] == [("7", "2x\n+ 0"), ("8", "")]
    assert "200,000" in found[1].error


def test_latex_and_markdown_keep_their_line_numbers(tmp_path: Path) -> None:
    (tmp_path / "a.tex").write_text(
        "\\documentclass{a}\n\\begin{document}\n2x % so\n\\end{document}\nx", encoding="utf-8"
    )
    (tmp_path / "b.md").write_text("# Answer\r\n\r\n2x\r\n", encoding="utf-8")
    texts = [s.answer.split("\n") for s in read_submissions(tmp_path)]
    assert [[i for i, line in enumerate(lines) if "2x" in line] for lines in texts] == [[2], [2]]
    assert "x" not in "".join(texts[0]).replace("2x", "")


# ---------------- the reports
def test_the_lines_of_a_page_are_marked_in_the_report() -> None:
    net = {"graph": "z = w x + b; a = σ(z); E = ½ (a − t)²"}
    shown = sn.grade({"ada": "∂E/∂a = a − t\n∂E/∂w = (a − t) x"}, net, workers=1).html()
    assert "✓ 1  ∂E/∂a = a − t\n✗ 2  ∂E/∂w = (a − t) x" in shown
    assert "right is: <code>∂E/∂w = (a − t) a (1 − a) x</code>" in shown


def test_no_cell_is_a_formula_for_a_spreadsheet() -> None:
    answers = {"=1+1": "-x", "+a": "2x", "@b": "x", "-5": "3", "\tc": "2x"}
    table = list(csv.DictReader(io.StringIO(sn.grade(answers, SQUARE, workers=1).csv())))
    assert [r["id"] for r in table] == ["'=1+1", "'+a", "'@b", "-5", "'\tc"]
    assert table[0]["reading"] == "'-x"
    assert not any(v.startswith(tuple("=+@\t")) for r in table for v in r.values())


def test_the_report_is_escaped_and_needs_no_network() -> None:
    hostile = "<img src=x onerror=alert(1)>"
    done = sn.grade(
        {hostile: "2x", "b": f"{hostile} 2x", "c": "x"}, {**SQUARE, "title": f"{hostile} & more"}, workers=1
    )
    page = done.html()
    assert hostile not in page
    assert page.count("&lt;img src=x onerror=alert(1)&gt;") >= 3
    assert "http://" not in page and "https://" not in page and "<script" not in page
    assert "power coefficient lost" in page
    assert page.startswith("<!DOCTYPE html>")
    assert done._repr_html_().startswith('<div class="grades">')


def test_the_order_and_the_bytes_do_not_depend_on_the_workers() -> None:
    answers = {str(i): f"x + x + {i % 3}" for i in range(12)}

    def plain(done: object) -> list[dict[str, object]]:
        return [{**r.to_dict(), "seconds": 0} for r in done]  # type: ignore[attr-defined]

    assert plain(sn.grade(answers, SQUARE, workers=1)) == plain(sn.grade(answers, SQUARE, workers=2))


def test_the_key_of_a_problem_does_not_depend_on_its_order() -> None:
    assert read_task({"wrt": "x", "derivative": "x^2"}).key == read_task('{"derivative": "x^2", "wrt": "x"}').key
    assert read_task(SQUARE).key != read_task({**SQUARE, "order": 2}).key


# ---------------- the command line
def run(*args: str, cwd: Path, text: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "symnet", "grade", *args]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, input=text, check=False)


def test_the_command(tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text(json.dumps(SQUARE), encoding="utf-8")
    done = run("-f", "-", "--problem", "p.json", "--workers", "1", cwd=tmp_path, text="id,answer\na,2x\nb,x\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert "2 submissions: 1 right, 1 wrong" in done.stdout
    assert (tmp_path / "submissions-grades" / "report.html").exists()
    again = run("-f", "-", "--problem", "p.json", "--json", cwd=tmp_path, text="id,answer\na,2x\nb,x\n")
    assert [r["kind"] for r in json.loads(again.stdout)["rows"]] == ["right", "wrong"]


@pytest.mark.parametrize(
    ("file", "problem", "says"),
    [
        ("none.csv", "p.json", "none.csv"),
        ("a.csv", "none.json", "none.json"),
        ("a.csv", "bad.json", "JSON"),
        ("bad.csv", "p.json", "id"),
    ],
)
def test_unusable_input_is_exit_code_2_and_one_line(tmp_path: Path, file: str, problem: str, says: str) -> None:
    (tmp_path / "p.json").write_text(json.dumps(SQUARE), encoding="utf-8")
    (tmp_path / "bad.json").write_text("{", encoding="utf-8")
    (tmp_path / "a.csv").write_text("id,answer\na,2x\n", encoding="utf-8")
    (tmp_path / "bad.csv").write_text("a,2x\n", encoding="utf-8")
    done = run("-f", file, "--problem", problem, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr and done.stderr.count("\n") == 1
