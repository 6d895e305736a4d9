"""What offers take off a purchase, line by line, and what people read of them."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from shared.domain.account import Account
from shared.domain.offers import Left, offers_on
from shared.domain.rulebook import ProgrammeFaulty, rulebook
from shared.domain.sentences import Speaker
from shared.domain.vocabulary import Scene
from tests.domain.shop import BASE, CLUB, line, programme, purchase, tier

NOW = datetime(2026, 11, 24, 12, tzinfo=ZoneInfo("America/New_York"))


def taken(offers, *lines, codes=(), left=None, account=None, policies=""):
    """What each offer takes off which line, and why the others do not apply."""
    tables = [f'[[offer]]\nid = "o{number}"\n{one}' for number, one in enumerate(offers)]
    book = programme(policies, BASE, *tables)
    bought = purchase(*lines, codes=list(codes))
    whose = account or Account("M1", NOW.date())
    offered = offers_on(Scene(NOW, whose, purchase=bought), book, left or Left())
    return [list(one.by_line) for one in offered.applied], [one.why for one in offered.silent]


def test_a_share_of_the_order_is_rounded_once_and_shared_by_the_lines_to_the_cent():
    assert taken(["percent = 10"], line(333), line(333), line(333)) == ([[33, 34, 33]], [])


def test_each_offer_takes_from_what_the_one_before_left():
    assert taken(["percent = 40", "percent = 70"], line(10_000)) == ([[4_000], [4_200]], [])
    initial = '[policies]\npercent_discounts = "of_the_initial_price"'
    assert taken(["percent = 40", "percent = 70"], line(10_000), policies=initial) == ([[4_000], [6_000]], [])


def test_money_off_is_never_more_than_there_is():
    assert taken(["amount_minor = 24_900", "amount_minor = 5"], line(2_500)) == ([[2_500]], ["lines"])


def test_where_the_best_offer_applies_alone_the_others_say_so():
    best = '[policies]\nseveral_offers = "best"'
    assert taken(["percent = 11", "amount_minor = 1_500"], line(10_000), policies=best) == ([[1_500]], ["outdone"])


def test_a_unit_that_was_bought_is_not_free_and_counts_for_no_other_offer():
    pair = "buy = 2\nget = 1"
    assert taken([pair], line(300, quantity=3)) == ([[100]], [])
    assert taken([pair], line(200, quantity=2)) == ([], ["lines"])
    assert taken([pair, pair], line(500, quantity=5)) == ([[100]], ["lines"])
    assert taken([pair, pair], line(600, quantity=6)) == ([[200]], ["lines"])


def test_what_has_to_be_bought_is_not_given_away_though_it_is_the_cheapest():
    offer = "buy = 2\nget = 1\nlines = \"line.category == 'cd'\"\nget_lines = \"line.kind == 'goods'\""
    assert taken([offer], line(200, "cd", quantity=2), line(300, "lp")) == ([[0, 300]], [])


def test_of_units_that_may_be_free_the_cheapest_are_unless_the_club_says_the_dearest():
    pair, lines = "buy = 1\nget = 1", (line(100), line(900))
    assert taken([pair], *lines) == ([[100, 0]], [])
    assert taken([pair], *lines, policies='[policies]\nfree_unit = "dearest"') == ([[0, 900]], [])


def test_goods_alone_are_discounted_and_not_what_is_like_money():
    lines = (line(1_000), line(5_000, kind="gift_card"), line(300, kind="shipping"))
    assert taken(["percent = 50"], *lines) == ([[500, 0, 0]], [])


def test_a_share_may_follow_the_members_own_figures_up_to_a_limit():
    offer = 'formula = "min(20, 5 + member.purchases)"'
    assert taken([offer], line(1_000), account=Account("M1", NOW.date(), purchases=3)) == ([[80]], [])
    assert taken([offer], line(1_000), account=Account("M1", NOW.date(), purchases=99)) == ([[200]], [])


@pytest.mark.parametrize(
    ("offer", "why"),
    [
        ("percent = 5\nenabled = false", "disabled"),
        ('percent = 5\ncode = "SAVE"', "code"),
        ("percent = 5\nuntil = 2020-01-01", "dates"),
        ('percent = 5\nwhen = "purchase.units > 9"', "when"),
        ("percent = 5\nmin_total_minor = 1_001", "minimum"),
        ("percent = 5\nmin_units = 2", "minimum"),
        ("percent = 5\nstock = 3", "stock"),
        ("percent = 50\nbudget_minor = 499", "budget"),
        ("percent = 5\nlines = \"line.sku == 'XX'\"", "lines"),
    ],
)
def test_an_offer_that_does_not_apply_says_why(offer, why):
    assert taken([offer], line(1_000), left=Left({"o0": 0})) == ([], [why])


def test_a_guest_has_only_offers_for_guests():
    nobody = Account("", NOW.date())
    assert taken(["percent = 5", "percent = 5\nguests = true"], line(1_000), account=nobody) == ([[50]], ["guest"])


def test_a_code_is_read_however_it_is_typed():
    assert taken(['percent = 5\ncode = "SAVE-5"'], line(1_000), codes=[" save-5"]) == ([[50]], [])


@pytest.mark.parametrize(
    ("offer", "fault"),
    [
        ("", "give one of percent, formula, amount_minor"),
        ("percent = 101", "100"),
        ("percent = 5\namount_minor = 5", "give one of"),
        ("get = 1", "get goes with buy"),
        ("percent = 5\nwhole_sets = true", "go with get"),
        ("percent = 5\nmax_units = 2", "max_units goes with"),
        ('formula = "5 +"', "formula of offer"),
        ('percent = 5\nlines = "line.color == 1"', "lines of offer"),
        ('percent = 5\ntiers = ["diamond"]', "there is no tier 'diamond'"),
        ('percent = 5\ncode = "save"', "code"),
        ('percent = 5\nlimits = [{ per = "month", points = 5 }]', "count times"),
        ("percent = 5\npersonal = true", "needs valid_days"),
        ("percent = 5\nvalid_days = 30", "needs valid_days"),
        ('percent = 5\npersonal = true\nvalid_days = 30\ncode = "SAVE"', "neither code nor guests"),
        ("percent = 5\npersonal = true\nvalid_days = 30\nguests = true", "neither code nor guests"),
        ('percent = 5\nguests = true\nlimits = [{ per = "month", times = 5 }]', "is for guests"),
    ],
)
def test_an_offer_that_makes_no_sense_is_refused_when_the_file_is_checked(offer, fault):
    with pytest.raises(ProgrammeFaulty, match=fault):
        rulebook("\n".join((CLUB, BASE, f'[[offer]]\nid = "o"\n{offer}')))


def test_a_personal_offer_is_for_who_gave_a_coupon_of_it_and_a_guest_does_not_hear_of_it():
    offer = "percent = 5\npersonal = true\nvalid_days = 30"
    assert taken([offer], line(1_000)) == ([], ["code"])
    assert taken([offer], line(1_000), account=Account("", NOW.date())) == ([], ["code"])
    assert taken([offer], line(1_000), left=Left(coupons={"o0": "o0.back.2026-11-24"})) == ([[50]], [])


@pytest.mark.parametrize(
    ("automation", "fault"),
    [
        ('offer = "nothing"', "'nothing', which is not there"),
        ('offer = "o"', "'o', which is not personal"),
        ('offer = "own"\nvalid_days = 3', "valid_days and budget go with points"),
        ('offer = "own"\nbudget = 3', "valid_days and budget go with points"),
        ("", "does nothing: points, offer, message, staff_note or tags is missing"),
    ],
)
def test_an_automation_gives_coupons_of_personal_offers_alone(automation, fault):
    offers = '[[offer]]\nid = "o"\npercent = 5\n[[offer]]\nid = "own"\npercent = 5\npersonal = true\nvalid_days = 3'
    with pytest.raises(ProgrammeFaulty, match=fault):
        rulebook("\n".join((CLUB, BASE, offers, f'[[automation]]\nid = "a"\non = "birthday"\n{automation}')))


def test_people_read_what_an_offer_is():
    offers = (
        'percent = 10\nlines = "line.category == \'vinyl\'"\nmax_minor = 2_000\ncode = "SPRING"\ntiers = ["gold"]',
        'buy = 3\nget = 1\nname = { en = "3+1" }',
        'amount_minor = 500\nmin_total_minor = 5_000\nstock = 100\nlimits = [{ per = "member", times = 1 }]',
        "percent = 20\npersonal = true\nvalid_days = 30",
    )
    tables = [f'[[offer]]\nid = "o{number}"\n{one}' for number, one in enumerate(offers)]
    speaker = Speaker(programme(tier("gold", 5), BASE, *tables), "en")
    assert [speaker.offer(one) for one in speaker.book.offers] == [
        "o0: 10% off the lines where the category is vinyl, at most $20.00, with the code SPRING, only for gold tier.",
        "3+1: for 3 units bought, 1 unit free.",
        "o2: $5.00 off the whole purchase, from $50.00 on, 100 units in all, at most 1 time for each member.",
        "o3: 20% off the whole purchase, once, with a coupon of one's own that can be used for 30 days.",
    ]


def test_an_offer_of_more_points_takes_nothing_off_and_leaves_every_unit_to_the_others():
    more = "earns_only = true"
    assert taken([more, "percent = 10"], line(1_000)) == ([[0], [100]], [])
    assert taken([f"{more}\nlines = \"line.category == 'lp'\""], line(1_000, "cd")) == ([], ["lines"])


def test_an_offer_of_more_points_says_nothing_of_what_it_would_take_off():
    for what in ("percent = 5", "amount_minor = 5", "buy = 2\nget = 1", "budget_minor = 5"):
        with pytest.raises(ProgrammeFaulty, match="earns_only goes with nothing"):
            programme(BASE, f'[[offer]]\nid = "o"\nearns_only = true\n{what}')
