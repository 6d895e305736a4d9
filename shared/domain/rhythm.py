"""A member's own rhythm: how many days usually lie between two days of purchases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from shared.domain.money import rounded

# Two gaps are the fewest of which one may be called usual.
RHYTHM_PURCHASES_MIN = 3


def usual_gap(purchase_days: Sequence[date]) -> int | None:
    """The median of the gaps between the days, in days; of two in the middle their mean, a half rounded up. None of too few.

    Days ascending, each once. Source: the automation "repurchase reminder" of issue 5.

    >>> usual_gap([date(2027, 1, 1), date(2027, 1, 11), date(2027, 2, 10)])
    20
    """
    if len(purchase_days) < RHYTHM_PURCHASES_MIN:
        return None
    gaps = sorted((later - earlier).days for earlier, later in pairwise(purchase_days))
    return rounded(gaps[(len(gaps) - 1) // 2] + gaps[len(gaps) // 2], 2, "half_up")
