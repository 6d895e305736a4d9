"""Recency, frequency and money: each member's rank among all who bought, in fifths.

A score is 1 for the lowest fifth and 5 for the highest, by the share of members who stand strictly lower: members who are alike
have the same score. The more recent, the higher.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from operator import or_
from types import MappingProxyType
from typing import NamedTuple

from shared.domain.fifths import Fifths
from shared.domain.money import rounded
from shared.domain.reports import Column, Section, Unit


class Columns(NamedTuple):
    """What is known of some members, a column for each figure, and the members in the sequence of what they spent: how much, on
    which day last as an ordinal, how often."""

    minor: Sequence[int] = ()
    last: Sequence[int] = ()
    purchases: Sequence[int] = ()


class Cell(NamedTuple):
    """Members of one score of recency and one of frequency: what they spent, and the sum of their scores of money."""

    members: int
    spend_minor: int
    money: int


class Scored(NamedTuple):
    """Members by their scores. `cells`: by those of recency and frequency."""

    recency: Fifths = Fifths()
    frequency: Fifths = Fifths()
    money: Fifths = Fifths()
    cells: Mapping[tuple[int, int], Cell] = MappingProxyType({})


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


def scored(pieces: Iterable[Columns], recency: Fifths, frequency: Fifths, money: Fifths) -> Scored:
    """Members in any pieces, one of which is in memory at a time. A loop of its own for each column: there may be many."""
    members, spend, scores = Counter[int](), [0] * 64, Counter[int]()
    recent, often = _Known(recency, 3), _Known(frequency, 0)
    for one in pieces:
        cells = list(map(or_, map(recent.__getitem__, one.last), map(often.__getitem__, one.purchases)))
        for cell, minor in zip(cells, one.minor, strict=True):
            spend[cell] += minor
        for score, start, end in money.cuts(one.minor):
            found = Counter(cells[start:end])
            members.update(found)
            for cell, many in found.items():
                scores[cell] += score * many
    known = {(cell >> 3, cell & 7): Cell(many, spend[cell], scores[cell]) for cell, many in members.items()}
    return Scored(recency, frequency, money, known)


class _Known(dict[int, int]):
    """The score of each value that was asked for, shifted so far to the left."""

    def __init__(self, fifths: Fifths, shift: int) -> None:
        super().__init__()
        self._fifths, self._shift = fifths, shift

    def __missing__(self, value: int) -> int:
        self[value] = self._fifths.score(value) << self._shift
        return self[value]


def rfm_sections(scored: Scored, last_day: int, name: str) -> tuple[Section, Section, Section]:
    """The members by recency and frequency, with their money; from which value to which each score goes; and the same members
    under names."""
    rows = tuple(
        (recency, frequency, many, spend, rounded(100 * money, many, "half_up"))
        for (recency, frequency), (many, spend, money) in sorted(scored.cells.items(), reverse=True)
    )
    columns = (
        Column("recency_score", "number"), Column("frequency_score", "number"), Column("members", "number"),
        Column("spend_minor", "minor"), Column("money_score_hundredths", "number"),
    )  # fmt: skip
    return (
        Section(name, columns, rows),
        _bounds(scored, last_day, f"{name}_bounds"),
        _segments(scored.cells, f"{name}_segments"),
    )


def _segments(cells: Mapping[tuple[int, int], Cell], name: str) -> Section:
    sums: dict[str, list[int]] = {one.name: [0, 0] for one in SEGMENTS}
    for scores, (many, spend, _) in cells.items():
        of = sums[segment_of(*scores)]
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


def _bounds(scored: Scored, last_day: int, name: str) -> Section:
    """Recency as days before the end of the month, so that the lowest number has the highest score."""
    rows = []
    for figure, fifths in (
        ("recency_days", scored.recency), ("purchases", scored.frequency), ("spend_minor", scored.money),
    ):  # fmt: skip
        for score, (members, least, most) in sorted(fifths.by_score.items(), reverse=True):
            known = (last_day - most, last_day - least) if figure == "recency_days" else (least, most)
            unit: Unit = "minor" if figure == "spend_minor" else "number"
            rows.append((figure, unit, score, members, *known))
    columns = (
        Column("figure", "text"), Column("unit", "text"), Column("score", "number"), Column("members", "number"),
        Column("least", "by_row"), Column("most", "by_row"),
    )  # fmt: skip
    return Section(name, columns, tuple(rows))
