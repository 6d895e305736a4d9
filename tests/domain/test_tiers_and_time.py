"""Purchases over months and years, each decided on its own day: when a tier was reached, and what a review remembers."""

from datetime import date

import pytest

from shared.domain.rulebook import Rulebook
from tests.domain.ladder import club, held, told
from tests.domain.shop import after, member, posted, purchase

JOINED = date(2025, 1, 1)


def bought(book: Rulebook, *purchases: tuple[str, int]):
    dana = member(joined_on=JOINED)
    for number, (day, cents) in enumerate(purchases):
        dana = after(posted(purchase(cents, at=f"{day}T12:00:00-05:00", purchase_id=f"A-{number}"), dana, book))
    return dana


@pytest.mark.parametrize(("window", "before"), [("calendar_month", "2026-12-10"), ("calendar_year", "2026-06-10")])
def test_a_tier_is_held_since_the_day_it_was_reached_not_since_its_month_or_year_began(window, before):
    book = club(window=window, keep_days=30)
    dana = bought(book, (before, 100), ("2027-01-10", 300))
    one = told(dana, date(2027, 1, 10), book)
    assert (one.tier.id, one.since, one.kept_until) == ("gold", date(2027, 1, 10), date(2027, 2, 9))


def test_a_fixed_time_is_counted_from_the_purchase_that_reached_the_tier():
    book = club(window="calendar_month", valid="period", keep_days=30)
    dana = bought(book, ("2026-02-20", 100), ("2026-03-17", 200))
    assert held(dana, date(2026, 4, 16), book) == "silver"
    assert held(dana, date(2026, 4, 17), book) == ""


@pytest.mark.parametrize("window", ["cycle", "anniversary"])
def test_a_review_counts_the_first_days_of_its_year_though_the_next_purchase_comes_late(window):
    book = club(window=window)
    # The first purchase is 468 days before the last: the account keeps no day that old, and the review lay in between.
    dana = bought(book, ("2025-01-02", 200), ("2025-09-18", 10), ("2026-04-15", 10))
    assert held(dana, date(2026, 4, 15), book) == "silver"
    assert held(dana, date(2026, 12, 31), book) == "silver"
    assert held(dana, date(2027, 1, 1), book) == ""


def test_a_purchase_that_is_reported_late_still_counts_in_the_review_after_it():
    book = club(window="calendar_month", starts="next_period", valid="period")
    dana = bought(book, ("2026-01-05", 1))
    late = purchase(300, at="2026-03-30T12:00:00-05:00", purchase_id="L")
    reported = purchase(1, at="2026-04-02T12:00:00-05:00").occurred_at
    dana = after(posted(late, dana, book, now=reported))
    assert held(dana, date(2026, 4, 2), book) == "gold"
    assert told(dana, date(2026, 4, 2), book).since == date(2026, 4, 1)
