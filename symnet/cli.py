"""The command line. Exit code 0 done, 2 the input cannot be used (one clear message, no traceback)."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .errors import SymnetError
from .render import DETAILS, FORMATS

if TYPE_CHECKING:
    from .derivation import Shown

LIMIT = 4_000_000  # bytes of a program
ENDINGS = (".net", ".csv", ".md", ".tex")
FREE = {"ignore_unknown_options": True}  # -x^2 is an expression
app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)


Detail = StrEnum("Detail", {name: name for name in DETAILS})  # type: ignore[misc]
CHAIN, RULES = Detail("chain"), Detail("rules")
To = StrEnum("To", {name: name for name in FORMATS})  # type: ignore[misc]


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
    detail: Annotated[Detail, typer.Option(help="How much is shown.")] = CHAIN,
    to: Annotated[To | None, typer.Option(help="The format; by default that of -o, else text.")] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write to this file.")] = None,
    closed: Annotated[bool, typer.Option("--closed", help="Add the gradients with every name substituted.")] = False,
    update: Annotated[bool, typer.Option("--update", help="Add the update rules w ← w − η ∂E/∂w.")] = False,
    at: Annotated[str | None, typer.Option(help="Numbers for every input: 'x=1, w=[1, 2]'.")] = None,
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


@app.command(context_settings=FREE)
def diff(
    expr: Annotated[str, typer.Argument(metavar="EXPR", help="The expression, such as 'x^2 sin(x)', or - .")],
    x: Annotated[str, typer.Argument(metavar="X", help="The name to differentiate by.")],
    order: Annotated[int, typer.Option(help="How many times.")] = 1,
    given: Annotated[list[str] | None, typer.Option(help="Parts that depend on X, such as 'u=x^2+1'.")] = None,
    depends: Annotated[str | None, typer.Option(help="Names of which only that is known, such as 'a b'.")] = None,
    bridge: Annotated[bool, typer.Option("--bridge", help="Add how σ′ = σ(1 − σ) follows.")] = False,
    detail: Annotated[Detail, typer.Option(help="How much is shown.")] = RULES,
    to: Annotated[To | None, typer.Option(help="The format; by default that of -o, else text.")] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write to this file.")] = None,
    at: Annotated[str | None, typer.Option(help="Numbers for every name, such as 'x=1.25'.")] = None,
    rate: Annotated[str | None, typer.Option(help="With --at: a step of gradient descent at this rate.")] = None,
    digits: Annotated[int, typer.Option(min=1, max=50, help="Decimals of worked numbers.")] = 4,
    json: Annotated[bool, typer.Option("--json", help="The same as --to json.")] = False,
) -> None:
    """Differentiate an expression, one named rule at a time."""
    from .differentiation import differentiate

    parts = _pairs(",".join(given), "--given") if given else None
    d = differentiate(_text(expr), x, order, given=parts, depends=depends or (), bridge=bridge)
    _show(d, detail, to, output, at, digits, json, rate)


@app.command(context_settings=FREE)
def integrate(
    expr: Annotated[str, typer.Argument(metavar="EXPR", help="The expression, such as 'x e^x', or - .")],
    x: Annotated[str, typer.Argument(metavar="X", help="The name to integrate over.")],
    lower: Annotated[str | None, typer.Argument(metavar="[A", help="The lower end.")] = None,
    upper: Annotated[str | None, typer.Argument(metavar="B]", help="The upper end.")] = None,
    seconds: Annotated[float, typer.Option(min=0.1, help="The time limit of the search.")] = 20.0,
    detail: Annotated[Detail, typer.Option(help="How much is shown.")] = RULES,
    to: Annotated[To | None, typer.Option(help="The format; by default that of -o, else text.")] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write to this file.")] = None,
    at: Annotated[str | None, typer.Option(help="Numbers for every name, such as 'x=1.25'.")] = None,
    digits: Annotated[int, typer.Option(min=1, max=50, help="Decimals of worked numbers.")] = 4,
    json: Annotated[bool, typer.Option("--json", help="The same as --to json.")] = False,
) -> None:
    """Integrate an expression, one named rule at a time; every line is verified by differentiating it."""
    from .integration import integrate as run

    _show(run(_text(expr), x, lower, upper, seconds=seconds), detail, to, output, at, digits, json)


@app.command(context_settings=FREE)
def gradient(
    expr: Annotated[str, typer.Argument(metavar="EXPR", help="The expression, such as 'x^2 y + x y z + z^2', or - .")],
    wrt: Annotated[list[str] | None, typer.Argument(metavar="[X…]", help="The names, by default all.")] = None,
    column: Annotated[bool, typer.Option("--column", help="The components one below the other.")] = False,
    detail: Annotated[Detail, typer.Option(help="How much is shown.")] = RULES,
    to: Annotated[To | None, typer.Option(help="The format; by default that of -o, else text.")] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write to this file.")] = None,
    at: Annotated[str | None, typer.Option(help="Numbers for every name, such as 'x=1,y=2'.")] = None,
    rate: Annotated[str | None, typer.Option(help="With --at: a step of gradient descent at this rate.")] = None,
    digits: Annotated[int, typer.Option(min=1, max=50, help="Decimals of worked numbers.")] = 4,
    json: Annotated[bool, typer.Option("--json", help="The same as --to json.")] = False,
) -> None:
    """The gradient vector ∇f, each partial derivative by its rules."""
    from .vectors import gradient as run

    d = run(_text(expr), wrt or None, form="column" if column else "row")
    _show(d, detail, to, output, at, digits, json, rate)


@app.command()
def functions(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="One function alone.")] = None,
    layers: Annotated[int | None, typer.Option(min=1, max=1000, help="The bound through so many layers.")] = None,
    detail: Annotated[Detail, typer.Option(help="How much is shown.")] = CHAIN,
    to: Annotated[To | None, typer.Option(help="The format; by default that of -o, else text.")] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write to this file.")] = None,
    json: Annotated[bool, typer.Option("--json", help="The same as --to json.")] = False,
) -> None:
    """The activations: formula, derivative, range, largest slope, corners; and how gradients vanish with depth."""
    from .activations import activation_page, vanishing

    page = activation_page(name) if layers is None else vanishing(name or "sigmoid", layers)
    _write(_page(page, _format(to, output, json), detail.value, {}), output)


def _text(expr: str) -> str:
    return _decoded(sys.stdin.buffer.read(LIMIT + 1), "standard input") if expr == "-" else expr


def _show(
    d: Shown, detail: Detail, to: To | None, output: Path | None, at: str | None, digits: int, json: bool,
    rate: str | None = None,
) -> None:  # fmt: skip
    choices: dict[str, Any] = {} if at is None else {"at": _numbers(at), "digits": digits}
    if rate is not None and at is None:
        raise typer.BadParameter("--rate needs --at: a step starts at a point")
    if rate is not None:
        choices["rate"] = rate
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
        return _decoded(sys.stdin.buffer.read(LIMIT + 1), "standard input")
    return _read(Path(source)) if source.endswith(ENDINGS) else source


def _read(path: Path) -> str:
    try:
        with path.open("rb") as f:
            return _decoded(f.read(LIMIT + 1), path.name)
    except OSError as e:
        raise SymnetError(f"{path}: {e.strerror or e}") from None


def _decoded(data: bytes, name: str) -> str:
    if len(data) > LIMIT:
        raise SymnetError(f"{name} has more than {LIMIT:,} bytes; the budget of a program is 1,000,000 characters")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        raise SymnetError(f"{name} is not UTF-8 text (byte {e.start}); save it as UTF-8") from None


def _numbers(at: str) -> dict[str, str]:
    """`x=1, w1=0.5` as names and exact values."""
    return _pairs(at, "--at")


def _pairs(at: str, option: str) -> dict[str, str]:
    values: dict[str, str] = {}
    for part in _outside(at):
        name, equals, value = part.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise SymnetError(f"{option} takes name=number, separated by commas, not {part.strip()[:40]!r}")
        if name.strip() in values:
            raise SymnetError(f"{option} gives {name.strip()[:40]} twice; keep one of them")
        values[name.strip()] = value.strip()
    return values


def _outside(text: str) -> list[str]:
    """Split at the commas that stand in no bracket: `X=[[1, 2], [3, 4]], w=[1, 2]`."""
    parts, depth = [""], 0
    for c in text:
        depth += (c in "([") - (c in ")]")
        if c == "," and not depth:
            parts.append("")
        else:
            parts[-1] += c
    return parts


def _format(to: To | None, output: Path | None, json: bool) -> str:
    if json and to is not None and to.value != "json":
        raise typer.BadParameter("--json and --to ask for two formats")
    if json:
        return "json"
    if to is not None:
        return to.value
    if output is None:
        return "text"
    endings = {f.ending: f.name for f in FORMATS.values()}
    if output.suffix not in endings:
        raise typer.BadParameter(f"{output.name} ends in none of {', '.join(endings)}; name the format with --to")
    return endings[output.suffix]


def _page(d: Shown, to: str, detail: str, choices: dict[str, Any]) -> str | bytes:
    from .render import page

    text: Any = page(d, to, detail, **choices)
    return text if isinstance(text, bytes) or text.endswith("\n") else text + "\n"


def _write(text: str | bytes, output: Path | None) -> None:
    if output is None and isinstance(text, bytes):
        raise SymnetError("a PDF goes to a file: add -o FILE.pdf")
    if output is None:
        sys.stdout.write(str(text))
        return
    try:
        output.write_bytes(text if isinstance(text, bytes) else text.encode())
    except OSError as e:
        raise SymnetError(f"{output}: {e.strerror or e}") from None


def main() -> None:
    """Run the command; a request that cannot be served ends with one message and exit code 2."""
    if sys.stdout is None:  # closed by the caller: there is nowhere to write
        sys.exit(2)
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
