"""Rewards: what they cost whom, what they are worth, and why a member may not take one now."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from subprocess import run
from typing import Any

import pytest

from shared.domain.account import Account, Purse
from shared.domain.lots import Lot
from shared.domain.rewards import (
    Refusal,
    available_in,
    gives_units,
    hold_minutes_of,
    is_out_of_stock,
    price_of,
    refusal_of,
    with_reward_taken,
    worth_minor,
)
from shared.domain.rulebook import RewardRule, Rulebook
from shared.domain.sentences import Speaker
from shared.domain.vocabulary import Scene
from tests.domain.shop import BASE, member, points, programme, tier

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
TIERS = (tier("silver", 1), tier("gold", 2))
CREDIT = '[[wallet]]\nid = "credit"\ndecimals = 2\nvalue_minor = 100'
STAMPS = '[[wallet]]\nid = "stamps"'
DISCOUNT = 'kind = "discount"\namount_minor = 500'


def law(*keys: str, price: str = "100", tables: tuple[str, ...] = ()) -> tuple[Rulebook, RewardRule]:
    """A club with one reward, by default five dollars off for 100 points."""
    given = "\n".join(keys if any(key.startswith("kind") for key in keys) else (DISCOUNT, *keys))
    reward = f'[[reward]]\nid = "tea"\nprice = {price}\n{given}'
    book = programme(*tables, *TIERS, CREDIT, STAMPS, BASE, reward)
    rule = book.reward("tea")
    assert rule is not None
    return book, rule


def dana(balance: int = 100, **facts: Any) -> Account:
    return member(posted=balance, lots=(Lot(date(2026, 1, 1), None, balance),), **facts)


def refused(
    *keys: str, account: Account | None = None, tiers: dict[str, str] | None = None, stock_left: int | None = None,
    at: datetime = NOON, policies: str = "",
) -> Refusal | None:  # fmt: skip
    book, rule = law(*keys, tables=(policies,))
    return refusal_of(rule, Scene(at, account or dana(), tiers or {}), book, stock_left)


def test_a_member_with_exactly_the_price_may_take_the_reward() -> None:
    assert refused() is None


def test_a_member_with_a_point_too_few_is_told_how_many_are_missing() -> None:
    assert refused(account=dana(99)) == Refusal("points", missing=1)


def test_points_that_wait_or_have_lapsed_buy_nothing() -> None:
    waiting = Lot(date(2026, 11, 23), None, 60)
    lapsed = Lot(date(2026, 1, 1), date(2026, 11, 21), 40)
    assert refused(account=member(posted=100, lots=(lapsed, waiting))) == Refusal("points", missing=100)


def test_a_debt_is_missing_too() -> None:
    assert refused(account=member(posted=-30)) == Refusal("points", missing=130)


@pytest.mark.parametrize(
    ("key", "at", "why"),
    [
        ("from = 2026-11-22", NOON, None),
        ("from = 2026-11-23", NOON, Refusal("dates")),
        ("until = 2026-11-22", NOON, None),
        ("until = 2026-11-21", NOON, Refusal("dates")),
        ("until = 2026-11-22T11:59:59", NOON, Refusal("dates")),
        ("enabled = false", NOON, Refusal("disabled")),
    ],
)
def test_a_reward_is_taken_within_its_dates_and_while_it_is_switched_on(
    key: str, at: datetime, why: Refusal | None
) -> None:
    assert refused(key, at=at) == why


@pytest.mark.parametrize(
    ("tiers", "why"),
    [
        ({}, Refusal("tier")),
        ({"": "silver"}, Refusal("tier")),
        ({"": "gold"}, None),
        ({"": "silver", "vip": "gold"}, None),
    ],
)
def test_a_reward_for_a_tier_is_for_who_holds_it_in_any_set(tiers: dict[str, str], why: Refusal | None) -> None:
    assert refused('tiers = ["gold"]', tiers=tiers) == why


def test_a_condition_that_does_not_hold_is_told_with_what_was_seen() -> None:
    key = 'when = "member.spend_minor >= 0 && member.purchases >= 3"'
    assert refused(key, account=dana(purchases=2)) == Refusal("condition", 1, (2,))
    assert refused(key, account=dana(purchases=3)) is None


def test_a_reward_once_a_month_is_free_again_on_the_first() -> None:
    book, rule = law('limits = [{ per = "month", times = 1 }]')
    once = with_reward_taken(dana(), rule.reward, date(2026, 11, 30), 100)
    assert once.used == {"reward:tea": {"2026-11": (1, 100)}}
    at_the_end, on_the_first = NOON.replace(day=30, hour=23, minute=59), NOON.replace(month=12, day=1, hour=0)
    assert refusal_of(rule, Scene(at_the_end, once), book, None) == Refusal("limit")
    assert refusal_of(rule, Scene(on_the_first, once), book, None) is None


def test_a_reward_three_times_for_ever_is_counted_for_ever() -> None:
    book, rule = law('limits = [{ per = "member", times = 3 }]')
    account = dana()
    for year in (2026, 2028, 2030):
        assert refusal_of(rule, Scene(NOON.replace(year=year), account), book, None) is None
        account = with_reward_taken(account, rule.reward, date(year, 11, 22), 100)
    assert refusal_of(rule, Scene(NOON.replace(year=2035), account), book, None) == Refusal("limit")


def test_a_reward_without_limits_leaves_no_trace_in_the_account() -> None:
    _, rule = law()
    assert with_reward_taken(dana(), rule.reward, date(2026, 11, 22), 100) == dana()


@pytest.mark.parametrize(
    ("left", "why"), [(None, None), (1, None), (0, Refusal("stock"))], ids=["none taken so far", "the last", "none"]
)
def test_a_reward_out_of_stock_cannot_be_chosen(left: int | None, why: Refusal | None) -> None:
    assert refused("stock = 5", stock_left=left) == why


def test_a_reward_out_of_stock_is_owed_where_the_club_says_so() -> None:
    policies = '[policies]\nreward_out_of_stock = "owe"'
    assert refused("stock = 5", stock_left=0, policies=policies) is None
    assert is_out_of_stock(law("stock = 5")[1].reward, 0)


def test_a_stock_of_none_is_out_before_the_first_is_taken() -> None:
    assert refused("stock = 0") == Refusal("stock")


def test_whoever_may_not_have_it_is_not_told_to_save_for_it() -> None:
    assert refused('tiers = ["gold"]', account=dana(1)) == Refusal("tier")


@pytest.mark.parametrize(
    ("tiers", "price"),
    [
        ({}, 10_000),
        ({"": "silver"}, 9_000),
        ({"": "gold"}, 8_000),
        ({"": "silver", "vip": "gold"}, 8_000),
        ({"": "plain"}, 10_000),
    ],
)
def test_the_price_is_that_of_the_tier_and_the_lowest_of_several(tiers: dict[str, str], price: int) -> None:
    book, rule = law("price_by_tier = { silver = 90, gold = 80 }", tables=(points(decimals=2),))
    assert price_of(rule.reward, tiers, book) == price


def test_a_reward_may_be_paid_from_another_wallet() -> None:
    book, rule = law('wallet = "stamps"', price="5")
    purse = Purse(4, (Lot(date(2026, 1, 1), None, 4),))
    account = dana(1_000, purses={"stamps": purse})
    assert refusal_of(rule, Scene(NOON, account), book, None) == Refusal("points", missing=1)
    assert available_in("stamps", account, NOON.date()) == 4
    assert available_in("credit", account, NOON.date()) == 0


@pytest.mark.parametrize(
    ("keys", "total", "worth"),
    [
        ((DISCOUNT,), 0, 500),
        (('kind = "percent"\npercent = 12.5',), 999, 124),
        (('kind = "percent"\npercent = 10\nmax_minor = 50',), 999, 50),
        (('kind = "percent"\npercent = 10\nmax_minor = 50',), 499, 49),
        (('kind = "percent"\npercent = 100',), 999, 999),
        (('kind = "product"\nsku = "A"',), 999, None),
        (('kind = "club_only"\nsku = "A"',), 999, None),
        (('kind = "gift_certificate"\namount_minor = 900',), 0, 900),
        (('kind = "stored_value"\namount_minor = 900\ninto = "credit"',), 0, 900),
        (('kind = "conversion"\ngives = 2.5\ninto = "credit"',), 0, 250),
        (('kind = "conversion"\ngives = 3\ninto = "stamps"',), 0, 0),
    ],
)
def test_what_a_reward_is_worth_in_money(keys: tuple[str, ...], total: int, worth: int | None) -> None:
    book, rule = law(*keys)
    assert worth_minor(rule.reward, book, total) == worth


@pytest.mark.parametrize(
    ("keys", "units"),
    [
        ('kind = "conversion"\ngives = 2.5\ninto = "credit"', 250),
        ('kind = "conversion"\ngives = 3\ninto = "stamps"', 3),
        ('kind = "stored_value"\namount_minor = 999\ninto = "credit"', 999),
    ],
)
def test_what_a_reward_puts_into_another_wallet(keys: str, units: int) -> None:
    book, rule = law(keys)
    assert gives_units(rule.reward, book) == units


def test_a_reward_is_held_as_long_as_it_says_and_else_as_long_as_the_club_does() -> None:
    book, own = law("hold_minutes = 60")
    assert hold_minutes_of(own.reward, book) == 60
    assert hold_minutes_of(law()[1].reward, book) == hold_minutes_of(None, book) == 15


def test_a_reward_that_the_club_has_not_is_none() -> None:
    assert law()[0].reward("coffee") is None


def test_a_published_programme_compiles_no_reward_until_one_is_asked_for() -> None:
    book, _ = law('when = "member.purchases >= 3"')
    fresh = programme(BASE, '[[reward]]\nid = "tea"\nprice = 1\nkind = "product"\nsku = "A"\nwhen = "not a condition"')
    assert "rewards" not in vars(fresh)
    assert book.rewards[0].when.names == ("member.purchases",)


def test_a_till_loads_nothing_of_rewards() -> None:
    code = "import sys, shared.domain.decide, shared.domain.sentences; print(*sorted(sys.modules))"
    loaded = run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "shared.domain.decide" in loaded
    told = ("told_rewards", "told_wallets", "told_entries", "rewards", "reward_contradictions", "wallet_contradictions")
    assert not {f"shared.domain.{name}" for name in told} & set(loaded)


# -- what members read ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ((DISCOUNT,), "tea: for 100 points, $5.00 off a purchase."),
        (
            ("price_by_tier = { gold = 80 }",),
            "tea: for 100 points (gold tier: 80 points), $5.00 off a purchase.",
        ),
        (('tiers = ["silver", "gold"]',), "tea: for 100 points, $5.00 off a purchase, only for silver tier or gold tier."),
        (("stock = 1",), "tea: for 100 points, $5.00 off a purchase, 1 unit in all."),
        (("enabled = false",), "tea: for 100 points, $5.00 off a purchase (not available now)."),
        (
            ('limits = [{ per = "month", times = 2 }]', "until = 2026-12-31"),
            "tea: for 100 points, $5.00 off a purchase, until December 31, 2026, at most 2 times in a calendar month.",
        ),
        (('kind = "percent"\npercent = 12.5\nmax_minor = 900',), "tea: for 100 points, 12.5% off a purchase, at most $9.00."),
        (('kind = "product"\nsku = "A"\nquantity = 2',), "tea: for 100 points, 2 units of product A."),
        (
            ('kind = "gift_certificate"\namount_minor = 900\nexpiry = { at = "year_end" }',),
            "tea: for 100 points, a gift certificate of $9.00, valid until the end of the same year.",
        ),
        (('kind = "stored_value"\namount_minor = 900\ninto = "credit"',), "tea: for 100 points, $9.00 into credit."),
        (('kind = "conversion"\ngives = 2.5\ninto = "credit"',), "tea: for 100 points, $2.50 of credit in exchange."),
        (('kind = "conversion"\ngives = 3\ninto = "stamps"',), "tea: for 100 points, 3 stamps in exchange."),
    ],
)  # fmt: skip
def test_a_reward_is_told_with_its_price_first(keys: tuple[str, ...], text: str) -> None:
    book, rule = law(*keys)
    assert Speaker(book, "en").reward(rule) == text


@pytest.mark.parametrize(
    ("keys", "refusal", "text"),
    [
        ((), Refusal("points", missing=20), "tea: 20 points more needed."),
        (("stock = 1",), Refusal("stock"), "tea: none is left."),
        (("until = 2026-01-01",), Refusal("dates"), "tea: was available until January 1, 2026."),
        (('tiers = ["gold"]',), Refusal("tier"), "tea: only for gold tier."),
        (
            ('when = "member.purchases >= 3"',),
            Refusal("condition", 0, (2,)),
            "tea: asks that the number of earlier purchases is at least 3, and it is 2.",
        ),
    ],
)
def test_a_member_is_told_why_not(keys: tuple[str, ...], refusal: Refusal, text: str) -> None:
    book, rule = law(*keys)
    assert Speaker(book, "en").refusal(rule, refusal) == text


def test_what_counts_money_is_told_as_money_and_a_fraction_of_a_cent_as_it_is() -> None:
    speaker = Speaker(law()[0], "en")
    assert speaker.amount("credit", 2) == "$2.00 of credit"
    assert speaker.entry("opening", wallet="credit", points=1_250) == "Balance from before: $12.50 of credit."
    assert speaker.amount("stamps", 2) == "2 stamps"


@pytest.mark.parametrize(
    ("kind", "facts", "text"),
    [
        (
            "return",
            {"return_id": "R-1", "purchase_id": "A-1", "store": "main", "points": -12},
            "Return R-1 of purchase A-1 at main: 12 points taken off.",
        ),
        ("difference", {"id": "A", "store": "main", "points": 3}, "Correction, because A at main was reported late: 3 points."),
        ("capture", {"what": "tea", "store": "main", "points": -100}, "Used for tea at main: 100 points."),
        ("hold", {"what": "", "store": "main", "points": -100}, "Held for a payment at main: 100 points."),
        ("expiry", {"day": date(2026, 11, 30), "points": -1}, "Expired after November 30, 2026: 1 point."),
        ("adjust", {"points": -7, "text": "Sorry."}, "Changed by the club: 7 points taken off. Reason: Sorry."),
        ("issue", {"amount_minor": 2_500}, "Gift certificate of $25.00 issued."),
    ],
)  # fmt: skip
def test_an_entry_of_a_statement_says_what_it_was(kind: str, facts: dict[str, Any], text: str) -> None:
    assert Speaker(law()[0], "en").entry(kind, **facts) == text


def test_an_entry_in_hebrew_keeps_what_comes_from_elsewhere_apart() -> None:
    told = Speaker(law()[0], "he").entry("return", return_id="R-1", purchase_id="A-1", store="main", points=-1)
    assert told == "החזרה \u2068R-1\u2069 של קנייה \u2068A-1\u2069 בחנות \u2068main\u2069: הפחתה של נקודה אחת."
