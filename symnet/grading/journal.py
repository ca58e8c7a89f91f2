"""The journal: one JSON line for each row as it comes, so that whatever ends a run, nothing graded is lost."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from ..errors import DataError, quote
from .rows import Row, from_dict


class Journal:
    """An append-only file of rows by their keys; a run that writes it keeps others out.

    A line is written at once and whole; what a kill left of a last line is cut off when the file is opened again.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        except OSError as e:
            raise DataError(f"{quote(str(path))} cannot be written: {e.strerror or e}") from None
        try:
            _lock(self._file, path)
            self.done: dict[str, Row] = self._read()
        except BaseException:
            os.close(self._file)
            raise

    def _read(self) -> dict[str, Row]:
        data = b"".join(iter(lambda: os.read(self._file, 1 << 20), b""))
        whole = data.rfind(b"\n") + 1
        if whole < len(data):
            os.ftruncate(self._file, whole)
        found: dict[str, Row] = {}
        for number, line in enumerate(data[:whole].splitlines(), 1):
            try:
                entry = json.loads(line)
                found[entry["key"]] = from_dict(entry["row"])
            except (ValueError, KeyError, TypeError):
                where = f"{quote(str(self.path))}, line {number}"
                raise DataError(f"{where}: not a row of a journal; give the results another folder") from None
        return found

    def add(self, entries: Mapping[str, Row]) -> None:
        """Append rows by key."""
        lines = (json.dumps({"key": k, "row": r.to_dict()}, ensure_ascii=False) for k, r in entries.items())
        data = "".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace")
        while data:
            data = data[os.write(self._file, data) :]

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.fsync(self._file)
        os.close(self._file)


def _lock(file: int, path: Path) -> None:
    """One run at a time."""
    try:
        import fcntl
    except ImportError:  # not there on every system
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise DataError(f"{quote(str(path))} is being written by another run; wait for its end") from None
