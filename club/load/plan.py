"""What a source says before anything is sent: purchases to send, rows that cannot be read, people to join."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from shared.domain.money import decimals

# A guest is a buyer of one purchase; the others are known by this field of the purchase.
GUEST = "guest"
WHO = ("member_id", "card", "phone", "email")

_DECIMAL = re.compile(r"[0-9]{1,13}(\.[0-9]+)?")


class Line(NamedTuple):
    """One line of a purchase; `amount_minor` is the price of all its units."""

    sku: str
    category: str | None
    quantity: int
    amount_minor: int


class Planned(NamedTuple):
    """A purchase to send. `line` is where it begins in the file; `body` is the request, byte for byte."""

    line: int
    store: str
    purchase_id: str
    buyer_kind: str
    buyer: str
    at: datetime
    currency: str
    total_minor: int
    body: str


class Unreadable(NamedTuple):
    """A row, or a purchase of several rows, that is not sent."""

    line: int
    purchase_id: str
    code: str
    reason: str


class Join(NamedTuple):
    idempotency_key: str
    body: str


Plan = Iterable[Planned | Unreadable]
# (kind, value, instant of the buyer's first purchase) -> the request that makes a member of the buyer, or None.
Joining = Callable[[str, str, datetime], Join | None]


def purchase(
    line: int,
    store: str,
    purchase_id: str,
    buyer_kind: str,
    buyer: str,
    at: datetime,
    currency: str,
    lines: list[Line],
    channel: str | None = None,
) -> Planned:
    """A purchase and its request. The same purchase is the same bytes at every load, so the club knows it again."""
    total_minor = sum(each.amount_minor for each in lines)
    body: dict[str, object] = {"store": store, "purchase_id": purchase_id}
    if buyer_kind != GUEST:
        body[buyer_kind] = buyer
    body |= {"occurred_at": at.astimezone(UTC).isoformat(), "currency": currency}
    if channel:
        body["channel"] = channel
    body["lines"] = [{name: value for name, value in each._asdict().items() if value is not None} for each in lines]
    body["total_minor"] = total_minor
    return Planned(line, store, purchase_id, buyer_kind, buyer, at, currency, total_minor, compact(body))


def amount_minor(text: str, currency: str) -> int:
    """A price such as 12.50 in the currency's smallest unit, exactly. Raises ValueError with a sentence.

    >>> amount_minor("12.5", "USD"), amount_minor("1200", "JPY"), amount_minor("1.250", "KWD")
    (1250, 1200, 1250)
    """
    if not _DECIMAL.fullmatch(text):
        raise ValueError("amount must be a number such as 12.50: no sign, no symbol, a point before the decimals")
    whole, _, part = text.partition(".")
    digits = decimals(currency)
    # 12.500 is 12.50; 12.505 would have to be rounded, and money is never rounded on the way in.
    if part[digits:].strip("0"):
        raise ValueError(f"amount has more than the {digits} decimals of {currency}")
    return int(whole + part[:digits].ljust(digits, "0"))


def compact(body: Mapping[str, object]) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))
