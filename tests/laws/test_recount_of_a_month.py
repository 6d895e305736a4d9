"""Points, offers and margin of a month, counted again: from what the tills told, and from raw rows of the ledger."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest

from shared.domain.errors import Refused
from tests.laws.shop import Shop, bought, came_back
from tests.laws.test_closing_months import closed, figures, folded
from tests.laws.test_offers import quoted

ZONE = ZoneInfo("America/New_York")
LAW = """
[points]
value_minor = 2
expiry = { months = 1, at = "month_end" }
[[earn]]
id = "base"
points = 1
per_minor = 100
[[offer]]
id = "ten"
percent = 10
guests = true
[margin]
tax_percent = 17
[[cost]]
sku = "CD-1"
unit_minor = 210
[[cost]]
percent = 35
"""
FIRST, LAST = date(2025, 2, 1), date(2025, 2, 28)


class Goods(NamedTuple):
    """One purchase as the till knows it: of one line. `back`: units and money that came back; `has_tax`: the tax is in the
    price."""

    member: str
    on: date
    sku: str
    units: int
    price: int
    paid: int
    back: list[int]
    has_tax: bool


def story(seed: int) -> tuple[Shop, list[Goods]]:
    """November to the end of February: purchases with an offer, returns by unit, points taken and given back, and points that
    lapse in between."""
    chance, told = random.Random(seed), []
    shop = Shop(LAW, now=datetime(2024, 11, 4, 15, tzinfo=UTC))
    members = [shop.join(shop.now) for _ in range(7)]
    for number in range(170):
        shop.now += timedelta(hours=chance.randrange(2, 32))
        member, what = chance.choice(members), chance.random()
        if what < 0.6:
            sku, units, price = chance.choice(["CD-1", "LP-1"]), chance.randrange(1, 4), chance.randrange(4, 90) * 100
            who = {"member_id": member} if chance.random() < 0.8 else {}
            taxed = chance.random() < 0.5
            asked = bought(f"A-{number}", shop.now, (sku, units, price)) | who | {"prices_include_tax": taxed}
            body = quoted(shop, asked)
            shop.buy(body)
            day = shop.now.astimezone(ZONE).date()
            told.append(Goods(who.get("member_id", ""), day, sku, units, price, body["total_minor"], [0, 0], taxed))
            if chance.random() < 0.3:
                shop.now += timedelta(hours=1)
                back = chance.randrange(1, units + 1)
                before = sum(json.loads(row["s"])[1] for row in shop.memory.scanned("ledger") if row["c"] == "return")
                shop.bring_back(
                    came_back(f"B-{number}", shop.now, f"A-{number}", lines=[{"sku": sku, "quantity": back}])
                )
                after = sum(json.loads(row["s"])[1] for row in shop.memory.scanned("ledger") if row["c"] == "return")
                told[-1].back[:] = [back, after - before]
        else:
            units = shop.account(member).points_on(shop.now.date()).available // 2
            with suppress(Refused):
                shop.hold(f"H-{number}", member, units=max(1, units))
                shop.capture(f"H-{number}")
                if chance.random() < 0.3:
                    shop.reverse(f"H-{number}", f"V-{number}", units=max(1, units // 3))
    shop.now = datetime(2025, 3, 3, 13, tzinfo=UTC)
    folded(shop)
    return shop, told


def rows_of_the_month(shop: Shop) -> list[dict[str, Any]]:
    rows = [row for row in shop.memory.scanned("ledger") if row["c"] not in ("parked", "waiting", "refused")]
    there = [
        (datetime.fromtimestamp(int(row.get("o", row["t"])) / 1000, UTC).astimezone(ZONE).date(), row) for row in rows
    ]
    return [row for day, row in there if FIRST <= day <= LAST]


@pytest.mark.parametrize("seed", range(6))
def test_points_and_offers_of_a_month_are_what_its_postings_moved(seed: int) -> None:
    shop, _ = story(seed)
    told, moved, offers = figures(closed(shop)), defaultdict(int), [0, 0]
    for row in rows_of_the_month(shop):
        for account, units in json.loads(row.get("g", "[]")):
            moved[account] += units
        for _, minor, *_ in json.loads(row.get("of", "[]")):
            offers[0], offers[1] = offers[0] + 1, offers[1] + minor
    assert min(-moved["issued"], moved["redeemed"], moved["expired"], moved["clawed_back"], offers[0]) > 0
    assert {name: told[name] for name in (
        "points_issued", "points_used", "points_expired", "points_clawed_back", "redemption_rate", "offers_used",
        "offers_minor", "coupons_given")} == {
        "points_issued": -moved["issued"],
        "points_used": moved["redeemed"],
        "points_expired": moved["expired"],
        "points_clawed_back": moved["clawed_back"],
        "redemption_rate": Fraction(moved["redeemed"], -moved["issued"]),
        "offers_used": offers[0], "offers_minor": offers[1], "coupons_given": 0,
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
def test_revenue_and_margin_by_member_are_what_the_tills_told(seed: int) -> None:
    shop, goods = story(seed)
    told = figures(closed(shop))
    revenue: dict[str, int] = defaultdict(int)
    margin: dict[str, int] = defaultdict(int)
    for one in goods:
        kept = one.units - one.back[0]
        if not one.member or not kept or one.on > LAST:
            continue
        cost = 210 * one.units if one.sku == "CD-1" else (one.price * 35 * 2 + 100) // 200
        left = Fraction(kept, one.units) * (Fraction(one.paid * 100, 117 if one.has_tax else 100) - cost)
        revenue[one.member] += one.paid - one.back[1]
        margin[one.member] += (2 * left.numerator + left.denominator) // (2 * left.denominator)
    assert any(one.back[0] not in (0, one.units) for one in goods)
    for name, by_member in (("revenue", revenue), ("margin", margin)):
        values = sorted(by_member.values())
        whole, many = sum(values), len(values)
        assert told[f"top_fifth_of_{name}"], name == Fraction(sum(values[many - (many + 4) // 5 :]), whole)
        assert told[f"gini_of_{name}"] == Fraction(sum(abs(a - b) for a in values for b in values), 2 * many * whole)


def test_who_buys_again_after_a_year_of_silence_returns_and_who_is_silent_a_day_less_does_not() -> None:
    shop = Shop(LAW, now=datetime(2023, 12, 1, 15, tzinfo=UTC))
    silences = (365, 366, 400)
    members = [shop.join(shop.now) for _ in silences]
    again = datetime(2025, 2, 10, 15, tzinfo=UTC)
    shop.now = datetime(2025, 3, 3, 13, tzinfo=UTC)
    for member, days in zip(members, silences, strict=True):
        for number, when in enumerate((again - timedelta(days=days), again)):
            shop.buy(bought(f"{member}-{number}", when, ("CD-1", 1, 900)) | {"member_id": member})
    folded(shop)
    told = figures(closed(shop))
    assert (told["members_returning"], told["members_active"], told["buyers_again"]) == (2, 3, 3)
