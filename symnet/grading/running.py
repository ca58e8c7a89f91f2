"""`grade`: every submission once, through any executor, each row kept as it comes."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import DataError, SymnetError, quote
from .grades import Grades
from .rows import Row, from_dict
from .submissions import Submission, read_submissions
from .task import Task, digest, read_task
from .workers import SECONDS, dismiss, grade_batch, hire

if TYPE_CHECKING:
    from .journal import Journal

BATCH = 8  # submissions that one job of an executor checks
JOURNAL, TABLE, PAGE = "journal.jsonl", "grades.csv", "report.html"


def grade(
    submissions: Any,
    problem: Any,
    executor: Executor | None = None,
    *,
    output: Path | None = None,
    seconds: float = SECONDS,
    workers: int | None = None,
    progress: bool | None = None,
    retry: bool = False,
) -> Grades:
    """Check every submission against one problem: a row each, and which mistakes were made how often.

    `submissions`: a folder or CSV file as a `Path` (files .txt, .md, .tex; columns id and answer), CSV text, a mapping
    {id: answer}, or pairs. `problem`: the fields of `check` as a mapping, as JSON text, or a `Path` of a JSON file.
    Each check runs in a process that is killed after `seconds`; `workers` such processes run at once (by default one
    for each core). `executor` is any `concurrent.futures.Executor` instead, a Dask cluster's `Client.get_executor()`
    too, whose jobs start such a process where they run. The same text is checked once. With `output`, a folder, every
    row goes to its journal as it comes, a second run goes on where the first one ended, and a table and a report are
    written; `retry` repeats what ended in a timeout or a crash. Raises `SymnetError` for a problem that makes no sense
    and `DataError` for submissions that cannot be told apart.

    >>> done = grade({"ada": "2x", "ben": "x"}, {"derivative": "x^2", "wrt": "x"})
    >>> [(r.id, r.kind) for r in done]
    [('ada', 'right'), ('ben', 'wrong')]
    """
    if not seconds > 0:
        raise DataError("seconds is a positive number: the time limit of one submission")
    task = read_task(problem)
    own = [output, *([problem] if isinstance(problem, Path) else [])]
    handed_in = read_submissions(submissions, [p for p in own if p is not None])
    began = time.perf_counter()
    with _journal(output) as journal:
        known = dict(journal.done) if journal else {}
        run = Run(task, handed_in, known, journal, retry)
        run.through(executor, seconds, workers or os.cpu_count() or 1, progress)
    grades = Grades(task, tuple(run.rows()), time.perf_counter() - began, run.fresh)
    if output is not None:
        grades.write(output / TABLE, output / PAGE)
    return grades


def _journal(output: Path | None) -> Any:
    if output is None:
        return nullcontext()
    from .journal import Journal

    return Journal(output / JOURNAL)


class Run:
    """What is done and what is left of a run."""

    def __init__(
        self,
        task: Task,
        handed_in: Sequence[Submission],
        known: Mapping[str, Row],
        journal: Journal | None,
        retry: bool = False,
    ) -> None:
        self.task, self.handed_in, self.journal = task, handed_in, journal
        self.keys = {s.id: digest(s.id, s.answer, s.error, task.key) for s in handed_in}
        here = set(self.keys.values())
        self.done = {k: r for k, r in known.items() if k in here and not (retry and r.kind in ("timeout", "crashed"))}
        self.fresh = 0

    def rows(self) -> Iterator[Row]:
        return (self.done[self.keys[s.id]] for s in self.handed_in)

    def through(self, executor: Executor | None, seconds: float, workers: int, progress: bool | None) -> None:
        """Grade what is left."""
        left = self._left()
        if not left:
            return
        name = uuid.uuid4().hex
        pool = ThreadPoolExecutor(min(workers, len(left))) if executor is None else nullcontext(executor)
        try:
            hire(name, self.task.text)  # a problem that makes no sense is refused before anything is handed out
            if executor is not None:
                dismiss(name)
            with pool as p:
                self._grade(p, name, left, seconds, 1 if executor is None else BATCH, progress)
        finally:
            dismiss(name)

    def _left(self) -> dict[str, list[Submission]]:
        """Texts with the submissions that have them; what holds no text is done at once."""
        left: dict[str, list[Submission]] = {}
        failed: dict[str, Row] = {}
        for s in self.handed_in:
            key = self.keys[s.id]
            if key in self.done:
                continue
            if s.error:
                failed[key] = Row(s.id, "malformed", error=s.error)
            else:
                left.setdefault(s.answer, []).append(s)
        self._add(failed)
        return left

    def _add(self, rows: Mapping[str, Row]) -> None:
        if self.journal is not None and rows:
            self.journal.add(rows)
        self.done.update(rows)
        self.fresh += len(rows)

    def _grade(
        self, pool: Executor, name: str, left: Mapping[str, list[Submission]], seconds: float, batch: int,
        progress: bool | None,
    ) -> None:  # fmt: skip
        jobs: dict[Future[Any], list[str]] = {}
        try:
            for texts in _batches(left, batch):
                jobs[pool.submit(grade_batch, name, self.task.text, texts, seconds)] = texts
            with _bar(sum(map(len, left.values())), progress) as show:
                before = self.fresh
                for job in as_completed(jobs):
                    for text, found in zip(jobs[job], _result(job), strict=True):
                        row = from_dict(found)
                        self._add({self.keys[s.id]: replace(row, id=s.id) for s in left[text]})
                    show(self.fresh - before)
        except BaseException:
            for job in jobs:
                job.cancel()
            dismiss(name)
            raise


def _batches(texts: Iterable[str], size: int) -> Iterator[list[str]]:
    listed = list(texts)
    return (listed[i : i + size] for i in range(0, len(listed), size))


def _result(job: Future[Any]) -> Any:
    try:
        return job.result()
    except SymnetError:
        raise
    except Exception as e:
        says = quote(f"{type(e).__name__}: {e}", 120)
        raise SymnetError(f"the executor failed: {says}; what was graded is kept, start again to go on") from None


def _bar(count: int, asked: bool | None) -> Any:
    import sys

    if asked is False or (asked is None and not (sys.stderr and sys.stderr.isatty())):
        return nullcontext(lambda done: None)
    from ..descent.progress import progress

    return progress("grading", count, asked)
