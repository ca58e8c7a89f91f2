"""The process that checks submissions: `python -m symnet.grading.worker`, which its parent can kill.

The first line on standard input is the problem; the answer is one line, {} or an error. Then each line is a submission
and each answer its row. When standard input closes, the parent is gone, and so is this process, at once.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from ..errors import SymnetError
from .rows import Row, of_verdict
from .task import checker

MEMORY = 4 << 30  # bytes of address space
IDLE = 120.0  # seconds without work, after which the process goes
IDLED = 75  # its exit code then


def _limit_memory() -> None:
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    except (ImportError, OSError, ValueError):  # not there on every system; the time limit holds anyway
        pass


def _listen(lines: queue.Queue[str]) -> None:
    for line in sys.stdin:
        lines.put(line)
    os._exit(1)


def graded(check: Callable[[str], Any], answer: str) -> Row:
    """One row; whatever a check raises is a row too."""
    began = time.perf_counter()
    try:
        return of_verdict("", check(answer), time.perf_counter() - began)
    except SymnetError as e:
        row = Row("", "undecided", str(e))
    except RecursionError:
        row = Row("", "malformed", error="the answer is nested too deeply")
    except Exception as e:
        row = Row("", "crashed", error=f"the check failed: {type(e).__name__}: {e}"[:300])
    return Row("", row.kind, row.certificate, row.error, seconds=round(time.perf_counter() - began, 4))


def main() -> None:
    _limit_memory()
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever else is printed is no answer
    lines: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_listen, args=(lines,), daemon=True).start()

    def say(what: dict[str, Any]) -> None:
        out.write(json.dumps(what) + "\n")
        out.flush()

    try:
        check = checker(json.loads(lines.get()))
        say({})
    except (SymnetError, ValueError, TypeError, RecursionError) as e:
        say({"error": f"{e}"[:300] if isinstance(e, SymnetError) else f"{type(e).__name__}: {e}"[:300]})
        os._exit(2)
    while True:
        try:
            answer = json.loads(lines.get(timeout=IDLE))
        except queue.Empty:
            os._exit(IDLED)
        try:
            say(graded(check, answer).to_dict())
        except MemoryError:
            os._exit(12)


if __name__ == "__main__":
    main()
