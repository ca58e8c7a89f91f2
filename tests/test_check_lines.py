"""Derivations of several lines: what is beside the answer is a claim of its own."""

from __future__ import annotations

import time

import pytest

import symnet as sn

PRODUCT = {"derivative": "x^3*cos(x)", "wrt": "x"}
CHAIN = {"derivative": "(2x^2+5)^3", "wrt": "x"}
NET = {
    "derivative": "(t-σ(v*σ(u*x+c)+d))^2/2",
    "wrt": "v",
    "given": {"a1": "σ(u*x+c)", "a2": "σ(v*σ(u*x+c)+d)"},
}
PARTS = {"integral": "x e^x", "wrt": "x"}
STEP = {"update": "(w-5)^2", "wrt": "w", "at": {"w": "1"}, "lr": "0.1"}
VALUE = {"value": "x^2-2x", "at": {"x": "4"}}
CUBIC = {"stationary": "x^3-12x", "wrt": "x"}
SOLVE = {"lines": "solve", "wrt": "x"}

CASES = [
    ("right", None, "u = x^3, v = cos x\n3x^2 cos x - x^3 sin x", PRODUCT),
    ("right", None, "u = x^3, u' = 3x^2\nv = cos x, v' = -sin x\ny' = u'v + uv'\n= 3x^2 cos x - x^3 sin x", PRODUCT),
    ("right", None, "d/dx(x^3) cos x + x^3 d/dx(cos x)\n= 3x^2 cos x - x^3 sin x", PRODUCT),
    ("wrong", 2, "u = x^3\nu' = x^2\nv = cos x\nv' = -sin x\n3x^2 cos x - x^3 sin x", PRODUCT),
    ("wrong", 2, "v = cos x\ndv/dx = sin x\n3x^2 cos x - x^3 sin x", PRODUCT),
    ("wrong", 1, "u = x^4, v = cos x\n3x^2 cos x - x^3 sin x", PRODUCT),
    ("malformed", None, "u = x^3\nv = cos x\ny' = u'v + uv'", PRODUCT),
    ("right", None, "u = 2x^2+5\ndu/dx = 4x\ndy/du = 3u^2\ndy/dx = 3u^2*4x\n= 12x(2x^2+5)^2", CHAIN),
    ("wrong", 3, "u = 2x^2+5\ndu/dx = 4x\ndy/du = 3u^3\ndy/dx = 12x(2x^2+5)^2", CHAIN),
    ("wrong", 2, "u = 2x^2+5\ny' = 3u^2", CHAIN),
    ("right", None, "y = x^2\n= x·x\ny' = 2x\ny'(3) = 6", {"derivative": "x^2", "wrt": "x"}),
    ("wrong", 2, "f'(x) = 2x\nf'(3) = 5", {"derivative": "x^2", "wrt": "x"}),
    ("wrong", 2, "y = x^2\n= x+x\ny' = 2x", {"derivative": "x^2", "wrt": "x"}),
    ("right", None, "∂E/∂a2 = a2 - t\n∂a2/∂z2 = a2(1-a2)\n∂z2/∂v = a1\n∂E/∂v = (a2-t)a2(1-a2)a1", NET),
    ("wrong", 1, "∂E/∂a2 = t - a2\n∂E/∂v = (a2-t)a2(1-a2)a1", NET),
    ("right", None, "e = a2 - t\ne a2(1-a2) a1", NET),
    ("right", None, "∫ x e^x dx = x e^x - ∫ e^x dx\n= x e^x - e^x + C", PARTS),
    ("wrong", 1, "∫ x e^x dx = x e^x + ∫ e^x dx\n= x e^x - e^x + C", PARTS),
    ("right", None, "dL/dw = -8\nw = 1.8", STEP),
    ("right", None, "g = 2(1-5) = -8\nw = 1 - 0.1 g = 1.8", STEP),
    ("wrong", 1, "g = 2(1-5) = -6\nw = 1.8", STEP),
    ("right", None, "w1 = 1.8, w2 = 2.44", {**STEP, "steps": 2}),
    ("wrong", 1, "w1 = 1.7\nw2 = 2.44", {**STEP, "steps": 2}),
    ("right", None, "w -= 0.1*(-8) = 1.8", STEP),
    ("right", None, "w ← w - η L'(w)", {"update": "(w-5)^2", "wrt": "w", "lr": "eta"}),
    ("right", None, "x^2 = 16\n2x = 8\n16 - 8 = 8", VALUE),
    ("wrong", 1, "x^2 = 15\n2x = 8\n16 - 8 = 8", VALUE),
    ("right", None, "(2,-16), (-2,16)", CUBIC),
    ("wrong", 1, "(2,16), (-2,16)", CUBIC),
    ("right", None, "max at x=-2 and min at x=2", CUBIC),
    ("wrong", None, "x=2 (max), x=-2 (min)", CUBIC),
    ("right", None, "the minimum is -4, reached at x = 1", {"minimum": "x^2-2x-3", "wrt": "x"}),
    ("wrong", 1, "(1,-3)", {"minimum": "x^2-2x-3", "wrt": "x"}),
    ("right", None, "(x-1)(x-4)=0\nx-1=0, x-4=0\nx=1, x=4", SOLVE),
    ("right", None, "|3x-1| = 5\n3x-1 = 5 or 3x-1 = -5\nx = 2 or x = -4/3", SOLVE),
    ("wrong", 1, "x^2=9, x=3", SOLVE),
    ("wrong", 2, "b x = b\nx = 1", SOLVE),
    ("wrong", 2, "x - 2 = 0\n(x-2)(y+1) = 0", SOLVE),
    ("right", None, "b x = c\nx = c/b", SOLVE),
    ("right", None, "b x = b\nx = 1", {**SOLVE, "domain": {"b": "[1, 9]"}}),
    ("undecided", None, "cos x = 1\nx = 2kπ", SOLVE),
    ("wrong", 2, "(p+q)^3\n= p^3+q^3\nq=0", {"lines": "rewrite"}),
    ("wrong", 1, "cos x = 1\nx = 0", {"lines": "rewrite"}),
    ("right", None, "7/2 +- 1/2", {"roots": "x^2-7x+12", "wrt": "x"}),
    ("right", None, "2H(x+3)-1", {"derivative": "|x+3|", "wrt": "x"}),
    ("malformed", None, "2x + g(x) - g(x)", {"derivative": "x^2", "wrt": "x"}),
]


@pytest.mark.parametrize(("kind", "line", "answer", "problem"), CASES)
def test_lines_beside_the_answer(kind: str, line: int | None, answer: str, problem: dict) -> None:
    verdict = sn.check(answer, **problem)
    assert verdict.kind == kind, str(verdict)
    assert line is None or verdict.first_bad_line == line


BOMBS = ["2x" + " " * 90_000 + "y", "2x " * 2000, "2x; " * 2000, "x" * 200_000]


@pytest.mark.parametrize("answer", BOMBS)
def test_a_check_ends_in_time(answer: str) -> None:
    start = time.perf_counter()
    sn.check(answer, derivative="x^2", wrt="x")
    sn.check(answer, maximum="1-x^2", wrt="x")
    assert time.perf_counter() - start < 8


def test_a_search_for_mistakes_ends_in_time() -> None:
    start = time.perf_counter()
    assert sn.check("1", derivative="sin(cos(tan(exp(x^2))))", wrt="x", order=5).kind == "wrong"
    assert time.perf_counter() - start < 6
