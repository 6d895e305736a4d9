"""How much of a whole a few members bring: the share of the top fifth, and Gini's coefficient. Exact, and None where there is
nothing to share."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

TOP = Fraction(1, 5)


def top_share(values: Sequence[int]) -> Fraction | None:
    """What the fifth with most brings, of all. A fifth of seven members is two: it is rounded up.

    >>> top_share([1, 1, 1, 1, 6]), top_share([]), top_share([0, 0])
    (Fraction(3, 5), None, None)
    """
    whole = sum(values)
    if whole <= 0:
        return None
    many = -(-len(values) * TOP.numerator // TOP.denominator)
    return Fraction(sum(sorted(values, reverse=True)[:many]), whole)


def gini(values: Sequence[int]) -> Fraction | None:
    """0: each brings the same; towards 1: one brings all. Half of the mean difference between two members, over the mean;
    over all pairs, each with itself too (C. Gini, Variabilità e mutabilità, 1912).

    >>> gini([5, 5]), gini([0, 1]), gini([0])
    (Fraction(0, 1), Fraction(1, 2), None)
    """
    whole, many = sum(values), len(values)
    if whole <= 0:
        return None
    ranked = sum(rank * value for rank, value in enumerate(sorted(values), 1))
    return Fraction(2 * ranked - (many + 1) * whole, many * whole)
