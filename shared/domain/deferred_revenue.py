"""What of a sale is earned when the points given with it are used: IFRS 15, paragraphs 74 and B39 to B43 (customer options
that are a material right). The price of a sale is shared between goods and points by what each would cost alone."""

from __future__ import annotations

from fractions import Fraction

from shared.domain.money import rounded


def standalone_minor(units: int, price_minor: Fraction, expected: Fraction) -> int:
    """What points would cost alone: their price, for the share that is expected to be used; a half is rounded up.

    >>> standalone_minor(10_000, Fraction(1), Fraction(97, 100))
    9700
    """
    worth = units * price_minor * expected
    return rounded(worth.numerator, worth.denominator, "half_up")


def allocated_minor(sales_minor: int, points_minor: int, to_minor: int = 1) -> int:
    """The part of sales that is for the points given with them, as a whole multiple of `to_minor`; a half is rounded up.

    >>> allocated_minor(100_000, 9_700), allocated_minor(100_000, 9_700, 1_000), allocated_minor(0, 0)
    (8842, 9000, 0)
    """
    if not sales_minor:
        return 0
    return rounded(sales_minor * points_minor, (sales_minor + points_minor) * to_minor, "half_up") * to_minor


def recognised_minor(allocated: int, used: int, expected: int) -> int:
    """What of the allocated is earned by now: the share of points that was used of all that are expected ever to be; rounded
    down, since nothing is earned too early. Where none is expected any more, all of it.

    >>> recognised_minor(9_000, 4_500, 9_700), recognised_minor(9_000, 8_500, 9_200), recognised_minor(9_000, 0, 0)
    (4175, 8315, 9000)
    """
    return allocated * min(used, expected) // expected if expected > 0 else allocated
