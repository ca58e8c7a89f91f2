"""Submissions: a folder, a CSV file or text, a mapping, or pairs. Whatever cannot be read is a row that says why."""

from __future__ import annotations

import csv
import io
import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import files
from ..errors import DataError, quote

BYTES = 100_000  # of one submission
TABLE = 64_000_000  # bytes of a CSV file
FILES = 100_000


@dataclass(frozen=True, slots=True)
class Submission:
    """What somebody handed in; `error` says why there is no text to check."""

    id: str
    answer: str = ""
    error: str = ""


def read_submissions(source: Any, skip: Iterable[Path] = ()) -> list[Submission]:
    """The submissions of a folder or CSV file (a `Path`), of CSV text, a mapping {id: answer}, or pairs (id, answer).

    A folder gives one submission for each file below it, in order of the names; hidden files and those in `skip` stay
    away. A CSV has the columns `id` and `answer`; others are ignored. Raises `DataError` for what holds none, and for
    an id that stands twice.
    """
    found = list(_each(source, {p.resolve() for p in skip}))
    if not found:
        raise DataError("there are no submissions: nothing was found to grade")
    seen: dict[str, int] = {}
    for place, s in enumerate(found, 1):
        if not s.id.strip():
            raise DataError(f"submission {place} has no id")
        if s.id in seen:
            both = f"submissions {seen[s.id]} and {place}"
            raise DataError(f"the id `{quote(s.id)}` is there twice: {both}; ids must differ")
        seen[s.id] = place
    return found


def _each(source: Any, skip: set[Path]) -> Iterator[Submission]:
    if isinstance(source, Path):
        return _folder(source, skip) if source.is_dir() else _table(_bytes_of(source))
    if isinstance(source, str):
        return _table(source)
    if isinstance(source, Mapping):
        return (_pair(i, item) for i, item in enumerate(source.items(), 1))
    if isinstance(source, Iterable):
        return (_pair(i, item) for i, item in enumerate(source, 1))
    raise DataError(f"submissions are a Path, CSV text, a mapping or pairs, not {quote(type(source).__name__, 30)}")


def _pair(place: int, item: Any) -> Submission:
    if not isinstance(item, tuple | list) or len(item) != 2:
        raise DataError(f"submission {place} is not a pair (id, answer)")
    name, answer = item
    if not isinstance(answer, str):
        return Submission(str(name), error=f"the answer is no text but {quote(type(answer).__name__, 30)}")
    return _sized(str(name), answer)


def _sized(name: str, answer: str) -> Submission:
    if len(answer) > BYTES:
        return Submission(name, error=f"the answer has {len(answer):,} characters; at most {BYTES:,} are read")
    return Submission(name, answer) if answer.strip() else Submission(name, error="the submission is empty")


# ---------------------------------------------------------------------------------------------------------------- a CSV
def _bytes_of(path: Path) -> str:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise DataError(f"{quote(str(path))} is neither a folder nor a plain file")
    except OSError as e:
        raise DataError(f"{quote(str(path))} cannot be opened: {e.strerror or e}") from None
    return files.read(path, TABLE, "split it", DataError)


def _table(text: str) -> Iterator[Submission]:
    rows = _cells(text.removeprefix("\ufeff"))
    head = next(rows, None)
    if head is None:
        raise DataError("there is no data; the first row names the columns id and answer")
    names = [c.strip().lower() for c in head[1]]
    for wanted in ("id", "answer"):
        if names.count(wanted) != 1:
            there = quote(", ".join(names))
            raise DataError(f"one column must be named `{wanted}`; the columns are {there}; a file is a pathlib.Path")
    which, what = names.index("id"), names.index("answer")
    for line, cells in rows:
        if len(cells) != len(names):
            raise DataError(f"line {line}: {len(cells):,} cells, and the header names {len(names):,} columns")
        yield _sized(cells[which].strip(), cells[what])


def _cells(text: str) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of every row but blank ones; a cell may be as long as the file."""
    before = csv.field_size_limit(TABLE)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        found = [(reader.line_num, cells) for cells in reader if cells]
    except csv.Error as e:
        raise DataError(f"line {reader.line_num}: {quote(str(e))}") from None
    finally:
        csv.field_size_limit(before)
    return iter(found)


# ------------------------------------------------------------------------------------------------------------- a folder
def _folder(folder: Path, skip: set[Path]) -> Iterator[Submission]:
    """Every file below the folder; links that leave it are not followed."""
    root = folder.resolve()
    count = 0
    for place, folders, plain in os.walk(root):
        linked = [n for n in folders if Path(place, n).is_symlink()]
        folders[:] = sorted(n for n in folders if not n.startswith(".") and Path(place, n).resolve() not in skip)
        for name in sorted([*plain, *linked]):
            path = Path(place, name)
            if name.startswith(".") or path.absolute() in skip:
                continue
            count += 1
            if count > FILES:
                raise DataError(f"the folder has more than {FILES:,} files; split it")
            yield _of_file(path, _shown(path.relative_to(root)), root)


def _shown(path: Path) -> str:
    """A file name as text, whatever bytes it has."""
    return os.fsencode(path.as_posix()).decode("utf-8", "backslashreplace")


def _of_file(path: Path, name: str, root: Path) -> Submission:
    reader = FORMATS.get(path.suffix.lower())
    if path.is_symlink() and not _within(path, root):
        return Submission(name, error="a link to something outside of the folder is not read")
    if path.is_dir():
        return Submission(name, error="a link to a folder is not read")
    if reader is None:
        return Submission(name, error=f"only files that end in {', '.join(FORMATS)} are read")
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return Submission(name, error="not a plain file")
        with path.open("rb") as f:
            data = f.read(BYTES + 1)
    except OSError as e:
        return Submission(name, error=f"it cannot be opened: {e.strerror or e}")
    if len(data) > BYTES:
        return Submission(name, error=f"the file has more than {BYTES:,} bytes")
    try:
        return _sized(name, reader(data.decode("utf-8-sig").replace("\r\n", "\n")))
    except UnicodeDecodeError as e:
        return Submission(name, error=f"not UTF-8 text (byte {e.start}); save it as UTF-8")


def _within(path: Path, root: Path) -> bool:
    try:
        return path.resolve(strict=True).is_relative_to(root)
    except (OSError, RuntimeError):  # a dangling link, or links in a circle
        return False


def _markdown(text: str) -> str:
    """Without fences and headings; the lines keep their numbers."""
    return re.sub(r"^[ ]{0,3}(?:```|~~~|#{1,6}[ \t]).*$", "", text, flags=re.MULTILINE)


def _latex(text: str) -> str:
    """The body without comments; the lines keep their numbers."""
    text = re.sub(r"(?<!\\)%.*$", "", text, flags=re.MULTILINE)
    head, begin, body = text.partition(r"\begin{document}")
    if not begin:
        return text
    return "\n" * head.count("\n") + body.partition(r"\end{document}")[0]


FORMATS: Mapping[str, Callable[[str], str]] = {".txt": str, ".md": _markdown, ".tex": _latex}
