"""Tiers that remember: periods, grace, steps, time kept, staff's tiers, several sets at once."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from shared.domain.account import Day, Month, Standing
from shared.domain.tiers import held_on, standings_on, tiers_on
from tests.domain.shop import BASE, after, member, posted, programme, purchase, tier

LADDER = (tier("bronze", 100), tier("silver", 200), tier("gold", 300))
START = date(2026, 1, 1)


def club(**keys):
    rules = "\n".join(
        f"{key} = {value if isinstance(value, int) else chr(34) + str(value) + chr(34)}" for key, value in keys.items()
    )
    return programme(f"[tiers]\n{rules}", *LADDER, BASE)


def spent(*days, joined_on=START):
    """A member who spent so much on each day, each purchase decided on its own day."""
    months = {}
    for on, cents in days:
        key = on.year * 12 + on.month - 1
        months[key] = months.get(key, 0) + cents
    return member(
        joined_on=joined_on,
        days=tuple(Day(on, 1, cents) for on, cents in days),
        months=tuple(Month(key, 1, cents, 0) for key, cents in sorted(months.items())),
        spend_minor=sum(cents for _, cents in days),
    )


def followed(account, book, on):
    """The account as it is kept after a posting on a day."""
    return replace(account, standings=standings_on(account, on, book))


def held(account, on, book):
    return tiers_on(account, on, book)[""]


def test_a_tier_of_a_calendar_year_is_kept_through_the_next_one():
    book = club(window="calendar_year")
    dana = followed(spent((date(2026, 5, 1), 300)), book, date(2026, 5, 1))
    assert [held(dana, date(year, month, 1), book) for year, month in ((2026, 12), (2027, 12), (2028, 1))] == [
        "gold",
        "gold",
        "",
    ]


def test_a_tier_of_a_period_ends_with_it_where_the_programme_says_so():
    book = club(window="calendar_month", valid="period")
    dana = followed(spent((date(2026, 3, 10), 100)), book, date(2026, 3, 10))
    (told,) = held_on(dana, date(2026, 3, 20), book)
    assert (told.since, told.until, told.after) == (date(2026, 3, 10), date(2026, 3, 31), None)
    assert held(dana, date(2026, 4, 1), book) == ""


def test_a_tier_may_begin_with_the_next_period():
    book = club(window="calendar_month", starts="next_period", valid="period")
    dana = followed(spent((date(2026, 3, 10), 200)), book, date(2026, 3, 10))
    assert [held(dana, day, book) for day in (date(2026, 3, 31), date(2026, 4, 1), date(2026, 5, 1))] == [
        "",
        "silver",
        "",
    ]


def test_grace_keeps_a_tier_for_its_days_after_it_is_no_longer_earned():
    book = club(window_days=30, grace_days=10)
    dana = followed(spent((START, 300)), book, START)
    lost = START + timedelta(days=40)
    assert (held(dana, lost - timedelta(days=1), book), held(dana, lost, book)) == ("gold", "")
    (told,) = held_on(dana, START, book)
    assert told.until == lost - timedelta(days=1)


def test_one_step_at_a_time_loses_one_tier_in_each_grace():
    book = club(window_days=30, grace_days=10, downgrade="one_step")
    dana = followed(spent((START, 300)), book, START)
    days = [START + timedelta(days=number) for number in (39, 40, 49, 50, 60)]
    assert [held(dana, day, book) for day in days] == ["gold", "silver", "silver", "bronze", ""]


def test_one_step_at_a_time_loses_one_tier_in_each_period():
    book = club(window="calendar_month", downgrade="one_step", valid="period")
    dana = followed(spent((date(2026, 3, 10), 300)), book, date(2026, 3, 10))
    assert [held(dana, date(2026, month, 5), book) for month in (3, 4, 5, 6)] == ["gold", "silver", "bronze", ""]


def test_a_tier_is_kept_for_its_fixed_time_counted_from_the_day_after():
    book = club(window_days=10, keep_days=30)
    dana = followed(spent((START, 300)), book, START)
    assert (held(dana, START + timedelta(days=30), book), held(dana, START + timedelta(days=31), book)) == ("gold", "")


@pytest.mark.parametrize(("policy", "tier_id"), [("floor", "gold"), ("fixed", "silver")])
def test_a_tier_that_staff_gave_is_the_least_or_the_only_one(policy, tier_id):
    book = programme(f'[policies]\nmanual_tier = "{policy}"', *LADDER, BASE)
    given = {"": Standing("", START, START, manual="silver")}
    assert held(replace(spent((START, 300)), standings=given), START, book) == tier_id
    assert held(replace(spent(), standings=given), START, book) == "silver"


def test_years_of_membership_begin_on_the_day_of_joining():
    book = club(window="anniversary", valid="period")
    dana = followed(spent((date(2026, 6, 1), 300), joined_on=date(2024, 2, 29)), book, date(2026, 6, 1))
    assert (held(dana, date(2027, 2, 27), book), held(dana, date(2027, 2, 28), book)) == ("gold", "")


def test_sets_of_tiers_are_independent_and_each_multiplies():
    visits = '[[tier_set]]\nid = "visits"\nbasis = "purchases"\nwindow = "lifetime"\n'
    regular = '[[tier]]\nid = "regular"\nset = "visits"\nat_least = 1\nmultiply = 3'
    book = programme(tier("vip", 1_000, 2), visits, regular, BASE)
    dana = after(posted(purchase(1_000), member(), book))
    assert tiers_on(dana, date(2026, 11, 22), book) == {"": "vip", "visits": "regular"}
    again = after(posted(purchase(1_000, purchase_id="A-2"), dana, book))
    assert again.posted - dana.posted == 60


@pytest.mark.parametrize(("policy", "earned"), [("from_next", 10), ("at_once", 20)])
def test_the_purchase_that_reaches_a_tier_earns_at_the_old_or_the_new_one(policy, earned):
    book = programme(f'[policies]\ncrossing_purchase = "{policy}"', tier("vip", 1_000, 2), BASE)
    assert after(posted(purchase(1_000), member(), book)).posted == earned
