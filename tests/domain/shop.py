"""A record shop to test with: programmes of a few lines, purchases of a few prices, members of a few days."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from shared.domain import rulebook as compiler
from shared.domain.account import Account
from shared.domain.changes import Change, Figure, applied
from shared.domain.decide import post_join, post_purchase
from shared.domain.earning import points_earned
from shared.domain.ledger import Posting
from shared.domain.lots import Lot
from shared.domain.purchase import Purchase
from shared.domain.reasons import Earned, Fired, NotFired
from shared.domain.rulebook import Rulebook, rulebook
from shared.domain.tiers import tiers_on
from shared.domain.vocabulary import Scene

CLUB = """
[club]
name = "Rimon"
currency = "USD"
time_zone = "America/New_York"
languages = ["en", "he", "fa"]
phone_region = "US"
"""
BASE = """
[[earn]]
id = "base"
points = 1
per_minor = 100
"""
NOON = "2026-11-22T12:00:00-05:00"
JOINED = date(2026, 1, 1)


def programme(*tables: str, version: int = 1, **club: str) -> Rulebook:
    """A programme of the club's table and those given; `club` replaces keys of the club's own."""
    head = CLUB
    for key, value in club.items():
        head = "\n".join(f"{key} = {value}" if line.startswith(f"{key} =") else line for line in head.splitlines())
    text = "\n".join((head, *tables))
    compiler._read(text)  # What is published is read without being checked again.
    return rulebook(text, version)


def rule(rule_id: str = "base", **keys: str | float) -> str:
    """An `[[earn]]` table. A text is quoted, but a day is not: `from_` and `until` are dates."""
    lines = [f"{key.rstrip('_')} = {_toml(key, value)}" for key, value in keys.items()]
    return "\n".join(("[[earn]]", f'id = "{rule_id}"', *lines))


def points(**keys: str | int) -> str:
    """The `[points]` table, as TOML writes its values."""
    return "\n".join(("[points]", *(f"{key} = {value}" for key, value in keys.items())))


def tier(tier_id: str, spend_minor: int, multiply: str | int = 1) -> str:
    return f'[[tier]]\nid = "{tier_id}"\nspend_minor = {spend_minor}\nmultiply = {multiply}'


def line(amount_minor: int, category: str | None = None, quantity: int = 1, **more: Any) -> dict[str, Any]:
    return {"sku": "CD-1", "category": category, "quantity": quantity, "amount_minor": amount_minor} | more


def purchase(*lines: dict[str, Any] | int, at: str = NOON, **more: Any) -> Purchase:
    """A purchase whose total fits its lines; a bare number is a line of that price."""
    bought = [line(one) if isinstance(one, int) else one for one in lines] or [line(1000)]
    body = {"store": "main", "purchase_id": "A-1", "occurred_at": at, "currency": "USD", "lines": bought} | more
    goods = sum(one["amount_minor"] - one.get("discount_minor", 0) for one in bought)
    extra = body.get("shipping_minor", 0) + body.get("tax_minor", 0) - body.get("discount_minor", 0)
    return Purchase.model_validate({"total_minor": goods + extra} | body)


def member(**facts: Any) -> Account:
    return Account(**({"id": "MDANA", "joined_on": JOINED} | facts))


def earned(bought: Purchase, book: Rulebook, account: Account | None = None) -> Earned:
    """What a purchase earns a member, the tier of its day included."""
    account = account or member()
    at = bought.occurred_at.astimezone(book.zone)
    return points_earned(Scene(at, account, tiers_on(account, at.date(), book), purchase=bought), book)


def fired(told: Earned) -> dict[str, Fired]:
    return {reason.rule: reason for reason in told.reasons if isinstance(reason, Fired)}


def not_fired(told: Earned) -> dict[str, NotFired]:
    return {reason.rule: reason for reason in told.reasons if isinstance(reason, NotFired)}


def posted(
    bought: Purchase, account: Account, book: Rulebook, now: datetime | None = None, key: str | None = None
) -> Posting:
    """The purchase decided at `now`, by default when it happened, under the key the store would give it."""
    key = key or f"purchase#{bought.store}#{bought.purchase_id}"
    return post_purchase(bought, account, book, now or bought.occurred_at, key=key, fingerprint=b"f")


def after(posting: Posting) -> Account:
    assert posting.after is not None, "a guest has no account"
    return posting.after


def joined(
    book: Rulebook, account: Account | None = None, now: datetime = datetime(2026, 1, 1, 12, tzinfo=UTC)
) -> Posting:
    return post_join(account or member(), book, now, key="join#main#J-1", fingerprint=b"f")


def _toml(key: str, value: str | float) -> str:
    plain = ("from_", "until", "limits", "stop", "needs_base", "stackable", "enabled", "on_top")
    if isinstance(value, str) and key not in plain:
        return f"'''{value}'''" if {"'", '"'} & set(value) else f'"{value}"'
    return str(value)


def with_purchase(account: Account, on: date, spend_minor: int, points: int, lot: Lot | None, today: date) -> Account:
    """The account with one more purchase and its points."""
    moves = (lot,) if lot else ()
    return applied(account, Change(today, points, moves, figures=(Figure(on, 1, spend_minor, points),)))
