"""The figures of a month on real purchases, CDNOW's 69,659 of January 1997 to June 1998, beside a recount in plain Python."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from fractions import Fraction
from itertools import accumulate, pairwise
from statistics import median
from typing import Any

import pytest

from club.load import cdnow
from shared.domain.account import Account
from shared.domain.census import census_of
from shared.domain.census_parts import Held, counted, part_of
from shared.domain.history import Bought, History
from shared.domain.months import Month, report_of_month
from shared.domain.reports import Report
from tests.domain.shop import programme

LAST = date(1998, 6, 30)
FIRST = LAST.replace(day=1)
YEAR_BEGAN = date(1997, 7, 1)
Log = dict[str, list[tuple[date, int]]]


@pytest.fixture(scope="module")
def log() -> Log:
    told: Log = defaultdict(list)
    for row in cdnow.rows(cdnow.folder(), "all"):
        told[row.customer].append((row.day, row.amount_minor))
    return told


@pytest.fixture(scope="module")
def report(log: Log) -> Report:
    """Everybody joins with the first purchase; no cost of goods is known."""
    book, parts = programme(), []
    for customer, told in log.items():
        bought = tuple(
            Bought(day, str(at), "web", "web", minor, 0, None, False) for at, (day, minor) in enumerate(sorted(told))
        )
        parts.append(census_of(Account(customer, bought[0].on), History(bought[0].on, bought), LAST, book))
    return report_of_month(Month(FIRST, LAST, counted(Held([part_of(parts, LAST)])), {}, "USD"))


def rows_of(report: Report, name: str) -> list[dict[str, Any]]:
    section = next(one for one in report.sections if one.name == name)
    return [dict(zip([column.name for column in section.columns], row, strict=True)) for row in section.rows]


def test_members_and_rhythm_are_what_the_log_says(report: Report, log: Log) -> None:
    figures = {row["figure"]: row["value"] for row in rows_of(report, "figures")}
    year = {one: [minor for day, minor in told if day >= YEAR_BEGAN] for one, told in log.items()}
    june = {one: sum(day >= FIRST for day, _ in told) for one, told in log.items()}
    eve = FIRST - timedelta(days=1)
    was_active = [one for one, told in log.items() if any(eve - timedelta(days=365) < day <= eve for day, _ in told)]
    gaps = [(b - a).days for told in log.values() for a, b in pairwise(sorted({day for day, _ in told}))]
    assert {name: figures[name] for name in (
        "members", "members_active", "members_dormant", "members_without_purchase", "members_churned", "buyers", "frequency",
        "rhythm_days", "top_fifth_of_margin", "gini_of_margin", "purchases", "basket_minor")} == {
        "members": 23_570,
        "members_active": sum(1 for told in year.values() if told),
        "members_dormant": sum(1 for told in year.values() if not told),
        "members_without_purchase": 0,
        "members_churned": sum(1 for one in was_active if not year[one]),
        "buyers": sum(1 for many in june.values() if many),
        "frequency": Fraction(sum(june.values()), sum(1 for many in june.values() if many)),
        "rhythm_days": Fraction(median(gaps)),
        # Nobody knows what the goods cost, and the tallies of these days are not told here.
        "top_fifth_of_margin": None, "gini_of_margin": None, "purchases": 0, "basket_minor": None,
    }  # fmt: skip


def test_members_who_came_back_after_a_year_of_silence_are_those_of_the_log(report: Report, log: Log) -> None:
    figures = {row["figure"]: row["value"] for row in rows_of(report, "figures")}
    returned = 0
    for told in log.values():
        days = sorted({day for day, _ in told})
        returned += any(b >= FIRST and a < b - timedelta(days=365) for a, b in pairwise(days))
    assert returned > 0
    assert figures["members_returning"] == returned


def test_the_share_of_the_top_fifth_and_ginis_coefficient_are_those_of_lorenz_curve(report: Report, log: Log) -> None:
    figures = {row["figure"]: row["value"] for row in rows_of(report, "figures")}
    spend = sorted(sum(minor for day, minor in told if day >= YEAR_BEGAN) for told in log.values()
                   if any(day >= YEAR_BEGAN for day, _ in told))  # fmt: skip
    whole, many = sum(spend), len(spend)
    top = spend[many - (many + 4) // 5 :]
    assert figures["top_fifth_of_revenue"] == Fraction(sum(top), whole)
    # Twice the area below the curve of what the poorest bring, by trapezes.
    below = sum(a + b for a, b in pairwise([0, *accumulate(spend)]))
    assert figures["gini_of_revenue"] == 1 - Fraction(below, whole * many)


@pytest.mark.parametrize("name", ["cohorts_by_first_purchase", "cohorts_by_joining"])
def test_who_bought_again_in_which_month_is_what_the_log_says(name: str, report: Report, log: Log) -> None:
    began = {one: min(told)[0].month for one, told in log.items()}
    in_month = Counter(
        (began[one], month) for one, told in log.items() for month in {12 * (d.year - 1997) + d.month for d, _ in told}
    )
    sizes = Counter(began.values())
    rows = rows_of(report, name)
    assert [(row["cohort"], row["members"]) for row in rows] == [
        (f"1997-{month:02d}", sizes[month]) for month in (1, 2, 3)
    ]
    for month, row in zip((1, 2, 3), rows, strict=True):
        for after in range(18):
            known = month + after <= 18
            assert row[f"month_{after}"] == (Fraction(in_month[month, month + after], sizes[month]) if known else None)


@pytest.mark.parametrize(("name", "since"), [("rfm_12m", YEAR_BEGAN), ("rfm_ever", date(1997, 1, 1))])
def test_scores_of_recency_frequency_and_money_are_the_ranks_of_the_log(
    name: str, since: date, report: Report, log: Log
) -> None:
    facts = {
        one: (max(kept)[0].toordinal(), len(kept), sum(minor for _, minor in kept))
        for one, told in log.items()
        if (kept := [(day, minor) for day, minor in told if day >= since])
    }
    # How many stand strictly lower, by counting value after value.
    lower: list[dict[int, int]] = []
    for place in range(3):
        counts, below, by_value = Counter(fact[place] for fact in facts.values()), 0, {}
        for value in sorted(counts):
            by_value[value] = below
            below += counts[value]
        lower.append(by_value)
    cells: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0])
    for fact in facts.values():
        recency, frequency, _ = (1 + 5 * lower[at][fact[at]] // len(facts) for at in range(3))
        cells[recency, frequency][0] += 1
        cells[recency, frequency][1] += fact[2]
    assert {
        (row["recency_score"], row["frequency_score"]): [row["members"], row["spend_minor"]]
        for row in rows_of(report, name)
    } == cells
    named = rows_of(report, f"{name}_segments")
    assert sum(row["members"] for row in named) == len(facts)
    champions = next(row for row in named if row["segment"] == "champions")
    assert champions["members"] == cells[5, 5][0] + cells[5, 4][0]
