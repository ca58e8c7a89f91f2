"""Rigorous values: every number is a rational or a ball (python-flint `arb`) that is certain to hold the truth.

A `Jet` c₀ + c₁ε + … + c_N ε^N carries derivatives forward through the same evaluation, by its own small table of
primitives: it shares nothing with the pullbacks, so it can check them. Nothing is ever nan or inf: what does not exist
raises `DomainError`, what a ball is too wide to decide raises `TooWide`, and the callers then double the precision.
"""

from .asked import UNDECIDED as UNDECIDED
from .asked import NotDecided as NotDecided
from .asked import Probe as Probe
from .asked import ball as ball
from .asked import decide_sign as decide_sign
from .asked import evaluate as evaluate
from .asked import jet as jet
from .asked import value as value
from .jets import PRIMITIVES as PRIMITIVES
from .jets import BallMath as BallMath
from .jets import TooWide as TooWide
from .jets import function as function
from .jets import jet_of as jet_of
from .jets import precision as precision
from .points import dimensions as dimensions
from .points import point as point
from .rationals import as_ball as as_ball
from .rationals import fmpq_of as fmpq_of
from .rationals import fraction_of as fraction_of
from .rationals import middle as middle
