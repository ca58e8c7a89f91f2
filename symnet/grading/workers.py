"""Workers that can be killed: one for each thread that grades, replaced when a submission hangs or crashes.

`grade_batch` is the job of any executor: it runs in a thread or a process of it, here or on another machine, and holds
a worker of its own there. So a submission that never ends costs its own row only, whoever runs the pool.
"""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..errors import SymnetError
from ..processes import end, started
from .rows import Row, from_dict

COMMAND = (sys.executable, "-m", "symnet.grading.worker")
START = 120.0  # seconds for a worker to come up
SECONDS = 10.0  # for one submission


class Gone(Exception):
    """The worker ended without an answer; `late` says that its time was up."""

    def __init__(self, late: bool, code: int) -> None:
        self.late, self.code = late, code
        super().__init__(code)


class Worker:
    """One long-lived process for one problem."""

    def __init__(self, run: str, problem: str) -> None:
        self.run, self.problem = run, problem
        self.process = started(COMMAND)
        try:
            greeting = self._ask(problem, START)
        except Gone:
            raise SymnetError("a process that checks submissions could not be started") from None
        if "error" in greeting:
            self.close()
            raise SymnetError(greeting["error"])

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def grade(self, answer: str, seconds: float) -> Row:
        """The row of an answer, without its id; the worker is dead after a timeout or a crash."""
        try:
            return from_dict({"id": "", **self._ask(answer, seconds)})
        except Gone as e:
            if e.late:
                says = f"the check was stopped at its limit of {seconds:g} s"
                return Row("", "timeout", error=says, seconds=round(seconds, 4))
            return Row("", "crashed", error=f"the process of the check ended ({_ending(e.code)})")

    def _ask(self, what: str, seconds: float) -> dict[str, Any]:
        """The answer to a line; a process that does not answer in time is killed."""
        assert self.process.stdin is not None and self.process.stdout is not None
        late = threading.Event()

        def stop() -> None:
            late.set()
            end(self.process)

        clock = threading.Timer(seconds, stop)
        clock.start()
        try:
            self.process.stdin.write(json.dumps(what) + "\n")
            self.process.stdin.flush()
            found = json.loads(self.process.stdout.readline())
            assert isinstance(found, dict)
            return found
        except (OSError, ValueError, AssertionError):
            end(self.process)
            raise Gone(late.is_set(), self.process.wait()) from None
        finally:
            clock.cancel()

    def close(self) -> None:
        """End the process and all that it has started."""
        end(self.process)
        for pipe in (self.process.stdin, self.process.stdout):
            try:
                if pipe is not None:
                    pipe.close()
            except OSError:
                pass


def _ending(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


# ----------------------------------------------------------------------------------------------- the job of an executor
_here = threading.local()
_open: dict[int, Worker] = {}  # every worker of this process by the id of its process
_guard = threading.Lock()


def _mine(run: str, problem: str) -> Worker:
    """The worker of this thread, a new one where it is dead or of another run."""
    held: Worker | None = getattr(_here, "worker", None)
    if held is not None and held.alive and (held.run, held.problem) == (run, problem):
        return held
    if held is not None:
        _drop(held)
    return hire(run, problem)


def hire(run: str, problem: str) -> Worker:
    """A new worker for this thread; raises `SymnetError` where the problem makes no sense."""
    _here.worker = worker = Worker(run, problem)
    with _guard:
        _open[worker.process.pid] = worker
    return worker


def _drop(worker: Worker) -> None:
    with _guard:
        _open.pop(worker.process.pid, None)
    worker.close()


def grade_batch(run: str, problem: str, answers: Sequence[str], seconds: float = SECONDS) -> list[dict[str, Any]]:
    """The rows of some answers, each checked by the worker of this thread."""
    return [replace(_mine(run, problem).grade(a, seconds), id="").to_dict() for a in answers]


def dismiss(run: str) -> None:
    """End the workers of a run in this process."""
    with _guard:
        ended = [w for w in _open.values() if w.run == run]
    for worker in ended:
        _drop(worker)
