"""The command line. Exit code 0 done, 2 the input cannot be used (one clear message, no traceback)."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .errors import SymnetError

if TYPE_CHECKING:
    from .derivation import Derivation

ENDINGS = (".net", ".csv", ".md", ".tex")
app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)


class Detail(StrEnum):
    result = "result"
    chain = "chain"


class To(StrEnum):
    text = "text"
    latex = "latex"
    markdown = "markdown"
    html = "html"
    json = "json"
    tex = "tex"
    python = "python"


class Sign(StrEnum):
    auto = "auto"
    partial = "∂"
    total = "d"


def _version(asked: bool) -> None:
    if asked:
        from . import __version__

        typer.echo(f"symnet {__version__}")
        raise typer.Exit


@app.callback()
def top(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and stop.")
    ] = False,
) -> None:
    """Derives the gradients of neural networks like a textbook, prints and runs them."""


@app.command()
def derive(
    source: Annotated[
        str | None,
        typer.Argument(metavar="FILE|TEXT", help="A .net file, definitions as text, or - for standard input."),
    ] = None,
    file: Annotated[Path | None, typer.Option("-f", "--file", help="A file of definitions, of any ending.")] = None,
    wrt: Annotated[str | None, typer.Option(help="Names to differentiate by, such as 'w1 b1'.")] = None,
    shapes: Annotated[str | None, typer.Option(help="Shapes of arrays, such as 'X: n x d, w: d'.")] = None,
    detail: Annotated[Detail, typer.Option(help="How much is shown.")] = Detail.chain,
    to: Annotated[To | None, typer.Option(help="The format; by default that of -o, else text.")] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write to this file.")] = None,
    closed: Annotated[bool, typer.Option("--closed", help="Add the gradients with every name substituted.")] = False,
    update: Annotated[bool, typer.Option("--update", help="Add the update rules w ← w − η ∂E/∂w.")] = False,
    at: Annotated[str | None, typer.Option(help="Numbers for every input, such as 'x=1,w1=0.5'.")] = None,
    digits: Annotated[int, typer.Option(min=1, max=50, help="Decimals of worked numbers.")] = 4,
    delta: Annotated[bool, typer.Option("--delta/--no-delta", help="Name ∂E/∂z as δ, or write it out.")] = True,
    partial: Annotated[Sign, typer.Option(help="∂ or d throughout; auto: d where there is one variable.")] = Sign.auto,
    index: Annotated[str | None, typer.Option(help="Write samples with this index: Σ over i of x_i.")] = None,
    json: Annotated[bool, typer.Option("--json", help="The same as --to json.")] = False,
) -> None:
    """Derive the gradient of the last definition, line by line with reasons."""
    from .deriving import derive as run

    d = run(_source(source, file), wrt, shapes=shapes, delta=delta, partial=partial.value)
    choices: dict[str, Any] = {"closed": closed, "update": update, "digits": digits, "index": index}
    if at is not None:
        choices["at"] = _numbers(at)
    _write(_page(d, _format(to, output, json), detail.value, choices), output)


def _source(source: str | None, file: Path | None) -> str | Path:
    """Where the definitions are: a file, standard input, or the argument itself."""
    if file is not None and source is not None:
        raise typer.BadParameter("give the definitions once: as FILE|TEXT or with -f")
    if file is not None:
        return _read(file)
    if source is None:
        raise typer.BadParameter("give a .net file, definitions as text, or - for standard input")
    if source == "-":
        return _decoded(sys.stdin.buffer.read(), "standard input")
    return _read(Path(source)) if source.endswith(ENDINGS) else source


def _read(path: Path) -> str:
    try:
        return _decoded(path.read_bytes(), path.name)
    except OSError as e:
        raise SymnetError(f"{path}: {e.strerror or e}") from None


def _decoded(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        raise SymnetError(f"{name} is not UTF-8 text (byte {e.start}); save it as UTF-8") from None


def _numbers(at: str) -> dict[str, str]:
    """`x=1, w1=0.5` as names and exact values."""
    values: dict[str, str] = {}
    for part in at.split(","):
        name, equals, value = part.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise SymnetError(f"--at takes name=number, separated by commas, not {part.strip()[:40]!r}")
        values[name.strip()] = value.strip()
    return values


def _format(to: To | None, output: Path | None, json: bool) -> str:
    from .render import FORMATS

    if json:
        return "json"
    if to is not None:
        return to.value
    endings = {f.ending: f.name for f in FORMATS.values()}
    return endings.get(output.suffix, "text") if output is not None else "text"


def _page(d: Derivation, to: str, detail: str, choices: dict[str, Any]) -> str:
    from .render import page

    text = page(d, to, detail, **choices)
    return text if text.endswith("\n") else text + "\n"


def _write(text: str, output: Path | None) -> None:
    if output is None:
        sys.stdout.write(text)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as e:
        raise SymnetError(f"{output}: {e.strerror or e}") from None


def main() -> None:
    """Run the command; a request that cannot be served ends with one message and exit code 2."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        app()
    except SymnetError as e:
        sys.stderr.write(f"symnet: {e}\n")
        sys.exit(2)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
