"""A club on rows in memory whose clock the test moves: the product's own actions, without a network."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

from shared.actions.adjust_balance import adjust_balance
from shared.actions.caller import Caller
from shared.actions.club import Club
from shared.actions.enrol_member import enrol_member
from shared.actions.merge_members import merge_members
from shared.actions.record_event import record_event
from shared.actions.record_purchase import record_purchase
from shared.actions.redemptions import capture_redemption, hold_redemption, reverse_redemption, void_redemption
from shared.actions.return_purchase import return_purchase
from shared.actions.staff import Staff
from shared.domain.account import Account
from shared.domain.event import Event
from shared.domain.ledger import Row
from shared.domain.member import Joining
from shared.domain.purchase import Purchase
from shared.domain.purchase_return import Return
from shared.domain.rebuilding import proven
from shared.domain.redemption import Capturing, Redemption, Reversing
from shared.domain.staff_requests import Merge
from shared.domain.staffing import Adjusting
from shared.store.laws import Laws, publish
from shared.store.memory import Memory
from shared.store.peppers import Peppers
from shared.store.store import Store

MAIN = Caller("main")
OPENED = datetime(2025, 1, 1, 12, tzinfo=UTC)
HEAD = """
[club]
name = "Rimon"
currency = "USD"
time_zone = "America/New_York"
languages = ["en"]
phone_region = "US"
late_days = 3660
"""


def plenty() -> float:
    return 30.0


@dataclass
class Shop:
    """One club. `now` is what its clock says. `broken` by a test that writes behind its back: no test else may leave it so."""

    text: str
    now: datetime = OPENED
    memory: Memory = field(default_factory=Memory)
    broken: bool = False
    head: str = HEAD

    def __post_init__(self) -> None:
        numbers = count(1)
        self.club = Club(
            Store(self.memory), Laws(self.memory, 0), Peppers(json.dumps([{"version": 1, "secret": "5e" * 32}])),
            now=lambda: self.now, new_id=lambda: f"{next(numbers):016d}", sleep=lambda _: None, chance=lambda: 0.5,
        )  # fmt: skip
        publish(self.memory, self.head + self.text, self.now, at_once=True)

    def join(self, joined_at: datetime = OPENED) -> str:
        number = len(list(self.memory.scanned("accounts"))) + 1
        return str(self.join_as(f"J-{number}", joined_at)["a"])

    def join_as(self, key: str, joined_at: datetime = OPENED) -> Row:
        body = {
            "name": "Dana",
            "language": "en",
            "source": "till",
            "card": f"CARD-{key}",
            "joined_at": joined_at.isoformat(),
        }
        return enrol_member(self.club, MAIN, key, Joining.model_validate(body), plenty).row

    def buy(self, body: dict[str, Any]) -> Row:
        return record_purchase(self.club, MAIN, Purchase.model_validate(body), plenty).row

    def tell(self, body: dict[str, Any]) -> Row:
        return record_event(self.club, MAIN, Event.model_validate(body), plenty).row

    def bring_back(self, body: dict[str, Any]) -> Row:
        return return_purchase(self.club, MAIN, Return.model_validate(body), plenty).row

    def hold(self, redemption_id: str, member_id: str, **what: Any) -> Row:
        told = Redemption.model_validate(
            {"store": "main", "redemption_id": redemption_id, "member_id": member_id, **what}
        )
        return hold_redemption(self.club, MAIN, told, plenty).row

    def capture(self, redemption_id: str, **what: Any) -> Row:
        return capture_redemption(self.club, MAIN, "main", redemption_id, Capturing(**what), plenty).row

    def void(self, redemption_id: str) -> Row:
        return void_redemption(self.club, MAIN, "main", redemption_id, plenty).row

    def reverse(self, redemption_id: str, reversal_id: str, **what: Any) -> Row:
        told = Reversing(reversal_id=reversal_id, **what)
        return reverse_redemption(self.club, MAIN, "main", redemption_id, told, plenty).row

    def adjust(self, member_id: str, units: int, adjustment_id: str, **what: Any) -> Row:
        told = Adjusting(what.pop("wallet", "points"), units, "goodwill", "staff-1", **what)
        return adjust_balance(self.club, MAIN, member_id, adjustment_id, told, plenty).row

    def merge(self, left: str, into: str, merge_id: str, reason: str = "One person") -> Row:
        told = Merge(merge_id=merge_id, from_member_id=left, into_member_id=into, reason=reason)
        return merge_members(self.club, Staff("noa", ("finance",)), told, plenty).row

    def account(self, member_id: str) -> Account:
        account = self.club.store.account(member_id)
        assert account is not None
        return account

    def rows(self, member_id: str) -> list[Row]:
        return self.club.store.story(self.account(member_id))

    def prove(self, member_id: str) -> None:
        """The account is bit for bit what its postings make of it."""
        proven(self.account(member_id), self.rows(member_id), self.club.laws.version)


def bought(purchase_id: str, at: datetime, *lines: tuple[str, int, int], **more: Any) -> dict[str, Any]:
    """A purchase of lines (sku, units, price of the whole line)."""
    told = [
        {"sku": sku, "category": sku.split("-")[0], "quantity": units, "amount_minor": price}
        for sku, units, price in lines
    ]
    goods = sum(price for _, _, price in lines) - more.get("discount_minor", 0) + more.get("shipping_minor", 0)
    return {
        "store": "main", "purchase_id": purchase_id, "occurred_at": at.isoformat(), "currency": "USD", "lines": told,
        "total_minor": goods, **more,
    }  # fmt: skip


def came_back(return_id: str, at: datetime, purchase_id: str | None = None, **more: Any) -> dict[str, Any]:
    named = {"purchase_id": purchase_id} if purchase_id else {}
    return {"store": "main", "return_id": return_id, "occurred_at": at.isoformat(), **named, **more}
