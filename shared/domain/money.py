"""Exact arithmetic for money and points: integers, fractions with a name for every rounding, and shares that add up."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

RoundingMode = Literal["floor", "half_up", "ceil"]

# Above this an amount is a mistake: ten thousand million in a currency of two decimals.
AMOUNT_MINOR_MAX = 1_000_000_000_000

# ISO 4217: currencies whose minor unit is not a hundredth. Every other one has two decimals.
_DECIMALS = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
}


def decimals(currency: str) -> int:
    """How many decimals the currency's major unit has: 2 for USD, 0 for JPY, 3 for KWD (ISO 4217)."""
    return _DECIMALS.get(currency, 2)


def rounded(numerator: int, denominator: int, mode: RoundingMode) -> int:
    """The fraction as a whole number; the denominator is positive.

    >>> rounded(19_990, 100, "floor"), rounded(19_950, 100, "half_up"), rounded(1, 3, "ceil")
    (199, 200, 1)
    """
    if mode == "floor":
        return numerator // denominator
    if mode == "ceil":
        return -(-numerator // denominator)
    return (2 * numerator + denominator) // (2 * denominator)


def shares(total: int, weights: Sequence[int], mode: RoundingMode = "floor") -> list[int]:
    """`total` split in proportion to the weights, exactly: what rounding leaves goes to the line where it has added up to one.

    No share is more than its weight as long as the total is not more than all of them.

    >>> shares(100, [1, 1, 1]), shares(0, [5]), shares(7, [3, 0]), shares(1499, [500, 500, 500])
    ([33, 33, 34], [0], [7, 0], [499, 500, 500])
    """
    whole = sum(weights)
    if whole == 0:
        return [0] * len(weights)
    parts, reached, given = [], 0, 0
    for weight in weights:
        reached += weight
        due = rounded(total * reached, whole, mode)
        parts.append(due - given)
        given = due
    return parts


def ratio(value: int | Decimal) -> tuple[int, int]:
    """A programme's number as an exact fraction in lowest terms: 1.5 is (3, 2)."""
    return Decimal(value).as_integer_ratio()


# As many as a programme may write.
DECIMALS_SHOWN_MAX = 6


def exact_text(numerator: int, denominator: int) -> str:
    """A fraction as people read it: at most six decimals, cut and marked when it goes on.

    >>> exact_text(19_990, 100), exact_text(1, 3), exact_text(200, 100)
    ('199.9', '0.333333…', '2')
    """
    scaled, rest = divmod(abs(numerator) * 10**DECIMALS_SHOWN_MAX, denominator)
    whole, part = divmod(scaled, 10**DECIMALS_SHOWN_MAX)
    text = f"{whole}.{part:0{DECIMALS_SHOWN_MAX}d}".rstrip("0").rstrip(".") if part else str(whole)
    return ("-" if numerator < 0 else "") + text + ("…" if rest else "")
