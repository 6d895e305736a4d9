"""Which tier a member holds on a day, and what is missing to the next."""

from datetime import date, timedelta

import pytest

from shared.domain.account import Day
from shared.domain.ledger import unpacked
from shared.domain.tiers import held_on, tier_on
from tests.domain.shop import BASE, after, member, posted, programme, purchase, tier

BOOK = programme("[tiers]\nwindow_days = 365", tier("silver", 15_000), tier("gold", 40_000, 1.5), BASE)
TODAY = date(2026, 11, 22)


def held(account, today=TODAY, book=BOOK):
    found = tier_on(account, today, book)
    return found.id if found else None


def told(posting):
    """The tier that the till is told."""
    return unpacked(posting.row["b"])[2]


def spent(*days):
    return member(days=tuple(sorted(Day(TODAY - timedelta(days=ago), 1, cents) for ago, cents in days)))


@pytest.mark.parametrize(
    ("cents", "tier_id"),
    [(0, None), (14_999, None), (15_000, "silver"), (39_999, "silver"), (40_000, "gold"), (10**9, "gold")],
)
def test_a_tier_is_held_from_its_spend_on(cents, tier_id):
    assert held(spent((0, cents))) == tier_id


@pytest.mark.parametrize(("ago", "tier_id"), [(364, "gold"), (365, None)])
def test_the_window_is_exact_to_its_first_day(ago, tier_id):
    assert held(spent((ago, 40_000))) == tier_id


def test_a_tier_is_lost_on_the_day_the_spend_leaves_the_window():
    dana = spent((0, 40_000))
    assert held(dana, TODAY + timedelta(days=364)) == "gold"
    assert held(dana, TODAY + timedelta(days=365)) is None


def test_a_window_of_one_day_counts_today_only():
    book = programme("[tiers]\nwindow_days = 1", tier("vip", 100), BASE)
    assert held(spent((0, 100)), TODAY, book) == "vip"
    assert held(spent((1, 100)), TODAY, book) is None


def test_a_tier_for_everybody_needs_no_spend():
    book = programme(tier("member", 0), tier("gold", 1), BASE)
    assert held(member(), TODAY, book) == "member"


def test_a_programme_without_tiers_gives_none():
    assert held(spent((0, 10**9)), TODAY, programme(BASE)) is None
    assert held_on(member(), TODAY, programme(BASE)) == []


@pytest.mark.parametrize(
    ("cents", "above", "missing"), [(0, "silver", 15_000), (15_000, "gold", 25_000), (39_999, "gold", 1)]
)
def test_the_next_tier_says_what_is_missing(cents, above, missing):
    (main,) = held_on(spent((0, cents)), TODAY, BOOK)
    assert main.next is not None
    assert (main.next.id, main.missing) == (above, missing)


def test_at_the_top_nothing_is_missing():
    (main,) = held_on(spent((0, 40_000)), TODAY, BOOK)
    assert main.next is None


def test_a_purchase_that_crosses_the_line_makes_the_tier_for_the_next_one():
    first = posted(purchase(40_000), member(), BOOK)
    assert told(first) == "gold"
    second = posted(purchase(1_000, purchase_id="A-2"), after(first), BOOK)
    assert after(second).posted == 400 + 15


def test_a_late_purchase_is_judged_by_the_tier_of_its_own_day():
    """Gold today because of what was bought in November; the late one of October had no tier yet."""
    gold = after(posted(purchase(40_000), member(), BOOK))
    now = purchase(1).occurred_at
    late = posted(purchase(1_000, at="2026-10-01T12:00:00-04:00", purchase_id="A-2"), gold, BOOK, now)
    assert after(late).posted - gold.posted == 10
    assert told(late) == "gold"


def test_a_late_purchase_may_make_the_tier_of_today():
    first = posted(purchase(30_000), member(), BOOK)
    dana = after(first)
    assert told(first) == "silver"
    late = purchase(10_000, at="2026-10-01T12:00:00-04:00", purchase_id="A-2")
    assert told(posted(late, dana, BOOK, purchase(1).occurred_at)) == "gold"


def test_a_late_purchase_older_than_the_window_makes_no_tier():
    late = purchase(100_000, at="2025-11-20T12:00:00-05:00")
    now = purchase(1).occurred_at
    assert told(posted(late, member(joined_on=date(2025, 1, 1)), BOOK, now)) == ""


@pytest.mark.parametrize("in_order", [True, False])
def test_whether_a_purchase_comes_in_time_or_90_days_late_it_is_judged_by_the_tier_of_its_day(in_order):
    """L13. What was bought in October 2025 makes gold until October 2026, also when it is told in November."""
    gold = purchase(40_000, at="2025-10-20T12:00:00-04:00", purchase_id="A-1")
    autumn = purchase(1_000, at="2026-09-30T12:00:00-04:00", purchase_id="A-2")
    today = purchase(100, at="2026-11-22T12:00:00-05:00", purchase_id="A-3")
    dana = member(joined_on=date(2025, 1, 1))
    for bought in (gold, autumn, today) if in_order else (gold, today, autumn):
        dana = after(posted(bought, dana, BOOK, max(bought.occurred_at, today.occurred_at)))
    assert dana.posted == 400 + 15 + 1
