"""From what was typed to lines that can be read: labels, comments and joining words say nothing about a formula."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ...names import SUBSCRIPTS
from ..forms import percent

RELATION = r"(?:<-|->|<=|>=|=|≈|≅|≃|≐|≡|≔|←|→|↦|\\(?:approx|leftarrow|gets|equiv|coloneqq|to|rightarrow)\b)"
JOINERS = (
    "where|with|so that|so|thus|hence|therefore|then|because|since|using|which gives|which is|gives|we get|i\\.e\\."
)
# what is rewritten before a line is read, in this order
REWRITES: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = tuple(
    (re.compile(pattern), by)
    for pattern, by in (
        (r"[ \t\u00a0\u2000-\u200a\u202f]+", " "),
        (r"(?<![\w.,])(\d+(?:\.\d+)?)\s?\\?%(?=\s*(?:$|[,;]))", percent),
        (r"(?<=[=≈])(\s*[-−]?(?:0|\d+(?!,\d{3}(?!\d)))),(\d+)(?=\s*(?:$|;|=|≈))", r"\1.\2"),
        (r"#.*|(?<![\\\d])%.*$|^\s*```.*$|[✓✔☑]", ""),
        (r"\$+|\\[\[\]]|\\(?:begin|end)\{(?:align|equation|gather|split|aligned|gathered|eqnarray|multline)\*?\}", " "),
        (r"\\(?:text|mathrm|textrm|mbox)\s*\{\s*(?:" + JOINERS + r"|and|let|Let)\s*[,:]?\s*\}", " ; "),
        (r"[⇒⟹∴∵⟶]|\\(?:Rightarrow|implies|therefore|because|Longrightarrow)\b|=>|(?<=\s)==>(?=\s)", " ; "),
        (r"((?:=|≈|←).*?[\w)\]}²])\.\s+(?=[A-Z∂δ\\])", r"\1 ; "),
        (r"\\q?quad\b", " "),
        (r"⁺(?![⁰-⁹⁽ᵗ])", "^+ "),
        (r"\^\s*\{?\s*\(?\s*(?:\\(?:text|mathrm)\s*\{)?\s*(?:neu|updated|next)\s*\}?\s*\)?\s*\}?", "_new"),
        (r"\(\s*(?:new|neu|updated)\s*\)", "_new"),
        (r"\bnew\s+(\\?[^\W\d_]{1,20}_?\{?\w{0,20}\}?)(?=\s*(?:=|←|:=|≈|\\leftarrow|\\approx))", r"\1_new"),
        (r"_\{\s*([A-Za-z]+)_\{?(\w+)\}?\s*\}", r"_{\1\2}"),
        (r"(?<=[\w)])\.T\b", "^T "),
        (r"(?<=[\w)'}])\s*@\s*(?=[\w(])", " * "),
        (r"\bnp\.(?=[a-z])", ""),
        (r"^\s*(?:[Ff]or|[Gg]iven|[Aa]t|[Ff]rom|[Ii]f)\s*(?:that\s+)?:?\s+(?=[^\W\d_]\w{0,6}\s*=)", ""),
        (r"[,:]?\s+(?:we (?:have|get|find|obtain)|one (?:has|gets))\b[,:]?", " ; "),
        (r"\b(?:grad|Grad)\s+(?=[A-Za-z])", "grad_"),
        (r"\band\s+(?=[-−\d.]+\s+(?:for|if|when)\b)", ", "),
        (r"(?<![\w\\])(?i:" + JOINERS + r")\b(?=[\s,])[,:]?", " ; "),
        (r"(?<![\w\\])(?:[Ll]et|[Dd]efine|[Pp]ut|[Ss]et)\s+(?=\S+\s*:?=)", " ; "),
    )
)
LABEL = re.compile(
    r"\s*(?:\(?\d{1,2}[.)]\s+|\([a-z0-9]{1,3}\)\s+|[•▪‣]\s*|\*\s+|(?:step|line)\s*\d+\s*[.:)]|[^\W\d_][^\W\d_ -]*"
    r"(?:[ -]+[\w()-]+){0,6}\s*:(?!=)\s*)",
    re.IGNORECASE,
)
QUANTITY = re.compile(  # `∂E/∂w1: …` for `∂E/∂w1 = …`
    r"^(\s*(?:[^\s:=]{0,30}\s*/\s*\S{1,30}|\\frac\s*\{.{1,40}\}|[^\W\d]{1,8}[\d₀-₉]+))\s*:\s+(?=\S)"
)
WORDS = re.compile(r"[\s\w.,:;!?'’()\-–—*&]*$")
BULLET = re.compile(r"\s*[-–−]\s+(?=\S)")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the answer: its number as typed, its text, and what is left of it to be read."""

    number: int
    typed: str
    text: str

    @property
    def goes_on(self) -> bool:
        """Whether it begins with a relation and so continues the line above: `= (a2 − t) a2 (1 − a2)`."""
        return re.match(r"\s*&?\s*(?:=(?!=)|≈|\\approx\b|\\equiv\b|≡)", self.text) is not None

    @property
    def is_comment(self) -> bool:
        """Words without a formula; a formula without a relation is none."""
        bare = not re.search(RELATION, self.text) and WORDS.match(self.text) is not None
        return bare and re.search(r"[^\W\d_]{3,}", self.text.replace("delta", "")) is not None


# a page that holds one of these is NumPy's: its * and ** are elementwise, only @ is the matrix product
NUMPY = re.compile(r"(?<=[\w)\]'])\s*@\s*(?=[\w(])|\baxis\s*=\s*-?\d|\bnp\.(?:sum|mean|outer)\b")
SUMS = {("sum", "0"): "colsum({0})'", ("sum", "1"): "rowsum({0})",
        ("mean", "0"): "colmean({0})'", ("mean", "1"): "rowmean({0})"}  # fmt: skip
AXIS = r"(?:axis\s*=\s*)?(?P<axis>[01])\s*(?:,\s*keepdims\s*=\s*\w+\s*)?\)"
CALL = re.compile(r"\b(?:np|numpy|jnp)\.(?P<name>sum|mean)\s*(?=\()")
METHOD = re.compile(rf"\.(?P<name>sum|mean)\s*\(\s*{AXIS}")


def from_numpy(line: str) -> str:
    """`X.T @ (d * h**2)` and `d.sum(axis=0)` in the notation of matrix programs.

    >>> from_numpy("db = np.sum(P - Y, axis=0)"), from_numpy("dZ * (1 - H**2)")
    ("db = colsum(P - Y)'", 'dZ .* (1 - H .^ 2)')
    """
    while (found := CALL.search(line)) is not None:
        end = _closing(line, found.end())
        if end == len(line):  # a bracket that is not closed is refused where it is read
            return line
        inside = line[found.end() + 1 : end]
        inner = re.fullmatch(rf"(?P<of>.*?)\s*,\s*{AXIS}", inside + ")")
        of, axis = (inner["of"], inner["axis"]) if inner else (inside, "")
        summed = SUMS.get((found["name"], axis), found["name"] + "({0})").format(of)
        line = line[: found.start()] + summed + line[end + 1 :]
    while (found := METHOD.search(line)) is not None:
        start = _operand(line, found.start())
        summed = SUMS[found["name"], found["axis"]].format(line[start : found.start()])
        line = line[:start] + summed + line[found.end() :]
    return re.sub(r"\s*(?<!\.)\*\s*", " .* ", re.sub(r"\s*\*\*\s*", " .^ ", line))


def _closing(text: str, at: int) -> int:
    """The place of the bracket that closes the one at this place, or the end."""
    depth = 0
    for i in range(at, len(text)):
        depth += (text[i] == "(") - (text[i] == ")")
        if depth == 0:
            return i
    return len(text)


def _operand(text: str, end: int) -> int:
    """Where the name or the bracket begins that ends at this place."""
    depth, i = 0, end
    while i > 0 and (depth or text[i - 1] == ")" or text[i - 1].isalnum() or text[i - 1] in "_."):
        depth += (text[i - 1] == ")") - (text[i - 1] == "(")
        i -= 1
        if depth == 0 and text[i] == "(":
            break
    return i


def rows(answer: str) -> Iterator[Row]:
    """The lines that hold something, each under the number of the line on which it begins."""
    lines = answer.split("\n")
    if NUMPY.search(answer):
        lines = [from_numpy(line) for line in lines]
    filled = [line for line in lines if line.strip()]
    if len(filled) > 1 and all(BULLET.match(line) for line in filled):  # a list, not a page of negatives
        lines = [BULLET.sub("", line, count=1) for line in lines]
    at = 0
    while at < len(lines):
        first, body = at, lines[at]
        while body.count("\\begin{cases}") > body.count("\\end{cases}") and at + 1 < len(lines):
            at += 1
            body += " " + lines[at]
        at += 1
        text = cleaned(body)
        if text.strip(" ;.,&\\\r\t"):
            yield Row(first + 1, body.strip(), text)


def cleaned(line: str) -> str:
    """A line without its label, its comment and its joining words."""
    for pattern, by in REWRITES:
        line = pattern.sub(by, line)
    if not re.search(RELATION, line):
        line = QUANTITY.sub(r"\1 = ", line, count=1)
    label = LABEL.match(line)
    if label and not re.search(RELATION, label[0].rstrip(": \t")):
        line = line[label.end() :]
    line = re.sub(r"(?:\s*[;,]\s*)*;(?:\s*[;,])*", " ; ", line)
    return re.sub(r"^[\s;,]+|[\s;,.:]+$", "", line)


def plain(text: str) -> str:
    """The text with indices beside their names and without LaTeX braces, for finding names in it."""
    for sign, letter in SUBSCRIPTS.items():
        text = text.replace(sign, letter)
    return re.sub(r"\\(?:mathrm|text|left|right|,|;|!)|[_{}\\]", "", text)
