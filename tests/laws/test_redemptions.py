"""Redemption: what is held cannot be spent twice, a hold ends once, and what is given back has the days it had."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.errors import Refused
from shared.domain.ledger import legs_of
from tests.laws.drawn import drawn
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


def balanced(shop: Shop, *members: str) -> None:
    """Accounts are what their postings say, and all that members have the club's own accounts have not."""
    sums: dict[str, int] = {}
    for member in members:
        shop.prove(member)
        account = shop.account(member)
        for wallet, posted, lots in (
            ("points", account.posted, account.lots),
            *((name, purse.posted, purse.lots) for name, purse in account.purses.items()),
        ):
            assert sum(lot.points for lot in lots) == max(0, posted - account.held(wallet))
        for row in shop.rows(member):
            for leg in legs_of(row):
                wallet = leg.account.partition("/")[2]
                sums[wallet] = sums.get(wallet, 0) + leg.points
    assert not any(sums.values())


def test_what_points_were_changed_into_is_taken_back_when_they_come_back() -> None:
    shop, member = opened()
    for turn in range(4):
        shop.hold(f"R-{turn}", member, reward="credit")
        shop.capture(f"R-{turn}")
        shop.reverse(f"R-{turn}", "B-1", units=3)
        assert shop.account(member).purses["money"].posted == 4
        shop.reverse(f"R-{turn}", "B-2")
        account = shop.account(member)
        assert (account.posted, account.purses["money"].posted) == (100, 0)
        balanced(shop, member)


@pytest.mark.parametrize("returned_first", [True, False])
def test_points_that_paid_for_a_purchase_come_back_once_by_its_return_or_by_hand(returned_first: bool) -> None:
    shop, member = opened()
    shop.hold("R-1", member, units=60, purchase_id="A-2")
    shop.capture("R-1")
    shop.buy(bought("A-2", OPENED, ("CD-1", 2, 2_000), points_payment_minor=300) | {"member_id": member})
    half = came_back("B-1", OPENED, "A-2", lines=[{"sku": "CD-1", "quantity": 1}])
    if returned_first:
        shop.bring_back(half)
        refused("capture_exceeds_hold", lambda: shop.reverse("R-1", "V-1", units=31))
        shop.reverse("R-1", "V-1", units=30)
    else:
        shop.reverse("R-1", "V-1", units=40)
        shop.bring_back(half)
    shop.bring_back(came_back("B-2", OPENED, "A-2"))
    assert shop.account(member).posted == 100
    refused("capture_exceeds_hold", lambda: shop.reverse("R-1", "V-2"))
    balanced(shop, member)


def test_who_paid_for_another_s_purchase_gets_the_points_back() -> None:
    shop, payer = opened()
    buyer = shop.join()
    last = shop.account(payer).lots[0].expires_on
    for wanted in ("R-1", "R-2"):
        shop.hold(wanted, payer, units=30, purchase_id="A-2")
        shop.capture(wanted)
    shop.buy(bought("A-2", OPENED, ("CD-1", 2, 2_000), points_payment_minor=300) | {"member_id": buyer})
    assert (shop.account(payer).posted, shop.account(buyer).posted) == (40, 17)
    row = shop.bring_back(came_back("B-1", OPENED, "A-2", lines=[{"sku": "CD-1", "quantity": 1}]))
    assert shop.bring_back(came_back("B-1", OPENED, "A-2", lines=[{"sku": "CD-1", "quantity": 1}])) == row
    assert shop.account(payer).posted == 70
    shop.bring_back(came_back("B-2", OPENED, "A-2"))
    account = shop.account(payer)
    assert (account.posted, [(lot.expires_on, lot.points) for lot in account.lots]) == (100, [(last, 100)])
    assert shop.account(buyer).posted == 0
    balanced(shop, payer, buyer)


def test_who_paid_for_a_guest_s_purchase_gets_the_points_back() -> None:
    shop, payer = opened()
    shop.hold("R-1", payer, units=60, purchase_id="A-2")
    shop.capture("R-1")
    shop.buy(bought("A-2", OPENED, ("CD-1", 2, 2_000), points_payment_minor=300))
    shop.bring_back(came_back("B-1", OPENED, "A-2"))
    assert shop.account(payer).posted == 100
    balanced(shop, payer)


def test_points_that_paid_come_back_when_the_return_was_told_before_its_purchase() -> None:
    shop, payer = opened()
    buyer = shop.join()
    shop.hold("R-1", payer, units=60, purchase_id="A-2")
    shop.capture("R-1")
    half = came_back("B-1", OPENED + timedelta(days=1), "A-2", lines=[{"sku": "CD-1", "quantity": 1}])
    shop.now += timedelta(days=2)
    shop.bring_back(half)
    shop.buy(bought("A-2", OPENED, ("CD-1", 2, 2_000), points_payment_minor=300) | {"member_id": buyer})
    assert shop.account(payer).posted == 70
    shop.bring_back(came_back("B-2", shop.now, "A-2"))
    assert (shop.account(payer).posted, shop.account(buyer).posted) == (100, 0)
    balanced(shop, payer, buyer)


def test_a_return_that_waits_and_found_no_room_beside_its_purchase_is_applied_when_it_is_told_again() -> None:
    shop, payer = opened(points=400)
    buyer, others = shop.join(), [shop.join() for _ in range(3)]
    for number, other in enumerate(others):
        shop.buy(bought(f"P-{number}", OPENED, ("CD-1", 1, 10_000)) | {"member_id": other})
    for number, one in enumerate([payer, *others]):
        shop.hold(f"R-{number}", one, units=12, purchase_id="A-2")
        shop.capture(f"R-{number}")
    refused("invalid", lambda: (shop.hold("R-9", payer, units=1, purchase_id="A-2"), shop.capture("R-9")))
    told = [came_back(f"B-{n}", OPENED, "A-2", lines=[{"sku": "CD-1", "quantity": 1}]) for n in range(6)]
    for one in told:
        shop.bring_back(one)
    shop.buy(bought("A-2", OPENED, ("CD-1", 6, 6_000), points_payment_minor=240) | {"member_id": buyer})
    for one in [*told, *told]:
        shop.bring_back(one)
    assert [shop.account(one).posted for one in (payer, *others, buyer)] == [400, 100, 100, 100, 0]
    balanced(shop, payer, buyer, *others)


NEGATIVE = """
[policies]
redeem_more_than_balance = "negative"
"""


def test_points_earned_while_more_is_held_than_there_was_fill_the_hold() -> None:
    shop, member = opened(NEGATIVE + PAYING, points=30)
    shop.hold("R-1", member, units=100)
    assert shop.account(member).points_on(OPENED.date()).available == -70
    shop.buy(bought("A-2", OPENED, ("CD-1", 1, 10_000)) | {"member_id": member})
    balanced(shop, member)
    shop.capture("R-1", units=90)
    account = shop.account(member)
    assert (account.posted, sum(lot.points for lot in account.lots)) == (40, 40)
    balanced(shop, member)


def test_a_hold_of_more_than_there_was_gives_back_what_filled_it() -> None:
    shop, member = opened(NEGATIVE + PAYING, points=30)
    last = shop.account(member).lots[0].expires_on
    assert last is not None
    shop.hold("R-1", member, units=100)
    shop.now += timedelta(minutes=1)
    shop.buy(bought("A-2", shop.now, ("CD-1", 1, 5_000)) | {"member_id": member})
    shop.void("R-1")
    account = shop.account(member)
    assert (account.posted, [(lot.expires_on, lot.points) for lot in account.lots]) == (80, [(last, 80)])
    balanced(shop, member)


def test_what_was_taken_on_debt_comes_back_whole() -> None:
    shop, member = opened(NEGATIVE + PAYING, points=30)
    shop.hold("R-1", member, units=100)
    shop.capture("R-1")
    assert shop.account(member).posted == -70
    shop.buy(bought("A-2", OPENED, ("CD-1", 1, 10_000)) | {"member_id": member})
    balanced(shop, member)
    shop.reverse("R-1", "B-1")
    account = shop.account(member)
    assert (account.posted, sum(lot.points for lot in account.lots)) == (130, 130)
    balanced(shop, member)


def test_a_reward_is_taken_whole() -> None:
    shop, member = opened()
    shop.hold("R-1", member, reward="credit")
    refused("invalid", lambda: shop.capture("R-1", units=1))
    shop.capture("R-1", units=10)
    balanced(shop, member)


LIMITED = PAYING.replace('id = "credit"', 'id = "credit"\nlimits = [{ per = "month", times = 1 }]')


def test_a_reward_that_is_held_counts_for_its_limit_and_one_that_came_back_does_not() -> None:
    shop, member = opened(LIMITED)
    shop.hold("R-1", member, reward="credit")
    refused("reward_refused", lambda: shop.hold("R-2", member, reward="credit"))
    shop.void("R-1")
    shop.hold("R-3", member, reward="credit")
    shop.capture("R-3")
    refused("reward_refused", lambda: shop.hold("R-4", member, reward="credit"))
    shop.reverse("R-3", "B-1")
    shop.hold("R-5", member, reward="credit")
    shop.capture("R-5")
    balanced(shop, member)


def test_what_stays_held_is_taken_by_a_second_capture() -> None:
    shop, member = opened('[policies]\ncapture_rest = "stays_held"\n' + PAYING)
    shop.hold("R-1", member, units=70)
    shop.capture("R-1", units=25)
    assert shop.account(member).points_on(OPENED.date()).available == 30
    refused("redemption_differs", lambda: shop.capture("R-1", units=20))
    shop.capture("R-1", units=20, capture_id="2")
    shop.capture("R-1", units=20, capture_id="2")
    shop.reverse("R-1", "B-1", units=5, capture_id="2")
    shop.void("R-1")
    account = shop.account(member)
    assert (account.posted, account.points_on(OPENED.date()).available) == (60, 60)
    balanced(shop, member)


def test_a_reward_that_came_back_stands_on_the_shelf_again() -> None:
    shop, member = opened()
    shop.hold("R-1", member, reward="coffee")
    shop.capture("R-1")
    refused("reward_refused", lambda: shop.hold("R-2", member, reward="coffee"))
    shop.reverse("R-1", "B-1", units=10)
    refused("reward_refused", lambda: shop.hold("R-2", member, reward="coffee"))
    shop.reverse("R-1", "B-2")
    shop.hold("R-2", member, reward="coffee")
    balanced(shop, member)


def test_more_than_may_pay_is_refused_or_cut_as_the_programme_says() -> None:
    share = PAYING.replace("value_minor = 5\n", "value_minor = 5\npayment = { max_percent = 10 }\n")
    shop, member = opened(share)
    refused("redemption_exceeds_total", lambda: shop.hold("R-1", member, units=100, total_minor=1_000))
    shop.hold("R-2", member, units=20, total_minor=1_000)
    shop, member = opened('[policies]\nredemption_over_total = "clamp"\n' + share)
    shop.hold("R-1", member, units=100, total_minor=1_000)
    assert shop.account(member).held("points") == 20


def test_what_was_given_back_stays_when_the_story_is_told_again() -> None:
    shop, member = opened()
    shop.hold("R-1", member, units=60)
    shop.capture("R-1")
    shop.reverse("R-1", "B-1", units=50)
    shop.hold("R-2", member, reward="credit")
    shop.capture("R-2")
    shop.now += timedelta(days=3)
    shop.buy(bought("A-3", shop.now, ("CD-1", 1, 1_000)) | {"member_id": member})
    shop.buy(bought("A-2", OPENED + timedelta(days=1), ("CD-1", 1, 2_000)) | {"member_id": member})
    account = shop.account(member)
    assert (account.posted, account.purses["money"].posted) == (100 - 10 - 10 + 10 + 20, 5)
    balanced(shop, member)


@drawn(60)
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
