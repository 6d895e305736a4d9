"""Recency, frequency and money: each member's rank among all who bought, in fifths.

A score is 1 for the lowest fifth and 5 for the highest, by the share of members who stand strictly lower: members who are alike
have the same score. The more recent, the higher.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from shared.domain.money import rounded
from shared.domain.reports import Column, Section

FIFTHS = 5


class Bought(NamedTuple):
    """What is known of one member: the day of the last purchase as an ordinal, how often, for how much."""

    last: int
    purchases: int
    spend_minor: int


class Named(NamedTuple):
    """A name for members with scores in these ranges."""

    name: str
    recency: range
    frequency: range


# The grid of recency and frequency that reports of others use, under its usual names; each pair of scores has one.
SEGMENTS = (
    Named("champions", range(5, 6), range(4, 6)),
    Named("loyal", range(3, 5), range(4, 6)),
    Named("potential loyalists", range(4, 6), range(2, 4)),
    Named("new", range(5, 6), range(1, 2)),
    Named("promising", range(4, 5), range(1, 2)),
    Named("need attention", range(3, 4), range(3, 4)),
    Named("about to sleep", range(3, 4), range(1, 3)),
    Named("cannot lose", range(1, 3), range(5, 6)),
    Named("at risk", range(1, 3), range(3, 5)),
    Named("hibernating", range(1, 3), range(1, 3)),
)


def segment_of(recency: int, frequency: int) -> str:
    """
    >>> segment_of(5, 5), segment_of(1, 1)
    ('champions', 'hibernating')
    """
    (found,) = (one.name for one in SEGMENTS if recency in one.recency and frequency in one.frequency)
    return found


def scores(values: Sequence[int]) -> list[int]:
    """The score of each value among all of them.

    >>> scores([1, 2, 3, 4, 5]), scores([7, 7, 7, 9]), scores([])
    ([1, 2, 3, 4, 5], [1, 1, 1, 4], [])
    """
    ranked = sorted(values)
    return [1 + FIFTHS * bisect_left(ranked, value) // len(ranked) for value in values]


def rfm_sections(members: Sequence[Bought], last_day: int, name: str) -> tuple[Section, Section, Section]:
    """The members by recency and frequency, with their money; from which value to which each score goes; and the same members
    under names."""
    by_figure = list(zip(*members, strict=True)) or [(), (), ()]
    scored = [scores(values) for values in by_figure]
    cells: dict[tuple[int, int], list[int]] = {}
    for recency, frequency, money, one in zip(*scored, members, strict=True):
        cell = cells.setdefault((recency, frequency), [0, 0, 0])
        cell[0] += 1
        cell[1] += one.spend_minor
        cell[2] += money
    rows = tuple(
        (recency, frequency, many, spend, rounded(100 * money, many, "half_up"))
        for (recency, frequency), (many, spend, money) in sorted(cells.items(), reverse=True)
    )
    columns = (
        Column("recency_score", "number"), Column("frequency_score", "number"), Column("members", "number"),
        Column("spend_minor", "minor"), Column("money_score_hundredths", "number"),
    )  # fmt: skip
    bounds = _bounds(by_figure, scored, last_day, f"{name}_bounds")
    return Section(name, columns, rows), bounds, _segments(cells, f"{name}_segments")


def _segments(cells: Mapping[tuple[int, int], Sequence[int]], name: str) -> Section:
    """`cells`: members and their spend, by scores of recency and frequency."""
    sums: dict[str, list[int]] = {one.name: [0, 0] for one in SEGMENTS}
    for scored, (many, spend, _) in cells.items():
        of = sums[segment_of(*scored)]
        of[0] += many
        of[1] += spend
    members, money = (sum(one[place] for one in sums.values()) for place in (0, 1))
    rows = tuple(
        (segment, many, Fraction(many, members), spend, Fraction(spend, money) if money > 0 else None)
        for segment, (many, spend) in sums.items()
        if many
    )
    columns = (
        Column("segment", "text"), Column("members", "number"), Column("share_of_members", "share"),
        Column("spend_minor", "minor"), Column("share_of_spend", "share"),
    )  # fmt: skip
    return Section(name, columns, rows)


def _bounds(by_figure: Sequence[Sequence[int]], scored: Sequence[Sequence[int]], last_day: int, name: str) -> Section:
    """Recency as days before the end of the month, so that the lowest number has the highest score."""
    rows = []
    for figure, values, known in zip(("recency_days", "purchases", "spend_minor"), by_figure, scored, strict=True):
        told = [last_day - value for value in values] if figure == "recency_days" else list(values)
        for score in range(FIFTHS, 0, -1):
            within = [value for value, one in zip(told, known, strict=True) if one == score]
            if within:
                rows.append((figure, score, len(within), min(within), max(within)))
    columns = (
        Column("figure", "text"), Column("score", "number"), Column("members", "number"), Column("least", "number"),
        Column("most", "number"),
    )  # fmt: skip
    return Section(name, columns, tuple(rows))
