"""The ledger cannot be changed without being caught: legs, sequence, chain, balance, lots."""

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.ledger import LEGS_MAX, LedgerBroken, Leg, chained, legs_of, legs_text, packed, verify
from shared.domain.lots import Lot
from tests.domain.shop import BASE, after, joined, member, points, posted, programme, purchase

BOOK = programme(points(pending_days=14, expiry="{ months = 12 }"), BASE)


def history(*cents):
    """A member's account and postings: the joining, then a purchase of each price, a day apart."""
    joining = joined(BOOK)
    account, rows = after(joining), [dict(joining.row)]
    for number, price in enumerate(cents, start=1):
        bought = purchase(price, at=f"2026-11-{number:02d}T12:00:00-05:00", purchase_id=f"A-{number}")
        posting = posted(bought, account, BOOK)
        account, rows = after(posting), [*rows, dict(posting.row)]
    return account, rows


def broken(account, rows):
    with pytest.raises(LedgerBroken) as caught:
        verify(account, rows)
    return str(caught.value)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(0, 10**6), max_size=8))
def test_whatever_a_member_buys_the_account_is_what_its_postings_say(prices):
    account, rows = history(*prices)
    verify(account, rows)
    assert account.sequence == len(rows) == len(prices) + 1
    assert account.posted == sum(price // 100 for price in prices)


def test_an_account_without_postings_is_empty():
    verify(member(), [])


def test_changed_points_are_noticed():
    account, rows = history(1000, 2000)
    rows[1]["g"] = packed([["MDANA", 999], ["issued", -999]])
    assert broken(account, rows) == "MDANA: posting 'purchase#main#A-1' does not match its hash"


@pytest.mark.parametrize("field", ["t", "o", "v", "r", "l", "s", "e", "d", "b", "u", "c", "a"])
def test_no_attribute_of_a_posting_can_be_changed(field):
    account, rows = history(1000, 2000)
    value = rows[1][field]
    rows[1][field] = value + 1 if isinstance(value, int) else value + " "
    assert "does not match its hash" in broken(account, rows)


def test_an_attribute_that_is_added_or_taken_is_noticed():
    account, rows = history(1000)
    assert "does not match its hash" in broken(account, [rows[0], rows[1] | {"ch": "web"}])
    assert "does not match its hash" in broken(account, [rows[0], {k: v for k, v in rows[1].items() if k != "u"}])


def test_a_removed_posting_is_noticed():
    account, rows = history(1000, 2000, 3000)
    assert "has sequence 3, expected 2" in broken(account, [rows[0], *rows[2:]])
    assert "has sequence 2, expected 1" in broken(account, rows[1:])
    assert broken(account, rows[:-1]) == "MDANA: sequence is 4, the postings say 3"


def test_a_posting_told_twice_is_noticed():
    account, rows = history(1000)
    assert "has sequence 2, expected 3" in broken(account, [*rows, rows[-1]])


def test_a_swapped_order_is_noticed():
    account, rows = history(1000, 2000)
    assert "has sequence 3, expected 2" in broken(account, [rows[0], rows[2], rows[1]])
    rows[1]["n"], rows[2]["n"] = 3, 2
    assert "follows 'purchase#main#A-1'" in broken(account, [rows[0], rows[2], rows[1]])


def test_a_removed_posting_with_the_numbers_mended_is_noticed():
    account, rows = history(1000, 2000, 3000)
    mended = [rows[0], rows[2] | {"n": 2, "p": rows[0]["k"]}]
    assert "does not match its hash" in broken(account._replace(sequence=2), mended)


def test_a_chain_forged_from_the_middle_does_not_end_in_the_account_s_hash():
    account, rows = history(1000, 2000)
    rows[1]["l"] = packed([["CD-2", "", 1, 1000]])
    rows[1]["h"] = chained(rows[1], rows[0]["h"])
    rows[2]["h"] = chained(rows[2], rows[1]["h"])
    assert broken(account, rows).startswith("MDANA: last hash is")


def test_legs_that_do_not_balance_are_noticed_even_with_a_good_hash():
    account, rows = history(1000)
    rows[1]["g"] = packed([["MDANA", 10], ["issued", -9]])
    rows[1]["h"] = chained(rows[1], rows[0]["h"])
    assert "does not balance" in broken(account._replace(last_hash=rows[1]["h"]), rows)


def test_a_stated_balance_other_than_the_sum_is_noticed_even_with_a_good_hash():
    account, rows = history(1000)
    rows[1]["d"] = packed([10, 11])
    rows[1]["h"] = chained(rows[1], rows[0]["h"])
    assert "states another balance than the sum 10" in broken(account._replace(last_hash=rows[1]["h"]), rows)


def test_points_of_another_account_are_not_this_member_s():
    account, rows = history(1000)
    rows[1]["g"] = packed([["MEVIL", 10], ["issued", -10]])
    rows[1]["h"] = chained(rows[1], rows[0]["h"])
    assert "states another balance than the sum 0" in broken(account._replace(last_hash=rows[1]["h"]), rows)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"posted": 11}, "MDANA: balance is 11, the postings say 10"),
        ({"lots": (Lot(date(2026, 11, 15), None, 9),)}, "MDANA: sum of lots is 9, the postings say 10"),
        ({"lots": ()}, "MDANA: sum of lots is 0, the postings say 10"),
        ({"sequence": 3}, "MDANA: sequence is 3, the postings say 2"),
        (
            {"last_key": "purchase#main#A-2"},
            "MDANA: last key is 'purchase#main#A-2', the postings say 'purchase#main#A-1'",
        ),
    ],
)
def test_an_account_that_says_otherwise_is_noticed(change, said):
    account, rows = history(1000)
    assert broken(account._replace(**change), rows) == said


def test_every_posting_hangs_on_the_one_before():
    _, rows = history(1000, 1000)
    assert [row.get("p") for row in rows] == [None, rows[0]["k"], rows[1]["k"]]
    assert chained(rows[1], rows[0]["h"]) == rows[1]["h"] != chained(rows[1], b"")
    assert len(rows[1]["h"]) == 32


def test_legs_must_balance_and_empty_ones_are_not_kept():
    assert legs_text((Leg("M1", 0), Leg("issued", 0))) == "[]"
    assert legs_of({"g": legs_text((Leg("M1", 5), Leg("issued", -5)))}) == (Leg("M1", 5), Leg("issued", -5))
    with pytest.raises(AssertionError, match="do not balance"):
        legs_text((Leg("M1", 5), Leg("issued", -4)))
    with pytest.raises(AssertionError):
        legs_text([Leg("M1", 0)] * (LEGS_MAX + 1))


def test_a_value_always_gives_the_same_text_in_the_language_it_was_written():
    assert packed({"b": 1, "a": ["שלום", "خرید"]}) == '{"a":["שלום","خرید"],"b":1}'
    assert json.loads(packed([1, "x", None])) == [1, "x", None]
