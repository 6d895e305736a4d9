"""What the club says, in three languages: plurals, digits, money, days, and text that comes from elsewhere kept apart."""

from datetime import date
from fractions import Fraction

import pytest

from shared.domain.account import Day
from shared.domain.reasons import Earned, Fired, NotFired
from shared.domain.sentences import Speaker
from shared.domain.voice import LANGUAGES
from tests.domain.shop import BASE, earned, line, member, points, programme, purchase, rule, tier

FSI, PDI = "\u2068", "\u2069"
NAMES = '[earn.name]\nen = "Base"\nhe = "בסיס"\nfa = "پایه"'
GOLD = tier("gold", 100, 1.5) + '\nname = { en = "Gold", he = "זהב", fa = "طلایی" }'
SILVER = tier("silver", 10)


def speaker(language, *tables, **club):
    return Speaker(programme(*(tables or (BASE,)), **club), language)


def plain(text):
    """Without marks of direction and unbreakable spaces: what the eye reads."""
    return text.translate(dict.fromkeys(map(ord, "\u200e\u200f\u2066\u2067\u2068\u2069"))).replace("\xa0", " ")


def said(language, bought, *tables, account=None, **club):
    """Every reason of a purchase, as the eye reads it."""
    book = programme(*tables, **club)
    told = earned(bought, book, account)
    return [plain(Speaker(book, language).reason(reason)) for reason in told.reasons]


# -- numbers, plurals, digits --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "number", "text"),
    [
        ("en", 0, "0 points"),
        ("en", 1, "1 point"),
        ("en", 2, "2 points"),
        ("en", 12_345, "12,345 points"),
        ("he", 0, "0 נקודות"),
        ("he", 1, "נקודה אחת"),
        ("he", 2, "שתי נקודות"),
        ("he", 3, "3 נקודות"),
        ("he", 12_345, "12,345 נקודות"),
        ("fa", 0, "۰ امتیاز"),
        ("fa", 1, "۱ امتیاز"),
        ("fa", 2, "۲ امتیاز"),
        ("fa", 12_345, "۱۲٬۳۴۵ امتیاز"),
    ],
)
def test_points_are_counted_by_the_rules_of_the_language(language, number, text):
    sentence = plain(speaker(language).purchase("main", "A-1", number))
    assert sentence.endswith(f": {text}.")


@pytest.mark.parametrize(
    ("language", "number", "text"),
    [
        ("en", Fraction(3, 2), "1.5 points"),
        ("he", Fraction(1, 2), "0.5 נקודות"),
        ("fa", Fraction(3, 2), "۱٫۵ امتیاز"),
        ("en", Fraction(10, 3), "3.333333… points"),
        ("fa", Fraction(10, 3), "۳٫۳۳۳۳۳۳… امتیاز"),
    ],
)
def test_a_part_of_a_point_is_told_in_decimals(language, number, text):
    assert text in plain(speaker(language).reason(Fired("base", 1, number)))


@pytest.mark.parametrize(
    ("language", "days", "text"),
    [
        ("en", 1, "1 day"),
        ("en", 14, "14 days"),
        ("he", 1, "יום אחד"),
        ("he", 2, "יומיים"),
        ("he", 14, "14 ימים"),
        ("fa", 14, "۱۴ روز"),
    ],
)
def test_days_are_counted_by_the_rules_of_the_language(language, days, text):
    assert text in plain(" ".join(speaker(language, points(pending_days=days), BASE).points_rules()))


@pytest.mark.parametrize(
    ("language", "currency", "text"),
    [
        ("en", "USD", "$1,234.50"),
        ("he", "USD", "1,234.50 $"),
        ("fa", "USD", "$ ۱٬۲۳۴٫۵۰"),
        ("en", "ILS", "₪1,234.50"),
        ("he", "ILS", "1,234.50 ₪"),
        ("en", "JPY", "¥123,450"),
        ("fa", "JPY", "¥ ۱۲۳٬۴۵۰"),
        ("en", "KWD", "123.450"),
    ],
)
def test_money_is_written_as_the_language_and_the_currency_have_it(language, currency, text):
    book = {"currency": f'"{currency}"'}
    told = said(language, purchase(123_450), rule(points=1, per_minor=123_450), **book)[0]
    assert plain(text) in told


def test_persian_has_persian_digits_throughout():
    bought = purchase(line(12_345, quantity=2), discount_minor=45)
    tables = (points(pending_days=14, cap_per_purchase=50, value_minor=1, expiry="{ months = 12 }"), BASE, GOLD)
    book = programme(*tables)
    speaks = Speaker(book, "fa")
    told = earned(bought, book)
    sentences = [*map(speaks.reason, told.reasons), *speaks.total(told), *speaks.points_rules()]
    sentences += [*map(speaks.rule, book.rules), *map(speaks.tier, book.programme.tier)]
    sentences.append(speaks.usable(date(2026, 12, 6), date(2027, 11, 30)))
    assert len(sentences) == 12
    for sentence in sentences:
        assert not set(sentence) & set("0123456789"), sentence
    assert any(set(sentence) & set("۰۱۲۳۴۵۶۷۸۹") for sentence in sentences)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Usable from December 6, 2026, until November 30, 2027."),
        ("he", "לשימוש מ-6 בדצמבר 2026 ועד 30 בנובמבר 2027."),
        ("fa", "قابل استفاده از ۶ دسامبر ۲۰۲۶ تا ۳۰ نوامبر ۲۰۲۷."),
    ],
)
def test_days_are_written_out(language, text):
    assert plain(speaker(language).usable(date(2026, 12, 6), date(2027, 11, 30))) == text


def test_points_that_never_lapse_have_only_a_first_day():
    assert speaker("en").usable(date(2026, 12, 6), None) == "Usable from December 6, 2026."


# -- reasons -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ({"points": 1, "per_minor": 100}, "base: 1 point for every $1.00 of $46.90 makes 46.9 points."),
        ({"points": 25, "per": "purchase"}, "base: 25 points for this purchase."),
        ({"points": 5, "per": "line"}, "base: 5 points for each of 2 lines makes 10 points."),
        ({"points": 5, "per": "unit"}, "base: 5 points for each of 4 units makes 20 points."),
        (
            {"points": 1, "per_minor": 100, "cap": 40},
            (
                "base: 1 point for every $1.00 of $46.90 makes 46.9 points. "
                "The rule gives at most 40 points; without that it would have been 46.9 points."
            ),
        ),
    ],
)
def test_a_rule_that_fired_says_how(keys, text):
    assert said("en", purchase(line(990, quantity=3), line(3700)), rule(**keys)) == [text]


def test_a_multiplier_says_what_it_added():
    told = said(
        "en",
        purchase(1000),
        BASE,
        rule("double", multiply=2),
        GOLD,
        account=member(days=(Day(date(2026, 11, 1), 1, 100),)),
    )
    assert told[1:] == [
        "double: times 2 on $10.00 of goods adds 10 points.",
        "Gold tier: times 1.5 on $10.00 of goods adds 10 points.",
    ]


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        (
            {"from_": "2026-12-01", "until": "2026-12-24"},
            "gift: not given, it holds from December 1, 2026 to December 24, 2026.",
        ),
        ({"from_": "2026-12-01"}, "gift: not given, it holds from December 1, 2026."),
        ({"until": "2026-11-21"}, "gift: not given, it held until November 21, 2026."),
        (
            {"when": "purchase.items_minor >= 10000"},
            "gift: not given, because it asks that the price of the goods is at least $100.00, and it was $10.00.",
        ),
        (
            {"when": "purchase.channel == 'web'"},
            "gift: not given, because it asks that the channel is web, and it was none.",
        ),
        (
            {"when": "purchase.units >= 1 && member.tier == 'gold'"},
            "gift: not given, because it asks that the member's tier is Gold, and it was none.",
        ),
        (
            {"when": "'cd' in purchase.categories"},
            "gift: not given, because it asks that the purchase's categories include cd.",
        ),
        (
            {"when": "purchase.units > 5 || member.purchases > 5"},
            "gift: not given, because it asks that purchase.units > 5 || member.purchases > 5.",
        ),
        ({"when": "purchase.hour < 9"}, "gift: not given, because it asks that the hour is below 9, and it was 12."),
    ],
)
def test_a_rule_that_did_not_fire_says_why(keys, text):
    assert said("en", purchase(1000), GOLD, rule("gift", points=5, per="purchase", **keys)) == [text]


def test_what_was_seen_is_told_in_its_own_unit_or_not_at_all():
    """A list and an amount: the amount alone would be told as the list's."""
    mixed = rule("gift", points=5, per="line", when="purchase.total_minor > size(purchase.categories) * 100000")
    (told,) = said("en", purchase(line(1000, "cd")), mixed)
    assert told.endswith("it asks that purchase.total_minor > size(purchase.categories) * 100000.")


def test_a_rule_without_a_line_to_apply_to_says_which_it_looked_for():
    assert said("en", purchase(1000), rule("vinyl", points=5, per="line", lines="line.category == 'vinyl'")) == [
        "vinyl: not given, because there was no line where the category is vinyl."
    ]


def test_what_a_person_told_of_themselves_is_asked_for_and_not_answered():
    told = said(
        "en", purchase(1000), '[[attribute]]\nid = "city"',
        rule("haifa", points=5, per="line", when="member.attributes.city == 'Haifa'"),
        account=member(attributes={"city": "Akko"}),
    )  # fmt: skip
    assert told == ["haifa: not given, because it asks that member.attributes.city == 'Haifa'."]


@pytest.mark.parametrize(
    ("exact", "given", "tables", "text"),
    [
        (Fraction(46), 46, (), ["Together 46 points."]),
        (Fraction(469, 10), 46, (), ["Together 46.9 points, rounded down to 46 points."]),
        (Fraction(469, 10), 47, ('rounding = { mode = "ceil" }',), ["Together 46.9 points, rounded up to 47 points."]),
        (Fraction(464, 10), 46, ('rounding = { mode = "half_up" }',), ["Together 46.4 points, rounded to 46 points."]),
        (
            Fraction(469, 10),
            40,
            ("cap_per_purchase = 40",),
            ["Together 46.9 points, rounded down to 46 points.", "One purchase gives at most 40 points."],
        ),
    ],
)
def test_the_total_says_sum_rounding_and_cap(exact, given, tables, text):
    speaks = speaker("en", "\n".join(("[points]", *tables)), BASE)
    assert speaks.total(Earned(given, exact, ())) == text


# -- the rules for people ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ({"points": 1, "per_minor": 100}, "base: 1 point for every $1.00."),
        ({"points": 1, "per_minor": 100, "lines": "line.category == 'cd'"},
         "base: 1 point for every $1.00 on each line where the category is cd."),
        ({"points": 25, "per": "purchase"}, "base: 25 points for a purchase."),
        ({"points": 5, "per": "line"}, "base: 5 points for each line."),
        ({"points": 5, "per": "line", "lines": "line.quantity > 2"},
         "base: 5 points for each line where the quantity is above 2."),
        ({"points": 5, "per": "unit"}, "base: 5 points for each unit bought."),
        ({"points": 5, "per": "unit", "lines": "line.sku != 'X'"},
         "base: 5 points for each unit on a line where the product is not X."),
        ({"multiply": 1.5}, "base: all points times 1.5."),
        ({"multiply": 2, "lines": "line.net_minor <= 500"},
         "base: points times 2 on each line where the price after discounts is at most $5.00."),
        ({"points": 1, "per": "line", "when": "purchase.units >= 2 && member.tier == 'gold'"},
         "base: 1 point for each line, when the number of units is at least 2 and the member's tier is Gold."),
        ({"points": 1, "per": "line", "from_": "2026-12-01"}, "base: 1 point for each line, from December 1, 2026."),
        ({"points": 1, "per": "line", "until": "2026-12-01"}, "base: 1 point for each line, until December 1, 2026."),
        ({"points": 1, "per": "line", "from_": "2026-12-01", "until": "2026-12-24", "cap": 9},
         "base: 1 point for each line, from December 1, 2026 to December 24, 2026, at most 9 points in one purchase."),
    ],
)  # fmt: skip
def test_a_rule_is_told_to_people(keys, text):
    book = programme(GOLD, rule(**keys))
    assert Speaker(book, "en").rule(book.rules[0]) == text


def test_tiers_are_told_to_people():
    book = programme(SILVER, GOLD, BASE)
    assert [Speaker(book, "en").tier(one) for one in book.programme.tier] == [
        "silver tier: for whoever spent at least $0.10 in 365 days.",
        "Gold tier: for whoever spent at least $1.00 in 365 days; all points times 1.5.",
    ]


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ({}, ["Points can be used at once.", "Points do not expire."]),
        (
            {"value_minor": 5, "pending_days": 1, "expiry": "{ months = 1 }", "cap_per_purchase": 9},
            ["One point is worth $0.05.", "Points can be used 1 day after the purchase.",
             "Points can be used for 1 month, to the end of that month.",
             "A purchase can be paid with points.", "One purchase gives at most 9 points."],
        ),
        ({"expiry": '{ months = 24, at = "day" }'}, ["Points can be used at once.", "Points can be used for 24 months."]),
    ],
)  # fmt: skip
def test_what_a_point_is_worth_and_how_long_it_lives_is_told(keys, text):
    rounding = "The points of a purchase are added up, then rounded down."
    assert speaker("en", points(**keys), BASE).points_rules() == [*text, rounding]


LIVES = [
    ('{ months = 12, at = "year_end" }', "Points can be used for 12 months, to the end of that year."),
    ("{ days = 90 }", "Points can be used for 90 days."),
    ('{ at = "month_end" }', "Points can be used until the end of the same month."),
    ('{ at = "year_end" }', "Points can be used until the end of the same year."),
    ('{ dates = ["09-30", "03-31"] }', "Points can be used until the next March 31 or September 30."),
    ('{ dates = ["03-31"], min_days = 60 }', "Points can be used until the next March 31, but at least 60 days."),
]


@pytest.mark.parametrize(("expiry", "text"), LIVES)
def test_every_kind_of_life_of_a_point_is_told(expiry, text):
    assert text in speaker("en", points(expiry=expiry), BASE).points_rules()


def test_points_that_slide_and_the_end_of_a_last_day_are_told():
    sliding = points(expiry="{ days = 90, sliding = true }")
    assert "With every purchase the time of points starts anew." in speaker("en", sliding, BASE).points_rules()
    eve = '[policies]\nexpiry_boundary = "at_instant"'
    said = "The last day of use is the day before points expire."
    assert said in speaker("en", sliding, BASE, eve).points_rules()
    assert said not in speaker("en", sliding, BASE).points_rules()
    assert said not in speaker("en", BASE, eve).points_rules()


@pytest.mark.parametrize(
    ("payment", "text"),
    [
        ("{ max_percent = 50 }", "A purchase can be paid with points, up to 50% of its total."),
        ("{ step = 100 }", "A purchase can be paid with points, in steps of 100 points, each paying $5.00."),
        (
            "{ step = 100, minor_per_step = 400, min_points = 200 }",
            "A purchase can be paid with points, in steps of 100 points, each paying $4.00, at least 200 points at a time.",
        ),
    ],
)
def test_how_points_pay_is_told(payment, text):
    assert text in speaker("en", points(value_minor=5, payment=payment), BASE).points_rules()


def test_points_that_pay_nothing_are_not_told_to_pay():
    for keys in ({}, {"value_minor": 5, "payment": "{ enabled = false }"}):
        assert not any("paid" in one for one in speaker("en", points(**keys), BASE).points_rules())


def test_a_wallet_is_told_with_all_that_it_does():
    card = '[[wallet]]\nid = "stamps"\ngoal = 10\nrewards_per_purchase = 2\nreward_pending_days = 3\nreward_stock = 1'
    money = '[[wallet]]\nid = "credit"\ndecimals = 2\nvalue_minor = 100\ntop_up = true\nexpiry = { days = 9 }'
    assert speaker(
        "en", card, money, '[[wallet]]\nid = "miles"\nvalue_minor = 2\npending_days = 1', BASE
    ).points_rules()[3:] == [
        "stamps: 10 make one reward; what is above stays.",
        "stamps: one purchase completes at most 2 rewards.",
        "stamps: a reward can be used 3 days after it is completed.",
        "stamps: 1 reward in all.",
        "credit can be topped up with money.",
        "A purchase can be paid with credit.",
        "credit: can be used for 9 days.",
        "miles: each is worth $0.02.",
        "A purchase can be paid with miles.",
        "miles: can be used 1 day after the purchase.",
    ]


# -- names and directions ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "name"), [("en", "Base"), ("he", "בסיס"), ("fa", "پایه")])
def test_a_rule_has_its_name_in_the_reader_s_language(language, name):
    book = programme(BASE.rstrip() + "\n" + NAMES)
    assert plain(Speaker(book, language).rule(book.rules[0])).startswith(f"{name}: ")


def test_a_rule_named_in_one_language_has_that_name_in_all_and_without_any_its_id():
    one = programme(BASE.rstrip() + '\nname = { he = "בסיס" }')
    assert Speaker(one, "en").rule(one.rules[0]).startswith("בסיס: ")
    assert speaker("en").rule(programme(BASE).rules[0]).startswith("base: ")


@pytest.mark.parametrize("language", ["he", "fa"])
def test_in_languages_from_right_to_left_whatever_comes_from_elsewhere_is_isolated(language):
    book = programme(
        BASE,
        rule(
            "c-1",
            points=1,
            per="line",
            when="purchase.units > 1 || purchase.hour > 1",
            lines="line.category == 'CD (new)'",
        ),
    )
    speaks = Speaker(book, language)
    assert speaks.heading().endswith(f"{FSI}Rimon{PDI}")
    assert f"{FSI}A-1{PDI}" in speaks.purchase("main", "A-1", 1)
    assert f"{FSI}main{PDI}" in speaks.purchase("main", "A-1", 1)
    told = speaks.rule(book.rules[1])
    assert told.startswith(f"{FSI}c-1{PDI}: ")
    assert f"{FSI}CD (new){PDI}" in told
    assert f"{FSI}purchase.units > 1 || purchase.hour > 1{PDI}" in told
    observed = speaks.reason(NotFired("c-1", "when", 0, ()))
    assert observed.count(FSI) == observed.count(PDI) == 2


def test_english_needs_no_isolation():
    assert FSI not in speaker("en").purchase("main", "A-1", 1) + speaker("en").heading()


@pytest.mark.parametrize("language", LANGUAGES)
def test_text_with_braces_is_text(language):
    book = programme(
        BASE.rstrip() + '\nname = { en = "{points} {0} %s" }',
        rule("x", points=1, per="line", lines="line.sku == '{name}'"),
    )
    assert "{points} {0} %s: " in plain(Speaker(book, language).rule(book.rules[0]))
    assert "{name}" in plain(Speaker(book, language).rule(book.rules[1]))


@pytest.mark.parametrize(("language", "rtl"), [("en", False), ("he", True), ("fa", True)])
def test_a_language_has_its_direction(language, rtl):
    assert speaker(language).right_to_left is rtl


def test_a_guest_and_a_newcomer_are_told_in_their_language():
    assert [speaker(language).guest() for language in LANGUAGES] == [
        "A purchase without a member earns no points.",
        "קנייה בלי חבר מועדון אינה צוברת נקודות.",
        "خرید بدون عضویت امتیازی ندارد.",
    ]
    assert len({speaker(language).joined() for language in LANGUAGES}) == 3
