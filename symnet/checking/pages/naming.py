"""What the names on a page stand for: δ2 is ∂E/∂z2, dw1 is ∂E/∂w1, Δw1 a step, w1⁺ and w1(t+1) the next value.

A cotangent ∂E/∂u is carried as the name ∇_u E, so that a line can be looked at before it is put into the graph's names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from ... import names
from ...errors import ReadError
from ...graph import Definition, Graph, is_parameter
from ...parts import is_activation, recognise
from ...term import Term, sym

RATES = ("eta", "lr", "alpha", "epsilon", "gamma", "mu", "rho", "eps", "rate", "learning_rate", "nu")
NEXT = frozenset({"new", "next", "neu", "tp1", "kp1", "np1", "ip1", "t+1", "k+1", "n+1", "+", "updated"})
BEFORE = frozenset({"old", "alt"})
TIMES = frozenset({"t", "k", "n", "i", "s"})
OUTPUT = frozenset({"out", "o", "output", "L", "l", "last", "y", "yhat"})
HIDDEN = frozenset({"h", "hid", "hidden"})
ENTRIES = frozenset({"j", "k"})  # ∂L/∂w_j for every entry of w
LOSSES = ("loss", "Loss", "cost", "Cost")  # words for the last quantity, whatever its name
LETTERS = ("E", "L", "J", "C")  # letters for it inside dE_dw1
PRIMES = frozenset({"prime", "deriv", "derivative"})  # a1_prime is a1'
PRE_ACTIVATION = "a pre-activation"  # the note of a z that the graph as given does not name
Kind = Literal["value", "cotangent", "delta", "step", "next", "later", "inner"]


@dataclass(frozen=True, slots=True)
class Meaning:
    """A name of the page as a quantity of the graph: its value, ∂E/∂ it, ±∂E/∂ it, its step, its next value.

    `later` is the value of a defined quantity after the weights have moved: E_new. `inner` is ∂of/∂by: da1_dz1, a1′.
    """

    kind: Kind
    of: str
    by: str = ""


def cotangent(graph: Graph, u: str) -> Term:
    """The name that carries ∂E/∂u, in the shape of u."""
    return sym(cotangent_name(graph, u), graph.symbols[u].shape)


def cotangent_name(graph: Graph, u: str) -> str:
    return f"nabla_{graph.result.name}_wrt_{u}"


class Naming:
    """The meanings of the names that a page may use for the quantities of one graph."""

    def __init__(self, graph: Graph, own_delta: bool = False) -> None:
        self.graph, self.own_delta = graph, own_delta
        self.units = tuple(d for d in graph.definitions[:-1] if self._is_unit(d))
        self.new = tuple(d.name for d in graph.definitions if d.note == PRE_ACTIVATION)
        self._known: dict[str, Meaning | None] = {}

    def __call__(self, name: str) -> Meaning | None:
        if name not in self._known:
            self._known[name] = self._meaning(name)
        return self._known[name]

    def is_loss(self, name: str) -> bool:
        """Whether ∂L/∂w speaks of the last quantity E: no name of the graph, and nothing else is an end of it."""
        used = {n for d in self.graph.definitions for n in d.value.free}
        ends = [d.name for d in self.graph.definitions if d.name not in used]
        return name in (*LOSSES, *LETTERS) and name not in self.graph.symbols and len(ends) == 1

    def symbol(self, name: str) -> Term | None:
        """The name in the shape of what it stands for."""
        found = self(name)
        if found is None:
            return None
        return sym(name, self.graph.symbols[found.by or found.of].shape)

    # -- one name
    def _meaning(self, name: str) -> Meaning | None:
        if name in self.graph.symbols:
            return Meaning("value", name)
        parts = names.parse(name)
        for find in (self._nabla, self._moved, self._spelled, self._primed, self._delta, self._alias):
            found = find(name, parts)
            if found is not None:
                return found
        return None

    def _nabla(self, name: str, n: names.Name) -> Meaning | None:
        """∇_{w1} E and ∇w1."""
        if n.lead == "nabla_" or name.startswith("nabla_"):
            u = n.wrt or name.removeprefix("nabla_")
            loss = name.removeprefix("nabla_").partition("_wrt_")[0]
            if u in self.graph.symbols and (not n.wrt or loss == self.graph.result.name or self.is_loss(loss)):
                return Meaning("cotangent", u)
        return None

    def _moved(self, name: str, n: names.Name) -> Meaning | None:
        """w1_new, w1′, w1⁺, w1_{t+1} are the next value of w1; w1_old is w1; Δw1 is the step."""
        if n.lead == "Delta":
            of = self._parameter(str(replace(n, lead="")))
            return None if of is None else Meaning("step", of)
        if n.primes == 1 and (of := self._parameter(str(replace(n, primes=0)))) is not None:
            return Meaning("next", of)
        marked: tuple[tuple[frozenset[str], Kind], ...] = ((NEXT, "next"), (BEFORE, "value"))
        for marks, kind in marked:
            for bare in _without(n, marks):
                of = self._same(bare)
                if of is not None:
                    later = kind == "next" and of not in self.graph.inputs
                    return Meaning("later" if later else kind, of)
        return None

    def _same(self, n: names.Name) -> str | None:
        """The name of the graph with the same letter and the same indices."""
        for other in self.graph.symbols:
            m = names.parse(other)
            if (m.base, m.accent, m.primes, m.lead) == (n.base, n.accent, n.primes, n.lead) and key(m) == key(n):
                return other
        return None

    def _parameter(self, name: str) -> str | None:
        return name if name in self.graph.inputs else None

    def _spelled(self, name: str, n: names.Name) -> Meaning | None:
        """dw1, grad_w1, dE_dw1, dEdw1, d_w1, E_w1 by the loss; da1_dz1 and da1dz1 inside the graph."""
        loss = self.graph.result.name
        words = [loss, *(w for w in (*LOSSES, *LETTERS) if w not in self.graph.symbols)]
        for lead in ("d", "grad_", *(f"d{w}_d" for w in words), *(f"d{w}d" for w in words), f"grad_{loss}_"):
            u = _canonical(name[len(lead) :]) if name.startswith(lead) else ""
            if u in self.graph.symbols and u != loss:
                return Meaning("cotangent", u)
        for lead in ("d_", f"{loss}_"):
            u = _canonical(name[len(lead) :]) if name.startswith(lead) else ""
            if u in self.graph.inputs and is_parameter(u):
                return Meaning("cotangent", u)
        return self._quotient(name)

    def _quotient(self, name: str) -> Meaning | None:
        """da1_dz1, da1dz1: two quantities of the graph, each behind a d."""
        for i in range(2, len(name) - 1 if name[0] == "d" else 0):
            if name[i] == "d":
                y, x = _canonical(name[1:i].rstrip("_")), _canonical(name[i + 1 :])
                if y in self.graph.symbols and x in self.graph.symbols:
                    return Meaning("inner", y, x)
        return None

    def _primed(self, name: str, n: names.Name) -> Meaning | None:
        """a1′ of an activation is its derivative by its argument."""
        marked = bool(n.subs) and n.subs[-1] in PRIMES
        if not (n.primes == 1 or (marked and not n.primes)):
            return None
        bare = str(replace(n, primes=0, subs=n.subs[:-1] if marked else n.subs))
        z = next((u for u, v in self._activated() if v == bare), None)
        return None if z is None or self.graph.symbols[bare].shape else Meaning("inner", bare, z)

    def _alias(self, name: str, n: names.Name) -> Meaning | None:
        """a^{(1)} for the a1 of the graph, w_t beside w_{t+1}, `loss` for its last quantity."""
        if n.primes or n.lead:
            return None
        if name in LOSSES:
            return Meaning("value", self.graph.result.name)
        entry = replace(n, subs=n.subs[:-1]) if n.subs and n.subs[-1] in ENTRIES else n
        if entry is not n and (of := self._same(entry)) is not None and self.graph.symbols[of].shape:
            return Meaning("value", of)
        for bare in (n, *_without(n, TIMES)):
            other = self._same(bare)
            if other is not None and (bare is n or (other in self.graph.inputs and is_parameter(other))):
                return Meaning("value", other)
        return None

    # -- δ
    def _delta(self, name: str, n: names.Name) -> Meaning | None:
        if n.base not in ("delta", "Delta") or n.lead or n.primes or n.accent:
            return None
        of = None if self.own_delta and not key(n) else self._target(n)
        return None if of is None else Meaning("delta", of)

    def has_no_unit(self, name: str) -> bool:
        """Whether the name is the δ of a layer that the graph does not have."""
        n = names.parse(name)
        return n.base == "delta" and not (n.lead or n.primes or n.accent) and key(n).isdigit() and self(name) is None

    def outer(self, name: str) -> str | None:
        """δ_h may be meant as ∂E/∂h itself, where h = σ(z)."""
        named = _canonical(key(names.parse(name)))
        meant = self(name)
        if meant is None or meant.kind != "delta":
            return None
        new = meant.of in self.new and bool(key(names.parse(name)))
        value = next((v for u, v in self._activated() if u == meant.of), None) if new else None
        return named if named in self.graph.symbols and named != meant.of else value

    def _target(self, n: names.Name) -> str | None:
        """The u whose ±∂E/∂u the δ is: the unit of its index, of its name, of its weight, or of its place."""
        index = key(n)
        own = [u.name for u in self.units]
        if not index:
            return next((u for u in own if u in ("z", "Z") and u not in self.new), own[-1] if own else None)
        for u in own:
            if key(names.parse(u)) == index:
                return u
        named = _canonical(index)
        if named in own or (named in self.graph.symbols and named[0] in "zZasS"):
            return named
        for match in (self._of_output(named), self._of_output_index(index), self._of_weight(index)):
            if match is not None:
                return match
        if named in self.graph.symbols:
            return named
        return self._by_place(index, own)

    def _of_output(self, name: str) -> str | None:
        """z for the y = σ(z) of that name."""
        return next((u for u, v in self._activated() if v == name), None)

    def _of_output_index(self, index: str) -> str | None:
        return next((u for u, v in self._activated() if key(names.parse(v)) == index), None)

    def _activated(self) -> list[tuple[str, str]]:
        found = []
        for d in self.graph.definitions:
            value = recognise(d.value)
            if is_activation(value) and value.args[0].op == "sym":
                found.append((value.args[0].name, d.name))
        return found

    def _of_weight(self, index: str) -> str | None:
        """Y = H·W2 + b2 for the index 2."""
        for u in self.units:
            weights = [n for n in self.graph[u.name].free if n in self.graph.inputs and is_parameter(n)]
            if {key(names.parse(n)) for n in weights} - {""} == {index}:
                return u.name
        return None

    def _by_place(self, index: str, own: list[str]) -> str | None:
        if index in OUTPUT and own:
            return own[-1]
        if index in HIDDEN and len(own) == 2:
            return own[0]
        counted = index.isdigit() and 1 <= int(index) <= len(own)
        keys = (key(names.parse(u))[-1:] for u in own)
        numbered = any(k.isdigit() and k != str(i) for i, k in enumerate(keys, 1))  # otherwise than in their order
        return own[int(index) - 1] if counted and not numbered else None

    def _is_unit(self, d: Definition) -> bool:
        """A pre-activation, or a sum into which a weight enters."""
        activated = any(u == d.name for u, _ in self._activated())
        return activated or any(n in self.graph.inputs and is_parameter(n) for n in d.value.free)


def key(n: names.Name) -> str:
    """What stands below and above a name as one index: z2_1, z_{21} and z_1^{(2)} have the same."""
    return n.layer + "".join(n.subs)


def _without(n: names.Name, marks: Iterable[str]) -> Iterable[names.Name]:
    """The name without one of the marks below or above it."""
    if n.layer in marks:
        yield replace(n, layer="")
    for i, sub in enumerate(n.subs):
        if sub in marks:
            yield replace(n, subs=n.subs[:i] + n.subs[i + 1 :])


def _canonical(spelling: str) -> str:
    try:
        return names.canonical(spelling)
    except ReadError:
        return ""


# ------------------------------------------------------------------------------------------- names found in a text
_DELTA = re.compile(
    r"(?:\\[Dd]elta|δ|Δ|∆|(?<![A-Za-z])[Dd]elta)"
    r"(?:\s*(?:_\s*\{[^{}]{1,12}\}|_?\w{1,8}|[₀-₉ₐ-ₜ]{1,4}|\^\s*\{?\s*[(\[]\w{1,3}[)\]]\s*\}?)){0,2}"
)
_LEFT = re.compile(
    r"(?:^|[;,]|\s(?:and)\s)\s*&?\s*([^=<>≤≥≈,;()+*/·:←]{1,40}?(?:\([^()]{1,3}\)\})?)\s*&?\s*(?=:?=(?!=)|≈|\\approx|≔)"
)


def deltas(text: str) -> list[str]:
    """The names δ…, Δ… that a text may hold."""
    found = (_canonical(m[0].replace(" ", "")) for m in _DELTA.finditer(text))
    return [n for n in dict.fromkeys(found) if n]


def quotients(text: str) -> list[str]:
    """da1dz1 in one word."""
    return list(dict.fromkeys(re.findall(r"(?<![\w\\])d[A-Za-z]\w{0,11}?d[A-Za-z]\w{0,11}", text)))


def left_sides(text: str) -> list[str]:
    """The names that stand alone on the left of a relation."""
    found = (_canonical(m[1].replace("&", "")) for m in _LEFT.finditer(text))
    return [n for n in dict.fromkeys(found) if n]


def differentials(text: str, graph: Graph) -> list[str]:
    """dw1, dZ2, … written on their own, and not as the halves of a quotient."""
    out = []
    for u in graph.symbols:
        name = "d" + u
        if name in graph.symbols:
            continue
        spelled = re.escape(name.replace("_", ""))
        alone = re.search(rf"(?<![A-Za-z0-9/∂])(?<!/ ){spelled}(?![A-Za-z0-9])(?!\s*/\s*d)", text)
        if alone and not re.search(rf"/\s*{spelled}(?![A-Za-z0-9])|frac\s*d\w+?{spelled}(?![A-Za-z0-9])", text):
            out.append(name)
    return out
