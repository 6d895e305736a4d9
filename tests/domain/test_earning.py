"""How a purchase earns points, rule by rule."""

from datetime import date, timedelta
from fractions import Fraction

import pytest

from shared.domain.account import Day
from shared.domain.reasons import TIER_RULE, Fired, NotFired
from tests.domain.shop import BASE, earned, fired, line, member, not_fired, points, programme, purchase, rule, tier

SHOES = "line.category == 'shoes'"


def earns(bought, *tables, account=None):
    return earned(bought, programme(*tables), account).points


# -- what a rule gives points for ----------------------------------------------------------------------------


@pytest.mark.parametrize(("cents", "expected"), [(0, 0), (99, 0), (100, 1), (199, 1), (19_990, 199), (10**12, 10**10)])
def test_each_whole_dollar_earns_a_point(cents, expected):
    assert earns(purchase(cents), BASE) == expected


def test_a_rate_may_have_decimals():
    assert earns(purchase(1000), rule(points=1.5, per_minor=100)) == 15
    assert earns(purchase(3000), rule(points=0.000001, per_minor=1)) == 0
    assert earns(purchase(1_000_000), rule(points=0.000001, per_minor=1)) == 1


def test_points_come_of_what_the_goods_cost_without_shipping_and_tax():
    assert earns(purchase(1000, shipping_minor=500, tax_minor=170), BASE) == 10


def test_points_come_of_what_was_paid_after_discounts():
    assert earns(purchase(line(1000, discount_minor=250), discount_minor=150), BASE) == 6


def test_a_purchase_may_earn_a_fixed_number():
    assert earns(purchase(1), rule(points=25, per="purchase")) == 25
    assert earns(purchase(1, 1, 1), rule(points=25, per="purchase")) == 25


def test_each_line_may_earn_a_fixed_number():
    assert earns(purchase(1, 1, 1), rule(points=5, per="line")) == 15
    assert earns(purchase(line(1, quantity=4)), rule(points=5, per="line")) == 5


def test_each_unit_may_earn_a_fixed_number():
    assert earns(purchase(line(1, quantity=4), line(1, quantity=3)), rule(points=5, per="unit")) == 35


def test_only_lines_of_the_category_earn():
    bought = purchase(line(1000, "shoes"), line(5000, "bags"), line(700))
    assert earns(bought, rule(points=1, per_minor=100, lines=SHOES)) == 10
    assert earns(bought, rule(points=7, per="line", lines=SHOES)) == 7
    assert earns(bought, rule(points=1, per_minor=100, lines="line.category == ''")) == 7
    assert earns(bought, rule(points=1, per_minor=100, lines="line.category != 'shoes'")) == 57


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("line.sku == 'LP-7'", 10),
        ("line.quantity >= 3", 20),
        ("line.amount_minor > 2000", 60),
        ("line.net_minor == 2000", 20),
        ("line.discounted", 20),
        ("!line.discounted", 50),
        ("line.category in ['vinyl', 'cd']", 30),
        ("line.sku == 'LP-7' || line.quantity == 3", 30),
        ("line.category == 'cd' && line.quantity == 3", 20),
        ("line.category == 'tape'", 0),
    ],
)
def test_a_rule_chooses_lines_by_whatever_a_line_says(choice, expected):
    bought = purchase(
        line(1000, "vinyl", sku="LP-7"), line(2500, "cd", 3, discount_minor=500), line(4000, "book", sku="B-1")
    )
    assert earns(bought, rule(points=1, per_minor=100, lines=choice)) == expected


def test_lines_are_judged_by_what_they_cost_after_their_share_of_the_order_s_discount():
    bought = purchase(line(1000), line(3000), discount_minor=400)
    assert earns(bought, rule(points=1, per="line", lines="line.net_minor == 900")) == 1
    assert earns(bought, rule(points=1, per="line", lines="line.net_minor == 1000")) == 0


def test_a_discount_on_the_whole_order_lowers_the_points_of_a_category():
    bought = purchase(line(1000, "shoes"), line(3000, "bags"), discount_minor=400)
    assert earns(bought, rule(points=1, per_minor=100, lines=SHOES)) == 9


# -- multipliers and the order of rules ----------------------------------------------------------------------


def test_a_multiplier_multiplies_what_the_rules_before_it_gave():
    assert earns(purchase(1000), BASE, rule("double", multiply=2)) == 20
    assert earns(purchase(1000), rule("double", multiply=2), BASE) == 10


def test_multipliers_multiply_each_other():
    assert earns(purchase(1000), BASE, rule("double", multiply=2), rule("half-more", multiply=1.5)) == 30


def test_a_multiplier_without_lines_multiplies_what_the_whole_purchase_was_given_too():
    gift = rule("gift", points=25, per="purchase")
    assert earns(purchase(1000), BASE, gift, rule("double", multiply=2)) == 70


def test_a_multiplier_for_lines_leaves_other_lines_and_the_purchase_alone():
    gift = rule("gift", points=25, per="purchase")
    bought = purchase(line(1000, "shoes"), line(3000, "bags"))
    assert earns(bought, BASE, gift, rule("double", multiply=2, lines=SHOES)) == 10 * 2 + 30 + 25


def test_a_multiplier_of_one_adds_nothing_and_of_nothing_takes_all():
    assert earns(purchase(1000), BASE, rule("as-it-was", multiply=1)) == 10
    assert earns(purchase(1000), BASE, rule("none", multiply=0)) == 0


def test_a_multiplier_below_one_lowers_the_points():
    assert earns(purchase(1000), BASE, rule("half", multiply=0.5)) == 5


def test_a_multiplier_fires_only_where_its_condition_holds():
    double = rule("double-big", multiply=2, when="purchase.items_minor >= 10000")
    assert earns(purchase(9_999), BASE, double) == 99
    assert earns(purchase(10_000), BASE, double) == 200


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        ("purchase.total_minor == 5900", True),
        ("purchase.items_minor == 5000", True),
        ("purchase.units == 4", True),
        ("purchase.store == 'main'", True),
        ("purchase.store == 'west'", False),
        ("purchase.channel == 'web'", True),
        ("'vinyl' in purchase.categories", True),
        ("'cd' in purchase.categories", False),
        ("'LP-7' in purchase.skus", True),
        ("purchase.skus == ['CD-1', 'LP-7']", True),
        ("purchase.weekday == 7", True),
        ("purchase.hour == 12", True),
        ("member.tier == ''", True),
        ("member.purchases == 3", True),
        ("member.spend_minor == 4000", True),
        ("member.purchases_6m == 1", True),
        ("member.purchases_12m == 3", True),
        ("member.spend_12m_minor == 4000", True),
        ("member.days_since_purchase == 10", True),
        ("member.days_in_club == 325", True),
        ("true", True),
        ("false", False),
    ],
)
def test_conditions_see_the_purchase_and_the_member_before_it(when, holds):
    today = date(2026, 11, 22)
    days = ((today - timedelta(days=300), 2, 3000), (today - timedelta(days=10), 1, 1000))
    dana = member(purchases=3, spend_minor=4000, days=tuple(Day(*day) for day in days))
    bought = purchase(
        line(4500, "vinyl", sku="LP-7"), line(500, quantity=3), channel="web", shipping_minor=800, tax_minor=100
    )
    told = earned(bought, programme(rule(points=1, per="purchase", when=when)), dana)
    assert (told.points == 1) is holds


def test_a_newcomer_has_not_been_away():
    back = rule("welcome-back", points=50, per="purchase", when="member.days_since_purchase > 60")
    assert earns(purchase(100), back, account=member()) == 0
    assert earns(purchase(100), back, account=member(days=(Day(date(2026, 9, 22), 1, 5),))) == 50


def test_a_purchase_without_channel_or_categories_is_seen_as_such():
    assert earns(purchase(100), rule(points=1, per="purchase", when="purchase.channel == ''")) == 1
    assert earns(purchase(100), rule(points=1, per="purchase", when="purchase.categories == []")) == 1


def test_a_declared_attribute_of_the_member_can_be_asked_for():
    vegan = '[[attribute]]\nid = "vegan"\ntype = "bool"'
    city = '[[attribute]]\nid = "city"'
    children = '[[attribute]]\nid = "children"\ntype = "int"'
    rules = (
        rule("vegan", points=1, per="purchase", when="member.attributes.vegan"),
        rule("haifa", points=10, per="purchase", when="member.attributes.city == 'Haifa'"),
        rule("family", points=100, per="purchase", when="member.attributes.children >= 2"),
    )
    known = member(attributes={"vegan": True, "city": "Haifa", "children": 2})
    assert earns(purchase(100), vegan, city, children, *rules, account=known) == 111
    assert earns(purchase(100), vegan, city, children, *rules, account=member()) == 0


# -- days ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "given"),
    [
        ("2026-11-30T23:59:59.999-05:00", False),
        ("2026-12-01T00:00:00-05:00", True),
        ("2026-12-24T23:59:59.999-05:00", True),
        ("2026-12-25T00:00:00-05:00", False),
    ],
)
def test_first_and_last_day_of_a_rule_are_both_within_it(at, given):
    winter = rule("winter", points=5, per="purchase", from_="2026-12-01", until="2026-12-24")
    assert earns(purchase(100, at=at), winter) == (5 if given else 0)


def test_the_day_is_the_club_s_own_and_not_greenwich_s():
    """23:30 in New York on the last day is already tomorrow in Greenwich."""
    until = rule("until-today", points=5, per="purchase", until="2026-11-22")
    tomorrow = rule("from-tomorrow", points=7, per="purchase", from_="2026-11-23")
    assert earns(purchase(100, at="2026-11-22T23:30:00-05:00"), until, tomorrow) == 5
    assert earns(purchase(100, at="2026-11-23T04:30:00Z"), until, tomorrow) == 5
    assert earns(purchase(100, at="2026-11-23T05:00:00Z"), until, tomorrow) == 7


def test_hour_and_weekday_are_the_club_s_own():
    night = rule(points=1, per="purchase", when="purchase.hour == 23 && purchase.weekday == 7")
    assert earns(purchase(100, at="2026-11-23T04:30:00Z"), night) == 1
    assert earned(purchase(100, at="2026-11-22T21:30:00Z"), programme(night, time_zone='"Asia/Jerusalem"')).points == 1


def test_a_rule_with_one_end_holds_on_its_other_side_for_ever():
    ended, begins = (
        rule(points=1, per="purchase", until="2026-01-01"),
        rule(points=1, per="purchase", from_="2026-01-01"),
    )
    assert earns(purchase(100, at="1990-06-01T12:00:00Z"), ended) == 1
    assert earns(purchase(100, at="2090-06-01T12:00:00Z"), begins) == 1


# -- caps ----------------------------------------------------------------------------------------------------


def test_a_rule_gives_no_more_than_its_cap():
    assert earns(purchase(10_000), rule(points=1, per_minor=100, cap=40)) == 40
    assert earns(purchase(4_000), rule(points=1, per_minor=100, cap=40)) == 40
    assert earns(purchase(3_999), rule(points=1, per_minor=100, cap=40)) == 39
    assert earns(purchase(line(1, quantity=9)), rule(points=5, per="unit", cap=40)) == 40


def test_a_cap_comes_before_the_multiplier_that_follows():
    assert earns(purchase(10_000), rule(points=1, per_minor=100, cap=40), rule("double", multiply=2)) == 80


def test_the_cap_of_a_multiplier_limits_what_it_adds():
    assert earns(purchase(10_000), BASE, rule("double", multiply=2, cap=30)) == 130


def test_a_capped_rule_is_shared_by_its_lines_so_that_later_rules_see_each():
    bought = purchase(line(3000, "shoes"), line(1000, "bags"))
    told = earned(bought, programme(rule(points=1, per_minor=100, cap=20), rule("double", multiply=2, lines=SHOES)))
    assert told.points == 35
    assert fired(told)["double"].points == 15


def test_a_purchase_gives_no_more_than_the_cap_of_a_purchase():
    capped = points(cap_per_purchase=50)
    assert earns(purchase(4_999), capped, BASE) == 49
    assert earns(purchase(5_000), capped, BASE) == 50
    assert earns(purchase(99_900), capped, BASE, rule("double", multiply=2)) == 50


def test_a_rule_s_cap_and_the_purchase_s_both_hold():
    both = (points(cap_per_purchase=50), rule(points=1, per_minor=100, cap=40), rule("gift", points=30, per="purchase"))
    told = earned(purchase(9_900), programme(*both))
    assert told.points == 50
    assert told.exact == 70
    assert fired(told)["base"].uncapped == 99


# -- rounding ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "per", "expected"),
    [
        ("floor", "purchase", 3),
        ("half_up", "purchase", 3),
        ("ceil", "purchase", 4),
        ("floor", "rule", 2),
        ("half_up", "rule", 4),
        ("ceil", "rule", 4),
    ],
)
def test_points_are_rounded_as_the_programme_says_once_or_rule_by_rule(mode, per, expected):
    """1.6 and 1.7 points: 3.3 together."""
    told = earned(
        purchase(100),
        programme(
            points(rounding=f'{{ mode = "{mode}", per = "{per}" }}'),
            rule("first", points=1.6, per="purchase"),
            rule("second", points=1.7, per="purchase"),
        ),
    )
    assert told.points == expected


def test_half_a_point_is_rounded_up_when_the_programme_rounds_to_the_nearest():
    half_up = points(rounding='{ mode = "half_up" }')
    assert earns(purchase(149), half_up, BASE) == 1
    assert earns(purchase(150), half_up, BASE) == 2


def test_a_purchase_is_rounded_down_once_when_nothing_else_is_said():
    assert earns(purchase(60, 60, 60), BASE) == 1
    assert earns(purchase(170), BASE, rule("more", points=1, per_minor=100)) == 3


def test_rounding_comes_before_the_cap_of_a_purchase():
    assert earns(purchase(5_001), points(cap_per_purchase=50, rounding='{ mode = "ceil" }'), BASE) == 50


def test_a_rule_that_was_rounded_is_multiplied_as_rounded():
    by_rule = points(rounding='{ mode = "floor", per = "rule" }')
    assert earns(purchase(199), by_rule, BASE, rule("double", multiply=2)) == 2
    assert earns(purchase(199), BASE, rule("double", multiply=2)) == 3


BY_RULE = points(rounding='{ mode = "floor", per = "rule" }')
BAGS = "line.category == 'bags'"


def test_what_a_factor_below_one_takes_never_leaves_less_than_nothing():
    """Half a point on each line; each rule alone would round its quarter up to a whole one."""
    bought = purchase(line(50, "shoes"), line(50, "bags"))
    halves = (rule("half-shoes", multiply=0.5, lines=SHOES), rule("half-bags", multiply=0.5, lines=BAGS))
    assert earns(bought, BY_RULE, BASE, *halves) == 1


def test_a_line_that_was_rounded_away_cannot_be_multiplied_below_nothing():
    bought = purchase(line(1, "shoes"), line(1), line(1), line(1))
    cuts = (rule("half", multiply=0.5), rule("less", multiply=0.4), rule("times-five", multiply=5, lines=SHOES))
    assert earns(bought, BY_RULE, rule(points=1, per="line"), *cuts) == 2


@pytest.mark.parametrize("first", [True, False])
def test_a_cap_takes_from_every_line_alike_wherever_it_stands(first):
    others = [line(1, "bags")] * 3
    bought = purchase(*([line(1, "shoes"), *others] if first else [*others, line(1, "shoes")]))
    told = earned(bought, programme(rule(points=1, per="line", cap=3), rule("double", multiply=2, lines=SHOES)))
    assert (told.exact, told.points) == (Fraction(15, 4), 3)


def test_a_discount_of_all_but_a_cent_earns_no_negative_points():
    told = earned(
        purchase(line(500), line(500), line(500, "shoes"), discount_minor=1499),
        programme(rule(points=1, per_minor=100, lines=SHOES)),
    )
    assert 0 <= told.exact <= Fraction(1, 100)
    assert told.points == 0


# -- tiers ---------------------------------------------------------------------------------------------------

GOLD = (tier("silver", 10_000), tier("gold", 40_000, 1.5))


def spent(cents):
    return member(days=(Day(date(2026, 11, 1), 1, cents),))


def test_a_tier_multiplies_every_point_of_a_purchase():
    gift = rule("gift", points=25, per="purchase")
    assert earns(purchase(1000), *GOLD, BASE, gift, account=spent(39_999)) == 35
    assert earns(purchase(1000), *GOLD, BASE, gift, account=spent(40_000)) == 52


def test_the_purchase_that_reaches_a_tier_is_still_judged_by_the_one_before():
    assert earns(purchase(100_000), *GOLD, BASE, account=spent(0)) == 1000


def test_a_condition_knows_the_tier():
    bonus = rule("gold-bonus", points=100, per="purchase", when="member.tier == 'gold'")
    assert earns(purchase(1000), *GOLD, bonus, account=spent(40_000)) == 150
    assert earns(purchase(1000), *GOLD, bonus, account=spent(10_000)) == 0


def test_the_tier_s_share_is_a_reason_of_its_own_and_comes_last():
    told = earned(purchase(1000), programme(*GOLD, BASE), spent(40_000))
    assert told.reasons[-1] == Fired(TIER_RULE + "gold", 1000, Fraction(5))
    assert [reason.rule for reason in told.reasons] == ["base", "tier:gold"]


def test_a_tier_that_multiplies_by_one_is_no_reason():
    told = earned(purchase(1000), programme(*GOLD, BASE), spent(10_000))
    assert [reason.rule for reason in told.reasons] == ["base"]


# -- reasons -------------------------------------------------------------------------------------------------


def test_every_rule_has_its_reason_in_the_order_of_the_programme():
    book = programme(
        BASE,
        rule("winter", points=5, per="purchase", from_="2026-12-01"),
        rule("big", points=5, per="purchase", when="purchase.items_minor >= 10000"),
        rule("shoes", points=5, per="line", lines=SHOES),
        rule("gift", points=5, per="purchase"),
    )
    told = earned(purchase(1000), book)
    assert [reason.rule for reason in told.reasons] == ["base", "winter", "big", "shoes", "gift"]
    assert set(fired(told)) == {"base", "gift"}
    assert {rule_id: reason.why for rule_id, reason in not_fired(told).items()} == {
        "winter": "dates",
        "big": "when",
        "shoes": "lines",
    }


@pytest.mark.parametrize(
    ("given", "basis", "exact"),
    [
        ({"points": 1, "per_minor": 100}, 4690, Fraction(469, 10)),
        ({"points": 1, "per_minor": 100, "lines": SHOES}, 990, Fraction(99, 10)),
        ({"points": 25, "per": "purchase"}, 1, Fraction(25)),
        ({"points": 5, "per": "line"}, 2, Fraction(10)),
        ({"points": 5, "per": "line", "lines": SHOES}, 1, Fraction(5)),
        ({"points": 5, "per": "unit"}, 4, Fraction(20)),
        ({"points": 0.25, "per": "unit", "lines": SHOES}, 3, Fraction(3, 4)),
    ],
)
def test_a_reason_says_on_what_and_how_much_exactly(given, basis, exact):
    bought = purchase(line(990, "shoes", 3), line(3700, "bags"))
    assert fired(earned(bought, programme(rule(**given))))["base"] == Fired("base", basis, exact)


def test_a_multiplier_s_reason_says_what_it_added_and_to_which_goods():
    bought = purchase(line(990, "shoes"), line(3700, "bags"))
    told = earned(bought, programme(BASE, rule("double", multiply=2, lines=SHOES), rule("half-more", multiply=1.5)))
    assert fired(told)["double"] == Fired("double", 990, Fraction(99, 10))
    assert fired(told)["half-more"] == Fired("half-more", 4690, Fraction(568, 20))


def test_a_cap_that_bites_is_told_with_what_it_would_have_been():
    capped = programme(rule(points=1, per_minor=100, cap=40))
    assert fired(earned(purchase(4_690), capped))["base"] == Fired("base", 4690, Fraction(40), Fraction(469, 10))
    assert fired(earned(purchase(4_000), capped))["base"].uncapped is None


def test_a_rule_that_does_not_fire_names_the_clause_that_failed_and_what_was_seen():
    book = programme(rule(points=1, per="purchase", when="purchase.units >= 2 && purchase.channel == 'web' && true"))
    too_few = not_fired(earned(purchase(100, channel="web"), book))["base"]
    assert too_few == NotFired("base", "when", 0, (1,))
    elsewhere = not_fired(earned(purchase(line(100, quantity=2), channel="till"), book))["base"]
    assert elsewhere == NotFired("base", "when", 1, ("till",))


def test_two_names_in_a_clause_are_both_told_and_lists_are_not():
    two = programme(rule(points=1, per="purchase", when="purchase.units > member.purchases"))
    assert not_fired(earned(purchase(100), two, member(purchases=7)))["base"].observed == (7, 1)
    listed = programme(rule(points=1, per="purchase", when="'cd' in purchase.categories"))
    assert not_fired(earned(purchase(line(100, "book")), listed))["base"].observed == ()


@pytest.mark.parametrize("when", ["member.attributes.city == 'Haifa'", "member.attributes.city == purchase.store"])
def test_what_a_person_told_of_themselves_is_never_told_on(when):
    book = programme('[[attribute]]\nid = "city"', rule(points=1, per="purchase", when=when))
    told = not_fired(earned(purchase(100), book, member(attributes={"city": "Akko"})))["base"]
    assert told == NotFired("base", "when", 0, ())


def test_days_are_told_before_conditions_and_conditions_before_lines():
    keys = {"points": 1, "per": "line", "when": "purchase.units > 9", "lines": SHOES}
    assert not_fired(earned(purchase(100), programme(rule(**keys, until="2026-01-01"))))["base"].why == "dates"
    assert not_fired(earned(purchase(100), programme(rule(**keys))))["base"].why == "when"
