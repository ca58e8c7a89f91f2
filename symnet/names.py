"""One name, however it is typed: `w1`, `w_1`, `w₁`, `w_{1}` are one; `η`, `\\eta` and `eta` are one.

A canonical name is ASCII. Its parts are a base (a letter, a Greek letter's name or a word, perhaps with an accent),
indices below, a layer above and primes: `w1`, `delta2`, `yhat_i`, `w1_11` (layer 1, indices 1 and 1), `a^{(1)}`, `y'`.
Printing and reading share this module, so that what is printed reads back to the same name.
"""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from .errors import ReadError, quote

# ------------------------------------------------------------------------------------------------------------- tables
GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "zeta": "ζ", "eta": "η", "theta": "θ",
    "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ", "sigma": "σ",
    "tau": "τ", "upsilon": "υ", "phi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω",
    "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Upsilon": "ϒ",
    "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω", "ell": "ℓ",
}  # fmt: skip
LETTERS = {sign: word for word, sign in GREEK.items()} | {
    "ϵ": "epsilon", "ϑ": "theta", "ϕ": "phi", "ϱ": "rho", "µ": "mu", "∆": "Delta",
}  # fmt: skip
COMMANDS = {word: word for word in GREEK} | {
    "varepsilon": "epsilon", "vartheta": "theta", "varphi": "phi", "varrho": "rho", "varsigma": "sigma",
    "imath": "i", "jmath": "j",
}  # fmt: skip
SHORT = {"lam": "lambda"}
# name → (combining character, LaTeX command)
ACCENTS = {
    "hat": ("\u0302", "hat"), "bar": ("\u0304", "bar"), "tilde": ("\u0303", "tilde"), "vec": ("\u20d7", "vec"),
    "ddot": ("\u0308", "ddot"), "dot": ("\u0307", "dot"), "acute": ("\u0301", "acute"), "grave": ("\u0300", "grave"),
    "check": ("\u030c", "check"), "breve": ("\u0306", "breve"), "ring": ("\u030a", "mathring"),
}  # fmt: skip
COMBINING = {mark: word for word, (mark, _) in ACCENTS.items()} | {"\u0305": "bar"}
ACCENT_COMMANDS = {command: word for word, (_, command) in ACCENTS.items()} | {
    "overrightarrow": "vec", "widehat": "hat", "widetilde": "tilde", "overline": "bar",
}  # fmt: skip
NO_ACCENT = {"what", "that", "chat", "bring", "wring"}  # words, not a letter with an accent: ŵ is `w_hat`
SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ", "0123456789+-aehijklmnoprstuvxβγρφχ", strict=True))
SUPERSCRIPTS = dict(
    zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴸ", "0123456789+-()abcdefghijklmnoprstuvwxyzL", strict=True)
)
FONTS = {"mathrm", "mathit", "mathbf", "mathsf", "mathtt", "mathcal", "mathscr", "mathnormal", "boldsymbol", "bm",
         "text", "mbox", "textrm", "textit", "textbf", "operatorname", "rm", "cal", "bf", "it"}  # fmt: skip
_INDEX = "ijklmnpqrst"


# -------------------------------------------------------------------------------------------------------------- parts
@dataclass(frozen=True, slots=True)
class Name:
    """The parts of a name: base, accent, indices below, layer above, primes, and ∇ or Δ before it."""

    base: str
    accent: str = ""
    subs: tuple[str, ...] = ()
    layer: str = ""
    primes: int = 0
    lead: str = ""
    wrt: str = ""  # ∇_a C is `nabla_C_wrt_a`

    def __str__(self) -> str:
        if self.wrt:
            return f"{Name(self.base, self.accent, self.subs, self.layer, self.primes, self.lead)}_wrt_{self.wrt}"
        return self.lead + _join(_accented(self.base, self.accent), self.subs, self.layer) + "'" * self.primes


def _accented(base: str, accent: str) -> str:
    if not accent:
        return base
    glued = base + accent
    return f"{base}_{accent}" if glued in NO_ACCENT or (len(base) > 1 and base not in GREEK) else glued


def _join(head: str, subs: tuple[str, ...], layer: str) -> str:
    """The canonical spelling: `w1`, `w_ij`, `w_{10,3}`, `w1_11`, `w_jk_L`, `a^{(1)}`."""
    if layer.isdigit() and subs and head.isalpha():
        return f"{head}{layer}_" + "_".join(subs)
    tail = f"_{layer}" if layer and layer.isalnum() and subs else f"^{{{layer}}}" if layer == "+" else ""
    if layer and not tail:
        tail = f"^{{({_signs(layer)})}}"
    return head + _below(head, subs) + tail


def _below(head: str, subs: tuple[str, ...]) -> str:
    if not subs:
        return ""
    if len(subs) > 1 and all(len(s) == 1 for s in subs):
        subs = ("".join(subs),)
    if (len(subs) > 1 and all(s.isdigit() for s in subs)) or any(_in_braces(s) for s in subs):
        return "_{" + ",".join(subs) + "}"
    glue = "" if subs[0][0].isdigit() and not any(c.isdigit() for c in head) and "_" not in head else "_"
    return glue + "_".join(subs)


def _in_braces(sub: str) -> bool:
    """`a+b` and `1x` cannot be told from what follows without braces around them."""
    return not sub.isalnum() or (sub[0].isdigit() and not sub.isdigit())


def _letters_for_signs(text: str) -> str:
    """`n+1` as an index is spelled `np1`, `L-1` is `Lm1`; `a+b` keeps its sign."""
    return re.sub(r"^([A-Za-z]+)([+-])(\d+)$", lambda m: m[1] + ("p" if m[2] == "+" else "m") + m[3], text)


def _signs(text: str) -> str:
    return re.sub(r"^([A-Za-z])([pm])(\d+)$", lambda m: m[1] + ("+" if m[2] == "p" else "-") + m[3], text)


@lru_cache(maxsize=4096)
def parse(name: str) -> Name:
    """The parts of a canonical name."""
    if name.startswith("nabla_") and "_wrt_" in name:
        whole, _, wrt = name.partition("_wrt_")
        return replace(parse(whole), wrt=wrt)
    lead, rest = _lead(name)
    body = rest.rstrip("'")
    primes = len(rest) - len(body)
    head, layer = body, ""
    above = re.fullmatch(r"(.*)\^\{\(?([^{}()]*)\)?\}", body)
    if above:
        head, layer = above[1], _letters_for_signs(above[2]) if above[2] != "+" else "+"
    several = re.fullmatch(r"([^{}]*)_\{([^{}]*)\}", head)
    if several:
        base, accent = _split_accent(several[1])
        return Name(base, accent, tuple(several[2].split(",")), layer, primes, lead)
    first, *parts = head.split("_")
    if parts and parts[0] in ACCENTS and (len(first) == 1 or first in GREEK or not first.isalpha()):
        first, parts = f"{first}_{parts[0]}", parts[1:]
    letters = re.fullmatch(r"([^0-9]*?)([0-9]*)", first)
    if letters is None or not letters[1]:
        return Name(head, "", (), layer, primes, lead)
    base, accent = _split_accent(letters[1])
    if letters[2] and parts and not layer and all(_is_index(p) for p in parts):
        return Name(base, accent, tuple(parts), letters[2], primes, lead)
    if len(parts) > 1 and not layer and re.fullmatch(r"[lL]([pm]\d+)?", parts[-1]):
        layer = parts.pop()
    subs = ((letters[2],) if letters[2] else ()) + tuple(parts)
    return Name(base, accent, subs, layer, primes, lead)


def _is_index(text: str) -> bool:
    return (
        text.isdigit()
        or (len(text) <= 3 and all(c in _INDEX for c in text))
        or bool(re.fullmatch(r"[a-z][pm]\d", text))
    )


def _lead(name: str) -> tuple[str, str]:
    """∇f is `nabla_f`, Δx is `Deltax`: the sign before a name."""
    for lead in ("nabla_", "Delta"):
        rest = name[len(lead) :]
        if name.startswith(lead) and rest and rest[0].isalpha() and (lead != "Delta" or rest not in ACCENTS):
            return lead, rest
    return "", name


def _split_accent(text: str) -> tuple[str, str]:
    for accent in ACCENTS:
        base = text.removesuffix(accent).removesuffix("_")
        if text.endswith(accent) and (len(base) == 1 or base in GREEK) and text not in NO_ACCENT:
            return base, accent
    return text, ""


# ------------------------------------------------------------------------------------------------------------ reading
def compose(
    base: str, *, accent: str = "", subs: Iterable[str] = (), layer: str = "", primes: int = 0, lead: str = ""
) -> str:
    """The canonical name of parts as they are written; `n+1` below or above is spelled `np1`."""
    below = tuple(_letters_for_signs(s) for s in subs if s)
    root = parse(SHORT.get(base, base))  # the base may bring its own digits: w1 with indices below is layer 1
    if below and not layer and not root.layer and root.subs and all(s.isdigit() for s in root.subs):
        layer, root = root.subs[0], Name(root.base, root.accent, (), "", 0, root.lead)
    if layer != "+":
        layer = _letters_for_signs(layer)
    return str(
        Name(root.base, accent or root.accent, root.subs + below, layer or root.layer, primes + root.primes,
             lead or root.lead)
    )  # fmt: skip


def layer_first(groups: list[list[str]]) -> tuple[str, list[list[str]]]:
    """`w1_11` is layer 1 with the indices 1, 1; `w_jk_l` is layer l: digits in front, or the letter l behind."""
    numbered = len(groups) > 1 and len(groups[0]) == 1 and groups[0][0].isdigit()
    if numbered and all(_is_index(s) for g in groups[1:] for s in g):
        return groups[0][0], groups[1:]
    if len(groups) > 1 and len(groups[-1]) == 1 and re.fullmatch(r"[lL]([pm]\d+)?", groups[-1][0]):
        return groups[-1][0], groups[:-1]
    return "", groups


def canonical(spelling: str) -> str:
    """The one ASCII name of a spelling.

    >>> [canonical(s) for s in ("w_1", "w₁", "w_{1}", r"\\eta", "δ2", "w_bias", r"\\hat y", "a^{(1)}", "y′")]
    ['w1', 'w1', 'w1', 'eta', 'delta2', 'w_bias', 'yhat', 'a^{(1)}', "y'"]

    Raises ReadError for what is not one name.
    """
    return _canonical(str(spelling))


class ByName(dict[str, Any]):
    """A dictionary by canonical names in which every spelling finds its entry: `lam` and `λ` that of `lambda`."""

    __slots__ = ()

    def __missing__(self, spelling: Any) -> Any:
        key = canonical(spelling)
        if key not in self:
            raise KeyError(spelling)
        return self[key]


@lru_cache(maxsize=8192)
def _canonical(spelling: str) -> str:
    whole, cut, wrt = spelling.partition("_wrt_")
    if cut and whole.startswith("nabla_"):
        return f"{_canonical(whole)}_wrt_{_canonical(wrt)}"
    text = _ascii(spelling.strip())
    plain = re.fullmatch(r"([A-Za-z]+)_?(\d*)", text)
    if plain:
        return compose(plain[1], subs=(plain[2],))
    scan = _Scan(text, spelling)
    name = scan.name()
    if scan.rest():
        raise _not_a_name(spelling)
    return name


def _not_a_name(spelling: str) -> ReadError:
    return ReadError(
        f"`{quote(spelling)}` is not a name", remedy="a name is letters, digits and an index: w1, w_{11}, δ2, w_bias"
    )


def _ascii(text: str) -> str:
    """A spelling with Greek, accents and index signs written out in ASCII."""
    out: list[str] = []
    run = ""
    for c in unicodedata.normalize("NFD", text[:400]) + " ":
        kind = "_" if c in SUBSCRIPTS else "^" if c in SUPERSCRIPTS else ""
        if run and kind != run[0]:
            out.append(f"{run[0]}{{{run[1:]}}}")
            run = ""
        if kind:
            sign = (SUBSCRIPTS if kind == "_" else SUPERSCRIPTS)[c]
            run = (run or kind) + LETTERS.get(sign, sign)
        elif c in LETTERS:
            out.append(f"\\{LETTERS[c]} ")
        elif c in COMBINING:
            out.append(f"\\~{COMBINING[c]} ")
        else:
            out.append({"′": "'", "’": "'", "″": "''", "∇": "\\nabla "}.get(c, c))
    return "".join(out).strip()


class _Scan:
    """A cursor over one spelling in ASCII."""

    def __init__(self, text: str, spelling: str) -> None:
        self.text, self.spelling, self.at = text, spelling, 0

    def rest(self) -> str:
        return self.text[self.at :].strip()

    def take(self, pattern: str) -> str:
        found = re.compile(r"\s*(?:" + pattern + ")", re.ASCII).match(self.text, self.at)
        if not found:
            return ""
        self.at = found.end()
        return found[0].strip()

    def name(self) -> str:
        lead = "nabla_" if self.take(r"\\nabla\b|nabla_") else ""
        if not lead and self.take(r"\\Delta\b(?=\s*[\\A-Za-z])(?!\s*\\~)"):
            lead = "Delta"
        base, accent = self.base()
        groups: list[list[str]] = []
        layer, primes = "", 0
        while True:
            if self.take("_"):
                groups.append(self.group().split(","))
            elif self.take(r"\^"):
                layer = self.layer()
            elif self.take("'"):
                primes += 1
            elif self.take(r"\\~(?=[a-z])"):
                accent = self.take("[a-z]+")
            elif not layer and not groups and (digits := self.take(r"\d+")):
                groups.append([digits])
            else:
                break
        if not layer:
            layer, groups = layer_first(groups)
        return compose(base, accent=accent, subs=[s for g in groups for s in g], layer=layer, primes=primes, lead=lead)

    def base(self) -> tuple[str, str]:
        if command := self.take(r"\\[A-Za-z]+"):
            word = command[1:]
            if word in COMMANDS:
                return COMMANDS[word], ""
            if word in ACCENT_COMMANDS or word in FONTS:
                braced = self.take(r"\{")
                inner = self.base() if not braced else (self.name(), "")
                if braced and not self.take(r"\}"):
                    raise _not_a_name(self.spelling)
                return inner[0], ACCENT_COMMANDS.get(word, inner[1])
            raise _not_a_name(self.spelling)
        word = self.take(r"[A-Za-z]+")
        if not word:
            raise _not_a_name(self.spelling)
        return word, ""

    def group(self) -> str:
        """What stands below: `1`, `{11}`, `{10,3}`, `bias`, `{n+1}`, `{\\mathrm{bias}}`."""
        if word := self.take("[A-Za-z0-9]+"):
            return word
        if command := self.take(r"\\[A-Za-z]+"):
            return COMMANDS.get(command[1:], "")
        if not self.take(r"\{"):
            raise _not_a_name(self.spelling)
        out = ""
        while not self.take(r"\}"):
            part = self.take(r"[A-Za-z0-9,+-]+|\\[A-Za-z]+|[{} ]")
            if not part:
                raise _not_a_name(self.spelling)
            if part.startswith("\\"):
                word = part[1:]
                if word in FONTS and self.take(r"\{"):
                    out += self.take("[A-Za-z0-9]+")
                    self.take(r"\}")
                elif word in COMMANDS:
                    out += COMMANDS[word]
                else:
                    raise _not_a_name(self.spelling)
            elif part not in "{}":
                out += part
        return out

    def layer(self) -> str:
        found = self.take(
            r"\{\s*\(\s*[A-Za-z0-9+-]+\s*\)\s*\}|\([A-Za-z0-9+-]+\)|\{\s*[lL](?:[+-]\d+)?\s*\}|[lL]|\{\+\}|\+"
        )
        if not found:
            raise _not_a_name(self.spelling)
        return found.strip("{}() ")


# ----------------------------------------------------------------------------------------------------------- printing
def unicode(name: str) -> str:
    """The name as a terminal shows it: δ2, η, ŷ, w1, w1_11, Δx."""
    n = parse(name)
    base = GREEK.get(n.base, n.base)
    if n.accent:
        base = unicodedata.normalize("NFC", base + ACCENTS[n.accent][0])
    lead = f"∇_{{{unicode(n.wrt)}}} " if n.wrt else {"nabla_": "∇", "Delta": "Δ"}.get(n.lead, "")
    return lead + _join(base, n.subs, n.layer) + "′" * n.primes


@lru_cache(maxsize=8192)
def latex(name: str) -> str:
    """The name in LaTeX: w_1, \\delta_2, w_{\\mathrm{bias}}, \\hat{y}, w^{(1)}_{11}; every character is escaped."""
    n = parse(name)
    base = _base_latex(n.base)
    if n.accent:
        base = f"\\{ACCENTS[n.accent][1]}{{{base}}}"
    below = ",".join(_index_latex(s) for s in n.subs)
    if len(n.subs) > 1 and all(len(s) == 1 for s in n.subs) and not n.layer:
        below = "".join(n.subs)
    lead = {"nabla_": "\\nabla ", "Delta": "\\Delta "}.get(n.lead, "")
    if n.wrt:
        lead = f"\\nabla_{{{latex(n.wrt)}}} "
    above = "^{+}" if n.layer == "+" else f"^{{({_signs(n.layer)})}}" if n.layer else ""
    below = f"_{below}" if len(below) == 1 else f"_{{{below}}}" if below else ""
    return lead + base + above + below + "'" * n.primes


def _base_latex(base: str) -> str:
    if base in GREEK:
        return f"\\{base}" if base not in ("omicron",) else "o"
    safe = "".join(c if c.isascii() and c.isalnum() else "\\_" if c == "_" else "" for c in base)
    return safe if len(safe) == 1 else f"\\mathrm{{{safe}}}"


def _index_latex(sub: str) -> str:
    shown = _signs(sub)
    if shown != sub or not sub.isalnum() or sub.isdigit() or len(sub) == 1 or _is_index(sub):
        return shown
    if sub in GREEK:
        return f"\\{sub}"
    letters = sum(c.isalpha() for c in sub)
    return sub if letters <= 2 else f"\\mathrm{{{_escape(sub)}}}"


def _escape(text: str) -> str:
    return "".join(c if c.isascii() and c.isalnum() else "\\_" if c == "_" else "" for c in text)


# -------------------------------------------------------------------------------------------------------- identifiers
_RESERVED = frozenset(keyword.kwlist) | frozenset(keyword.softkwlist) | frozenset(dir(builtins))


def identifier(name: str) -> str:
    """A Python identifier for a canonical name; two names may meet in one, see `identifiers`."""
    if name.isascii() and name.isidentifier() and "__" not in name and "_" not in (name[0], name[-1]):
        return f"{name}_" if name in _RESERVED else name
    text = name.replace("'", "_prime").replace("+", "plus").replace("-", "m")
    text = re.sub(r"[^A-Za-z0-9]+", "_", text).strip("_")
    if not text or not text[0].isalpha():
        text = f"v_{text}"
    return f"{text}_" if text in _RESERVED else text


def identifiers(names: Iterable[str], reserved: Iterable[str] = ()) -> dict[str, str]:
    """One identifier per name, all different, none a Python keyword or builtin; the order of `names` decides."""
    taken, out = set(reserved), {}
    for name in dict.fromkeys(names):
        word = first = identifier(name)
        count = 2
        while word in taken:
            word, count = f"{first}_{count}", count + 1
        taken.add(word)
        out[name] = word
    return out
