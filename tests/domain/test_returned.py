"""What of a purchase is left after what came back of it: shares of its value and of its points, as exact fractions."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from shared.domain.purchase import Purchase
from shared.domain.reasons import Fired
from shared.domain.returned import Returned, kept, money_share, points_by_line, points_share, value_share
from shared.domain.rulebook import Rulebook
from tests.domain.shop import BASE, earned, line, programme, purchase, rule, tier

HALF = Fraction(1, 2)


def test_what_comes_back_adds_up_line_by_line() -> None:
    first = Returned({1: 2, 0: 1}, {3: 1}, 10, 110, False)
    second = Returned({1: 1, 2: 4}, {3: 1, 0: 5}, 5, 205, False)
    both = first.more(second)
    assert both == Returned({0: 1, 1: 3, 2: 4}, {0: 5, 3: 2}, 15, 315, False)
    assert list(both.units) == [0, 1, 2]
    assert not both.whole
    assert first.more(second._replace(whole=True)).whole
    assert first._replace(whole=True).more(second).whole


def test_what_is_left_of_a_line_is_what_came_back_in_no_way() -> None:
    bought = purchase(line(500, quantity=5), line(300, quantity=3))
    back = Returned({0: 1}, {0: 2, 1: 3})
    assert [back.left(bought, place) for place in (0, 1)] == [2, 0]
    assert [Returned().left(bought, place) for place in (0, 1)] == [5, 3]


# 20 dollars for four, 30 for one and 50 for two.
BOUGHT = purchase(line(2_000, "cd", 4), line(3_000, "lp"), line(5_000, "dvd", 2), shipping_minor=1_000)
THREE_WAYS = [
    (Returned(), Fraction(0)),
    (Returned({0: 1}), Fraction(5, 100)),
    (Returned({0: 4, 1: 1}), HALF),
    (Returned({0: 2, 2: 1}), Fraction(35, 100)),
    (Returned({1: 1}, money_minor=1_100), Fraction(40, 100)),
    (Returned(money_minor=2_200), Fraction(20, 100)),
    (Returned({0: 4, 1: 1, 2: 2}, money_minor=1_100), Fraction(1)),
    (Returned(whole=True), Fraction(1)),
    # What is not counted by its lines counts by the money alone.
    (Returned(uncounted={0: 4}, paid_back_minor=700), Fraction(0)),
]


@pytest.mark.parametrize(("back", "share"), THREE_WAYS)
def test_the_share_of_a_purchase_is_by_what_its_lines_cost(back: Returned, share: Fraction) -> None:
    assert value_share(BOUGHT, back) == share


def test_a_discount_of_the_whole_purchase_is_every_lines() -> None:
    bought = purchase(line(3_000, quantity=3, discount_minor=600), line(1_600), discount_minor=1_000)
    # 24 and 16 dollars, of which a quarter is off: 18 and 12.
    assert value_share(bought, Returned({0: 1})) == Fraction(6, 30)
    assert value_share(bought, Returned({1: 1})) == Fraction(12, 30)


def test_goods_that_cost_nothing_count_by_their_number() -> None:
    free = purchase(line(0, quantity=3), line(0))
    assert value_share(free, Returned({0: 1})) == Fraction(1, 4)
    assert value_share(free, Returned({0: 3, 1: 1})) == 1
    assert value_share(free, Returned(money_minor=500)) == 0
    shipped = purchase(line(0, quantity=3), line(0), shipping_minor=1_000)
    assert value_share(shipped, Returned({0: 1}, money_minor=250)) == HALF


def test_money_is_a_share_of_all_that_was_paid() -> None:
    assert money_share(BOUGHT, 550) == Fraction(5, 100)
    assert money_share(purchase(0), 550) == 0


@pytest.mark.parametrize(
    ("units", "share", "mode", "left"),
    [
        (10, Fraction(1, 4), "floor", 7), (10, Fraction(1, 4), "half_up", 8), (10, Fraction(29, 100), "half_up", 7),
        (10, Fraction(29, 100), "ceil", 8), (10, Fraction(0), "floor", 10), (10, Fraction(1), "ceil", 0),
    ],
)  # fmt: skip
def test_what_is_kept_is_rounded_as_the_wallet_rounds(units: int, share: Fraction, mode: Any, left: int) -> None:
    assert kept(units, share, mode) == left


def by_line(bought: Purchase, book: Rulebook, wallet: str = "points") -> list[Fraction]:
    return points_by_line(bought, earned(bought, book).reasons, book, wallet)


def test_points_for_money_belong_to_the_lines_that_brought_it() -> None:
    assert by_line(BOUGHT, programme(BASE)) == [20, 30, 50]
    assert by_line(BOUGHT, programme(rule(points=1, per_minor=100, lines="line.category == 'lp'"))) == [0, 30, 0]


def test_points_for_units_products_and_lines_belong_to_those_they_were_given_for() -> None:
    assert by_line(BOUGHT, programme(rule(points=3, per="unit"))) == [12, 3, 6]
    assert by_line(BOUGHT, programme(rule(points=3, per="unit", lines="line.category != 'lp'"))) == [12, 0, 6]
    assert by_line(BOUGHT, programme(rule(points=6, per="line"))) == [6, 6, 6]
    assert by_line(BOUGHT, programme(rule(points=6, per="line", lines="line.category == 'dvd'"))) == [0, 0, 6]


def test_points_of_the_whole_purchase_are_shared_by_what_the_lines_cost() -> None:
    assert by_line(BOUGHT, programme(rule(points=50, per="purchase"))) == [10, 15, 25]
    free = purchase(line(0, quantity=3), line(0))
    assert by_line(free, programme(rule(points=50, per="purchase"))) == [25, 25]


def test_a_multiplier_and_a_tier_go_with_what_they_multiply() -> None:
    doubled = programme(BASE, rule("twice", multiply=2, lines="line.category == 'lp'"))
    assert by_line(BOUGHT, doubled) == [20, 60, 50]
    all_of_it = programme(
        BASE, rule("more", points=10, per="unit", lines="line.category == 'dvd'"), rule("all", multiply=2)
    )
    assert by_line(BOUGHT, all_of_it) == [40, 60, 140]
    silver = programme(BASE, tier("bronze", 0, 3))
    assert by_line(BOUGHT, silver) == [60, 90, 150]


def test_a_cap_takes_from_each_line_in_proportion() -> None:
    capped = programme(rule(points=1, per_minor=100, cap=50), '[policies]\nrule_cap = "after_multipliers"\n')
    assert by_line(BOUGHT, capped) == [10, 15, 25]


def test_each_wallet_has_its_own_share_of_the_lines() -> None:
    stamps = "[[wallet]]\nid = 'stamps'\n"
    book = programme(
        BASE, rule("stamp", wallet="stamps", points=2, per="unit", lines="line.category == 'cd'"), stamps,
        tier("bronze", 0, 2),
    )  # fmt: skip
    assert by_line(BOUGHT, book) == [40, 60, 100]
    assert by_line(BOUGHT, book, "stamps") == [8, 0, 0]
    assert by_line(BOUGHT, book, "other") == [0, 0, 0]


def test_an_achievement_is_the_whole_purchases() -> None:
    reached = '[[achievement]]\nid = "first"\nwhen = "member.purchases >= 1"\npoints = 100\nwallet = "stars"\n'
    book = programme(BASE, "[[wallet]]\nid = 'stars'\n", reached)
    reasons = [*earned(BOUGHT, book).reasons, Fired("achievement:first", 1, Fraction(100))]
    assert points_by_line(BOUGHT, reasons, book, "stars") == [20, 30, 50]
    assert points_by_line(BOUGHT, reasons, book) == [20, 30, 50]


def share(policy: str, back: Returned, *tables: str, bought: Purchase = BOUGHT) -> Fraction:
    book = programme(*tables, f'[policies]\npartial_return = "{policy}"\n')
    return points_share(bought, earned(bought, book).reasons, book, back)


LP_ALONE = rule(points=1, per_minor=100, lines="line.category == 'lp'")


@pytest.mark.parametrize(
    ("policy", "back", "lost"),
    [
        ("by_line", Returned({0: 4}), Fraction(0)),
        ("by_line", Returned({1: 1}), Fraction(1)),
        ("by_line", Returned({0: 4}, money_minor=1_100), Fraction(10, 100)),
        ("by_line", Returned({1: 1}, money_minor=1_100), Fraction(1)),
        ("by_amount", Returned({0: 4}), Fraction(20, 100)),
        ("by_amount", Returned({1: 1}), Fraction(30, 100)),
        ("refunded_amount", Returned({1: 1}, paid_back_minor=1_100), Fraction(10, 100)),
        ("refunded_amount", Returned({1: 1}, paid_back_minor=99_000), Fraction(1)),
        ("gross_item_value", Returned({0: 4}), Fraction(0)),
        ("gross_item_value", Returned({1: 1}), Fraction(1)),
        ("by_line", Returned(whole=True), Fraction(1)),
        ("refunded_amount", Returned(whole=True), Fraction(1)),
    ],
)
def test_points_go_with_the_lines_that_brought_them_or_with_the_money(
    policy: str, back: Returned, lost: Fraction
) -> None:
    assert share(policy, back, LP_ALONE) == lost


def test_what_brought_no_points_counts_by_its_value() -> None:
    assert share("by_line", Returned({0: 2}), rule(points=1, per_minor=100, lines="line.category == 'x'")) == (
        Fraction(10, 100)
    )


def test_by_gross_value_a_line_counts_as_if_nothing_had_been_off_of_it() -> None:
    bought = purchase(line(4_000, quantity=2, discount_minor=1_000), line(3_000))
    # 30 points of each line. At gross, one of the two of the first is worth 20 of 60, and the lines are more than all.
    assert share("gross_item_value", Returned({0: 1}), BASE, bought=bought) == Fraction(20, 60)
    assert share("by_line", Returned({0: 1}), BASE, bought=bought) == Fraction(15, 60)
    assert share("gross_item_value", Returned({0: 2, 1: 1}), BASE, bought=bought) == 1
    free = purchase(line(1_000, quantity=2, discount_minor=1_000), line(3_000))
    assert share("gross_item_value", Returned({0: 1}), rule(points=10, per="unit"), bought=free) == Fraction(10, 30)
