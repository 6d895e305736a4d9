"""A month is counted from parts of the club: whatever the parts, pages and sequence, it is the month of all members."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from statistics import median

import pytest

from shared.domain.ascending import ascending
from shared.domain.census import Census, Line
from shared.domain.census_parts import Held, Part, counted, part_of
from shared.domain.months import Month, report_of_month
from shared.domain.reports import Report, Value

LAST = date(2026, 10, 31)
FIRST = LAST.replace(day=1)


def members(seed: int) -> list[Census]:
    """Members of all kinds, many of whom are alike, each with gaps and with something that is owed."""
    chance = random.Random(seed)
    return [one_member(chance, costs_unknown=seed % 3 == 0) for _ in range(chance.choice([0, 1, 4, 37, 120]))]


def one_member(chance: random.Random, *, costs_unknown: bool) -> Census:
    end = LAST.toordinal()
    joined = end - chance.randrange(900)
    owed = {("given", str(chance.randrange(3))): chance.randrange(9)}
    if chance.random() < 0.2:
        return Census((Line(joined),), owed=owed)
    last = end - chance.choice([0, 5, 30, chance.randrange(800)])
    first = last - chance.choice([0, 3, chance.randrange(700)])
    within = chance.randrange(1, 4) if last > end - 365 else 0
    spend = chance.choice([0, 100, 100, 999, chance.randrange(1, 90_000)]) if within else 0
    margin = None if costs_unknown and chance.random() < 0.3 else spend // 3 - chance.choice([0, 50])
    line = Line(
        joined, first, last, within + chance.randrange(3) + (within == 0), 1, spend + chance.choice([0, 100, 5_000]),
        within, spend, margin, 1 if last >= FIRST.toordinal() else 0, chance.randrange(1 << 20) | 1, chance.random() < 0.5,
        chance.random() < 0.1,
    )  # fmt: skip
    return Census(
        (line,), {chance.randrange(1, 40): chance.randrange(1, 3)}, owed, {("A", "treated", "members", ""): 1}
    )


def in_parts(told: Sequence[Census], seed: int) -> list[Part]:
    """In any sequence, cut into any number of parts, some of which are empty."""
    chance = random.Random(seed)
    mixed = chance.sample(told, len(told))
    cuts = sorted(chance.randrange(len(mixed) + 1) for _ in range(chance.randrange(6)))
    return [part_of(mixed[start:end], LAST) for start, end in zip([0, *cuts], [*cuts, len(mixed)], strict=True)]


def month(parts: Sequence[Part]) -> Report:
    return report_of_month(Month(FIRST, LAST, counted(Held(parts)), {}, "USD"))


@pytest.mark.parametrize("seed", range(40))
def test_a_month_counted_from_any_parts_in_any_sequence_is_that_of_all_members_at_once(seed: int) -> None:
    told = members(seed)
    at_once, cut = Held([part_of(told, LAST)]), Held(in_parts(told, seed))
    assert month(cut.parts).text == month(at_once.parts).text
    assert counted(cut) == counted(at_once)


@pytest.mark.parametrize("seed", range(40))
def test_ranks_shares_and_medians_of_parts_are_those_counted_from_all_members_one_by_one(seed: int) -> None:
    told = members(seed)
    report = month(in_parts(told, seed))
    figures = {row[0]: row[2] for row in report.sections[0].rows}
    lines = [line for one in told for line in one.lines]
    year = [line for line in lines if line.purchases_12m]
    margins = [line.margin_12m_minor for line in year]
    known = [one for one in margins if one is not None]
    assert (figures["top_fifth_of_revenue"], figures["gini_of_revenue"]) == shares(
        [one.spend_12m_minor for one in year]
    )
    assert (figures["top_fifth_of_margin"], figures["gini_of_margin"]) == (
        shares(known) if len(known) == len(margins) else (None, None)
    )
    gaps = [days for one in told for days, times in one.gaps.items() for _ in range(times)]
    assert figures["rhythm_days"] == (Fraction(median(gaps)) if gaps else None)
    bought = [line for line in lines if line.purchases]
    assert cells(report, "rfm_12m") == scored([(one.last, one.purchases_12m, one.spend_12m_minor) for one in year])
    assert cells(report, "rfm_ever") == scored([(one.last, one.purchases, one.spend_minor) for one in bought])


def shares(values: list[int]) -> tuple[Fraction | None, Fraction | None]:
    whole, many = sum(values), len(values)
    if whole <= 0:
        return None, None
    apart = sum(abs(one - other) for one in values for other in values)
    return Fraction(sum(sorted(values)[many - (many + 4) // 5 :]), whole), Fraction(apart, 2 * many * whole)


def scored(facts: list[tuple[int, int, int]]) -> dict[tuple[Value, ...], tuple[Value, ...]]:
    """By scores of recency and frequency: members, what they spent, the mean of their scores of money in hundredths, half up."""

    def score(place: int, value: int) -> int:
        return 1 + 5 * sum(1 for one in facts if one[place] < value) // len(facts)

    found: dict[tuple[Value, ...], list[tuple[int, int]]] = {}
    for fact in facts:
        recency, frequency, money = (score(place, value) for place, value in enumerate(fact))
        found.setdefault((recency, frequency), []).append((fact[2], money))
    return {
        cell: (len(some), sum(minor for minor, _ in some), (200 * sum(score for _, score in some) + len(some)) // (2 * len(some)))
        for cell, some in found.items()
    }  # fmt: skip


def cells(report: Report, name: str) -> dict[tuple[Value, ...], tuple[Value, ...]]:
    section = next(one for one in report.sections if one.name == name)
    return {row[:2]: row[2:] for row in section.rows}


@pytest.mark.parametrize("seed", range(30))
def test_streams_in_pieces_of_any_length_come_as_one_that_ascends(seed: int) -> None:
    chance = random.Random(seed)
    streams = [
        sorted(chance.randrange(-5, 30) for _ in range(chance.randrange(20))) for _ in range(chance.randrange(6))
    ]
    pieces = [[one[at : at + 3] for at in range(0, len(one), 3)] for one in streams]
    runs = list(ascending(iter(some) for some in pieces))
    assert [value for run in runs for value in run] == sorted(value for one in streams for value in one)


def test_of_figures_of_which_the_cost_is_unknown_for_one_member_there_is_no_data() -> None:
    known = Line(1, 2, LAST.toordinal(), 1, 1, 100, 1, 100, 40)
    parts = [part_of([Census((known,))], LAST), part_of([Census((known._replace(margin_12m_minor=None),))], LAST)]
    figures = {row[0]: row[2] for row in month(parts).sections[0].rows}
    assert (figures["gini_of_margin"], figures["gini_of_revenue"]) == (None, Fraction(0))
    figures = {row[0]: row[2] for row in month(parts[:1]).sections[0].rows}
    assert figures["gini_of_margin"] == Fraction(0)
