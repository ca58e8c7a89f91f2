"""Data files: strict CSV becomes arrays, and whatever is not plainly a number is refused with its row and column."""

from __future__ import annotations

import csv
import io
import math
import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from .errors import DataError, ReadError, quote
from .names import canonical

if TYPE_CHECKING:
    import numpy as np

NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?").fullmatch
ZERO = re.compile(r"[+-]?[0.]+(?:[eE].*)?").fullmatch
# what people write instead of a number → what to do
_HINTS = (
    (re.compile(r"[+-]?[0-9]+,[0-9]+"), "write the decimal sign as a point"),
    (re.compile(r"[0-9_]+"), "write the digits without _"),
    (re.compile(r"[+-]?(?:nan|inf|infinity|na|null|none)", re.IGNORECASE), "leave rows without a value out"),
    (re.compile(r".*[%$€£].*"), "write the number alone"),
    (re.compile(r"\s*"), "every cell needs a number"),
)


def read_data(text_or_path: str | Path, columns: Sequence[str] | None = None) -> dict[str, np.ndarray]:
    """The columns of a CSV text (a string) or file (a `Path`) as arrays of float64, by their canonical names.

    The first row names the columns. `columns` picks some, in any spelling. RFC 4180: commas, quoted cells, CR, LF or
    both, a byte order mark, blank lines at the end. Raises `DataError` for a ragged row, a column that is missing or
    named twice, and a cell that is not a finite decimal number.

    >>> read_data("x,y\\n1,2\\n3,4.5\\n")["y"].tolist()
    [2.0, 4.5]
    """
    with _lines(text_or_path) as lines:
        rows = _rows(lines)
        header = _header(next(rows, None), isinstance(text_or_path, str))
        picked = _picked(header, columns)
        values = _values(rows, header, picked)
    return _arrays(values)


@contextmanager
def _lines(source: str | Path) -> Iterator[io.TextIOBase]:
    if isinstance(source, str):
        yield io.StringIO(source.removeprefix("\ufeff"), newline="")
        return
    if not isinstance(source, Path):
        raise DataError(f"a text or a pathlib.Path is expected, not {quote(type(source).__name__, 30)}")
    try:
        if source.exists() and not (source.is_file() or source.is_dir()):
            raise DataError(f"{quote(str(source))} is not a file")
        with open(source, encoding="utf-8-sig", newline="") as file:
            yield file
    except UnicodeDecodeError as problem:
        raise DataError(f"{quote(str(source))} is not UTF-8 text (byte {problem.start})") from None
    except OSError as problem:
        raise DataError(f"{quote(str(source))} cannot be opened: {problem.strerror}") from None
    except DataError:
        raise
    except ValueError:
        raise DataError(f"{quote(str(source))} is not the name of a file") from None


def _rows(lines: io.TextIOBase) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of every row; blank lines are allowed at the end only."""
    reader = csv.reader(lines, strict=True)
    blank = 0
    try:
        for cells in reader:
            if not cells:
                blank = blank or reader.line_num
                continue
            if blank:
                raise DataError(f"line {blank} is blank; leave blank lines out")
            yield reader.line_num, cells
    except csv.Error as problem:
        raise DataError(f"line {reader.line_num}: {quote(str(problem))}") from None


def _header(first: tuple[int, list[str]] | None, is_text: bool) -> list[str]:
    if first is None:
        raise DataError("there is no data; the first row names the columns")
    cells = first[1]
    if len(cells) > 10_000:
        raise DataError(f"{len(cells):,} columns; at most 10,000 are read")
    if all(NUMBER(c.strip()) for c in cells):
        raise DataError("the first row holds numbers; it must name the columns")
    out: list[str] = []
    for place, cell in enumerate(cells, 1):
        try:
            name = canonical(cell)
        except ReadError:
            file = "; for a file pass a pathlib.Path" if is_text and len(cells) == 1 else ""
            file = "; commas separate the columns" if re.search(r"[;\t]", cell) else file
            raise DataError(f"column {place}: `{quote(cell)}` is not the name of a column{file}") from None
        if name in out:
            raise DataError(f"column {place}: `{quote(cell)}` names a column twice")
        out.append(name)
    return out


def _picked(header: list[str], columns: Sequence[str] | None) -> dict[str, int]:
    """The wanted columns and where they stand."""
    if columns is None:
        return {name: i for i, name in enumerate(header)}
    listed = [columns] if isinstance(columns, str) else columns
    if not isinstance(listed, Iterable) or not all(isinstance(c, str) for c in listed):
        raise DataError("the columns are not a list of names; write columns=['x', 'y']")
    wanted = [canonical(c) for c in listed]
    missing = [c for c in wanted if c not in header]
    if missing:
        there = ", ".join(header)
        raise DataError(f"there is no column `{quote(missing[0])}`; the columns are {quote(there)}")
    if len(set(wanted)) < len(wanted):
        raise DataError(f"a column is picked twice: {quote(', '.join(wanted))}")
    return {name: header.index(name) for name in wanted}


def _values(
    rows: Iterator[tuple[int, list[str]]], header: list[str], picked: dict[str, int]
) -> dict[str, array[float]]:
    values = {name: array("d") for name in picked}
    targets = [(i, name, values[name].append) for name, i in picked.items()]
    width, count = len(header), 0
    for line, cells in rows:
        count += 1
        if len(cells) != width:
            comma = "; the decimal sign is a point" if len(cells) == 2 * width else ""
            raise DataError(f"line {line}: {len(cells):,} cells, and the header names {width:,} columns{comma}")
        for i, name, keep in targets:
            text = cells[i].strip(" ")
            if not NUMBER(text):
                _refuse(line, name, cells[i])
            number = float(text)
            if math.isinf(number):
                raise DataError(f"line {line}, column {name}: `{quote(text)}` is too large for a float")
            if number == 0.0 and not ZERO(text):
                raise DataError(f"line {line}, column {name}: `{quote(text)}` is too small for a float")
            keep(number)
    if not count:
        raise DataError("there are no rows below the names of the columns; for a file pass a pathlib.Path")
    return values


def _refuse(line: int, name: str, cell: str) -> NoReturn:
    hint = next((hint for pattern, hint in _HINTS if pattern.fullmatch(cell)), "write a decimal number")
    raise DataError(f"line {line}, column {name}: `{quote(cell)}` is not a number; {hint}")


def _arrays(values: dict[str, array[float]]) -> dict[str, np.ndarray]:
    import numpy as np

    return {name: np.array(column, dtype=np.float64) for name, column in values.items()}
