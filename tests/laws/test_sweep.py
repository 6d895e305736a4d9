"""The sweep: who is due gets what the programme says, once, on the day, whatever becomes of the clock that calls it."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.actions.prove_ledger import Proving
from shared.actions.sweep import CATCH_UP_DAYS_MAX, Swept, days_to_sweep, sweep
from shared.actions.walking import WHOLE, Place
from shared.domain.account import Account
from shared.domain.automations import AUTOMATION_USED, due_on
from shared.domain.ledger import unpacked
from shared.domain.rulebook import rulebook
from shared.store.backend import Put
from shared.store.rows import account_row
from shared.store.stocks import stock_of
from tests.laws.drawn import drawn
from tests.laws.shop import HEAD, OPENED, Shop, bought, came_back, plenty

EARN = '[[earn]]\nid = "base"\npoints = 1\nper_minor = 100\n'
ALL = 'holdout = 0\nno_holdout_because = "a gift that everybody was promised"\n'
BIRTHDAY = f'[[automation]]\nid = "birthday"\non = "birthday"\npoints = 50\nvalid_days = 30\n{ALL}'
DORMANT = f"""[[automation]]
id = "dormant"
on = "state"
when = "member.purchases_6m >= 3 && member.days_since_purchase > 60"
points = 100
every_days = 365
{ALL}"""


def with_birthday(shop: Shop, member: str, birthday: tuple[str, int, int] | None) -> None:
    """What the member's profile says is not of the ledger: the account is told."""
    shop.memory.write([Put("accounts", account_row(shop.account(member)._replace(birthday=birthday)))])


def swept(shop: Shop, *days: date, place: Place = WHOLE) -> Swept:
    return sweep(shop.club, "live", days or (shop.now.astimezone(ZoneInfo("America/New_York")).date(),), plenty, place)


def dues(shop: Shop, member: str) -> list[tuple[str, str, int]]:
    """Automation, day and units of each time that something was due."""
    told = [unpacked(row["au"]) for row in shop.rows(member) if row["c"] == "due"]
    return [(name, day, units) for name, _, day, _, units in told]


def at_noon(shop: Shop, day: date) -> None:
    shop.now = datetime(day.year, day.month, day.day, 17, tzinfo=UTC)


def test_a_member_gets_the_birthday_gift_on_the_day_once_and_it_lives_as_long_as_it_should() -> None:
    shop = Shop(EARN + BIRTHDAY)
    member = shop.join()
    with_birthday(shop, member, ("gregorian", 3, 9))
    for day in (8, 9, 10):
        at_noon(shop, date(2025, 3, day))
        for _ in range(3):
            swept(shop)
    account = shop.account(member)
    assert dues(shop, member) == [("birthday", "2025-03-09", 50)]
    assert [(lot.usable_on, lot.expires_on, lot.points) for lot in account.lots] == [
        (date(2025, 3, 9), date(2025, 4, 8), 50)
    ]
    shop.prove(member)


def test_a_gift_of_a_month_calls_for_no_letter_that_it_lapses_in_a_month_on_the_day_itself_or_the_next() -> None:
    """A sweep that comes twice finds nothing due that the first one made so."""
    lapsing = (
        f'[[automation]]\nid = "lapsing"\non = "state"\nwhen = "member.points_expiring_30d > 0"\npoints = 1\n{ALL}'
    )
    shop = Shop(EARN + BIRTHDAY + lapsing)
    member = shop.join()
    with_birthday(shop, member, ("gregorian", 3, 9))
    for day in (9, 9, 10, 11):
        at_noon(shop, date(2025, 3, day))
        swept(shop)
    assert dues(shop, member) == [("birthday", "2025-03-09", 50)]


def test_two_sweeps_at_once_give_one_gift() -> None:
    shop = Shop(EARN + BIRTHDAY)
    members = [shop.join() for _ in range(20)]
    for member in members:
        with_birthday(shop, member, ("gregorian", 1, 1))
    with ThreadPoolExecutor(4) as sweeps:
        told = list(sweeps.map(lambda _: swept(shop), range(4)))
    assert sum(one.due.get("birthday", 0) for one in told) == 20
    assert all(shop.account(member).posted == 50 for member in members)
    for member in members:
        shop.prove(member)


def test_parts_of_a_sweep_see_every_account_once() -> None:
    shop = Shop(EARN + BIRTHDAY)
    for _ in range(30):
        shop.join()
    assert sum(swept(shop, place=Place(part, 4)).accounts for part in range(4)) == 30


def test_who_bought_often_and_then_stopped_is_won_back_once_in_a_year() -> None:
    shop = Shop(EARN + DORMANT)
    member, other = shop.join(), shop.join()
    for number in range(3):
        shop.buy(bought(f"A-{number}", OPENED - timedelta(days=0), ("CD-1", 1, 1_000)) | {"member_id": member})
    shop.buy(bought("B-1", OPENED, ("CD-1", 1, 1_000)) | {"member_id": other})
    for days in range(55, 80):
        shop.now = OPENED + timedelta(days=days)
        swept(shop)
    assert dues(shop, member) == [("dormant", "2025-03-03", 100)]
    assert dues(shop, other) == []
    shop.prove(member)


def test_who_buys_before_the_sweep_comes_to_them_is_not_dormant_any_more() -> None:
    shop = Shop(EARN + DORMANT)
    member = shop.join()
    for number in range(3):
        shop.buy(bought(f"A-{number}", OPENED, ("CD-1", 1, 1_000)) | {"member_id": member})
    shop.now = OPENED + timedelta(days=70)
    scanned = list(shop.memory.scanned("accounts"))
    shop.memory.scanned = lambda *_: iter(scanned)  # type: ignore[method-assign]
    shop.buy(bought("A-9", shop.now, ("CD-1", 1, 1_000)) | {"member_id": member})
    assert swept(shop).due == {}
    assert dues(shop, member) == []


def test_missed_days_are_caught_up_in_their_sequence_and_states_are_asked_of_the_last_day_alone() -> None:
    today = date(2025, 3, 20)
    assert days_to_sweep(None, today) == [today]
    assert days_to_sweep(date(2025, 3, 19), today) == [today]
    assert days_to_sweep(today, today) == []
    assert days_to_sweep(date(2025, 3, 17), today) == [date(2025, 3, day) for day in (18, 19, 20)]
    assert len(days_to_sweep(date(2024, 1, 1), today)) == CATCH_UP_DAYS_MAX
    shop = Shop(EARN + BIRTHDAY)
    member = shop.join()
    with_birthday(shop, member, ("gregorian", 3, 16))
    at_noon(shop, today)
    swept(shop, *days_to_sweep(date(2025, 3, 14), today))
    assert dues(shop, member) == [("birthday", "2025-03-16", 50)]


def test_a_new_birthday_brings_no_second_gift_within_a_year() -> None:
    shop = Shop(EARN + BIRTHDAY)
    member = shop.join()
    for birthday, day in ((("gregorian", 3, 9), date(2025, 3, 9)), (("gregorian", 6, 9), date(2025, 6, 9)),
                          (("gregorian", 3, 9), date(2026, 3, 9))):  # fmt: skip
        with_birthday(shop, member, birthday)
        at_noon(shop, day)
        swept(shop)
    assert [day for _, day, _ in dues(shop, member)] == ["2025-03-09", "2026-03-09"]


def test_who_is_held_out_gets_nothing_and_it_is_on_record_and_always_the_same_ones() -> None:
    shop = Shop(EARN + BIRTHDAY.replace(ALL, "holdout = 25\n"))
    members = [shop.join() for _ in range(200)]
    for member in members:
        with_birthday(shop, member, ("gregorian", 3, 9))
    for year in (2025, 2026):
        at_noon(shop, date(year, 3, 9))
        told = swept(shop)
        held = {member for member in members if dues(shop, member)[-1][2] == 0}
        assert (told.due["birthday"], told.held_out["birthday"]) == (200, len(held))
        assert 30 <= len(held) <= 70
        assert all(dues(shop, member)[0][2] == (0 if member in held else 50) for member in members)


def test_a_budget_is_not_passed_and_what_the_rows_say_of_it_is_true() -> None:
    shop = Shop(EARN + BIRTHDAY + "budget = 120\n")
    members = [shop.join() for _ in range(5)]
    for member in members:
        with_birthday(shop, member, ("gregorian", 3, 9))
    at_noon(shop, date(2025, 3, 9))
    told = swept(shop)
    assert (told.units, told.over_budget) == ({"birthday": 100}, {"birthday": 3})
    assert stock_of(shop.memory, "live", AUTOMATION_USED + "birthday").taken == 100
    assert list(Proving(shop.club.store, shop.club.laws, int(shop.now.timestamp() * 1000)).whole()) == []


def test_a_gift_stays_when_a_purchase_of_before_it_is_told_late_or_comes_back() -> None:
    shop = Shop(EARN + BIRTHDAY)
    member = shop.join()
    with_birthday(shop, member, ("gregorian", 3, 9))
    at_noon(shop, date(2025, 3, 9))
    swept(shop)
    shop.buy(bought("A-2", shop.now, ("CD-1", 1, 1_000)) | {"member_id": member})
    shop.buy(bought("A-1", OPENED, ("CD-1", 1, 2_000)) | {"member_id": member})
    shop.bring_back(came_back("R-1", shop.now, "A-1"))
    assert shop.account(member).posted == 60
    assert AUTOMATION_USED + "birthday" in shop.account(member).used
    shop.prove(member)


def test_a_suspended_member_is_due_for_nothing() -> None:
    book = rulebook(HEAD + EARN + BIRTHDAY, 1)
    account = Account("M1", date(2025, 1, 1), birthday=("gregorian", 3, 9), status="suspended")
    assert list(due_on(account, date(2025, 3, 9), book)) == []


ZONES = ("Asia/Jerusalem", "America/New_York", "Asia/Tehran", "Pacific/Apia", "Asia/Kolkata", "America/Santiago")


@pytest.mark.parametrize("leap_day", ["feb_28", "mar_1"])
def test_each_of_366_birthdays_comes_once_in_every_year_from_2024_to_2040(leap_day: str) -> None:
    text = HEAD + EARN + BIRTHDAY + f'leap_day = "{leap_day}"\n'
    for zone in ZONES:
        book = rulebook(text.replace("America/New_York", zone), 1)
        for ordinal in range(366):
            born = date(2024, 1, 1) + timedelta(days=ordinal)
            account = Account("M1", date(2020, 1, 1), birthday=("gregorian", born.month, born.day))
            for year in range(2024, 2041) if born.month == 2 and zone == ZONES[0] else (2024, 2027, 2040):
                near = [date(year, 1, 1) + timedelta(days=ordinal + more) for more in (-2, -1, 0, 1, 2)]
                fallen = [day for day in near if day.year == year and list(due_on(account, day, book))]
                assert len(fallen) == 1, (zone, born, year)
                leapless = (born.month, born.day) == (2, 29) and year % 4
                moved = {"feb_28": (2, 28), "mar_1": (3, 1)}[leap_day]
                assert (fallen[0].month, fallen[0].day) == (moved if leapless else (born.month, born.day))


@given(st.lists(st.integers(0, 400), min_size=1, max_size=30), st.integers(1, 12), st.integers(1, 28))
@drawn(40)
def test_however_often_the_clock_calls_nobody_has_two_gifts_in_a_year(days: list[int], month: int, day: int) -> None:
    shop = Shop(EARN + BIRTHDAY)
    member = shop.join()
    with_birthday(shop, member, ("gregorian", month, day))
    last = None
    for number in sorted(days):
        shop.now = OPENED + timedelta(days=number)
        today = shop.now.astimezone(ZoneInfo("America/New_York")).date()
        if todo := days_to_sweep(last, today):
            swept(shop, *todo)
        last = today
    on = [date.fromisoformat(told) for _, told, _ in dues(shop, member)]
    assert all((later - earlier).days >= 365 for earlier, later in itertools.pairwise(on))
    shop.prove(member)


TAGGED = f"""[[automation]]
id = "regular"
on = "state"
when = "member.purchases >= 2"
tags = ["regular"]
untags = ["new"]
{ALL}[[automation]]
id = "thanks"
on = "state"
when = "'regular' in member.tags && !('new' in member.tags)"
points = 7
{ALL}[[automation]]
id = "new"
on = "state"
when = "member.purchases == 1"
tags = ["new"]
{ALL}"""


def test_a_tag_that_one_automation_gives_is_what_another_asks_for_until_it_is_taken_away() -> None:
    shop = Shop(EARN + TAGGED)
    member, tags = shop.join(), []
    for number in range(2):
        shop.buy(bought(f"A-{number}", shop.now, ("CD-1", 1, 1_000)) | {"member_id": member})
        for _ in range(2):
            shop.now += timedelta(days=1)
            swept(shop)
            tags.append(shop.account(member).tags)
    assert tags == [["new"], ["new"], ["regular"], ["regular"]]
    assert [name for name, _, _ in dues(shop, member)] == ["new", "regular", "thanks"]
    shop.prove(member)


def test_who_is_held_out_has_no_tag() -> None:
    shop = Shop(EARN + TAGGED.replace(ALL, "holdout = 100\n"))
    member = shop.join()
    shop.buy(bought("A-1", shop.now, ("CD-1", 1, 1_000)) | {"member_id": member})
    shop.now += timedelta(days=1)
    swept(shop)
    assert shop.account(member).tags == []
    assert [name for name, _, _ in dues(shop, member)] == ["new"]
