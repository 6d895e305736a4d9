"""Targets stand beside the month that was closed, by the clock's own job, and are written once."""

from __future__ import annotations

from datetime import UTC, date, datetime

from shared.actions.close_targets import TARGETS, close_targets
from shared.actions.run_playbooks import run_playbooks
from shared.store.kpi import Closed, close
from shared.store.months import chapter_of
from tests.laws.clockwork import Clockwork
from tests.laws.shop import Shop, bought, plenty
from tests.laws.test_closing_months import folded

LAW = """
[points]
value_minor = 5
[[earn]]
id = "base"
points = 1
per_minor = 100
"""
WANTED = """
[[target]]
id = "two-purchases"
figure = "purchases"
at_least = 2
[[target]]
id = "spend-of-the-year"
figure = "spend_minor"
per = "year"
at_least = 900_000
[[budget]]
id = "points"
pays = "rewards"
amount_minor = 100
"""
FEBRUARY = date(2025, 2, 28)


def a_club(text: str) -> Shop:
    shop = Shop(text, now=datetime(2025, 3, 3, 13, tzinfo=UTC))
    member = shop.join(datetime(2025, 1, 5, 15, tzinfo=UTC))
    for number, day in enumerate((5, 6)):
        shop.buy(
            bought(f"A-{number}", datetime(2025, 2, day, 15, tzinfo=UTC), ("CD-1", 1, 1_000)) | {"member_id": member}
        )
    folded(shop)
    return shop


def test_the_clock_closes_targets_and_budgets_with_the_month() -> None:
    shop = a_club(LAW + WANTED)
    clock = Clockwork(shop)
    clock.run("census")
    clock.run("month")
    closed = chapter_of(shop.memory, "live", "2025-02", TARGETS)
    assert closed is not None
    targets, budgets, _, moved = closed.report.sections
    # Until a month in which something was counted nobody knows what it was before.
    assert moved.rows == (
        ("purchases", "tier", "no tier", "number", 0, 2, 2), ("spend_minor", "tier", "no tier", "minor", 0, 2_000, 2_000)
    )  # fmt: skip
    assert [(row[0], row[6], row[7]) for row in targets.rows] == [
        ("two-purchases", 2, "met"), ("spend-of-the-year", 2_000, "open")
    ]  # fmt: skip
    assert [(row[0], row[4], row[5], row[6]) for row in budgets.rows] == [("points", 0, 100, "met")]


def test_targets_that_were_closed_stay_as_they_are() -> None:
    shop = a_club(LAW + WANTED)
    first = close_targets(shop.club, "live", FEBRUARY)
    assert first is not None
    assert first.report.sections[0].rows[0][7] == "no data"
    clock = Clockwork(shop)
    clock.run("census")
    clock.run("month")
    assert chapter_of(shop.memory, "live", "2025-02", TARGETS) == first


def test_a_club_that_wants_nothing_has_no_such_chapter() -> None:
    shop = a_club(LAW)
    assert close_targets(shop.club, "live", FEBRUARY) is None
    assert chapter_of(shop.memory, "live", "2025-02", TARGETS) is None


def test_what_playbooks_did_in_the_month_is_told_with_it_and_nothing_of_another() -> None:
    gift = '[[automation]]\nid = "gift"\non = "state"\nwhen = "member.purchases > 99"\npoints = 5\n'
    book = '[[playbook]]\nid = "one"\nwhen = "day.purchases < 5"\nswitch_off = "gift"\ncooldown_days = 1\n'
    shop = a_club(LAW + gift + book)
    for day in (date(2025, 1, 31), date(2025, 2, 1), FEBRUARY, date(2025, 3, 1)):
        close(shop.memory, Closed("live", day, 0, {"purchases": 1}, None))
        run_playbooks(shop.club, "live", day, plenty)
    closed = close_targets(shop.club, "live", FEBRUARY)
    assert closed is not None
    assert closed.report.sections[2].rows == (
        ("one", date(2025, 2, 1), "gift was off already"), ("one", FEBRUARY, "gift was off already")
    )  # fmt: skip
