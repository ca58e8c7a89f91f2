"""The command line. Exit code 0 done, 2 the input cannot be used (one clear message, no traceback)."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import files
from .errors import SymnetError
from .render import DETAILS, FORMATS

if TYPE_CHECKING:
    from .derivation import Shown

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
    from .integrals.asked import integrate as run

    _show(run(_text(expr), x, lower, upper, seconds=seconds), detail, to, output, at, digits, json)


@app.command(context_settings=FREE)
def stationary(
    expr: Annotated[str, typer.Argument(metavar="EXPR", help="The function, such as 'x (x-1) (x-2) (x-3)', or - .")],
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[X…]", help="The names to vary, by default all.")
    ] = None,
    domain: Annotated[list[str] | None, typer.Option(help="An interval: 'x=[0, 2*pi)', 'x=(0, oo)'.")] = None,
    seconds: Annotated[float, typer.Option(min=0.1, help="The time limit.")] = 30.0,
    detail: Annotated[Detail, typer.Option(help="How much is shown.")] = RULES,
    to: Annotated[To | None, typer.Option(help="The format; by default that of -o, else text.")] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write to this file.")] = None,
    plot: Annotated[Path | None, typer.Option(help="A picture of the curve or contours: .png, .svg or .pdf.")] = None,
    json: Annotated[bool, typer.Option("--json", help="The same as --to json.")] = False,
) -> None:
    """Stationary points, each exact and in digits, their kinds, and the least and greatest value."""
    from .optima import stationary as run
    from .optima.shown import json_text

    text = _text(expr)
    spans = dict(part.split("=", 1) for part in domain or () if "=" in part)
    if len(spans) < len(domain or ()):
        raise typer.BadParameter("--domain is a name and an interval: 'x=[0, 2*pi)'")
    answer = run(text, names or None, domain={k.strip(): v for k, v in spans.items()} or None, seconds=seconds)
    if plot is not None:
        answer.plot(plot)
    form = _format(to, output, json)
    page = answer.text(detail.value) if form == "text" else json_text(answer, detail.value) if form == "json" else None
    _write(page if page is not None else _page(answer, form, detail.value, {}), output)


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


class Steps(StrEnum):
    """The formats of a run of descent."""

    text = "text"
    markdown = "markdown"
    latex = "latex"
    csv = "csv"
    json = "json"


@app.command(context_settings=FREE)
def descend(
    expr: Annotated[str | None, typer.Argument(metavar="EXPR|FILE", help="The loss, a .net file, or - .")] = None,
    file: Annotated[Path | None, typer.Option("-f", "--file", help="A file of definitions, of any ending.")] = None,
    start: Annotated[str, typer.Option(help="Where it begins, such as 'x=1.25', or 'random'.")] = "",
    lr: Annotated[str | None, typer.Option(help="The learning rate, such as 0.05 or 1/20.")] = None,
    steps: Annotated[int, typer.Option(help="The largest number of steps.")] = 20,
    method: Annotated[str, typer.Option(help="gd, momentum, nesterov, adam, newton, …")] = "gd",
    schedule: Annotated[str, typer.Option(help="constant, step, exponential, cosine or 1/t.")] = "constant",
    constants: Annotated[str | None, typer.Option("--set", help="Constants of both, such as 'mu=0.9'.")] = None,
    data: Annotated[Path | None, typer.Option(help="A CSV file; its columns are inputs of the loss.")] = None,
    batch: Annotated[int | None, typer.Option(help="Samples of a step; by default all.")] = None,
    seed: Annotated[int, typer.Option(help="For the shuffling of samples and a random start.")] = 0,
    reduce: Annotated[str, typer.Option(help="mean or sum over the samples.")] = "mean",
    shapes: Annotated[str | None, typer.Option(help="Shapes of arrays, such as 'X: n x d, w: d'.")] = None,
    exact: Annotated[bool | None, typer.Option("--exact/--floats", help="Fractions throughout, or never.")] = None,
    rows: Annotated[int | None, typer.Option(min=1, help="Rows of the table that are shown.")] = None,
    digits: Annotated[int, typer.Option(min=1, max=17, help="Digits of rounded numbers.")] = 8,
    plot: Annotated[Path | None, typer.Option(help="A picture: .png, .svg, .pdf, or .gif for an animation.")] = None,
    to: Annotated[Steps | None, typer.Option(help="The format; by default that of -o, else text.")] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write to this file.")] = None,
    json: Annotated[bool, typer.Option("--json", help="The same as --to json.")] = False,
) -> None:
    """Gradient descent step by step. Exit code 1 where it diverged, oscillates, left the domain or met a plateau."""
    from .descent import descend as run
    from .descent.pages import FORMATS as pages

    form = pages[_form(pages, to.value if to else None, output, json)]
    more: dict[str, Any] = dict(_pairs(constants, "--set")) if constants else {}
    done = run(_source(expr, file), start, lr=lr, steps=steps, method=method, schedule=schedule, data=data, batch=batch,
               seed=seed, reduce=reduce, shapes=shapes, exact=exact, **more)  # fmt: skip
    if plot is not None:
        done.animate(plot) if plot.suffix == ".gif" else done.plot(plot)
    _write(form.write(done, rows, digits), output)
    if done.status not in ("converged", "stopped"):
        raise typer.Exit(1)


def _form(pages: Any, to: str | None, output: Path | None, json: bool) -> str:
    """The format that is asked for by --to, by --json, or by the ending of the output."""
    if json and to not in (None, "json"):
        raise typer.BadParameter("--json and --to ask for two formats")
    if json or to is not None or output is None:
        return "json" if json else to or "text"
    endings = {p.ending: p.name for p in pages.values()}
    if output.suffix not in endings:
        raise typer.BadParameter(f"{output.name} ends in none of {', '.join(endings)}; name the format with --to")
    return endings[output.suffix]


@app.command()
def draw(
    source: Annotated[str | None, typer.Argument(metavar="FILE|TEXT", help="A .net file, definitions, or - .")] = None,
    file: Annotated[Path | None, typer.Option("-f", "--file", help="A file of definitions, of any ending.")] = None,
    shapes: Annotated[str | None, typer.Option(help="Shapes of arrays, such as 'X: n x d, w: d'.")] = None,
    formulas: Annotated[bool, typer.Option("--formulas/--names", help="Formulas in the boxes, or names alone.")] = True,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write to this file.")] = None,
) -> None:
    """The computational graph of a network as SVG."""
    from .deriving import as_graph

    _write(as_graph(_source(source, file), None, shapes).to_svg(formulas=formulas), output)


@app.command("check", context_settings=FREE)
def check_(
    answer: Annotated[
        str | None, typer.Argument(metavar="[ANSWER]", help="The answer as it was typed, or - for standard input.")
    ] = None,
    file: Annotated[Path | None, typer.Option("-f", "--file", help="A file with the answer.")] = None,
    derivative: Annotated[str | None, typer.Option(help="The answer is the derivative of this, by --wrt.")] = None,
    gradient: Annotated[str | None, typer.Option(help="… its gradient, in the order of --wrt.")] = None,
    integral: Annotated[str | None, typer.Option(help="… an indefinite integral over --wrt, with + C.")] = None,
    equals: Annotated[str | None, typer.Option(help="… the same formula, written in some way.")] = None,
    value: Annotated[str | None, typer.Option(help="… its value at --at, rounded in any way.")] = None,
    roots: Annotated[str | None, typer.Option(help="… its real roots.")] = None,
    stationary: Annotated[str | None, typer.Option(help="… its stationary points.")] = None,
    maximum: Annotated[str | None, typer.Option(help="… its largest value.")] = None,
    minimum: Annotated[str | None, typer.Option(help="… its smallest value.")] = None,
    update: Annotated[str | None, typer.Option(help="… one step of gradient descent on it, at --lr.")] = None,
    lines: Annotated[str | None, typer.Option(help="rewrite (all lines equal) or solve (the same roots).")] = None,
    graph: Annotated[str | None, typer.Option(help="A page about this network: a .net file or definitions.")] = None,
    shapes: Annotated[str | None, typer.Option(help="With --graph: shapes of its arrays.")] = None,
    problem: Annotated[Path | None, typer.Option(help="A JSON file with the problem.")] = None,
    wrt: Annotated[str | None, typer.Option(help="The names, such as 'x' or 'w11 w12; w21 w22'.")] = None,
    order: Annotated[int | None, typer.Option(help="The order of the derivative.")] = None,
    at: Annotated[str | None, typer.Option(help="Numbers for names, such as 'x=1.25'.")] = None,
    lr: Annotated[str | None, typer.Option(help="The rate of an update: a number or a name.")] = None,
    steps: Annotated[int | None, typer.Option(help="How many updates.")] = None,
    given: Annotated[list[str] | None, typer.Option(help="A name the answer may use: 'a1=σ(w1 x)'.")] = None,
    domain: Annotated[list[str] | None, typer.Option(help="Where a name lies: 'x>0' or 'x=[0, 1]'.")] = None,
    json: Annotated[bool, typer.Option("--json", help="The verdict as JSON.")] = False,
) -> None:
    """Check a hand calculation: right with a proof, wrong with a witness.

    Exit code 0 right, 1 wrong, 2 the answer or the problem cannot be read, 3 undecided.
    """
    from .checking.asking import CODES, from_json, options
    from .checking.checks import check as run

    asked: dict[str, Any] = {
        "derivative": derivative, "gradient": gradient, "integral": integral, "equals": equals, "value": value,
        "roots": roots, "stationary": stationary, "maximum": maximum, "minimum": minimum, "update": update,
        "lines": lines, "graph": _graph(graph, shapes),
    }  # fmt: skip
    others = {"order": order, "lr": lr, "steps": steps}
    spec = options(asked, wrt, _numbers(at) if at else {}, given or (), domain or (), others)
    if problem is not None:
        spec = {**from_json(_read(problem)), **spec}
    if isinstance(spec.get("graph"), str):
        spec["graph"] = _graph(spec["graph"], spec.pop("shapes", None))
    verdict = run(_answer(answer, file), **spec)
    if verdict.kind == "malformed" and not json:
        raise SymnetError(verdict.error)
    from json import dumps

    sys.stdout.write((dumps(verdict.to_dict(), ensure_ascii=False, indent=1) if json else str(verdict)) + "\n")
    raise typer.Exit(CODES[verdict.kind])


def _graph(source: str | None, shapes: str | None) -> Any:
    from .graph import Graph

    if source is None:
        return None
    return Graph(_read(Path(source)) if source.endswith(ENDINGS) else source, shapes=shapes)


def _answer(answer: str | None, file: Path | None) -> str:
    if (answer is None) == (file is None):
        raise typer.BadParameter("give the answer once: as ANSWER, with -f, or - for standard input")
    if file is not None or str(answer).endswith(ENDINGS):
        return _read(file or Path(str(answer)))
    if len(str(answer)) < 256 and Path(str(answer)).suffix and Path(str(answer)).is_file():
        raise SymnetError(f"{answer} is a file, not an answer; give it with -f {answer}")
    return _text(str(answer))


@app.command("grade")
def grade_(
    file: Annotated[Path, typer.Option("-f", "--file", help="A folder of .txt, .md, .tex files, a CSV file, or - .")],
    problem: Annotated[Path, typer.Option(help="A JSON file with the problem: the fields of check.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The folder of the results; by default NAME-grades here.")
    ] = None,
    seconds: Annotated[float, typer.Option(min=0.01, help="The time limit of one submission.")] = 10.0,
    workers: Annotated[int | None, typer.Option(min=1, help="How many at once; by default one for each core.")] = None,
    retry: Annotated[bool, typer.Option("--retry", help="Repeat what ended in a timeout or a crash.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Every row and the summary as JSON.")] = False,
) -> None:
    """Grade many submissions against one problem; a run that was ended goes on where it was."""
    from json import dumps

    from .grading.running import PAGE, TABLE, grade

    results = output or Path(f"{file.stem if str(file) != '-' else 'submissions'}-grades")
    source = _text("-") if str(file) == "-" else file
    try:
        done = grade(source, problem, output=results, seconds=seconds, workers=workers, retry=retry)
    except KeyboardInterrupt:
        sys.stderr.write(f"symnet: interrupted; what was graded is in {results}, the same command goes on from there\n")
        raise typer.Exit(130) from None
    written = f"{done}\nwritten: {results / TABLE}, {results / PAGE}"
    sys.stdout.write((dumps(done.to_dict(), ensure_ascii=False, indent=1) if json else written) + "\n")


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
    return _standard_input() if expr == "-" else expr


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
        return _standard_input()
    return _read(Path(source)) if source.endswith(ENDINGS) else source


def _read(path: Path) -> str:
    return files.read(path, files.PROGRAM, files.BUDGET)


def _standard_input() -> str:
    return files.within(sys.stdin.buffer.read(files.PROGRAM + 1), "standard input", files.PROGRAM, files.BUDGET)


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
