"""What symnet prints, it reads back to the same Term: plain text and LaTeX, scalars and arrays."""

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from symnet.names import canonical, latex, unicode
from symnet.reading import read
from symnet.term import Term, num, sym

from . import random_terms as rt  # type: ignore[no-redef]

MANY = settings(max_examples=2_000, suppress_health_check=list(HealthCheck), deadline=None)
NIGHTLY = settings(max_examples=50_000, suppress_health_check=list(HealthCheck), deadline=None)


def same(t: Term, **more: object) -> None:
    assert read(str(t), **more).value is t, str(t)
    assert read(t.latex(), **more).value is t, t.latex()


@MANY
@given(rt.scalars)
@example(num(0) - sym("x"))
def test_scalars(t: Term) -> None:
    same(t)


@settings(MANY, max_examples=1_000)
@given(rt.arrays)
def test_arrays(t: Term) -> None:
    same(t, shapes=rt.DECLARED)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@NIGHTLY
@given(rt.scalars)
def test_many_scalars(t: Term) -> None:
    same(t)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@NIGHTLY
@given(rt.arrays)
def test_many_arrays(t: Term) -> None:
    same(t, shapes=rt.DECLARED)


@given(st.sampled_from(rt.NAMES))
def test_names(name: str) -> None:
    assert canonical(name) == canonical(latex(name)) == canonical(unicode(name)) == name
