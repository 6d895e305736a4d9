"""What counts for points per amount: the price, what was paid, tax, shipping, what goods cost the shop, how it was paid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from shared.domain.rulebook import Rulebook
from tests.domain.shop import earned, line, programme, purchase, rule

SHOES = "line.category == 'shoes'"
# A point for each cent: the points are the basis.
CENTS = rule(points=1, per_minor=1)
SHOES_ONLY = rule(points=1, per_minor=1, lines=SHOES)


def basis(**keys: str) -> str:
    """The `[basis]` table, as TOML writes its values."""
    return "\n".join(("[basis]", *(f"{key} = {value}" for key, value in keys.items())))


def cost(**keys: str) -> str:
    return "\n".join(("[[cost]]", *(f"{key} = {value}" for key, value in keys.items())))


def counted(book: Rulebook, *lines: dict[str, Any], **more: Any) -> int:
    return earned(purchase(*lines, **more), book).points


# -- discounts -----------------------------------------------------------------------------------------------


def test_points_may_come_of_the_price_before_every_discount() -> None:
    bought = line(1000, discount_minor=250)
    assert counted(programme(basis(discounts='"before"'), CENTS), bought, discount_minor=150) == 1000
    assert counted(programme(basis(discounts='"after"'), CENTS), bought, discount_minor=150) == 600


@pytest.mark.parametrize(("answer", "cents"), [("allocated", 500), ("not_allocated", 750)])
def test_a_discount_on_the_whole_purchase_lowers_a_chosen_line_only_where_the_programme_says_so(
    answer: str, cents: int
) -> None:
    """The shoes cost 7.50 after their own discount; 10.00 off the whole 30.00 take a third of that."""
    book = programme(f'[policies]\npurchase_discount_on_chosen_lines = "{answer}"', SHOES_ONLY)
    bought = (line(1000, "shoes", discount_minor=250), line(2250, "bags"))
    assert counted(book, *bought, discount_minor=1000) == cents


def test_a_rule_for_the_whole_purchase_counts_its_discount_whatever_holds_for_chosen_lines() -> None:
    book = programme('[policies]\npurchase_discount_on_chosen_lines = "not_allocated"', CENTS)
    assert counted(book, line(1000, discount_minor=250), discount_minor=150) == 600


# -- tax -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tax", "within_prices", "cents"),
    [
        ("as_priced", False, 1000),
        ("included", False, 1170),
        ("excluded", False, 1000),
        ("as_priced", True, 1000),
        ("included", True, 1000),
        ("excluded", True, 830),
    ],
)
def test_tax_counts_as_the_programme_says_however_the_shop_writes_its_prices(
    tax: str, within_prices: bool, cents: int
) -> None:
    paid = 1000 if within_prices else 1170
    book = programme(basis(tax=f'"{tax}"'), CENTS)
    assert counted(book, line(1000), tax_minor=170, prices_include_tax=within_prices, total_minor=paid) == cents


NAMED = {"shipping_tax_minor": 60}


@pytest.mark.parametrize(
    ("line_taxes", "more", "chosen", "all_of_it"),
    [
        # Nothing is named: 5.00 of tax on 10.00, 30.00 and 10.00 of shipping is a tenth of each.
        ((0, 0), {}, 1000 + 100, 5000 + 500),
        # The shop names its taxes: the shoes bear 2.00 of it.
        ((200, 240), NAMED, 1000 + 200, 5000 + 500),
    ],
)
def test_a_line_counts_with_its_own_tax_or_else_with_its_share(
    line_taxes: tuple[int, int], more: Mapping[str, int], chosen: int, all_of_it: int
) -> None:
    shoes, bags = line(1000, "shoes", tax_minor=line_taxes[0]), line(3000, "bags", tax_minor=line_taxes[1])
    taxed = basis(tax='"included"', shipping="true")
    paid = {"shipping_minor": 1000, "tax_minor": 500, **more}
    assert counted(programme(taxed, SHOES_ONLY), shoes, bags, **paid) == chosen
    assert counted(programme(taxed, CENTS), shoes, bags, **paid) == all_of_it


def test_tax_is_shared_by_what_lines_cost_after_every_discount() -> None:
    """20.00 less 10.00 of its own discount, and 30.00; 20.00 off both leaves 5.00 and 15.00: a quarter of the tax."""
    book = programme(basis(tax='"included"'), SHOES_ONLY)
    bought = (line(2000, "shoes", discount_minor=1000), line(3000, "bags"))
    assert counted(book, *bought, discount_minor=2000, tax_minor=400) == 500 + 100


def test_a_line_whose_tax_is_more_than_its_price_counts_nothing_and_lowers_no_other() -> None:
    book = programme(basis(tax='"excluded"'), CENTS)
    taxed = {"tax_minor": 150, "prices_include_tax": True, "total_minor": 300}
    assert counted(book, line(100, tax_minor=150), line(200), **taxed) == 200


# -- shipping ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("earns", "cents"), [("true", 1500), ("false", 1000)])
def test_shipping_earns_where_the_programme_says_so(earns: str, cents: int) -> None:
    assert counted(programme(basis(shipping=earns), CENTS), line(1000), shipping_minor=500) == cents


# -- what a single rule decides otherwise --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("club", "rule_s", "cents"),
    [
        ({}, "{ discounts = 'before' }", 1000),
        ({"discounts": '"before"'}, "{ discounts = 'after' }", 800),
        ({}, "{ tax = 'included' }", 800 + 80),
        ({"tax": '"included"'}, "{ tax = 'as_priced' }", 800),
        ({}, "{ shipping = true }", 800 + 300),
        ({"shipping": "true"}, "{ shipping = false }", 800),
        ({}, "{ of = 'margin' }", 800 - 400),
        ({"of": '"margin"'}, "{ of = 'spend' }", 800),
    ],
)
def test_a_rule_may_count_otherwise_than_the_programme(club: dict[str, str], rule_s: str, cents: int) -> None:
    book = programme(basis(**club), cost(percent="40"), f"{CENTS}\nbasis = {rule_s}")
    # 10.00 less 2.00, 3.00 of shipping, and a tenth of tax on both.
    assert counted(book, line(1000, discount_minor=200), shipping_minor=300, tax_minor=110) == cents


# -- margin --------------------------------------------------------------------------------------------------

MARGIN = basis(of='"margin"')
COSTS = (
    cost(sku='"LP-7"', unit_minor="1200"),
    cost(category='"vinyl"', percent="40"),
    cost(sku='"GIFT"', unit_minor="0"),
    cost(percent="75"),
)


@pytest.mark.parametrize(
    ("bought", "cents"),
    [
        (line(3000, "vinyl", 2, sku="LP-7"), 3000 - 2 * 1200),
        (line(2500, "vinyl", 2), 2500 - 1000),
        (line(1000, "tape"), 1000 - 750),
        (line(1000), 1000 - 750),
        (line(500, "vinyl", sku="GIFT"), 500),
        # A cost is a share of the price before the discount, also where the discount took half of what was left.
        (line(1000, "vinyl", discount_minor=300), 700 - 400),
        # 40 % of 1.99 is 79.6 cents, of 1.01 it is 40.4; 75 % of 1.30 is 97.5.
        (line(199, "vinyl"), 199 - 80),
        (line(101, "vinyl"), 101 - 40),
        (line(130), 130 - 98),
    ],
)
def test_the_margin_is_what_was_paid_less_what_the_goods_cost_the_shop(bought: dict[str, Any], cents: int) -> None:
    assert counted(programme(MARGIN, *COSTS, CENTS), bought) == cents


def test_each_line_has_the_margin_of_its_own_goods() -> None:
    bought = (line(3000, "vinyl", 2, sku="LP-7"), line(2500, "vinyl"), line(1000))
    assert counted(programme(MARGIN, *COSTS, CENTS), *bought) == 600 + 1500 + 250


def test_goods_without_a_known_cost_count_their_whole_price() -> None:
    book = programme(MARGIN, cost(sku='"LP-7"', unit_minor="1200"), cost(category='"vinyl"', percent="40"), CENTS)
    assert counted(book, line(1000, "tape"), line(500)) == 1500


def test_a_cost_of_one_category_is_not_the_cost_of_goods_without_any() -> None:
    book = programme(MARGIN, cost(category='"vinyl"', percent="40"), cost(percent="10"), CENTS)
    assert counted(book, line(1000), line(1000, "vinyl")) == 900 + 600


def test_a_share_with_decimals_is_exact() -> None:
    assert counted(programme(MARGIN, cost(percent="12.5"), CENTS), line(1000)) == 875


def test_what_is_sold_below_its_cost_counts_nothing_and_lowers_no_other() -> None:
    book = programme(MARGIN, cost(sku='"LP-7"', unit_minor="1200"), CENTS)
    assert counted(book, line(1000, sku="LP-7"), line(300)) == 300


def test_shipping_has_no_margin_and_tax_is_never_part_of_it() -> None:
    """11.70 with 1.70 of tax in it, 6.00 of it the goods': 4.00 are left, and the 5.00 of shipping are not the shop's."""
    book = programme(basis(of='"margin"', shipping="true"), cost(unit_minor="600"), CENTS)
    bought = line(1170, tax_minor=170)
    assert counted(book, bought, shipping_minor=500, tax_minor=170, prices_include_tax=True, total_minor=1670) == 400


# -- how it was paid -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policies", "cents"),
    [
        ({}, 1000 - 400),
        ({"earn_on_points_payment": "true"}, 1000),
        ({"earn_on_stored_value_payment": "false"}, 1000 - 400 - 100),
        ({"earn_on_points_payment": "true", "earn_on_stored_value_payment": "false"}, 1000 - 100),
    ],
)
def test_what_was_paid_with_points_or_from_a_gift_card_earns_as_the_programme_says(
    policies: dict[str, str], cents: int
) -> None:
    book = programme("\n".join(("[policies]", *(f"{key} = {value}" for key, value in policies.items()))), CENTS)
    assert counted(book, line(1000), points_payment_minor=400, stored_value_payment_minor=100) == cents


def test_a_payment_with_points_lowers_every_part_of_the_purchase_in_proportion() -> None:
    """30.00 in all, 12.00 of it paid with points: 60 % of the shoes and of the shipping are left."""
    paid = {"shipping_minor": 500, "points_payment_minor": 1200}
    bought = (line(1000, "shoes"), line(1500, "bags"))
    assert counted(programme(SHOES_ONLY), *bought, **paid) == 600
    assert counted(programme(basis(shipping="true"), CENTS), *bought, **paid) == 1800


def test_a_share_paid_with_points_is_rounded_against_the_points() -> None:
    """2.00 of 15.00 were paid with points: of the goods for 10.00 that is 1.33 and a third of a cent."""
    assert counted(programme(CENTS), line(1000), shipping_minor=500, points_payment_minor=200) == 1000 - 134


def test_a_purchase_paid_with_points_alone_earns_nothing() -> None:
    assert counted(programme(CENTS), line(1000), points_payment_minor=1000) == 0
