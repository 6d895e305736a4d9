"""Offers at the till: what a quote takes off is what the purchase takes off, once, and a return gives the use back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.actions.prove_ledger import Proving
from shared.actions.record_purchase import quote_purchase
from shared.api.answers import purchase_answer
from shared.domain.discounting import undiscounted
from shared.domain.errors import Refused
from shared.domain.purchase import Purchase
from shared.store.stocks import stock_of
from tests.laws.drawn import drawn
from tests.laws.shop import MAIN, OPENED, Shop, bought, came_back

EARN = '[[earn]]\nid = "base"\npoints = 1\nper_minor = 100\n'
TEN = '[[offer]]\nid = "ten"\npercent = 10\n'
ONCE = '[[offer]]\nid = "once"\namount_minor = 500\ncode = "FIVE"\nlimits = [{ per = "member", times = 1 }]\n'
THREE = '[[offer]]\nid = "three"\namount_minor = 500\ncode = "FIVE"\nstock = 3\nguests = true\n'
BUDGET = '[[offer]]\nid = "half"\npercent = 50\nbudget_minor = 10_000\n'


def quoted(shop: Shop, body: dict[str, Any]) -> dict[str, Any]:
    """The purchase as a quote tells a till to record it."""
    quote = quote_purchase(shop.club, MAIN, Purchase.model_validate(body))
    book = shop.club.laws.version(int(quote.row["v"]))
    answer = purchase_answer(quote.row, "main", body["purchase_id"], book, quote=True)
    return dict(answer["purchase"])


def opened(*offers: str) -> tuple[Shop, str]:
    shop = Shop(EARN + "".join(offers))
    return shop, shop.join()


def basket(purchase_id: str, member: str | None, *codes: str, price: int = 10_000) -> dict[str, Any]:
    who = {"member_id": member} if member else {}
    return bought(purchase_id, OPENED, ("CD-1", 1, price)) | who | {"codes": list(codes)}


def differs(shop: Shop, body: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refused:
        shop.buy(body)
    assert refused.value.code == "offers_differ"


def used(shop: Shop, what: str) -> int:
    return stock_of(shop.memory, "live", what).taken


def verified(shop: Shop) -> None:
    assert list(Proving(shop.club.store, shop.club.laws, int(shop.now.timestamp() * 1000)).whole()) == []


def test_what_a_quote_takes_off_is_what_is_recorded_and_points_are_for_what_was_paid() -> None:
    shop, member = opened(TEN)
    body = quoted(shop, basket("A-1", member))
    assert (body["total_minor"], body["lines"][0]["offer_minor"]) == (9_000, 1_000)
    row = shop.buy(body)
    assert shop.buy(body) == row
    assert shop.account(member).posted == 90
    shop.prove(member)


def test_a_purchase_that_takes_off_more_than_the_offer_is_refused_and_nothing_is_recorded() -> None:
    shop, member = opened(TEN)
    body = quoted(shop, basket("A-1", member))
    line = body["lines"][0] | {"discount_minor": 2_000, "offer_minor": 2_000}
    more = body | {"lines": [line], "total_minor": 8_000, "offers": [{"offer": "ten", "discount_minor": 2_000}]}
    differs(shop, more)
    differs(shop, body | {"offers": [{"offer": "eleven", "discount_minor": 1_000}]})
    assert shop.account(member).purchases == 0


def test_more_free_units_than_the_offer_gives_are_refused() -> None:
    shop, member = opened('[[offer]]\nid = "gift"\nbuy = 2\nget = 1\non_top = true\n')
    body = quoted(shop, bought("A-1", OPENED, ("CD-1", 4, 4_000)) | {"member_id": member})
    assert body["offers"] == [{"offer": "gift", "discount_minor": 0, "free_units": 2}]
    differs(shop, body | {"offers": [body["offers"][0] | {"free_units": 3}]})
    shop.buy(body)


def test_an_offer_for_one_time_is_used_once_and_comes_back_with_the_whole_purchase() -> None:
    shop, member = opened(ONCE)
    first, second = (quoted(shop, basket(name, member, "five")) for name in ("A-1", "A-2"))
    shop.buy(first)
    differs(shop, second)
    assert quoted(shop, basket("A-3", member, "FIVE"))["total_minor"] == 10_000
    shop.bring_back(came_back("R-1", OPENED, "A-1", amount_minor=4_000))
    differs(shop, second)
    shop.bring_back(came_back("R-2", OPENED, "A-1"))
    shop.buy(second)
    shop.prove(member)
    verified(shop)


def test_without_its_code_an_offer_takes_nothing_off_and_is_not_told_of() -> None:
    shop, member = opened(ONCE)
    body = quoted(shop, basket("A-1", member))
    assert (body["total_minor"], "offers" in body) == (10_000, False)


def test_an_offer_with_a_stock_is_used_so_often_over_all_members_and_guests() -> None:
    shop, member = opened(THREE)
    bodies = [quoted(shop, basket(f"A-{n}", member if n % 2 else None, "FIVE")) for n in range(4)]
    for body in bodies[:3]:
        shop.buy(body)
    differs(shop, bodies[3])
    assert used(shop, "offer:three") == 3
    verified(shop)
    shop.bring_back(came_back("R-1", OPENED, "A-0"))
    shop.buy(bodies[3])
    assert used(shop, "offer:three") == 3
    verified(shop)


def test_a_budget_is_never_passed_and_what_comes_back_is_there_again() -> None:
    shop, member = opened(BUDGET)
    shop.buy(quoted(shop, basket("A-1", member, price=15_000)))
    assert quoted(shop, basket("A-2", member, price=5_002))["total_minor"] == 5_002
    shop.buy(quoted(shop, basket("A-3", member, price=5_000)))
    assert used(shop, "budget:half") == 10_000
    shop.bring_back(came_back("R-1", OPENED, "A-3"))
    assert used(shop, "budget:half") == 7_500
    verified(shop)


def test_a_return_that_came_before_its_purchase_uses_up_no_offer() -> None:
    shop, member = opened(THREE)
    body = quoted(shop, basket("A-1", member, "FIVE"))
    shop.bring_back(came_back("R-1", OPENED, "A-1"))
    shop.buy(body)
    assert (used(shop, "offer:three"), shop.account(member).posted) == (0, 0)
    verified(shop)


def test_a_late_purchase_has_the_offers_of_its_own_time() -> None:
    shop, member = opened(TEN.replace("percent", "until = 2025-01-31\npercent"), ONCE)
    late = quoted(shop, basket("A-1", member, "FIVE"))
    assert late["total_minor"] == 8_500
    shop.now += timedelta(days=60)
    shop.buy(bought("A-2", shop.now, ("CD-1", 1, 5_000)) | {"member_id": member})
    shop.buy(late)
    assert shop.account(member).used["offer:once"] == {"": (1, 0)}
    shop.prove(member)


PAIR = """[[offer]]
id = "pair"
buy = 1
get = 1
lines = "line.category == 'CD'"
get_lines = "line.category == 'LP'"
percent = 50
"""
KINDS = {
    "line": 'percent = 33.3\noff = "line"',
    "unit": 'amount_minor = 77\noff = "unit"\nmax_units = 2',
    "cheapest": 'percent = 50\noff = "cheapest"',
    "two-one": "buy = 2\nget = 1",
    "formula": 'formula = "5 + member.purchases"\nmax_minor = 400',
}
OFFERS = st.lists(
    st.sampled_from([TEN, THREE, BUDGET, PAIR, *(f'[[offer]]\nid = "{name}"\n{rest}\n' for name, rest in KINDS.items())]),
    unique=True, min_size=1, max_size=5,
)  # fmt: skip
POLICIES = st.sampled_from([
    "", '[policies]\nseveral_offers = "best"\n', '[policies]\npercent_discounts = "of_the_initial_price"\n',
    '[policies]\nfree_unit = "dearest"\nminimum_spend = "before_discounts"\n',
])  # fmt: skip
LINES = st.lists(
    st.tuples(st.sampled_from(["CD-1", "CD-2", "LP-1"]), st.integers(1, 9), st.integers(0, 9_999)),
    min_size=1,
    max_size=6,
)


@given(OFFERS, st.lists(st.tuples(LINES, st.integers(0, 5_000)), min_size=1, max_size=4), POLICIES)
@drawn(60)
def test_whatever_the_offers_no_line_costs_less_than_nothing_and_every_quote_can_be_recorded_and_returned(
    offers: list[str], baskets: list[tuple[list[tuple[str, int, int]], int]], policies: str
) -> None:
    shop = Shop(EARN + policies + "".join(offers))
    member = shop.join()
    for number, (lines, discount) in enumerate(baskets):
        goods = sum(price for _, _, price in lines)
        told = bought(f"A-{number}", OPENED, *lines, discount_minor=min(discount, goods)) | {"member_id": member}
        body = quoted(shop, told | {"codes": ["FIVE"]})
        for line in body["lines"]:
            assert 0 <= line.get("offer_minor", 0) <= line["discount_minor"] <= line["amount_minor"]
        bare = undiscounted(Purchase.model_validate(body))
        assert [line.discount_minor for line in bare.lines] == [0] * len(lines)
        assert bare.total_minor - body["total_minor"] == sum(one["discount_minor"] for one in body.get("offers", ()))
        shop.buy(body)
    for number in range(len(baskets)):
        shop.bring_back(came_back(f"R-{number}", OPENED, f"A-{number}"))
    assert (shop.account(member).posted, used(shop, "offer:three"), used(shop, "budget:half")) == (0, 0, 0)
    shop.prove(member)
    verified(shop)


DOUBLE = '[[offer]]\nid = "double"\nearns_only = true\ncode = "TWICE"\nlimits = [{ per = "member", times = 1 }]\n'
TWICE = '[[earn]]\nid = "twice"\nwhen = "\'double\' in purchase.offers"\nmultiply = 2\n'


def test_an_offer_of_more_points_takes_nothing_off_and_counts_once() -> None:
    shop, member = opened(DOUBLE, TWICE)
    plain, with_code = quoted(shop, basket("A-1", member)), quoted(shop, basket("A-2", member, "twice"))
    assert (with_code["total_minor"], with_code["offers"]) == (
        10_000,
        [{"offer": "double", "discount_minor": 0, "free_units": 0}],
    )
    shop.buy(plain)
    assert shop.account(member).posted == 100
    shop.buy(with_code)
    assert shop.account(member).posted == 300
    again = basket("A-3", member, "TWICE")
    assert "offers" not in quoted(shop, again) or quoted(shop, again)["offers"] == []
    differs(shop, again | {"offers": [{"offer": "double", "discount_minor": 0}]})
    shop.prove(member)
    verified(shop)


def test_what_comes_back_of_a_purchase_with_more_points_takes_its_share_of_them_and_whole_the_use_as_well() -> None:
    shop, member = opened(DOUBLE, TWICE)
    shop.buy(quoted(shop, basket("A-1", member, "TWICE")))
    shop.bring_back(came_back("R-1", shop.now, "A-1", amount_minor=5_000))
    assert shop.account(member).posted == 100
    shop.bring_back(came_back("R-2", shop.now, "A-1"))
    assert shop.account(member).posted == 0
    shop.buy(quoted(shop, basket("A-2", member, "TWICE")))
    assert shop.account(member).posted == 200
    shop.prove(member)
    verified(shop)


def test_a_purchase_with_more_points_keeps_them_when_the_story_is_told_again() -> None:
    shop, member = opened(DOUBLE, TWICE)
    shop.now = OPENED + timedelta(days=3)
    shop.buy(quoted(shop, basket("A-1", member, "TWICE")))
    late = bought("C-1", OPENED + timedelta(minutes=1), ("CD-1", 1, 1_000)) | {"member_id": member}
    shop.buy(bought("D-1", OPENED + timedelta(days=1), ("CD-1", 1, 1_000)) | {"member_id": member})
    shop.buy(late)
    assert shop.account(member).posted == 200 + 10 + 10
    shop.prove(member)
