"""What a rule gives by formula, by product, by whole steps; what multipliers add; which lines earn at all; other wallets."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction

import pytest

from shared.domain.account import Account, Day
from shared.domain.earning import points_earned
from shared.domain.event import Event
from shared.domain.purchase import Purchase
from shared.domain.reasons import Earned, Fired, NotFired
from shared.domain.vocabulary import Scene
from tests.domain.shop import (
    BASE,
    NOON,
    earned,
    fired,
    line,
    member,
    not_fired,
    points,
    programme,
    purchase,
    rule,
    tier,
)

SHOES, BAGS = "line.category == 'shoes'", "line.category == 'bags'"
DOUBLE = rule("double", multiply=2)
STAMPS = '[[wallet]]\nid = "stamps"'


def earns(bought: Purchase, *tables: str, account: Account | None = None) -> int:
    return earned(bought, programme(*tables), account).points


# -- formulas ------------------------------------------------------------------------------------------------


def test_a_formula_is_exact_and_rounded_once() -> None:
    told = earned(purchase(1000), programme(rule("seventh", formula="purchase.items_minor / 700")))
    assert (told.exact, told.points) == (Fraction(10, 7), 1)
    assert fired(told)["seventh"] == Fired("seventh", 1, Fraction(10, 7))


def test_a_formula_for_each_line_sees_the_line_the_purchase_and_the_member() -> None:
    """A third and five sixths of the lines, two for the purchases before, one for the unit of each of two lines."""
    by_line = rule("lines", formula="line.net_minor / 300 + member.purchases + purchase.units / 2", per="line")
    told = earned(purchase(100, 250), programme(by_line), member(purchases=2))
    assert fired(told)["lines"] == Fired("lines", 2, Fraction(1, 3) + Fraction(5, 6) + 2 * 2 + 2 * 1)


def test_a_formula_for_chosen_lines_is_computed_for_those_alone() -> None:
    by_line = rule("shoes", formula="line.net_minor / 300", per="line", lines=SHOES)
    told = earned(purchase(line(100, "shoes"), line(900, "bags")), programme(by_line))
    assert fired(told)["shoes"] == Fired("shoes", 1, Fraction(1, 3))


def test_what_other_rules_gave_is_untouched_by_the_fractions_of_a_formula() -> None:
    seventh = rule("seventh", formula="purchase.items_minor / 700")
    told = earned(purchase(1000), programme(BASE, seventh, rule("half-more", multiply=1.5)))
    assert told.exact == (10 + Fraction(10, 7)) * Fraction(3, 2)


def test_a_line_whose_formula_comes_out_below_nothing_gives_nothing_and_takes_from_no_other() -> None:
    by_line = rule("lines", formula="line.net_minor / 100 - 2", per="line")
    assert earns(purchase(100, 500), by_line) == 3


def test_a_formula_without_a_value_gives_nothing_and_says_so() -> None:
    told = earned(purchase(1000), programme(rule("share", formula="100 / member.purchases"), BASE))
    assert told.points == 10
    assert not_fired(told) == {"share": NotFired("share", "formula")}


# -- products ------------------------------------------------------------------------------------------------


def test_each_different_product_may_earn_once() -> None:
    bought = purchase(line(1), line(1, sku="LP-7", quantity=3), line(1))
    told = earned(bought, programme(rule("new", points=5, per="product")))
    assert fired(told)["new"] == Fired("new", 2, Fraction(10))


@pytest.mark.parametrize(("choice", "expected"), [(SHOES, 10), (BAGS, 5)])
def test_a_product_on_two_lines_earns_on_the_first_of_them(choice: str, expected: int) -> None:
    bought = purchase(line(1, "shoes"), line(1, "bags"))
    assert earns(bought, rule("new", points=5, per="product"), rule("double", multiply=2, lines=choice)) == expected


def test_each_unit_may_earn_a_part_of_a_point() -> None:
    bought = purchase(line(1, "shoes", quantity=3), line(1, quantity=4))
    assert fired(earned(bought, programme(rule(points=0.75, per="unit"))))["base"] == Fired("base", 7, Fraction(21, 4))


# -- whole steps and the most that counts --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "cents", "basis", "given"),
    [
        ({"points": 3, "per_minor": 1000, "steps": "whole"}, 999, 999, Fraction(0)),
        ({"points": 3, "per_minor": 1000, "steps": "whole"}, 1000, 1000, Fraction(3)),
        ({"points": 3, "per_minor": 1000, "steps": "whole"}, 2999, 2999, Fraction(6)),
        ({"points": 3, "per_minor": 1000}, 2999, 2999, Fraction(8997, 1000)),
        ({"points": 1, "per_minor": 100, "basis_cap_minor": 550}, 549, 549, Fraction(549, 100)),
        ({"points": 1, "per_minor": 100, "basis_cap_minor": 550}, 551, 550, Fraction(55, 10)),
        ({"points": 1, "per_minor": 100, "basis_cap_minor": 550, "steps": "whole"}, 9999, 550, Fraction(5)),
    ],
)
def test_only_whole_steps_and_only_so_much_may_count(
    keys: dict[str, int | str], cents: int, basis: int, given: Fraction
) -> None:
    assert fired(earned(purchase(cents), programme(rule(**keys))))["base"] == Fired("base", basis, given)


def test_whole_steps_are_counted_on_all_lines_together_and_each_line_bears_its_share() -> None:
    """6.00 and 7.00 make one step of 10.00: the shoes' share of its point is six thirteenths, and it counts twice."""
    steps = rule(points=1, per_minor=1000, steps="whole")
    bought = purchase(line(600, "shoes"), line(700, "bags"))
    told = earned(bought, programme(steps, rule("double", multiply=2, lines=SHOES)))
    assert told.exact == 1 + Fraction(6, 13)


# -- multipliers ---------------------------------------------------------------------------------------------


def test_a_multiplier_names_the_goods_it_looked_at_and_never_the_shipping() -> None:
    told = earned(purchase(1000, 300, shipping_minor=500), programme(BASE, DOUBLE))
    assert fired(told)["double"] == Fired("double", 1300, Fraction(13))


@pytest.mark.parametrize(("multiplier", "expected"), [(DOUBLE, 30), (rule("double", multiply=2, lines="true"), 25)])
def test_only_a_multiplier_of_the_whole_purchase_reaches_what_the_shipping_earned(
    multiplier: str, expected: int
) -> None:
    assert earns(purchase(1000, shipping_minor=500), "[basis]\nshipping = true", BASE, multiplier) == expected


@pytest.mark.parametrize(
    ("cents", "added", "uncapped"),
    [(2_900, 29, None), (3_000, 30, None), (3_100, 30, Fraction(31)), (10_000, 30, Fraction(100))],
)
def test_a_multiplier_that_met_its_cap_says_what_it_would_have_added(
    cents: int, added: int, uncapped: Fraction | None
) -> None:
    told = earned(purchase(cents), programme(BASE, rule("double", multiply=2, cap=30)))
    assert fired(told)["double"] == Fired("double", cents, Fraction(added), uncapped)
    assert told.points == cents // 100 + added


def test_a_tier_names_the_goods_it_looked_at_and_never_the_shipping() -> None:
    told = earned(purchase(1000, 300, shipping_minor=500), programme(tier("gold", 0, 2), BASE))
    assert fired(told)["tier:gold"] == Fired("tier:gold", 1300, Fraction(13))


@pytest.mark.parametrize("cents", [1, 100, 101])
def test_tiers_of_two_sets_multiply_one_after_the_other_exactly(cents: int) -> None:
    visits = '[[tier_set]]\nid = "visits"\nbasis = "purchases"\nwindow = "lifetime"\n'
    regular = '[[tier]]\nid = "regular"\nset = "visits"\nat_least = 1\nmultiply = 1.5'
    dana = member(purchases=1, days=(Day(datetime.fromisoformat(NOON).date(), 1, 1000),))
    told = earned(purchase(cents, shipping_minor=40), programme(tier("vip", 1000, "1.5"), visits, regular, BASE), dana)
    assert told.reasons == (
        Fired("base", cents, Fraction(cents, 100)),
        Fired("tier:vip", cents, Fraction(cents, 200)),
        Fired("tier:regular", cents, Fraction(3 * cents, 400)),
    )
    assert told.exact == Fraction(9 * cents, 400)


# -- which lines earn at all ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "basis", "expected"),
    [
        ("goods", "", 15),
        ("fee", "", 15),
        ("gift_card", "", 10),
        ("top_up", "", 10),
        ("shipping", "", 10),
        ("shipping", "shipping = true", 15),
        ("gift_card", "exclude_kinds = []", 15),
        ("fee", 'exclude_kinds = ["fee"]', 10),
        ("gift_card", 'exclude_kinds = ["fee"]', 15),
    ],
)
def test_what_a_line_is_decides_whether_it_earns(kind: str, basis: str, expected: int) -> None:
    bought = purchase(line(1000), line(500, kind=kind))
    assert earns(bought, f"[basis]\n{basis}", BASE) == expected
    assert earns(bought, f"[basis]\n{basis}", rule(points=5, per="line")) == expected - 5


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"per_minor": 100}, 15),
        ({"per": "line"}, 2),
        ({"per": "unit"}, 4),
        ({"per": "product"}, 1),
        ({"per": "purchase"}, 1),
        ({"per_minor": 100, "lines": "true"}, 10),
    ],
)
def test_shipping_that_earns_is_money_and_neither_a_line_nor_a_unit(given: dict[str, str | int], expected: int) -> None:
    """10.00 for three, one for nothing, and 5.00 of shipping."""
    bought = purchase(line(1000, quantity=3), line(0), shipping_minor=500)
    assert earns(bought, "[basis]\nshipping = true", rule(points=1, **given)) == expected


@pytest.mark.parametrize("per", ["line", "unit", "product"])
def test_shipping_that_earns_nothing_is_no_line_either(per: str) -> None:
    assert earns(purchase(1000, shipping_minor=500), rule(points=1, per=per)) == 1


def test_lines_may_be_kept_from_every_rule_by_a_condition() -> None:
    bought = purchase(line(1000), line(500, discount_minor=100), line(600, "shoes"))
    exclude = '[basis]\nexclude = "line.discounted"'
    assert earns(bought, exclude, BASE) == 16
    assert earns(bought, exclude, rule(points=5, per="unit")) == 10
    assert earns(bought, exclude, rule(points=5, per="line", lines=SHOES)) == 5


@pytest.mark.parametrize("multiplier", [DOUBLE, rule("double", multiply=2, lines="true")])
def test_a_multiplier_looked_at_all_the_goods_though_some_earn_nothing(multiplier: str) -> None:
    """10.00 earn; 4.00 after a discount and a gift card of 5.00 do not."""
    bought = purchase(line(1000), line(500, discount_minor=100), line(500, kind="gift_card"))
    told = earned(bought, programme('[basis]\nexclude = "line.discounted"', BASE, multiplier))
    assert fired(told)["double"] == Fired("double", 1900, Fraction(10))


def test_points_for_the_purchase_as_a_whole_are_given_and_multiplied_though_its_lines_earn_nothing() -> None:
    bought = purchase(line(1000, kind="gift_card"))
    assert earns(bought, BASE, rule("gift", points=25, per="purchase"), DOUBLE) == 50


# -- other wallets -------------------------------------------------------------------------------------------


def stamp(rule_id: str, **keys: str | float) -> str:
    return rule(rule_id, wallet="stamps", **keys)


def test_stamps_are_counted_apart_from_points() -> None:
    told = earned(purchase(1000), programme(STAMPS, BASE, stamp("stamp", points=3, per="purchase")))
    assert (told.points, told.exact, told.others) == (10, Fraction(10), {"stamps": 3})


def test_a_wallet_that_got_less_than_its_smallest_unit_got_nothing() -> None:
    told = earned(purchase(1000), programme(STAMPS, BASE, stamp("stamp", points=0.9, per="purchase")))
    assert told.others == {}


def test_a_wallet_has_decimals_rounding_and_a_cap_of_its_own() -> None:
    cards = f'{STAMPS}\ndecimals = 1\ncap_per_purchase = 2\nrounding = {{ mode = "ceil" }}'
    for given, units in ((1.51, 16), (1.5, 15), (1.99, 20), (2.5, 20)):
        told = earned(purchase(1000), programme(cards, BASE, stamp("stamp", points=given, per="purchase")))
        assert (told.points, told.others) == (10, {"stamps": units})


def test_multipliers_and_tiers_reach_the_points_alone_unless_they_name_the_wallet() -> None:
    stamps = (STAMPS, stamp("stamp", points=3, per="purchase"))
    gold = (tier("gold", 0, 2), BASE)
    assert earned(purchase(1000), programme(*stamps, *gold, DOUBLE)).others == {"stamps": 3}
    told = earned(purchase(1000), programme(*stamps, *gold, stamp("double", multiply=2)))
    assert (told.points, told.others) == (20, {"stamps": 6})


def test_an_addition_to_stamps_needs_stamps_before_it_and_not_points() -> None:
    more = stamp("more", points=1, per="purchase") + "\nneeds_base = true"
    assert earned(purchase(1000), programme(STAMPS, BASE, more)).others == {}
    with_stamp = programme(STAMPS, stamp("stamp", points=3, per="purchase"), more)
    assert earned(purchase(1000), with_stamp).others == {"stamps": 4}


# -- events --------------------------------------------------------------------------------------------------

REVIEWS = '[[event]]\nid = "review"\n[[event]]\nid = "visit"'


def happened(*tables: str, account: Account | None = None) -> Earned:
    book = programme(REVIEWS, *tables)
    event = Event.model_validate(
        {"store": "main", "kind": "review", "source_id": "R-1", "member_id": "MDANA", "occurred_at": NOON}
    )
    return points_earned(Scene(event.occurred_at.astimezone(book.zone), account or member(), {}, event=event), book)


def test_an_activity_earns_by_the_rules_for_its_kind_alone() -> None:
    told = happened(BASE, rule("review", event="review", points=20), rule("visit", event="visit", points=5))
    assert told.reasons == (Fired("review", 1, Fraction(20)),)
    assert told.points == 20


def test_an_activity_may_earn_by_formula() -> None:
    told = happened(rule("review", event="review", formula="member.purchases / 3"), account=member(purchases=4))
    assert (told.reasons, told.points) == ((Fired("review", 1, Fraction(4, 3)),), 1)


def test_the_cap_of_a_purchase_is_none_of_an_activity_s() -> None:
    assert happened(points(cap_per_purchase=5), rule("review", event="review", points=20)).points == 20


def test_tiers_multiply_what_purchases_earn_and_not_activities() -> None:
    assert happened(tier("gold", 0, 2), rule("review", event="review", points=20)).points == 20


def test_of_several_rules_for_an_activity_the_best_may_give_alone() -> None:
    best = '[policies]\nseveral_rules = "best"'
    told = happened(best, rule("few", event="review", points=5), rule("many", event="review", points=20))
    assert told.reasons == (NotFired("few", "outdone"), Fired("many", 1, Fraction(20)))
