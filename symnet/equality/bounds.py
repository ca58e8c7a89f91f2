"""Whether a formula is never negative, by the signs of the factors of its normal form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..term import Term
from .comparison import intervals
from .field import SIZES, Again
from .normal import Normal
from .proof import FAILED


def never_negative(t: Term, domain: Mapping[str, Any] | None = None) -> bool:
    """Proved; False says nothing."""
    n = Normal(SIZES[0], intervals(domain or {}))
    for _ in range(20):
        try:
            u = n.value(t)
            return bool(u.p == 0 or n.sign(u).p == 1)
        except Again:
            n.memo.clear()
        except FAILED:
            return False
    return False
