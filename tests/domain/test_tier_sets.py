"""Tiers that remember: periods, grace, steps, time kept, staff's tiers, several sets at once."""

from datetime import date, timedelta

import pytest

from shared.domain.account import Standing
from shared.domain.tiers import held_on, standings_on, tiers_on
from tests.domain.ladder import LADDER, START, club, followed, held, spent, told
from tests.domain.shop import BASE, after, member, posted, programme, purchase, tier


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
    assert held(spent((START, 300))._replace(standings=given), START, book) == tier_id
    assert held(spent()._replace(standings=given), START, book) == "silver"


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


# -- what is kept between postings ---------------------------------------------------------------------------

GRACE = {"window_days": 30, "grace_days": 10}
NEW_YEAR_2027 = date(2027, 1, 1)


@pytest.mark.parametrize("rules", [GRACE, {"window_days": 30, "keep_days": 5}, {"window": "calendar_year"}])
def test_a_newcomer_stands_nowhere_since_joining(rules):
    assert standings_on(member(), date(2026, 2, 1), club(**rules)) == {"": Standing("", START, date(2026, 2, 1))}


def test_a_set_without_memory_keeps_nothing_but_what_staff_gave():
    book = club(window_days=30)
    assert standings_on(spent((START, 300)), START, book) == {}
    given = {"": Standing("", START, START, manual="silver")}
    assert standings_on(spent()._replace(standings=given), START, book) == given


@pytest.mark.parametrize(("cents", "tier_id"), [(99, ""), (100, "bronze"), (200, "silver")])
@pytest.mark.parametrize("rules", [GRACE, GRACE | {"downgrade": "one_step"}, {"window": "calendar_month"}])
def test_a_tier_is_reached_at_once_also_where_losing_it_takes_time(rules, cents, tier_id):
    assert held(spent((START, cents)), START, club(**rules)) == tier_id


def test_whoever_buys_again_in_time_holds_the_tier_since_the_first_day():
    """The 30 days of the first purchase end on 30 January; the second one lies within them."""
    book = club(**GRACE)
    dana = followed(spent((START, 300), (date(2026, 1, 20), 300)), book, START, date(2026, 1, 20))
    one = told(dana, date(2026, 2, 5), book)
    # 30 days from 20 January end on 18 February, ten of grace on the 28th.
    assert (one.tier and one.tier.id, one.since, one.until) == ("gold", START, date(2026, 2, 28))


def test_whoever_buys_again_within_the_grace_holds_the_tier_since_the_first_day():
    book = club(**GRACE)
    dana = followed(spent((START, 300), (date(2026, 2, 5), 300)), book, START, date(2026, 2, 5))
    one = told(dana, date(2026, 2, 6), book)
    # 30 days from 5 February end on 6 March, ten of grace on the 16th.
    assert (one.tier and one.tier.id, one.since, one.until) == ("gold", START, date(2026, 3, 16))


def test_a_tier_earned_again_in_the_next_year_is_held_since_it_was_first_reached():
    book = club(window="calendar_year", valid="period")
    first, again = date(2026, 5, 15), NEW_YEAR_2027
    dana = followed(spent((first, 300), (again, 300)), book, first, again)
    assert told(dana, date(2027, 3, 3), book)[2:4] == (first, date(2027, 12, 31))


def test_a_tier_that_rises_is_held_since_the_day_it_rose():
    book = club(**GRACE)
    dana = followed(spent((START, 200), (date(2026, 1, 5), 100)), book, START, date(2026, 1, 5))
    assert told(dana, date(2026, 1, 9), book).since == date(2026, 1, 5)


def test_a_tier_that_falls_is_held_since_the_day_it_fell_and_has_its_own_grace():
    """2.00 leave the window on 31 January, and ten days later gold is lost; 1.00 leaves it on 15 February."""
    book = club(**GRACE)
    dana = followed(spent((START, 200), (date(2026, 1, 16), 100)), book, START, date(2026, 1, 16))
    days = (date(2026, 2, 9), date(2026, 2, 10), date(2026, 2, 24), date(2026, 2, 25))
    assert [held(dana, day, book) for day in days] == ["gold", "bronze", "bronze", ""]
    assert told(dana, date(2026, 2, 12), book)[2:4] == (date(2026, 2, 10), date(2026, 2, 24))


def test_a_grace_of_one_day_loses_one_step_a_day():
    book = club(window_days=30, grace_days=1, downgrade="one_step")
    dana = followed(spent((START, 300)), book, START)
    days = [START + timedelta(days=number) for number in (30, 31, 32, 33)]
    assert [held(dana, day, book) for day in days] == ["gold", "silver", "bronze", ""]


def test_one_step_at_a_time_stops_at_what_is_earned():
    """After the grace for 2.00 of the 3.00 gold becomes silver, ten days later bronze, and bronze stays: 1.00 still counts."""
    book = club(window_days=30, grace_days=10, downgrade="one_step")
    dana = followed(spent((START, 200), (date(2026, 1, 30), 100)), book, START, date(2026, 1, 30))
    days = (
        date(2026, 2, 9),
        date(2026, 2, 10),
        date(2026, 2, 19),
        date(2026, 2, 20),
        date(2026, 3, 10),
        date(2026, 3, 11),
    )
    # The 1.00 leaves the window on 1 March.
    assert [held(dana, day, book) for day in days] == ["gold", "silver", "silver", "bronze", "bronze", ""]


def test_grace_and_a_fixed_time_hold_to_whichever_ends_later():
    short, long = club(window_days=10, grace_days=30, keep_days=20), club(window_days=10, grace_days=5, keep_days=60)
    for book, last in ((short, date(2026, 2, 9)), (long, date(2026, 3, 2))):
        assert told(followed(spent((START, 300)), book, START), START, book).until == last


@pytest.mark.parametrize("valid", ["period", "next_period"])
def test_a_tier_of_a_month_is_not_lost_within_it_when_less_counts_than_before(valid):
    """What is returned on the 20th lowers March; the tier of March ends with March all the same."""
    book = club(window="calendar_month", valid=valid)
    reached = date(2026, 3, 10)
    less = spent((reached, 100))._replace(standings={"": Standing("gold", reached, reached)})
    one = told(less, date(2026, 3, 20), book)
    assert (one.tier and one.tier.id, one.since, one.until) == ("gold", reached, date(2026, 3, 31))
    assert one.after == (book.tier("bronze") if valid == "next_period" else None)
    kept = followed(less, book, date(2026, 3, 20))
    assert kept.standings == {"": Standing("gold", reached, date(2026, 3, 20))}
    assert held(kept, date(2026, 4, 1), book) == ("bronze" if valid == "next_period" else "")


def test_a_tier_that_the_programme_no_longer_has_is_as_none():
    book = club(**GRACE)
    for account, tier_id in ((spent(), ""), (spent((START, 100)), "bronze")):
        assert held(account._replace(standings={"": Standing("platinum", START, START)}), START, book) == tier_id


# -- tiers that staff gave -----------------------------------------------------------------------------------


def given(account, tier_id):
    return account._replace(standings={"": Standing("", START, START, manual=tier_id)})


@pytest.mark.parametrize(("policy", "after_it"), [("floor", "gold"), ("fixed", "silver")])
def test_a_tier_that_staff_gave_outlives_every_period(policy, after_it):
    book = club(f'[policies]\nmanual_tier = "{policy}"', window="calendar_month", valid="period")
    reached = date(2026, 3, 10)
    dana = followed(given(spent((reached, 300)), "silver"), book, reached)
    assert dana.standings[""].manual == "silver"
    assert [held(dana, day, book) for day in (reached, date(2026, 4, 1), date(2027, 1, 1))] == [
        after_it,
        "silver",
        "silver",
    ]


def test_a_tier_that_staff_gave_catches_a_fall_in_steps():
    """Bronze given, gold earned: after the grace silver, after one more bronze, and there it stays."""
    book = club(window_days=30, grace_days=10, downgrade="one_step")
    dana = followed(given(spent((START, 300)), "bronze"), book, START)
    days = [START + timedelta(days=number) for number in (39, 40, 50, 60, 70, 100)]
    assert [held(dana, day, book) for day in days] == ["gold", "silver", "bronze", "bronze", "bronze", "bronze"]
    later = followed(dana, book, date(2026, 2, 15))
    assert (later.standings[""].tier, later.standings[""].manual) == ("silver", "bronze")


@pytest.mark.parametrize(("earned", "tier_id"), [(0, "silver"), (100, "silver"), (200, "silver"), (300, "gold")])
def test_of_the_tier_that_staff_gave_and_the_one_earned_the_higher_holds(earned, tier_id):
    assert held(given(spent((START, earned)), "silver"), START, club(window_days=30)) == tier_id


def test_a_tier_that_staff_gave_and_the_programme_no_longer_has_is_as_none():
    book = club(window_days=30)
    assert held(given(spent((START, 100)), "platinum"), START, book) == "bronze"


def test_a_tier_of_one_set_that_staff_gave_is_none_of_another_set():
    visits = '[[tier_set]]\nid = "visits"\nbasis = "purchases"\nwindow = "lifetime"\n'
    regular = '[[tier]]\nid = "regular"\nset = "visits"\nat_least = 5'
    book = programme(*LADDER, visits, regular, BASE)
    dana = member(standings={"visits": Standing("", START, START, manual="regular")})
    assert tiers_on(dana, START, book) == {"": "", "visits": "regular"}
    assert standings_on(dana, START, book) == dana.standings


@pytest.mark.parametrize(
    ("bought", "months", "last_day"),
    [
        (date(2023, 3, 10), 12, date(2024, 3, 9)),
        (date(2024, 3, 10), 12, date(2025, 3, 9)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2023, 2, 28), 12, date(2024, 2, 27)),
        (date(2025, 8, 31), 6, date(2026, 2, 28)),
        (date(2026, 1, 15), 1, date(2026, 2, 14)),
    ],
)
def test_a_window_of_months_ends_before_the_same_day_of_the_month(bought, months, last_day):
    book = club(window_months=months)
    dana = spent((bought, 300), joined_on=bought)
    assert held(dana, last_day, book) == "gold"
    assert told(dana, bought, book).until == last_day
    assert held(dana, last_day + timedelta(days=1), book) == ""


def test_a_tier_that_asks_for_nothing_is_held_from_the_first_day_on_also_where_tiers_begin_with_the_next_period():
    rules = '[tiers]\nwindow = "calendar_month"\nstarts = "next_period"\nvalid = "period"'
    book = programme(rules, tier("basic", 0), tier("gold", 100), BASE)
    dana = spent((date(2026, 1, 5), 100))
    days = (date(2026, 1, 6), date(2026, 2, 1), date(2026, 3, 1))
    assert [held(dana, day, book) for day in days] == ["basic", "gold", "basic"]
