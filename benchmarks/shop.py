"""What the benchmark sells and to whom: purchases as a record shop reports them, and a member of two years' standing."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.domain.account import Account
from shared.domain.decide import post_join, post_purchase, with_lapses
from shared.domain.ledger import Row
from shared.domain.purchase import Purchase
from shared.domain.rulebook import Rulebook

Json = dict[str, Any]

STORE = "main"
LINES_USUAL = 3
CATEGORIES = ("music", "vinyl", "poster", "book", "merch")
# A little more than the 24 months that an account keeps, so that every month of it is full.
_MEMBER_DAYS, _MONTHS = 760, 25

# Ids ascend, as a till's do: of purchases of one second, one with a lower id than the last would be told late.
_NUMBERS = itertools.count(1)

# How shops name what they sell: a short code, a bar code, a code that speaks.
SKUS: dict[str, Callable[[random.Random, str], str]] = {
    "short": lambda chance, category: f"CD-{chance.randint(1000, 9999)}",
    "bar code": lambda chance, category: str(chance.randint(4_000_000_000_000, 5_999_999_999_999)),
    "speaking": lambda chance, category: f"{category[:3].upper()}-{chance.randint(10_000, 99_999)}-180G",
}


def lines(count: int, skus: str = "short", seed: int = 1, *, favourite: str = "") -> list[Json]:
    """Lines as a record shop sells them: one to three of each, every fifth at a discount; the first of the favourite category."""
    chance = random.Random(seed)  # noqa: S311  # The same purchases in every run.
    bought: list[Json] = []
    for index in range(count):
        category, quantity = chance.choice(CATEGORIES), chance.randint(1, 3)
        category = favourite if favourite and index * 2 < count else category
        amount = chance.randint(499, 4_999) * quantity
        discount = amount // 10 if index % 5 == 4 else 0
        sku = SKUS[skus](chance, category)
        bought.append(
            {"sku": sku, "category": category, "quantity": quantity, "amount_minor": amount, "discount_minor": discount}
        )
    return bought


def purchase(bought: Sequence[Json], at: datetime | None = None, **who: str) -> Json:
    """A purchase as a till reports it, by default of an hour ago and with an id of its own; `who`: member_id or card."""
    goods = sum(line["amount_minor"] - line["discount_minor"] for line in bought)
    occurred_at = at or datetime.now(UTC) - timedelta(hours=1)
    return {
        "store": STORE,
        "purchase_id": f"B-{next(_NUMBERS):08x}",
        "occurred_at": occurred_at.isoformat(timespec="seconds"),
        "currency": "USD",
        "channel": "web",
        "lines": list(bought),
        "discount_minor": 100,
        "shipping_minor": 599,
        "tax_minor": 0,
        "total_minor": goods + 599 - 100,
        **who,
    }


def event(body: Json, route: str = "POST /v1/purchases", **parameters: str) -> Json:
    """A request as the HTTP API hands it to a function, payload version 2.0, after the gate let it pass. `parameters` fill the
    route's path."""
    method, _, pattern = route.partition(" ")
    path = pattern.format(**parameters)
    http = {
        "method": method,
        "path": path,
        "protocol": "HTTP/1.1",
        "sourceIp": "127.0.0.1",
        "userAgent": "till",
    }
    return {
        "version": "2.0",
        "routeKey": route,
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"content-type": "application/json", "authorization": "Bearer ck_test_1_2"},
        **({"pathParameters": parameters} if parameters else {}),
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "1d96e089",
            "http": http,
            "requestId": "41ebc096",
            "routeKey": route,
            "stage": "$default",
            "time": "22/Nov/2026:05:47:31 +0000",
            "timeEpoch": 1795326451543,
            "authorizer": {"lambda": {"store": STORE, "mode": "live", "key": "k1"}},
        },
        "body": json.dumps(body),
        "isBase64Encoded": False,
    }


def established(joined: Account, book: Rulebook, now: datetime, purchases_a_month: int = 2) -> Account:
    """The account of somebody who has bought for more than 24 months, as the real rules leave it.

    Only the value: its postings are written nowhere, so nothing can be proven by them.
    """
    return story(joined, book, now, purchases_a_month)[0]


def story(
    joined: Account, book: Rulebook, now: datetime, purchases_a_month: int, favourite: str = ""
) -> tuple[Account, list[Row]]:
    """As `established`, with the rows of its postings."""
    start = now - timedelta(days=_MEMBER_DAYS)
    posting = post_join(joined, book, start, key=joined.last_key, fingerprint=b"f" * 17)
    postings = [posting]
    account = posting.after
    assert account is not None
    for number in range(_MONTHS * purchases_a_month):
        at = start + timedelta(days=30 * (number // purchases_a_month) + 13 * (number % purchases_a_month) % 30)
        bought = Purchase.model_validate(
            purchase(lines(LINES_USUAL, seed=number, favourite=favourite), at, member_id=account.id)
        )
        key = f"purchase#main#A-{100_000 + number}"
        posting = post_purchase(bought, account, book, at, key=key, fingerprint=b"f" * 17)
        postings.append(posting)
        account = posting.after
        assert account is not None
    # What lapsed since the last purchase is booked once, by the sweep or the first touch: no purchase of a usual day does it.
    account, lapses = with_lapses(account, book, now)
    return account, [row for one in (*postings, *lapses) for row in (*one.more, one.row)]
