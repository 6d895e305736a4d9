"""Redemption: what is held cannot be spent twice, a hold ends once, and what is given back has the days it had."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.errors import Refused
from tests.laws.shop import OPENED, Shop, bought, came_back
from tests.laws.test_order_of_arrival import BASE

PAYING = (
    BASE
    + """
[points]
value_minor = 5
expiry = { days = 60 }
[[reward]]
id = "coffee"
kind = "product"
sku = "COFFEE"
price = 40
stock = 1
[[reward]]
id = "credit"
kind = "conversion"
price = 10
into = "money"
gives = 5
[[wallet]]
id = "money"
"""
)


def opened(text: str = PAYING, points: int = 100) -> tuple[Shop, str]:
    shop = Shop(text)
    member = shop.join()
    if points:
        shop.buy(bought("A-1", OPENED, ("CD-1", 1, points * 100)) | {"member_id": member})
    return shop, member


def refused(code: str, what: Any) -> None:
    with pytest.raises(Refused) as told:
        what()
    assert told.value.code == code


def test_what_is_held_cannot_be_held_again_and_goes_back_whole() -> None:
    shop, member = opened()
    shop.hold("R-1", member, units=70)
    refused("points_insufficient", lambda: shop.hold("R-2", member, units=31))
    shop.hold("R-3", member, units=30)
    assert shop.account(member).points_on(OPENED.date()).available == 0
    before = shop.account(member).posted
    shop.void("R-1")
    shop.void("R-3")
    account = shop.account(member)
    assert (account.posted, account.points_on(OPENED.date()).available, dict(account.holds)) == (before, 100, {})
    shop.prove(member)


def test_a_hold_ends_once() -> None:
    shop, member = opened()
    shop.hold("R-1", member, units=70)
    shop.capture("R-1")
    refused("redemption_ended", lambda: shop.void("R-1"))
    shop.hold("R-2", member, units=10)
    shop.void("R-2")
    refused("redemption_ended", lambda: shop.capture("R-2"))
    assert shop.account(member).posted == 30
    shop.prove(member)


def test_a_hold_lapses_by_itself() -> None:
    shop, member = opened()
    shop.hold("R-1", member, units=70)
    shop.now += timedelta(minutes=16)
    shop.hold("R-2", member, units=100)
    refused("redemption_ended", lambda: shop.capture("R-1"))
    shop.prove(member)


def test_of_a_hold_a_part_may_be_taken_and_the_rest_goes_back() -> None:
    shop, member = opened()
    shop.hold("R-1", member, units=70)
    refused("capture_exceeds_hold", lambda: shop.capture("R-1", units=71))
    shop.capture("R-1", units=25)
    account = shop.account(member)
    assert (account.posted, account.points_on(OPENED.date()).available) == (75, 75)
    shop.prove(member)


def test_what_was_taken_is_given_back_once_and_into_its_own_lots() -> None:
    shop, member = opened()
    last = shop.account(member).lots[0].expires_on
    shop.hold("R-1", member, units=70)
    shop.capture("R-1")
    shop.now += timedelta(days=20)
    shop.reverse("R-1", "B-1", units=30)
    shop.reverse("R-1", "B-1", units=30)
    refused("capture_exceeds_hold", lambda: shop.reverse("R-1", "B-2", units=41))
    shop.reverse("R-1", "B-3")
    refused("capture_exceeds_hold", lambda: shop.reverse("R-1", "B-4"))
    account = shop.account(member)
    assert [(lot.expires_on, lot.points) for lot in account.lots] == [(last, 100)]
    shop.prove(member)


def test_the_last_of_a_shelf_is_one_member_s_until_the_hold_is_over() -> None:
    shop, member = opened()
    other = shop.join()
    shop.buy(bought("A-2", OPENED, ("CD-1", 1, 10_000)) | {"member_id": other})
    shop.hold("R-1", member, reward="coffee")
    refused("reward_refused", lambda: shop.hold("R-2", other, reward="coffee"))
    shop.now += timedelta(minutes=16)
    shop.hold("R-3", other, reward="coffee")
    shop.capture("R-3")
    refused("reward_refused", lambda: shop.hold("R-4", member, reward="coffee"))


def test_points_become_what_another_wallet_holds() -> None:
    shop, member = opened()
    shop.hold("R-1", member, reward="credit")
    shop.capture("R-1")
    account = shop.account(member)
    assert (account.posted, account.purses["money"].posted) == (90, 5)
    shop.prove(member)


def test_a_return_gives_back_the_points_that_paid_for_the_purchase_with_their_own_days() -> None:
    shop, member = opened()
    last = shop.account(member).lots[0].expires_on
    shop.hold("R-1", member, units=60, purchase_id="A-2")
    shop.capture("R-1")
    shop.now += timedelta(days=3)
    paid = bought("A-2", shop.now, ("CD-1", 2, 2_000), points_payment_minor=300)
    shop.buy(paid | {"member_id": member})
    assert shop.account(member).posted == 100 - 60 + 17
    shop.bring_back(came_back("B-1", shop.now, "A-2", lines=[{"sku": "CD-1", "quantity": 1}]))
    shop.bring_back(came_back("B-2", shop.now, "A-2"))
    account = shop.account(member)
    assert (account.posted, [(lot.expires_on, lot.points) for lot in account.lots]) == (100, [(last, 100)])
    shop.prove(member)


def test_a_return_after_the_points_are_spent_becomes_a_debt_that_later_points_repay() -> None:
    shop, member = opened()
    shop.hold("R-1", member, units=90)
    shop.capture("R-1")
    shop.bring_back(came_back("B-1", shop.now, "A-1"))
    account = shop.account(member)
    assert (account.posted, account.lots, account.points_on(OPENED.date()).available) == (-90, (), -90)
    refused("points_insufficient", lambda: shop.hold("R-2", member, units=1))
    shop.buy(bought("A-2", shop.now, ("CD-1", 1, 10_000)) | {"member_id": member})
    account = shop.account(member)
    assert (account.posted, sum(lot.points for lot in account.lots)) == (10, 10)
    shop.prove(member)


def test_points_that_lapse_while_they_are_held_are_the_redemption_s() -> None:
    shop, member = opened(PAYING.replace("expiry = { days = 60 }", "expiry = { days = 1 }"))
    shop.now += timedelta(days=1, hours=16, minutes=55)
    assert shop.now.date() == date(2025, 1, 3)
    shop.hold("R-1", member, units=40)
    shop.now += timedelta(minutes=10)
    shop.capture("R-1")
    shop.prove(member)
    account = shop.account(member)
    assert (account.posted, account.lots) == (0, ())


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_whatever_is_held_taken_and_given_back_not_a_point_is_lost_or_made(data: st.DataObject) -> None:
    shop, member = opened()
    spent, ids = 0, 0
    held: dict[str, int] = {}
    taken: dict[str, int] = {}
    for _ in range(data.draw(st.integers(1, 12))):
        match data.draw(st.sampled_from(["hold", "capture", "void", "reverse", "wait"])):
            case "hold":
                ids, units = ids + 1, data.draw(st.integers(1, 60))
                if units > 100 - spent - sum(held.values()) or len(held) == 8:
                    continue
                shop.hold(f"R-{ids}", member, units=units)
                held[f"R-{ids}"] = units
            case "capture" if held:
                one = data.draw(st.sampled_from(sorted(held)))
                units = data.draw(st.integers(1, held.pop(one)))
                shop.capture(one, units=units)
                taken[one], spent = units, spent + units
            case "void" if held:
                one = data.draw(st.sampled_from(sorted(held)))
                shop.void(one)
                held.pop(one)
            case "reverse" if taken:
                one = data.draw(st.sampled_from(sorted(taken)))
                ids += 1
                units = data.draw(st.integers(1, taken[one]))
                shop.reverse(one, f"B-{ids}", units=units)
                taken[one], spent = taken[one] - units, spent - units
                if not taken[one]:
                    taken.pop(one)
            case "wait":
                shop.now += timedelta(minutes=16)
                held.clear()
        shop.prove(member)
        account = shop.account(member)
        assert account.posted == 100 - spent
        lapsed_holds = 0 if held else sum(hold.units for hold in account.holds.values())
        assert account.points_on(OPENED.date()).available + lapsed_holds == 100 - spent - sum(held.values())
