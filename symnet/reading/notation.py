"""The notation that is read, as tables: signs, LaTeX commands, relations, functions, words.

Nothing outside these tables is read: an unknown sign, command or function is an error that names it.
"""

from __future__ import annotations

import keyword
import unicodedata
from collections.abc import Callable
from fractions import Fraction

from .. import functions, names, operations
from ..functions import PI
from ..term import ONE, TWO, Term, add, div, fn, matmul, mul, neg, num, power, transpose

# -------------------------------------------------------------------------------------------------------------- signs
# a character → the operator that it stands for
SIGNS = {
    "+": "+", "-": "-", "−": "-", "–": "-", "‐": "-", "‑": "-", "*": "*", "∗": "*", "·": "*", "⋅": "*", "×": "*",
    "•": "*", "∙": "*", "/": "/", "÷": "/", "∕": "/", "⁄": "/", "^": "^", "±": "±", "∓": "∓", "⊙": ".*", "∘": ".*",
    "⊘": "./", "⊗": "⊗", "=": "=", "<": "<", ">": ">", "≤": "<=", "≥": ">=", "⩽": "<=", "⩾": ">=", "≠": "!=",
    "≈": "≈", "≅": "≈", "≃": "≈", "∼": "≈", "≐": "≈", "≡": "=", "≔": ":=", "←": "←", "→": "→", "↦": "→", "∈": "∈",
    "⇒": "→", "⟹": "→", "⟶": "→", "⇔": "→", "⟺": "→", "∴": "→", "@": "*", "⌊": "⌊", "⌋": "⌋", "⌈": "⌈", "⌉": "⌉",
    ",": ",", ";": ";", ":": ":", "|": "|", "∣": "|", "‖": "‖", "∥": "‖", "√": "√", "∛": "∛", "∂": "∂", "𝜕": "∂",
    "∇": "∇", "𝛻": "∇", "∑": "∑", "∏": "∏", "∫": "∫", "∞": "∞", "ᵀ": "ᵀ", "⊤": "⊤", "′": "'", "’": "'", "'": "'",
    "ʹ": "'", "″": "''", "!": "!", "∧": "and", "∨": "or", "¬": "not", "…": "…", "⋯": "…", "~": "≈",
}  # fmt: skip
LONG_SIGNS = {
    "**": "^", ".*": ".*", "./": "./", ".^": ".^", "<=": "<=", ">=": ">=", "!=": "!=", ":=": ":=", "<-": "←",
    "->": "→", "=>": "→", "||": "‖", "~=": "≈", "+=": "+=", "-=": "-=", "−=": "-=", "...": "…", "==": "==",
    "\\\\": "row", "..": "..",
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
NUMBERS = dict(zip("ℝℤℕℚℂ", "RZNQC", strict=True))  # C ∈ ℝ
LOWERED = names.SUBSCRIPTS | {"₌": "="}  # Σᵢ₌₁ⁿ
INVISIBLE = frozenset("\u2061\u2062")  # function application, times
LOOKALIKES = dict(zip("хосеаріуʹАВЕКМНОРСТХαο", "xoceapiy'ABEKMHOPCTXao", strict=True)) | dict(
    zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX", strict=True)
)
LOOKALIKES.pop("α"), LOOKALIKES.pop("ʹ")

# 𝑥, 𝐱, 𝜎: the letters of formula editors, each as the plain letter (one character for one)
STYLED = {
    code: names.LETTERS.get(plain, plain) if len(names.LETTERS.get(plain, plain)) == 1 else plain
    for code in (*range(0x1D400, 0x1D7CC), 0x210E)
    if (plain := unicodedata.normalize("NFKC", chr(code))) in names.LETTERS or (plain.isascii() and plain.isalpha())
}
RELATIONS = frozenset({"=", "≈", ":=", "←", "+=", "-=", "→"})
COMPARISONS = frozenset({"<", "<=", ">", ">=", "!="})

# -------------------------------------------------------------------------------------------------------------- LaTeX
# a command → the operator that it stands for
COMMANDS = {
    "cdot": "*", "times": "*", "ast": "*", "star": "*", "bullet": "*", "div": "/", "odot": ".*", "circ": ".*",
    "oslash": "./", "otimes": "⊗", "pm": "±", "mp": "∓", "le": "<=", "leq": "<=", "leqslant": "<=", "ge": ">=",
    "geq": ">=", "geqslant": ">=", "ne": "!=", "neq": "!=", "lt": "<", "gt": ">", "approx": "≈", "cong": "≈",
    "simeq": "≈", "sim": "≈", "doteq": "≈", "approxeq": "≈", "equiv": "=", "triangleq": "=", "coloneqq": ":=",
    "to": "→", "rightarrow": "→", "longrightarrow": "→", "mapsto": "→", "Rightarrow": "→", "implies": "→",
    "Longrightarrow": "→", "therefore": "→", "iff": "→", "Leftrightarrow": "→", "longmapsto": "→", "leftarrow": "←",
    "gets": "←", "longleftarrow": "←", "Leftarrow": "←", "in": "∈", "partial": "∂", "nabla": "∇", "sum": "∑",
    "prod": "∏", "int": "∫", "infty": "∞", "lvert": "|", "rvert": "|", "vert": "|", "mid": "|", "lVert": "‖",
    "rVert": "‖", "Vert": "‖", "|": "‖", "top": "⊤", "intercal": "⊤", "prime": "'", "dots": "…", "ldots": "…",
    "cdots": "…", "land": "and", "wedge": "and", "lor": "or", "vee": "or", "neg": "not", "lnot": "not",
    "lim": "lim", "over": "over", "colon": ":", "\\": "row", "cr": "row", "surd": "√", "dagger": "⊤",
    "lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉",
}  # fmt: skip
BRACKETS = {"langle": "⟨", "rangle": "⟩", "{": "set{", "}": "}set", "lbrace": "set{", "rbrace": "}set",
            "lbrack": "[", "rbrack": "]", "lparen": "(", "rparen": ")"}  # fmt: skip
BLANK = frozenset({
    ",", ";", ":", "!", " ", ">", "quad", "qquad", "thinspace", "medspace", "thickspace", "enspace", "space",
    "displaystyle", "textstyle", "scriptstyle", "limits", "nolimits", "nonumber", "notag", "hfill", "left", "right",
    "middle", "big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr", "biggl", "biggr", "Biggl", "Biggr",
    "bigm", "mathstrut", "strut", "/", "relax", "-",
})  # fmt: skip
FRAMES = frozenset({"boxed", "fbox"})
TEXTS = frozenset({"text", "textbf", "textrm", "textit", "mbox"})
# commands that go with the group behind them
UNSEEN = frozenset({"hspace", "vspace", "mspace", "tag", "label", "color", "textcolor", "phantom", "hphantom",
                    "vphantom"})  # fmt: skip
SIZED = frozenset({"left", "right", "middle"})
FRACTIONS = frozenset({"frac", "dfrac", "tfrac", "cfrac"})
MATRICES = frozenset({"matrix", "pmatrix", "bmatrix", "Bmatrix", "smallmatrix", "array"})
PAGES = frozenset({"align", "align*", "aligned", "equation", "equation*", "gather", "gather*", "gathered", "split",
                   "multline", "multline*", "eqnarray", "eqnarray*", "alignat", "displaymath", "math"})  # fmt: skip
MATHLIVE = {"differentialD": "d", "exponentialE": "e", "mathrmd": "d"}

# ---------------------------------------------------------------------------------------------------------- functions
# Elementwise functions and array operations come from their tables; here are only further spellings of them.
SPELLINGS = {
    "ln": "log", "tg": "tan", "ctg": "cot", "cotan": "cot", "arctg": "atan", "argsinh": "asinh",
    "argcosh": "acosh", "argtanh": "atanh", "sgn": "sign",
}  # fmt: skip
# functions that may stand without parentheses and be glued to their argument: sin x, sinx, lnx
CLASSICAL = frozenset({
    "sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh", "coth", "sech", "csch", "arcsin", "arccos",
    "arctan", "asin", "acos", "atan", "exp", "log", "ln", "lg", "lb", "sqrt", "tg", "ctg", "arctg", "cosec", "arccot",
    "arcsec", "arccsc", "cosech", "asec", "acsc", "acot",
})  # fmt: skip
# functions that may stand before a bare argument: tanh x, relu z
BARE = CLASSICAL | (
    frozenset(functions.ALIASES) - {"id", "linear", "identity", "step", "heaviside", "unit_step", "abs",
                                    "sigma", "σ", "√", "mish"}
)  # fmt: skip
GLUED = CLASSICAL - {"lg", "lb", "tg", "ctg", "arctg"}
INVERSES = {"sin": "asin", "cos": "acos", "tan": "atan", "sinh": "asinh", "cosh": "acosh", "tanh": "atanh",
            "cot": "acot", "sec": "asec", "csc": "acsc"}  # fmt: skip
JOINT = {("log", "det"): "logdet", ("log", "softmax"): "logsoftmax"}  # \log\det X
# functions that are read as a formula of functions of the table; arccot has the values 0 … π
DEFINED: dict[str, Callable[..., Term]] = {
    "sech": lambda x: div(ONE, fn("cosh", x)), "csch": lambda x: div(ONE, fn("sinh", x)),
    "coth": lambda x: div(fn("cosh", x), fn("sinh", x)), "asec": lambda x: fn("acos", div(ONE, x)),
    "acsc": lambda x: fn("asin", div(ONE, x)), "acot": lambda x: add(div(PI, TWO), neg(fn("atan", x))),
    "log1p": lambda x: fn("log", add(ONE, x)), "expm1": lambda x: add(fn("exp", x), neg(ONE)),
    "exp2": lambda x: power(TWO, x), "cbrt": lambda x: power(x, num(Fraction(1, 3))),
    "square": lambda x: power(x, TWO), "rsqrt": lambda x: div(ONE, fn("sqrt", x)),
    "hypot": lambda x, y: fn("sqrt", add(power(x, TWO), power(y, TWO))),
    "outer": lambda x, y: matmul(x, transpose(y)) if x.shape or y.shape else mul(x, Term("T", (y,))),
}  # fmt: skip
DEFINED |= {"cosech": DEFINED["csch"], "arcsec": DEFINED["asec"], "arccsc": DEFINED["acsc"],
            "arccot": DEFINED["acot"], "arcctg": DEFINED["acot"]}  # fmt: skip
LOG_BASES = {"lg": 10, "lb": 2} | {f"log{base}": base for base in range(2, 21)}
SEVERAL = frozenset({"max", "min"})
ROUNDING = {"floor": "floor", "ceil": "ceil", "ceiling": "ceil"}
ROUNDED = {"⌊": ("floor", "⌋"), "⌈": ("ceil", "⌉")}
# np.exp(x), tf.nn.relu(z), F.softplus(z) are exp(x), relu(z), softplus(z)
MODULES = frozenset({"np", "numpy", "math", "torch", "tf", "jnp", "jax", "sp", "sympy", "Math", "F", "nn", "scipy",
                     "keras", "cmath"})  # fmt: skip
PACKAGES = frozenset({"nn", "math", "special", "functional", "numpy", "activations", "linalg"})
SAMPLES = frozenset({"softmax", "logsoftmax", "lse"})  # of an array; of a scalar they are unknown functions
OPERATIONS = {
    "Max": "max", "Min": "min", "maximum": "max", "minimum": "min", "trace": "tr", "Tr": "tr", "Trace": "tr",
    "transpose": "T", "hadamard": "hadamard", "identity": "eye", "norm": "norm2", "logsumexp": "lse", "Diag": "diag",
    "determinant": "det", "inverse": "inv",
}  # fmt: skip
# conv_{1,0}(X, K): the stride and the padding, the window and the stride; corr_{1,0} lacks the size of its result
WINDOWED = {"conv": "conv", "maxpool": "max_pool", "unpool": "unpool", "picked": "picked", "corr": None}
CONSTANTS = {"e": "e", "pi": "pi", "oo": "oo", "inf": "oo", "infinity": "oo", "infty": "oo"}


# Sin x, SIN(X), ArcTan[x], Exp(-z): the functions of systems and of keyboards that begin with a capital
CAPITALS = {
    spelling: word
    for word in sorted(CLASSICAL - {"lg", "lb", "tg"} | {"abs", "sign", "arcsinh", "arccosh", "arctanh"})
    for spelling in (word.capitalize(), word.upper(), f"Arc{word[3:].capitalize()}")
    if spelling.lower() == word
}


def elementwise(word: str) -> str | None:
    """The elementwise function of that name, or None."""
    return functions.ALIASES.get(word) or SPELLINGS.get(word)


def operation(word: str) -> str | None:
    """The array operation of that name, or None."""
    return word if operations.is_operation(word) else OPERATIONS.get(word)


# SymPy's own printed syntax, what `str` of a Term uses, and the calls of other systems that mean the same
FORMS = frozenset({
    "Piecewise", "Derivative", "diff", "Integral", "Sum", "Limit", "Partial", "Rational", "vector", "set", "apply",
    "applyprime", "pm", "log", "Pow", "pow", "Mul", "Add", "root", "integrate", "Integrate", "summation", "limit",
    "power", "where", "dot", "matmul", "multiply",
})  # fmt: skip
SYSTEM_FORMS = {"D": "diff", "int": "integrate", "IF": "where"}  # D[f, x], int(f, x), IF(x > 0, a, b)


def is_function(word: str) -> bool:
    tables = (LOG_BASES, FORMS, ROUNDING, DEFINED)
    return bool(elementwise(word) or operation(word)) or any(word in table for table in tables)


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
    "an",
})  # fmt: skip
# words that are factors also beside a space: lr grad, 2 error
FACTORS = frozenset({
    "loss", "cost", "error", "grad", "gradient", "bias", "rate", "target", "output", "input", "slope", "weight",
    "delta", "mean", "momentum", "rho", "base", "height", "width", "length", "mass", "speed", "time",
}) | NAMES  # fmt: skip
DIFFERENTIALS = frozenset({"dx", "dy", "dt", "du", "dv"})
BETWEEN = frozenset({
    "of", "at", "is", "to", "be", "it", "an", "we", "so", "new", "old", "by", "on", "from", "because", "since",
    "then", "than", "that", "this", "which", "while", "until", "unless", "whenever", "have", "must", "will", "would",
    "should", "could", "also", "only", "both", "either", "neither", "hence", "thus", "therefore", "implies", "means",
    "into", "over", "times", "plus", "minus", "divided", "squared", "cubed", "using", "given", "there", "here",
    "what", "does", "such", "same", "has", "was", "but", "are", "can", "may", "its", "one", "two", "six", "ten",
    "few", "equation", "function", "formula", "constant", "variable", "respect", "according", "assuming", "half",
    "twice", "double", "triple", "negative", "positive",
})  # fmt: skip
REASONS = frozenset({"because", "since", "as"})
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
TIME = frozenset({"t", "n", "k", "i", "j", "s"})
LAYERED = frozenset({"a", "z", "w", "b", "W", "B", "A", "Z", "h", "o", "delta", "Delta", "y", "v", "u"})
ACCENTS = names.ACCENT_COMMANDS
