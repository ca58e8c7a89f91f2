"""Lines on the way to an answer: derivatives, equations, discriminants, signs, steps, tables; each is a claim."""

from __future__ import annotations

import pytest

import symnet as sn

# fmt: off
CUB = {"stationary": "x^3 - 3x", "wrt": "x"}
LOSS = {"stationary": "(w-3)^2 + 1", "wrt": "w"}
QUA = {"roots": "x^2 - 5x + 6", "wrt": "x"}
BIQ = {"roots": "x^4 - 5x^2 + 4", "wrt": "x"}
SQ = {"roots": "x^2 - 4x + 4", "wrt": "x"}
SURD = {"roots": "x^2 - 4x + 1", "wrt": "x"}
S2 = {"stationary": "x^2+y^2-2x", "wrt": "x y"}
S3 = {"stationary": "x^4 − 2x^2 + y^2", "wrt": "x y"}
MAX = {"maximum": "5 - (x-1)^2", "wrt": "x"}
MIN = {"minimum": "x^2 - 4x + 7", "wrt": "x"}
MIN2 = {"minimum": "x^2+y^2-2x", "wrt": "x y"}
VAL = {"value": "x^2 + 3y", "at": {"x": "2", "y": "1/2"}}
INT = {"integral": "2x cos(x^2)", "wrt": "x"}
UPS = {"update": "(w-3)^2", "wrt": "w", "lr": "η"}
UPQ = {"update": "½ (w x + b − t)^2", "wrt": "w", "lr": "η", "given": {"a": "w x + b"}}
UPP = {"update": "½ (w x + b − t)^2", "wrt": "w b", "lr": "η", "given": {"a": "w x + b"}}
UPN = {"update": "(w-3)^2", "wrt": "w", "at": {"w": "1"}, "lr": "1/4"}
UPN2 = {"update": "(w-3)^2", "wrt": "w", "at": {"w": "1"}, "lr": "1/4", "steps": 2}
EXP = {"stationary": "x e^(-x)", "wrt": "x"}
EXPN = {"stationary": "e^x + x", "wrt": "x"}
LOG = {"minimum": "x - ln(x)", "wrt": "x", "domain": {"x": ">0"}}
CUBE = {"maximum": "x^3 - 3x", "wrt": "x", "domain": {"x": "[-2, 3]"}}
SAD = {"stationary": "x y", "wrt": "x y"}
MONK = {"stationary": "x^3 + y^3 - 3x y", "wrt": "x y"}
W2 = {"minimum": "(w1 - 1)^2 + (w2 + 2)^2", "wrt": "w1 w2"}
Q2 = {"roots": "2x^2 - 10x + 12", "wrt": "x"}
IRR = {"stationary": "x^3 - x", "wrt": "x"}
CUBR = {"roots": "x^3 - 6x^2 + 11x - 6", "wrt": "x"}
NOR = {"roots": "x^2 + 2x + 5", "wrt": "x"}
DBL = {"roots": "(x-1)^2 (x-3)", "wrt": "x"}
EXR = {"roots": "e^(2x) - 3 e^x + 2", "wrt": "x"}
SQR = {"roots": "sqrt(x+2) - x", "wrt": "x"}
RAT = {"stationary": "x + 1/x", "wrt": "x"}
TRIG = {"stationary": "sin(x)", "wrt": "x", "domain": {"x": "[0, 2*pi)"}}
QUAR = {"minimum": "x^4 - 2x^2", "wrt": "x"}
LSQ = {"minimum": "(w - 1)^2 + (2w - 3)^2", "wrt": "w"}
LR2 = {"stationary": "(w + b - 1)^2 + (2w + b - 3)^2", "wrt": "w b"}
ABSR = {"roots": "|x - 2| - 3", "wrt": "x"}
FRAC = {"roots": "1/x + 1/(x-1) - 3/2", "wrt": "x"}
DER = {"derivative": "x^2 sin(x)", "wrt": "x"}

CASES = [
    # problem, right answers, wrong answers, answers that are not clear
    (CUB,
     ["f'(x) = 3x² − 3\nf'(x) = 0\n3x² − 3 = 0\nx² = 1\nx = ±1",
      "f'(x) = 3x² − 3\n3x² − 3 = 0\nx² = 1\nx = ±1\nf''(x) = 6x\nf''(1) = 6 > 0 ⇒ minimum\nf''(−1) = −6 < 0 ⇒ maximum",
      "f'(x) = 3x² − 3 = 0\nx = 1 or x = -1",
      "y' = 3x^2 - 3 = 0\nx = ±1",
      "3x^2 - 3 = 0 => x = ±1",
      "f' = 3x^2 - 3 = 0 => x^2 = 1 => x = ±1",
      "x = ±1\nf''(1) = 6 > 0 => min\nf''(-1) = -6 < 0 => max",
      "dy/dx = 3x^2 - 3\n3(x-1)(x+1) = 0\nx = -1, 1",
      "f(1) = -2, f(-1) = 2\nx = ±1",
      "x = ±1\nf(1) = -2\nf(-1) = 2",
      "Let f(x) = x^3 - 3x\nf'(x) = 3x^2 - 3\nx = ±1",
      "max: (-1, 2), min: (1, -2)",
      "f'(x) = 3x^2 - 3\nf'(1) = 0, f'(-1) = 0\nx = 1, x = -1",
      "critical points: x = ±1\nmin at x = 1, max at x = -1",
      "f'(x) = 3x² − 3\nx = 1 (min), x = -1 (max)",
      "f'(x) = 3x² − 3 = 3(x−1)(x+1) = 0 ⇒ x = 1, x = −1\nf''(x) = 6x; f''(1) = 6 > 0 → min; f''(−1) = −6 < 0 → max",
      "f'(x) = 3x² − 3\n6x = 0\nx = ±1",
      "f'(x) = 3x² − 3\nf'(x) = 0 ⟺ x² = 1 ⟺ |x| = 1 ⟺ x = ±1",
      "f'(x) = 3x² − 3\n⇒ 3x² = 3\n⇒ x² = 1\n⇒ x = ±1",
      "f'(x) = 3x² − 3 = 0\n\n3x² = 3\n\nx = ±√1 = ±1",
      "f'(x) = 3x^2 - 3 = 0 \\implies x = \\pm 1",
      "\\frac{df}{dx} = 3x^2 - 3 = 0 \\Rightarrow x = \\pm 1",
      "h'(x) = 3x² − 3\nx = ±1",
      "f''(1) = 6 > 0 ⇒ min at x = 1\nf''(-1) = -6 < 0 ⇒ max at x = -1",
      "f'(x) = 3x² − 3\nx = 1: f''(1) = 6 > 0 ⇒ min\nx = -1: f''(-1) = -6 < 0 ⇒ max"],
     ["f'(x) = 3x² + 3\nx = ±1",
      "y' = 3x^2 - 3 = 0\nx = 1",
      "f'(x) = 3x² − 3\n3x² − 3 = 0\nx² = 3\nx = ±√3",
      "x = ±1\nf''(1) = 6 > 0 => max",
      "x = ±1\nf''(1) = 5",
      "x = ±1\nf(1) = 2\nf(-1) = 2",
      "max: (1, -2), min: (-1, 2)",
      "3x^2 - 3 = 0\n3x^2 = 3\nx = 1",
      "f'(x) = 3x^2 - 3\nf'(2) = 0\nx = 1, x = -1",
      "f'(x) = 3x² − 3\nx = 1 (max), x = -1 (min)",
      "f'(x) = 3x² − 3 = 3(x−1)(x+1) = 0 ⇒ x = 1, x = −1\nf''(x) = 6x; f''(1) = 6 > 0 → min; f''(−1) = 6 > 0 → min",
      "f''(1) = 6 > 0 ⇒ max at x = 1\nf''(-1) = -6 < 0 ⇒ min at x = -1"],
     ["f'(x) = 3x² − 3k\nx = ±1",
      "f'(x) = 3x² − 3",
      "f'(x) = 3x² − 3 = 0"],
    ),
    (LOSS,
     ["dL/dw = 2(w-3)\n2(w - 3) = 0\nw = 3",
      "E'(w) = 2(w-3) = 0\nw = 3",
      "g'(w) = 2(w − 3) = 0 ⇒ w = 3"],
     ["L'(w) = 2w-3 = 0\nw = 1.5"],
     [],
    ),
    (QUA,
     ["D = b² − 4ac = 1\nx = (5 ± 1)/2\nx = 2, 3",
      "D = 25 − 24 = 1\nx = 2 or x = 3",
      "discriminant = 1\nx = 2, x = 3",
      "Δ = 1\nx1 = 2, x2 = 3",
      "a = 1, b = -5, c = 6\nD = b² − 4ac = 25 − 24 = 1\nx = (5 ± 1)/2\nx = 2, 3",
      "p = −5, q = 6\nx = 5/2 ± √(25/4 − 6)\nx = 2, 3",
      "(x-2)(x-3) = 0\nx = 2, 3",
      "x^2 - 5x + 6 = (x-2)(x-3)\nx = 2, 3",
      "x^2 - 5x + 6 = (x-2)(x-3) = 0\nx = 2, 3",
      "x1 = 2\nx2 = 3",
      "f(x) = 0\nx^2 - 5x + 6 = 0\nx = 2, x = 3",
      "x = (5 ± √(25 − 24))/2 = (5 ± 1)/2\nx = 2 or 3",
      "x = (5 ± sqrt(25 - 24))/2\n= (5 ± 1)/2\nx1 = 3, x2 = 2"],
     ["D = 25 + 24 = 49\nx = -1 or x = 6",
      "D = 49\nx = 2 or x = 3",
      "a = 1, b = 5, c = 6\nx = 2, 3",
      "x^2 - 5x + 6 = (x-1)(x-6)\nx = 1, 6",
      "x1 = 2\nx2 = 4",
      "x = 2 (double), x = 3"],
     [],
    ),
    (BIQ,
     ["u = x²\nu² − 5u + 4 = 0\nu = 1 or u = 4\nx = ±1, x = ±2",
      "let u = x^2\nu^2 - 5u + 4 = 0\n(u-1)(u-4) = 0\nu = 1, 4\nx = ±1, ±2"],
     ["u = x²\nu² − 5u + 4 = 0\nu = 1 or u = 5\nx = ±1, x = ±√5",
      "u = x²\nu² + 5u + 4 = 0\nx = ±1, x = ±2"],
     [],
    ),
    (SQ,
     ["x = 2 (double)",
      "x = 2 (double root)",
      "x = 2, multiplicity 2",
      "x = -(-4)/2 = 2"],
     ["x = 3 (double)"],
     [],
    ),
    (SURD,
     ["x_{1,2} = 2 ± √3",
      "x_1,2 = 2 ± √3",
      "x_{1/2} = 2 ± √3",
      "x1,2 = 2 ± sqrt(3)"],
     ["x_{1,2} = 4 ± √3"],
     [],
    ),
    (S2,
     ["(1, 0), value −1",
      "minimum at (1, 0) with value -1",
      "(1, 0) minimum",
      "local minimum (1,0)",
      "(1,0) is a minimum, f = -1",
      "x = 1, y = 0, f(1,0) = -1",
      "fx = 2x - 2 = 0, fy = 2y = 0\nx = 1, y = 0",
      "f_x = 2x - 2\nf_y = 2y\n2x - 2 = 0\n2y = 0\n(1, 0)",
      "∇f = (2x − 2, 2y) = 0\n(1, 0)",
      "∂f/∂x = 2x - 2 = 0\n∂f/∂y = 2y = 0\nx = 1\ny = 0",
      "f_xx = 2, f_yy = 2, f_xy = 0\nD = 4 > 0\n(1,0) min",
      "(1, 0)\nf_xx = 2, f_yy = 2, f_xy = 0, det H = 4 > 0 ⇒ minimum"],
     ["(1, 0), value 1",
      "saddle at (1,0)",
      "∂f/∂x = 2x + 2 = 0\n∂f/∂y = 2y = 0\n(1, 0)"],
     [],
    ),
    (S3,
     ["saddle at (0,0), min at (1,0) and (-1,0)",
      "saddle: (0,0)\nmin: (1,0), (-1,0)",
      "min: (1, 0), (-1, 0); saddle: (0, 0)",
      "(0,0) saddle\n(1,0) min\n(-1,0) min",
      "minima at (±1, 0), saddle point at (0, 0)"],
     ["max: (0,0)\nmin: (1,0), (-1,0)"],
     [],
    ),
    (MAX,
     ["f'(x) = -2(x-1)\n-2(x-1) = 0\nx = 1\nf(1) = 5",
      "f'(x) = -2(x-1) = 0\nx = 1\nmax = 5",
      "x = 1\nf(1) = 5 - 0 = 5"],
     ["f'(x) = -2x + 1 = 0\nx = 1/2\nf(1/2) = 4.75"],
     [],
    ),
    (MIN,
     ["f'(x) = 2x - 4 = 0 => x = 2\nf(2) = 4 - 8 + 7 = 3",
      "2x - 4 = 0\nx = 2\n3",
      "x^2 - 4x + 7 = (x-2)^2 + 3\n3",
      "(x-2)^2 + 3 >= 3\nmin = 3",
      "y' = 2x - 4\nx = 2\ny = 3",
      "f''(x) = 2 > 0\nf'(x) = 2x - 4 = 0\nx = 2\nf(2) = 3"],
     ["f'(x) = 2x - 4 = 0\nx = 2\nf(2) = 4"],
     [],
    ),
    (MIN2,
     ["f_x = 2x - 2 = 0\nf_y = 2y = 0\n(1, 0)\nf(1,0) = -1"],
     [],
     [],
    ),
    (VAL,
     ["f(2, 1/2) = 4 + 3/2 = 5.5",
      "x² = 4\n3y = 3/2\nx² + 3y = 5.5",
      "x^2 + 3y\n= 4 + 1.5\n= 5.5",
      "x^2 + 3y = 2^2 + 3*0.5 = 5.5",
      "x = 2, y = 0.5\nf = 5.5",
      "u = x^2 = 4\nv = 3y = 1.5\nu + v = 5.5",
      "E = 4 + 1.5 = 5.5"],
     ["x^2 + 3y = 2*2 + 3*0.5 = 4.5"],
     [],
    ),
    (INT,
     ["u = x²\ndu = 2x dx\n∫ cos u du = sin u + C\nsin(x²) + C",
      "u = x^2, du = 2x dx\n∫ cos(u) du = sin(u) + C = sin(x^2) + C",
      "u = x^2\ndu/dx = 2x\n∫ 2x cos(x²) dx = ∫ cos u du = sin u + C = sin(x²) + C",
      "F(x) = sin(x²) + C\nF'(x) = 2x cos(x²)"],
     ["u = x^2\ndu = x dx\nsin(x²) + C"],
     [],
    ),
    (UPS,
     ["w ← w − η·2(w − 3)",
      "w_new = w - 2η(w-3)",
      "w' = w - 2η(w-3)",
      "w^{(1)} = w − 2η(w − 3)",
      "w_{n+1} = w_n - 2η(w_n - 3)",
      "Δw = −2η(w − 3)",
      "Δw = −2η(w − 3)\nw ← w + Δw",
      "dE/dw = 2(w-3)\nw_new = w - η dE/dw",
      "dE/dw = 2(w-3)\nw_new = w - η * 2(w-3)",
      "g = 2(w-3)\nw ← w − η g",
      "w⁺ = w − 2η(w − 3)",
      "w(1) = w - 2η(w-3)",
      "w1 = w0 - 2η(w0-3)",
      "w += -2η(w-3)",
      "w := w - 2η(w-3)",
      "E = (w-3)²\n∂E/∂w = 2(w − 3)\nw ← w − η ∂E/∂w = w − 2η(w − 3)",
      "g = 2(w-3)\nΔw = −η g\nw ← w + Δw",
      "w_{t+1} = w_t − 2η(w_t − 3)",
      "w^{(1)} = w^{(0)} − 2η(w^{(0)} − 3)",
      "w(t+1) = w(t) - 2η(w(t)-3)"],
     ["dE/dw = 2(w+3)\nw_new = w - η * 2(w-3)",
      "w ← w + 2η(w − 3)",
      "g = 2(w+3)\nw ← w − 2η(w − 3)",
      "w' = w + 2η(w − 3)"],
     ["∂E/∂w = 2(w − 3)"],
    ),
    (UPQ,
     ["w ← w − η·(a−t)x",
      "w ← w − η δ x\nδ = a − t"],
     ["w ← w − η·(a−t)"],
     [],
    ),
    (UPP,
     ["w ← w − η (a−t) x, b ← b − η (a−t)",
      "Δw = −η (a−t) x\nΔb = −η (a−t)"],
     [],
     [],
    ),
    (UPN,
     ["Δw = 1\nw = 2",
      "Δw = −η·g = −0.25·(−4) = 1\nw_new = 2",
      "g = 2(1-3) = -4\nw = 1 + 1 = 2",
      "E'(w) = 2(w − 3)\nE'(1) = −4\nw = 1 − 0.25·(−4) = 2",
      "dE/dw = -4, w_new = 2",
      "E = (1-3)² = 4\ng = -4\nw = 2",
      "E = 4\ng = -4\nw = 2",
      "dE/dw = 2(w-3) = -4\nw = 1 + 0.25*4 = 2",
      "∇E = -4\nw = 2",
      "η = 0.25, g = -4, w = 2"],
     ["E'(w) = 2(w − 3)\nE'(1) = 4\nw = 1 − 0.25·(−4) = 2",
      "E'(w) = 2w − 3\nE'(1) = -4\nw = 1 − 0.25·(−4) = 2",
      "E = 3\ng = -4\nw = 2",
      "g = 4\nw = 2",
      "Δw = -1\nw = 2",
      "η = 0.5, g = -4, w = 2"],
     [],
    ),
    (UPN2,
     ["k | w\n0 | 1\n1 | 2\n2 | 2.5",
      "step  w\n0  1\n1  2\n2  2.5",
      "w0 = 1, w1 = 2, w2 = 2.5",
      "w0 = 1\ng0 = -4\nw1 = 2\ng1 = -2\nw2 = 2.5",
      "w^{(0)} = 1\nw^{(1)} = 2\nw^{(2)} = 2.5",
      "| k | w | g |\n|---|---|---|\n| 0 | 1 | -4 |\n| 1 | 2 | -2 |\n| 2 | 2.5 | |",
      "step 1: g = -4, w = 2\nstep 2: g = -2, w = 2.5",
      "Δw = 1, w = 2\nΔw = 0.5, w = 2.5",
      "w0 = 1\ng1 = -4\nw1 = 2\ng2 = -2\nw2 = 2.5",
      "w = 1 - 0.25*(-4) = 2\nw = 2 - 0.25*(-2) = 2.5",
      "k | w | E(w)\n0 | 1 | 4\n1 | 2 | 1\n2 | 2.5 | 0.25",
      "w | E'(w)\n1 | -4\n2 | -2\n2.5 | "],
     ["w0 = 1\ng0 = -4\nw1 = 2\ng1 = -1\nw2 = 2.5",
      "1 -> 2 -> 2.6",
      "k | w | E(w)\n0 | 1 | 4\n1 | 2 | 2\n2 | 2.5 | 0.25",
      "k  w  g\n0  1  -4\n1  2  -3\n2  2.5"],
     [],
    ),
    (EXP,
     ["f'(x) = e^(-x) - x e^(-x)\n(1 - x) e^(-x) = 0\nx = 1\nf(1) = 1/e",
      "f'(x) = e^(-x) - x e^(-x) = (1-x) e^(-x) = 0 ⇒ 1 - x = 0 ⇒ x = 1",
      "f'(x) = e^(-x)(1-x)\nf''(x) = e^(-x)(x-2)\nf''(1) = -1/e < 0 ⇒ maximum\nx = 1",
      "f'(x) = e^(-x)(1-x)\nx = 1\nf(1) = 0.37",
      "f'(x) = e^{-x}(1-x), e^{-x} > 0 so 1 - x = 0, x = 1"],
     ["f'(x) = e^(-x) + x e^(-x)\nx = -1",
      "f'(x) = e^(-x)(1-x)\nf''(x) = e^(-x)(x-2)\nf''(1) = -1/e < 0 ⇒ minimum\nx = 1",
      "f'(x) = e^(-x)(1-x)\nf''(x) = e^(-x)(x+2)\nx = 1",
      "f'(x) = e^(-x)(1-x)\nx = 1\nf(1) = 0.38"],
     [],
    ),
    (EXPN,
     ["f'(x) = e^x + 1 > 0\nno stationary points",
      "f'(x) = e^x + 1\nnone"],
     ["f'(x) = e^x + 1 = 0\nx = 0"],
     [],
    ),
    (LOG,
     ["f'(x) = 1 - 1/x = 0\n1 = 1/x\nx = 1\nf(1) = 1",
      "f'(x) = 1 - 1/x = 0\nx - 1 = 0\nx = 1\nf''(x) = 1/x² > 0\nmin = 1",
      "f'(x) = 1 - 1/x = 0 ⇒ x^2 - x = 0 ⇒ x = 1\n1"],
     ["f'(x) = 1 + 1/x = 0\nx = -1\nmin = 1"],
     [],
    ),
    (CUBE,
     ["f'(x) = 3x² - 3 = 0\nx = ±1\nf(-2) = -2, f(-1) = 2, f(1) = -2, f(3) = 18\nmax = 18",
      "f'(x) = 3x² - 3 = 0\nx = ±1\nf(-1) = 2, f(1) = -2, f(-2) = -2, f(3) = 18\n18 at x = 3"],
     ["f'(x) = 3x² - 3 = 0\nx = ±1\nf(-1) = 2, f(1) = -2\nmax = 2",
      "f'(x) = 3x² - 3 = 0\nx = -1\nmax = 2",
      "f(-1) = 3\nmax = 18"],
     [],
    ),
    (SAD,
     ["f_x = y = 0, f_y = x = 0\n(0,0)\nf_xx = 0, f_xy = 1, f_yy = 0\nD = -1 < 0 ⇒ saddle",
      "f_x = y, f_y = x\n(0,0) saddle point"],
     ["f_x = y = 0, f_y = x = 0\n(0,0)\nD = -1 < 0 ⇒ minimum",
      "f_x = x, f_y = y\n(0,0) saddle point"],
     [],
    ),
    (MONK,
     ["f_x = 3x² - 3y = 0\nf_y = 3y² - 3x = 0\ny = x²\nx^4 - x = 0\nx = 0 or x = 1\n(0, 0) saddle, (1, 1) min",
      "f_x = 3x² - 3y = 0 ⇒ y = x²\n(0, 0), (1, 1)",
      "f_x = 3x² - 3y = 0 ⇒ y = x\n(0, 0), (1, 1)",
      "D = 36xy - 9\nD(0,0) = -9 < 0 ⇒ saddle\nD(1,1) = 27 > 0, f_xx(1,1) = 6 > 0 ⇒ minimum\n(0,0), (1,1)",
      "saddle at (0,0), value 0; min at (1,1), value -1",
      "f(0,0) = 0, f(1,1) = -1",
      "∇f = (3x²-3y, 3y²-3x)\n(0,0), (1,1)"],
     ["D = 36xy - 9\nD(0,0) = -9 < 0 ⇒ saddle\nD(1,1) = 27 > 0, f_xx(1,1) = 6 > 0 ⇒ maximum\n(0,0), (1,1)",
      "f_xx = 6x, f_yy = 6y, f_xy = 3\n(0,0), (1,1)",
      "f(0,0) = 0, f(1,1) = 1",
      "∇f = (3x²-3y, 3y²-3y)\n(0,0), (1,1)"],
     [],
     ["f_x = 3x² - 3y = 0 ⇒ y = 2x²\n(0, 0), (1, 1)"],
    ),
    (W2,
     ["∂E/∂w1 = 2(w1 - 1) = 0, ∂E/∂w2 = 2(w2 + 2) = 0\nw1 = 1, w2 = -2\nE = 0",
      "dE/dw1 = 2(w1 - 1) = 0 ⇒ w1 = 1\ndE/dw2 = 2(w2 + 2) = 0 ⇒ w2 = -2\nmin = 0"],
     ["dE/dw1 = 2(w1 - 1) = 0 ⇒ w1 = 1\ndE/dw2 = 2(w2 - 2) = 0 ⇒ w2 = 2\nmin = 0"],
     [],
    ),
    (Q2,
     ["x² − 5x + 6 = 0\nD = 25 − 24 = 1\nx = 2, x = 3",
      "D = 100 − 96 = 4\nx = (10 ± 2)/4\nx = 2, x = 3",
      "p = -5, q = 6\nx = 2.5 ± √(6.25 − 6)\nx1 = 2, x2 = 3",
      "2(x² − 5x + 6) = 0\n2(x-2)(x-3) = 0\nx = 2, x = 3",
      "a = 2, b = -10, c = 12\nx = 2, 3",
      "D = 4 > 0 ⇒ two solutions\nx = 2, 3"],
     ["D = 100 − 96 = 6\nx = 2, x = 3",
      "2(x² − 5x + 6) = 0\n2(x-2)(x+3) = 0\nx = 2, x = 3",
      "a = 2, b = 10, c = 12\nx = 2, 3",
      "D = 4 < 0\nx = 2, 3"],
     [],
    ),
    (IRR,
     ["f'(x) = 3x² − 1 = 0\nx² = 1/3\nx = ±0.577",
      "f'(x) = 3x² − 1 = 0\nx = ±0.577\nf''(0.577) = 3.46 > 0 ⇒ min\nf''(-0.577) = -3.46 < 0 ⇒ max",
      "f'(x) = 3x² − 1 = 0\nx = ±1/√3\nf''(1/√3) = 6/√3 > 0 min\nf''(-1/√3) = -6/√3 < 0 max",
      "f'(x) = 3x² − 1 = 0\nx² = 1/3\nx = ±0.58\nf(0.58) = -0.38"],
     ["f'(x) = 3x² − 1 = 0\nx² = 3\nx = ±0.577"],
     [],
    ),
    (CUBR,
     ["(x-1)(x²-5x+6) = 0\nx - 1 = 0 or x² - 5x + 6 = 0\nx = 1, 2, 3",
      "f(1) = 0\n(x-1)(x²-5x+6) = 0\nx = 1, 2, 3",
      "x - 1 = 0\nx - 2 = 0\nx - 3 = 0\nx = 1, 2, 3"],
     ["f(1) = 1\n(x-1)(x²-5x+6) = 0\nx = 1, 2, 3"],
     [],
    ),
    (NOR,
     ["D = 4 − 20 = −16 < 0\nno real roots",
      "D = 4 − 20 = −16 < 0\nno solution",
      "(x+1)² + 4 = 0\n(x+1)² = -4\nno real solutions"],
     ["D = 4 + 20 = 24\nx = -1 ± √6"],
     [],
    ),
    (DBL,
     ["x = 1 (double), x = 3",
      "x = 1 (double root) and x = 3",
      "x1 = x2 = 1, x3 = 3"],
     ["x = 1, x = 3 (double)"],
     [],
    ),
    (EXR,
     ["u = e^x\nu² − 3u + 2 = 0\nu = 1 or u = 2\nx = 0 or x = ln 2",
      "u = e^x\nu² − 3u + 2 = 0\n(u-1)(u-2) = 0\nu = 1, u = 2\nx = 0, x = ln(2)",
      "e^x = u\nu^2 - 3u + 2 = 0\nx = 0, ln 2"],
     ["u = e^x\nu² − 3u + 2 = 0\nu = 1 or u = 3\nx = 0 or x = ln 3",
      "u = e^x\nu² − 3u + 2 = 0\nu = -1 or u = -2\nno solution"],
     [],
    ),
    (SQR,
     ["√(x+2) = x\nx = 2"],
     ["√(x+2) = x\nx + 2 = x²\nx = 2"],
     [],
    ),
    (RAT,
     ["f'(x) = 1 - 1/x²\n1 - 1/x² = 0\nx² = 1\nx = ±1\nf''(x) = 2/x³\nf''(1) = 2 > 0 ⇒ min, f''(-1) = -2 < 0 ⇒ max",
      "f'(x) = 1 - x^(-2) = 0 ⟹ x^(-2) = 1 ⟹ x = ±1"],
     ["f'(x) = 1 - 1/x²\n1 = 1/x²\nx = ±1\nf''(x) = 2/x\n"],
     [],
    ),
    (TRIG,
     ["f'(x) = cos x = 0\nx = π/2, x = 3π/2",
      "f'(x) = cos x\nf''(x) = -sin x\nf''(π/2) = -1 < 0 ⇒ max\nf''(3π/2) = 1 > 0 ⇒ min\nx = π/2, 3π/2",
      "f'(x) = cos(x)\ncos(x) = 0\nx = pi/2 or x = 3pi/2"],
     ["f'(x) = -cos x = 0\nx = π/2, x = 3π/2",
      "cos(x) = 1\nx = π/2, x = 3π/2"],
     [],
    ),
    (QUAR,
     ["f'(x) = 4x³ - 4x = 4x(x²-1) = 0\nx = 0, x = ±1\nf(0) = 0, f(±1) = -1\nmin = -1",
      "f'(x) = 4x³ - 4x = 0\nx = 0 or x² = 1\nf(0) = 0, f(1) = -1, f(-1) = -1\nminimum -1",
      "f'(x) = 4x³ - 4x\n4x(x² - 1) = 0\nx = 0, 1, -1\nf(0) = 0\nf(1) = -1\nf(-1) = -1\n-1 at x = ±1",
      "x^4 - 2x^2 = (x^2 - 1)^2 - 1\n(x^2-1)^2 >= 0\nmin = -1",
      "x = 0: f(0) = 0\nx = 1: f(1) = -1\nmin = -1",
      "u = x²\nu² - 2u = (u-1)² - 1\n-1"],
     ["f'(x) = 4x³ - 4x\nx = 0, 1, -1\nf(1) = 1\n-1",
      "f'(x) = 4x³ − 4x = 0\nx = 0, x = ±1\nf(0) = 0, f(±1) = 1\nmin = −1"],
     [],
    ),
    (LSQ,
     ["E'(w) = 2(w-1) + 4(2w-3) = 10w - 14 = 0\nw = 1.4\nE(1.4) = 0.16 + 0.04 = 0.2",
      "dE/dw = 2(w - 1) + 4(2w - 3)\n10w = 14\nw = 7/5\nE_min = 1/5"],
     ["E'(w) = 2(w-1) + 2(2w-3) = 0\nw = 4/3\nE = 0.22"],
     [],
    ),
    (LR2,
     ["∂E/∂w = 2(w+b-1) + 4(2w+b-3) = 0\n∂E/∂b = 2(w+b-1) + 2(2w+b-3) = 0\n5w + 3b = 7\n3w + 2b = 4\nw = 2, b = -1",
      "∂E/∂w = 10w + 6b - 14 = 0\n∂E/∂b = 6w + 4b - 8 = 0\n(w, b) = (2, -1)",
      "5w + 3b = 7, 3w + 2b = 4\nw = 2, b = -1\nE(2,-1) = 0",
      "10w + 6b = 14\n6w + 4b = 8\n(2, -1) min"],
     ["∂E/∂w = 2(w+b-1) + 4(2w+b-3) = 0\n∂E/∂b = 2(w+b-1) + 2(2w+b-3) = 0\n5w + 3b = 7\n3w + 2b = 5\nw = 2, b = -1",
      "10w + 6b = 14\n6w + 4b = 8\n(2, -1) max"],
     [],
    ),
    (ABSR,
     ["|x-2| = 3\nx - 2 = 3 or x - 2 = -3\nx = 5 or x = -1",
      "|x-2| = 3\nx - 2 = ±3\nx = 5, -1"],
     [],
     [],
    ),
    (FRAC,
     ["2(x-1) + 2x = 3x(x-1)\n3x² - 7x + 2 = 0\nD = 49 - 24 = 25\nx = (7 ± 5)/6\nx = 2, x = 1/3"],
     ["2(x-1) + 2x = 3x(x-1)\n3x² - 7x + 2 = 0\nD = 49 + 24 = 73\nx = 2, x = 1/3"],
     [],
    ),
    (DER,
     ["u = x², v = sin x\nu' = 2x, v' = cos x\ny' = 2x sin x + x² cos x"],
     [],
     [],
    ),
    (CUB,
     ["f(x) = x³ − 3x\nf'(x) = 3x² − 3\nf'(x) = 0\n3(x² − 1) = 0\n(x − 1)(x + 1) = 0\nx = 1, x = −1",
      "f'(x) = 3x² − 3 = 0\nx² = 1\nx = 1 or x = −1\n(1, −2) and (−1, 2)",
      "f'(x) = 3x² − 3 = 0\nx₁ = 1, x₂ = −1\ny₁ = −2, y₂ = 2",
      "f'(x) = 3x² − 3 = 0\nx₁ = 1\nx₂ = −1",
      "f'(x) = 3x² − 3 = 0 => x = 1 or -1",
      "3x² - 3 = 0, so x = ±1",
      "Setting f'(x) = 0: 3x² − 3 = 0, x = ±1",
      "f'(x) = 3x² − 3\nSolve 3x² − 3 = 0:\nx = ±1",
      "f'(x) = 3x² − 3, x = ±1.",
      "f'(x) = 3x^2-3=0 → x=±1 → f(1)=-2, f(-1)=2"],
     ["f'(x) = 3x² − 3 = 0\nx = 1 or x = −1\n(1, 2) and (−1, −2)",
      "f'(x) = 3x² − 3 = 0\nx₁ = 1, x₂ = −1\ny₁ = 2, y₂ = −2",
      "f'(x) = 3x² − 3 = 0\nx = 1\n(1, −2), (−1, 2)"],
     [],
    ),
    (QUA,
     ["x² − 5x + 6 = 0\nx² − 5x = −6\n(x − 5/2)² = 1/4\nx − 5/2 = ±1/2\nx = 2 or x = 3",
      "Δ = b² - 4ac = 25 - 24 = 1 > 0, two roots\nx1 = (5-1)/2 = 2\nx2 = (5+1)/2 = 3",
      "Δ = b² - 4ac = 25 - 24 = 1\n√Δ = 1\nx1 = (5-1)/2 = 2\nx2 = (5+1)/2 = 3",
      "x1 + x2 = 5\nx1 * x2 = 6\nx1 = 2, x2 = 3"],
     ["x1 + x2 = 5\nx1 * x2 = 7\nx1 = 2, x2 = 3"],
     [],
    ),
]
# fmt: on
KINDS = ("right", "wrong", "malformed", "undecided")
ROWS = [(problem, answer, kind) for problem, *rest in CASES for kind, answers in zip(KINDS, rest, strict=False)
        for answer in answers]  # fmt: skip


@pytest.mark.parametrize(("problem", "answer", "kind"), ROWS, ids=[f"{next(iter(p))}: {a[:40]}" for p, a, _ in ROWS])
def test_the_verdict_on_an_answer_with_its_lines(problem: dict[str, object], answer: str, kind: str) -> None:
    verdict = sn.check(answer, **problem)
    assert verdict.kind == kind, str(verdict)
    assert kind != "wrong" or verdict.witness is not None or verdict.mistake is not None


FIRST = [
    # problem, answer, the first bad line
    (CUB, "f'(x) = 3x² + 3\nx = ±1", 1),
    (CUB, "f'(x) = 3x² − 3\n3x² − 3 = 0\nx² = 3\nx = ±√3", 3),
    (CUB, "f'(x) = 3x² − 3\n\nx = ±1\nf''(1) = 5", 4),
    (CUB, "f'(x) = 3x² − 3\nf'(x) = 0\nx = 1", 3),
    (CUB, "x = ±1\nf''(1) = 6 > 0 ⇒ minimum\nf''(−1) = −6 < 0 ⇒ minimum", 3),
    (QUA, "a = 1, b = −5, c = 6\nD = 25 + 24 = 49\nx = 2, 3", 2),
    (BIQ, "u = x²\nu² − 5u + 4 = 0\nu = 1 or u = 5\nx = ±1, x = ±√5", 3),
    (MONK, "f_x = 3x² − 3y\nf_y = 3y² − 3y\n(0, 0), (1, 1)", 2),
    (MAX, "f'(x) = −2(x − 1)\nx = 1\nf(1) = 4", 3),
    (UPN2, "w0 = 1\ng0 = −4\nw1 = 2\ng1 = −1\nw2 = 2.5", 4),
]


@pytest.mark.parametrize(("problem", "answer", "line"), FIRST)
def test_the_first_bad_line_is_named(problem: dict[str, object], answer: str, line: int) -> None:
    verdict = sn.check(answer, **problem)
    assert (verdict.kind, verdict.first_bad_line) == ("wrong", line), str(verdict)


def test_a_derivative_on_the_way_is_explained() -> None:
    verdict = sn.check("f'(x) = e^(−2x)\nx = 0", stationary="e^(−2x)", wrt="x")
    assert verdict.mistake is not None and verdict.mistake.name == "chain_factor_lost"


def test_two_meanings_are_named() -> None:
    assert "x² + p x + q or of x² − p x + q" in sn.check("p = 5, q = 6\nx = 2, 3", **QUA).error
    assert "or another one" in sn.check("f'(x) = 3x² − 3\ng(x) = 6x\nx = ±1", **CUB).error


NET = sn.Graph("z1 = w1 x + b1; a1 = σ(z1); z2 = w2 a1 + b2; a2 = σ(z2); E = ½ (a2 − t)²")
LOSSES = [
    # a line in which the loss E of the graph has another name
    ("∂L/∂w2 = δ2 a1", "right"), ("dJ/dw2 = δ2 a1", "right"), ("∂C/∂w2 = δ2 a1", "right"),
    ("dloss/dw2 = δ2 a1", "right"), ("∂cost/∂w2 = δ2 a1", "right"), ("∂cost/∂w2 = δ2 w1", "wrong"),
    (r"\frac{\partial \mathcal{L}}{\partial w_2} = \delta_2 a_1", "right"), ("∂L/∂w2 = δ2 w1", "wrong"),
    ("∇_{w2} L = δ2 a1", "right"), ("∂E/∂w2 = ∂L/∂a2 · a2 (1 − a2) · a1", "right"), ("∂Q/∂w2 = δ2 a1", "malformed"),
    ("L = 2 E\n∂L/∂w2 = 2 δ2 a1", "right"), ("C = w1 x\n∂C/∂w1 = x", "right"), ("C = w1 x\n∂C/∂w1 = w1", "wrong"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "kind"), LOSSES)
def test_the_loss_by_another_name(line: str, kind: str) -> None:
    verdict = sn.check("δ2 = (a2 − t) a2 (1 − a2)\n" + line, graph=NET)
    assert verdict.kind == kind, str(verdict)


def test_a_letter_that_may_be_one_of_two_ends_is_no_loss() -> None:
    two = sn.Graph("u = w x; v = w² x; E = w − 1")
    assert sn.check("∂L/∂w = 1", graph=two).kind == "malformed"
    named = sn.Graph("C = w x; E = C²")
    assert sn.check("∂C/∂w = x", graph=named).kind == "right"


ROWED = {"equals": "[1, 2; 3, 4]"}
MATRICES = [
    (ROWED, "[1 2; 3 4]", "right"), (ROWED, "[1 2\n3 4]", "right"), (ROWED, "[1 2; 3 5]", "wrong"),
    (ROWED, "[1 2 3 4]", "malformed"), ({"equals": "[1, -2; 3, 4]"}, "[1 -2; 3 4]", "right"),
    ({"equals": "[a, b; c, d]"}, "[a b; c d]", "right"), ({"equals": "[1, 2, 3]"}, "[1 2 3]", "right"),
]  # fmt: skip


@pytest.mark.parametrize(("problem", "answer", "kind"), MATRICES)
def test_rows_with_blanks(problem: dict[str, object], answer: str, kind: str) -> None:
    verdict = sn.check(answer, **problem)
    assert verdict.kind == kind, str(verdict)


def test_many_parts_are_not_looked_at() -> None:
    assert sn.check("x = 1, " * 1000 + "x = 2", **CUB).kind in ("wrong", "malformed", "undecided")


SLIPS = [
    # one number changed in a line of a right answer: what was not looked at once
    (QUA, "x = (5 ± √(25 − 24))/4 = (5 ± 1)/2\nx = 2 or 3"), (QUA, "x = (5 ± 1)/2\nx = 3 or 3"),
    (QUA, "x = (5 ± 1)/2\nx1 = 3, x2 = 3"), (QUA, "x² − 5x + 6 = (x − 4)(x − 3) = 0\nx = 2, 3"),
    (QUA, "D = 1\nx1 = (7 − 1)/2 = 2\nx2 = (5 + 1)/2 = 3"), (SQ, "x = −(−6)/2 = 2"),
    (QUAR, "f'(x) = 4x³ − 4x = 0\nx = 0 or x² = 3\nf(0) = 0, f(1) = −1\n−1"), (QUAR, "−1 at x = ±3"),
    (UPN, "E = (2 − 3)² = 4\ng = −4\nw = 2"), (UPN, "E'(3) = −4\nw = 2"),
]  # fmt: skip


@pytest.mark.parametrize(("problem", "answer"), SLIPS)
def test_every_side_of_a_line_counts(problem: dict[str, object], answer: str) -> None:
    assert sn.check(answer, **problem).kind == "wrong"


@pytest.mark.parametrize("answer", ["w_{n+2} = w_n − 2η(w_n − 3)", "w_{t+3} = w_t − 2η(w_t − 3)"])
def test_another_step_than_the_next_is_not_clear(answer: str) -> None:
    assert sn.check(answer, **UPS).kind == "malformed"


def test_a_value_at_another_place_is_not_clear() -> None:
    assert sn.check("f(3) = 4", value="x²", at={"x": "2"}).kind == "malformed"
    assert sn.check("k | w\n0 | 1\n1 | 2\n4 | 2.5", **UPN2).kind == "malformed"


def test_a_place_is_no_largest_value() -> None:
    verdict = sn.check("x = 5", **MAX)
    assert verdict.kind == "malformed" and "`x` is a place" in verdict.error
