"""Systems of polynomial equations with rational coefficients: split, finite parts solved exactly.

A Gröbner basis (python-flint's Buchberger with bounds) is split wherever one of its elements factors. A part with
finitely many zeros is solved by the rational univariate representation: the number of its distinct complex zeros is the
rank of the trace form, so that none is lost. Source: Rouillier, Solving zero-dimensional systems through the rational
univariate representation (1999); Cox, Little, O'Shea, Using Algebraic Geometry, chapter 2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from flint import Ordering, fmpq, fmpq_mat, fmpq_poly, fmpz_mpoly_ctx, fmpz_mpoly_vec, fmpz_poly

from ...errors import SizeError
from .places import AlgebraicPlace, integers, real_roots, same

LIMITS = (60, 300, 3000)  # of a basis that is made at once: elements, terms of one, bits of a coefficient
WORKER = (400, 4000, 40_000)  # of one that is made in a process that can be killed
ZEROS = 160  # complex zeros, with multiplicity, of a part that is solved
PARTS = 200  # into which a system is split
Check = Callable[[], float]  # the seconds that are left; raises where there are none


def ring(n: int) -> Any:
    return fmpz_mpoly_ctx.get([f"x{i}" for i in range(n)], Ordering.degrevlex)


@dataclass(frozen=True, slots=True)
class Component:
    """A part of the zero set: a Gröbner basis, and its dimension (as a complex set)."""

    basis: tuple[Any, ...]
    dimension: int


@dataclass(frozen=True, slots=True)
class ZeroSet:
    """The real zeros of a system: isolated points, and parts that are not isolated."""

    places: tuple[AlgebraicPlace, ...]
    sets: tuple[Component, ...]


def zeros(polynomials: Iterable[Any], context: Any, check: Check) -> ZeroSet:
    """All real zeros. Raises `SizeError` where the algebra is larger than the bounds; `check` raises out of time."""
    parts = split([p for p in polynomials if p != 0], context, check)
    places: list[AlgebraicPlace] = []
    sets = [p for p in parts if p.dimension]
    sets = [s for i, s in enumerate(sets) if not any(_inside(s, t) and (i > j or not _inside(t, s))
                                                     for j, t in enumerate(sets) if t is not s)]  # fmt: skip
    for part in parts:
        if part.dimension == 0:
            check()
            places += [p for p in solved(part, context, check) if not any(same(p, q) for q in places)]
    isolated = [p for p in places if not any(lies_on(p, s) for s in sets)]
    return ZeroSet(tuple(sorted(isolated, key=_order)), tuple(sets))


def _order(p: AlgebraicPlace) -> tuple[float, ...]:
    return tuple(float(p.ball(q).mid()) for q in p.at)


def lies_on(p: AlgebraicPlace, part: Component) -> bool:
    return all(not p.element(g.to_dict()) for g in part.basis)


def _inside(small: Component, large: Component) -> bool:
    reduce = Reduction(small.basis)
    return all(not reduce.polynomial(g) for g in large.basis)


# ---------------------------------------------------------------------------------------------------------- splitting
def split(polynomials: Sequence[Any], context: Any, check: Check) -> list[Component]:
    """Parts whose union is the zero set, none of which has a basis element that factors."""
    todo: list[tuple[Any, ...]] = [tuple(polynomials)]
    done: list[Component] = []
    seen: dict[tuple[str, ...], None] = {}
    while todo:
        check()
        if len(seen) > PARTS:
            raise SizeError("the system of equations splits into too many parts")
        system = todo.pop()
        choices = _factors(system)
        if choices is None:
            basis = groebner(system, context, check)
            if basis is None:
                continue
            choices = _factors(basis)
            if choices is None and (forced := _forced(basis, context)) is not None:
                todo += [(*basis, *forced)] if forced else []
                continue
            if choices is None:
                key = tuple(map(str, basis))
                if key not in seen:
                    seen[key] = None
                    done.append(Component(basis, dimension(basis, context.nvars())))
                continue
            system = basis
        place, factors = choices
        for f in factors:
            new = (*system[:place], f, *system[place + 1 :])
            key = ("", *sorted(map(str, new)))
            if key not in seen:
                seen[key] = None
                todo.append(new)
    return done


def _factors(system: Sequence[Any]) -> tuple[int, list[Any]] | None:
    """The first element that is not irreducible, and its irreducible factors."""
    for place, p in enumerate(system):
        _, factors = p.factor()
        if len(factors) > 1 or (factors and int(factors[0][1]) > 1):
            return place, sorted((f for f, _ in factors), key=lambda f: (f.total_degree(), len(f), str(f)))
    return None


def _forced(basis: Sequence[Any], context: Any) -> list[Any] | None:
    """Names that are 0 at every real zero because a sum of squares is 0; [] where there is no real zero at all."""
    for p in basis:
        terms = [(tuple(map(int, m)), int(c)) for m, c in p.terms()]
        if len(terms) == 1 or any(e % 2 for m, _ in terms for e in m) or len({c > 0 for _, c in terms}) > 1:
            continue
        if any(not any(m) for m, _ in terms):
            return []
        alone = [next(i for i, e in enumerate(m) if e) for m, _ in terms if sum(1 for e in m if e) == 1]
        if alone:
            return [context.gens()[i] for i in sorted(set(alone))]
    return None


def groebner(system: Sequence[Any], context: Any, check: Check) -> tuple[Any, ...] | None:
    """A Gröbner basis in degrevlex; None where there is no common complex zero."""
    if any(p.is_constant() for p in system):
        return None
    basis, complete = fmpz_mpoly_vec(list(system), context).buchberger_naive(limits=LIMITS)
    found = [p for p in basis.autoreduction() if p != 0] if complete else _from_worker(system, context, check)
    if any(p.is_constant() for p in found):
        return None
    return tuple(sorted(found, key=lambda p: (p.total_degree(), len(p), str(p))))


def _from_worker(system: Sequence[Any], context: Any, check: Check) -> list[Any]:
    """A basis from a process that is killed when its time is up."""
    from ...processes import SECONDS, work

    given = [[[list(map(int, m)), str(c)] for m, c in p.terms()] for p in system]
    answer = work("groebner", min(SECONDS, check()), polynomials=given, names=context.nvars())
    if answer is None:
        raise SizeError("the Gröbner basis of the system of equations is larger than the bounds")
    return [context.from_dict({tuple(m): int(c) for m, c in terms}) for terms in answer]


def basis_of(polynomials: list[list[list[Any]]], names: int) -> list[list[list[Any]]]:
    """The job of the worker: polynomials and basis as lists of exponents and coefficients."""
    context = ring(names)
    system = [context.from_dict({tuple(m): int(c) for m, c in terms}) for terms in polynomials]
    basis, complete = fmpz_mpoly_vec(system, context).buchberger_naive(limits=WORKER)
    if not complete:
        raise SizeError("the basis is larger than the bounds")
    return [[[list(map(int, m)), str(c)] for m, c in p.terms()] for p in basis.autoreduction() if p != 0]


def _leading(p: Any) -> tuple[int, ...]:
    return tuple(int(e) for e in p.monomial(0))


def dimension(basis: Sequence[Any], n: int) -> int:
    """n less the fewest variables that meet every leading monomial."""
    supports = [{i for i, e in enumerate(_leading(p)) if e} for p in basis]
    best = n
    for chosen in product((False, True), repeat=n):
        names = {i for i, c in enumerate(chosen) if c}
        if len(names) < best and all(s & names for s in supports):
            best = len(names)
    return n - best


# ----------------------------------------------------------------------------------------------------- the finite case
class Reduction:
    """Normal forms modulo a Gröbner basis: monomials to rational combinations of those below the staircase."""

    def __init__(self, basis: Sequence[Any]) -> None:
        self.rules: list[tuple[tuple[int, ...], dict[tuple[int, ...], Any]]] = []
        for p in basis:
            terms = [(tuple(int(e) for e in m), fmpq(int(c))) for m, c in p.terms()]
            lead, c = terms[0]
            self.rules.append((lead, {m: -v / c for m, v in terms[1:]}))
        self.known: dict[tuple[int, ...], dict[tuple[int, ...], Any]] = {}

    def standard(self, m: tuple[int, ...]) -> bool:
        return not any(_divides(lead, m) for lead, _ in self.rules)

    def monomial(self, m: tuple[int, ...]) -> dict[tuple[int, ...], Any]:
        stack = [m]
        while stack:
            top = stack[-1]
            if top in self.known:
                stack.pop()
                continue
            rule = next(((lead, tail) for lead, tail in self.rules if _divides(lead, top)), None)
            if rule is None:
                self.known[top] = {top: fmpq(1)}
                continue
            lead, tail = rule
            shift = tuple(a - b for a, b in zip(top, lead, strict=True))
            moved = {tuple(a + b for a, b in zip(t, shift, strict=True)): c for t, c in tail.items()}
            waiting = [t for t in moved if t not in self.known]
            if waiting:
                stack.extend(waiting)
                continue
            self.known[top] = self._sum((self.known[t], c) for t, c in moved.items())
        return self.known[m]

    def polynomial(self, p: Any) -> dict[tuple[int, ...], Any]:
        terms = p.terms() if hasattr(p, "terms") else p.items()
        return self._sum((self.monomial(tuple(int(e) for e in m)), fmpq(int(c.p), int(c.q)) if hasattr(c, "q")
                          else fmpq(int(c))) for m, c in terms)  # fmt: skip

    @staticmethod
    def _sum(parts: Iterable[tuple[dict[tuple[int, ...], Any], Any]]) -> dict[tuple[int, ...], Any]:
        out: dict[tuple[int, ...], Any] = {}
        for form, c in parts:
            for m, v in form.items():
                out[m] = out.get(m, fmpq(0)) + c * v
        return {m: v for m, v in out.items() if v}


def _divides(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    return all(x <= y for x, y in zip(a, b, strict=True))


def staircase(reduce: Reduction, n: int) -> list[tuple[int, ...]]:
    """The standard monomials, 1 first, each a variable times an earlier one."""
    out = [(0,) * n]
    known = {out[0]}
    for m in out:
        for i in range(n):
            up = tuple(e + (i == j) for j, e in enumerate(m))
            if up not in known and reduce.standard(up):
                known.add(up)
                out.append(up)
                if len(out) > ZEROS:
                    raise SizeError(f"the system of equations has more than {ZEROS} complex zeros")
    return out


def solved(part: Component, context: Any, check: Check) -> list[AlgebraicPlace]:
    """The real points of a part with finitely many zeros."""
    n = context.nvars()
    reduce = Reduction(part.basis)
    monomials = staircase(reduce, n)
    size = len(monomials)
    place = {m: i for i, m in enumerate(monomials)}

    def vector(form: dict[tuple[int, ...], Any]) -> list[Any]:
        out = [fmpq(0)] * size
        for m, c in form.items():
            out[place[m]] = c
        return out

    by: list[Any] = []
    for i in range(n):
        columns = [vector(reduce.monomial(tuple(e + (i == j) for j, e in enumerate(m)))) for m in monomials]
        by.append(fmpq_mat(columns).transpose())
        check()
    multiply = _multipliers(monomials, by)
    check()
    traces = fmpq_mat([[sum((m[k, k] for k in range(size)), fmpq(0)) for m in multiply]])
    form = fmpq_mat([[_entry(traces * m, b) for b in range(size)] for m in multiply])
    count = form.rank()
    check()
    unit = fmpq_mat([[int(i == 0)] for i in range(size)])
    for weights in _weights(n):
        t = sum((w * m for w, m in zip(weights, by, strict=True)), fmpq_mat(size, size))
        free = _squarefree(t.charpoly())
        check()
        if free.degree() == count:
            return _represented(free, t, by, traces, unit)
    raise SizeError("no combination of the names tells the zeros of the system apart")


def _entry(row: Any, b: int) -> Any:
    return row[0, b]


def _multipliers(monomials: Sequence[tuple[int, ...]], by: Sequence[Any]) -> list[Any]:
    """The matrix of the multiplication by each standard monomial."""
    size = len(monomials)
    made: dict[tuple[int, ...], Any] = {
        monomials[0]: fmpq_mat([[int(i == j) for j in range(size)] for i in range(size)])
    }
    for m in monomials[1:]:
        i = next(i for i, e in enumerate(m) if e and tuple(x - (i == j) for j, x in enumerate(m)) in made)
        made[m] = by[i] * made[tuple(x - (i == j) for j, x in enumerate(m))]
    return [made[m] for m in monomials]


def _weights(n: int) -> Iterable[tuple[int, ...]]:
    for i in range(n):
        yield tuple(int(i == j) for j in range(n))
    for k in range(1, 40):
        yield tuple((k + 1) ** j for j in range(n))
        yield tuple((-1) ** j * (3 * k * j + 1) for j in range(n))


def _squarefree(p: Any) -> Any:
    return p / p.gcd(p.derivative()) if p.degree() > 1 else p


def _represented(free: Any, t: Any, by: Sequence[Any], traces: Any, unit: Any) -> list[AlgebraicPlace]:
    """x_v = g_v(θ)/g_1(θ) for the roots θ of `free`."""
    free = free / free.leading_coefficient()
    r = free.degree()
    falling = [free[r - k] for k in range(r + 1)]
    horner = [fmpq_poly([falling[j - e] for e in range(j + 1)]) for j in range(r)]
    powers = [unit]
    for _ in range(r - 1):
        powers.append(t * powers[-1])

    def g(m: Any | None) -> Any:
        out = fmpq_poly([0])
        for i, u in enumerate(powers):
            out += horner[r - i - 1] * (traces * (u if m is None else m * u))[0, 0]
        return out

    bottom, tops = g(None), [g(m) for m in by]
    out = []
    _, factors = fmpz_poly(list(integers(free))).factor()
    for f, _ in sorted(factors, key=lambda f: (f[0].degree(), str(f[0]))):
        modulus = fmpq_poly(f)
        field = AlgebraicPlace(modulus, 0, ())
        inverse = field.inverse(bottom % modulus)
        at = tuple(top * inverse % modulus for top in tops)
        out += [AlgebraicPlace(modulus, k, at) for k in range(len(real_roots(integers(modulus), 128)))]
    return out
