"""Money off a whole purchase, shared over what it is made of: goods, shipping, lines."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from shared.domain.money import RoundingMode, ratio, rounded, shares


def percent_off(percent: Decimal, prices: Sequence[int], mode: RoundingMode = "half_up") -> int:
    """What a percentage takes off all prices together, rounded once.

    >>> percent_off(Decimal("12.5"), [3_000, 1_003])
    500
    """
    numerator, denominator = ratio(percent)
    return rounded(sum(prices) * numerator, 100 * denominator, mode)


def allocated(off_minor: int, prices: Sequence[int], mode: RoundingMode = "half_up") -> list[int]:
    """What of so much money off each price bears, in proportion: never more than the price, and all of it or all prices together.

    Rounded is what the prices up to each one bear together, so the last one that costs something takes what is left.

    >>> allocated(1_377, [3_000, 1_000]), allocated(10_000, [3_000, 1_000]), allocated(50, [0, 0])
    ([1033, 344], [3000, 1000], [0, 0])
    """
    return shares(min(off_minor, sum(prices)), prices, mode)
