"""Reasons in each format: words, names between backticks, and formulas that state the rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .. import names
from ..term import Term, sym
from .latex import latex
from .rows import Note, Row
from .text import unicode

Pieces = Sequence[str | Term]
PLACES = 3  # places of one rule in a line for which the letters are spelled out


def words(reason: str) -> list[str | Term]:
    """A sentence in which names stand between backticks."""
    return [sym(p) if i % 2 else p for i, p in enumerate(reason.split("`")) if p]


def noted(note: Note) -> Pieces:
    """A note in its parts."""
    return (note,) if isinstance(note, str) else note


def whole(row: Row) -> list[str | Term]:
    """`product rule: (f g)′ = f′ g + f g′ with f := x², g := sin(x)`."""
    out = words(row.reason)
    said, *places = row.why or ((),)
    out += _list(": ", said)
    shown = [p for p in places if p]
    for i, place in enumerate(shown[:PLACES]):
        out += _list("; " if i else " with ", place)
    return [*out, "; …"] if len(shown) > PLACES else out


def _list(before: str, formulas: Sequence[Term]) -> list[str | Term]:
    return [piece for i, f in enumerate(formulas) for piece in (", " if i else before, f)]


def _joined(pieces: Pieces, word: Callable[[str], str], formula: Callable[[Term], str]) -> str:
    return "".join(word(p) if isinstance(p, str) else formula(p) for p in pieces)


def in_text(pieces: Pieces) -> str:
    return _joined(pieces, str, unicode)


TEX = {
    "−": "-", "…": "...", "′": "'", "→": r"$\to$", "∞": r"$\infty$", "≈": r"$\approx$", "≤": r"$\le$", "σ": r"$\sigma$",
    "∂": r"$\partial$", "∇": r"$\nabla$", "√": r"$\surd$", "·": r"$\cdot$", "_": r"\_", "&": r"\&", "%": r"\%",
    "#": r"\#",
    "½": r"$\frac{1}{2}$", "¼": r"$\frac{1}{4}$", "⅙": r"$\frac{1}{6}$", "×": r"$\times$", "⊙": r"$\odot$",
    "²": "$^2$", "³": "$^3$", "ⁿ": "$^n$", "ᵀ": r"$^\top$", "≥": r"$\ge$", "−∞": r"$-\infty$",
    **{sign: f"${names.latex(name)}$" for name, sign in names.GREEK.items()},
}  # fmt: skip


def tex_words(text: str) -> str:
    """Words in LaTeX's text mode: signs that it does not know are set as formulas."""
    return "".join(TEX.get(c, c) for c in text)


def in_latex(pieces: Pieces) -> str:
    text = _joined(pieces, lambda w: f"\\text{{{tex_words(w)}}}", latex)
    return text.replace("}\\text{: }", ": }").replace("\\text{$\\times$}", " \\times ")


def in_tex(pieces: Pieces) -> str:
    """The reason as a paragraph of a LaTeX document."""
    return _joined(pieces, tex_words, lambda t: f"${latex(t)}$")


def in_markdown(pieces: Pieces, escape: Callable[[str], str], math: Callable[[str], str]) -> str:
    return _joined(pieces, escape, lambda t: f"${math(latex(t))}$")


def in_html(pieces: Pieces, escape: Callable[[str], str], math: Callable[[str], str]) -> str:
    return _joined(pieces, escape, lambda t: math(latex(t)))
