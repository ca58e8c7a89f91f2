"""A progress bar for long runs, on a terminal only."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

SHOW_AFTER = 1.0  # seconds until a progress bar appears


@contextmanager
def progress(title: str, steps: int, asked: bool | None) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal, once the run has taken a second."""
    wanted = sys.stderr is not None and sys.stderr.isatty() if asked is None else asked
    if not wanted:
        yield lambda k: None
        return
    from rich.console import Console
    from rich.progress import Progress

    began = time.monotonic()
    with Progress(console=Console(stderr=True), transient=True, disable=False) as bar:
        task = bar.add_task(title, total=steps, visible=False)

        def show(k: int) -> None:
            bar.update(task, completed=k, visible=time.monotonic() - began > SHOW_AFTER)

        yield show
