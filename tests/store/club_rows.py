"""Members and purchases for the tests of the store: decided by the real rules, with ids and times given."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from shared.domain.account import Account
from shared.domain.decide import post_guest_purchase, post_join, post_purchase
from shared.domain.ledger import Posting
from shared.domain.purchase import Purchase
from shared.domain.rulebook import Rulebook, rulebook
from shared.store.backend import Item
from tests.storefront import purchase

LAW = """
[club]
name = "Rimon"
currency = "USD"
time_zone = "UTC"
languages = ["en"]
phone_region = "US"

[points]
value_minor = 1

[[earn]]
id = "base"
points = {points}
per_minor = 100
"""

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
FINGERPRINT = b"\x01" + b"f" * 16


def law(points: int = 1) -> str:
    """A programme that gives so many points for a dollar."""
    return LAW.replace("{points}", str(points))


BOOK: Rulebook = rulebook(law(), 1)


def joining(member: str = "M1", key: str = "join#main#1") -> Posting:
    account = Account(member, joined_on=NOON.date(), language="en")
    return post_join(account, BOOK, NOON, key=key, fingerprint=FINGERPRINT)


def profile(member: str = "M1") -> Item:
    return {"m": member, "p": "profile", "name": "Noa Levi"}


def buying(account: Account, purchase_id: str, days: int = 1, **changes: Any) -> Posting:
    key, now = f"purchase#main#{purchase_id}", NOON + timedelta(days=days)
    return post_purchase(_bought(purchase_id, now, **changes), account, BOOK, now, key=key, fingerprint=FINGERPRINT)


def guest_buying(purchase_id: str) -> Posting:
    key = f"purchase#main#{purchase_id}"
    return post_guest_purchase(_bought(purchase_id, NOON), BOOK, NOON, key=key, fingerprint=FINGERPRINT)


def _bought(purchase_id: str, at: datetime, **changes: Any) -> Purchase:
    return Purchase.model_validate(purchase(purchase_id=purchase_id, occurred_at=at, **changes))
