"""Text from outside as Python's text."""

from __future__ import annotations

from .errors import SymnetError, quote


def decoded(data: bytes, name: str, error: type[SymnetError] = SymnetError) -> str:
    """UTF-8, with or without a byte order mark; raises `error` for anything else."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        raise error(f"{quote(name)} is not UTF-8 text (byte {e.start}); save it as UTF-8") from None
