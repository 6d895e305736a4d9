"""No offer, and no offers together, take what is paid for goods below the floor of margin."""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.account import Account
from shared.domain.discounting import discounted, undiscounted
from shared.domain.offers import offers_on
from shared.domain.sentences import Speaker
from shared.domain.told_offers import applied, silent
from shared.domain.vocabulary import Scene
from tests.domain.shop import BASE, line, programme, purchase

NOW = datetime(2026, 11, 24, 12, tzinfo=ZoneInfo("America/New_York"))
# Six tenths of the price are cost: of 10.00 a floor of 20% of what is paid leaves 7.50.
FLOOR = "[margin]\nfloor_percent = 20\n[[cost]]\npercent = 60"
SOME = "lines = \"line.category == 'cd'\""


def asked(offers, *lines, margin=FLOOR, **more):
    tables = [f'[[offer]]\nid = "o{number}"\n{one}' for number, one in enumerate(offers)]
    book = programme(margin, BASE, *tables)
    bought = purchase(*lines, **more)
    return offers_on(Scene(NOW, Account("M1", NOW.date()), purchase=bought), book), bought, book


def taken(offers, *lines, **more):
    offered, _, _ = asked(offers, *lines, **more)
    return [list(one.by_line) for one in offered.applied], [one.why for one in offered.silent]


def test_an_offer_takes_no_more_than_the_floor_leaves():
    assert taken(["percent = 25"], line(1_000)) == ([[250]], [])
    assert taken(["percent = 40"], line(1_000)) == ([[250]], [])
    assert taken(["amount_minor = 600"], line(1_000)) == ([[250]], [])


def test_without_a_floor_nothing_is_guarded():
    assert taken(["percent = 40"], line(1_000), margin="") == ([[400]], [])


def test_a_floor_of_nothing_is_the_cost_itself():
    assert taken(["percent = 90"], line(1_000), margin="[margin]\nfloor_percent = 0\n[[cost]]\npercent = 60") == (
        [[400]],
        [],
    )


def test_offers_together_take_no_more_than_one_could_alone():
    assert taken(["percent = 20", "percent = 20"], line(1_000)) == ([[200], [50]], [])
    assert taken(["percent = 25", "percent = 20"], line(1_000)) == ([[250]], ["margin"])


def test_what_the_shop_sells_below_the_floor_by_itself_is_left_as_it_is():
    assert taken(["percent = 10"], line(1_000, discount_minor=300)) == ([], ["margin"])


def test_three_plus_one_leaves_the_price_of_three_for_the_cost_of_four():
    # A floor of 20% asks for 7.50 of each: four for 30.00. Cheaper goods (cost 50%, 6.25 each, 25.00) may be one of four free.
    assert taken(["buy = 3\nget = 1"], line(4_000, quantity=4)) == ([[1_000]], [])
    dear = FLOOR.replace("60", "61")
    assert taken(["buy = 3\nget = 1"], line(4_000, quantity=4), margin=dear) == ([], ["margin"])


def test_as_many_units_are_free_as_there_is_room_for():
    # Ten for 100.00 have to leave 75.00: two and a half units of 1+1 are too many, two are not.
    assert taken(["buy = 1\nget = 1"], line(10_000, quantity=10)) == ([[2_000]], [])
    assert taken(["buy = 2\nget = 2\nwhole_sets = true"], line(12_000, quantity=12)) == ([[2_000]], [])


def test_free_units_of_other_goods_are_paid_by_those_that_were_bought():
    offer = "buy = 3\nget = 1\nlines = \"line.category == 'cd'\"\nget_lines = \"line.category == 'lp'\""
    assert taken([offer], line(3_000, "cd", quantity=3), line(1_000, "lp")) == ([[0, 1_000]], [])
    assert taken([offer], line(3_000, "cd", quantity=3), line(1_001, "lp")) == ([], ["margin"])


def test_a_unit_given_beside_the_purchase_costs_what_those_in_it_do():
    # Three for 30.00 have to leave 22.50, a fourth 7.50 more: just so much is there.
    on_top = "buy = 3\nget = 1\non_top = true"
    offered, _, _ = asked([on_top], line(3_000, quantity=3))
    assert [one.free_units for one in offered.applied] == [1]
    assert taken([on_top], line(2_999, quantity=3), margin=FLOOR.replace("60", "61")) == ([], ["margin"])
    # Four for 40.00 leave 10.00 above the floor, of which the free unit takes 7.50.
    assert taken([on_top, "amount_minor = 500"], line(4_000, quantity=4)) == ([[0], [250]], [])


def test_each_offer_is_measured_by_the_goods_it_is_for():
    costs = '[margin]\nfloor_percent = 0\n[[cost]]\ncategory = "cd"\npercent = 95\n[[cost]]\npercent = 10'
    assert taken([f"percent = 20\n{SOME}"], line(1_000, "cd"), line(1_000, "lp"), margin=costs) == ([[50, 0]], [])
    assert taken(["percent = 20"], line(1_000, "cd"), line(1_000, "lp"), margin=costs) == ([[200, 200]], [])


def test_room_on_a_line_counts_once_though_two_offers_speak_of_it():
    costs = '[margin]\nfloor_percent = 0\n[[cost]]\ncategory = "b"\npercent = 90\n[[cost]]\npercent = 100'
    first = "percent = 10\noff = \"line\"\nlines = \"line.category in ['a', 'b']\""
    second = "percent = 10\noff = \"line\"\nlines = \"line.category in ['b', 'c']\""
    lines = (line(1_000, "a"), line(1_000, "b"), line(1_000, "c"))
    # The three leave 1.00 of room in all: the first offer takes it.
    assert taken([first, second], *lines, margin=costs) == ([[50, 50, 0]], ["margin"])


def test_a_cost_in_money_is_that_of_each_unit():
    costs = "[margin]\nfloor_percent = 20\n[[cost]]\nunit_minor = 400"
    assert taken(["percent = 50"], line(2_400, quantity=3), margin=costs) == ([[900]], [])


def test_the_tax_in_a_price_is_no_margin():
    taxed = "[margin]\nfloor_percent = 20\ntax_percent = 10\n[[cost]]\npercent = 60"
    # 7.50 without tax are 8.25 with it.
    assert taken(["percent = 50"], line(1_000), margin=taxed, prices_include_tax=True) == ([[175]], [])
    assert taken(["percent = 50"], line(1_000), margin=taxed) == ([[250]], [])


@pytest.mark.parametrize("policy", ["", '[policies]\nseveral_offers = "best"'])
def test_the_till_finds_what_the_quote_had(policy):
    offered, bought, book = asked(
        ["percent = 20", "percent = 20", "buy = 1\nget = 1"], line(3_000, quantity=3), margin=FLOOR + "\n" + policy
    )
    after = discounted(bought, offered)
    named = [one.offer for one in offered.applied]
    again = offers_on(Scene(NOW, Account("M1", NOW.date()), purchase=undiscounted(after)), book, named=named)
    assert again.applied == offered.applied


@pytest.mark.parametrize("language", ["en", "he", "fa"])
def test_whoever_gets_less_than_an_offer_says_reads_so_and_nothing_of_costs(language):
    offered, _, book = asked(["percent = 40", "percent = 5"], line(1_000))
    speaker = Speaker(book, language)
    (one,) = offered.applied
    assert one.lowered
    plain = applied(speaker, one.offer, one.minor, one.free_units)
    said = applied(speaker, one.offer, one.minor, one.free_units, lowered=True)
    assert said.startswith(plain)
    assert len(said) > len(plain)
    assert "o1" in silent(speaker, offered.silent[0])
    if language == "en":
        assert said.endswith("It would take off more, but that is the most that can be given at this price.")


KINDS = st.sampled_from([
    "percent = {n}", "amount_minor = {n}00", 'percent = {n}\noff = "line"', 'percent = {n}\noff = "unit"',
    'percent = {n}\noff = "cheapest"', "buy = 2\nget = 1", "buy = 1\nget = 1", "buy = 1\nget = 2\nwhole_sets = true",
    f"percent = {{n}}\n{SOME}", f"buy = 1\nget = 1\n{SOME}", f"buy = 1\nget = 1\nget_{SOME}\npercent = {{n}}",
])  # fmt: skip
OFFERS = st.lists(st.builds(lambda kind, n: kind.format(n=n), KINDS, st.integers(1, 100)), min_size=1, max_size=4)
LINES = st.lists(
    st.builds(lambda cents, category, units: line(cents * units, category, units), st.integers(1, 3_000),
              st.sampled_from(["cd", "lp"]), st.integers(1, 9)), min_size=1, max_size=4,
)  # fmt: skip
COSTS = st.tuples(st.integers(0, 90), st.integers(0, 100), st.integers(0, 100))


@given(
    OFFERS,
    LINES,
    COSTS,
    st.sampled_from(
        ["", 'several_offers = "best"', 'percent_discounts = "of_the_initial_price"', 'free_unit = "dearest"']
    ),
)
def test_no_stacking_passes_the_floor_of_margin(offers, lines, costs, policy):
    floor, cd, other = costs
    margin = (
        f'[margin]\nfloor_percent = {floor}\n[[cost]]\ncategory = "cd"\npercent = {cd}\n[[cost]]\npercent = {other}\n'
    )
    offered, bought, book = asked(offers, *lines, margin=f"{margin}[policies]\n{policy}")
    off = offered.by_line(len(bought.lines))
    left = kept = Decimal(0)
    for one, minor in zip(bought.lines, off, strict=True):
        least = Decimal(book.costs.minor(one)) / (1 - Decimal(floor) / 100)
        # A line that the shop sells below the floor by itself counts as it is sold.
        left += one.amount_minor - minor
        kept += min(least, Decimal(one.amount_minor))
    assert left >= kept
    assert all(0 <= minor <= one.amount_minor for one, minor in zip(bought.lines, off, strict=True))
