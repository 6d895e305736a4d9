"""Postings and accounts as JSON: what an answer says of each kind of reason, number and day."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from shared.api.answers import instant_text, purchase_answer
from shared.api.member_answers import member_answer, rules_answer, statement_answer
from shared.domain.account import Day
from shared.domain.decide import post_guest_purchase
from shared.domain.lots import Lot
from shared.domain.rulebook import Rulebook
from tests.domain.shop import BASE, joined, line, member, points, posted, programme, purchase, rule, tier

TODAY = date(2026, 11, 22)


def answer(book: Rulebook, *lines: Any, account: Any = None, **more: Any) -> dict[str, Any]:
    bought = purchase(*lines, **more)
    return purchase_answer(posted(bought, account or member(), book).row, "main", "A-1", book)


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        (datetime(2026, 11, 22, 10, tzinfo=UTC), "2026-11-22T10:00:00.000Z"),
        (datetime(2026, 11, 22, 23, 59, 59, 7000, tzinfo=UTC), "2026-11-22T23:59:59.007Z"),
        (datetime(1990, 1, 1, tzinfo=UTC), "1990-01-01T00:00:00.000Z"),
    ],
)
def test_an_instant_is_told_in_utc_to_the_millisecond(instant: datetime, text: str) -> None:
    assert instant_text(int(instant.timestamp()) * 1000 + instant.microsecond // 1000) == text


@pytest.mark.parametrize(
    ("keys", "basis", "rate"),
    [
        ({"points": 1, "per_minor": 100}, ("basis_minor", 4690), {"points": "1", "per_minor": 100}),
        ({"points": 2.5, "per": "purchase"}, ("basis_purchases", 1), {"points": "2.5"}),
        ({"points": 5, "per": "line"}, ("basis_lines", 2), {"points": "5"}),
        ({"points": 5, "per": "unit"}, ("basis_units", 4), {"points": "5"}),
        ({"multiply": 1.5}, ("basis_minor", 4690), {"factor": "1.5"}),
    ],
)
def test_a_rule_that_fired_is_told_as_data(keys: dict[str, Any], basis: tuple[str, int], rate: dict[str, Any]) -> None:
    told = answer(programme(rule("it", **keys)), line(990, quantity=3), line(3700))["explanation"]["fired"][0]
    name, number = basis
    assert (told["rule"], told[name], told["rate"], told["cap"], told["uncapped"]) == ("it", number, rate, None, None)
    assert [key for key in told if key.startswith("basis_")] == [name]


@pytest.mark.parametrize(
    ("written", "told"), [("1e2", "100"), ("10.0", "10"), ("2.50", "2.5"), ("1_000", "1000"), ("0.000001", "0.000001")]
)
def test_a_rate_is_told_as_people_write_it(written: str, told: str) -> None:
    book = programme(f'[[earn]]\nid = "it"\npoints = {written}\nper = "line"')
    assert answer(book, line(100))["explanation"]["fired"][0]["rate"] == {"points": told}


def test_exact_points_cap_and_what_it_would_have_been_are_told_as_texts() -> None:
    told = answer(programme(rule("it", points=1, per_minor=3, cap=5)), line(100))["explanation"]["fired"][0]
    assert (told["points"], told["cap"], told["uncapped"]) == ("5", 5, "33.333333…")


def test_a_tier_s_multiplier_is_told_like_a_rule_s() -> None:
    book = programme(tier("gold", 100, 1.5), BASE)
    told = answer(book, line(1000), account=member(days=(Day(TODAY, 1, 100),)))["explanation"]["fired"][1]
    assert (told["rule"], told["kind"], told["rate"], told["points"]) == (
        "tier:gold",
        "multiply",
        {"factor": "1.5"},
        "5",
    )


@pytest.mark.parametrize(
    ("keys", "why", "condition", "observed"),
    [
        ({"until": "2026-01-01"}, "dates", None, []),
        ({"when": "true && purchase.units >= 2"}, "when", "purchase.units >= 2", [1]),
        (
            {"lines": "line.category == 'cd' && line.quantity > 1"},
            "lines",
            "line.category == 'cd' && line.quantity > 1",
            [],
        ),
    ],
)
def test_a_rule_that_did_not_fire_is_told_with_what_failed(
    keys: dict[str, Any], why: str, condition: str | None, observed: list[object]
) -> None:
    (told,) = answer(programme(rule("it", points=1, per="line", **keys)), line(100))["explanation"]["not_fired"]
    assert (told["why"], told["condition"], told["observed"]) == (why, condition, observed)
    assert told["sentence"].startswith("it: not given")


def test_an_answer_names_the_law_that_decided_and_how_it_rounds() -> None:
    book = programme(points(rounding='{ mode = "ceil", per = "rule" }'), BASE, version=7)
    told = answer(book, line(101))["explanation"]
    assert (told["programme_version"], told["rounding"]) == (7, {"mode": "ceil", "per": "rule"})
    assert told["total"] == ["Together 2 points.", "Usable from November 22, 2026."]


# What a line is told of when nothing is said of it.
PLAIN = {"brand": None, "kind": "goods", "labels": {}, "tax_minor": 0}


def test_what_was_left_out_of_a_purchase_is_told_as_nothing() -> None:
    told = answer(programme(BASE), line(100))["purchase"]
    assert (told["channel"], told["discount_minor"], told["shipping_minor"], told["tax_minor"]) == (None, 0, 0, 0)
    assert told["lines"] == [
        PLAIN | {"sku": "CD-1", "category": None, "quantity": 1, "amount_minor": 100, "discount_minor": 0}
    ]


@pytest.mark.parametrize(
    "sums",
    [{}, {"discount_minor": 10}, {"shipping_minor": 20}, {"tax_minor": 30}, {"discount_minor": 1, "tax_minor": 3}],
)
def test_every_sum_comes_back_as_it_was_reported(sums: dict[str, int]) -> None:
    told = answer(programme(BASE), line(100, "cd", 2, discount_minor=5), **sums)["purchase"]
    assert {name: told[name] for name in sums} == sums
    assert told["total_minor"] == 95 + sum(
        value * (-1 if name == "discount_minor" else 1) for name, value in sums.items()
    )
    assert told["lines"][0] == PLAIN | {
        "sku": "CD-1",
        "category": "cd",
        "quantity": 2,
        "amount_minor": 100,
        "discount_minor": 5,
    }


def test_a_replay_is_told_in_the_language_of_the_first_answer() -> None:
    book = programme(BASE)
    row = posted(purchase(1000), member(language="he"), book).row
    assert purchase_answer(row, "main", "A-1", book)["explanation"]["language"] == "he"
    assert purchase_answer(row, "main", "A-1", book) == purchase_answer(dict(row), "main", "A-1", book)


def test_a_purchase_that_earned_nothing_has_no_days() -> None:
    assert answer(programme(BASE), line(99))["points"] == {
        "earned": 0,
        "decimals": 0,
        "usable_from": None,
        "expires_on": None,
    }


def test_a_guest_s_answer_has_no_account_and_no_entry() -> None:
    book = programme(BASE)
    row = post_guest_purchase(purchase(1000), book, datetime(2026, 11, 22, tzinfo=UTC), key="k", fingerprint=b"f").row
    told = purchase_answer(row, "main", "A-1", book)
    assert (told["account"], told["points"]["earned"], told["purchase"]["member_id"]) == (None, 0, None)
    assert "entry" not in told


def test_a_quote_has_no_entry_because_nothing_was_written() -> None:
    book = programme(BASE)
    row = posted(purchase(1000), member(), book).row
    told, quoted = purchase_answer(row, "main", "A-1", book), purchase_answer(row, "main", "A-1", book, quote=True)
    assert told.pop("entry")["sequence"] == 1
    assert told == quoted


def test_points_that_lapsed_before_they_were_told_are_in_no_balance() -> None:
    """A purchase of two years ago, told today, under points of a year."""
    book = programme(points(expiry="{ months = 12 }"), BASE)
    late = purchase(1000, at="2024-11-22T12:00:00-05:00")
    row = posted(late, member(joined_on=date(2024, 1, 1)), book, purchase(1).occurred_at).row
    told = purchase_answer(row, "main", "A-1", book)
    assert told["account"] == {"balance": 0, "available": 0, "pending": 0, "tier": None}
    assert (told["points"]["earned"], told["entry"]["balance"]) == (10, 10)


def test_a_member_s_balance_is_what_is_usable_and_what_is_pending() -> None:
    lots = (
        Lot(date(2026, 1, 1), date(2026, 11, 21), 5),
        Lot(TODAY, date(2026, 12, 31), 7),
        Lot(date(2026, 12, 1), None, 11),
    )
    book = programme(points(value_minor=3), tier("gold", 100), BASE)
    told = member_answer(member(posted=23, lots=lots, days=(Day(TODAY, 1, 100),)), TODAY, book)
    assert told["points"] | {"currency": None} == {
        "balance": 18, "available": 7, "pending": 11, "pending_lots": [{"points": 11, "usable_from": "2026-12-01"}],
        "next_expiry": {"points": 7, "expires_on": "2026-12-31"}, "posted": 23, "lapsed": 5, "held": 0, "debt": 0,
        "value_minor": 54, "decimals": 0, "currency": None,
    }  # fmt: skip
    assert (told["tier"]["id"], told["tier"]["next"], told["last_purchase_on"]) == ("gold", None, "2026-11-22")


def test_a_statement_tells_each_entry_under_the_law_that_decided_it() -> None:
    books = {1: programme(BASE, version=1), 2: programme(rule("new", points=5, per="purchase"), version=2)}
    rows = [
        posted(purchase(1000, purchase_id="A-2"), member(), books[2]).row,
        posted(purchase(1000), member(), books[1]).row,
        joined(books[1]).row,
    ]
    told = statement_answer(
        member(), [*rows], (Lot(TODAY, TODAY, 3),), "c", books.__getitem__, lambda row: ("main", str(row["k"])[-3:])
    )
    assert [one.get("reasons") for one in told["entries"]] == [
        ["new: 5 points for this purchase.", "Together 5 points."],
        ["base: 1 point for every $1.00 of $10.00 makes 10 points.", "Together 10 points."],
        [],
    ]
    assert [one["reason"] for one in told["entries"]] == [
        "Purchase A-2 at main: 5 points.", "Purchase A-1 at main: 10 points.", "Joined the club."
    ]  # fmt: skip
    assert (told["lapsed"], told["next_cursor"]) == ([{"points": 3, "expires_on": "2026-11-22"}], "c")


def test_the_rules_are_told_in_the_order_of_the_programme() -> None:
    told = rules_answer(programme(rule("b", points=1, per="line"), rule("a", multiply=2), tier("t", 5)), "en")
    assert [one["rule"] for one in told["earning"]] == ["b", "a"]
    assert [one["sentence"] for one in told["tiers"]] == ["t tier: for whoever spent at least $0.05 in 365 days."]
    assert told["heading"] == "Rules of Rimon"
