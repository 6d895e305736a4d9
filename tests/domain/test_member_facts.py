"""What conditions may ask of a member: what lapses soon, the member's own rhythm, how long a tier was and will be held."""

from datetime import date, datetime, timedelta

import pytest

from shared.domain.account import Account, Day, Hold, Standing
from shared.domain.automations import due_on
from shared.domain.facts import facts_of
from shared.domain.lots import Lot
from shared.domain.rhythm import usual_gap
from shared.domain.tiers import tiers_on
from shared.domain.vocabulary import NEVER_DAYS, Scene
from tests.domain.ladder import club, followed, spent
from tests.domain.shop import BASE, member, programme, tier

BOOK = programme(BASE)
TODAY = date(2026, 6, 1)


def fact(name, account, book=BOOK, on=TODAY):
    at = datetime(on.year, on.month, on.day, 12, tzinfo=book.zone)
    return facts_of(Scene(at, account, tiers_on(account, on, book)), book)(f"member.{name}")


def bought_on(*days):
    return member(days=tuple(Day(day, 1, 1_000) for day in days), purchases=len(days))


LOTS = (
    Lot(date(2026, 1, 1), date(2026, 5, 31), 1),  # lapsed yesterday
    Lot(date(2026, 1, 1), date(2026, 6, 1), 20),  # has its last day today
    Lot(date(2026, 1, 1), date(2026, 6, 8), 300),  # in seven days
    Lot(date(2026, 6, 2), date(2026, 6, 8), 4_000),  # cannot be used yet
    Lot(date(2026, 1, 1), date(2026, 6, 9), 50_000),  # in eight
    Lot(date(2026, 1, 1), date(2026, 7, 1), 600_000),  # in thirty
    Lot(date(2026, 1, 1), date(2026, 7, 2), 7_000_000),  # in thirty-one
    Lot(date(2026, 1, 1), None, 80_000_000),  # never
)


def test_points_that_lapse_within_a_week_or_a_month_are_counted_and_no_others():
    account = member(lots=LOTS, posted=sum(lot.points for lot in LOTS))
    assert fact("points_expiring_7d", account) == 320
    assert fact("points_expiring_30d", account) == 650_320


def test_points_that_were_given_for_so_short_a_time_are_not_told_to_be_lapsing_at_once():
    today = date(2026, 6, 1)
    week, month = (Lot(today, today + timedelta(days=days), 1) for days in (7, 30))
    longer = (Lot(today, today + timedelta(days=8), 20), Lot(today, today + timedelta(days=31), 300))
    account = member(lots=(week, longer[0], month, longer[1]), posted=322)
    assert [fact(f"points_expiring_{days}d", account) for days in (7, 30)] == [0, 0]
    later = [fact(f"points_expiring_{days}d", account, on=today + timedelta(days=1)) for days in (7, 30)]
    assert later == [20, 300]


def test_points_held_for_a_redemption_are_not_told_to_be_lapsing():
    kept = (Lot(date(2026, 1, 1), date(2026, 6, 3), 5),)
    account = member(lots=(), posted=5, holds={"H-1": Hold("points", 10**13, kept)})
    assert fact("points_expiring_7d", account) == 0


@pytest.mark.parametrize(
    ("gaps", "usual"),
    [((10, 30), 20), ((30, 7, 10), 10), ((10, 11), 11), ((1, 2, 4, 100), 3), ((5, 5, 5), 5)],
)
def test_a_rhythm_is_the_middle_one_of_the_gaps_and_half_a_day_is_rounded_up(gaps, usual):
    days = [date(2026, 1, 1)]
    for gap in gaps:
        days.append(days[-1] + timedelta(days=gap))
    assert usual_gap(days) == usual
    assert fact("rhythm_days", bought_on(*days), on=days[-1] + timedelta(days=50)) == usual


def test_who_bought_on_two_days_has_no_rhythm_and_is_reminded_of_nothing():
    account = bought_on(date(2026, 1, 1), date(2026, 1, 11))
    assert fact("rhythm_days", account) == NEVER_DAYS
    assert fact("rhythm_days", member()) == NEVER_DAYS


def test_a_day_on_which_only_points_were_counted_is_no_day_of_purchases():
    days = (Day(date(2026, 1, 1), 1, 9), Day(date(2026, 1, 5), 0, 0, 7), Day(date(2026, 1, 11), 1, 9))
    assert fact("rhythm_days", member(days=days)) == NEVER_DAYS


def test_purchases_after_the_day_that_is_asked_do_not_make_its_rhythm():
    account = bought_on(date(2026, 1, 1), date(2026, 1, 11), date(2026, 1, 21), date(2026, 7, 1))
    assert fact("rhythm_days", account) == 10


REMINDER = """
[[automation]]
id = "again"
on = "state"
when = "{when}"
points = 5
"""


def test_silence_is_told_in_whole_percents_of_the_rhythm():
    account = bought_on(date(2026, 1, 1), date(2026, 1, 21), date(2026, 2, 10))
    # 25 of 20 days are 125 percent; 0 on the day of a purchase.
    assert fact("silence_percent", account, on=date(2026, 3, 7)) == 125
    assert fact("silence_percent", account, on=date(2026, 2, 10)) == 0
    assert (
        fact("silence_percent", bought_on(date(2026, 1, 1), date(2026, 1, 8), date(2026, 1, 15)), on=date(2026, 1, 25))
        == 142
    )
    assert fact("silence_percent", bought_on(date(2026, 1, 1))) == -1


@pytest.mark.parametrize(
    "when",
    ["member.silence_percent >= 130", "member.days_since_purchase * 10 >= member.rhythm_days * 13"],
)
def test_a_reminder_comes_when_the_silence_is_a_third_longer_than_the_members_own_rhythm(when):
    book = programme(BASE, REMINDER.format(when=when))
    account = bought_on(date(2026, 1, 1), date(2026, 1, 21), date(2026, 2, 10))
    # Twenty days are usual: twenty-six are 1.3 times as many.
    assert list(due_on(account, date(2026, 3, 7), book)) == []
    assert [due.day for due in due_on(account, date(2026, 3, 8), book)] == [date(2026, 3, 8)]
    assert list(due_on(member(), date(2026, 3, 8), book)) == []


def test_a_tier_is_lost_on_the_day_after_its_last_purchase_leaves_the_window():
    book = club(window_days=30)
    account = spent((date(2026, 5, 20), 200))
    # 20 May counts for thirty days: until 18 June.
    assert fact("days_to_tier_loss", account, book) == 17
    assert fact("days_to_tier_loss", account, book, date(2026, 6, 18)) == 0
    assert fact("days_to_tier_loss", account, book, date(2026, 6, 19)) == NEVER_DAYS


def test_one_step_down_is_a_loss_too():
    book = club(window_days=30)
    account = spent((date(2026, 5, 10), 100), (date(2026, 5, 20), 200))
    # Gold at 300 until 8 June, then silver.
    assert fact("tier", account, book) == "gold"
    assert fact("days_to_tier_loss", account, book) == 7


def test_a_tier_kept_by_the_year_is_lost_at_the_end_of_the_next():
    book = club(window="calendar_year")
    account = followed(spent((date(2026, 5, 20), 100)), book, date(2026, 5, 20))
    assert fact("days_to_tier_loss", account, book) == (date(2027, 12, 31) - TODAY).days


def test_a_tier_reached_for_ever_is_never_about_to_be_lost():
    book = club(window="lifetime")
    assert fact("days_to_tier_loss", spent((date(2026, 5, 20), 100)), book) == NEVER_DAYS


def test_a_club_without_tiers_has_none_to_lose():
    assert fact("days_to_tier_loss", member()) == NEVER_DAYS
    assert fact("days_in_tier", member()) == -1


def test_grace_is_part_of_the_time_that_is_left():
    book = club(window_days=30, grace_days=10)
    account = followed(spent((date(2026, 5, 20), 200)), book, date(2026, 5, 20))
    assert fact("days_to_tier_loss", account, book) == 27


@pytest.mark.parametrize("more", [{}, {"grace_days": 10}], ids=["worked out", "remembered"])
def test_days_in_a_tier_are_counted_from_the_day_it_was_reached(more):
    book = club(window_days=60, **more)
    account = spent((date(2026, 5, 10), 100), (date(2026, 5, 20), 100))
    account = followed(account, book, date(2026, 5, 10), date(2026, 5, 20))
    assert fact("tier", account, book) == "silver"
    assert fact("days_in_tier", account, book, date(2026, 5, 20)) == 0
    assert fact("days_in_tier", account, book) == 12
    assert fact("days_in_tier", spent((date(2026, 5, 10), 50)), book) == -1


@pytest.mark.parametrize("more", [{}, {"grace_days": 5}], ids=["worked out", "remembered"])
def test_a_tier_is_climbed_to_from_below_and_not_fallen_to_from_above(more):
    book = club(window_days=30, **more)
    days = (date(2026, 5, 1), date(2026, 5, 20))
    # Gold at 300 from 20 May on; on 31 May the first purchase is over: 200, and after grace, silver.
    account = followed(spent((days[0], 100), (days[1], 200)), book, *days)
    assert fact("days_since_climb", account, book, date(2026, 5, 20)) == 0
    assert fact("days_since_climb", account, book, date(2026, 5, 25)) == 5
    fallen = date(2026, 5, 31) + timedelta(days=more.get("grace_days", 0))
    assert (fact("tier", account, book, fallen), fact("days_in_tier", account, book, fallen)) == ("silver", 0)
    # Silver or higher since the twentieth; a set with memory knows no more than that it fell.
    assert fact("days_since_climb", account, book, fallen) == (NEVER_DAYS if more else 11)


def test_a_step_down_by_periods_is_no_climb():
    book = club(window="calendar_month", valid="period", downgrade="one_step")
    account = followed(spent((date(2026, 5, 3), 300)), book, date(2026, 5, 3))
    assert fact("days_since_climb", account, book, date(2026, 5, 4)) == 1
    assert (fact("tier", account, book), fact("days_since_climb", account, book)) == ("silver", NEVER_DAYS)


def test_who_holds_no_tier_and_who_joined_into_one():
    book = programme(BASE, "[tiers]", tier("all", 0), tier("some", 500))
    assert fact("days_since_climb", Account("M", date(2026, 5, 30)), book) == 2
    assert fact("days_since_climb", member(), programme(BASE)) == NEVER_DAYS
    old = spent((date(2025, 9, 1), 500), joined_on=date(2025, 1, 1))
    assert fact("days_since_climb", old, book) == NEVER_DAYS


def test_a_tier_by_all_spend_ever_was_reached_with_the_purchase_that_reached_it():
    book = club(window="lifetime")
    account = spent((date(2026, 5, 10), 100), (date(2026, 5, 20), 100), (date(2026, 5, 25), 1))
    assert fact("days_in_tier", account, book) == 12


def test_a_tier_of_which_nothing_is_remembered_counts_as_held_for_92_days_at_most():
    book = club(window_days=365)
    account = spent((date(2025, 9, 1), 100), joined_on=date(2025, 1, 1))
    assert fact("days_in_tier", account, book, date(2025, 12, 1)) == 91
    assert fact("days_in_tier", account, book, date(2026, 5, 1)) == 92


def test_nobody_held_a_tier_before_joining():
    book = programme(BASE, "[tiers]", tier("all", 0))
    assert fact("days_in_tier", Account("M", date(2026, 5, 30)), book) == 2


def test_a_tier_that_staff_fixed_is_never_about_to_be_lost():
    book = programme(BASE, '[tiers]\nwindow_days = 30\n[policies]\nmanual_tier = "fixed"', tier("gold", 100))
    standing = Standing("", date(2026, 5, 1), date(2026, 5, 1), None, "gold")
    assert fact("days_to_tier_loss", member(standings={"": standing}), book) == NEVER_DAYS


def test_how_often_somebody_bought_in_the_half_year_up_to_the_last_time_does_not_fade_with_the_silence():
    early, last = TODAY - timedelta(days=65 + 181), TODAY - timedelta(days=65)
    assert fact("purchases_6m_before", bought_on(early, last - timedelta(days=30), last)) == 3
    assert fact("purchases_6m_before", bought_on(early - timedelta(days=1), last - timedelta(days=30), last)) == 2
    assert fact("purchases_6m_before", bought_on()) == 0
