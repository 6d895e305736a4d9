"""When points lapse: after months or days, at the end of a month or a year, on fixed days, or after the last purchase."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.expiry import expires_on, last_day, lasts_until, slid
from shared.domain.lots import Lot
from shared.domain.rulebook import Rulebook
from shared.domain.tables import DATES_MAX
from shared.domain.wallet_tables import Expiry
from tests.domain.shop import BASE, after, member, points, posted, programme, purchase

HALF_YEARS = ("03-31", "09-30")
DAYS = st.dates(date(1990, 1, 1), date(2100, 1, 1))
EXPIRIES = st.one_of(
    st.builds(Expiry, months=st.integers(1, 120), at=st.sampled_from(["day", "month_end", "year_end", None])),
    st.builds(Expiry, days=st.integers(1, 3660)),
    st.builds(Expiry, at=st.sampled_from(["month_end", "year_end"])),
    st.builds(
        Expiry,
        dates=st.lists(
            st.sampled_from(["01-01", "02-28", "02-29", "06-30", "12-31"]), min_size=1, max_size=DATES_MAX
        ).map(tuple),
        min_days=st.integers(0, 366),
    ),
)


def law(boundary: str = "end_of_day", **keys: str | int) -> Rulebook:
    return programme(points(**keys), BASE, f'[policies]\nexpiry_boundary = "{boundary}"')


@pytest.mark.parametrize(
    ("earned_on", "expiry", "day"),
    [
        ("2026-11-22", Expiry(at="month_end"), "2026-11-30"),
        ("2026-11-30", Expiry(at="month_end"), "2026-11-30"),
        ("2028-02-01", Expiry(at="month_end"), "2028-02-29"),
        ("2026-01-01", Expiry(at="year_end"), "2026-12-31"),
        ("2026-12-31", Expiry(at="year_end"), "2026-12-31"),
        ("2026-01-15", Expiry(months=12, at="year_end"), "2027-12-31"),
        ("2026-11-22", Expiry(months=1, at="year_end"), "2026-12-31"),
        ("2026-12-01", Expiry(months=1, at="year_end"), "2027-12-31"),
        ("2026-11-22", Expiry(days=90), "2027-02-20"),
        ("2026-11-22", Expiry(dates=HALF_YEARS), "2027-03-31"),
        ("2027-03-30", Expiry(dates=HALF_YEARS), "2027-03-31"),
        ("2027-03-31", Expiry(dates=HALF_YEARS), "2027-09-30"),
        ("2027-03-31", Expiry(dates=HALF_YEARS, min_days=0), "2027-03-31"),
        ("2027-03-01", Expiry(dates=HALF_YEARS, min_days=30), "2027-03-31"),
        ("2027-03-02", Expiry(dates=HALF_YEARS, min_days=30), "2027-09-30"),
        ("2026-10-01", Expiry(dates=("09-30", "03-31"), min_days=366), "2028-03-31"),
        ("2027-01-01", Expiry(dates=("02-29",)), "2027-02-28"),
        ("2028-01-01", Expiry(dates=("02-29",)), "2028-02-29"),
    ],
)
def test_points_expire_on_the_day_that_their_club_chose(earned_on: str, expiry: Expiry, day: str) -> None:
    assert str(expires_on(date.fromisoformat(earned_on), expiry)) == day


@given(DAYS, EXPIRIES)
def test_points_live_at_least_as_long_as_their_club_says_they_do(earned_on: date, expiry: Expiry) -> None:
    expires = expires_on(earned_on, expiry)
    assert expires is not None
    assert (expires - earned_on).days >= expiry.days_min


@given(DAYS, st.integers(0, 400), EXPIRIES)
def test_points_that_are_earned_later_never_expire_sooner(earned_on: date, days: int, expiry: Expiry) -> None:
    sooner, later = expires_on(earned_on, expiry), expires_on(earned_on + timedelta(days=days), expiry)
    assert sooner is not None
    assert later is not None
    assert sooner <= later


@given(DAYS, st.integers(0, 366))
def test_a_fixed_day_is_the_first_that_is_far_enough_away(earned_on: date, min_days: int) -> None:
    expires = expires_on(earned_on, Expiry(dates=HALF_YEARS, min_days=min_days))
    assert expires is not None
    between = [earned_on + timedelta(days=day) for day in range(min_days, (expires - earned_on).days)]
    assert f"{expires:%m-%d}" in HALF_YEARS
    assert not any(f"{day:%m-%d}" in HALF_YEARS for day in between)


@pytest.mark.parametrize(
    ("boundary", "expires", "day"),
    [
        ("end_of_day", "2027-03-15", "2027-03-15"),
        ("at_instant", "2027-03-15", "2027-03-14"),
        ("at_instant", "2027-03-01", "2027-02-28"),
        ("end_of_month", "2027-03-15", "2027-03-31"),
        ("end_of_month", "2028-02-01", "2028-02-29"),
    ],
)
def test_the_last_day_of_use_is_drawn_as_the_club_answers(boundary: str, expires: str, day: str) -> None:
    assert str(last_day(date.fromisoformat(expires), law(boundary))) == day


@pytest.mark.parametrize(
    ("boundary", "last"), [("end_of_day", "2027-02-20"), ("at_instant", "2027-02-19"), ("end_of_month", "2027-02-28")]
)
def test_points_can_be_used_through_the_last_day_that_the_club_s_answer_gives_them(boundary: str, last: str) -> None:
    (lot,) = after(posted(purchase(1000), member(), law(boundary, expiry="{ days = 90 }"))).lots
    day = date.fromisoformat(last)
    assert lot.expires_on == day
    dana = after(posted(purchase(1000), member(), law(boundary, expiry="{ days = 90 }")))
    assert dana.points_on(day).available == 10
    assert dana.points_on(day + timedelta(days=1)).available == 0


def test_points_without_expiry_last_for_ever_whatever_the_boundary() -> None:
    assert lasts_until(date(2026, 11, 22), None, law("end_of_month")) is None


SLIDING = Expiry(days=90, sliding=True)
OLD, OPEN, ETERNAL = (
    Lot(date(2026, 1, 1), date(2026, 11, 21), 5),
    Lot(date(2026, 9, 1), date(2026, 11, 22), 7),
    Lot(date(2026, 9, 1), None, 9),
)


def test_a_purchase_moves_the_last_day_of_all_open_points() -> None:
    moved = slid((OPEN, ETERNAL), date(2026, 11, 22), SLIDING, law())
    assert moved == (OPEN._replace(expires_on=date(2027, 2, 20)), ETERNAL)


def test_a_purchase_wakes_no_points_that_had_lapsed_the_day_before() -> None:
    assert slid((OLD,), date(2026, 11, 22), SLIDING, law()) == (OLD,)


def test_a_purchase_that_is_reported_late_moves_no_last_day_back() -> None:
    fresh = Lot(date(2026, 11, 1), date(2027, 1, 30), 3)
    assert slid((fresh,), date(2026, 10, 1), SLIDING, law()) == (fresh,)


@pytest.mark.parametrize("expiry", [None, Expiry(days=90), Expiry(at="year_end")])
def test_points_that_do_not_slide_stay_as_they_are(expiry: Expiry | None) -> None:
    assert slid((OPEN, ETERNAL), date(2026, 11, 22), expiry, law()) == (OPEN, ETERNAL)


@given(
    st.lists(st.tuples(st.integers(0, 400), st.none() | st.integers(0, 400), st.integers(1, 9))),
    st.integers(0, 400),
    st.sampled_from(["end_of_day", "at_instant", "end_of_month"]),
)
def test_sliding_loses_no_point_and_keeps_the_order_of_last_days(
    lots: list[tuple[int, int | None, int]], on: int, boundary: str
) -> None:
    start = date(2026, 1, 1)
    before = tuple(
        Lot(start + timedelta(days=first), None if last is None else start + timedelta(days=last), count)
        for first, last, count in lots
    )
    moved = slid(before, start + timedelta(days=on), SLIDING, law(boundary))
    assert sum(lot.points for lot in moved) == sum(lot.points for lot in before)
    ends = [lot.expires_on or date.max for lot in moved]
    assert ends == sorted(ends)
    assert sorted(lot.usable_on for lot in moved) == sorted(lot.usable_on for lot in before)
