"""What the club owes at the end of a month: to the unit what the ledger holds, by when it was booked, and never changed later."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from shared.domain.breakage import Curve, Unlearned, learned, risks_of
from shared.domain.civil_months import month_of
from shared.domain.errors import Refused
from shared.domain.owed import Owed
from shared.domain.reports import Report
from shared.store.months import chapter_of
from tests.laws.clockwork import Clockwork
from tests.laws.shop import Shop, bought, came_back

ZONE = ZoneInfo("America/New_York")
LAW = """
[points]
value_minor = 2
pending_days = 10
expiry = { months = 2, at = "month_end" }
[[earn]]
id = "base"
points = 1
per_minor = 100
[[wallet]]
id = "credit"
value_minor = 100
decimals = 2
[[earn]]
id = "cash"
wallet = "credit"
points = 0.01
per_minor = 100
[staff]
adjustment_max = 100000
day_max = 100000
"""


def at(month: int, day: int, hour: int = 12) -> datetime:
    return datetime(2025, month, day, hour, tzinfo=UTC)


def section(report: Report, name: str) -> list[dict[str, Any]]:
    found = next(one for one in report.sections if one.name == name)
    return [dict(zip([column.name for column in found.columns], row, strict=True)) for row in found.rows]


def closed(shop: Shop, when: datetime) -> Report:
    """The chapter of the month before `when`."""
    shop.now = when
    clock = Clockwork(shop, 2)
    for job in ("census", "month"):
        clock.run(job)
    assert not clock.dead
    chapter = chapter_of(shop.memory, "live", f"{when.replace(day=1) - timedelta(days=1):%Y-%m}", "liability")
    assert chapter is not None
    return chapter.report


def a_story(seed: int) -> Shop:
    """Half a year: purchases, returns, redemptions, gifts by staff, holds that stay open, lapses that a later touch books."""
    chance = random.Random(seed)
    shop = Shop(LAW, now=at(1, 1))
    members = [shop.join(at(1, 1)) for _ in range(8)]
    for number in range(140):
        shop.now += timedelta(hours=chance.randrange(1, 56))
        member, what = chance.choice(members), chance.random()
        if what < 0.55:
            told = shop.now - timedelta(days=chance.choice([0, 0, 0, 5, 20]))
            price = chance.randrange(1, 90) * 100
            shop.buy(bought(f"A-{number}", max(told, at(1, 1)), ("CD-1", 1, price)) | {"member_id": member})
        elif what < 0.65 and number:
            with suppress(Refused):
                shop.bring_back(came_back(f"R-{number}", shop.now, f"A-{chance.randrange(number)}"))
        elif what < 0.75:
            shop.adjust(member, chance.choice([5, 30, 3]), f"J-{number}")
        else:
            held = shop.account(member).points_on(shop.now.date()).available
            if held > 2:
                shop.hold(f"H-{number}", member, units=held // 2)
                if chance.random() < 0.8:
                    shop.capture(f"H-{number}")
    return shop


@pytest.mark.parametrize("seed", range(6))
def test_every_months_units_are_what_the_ledger_holds_to_the_unit(seed: int) -> None:
    shop = a_story(seed)
    now = shop.now
    rows = [row for row in shop.memory.scanned("ledger") if row["c"] not in ("parked", "waiting")]
    report = closed(shop, now + timedelta(days=40))
    until = (now + timedelta(days=40)).replace(day=1)
    sums: dict[tuple[str, str], int] = defaultdict(int)
    before: dict[str, int] = defaultdict(int)
    final: dict[str, int] = defaultdict(int)
    month = (until - timedelta(days=1)).astimezone(ZONE)
    for row in rows:
        booked = datetime.fromtimestamp(row["t"] / 1000, UTC).astimezone(ZONE)
        for account, units in json.loads(row["g"]):
            name, _, wallet = account.partition("/")
            wallet = wallet or "points"
            if name == row["a"]:
                final[wallet] += units
                if (booked.year, booked.month) < (month.year, month.month):
                    before[wallet] += units
            elif (booked.year, booked.month) == (month.year, month.month):
                sums[wallet, name] -= units
    told = section(report, "roll_forward")
    assert {row["wallet"]: row["units"] for row in told if row["what"] == "closing"} == dict(final)
    assert {row["wallet"]: row["units"] for row in told if row["what"] == "opening"} == {w: before[w] for w in final}
    assert {
        (row["wallet"], row["what"]): row["units"] for row in told if row["what"] not in ("opening", "closing")
    } == {name: units for name, units in sums.items() if units} | {name: 0 for name, units in sums.items() if not units}
    open_units: dict[str, int] = defaultdict(int)
    for row in section(report, "outstanding"):
        open_units[row["wallet"]] += row["units"]
    assert {wallet: units for wallet, units in open_units.items() if units} == {w: u for w, u in final.items() if u}


def test_a_month_begins_with_what_the_one_before_ended_with() -> None:
    shop = Shop(LAW, now=at(1, 5))
    member = shop.join(at(1, 1))
    shop.buy(bought("A-1", at(1, 5), ("CD-1", 1, 10_000)) | {"member_id": member})
    january = section(closed(shop, at(2, 3)), "roll_forward")
    shop.now = at(2, 20)
    shop.hold("H-1", member, units=40)
    shop.capture("H-1")
    # Told late: it is booked in February, and said to be of January.
    shop.buy(bought("A-2", at(1, 25), ("CD-1", 1, 700)) | {"member_id": member})
    february = section(closed(shop, at(3, 3)), "roll_forward")
    of_points = [(row["what"], row["units"], row["late"]) for row in january if row["wallet"] == "points"]
    assert of_points == [("opening", 0, 0), ("issued", 100, 0), ("closing", 100, 0)]
    of_points = [(row["what"], row["units"], row["late"]) for row in february if row["wallet"] == "points"]
    assert of_points == [("opening", 100, 0), ("issued", 7, 7), ("redeemed", -40, 0), ("closing", 67, 0)]
    assert section(closed(shop, at(3, 20)), "roll_forward") == february


def test_points_are_owed_by_the_month_of_their_last_day_and_pending_ones_apart() -> None:
    shop = Shop(LAW, now=at(1, 5))
    member = shop.join(at(1, 1))
    shop.buy(bought("A-1", at(1, 5), ("CD-1", 1, 10_000)) | {"member_id": member})
    shop.now = at(1, 28)
    shop.buy(bought("A-2", at(1, 28), ("CD-1", 1, 3_000)) | {"member_id": member})
    told = section(closed(shop, at(2, 3)), "outstanding")
    of_points = [
        (row["kind"], row["last_month"], row["units"], row["value_minor"]) for row in told if row["wallet"] == "points"
    ]
    assert of_points == [("pending", "2025-03", 30, 60), ("usable", "2025-03", 100, 200)]
    (credit,) = [row for row in told if row["wallet"] == "credit"]
    assert (credit["units"], credit["value_minor"], credit["expected_minor"]) == (130, 130, 130)
    late = section(closed(shop, at(4, 3)), "outstanding")
    lapsed = [(row["kind"], row["units"], row["value_minor"]) for row in late if row["wallet"] == "points"]
    assert lapsed == [("lapsed", 130, 0)]


def test_revenue_of_a_sale_waits_for_the_points_that_were_given_with_it() -> None:
    law = (
        LAW + '[liability]\nstandalone_minor = 10\nexpected_percent = 90\nexpected_because = "as in the years before"\n'
    )
    shop = Shop(law, now=at(1, 5))
    member = shop.join(at(1, 1))
    shop.buy(bought("A-1", at(1, 5), ("CD-1", 1, 10_000)) | {"member_id": member})
    january = closed(shop, at(2, 3))
    # 100 points alone: 100 x 10 x 0.9 = 900; 10,000 x 900 / 10,900 = 825.7.
    assert [(row["account"], row["debit_minor"], row["credit_minor"]) for row in section(january, "journal")] == [
        ("Revenue", 826, 0), ("Contract liability: points", 0, 826),
    ]  # fmt: skip
    shop.now = at(2, 10)
    shop.hold("H-1", member, units=45)
    shop.capture("H-1")
    february = closed(shop, at(3, 3))
    # 45 of 45 + 55 x 0.9 = 94.5, which is 95: 826 x 45 / 95 = 391.3.
    (cohort,) = section(february, "deferred_revenue")
    assert (cohort["recognised_within_minor"], cohort["deferred_minor"]) == (391, 435)
    # The rest lapses with the end of March, and is booked by the night after it.
    shop.now = at(4, 2)
    Clockwork(shop, 1).run("sweep")
    april = closed(shop, at(5, 3))
    (cohort,) = section(april, "deferred_revenue")
    assert cohort["deferred_minor"] == 0


def test_the_books_balance_in_every_month() -> None:
    for seed in range(4):
        shop = a_story(seed)
        end = shop.now
        for month in range(2, 9):
            report = closed(shop, max(at(month, 3), end if month > end.month else at(month, 3)))
            rows = section(report, "journal")
            assert sum(row["debit_minor"] for row in rows) == sum(row["credit_minor"] for row in rows)
            assert all(row["debit_minor"] >= 0 and row["credit_minor"] >= 0 for row in rows)


def test_breakage_of_a_month_is_what_the_chapters_on_what_is_owed_add_from_the_first_estimate_on() -> None:
    shop = Shop(LAW + '[liability]\nexpected_percent = 90\nexpected_because = "as before"\n', now=at(1, 1))
    member = shop.join(at(1, 1))
    told = []
    for month, price in ((1, 10_000), (2, 5_000)):
        shop.now = at(month, 20)
        shop.buy(bought(f"A-{month}", at(month, 20), ("CD-1", 1, price)) | {"member_id": member})
        closed(shop, at(month + 1, 3))
        chapter = chapter_of(shop.memory, "live", f"2025-{month:02d}", "cost")
        assert chapter is not None
        told.append(next(row["minor"] for row in section(chapter.report, "cost") if row["what"] == "breakage"))
    # Of 50 points more, each worth 2, a tenth is not expected to be used.
    assert told == [None, 10]


def curve_of(cohorts: dict[int, tuple[int, dict[int, tuple[int, int]]]], members: int = 500) -> Owed:
    """Cohorts by month: points given, and by age how many were used and how many lapsed."""
    owed: Owed = {}
    for month, (given, ages) in cohorts.items():
        owed["given", str(month)] = given
        owed["members", str(month)] = members
        for age, (used, expired) in ages.items():
            owed["curve", str(month), str(age), "used"] = used
            owed["curve", str(month), str(age), "expired"] = expired
    return owed


JANUARY = month_of(date(2025, 1, 1))


def test_breakage_is_learned_from_what_members_did_with_points_of_each_age() -> None:
    # Of every cohort half is used in the month after, and what is left lapses in the one after that.
    owed = curve_of({JANUARY + n: (1_000, {1: (500, 0), 2: (0, 500)} if n < 3 else {1: (500, 0)}) for n in range(4)})
    found = learned(owed, JANUARY + 4)
    assert isinstance(found, Curve)
    assert found.expected == Fraction(1, 2)
    assert found.share_at(1) == Fraction(1, 2)
    assert found.share_at(2) == 0
    assert found.members == 500


def test_points_of_cohorts_that_are_young_still_do_not_count_as_unused() -> None:
    owed = curve_of({JANUARY: (1_000, {1: (600, 0), 2: (0, 400)}), JANUARY + 2: (9_000, {})})
    found = learned(owed, JANUARY + 2)
    assert isinstance(found, Curve)
    assert found.expected == Fraction(3, 5)
    assert [one.open for one in risks_of(owed, JANUARY + 2)] == [10_000, 1_000, 400]


@pytest.mark.parametrize(
    ("owed", "why"),
    [
        ({}, "points of 0 members"),
        (curve_of({JANUARY: (1_000, {1: (900, 100)})}, members=99), "points of 99 members at most in one month"),
        (curve_of({JANUARY: (1_000, {})}), "no point has been used"),
        (curve_of({JANUARY: (1_000, {1: (100, 0)})}), "90% of points are still open at the oldest age"),
    ],
)
def test_where_too_little_is_known_nothing_is_learned_and_it_is_said_why(owed: Owed, why: str) -> None:
    found = learned(owed, JANUARY + 3)
    assert isinstance(found, Unlearned)
    assert "not enough data" in found.why
    assert why in found.why
