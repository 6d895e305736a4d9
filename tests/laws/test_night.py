"""The night does its work in the sequence that the programme names, and each step sees what the ones before it did."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.actions.book_night import book_night
from shared.domain.night import night
from shared.domain.rulebook import ProgrammeFaulty, rulebook
from tests.laws.shop import HEAD, MAIN, OPENED, Shop, bought, plenty

DAY = timedelta(days=1)
BASE = """
[[earn]]
id = "base"
points = 1
per_minor = 100
[points]
expiry = { days = 10 }
[[wallet]]
id = "cash"
decimals = 2
value_minor = 100
[[reward]]
id = "cashback"
kind = "stored_value"
price = 50
auto_redeem_at = 100
amount_minor = 500
into = "cash"
"""
FIRST_EXPIRY = '[policies]\nnightly_steps = ["expiry", "activation", "redemption", "tier_period", "tier_balance"]\n'


def shop_with(text: str, euros: int) -> tuple[Shop, str]:
    shop = Shop(text)
    member = shop.join()
    shop.buy(bought("A-1", OPENED, ("CD-1", 1, euros * 100), member_id=member))
    return shop, member


def test_the_night_takes_a_reward_for_whoever_has_reached_what_it_asks_for() -> None:
    shop, member = shop_with(BASE, 100)
    rows = book_night(shop.club, MAIN, member, plenty)
    shop.prove(member)
    account = shop.account(member)
    assert [row["c"] for row in rows] == ["capture"]
    assert (account.posted, account.purses["cash"].posted) == (50, 500)
    assert book_night(shop.club, MAIN, member, plenty) == ()


def test_the_night_takes_nothing_below_that_balance() -> None:
    shop, member = shop_with(BASE, 99)
    assert book_night(shop.club, MAIN, member, plenty) == ()


@pytest.mark.parametrize(("policies", "left", "cash"), [("", 0, 500), (FIRST_EXPIRY, 0, 0)])
def test_points_of_the_day_that_ended_are_redeemed_if_redemption_comes_before_expiry(
    policies: str, left: int, cash: int
) -> None:
    shop, member = shop_with(BASE + policies, 100)
    shop.now += 11 * DAY
    book_night(shop.club, MAIN, member, plenty)
    shop.prove(member)
    account = shop.account(member)
    assert (account.posted, account.purses["cash"].posted if "cash" in account.purses else 0) == (left, cash)


@pytest.mark.parametrize(("steps", "cash"), [("activation redemption", 500), ("redemption activation", 0)])
def test_points_that_become_usable_today_count_only_after_activation(steps: str, cash: int) -> None:
    named = ", ".join(f'"{one}"' for one in (*steps.split(), "tier_period", "expiry", "tier_balance"))
    text = BASE.replace("expiry = { days = 10 }", "pending_days = 3") + f"[policies]\nnightly_steps = [{named}]\n"
    shop, member = shop_with(text, 100)
    shop.now += 3 * DAY
    book_night(shop.club, MAIN, member, plenty)
    shop.prove(member)
    purses = shop.account(member).purses
    assert (purses["cash"].posted if "cash" in purses else 0) == cash


@pytest.mark.parametrize(("steps", "tier"), [("redemption tier_balance", ""), ("tier_balance redemption", "gold")])
def test_a_tier_by_the_balance_is_seen_before_or_after_the_night_redeems(steps: str, tier: str) -> None:
    named = ", ".join(f'"{one}"' for one in ("activation", *steps.split(), "tier_period", "expiry"))
    text = (
        BASE
        + f'[tiers]\nbasis = "balance"\n[[tier]]\nid = "gold"\nat_least = 100\n[policies]\nnightly_steps = [{named}]\n'
    )
    shop, member = shop_with(text, 100)
    assert night(shop.account(member), shop.club.laws.latest(), shop.now).tiers == {"": tier}


def test_a_night_with_nothing_to_do_writes_nothing() -> None:
    shop, member = shop_with(BASE, 1)
    done = night(shop.account(member), shop.club.laws.latest(), shop.now)
    assert (done.account, done.posting) == (shop.account(member), None)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("auto_redeem_at = 100", "auto_redeem_at = 49"), "at least its price"),
        (("auto_redeem_at = 100", "auto_redeem_at = 100\nstock = 5"), "write no stock"),
        (('kind = "stored_value"\n', 'kind = "discount"\n'), "not by the night"),
    ],
)
def test_a_reward_that_the_night_could_not_take_is_refused(change: tuple[str, str], said: str) -> None:
    with pytest.raises(ProgrammeFaulty, match=said):
        rulebook(HEAD + BASE.replace(*change))
