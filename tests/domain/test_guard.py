"""The guard: what offers leave of a price at worst, alone and together; and no member is given what is bought anyway."""

from fractions import Fraction

import pytest

from shared.domain.guard import guarded, most_off, worst_cases, worst_share
from shared.domain.sentences import Speaker
from shared.domain.told_guard import case, offers_past_floor, stacks_past_floor, verdict
from tests.domain.shop import BASE, CLUB, programme, tier

SIXTY = "[margin]\nfloor_percent = 20\n[[cost]]\npercent = 60"
CD, LP = "lines = \"line.category == 'cd'\"", "lines = \"line.category == 'lp'\""


def tables(*offers):
    return [f'[[offer]]\nid = "o{number}"\n{one}' for number, one in enumerate(offers)]


def club(*offers, margin=SIXTY, more=()):
    return programme(margin, BASE, *more, *tables(*offers))


def worst(*offers, **more):
    """The worst that is taken off the one kind of goods, and by which offers."""
    (one,) = worst_cases(club(*offers, **more))
    return one.off, one.offers


def alone(offer, **more):
    book = club(offer, **more)
    return worst_share(book.offers[0], book.programme.cost[0], book)


def test_a_floor_of_a_fifth_over_a_cost_of_sixty_leaves_a_quarter_to_take_off():
    book = club()
    assert most_off(book.programme.cost[0], book) == Fraction(1, 4)


def test_the_tax_in_prices_leaves_less():
    book = club(margin=SIXTY.replace("[[cost]]", "tax_percent = 10\n[[cost]]"))
    assert most_off(book.programme.cost[0], book) == Fraction(175, 1000)


@pytest.mark.parametrize(
    ("offer", "share"),
    [
        ("percent = 15", Fraction(15, 100)),
        ("buy = 3\nget = 1", Fraction(1, 4)),
        ("buy = 1\nget = 1\npercent = 50", Fraction(1, 4)),
        ("buy = 3\nget = 1\non_top = true", Fraction(1, 4)),
        # What has to be bought for it may be as cheap as one likes.
        (f"buy = 3\nget = 1\n{CD}\nget_{LP}\npercent = 50", Fraction(1, 2)),
        ("amount_minor = 500", Fraction(1)),
        ("amount_minor = 500\nmin_total_minor = 5_000", Fraction(1, 10)),
        ("percent = 50\nmax_minor = 300\nmin_total_minor = 1_000", Fraction(3, 10)),
        # Ten dollars of all goods may be one of the goods it is for.
        (f"amount_minor = 500\nmin_total_minor = 5_000\n{CD}", Fraction(1)),
        ('amount_minor = 500\nmin_total_minor = 5_000\noff = "unit"', Fraction(1)),
        ('percent = 50\noff = "cheapest"\nmin_units = 5', Fraction(1, 10)),
        ('formula = "min(20, 5 + member.purchases_6m)"', Fraction(1, 5)),
        ('formula = "5 + member.purchases_6m"', Fraction(1)),
        ("percent = 15\nenabled = false", Fraction(0)),
        ("percent = 15\nlines = \"line.kind == 'fee'\"", Fraction(0)),
    ],
)
def test_an_offer_is_told_by_the_most_that_it_takes_of_a_price(offer, share):
    assert alone(offer) == share


def test_where_the_dearest_unit_is_free_the_others_may_cost_next_to_nothing():
    assert alone("buy = 3\nget = 1", margin=f'{SIXTY}\n[policies]\nfree_unit = "dearest"') == 1


def test_offers_are_stacked_as_the_policies_say():
    three = ("percent = 20", "percent = 10", "buy = 3\nget = 1")
    assert worst(*three) == (1 - Fraction(8, 10) * Fraction(9, 10) * Fraction(3, 4), ("o0", "o1", "o2"))
    initial = f'{SIXTY}\n[policies]\npercent_discounts = "of_the_initial_price"'
    assert worst("percent = 20", "percent = 10", margin=initial)[0] == Fraction(3, 10)
    best = f'{SIXTY}\n[policies]\nseveral_offers = "best"'
    assert worst(*three, margin=best) == (Fraction(1, 4), ("o2",))


def test_a_unit_is_free_under_one_offer_alone():
    assert worst("buy = 3\nget = 1", "buy = 4\nget = 1") == (Fraction(1, 4), ("o0",))


def test_offers_for_other_tiers_or_other_days_do_not_meet():
    tiers = (tier("silver", 100), tier("gold", 200))
    silver, gold = 'percent = 10\ntiers = ["silver"]', 'percent = 20\ntiers = ["gold"]'
    assert worst(silver, gold, more=tiers) == (Fraction(1, 5), ("o1",))
    may, june = "percent = 10\nfrom = 2026-05-01\nuntil = 2026-05-31", "percent = 10\nfrom = 2026-06-01"
    assert worst(may, june, more=tiers)[0] == Fraction(1, 10)
    assert worst(may.replace("05-31", "06-01"), june)[0] == Fraction(19, 100)


COSTS = """[margin]
floor_percent = 20
[[cost]]
category = "cd"
percent = 70
[[cost]]
category = "lp"
percent = 40
[[cost]]
percent = 60
"""


def test_each_kind_of_goods_is_asked_about_the_offers_that_are_for_it():
    some = "percent = 15\nlines = \"line.category != 'lp' && line.quantity > 3\""
    cases = worst_cases(club("percent = 10", f"percent = 20\n{CD}", some, margin=COSTS))
    assert [(one.offers, one.off, one.passes) for one in cases] == [
        (("o0", "o1", "o2"), 1 - Fraction(9, 10) * Fraction(8, 10) * Fraction(85, 100), True),
        (("o0",), Fraction(1, 10), False),
        (("o0", "o2"), 1 - Fraction(9, 10) * Fraction(85, 100), False),
    ]


def test_a_product_with_a_cost_of_its_own_may_be_of_any_category():
    margin = (
        '[margin]\nfloor_percent = 20\n[[cost]]\nsku = "CD-1"\npercent = 70\n[[cost]]\ncategory = "cd"\npercent = 40'
    )
    other = "percent = 5\nlines = \"line.sku == 'CD-2'\""
    product, category = worst_cases(club(f"percent = 10\n{CD}", other, margin=margin))
    assert product.offers == ("o0",)
    assert category.offers == ("o0", "o1")


def test_the_arithmetic_of_what_passes_is_shown_where_the_last_of_the_offers_stands():
    offers = ("percent = 20", "percent = 10")
    text = "\n".join((CLUB, SIXTY, BASE, *tables(*offers)))
    (told,) = stacks_past_floor(text, club(*offers))
    assert text.splitlines()[told.line - 1] == 'id = "o1"'
    # 80% of 90% are 72.00 of 100.00; a cost of 60.00 with a fifth of what is paid as margin asks for 75.00.
    assert told.sentence == (
        "All other goods: up to 28% off (o0, o1). Of $100.00, $72.00 would be left, but the floor asks for $75.00: $60.00 cost, "
        "and 20% of what is paid as margin. At the till $25.00 is taken off at most."
    )
    assert stacks_past_floor(text, club("percent = 20")) == []


def test_goods_of_unknown_cost_are_pointed_out():
    margin = '[margin]\nfloor_percent = 20\n[[cost]]\ncategory = "cd"\npercent = 60'
    (told,) = stacks_past_floor(f"{CLUB}\n{margin}\n{BASE}", club(margin=margin))
    assert "count as costing nothing" in told.sentence
    assert stacks_past_floor("", club("percent = 90", margin="")) == []


def test_an_offer_that_never_gives_what_it_says_is_a_fault():
    def faulty(offer, margin=SIXTY):
        return [one.sentence for one in offers_past_floor("", club(offer, margin=margin))]

    (told,) = faulty("percent = 40")
    assert told.startswith("offer 'o0' passes the floor of margin: All other goods: up to 40% off (o0).")
    assert faulty("percent = 25") == []
    assert len(faulty("buy = 1\nget = 1")) == 1
    # It is right for what costs least, or for who buys enough.
    assert faulty("percent = 40", COSTS) == []
    assert faulty("percent = 40\nmax_minor = 500") == []
    assert faulty("amount_minor = 500") == []
    assert faulty("buy = 1\nget = 1\nmax_units = 1") == []
    assert faulty("percent = 40", "") == []


def test_a_cost_in_money_asks_for_a_price():
    margin = "[margin]\nfloor_percent = 20\n[[cost]]\nunit_minor = 600"
    book = club("percent = 25", margin=margin)
    (one,) = worst_cases(book)
    assert not one.passes
    # 6.00 with a fifth of what is paid are 7.50: three quarters of 10.00.
    assert case(Speaker(book, "en"), one).endswith("its price has to be $10.00 at least.")


CHEAP = "[margin]\nfloor_percent = 20\n[[cost]]\npercent = 10"


def instead(offer, usual_units, margin=CHEAP):
    book = club(offer, margin=margin)
    told = guarded(book.offers[0], usual_units, book)
    return told.kind, told.instead.buy, told.instead.get, told.anyway


def test_a_member_who_buys_two_is_offered_three_plus_one():
    assert instead("buy = 1\nget = 1", 2) == ("replaced", 3, 1, 1)


@pytest.mark.parametrize("usual_units", [0, 1])
def test_who_buys_no_more_than_has_to_be_bought_may_have_it(usual_units):
    assert instead("buy = 1\nget = 1", usual_units) == ("kept", 1, 1, 0)


def test_of_the_free_units_those_count_that_would_be_bought_anyway():
    assert instead("buy = 2\nget = 1", 2) == ("kept", 2, 1, 0)
    assert instead("buy = 2\nget = 2", 3) == ("replaced", 4, 2, 1)
    assert instead("buy = 1\nget = 1", 9) == ("replaced", 10, 1, 1)
    assert instead("buy = 1\nget = 3", 3) == ("replaced", 4, 3, 2)


def test_what_takes_the_place_of_an_offer_keeps_the_floor_as_well():
    # A quarter may be taken off: 3+1 takes just that, 2+1 a third.
    assert instead("buy = 1\nget = 1", 0, SIXTY) == ("replaced", 3, 1, 0)
    assert instead("buy = 1\nget = 1", 4, SIXTY) == ("replaced", 5, 1, 1)
    assert instead("percent = 40", 0, SIXTY) == ("refused", None, None, 0)
    assert instead("percent = 25", 9, SIXTY) == ("kept", None, None, 0)
    assert instead("buy = 1\nget = 1", 1_000) == ("refused", 1, 1, 1)


def test_without_a_floor_what_is_bought_anyway_is_guarded_all_the_same():
    assert instead("buy = 1\nget = 1", 2, "") == ("replaced", 3, 1, 1)


def test_a_manager_reads_the_arithmetic():
    book = club("buy = 1\nget = 1", margin=SIXTY)
    worst_case, anyway, other = verdict(Speaker(book, "en"), guarded(book.offers[0], 2, book))
    assert worst_case == (
        "All other goods: up to 50% off (o0). Of $100.00, $50.00 would be left, but the floor asks for $75.00: $60.00 cost, and "
        "20% of what is paid as margin. At the till $25.00 is taken off at most."
    )
    assert (
        anyway
        == "o0: who usually buys 2 units would pay for 1 unit and get 1 unit free, of which 1 would be bought anyway."
    )
    assert other == "o0: instead 3+1, for 3 units bought 1 unit free."
