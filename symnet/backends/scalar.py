"""The bare sweep over scalars: definitions → lines of code for the values and, backwards, for all gradients.

The same law and the same names as the printed derivation (dE_da1, delta1), but no line is built to be read, so that a
network of some hundred weights takes milliseconds. Everything that the slopes need is computed once: a formula is cut
into sums of products of names, quotients, powers and functions, equal parts are shared, and each record of that tape
knows how to send its cotangent back. All is linear in the size of the graph, and iterative.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

from ..errors import RuleError
from ..functions import TABLE as FUNCTIONS
from ..names import identifiers
from ..pullbacks import next_slope
from ..term import Term, prime
from ..tidy import tidy
from . import inline
from .stable import ScalarStable

OWN = ("log1p", "expm1", "sech")  # functions of programs alone
CHAIN = 4  # factors of one product; a longer one is cut
OTHERS = 12  # classes up to which 1 − p is summed from the others
RESERVED = frozenset(
    {"gradient", "math", "np", "jnp", "torch", "jax", "numba", "njit", "lse", "inf", "nan", *OWN, *FUNCTIONS,
     *(f"{n}_slope" for n in FUNCTIONS)}
)  # fmt: skip
Back = Callable[["Tape", "Product", Any], None]
Number = int | Fraction
_new: Any = tuple.__new__  # without the call of Python code that a NamedTuple makes


class Product(NamedTuple):
    """±c f₁ f₂ …: a contribution to a cotangent, and a cotangent that needs no line of its own."""

    minus: bool = False
    number: Number = 1
    factors: tuple[str, ...] = ()

    def times(self, minus: bool, number: Number, factors: tuple[str, ...]) -> Product:
        scale = self[1] if number == 1 else self[1] * number
        return _new(Product, (self[0] != minus, scale, self[2] + factors))

    @property
    def text(self) -> str:
        if self.factors and self.number == 1:
            return "*".join(self.factors)
        return "*".join((number_text(Fraction(self.number)), *self.factors))


@dataclass(slots=True)
class Code:
    """A scalar program: the parameters (name → identifier), its lines, and what is returned."""

    inputs: dict[str, str]
    lines: list[str]
    values: list[str]
    gradient: dict[str, str]
    calls: dict[str, None] = field(default_factory=dict)


def sweep(
    definitions: Sequence[tuple[Term, Term]],
    inputs: Sequence[Term],
    results: Sequence[Term],
    wrt: Sequence[str] = (),
    stable_calls: bool = False,
) -> Code:
    """The program of `results` and of the gradient of the first one by the names in `wrt`."""
    stable = ScalarStable()
    values = {name: stable.define(name, value) for name, value in definitions}
    chosen = frozenset(wrt)
    roots = [stable.rewrite(r) for r in results]
    tape = Tape([*inputs, *values], wrt, stable_calls)
    for name in _needed(values, roots):
        tape.define(name, values[name])
    codes = [tape.atom(r) for r in roots]
    gradient = tape.backwards(codes[0], [s for s in tape.symbols if s.name in chosen]) if wrt else {}
    names = {s.name: tape.code[s] for s in inputs}
    return Code(names, tape.lines, codes, {n: gradient[n] for n in wrt}, tape.calls)


def _needed(values: Mapping[Term, Term], roots: Iterable[Term]) -> list[Term]:
    """The definitions that the results rest on, in order."""
    wanted: set[str] = set()
    for r in roots:
        wanted.update(r.free)
    kept = []
    for symbol in reversed(list(values)):
        if symbol.name in wanted:
            kept.append(symbol)
            wanted.update(values[symbol].free)
    return kept[::-1]


def number_text(value: Fraction) -> str:
    """A non-negative exact number as the literal of a float, which Python multiplies quicker than a whole number."""
    if value.denominator == 1 and value < 10**15:
        return f"{value.numerator}.0"
    try:
        return repr(value.numerator / value.denominator)
    except OverflowError:
        raise RuleError("a number in this formula is too large for a float; compiled code cannot hold it") from None


class Tape:
    """The lines written so far, the name of each part, and how each part sends its cotangent back."""

    def __init__(self, symbols: Sequence[Term], wrt: Sequence[str], stable_calls: bool) -> None:
        self.symbols = list(dict.fromkeys(symbols))
        names = [s.name for s in self.symbols]
        chosen = identifiers(names, RESERVED)
        self.taken = {*RESERVED, *chosen.values()}
        self.code: dict[Term, str] = {s: chosen[n] for s, n in zip(self.symbols, names, strict=True)}
        self.live = {chosen[n] for n in wrt if n in chosen}
        self.spare = self.fresh("s")  # what a slope needs twice
        self.lines: list[str] = []
        self.tape: list[tuple[Back, str, Any]] = []
        self.activated: set[str] = set()
        self.calls: dict[str, None] = {}
        self.stable_calls = stable_calls
        self.cotangents: dict[str, list[Product]] = {}
        self.count = 0
        self.loss = ""
        self.groups: dict[tuple[Term, ...], tuple[list[str], list[str], str]] = {}

    # -- names
    def fresh(self, stem: str) -> str:
        name = stem
        while name in self.taken:
            name += "_"
        self.taken.add(name)
        return name

    def temporary(self) -> str:
        self.count += 1
        return self.fresh(f"v{self.count}")

    # -- forwards
    def define(self, name: Term, value: Term) -> None:
        target = self.code[name]
        if value.op in ("num", "sym") or value in self.code:
            known = self.atom(value)
            self.lines.append(f"{target} = {known}")
            if known in self.live:
                self._record(_back_sum, target, [(False, None, [known])])
            return
        self._emit(value, target)

    def atom(self, t: Term) -> str:
        """The name or the literal of a part; a part without one gets it now."""
        known = self.code.get(t)
        if known is None:
            known = self._leaf(t) if not t.args else None
            if known is None:
                self._parts_first(t)
                known = self.code[t]
            self.code[t] = known
        return known

    def _parts_first(self, root: Term) -> None:
        """Deep formulas without recursion: what a part needs by name is written before it."""
        stack = [root]
        while stack:
            t = stack[-1]
            if t in self.code:
                stack.pop()
                continue
            waiting = [a for a in self._named_operands(t) if a not in self.code and a.args]
            if waiting:
                stack.extend(reversed(waiting))
                continue
            stack.pop()
            self._emit(t, self.temporary())

    def _named_operands(self, t: Term) -> list[Term]:
        if t.op in ("add", "neg", "mul"):
            return [f for _, _, factors in self._products(t) for f in factors]
        if t.op == "prime" and t.data[1] > 1:
            return [_written_out(t)]
        if t.op == "pow" and t.args[1].number is not None:
            return [t.args[0]]
        return list(t.args)

    def _leaf(self, t: Term) -> str:
        if t.op == "num":
            return number_text(t.data[0])
        if "constant" in t.facts:
            return repr(getattr(math, t.name))
        raise RuleError(f"`{t.name}` is not among the variables of the program")

    def _emit(self, t: Term, target: str) -> None:
        EMIT[t.op](self, t, target)
        self.code[t] = target

    def _record(self, back: Back, target: str, payload: Any) -> None:
        self.live.add(target)
        self.tape.append((back, target, payload))

    def _products(self, t: Term) -> list[tuple[bool, Fraction | None, list[Term]]]:
        """A sum as products: (minus, coefficient, factors)."""
        out: list[tuple[bool, Fraction | None, list[Term]]] = []
        stack = [(t, False)]
        while stack:
            node, minus = stack.pop()
            if node is not t and node in self.code:
                out.append((minus, None, [node]))
            elif node.op == "add":
                stack.extend((a, minus) for a in reversed(node.args))
            elif node.op == "neg":
                stack.append((node.args[0], not minus))
            elif node.op == "mul":
                a, b = node.args[0], node.args[-1]
                plain = a.op == b.op == "sym" and len(node.args) == 2
                out.append((minus, None, [a, b]) if plain else _factors(node, minus, self.code))
            elif node.op == "num":
                out.append((minus, node.data[0], []))
            elif _small_power(node):
                out.append((minus, None, [node.args[0]] * int(node.args[1].data[0])))
            else:
                out.append((minus, None, [node]))
        return out

    def sum(self, t: Term, target: str) -> None:
        pieces, parts, live = [], [], False
        for minus, c, terms in self._products(t):
            names = [self.code.get(f) or self.atom(f) for f in terms]
            if len(names) > CHAIN:
                names = self._short(names)
            pieces.append((minus, c, names))
            parts.append((minus, "*".join(names if c is None or (c == 1 and names) else [number_text(c), *names])))
            live = live or not self.live.isdisjoint(names)
        self.lines.append(f"{target} = {_sum_text(parts)}")
        if live:
            self._record(_back_sum, target, pieces)

    def _short(self, factors: list[str]) -> list[str]:
        """A long product is cut, so that its slopes stay linear in its length."""
        while len(factors) > CHAIN:
            name = self.temporary()
            self.lines.append(f"{name} = {'*'.join(factors[:CHAIN])}")
            if any(f in self.live for f in factors[:CHAIN]):
                self._record(_back_sum, name, [(False, None, factors[:CHAIN])])
            factors = [name, *factors[CHAIN:]]
        return factors

    def quotient(self, t: Term, target: str) -> None:
        a, b = map(self.atom, t.args)
        self.lines.append(f"{target} = {a}/{b}")
        if a in self.live or b in self.live:
            self._record(_back_quotient, target, (a, b))

    def power(self, t: Term, target: str) -> None:
        base, exponent = t.args
        k = exponent.number
        a = self.atom(base)
        if k is None:
            b = self.atom(exponent)
            self.call("pow", f"{target} = pow({a}, {b})")
            if a in self.live or b in self.live:
                self._record(_back_power, target, (a, b))
            return
        self.lines.append(f"{target} = {self.power_text(a, k)}")
        if a in self.live:
            self._record(_back_fixed_power, target, (a, k))

    def power_text(self, a: str, k: Fraction) -> str:
        if k in (1, 2, 3):
            return "*".join([a] * int(k))
        if k.denominator == 1:
            return f"{a}**{int(k)}" if k >= 0 else f"1/{a}" if k == -1 else f"1/{a}**{-int(k)}"
        self.call("pow")
        return f"pow({a}, {'-' if k < 0 else ''}{number_text(abs(k))})"

    def call(self, name: str, line: str = "") -> None:
        self.calls[name] = None
        if line:
            self.lines.append(line)

    def function(self, t: Term, target: str) -> None:
        x = self.atom(t.args[0])
        form = None if self.stable_calls and t.data not in OWN else inline.TABLE.get(t.data)
        e = ""
        if form is None:
            self.call(t.data, f"{target} = {t.data}({x})")
        else:
            if form.before:
                e = self.fresh("e_" + target)
                self.lines.append(f"{e} = {form.before.format(x=x)}")
            self.lines.append(f"{target} = {form.value.format(x=x, e=e)}")
        if x in self.live:
            self.activated.add(x)
            self._record(_back_function, target, (t.data, form, x, e))

    def slope(self, t: Term, target: str) -> None:
        """σ′(z) as a value of its own."""
        name, order = t.data
        if order > 1:
            self.lines.append(f"{target} = {self.atom(_written_out(t))}")
            known = self.atom(_written_out(t))
            if known in self.live:
                self._record(_back_sum, target, [(False, None, [known])])
            return
        x = self.atom(t.args[0])
        self.call(f"{name}_slope", f"{target} = {name}_slope({x})")
        if x in self.live:
            self._record(_back_slope, target, (t, x))

    def extreme(self, t: Term, target: str) -> None:
        """The first of the largest (smallest) takes the cotangent."""
        names = [self.atom(a) for a in t.args]
        so_far = names[0]
        for i, b in enumerate(names[1:], 2):
            name = target if i == len(names) else self.temporary()
            self.call(t.op, f"{name} = {t.op}({so_far}, {b})")
            if so_far in self.live or b in self.live:
                self._record(_back_extreme, name, (">=" if t.op == "max" else "<=", so_far, b))
            so_far = name

    # -- softmax and log-sum-exp of scalars
    def group(self, zs: tuple[Term, ...]) -> tuple[list[str], list[str], str]:
        """The names of z₁ …, of e_i = exp(z_i − max z), and of their sum."""
        if zs not in self.groups:
            names = [self.atom(z) for z in zs]
            m, total = self.temporary(), self.temporary()
            self.call("max", f"{m} = max({', '.join(names)})")
            es = []
            for z in names:
                es.append(self.temporary())
                self.call("exp", f"{es[-1]} = exp({z} - {m})")
            self.lines.append(f"{total} = {' + '.join(es)}")
            self.groups[zs] = names, es, total
        return self.groups[zs]

    def softmax(self, t: Term, target: str) -> None:
        names, es, total = self.group(t.args)
        self.lines.append(f"{target} = {es[t.data]}/{total}")
        if any(z in self.live for z in names):
            self._record(_back_softmax, target, (t.data, names, es, total))

    def log_softmax(self, t: Term, target: str) -> None:
        """z_k − lse z = −lse(z − z_k), which keeps its digits near 0."""
        names, es, total = self.group(t.args)
        k = t.data
        shifted = [f"{z} - {names[k]}" if i != k else "0.0" for i, z in enumerate(names)]
        self.call("lse", f"{target} = -lse({', '.join(shifted)})")
        if any(z in self.live for z in names):
            self._record(_back_log_softmax, target, (k, names, es, total))

    def log_sum_exp(self, t: Term, target: str) -> None:
        names, es, total = self.group(t.args)
        self.call("lse", f"{target} = lse({', '.join(names)})")
        if any(z in self.live for z in names):
            self._record(_back_log_sum, target, (names, es, total))

    # -- backwards
    def send(self, to: str, g: Product, *factors: str, minus: bool = False, number: Number = 1) -> None:
        """One contribution, g times what is given, to the cotangent of a name."""
        if to in self.live:
            self.cotangents.setdefault(to, []).append(g.times(minus, number, factors))

    def backwards(self, loss: str, wrt: Sequence[Term]) -> dict[str, str]:
        """The lines of the gradient; name → the code that is returned."""
        self.loss = loss
        wanted = {self.code[s]: s.name for s in wrt}
        out: dict[str, str] = {}
        if loss in self.live:
            self.send(loss, Product())
        for back, target, payload in reversed(self.tape):
            if target in self.cotangents:
                once = back is _back_function and target not in wanted and not self.stable_calls
                g = self._cotangent(target, once)
                if target in wanted:
                    out[wanted[target]] = _returned(g)
                back(self, g, (target, payload))
        for code, name in wanted.items():
            if name not in out:
                out[name] = self._result(code) if code in self.cotangents else "0.0"
        return out

    def _result(self, target: str) -> str:
        """The derivative by an input: a name, or in fast code the formula itself."""
        if self.stable_calls:
            return _returned(self._cotangent(target))
        parts = self.cotangents[target]
        if len(parts) == 1:
            return _returned(parts[0])
        return _sum_text([(p.minus, p.text) for p in parts]) if any(p.factors for p in parts) else _returned(*parts)

    def _cotangent(self, target: str, once: bool = False) -> Product:
        """What is a number times a name is used as it is, and so is a product that is used `once`; the rest gets a
        line and a name."""
        parts = self.cotangents[target]
        first = parts[0]
        simple = not first.factors or once or (len(first.factors) == 1 and first.factors[0].isidentifier())
        if len(parts) == 1 and simple:
            return first
        name = self.fresh(self._cotangent_name(target))
        self.lines.append(f"{name} = {_sum_text([(p.minus, p.text) for p in parts])}")
        return Product(factors=(name,))

    def _cotangent_name(self, target: str) -> str:
        if target in self.activated and target[0] == "z":
            return f"delta{target[1:]}"
        return f"d{self.loss}_d{target}"


EMIT: dict[str, Callable[[Tape, Term, str], None]] = {
    "add": Tape.sum, "neg": Tape.sum, "mul": Tape.sum, "div": Tape.quotient, "pow": Tape.power, "fn": Tape.function,
    "prime": Tape.slope, "max": Tape.extreme, "min": Tape.extreme, "softmax_at": Tape.softmax,
    "log_softmax_at": Tape.log_softmax, "lse_of": Tape.log_sum_exp,
}  # fmt: skip


def _factors(node: Term, minus: bool, known: Mapping[Term, str]) -> tuple[bool, Fraction | None, list[Term]]:
    """A product as its sign, its number and its factors."""
    coefficient: Fraction | None = None
    factors: list[Term] = []
    stack = list(reversed(node.args))
    while stack:
        f = stack.pop()
        if f in known:
            factors.append(f)
        elif f.op == "num":
            coefficient = f.data[0] * (1 if coefficient is None else coefficient)
        elif f.op == "neg":
            minus = not minus
            stack.append(f.args[0])
        elif f.op == "mul":
            stack.extend(reversed(f.args))
        elif _small_power(f):
            factors += [f.args[0]] * int(f.args[1].data[0])
        else:
            factors.append(f)
    return minus, coefficient, factors


def _small_power(t: Term) -> bool:
    return t.op == "pow" and t.args[1].number in (2, 3)


def _written_out(t: Term) -> Term:
    """σ″(z) by functions that have code."""
    name, order = t.data
    return tidy(next_slope(prime(name, t.args[0], order - 1)))


def _returned(g: Product) -> str:
    return f"-{g.text}" if g.minus else g.text


def _sum_text(parts: Sequence[tuple[bool, str]]) -> str:
    minus, first = parts[0]
    out = [f"-{first}" if minus else first]
    for minus, text in parts[1:]:
        out.append(f" - {text}" if minus else f" + {text}")
    return "".join(out)


# ------------------------------------------------------------------------------------------------- cotangents back
def _back_sum(tape: Tape, g: Product, entry: Any) -> None:
    """d Σ c f₁ f₂ …: each factor takes g times the others, f² takes 2 g f."""
    live, cotangents = tape.live, tape.cotangents
    sign, scale, before = g
    for minus, c, factors in entry[1]:
        if len(factors) == 2 and factors[0] != factors[1]:
            a, b = factors
            own = sign != minus, scale if c is None else scale * c
            if a in live:
                cotangents.setdefault(a, []).append(_new(Product, (*own, (*before, b))))
            if b in live:
                cotangents.setdefault(b, []).append(_new(Product, (*own, (*before, a))))
            continue
        number = 1 if c is None else c
        for f in dict.fromkeys(factors):
            count, others = factors.count(f), list(factors)
            others.remove(f)
            tape.send(f, g, *others, minus=minus, number=number * count)


def _back_quotient(tape: Tape, g: Product, entry: Any) -> None:
    y, (a, b) = entry
    tape.send(a, g, f"(1/{b})")
    tape.send(b, g, f"({y}/{b})", minus=True)


def _back_fixed_power(tape: Tape, g: Product, entry: Any) -> None:
    _, (a, k) = entry
    slope = tape.power_text(a, k - 1) if k != 1 else ""
    factors = (f"({slope})" if "/" in slope else slope,) if slope else ()
    tape.send(a, g, *factors, minus=k < 0, number=abs(k))


def _back_power(tape: Tape, g: Product, entry: Any) -> None:
    y, (a, b) = entry
    tape.send(a, g, b, f"pow({a}, {b} - 1)")
    if b in tape.live:
        tape.call("log")
        tape.send(b, g, y, f"log({a})")


def _back_function(tape: Tape, g: Product, entry: Any) -> None:
    y, (name, form, x, e) = entry
    if form is None:
        tape.call(f"{name}_slope")
        tape.send(x, g, f"{name}_slope({x})")
        return
    slope = form.slope.format(x=x, y=y, e=e, k=tape.spare)
    tape.send(x, g, *(() if slope == "1" else (slope.removeprefix("-"),)), minus=slope.startswith("-"))


def _back_slope(tape: Tape, g: Product, entry: Any) -> None:
    """The derivative of σ′(z) is σ″(z), written out."""
    t, x = entry[1]
    live, tape.live = tape.live, set()  # a value only: nothing flows through it again
    code = tape.atom(ScalarStable().rewrite(tidy(next_slope(t))))
    tape.live = live
    tape.send(x, g, code)


def _back_extreme(tape: Tape, g: Product, entry: Any) -> None:
    kind, a, b = entry[1]
    other = "<" if kind == ">=" else ">"
    tape.send(a, g, f"1.0*({a} {kind} {b})")
    tape.send(b, g, f"1.0*({a} {other} {b})")


def _rest(k: int, es: list[str], total: str) -> str:
    """1 − p_k, summed from the others where they are few."""
    if len(es) > OTHERS:
        return f"(({total} - {es[k]})/{total})"
    return f"(({' + '.join(e for i, e in enumerate(es) if i != k)})/{total})"


def _back_softmax(tape: Tape, g: Product, entry: Any) -> None:
    """∂p_k/∂z_j = p_k (1[j = k] − p_j)."""
    y, (k, names, es, total) = entry
    for j, z in enumerate(names):
        tape.send(z, g, y, _rest(k, es, total) if j == k else f"({es[j]}/{total})", minus=j != k)


def _back_log_softmax(tape: Tape, g: Product, entry: Any) -> None:
    k, names, es, total = entry[1]
    for j, z in enumerate(names):
        tape.send(z, g, _rest(k, es, total) if j == k else f"({es[j]}/{total})", minus=j != k)


def _back_log_sum(tape: Tape, g: Product, entry: Any) -> None:
    names, es, total = entry[1]
    for j, z in enumerate(names):
        tape.send(z, g, f"({es[j]}/{total})")
