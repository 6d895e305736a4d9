"""What a member has on a day: usable, pending and lapsed points, and the figures of days and months."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.account import DAYS_KEPT, MONTHS_KEPT, WINDOW_DAYS_MAX, Day, Month, Points
from shared.domain.lots import Lot, merged
from tests.domain.shop import member, with_purchase

TODAY = date(2026, 11, 22)
A_DAY = timedelta(days=1)
LOT = Lot(date(2026, 12, 6), date(2027, 11, 30), 100)

DAYS = st.integers(-400, 400).map(lambda offset: TODAY + timedelta(days=offset))


@st.composite
def lots(draw):
    usable_on = draw(DAYS)
    lives = draw(st.none() | st.integers(0, 800))
    return Lot(usable_on, None if lives is None else usable_on + timedelta(days=lives), draw(st.integers(0, 500)))


def bought(account, *days):
    """The account after purchases of (day, cents, points), reported in that order, each on the newest day so far."""
    today = date.min
    for on, cents, points in days:
        today = max(today, on)
        account = with_purchase(account, on, cents, points, Lot(on, None, points) if points else None, today)
    return account


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2026, 12, 5), Points(posted=100, available=0, pending=100, lapsed=0)),
        (date(2026, 12, 6), Points(posted=100, available=100, pending=0, lapsed=0)),
        (date(2027, 11, 30), Points(posted=100, available=100, pending=0, lapsed=0)),
        (date(2027, 12, 1), Points(posted=100, available=0, pending=0, lapsed=100)),
    ],
)
def test_points_are_usable_from_their_first_day_to_their_last_both_included(today, expected):
    assert member(posted=100, lots=(LOT,)).points_on(today) == expected


def test_lapsed_points_are_in_no_balance_and_pending_ones_are():
    dana = member(posted=350, lots=(LOT, Lot(date(2026, 1, 1), date(2026, 11, 21), 200), Lot(TODAY, None, 50)))
    points = dana.points_on(TODAY)
    assert points == Points(posted=350, available=50, pending=100, lapsed=200)
    assert points.balance == 150


def test_points_without_a_last_day_never_lapse():
    assert member(posted=50, lots=(Lot(TODAY, None, 50),)).points_on(date(2126, 1, 1)).available == 50


@settings(deadline=None)
@given(st.lists(lots(), max_size=8), DAYS)
def test_every_point_is_usable_pending_or_lapsed(held, today):
    points = member(posted=sum(lot.points for lot in held), lots=tuple(held)).points_on(today)
    assert points.available + points.pending + points.lapsed == points.posted
    assert min(points.available, points.pending, points.lapsed) >= 0


def test_pending_lots_are_those_with_points_that_start_later():
    later, empty, now = LOT, Lot(date(2026, 12, 7), None, 0), Lot(TODAY, None, 5)
    assert member(lots=(now, later, empty)).pending_on(TODAY) == (later,)


def test_the_next_to_lapse_is_the_earliest_last_day_that_is_not_over():
    lapsed = Lot(date(2026, 1, 1), date(2026, 11, 21), 1)
    last_day = Lot(date(2026, 1, 1), TODAY, 2)
    empty = Lot(date(2026, 1, 1), date(2026, 11, 23), 0)
    later, never = Lot(date(2026, 1, 1), date(2027, 1, 31), 4), Lot(date(2026, 1, 1), None, 8)
    dana = member(lots=(lapsed, last_day, empty, later, never))
    assert dana.next_expiry(TODAY) == last_day
    assert dana.next_expiry(TODAY + A_DAY) == later
    assert dana.next_expiry(date(2027, 2, 1)) is None
    assert member(lots=(never,)).next_expiry(TODAY) is None


# -- lots that become one ------------------------------------------------------------------------------------


def test_usable_lots_with_one_last_day_become_one_with_the_earliest_first_day():
    last = date(2027, 11, 30)
    assert merged((Lot(date(2026, 11, 3), last, 5), Lot(date(2026, 11, 1), last, 7)), TODAY) == (
        Lot(date(2026, 11, 1), last, 12),
    )


def test_pending_lots_stay_apart_until_their_day_and_become_one_if_it_is_the_same():
    last, first = date(2027, 11, 30), date(2026, 12, 1)
    pending = (Lot(first, last, 5), Lot(first + A_DAY, last, 7), Lot(first, last, 1))
    assert merged(pending, TODAY) == (Lot(first, last, 6), Lot(first + A_DAY, last, 7))
    assert merged(pending, first + A_DAY) == (Lot(first, last, 13),)


def test_lots_with_different_last_days_are_never_one():
    apart = (Lot(TODAY, date(2027, 1, 31), 1), Lot(TODAY, date(2027, 2, 28), 2), Lot(TODAY, None, 4))
    assert merged(apart[::-1], TODAY) == apart


@settings(deadline=None)
@given(st.lists(lots(), max_size=10), DAYS, st.integers(0, 500))
def test_merged_lots_hold_the_same_points_and_mean_the_same_on_every_later_day(held, today, days):
    together = merged(tuple(held), today)
    assert sum(lot.points for lot in together) == sum(lot.points for lot in held)
    assert list(together) == sorted(together, key=lambda lot: (lot.expires_on or date.max, lot.usable_on))
    posted, later = sum(lot.points for lot in held), today + timedelta(days=days)
    assert member(posted=posted, lots=together).points_on(later) == member(posted=posted, lots=tuple(held)).points_on(
        later
    )


def test_a_weekly_shopper_of_two_years_holds_a_lot_for_each_month_not_for_each_purchase():
    dana = member()
    for week in range(104):
        on = date(2025, 1, 1) + timedelta(weeks=week)
        last = date(on.year + 1, on.month, 28)
        dana = with_purchase(dana, on, 100, 1, Lot(on, last, 1), on)
    assert len(dana.lots) == 24
    assert sum(lot.points for lot in dana.lots) == 104


# -- windows of days -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days_ago", "within"), [(0, True), (1, True), (181, True), (182, False)])
def test_a_window_counts_today_as_its_first_day(days_ago, within):
    dana = bought(member(), (TODAY - timedelta(days=days_ago), 1000, 0))
    assert dana.bought_within(TODAY, 182) == ((1, 1000) if within else (0, 0))


def test_a_window_does_not_look_into_the_future():
    dana = bought(member(), (TODAY, 1000, 0), (TODAY + A_DAY, 500, 0))
    assert dana.bought_within(TODAY, 365) == (1, 1000)
    assert dana.last_purchase_on(TODAY) == TODAY
    assert dana.last_purchase_on(TODAY - A_DAY) is None


def test_purchases_of_one_day_are_one_day_with_their_sum():
    dana = bought(member(), (TODAY, 1000, 10), (TODAY, 500, 5))
    assert dana.days == (Day(TODAY, 2, 1500),)
    assert dana.bought_within(TODAY, 1) == (2, 1500)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 365), st.integers(0, 999)), max_size=25), st.integers(1, WINDOW_DAYS_MAX))
def test_windows_are_exact_to_the_day_for_a_year(purchases, days):
    dana = bought(member(), *((TODAY - timedelta(days=ago), cents, 0) for ago, cents in purchases))
    counted = [cents for ago, cents in purchases if ago < days]
    assert dana.bought_within(TODAY, days) == (len(counted), sum(counted))


def test_days_are_kept_for_a_whole_window_of_a_purchase_three_months_late():
    oldest = TODAY - timedelta(days=DAYS_KEPT)
    dana = bought(member(), (oldest, 1, 0), (oldest + A_DAY, 2, 0), (TODAY, 4, 0))
    assert [day.on for day in dana.days] == [oldest + A_DAY, TODAY]
    assert dana.bought_within(TODAY - timedelta(days=92), WINDOW_DAYS_MAX) == (1, 2)


# -- figures -------------------------------------------------------------------------------------------------


def test_a_purchase_adds_to_the_figures_of_its_own_month():
    dana = bought(member(), (date(2026, 10, 31), 1000, 10), (date(2026, 11, 1), 200, 2), (date(2026, 11, 30), 50, 0))
    october, november = 2026 * 12 + 9, 2026 * 12 + 10
    assert dana.months == (Month(october, 1, 1000, 10), Month(november, 2, 250, 2))
    assert (dana.purchases, dana.spend_minor, dana.points_earned, dana.posted) == (3, 1250, 12, 12)


def test_a_late_purchase_lands_on_its_own_day_and_month():
    late = date(2026, 9, 30)
    dana = bought(member(), (TODAY, 1000, 10), (late, 300, 3))
    assert dana.days == (Day(late, 1, 300), Day(TODAY, 1, 1000))
    assert [month.ordinal for month in dana.months] == [2026 * 12 + 8, 2026 * 12 + 10]
    assert dana.last_purchase_on(TODAY) == TODAY


def test_the_order_in_which_purchases_arrive_changes_no_figure():
    told = [(TODAY - timedelta(days=days), 100 + days, 1) for days in (0, 3, 40, 200, 365)]
    early, late = bought(member(), *told[::-1]), bought(member(), *told)
    assert (early.days, early.months, early.posted) == (late.days, late.months, late.posted)


def test_figures_go_back_two_years_of_months_the_newest_included():
    ends = [date(2024 + (10 + back) // 12, (10 + back) % 12 + 1, 15) for back in range(26)]
    dana = bought(member(joined_on=ends[0]), *((on, 100, 1) for on in ends))
    assert len(dana.months) == MONTHS_KEPT == 24
    newest = ends[-1].year * 12 + ends[-1].month - 1
    assert [month.ordinal for month in dana.months] == list(range(newest - 23, newest + 1))
    assert (dana.purchases, dana.points_earned) == (26, 26)


def test_a_purchase_older_than_what_is_kept_counts_for_ever_and_has_no_day_of_its_own():
    dana = bought(member(), (TODAY, 1000, 0), (date(2023, 1, 1), 300, 3))
    assert (dana.purchases, dana.spend_minor, dana.posted) == (2, 1300, 3)
    assert dana.days == (Day(TODAY, 1, 1000),)
    assert [month.ordinal for month in dana.months] == [2026 * 12 + 10]
