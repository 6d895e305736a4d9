"""A purchase becomes one posting: points, their first and last day, the account after it."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.account import Day
from shared.domain.decide import post_guest_purchase
from shared.domain.expiry import expires_on
from shared.domain.ledger import Leg, legs_of
from shared.domain.lots import Lot
from shared.domain.wallet_tables import Expiry
from tests.domain import shop
from tests.domain.shop import BASE, after, line, member, points, posted, programme, purchase

NOW = datetime(2026, 11, 22, 18, tzinfo=UTC)
MONTH_END = points(pending_days=14, expiry='{ months = 12, at = "month_end" }')


def lot(bought, *tables, now=None):
    (only,) = after(posted(bought, member(joined_on=date(2020, 1, 1)), programme(*tables), now)).lots
    return only


@pytest.mark.parametrize(
    ("earned_on", "months", "last_day"),
    [
        (date(2026, 11, 22), 12, date(2027, 11, 30)),
        (date(2026, 11, 1), 12, date(2027, 11, 30)),
        (date(2026, 11, 30), 12, date(2027, 11, 30)),
        (date(2026, 2, 28), 24, date(2028, 2, 29)),
        (date(2027, 2, 1), 12, date(2028, 2, 29)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 12, 31), 1, date(2027, 1, 31)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 11, 30), 13, date(2027, 12, 31)),
        (date(2026, 6, 15), 120, date(2036, 6, 30)),
    ],
)
def test_points_to_the_end_of_the_month_live_to_the_last_day_of_that_month(earned_on, months, last_day):
    assert expires_on(earned_on, Expiry(months=months, at="month_end")) == last_day


@pytest.mark.parametrize(
    ("earned_on", "months", "last_day"),
    [
        (date(2026, 11, 22), 12, date(2027, 11, 22)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2028, 2, 29), 48, date(2032, 2, 29)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 3, 31), 1, date(2026, 4, 30)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
    ],
)
def test_points_to_the_day_live_to_that_day_or_the_last_of_a_shorter_month(earned_on, months, last_day):
    assert expires_on(earned_on, Expiry(months=months, at="day")) == last_day


def test_points_without_expiry_have_no_last_day():
    assert expires_on(date(2026, 11, 22), None) is None


@settings(deadline=None)
@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(1, 120), st.sampled_from(["month_end", "day"]))
def test_points_live_at_least_their_months_less_the_days_a_shorter_month_lacks(earned_on, months, at):
    last = expires_on(earned_on, Expiry(months=months, at=at))
    assert last is not None
    assert (last.year * 12 + last.month) - (earned_on.year * 12 + earned_on.month) == months
    assert last.day == earned_on.day or (last + timedelta(days=1)).day == 1


def test_points_are_usable_after_the_pending_days_and_until_the_end_of_the_month():
    assert lot(purchase(1000), MONTH_END, BASE) == Lot(date(2026, 12, 6), date(2027, 11, 30), 10)


def test_without_pending_days_and_expiry_points_are_usable_at_once_and_for_ever():
    assert lot(purchase(1000), BASE) == Lot(date(2026, 11, 22), None, 10)


def test_days_are_counted_from_the_purchase_s_own_day_in_the_club_s_zone():
    """23:30 on the 30th in New York: the 1st in Greenwich, and still November's points."""
    assert lot(purchase(1000, at="2026-12-01T04:30:00Z"), MONTH_END, BASE) == Lot(
        date(2026, 12, 14), date(2027, 11, 30), 10
    )


def test_a_clock_change_costs_no_pending_day():
    """The night before the hour is set back in New York."""
    assert lot(purchase(1000, at="2026-10-31T23:30:00-04:00"), MONTH_END, BASE).usable_on == date(2026, 11, 14)


def test_a_late_purchase_is_posted_by_its_own_day_not_by_today():
    late = purchase(1000, at="2026-08-01T12:00:00-04:00")
    posting = posted(late, member(), programme(MONTH_END, BASE), NOW)
    assert after(posting).lots == (Lot(date(2026, 8, 15), date(2027, 8, 31), 10),)
    assert after(posting).days == (Day(date(2026, 8, 1), 1, 1000),)
    assert json.loads(str(posting.row["b"])) == [10, 0, ""]
    assert (posting.row["o"], posting.row["t"]) == (_ms(late.occurred_at), _ms(NOW))


def test_a_purchase_later_than_its_points_could_live_earns_what_has_lapsed():
    late = purchase(1000, at="2025-01-10T12:00:00-05:00")
    posting = posted(late, member(joined_on=date(2024, 1, 1)), programme(MONTH_END, BASE), NOW)
    assert json.loads(str(posting.row["b"])) == [0, 0, ""]
    assert after(posting).points_on(NOW.date()).lapsed == 10


def test_a_posting_says_all_that_one_purchase_changes():
    bought = purchase(
        line(1990, "vinyl", 2, discount_minor=90), line(500), discount_minor=100, shipping_minor=40, channel="web"
    )
    posting = posted(
        bought, member(sequence=4, last_key="join#main#J-1", last_hash=b"x", posted=7), programme(MONTH_END, BASE), NOW
    )
    row = posting.row
    assert (row["k"], row["a"], row["n"], row["p"], row["c"]) == (
        "purchase#main#A-1",
        "MDANA",
        5,
        "join#main#J-1",
        "purchase",
    )
    assert (row["v"], row["f"], row["ch"]) == (1, b"f", "web")
    assert json.loads(str(row["l"])) == [["CD-1", "vinyl", 2, 1990, 90], ["CD-1", "", 1, 500]]
    assert json.loads(str(row["s"])) == [2340, 100, 40]
    assert json.loads(str(row["d"])) == [23, 30]
    assert json.loads(str(row["b"])) == [7, 23, ""]
    assert json.loads(str(row["u"])) == ["2026-12-06", "2027-11-30"]
    assert "la" not in row
    dana = after(posting)
    assert (dana.sequence, dana.last_key, dana.last_hash, dana.posted) == (5, row["k"], row["h"], 30)
    assert (dana.purchases, dana.spend_minor, dana.points_earned) == (1, 2340, 23)


def test_spend_counts_what_was_paid_with_shipping_and_tax():
    dana = after(posted(purchase(1000, shipping_minor=500, tax_minor=100), member(), programme(BASE)))
    assert (dana.spend_minor, dana.days[0].spend_minor, dana.months[0].spend_minor) == (1600, 1600, 1600)


def test_a_purchase_that_earns_nothing_is_posted_without_a_lot_and_counts():
    posting = posted(purchase(0), member(), programme(MONTH_END, BASE))
    assert "u" not in posting.row
    assert legs_of(posting.row) == ()
    assert (after(posting).lots, after(posting).purchases, after(posting).sequence) == ((), 1, 1)


def test_points_go_from_the_club_to_the_member():
    assert legs_of(posted(purchase(1000), member(), programme(BASE)).row) == (Leg("MDANA", 10), Leg("issued", -10))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=5))
def test_legs_sum_to_nothing_and_lots_to_the_balance(prices):
    posting = posted(
        purchase(*prices), member(posted=3, lots=(Lot(date(2026, 1, 1), None, 3),)), programme(MONTH_END, BASE)
    )
    assert sum(leg.points for leg in legs_of(posting.row)) == 0
    assert sum(one.points for one in after(posting).lots) == after(posting).posted


def test_a_member_s_other_language_is_kept_with_the_posting():
    assert posted(purchase(1000), member(language="he"), programme(BASE)).row["la"] == "he"
    assert "la" not in posted(purchase(1000), member(language="en"), programme(BASE)).row


def test_a_guest_s_purchase_is_recorded_and_earns_nothing():
    posting = post_guest_purchase(purchase(line(1000, "vinyl")), programme(BASE), NOW, key="k", fingerprint=b"f")
    assert (posting.before, posting.after) == (None, None)
    assert not {"a", "n", "d", "b", "e", "g", "u", "p", "h"} & set(posting.row)
    assert json.loads(str(posting.row["l"])) == [["CD-1", "vinyl", 1, 1000]]


def test_joining_is_the_first_entry_and_moves_no_points():
    posting = shop.joined(programme(BASE))
    assert (posting.row["n"], posting.row["c"], posting.row["d"], legs_of(posting.row)) == (1, "join", "[0,0]", ())
    assert "p" not in posting.row
    assert (after(posting).sequence, after(posting).last_key) == (1, "join#main#J-1")


def test_deciding_does_not_touch_the_account_that_was_read():
    before = member(posted=7, lots=(Lot(date(2026, 1, 1), None, 7),))
    posting = posted(purchase(1000), before, programme(BASE))
    assert posting.before == before == member(posted=7, lots=(Lot(date(2026, 1, 1), None, 7),))


def test_a_quote_and_a_purchase_are_the_same_decision():
    book, dana = programme(MONTH_END, BASE), member()
    assert posted(purchase(1000), dana, book, NOW).row == posted(purchase(1000), dana, book, NOW).row


def test_instants_are_kept_to_the_millisecond():
    bought = purchase(100, at="2026-11-22T12:00:00.123-05:00")
    assert posted(bought, member(), programme(BASE)).row["o"] == 1795366800123


def _ms(instant):
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
