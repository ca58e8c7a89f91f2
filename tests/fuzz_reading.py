"""Texts from a mutating grammar, for the fuzz test of the reader: pieces of every notation, spliced and damaged."""

import random

PIECES = [
    "x", "w1", "w_1", "w_{11}", "δ2", "\\delta_2", "\\hat{y}", "ŷ", "a^{(1)}", "y'", "σ(z)", "\\sigma'(z)", "sin^2 x",
    "xy",
    "0.05", "1e-3", "½", "10⁻³", "∞", "π", "e^-x", "e^{-x}", "e⁻ˣ", "f(x)", "x(x+1)", "dE/dw1", "∂E/∂w", "d/dx(", "∇f",
    "\\frac{1}{2}", "\\frac{\\partial E}{\\partial w}", "\\frac", "\\sqrt{x}", "√(", "|x|", "‖x‖", "\\left(",
    "\\right)", "(", ")",
    "[", "]", "{", "}", "\\{", "\\}", "<", ">", "=", "≈", "←", ":=", "+", "-", "−", "*", "·", "/", "^", "**", "_", ",",
    ";", "'", "!",
    "\\sum_{i=1}^{n}", "∑", "∫", "\\int_0^1", " dx", "\\lim_{h \\to 0}", "\\begin{cases}", "\\end{cases}", "&", "\\\\",
    "\\begin{pmatrix}", "\\end{pmatrix}", "1 if z > 0 else 0", "if", "else", "for", "where", "or", "and", "not",
    "as h → 0",
    "1[z > 0]", "max(0, x)", "log_2", "log", "tr(X)", "X'", "X^T", "ᵀ", ".*", "./", ".^", "⊙", "ones(n)", "softmax(z)",
    "Piecewise((",
    "Derivative(", "diff(x^2, x)", "Sum(", "pm(", "apply(f,", "\\mathbf{1}_{n}", "\\text{if }", "\\operatorname{",
    "\\mathrm{", "#",
    "\n", " ", "\t", "  ", "\u2009", "__import__", "eval", "lambda", "import", "os.system", "x.y", "x[0]", "\"", "\\",
    "$", "%", "\x00",
    "\u202e", "\u200d", "х", "é", "9" * 30, "(" * 20, "{" * 10, "\\write18{", "<script>", "None", "True", "99**99**99",
    "1e999", "The derivative of", " is ", "Answer:", "So, ", "\\text{Therefore, }", "\\boxed{", "**", "`", "•", "a) ",
    "where m is the mass", "for all x", " (min)", "it's ", "I got ", "approximately ", "…", "0.33...", "∴", "⇒",
    "|_{x=0}", "\\Big|_0^1", "]_0^1", "\\left.", "\\right|", "(fg)'", "(x^2)'", "||", "\\prod_{i=1}^{3}", "∏_{k=1}^{2}",
    "5!", "!!", "⌊", "⌋", "\\lceil", "1{z>0}", "I(", "[z>0]", "0<x<1", "0^+", "\\hat{i}", "\\hat{j}", "np.", "@",
    "∈", "log1p(", "\\operatorname{f}(", "D[", "\\color{red}{", "x^{[2](i)}", "∂_1 f(x, y)", "applyprime(f, 1, x)",
]  # fmt: skip


def text(rng: random.Random) -> str:
    """One text: a few pieces, then a few damages."""
    out = "".join(rng.choice(PIECES) + rng.choice(["", "", " "]) for _ in range(rng.randint(1, 14)))
    for _ in range(rng.choice([0, 0, 1, 3])):
        i, j = sorted((rng.randrange(len(out) + 1), rng.randrange(len(out) + 1)))
        damage = rng.randrange(4)
        if damage == 0:
            out = out[:i] + out[j:]
        elif damage == 1:
            out = out[:j] + out[i:j] + out[j:]
        elif damage == 2:
            out = out[:i] + out[i:j][::-1] + out[j:]
        else:
            out = out[:i] + chr(rng.choice([rng.randrange(32, 127), rng.randrange(0x2000, 0x2300)])) + out[i:]
        out = out or "x"
    return out
