"""The floor of margin at the till: how much offers may take off the lines of one purchase, alone and together.

An offer is measured over the lines that it speaks of, bought ones and free ones together: 3+1 leaves the price of three for the
cost of four. What one offer was measured by holds for those after it too, and for all of them together that share a line: no
stacking passes the floor (R6).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from shared.domain.margin_tables import Margin
from shared.domain.money import ratio, rounded, shares
from shared.domain.purchase import Purchase
from shared.domain.rulebook import Rulebook

_HUNDRED = 100


def least_factor(margin: Margin, *, with_tax: bool) -> Fraction:
    """By what a cost is multiplied to be the least price that keeps the floor, with the tax that is in it or without.

    >>> from decimal import Decimal
    >>> least_factor(Margin(floor_percent=Decimal(20), tax_percent=Decimal(18)), with_tax=True)
    Fraction(59, 40)
    """
    floor = Fraction(*ratio(margin.floor_percent or 0))
    tax = Fraction(*ratio(margin.tax_percent)) if with_tax else Fraction(0)
    return (_HUNDRED + tax) * (_HUNDRED - floor) ** -1


class Room:
    """What of each line, and of the lines of each offer so far, may still be taken off."""

    def __init__(self, by_line: Sequence[int], unit_least: Sequence[int]) -> None:
        self.by_line, self.unit_least = list(by_line), list(unit_least)
        # Lines that an offer spoke of, and those of offers that speak of some of the same.
        self.groups: list[frozenset[int]] = []
        # What units cost that were given beside the purchase, by the lines they were given for.
        self.beside: list[tuple[frozenset[int], int]] = []

    @classmethod
    def of(cls, purchase: Purchase, prices: Sequence[int], book: Rulebook) -> Room:
        """`prices`: what each line comes to before offers. What the shop sells below the floor by itself has no room."""
        factor = least_factor(book.programme.margin, with_tax=purchase.prices_include_tax)
        least = [_up(book.costs.minor(line) * factor) for line in purchase.lines]
        return cls(
            [max(0, price - low) for price, low in zip(prices, least, strict=True)],
            [_up(Fraction(low, line.quantity)) for low, line in zip(least, purchase.lines, strict=True)],
        )

    def lowered(self, by_line: Sequence[int], places: frozenset[int]) -> list[int]:
        """So much of what an offer takes off as there is room for: in proportion, over the lines that have too little."""
        kept = list(by_line)
        for group in self._groups(places):
            part, left = [minor if at in group else 0 for at, minor in enumerate(kept)], max(0, self._left(group))
            if sum(part) > left:
                fitting = shares(left, part)
                kept = [fitting[at] if at in group else minor for at, minor in enumerate(kept)]
        return kept

    def holds(self, by_line: Sequence[int], places: frozenset[int], free_on_top: int) -> bool:
        """Whether there is room for all of it, and for what units cost that are given beside the purchase."""
        more = self._worth(places, free_on_top)
        return all(
            sum(by_line[at] for at in group) + (more if group & places else 0) <= self._left(group)
            for group in self._groups(places)
        )

    def take(self, by_line: Sequence[int], places: frozenset[int], free_on_top: int) -> None:
        self.groups = list(self._groups(places))
        self.by_line = [left - minor for left, minor in zip(self.by_line, by_line, strict=True)]
        if free_on_top:
            self.beside.append((places, self._worth(places, free_on_top)))

    def _groups(self, places: frozenset[int]) -> Iterable[frozenset[int]]:
        together = places.union(*(group for group in self.groups if group & places))
        return dict.fromkeys((*self.groups, places, together))

    def _left(self, group: frozenset[int]) -> int:
        beside = sum(worth for places, worth in self.beside if places & group)
        return sum(self.by_line[at] for at in group) - beside

    def _worth(self, places: frozenset[int], free_on_top: int) -> int:
        """What units cost that are given beside the purchase, as a price at the floor: as the dearest of their lines."""
        return free_on_top * max((self.unit_least[at] for at in places), default=0)


def _up(minor: Fraction) -> int:
    return rounded(minor.numerator, minor.denominator, "ceil")
