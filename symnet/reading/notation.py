"""The notation that is read, as tables: signs, LaTeX commands, relations, functions, words.

Nothing outside these tables is read: an unknown sign, command or function is an error that names it.
"""

from __future__ import annotations

import keyword
from fractions import Fraction

from .. import functions, names, operations

# -------------------------------------------------------------------------------------------------------------- signs
# a character → the operator that it stands for
SIGNS = {
    "+": "+", "-": "-", "−": "-", "–": "-", "‐": "-", "‑": "-", "*": "*", "∗": "*", "·": "*", "⋅": "*", "×": "*",
    "•": "*", "∙": "*", "/": "/", "÷": "/", "∕": "/", "⁄": "/", "^": "^", "±": "±", "∓": "∓", "⊙": ".*", "∘": ".*",
    "⊘": "./", "⊗": "⊗", "=": "=", "<": "<", ">": ">", "≤": "<=", "≥": ">=", "⩽": "<=", "⩾": ">=", "≠": "!=",
    "≈": "≈", "≅": "≈", "≃": "≈", "∼": "≈", "≐": "≈", "≡": "=", "≔": ":=", "←": "←", "→": "→", "↦": "→", "∈": "∈",
    ",": ",", ";": ";", ":": ":", "|": "|", "∣": "|", "‖": "‖", "∥": "‖", "√": "√", "∛": "∛", "∂": "∂", "𝜕": "∂",
    "∇": "∇", "∑": "∑", "∏": "∏", "∫": "∫", "∞": "∞", "ᵀ": "ᵀ", "⊤": "⊤", "′": "'", "’": "'", "'": "'", "ʹ": "'",
    "″": "''", "!": "!", "∧": "and", "∨": "or", "¬": "not", "…": "…", "⋯": "…", "~": "≈",
}  # fmt: skip
LONG_SIGNS = {
    "**": "^", ".*": ".*", "./": "./", ".^": ".^", "<=": "<=", ">=": ">=", "!=": "!=", ":=": ":=", "<-": "←",
    "->": "→", "=>": "→", "||": "‖", "~=": "≈", "+=": "+=", "-=": "-=", "−=": "-=", "...": "…", "==": "==",
    "\\\\": "row",
}  # fmt: skip
OPEN = {"(": ")", "[": "]", "{": "}", "⟨": "⟩", "〈": "〉", "⟦": "⟧"}
CLOSE = {close: open_ for open_, close in OPEN.items()}
VULGAR = {
    "½": Fraction(1, 2), "⅓": Fraction(1, 3), "⅔": Fraction(2, 3), "¼": Fraction(1, 4), "¾": Fraction(3, 4),
    "⅕": Fraction(1, 5), "⅖": Fraction(2, 5), "⅗": Fraction(3, 5), "⅘": Fraction(4, 5), "⅙": Fraction(1, 6),
    "⅚": Fraction(5, 6), "⅐": Fraction(1, 7), "⅛": Fraction(1, 8), "⅜": Fraction(3, 8), "⅝": Fraction(5, 8),
    "⅞": Fraction(7, 8), "⅑": Fraction(1, 9), "⅒": Fraction(1, 10),
}  # fmt: skip
SPACES = frozenset(" \t\n\r\f\v\u00a0\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000")
LOOKALIKES = dict(zip("хосеаріуʹАВЕКМНОРСТХαο", "xoceapiy'ABEKMHOPCTXao", strict=True)) | dict(
    zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX", strict=True)
)
LOOKALIKES.pop("α"), LOOKALIKES.pop("ʹ")

RELATIONS = frozenset({"=", "≈", ":=", "←", "+=", "-=", "→"})
COMPARISONS = frozenset({"<", "<=", ">", ">=", "!="})

# -------------------------------------------------------------------------------------------------------------- LaTeX
# a command → the operator that it stands for
COMMANDS = {
    "cdot": "*", "times": "*", "ast": "*", "star": "*", "bullet": "*", "div": "/", "odot": ".*", "circ": ".*",
    "oslash": "./", "otimes": "⊗", "pm": "±", "mp": "∓", "le": "<=", "leq": "<=", "leqslant": "<=", "ge": ">=",
    "geq": ">=", "geqslant": ">=", "ne": "!=", "neq": "!=", "lt": "<", "gt": ">", "approx": "≈", "cong": "≈",
    "simeq": "≈", "sim": "≈", "doteq": "≈", "approxeq": "≈", "equiv": "=", "triangleq": "=", "coloneqq": ":=",
    "to": "→", "rightarrow": "→", "longrightarrow": "→", "mapsto": "→", "Rightarrow": "→", "leftarrow": "←",
    "gets": "←", "longleftarrow": "←", "Leftarrow": "←", "in": "∈", "partial": "∂", "nabla": "∇", "sum": "∑",
    "prod": "∏", "int": "∫", "infty": "∞", "lvert": "|", "rvert": "|", "vert": "|", "mid": "|", "lVert": "‖",
    "rVert": "‖", "Vert": "‖", "|": "‖", "top": "⊤", "intercal": "⊤", "prime": "'", "dots": "…", "ldots": "…",
    "cdots": "…", "land": "and", "wedge": "and", "lor": "or", "vee": "or", "neg": "not", "lnot": "not",
    "lim": "lim", "over": "over", "colon": ":", "\\": "row", "cr": "row", "surd": "√", "dagger": "⊤",
}  # fmt: skip
BRACKETS = {"langle": "⟨", "rangle": "⟩", "{": "set{", "}": "}set", "lbrace": "set{", "rbrace": "}set",
            "lbrack": "[", "rbrack": "]", "lparen": "(", "rparen": ")"}  # fmt: skip
BLANK = frozenset({
    ",", ";", ":", "!", " ", ">", "quad", "qquad", "thinspace", "medspace", "thickspace", "enspace", "space",
    "displaystyle", "textstyle", "scriptstyle", "limits", "nolimits", "nonumber", "notag", "hfill", "left", "right",
    "middle", "big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr", "biggl", "biggr", "Biggl", "Biggr",
    "bigm", "mathstrut", "strut", "/", "relax", "-",
})  # fmt: skip
SIZED = frozenset({"left", "right", "middle"})
FRACTIONS = frozenset({"frac", "dfrac", "tfrac", "cfrac"})
MATRICES = frozenset({"matrix", "pmatrix", "bmatrix", "Bmatrix", "smallmatrix", "array"})
PAGES = frozenset({"align", "align*", "aligned", "equation", "equation*", "gather", "gather*", "gathered", "split",
                   "multline", "multline*", "eqnarray", "eqnarray*", "alignat", "displaymath", "math"})  # fmt: skip
MATHLIVE = {"differentialD": "d", "exponentialE": "e", "mathrmd": "d"}

# ---------------------------------------------------------------------------------------------------------- functions
# Elementwise functions and array operations come from their tables; here are only further spellings of them.
SPELLINGS = {
    "ln": "log", "tg": "tan", "ctg": "cot", "cotan": "cot", "arctg": "atan", "arcctg": "acot", "argsinh": "asinh",
    "argcosh": "acosh", "argtanh": "atanh", "arccot": "acot", "floor": "floor", "ceil": "ceil", "ceiling": "ceil",
    "sech": "sech", "csch": "csch", "cosech": "csch", "coth": "coth", "acot": "acot",
}  # fmt: skip
# functions that may stand without parentheses and be glued to their argument: sin x, sinx, lnx
CLASSICAL = frozenset({
    "sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh", "coth", "sech", "csch", "arcsin", "arccos",
    "arctan", "asin", "acos", "atan", "exp", "log", "ln", "lg", "lb", "sqrt", "tg", "ctg", "arctg", "cosec",
})  # fmt: skip
# functions that may stand before a bare argument: tanh x, relu z
BARE = CLASSICAL | (
    frozenset(functions.ALIASES) - {"id", "linear", "identity", "step", "heaviside", "unit_step", "abs",
                                    "sigma", "σ", "√", "mish"}
)  # fmt: skip
GLUED = CLASSICAL - {"lg", "lb", "tg", "ctg", "arctg"}
INVERSES = {"sin": "asin", "cos": "acos", "tan": "atan", "sinh": "asinh", "cosh": "acosh", "tanh": "atanh",
            "cot": "acot"}  # fmt: skip
JOINT = {("log", "det"): "logdet", ("log", "softmax"): "logsoftmax"}  # \log\det X
QUOTIENTS = {"sech": "cosh", "csch": "sinh"}  # 1/cosh, where the table of functions has no row of that name
LOG_BASES = {"lg": 10, "lb": 2, "log10": 10, "log2": 2}
SEVERAL = frozenset({"max", "min"})
SAMPLES = frozenset({"softmax", "logsoftmax", "lse"})  # of an array; of a scalar they are unknown functions
OPERATIONS = {
    "Max": "max", "Min": "min", "maximum": "max", "minimum": "min", "trace": "tr", "Tr": "tr", "Trace": "tr",
    "transpose": "T", "hadamard": "hadamard", "identity": "eye", "norm": "norm2", "logsumexp": "lse", "Diag": "diag",
    "determinant": "det", "inverse": "inv",
}  # fmt: skip
CONSTANTS = {"e": "e", "pi": "pi", "oo": "oo", "inf": "oo", "infinity": "oo", "infty": "oo"}


def elementwise(word: str) -> str | None:
    """The elementwise function of that name, or None."""
    return functions.ALIASES.get(word) or SPELLINGS.get(word)


def operation(word: str) -> str | None:
    """The array operation of that name, or None."""
    return word if operations.is_operation(word) else OPERATIONS.get(word)


# SymPy's own printed syntax, and what `str` of a Term uses
FORMS = frozenset({
    "Piecewise", "Derivative", "diff", "Integral", "Sum", "Limit", "Partial", "Rational", "vector", "set", "apply",
    "pm", "log", "Pow", "pow", "Mul", "Add", "root",
})  # fmt: skip


def is_function(word: str) -> bool:
    return bool(elementwise(word) or operation(word)) or word in LOG_BASES or word in FORMS


# -------------------------------------------------------------------------------------------------------------- words
KEYWORDS = {"if": "if", "for": "if", "when": "if", "else": "else", "otherwise": "otherwise", "or": "or", "and": "and",
            "not": "not", "with": "with", "where": "with", "as": "as", "elif": "elif"}  # fmt: skip
REFUSED = (frozenset(keyword.kwlist) - set(KEYWORDS) - {"lambda"}) | {"nan", "NaN", "None", "True", "False", "eval"}
# words of three letters and acronyms that are one name, not a product of letters
NAMES = frozenset({
    "lr", "dw", "db", "dz", "da", "dW", "dB", "dZ", "dA", "net", "out", "err", "tar", "hid",
    "eps", "mse", "sse", "rss", "mae", "bce", "rmse", "acc", "avg", "tot",
    "MSE", "SSE", "RSS", "MAE", "BCE", "RMSE", "KL", "CE", "obj"
})  # fmt: skip
# operators that need brackets or bounds: without them they would be products of letters
NEEDY = {"max": "max(0, x)", "min": "min(x, y)", "sum": "sum_{i=1}^n x_i", "det": "det(X)", "int": "∫ x^2 dx",
         "arg": "", "sup": "", "mod": ""}  # fmt: skip
# words that begin or end with the name of a function and are a word all the same
WORDS = frozenset({
    "cost", "costs", "logit", "logits", "loss", "losses", "expected", "expect", "exponent", "signal", "since", "sine",
    "single", "secant", "second", "tangent", "logic", "using", "exper", "tank", "costo", "sinks", "test", "step",
    "mean", "mask", "true", "data", "wish", "steps", "size", "side", "sort", "task", "soft", "rate", "gain", "grad",
    "grads", "beta", "best", "base", "bias", "biases", "sigma", "theta",
})  # fmt: skip
# words that may stand before a formula and say nothing about it
PROSE = frozenset({
    "let", "next", "then", "so", "thus", "hence", "therefore", "we", "get", "have", "the", "derivative", "answer",
    "result", "value", "maximum", "minimum", "slope", "of", "is", "gradient", "equals", "now", "because", "since",
    "finally", "first", "also", "that", "gives", "new", "old", "equal", "to", "at", "obtain", "it", "follows", "be",
    "an", "i",
})  # fmt: skip
DIFFERENTIALS = frozenset({"dx", "dy", "dt", "du", "dv"})
BETWEEN = frozenset({"of", "at", "is", "to", "be", "it", "an", "we", "so", "new", "old", "by", "on", "from"})
# functions that are not read, and what to write
FOREIGN = {
    "gcd": "write the number", "lcm": "write the number", "sig": "write sigmoid(x)", "Cov": "write the sum out",
    "Var": "write the sum out", "var": "write the sum out", "std": "write the sum out", "cov": "write the sum out",
    "Std": "write the sum out", "atan2": "write atan(y/x)", "arctan2": "write atan(y/x)", "mod": "write it out",
    "argmax": "stationary points are found by `stationary`", "argmin": "stationary points are found by `stationary`",
    "deg": "write pi/180", "rad": "leave it out: angles are in radians", "round": "", "fact": "write the product",
}  # fmt: skip
# words that stand below a name and are no row of index letters, also under a Σ
INDEX_WORDS = frozenset({"out", "net", "old", "new", "max", "min", "tot", "avg", "est", "hid", "ref", "err", "obs",
                         "opt", "end", "mid", "eff", "dim", "num", "pos", "neg", "reg"})  # fmt: skip
PROSE_STARTS = PROSE - {"of", "to", "an", "be", "at", "i", "it", "is", "equal", "value", "old", "new"}
TIME = frozenset({"t", "n", "k", "i", "j", "s"})
LAYERED = frozenset({"a", "z", "w", "b", "W", "B", "A", "Z", "h", "o", "delta", "Delta", "y", "v", "u"})
ACCENTS = names.ACCENT_COMMANDS
