"""Each day is closed once: with what happened on it, and with how many members there were at its end, each counted once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from club.job import shown
from shared.actions.close_days import close_day, close_days
from shared.actions.fold_postings import Tallying, fold_postings
from shared.actions.walking import ENOUGH_S, Unfinished
from shared.domain.kpi import FIGURES, figure_of
from shared.domain.tallies import CLUB_ACCOUNTS, KINDS
from shared.store.kpi import closed_on, members_at
from shared.store.runs import last_day
from shared.store.stream import Record
from shared.store.zones import Zones
from tests.laws.clockwork import TRIES_MAX, Clockwork, Killed, Paging
from tests.laws.shop import OPENED, Shop, bought

EARN = '[[earn]]\nid = "base"\npoints = 1\nper_minor = 100\n'
TIERS = '[[tier]]\nid = "silver"\nspend_minor = 500\n[[tier]]\nid = "gold"\nspend_minor = 5000\n'


def morning(shop: Shop, day: date) -> None:
    """Half past five in New York."""
    shop.now = datetime(day.year, day.month, day.day, 10, 30, tzinfo=UTC)


def folded(shop: Shop) -> None:
    """All that the stream would have brought by then."""
    tallying = Tallying(shop.memory, Zones(shop.memory), ((0, 1),), now_ms=lambda: int(shop.now.timestamp() * 1000))
    rows = list(shop.memory.scanned("ledger"))
    fold_postings(tallying, [Record(str(at), str(row["k"]), row) for at, row in enumerate(rows)], lambda: 30.0)


def club_of_four() -> Shop:
    """On 1 January two buy, one of them for gold; one joined and bought nothing; one bought a year and more ago."""
    shop = Shop(EARN + TIERS)
    members = [shop.join(OPENED - timedelta(days=400 if number == 3 else 0)) for number in range(4)]
    shop.buy(bought("A-1", OPENED, ("CD-1", 1, 1_000)) | {"member_id": members[0]})
    shop.buy(bought("A-2", OPENED, ("CD-1", 1, 6_000)) | {"member_id": members[1]})
    shop.buy(bought("A-3", OPENED - timedelta(days=365), ("CD-1", 1, 100)) | {"member_id": members[3]})
    shop.buy(bought("A-4", OPENED, ("CD-1", 1, 700)))
    return shop


EXPECTED = {"members": 4, "members_active": 2, "members_dormant": 1, "tier.gold": 1, "tier.silver": 1}


@pytest.mark.parametrize("parts", [1, 3])
@pytest.mark.parametrize("at_a_time", [1, 2, 100])
def test_the_sweep_counts_each_member_once_in_however_many_messages(parts: int, at_a_time: int) -> None:
    shop = club_of_four()
    morning(shop, date(2025, 1, 2))
    paging = Paging(shop.memory, 1)
    clock = Clockwork(shop, parts, lambda: ENOUGH_S - 1 if paging.pages % at_a_time == 0 else 2 * ENOUGH_S)
    clock.run("sweep")
    assert members_at(shop.memory, "live", date(2025, 1, 1)) == EXPECTED


@pytest.mark.parametrize("killed_after", [1, 2, 3, 4])
def test_a_walk_that_goes_on_twice_counts_once(killed_after: int) -> None:
    shop = club_of_four()
    morning(shop, date(2025, 1, 2))
    paging = Paging(shop.memory, 1)
    clock = Clockwork(shop, 2, lambda: ENOUGH_S - 1 if paging.pages % 2 == 0 else 2 * ENOUGH_S, killed_after)
    clock.run("sweep")
    assert members_at(shop.memory, "live", date(2025, 1, 1)) == EXPECTED


def test_until_every_part_is_counted_nobody_knows_how_many_there_are() -> None:
    shop = club_of_four()
    morning(shop, date(2025, 1, 2))

    def kill(page: int) -> None:
        if page > 2:
            raise Killed

    paging = Paging(shop.memory, 1, before=kill)
    clock = Clockwork(shop, 3)
    clock.run("sweep")
    paging.back()
    assert clock.dead
    assert members_at(shop.memory, "live", date(2025, 1, 1)) is None


def test_a_day_is_closed_with_what_happened_and_who_was_there_and_stays_as_it_was_closed() -> None:
    shop = club_of_four()
    folded(shop)
    morning(shop, date(2025, 1, 2))
    clock = Clockwork(shop, 2)
    clock.run("sweep")
    clock.run("kpi")
    closed = closed_on(shop.memory, "live", date(2025, 1, 1))
    assert closed is not None
    assert closed.members == EXPECTED
    happened = {"joins": 3, "purchases": 2, "spend_minor": 7_000, "guest_purchases": 1, "guest_spend_minor": 700}
    assert {name: closed.tallies.get(name) for name in happened} == happened
    assert last_day(shop.memory, "kpi") == date(2025, 1, 1)
    # Told late, of a day that is closed.
    shop.buy(bought("B-1", OPENED, ("CD-1", 1, 900)))
    folded(shop)
    shop.now += timedelta(hours=5)
    for _ in range(2):
        clock.run("sweep")
        clock.run("kpi")
    assert close_day(shop.club, "live", date(2025, 1, 1)) == closed
    assert closed_on(shop.memory, "live", date(2025, 1, 1)) == closed
    assert {"members", "tier.gold", "spend_minor"} <= {str(one) for one in shown(closed).columns[0].cells}


def test_two_who_close_a_day_at_once_close_it_once() -> None:
    shop = club_of_four()
    folded(shop)
    morning(shop, date(2025, 1, 2))
    Clockwork(shop).run("sweep")
    get, other = shop.memory.get, {}

    def late(table: str, key: dict[str, str]) -> object:
        found = get(table, key)  # type: ignore[arg-type]
        if str(key.get("kind", "")).startswith("kpi#") and not other:
            # Between the look and the write of the first, the second is done.
            other["closed"] = None
            other["closed"] = close_day(shop.club, "live", date(2025, 1, 1))  # type: ignore[assignment]
            shop.now += timedelta(minutes=1)
        return found

    shop.memory.get = late  # type: ignore[method-assign,assignment]
    assert close_day(shop.club, "live", date(2025, 1, 1)) == other["closed"]


def test_the_day_waits_for_the_sweep_of_its_morning_and_not_for_one_that_will_never_come() -> None:
    shop = club_of_four()
    morning(shop, date(2025, 1, 2))
    with pytest.raises(Unfinished):
        close_days(shop.club, "live")
    clock = Clockwork(shop)
    clock.run("kpi")
    assert clock.messages == TRIES_MAX
    assert clock.dead == [{"job": "kpi"}]
    assert closed_on(shop.memory, "live", date(2025, 1, 1)) is None
    # Three days later nobody can count who was there on the first ones.
    morning(shop, date(2025, 1, 2))
    Clockwork(shop).run("sweep")
    Clockwork(shop).run("kpi")
    morning(shop, date(2025, 1, 5))
    Clockwork(shop).run("sweep")
    Clockwork(shop).run("kpi")
    days = [closed_on(shop.memory, "live", date(2025, 1, day)) for day in (1, 2, 3, 4)]
    assert [day is not None and day.members is not None for day in days] == [True, False, False, True]
    assert None not in days


def test_days_are_closed_in_their_sequence_and_a_week_is_caught_up() -> None:
    shop = club_of_four()
    morning(shop, date(2025, 1, 2))
    Clockwork(shop).run("sweep")
    assert [one.day.day for one in close_days(shop.club, "live")] == [1]
    morning(shop, date(2025, 1, 6))
    Clockwork(shop).run("sweep")
    assert [one.day.day for one in close_days(shop.club, "live")] == [2, 3, 4, 5]
    assert close_days(shop.club, "live") == []
    morning(shop, date(2025, 1, 31))
    Clockwork(shop).run("sweep")
    assert [one.day.day for one in close_days(shop.club, "live")] == [24, 25, 26, 27, 28, 29, 30]


def test_every_figure_that_a_day_may_have_is_explained_and_nothing_else_is() -> None:
    happened = [name for kind in KINDS.values() for name in (kind.times, kind.money) if name]
    moved = [f"{account}{back}.points" for account in CLUB_ACCOUNTS for back in ("", "_back")]
    called = [f"{what}.birthday" for what in ("treated", "held_out", "gave", "used", "used_back")]
    counted = ["members", "members_active", "members_dormant", "tier.gold", "tier.visits.gold", "guest_spend_minor",
               "certificate_redemptions", "offers", "offers_minor", "coupons",
               "writes.purchase", "half_reads.purchase", "calls.purchase",
               "compute.purchase", "gave_by.base", "gave_milli_by.base", "tier_purchases.gold",
               "tier_spend_minor.gold", "tier_offers_minor.gold", "tier_used_minor.gold"]  # fmt: skip
    names = [*happened, *moved, *called, *counted]
    assert [name for name in names if figure_of(name) is None] == []
    assert {figure_of(name) for name in names} == set(FIGURES)
    assert figure_of("nothing") is figure_of("nothing.points") is figure_of("guest_nothing") is None
