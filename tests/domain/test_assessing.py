"""A shop's purchases before there is a club: who comes back, and which club would be paid back by how much more."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest

from shared.domain.assessing import Shop, Sold, shop_of
from shared.domain.models import MODELS, Assumed, assessment, cost_of

NEW_YEAR = date(2025, 1, 1)


def sold(buyer: str, after_days: int, minor: int, cost: int | None = None) -> Sold:
    return Sold(buyer, NEW_YEAR + timedelta(days=after_days), minor, cost, is_return=minor < 0)


def shop(*sales: Sold) -> Shop:
    found = shop_of(sales)
    assert found is not None
    return found


def regulars(buyers: int, visits: int = 6, minor: int = 10_000) -> list[Sold]:
    """Buyers who come `visits` times within a year of 365 days, and pay the same each time."""
    days = [visit * 364 // max(1, visits - 1) for visit in range(visits)]
    return [sold(f"B{buyer}", day, minor) for buyer in range(buyers) for day in days]


def test_a_buyer_who_came_on_two_days_came_back_and_one_who_came_twice_in_a_day_did_not() -> None:
    found = shop(sold("A", 0, 100), sold("A", 10, 100), sold("B", 0, 100), sold("B", 0, 100), sold("", 400, 100))
    assert (found.buyers, found.buyers_again, found.repeat_rate) == (2, 1, Fraction(1, 2))
    assert (found.came_back, found.could_come_back, found.gap_days) == (Fraction(1, 2), 2, 10)


def test_a_guest_is_nobody_who_could_come_back() -> None:
    found = shop(sold("", 0, 500), sold("", 9, 500), sold("A", 0, 1_000))
    assert (found.buyers, found.guest_purchases, found.known_share) == (1, 2, Fraction(1, 3))
    assert (found.known_minor, found.guest_minor) == (1_000, 1_000)


def test_what_came_back_is_no_purchase_and_is_taken_off_the_money_of_its_buyer() -> None:
    found = shop(sold("A", 0, 1_000), sold("A", 30, 500), sold("A", 31, -500), sold("B", 0, 100))
    assert (found.purchases, found.returns, found.returned_minor) == (3, 1, 500)
    assert (found.known_minor, found.later_minor) == (1_100, 0)


def test_who_first_bought_lately_is_not_asked_whether_they_came_back() -> None:
    found = shop(sold("A", 0, 100), sold("A", 200, 100), sold("LATE", 190, 100))
    assert (found.came_back, found.could_come_back) == (Fraction(0), 1)


def test_a_margin_is_read_where_the_cost_of_most_is_known() -> None:
    assert shop(sold("A", 0, 1_000, 600), sold("B", 1, 900)).margin == Fraction(2, 5)
    assert shop(sold("A", 0, 1_000, 600), sold("B", 1, 1_100)).margin is None


def test_without_a_purchase_there_is_no_shop() -> None:
    assert shop_of([sold("A", 0, -100)]) is None


def test_a_shop_of_regulars_with_a_margin_is_told_yes() -> None:
    answer = assessment(shop(*regulars(200)), Assumed(Fraction(40, 100)))
    assert (answer.answer, answer.reasons) == ("yes", ("pays",))


def test_a_shop_whose_margin_needs_more_of_a_rise_than_is_assumed_is_told_no() -> None:
    answer = assessment(
        shop(*regulars(200)), Assumed(Fraction(40, 100), rise=Fraction(1, 100), fixed_minor=Fraction(10**6))
    )
    assert (answer.answer, answer.reasons) == ("no", ("none_pays", "too_small"))
    assert min(cost.needed for cost in answer.costs if cost.needed is not None) > Fraction(1, 100)


def test_a_shop_whose_margin_no_reward_leaves_is_not_told_that_it_is_too_small() -> None:
    answer = assessment(shop(*regulars(200)), Assumed(Fraction(2, 100), fixed_minor=Fraction(10**6)))
    assert (answer.answer, answer.reasons) == ("no", ("none_pays",))


def test_points_are_paid_back_by_the_rise_that_leaves_nothing() -> None:
    found = shop(*regulars(200))
    cost = cost_of(MODELS[0], found, Assumed(Fraction(40, 100)))
    # 0.7% of six visits, against 40% less 0.7% of what comes in addition to five of them.
    assert cost.needed == Fraction(6, 5) * Fraction(7, 393)
    assert cost_of(MODELS[0], found, Assumed(Fraction(40, 100), rise=cost.needed)).left_minor == 0


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
def test_no_rise_is_enough_where_more_is_given_than_a_price_leaves(model: object) -> None:
    rich = [sold(f"C{one}", day, 50_000) for one in range(5) for day in (0, 100)]
    found = shop(*regulars(200), *rich)
    of_model = next(one for one in MODELS if one is model)
    assert cost_of(of_model, found, Assumed(Fraction(1, 1000))).needed is None


def test_a_shop_where_nobody_returns_is_told_no_even_if_nobody_knows_its_margin() -> None:
    answer = assessment(shop(*regulars(200, visits=1), sold("B0", 364, 0)), Assumed(None))
    assert (answer.answer, answer.reasons) == ("no", ("nobody_returns",))


def test_a_club_that_costs_more_than_free_goods_would_leave_is_a_no_without_a_margin() -> None:
    few_return = [*regulars(200, visits=1), *(sold(f"B{one}", 300, 1_000) for one in range(3))]
    answer = assessment(shop(*few_return), Assumed(None, fixed_minor=Fraction(100_000)))
    assert (answer.answer, answer.reasons) == ("no", ("no_margin_is_enough",))


def test_without_a_margin_a_shop_that_might_pay_is_not_answered() -> None:
    answer = assessment(shop(*regulars(200)), Assumed(None))
    assert (answer.answer, answer.reasons) == ("not enough data", ("margin_unknown",))
    assert all(cost.left_minor is None for cost in answer.costs)


def test_a_season_a_handful_of_buyers_or_a_crowd_of_guests_is_not_enough() -> None:
    known = Assumed(Fraction(1, 2))
    assert assessment(shop(sold("A", 0, 1)), known).reasons == ("too_short", "buyers_few")
    guests = [sold("", day % 300, 100) for day in range(6_000)]
    assert assessment(shop(*regulars(200), *guests), known).reasons == ("buyers_unknown",)
