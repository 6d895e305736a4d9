"""Reasons survive the ledger: what was decided can be said again, under the version that decided it."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.explanation import is_tier, reasons_of, stored
from shared.domain.ledger import packed
from shared.domain.reasons import Fired, NotFired
from tests.domain.shop import BASE, earned, line, member, programme, purchase, rule, tier
from tests.domain.test_earning_laws import programmes, purchases


def kept(reasons, book):
    """The reasons as they come back from the text of a row."""
    return reasons_of(json.loads(packed(stored(reasons))), book)


@settings(deadline=None, max_examples=80)
@given(programmes(), purchases(), st.integers(0, 3))
def test_what_is_read_from_the_ledger_is_what_was_decided(book, bought, earlier):
    reasons = earned(bought, book, member(purchases=earlier)).reasons
    assert kept(reasons, book) == reasons


def test_every_kind_of_reason_has_its_stored_form():
    book = programme(
        rule("base", points=1, per_minor=30, cap=100),
        rule("gift", points=25, per="purchase"),
        rule("capped", points=1, per_minor=10, cap=2),
        rule("winter", points=5, per="purchase", from_="2027-01-01"),
        rule("shoes", points=5, per="line", lines="line.category == 'shoes'"),
        rule("web", points=5, per="purchase", when="purchase.units >= 1 && purchase.channel == 'web'"),
        rule("many", points=5, per="purchase", when="purchase.units > member.purchases"),
        tier("all", 0, 1.5),
    )
    told = earned(purchase(line(100, "bags"), channel="till"), book, member(purchases=4))
    assert stored(told.reasons) == [
        ["base", 100, "10/3"],
        ["gift", 1, 25],
        ["capped", 100, 2, 10],
        "dates",
        "lines",
        [1, "till"],
        [0, 4, 1],
        ["tier:all", 100, "91/6"],
    ]
    assert kept(told.reasons, book) == told.reasons


def test_truth_and_text_that_were_seen_come_back_as_they_were():
    vegan = '[[attribute]]\nid = "vegan"\ntype = "bool"'
    book = programme(vegan, BASE, rule("x", points=1, per="purchase", when="purchase.store == 'west'"))
    reasons = earned(purchase(100), book).reasons
    assert kept(reasons, book)[1] == NotFired("x", "when", 0, ("main",))


def test_a_rule_whose_id_looks_like_a_word_of_the_form_is_still_that_rule():
    book = programme(rule("dates", points=1, per="purchase"), rule("lines", points=1, per="purchase"))
    reasons = earned(purchase(100), book).reasons
    assert kept(reasons, book) == reasons == (Fired("dates", 1, 1), Fired("lines", 1, 1))


def test_reasons_are_read_under_the_version_that_decided():
    """Another version has other rules in other places: reading under it is a mistake, and it is noticed."""
    two, one = programme(BASE, rule("gift", points=5, per="purchase", when="false")), programme(BASE)
    rows = stored(earned(purchase(100), two).reasons)
    with pytest.raises((IndexError, AssertionError)):
        reasons_of([*rows, *rows], one)
    with pytest.raises(AssertionError):
        reasons_of(rows[:1], two)


@pytest.mark.parametrize(("rule_id", "tiered"), [("tier:gold", True), ("tier", False), ("gold", False)])
def test_a_tier_s_reason_is_known_by_its_name(rule_id, tiered):
    assert is_tier(rule_id) is tiered
