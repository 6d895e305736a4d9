"""What members of each source cost: all of the month is told, by where they came from, and nothing of it twice."""

from __future__ import annotations

import random
from datetime import date, timedelta
from fractions import Fraction

import pytest

from shared.domain.account import Account
from shared.domain.costs import report_of_cost
from shared.domain.costs_by_source import OTHERS, SOURCES_MAX
from shared.domain.history import Bought, History, Moved
from shared.domain.owed import Owed
from shared.domain.prices import prices
from shared.domain.sources import UNKNOWN, sources_of
from shared.domain.sums import added
from tests.domain.shop import BASE, programme
from tests.domain.test_costs import COSTS, FIRST, LAST, USED, section, till_minor, told

BOOK = programme(BASE + COSTS)
VALUE = Fraction(BOOK.programme.points.value_minor)


def members(chance: random.Random, sources: list[str]) -> list[tuple[Account, History]]:
    found = []
    for number in range(60):
        joined = LAST - timedelta(days=chance.randrange(60))
        account = Account(f"M{number:016d}", joined, source=chance.choice(sources))
        days = [LAST - timedelta(days=chance.randrange(500)) for _ in range(chance.randrange(4))]
        bought = tuple(
            Bought(
                day,
                f"P-{at}",
                "main",
                "",
                900,
                chance.choice((0, 300)),
                None,
                chance.random() < 0.1,
                chance.choice((0, 70)),
            )
            for at, day in enumerate(sorted(days))
        )
        moved = tuple(
            Moved(day, chance.choice(("redeemed", "issued")), "points", chance.choice((-30, -5, 4))) for day in days
        )
        found.append((account, History(joined, bought, moved)))
    return found


def summed(known: list[tuple[Account, History]]) -> Owed:
    return added(sources_of(account, history, LAST) for account, history in known)


@pytest.mark.parametrize("seed", range(10))
def test_each_source_costs_what_its_members_do_one_by_one_and_all_of_them_what_the_club_does(seed: int) -> None:
    known = members(random.Random(seed), ["till", "web", "", "spring-26"])
    many = sum(FIRST <= one.on <= LAST for _, history in known for one in history.purchases)
    report = report_of_cost(
        told(tallies=USED | {"purchases": many, "guest_purchases": 7})._replace(sources=summed(known)), BOOK, prices()
    )
    (whole,) = (row["minor"] for row in section(report, "cost") if row["what"] == "all")
    rows = {row["source"]: row for row in section(report, "by_source")}
    # By hand: each member's own part of the till, what it was given, and an even part of what is left.
    own: dict[str, Fraction] = dict.fromkeys(rows, Fraction(0))
    counts: dict[str, int] = dict.fromkeys(rows, 0)
    for account, history in known:
        source = account.source or UNKNOWN
        within = [one for one in history.purchases if FIRST <= one.on <= LAST]
        own[source] += Fraction(len(within), many + 7) * till_minor("purchase")
        own[source] += sum(one.offers_minor for one in within)
        used = [-one.units for one in history.moved if one.account == "redeemed" and FIRST <= one.on <= LAST]
        own[source] += sum(used) * VALUE
        counts[source] += 1
    even = (whole - sum(own.values())) / len(known)
    assert {source: row["all"] for source, row in rows.items()} == {
        source: own[source] + counts[source] * even for source in rows
    }
    assert sum(row["all"] for row in rows.values()) == whole
    assert {source: row["members"] for source, row in rows.items()} == counts
    for source, row in rows.items():
        assert row["per_member"] == row["all"] / counts[source]
        ours = [(one, history) for one, history in known if (one.source or UNKNOWN) == source]
        assert row["new"] == sum(one.joined_on >= FIRST for one, _ in ours)
        year = [any(date(2025, 11, 1) <= day.on <= LAST for day in history.bought) for _, history in ours]
        assert row["active"] == sum(year)


def test_who_named_no_source_is_of_none_that_is_known() -> None:
    account = Account("M1", LAST)
    assert sources_of(account, History(LAST), LAST) == {(UNKNOWN, "members"): 1, (UNKNOWN, "new"): 1}


def test_of_very_many_sources_those_with_most_members_are_named_and_no_member_is_left_out() -> None:
    known = [(Account(f"M{n}", FIRST, source=f"letter-{n}"), History(FIRST)) for n in range(SOURCES_MAX + 30)]
    known += [(Account("MX", FIRST, source="zz-till"), History(FIRST))] * 2
    report = report_of_cost(told()._replace(sources=summed(known)), BOOK, prices())
    rows = section(report, "by_source")
    assert len(rows) == SOURCES_MAX + 1
    assert (rows[0]["source"], rows[0]["members"]) == ("zz-till", 2)
    assert (rows[-1]["source"], rows[-1]["members"]) == (OTHERS, 31)
    assert sum(row["members"] for row in rows) == len(known)


def test_without_meters_the_tills_part_is_no_data_and_members_bear_the_rest_alike() -> None:
    known = members(random.Random(1), ["till", "web"])
    report = report_of_cost(told(tallies={})._replace(sources=summed(known)), BOOK, prices())
    rows = section(report, "by_source")
    assert [row["infrastructure"] for row in rows] == [None, None]
    (whole,) = (row["minor"] for row in section(report, "cost") if row["what"] == "all")
    assert sum(row["all"] for row in rows) == whole
