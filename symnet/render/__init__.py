"""How a derivation is shown: one row per format. These modules know no calculus."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import RuleError

if TYPE_CHECKING:
    from ..derivation import Derivation
    from .rows import Page


@dataclass(frozen=True, slots=True)
class Format:
    """One format: its name, the file ending that stands for it, and how a page is written."""

    name: str
    ending: str
    module: str

    @property
    def write(self) -> Callable[..., str]:
        from importlib import import_module

        return import_module(f"symnet.render.{self.module}").page


FORMATS: dict[str, Format] = {
    "text": Format("text", ".txt", "terminal"),
    "latex": Format("latex", ".latex", "aligned"),
    "markdown": Format("markdown", ".md", "markdown"),
    "html": Format("html", ".html", "html"),
    "json": Format("json", ".json", "json"),
    "tex": Format("tex", ".tex", "tex"),
    "python": Format("python", ".py", "python"),
}
DETAILS = ("result", "chain")


def rows_of(d: Derivation, detail: str, choices: dict[str, Any]) -> Page:
    from .rows import page_rows

    if detail not in DETAILS:
        raise RuleError(f"`detail` is one of {', '.join(DETAILS)}, not {detail!r}")
    return page_rows(d, detail, **choices)


def page(d: Derivation, to: str, detail: str = "chain", **choices: Any) -> str:
    """The derivation in one of FORMATS."""
    if to not in FORMATS:
        raise RuleError(f"there is no format {to!r}; there is {', '.join(FORMATS)}")
    layout = {k: choices.pop(k) for k in ("width", "fragment") if k in choices}
    return FORMATS[to].write(rows_of(d, detail, choices), **layout)
