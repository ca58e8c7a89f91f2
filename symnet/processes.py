"""Algebra that may run away, in a process that is killed when its time is up."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

SECONDS = 20.0


def work(job: str, seconds: float = SECONDS, **given: Any) -> Any:
    """The answer of a job of `_worker.py`; None if it failed or its time was up."""
    with started([sys.executable, "-m", "symnet._worker"]) as process:
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps({"job": job, "with": given}) + "\n")
            process.stdin.flush()
            out = _answer(process, seconds)
        except BrokenPipeError:
            out = ""
        finally:
            end(process)
    return json.loads(out).get("answer") if out else None


def started(command: Sequence[str]) -> subprocess.Popen[str]:
    """A process of its own session, so that it ends with all that it has started."""
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_environment(),
        start_new_session=True,
        text=True,
        encoding="utf-8",
    )


def _answer(process: subprocess.Popen[str], seconds: float) -> str:
    """The one line that the process writes before its time is up."""
    import threading

    assert process.stdout is not None
    lines: list[str] = []
    reader = threading.Thread(target=lambda: lines.append(process.stdout.readline()), daemon=True)  # type: ignore[union-attr]
    reader.start()
    reader.join(seconds)
    end(process)
    reader.join(1.0)
    return lines[0] if lines else ""


def end(process: subprocess.Popen[str]) -> None:
    """Kill the process and all that it has started."""
    if process.poll() is not None:
        return
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (AttributeError, ProcessLookupError, PermissionError):
        process.kill()
    process.wait()


def _environment() -> dict[str, str]:
    """The worker finds the same symnet, prints UTF-8, and hashes as it will."""
    root = str(Path(__file__).resolve().parent.parent)
    before = os.environ.get("PYTHONPATH")
    return {**os.environ, "PYTHONPATH": os.pathsep.join([root, *([before] if before else [])]), "PYTHONUTF8": "1",
            "PYTHONHASHSEED": "0"}  # fmt: skip
