"""How a derivation is shown: one row per format. These modules know no calculus."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import RuleError

if TYPE_CHECKING:
    from ..derivation import Shown
    from .rows import Page


@dataclass(frozen=True, slots=True)
class Format:
    """One format: its name, the file ending that stands for it, and how a page is written."""

    name: str
    ending: str
    module: str

    @property
    def write(self) -> Callable[..., Any]:
        from importlib import import_module

        return import_module(f"symnet.render.{self.module}").page


FORMATS: dict[str, Format] = {
    "text": Format("text", ".txt", "terminal"),
    "latex": Format("latex", ".latex", "aligned"),
    "markdown": Format("markdown", ".md", "markdown"),
    "html": Format("html", ".html", "html"),
    "json": Format("json", ".json", "json"),
    "tex": Format("tex", ".tex", "tex"),
    "pdf": Format("pdf", ".pdf", "pdf"),
    "python": Format("python", ".py", "python"),
}
DETAILS = ("result", "chain", "rules")


def rows_of(d: Shown, detail: str, choices: dict[str, Any]) -> Page:
    from .rows import rows

    if detail not in DETAILS:
        raise RuleError(f"`detail` is one of {', '.join(DETAILS)}, not {detail!r}")
    try:
        return rows(d, detail, **choices)
    except TypeError as e:
        if "unexpected keyword argument" not in str(e):
            raise
        raise RuleError(f"{str(e).partition('argument ')[2]} is not a choice for this page") from None


def page(d: Shown, to: str, detail: str | None = None, **choices: Any) -> Any:
    """The lines in one of FORMATS: text, or bytes for a PDF."""
    if to not in FORMATS:
        raise RuleError(f"there is no format {to!r}; there is {', '.join(FORMATS)}")
    from .latex import styled

    layout = {k: choices.pop(k) for k in ("width", "fragment") if k in choices}
    with styled(**{k: choices.pop(k) for k in ("bold", "transpose") if k in choices}):
        return FORMATS[to].write(rows_of(d, detail or d.usual, choices), **layout)
