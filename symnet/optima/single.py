"""One variable: cells between joints, poles and ends, zeros of f′ in each, kinds by the sign of f′ beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from time import monotonic
from typing import Any

from ..errors import DomainError, RuleError
from ..names import canonical
from ..term import Term
from .answer import Stationary, StationaryPoint
from .cells import Infinite, fraction_of, study_of
from .extrema import candidates, extremum
from .page import lines
from .periods import cut_to, one_period, period_of, window_in
from .picture import draw
from .places import is_pole
from .question import domain_of
from .reals import Rational, compare
from .spans import End, Span, span_of, window_of
from .survey import Survey, survey
from .wording import certificate, complete, family, odd_roots, plateaus, point

SECONDS = 20.0  # for the points of a window
MARGIN = Fraction(1, 997)  # so that a point at an end of a window lies inside


def solve(value: Term, name: str, domain: Mapping[str, Any] | None, deadline: float) -> Stationary:
    """The stationary points of a function of one name."""
    x = canonical(name)
    known = surveyed(value, x, span_of(domain_of(x, domain), x), deadline)
    answer = answered(value, known)

    def within(window: Mapping[str, Any]) -> tuple[StationaryPoint, ...]:
        return points_within(value, x, known.domain, window, max(deadline, monotonic() + SECONDS))

    return replace(answer, lines=lines(known), picture=draw(known), window=within)


def surveyed(value: Term, x: str, domain: Span, deadline: float) -> Survey:
    """All of the domain; one period of it; or a window, where there are infinitely many points without a period."""
    study = study_of(value, x, deadline)
    endless = domain.low.at is None and domain.high.at is None and not domain.holes
    period = period_of(study.f, x) if endless else None
    try:
        return survey(study, domain, one_period(period) if period is not None else domain, period)
    except Infinite as e:
        window = window_in(domain, e.wide)
        return survey(study_of(value, x, deadline), domain, cut_to(domain, *window), period, window)


def answered(value: Term, known: Survey) -> Stationary:
    """The answer that a survey gives."""
    x, study = known.x, known.study
    found, every = candidates(known)
    low, high = extremum(known, found, every, -1), extremum(known, found, every, 1)
    poles = tuple({x: b.at.sympy()} for b in known.breaks if b.at is not None and is_pole(study, b, known.cells))
    return Stationary(
        expr=value,
        wrt=(x,),
        points=tuple(point(x, p, low, high) for p in known.places),
        complete=complete(known),
        certificate=certificate(known),
        minimum=low,
        maximum=high,
        family=family(known),
        critical_set=tuple(plateaus(known)) or None,
        poles=poles,
        notes=(*dict.fromkeys(odd_roots(known)), *study.notes),
        domain={x: known.domain.text} if known.domain.text else {},
    )


def points_within(
    value: Term, x: str, domain: Span, window: Mapping[str, Any], deadline: float
) -> tuple[StationaryPoint, ...]:
    """The points in a closed window of the domain."""
    box = window_of(window.get(x))
    if box.low.at is None or box.high.at is None:
        raise DomainError(f"a window has two finite ends, such as {{'{x}': ['-10', '10']}}")
    low, high = fraction_of(float(box.low.at)) - MARGIN, fraction_of(float(box.high.at)) + MARGIN
    first, last = domain.low, domain.high
    span = Span(
        first if first.at is not None and float(first.at) >= low else End(Rational(low), True, True),
        last if last.at is not None and float(last.at) <= high else End(Rational(high), True, True),
        holes=domain.holes,
    )
    study = study_of(value, x, deadline)
    found = survey(study, span, span).places
    if study.gaps:
        raise RuleError(f"whether these are all points between {float(low):.6g} and {float(high):.6g} was not decided")
    inside = [p for p in found if compare(p.at, box.low.at) >= 0 and compare(p.at, box.high.at) <= 0]
    return tuple(point(x, p, None, None) for p in inside)
