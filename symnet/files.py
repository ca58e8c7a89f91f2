"""Text from outside as Python's text: within a limit, UTF-8, or one clear error."""

from __future__ import annotations

from pathlib import Path

from .errors import SymnetError, quote

PROGRAM = 4_000_000  # bytes of a program
BUDGET = "the budget of a program is 1,000,000 characters"


def read(path: Path, limit: int, remedy: str, error: type[SymnetError] = SymnetError) -> str:
    """The text of a file of at most `limit` bytes; raises `error` where it cannot be opened or is too long."""
    try:
        with path.open("rb") as f:
            data = f.read(limit + 1)
    except OSError as e:
        raise error(f"{quote(str(path))} cannot be opened: {e.strerror or e}") from None
    return within(data, path.name, limit, remedy, error)


def within(data: bytes, name: str, limit: int, remedy: str, error: type[SymnetError] = SymnetError) -> str:
    """The text of what was read up to one byte beyond the limit."""
    if len(data) > limit:
        raise error(f"{quote(name)} has more than {limit:,} bytes; {remedy}")
    return decoded(data, name, error)


def decoded(data: bytes, name: str, error: type[SymnetError] = SymnetError) -> str:
    """UTF-8, with or without a byte order mark; raises `error` for anything else."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        raise error(f"{quote(name)} is not UTF-8 text (byte {e.start}); save it as UTF-8") from None
