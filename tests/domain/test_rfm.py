"""Members by recency, frequency and money: who is alike has the same score, and each has one name."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from shared.domain.concentration import spread_of
from shared.domain.fifths import FIFTHS, fifths_by_count
from shared.domain.reports import Section
from shared.domain.rfm import SEGMENTS, Columns, rfm_sections, scored, segment_of

LAST = 739_300


class Bought(NamedTuple):
    last: int
    purchases: int
    spend_minor: int


def scores(values: Sequence[int]) -> list[int]:
    found = fifths_by_count(Counter(values))
    ranked = sorted(values)
    runs = (ranked[at : at + 3] for at in range(0, len(ranked), 3))
    # Counted by how often each is there, or value after value: the same.
    assert spread_of(runs, len(values)).fifths == found
    return [found.score(value) for value in values]


def sections(members: Sequence[Bought]) -> tuple[Section, Section, Section]:
    last, purchases = (fifths_by_count(Counter(one[place] for one in members)) for place in (0, 1))
    ranked = sorted((one.spend_minor, one.last, one.purchases) for one in members)
    money = spread_of([[one[0] for one in ranked]], len(ranked)).fifths
    pieces = [Columns(*zip(*ranked[at : at + 7], strict=True)) for at in range(0, len(ranked), 7)]
    return rfm_sections(scored(pieces, last, purchases, money), LAST, "rfm")


def some_members(seed: int, many: int) -> list[Bought]:
    chance = random.Random(seed)
    return [
        Bought(LAST - chance.randrange(0, 365), chance.choice([1, 1, 1, 2, 3, 5, 9]), chance.randrange(0, 90_000))
        for _ in range(many)
    ]


def lower_share(value: int, values: list[int]) -> Fraction:
    return Fraction(sum(1 for one in values if one < value), len(values))


def test_a_score_says_how_many_fifths_of_the_members_stand_lower() -> None:
    for seed in range(20):
        members = some_members(seed, 1 + 7 * seed)
        for values in map(list, zip(*members, strict=True)):
            for value, score in zip(values, scores(values), strict=True):
                assert Fraction(score - 1, FIFTHS) <= lower_share(value, values) < Fraction(score, FIFTHS)


def test_of_members_who_all_differ_each_score_has_a_fifth() -> None:
    found = scores(random.Random(1).sample(range(10_000), 100))
    assert [found.count(score) for score in range(1, FIFTHS + 1)] == [20] * FIFTHS


def test_each_pair_of_scores_has_one_name() -> None:
    for recency in range(1, FIFTHS + 1):
        for frequency in range(1, FIFTHS + 1):
            assert segment_of(recency, frequency) in {one.name for one in SEGMENTS}


def test_the_names_tell_of_the_same_members_and_the_same_money() -> None:
    members = some_members(3, 211)
    cells, _, named = sections(members)
    by_hand: dict[str, list[int]] = {}
    days, times, _ = map(list, zip(*members, strict=True))
    for one in members:
        recency = 1 + sum(1 for day in days if day < one.last) * 5 // len(days)
        frequency = 1 + sum(1 for many in times if many < one.purchases) * 5 // len(times)
        sums = by_hand.setdefault(segment_of(recency, frequency), [0, 0])
        sums[0] += 1
        sums[1] += one.spend_minor
    spend = sum(one.spend_minor for one in members)
    assert {row[0]: row[1:] for row in named.rows} == {
        name: (many, Fraction(many, 211), money, Fraction(money, spend)) for name, (many, money) in by_hand.items()
    }
    assert sum(row[2] for row in cells.rows if isinstance(row[2], int)) == 211


def test_where_nobody_bought_there_is_no_row_and_where_nothing_was_spent_no_share() -> None:
    assert [section.rows for section in sections([])] == [(), (), ()]
    (row,) = sections([Bought(LAST, 1, 0)])[2].rows
    assert row == ("hibernating", 1, Fraction(1), 0, None)
