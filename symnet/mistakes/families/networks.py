"""Wrong derivatives of a network: inputs, weights, biases, targets, paths, the softmax written out."""

from __future__ import annotations

from collections.abc import Iterator

from ...parts import is_activation
from ...term import ONE, Term, add, mul, neg, postorder
from ..scene import Scene
from ..site import Site, Wrong, factors, product_without, slope_of


def input_lost(s: Site) -> Iterator[Wrong]:
    """∂(w x)/∂w = 1 for x; a number written after its weight, or beside a bias, is an input too."""
    if not s.scene.is_parameter(s.scene.x) or s.only is not s.scene.x:
        return
    for i, c in factors(s):
        if (c.number is None and s.scene.is_data(c)) or (
            c.number is not None and (i > s.moving[0] or bool(s.scene.biases))
        ):
            yield product_without(s, i), c


def weight_lost(s: Site) -> Iterator[Wrong]:
    if s.scene.layered and s.only is not None and not s.scene.is_parameter(s.only):
        yield from ((product_without(s, i), c) for i, c in factors(s) if s.scene.is_weight(c))


def weight_used(s: Site) -> Iterator[Wrong]:
    """∂(w x)/∂w = w for x."""
    if s.scene.is_parameter(s.scene.x) and s.only is s.scene.x:
        yield from ((mul(product_without(s, i), s.scene.x), c) for i, c in factors(s) if c.number is None)


def other_weight(s: Site) -> Iterator[Wrong]:
    if not s.scene.layered or s.only is None or s.scene.is_parameter(s.only):
        return
    for i, c in factors(s):
        if s.scene.is_weight(c):
            yield from ((mul(product_without(s, i), w), w) for w in s.scene.weights if w is not c)


def _bias_leaf(s: Site) -> int | None:
    if s.node.op != "add" or s.scene.x not in s.node.args or not s.scene.is_bias(s.scene.x):
        return None
    return s.node.args.index(s.scene.x)


def bias_factor(s: Site) -> Iterator[Wrong]:
    """∂b/∂b = b for 1."""
    i = _bias_leaf(s)
    if i is not None:
        yield s.right(tuple(s.scene.x if j == i else d for j, d in enumerate(s.du))), s.scene.x


def bias_weight(s: Site) -> Iterator[Wrong]:
    """∂(w x + b)/∂b = x for 1."""
    i = _bias_leaf(s)
    if i is None:
        return
    beside = [a for n in s.node.args if n.op == "mul" for a in n.args if not s.scene.is_parameter(a)]
    for c in dict.fromkeys(beside):
        yield s.right(tuple(c if j == i else d for j, d in enumerate(s.du))), c


def other_input(s: Site) -> Iterator[Wrong]:
    """∂(w2 a1)/∂w2 = x for a1."""
    if not s.scene.is_weight(s.scene.x) or s.only is not s.scene.x:
        return
    others = [*s.scene.inputs, *s.scene.defined]
    for i, c in factors(s):
        if c.number is None:
            yield from ((mul(product_without(s, i), o), o) for o in others if o is not c)


def input_argument(s: Site) -> Iterator[Wrong]:
    """∂(w2 a1)/∂w2 = z1 for a1 = φ(z1)."""
    if s.only is s.scene.x and s.scene.is_weight(s.scene.x):
        for i, c in factors(s):
            value = s.scene.defined.get(c, c)
            if value.op == "fn" and is_activation(value):
                yield mul(product_without(s, i), value.args[0]), value.args[0]


def input_slope(s: Site) -> Iterator[Wrong]:
    """∂(w2 a1)/∂w2 = a1 (1 − a1) for a1."""
    if s.only is not s.scene.x:
        return
    for i, c in factors(s):
        value = s.scene.defined.get(c, c)
        if value.op == "fn" and is_activation(value):
            slope = slope_of(value.data, c, value.args[0])
            yield mul(product_without(s, i), slope), slope


def target_sign(s: Site) -> Iterator[Wrong]:
    """∂(t − a)/∂a = 1: the sign of the inner derivative."""
    targets = s.scene.targets
    if len(s.node.args) == 2 and len(s.moving) == 1 and any(a in targets or neg(a) in targets for a in _bare(s.node)):
        yield neg(s.right()), None


def _bare(node: Term) -> list[Term]:
    return [a.args[0] if a.op == "neg" else a for a in node.args]


def decay_lost(s: Site) -> Iterator[Wrong]:
    for i in s.moving:
        if len(s.moving) > 1 and s.scene.is_decay(_bare(s.node)[i]):
            yield s.without(i), s.node.args[i]


def path(s: Site) -> Iterator[Wrong]:
    """One of several ways from x to this sum: through a named part, or through another weight."""
    if len(s.moving) < 2 or (not s.scene.network and not _through_weights(s)):
        return
    for i in s.moving:
        if _is_path(s, s.node.args[i]) or _through_weights(s):
            yield s.without(i), s.node.args[i]


def _is_path(s: Site, t: Term) -> bool:
    """Whether x reaches this summand differently from the others: by other operations, or through other weights."""
    ways = [_way(s, a) for i, a in enumerate(s.node.args) if i in s.moving]
    return len(set(ways)) > 1


def _way(s: Site, t: Term) -> tuple[tuple[str, ...], tuple[Term, ...]]:
    """The operations on the way from x, and the weights that multiply it; a sum over data has one way."""
    waiting, inside = [t], dict.fromkeys(n for n in postorder(t) if n in s.scene.moving)
    while waiting:
        for n in postorder(waiting.pop()):
            if n in s.scene.defined and n in s.scene.moving and s.scene.defined[n] not in inside:
                waiting.append(s.scene.defined[n])
            if n in s.scene.moving:
                inside[n] = None
    weights = {a for n in inside if n.op == "mul" for a in n.args if s.scene.is_weight(a) and a is not s.scene.x}
    shallow = tuple(n.op for n in postorder(t) if n in s.scene.moving and n is not s.scene.x and n.op != "neg")
    return shallow, tuple(sorted(weights, key=lambda w: w.name))


def _through_weights(s: Site) -> bool:
    """x multiplied by a different weight in each summand, as an input of several units is."""
    x = s.scene.x
    beside = {a for n in s.scene.nodes if n.op == "mul" and x in n.args for a in n.args if s.scene.is_weight(a)}
    return len(beside) > 1 and not s.scene.is_parameter(x)


def off_diagonal(s: Site) -> Iterator[Wrong]:
    """∂pᵢ/∂zⱼ = 0: the sum below the softmax taken as a constant."""
    if 1 not in s.moving or not _is_exp(s.node.args[0], s.scene) or not _is_partition(s.node.args[1], s.scene):
        return
    yield s.without(1), None
    if 0 not in s.moving:
        yield mul(s.node, add(ONE, neg(s.node))), None


def _meaning(t: Term, scene: Scene) -> Term:
    return scene.defined.get(t, t)


def _is_exp(t: Term, scene: Scene) -> bool:
    t = _meaning(t, scene)
    return t.op == "fn" and t.data == "exp"


def _is_partition(t: Term, scene: Scene) -> bool:
    t = _meaning(t, scene)
    return t.op == "add" and all(_is_exp(a, scene) for a in t.args)
